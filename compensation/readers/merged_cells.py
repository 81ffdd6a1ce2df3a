"""Merged cells of a sheet: what they give to the rows that they cover, and which are refused.

Only the first cell of a merged range holds its value; the others are blank. Within one column the
value holds for every record that the range covers. It makes no record of a row in which nothing
else stands, so that a record over two rows is one.

Kinds of fault: ``merged_across``, ``merged_amount``.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np

from compensation.columns import Integers
from compensation.faults.groups import FaultGroup, whole
from compensation.language import Text
from compensation.schema.dictionary import Table
from compensation.tables.headings import recogniser
from compensation.tables.layout import TITLE_ROWS, Head, find_head
from compensation.tables.raw import Locate
from compensation.tables.unit_places import Merged
from compensation.tables.unread_cells import concerns
from compensation.values.characters import BLANKS

HEADING_ROWS = 3
"""Over how many rows a heading may be merged."""
ACROSS = Text(
    "合并单元格跨越多列：请取消合并，逐格填写",
    "a merged cell spans several columns: unmerge it and fill in each cell",
)
BEYOND = Text(
    "合并单元格从标题行延伸到数据行：请取消合并",
    "a merged cell reaches from the headings into the records: unmerge it",
)
TWO_COLUMNS = Text(
    "合并的标题下有多列数据：请为每一列单独写标题",
    "there are several columns of data below a merged heading: give each column a heading",
)
COVERED = Text(
    "合并单元格盖住了另外的内容，或与其他合并单元格重叠：请取消合并，逐格填写",
    "a merged cell covers other content or another merged cell: unmerge it and fill in each cell",
)
AMOUNT = Text(
    "合并单元格中的数对应多条记录，无法判断是每条的数还是合计：请取消合并，逐行填写",
    "the figure in a merged cell stands for several records, each or all together: unmerge it and"
    " fill in each row",
)


def merged_ranges(given: Iterable[Merged] | None) -> list[Merged]:
    """Return the merged ranges with the upper left cell first, in the order of their columns."""
    ranges: list[Merged] = []
    for (row, column), (last_row, last_column) in given or ():
        top, bottom = sorted((row, last_row))
        left, right = sorted((column, last_column))
        if (top, left) != (bottom, right):
            ranges.append(((top, left), (bottom, right)))
    return sorted(ranges, key=lambda merged: (merged[0][1], merged[0][0]))


def find_merged_head(
    rows: Sequence[Sequence[object]], table: Table, merged: Sequence[Merged]
) -> Head | None:
    """Return the head of a table; a heading merged over several rows stands in the last of them.

    So headings in two rows are read where the lower row names the most columns.
    """
    head = find_head(rows, table, merged)
    lowered = [list(row) for row in rows[:TITLE_ROWS]]
    moved = False
    for (top, left), (bottom, right) in merged:
        tall = left == right and top < bottom < min(top + HEADING_ROWS, len(lowered))
        if tall and left < len(lowered[top]):
            lowered[bottom][left], lowered[top][left] = rows[top][left], ""
            moved = True
    if head is None or not moved:
        return head
    lower = find_head([*lowered, *rows[TITLE_ROWS:]], table, merged)
    if lower is None:
        return head
    better = lower.matched > head.matched
    return lower if better or (lower.matched == head.matched and lower.row > head.row) else head


def column_letters(place: int) -> str:
    """Return the letters of a column that is counted from 0.

    >>> column_letters(0), column_letters(27)
    ('A', 'AB')
    """
    letters = ""
    place += 1
    while place:
        place, letter = divmod(place - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def range_name(merged: Merged) -> str:
    """Return a range as a spreadsheet names it.

    >>> range_name(((4, 1), (6, 2)))
    'B5:C7'
    """
    return ":".join(f"{column_letters(column)}{row + 1}" for row, column in merged)


def covers(merged: Sequence[Merged], row: int, column: int) -> bool:
    """Return whether a cell is covered by a merged range of its column, and is not its first cell.

    `merged`: from `merged_ranges`.
    """
    before = bisect_left(merged, (column, row), key=lambda one: (one[0][1], one[0][0]))
    if not before:
        return False
    (_, left), (bottom, right) = merged[before - 1]
    return left == right == column and row <= bottom


def is_blank(cell: object) -> bool:
    """Return whether nothing is written in a cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip(BLANKS))


class Filler:
    """Takes the merged ranges of a sheet below its head, one after another.

    `cells`: by column, the values of the records, filled in; columns without a merged cell are not
    in it.
    """

    def __init__(
        self, rows: Sequence[Sequence[object]], head: Head, records: Integers, table: Table
    ) -> None:
        """``records``: the rows of the sheet, from 0, in which records stand."""
        self.cells: dict[int, list[object]] = {}
        self._rows, self._head, self._records, self._table = rows, head, records, table
        recognise = recogniser(table, further=True)
        self._headed = [i for i, heading in enumerate(head.headings) if heading]
        recognised = ((i, recognise(head.headings[i])) for i in self._headed)
        self._known = {i: found[0] for i, found in recognised if found is not None}
        self._places = (list(self._known), self._headed)
        self._covered: dict[int, int] = {}
        self._refused: dict[tuple[str, Text, int], list[tuple[int, str]]] = {}

    def take(self, merged: Merged) -> None:
        """Fill in what a range gives, or note why it is refused."""
        (top, left), (bottom, right) = merged
        column = self._column(left, right)
        if bottom < self._head.row or column is None:
            return
        start, stop = np.searchsorted(self._records, [top, bottom + 1]).tolist()
        if bottom == self._head.row:
            if left < right and not self._written.isdisjoint(range(left + 1, right + 1)):
                self._refuse(TWO_COLUMNS, merged, column)
        elif top <= self._head.row:
            self._refuse(BEYOND, merged, column)
        elif start == stop:
            return
        elif left < right:
            self._refuse(ACROSS, merged, column, start)
        elif not self._fill(merged, column, start, stop):
            self._refuse(COVERED, merged, column, start)

    def faults(self, locate: Locate) -> list[FaultGroup]:
        """Return what is refused, each with the heading of its column."""
        groups: list[FaultGroup] = []
        for (kind, message, column), found in self._refused.items():
            heading = self._head.headings[column]
            if found[0][0] < 0:
                named = found[0][1]
                groups.append(
                    whole(kind, message, table=self._table.name, column=heading, value=named)
                )
                continue
            found.sort()
            rows = np.array([record for record, _ in found], dtype=np.int64)
            ranges = [named for _, named in found]
            groups.append(
                FaultGroup(
                    kind,
                    message,
                    self._table.name,
                    heading,
                    rows=rows,
                    values=ranges,
                    locate=locate,
                )
            )
        return groups

    def _column(self, left: int, right: int) -> int | None:
        """Return the first column of a span that is known, else the first with a heading."""
        for columns in self._places:
            place = bisect_left(columns, left)
            if place < len(columns) and columns[place] <= right:
                return columns[place]
        return None

    @cached_property
    def _written(self) -> set[int]:
        """The columns in which something stands in the row of headings or in a record."""
        lines = (self._rows[row] for row in (self._head.row, *self._records.tolist()))
        columns = enumerate(zip(*lines, strict=True))
        return {i for i, cells in columns if any(not is_blank(cell) for cell in cells)}

    def _fill(self, merged: Merged, column: int, start: int, stop: int) -> bool:
        """Give the records from ``start`` to ``stop`` the value; False if there is another."""
        (top, _), (bottom, _) = merged
        if top <= self._covered.get(column, -1):
            return False
        self._covered[column] = bottom
        value = self._rows[top][column]
        if column not in self.cells:
            self.cells[column] = [self._rows[row][column] for row in self._records.tolist()]
        cells = self.cells[column]
        if any(not is_blank(cell) and cell != value for cell in cells[start:stop]):
            return False
        cells[start:stop] = [value] * (stop - start)
        known = self._known.get(column)
        adds_up = known is None or concerns("merged_amount", known)
        if adds_up and stop - start > 1 and value != 0 and not is_blank(value):
            self._refuse(AMOUNT, merged, column, start, "merged_amount")
        return True

    def _refuse(
        self,
        message: Text,
        merged: Merged,
        column: int,
        record: int = -1,
        kind: str = "merged_across",
    ) -> None:
        """Note a fault at a record, or at none (-1)."""
        places = self._refused.setdefault((kind, message, column), [])
        places.append((record, range_name(merged)))
