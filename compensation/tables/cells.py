"""The cells of a column as it was read: trimmed, blanks told from the rest, shown as they were."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import overload

import numpy as np
import pyarrow as pa

from compensation.arrays import arrow, known, text_memory
from compensation.money import Integers
from compensation.tables.raw import RawColumn
from compensation.values.columns import Cells, Part, is_narrow, trimmed, widened
from compensation.values.exact import plain, shown


def cells_of(raw: RawColumn) -> Cells:
    """Return the cells of a column: texts trimmed, blanks told from the rest."""

    def part(cells: pa.Array | None) -> Part | None:
        if cells is None:
            return None
        filled = known(cells)
        return Part(cells, filled) if filled.any() else None

    text = part(raw.text)
    if text is not None:
        text = Part(trimmed(text.cells), text.filled)
        starts, ends, _ = text_memory(text.cells)
        filled = text.filled & (ends > starts)
        text = Part(text.cells, filled) if filled.any() else None
    return Cells(text, part(widened(raw.number)), part(raw.moment), part(raw.boolean))


@dataclass(frozen=True)
class CellTexts(Sequence[str]):
    """The cells of some rows as people see them, made when somebody looks; none is blank."""

    raw: RawColumn
    rows: Integers

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return CellTexts(self.raw, self.rows[index])
        return _cell_text(self.raw, int(self.rows[index]))

    def alone(self) -> CellTexts:
        """Return the same texts, holding on to these cells only, not to the whole column."""
        rows = arrow(self.rows)
        return CellTexts(self.raw.mapped(lambda cells: cells.take(rows)), np.arange(len(self.rows)))


def _cell_text(raw: RawColumn, row: int) -> str:
    """Return one cell as text, as it was read."""
    parts = (raw.text, raw.number, raw.moment, raw.boolean)
    return _as_people_see_it(next(p[row] for p in parts if p is not None and p[row].is_valid))


def _as_people_see_it(cell: pa.Scalar) -> str:
    if pa.types.is_timestamp(cell.type):
        time = str(cell.cast(pa.string()).as_py())
        return re.sub(r"\.0+$", "", time).removesuffix(" 00:00:00")
    if is_narrow(cell.type):
        number = (np.float32 if pa.types.is_float32(cell.type) else np.float16)(cell.as_py())
        return plain(Decimal(str(number))) if np.isfinite(number) else str(number)
    try:
        value = cell.as_py()
    except OverflowError:  # a date that no calendar of Python reaches
        return str(cell.cast(pa.int32()).as_py())
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        value = shown(value)
    if isinstance(value, Decimal):
        readable = value.is_finite() and -20 < value.adjusted() < 20
        return plain(value) if readable else str(value)
    return str(value)
