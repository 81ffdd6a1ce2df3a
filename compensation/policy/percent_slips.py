"""From which value on a rate may be a percentage written as a number: 1 for 1%, 4.35 for 4.35%.

A policy's own ratio column holds such rates where the policy sets it an upper limit and compares it
with nothing above `FAR_BELOW`: a fee of at most 0.015, a loan's rate of at most the LPR plus 0.02.
A cell is implausible from ten times the largest of these limits on, and in any case from `HALF`
on; one that is written with a percent sign never is.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import chain

from compensation.policy.model import Operation, PolicyFile, Quantity, Test
from compensation.policy.quantities import operations_of, parts_of_test
from compensation.policy.tiers import tier_tests
from compensation.schema.parties import SHARE_UNIT

FAR_BELOW = Decimal("0.25")
HALF = Decimal("0.5")
TIMES = 10
_REFERENCE_RATE = Decimal("0.05")
_UPPER, _LOWER = ("at_most", "below"), ("at_least", "above")


def implausible_from(rules: PolicyFile, column: str) -> int | None:
    """Return the value, in millionths, of a ``table.column``; None where all are plausible."""
    tests = [test for test in _tests(rules) if test.name == column]
    upper = [limit for test in tests for name in _UPPER for limit in _values(getattr(test, name))]
    lower = [limit for test in tests for name in _LOWER for limit in _values(getattr(test, name))]
    largest = max((*upper, *lower), default=Decimal(0))
    if not upper or not 0 < largest <= FAR_BELOW:
        return None
    return int(min(TIMES * largest, HALF) * SHARE_UNIT)


def _tests(rules: PolicyFile) -> Iterator[Test]:
    """Yield every plain test of conditions, tiers and additions."""
    tests: list[Test] = [*rules.institution_conditions, *rules.claim_conditions]
    tests += chain.from_iterable(tier_tests(rules.rates))
    tests += chain.from_iterable(addition.when for addition in rules.rates.additions)
    for test in tests:
        yield from parts_of_test(test)


def _values(limit: Quantity | None) -> list[Decimal]:
    """Return the values that a limit takes; a reading counts as one below `FAR_BELOW`.

    Of a computed limit, such as a reading plus a margin, the largest number in it that is a rate.
    """
    if isinstance(limit, Decimal):
        return [limit]
    if not isinstance(limit, Operation):
        return []
    if limit.values is not None:
        return [number for value in limit.values for number in _values(value.value)]
    return [_REFERENCE_RATE] if any(each.series for each in operations_of(limit)) else []
