"""Which figures of a refused case have no value, and why: those of a rate, a limit, a base."""

from __future__ import annotations

from collections.abc import Sequence

from compensation.explanation.without_value import undefined_parts
from compensation.language import Text
from compensation.policy.catalogue import Policy
from compensation.policy.model import Quantity, Test
from compensation.policy.tiers import bounds_of
from compensation.rules.caps import knowing_as_known
from compensation.rules.compensation import evaluator_of
from compensation.rules.decision import (
    NO_BASE,
    NO_PAYER,
    NO_RATE_DECIDED,
    NO_TIER,
    Cases,
    applying,
)
from compensation.rules.steps import Steps

Element = tuple[Sequence[Test], Sequence[Quantity]]


def undefined_for(
    policy: Policy, cases: Cases, tier: int, reason: str, row: int
) -> tuple[Text, ...]:
    """Return the figures without a value for which a case has a reason, each with why, once.

    `tier`: the place of the case's tier. Nothing where the reason is another: tests that fail say
    themselves what they looked at.
    """
    evaluator = evaluator_of(policy, cases, Steps())
    for cap in policy.rules.caps:
        if cap.id == reason:
            evaluator = knowing_as_known(cap, cases.earlier, evaluator)
    found = (
        each
        for when, quantities in _elements(policy, tier, reason)
        if applying(evaluator, when)[row]
        for quantity in quantities
        for each in undefined_parts(evaluator, quantity, row)
    )
    return tuple(dict.fromkeys(found))


def _elements(policy: Policy, tier: int, reason: str) -> list[Element]:
    """Return what a case that has a reason is computed with, and the tests by which it is."""
    rules = policy.rules
    if reason == NO_TIER:
        rates, found = rules.rates, list[Element]()
        if rates.hit == "slices":
            found = [((), (each.rate, *bounds_of(each).values())) for each in rates.tiers]
            found.append(((), () if rates.by is None else (rates.by,)))
        elif tier >= 0:
            found = [((), (rates.tiers[tier].rate,))]
        return [*found, *((each.when, (each.points,)) for each in rates.additions)]
    if reason == NO_RATE_DECIDED and rules.rates.decided is not None:
        return [((), (rules.rates.decided.column,))]
    if reason == NO_BASE:
        return [(base.when, (base.value,)) for base in rules.base]
    if reason == NO_PAYER:
        return [(payer.when, (payer.share,)) for payer in rules.payers]
    return [(cap.when, cap.quantities) for cap in rules.caps if cap.id == reason]
