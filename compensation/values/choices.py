"""Booleans and choices: the words and numbers that name them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import partial

import numpy as np

from compensation.arrays import flags
from compensation.values.characters import half_width
from compensation.values.columns import Cells, Reading
from compensation.values.kinds import Kind

Places = Mapping[str, int | Kind]
"""By each name of a choice its place; by a name that may be either of two, the fault."""
_YES, _NO = ("是", "true", "1", "yes", "√", "✓", "✔"), ("否", "false", "0", "no", "×", "✗", "✘")
_WORDS = dict.fromkeys(_YES, 1) | dict.fromkeys(_NO, 0)
_CLOSING = "。.!,，;、\ufe0f"
"""What may stand behind a word without changing it; the last has ✔ drawn in colour."""


def truth_of_text(text: str) -> int | Kind:
    """Return 1 or 0 for a trimmed text that says yes or no, or what is wrong with it.

    >>> truth_of_text("是"), truth_of_text("NO"), truth_of_text("maybe").value
    (1, 0, 'not_boolean')
    """
    return _named(text, _WORDS, Kind.NOT_BOOLEAN)


def place_of_text(text: str, places: Places) -> int | Kind:
    """Return the place of the choice that a trimmed text names, or what is wrong with it."""
    return _named(text, places, Kind.UNKNOWN_CHOICE)


def plain_name(name: str) -> str:
    """Return a name of a choice as `Places` have it: of half width and in small letters."""
    return half_width(name).casefold()


def _named(text: str, places: Places, otherwise: Kind) -> int | Kind:
    return places.get(plain_name(text).rstrip(_CLOSING), otherwise)


def read_booleans(cells: Cells, rows: int) -> Reading:
    """Read booleans: real ones, the words for them, and the numbers 1 and 0."""
    reading = Reading.blank(rows)
    if cells.text is not None:
        reading.judge(cells.text, cells.text.rows(), truth_of_text)
    if cells.number is not None:
        reading.judge(cells.number, cells.number.rows(), _truth_of_number)
    if cells.moment is not None:
        reading.refuse(Kind.NOT_BOOLEAN, cells.moment.rows())
    if cells.boolean is not None:
        reading.accept(cells.boolean.filled, flags(cells.boolean.cells).astype(np.int64))
    return reading


def _truth_of_number(value: float | Decimal) -> int | Kind:
    return int(value) if value in (0, 1) else Kind.NOT_BOOLEAN


def read_choices(cells: Cells, rows: int, places: Places) -> Reading:
    """Read choices by their names, as their places."""
    reading = Reading.blank(rows)
    if cells.text is not None:
        reading.judge(cells.text, cells.text.rows(), partial(place_of_text, places=places))
    for part in (cells.number, cells.moment, cells.boolean):
        if part is not None:
            reading.refuse(Kind.UNKNOWN_CHOICE, part.rows())
    return reading
