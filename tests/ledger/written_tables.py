"""A table as it is written on a sheet, its parts kept apart so that a test can damage one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from compensation.schema.column import Column, ColumnType
from tests.ledger.written_cells import MONEY


@dataclass
class Written:
    """A column as it is written; `column` is None where the dictionary has none.

    `as_text`: whether a frame must hold the cells as they are, whatever the values.
    """

    column: Column | None
    heading: str
    values: list[Any] = field(default_factory=list)
    cells: list[object] = field(default_factory=list)
    unit: int = 1
    own_unit: bool = False
    as_text: bool = False

    @property
    def is_money(self) -> bool:
        return self.column is not None and self.column.type is MONEY

    def has(self, *types: ColumnType) -> bool:
        return self.column is not None and self.column.type in types


@dataclass
class Sheet:
    """A table as it is written.

    `called`: the name of its sheet or file. `between`: rows that stand before a record, by its
    place. `merged`: ranges within a row, as row, first column, last column; `tall`: those
    of records, as first record, last record, column. `spoil`: damages the text of a CSV file.
    `forms`: what was drawn, for statistics.
    """

    name: str
    called: str
    columns: list[Written]
    above: list[list[object]] = field(default_factory=list)
    between: list[tuple[int, list[object]]] = field(default_factory=list)
    below: list[list[object]] = field(default_factory=list)
    merged: list[tuple[int, int, int]] = field(default_factory=list)
    tall: list[tuple[int, int, int]] = field(default_factory=list)
    spoil: Callable[[str], str] = str
    forms: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return len(self.columns[0].cells)

    @property
    def headings(self) -> list[str]:
        return [column.heading for column in self.columns]

    def row_of(self, record: int) -> int:
        """Return the place of a record in the grid."""
        return len(self.above) + 1 + record + sum(at <= record for at, _ in self.between)

    def records(self) -> list[list[object]]:
        rows = zip(*(column.cells for column in self.columns), strict=True)
        return [list(row) for row in rows]

    def grid(self) -> list[list[object]]:
        """Return all rows, each as wide as the widest."""
        rows: list[list[object]] = [*self.above, [*self.headings]]
        for place, record in enumerate(self.records()):
            rows += [row for before, row in self.between if before == place]
            rows.append(record)
        rows += [row for before, row in self.between if before == self.rows]
        rows += self.below
        width = max(len(row) for row in rows)
        return [[*row, *[None] * (width - len(row))] for row in rows]

    def add(self, heading: str, cells: list[Any], place: int) -> None:
        """Insert a column that the dictionary does not have."""
        self.columns.insert(place, Written(None, heading, list(cells), list(cells)))
