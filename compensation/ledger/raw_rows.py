"""Rows of raw columns: which cells hold something, one row's cells, some of the rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import flags, known
from compensation.ledger.headings import normalise
from compensation.ledger.raw import RawColumn
from compensation.money import Flags


def filled(column: RawColumn, rows: int) -> Flags:
    """Return which rows of a column hold something other than blanks."""
    found = np.zeros(rows, dtype=np.bool_)
    if column.text is not None:
        blank = pc.or_(
            pc.invert(pc.cast(pc.binary_length(column.text), pa.bool_())),
            pc.utf8_is_space(column.text),
        )
        found |= known(blank) & ~flags(blank)
    for part in (column.number, column.moment, column.boolean):
        if part is not None:
            found |= known(part)
    return found


def cells_of(columns: Sequence[RawColumn], row: int) -> list[tuple[int, object]]:
    """Return the cells of a row that hold something, in order, with the places of their columns."""
    cells = []
    for place, column in enumerate(columns):
        parts = (column.text, column.number, column.moment, column.boolean)
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

    What lies outside a slice or under a null counts too, so only a no says something.
    """
    content = texts.buffers()[2]
    if content is None:
        return False
    memory = content.to_pybytes()
    plain = memory.isascii()
    return any(word in memory for word in words if word.isascii() or not plain)
