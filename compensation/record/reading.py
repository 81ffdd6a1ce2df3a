"""A result read back, from whichever form it was written in: CSV, Parquet, a workbook.

`opened` reads whatever can be read and says which parts are not as they were written; `read_result`
refuses a result of which any part is not.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import text_scalar
from compensation.faults.input_faults import InputFaults
from compensation.language import Text
from compensation.ledger.whole_tables import whole_table
from compensation.policy.catalogue import Policy
from compensation.policy.faults import PolicyFaults
from compensation.readers.archive import open_archive
from compensation.readers.files import unreadable as unreadable_file
from compensation.readers.reading import FORMS
from compensation.readers.sheet import Sheet, open_workbook
from compensation.readers.sheet_table import table_of
from compensation.readers.sheet_xml import sheet_parts
from compensation.readers.xlsx import BROKEN, refusal, unread
from compensation.record.cells import TEXT, cells_of_column, translated, without_guards
from compensation.record.faults import ResultRefused, no_result, unreadable
from compensation.record.kept_rules import kept_policy, packaged
from compensation.record.settlement_sheets import (
    INSTITUTIONS,
    SIGNED,
    read_institutions,
    read_pool,
    read_signed,
)
from compensation.record.shown import SHOWN_KEYS, read_shown
from compensation.record.summary_reading import policies_said, read_summary, types_said
from compensation.report import settlement_workbook
from compensation.report.folder import file_digest
from compensation.report.former_names import HEADINGS as FORMER_HEADINGS
from compensation.report.former_names import sheets_by_name
from compensation.report.record import (
    ASSESSMENT,
    OWN_DIGEST,
    SETTLEMENT,
    SUMMARY,
    Layout,
    csv_digest,
    own_digest,
)
from compensation.report.record_sheet import RECORD_SHEET, held, texts_of
from compensation.report.settlement_headings import STATUS_NAMES as SETTLED_NAMES
from compensation.report.settlement_headings import heading_of
from compensation.report.tables import BASED_ON, RESULTS, TITLE_ROWS, result_heading
from compensation.report.wording import STATUS_NAMES
from compensation.results import MONEY_DECIMALS, RATIO_DECIMALS, text_digest
from compensation.schema.column import Column, ColumnType
from compensation.schema.dictionary import Table
from compensation.tables.headings import resolve
from compensation.tables.raw import RawTable

INSTITUTIONS_TABLE = SETTLEMENT.tables[1]
ResultForm = Literal["csv", "parquet", "xlsx"]
_TYPES = {
    ColumnType.MONEY: pa.decimal128(18, MONEY_DECIMALS),
    ColumnType.SHARE: pa.decimal128(38, RATIO_DECIMALS),
    ColumnType.COUNT: pa.int64(),
    ColumnType.DATE: pa.date32(),
    ColumnType.BOOLEAN: pa.bool_(),
    ColumnType.TEXT: pa.string(),
}


@dataclass(frozen=True, eq=False)
class Result:
    """A result that was written earlier.

    `summary`: what summary.json says. `texts`: the rules that the run was under, by name.
    `cells`: by result table, its cells as texts in the form of CSV results, blanks empty.
    `changed`: what is not as it was written: files, sheets, texts of rules, summary.json.
    `shown`: what sheets of a workbook repeat for people. `layout`: the kind of result.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> assess(ledger, "jiyuan-2022", 2022).to_csv("kept")
    >>> read_result("kept").tables["claims"].num_rows
    11
    """

    path: Path
    form: ResultForm
    summary: Mapping[str, Any] = field(repr=False)
    texts: Mapping[str, str] = field(repr=False)
    cells: Mapping[str, pa.Table] = field(repr=False)
    changed: tuple[str, ...] = ()
    shown: Mapping[str, pa.Table] = field(default_factory=dict, repr=False)
    layout: Layout = field(default=ASSESSMENT, repr=False)

    @cached_property
    def policies(self) -> tuple[Policy, ...]:
        """The policies of the run, made of the texts that the result keeps.

        Raises `PolicyFaults` where this version can't take them.
        """
        ids = [policy["id"] for policy in policies_said(self.summary)]
        found = (kept_policy(self.summary, self.texts, id_) for id_ in ids)
        return tuple(policy for policy in found if policy is not None)

    @property
    def policy(self) -> Policy:
        """The policy of a run under one; see `policies`. ValueError where there are several."""
        (policy,) = self.policies
        return policy

    @property
    def tables(self) -> Mapping[str, pa.Table]:
        """The result tables with the types that they were written with; blanks are null.

        Raises pa.ArrowInvalid where a cell is no value of its column's type.
        """
        return {name: _typed(cells, self.types(name)) for name, cells in self.cells.items()}

    def types(self, table: str) -> Mapping[str, ColumnType]:
        """Return the types of the columns of a result table, by name."""
        return types_said(self.summary, table)


def read_result(path: str | os.PathLike[str]) -> Result:
    """Read a result: a workbook, or a folder of CSV or Parquet files.

    Raises `ResultRefused` where it can't be read, or any part is not as it was written: changed
    afterwards, or files of two runs.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> assess(ledger, "jiyuan-2022", 2022).to_csv("kept")
    >>> read_result("kept").policy.id
    'jiyuan-2022'
    """
    result = opened(path)
    if result.changed:
        raise ResultRefused(
            Text(
                "结果“{path}”与写出时不同，或混有两次计算的文件：{parts}；用 compensation verify "
                "核对",
                "the result “{path}” is not as it was written, or mixes two runs: {parts};"
                " compensation verify tells what differs",
            ).fill(path=path, parts=", ".join(result.changed))
        )
    return result


def opened(path: str | os.PathLike[str]) -> Result:
    """Read a result, saying of each part whether it is as it was written.

    Raises `ResultRefused` where it can't be read, and `PolicyFaults` where a workbook's policy,
    which knows its headings, can't.
    """
    path = Path(path)
    try:
        return _of_folder(path) if path.is_dir() else _of_workbook(path)
    except InputFaults as wrong:
        raise unreadable(path, wrong) from wrong
    except OSError as error:
        raise unreadable(path, InputFaults([unreadable_file(path, error)])) from error


# A folder


def _of_folder(path: Path) -> Result:
    layouts = [layout for layout in (ASSESSMENT, SETTLEMENT) if (path / layout.summary).is_file()]
    if not layouts:
        why = Text(
            f"没有 {ASSESSMENT.summary} 或 {SETTLEMENT.summary}",
            f"there is no {ASSESSMENT.summary} or {SETTLEMENT.summary}",
        )
        raise no_result(path, why)
    if len(layouts) > 1:
        why = Text("其中有年度核算和清算两个结果", "it holds an assessment and a settlement")
        raise no_result(path, why)
    content = (path / layouts[0].summary).read_bytes()
    summary, layout = read_summary(path, content, "files", layouts[0])
    files = summary["files"]
    kept = {entry.name: entry for entry in path.iterdir() if layout.rules.fullmatch(entry.name)}
    found = {name: _text(entry) for name, entry in kept.items()}
    form: ResultForm = "parquet" if f"{layout.tables[0]}.parquet" in files else "csv"
    changed = _changed(summary, found, layout)
    cells = {}
    for table in layout.tables:
        file = path / f"{table}.{form}"
        wanted = _table(summary, layout, table, table, lambda name: name)
        pieces, faults = FORMS[f".{form}"](file, wanted)
        if pieces is None or faults:
            raise InputFaults(faults)
        cells[table] = _cells(whole_table(pieces, wanted), wanted)
        if file_digest(file) != files.get(file.name):
            changed.append(file.name)
    if form == "csv":
        cells = {
            name: as_read(name, t, types_said(summary, name), form) for name, t in cells.items()
        }
    return Result(path, form, summary, found, cells, tuple(changed), layout=layout)


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig", "replace").replace("\r\n", "\n")


def as_read(
    table: str, cells: pa.Table, types: Mapping[str, ColumnType], form: ResultForm
) -> pa.Table:
    """Return the cells of a result table as they read back once they have been written in a form.

    A workbook has some of the columns of a settlement's institutions.
    """
    columns = dict(zip(cells.column_names, cells.columns, strict=True))
    if form == "xlsx" and table == INSTITUTIONS_TABLE:
        columns = {name: column for name, column in columns.items() if name in INSTITUTIONS}
    for name, kind in types.items():
        if kind is ColumnType.TEXT and name in columns:
            if form == "csv":
                columns[name] = without_guards(columns[name])
            elif form == "xlsx":
                columns[name] = held(columns[name])
    return pa.table(columns)


# A workbook


def _of_workbook(path: Path) -> Result:
    why = refusal(path)
    if why is not None:
        raise InputFaults([why])
    try:
        with (
            open_archive(path) as archive,
            open_workbook(path) as book,
        ):
            sheets = sheets_by_name(book.sheet_names)
            settled = settlement_workbook.CLAIMS_SHEET in sheets
            wanted = settlement_workbook.SHEETS if settled else (RECORD_SHEET, *RESULTS.values())
            if missing := set(wanted).difference(sheets):
                names = "、".join(sorted(missing))
                raise no_result(path, Text(f"没有工作表 {names}", f"there is no sheet {names}"))
            parts = sheet_parts(archive)

            def sheet(name: str) -> Sheet:
                return Sheet(path, archive, book, sheets[name], parts.get(sheets[name], ""))

            if settled:
                shown = {name: read_signed(sheet(name).read().rows) for name in SIGNED}
                return replace(_of_settlement(path, sheet), shown=shown)
            shown = {
                name: read_shown(name, sheet(name).read().rows)
                for name in SHOWN_KEYS
                if name in sheets
            }
            return replace(_of_assessment(path, sheet), shown=shown)
    except (InputFaults, PolicyFaults, ResultRefused):
        raise
    except BROKEN as error:
        raise InputFaults([unread(path, error)]) from error


def _of_assessment(path: Path, sheet: Callable[[str], Sheet]) -> Result:
    found = dict(texts_of(sheet(RECORD_SHEET).read().rows))
    content = found.pop(SUMMARY, "").encode()
    summary, layout = read_summary(path, content, "sheets", ASSESSMENT)
    changed = _changed(summary, found, layout)
    policies = [_knows_headings(path, summary, found, of["id"]) for of in policies_said(summary)]
    cells = {}
    for table in layout.tables:
        title = RESULTS[table]
        wanted = _table(summary, layout, table, title, partial(result_heading, policies))
        cells[table] = _of_sheet(sheet(title), wanted, STATUS_NAMES)
        if not _has_digest(cells[table], summary, table, title):
            changed.append(title)
    return Result(path, "xlsx", summary, found, cells, tuple(changed), layout=layout)


def _of_settlement(path: Path, sheet: Callable[[str], Sheet]) -> Result:
    found = dict(texts_of(sheet(RECORD_SHEET).read().rows, SETTLEMENT))
    content = found.pop(SETTLEMENT.summary, "").encode()
    summary, layout = read_summary(path, content, "sheets", SETTLEMENT)
    changed = _changed(summary, found, layout)
    claims, institutions, pool = layout.tables
    title = settlement_workbook.CLAIMS_SHEET
    policies = [_knows_headings(path, summary, found, of["id"]) for of in policies_said(summary)]
    wanted = _table(summary, layout, claims, title, partial(heading_of, policies=policies))
    cells = {
        claims: _of_sheet(sheet(title), wanted, SETTLED_NAMES),
        institutions: read_institutions(
            sheet(settlement_workbook.SUMMARY_SHEET).read().rows, policies
        ),
        pool: read_pool(sheet(settlement_workbook.POOL_SHEET).read().rows),
    }
    for table, on in ((claims, title), (pool, settlement_workbook.POOL_SHEET)):
        if not _has_digest(cells[table], summary, table, table):
            changed.append(on)
    return Result(path, "xlsx", summary, found, cells, tuple(changed), layout=layout)


def _of_sheet(sheet: Sheet, wanted: Table, statuses: Mapping[str, str]) -> pa.Table:
    """Return the cells of a sheet that holds a whole table, statuses by their names in results."""
    content = sheet.read()
    for row in content.rows[:TITLE_ROWS]:  # a policy's name may speak of 万元, but of no column
        row[:] = ["" if str(cell).startswith(BASED_ON) else cell for cell in row]
    raw, faults = table_of(sheet, content, wanted)
    if raw is None or faults:
        raise InputFaults(faults)
    cells = _cells(raw, wanted)
    if "status" not in cells.column_names:
        return cells
    place = cells.column_names.index("status")
    values = {zh: value for value, zh in statuses.items()}
    named = translated(cells["status"].combine_chunks(), values)
    return cells.set_column(place, "status", named)


def _knows_headings(
    path: Path, summary: Mapping[str, Any], kept: Mapping[str, str], id_: str
) -> Policy:
    """Return the policy that names the columns of a workbook: the kept one, if it is one."""
    own = packaged(id_)
    try:
        found = kept_policy(summary, kept, id_) or own
    except PolicyFaults:
        if own is None:
            raise
        found = own
    if found is None:
        raise no_result(path, Text("没有政策原文", "it keeps no text of its policy"))
    return found


def _has_digest(cells: pa.Table, summary: Mapping[str, Any], table: str, named: str) -> bool:
    """Return whether the cells of a sheet have the digest that the summary names."""
    types = types_said(summary, table)
    if cells.column_names != list(types):
        return False
    try:
        typed = _typed(cells, types)
    except pa.ArrowInvalid:
        return False
    return bool(csv_digest(typed) == summary["sheets"].get(named))


# What both have in common


def _changed(summary: Mapping[str, Any], kept: Mapping[str, str], layout: Layout) -> list[str]:
    """Return the summary and the texts of rules that are not as they were written."""
    named = summary["rules"]
    changed = [] if own_digest(summary) == summary.get(OWN_DIGEST) else [layout.summary]
    wrong = {name for name, text in kept.items() if text_digest(text) != named.get(name)}
    return [*changed, *sorted(wrong | (named.keys() - kept.keys()))]


def _table(
    summary: Mapping[str, Any],
    layout: Layout,
    table: str,
    title: str,
    heading: Callable[[str], str],
) -> Table:
    """Return what a reader looks for in a result table: its columns by name and by heading."""
    columns = [
        Column(
            name,
            heading(name),
            kind,
            required=name == layout.key(table),
            further=FORMER_HEADINGS.get(name, ()),
        )
        for name, kind in types_said(summary, table).items()
    ]
    return Table(table, title, tuple(columns))


def _cells(raw: RawTable, wanted: Table) -> pa.Table:
    """Return the cells of the columns that are there; raises `InputFaults`."""
    resolved = resolve(raw, wanted)
    if resolved.faults:
        raise InputFaults(resolved.faults)
    names = [column.name for column in wanted.columns if column.name in resolved.columns]
    columns = [
        cells_of_column(resolved.columns[name].raw, wanted.column(name).type, raw.rows)
        for name in names
    ]
    return pa.table(columns, names)


def _typed(cells: pa.Table, types: Mapping[str, ColumnType]) -> pa.Table:
    """Return cells as values of their types; raises pa.ArrowInvalid where one is none."""
    columns = {}
    for name in cells.column_names:
        column = cells[name].combine_chunks()
        filled = pc.if_else(pc.equal(column, ""), text_scalar(None, TEXT), column)
        columns[name] = filled.cast(_TYPES[types[name]])
    return pa.table(columns)
