"""Faults as lines of text for people: those that follow one another in a column share a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from compensation.faults.groups import FaultGroup
from compensation.faults.order import Rank, group_order, rank
from compensation.issues import Issue
from compensation.language import Language, Text, joined

VALUES_SHOWN = 3
"""Different values of a run that its line shows."""
LOOKED_AT = 30
"""Faults of a run among which these are looked for."""


@dataclass(frozen=True)
class Run:
    """Faults of one group in rows of the table that follow one another.

    `last`: the row of the last one. `values`: the first different ones, as they are shown; `more`:
    there may be others.
    """

    fault: Issue
    last: int | None
    count: int
    values: tuple[str, ...] = ()
    more: bool = False

    def describe(self, language: Language) -> str:
        """Return the run as one line."""
        if self.count == 1:
            return self.fault.describe(language)
        rows = Text(
            f"第 {self.fault.row}–{self.last} 行（{self.count} 处）",
            f"rows {self.fault.row}–{self.last} ({self.count} faults)",
        )
        values = joined(map(repr, self.values))
        if self.more and self.values:
            values = Text(f"{values.zh}……", f"{values.en}, …")
        return self.fault.line(language, values.get(language) or None, rows)


def lines_of(groups: Sequence[FaultGroup], language: Language, each: int) -> Iterator[str]:
    """Yield the first ``each`` lines of every group in the order of rows, then what is left out."""
    listed: list[tuple[tuple[int, str, int, Rank, str], Run]] = []
    left: list[str] = []
    for group in sorted(groups, key=group_order):
        runs = _runs(group, each)
        table, column = rank(group.table, None), rank(group.table, group.column)
        listed += [
            ((table[0], group.table or "", run.fault.row or 0, column, group.kind), run)
            for run in runs
        ]
        unlisted = len(group) - sum(run.count for run in runs)
        if unlisted:
            like = Issue(group.kind, group.message, group.place())
            more = Text(f"……同类错误另有 {unlisted} 处：", f"… {unlisted} more of this kind: ")
            left.append(more.get(language) + like.describe(language))
    yield from (run.describe(language) for _, run in sorted(listed, key=lambda pair: pair[0]))
    yield from left


def _runs(group: FaultGroup, most: int) -> list[Run]:
    """Return the first runs of a group; a fault that is not of a row is one by itself."""
    if group.rows is None:
        return [Run(fault, fault.row, 1) for fault in group.take(0, most)]
    starts = _starts(group.rows, most)
    return [_run(group, start, stop) for start, stop in pairwise(starts)]


def _starts(rows: np.ndarray[tuple[int], np.dtype[np.int64]], most: int) -> list[int]:
    """Return where the first runs of rows begin, and where the last of these ends.

    No more of the rows are looked at than that takes.
    """
    size = 4 * most
    while True:
        begins = np.flatnonzero(np.diff(rows[:size]) != 1) + 1
        if len(begins) >= most or size >= len(rows):
            return [0, *begins.tolist(), min(size, len(rows))][: most + 1]
        size *= 8


def _run(group: FaultGroup, start: int, stop: int) -> Run:
    first, *others = group.take(start, min(stop, start + LOOKED_AT))
    if stop == start + 1:
        return Run(first, first.row, 1)
    (last,) = group.take(stop - 1, stop)
    # What a message says of one row's value is not said of all rows.
    same = all(other.message == first.message for other in (*others, last))
    first = first if same else replace(first, message=group.message)
    values = [*dict.fromkeys(each.value for each in (first, *others) if each.value is not None)]
    more = len(values) > VALUES_SHOWN or stop - start > 1 + len(others)
    return Run(first, last.row, stop - start, tuple(values[:VALUES_SHOWN]), more)
