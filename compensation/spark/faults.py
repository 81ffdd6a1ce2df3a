"""Faults on their way from the workers to the driver: all counted, the first hundred listed.

Rows of DataFrames have no numbers, so a fault names its row by the row's id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from compensation.language import Text
from compensation.ledger.faults import Fault, FaultGroup

EACH = 100
"""How many faults of a kind are listed."""

LISTED = pa.struct([("id", pa.string()), ("value", pa.string())])
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
        listed = [{"id": None, "value": next(iter(group.shown(0, 1)), None)}]
    else:
        own = pa.nulls(len(group), pa.string()) if ids is None else ids.take(pa.array(group.rows))
        for place in pc.array_sort_indices(own)[:EACH].to_pylist():
            value = next(iter(group.shown(place, place + 1)), None)
            listed.append({"id": own[place].as_py(), "value": value})
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


@dataclass(frozen=True, eq=False)
class Counted(FaultGroup):
    """Faults of which the first hundred by id came to the driver; of the others it has the number.

    Its length is the number of all. Those that did not come are faults without an id and a value.
    """

    count: int = 0
    ids: Sequence[str | None] = ()

    def __len__(self) -> int:
        return self.count

    def take(self, start: int, stop: int) -> list[Fault]:
        """Return the faults from ``start`` up to ``stop``."""
        values = self.values or ()

        def fault(place: int) -> Fault:
            known = place < len(self.ids)
            value, id_ = (values[place], self.ids[place]) if known else (None, None)
            what = (self.kind, self.message, self.table, None, self.column)
            return Fault(*what, value, self.expected, id_)

        return [fault(place) for place in range(start, min(stop, self.count))]


def counted(what: Mapping[str, Any], count: int, listed: Iterable[Mapping[str, Any]]) -> FaultGroup:
    """Return the group that rows of `FAULT` make together; `count`: of all of them."""
    pairs = [(one["id"], one["value"]) for one in listed]
    message = Text(what["message"], what["message_en"])
    expected = Text(what["expected"], what["expected_en"])
    place = (what["kind"], message, what["table"], what["column"], expected)
    values = [value for _, value in pairs]
    if what["whole"]:
        return FaultGroup(*place, None, None if values[0] is None else values[:1])
    return Counted(*place, None, values, count=count, ids=[id_ for id_, _ in pairs])
