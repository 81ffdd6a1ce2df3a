"""Of which years the figures of an institution read rows: its values by year, its contracts."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence

from compensation.policy.model import Operation, PolicyFile, Quantity
from compensation.policy.quantities import INDICATOR_PREFIX, QUANTITY_PREFIX, operands
from compensation.policy.variables import indicator_definition
from compensation.schema.dictionary import ROWS_OF

CONTRACTS = "contracts"
"""What stands for the contracts and claims that measures count."""


@functools.lru_cache(maxsize=4096)
def years_read(
    rules: PolicyFile, quantity: Quantity, *, needed: bool = False
) -> frozenset[tuple[str, int]]:
    """Return what a quantity reads, `CONTRACTS` or a column by year, and how many years before.

    `needed`: only what it has no value without: not what choices test, where there is one for all
    other cases, nor what `first_given` can do without.
    """
    if isinstance(quantity, str):
        if quantity.startswith(INDICATOR_PREFIX):
            definition = indicator_definition(rules, quantity.removeprefix(INDICATOR_PREFIX))
            return years_read(rules, definition.value, needed=needed)
        own = {QUANTITY_PREFIX + each.id: each.value for each in rules.quantities}
        if quantity in own:
            return years_read(rules, own[quantity], needed=needed)
        return frozenset([(quantity, 0)] if quantity.partition(".")[0] in ROWS_OF else ())
    if not isinstance(quantity, Operation):
        return frozenset()
    if quantity.measure is not None:
        return frozenset([(CONTRACTS, 0)])
    if quantity.year_before is not None:
        then = years_read(rules, quantity.year_before)
        then |= {(CONTRACTS, 0)} if is_of_contracts(then) else frozenset()
        return frozenset((what, back + quantity.years) for what, back in then)
    parts: Sequence[Quantity] = operands(quantity)
    if needed and quantity.choose and not quantity.choose[-1].when:
        parts = [choice.value for choice in quantity.choose]
    elif needed and quantity.first_given:
        parts = quantity.first_given[-1:]
    return frozenset().union(*(years_read(rules, part, needed=needed) for part in parts))


def is_of_contracts(read: Iterable[tuple[str, int]]) -> bool:
    """Return whether a figure of an earlier year needs contracts by its end: see `years_read`.

    Where it reads nothing but values by year, their rows say whether the institution was there.
    """
    what = {name for name, _ in read}
    return not what or CONTRACTS in what
