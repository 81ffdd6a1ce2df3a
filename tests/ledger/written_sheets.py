"""Tables as people lay them out on a sheet: title, unit, headings, records, totals, footer."""

from __future__ import annotations

from compensation.schema.dictionary import table
from tests.ledger.written_cells import (
    BLANKS,
    CHOICE,
    COUNT,
    DATE,
    MONEY,
    SHARE,
    TEXT,
    TEXTS,
    TYPED,
    Form,
    plain_money,
    value_of,
)
from tests.ledger.written_headings import write_heading
from tests.ledger.written_tables import Sheet, Written
from tests.ledger.written_units import PLANS, UNITS, plain
from tests.oracle_reading import Row as Record
from tests.portfolio_rows import COLUMNS, Hand

FOOTERS = (
    "制表人:张三",
    "审核人：",
    "注:以上数据已核对",
    "填表日期:2023年1月5日",
    "单位负责人:李四",
)
CALLED = ("{}表", "{}明细", "{}_2022", "2022年{}", "{} (2)", "{}台账")
"""What the names of sheets and files say besides the table's."""
TOTALS = ("合计", "总计", "汇总", "合 计", "共计", "合计:")


def written(hand: Hand, name: str, records: list[Record], *, typed: bool, sheet: bool) -> Sheet:
    """Draw a form of a table. ``typed``: cells need not be texts; ``sheet``: it is laid out."""
    headings = list(records[0]) if records else list(COLUMNS[name])
    columns = []
    for heading in headings:
        column = None
        if heading in COLUMNS[name] or heading.startswith("share_"):
            column = table(name).column(heading)
        values = [value_of(column, record[heading]) for record in records]
        columns.append(Written(column, heading, values))
    if not hand.chance(3):
        columns = _in_some_order(hand, columns)
    result = Sheet(name, hand.choice([name, table(name).heading]), columns)
    if records and hand.chance(4):
        result.called = hand.choice(CALLED).format(result.called)
        result.forms.append("another name")
    for one in columns:
        write_heading(hand, one)
    plan = hand.choice(PLANS) if sheet else plain
    unit = hand.choice(list(UNITS)[::-1]) if plan is not plain else 1
    for one in columns:
        if one.is_money and not one.own_unit:
            one.unit = unit
    for one in columns:
        _write(hand, one, typed=typed)
    if not sheet:
        return result
    if hand.chance(4):
        result.add("序号", list(range(1, result.rows + 1)), 0)
    if hand.chance(6):
        result.add("联系电话", ["0391-6630000"] * result.rows, len(result.columns))
    if hand.chance(6):
        result.add("", [None] * result.rows, hand.pick(0, len(result.columns)))
    result.forms.append(plan.__name__.strip("_"))
    plan(hand, result, unit)
    _totals(hand, result)
    _around(hand, result)
    if typed:
        _tall(hand, result)
    return result


def _in_some_order(hand: Hand, columns: list[Written]) -> list[Written]:
    rest, chosen = list(columns), []
    while rest:
        chosen.append(rest.pop(hand.pick(0, len(rest) - 1)))
    return chosen


def _write(hand: Hand, one: Written, *, typed: bool) -> None:
    """Write the cells of a column in one form, or in a few by turns."""
    forms: list[Form] = list(TEXTS[TEXT if one.column is None else one.column.type])
    if typed and one.column is not None:
        forms = [*TYPED[one.column.type], *forms]
    turns = [hand.choice(forms) for _ in range(hand.choice([1, 1, 2, 3]))]
    blank = hand.choice(BLANKS) if one.column is not None else ""
    empty = None if typed and hand.chance(2) else blank
    one.cells = [
        empty if value is None else turns[row % len(turns)](value, one.unit)
        for row, value in enumerate(one.values)
    ]


def _totals(hand: Hand, sheet: Sheet) -> None:
    """Subtotals after some records, a total after all of them: each of what it covers."""
    if not hand.chance(3) or not sheet.rows or sheet.columns[0].has(MONEY, COUNT, DATE):
        return
    sheet.forms.append("totals")
    ends = [sheet.rows]
    if sheet.rows > 1 and hand.chance(2):
        sheet.forms.append("subtotals")
        middle = hand.pick(1, sheet.rows - 1)
        for start, end in ((0, middle), (middle, sheet.rows)):
            sheet.between.append((end, _total(sheet, "小计", start, end)))
    for end in ends:
        sheet.between.append((end, _total(sheet, hand.choice(TOTALS), 0, end)))


def _total(sheet: Sheet, label: str, start: int, end: int) -> list[object]:
    row: list[object] = [None] * len(sheet.columns)
    for place, one in enumerate(sheet.columns):
        if one.is_money:
            fen = sum(value or 0 for value in one.values[start:end])
            row[place] = plain_money(fen, one.unit)
    row[0] = label
    return row


def _tall(hand: Hand, sheet: Sheet) -> None:
    """Merge equal cells that stand below each other, in a column or two."""
    if not hand.chance(3):
        return
    for place, one in enumerate(sheet.columns):
        if not one.has(TEXT, DATE, CHOICE, SHARE) or hand.chance(3):
            continue
        first = 0
        for row in range(1, sheet.rows + 1):
            same = row < sheet.rows and one.values[row] == one.values[first] is not None
            if same and sheet.row_of(row) == sheet.row_of(row - 1) + 1:
                one.cells[row] = None
                continue
            if row - first > 1:
                sheet.tall.append((first, row - 1, place))
            first = row
    if sheet.tall:
        sheet.forms.append("merged cells")


def _around(hand: Hand, sheet: Sheet) -> None:
    """A title, blank rows, the headings again at the top of a page, a footer."""
    if hand.chance(2):
        title = f"济源示例融资担保有限公司2022年度{table(sheet.name).heading}明细表"
        sheet.above.insert(0, [title])
        sheet.merged = [(top + 1, left, right) for top, left, right in sheet.merged]
        if hand.chance(2) and len(sheet.columns) > 1:
            sheet.merged.append((0, 0, len(sheet.columns) - 1))
    if hand.chance(5):
        sheet.above.insert(0, [None])
        sheet.merged = [(top + 1, left, right) for top, left, right in sheet.merged]
    if sheet.rows > 1 and hand.chance(4):
        middle = hand.pick(1, sheet.rows - 1)
        again: list[object] = [*sheet.headings] if hand.chance(2) else [None] * len(sheet.columns)
        sheet.between.insert(0, (middle, again))
    if hand.chance(3):
        sheet.below += [[None]] * hand.pick(0, 2)
        sheet.below.append([hand.choice(FOOTERS), None, hand.choice(FOOTERS)])
    if hand.chance(6):
        sheet.below += [[None], [None]]
