"""The tests of each tier of a policy's rates; the range of a tier is a test of what `by` names."""

from __future__ import annotations

import functools

from compensation.policy.model import BOUNDS, Rates, Test, Tier


@functools.lru_cache(maxsize=64)
def tier_tests(rates: Rates) -> tuple[tuple[Test, ...], ...]:
    """Return the tests of each tier, all of which hold for a case that it takes."""
    return tuple(tests_of(rates, tier) for tier in rates.tiers)


def tests_of(rates: Rates, tier: Tier) -> tuple[Test, ...]:
    """Return the tests of one tier; slices take every case, each for a part of its base."""
    bounds = {name: value for name in BOUNDS if (value := getattr(tier, name)) is not None}
    if rates.hit != "range" or not bounds:
        return tier.when
    return (Test(value=rates.by, **bounds), *tier.when)
