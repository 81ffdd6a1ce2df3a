"""A table as it was read, before anybody has said what its cells mean.

Every reader (workbook, CSV, Parquet, DataFrame) brings its table into this one shape, so that what
is accepted in a cell is decided in one place, `values`, for all of them.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from compensation.arrays import arrow, days, moments, texts
from compensation.faults.groups import FaultGroup
from compensation.money import Flags

Locate = Callable[[npt.NDArray[np.int64]], npt.NDArray[np.int64]]


def count_from_one(rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Number rows 1, 2, …, as Parquet files and DataFrames are numbered."""
    return rows + 1


class RawColumn(NamedTuple):
    """One column as it was read; each row is filled in at most one of the parts, all of one length.

    `text`: string. `number`: int64, uint64, float or decimal, of any width. `moment`: date32 or
    timestamp without time zone. `boolean`: bool. A part is None where no row uses it. A row that is
    null in every part is blank; so is a text of nothing but blanks. `unit`: what the heading of the
    group of columns above it names, in yuan; None if there is none. `words`: a column of texts of
    which there are few, in place of all parts.
    """

    heading: str
    text: pa.Array | None = None
    number: pa.Array | None = None
    moment: pa.Array | None = None
    boolean: pa.Array | None = None
    unit: int | None = None
    words: pa.DictionaryArray | None = None

    def mapped(self, change: Callable[[pa.Array], pa.Array]) -> RawColumn:
        """Return the column with each of its parts changed."""
        parts = (self.text, self.number, self.moment, self.boolean, self.words)
        text, number, moment, boolean, words = (None if p is None else change(p) for p in parts)
        return RawColumn(self.heading, text, number, moment, boolean, self.unit, words)

    def spelled_out(self) -> RawColumn:
        """Return the column with its words as texts."""
        if self.words is None:
            return self
        return self._replace(text=self.words.dictionary_decode(), words=None)


class RawTable(NamedTuple):
    """One table as it was read.

    `name`: the table's name in the dictionary. `rows`: how many records. `unit`: what one unit of
    a money column without a unit of its own is worth in yuan (1, or 10,000 with a line such as
    单位:万元). `locate`: turns positions (0, 1, …) into the row numbers of the file. `source`: the
    file or sheet, for messages. `unread`: faults of columns that nobody has looked at yet.
    `warnings`: what is worth a look about the table as it was read, such as hidden rows. `asked`:
    faults of headings that count unless a policy declares a column with the heading. `worded`: the
    headings that were read because they are other words for a column, and its name.
    """

    name: str
    columns: tuple[RawColumn, ...]
    rows: int
    unit: int = 1
    locate: Locate = count_from_one
    source: str = ""
    unread: tuple[FaultGroup, ...] = ()
    warnings: tuple[FaultGroup, ...] = ()
    asked: tuple[FaultGroup, ...] = ()
    worded: tuple[tuple[str, str], ...] = ()


def whole_array(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return a column in one piece; text beyond the reach of 32-bit offsets is large_string."""
    if isinstance(column, pa.Array):
        return column
    if pa.types.is_dictionary(column.type):  # Arrow cannot join all kinds of dictionaries
        chunks = [decoded(chunk) for chunk in column.chunks]
        column = pa.chunked_array(chunks, decoded(pa.nulls(0, column.type)).type)
    if column.num_chunks == 1:  # Arrow would copy it
        return column.chunk(0)
    if column.type == pa.string() and column.nbytes >= 2**31:  # pragma: no cover - two gigabytes
        column = column.cast(pa.large_string())
    return column.combine_chunks()


def decoded(values: pa.Array) -> pa.Array:
    """Return a column of categories as what they name; any other column as it is."""
    while pa.types.is_dictionary(values.type):
        words = values.dictionary
        if pa.types.is_string_view(words.type):  # Arrow cannot take from views
            words = words.cast(pa.large_string())
        values = words.take(values.indices)
    return values


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

    def part(name: str, kind: pa.DataType) -> pa.Array | None:
        own = {of: make for of, (where, make) in kinds.items() if where == name}
        if not own or (own.keys() == {str} and not any(c for c in cells if type(c) is str)):
            return None
        whole = own.keys() == kinds.keys()
        mine = None
        if not whole:
            mine = np.fromiter(map(own.__contains__, map(type, cells)), np.bool_, len(cells))
        return _array_of(cells, own, mine, kind)

    return RawColumn(
        heading,
        part("text", pa.string()),
        part("number", pa.float64()),
        part("moment", pa.timestamp("us")),
        part("boolean", pa.bool_()),
    )


def _array_of(
    cells: Sequence[Any],
    own: Mapping[type, Callable[[Any], object] | None],
    mine: Flags | None,
    kind: pa.DataType,
) -> pa.Array:
    """Return the cells of some types as an array, null where they are not ``mine``.

    `own`: the types, and what makes of a cell what the array holds. What a sheet's parser gives
    goes a way that needs no pandas.
    """
    if own.keys() == {str}:
        if mine is None:
            return texts(cells)
        return texts([cell if type(cell) is str else None for cell in cells])
    for of, blank, array in _PLAIN:
        if own.keys() == {of}:
            return array(
                cells if mine is None else [c if type(c) is of else blank for c in cells], mine
            )
    if datetime.date in own:
        own = {**own, datetime.date: _midnight}
    values = [
        None if type(cell) not in own else cell if (make := own[type(cell)]) is None else make(cell)
        for cell in cells
    ]
    return pa.array(values, kind, from_pandas=False)


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime(day.year, day.month, day.day)  # noqa: DTZ001


def _moments(cells: Sequence[datetime.datetime], mine: Flags | None) -> pa.Array:
    return moments([c if c.tzinfo is None else c.replace(tzinfo=None) for c in cells], mine)


def _of_numpy(kind: npt.DTypeLike) -> Callable[[Sequence[Any], Flags | None], pa.Array]:
    return lambda cells, mine: arrow(np.fromiter(cells, kind, len(cells)), mine)


_PLAIN: tuple[tuple[type, Any, Callable[[Sequence[Any], Flags | None], pa.Array]], ...] = (
    (float, 0.0, _of_numpy(np.float64)),
    (bool, False, _of_numpy(np.bool_)),
    (datetime.date, datetime.date.min, days),
    (datetime.datetime, _midnight(datetime.date.min), _moments),
)
"""Types of which nothing has to be made first: what stands for a null, and how a column is made."""
