"""Who is eligible, and at what rate: conditions, tiers, additions, decided rates.

Institutions are judged and claims examined on whole columns; a single case is a table with one row.
Source: the contract, section 4. What an eligible claim is paid is in `rules.compensation`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from compensation.columns import Flags, Integers
from compensation.language import Text
from compensation.money import FEN_PER_YUAN, PRINTED_SCALE
from compensation.policy.catalogue import Policy
from compensation.policy.kinds import Kind
from compensation.policy.model import Addition, Cap, ExtraColumn, Payer, Quantity, Rates, Test, Tier
from compensation.policy.quantities import (
    MEASURED_GROUPS,
    group_measures,
    names_in,
    names_in_test,
    names_in_tests,
    operations_of,
    resolved,
    stands_in,
)
from compensation.policy.tiers import bounds_of, tier_tests
from compensation.policy.variables import AS_OF
from compensation.rules import award, rationals
from compensation.rules.balances import Held
from compensation.rules.conditions import Outcome, all_hold, evaluate, holding
from compensation.rules.deciding import NO_ELEMENT, TIER, Deciding, Taken, deciding
from compensation.rules.indicators import GroupsOfCases
from compensation.rules.quantities import Computed, Evaluator
from compensation.rules.rationals import Rationals
from compensation.rules.steps import OfOthers, Recorded, Step, Steps, Unit
from compensation.rules.variables import Variable, Variables
from compensation.schema.column import ColumnType

NO_TIER = "tier"
"""The reason of a claim that no tier takes."""
NO_RATE_DECIDED = "decided_rate"
"""The reason of a claim whose rate is decided case by case and was not, or above its ceiling."""
NO_BASE = "base"
"""The reason of a claim that none of the policy's bases is for."""
NO_PAYER = "payer"
"""The reason of a claim that none of the policy's payers pays."""
TOO_LITTLE = "minimum"
"""The reason of a claim that comes to less than the least amount that the policy pays."""

OF_INSTITUTIONS = ("indicator.", "institutions.", "institution_years.", "year.")
"""How the names of what an institution has in a year begin."""
SPECIAL_REASONS = {
    NO_TIER: Text("有适用的补偿档次", "a tier that applies"),
    NO_RATE_DECIDED: Text(
        "补偿比例已核定且不超过档次比例", "a rate that has been decided, at most that of the tier"
    ),
    NO_BASE: Text("有适用的补偿基数", "a base that applies"),
    NO_PAYER: Text("出资方的份额合计为 100%", "payers whose shares come to 100%"),
    TOO_LITTLE: Text(
        "补偿金额不低于规定的最低金额", "an amount of at least the least that is paid"
    ),
}
"""What each of these reasons asks for."""


class Cases(NamedTuple):
    """Claims to decide, in columns: (claims,) unless said otherwise; fen, days, row numbers.

    `variables`: everything that tests and quantities look at, by name. `shares`: (claims, parties)
    millionths. `reviews`: the decisions that the policy requires. `institution`: the row of the
    claim's institution. `day`: the day by which the claim comes first. `rank`: the claim id's
    place in code-point order. `groups`: by a cap's `per`, the claim's group. `earlier`: by the id
    of a cap over years, what was paid for earlier claims of the claim's group, or for how many.
    `tier`: that of the claim's institution, where it follows from the institution alone and is
    known already. `approved`: the amounts that review approved, where it did. `closed`: claims for
    which nothing more is paid. Both are None where the ledgers never say so.
    `refused`: (2, claims) those that a cap refuses, and those that come to less than the least
    amount, where that is known.
    `held`: the claims' contracts as their balances fall, where the policy sums these up.
    `measured`: the measures of the claims' groups, where the policy looks at any. `ids`: what the
    claims are called, where a cap of the policy stops at one of them. `paid_by`: (claims, payers)
    what each payer has paid so far, where the policy says in which columns. `origin`: how an
    indicator of the policy's own came about, of each institution, where that is known.
    `supposing`: elements apply wherever blanks leave it open, see `conditions.holding`.
    `returned`: by the id of a cap over years that is net of returns, what of `earlier` recoveries
    had returned to government.
    """

    parties: tuple[str, ...]
    variables: Variables
    principal: Integers
    interest: Integers
    shares: Integers
    reviews: tuple[Integers, ...]
    compensation_paid: Integers
    institution: Integers
    day: Integers
    rank: Integers
    groups: Mapping[tuple[str, ...], Integers]
    earlier: Mapping[str, Integers]
    tier: Integers | None = None
    approved: Variable | None = None
    closed: Flags | None = None
    refused: Flags | None = None
    held: Held | None = None
    measured: GroupsOfCases | None = None
    paid_by: Integers | None = None
    ids: pa.StringArray | None = None
    origin: Callable[[str], Recorded] | None = None
    supposing: bool = False
    returned: Mapping[str, Integers] = MappingProxyType({})


class Rate(NamedTuple):
    """(rows,) rates, and their formula; `whole`: six decimals print them exactly."""

    values: Rationals
    formula: str
    whole: bool = True


class Examined(NamedTuple):
    """What can be told of claims before any amount; the columns are those of `Decisions`.

    `rate`: as it is printed, in millionths; of slices, that of the first. `exact`: the rate itself,
    and its formula. `slices`: the rate of each slice, where there are any. `steps`: how the rate of
    each claim came about. `why_none`: the tests of the tiers, said of a claim that none takes.
    """

    conditions: tuple[Outcome, ...]
    failed: Mapping[str, Flags]
    tier: Integers
    rate: Integers
    exact: Rate
    slices: Sequence[Rate]
    steps: Steps
    why_none: Deciding | None = None


class Verdicts(NamedTuple):
    """What institutions came to: each condition, all of them, and the tier (−1: none)."""

    conditions: tuple[Outcome, ...]
    eligible: Flags
    tier: Integers


def outcomes(evaluator: Evaluator, tests: Sequence[Test]) -> tuple[Outcome, ...]:
    """Evaluate tests on every row."""
    return tuple(evaluate(test, evaluator) for test in tests)


def applying(evaluator: Evaluator, when: Sequence[Test]) -> Flags:
    """Return the rows for which an element of the policy is; its tests are recorded nowhere."""
    if not when:
        return np.ones(evaluator.rows, dtype=np.bool_)
    return holding(when, evaluator.silent())


def why_applying(
    evaluator: Evaluator, when: Sequence[Test], *, where: bool | None = None
) -> Deciding | None:
    """Return the tests by which `applying` tells; None where there are none.

    `where`: said of the rows alone for which the element is, or is not; None: of all.
    """
    found = deciding(evaluator.silent(), [when]) if when else None
    return found if found is None or where is None else found.of(0 if where else NO_ELEMENT)


def tests_by_id(policy: Policy) -> dict[str, tuple[Test, ...]]:
    """Return every test of the policy by what it belongs to: a condition, a tier, a cap."""
    rules = policy.rules
    tests: dict[str, tuple[Test, ...]] = {}
    for condition in (*rules.institution_conditions, *rules.claim_conditions):
        tests[condition.id] = (*tests.get(condition.id, ()), condition)
    for number, tier in enumerate(tier_tests(rules.rates), 1):
        tests[f"rates.tiers[{number}]"] = tier
    elements: tuple[Addition | Cap, ...] = (*rules.rates.additions, *rules.caps)
    named = [(element.id, element.when) for element in elements]
    named += [(user_of(payer), payer.when) for payer in rules.payers]
    named += [*((cap.id, cap.first) for cap in rules.caps), ("budget", rules.budget.first)]
    for id_, when in named:
        if when:
            tests[id_] = (*tests.get(id_, ()), *when)
    for base in rules.base:
        if base.when:
            tests["base"] = (*tests.get("base", ()), *base.when)
    for stage in rules.stages:
        if stage.when:
            tests["stages"] = (*tests.get("stages", ()), *stage.when)
    if rules.returns.tests:
        tests["returns"] = rules.returns.tests
    return tests


def user_of(payer: Payer) -> str:
    """Return what a payer is called as what looks at a column: a cap may have the same id."""
    return f"payers[{payer.id}]"


class Figures(NamedTuple):
    """The quantities that an element of the policy computes with, for the cases it applies to."""

    user: str
    quantities: tuple[Quantity, ...]
    when: tuple[Test, ...]


def figures_of(policy: Policy) -> list[Figures]:
    """Return the quantities of amounts and rates by what they belong to."""
    rules = policy.rules
    found = [Figures("base", (base.value,), base.when) for base in rules.base]
    if rules.rates.hit == "slices" and rules.rates.by is not None:
        found.append(Figures("rates", (rules.rates.by,), ()))
    for number, (tier, tests) in enumerate(
        zip(rules.rates.tiers, tier_tests(rules.rates), strict=True), 1
    ):
        figures = (tier.rate, *bounds_of(tier).values())
        found.append(Figures(f"rates.tiers[{number}]", figures, tests))
    found += [Figures(each.id, (each.points,), each.when) for each in rules.rates.additions]
    for cap in rules.caps:
        found.append(Figures(cap.id, cap.quantities, cap.when))
    if rules.returns.quantities:
        found.append(Figures("returns", rules.returns.quantities, ()))
    return [*found, *(Figures(user_of(each), (each.share,), each.when) for each in rules.payers)]


@functools.lru_cache(maxsize=256)
def needs_day(policy: Policy) -> bool:
    """Return whether a policy can decide nothing without the day as of which is computed."""
    needed = AS_OF in variables_needed(policy, measures=False)
    return needed and stands_in(policy.rules, AS_OF)


OF_THE_BUDGET = "budget.at_most"
"""What looks at a variable that only the policy's budget is computed from."""


@functools.lru_cache(maxsize=256)
def variables_needed(policy: Policy, *, measures: bool = True) -> Mapping[str, list[str]]:
    """Return the name of every variable that the policy looks at, with what looks at it.

    `measures`: also what its own indicators are made of, and the columns by which they choose the
    contracts they count; a single case is given the indicators themselves.
    """
    rules = policy.rules
    needed: dict[str, list[str]] = {}

    def need(names: set[str], user: str) -> None:
        for name in sorted(resolved(rules, names)):
            users = needed.setdefault(name, [])
            if user not in users:
                users.append(user)

    for user, tests in tests_by_id(policy).items():
        for test in tests:
            need(names_in_test(test), user)
    for figures in figures_of(policy):
        for quantity in figures.quantities:
            need(names_in(quantity), figures.user)
    if measures:
        for indicator in rules.indicators:
            for operation in operations_of(indicator.value):
                need(names_in_tests(operation.where), indicator.id)
            need(names_in(indicator.value), indicator.id)
        for of in group_measures(rules):
            need(names_in_tests(of.where), MEASURED_GROUPS)
    for stage in rules.stages:
        need(names_in(stage.share), "stages")
    for payer in rules.payers:
        if payer.paid is not None:
            need({payer.paid}, user_of(payer))
    if rules.rates.decided is not None:
        need({rules.rates.decided.column}, "rates.decided")
    if rules.budget.order is not None:
        need({rules.budget.order}, "budget")
    if rules.budget.at_most is not None:
        need(names_in(rules.budget.at_most), OF_THE_BUDGET)
    for quantity in rules.returns.of_recoveries:
        need(names_in(quantity), "returns")
    need({rules.trigger.date, rules.trigger.order or rules.trigger.date}, "trigger")
    return needed


def columns_of_no_year(policy: Policy) -> list[ExtraColumn]:
    """Return the columns that the policy looks at in several years alike and declares itself.

    They hold one value for an institution, and for a contract that belongs to several years, which
    may be another in each year. Dates have their year; texts and yes or no say what a contract is;
    what the policy says is constant is the same.
    """
    rules = policy.rules
    left_out = {"institutions": {"date"}, "contracts": {"date", "text", "boolean"}}
    if rules.record == "institution":
        del left_out["institutions"]
    if rules.trigger.until is None:
        del left_out["contracts"]
    needed = variables_needed(policy)
    return [
        column
        for column in rules.columns
        if not column.constant
        and column.type not in left_out.get(column.table, {column.type})
        and f"{column.table}.{column.name}" in needed
    ]


def rate_is_institutions(policy: Policy) -> bool:
    """Return whether the rate follows from the institution alone, the same for all its claims."""
    rates = policy.rules.rates
    tests = [test for tests in tier_tests(rates) for test in tests]
    tests += [test for addition in rates.additions for test in addition.when]
    names = names_in_tests(tests)
    for quantity in (*(t.rate for t in rates.tiers), *(a.points for a in rates.additions)):
        names |= names_in(quantity)
    names = resolved(policy.rules, names)
    return (
        rates.decided is None
        and rates.hit != "slices"
        and all(name.startswith(OF_INSTITUTIONS) for name in names)
    )


def judge(policy: Policy, variables: Variables, rows: int) -> Verdicts:
    """Decide whether institutions qualify, and their tier where it is theirs alone."""
    evaluator = Evaluator(policy, variables, rows)
    conditions = outcomes(evaluator, policy.rules.institution_conditions)
    tier = _tier(evaluator) if rate_is_institutions(policy) else np.full(rows, -1, dtype=np.int64)
    return Verdicts(conditions, all_hold(conditions, rows), tier)


def _tier(evaluator: Evaluator) -> Integers:
    holds: list[Flags] = []
    for tests in tier_tests(evaluator.policy.rules.rates):
        holds.append(holding(tests, evaluator))
        if holds[-1].all():
            break
    return award.first_tier(holds, evaluator.rows)


TIER_RATE = Text("补偿比例（第 {n} 档）", "rate (tier {n})")
POINTS = Text("加点（第 {n} 项）", "points (addition {n})")
HIGHEST_RATE = Text("比例上限", "highest rate")
LOWEST_RATE = Text("比例下限", "lowest rate")
DECIDED_RATE = Text("核定比例", "decided rate")
EXACT_RATE = Text("补偿比例（未舍入）", "rate, not rounded")
RATE = Text("补偿比例", "rate")


def constant_rate(tier: Tier) -> int | None:
    """Return the rate of a tier in millionths; None where it is computed."""
    return int(tier.rate * PRINTED_SCALE) if isinstance(tier.rate, Decimal) else None


def rates_of(policy: Policy, tier: Integers, variables: Variables) -> Integers:
    """Return the rate of each row in millionths: its tier's, with the additions that hold.

    Between the bounds that the document gives, if any; 0 at least, and where there is no tier.
    """
    evaluator = Evaluator(policy, variables, len(tier))
    return rationals.half_up(_rates(evaluator, tier).values, PRINTED_SCALE)


def _rates(evaluator: Evaluator, tier: Integers) -> Rate:
    """Return what `rates_of` does, exactly, and its formula; it is recorded in steps."""
    rates = evaluator.policy.rules.rates
    # A constant rate is within the bounds, which is checked when the policy is loaded.
    alone = _all_constant(rates) and not rates.additions and rates.decided is None
    rate = _tier_rate(evaluator, tier, "rate" if alone else "tier_rate")
    return rate if alone else _with_points(evaluator, rate, tier >= 0)


def _all_constant(rates: Rates) -> bool:
    numbers = (*(each.rate for each in rates.tiers), *(each.points for each in rates.additions))
    return all(isinstance(number, Decimal) for number in numbers)


def _slice_rates(evaluator: Evaluator) -> list[Rate]:
    """Return the rate of each slice, and record it."""
    found, everywhere = [], np.ones(evaluator.rows, dtype=np.bool_)
    for number, tier in enumerate(evaluator.policy.rules.rates.tiers, 1):
        plain = isinstance(tier.rate, Decimal)
        own = (evaluator.silent() if plain else evaluator).compute(tier.rate)
        own = own._replace(formula="", mere=False) if plain else own._replace(mere=False)
        title = TIER_RATE.fill(n=number)
        own = evaluator.record_if_exact(f"slice_{number}_rate", title, own, tier)
        rate = Rate(own.values, own.formula, own.whole)
        found.append(_with_points(evaluator, rate, everywhere))
    return found


def _with_points(evaluator: Evaluator, rate: Rate, takes: Flags) -> Rate:
    """Return a tier's rate with the additions that hold, within the bounds; it is recorded.

    `takes`: the rows that have a tier.
    """
    rates, steps = evaluator.policy.rules.rates, evaluator.steps
    for number, addition in enumerate(rates.additions, 1):
        holds = holding(addition.when, evaluator) & takes
        # A number is shown as the points themselves.
        plain = isinstance(addition.points, Decimal)
        points = (evaluator.silent() if plain else evaluator).compute(addition.points)
        why = why_applying(evaluator, addition.when)
        name = f"points_{addition.id.replace('-', '_')}"
        values = rationals.chosen(holds, points.values, rationals.constant(0, evaluator.rows))
        taken = evaluator.record_if_exact(
            name,
            POINTS.fill(n=number),
            Computed(values, "", Kind.RATIO, points.whole),
            addition,
            why,
        )
        formula = taken.formula
        if not formula:
            applies = _flag(evaluator, holds, name, ADDITION_TAKEN, why)
            formula = f"{applies} × {points.formula}"
        added, whole = rationals.total(rate.values, values), rate.whole and points.whole
        rate = Rate(added, f"{rate.formula} + {formula}", whole)
    bounds = rates.bounds
    if bounds is not None:
        highest = int(bounds.at_most * PRINTED_SCALE)
        steps.given("highest_rate", HIGHEST_RATE, highest, Unit.RATIO, bounds)
        limited = rationals.least(rate.values, rationals.constant(bounds.at_most, evaluator.rows))
        rate = Rate(limited, f"min({rate.formula}, highest_rate)", rate.whole)
    if _all_constant(rates):
        return rate
    lowest = Decimal(0) if bounds is None else bounds.at_least
    steps.given("lowest_rate", LOWEST_RATE, int(lowest * PRINTED_SCALE), Unit.RATIO, bounds)
    raised = rationals.greatest(rate.values, rationals.constant(lowest, evaluator.rows))
    raised = rationals.chosen(takes, raised, rate.values)
    return Rate(raised, f"max({rate.formula}, lowest_rate)", rate.whole)


def _tier_rate(evaluator: Evaluator, tier: Integers, name: str) -> Rate:
    """Return the rate of each row's tier, and record it as a step ``name``."""
    constant = _constant_rates(evaluator.policy.rules.rates, name)
    if constant is None:
        return _computed_rate(evaluator, tier, name)
    given, rates = constant
    why = why_tier(evaluator)
    steps = given if why is None else [step._replace(deciding=why) for step in given]
    evaluator.steps.one_of(tier, steps)
    known = np.ones_like(tier, np.bool_)
    return Rate(rationals.in_units(rates[tier], PRINTED_SCALE, known), name)


@functools.lru_cache(maxsize=64)
def _constant_rates(rates: Rates, name: str) -> tuple[list[Step], Integers] | None:
    """Return the rate of each tier as a step, and in millionths with 0 at the end for no tier.

    None where a rate is computed.
    """
    constants = [constant_rate(each) for each in rates.tiers]
    if None in constants:
        return None
    given = [
        Step(name, TIER_RATE.fill(n=number), rate, Unit.RATIO, cited=each)
        for number, (rate, each) in enumerate(zip(constants, rates.tiers, strict=True), 1)
        if rate is not None
    ]
    return given, np.array([*constants, 0], dtype=np.int64)


def _computed_rate(evaluator: Evaluator, tier: Integers, name: str) -> Rate:
    """Return rates of which some are computed; those that can't be printed exactly are formulas."""
    rates = evaluator.policy.rules.rates
    values = rationals.constant(0, evaluator.rows)
    formula, whole = "0", True
    several, why = len(rates.tiers) > 1, why_tier(evaluator)
    for place, each in enumerate(rates.tiers):
        own = evaluator.compute(each.rate)._replace(mere=False)
        takes, whole = tier == place, whole and own.whole
        values = rationals.chosen(takes, own.values, values)
        step = f"{name}_{place + 1}" if several else name
        title = TIER_RATE.fill(n=place + 1)
        if not several:
            formula = evaluator.record_if_exact(step, title, own, each, why).formula
            continue
        said = evaluator.record_if_exact(step, title, own, each).formula
        why_this = None if why is None else why.of(place)
        formula = f"{formula} + {_flag(evaluator, takes, step, TAKEN, why_this)} × {said}"
    return Rate(values, formula, whole)


def why_tier(evaluator: Evaluator) -> Deciding | None:
    """Return the tests by which each row has its tier."""
    rates = evaluator.policy.rules.rates
    taken: Taken = "range" if rates.hit == "range" else "first"
    return deciding(evaluator.silent(), tier_tests(rates), TIER, taken)


def _flag(evaluator: Evaluator, takes: Flags, step: str, title: Text, why: Deciding | None) -> str:
    """Record whether a tier or an addition takes each row, as 1 or 0; return the step's name."""
    name = f"takes_{step}"
    flags = Variable(takes.astype(np.int64), np.ones_like(takes), None, ColumnType.COUNT)
    evaluator.steps.given(name, title, flags, Unit.OWN, deciding=why)
    return name


TAKEN = Text("适用这一档（是为 1）", "whether the tier applies (1: yes)")
ADDITION_TAKEN = Text("适用这一项加点（是为 1）", "whether the addition applies (1: yes)")


def examine(evaluator: Evaluator, tier: Integers | None = None) -> Examined:
    """Tell the conditions that claims fail, their tier and rate; ``tier``: if it is known."""
    policy, rows, variables = evaluator.policy, evaluator.rows, evaluator.variables
    rules = policy.rules
    silent = evaluator.silent()
    conditions = outcomes(silent, rules.claim_conditions)
    asked = functools.partial(silent.looked_at, rules.claim_conditions)
    evaluator.steps.add(OfOthers(asked))
    failed = {
        condition.id: ~outcome.passed
        for condition, outcome in zip(rules.claim_conditions, conditions, strict=True)
    }
    if tier is None:
        tier = _tier(silent)
    steps = Steps()
    own = evaluator.with_steps(steps)
    slices = _slice_rates(own) if rules.rates.hit == "slices" else []
    rate, *others = slices or [_rates(own, tier)]
    no_rate = ~rate.values.known
    for each in (rate, *others):
        no_rate |= ~each.values.known
        if each.formula != "rate":
            # A rate above 1 is cut to a bound that the policy names, and to none that it does not.
            no_rate |= rationals.sign(each.values, rationals.constant(1, rows)) > 0
    for bound in (
        bound for each in rules.rates.tiers[: len(slices)] for bound in bounds_of(each).values()
    ):
        no_rate |= ~silent.compute(bound).values.known
    if slices and rules.rates.by is not None:
        # Less than a fen counts as nothing, of which there is no part at any rate.
        counts = silent.compute(rules.rates.by).values
        no_rate |= ~counts.known | (rationals.floor(counts, FEN_PER_YUAN) <= 0)
    if rules.rates.otherwise is not None:
        no_rate = no_rate | (tier < 0)
    if rules.rates.otherwise is not None or no_rate.any():
        # Only where nothing else speaks against the claim: reasons are the conditions not met.
        failed[NO_TIER] = none_failed(failed, rows) & no_rate
    if rules.rates.decided is not None:
        decided = own.compute(rules.rates.decided.column)
        undecided = ~decided.values.known
        if rules.rates.decided.above_ceiling == "ineligible":
            undecided |= rationals.sign(decided.values, rate.values) > 0
        if rules.rates.bounds is not None:
            lowest = rationals.constant(rules.rates.bounds.at_least, rows)
            undecided |= rationals.sign(decided.values, lowest) < 0
        failed[NO_RATE_DECIDED] = none_failed(failed, rows) & undecided
        steps.given(
            "decided_rate",
            DECIDED_RATE,
            variables[rules.rates.decided.column].numerator,
            Unit.RATIO,
            rules.rates.decided,
        )
        known = rate.values.known
        least = rationals.least(rate.values, decided.values)._replace(known=known)
        rate = Rate(least, f"min({rate.formula}, decided_rate)", rate.whole)
    millionths = rationals.half_up(rate.values, PRINTED_SCALE)
    if slices:
        return Examined(conditions, failed, tier, millionths, rate, slices, steps)
    why = why_tier(evaluator) if NO_TIER in failed else None
    why_none = None if why is None else why.of(NO_ELEMENT)
    if not rate.whole:
        top, bottom, known = rate.values
        steps.follows(
            "exact_rate", EXACT_RATE, rate.formula, Variable(top, known, bottom), Unit.EXACT
        )
        rate = Rate(rate.values, "exact_rate", whole=False)
    if rate.formula != "rate":
        shown = rate.formula if rate.whole else f"ratio({rate.formula})"
        steps.follows("rate", RATE, shown, millionths, Unit.RATIO)
        rate = Rate(rate.values, "rate" if rate.whole else rate.formula)
    return Examined(conditions, failed, tier, millionths, rate, slices, steps, why_none)


def none_failed(failed: Mapping[str, Flags], rows: int) -> Flags:
    """Return which rows failed nothing; `failed`: by reason, which rows failed it."""
    passed = np.ones(rows, dtype=np.bool_)
    for flags in failed.values():
        passed &= ~flags
    return passed


def also_failed(failed: dict[str, Flags], more: Mapping[str, Flags]) -> None:
    """Add reasons to those known; two rules may give the same one to different rows."""
    for reason, rows in more.items():
        failed[reason] = failed[reason] | rows if reason in failed else rows


def institution_variable(eligible: Flags) -> Variable:
    """Return the variable of the test that the institution meets its conditions."""
    return Variable(eligible.astype(np.int64), np.ones(len(eligible), dtype=np.bool_))
