"""Rows of raw columns: which cells hold something, one row's cells, some of the rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import flags, known, numbers, text_bytes
from compensation.money import Flags
from compensation.tables.headings import normalise
from compensation.tables.raw import RawColumn


def filled(column: RawColumn, rows: int) -> Flags:
    """Return which rows of a column hold something other than blanks."""
    found = of_texts(column, _says_something)
    if found is None:
        found = np.zeros(rows, dtype=np.bool_)
    for part in (column.number, column.moment, column.boolean):
        if part is not None:
            found |= known(part)
    return found


def _says_something(texts: pa.Array) -> Flags:
    blank = pc.or_(pc.invert(pc.cast(pc.binary_length(texts), pa.bool_())), pc.utf8_is_space(texts))
    return known(blank) & ~flags(blank)


def of_texts(column: RawColumn, judge: Callable[[pa.Array], Flags]) -> Flags | None:
    """Return what ``judge`` says of the text of each row, of words once; None if there are none."""
    if column.words is not None:
        found: Flags = judge(column.words.dictionary)[numbers(column.words.indices)]
        return found
    return None if column.text is None else judge(column.text)


def cells_of(columns: Sequence[RawColumn], row: int) -> list[tuple[int, object]]:
    """Return the cells of a row that hold something, in order, with the places of their columns."""
    cells = []
    for place, column in enumerate(columns):
        parts = (column.text, column.number, column.moment, column.boolean, column.words)
        values = (part[row].as_py() for part in parts if part is not None)
        cells += [
            (place, v) for v in values if v is not None and (not isinstance(v, str) or normalise(v))
        ]
    return cells


def taken(column: RawColumn, rows: pa.Array) -> RawColumn:
    """Return some rows of a column, in the order of ``rows``."""
    return column.mapped(lambda cells: cells.take(rows))


def holds(texts: pa.Array, words: Sequence[bytes]) -> bool:
    """Return whether one of the words is in the memory of a column of texts; quicker than a search.

    What lies under a null counts too, so only a no says something.
    """
    memory = text_bytes(texts).tobytes()
    plain = memory.isascii()
    return any(word in memory for word in words if word.isascii() or not plain)
