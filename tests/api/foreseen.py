"""Which faults may refuse data that fits the schema of a call: what no schema can express.

They depend on the policy or on several members (sums, the order of dates); of tables, on all that
they say together.
"""

from __future__ import annotations

from typing import Any

from compensation.values.kinds import Kind

OF_CASES = {
    *(kind.value for kind in Kind),
    *("implausible_ratio", "missing", "unknown_member", "not_text", "not_finite", "contradiction"),
    *("part_above_whole", "refused", "year_not_covered", "year_not_needed", "takes_a_ledger"),
    *("shares_sum", "government_share", "wrong_form", "date_order", "series_gap", "no_payout"),
    *("paid_above_borne", "duplicate", "total_too_large"),
}
OF_BORROWERS = {"missing", "unknown_industry"}


def foreseen(operation: dict[str, Any]) -> set[str]:
    """Return the kinds of faults that are foreseen for an operation of the document; * is any."""
    if "requestBody" not in operation:
        return set()
    if operation["operationId"] == "sizeBorrower":
        return OF_BORROWERS
    cases = {"eligibility", "compensation", "recoveries"} & set(operation["tags"])
    return OF_CASES if cases else {"*"}
