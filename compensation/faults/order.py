"""The order in which people read faults: that of the tables, and within a table that of its rows.

Faults of a table as a whole come first; faults of one row stand in the order of the columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby

import numpy as np
import numpy.typing as npt

from compensation.faults.groups import FaultGroup
from compensation.schema.dictionary import TABLES

Positions = npt.NDArray[np.int64]
Piece = tuple[FaultGroup, int, int]
"""A group, and from where up to where its faults are meant."""
Rank = tuple[int, int, str]


@lru_cache(maxsize=1024)
def rank(table: str | None, column: str | None) -> Rank:
    """Return where faults of a column stand among those of all tables.

    Faults of no table come first, those of a table that the dictionary lacks (the review sheet)
    last. Within a table, faults of no column come first, columns that the dictionary lacks last.
    """
    at = -1 if table is None else len(TABLES)
    columns: list[str] = []
    for place, known in enumerate(TABLES):
        if known.name == table:
            at, columns = place, [each.name for each in known.columns]
    if column is None:
        return at, -1, ""
    return at, columns.index(column) if column in columns else len(columns), column


def group_order(group: FaultGroup) -> tuple[Rank, str, str]:
    """Return what groups are sorted by: table, column, kind."""
    return rank(group.table, group.column), group.kind, group.message.en


@dataclass(frozen=True, eq=False)
class Section:
    """Groups whose faults are read together: one group of a whole table, or all groups of its rows.

    Sorting is put off until faults that stand in several groups are asked for.
    """

    groups: tuple[FaultGroup, ...]

    def __len__(self) -> int:
        return sum(map(len, self.groups))

    @cached_property
    def _ends(self) -> Positions:
        return np.cumsum([len(group) for group in self.groups], dtype=np.int64)

    @cached_property
    def _order(self) -> Positions | None:
        """The places of the faults, counted through all groups, in the order of their rows."""
        if len(self.groups) == 1:
            return None
        # Within a group the order stays as it is, however its rows are numbered.
        numbers = [np.maximum.accumulate(group.row_numbers()) for group in self.groups]
        return np.argsort(np.concatenate(numbers), kind="stable").astype(np.int64, copy=False)

    def part(self, start: int, stop: int) -> tuple[list[Piece], Positions | None]:
        """Return the faults from ``start`` up to ``stop``.

        They are those of the pieces, one piece after the other; the positions say in which order
        to read them, None in the order in which they are.
        """
        stop = min(stop, len(self))
        if self._order is None:
            return [(self.groups[0], start, stop)], None
        wanted = self._order[start:stop]
        together = np.sort(wanted)
        bounds = np.searchsorted(together, self._ends)
        pieces: list[Piece] = []
        first = before = 0
        for group, bound, end in zip(
            self.groups, bounds.tolist(), self._ends.tolist(), strict=True
        ):
            if bound > before:
                at = int(together[before]) - first
                pieces.append((group, at, at + bound - before))
            first, before = end, bound
        return pieces, np.searchsorted(together, wanted).astype(np.int64, copy=False)

    def parts(self, size: int) -> Iterator[tuple[list[Piece], Positions | None]]:
        """Yield all faults of the section, ``size`` at a time; see `part`."""
        for start in range(0, len(self), size):
            yield self.part(start, start + size)


def sections_of(groups: Sequence[FaultGroup]) -> list[Section]:
    """Return the groups in sections, in the order in which they are read."""

    def place(group: FaultGroup) -> tuple[int, str, bool]:
        return rank(group.table, None)[0], group.table or "", group.rows is not None

    sections: list[Section] = []
    by_column = sorted(groups, key=group_order)
    for (_, _, of_rows), own in groupby(sorted(by_column, key=place), place):
        if of_rows:
            sections.append(Section(tuple(own)))
        else:
            sections += [Section((group,)) for group in own]
    return sections
