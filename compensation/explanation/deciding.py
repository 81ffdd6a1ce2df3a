"""Why a line is as it is, where the policy could have said another: what the tests looked at.

A value has as many digits as tell it from the limit beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

from compensation.explanation.limits import limit_text
from compensation.explanation.values import (
    LEAST_DECIMALS,
    MOST_DECIMALS,
    natural,
    printed,
    ratios_in,
)
from compensation.explanation.without_value import why_undefined
from compensation.language import Text, joined, same
from compensation.policy.quantity_words import describe_quantity
from compensation.policy.value_words import is_multiple, times
from compensation.rules.conditions import Evaluates, Outcome, compared
from compensation.rules.deciding import Decided, Deciding
from compensation.rules.steps import Step
from compensation.schema.column import ColumnType
from compensation.values.exact import EXACT
from compensation.values.exact import plain as plain_number
from compensation.values.printing import percent

APPLIES = Text("{title}适用：{tests}", "{title} applies: {tests}")
NOT = Text("{title}不适用：{tests}", "{title} does not apply: {tests}")
ASKED = Text("{values}，要求 {limit}", "{values}, limit {limit}")

DECIMALS: Mapping[ColumnType | None, int] = {
    **LEAST_DECIMALS,
    ColumnType.SHARE: LEAST_DECIMALS[None],
    ColumnType.DECIMAL: 4,
}
"""How many decimals a value has at least, of the types that may need more beside a limit."""


def why(step: Step, row: int) -> tuple[Text, ...]:
    """Return why a row has a step and no other in its place: a line for each element asked."""
    return decided(step.deciding, row if step.of is None else step.of)


def decided(deciding: Deciding | None, row: int) -> tuple[Text, ...]:
    """Return what decided a row, a line for each element asked; nothing where nothing was."""
    if deciding is None:
        return ()
    return tuple(_said(deciding.evaluator, each, row) for each in deciding.at(row))


def _said(evaluator: Evaluates, decided: Decided, row: int) -> Text:
    tests = joined((_asked(evaluator, each, row) for each in decided.outcomes), "；", "; ")
    said = (APPLIES if decided.applies else NOT).fill(title=decided.title, tests=tests)
    return Text(said.zh, said.en.lstrip())


def _asked(evaluator: Evaluates, outcome: Outcome, row: int) -> Text:
    """Return what a test looked at and what it asks for."""
    plain = list(_plain(outcome))
    values = dict.fromkeys(_named_value(evaluator, each, row) for each in plain)
    limit = limit_text(evaluator.policy, outcome, row)
    multiple = all(_is_multiple(evaluator, each, row) for each in plain)
    return ASKED.fill(
        values=joined(values),
        limit=Text(
            natural(limit.zh, "zh", multiple=multiple), natural(limit.en, "en", multiple=multiple)
        ),
    )


def _plain(outcome: Outcome) -> Iterator[Outcome]:
    """Yield the tests of one value each that a test is made of."""
    if not outcome.parts:
        yield outcome
    for part in outcome.parts:
        yield from _plain(part)


def _is_multiple(evaluator: Evaluates, outcome: Outcome, row: int) -> bool:
    policy, value = evaluator.policy, outcome.test.value
    assert value is not None
    limits = ratios_in(limit_text(policy, outcome, row).en)
    return is_multiple(describe_quantity(policy, value), limits)


def _named_value(evaluator: Evaluates, outcome: Outcome, row: int) -> Text:
    policy, value = evaluator.policy, outcome.test.value
    assert value is not None
    name = describe_quantity(policy, value)
    found = _value(evaluator, outcome, row)
    return Text(f"{name.zh} {found.zh}", f"{name.en} {found.en}")


def _value(evaluator: Evaluates, outcome: Outcome, row: int) -> Text:
    variable, test = outcome.variable, outcome.test
    assert variable is not None
    assert test.value is not None
    shown = printed(variable, row)
    if shown is None:
        return why_undefined(evaluator, test.value, row)
    limits = [bound.limit.at(row) for bound in outcome.bounds if bound.limit.known[row]]
    if variable.words or not limits or variable.type not in DECIMALS:
        return Text(natural(shown.zh, "zh"), natural(shown.en, "en"))
    exact = compared(test.value, evaluator).at(row)
    number = told_apart(exact, limits, DECIMALS[variable.type])
    if number is None:
        return same(f"{exact.numerator}/{exact.denominator}")
    if variable.type is ColumnType.MONEY:
        return same(f"{number:f}")
    if variable.type is ColumnType.DECIMAL:
        return same(plain_number(number))
    return times(number) if _is_multiple(evaluator, outcome, row) else same(percent(number))


def told_apart(value: Fraction, limits: list[Fraction], decimals: int) -> Decimal | None:
    """Return a value half up with so many decimals, or more where that would pass or meet a limit.

    None where it takes more than twelve.

    >>> told_apart(Fraction(300001, 10_000_000), [Fraction(3, 100)], 6)
    Decimal('0.0300001')
    """
    for count in range(decimals, MOST_DECIMALS + 1):
        units = (value * 10**count + Fraction(1, 2)) // 1
        shown = Fraction(units, 10**count)
        if all(_side(shown, limit) == _side(value, limit) for limit in limits):
            return Decimal(units).scaleb(-count, EXACT)
    return None


def _side(value: Fraction, limit: Fraction) -> int:
    return (value > limit) - (value < limit)
