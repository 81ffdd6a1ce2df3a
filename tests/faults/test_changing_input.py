"""An input that changes while it is read is told, whatever changes and whenever."""

from __future__ import annotations

import importlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from compensation.readers.csv_file import read_csv
from compensation.schema.dictionary import TABLES
from tests.command import JIYUAN, run_here
from tests.fuzzing import seeds


def replaced(path: Path) -> None:
    copy = path.with_name("copy")
    shutil.copy(path, copy)
    copy.replace(path)


CHANGES: dict[str, Callable[[Path], object]] = {
    "appended": lambda path: path.write_bytes(path.read_bytes() + b"x"),
    "cut": lambda path: os.truncate(path, path.stat().st_size // 2),
    "replaced": replaced,
    "rewritten": lambda path: path.write_bytes(path.read_bytes()),
    "removed": Path.unlink,
}
MOMENTS = {
    # What is called at that moment, once the input has been opened.
    "opened": "compensation.streaming:Loading",
    "while contracts pass": "compensation.ledger.loading:ContractBlocks.run",
    "behind the last byte": "compensation.ledger.loading:_books",
}


def change_at(patch: pytest.MonkeyPatch, moment: str, change: Callable[[], object]) -> None:
    """Have the input change at a moment."""
    module, _, name = MOMENTS[moment].partition(":")
    *owner, name = name.split(".")
    place: object = importlib.import_module(module)
    for part in owner:
        place = getattr(place, part)
    really = getattr(place, name)

    def change_first(*arguments: object, **named: object) -> object:
        change()
        return really(*arguments, **named)

    patch.setattr(place, name, change_first)


def make_csv(folder: Path) -> Path:
    for name, rows in seeds.TABLES.items():
        (folder / f"{name}.csv").write_text(seeds.csv_text(rows), encoding="utf-8")
    return folder / "contracts.csv"


def make_workbook(folder: Path) -> Path:
    (folder / "input.xlsx").write_bytes(seeds.workbook())
    return folder / "input.xlsx"


def make_parquet(folder: Path) -> Path:
    make_csv(folder).unlink()
    (folder / "contracts.parquet").write_bytes(seeds.parquet())
    return folder / "contracts.parquet"


def make_parts(folder: Path) -> Path:
    content = pq.read_table(make_parquet(folder))
    (folder / "contracts.parquet").unlink()
    for row in range(content.num_rows):
        part = folder / "contracts" / f"part={row}" / "a.parquet"
        part.parent.mkdir(parents=True)
        pq.write_table(content.slice(row, 1), part)
    return part


FORMS = {form.__name__: form for form in (make_csv, make_workbook, make_parquet, make_parts)}


@pytest.mark.parametrize(
    ("form", "change", "moment"),
    [
        ("make_csv", "replaced", "opened"),
        ("make_workbook", "appended", "opened"),
        ("make_parquet", "cut", "while contracts pass"),
        ("make_parquet", "rewritten", "behind the last byte"),
        ("make_parts", "removed", "while contracts pass"),
    ],
)
def test_a_change_while_reading_is_told(
    form: str, change: str, moment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "input").mkdir()
    path = FORMS[form](tmp_path / "input")
    source = path if form == "make_workbook" else tmp_path / "input"
    output = tmp_path / "output"
    change_at(monkeypatch, moment, lambda: CHANGES[change](path))
    done = run_here("assess", source, *JIYUAN, "--lang", "en", "-o", output)
    assert done.returncode == 2, done
    assert "the input changed while it was read" in done.stderr
    assert path.name in done.stderr
    assert not output.exists()


def test_a_file_that_becomes_shorter_does_not_end_the_process(tmp_path: Path) -> None:
    """It would if its memory were that of the file: the system answers with a signal then."""
    path = make_csv(tmp_path)
    table = next(table for table in TABLES if table.name == "contracts")
    raw, faults = read_csv(path, table)
    path.write_bytes(b"")
    assert raw is not None
    assert not faults
    assert raw.locate(np.arange(raw.rows)).tolist() == [2, 3, 4]


def test_what_nobody_reads_may_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_csv(tmp_path)
    change_at(monkeypatch, "opened", lambda: path.with_name("notes.md").write_text("x"))
    done = run_here("assess", path.parent, *JIYUAN)
    assert done.returncode == 0, done.stderr
