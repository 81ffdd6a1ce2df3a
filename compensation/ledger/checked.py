"""Tables on their way from cells to the portfolio: their columns, and the faults found so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from compensation.arrays import arrow, known
from compensation.faults.groups import FaultGroup
from compensation.issues import NO_TEXT
from compensation.language import Text
from compensation.ledger.id_hashes import IdHashes, id_hashes
from compensation.ledger.ids import Index
from compensation.ledger.portfolio import numbers_of
from compensation.money import Flags, Integers
from compensation.schema.dictionary import Table
from compensation.tables.raw import RawTable


@dataclass
class Checked:
    """One table on its way: its columns as held, and where its rows are in the file."""

    table: Table
    raw: RawTable
    columns: dict[str, pa.Array]
    present: frozenset[str]
    unmapped: RawTable
    faults: list[FaultGroup] = field(default_factory=list)
    indexes: dict[str, Index] = field(default_factory=dict)
    prints: dict[str, IdHashes] = field(default_factory=dict)

    def numbers(self, name: str) -> Integers:
        """Return a column as int64; see `Portfolio.numbers`."""
        return numbers_of(self.columns[name])

    def known(self, name: str) -> Flags:
        """Return which cells of a column could be read and are not blank."""
        return known(self.columns[name])

    def index(self, name: str) -> Index:
        """Return the index of a column of ids; it is made once."""
        if name not in self.indexes:
            self.indexes[name] = Index(self.columns[name])
        return self.indexes[name]

    def id_hashes(self, name: str) -> IdHashes:
        """Return the hashes of a column of ids; they are made once."""
        if name not in self.prints:
            self.prints[name] = id_hashes(self.columns[name])
        return self.prints[name]

    def group(
        self,
        which: Flags,
        kind: str,
        message: Text,
        column: str | None = None,
        values: pa.Array | None = None,
        expected: Text = NO_TEXT,
    ) -> list[FaultGroup]:
        """Return the group of some rows, if there are any; ``values`` are shown as the cells."""
        rows = np.flatnonzero(which).astype(np.int64)
        if not len(rows):
            return []
        shown = None if values is None else _shown(values.take(arrow(rows)))
        name, locate = self.table.name, self.raw.locate
        return [FaultGroup(kind, message, name, column, expected, rows, shown, locate)]

    def fault(
        self,
        wrong: Flags,
        kind: str,
        message: Text,
        column: str | None = None,
        values: pa.Array | None = None,
        expected: Text = NO_TEXT,
    ) -> None:
        """Add a fault for each row that is ``wrong``; ``values`` are shown as the cells."""
        self.faults += self.group(wrong, kind, message, column, values, expected)

    def out_of_order(self, wrong: Flags, column: str, message: Text, expected: Text) -> None:
        """Add a fault for each ``wrong`` row whose date lies on the wrong side of another one."""
        known = self.known(column) & wrong
        self.fault(known, "date_order", message, column, self.columns[column], expected)


@dataclass(frozen=True, eq=False)
class Tables:
    """Tables whose cells have been read, by name.

    `of`: by table, the row of the table it refers to that each of its rows belongs to, such as a
    claim's contract; `ids.UNKNOWN` where there is none.
    """

    tables: Mapping[str, Checked]
    of: Mapping[str, Integers]

    def __getitem__(self, table: str) -> Checked:
        return self.tables[table]


Check = Callable[[Tables], list[FaultGroup]]
"""Adds its own faults to the tables, and returns its warnings."""


def _shown(values: pa.Array) -> list[str | None]:
    return [None if value is None else str(value) for value in values.to_pylist()]
