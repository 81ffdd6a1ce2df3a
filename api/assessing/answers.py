"""What goes back: the result as JSON, or everything that is wrong with the input."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from api.assessing.computing import Result
from api.assessing.order import Order
from api.assessing.overview import overview_of
from api.problems import Problem, wrong_values_problem
from compensation import InputFaults
from compensation.issues import Issue, Path
from compensation.language import Text
from compensation.ledger.fault_groups import FaultGroup

BATCH_ROWS = 10_000
_WHOLE = {
    "year_not_covered": "year",
    "budget": "budget",
    "budget_methods_differ": "budget",
    "period_reversed": "from",
    **dict.fromkeys(
        ("no_policy", "same_policy_id", "different_triggers", "both_in_force"), "policies"
    ),
}
"""Faults that are not of a table: by kind, what of the request they are of."""
_IN_FORMS = {"policies": "policy"}
"""Members of a JSON body that a form calls otherwise."""


def write_json(result: Result, order: Order, explanations: Sequence[Any] | None) -> None:
    """Write summary, overview, the tables, and explanations if any; amounts are texts."""
    with order.answer.open("w", encoding="utf-8") as file:
        file.write('{"summary": ')
        json.dump(result.summary, file, ensure_ascii=False)
        file.write(', "overview": ')
        json.dump(overview_of(result), file, ensure_ascii=False)
        for name, table in result.tables.items():
            file.write(f', "{name}": [')
            separator = ""
            for row in _rows(table):
                file.write(separator + json.dumps(row, ensure_ascii=False))
                separator = ","
            file.write("]")
        if explanations is not None:
            file.write(', "explanations": ')
            json.dump(explanations, file, ensure_ascii=False)
        file.write("}")


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


def refusal(wrong: Sequence[Issue], unlisted: int, order: Order) -> Problem:
    """Return the problem of wrong values: as many as may be listed, and how many there are.

    `unlisted`: how many more there are than those given.
    """
    return wrong_values_problem(wrong, most=order.settings.max_faults, unlisted=unlisted)


def refusal_of(
    found: InputFaults,
    known: Sequence[Issue],
    order: Order,
    headings: Mapping[tuple[str, str], str],
) -> Problem:
    """Return the problem of an input's faults, and of what else is known to be wrong before them.

    `headings`: the members of a JSON body by table and column; a fault then has a pointer.
    """
    faults = [
        fault for _, fault in zip(range(order.settings.max_faults), found.faults, strict=False)
    ]
    wrong = [_placed(fault, order, headings) for fault in faults]
    places = {each.where.pointer for each in known} - {None}
    further = [each for each in wrong if each.where.pointer not in places]
    return refusal([*known, *further], len(found.faults) - len(wrong), order)


def _placed(fault: Issue, order: Order, headings: Mapping[tuple[str, str], str]) -> Issue:
    """Return a fault of the input with its place in the request, without that of the upload."""
    member = _WHOLE.get(fault.kind) if fault.table is None else None
    if order.upload is None:
        path = (member,) if member else _path(fault, headings)
        where = fault.where._replace(path=path)
    elif fault.table is None:
        where = fault.where._replace(parameter=_IN_FORMS.get(member, member) if member else "file")
    else:
        where = fault.where
    message, expected = (_without_folder(t, order) for t in (fault.message, fault.expected))
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
