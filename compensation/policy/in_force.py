"""The policies of the package that may be meant where none is named: no run has a default."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from compensation.language import Text, day
from compensation.policy.catalogue import Policy, list_policies, load_policy


def in_force(first: datetime.date, last: datetime.date) -> list[Policy]:
    """Return the policies of the package that cover a day from ``first`` to ``last``, by id."""
    policies = map(load_policy, list_policies())
    return [
        policy
        for policy in policies
        if policy.rules.effective.from_ <= last
        and (policy.rules.effective.to is None or first <= policy.rules.effective.to)
    ]


def in_force_in(year: int) -> list[Policy]:
    """Return the policies of the package that cover a day of a year, by id.

    >>> [policy.id for policy in in_force_in(2008)]
    ['fujian-2008']
    """
    return in_force(datetime.date(year, 1, 1), datetime.date(year, 12, 31))


def none_named(when: Text, policies: Sequence[Policy]) -> Text:
    """Return what to say where no policy is named; ``when``: the year or day that it must cover."""
    if not policies:
        return Text(
            "须指明政策；程序所附的政策均不适用于{when}，请给出政策文件",
            "name a policy; none of the package is in force {when}, so give a policy file",
        ).fill(when=when)
    return Text(
        "须指明政策，程序不作默认。适用于{when}的有：{list}",
        "name a policy: there is no default. In force {when}: {list}",
    ).fill(when=when, list=listed(policies))


def listed(policies: Sequence[Policy]) -> Text:
    """Return policies by id and name."""
    return Text(
        "；".join(f"{policy.id}（{policy.rules.name.zh}）" for policy in policies),
        "; ".join(f"{policy.id} ({policy.rules.name.en})" for policy in policies),
    )


def of_year(year: int) -> Text:
    """Return a year as what a policy must cover."""
    return Text(f" {year} 年度", f"in {year}")


def of_day(date: datetime.date) -> Text:
    """Return a day as what a policy must cover."""
    said = day(date)
    return Text(f" {said.zh}", f"on {said.en}")
