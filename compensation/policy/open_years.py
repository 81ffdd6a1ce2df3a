"""What a policy that is settled case by case knows of a year before it is over.

Figures of the year so far may still change, and with them what a case was paid. Figures that its
own payments move would come to something else once a settlement has been carried out. And which
days amounts are counted by, of which some are still to come.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from compensation.policy.faults import base_element, element
from compensation.policy.kinds import OF_DATES
from compensation.policy.model import Operation, PolicyFile, Quantity
from compensation.policy.quantities import (
    INDICATOR_PREFIX,
    MEASURED_GROUPS,
    QUANTITY_PREFIX,
    alike,
    day_measured,
    names_in,
    operands,
    operations_in,
    operations_of,
    parts_inside,
    resolved,
)
from compensation.policy.variables import STANDARD_INDICATORS, YEAR_END, YEAR_START

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


def days_counted(rules: PolicyFile) -> dict[Operation, str]:
    """Return the days, months and balances that bases and rates grow with, by their element."""
    amounts: list[tuple[str, Quantity]] = [
        *((base_element(n, len(rules.base)), each.value) for n, each in enumerate(rules.base)),
        *((element("rates.tiers", n), each.rate) for n, each in enumerate(rules.rates.tiers)),
        *(
            (element("rates.additions", n, each.id), each.points)
            for n, each in enumerate(rules.rates.additions)
        ),
    ]
    found: dict[Operation, str] = {}
    for key, quantity in amounts:
        for each in _days_counted(rules, quantity):
            found.setdefault(each, key)
    return found


def _days_counted(rules: PolicyFile, quantity: Quantity) -> Iterator[Operation]:
    own = {QUANTITY_PREFIX + each.id: each.value for each in rules.quantities}
    quantity = own.get(quantity, quantity) if isinstance(quantity, str) else quantity
    if not isinstance(quantity, Operation):
        return
    if not OF_DATES.keys().isdisjoint(operations_in(quantity)):
        yield quantity
        return
    for each in (quantity.over or ())[:1] or alike(quantity) or operands(quantity):
        yield from _days_counted(rules, each)


def ends_with_the_year(rules: PolicyFile, counted: Operation) -> bool:
    """Return whether what `days_counted` names goes to a day that the year says."""
    ((_, last),) = (getattr(counted, name) for name in operations_in(counted))
    return not resolved(rules, names_in(last)).isdisjoint({YEAR_START, YEAR_END})


def up_to(counted: Operation, day: datetime.date) -> Operation:
    """Return what `days_counted` names with no day after ``day``."""
    ((name, (first, last)),) = ((n, getattr(counted, n)) for n in operations_in(counted))
    included = name in ("days_in_year", "balance_days") and counted.last == "included"
    end = day if included else day + datetime.timedelta(days=1)
    cut: dict[str, Any] = {name: (first, Operation(min=(last, end)))}
    return replace(counted, **cut)


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
