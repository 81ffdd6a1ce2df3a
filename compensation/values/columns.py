"""The cells of a column on their way from what was read to what they mean.

A column is taken in long strides, by Arrow and numpy. What these do not understand is judged one
distinct cell at a time, in plain Python: a column of ten million dates has a few thousand of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import arrow, numbers, stored, text_memory
from compensation.money import Flags, Integers
from compensation.values.characters import BLANKS
from compensation.values.kinds import Kind

Verdict = TypeVar("Verdict")


class Part(NamedTuple):
    """The cells of one kind: ``cells``, one for every row, and which rows are ``filled``.

    What an unfilled row holds says nothing.
    """

    cells: pa.Array
    filled: Flags

    def rows(self) -> Integers:
        """Return the positions of the filled rows."""
        return np.flatnonzero(self.filled)


class Cells(NamedTuple):
    """A column as it was read, its texts trimmed: blank cells are filled in no part."""

    text: Part | None
    number: Part | None
    moment: Part | None
    boolean: Part | None

    def parts(self) -> Iterator[Part]:
        """Yield the parts that there are."""
        for part in (self.text, self.number, self.moment, self.boolean):
            if part is not None:
                yield part


def bytes_where(bytes_: Iterable[int]) -> Flags:
    """Return, for each of the 256 bytes, whether it is one of these."""
    table = np.zeros(256, np.bool_)
    table[list(bytes_)] = True
    return table


_FIRST_BYTE = bytes_where(blank.encode()[0] for blank in BLANKS)
_LAST_BYTE = bytes_where(blank.encode()[-1] for blank in BLANKS)


def trimmed(texts: pa.Array) -> pa.Array:
    """Return texts without the blanks around them; the same array where there are none."""
    if not len(texts) or _is_trimmed(texts):
        return texts
    return pc.utf8_trim(texts, characters=BLANKS)


def _is_trimmed(texts: pa.Array) -> bool:
    """Return whether no text begins or ends with a blank; seen at the first and the last bytes."""
    starts, ends, content = text_memory(texts)
    some = ends > starts
    if not some.all():
        starts, ends = starts[some], ends[some]
    likely = _FIRST_BYTE[content[starts]] | _LAST_BYTE[content[ends - 1]]
    if not likely.any():
        return True
    rows = np.flatnonzero(likely) if some.all() else np.flatnonzero(some)[likely]
    some_texts = texts.take(arrow(rows))
    return bool(pc.utf8_trim(some_texts, characters=BLANKS).equals(some_texts))


def widened(numbers: pa.Array | None) -> pa.Array | None:
    """Return decimals of 32 and 64 bits as decimal128: Arrow can do little with the small ones."""
    if numbers is None or not pa.types.is_decimal(numbers.type) or numbers.type.bit_width >= 128:
        return numbers
    return numbers.cast(pa.decimal128(numbers.type.precision, numbers.type.scale))


def is_narrow(kind: pa.DataType) -> bool:
    """Return whether a type of numbers is a float of 32 or 16 bits."""
    return bool(pa.types.is_float32(kind) or pa.types.is_float16(kind))


def without_doubt(part: Part, places: int, largest: int) -> tuple[Part, Integers]:
    """Return floats of 32 or 16 bits as floats of 64, and the rows in which they are in doubt.

    A narrow float stands for the only number of ``places`` decimals that it can be the nearest
    float to. Where its neighbours lie farther apart than such numbers do, it may be several of them
    and it is in doubt: amounts in fen from 131,072 yuan on, whole numbers from 2^24 on (2^11 of 16
    bits), shares of 16 bits. What is in no doubt, negative numbers and those above ``largest`` (in
    units of 10^-places) are left as the number that they show, for others to judge.
    """
    width = np.float32 if pa.types.is_float32(part.cells.type) else np.float16
    narrow = stored(part.cells, width)
    values = narrow.astype(np.float64)
    scale = 10.0**places
    with np.errstate(all="ignore"):
        apart = np.spacing(narrow).astype(np.float64)
        in_range = part.filled & (values >= 0) & (values * scale <= largest)
        doubtful = in_range & (apart * scale > 1)
        nearest = np.rint(values * scale) / scale
        settled = in_range & ~doubtful & (nearest.astype(width) == narrow)
    values[settled] = nearest[settled]
    odd = np.flatnonzero(part.filled & ~settled & ~doubtful & np.isfinite(values))
    values[odd] = [float(str(number)) for number in narrow[odd]]
    return Part(arrow(values, part.filled), part.filled & ~doubtful), np.flatnonzero(doubtful)


def judged(cells: pa.Array, judge: Callable[[Any], Verdict]) -> tuple[list[Verdict], Integers]:
    """Judge every distinct cell once; return the verdicts and which of them each cell has."""
    encoded = cells.dictionary_encode()
    places = numbers(encoded.indices).astype(np.int64)
    return [judge(cell) for cell in encoded.dictionary.to_pylist()], places


@dataclass
class Reading:
    """What a column of whole numbers came to: its values, which rows are known, what was refused.

    ``values``: int64, as the column type holds them; 0 where not known.
    ``refused``: kinds of fault, each with positions, in no order.
    """

    values: Integers
    known: Flags
    refused: list[tuple[Kind, Integers]] = field(default_factory=list)

    @classmethod
    def blank(cls, rows: int) -> Reading:
        """Return a reading of so many rows in which nothing is known yet."""
        return cls(np.zeros(rows, np.int64), np.zeros(rows, np.bool_))

    def accept(self, mask: Flags, values: Integers) -> None:
        """Take the values (one for every row of the table) where the mask says so."""
        np.copyto(self.values, values, where=mask)
        self.known |= mask

    def refuse(self, kind: Kind, rows: Integers) -> None:
        """Refuse these rows."""
        if len(rows):
            self.known[rows] = False
            self.refused.append((kind, rows))

    def judge(self, part: Part, rows: Integers, judge: Callable[[Any], int | Kind]) -> None:
        """Accept or refuse these rows of the part as ``judge`` says of each distinct cell."""
        if not len(rows):
            return
        all_of_them = len(rows) == len(part.cells)
        cells = part.cells if all_of_them else part.cells.take(arrow(rows))
        verdicts, places = judged(cells, judge)
        accepted = np.array([not isinstance(v, Kind) for v in verdicts], np.bool_)
        values = np.array([0 if isinstance(v, Kind) else v for v in verdicts], np.int64)
        taken = accepted[places]
        self.values[rows[taken]] = values[places[taken]]
        self.known[rows[taken]] = True
        if accepted.all():
            return
        for kind in Kind:
            of_kind = np.array([v is kind for v in verdicts], np.bool_)
            if of_kind.any():
                self.refuse(kind, rows[of_kind[places]])
