"""Tables put together from their pieces, for whoever holds all rows of a column as it was read.

Kind of fault: ``column_type``.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from compensation.arrays import known
from compensation.faults.input_faults import InputFaults
from compensation.readers.parquet import column_type
from compensation.schema.dictionary import Table
from compensation.tables.pieces import Pieces
from compensation.tables.raw import RawColumn, RawTable, whole_array
from compensation.values.columns import Part, is_narrow, without_doubt
from compensation.values.numbers import NO_LIMIT

_WIDEST = {"text": pa.large_string(), "moment": pa.timestamp("us")}
"""What the parts of a column are brought to where pieces hold them in different types."""


def whole_table(pieces: Pieces, table: Table, places: Sequence[int] | None = None) -> RawTable:
    """Return a table with the columns at ``places`` in its head, or with all of them.

    Raises `InputFaults` where the file is broken, or its files hold a column in types that cannot
    be brought together.
    """
    head = pieces.head
    wanted = range(len(head.columns)) if places is None else places
    read = list(pieces.read(wanted))
    columns = tuple(
        _joined(head.columns[place], [(p.columns[place], p.rows) for p in read], table)
        for place in wanted
    )
    return head._replace(columns=columns, rows=sum(piece.rows for piece in read))


def _joined(head: RawColumn, pieces: Sequence[tuple[RawColumn, int]], table: Table) -> RawColumn:
    """Return a column of all pieces; what is text in one file may be a date in another.

    Raises `InputFaults` where files hold floats of different widths, and a narrow one is in doubt.
    """
    pieces = [(column.spelled_out(), rows) for column, rows in pieces]
    numbers = {column.number.type for column, _ in pieces if column.number is not None}
    if len([kind for kind in numbers if pa.types.is_floating(kind)]) > 1:
        pieces = [(_widened(column, table), rows) for column, rows in pieces]
    if len(numbers) > 1:
        pieces = [(_exact_as_text(column), rows) for column, rows in pieces]

    def part(name: str) -> pa.Array | None:
        kinds = {
            getattr(column, name).type for column, _ in pieces if getattr(column, name) is not None
        }
        if not kinds:
            return None
        kind = kinds.pop() if len(kinds) == 1 else _WIDEST[name]
        cells = (
            pa.nulls(rows, kind) if getattr(column, name) is None else getattr(column, name)
            for column, rows in pieces
        )
        return whole_array(pa.chunked_array([each.cast(kind) for each in cells], kind))

    try:
        parts = part("text"), part("number"), part("moment"), part("boolean")
    except pa.ArrowException as error:
        raise InputFaults([column_type(head.heading, str(error), table)]) from error
    return RawColumn(head.heading, *parts, head.unit)


def _widened(column: RawColumn, table: Table) -> RawColumn:
    """Return a column with floats of 64 bits; what its unit is nobody knows here yet.

    So a narrow one must be in no doubt even as an amount in units of 10,000 yuan or as a ratio.
    """
    if column.number is None or not is_narrow(column.number.type):
        return column
    wide, doubtful = without_doubt(Part(column.number, known(column.number)), 6, NO_LIMIT)
    if len(doubtful):
        raise InputFaults([column_type(column.heading, str(column.number.type), table)])
    return RawColumn(column.heading, number=wide.cells)


def _exact_as_text(column: RawColumn) -> RawColumn:
    """Return a column of whole numbers or decimals as texts, digit for digit."""
    if column.number is None or pa.types.is_floating(column.number.type):
        return column
    return RawColumn(column.heading, text=column.number.cast(pa.string()))
