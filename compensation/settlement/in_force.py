"""Which policy decides which claim, and which policies can be settled under together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from compensation.columns import Flags, Integers
from compensation.faults.groups import FaultGroup, whole
from compensation.language import Text
from compensation.ledger.portfolio import NO_DAY
from compensation.policy.catalogue import Policy
from compensation.policy.quantities import paid_columns
from compensation.policy.variables import extra_columns
from compensation.rules.conditions import effective_days
from compensation.rules.rounding import unit_of
from compensation.schema.column import Column
from compensation.values.dates import date_of

NO_YEAR = 0
"""Stands for the year of a claim whose trigger date is blank."""


class Coverage(NamedTuple):
    """Of each claim: the day that decides its policy and year.

    `policy`: place among the policies, −1 where none is in force on the day. `year`: `NO_YEAR`
    where the day is blank.
    """

    day: Integers
    policy: Integers
    year: Integers


def coverage(policies: Sequence[Policy], days: Sequence[Integers]) -> Coverage:
    """Return the policy and the year of each claim; `days`: by policy, the trigger's days."""
    day = days[0]
    place = np.full(len(day), -1, dtype=np.int64)
    for number, (policy, own) in enumerate(zip(policies, days, strict=True)):
        place[covered(policy, own)] = number
    return Coverage(day, place, years_of(day))


def covered(policy: Policy, day: Integers) -> Flags:
    """Return on which days a policy is in force; on a blank one none is."""
    first, last = effective_days(policy)
    in_force: Flags = (day >= first) & (day <= last) & (day != NO_DAY)
    return in_force


def years_of(day: Integers) -> Integers:
    """Return the calendar year of each day; `NO_YEAR` for a blank one."""
    years = np.where(day == NO_DAY, 0, day).astype("datetime64[D]").astype("datetime64[Y]")
    return np.where(day == NO_DAY, NO_YEAR, years.astype(np.int64) + 1970)


def together_faults(policies: Sequence[Policy]) -> list[FaultGroup]:
    """Return what speaks against deciding under these policies together."""
    if not policies:
        message = Text("未指定政策，至少需要一项", "no policy is given; at least one is needed")
        return [whole("no_policy", message)]
    faults = [fault for policy in policies for fault in spans_years(policy)]
    for one, other in combinations(policies, 2):
        if one.id == other.id:
            faults += _same_id(one)
        else:
            faults += _different_records(one, other)
            faults += [*_different_triggers(one, other), *_both_in_force(one, other)]
    return faults


def _different_records(one: Policy, other: Policy) -> Iterator[FaultGroup]:
    if one.rules.record == other.rules.record:
        return
    message = Text(
        "政策 {one} 和 {other} 的计算对象不同（代偿、合同或机构年度），不能同时使用",
        "policies {one} and {other} are about different cases (payouts, contracts, years of "
        "institutions) and cannot be used together",
    )
    yield whole("different_records", message.fill(one=one.id, other=other.id))


def spans_years(policy: Policy) -> list[FaultGroup]:
    """Return a fault where a policy looks at several years of a case, or of its payers."""
    if policy.rules.trigger.year_begins is not None:
        return own_years(policy)
    if paid_columns(policy.rules):
        message = Text(
            "政策 {policy} 要看各出资方已支付的金额，只能单独按年度计算（assess）",
            "policy {policy} looks at what each payer has paid: it is assessed alone, by year "
            "(assess)",
        )
        return [whole("only_alone", message.fill(policy=policy.id))]
    if policy.rules.trigger.until is None:
        return []
    message = Text(
        "政策 {policy} 的一份合同跨几个年度，只能单独按年度计算（assess）",
        "a contract belongs to several years under policy {policy}: it is assessed alone, by year "
        "(assess)",
    )
    return [whole("only_alone", message.fill(policy=policy.id))]


def own_years(policy: Policy) -> list[FaultGroup]:
    """Return a fault where the years of a policy are not calendar years."""
    if policy.rules.trigger.year_begins is None:
        return []
    message = Text(
        "政策 {policy} 的年度不是公历年度，只能单独按年度计算（assess）",
        "policy {policy} has years that are not calendar years: it is assessed alone (assess)",
    )
    return [whole("only_alone", message.fill(policy=policy.id))]


def _same_id(policy: Policy) -> Iterator[FaultGroup]:
    message = Text(
        "政策编号 {id} 重复，同时使用的政策须编号不同",
        "two policies have the id {id}; policies used together need different ids",
    )
    yield whole("same_policy_id", message.fill(id=policy.id))


def trigger_of(policy: Policy) -> tuple[str, Column | None]:
    """Return the date column that decides a claim's policy and year, and how it is declared."""
    key = policy.rules.trigger.date
    table, _, name = key.partition(".")
    own = extra_columns(policy.rules).get(table, ())
    return key, next((column for column in own if column.name == name), None)


def _different_triggers(one: Policy, other: Policy) -> Iterator[FaultGroup]:
    (key, column), (other_key, other_column) = trigger_of(one), trigger_of(other)
    same_heading = (column and column.heading) == (other_column and other_column.heading)
    if key == other_key and same_heading:
        return
    message = Text(
        "政策 {one} 按 {key} 归属年度，政策 {other} 按 {other_key}；同时使用的政策须按同一日期归属",
        "policy {one} assigns claims to years by {key}, policy {other} by {other_key}; policies"
        " used together need the same date",
    ).fill(one=one.id, other=other.id, key=key, other_key=other_key)
    yield whole("different_triggers", message)


def _both_in_force(one: Policy, other: Policy) -> Iterator[FaultGroup]:
    (first, last), (other_first, other_last) = effective_days(one), effective_days(other)
    begin, end = max(first, other_first), min(last, other_last)
    if begin > end:
        return
    until = Text("（未规定失效日期）", "(no end given)") if end == NO_DAY else date_of(end)
    message = Text(
        "政策 {one} 和 {other} 在 {begin} 至 {end} 同时有效{advice}",
        "policies {one} and {other} are both in force from {begin} to {end}{advice}",
    ).fill(
        one=one.id,
        other=other.id,
        begin=date_of(begin),
        end=until,
        advice=Text("", "") if _paid(one) == _paid(other) else ONE_BY_ONE,
    )
    yield whole("both_in_force", message)


def _paid(policy: Policy) -> tuple[str, object]:
    beneficiary = policy.rules.beneficiary
    return beneficiary.party, beneficiary.name


ONE_BY_ONE = Text(
    "；两项政策付给不同的受偿方，请分别计算，台账中只填付给该方的金额",
    "; they pay different parties: run them one by one, each on a ledger of what that party was "
    "paid",
)


def budget_faults(policies: Sequence[Policy], budget: int | None) -> list[FaultGroup]:
    """Return a fault where the policies share a budget in different ways.

    `budget`: of the run, in fen; without one, that which the policies say counts.
    """
    budgets = [policy.rules.budget for policy in policies]
    if budget is None and all(each.at_most is None for each in budgets):
        return []
    units = [unit_of(policy.rules.compensation) for policy in policies]
    ways = {
        (each.method, each.order, each.first, each.at_most if budget is None else None, unit)
        for each, unit in zip(budgets, units, strict=True)
    }
    if len(ways) < 2:
        return []
    message = Text(
        "政策 {ids} 的预算（分配方法、金额或取整单位）不同，不能共用一个预算；请分别清算或不设预算",
        "policies {ids} share a budget by different methods, units or sums; settle them "
        "separately or without a budget",
    ).fill(ids=", ".join(policy.id for policy in policies))
    return [whole("budget_methods_differ", message)]
