"""What a test asks for, and what it looked at, in words: the limits and the values of one row."""

from __future__ import annotations

from collections.abc import Iterator

from compensation.explanation.values import printed, units
from compensation.explanation.without_value import undefined_parts, why_undefined
from compensation.language import Text, joined, same
from compensation.money import RATIO_SCALE
from compensation.policy.catalogue import Policy
from compensation.policy.kinds import Kind
from compensation.policy.model import Operation, Test
from compensation.policy.quantities import (
    INDICATOR_PREFIX,
)
from compensation.policy.quantity_words import (
    asked_beside_bounds,
    describe_quantity,
    made_of,
)
from compensation.policy.value_words import UNITS
from compensation.policy.variables import (
    INSTITUTION,
    INSTITUTION_ELIGIBLE,
    inferred_kind,
    is_mere_test,
)
from compensation.rules.conditions import Bound, Evaluates, Outcome
from compensation.rules.rationals import Rationals
from compensation.rules.variables import SCALES
from compensation.schema.column import ColumnType
from compensation.values.exact import plain

SIGNS = {"at_least": "≥", "above": ">", "at_most": "≤", "below": "<"}
NOT_TOLD = Text("{sign}（无法确定：{why}）", "{sign} (cannot be told: {why})")


def limit_text(policy: Policy, outcome: Outcome, row: int, *, named: bool = False) -> Text:
    """Return what a test asks for, with the row's own limits; `named`: and what is tested."""
    test = outcome.test
    if test.parts:
        parts = [limit_text(policy, part, row, named=True) for part in outcome.parts]
        return made_of(test, parts)
    assert outcome.variable is not None
    kind = outcome.variable.type
    assert outcome.evaluator is not None
    said = [_bound_text(outcome.evaluator, test, kind, bound, row) for bound in outcome.bounds]
    if test.value == INSTITUTION and test.is_ is not None:
        return INSTITUTION_ELIGIBLE
    text = joined([*said, *(what for _, what in asked_beside_bounds(test))], "，且 ", " and ")
    if not named or test.value is None:
        return text
    name = describe_quantity(policy, test.value)
    return Text(f"{name.zh} {text.zh}", f"{name.en} {text.en}")


def _bound_text(
    evaluator: Evaluates, test: Test, kind: ColumnType | None, bound: Bound, row: int
) -> Text:
    policy = evaluator.policy
    sign = SIGNS[bound.operator]
    limit = getattr(test, bound.operator)
    if not bound.limit.known[row]:
        source = limit if limit is not None else test.since
        assert source is not None
        parts = dict.fromkeys(undefined_parts(evaluator, source, row))
        return NOT_TOLD.fill(sign=sign, why=joined(parts, "；", "; "))
    value = f"{sign} {units(limit_in_units(bound.limit, kind, row), kind)}"
    if test.since is not None:
        return _time_text(policy, test, value, bound)
    if not isinstance(limit, str | Operation):
        return same(value)
    asked = inferred_kind(policy.rules, test.value or "")
    if is_mere_test(policy.rules, test):
        asked = Kind.NUMBER
    how = describe_quantity(policy, limit, asked)
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


def named_values(policy: Policy, outcome: Outcome, row: int) -> Iterator[Text]:
    """Yield the values of the plain tests inside a test, each with its name."""
    for part in outcome.parts:
        if part.variable is None:
            yield from named_values(policy, part, row)
            continue
        assert part.test.value is not None
        value = printed(part.variable, row)
        if value is None:
            assert part.evaluator is not None
            value = why_undefined(part.evaluator, part.test.value, row)
        name = describe_quantity(policy, part.test.value)
        yield Text(f"{name.zh} {value.zh}", f"{name.en} {value.en}")


def indicator_of(test: Test) -> str:
    """Return the id of the indicator that a test is of; nothing where it is of none."""
    name = test.name or ""
    return name.removeprefix(INDICATOR_PREFIX) if name.startswith(INDICATOR_PREFIX) else ""
