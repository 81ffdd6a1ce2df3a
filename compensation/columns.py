"""Grouping and scanning of integer columns, exactly: what the rules stand on.

Everything is int64 (float accumulators, which NumPy would use for weighted counts, lose fen). Sums
stay below 2^63 because a portfolio's columns add up to at most `MAX_TOTAL_FEN`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from compensation.money import Flags, Integers

__all__ = [
    "Flags",
    "Integers",
    "Whole",
    "distinct",
    "group_sum",
    "numbered",
    "running_max",
    "running_sum",
    "segment_starts",
    "some_at_a_time",
    "taken",
]

Number = TypeVar("Number", bound=np.generic)
Whole = npt.NDArray[np.signedinteger[Any]]
"""Row numbers or days in as many bits as they take; amounts are always int64."""


_AT_A_TIME = 1 << 16


def some_at_a_time(rows: int) -> Iterator[slice]:
    """Yield all rows in slices, for work that would take the memory of another whole column."""
    for start in range(0, rows, _AT_A_TIME):
        yield slice(start, start + _AT_A_TIME)


def taken(values: npt.NDArray[Number], index: Whole) -> npt.NDArray[Number]:
    """Return ``values[index]``; NumPy makes an index of 32 bits one of 64 bits first."""
    found = np.empty(len(index), dtype=values.dtype)
    for rows in some_at_a_time(len(index)):
        found[rows] = values[index[rows]]
    return found


def group_sum(
    values: Integers, group: Whole, groups: int, counted: Flags | None = None
) -> Integers:
    """Return the sum of ``values`` in each group 0, 1, … ``groups`` − 1.

    `counted`: which rows count; None: all of them.
    """
    sums = np.zeros(groups, dtype=np.int64)
    if counted is None:
        np.add.at(sums, group, values)
        return sums
    for rows in some_at_a_time(len(values)):
        np.add.at(sums, group[rows], np.where(counted[rows], values[rows], 0))
    return sums


def distinct(values: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """Return the values that there are, each once, in order.

    `numpy.unique` would do, but for its importing numpy's masked arrays, which nobody here needs.
    """
    ordered = np.sort(values)
    first = np.ones(len(ordered), dtype=np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    found: npt.NDArray[Number] = ordered[first]
    return found


def numbered(values: Integers) -> tuple[Integers, Integers]:
    """Number the values that there are 0, 1, … in order.

    Return each row's number, and for each number the first row that has it.
    """
    order = np.argsort(values, kind="stable")
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = values[order[1:]] != values[order[:-1]]
    numbers = np.empty(len(order), dtype=np.int64)
    numbers[order] = np.cumsum(first) - 1
    return numbers, order[first]


def segment_starts(group: Integers) -> Integers:
    """Return for each row of a sorted ``group`` column the position where its group starts."""
    positions = np.arange(len(group))
    first = np.ones(len(group), dtype=np.bool_)
    first[1:] = group[1:] != group[:-1]
    starts: Integers = np.maximum.accumulate(np.where(first, positions, 0))
    return starts


def running_sum(values: Integers, start: Integers) -> Integers:
    """Return the sum of each row and those before it in its segment; see `segment_starts`."""
    total = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(values)])
    sums: Integers = total[1:] - total[start]
    return sums


def running_max(values: Integers, start: Integers) -> Integers:
    """Return the largest of each row and those before it in its segment.

    Looks back 1, 2, 4, … rows, so the work grows with the logarithm of the longest segment.
    """
    highest = values.copy()
    positions = np.arange(len(values))
    longest = int((positions - start).max(initial=0))
    reach = 1
    while reach <= longest:
        inside = positions - reach >= start
        earlier = highest[np.where(inside, positions - reach, positions)]
        highest = np.maximum(highest, earlier)
        reach *= 2
    return highest
