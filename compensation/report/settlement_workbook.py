"""A settlement as one workbook: what is due, the claims, notices, the pool, and the record."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

import pyarrow as pa

from compensation.report import record_sheet
from compensation.report.basis_sheet import basis_rows, write_basis
from compensation.report.notice_sheet import COLLECTION, PAYMENT, notice_rows, write_notices
from compensation.report.record import SETTLEMENT, summary_text
from compensation.report.settlement_headings import STATUS_NAMES, heading_of
from compensation.report.settlement_summary import summary_rows, write_summary
from compensation.report.sheet import MAX_ROWS, Sheet, TooManyRows, new_workbook
from compensation.report.styles import Styles
from compensation.report.tables import Field, kind_of_column
from compensation.rules.pool import TITLES
from compensation.settlement.settlement import Settlement

TITLE_ROWS = 2
SUMMARY_SHEET, CLAIMS_SHEET, POOL_SHEET = "清算汇总", "清算明细", "资金池收支表"
SHEETS_OF_TABLES = {
    "settlement": CLAIMS_SHEET,
    "settlement_institutions": SUMMARY_SHEET,
    "pool_statement": POOL_SHEET,
}
"""The sheet that shows each result table."""
POOL_HEADINGS = (heading_of("line"), heading_of("amount"))
ON_FIRST_PAGE = 9
"""The last column of the claims that is surely on the first of two pages side by side."""


def _rows(settlement: Settlement, table: str) -> int:
    return TITLE_ROWS + 1 + len(settlement.tables[table])


def _write_claims(sheet: Sheet, settlement: Settlement) -> None:
    """Write the claims: title, headings, a row for each."""
    table = settlement.tables["settlement"]
    fields = [_field(sheet, name, table[name]) for name in table.column_names]
    widths = [field.width() for field in fields]
    last = len(fields) - 1
    sheet.widths(widths)
    about = f"截至 {settlement.to}\u3000金额单位：元"
    sheet.across(0, 0, ON_FIRST_PAGE, "政府性融资担保风险补偿清算明细", "title", 28)
    sheet.across(1, 0, ON_FIRST_PAGE, about, "caption", 18)
    sheet.headings(TITLE_ROWS, [field.heading for field in fields], 34)
    wrapping = [place for place, field in enumerate(fields) if field.wraps(widths[place])]
    row = TITLE_ROWS + 1
    columns = pa.table([field.column for field in fields], [str(n) for n in range(len(fields))])
    for batch in columns.to_batches(max_chunksize=4096):
        cells = [column.to_pylist() for column in batch.columns]
        for record in zip(*cells, strict=True):
            sheet.fit_row(row, {place: record[place] for place in wrapping})
            for place, value in enumerate(record):
                fields[place].write(row, place, value)
            row += 1
    sheet.raw.freeze_panes(TITLE_ROWS + 1, 1)
    sheet.raw.autofilter(TITLE_ROWS, 0, max(TITLE_ROWS, row - 1), last)
    sheet.raw.repeat_rows(0, TITLE_ROWS)
    sheet.raw.repeat_columns(0, 0)
    sheet.page(2)


def _field(sheet: Sheet, name: str, column: pa.ChunkedArray) -> Field:
    """Return how a column of the claims is written; a year is no number to be grouped."""
    heading = heading_of(name)
    if name == "status":
        return Field(heading, _translated(sheet), column, 13, 13)
    if name == "year":
        return Field(heading, partial(_plain, sheet), column, 7, 7)
    if name == "rate":
        return Field(heading, sheet.rate, column, 10)
    return Field(heading, *kind_of_column(sheet, column))


def _translated(sheet: Sheet) -> Callable[[int, int, object], None]:
    def write(row: int, column: int, value: object) -> None:
        sheet.text(row, column, STATUS_NAMES[str(value)], "centre")

    return write


def _plain(sheet: Sheet, row: int, column: int, value: object) -> None:
    sheet.text(row, column, value, "centre")


def _write_pool(sheet: Sheet, settlement: Settlement) -> None:
    """Write the lines of the pool's statement."""
    sheet.widths((40, 26))
    sheet.across(0, 0, 1, "风险补偿资金池收支表", "title", 30)
    about = f"{settlement.from_} 至 {settlement.to}\u3000金额单位：元"
    sheet.across(1, 0, 1, about, "caption", 20)
    sheet.headings(TITLE_ROWS, POOL_HEADINGS, 24)
    for row, line in enumerate(settlement.tables["pool_statement"].to_pylist(), TITLE_ROWS + 1):
        total = line["line"] in ("closing", "available")
        title = TITLES[line["line"]].zh
        sheet.text(row, 0, title, "total_label" if total else "text")
        sheet.money(row, 1, line["amount"], "total_money" if total else "money")
    sheet.page()


def _record(settlement: Settlement) -> dict[str, str]:
    """Return the summary, with the digests of what the sheets hold, and the rules."""
    digests = {name: record_sheet.sheet_digest(t) for name, t in settlement.tables.items()}
    said = summary_text(settlement.summary, settlement.tables, "sheets", digests)
    return {SETTLEMENT.summary: said, **settlement.texts}


def _record_rows(settlement: Settlement) -> int:
    return record_sheet.rows_for(list(_record(settlement).values()))


def _write_record(sheet: Sheet, settlement: Settlement) -> None:
    title = f"{record_sheet.RECORD_SHEET}（截至 {settlement.to}）"
    record_sheet.write_texts(sheet, title, record_sheet.CAPTION, _record(settlement))


SHEETS: dict[str, tuple[Callable[[Settlement], int], Callable[[Sheet, Settlement], None]]] = {
    SUMMARY_SHEET: (summary_rows, write_summary),
    CLAIMS_SHEET: (partial(_rows, table="settlement"), _write_claims),
    **{
        notice.title: (partial(notice_rows, notice), partial(write_notices, notice=notice))
        for notice in (PAYMENT, COLLECTION)
    },
    POOL_SHEET: (partial(_rows, table="pool_statement"), _write_pool),
    "依据与假定": (basis_rows, write_basis),
    record_sheet.RECORD_SHEET: (_record_rows, _write_record),
}
"""The sheets in their order: how many rows each takes, and what writes it."""


def write_settlement_workbook(settlement: Settlement, path: str | os.PathLike[str]) -> None:
    """Write a settlement as a workbook to ``path``, replacing what is there.

    Amounts in yuan; text never acts as a formula or a link. The same settlement gives the same
    bytes. Raises `TooManyRows` before anything is written, and OSError if it cannot be written.
    """
    for name, (count, _) in SHEETS.items():
        rows = count(settlement)
        if rows > MAX_ROWS:
            raise TooManyRows(name, rows)
    with new_workbook(path, f"清算 {settlement.to}", streamed=True) as book:
        styles = Styles(book)
        for name, (_, fill) in SHEETS.items():
            fill(Sheet(book, styles, name), settlement)
