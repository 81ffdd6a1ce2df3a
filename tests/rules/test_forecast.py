"""Later years: what grows, what is paid out, and what the budget must bring, to the fen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.columns import Integers
from compensation.rules.forecast import a_year_later, grown, paid_out, pool_of_year
from compensation.rules.rationals import TooLarge
from compensation.rules.steps import Steps

FEN = st.integers(0, 10**15)


def column(*values: int) -> Integers:
    return np.array(values, dtype=np.int64)


@given(FEN, st.integers(-1_000_000, 10_000_000))
def test_amounts_grow_half_up(amount: int, growth: int) -> None:
    exact = amount * (1_000_000 + growth)
    assert grown(column(amount), growth).tolist() == [(2 * exact + 1_000_000) // 2_000_000]


def test_growth_is_rounded_each_year() -> None:
    assert grown(column(5, 15, 0), 100_000).tolist() == [6, 17, 0]
    assert grown(column(5), 100_000, 3).tolist() == [8]  # 6, 7, 8
    assert grown(column(5), 100_000, 0).tolist() == [5]
    assert grown(column(7), -1_000_000).tolist() == [0]
    with pytest.raises(TooLarge):
        grown(column(10**17), 10_000_000)


@given(FEN, st.integers(1, 10**15), st.integers(-1_000_000, 1_000_000), FEN)
def test_the_rate_of_a_year_is_never_above_the_stated_one(
    paid: int, against: int, shift: int, released: int
) -> None:
    limit = (paid * 1_000_000 + shift * against) * released  # over against × 1,000,000
    if limit > 10**17 * against * 1_000_000:
        return
    steps = Steps()
    one = (column(paid), column(against), column(paid), column(released))
    payout = int(paid_out(steps, *one, 0, shift)[0])
    whole = against * 1_000_000
    if not paid or limit <= 0:
        assert payout == 0
    else:
        assert payout * whole <= limit < (payout + 1) * whole


def test_without_change_what_is_paid_out_is_that_of_the_base_year() -> None:
    steps = Steps()
    paid, against = column(1, 333, 0, 50), column(7, 1000, 9, 0)
    payout = paid_out(steps, paid, against, column(1, 333, 0, 60), against, 100_000, 0)
    assert payout.tolist() == [1, 333, 0, 66]  # the last only grows from the year before
    said = [step.formula for row in range(4) for step in steps.at(row) if step.name == "payout"]
    rated = "max(floor((payout_of_base_year / released_of_base_year + shift) × released), 0)"
    assert said == [rated, rated, "0", "half_up(previous_payout × (1 + growth))"]


def test_each_line_is_recorded_under_its_name() -> None:
    steps = Steps()
    assert a_year_later(steps, "released", column(100), 50_000).tolist() == [105]
    assert [(step.name, step.value(0)) for step in steps.at(0)] == [
        ("previous_released", 100),
        ("released", 105),
    ]


@pytest.mark.parametrize(
    ("opening", "compensation", "returned", "need", "closing"),
    [
        (0, 0, 0, 0, 0),
        (100, 50, 0, 0, 50),
        (100, 100, 0, 0, 0),
        (100, 101, 0, 1, 0),
        (100, 160, 40, 20, 0),
        (-30, 10, 5, 35, 0),
    ],
)
def test_the_budget_brings_what_the_pool_lacks(
    opening: int, compensation: int, returned: int, need: int, closing: int
) -> None:
    steps, left = pool_of_year(opening, compensation, returned)
    values = {step.name: step.value(0) for step in steps.at(0)}
    assert values == {
        "opening": opening,
        "compensated": compensation,
        "returned_in_all": returned,
        "budget_need": need,
        "closing": closing,
    }
    assert left == closing
