"""Faults on their way from the workers to the driver: all counted, the first hundred listed.

Rows of DataFrames have no numbers, so a fault names its row by the row's id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from compensation.faults.cell_advice import advised
from compensation.faults.groups import Details, FaultGroup
from compensation.issues import NO_TEXT, Issue
from compensation.language import Text, joined

EACH = 100
"""How many faults of a kind are listed."""

LISTED = pa.struct(
    [(name, pa.string()) for name in ("id", "value", "detail", "detail_en")],
)
"""One of the faults of a row of `FAULT`; `detail`: what its message adds."""
FAULT = pa.struct(
    [
        ("warning", pa.bool_()),
        ("kind", pa.string()),
        ("table", pa.string()),
        ("column", pa.string()),
        ("message", pa.string()),
        ("message_en", pa.string()),
        ("expected", pa.string()),
        ("expected_en", pa.string()),
        ("whole", pa.bool_()),
        ("count", pa.int64()),
        ("listed", pa.list_(LISTED)),
    ]
)
"""All faults of one kind in one column of one batch; `whole`: they are not of single rows."""
WHAT = [name for name in FAULT.names if name not in ("count", "listed")]
"""What faults of the same kind have in common, wherever they were found."""


def fault_row(group: FaultGroup, ids: pa.Array | None, *, warning: bool) -> dict[str, object]:
    """Return a group as a row of `FAULT`; ``ids``: of all rows of its table, if they have any."""
    listed: list[dict[str, str | None]] = []
    if group.rows is None:
        listed = [_listed(None, next(iter(group.shown(0, 1)), None), NO_TEXT)]
    else:
        own = pa.nulls(len(group), pa.string()) if ids is None else ids.take(pa.array(group.rows))
        for place in pc.array_sort_indices(own)[:EACH].to_pylist():
            value = next(iter(group.shown(place, place + 1)), None)
            listed.append(_listed(own[place].as_py(), value, _detail(group.details, place, ids)))
    return {
        "warning": warning,
        "kind": group.kind,
        "table": group.table,
        "column": group.column,
        "message": group.message.zh,
        "message_en": group.message.en,
        "expected": group.expected.zh,
        "expected_en": group.expected.en,
        "whole": group.rows is None,
        "count": len(group),
        "listed": listed,
    }


def _listed(id_: str | None, value: str | None, detail: Text) -> dict[str, str | None]:
    return {"id": id_, "value": value, "detail": detail.zh, "detail_en": detail.en}


def _detail(details: Details | None, place: int, ids: pa.Array | None) -> Text:
    """Return what a message adds for a row; another row is named by its id, as rows are here."""
    if details is None:
        return NO_TEXT
    if details.other is None or ids is None:
        return details.at(place)
    other = Text("编号“{id}”", "id “{id}”").fill(id=ids[int(details.other[place])].as_py())
    return details.at(place, other)


@dataclass(frozen=True, eq=False)
class Counted(FaultGroup):
    """Faults of which the first hundred by id came to the driver; of the others it has the number.

    `ids`, `added`: of those that came, the ids of their rows and what their messages add.

    Its length is the number of all. Those that did not come are faults without an id and a value.
    """

    count: int = 0
    ids: Sequence[str | None] = ()
    added: Sequence[Text] = ()

    def __len__(self) -> int:
        return self.count

    def take(self, start: int, stop: int) -> list[Issue]:
        """Return the faults from ``start`` up to ``stop``."""
        values = self.values or ()

        def fault(place: int) -> Issue:
            known = place < len(self.ids)
            value, id_ = (values[place], self.ids[place]) if known else (None, None)
            message = joined((self.message, self.added[place]), "", "") if known else self.message
            message = advised(self.kind, message, value)
            return Issue(self.kind, message, self.place(None, id_), value, self.expected)

        return [fault(place) for place in range(start, min(stop, self.count))]


def counted(what: Mapping[str, Any], count: int, listed: Iterable[Mapping[str, Any]]) -> FaultGroup:
    """Return the group that rows of `FAULT` make together; `count`: of all of them."""
    rows = list(listed)
    message = Text(what["message"], what["message_en"])
    expected = Text(what["expected"], what["expected_en"])
    common: dict[str, Any] = {name: what[name] for name in ("kind", "table", "column")}
    common |= {"message": message, "expected": expected}
    values = [one["value"] for one in rows]
    if what["whole"]:
        return FaultGroup(**common, values=None if values[0] is None else values[:1])
    added = [Text(one["detail"], one["detail_en"]) for one in rows]
    ids = [one["id"] for one in rows]
    return Counted(**common, values=values, count=count, ids=ids, added=added)
