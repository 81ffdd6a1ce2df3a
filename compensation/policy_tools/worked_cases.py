"""Worked cases of a policy: small ledgers, and what the policy's document says they come to.

They stand in a TOML file beside the policy. `defaults` holds what the rows of a table have in
common; each of `cases` has a name, a year, rows by table, and under `expected` what columns of the
result's claims hold, by the id of the case, and those of its returns, by the id of the recovery.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from compensation.assessment import Assessment
from compensation.faults.input_faults import InputFaults
from compensation.language import Text, same
from compensation.policy.catalogue import HERE, Policy, PolicyPath, list_policies
from compensation.policy.faults import Findings, PolicyFaults, element
from compensation.policy.reading import parse, read_text
from compensation.policy.variables import extra_columns, most_like
from compensation.schema.dictionary import TABLES, Table
from compensation.streaming import assess_frames
from compensation.tables.headings import recogniser

Row = dict[str, Any]
WORKED = HERE / "worked"
"""The cases of the package's own policies, by id."""
SUFFIX = ".cases.toml"
"""What the cases of anybody's own policy file end in."""
RESULT = "compensation"
"""The column that a case must say of every claim of its year."""
IDS: Mapping[str, str] = {"returns": "recovery_id", "claims": "claim_id"}
"""The results that a case speaks of, and what their rows go by; a column of both is of claims."""
OPTIONS: Mapping[str, tuple[type, ...]] = {
    "name": (str, dict),
    "year": (int,),
    "budget": (int, Decimal),
    "as_of": (datetime.date,),
    "expected": (dict,),
}
REQUIRED = ("name", "year", "expected")
_BY_NAME = {table.name: table for table in TABLES}
_WORDS: Mapping[type, Text] = {
    str: Text("文字（加引号）", "text in quotes"),
    int: Text("整数", "a whole number"),
    datetime.date: Text("日期", "a date"),
    dict: Text("一组键", "a table of keys"),
}


@dataclass(frozen=True)
class WorkedCase:
    """One case: its ledgers with the defaults filled in, and what is expected.

    `expected`: by column of the result's claims or returns, then by id; None where a cell is blank.
    """

    file: str
    name: Text
    year: int
    budget: Decimal | None
    as_of: datetime.date | None
    tables: Mapping[str, Sequence[Row]]
    expected: Mapping[str, Mapping[str, object]]


ABSENT = object()
"""Stands for a cell that nothing is expected of, or that the result does not have."""


class ExpectedCell(NamedTuple):
    """One cell of the result: what was expected, and what came. None: blank; or `ABSENT`."""

    id: str
    column: str
    expected: object
    found: object

    @property
    def same(self) -> bool:
        """Whether what was expected came."""
        return self.expected == self.found


@dataclass(frozen=True)
class CaseOutcome:
    """What a case came to: every cell that it speaks of, or what is wrong with its ledgers."""

    case: WorkedCase
    cells: tuple[ExpectedCell, ...]
    faults: InputFaults | None = None

    @property
    def same(self) -> bool:
        """Whether all came out as expected."""
        return self.faults is None and all(cell.same for cell in self.cells)


def cases_beside(policy: PolicyPath) -> Path:
    """Return where the cases of a policy stand: a file's beside it, an id's in the package.

    Those of ``mine.toml`` are in ``mine.cases.toml``.
    """
    if policy not in list_policies():
        return Path(policy).with_suffix(SUFFIX)
    return WORKED / f"{policy}.toml"


def read_cases(path: Path, policy: Policy) -> tuple[WorkedCase, ...]:
    """Return the cases of a file; raises `PolicyFaults` with everything that is wrong with it."""
    return _read(read_text(path), path.name, policy)


def assess_case(policy: Policy, case: WorkedCase) -> Assessment:
    """Assess the ledgers of a case; raises `InputFaults` where they are wrong."""
    return assess_frames(frames_of(case), policy, case.year, case.budget, as_of=case.as_of)


def frames_of(case: WorkedCase) -> dict[str, pa.Table]:
    """Return the ledgers of a case, of the tables that it speaks of."""
    return {name: _frame(_BY_NAME[name], rows) for name, rows in case.tables.items()}


def run_case(policy: Policy, case: WorkedCase) -> CaseOutcome:
    """Assess a case and hold the result against what is expected.

    Raises `PolicyFaults` where a column is expected that the result does not have.
    """
    try:
        results = assess_case(policy, case).tables
    except InputFaults as wrong:
        return CaseOutcome(case, (), wrong)
    tables = {name: table for table in IDS for name in results[table].column_names}
    _check_columns(case, list(tables))
    return CaseOutcome(case, tuple(_cells(case, results, tables)))


def _cells(
    case: WorkedCase, results: Mapping[str, pa.Table], tables: Mapping[str, str]
) -> Iterator[ExpectedCell]:
    """Yield every cell that is expected; each claim's compensation, expected or not.

    `tables`: which of the results each column is of.
    """
    for column, expected in case.expected.items():
        result = results[tables[column]]
        ids = result[IDS[tables[column]]].to_pylist()
        found = dict(zip(ids, result[column].to_pylist(), strict=True))
        wanted = [*expected, *(ids if column == RESULT else ())]
        for id_ in dict.fromkeys(wanted):
            yield ExpectedCell(id_, column, expected.get(id_, ABSENT), found.get(id_, ABSENT))


def _check_columns(case: WorkedCase, known: Sequence[str]) -> None:
    findings = Findings(case.file)
    for column in case.expected:
        if column not in known:
            message = Text(
                "结果中没有这一列{nearest}；可以写 {known}",
                "the result has no such column{nearest}; known: {known}",
            )
            key = f"{element('cases', 0, case.name.en)}.expected.{column}"
            nearest = most_like(column, known)
            findings.add("unknown_column", key, message, nearest=nearest, known=", ".join(known))
    if findings.faults:
        raise PolicyFaults(findings.faults)


def _frame(table: Table, rows: Sequence[Row]) -> pa.Table:
    """Return rows as a table of text, as ledgers write it; without rows, the required columns."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    names = names or [column.name for column in table.columns if column.required]
    return pa.table(
        {name: pa.array([_cell(row.get(name, "")) for row in rows], pa.string()) for name in names}
    )


def _cell(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read(text: str, file: str, policy: Policy) -> tuple[WorkedCase, ...]:
    data = parse(text, file)
    findings = Findings(file)
    for key in data.keys() - {"defaults", "cases"}:
        _unknown(findings, key, key, ["defaults", "cases"])
    reader = _Reader(findings, policy)
    defaults = reader.defaults(data.get("defaults", {}))
    listed = data.get("cases")
    if not isinstance(listed, list) or not listed:
        message = Text("至少要有一个 [[cases]]", "at least one [[cases]] is needed")
        findings.add("missing", "cases", message)
        listed = []
    cases = [reader.case(defaults, position, case) for position, case in enumerate(listed)]
    if findings.faults:
        raise PolicyFaults(findings.faults)
    return tuple(case for case in cases if case is not None)


def _unknown(findings: Findings, key: str, name: str, known: Sequence[str]) -> None:
    message = Text(
        "不认识这个键；这里可以写 {known}{nearest}",
        "this key is unknown; known here: {known}{nearest}",
    )
    nearest = most_like(name, known)
    findings.add("unknown_key", key, message, nearest=nearest, known=", ".join(known))


class _Reader:
    """Reads the parts of a file of cases; what is wrong goes to `findings`."""

    def __init__(self, findings: Findings, policy: Policy) -> None:
        self.findings = findings
        extra = extra_columns(policy.rules)
        self.recognise = {
            table.name: recogniser(table, extra.get(table.name, ())) for table in TABLES
        }

    def defaults(self, data: object) -> dict[str, Row]:
        """Return what the rows of each table have in common."""
        found: dict[str, Row] = {}
        for name, row in self._table("defaults", data).items():
            if name not in _BY_NAME:
                _unknown(self.findings, f"defaults.{name}", name, list(_BY_NAME))
            else:
                found[name] = self._row(f"defaults.{name}", name, row)
        return found

    def case(self, defaults: Mapping[str, Row], position: int, data: object) -> WorkedCase | None:
        """Return one case; None where it is no table."""
        name = data.get("name") if isinstance(data, dict) else None
        key = element("cases", position, name if isinstance(name, str) else None)
        said = self._table(key, data)
        before = len(self.findings.faults)
        for option in REQUIRED:
            if option not in said:
                text = Text("缺少这个键", "this key is missing")
                self.findings.add("missing", f"{key}.{option}", text)
        tables: dict[str, list[Row]] = {}
        for part, value in said.items():
            if part in _BY_NAME:
                tables[part] = self._rows(f"{key}.{part}", part, defaults.get(part, {}), value)
            elif part not in OPTIONS:
                _unknown(self.findings, f"{key}.{part}", part, [*OPTIONS, *_BY_NAME])
            elif isinstance(value, bool) or not isinstance(value, OPTIONS[part]):
                self._expected(f"{key}.{part}", _WORDS[OPTIONS[part][0]])
        if len(self.findings.faults) > before:
            return None
        tables.setdefault("institutions", [dict(defaults.get("institutions", {}))])
        for table in TABLES:
            if not table.optional:
                tables.setdefault(table.name, [])
        return WorkedCase(
            self.findings.file,
            self._name(f"{key}.name", said["name"]),
            said["year"],
            None if "budget" not in said else Decimal(said["budget"]),
            said.get("as_of"),
            tables,
            self._results(f"{key}.expected", said["expected"]),
        )

    def _name(self, key: str, said: object) -> Text:
        """Return a name, in one language or in both."""
        if isinstance(said, str):
            return same(said)
        if isinstance(said, dict) and "zh" in said and set(said) <= {"zh", "en"}:
            return Text(str(said["zh"]), str(said.get("en", said["zh"])))
        self._expected(key, Text("文字，或 zh 和 en 两种文字", "text, or text in zh and en"))
        return same("")

    def _results(self, key: str, data: object) -> dict[str, dict[str, object]]:
        """Return what is expected, by column and id; compensation is among it."""
        found = {
            column: {
                id_: None if value == "" else Decimal(value) if type(value) is int else value
                for id_, value in self._table(f"{key}.{column}", values).items()
            }
            for column, values in self._table(key, data).items()
        }
        if RESULT not in found:
            text = Text("缺少这个键", "this key is missing")
            self.findings.add("missing", f"{key}.{RESULT}", text)
        return found

    def _rows(self, key: str, table: str, common: Row, data: object) -> list[Row]:
        if not isinstance(data, list):
            self._expected(key, Text("列表，用方括号", "a list in square brackets"))
            return []
        return [
            {**common, **self._row(element(key, position), table, row)}
            for position, row in enumerate(data)
        ]

    def _row(self, key: str, table: str, data: object) -> Row:
        """Return a row; its columns go by name or heading, and are the dictionary's or policy's."""
        row = self._table(key, data)
        for column, value in row.items():
            place = f"{key}.{column}"
            if self.recognise[table](column) is None:
                message = Text(
                    "表 {table} 没有这一列{nearest}",
                    "the table {table} has no such column{nearest}",
                )
                nearest = most_like(column, [each.name for each in _BY_NAME[table].columns])
                self.findings.add("unknown_column", place, message, table=table, nearest=nearest)
            elif isinstance(value, dict | list):
                self._expected(place, Text("单个值", "one value"))
        return row

    def _table(self, key: str, data: object) -> dict[str, Any]:
        if isinstance(data, dict):
            return data
        self._expected(key, _WORDS[dict])
        return {}

    def _expected(self, key: str, what: Text) -> None:
        self.findings.add("form", key, Text("要写{what}", "{what} is expected"), what=what)
