"""Who is eligible, and at what rate: conditions, tiers, additions, decided rates.

Institutions are judged and claims examined on whole columns; a single case is a table with one row.
Source: the contract, section 4. What an eligible claim is paid is in `rules.compensation`.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from compensation.columns import Flags, Integers
from compensation.language import Text
from compensation.ledger.portfolio import NO_DAY
from compensation.money import PRINTED_SCALE
from compensation.policy.catalogue import Policy
from compensation.policy.model import Rates, Test
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
from compensation.rules.steps import Step, Steps, Unit

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
    alone and is known already. `approved`: the amounts that review approved, where it did.
    `closed`: claims for which nothing more is paid. Both are None where the ledgers never say so.
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
    approved: Subject | None = None
    closed: Flags | None = None


@dataclass(frozen=True, eq=False)
class Examined:
    """What can be told of claims before any amount; the columns are those of `Decisions`.

    `steps`: how the rate of each claim came about.
    """

    conditions: tuple[Outcome, ...]
    failed: Mapping[str, Flags]
    tier: Integers
    rate: Integers
    steps: Steps


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


TIER_RATE = Text("补偿比例（第 {n} 档）", "rate (tier {n})")
POINTS = Text("加点（第 {n} 项）", "points (addition {n})")
HIGHEST_RATE = Text("比例上限", "highest rate")
DECIDED_RATE = Text("核定比例", "decided rate")
RATE = Text("补偿比例", "rate")


@functools.lru_cache(maxsize=256)
def _numbered(title: Text, number: int) -> Text:
    return title.fill(n=number)


@functools.lru_cache(maxsize=64)
def _tier_steps(rates: Rates, name: str) -> tuple[Step, ...]:
    return tuple(
        Step(name, _numbered(TIER_RATE, n), int(tier.rate * PRINTED_SCALE), Unit.RATIO, cited=tier)
        for n, tier in enumerate(rates.tiers, 1)
    )


def rates_of(policy: Policy, tier: Integers, subjects: Subjects) -> Integers:
    """Return the rate of each row in millionths: its tier's, with the additions that hold.

    Never above the upper bound that the document gives, or 1. 0 where there is no tier.
    """
    return _rates(policy, tier, subjects, Steps())[0]


def _rates(
    policy: Policy, tier: Integers, subjects: Subjects, steps: Steps
) -> tuple[Integers, str]:
    """Return what `rates_of` does, and its formula; a tier's rate alone has none."""
    rates = policy.rules.rates
    alone = not rates.additions and rates.decided is None
    by_tier = [int(each.rate * PRINTED_SCALE) for each in rates.tiers]
    rate = np.array([*by_tier, 0], dtype=np.int64)[tier]
    formula = "rate" if alone else "tier_rate"
    steps.one_of(tier, _tier_steps(rates, formula))
    for number, addition in enumerate(rates.additions, 1):
        holds = holding(policy, addition.when, subjects, len(tier))
        points = np.where(holds & (tier >= 0), int(addition.points * PRINTED_SCALE), 0)
        rate = rate + points
        name = f"points_{addition.id.replace('-', '_')}"
        steps.given(name, _numbered(POINTS, number), points, Unit.RATIO, addition)
        formula += f" + {name}"
    highest = PRINTED_SCALE if rates.bounds is None else int(rates.bounds.at_most * PRINTED_SCALE)
    rate = np.minimum(rate, highest)
    if alone:
        return rate, ""
    steps.given("highest_rate", HIGHEST_RATE, highest, Unit.RATIO, rates.bounds)
    return rate, f"min({formula}, highest_rate)"


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
    steps = Steps()
    rate, formula = _rates(policy, tier, subjects, steps)
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
        steps.given(
            "decided_rate", DECIDED_RATE, decided.numerator, Unit.RATIO, rules.rates.decided
        )
        formula = f"min({formula}, decided_rate)"
    if formula:
        steps.follows("rate", RATE, formula, rate, Unit.RATIO)
    return Examined(conditions, failed, tier, rate, steps)


def none_failed(failed: Mapping[str, Flags], rows: int) -> Flags:
    """Return which rows failed nothing; `failed`: by reason, which rows failed it."""
    passed = np.ones(rows, dtype=np.bool_)
    for flags in failed.values():
        passed &= ~flags
    return passed


def institution_subject(eligible: Flags) -> Subject:
    """Return the subject of the test that the institution meets its conditions."""
    return Subject(eligible.astype(np.int64), np.ones(len(eligible), dtype=np.bool_))
