"""What a policy that is settled case by case knows of a year before it is over.

Figures of the year so far may still change, and with them what a case was paid. Figures that its
own payments move would come to something else once a settlement has been carried out.
"""

from __future__ import annotations

from collections.abc import Iterator

from compensation.policy.model import Operation, PolicyFile, Quantity
from compensation.policy.quantities import (
    INDICATOR_PREFIX,
    MEASURED_GROUPS,
    QUANTITY_PREFIX,
    day_measured,
    operations_of,
    parts_inside,
)
from compensation.policy.variables import STANDARD_INDICATORS, YEAR_END

PARTS = (
    *("institution_conditions", "claim_conditions", "base", "rates"),
    *("caps", "payers", "stages"),
)
"""The parts of a file that decide a case; a budget is of the settlement, not of the year."""
MOVED_BY_PAYMENTS = {
    f"{table}.compensation_paid" for table in ("institutions", "contracts", "claims")
}
"""What a settlement changes once it is carried out; no policy decides by such lines of the pool."""
PAID_MEASURE = "compensation_paid"


def of_the_year_so_far(rules: PolicyFile) -> list[str]:
    """Return the figures by which cases are decided that are final only when the year is over.

    By their names; `MEASURED_GROUPS` stands for measures that have none.
    """
    found = [
        name
        for name, inside in _looked_at(rules).items()
        if name in _STANDARD or name == YEAR_END or any(map(_of_the_year, inside))
    ]
    if any(_of_the_year(each) for part in PARTS for each in operations_of(getattr(rules, part))):
        found.append(MEASURED_GROUPS)
    return found


def _of_the_year(operation: Operation) -> bool:
    """Return whether an operation measures the year; one of a day is final on that day."""
    return operation.measure is not None and day_measured(operation) is None


def moved_by_payments(rules: PolicyFile) -> list[str]:
    """Return the figures by which cases are decided that the payments for them change."""
    return [
        name
        for name, inside in _looked_at(rules).items()
        if name in MOVED_BY_PAYMENTS or any(each.measure == PAID_MEASURE for each in inside)
    ]


def _looked_at(rules: PolicyFile) -> dict[str, tuple[Operation, ...]]:
    """Return the names that decide a case in its year, with the operations of the file's own.

    Quantities and indicators are followed to what they are made of; those of the year before are
    not, which is over.
    """
    own: dict[str, Quantity] = {
        **{INDICATOR_PREFIX + each.id: each.value for each in rules.indicators},
        **{QUANTITY_PREFIX + each.id: each.value for each in rules.quantities},
    }
    waiting = [name for part in PARTS for name in _names(getattr(rules, part))]
    found: dict[str, tuple[Operation, ...]] = {}
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = operations_of(own.get(name))
            waiting += _names(own.get(name))
    return found


_STANDARD = {INDICATOR_PREFIX + name for name in STANDARD_INDICATORS}


def _names(value: object) -> Iterator[str]:
    """Yield the strings in a part of a file, but for indicators of the year before."""
    if isinstance(value, Operation) and value.year_before is not None:
        return
    if isinstance(value, str):
        yield value
    for part in parts_inside(value):
        yield from _names(part)
