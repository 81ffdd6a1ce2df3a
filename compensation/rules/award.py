"""What a claim is compensated with.

Source: 济管财金办〔2022〕22号 三（九）2; the contract, section 4.

Columns are int64 over claims, amounts in fen, rates in millionths. Each function is one line
of the computation, and explanations name their lines after them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from compensation.columns import Flags, Integers, distinct, group_sum
from compensation.money import (
    floor_of_product,
    remainder_of_product,
    split,
)
from compensation.rules import rationals
from compensation.rules.rationals import Rationals
from compensation.schema.choices import APPROVED, REJECTED

BEFORE = "stop_before"
"""How a cap stops that refuses the claim that passes it, too."""
STATUSES = ("ineligible", "rejected", "approved", "pending")
"""What a claim has come to, in the order of the codes that `status` returns."""


def borne(amount: Integers, shares: Integers) -> Integers:
    """Return (claims, parties) what each party bears of the amount, by its share."""
    return split(amount, shares)


def first_tier(tiers: Sequence[Flags], rows: int) -> Integers:
    """Return the place of the first tier whose tests all hold; −1 where none does."""
    place = np.full(rows, -1, dtype=np.int64)
    for number, holds in reversed(list(enumerate(tiers))):
        place[holds] = number
    return place


def sum_before(amount: Integers, group: Integers, order: npt.NDArray[np.int64]) -> Integers:
    """Return the sum of the amounts of the same group that come before each row, in order."""
    by_group = order[np.argsort(group[order], kind="stable")]
    so_far = np.cumsum(amount[by_group]) - amount[by_group]
    groups = group[by_group]
    starts = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]]) if len(groups) else order
    lengths = np.diff(np.r_[starts, len(groups)])
    before = np.empty_like(amount)
    before[by_group] = so_far - np.repeat(so_far[starts], lengths)
    return before


def compensated(group: Integers, paid: Integers, asked: Integers) -> Integers:
    """Return for each group asked for how many of its cases something was paid.

    `group`, `paid`: of each case, the group's number and fen.

    >>> compensated(np.array([0, 1, 1]), np.array([5, 1, 2]), np.array([1, 2, 0]))
    array([2, 0, 1])
    """
    groups = max(int(group.max(initial=0)), int(asked.max(initial=0))) + 1
    return group_sum((paid > 0).astype(np.int64), group, groups)[asked]


def years_compensated(group: Integers, year: Integers, paid: Integers, asked: Integers) -> Integers:
    """Return for each group asked for in how many years something was paid for its cases.

    `group`, `year`, `paid`: of each case, the group's number, its year and fen.

    >>> years_compensated(
    ...     np.array([0, 1, 1, 1]),
    ...     np.array([2021, 2021, 2022, 2022]),
    ...     np.array([0, 1, 2, 3]),
    ...     np.array([1, 0]),
    ... )
    array([2, 0])
    """
    apart = 100_000  # more than any year
    once = distinct((group * apart + year)[paid > 0]) // apart
    return compensated(once, np.ones_like(once), asked)


class Ahead(NamedTuple):
    """What counts for more in each row's group than the row, and what the row counts with.

    `number`: how many come to more, or to as much and are first. `together`: what the rows that
    count as one with it come to.
    """

    number: Integers
    together: Integers


def ahead(amount: Integers, order: npt.NDArray[np.int64], group: Integers, item: Integers) -> Ahead:
    """Return what comes to more in each row's group; rows of one `item` count as one together.

    What comes to 0 is ahead of nothing. Of two that come to the same the one with the first row,
    in order, is ahead. The rows of an item are of one group.

    >>> one = np.zeros(3, dtype=np.int64)
    >>> ahead(np.array([5, 7, 5]), np.arange(3), one, np.arange(3)).number
    array([1, 0, 2])
    """
    items = int(item.max(initial=0)) + 1
    total = group_sum(amount, item, items)
    of, first = (np.zeros(items, dtype=np.int64) for _ in range(2))
    of[item] = group
    counted = order[amount[order] > 0]
    found, place = np.unique(item[counted], return_index=True)
    first[found] = place
    before = sum_before((total > 0).astype(np.int64), of, np.lexsort((first, -total)))
    return Ahead(before[item], total[item])


class Stopping(NamedTuple):
    """What a group had come to before each row, as far as the row that passed the limit.

    `over`: the rows that are refused.
    """

    before: Integers
    over: Flags


def stopping(
    amount: Integers,
    order: npt.NDArray[np.int64],
    group: Integers,
    limit: Integers,
    *,
    before: bool,
) -> Stopping:
    """Stop in each group, in order, where its sum passes the limit: all later rows are refused.

    The row that passes it is refused with them if it stops `before` it. `limit`: the same for all
    rows of a group of which the amount is above 0.
    """
    so_far = sum_before(amount, group, order)
    over = so_far + (amount if before else 0) > limit
    return Stopping(sum_before(np.where(so_far > limit, 0, amount), group, order), over)


def stopped_at(
    before: Integers,
    limit: Integers,
    applies: Flags,
    group: Integers,
    order: npt.NDArray[np.int64],
) -> Integers:
    """Return the row with which the sum of each row's group passed the limit.

    That is the row itself where the group had not passed it before, and −1 where it had before its
    first row. `before`: see `Stopping`.
    """
    rows = order[np.argsort(group[order], kind="stable")]
    rows = rows[applies[rows]]
    passed = before > limit
    last = np.flatnonzero(~passed[rows[:-1]] & passed[rows[1:]])
    of_group = np.full(int(group.max(initial=0)) + 1, -1, dtype=np.int64)
    # The last row of another group is no row before the first one of this.
    last = last[group[rows[last]] == group[rows[last + 1]]]
    of_group[group[rows[last]]] = rows[last]
    return np.where(passed, of_group[group], np.arange(len(group)))


class Shared(NamedTuple):
    """What caps that groups share did: (caps, claims) what was used before, and what came through.

    `refused`: (caps, claims) whether the cap refused the claim.
    """

    used: Integers
    through: Integers
    refused: Flags


def through_group_caps(
    amount: Integers,
    order: npt.NDArray[np.int64],
    groups: Sequence[Integers],
    limits: Sequence[Integers],
    refuses: Sequence[bool],
    applies: Sequence[Flags],
    uses: Integers,
    least: int = 0,
    counts: Sequence[bool] = (),
    stops: Sequence[str | None] = (),
) -> Shared:
    """Bring claims, in order, through every cap that their groups share.

    Each claim finds at each cap that applies to it what the claims before it left of the group's
    limit; it counts up to that, or is refused whole. What it gets in the end, after all caps, is
    what it uses of each of them, but no more than `uses` (0 if rejected by review, what was
    approved where that is less), and nothing where it gets less than `least`. `groups`, `limits`,
    `applies`: for each cap, (claims,) the claim's group, its limit, and whether the cap is for it.
    `counts`: for each cap, whether its limit is a number of claims, of which each is one. `stops`:
    for each cap, how it stops, if it does, see `stopping`; it has one limit for a group.
    """
    counts, stops = counts or [False] * len(groups), stops or [None] * len(groups)
    if len(groups) == 1 and not least:
        if stops[0]:
            return _through_one_stop(
                amount, order, groups[0], limits[0], applies[0], uses, before=stops[0] == BEFORE
            )
        if not refuses[0] and _same_in_groups(limits[0], groups[0]):
            return _through_one_cap(amount, order, groups[0], limits[0], applies[0], uses)
    shape = (len(groups), len(amount))
    used, through = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    refused = np.zeros(shape, dtype=np.bool_)
    taken: list[dict[int, int]] = [{} for _ in groups]
    # One claim after another, because caps of different groups depend on one another through it.
    for claim in order.tolist():
        left = int(amount[claim])
        members = [int(group[claim]) for group in groups]
        for cap, group in enumerate(members):
            before, limit = taken[cap].get(group, 0), int(limits[cap][claim])
            room = max(limit - before, 0)
            if stops[cap]:
                uses_of_it = min(left, int(uses[claim])) if left >= least else 0
                after = before + (uses_of_it if stops[cap] == BEFORE else 0)
                if applies[cap][claim] and left and after > limit:
                    refused[cap, claim] = True
                    left = 0
                    if before <= limit:
                        taken[cap][group] = after
            elif applies[cap][claim] and (min(left, 1) if counts[cap] else left) > room:
                refused[cap, claim] = refuses[cap]
                left = 0 if refuses[cap] else room
            used[cap, claim], through[cap, claim] = before, left
        left = min(left, int(uses[claim])) if left >= least else 0
        for cap, group in enumerate(members if left else ()):
            if applies[cap][claim]:
                taken[cap][group] = taken[cap].get(group, 0) + (1 if counts[cap] else left)
    return Shared(used, through, refused)


def _through_one_stop(
    amount: Integers,
    order: npt.NDArray[np.int64],
    group: Integers,
    limit: Integers,
    applies: Flags,
    uses: Integers,
    *,
    before: bool,
) -> Shared:
    """Bring claims through one cap that stops: no claim depends on another cap."""
    own = np.where(applies, np.minimum(amount, uses), 0)
    so_far, over = stopping(own, order, group, limit, before=before)
    refused = applies & over & (amount > 0)
    through = np.where(refused, 0, amount)
    return Shared(so_far[np.newaxis], through[np.newaxis], refused[np.newaxis])


def _same_in_groups(limit: Integers, group: Integers) -> bool:
    """Return whether all claims of a group have the same limit."""
    if not len(limit):
        return True
    of_group = np.zeros(int(group.max()) + 1, dtype=np.int64)
    of_group[group] = limit
    return bool((of_group[group] == limit).all())


def _through_one_cap(
    amount: Integers,
    order: npt.NDArray[np.int64],
    group: Integers,
    limit: Integers,
    applies: Flags,
    uses: Integers,
) -> Shared:
    """Bring claims through one cap up to which they count: no claim depends on another cap."""
    wanted = sum_before(np.where(applies, np.minimum(amount, uses), 0), group, order)
    used = np.minimum(wanted, limit)
    through = np.where(applies, np.minimum(amount, limit - used), amount)
    refused = np.zeros((1, len(amount)), dtype=np.bool_)
    return Shared(used[np.newaxis], through[np.newaxis], refused)


def status(eligible: Flags, reviews: Sequence[Integers]) -> Integers:
    """Return the place in `STATUSES`: ineligible; else rejected, approved or pending by review.

    Rejected if any review is, approved if all are; `reviews` hold places in `REVIEW_DECISIONS`.
    """
    rejected = np.zeros(len(eligible), dtype=np.bool_)
    approved = np.ones(len(eligible), dtype=np.bool_)
    for review in reviews:
        rejected |= review == REJECTED
        approved &= review == APPROVED
    reviewed = np.where(rejected, np.int64(1), np.where(approved, np.int64(2), np.int64(3)))
    return np.where(eligible, reviewed, np.int64(0))


def granted(compensation: Integers, approved: Integers, given: Flags, status: Integers) -> Integers:
    """Return what review grants: the compensation, at most the amount approved where one is given.

    0 where the claim is not approved.
    """
    most = np.where(given, np.minimum(compensation, approved), compensation)
    return np.where(status == STATUSES.index("approved"), most, 0)


def due_to_date(granted: Integers, share: Rationals) -> Integers:
    """Return what of it can be paid so far, half up to the fen; `share`: of each, 0 to 1."""
    fen = rationals.in_units(granted, 1, np.ones_like(share.known))
    return rationals.half_up(rationals.product(fen, share), 1)


def payable(granted: Integers, paid: Integers, closed: Flags) -> Integers:
    """Return what is still to be paid: what is granted − what was paid, or 0; 0 once closed."""
    return np.where(closed, 0, np.maximum(granted - paid, 0))


def within_budget(payable: Integers, budget: int, rank: Integers) -> Integers:
    """Return the payables brought down to the budget, each in proportion, to the fen.

    ``floor(payable × budget / total)``; the fen left over go, one each, to the largest remainders,
    ties to the smaller `rank` (the claim id's place in code-point order). Unchanged where the total
    is within the budget.
    """
    if int(payable.sum()) <= budget:
        return payable
    return within_pools(payable, np.zeros_like(payable), np.full_like(payable, budget), rank)


def within_pools(
    amount: Integers, group: Integers, pool: Integers, rank: Integers, unit: int = 1
) -> Integers:
    """Return the amounts of each group brought down to its pool, see `within_budget`.

    `group`: each row's, from 0. `pool`: that of each row's group, the same for all its rows.
    `unit`: in fen; what a pool cuts is in whole units, and less than a unit of it is left.
    """
    groups = int(group.max(initial=0)) + 1
    total = group_sum(amount, group, groups)[group]
    part, cut, remainder = in_proportion(amount, pool, np.maximum(total, 1), unit)
    more = one_more(amount, part, unit)
    before = sum_before(more, group, np.lexsort((rank, -remainder, -cut)).astype(np.int64))
    left = pool - group_sum(part, group, groups)[group]
    return np.where(total > pool, with_left_over(part, more, before, left), amount)


class Turns(NamedTuple):
    """Groups divided by whose turn it is, and what of the amounts of each came in earlier turns."""

    group: Integers
    before: Integers


def in_turns(amount: Integers, group: Integers, turn: Integers) -> Turns:
    """Divide groups by turn, the smallest first; see `Turns`."""
    pairs, part = np.unique(np.stack((group, turn)), axis=1, return_inverse=True)
    part = part.reshape(-1).astype(np.int64)
    parts = pairs.shape[1]
    total = group_sum(amount, part, parts)
    return Turns(part, sum_before(total, pairs[0], np.arange(parts))[part])


class InProportion(NamedTuple):
    """Parts in whole units, and what each was cut down by: whole fen, and the division's remainder.

    The larger `cut` comes first where units are left over, then the larger `remainder`.
    """

    part: Integers
    cut: Integers
    remainder: Integers


def in_proportion(
    payable: Integers, budget: int | Integers, total: int | Integers, unit: int = 1
) -> InProportion:
    """Return ``payable × budget / total`` cut down to whole units.

    `total`: what all payables that share the budget add up to, more than the budget.
    """
    of_budget, of_total = np.full_like(payable, budget), np.full_like(payable, total)
    fen = floor_of_product(payable, of_budget, of_total)
    part = fen // unit * unit
    return InProportion(part, fen - part, remainder_of_product(payable, of_budget, of_total))


def one_more(payable: Integers, part: Integers, unit: int) -> Integers:
    """Return what each part is raised by where money is left over: a unit, but to the payable only.

    That is more than a part was rounded down by. So less than a unit is left once no further one
    can be raised by what is left over.
    """
    more: Integers = np.minimum(payable - part, unit)
    return more


def with_left_over(
    part: Integers, more: Integers, before: Integers, left: int | Integers
) -> Integers:
    """Return the parts raised by what is ``left`` over, one after another as far as it goes.

    `more`: what each can be raised by; `before`: what those before it can be in all, by the largest
    remainder, ties by the smaller claim id; see `within_budget`.
    """
    return part + np.where(before + more <= left, more, 0)


def among_payers(payable: Integers, shares: Integers) -> Integers:
    """Return (claims, payers) what each payer pays of each amount, in proportion to the shares."""
    return split(payable, shares).astype(np.int64, copy=False)


def due_before(payable: Integers, order: npt.NDArray[np.int64]) -> Integers:
    """Return what is payable for the claims that come before each claim, in order."""
    so_far = np.cumsum(payable[order])
    before = np.empty_like(payable)
    before[order] = so_far - payable[order]
    return before


def what_is_left(payable: Integers, before: Integers, budget: int) -> Integers:
    """Return the payables paid in order until the budget is used up; the last one in part.

    `before`: what is payable for the claims that come first, see `due_before`.
    """
    left: Integers = np.minimum(before + payable, budget) - np.minimum(before, budget)
    return left


def first_come(payable: Integers, before: Integers, budget: int, unit: int) -> Integers:
    """Return `what_is_left`, of which an amount that is paid in part is cut to whole units."""
    left = what_is_left(payable, before, budget)
    return np.where(left < payable, left // unit * unit, left)
