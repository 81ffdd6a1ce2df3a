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
VALUES = [Decimal(n) / 100 for n in (0, 4, 5, 9)]
READ = {on: Operation(series="s", on=on) for on in LACKING}


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


def either(inner: st.SearchStrategy[RateQuantity]) -> st.SearchStrategy[RateQuantity]:
    two = st.tuples(inner, inner)
    chosen = st.builds(
        lambda each, test: Operation(
            choose=(Choice(value=each[0], when=(test,)), Choice(value=each[1]))
        ),
        two,
        a_test(inner),
    )
    return st.one_of(
        chosen,
        st.builds(lambda each: Operation(first_given=each), two),
        st.builds(lambda each: Operation(sum=each), two),
        st.builds(lambda each: Operation(min=each), two),
    )


def a_test(inner: st.SearchStrategy[RateQuantity]) -> st.SearchStrategy[Test]:
    line = st.just(Test(value=LINE, one_of=("x",)))
    below = st.builds(lambda value, limit: Test(value=value, at_most=limit), inner, inner)
    between = st.builds(
        lambda value, low, high: Test(value=value, above=low, at_most=high), inner, inner, inner
    )
    return st.recursive(
        st.one_of(line, below, between),
        lambda parts: st.one_of(
            st.builds(lambda *each: Test(any=each), parts, parts),
            st.builds(lambda *each: Test(all=each), parts, parts),
            st.builds(lambda part: Test(not_=part), parts),
        ),
        max_leaves=3,
    )


PLAIN: st.SearchStrategy[RateQuantity] = st.sampled_from([*READ.values(), FEE, Decimal("0.05")])
QUANTITY = st.one_of(PLAIN, either(PLAIN))
TEST = a_test(QUANTITY)
NONE: st.SearchStrategy[tuple[Test, ...]] = st.just(())


@pytest.mark.slow
@given(st.data())
@settings(max_examples=60 * DEPTH, deadline=None)
def test_a_row_of_which_no_gap_is_told_is_the_same_with_any_value(data: st.DataObject) -> None:
    rules, tests = POLICY.rules, st.lists(TEST, max_size=2).map(tuple)
    (plain,) = rules.rates.tiers
    tiers = [
        replace(plain, rate=data.draw(QUANTITY), when=data.draw(when)) for when in (tests, NONE)
    ]
    clause, basis = plain.clause, plain.basis
    more = Addition(
        id="more", points=data.draw(QUANTITY), when=(data.draw(TEST),), clause=clause, basis=basis
    )
    asked = Condition(id="asked", all=(data.draw(TEST),), clause=clause, basis=basis)
    rates = replace(rules.rates, tiers=tuple(tiers), additions=(more,))
    policy = replace(POLICY, rules=replace(rules, claim_conditions=(asked,), rates=rates))
    gaps, without = told(policy), results(policy)
    for each in filled(policy):
        for row, (found, expected) in enumerate(zip(results(each), without, strict=True)):
            assert gaps[row] or found == expected
