"""The total of a group's cases in whole units: rounded once, and its cases add up to it exactly.

The cases come to fen, through all caps; then the total of what each group is granted is rounded.
The difference is shared by the cases in proportion to their amounts, the fen left over by largest
remainders. It lifts no case above a cap: where none has room for it, the total is cut instead.
Several payers share the total, and their parts of the cases add up to their parts of it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from compensation.columns import Flags, Integers, group_sum, numbered, segment_starts
from compensation.language import Text
from compensation.money import FEN_PER_YUAN, floor_of_product, remainder_of_product
from compensation.policy.model import Compensation, Rounding
from compensation.rules import award, rationals
from compensation.rules.caps import Limit, as_approved, order_of
from compensation.rules.decision import Cases
from compensation.rules.payers import Parts, Paying, record_shares_of, titles_by_payer
from compensation.rules.quantities import Evaluator
from compensation.rules.rounding import FUNCTIONS, yuan_text
from compensation.rules.steps import Steps

TO_TOTAL = Text("计入合计的金额", "what counts in the total")
TOTAL = Text("同组合计", "total of the group")
ROUNDED = Text("取整后的合计", "total in whole units")
CUT = Text("取整后的合计（各笔已达上限，不能进位，舍去）", "total, cut: no case has room for more")
WITH_ROOM = Text("未达上限的各笔合计", "total of the cases below their caps")
LEFT_OVER = Text("按最大余数分得的尾差", "fen left over, by largest remainder")
IN_TOTAL = Text("取整后的补偿额", "part of the total in whole units")
NOT_IN_TOTAL = Text("不计入合计", "not in the total")
BEFORE = Text(
    "同组、同比例的业务排在前面的合计", "of the group's cases with these shares before it"
)
UP_TO = Text("到本笔为止的合计", "up to this one")
PART_BEFORE = Text("{payer}在前面合计中分担", "part of the {payer} of those before")
PART_UP_TO = Text("{payer}在到本笔为止的合计中分担", "part of the {payer} up to this one")
PART_OF = Text("{payer}分担", "part of the {payer}")
AT_CAP = Text("已达上限，不进位", "at its cap, so not raised")


class _Change(NamedTuple):
    """What rounding adds to the total of each row's group, below 0 what it takes; and to whom.

    `weight`: by which the cases share it. `cut`: where the total should have been raised.
    """

    fen: Integers
    weight: Integers
    cut: Flags


def in_units(total: Integers, unit: int, rounding: Rounding) -> Integers:
    """Return totals in whole units, rounded in one direction; halves go up."""
    if rounding == "up":
        return -(-total // unit) * unit
    if rounding == "half_up":
        return (2 * total + unit) // (2 * unit) * unit
    return total // unit * unit


def round_totals(
    rule: Compensation,
    cases: Cases,
    compensation: Integers,
    before: str,
    counts: Flags,
    limit: Limit,
    steps: Steps,
) -> tuple[Integers, str]:
    """Return amounts that add up, in each group, to its total in whole units; the step's name.

    `counts`: the cases that are compensated and that no review rejected; of one of which review
    approves less, that counts. `before`: the step of the amounts. `limit`: the lowest cap of each.
    """
    assert rule.per is not None
    assert rule.round_to is not None
    unit, group = int(rule.round_to * FEN_PER_YUAN), cases.groups[rule.per]
    own = Steps()
    amount, step = as_approved(
        cases, compensation, (before, "compensation_to_total", TO_TOTAL), own
    )
    fen = np.where(counts, amount, 0)
    total = _of_group(fen, group)
    own.given("total_compensation", TOTAL, rationals.summable(total))
    change = _change(rule, unit, fen, total, group, _room(cases, amount, limit), counts)
    rounded = total + change.fen
    for rounding, title, said in (
        (rule.rounding, ROUNDED, ~change.cut),
        ("down", CUT, change.cut),
    ):
        formula = f"{FUNCTIONS[rounding]}(total_compensation, {yuan_text(unit)})"
        own.follows("total_in_units", title, formula, rounded, cited=rule, said=said)
    part, left_over = _shared(np.abs(change.fen), change.weight, group, cases.rank)
    raised, lowered = change.fen > 0, change.fen < 0
    own.follows(
        *("sharing_compensation", WITH_ROOM, "", _of_group(change.weight, group)), said=raised
    )
    over = Steps()
    over.given("rounding_left_over", LEFT_OVER, left_over)
    own.add(over, (change.weight > 0) & (change.fen != 0))
    result = np.where(raised, amount + part, amount - part)
    name = "compensation_in_total"
    more = f"{step} × (total_in_units − total_compensation) / sharing_compensation"
    less = f"{step} × (total_compensation − total_in_units) / total_compensation"
    takes = change.weight > 0
    for title, formula, said in (
        (IN_TOTAL, f"{step} + floor({more}) + rounding_left_over", raised & takes),
        (AT_CAP, step, raised & ~takes),
        (IN_TOTAL, f"{step} − floor({less}) − rounding_left_over", lowered & takes),
        (IN_TOTAL, step, (change.fen == 0) | (lowered & ~takes)),
    ):
        own.follows(name, title, formula, result, cited=rule, said=said)
    steps.add(own, counts)
    steps.follows(name, NOT_IN_TOTAL, before, compensation, said=~counts)
    return np.where(counts, result, compensation), name


def share_totals(
    evaluator: Evaluator,
    cases: Cases,
    by: Paying,
    compensation: Integers,
    step: str,
    counts: Flags,
    group: Integers,
) -> Paying:
    """Return who pays what of cases whose total is rounded, so that payers share the total.

    A payer's part of a case is its part of all cases up to this one less that of those before: the
    parts of a case add up to it, and those of a payer to its part of the total. So for the cases of
    a group that have the same shares. `step`: of the amounts; `counts`: as for `round_totals`.
    """
    for weight in by.weights.T:
        alike, _ = numbered(weight)
        group, _ = numbered(group * (int(alike.max(initial=0)) + 1) + alike)
    fen, own, rules = np.where(counts, compensation, 0), Steps(), evaluator.policy.rules
    before = award.sum_before(fen, group, order_of(cases))
    shares = record_shares_of(evaluator.with_steps(own), by)
    own.given("total_before", BEFORE, before)
    own.follows("total_up_to", UP_TO, f"total_before + {step}", before + fen)
    found = []
    for name, title, total in (
        ("total_before", PART_BEFORE, before),
        ("total_up_to", PART_UP_TO, before + fen),
    ):
        titles, parts = titles_by_payer(rules, name, title), award.among_payers(total, by.weights)
        own.split(name, titles, shares, by.weights, parts)
        found.append((titles, parts))
    (since, less), (until, more) = found
    titles = titles_by_payer(rules, "part", PART_OF)
    for place, (name, first, last) in enumerate(zip(titles, since, until, strict=True)):
        of = (more - less)[:, place]
        own.follows(name, titles[name], f"{last} − {first}", of, cited=rules.compensation)
    said = fen > 0
    evaluator.steps.add(own, said)
    known = np.ones_like(said)
    return by._replace(parts=Parts(more - less, said, known, list(titles)))


def _room(cases: Cases, amount: Integers, limit: Limit) -> Integers:
    """Return by how much each case may rise: to the lowest of its caps and what was approved."""
    most = np.where(limit.fen < 0, np.iinfo(np.int64).max, limit.fen)
    if cases.approved is not None:
        most = np.where(cases.approved.known, np.minimum(most, cases.approved.numerator), most)
    room: Integers = most - amount
    return room


def _change(
    rule: Compensation,
    unit: int,
    fen: Integers,
    total: Integers,
    group: Integers,
    room: Integers,
    counts: Flags,
) -> _Change:
    """Return what rounding does to each group; a case is raised that has room for all of it."""
    wanted = in_units(total, unit, rule.rounding)
    weight = np.where(counts & (room >= wanted - total), fen, 0)
    cut = (wanted > total) & (_of_group(weight, group) == 0)
    change = np.where(cut, in_units(total, unit, "down"), wanted) - total
    return _Change(change, np.where(change > 0, weight, fen), cut)


def _shared(
    change: Integers, weight: Integers, group: Integers, rank: Integers
) -> tuple[Integers, Integers]:
    """Return each case's part of its group's change, and the fen of it that was left over.

    In proportion to the weights; the fen left over go, one each, to the largest remainders, ties to
    the smaller `rank`.
    """
    of = np.maximum(_of_group(weight, group), 1)
    whole = floor_of_product(weight, change, of)
    order = np.lexsort((rank, -remainder_of_product(weight, change, of), group))
    place = np.empty_like(order)
    place[order] = np.arange(len(order)) - segment_starts(group[order])
    left_over = (place < change - _of_group(whole, group)).astype(np.int64)
    return whole + left_over, left_over


def _of_group(fen: Integers, group: Integers) -> Integers:
    """Return, for each row, what the amounts of its group come to."""
    total: Integers = group_sum(fen, group, int(group.max(initial=0)) + 1)[group]
    return total
