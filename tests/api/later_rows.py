"""What answers say of rows after the day of a run, by another way than the API's own."""

from __future__ import annotations

from typing import Any

from compensation.faults.input_faults import Faults


def later_rows(warnings: Faults) -> list[dict[str, Any]]:
    """What is said of rows after the day, which the summary of a record does not have."""
    place = dict.fromkeys(("table", "row", "column"))
    return [
        {**place, "message": warning.message.zh, "message_en": warning.message.en}
        for warning in warnings
        if warning.kind == "later_rows"
    ]
