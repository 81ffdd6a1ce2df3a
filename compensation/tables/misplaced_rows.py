"""Rows that are not where they should be: records above the headings, headings among the records.

So are rows that say that they are examples.

Kinds of fault: ``records_above_headings``, ``second_headings``, ``example_row``.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, zip_longest

import numpy as np
import pyarrow.compute as pc

from compensation.arrays import flags, texts
from compensation.columns import Integers
from compensation.faults.groups import FaultGroup
from compensation.language import Text
from compensation.schema.column import NUMBERS, Column, ColumnType
from compensation.schema.dictionary import Table
from compensation.schema.measures import measure_of
from compensation.tables.headings import Recognise, heading_text, normalise, recogniser
from compensation.tables.raw import Locate, RawColumn
from compensation.tables.raw_rows import cells_of, of_texts
from compensation.values.characters import BLANKS
from compensation.values.columns import trimmed
from compensation.values.dates import day_of_text
from compensation.values.kinds import Kind
from compensation.values.numbers import units_of_text

_TWO = 2
"""How many known columns make a row one of headings, whatever else it says."""
_LOOKED_AT = 3
"""In how many columns a second row of headings is looked for."""
_SHOWN = 80
_EXAMPLES = 3
"""In how many records from the top examples are looked for."""
_EXAMPLE = re.compile(
    r"[(\[【]?(?:填[写报])?(?:示例|样例|范例|举例|例如?|example|sample|e\.g\.)[行数据]{0,3}\d{0,3}[)\]】]?:?\d{0,3}"
)
_EXAMPLE_ID = re.compile(r"[示样范]例|example")
LONGEST_CELL = 200
"""How much of a cell above the headings is looked at to tell whether it is of a record."""
_NUMBER = re.compile(r"[¥\uffe5]?-?[0-9][0-9,]{0,30}(?:\.[0-9]{1,30})?%?")
_ID = re.compile(r"[^:\uff1a\s]{0,63}[0-9a-zA-Z][^:\uff1a\s]{0,63}")
_TITLE = re.compile(r"[表账册]|明细|清单|统计|情况|汇总|年度|截[止至]")
_NO_DAY = (Kind.NOT_A_DATE, Kind.DAY_MISSING, Kind.BARE_SERIAL, Kind.TOO_LONG)
"""What the text of a title may be taken for in a column of dates: a year, a month, a number."""


def columns_named(row: Iterable[object], recognise: Recognise) -> set[str]:
    """Return the columns of the dictionary that a row of cells names."""
    recognised = (recognise(cell) for cell in row if isinstance(cell, str) and cell)
    return {found[0].name for found in recognised if found is not None}


def misplaced_above(
    rows: Sequence[Sequence[object]],
    written: Sequence[Sequence[str]],
    headings: Sequence[str],
    table: Table,
    locate: Locate,
) -> Iterator[FaultGroup]:
    """Yield the faults of records, and of other headings, above the headings.

    ``written``: the rows as texts, and then the row of headings as it is written.
    """
    *texts_above, own = written
    recognise = recogniser(table, further=True)
    meanings = {i: found[0] for i, text in enumerate(headings) if (found := recognise(text))}
    second: list[int] = []
    records: list[int] = []
    for position, (cells, row) in enumerate(zip(rows, texts_above, strict=True)):
        columns = zip_longest(row, headings, own, fillvalue="")
        others = [cell for cell, heading, under in columns if cell != heading or normalise(under)]
        if len(columns_named(others, recognise)) >= _TWO:
            second.append(position)
        elif _is_record(cells, row, meanings):
            records.append(position)
    if second:
        shown = [shown_row(written[position]) for position in second]
        yield second_headings(second, shown, table, locate)
    if records:
        shown = [shown_row(written[position]) for position in records]
        yield records_above(records, shown, table.name, locate)


def records_above(
    rows: Sequence[int], shown: Sequence[str], table: str, locate: Locate
) -> FaultGroup:
    """Return the faults of records that stand above the headings."""
    message = Text(
        "这一行像是记录，却在标题行之上，不会被读取：请把标题行移到最上面",
        "this row looks like a record, but stands above the headings, where nothing is read:"
        " move the headings to the top",
    )
    at = np.array(rows, np.int64)
    return FaultGroup(
        "records_above_headings", message, table, rows=at, values=list(shown), locate=locate
    )


def _is_record(cells: Sequence[object], row: Sequence[str], meanings: Mapping[int, Column]) -> bool:
    """Return whether a row above the headings looks like a record.

    It has an id, an amount or a day in the columns of such, nothing else in these, and something in
    more than half of the columns that must be filled in.
    """
    has_id = has_figure = False
    required = 0
    for place, column in meanings.items():
        text = normalise(row[place][:LONGEST_CELL]) if place < len(row) else ""
        if not text:
            continue
        required += column.required
        if column.type in (*NUMBERS, ColumnType.DATE):
            if not _is_figure(cells[place], row[place], column):
                return False
            has_figure = True
        elif column.name.endswith("_id"):
            has_id |= _ID.fullmatch(text) is not None and not _TITLE.search(text)
    wanted = sum(column.required for column in meanings.values())
    return has_id and has_figure and 2 * required > wanted


def _is_figure(cell: object, written: str, column: Column) -> bool:
    """Return whether a cell is a number or a day, as its column takes them or nearly so."""
    text = written[:LONGEST_CELL].strip(BLANKS)
    if column.type is ColumnType.DATE:
        return isinstance(cell, datetime.date) or day_of_text(text) not in _NO_DAY
    figure = _NUMBER.fullmatch(normalise(text)) is not None
    return figure or not isinstance(units_of_text(text, measure_of(column, 1)), Kind)


def headings_again(
    columns: Sequence[RawColumn], recognise: Recognise, table: Table
) -> Iterator[tuple[int, bool]]:
    """Yield the rows below the headings that are headings as well, and whether the same ones.

    Only rows that have one of them, exactly, in one of the first columns: in any other such row
    there is text where an amount or a date must be, which is a fault.
    """
    headings = [column.heading for column in columns]
    known = {name for c in table.columns for name in (c.name, c.heading, *c.further)}
    words = texts(sorted({word.strip(BLANKS) for word in known.union(headings)} - {""}))
    found = (
        of_texts(column, lambda cells: flags(pc.is_in(trimmed(cells), words.cast(cells.type))))
        for column in columns
        if normalise(column.heading)
    )
    headed = islice((each for each in found if each is not None), _LOOKED_AT)
    candidates = {row for rows in headed for row in np.flatnonzero(rows).tolist()}
    for row in sorted(candidates):
        cells = dict(cells_of(columns, row))
        if len(columns_named(cells.values(), recognise)) >= _TWO:
            yield (
                row,
                all(
                    normalise(str(cells.get(place, ""))) == normalise(heading)
                    for place, heading in enumerate(headings)
                    if normalise(heading)
                ),
            )


def second_headings(
    rows: Sequence[int], shown: Sequence[str], table: Table, locate: Locate
) -> FaultGroup:
    """Return the faults of rows of headings that differ from those of the table."""
    message = Text(
        "表中另有一行不同的标题：一张表只能有一行标题，请合并后再用",
        "another row of headings, which differ: a table has one, so bring the blocks together",
    )
    at = np.array(rows, np.int64)
    return FaultGroup(
        "second_headings", message, table.name, rows=at, values=list(shown), locate=locate
    )


def example_rows(
    columns: Sequence[RawColumn],
    meanings: Sequence[Column | None],
    records: Integers,
    table: Table,
    locate: Locate,
) -> Iterator[FaultGroup]:
    """Yield the fault of the first records that say that they are examples; `meanings`: by column.

    Examples stand on top: no other row is looked at.
    """
    found: dict[int, str] = {}
    for row in records[:_EXAMPLES].tolist():
        cells = cells_of(columns, row)
        for place, value in cells:
            key, meaning = normalise(heading_text(value)), meanings[place]
            of_id = meaning is not None and meaning.unique and _EXAMPLE_ID.search(key)
            if of_id or _EXAMPLE.fullmatch(key):
                found[row] = shown_row(v for _, v in cells)
    if found:
        message = Text(
            "这一行写明是示例，不是记录：请删除，或改为实际内容",
            "this row says that it is an example, and no record: remove it, or enter what is real",
        )
        at = np.array(list(found), np.int64)
        shown = list(found.values())
        yield FaultGroup("example_row", message, table.name, rows=at, values=shown, locate=locate)


def shown_row(cells: Iterable[object]) -> str:
    """Return a row as faults show it."""
    return ",".join(heading_text(cell) for cell in cells if cell not in (None, ""))[:_SHOWN]
