"""What a cell means: from a column as it was read to values of the dictionary's types.

One place for every reader. Whatever is accepted in a workbook is accepted in a CSV file, a Parquet
file or a DataFrame, and every cell that is not accepted is a fault, found with all the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import arrow, flags, stored
from compensation.faults.cell_faults import message_of
from compensation.faults.groups import FaultGroup
from compensation.money import Integers
from compensation.schema.choices import places_of
from compensation.schema.column import NUMBERS, Column, ColumnType
from compensation.schema.measures import measure_of
from compensation.tables.cells import CellTexts, cells_of
from compensation.tables.headings import Found
from compensation.tables.raw import RawTable
from compensation.values.choices import read_booleans, read_choices
from compensation.values.columns import (
    Cells,
    Part,
    Reading,
    is_narrow,
    without_doubt,
)
from compensation.values.date_columns import read_dates
from compensation.values.kinds import LONGEST_VALUE, Kind
from compensation.values.number_columns import read_numbers
from compensation.values.numbers import MAX_COUNT
from compensation.values.texts import read_texts


class Parsed(NamedTuple):
    """A column as the dictionary holds it, null where blank or faulty, and its faults."""

    values: pa.Array
    faults: list[FaultGroup]


@dataclass
class WordMeanings:
    """What the words of a column mean, as it was read last: its pieces may have the same words."""

    last: tuple[pa.Array, pa.Array] | None = None

    def of(self, words: pa.Array) -> pa.Array | None:
        """Return the values of the words, if they are known."""
        last = self.last
        return last[1] if last is not None and last[0].equals(words) else None


def parse(found: Found, table: RawTable, meanings: WordMeanings | None = None) -> Parsed:
    """Return what the cells of a column mean, and a group for each kind of fault among them.

    A blank cell stands for the column's default, if it has one; in a required column it is a fault.
    ``meanings``: what is remembered of the column from piece to piece.
    """
    if found.raw.words is not None:
        return _parse_words(found, found.raw.words, table, meanings or WordMeanings())
    column = found.column
    cells = cells_of(found.raw)
    filled = np.zeros(table.rows, np.bool_)
    for part in cells.parts():
        filled |= part.filled
    cells, doubtful = _without_doubtful(cells, column, found.unit)
    if column.type is ColumnType.TEXT:
        values, refused = read_texts(cells, table.rows, ids=column.is_id)
        refused.append((Kind.FLOAT_PRECISION, doubtful))
    else:
        cells, overlong = _without_overlong(cells)
        reading = _read_whole(cells, table.rows, column, found.unit)
        reading.refuse(Kind.TOO_LONG, overlong)
        reading.refuse(Kind.FLOAT_PRECISION, doubtful)
        if column.positive:
            reading.refuse(Kind.NOT_POSITIVE, np.flatnonzero(reading.known & (reading.values == 0)))
        if column.implausible is not None:
            reading.refuse(Kind.IMPLAUSIBLE_RATE, _implausible(reading, cells, column.implausible))
        if column.default is not None:
            reading.accept(~filled, np.full(table.rows, column.default, np.int64))
        values, refused = _as_held(reading, column.type), reading.refused
    if column.required:
        blank = Kind.DRAFT if column.dates_draft else Kind.BLANK
        refused.append((blank, np.flatnonzero(~filled)))
    return Parsed(values, _fault_groups(refused, found, table))


def _parse_words(
    found: Found, words: pa.DictionaryArray, table: RawTable, meanings: WordMeanings
) -> Parsed:
    """Parse each word once; every cell by itself where some are blank or wrong."""
    if len(words) and not words.null_count:
        values = meanings.of(words.dictionary)
        if values is None:
            few = found._replace(raw=found.raw._replace(text=words.dictionary, words=None))
            parsed = parse(few, table._replace(rows=len(words.dictionary)))
            if not parsed.faults:
                values = parsed.values
                meanings.last = words.dictionary, values
        if values is not None:
            return Parsed(values.take(words.indices), [])
    return parse(found._replace(raw=found.raw.spelled_out()), table)


def _without_overlong(cells: Cells) -> tuple[Cells, Integers]:
    """Return the cells without the texts that are too long for any value, and their rows.

    What a text could mean is not looked into any further, however it is made.
    """
    if cells.text is None:
        return cells, np.empty(0, np.int64)
    lengths = pc.binary_length(cells.text.cells)
    if pc.max(lengths).as_py() <= LONGEST_VALUE:  # bytes are never fewer than characters
        return cells, np.empty(0, np.int64)
    overlong = cells.text.filled & flags(
        pc.greater(pc.utf8_length(cells.text.cells), LONGEST_VALUE).fill_null(False)
    )
    text = Part(cells.text.cells, cells.text.filled & ~overlong)
    return cells._replace(text=text if text.filled.any() else None), np.flatnonzero(overlong)


def _without_doubtful(cells: Cells, column: Column, unit: int) -> tuple[Cells, Integers]:
    """Return the cells without the narrow floats that may stand for several numbers; their rows.

    In a column that is not of numbers they stand for whole numbers: ids, 20220301, 1 and 0.
    """
    part = cells.number
    if part is None or not is_narrow(part.cells.type):
        return cells, np.empty(0, np.int64)
    places, largest = 0, MAX_COUNT
    if column.type in NUMBERS:
        measure = measure_of(column, unit)
        places, largest = measure.places, measure.largest
    sure, doubtful = without_doubt(part, places, largest)
    if column.type is ColumnType.TEXT:
        fraction = sure.filled & (stored(sure.cells, np.float64) % 1 != 0)
        sure = Part(sure.cells, sure.filled & ~fraction)
        doubtful = np.union1d(doubtful, np.flatnonzero(fraction))
    return cells._replace(number=sure if sure.filled.any() else None), doubtful


def _implausible(reading: Reading, cells: Cells, least: int) -> Integers:
    """Return the rows of rates so high that they may be percentages written as numbers."""
    rows = np.flatnonzero(reading.known & (reading.values >= least))
    if cells.text is None or not len(rows):
        return rows
    signed = pc.match_substring_regex(cells.text.cells.take(arrow(rows)), "[%％]$")
    return rows[~flags(signed.fill_null(False))]


def _read_whole(cells: Cells, rows: int, column: Column, unit: int) -> Reading:
    """Read a column of any type but text, all of which are held as whole numbers."""
    if column.type is ColumnType.DATE:
        return read_dates(cells, rows)
    if column.type is ColumnType.BOOLEAN:
        return read_booleans(cells, rows)
    if column.type is ColumnType.CHOICE:
        return read_choices(cells, rows, places_of(column))
    return read_numbers(cells, rows, measure_of(column, unit))


def _as_held(reading: Reading, kind: ColumnType) -> pa.Array:
    """Return the values as the column type holds them, null where not known."""
    if kind is ColumnType.BOOLEAN:
        return arrow(reading.values != 0, reading.known)
    if kind is ColumnType.CHOICE:
        return arrow(reading.values.astype(np.int8), reading.known)
    if kind is ColumnType.DATE:
        return arrow(reading.values.astype(np.int32), reading.known).view(pa.date32())
    return arrow(reading.values, reading.known)


def _fault_groups(
    refused: list[tuple[Kind, Integers]], found: Found, table: RawTable
) -> list[FaultGroup]:
    """Return the faults of a column, a group for each kind in the order of `Kind`."""
    groups: list[FaultGroup] = []
    if not any(len(rows) for _, rows in refused):
        return groups
    for kind in Kind:
        of_kind = [rows for refused_as, rows in refused if refused_as is kind and len(rows)]
        if of_kind:
            rows = np.sort(np.concatenate(of_kind))
            groups.append(
                FaultGroup(
                    kind.value,
                    message_of(kind, found.column, found.unit),
                    table.name,
                    found.column.name,
                    found.column.expected,
                    rows,
                    None if kind in (Kind.BLANK, Kind.DRAFT) else CellTexts(found.raw, rows),
                    table.locate,
                    own=found.column,
                )
            )
    return groups
