"""A table as it was read, before anybody has said what its cells mean.

Every reader (workbook, CSV, Parquet, DataFrame) brings its table into this one shape, so that what
is accepted in a cell is decided in one place, `values`, for all of them.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Locate = Callable[[npt.NDArray[np.int64]], npt.NDArray[np.int64]]


def count_from_one(rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Number rows 1, 2, …, as Parquet files and DataFrames are numbered."""
    return rows + 1


@dataclass(frozen=True)
class RawColumn:
    """One column as it was read; each row is filled in at most one of the parts, all of one length.

    `text`: string. `number`: int64, uint64, float64 or decimal. `moment`: date32 or timestamp
    without time zone. `boolean`: bool. A part is None where no row uses it. A row that is null in
    every part is blank; so is a text of nothing but blanks.
    """

    heading: str
    text: pa.Array | None = None
    number: pa.Array | None = None
    moment: pa.Array | None = None
    boolean: pa.Array | None = None


@dataclass(frozen=True)
class RawTable:
    """One table as it was read.

    `name`: the table's name in the dictionary. `rows`: how many records. `unit`: what one unit of
    a money column without a unit of its own is worth in yuan (1, or 10,000 after a line such as
    单位:万元). `locate`: turns positions (0, 1, …) into the row numbers of the file. `source`: the
    file or sheet, for messages.
    """

    name: str
    columns: tuple[RawColumn, ...]
    rows: int
    unit: int = 1
    locate: Locate = count_from_one
    source: str = ""


def whole_array(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return a column in one piece; text beyond the reach of 32-bit offsets is large_string."""
    if isinstance(column, pa.Array):
        return column
    if column.type == pa.string() and column.nbytes >= 2**31:
        column = column.cast(pa.large_string())
    return column.combine_chunks()


def _part_of(kind: type) -> tuple[str, Callable[[Any], object] | None]:
    """Return the part of a column that cells of a Python type go to, and how they get there."""
    if kind is type(None):
        return "blank", None
    if issubclass(kind, str):
        return "text", None
    if issubclass(kind, bool | np.bool_):
        return "boolean", None if kind is bool else bool
    if issubclass(kind, float | np.floating):
        return "number", None if kind is float else float
    if issubclass(kind, Decimal):
        return "text", lambda cell: format(cell, "f")
    if issubclass(kind, datetime.datetime):
        return "moment", lambda cell: cell.replace(tzinfo=None)
    if issubclass(kind, datetime.date):
        return "moment", None
    return "text", str


def column_of_cells(heading: str, cells: Sequence[object]) -> RawColumn:
    """Sort cells of mixed Python types (a sheet's, an object column's) into the parts of a column.

    Decimals and integers go to `text`, digit for digit; only binary floats go to `number`. NaN
    stays a number: it is a fault, not a blank. A kind of value that no cell can hold is kept as
    its text, which then fails as what it is.
    """
    # A column has a handful of types: look at each type once, not at each cell.
    kinds = {kind: _part_of(kind) for kind in set(map(type, cells))}

    def part(name: str, arrow: pa.DataType) -> pa.Array | None:
        own = {kind: make for kind, (where, make) in kinds.items() if where == name}
        if not own:
            return None
        if own.keys() == {str} and not any(cell for cell in cells if type(cell) is str):
            return None
        if own.keys() == {datetime.date}:
            arrow = pa.date32()
        elif datetime.date in own:
            own[datetime.date] = lambda day: datetime.datetime(day.year, day.month, day.day)  # noqa: DTZ001
        if any(own.values()):
            makes = {kind: make or (lambda cell: cell) for kind, make in own.items()}
            values = [makes[type(cell)](cell) if type(cell) in makes else None for cell in cells]
        elif own.keys() == kinds.keys():
            return pa.array(cells, arrow, from_pandas=False)
        else:
            values = [cell if type(cell) in own else None for cell in cells]
        return pa.array(values, arrow, from_pandas=False)

    return RawColumn(
        heading,
        part("text", pa.string()),
        part("number", pa.float64()),
        part("moment", pa.timestamp("us")),
        part("boolean", pa.bool_()),
    )
