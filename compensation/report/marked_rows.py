"""The input once more, as rows of cells with the place of each column, to mark faults in.

A sheet of a workbook has all its rows, each where it stands in the file. Of long sheets, and of the
tables of a folder, only the rows with faults are taken, with their numbers before them.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa

from compensation.arrays import arrow
from compensation.faults.input_faults import InputFaults
from compensation.language import Language, Text
from compensation.ledger.table_reader import TableReader
from compensation.readers.reading import open_input
from compensation.readers.xlsx import BROKEN, sheet_contents
from compensation.schema.column import Column
from compensation.schema.dictionary import TABLES, Table, table
from compensation.tables.headings import normalise
from compensation.tables.layout import find_head
from compensation.tables.raw import RawColumn, RawTable

Extra = Mapping[str, Sequence[Column]]
Line = tuple[int, Sequence[object]]
"""The number of a row in the file, and its cells."""
MOST_ROWS = 20_000
"""Rows of a sheet up to which all are taken."""
HEADINGS_ABOVE = -1
"""What stands for the number of the headings of a folder's table, which the file may not number."""
_ROW = Text("行号", "row")


@dataclass(frozen=True)
class Sheet:
    """The rows of one sheet or file, one below the other.

    `table`: which table it is, if any. `head`: the number of the row of headings. `places`: where
    in a row the columns stand, by their names in the dictionary and by their headings.
    """

    name: str
    table: str | None
    head: int
    places: Mapping[str, int]
    lines: Iterable[Line]


def sheets_of(
    source: str | os.PathLike[str],
    wrong: Mapping[str, Collection[int]],
    extra: Extra,
    language: Language,
) -> Iterator[Sheet]:
    """Yield the sheets of an input, as far as it can be read.

    `wrong`: the numbers of the rows with faults, by table. `extra`: columns that a policy adds.
    """
    path = Path(source)
    if path.is_dir():
        yield from _of_folder(path, wrong, extra, language)
    else:
        yield from _of_workbook(path, wrong, extra, language)


def _of_workbook(
    path: Path, wrong: Mapping[str, Collection[int]], extra: Extra, language: Language
) -> Iterator[Sheet]:
    named = {pieces.head.source: name for name, pieces in open_input(path)[0].items()}
    try:
        for name, rows in sheet_contents(path):
            own = named.get(name) or _table_called(name)
            head = 0
            headings: tuple[str, ...] = ()
            places: dict[str, int] = {}
            if own is not None and (found := find_head(rows, table(own))) is not None:
                head, headings = found.row + 1, found.headings
                places = _places(headings, table(own), extra)
            if len(rows) <= MOST_ROWS:
                yield Sheet(name, own, head, places, enumerate(rows, 1))
            elif own is not None:
                numbers = sorted(n for n in wrong.get(own, ()) if 0 < n <= len(rows))
                cut = [(number, rows[number - 1]) for number in numbers]
                yield _with_numbers(name, own, headings, places, cut, language)
    except (OSError, *BROKEN):
        return  # a fault says so


def _with_numbers(
    name: str,
    own: str,
    headings: Sequence[str],
    places: Mapping[str, int],
    rows: Iterable[Line],
    language: Language,
) -> Sheet:
    """Return some rows of a table, each behind its number: where it stands here says nothing."""
    first: Line = HEADINGS_ABOVE, [_ROW.get(language), *headings]
    numbered: Iterator[Line] = ((number, [number, *cells]) for number, cells in rows)
    moved = {column: place + 1 for column, place in places.items()}
    return Sheet(name, own, HEADINGS_ABOVE, moved, chain([first], numbered))


def _table_called(name: str) -> str | None:
    """Return the table whose name a sheet has; it may be one that could not be read."""
    known = (each.name for each in TABLES if normalise(name) in (each.name, each.heading))
    return next(known, None)


def _places(headings: Sequence[str], own: Table, extra: Extra) -> dict[str, int]:
    """Return where the columns stand, by heading and by the name that a heading stands for."""
    columns = tuple(RawColumn(heading) for heading in headings)
    reader = TableReader(own, RawTable(own.name, columns, 0), extra.get(own.name, ()))
    places = {heading: place for place, heading in reversed([*enumerate(headings)]) if heading}
    return {**places, **dict(zip(reader.names, reader.places(reader.names), strict=True))}


def _of_folder(
    path: Path, wrong: Mapping[str, Collection[int]], extra: Extra, language: Language
) -> Iterator[Sheet]:
    tables, _ = open_input(path)
    for own in TABLES:
        numbers = wrong.get(own.name)
        if numbers is None or own.name not in tables:
            continue
        pieces = tables[own.name]
        headings = [column.heading for column in pieces.head.columns]
        wanted = np.array(sorted(numbers), np.int64)
        lines: list[Line] = []
        first = 0
        try:
            for piece in pieces.read(range(len(headings))) if len(wanted) else ():
                located = pieces.head.locate(np.arange(first, first + piece.rows, dtype=np.int64))
                first += piece.rows
                kept = np.flatnonzero(np.isin(located, wanted)).astype(np.int64)
                cells = [cells_of(column, kept) for column in piece.columns]
                lines += zip(located[kept].tolist(), zip(*cells, strict=True), strict=True)
        except InputFaults:
            pass  # what could be read is shown
        places = _places(headings, own, extra)
        yield _with_numbers(own.heading, own.name, headings, places, lines, language)


def cells_of(column: RawColumn, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[object]:
    """Return some cells of a column as Python values; a blank one is None."""
    cells: list[object] = [None] * len(rows)
    text = column.spelled_out().text
    for part in (text, column.number, column.moment, column.boolean):
        if part is not None:
            taken = part.take(arrow(rows))
            if pa.types.is_timestamp(taken.type):
                taken = taken.cast(pa.timestamp("us"), safe=False)
            values = taken.to_pylist()
            cells = [
                cell if value is None else value for cell, value in zip(cells, values, strict=True)
            ]
    return cells
