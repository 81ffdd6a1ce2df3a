"""Answers: the result as JSON, or the problem with everything that is wrong with the input."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from api.assessing.jobs import Job
from api.problems import Problem, wrong_values_problem
from compensation import Assessment, InputFaults, Settlement
from compensation.faults.groups import FaultGroup
from compensation.issues import Issue, Path
from compensation.language import Language, Text
from compensation.ledger.later_rows import LATER_ROWS
from compensation.outlook.curve import Course
from compensation.report.curve_svg import curve_svg
from compensation.results import warning_rows
from compensation.rules.award import STATUSES
from compensation.schema.parties import GOVERNMENT
from compensation.values.printing import yuan, yuan_text

Result = Assessment | Settlement

BATCH_ROWS = 10_000
_WHOLE = {
    "year_not_covered": "year",
    "year_without_ledger": "years",
    "budget": "budget",
    "budget_methods_differ": "budget",
    "period_reversed": "from",
    **dict.fromkeys(
        ("no_policy", "same_policy_id", "different_triggers", "both_in_force", "only_alone"),
        "policies",
    ),
}
"""The member of the request that a fault concerns, by kind, for faults outside of tables."""
_IN_FORMS = {"policies": "policy"}
"""Members of a JSON body with another name in a form."""


def write_json(result: Result, job: Job, explained: Mapping[str, Sequence[Any]]) -> None:
    """Write summary, overview, the tables, and what is explained, by name; amounts are texts."""
    with job.answer.open("w", encoding="utf-8") as file:
        file.write('{"summary": ')
        json.dump(_summary_of(result), file, ensure_ascii=False)
        file.write(', "overview": ')
        json.dump(_overview(result), file, ensure_ascii=False)
        for name, table in result.tables.items():
            file.write(f', "{name}": [')
            separator = ""
            for row in rows_of(table):
                file.write(separator + json.dumps(row, ensure_ascii=False))
                separator = ","
            file.write("]")
        for name, explanations in explained.items():
            file.write(f', "{name}": ')
            json.dump(explanations, file, ensure_ascii=False)
        file.write("}")


def _summary_of(result: Result) -> dict[str, Any]:
    """Return the summary with all warnings; one that is read back has none of later rows."""
    later = [group for group in result.warnings.groups if group.kind == LATER_ROWS]
    rows = [row for group in later for row in warning_rows(group)]
    return {**result.summary, "warnings": [*result.summary["warnings"], *rows]}


def rows_of(table: pa.Table) -> Iterator[dict[str, Any]]:
    """Yield the rows as JSON has them; `reasons` is a list."""
    names = table.column_names
    for batch in table.to_batches(BATCH_ROWS):
        columns = [_values(name, column) for name, column in zip(names, batch.columns, strict=True)]
        for cells in zip(*columns, strict=True):
            yield dict(zip(names, cells, strict=True))


def drawn(found: Course, language: Language) -> dict[str, Any]:
    """Return a curve's points and cliffs in rows, and its picture; values are texts."""
    tables = {
        name: [
            {key: str(cell) if key.startswith("value") else cell for key, cell in row.items()}
            for row in rows_of(table)
        ]
        for name, table in found.tables.items()
    }
    return {**tables, "picture": curve_svg(found, language)}


def _values(name: str, column: pa.Array) -> list[Any]:
    if pa.types.is_decimal(column.type) or pa.types.is_date(column.type):
        column = column.cast(pa.string())
    values: list[Any] = column.to_pylist()
    if name == "reasons":
        return [[] if value is None else value.split(";") for value in values]
    return values


def _overview(result: Result) -> dict[str, Any]:
    """Return the names of institutions, those without one left out; of an assessment also sums."""
    ids, names = (
        result.ledgers.column("institutions", name).to_pylist()
        for name in ("institution_id", "institution_name")
    )
    named = {id_: name for id_, name in zip(ids, names, strict=True) if name}
    sums = _year(result) if isinstance(result, Assessment) else {}
    return {**sums, "institution_names": named}


def _year(assessment: Assessment) -> dict[str, Any]:
    """Return the year's claims by status, and what each party bears of their payouts.

    What a party bears is taken once government has paid: `compensation_paid` and `payable` are
    taken off the beneficiary's part, as in the returns of recoveries. The parts add up to the
    payouts. Amounts are texts in yuan.
    """
    claims = assessment.tables["claims"]
    weights = assessment.recovered.weights[assessment.claim_rows].sum(axis=0, dtype=np.int64)
    parties = (GOVERNMENT, *assessment.ledgers.parties)
    return {
        "by_status": {status: _sums(claims, status) for status in STATUSES},
        "borne": {party: yuan(int(fen)) for party, fen in zip(parties, weights, strict=True)},
    }


def _sums(claims: pa.Table, status: str) -> dict[str, Any]:
    """Return how many claims of the year have a status, and what they come to."""
    own = claims.filter(pc.equal(claims["status"], status))
    return {
        "claims": own.num_rows,
        **{name: _total(own[name]) for name in ("payout", "compensation", "payable")},
    }


def _total(column: pa.ChunkedArray) -> str:
    return yuan_text(pc.sum(column).as_py() or Decimal(0))


def refusal(wrong: Sequence[Issue], unlisted: int, job: Job) -> Problem:
    """Return the problem of wrong values: the first ones, and the number of all.

    `unlisted`: how many more there are than those given.
    """
    return wrong_values_problem(wrong, most=job.settings.max_faults, unlisted=unlisted)


def refusal_of(
    found: InputFaults,
    known: Sequence[Issue],
    job: Job,
    headings: Mapping[tuple[str, str], str],
    file: str = "file",
) -> Problem:
    """Return the problem of an input's faults and of wrong values that are already known.

    `headings`: the members of a JSON body by table and column; a fault then has a pointer.
    `file`: the field of a form in which the input came.
    """
    faults = [fault for _, fault in zip(range(job.settings.max_faults), found.faults, strict=False)]
    wrong = [_placed(fault, job, headings, file) for fault in faults]
    places = {each.where.pointer for each in known} - {None}
    further = [each for each in wrong if each.where.pointer not in places]
    return refusal([*known, *further], len(found.faults) - len(wrong), job)


def _placed(fault: Issue, job: Job, headings: Mapping[tuple[str, str], str], file: str) -> Issue:
    """Return a fault of the input with its place in the request, without the temporary folder."""
    member = _WHOLE.get(fault.kind) if fault.table is None else None
    where = fault.where
    if job.upload is None:
        where = where._replace(path=(member,) if member else _path(fault, headings))
    elif fault.table is None or file != "file":
        where = where._replace(parameter=_IN_FORMS.get(member, member) if member else file)
    message, expected = (without_path(t, job) for t in (fault.message, fault.expected))
    return replace(fault, message=message, where=where, expected=expected)


def _path(fault: Issue, headings: Mapping[tuple[str, str], str]) -> Path:
    """Return where in a JSON body a fault stands; rows of tables count from 1 there."""
    if fault.table is None:
        return ()
    if fault.row is None:
        return (fault.table,)
    if fault.column is None:
        return fault.table, fault.row - 1
    return fault.table, fault.row - 1, headings.get((fault.table, fault.column), fault.column)


def without_folder(group: FaultGroup, job: Job) -> FaultGroup:
    """Return faults without the path of the temporary folder."""
    message, expected = (without_path(t, job) for t in (group.message, group.expected))
    return replace(group, message=message, expected=expected)


def without_path(text: Text, job: Job) -> Text:
    """Return a message without the path of the temporary folder, which is internal."""
    inner = [job.folder, *map(job.folder.joinpath, ("result", "other", "reviews"))]
    places = [f"{folder / name}/" for folder in inner for name in ("tables", "workbook")]
    zh, en = text
    for place in places:
        zh, en = zh.replace(place, ""), en.replace(place, "")
    return Text(zh, en)
