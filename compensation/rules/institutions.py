"""The figures of an institution as steps: its indicators, and what another tier is worth.

Source: the contract, sections 3 and 4.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np

from compensation.arrays import arrow
from compensation.columns import Integers
from compensation.language import Text
from compensation.policy.catalogue import Policy
from compensation.policy.model import PolicyFile, Tier
from compensation.policy.variables import INSTITUTION, indicator_definition
from compensation.rules.compensation import Decisions, decide
from compensation.rules.decision import (
    Cases,
    Verdicts,
    institution_variable,
    rate_is_institutions,
)
from compensation.rules.steps import Steps, Unit
from compensation.rules.variables import Variable, take

PARTS = {
    "balance_growth": ("closing_balance", "opening_balance"),
    "borrower_growth": ("closing_borrowers", "opening_borrowers"),
    "small_agri_share": ("small_agri_balance", "closing_balance"),
    "payout_rate": ("payout_amount", "released_amount"),
}
"""The reported amounts that each reported ratio is made of."""
COMPENSATION_NOW = Text("本年补偿金额", "this year's compensation")
COMPENSATION_THEN = Text("按该档比例的补偿金额", "compensation at the tier's rate")
GAIN = Text("增加", "gain")


def indicator_steps(
    rules: PolicyFile, indicators: Mapping[str, Variable], only_ratios: Collection[str]
) -> Steps:
    """Return the indicators of institutions, the reported ratios by the amounts they are made of.

    `only_ratios`: indicators of which no amounts are known.
    """
    steps = given_indicators(rules, {n: i for n, i in indicators.items() if n not in PARTS})
    for name in (name for name in PARTS if name in indicators):
        indicator, definition = indicators[name], indicator_definition(rules, name)
        title, known = definition.name.text, indicator.known
        if name in only_ratios:
            steps.given(name, title, indicator, Unit.OWN, definition)
            continue
        part, whole = PARTS[name]
        growth = name.endswith("growth")
        formula = f"ratio({part} / {whole}{' − 1' if growth else ''})"
        divides = indicators[whole].numerator != 0
        for text, said in ((formula, known & divides), ("0", known & ~divides), ("", ~known)):
            steps.follows(name, title, text, indicator, Unit.OWN, definition, said)
    return steps


def given_indicators(rules: PolicyFile, indicators: Mapping[str, Variable]) -> Steps:
    """Return indicators as steps without a formula."""
    steps = Steps()
    for name, indicator in indicators.items():
        definition = indicator_definition(rules, name)
        steps.given(name, definition.name.text, indicator, Unit.OWN, definition)
    return steps


def tier_above(policy: Policy, verdicts: Verdicts, institution: int) -> int | None:
    """Return the place of the tier above an institution's own.

    The one that it would have, else the lowest, where it has none. None: its own is the highest, or
    the rate is not the institution's.
    """
    if not rate_is_institutions(policy):
        return None
    place = int(verdicts.tier[institution])
    if not verdicts.eligible[institution]:
        return place if place >= 0 else len(policy.rules.rates.tiers) - 1
    if place < 0:
        return len(policy.rules.rates.tiers) - 1
    return place - 1 if place > 0 else None


def worth_of_tier(
    policy: Policy, tier: Tier, cases: Cases, decisions: Decisions, institution: int
) -> Steps:
    """Return, in one row, what an institution's claims would be compensated with at a tier's rate.

    `cases`, `decisions`: all claims of the year, and what was decided of them.
    """
    rows = np.flatnonzero(cases.institution == institution).astype(np.int64)
    own = cases_at(cases, rows)
    eligible = institution_variable(np.ones(len(rows), dtype=np.bool_))
    variables = {**own.variables, INSTITUTION: eligible}
    then = decide(at_one_tier(policy, tier), own._replace(variables=variables, tier=None))
    now, higher = int(decisions.compensation[rows].sum()), int(then.compensation.sum())
    steps = Steps()
    steps.given("compensation_now", COMPENSATION_NOW, now)
    steps.given("compensation_then", COMPENSATION_THEN, higher)
    steps.follows("gain", GAIN, "compensation_then − compensation_now", higher - now)
    return steps


def at_one_tier(policy: Policy, tier: Tier) -> Policy:
    """Return the policy as if everybody had this tier."""
    only = replace(tier, at_least=None, above=None, at_most=None, below=None, when=())
    rates = replace(policy.rules.rates, hit="first", by=None, tiers=(only,))
    return replace(policy, rules=replace(policy.rules, rates=rates))


def cases_at(cases: Cases, rows: Integers) -> Cases:
    """Return the cases at ``rows`` only."""
    variables: dict[str, Variable] = {n: take(s, rows) for n, s in cases.variables.items()}
    return cases._replace(
        variables=variables,
        principal=cases.principal[rows],
        interest=cases.interest[rows],
        shares=cases.shares[rows],
        reviews=tuple(review[rows] for review in cases.reviews),
        compensation_paid=cases.compensation_paid[rows],
        institution=cases.institution[rows],
        day=cases.day[rows],
        rank=cases.rank[rows],
        groups={per: group[rows] for per, group in cases.groups.items()},
        earlier={id_: earlier[rows] for id_, earlier in cases.earlier.items()},
        tier=None if cases.tier is None else cases.tier[rows],
        approved=None if cases.approved is None else take(cases.approved, rows),
        closed=None if cases.closed is None else cases.closed[rows],
        refused=None if cases.refused is None else cases.refused[:, rows],
        held=None if cases.held is None else cases.held.at(rows),
        measured=None if cases.measured is None else cases.measured.at(rows),
        paid_by=None if cases.paid_by is None else cases.paid_by[rows],
        ids=None if cases.ids is None else cases.ids.take(arrow(rows)),
    )
