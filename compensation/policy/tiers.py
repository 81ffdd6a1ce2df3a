"""The tests of each tier of a policy's rates; the range of a tier is a test of what `by` names."""

from __future__ import annotations

import functools

from compensation.policy.model import BOUNDS, Quantity, Rates, Test, Tier


@functools.lru_cache(maxsize=64)
def tier_tests(rates: Rates) -> tuple[tuple[Test, ...], ...]:
    """Return the tests of each tier, all of which hold for a case that it takes."""
    return tuple(tests_of(rates, tier) for tier in rates.tiers)


def tests_of(rates: Rates, tier: Tier) -> tuple[Test, ...]:
    """Return the tests of one tier; slices take every case, each for a part of its base."""
    if rates.hit != "range" or not bounds_of(tier):
        return tier.when
    within = Test(
        value=rates.by,
        at_least=tier.at_least,
        above=tier.above,
        at_most=tier.at_most,
        below=tier.below,
    )
    return (within, *tier.when)


def bounds_of(tier: Tier) -> dict[str, Quantity]:
    """Return the bounds that a tier names, by their keys."""
    return {name: value for name in BOUNDS if (value := getattr(tier, name)) is not None}


def start_of(tier: Tier) -> Quantity | None:
    """Return where a range or slice begins; None where it does not say."""
    return tier.at_least if tier.above is None else tier.above


def end_of(tier: Tier) -> Quantity | None:
    """Return where a range or slice ends; None: it is open."""
    return tier.below if tier.at_most is None else tier.at_most
