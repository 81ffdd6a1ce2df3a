"""The examples of the specification, cell by cell, from the package and from the oracle."""

from __future__ import annotations

from datetime import date

import pytest

from compensation import Settlement, read_portfolio, settle
from tests import oracle_settlement
from tests.assessing import read_rows
from tests.oracle_reading import Tables
from tests.settling import (
    EXAMPLE_NAMES,
    EXAMPLES,
    input_of,
    params,
    policy_files,
    results_of,
    settled,
    totals,
)

RESULTS = ("settlement", "settlement_institutions", "pool_statement")


def expected(name: str) -> Tables:
    folder = EXAMPLES / name / "expected"
    return {result: read_rows(folder / f"{result}.csv") for result in RESULTS}


def example(name: str) -> Settlement:
    run = params(name)
    ledger = read_portfolio(EXAMPLES / name / "input")
    return settle(ledger, policy_files(name), run["to"], run["from"], run["budget"])


@pytest.mark.parametrize("name", EXAMPLE_NAMES)
def test_every_cell_of_the_examples(name: str) -> None:
    found, run = example(name), params(name)
    assert results_of(found) == expected(name)
    begin = run["from"] or f"{run['to'][:4]}-01-01"
    asked = [found.summary[key] for key in ("from", "to", "budget")]
    assert asked == [begin, run["to"], run["budget"]]


@pytest.mark.parametrize("name", EXAMPLE_NAMES)
def test_the_oracle_gives_every_cell_of_the_examples(name: str) -> None:
    run = params(name)
    found = oracle_settlement.settle(
        input_of(name),
        [oracle_settlement.rules(id_) for id_ in run["policies"]],
        date.fromisoformat(run["to"]),
        None if run["from"] is None else date.fromisoformat(run["from"]),
        run["budget"],
    )
    assert found == expected(name)


@pytest.mark.parametrize(
    ("from_", "remitted", "paid", "lines"),
    [
        ("2024-01-20", "21800.00", "90000.00", ("21825.00", "25.00", "90000.00")),
        ("2024-01-21", "0.00", "90000.00", ("0.00", "0.00", "90000.00")),
        ("2024-03-20", "0.00", "90000.00", ("0.00", "0.00", "90000.00")),
        ("2024-03-21", "0.00", "0.00", ("0.00", "0.00", "0.00")),
    ],
)
def test_the_first_day_belongs_to_the_period(
    from_: str, remitted: str, paid: str, lines: tuple[str, str, str]
) -> None:
    tables = input_of("trial-1")
    refunded = {"remittance_id": "S4", "claim_id": "A", "remittance_date": "2024-01-20"}
    tables["remittances"].append(refunded | {"amount": "25", "kind": "refunded"})
    found = totals(settled(tables, "2024-12-31", from_))
    assert (found["remitted_in_period"], found["paid_in_period"]) == (remitted, paid)
    assert found["remitted_to_date"] == "27425.00"
    statement = found["pool_statement"]
    assert tuple(statement[name] for name in ("remitted", "refunded", "paid")) == lines


@pytest.mark.parametrize(
    ("to", "budget", "due"),
    [
        ("2022-12-31", "0", ("0.00", "5000.00", "5625.00")),
        ("2022-12-31", None, ("5000.00", "0.00", "6750.00")),
        ("2023-12-31", None, ("0.00", "0.00", "21825.00")),
        ("2024-12-31", None, ("0.00", "0.00", "34000.00")),
    ],
)
def test_the_ledger_worked_by_hand_on_other_days(
    to: str, budget: str | None, due: tuple[str, str, str]
) -> None:
    found = totals(settled(input_of("trial-1"), to, budget=budget))
    assert (found["to_pay"], found["outstanding"], found["to_remit"]) == due


def test_a_corrected_contract_turns_a_grant_into_a_recall() -> None:
    tables = input_of("trial-1")
    before = results_of(settled(tables, "2024-12-31"))["settlement"]
    contract = next(row for row in tables["contracts"] if row["contract_id"] == "K2021-01")
    contract["borrower_type"] = "medium_enterprise"
    after = results_of(settled(tables, "2024-12-31"))["settlement"]
    changed = [row for row, old in zip(after, before, strict=True) if row != old]
    assert [row["claim_id"] for row in changed] == ["A"]
    legs = ("to_recall", "to_refund", "net_due")
    assert [changed[0][name] for name in legs] == ["30000.00", "18450.00", "11550.00"]


def test_results_are_dataframes_in_exact_types() -> None:
    found = example("trial-1")
    for name, frame in (
        ("settlement", found.settlement),
        ("settlement_institutions", found.institutions),
        ("pool_statement", found.pool_statement),
    ):
        assert list(frame.columns) == list(expected(name="trial-1")[name][0])
    types = {column: str(kind) for column, kind in found.settlement.dtypes.items()}
    assert types["net_due"] == "decimal128(18, 2)[pyarrow]"
    assert types["payout_date"] == "date32[day][pyarrow]"
    assert types["year"] == "int64[pyarrow]"
    assert types["closed"] == "bool[pyarrow]"
