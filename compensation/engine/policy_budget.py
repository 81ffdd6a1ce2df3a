"""The budget that a policy says itself, for runs that are given none."""

from __future__ import annotations

from compensation.engine.inputs import RuleInputs
from compensation.engine.known_pool import unknown_pool
from compensation.faults.groups import whole
from compensation.faults.input_faults import InputFaults
from compensation.language import Text
from compensation.policy.quantities import names_in, resolved
from compensation.policy.variables import POOL_COLUMNS
from compensation.rules.caps import in_fen
from compensation.rules.quantities import Evaluator

UNKNOWN = Text(
    "政策 {policy} 的预算（budget.at_most）在 {year} 年没有值",
    "the budget of policy {policy} (budget.at_most) has no value in {year}",
)


def policy_budget(inputs: RuleInputs) -> int | None:
    """Return what may be paid by the policy in the year, in fen; None where it does not say.

    Raises `InputFaults` where it has no value, or the pool that it looks at is not known.
    """
    rules = inputs.policy.rules
    at_most = rules.budget.at_most
    if at_most is None:
        return None
    names = resolved(rules, names_in(at_most)) & POOL_COLUMNS.keys()
    if faults := list(unknown_pool(inputs, names)):
        raise InputFaults(faults)
    fen, _, known = in_fen(of_the_budget(inputs, 1), at_most)
    if not known.all():
        said = UNKNOWN.fill(policy=inputs.policy.id, year=inputs.year)
        raise InputFaults([whole("budget", said)])
    return int(fen[0])


def of_the_budget(inputs: RuleInputs, rows: int) -> Evaluator:
    """Return what computes the budget of the policy, the same on so many rows."""
    return Evaluator(inputs.policy, inputs.of_year(rows), rows)
