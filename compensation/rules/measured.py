"""Values as tests and quantities take them: variables as fractions, months between days."""

from __future__ import annotations

import datetime

import numpy as np

from compensation.columns import Integers
from compensation.policy.kinds import TYPE_OF_KIND, Kind
from compensation.rules import rationals
from compensation.rules.rationals import Rationals
from compensation.rules.variables import SCALES, Variable
from compensation.schema.column import ColumnType
from compensation.values.dates import day_number

MOST_MONTHS = 12 * 9999
"""More months from any day on are beyond the calendar."""
CALENDAR = day_number(datetime.date.min), day_number(datetime.date.max)
"""The first and the last day that a date can be."""


def of_variable(variable: Variable) -> Rationals:
    """Return a variable in yuan, ratios, counts or days."""
    scale = SCALES.get(variable.type, 1)
    if variable.denominator is not None:
        return rationals.rationals(variable.numerator, variable.denominator * scale, variable.known)
    return rationals.in_units(variable.numerator, scale, variable.known)


def rounded(values: Rationals, kind: Kind, *, mere: bool = False) -> Variable:
    """Return a quantity as a variable in the units of its kind, rounded to them.

    `mere`: whether it is a number that is no percentage.
    """
    type_ = ColumnType.DECIMAL if mere else TYPE_OF_KIND[kind] or ColumnType.SHARE
    units = rationals.half_up(values, SCALES.get(type_, 1))
    return Variable(units, values.known, None, type_)


def whole_months(first: Integers, last: Integers) -> Integers:
    """Return the whole months from the first day to the last, see `months_after`."""
    months = _month(last) - _month(first)
    return months - (months_after(first, months) > last)


def months_after(day: Integers, months: Integers | int) -> Integers:
    """Return the same day of the month some months later; where it lacks that day, its last day."""
    month = _month(day) + months
    start = _first_day(month)
    length = _first_day(month + 1) - start
    of_month = day - _first_day(_month(day))
    later: Integers = start + np.minimum(of_month, length - 1)
    return later


def period_end(day: Integers, months: int) -> Integers:
    """Return the last day of the period of so many months, counted from January, of each day."""
    of_year = _month(day) // months  # 1970 began with January
    return _first_day((of_year + 1) * months) - 1


def _month(day: Integers) -> Integers:
    return day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _first_day(month: Integers) -> Integers:
    return month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
