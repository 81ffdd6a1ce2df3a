"""Figures of several institutions: totals and places, against a reading row by row."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.columns import Integers
from compensation.money import MAX_TOTAL_FEN
from compensation.policy.model import Operation
from compensation.rules.quantities import Evaluator
from compensation.rules.rationals import TooLarge
from compensation.rules.variables import Variable
from compensation.schema.column import ColumnType
from tests.rules.naive import integers
from tests.rules.policies import policy_with_series

POLICY = policy_with_series()
FEN, CITY, PART, RATE = (
    f"institutions.{name}" for name in ("opening_balance", "city", "part", "rate")
)
HALF, COUNT = "indicator.opening_borrowers", "indicator.closing_borrowers"
Row = tuple[int | None, int | None, int | None]
"""Fen, and the places of city and part among their words; None: blank."""
ROWS = st.lists(
    st.tuples(
        st.none() | st.sampled_from([0, 1, 333, 10**12]) | st.integers(0, 10),
        st.none() | st.integers(0, 2),
        st.none() | st.integers(0, 1),
    ),
    max_size=8,
)


def column(cells: list[int | None], kind: ColumnType, below: int | None = None) -> Variable:
    known = np.array([cell is not None for cell in cells], dtype=np.bool_)
    numbers: Integers = integers([cell or 0 for cell in cells])
    return Variable(numbers, known, None if below is None else np.full_like(numbers, below), kind)


def computed(rows: list[Row], operation: Operation) -> list[Fraction | None]:
    fen, cities, parts = ([row[place] for row in rows] for place in range(3))
    variables = {
        "indicator.closing_balance": column(fen, ColumnType.MONEY),
        # The same figures as ratios whose denominators are no power of ten.
        "indicator.payout_rate": column(fen, ColumnType.SHARE, 7),
        # And as counts: a coarser one of the same figures, and the part.
        HALF: column([None if cell is None else cell // 4 for cell in fen], ColumnType.COUNT),
        COUNT: column(parts, ColumnType.COUNT),
        CITY: column(cities, ColumnType.TEXT),
        PART: column(parts, ColumnType.TEXT),
    }
    own = Evaluator(POLICY, variables, len(rows))
    values = own.compute(operation).values
    return [values.at(row) if values.known[row] else None for row in range(len(rows))]


def group(rows: list[Row], row: Row, per: tuple[str, ...]) -> list[Row] | None:
    """Return the rows of a row's group; None where it is in none."""

    def key(of: Row) -> list[int | None]:
        return [{CITY: of[1], PART: of[2]}[name] for name in per]

    return None if None in key(row) else [other for other in rows if key(other) == key(row)]


PER = st.sampled_from([(), (CITY,), (CITY, PART)])


@given(ROWS, PER)
def test_a_total_is_that_of_the_group(rows: list[Row], per: tuple[str, ...]) -> None:
    amounts = computed(rows, Operation(total="indicator.closing_balance", per=per))
    counts = computed(rows, Operation(total=Decimal(1), per=per))
    for row, amount, count in zip(rows, amounts, counts, strict=True):
        own = group(rows, row, per)
        if own is None:
            assert (amount, count) == (None, None)
            continue
        assert count == len(own)
        known = [fen for fen, *_ in own if fen is not None]
        assert amount == (Fraction(sum(known), 100) if len(known) == len(own) else None)


@given(ROWS, PER)
def test_a_place_is_one_more_than_there_are_larger_ones(
    rows: list[Row], per: tuple[str, ...]
) -> None:
    for name in ("indicator.closing_balance", "indicator.payout_rate"):
        for row, place in zip(rows, computed(rows, Operation(rank=name, per=per)), strict=True):
            own = group(rows, row, per)
            if own is None or row[0] is None:
                assert place is None
            else:
                assert place == 1 + sum(1 for fen, *_ in own if fen is not None and fen > row[0])


@given(ROWS, PER)
def test_ties_are_broken_by_what_is_named_next(rows: list[Row], per: tuple[str, ...]) -> None:
    then = ("indicator.closing_balance", COUNT)
    places = computed(rows, Operation(rank=HALF, then=then, per=per))
    for row, place in zip(rows, places, strict=True):
        own = group(rows, row, per)
        if own is None or row[0] is None or row[2] is None:
            assert place is None
            continue
        known = [(fen, part) for fen, _, part in own if fen is not None and part is not None]
        keys = [(fen // 4, fen, part) for fen, part in known]
        assert place == 1 + sum(key > (row[0] // 4, row[0], row[2]) for key in keys)


def test_a_total_too_large_for_a_result() -> None:
    most: list[Row] = [(MAX_TOTAL_FEN - 1, 0, 0), (1, 0, 0)]
    total = Operation(total="indicator.closing_balance", per=())
    assert computed(most, total)[0] == Fraction(MAX_TOTAL_FEN, 100)
    with pytest.raises(TooLarge):
        computed([*most, (1, 0, 0)], total)
