"""DataFrames: pandas, Arrow tables, and whatever hands itself over as an Arrow stream.

Kinds of fault: ``not_a_frame``, ``label_not_text``, ``column_type``.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from compensation.faults.groups import FaultGroup, whole
from compensation.language import Text
from compensation.readers.parquet import column_type, raw_of_array, raw_of_arrow
from compensation.schema.dictionary import Table
from compensation.tables.raw import RawColumn, RawTable, column_of_cells, whole_array

if TYPE_CHECKING:
    import pandas as pd

SOURCE = "DataFrame"
_NO_CELLS = frozenset({bytes, bytearray, list, tuple, dict, set, frozenset, complex, np.ndarray})
"""Types of Python objects that stand for no cell: read as texts they could pass for ids."""


def raw_of_frame(frame: object, table: Table) -> tuple[RawTable | None, list[FaultGroup]]:
    """Return the table that a DataFrame holds and what is wrong with it.

    ``frame``: a pandas DataFrame, a pyarrow Table, or anything that has ``__arrow_c_stream__``
    (polars, DuckDB, ...); a lazy frame of polars is collected. A named level of a pandas index is a
    column; an index without a name is none. What pandas calls missing, NaN too, is a blank. In
    Arrow a null is one, and NaN is a fault.
    """
    # pandas takes half a second to import, and only frames need it.
    import pandas as pd

    if isinstance(frame, pd.DataFrame):
        return _raw_of_pandas(frame, table)
    if isinstance(frame, pa.Table):
        return raw_of_arrow(frame, table, SOURCE)
    if hasattr(frame, "collect_schema") and hasattr(frame, "collect"):
        frame = frame.collect()
    if hasattr(frame, "__arrow_c_stream__"):
        return _raw_of_stream(frame, table)
    message = Text(
        "不是 DataFrame，也不是 Arrow 表", "this is neither a DataFrame nor an Arrow table"
    )
    return None, [whole("not_a_frame", message, table=table.name, value=type(frame).__name__)]


def _raw_of_stream(frame: Any, table: Table) -> tuple[RawTable | None, list[FaultGroup]]:
    """Return what a frame hands over, column by column where it holds a type that Arrow lacks."""
    try:
        return raw_of_arrow(_content(frame), table, SOURCE)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        names = getattr(frame, "columns", None)
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            message = Text("这张表无法读取", "the table cannot be read")
            return None, [whole("not_a_frame", message, table=table.name, value=str(error))]
    taken: dict[str, pa.ChunkedArray] = {}
    faults: list[FaultGroup] = []
    for name in names:
        try:
            taken[name] = _content(frame[[name]]).column(0)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            faults.append(column_type(name, str(frame[name].dtype), table))
    raw, found = raw_of_arrow(pa.table(taken), table, SOURCE)
    return raw, [*faults, *found]


def _content(frame: Any) -> pa.Table:
    return pa.RecordBatchReader.from_stream(frame).read_all()


def _raw_of_pandas(frame: pd.DataFrame, table: Table) -> tuple[RawTable, list[FaultGroup]]:
    columns: list[RawColumn] = []
    faults: list[FaultGroup] = []
    for label, series in _labelled(frame):
        if not isinstance(label, str):
            message = Text("列名不是文本", "the label of a column is not text")
            faults.append(whole("label_not_text", message, table=table.name, value=repr(label)))
            continue
        try:
            columns.append(_column(label, series))
        except (pa.ArrowException, ValueError, TypeError, OverflowError):
            faults.append(column_type(label, str(series.dtype), table))
    return RawTable(table.name, tuple(columns), len(frame), source=SOURCE), faults


def _labelled(frame: pd.DataFrame) -> Iterator[tuple[Any, pd.Series[Any]]]:
    """Yield the columns of a frame with their labels: first the levels of the index with names.

    A level that is a column as well, as `set_index(drop=False)` leaves it, is one column.
    """
    for place, name in enumerate(frame.index.names):
        if name is not None and name not in frame.columns:
            yield name, frame.index.get_level_values(place).to_series()
    for place, label in enumerate(frame.columns):
        yield label, frame.iloc[:, place]


def _column(label: str, series: pd.Series[Any]) -> RawColumn:
    """Return one column; raises what Arrow raises where its type is none that a cell has."""
    if series.dtype != object:
        try:
            values = pa.array(series.array, from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            # Categories of mixed types: look at the cells one by one.
            series = series.astype(object)
        else:
            return raw_of_array(label, whole_array(values))
    missing = series.isna().to_numpy()
    cells = [
        None if blank and not isinstance(cell, Decimal) else cell
        for cell, blank in zip(series.array, missing, strict=True)
    ]
    kinds = set(map(type, cells))
    if not kinds.isdisjoint(_NO_CELLS):
        raise TypeError(series.dtype)
    narrow = kinds & {np.float32, np.float16}
    if narrow:
        if len(narrow) > 1 or any(issubclass(kind, float | np.float64) for kind in kinds):
            raise TypeError(series.dtype)
        own = tuple(narrow)
        others = column_of_cells(label, [None if type(c) in own else c for c in cells])
        return others._replace(number=pa.array([c if type(c) in own else None for c in cells]))
    return column_of_cells(label, cells)
