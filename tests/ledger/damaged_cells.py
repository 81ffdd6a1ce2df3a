"""What people do to single cells by mistake; see `damages` for what is left out, and why."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal

from tests.ledger.written_cells import (
    BOOLEAN,
    CHOICE,
    COUNT,
    DATE,
    MONEY,
    SHARE,
    digits,
    plain_money,
    wide,
)
from tests.ledger.written_tables import Sheet, Written
from tests.portfolio_rows import Hand


def some_column(hand: Hand, columns: list[Written]) -> Written | None:
    return hand.choice(columns) if columns else None


def _filled(hand: Hand, one: Written) -> int | None:
    """Return a row of the column in which something stands."""
    rows = [row for row, value in enumerate(one.values) if value is not None]
    return hand.choice(rows) if rows else None


def _cell(hand: Hand, columns: list[Written]) -> tuple[Written, int] | None:
    """Return a filled cell of one of the columns."""
    one = some_column(hand, [one for one in columns if any(v is not None for v in one.values)])
    row = None if one is None else _filled(hand, one)
    return None if one is None or row is None else (one, row)


def _set(one: Written, row: int, text: str) -> None:
    one.cells[row], one.as_text = text, True


def known_columns(sheet: Sheet) -> list[Written]:
    return [one for one in sheet.columns if one.column is not None]


def cell_of_other_type(hand: Hand, sheet: Sheet) -> bool:
    found = _cell(
        hand, [one for one in known_columns(sheet) if one.has(MONEY, COUNT, SHARE, DATE, BOOLEAN)]
    )
    if found is None:
        return False
    one, row = found
    wrong = ["待定", "#VALUE!", "O", "１２，３", "-", "约5万", "5万左右", "见合同"]
    if one.has(DATE):
        wrong = ["44621", "22-3-1", "2022年3月", "2022-13-01", "3/1/2022", "2022-02-30", "不详"]
    _set(one, row, hand.choice(wrong))
    return True


def decimal_comma(hand: Hand, sheet: Sheet) -> bool:
    found = _cell(hand, [one for one in sheet.columns if one.is_money])
    if found is None:
        return False
    one, row = found
    text = plain_money(one.values[row], one.unit)
    if not re.fullmatch(r"[0-9]+\.[0-9]{1,2}", text):
        return False  # 1,234 may be 1.234, and is a thousand and more
    _set(one, row, hand.choice([text.replace(".", ","), f"1.{text.replace('.', ',')}"]))
    return True


def percent_dropped(hand: Hand, sheet: Sheet) -> bool:
    found = _cell(hand, [one for one in sheet.columns if one.has(SHARE)])
    if found is None or not found[0].values[found[1]]:
        return False
    one, row = found
    _set(one, row, digits(Decimal(one.values[row]).scaleb(-4)))
    return True


def id_changed(hand: Hand, sheet: Sheet) -> bool:
    """An id is typed in other case or width, or with zeros before it."""
    ids = [
        o for o in known_columns(sheet) if o.column is not None and o.column.name.endswith("_id")
    ]
    found = _cell(hand, ids)
    if found is None:
        return False
    one, row = found
    text = str(one.cells[row])
    _set(one, row, hand.choice([text.swapcase(), f"0{text.strip()}", wide(text), f"{text}-"]))
    return True


def year_mistyped(hand: Hand, sheet: Sheet) -> bool:
    found = _cell(hand, [one for one in known_columns(sheet) if one.has(DATE)])
    if found is None:
        return False
    one, row = found
    day: datetime.date = one.values[row]
    payout = one.column is not None and one.column.name == "payout_date"
    wrong = hand.choice([2202, 222, 3022, 20222, *([2032, 1922] if payout else [])])
    _set(one, row, f"{wrong:04d}-{day.month:02d}-{day.day:02d}")
    return True


def word_mistyped(hand: Hand, sheet: Sheet) -> bool:
    found = _cell(hand, [one for one in known_columns(sheet) if one.has(CHOICE, BOOLEAN)])
    if found is None:
        return False
    one, row = found
    _set(one, row, hand.choice(["通 过?", "已审核", "y", "小微企业", "同意拒绝", "2", "部分通过"]))
    return True


def cells_merged(hand: Hand, sheet: Sheet) -> bool:
    """Two cells of a record are merged: the right one is lost."""
    if not sheet.rows or len(sheet.columns) < 2:
        return False
    row, place = hand.pick(0, sheet.rows - 1), hand.pick(0, len(sheet.columns) - 2)
    if sheet.columns[place + 1].values[row] is None:
        return False
    sheet.merged.append((sheet.row_of(row), place, place + 1))
    return True
