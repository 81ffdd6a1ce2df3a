"""Floats of 32 and 16 bits: the number that they must stand for, or a fault."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation import InputFaults, assess_files, portfolio_of_frames, read_portfolio
from compensation.schema.column import Column
from tests.ledger.one_column import BOOLEAN, CHOICE, COUNT, DATE, MONEY, SHARE, TEXT, meaning
from tests.ledger.test_accepted_forms import TABLES

LOST = "float_precision"
NARROW: list[tuple[Column, str, float, Any]] = [
    (MONEY, "float32", 0, 0),
    (MONEY, "float32", 19_000, 1_900_000),
    (MONEY, "float32", 1000.01, 100_001),
    (MONEY, "float32", 131_071.99, 13_107_199),
    (MONEY, "float32", 131_072, LOST),  # may be 131,072.01: from here on floats are 1/64 apart
    (MONEY, "float32", 20_000.01, 2_000_001),
    (MONEY, "float32", 123_456_789, LOST),
    (MONEY, "float32", 0.005, "too_many_decimals"),
    (MONEY, "float32", -1, "negative"),
    (MONEY, "float32", float("nan"), "not_finite"),
    (MONEY, "float32", float("inf"), "not_finite"),
    (MONEY, "float16", 15.99, 1_599),
    (MONEY, "float16", 16, LOST),
    (COUNT, "float32", 16_777_215, 16_777_215),
    (COUNT, "float32", 16_777_216, LOST),
    (COUNT, "float32", 1.5, "not_whole"),
    (COUNT, "float16", 2_047, 2_047),
    (COUNT, "float16", 2_048, LOST),
    (SHARE, "float32", 0.4, 400_000),
    (SHARE, "float32", 0.333333, 333_333),
    (SHARE, "float32", 1, 1_000_000),
    (SHARE, "float32", 1 / 3, "too_many_decimals"),
    (SHARE, "float32", 40, "out_of_range"),
    (SHARE, "float16", 0.4, LOST),
    (TEXT, "float32", 16_777_215, "16777215"),
    (TEXT, "float32", 16_777_216, LOST),
    (TEXT, "float32", 20_220_315, LOST),
    (TEXT, "float32", 1.5, LOST),
    (TEXT, "float16", 2_047, "2047"),
    (TEXT, "float16", 2_048, LOST),
    (DATE, "float32", 20_220_301, LOST),
    (DATE, "float32", 44_621, "bare_serial"),
    (BOOLEAN, "float32", 1, True),
    (BOOLEAN, "float16", 0.5, "not_boolean"),
    (CHOICE, "float32", 1, "unknown_choice"),
]


@pytest.mark.parametrize(("column", "width", "number", "expected"), NARROW)
def test_a_narrow_float(column: Column, width: str, number: float, expected: Any) -> None:
    with np.errstate(all="ignore"):
        cells = pa.array(np.array([number, 0.0], width), mask=np.array([False, True]))
    (first, second) = meaning(column, number=cells).verdicts()
    assert first == expected
    assert second is None


@given(st.lists(st.integers(0, 10**11), min_size=1), st.sampled_from(["float32", "float16"]))
def test_an_amount_in_a_narrow_float_is_that_amount_or_a_fault(fen: list[int], width: str) -> None:
    with np.errstate(all="ignore"):
        cells = pa.array((np.array(fen) / 100).astype(width))
    for amount, read in zip(fen, meaning(MONEY, number=cells).verdicts(), strict=True):
        assert read in (amount, LOST, "not_finite")


@given(st.lists(st.integers(0, 10**6), min_size=1))
def test_a_share_in_a_narrow_float_is_that_share(millionths: list[int]) -> None:
    cells = pa.array((np.array(millionths) / 10**6).astype("float32"))
    assert meaning(SHARE, number=cells).verdicts() == millionths


def test_the_cell_is_shown_as_its_type_shows_it() -> None:
    outcome = meaning(MONEY, number=pa.array(np.array([131_072.4, 0.015], "float32")))
    shown = [group.take(0, 1)[0].value for group in outcome.groups]
    assert shown == ["131072.4", "0.015"]


def frames(principal: Any, contract: Any = "K1") -> dict[str, pd.DataFrame]:
    tables = {name: pd.DataFrame([cells], dtype=object) for name, cells in TABLES.items()}
    tables["claims"]["代偿本金"] = principal
    tables["claims"]["合同编号"] = contract
    tables["contracts"]["合同编号"] = "20220315" if contract != "K1" else "K1"
    return tables


def kinds_of(read: Any) -> list[tuple[str, str | None]]:
    with pytest.raises(InputFaults) as caught:
        read()
    return [(fault.kind, fault.column) for fault in caught.value.faults]


LARGE = np.array([123_456_789], "float32")


@pytest.mark.parametrize(
    "claims",
    [
        lambda frame: frame,
        lambda frame: frame.astype({"代偿本金": pd.ArrowDtype(pa.float32())}),
        lambda frame: frame.astype({"代偿本金": "Float32"}),
        lambda frame: frame.assign(代偿本金=pd.Series([LARGE[0]], dtype=object)),
        lambda frame: frame.astype({"代偿本金": "category"}),
        pa.Table.from_pandas,
        lambda frame: pytest.importorskip("polars").from_arrow(pa.Table.from_pandas(frame)),
    ],
    ids=["pandas", "pandas on Arrow", "nullable", "objects", "category", "Arrow", "polars"],
)
def test_every_frame_says_what_a_narrow_float_lost(claims: Any) -> None:
    tables = frames(LARGE)
    given = {**tables, "claims": claims(tables["claims"])}
    assert kinds_of(lambda: portfolio_of_frames(**given)) == [(LOST, "principal")]


def test_parquet_says_what_a_narrow_float_lost(tmp_path: Path) -> None:
    for name, frame in frames(LARGE, np.array([20_220_315], "float32")).items():
        pq.write_table(pa.Table.from_pandas(frame), tmp_path / f"{name}.parquet")
    found = kinds_of(lambda: read_portfolio(tmp_path))
    assert (LOST, "principal") in found
    assert (LOST, "contract_id") in found


@pytest.mark.parametrize(("amount", "doubtful"), [(20_000.0, False), (LARGE, True)])
def test_floats_of_two_widths_in_the_files_of_one_table(
    amount: float, doubtful: bool, tmp_path: Path
) -> None:
    """Each file is judged by its own width."""
    for name, frame in frames(amount).items():
        (tmp_path / f"{name}.parquet").mkdir()
        for width in ("float32", "float64"):
            if name == "claims":
                frame["代偿本金"] = frame["代偿本金"].astype(width)
            path = tmp_path / f"{name}.parquet" / f"{width}.parquet"
            if name == "claims" or width == "float32":
                pq.write_table(pa.Table.from_pandas(frame), path)
    for run in (read_portfolio, lambda path: assess_files(path, "jiyuan-2022", 2022)):
        found = kinds_of(lambda run=run: run(tmp_path))
        assert ((LOST, "principal") in found) == doubtful
        assert ("duplicate", "claim_id") in found
