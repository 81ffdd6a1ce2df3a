"""Columns of every type, in frames and Parquet files: read as they are, or refused by a fault."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from compensation.readers.frames import raw_of_frame
from compensation.readers.parquet import open_parquet
from compensation.schema.dictionary import CONTRACTS
from tests.ledger.input_files import kinds, records

DAY = datetime.date(2022, 3, 1)


def categories(cells: list[Any], kind: pa.DataType) -> pa.Array:
    places = pa.array([0, None], pa.int8())
    return pa.DictionaryArray.from_arrays(places, pa.array(cells, kind))


# The column, and the cell that it holds in its first row; the second is blank.
READ: list[tuple[pa.Array, object]] = [
    (categories(["农户"], pa.string()), "农户"),
    (categories(["农户"], pa.large_string()), "农户"),
    (categories(["农户"], pa.string_view()), "农户"),
    (categories([5], pa.int64()), 5),
    (categories([1.5], pa.float32()), 1.5),
    (categories([DAY], pa.date32()), DAY),
    (categories([Decimal("1.50")], pa.decimal128(9, 2)), Decimal("1.50")),
    (pa.array([Decimal("1.50"), None], pa.decimal32(9, 2)), Decimal("1.50")),
    (pa.array([Decimal("1.50"), None], pa.decimal64(18, 2)), Decimal("1.50")),
    (pa.array([Decimal("1.50"), None], pa.decimal256(76, 2)), Decimal("1.50")),
    (pa.array([2**64 - 1, None], pa.uint64()), 2**64 - 1),
    (pa.array([1.5, None], pa.float16()), 1.5),
    (pa.array(["农户", None], pa.string_view()), "农户"),
    (pa.nulls(2), None),
]
REFUSED: list[pa.Array] = [
    categories([b"K1"], pa.binary()),
    pa.array([b"K1", None]),
    pa.array([b"K1", None], pa.binary_view()),
    pa.array([b"K1", None], pa.large_binary()),
    pa.array([b"K1", None], pa.binary(2)),
    pa.array([["K1"], None]),
    pa.array([["K1"], None], pa.list_view(pa.string())),
    pa.array([["K1"], None], pa.list_(pa.string(), 1)),
    pa.array([{"a": 1}, None]),
    pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int64())),
    pa.array([1, None], pa.duration("s")),
    pa.array([1, None], pa.time32("s")),
    pa.array([1, None], pa.time64("us")),
    pa.RunEndEncodedArray.from_arrays([1, 2], [5, 6]),
    pa.array([b"0" * 16, None], pa.uuid()),
]


@pytest.mark.parametrize(("column", "held"), READ, ids=lambda case: str(getattr(case, "type", "")))
def test_a_type_that_is_read(column: pa.Array, held: object) -> None:
    whole = pa.table({"备注": column})
    in_chunks = pa.concat_tables([whole, whole])
    for frame, times in ((whole, 1), (in_chunks, 2)):
        raw, faults = raw_of_frame(frame, CONTRACTS)
        assert not faults
        assert records(raw) == [[held], [None]] * times


@pytest.mark.parametrize("column", REFUSED, ids=lambda column: str(column.type))
def test_a_type_that_is_refused(column: pa.Array, tmp_path: Path) -> None:
    frame = pa.table({"担保金额": column})
    raw, faults = raw_of_frame(frame, CONTRACTS)
    assert kinds(faults) == ["column_type"]
    assert faults[0].column == "guaranteed_amount"
    assert raw is not None
    assert raw.columns == ()
    try:
        pq.write_table(frame, tmp_path / "contracts.parquet")
    except pa.ArrowException:  # Parquet has no such type either
        return
    _, faults = open_parquet(tmp_path / "contracts.parquet", CONTRACTS)
    assert kinds(faults) == ["column_type"]


POLARS: list[tuple[str, list[Any], object]] = [
    ("Categorical", ["农户", None], "农户"),
    ("Enum(['农户'])", ["农户", None], "农户"),
    ("String", ["农户", None], "农户"),
    ("UInt64", [2**64 - 1, None], 2**64 - 1),
    ("Decimal(20, 2)", [Decimal("1.50"), None], Decimal("1.50")),
    ("Float32", [1.5, None], 1.5),
    ("Date", [DAY, None], DAY),
    ("Null", [None, None], None),
    ("Int128", [5, None], "column_type"),
    ("Binary", [b"K1", None], "column_type"),
    ("Duration", [datetime.timedelta(1), None], "column_type"),
    ("Time", [datetime.time(1), None], "column_type"),
    ("List(Int64)", [[1], None], "column_type"),
    ("Struct({'a': Int64})", [{"a": 1}, None], "column_type"),
    ("Object", [object(), None], "column_type"),
]


@pytest.mark.parametrize(("name", "cells", "held"), POLARS)
def test_columns_of_polars(name: str, cells: list[Any], held: object) -> None:
    pl = pytest.importorskip("polars")
    kind = eval(name, dict(vars(pl)))
    frame = pl.DataFrame({"合同编号": ["K1", "K2"], "备注": pl.Series(cells, dtype=kind)})
    raw, faults = raw_of_frame(frame, CONTRACTS)
    if held == "column_type":
        assert kinds(faults) == ["column_type"]
        assert records(raw) == [["K1"], ["K2"]]
    else:
        assert not faults
        assert records(raw) == [["K1", held], ["K2", None]]
        together = pl.concat([frame, frame], rechunk=False)
        assert records(raw_of_frame(together, CONTRACTS)[0]) == records(raw) * 2


@pytest.mark.parametrize(
    "cells",
    [
        [b"K1", None],
        [["K1"], None],
        [{"a": 1}, None],
        [("K1",), None],
        [1j, None],
    ],
    ids=str,
)
def test_objects_that_are_no_cells(cells: list[Any]) -> None:
    frame = pd.DataFrame({"合同编号": pd.Series(cells, dtype=object)})
    _, faults = raw_of_frame(frame, CONTRACTS)
    assert kinds(faults) == ["column_type"]


class Broken:
    """A frame whose stream cannot be read, of which nothing else is known."""

    def __arrow_c_stream__(self, schema: object = None) -> object:
        del schema
        raise pa.ArrowInvalid("no such type")


def test_a_frame_that_cannot_be_read_is_a_fault() -> None:
    raw, faults = raw_of_frame(Broken(), CONTRACTS)
    assert raw is None
    assert kinds(faults) == ["not_a_frame"]
