"""Conditions as people read them: what was found, what the limit is, what would be enough."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from compensation.columns import Flags
from compensation.explanation.lines import ConditionLine, Needed
from compensation.explanation.values import printed, units
from compensation.issues import NO_TEXT
from compensation.language import Text, joined, same
from compensation.money import PRINTED_SCALE, RATIO_SCALE
from compensation.policy.catalogue import Policy
from compensation.policy.model import Condition, Indicator, Operation, Test
from compensation.policy.quantities import (
    INDICATOR_PREFIX,
    SUMMED_UP,
    MeasuredRatio,
    looks_at_groups,
    measured_ratio,
    names_in,
)
from compensation.policy.variables import (
    INSTITUTION,
    INSTITUTION_ELIGIBLE,
    indicator_definition,
    inferred_kind,
)
from compensation.policy.wording import (
    UNITS,
    asked_beside_bounds,
    describe_cap,
    describe_quantity,
    describe_test,
    made_of,
    measure_name,
    name_title,
    what_is_tested,
)
from compensation.rules.conditions import Bound, Outcome
from compensation.rules.decision import SPECIAL_REASONS
from compensation.rules.measured import of_variable
from compensation.rules.rationals import Rationals
from compensation.rules.shortfall import shortfall
from compensation.rules.variables import SCALES, Variable
from compensation.schema.column import ColumnType
from compensation.values.exact import plain
from compensation.values.printing import ratio, yuan

SIGNS = {"at_least": "≥", "above": ">", "at_most": "≤", "below": "<"}
UNDEFINED = Text("无法计算：分母（{what}）为 0", "undefined: the denominator ({what}) is 0")
UNDEFINED_FIGURE = Text("无法计算：缺少数据或分母为 0", "undefined: blank, or divided by 0")
NO_YEAR_BEFORE = Text(
    "上年的数无法计算：上年末以前还没有担保合同，或当年分母为 0",
    "undefined in the year before: no contract had begun by its end, or divided by 0",
)
BLANK = Text("未填", "blank")
NOT_MET = Text("机构未满足：{unmet}", "it does not meet: {unmet}")


NOT_MET_OF_CASE = Text("{head}（未满足：{unmet}）", "{head} (not met: {unmet})")


def with_reasons(head: Text, unmet: Sequence[Text]) -> Text:
    """Return how a case came out, with what it did not meet."""
    if not unmet:
        return head
    return NOT_MET_OF_CASE.fill(head=head, unmet=joined(unmet, "；", "; "))


def unmet_of(policy: Policy, failed: Mapping[str, Flags], row: int) -> tuple[Text, ...]:
    """Return what the reasons of a case ask for; `failed`: those of all cases."""
    reasons = [reason for reason, flags in failed.items() if flags[row]]
    meaning = reasons_in_words(policy) if reasons else {}
    return tuple(meaning[reason] for reason in reasons)


def reasons_in_words(policy: Policy) -> dict[str, Text]:
    """Return what each reason asks for by which a claim may be refused."""
    rules = policy.rules
    asked = {each.id: describe_test(policy, each) for each in rules.claim_conditions}
    return asked | SPECIAL_REASONS | {cap.id: describe_cap(policy, cap) for cap in rules.caps}


def limit_text(policy: Policy, outcome: Outcome, row: int, *, named: bool = False) -> Text:
    """Return what a test asks for, with the row's own limits; `named`: and what is tested."""
    test = outcome.test
    if test.parts:
        parts = [limit_text(policy, part, row, named=True) for part in outcome.parts]
        return made_of(test, parts)
    assert outcome.variable is not None
    kind = outcome.variable.type
    said = [_bound_text(policy, test, kind, bound, row) for bound in outcome.bounds]
    if test.value == INSTITUTION and test.is_ is not None:
        return INSTITUTION_ELIGIBLE
    text = joined([*said, *(what for _, what in asked_beside_bounds(test))], "，且 ", " and ")
    if not named or test.value is None:
        return text
    name = describe_quantity(policy, test.value)
    return Text(f"{name.zh} {text.zh}", f"{name.en} {text.en}")


def _bound_text(
    policy: Policy, test: Test, kind: ColumnType | None, bound: Bound, row: int
) -> Text:
    sign = SIGNS[bound.operator]
    limit = getattr(test, bound.operator)
    if not bound.limit.known[row]:
        source = limit if limit is not None else test.since
        names = sorted(names_in(source)) if source is not None else []
        of = joined(name_title(policy, name) for name in names)
        return Text(
            f"{sign}（无法确定：{of.zh}未填，或超出参考利率的期限）",
            f"{sign} (cannot be told: {of.en} is blank, or beyond the terms of the series)",
        )
    value = f"{sign} {units(limit_in_units(bound.limit, kind, row), kind)}"
    if test.since is not None:
        return _time_text(policy, test, value, bound)
    if not isinstance(limit, str | Operation):
        return same(value)
    how = describe_quantity(policy, limit, inferred_kind(policy.rules, test.value or ""))
    return Text(f"{value}（{how.zh}）", f"{value} ({how.en})")


def _time_text(policy: Policy, test: Test, value: str, bound: Bound) -> Text:
    count = getattr(test, bound.operator)
    assert test.since is not None
    since = describe_quantity(policy, test.since)
    if count is None:
        return Text(f"{value}（{since.zh}当日）", f"{value} ({since.en})")
    unit = UNITS[test.unit or "days"]
    number = plain(count)
    return Text(
        f"{value}（{since.zh}后 {number} {unit.zh}）",
        f"{value} ({number} {unit.en} after {since.en})",
    )


def limit_in_units(limit: Rationals, kind: ColumnType | None, row: int) -> int:
    """Return the limit of a row in what `units` prints, rounded down."""
    scale = SCALES.get(kind, RATIO_SCALE if kind is None else 1)
    return int(limit.numerator[row]) * scale // int(limit.denominator[row])


def a_hair_off(outcome: Outcome, row: int) -> Text:
    """Say so where a value misses its limit by less than its six printed decimals show."""
    if gap_of(outcome, row) != ratio(0):
        return NO_TEXT
    return Text(
        "显示值四舍五入，精确值略过限额",
        "the value shown is rounded; the exact one is just past the limit",
    )


def why_undefined(policy: Policy, test: Test, variable: Variable, row: int) -> Text | None:
    """Return why a row has no value: the cell is blank, or the indicator's denominator is 0."""
    if variable.known[row]:
        return None
    id_ = _indicator_of(test)
    if not id_:
        of_group = test.value is not None and looks_at_groups(policy.rules, test.value)
        return UNDEFINED_FIGURE if of_group else BLANK
    value = indicator_definition(policy.rules, id_).value
    if isinstance(value, Operation) and value.year_before is not None:
        return NO_YEAR_BEFORE
    made_of = measured_ratio(value)
    if made_of is None or made_of.denominator is None:
        return UNDEFINED_FIGURE
    return UNDEFINED.fill(what=measure_name(made_of.denominator.of))


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
        _condition_line(policy, condition, outcome, row, _indicator_of(condition) in only_ratios)
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


def _indicator_of(test: Test) -> str:
    """Return the id of the indicator that a test is of; nothing where it is of none."""
    name = test.name or ""
    return name.removeprefix(INDICATOR_PREFIX) if name.startswith(INDICATOR_PREFIX) else ""


def _condition_line(
    policy: Policy, condition: Condition, outcome: Outcome, row: int, only_ratio: bool
) -> ConditionLine:
    variable = outcome.variable
    actual: Text | None
    if variable is None:
        actual = joined(dict.fromkeys(_named_values(policy, outcome, row)))
        why = NO_TEXT
    else:
        actual = _verdict(condition, variable, row) or printed(variable, row)
        why = why_undefined(policy, condition, variable, row) or a_hair_off(outcome, row)
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


def _named_values(policy: Policy, outcome: Outcome, row: int) -> Iterator[Text]:
    """Yield the values of the plain tests inside a test, each with its name."""
    for part in outcome.parts:
        if part.variable is None:
            yield from _named_values(policy, part, row)
            continue
        assert part.test.value is not None
        value = printed(part.variable, row) or BLANK
        name = describe_quantity(policy, part.test.value)
        yield Text(f"{name.zh} {value.zh}", f"{name.en} {value.en}")


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
    indicator = _indicator_of(test)
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
