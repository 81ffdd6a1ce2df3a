"""Columns of Parquet files and DataFrames, of every type that can hold a cell."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from compensation.readers.frames import raw_of_frame
from compensation.readers.parquet import open_parquet
from compensation.schema.dictionary import CONTRACTS, RELEASES
from tests.ledger.input_files import (
    file_rows,
    records,
    whole,
)

DAY = datetime.date(2022, 3, 1)


def arrow_table() -> tuple[pa.Table, list[list[object]]]:
    """Return a table with a column of every type that a cell may have, and what it holds."""
    midnight = datetime.datetime(2022, 3, 1)  # noqa: DTZ001
    columns: dict[str, tuple[pa.Array, list[object]]] = {
        "text": (pa.array(["a", None]), ["a", None]),
        "large": (pa.array(["a", ""], pa.large_string()), ["a", None]),
        "view": (pa.array(["a", None], pa.string_view()), ["a", None]),
        "dictionary": (pa.array(["a", None]).dictionary_encode(), ["a", None]),
        "numbers": (pa.array([5, None]).dictionary_encode(), [5, None]),
        "small": (pa.array([5, None], pa.int8()), [5, None]),
        "unsigned": (pa.array([2**63, None], pa.uint64()), [2**63, None]),
        "half": (pa.array([0.5, None], pa.float32()), [0.5, None]),
        "decimal": (
            pa.array([Decimal("1.50"), None], pa.decimal128(18, 2)),
            [Decimal("1.5"), None],
        ),
        "boolean": (pa.array([False, None]), [False, None]),
        "day": (pa.array([DAY, None]), [DAY, None]),
        "day64": (pa.array([DAY, None], pa.date64()), [DAY, None]),
        "moment": (pa.array([midnight, None], pa.timestamp("ns")), [DAY, None]),
        "zone": (
            # Midnight in China is the evening before in UTC.
            pa.array([midnight - datetime.timedelta(hours=8), None], pa.timestamp("s", "UTC")).cast(
                pa.timestamp("s", "Asia/Shanghai")
            ),
            [DAY, None],
        ),
        "nothing": (pa.nulls(2), [None, None]),
    }
    content = pa.table([values for values, _ in columns.values()], list(columns))
    rows = [list(row) for row in zip(*(held for _, held in columns.values()), strict=True)]
    return content, rows


def test_every_type_of_parquet_column_is_read(tmp_path: Path) -> None:
    content, rows = arrow_table()
    path = tmp_path / "contracts.parquet"
    pq.write_table(content, path)
    raw, faults = whole(open_parquet(path, CONTRACTS), CONTRACTS)
    assert not faults
    assert records(raw) == rows
    assert raw is not None
    assert raw.source == "contracts.parquet"


class Stream:
    """A frame of some other library: all it has is the Arrow stream."""

    def __init__(self, content: pa.Table) -> None:
        self.content = content

    def __arrow_c_stream__(self, schema: object = None) -> object:
        return self.content.__arrow_c_stream__(schema)


def test_arrow_tables_and_streams_are_read_alike() -> None:
    content, rows = arrow_table()
    chunked = pa.concat_tables([content.slice(0, 1), content.slice(1)])
    for frame in (content, chunked, Stream(content), Stream(chunked)):
        raw, faults = raw_of_frame(frame, CONTRACTS)
        assert not faults
        assert records(raw) == rows


PANDAS_COLUMNS: dict[str, tuple[pd.Series[Any], list[object]]] = {
    "float": (pd.Series([1.5, np.nan]), [1.5, None]),
    "single": (pd.Series([1.5, np.nan], dtype="float32"), [1.5, None]),
    "integer": (pd.Series([1, 2], dtype="int16"), [1, 2]),
    "nullable": (pd.Series([1, None], dtype="Int64"), [1, None]),
    "nullable float": (pd.Series([1.5, None], dtype="Float64"), [1.5, None]),
    "boolean": (pd.Series([True, False]), [True, False]),
    "nullable boolean": (pd.Series([True, None], dtype="boolean"), [True, None]),
    "string": (pd.Series(["a", None], dtype="str"), ["a", None]),
    "python string": (pd.Series(["a", None], dtype="string"), ["a", None]),
    "arrow string": (pd.Series(["a", None], dtype=pd.ArrowDtype(pa.string())), ["a", None]),
    "arrow decimal": (
        pd.Series([Decimal("1.50"), None], dtype=pd.ArrowDtype(pa.decimal128(18, 2))),
        [Decimal("1.5"), None],
    ),
    "arrow day": (pd.Series([DAY, None], dtype=pd.ArrowDtype(pa.date32())), [DAY, None]),
    "moment": (pd.Series([pd.Timestamp(DAY), pd.NaT]), [DAY, None]),
    "zone": (pd.Series([pd.Timestamp(DAY, tz="Asia/Shanghai"), pd.NaT]), [DAY, None]),
    "category": (pd.Series(["a", None], dtype="category"), ["a", None]),
    "number category": (pd.Series([1.5, None], dtype="category"), [1.5, None]),
    "mixed category": (pd.Series(["a", 1.5], dtype="category"), ["a", 1.5]),
    "objects": (pd.Series(["a", 1.5], dtype=object), ["a", 1.5]),
    "blanks": (pd.Series([None, pd.NA], dtype=object), [None, None]),
    "more blanks": (pd.Series([float("nan"), pd.NaT], dtype=object), [None, None]),
    "decimals": (pd.Series([Decimal("1.50"), Decimal("NaN")], dtype=object), ["1.50", "NaN"]),
    "days": (pd.Series([DAY, pd.Timestamp(DAY)], dtype=object), [DAY, DAY]),
    "numbers": (pd.Series([2**70, np.int8(3)], dtype=object), [str(2**70), "3"]),
    "numpy": (pd.Series([np.float64(1.5), np.bool_(True)], dtype=object), [1.5, True]),
}


@pytest.mark.parametrize("what", PANDAS_COLUMNS)
def test_every_type_of_pandas_column_is_read(what: str) -> None:
    series, held = PANDAS_COLUMNS[what]
    frame = pd.DataFrame({"contract_id": ["C1", "C2"], "备注": series})
    frame.index = pd.Index([7, 7])
    raw, faults = raw_of_frame(frame, CONTRACTS)
    assert not faults
    assert records(raw) == [["C1", held[0]], ["C2", held[1]]]
    assert file_rows(raw) == [1, 2]


def test_infinity_and_the_nan_of_arrow_are_left_to_be_judged() -> None:
    frame = pd.DataFrame({"amount": [float("inf"), 1.0]})
    raw, _ = raw_of_frame(frame, RELEASES)
    assert records(raw) == [[float("inf")], [1.0]]
    raw, _ = raw_of_frame(pa.table({"amount": [float("nan"), 1.0]}), RELEASES)
    assert raw is not None
    assert raw.columns[0].number is not None
    assert raw.columns[0].number.null_count == 0
