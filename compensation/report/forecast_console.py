"""What `forecast` prints: the years of each assumption, the institutions, what it all rests on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from compensation.language import Language, Text
from compensation.outlook.assumptions import TITLES
from compensation.report.console import (
    INSTITUTIONS_SHOWN,
    Headings,
    Screen,
    input_line,
    left_out,
    output_line,
    policy_line,
)
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
HEADINGS: Headings = (
    (Text("机构代码", "institution"), "left"),
    (Text("各年补偿比例", "rate in each year"), "left"),
    (Text("补偿合计", "compensation in all"), "right"),
    (Text("最近一年上一档比例", "next rate, last year"), "right"),
    (Text("各年上一档合计可增", "worth of a tier up, in all"), "right"),
)


def forecast_text(of: Forecast, output: Path | None, language: Language, stream: IO[str]) -> str:
    """Return what `forecast` prints."""
    screen, policy = Screen(language, stream), of.start.base.policy
    return screen.lines(
        [
            policy_line(policy.id, policy.digest),
            input_line(of.summary["input_digest"]),
            *assumption_lines(of),
            "",
            _years(of, screen),
            "",
            *_institutions(of, screen),
            "",
            *(f"· {note.get(language)}" for note in of.notes),
            "",
            output_line(output),
        ]
    )


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


def _years(of: Forecast, screen: Screen) -> str:
    headings: Headings = [
        (Text("情景", "assumption"), "left"),
        (Text("年度", "year"), "right"),
        *((title, "right") for _, title in YEARS),
    ]
    rows: list[list[Text | str]] = [
        [
            TITLES[row["assumption"]],
            str(row["year"]),
            *("—" if row[name] is None else amount(row[name]) for name, _ in YEARS),
        ]
        for row in of.tables["forecast_years"].to_pylist()
    ]
    return screen.table(headings, rows)


def _institutions(of: Forecast, screen: Screen) -> list[Text | str]:
    """Return what the middle assumption brings each institution over the years."""
    ids = of.start.base.institutions()
    table = of.tables["forecast_institutions"].to_pylist()
    middle = [row for row in table if row["assumption"] == "middle"]
    years = [row["year"] for row in middle]
    rows = [
        _row(id_, [row for row in middle if row["institution_id"] == id_], screen.language)
        for id_ in ids[:INSTITUTIONS_SHOWN]
    ]
    return [
        INSTITUTIONS.fill(first=years[0], last=years[-1]),
        screen.table(HEADINGS, rows),
        *left_out(len(ids) - len(rows)),
    ]


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
