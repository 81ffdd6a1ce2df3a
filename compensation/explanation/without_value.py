"""Why a figure of a row has no value: which of its parts is blank, divided by 0, or not there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compensation.language import Text, joined
from compensation.policy.catalogue import Policy
from compensation.policy.model import Operation, Quantity, Test
from compensation.policy.quantities import (
    INDICATOR_PREFIX,
    QUANTITY_PREFIX,
    measured_ratio,
    operands,
)
from compensation.policy.quantity_words import describe_quantity, measure_name
from compensation.policy.variables import indicator_definition
from compensation.policy.years_read import is_of_contracts, years_read
from compensation.rules.conditions import Evaluates, evaluate

BLANK = Text("未填", "blank")
UNDEFINED = Text("无法计算：分母（{what}）为 0", "undefined: the denominator ({what}) is 0")
UNDEFINED_FIGURE = Text("无法计算：缺少数据或分母为 0", "undefined: blank, or divided by 0")
NO_YEAR_BEFORE = Text(
    "上年的数无法计算：上年末以前还没有担保合同，或当年分母为 0",
    "undefined in the year before: no contract had begun by its end, or divided by 0",
)
NO_CELL_BEFORE = Text(
    "没有上年的数：该格为空白，或没有上年度的行",
    "there is none of the year before: the cell is blank, or there is no row of that year",
)
NO_CHOICE = Text("没有一项的条件成立", "the tests of none of its choices hold")
NO_READING = Text("没有这一天（或这一期限）的值", "there is no value of this day, or of this term")
NAMED = Text("{name}：{why}", "{name}: {why}")


def why_undefined(evaluator: Evaluates, value: Quantity, row: int) -> Text:
    """Return why what is tested has no value on a row; nothing of its name where it has one."""
    if isinstance(value, str) and not value.startswith(QUANTITY_PREFIX):
        return _of_name(evaluator.policy, value)
    return joined(dict.fromkeys(undefined_parts(evaluator, value, row)), "；", "; ")


def _of_name(policy: Policy, name: str) -> Text:
    """Return why a column or an indicator has no value: the cell is blank, or what it is over 0."""
    if not name.startswith(INDICATOR_PREFIX):
        return BLANK
    value = indicator_definition(policy.rules, name.removeprefix(INDICATOR_PREFIX)).value
    if isinstance(value, Operation) and value.year_before is not None:
        of_contracts = is_of_contracts(years_read(policy.rules, value.year_before))
        return NO_YEAR_BEFORE if of_contracts else NO_CELL_BEFORE
    ratio = measured_ratio(value)
    if ratio is None or ratio.denominator is None:
        return UNDEFINED_FIGURE
    return UNDEFINED.fill(what=measure_name(ratio.denominator.of))


def undefined_parts(evaluator: Evaluates, quantity: Quantity, row: int) -> Iterator[Text]:
    """Yield the innermost parts of a quantity that have no value on a row, each with why."""
    policy = evaluator.policy
    if evaluator.compute(quantity).values.known[row]:
        return
    name = describe_quantity(policy, quantity)
    if isinstance(quantity, str):
        own = [q.value for q in policy.rules.quantities if QUANTITY_PREFIX + q.id == quantity]
        for value in own:
            yield from undefined_parts(evaluator, value, row)
        if not own:
            yield NAMED.fill(name=name, why=_of_name(policy, quantity))
        return
    assert isinstance(quantity, Operation)
    inside: list[Text] = []
    why = UNDEFINED_FIGURE
    if quantity.choose is not None:
        taken = [each for each in quantity.choose if _holds(evaluator, each.when, row)]
        parts: Sequence[Quantity] = [each.value for each in taken[:1]]
        why = UNDEFINED_FIGURE if taken else NO_CHOICE
    else:
        parts = () if quantity.balance_days else operands(quantity)
    if quantity.over is not None:
        why = UNDEFINED.fill(what=describe_quantity(policy, quantity.over[1]))
    elif quantity.series or quantity.calendar or quantity.values:
        why = NO_READING
    for part in parts:
        inside += undefined_parts(evaluator, part, row)
    yield from inside or [NAMED.fill(name=name, why=why)]


def _holds(evaluator: Evaluates, tests: Sequence[Test], row: int) -> bool:
    return all(evaluate(test, evaluator).passed[row] for test in tests)
