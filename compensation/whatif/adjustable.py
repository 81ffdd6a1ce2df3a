"""The numbers of a policy file that can be changed: what each is, and by how much at least."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from compensation.language import Text
from compensation.policy.catalogue import Policy
from compensation.policy.faults import PolicyFaults, policy_fault
from compensation.policy.kinds import Kind
from compensation.policy.model import (
    BOUNDS,
    Addition,
    Cap,
    Cited,
    Payer,
    RateBounds,
    Test,
    Tier,
)
from compensation.policy.quantity_words import describe_test
from compensation.policy.variables import inferred_kind
from compensation.policy.wording import figure_of, kind_of
from compensation.rules.decision import HIGHEST_RATE, LOWEST_RATE, RATE
from compensation.whatif.variants import content_of, find, paths, unknown_path

STEPS = {
    Kind.RATIO: Decimal("0.0001"),
    Kind.MONEY: Decimal("0.01"),
    Kind.NUMBER: Decimal("0.0001"),
}
"""The least that a value of a kind is changed by; others by 1."""
MOVED = ("institution_conditions", "claim_conditions", "base", "rates", "caps", "payers")
"""The parts of a file whose numbers decide who is compensated with what."""


TIER = Text("补偿档次（第 {n} 档）", "tier {n}")


class Adjustable(NamedTuple):
    """A number of a policy file: where it stands, and what it says, in words.

    `element`: the part of the policy that it is in. `label`: what the number itself says.
    """

    path: str
    value: Decimal
    kind: Kind
    element: Text
    label: Text


def adjustable(policy: Policy) -> Iterator[Adjustable]:
    """Yield the numbers of a policy that decide who is compensated with what, in its order."""
    cited = {citation.key: citation.cited for citation in policy.cited()}
    for path, value in paths(content_of(policy)):
        number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        if not (number and path.startswith(MOVED)):
            continue
        keys = [key for key in cited if path.startswith(f"{key}.")]
        if keys:
            element = cited[max(keys, key=len)]
            title = kind_of(policy, element)
            if isinstance(element, Tier):
                title = TIER.fill(n=policy.rules.rates.tiers.index(element) + 1)
            yield Adjustable(
                path, Decimal(value), kind_at(policy, path), title, _label(policy, path, element)
            )


def _label(policy: Policy, path: str, element: Cited) -> Text:
    """Return what a number says: its own test, if it is a limit, else what it is a part of."""
    part, key = _part_at(policy, path)
    if isinstance(part, Test):
        return describe_test(policy, part)
    if isinstance(part, Tier) and key == "rate":
        return RATE
    if isinstance(part, RateBounds):
        return LOWEST_RATE if key == "at_least" else HIGHEST_RATE
    return figure_of(policy, element)


def number_at(policy: Policy, path: str) -> Decimal:
    """Return the number that a path of a policy file names; raises `PolicyFaults`."""
    data = content_of(policy)
    place = find(data, path)
    if place is None:
        raise PolicyFaults([unknown_path(policy, data, path)])
    if isinstance(place.value, bool) or not isinstance(place.value, int | Decimal):
        message = Text(
            "这一项不是数，无法求解", "this is no number, so there is nothing to solve for"
        )
        raise PolicyFaults([policy_fault("value_kind", policy.source, path, message)])
    return Decimal(place.value)


def kind_at(policy: Policy, path: str) -> Kind:
    """Return what kind of number stands at a path: a ratio, yuan, days, or a mere number."""
    part, key = _part_at(policy, path)
    return _kind_in(policy, part, key) or Kind.NUMBER


def _part_at(policy: Policy, path: str) -> tuple[object, str]:
    """Return the part of the rules that a path leads into, and the last key of the path."""
    place = find(content_of(policy), path)
    assert place is not None
    *way, key = place.steps
    part: object = policy.rules
    for step in way:
        if isinstance(part, tuple) and isinstance(step, str):
            [part] = part  # a file with one base writes it as a table
        if isinstance(step, int):
            part = part[step] if isinstance(part, tuple) else None
        else:
            part = getattr(part, step, getattr(part, f"{step}_", None))
    return part, str(key)


def _kind_in(policy: Policy, part: object, key: str) -> Kind | None:
    rules = policy.rules
    if isinstance(part, Test) and key in BOUNDS:
        if part.since is not None:
            return Kind.DAYS
        return None if part.value is None else inferred_kind(rules, part.value)
    if isinstance(part, Tier) and key in BOUNDS:
        return Kind.MONEY if rules.rates.by is None else inferred_kind(rules, rules.rates.by)
    if isinstance(part, Cap):
        return Kind.COUNT if part.on == "cases" else Kind.MONEY
    return Kind.RATIO if isinstance(part, Tier | Addition | RateBounds | Payer) else None
