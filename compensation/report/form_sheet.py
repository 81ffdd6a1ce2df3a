"""A form on a sheet: labels, and what the ledger says beside them; the rest stays blank."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from compensation.faults.input_faults import InputFaults
from compensation.ledger.extra_columns import with_extra_columns
from compensation.ledger.portfolio import Ledgers, Portfolio
from compensation.report.sheet import Sheet
from compensation.schema.column import Column, ColumnType
from compensation.values.dates import date_of
from compensation.values.printing import yuan_of

WIDTHS = (17, 28, 17, 28)
LAST = len(WIDTHS) - 1
HEIGHT = 24
SIGNED = ("经办人", "复核", "单位负责人", "联系电话")
Value = str | Decimal | datetime.date | None
Pair = tuple[str, Value]


def _text(name: str, heading: str, *further: str) -> Column:
    return Column(name, heading, ColumnType.TEXT, further=further)


ASKED: dict[str, tuple[Column, ...]] = {
    "institutions": (
        _text("credit_code", "统一社会信用代码"),
        _text("bank", "开户银行"),
        _text("account", "银行账号", "账号"),
        _text("contact", "联系人"),
        _text("phone", "联系电话"),
    ),
    "contracts": (
        _text("loan_contract", "借款合同编号", "贷款合同编号"),
        _text("loan_purpose", "贷款用途"),
        _text("counter_guarantee", "反担保措施", "反担保情况"),
        _text("borrower_code", "借款人统一社会信用代码"),
        _text("borrower_phone", "借款人联系电话"),
    ),
    "claims": (_text("cause", "代偿原因"), _text("recovery_plan", "追偿计划", "追偿措施")),
}
"""What forms ask for and no rule looks at: columns that a ledger may have, by table."""


def with_asked(portfolio: Portfolio) -> Ledgers:
    """Return the ledgers with what forms ask for, as far as they have it; raises `InputFaults`."""
    ledgers, faults = with_extra_columns(portfolio, ASKED)
    if faults:
        raise InputFaults(faults)
    return ledgers


@dataclass(frozen=True)
class Row:
    """One row of a table of ledgers, as forms show it."""

    ledgers: Ledgers
    table: str
    place: int

    def text(self, name: str) -> str | None:
        """Return a text; None where it is blank, or the ledger has no such column."""
        columns = self.ledgers.tables[self.table]
        return columns[name][self.place].as_py() if name in columns else None

    def yuan(self, name: str) -> Decimal | None:
        """Return an amount; None where it is blank."""
        fen = self.ledgers.column(self.table, name)[self.place].as_py()
        return None if fen is None else yuan_of(fen)

    def date(self, name: str) -> datetime.date | None:
        """Return a date; None where it is blank."""
        known = self.ledgers.known(self.table, name)[self.place]
        return date_of(int(self.ledgers.numbers(self.table, name)[self.place])) if known else None


def start(sheet: Sheet, title: str, about: str) -> int:
    """Set up a page with a title and a line below it; return the row after them."""
    sheet.widths(WIDTHS)
    sheet.across(0, 0, LAST, title, "title", 34)
    sheet.across(1, 0, 2, about, "caption", 20)
    sheet.across(1, LAST, LAST, "单位：元", "caption_right", 20)
    sheet.page(portrait=True)
    return 2


def section(sheet: Sheet, row: int, title: str, pairs: Sequence[Pair]) -> int:
    """Write a part of the form, two labels a row; return the row after it."""
    sheet.across(row, 0, LAST, title, "section", 26)
    for first in range(0, len(pairs), 2):
        row += 1
        both = pairs[first : first + 2]
        sheet.fit_row(row, {1: both[0][1], 3: both[-1][1]})
        sheet.at_least(row, HEIGHT)
        for place, (label, value) in enumerate(both):
            sheet.text(row, 2 * place, label, "label")
            sheet.put(row, 2 * place + 1, value)
        if len(both) == 1:
            sheet.blank(row, 2, "label")
            sheet.blank(row, 3)
    return row + 1


def wide(sheet: Sheet, row: int, label: str, value: str | None, height: float = HEIGHT) -> int:
    """Write a label and a value across the page, with room to write; return the row after it."""
    sheet.across(row, 1, LAST, value, "text", height)
    sheet.text(row, 0, label, "label")
    return row + 1


def signatures(sheet: Sheet, row: int) -> int:
    """Write who fills the form in and answers for it; return the row after it."""
    row = section(sheet, row, "填报", [(label, None) for label in SIGNED])
    date = "填报日期：\u3000\u3000年\u3000\u3000月\u3000\u3000日"
    seal = "填报单位（盖章）：" + "\u3000" * 7 + date
    sheet.across(row, 0, LAST, seal, "sign", 48)
    return row + 1
