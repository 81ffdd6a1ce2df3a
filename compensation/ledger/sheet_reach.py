"""How far the cells of a sheet reach, found quickly where they are written in the usual form.

The parser fills the whole rectangle that the cells span, so that two cells in opposite corners of a
sheet would take more memory than there is. What a sheet says of its own size is not to be trusted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from compensation.columns import Flags, Integers

MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
"""Rows and columns that a sheet can have."""
SMALL = 2**22
"""Cells in a rectangle that is filled however few of them are written."""
MAX_CELLS = 2**26
"""Cells in a rectangle beyond which it is refused: 64 columns, all rows."""
MAX_BLANKS = 64
"""How many times the written cells a rectangle beyond `SMALL` may hold."""

Bytes = npt.NDArray[np.uint8]

_SEAM = 64
"""Bytes in which the beginning of a cell fits, with its place."""
_LETTERS, _DIGITS = 3, 7
"""How long a place in a sheet gets: XFD1048576."""
_PREFIXED = re.compile(rb"<[^\s<>/:]+:(?:c|row|f)[\s/>]")
_BEFORE_PLACE = np.frombuffer(b' r="', dtype=np.uint8)
_QUOTE = ord('"')
_ALPHABET, _TEN = 26, 10


@dataclass
class Reach:
    """Which rectangle cells span: `rows`, `columns`, counted from the corner of the sheet.

    `cells`: how many are written.
    """

    rows: int = 0
    columns: int = 0
    cells: int = 0

    @property
    def too_large(self) -> bool:
        """Whether the rectangle is more than a ledger can be."""
        spanned = self.rows * self.columns
        return (
            self.rows > MAX_ROWS
            or self.columns > MAX_COLUMNS
            or spanned > MAX_CELLS
            or (spanned > SMALL and spanned > MAX_BLANKS * self.cells)
        )


def reach_of(pieces: Iterable[bytes]) -> tuple[Reach | None, bool]:
    """Return how far the cells reach, and whether there are formulas or errors among them.

    None where a cell is not written as spreadsheet programs do, with its place first and in double
    quotes: then only a parser of XML can say.
    """
    reach: Reach | None = Reach()
    marked = False
    kept = b""
    for piece in chain(pieces, [bytes(_SEAM)]):
        content = kept + piece
        data = np.frombuffer(content, dtype=np.uint8)
        begins = np.flatnonzero(data[: max(0, len(data) - _SEAM)] == ord("<")).astype(np.int64)
        marked = marked or bool((data[begins + 1] == ord("f")).any()) or _has_error(content)
        if reach is not None and not _add(reach, content, data, begins):
            reach = None
        if reach is None and marked:
            break
        kept = content[-_SEAM:]
    return reach, marked


def _has_error(content: bytes) -> bool:
    # One byte is looked for twenty times as fast as several.
    return b't="e"' in content or (b"'" in content and b"t='e'" in content)


def _add(reach: Reach, content: bytes, data: Bytes, begins: Integers) -> bool:
    """Add the cells that begin in ``content``; False if one is unusual."""
    cells, rows = _elements(data, begins, b"c"), _elements(data, begins, b"row")
    if not (_placed(data, cells + 2) and _placed(data, rows + 4)):
        return False
    if b":" in content and _PREFIXED.search(content):
        return False
    return not len(cells) or _add_places(reach, data, cells + 6)


def _elements(data: Bytes, begins: Integers, name: bytes) -> Integers:
    """Return those of the beginnings that begin an element of this name."""
    for place, letter in enumerate(name, 1):
        begins = begins[data[begins + place] == letter]
    after = data[begins + len(name) + 1]
    ended: Flags = (after <= ord(" ")) | (after == ord(">")) | (after == ord("/"))
    found: Integers = begins[ended]
    return found


def _placed(data: Bytes, at: Integers) -> bool:
    """Return whether the attribute at each of these positions says the place."""
    return all(bool((data[at + i] == sign).all()) for i, sign in enumerate(_BEFORE_PLACE))


def _add_places(reach: Reach, data: Bytes, at: Integers) -> bool:
    """Add the places (B7) at these positions; False if one is no place in a sheet."""
    column = np.zeros(len(at), dtype=np.int32)
    in_letters = np.ones(len(at), dtype=np.bool_)
    digits = at.copy()
    for i in range(_LETTERS):
        letter = data[at + i] - np.uint8(ord("A"))  # what is below A comes out above Z
        in_letters &= letter < _ALPHABET
        if i == 0 and not in_letters.all():
            return False
        column = np.where(in_letters, column * _ALPHABET + letter + 1, column)
        digits += in_letters
    row = np.zeros(len(at), dtype=np.int32)
    in_digits = np.ones(len(at), dtype=np.bool_)
    for i in range(_DIGITS + 1):
        sign = data[digits + i]
        digit = sign - np.uint8(ord("0"))
        goes_on = in_digits & (digit < _TEN)
        if not (sign[in_digits & ~goes_on] == _QUOTE).all():
            return False
        in_digits = goes_on
        if not in_digits.any():
            break
        row = np.where(in_digits, row * _TEN + digit, row)
    else:  # more digits than a row can have
        return False
    reach.columns = max(reach.columns, int(column.max()))
    reach.rows = max(reach.rows, int(row.max()))
    reach.cells += len(at)
    return True
