"""Grouping and scanning against loops over the rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compensation import columns
from compensation.columns import (
    distinct,
    group_sum,
    numbered,
    running_max,
    running_sum,
    segment_starts,
    taken,
)
from compensation.money import MAX_TOTAL_FEN

LARGE = 10**15 - 1
Rows = list[tuple[int, int]]
"""Group and value."""

rows = st.lists(st.tuples(st.integers(0, 4), st.integers(-LARGE, LARGE)), max_size=40)


@given(rows)
@example([(0, LARGE)] * 9)
@example([(3, MAX_TOTAL_FEN), (3, -MAX_TOTAL_FEN)])
def test_group_sum(rows: Rows) -> None:
    expected = [0] * 5
    for group, value in rows:
        expected[group] += value
    groups, values = (np.array([row[k] for row in rows], dtype=np.int64) for k in (0, 1))
    got = group_sum(values, groups, 5)
    assert got.dtype == np.int64
    assert got.tolist() == expected


@given(rows.map(sorted))
@example([(0, 5)] * 33)
@example([(1, -3)])
def test_scans_start_anew_in_each_segment(rows: Rows) -> None:
    starts: list[int] = []
    sums: list[int] = []
    highest: list[int] = []
    for place, (of, value) in enumerate(rows):
        first = place == 0 or rows[place - 1][0] != of
        starts.append(place if first else starts[-1])
        sums.append(value if first else sums[-1] + value)
        highest.append(value if first else max(highest[-1], value))
    group, values = (np.array([row[k] for row in rows], dtype=np.int64) for k in (0, 1))
    start = segment_starts(group)
    assert start.tolist() == starts
    assert running_sum(values, start).tolist() == sums
    assert running_max(values, start).tolist() == highest
    for scan in (running_sum, running_max):
        assert scan(values, start).dtype == np.int64


@given(st.lists(st.integers(-3, 3) | st.integers(-LARGE, LARGE), max_size=200))
@example([5])
@example([2, 1] * 100)
def test_values_are_numbered_in_order(listed: list[int]) -> None:
    """Long enough that a sort that is not stable would show in which row is the first."""
    values = np.array(listed, dtype=np.int64)
    ordered = sorted(set(listed))
    assert distinct(values).tolist() == ordered
    numbers, first = numbered(values)
    assert numbers.dtype == np.int64
    assert numbers.tolist() == [ordered.index(value) for value in listed]
    assert first.tolist() == [listed.index(value) for value in ordered]


@given(
    st.lists(st.integers(1, 70), min_size=1, max_size=6), st.integers(0, 2**32 - 1), st.booleans()
)
def test_running_max_over_segments_of_any_length(
    lengths: list[int], seed: int, falling: bool
) -> None:
    """Segments longer than each power of two that the scan looks back, and next to one another."""
    source = np.random.default_rng(seed)
    values = source.integers(-(10**18), 10**18, sum(lengths))
    if falling:
        values = np.sort(values)[::-1].copy()
    group = np.repeat(np.arange(len(lengths)), lengths)
    expected: list[int] = []
    for number in range(len(lengths)):
        expected += np.maximum.accumulate(values[group == number]).tolist()
    before = values.tolist()
    assert running_max(values, segment_starts(group)).tolist() == expected
    assert values.tolist() == before


@given(st.lists(st.tuples(st.integers(-LARGE, LARGE), st.integers(0, 4), st.booleans())))
@pytest.mark.parametrize("at_a_time", [1, 3, 1 << 16])
def test_what_is_taken_some_rows_at_a_time_is_what_all_rows_give(
    at_a_time: int, rows: list[tuple[int, int, bool]]
) -> None:
    values = np.array([value for value, _, _ in rows], dtype=np.int64)
    group = np.array([number for _, number, _ in rows], dtype=np.int32)
    counted = np.array([counts for _, _, counts in rows], dtype=np.bool_)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "_AT_A_TIME", at_a_time)
        sums = group_sum(values, group, 5, counted)
        squares = taken(np.arange(5) ** 2, group)
    expected = [sum(value for value, of, counts in rows if counts and of == n) for n in range(5)]
    assert sums.tolist() == expected
    assert squares.tolist() == [of**2 for _, of, _ in rows]
