"""Each guard in a settlement of several years: where it warns, once, and a near case."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from compensation import assess_policies
from tests.oracle_reading import Row, Tables
from tests.settling import input_of, portfolio_of, settled, trial

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
