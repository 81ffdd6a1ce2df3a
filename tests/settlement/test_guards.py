"""Each guard in a settlement of several years: where it warns, once, and a near case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from compensation import assess_policies, settle_files
from tests.command import run_here
from tests.oracle_reading import Row, Tables
from tests.portfolios import write_csv
from tests.settling import IDS, POLICIES, input_of, portfolio_of, settled, trial

Change = Callable[[Tables], object]
Place = tuple[str | None, int | None, str | None]


def places(tables: Tables, kind: str) -> list[Place]:
    warnings = settled(tables, "2024-12-31").warnings
    return [(found.table, found.row, found.column) for found in warnings if found.kind == kind]


def again(table: str, row: int, **changes: str) -> Change:
    """Put a row there once more, with an id of its own and some changes."""

    def change(tables: Tables) -> None:
        rows = tables[table]
        rows.append({**rows[row], next(iter(rows[row])): "again", **changes})

    return change


def released(*days: str) -> Change:
    part: Row = {"contract_id": "K2021-01", "amount": "1"}
    return lambda tables: tables.update(releases=[{**part, "release_date": day} for day in days])


def cell(table: str, row: int, **changes: str) -> Change:
    def change(tables: Tables) -> None:
        names = dict.fromkeys(changes, "")
        tables[table] = [names | other for other in tables[table]]
        tables[table][row] |= changes

    return change


NO_REVIEW = {"finance_review_date": "", "industry_review_date": ""}
OLD = {"contract_id": "old", "borrower_id": "old", "release_date": ""}
CASES: list[tuple[str, Change, Change, Place]] = [
    (
        "far_date",
        again("contracts", 0, **OLD, start_date="1994-12-31"),
        again("contracts", 0, **OLD, start_date="1995-01-01"),
        ("contracts", -1, "start_date"),
    ),
    (
        "entered_twice",
        again("contracts", 0),
        again("contracts", 0, guaranteed_amount="999999"),
        ("contracts", -1, "contract_id"),
    ),
    (
        "entered_twice",
        again("claims", 4),
        again("claims", 4, principal="1"),
        ("claims", -1, "claim_id"),
    ),
    (
        "entered_twice",
        again("recoveries", 1),
        again("recoveries", 1, cost="1"),
        ("recoveries", -1, "recovery_id"),
    ),
    (
        "entered_twice",
        again("payments", 1),
        again("payments", 1, amount="1"),
        ("payments", -1, "payment_id"),
    ),
    (
        "entered_twice",
        released("2022-06-01", "2022-06-01"),
        released("2022-06-01", "2022-06-02"),
        ("releases", -1, "contract_id"),
    ),
    (
        "ids_alike",
        again("contracts", 0, borrower_id="j2021-01", start_date="2021-02-02"),
        again("contracts", 0, borrower_id="j2021-99", start_date="2021-02-02"),
        ("contracts", -1, "borrower_id"),
    ),
    (
        "claims_above_guarantee",
        again("claims", 0, principal="800001", **NO_REVIEW),
        again("claims", 0, principal="800000", **NO_REVIEW),
        ("claims", -1, "principal"),
    ),
    (
        "nothing_in_force",
        again("claims", 0, contract_id="K2021-03", payout_date="2022-04-29", **NO_REVIEW),
        again("claims", 0, contract_id="K2021-03", payout_date="2022-04-27", **NO_REVIEW),
        ("claims", -1, "payout_date"),
    ),
    (
        "paid_without_grant",
        cell("claims", 2, finance_review="rejected"),
        cell("claims", 4, finance_review="rejected"),
        ("claims", 2, "compensation_paid"),
    ),
    (
        "stale_opening",
        cell("institutions", 0, opening_balance="1", opening_year="2023"),
        cell("institutions", 0, opening_balance="1", opening_year="2020"),
        ("institutions", 0, "opening_balance"),
    ),
    (
        "opening_not_used",
        cell("institutions", 0, opening_balance="1", opening_year="2020"),
        cell("institutions", 0, opening_balance="1", opening_year="2022"),
        ("institutions", 0, "opening_balance"),
    ),
    (
        "headings_not_read",
        cell("payments", 0, whatever="1"),
        cell("payments", 0, voucher="1"),
        ("payments", None, None),
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "triggers", "near", "place"), CASES)
def test_a_guard_warns_once_and_not_of_the_near_case(
    kind: str, triggers: Change, near: Change, place: Place
) -> None:
    tables, others = input_of("trial-1"), input_of("trial-1")
    triggers(tables)
    near(others)
    table, row, column = place
    assert table is not None
    number = None if row is None else row % len(tables[table]) + 1
    assert places(tables, kind) == [(table, number, column)]
    assert places(others, kind) == []


def test_an_opening_figure_is_stale_once_where_two_policies_decide_its_year() -> None:
    tables = input_of("trial-1")
    cell("institutions", 0, opening_balance="1", opening_year="2022")(tables)
    policies = trial(("2022-01-01", "2022-06-30"), ("2022-07-01", None))
    found = settled(tables, "2024-12-31", policies=policies)
    assert [year.year for year in found.decided].count(2022) == 2
    kinds = [warning.kind for warning in found.warnings]
    assert kinds.count("stale_opening") == 1


def test_a_year_under_several_policies_has_the_guards_of_contracts_too() -> None:
    tables = input_of("trial-1")
    again("contracts", 0)(tables)
    again("contracts", 1, **OLD, start_date="1985-01-01")(tables)
    tables["recoveries"][0]["recovery_date"] = "2032-12-01"
    last = len(tables["contracts"])
    policies = trial(("2022-01-01", "2022-06-30"), ("2022-07-01", None))
    warnings = assess_policies(portfolio_of(tables), policies, 2022).warnings
    found = {(w.kind, w.table, w.row) for w in warnings if w.kind in ("far_date", "entered_twice")}
    assert found == {
        ("far_date", "recoveries", 1),
        ("far_date", "contracts", last),
        ("entered_twice", "contracts", last - 1),
    }


@pytest.mark.parametrize(
    ("day", "to", "status"),
    [
        ("2021-06-01", "2024-12-31", "not_covered"),
        ("2024-06-01", "2024-06-30", "year_open"),
    ],
)
def test_nothing_in_force_is_said_of_claims_that_are_not_decided(
    day: str, to: str, status: str
) -> None:
    """Section 13 asks for the exposure alone, whether a policy decides the claim or not yet."""
    for release, warned in ((day, False), (_before(day), True)):
        tables = input_of("trial-1")
        old = {"contract_id": "new", "borrower_id": "new", "start_date": "2021-01-15"}
        again("contracts", 0, **old, release_date=release)(tables)
        again("claims", 0, contract_id="new", payout_date=day, **NO_REVIEW)(tables)
        found = settled(tables, to)
        rows = found.tables["settlement"].to_pylist()
        assert rows[-1]["status"] == status
        places_of = [(w.table, w.row) for w in found.warnings if w.kind == "nothing_in_force"]
        assert places_of == ([("claims", len(rows))] if warned else [])


def _before(day: str) -> str:
    return str(date.fromisoformat(day) - timedelta(days=1))


def test_nothing_in_force_is_said_in_a_year_of_a_claim_that_no_policy_covers() -> None:
    tables = input_of("trial-1")
    old = {"contract_id": "new", "borrower_id": "new", "start_date": "2021-01-15"}
    again("contracts", 0, **old, release_date="2022-05-31")(tables)
    again("claims", 0, contract_id="new", payout_date="2022-06-01", **NO_REVIEW)(tables)
    policies = trial(("2022-01-01", "2022-05-31"), ("2022-07-01", None))
    found = assess_policies(portfolio_of(tables), policies, 2022)
    assert found.tables["claims"].to_pylist()[-1]["status"] == "not_covered"
    rows = [warning.row for warning in found.warnings if warning.kind == "nothing_in_force"]
    assert rows == [len(tables["claims"])]


def later(tables: Tables, to: str) -> list[str]:
    found = settled(tables, to)
    assert "later" not in str(found.summary["warnings"])
    said = [warning.message for warning in found.warnings if warning.kind == "later_rows"]
    return [text for message in said for text in (message.zh, message.en)]


@pytest.mark.slow
def test_rows_after_the_day_are_counted_by_table() -> None:
    tables = input_of("trial-1")
    assert later(tables, "2026-12-31") == []
    tables["payments"][0]["payment_date"] = "2027-01-01"
    tables["payments"][1]["payment_date"] = "2032-07-10"
    tables["recoveries"][0]["recovery_date"] = "2033-01-01"
    assert later(tables, "2026-12-31") == [
        "有 3 行（追偿 1、拨付 2）晚于 2026-12-31，未计入",
        "rows dated after 2026-12-31, not counted: 3 (recoveries 1, payments 2)",
    ]
    assert later(tables, "2033-01-01") == []


def test_contracts_that_no_claim_names_are_counted_too(tmp_path: Path) -> None:
    tables = input_of("trial-1")
    again("contracts", 0, contract_id="new", start_date="2027-01-01", release_date="")(tables)
    write_csv(tables, tmp_path)
    warnings = settle_files(tmp_path, trial(), "2026-12-31").warnings
    messages = [warning.message.zh for warning in warnings if warning.kind == "later_rows"]
    assert messages == ["有 1 行（担保合同 1）晚于 2026-12-31，未计入"]
    assert messages == later(tables, "2026-12-31")[:1]


@pytest.mark.slow
def test_a_record_stays_the_same_once_rows_come_later(tmp_path: Path) -> None:
    """The warning is printed, and is no part of what verify compares."""
    tables = input_of("trial-1")
    write_csv(tables, tmp_path / "ledger")
    given = [part for id_ in IDS for part in ("--policy", POLICIES / f"{id_}.toml")]
    run = ("settle", tmp_path / "ledger", "--to", "2024-12-31", *given)
    first = run_here(*run, "-o", tmp_path / "out")
    row = {**tables["payments"][0], "payment_id": "new", "payment_date": "2032-07-10"}
    tables["payments"].append(row | {"amount": "1"})
    write_csv(tables, tmp_path / "ledger")
    again_ = run_here(*run, "-o", tmp_path / "out.xlsx", "--lang", "en")
    assert "rows dated after 2024-12-31, not counted" in again_.stdout
    assert ("未计入" in first.stdout) == bool(later(input_of("trial-1"), "2024-12-31"))
    for result in ("out", "out.xlsx"):
        assert run_here("verify", tmp_path / result, tmp_path / "ledger").returncode == 0
