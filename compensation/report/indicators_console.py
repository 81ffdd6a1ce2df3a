"""What `indicators` prints: the ratios of each institution and year, and what is undefined."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from compensation.language import Language, Text
from compensation.outlook.indicators import RANK
from compensation.outlook.measures import REASONS
from compensation.report.console import Align, table_text
from compensation.report.indicators_workbook import names_of
from compensation.values.printing import amount, percent_in_sheet

if TYPE_CHECKING:
    from compensation.outlook.indicators import Indicators

ROWS_SHOWN = 40
SHOWN = (
    "closing_balance",
    "balance_growth",
    "small_agri_share",
    "small_ticket_share",
    "payout_rate",
    "payout_rate_three_years",
    "payout_rate_to_date",
    "recovery_rate",
    "return_rate",
    "average_fee",
    "leverage",
)
"""The indicators that the console has room for; the others are in what `-o` writes."""
RANKED = "payout_rate"
NO_OUTPUT = Text(
    "未写出结果（用 -o 写出全部指标、名次和口径）",
    "No result was written (-o writes all indicators, ranks and definitions)",
)
OUTPUT = Text("结果已写入 {path}", "The result is in {path}")


def indicators_text(
    of: Indicators, output: Path | None, language: Language, stream: IO[str]
) -> str:
    """Return what `indicators` prints."""
    names, summary = names_of(of), of.summary
    rows = of.tables["indicators"].to_pylist()
    headings: list[tuple[str, Align]] = [
        (Text("机构代码", "institution").get(language), "left"),
        (Text("年度", "year").get(language), "right"),
        *((names[name].get(language), "right") for name in SHOWN),
        (Text("代偿率名次", "rank by payout rate").get(language), "right"),
    ]
    cells = [
        [
            row["institution_id"],
            str(row["year"]),
            *(_cell(name, row[name]) for name in SHOWN),
            "—" if row[RANK + RANKED] is None else str(row[RANK + RANKED]),
        ]
        for row in rows[:ROWS_SHOWN]
    ]
    ledger = Text("台账  {first} 至 {last}", "Ledger  {first} to {last}").fill(
        first=summary["ledger"]["from"], last=summary["ledger"]["to"]
    )
    lines = [
        Text("输入  ", "Input   ").get(language) + summary["input_digest"],
        ledger.get(language),
        "",
        table_text(headings, cells, stream),
    ]
    left = len(rows) - len(cells)
    if left:
        lines.append(Text("……另有 {n} 行", "… {n} more rows").fill(n=left).get(language))
    lines += ["", *_undefined(rows, names, language)]
    lines.append((NO_OUTPUT if output is None else OUTPUT.fill(path=output)).get(language))
    return "\n".join(lines)


def _cell(name: str, value: Any) -> str:
    if value is None:
        return "—"
    if name == "leverage":
        return f"{value:.2f}"
    return amount(value) if name == "closing_balance" else percent_in_sheet(value)


def _undefined(rows: list[dict[str, Any]], names: dict[str, Text], language: Language) -> list[str]:
    """Return what is undefined, why, and in how many rows; nothing where all is defined."""
    pairs = Counter(pair for row in rows for pair in (row["undefined"] or "").split(";") if pair)
    if not pairs:
        return []
    lines = [Text("无法计算（—）：", "Undefined (—):").get(language)]
    for pair, count in pairs.items():
        name, _, reason = pair.partition(":")
        said = Text("  {name}：{why}（{n} 行）", "  {name}: {why} (rows: {n})")
        filled = said.fill(name=names[name], why=REASONS[reason], n=count)
        lines.append(filled.get(language))
    return [*lines, ""]
