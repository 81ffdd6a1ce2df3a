"""What two policies say differently: figures first, and the wording that goes with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from compensation.policy.catalogue import Policy
from compensation.policy.faults import element
from compensation.policy.model import (
    DatedValue,
    ExtraColumn,
    Series,
    SeriesPoint,
    Strict,
    key_of_field,
)
from compensation.record.summaries import ValueDifference
from compensation.values.exact import plain


class PolicyDifference(NamedTuple):
    """What two policies say differently.

    `figures`: limits, rates, dates, tests, series: whatever an amount may depend on. `wording`:
    names, notes, clauses and the basis of figures.
    """

    figures: list[ValueDifference]
    wording: list[ValueDifference]


_WORDING = {"clause", "basis", "name", "issuer", "note", "source", "heading"}
_ALL_WORDING = ("clauses[", "definitions[", "document.")


def policy_difference(first: Policy, second: Policy) -> PolicyDifference:
    """Return what two policies say differently, by the keys of the policy file."""
    one, other = _said(first), _said(second)
    figures: list[ValueDifference] = []
    wording: list[ValueDifference] = []
    for key in dict.fromkeys([*one, *other]):
        if one.get(key) != other.get(key):
            difference = ValueDifference(key, one.get(key), other.get(key))
            (wording if _is_wording(key) else figures).append(difference)
    return PolicyDifference(figures, wording)


def policies_difference(first: Sequence[Policy], second: Sequence[Policy]) -> PolicyDifference:
    """Return what policies of the same ids say differently; one alone is held against one alone."""
    if len(first) == len(second) == 1:
        return policy_difference(first[0], second[0])
    others = {policy.id: policy for policy in second}
    return together(
        [
            of_policy(policy.id, policy_difference(policy, others[policy.id]))
            for policy in first
            if policy.id in others
        ]
    )


def of_policy(id_: str, difference: PolicyDifference) -> PolicyDifference:
    """Return a difference with keys that name the policy, to tell it from those of others."""
    figures, wording = (
        [each._replace(key=f"{id_} {each.key}") for each in part] for part in difference
    )
    return PolicyDifference(figures, wording)


def together(differences: Sequence[PolicyDifference]) -> PolicyDifference:
    """Return several differences as one."""
    return PolicyDifference(
        [each for difference in differences for each in difference.figures],
        [each for difference in differences for each in difference.wording],
    )


def without_news(difference: PolicyDifference, first: Policy, second: Policy) -> PolicyDifference:
    """Leave out what a series only says of days after those that both policies' series cover.

    A reference series gets longer every month; no figure of earlier days depends on that.
    """
    news = tuple(
        key
        for id_ in first.series.keys() & second.series.keys()
        for key in _news(id_, [policy.series[id_] for policy in (first, second)])
    )
    figures = [each for each in difference.figures if not each.key.startswith(news)]
    return PolicyDifference(figures, difference.wording)


def _news(id_: str, both: Sequence[Series]) -> Iterator[str]:
    """Yield how the keys begin under which a series goes beyond what both say."""
    key = element("series", 0, id_)
    yield f"{key}.checked_until"
    common = min(series.checked_until for series in both)
    for series in both:
        for point in series.points:
            if point.from_ > common:
                yield element(f"{key}.points", 0, point.from_.isoformat())


def _is_wording(key: str) -> bool:
    return key.startswith(_ALL_WORDING) or not _WORDING.isdisjoint(key.split("."))


def _said(policy: Policy) -> dict[str, str]:
    """Return everything that a policy says by its key; the series it takes from elsewhere too."""
    own = {series.id for series in policy.rules.series}
    said = dict(_leaves(policy.rules, ""))
    for id_, series in policy.series.items():
        if id_ not in own:
            said |= dict(_leaves(series, element("series", 0, id_)))
    return said


def _leaves(value: object, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Strict):
        for part in fields(value):
            inner = getattr(value, part.name)
            if inner != part.default:
                name = key_of_field(part.name)
                yield from _leaves(inner, f"{key}.{name}" if key else name)
    elif isinstance(value, tuple) and any(isinstance(part, Strict) for part in value):
        for place, part in enumerate(value):
            yield from _leaves(part, element(key, place, _name(part)))
    elif isinstance(value, tuple):
        yield key, ", ".join(map(_shown, value))
    else:
        yield key, _shown(value)


def _name(part: object) -> str | None:
    """Return what an element of a list goes by, if it is not its place."""
    if isinstance(part, SeriesPoint | DatedValue):
        return part.from_.isoformat()
    return part.name if isinstance(part, ExtraColumn) else getattr(part, "id", None)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat() if isinstance(value, date) else str(value)
