"""How a table lies on a sheet or in a CSV file: title, unit line, headings, records, total, footer.

Kinds of fault: ``no_headings``, ``records_above_headings``, ``second_headings``, ``unknown_unit``.
Kind of warning: ``total_differs``.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from compensation.arrays import arrow, flags, texts
from compensation.language import Text
from compensation.ledger.dictionary import Column, ColumnType, Table
from compensation.ledger.faults import FaultGroup, whole
from compensation.ledger.footers import FOOTER_ROWS, is_footer
from compensation.ledger.headings import Recognise, normalise, recogniser, resolve
from compensation.ledger.raw import Locate, RawColumn, RawTable, count_from_one
from compensation.ledger.raw_rows import cells_of, filled, taken
from compensation.ledger.total_rows import Totals, differences, find_totals, is_total
from compensation.ledger.unit_places import (
    Merged,
    Statement,
    Units,
    above,
    beside,
    in_columns,
    said,
    settle,
    under,
)

TITLE_ROWS = 50
"""In how many rows from the top the headings are looked for."""

Positions = npt.NDArray[np.int64]

_TWO = 2
"""How many known columns make a row one of headings, whatever else it says."""
_LOOKED_AT = 3
"""In how many columns a second row of headings is looked for."""
_SHOWN = 80
LONGEST_CELL = 200
"""How much of a cell above the headings is looked at to tell whether it is of a record."""
_NUMBER = re.compile(r"[¥\uffe5]?-?[0-9][0-9,]{0,30}(?:\.[0-9]{1,30})?%?")
_DAY = re.compile(r"[0-9]{4}[-/.年]?[0-9]{1,2}[-/.月]?[0-9]{1,2}日?(?: ?00:00(?::00)?)?")
_ID = re.compile(r"[^:\uff1a\s]{0,63}[0-9a-zA-Z][^:\uff1a\s]{0,63}")
_TITLE = re.compile(r"[表账册]|明细|清单|统计|情况|汇总|年度|截[止至]")
_TYPED = {
    ColumnType.MONEY: _NUMBER,
    ColumnType.COUNT: _NUMBER,
    ColumnType.SHARE: _NUMBER,
    ColumnType.DATE: _DAY,
}


@dataclass(frozen=True)
class Head:
    """What stands above the records: the place of the row of headings, and what is said of units.

    `matched`: how many columns of the dictionary the headings name.
    """

    row: int
    headings: tuple[str, ...]
    matched: int
    statements: tuple[Statement, ...]
    faults: tuple[FaultGroup, ...]


@dataclass(frozen=True)
class Body:
    """The records of a table, and what was found around them.

    `columns`: those with a heading. `kept`: the positions of the rows that are records; None if all
    are. `unit`: see `RawTable`.
    """

    columns: tuple[RawColumn, ...]
    kept: Positions | None
    unit: int
    faults: tuple[FaultGroup, ...]
    warnings: tuple[FaultGroup, ...]


def find_head(
    rows: Sequence[Sequence[object]],
    table: Table,
    merged: Merged = (),
    locate: Locate = count_from_one,
) -> Head | None:
    """Return the head of a table from its first rows; None if all of them are blank.

    The headings are the row that names the most columns of ``table``, the first such row; where it
    is blank, a known heading right above it counts. Where no row names any, the first that is not
    blank stands for them, so that faults can say what it has. ``merged``: the merged ranges.
    ``locate`` turns positions in ``rows`` into row numbers of the file.
    """
    written = [[heading_text(cell) for cell in row] for row in rows[:TITLE_ROWS]]
    filled_rows = [i for i, row in enumerate(written) if any(normalise(text) for text in row)]
    if not filled_rows:
        return None
    recognise = recogniser(table)
    matched = [len(_named(row, recognise)) for row in written]
    best = max(filled_rows, key=lambda i: matched[i])
    over = written[best - 1] if best else ()
    headings = _with_those_above(written[best], over, recognise)
    below = under(headings, table, merged)
    statements = [*above(written[:best], below, locate), *beside(headings, best, table, locate)]
    faults = _above_headings(rows[:best], written[:best], headings, table, locate)
    return Head(best, headings, matched[best], tuple(statements), tuple(faults))


def body_of(
    head: Head,
    columns: Sequence[RawColumn],
    rows: int,
    occupied: Positions,
    table: Table,
    locate: Locate,
    notes: Sequence[Statement] = (),
) -> Body:
    """Tell the records below the headings from everything else that stands there.

    No records are rows in which nothing is written, rows of totals, a footer, and the same headings
    again at the top of a page. ``columns`` are all that the sheet has, those without a heading too:
    合计 or a unit may stand there. A row counts as written where a column with a heading has
    something; ``occupied`` are rows in which a cell holds something that the reader could not read.
    ``locate`` turns positions into row numbers of the file; ``notes``: units that are named
    elsewhere.
    """
    written = np.zeros(rows, dtype=np.bool_)
    written[occupied] = True
    for column in columns:
        if normalise(column.heading) and not written.all():
            written |= filled(column, rows)
    recognise = recogniser(table)
    found = [recognise(column.heading) for column in columns]
    meanings = [None if each is None else each[0] for each in found]
    faults: list[FaultGroup] = []
    again = list(_headings_again(columns, recognise, table))
    written[[row for row, _ in again]] = False
    other = [row for row, same in again if not same]
    if other:
        shown = [_shown(v for _, v in cells_of(columns, row)) for row in other]
        faults.append(_second_headings(other, shown, table, locate))
    total_rows = list(find_totals(columns, meanings, written))
    written[total_rows] = False
    statements = [*head.statements, *notes]
    for last in np.flatnonzero(written)[: -FOOTER_ROWS - 1 : -1].tolist():
        cells = [value for _, value in cells_of(columns, last)]
        if not is_footer(cells):
            break
        written[last] = False
        statements += said(cells, last, locate)
    below = under(head.headings, table)
    statements += in_columns(columns, below, locate)
    units = settle(statements, below, table)
    kept = None if written.all() else np.flatnonzero(written)
    records = _with_heading(columns, units, kept)
    warnings: list[FaultGroup] = []
    if total_rows:
        at = np.array(total_rows, np.int64)
        number = rows if kept is None else len(kept)
        totals = RawTable(
            table.name,
            _with_heading(columns, units, at),
            len(at),
            locate=lambda positions: locate(at[positions]),
        )
        raw = RawTable(table.name, records, number, units.whole)
        labels = [_label_of(cells_of(columns, row)) for row in total_rows]
        after = np.searchsorted(np.arange(rows) if kept is None else kept, at)
        resolved = resolve(raw, table).columns.values()
        warnings = differences(raw, Totals(totals, labels, after), list(resolved))
    return Body(records, kept, units.whole, (*faults, *units.faults), tuple(warnings))


def _with_heading(
    columns: Sequence[RawColumn], units: Units, rows: Positions | None
) -> tuple[RawColumn, ...]:
    """Return the columns with a heading, some of their rows, and the units of groups of them."""
    headed = [
        replace(column, unit=units.columns.get(place))
        for place, column in enumerate(columns)
        if normalise(column.heading)
    ]
    return tuple(headed if rows is None else [taken(column, arrow(rows)) for column in headed])


def _label_of(cells: Iterable[tuple[int, object]]) -> str:
    return next(v for _, v in cells if isinstance(v, str) and is_total(v))


def no_headings(table: Table, source: str) -> FaultGroup:
    """Return the fault of a table in which nothing is written at all."""
    message = Text(
        "“{source}”是空的,没有标题行", "“{source}” is empty: there is no row of headings"
    )
    expected = Text(
        "标题行:" + "、".join(column.heading for column in table.columns if column.required),
        "a row of headings: " + ", ".join(c.name for c in table.columns if c.required),
    )
    return whole("no_headings", message.fill(source=source), table=table.name, expected=expected)


def heading_text(cell: object) -> str:
    """Return a cell of the heading row as text: 2022.0 is 2022, and a day is written as one."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def column_name(heading: str, table: Table) -> str:
    """Return the dictionary's name of the column that a heading names, else the heading itself."""
    recognised = recogniser(table)(heading)
    return heading if recognised is None else recognised[0].name


def _named(row: Iterable[object], recognise: Recognise) -> set[str]:
    """Return the columns of the dictionary that a row of cells names."""
    recognised = (recognise(cell) for cell in row if isinstance(cell, str) and cell)
    return {found[0].name for found in recognised if found is not None}


def _with_those_above(
    row: Sequence[str], over: Sequence[str], recognise: Recognise
) -> tuple[str, ...]:
    """Return the headings; where one is blank, a known one right above it counts."""
    known = _named(row, recognise)
    headings = []
    for own, other in zip_longest(row, over, fillvalue=""):
        found = recognise(other) if other and not normalise(own) else None
        headings.append(own if found is None or found[0].name in known else other)
    return tuple(headings)


# Rows that are not where they should be


def _above_headings(
    rows: Sequence[Sequence[object]],
    written: Sequence[Sequence[str]],
    headings: Sequence[str],
    table: Table,
    locate: Locate,
) -> Iterator[FaultGroup]:
    """Yield the faults of records, and of other headings, above the headings."""
    recognise = recogniser(table)
    meanings = {i: found[0] for i, text in enumerate(headings) if (found := recognise(text))}
    second: list[int] = []
    records: list[int] = []
    for position, (cells, row) in enumerate(zip(rows, written, strict=True)):
        others = [a for a, b in zip_longest(row, headings, fillvalue="") if a != b]
        if len(_named(others, recognise)) >= _TWO:
            second.append(position)
        elif _is_record(cells, row, meanings):
            records.append(position)
    if second:
        shown = [_shown(written[position]) for position in second]
        yield _second_headings(second, shown, table, locate)
    if records:
        message = Text(
            "这一行像是记录，却在标题行之上，不会被读取：请把标题行移到最上面",
            "this row looks like a record, but stands above the headings, where nothing is read:"
            " move the headings to the top",
        )
        yield FaultGroup(
            "records_above_headings",
            message,
            table.name,
            rows=np.array(records, np.int64),
            values=[_shown(written[position]) for position in records],
            locate=locate,
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
        if column.type in _TYPED:
            day = isinstance(cells[place], datetime.date) and column.type is ColumnType.DATE
            if not day and not _TYPED[column.type].fullmatch(text):
                return False
            has_figure = True
        elif column.name.endswith("_id"):
            has_id |= _ID.fullmatch(text) is not None and not _TITLE.search(text)
    wanted = sum(column.required for column in meanings.values())
    return has_id and has_figure and 2 * required > wanted


def _headings_again(
    columns: Sequence[RawColumn], recognise: Recognise, table: Table
) -> Iterator[tuple[int, bool]]:
    """Yield the rows below the headings that are headings as well, and whether the same ones.

    Only rows that have one of them, exactly, in one of the first columns: in any other such row
    there is text where an amount or a date must be, which is a fault.
    """
    headings = [column.heading for column in columns]
    known = {name for column in table.columns for name in (column.name, column.heading)}
    words = texts(sorted(known | set(headings) - {""}))
    headed = [c for c in columns if normalise(c.heading) and c.text is not None][:_LOOKED_AT]
    candidates: set[int] = set()
    for column in headed:
        assert column.text is not None
        heading = pc.is_in(column.text, value_set=words.cast(column.text.type))
        candidates.update(np.flatnonzero(flags(heading)).tolist())
    for row in sorted(candidates):
        cells = dict(cells_of(columns, row))
        if len(_named(cells.values(), recognise)) >= _TWO:
            yield (
                row,
                all(
                    normalise(str(cells.get(place, ""))) == normalise(heading)
                    for place, heading in enumerate(headings)
                    if normalise(heading)
                ),
            )


def _second_headings(
    rows: Sequence[int], shown: Sequence[str], table: Table, locate: Locate
) -> FaultGroup:
    message = Text(
        "表中另有一行不同的标题：一张表只能有一行标题，请合并后再用",
        "another row of headings, which differ: a table has one, so bring the blocks together",
    )
    at = np.array(rows, np.int64)
    return FaultGroup(
        "second_headings", message, table.name, rows=at, values=list(shown), locate=locate
    )


def _shown(cells: Iterable[object]) -> str:
    return ",".join(heading_text(cell) for cell in cells if cell not in (None, ""))[:_SHOWN]
