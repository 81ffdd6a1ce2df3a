"""What goes back: the result as JSON, or everything that is wrong with the input."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from api.assessing.order import Order
from api.problems import Problem, wrong_values_problem
from api.validation import WrongValue, pointer_to
from compensation import Assessment, Fault, InputFaults
from compensation.language import Language, Text
from compensation.ledger.fault_groups import FaultGroup
from compensation.results import yuan
from compensation.rules.award import STATUSES

BATCH_ROWS = 10_000
GOVERNMENT = "government"
MOST_EXPLAINED = 100
"""Institutions that are explained, where that is asked for."""
_WHOLE = {"year_not_covered": "year", "budget": "budget"}
"""Faults that are not of a table: by kind, what of the request they are of."""


def write_json(assessment: Assessment, order: Order, *, explain: bool) -> None:
    """Write summary, overview and the tables; amounts and ratios as texts.

    `explain`: also why each institution, up to `MOST_EXPLAINED` of them, comes out as it does.
    """
    with order.answer.open("w", encoding="utf-8") as file:
        file.write('{"summary": ')
        json.dump(assessment.summary, file, ensure_ascii=False)
        file.write(', "overview": ')
        json.dump(_overview(assessment), file, ensure_ascii=False)
        for name, table in assessment.tables.items():
            file.write(f', "{name}": [')
            separator = ""
            for row in _rows(table):
                file.write(separator + json.dumps(row, ensure_ascii=False))
                separator = ","
            file.write("]")
        if explain:
            file.write(', "explanations": ')
            json.dump(_explanations(assessment, order.language), file, ensure_ascii=False)
        file.write("}")


def _overview(assessment: Assessment) -> dict[str, Any]:
    """Return the year's claims by status, and what each party bears of their payouts.

    What a party bears is taken once government has paid: `compensation_paid` and `payable` are
    taken off the beneficiary's part, as in the returns of recoveries. The parts add up to the
    payouts. Amounts are texts in yuan. Institutions without a name are left out of the names.
    """
    portfolio = assessment.ledgers
    ids, names = (
        portfolio.column("institutions", name).to_pylist()
        for name in ("institution_id", "institution_name")
    )
    claims = assessment.tables["claims"]
    weights = assessment.recovered.weights[assessment.claim_rows].sum(axis=0, dtype=np.int64)
    parties = (GOVERNMENT, *portfolio.parties)
    return {
        "by_status": {status: _sums(claims, status) for status in STATUSES},
        "borne": {party: yuan(int(fen)) for party, fen in zip(parties, weights, strict=True)},
        "institution_names": {id_: name for id_, name in zip(ids, names, strict=True) if name},
    }


def _sums(claims: pa.Table, status: str) -> dict[str, Any]:
    """Return how many claims of the year have a status, and what they come to."""
    own = claims.filter(pc.equal(claims["status"], status))
    return {
        "claims": own.num_rows,
        **{name: _total(own[name]) for name in ("payout", "compensation", "payable")},
    }


def _total(column: pa.ChunkedArray) -> str:
    return f"{pc.sum(column).as_py() or 0:.2f}"


def _explanations(assessment: Assessment, language: Language) -> list[dict[str, Any]]:
    ids = assessment.tables["institutions"]["institution_id"][:MOST_EXPLAINED].to_pylist()
    explained = [assessment.explain_institution(id_) for id_ in ids]
    return [{**each.as_dict(language), "institution_name": each.name} for each in explained]


def _rows(table: pa.Table) -> Iterator[dict[str, Any]]:
    """Yield the rows as JSON has them; `reasons` is a list."""
    names = table.column_names
    for batch in table.to_batches(BATCH_ROWS):
        columns = [_values(name, column) for name, column in zip(names, batch.columns, strict=True)]
        for cells in zip(*columns, strict=True):
            yield dict(zip(names, cells, strict=True))


def _values(name: str, column: pa.Array) -> list[Any]:
    if pa.types.is_decimal(column.type) or pa.types.is_date(column.type):
        column = column.cast(pa.string())
    values: list[Any] = column.to_pylist()
    if name == "reasons":
        return [[] if value is None else value.split(";") for value in values]
    return values


def refusal(wrong: Sequence[WrongValue], unlisted: int, order: Order) -> Problem:
    """Return the problem of wrong values: as many as may be listed, and how many there are.

    `unlisted`: how many more there are than those given.
    """
    return wrong_values_problem(wrong, most=order.settings.max_faults, unlisted=unlisted)


def refusal_of(
    found: InputFaults,
    known: Sequence[WrongValue],
    order: Order,
    headings: Mapping[tuple[str, str], str],
) -> Problem:
    """Return the problem of an input's faults, and of what else is known to be wrong before them.

    `headings`: the members of a JSON body by table and column; a fault then has a pointer.
    """
    faults = [
        fault for _, fault in zip(range(order.settings.max_faults), found.faults, strict=False)
    ]
    wrong = [_wrong_value(fault, order, headings) for fault in faults]
    places = {each.pointer for each in known} - {None}
    further = [each for each in wrong if each.pointer not in places]
    return refusal([*known, *further], len(found.faults) - len(wrong), order)


def _wrong_value(fault: Fault, order: Order, headings: Mapping[tuple[str, str], str]) -> WrongValue:
    member = _WHOLE.get(fault.kind) if fault.table is None else None
    pointer = None
    if order.upload is None:
        pointer = pointer_to(member) if member else _pointer(fault, headings)
    parameter = None
    if order.upload is not None and fault.table is None:
        parameter = member or "file"
    return WrongValue(
        fault.kind,
        _without_folder(fault.message, order),
        _without_folder(fault.expected, order) if fault.expected.en else None,
        fault.value,
        pointer,
        parameter,
        fault.table,
        fault.row,
        fault.column,
    )


def _pointer(fault: Fault, headings: Mapping[tuple[str, str], str]) -> str:
    """Return where in a JSON body a fault stands; rows of tables count from 1 there."""
    if fault.table is None:
        return ""
    if fault.row is None:
        return pointer_to(fault.table)
    steps: list[str | int] = [fault.table, fault.row - 1]
    if fault.column is not None:
        steps.append(headings.get((fault.table, fault.column), fault.column))
    return pointer_to(*steps)


def without_folder(group: FaultGroup, order: Order) -> FaultGroup:
    """Return faults without the place where the upload lay."""
    message, expected = (_without_folder(t, order) for t in (group.message, group.expected))
    return replace(group, message=message, expected=expected)


def _without_folder(text: Text, order: Order) -> Text:
    """Return a message without the place where the upload lay: it is nothing to the client."""
    places = [f"{order.folder / inner}/" for inner in ("tables", "workbook")]
    zh, en = text
    for place in places:
        zh, en = zh.replace(place, ""), en.replace(place, "")
    return Text(zh, en)
