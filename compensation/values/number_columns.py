"""Columns of numbers, in long strides; see `numbers` for what they accept."""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import arrow, flags, stored, text_memory
from compensation.money import MAX_FEN, Flags, Integers
from compensation.values.columns import Cells, Part, Reading, bytes_where
from compensation.values.kinds import Kind
from compensation.values.numbers import (
    YUAN,
    Measure,
    in_units,
    units_of_number,
    units_of_text,
)

QUICK_DIGITS = 15
"""Texts of up to 15 digits take the quick paths."""
_WAN_YUAN = in_units(10_000)


def read_numbers(cells: Cells, rows: int, measure: Measure) -> Reading:
    """Return the numbers of a column in units of the measure; nothing else passes for a number."""
    reading = Reading.blank(rows)
    if cells.text is not None:
        _read_texts(reading, cells.text, measure)
    if cells.number is not None:
        values, exact = whole_units(cells.number.cells, measure)
        exact &= cells.number.filled
        reading.accept(exact, values)
        odd = np.flatnonzero(cells.number.filled & ~exact)
        reading.judge(cells.number, odd, partial(units_of_number, measure=measure))
    for part in (cells.moment, cells.boolean):
        if part is not None:
            reading.refuse(Kind.NOT_A_NUMBER, part.rows())
    return reading


_DIGIT_OR_POINT = bytes_where(b"0123456789.")


def _read_texts(reading: Reading, part: Part, measure: Measure) -> None:
    """Read texts: plain digits first, then grouped ones, and what is left one by one."""
    left = _read_plain(reading, part, measure)
    if measure.two_ways and len(left):
        starts, ends, content = text_memory(part.cells)
        in_doubt = _in_two_ways(starts[left], ends[left], content)
        reading.judge(part, left[in_doubt], partial(units_of_text, measure=measure))
        left = left[~in_doubt]
    left = _read_matching(reading, part, left, f"^{_digits(measure)}$", measure)
    if measure.currency:
        for unit, named in ((measure, ""), (_WAN_YUAN, r"\s*万元?"), (YUAN, r"\s*元")):
            number = f"({_digits(unit)}|{_groups(unit)})"
            if named and unit == YUAN:  # 19.000元 may be read in two ways
                number = number.replace(_decimals(YUAN), r"(\.[0-9]{1,2}|\.[0-9]{2}0{2,12})?")
            left = _read_matching(reading, part, left, rf"^([¥￥]\s*)?{number}{named}$", unit)
    else:
        left = _read_matching(reading, part, left, f"^{_groups(measure)}$", measure)
    reading.judge(part, left, partial(units_of_text, measure=measure))


def _in_two_ways(starts: Integers, ends: Integers, content: npt.NDArray[np.uint8]) -> Flags:
    """Return which texts may be read in two ways: those to look at one by one; see `numbers`."""
    if not len(content):
        return np.zeros(len(starts), np.bool_)
    doubtful: Flags = content.take(starts, mode="clip") == ord("0")
    doubtful |= content.take(ends - 4, mode="wrap") == ord(".")
    rows = np.flatnonzero(doubtful)
    lengths = ends[rows] - starts[rows]
    first, second = (content.take(starts[rows] + place, mode="clip") for place in (0, 1))
    zero = (lengths > 1) & (first == ord("0")) & (second != ord("."))
    thousands, point = (content.take(ends[rows] - place, mode="wrap") for place in (8, 4))
    long = (lengths > 7) & (thousands - np.uint8(ord("0")) < 10)
    doubtful[rows] = zero | ((lengths > 4) & ~long & (first != ord("0")) & (point == ord(".")))
    return doubtful


def _digits(measure: Measure) -> str:
    """Return the pattern of plain digits, no more of them than the quick paths hold."""
    return rf"(0|[1-9][0-9]{{0,{QUICK_DIGITS - measure.places - 1}}}){_decimals(measure)}"


def _groups(measure: Measure) -> str:
    """Return the pattern of as many digits in groups of three."""
    further = (QUICK_DIGITS - measure.places) // 3 - 1
    return rf"(0|[1-9][0-9]{{0,2}}(,[0-9]{{3}}){{0,{further}}}){_decimals(measure)}"


def _decimals(measure: Measure) -> str:
    """Return the pattern of decimals, if any.

    Closing zeros past the last unit, as in 100.0000, are bounded so that a decimal128 holds all.
    """
    return rf"(\.[0-9]{{1,{measure.places}}}0{{0,12}})?" if measure.places else r"(\.0{1,12})?"


def _read_plain(reading: Reading, part: Part, measure: Measure) -> Integers:
    """Accept texts of digits and a point, no more than 15 together; return the rows left.

    The float nearest to such a number shows it at 15 digits, so it says what the text says; see
    `_units_of_floats`.
    """
    rows = part.rows()
    texts = part.cells if len(rows) == len(part.cells) else part.cells.take(arrow(rows))
    starts, ends, content = text_memory(texts)
    plain = ends - starts <= QUICK_DIGITS
    if measure.two_ways:
        plain &= ~_in_two_ways(starts, ends, content)
    strange = ~_DIGIT_OR_POINT[content[starts[0] : ends[-1]]]
    if strange.any():
        so_far = np.concatenate([[0], np.cumsum(strange)])
        plain &= so_far[ends - starts[0]] == so_far[starts - starts[0]]
    if not plain.all():
        rows, texts = rows[plain], texts.filter(arrow(plain))
    try:
        values, exact = whole_units(texts.cast(pa.float64()), measure)
    except pa.ArrowInvalid:  # two points, or nothing but one
        return part.rows()
    reading.values[rows[exact]] = values[exact]
    reading.known[rows[exact]] = True
    return np.flatnonzero(part.filled & ~reading.known)


def _read_matching(
    reading: Reading, part: Part, rows: Integers, pattern: str, measure: Measure
) -> Integers:
    """Accept those of the rows that match the pattern; return the rows that are left."""
    if not len(rows):
        return rows
    texts = part.cells if len(rows) == len(part.cells) else part.cells.take(arrow(rows))
    matching = pc.match_substring_regex(texts, pattern)
    match = flags(matching)
    if not match.all():
        texts = texts.filter(matching)
    texts = pc.replace_substring_regex(texts, r"[^0-9.]", "")
    values = stored(texts.cast(pa.decimal128(38, measure.places)), "<i8", 2)[::2]
    fine = values <= measure.largest
    match[match] = fine
    reading.values[rows[match]] = values[fine]
    reading.known[rows[match]] = True
    return rows[~match]


def whole_units(numbers: pa.Array, measure: Measure) -> tuple[Integers, Flags]:
    """Return the units of each number and where they are certain; the rest is for `units_of`.

    What lies under a null is no better than any other number.
    """
    kind = numbers.type
    if pa.types.is_float64(kind):
        return _units_of_floats(numbers, measure)
    if pa.types.is_uint64(kind):
        values = stored(numbers, np.uint64)
        small = values <= np.uint64(MAX_FEN)
        return _scaled(values.astype(np.int64), small, measure.places, measure)
    if pa.types.is_int64(kind):
        values = stored(numbers, np.int64)
        return _scaled(values, np.ones(len(values), np.bool_), measure.places, measure)
    assert pa.types.is_decimal(kind), kind
    words = kind.bit_width // 64
    stride = stored(numbers, "<i8", words)
    values = stride[::words]
    fits = np.ones(len(values), np.bool_)
    for word in range(1, words):  # the higher words of a number that fits an int64 are its sign
        fits &= stride[word::words] == values >> 63
    return _scaled(values, fits, measure.places - kind.scale, measure)


def _scaled(
    values: Integers, usable: Flags, shift: int, measure: Measure
) -> tuple[Integers, Flags]:
    """Return values · 10^shift and where, among the usable, that is a whole number in range."""
    if shift >= 0:
        factor = 10 ** min(shift, QUICK_DIGITS + 1)  # beyond, nothing but 0 is in range
        fine = usable & (values >= 0) & (values <= measure.largest // factor)
        return np.where(fine, values, 0) * factor, fine
    divisor = 10 ** min(-shift, 18)
    units = values // divisor
    whole = units * divisor == values
    if -shift > 18:
        whole &= values == 0
    return units, usable & whole & (units >= 0) & (units <= measure.largest)


_BLOCK = 1 << 16
_HALF_A_DIGIT = 3.5e-16


def _units_of_floats(numbers: pa.Array, measure: Measure) -> tuple[Integers, Flags]:
    """Return the units that each float shows at 15 significant digits, and where that is certain.

    Let x be a decimal with c = x · 10^places a whole number below 10^15, so that x has at most 15
    digits. Decimals of 15 digits lie at least 10^-15 · x apart around x, so every float nearer to
    x than half of that, 5·10^-16 · x, shows x. The float nearest to x, which the division
    c / 10^places gives (both are exact as floats), is at most 2^-53 · x ≈ 1.1·10^-16 · x away; a
    float within 3.5·10^-16 of it, relatively, is within 4.7·10^-16 · x of x. (The subtraction of
    two floats so near to each other is exact.) So what is certain here is what 15 digits say, the
    dust of a sum such as 0.1 + 0.2 included; all others are looked at digit by digit.
    """
    floats = stored(numbers, np.float64)
    values = np.zeros(len(floats), np.int64)
    certain = np.zeros(len(floats), np.bool_)
    scale = float(10**measure.places)
    with np.errstate(all="ignore"):  # infinities and NaN are not certain, and so end up as faults
        for start in range(0, len(floats), _BLOCK):  # blocks stay in the processor's cache
            value = floats[start : start + _BLOCK]
            units = np.rint(value * scale)
            fine = np.abs(value - units / scale) <= _HALF_A_DIGIT * np.abs(value)
            fine &= (units >= 0) & (units <= measure.largest)
            values[start : start + _BLOCK] = np.where(fine, units, 0)
            certain[start : start + _BLOCK] = fine
    return values, certain
