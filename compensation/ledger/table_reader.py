"""One table, read piece by piece: its headings once, then the cells of every piece."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import arrow, flags, known, numbers
from compensation.faults.groups import FaultGroup, whole
from compensation.language import Text, in_line, joined
from compensation.ledger.checked import Checked
from compensation.schema.column import Column, ColumnType, dates_agreed
from compensation.schema.dictionary import Table
from compensation.schema.parties import SHARE_PREFIX
from compensation.tables.headings import (
    Found,
    Recognise,
    Resolved,
    ambiguous_heading,
    normalise,
    recogniser,
    resolve,
)
from compensation.tables.raw import RawTable
from compensation.tables.unread_cells import UNREAD, concerns
from compensation.tables.values import Parsed, WordMeanings, parse

ARROW_TYPES = {
    ColumnType.TEXT: pa.string(),
    ColumnType.BOOLEAN: pa.bool_(),
    ColumnType.MONEY: pa.int64(),
    ColumnType.COUNT: pa.int64(),
    ColumnType.DATE: pa.date32(),
    ColumnType.SHARE: pa.int64(),
    ColumnType.DECIMAL: pa.int64(),
    ColumnType.CHOICE: pa.int8(),
}


class TableReader:
    """Knows which column of a file is which, and reads the cells of any piece of it.

    `head`: the table without rows. `extra`: columns that a policy adds; they need not be there.
    `faults`: what is wrong with the headings. `warnings`: those of the reader of the file
    (`RawTable.warnings`) and those of the headings. `present`: the dictionary's columns that the
    file has; `extra_present`: those of the policy's; `agreed`: its dates that are known beforehand.
    `unmapped`: the columns that the dictionary does not know; `unused`: where in `head` those of
    them stand that the policy does not add.
    """

    def __init__(self, table: Table, head: RawTable, extra: Sequence[Column] = ()) -> None:
        self.table: Table = table
        self.head: RawTable = head
        own = resolve(head, table)
        self.faults: list[FaultGroup] = own.faults
        self.present: frozenset[str] = frozenset(own.columns)
        taken = {id(found.raw) for one in own.columns.values() for found in (one, *one.again)}
        self.unmapped: RawTable = head._replace(
            columns=tuple(column for column in head.columns if id(column) not in taken),
            asked=tuple(own.asked),
            worded=tuple((heading, column.name) for heading, column in own.worded),
        )
        added = resolve_extra(self.unmapped, table, extra)
        self.extra_faults: list[FaultGroup] = added.faults
        self.extra_present: frozenset[str] = frozenset(added.columns)
        self.agreed: frozenset[str] = dates_agreed(extra)
        headings = {found.raw.heading for found in added.columns.values()}
        self.unused: tuple[int, ...] = tuple(
            place
            for place, column in enumerate(head.columns)
            if id(column) not in taken and column.heading not in headings
        )
        place_of = {id(column): place for place, column in enumerate(head.columns)}
        self._by_heading = {normalise(heading): column for heading, column in own.worded}
        self._standard = recogniser(table, extra)
        self.warnings: list[FaultGroup] = [
            *self.sort_out(head.warnings)[0],
            *without_headings(own.warnings, table.name, headings),
        ]
        self._columns = {
            name: (place_of[id(found.raw)], found)
            for name, found in (*own.columns.items(), *added.columns.items())
        }
        self._meanings = {name: WordMeanings() for name in self._columns}
        self._again = {
            name: [(place_of[id(each.raw)], each) for each in found.again]
            for name, found in own.columns.items()
            if found.again
        }

    def _recognise(self, heading: str) -> tuple[Column, str | None] | None:
        worded = self._by_heading.get(normalise(heading))
        return self._standard(heading) if worded is None else (worded, None)

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

    @property
    def read_places(self) -> list[int]:
        """Where in `head` all columns stand that are read, also those that say the same again."""
        again = (place for places in self._again.values() for place, _ in places)
        return [*self.places(self.names), *again]

    def column(self, name: str, piece: RawTable) -> Parsed:
        """Read the cells of one column of a piece."""
        place, found = self._columns[name]
        parsed = parse(
            Found(found.column, piece.columns[place], found.unit), piece, self._meanings[name]
        )
        for other, also in self._again.get(name, ()):
            again = parse(Found(found.column, piece.columns[other], also.unit), piece)
            parsed = parsed._replace(
                faults=[*parsed.faults, *_differing(found, also, parsed, again, piece)]
            )
        return parsed

    def units_of_some(self, columns: Mapping[str, pa.Array]) -> list[FaultGroup]:
        """Return the warning that some columns of money name a unit and others do not.

        Those are in yuan, as headings without a unit are. Columns of nothing, or of zeros, are so
        in any unit. `columns`: cells that were read, by name.
        """
        found = [f for _, f in self._columns.values() if f.column.type is ColumnType.MONEY]
        named = [one.raw.heading for one in found if one.unit != 1]
        unsaid = [
            one.raw.heading
            for one in found
            if (self.head.unit == 1 and one.raw.unit is None)
            and (recognised := self._recognise(one.raw.heading)) is not None
            and recognised[1] is None
            and one.column.name in columns
            and numbers(columns[one.column.name]).any()
        ]
        if not (named and unsaid):
            return []
        message = Text(
            "{named}写明了金额单位，{unsaid}没有写，按元读取；请核对，并在标题中写明单位",
            "{named} name a unit of money and {unsaid} do not, and are read in yuan: check them,"
            " and name the unit in their headings",
        ).fill(
            **{
                name: joined(f"“{in_line(heading)}”" for heading in headings)
                for name, headings in (("named", named), ("unsaid", unsaid))
            }
        )
        return [whole("unit_of_some_columns", message, table=self.table.name)]

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
        return Checked(self.table, piece, columns, self.present, self.unmapped, faults)


def _differing(
    one: Found, other: Found, first: Parsed, second: Parsed, piece: RawTable
) -> list[FaultGroup]:
    """Return a fault for each row in which two columns for the same thing do not hold the same."""
    if second.faults:
        return second.faults
    here, there = known(first.values), known(second.values)
    unequal = flags(pc.fill_null(pc.not_equal(first.values, second.values), False))
    rows = np.flatnonzero((here != there) | unequal).astype(np.int64)
    if first.faults or not len(rows):
        return []
    message = Text(
        "“{one}”和“{other}”都是{title}的标题，但两列内容不同",
        "“{one}” and “{other}” are both headings of {title}, but the two columns differ",
    ).fill(one=one.raw.heading.strip(), other=other.raw.heading.strip(), title=one.column.title)
    expected = Text(
        f"两列相同，或将其中一列改用标题“{one.column.heading}”",
        f"two equal columns, or one of them with the heading {one.column.name}",
    )
    name = one.column.name
    return [
        FaultGroup("columns_differ", message, piece.name, name, expected, rows, None, piece.locate)
    ]


def resolve_extra(unmapped: RawTable, table: Table, extra: Sequence[Column]) -> Resolved:
    """Say which of the columns that the dictionary does not know are those a policy adds.

    A heading that may mean a column of the dictionary is a fault unless the policy declares it, and
    so is one that was read as such a column although the policy declares it.
    """
    if not extra:
        return Resolved({}, list(unmapped.asked))
    sought = tuple(column._replace(required=False) for column in extra)
    resolved = resolve(unmapped, Table(table.name, table.heading, sought))
    as_declared = {column.name: column for column in extra}
    columns = {
        name: found._replace(column=as_declared[name]) for name, found in resolved.columns.items()
    }
    recognise = recogniser(Table(table.name, table.heading, sought))
    unread, _ = sorted_out(unmapped.unread, table.name, recognise)
    asked = [
        fault for fault in unmapped.asked if not (fault.values and recognise(str(fault.values[0])))
    ]
    asked += [
        ambiguous_heading(table, table.column(name), heading)
        for heading, name in unmapped.worded
        if recognise(heading)
    ]
    return Resolved(columns, [*resolved.faults, *unread, *asked])


def without_headings(
    warnings: Iterable[FaultGroup], table: str, headings: Container[str]
) -> list[FaultGroup]:
    """Return the warnings without those of similar headings that a policy declares as its own."""
    return [
        group
        for group in warnings
        if group.kind != "similar_heading"
        or group.table != table
        or not group.values
        or group.values[0] not in headings
    ]


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
