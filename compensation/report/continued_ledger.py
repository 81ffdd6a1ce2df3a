"""The ledger of a settlement as a workbook, with what is due as drafts that wait for their dates.

Tables have the dictionary's headings and amounts in yuan, however the input was written, so that
rows can be added: there are no closing totals and no units of one's own. Columns that nobody reads
are copied as they stand.
"""

from __future__ import annotations

import datetime
import math
import os
from collections.abc import Iterator, Sequence
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compensation.faults.groups import whole
from compensation.faults.input_faults import InputFaults
from compensation.language import Text
from compensation.ledger.as_of import DATED
from compensation.ledger.portfolio import Ledgers
from compensation.policy.catalogue import Policy
from compensation.policy.variables import extra_columns
from compensation.report.marked_rows import cells_of
from compensation.report.sheet import MAX_ROWS, MAX_TEXT, Sheet, TooManyRows, new_workbook
from compensation.report.template import GUIDE
from compensation.schema.column import Column, ColumnType
from compensation.schema.dictionary import PAID_FOR_YEAR, TABLES, Table
from compensation.schema.parties import PARTIES, SHARE_PREFIX
from compensation.settlement.drafts import MOVED, Continued, Draft
from compensation.tables.raw import RawColumn
from compensation.values.exact import plain
from compensation.values.printing import decimal_of, percent, ratio_of, yuan_of

PAID_BEFORE = "清算前已拨付，请填写实际拨付日期"
"""Stands as the voucher of a draft that was paid before the settlement."""
_STEP = 4096
"""Rows that are in memory as Python values at a time."""
_GUIDE = (
    "本工作簿是清算后续记的台账：各表为清算所用台账的全部记录，标题为标准标题，金额以元计。",
    "“拨付”和“上缴”两表末尾、日期为空（黄色）的行是本次清算的应拨付、应收回、应上缴、应退回，尚未办理。",
    "每办理一笔，填写其日期和凭证号；不办理的，删除该行。日期未填齐时，不能用本台账核算或清算。",
    f"凭证号为“{PAID_BEFORE}”的行是原台账“已补偿金额”的结转，请填写日期，不要删除。",
)


def write_continued(
    of: Continued, policies: Sequence[Policy], path: str | os.PathLike[str]
) -> None:
    """Write the ledger and its drafts to ``path``.

    Raises as `check_fits` does, and OSError if the file cannot be written.
    """
    columns = check_fits(of, policies)
    with new_workbook(path, "续记台账", streamed=True) as book:
        guide = Sheet(book, GUIDE)
        guide.widths([110])
        for row, text in enumerate(_GUIDE):
            guide.text(row, 0, text, "note")
        for table in TABLES:
            if table.name in columns:
                sheet = Sheet(book, table.heading)
                _write_table(sheet, of, table, columns[table.name])


def check_fits(of: Continued, policies: Sequence[Policy]) -> dict[str, list[Column]]:
    """Return the columns that are written of each table.

    Raises `TooManyRows` where a table does not fit on a sheet, and `InputFaults` where a text does
    not fit into a cell.
    """
    tables = [table for table in TABLES if of.ledgers.present[table.name] or _drafts(of, table)]
    columns = {table.name: _columns(of.ledgers, table, policies) for table in tables}
    for table in tables:
        _check_table_fits(of, table, columns[table.name])
    return columns


def _drafts(of: Continued, table: Table) -> tuple[Draft, ...]:
    return of.drafts.get(table.name, ())


def _columns(ledgers: Ledgers, table: Table, policies: Sequence[Policy]) -> list[Column]:
    """Return the columns of a table that were read; of a new table all of them."""
    present = ledgers.present[table.name] or {column.name for column in table.columns}
    own = [column for column in table.columns if column.name in present]
    known = {column.name for column in own}
    shares = sorted(name for name in present - known if name.startswith(SHARE_PREFIX))
    further = {name: table.column(name) for name in shares}
    for policy in policies:
        for column in extra_columns(policy.rules).get(table.name, ()):
            # The drafts of payments say the year that they are for.
            if column.name in present or column is PAID_FOR_YEAR:
                further.setdefault(column.name, column)
    draft = {"kind", "voucher"} if table.name in MOVED else set()
    added = [column for column in table.columns if column.name in draft - known]
    return [*own, *added, *further.values()]


def _heading(column: Column) -> str:
    """Return a heading that is read as the column; a party of one's own has no Chinese one."""
    party = column.name.removeprefix(SHARE_PREFIX)
    own = column.name.startswith(SHARE_PREFIX) and party not in PARTIES
    return column.name if own else column.heading


def _unread(ledgers: Ledgers, table: Table) -> list[RawColumn]:
    """Return the columns that nobody reads and whose cells mean the same on a sheet in yuan."""
    raw = ledgers.unmapped[table.name]
    return [column for column in raw.columns if raw.unit == 1 and column.unit in (None, 1)]


def _check_table_fits(of: Continued, table: Table, columns: Sequence[Column]) -> None:
    """Raise where a sheet cannot hold a table as it is."""
    rows = 1 + of.ledgers.rows(table.name) + len(_drafts(of, table))
    if rows > MAX_ROWS:
        raise TooManyRows(table.heading, rows)
    for column in columns:
        array = of.ledgers.tables[table.name].get(column.name)
        if column.type is ColumnType.TEXT and array is not None:
            longest = pc.max(pc.utf8_length(array)).as_py() or 0
            if 2 * longest > MAX_TEXT:
                message = Text(
                    "文本过长，单元格容纳不下，不能写成工作簿",
                    "a text is too long for a cell of a workbook",
                )
                fault = whole("too_long", message, table=table.name, column=column.name)
                raise InputFaults([fault])


def _write_table(sheet: Sheet, of: Continued, table: Table, columns: Sequence[Column]) -> None:
    """Write a table's rows, and below them its drafts."""
    unread = _unread(of.ledgers, table)
    headings = [*map(_heading, columns), *(raw.heading for raw in unread)]
    sheet.widths([18] * len(headings))
    sheet.headings(0, headings)
    for row, (cells, others) in enumerate(_rows(of, table, columns, unread), 1):
        for place, (column, value) in enumerate(zip(columns, cells, strict=True)):
            _write_cell(sheet, row, place, column, value)
        for place, value in enumerate(others, len(columns)):
            _write_as_it_stands(sheet, row, place, value)
    for row, draft in enumerate(_drafts(of, table), 1 + of.ledgers.rows(table.name)):
        _write_draft(sheet, row, table, columns, draft)
    sheet.raw.freeze_panes(1, 1)
    sheet.page(1 + len(headings) // 12)


def _rows(
    of: Continued, table: Table, columns: Sequence[Column], unread: Sequence[RawColumn]
) -> Iterator[tuple[Sequence[object], Sequence[object]]]:
    """Yield the rows of a table: the cells of its columns, and those that nobody reads."""
    held = of.ledgers.tables[table.name]
    rows = of.ledgers.rows(table.name)
    blank = pa.nulls(rows)
    # Where there are payments it is what they come to, and changes with them.
    computed = {"compensation_paid"} if table.name == of.cases else set()
    arrays = [
        blank if column.name in computed else held.get(column.name, blank) for column in columns
    ]
    for first in range(0, rows, _STEP):
        here = np.arange(first, min(first + _STEP, rows), dtype=np.int64)
        cells = [array.slice(first, _STEP).to_pylist() for array in arrays]
        others = [cells_of(column, here) for column in unread]
        for place in range(len(here)):
            yield [cell[place] for cell in cells], [other[place] for other in others]


def _write_cell(sheet: Sheet, row: int, place: int, column: Column, value: object) -> None:
    """Write a value as the dictionary holds it: fen, millionths, the place of a choice."""
    if value is None:
        return
    if isinstance(value, bool):
        sheet.flag(row, place, value)
    elif isinstance(value, datetime.date):
        sheet.date(row, place, value)
    elif not isinstance(value, int):
        sheet.text(row, place, value)
    elif column.type is ColumnType.MONEY:
        sheet.money(row, place, yuan_of(value))
    elif column.type is ColumnType.CHOICE:
        sheet.text(row, place, column.choices[value].zh)
    elif column.type is ColumnType.SHARE:
        sheet.text(row, place, percent(ratio_of(value)))
    elif column.type is ColumnType.DECIMAL:
        number = decimal_of(value, 4)
        sheet.number(row, place, number, "number_text", plain(number))
    else:
        sheet.count(row, place, value)


def _write_as_it_stands(sheet: Sheet, row: int, place: int, value: object) -> None:
    if isinstance(value, bool):
        sheet.raw.write_boolean(row, place, value)
    elif isinstance(value, int | float | Decimal) and math.isfinite(value):
        sheet.number(row, place, Decimal(str(value)), "number_text", str(value))
    elif isinstance(value, datetime.datetime) and value.time() == datetime.time():
        sheet.date(row, place, value.date())
    elif isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        sheet.date(row, place, value)
    elif value is not None and value != "":
        sheet.text(row, place, value)


def _write_draft(
    sheet: Sheet, row: int, table: Table, columns: Sequence[Column], draft: Draft
) -> None:
    """Write a draft; its date is left to fill in."""
    known: dict[str, object] = {
        table.columns[0].name: draft.id,
        "claim_id": draft.claim_id,
        "amount": draft.amount,
        "kind": draft.kind,
        "voucher": PAID_BEFORE if draft.carried else None,
        PAID_FOR_YEAR.name: draft.year,
    }
    for place, column in enumerate(columns):
        if column.name == DATED[table.name]:
            sheet.blank(row, place, "entry")
        else:
            _write_cell(sheet, row, place, column, known.get(column.name))
