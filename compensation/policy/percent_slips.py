"""From which value on a rate may be a percentage written as a number: 1 for 1%, 4.35 for 4.35%.

A policy's own ratio column holds such rates where the policy sets it an upper limit and compares it
with nothing above `FAR_BELOW`: a fee of at most 0.015, a loan's rate of at most the LPR plus 0.02.
A cell is implausible from ten times the largest of these limits on, and in any case from `HALF`
on; one that is written with a percent sign never is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from compensation.ledger.parties import SHARE_UNIT
from compensation.policy.model import DatedLimit, Limit, PolicyFile, SeriesLimit, Test

FAR_BELOW = Decimal("0.25")
HALF = Decimal("0.5")
_TIMES = 10
_REFERENCE_RATE = Decimal("0.05")
_UPPER, _LOWER = ("at_most", "below"), ("at_least", "above")


def implausible_from(rules: PolicyFile, column: str) -> int | None:
    """Return the value, in millionths, of a ``table.column``; None where all are plausible."""
    tests = [test for test in _tests(rules) if test.column == column]
    upper = [limit for test in tests for name in _UPPER for limit in _values(getattr(test, name))]
    lower = [limit for test in tests for name in _LOWER for limit in _values(getattr(test, name))]
    largest = max((*upper, *lower), default=Decimal(0))
    if not upper or not 0 < largest <= FAR_BELOW:
        return None
    return int(min(_TIMES * largest, HALF) * SHARE_UNIT)


def _tests(rules: PolicyFile) -> Iterator[Test]:
    """Yield every plain test of conditions, tiers and additions."""
    yield from _plain((*rules.institution_conditions, *rules.claim_conditions))
    for tier in rules.rates.tiers:
        yield from _plain(tier.when)
        bounds = {name: getattr(tier, name) for name in (*_UPPER, *_LOWER)}
        yield Test(column=rules.rates.over, **bounds)
    for addition in rules.rates.additions:
        yield from _plain(addition.when)


def _plain(tests: Iterable[Test]) -> Iterator[Test]:
    for test in tests:
        if test.any is not None:
            yield from _plain(test.any)
        else:
            yield test


def _values(limit: Limit | None) -> list[Decimal]:
    """Return the values that a limit takes; a reference rate counts as one below `FAR_BELOW`."""
    if isinstance(limit, SeriesLimit):
        return [_REFERENCE_RATE]
    if isinstance(limit, DatedLimit):
        return [value.value for value in limit.values]
    return [limit] if isinstance(limit, Decimal) else []
