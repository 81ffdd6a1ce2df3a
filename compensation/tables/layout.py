"""How a table lies on a sheet or in a CSV file: title, unit line, headings, records, total, footer.

Kinds of fault: ``no_headings``, ``records_above_headings``, ``second_headings``, ``unknown_unit``.
Kinds of warning: ``total_differs``, ``column_without_heading``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
import numpy.typing as npt

from compensation.arrays import arrow
from compensation.faults.groups import FaultGroup, whole
from compensation.language import Text
from compensation.money import Flags
from compensation.schema.dictionary import Table
from compensation.schema.units import units_in
from compensation.tables.footers import FOOTER_ROWS, is_footer
from compensation.tables.headings import Recognise, heading_text, normalise, recogniser, resolve
from compensation.tables.misplaced_rows import (
    columns_named,
    headings_again,
    misplaced_above,
    second_headings,
    shown_row,
)
from compensation.tables.raw import Locate, RawColumn, RawTable, count_from_one
from compensation.tables.raw_rows import cells_of, filled, taken
from compensation.tables.total_rows import Totals, differences, find_totals, is_total
from compensation.tables.unit_places import (
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

LOOKED_AT = 100
"""How many cells of a column without a heading are looked at for units of money."""
SHOWN = 80

Positions = npt.NDArray[np.int64]


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
    merged: Sequence[Merged] = (),
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
    recognise = recogniser(table, further=True)
    best, matched = filled_rows[0], -1
    for i in filled_rows:
        # A row names no more columns than it has cells: records below the headings need no look.
        if sum(map(bool, written[i])) > matched:
            named = len(columns_named(written[i], recognise))
            if named > matched:
                best, matched = i, named
    over = written[best - 1] if best else ()
    headings = _with_those_above(written[best], over, recognise)
    headings = _with_their_groups(headings, best, written, merged, recognise)
    below = under(headings, table, merged)
    statements = [*above(written[:best], below, locate), *beside(headings, best, table, locate)]
    faults = misplaced_above(rows[:best], written[: best + 1], headings, table, locate)
    return Head(best, headings, matched, tuple(statements), tuple(faults))


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
    recognise = recogniser(table, further=True)
    found = [recognise(column.heading) for column in columns]
    meanings = [None if each is None else each[0] for each in found]
    faults: list[FaultGroup] = []
    again = list(headings_again(columns, recognise, table))
    written[[row for row, _ in again]] = False
    other = [row for row, same in again if not same]
    if other:
        shown = [shown_row(v for _, v in cells_of(columns, row)) for row in other]
        faults.append(second_headings(other, shown, table, locate))
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
        raw = RawTable(table.name, records, number)
        labels = [_label_of(cells_of(columns, row)) for row in total_rows]
        after = np.searchsorted(np.arange(rows) if kept is None else kept, at)
        resolved = resolve(raw, table).columns.values()
        warnings = differences(raw, Totals(totals, labels, after), list(resolved))
    warnings += without_heading(columns, written, table)
    return Body(records, kept, units.whole or 1, (*faults, *units.faults), tuple(warnings))


def _with_heading(
    columns: Sequence[RawColumn], units: Units, rows: Positions | None
) -> tuple[RawColumn, ...]:
    """Return the columns with a heading, some of their rows, and the units of groups of them."""
    headed = [
        column._replace(unit=units.columns.get(place, units.whole))
        for place, column in enumerate(columns)
        if normalise(column.heading)
    ]
    return tuple(headed if rows is None else [taken(column, arrow(rows)) for column in headed])


def without_heading(
    columns: Sequence[RawColumn], records: Flags, table: Table
) -> Iterator[FaultGroup]:
    """Yield a warning for each column of a sheet without a heading that holds something of records.

    A unit of money that is written beside them is understood, and needs none. ``records``: which
    rows are records.
    """
    for place, column in enumerate(columns):
        if normalise(column.heading):
            continue
        rows = np.flatnonzero(records & filled(column, len(records)))
        if not len(rows):
            continue
        cells = [v for row in rows[:LOOKED_AT].tolist() for _, v in cells_of([column], row)]
        other = [cell for cell in cells if not (isinstance(cell, str) and units_in(cell))]
        if not other and len(rows) <= LOOKED_AT:
            continue
        message = Text(
            "第 {place} 列没有标题，其内容未读取", "column {place} has no heading and is not read"
        ).fill(place=place + 1)
        value = heading_text([*other, *cells][0])[:SHOWN]
        yield whole("column_without_heading", message, table=table.name, value=value)


def _label_of(cells: Iterable[tuple[int, object]]) -> str:
    return next(v for _, v in cells if isinstance(v, str) and is_total(v))


def no_headings(table: Table, source: str) -> FaultGroup:
    """Return the fault of a table in which nothing is written at all."""
    message = Text(
        "“{source}”是空的，没有标题行", "“{source}” is empty: there is no row of headings"
    )
    expected = Text(
        "标题行：" + "、".join(column.heading for column in table.columns if column.required),
        "a row of headings: " + ", ".join(c.name for c in table.columns if c.required),
    )
    return whole("no_headings", message.fill(source=source), table=table.name, expected=expected)


def _with_those_above(
    row: Sequence[str], over: Sequence[str], recognise: Recognise
) -> tuple[str, ...]:
    """Return the headings; where one is blank, a known one right above it counts."""
    known = columns_named(row, recognise)
    headings = []
    for own, other in zip_longest(row, over, fillvalue=""):
        found = recognise(other) if other and not normalise(own) else None
        headings.append(own if found is None or found[0].name in known else other)
    return tuple(headings)


def _with_their_groups(
    headings: tuple[str, ...],
    row: int,
    written: Sequence[Sequence[str]],
    merged: Sequence[Merged],
    recognise: Recognise,
) -> tuple[str, ...]:
    """Return the headings; 银行 under the merged 风险分担比例 is 银行风险分担比例.

    `row`: that of the headings. Such a heading says what it is only with that of its group.
    """
    known, found = columns_named(headings, recognise), list(headings)
    for (first, left), (last, right) in merged:
        if last != row - 1 or first != last or left >= len(written[first]):
            continue
        group = written[first][left]
        for place in range(left, min(right + 1, len(found))):
            if normalise(found[place]) and recognise(found[place]) is None:
                named = recognise(found[place] + group)
                if named is not None and named[0].name not in known:
                    found[place] += group
    return tuple(found)
