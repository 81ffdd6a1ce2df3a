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
from compensation.engine.run import Decided
from compensation.language import Text
from compensation.money import PRINTED_SCALE, half_up_of_product
from compensation.outlook.assumptions import Assumption
from compensation.outlook.axis import made_of_payouts
from compensation.outlook.changed import BaseYear, scaled
from compensation.policy.catalogue import Policy
from compensation.policy.quantities import measured_ratio, payer_names
from compensation.policy.variables import indicator_definition
from compensation.refusals import Refused
from compensation.rules import forecast as rules
from compensation.rules.institutions import tier_above, worth_of_tier
from compensation.rules.returns import apart, borne_after_payment
from compensation.rules.steps import Steps, Unit
from compensation.rules.variables import Variable
from compensation.rules.waterfall import Parties, in_tranches, tranches
from compensation.schema.parties import GOVERNMENT

COMPUTED = Text(
    "政策 {policy} 的指标“{name}”由多项计算而来，无法推算以后年度",
    "the indicator “{name}” of policy {policy} is computed from several others, so nothing can be"
    " said of later years",
)

PARTS_OF_PAYOUTS = Text(
    "政策 {policy} 按代偿金额的一部分或限额返还追偿所得、只返还部分追偿，或从中奖励追偿方，"
    "无法按追偿比例推算以后年度；不写追偿比例",
    "policy {policy} returns recoveries of parts of the payout, up to limits or only some of them, "
    "or rewards who recovers, so nothing can be said of later years by a rate of recovery; leave "
    "it out",
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
        steps.given(name, rules.TITLES[name], amount)
    if start.has_pool:
        pool.given("closing", rules.TITLES["closing"], start.opening)
    year = base.inputs.year
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
        steps.given("growth", rules.TITLES["growth"], assumption.growth, Unit.RATIO)
        released = rules.a_year_later(steps, "released", released, assumption.growth)
        payout = rules.paid_out(
            steps,
            base.amount("payout_amount"),
            base.amount("released_amount"),
            payout,
            released,
            assumption.growth,
            assumption.shift,
        )
        policy = with_days_before(base.policy, number) if base.strict else None
        moved = _moved(base, assumption.growth, number, payout)
        decided = base.with_changes(_claims(base, payout), moved, policy)
        compensation = compensation_of(decided)
        steps.given("compensation", rules.TITLES["compensation"], compensation)
        if assumption.recovery is None:
            returned = rules.a_year_later(steps, "returned", returned, assumption.growth)
        else:
            returned = _recovered(decided, assumption.recovery, steps)
        due, back = int(compensation.sum()), int(returned.sum())
        pool, balance = rules.pool_of_year(balance, due, back)
        year = base.inputs.year + number
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


def _claims(base: BaseYear, payout: Integers) -> Integers:
    """Return the claims of the base year with the payouts of each institution scaled to a total."""
    payouts = base.payouts()
    for row in np.flatnonzero(base.amount("payout_amount")).tolist():
        payouts = scaled(payouts, base.paid_out(row), int(payout[row]))
    return payouts


def _moved(base: BaseYear, growth: int, years: int, payout: Integers) -> dict[str, Variable]:
    """Return the indicators of a later year that are not those of the base year.

    Amounts and counts grow. A rate of payouts is what is paid out over what it is measured against.
    A ratio of what grows alike stays as it is.
    """
    moved = {}
    paid = base.amount("payout_amount")
    for name, variable in base.decided.indicators.items():
        definition = indicator_definition(base.policy.rules, name)
        made_of = measured_ratio(definition.value)
        if made_of is None:
            raise Refused(COMPUTED.fill(policy=base.policy.id, name=definition.name.text))
        if made_of_payouts(definition):
            others = rules.grown(variable.numerator - paid, growth, years)
            whole = variable.denominator
            if whole is not None:
                nothing = (paid == 0) & (whole == 1)  # 0 over 0, which counts as 0
                whole = np.where(nothing, 1, rules.grown(whole, growth, years))
                known = variable.known & (whole > 0)
                moved[name] = variable._replace(
                    numerator=others + payout, denominator=whole, known=known
                )
            else:
                moved[name] = variable._replace(numerator=others + payout)
        elif made_of.denominator is None:
            moved[name] = variable._replace(
                numerator=rules.grown(variable.numerator, growth, years)
            )
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
    rule, payers = policy.rules.returns, tuple(payer_names(policy.rules))
    limited = any(step.limited for step in rule.steps)
    if rule.parts or rule.reward is not None or rule.when or limited:
        raise Refused(PARTS_OF_PAYOUTS.fill(policy=policy.id))
    government: tuple[str, ...] = (GOVERNMENT,)
    if not set(rule.named).isdisjoint(payers):
        government, bears = payers, apart(bears, decisions.payer_shares)
    parties = Parties((*government, *decided.ledgers.parties))
    lost = decided.inputs.lost(decided.claim_rows)
    _, parts = in_tranches(recovered, tranches(rule, lost, bears, (), parties, Steps()))
    government_gets = sum(part[:, : len(government)].sum(axis=1) for part in parts)
    institutions = decided.ledgers.rows("institutions")
    of = decided.cases.institution
    steps.given("recovery_rate", rules.TITLES["recovery_rate"], recovery, Unit.RATIO)
    steps.given("recovered", rules.TITLES["recovered"], group_sum(recovered, of, institutions))
    returned = group_sum(government_gets, of, institutions)
    steps.given("returned", rules.TITLES["returned"], returned)
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
