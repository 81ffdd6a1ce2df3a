"""What `forecast` prints: the years of each assumption, the institutions, what it all rests on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from compensation.language import Language, Text
from compensation.outlook.assumptions import TITLES
from compensation.report.console import INSTITUTIONS_SHOWN, Align, table_text
from compensation.values.printing import amount, percent, ratio_of

if TYPE_CHECKING:
    from compensation.outlook.forecast import Forecast

YEARS: tuple[tuple[str, Text], ...] = (
    ("payout_amount", Text("代偿额", "paid out")),
    ("compensation", Text("补偿金额", "compensation")),
    ("returned_to_government", Text("返还政府", "returned")),
    ("budget_need", Text("预算需求", "budget need")),
    ("pool_closing", Text("资金池期末余额", "pool, closing")),
)
ASSUMPTION = Text(
    "{name}：增速 {growth}，代偿率{shift}，追偿回收率{recovery}",
    "{name}: growth {growth}, payout rate {shift}, recovery rate {recovery}",
)
AS_BEFORE = Text("沿用基年", "as in the base year")
INSTITUTIONS = Text(
    "各机构（中情景，{first}—{last} 年）", "Institutions (middle assumption, {first} to {last})"
)
NO_TIER = Text("无", "none")
HEADINGS: tuple[tuple[Text, Align], ...] = (
    (Text("机构代码", "institution"), "left"),
    (Text("各年补偿比例", "rate in each year"), "left"),
    (Text("补偿合计", "compensation in all"), "right"),
    (Text("最近一年上一档比例", "next rate, last year"), "right"),
    (Text("各年上一档合计可增", "worth of a tier up, in all"), "right"),
)
NO_OUTPUT = Text(
    "未写出结果（用 -o 写出各年、各机构和每一步算式）",
    "No result was written (-o writes the years, the institutions and every line of arithmetic)",
)
OUTPUT = Text("结果已写入 {path}", "The result is in {path}")


def forecast_text(of: Forecast, output: Path | None, language: Language, stream: IO[str]) -> str:
    """Return what `forecast` prints."""
    base = of.start.base
    lines = [
        Text("政策  ", "Policy  ").get(language) + f"{base.policy.id}  {base.policy.digest}",
        Text("输入  ", "Input   ").get(language) + of.summary["input_digest"],
        *(line.get(language) for line in assumption_lines(of)),
        "",
        _years(of, language, stream),
        "",
        *_institutions(of, language, stream),
        "",
        *(f"· {note.get(language)}" for note in of.notes),
        "",
        (NO_OUTPUT if output is None else OUTPUT.fill(path=output)).get(language),
    ]
    return "\n".join(lines)


def assumption_lines(of: Forecast) -> Iterator[Text]:
    """Yield what each assumption assumes."""
    for each in of.assumptions:
        recovery = AS_BEFORE
        if each.recovery is not None:
            rate = percent(ratio_of(each.recovery))
            recovery = Text(f" {rate}", rate)
        yield ASSUMPTION.fill(
            name=TITLES[each.name],
            growth=percent(ratio_of(each.growth)),
            shift=_points(each.shift),
            recovery=recovery,
        )


def _points(millionths: int) -> Text:
    """Return by how many percentage points a rate moves."""
    if not millionths:
        return Text("不变", "unchanged")
    points = f"{'+' if millionths > 0 else ''}{percent(ratio_of(millionths))[:-1]}"
    return Text(f" {points} 个百分点", f"{points} percentage points")


def _years(of: Forecast, language: Language, stream: IO[str]) -> str:
    headings: list[tuple[str, Align]] = [
        (Text("情景", "assumption").get(language), "left"),
        (Text("年度", "year").get(language), "right"),
        *((title.get(language), "right") for _, title in YEARS),
    ]
    rows = [
        [
            TITLES[row["assumption"]].get(language),
            str(row["year"]),
            *("—" if row[name] is None else amount(row[name]) for name, _ in YEARS),
        ]
        for row in of.tables["forecast_years"].to_pylist()
    ]
    return table_text(headings, rows, stream)


def _institutions(of: Forecast, language: Language, stream: IO[str]) -> list[str]:
    """Return what the middle assumption brings each institution over the years."""
    ids = of.start.base.institutions()
    table = of.tables["forecast_institutions"].to_pylist()
    middle = [row for row in table if row["assumption"] == "middle"]
    years = [row["year"] for row in middle]
    rows = [
        _row(id_, [row for row in middle if row["institution_id"] == id_], language)
        for id_ in ids[:INSTITUTIONS_SHOWN]
    ]
    headings = [(heading.get(language), align) for heading, align in HEADINGS]
    lines = [
        INSTITUTIONS.fill(first=years[0], last=years[-1]).get(language),
        table_text(headings, rows, stream),
    ]
    left = len(ids) - len(rows)
    if left:
        more = Text("……另有 {n} 家机构", "… {n} more institutions")
        lines.append(more.fill(n=left).get(language))
    return lines


def _row(id_: str, years: list[dict[str, Any]], language: Language) -> list[str]:
    rates = [
        NO_TIER.get(language) if year["rate"] is None else percent(year["rate"]) for year in years
    ]
    above, gains = years[-1]["next_rate"], [year["next_tier_gain"] for year in years]
    known = [gain for gain in gains if gain is not None]
    return [
        id_,
        " ".join(rates),
        amount(sum(year["compensation"] for year in years)),
        "—" if above is None else percent(above),
        amount(sum(known)) if known else "—",
    ]
