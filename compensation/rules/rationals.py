"""Exact fractions in columns: what quantities of a policy are computed with.

A column holds a numerator and a denominator for each row. It stays int64 where the products that an
operation needs fit in 63 bits, and becomes an object column of Python integers where they do not,
so that nothing is rounded or wrapped. What stands in a row that is not known means nothing.
"""

from __future__ import annotations

import functools
import math
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from compensation.columns import Flags, Integers, distinct
from compensation.language import Text
from compensation.money import MAX_INT64, MAX_TOTAL_FEN

Whole = npt.NDArray[Any]
"""int64, or an object column of Python integers."""


class TooLarge(OverflowError):
    """A number, or the sum of a column, is beyond what a result holds: 10^18 - 1 units."""

    message: Text = Text(
        "按政策算出的金额或其合计超过 9,999,999,999,999,999.99 元，结果无法容纳",
        "amounts under the policy, or their sum, pass 9,999,999,999,999,999.99 yuan, more than a "
        "result can hold",
    )


class Rationals(NamedTuple):
    """(rows,) fractions; `denominator` > 0. `known`: neither blank nor undefined."""

    numerator: Whole
    denominator: Whole
    known: Flags

    def with_rows(self, rows: Integers, other: Rationals) -> Rationals:
        """Return them with those of others in some rows."""

        def placed(own: npt.NDArray[Any], new: npt.NDArray[Any]) -> npt.NDArray[Any]:
            column = own.astype(np.result_type(own, new))
            column[rows] = new
            return column

        return Rationals(*map(placed, self, other))

    def at(self, row: int) -> Fraction:
        """Return the fraction of a row."""
        return Fraction(int(self.numerator[row]), int(self.denominator[row]))


def rationals(numerator: Whole, denominator: Whole, known: Flags) -> Rationals:
    """Return fractions; those without a denominator are not known."""
    known = known & (denominator != 0)
    if _every(known):
        return Rationals(numerator, denominator, known)
    return Rationals(np.where(known, numerator, 0), np.where(known, denominator, 1), known)


def in_units(count: Whole, units: int, known: Flags) -> Rationals:
    """Return counts of a unit of which ``units`` are 1: fen, millionths."""
    values = count if _every(known) else np.where(known, count, 0)
    return Rationals(values, constant(units, len(count)).numerator, known)


def constant(value: Decimal | int, rows: int) -> Rationals:
    """Return one number for every row."""
    return _constant_of_one(value) if rows == 1 else _constant(value, rows)


@functools.lru_cache(maxsize=1024)
def _constant_of_one(value: Decimal | int) -> Rationals:
    """Return a number for the row of a single case, of which many are asked."""
    return _constant(value, 1)


def _constant(value: Decimal | int, rows: int) -> Rationals:
    top, bottom = Decimal(value).as_integer_ratio()
    kind = np.int64 if max(abs(top), bottom) <= MAX_INT64 else object
    known = np.ones(rows, dtype=np.bool_)
    return Rationals(np.full(rows, top, dtype=kind), np.full(rows, bottom, dtype=kind), known)


def _every(flags: Flags) -> bool:
    if len(flags) == 1:
        return bool(flags[0])
    return bool(flags.all())


def _largest(column: Whole) -> int:
    if len(column) == 1:  # a single case, of which many are asked
        return abs(int(column[0]))
    return int(abs(column).max()) if len(column) else 0


def _wide(*columns: Whole, factor: int = 1) -> tuple[Whole, ...]:
    """Return columns in which the product of all of them, times ``factor``, is exact."""
    bound = factor
    for column in columns:
        bound *= max(_largest(column), 1)
    if bound <= MAX_INT64:
        return columns
    return tuple(column.astype(object) for column in columns)


def _times(first: Whole, second: Whole) -> Whole:
    one, other = _wide(first, second)
    return one * other


def total(first: Rationals, second: Rationals) -> Rationals:
    """Return the sum."""
    one, other, bottom = first.numerator, second.numerator, first.denominator
    if not np.array_equal(bottom, second.denominator):
        one, other = _times(one, second.denominator), _times(other, bottom)
        bottom = _times(bottom, second.denominator)
    if _largest(one) + _largest(other) > MAX_INT64:
        one, other = one.astype(object), other.astype(object)
    return Rationals(one + other, bottom, first.known & second.known)


def over_one_denominator(values: Rationals) -> tuple[Integers, int]:
    """Return the numerators over the least denominator that all values have in common, and it.

    What is not known counts as 0. Raises `TooLarge` where a numerator does not fit in 63 bits.
    """
    found = {int(each) for each in distinct(values.denominator[values.known])}
    common = math.lcm(*found)
    if common > MAX_INT64:
        raise TooLarge
    numerators = np.where(values.known, values.numerator, 0)
    if found - {common}:
        numerators = _times(numerators, common // np.where(values.known, values.denominator, 1))
    if _largest(numerators) > MAX_INT64:
        raise TooLarge
    return numerators.astype(np.int64, copy=False), common


def negative(values: Rationals) -> Rationals:
    """Return the values with the other sign."""
    return values._replace(numerator=-values.numerator)


def product(first: Rationals, second: Rationals) -> Rationals:
    """Return the product."""
    return _reduced(
        Rationals(
            _times(first.numerator, second.numerator),
            _times(first.denominator, second.denominator),
            first.known & second.known,
        )
    )


def quotient(first: Rationals, second: Rationals, *, zero_over_zero: bool = False) -> Rationals:
    """Return the quotient, not known where ``second`` is 0; 0 / 0 is 0 with ``zero_over_zero``."""
    top = _times(first.numerator, second.denominator)
    bottom = _times(first.denominator, second.numerator)
    top, bottom = np.where(bottom < 0, -top, top), abs(bottom)
    known = first.known & second.known
    if zero_over_zero:
        bottom = np.where((top == 0) & (bottom == 0) & known, 1, bottom)
    return _reduced(rationals(top, bottom, known))


def _reduced(values: Rationals) -> Rationals:
    """Return fractions in their lowest terms where they have become wide, else as they are."""
    if values.numerator.dtype != object and values.denominator.dtype != object:
        return values
    top, bottom = values.numerator.astype(object), values.denominator.astype(object)
    shared = np.gcd(top, bottom)
    return Rationals(narrow(top // shared), narrow(bottom // shared), values.known)


def narrow(column: Whole) -> Whole:
    """Return a column as int64 where it fits."""
    return column.astype(np.int64) if _largest(column) <= MAX_INT64 else column


def sign(first: Rationals, second: Rationals) -> Integers:
    """Return the sign of ``first − second``: −1, 0 or 1."""
    one = _times(first.numerator, second.denominator)
    other = _times(second.numerator, first.denominator)
    return ((one > other).astype(np.int64)) - (one < other)


def chosen(takes: Flags, first: Rationals, second: Rationals) -> Rationals:
    """Return the values of ``first`` where ``takes`` says so, else those of ``second``."""
    return Rationals(
        np.where(takes, first.numerator, second.numerator),
        np.where(takes, first.denominator, second.denominator),
        np.where(takes, first.known, second.known),
    )


def least(first: Rationals, second: Rationals) -> Rationals:
    """Return the smaller of two; known where both are."""
    both = first.known & second.known
    return chosen(sign(first, second) <= 0, first, second)._replace(known=both)


def greatest(first: Rationals, second: Rationals) -> Rationals:
    """Return the larger of two; known where both are."""
    both = first.known & second.known
    return chosen(sign(first, second) >= 0, first, second)._replace(known=both)


def _told(values: Rationals) -> Whole:
    """Return the numerators, 0 where a value is not known: what stands there may be any size."""
    return values.numerator if _every(values.known) else np.where(values.known, values.numerator, 0)


def half_up(values: Rationals, scale: int) -> Integers:
    """Return ``values × scale`` to the nearest integer, halves away; raises `TooLarge`."""
    told = _told(values)
    if _every(values.denominator == scale):  # what was given in these units
        return _units(told)
    top, bottom = _wide(told, values.denominator, factor=2 * scale + 1)
    size = (2 * abs(top) * scale + bottom) // (2 * bottom)
    return _units(np.where(top < 0, -size, size))


def floor(values: Rationals, scale: int) -> Integers:
    """Return ``values × scale`` cut to an integer, downwards; raises `TooLarge`."""
    told = _told(values)
    if _every(values.denominator == scale):
        return _units(told)
    top, bottom = _wide(told, values.denominator, factor=scale)
    return _units(top * scale // bottom)


def _units(column: Whole) -> Integers:
    """Return a column as int64; raises `TooLarge`."""
    wide = column.dtype == object
    if (abs(column) > MAX_TOTAL_FEN).any() if wide else _largest(column) > MAX_TOTAL_FEN:
        raise TooLarge
    return column.astype(np.int64, copy=False)


def summable(amounts: Integers) -> Integers:
    """Return amounts of 0 or more, any of which may be added up; raises `TooLarge`."""
    near = _largest(amounts) * len(amounts) > MAX_TOTAL_FEN
    if near and sum(amounts.tolist()) > MAX_TOTAL_FEN:
        raise TooLarge
    return amounts
