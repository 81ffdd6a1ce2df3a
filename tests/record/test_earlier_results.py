"""Results written before texts and names of sheets changed are read, verified and written over.

`tests/data/earlier` is the result of `examples/jiyuan-2022.xlsx` as such a version wrote it: with
half-width marks, the sheets 依据与假设 and 决定记录, and its policy file as it was then.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from compensation import verify
from compensation.assessment import Assessment
from compensation.record.reading import read_result
from compensation.report import former_names
from compensation.report.workbook import SHEETS
from tests.command import JIYUAN, run_here
from tests.policy.test_small_policies import CONTRACT
from tests.record.results import LEDGER, edit_cell, edit_summary

EARLIER = Path(__file__).parents[1] / "data" / "earlier"
FORMS = {"csv": EARLIER / "csv", "xlsx": EARLIER / "result.xlsx"}


@pytest.fixture(params=FORMS)
def earlier(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of the earlier result in each form."""
    source = FORMS[request.param]
    target = tmp_path / source.name
    return Path(shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target))


def test_it_really_has_the_former_names() -> None:
    names = openpyxl.load_workbook(FORMS["xlsx"], read_only=True).sheetnames
    assert names != list(SHEETS)
    assert [former_names.SHEETS.get(name, name) for name in names] == list(SHEETS)


def test_it_reads_as_the_result_of_today(earlier: Path, example: Assessment) -> None:
    read = read_result(earlier)
    assert read.changed == ()
    for name, table in example.tables.items():
        assert read.tables[name].select(table.column_names).to_pylist() == table.to_pylist()


@pytest.mark.slow
def test_it_verifies_under_the_policy_file_that_it_keeps(earlier: Path) -> None:
    found = verify(earlier, LEDGER)
    assert found.same
    assert (found.values, found.lists, found.rules_changed) == ((), (), ())
    against = found.policy_against
    assert against is not None
    assert against.figures == []
    assert against.wording
    done = run_here("verify", earlier, LEDGER)
    assert (done.returncode, done.stderr) == (0, "")
    assert "相同：同一输入" in done.stdout


@pytest.mark.slow
def test_a_changed_figure_in_it_is_told(earlier: Path) -> None:
    form = "csv" if earlier.is_dir() else "xlsx"
    edit_cell(earlier, form, "claims", 0, "payable", "1.00")
    found = verify(earlier, LEDGER)
    assert not found.same
    assert sum(table.count for table in found.tables[:3]) == 1


@pytest.mark.slow
def test_a_warning_with_another_figure_is_told(tmp_path: Path) -> None:
    path = Path(shutil.copytree(FORMS["csv"], tmp_path / "csv"))

    def change(said: dict[str, list[dict[str, str]]]) -> None:
        assert "12 笔代偿" in said["warnings"][0]["message"]
        said["warnings"][0]["message"] = said["warnings"][0]["message"].replace("12 笔", "11 笔")

    edit_summary(path, change, forge=True)
    (lists,) = verify(path, LEDGER).lists
    assert lists.key == "warnings"


@pytest.mark.slow
def test_it_is_written_over(earlier: Path) -> None:
    done = run_here("assess", LEDGER, *JIYUAN, "-o", earlier)
    assert (done.returncode, done.stderr) == (0, "")
    if earlier.is_dir():
        said = json.loads((earlier / "summary.json").read_text("utf-8"))
        assert (
            said["policy"]
            != json.loads((FORMS["csv"] / "summary.json").read_text("utf-8"))["policy"]
        )
    else:
        assert openpyxl.load_workbook(earlier, read_only=True).sheetnames == list(SHEETS)
    assert verify(earlier, LEDGER).same


@pytest.mark.slow
def test_contracts_have_a_sheet_of_their_own_and_are_read_under_the_former_name(
    tmp_path: Path,
) -> None:
    contract = {name: cell for name, cell in CONTRACT.items() if "share" not in name}
    reviews = {"finance_review": "approved", "industry_review": "approved"}
    tables: dict[str, list[dict[str, Any]]] = {
        "institutions": [{"institution_id": "A", "government_backed": "true"}],
        "contracts": [contract | reviews | {"interest_paid": "1000"}],
        "claims": [dict.fromkeys(("claim_id", "contract_id", "payout_date", "principal"))],
    }
    ledger, result = tmp_path / "ledger", tmp_path / "result.xlsx"
    ledger.mkdir()
    for name, rows in tables.items():
        frame = pd.DataFrame(rows).dropna(how="all")
        frame.to_csv(ledger / f"{name}.csv", index=False)
    policy = Path(__file__).parents[2] / "docs" / "recipes" / "times-and-years.toml"
    options = ("--year", "2021", "--policy", policy, "-o", result)
    assert run_here("assess", ledger, *options).returncode == 0
    book = openpyxl.load_workbook(result)
    assert "合同" in book.sheetnames
    book["合同"].title = "代偿"
    book.save(result)
    found = verify(result, ledger)
    assert (found.same, found.result_changed) == (True, ())
    assert run_here("assess", ledger, *options).returncode == 0
    assert "合同" in openpyxl.load_workbook(result, read_only=True).sheetnames
