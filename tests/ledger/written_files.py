"""A ledger in any form of file, frame or request, and its result through that form's reader."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from api.assessing.json_tables import frames_of
from api.assessing.requests import AssessmentBody
from api.assessing.uploads import input_of
from api.bodies import read_json
from compensation import Assessment, assess, assess_files, assess_frames, read_portfolio
from tests.ledger.written_cells import (
    BOOLEAN,
    COUNT,
    DATE,
    MONEY,
    SHARE,
    TEXT,
    digits_of_id,
    in_unit,
)
from tests.ledger.written_tables import Sheet, Written
from tests.portfolio_rows import Hand

Ledger = list[Sheet]
Read = Callable[[], Assessment]
YEAR, POLICY = 2022, "jiyuan-2022"
MOST_BYTES = 2**24


def of_path(hand: Hand, path: Path) -> Read:
    """Return what reads a file or folder: whole, or piece by piece."""
    if hand.chance(2):
        return partial(assess_files, path, POLICY, YEAR)
    return lambda: assess(read_portfolio(path), POLICY, YEAR)


# Workbooks


def as_workbook(hand: Hand, ledger: Ledger, folder: Path) -> Read:
    return of_path(hand, save_workbook(hand, ledger, folder / "台账.xlsx"))


def save_workbook(hand: Hand, ledger: Ledger, path: Path) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    if hand.chance(4):
        book.create_sheet("填表说明").append(["请按照模板填写"])
    for written in ledger:
        sheet = book.create_sheet(written.called)
        for place, row in enumerate(written.grid(), 1):
            for column, value in enumerate(row, 1):
                cell = sheet.cell(place, column, value)
                if isinstance(value, str):
                    cell.data_type = "s"  # =1+1 and #N/A are texts here
        for top, left, right in written.merged:
            sheet.merge_cells(None, top + 1, left + 1, top + 1, right + 1)
        for first, last, column in written.tall:
            top, bottom = written.row_of(first), written.row_of(last)
            sheet.merge_cells(None, top + 1, column + 1, bottom + 1, column + 1)
        _show(hand, sheet, written)
    book.save(path)
    return path


def _show(hand: Hand, sheet: Any, written: Sheet) -> None:
    """Give columns number formats that show their figures, and hide a row or a column."""
    formats = {
        MONEY: ["#,##0.00##########", "General", "0.00########", "@"],
        SHARE: ["0.00%", "0.00####", "General"],
        DATE: ["yyyy-mm-dd", "yyyy/m/d", 'yyyy"年"m"月"d"日"'],
    }
    for place, one in enumerate(written.columns):
        if one.column is None or one.column.type not in formats:
            continue
        shown = hand.choice(formats[one.column.type])
        for record in range(written.rows):
            sheet.cell(written.row_of(record) + 1, place + 1).number_format = shown
    if written.rows and hand.chance(6):
        sheet.row_dimensions[written.row_of(hand.pick(0, written.rows - 1)) + 1].hidden = True
    if hand.chance(6):
        sheet.column_dimensions["B"].hidden = True


# CSV files


def csv_bytes(hand: Hand, sheet: Sheet, separator: str = "") -> bytes:
    text = io.StringIO()
    separator = separator or hand.choice([",", ",", ";", "\t"])
    if hand.chance(8):
        text.write(f"sep={separator}\r\n")
    ends = hand.choice(["\n", "\r\n"])
    writer = csv.writer(
        text,
        delimiter=separator,
        lineterminator=ends,
        quoting=csv.QUOTE_ALL if hand.chance(3) else csv.QUOTE_MINIMAL,
    )
    writer.writerows(sheet.grid())
    if hand.chance(8):
        text.write("\x1a")
    encoding = hand.choice(["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    return sheet.spoil(text.getvalue()).encode(encoding)


def csv_file(hand: Hand, sheet: Sheet) -> tuple[str, bytes]:
    """Return the name of a CSV file and what is in it."""
    suffix = hand.choice([".csv", ".csv", ".tsv", ".csv.gz", ".CSV"])
    content = csv_bytes(hand, sheet, "\t" if suffix == ".tsv" else "")
    return sheet.called + suffix, gzip.compress(content) if suffix == ".csv.gz" else content


def save_csv(hand: Hand, ledger: Ledger, folder: Path) -> Path:
    for sheet in ledger:
        name, content = csv_file(hand, sheet)
        (folder / name).write_bytes(content)
    return folder


def as_csv(hand: Hand, ledger: Ledger, folder: Path) -> Read:
    return of_path(hand, save_csv(hand, ledger, folder))


def as_zip(hand: Hand, ledger: Ledger, folder: Path) -> Read:
    """A zip as the service takes it: CSV files in it, in some folder."""
    inside = hand.choice(["", "2022/", "台账\\"])
    with zipfile.ZipFile(folder / "upload", "w") as archive:
        for sheet in ledger:
            name, content = csv_file(hand, sheet)
            archive.writestr(f"{inside}{name}", content)
    return lambda: assess_files(input_of(folder / "upload", "台账.zip", MOST_BYTES), POLICY, YEAR)


# Parquet files and frames


def column_of(hand: Hand, one: Written) -> pa.Array:
    """Return a column in a type of its own, or of texts as they were written."""
    typed = None if hand.chance(3) or one.as_text else _typed(hand, one)
    if typed is not None:
        return typed
    types = [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())]
    return pa.array(one.cells, pa.string()).cast(hand.choice(types))


def _typed(hand: Hand, one: Written) -> pa.Array | None:
    """Return the values of a column in a type that holds them; None if it is best a text."""
    values: Sequence[Any] = one.values
    if all(value is None for value in values):
        return pa.nulls(len(values)) if hand.chance(2) else None
    if one.has(TEXT):
        if any(v is not None and digits_of_id(v) != v for v in values):
            return None
        return pa.array([None if v is None else int(v) for v in values], pa.int64())
    if one.has(DATE):
        days = pa.array(values, pa.date32())
        units = ("s", "ms", "us", "ns")
        types = [days.type, pa.date64(), *map(pa.timestamp, units), pa.timestamp("us", "UTC")]
        return days.cast(hand.choice(types))
    if one.has(BOOLEAN):
        return pa.array(values, pa.bool_()).cast(hand.choice([pa.bool_(), pa.int8()]))
    if one.has(COUNT):
        return pa.array(values, hand.choice([pa.int64(), pa.uint64(), pa.float64()]))
    if not one.has(MONEY, SHARE):
        return None
    exact = [
        None
        if value is None
        else (Decimal(value).scaleb(-6) if one.has(SHARE) else in_unit(value, one.unit))
        for value in values
    ]
    if hand.chance(2):
        return pa.array([None if value is None else float(value) for value in exact])
    if hand.chance(2) and all(value is None or value == int(value) for value in exact):
        return pa.array([None if value is None else int(value) for value in exact], pa.int64())
    return pa.array(exact, hand.choice([pa.decimal128(30, 10), pa.decimal256(50, 12)]))


def arrow_of(hand: Hand, sheet: Sheet) -> pa.Table:
    columns = [column_of(hand, one) for one in sheet.columns]
    return pa.table(columns, [one.heading for one in sheet.columns])


def as_parquet(hand: Hand, ledger: Ledger, folder: Path) -> Read:
    for sheet in ledger:
        pq.write_table(arrow_of(hand, sheet), folder / f"{sheet.called}.parquet")
    return of_path(hand, folder)


def as_frames(hand: Hand, ledger: Ledger, folder: Path) -> Read:
    del folder
    kind = hand.choice(["arrow", "pandas", "pandas of Arrow"])
    frames: Mapping[str, Any] = {sheet.name: arrow_of(hand, sheet) for sheet in ledger}
    if kind == "pandas":
        frames = {name: _pandas(frame) for name, frame in frames.items()}
    elif kind == "pandas of Arrow":
        frames = {name: _pandas(frame, pd.ArrowDtype) for name, frame in frames.items()}
    return partial(assess_frames, frames, POLICY, YEAR)


def _pandas(frame: pa.Table, types: Callable[[pa.DataType], Any] | None = None) -> pd.DataFrame:
    """Return a frame column by column: two may have the same name."""
    columns = [pa.table({"": column}).to_pandas(types_mapper=types)[""] for column in frame.columns]
    content = pd.DataFrame(dict(enumerate(columns)))
    content.columns = pd.Index(frame.column_names)
    return content


def as_objects(hand: Hand, ledger: Ledger, folder: Path) -> Read:
    """Frames of Python objects, as pandas makes them from a workbook."""
    del hand, folder
    return partial(assess_frames, {sheet.name: _objects(sheet) for sheet in ledger}, POLICY, YEAR)


def _objects(sheet: Sheet) -> pd.DataFrame:
    columns = {str(place): one.cells for place, one in enumerate(sheet.columns)}
    frame = pd.DataFrame(columns, dtype=object)
    frame.columns = pd.Index(sheet.headings)
    return frame


def as_json(hand: Hand, ledger: Ledger, folder: Path) -> Read:
    """A body as the service takes it; blank cells may be left out below the first row."""
    del folder
    leave_out = hand.chance(2)
    tables = []
    for sheet in ledger:
        rows = [
            [
                f"{json.dumps(heading)}: {json.dumps(cell, default=str)}"
                for heading, cell in zip(sheet.headings, record, strict=True)
                if place == 0 or not leave_out or cell is not None
            ]
            for place, record in enumerate(sheet.records())
        ]
        objects = ", ".join("{" + ", ".join(row) + "}" for row in rows)
        tables.append(f'"{sheet.name}": [{objects}]')
    body = f'{{"policy": "{POLICY}", "year": {YEAR}, {", ".join(tables)}}}'
    content = body.encode(hand.choice(["utf-8", "utf-8-sig"]))
    return lambda: assess_frames(
        frames_of(AssessmentBody.model_validate(read_json(content))), POLICY, YEAR
    )


SHEETS = (as_workbook, as_workbook, as_csv, as_csv, as_zip)
"""Forms that have rows above the headings, totals and notes."""
TYPED = (as_workbook, as_objects, as_json)
"""Forms whose cells need not be texts."""
FORMS = (*SHEETS, as_parquet, as_frames, as_objects, as_json)
