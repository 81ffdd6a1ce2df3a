"""What `settle` prints: who owes whom how much, the pool, and what is worth a look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from compensation.language import Language, Text, joined, same, visible
from compensation.policy.case_words import words_of
from compensation.policy.model import Note
from compensation.policy.party_words import recipient_of, recipient_title
from compensation.policy.quantities import payer_names
from compensation.report.console import (
    INSTITUTIONS_SHOWN,
    Headings,
    Screen,
    assumption_lines,
    budget_said,
    input_line,
    left_out,
    output_line,
    policy_line,
    warning_lines,
)
from compensation.report.settlement_headings import STATUS_NAMES
from compensation.rules.pool import LEGS, TITLES
from compensation.rules.set_off import SET_OFF
from compensation.settlement.tables import column_of
from compensation.values.printing import amount

if TYPE_CHECKING:
    from compensation.settlement.drafts import Continued
    from compensation.settlement.settlement import Settlement

COLUMNS = {
    "claims": Text("代偿", "claims"),
    "granted": Text("核准金额", "granted"),
    "paid_to_date": Text("累计已拨付", "paid to date"),
    SET_OFF: Text("本次抵扣", "set off"),
    "to_pay": Text("应拨付", "to pay"),
    "to_recall": Text("应收回", "to recall"),
    "outstanding": Text("尚未安排", "outstanding"),
    "to_remit": Text("应上缴", "to remit"),
    "to_refund": Text("应退回", "to refund"),
    "net_due": Text("净额", "net due"),
}
"""The columns of the table of institutions, beside their ids and names, as far as there are."""
OWES = Text("{who}：应向政府缴付 {amount} 元", "{who} owes government {amount}")
LATE = Text("；另有逾期缴回加收 {amount} 元", "; apart from that {amount} for late returns")
OWED = Text("{who}：政府应支付 {amount} 元", "Government owes {who} {amount}")
FOR_OTHERS = Text("{who} 的业务（付给{paid}）", "the {paid} (business of {who})")
"""Where a policy pays others than institutions: whose business it is, and who is paid."""
BALANCED = Text("{who}：收付相抵为 0", "{who}: nothing is due on balance")


def settlement_text(
    of: Settlement, output: Path | None, language: Language, stream: IO[str]
) -> str:
    """Return what `settle` prints."""
    screen, summary = Screen(language, stream), of.summary
    period = Text(
        "清算日  {to}    本期  {from_} 至 {to}    预算  {budget}",
        "As of   {to}    Period  {from_} to {to}    Budget  {budget}",
    ).fill(to=summary["to"], from_=summary["from"], budget=budget_said(summary["budget"]))
    headings: Headings = [(Text("资金池收支（元）", "Pool (yuan)"), "left"), ("", "right")]
    pool = of.tables["pool_statement"].to_pylist()
    notes: list[Text | str] = ["", Text("说明", "Notes")] if of.notes else []
    return screen.lines(
        [
            *(policy_line(policy["id"], policy["digest"]) for policy in summary["policies"]),
            input_line(summary["input_digest"]),
            period,
            "",
            *_due_lines(of),
            "",
            _institutions(of, screen),
            "",
            screen.table(headings, [[TITLES[row["line"]], amount(row["amount"])] for row in pool]),
            *notes,
            *(f"  {note.get(language)}" for note in of.notes),
            *assumption_lines(len(summary["assumptions"])),
            *warning_lines(of.warnings, language),
            "",
            output_line(output),
        ]
    )


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


def _due_lines(of: Settlement) -> Iterator[Text]:
    """Yield, for each institution, what is due in which direction, in words."""
    payers = {id_: n for policy in of.policies for id_, n in payer_names(policy.rules).items()}
    others = [p for p in of.policies if recipient_of(p.rules) != "institution"]
    paid = joined(dict.fromkeys(map(recipient_title, others)), "、", ", ") if others else None
    for row, name in _named(of):
        net = row["net_due"]
        said = BALANCED if not net else OWES if net > 0 else OWED
        who: Text | str = f"{row['institution_id']} {name}".rstrip()
        if paid:
            who = FOR_OTHERS.fill(who=who, paid=paid)
        late = LATE.fill(amount=amount(row["late_charge"])) if row.get("late_charge") else same("")
        said, legs = said.fill(who=who, amount=amount(abs(net))), _legs(row, payers)
        yield joined((said, legs, late), "", "")
    yield from left_out(len(of.tables["settlement_institutions"]) - INSTITUTIONS_SHOWN)


def _legs(row: Mapping[str, Any], payers: Mapping[str, Note]) -> Text:
    """Return in brackets what the net is made of, and who pays; nothing where it is 0."""
    all_ = joined([_leg(row, leg, payers) for leg in LEGS if row[leg]], "，", ", ")
    return Text(f"（{all_.zh}）", f" ({all_.en})") if all_.zh else same("")


def _leg(row: Mapping[str, Any], leg: str, payers: Mapping[str, Note]) -> Text:
    """Return what is due in one direction, and in square brackets how payers share it."""
    shown = Text("{title} {yuan}", "{title} {yuan}")
    said = shown.fill(title=COLUMNS[leg], yuan=amount(row[leg]))
    of_it = {name.text: row[column_of(leg, payer)] for payer, name in payers.items()}
    parts = [shown.fill(title=name, yuan=amount(yuan)) for name, yuan in of_it.items() if yuan]
    if not parts:
        return said
    of_payers = joined(parts, "、", ", ")
    return joined((said, Text(f"〔其中{of_payers.zh}〕", f" [of which {of_payers.en}]")), "", "")


def _amounts(of: Settlement) -> list[str]:
    """Return the columns of amounts: all but the number of claims."""
    there = of.tables["settlement_institutions"].column_names
    return [name for name in COLUMNS if name != "claims" and name in there]


def _institutions(of: Settlement, screen: Screen) -> str:
    names = _amounts(of)
    headings: Headings = [
        (Text("机构代码", "institution"), "left"),
        (words_of(of.policies).heading, "right"),
        *((COLUMNS[name], "right") for name in names),
    ]
    rows = [
        [
            row["institution_id"],
            str(row["claims"]),
            *(amount(row[name]) for name in names),
        ]
        for row, _ in _named(of)
    ]
    return screen.table(headings, rows)


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
    amounts = _amounts(of)
    claims = [
        row for row in of.tables["settlement"].to_pylist() if row["institution_id"] == institution
    ]
    by_year = of.ledgers.years is not None
    rows: list[list[Text | str]] = [
        [
            row["claim_id"],
            *([str(row["year"])] if by_year else []),
            Text(STATUS_NAMES.get(row["status"], row["status"]), row["status"]),
            *(amount(row[name]) for name in amounts),
        ]
        for row in claims
    ]
    blanks = [""] * (1 + by_year)
    rows.append([Text("合计", "total"), *blanks, *(amount(sums[0][name]) for name in amounts)])
    years: Headings = [(Text("年度", "year"), "left")] if by_year else []
    headings: Headings = [
        (words_of(of.policies).id, "left"),
        *years,
        (Text("状态", "status"), "left"),
        *((COLUMNS[name], "right") for name in amounts),
    ]
    return Screen(language, stream).table(headings, rows)
