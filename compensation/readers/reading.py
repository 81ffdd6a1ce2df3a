"""From a path to its tables: a workbook, or a folder with a file for each table.

Kinds of fault: ``unreadable``, ``not_an_input``, ``old_workbook``, ``missing_table``, and those of
`folders`, `xlsx`, `csv_file` and `parquet`. Nothing is raised, and no fault hides another: whatever
can be read is read.
"""

from __future__ import annotations

import difflib
import os
import stat
from collections.abc import Callable, Container, Iterable
from pathlib import Path

from compensation.faults.groups import FaultGroup, whole
from compensation.language import Text
from compensation.readers.files import unreadable
from compensation.readers.folders import (
    FOLDER,
    LIKE_CSV,
    OLD_WORKBOOKS,
    PACKED_FOLDERS,
    WORKBOOKS,
    Contents,
    contents_of,
    form_of,
    old_workbook,
)
from compensation.readers.parquet import open_parquet
from compensation.readers.partitions import open_partitions
from compensation.schema.dictionary import TABLES, Table
from compensation.tables.headings import normalise
from compensation.tables.pieces import Pieces, pieces_of


def open_input(path: str | os.PathLike[str]) -> tuple[dict[str, Pieces], list[FaultGroup]]:
    """Return the tables of an input, by name, and everything that is wrong with opening it.

    A workbook is told by its suffix (.xlsx, .xlsm). For the files of a folder, see `folders`.
    Of a Parquet file nothing but its schema is read; other files are read whole.
    """
    path = Path(path)
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            contents = contents_of(path)
            if contents.workbook is None:
                return _of_folder(path, contents)
            path = contents.workbook
            mode = path.stat().st_mode
    except OSError as error:
        return {}, [unreadable(path, error)]
    except ValueError:  # a path with a NUL in it
        return {}, [_not_an_input(path)]
    if path.suffix.casefold() not in WORKBOOKS or not stat.S_ISREG(mode):
        return {}, [_not_an_input(path)]
    # What reads workbooks, and what reads CSV files, is imported only where there is one.
    from compensation.readers.xlsx import read_workbook, sheet_names

    read, faults = read_workbook(path)
    tables = {name: pieces_of(raw) for name, raw in read.items()}
    if any(fault.table is None for fault in faults):
        return tables, faults
    for table in _absent(tables, faults):
        sheets = [normalise(name) for name in sheet_names(path)]
        faults.append(_missing_sheet(table, sheets))
    return tables, faults


def _open_csv(path: Path, table: Table) -> tuple[Pieces | None, list[FaultGroup]]:
    # What reads CSV files is imported only where there is one.
    from compensation.readers.csv_file import read_csv

    raw, faults = read_csv(path, table)
    return None if raw is None else pieces_of(raw), faults


FORMS: dict[str, Callable[[Path, Table], tuple[Pieces | None, list[FaultGroup]]]] = {
    **dict.fromkeys(LIKE_CSV, _open_csv),
    ".parquet": open_parquet,
    FOLDER: open_partitions,
}
"""What opens a file of each form."""


def _of_folder(path: Path, contents: Contents) -> tuple[dict[str, Pieces], list[FaultGroup]]:
    """Open every table that the folder has."""
    tables: dict[str, Pieces] = {}
    faults = list(contents.faults)
    for table in TABLES:
        file = contents.files.get(table.name)
        if file is not None:
            opened, found = FORMS[form_of(file)[1]](file, table)
            faults += found
            if opened is not None:
                tables[table.name] = opened
    faults += [_missing_file(table, path, contents.stems) for table in _absent(tables, faults)]
    return tables, faults


def _absent(tables: Container[str], faults: list[FaultGroup]) -> list[Table]:
    """Return the tables that must be there, are not, and of which no fault says why."""
    told = {fault.table for fault in faults}
    return [
        table
        for table in TABLES
        if not table.optional and table.name not in tables and table.name not in told
    ]


def _missing_sheet(table: Table, sheets: Iterable[str]) -> FaultGroup:
    expected = Text(
        f"名为 {table.heading} 或 {table.name} 的工作表",
        f"a sheet called {table.name} or {table.heading}",
    )
    return whole("missing_table", _missing(table, sheets), table=table.name, expected=expected)


def _missing_file(table: Table, folder: Path, stems: Iterable[str]) -> FaultGroup:
    file = folder / table.name
    expected = Text(f"文件 {file}.csv 或 {file}.parquet", f"a file {file}.csv or {file}.parquet")
    return whole("missing_table", _missing(table, stems), table=table.name, expected=expected)


def _missing(table: Table, names: Iterable[str]) -> Text:
    """Return the message of a missing table, with the name that looks most like it."""
    others = [name for name in names if not _names_a_table(name)]
    like = [
        *difflib.get_close_matches(table.heading, others, 1),
        *difflib.get_close_matches(table.name, others, 1),
    ]
    if not like:
        return Text("缺少这张表", "this table is missing")
    return Text(
        "缺少这张表；是否为“{like}”？",
        "this table is missing; did you mean “{like}”?",
    ).fill(like=like[0])


def _names_a_table(name: str) -> bool:
    return any(normalise(name) in (table.name, table.heading) for table in TABLES)


def _not_an_input(path: Path) -> FaultGroup:
    """Return the fault of a file that is no input, with what to do about it."""
    form = path.suffix.casefold()
    if form in OLD_WORKBOOKS:
        return old_workbook(path)
    message = Text("“{path}”不能作为输入", "“{path}” is not a supported file")
    expected = Text(
        "一个 .xlsx（或 .xlsm）工作簿，或一个装有 CSV、Parquet 文件的文件夹",
        "one .xlsx (or .xlsm) workbook, or a folder of CSV or Parquet files",
    )
    if form in PACKED_FOLDERS:
        expected = Text(
            "解压后的文件夹，或其中的 .xlsx 工作簿",
            "the folder that it unpacks to, or the .xlsx workbook in it",
        )
    elif form_of(path)[1] in (*LIKE_CSV, ".parquet"):
        expected = Text(
            "装有各表文件的文件夹（每表一个文件，以表名命名），或一个 .xlsx 工作簿",
            "the folder that holds a file for each table, named after it, or one .xlsx workbook",
        )
    return whole("not_an_input", message.fill(path=path), expected=expected)
