"""How far the cells of a sheet reach, found quickly where they are written in the usual form.

In the same look the cells of certain styles are found, and the rows and columns that are hidden.

The parser fills the whole rectangle that the cells span, so that two cells in opposite corners of a
sheet would take more memory than there is. What a sheet says of its own size is not to be trusted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

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
Numbers = npt.NDArray[np.int32]

_SEAM = 256
"""Bytes in which the beginning of a cell or of a row fits, with its attributes."""
_LETTERS, _DIGITS = 3, 7
"""How long a place in a sheet gets: XFD1048576."""
_STYLE_DIGITS = 5
_END = 2**14
"""How many bytes at the end of a sheet, behind its cells, are kept: page headers stand there."""
_PREFIXED = re.compile(rb"<[^\s<>/:]+:(?:c|row|f)[\s/>]")
_TEXT = re.compile(rb"<(?:[^\s<>/:]+:)?[vt][\s>]")
_BEFORE_PLACE = np.frombuffer(b' r="', dtype=np.uint8)
_QUOTE = ord('"')
_ALPHABET, _TEN = 26, 10


@dataclass
class Extent:
    """Which rectangle cells span: `rows`, `columns`, counted from the corner of the sheet.

    `cells`: how many are written.
    """

    rows: int = 0
    columns: int = 0
    cells: int = 0

    def add(self, places: Places) -> None:
        """Add some cells."""
        if len(places.at):
            self.rows = max(self.rows, int(places.row.max()))
            self.columns = max(self.columns, int(places.column.max()))
            self.cells += len(places.at)

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


StyledCells = npt.NDArray[np.int32]
"""Cells with their styles: a line for each of row, column (both counted from 0) and style."""


def styled_cells(found: Sequence[npt.ArrayLike] = ()) -> StyledCells:
    """Return the cells found in several pieces as one array."""
    nothing = np.zeros((0, 3), dtype=np.int32)
    return np.concatenate([nothing, *(np.asarray(piece, dtype=np.int32) for piece in found)])


@dataclass
class Look:
    """What a quick look at a sheet found.

    `extent`: None where a cell is not written as spreadsheet programs do, with its place first and
    in double quotes: then only a parser of XML can say. `marked`: whether there are formulas or
    errors among the cells. `styled`: the cells of the styles that were looked for, if there is a
    extent. `hidden_rows`: counted from 0. `hidden_columns`: first and last of each span, from 0.
    `end`: the last of the XML.
    """

    extent: Extent | None = field(default_factory=Extent)
    marked: bool = False
    styled: StyledCells = field(default_factory=styled_cells)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[tuple[int, int]] = field(default_factory=set)
    end: bytes = b""


def look_at(pieces: Iterable[bytes], styles: Collection[int] = ()) -> Look:
    """Look through a sheet; `styles`: those of which the cells are wanted.

    Raises ValueError where a value holds markup, which readers take for different things.
    """
    found = Look()
    wanted = np.array(sorted(styles), dtype=np.int32)
    # A cell without a style has the first one, which is no longer a matter of finding numbers.
    extent = None if 0 in wanted else found.extent
    styled: list[StyledCells] = []
    kept = b""
    for piece in chain(pieces, [bytes(_SEAM)]):
        content = kept + piece
        data = np.frombuffer(content, dtype=np.uint8)
        all_begins = np.flatnonzero(data == ord("<"))
        begins = all_begins[: np.searchsorted(all_begins, max(0, len(data) - _SEAM))]
        sign = data[begins + 1]
        found.marked |= bool((sign == ord("f")).any()) or _has_error(content)
        _refuse_markup(content, begins, sign, first=not kept)
        if extent is not None:
            named = (_elements(data, begins[sign == name[0]], name) for name in (b"c", b"row"))
            places = _places(content, data, *named)
            cells = None
            if places is not None:
                extent.add(places)
                cells = _styled(data, all_begins, places, wanted) if len(wanted) else None
            if places is None or (len(wanted) and cells is None):
                extent = None
            elif cells is not None:
                styled.append(cells)
        if _may_hide(data):
            _note_hidden(content, found)
        found.end = found.end[-_END:] + piece[-_END:]
        kept = content[-_SEAM:]
    found.extent, found.styled = extent, styled_cells(styled)
    return found


def _refuse_markup(content: bytes, begins: Integers, sign: Bytes, *, first: bool) -> None:
    """Raise ValueError if there is a comment or the like within the value or text of a cell.

    The parser drops it with what follows: 1<!-- -->9000 would be 1.
    """
    for place in np.flatnonzero((sign == ord("!")) | (sign == ord("?"))).tolist():
        if _TEXT.match(content, int(begins[place - 1])) if place else not first:
            raise ValueError("markup within a value")


def _has_error(content: bytes) -> bool:
    # One byte is looked for twenty times as fast as several.
    return b't="e"' in content or (b"'" in content and b"t='e'" in content)


class Places(NamedTuple):
    """The cells that begin in a piece: where in it, and their rows and columns, from 1."""

    at: Integers
    row: Numbers
    column: Numbers


def _places(content: bytes, data: Bytes, cells: Integers, rows: Integers) -> Places | None:
    """Return the places of the cells that begin in ``content``; None if one is unusual."""
    if not (_placed(data, cells + 2) and _placed(data, rows + 4)):
        return None
    if b":" in content and _PREFIXED.search(content):
        return None
    return _read_places(data, cells)


def _elements(data: Bytes, begins: Integers, name: bytes) -> Integers:
    """Return which elements have this name, of those with its first letter."""
    for place, letter in enumerate(name[1:], 2):
        begins = begins[data[begins + place] == letter]
    after = data[begins + len(name) + 1]
    ended: Flags = (after <= ord(" ")) | (after == ord(">")) | (after == ord("/"))
    found: Integers = begins[ended]
    return found


def _placed(data: Bytes, at: Integers) -> bool:
    """Return whether the attribute at each of these positions says the place."""
    return all(bool((data[at + i] == sign).all()) for i, sign in enumerate(_BEFORE_PLACE))


def _read_places(data: Bytes, cells: Integers) -> Places | None:
    """Return the places (B7) of the cells that begin here; None if one is no place in a sheet."""
    at = cells + len('<c r="')
    column = np.zeros(len(at), dtype=np.int32)
    in_letters = np.ones(len(at), dtype=np.bool_)
    digits = at.copy()
    for i in range(_LETTERS):
        letter = data[at + i] - np.uint8(ord("A"))  # what is below A comes out above Z
        in_letters &= letter < _ALPHABET
        if i == 0 and not in_letters.all():
            return None
        column = np.where(in_letters, column * _ALPHABET + letter + 1, column)
        digits += in_letters
    row = _read_number(data, digits, _DIGITS)
    return None if row is None else Places(cells, row, column)


def _read_number(data: Bytes, at: Integers, longest: int) -> Numbers | None:
    """Return the numbers that begin at these positions and end in a quote; None if one does not."""
    number = np.zeros(len(at), dtype=np.int32)
    in_digits = np.ones(len(at), dtype=np.bool_)
    for i in range(longest + 1):
        sign = data[at + i]
        digit = sign - np.uint8(ord("0"))
        goes_on = in_digits & (digit < _TEN)
        if not (sign[in_digits & ~goes_on] == _QUOTE).all():
            return None
        in_digits = goes_on
        if not in_digits.any():
            return number
        number = np.where(in_digits, number * _TEN + digit, number)
    return None  # more digits than it can have


def _styled(data: Bytes, begins: Integers, cells: Places, wanted: Numbers) -> StyledCells | None:
    """Return which of the cells have one of the styles; None if one has it in an unusual form.

    ``begins``: where all elements begin. What looks like a style stands in the element that begins
    before it.
    """
    at = np.flatnonzero(data[: len(data) - _SEAM // 2] == ord("s")).astype(np.int64)
    at = at[data[at - 1] <= ord(" ")]
    element = begins[np.searchsorted(begins, at) - 1]
    index = np.minimum(np.searchsorted(cells.at, element), max(0, len(cells.at) - 1))
    of_cell = cells.at[index] == element if len(cells.at) else np.zeros(len(at), dtype=np.bool_)
    at, index = at[of_cell], index[of_cell]
    if not ((data[at + 1] == ord("=")) & (data[at + 2] == _QUOTE)).all():
        return None
    style = _read_number(data, at + 3, _STYLE_DIGITS)
    if style is None:
        return None
    found = np.isin(style, wanted)
    index = index[found]
    return np.stack([cells.row[index] - 1, cells.column[index] - 1, style[found]], axis=1)


_HIDDEN = re.compile(
    rb"""(?<=[<:])(?P<tag>row|col)(?P<attributes>(?=\s)[^<>]*?\s(?:hidden=["'](?:1|true)|(?:ht|width)=["']0["'])[^<>]*)>"""
)
_ATTRIBUTE = re.compile(rb"""\s(r|min|max)=["'](\d{1,7})["']""")


def _may_hide(data: Bytes) -> bool:
    """Return whether a piece may say hidden=, ht="0" or width="0"; all of them have an h.

    One byte is looked for far faster than several.
    """
    at = np.flatnonzero(data[: max(0, len(data) - len('width="0"'))] == ord("h"))
    following = data[at + 1]
    hidden = (following == ord("i")) & (data[at + 2] == ord("d"))
    no_height = (following == ord("t")) & (data[at + 4] == ord("0"))
    no_width = (following == ord("=")) & (data[at + 3] == ord("0"))
    return bool((hidden | no_height | no_width).any())


def _note_hidden(content: bytes, found: Look) -> None:
    """Note the rows and columns in ``content`` that are hidden, or have no height or width."""
    for tag in _HIDDEN.finditer(content):
        said = {name: int(number) - 1 for name, number in _ATTRIBUTE.findall(tag["attributes"])}
        if tag["tag"] == b"row" and b"r" in said:
            found.hidden_rows.add(said[b"r"])
        elif b"min" in said and b"max" in said:
            found.hidden_columns.add((said[b"min"], said[b"max"]))
