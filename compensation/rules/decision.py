"""From columns of claims to decisions: conditions, tier, amounts, caps, review, budget.

A single case is a table with one row. What a policy file says is applied here, in the order of the
contract, section 4; each figure comes from one of the small functions of `award`.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from compensation.columns import Flags, Integers
from compensation.ledger.dictionary import REJECTED
from compensation.ledger.portfolio import NO_DAY
from compensation.money import FEN_PER_YUAN, PRINTED_SCALE
from compensation.policy.catalogue import Policy
from compensation.policy.model import Cap, Rates, Test
from compensation.policy.series import day_number
from compensation.rules import award
from compensation.rules.conditions import (
    Outcome,
    Subject,
    Subjects,
    all_hold,
    evaluate,
    subjects_of,
)

NO_TIER = "tier"
"""The reason of a claim that no tier takes."""
NO_RATE_DECIDED = "decided_rate"
"""The reason of a claim whose rate is decided case by case and was not, or above its ceiling."""


@dataclass(frozen=True, eq=False)
class Cases:
    """Claims to decide, in columns: (claims,) unless said otherwise; fen, days, row numbers.

    `subjects`: everything that tests look at, by name. `shares`: (claims, parties) millionths.
    `reviews`: the decisions that the policy requires. `borrower`, `institution`: groups for caps.
    `day`: the day that puts the claim into its year. `rank`: the claim id's place in code-point
    order. `paid_earlier`: by a cap's `per`, compensation paid for claims outside these, of the
    row's group. `tier`: that of the claim's institution, where it follows from the institution
    alone and is known already.
    """

    parties: tuple[str, ...]
    subjects: Subjects
    principal: Integers
    interest: Integers
    shares: Integers
    reviews: tuple[Integers, ...]
    compensation_paid: Integers
    borrower: Integers
    institution: Integers
    day: Integers
    rank: Integers
    paid_earlier: Mapping[str, Integers]
    tier: Integers | None = None


@dataclass(frozen=True, eq=False)
class Examined:
    """What can be told of claims before any amount; the columns are those of `Decisions`."""

    conditions: tuple[Outcome, ...]
    failed: Mapping[str, Flags]
    tier: Integers
    rate: Integers


@dataclass(frozen=True, eq=False)
class Capped:
    """What one cap did: the limit that applied to each claim, and the compensation after it.

    `used`: what claims before it had used of a cap that its group shares; None for a cap on each
    claim alone. `refused`: claims that it refused whole.
    """

    cap: Cap
    limit: Integers
    compensation: Integers
    refused: Flags
    used: Integers | None = None


@dataclass(frozen=True, eq=False)
class Decisions:
    """What was decided for each claim; (claims,) columns, fen, rates in millionths.

    `failed`: by reason, in the order in which reasons are given, which claims failed it. `tier`:
    place in the policy's tiers, −1 where none holds. `rate`: meaningful where eligible.
    `at_rate`: half_up(base × rate) before the caps. `due`: payable before the budget. `payers`:
    (claims, payers) what each payer of the policy pays of it.
    """

    conditions: tuple[Outcome, ...]
    failed: Mapping[str, Flags]
    eligible: Flags
    payout: Integers
    borne: Integers
    base: Integers
    tier: Integers
    rate: Integers
    at_rate: Integers
    caps: tuple[Capped, ...]
    compensation: Integers
    status: Integers
    due: Integers
    payable: Integers
    payers: Integers
    total_due: int


@dataclass(frozen=True, eq=False)
class Verdicts:
    """What institutions came to: each condition, all of them, and the tier (−1: none)."""

    conditions: tuple[Outcome, ...]
    eligible: Flags
    tier: Integers


def effective_days(policy: Policy) -> tuple[int, int]:
    """Return the first and the last day that the policy covers, as days since 1970-01-01."""
    effective = policy.rules.effective
    return day_number(effective.from_), day_number(effective.to) if effective.to else NO_DAY


def outcomes(policy: Policy, tests: Sequence[Test], subjects: Subjects) -> tuple[Outcome, ...]:
    """Evaluate tests on every row, under the policy's series and effective days."""
    window = effective_days(policy)
    return tuple(evaluate(test, subjects, policy.series, window) for test in tests)


def holding(policy: Policy, tests: Sequence[Test], subjects: Subjects, rows: int) -> Flags:
    """Return which rows pass every one of the tests; none is asked once no row is left."""
    window = effective_days(policy)
    passed = np.ones(rows, dtype=np.bool_)
    for test in tests:
        passed = passed & evaluate(test, subjects, policy.series, window).passed
        if not passed.any():
            break
    return passed


def tests_by_id(policy: Policy) -> dict[str, tuple[Test, ...]]:
    """Return every test of the policy by what it belongs to: a condition, a tier, an addition."""
    rules = policy.rules
    tests: dict[str, tuple[Test, ...]] = {}
    for condition in (*rules.institution_conditions, *rules.claim_conditions):
        tests[condition.id] = (*tests.get(condition.id, ()), condition)
    for number, tier in enumerate(tier_tests(policy), 1):
        tests[f"rates.tiers[{number}]"] = tier
    for addition in rules.rates.additions:
        tests[addition.id] = addition.when
    return tests


def subjects_needed(policy: Policy, *, measures: bool = True) -> dict[str, list[str]]:
    """Return the name of every subject that the policy looks at, with what looks at it.

    `measures`: also the columns by which its own indicators choose the contracts they count.
    """
    rules = policy.rules
    needed: dict[str, list[str]] = {}

    def need(name: str, user: str) -> None:
        users = needed.setdefault(name, [])
        if user not in users:
            users.append(user)

    for user, tests in tests_by_id(policy).items():
        for test in tests:
            for name in sorted(subjects_of(test)):
                need(name, user)
    for indicator in rules.indicators if measures else ():
        for measure in (indicator.numerator, indicator.denominator):
            for test in measure.where if measure is not None else ():
                for name in sorted(subjects_of(test)):
                    need(name, indicator.id)
    for name in rules.base.less:
        need(name, "base")
    for cap in rules.caps:
        for name in cap.less:
            need(name, cap.id)
    if rules.rates.decided is not None:
        need(rules.rates.decided.column, "rates.decided")
    if rules.budget.order is not None:
        need(rules.budget.order, "budget")
    need(rules.trigger.date, "trigger")
    return needed


def tier_tests(policy: Policy) -> tuple[tuple[Test, ...], ...]:
    """Return the tests of each tier; a range is a test of the key it is over."""
    return _tier_tests(policy.rules.rates)


@functools.lru_cache(maxsize=64)
def _tier_tests(rates: Rates) -> tuple[tuple[Test, ...], ...]:
    if rates.kind == "ladder":
        return tuple(tier.when for tier in rates.tiers)
    key = rates.over or ""
    prefix = "indicator."
    indicator = key.removeprefix(prefix) if key.startswith(prefix) else None
    column = key if indicator is None else None
    bounds = ("at_least", "above", "at_most", "below")
    return tuple(
        (Test(column=column, indicator=indicator, **{b: getattr(tier, b) for b in bounds}),)
        if any(getattr(tier, b) is not None for b in bounds)
        else ()
        for tier in rates.tiers
    )


def rate_is_institutions(policy: Policy) -> bool:
    """Return whether the rate follows from the institution alone, the same for all its claims."""
    return _rate_is_institutions(policy.rules.rates)


@functools.lru_cache(maxsize=64)
def _rate_is_institutions(rates: Rates) -> bool:
    tests = [test for tests in _tier_tests(rates) for test in tests]
    tests += [test for addition in rates.additions for test in addition.when]
    names = set().union(*map(subjects_of, tests)) if tests else set()
    return rates.decided is None and all(
        name.startswith(("indicator.", "institutions.")) for name in names
    )


def judge(policy: Policy, subjects: Subjects, rows: int) -> Verdicts:
    """Decide whether institutions qualify, and their tier where it is theirs alone."""
    conditions = outcomes(policy, policy.rules.institution_conditions, subjects)
    tier = (
        _tier(policy, subjects, rows)
        if rate_is_institutions(policy)
        else np.full(rows, -1, dtype=np.int64)
    )
    return Verdicts(conditions, all_hold(conditions, rows), tier)


def _tier(policy: Policy, subjects: Subjects, rows: int) -> Integers:
    holds: list[Flags] = []
    for tests in tier_tests(policy):
        holds.append(holding(policy, tests, subjects, rows))
        if holds[-1].all():
            break
    return award.first_tier(holds, rows)


def rates_of(policy: Policy, tier: Integers, subjects: Subjects) -> Integers:
    """Return the rate of each row in millionths: its tier's, with the additions that hold.

    Never above the upper bound that the document gives, or 1. 0 where there is no tier.
    """
    rates = policy.rules.rates
    steps = [int(tier.rate * PRINTED_SCALE) for tier in rates.tiers]
    rate = np.array([*steps, 0], dtype=np.int64)[tier]
    for addition in rates.additions:
        holds = holding(policy, addition.when, subjects, len(tier))
        rate = rate + np.where(holds & (tier >= 0), int(addition.points * PRINTED_SCALE), 0)
    highest = PRINTED_SCALE if rates.bounds is None else int(rates.bounds.at_most * PRINTED_SCALE)
    return np.minimum(rate, highest)


def examine(
    policy: Policy, subjects: Subjects, rows: int, tier: Integers | None = None
) -> Examined:
    """Tell the conditions that claims fail, their tier and rate; ``tier``: if it is known."""
    rules = policy.rules
    conditions = outcomes(policy, rules.claim_conditions, subjects)
    failed = {
        condition.id: ~outcome.passed
        for condition, outcome in zip(rules.claim_conditions, conditions, strict=True)
    }
    if tier is None:
        tier = _tier(policy, subjects, rows)
    rate = rates_of(policy, tier, subjects)
    if rules.rates.otherwise is not None:
        # Only where nothing else speaks against the claim: reasons are the conditions not met.
        failed[NO_TIER] = none_failed(failed, rows) & (tier < 0)
    if rules.rates.decided is not None:
        decided = subjects[rules.rates.decided.column]
        undecided = ~decided.known
        if rules.rates.decided.above_ceiling == "ineligible":
            undecided |= decided.numerator > rate
        if rules.rates.bounds is not None:
            undecided |= decided.numerator < int(rules.rates.bounds.at_least * PRINTED_SCALE)
        failed[NO_RATE_DECIDED] = none_failed(failed, rows) & undecided
        rate = np.minimum(rate, decided.numerator)
    return Examined(conditions, failed, tier, rate)


def decide(policy: Policy, cases: Cases, budget: int | None = None) -> Decisions:
    """Decide claims under a policy; ``budget`` in fen is shared over all of them."""
    rows = len(cases.principal)
    examined = examine(policy, cases.subjects, rows, cases.tier)
    failed = dict(examined.failed)
    payout = cases.principal + cases.interest
    borne = award.borne(payout, cases.shares)
    base = _base(policy, cases, payout)
    eligible = none_failed(failed, rows)
    at_rate = np.where(eligible, award.compensation_at(base, examined.rate), 0)
    caps = _capped(policy, cases, at_rate, borne)
    for capped in caps:
        if capped.cap.over == "refuse":
            failed[capped.cap.id] = capped.refused
    compensation = caps[-1].compensation
    eligible = none_failed(failed, rows)
    status = award.status(eligible, cases.reviews)
    due = award.payable(compensation, cases.compensation_paid, status)
    payable = _within_budget(policy, cases, due, budget)
    return Decisions(
        examined.conditions,
        failed,
        eligible,
        payout,
        borne,
        base,
        examined.tier,
        examined.rate,
        at_rate,
        caps,
        compensation,
        status,
        due,
        payable,
        among_payers(policy, payable),
        int(due.sum()),
    )


def none_failed(failed: Mapping[str, Flags], rows: int) -> Flags:
    """Return which rows failed nothing; `failed`: by reason, which rows failed it."""
    passed = np.ones(rows, dtype=np.bool_)
    for flags in failed.values():
        passed &= ~flags
    return passed


def _base(policy: Policy, cases: Cases, payout: Integers) -> Integers:
    rule = policy.rules.base
    amount = cases.principal if rule.of == "principal" else payout
    if rule.party is not None:
        amount = award.borne(amount, cases.shares)[:, cases.parties.index(rule.party)]
    return award.base(amount, [cases.subjects[name].numerator for name in rule.less])


def _capped(
    policy: Policy, cases: Cases, compensation: Integers, borne: Integers
) -> tuple[Capped, ...]:
    """Apply the caps on each claim alone, then those that groups share, in the file's order."""
    done: list[Capped] = []
    alone = [cap for cap in policy.rules.caps if cap.per == "claim"]
    shared = [cap for cap in policy.rules.caps if cap.per != "claim"]
    for cap in alone:
        limit = _cap_limit(cap, policy, cases, borne)
        over = compensation > limit
        refused = over if cap.over == "refuse" else np.zeros_like(over)
        compensation = np.where(refused, 0, np.minimum(compensation, limit))
        done.append(Capped(cap, limit, compensation, refused))
    if shared:
        limits = [_cap_limit(cap, policy, cases, borne) for cap in shared]
        rejected = np.zeros(len(compensation), dtype=np.bool_)
        for review in cases.reviews:
            rejected |= review == REJECTED
        result = award.through_group_caps(
            compensation,
            np.lexsort((cases.rank, cases.day)),
            [_group(cap, cases) for cap in shared],
            limits,
            [cap.over == "refuse" for cap in shared],
            ~rejected,
        )
        done += [
            Capped(cap, limits[n], result.through[n], result.refused[n], result.used[n])
            for n, cap in enumerate(shared)
        ]
    return tuple(done)


def _cap_limit(cap: Cap, policy: Policy, cases: Cases, borne: Integers) -> Integers:
    """Return the most that a claim, or its group, may get, in fen, at least 0."""
    if cap.share_of_borne is not None:
        place = cases.parties.index(policy.rules.beneficiary.party)
        limit = award.share_of(borne[:, place], int(cap.share_of_borne * PRINTED_SCALE))
    else:
        assert cap.amount is not None
        limit = np.full(len(borne), int(cap.amount * FEN_PER_YUAN), dtype=np.int64)
    if cap.per != "claim" and cap.years == "all":
        limit = limit - cases.paid_earlier[cap.per]
    for name in cap.less:
        limit = limit - cases.subjects[name].numerator
    return np.maximum(limit, 0)


def _group(cap: Cap, cases: Cases) -> Integers:
    if cap.per == "borrower":
        return cases.borrower
    return cases.institution if cap.per == "institution" else np.zeros_like(cases.institution)


def _within_budget(policy: Policy, cases: Cases, due: Integers, budget: int | None) -> Integers:
    if budget is None:
        return due
    if policy.rules.budget.method == "pro_rata":
        return award.within_budget(due, budget, cases.rank)
    return award.first_come(due, budget, np.lexsort((cases.rank, budget_day(policy, cases))))


def budget_day(policy: Policy, cases: Cases) -> Integers:
    """Return the day by which a claim comes first, where the budget goes to who comes first."""
    order = policy.rules.budget.order
    return cases.subjects[order].numerator if order else cases.day


def among_payers(policy: Policy, payable: Integers) -> Integers:
    """Return (claims, payers) what each payer of the policy pays of each amount."""
    shares = [int(payer.share * PRINTED_SCALE) for payer in policy.rules.payers]
    return award.among_payers(payable, shares)


def institution_subject(eligible: Flags) -> Subject:
    """Return the subject of the test that the institution meets its conditions."""
    return Subject(eligible.astype(np.int64), np.ones(len(eligible), dtype=np.bool_))
