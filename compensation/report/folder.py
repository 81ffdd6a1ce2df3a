"""A result as a folder: the tables as CSV or Parquet, the rules as texts, and summary.json.

Source: the contract, sections 6 and 8. The files are written aside and moved into place one by one,
summary.json last. It names the others' digests, so a folder with files of two runs can be told.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from compensation.report.atomic_write import atomic_write, remove_folders, store, store_names
from compensation.report.csv_output import write_csv
from compensation.report.record import ASSESSMENT, Layout, layout_of, summary_text

Format = Literal["csv", "parquet"]
FORMATS: tuple[Format, ...] = ("csv", "parquet")
REPLACED = "old"
"""The folder, among the files written aside, that takes the files of the earlier result."""


def table_files(layout: Layout) -> frozenset[str]:
    """Return the names that tables of a result may have."""
    return frozenset(f"{name}.{form}" for name in layout.tables for form in FORMATS)


def is_result_file(name: str, layout: Layout = ASSESSMENT) -> bool:
    """Return whether a file of this name may lie in a folder of results."""
    return (
        name == layout.summary
        or name in table_files(layout)
        or layout.rules.fullmatch(name) is not None
    )


def write_folder(
    tables: Mapping[str, pa.Table],
    summary: Mapping[str, Any],
    folder: Path,
    form: Format = "csv",
    done: Callable[[], object] | None = None,
    texts: Mapping[str, str] | None = None,
) -> None:
    """Write the result tables and the summary into a folder, which is made if need be.

    `tables`: those of a result of any kind, by name. `texts`: the rules of the run
    (`Assessment.texts`), each a file of its own; an assessment without them is no record that
    `verify` can check. `done` is called after each table and after the summary. Where anything
    fails, OSError is raised and the folder holds what it held before. An earlier result in the
    other format is removed.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> result = assess(ledger, "jiyuan-2022", 2022)
    >>> write_folder(result.tables, result.summary, "result", texts=result.texts)
    """
    layout = layout_of(tables, summary)
    target = Path(os.path.realpath(folder))  # `resolve` gives up on a loop of links
    with atomic_write(target) as new:
        names = [f"{name}.{form}" for name in layout.tables]
        kept = texts or {}
        for name, text in kept.items():
            (new / name).write_bytes(text.encode())
        digests: dict[str, str] = {}
        # The system stores several files in the time that it takes for one.
        with ThreadPoolExecutor() as threads:
            stored = [threads.submit(store, new / name) for name in kept]
            made = {
                name: threads.submit(_stored_table, tables[Path(name).stem], new / name, form)
                for name in names
            }
            for name, table in made.items():
                digests[name] = table.result()
                if done is not None:
                    done()
            written = summary_text(summary, tables, "files", digests)
            (new / layout.summary).write_bytes(written.encode())
            store(new / layout.summary)
            for each in stored:
                each.result()
        names += kept
        _move(new, target, names, layout)
        if done is not None:
            done()


def file_digest(path: Path) -> str:
    """Return the digest of a file's bytes as summary.json names it."""
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def _stored_table(table: pa.Table, path: Path, form: Format) -> str:
    """Write a table, have the system store it, and return the digest of its file."""
    _write_table(table, path, form)
    digest = file_digest(path)
    store(path)
    return digest


def _write_table(table: pa.Table, path: Path, form: Format) -> None:
    if form == "csv":
        with path.open("wb") as file:
            write_csv(table, file.write)
    else:
        # Hardly a value is there twice: dictionaries would take a third more time and room.
        with path.open("wb") as file:
            pq.write_table(table, file, compression="zstd", use_dictionary=False)


def _move(new: Path, target: Path, names: list[str], layout: Layout) -> None:
    """Move the files to their places, the summary last; on any failure put the old ones back."""
    summary = layout.summary
    made = [] if target.is_dir() else [target]
    if made:
        target.mkdir()
    there = [entry.name for entry in target.iterdir()]
    stale = sorted({name for name in there if is_result_file(name, layout)} - {*names, summary})
    old = new / REPLACED
    old.mkdir()
    # Noted before it is moved, in this order: an interruption between two steps is undone as well.
    moved: dict[str, None] = {summary: None}
    try:
        # A folder without a summary is no result: nobody takes tables of two runs for one.
        if (target / summary).exists():
            (target / summary).replace(old / summary)
        for name in (*names, *stale, summary):
            moved[name] = None
            if (target / name).exists():
                _keep(target / name, old / name, stays=(new / name).exists())
            if (new / name).exists():
                (new / name).replace(target / name)
    except BaseException:
        for name in reversed(moved):
            if (old / name).exists():
                (old / name).replace(target / name)
            elif name not in stale and not (new / name).exists():
                (target / name).unlink(missing_ok=True)
        remove_folders(made)
        raise
    store_names(target)
    if made:
        store_names(target.parent)


def _keep(file: Path, kept: Path, *, stays: bool) -> None:
    """Keep a file by another name; it stays where it is, if that is wanted and links are known.

    Then no name is ever without a file: the new one takes the place of the old in one step.
    """
    if stays:
        with contextlib.suppress(OSError):
            kept.hardlink_to(file)
            return
    file.replace(kept)
