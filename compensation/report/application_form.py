"""代偿补偿资金申请表: what an institution applies for in a year, with the list of its claims.

It applies for what eligible claims would be paid once both departments approve them, less what was
paid for them; rejected claims are left out.
"""

from __future__ import annotations

import os
from decimal import Decimal

import numpy as np

from compensation.arrays import arrow
from compensation.assessment import Assessment
from compensation.cards import no_such
from compensation.columns import Integers
from compensation.language import Text
from compensation.ledger.dictionary import CLAIMS, CONTRACTS
from compensation.ledger.portfolio import Ledgers
from compensation.report.amount_in_words import in_words
from compensation.report.form_sheet import LAST, Row, section, signatures, start, wide, with_asked
from compensation.report.sheet import Sheet, new_workbook
from compensation.report.styles import Styles
from compensation.report.tables import HEADINGS, TOTAL, named
from compensation.rules import award
from compensation.rules.award import STATUSES
from compensation.values.printing import decimal_of, yuan_of

TITLE = "代偿补偿资金申请表"
LIST_TITLE = "代偿项目明细表"
PROMISE = "本单位承诺：所填内容及所附材料真实、完整，所列代偿未向其他渠道重复申请补偿。"
WIDTHS = (6, 14, 16, 24, 18, 16, 12, 15, 13, 16, 9, 15, 15, 15)
ABOVE = 3
FIRST_ADDED = 7
"""The first column of the list that is added up."""


def write_application(
    assessment: Assessment, institution_id: str, path: str | os.PathLike[str]
) -> None:
    """Write the application of an institution as a workbook to ``path``, replacing what is there.

    `assessment`: of `assess`, which holds a portfolio. What the ledger does not say is left blank.
    Raises KeyError where there is no such institution.
    """
    ledgers = with_asked(assessment.portfolio)
    ids = ledgers.column("institutions", "institution_id").to_pylist()
    if institution_id not in ids:
        raise no_such(Text("机构", "institution"), institution_id, ids)
    place = ids.index(institution_id)
    applied = applied_for(assessment)
    rows = np.flatnonzero((assessment.cases.institution == place) & (applied >= 0))
    with new_workbook(path, f"{TITLE} {assessment.year}", streamed=True) as book:
        styles = Styles(book)
        _write_form(Sheet(book, styles, TITLE), ledgers, assessment, place, rows, applied)
        _write_list(Sheet(book, styles, LIST_TITLE), ledgers, assessment, rows, applied)


def applied_for(assessment: Assessment) -> Integers:
    """Return what each claim of the year is applied for, in fen; −1 where it is left out."""
    decisions, cases = assessment.decisions, assessment.cases
    closed = np.zeros(len(decisions.status), np.bool_) if cases.closed is None else cases.closed
    due = award.payable(decisions.compensation, cases.compensation_paid, closed)
    open_ = [STATUSES.index(status) for status in ("approved", "pending")]
    return np.where(np.isin(decisions.status, open_), due, -1)


def _write_form(
    sheet: Sheet,
    ledgers: Ledgers,
    assessment: Assessment,
    place: int,
    rows: Integers,
    applied: Integers,
) -> None:
    own = Row(ledgers, "institutions", place)
    decisions = assessment.decisions
    total = int(applied[rows].sum())
    about = f"{assessment.year} 年度\u3000依据：{named(assessment.policy)}"
    row = start(sheet, TITLE, about)
    row = section(
        sheet,
        row,
        "一、申请单位",
        [
            ("名称", own.text("institution_name")),
            ("机构代码", own.text("institution_id")),
            ("统一社会信用代码", own.text("credit_code")),
            ("联系人", own.text("contact")),
            ("开户银行", own.text("bank")),
            ("银行账号", own.text("account")),
        ],
    )
    row = section(
        sheet,
        row,
        "二、申请金额",
        [
            ("代偿笔数", str(len(rows))),
            ("代偿金额", yuan_of(int(decisions.payout[rows].sum()))),
            ("测算补偿金额", yuan_of(int(decisions.compensation[rows].sum()))),
            ("已补偿金额", yuan_of(int(assessment.cases.compensation_paid[rows].sum()))),
            ("本次申请金额", yuan_of(total)),
            ("附件", "代偿项目明细表及证明材料"),
        ],
    )
    row = wide(sheet, row, "申请金额（大写）", f"人民币{in_words(total)}")
    row = wide(sheet, row, "申请理由", None, 90)
    row = wide(sheet, row, "追偿计划", None, 70)
    sheet.across(row, 0, LAST, PROMISE, "caption", 30)
    row = signatures(sheet, row + 1)
    for department in ("财政部门", "行业主管部门"):
        row = wide(sheet, row, f"{department}意见", None, 60)


def _write_list(
    sheet: Sheet, ledgers: Ledgers, assessment: Assessment, rows: Integers, applied: Integers
) -> None:
    decisions = assessment.decisions
    of_input = assessment.claim_rows[rows]
    contract = ledgers.links.claim_contract[of_input]

    def claims(name: str) -> list[object]:
        found: list[object] = ledgers.column("claims", name).take(arrow(of_input)).to_pylist()
        return found

    def contracts(name: str) -> list[object]:
        column = ledgers.column("contracts", name).take(arrow(contract))
        found: list[object] = column.to_pylist()
        return found

    def money(fen: Integers) -> list[object]:
        return [yuan_of(int(each)) for each in fen]

    columns: list[tuple[str, list[object]]] = [
        ("序号", list(range(1, len(rows) + 1))),
        (CLAIMS.column("claim_id").heading, claims("claim_id")),
        (CLAIMS.column("contract_id").heading, claims("contract_id")),
        (CONTRACTS.column("borrower_name").heading, contracts("borrower_name")),
        (CONTRACTS.column("lender").heading, contracts("lender")),
        (
            CONTRACTS.column("guaranteed_amount").heading,
            money(ledgers.numbers("contracts", "guaranteed_amount")[contract]),
        ),
        (CLAIMS.column("payout_date").heading, claims("payout_date")),
        ("代偿本金", money(assessment.cases.principal[rows])),
        ("代偿利息", money(assessment.cases.interest[rows])),
        (HEADINGS["payout"], money(decisions.payout[rows])),
        (HEADINGS["rate"], [decimal_of(int(each), 6) for each in decisions.rate[rows]]),
        ("测算补偿金额", money(decisions.compensation[rows])),
        ("已补偿金额", money(assessment.cases.compensation_paid[rows])),
        ("本次申请金额", money(applied[rows])),
    ]
    writes = [
        *(sheet.count, sheet.text, sheet.text, sheet.text, sheet.text, sheet.money, sheet.date),
        *(sheet.money, sheet.money, sheet.money, sheet.rate, sheet.money, sheet.money, sheet.money),
    ]
    last = len(columns) - 1
    sheet.widths(WIDTHS)
    sheet.across(0, 0, last, f"{LIST_TITLE}（{assessment.year} 年度）", "title", 30)
    sheet.across(1, 0, last, "单位：元", "caption_right", 18)
    sheet.headings(ABOVE - 1, [heading for heading, _ in columns], 32)
    row = first = ABOVE
    for record in zip(*(cells for _, cells in columns), strict=True):
        sheet.fit_row(row, dict(enumerate(record[1:5], 1)))
        sheet.at_least(row, 24)
        for place, value in enumerate(record):
            writes[place](row, place, value)
        row += 1
    if row > first:
        sheet.at_least(row, 22)
        sheet.across(row, 0, 4, TOTAL, "total_label")
        # Several claims may be of one contract, whose guarantee counts once; rates have no sum.
        for place, (heading, cells) in enumerate(columns[5:], 5):
            amounts = [cell for cell in cells if isinstance(cell, Decimal)]
            if place < FIRST_ADDED or heading == HEADINGS["rate"]:
                sheet.blank(row, place)
            else:
                sheet.total(row, place, sum(amounts, Decimal("0.00")), first, row - 1)
    sheet.raw.freeze_panes(ABOVE, 0)
    sheet.raw.repeat_rows(0, ABOVE - 1)
    sheet.page()
