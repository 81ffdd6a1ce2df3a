"""The same input gives the same bytes: in any process, in any surroundings, from any form."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from xlsxwriter.workbook import Workbook

from compensation.assessment import Assessment, assess
from compensation.engine import inputs
from compensation.ledger.portfolio_input import read_portfolio
from compensation.report.folder import write_folder
from compensation.report.workbook import write_workbook
from compensation.schema.dictionary import table as dictionary_table
from compensation.streaming import assess_files
from compensation.tables import pieces
from tests.assessing import frames_of
from tests.command import JIYUAN, run_all, run_here, snapshot
from tests.oracle_reading import Tables
from tests.portfolios import random_portfolio, write_csv

SURROUNDINGS = (
    {
        "PYTHONHASHSEED": "1",
        "TZ": "Asia/Shanghai",
        "LC_ALL": "C.UTF-8",
        "LANG": "zh_CN.UTF-8",
        "OMP_NUM_THREADS": "1",
        "ARROW_IO_THREADS": "1",
    },
    {
        "PYTHONHASHSEED": "2",
        "TZ": "America/New_York",
        "LC_ALL": "C",
        "LANG": "tr_TR.UTF-8",
        "OMP_NUM_THREADS": "7",
        "ARROW_IO_THREADS": "5",
        "COMPENSATION_LANG": "en",
    },
)


TARGETS: dict[str, tuple[str, ...]] = {
    "result.xlsx": (),
    "csv": ("--format", "csv"),
    "parquet": ("--format", "parquet"),
}


@pytest.fixture(scope="module")
def tables() -> Tables:
    return random_portfolio(7, 60)


@pytest.mark.process
def test_what_surrounds_a_process_changes_no_byte(tables: Tables, tmp_path: Path) -> None:
    write_csv(tables, tmp_path / "in")
    command: tuple[str | Path, ...] = ("assess", tmp_path / "in", *JIYUAN)
    for place, variables in enumerate(SURROUNDINGS):
        commands = [
            (*command, *form, "-o", tmp_path / str(place) / target)
            for target, form in TARGETS.items()
        ]
        for done in run_all(*commands, variables=variables):
            assert (done.returncode, done.stderr) == (0, ""), done.args
    first, second = (snapshot(tmp_path / str(place)) for place in range(2))
    assert {Path(name).parts[0] for name in first} == {*TARGETS}
    assert first == second
    for target, form in TARGETS.items():  # over the first one
        assert run_here(*command, *form, "-o", tmp_path / "0" / target).returncode == 0
    assert snapshot(tmp_path / "0") == first


def files_of(assessment: Assessment, folder: Path) -> dict[str, bytes]:
    """The files of a result as a CSV folder, and the workbook."""
    write_folder(
        assessment.tables, assessment.summary, folder / "out", "csv", None, assessment.texts
    )
    write_workbook(assessment, folder / "result.xlsx")
    return snapshot(folder)


def but_for_rows_of_warnings(files: dict[str, bytes]) -> dict[str, object]:
    """The files but for what each form of an input numbers in its own way."""
    kept: dict[str, object] = {k: v for k, v in files.items() if not k.endswith((".json", ".xlsx"))}
    said = json.loads(files["out/summary.json"])
    del said["summary_digest"]
    for warning in said["warnings"]:
        del warning["row"]
    return {**kept, "said": said}


def save(tables: Tables, path: Path, form: str, rows: int) -> Path:
    if form == "csv":
        write_csv(tables, path)
    elif form == "parquet":
        path.mkdir()
        for name, table in frames_of(tables).items():
            pq.write_table(table, path / f"{name}.parquet", row_group_size=rows)
    else:
        path = path.with_suffix(".xlsx")
        with Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
            for name, table in frames_of(tables).items():
                sheet = book.add_worksheet(dictionary_table(name).heading)
                lines = [table.column_names, *(list(row.values()) for row in table.to_pylist())]
                for number, row in enumerate(lines):
                    for place, cell in enumerate(row):
                        if cell:
                            sheet.write_string(number, place, cell)
    return path


@pytest.mark.slow
def test_neither_row_groups_nor_threads_nor_pieces_nor_memory_change_a_byte(
    tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for rows, workers, piece in ((1, 2, 7), (7, 5, 1000), (1000, 8, 1)):
        monkeypatch.setattr(pieces, "WORKERS", workers)
        monkeypatch.setattr(pieces, "PIECE", piece)
        monkeypatch.setattr(inputs, "MANY_CONTRACTS", piece)
        home = tmp_path / str(rows)
        home.mkdir()
        path = save(tables, home / "in", "parquet", rows)
        found.append(files_of(assess_files(path, "jiyuan-2022", 2022), home / "result"))
    before = pa.cpu_count()
    pa.set_cpu_count(1)
    try:
        whole = assess(read_portfolio(tmp_path / "7" / "in"), "jiyuan-2022", 2022)
        found.append(files_of(whole, tmp_path / "whole"))
    finally:
        pa.set_cpu_count(before)
    assert all(files == found[0] for files in found)


@pytest.mark.slow
def test_the_form_of_the_input_changes_nothing_but_the_rows_of_warnings(
    tables: Tables, tmp_path: Path
) -> None:
    found = []
    for form in ("csv", "parquet", "xlsx"):
        path = save(tables, tmp_path / form, form, 10)
        files = files_of(assess_files(path, "jiyuan-2022", 2022), tmp_path / f"of-{form}")
        found.append(but_for_rows_of_warnings(files))
    assert found[0] == found[1] == found[2]
