"""One institution explained: its conditions, what is missing, and what the next tier is worth."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np

from compensation.cards import Card, Shown, no_such
from compensation.engine.run import Run
from compensation.explanation.conditions import condition_lines
from compensation.explanation.deciding import decided
from compensation.explanation.lines import (
    CONDITIONS,
    POLICY,
    ConditionLine,
    Line,
    lines_at,
    lines_of,
    section,
)
from compensation.explanation.values import natural
from compensation.language import Language, Text, joined
from compensation.policy.catalogue import Policy
from compensation.policy.model import Condition, Test, Tier
from compensation.policy.quantities import INDICATOR_PREFIX
from compensation.policy.tiers import tier_tests
from compensation.rules.decision import (
    Verdicts,
    outcomes,
    rate_is_institutions,
    rates_of,
    why_tier,
)
from compensation.rules.institutions import (
    given_indicators,
    indicator_steps,
    own_steps,
    tier_above,
    worth_of_tier,
)
from compensation.rules.quantities import Evaluator
from compensation.rules.steps import OfOthers, Recorded, Steps
from compensation.rules.variables import Variable, take
from compensation.values.printing import ratio

CONDITION_HEADINGS = (
    Text("条件", "condition"),
    Text("满足", "met"),
    Text("实际", "actual"),
    Text("要求", "limit"),
    Text("条款", "clause"),
)


_ELIGIBLE, _NOT_ELIGIBLE = Text("符合条件", "eligible"), Text("不符合条件", "not eligible")


class Judged(NamedTuple):
    """Institutions and what they came to: all that an explanation of one of them looks at.

    `indicators`: the reported and the tested ones, by name. `variables`: everything that tests of
    institutions look at. `only_ratios`: indicators of which no amounts are known. `origin`: how one
    of the policy's own came about, where that is known.
    """

    policy: Policy
    indicators: Mapping[str, Variable]
    variables: Mapping[str, Variable]
    verdicts: Verdicts
    only_ratios: Collection[str] = ()
    origin: Callable[[str], Recorded] | None = None


Worth = Callable[[Tier], tuple[Line, ...]]
"""What an institution's claims would be compensated with at a tier's rate, in lines."""


@dataclass(frozen=True)
class NextTier:
    """The next tier up: its rate, what it takes, and what it would add on this year's claims.

    `worth` is empty where the claims are not known.
    """

    number: int
    rate: str
    conditions: tuple[ConditionLine, ...]
    worth: tuple[Line, ...]


@dataclass(frozen=True, repr=False)
class InstitutionExplanation(Shown):
    """Whether an institution qualifies, why, what is missing, and what a tier up takes.

    `indicators`: each indicator with the amounts it is made of; the last lines of the group equal
    the result's cells. `tier`, `rate`: the number of its tier, from 1, and the rate as printed;
    None where it has none of its own. `institution_id`: None for a single case that has none.
    `why`: why it is in its tier, and not in one before it.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> result = assess(ledger, "jiyuan-2022", 2022)
    >>> result.explain_institution("SL-001").next_tier.rate
    '0.200000'
    """

    institution_id: str | None
    name: str | None
    eligible: bool
    tier: int | None
    rate: str | None
    conditions: tuple[ConditionLine, ...]
    indicators: tuple[Line, ...]
    information: tuple[Line, ...]
    next_tier: NextTier | None
    policy_id: str
    policy_digest: str
    why: tuple[Text, ...] = ()

    def _card(self) -> Card:
        facts: list[tuple[Text, object]] = [
            (Text("名称", "name"), self.name),
            (Text("符合条件", "eligible"), self.eligible),
            (Text("补偿比例", "rate"), self.rate),
        ]
        rows = [
            (each.id, each.passed, each.actual, each.limit, each.clause) for each in self.conditions
        ]
        title = Text(f"机构 {self.institution_id}", str(self.institution_id))
        return Card(title, facts, CONDITION_HEADINGS, rows)

    def describe(self, language: Language = "zh") -> str:
        """Return the explanation as text for people."""
        verdict = _ELIGIBLE if self.eligible else _NOT_ELIGIBLE
        head = Text(
            f"机构{self._named('（{}）')}：{verdict.zh}",
            f"Institution{self._named(' ({})')}: {verdict.en}",
        )
        rate = "" if self.rate is None else natural(self.rate, language)
        if rate:
            head = joined([head, Text(f"补偿比例 {rate}", f"rate {rate}")], "，", ", ")
        lines: list[Text | str] = [head, *(f"  {each.get(language)}" for each in self.why)]
        lines += section(CONDITIONS, self.conditions, language)
        lines += section(Text("指标", "Indicators"), self.indicators, language)
        if self.information:
            lines += section(Text("供参考", "For information"), self.information, language)
        if self.next_tier is not None:
            step = self.next_tier
            higher = natural(step.rate, language)
            title = Text(
                f"上一档：补偿比例 {higher}，需要", f"To reach the next tier (rate {higher})"
            )
            lines += section(title, (*step.conditions, *step.worth), language)
        lines.append(POLICY.fill(id=self.policy_id, digest=self.policy_digest))
        return joined(lines, "\n", "\n").get(language)

    def _named(self, brackets: str) -> str:
        """Return its name with its id in brackets, the id for want of a name, or nothing."""
        if self.institution_id is None:
            return "" if self.name is None else f" {self.name}"
        return f" {self.name or self.institution_id}{brackets.format(self.institution_id)}"

    def as_dict(self, language: Language = "zh") -> dict[str, Any]:
        """Return the explanation for JSON."""
        step = self.next_tier
        return {
            "institution_id": self.institution_id,
            "eligible": self.eligible,
            "tier": self.tier,
            "rate": self.rate,
            "why": [each.get(language) for each in self.why],
            "conditions": [condition.as_dict(language) for condition in self.conditions],
            "indicators": [line.as_dict(language) for line in self.indicators],
            "information": [line.as_dict(language) for line in self.information],
            "next_tier": None
            if step is None
            else {
                "number": step.number,
                "rate": step.rate,
                "conditions": [condition.as_dict(language) for condition in step.conditions],
                "worth": [line.as_dict(language) for line in step.worth],
            },
        }


def explain_institution(run: Run, institution_id: str) -> InstitutionExplanation:
    """Explain an institution; KeyError where there is none of that id."""
    portfolio, policy = run.ledgers, run.policy
    ids = portfolio.column("institutions", "institution_id").to_pylist()
    if institution_id not in ids:
        raise no_such(Text("机构", "institution"), institution_id, ids)
    row = ids.index(institution_id)
    information = {
        indicator.id: run.inputs.indicator(indicator.id)
        for indicator in policy.rules.indicators
        if indicator.id not in run.indicators
    }
    return explain_row(
        Judged(
            policy,
            run.indicators,
            run.institution_variables,
            run.verdicts,
            origin=run.inputs.origin,
        ),
        row,
        (institution_id, portfolio.column("institutions", "institution_name")[row].as_py()),
        information,
        lambda tier: lines_at(worth_of_tier(policy, tier, run.cases, run.decisions, row), 0),
    )


def explain_row(
    judged: Judged,
    row: int,
    named: tuple[str | None, str | None],
    information: Mapping[str, Variable],
    worth: Worth,
) -> InstitutionExplanation:
    """Explain the institution at a row of what was judged, a portfolio's or the only one.

    `named`: its id and its name. `information`: indicators that nothing tests.
    """
    policy, verdicts = judged.policy, judged.verdicts
    conditions = policy.rules.institution_conditions
    tier = int(verdicts.tier[row])
    eligible = bool(verdicts.eligible[row])
    own = tier if eligible and tier >= 0 else None
    rate = None if own is None else int(rates_of(policy, verdicts.tier, judged.variables)[row])
    indicators, others = _indicators(judged, row, information)
    return InstitutionExplanation(
        *named,
        eligible,
        None if own is None else own + 1,
        None if rate is None else ratio(rate),
        condition_lines(policy, conditions, verdicts.conditions, row, judged.only_ratios),
        indicators,
        others,
        _next_tier(judged, row, own, worth),
        policy.id,
        policy.digest,
        () if own is None else decided(why_tier(_alone(judged, row)), 0),
    )


def _alone(judged: Judged, row: int) -> Evaluator:
    """Return what evaluates tests of the institution at a row."""
    here = np.array([row])
    variables = {name: take(variable, here) for name, variable in judged.variables.items()}
    origin = judged.origin
    return Evaluator(judged.policy, variables, 1, origin=origin, institution=here)


def _indicators(
    judged: Judged, row: int, information: Mapping[str, Variable]
) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Return how the indicators of an institution came about, and apart those nothing tests."""
    policy, indicators, origin = judged.policy, judged.indicators, judged.origin
    rules, tests = policy.rules, list[Test](policy.rules.institution_conditions)
    if rate_is_institutions(policy):
        tests += (test for tier in tier_tests(rules.rates) for test in tier)
    own = {each.id for each in rules.indicators} if origin is not None else ()
    given = {id_: each for id_, each in indicators.items() if id_ not in own}
    steps, all_steps = Steps(), Steps()
    for id_ in (*indicators, *information):
        if origin is not None and id_ in own:
            all_steps.add(origin(id_))
            if id_ in indicators:
                steps.add(origin(id_))
    looked_at = functools.partial(_alone(judged, row).looked_at, tests)
    for each in (steps, all_steps):
        each.add(OfOthers(looked_at, np.zeros_like(judged.verdicts.tier)))
    found = indicator_steps(rules, given, judged.only_ratios).at(row)
    found += own_steps(indicators, given, steps, row)
    ends, names = len(found), {step.name for step in found}
    if origin is None:
        found += given_indicators(rules, information).at(row)
    else:
        others = own_steps({**indicators, **information}, given, all_steps, row)
        found += (step for step in others if step.name not in names)
    lines = lines_of(found, row)
    return lines[:ends], lines[ends:]


def _next_tier(judged: Judged, row: int, tier: int | None, worth: Worth) -> NextTier | None:
    """Return the tier above the institution's own; the one it would have where it has none."""
    policy = judged.policy
    number = tier_above(policy, judged.verdicts, row)
    if number is None:
        return None
    wanted = policy.rules.rates.tiers[number]
    tests = tier_tests(policy.rules.rates)[number]
    conditions = [
        Condition(
            **{field.name: getattr(test, field.name) for field in fields(test)},
            id=(test.name or "").removeprefix(INDICATOR_PREFIX),
            clause=wanted.clause,
            basis=wanted.basis,
            note=wanted.note,
        )
        for test in tests
    ]
    if tier is None:
        conditions = [*policy.rules.institution_conditions, *conditions]
    evaluator = _alone(judged, row)
    return NextTier(
        number + 1,
        ratio(int(rates_of(policy, np.array([number]), evaluator.variables)[0])),
        condition_lines(
            policy,
            conditions,
            outcomes(evaluator, conditions),
            0,
            judged.only_ratios,
        ),
        worth(wanted),
    )
