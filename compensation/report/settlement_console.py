"""What `settle` prints: who owes whom how much, the pool, and what is worth a look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from compensation.language import Language, Text, visible
from compensation.report.console import (
    INSTITUTIONS_SHOWN,
    Align,
    Say,
    table_text,
    warning_lines,
)
from compensation.report.settlement_headings import STATUS_NAMES
from compensation.rules.pool import TITLES
from compensation.values.printing import amount

if TYPE_CHECKING:
    from compensation.settlement.drafts import Continued
    from compensation.settlement.settlement import Settlement

COLUMNS = {
    "claims": Text("代偿", "claims"),
    "granted": Text("核准金额", "granted"),
    "paid_to_date": Text("累计已拨付", "paid to date"),
    "to_pay": Text("应拨付", "to pay"),
    "to_recall": Text("应收回", "to recall"),
    "outstanding": Text("尚未安排", "outstanding"),
    "to_remit": Text("应上缴", "to remit"),
    "to_refund": Text("应退回", "to refund"),
    "net_due": Text("净额", "net due"),
}
"""The columns of the table of institutions, beside their ids and names."""


def settlement_text(
    of: Settlement, output: Path | None, language: Language, stream: IO[str]
) -> str:
    """Return what `settle` prints."""

    def say(zh: str, en: str) -> str:
        return zh if language == "zh" else en

    summary = of.summary
    budget = summary["budget"]
    lines = [
        *(
            say("政策  ", "Policy  ") + f"{policy['id']}  {policy['digest']}"
            for policy in summary["policies"]
        ),
        say("输入  ", "Input   ") + summary["input_digest"],
        say(
            f"清算日  {summary['to']}    本期  {summary['from']} 至 {summary['to']}",
            f"As of   {summary['to']}    Period  {summary['from']} to {summary['to']}",
        )
        + say("    预算  ", "    Budget  ")
        + (say("无", "none") if budget is None else amount(budget)),
        "",
        *_due_lines(of, say),
        "",
        _institutions(of, say, language, stream),
        "",
        _pool(of, say, language, stream),
        *_notes(of, language, say),
        "",
    ]
    if output is None:
        lines.append(
            say("未写出结果（用 -o 指定位置）", "No result was written (-o says where to)")
        )
    else:
        lines.append(say(f"结果已写入 {output}", f"The result is in {output}"))
    return "\n".join(lines)


def drafts_text(of: Continued, path: Path, language: Language) -> str:
    """Return what is said of the ledger that was continued, and what to do with it."""
    payments, remittances = of.drafts["payments"], of.drafts["remittances"]
    lines = [
        Text(
            "续记台账已写入 {path}：拨付 {payments} 行、上缴 {remittances} 行待填日期",
            "The continued ledger is in {path}; to be dated: payments {payments}, remittances"
            " {remittances}",
        ).fill(path=path, payments=len(payments), remittances=len(remittances))
    ]
    if carried := sum(draft.carried for draft in payments):
        lines.append(
            Text(
                "其中 {carried} 行为原台账“已补偿金额”的结转，请填写实际拨付日期，不要删除",
                "{carried} of the payments carry over compensation_paid: enter the dates on which"
                " they were made; do not delete them",
            ).fill(carried=carried)
        )
    return "\n".join(visible(line.get(language)) for line in lines)


def _named(of: Settlement) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield the first institutions of the result, with what they are called."""
    table = of.tables["settlement_institutions"].slice(0, INSTITUTIONS_SHOWN)
    names = of.ledgers.column("institutions", "institution_name").slice(0, INSTITUTIONS_SHOWN)
    for row, name in zip(table.to_pylist(), names.to_pylist(), strict=True):
        yield row, name or ""


def _due_lines(of: Settlement, say: Say) -> list[str]:
    """Return, for each institution, what is due in which direction, in words."""
    lines = []
    for row, name in _named(of):
        who = visible(f"{row['institution_id']} {name}".rstrip())
        net = row["net_due"]
        if net > 0:
            text = say(
                f"{who}：应向政府缴付 {amount(net)} 元", f"{who} owes government {amount(net)}"
            )
        elif net < 0:
            text = say(
                f"{who}：政府应支付 {amount(-net)} 元", f"Government owes {who} {amount(-net)}"
            )
        else:
            text = say(f"{who}：收付相抵为 0", f"{who}: nothing is due on balance")
        lines.append(text + _legs(row, say))
    return [*lines, *_left(of, say)]


def _legs(row: Mapping[str, Any], say: Say) -> str:
    """Return in brackets what the net is made of; nothing where it is 0."""
    parts = [
        COLUMNS[name].get("zh" if say("zh", "en") == "zh" else "en") + f" {amount(row[name])}"
        for name in ("to_pay", "to_recall", "to_remit", "to_refund")
        if row[name]
    ]
    if not parts:
        return ""
    return say(f"（{'，'.join(parts)}）", f" ({', '.join(parts)})")


def _left(of: Settlement, say: Say) -> list[str]:
    left = len(of.tables["settlement_institutions"]) - INSTITUTIONS_SHOWN
    return [say(f"……另有 {left} 家机构", f"… {left} more institutions")] if left > 0 else []


def _institutions(of: Settlement, say: Say, language: Language, stream: IO[str]) -> str:
    right: Align = "right"
    headings: list[tuple[str, Align]] = [
        (say("机构代码", "institution"), "left"),
        *((title.get(language), right) for title in COLUMNS.values()),
    ]
    rows = [
        [
            row["institution_id"],
            str(row["claims"]),
            *(amount(row[name]) for name in COLUMNS if name != "claims"),
        ]
        for row, _ in _named(of)
    ]
    return table_text(headings, rows, stream)


def institution_text(of: Settlement, institution: str, language: Language, stream: IO[str]) -> str:
    """Return what is due for each claim of an institution, and the sum.

    Raises KeyError where the ledger has no such institution.
    """
    sums = [
        row
        for row in of.tables["settlement_institutions"].to_pylist()
        if row["institution_id"] == institution
    ]
    if not sums:
        raise KeyError(institution)
    amounts = [name for name in COLUMNS if name != "claims"]
    claims = [
        row for row in of.tables["settlement"].to_pylist() if row["institution_id"] == institution
    ]
    rows = [
        [row["claim_id"], row["status"], *(amount(row[name]) for name in amounts)] for row in claims
    ]
    total = Text("合计", "total").get(language)
    rows.append([total, "", *(amount(sums[0][name]) for name in amounts)])
    headings: list[tuple[str, Align]] = [
        (Text("代偿编号", "claim").get(language), "left"),
        (Text("状态", "status").get(language), "left"),
        *((COLUMNS[name].get(language), "right") for name in amounts),
    ]
    if language == "zh":
        rows = [[id_, STATUS_NAMES.get(status, status), *cells] for id_, status, *cells in rows]
    return table_text(headings, rows, stream)


def _pool(of: Settlement, say: Say, language: Language, stream: IO[str]) -> str:
    rows = [
        [TITLES[row["line"]].get(language), amount(row["amount"])]
        for row in of.tables["pool_statement"].to_pylist()
    ]
    headings: list[tuple[str, Align]] = [
        (say("资金池收支（元）", "Pool (yuan)"), "left"),
        ("", "right"),
    ]
    return table_text(headings, rows, stream)


def _notes(of: Settlement, language: Language, say: Say) -> list[str]:
    lines = []
    if of.notes:
        lines += ["", say("说明", "Notes")]
        lines += [f"  {note.get(language)}" for note in of.notes]
    assumptions = len(of.summary["assumptions"])
    lines += ["", say(f"所依据的假定：{assumptions} 项", f"Assumptions relied on: {assumptions}")]
    return lines + warning_lines(of.warnings, say, language)
