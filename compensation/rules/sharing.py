"""Money that falls short, shared in proportion: what each case gets of it, and how that is told.

A budget is shared so by what is payable, a pool by what its cases use of it. Where some come first,
those of one turn share what earlier turns leave.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from compensation.columns import Flags, Integers, group_sum
from compensation.language import Text
from compensation.money import PRINTED_SCALE, floor_of_product, half_up_of_product
from compensation.policy.catalogue import Policy
from compensation.policy.defaults import CLAUSE
from compensation.policy.model import NOBODY, Budget, Cap, Definition, Note, Test
from compensation.rules import award
from compensation.rules.decision import applying
from compensation.rules.quantities import Evaluator
from compensation.rules.rounding import cut_formula, yuan_text
from compensation.rules.steps import Steps, Unit
from compensation.values.exact import plain

LEFT_OVER = Text("按最大余数分得的尾差", "left over, by largest remainder")
OF_EARLIER_TURNS = Text("顺序在前的合计", "what earlier turns come to")
LEFT_BY_TURNS = Text("顺序在前的分配后剩余", "what earlier turns leave")
RATIO = Text("压减后的比例", "ratio by which all are cut")
BY_RATIO = Text("按比例计算", "by that ratio")
BY_RATIO_CUT = Text("按比例计算，不足取整单位的舍去", "by that ratio, cut down")
LEFT_OVER_SHARED = Definition(
    id="left_over",
    clause=CLAUSE.zh,
    basis="default",
    note=Note(
        zh="文件没有规定的，按比例分配时各笔向下舍去的尾差，按余数从大到小分给各笔，余数相同的按编号",
        en="where the document is silent, what is left over once parts in proportion are cut down "
        "goes to the largest remainders, then to the smaller id",
    ),
)
"""What holds of pools and budgets that do not say who gets what is left over."""


FREED_STAYS = Definition(
    id="too_little_once_cut",
    clause=CLAUSE.zh,
    basis="default",
    note=Note(
        zh="文件没有规定的，压缩后不足起付金额而不发放的部分不再分给其他业务",
        en="where the document is silent, what is too little once it is cut, and so not paid, is "
        "not given to other cases",
    ),
)
"""What holds of pools and budgets of which less than an amount is not paid."""


def silent_on_sharing(policy: Policy, *, budget: bool) -> list[Definition]:
    """Return what holds of pools, and of the `budget` of a run, of which the policy is silent.

    An assumption about the budget is the policy's own, of which its note speaks.
    """
    rules = policy.rules
    shared: list[Budget | Cap] = [cap for cap in rules.caps if cap.exceeding == "pro_rata"]
    if budget and rules.budget.method == "pro_rata" and rules.budget.basis != "assumption":
        shared.append(rules.budget)
    left_over = any(each.left_over is None and each.ratio_to is None for each in shared)
    freed = any(each.at_least is not None for each in shared)
    return [LEFT_OVER_SHARED] * left_over + [FREED_STAYS] * freed


class Named(NamedTuple):
    """The names of the steps of one sharing: of the amounts, the money, and what is recorded."""

    amount: str
    money: str
    total: str
    before: str
    left: str
    left_over: str


class Part(NamedTuple):
    """What each row gets, of which rows the money falls short, and the formula for these."""

    fen: Integers
    short: Flags
    formula: str


def turn_of(evaluator: Evaluator, first: tuple[Test, ...]) -> Integers:
    """Return the turn of each row: the place of the first test that holds; the others come last."""
    place = award.first_tier([applying(evaluator, (test,)) for test in first], evaluator.rows)
    return np.where(place < 0, len(first), place)


def share(
    amount: Integers,
    group: Integers,
    turn: Integers | None,
    money: Integers,
    whose: Flags,
    rank: Integers,
    unit: int,
    names: Named,
    titles: tuple[Text, Text | None],
    cited: Budget | Cap,
    steps: Steps,
) -> Part:
    """Share the money of each group by the amounts, in whole units; record all but the part itself.

    What whole units leave over goes to the largest remainders, or to nobody, as the rule says; or
    all are cut by one rounded ratio.
    `turn`: None where none comes first. `money`: the same for all rows of a group. `whose`: the
    rows that may be cut. `titles`: of the total, and of the money where that is no step yet.
    """
    total_title, money_title = titles
    before = None
    if turn is not None:
        group, before = award.in_turns(amount, group, turn)
    total = group_sum(amount, group, int(group.max(initial=0)) + 1)[group]
    steps.given(names.total, total_title, total)
    if money_title is not None:
        steps.given(names.money, money_title, money, cited=cited)
    left, money_name = money, names.money
    if before is not None:
        steps.given(names.before, OF_EARLIER_TURNS, before)
        left, money_name = np.maximum(money - before, 0), names.left
        formula = f"max({names.money} − {names.before}, 0)"
        steps.follows(money_name, LEFT_BY_TURNS, formula, left, cited=cited)
    short = whose & (total > left)
    if cited.ratio_to is not None:
        names = names._replace(money=money_name)
        return _by_ratio((amount, group, total, left), unit, names, cited, short, steps)
    formula = f"{names.amount} × {money_name} / {names.total}"
    formula = f"floor({formula})" if unit == 1 else cut_formula(formula, unit)
    cut = award.in_proportion(amount, left, np.maximum(total, 1), unit).part
    if cited.left_over == NOBODY:
        return Part(np.where(total > left, cut, amount), short, formula)
    part = award.within_pools(amount, group, left, rank, unit)
    over = Steps()
    over.given(names.left_over, LEFT_OVER, part - cut)
    steps.add(over, short)
    return Part(part, short, f"{formula} + {names.left_over}")


def _by_ratio(
    shared: tuple[Integers, Integers, Integers, Integers],
    unit: int,
    names: Named,
    cited: Budget | Cap,
    short: Flags,
    steps: Steps,
) -> Part:
    """Share money by one ratio for all of a group, cut down to multiples of the rule's `ratio_to`.

    Each part is rounded, halves up, unless the parts of a group then come to more than the money,
    or the rule gives what cut parts leave over to nobody: then they are cut down. `shared`: the
    amounts, their groups, what these come to, and the money.
    """
    amount, group, total, money = shared
    assert cited.ratio_to is not None
    (_, scale), name = cited.ratio_to.as_integer_ratio(), f"ratio_of_{names.money}"
    ratio = floor_of_product(money, np.full_like(money, scale), np.maximum(total, 1))
    shown, step = ratio * (PRINTED_SCALE // scale), plain(cited.ratio_to)
    formula = f"floor({names.money} / {names.total}, {step})"
    steps.follows(name, RATIO, formula, shown, Unit.RATIO, cited=cited, said=short)
    whole = np.full_like(amount, scale * unit)
    part = np.minimum(half_up_of_product(amount, ratio, whole) * unit, amount)
    passed = group_sum(part, group, int(group.max(initial=0)) + 1)[group] > money
    cut = passed | (cited.left_over == NOBODY)
    part = np.where(cut, floor_of_product(amount, ratio, whole) * unit, part)
    to, by_ratio = "" if unit == 1 else f", {yuan_text(unit)}", f"{names.amount} × {name}"
    after = f"part_of_{names.money}"
    up = f"min(half_up({by_ratio}{to}), {names.amount})" if to else f"half_up({by_ratio})"
    steps.follows(after, BY_RATIO, up, part, said=short & ~cut)
    steps.follows(after, BY_RATIO_CUT, f"floor({by_ratio}{to})", part, said=short & cut)
    return Part(np.where(total > money, part, amount), short, after)
