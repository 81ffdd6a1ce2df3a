"""Workbooks: a sheet for each table.

Kinds of fault: ``unreadable``, ``broken_file``, ``error_cell``, ``encrypted``, ``old_workbook``,
``table_twice``, ``ambiguous_table``, ``records_not_read``, ``workbook_too_large``,
``sheet_too_large``, and those of `sheet_table`.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import chain
from pathlib import Path
from xml.parsers import expat

import python_calamine as calamine

from compensation.faults.groups import FaultGroup, whole
from compensation.language import Text
from compensation.readers.archive import CHUNK, TooLarge, open_archive
from compensation.readers.cover_units import said_elsewhere, said_in_file_name
from compensation.readers.example_sheets import is_example, records_in_examples
from compensation.readers.files import broken, table_twice, unreadable
from compensation.readers.hidden import hidden_sheet
from compensation.readers.number_formats import formats_of
from compensation.readers.sheet import Content, Sheet, Top, UnknownError, open_workbook
from compensation.readers.sheet_table import table_of
from compensation.readers.sheet_xml import never_calculated, sheet_parts
from compensation.readers.table_names import (
    LOOKED_AT,
    Candidate,
    candidate,
    named,
    sort_out,
)
from compensation.schema.dictionary import TABLES, Table
from compensation.tables.layout import TITLE_ROWS
from compensation.tables.raw import RawTable

WORKBOOK = Text("Excel 工作簿（.xlsx）", "an Excel workbook (.xlsx)")
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


def read_workbook(path: Path) -> tuple[dict[str, RawTable], list[FaultGroup]]:
    """Return the tables of a workbook, by name, and what is wrong with it.

    Sheets go by the English or Chinese name of their table, or by their headings; see
    `table_names`. Others are ignored if they have no records. A sheet on which nothing
    is written is left out where its table is optional.
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
            members, formats = sheet_parts(archive), formats_of(archive)
            calculated = not never_calculated(archive)

            def sheet_called(name: str) -> Sheet:
                member = members.get(name, "")
                return Sheet(path, archive, workbook, name, member, formats, calculated)

            there, others, examples = _sheets_of(workbook)
            tops, too_large = _tops(map(sheet_called, others))
            faults += records_in_examples(_tops(map(sheet_called, examples))[0])
            taken, doubts = sort_out(_candidates(tops), there)
            chosen, twice = _chosen(there, taken, doubts)
            faults += [*too_large, *doubts, *twice]
            hidden = hidden_sheets(workbook)
            sheets = [(table, sheet_called(name)) for table, name in chosen]
            for table, sheet, content in _one_ahead(sheets):
                raw, found = _read_sheet(sheet, content, table)
                faults += found
                if raw is not None:
                    if sheet.name in hidden:
                        warning = hidden_sheet(sheet.name, table.name)
                        raw = raw._replace(warnings=(warning, *raw.warnings))
                    tables[table.name] = raw
            read = [(table, tables[table.name]) for table, _ in sheets if table.name in tables]
            used = {sheet.name for _, sheet in sheets}
            notes = {name: top for name, top in tops.items() if name not in used}
            faults += [*_said_in_notes(notes, read), *said_in_file_name(path.stem, read)]
    except OSError as error:
        return {}, [unreadable(path, error)]
    except BROKEN as error:
        return {}, [unread(path, error)]
    return tables, faults


def unread(path: Path, error: Exception, table: str | None = None) -> FaultGroup:
    """Return the fault of a workbook, or of a table in it, that one of `BROKEN` kept us from."""
    if isinstance(error, UnknownError):
        message = Text(
            "“{name}”的工作表“{sheet}”单元格 {cell} 是错误值，无法读取：请改正公式，或清空该格",
            "cell {cell} of the sheet “{sheet}” of “{name}” holds an error, and so the sheet cannot"
            " be read: correct the formula, or clear the cell",
        ).fill(name=path.name, sheet=error.sheet, cell=error.cell)
        return whole("error_cell", message, table=table, value=error.shown)
    if not isinstance(error, TooLarge):
        return broken(path, WORKBOOK, table)
    message = Text(
        "“{name}”解压后约 {size} MB，超过上限 {most} MB，未读取；"
        "请删除多余的内容或重复的文字，或改用 CSV、Parquet 文件",
        "“{name}” unpacks to about {size} MB, and no more than {most} MB are read: remove what does"
        " not belong to the tables, or use CSV or Parquet files",
    )
    size, most = (str(bytes_ // CHUNK) for bytes_ in (error.size, error.most))
    return whole("workbook_too_large", message.fill(name=path.name, size=size, most=most))


def holds_tables(path: Path) -> bool:
    """Return whether a sheet of a workbook has the headings of a table, and something below them.

    Raises what is raised of a file that cannot be read; see `BROKEN`.
    """
    with open_archive(path) as archive, open_workbook(path) as workbook:
        members = sheet_parts(archive)
        there, others, _ = _sheets_of(workbook)
        names = [*chain.from_iterable(there.values()), *others]
        sheets = (Sheet(path, archive, workbook, name, members.get(name, "")) for name in names)
        tops, too_large = _tops(sheets)
        return bool(too_large) or any(e.holds and not e.blank for e in _candidates(tops))


def sheet_names(path: Path) -> list[str]:
    """Return the names of all sheets of a workbook that can be read."""
    with open_archive(path), open_workbook(path) as workbook:
        return list(workbook.sheet_names)


def sheet_contents(path: Path) -> Iterator[tuple[str, list[list[object]]]]:
    """Yield every worksheet's name and its rows from the first on; see `Sheet.read`.

    Raises OSError and what `BROKEN` names.
    """
    with open_archive(path) as archive, open_workbook(path) as workbook:
        members = sheet_parts(archive)
        for sheet in workbook.sheets_metadata:
            if sheet.typ == calamine.SheetTypeEnum.WorkSheet:
                member = members.get(sheet.name, "")
                yield sheet.name, Sheet(path, archive, workbook, sheet.name, member).read().rows


def refusal(path: Path) -> FaultGroup | None:
    """Return why a file is no workbook of today's form; old and encrypted ones begin alike."""
    with path.open("rb") as file:
        if file.read(len(_OLE)) != _OLE:
            return None
        encrypted = _ENCRYPTED in file.read()
    if encrypted:
        message = Text(
            "“{name}”有密码保护：请去掉密码后再用",
            "“{name}” is protected by a password: remove the password first",
        )
        return whole("encrypted", message.fill(name=path.name))
    message = Text(
        "“{name}”是旧格式的工作簿（.xls）：请另存为 .xlsx",
        "“{name}” is a workbook of the old kind (.xls): save it as .xlsx",
    )
    return whole("old_workbook", message.fill(name=path.name))


def hidden_sheets(workbook: calamine.CalamineWorkbook) -> set[str]:
    """Return the names of the sheets that nobody sees who opens the workbook."""
    visible = calamine.SheetVisibleEnum.Visible
    return {sheet.name for sheet in workbook.sheets_metadata if sheet.visible != visible}


def _sheets_of(
    workbook: calamine.CalamineWorkbook,
) -> tuple[dict[str, list[str]], list[str], list[str]]:
    """Return the sheets that have the name of a table, by table, the others, and examples."""
    there: dict[str, list[str]] = {}
    others: list[str] = []
    examples: list[str] = []
    for sheet in workbook.sheets_metadata:
        if sheet.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        table = named(sheet.name)
        if table is not None:
            there.setdefault(table.name, []).append(sheet.name)
        else:
            (examples if is_example(sheet.name) else others).append(sheet.name)
    return there, others, examples


def _tops(sheets: Iterable[Sheet]) -> tuple[dict[str, Top], list[FaultGroup]]:
    """Return the first rows of some sheets, and a fault for each that is too large to look."""
    tops: dict[str, Top] = {}
    faults: list[FaultGroup] = []
    for sheet in sheets:
        top = sheet.top(LOOKED_AT)
        if top is None:
            message = Text(
                "工作表“{name}”过大，无法判断是否为台账：如是台账，请改用表名；如不是，请删除",
                "the sheet “{name}” is too large to see whether it is a table: give it the name"
                " of its table, or remove it",
            ).fill(name=sheet.name)
            faults.append(whole("sheet_too_large", message))
        else:
            tops[sheet.name] = top
    return tops, faults


def _candidates(tops: Mapping[str, Top]) -> list[Candidate]:
    return [candidate(name, name, top.rows, top.merged) for name, top in tops.items()]


def _chosen(
    there: Mapping[str, Sequence[str]],
    taken: Mapping[str, Candidate],
    doubts: Sequence[FaultGroup],
) -> tuple[list[tuple[Table, str]], list[FaultGroup]]:
    """Return which sheet holds which table, and a fault for each table of which there are two."""
    in_doubt = {fault.table for fault in doubts}
    chosen: list[tuple[Table, str]] = []
    faults: list[FaultGroup] = []
    for table in TABLES:
        names = [taken[table.name].name] if table.name in taken else there.get(table.name, [])
        if table.name in in_doubt or not names:
            continue
        if len(names) > 1:
            faults.append(table_twice(table, names))
        else:
            chosen.append((table, names[0]))
    return chosen, faults


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


def _said_in_notes(
    notes: Mapping[str, Top], tables: Sequence[tuple[Table, RawTable]]
) -> list[FaultGroup]:
    """Return the faults of a unit of money that a cover or notes state of all tables."""
    faults: list[FaultGroup] = []
    for name, top in notes.items():
        cells = [cell for row in top.rows for cell in row]
        figures = any(isinstance(cell, int | float) for cell in cells)
        said = [cell for row in top.rows[:TITLE_ROWS] for cell in row if isinstance(cell, str)]
        faults += said_elsewhere(said, name, tables, notes=not figures)
    return faults


def _read_sheet(
    sheet: Sheet, content: Future[Content], table: Table
) -> tuple[RawTable | None, list[FaultGroup]]:
    """Return one table and what is wrong with it; a broken sheet leaves the others readable."""
    try:
        on_sheet = content.result()
    except BROKEN as error:
        return None, [unread(sheet.path, error, table.name)]
    return table_of(sheet, on_sheet, table)
