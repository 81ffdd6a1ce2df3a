"""Conditions as people read them: what was found, what the limit is, what would be enough."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from fractions import Fraction

from compensation.explanation.limits import indicator_of, limit_text, named_values
from compensation.explanation.lines import ConditionLine, Needed
from compensation.explanation.undefined import undefined_for
from compensation.explanation.values import printed, units
from compensation.explanation.without_value import why_undefined
from compensation.issues import NO_TEXT
from compensation.language import Text, joined
from compensation.money import PRINTED_SCALE
from compensation.policy.cap_words import describe_cap
from compensation.policy.catalogue import Policy
from compensation.policy.model import Condition, Indicator, Test
from compensation.policy.quantities import (
    SUMMED_UP,
    MeasuredRatio,
    measured_ratio,
)
from compensation.policy.quantity_words import describe_test, measure_name, what_is_tested
from compensation.policy.variables import (
    INSTITUTION,
    indicator_definition,
)
from compensation.rules.compensation import Decisions
from compensation.rules.conditions import Outcome
from compensation.rules.decision import SPECIAL_REASONS, Cases
from compensation.rules.measured import of_variable
from compensation.rules.shortfall import shortfall
from compensation.rules.variables import SCALES, Variable
from compensation.schema.column import ColumnType
from compensation.values.printing import ratio, yuan

NOT_MET = Text("机构未满足：{unmet}", "it does not meet: {unmet}")


NOT_MET_OF_CASE = Text("{head}（未满足：{unmet}）", "{head} (not met: {unmet})")


def with_reasons(head: Text, unmet: Sequence[Text]) -> Text:
    """Return how a case came out, with what it did not meet."""
    if not unmet:
        return head
    return NOT_MET_OF_CASE.fill(head=head, unmet=joined(unmet, "；", "; "))


def unmet_of(policy: Policy, cases: Cases, decisions: Decisions, row: int) -> tuple[Text, ...]:
    """Return what the reasons of a case ask for, with the figures that have no value for it."""
    reasons = [reason for reason, flags in decisions.failed.items() if flags[row]]
    meaning = reasons_in_words(policy) if reasons else {}
    tier, found = int(decisions.tier[row]), []
    for reason in reasons:
        lacking = undefined_for(policy, cases, tier, reason, row)
        said = FOR.fill(asked=meaning[reason], lacking=joined(lacking, "；", "; "))
        found.append(said if lacking else meaning[reason])
    return tuple(found)


FOR = Text("{asked}（{lacking}）", "{asked} ({lacking})")


def reasons_in_words(policy: Policy) -> dict[str, Text]:
    """Return what each reason asks for by which a claim may be refused."""
    rules = policy.rules
    asked = {each.id: describe_test(policy, each) for each in rules.claim_conditions}
    return asked | SPECIAL_REASONS | {cap.id: describe_cap(policy, cap) for cap in rules.caps}


def a_hair_off(outcome: Outcome, row: int) -> Text:
    """Say so where a value misses its limit by less than its six printed decimals show."""
    if gap_of(outcome, row) != ratio(0):
        return NO_TEXT
    return Text(
        "显示值四舍五入，精确值略过限额",
        "the value shown is rounded; the exact one is just past the limit",
    )


def condition_lines(
    policy: Policy,
    conditions: Sequence[Condition],
    outcomes: Sequence[Outcome],
    row: int,
    only_ratios: Collection[str] = (),
    institution: Sequence[ConditionLine] = (),
) -> tuple[ConditionLine, ...]:
    """Return conditions of one row, as evaluated.

    `only_ratios`: indicators of which the ratio alone is known, so that what is needed to meet a
    limit can't be told in yuan or borrowers. `institution`: the conditions of the row's
    institution, of which those that it does not meet are named where a case fails for it.
    """
    lines = [
        _condition_line(policy, condition, outcome, row, indicator_of(condition) in only_ratios)
        for condition, outcome in zip(conditions, outcomes, strict=True)
    ]
    unmet = [_unmet(policy, line) for line in institution if not line.passed]
    if unmet:
        why = NOT_MET.fill(unmet=joined(unmet, "；", "; "))
        lines = [
            replace(line, why=why) if condition.value == INSTITUTION and not line.passed else line
            for condition, line in zip(conditions, lines, strict=True)
        ]
    return tuple(lines)


def _unmet(policy: Policy, line: ConditionLine) -> Text:
    """Return what a condition asks of an institution, what was found, and the clause."""
    asked = next(each for each in policy.rules.institution_conditions if each.id == line.id)
    asks, actual = describe_test(policy, asked), line.actual or line.why
    return Text(
        f"{asks.zh}（实际 {line.natural(actual, 'zh')}）〔{line.clause}〕",
        f"{asks.en} (actual {line.natural(actual, 'en')}) [{line.clause}]",
    )


def _condition_line(
    policy: Policy, condition: Condition, outcome: Outcome, row: int, only_ratio: bool
) -> ConditionLine:
    variable = outcome.variable
    actual: Text | None
    if variable is None:
        actual = joined(dict.fromkeys(named_values(policy, outcome, row)))
        why = NO_TEXT
    else:
        actual = _verdict(condition, variable, row) or printed(variable, row)
        assert condition.value is not None
        assert outcome.evaluator is not None
        why = a_hair_off(outcome, row)
        if not variable.known[row]:
            why = why_undefined(outcome.evaluator, condition.value, row)
    return ConditionLine(
        condition.id,
        bool(outcome.passed[row]),
        actual,
        limit_text(policy, outcome, row),
        condition.clause,
        condition.basis,
        condition.said,
        why,
        gap_of(outcome, row),
        None if only_ratio else needed(policy, condition, outcome, row),
        NO_TEXT if condition.value == INSTITUTION else what_is_tested(policy, condition),
    )


def _verdict(test: Test, variable: Variable, row: int) -> Text | None:
    if test.value != INSTITUTION:
        return None
    met = bool(variable.numerator[row])
    return Text("符合", "it does") if met else Text("不符合", "it does not")


def gap_of(outcome: Outcome, row: int) -> str | None:
    """Return how far the value is from the limit that it misses, as printed; None if it is met."""
    variable = outcome.variable
    if variable is None or not variable.known[row] or outcome.passed[row]:
        return None
    values = of_variable(variable)
    for bound in outcome.bounds:
        if not bound.limit.known[row] or variable.type is ColumnType.DATE:
            continue
        distance = abs(bound.limit.at(row) - values.at(row))
        if distance:
            return _printed_gap(distance, variable)
    return None


def _printed_gap(distance: Fraction, variable: Variable) -> str:
    if variable.type is None:
        return ratio((distance * PRINTED_SCALE + Fraction(1, 2)) // 1)
    return units(distance * SCALES.get(variable.type, 1) // 1, variable.type)


def needed(policy: Policy, test: Test, outcome: Outcome, row: int) -> Needed | None:
    """Return the smallest rise of one measure that meets an indicator's limit.

    None where it is met, and for other tests. A floor is met by raising what is measured (and the
    total that it is part of: what it takes where the total stays is said beside it), a ceiling by
    raising what it is measured against.
    """
    variable = outcome.variable
    indicator = indicator_of(test)
    if outcome.passed[row] or not indicator or variable is None or len(outcome.bounds) != 1:
        return None
    definition = indicator_definition(policy.rules, indicator)
    made_of = measured_ratio(definition.value)
    bound = outcome.bounds[0]
    if made_of is None or not bound.limit.known[row]:
        return None
    raised, name = _raised(definition, made_of, bound.operator)
    if raised is None:
        return None
    denominator = variable.whole(row)
    if made_of.numerator.of in ("average_balance", *SUMMED_UP):
        return None
    whole = made_of.denominator
    limit = bound.limit.at(row) * SCALES.get(variable.type, 1)
    floor = bound.operator in ("at_least", "above")
    is_part = whole is not None and whole.of == made_of.numerator.of

    def least(*, adds_to_whole: bool) -> int | None:
        return shortfall(
            int(variable.numerator[row]),
            denominator if variable.known[row] or whole is None else 0,
            limit.numerator,
            limit.denominator,
            bound.operator,
            adds_to_whole=adds_to_whole,
            adds_to_part=floor or is_part,
        )

    more = least(adds_to_whole=is_part or (whole is not None and not floor))
    count = raised.endswith("borrowers")
    unit = "borrowers" if count else "yuan"
    if more is None:
        message = Text("单靠增加{name}无法满足", "no rise of {name} alone can meet it")
        return Needed(name.en, None, unit, message.fill(name=name))
    within = least(adds_to_whole=False) if floor and is_part else None
    if whole is None or within is None:
        message = Text(
            "其他不变时，{name}至少还需增加 {value}",
            "all else equal, {name} must rise by at least {value}",
        ).fill(name=name, value=_said(more, count))
    else:
        message = Text(
            "新增的都计入{name}时，至少还需增加 {value}；{whole}不变时，至少还需增加 {within}",
            "if all that is added counts towards {name}, it must rise by at least {value};"
            " if {whole} stays as it is, by at least {within}",
        ).fill(
            name=name,
            value=_said(more, count),
            whole=measure_name(whole.of),
            within=_said(within, count),
        )
    return Needed(name.en, str(more) if count else yuan(more), unit, message)


def _said(units: int, count: bool) -> Text:
    """Return borrowers or fen with their unit."""
    value = str(units) if count else yuan(units)
    return Text(f"{value} 户", value) if count else Text(f"{value} 元", f"{value} yuan")


def _raised(
    definition: Indicator, made_of: MeasuredRatio, operator: str
) -> tuple[str | None, Text]:
    """Return the measure that is raised to meet a limit, and its name."""
    if operator in ("at_least", "above"):
        measure = made_of.numerator
        name = measure_name(measure.of)
        if measure.where:
            name = _part_name(definition, name)
        return measure.of, name
    if made_of.denominator is None:
        return None, Text("", "")
    return made_of.denominator.of, measure_name(made_of.denominator.of)


def _part_name(definition: Indicator, whole: Text) -> Text:
    """Return the name of a measure of some contracts only."""
    if definition.id in ("small_agri_share", "small_agri_balance"):
        return Text("支小支农余额", "the small, micro and agricultural balance")
    return Text(
        f"{definition.name.zh}所计的{whole.zh}", f"the {whole.en} counted by {definition.name.en}"
    )
