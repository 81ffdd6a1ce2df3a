from __future__ import annotations

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compensation.values.printing import (
    LARGEST,
    amount,
    decimal_column,
    format_scaled,
    percent,
    percent_in_sheet,
    scaled,
)

units = st.one_of(
    st.integers(-LARGEST, LARGEST),
    st.integers(-1000, 1000),
    st.integers(0, 18).map(lambda n: 10**n - 1),
    st.integers(0, 17).map(lambda n: -(10**n)),
)
scales = st.sampled_from([2, 6])


@given(st.lists(units), scales)
@example([0, 1, -1, 5, -5, 10, 99, 100, LARGEST, -LARGEST], 6)
@example([], 2)
def test_decimals_and_texts_say_the_same_number(numbers: list[int], scale: int) -> None:
    array = np.array(numbers, np.int64)
    column = decimal_column(array, scale)
    column.validate(full=True)
    assert column.type == pa.decimal128(18, scale)
    assert column.to_pylist() == [Decimal(number).scaleb(-scale) for number in numbers]
    expected = [
        ("-" if number < 0 else "")
        + str(abs(number) // 10**scale)
        + "."
        + str(abs(number) % 10**scale).zfill(scale)
        for number in numbers
    ]
    assert format_scaled(array, scale).to_pylist() == expected
    assert [scaled(number, scale) for number in numbers] == expected


@given(st.lists(st.tuples(units, st.booleans())), scales)
def test_what_is_not_known_is_null(rows: list[tuple[int, bool]], scale: int) -> None:
    array = np.array([number for number, _ in rows], np.int64)
    known = np.array([known for _, known in rows], np.bool_)
    column = decimal_column(array, scale, known)
    column.validate(full=True)
    assert column.null_count == (~known).sum()
    expected = [Decimal(number).scaleb(-scale) if known else None for number, known in rows]
    assert column.to_pylist() == expected
    assert column.slice(1).to_pylist() == expected[1:]


def test_strides_and_readonly_arrays_do_not_matter() -> None:
    array = np.arange(20, dtype=np.int64)[::-3]
    array.setflags(write=False)
    assert decimal_column(array, 2).to_pylist() == [Decimal(n).scaleb(-2) for n in array.tolist()]


@pytest.mark.parametrize("number", [LARGEST + 1, -LARGEST - 1, 2**63 - 1, -(2**63)])
def test_a_number_of_more_than_18_digits_is_refused(number: int) -> None:
    array = np.array([0, number], np.int64)
    with pytest.raises(ValueError, match="row 1 has more than 18 digits"):
        decimal_column(array, 2)
    with pytest.raises(ValueError, match="row 1 has more than 18 digits"):
        format_scaled(array, 2)
    assert decimal_column(array, 2, np.array([True, False])).to_pylist() == [0, None]


def test_text_is_plain_at_every_scale_that_is_let_through() -> None:
    for scale in range(1, 7):
        assert format_scaled(np.array([1]), scale).to_pylist() == ["0." + "1".zfill(scale)]
    assert format_scaled(np.array([-12]), 0).to_pylist() == ["-12"]
    for scale in (-1, 7):
        with pytest.raises(ValueError, match="scale"):
            format_scaled(np.array([1]), scale)


@given(st.integers(-(10**20), 10**20))
def test_people_read_the_number_that_files_hold(number: int) -> None:
    assert Decimal(amount(scaled(number, 2)).replace(",", "")) == Decimal(scaled(number, 2))
    share = Decimal(scaled(number, 6))
    for text in (percent(share), percent_in_sheet(share)):
        assert Decimal(text.removesuffix("%").replace(",", "")) == Decimal(scaled(number, 4))
    assert "E" not in percent(share)
    assert not percent(share).endswith((".0%", ".%"))
