"""A budget of which what is not paid lapses: it is what the cases of a year get in all.

So it is computed as the cap that it is, on the compensation of all cases together: what a case does
not get of it is not granted, and no later run or settlement finds it owed.
"""

from __future__ import annotations

from dataclasses import replace

from compensation.policy.model import Budget, Cap, PolicyFile

BUDGET = "budget"


def with_lapsing(rules: PolicyFile) -> PolicyFile:
    """Return a checked policy with its budget as a cap, where what is not paid of it lapses."""
    budget = rules.budget
    if budget.unpaid != "lapses":
        return rules
    taken = {each.id for each in rules.claim_conditions} | {each.id for each in rules.caps}
    pool = _cap(budget, taken)
    return replace(rules, caps=(*rules.caps, pool), budget=replace(budget, at_most=None))


def _cap(budget: Budget, taken: set[str]) -> Cap:
    shared = budget.method == "pro_rata"
    return Cap(
        id=BUDGET if BUDGET not in taken else f"{BUDGET}_lapses",
        clause=budget.clause,
        basis=budget.basis,
        note=budget.note,
        at_most=budget.at_most,
        per=(),
        exceeding="pro_rata" if shared else "count_up_to",
        first=budget.first,
        round_to=budget.round_to if shared else None,
        ratio_to=budget.ratio_to,
        left_over=budget.left_over,
        at_least=budget.at_least,
    )
