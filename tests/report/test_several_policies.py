"""A year under several policies as a workbook, and what the command says of a wrong input."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from compensation import JointAssessment, Policy, assess_policies, write_workbook
from compensation.joint_assessment import assess_policies_files
from compensation.policy.catalogue import policy_of_texts
from compensation.report.marked_copy import LIST
from compensation.report.tables import RESULTS, TITLE_ROWS, result_heading
from tests.command import run_here
from tests.ledgers_of_years import PERIODS
from tests.ledgers_of_years import random_ledger as random_years
from tests.portfolios import write_csv
from tests.report.results import openpyxl_rows
from tests.report.test_workbook import SHEETS, assert_cell, assert_totals, expected_cell
from tests.settling import POLICIES, input_of, portfolio_of, trial

BOTH = [POLICIES / "trial-2022.toml", POLICIES / "trial-2024.toml"]
GIVEN = [part for policy in BOTH for part in ("--policy", policy)]
YEAR = 2023


def with_payers() -> Policy:
    """A policy whose claims two payers pay for; the other policy of the examples has none."""
    text = (POLICIES / "trial-2024.toml").read_text("utf-8")
    for id_, name in (("city", "市级"), ("county", "县级")):
        text += f"""
[[payers]]
id = "{id_}"
name = {{ zh = "{name}", en = "{id_}" }}
share = 0.5
clause = "—"
basis = "assumption"
note = {{ zh = "对半", en = "in halves" }}
"""
    return policy_of_texts({"policy.toml": text})


def runs() -> list[JointAssessment]:
    """Runs with claims of both policies, and with claims that none covers."""
    found = []
    for seed, period in enumerate(PERIODS[:3]):
        portfolio = portfolio_of(random_years(seed))
        found.append(assess_policies(portfolio, trial(*period), YEAR, "5000"))
    found.append(assess_policies(portfolio_of(input_of("trial-1")), [BOTH[0], with_payers()], 2024))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("number", range(4))
def test_every_cell_of_the_tables_is_in_the_workbook(number: int, tmp_path: Path) -> None:
    found, path = runs()[number], tmp_path / "result.xlsx"
    write_workbook(found, path)
    assert openpyxl.load_workbook(path).sheetnames == SHEETS
    for table, name in RESULTS.items():
        rows = openpyxl_rows(path, name)
        headings = rows[TITLE_ROWS]
        shown = found.tables[table]
        assert_totals(rows[TITLE_ROWS:], len(shown))
        for column in shown.column_names:
            place = headings.index(result_heading(found.policies, column))
            values = shown[column].to_pylist()
            for row, value in zip(rows[TITLE_ROWS + 1 :], values, strict=False):
                assert_cell(row[place], expected_cell(column, value))


@pytest.mark.slow
def test_institutions_have_their_names_in_each_row(tmp_path: Path) -> None:
    both = trial(("2022-01-01", "2023-06-30"), ("2023-07-01", None))
    found = assess_policies(portfolio_of(random_years(1)), both, YEAR)
    assert len(found.tables["institutions"]) > found.ledgers.rows("institutions")
    write_workbook(found, tmp_path / "result.xlsx")
    names = dict(
        zip(
            found.ledgers.column("institutions", "institution_id").to_pylist(),
            found.ledgers.column("institutions", "institution_name").to_pylist(),
            strict=True,
        )
    )
    rows = openpyxl_rows(tmp_path / "result.xlsx", "机构")[TITLE_ROWS + 1 : -1]
    assert [row[1] for row in rows] == [names[str(row[0])] for row in rows]


@pytest.mark.slow
def test_both_policies_are_named_wherever_one_is(tmp_path: Path) -> None:
    found = assess_policies(portfolio_of(input_of("trial-1")), BOTH, 2024)
    path = tmp_path / "result.xlsx"
    write_workbook(found, path)
    names = [policy.rules.name.zh for policy in found.policies]
    for sheet in (*SHEETS[:4], *SHEETS[4:6]):
        said = "\n".join(str(cell) for row in openpyxl_rows(path, sheet)[:80] for cell in row)
        shown = [name for name in names if name in said]
        assert shown == names or sheet == "依据与假定", sheet
    basis = [row[0] for row in openpyxl_rows(path, "依据与假定")]
    assert [f"依据与假定：{name}" for name in names] == [
        cell for cell in basis if str(cell).startswith("依据与假定：")
    ]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_files_give_what_a_portfolio_gives(seed: int, tmp_path: Path) -> None:
    tables = random_years(seed)
    write_csv(tables, tmp_path)
    of_files = assess_policies_files(tmp_path, trial(), YEAR, "5000", as_of="2023-10-31")
    held = assess_policies(portfolio_of(tables), trial(), YEAR, "5000", as_of="2023-10-31")
    assert all(of_files.tables[name].equals(table) for name, table in held.tables.items())
    for key in ("totals", "input_digest", "inputs"):
        assert of_files.summary[key] == held.summary[key]


@pytest.mark.slow
def test_faults_are_listed_and_marked(tmp_path: Path) -> None:
    tables = input_of("trial-1")
    tables["claims"][0]["payout_date"] = "soon"
    tables["contracts"][0]["guaranteed_amount"] = "much"
    write_csv(tables, tmp_path / "ledger")
    out, listed, marked = (tmp_path / name for name in ("o.xlsx", "faults.csv", "marked.xlsx"))
    command = ("assess", tmp_path / "ledger", "--year", str(YEAR), *GIVEN, "-o", out)
    done = run_here(*command, "--faults", listed, "--marked", marked)
    assert done.returncode == 2
    assert not out.exists()
    lines = listed.read_text("utf-8-sig").splitlines()
    assert len(lines) == 3
    rows = openpyxl_rows(marked, LIST.zh)
    assert {"soon", "much"} <= {cell for row in rows for cell in row}
    done = run_here(*command, "--faults", listed, "--budget", "-1")
    assert done.returncode == 2
    write_csv(input_of("trial-1"), tmp_path / "ledger")
    done = run_here(*command, "--faults", listed)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(listed.read_text("utf-8-sig").splitlines()) == 1


def test_all_faults_of_policies_and_ledger_are_told_together(tmp_path: Path) -> None:
    tables = input_of("trial-1")
    tables["claims"][0]["payout_date"] = "soon"
    write_csv(tables, tmp_path)
    twice = (*GIVEN[:2], *GIVEN[:2])
    done = run_here("assess", tmp_path, "--year", str(YEAR), *twice, "--lang", "en")
    assert done.returncode == 2
    assert "two policies have the id trial-2022" in done.stderr
    assert "soon" in done.stderr
