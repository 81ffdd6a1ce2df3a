"""A result read back, from whichever form it was written in: CSV, Parquet, a workbook.

`opened` reads whatever can be read and says which parts are not as they were written; `read_result`
refuses a result of which any part is not.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import text_scalar
from compensation.language import Text
from compensation.ledger.archive import open_archive
from compensation.ledger.as_of import day_of
from compensation.ledger.csv_file import read_csv
from compensation.ledger.dictionary import Column, ColumnType, Table
from compensation.ledger.faults import InputFaults
from compensation.ledger.files import unreadable as unreadable_file
from compensation.ledger.headings import resolve
from compensation.ledger.parquet import read_parquet
from compensation.ledger.raw import RawTable
from compensation.ledger.sheet import Sheet, open_workbook
from compensation.ledger.sheet_xml import sheet_parts
from compensation.ledger.xlsx import BROKEN, read_sheet, refusal, unread
from compensation.policy.catalogue import (
    POLICY_TEXT,
    Policy,
    list_policies,
    load_policy,
    policy_of_texts,
)
from compensation.policy.faults import PolicyFaults
from compensation.record.cells import TEXT, cells_of_column, translated, without_guards
from compensation.record.faults import ResultRefused, unreadable
from compensation.record.shown import SHOWN_KEYS, read_shown
from compensation.report.folder import RESULT_TABLES, file_digest
from compensation.report.former_names import HEADINGS as FORMER_HEADINGS
from compensation.report.former_names import sheets_by_name
from compensation.report.record import OWN_DIGEST, RULES, SUMMARY, csv_digest, own_digest
from compensation.report.record_sheet import RECORD_SHEET, held, texts_of
from compensation.report.tables import RESULTS, STATUS_NAMES, result_heading
from compensation.results import MONEY_DECIMALS, RATIO_DECIMALS, text_digest

ResultForm = Literal["csv", "parquet", "xlsx"]
KEYS = {"claims": "claim_id", "institutions": "institution_id", "returns": "recovery_id"}
"""What the rows of each result table go by."""
_TYPES = {
    ColumnType.MONEY: pa.decimal128(18, MONEY_DECIMALS),
    ColumnType.SHARE: pa.decimal128(38, RATIO_DECIMALS),
    ColumnType.COUNT: pa.int64(),
    ColumnType.DATE: pa.date32(),
    ColumnType.BOOLEAN: pa.bool_(),
    ColumnType.TEXT: pa.string(),
}
_SAID = {
    "policy": dict,
    "year": int,
    "budget": str | None,
    "reviews": list,
    "version": str,
    "input_digest": str,
    "inputs": dict,
    "parties": list,
    "rules": dict,
    "totals": dict,
    "assumptions": list,
    "warnings": list,
    "columns": dict,
}
"""What a summary must say for its result to be a record, and as what."""


@dataclass(frozen=True, eq=False)
class Result:
    """A result that was written earlier.

    `summary`: what summary.json says. `texts`: the rules that the run was under, by name.
    `cells`: by result table, its cells as texts in the form of CSV results, blanks empty.
    `changed`: what is not as it was written: files, sheets, texts of rules, summary.json.
    `shown`: what the sheets 汇总 and 审核表 of a workbook repeat for people.
    """

    path: Path
    form: ResultForm
    summary: Mapping[str, Any] = field(repr=False)
    texts: Mapping[str, str] = field(repr=False)
    cells: Mapping[str, pa.Table] = field(repr=False)
    changed: tuple[str, ...] = ()
    shown: Mapping[str, pa.Table] = field(default_factory=dict, repr=False)

    @cached_property
    def policy(self) -> Policy:
        """The policy of the run, made of the texts that the result keeps.

        Raises `PolicyFaults` where this version can't take them.
        """
        return kept_policy(self.texts)

    @property
    def tables(self) -> Mapping[str, pa.Table]:
        """The result tables with the types of `Assessment.tables`; blanks are null.

        Raises pa.ArrowInvalid where a cell is no value of its column's type.
        """
        return {name: _typed(cells, self.types(name)) for name, cells in self.cells.items()}

    def types(self, table: str) -> Mapping[str, ColumnType]:
        """Return the types of the columns of a result table, by name."""
        return _types(self.summary, table)


def read_result(path: str | os.PathLike[str]) -> Result:
    """Read a result: a workbook, or a folder of CSV or Parquet files.

    Raises `ResultRefused` where it can't be read, or any part is not as it was written: changed
    afterwards, or files of two runs.
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


def kept_policy(kept: Mapping[str, str]) -> Policy:
    """Return the policy of the texts that a result keeps. Raises `PolicyFaults`."""
    return policy_of_texts({name: t for name, t in kept.items() if name.endswith(".toml")})


def packaged(id_: str) -> Policy | None:
    """Return the package's policy of this id, if it has one."""
    return load_policy(id_) if id_ in list_policies() else None


# A folder


def _of_folder(path: Path) -> Result:
    if not (path / SUMMARY).is_file():
        raise _no_result(path, Text("没有 summary.json", "there is no summary.json"))
    summary = _summary(path, (path / SUMMARY).read_bytes(), "files")
    files = summary["files"]
    kept = {entry.name: entry for entry in path.iterdir() if RULES.fullmatch(entry.name)}
    found = {name: _text(entry) for name, entry in kept.items()}
    form: ResultForm = "parquet" if "claims.parquet" in files else "csv"
    read = read_parquet if form == "parquet" else read_csv
    changed = _changed(summary, found)
    cells = {}
    for table in RESULT_TABLES:
        file = path / f"{table}.{form}"
        raw, faults = read(file, _table(summary, table, lambda name: name))
        if raw is None or faults:
            raise InputFaults(faults)
        cells[table] = _cells(raw, _table(summary, table, lambda name: name))
        if file_digest(file) != files.get(file.name):
            changed.append(file.name)
    if form == "csv":
        cells = {name: as_read(t, _types(summary, name), form) for name, t in cells.items()}
    return Result(path, form, summary, found, cells, tuple(changed))


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig", "replace").replace("\r\n", "\n")


def as_read(cells: pa.Table, types: Mapping[str, ColumnType], form: ResultForm) -> pa.Table:
    """Return cells as they read back once they have been written in a form."""
    columns = dict(zip(cells.column_names, cells.columns, strict=True))
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
            if missing := {RECORD_SHEET, *RESULTS.values()}.difference(sheets):
                names = "、".join(sorted(missing))
                raise _no_result(path, Text(f"没有工作表 {names}", f"there is no sheet {names}"))
            parts = sheet_parts(archive)

            def sheet(name: str) -> Sheet:
                return Sheet(path, archive, book, sheets[name], parts.get(sheets[name], ""))

            shown = {
                name: read_shown(name, sheet(name).read().rows)
                for name in SHOWN_KEYS
                if name in sheets
            }
            return replace(_of_sheets(path, sheet), shown=shown)
    except (InputFaults, PolicyFaults, ResultRefused):
        raise
    except BROKEN as error:
        raise InputFaults([unread(path, error)]) from error


def _of_sheets(path: Path, sheet: Callable[[str], Sheet]) -> Result:
    found = dict(texts_of(sheet(RECORD_SHEET).read().rows))
    summary = _summary(path, found.pop(SUMMARY, "").encode(), "sheets")
    changed = _changed(summary, found)
    policy = _knows_headings(summary, found)
    cells = {}
    for table in RESULT_TABLES:
        wanted = _table(summary, table, lambda name: result_heading(policy, name))
        raw, faults = read_sheet(sheet(RESULTS[table]), wanted)
        if raw is None or faults:
            raise InputFaults(faults)
        cells[table] = _cells(raw, wanted)
        if "status" in cells[table].column_names:
            cells[table] = _with_statuses(cells[table])
        if not _has_digest(cells[table], summary, table):
            changed.append(RESULTS[table])
    return Result(path, "xlsx", summary, found, cells, tuple(changed))


def _knows_headings(summary: Mapping[str, Any], kept: Mapping[str, str]) -> Policy:
    """Return the policy that names the columns of a workbook: the kept one, if it is one."""
    try:
        return kept_policy(kept)
    except PolicyFaults:
        found = packaged(summary["policy"]["id"])
        if found is None:
            raise
        return found


def _with_statuses(cells: pa.Table) -> pa.Table:
    """Return the cells with the statuses by their names in results."""
    place = cells.column_names.index("status")
    values = {zh: value for value, zh in STATUS_NAMES.items()}
    statuses = translated(cells["status"].combine_chunks(), values)
    return cells.set_column(place, "status", statuses)


def _has_digest(cells: pa.Table, summary: Mapping[str, Any], table: str) -> bool:
    """Return whether the cells of a sheet have the digest that the summary names."""
    wanted = list(_types(summary, table))
    if cells.column_names != wanted:
        return False
    try:
        typed = _typed(cells, _types(summary, table))
    except pa.ArrowInvalid:
        return False
    return bool(csv_digest(typed) == summary["sheets"].get(RESULTS[table]))


# What both have in common


def _changed(summary: Mapping[str, Any], kept: Mapping[str, str]) -> list[str]:
    """Return the summary and the texts of rules that are not as they were written."""
    named = summary["rules"]
    changed = [] if own_digest(summary) == summary.get(OWN_DIGEST) else [SUMMARY]
    wrong = {name for name, text in kept.items() if text_digest(text) != named.get(name)}
    return [*changed, *sorted(wrong | (named.keys() - kept.keys()))]


def _table(summary: Mapping[str, Any], table: str, heading: Callable[[str], str]) -> Table:
    """Return what a reader looks for in a result table: its columns by name and by heading."""
    columns = [
        Column(
            name,
            heading(name),
            kind,
            required=name == KEYS[table],
            further=FORMER_HEADINGS.get(name, ()),
        )
        for name, kind in _types(summary, table).items()
    ]
    return Table(table, RESULTS[table], tuple(columns))


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


def _types(summary: Mapping[str, Any], table: str) -> dict[str, ColumnType]:
    return {name: ColumnType(kind) for name, kind in summary["columns"][table].items()}


def _typed(cells: pa.Table, types: Mapping[str, ColumnType]) -> pa.Table:
    """Return cells as values of their types; raises pa.ArrowInvalid where one is none."""
    columns = {}
    for name in cells.column_names:
        column = cells[name].combine_chunks()
        filled = pc.if_else(pc.equal(column, ""), text_scalar(None, TEXT), column)
        columns[name] = filled.cast(_TYPES[types[name]])
    return pa.table(columns)


def _summary(path: Path, content: bytes, parts: str) -> Mapping[str, Any]:
    """Return what a summary says; raises `ResultRefused` where it is not that of a record."""
    try:
        said = json.loads(content)
        if isinstance(said, dict):
            own_digest(said)  # no digest can be taken of what UTF-8 can't write
    except (ValueError, RecursionError) as error:
        why = Text(f"summary.json 不是 JSON：{error}", f"summary.json is no JSON: {error}")
        raise _no_result(path, why) from error
    if not isinstance(said, dict) or "totals" not in said:
        raise _no_result(
            path, Text("summary.json 不是结果的汇总", "summary.json is not of a result")
        )
    wrong = [name for name, kind in {**_SAID, parts: dict}.items() if not _is(said.get(name), kind)]
    if not wrong:
        wrong = _wrong_inside(said)
    if wrong:
        names = ", ".join(wrong)
        raise _no_result(
            path,
            Text(
                f"summary.json 中缺少或无法识别：{names}；这样的结果不是完整的核算存证",
                f"summary.json lacks, or has as something else: {names};"
                " such a result is no full record of a decision",
            ),
        )
    return said


def _is(value: object, kind: Any) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def _wrong_inside(said: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the parts of a summary that the reader relies on."""
    policy = said["policy"]
    wrong = [] if all(isinstance(policy.get(k), str) for k in ("id", "digest")) else ["policy"]
    if "as_of" in said and (not isinstance(said["as_of"], str) or day_of(said["as_of"])[1]):
        wrong.append("as_of")
    if POLICY_TEXT not in said["rules"]:
        wrong.append("rules")
    if not all(isinstance(each, dict) and "rows" in each for each in said["inputs"].values()):
        wrong.append("inputs")
    known = {kind.value for kind in ColumnType} - {ColumnType.CHOICE.value}
    for table, key in KEYS.items():
        columns = said["columns"].get(table)
        kinds = list(columns.values()) if isinstance(columns, dict) and key in columns else [None]
        if not all(isinstance(kind, str) and kind in known for kind in kinds):
            wrong.append(f"columns.{table}")
    return wrong


def _no_result(path: Path, why: Text) -> ResultRefused:
    return ResultRefused(
        Text(
            "“{path}”不是可以读回的结果：{why}",
            "“{path}” is no result that can be read back: {why}",
        ).fill(path=path, why=why)
    )
