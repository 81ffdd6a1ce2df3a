"""The sheet 清算汇总: what is due between government and each institution, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from compensation.language import visible
from compensation.policy.party_words import programme_title, recipients_title
from compensation.report.amount_in_words import net_in_words
from compensation.report.settlement_headings import heading_of, names_of_payers
from compensation.report.sheet import Sheet
from compensation.results import WARNINGS_EACH
from compensation.rules.pool import LEGS as DUE
from compensation.settlement.settlement import Settlement
from compensation.settlement.tables import column_of
from compensation.values.printing import amount

WIDTHS = (16, 26, 9, 17, 17, 17, 17, 17, 17, 46)
LAST = len(WIDTHS) - 1
LEGS = ("granted", "to_pay", "to_recall", "to_remit", "to_refund", "net_due")
PAID_OUT = ("to_pay", "to_refund")
"""What government is to hand over; of the rest it is paid."""
DIRECTION = "净额大写"
REST = "二、依据"
"""Where what the amounts rest on begins, below the amounts."""


def summary_rows(settlement: Settlement) -> int:
    """Return a number of rows that is surely enough for the sheet."""
    shown = sum(min(len(group), WARNINGS_EACH) + 1 for group in settlement.warnings.groups)
    institutions = len(settlement.tables["settlement_institutions"])
    return (
        40
        + institutions
        + shown
        + len(settlement.policies)
        + len(settlement.notes)
        + len(names_of_payers(settlement.policies))
    )


def write_summary(sheet: Sheet, settlement: Settlement) -> None:
    """Write the sheet."""
    sheet.widths(WIDTHS)
    title = f"{programme_title(settlement.policies)}清算汇总（截至 {settlement.to}）"
    sheet.across(0, 0, LAST, title, "title", 30)
    row = sheet.section(1, LAST, "一、应缴应付（金额单位：元）")
    row = _institutions(sheet, settlement, row)
    row = sheet.section(row + 1, LAST, REST)
    row = sheet.labelled(row, LAST, _about(settlement))
    row = sheet.section(row + 1, LAST, "三、说明")
    for note in settlement.notes:
        sheet.across(row, 0, LAST, note.zh, "text", 18)
        row += 1
    if not settlement.notes:
        sheet.across(row, 0, LAST, "无", "text", 18)
        row += 1
    row = sheet.section(row + 1, LAST, f"四、提示（共 {len(settlement.warnings)} 处）")
    for text in _warnings(settlement):
        sheet.across(row, 0, LAST, text, "text", 18)
        row += 1
    sheet.page()


def _warnings(settlement: Settlement) -> Iterator[str]:
    """Yield the first warnings of each kind in words, and how many more there are."""
    if not len(settlement.warnings):
        yield "无"
    for group, faults in settlement.warnings.first(WARNINGS_EACH):
        for fault in faults:
            yield visible(fault.describe("zh"))
        left = len(group) - len(faults)
        if left:
            yield f"同类提示另有 {left} 处：{group.message.zh}"


def _institutions(sheet: Sheet, settlement: Settlement, row: int) -> int:
    """Write what is due for each institution, and the total; return the row after it."""
    counted = heading_of("claims", settlement.policies)
    headings = ("机构代码", "机构名称", counted, *map(heading_of, LEGS), DIRECTION)
    sheet.headings(row, headings, 24)
    names = settlement.ledgers.column("institutions", "institution_name").to_pylist()
    who = recipients_title(settlement.policies).zh
    count, total = 0, dict.fromkeys(LEGS, Decimal("0.00"))
    records = settlement.tables["settlement_institutions"].to_pylist()
    for record, name in zip(records, names, strict=True):
        row += 1
        said = net_in_words(record["net_due"], who)
        sheet.fit_row(row, {0: record["institution_id"], 1: name, LAST: said})
        sheet.text(row, 0, record["institution_id"])
        sheet.text(row, 1, name)
        sheet.count(row, 2, record["claims"])
        for place, leg in enumerate(LEGS, 3):
            sheet.money(row, place, record[leg])
        sheet.text(row, LAST, said)
        count += record["claims"]
        for leg in LEGS:
            total[leg] += record[leg]
    row += 1
    said = net_in_words(total["net_due"], who)
    sheet.fit_row(row, {LAST: said})
    sheet.across(row, 0, 1, "合计", "total_label", 22)
    sheet.count(row, 2, count)
    for place, leg in enumerate(LEGS, 3):
        sheet.money(row, place, total[leg], "total_money")
    sheet.text(row, LAST, said)
    return _payers(sheet, settlement, row + 1)


def _payers(sheet: Sheet, settlement: Settlement, row: int) -> int:
    """Write each payer's part of the total, where policies have payers; return the row after it."""
    totals = settlement.summary["totals"]
    for payer, name in names_of_payers(settlement.policies).items():
        sheet.across(row, 0, 1, f"其中：{name}", "total_label", 22)
        sheet.text(row, 2, "")
        parts = {leg: Decimal(totals[column_of(leg, payer)]) for leg in DUE}
        net = sum((-part if leg in PAID_OUT else part for leg, part in parts.items()), Decimal())
        for place, leg in enumerate(LEGS, 3):
            if leg in parts:
                sheet.money(row, place, parts[leg], "total_money")
        sheet.money(row, 3 + LEGS.index("net_due"), net, "total_money")
        sheet.text(row, LAST, "")
        row += 1
    return row


def _about(settlement: Settlement) -> Iterator[tuple[str, str]]:
    summary = settlement.summary
    for policy in settlement.policies:
        effective = policy.rules.effective
        until = "未规定失效日期" if effective.to is None else effective.to.isoformat()
        days = f"{effective.from_} 至 {until}"
        yield "政策", f"{policy.rules.name.zh}（{policy.id}），适用期间 {days}"
        yield "政策文件校验码", policy.digest
    yield "清算日", summary["to"]
    yield "本期", f"{summary['from']} 至 {summary['to']}"
    budget = summary["budget"]
    yield "预算", "未设定" if budget is None else f"{amount(budget)} 元"
    yield "程序版本", summary["version"]
    yield "输入校验码", summary["input_digest"]
