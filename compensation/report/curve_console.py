"""What `curve` prints: where the institution stands, each stretch without a corner, the cliffs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from compensation.language import Language, Text, joined
from compensation.outlook.curve import cliff_text, shown
from compensation.policy.quantity_words import describe_test
from compensation.report.console import (
    Headings,
    Screen,
    input_line,
    left_out,
    output_line,
    policy_line,
)
from compensation.values.printing import YES_NO, amount, percent, ratio_of, yuan_of
from compensation.whatif.variants import IN_FORCE

if TYPE_CHECKING:
    from compensation.outlook.curve import Curve
    from compensation.outlook.path import Point

SEGMENTS_SHOWN = CLIFFS_SHOWN = 40
HEADINGS: Headings = (
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


def curve_text(of: Curve, output: Path | None, language: Language, stream: IO[str]) -> str:
    """Return what `curve` prints."""
    axis, base, screen = of.axis, of.base, Screen(language, stream)
    head = HEAD.fill(
        institution=of.institution_id, year=base.inputs.year, name=axis.title, id=axis.id
    )
    actual = ACTUAL.fill(
        value=shown(axis, axis.value(axis.units)), amount=amount(yuan_of(of.actual.compensation))
    )
    segments = [_cells(of, *segment) for segment in of.segments[:SEGMENTS_SHOWN]]
    return screen.lines(
        [
            policy_line(base.policy.id, base.policy.digest),
            input_line(of.summary["input_digest"]),
            head,
            *([] if base.strict else [IN_FORCE]),
            axis.how,
            NOT_COUNTED,
            "",
            actual,
            "",
            screen.table(HEADINGS, segments),
            *left_out(len(of.segments) - SEGMENTS_SHOWN, MORE),
            "",
            CLIFFS.fill(n=len(of.jumps)) if of.jumps else NO_CLIFFS,
            *(f"  {cliff_text(axis, cliff).get(language)}" for cliff in of.jumps[:CLIFFS_SHOWN]),
            *left_out(len(of.jumps) - CLIFFS_SHOWN, MORE),
            "",
            output_line(output),
        ]
    )


def _asked(of: Curve, reasons: Sequence[str]) -> Text:
    """Return what the conditions that an institution does not meet ask for."""
    policy = of.base.policy
    conditions = policy.rules.institution_conditions
    asked = (describe_test(policy, each) for each in conditions if each.id in reasons)
    return joined(asked, "；", "; ")


def _cells(of: Curve, start: Point, end: Point) -> list[Text | str]:
    return [
        shown(of.axis, of.axis.value(start.units)),
        shown(of.axis, of.axis.value(end.units)),
        YES_NO[start.eligible],
        "—" if start.rate is None else percent(ratio_of(start.rate)),
        f"{start.eligible_claims} / {start.claims}",
        amount(yuan_of(start.compensation)),
        amount(yuan_of(end.compensation)),
        _asked(of, start.reasons),
    ]
