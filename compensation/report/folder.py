"""A result as a folder: the three tables as CSV or Parquet, and summary.json with their digests.

Source: the contract, sections 6 and 8. The files are written aside and moved into place one by one,
summary.json last. It names the others' digests, so a folder with files of two runs can be told.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from compensation.report.aside import aside, remove_folders, store, store_names
from compensation.report.csv_output import write_csv

Format = Literal["csv", "parquet"]
FORMATS: tuple[Format, ...] = ("csv", "parquet")
RESULT_TABLES = ("claims", "institutions", "returns")
SUMMARY = "summary.json"
RESULT_FILES = frozenset(
    {SUMMARY, *(f"{name}.{form}" for name in RESULT_TABLES for form in FORMATS)}
)
"""All that may lie in a folder of results."""


def write_folder(
    tables: Mapping[str, pa.Table],
    summary: Mapping[str, Any],
    folder: Path,
    form: Format = "csv",
    done: Callable[[], object] | None = None,
) -> None:
    """Write the result tables and summary.json into a folder, which is made if need be.

    `tables`: by the names in `RESULT_TABLES`. `done` is called after each file. Where anything
    fails, OSError is raised and the folder holds what it held before. An earlier result in the
    other format is removed.
    """
    target = folder.resolve()
    with aside(target) as new:
        names = [f"{name}.{form}" for name in RESULT_TABLES]
        for name in names:
            _write_table(tables[Path(name).stem], new / name, form)
            if done is not None:
                done()
        digests = {name: file_digest(new / name) for name in names}
        content = json.dumps({**summary, "files": digests}, ensure_ascii=False, indent=2)
        (new / SUMMARY).write_bytes((content + "\n").encode())
        for name in (*names, SUMMARY):
            store(new / name)
        _move(new, target, names)
        if done is not None:
            done()


def file_digest(path: Path) -> str:
    """Return the digest of a file's bytes as summary.json names it."""
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def _write_table(table: pa.Table, path: Path, form: Format) -> None:
    if form == "csv":
        with path.open("wb") as file:
            write_csv(table, file)
    else:
        with path.open("wb") as file:
            pq.write_table(table, file, compression="zstd")


def _move(new: Path, target: Path, names: list[str]) -> None:
    """Move the files to their places, summary.json last; on any failure put the old ones back."""
    made = [] if target.is_dir() else [target]
    if made:
        target.mkdir()
    stale = sorted(RESULT_FILES - {*names, SUMMARY})
    old = new / "old"
    old.mkdir()
    moved: list[str] = []
    try:
        for name in (*names, *stale, SUMMARY):
            # Noted first: an interruption between two steps is undone as well.
            moved.append(name)
            if (target / name).exists():
                (target / name).replace(old / name)
            if (new / name).exists():
                (new / name).replace(target / name)
    except BaseException:
        for name in moved:
            if (old / name).exists():
                (old / name).replace(target / name)
            elif name not in stale and not (new / name).exists():
                (target / name).unlink(missing_ok=True)
        remove_folders(made)
        raise
    store_names(target)
    if made:
        store_names(target.parent)
