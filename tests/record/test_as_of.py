"""A result of a day comes out again of a ledger that has grown; changes of the past are named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from compensation import ResultRefused, diff, verify
from compensation.streaming import assess_files
from tests.command import run_here
from tests.ledger.test_as_of import grown
from tests.ledger.test_payments import payment
from tests.oracle_reading import Tables
from tests.portfolios import write_csv
from tests.record.results import FORMS, edit_summary, said_of, written
from tests.test_grants import granted

DAY = "2022-12-31"
ARGUMENTS = ("--year", "2022", "--policy", "jiyuan-2022")


def saved(tables: Tables, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(tables, folder)
    return folder


def paid() -> Tables:
    return {**granted(), "payments": [payment(1, "100", day="2022-12-01")]}


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_a_ledger_that_only_grew_gives_the_same(tmp_path: Path, form: str) -> None:
    ledger = saved(paid(), tmp_path / "ledger")
    result = written(
        assess_files(ledger, "jiyuan-2022", 2022, as_of=DAY), tmp_path / "result", form
    )
    later = saved(grown(paid(), 1), tmp_path / "later")
    assert verify(result, ledger).same
    found = verify(result, later)
    assert found.same
    assert found.assessment.summary["as_of"] == DAY
    assert f"截至 {DAY}" in said_of(found)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "tables"),
    [
        ("payments.0.amount=99", ("payments",)),
        # Then nothing had been paid on the day, as in a ledger without payments.
        ("payments.0.payment_date=2023-01-01", ("claims", "payments")),
        ("claims.0.principal=20001", ("claims",)),
        ("contracts.0.guaranteed_amount=4000001", ("contracts",)),
    ],
)
def test_what_was_changed_in_the_past_is_named(
    tmp_path: Path, cell: str, tables: tuple[str, ...]
) -> None:
    ledger = saved(paid(), tmp_path / "ledger")
    result = written(
        assess_files(ledger, "jiyuan-2022", 2022, as_of=DAY), tmp_path / "result", "csv"
    )
    place, value = cell.split("=")
    table, row, column = place.split(".")
    changed = grown(paid(), 1)
    changed[table][int(row)][column] = value
    found = verify(result, saved(changed, tmp_path / "changed"))
    assert found.input_changed == tables
    assert not found.same


def test_a_table_that_is_gone_is_named(tmp_path: Path) -> None:
    ledger = saved(paid(), tmp_path / "ledger")
    result = written(assess_files(ledger, "jiyuan-2022", 2022), tmp_path / "result", "csv")
    (ledger / "payments.csv").unlink()
    assert verify(result, ledger).input_changed == ("claims", "payments")


@pytest.mark.slow
def test_the_command_line_takes_the_day(tmp_path: Path) -> None:
    ledger = saved(paid(), tmp_path / "ledger")
    results = []
    for day in ("2022-11-30", DAY):
        results.append(tmp_path / day)
        done = run_here(
            *("assess", ledger, *ARGUMENTS, "--as-of", day, "-o", results[-1], "--lang", "en")
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert f"As of   {day}" in done.stdout
        assert ("is not over" in done.stdout) == (day != DAY)
        summary = json.loads((results[-1] / "summary.json").read_text(encoding="utf-8"))
        assert summary["as_of"] == day
    found = diff(*results)
    assert [(o.key, o.first, o.second) for o in found.options] == [("as_of", "2022-11-30", DAY)]
    shown = run_here("explain", ledger, *ARGUMENTS, "--as-of", "2022-11-30", "--claim", "C1")
    assert "compensation_paid = 0.00" in shown.stdout
    wrong = run_here("assess", ledger, *ARGUMENTS, "--as-of", "2022-02-30")
    assert wrong.returncode == 2
    assert "--as-of" in wrong.stderr


def test_a_record_with_no_day_as_its_day_is_refused(tmp_path: Path) -> None:
    ledger = saved(paid(), tmp_path / "ledger")
    assessment = assess_files(ledger, "jiyuan-2022", 2022, as_of=DAY)
    result = written(assessment, tmp_path / "result", "csv")
    edit_summary(result, lambda summary: summary.update(as_of="2022-02-30"), forge=True)
    with pytest.raises(ResultRefused, match="as_of"):
        verify(result, ledger)
