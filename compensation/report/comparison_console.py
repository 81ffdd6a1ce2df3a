"""What `compare` prints: the variants, what each comes to, who gains and who loses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from compensation.language import Language, Text, same, visible
from compensation.report.comparison_wording import (
    ALL_YEARS,
    EFFECTS,
    HEADINGS,
    STRICT,
    variant_names,
    variant_title,
)
from compensation.report.console import Headings, Screen, budget_said, left_out, output_line
from compensation.values.printing import YES_NO, amount, percent
from compensation.whatif.compare import COUNTS, SUMS, Comparison
from compensation.whatif.solve import Solution
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
LEFT = ("year", "variant", "institution_id", "claim_id", "eligible", "effect", "conditions")


def comparison_text(
    comparison: Comparison, output: Path | None, language: Language, stream: IO[str]
) -> str:
    """Return a comparison for people, in tables; long ones cut, which they say."""
    screen = Screen(language, stream)
    lines: list[Text | str] = [
        f"{name.get(language)}  {said.get(language)}" for name, said in facts_of(comparison)
    ]
    for title, columns, rows in tables_of(comparison):
        headings: Headings = [
            (HEADINGS[column], "left" if column in LEFT else "right") for column in columns
        ]
        more = left_out(len(rows) - ROWS_SHOWN, Text("……另有 {n} 行", "… {n} more rows"))
        lines += ["", title, screen.table(headings, rows[:ROWS_SHOWN]), *more]
    return visible(screen.lines([*lines, "", output_line(output)]))


def facts_of(comparison: Comparison) -> Iterator[tuple[Text, Text]]:
    """Yield what is compared, and on what: a name, and what is said."""
    names, summary = variant_names(comparison), comparison.summary
    for number, variant in enumerate(comparison.variants):
        title = variant_title(comparison, number)
        said = (f"{text}  {variant.policy.digest}" for text in title)
        yield names[variant.name], Text(*said)
    yield Text("输入", "Input"), same(comparison.measured.digest)
    yield Text("年度", "Years"), same(", ".join(map(str, comparison.years)))
    budget = budget_said(summary["budget"])
    budgets = [variant.policy.rules.budget.at_most for variant in comparison.variants]
    if comparison.budget is None and any(each is not None for each in budgets):
        budget = Text("按政策写明的", "as the policies say")
    yield Text("每年预算", "Budget of each"), budget
    if "as_of" in summary:
        yield Text("截至", "As of"), same(summary["as_of"])
    for digest in summary["reviews"]:
        yield Text("审核表", "Reviews"), same(digest)
    yield Text("施行日期", "Days"), STRICT if comparison.strict_dates else IN_FORCE


def tables_of(comparison: Comparison) -> Iterator[tuple[Text, Sequence[str], list[list[Text]]]]:
    """Yield the tables that people see: title, columns, and the cells of each row."""
    tables = {name: found.to_pylist() for name, found in comparison.tables.items()}
    first = comparison.variants[0].name
    others = [row for row in tables["totals"] if row["variant"] != first]
    for title, columns, rows in (
        (Text("各方案结果", "What each comes to"), _TOTALS, tables["totals"]),
        (Text("与方案 1 相比的增减", "More or less than variant 1"), _CHANGES, tables["changes"]),
        (Text("受影响的代偿", "Claims that it affects"), _WHO, others),
        (Text("各机构", "Institutions"), _INSTITUTIONS, tables["institutions"]),
        (Text("结果改变的代偿", "Claims that come out otherwise"), _CLAIMS, tables["claims"]),
    ):
        if rows:
            yield title, columns, [_cells(comparison, row, columns) for row in rows]


def _cells(comparison: Comparison, row: dict[str, Any], columns: Sequence[str]) -> list[Text]:
    names = variant_names(comparison)
    cells = []
    for column in columns:
        value = row[column]
        if column == "year":
            cell = ALL_YEARS if value is None else same(str(value))
        elif column == "variant":
            cell = names[value]
        elif column == "effect":
            cell = EFFECTS[value]
        elif value is None:
            cell = same("—")
        elif isinstance(value, bool):
            cell = YES_NO[value]
        elif isinstance(value, Decimal):
            cell = same(percent(value) if column.startswith("rate") else amount(value))
        else:
            cell = same(str(value))
        cells.append(cell)
    return cells


def solution_text(solution: Solution, language: Language, stream: IO[str]) -> str:
    """Return what was solved for: the value, and what comes of it and of a step beside it."""
    screen = Screen(language, stream)
    headings: Headings = [
        (title, "left" if number == 2 else "right")
        for number, title in enumerate(solution_headings(solution))
    ]
    title, *notes = solution_notes(solution)
    drawn = screen.table(headings, solution_rows(solution))
    return visible(screen.lines([title, drawn, *notes, ""]))


def solution_headings(solution: Solution) -> tuple[Text, Text, Text]:
    """Return the headings of the values that were found."""
    return same(solution.path), HEADINGS[solution.target.figure], same("")


def solution_rows(solution: Solution) -> list[list[Text]]:
    """Return the value found, and a step below and above it, with what comes of each."""
    best = (
        Text("满足目标", "meets the target")
        if solution.met
        else Text("最接近目标，但不满足", "closest to the target, which it does not meet")
    )
    probes = ((solution.below, same("")), (solution.found, best), (solution.above, same("")))
    return [
        [same(f"{probe.value:f}"), same(_figure(solution.target.figure, probe.figure)), said]
        for probe, said in probes
        if probe is not None
    ]


def solution_notes(solution: Solution) -> Iterator[Text]:
    """Yield what was solved for, how many values were tried, and what that leaves open."""
    target = solution.target
    yield Text(
        "求解 {path}，使各年合计的{figure}{sign}{value}",
        "Solve {path} for {figure} {sign} {value} over all years",
    ).fill(
        path=solution.path,
        figure=HEADINGS[target.figure],
        sign="≤" if target.at_most else "≥",
        value=_figure(target.figure, target.value),
    )
    yield Text(
        "在 {low} 至 {high} 中试了 {count} 个值",
        "{count} values were tried, from {low} to {high}",
    ).fill(low=solution.low, high=solution.high, count=len(solution.tried))
    if not solution.monotone:
        yield Text(
            "注意：数值增加时，指标有升有降；只按等距的值试算，可能有更合适的值",
            "Warning: the figure rises and falls as the value grows; only a grid of values was"
            " tried, and there may be better ones",
        )


def _figure(name: str, figure: int) -> str:
    return amount(Decimal(figure).scaleb(-2)) if name in SUMS else str(figure)
