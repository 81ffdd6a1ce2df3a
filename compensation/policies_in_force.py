"""The policies that may be meant where none is named: no run has a default."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence

from compensation.language import Text
from compensation.policy.catalogue import Policy, list_policies, load_policy


def in_force(policies: Iterable[Policy], first: datetime.date, last: datetime.date) -> list[Policy]:
    """Return those of the policies that cover a day from ``first`` to ``last``."""
    return [
        policy
        for policy in policies
        if policy.rules.effective.from_ <= last
        and (policy.rules.effective.to is None or first <= policy.rules.effective.to)
    ]


def in_force_in(year: int, policies: Iterable[Policy] | None = None) -> list[Policy]:
    """Return the policies that cover a day of a year: of the package, where none are given.

    >>> [policy.id for policy in in_force_in(2008)]
    ['fujian-2008']
    """
    days = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
    return in_force(map(load_policy, list_policies()) if policies is None else policies, *days)


def none_named(year: int, policies: Sequence[Policy]) -> Text:
    """Return what to say where no policy is named; ``policies``: those that cover the year."""
    if not policies:
        return Text(
            "须指明政策；程序所附的政策均不适用于 {year} 年度，请给出政策文件",
            "name a policy; none of the package is in force in {year}, so give a policy file",
        ).fill(year=year)
    return Text(
        "须指明政策，程序不作默认。适用于 {year} 年度的有：{list}",
        "name a policy: there is no default. In force in {year}: {list}",
    ).fill(year=year, list=listed(policies))


def listed(policies: Sequence[Policy]) -> Text:
    """Return policies by id and name."""
    return Text(
        "；".join(f"{policy.id}（{policy.rules.name.zh}）" for policy in policies),
        "; ".join(f"{policy.id} ({policy.rules.name.en})" for policy in policies),
    )
