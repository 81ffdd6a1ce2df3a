"""Writes a table as each kind of input there is, and reads it back with that kind's reader."""

from __future__ import annotations

import csv
import datetime
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from compensation.faults.groups import FaultGroup
from compensation.faults.input_faults import Faults
from compensation.issues import Issue
from compensation.ledger.whole_tables import whole_table
from compensation.readers.csv_file import read_csv
from compensation.readers.frames import raw_of_frame
from compensation.readers.parquet import open_parquet
from compensation.readers.reading import open_input
from compensation.readers.xlsx import read_workbook
from compensation.schema.dictionary import Table
from compensation.schema.dictionary import table as table_called
from compensation.tables.pieces import Pieces
from compensation.tables.raw import RawColumn, RawTable

SHEETS = ("xlsx", "csv")
"""Forms that have rows above the headings, blank rows and totals."""
FORMS = (*SHEETS, "parquet", "pandas", "arrow")

Row = Sequence[object]
Read = tuple[RawTable | None, list[FaultGroup]]


def save_workbook(path: Path, **sheets: Sequence[Row]) -> Path:
    """Write a workbook with openpyxl: a text that begins with = is a formula without a result."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    workbook.save(path)
    return path


def edit_member(path: Path, member: str, old: bytes, new: bytes) -> None:
    """Replace ``old``, which must be there once, in one part of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert parts[member].count(old) == 1
    parts[member] = parts[member].replace(old, new)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def save_csv(path: Path, rows: Sequence[Row], encoding: str = "utf-8") -> Path:
    """Write a CSV file; dates are ISO, booleans true and false."""

    def text(cell: object) -> object:
        return str(cell).lower() if isinstance(cell, bool) else cell

    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([text(cell) for cell in row] for row in rows)
    return path


def read_as(form: str, folder: Path, table: Table, rows: Sequence[Row]) -> Read:
    """Write ``rows``, the first of them the headings (or a title), in a form, and read them."""
    if form == "xlsx":
        path = save_workbook(folder / "input.xlsx", **{table.heading: rows})
        tables, faults = read_workbook(path)
        return tables.get(table.name), faults
    if form == "csv":
        return read_csv(save_csv(folder / f"{table.name}.csv", rows), table)
    headings = [str(heading) for heading in rows[0]]
    columns = [list(cells) for cells in zip(*rows[1:], strict=True)] or [[] for _ in headings]
    if form == "pandas":
        data = dict(enumerate(pd.Series(cells, dtype=object) for cells in columns))
        frame = pd.DataFrame(data).infer_objects()
        frame.columns = headings
        return raw_of_frame(frame, table)
    content = pa.table([pa.array(cells) for cells in columns], headings)
    if form == "arrow":
        return raw_of_frame(content, table)
    pq.write_table(content, folder / f"{table.name}.parquet")
    return whole(open_parquet(folder / f"{table.name}.parquet", table), table)


def whole(opened: tuple[Pieces | None, list[FaultGroup]], table: Table) -> Read:
    """Put a table that was opened together from its pieces."""
    pieces, faults = opened
    return None if pieces is None else whole_table(pieces, table), faults


def read_tables(path: Path | str) -> tuple[dict[str, RawTable], list[FaultGroup]]:
    """Open an input and put its tables together."""
    tables, faults = open_input(path)
    read = {name: whole_table(each, table_called(name)) for name, each in tables.items()}
    return read, faults


def cells(column: RawColumn, rows: int) -> list[object]:
    """Return a column as one list; each row must be filled in one part at most."""
    merged: list[object] = [None] * rows
    column = column.spelled_out()
    for part in (column.text, column.number, column.moment, column.boolean):
        for i, cell in enumerate([] if part is None else part.to_pylist()):
            if cell is not None:
                assert merged[i] is None
                merged[i] = cell
    return [None if isinstance(cell, str) and not cell.strip() else cell for cell in merged]


def records(raw: RawTable | None) -> list[list[object]]:
    """Return the records of a table as lists of cells; moments at midnight are days."""

    def day(cell: object) -> object:
        if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
            return cell.date()
        return cell

    assert raw is not None
    columns = [cells(column, raw.rows) for column in raw.columns]
    return [[day(column[i]) for column in columns] for i in range(raw.rows)]


def file_rows(raw: RawTable | None) -> list[int]:
    """Return the row number that each record has in its file."""
    assert raw is not None
    numbers: list[int] = raw.locate(np.arange(raw.rows)).tolist()
    return numbers


def faults_of(groups: Sequence[FaultGroup]) -> list[Issue]:
    """Return all faults of some groups."""
    return list(Faults(groups))


def kinds(groups: Sequence[FaultGroup]) -> list[str]:
    """Return the kinds of some groups."""
    return [group.kind for group in groups]


def places(faults: list[Issue]) -> list[tuple[str, int | None, str | None, str | None]]:
    """Return kind, row, column and value of some faults."""
    return [(fault.kind, fault.row, fault.column, fault.value) for fault in faults]
