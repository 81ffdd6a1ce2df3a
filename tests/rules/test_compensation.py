"""What `decide` records: each step follows from those before it, and the last ones are decided."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from compensation.assessment import assess
from compensation.explanation.lines import lines_at
from compensation.policy.catalogue import Policy, load_policy
from compensation.rules.compensation import Decisions, decide
from tests.assessing import portfolio_of
from tests.explanation.recompute import recomputed
from tests.explanation.test_other_policies import portfolio_for
from tests.portfolios import random_portfolio

INVENTED = Path(__file__).parent.parent / "policy" / "invented"
NAMES = (
    *("additions", "base-own-share", "base-principal", "base-net-of-recoveries", "decided-rate"),
    *("budget-first-come", "cap-all-levels", "cap-per-borrower", "cap-per-claim-refused"),
)
"""Policies that between them use every kind of step."""


def check(policy: Policy, decisions: Decisions) -> None:
    """Recompute the steps of every claim, with fractions."""
    columns = {
        "payout": decisions.payout,
        "base": decisions.base,
        "compensation": decisions.compensation,
        "payable": decisions.payable,
    }
    for row in range(len(decisions.payout)):
        values = recomputed(lines_at(decisions.steps, row))
        for name, column in columns.items():
            assert values[name] == Decimal(int(column[row])).scaleb(-2), (policy.id, row, name)
        if decisions.eligible[row]:
            assert values["rate"] == Decimal(int(decisions.rate[row])).scaleb(-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_step_follows(name: str) -> None:
    policy = load_policy(INVENTED / f"{name}.toml")
    assessment = assess(portfolio_of(portfolio_for(policy, 1)), policy, 2024)
    check(policy, assessment.decisions)
    total = assessment.decisions.total_due
    assert total
    for budget in (0, total * 2 // 3, total - 1, total):
        check(policy, decide(policy, assessment.cases, budget))


def test_a_budget_that_is_enough_is_no_step() -> None:
    policy = load_policy(INVENTED / "budget-first-come.toml")
    assessment = assess(portfolio_of(portfolio_for(policy, 1)), policy, 2024)
    total = assessment.decisions.total_due
    for budget, bound in ((None, False), (total, False), (total - 1, True)):
        decisions = decide(policy, assessment.cases, budget)
        names = {step.name for step in decisions.steps.at(0)}
        assert ("total_due" in names) == ("due" in names) == ("paid_before" in names) == bound
        assert bool((decisions.payable < decisions.due).any()) == bound


def test_steps_cite_what_they_rest_on() -> None:
    """Tier, cap, base, review and budget name their clause; what is given by the claim does not."""
    policy = load_policy("jiyuan-2022")
    rules = policy.rules
    assessment = assess(portfolio_of(random_portfolio(3)), policy, 2022)
    decisions = decide(policy, assessment.cases, 1)
    row = int(np.flatnonzero(decisions.eligible)[0])
    cited = {step.name: step.cited for step in decisions.steps.at(row)}
    (cap,), (base,) = rules.caps, rules.base
    assert cited["principal"] is None
    assert cited["base"] is base
    assert cited["rate"] in rules.rates.tiers
    assert cited["cap_" + cap.id.replace("-", "_")] is cap
    assert cited["due"] is rules.review
    assert cited["budget"] is rules.budget
    assert cited["payable"] is rules.budget
