"""The tier never falls when an indicator improves: each shipped policy, as loaded, all values.

In two steps for what institutions are measured by. z3 takes each test of the policy to any two
values of its indicator, of which the second is no worse, through the package's own arithmetic from
the measures on: no test that the first passes is failed by the second. Then every combination of
tests passed and failed there can be is one row of a table, which the package judges: no row is
worse off than one that passes less. What a tier is by, in a policy of ranges, is taken through the
whole decision at once.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import z3

from compensation.engine.input_variables import indicator_variable
from compensation.money import MAX_INT64, MAX_TOTAL_FEN
from compensation.policy.catalogue import Policy, load_policy
from compensation.policy.model import Test
from compensation.policy.quantities import INDICATOR_PREFIX, Measure
from compensation.policy.tiers import tier_tests
from compensation.policy.variables import STANDARD_INDICATORS
from compensation.rules import conditions, decision, indicators, rationals
from compensation.rules.conditions import Outcome, evaluate
from compensation.rules.indicators import Ratio
from compensation.rules.quantities import Evaluator
from compensation.rules.variables import Variable
from tests.proofs import contracts
from tests.proofs.claims import ROWS, met
from tests.proofs.mutants import mutant
from tests.proofs.policies import POLICIES
from tests.proofs.prover import Refuted, World, worlds
from tests.proofs.symbolic import Cell, column, term, terms

HIGHER, LOWER = 1, -1
BETTER = {
    "indicator.small_agri_share": HIGHER,
    "indicator.balance_growth": HIGHER,
    "indicator.borrower_growth": HIGHER,
    "indicator.payout_rate": LOWER,
    "indicator.new_guarantees": HIGHER,
    "claims.borrower_exposure": LOWER,
}
"""Which way the documents call better."""
MOST = 2 * MAX_TOTAL_FEN
"""Payouts are the sum of two columns, an average is half the sum of two."""


def institution_tests(policy: Policy) -> Iterator[Test]:
    """Every test of the policy that institutions take: for their conditions and their tier."""
    yield from policy.rules.institution_conditions
    if decision.rate_is_institutions(policy):
        yield from itertools.chain(*tier_tests(policy.rules.rates))


def name_of(test: Test) -> str:
    """The one name that a test looks at, against a number."""
    assert test.name is not None
    return test.name


INDICATOR_TESTS = [
    pytest.param(id_, test, id=f"{id_}-{number}-{test.name}")
    for id_ in POLICIES
    for number, test in enumerate(institution_tests(load_policy(id_)))
    if (test.name or "").startswith(INDICATOR_PREFIX)
]


def test_all_that_decides_a_tier_has_a_better_way() -> None:
    """A policy that comes to look at something else has to say which way is better."""
    for id_ in POLICIES:
        policy = load_policy(id_)
        for test in (*institution_tests(policy), *itertools.chain(*tier_tests(policy.rules.rates))):
            name = name_of(test)
            assert name in BETTER or name == "institutions.government_backed", (id_, name)
    assert len(INDICATOR_TESTS) >= 13


def measured(world: World, name: str) -> Variable:
    """An indicator of two institutions, by whatever its measures are."""
    definition = STANDARD_INDICATORS[name.removeprefix(INDICATOR_PREFIX)]
    taken: dict[Measure, Ratio] = {}

    def any_amounts(measure: Measure) -> Ratio:
        if measure not in taken:
            labels = [f"{measure.of} {row} ({len(taken)})" for row in range(ROWS)]
            cells = [Cell(world, world.given(label, 0, MOST)) for label in labels]
            taken[measure] = Ratio(column(cells), np.ones(ROWS, dtype=np.int64))
        return taken[measure]

    variable = indicator_variable(definition, any_amounts)
    assert variable is not None
    return variable


def no_worse(variable: Variable, better: int) -> z3.BoolRef:
    """The second value is defined and no worse than the first, or the first was undefined."""
    first, second = (better * value for value in terms(variable.numerator))
    if variable.denominator is None:
        return second >= first
    of_first, of_second = terms(variable.denominator)
    improved = z3.And(of_second > 0, second * of_first >= first * of_second)
    return z3.Or(of_first == 0, improved)


def prove_test(policy: Policy, test: Test, better: int, patch: pytest.MonkeyPatch) -> set[Any]:
    """Prove that a test passed stays passed; return what the two rows were found to do."""
    seen: set[Any] = set()

    def run(world: World) -> tuple[Variable, bool, bool]:
        patch.setattr(rationals, "sign", contracts.sign(world))
        name = name_of(test)
        variable = measured(world, name)
        passed = evaluate(test, Evaluator(policy, {name: variable}, ROWS)).passed
        before, after = map(bool, passed.tolist())
        return variable, before, after

    for world, (variable, before, after) in worlds(run):
        if before and not after:
            claim = z3.Not(no_worse(variable, better))
            world.prove(claim, "only what is worse fails a test that was passed")
        seen.add((before, after))
    return seen


@pytest.mark.slow
@pytest.mark.parametrize(("id_", "test"), INDICATOR_TESTS)
def test_only_what_is_worse_fails_a_test_that_was_passed(
    id_: str, test: Test, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = prove_test(load_policy(id_), test, BETTER[name_of(test)], monkeypatch)
    assert seen == set(itertools.product((False, True), repeat=2)), "of any two institutions"


@pytest.mark.parametrize("id_", POLICIES)
def test_no_institution_is_worse_off_for_passing_more(
    id_: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every combination of tests passed is a row, judged by the package."""
    policy = load_policy(id_)
    tests = list(dict.fromkeys(institution_tests(policy)))
    rows = np.arange(2 ** len(tests))
    passed = {test: (rows >> place & 1).astype(np.bool_) for place, test in enumerate(tests)}

    def as_given(test: Test, *_: object) -> Outcome:
        return Outcome(test, passed[test])

    for module in (conditions, decision):  # tests of tiers, and those of the institution
        monkeypatch.setattr(module, "evaluate", as_given)
    verdicts = decision.judge(policy, {}, len(rows))
    rate = decision.rates_of(policy, verdicts.tier, {})
    assert set(verdicts.eligible.tolist()) == {False, True}
    if decision.rate_is_institutions(policy):
        every = {decision.constant_rate(tier) for tier in policy.rules.rates.tiers}
        assert set(rate.tolist()) == every, "each tier is reached"
    for place in range(len(tests)):
        fewer = rows[(rows >> place & 1) == 0]
        more = fewer | 1 << place
        assert (verdicts.eligible[more] >= verdicts.eligible[fewer]).all()
        assert (rate[more] >= rate[fewer]).all()


def prove_exposure(policy: Policy, patch: pytest.MonkeyPatch) -> set[Any]:
    """Prove that a lower exposure costs neither eligibility nor rate; return the rates found."""
    seen: set[Any] = set()
    known = decision.rate_is_institutions(policy)
    patch.setattr(rationals, "_largest", contracts.widest)

    def run(world: World) -> tuple[Any, Any]:
        exposures = [world.given(f"exposure {row}", 0, MAX_TOTAL_FEN) for row in range(ROWS)]
        world.assume(exposures[1] <= exposures[0])
        variables = met(
            policy, np.ones(ROWS, int), column([Cell(world, each) for each in exposures])
        )
        evaluator = Evaluator(policy, variables, ROWS)
        examined = decision.examine(evaluator, np.zeros(ROWS, int) if known else None)
        eligible = decision.none_failed(examined.failed, ROWS)
        return eligible.tolist(), examined.rate.tolist()

    for world, (eligible, rate) in worlds(run):
        kept = eligible[1] or not eligible[0]
        world.prove(z3.BoolVal(kept), "no claim becomes ineligible by a lower exposure")
        world.prove(z3.BoolVal(rate[0] <= rate[1]), "no rate falls by a lower exposure")
        seen |= {(eligible[0], rate[0])}
    return seen


@pytest.mark.parametrize("id_", POLICIES)
def test_a_lower_exposure_costs_nothing(id_: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = prove_exposure(load_policy(id_), monkeypatch)
    if id_ == "luoyang-2025":
        assert seen == {(True, 500_000), (True, 250_000), (False, 0)}


# That it can fail


def test_a_test_the_wrong_way_round_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = load_policy("jiyuan-2022")
    (share,) = (t for t in policy.rules.institution_conditions if t.id == "small_agri_share")
    with pytest.raises(Refuted):
        prove_test(policy, share, LOWER, monkeypatch)
    monkeypatch.setitem(conditions.COMPARISONS, "at_least", lambda sign: sign <= 0)
    with pytest.raises(Refuted):
        prove_test(policy, share, HIGHER, monkeypatch)


@pytest.mark.slow
def test_a_test_met_only_at_its_limit_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = load_policy("jiyuan-2022")
    (rate,) = (t for t in policy.rules.institution_conditions if t.id == "payout_rate")
    wrong = mutant(evaluate, "COMPARISONS[bound.operator](sign)", "(sign == 0)")
    monkeypatch.setitem(globals(), "evaluate", wrong)
    with pytest.raises(Refuted):
        prove_test(policy, rate, LOWER, monkeypatch)


def test_ranges_the_wrong_way_round_are_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    right = decision._constant_rates.__wrapped__
    wrong = mutant(right, "[*constants, 0]", "[*constants[::-1], 0]")
    monkeypatch.setattr(decision, "_constant_rates", wrong)
    with pytest.raises(Refuted, match="no rate falls"):
        prove_exposure(load_policy("luoyang-2025"), monkeypatch)


# What indicators may grow to


KINDS = {"amounts": 1, "averages": 2}


@pytest.mark.parametrize("part", KINDS)
@pytest.mark.parametrize("whole", KINDS)
def test_indicators_of_the_largest_portfolio_fit(part: str, whole: str) -> None:
    """All that `over` and `growth` compute, up to what `sign` and `printed_ratio` take."""

    def run(world: World) -> tuple[Ratio, Ratio]:
        def amount(name: str) -> Any:
            return column([Cell(world, world.given(name, 0, MAX_TOTAL_FEN))])

        def measure(kind: str, name: str) -> Ratio:
            if kind == "averages":
                return indicators.average(amount(f"opening {name}"), amount(f"closing {name}"))
            return Ratio(amount(name) + amount(f"more {name}"), np.ones(1, dtype=np.int64))

        ratio = indicators.over(measure(part, "part"), measure(whole, "whole"))
        ratio = indicators.zero_where_both_are(ratio)
        return ratio, indicators.growth(ratio)

    for world, ratios in worlds(run):
        for ratio in ratios:
            n, d = term(ratio.numerator[0]), term(ratio.denominator[0])
            world.prove(z3.And(n >= -MAX_INT64, n <= MAX_INT64), "a numerator is in range")
            world.prove(z3.And(d >= 0, d <= contracts.WIDEST), "a denominator is in range")
