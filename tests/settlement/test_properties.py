"""What holds of every settlement, on random ledgers of several years."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compensation import Policy
from tests import oracle_settlement
from tests.conftest import DEPTH
from tests.ledgers_of_years import DAYS, PERIODS, near_budget, random_ledger
from tests.oracle_reading import Row, Tables, money
from tests.settling import results_of, settled, trial, trial_rules

LEGS = ("to_pay", "to_recall", "to_remit", "to_refund")
some = settings(max_examples=6 * DEPTH)
seeds = st.integers(0, 2**32 - 1)
days = st.sampled_from(DAYS)
periods = st.sampled_from(PERIODS)


def amounts(rows: list[Row], *names: str) -> list[Decimal]:
    return [sum((Decimal(row[name]) for row in rows), Decimal(0)) for name in names]


def line(statement: list[Row], name: str) -> Decimal:
    return Decimal(next(row["amount"] for row in statement if row["line"] == name))


@pytest.mark.slow
@given(seeds, days, st.none() | days, periods)
@settings(max_examples=13 * DEPTH)
def test_every_cell_as_the_oracle_has_it(
    seed: int, to: date, from_: date | None, period: list[tuple[str, str | None]]
) -> None:
    tables, first = random_ledger(seed), None if from_ is None else min(from_, to)
    rules, policies = trial_rules(*period), trial(*period)
    without = oracle_settlement.settle(tables, rules, to, first)
    to_pay = int(amounts(without["settlement"], "to_pay")[0] * 100)
    budget = near_budget(random.Random(seed), to_pay)
    expected = oracle_settlement.settle(tables, rules, to, first, budget)
    assert results_of(settled(tables, to, first, budget, policies)) == expected


@pytest.mark.slow
@given(seeds, days, periods, st.booleans())
@some
def test_once_carried_out_nothing_is_due(
    seed: int, to: date, period: list[tuple[str, str | None]], short: bool
) -> None:
    tables, policies = random_ledger(seed), trial(*period)
    whole = amounts(results_of(settled(tables, to, policies=policies))["settlement"], "to_pay")[0]
    budget = whole / 2 if short else whole
    budget = budget.quantize(Decimal("0.01"))
    found = results_of(settled(tables, to, None, str(budget), policies))["settlement"]
    done = carried_out(oracle_settlement.as_of(tables, to), found, to)
    left = budget - amounts(found, "to_pay")[0]
    after = results_of(settled(done, to, None, str(left), policies))["settlement"]
    assert amounts(after, *LEGS, "net_due") == [0] * 5
    assert amounts(after, "outstanding", "government_cost") == amounts(
        found, "outstanding", "government_cost"
    )


def carried_out(tables: Tables, settlement: list[Row], day: date) -> Tables:
    """The ledger with what the settlement says entered on the day."""
    tables.setdefault("remittances", [])
    for row, claim in zip(settlement, tables["claims"], strict=True):
        for table, there, back in (
            ("payments", ("to_pay", "paid"), ("to_recall", "recalled")),
            ("remittances", ("to_remit", "remitted"), ("to_refund", "refunded")),
        ):
            for leg, kind in (there, back):
                if money(row[leg]) and table in tables:
                    tables[table].append(entry(table, row["claim_id"], day, row[leg], kind))
        paid = Decimal(row["paid_to_date"]) + Decimal(row["to_pay"]) - Decimal(row["to_recall"])
        claim["compensation_paid"] = str(paid)
    return tables


def entry(table: str, claim_id: str, day: date, amount: str, kind: str) -> Row:
    id_ = "payment_id" if table == "payments" else "remittance_id"
    dated = id_.replace("_id", "_date")
    return {
        id_: f"new-{claim_id}-{kind}",
        "claim_id": claim_id,
        dated: day.isoformat(),
        "amount": amount,
        "kind": kind,
    }


@pytest.mark.slow
@given(seeds, days, days, periods)
@some
def test_periods_add_up_to_the_whole(
    seed: int, one: date, other: date, period: list[tuple[str, str | None]]
) -> None:
    tables, policies = random_ledger(seed), trial(*period)
    middle, to = sorted((one, other))
    if middle == to:
        return
    begin, after = date(2020, 1, 1), middle + timedelta(days=1)
    opening = [row for row in tables.get("pool", []) if row["kind"] == "opening"]
    if opening and opening[0]["entry_date"] > middle.isoformat():
        opening[0]["entry_date"] = begin.isoformat()  # else it stands for what came before it
    first = results_of(settled(tables, middle, begin, policies=policies))
    second = results_of(settled(tables, to, after, policies=policies))
    whole = results_of(settled(tables, to, begin, policies=policies))
    names = ("paid_in_period", "remitted_in_period")
    parts = zip(
        amounts(first["settlement"], *names), amounts(second["settlement"], *names), strict=True
    )
    assert [a + b for a, b in parts] == amounts(whole["settlement"], *names)
    statements = [found["pool_statement"] for found in (first, second, whole)]
    assert line(statements[0], "closing") == line(statements[1], "opening")
    assert line(statements[1], "closing") == line(statements[2], "closing")
    for name in (*oracle_settlement.IN, *oracle_settlement.OUT):
        parts_of_line = line(statements[0], name) + line(statements[1], name)
        assert parts_of_line == line(statements[2], name)


@pytest.mark.slow
@given(seeds, days, periods)
@some
def test_a_past_settlement_stays_when_the_ledger_grows(
    seed: int, to: date, period: list[tuple[str, str | None]]
) -> None:
    tables, policies = random_ledger(seed), trial(*period)
    grown = settled(tables, to, policies=policies)
    then = settled(oracle_settlement.as_of(tables, to), to, policies=policies)
    assert results_of(grown) == results_of(then)
    assert grown.input_digest == then.input_digest


@pytest.mark.slow
@given(seeds, days, periods)
@some
def test_no_fen_is_lost(seed: int, to: date, period: list[tuple[str, str | None]]) -> None:
    found = settled(random_ledger(seed), to, policies=trial(*period))
    for under in found.returned.under:
        recovered = under.recovered
        assert (recovered.parts.sum(axis=1) == recovered.distributed).all()
        assert (recovered.weights.sum(axis=1) == found.payout[under.rows]).all()
    rows = results_of(found)
    for row in rows["settlement"]:
        recall, remit, pay, refund = (
            Decimal(row[name]) for name in ("to_recall", "to_remit", "to_pay", "to_refund")
        )
        assert Decimal(row["net_due"]) == recall + remit - pay - refund
        borne = Decimal(row["paid_to_date"]) + pay - recall
        assert Decimal(row["government_cost"]) == borne - Decimal(row["government_share"])
        assert min(pay, recall) == min(remit, refund) == 0
        assert (
            0 <= Decimal(row["government_share"]) <= min(borne, Decimal(row["distributed_to_date"]))
        )
    names = oracle_settlement.AMOUNTS
    assert amounts(rows["settlement"], *names) == amounts(rows["settlement_institutions"], *names)
    statement = rows["pool_statement"]
    assert [line(statement, name) for name in LEGS] == amounts(rows["settlement"], *LEGS)


@pytest.mark.slow
@given(seeds, days)
@some
def test_the_order_of_rows_changes_the_order_only(seed: int, to: date) -> None:
    tables, source = random_ledger(seed), random.Random(seed)
    before = results_of(settled(tables, to, budget="0.05"))
    for rows in tables.values():
        source.shuffle(rows)
    after = results_of(settled(tables, to, budget="0.05"))
    keys: dict[str, Callable[[Row], str]] = {
        "settlement": lambda row: row["claim_id"],
        "settlement_institutions": lambda row: row["institution_id"],
        "pool_statement": lambda row: row["line"],
    }
    for name, key in keys.items():
        assert sorted(after[name], key=key) == sorted(before[name], key=key)
    ids = [row["claim_id"] for row in tables["claims"]]
    assert [r["claim_id"] for r in after["settlement"]] == [
        id_ for id_ in ids if id_ in {row["claim_id"] for row in before["settlement"]}
    ]


def test_one_policy_alone_is_enough() -> None:
    policies: tuple[Policy, ...] = trial()[:1]
    found = results_of(settled(random_ledger(3), "2025-12-31", policies=policies))
    assert {row["policy"] for row in found["settlement"]} <= {"trial-2022", ""}
