from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compensation.schema.column import Column
from tests.ledger.one_column import COUNT, DECIMAL, MONEY, SHARE, meaning, numbers, padded, texts

MAX_FEN = 999_999_999_999_999
TEN_THOUSAND = 10_000
UNITS = [1, 1_000, TEN_THOUSAND, 10**5, 10**6, 10**7, 10**8]
fen = st.one_of(st.integers(0, MAX_FEN), st.integers(0, 10_000), st.integers(MAX_FEN - 9, MAX_FEN))
columns_of_fen = st.lists(fen, min_size=1, max_size=20)


# An oracle of its own: no regular expressions, no floats, one character after another.


def whole_units(value: Fraction, scale: int, largest: int) -> int | None:
    """Return value · scale if it is a whole number from 0 to the largest."""
    units = value * scale
    return int(units) if units.denominator == 1 and 0 <= units <= largest else None


def all_digits(text: str) -> bool:
    return all(character in "0123456789" for character in text)


def number_in(text: str) -> Fraction | None:
    """Return the number that a text writes out, or None."""
    sign = -1 if text.startswith("-") else 1
    if text[:1] in ("+", "-"):
        text = text[1:]
    whole, _, fraction = text.partition(".")
    first, *groups = whole.split(",")
    if groups and not (1 <= len(first) <= 3 and all(len(group) == 3 for group in groups)):
        return None
    if groups and first[0] == "0":  # 0,500 may be a half
        return None
    digits = first + "".join(groups) + fraction
    if not digits or not all_digits(digits):
        return None
    return sign * Fraction(int(digits), 10 ** len(fraction))


def usual_width(text: str) -> str:
    """Return the text with its full-width characters in the usual width, by name."""
    wide = "０１２３４５６７８９，．－＋￥％　ＥｅＮ"
    usual = "0123456789,.-+¥% EeN"
    return "".join(usual[wide.index(c)] if c in wide else c for c in text)


def in_thousands(text: str) -> bool:
    """Return whether a number may have a point between its thousands: 19.000, 1.230."""
    whole, _, rest = text.partition(".")
    few = 1 <= len(whole) <= 3 and len(rest) == 3 and rest[-1] == "0" and whole[0] != "0"
    return few and all_digits(whole + rest)


def money_in(text: str, unit: int) -> int | None:
    text = usual_width(text).strip(" \t\u200b\xa0")
    whole, point, rest = text.partition(".")
    zeros = len(whole) > 1 and whole[0] == "0" and all_digits(whole + rest)
    if unit == 1 and zeros and (not point or len(whole) == 3):
        return None
    if text.startswith("¥"):
        text = text[1:].lstrip(" \t\xa0")
    named = text.endswith("元")
    if named:
        text = text[:-1].rstrip(" \xa0")
    if unit == 1 and in_thousands(text):
        return None
    if named:
        unit = 1
    value = number_in(text)
    return None if value is None else whole_units(value, 100 * unit, MAX_FEN)


def share_in(text: str) -> int | None:
    text = usual_width(text).strip(" \t\u200b\xa0")
    scale = 1_000_000
    if text.endswith("%"):
        text, scale = text[:-1].rstrip(" \t\xa0"), 10_000
    value = number_in(text)
    return None if value is None else whole_units(value, scale, 1_000_000)


scraps = st.text("0123456789,.¥￥-+ eE%０１９，．％\u3000\xa0\tN²½٣_'", min_size=1, max_size=14)
written = st.builds(
    lambda prefix, whole, comma, point, decimals, suffix: (
        prefix + (f"{whole:,}" if comma else str(whole)) + point + decimals + suffix
    ),
    st.sampled_from(["", "¥", "￥", "¥ ", "-", "+", "\u3000", "-¥", "¥-", "0", "00000000000000"]),
    st.one_of(st.integers(0, 2000), st.integers(0, 10**14)),
    st.booleans(),
    st.sampled_from(["", ".", ".", "．", ","]),
    st.text("0123456789０", max_size=8) | st.sampled_from(["0", "00000000", "5000000000000000"]),
    st.sampled_from(["", " ", "\xa0", "%", "％", " %", "元", "E2", "\u200b"]),
)
cells = st.lists(
    (scraps | written).filter(lambda text: text.strip(" \t\u3000\xa0\u200b")), min_size=1
)


@given(cells, st.sampled_from(UNITS))
@example(["9,999,999,999,999.99", "10,000,000,000,000.00", "12,34"], 1)
@example(["9999999999999.99", "999999999999.99", "999999999999.990", "10000000000000"], 1)
@example(
    ["0.005", "0.01", "100.0000", "100.00000000001", "100.000000000001", "00000000000000.1"], 1
)
@example(["1.2.3", "1.2"], 1)
@example([".", "1.2"], 1)
@example(
    [
        "19.000",
        "¥19.000",
        "￥ 1.230",
        "0.500",
        "1234.000",
        "19.0000",
        "19.001",
        "5.000元",
        "5.00元",
    ],
    1,
)
@example(["000", "012", "00", "0", "0.00", "000.00", "007.50", "07.50", "¥012", "019000"], 1)
@example(["19.000", "012"], TEN_THOUSAND)
@example(["100.1234元", "100.1200元", "100.12000元", "100.123元"], 1)
@example(["100.1234元", "0,500万元", "0,500", "1.1234"], TEN_THOUSAND)
@example(["1.", ".5", "0", "0.", ".00"], TEN_THOUSAND)
def test_a_text_is_an_amount_exactly_if_the_oracle_says_so(cells: list[str], unit: int) -> None:
    outcome = meaning(MONEY, unit, text=pa.array(cells))
    assert outcome.values == [money_in(cell, unit) for cell in cells]
    assert [row in outcome.kinds for row in range(len(cells))] == [
        value is None for value in outcome.values
    ]


@given(cells)
def test_a_text_is_a_share_exactly_if_the_oracle_says_so(cells: list[str]) -> None:
    outcome = meaning(SHARE, text=pa.array(cells))
    assert outcome.values == [share_in(cell) for cell in cells]
    assert outcome.kinds.keys() == {r for r, v in enumerate(outcome.values) if v is None}


@pytest.mark.slow
@given(columns_of_fen)
def test_every_amount_comes_back_from_text(amounts: list[int]) -> None:
    yuan = [Decimal(amount).scaleb(-2) for amount in amounts]
    wan = [Decimal(amount).scaleb(-6) for amount in amounts]
    for form in ("f", ",f", ".4f", ".2f"):
        assert texts(MONEY, [format(y, form) for y in yuan]) == amounts
        assert texts(MONEY, [f" ￥{format(y, form)}\u3000" for y in yuan]) == amounts
    for form in ("f", ",f", ".6f", ".9f"):
        assert texts(MONEY, [format(w, form) for w in wan], TEN_THOUSAND) == amounts


@given(columns_of_fen, st.data())
def test_every_amount_comes_back_from_numbers(amounts: list[int], data: st.DataObject) -> None:
    unit = data.draw(st.sampled_from(UNITS))
    places = 1 + len(str(unit))
    exact = [Decimal(amount).scaleb(-places) for amount in amounts]
    assert numbers(MONEY, [float(value) for value in exact], pa.float64(), unit) == amounts
    scale = data.draw(st.integers(places, 22))
    assert numbers(MONEY, exact, pa.decimal128(38, scale), unit) == amounts
    scale = data.draw(st.integers(places, 60))
    assert numbers(MONEY, exact, pa.decimal256(76, scale), unit) == amounts
    whole = [amount // (100 * unit) for amount in amounts]
    for kind in (pa.int64(), pa.uint64(), pa.decimal128(38, 0)):
        assert numbers(MONEY, whole, kind, unit) == [yuan * 100 * unit for yuan in whole]


@given(st.lists(st.integers(-(10**18), 10**18), min_size=1), st.integers(-3, 12), st.data())
def test_a_decimal_is_taken_by_its_value(
    unscaled: list[int], scale: int, data: st.DataObject
) -> None:
    column, unit, factor, largest = data.draw(
        st.sampled_from(
            [
                (MONEY, 1, 100, MAX_FEN),
                (MONEY, TEN_THOUSAND, 10**6, MAX_FEN),
                (COUNT, 1, 1, MAX_FEN),
                (SHARE, 1, 10**6, 10**6),
                (DECIMAL, 1, 10**4, MAX_FEN),
            ]
        )
    )
    if data.draw(st.booleans()):  # many amounts are whole; draw some that are
        unscaled = [number * 10 ** max(scale - 2, 0) % 10**18 for number in unscaled]
    values = [Decimal(number).scaleb(-scale) for number in unscaled]
    expected = [whole_units(Fraction(value), factor, largest) for value in values]
    for kind in (pa.decimal128(38, scale), pa.decimal256(60, scale)):
        array = pa.array(values, kind)
        assert meaning(column, unit, number=array).values == expected
        assert meaning(column, unit, number=padded(array)).values == expected


def shown_at_15_digits(value: float, scale: int, largest: int) -> int | None:
    return whole_units(Fraction(f"{value:.15g}"), scale, largest)


floats = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(0, 1e13),
    st.floats(0, 1),
    fen.map(lambda amount: amount / 100),
    fen.map(lambda amount: amount / 1000),
)


@given(st.lists(floats, min_size=1))
@example([0.1 + 0.2, -0.0, 5e-324, 9999999999999.99, 1e13, 100.005, 0.07 * 100])
def test_a_float_stands_for_its_15_digits(values: list[float]) -> None:
    for column, unit, scale, largest in (
        (MONEY, 1, 100, MAX_FEN),
        (MONEY, TEN_THOUSAND, 10**6, MAX_FEN),
        (COUNT, 1, 1, MAX_FEN),
        (SHARE, 1, 10**6, 10**6),
        (DECIMAL, 1, 10**4, MAX_FEN),
    ):
        array = pa.array(values, pa.float64())
        expected = [shown_at_15_digits(value, scale, largest) for value in values]
        assert meaning(column, unit, number=array).values == expected
        assert meaning(column, unit, number=padded(array)).values == expected


@given(fen, st.sampled_from(UNITS))
@example(MAX_FEN, 1)
@example(10**14, 1)
@example(10**14 + 1, TEN_THOUSAND)
@example(1, 1)
def test_dust_on_a_float_is_told_from_a_digit(amount: int, unit: int) -> None:
    """Floats a few steps from an amount: those that show it are it, the next ones are not."""
    scale = 100 * unit
    value = np.float64(amount / scale)
    steps = np.arange(-40, 41) * np.spacing(value)
    near = (value + steps).tolist()
    expected = [shown_at_15_digits(float(each), scale, MAX_FEN) for each in near]
    assert meaning(MONEY, unit, number=pa.array(near)).values == expected
    assert expected[40] == amount


TEXT_FORMS: list[tuple[Column, int, str, Any]] = [
    (MONEY, 1, "0", 0),
    (MONEY, 1, "-0", 0),
    (MONEY, 1, "-0.00", 0),
    (MONEY, 1, "+5", 500),
    (MONEY, 1, "0.01", 1),
    (MONEY, 1, "-0.01", "negative"),
    (MONEY, 1, "0.001", "too_many_decimals"),
    (MONEY, 1, "100.0000", 10_000),
    (MONEY, 1, "100.00" + "0" * 60, 10_000),
    (MONEY, 1, "100.005", "too_many_decimals"),
    (MONEY, 1, "100.0000000000000001", "too_many_decimals"),
    (MONEY, 1, "9999999999999.98", MAX_FEN - 1),
    (MONEY, 1, "9999999999999.99", MAX_FEN),
    (MONEY, 1, "9,999,999,999,999.99", MAX_FEN),
    (MONEY, 1, "¥9,999,999,999,999.9900", MAX_FEN),
    (MONEY, 1, "0000009999999999999.99", MAX_FEN),
    (MONEY, 1, "9999999999999.991", "too_large"),
    (MONEY, 1, "10000000000000", "too_large"),
    (MONEY, 1, "10,000,000,000,000.00", "too_large"),
    (MONEY, 1, "1" + "0" * 99, "too_large"),
    (MONEY, 1, "1" + "0" * 100, "too_long"),
    (MONEY, 1, "0." + "0" * 98, 0),
    (MONEY, 1, "0." + "0" * 99, "too_long"),
    (MONEY, 1, "  1" + " " * 200, 100),
    (MONEY, 1, "¥" + " " * 98 + "1", 100),
    (MONEY, 1, "¥" + " " * 99 + "1", "too_long"),
    (MONEY, 1, "１" * 100, "too_large"),
    (MONEY, 1, "１" * 101, "too_long"),
    (MONEY, 1, "184467440737095517.16", "too_large"),  # 2^64 + 100 fen
    (MONEY, 1, "184,467,440,737,095,517.16", "too_large"),
    (MONEY, 1, "1,234.5", 123_450),
    (MONEY, 1, "0,123", "misplaced_separator"),
    (MONEY, 1, "007,500", "misplaced_separator"),
    (MONEY, 1, "12,34", "misplaced_separator"),
    (MONEY, 1, "1234,567", "misplaced_separator"),
    (MONEY, 1, ",123", "misplaced_separator"),
    (MONEY, 1, "1,234,", "misplaced_separator"),
    (MONEY, 1, "1.234,5", "misplaced_separator"),
    (MONEY, 1, "1,234.567,8", "misplaced_separator"),
    (MONEY, 1, "¥1,234.50", 123_450),
    (MONEY, 1, " ￥ 1,234.50\t", 123_450),
    (MONEY, 1, "¥-5", "negative"),
    (MONEY, 1, "\u3000￥１，２３４．５０\xa0", 123_450),
    (MONEY, 1, "$5", "not_a_number"),
    (MONEY, 1, "¥", "not_a_number"),
    (MONEY, 1, "¥¥5", "not_a_number"),
    (MONEY, 1, "-", "not_a_number"),
    (MONEY, 1, ".", "not_a_number"),
    (MONEY, 1, ",", "not_a_number"),
    (MONEY, 1, ".5", 50),
    (MONEY, 1, "5.", 500),
    (MONEY, 1, "5.0.0", "not_a_number"),
    (MONEY, 1, "--5", "not_a_number"),
    (MONEY, 1, "1 234.50", "not_a_number"),
    (MONEY, 1, "1_000", "not_a_number"),
    (MONEY, 1, "10²", "not_a_number"),
    (MONEY, 1, "٣", "not_a_number"),
    (MONEY, 1, "①", "not_a_number"),
    (MONEY, 1, "0x10", "not_a_number"),
    (MONEY, 1, "40%", "not_a_number"),
    (MONEY, 1, "100元", 10_000),
    (MONEY, 1, "=1+1", "not_a_number"),
    (MONEY, 1, "十", 1_000),
    (MONEY, 1, "5\n", 500),
    (MONEY, 1, "5\n5", "not_a_number"),
    (MONEY, 1, "1.2E+05", "scientific"),
    (MONEY, 1, "1e2", "scientific"),
    (MONEY, 1, "1e400", "scientific"),
    (MONEY, 1, "NaN", "not_finite"),
    (MONEY, 1, "-inf", "not_finite"),
    (MONEY, 1, "Infinity", "not_finite"),
    (MONEY, TEN_THOUSAND, "0.000001", 1),
    (MONEY, TEN_THOUSAND, "0.0000001", "too_many_decimals"),
    (MONEY, TEN_THOUSAND, "1.0000010", 1_000_001),
    (MONEY, TEN_THOUSAND, "500", 500_000_000),
    (MONEY, TEN_THOUSAND, "￥1,234.5", 1_234_500_000),
    (MONEY, TEN_THOUSAND, "999999999.999999", MAX_FEN),
    (MONEY, TEN_THOUSAND, "999,999,999.999999", MAX_FEN),
    (MONEY, TEN_THOUSAND, "1000000000", "too_large"),
    (MONEY, TEN_THOUSAND, "1,000,000,000.00", "too_large"),
    (COUNT, 1, "12", 12),
    (COUNT, 1, "12.0", 12),
    (COUNT, 1, "1,234", 1_234),
    (COUNT, 1, "012", 12),
    (COUNT, 1, "12.5", "not_whole"),
    (COUNT, 1, "-1", "negative"),
    (COUNT, 1, "999999999999999", MAX_FEN),
    (COUNT, 1, "1000000000000000", "too_large"),
    (COUNT, 1, "¥12", "not_a_number"),
    (COUNT, 1, "12人", 12),
    (COUNT, 1, "1,200 户", 1_200),
    (COUNT, 1, "36个月", 36),
    (COUNT, 1, "12.5人", "not_a_number"),
    (COUNT, 1, "12万人", "not_a_number"),
    (COUNT, 1, "约12人", "not_a_number"),
    (COUNT, 1, "1年", "not_a_number"),
    (COUNT, 1, "1E+2", "scientific"),
    (SHARE, 1, "0.4", 400_000),
    (SHARE, 1, "40%", 400_000),
    (SHARE, 1, "40％", 400_000),
    (SHARE, 1, "40.00 %", 400_000),
    (SHARE, 1, "0", 0),
    (SHARE, 1, "1", 1_000_000),
    (SHARE, 1, "1.000000", 1_000_000),
    (SHARE, 1, "100%", 1_000_000),
    (SHARE, 1, "0.000001", 1),
    (SHARE, 1, "0.0001%", 1),
    (SHARE, 1, "0.0000001", "too_many_decimals"),
    (SHARE, 1, "0.00001%", "too_many_decimals"),
    (SHARE, 1, "0.12345600", 123_456),
    (SHARE, 1, "1.000001", "out_of_range"),
    (SHARE, 1, "100.0001%", "out_of_range"),
    (SHARE, 1, "-0.1", "out_of_range"),
    (SHARE, 1, "40", "out_of_range"),
    (SHARE, 1, "1/3", "not_a_number"),
    (SHARE, 1, "%", "not_a_number"),
    (SHARE, 1, "40%%", "not_a_number"),
    (SHARE, 1, "¥0.4", "not_a_number"),
    (DECIMAL, 1, "4.8", 48_000),
    (DECIMAL, 1, "1,085.500", 10_855_000),
    (DECIMAL, 1, "8５.5", 855_000),
    (DECIMAL, 1, "0.0001", 1),
    (DECIMAL, 1, "0.00001", "too_many_decimals"),
    (DECIMAL, 1, "99999999999.9999", MAX_FEN),
    (DECIMAL, 1, "100000000000", "too_large"),
    (DECIMAL, 1, "-0.1", "negative"),
    (DECIMAL, 1, "85.5%", "not_a_number"),
    (DECIMAL, 1, "4.8倍", "not_a_number"),
    (DECIMAL, 1, "¥4.8", "not_a_number"),
]


@pytest.mark.parametrize(("column", "unit", "cell", "expected"), TEXT_FORMS)
def test_forms_of_text(column: Column, unit: int, cell: str, expected: Any) -> None:
    assert texts(column, [cell], unit) == [expected]


@pytest.mark.parametrize("column", [MONEY, COUNT, SHARE, DECIMAL], ids=lambda column: column.name)
def test_a_cell_means_the_same_whatever_stands_around_it(column: Column) -> None:
    rows = [(cell, expected) for c, unit, cell, expected in TEXT_FORMS if c is column and unit == 1]
    assert texts(column, [cell for cell, _ in rows]) == [expected for _, expected in rows]
    array = padded(pa.array([cell for cell, _ in rows]))
    assert meaning(column, text=array).verdicts() == [expected for _, expected in rows]


NUMBER_FORMS: list[tuple[Column, int, pa.DataType, Any, Any]] = [
    (MONEY, 1, pa.float64(), 0.01, 1),
    (MONEY, 1, pa.float64(), -0.01, "negative"),
    (MONEY, 1, pa.float64(), -0.0, 0),
    (MONEY, 1, pa.float64(), 0.001, "too_many_decimals"),
    (MONEY, 1, pa.float64(), 0.1 + 0.2, 30),
    (MONEY, 1, pa.float64(), 1.005, "too_many_decimals"),
    (MONEY, 1, pa.float64(), 120000.0, 12_000_000),
    (MONEY, 1, pa.float64(), 9999999999999.99, MAX_FEN),
    (MONEY, 1, pa.float64(), 1e13, "too_large"),
    (MONEY, 1, pa.float64(), 1e300, "too_large"),
    (MONEY, 1, pa.float64(), float("nan"), "not_finite"),
    (MONEY, 1, pa.float64(), float("inf"), "not_finite"),
    (MONEY, 1, pa.float64(), float("-inf"), "not_finite"),
    (MONEY, 1, pa.float64(), 5e-324, "too_many_decimals"),
    (MONEY, TEN_THOUSAND, pa.float64(), 0.000001, 1),
    (MONEY, TEN_THOUSAND, pa.float64(), 0.0000001, "too_many_decimals"),
    (MONEY, TEN_THOUSAND, pa.float64(), 999999999.999999, MAX_FEN),
    (MONEY, TEN_THOUSAND, pa.float64(), 1e9, "too_large"),
    (MONEY, 1, pa.int64(), 9_999_999_999_999, MAX_FEN - 99),
    (MONEY, 1, pa.int64(), 10_000_000_000_000, "too_large"),
    (MONEY, 1, pa.int64(), 2**63 - 1, "too_large"),
    (MONEY, 1, pa.int64(), -1, "negative"),
    (MONEY, 1, pa.int64(), -(2**63), "negative"),
    (MONEY, 1, pa.uint64(), 2**64 - 1, "too_large"),
    (MONEY, 1, pa.uint64(), 5, 500),
    (MONEY, TEN_THOUSAND, pa.int64(), 999_999_999, 999_999_999_000_000),
    (MONEY, TEN_THOUSAND, pa.int64(), 1_000_000_000, "too_large"),
    (MONEY, 1, pa.decimal32(9, 2), Decimal("0.01"), 1),
    (MONEY, 1, pa.decimal64(18, 3), Decimal("0.010"), 1),
    (MONEY, 1, pa.decimal64(18, 3), Decimal("0.011"), "too_many_decimals"),
    (MONEY, 1, pa.decimal128(38, 2), Decimal(10**35), "too_large"),
    (MONEY, 1, pa.decimal128(38, 2), Decimal(-(10**35)), "negative"),
    (MONEY, 1, pa.decimal128(38, 30), Decimal("0.01"), 1),
    (MONEY, 1, pa.decimal128(38, 30), Decimal("1e-12"), "too_many_decimals"),
    (MONEY, 1, pa.decimal128(38, 38), Decimal("1e-38"), "too_many_decimals"),
    (MONEY, 1, pa.decimal256(76, 20), Decimal(2**64) / 100, "too_large"),
    (MONEY, 1, pa.decimal128(5, -20), Decimal("0"), 0),
    (MONEY, 1, pa.decimal128(5, -20), Decimal("1e20"), "too_large"),
    (COUNT, 1, pa.float64(), 12.0, 12),
    (COUNT, 1, pa.float64(), 12.5, "not_whole"),
    (COUNT, 1, pa.float64(), -1.0, "negative"),
    (COUNT, 1, pa.decimal128(5, 2), Decimal("12.00"), 12),
    (COUNT, 1, pa.int64(), 10**15, "too_large"),
    (SHARE, 1, pa.float64(), 0.4, 400_000),
    (SHARE, 1, pa.float64(), 0.1 + 0.2, 300_000),
    (SHARE, 1, pa.float64(), 1 / 3, "too_many_decimals"),
    (SHARE, 1, pa.float64(), 40.0, "out_of_range"),
    (SHARE, 1, pa.float64(), 1.000001, "out_of_range"),
    (SHARE, 1, pa.int64(), 1, 1_000_000),
    (SHARE, 1, pa.int64(), 2, "out_of_range"),
    (SHARE, 1, pa.decimal128(18, 6), Decimal("0.333333"), 333_333),
    (SHARE, 1, pa.decimal128(18, 7), Decimal("0.3333333"), "too_many_decimals"),
]


@pytest.mark.parametrize(("column", "unit", "kind", "cell", "expected"), NUMBER_FORMS)
def test_forms_of_numbers(
    column: Column, unit: int, kind: pa.DataType, cell: Any, expected: Any
) -> None:
    assert numbers(column, [cell], kind, unit) == [expected]
    assert numbers(column, [None, cell, None], kind, unit) == [None, expected, None]


@pytest.mark.parametrize("column", [MONEY, COUNT, SHARE, DECIMAL], ids=lambda column: column.name)
def test_a_date_or_a_truth_is_no_number(column: Column) -> None:
    assert meaning(column, moment=pa.array([0], pa.date32())).verdicts() == ["not_a_number"]
    assert meaning(column, boolean=pa.array([True])).verdicts() == ["not_a_number"]
