"""Columns between Arrow and numpy: as Arrow itself would make them, slices and nulls included."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compensation import arrays
from compensation.arrays import arrow, flags, stored, text_scalar

WIDTHS = {"int8": 7, "int32": 31, "int64": 63, "date32": 31}
texts = st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=5))


@st.composite
def columns(draw: st.DrawFn, cell: st.SearchStrategy[Any]) -> tuple[list[Any], slice]:
    """Values with nulls among them, and a part of them to look at."""
    values = draw(st.lists(st.none() | cell, max_size=40))
    start = draw(st.integers(0, len(values)))
    return values, slice(start, draw(st.integers(start, len(values))))


def part_of(values: list[Any], part: slice, kind: pa.DataType) -> pa.Array:
    """An Arrow array as a slice of a longer one, made in pyarrow's own way."""
    return pa.array(values, kind).slice(part.start, part.stop - part.start)


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(WIDTHS))
@given(st.data())
def test_numbers_are_what_arrow_says(kind: str, data: st.DataObject) -> None:
    most = 2 ** WIDTHS[kind]
    values, part = data.draw(columns(st.integers(-most, most - 1)))
    signed = pa.array(values, f"int{WIDTHS[kind] + 1}")
    array = signed.view(kind).slice(part.start, part.stop - part.start)
    blank = data.draw(st.integers(-most, most - 1))
    wanted = [blank if value is None else value for value in values[part]]
    assert arrays.numbers(array, blank).tolist() == wanted
    assert arrays.numbers(array).dtype.itemsize * 8 == array.type.bit_width
    assert arrays.known(array).tolist() == array.is_valid().to_pylist()


@given(columns(st.booleans()))
@example(([True, False, None] * 20, slice(9, 50)))
def test_flags_are_what_arrow_says(column: tuple[list[bool | None], slice]) -> None:
    values, part = column
    array = part_of(values, part, pa.bool_())
    assert flags(array).dtype == arrays.known(array).dtype == np.bool_
    assert flags(array).tolist() == [value is True for value in values[part]]
    assert arrays.known(array).tolist() == [value is not None for value in values[part]]
    # As a calculation leaves them: a null may have any bit below it.
    assert flags(pc.invert(array)).tolist() == [value is False for value in values[part]]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["int8", "int32", "int64", "uint64", "float64", "bool"])
@given(st.data())
def test_there_and_back(kind: str, data: st.DataObject) -> None:
    values, part = data.draw(columns(st.booleans() if kind == "bool" else st.integers(0, 127)))
    known = np.array([value is not None for value in values[part]], np.bool_)
    step = data.draw(st.sampled_from([1, 2, -1]))
    numbers = np.array([value or 0 for value in values[part]], kind)[::step]
    array = arrow(numbers, known[::step])
    array.validate(full=True)
    assert array.equals(pa.array(values[part][::step], numbers.dtype.name))
    assert arrow(numbers).equals(pa.array(numbers))
    if kind != "bool":
        assert arrays.numbers(array).tolist() == [value or 0 for value in values[part][::step]]


def test_numbers_without_nulls_are_not_copied() -> None:
    numbers = np.arange(5)
    array = arrow(numbers)
    assert np.shares_memory(arrays.numbers(array[1:]), numbers)
    assert np.shares_memory(stored(array, np.int64), numbers)
    with pytest.raises(ValueError, match="read-only"):
        arrays.numbers(array)[0] = 7


@pytest.mark.parametrize("kind", [pa.int8(), pa.int64(), pa.date32()])
def test_nothing_but_nulls(kind: pa.DataType) -> None:
    assert arrays.numbers(pa.nulls(9, kind), -1).tolist() == [-1] * 9
    assert arrays.numbers(pa.nulls(0, kind), -1).tolist() == []
    assert arrays.known(pa.nulls(9, kind)).tolist() == [False] * 9
    assert flags(pa.nulls(9, pa.bool_())).tolist() == [False] * 9
    assert flags(pa.nulls(0, pa.bool_())).tolist() == []


@given(texts)
def test_texts_are_what_arrow_makes_of_them(words: list[str | None]) -> None:
    array = arrays.texts(words)
    array.validate(full=True)
    assert array.equals(pa.array(words, pa.string()))
    for word in words:
        for kind in (pa.string(), pa.large_string()):
            assert text_scalar(word, kind).equals(pa.scalar(word, kind))


@given(st.lists(st.none() | st.dates()))
def test_days_are_what_arrow_makes_of_them(values: list[date | None]) -> None:
    known = np.array([day is not None for day in values], np.bool_)
    array = arrays.days([day or date.max for day in values], known)
    array.validate(full=True)
    assert array.equals(pa.array(values, pa.date32()))


@given(st.lists(st.none() | st.datetimes()))
def test_moments_are_what_arrow_makes_of_them(values: list[datetime | None]) -> None:
    known = np.array([moment is not None for moment in values], np.bool_)
    array = arrays.moments([moment or datetime.max for moment in values], known)  # noqa: DTZ901
    array.validate(full=True)
    assert array.equals(pa.array(values, pa.timestamp("us")))
