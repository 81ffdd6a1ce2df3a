"""Exact fractions in columns, against `fractions.Fraction`; far beyond what int64 holds."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compensation.money import MAX_INT64, MAX_TOTAL_FEN
from compensation.rules import rationals
from compensation.rules.rationals import Rationals, TooLarge

Row = tuple[Fraction, bool]
"""A fraction, and whether it is known."""

EDGES = [0, 1, 2, 3, 7, 100, 10**6, 2**31, 2**32, 10**15 - 1, 10**18 - 1, MAX_INT64 - 1, MAX_INT64]
TOPS = st.sampled_from([*EDGES, *(-edge for edge in EDGES)]) | st.integers(-(10**6), 10**6)
BOTTOMS = st.sampled_from(EDGES[1:]) | st.integers(1, 10**6)
KNOWN = st.sampled_from([True, True, True, False])


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Rationals, Rationals, list[tuple[Row, Row]]]:
    """Two columns as long as one another, and the same as fractions."""
    row = st.tuples(TOPS, BOTTOMS, KNOWN)
    drawn = draw(st.lists(st.tuples(row, row), max_size=5))
    columns = [made([each[side] for each in drawn]) for side in (0, 1)]
    rows = [((Fraction(a[0], a[1]), a[2]), (Fraction(b[0], b[1]), b[2])) for a, b in drawn]
    return columns[0], columns[1], rows


def made(rows: list[tuple[int, int, bool]]) -> Rationals:
    top, bottom = (np.array([row[k] for row in rows], dtype=np.int64) for k in (0, 1))
    return rationals.rationals(top, bottom, np.array([row[2] for row in rows], dtype=np.bool_))


def told(values: Rationals) -> list[Fraction | None]:
    """Return what is known; a denominator is above 0 everywhere."""
    assert all(int(bottom) > 0 for bottom in values.denominator)
    assert values.known.dtype == np.bool_
    return [values.at(row) if known else None for row, known in enumerate(values.known)]


def expected(
    rows: list[tuple[Row, Row]], combine: Callable[[Fraction, Fraction], Fraction | None]
) -> list[Fraction | None]:
    return [combine(a, b) if one and other else None for (a, one), (b, other) in rows]


OPERATIONS: dict[str, tuple[Callable[..., Rationals], Callable[..., Fraction | None]]] = {
    "add": (rationals.total, lambda a, b: a + b),
    "subtract": (lambda a, b: rationals.total(a, rationals.negative(b)), lambda a, b: a - b),
    "multiply": (rationals.product, lambda a, b: a * b),
    "divide": (rationals.quotient, lambda a, b: a / b if b else None),
    "divide, 0 over 0": (
        lambda a, b: rationals.quotient(a, b, zero_over_zero=True),
        lambda a, b: a / b if b else None if a else Fraction(0),
    ),
    "least": (rationals.least, min),
    "greatest": (rationals.greatest, max),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", OPERATIONS)
@given(drawn=pairs())
def test_operations(name: str, drawn: tuple[Rationals, Rationals, list[tuple[Row, Row]]]) -> None:
    computed, exact = OPERATIONS[name]
    first, second, rows = drawn
    assert told(computed(first, second)) == expected(rows, exact)


@given(drawn=pairs())
def test_sign(drawn: tuple[Rationals, Rationals, list[tuple[Row, Row]]]) -> None:
    first, second, rows = drawn
    got = rationals.sign(first, second)
    assert got.dtype == np.int64
    both = [(a > b) - (a < b) if one and other else None for (a, one), (b, other) in rows]
    kept = [s if value is not None else None for s, value in zip(got, both, strict=True)]
    assert kept == both


TREES = st.recursive(
    st.integers(0, 3),
    lambda inner: st.tuples(st.sampled_from(sorted(OPERATIONS)), inner, inner),
    max_leaves=7,
)


@given(st.lists(st.tuples(*[st.tuples(TOPS, BOTTOMS, KNOWN)] * 4), max_size=4), TREES)
@example([((0, 1, True), (0, 1, False), (10**15 - 1, 1, True), (0, 1, True))], ("add", 1, 2))
def test_operations_on_what_operations_made(
    rows: list[tuple[tuple[int, int, bool], ...]], tree: Any
) -> None:
    """Whatever the columns have become by then."""

    def by_columns(tree: Any) -> Rationals:
        if isinstance(tree, int):
            return made([row[tree] for row in rows])
        name, first, second = tree
        return OPERATIONS[name][0](by_columns(first), by_columns(second))

    def by_row(tree: Any, row: tuple[tuple[int, int, bool], ...]) -> Fraction | None:
        if isinstance(tree, int):
            top, bottom, known = row[tree]
            return Fraction(top, bottom) if known else None
        name, first, second = tree
        one, other = by_row(first, row), by_row(second, row)
        return None if one is None or other is None else OPERATIONS[name][1](one, other)

    values = by_columns(tree)
    exact = [by_row(tree, row) for row in rows]
    assert told(values) == exact
    for scale in (1, 100, 10**6):
        floors = [None if value is None else math.floor(value * scale) for value in exact]
        nearest = [None if value is None else half_away(value * scale) for value in exact]
        for rounded, wanted in ((rationals.floor, floors), (rationals.half_up, nearest)):
            if all(number is None or abs(number) <= MAX_TOTAL_FEN for number in wanted):
                got = rounded(values, scale)
                assert got.dtype == np.int64
                pairs_of = zip(got.tolist(), wanted, strict=True)
                assert [n if w is not None else None for n, w in pairs_of] == wanted


def half_away(value: Fraction) -> int:
    """Return the nearest integer, halves away from zero."""
    size = math.floor(abs(value) + Fraction(1, 2))
    return -size if value < 0 else size


@pytest.mark.parametrize("rounded", [rationals.floor, rationals.half_up])
def test_what_no_result_holds_is_refused(rounded: Any) -> None:
    for sign in (1, -1):
        assert rounded(made([(sign * MAX_TOTAL_FEN, 1, True)]), 1).tolist() == [
            sign * MAX_TOTAL_FEN
        ]
        for top, scale in ((MAX_TOTAL_FEN + 1, 1), (MAX_INT64, 100)):
            with pytest.raises(TooLarge):
                rounded(made([(sign * top, 1, True)]), scale)


@given(st.lists(st.integers(0, MAX_TOTAL_FEN), max_size=12))
@example([MAX_TOTAL_FEN])
@example([MAX_TOTAL_FEN, 1])
@example([10**17] * 10)
def test_amounts_may_be_added_up_if_a_result_holds_their_sum(amounts: list[int]) -> None:
    column = np.array(amounts, dtype=np.int64)
    if sum(amounts) <= MAX_TOTAL_FEN:
        assert rationals.summable(column).tolist() == amounts
    else:
        with pytest.raises(TooLarge):
            rationals.summable(column)


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=6, min_value=-(10**16), max_value=10**16
    ),
    st.integers(0, 3),
)
@example(Decimal("1e16"), 1)
def test_constants(number: Decimal, rows: int) -> None:
    assert told(rationals.constant(number, rows)) == [Fraction(number)] * rows


def test_a_denominator_of_zero_is_not_known() -> None:
    columns = np.array([1, 0, 5]), np.array([0, 0, 2])
    values = rationals.rationals(*columns, np.array([True, True, True]))
    assert told(values) == [None, None, Fraction(5, 2)]
    assert values.at(2) == Fraction(5, 2)
