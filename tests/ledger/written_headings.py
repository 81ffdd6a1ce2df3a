"""How people write the heading of a column: in other words, with marks, with a unit of its own."""

from __future__ import annotations

from compensation.schema.dictionary import table
from tests.ledger.written_cells import COUNT, wide
from tests.ledger.written_tables import Written
from tests.ledger.written_units import UNITS
from tests.portfolio_rows import COLUMNS, Hand


def write_heading(hand: Hand, one: Written) -> None:
    """Write the heading, and now and then the column's own unit into it."""
    if one.column is None:
        return
    name = hand.choice([one.column.name, one.column.heading])
    if one.column.further and hand.chance(3):
        name = hand.choice(one.column.further)
    if one.column.name.startswith("share_") and one.column.name not in COLUMN_NAMES:
        name = one.column.name  # a party of one's own goes by its English name, as it is written
    if one.is_money and hand.chance(4):
        one.own_unit, one.unit = True, hand.choice(list(UNITS)[::-1])
        form = hand.choice(["{}({})", "{}（{}）", "{}（单位：{}）", "{}_{}", "{}({})", "{} ({}) "])
        name = form.format(name, hand.choice(UNITS[one.unit]))
    elif one.has(COUNT) and hand.chance(4):
        name += hand.choice(["(户)", "（人）"])
    odd = hand.choice(ODD)
    if one.column.name.startswith("share_") and name.startswith("share_"):
        odd = _same
    one.heading = odd(name)


COLUMN_NAMES = {
    text
    for name in COLUMNS
    for column in table(name).columns
    for text in (column.name, column.heading)
}


def _same(name: str) -> str:
    return name


def _blanks_around(name: str) -> str:
    return f"\u3000{name} "


def _broken_line(name: str) -> str:
    half = len(name) // 2
    return f"{name[:half]}\n{name[half:]}"


def _capitals(name: str) -> str:
    return name.upper() if name.isascii() else " ".join(name)


def _invisible(name: str) -> str:
    return f"\ufeff{name[:1]}\u200b{name[1:]}"


def _starred(name: str) -> str:
    return f"*{name}"


def _must_be_filled(name: str) -> str:
    return f"{name}（必填）"


def _numbered(name: str) -> str:
    return f"5.{name}"


ODD = (
    *(_same, _same, _same, _blanks_around, _broken_line, _capitals, _invisible, wide),
    *(_starred, _must_be_filled, _numbered),
)
