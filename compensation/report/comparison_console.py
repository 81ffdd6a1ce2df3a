"""What `compare` prints: the variants, what each comes to, who gains and who loses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from compensation.language import Language, Text, visible
from compensation.report.comparison_wording import (
    ALL_YEARS,
    EFFECTS,
    HEADINGS,
    IN_FORCE,
    STRICT,
    variant_names,
    variant_title,
)
from compensation.report.console import Headings, Screen, budget_said, left_out, output_line
from compensation.values.printing import YES_NO, amount, percent
from compensation.whatif.compare import COUNTS, SUMS, Comparison
from compensation.whatif.solve import Probe, Solution

ROWS_SHOWN = 20
_TOTALS = (
    "year",
    "variant",
    *COUNTS,
    "compensation",
    "payable",
    "returned_to_government",
    "net_cost",
)
_CHANGES = ("year", "variant", "compensation", "payable", "returned_to_government", "net_cost")
_WHO = ("year", "variant", "claims_gaining", "claims_losing", "claims_switching")
_INSTITUTIONS = (
    *("year", "variant", "institution_id", "eligible", "rate", "eligible_claims"),
    *("compensation", "payable", "net_cost"),
)
_CLAIMS = (
    *("year", "variant", "claim_id", "effect", "conditions"),
    *("compensation_before", "compensation", "change"),
)
_LEFT = ("year", "variant", "institution_id", "claim_id", "eligible", "effect", "conditions")


def comparison_text(
    comparison: Comparison, output: Path | None, language: Language, stream: IO[str]
) -> str:
    """Return a comparison for people, in tables; long ones cut, which they say."""
    screen = Screen(language, stream)

    def table(name: Text, columns: Sequence[str], rows: list[dict[str, Any]]) -> list[Text | str]:
        shown = [_cells(comparison, row, columns) for row in rows[:ROWS_SHOWN]]
        headings: Headings = [
            (HEADINGS[column], "left" if column in _LEFT else "right") for column in columns
        ]
        more = left_out(len(rows) - len(shown), Text("……另有 {n} 行", "… {n} more rows"))
        return ["", name, screen.table(headings, shown), *more]

    tables = {name: found.to_pylist() for name, found in comparison.tables.items()}
    lines = [*_legend(comparison)]
    lines += table(Text("各方案结果", "What each comes to"), _TOTALS, tables["totals"])
    if len(comparison.variants) > 1:
        first = Text("与方案 1 相比的增减", "More or less than variant 1")
        lines += table(first, _CHANGES, tables["changes"])
        who = Text("受影响的代偿", "Claims that it affects")
        others = [row for row in tables["totals"] if row["variant"] != comparison.variants[0].name]
        lines += table(who, _WHO, others)
    lines += table(Text("各机构", "Institutions"), _INSTITUTIONS, tables["institutions"])
    if tables["claims"]:
        claims = Text("结果改变的代偿", "Claims that come out otherwise")
        lines += table(claims, _CLAIMS, tables["claims"])
    return visible(screen.lines([*lines, "", output_line(output)]))


def _legend(comparison: Comparison) -> Iterator[Text | str]:
    names = variant_names(comparison)
    for number, variant in enumerate(comparison.variants):
        yield Text("{name}  {title}  {digest}", "{name}  {title}  {digest}").fill(
            name=names[variant.name],
            title=variant_title(comparison, number),
            digest=variant.policy.digest,
        )
    yield Text("输入  {digest}", "Input  {digest}").fill(digest=comparison.measured.digest)
    said = Text("年度  {years}    每年预算  {budget}", "Years  {years}    Budget of each  {budget}")
    years, budget = ", ".join(map(str, comparison.years)), comparison.summary["budget"]
    yield said.fill(years=years, budget=budget_said(budget))
    yield STRICT if comparison.strict_dates else IN_FORCE


def _cells(comparison: Comparison, row: dict[str, Any], columns: Sequence[str]) -> list[Text | str]:
    names = variant_names(comparison)
    cells: list[Text | str] = []
    for column in columns:
        value = row[column]
        if column == "year":
            cell: Text | str = ALL_YEARS if value is None else str(value)
        elif column == "variant":
            cell = names[value]
        elif column == "effect":
            cell = EFFECTS[value]
        elif value is None:
            cell = "—"
        elif isinstance(value, bool):
            cell = YES_NO[value]
        elif isinstance(value, Decimal):
            cell = percent(value) if column.startswith("rate") else amount(value)
        else:
            cell = str(value)
        cells.append(cell)
    return cells


def solution_text(solution: Solution, language: Language, stream: IO[str]) -> str:
    """Return what was solved for: the value, and what comes of it and of a step beside it."""
    screen, target = Screen(language, stream), solution.target
    figure = HEADINGS[target.figure]
    sign = "≤" if target.at_most else "≥"
    heading = Text(
        "求解 {path}，使各年合计的{figure}{sign}{value}",
        "Solve {path} for {figure} {sign} {value} over all years",
    ).fill(path=solution.path, figure=figure, sign=sign, value=_figure(target.figure, target.value))
    headings: Headings = [(solution.path, "right"), (figure, "right"), ("", "left")]
    best = (
        Text("满足目标", "meets the target")
        if solution.met
        else Text("最接近目标，但不满足", "closest to the target, which it does not meet")
    )
    nothing = Text("", "")
    probes = ((solution.below, nothing), (solution.found, best), (solution.above, nothing))
    rows: list[list[Text | str]] = [
        [_value(probe), _figure(target.figure, probe.figure), said]
        for probe, said in probes
        if probe is not None
    ]
    tried = Text(
        "在 {low} 至 {high} 中试了 {count} 个值",
        "{count} values were tried, from {low} to {high}",
    ).fill(low=solution.low, high=solution.high, count=len(solution.tried))
    lines: list[Text | str] = [heading, screen.table(headings, rows), tried]
    if not solution.monotone:
        lines.append(
            Text(
                "注意：数值增加时，指标有升有降；只按等距的值试算，可能有更合适的值",
                "Warning: the figure rises and falls as the value grows; only a grid of values was"
                " tried, and there may be better ones",
            )
        )
    return visible(screen.lines([*lines, ""]))


def _value(probe: Probe) -> str:
    return f"{probe.value:f}"


def _figure(name: str, figure: int) -> str:
    return amount(Decimal(figure).scaleb(-2)) if name in SUMS else str(figure)
