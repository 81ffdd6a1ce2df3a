"""A row is told of a missing reading where its result rests on it, and only there.

The oracle fills the series with any values and evaluates every row anew: a row of which no gap is
told comes out the same with each of them, and as it does without any.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compensation.policy.catalogue import Policy
from compensation.policy.model import (
    Addition,
    Choice,
    Condition,
    Operation,
    RateQuantity,
    SeriesPoint,
    Test,
)
from compensation.rules.decision import examine
from compensation.rules.gaps import gaps_of_cases, lacking_of, readings_of_cases
from compensation.rules.quantities import Evaluator
from compensation.rules.variables import Variable
from compensation.schema.column import ColumnType
from compensation.values.dates import day_number
from tests.conftest import DEPTH
from tests.policy.test_small_policies import columns, small

SERIES = """
[[series]]
id = "s"
name = { zh = "利率", en = "a rate" }
source = { zh = "某市", en = "a city" }
terms = [0]
checked_until = 2025-12-31
points = [{ from = 2020-01-01, values = [0.05] }]
"""
START, PAYOUT = "contracts.start_date", "claims.payout_date"
FEE, LINE = "contracts.fee", "contracts.line"
LACKING = {START: date(2001, 1, 1), PAYOUT: date(2002, 1, 1)}
"""A day before the series, of each date: one value fills the one, another the other."""
COVERED = date(2021, 1, 1)
KINDS = ("line", "below", "between", "any", "all", "not_")
VALUES = [Decimal(n) / 100 for n in (0, 4, 5, 9)]
READ = {on: Operation(series="s", on=on) for on in LACKING}
PLAIN: list[RateQuantity] = [*READ.values(), FEE, Decimal("0.05")]


POLICY = small(
    columns("contracts", fee="ratio", line="text"),
    SERIES,
    base='{ times = ["claims.principal", { series = "s", on = "claims.payout_date" }] }',
)


def evaluator(policy: Policy) -> Evaluator:
    """Return what computes every case: each date covered or not, each fee, each line."""
    days = [(day, COVERED) for day in LACKING.values()]
    cases = list(product(*days, (None, 40_000, 60_000), ("x", "y")))
    starts, payouts, fees, lines = zip(*cases, strict=True)
    known = np.ones(len(cases), dtype=np.bool_)
    given_ = np.array([fee is not None for fee in fees])
    variables = {
        name: Variable(np.array([day_number(d) for d in of]), known, None, ColumnType.DATE)
        for name, of in ((START, starts), (PAYOUT, payouts))
    }
    fen = np.array([fee or 0 for fee in fees])
    variables[FEE] = Variable(fen, given_, None, ColumnType.SHARE)
    places = np.array(["xy".index(line) for line in lines])
    variables[LINE] = Variable(places, known, None, ColumnType.TEXT, ("x", "y"))
    return Evaluator(policy, variables, len(cases))


def filled(policy: Policy) -> Iterator[Policy]:
    """Yield the policy with the series filled before its first value in every way."""
    series = policy.series["s"]
    for first, second in product(VALUES, VALUES):
        points = (
            SeriesPoint(from_=date(2000, 1, 1), values=(first,)),
            SeriesPoint(from_=LACKING[PAYOUT], values=(second,)),
            *series.points,
        )
        yield replace(policy, series={"s": replace(series, points=points)})


def told(policy: Policy) -> npt.NDArray[np.bool_]:
    """Return the rows of which a gap is told."""
    own = evaluator(policy)
    readings = readings_of_cases(policy.rules, amounts=False)
    lacking = lacking_of(policy, readings, lambda reading: own.compute(reading.on or "").values)
    gaps = gaps_of_cases(own, lacking, amounts=False)
    found: npt.NDArray[np.bool_] = np.logical_or.reduce(
        [np.zeros(own.rows, dtype=np.bool_), *gaps.values()]
    )
    return found


def results(policy: Policy) -> list[tuple[object, ...]]:
    """Return what every row comes to: what it does not meet, its rate."""
    examined = examine(evaluator(policy))
    failed = examined.failed
    return [
        (*(name for name, rows in failed.items() if rows[row]), int(examined.rate[row]))
        for row in range(len(examined.rate))
    ]


@st.composite
def quantities(draw: st.DrawFn, depth: int = 1) -> RateQuantity:
    kind = draw(st.sampled_from(("plain", "choose", "first_given", "sum", "min")[: 1 + 4 * depth]))
    if kind == "plain":
        return draw(st.sampled_from(PLAIN))
    two = draw(quantities(depth=0)), draw(quantities(depth=0))
    if kind == "choose":
        when = (draw(some_test(depth=0)),)
        return Operation(choose=(Choice(value=two[0], when=when), Choice(value=two[1])))
    made_of: dict[str, Operation] = {
        "first_given": Operation(first_given=two),
        "sum": Operation(sum=two),
        "min": Operation(min=two),
    }
    return made_of[kind]


@st.composite
def some_test(draw: st.DrawFn, depth: int = 2) -> Test:
    kind = draw(st.sampled_from(KINDS[: 6 if depth else 3]))
    if kind == "not_":
        return Test(not_=draw(some_test(depth=depth - 1)))
    if kind in ("any", "all"):
        parts = draw(some_test(depth=depth - 1)), draw(some_test(depth=depth - 1))
        return Test(any=parts) if kind == "any" else Test(all=parts)
    if kind == "line":
        return Test(value=LINE, one_of=("x",))
    value, most = draw(quantities(depth=min(depth, 1))), draw(quantities(depth=min(depth, 1)))
    if kind == "below":
        return Test(value=value, at_most=most)
    return Test(value=value, above=draw(quantities(depth=0)), at_most=most)


@pytest.mark.slow
@given(st.data())
@settings(max_examples=30 * DEPTH, deadline=None)
def test_a_row_of_which_no_gap_is_told_is_the_same_with_any_value(data: st.DataObject) -> None:
    rules = POLICY.rules
    (plain,) = rules.rates.tiers
    when = tuple(data.draw(st.lists(some_test(), max_size=2)))
    tiers = [replace(plain, rate=data.draw(quantities()), when=each) for each in (when, ())]
    clause, basis = plain.clause, plain.basis
    more = Addition(
        id="more",
        points=data.draw(quantities()),
        when=(data.draw(some_test()),),
        clause=clause,
        basis=basis,
    )
    asked = Condition(id="asked", all=(data.draw(some_test()),), clause=clause, basis=basis)
    rates = replace(rules.rates, tiers=tuple(tiers), additions=(more,))
    policy = replace(POLICY, rules=replace(rules, claim_conditions=(asked,), rates=rates))
    gaps, without = told(policy), results(policy)
    for each in filled(policy):
        for row, (found, expected) in enumerate(zip(results(each), without, strict=True)):
            assert gaps[row] or found == expected


IN_X, BELOW = Test(value=LINE, one_of=("x",)), Test(value=FEE, at_most=READ[START])
GIVEN = Test(value=Operation(first_given=(FEE, READ[START])), at_most=Decimal("0.05"))
CHOSEN = (Choice(value=READ[PAYOUT], when=(IN_X,)), Choice(value=Decimal("0.05")))


@pytest.mark.parametrize(
    "test",
    [
        Test(any=(IN_X, BELOW)),
        Test(all=(IN_X, BELOW)),
        Test(not_=Test(any=(IN_X, BELOW))),
        Test(not_=Test(all=(IN_X, BELOW))),
        Test(value=FEE, above=Decimal("0.05"), at_most=READ[START]),
        Test(value=FEE, at_most=Operation(choose=CHOSEN)),
        GIVEN,
    ],
)
def test_a_gap_is_told_exactly_where_the_result_differs(test: Test) -> None:
    """But for a blank inside `not`, which fails whatever stands beside it, and is told of."""
    (tier,) = POLICY.rules.rates.tiers
    parts = {"id": "asked", "clause": tier.clause, "basis": "assumption"}
    asked = Condition(**{name: getattr(test, name) for name in test.__dataclass_fields__} | parts)
    policy = replace(POLICY, rules=replace(POLICY.rules, claim_conditions=(asked,)))
    without, found = results(policy), [results(each) for each in filled(policy)]
    differs = [any(each[row] != own for each in found) for row, own in enumerate(without)]
    given_ = evaluator(policy).variables[FEE].known | (test.not_ is None)
    assert told(policy)[given_].tolist() == np.array(differs)[given_].tolist()
    assert any(differs)
    assert not all(differs)
