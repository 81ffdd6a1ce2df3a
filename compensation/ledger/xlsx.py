"""Workbooks: a sheet for each table.

Kinds of fault: ``unreadable``, ``broken_file``, ``encrypted``, ``old_workbook``, ``table_twice``,
``workbook_too_large``, ``sheet_too_large``, ``no_headings``, ``unknown_unit``, ``error_cell``,
``formula_without_value``.
"""

from __future__ import annotations

import contextlib
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast
from xml.parsers import expat

import numpy as np
import python_calamine as calamine

from compensation.language import Text
from compensation.ledger.archive import CHUNK, TooLarge, open_archive
from compensation.ledger.dictionary import TABLES, Table
from compensation.ledger.faults import FaultGroup, whole
from compensation.ledger.files import broken, table_twice, unreadable
from compensation.ledger.headings import normalise
from compensation.ledger.layout import (
    TITLE_ROWS,
    Head,
    Positions,
    body_of,
    column_name,
    find_head,
    no_headings,
)
from compensation.ledger.raw import RawTable, column_of_cells
from compensation.ledger.sheet_reach import reach_of
from compensation.ledger.sheet_xml import SheetScan, Unreadable, scan, sheet_parts
from compensation.ledger.unit_places import said_elsewhere

P = ParamSpec("P")
Parsed = TypeVar("Parsed")
WORKBOOK = Text("Excel 工作簿(.xlsx)", "an Excel workbook (.xlsx)")
NOTES_BYTES = 2**18
"""How large a sheet of notes is at most; a unit that is stated on it may be of all tables."""
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
BROKEN = (
    calamine.CalamineError,
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    EOFError,
    LookupError,  # a part that is not there, or in an encoding that nobody knows
    RuntimeError,  # a member of the archive that is encrypted, or packed in an unknown way
    ValueError,  # UnsafeArchive and UnsafeXml among them
)
_MESSAGES = {
    "error_cell": Text("单元格是错误值", "the cell holds an error"),
    "formula_without_value": Text(
        "公式没有计算结果:请用 Excel 或 WPS 打开、保存后再用",
        "the formula has no stored result: open and save the file in a spreadsheet program",
    ),
}


def read_workbook(path: Path) -> tuple[dict[str, RawTable], list[FaultGroup]]:
    """Return the tables of a workbook, by name, and what is wrong with it.

    Sheets go by the English or Chinese name of their table; others are ignored. A sheet on which
    nothing is written is left out where its table is optional.
    """
    tables: dict[str, RawTable] = {}
    faults: list[FaultGroup] = []
    try:
        refused = refusal(path)
        if refused is not None:
            return {}, [refused]
        with (
            open_archive(path) as archive,
            open_workbook(path) as workbook,
        ):
            members = sheet_parts(archive)
            sheets: list[tuple[Table, Sheet]] = []
            for table in TABLES:
                names = _sheets_of(table, workbook)
                if len(names) > 1:
                    faults.append(table_twice(table, names))
                elif names:
                    sheet = Sheet(path, archive, workbook, names[0], members.get(names[0], ""))
                    sheets.append((table, sheet))
            for table, sheet, content in _one_ahead(sheets):
                raw, found = _read_sheet(sheet, content, table)
                faults += found
                if raw is not None:
                    tables[table.name] = raw
            read = [(table, tables[table.name]) for table, _ in sheets if table.name in tables]
            others = [
                Sheet(path, archive, workbook, name, members.get(name, ""))
                for name in workbook.sheet_names
                if all(name != sheet.name for _, sheet in sheets)
            ]
            faults += _said_on_other_sheets(others, read)
    except OSError as error:
        return {}, [unreadable(path, error)]
    except BROKEN as error:
        return {}, [unread(path, error)]
    return tables, faults


def unread(path: Path, error: Exception) -> FaultGroup:
    """Return the fault of a workbook that none of `BROKEN` let us read."""
    if not isinstance(error, TooLarge):
        return broken(path, WORKBOOK)
    message = Text(
        "“{name}”解压后约 {size} MB，超过上限 {most} MB，未读取；"
        "请删除多余的内容或重复的文字，或改用 CSV、Parquet 文件",
        "“{name}” unpacks to about {size} MB, and no more than {most} MB are read: remove what does"
        " not belong to the tables, or use CSV or Parquet files",
    )
    size, most = (str(bytes_ // CHUNK) for bytes_ in (error.size, error.most))
    return whole("workbook_too_large", message.fill(name=path.name, size=size, most=most))


def sheet_names(path: Path) -> list[str]:
    """Return the names of all sheets of a workbook that can be read."""
    with open_archive(path), open_workbook(path) as workbook:
        return list(workbook.sheet_names)


def open_workbook(path: Path) -> calamine.CalamineWorkbook:
    """Return a workbook as the parser knows it. Raises OSError and what `BROKEN` names."""
    try:
        str(path).encode()
    except UnicodeEncodeError:  # the parser takes no such path, but a file that is open
        with path.open("rb") as file:
            return parsed(calamine.CalamineWorkbook.from_filelike, file)
    return parsed(calamine.CalamineWorkbook.from_path, path)


def parsed(parse: Callable[P, Parsed], *args: P.args, **kwargs: P.kwargs) -> Parsed:
    """Return what the parser makes of something; ValueError where it gives up.

    It is written in Rust, and gives up on some damaged files by a panic, which is no `Exception`.
    """
    try:
        return parse(*args, **kwargs)
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise ValueError(str(error)) from error
        raise


def refusal(path: Path) -> FaultGroup | None:
    """Return why a file is no workbook of today's form; old and encrypted ones begin alike."""
    with path.open("rb") as file:
        if file.read(len(_OLE)) != _OLE:
            return None
        encrypted = _ENCRYPTED in file.read()
    if encrypted:
        message = Text(
            "“{name}”有密码保护:请去掉密码后再用",
            "“{name}” is protected by a password: remove the password first",
        )
        return whole("encrypted", message.fill(name=path.name))
    message = Text(
        "“{name}”是旧格式的工作簿(.xls):请另存为 .xlsx",
        "“{name}” is a workbook of the old kind (.xls): save it as .xlsx",
    )
    return whole("old_workbook", message.fill(name=path.name))


def _sheets_of(table: Table, workbook: calamine.CalamineWorkbook) -> list[str]:
    wanted = {normalise(table.name), normalise(table.heading)}
    return [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.typ == calamine.SheetTypeEnum.WorkSheet and normalise(sheet.name) in wanted
    ]


Content = tuple[list[list[object]], SheetScan]
"""The rows of a sheet from its first on, and what the parser made blank."""


@dataclass(frozen=True)
class Sheet:
    """One sheet, as the parser and as the archive know it."""

    path: Path
    archive: zipfile.ZipFile
    workbook: calamine.CalamineWorkbook
    name: str
    member: str

    def read(self) -> Content:
        """Return what is on the sheet.

        The rows are empty if the sheet spans too many cells: the parser would fill them all.
        """
        with self.archive.open(self.member) as stream:
            reach, marked = reach_of(iter(lambda: stream.read(CHUNK), b""))
        # Cells that only have a format count in a quick look, and not in a thorough one.
        known = reach is not None and not reach.too_large and not marked
        found = SheetScan() if known else scan(self.archive, self.member)
        return ([] if found.too_large else self._rows()), found

    def _rows(self) -> list[list[object]]:
        sheet = parsed(self.workbook.get_sheet_by_name, self.name)
        read: Callable[..., Any] = sheet.to_python
        return cast("list[list[object]]", parsed(read, skip_empty_area=False))


def _one_ahead(
    sheets: Sequence[tuple[Table, Sheet]],
) -> Iterator[tuple[Table, Sheet, Future[Content]]]:
    """Yield the sheets; while the caller works on one, the parser is at the next."""
    with ThreadPoolExecutor(1) as parser:
        contents = [parser.submit(sheet.read) for _, sheet in sheets[:1]]
        for place, (table, sheet) in enumerate(sheets):
            wait(contents)
            following = sheets[place + 1 : place + 2]
            content = contents.pop()
            contents = [parser.submit(after.read) for _, after in following]
            yield table, sheet, content


def _said_on_other_sheets(
    others: Sequence[Sheet], tables: Sequence[tuple[Table, RawTable]]
) -> list[FaultGroup]:
    """Return the faults of a unit of money that a cover or notes state of all tables.

    Only small sheets are looked at, and of them the first rows.
    """
    faults: list[FaultGroup] = []
    for sheet in others:
        # A chart has no rows, and what is broken on a sheet of notes is nobody's business.
        with contextlib.suppress(*BROKEN):
            if sheet.archive.getinfo(sheet.member).file_size <= NOTES_BYTES:
                rows, _ = sheet.read()
                cells = [cell for row in rows[:TITLE_ROWS] for cell in row if isinstance(cell, str)]
                faults += said_elsewhere(cells, sheet.name, tables)
    return faults


def read_sheet(sheet: Sheet, table: Table) -> tuple[RawTable | None, list[FaultGroup]]:
    """Return the table of one sheet and what is wrong with it."""
    with ThreadPoolExecutor(1) as parser:
        return _read_sheet(sheet, parser.submit(sheet.read), table)


def _read_sheet(
    sheet: Sheet, content: Future[Content], table: Table
) -> tuple[RawTable | None, list[FaultGroup]]:
    """Return one table and what is wrong with it; a broken sheet leaves the others readable."""
    try:
        rows, found = content.result()
    except BROKEN:
        return None, [broken(sheet.path, WORKBOOK, table.name)]
    if found.too_large:
        message = Text(
            "工作表“{name}”的内容延伸到第 {row} 行、第 {column} 列:请删除表格以外的内容",
            "the cells of the sheet “{name}” reach to row {row}, column {column}:"
            " remove what does not belong to the table",
        ).fill(name=sheet.name, row=found.reach.rows, column=found.reach.columns)
        return None, [whole("sheet_too_large", message, table=table.name)]
    head = find_head(rows, table)
    if head is None:
        return None, [] if table.optional else [no_headings(table, sheet.name)]
    first = head.row + 1
    headed = {i for i, heading in enumerate(head.headings) if heading}
    unread = sorted(
        cell for cell in found.unreadable if cell.row >= first and cell.column in headed
    )
    body = rows[first:]
    # The parser's rows end where its last value is; a formula without one may stand below.
    body += [[""] * len(head.headings)] * (max((c.row for c in unread), default=0) + 1 - len(rows))
    cells = zip(*body, strict=True) if body else [()] * len(head.headings)
    columns = [column_of_cells(*pair) for pair in zip(head.headings, cells, strict=True)]
    occupied = np.array([cell.row - first for cell in unread], dtype=np.int64)
    records = body_of(head, columns, len(body), occupied, table, lambda rows: rows + (first + 1))
    kept = records.kept
    numbers = (np.arange(len(body)) if kept is None else kept) + (first + 1)

    def locate(positions: Positions) -> Positions:
        return numbers[positions]

    raw = RawTable(
        table.name,
        records.columns,
        len(numbers),
        records.unit,
        locate,
        sheet.name,
        warnings=records.warnings,
    )
    unnamed = [cell for cell in found.unreadable if cell.row == head.row]
    faults = [*head.faults, *records.faults, *(_unread_heading(cell, table) for cell in unnamed)]
    return raw, faults + _unread_faults(unread, head, raw, numbers, table)


def _unread_heading(cell: Unreadable, table: Table) -> FaultGroup:
    """Return the fault of a heading that is an error or was never calculated."""
    message = Text("第 {row} 行的标题:{what}", "a heading in row {row}: {what}")
    message = message.fill(row=cell.row + 1, what=_MESSAGES[cell.kind])
    return whole(cell.kind, message, table=table.name, value=cell.shown)


def _unread_faults(
    unread: Sequence[Unreadable], head: Head, raw: RawTable, numbers: Positions, table: Table
) -> list[FaultGroup]:
    """Return a group of faults for each kind and column; a closing row of totals has none."""
    rows = np.array([cell.row + 1 for cell in unread], dtype=np.int64)
    kept = np.isin(rows, numbers)
    groups: dict[tuple[str, int], list[int]] = {}
    for i in np.flatnonzero(kept).tolist():
        groups.setdefault((unread[i].kind, unread[i].column), []).append(i)
    return [
        FaultGroup(
            kind,
            _MESSAGES[kind],
            table.name,
            column_name(head.headings[column], table),
            rows=np.searchsorted(numbers, rows[cells]).astype(np.int64),
            values=[unread[i].shown for i in cells],
            locate=raw.locate,
        )
        for (kind, column), cells in groups.items()
    ]
