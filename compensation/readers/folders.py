"""What the files of a folder are: which holds which table, and which cannot be read.

Files go by the English or Chinese name of their table, else by their headings; see `table_names`.
Kinds of fault: ``table_twice``, ``ambiguous_table``, ``records_not_read``, ``workbook_in_folder``,
``old_workbook``, ``form_not_read``, ``unknown_unit``, and those of a workbook that cannot be
opened.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq

from compensation.faults.groups import FaultGroup, whole
from compensation.language import Text
from compensation.readers.files import table_twice, unreadable
from compensation.readers.parquet import BROKEN
from compensation.readers.partitions import open_partitions
from compensation.readers.table_names import (
    Candidate,
    ambiguous_table,
    candidate,
    like_a_table,
    named,
    nearly_named,
    sort_out,
)
from compensation.schema.dictionary import TABLES, Table

WORKBOOKS = (".xlsx", ".xlsm")
OLD_WORKBOOKS = (".xls", ".xlsb", ".et", ".ods", ".numbers")
"""Workbooks in forms that are not read; what is in them cannot be seen."""
PACKED_FOLDERS = (".zip", ".7z", ".rar", ".tar", ".tgz")
LIKE_CSV = (".csv", ".tsv", ".csv.gz", ".tsv.gz", ".txt")
FOLDER = "/"
"""Stands for the suffix of a folder: a table may be a folder of Parquet files."""
_IGNORED = ("~$", ".")
"""How the lock files of spreadsheet programs and hidden files begin."""
_BY_HEADINGS_ONLY = ".txt"
"""Texts are mostly notes: one is a table only if it has the headings."""
_DOCUMENT = re.compile(
    r"\.(?:pdf|docx?|wps|pptx?|md|rst|html?|png|jpe?g|gif|bmp|tiff?|svg|log|py|ipynb|r|sql|toml|ya?ml"
    r"|ini|md5|sha256|sig|asc|lnk|url|eml)"
)
"""Suffixes of files that may be about a table and hold none."""


@dataclass(frozen=True)
class Contents:
    """What a folder holds.

    `files`: by table, the file to read. `workbook`: the only file that holds tables, if that is a
    workbook. `stems`: the names of all files that could be tables, for messages.
    """

    files: Mapping[str, Path] = field(default_factory=dict)
    faults: Sequence[FaultGroup] = ()
    workbook: Path | None = None
    stems: Sequence[str] = ()


def form_of(entry: Path) -> tuple[str, str]:
    """Return the name of a file without its form, and the form: a suffix, or `FOLDER`.

    A folder may be called contracts.parquet too.
    """
    name = entry.name.casefold()
    for suffix in LIKE_CSV:
        if name.endswith(suffix) and len(name) > len(suffix) and not entry.is_dir():
            return entry.name[: -len(suffix)], suffix
    return entry.stem, FOLDER if entry.is_dir() else entry.suffix.casefold()


def concerns(name: str) -> bool:
    """Return whether a file of this name may hold a table, or be in doubt: it is no document."""
    return not name.startswith(_IGNORED) and not _DOCUMENT.fullmatch(Path(name).suffix.casefold())


def contents_of(folder: Path) -> Contents:
    """Say what the files of a folder are; OSError if it cannot be listed."""
    everything = sorted(folder.iterdir())
    entries = [e for e in everything if concerns(e.name) or e.is_dir()]
    documents = [e for e in everything if e not in entries and not e.name.startswith(_IGNORED)]
    there: dict[str, list[Path]] = {}
    candidates: list[Candidate] = []
    workbooks: list[Path] = []
    unread: list[Path] = []
    for entry in entries:
        stem, form = form_of(entry)
        if entry.name.startswith(_IGNORED):
            continue
        if form in WORKBOOKS:
            workbooks.append(entry)
        elif form not in (*LIKE_CSV, ".parquet", FOLDER):
            unread.append(entry)
        elif (table := named(stem)) is not None and form != _BY_HEADINGS_ONLY:
            there.setdefault(table.name, []).append(entry)
        else:
            rows = _first_rows(entry, form)
            unseen = Candidate(entry.name, stem)
            candidates.append(unseen if rows is None else candidate(entry.name, stem, rows))
    names = {name: [file.name for file in files] for name, files in there.items()}
    taken, faults = sort_out(candidates, names)
    found = {name: folder / each.name for name, each in taken.items()}
    told = {fault.table for fault in faults if fault.table is not None}
    for table in TABLES:
        files = there.get(table.name, [])
        if len(files) > 1 and table.name not in told:
            faults.append(table_twice(table, names[table.name]))
        elif files and table.name not in told:
            found[table.name] = files[0]
    holding, wrong = _holding(workbooks)
    faults += [*wrong, *_not_read(unread, {*there, *found})]
    faults += _not_read([e for e in documents if _missing(e, {*there, *found})], set())
    faults += _in_subfolders([e for e in entries if e.is_dir()], {*there, *found} | told)
    if len(holding) == 1 and not (found or faults):
        return Contents(workbook=holding[0])
    faults += map(_workbook_in_folder, holding)
    stems = [form_of(entry)[0] for entry in entries]
    return Contents(found, faults, None, stems)


def _first_rows(entry: Path, form: str) -> Sequence[Sequence[object]] | None:
    """Return the first rows of a file; None if it cannot be read.

    Of Parquet files only the headings are known, and a row stands for those that they may have. Of
    folders only those are looked into that have a name like a table's.
    """
    if form in LIKE_CSV:
        # What reads CSV files is imported only where there is one.
        from compensation.readers.csv_file import first_records

        found = first_records(entry)
        if not found:
            return None
        each = [(rows, candidate("", "", rows)) for rows in found]
        return max(each, key=lambda one: (one[1].holds is not None, one[1].ids is not None))[0]
    if form == FOLDER:
        if not like_a_table(entry.name):
            return ()
        opened, _ = open_partitions(entry, TABLES[0])
        return None if opened is None else _with_a_row([c.heading for c in opened.head.columns])
    try:
        return _with_a_row(pq.read_schema(entry).names)
    except BROKEN:
        return None


def _with_a_row(headings: Sequence[str]) -> Sequence[Sequence[str]]:
    return headings, ["0"] * len(headings)


def _holding(workbooks: Sequence[Path]) -> tuple[list[Path], list[FaultGroup]]:
    """Return the workbooks that hold a table, and the faults of those that cannot be opened."""
    holding: list[Path] = []
    faults: list[FaultGroup] = []
    for path in workbooks:
        # What reads workbooks is imported only where there is one.
        from compensation.readers.xlsx import BROKEN as BROKEN_WORKBOOK
        from compensation.readers.xlsx import holds_tables, refusal, unread

        try:
            refused = refusal(path)
            if refused is not None:
                faults.append(refused)
            elif holds_tables(path):
                holding.append(path)
        except OSError as error:
            faults.append(unreadable(path, error))
        except BROKEN_WORKBOOK as error:
            faults.append(unread(path, error))
    return holding, faults


def _not_read(files: Sequence[Path], there: set[str]) -> list[FaultGroup]:
    """Return a fault for each file in a form that is not read, and that may hold a table."""
    faults = []
    for file in files:
        stem, form = form_of(file)
        if form in OLD_WORKBOOKS:
            faults.append(old_workbook(file))
            continue
        near = nearly_named(stem)
        missing = [table for table in like_a_table(stem) if table.name not in there]
        if near is not None or missing:
            faults.append(_form_not_read(file, near or missing[0]))
    return faults


def _missing(document: Path, there: set[str]) -> bool:
    """Return whether a document, a scan for one, has the name of a table that is not there."""
    table = nearly_named(document.stem)
    return table is not None and table.name not in there


def _in_subfolders(folders: Sequence[Path], there: set[str]) -> list[FaultGroup]:
    """Return a fault for each missing table that a file in one of the folders may hold."""
    files = [
        (f"{folder.name}/{file.name}", like_a_table(form_of(file)[0]))
        for folder in folders
        if not folder.name.startswith(_IGNORED) and not like_a_table(folder.name)
        for file in sorted(folder.iterdir())
        if file.is_file() and concerns(file.name)
    ]
    faults = []
    for table in TABLES:
        names = [name for name, tables in files if table in tables]
        if names and table.name not in there:
            faults.append(ambiguous_table(table, names))
    return faults


def _form_not_read(file: Path, table: Table) -> FaultGroup:
    message = Text(
        "“{name}”可能是这张表，但不能读取这种格式的文件",
        "“{name}” may be this table, but files of its form are not read",
    ).fill(name=file.name)
    expected = Text(
        f"{table.heading}.csv、.tsv、.csv.gz 或 .parquet；不是该表的，请改名或移出",
        f"{table.name}.csv, .tsv, .csv.gz or .parquet; rename or remove what is something else",
    )
    return whole("form_not_read", message, table=table.name, expected=expected)


def old_workbook(path: Path) -> FaultGroup:
    """Return the fault of a workbook in a form that is not read, and how to save it."""
    message = Text(
        "不能读取“{name}”这种格式的工作簿：请用 Excel 或 WPS 打开，选择“另存为”，"
        "文件类型选“Excel 工作簿（*.xlsx）”",
        "“{name}” is a workbook of a form that is not read: open it in Excel or WPS and save it"
        " as “Excel Workbook (*.xlsx)”",
    )
    return whole("old_workbook", message.fill(name=path.name))


def _workbook_in_folder(path: Path) -> FaultGroup:
    message = Text(
        "文件夹中的工作簿“{name}”含有台账，不会与其他文件一起读取",
        "the workbook “{name}” in the folder holds tables, and is not read beside other files",
    )
    expected = Text(
        "直接以该工作簿作为输入，或将其移出文件夹",
        "the workbook itself as the input, or a folder without it",
    )
    return whole("workbook_in_folder", message.fill(name=path.name), expected=expected)
