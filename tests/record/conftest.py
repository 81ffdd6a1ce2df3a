"""The example ledger as CSV, which is quicker to read than the workbook, and its result."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
import python_calamine as calamine

from compensation.assessment import Assessment
from compensation.schema.dictionary import TABLES
from compensation.streaming import assess_files
from tests.record.results import LEDGER, written


@pytest.fixture(scope="session")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's tables as CSV files, as they stand in its sheets."""
    folder = tmp_path_factory.mktemp("example") / "ledger"
    folder.mkdir()
    shutil.copy(LEDGER, folder.parent / "book.xlsx")
    with calamine.CalamineWorkbook.from_path(LEDGER) as book:
        for table in (each for each in TABLES if each.heading in book.sheet_names):
            rows = book.get_sheet_by_name(table.heading).to_python(skip_empty_area=False)
            with (folder / f"{table.name}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(rows)
    return folder


@pytest.fixture(scope="session")
def example(ledger: Path) -> Assessment:
    """The example's result."""
    return assess_files(ledger, "jiyuan-2022", 2022)


@pytest.fixture
def folder(example: Assessment, tmp_path: Path) -> Path:
    """That result as a folder of CSV."""
    return written(example, tmp_path, "csv")
