"""Columns of dates; see `dates` for what they accept."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from compensation.arrays import stored
from compensation.values.columns import Cells, Part, Reading
from compensation.values.dates import FIRST_DAY, LAST_DAY, day_of_number, day_of_text
from compensation.values.kinds import Kind

_TICKS_OF_A_DAY = {
    "s": 86_400,
    "ms": 86_400_000,
    "us": 86_400_000_000,
    "ns": 86_400_000_000_000,
}


def read_dates(cells: Cells, rows: int) -> Reading:
    """Return the days of a column of dates; a time of day passes only if it is midnight."""
    reading = Reading.blank(rows)
    if cells.text is not None:
        reading.judge(cells.text, cells.text.rows(), day_of_text)
    if cells.number is not None:
        reading.judge(cells.number, cells.number.rows(), day_of_number)
    if cells.moment is not None:
        _read_moments(reading, cells.moment)
    if cells.boolean is not None:
        reading.refuse(Kind.NOT_A_DATE, cells.boolean.rows())
    return reading


def _read_moments(reading: Reading, part: Part) -> None:
    """Read real dates: date32, or timestamps at midnight."""
    if pa.types.is_date32(part.cells.type):
        days = stored(part.cells, np.int32).astype(np.int64)
    else:
        ticks = stored(part.cells, np.int64)
        of_a_day = _TICKS_OF_A_DAY[part.cells.type.unit]
        days = ticks // of_a_day
        timed = part.filled & (days * of_a_day != ticks)
        reading.refuse(Kind.TIME_OF_DAY, np.flatnonzero(timed))
        part = Part(part.cells, part.filled & ~timed)
    near = (days >= FIRST_DAY) & (days <= LAST_DAY)
    reading.accept(part.filled & near, days)
    reading.refuse(Kind.OUT_OF_RANGE, np.flatnonzero(part.filled & ~near))
