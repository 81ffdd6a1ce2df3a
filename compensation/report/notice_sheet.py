"""The sheets 拨付通知单 and 收缴通知单: for each institution, what is paid to it or collected.

A notice of payment lists what government owes the institution, a notice of collection what the
institution owes government. The net of both stands beside it, for information.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from compensation.policy.wording import party_of_all
from compensation.report.amount_in_words import in_words, net_in_words
from compensation.report.settlement_headings import heading_of
from compensation.report.sheet import Sheet
from compensation.settlement.settlement import Settlement
from compensation.settlement.tables import PAID_BY
from compensation.values.printing import amount

COLUMNS = ("claim_id", "contract_id", "borrower_id", "payout_date", "policy")
WIDTHS = (6, 20, 22, 22, 13, 18, 20, 20)
LAST = len(WIDTHS) - 1
SIGNED = ("经办人：", "审核人：", "负责人：", "日期：      年   月   日（盖章）")


@dataclass(frozen=True)
class Notice:
    """A kind of notice: its title, the two legs that it lists, what it asks for."""

    title: str
    legs: tuple[str, str]
    asks: str


PAYMENT = Notice("拨付通知单", ("to_pay", "to_refund"), "应拨付你单位")
COLLECTION = Notice("收缴通知单", ("to_recall", "to_remit"), "你单位应缴付")


def _columns(settlement: Settlement) -> tuple[str, ...]:
    """Return the columns of a notice; a contract, whose id is its case's, has its year instead."""
    by_year = settlement.ledgers.years is not None
    return tuple("year" if by_year and name == "contract_id" else name for name in COLUMNS)


def notice_rows(notice: Notice, settlement: Settlement) -> int:
    """Return a number of rows that is surely enough for the sheet."""
    return 2 + sum(10 + len(claims) for _, _, claims in _due(notice, settlement))


def write_notices(sheet: Sheet, settlement: Settlement, notice: Notice) -> None:
    """Write a block for each institution with something due, each on pages of its own."""
    sheet.widths(WIDTHS)
    breaks: list[int] = []
    row = 0
    due_net = settlement.tables["settlement_institutions"].select(["institution_id", "net_due"])
    net = {record["institution_id"]: record["net_due"] for record in due_net.to_pylist()}
    for institution, name, claims in _due(notice, settlement):
        if row:
            breaks.append(row)
        row = _write_block(
            sheet, notice, settlement, f"{name}（{institution}）", claims, net[institution], row
        )
    if not row:
        sheet.across(0, 0, LAST, f"{notice.title}：本次清算无此项", "title", 30)
    sheet.raw.set_h_pagebreaks(breaks)
    sheet.page()


def _by_payer(notice: Notice, settlement: Settlement) -> list[str]:
    """Return the columns of what payers pay, on a notice of payment."""
    columns = settlement.tables["settlement"].column_names
    return [name for name in columns if notice is PAYMENT and name.startswith(PAID_BY)]


def _due(notice: Notice, settlement: Settlement) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
    """Yield the institutions that get a notice, with their claims on it."""
    names = settlement.ledgers.column("institutions", "institution_name").to_pylist()
    ids = settlement.ledgers.column("institutions", "institution_id").to_pylist()
    wanted = [*_columns(settlement), "institution_id", *notice.legs, *_by_payer(notice, settlement)]
    claims: dict[str, list[dict[str, Any]]] = {id_: [] for id_ in ids}
    for record in settlement.tables["settlement"].select(wanted).to_pylist():
        if any(record[leg] for leg in notice.legs):
            claims[record["institution_id"]].append(record)
    for id_, name in zip(ids, names, strict=True):
        if claims[id_]:
            yield id_, name or id_, claims[id_]


def _write_block(
    sheet: Sheet,
    notice: Notice,
    settlement: Settlement,
    institution: str,
    claims: list[dict[str, Any]],
    net: Decimal,
    row: int,
) -> int:
    """Write one notice from a row on; return the row after it."""
    who = party_of_all(settlement.policies, "institution").zh
    about = f"{who}：{institution}\u3000截至 {settlement.to}\u3000金额单位：元"
    sheet.across(row, 0, LAST, f"政府性融资担保风险补偿{notice.title}", "title", 30)
    sheet.across(row + 1, 0, LAST, about, "caption", 20)
    sums = {leg: sum((c[leg] for c in claims), Decimal("0.00")) for leg in notice.legs}
    total = sum(sums.values(), Decimal("0.00"))
    said = f"{notice.asks}：{amount(total)} 元（大写：人民币{in_words(int(total * 100))}）"
    said += f"\u3000各项相抵后净额 {amount(abs(net))} 元，{net_in_words(net)}"
    sheet.across(row + 2, 0, LAST, said, "caption", 22)
    by_payer = {
        heading_of(name, settlement.policies): sum((c[name] for c in claims), Decimal("0.00"))
        for name in _by_payer(notice, settlement)
    }
    if by_payer:
        parts = "，".join(f"{heading} {amount(yuan)} 元" for heading, yuan in by_payer.items())
        row += 1
        sheet.across(row + 2, 0, LAST, f"其中：{parts}", "caption", 22)
    columns = _columns(settlement)
    named = [heading_of(name, settlement.policies) for name in (*columns, *notice.legs)]
    headings = ("序号", *named)
    sheet.headings(row + 3, headings, 24)
    row += 4
    for number, claim in enumerate(claims, 1):
        sheet.fit_row(row, {place: str(claim[name]) for place, name in enumerate(columns[:3], 1)})
        sheet.count(row, 0, number)
        for place, name in enumerate(columns, 1):
            cell = str(claim[name]) if name == "year" else claim[name]
            (sheet.date if name == "payout_date" else sheet.text)(row, place, cell)
        for place, leg in enumerate(notice.legs, 1 + len(COLUMNS)):
            sheet.money(row, place, claim[leg])
        row += 1
    sheet.across(row, 0, len(COLUMNS), "合计", "total_label", 24)
    for place, leg in enumerate(notice.legs, 1 + len(COLUMNS)):
        sheet.money(row, place, sums[leg], "total_money")
    ends = (0, 2, 3, 5, LAST + 1)
    for place, text in enumerate(SIGNED):
        sheet.across(row + 1, ends[place], ends[place + 1] - 1, text, "sign", 30)
    return row + 3
