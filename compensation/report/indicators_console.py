"""What `indicators` prints: the years of each institution, and what is undefined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from compensation.language import Language, Text
from compensation.outlook.indicators import RANK, unit_of
from compensation.outlook.measures import REASONS
from compensation.policy.kinds import Kind
from compensation.report.console import Headings, Screen, input_line, left_out, output_line
from compensation.report.indicators_workbook import names_of
from compensation.values.printing import amount, percent_in_sheet

if TYPE_CHECKING:
    from compensation.outlook.indicators import Indicators

INSTITUTIONS_SHOWN = 6
INDICATOR = Text("指标", "indicator")
RANKED = Text("{year} 年名次", "rank in {year}")
OF_INSTITUTIONS = Text("共 {n} 家机构，名次以 1 为最好", "Institutions: {n}; a rank of 1 is best")


def indicators_text(
    of: Indicators, output: Path | None, language: Language, stream: IO[str]
) -> str:
    """Return what `indicators` prints."""
    screen, names, summary = Screen(language, stream), names_of(of), of.summary
    rows = of.tables["indicators"].to_pylist()
    ledger = Text("台账  {first} 至 {last}", "Ledger  {first} to {last}").fill(
        first=summary["ledger"]["from"], last=summary["ledger"]["to"]
    )
    count = of.ledgers.rows("institutions")
    lines: list[Text | str] = [
        input_line(summary["input_digest"]),
        ledger,
        OF_INSTITUTIONS.fill(n=count),
    ]
    for place in range(min(count, INSTITUTIONS_SHOWN)):
        lines += ["", *_institution(of, rows[place::count], names, screen)]
    if more := left_out(count - INSTITUTIONS_SHOWN):
        lines += ["", *more]
    return screen.lines([*lines, "", *_undefined(rows, names), output_line(output)])


def _institution(
    of: Indicators,
    years: Sequence[Mapping[str, Any]],
    names: Mapping[str, Text],
    screen: Screen,
) -> Iterator[str]:
    """Yield the name of an institution and its table: a row for each indicator."""
    last = years[-1]
    yield f"{last['institution_id']} {last['institution_name'] or ''}".rstrip()
    headings: Headings = [
        (INDICATOR, "left"),
        *((str(year["year"]), "right") for year in years),
        (RANKED.fill(year=last["year"]), "right"),
    ]
    rows: list[list[Text | str]] = []
    for indicator, better in of.defined.indicators:
        kind = unit_of(indicator)
        rank = last[RANK + indicator.id] if better else None
        rows.append(
            [
                names[indicator.id],
                *(_cell(kind, year[indicator.id]) for year in years),
                "" if rank is None else str(rank),
            ]
        )
    yield screen.table(headings, rows)


def _cell(kind: Kind, value: Any) -> str:
    if value is None:
        return "—"
    if kind is Kind.MONEY:
        return amount(value)
    return f"{value:,}" if kind is Kind.COUNT else percent_in_sheet(value)


def _undefined(rows: list[dict[str, Any]], names: dict[str, Text]) -> list[Text | str]:
    """Return what is undefined, why, and in how many rows; nothing where all is defined."""
    pairs = Counter(pair for row in rows for pair in (row["undefined"] or "").split(";") if pair)
    if not pairs:
        return []
    lines: list[Text | str] = [Text("无法计算（—）：", "Undefined (—):")]
    for pair, count in pairs.items():
        name, _, reason = pair.partition(":")
        said = Text("  {name}：{why}（{n} 行）", "  {name}: {why} (rows: {n})")
        lines.append(said.fill(name=names[name], why=REASONS[reason], n=count))
    return [*lines, ""]
