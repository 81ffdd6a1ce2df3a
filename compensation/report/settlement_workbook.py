"""A settlement as one workbook: what is due, the claims, notices, the pool, and the record."""

from __future__ import annotations

from functools import partial

import pyarrow as pa

from compensation.policy.party_words import programme_title
from compensation.report.basis_sheet import basis_rows, write_basis
from compensation.report.notice_sheet import COLLECTION, PAYMENT, notice_rows, write_notices
from compensation.report.record_sheet import RECORD_SHEET, record_rows, write_record
from compensation.report.settlement_headings import STATUS_NAMES, heading_of
from compensation.report.settlement_summary import summary_rows, write_summary
from compensation.report.sheet import Sheet, Sheets
from compensation.report.tables import TITLE_ROWS, Field, field_of, plain, table_rows, write_fields
from compensation.rules.pool import TITLES
from compensation.settlement.settlement import Settlement

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


def _write_claims(sheet: Sheet, settlement: Settlement) -> None:
    """Write the claims: title, headings, a row for each."""
    table = settlement.tables["settlement"]
    policies = settlement.policies
    fields = [
        _field(sheet, name, heading_of(name, policies), table[name]) for name in table.column_names
    ]
    about = f"截至 {settlement.to}\u3000金额单位：元"
    titles = (f"{programme_title(policies)}清算明细", about)
    write_fields(sheet, fields, titles, end=ON_FIRST_PAGE, wide=2, repeated=0)


def _field(sheet: Sheet, name: str, heading: str, column: pa.ChunkedArray) -> Field:
    """Return how a column of the claims is written; a year is no number to be grouped."""
    if name == "status":
        return Field(heading, sheet.words(STATUS_NAMES), column, 13, 13)
    if name == "year":
        return plain(sheet, heading, column)
    if name == "rate":
        return Field(heading, sheet.rate, column, 10)
    return field_of(sheet, heading, column)


def _write_pool(sheet: Sheet, settlement: Settlement) -> None:
    """Write the lines of the pool's statement."""
    sheet.widths((40, 26))
    sheet.across(0, 0, 1, POOL_SHEET, "title", 30)
    about = f"{settlement.from_} 至 {settlement.to}\u3000金额单位：元"
    sheet.across(1, 0, 1, about, "caption", 20)
    sheet.headings(TITLE_ROWS, POOL_HEADINGS, 24)
    for row, line in enumerate(settlement.tables["pool_statement"].to_pylist(), TITLE_ROWS + 1):
        total = line["line"] in ("closing", "available")
        title = TITLES[line["line"]].zh
        sheet.text(row, 0, title, "total_label" if total else "text")
        sheet.money(row, 1, line["amount"], "total_money" if total else "money")
    sheet.page()


def _write_record(sheet: Sheet, settlement: Settlement) -> None:
    write_record(sheet, settlement, f"{RECORD_SHEET}（截至 {settlement.to}）")


SHEETS: Sheets = {
    SUMMARY_SHEET: (summary_rows, write_summary),
    CLAIMS_SHEET: (table_rows("settlement"), _write_claims),
    **{
        notice.title: (partial(notice_rows, notice), partial(write_notices, notice=notice))
        for notice in (PAYMENT, COLLECTION)
    },
    POOL_SHEET: (None, _write_pool),
    "依据与假定": (basis_rows, write_basis),
    RECORD_SHEET: (record_rows, _write_record),
}
