"""A year under several policies, read back: verified as of its day, and compared."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from compensation import JointAssessment, assess_policies, diff, read_portfolio, verify
from tests.command import run_here
from tests.portfolios import write_csv
from tests.record.results import FORMS, edit_csv, edit_summary, said_of, written
from tests.settling import POLICIES, input_of

BOTH = [POLICIES / "trial-2022.toml", POLICIES / "trial-2024.toml"]
YEAR = 2023


def ledger_of(folder: Path, *, grown: bool = False) -> Path:
    tables = input_of("trial-1")
    if grown:
        last = tables["claims"][-1]
        blank = dict.fromkeys(("finance_review_date", "industry_review_date"), "")
        tables["claims"].append({**last, **blank, "claim_id": "new", "payout_date": "2025-02-01"})
        for row in tables["claims"]:
            row["approved_amount"], row["closed_date"] = "", "2025-06-30"
    write_csv(tables, folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_a_year_under_several_policies_comes_out_again(tmp_path: Path, form: str) -> None:
    ledger = ledger_of(tmp_path / "ledger")
    found = assess_policies(read_portfolio(ledger), BOTH, YEAR, "20000", as_of="2024-12-31")
    result = written(found, tmp_path / "result", form)
    checked = verify(result, ledger, policy=BOTH)
    assert checked.same
    assert isinstance(checked.assessment, JointAssessment)
    assert checked.assessment.ledgers.every_contract is not None  # contracts are not held whole
    assert checked.policy_against == ([], [])
    cells = sum(len(table) * len(table.column_names) for table in found.tables.values())
    compared = [table.compared for table in checked.tables if table.table in found.tables]
    assert sum(compared) == cells
    assert verify(result, ledger_of(tmp_path / "grown", grown=True)).same


@pytest.mark.slow
def test_what_was_changed_is_named(tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path / "ledger")
    result = written(
        assess_policies(read_portfolio(ledger), BOTH, YEAR), tmp_path / "result", "csv"
    )
    later = verify(result, ledger_of(tmp_path / "grown", grown=True))
    assert later.input_changed == ("claims",)
    edit_csv(result / "institutions.csv", lambda rows: rows[-1].update(payable="0.07"))
    name = "trial-2022.policy.toml"
    text = (result / name).read_text("utf-8") + "# a remark\n"
    (result / name).write_text(text, "utf-8")
    found = verify(result, ledger)
    assert found.result_changed == ("institutions.csv",)
    assert found.rules_changed == (name,)
    assert [table.columns for table in found.tables if not table.same] == [{"payable": 1}]
    assert "机构（institutions）" in said_of(found)


def test_a_record_of_no_policy_is_refused(tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path / "ledger")
    result = written(
        assess_policies(read_portfolio(ledger), BOTH, YEAR), tmp_path / "result", "csv"
    )
    edit_summary(result, lambda said: said.update(policies=[]), forge=True)
    done = run_here("verify", result, ledger)
    assert done.returncode == 2
    assert "policies" in done.stderr


@pytest.mark.slow
def test_the_command_line_writes_verifies_and_compares(tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path / "ledger")
    given = [part for policy in BOTH for part in ("--policy", policy)]
    results = [tmp_path / "whole", tmp_path / "cut"]
    for result, more in zip(results, ((), ("--budget", "1000")), strict=True):
        command = ("assess", ledger, "--year", str(YEAR), *given, *more, "-o", result)
        assert run_here(*command).returncode == 0
        done = run_here("verify", result, ledger, "--lang", "en")
        assert (done.returncode, done.stderr) == (0, "")
        assert "trial-2022, trial-2024, 2023" in done.stdout
    found = diff(*results)
    assert [tuple(each) for each in found.options] == [("budget", None, "1000.00")]
    assert not found.rules
    assert run_here("diff", *results).returncode == 1
    assert run_here("diff", results[0], results[0]).returncode == 0


@pytest.mark.slow
def test_a_workbook_that_was_changed_is_named(tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path / "ledger")
    result = written(assess_policies(read_portfolio(ledger), BOTH, YEAR), tmp_path, "xlsx")
    book = openpyxl.load_workbook(result)
    payable = [cell.value for cell in book["代偿"][3]].index("应付金额") + 1
    book["代偿"].cell(4, payable).value = 0.07
    book["汇总"]["A3"].value = "政策（改）"
    book.save(result)
    found = verify(result, ledger)
    assert found.result_changed == ("代偿",)
    assert [table.columns for table in found.tables if not table.same] == [{"payable": 1}]


@pytest.mark.slow
def test_reviews_in_the_workbook_come_back(tmp_path: Path) -> None:
    """As under one policy: a result may replace the workbook that its reviews were read from."""
    tables = input_of("trial-1")
    reviews = ("finance_review", "industry_review")
    blank = dict.fromkeys((*reviews, *(f"{review}_date" for review in reviews)), "")
    tables["claims"] = [claim | blank for claim in tables["claims"]]
    write_csv(tables, tmp_path / "ledger")
    result = tmp_path / "result.xlsx"
    given = [part for policy in BOTH for part in ("--policy", policy)]
    command = ("assess", tmp_path / "ledger", "--year", str(YEAR), *given, "-o", result)
    assert run_here(*command).returncode == 0
    book = openpyxl.load_workbook(result)
    sheet = book["审核表"]
    names = [cell.value for cell in sheet[4]]
    for review in ("财政金融局审核", "行业主管部门审核"):
        sheet.cell(5, names.index(review) + 1).value = "通过"
    book.save(result)
    refused = run_here(*command)
    assert refused.returncode == 2
    assert "--reviews" in refused.stderr
    done = run_here(*command, "--reviews", result)
    assert (done.returncode, done.stderr) == (0, "")
    assert "通过 1，待审 1" in done.stdout
