"""The sheets 拨付通知单 and 收缴通知单: for each one that is paid, what is paid to it or collected.

A notice goes to whom the policy pays: the institution, the lender, the borrower. A notice of
payment lists what government owes it, a notice of collection what it owes government. The net of
both stands beside it, for information.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from compensation.arrays import arrow
from compensation.policy.party_words import programme_title
from compensation.report.amount_in_words import in_words, net_in_words
from compensation.report.settlement_headings import heading_of
from compensation.report.sheet import Sheet
from compensation.settlement.recipients import Recipient, recipients
from compensation.settlement.settlement import Settlement
from compensation.settlement.tables import leg_of
from compensation.values.printing import amount

COLUMNS = ("claim_id", "contract_id", "borrower_id", "payout_date", "policy")
WIDTHS = (6, 20, 22, 22, 13, 18, 20, 20, 20)
SIGNED = ("经办人：", "审核人：", "负责人：", "日期：      年   月   日（盖章）")


@dataclass(frozen=True)
class Notice:
    """A kind of notice: its title, the two legs that it lists, what it asks for.

    `beside`: what is told beside the legs, and is no part of them, where a settlement has it.
    """

    title: str
    legs: tuple[str, str]
    asks: str
    beside: str

    def amounts(self, settlement: Settlement) -> tuple[str, ...]:
        """Return the columns of the amounts that it lists."""
        there = self.beside in settlement.tables["settlement"].column_names
        return (*self.legs, self.beside) if there else self.legs


PAYMENT = Notice("拨付通知单", ("to_pay", "to_refund"), "应拨付你单位", "set_off")
COLLECTION = Notice("收缴通知单", ("to_recall", "to_remit"), "你单位应缴付", "late_charge")


def notice_rows(notice: Notice, settlement: Settlement) -> int:
    """Return a number of rows that is surely enough for the sheet."""
    return 2 + sum(10 + len(due.claims) for due in _due(notice, settlement))


def write_notices(sheet: Sheet, settlement: Settlement, notice: Notice) -> None:
    """Write a block for each one with something due, each on pages of its own."""
    last = len(COLUMNS) + len(notice.amounts(settlement))
    sheet.widths(WIDTHS[: last + 1])
    breaks: list[int] = []
    row = 0
    for due in _due(notice, settlement):
        if row:
            breaks.append(row)
        row = _write_block(sheet, notice, settlement, due, row)
    if not row:
        sheet.across(0, 0, last, f"{notice.title}：本次清算无此项", "title", 30)
    sheet.raw.set_h_pagebreaks(breaks)
    sheet.page()


def _by_payer(notice: Notice, settlement: Settlement) -> list[str]:
    """Return the columns of the parts that payers have of the legs of a notice."""
    columns = settlement.tables["settlement"].column_names
    return [name for name in columns if leg_of(name) in notice.legs]


@dataclass
class Due:
    """What is due to or from one recipient: its claims on a notice, and the net of all it has."""

    to: Recipient
    claims: list[dict[str, Any]]
    net: Decimal = Decimal("0.00")


def _due(notice: Notice, settlement: Settlement) -> Iterator[Due]:
    """Yield those that get a notice, in the order of their institutions."""
    links = settlement.ledgers.links
    places, contract = settlement.covered.policy.tolist(), links.claim_contract
    to = recipients(settlement.ledgers, settlement.policies, places, contract)
    order = np.argsort(links.contract_institution[contract], kind="stable")
    amounts = notice.amounts(settlement)
    further = ("year", "institution_id", *amounts, "net_due")
    wanted = [*COLUMNS, *further, *_by_payer(notice, settlement)]
    records = settlement.tables["settlement"].select(wanted).take(arrow(order)).to_pylist()
    found: dict[tuple[str, str], Due] = {}
    for place, record in zip(order.tolist(), records, strict=True):
        due = found.setdefault(to[place][:2], Due(to[place], []))
        if not due.to.named:
            due.to = to[place]  # another row may have the name
        due.net += record["net_due"]
        record["year"] = str(record["year"])  # no number to be grouped
        if any(record[name] for name in amounts):
            due.claims.append(record)
    yield from (due for due in found.values() if due.claims)


def _write_block(sheet: Sheet, notice: Notice, settlement: Settlement, due: Due, row: int) -> int:
    """Write one notice from a row on; return the row after it."""
    claims, policies = due.claims, settlement.policies
    other = {due.to.party + "_id": "institution_id"}
    if settlement.ledgers.years is not None:
        other["contract_id"] = "year"  # the contract's id is that of its case
    columns = tuple(other.get(name, name) for name in COLUMNS)
    amounts = notice.amounts(settlement)
    last = len(columns) + len(amounts)
    about = f"{due.to.called.zh}：{due.to.name.zh}\u3000截至 {settlement.to}\u3000金额单位：元"
    sheet.across(row, 0, last, f"{programme_title(policies)}{notice.title}", "title", 30)
    sheet.across(row + 1, 0, last, about, "caption", 20)
    sums = {name: sum((c[name] for c in claims), Decimal("0.00")) for name in amounts}
    total = sum((sums[leg] for leg in notice.legs), Decimal("0.00"))
    said = f"{notice.asks}：{amount(total)} 元（大写：人民币{in_words(int(total * 100))}）"
    said += f"\u3000各项相抵后净额 {amount(abs(due.net))} 元，{net_in_words(due.net, '你单位')}"
    if sums.get(notice.beside):
        said += f"\u3000另有{heading_of(notice.beside)} {amount(sums[notice.beside])} 元"
    sheet.across(row + 2, 0, last, said, "caption", 22)
    by_payer = {
        heading_of(name, policies): sum((c[name] for c in claims), Decimal("0.00"))
        for name in _by_payer(notice, settlement)
    }
    if any(by_payer.values()):
        of_legs = ((heading, yuan) for heading, yuan in by_payer.items() if yuan)
        parts = "，".join(f"{heading} {amount(yuan)} 元" for heading, yuan in of_legs)
        row += 1
        sheet.across(row + 2, 0, last, f"其中：{parts}", "caption", 22)
    named = [heading_of(name, policies) for name in (*columns, *amounts)]
    headings = ("序号", *named)
    sheet.headings(row + 3, headings, 24)
    row += 4
    for number, claim in enumerate(claims, 1):
        sheet.fit_row(row, {place: claim[name] for place, name in enumerate(columns[:3], 1)})
        sheet.count(row, 0, number)
        for place, name in enumerate(columns, 1):
            (sheet.date if name == "payout_date" else sheet.text)(row, place, claim[name])
        for place, name in enumerate(amounts, 1 + len(columns)):
            sheet.money(row, place, claim[name])
        row += 1
    sheet.across(row, 0, len(columns), "合计", "total_label", 24)
    for place, name in enumerate(amounts, 1 + len(columns)):
        sheet.money(row, place, sums[name], "total_money")
    ends = (0, 2, 3, 5, last + 1)
    for place, text in enumerate(SIGNED):
        sheet.across(row + 1, ends[place], ends[place + 1] - 1, text, "sign", 30)
    return row + 3
