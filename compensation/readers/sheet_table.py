"""From what is on a sheet to the table: its records, and the cells that are not what they seem.

Kinds of fault: ``sheet_too_large``, ``error_cell``, ``formula_without_value``, ``scaling_format``,
``percent_format``, ``date_format``, ``struck_out``, and those of `layout` and `merged_cells`.
Kinds of warning: those of `layout` and `hidden`.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from compensation.columns import distinct
from compensation.faults.groups import FaultGroup, whole
from compensation.language import Text
from compensation.readers.hidden import hidden_columns, hidden_rows
from compensation.readers.merged_cells import Filler, find_merged_head, is_blank
from compensation.readers.number_formats import DATE, MESSAGES
from compensation.readers.sheet import Content, Sheet
from compensation.readers.sheet_extent import StyledCells
from compensation.readers.sheet_notes import units_in_notes
from compensation.readers.sheet_xml import Unreadable
from compensation.schema.dictionary import Table
from compensation.tables.headings import column_name, heading_text, normalise, recogniser
from compensation.tables.layout import Head, Positions, body_of, no_headings
from compensation.tables.raw import Locate, RawColumn, RawTable, column_of_cells
from compensation.tables.unit_places import in_name
from compensation.tables.unread_cells import concerns

_MESSAGES = {
    "struck_out": Text(
        "内容被划了删除线：作废的请删除整行，有效的请取消删除线",
        "the content is struck out: remove the row if it is void, or else the strike",
    ),
    "error_cell": Text("单元格是错误值", "the cell holds an error"),
    "formula_without_value": Text(
        "公式没有计算结果：请用 Excel 或 WPS 打开、保存后再用",
        "the formula has no stored result: open and save the file in a spreadsheet program",
    ),
}


_TIMES = frozenset({datetime.date, datetime.datetime, datetime.time, datetime.timedelta})
"""What the parser makes of a number that has the format of a date or of a time."""
_STYLE_BITS = 20
"""Bits in which the number of a style fits."""


@dataclass(frozen=True)
class _Records:
    """The records of a table on its sheet. `numbers`: the row of each, from 1.

    `locate` outlives the records, and so must hold no more than the numbers.
    """

    rows: Sequence[Sequence[object]]
    head: Head
    numbers: Positions
    table: Table
    locate: Locate

    def group(
        self, kind: str, message: Text, column: int, rows: Positions, values: Sequence[str]
    ) -> FaultGroup:
        """Return the faults of cells of one column; ``rows`` are those of the sheet, from 0."""
        return FaultGroup(
            kind,
            message,
            self.table.name,
            column_name(self.head.headings[column], self.table),
            rows=np.searchsorted(self.numbers, rows + 1).astype(np.int64),
            values=values,
            locate=self.locate,
        )


def table_of(
    sheet: Sheet, content: Content, table: Table
) -> tuple[RawTable | None, list[FaultGroup]]:
    """Return the table of a sheet and what is wrong with it; None if there is none."""
    rows, found = content.rows, content.scan
    if found.too_large:
        message = Text(
            "工作表“{name}”的内容延伸到第 {row} 行、第 {column} 列：请删除表格以外的内容",
            "the cells of the sheet “{name}” reach to row {row}, column {column}:"
            " remove what does not belong to the table",
        ).fill(name=sheet.name, row=found.extent.rows, column=found.extent.columns)
        return None, [whole("sheet_too_large", message, table=table.name)]
    head = find_merged_head(rows, table, content.merged)
    if head is None:
        return None, [] if table.optional else [no_headings(table, sheet.name)]
    first = head.row + 1
    headed = {i for i, heading in enumerate(head.headings) if heading}
    unread = sorted(
        cell for cell in found.unreadable if cell.row >= first and cell.column in headed
    )
    # The parser's rows end where its last value is; a formula without one may stand below.
    rows += [[""] * len(head.headings)] * (max((c.row for c in unread), default=0) + 1 - len(rows))
    body = rows[first:]
    cells = zip(*body, strict=True) if body else [()] * len(head.headings)
    columns = [column_of_cells(*pair) for pair in zip(head.headings, cells, strict=True)]
    occupied = np.array([cell.row - first for cell in unread], dtype=np.int64)
    notes = [*in_name(sheet.name), *units_in_notes(content.notes, head.row)]
    below = body_of(
        head, columns, len(body), occupied, table, lambda positions: positions + (first + 1), notes
    )
    kept = below.kept
    numbers = (np.arange(len(body)) if kept is None else kept) + (first + 1)

    def locate(positions: Positions) -> Positions:
        return numbers[positions]

    records = _Records(rows, head, numbers, table, locate)
    filler = Filler(rows, head, numbers - 1, table)
    for merged in content.merged:
        filler.take(merged)
    raw = RawTable(
        table.name,
        _filled_in(below.columns, filler.cells, head),
        len(numbers),
        below.unit,
        locate,
        sheet.name,
        warnings=(
            *below.warnings,
            *hidden_rows(content.look.hidden_rows, numbers - 1, table.name),
            *hidden_columns(content.look.hidden_columns, head.headings, table.name),
        ),
    )
    unnamed = [cell for cell in found.unreadable if cell.row == head.row]
    return raw, [
        *head.faults,
        *below.faults,
        *(_unread_heading(cell, table) for cell in unnamed),
        *_unread_faults(unread, records),
        *_format_faults(sheet, found.styled, records),
        *_struck_faults(sheet, found.styled, records),
        *_time_faults(sheet, below.columns, records),
        *filler.faults(locate),
    ]


def _filled_in(
    columns: Sequence[RawColumn], cells: dict[int, list[object]], head: Head
) -> tuple[RawColumn, ...]:
    """Return the columns of the records with the values of merged cells."""
    if not cells:
        return tuple(columns)
    return tuple(
        column_of_cells(column.heading, cells[place])._replace(unit=column.unit)
        if place in cells
        else column
        for place, column in zip(_headed(head), columns, strict=True)
    )


def _format_faults(sheet: Sheet, styled: StyledCells, records: _Records) -> list[FaultGroup]:
    """Return the faults of cells in which a format shows another figure than they hold."""
    recognise = recogniser(records.table, further=True)
    groups: list[FaultGroup] = []
    styled = _of_records(styled, sheet.formats.odd, records)
    # A column and a style as one number: sorted ten times as fast as two.
    pairs = styled[:, 1].astype(np.int64) << _STYLE_BITS | styled[:, 2]
    for pair in distinct(pairs).tolist():
        column, style = pair >> _STYLE_BITS, pair & ((1 << _STYLE_BITS) - 1)
        heading = records.head.headings[column] if column < len(records.head.headings) else ""
        recognised = recognise(heading) if heading else None
        kind = sheet.formats.odd[style]
        if not heading or (recognised is not None and not concerns(kind, recognised[0])):
            continue
        rows = np.sort(styled[pairs == pair, 0])
        cells = [records.rows[row][column] for row in rows.tolist()]
        filled = [i for i, cell in enumerate(cells) if not is_blank(cell)]
        if filled:
            message = MESSAGES[kind].fill(format=sheet.formats.codes[style])
            values = [heading_text(cells[i]) for i in filled]
            groups.append(records.group(kind, message, column, rows[filled], values))
    return groups


def _of_records(styled: StyledCells, styles: Collection[int], records: _Records) -> StyledCells:
    """Return the cells of records that have one of some styles."""
    if not (styles and len(styled)):
        return styled[:0]
    wanted = np.isin(styled[:, 2], list(styles)) & np.isin(styled[:, 0] + 1, records.numbers)
    return styled[wanted]


def _struck_faults(sheet: Sheet, styled: StyledCells, records: _Records) -> list[FaultGroup]:
    """Return a fault for each record that is struck out, at its first column that is struck."""
    recognise = recogniser(records.table, further=True)
    known = {i for i, heading in enumerate(records.head.headings) if recognise(heading)}
    first: dict[int, int] = {}
    for row, column, _ in sorted(_of_records(styled, sheet.formats.struck, records).tolist()):
        if column in known and not is_blank(records.rows[row][column]):
            first.setdefault(row, column)
    groups: dict[int, list[int]] = {}
    for row, column in first.items():
        groups.setdefault(column, []).append(row)
    return [
        records.group(
            "struck_out",
            _MESSAGES["struck_out"],
            column,
            np.array(rows, dtype=np.int64),
            [heading_text(records.rows[row][column]) for row in rows],
        )
        for column, rows in groups.items()
    ]


def _time_faults(sheet: Sheet, columns: Sequence[RawColumn], records: _Records) -> list[FaultGroup]:
    """Return the faults of figures that have the format of a date or a time."""
    recognise = recogniser(records.table, further=True)
    groups: dict[tuple[int, str], list[int]] = {}
    codes: dict[tuple[int, int], str] | None = None
    for place, column in zip(_headed(records.head), columns, strict=True):
        recognised = recognise(column.heading)
        if recognised is None or not concerns(DATE, recognised[0]):
            continue
        if column.moment is None and column.text is None:
            continue
        for row in (records.numbers - 1).tolist():
            if type(records.rows[row][place]) in _TIMES:
                codes = _codes_of_times(sheet) if codes is None else codes
                groups.setdefault((place, codes.get((row, place), "")), []).append(row)
    return [
        records.group(
            DATE,
            MESSAGES[DATE].fill(format=code),
            place,
            np.array(rows, dtype=np.int64),
            [heading_text(records.rows[row][place]) for row in rows],
        )
        for (place, code), rows in groups.items()
    ]


def _codes_of_times(sheet: Sheet) -> dict[tuple[int, int], str]:
    """Return the formats of the cells, by row and column, that have one of a date or a time."""
    _, found = sheet.look(sheet.formats.dates)
    return {
        (row, column): sheet.formats.codes[style] for row, column, style in found.styled.tolist()
    }


def _headed(head: Head) -> list[int]:
    """Return the places of the columns that `body_of` keeps."""
    return [place for place, heading in enumerate(head.headings) if normalise(heading)]


def _unread_heading(cell: Unreadable, table: Table) -> FaultGroup:
    """Return the fault of a heading that is an error or was never calculated."""
    message = Text("第 {row} 行的标题：{what}", "a heading in row {row}: {what}")
    message = message.fill(row=cell.row + 1, what=_MESSAGES[cell.kind])
    return whole(cell.kind, message, table=table.name, value=cell.shown)


def _unread_faults(unread: Sequence[Unreadable], records: _Records) -> list[FaultGroup]:
    """Return a group of faults for each kind and column; a closing row of totals has none."""
    rows = np.array([cell.row for cell in unread], dtype=np.int64)
    groups: dict[tuple[str, int], list[int]] = {}
    for i in np.flatnonzero(np.isin(rows + 1, records.numbers)).tolist():
        groups.setdefault((unread[i].kind, unread[i].column), []).append(i)
    return [
        records.group(kind, _MESSAGES[kind], column, rows[cells], [unread[i].shown for i in cells])
        for (kind, column), cells in groups.items()
    ]
