"""What moves along a curve: one indicator of one institution, by whole units.

Along an indicator that payouts make, every payout of the year is scaled by one factor, and what was
released stays. Along any other it alone moves: nothing that it is made of, and nothing else that is
made of the same.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from compensation.engine.run import Decided
from compensation.language import Text, joined
from compensation.outlook.changed import BaseYear, scaled
from compensation.policy.catalogue import Policy
from compensation.policy.model import Indicator
from compensation.policy.quantities import INDICATOR_PREFIX, measured_ratio, parts_of_test
from compensation.policy.variables import indicator_definition, most_like, variable_info
from compensation.refusals import Refused
from compensation.rules.conditions import limits_of
from compensation.rules.decision import tests_by_id, variables_needed
from compensation.rules.variables import SCALES
from compensation.schema.column import NUMBERS, ColumnType

PAYOUT_RATE = "payout_rate"
"""Payouts bear on every policy that is computed for them, whether it tests this rate or not."""

PAYOUTS_SCALED = Text(
    "本年各笔代偿按同一倍数变动，解除担保额等其他各项不变",
    "every payout of the year is scaled by one factor; what was released and all else stay",
)
ONLY_THIS = Text(
    "只变动“{name}”这一项指标，构成它的金额、户数和其他指标都不变",
    "only the indicator “{name}” moves; what it is made of and all other indicators stay",
)


class Axis(NamedTuple):
    """An indicator of one institution, which moves by whole units over a fixed denominator.

    `row`: the institution. `id`: of the indicator. `title`: its name. `type`: as a `Variable` has
    it. `units`: where it stands. `denominator`: the units of a value of 1: one yuan, one borrower,
    or a ratio of 1. `scales`: whether payouts are scaled to move it; `others`: the units that are
    no payouts of the year.
    """

    row: int
    id: str
    title: Text
    type: ColumnType | None
    units: int
    denominator: int
    scales: bool
    others: int

    def value(self, units: int) -> Fraction:
        """Return the value at some units: yuan, a count, or a ratio."""
        return Fraction(units, self.denominator)

    def floor(self, value: Fraction) -> int:
        """Return the most units of a value that is not above ``value``."""
        return value * self.denominator // 1

    @property
    def how(self) -> Text:
        """What moves and what stays."""
        return PAYOUTS_SCALED if self.scales else ONLY_THIS.fill(name=self.title)


def indicators_of(policy: Policy) -> list[str]:
    """Return the ids of the indicators that a curve of the policy can go along: the numbers."""
    used = (
        key
        for key in variables_needed(policy)
        if key.startswith(INDICATOR_PREFIX)
        and (info := variable_info(policy.rules, key)) is not None
        and info.type in NUMBERS
    )
    return list(dict.fromkeys([PAYOUT_RATE, *(key.removeprefix(INDICATOR_PREFIX) for key in used)]))


def check_along(policy: Policy, along: str) -> None:
    """Raise `Refused` for an indicator that a curve of the policy cannot go along."""
    known = indicators_of(policy)
    if along not in known:
        raise Refused(
            Text(
                "政策 {policy} 不看指标 {along}，可用的有：{known}{nearest}",
                "policy {policy} does not look at an indicator {along}; it knows: {known}{nearest}",
            ).fill(
                policy=policy.id,
                along=along,
                nearest=most_like(along, known),
                known=joined(known),
            )
        )


def axis_of(base: BaseYear, along: str, institution: str | None) -> Axis:
    """Return the axis of an indicator of an institution; the only one where none is named.

    Raises `Refused` where there is no such institution, the policy does not look at the indicator,
    or it cannot move: it is undefined, or there is no payout to scale.
    """
    row = _institution(base, institution)
    check_along(base.policy, along)
    definition = indicator_definition(base.policy.rules, along)
    variable = base.indicator(along)
    payouts = int(base.payouts()[base.paid_out(row)].sum())
    scales = made_of_payouts(definition)
    title = definition.name.text
    if scales and not payouts:
        raise Refused(
            Text(
                "机构 {id} 在 {year} 年没有代偿，“{name}”无从变动",
                "institution {id} paid nothing out in {year}, so “{name}” cannot move",
            ).fill(id=base.institutions()[row], year=base.inputs.year, name=title)
        )
    if not variable.known[row]:
        raise Refused(
            Text(
                "机构 {id} 在 {year} 年的“{name}”无法计算（分母为 0 或未填），无从变动",
                "“{name}” of institution {id} is undefined in {year} (blank, or divided by 0), so"
                " it cannot move",
            ).fill(id=base.institutions()[row], year=base.inputs.year, name=title)
        )
    units = int(variable.numerator[row])
    scale = SCALES.get(variable.type, 1) if variable.type is not None else 1
    others = units - payouts if scales else 0
    return Axis(
        row, along, title, variable.type, units, variable.whole(row) * scale, scales, others
    )


def _institution(base: BaseYear, institution: str | None) -> int:
    """Return the row of an institution; of the only one where none is named."""
    ids = base.institutions()
    if institution is None:
        if len(ids) == 1:
            return 0
        raise Refused(
            Text(
                "台账有 {n} 家机构，请指定其中一家，如 {id}",
                "the ledger has {n} institutions; name one of them, such as {id}",
            ).fill(n=len(ids), id=ids[0])
        )
    if institution in ids:
        return ids.index(institution)
    raise Refused(
        Text("台账中没有机构 {id}{nearest}", "the ledger has no institution {id}{nearest}").fill(
            id=institution, nearest=most_like(institution, ids)
        )
    )


def made_of_payouts(indicator: Indicator) -> bool:
    """Return whether an indicator is the payouts of a year, or those over something else."""
    made_of = measured_ratio(indicator.value)
    if made_of is None or made_of.growth:
        return False
    measure, whole = made_of.numerator, made_of.denominator
    against = whole is None or whole.of != "payout_amount"
    return measure.of == "payout_amount" and not measure.where and against


def decided_at(base: BaseYear, axis: Axis, units: int) -> Decided:
    """Return the year decided with the indicator moved to some units."""
    if axis.scales:
        rows = base.paid_out(axis.row)
        return base.with_changes(scaled(base.payouts(), rows, units - axis.others))
    variable = base.indicator(axis.id)
    numerator = variable.numerator.copy()
    numerator[axis.row] = units
    return base.with_changes(moved={axis.id: variable._replace(numerator=numerator)})


def limits_on(policy: Policy, axis: Axis) -> set[int]:
    """Return the units around every number that the policy compares the indicator with."""
    name = INDICATOR_PREFIX + axis.id
    tests = (test for tests in tests_by_id(policy).values() for test in tests)
    plain = (part for test in tests for part in parts_of_test(test) if part.name == name)
    numbers = (limit for test in plain for _, limit in limits_of(test))
    reached = {axis.floor(Fraction(each)) for each in numbers if isinstance(each, Decimal)}
    return {units + step for units in reached for step in (-1, 0, 1)}
