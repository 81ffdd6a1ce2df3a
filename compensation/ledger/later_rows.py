"""What is said of the rows that a run leaves out because they are dated after its day.

They are what is yet to come, or dates mistyped as later ones: nothing tells the two apart. So they
are counted for people to look at, and are no part of a recorded result, which comes out the same
from a ledger that has only grown.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from compensation.faults.groups import FaultGroup, whole
from compensation.language import Text
from compensation.schema.dictionary import TABLES

LATER_ROWS = "later_rows"
"""The kind of the warning."""


def later_rows(left_out: Mapping[str, int], day: date) -> list[FaultGroup]:
    """Return a warning of rows left out, if there are any; ``left_out``: how many, by table."""
    counted = [(table, left_out[table.name]) for table in TABLES if left_out.get(table.name)]
    if not counted:
        return []
    by_table = Text(
        "、".join(f"{table.heading} {count}" for table, count in counted),
        ", ".join(f"{table.name} {count}" for table, count in counted),
    )
    message = Text(
        "有 {count} 行（{by_table}）晚于 {day}，未计入",
        "rows dated after {day}, not counted: {count} ({by_table})",
    ).fill(count=sum(count for _, count in counted), by_table=by_table, day=day)
    return [whole(LATER_ROWS, message)]
