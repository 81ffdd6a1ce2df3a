"""Columns that nobody knows: what cannot be read in them counts only where a policy looks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from compensation import InputFaults, assess, portfolio_of_frames, read_portfolio
from compensation.assessment import Assessment
from compensation.streaming import assess_files
from tests.assessing import EXAMPLES, read_rows

ROOT = Path(__file__).parent.parent.parent
WORKBOOK = ROOT / "examples" / "jiyuan-2022.xlsx"
OWN = ROOT / "examples" / "own-policy.toml"
"""Tests 申报日期, a column of its own in claims."""
HEADING_ROW = 3


def edited(path: Path, columns: dict[str, str], cell: object, row: int = HEADING_ROW + 1) -> Path:
    """The example with one cell of columns changed, by sheet; one is added if it is not there."""
    workbook = openpyxl.load_workbook(WORKBOOK)
    for sheet, heading in columns.items():
        on = workbook[sheet]
        headings = [on.cell(HEADING_ROW, place).value for place in range(1, on.max_column + 1)]
        place = headings.index(heading) + 1 if heading in headings else on.max_column + 1
        on.cell(HEADING_ROW, place, heading)
        on.cell(row, place, cell)
    workbook.save(path)
    return path


def in_two_steps(path: Path, policy: str | Path, year: int) -> Assessment:
    return assess(read_portfolio(path), policy, year)


WAYS = pytest.mark.parametrize("way", [assess_files, in_two_steps])
Way = Callable[[Path, str | Path, int], Assessment]


@pytest.fixture(scope="module")
def expected() -> Assessment:
    return assess_files(WORKBOOK, "jiyuan-2022", 2022)


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["#N/A", "=VLOOKUP(A1,B:C,2,FALSE)"])
def test_what_cannot_be_read_in_a_column_of_remarks_refuses_nothing(
    cell: str, expected: Assessment, tmp_path: Path
) -> None:
    remarks = {"担保合同": "备注", "追偿": "摘要", "机构": "联系人"}
    path = edited(tmp_path / "a.xlsx", remarks, cell)
    for way in (assess_files, in_two_steps):
        result = way(path, "jiyuan-2022", 2022)
        assert result.tables["claims"] == expected.tables["claims"]
        assert result.summary["input_digest"] == expected.summary["input_digest"]


@pytest.mark.slow
@WAYS
def test_in_a_column_that_the_policy_tests_it_is_a_fault(way: Way, tmp_path: Path) -> None:
    path = edited(tmp_path / "a.xlsx", {"代偿": "申报日期"}, "#N/A", row=HEADING_ROW + 2)
    with pytest.raises(InputFaults) as error:
        way(path, OWN, 2022)
    unread = [fault for fault in error.value.faults if fault.kind == "error_cell"]
    assert [(f.table, f.row, f.column) for f in unread] == [("claims", 5, "filing_date")]
    # The other cells of the column are blank, that one is not.
    assert 5 not in [fault.row for fault in error.value.faults if fault.kind == "blank"]
    assert way(path, "jiyuan-2022", 2022).tables["claims"].num_rows


def parquet_example(folder: Path, table: str, heading: str, cells: pa.DataType) -> Path:
    """An example as Parquet files, one of them with a column of a type that no cell has."""
    folder.mkdir()
    for source in (EXAMPLES / "seed-1" / "input").glob("*.csv"):
        rows = read_rows(source)
        content = pa.table(pd.DataFrame(rows, dtype=str)) if rows else None
        if content is not None and source.stem == table:
            content = content.append_column(heading, pa.nulls(len(rows), cells))
        if content is not None:
            pq.write_table(content, folder / f"{source.stem}.parquet")
    return folder


LISTS = pa.list_(pa.string())


@pytest.mark.slow
@WAYS
def test_a_column_of_lists_refuses_nothing(way: Way, tmp_path: Path) -> None:
    plain = parquet_example(tmp_path / "plain", "none", "", LISTS)
    expected = way(plain, "jiyuan-2022", 2022).tables["claims"]
    for table in ("institutions", "contracts", "claims"):
        path = parquet_example(tmp_path / table, table, "标签", LISTS)
        assert way(path, "jiyuan-2022", 2022).tables["claims"] == expected


@WAYS
def test_a_column_of_lists_that_the_policy_tests_is_one_fault(way: Way, tmp_path: Path) -> None:
    path = parquet_example(tmp_path / "lists", "claims", "申报日期", LISTS)
    with pytest.raises(InputFaults) as error:
        way(path, OWN, 2022)
    told = [(f.kind, f.table, f.column) for f in error.value.faults if f.column == "filing_date"]
    assert told == [("column_type", "claims", "filing_date")]


@WAYS
def test_a_known_column_of_lists_stays_a_fault(way: Way, tmp_path: Path) -> None:
    path = parquet_example(tmp_path / "lists", "contracts", "lender_", LISTS)
    contracts = pq.read_table(path / "contracts.parquet").rename_columns({"lender_": "employees"})
    pq.write_table(contracts, path / "contracts.parquet")
    with pytest.raises(InputFaults) as error:
        way(path, "jiyuan-2022", 2022)
    assert [(f.kind, f.column) for f in error.value.faults] == [("column_type", "employees")]


def test_frames_may_have_columns_of_anything() -> None:
    frames = {
        table: pd.DataFrame(read_rows(EXAMPLES / "seed-1" / "input" / f"{table}.csv"), dtype=str)
        for table in ("institutions", "contracts", "claims")
    }
    frames["claims"]["files"] = [["a.pdf"]] * len(frames["claims"])
    frames["contracts"]["how far"] = pd.Series([1 + 2j] * len(frames["contracts"]))
    portfolio = portfolio_of_frames(**frames)
    assert assess(portfolio, "jiyuan-2022", 2022).tables["claims"].num_rows
