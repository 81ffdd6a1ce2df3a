"""The figures of an institution as steps: its indicators, and what another tier is worth.

Source: the contract, sections 3 and 4.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from compensation.arrays import arrow
from compensation.columns import Integers
from compensation.language import Text
from compensation.money import PRINTED_SCALE
from compensation.policy.catalogue import Policy
from compensation.policy.model import Indicator, PolicyFile, Tier
from compensation.policy.quantities import INDICATOR_PREFIX
from compensation.policy.variables import (
    INSTITUTION,
    indicator_definition,
    inferred_kind,
    is_mere_number,
)
from compensation.rules.compensation import Decisions, decide
from compensation.rules.decision import (
    Cases,
    Verdicts,
    institution_variable,
    rate_is_institutions,
)
from compensation.rules.quantities import Evaluator, step_name, step_of_indicator
from compensation.rules.shown import steps_shown
from compensation.rules.steps import Step, Steps, Unit, terms_of
from compensation.rules.variables import Variable, take
from compensation.schema.column import ColumnType

PARTS = {
    "balance_growth": ("closing_balance", "opening_balance"),
    "borrower_growth": ("closing_borrowers", "opening_borrowers"),
    "small_agri_share": ("small_agri_balance", "closing_balance"),
    "payout_rate": ("payout_amount", "released_amount"),
}
"""The reported amounts that each reported ratio is made of."""
EXACTLY = Text("{of}（未舍入）", "{of}, not rounded")
COMPENSATION_NOW = Text("本年补偿金额", "this year's compensation")
COMPENSATION_THEN = Text("按该档比例的补偿金额", "compensation at the tier's rate")
GAIN = Text("增加", "gain")


def indicator_steps(
    rules: PolicyFile, indicators: Mapping[str, Variable], only_ratios: Collection[str]
) -> Steps:
    """Return indicators of institutions, the reported ratios by the amounts they are made of.

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


class Origin(NamedTuple):
    """How an indicator of the policy's own came about, of each institution: its parts, then it."""

    indicator: Step
    parts: Steps

    def at(self, row: int) -> Iterator[Step]:
        """Yield the steps of an institution; the parts hold how the indicator itself follows."""
        indicator = self.indicator
        for step in self.parts.at(row):
            if step.name == indicator.name:
                indicator = indicator._replace(formula=step.formula, deciding=step.deciding)
            else:
                yield step
        yield indicator


def origin_of(
    policy: Policy, indicator: Indicator, variable: Variable, evaluator: Evaluator | None
) -> Origin:
    """Return how an indicator came about; `evaluator`: None where its parts can't be told."""
    key, kind = INDICATOR_PREFIX + indicator.id, inferred_kind(policy.rules, indicator.value)
    assert kind is not None
    step = step_of_indicator(
        step_name(key),
        indicator.name.text,
        variable,
        kind,
        indicator,
        mere=is_mere_number(policy.rules, key),
    )
    if evaluator is None:
        return Origin(step, Steps())
    formula = evaluator.named(indicator.value, step.name).formula
    return Origin(step._replace(formula="" if formula == step.name else formula), evaluator.steps)


def own_steps(
    indicators: Mapping[str, Variable], listed: Collection[str], steps: Steps, row: int
) -> list[Step]:
    """Return how figures of an institution came about, with indicators by their ids.

    An indicator ends in a step with the value of the result, which may be rounded. `listed`: the
    indicators that have such a step already. `steps`: name indicators as cases do.
    """
    ids = {step_name(INDICATOR_PREFIX + id_): id_ for id_ in indicators}
    shown = steps_shown(steps, row)
    used = {name for step in shown for name in terms_of(step.formula)}
    called: dict[str, str] = {}
    found = []
    for recorded in shown:
        named = re.sub(r"[^\W\d]\w*", lambda n: called.get(n[0], n[0]), recorded.formula)
        step = recorded._replace(formula=named)
        id_ = ids.get(step.name)
        if id_ is None:
            found.append(step)
            continue
        rounds = _rounding(indicators[id_], row)
        if not rounds and id_.isidentifier():
            called[step.name] = id_
            found += [] if id_ in listed else [step._replace(name=id_)]
            continue
        result = step._replace(name=id_, values=indicators[id_], unit=Unit.OWN, of=None)
        if rounds and step.formula and step.name not in used and id_ not in listed:
            found.append(result._replace(formula=f"{rounds}({step.formula})"))
            continue
        found.append(step._replace(title=EXACTLY.fill(of=step.title)) if rounds else step)
        if id_ not in listed:
            formula = f"{rounds}({step.name})" if rounds else step.name
            found.append(result._replace(formula=formula, deciding=None))
    return found


def _rounding(indicator: Variable, row: int) -> str:
    """Return the function that rounds an indicator as results show it; nothing if it is exact."""
    if indicator.denominator is None or not indicator.known[row]:
        return ""
    value = Fraction(int(indicator.numerator[row]), int(indicator.denominator[row]))
    if indicator.type is None:
        return "" if (value * PRINTED_SCALE).denominator == 1 else "ratio"
    # An amount may have half a fen, which is shown.
    half = indicator.type is ColumnType.MONEY and (value * 2).denominator != 1
    return "half_up" if half else ""


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
        returned={id_: returned[rows] for id_, returned in cases.returned.items()},
        tier=None if cases.tier is None else cases.tier[rows],
        approved=None if cases.approved is None else take(cases.approved, rows),
        closed=None if cases.closed is None else cases.closed[rows],
        refused=None if cases.refused is None else cases.refused[:, rows],
        held=None if cases.held is None else cases.held.at(rows),
        measured=None if cases.measured is None else cases.measured.at(rows),
        paid_by=None if cases.paid_by is None else cases.paid_by[rows],
        ids=None if cases.ids is None else cases.ids.take(arrow(rows)),
    )
