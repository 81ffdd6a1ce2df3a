"""What `compare` prints: the variants, what each comes to, who gains and who loses."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from compensation.language import Language, Text, visible
from compensation.report.comparison_wording import (
    ALL_YEARS,
    EFFECTS,
    HEADINGS,
    STRICT,
    variant_names,
    variant_title,
)
from compensation.report.console import Align, table_text
from compensation.values.printing import YES_NO, amount, percent
from compensation.whatif.compare import COUNTS, SUMS, Comparison
from compensation.whatif.solve import Probe, Solution
from compensation.whatif.variants import IN_FORCE

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

    def table(name: str, columns: Sequence[str], rows: list[dict[str, Any]]) -> list[str]:
        shown = [_cells(comparison, row, columns, language) for row in rows[:ROWS_SHOWN]]
        headings: list[tuple[str, Align]] = [
            (HEADINGS[column].get(language), "left" if column in _LEFT else "right")
            for column in columns
        ]
        lines = ["", name, table_text(headings, shown, stream)]
        left = len(rows) - len(shown)
        if left > 0:
            lines.append(Text(f"……另有 {left} 行", f"… {left} more rows").get(language))
        return lines

    tables = {name: found.to_pylist() for name, found in comparison.tables.items()}
    lines = [*_legend(comparison, language)]
    lines += table(
        Text("各方案结果", "What each comes to").get(language), _TOTALS, tables["totals"]
    )
    if len(comparison.variants) > 1:
        first = Text("与方案 1 相比的增减", "More or less than variant 1").get(language)
        lines += table(first, _CHANGES, tables["changes"])
        who = Text("受影响的代偿", "Claims that it affects").get(language)
        others = [row for row in tables["totals"] if row["variant"] != comparison.variants[0].name]
        lines += table(who, _WHO, others)
    of = Text("各机构", "Institutions").get(language)
    lines += table(of, _INSTITUTIONS, tables["institutions"])
    if tables["claims"]:
        claims = Text("结果改变的代偿", "Claims that come out otherwise").get(language)
        lines += table(claims, _CLAIMS, tables["claims"])
    where = (
        Text("没有写出结果（用 -o 指定写到哪里）", "No result was written (-o says where to)")
        if output is None
        else Text(f"结果已写到 {output}", f"The result is in {output}")
    )
    return visible("\n".join([*lines, "", where.get(language)]))


def _legend(comparison: Comparison, language: Language) -> list[str]:
    names = variant_names(comparison)
    lines = [
        f"{names[variant.name].get(language)}  {variant_title(comparison, number).get(language)}"
        f"  {variant.policy.digest}"
        for number, variant in enumerate(comparison.variants)
    ]
    budget = comparison.summary["budget"]
    years = ", ".join(map(str, comparison.years))
    none = Text("无", "none").get(language)
    said = Text("年度  {years}    每年预算  {budget}", "Years  {years}    Budget of each  {budget}")
    return [
        *lines,
        Text("输入  {digest}", "Input  {digest}")
        .fill(digest=comparison.measured.digest)
        .get(language),
        said.fill(years=years, budget=none if budget is None else amount(budget)).get(language),
        (STRICT if comparison.strict_dates else IN_FORCE).get(language),
    ]


def _cells(
    comparison: Comparison, row: dict[str, Any], columns: Sequence[str], language: Language
) -> list[str]:
    names = variant_names(comparison)
    cells = []
    for column in columns:
        value = row[column]
        if column == "year":
            cell = ALL_YEARS.get(language) if value is None else str(value)
        elif column == "variant":
            cell = names[value].get(language)
        elif column == "effect":
            cell = EFFECTS[value].get(language)
        elif value is None:
            cell = "—"
        elif isinstance(value, bool):
            cell = YES_NO[value].get(language)
        elif isinstance(value, Decimal):
            cell = percent(value) if column.startswith("rate") else amount(value)
        else:
            cell = str(value)
        cells.append(cell)
    return cells


def solution_text(solution: Solution, language: Language, stream: IO[str]) -> str:
    """Return what was solved for: the value, and what comes of it and of a step beside it."""
    target = solution.target
    figure = HEADINGS[target.figure].get(language)
    sign = "≤" if target.at_most else "≥"
    heading = Text(
        "求解 {path}，使各年合计的{figure}{sign}{value}",
        "Solve {path} for {figure} {sign} {value} over all years",
    ).fill(path=solution.path, figure=figure, sign=sign, value=_figure(target.figure, target.value))
    headings: list[tuple[str, Align]] = [
        (solution.path, "right"),
        (figure, "right"),
        ("", "left"),
    ]
    best = (
        Text("满足目标", "meets the target")
        if solution.met
        else Text("最接近目标，但不满足", "closest to the target, which it does not meet")
    )
    probes = ((solution.below, ""), (solution.found, best.get(language)), (solution.above, ""))
    rows = [
        [_value(probe), _figure(target.figure, probe.figure), said]
        for probe, said in probes
        if probe is not None
    ]
    tried = Text(
        "在 {low} 至 {high} 中试了 {count} 个值",
        "{count} values were tried, from {low} to {high}",
    ).fill(low=solution.low, high=solution.high, count=len(solution.tried))
    lines = [heading.get(language), table_text(headings, rows, stream), tried.get(language)]
    if not solution.monotone:
        lines.append(
            Text(
                "注意：数值增加时，指标有升有降；只按等距的值试算，可能有更合适的值",
                "Warning: the figure rises and falls as the value grows; only a grid of values was"
                " tried, and there may be better ones",
            ).get(language)
        )
    return visible("\n".join([*lines, ""]))


def _value(probe: Probe) -> str:
    return f"{probe.value:f}"


def _figure(name: str, figure: int) -> str:
    return amount(Decimal(figure).scaleb(-2)) if name in SUMS else str(figure)
