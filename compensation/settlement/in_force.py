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
from compensation.policy.model import NOBODY
from compensation.policy.quantities import (
    names_in,
    names_in_tests,
    own_quantities,
    paid_columns,
    payers_from_settlements,
)
from compensation.policy.variables import extra_columns
from compensation.rules.conditions import conditions_on_day, effective_days, effective_years
from compensation.rules.decision import variables_needed
from compensation.rules.indicators import policy_years, year_ends
from compensation.rules.rounding import unit_of
from compensation.schema.column import Column
from compensation.schema.dictionary import PAID_BEFORE
from compensation.values.dates import date_of


class Coverage(NamedTuple):
    """Of each claim: the day that decides its policy and year.

    `policy`: place among the policies, −1 where none is in force on the day. `year`: `NO_YEAR`
    where the day is blank. `ended`: whether its contract had ended before the year, which was paid
    for all the same.
    """

    day: Integers
    policy: Integers
    year: Integers
    ended: Flags


def coverage(
    policies: Sequence[Policy],
    days: Sequence[Integers],
    years: Integers | None = None,
    ended: Flags | None = None,
) -> Coverage:
    """Return the policy and the year of each claim; `days`: by policy, the trigger's days.

    `years`: those of the cases, where contracts have one for each year, and `ended`.
    """
    day, year = days[0], policy_years(days[0])
    place = np.full(len(day), -1, dtype=np.int64)
    for number, (policy, own) in enumerate(zip(policies, days, strict=True)):
        here = covered(policy, own, years)
        place[here] = number
        year[here] = policy_years(own[here], policy.rules.trigger.year_begins)
    over = np.zeros(len(day), dtype=np.bool_) if ended is None else ended & (place >= 0)
    return Coverage(day, place, year if years is None else years, over)


def covered(policy: Policy, day: Integers, years: Integers | None = None) -> Flags:
    """Return on which days a policy is in force; on a blank one none is.

    `years`: where contracts belong to several, the policy covers those in which it is in force;
    where its conditions exclude other days, only of contracts of the days on which it is.
    """
    first, last = effective_days(policy)
    in_force: Flags = (day >= first) & (day <= last) & (day != NO_DAY)
    if years is None:
        return in_force
    begin, end = effective_years(policy)
    of_year: Flags = (years >= begin) & (years <= end) & (day != NO_DAY)
    return of_year & in_force if conditions_on_day(policy) else of_year


PAID_OF_YEAR = ("contracts.compensation_paid", f"contracts.{PAID_BEFORE.name}")
"""What was paid for a contract: of one year, where it belongs to several."""


def together_faults(policies: Sequence[Policy]) -> list[FaultGroup]:
    """Return what speaks against deciding under these policies together."""
    if not policies:
        message = Text("未指定政策，至少需要一项", "no policy is given; at least one is needed")
        return [whole("no_policy", message)]
    faults = [fault for policy in policies for fault in _alone(policy)]
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


def _alone(policy: Policy) -> list[FaultGroup]:
    """Return a fault where a policy looks at what only one year tells."""
    looks_at = list(paid_columns(policy.rules))
    if policy.rules.trigger.until is not None:
        looks_at += [name for name in PAID_OF_YEAR if name in variables_needed(policy)]
    if not looks_at:
        return []
    message = Text(
        "政策 {policy} 要看已支付的金额（{columns}），只能单独按年度计算（assess）",
        "policy {policy} looks at what has been paid ({columns}): it is assessed alone, by year "
        "(assess)",
    )
    return [whole("only_alone", message.fill(policy=policy.id, columns="、".join(looks_at)))]


def several_years(policy: Policy) -> list[FaultGroup]:
    """Return a fault where a contract belongs to several years under a policy."""
    if policy.rules.trigger.until is None:
        return []
    message = Text(
        "政策 {policy} 的一份合同跨几个年度，不能与其他政策合并核算；请单独核算（assess）"
        "或清算（settle）",
        "a contract belongs to several years under policy {policy}: a year of it is assessed alone "
        "(assess), or settled (settle)",
    )
    return [whole("only_alone", message.fill(policy=policy.id))]


def only_settled(policy: Policy) -> list[FaultGroup]:
    """Return a fault where only a settlement knows what each payer of a policy has paid."""
    if not payers_from_settlements(policy.rules):
        return []
    message = Text(
        "政策 {policy} 要看各出资方以前支付的金额，不能与其他政策合并核算；请清算（settle）",
        "policy {policy} looks at what each payer paid before: it is settled (settle), and not "
        "assessed with other policies",
    )
    return [whole("only_alone", message.fill(policy=policy.id))]


def own_years(policy: Policy) -> list[FaultGroup]:
    """Return a fault where the years of a policy are not calendar years."""
    if policy.rules.trigger.year_begins is None:
        return []
    message = Text(
        "政策 {policy} 的年度不是公历年度，不能与其他政策合并核算，也不能测算方案；请单独核算"
        "（assess）或清算（settle）",
        "policy {policy} has years that are not calendar years: a year of it is assessed alone "
        "(assess), or settled (settle)",
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
    until, other_until = (policy.rules.trigger.until for policy in (one, other))
    begins, other_begins = (policy.rules.trigger.year_begins for policy in (one, other))
    key += f" – {until} {begins or ''}".rstrip() if until else ""
    other_key += f" – {other_until} {other_begins or ''}".rstrip() if other_until else ""
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
    if one.rules.trigger.until is not None and not (
        conditions_on_day(one) and conditions_on_day(other)
    ):
        # Each decides whole years of a contract.
        (first, last), (other_first, other_last) = _whole_years(one), _whole_years(other)
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


def _whole_years(policy: Policy) -> tuple[int, int]:
    """Return the first and the last day of the years of which the policy covers a day."""
    (first, last), begins = effective_years(policy), policy.rules.trigger.year_begins
    end = NO_DAY if policy.rules.effective.to is None else year_ends(last, begins)[1]
    return year_ends(first, begins)[0] + 1, end


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
    units = [unit_of(policy.rules.compensation, policy.rules.budget) for policy in policies]
    ways = set()
    for policy, each, unit in zip(policies, budgets, units, strict=True):
        at_most = each.at_most if budget is None else None
        names = names_in_tests(each.first) | (set() if at_most is None else names_in(at_most))
        own = own_quantities(policy.rules, names)
        way = (each.method, each.order, each.first, each.unpaid, each.left_over == NOBODY)
        ways.add((*way, each.ratio_to, each.at_least, at_most, own, unit))
    if len(ways) < 2:
        return []
    message = Text(
        "政策 {ids} 的预算（分配方法、金额或取整单位）不同，不能共用一个预算；请分别清算或不设预算",
        "policies {ids} share a budget by different methods, units or sums; settle them "
        "separately or without a budget",
    ).fill(ids=", ".join(policy.id for policy in policies))
    return [whole("budget_methods_differ", message)]
