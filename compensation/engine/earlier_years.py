"""Which claims count against a cap over years: those of earlier years, by what was paid.

So the year assessed has the room that earlier years left, whatever was paid for later ones since;
those have what is left then. A settlement decides the earlier years, too, and counts what it grants
for them as paid: carried out, it comes to the same again.
Source: the specification of settlements, section 12, which says it of settlements.
"""

from __future__ import annotations

from compensation.columns import Flags
from compensation.engine.inputs import RuleInputs
from compensation.policy.catalogue import Policy
from compensation.policy.model import Definition, Note

EARLIER_YEARS_COUNT = Definition(
    id="cap_over_all_years",
    clause="—",
    basis="assumption",
    note=Note(
        zh="历年或近几年合计的上限，先扣除所计以前年度的已补偿金额（笔数的上限扣除已补偿的笔数），"
        "清算时扣除以前年度的核准补偿，不论是否已拨付；以后年度的不扣",
        en="a cap over all or several years is reduced by what was paid for cases of the earlier "
        "ones that it counts, or by their number; a settlement counts what is granted for them, "
        "paid or not; what was paid for later years does not count",
    ),
)
"""The rule as results list it among what they assume."""


def earlier_claims(inputs: RuleInputs) -> Flags:
    """Return which claims are of years before the one that is decided."""
    if inputs.ledgers.years is not None:
        before: Flags = inputs.ledgers.years < inputs.year
        return before
    # A blank day is later than any.
    earlier: Flags = inputs.case_days() <= inputs.ends[0]
    return earlier


def has_cap_over_years(policy: Policy) -> bool:
    """Return whether the rule matters under a policy."""
    return any(cap.years != "this" for cap in policy.rules.caps)
