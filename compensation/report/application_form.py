"""代偿补偿资金申请表: what an institution applies for in a year, with the list of its claims.

It applies for what eligible claims would be paid once both departments approve them, less what was
paid for them; rejected claims are left out. Where a policy pays in stages, it applies for what the
stage of each claim allows.
"""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pyarrow as pa

from compensation.arrays import arrow
from compensation.assessment import Assessment
from compensation.cards import no_such
from compensation.columns import Integers
from compensation.language import Text
from compensation.ledger.portfolio import Ledgers
from compensation.policy.case_words import CASES
from compensation.policy.party_words import recipient_of, recipient_title
from compensation.refusals import Refused
from compensation.report.amount_in_words import in_words
from compensation.report.form_sheet import (
    LAST,
    Pair,
    Row,
    section,
    signatures,
    start,
    wide,
    with_asked,
)
from compensation.report.sheet import Sheet, new_workbook
from compensation.report.tables import HEADINGS, Field, field_of, named, write_fields
from compensation.rules import award
from compensation.rules.award import STATUSES
from compensation.rules.compensation import Decisions
from compensation.schema.dictionary import CLAIMS, CONTRACTS, Table
from compensation.settlement.recipients import recipients
from compensation.values.printing import decimal_column, yuan_of

TITLE = "代偿补偿资金申请表"
LIST_TITLE = "代偿项目明细表"
PROMISE = "本单位承诺：所填内容及所附材料真实、完整，所列代偿未向其他渠道重复申请补偿。"
TO_DATE = "本期累计可付"
"""What can be paid so far, where a policy pays in stages."""
LEAST = 13
"""How wide a column of the list is at least."""


def write_application(
    assessment: Assessment, institution_id: str, path: str | os.PathLike[str]
) -> None:
    """Write the application of an institution as a workbook to ``path``, replacing what is there.

    `assessment`: of `assess`, which holds a portfolio. What the ledger does not say is left blank.
    Raises KeyError where there is no such institution, and `Refused` where cases are no payouts.
    """
    policy = assessment.policy
    if policy.rules.record != "payout":
        message = Text(
            "申请表只用于代偿补偿；政策 {policy} 按{case}计算，没有这一表格",
            "the application is for payouts; policy {policy} is computed for each {case}, of which "
            "there is no such form",
        )
        raise Refused(message.fill(policy=policy.id, case=CASES[policy.rules.record].case))
    ledgers = with_asked(assessment.portfolio)
    ids = ledgers.column("institutions", "institution_id").to_pylist()
    if institution_id not in ids:
        raise no_such(Text("机构", "institution"), institution_id, ids)
    place = ids.index(institution_id)
    applied = applied_for(assessment)
    rows = np.flatnonzero((assessment.cases.institution == place) & (applied >= 0))
    with new_workbook(path, f"{TITLE} {assessment.year}", streamed=True) as book:
        _write_form(Sheet(book, TITLE), ledgers, assessment, place, rows, applied)
        _write_list(Sheet(book, LIST_TITLE), ledgers, assessment, rows, applied)


def due_to_date(decisions: Decisions) -> Integers:
    """Return what of the compensation can be paid so far, in fen, once it is approved."""
    if decisions.stage is None:
        return decisions.compensation
    return award.due_to_date(decisions.compensation, decisions.stage)


def applied_for(assessment: Assessment) -> Integers:
    """Return what each claim of the year is applied for, in fen; −1 where it is left out."""
    decisions, cases = assessment.decisions, assessment.cases
    closed = np.zeros(len(decisions.status), np.bool_) if cases.closed is None else cases.closed
    due = award.payable(due_to_date(decisions), cases.compensation_paid, closed)
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
    staged: list[Pair] = []
    if decisions.stage is not None:
        staged.append((TO_DATE, yuan_of(int(due_to_date(decisions)[rows].sum()))))
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
            *_payee(ledgers, assessment, own, rows),
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
            *staged,
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


def _payee(ledgers: Ledgers, assessment: Assessment, own: Row, rows: Integers) -> list[Pair]:
    """Return to which account it goes: the institution's, or the others' that are paid, by name."""
    policy = assessment.policy
    if recipient_of(policy.rules) == "institution":
        return [("开户银行", own.text("bank")), ("银行账号", own.text("account"))]
    contract = ledgers.links.claim_contract[assessment.claim_rows[rows]]
    paid = recipients(ledgers, [policy], [0] * len(rows), contract)
    names = "、".join(dict.fromkeys(f"{each.called.zh}：{each.name.zh}" for each in paid))
    return [("补偿付给", names or recipient_title(policy).zh), ("开户银行及账号", None)]


def _write_list(
    sheet: Sheet, ledgers: Ledgers, assessment: Assessment, rows: Integers, applied: Integers
) -> None:
    decisions, cases = assessment.decisions, assessment.cases
    of_input = assessment.claim_rows[rows]
    contract = ledgers.links.claim_contract[of_input]

    def given(table: Table, name: str) -> Field:
        at = of_input if table is CLAIMS else contract
        return listed(table.column(name).heading, ledgers.column(table.name, name).take(arrow(at)))

    def listed(heading: str, column: pa.Array, *, added: bool = False) -> Field:
        field = field_of(sheet, heading, pa.chunked_array([column]), added=added)
        return replace(field, least=max(field.least, LEAST))

    def summed(heading: str, fen: Integers) -> Field:
        return listed(heading, decimal_column(fen[rows], 2), added=True)

    guaranteed = ledgers.numbers("contracts", "guaranteed_amount")[contract]
    fields = [
        Field("序号", sheet.count, pa.chunked_array([arrow(np.arange(1, len(rows) + 1))]), 6),
        given(CLAIMS, "claim_id"),
        given(CLAIMS, "contract_id"),
        given(CONTRACTS, "borrower_name"),
        given(CONTRACTS, "lender"),
        # Several claims may be of one contract, whose guarantee counts once.
        listed(CONTRACTS.column("guaranteed_amount").heading, decimal_column(guaranteed, 2)),
        given(CLAIMS, "payout_date"),
        summed("代偿本金", cases.principal),
        summed("代偿利息", cases.interest),
        summed(HEADINGS["payout"], decisions.payout),
        Field(
            HEADINGS["rate"],
            sheet.rate,
            pa.chunked_array([decimal_column(decisions.rate[rows], 6)]),
            9,
        ),
        summed("测算补偿金额", decisions.compensation),
        *([] if decisions.stage is None else [summed(TO_DATE, due_to_date(decisions))]),
        summed("已补偿金额", cases.compensation_paid),
        summed("本次申请金额", applied),
    ]
    titles = (f"{LIST_TITLE}（{assessment.year} 年度）", "", "单位：元")
    write_fields(sheet, fields, titles, fixed=0, repeated=0, total=True)
