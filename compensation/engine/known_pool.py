"""Whether the lines of the pool that a policy looks at are known; a fault where they are not."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from compensation.engine.inputs import RuleInputs
from compensation.engine.movements import is_there, opening_of
from compensation.faults.groups import FaultGroup, whole
from compensation.language import Text
from compensation.policy.catalogue import Policy
from compensation.policy.variables import POOL_COLUMNS
from compensation.rules.decision import OF_THE_BUDGET, variables_needed
from compensation.values.dates import date_of

BALANCES = {"pool.opening", "pool.closing"}
"""The lines of the pool that are not known without an opening balance."""
NO_OPENING = Text(
    "政策 {policy} 要看资金池的余额，资金池表中没有 {last} 以前的期初余额",
    "policy {policy} looks at the balance of the pool, which has no opening balance by {last}",
)
PAID_WITHOUT_DAY = Text(
    "政策 {policy} 要看资金池，已补偿金额没有日期，看不出是哪一年支付的；请给出拨付表",
    "policy {policy} looks at the pool, and compensation_paid has no day: give the table payments",
)


def looked_at(policy: Policy) -> set[str]:
    """Return the lines of the pool that the cases of a policy look at, not its budget alone."""
    needed = variables_needed(policy)
    return {name for name in POOL_COLUMNS.keys() & needed if needed[name] != [OF_THE_BUDGET]}


def unknown_pool(inputs: RuleInputs, names: Collection[str]) -> Iterator[FaultGroup]:
    """Yield what keeps lines of the pool from being known in the year; ``names``: of them."""
    policy, ledgers = inputs.policy, inputs.ledgers
    if not names:
        return
    opening, end = opening_of(ledgers), inputs.ends[1]
    last = end if ledgers.day is None else min(end, ledgers.day)
    if BALANCES & set(names) and (opening is None or opening.day > last):
        said = NO_OPENING.fill(policy=policy.id, last=date_of(last))
        yield whole("pool_unknown", said, table="pool")
    if not is_there(ledgers, "payments") and ledgers.numbers("claims", "compensation_paid").any():
        yield whole("pool_unknown", PAID_WITHOUT_DAY.fill(policy=policy.id), table="payments")
