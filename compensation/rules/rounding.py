"""The amount that a case gets, in whole units of yuan: rounded at the rate, counted so by caps.

Nothing is rounded twice: the exact amount at the rate is rounded to the unit, and limits are cut to
it, so that whatever caps leave is in whole units, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import numpy as np

from compensation.columns import Flags, Integers
from compensation.language import Text
from compensation.money import FEN_PER_YUAN
from compensation.policy.model import Budget, Cap, Compensation, Rounding
from compensation.rules import rationals
from compensation.rules.rationals import Rationals
from compensation.rules.steps import Steps
from compensation.values.exact import plain
from compensation.values.printing import yuan_of

TOO_LITTLE = Text("不足起付金额，不予补偿", "too little, so nothing")
FUNCTIONS: Mapping[Rounding, str] = {"down": "floor", "up": "ceil", "half_up": "half_up"}
"""What rounding to a unit is called in formulas."""
CUT_TOO_LITTLE = Text("压缩后不足起付金额，不发放", "too little once it is cut, so nothing")
ENOUGH = Text("不低于起付金额", "not too little")


def unit_of(rule: Compensation | None, shared_by: Budget | Cap | None = None) -> int:
    """Return the unit of each case's amount in fen; 1 where the policy names none.

    `shared_by`: a budget or a pool, which may have a unit of its own for what it cuts. Where the
    total of a group is rounded, see `rules.totals`, its cases come to fen.
    """
    by_case = None if rule is None or rule.per is not None else rule
    named = (each.round_to for each in (shared_by, by_case) if each is not None)
    return next((int(unit * FEN_PER_YUAN) for unit in named if unit is not None), 1)


def rounded(rule: Compensation | None, exact: Rationals, formula: str) -> tuple[Integers, str]:
    """Return an exact amount in fen, rounded as the policy says, and its formula.

    `formula`: of the exact amount. Half up to the fen where the policy says nothing.
    """
    unit = unit_of(rule)
    if rule is None or rule.round_to is None or rule.per is not None:
        return rationals.half_up(exact, 1), f"half_up({formula})"
    formula = f"{FUNCTIONS[rule.rounding]}({formula}, {yuan_text(unit)})"
    return whole_units(exact, Decimal(unit), rule.rounding) * unit, formula


def whole_units(values: Rationals, unit: Decimal, rounding: Rounding) -> Integers:
    """Return how many of a unit values come to; ``down`` is to the lower, halves go up."""
    units = rationals.quotient(values, rationals.constant(unit, len(values.known)))
    if rounding == "up":
        return -rationals.floor(rationals.negative(units), 1)
    if rounding == "half_up":
        units = rationals.total(units, rationals.constant(Decimal("0.5"), len(values.known)))
    return rationals.floor(units, 1)


def cut(amount: Integers, unit: int) -> Integers:
    """Return amounts cut to whole units, downwards."""
    return amount // unit * unit


def cut_formula(formula: str, unit: int) -> str:
    """Return the formula of what `cut` gives."""
    return formula if unit == 1 else f"floor({formula}, {yuan_text(unit)})"


def raised_formula(formula: str, unit: int) -> str:
    """Return the formula of an amount raised to whole units."""
    return formula if unit == 1 else f"ceil({formula}, {yuan_text(unit)})"


def yuan_text(unit: int) -> str:
    """Return a unit in fen as formulas name it, in yuan."""
    return plain(yuan_of(unit))


def least_of(rule: Compensation | Budget | Cap | None) -> int:
    """Return the least amount that is not too little, in fen; 0 where the policy names none."""
    return 0 if rule is None or rule.at_least is None else int(rule.at_least * FEN_PER_YUAN)


def too_little(
    rule: Compensation | Budget | Cap | None,
    amount: Integers,
    counts: Flags,
    before: str,
    name: str,
    steps: Steps,
    title: Text = TOO_LITTLE,
) -> tuple[Integers, Flags, str]:
    """Return amounts with 0 for those that are too little, which these are, and the step's name.

    `counts`: the claims that nothing has refused so far; of money that is shared, those it cuts.
    `before`: the step of the amount.
    """
    little = counts & (amount < least_of(rule))
    if not little.any():
        return amount, little, before
    amount = np.where(little, 0, amount)
    steps.follows(name, title, f"0 × {before}", amount, cited=rule, said=little)
    steps.follows(name, ENOUGH, before, amount, said=~little)
    return amount, little, name
