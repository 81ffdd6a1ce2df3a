"""What one institution would be compensated with as one of its figures moves, without a ledger.

All payouts of the year are taken as one claim that meets its conditions and counts in full. What a
policy asks of claims, and caps on them, take a ledger: `outlook.curve`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from compensation.language import Text
from compensation.money import PRINTED_SCALE
from compensation.one_case.form import Form
from compensation.one_case.institution import Figures, judged_institution, read_alone
from compensation.one_case.reading import KNOWN, Value, column_of
from compensation.outlook.axis import PAYOUT_RATE, Axis, check_along
from compensation.outlook.curve import Course, exact, walked
from compensation.outlook.path import Point
from compensation.policy.catalogue import Policy, load_policy
from compensation.policy.quantities import INDICATOR_PREFIX
from compensation.policy.variables import indicator_definition
from compensation.refusals import Refused
from compensation.rules import rationals
from compensation.rules.compensation import at_one_rate
from compensation.rules.decision import rate_is_institutions
from compensation.rules.variables import SCALES, Variable

PAYOUT = "claims.payout"
NOMINAL = 100
"""Fen of a millionth of what was released in the year, where only ratios are given."""
MOVES = Text(
    "只变动“{name}”这一项；本年代偿{of}视为全部符合条件、全额按比例补偿，单笔条件和限额不计入",
    "only the {name} moves; payouts{of} count in full, without conditions and caps of claims",
)
OF_A_MILLION = Text("（按解除担保额 100 万元折算）", " (of 1 million yuan released)")
TAKES_CLAIMS = Text(
    "这项政策的补偿不只取决于机构的指标，须用台账测算",
    "under this policy compensation does not follow from the institution's indicators alone; that"
    " takes a ledger",
)
UNDEFINED = Text(
    "“{name}”没有填写或无法计算，无从变动",
    "the {name} is not given or undefined, so it cannot move",
)


class _Start(NamedTuple):
    """Figures that have been read, the one that moves, and what was paid out in the year in fen."""

    form: Form
    figures: Figures
    year_end: int | None
    axis: Axis
    paid: int


def institution_curve(
    policy: str | os.PathLike[str] | Policy,
    institution: Mapping[str, Value],
    along: str,
    from_: Decimal | int | str,
    to: Decimal | int | str,
    year: int | None = None,
) -> Course:
    """Return what an institution's payouts would be compensated with along one of its indicators.

    `institution`, `year`: as for `judge_institution`; `along`, `from_`, `to`: as for `curve`. With
    amounts, payouts are those given; with ratios alone, those of 1 million yuan released.
    Raises `CaseFaults` and `PolicyFaults` as `judge_institution` does, and `Refused` where the
    indicator cannot move, or the policy's compensation takes more than the institution's figures.
    """
    chosen = load_policy(policy)
    if _takes_claims(chosen):
        raise Refused(TAKES_CLAIMS)
    check_along(chosen, along)
    form, figures, end = read_alone(chosen, institution, year)
    rate = _known(form, figures, PAYOUT_RATE)
    nominal = PAYOUT_RATE in figures.only_ratios
    if nominal:
        rate = _moved_to(rate, int(rate.numerator[0]) * NOMINAL, PRINTED_SCALE * NOMINAL)
        figures = _with(figures, PAYOUT_RATE, rate)
    variable = _known(form, figures, along)
    title = indicator_definition(chosen.rules, along).name.text
    scale = 1 if variable.type is None else SCALES.get(variable.type, 1)
    units, whole = int(variable.numerator[0]), variable.whole(0) * scale
    axis = Axis(0, along, title, variable.type, units, whole, along == PAYOUT_RATE, 0)
    start = _Start(form, figures, end, axis, int(rate.numerator[0]))
    return Course(
        chosen,
        year,
        figures.named[0] or "",
        axis,
        MOVES.fill(name=title, of=OF_A_MILLION if nominal else Text("", "")),
        rate.whole(0),
        _point(start, units),
        *walked(chosen, axis, exact(from_), exact(to), lambda units: _point(start, units)),
    )


def _takes_claims(policy: Policy) -> bool:
    """Return whether the sum depends on more than payouts and the institution's own rate."""
    rules = policy.rules
    return (
        not rate_is_institutions(policy)
        or [(each.value, each.when) for each in rules.base] != [(PAYOUT, ())]
        or any(cap.per is not None for cap in rules.caps)
        or rules.compensation is not None
    )


def _moved_to(variable: Variable, units: int, whole: int) -> Variable:
    denominator = None if variable.denominator is None else column_of(whole)
    return variable._replace(numerator=column_of(units), denominator=denominator)


def _with(figures: Figures, name: str, variable: Variable) -> Figures:
    """Return figures with another value of an indicator."""
    indicators = {**figures.indicators, name: variable}
    variables = {**figures.variables, INDICATOR_PREFIX + name: variable}
    return replace(figures, indicators=indicators, variables=variables)


def _known(form: Form, figures: Figures, name: str) -> Variable:
    """Return an indicator that has a value; raises `Refused`."""
    variable = figures.indicators.get(name)
    if variable is None or not variable.known[0]:
        title = indicator_definition(form.policy.rules, name).name.text
        raise Refused(UNDEFINED.fill(name=title))
    return variable


def _point(start: _Start, units: int) -> Point:
    """Return what comes of the institution with the indicator at some units."""
    axis = start.axis
    variable = start.figures.indicators[axis.id]
    figures = _with(start.figures, axis.id, _moved_to(variable, units, variable.whole(0)))
    judged = judged_institution(start.form, figures, start.year_end)
    payouts = units if axis.scales else start.paid
    rate = None if judged.rate is None else int(judged.rate.scaleb(6))
    compensation = 0
    if rate is not None:
        of_one = rationals.rationals(column_of(rate), column_of(PRINTED_SCALE), KNOWN)
        compensation = int(at_one_rate(None, column_of(payouts), of_one, "")[0][0])
    state = (judged.eligible, judged.reasons, rate)
    eligible = judged.eligible
    return Point(units, *state, 1, int(eligible), compensation, state, ())
