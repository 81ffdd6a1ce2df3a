"""One table, read piece by piece: its headings once, then the cells of every piece."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from compensation.arrays import arrow
from compensation.ledger.checked import Checked
from compensation.ledger.dictionary import SHARE_PREFIX, Column, ColumnType, Table
from compensation.ledger.faults import FaultGroup
from compensation.ledger.headings import Found, Recognise, Resolved, recogniser, resolve
from compensation.ledger.raw import RawTable
from compensation.ledger.values import Parsed, parse

ARROW_TYPES = {
    ColumnType.TEXT: pa.string(),
    ColumnType.BOOLEAN: pa.bool_(),
    ColumnType.MONEY: pa.int64(),
    ColumnType.COUNT: pa.int64(),
    ColumnType.DATE: pa.date32(),
    ColumnType.SHARE: pa.int64(),
    ColumnType.CHOICE: pa.int8(),
}


UNREAD = frozenset(
    {
        "error_cell",
        "formula_without_value",
        "column_content",
        "column_type",
        "scaling_format",
        "percent_format",
        "date_format",
        "merged_across",
        "merged_amount",
        "hidden_column",
    }
)
"""Kinds of fault or warning of a cell, or of a column, that a reader could not read as it stands.
They count only where somebody looks at the column: what stands in a column of remarks is nobody's
business."""
_AMOUNTS = frozenset({ColumnType.MONEY, ColumnType.COUNT})
_ONLY_IN = {
    "scaling_format": _AMOUNTS | {ColumnType.SHARE},
    "percent_format": _AMOUNTS,
    "date_format": _AMOUNTS | {ColumnType.SHARE},
    "merged_amount": _AMOUNTS,
}
"""By kind, the types of columns in which it counts; other kinds count in all."""
_OF_BORROWERS = frozenset({"employees", "revenue", "total_assets"})
"""Amounts that are the same in every contract of a borrower, and may be merged."""


def concerns(kind: str, column: Column) -> bool:
    """Return whether a kind of `UNREAD` is a fault in this column."""
    if kind == "merged_amount" and column.name in _OF_BORROWERS:
        return False
    return kind not in _ONLY_IN or column.type in _ONLY_IN[kind]


class TableReader:
    """Knows which column of a file is which, and reads the cells of any piece of it.

    `head`: the table without rows. `extra`: columns that a policy adds; they need not be there.
    `faults`: what is wrong with the headings. `warnings`: those of the reader of the file
    (`RawTable.warnings`) and those of the headings. `present`: the dictionary's columns that the
    file has; `extra_present`: those of the policy's, with the headings they go by.
    """

    def __init__(self, table: Table, head: RawTable, extra: Sequence[Column] = ()) -> None:
        self.table, self.head = table, head
        own = resolve(head, table)
        self.faults: list[FaultGroup] = own.faults
        self.warnings: list[FaultGroup] = own.warnings
        self.present = frozenset(own.columns)
        taken = {id(found.raw) for found in own.columns.values()}
        self.leftover = replace(
            head, columns=tuple(column for column in head.columns if id(column) not in taken)
        )
        added = resolve_extra(self.leftover, table, extra)
        self.extra_faults = added.faults
        self.extra_present = {name: found.raw.heading for name, found in added.columns.items()}
        place_of = {id(column): place for place, column in enumerate(head.columns)}
        self._recognise = recogniser(table, extra)
        self.warnings[:0] = self.sort_out(head.warnings)[0]
        self._columns = {
            name: (place_of[id(found.raw)], found)
            for name, found in (*own.columns.items(), *added.columns.items())
        }

    def sort_out(self, faults: Iterable[FaultGroup]) -> tuple[list[FaultGroup], list[FaultGroup]]:
        """Return which faults of readers count, and which are of columns that nobody looks at."""
        return sorted_out(faults, self.table.name, self._recognise)

    @property
    def names(self) -> list[str]:
        """The columns that are read, by the names of the dictionary and of the policy."""
        return list(self._columns)

    def places(self, names: Iterable[str]) -> list[int]:
        """Return where in `head` columns stand."""
        return [self._columns[name][0] for name in names]

    def column(self, name: str, piece: RawTable) -> Parsed:
        """Read the cells of one column of a piece."""
        place, found = self._columns[name]
        return parse(Found(found.column, piece.columns[place], found.unit), piece)

    def read(self, piece: RawTable) -> Checked:
        """Read the cells of a piece; optional columns that the file lacks are all blank.

        The rows of its faults are numbered within the piece.
        """
        columns: dict[str, pa.Array] = {}
        faults: list[FaultGroup] = []
        for name in self._columns:
            parsed = self.column(name, piece)
            columns[name] = parsed.values
            faults += parsed.faults
        add_absent(self.table, columns, piece.rows)
        return Checked(self.table, piece, columns, self.present, self.leftover, faults)


def resolve_extra(leftover: RawTable, table: Table, extra: Sequence[Column]) -> Resolved:
    """Say which of the columns that the dictionary does not know are those a policy adds."""
    if not extra:
        return Resolved({})
    sought = tuple(replace(column, required=False) for column in extra)
    resolved = resolve(leftover, Table(table.name, table.heading, sought))
    as_declared = {column.name: column for column in extra}
    columns = {
        name: replace(found, column=as_declared[name]) for name, found in resolved.columns.items()
    }
    recognise = recogniser(Table(table.name, table.heading, sought))
    unread, _ = sorted_out(leftover.unread, table.name, recognise)
    return Resolved(columns, [*resolved.faults, *unread])


def sorted_out(
    faults: Iterable[FaultGroup], table: str, recognise: Recognise
) -> tuple[list[FaultGroup], list[FaultGroup]]:
    """Return which faults of a table's reader count, and which are of columns that nobody reads.

    A column goes by its name where the fault has its heading.
    """
    counted: list[FaultGroup] = []
    left: list[FaultGroup] = []
    for fault in faults:
        if fault.table != table or fault.kind not in UNREAD or fault.column is None:
            counted.append(fault)
            continue
        recognised = recognise(fault.column)
        if recognised is None:
            left.append(fault)
        elif concerns(fault.kind, recognised[0]):
            counted.append(replace(fault, column=recognised[0].name))
    return counted, left


def add_absent(table: Table, columns: dict[str, pa.Array], rows: int) -> None:
    """Add the columns that the input lacks, all blank or all their default; no share columns."""
    for column in table.columns:
        if column.name not in columns and not column.name.startswith(SHARE_PREFIX):
            kind = ARROW_TYPES[column.type]
            columns[column.name] = (
                pa.nulls(rows, kind)
                if column.default is None
                else arrow(np.full(rows, column.default)).cast(kind)
            )
