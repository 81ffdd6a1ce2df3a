"""What `curve` prints: where the institution stands, each stretch without a corner, the cliffs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from compensation.language import Language, Text
from compensation.outlook.curve import cliff_text, shown
from compensation.policy.wording import describe_test
from compensation.report.console import Align, table_text
from compensation.values.printing import YES_NO, amount, percent, ratio_of, yuan_of
from compensation.whatif.variants import IN_FORCE

if TYPE_CHECKING:
    from compensation.outlook.curve import Curve
    from compensation.outlook.path import Point

SEGMENTS_SHOWN = CLIFFS_SHOWN = 40
HEADINGS: tuple[tuple[Text, Align], ...] = (
    (Text("自", "from"), "right"),
    (Text("至", "to"), "right"),
    (Text("符合条件", "eligible"), "left"),
    (Text("补偿比例", "rate"), "right"),
    (Text("符合笔数", "eligible claims"), "right"),
    (Text("起点补偿", "compensation from"), "right"),
    (Text("终点补偿", "to"), "right"),
    (Text("未满足的条件", "conditions not met"), "left"),
)
HEAD = Text(
    "机构  {institution}    年度  {year}    指标  {name}（{id}）",
    "Institution  {institution}    Year  {year}    Along  {name} ({id})",
)
ACTUAL = Text(
    "台账实际：{value}，补偿 {amount} 元", "As in the ledger: {value}, compensation {amount}"
)
CLIFFS = Text("突变点：{n} 处", "Cliffs: {n}")
NO_CLIFFS = Text("这一范围内没有突变点", "There is no cliff in this range")
MORE = Text("……另有 {n} 处", "… {n} more")
NOT_COUNTED = Text(
    "只看补偿金额；审核、已拨付和预算不计入",
    "Compensation alone; reviews, payments and a budget play no part",
)
NO_OUTPUT = Text(
    "未写出结果（用 -o 写出数据和图）", "No result was written (-o writes the data and a picture)"
)
OUTPUT = Text("结果已写入 {path}", "The result is in {path}")


def curve_text(of: Curve, output: Path | None, language: Language, stream: IO[str]) -> str:
    """Return what `curve` prints."""
    axis, base = of.axis, of.base
    head = HEAD.fill(
        institution=of.institution_id, year=base.inputs.year, name=axis.title, id=axis.id
    )
    actual = ACTUAL.fill(
        value=shown(axis, axis.value(axis.units)), amount=amount(yuan_of(of.actual.compensation))
    )
    lines = [
        Text("政策  ", "Policy  ").get(language) + f"{base.policy.id}  {base.policy.digest}",
        Text("输入  ", "Input   ").get(language) + of.summary["input_digest"],
        head.get(language),
        *([] if base.strict else [IN_FORCE.get(language)]),
        axis.how.get(language),
        NOT_COUNTED.get(language),
        "",
        actual.get(language),
        "",
        table_text(
            [(heading.get(language), align) for heading, align in HEADINGS],
            [_cells(of, *segment, language) for segment in of.segments[:SEGMENTS_SHOWN]],
            stream,
        ),
        *_left(len(of.segments) - SEGMENTS_SHOWN, language),
        "",
        (CLIFFS.fill(n=len(of.jumps)) if of.jumps else NO_CLIFFS).get(language),
        *(f"  {cliff_text(axis, cliff).get(language)}" for cliff in of.jumps[:CLIFFS_SHOWN]),
        *_left(len(of.jumps) - CLIFFS_SHOWN, language),
        "",
        (NO_OUTPUT if output is None else OUTPUT.fill(path=output)).get(language),
    ]
    return "\n".join(lines)


def _asked(of: Curve, reasons: Sequence[str], language: Language) -> str:
    """Return what the conditions that an institution does not meet ask for."""
    policy = of.base.policy
    found = (each for each in policy.rules.institution_conditions if each.id in reasons)
    separator = Text("；", "; ").get(language)
    return separator.join(describe_test(policy, each).get(language) for each in found)


def _left(count: int, language: Language) -> list[str]:
    return [MORE.fill(n=count).get(language)] if count > 0 else []


def _cells(of: Curve, start: Point, end: Point, language: Language) -> list[str]:
    return [
        shown(of.axis, of.axis.value(start.units)).get(language),
        shown(of.axis, of.axis.value(end.units)).get(language),
        YES_NO[start.eligible].get(language),
        "—" if start.rate is None else percent(ratio_of(start.rate)),
        f"{start.eligible_claims} / {start.claims}",
        amount(yuan_of(start.compensation)),
        amount(yuan_of(end.compensation)),
        _asked(of, start.reasons, language),
    ]
