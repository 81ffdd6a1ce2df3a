"""Reference series such as the LPR: the value in force on a day, for a term. Exact, by columns."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from compensation.policy.model import PolicyFile, Series
from compensation.policy.quantities import operations_of
from compensation.values.dates import day_number

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MILLION = 1_000_000
"""Values are returned in millionths: 0.0435 is 43,500."""
OPEN = 0
"""The term that has no end."""


def value_on(series: Series, days: Integers, months: Integers | None) -> tuple[Integers, Flags]:
    """Return the value in force on each day, in millionths, and where the series has none.

    `days`: (n,) days since 1970-01-01. `months`: (n,) terms in months, None for a series with one
    value a day; the first value whose term is at least as long is taken. `outside`: (n,) days
    before the first point or after `checked_until`, and terms longer than the longest; the value
    is 0 there and must not be used.
    """
    if not series.points:  # a calendar
        return np.zeros_like(days), (days < day_number(series.first)) | (
            days > day_number(series.checked_until)
        )
    since = np.array([day_number(point.from_) for point in series.points], dtype=np.int64)
    values = np.array(
        [[int(value * MILLION) for value in point.values] for point in series.points],
        dtype=np.int64,
    )
    longest = np.iinfo(np.int64).max
    terms = np.array([longest if t == OPEN else t for t in series.terms], dtype=np.int64)
    point = np.searchsorted(since, days, side="right") - 1
    term = (
        np.zeros(len(days), dtype=np.intp)
        if months is None
        else np.searchsorted(terms, months, side="left")
    )
    outside = (point < 0) | (days > day_number(series.checked_until)) | (term >= len(terms))
    found = values[np.where(outside, 0, point), np.where(outside, 0, term)]
    return np.where(outside, 0, found), outside


@functools.lru_cache(maxsize=4096)
def series_used(rules: PolicyFile) -> set[str]:
    """Return the ids of the reference series that the policy reads."""
    named = ((each.series, each.calendar) for each in operations_of(rules))
    return {id_ for pair in named for id_ in pair if id_ is not None}


def working_days(calendar: Series, first: Integers, last: Integers) -> tuple[Integers, Flags]:
    """Return the working days after the first day up to the last, and where none can be counted.

    `first`, `last`: (n,) days since 1970-01-01; the number is negative where the last is earlier.
    Days of which the calendar says nothing cannot be counted to or from.
    """
    start, end = day_number(calendar.first), day_number(calendar.checked_until)
    outside = np.zeros(len(first), dtype=np.bool_)
    for day in (first, last):
        outside |= (day < start) | (day > end)
    to_date = _worked(calendar)
    begin, until = (np.where(outside, 0, day - start) for day in (first, last))
    return to_date[until] - to_date[begin], outside


@functools.lru_cache(maxsize=64)
def _worked(calendar: Series) -> Integers:
    """Return how many days of a calendar have been worked by each of its days."""
    days = np.arange(day_number(calendar.first), day_number(calendar.checked_until) + 1)
    worked = (days + _THURSDAY) % 7 < _SATURDAY
    for listed, value in ((calendar.days_off, False), (calendar.days_on, True)):
        worked[np.isin(days, [day_number(day) for day in listed])] = value
    return np.cumsum(worked, dtype=np.int64)


_THURSDAY, _SATURDAY = 3, 5
"""Days of the week, from 0, Monday; 1970-01-01 was a Thursday."""
