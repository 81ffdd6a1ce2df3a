"""What people do to a table by mistake: each damages one thing of a written form.

A damage changes a `Sheet` in place and returns whether there was anything to damage. Not here is
what nothing in the ledger could tell from a ledger that is right:

- an amount, a share or a count that is changed to another plausible one, 万 that is left out of an
  amount included (500万元 and 500元 are both amounts), and a unit that is the only one named and is
  changed to another unit or removed: the figures are then those of another ledger;
- a date that a ledger may hold: a contract may well begin ten years earlier, or after the year
  assessed; only of payouts the run says which are of other years;
- an optional cell that is blank, and a row or an optional table that is not there: both may be;
- two columns of the same type whose headings or cells change places, and a row whose cells have
  moved over so that it is another plausible one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from tests.ledger.damaged_cells import (
    cell_of_other_type,
    cells_merged,
    decimal_comma,
    id_changed,
    known_columns,
    percent_dropped,
    some_column,
    word_mistyped,
    year_mistyped,
)
from tests.ledger.written_cells import DATE, TEXT
from tests.ledger.written_sheets import TOTALS
from tests.ledger.written_tables import Sheet, Written
from tests.ledger.written_units import NOTES, UNITS
from tests.portfolio_rows import Hand

Damage = Callable[[Hand, Sheet], bool]


# Units


def another_unit(hand: Hand, sheet: Sheet) -> bool:
    """A second note names another unit than the one that holds."""
    units = {one.unit for one in sheet.columns if one.is_money and not one.own_unit}
    if len(units) != 1 or not sheet.rows or "plain" in sheet.forms or "groups" in sheet.forms:
        return False
    other = hand.choice([unit for unit in UNITS if unit not in units])
    note = hand.choice(NOTES).format(UNITS[other][0])
    rows = hand.choice([sheet.above, sheet.below])
    rows.append([note])
    return True


def unit_moved(hand: Hand, sheet: Sheet) -> bool:
    """The line with the unit is dragged somewhere else on the sheet."""
    if "line" not in sheet.forms or not sheet.rows:
        return False
    place = next(i for i, row in enumerate(sheet.above) if _names_unit(row))
    row = sheet.above.pop(place)
    sheet.merged = []
    where = hand.pick(0, 2)
    if where == 0:
        sheet.below.append(row)
    elif where == 1:
        sheet.between.append((hand.pick(0, sheet.rows), row))
    else:
        sheet.above.insert(0, row)
    return True


def _names_unit(row: object) -> bool:
    return re.search("[元圆]|[Uu]nit", str(row)) is not None


def unit_mistyped(hand: Hand, sheet: Sheet) -> bool:
    """The line with the unit is mistyped, or names what is no unit of the ledgers."""
    for row in sheet.above:
        for place, cell in enumerate(row):
            if isinstance(cell, str) and "line" in sheet.forms and "单位" in cell:
                found = re.search("(人民币)?(百 ?|[千万萬亿億] ?)(元|圆)", cell)
                if found is None:
                    continue
                wrong = hand.choice(
                    ["万", "万美元", "万港币", "方元", "万圆整", "万人民币", "十万"]
                )
                row[place] = cell.replace(found[0], wrong)
                return True
    return False


# Headings


def heading_misspelt(hand: Hand, sheet: Sheet) -> bool:
    one = some_column(hand, known_columns(sheet))
    assert one is not None
    at = hand.pick(0, len(one.heading) - 1)
    wrong = hand.choice(["", "x", "的", one.heading[at] * 2])
    one.heading = one.heading[:at] + wrong + one.heading[at + 1 :]
    return True


def heading_blanked(hand: Hand, sheet: Sheet) -> bool:
    one = some_column(hand, known_columns(sheet))
    assert one is not None
    one.heading = hand.choice(["", " ", "列1", "Unnamed: 3", "#REF!"])
    return True


def heading_twice(hand: Hand, sheet: Sheet) -> bool:
    """A heading is copied over another one."""
    one, other = some_column(hand, known_columns(sheet)), some_column(hand, known_columns(sheet))
    assert one is not None
    assert other is not None
    one.heading = other.heading
    return one is not other


def headings_merged(hand: Hand, sheet: Sheet) -> bool:
    """Two headings side by side come to stand in one cell."""
    if len(sheet.columns) < 2:
        return False
    place = hand.pick(0, len(sheet.columns) - 2)
    left, right = sheet.columns[place], sheet.columns[place + 1]
    left.heading, right.heading = f"{left.heading}{right.heading}", ""
    return True


# Rows


def row_above(hand: Hand, sheet: Sheet) -> bool:
    """A record is sorted above the headings."""
    if not sheet.rows:
        return False
    row = hand.pick(0, sheet.rows - 1)
    sheet.above.append(sheet.records()[row])
    for one in sheet.columns:
        del one.cells[row], one.values[row]
    sheet.between = [(at - (at > row), cells) for at, cells in sheet.between]
    return True


def row_twice(hand: Hand, sheet: Sheet) -> bool:
    if not sheet.rows:
        return False
    row, to = hand.pick(0, sheet.rows - 1), hand.pick(0, sheet.rows)
    for one in sheet.columns:
        one.cells.insert(to, one.cells[row])
        one.values.insert(to, one.values[row])
    return True


def row_shifted(hand: Hand, sheet: Sheet) -> bool:
    """A cell is inserted into some rows, and what stands right of it moves on."""
    width = len(sheet.columns)
    if not sheet.rows or width < 2:
        return False
    start, rows = hand.pick(0, width - 2), range(hand.pick(0, sheet.rows - 1), sheet.rows)
    step = hand.choice([1, -1])
    moved = sheet.columns[start:]
    if not any(_loses_its_date(moved, place, step) for place in range(len(moved))):
        return False
    for row in rows:
        cells = [one.cells[row] for one in moved]
        cells = [None, *cells[:-1]] if step > 0 else [*cells[1:], None]
        for one, cell in zip(moved, cells, strict=True):
            one.cells[row], one.as_text = cell, True
    return True


def _loses_its_date(moved: list[Written], place: int, step: int) -> bool:
    """Return whether a date that must be there gives way to a cell of another type.

    Without one the row may be another plausible one: a name that is a number, a balance that is 0.
    """
    one, source = moved[place], place - step
    follows = moved[source] if 0 <= source < len(moved) else None
    required = one.column is not None and one.column.required
    return required and one.has(DATE) and (follows is None or not follows.has(DATE, TEXT))


def text_below(hand: Hand, sheet: Sheet) -> bool:
    """Something is pasted below the table."""
    width = len(sheet.columns)
    row: list[object] = [None] * width
    row[hand.pick(0, width - 1)] = hand.choice(
        ["以上为截至12月末数据", "12345.67", "见附件", "2022-12-31", "万元", "共12笔"]
    )
    sheet.below.append(row)
    return True


def table_below(hand: Hand, sheet: Sheet) -> bool:
    """Another block is pasted below: the headings in another order, and a record."""
    if not sheet.rows or len(sheet.columns) < 2:
        return False
    row = sheet.records()[hand.pick(0, sheet.rows - 1)]
    sheet.below += [[None], [*sheet.headings[::-1]], row[::-1]]
    return True


def total_wrong(hand: Hand, sheet: Sheet) -> bool:
    """A total is of other records, or typed wrong."""
    for row in _total_rows(sheet):
        for place, one in enumerate(sheet.columns):
            if one.is_money and any(value is not None for value in one.values):
                row[place] = hand.choice(["7777777.77", f"{row[place]}1"])
                return True
    return False


def _total_rows(sheet: Sheet) -> list[list[object]]:
    return [row for _, row in sheet.between if row[0] in (*TOTALS, "小计")]


def total_label(hand: Hand, sheet: Sheet) -> bool:
    """The label of a total is mistyped."""
    rows = _total_rows(sheet)
    if not rows:
        return False
    hand.choice(rows)[0] = hand.choice(["合汁", "本期", "计", "合计数额", "", "小汁"])
    return True


# Files


def renamed(hand: Hand, sheet: Sheet) -> bool:
    names = ["Sheet1", "追偿2", "recovery", f"{sheet.called}2", f"{sheet.called}(1)", "追尝", "new"]
    sheet.called = hand.choice(names)
    return True


def quote(hand: Hand, sheet: Sheet) -> bool:
    """A stray quote, or two, in a CSV file."""
    places = [hand.pick(0, 10_000) for _ in range(hand.pick(1, 2))]

    def spoil(text: str) -> str:
        for place in places:
            at = place % (len(text) + 1)
            text = f'{text[:at]}"{text[at:]}'
        return text

    sheet.spoil = spoil
    return True


def separators(hand: Hand, sheet: Sheet) -> bool:
    """Separators are lost or doubled in one line of a CSV file."""
    place, wrong = hand.pick(0, 10_000), hand.choice(["", ",,", ";", "，", "\n"])

    def spoil(text: str) -> str:
        commas = [found.start() for found in re.finditer(",", text)]
        if not commas:
            return text
        at = commas[place % len(commas)]
        return text[:at] + wrong + text[at + 1 :]

    sheet.spoil = spoil
    return True


ANYWHERE: Mapping[str, Damage] = {
    damage.__name__: damage
    for damage in (
        *(heading_misspelt, heading_blanked, heading_twice, row_twice, row_shifted),
        *(cell_of_other_type, decimal_comma, percent_dropped, id_changed, year_mistyped),
        word_mistyped,
    )
}
ON_SHEETS: Mapping[str, Damage] = {
    damage.__name__: damage
    for damage in (
        *(another_unit, unit_moved, unit_mistyped, headings_merged, row_above, text_below),
        *(table_below, total_wrong, total_label, renamed),
    )
}
IN_WORKBOOKS: Mapping[str, Damage] = {"cells_merged": cells_merged}
IN_CSV: Mapping[str, Damage] = {"quote": quote, "separators": separators}
