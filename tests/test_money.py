"""Exact arithmetic on columns against fractions, over the whole ranges and around 2^63."""

from __future__ import annotations

import doctest
import importlib
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from compensation import money
from compensation.money import (
    MAX_INT64,
    MAX_TOTAL_FEN,
    Integers,
    compare,
    floor_of_product,
    half_up,
    half_up_of_product,
    printed_ratio,
    remainder_of_product,
    split,
)

LARGEST = 2**61
"""What the products take; amounts and sums of columns stay below 10^18."""


def column(*values: int) -> Integers:
    return np.array(values, dtype=np.int64)


def sizes(least: int = 0, most: int = LARGEST) -> st.SearchStrategy[int]:
    """Small numbers, numbers of any length, and both ends."""
    return st.one_of(
        st.integers(least, min(most, least + 20)),
        st.integers(0, most.bit_length() - 1).map(lambda bits: max(least, min(most, 2**bits))),
        st.integers(least, most),
        st.sampled_from([least, most, most - 1]),
    )


triples = st.tuples(sizes(), sizes(), sizes(least=1))


def nearest(value: Fraction) -> int:
    """The nearest integer, halves away from zero."""
    size = math.floor(abs(value) + Fraction(1, 2))
    return -size if value < 0 else size


@given(st.lists(triples, min_size=1, max_size=8))
@example([(10**15, 10**15, 10**15), (1, 1, 2), (0, LARGEST, 1), (LARGEST, 0, 7)])
@example([(LARGEST, LARGEST, 1)])
def test_products_are_exact(rows: list[tuple[int, int, int]]) -> None:
    a, factor, b = (column(*values) for values in zip(*rows, strict=True))
    got = half_up_of_product(a, factor, b).tolist()
    assert got == [nearest(Fraction(x * w, y)) for x, w, y in rows]
    assert floor_of_product(a, factor, b).tolist() == [x * w // y for x, w, y in rows]
    rest = remainder_of_product(a, factor, b)
    assert rest.dtype == np.int64
    assert rest.tolist() == [x * w % y for x, w, y in rows]


@given(sizes(), sizes(least=1))
def test_half_up_is_the_nearest_integer_halves_up(a: int, b: int) -> None:
    assert half_up(column(a), column(b)).tolist() == [nearest(Fraction(a, b))]


@pytest.mark.parametrize("b", [1, 2, 10_000, 999_999_999_999_999, 10**18])
@pytest.mark.parametrize("factor", [1, 3, 1_000_000, 999_999_999_999_999])
@pytest.mark.parametrize("step", [-1, 0, 1])
def test_both_sides_of_the_last_product_that_fits(b: int, factor: int, step: int) -> None:
    a = (MAX_INT64 - b) // (2 * factor) + step
    assert (2 * a * factor + b > MAX_INT64) is (step == 1)
    if a <= LARGEST:
        got = half_up_of_product(column(a), column(factor), column(b))
        assert got.tolist() == [nearest(Fraction(a * factor, b))]
    a = MAX_INT64 // factor + step
    if a <= MAX_INT64:
        assert floor_of_product(column(a), column(factor), column(b)).tolist() == [a * factor // b]
        rest = remainder_of_product(column(a), column(factor), column(b))
        assert rest.tolist() == [a * factor % b]


# Which way a row went: the switch is watched, the arithmetic is the real one.


class Watched:
    """Notes which rows were found to fit, and the kinds of number that the formula was given."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fits: list[bool] = []
        self.kinds: set[type] = set()
        real = money._by_rows

        def watch(fitting: Any, formula: Callable[..., Any], *columns: Any) -> Any:
            def noted(*columns: Any) -> Any:
                fits = fitting(*columns)
                self.fits = fits.tolist()
                return fits

            def noting(*columns: Any) -> Any:
                self.kinds |= {type(cell) for cells in columns for cell in cells}
                return formula(*columns)

            return real(noted, noting, *columns)

        monkeypatch.setattr(money, "_by_rows", watch)


def test_rows_that_could_wrap_take_python_integers_and_only_they(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watched = Watched(monkeypatch)
    edge = (MAX_INT64 - 10**15) // (2 * 10**6)
    a, factor, b = column(edge - 1, edge, edge + 1, 10**15), np.full(4, 10**6), np.full(4, 10**15)
    got = half_up_of_product(a, factor, b)
    assert watched.fits == [True, True, False, False]
    assert watched.kinds == {np.int64, int}
    assert got.tolist() == [nearest(Fraction(int(x) * 10**6, 10**15)) for x in a]
    wrapped = (2 * a * factor + b) // (2 * b)
    assert (wrapped == got).tolist() == watched.fits, "int64 alone gives another result there"


def test_columns_that_fit_are_never_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(monkeypatch)
    half_up_of_product(column(1, 2, 3), column(4, 5, 6), column(7, 8, 9))
    assert watched.fits == [True, True, True]
    assert watched.kinds == {np.int64}
    floor_of_product(*(np.full(2, each) for each in (10**9, 10**9, 7)))
    assert watched.kinds == {np.int64}
    limit = np.full(2, 10_000)
    compare(np.full(2, 10**14), np.full(2, 10**14), limit, 10_000)
    assert watched.kinds == {np.int64}
    compare(np.full(2, 10**15), np.full(2, 10**15), limit, 10_000)
    assert watched.kinds == {np.int64, int}


@given(sizes(), sizes(), sizes(least=1))
def test_the_switch_is_exact(a: int, factor: int, b: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        watched = Watched(patch)
        columns = [np.full(2, each) for each in (a, factor, b)]
        half_up_of_product(*columns)
        assert watched.fits == 2 * [2 * a * factor + b <= MAX_INT64]
        floor_of_product(*columns)
        assert watched.fits == 2 * [a * factor <= MAX_INT64]


@pytest.mark.parametrize("function", [floor_of_product, remainder_of_product])
@pytest.mark.parametrize("factor", [0, 1, 2, 7, 10**6, 10**15])
def test_the_switch_of_a_product_is_exact_at_its_edge(
    function: Callable[..., Integers], factor: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seven divides 2^63 − 1, so one of the products is the largest that there is."""
    watched = Watched(monkeypatch)
    edge = MAX_INT64 // max(factor, 1)
    a = column(edge - 1, edge, min(edge + 1, MAX_INT64))
    function(a, np.full(3, factor), np.full(3, 10))
    assert watched.fits == [int(x) * factor <= MAX_INT64 for x in a]


@pytest.mark.parametrize(("limit", "scale"), [(1, 1), (-1, 1), (8000, 10_000), (-20_000, 10_000)])
def test_ratios_are_compared_on_int64_up_to_half_of_it(
    limit: int, scale: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two products are taken from one another, so each may have half of what int64 holds."""
    watched = Watched(monkeypatch)
    edge = (MAX_INT64 // 2) // max(abs(limit), scale)
    small, edges = np.ones(3, dtype=np.int64), column(edge - 1, edge, edge + 1)
    for numerator, denominator in ((edges, small), (-edges, small), (small, edges), (edges, edges)):
        signs = compare(numerator, denominator, np.full(3, limit), scale)
        assert watched.fits == [True, True, False]
        rows = zip(numerator.tolist(), denominator.tolist(), strict=True)
        differences = [Fraction(n, d) - Fraction(limit, scale) for n, d in rows]
        assert signs.tolist() == [(x > 0) - (x < 0) for x in differences]
        assert signs.dtype == np.int64


def test_a_result_past_int64_stays_a_python_integer() -> None:
    got = half_up_of_product(column(LARGEST, 4), column(8, 1), column(1, 2))
    assert got.tolist() == [2**64, 2]
    assert got.dtype == object


def test_a_million_yuan_claim_of_21_million_needs_more_than_63_bits() -> None:
    """The smallest claims whose split passes 2^63: about 21 million yuan."""
    payout = 2_147_483_648
    weights = column(858_993_459, 429_496_730, 429_496_730, 429_496_729)
    assert 2 * payout * payout + payout > MAX_INT64
    parts = split(column(payout), weights[None, :])
    assert parts.tolist() == [weights.tolist()]


# split


@st.composite
def splits(draw: st.DrawFn) -> tuple[list[int], int]:
    weights = draw(st.lists(sizes(most=10**17), min_size=1, max_size=6))
    total = sum(weights)
    return weights, draw(sizes(most=max(total, 1)) | sizes(most=MAX_TOTAL_FEN))


def one_after_another(amount: int, weights: list[int]) -> list[int]:
    parts = []
    for place, weight in enumerate(weights):
        rest = sum(weights[place:])
        part = nearest(Fraction(amount * weight, rest)) if rest else 0
        parts.append(part)
        amount -= part
    return parts


@given(splits())
@example(([1, 1, 1], 100))
@example(([0, 0], 5))
@example(([0, 3, 0, 3], 5))
def test_split_keeps_its_laws(case: tuple[list[int], int]) -> None:
    weights, amount = case
    (parts,) = split(column(amount), np.array([weights], dtype=np.int64)).tolist()
    assert parts == one_after_another(amount, weights)
    assert all(part >= 0 for part in parts)
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)
    assert sum(parts) == (amount if any(weights) else 0)
    if amount <= sum(weights):
        assert all(part <= weight for part, weight in zip(parts, weights, strict=True))


@given(splits())
def test_split_of_the_sum_of_weights_gives_the_weights(case: tuple[list[int], int]) -> None:
    weights, _ = case
    assert split(column(sum(weights)), np.array([weights])).tolist() == [weights]


@given(splits(), sizes(most=10**17))
@example(([1, 1, 1], 1), 1)
@example(([3, 5, 7], 6), 1)
def test_no_part_falls_when_the_amount_grows(case: tuple[list[int], int], more: int) -> None:
    weights, amount = case
    parts = split(column(amount, amount + more), np.array([weights, weights]))
    assert (parts[1] >= parts[0]).all()


@pytest.mark.slow
@given(splits())
def test_a_part_is_near_its_proportion(case: tuple[list[int], int]) -> None:
    weights, amount = case
    assume(any(weights))
    (parts,) = split(column(amount), np.array([weights])).tolist()
    for part, weight in zip(parts, weights, strict=True):
        off = abs(part - Fraction(amount * weight, sum(weights)))
        assert off <= Fraction(max(len(weights) - 1, 0), 2)


def test_every_small_amount_over_every_small_weighting_never_falls() -> None:
    """Without chance: four weights from 0 to 3, amounts from 0 to their sum."""
    for code in range(4**4):
        weights = [code // 4**place % 4 for place in range(4)]
        amounts = np.arange(sum(weights) + 1)
        parts = split(amounts, np.array([weights] * len(amounts)))
        assert (np.diff(parts, axis=0) >= 0).all(), weights
        assert (parts <= np.array(weights)).all(), weights
        assert (parts.sum(axis=1) == amounts).all(), weights


def test_split_takes_columns_and_changes_nothing_it_is_given() -> None:
    amount, weights = column(10, 0, 7), np.array([[1, 1], [5, 0], [0, 0]])
    assert split(amount, weights).tolist() == [[5, 5], [0, 0], [0, 0]]
    assert amount.tolist() == [10, 0, 7]
    assert weights.tolist() == [[1, 1], [5, 0], [0, 0]]
    assert split(column(), np.zeros((0, 3), dtype=np.int64)).shape == (0, 3)


# compare, printed_ratio


@given(
    st.lists(
        st.tuples(
            st.integers(-MAX_TOTAL_FEN, 2 * MAX_TOTAL_FEN),
            sizes(least=1, most=2 * MAX_TOTAL_FEN),
            st.integers(-10_000, 10**16),
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([1, 10_000]),
)
@example([(8, 10, 8000), (79, 99, 8000), (10**18 - 1, 10**18, 10_000)], 10_000)
def test_compare_is_the_sign_of_the_difference(
    rows: list[tuple[int, int, int]], scale: int
) -> None:
    n, d, limit = (column(*values) for values in zip(*rows, strict=True))
    differences = [Fraction(x, y) - Fraction(z, scale) for x, y, z in rows]
    assert compare(n, d, limit, scale).tolist() == [(x > 0) - (x < 0) for x in differences]


@given(st.integers(0, 10_000), sizes(least=1, most=10**14))
def test_compare_at_a_limit_and_one_fen_beside_it(limit: int, unit: int) -> None:
    part, whole = limit * unit, 10_000 * unit
    signs = compare(
        column(part - 1, part, part + 1), np.full(3, whole), np.full(3, limit), 10_000
    ).tolist()
    assert signs == [-1, 0, 1]


@given(st.integers(-MAX_TOTAL_FEN, 2 * MAX_TOTAL_FEN), sizes(least=1, most=2 * MAX_TOTAL_FEN))
@example(-1, 2_000_000)
@example(-1, 2_000_001)
@example(1, 2_000_000)
@example(MAX_TOTAL_FEN, 1)
def test_ratios_are_printed_half_away_from_zero(n: int, d: int) -> None:
    assert printed_ratio(column(n), column(d)).tolist() == [nearest(Fraction(n * 1_000_000, d))]


def test_a_small_negative_ratio_prints_as_plain_zero() -> None:
    (millionths,) = printed_ratio(column(-1), column(2_000_001)).tolist()
    assert str(millionths) == "0"


@pytest.mark.parametrize(
    "module",
    [
        "money",
        "language",
        "rules.shortfall",
        "rules.forecast",
        "outlook.changed",
        "values.printing",
        "tables.headings",
    ],
)
def test_examples_in_docstrings_are_true(module: str) -> None:
    result = doctest.testmod(importlib.import_module(f"compensation.{module}"))
    assert result.attempted > 0
    assert result.failed == 0
