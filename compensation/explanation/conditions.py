"""Conditions as people read them: what was found, what the limit is, what would be enough."""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence

import numpy as np

from compensation.explanation.lines import ConditionLine, Needed
from compensation.explanation.values import choice, printed, units
from compensation.issues import NO_TEXT
from compensation.language import Text, same
from compensation.ledger.dictionary import BORROWER_GROUPS, ColumnType
from compensation.money import RATIO_SCALE, printed_ratio
from compensation.policy.catalogue import Policy
from compensation.policy.model import Condition, DatedLimit, Indicator, SeriesLimit, Test
from compensation.policy.subjects import indicator_definition
from compensation.rules.conditions import Outcome, Subject, subject_name
from compensation.rules.shortfall import shortfall
from compensation.values.printing import YES_NO, ratio, yuan

SIGNS = {"at_least": "≥", "above": ">", "at_most": "≤", "below": "<"}
UNDEFINED = Text("无法计算：分母（{what}）为 0", "undefined: the denominator ({what}) is 0")
BLANK = Text("未填", "blank")


def limit_text(test: Test, outcome: Outcome, row: int) -> Text:
    """Return what a test asks for, with the row's own limit where limits differ by row."""
    if test.any is not None:
        parts = [limit_of(part.test, part, row) for part in outcome.parts]
        return Text(" 或 ".join(p.zh for p in parts), " or ".join(p.en for p in parts))
    return limit_of(test, outcome, row, named=False)


def limit_of(test: Test, outcome: Outcome, row: int, *, named: bool = True) -> Text:
    """Return the limits of one plain test, with the name of what is tested where asked for."""
    kind = None if outcome.subject is None else outcome.subject.type
    bounds = tuple(
        (bound.operator, int(bound.limit[row]) if bound.known[row] else None)
        for bound in outcome.bounds
    )
    return _said_limits(test, kind, bounds, named)


@functools.lru_cache(maxsize=4096)
def _said_limits(
    test: Test, kind: ColumnType | None, bounds: tuple[tuple[str, int | None], ...], named: bool
) -> Text:
    """Say limits: each operator of the test with its limit, None where it cannot be told."""
    said = [_bound_text(test, kind, operator, limit) for operator, limit in bounds]
    if test.is_ is not None:
        said.append(YES_NO[test.is_])
    if test.institution is not None:
        said.append(
            Text("机构在代偿当年符合全部条件", "the institution meets its conditions that year")
        )
    if test.one_of is not None:
        said.append(_listed(test.one_of))
    if test.starts_with is not None:
        joined = "、".join(test.starts_with)
        said.append(Text(f"以 {joined} 开头", f"begins with {joined}"))
    if test.given is not None:
        said.append(Text("已填", "given"))
    text = Text("，且 ".join(s.zh for s in said), " and ".join(s.en for s in said))
    name = subject_name(test)
    return Text(f"{name} {text.zh}", f"{name} {text.en}") if named else text


def _bound_text(test: Test, kind: ColumnType | None, operator: str, bound: int | None) -> Text:
    sign = SIGNS[operator]
    limit = getattr(test, operator)
    if bound is None:
        named = (getattr(limit, "on", None), getattr(limit, "term", None), test.of)
        of = "、".join(name for name in named if name)
        return Text(
            f"{sign}（无法确定：{of} 未填，或超出参考利率的期限）",
            f"{sign} (cannot be told: {of} is blank, or beyond the terms of the series)",
        )
    value = f"{sign} {units(bound, kind)}"
    if isinstance(limit, SeriesLimit):
        plus = f"{limit.plus:.6f}"
        return Text(
            f"{value}（{limit.series} 在 {limit.on} 当日的值加 {plus}）",
            f"{value} ({limit.series} in force on {limit.on}, plus {plus})",
        )
    if isinstance(limit, DatedLimit):
        return Text(
            f"{value}（按 {limit.on} 当日适用的限额）", f"{value} (as in force on {limit.on})"
        )
    if test.within_days is not None:
        return Text(
            f"{value}（{test.of} 后 {test.within_days} 天内，含当天）",
            f"{value} (within {test.within_days} days of {test.of}, inclusive)",
        )
    return same(value)


def _listed(values: Sequence[str]) -> Text:
    names = [BORROWER_GROUPS.get(value, choice(value)) for value in values]
    return Text("、".join(n.zh for n in names), ", ".join(n.en for n in names))


def a_hair_off(outcome: Outcome, row: int) -> Text:
    """Say so where a value misses its limit by less than its six printed decimals show."""
    if gap_of(outcome, row) != ratio(0):
        return NO_TEXT
    return Text(
        "显示值四舍五入，精确值略过限额",
        "the value shown is rounded; the exact one is just past the limit",
    )


def why_undefined(policy: Policy, test: Test, subject: Subject, row: int) -> Text | None:
    """Return why a row has no value: the cell is blank, or the indicator's denominator is 0."""
    if subject.known[row]:
        return None
    if test.indicator is None:
        return BLANK
    definition = indicator_definition(policy.rules, test.indicator)
    assert definition.denominator is not None
    return UNDEFINED.fill(what=measure_name(definition.denominator.of))


def condition_lines(
    policy: Policy,
    conditions: Sequence[Condition],
    outcomes: Sequence[Outcome],
    row: int,
    only_ratios: Collection[str] = (),
) -> tuple[ConditionLine, ...]:
    """Return conditions of one row, as evaluated.

    `only_ratios`: indicators of which the ratio alone is known, so that what is needed to meet a
    limit can't be told in yuan or borrowers.
    """
    return tuple(
        _condition_line(policy, condition, outcome, row, condition.indicator in only_ratios)
        for condition, outcome in zip(conditions, outcomes, strict=True)
    )


def _condition_line(
    policy: Policy, condition: Condition, outcome: Outcome, row: int, only_ratio: bool
) -> ConditionLine:
    subject = outcome.subject
    actual: Text | None
    if subject is None:
        shown = [_named_value(part, row) for part in outcome.parts]
        actual = Text("、".join(s.zh for s in shown), ", ".join(s.en for s in shown))
        why = NO_TEXT
    else:
        actual = _verdict(condition, subject, row) or printed(subject, row)
        why = why_undefined(policy, condition, subject, row) or a_hair_off(outcome, row)
    return ConditionLine(
        condition.id,
        bool(outcome.passed[row]),
        actual,
        limit_text(condition, outcome, row),
        condition.clause,
        condition.basis,
        condition.note.text,
        why,
        gap_of(outcome, row),
        None if only_ratio else needed(policy, condition, outcome, row),
    )


def _verdict(test: Test, subject: Subject, row: int) -> Text | None:
    if test.institution is None:
        return None
    met = bool(subject.numerator[row])
    return Text("符合", "it does") if met else Text("不符合", "it does not")


def _named_value(part: Outcome, row: int) -> Text:
    assert part.subject is not None
    value = printed(part.subject, row) or BLANK
    name = subject_name(part.test)
    return Text(f"{name} {value.zh}", f"{name} {value.en}")


def gap_of(outcome: Outcome, row: int) -> str | None:
    """Return how far the value is from the limit that it misses, as printed; None if it is met."""
    subject = outcome.subject
    if subject is None or not subject.known[row] or outcome.passed[row]:
        return None
    for bound in outcome.bounds:
        if not bound.known[row] or subject.type is ColumnType.DATE:
            continue
        limit = int(bound.limit[row])
        if subject.denominator is not None and subject.type is None:
            n, d = int(subject.numerator[row]), int(subject.denominator[row])
            distance = abs(limit * d - n * RATIO_SCALE)
            if distance:
                gap = printed_ratio(
                    np.array([distance], dtype=object), np.array([d * RATIO_SCALE], dtype=object)
                )
                return ratio(int(gap[0]))
        elif subject.denominator is None:
            distance = abs(limit - int(subject.numerator[row]))
            if distance:
                return units(distance, subject.type)
    return None


def measure_name(measure: str) -> Text:
    """Return a measure's name."""
    return MEASURE_NAMES[measure]


MEASURE_NAMES = {
    "opening_balance": Text("年初在保余额", "opening balance"),
    "closing_balance": Text("年末在保余额", "closing balance"),
    "average_balance": Text("平均在保余额", "average balance"),
    "opening_borrowers": Text("年初在保户数", "opening borrowers"),
    "closing_borrowers": Text("年末在保户数", "closing borrowers"),
    "new_guarantees": Text("本年新增担保额", "new guarantees"),
    "released_amount": Text("本年解除担保额", "released amount"),
    "payout_amount": Text("本年代偿额", "payout amount"),
}


def needed(policy: Policy, test: Test, outcome: Outcome, row: int) -> Needed | None:
    """Return the smallest rise of one measure that meets an indicator's limit.

    None where it is met, and for other tests. A floor is met by raising what is measured (and the
    total that it is part of), a ceiling by raising what it is measured against.
    """
    subject = outcome.subject
    if outcome.passed[row] or test.indicator is None or subject is None:
        return None
    if len(outcome.bounds) != 1:
        return None
    definition = indicator_definition(policy.rules, test.indicator)
    bound = outcome.bounds[0]
    if not bound.known[row]:
        return None
    raised, name = _raised(definition, bound.operator)
    if raised is None:
        return None
    denominator = 1 if subject.denominator is None else int(subject.denominator[row])
    if definition.numerator.of == "average_balance":
        return None
    whole = definition.denominator
    more = shortfall(
        int(subject.numerator[row]),
        denominator if subject.known[row] or whole is None else 0,
        int(bound.limit[row]),
        RATIO_SCALE if subject.type is None else 1,
        bound.operator,
        adds_to_whole=whole is not None
        and (bound.operator in ("at_most", "below") or whole.of == definition.numerator.of),
        adds_to_part=bound.operator in ("at_least", "above")
        or (whole is not None and whole.of == definition.numerator.of),
    )
    count = raised.endswith("borrowers")
    unit = "borrowers" if count else "yuan"
    if more is None:
        message = Text("单靠增加{name}无法满足", "no rise of {name} alone can meet it")
        return Needed(name.en, None, unit, message.fill(name=name))
    value = str(more) if count else yuan(more)
    message = Text(
        "其他不变时，{name}至少还需增加 {value}",
        "all else equal, {name} must rise by at least {value}",
    ).fill(
        name=name,
        value=Text(f"{value} 户", value) if count else Text(f"{value} 元", f"{value} yuan"),
    )
    return Needed(name.en, value, unit, message)


def _raised(definition: Indicator, operator: str) -> tuple[str | None, Text]:
    """Return the measure that is raised to meet a limit, and its name."""
    if operator in ("at_least", "above"):
        measure = definition.numerator
        name = measure_name(measure.of)
        if measure.where:
            name = _part_name(definition, name)
        return measure.of, name
    if definition.denominator is None:
        return None, Text("", "")
    return definition.denominator.of, measure_name(definition.denominator.of)


def _part_name(definition: Indicator, whole: Text) -> Text:
    """Return the name of a measure of some contracts only."""
    if definition.id in ("small_agri_share", "small_agri_balance"):
        return Text("支小支农余额", "the small, micro and agricultural balance")
    return Text(
        f"{definition.name.zh}所计的{whole.zh}", f"the {whole.en} counted by {definition.name.en}"
    )
