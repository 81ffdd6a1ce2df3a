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
    return {each.series for each in operations_of(rules) if each.series is not None}
