"""One year after another under an assumption: what grows, what is paid out, what is decided.

Every line is a step with its formula. The rules that decide are those of `assess`; the claims of
the base year stand for those of a later one.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from compensation.columns import Integers, group_sum
from compensation.language import Text
from compensation.money import PRINTED_SCALE, half_up_of_product, split
from compensation.outlook.assumptions import Assumption
from compensation.outlook.axis import made_of_payouts
from compensation.outlook.changed import BaseYear, scaled
from compensation.policy.catalogue import Policy
from compensation.policy.quantities import measured_ratio
from compensation.policy.subjects import indicator_definition
from compensation.refusals import Refused
from compensation.rules import rationals
from compensation.rules.institutions import tier_above, worth_of_tier
from compensation.rules.returns import borne_after_payment
from compensation.rules.steps import PREVIOUS, Steps, Unit
from compensation.rules.subjects import Subject
from compensation.run import Decided

TITLES = {
    "growth": Text("增速", "growth"),
    "previous_released": Text("上年解除担保额", "released the year before"),
    "released": Text("解除担保额", "released"),
    "payout_of_base_year": Text("基年代偿额", "paid out in the base year"),
    "released_of_base_year": Text("基年解除担保额", "released in the base year"),
    "shift": Text("代偿率变动", "shift of the payout rate"),
    "previous_payout": Text("上年代偿额", "paid out the year before"),
    "payout": Text("代偿额", "paid out"),
    "compensation": Text("补偿金额（按政策逐笔计算）", "compensation (claim by claim)"),
    "previous_returned": Text("上年返还政府", "returned to government the year before"),
    "recovery_rate": Text("追偿回收率", "recovery rate"),
    "recovered": Text("追偿净额（逐笔计算）", "recovered, net (claim by claim)"),
    "returned": Text("返还政府", "returned to government"),
    "opening": Text("资金池期初余额", "opening balance of the pool"),
    "compensated": Text("补偿合计", "compensation in all"),
    "returned_in_all": Text("返还政府合计", "returned to government in all"),
    "budget_need": Text("预算需求", "budget need"),
    "closing": Text("资金池期末余额", "closing balance of the pool"),
}
"""The titles of the lines, by the names of their steps."""
COMPUTED = Text(
    "政策 {policy} 的指标“{name}”由多项计算而来，无法推算以后年度",
    "the indicator “{name}” of policy {policy} is computed from several others, so nothing can be"
    " said of later years",
)


class Start(NamedTuple):
    """Where a forecast begins: the base year, what the pool then holds, and what came back.

    `opening`: fen; 0 where the ledger has no pool. `returned`: (institutions,) what recoveries of
    the base year return to government.
    """

    base: BaseYear
    opening: int
    has_pool: bool
    returned: Integers


class Worth(NamedTuple):
    """(institutions,) the tier above the own one (−1: none), and what it would add, in fen."""

    tier: Integers
    gain: Integers


@dataclass(frozen=True, eq=False)
class ForecastYear:
    """One year under one assumption; (institutions,) columns, fen.

    `assumption`: its name; "base" for the base year. `released`, `payout`, `compensation`,
    `returned`: what is released, paid out, compensated, and comes back to government. `steps`: how
    each came about. `pool`: of all institutions together, in one row.
    """

    assumption: str
    year: int
    decided: Decided = field(repr=False)
    released: Integers = field(repr=False)
    payout: Integers = field(repr=False)
    compensation: Integers = field(repr=False)
    returned: Integers = field(repr=False)
    worth: Worth = field(repr=False)
    steps: Steps = field(repr=False)
    pool: Steps = field(repr=False)


def as_it_is(start: Start) -> ForecastYear:
    """Return the base year as forecasts show it."""
    base, steps, pool = start.base, Steps(), Steps()
    figures = {
        "released": base.amount("released_amount"),
        "payout": base.amount("payout_amount"),
        "compensation": compensation_of(base.decided),
        "returned": start.returned,
    }
    for name, amount in figures.items():
        steps.given(name, TITLES[name], amount)
    if start.has_pool:
        pool.given("closing", TITLES["closing"], start.opening)
    year = base.gathering.year
    worth = worth_of(base.decided)
    released, payout, compensation, returned = figures.values()
    return ForecastYear(
        "base",
        year,
        base.decided,
        released,
        payout,
        compensation,
        returned,
        worth,
        steps,
        pool,
    )


def project(start: Start, assumption: Assumption, years: int) -> Iterator[ForecastYear]:
    """Yield the years after the base year under one assumption."""
    base = start.base
    released, payout = base.amount("released_amount"), base.amount("payout_amount")
    returned, balance = start.returned, start.opening
    for number in range(1, years + 1):
        steps = Steps()
        steps.given("growth", TITLES["growth"], assumption.growth, Unit.RATIO)
        released = _grown_step(steps, "released", released, assumption.growth)
        payout = _payout(base, assumption, released, payout, steps)
        policy = with_days_before(base.policy, number) if base.strict else None
        moved = _moved(base, assumption.growth, number, payout)
        decided = base.with_changes(_claims(base, payout), moved, policy)
        compensation = compensation_of(decided)
        steps.given("compensation", TITLES["compensation"], compensation)
        if assumption.recovery is None:
            returned = _grown_step(steps, "returned", returned, assumption.growth)
        else:
            returned = _recovered(decided, assumption.recovery, steps)
        pool, balance = _pool(balance, int(compensation.sum()), int(returned.sum()))
        year = base.gathering.year + number
        yield ForecastYear(
            assumption.name,
            year,
            decided,
            released,
            payout,
            compensation,
            returned,
            worth_of(decided),
            steps,
            pool,
        )


def grown(amounts: Integers, growth: int, times: int = 1) -> Integers:
    """Return amounts, or borrowers, a year later or several: half up in each.

    `growth`: millionths. Raises `rationals.TooLarge`.

    >>> grown(np.array([100, 105]), 100_000, 2)
    array([121, 128])
    """
    factor = np.full_like(amounts, PRINTED_SCALE + growth)
    for _ in range(times):
        more = half_up_of_product(amounts, factor, np.full_like(amounts, PRINTED_SCALE))
        amounts = rationals.summable(more)
    return amounts


def _grown_step(steps: Steps, name: str, before: Integers, growth: int) -> Integers:
    """Return amounts a year later, recorded with those of the year before."""
    previous = PREVIOUS + name
    steps.given(previous, TITLES[previous], before)
    return steps.follows(
        name, TITLES[name], f"half_up({previous} × (1 + growth))", grown(before, growth)
    )


def _pool(opening: int, compensation: int, returned: int) -> tuple[Steps, int]:
    """Return the lines of the pool in a year, and its closing balance.

    What comes back is there to pay with, and so is the opening balance, if there is any; the budget
    pays the rest.
    """
    steps = Steps()
    steps.given("opening", TITLES["opening"], opening)
    steps.given("compensated", TITLES["compensated"], compensation)
    steps.given("returned_in_all", TITLES["returned_in_all"], returned)
    need = max(compensation - returned - opening, 0)
    formula = "max(compensated − returned_in_all − opening, 0)"
    steps.follows("budget_need", TITLES["budget_need"], formula, need)
    closing = opening + need + returned - compensation
    formula = "opening + budget_need + returned_in_all − compensated"
    return steps, steps.follows("closing", TITLES["closing"], formula, closing)


def _payout(
    base: BaseYear, assumption: Assumption, released: Integers, before: Integers, steps: Steps
) -> Integers:
    """Return what each institution pays out in a year.

    The rate of the base year plus the shift, at least 0, on what is released; cut to the fen, so
    that the rate is not above the stated one. Where nothing was released in the base year the
    amount grows; where nothing was paid out there is no claim to scale, and nothing is.
    """
    paid, against = base.amount("payout_amount"), base.amount("released_amount")
    rows = zip(paid.tolist(), against.tolist(), released.tolist(), strict=True)
    by_rate = [
        max((p * PRINTED_SCALE + assumption.shift * r) * now // (r * PRINTED_SCALE), 0) if r else 0
        for p, r, now in rows
    ]
    alone = grown(before, assumption.growth)
    rated = rationals.summable(np.array(by_rate, dtype=object)).astype(np.int64)
    payout = np.where(paid == 0, 0, np.where(against == 0, alone, rated))
    steps.given("payout_of_base_year", TITLES["payout_of_base_year"], paid)
    steps.given("released_of_base_year", TITLES["released_of_base_year"], against)
    steps.given("shift", TITLES["shift"], assumption.shift, Unit.RATIO)
    steps.given("previous_payout", TITLES["previous_payout"], before)
    rate = "payout_of_base_year / released_of_base_year"
    ways = (
        (f"max(floor(({rate} + shift) × released), 0)", (paid > 0) & (against > 0)),
        ("half_up(previous_payout × (1 + growth))", (paid > 0) & (against == 0)),
        ("0", paid == 0),
    )
    for formula, said in ways:
        steps.follows("payout", TITLES["payout"], formula, payout, said=said)
    return payout


def _claims(base: BaseYear, payout: Integers) -> Integers:
    """Return the claims of the base year with the payouts of each institution scaled to a total."""
    payouts = base.payouts()
    for row in np.flatnonzero(base.amount("payout_amount")).tolist():
        payouts = scaled(payouts, base.paid_out(row), int(payout[row]))
    return payouts


def _moved(base: BaseYear, growth: int, years: int, payout: Integers) -> dict[str, Subject]:
    """Return the indicators of a later year that are not those of the base year.

    Amounts and counts grow. A rate of payouts is what is paid out over what it is measured against.
    A ratio of what grows alike stays as it is.
    """
    moved = {}
    paid = base.amount("payout_amount")
    for name, subject in base.decided.indicators.items():
        definition = indicator_definition(base.policy.rules, name)
        made_of = measured_ratio(definition.value)
        if made_of is None:
            raise Refused(COMPUTED.fill(policy=base.policy.id, name=definition.name.text))
        if made_of_payouts(definition):
            others = grown(subject.numerator - paid, growth, years)
            whole = subject.denominator
            if whole is not None:
                nothing = (paid == 0) & (whole == 1)  # 0 over 0, which counts as 0
                whole = np.where(nothing, 1, grown(whole, growth, years))
                known = subject.known & (whole > 0)
                moved[name] = subject._replace(
                    numerator=others + payout, denominator=whole, known=known
                )
            else:
                moved[name] = subject._replace(numerator=others + payout)
        elif made_of.denominator is None:
            moved[name] = subject._replace(numerator=grown(subject.numerator, growth, years))
    return moved


def compensation_of(decided: Decided) -> Integers:
    """Return (institutions,) the compensation of the claims of each."""
    institutions = decided.ledgers.rows("institutions")
    return group_sum(decided.decisions.compensation, decided.cases.institution, institutions)


def _recovered(decided: Decided, recovery: int, steps: Steps) -> Integers:
    """Return what recoveries return to government, if so much of each payout is recovered.

    It is recovered in the year of the payout, net of costs, and returned by what each party bears
    once government has paid the compensation.
    """
    decisions, policy = decided.decisions, decided.policy
    rate = np.full_like(decisions.payout, recovery)
    scale = np.full_like(decisions.payout, PRINTED_SCALE)
    recovered = half_up_of_product(decisions.payout, rate, scale)
    beneficiary = decided.ledgers.parties.index(policy.rules.beneficiary.party)
    bears = borne_after_payment(decisions.borne, beneficiary, decisions.compensation)
    government = split(recovered, bears)[:, 0]
    institutions = decided.ledgers.rows("institutions")
    of = decided.cases.institution
    steps.given("recovery_rate", TITLES["recovery_rate"], recovery, Unit.RATIO)
    steps.given("recovered", TITLES["recovered"], group_sum(recovered, of, institutions))
    returned = group_sum(government, of, institutions)
    steps.given("returned", TITLES["returned"], returned)
    return returned


def worth_of(decided: Decided) -> Worth:
    """Return for each institution the tier above its own, and what that would add in the year."""
    institutions = decided.ledgers.rows("institutions")
    tier = np.full(institutions, -1, dtype=np.int64)
    gain = np.zeros(institutions, dtype=np.int64)
    for row in range(institutions):
        place = tier_above(decided.policy, decided.verdicts, row)
        if place is not None:
            wanted = decided.policy.rules.rates.tiers[place]
            steps = worth_of_tier(decided.policy, wanted, decided.cases, decided.decisions, row)
            tier[row], gain[row] = place, steps.at(0)[-1].value(0)
    return Worth(tier, gain)


def with_days_before(policy: Policy, years: int) -> Policy:
    """Return the policy as if its days were so many years earlier.

    The claims of the base year, which stand for those of a later one, keep their days.
    """
    effective = policy.rules.effective
    to = None if effective.to is None else _years_before(effective.to, years)
    effective = replace(effective, from_=_years_before(effective.from_, years), to=to)
    return replace(policy, rules=replace(policy.rules, effective=effective))


def _years_before(day: datetime.date, years: int) -> datetime.date:
    """Return the same day of an earlier year; 28 February for a 29th that there is not."""
    last = 28 if (day.month, day.day) == (2, 29) else day.day
    return day.replace(year=day.year - years, day=last)
