"""The sheet 汇总: which policy, which run, what it came to, what is worth a look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import text_scalar
from compensation.joint_assessment import Assessed
from compensation.joint_results import NOT_COVERED
from compensation.language import day
from compensation.policy.case_words import CASES, words_of
from compensation.policy.catalogue import Policy
from compensation.policy.party_words import programme_title
from compensation.report.amount_in_words import in_words
from compensation.report.sheet import Sheet
from compensation.report.tables import HEADINGS, TOTAL
from compensation.report.wording import STATUS_NAMES
from compensation.results import WARNINGS_EACH
from compensation.values.printing import amount

WIDTHS = (24, 20, 20, 20, 66)
LAST = len(WIDTHS) - 1
CHART_AT = (3, 4)
"""The cell where the chart begins, beside the totals."""

TOTALS = {
    "institutions": "机构数",
    "eligible_institutions": "符合条件的机构数",
    "claims": "代偿笔数",
    "eligible_claims": "符合条件的代偿笔数",
    "compensation": "补偿金额合计",
    "payable": "应付金额合计",
    "distributed": "追偿返还金额合计",
    "to_government": "其中：返还政府",
    "to_government_in_year": "其中：当年返还政府",
    "surplus": "超额追偿款合计",
}
"""Labels of the totals of the summary."""


def total_label(name: str, policies: Sequence[Policy]) -> str:
    """Return the label of a total; cases are counted by their own words."""
    label, counted = TOTALS.get(name, name), CASES["payout"].number.zh
    return label.replace(counted, words_of(policies).number.zh)


def write_summary(sheet: Sheet, assessment: Assessed) -> None:
    """Write the sheet: the amounts first, then what they rest on."""
    sheet.widths(WIDTHS)
    title = f"{programme_title(assessment.policies)}汇总（{assessment.year} 年度）"
    sheet.across(0, 0, LAST, title, "title", 30)
    sheet.across(1, 0, LAST, "单位：元", "caption_right")
    row = sheet.section(2, LAST, "一、核算结果")
    row = _write_totals(sheet, assessment, row)
    row = sheet.section(row + 1, LAST, "二、按审核状态")
    row = _write_statuses(sheet, assessment, row)
    row = sheet.section(row + 1, LAST, "三、依据")
    row = sheet.labelled(row, LAST, _about(assessment))
    if len(assessment.warnings):
        sheet.raw.set_h_pagebreaks([row + 1])  # else the heading stands alone at the foot of a page
    row = sheet.section(row + 1, LAST, f"四、提示（共 {len(assessment.warnings)} 处）")
    _write_warnings(sheet, assessment, row)
    sheet.page()


def _about(assessment: Assessed) -> Iterator[tuple[str, str]]:
    summary = assessment.summary
    for policy in assessment.policies:
        yield from _about_policy(policy)
    yield "年度", str(assessment.year)
    if "as_of" in summary:
        yield "截至", summary["as_of"]
    budget = summary["budget"]
    yield "预算", "未设定" if budget is None else f"{amount(budget)} 元"
    yield "审核表", "、".join(summary["reviews"]) or "未使用"
    yield "程序版本", summary["version"]
    yield "输入数据校验码", summary["input_digest"]


def _about_policy(policy: Policy) -> Iterator[tuple[str, str]]:
    rules = policy.rules
    document = rules.document
    yield "政策", f"{rules.name.zh}（{policy.id}）"
    yield "文件", document.title.zh + (f" {document.part}" if document.part else "")
    yield "文号", document.number or "未查到"
    yield "发文机关", rules.issuer.zh
    if document.issued is not None:
        yield "发文日期", day(document.issued).zh
    until = "未规定失效日期" if rules.effective.to is None else day(rules.effective.to).zh
    yield "适用期间", f"{day(rules.effective.from_).zh}至{until}"
    yield "政策文件校验码", policy.digest


def _write_totals(sheet: Sheet, assessment: Assessed, row: int) -> int:
    totals = assessment.summary["totals"]
    for name, value in totals.items():
        sheet.text(row, 0, total_label(name, assessment.policies), "label")
        if isinstance(value, int):
            sheet.count(row, 1, value)
        else:
            sheet.money(row, 1, Decimal(value))
        row += 1
    said = f"人民币{in_words(int(Decimal(totals['payable']) * 100))}"
    sheet.text(row, 0, f"{TOTALS['payable']}（大写）", "label")
    sheet.across(row, 1, 3, said, "total_text")
    return row + 1


def _write_statuses(sheet: Sheet, assessment: Assessed, row: int) -> int:
    """Write how many claims there are in each status, and what they come to, and draw it."""
    headings = (HEADINGS["status"], "笔数", HEADINGS["compensation"], HEADINGS["payable"])
    sheet.headings(row, headings, 20)
    sums = status_sums(assessment.tables["claims"])
    first = row + 1
    for name, (count, *amounts) in sums.items():
        row += 1
        sheet.text(row, 0, name, "centre")
        sheet.count(row, 1, count)
        for place, total in enumerate(amounts, 2):
            sheet.money(row, place, total)
    sheet.text(row + 1, 0, TOTAL, "total_label")
    for place, values in enumerate(zip(*sums.values(), strict=True), 1):
        sheet.total(row + 1, place, sum(values[1:], values[0]), first, row)
    sheet.bars(CHART_AT, "各审核状态的补偿金额与应付金额（元）", (first, row), (2, 3))
    return row + 2


def status_sums(claims: pa.Table) -> dict[str, tuple[int, Decimal, Decimal]]:
    """Return by the name of each status how many claims there are, compensation and payable.

    That no policy covers a claim is only said where there is such a claim.
    """
    statuses, found = claims["status"], {}
    for status, name in STATUS_NAMES.items():
        # `group_by` would import pandas.
        own = claims.filter(pc.equal(statuses, text_scalar(status, statuses.type)))
        if own.num_rows or status != NOT_COVERED:
            compensation, payable = (
                pc.sum(own[column], min_count=0).as_py() for column in ("compensation", "payable")
            )
            found[name] = (own.num_rows, compensation, payable)
    return found


def _write_warnings(sheet: Sheet, assessment: Assessed, row: int) -> None:
    """Write the first hundred warnings of each kind, and how many more there are."""
    if not len(assessment.warnings):
        sheet.across(row, 0, LAST, "无", "text", 18)
        return
    sheet.headings(row, ("表", "行", "列", "值", "内容"), 20)
    for group, faults in assessment.warnings.first(WARNINGS_EACH):
        for fault in faults:
            row += 1
            table, column = fault.where.headings("zh")
            sheet.fit_row(row, {2: column, 3: fault.value, 4: fault.message.zh})
            sheet.text(row, 0, table)
            sheet.count(row, 1, fault.row)
            sheet.text(row, 2, column)
            sheet.text(row, 3, fault.value)
            sheet.text(row, 4, fault.message.zh)
        left = len(group) - len(faults)
        if left:
            row += 1
            sheet.across(row, 0, LAST, f"同类提示另有 {left} 处：{group.message.zh}", "text", 18)
