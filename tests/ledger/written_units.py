"""Where people write the unit of a table's amounts, and in which words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from compensation.schema.dictionary import table
from tests.ledger.written_tables import Sheet
from tests.portfolio_rows import Hand

UNITS = {
    1: ("元", "人民币元", "圆"),
    1_000: ("千元",),
    10_000: ("万元", "萬元", "人民币万元", "万 元"),
    10**6: ("百万元",),
    10**8: ("亿元", "億元"),
}
LINES = (
    "单位:{}",
    "单位：{}",
    "（单位：{}）",
    "金额单位：{}",
    "金额单位为{}",
    "【单位:{}】",
    "单位:{}  截止日期:2022年12月31日",
    "截止日期:2022年12月31日  单位:{}",
    "单位:{} 第1页 共2页",
    "币种:人民币 单位:{}",
    "除特别说明外,金额单位均为{}",
    "以下金额单位均为{}",
)
"""What a line says of the unit, wherever it stands."""
NOTES = ("注:以上金额单位均为{}", "单位:{}", "说明：本表金额以{}为单位", "备注:金额单位为{}")
ENGLISH = {1: "Unit: yuan", 1_000: "Unit: RMB'000", 10_000: "Unit: RMB 10,000"}


Plan = Callable[[Hand, Sheet, int], None]


def plain(hand: Hand, sheet: Sheet, unit: int) -> None:
    del hand, sheet, unit


def _named(hand: Hand, unit: int, lines: Sequence[str] = LINES) -> str:
    return hand.choice(lines).format(hand.choice(UNITS[unit]))


def _line(hand: Hand, sheet: Sheet, unit: int) -> None:
    """A line above the headings: on the left, in the middle, on the right, or beside the table."""
    width = len(sheet.columns)
    place = hand.choice([0, width - 1, width // 2, width, width + 1])
    line: list[object] = [None] * (place + 1)
    line[place] = _named(hand, unit)
    if unit in ENGLISH and hand.chance(6):
        line[place] = ENGLISH[unit]
    if place in (0, width) and hand.chance(6):
        line[place] = f"({hand.choice(UNITS[unit])})"
    elif place > 1 and hand.chance(3):
        line[0] = hand.choice(["编制单位:济源示例担保有限公司", "填报日期:2023-01-05", "示例担保"])
    sheet.above.append(line)


def _in_two_cells(hand: Hand, sheet: Sheet, unit: int) -> None:
    sheet.above.append(["单位:", hand.choice(UNITS[unit])])


def _title(hand: Hand, sheet: Sheet, unit: int) -> None:
    title = f"2022年度{table(sheet.name).heading}明细表（{hand.choice(UNITS[unit])}）"
    sheet.above.append([title])


def _beside_headings(hand: Hand, sheet: Sheet, unit: int) -> None:
    line = hand.choice(["单位:{}", "({})", "金额单位：{}"]).format(hand.choice(UNITS[unit]))
    place = hand.choice([0, len(sheet.columns)])
    sheet.add(line, [None] * sheet.rows, place)


def _beside_records(hand: Hand, sheet: Sheet, unit: int) -> None:
    """Right of the table, in the first record's row; above the headings if there is none."""
    if not sheet.rows:
        return _line(hand, sheet, unit)
    cells: list[object] = [None] * sheet.rows
    cells[0] = hand.choice(["单位:{}", "({})", "单位：人民币{}"]).format(UNITS[unit][0])
    return sheet.add("", cells, len(sheet.columns))


def _in_a_column(hand: Hand, sheet: Sheet, unit: int) -> None:
    """A column that names the unit in every row."""
    if not sheet.rows:
        return _line(hand, sheet, unit)
    heading = hand.choice(["单位", "金额单位", "货币单位"])
    word = hand.choice(UNITS[unit])
    return sheet.add(heading, [word] * sheet.rows, len(sheet.columns))


def _below(hand: Hand, sheet: Sheet, unit: int) -> None:
    sheet.below.append([_named(hand, unit, NOTES)])


def _groups(hand: Hand, sheet: Sheet, unit: int) -> None:
    """Amounts side by side under a heading of their own that names the unit."""
    money = [one for one in sheet.columns if one.is_money]
    if not money:
        return _line(hand, sheet, unit)
    others = [one for one in sheet.columns if not one.is_money]
    first = hand.pick(1, len(others)) if others else 0
    sheet.columns = [*others[:first], *money, *others[first:]]
    line: list[object] = [None] * len(sheet.columns)
    if first < len(others):
        line[first + len(money)] = "其他"
    line[0] = "基本情况"
    line[first] = hand.choice(["金额({})", "金额（单位：{}）", "其中：金额（{}）"]).format(
        hand.choice(UNITS[unit])
    )
    if hand.chance(2) and len(money) > 1:
        sheet.merged.append((len(sheet.above), first, first + len(money) - 1))
    return sheet.above.append(line)


PLANS: Sequence[Plan] = (
    plain,
    _line,
    _line,
    _title,
    _in_two_cells,
    _beside_headings,
    _beside_records,
    _in_a_column,
    _below,
    _groups,
)
