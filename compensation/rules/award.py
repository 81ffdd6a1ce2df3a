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

from compensation.columns import Flags, Integers
from compensation.ledger.choices import APPROVED, REJECTED
from compensation.money import (
    PRINTED_SCALE,
    floor_of_product,
    half_up_of_product,
    remainder_of_product,
    split,
)

STATUSES = ("ineligible", "rejected", "approved", "pending")
"""What a claim has come to, in the order of the codes that `status` returns."""


def borne(amount: Integers, shares: Integers) -> Integers:
    """Return (claims, parties) what each party bears of the amount, by its share."""
    return split(amount, shares)


def base(amount: Integers, less: Sequence[Integers]) -> Integers:
    """Return what the rate is applied to: the amount, less what is taken off, at least 0."""
    for deduction in less:
        amount = np.maximum(amount - deduction, 0)
    return amount


def first_tier(tiers: Sequence[Flags], rows: int) -> Integers:
    """Return the place of the first tier whose tests all hold; −1 where none does."""
    place = np.full(rows, -1, dtype=np.int64)
    for number, holds in reversed(list(enumerate(tiers))):
        place[holds] = number
    return place


def compensation_at(base: Integers, rate: Integers) -> Integers:
    """Return ``half_up(base × rate)``."""
    return half_up_of_product(base, rate, np.full_like(base, PRINTED_SCALE))


def share_of(amount: Integers, share: int) -> Integers:
    """Return the whole fen of ``amount × share``, for a cap: never more than the share."""
    return floor_of_product(
        amount, np.full_like(amount, share), np.full_like(amount, PRINTED_SCALE)
    )


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
    uses: Flags,
) -> Shared:
    """Bring claims, in order, through every cap that their groups share.

    Each claim finds at each cap what the claims before it left of the group's limit; it counts up
    to that, or is refused whole. What it gets in the end, after all caps, is what it uses of each
    of them: a refused claim uses nothing, and neither does one that is not among `uses` (rejected
    by review). `groups`, `limits`: for each cap, (claims,) the claim's group and its limit.

    One claim after another, because caps of different groups depend on one another through it;
    policies without such caps never come here.
    """
    shape = (len(groups), len(amount))
    used, through = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    refused = np.zeros(shape, dtype=np.bool_)
    taken: list[dict[int, int]] = [{} for _ in groups]
    for claim in order.tolist():
        left = int(amount[claim])
        members = [int(group[claim]) for group in groups]
        for cap, group in enumerate(members):
            before = taken[cap].get(group, 0)
            room = max(int(limits[cap][claim]) - before, 0)
            if left > room:
                refused[cap, claim] = refuses[cap]
                left = 0 if refuses[cap] else room
            used[cap, claim], through[cap, claim] = before, left
        if uses[claim] and left:
            for cap, group in enumerate(members):
                taken[cap][group] = taken[cap].get(group, 0) + left
    return Shared(used, through, refused)


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


def payable(granted: Integers, paid: Integers, closed: Flags) -> Integers:
    """Return what is still to be paid: what is granted − what was paid, or 0; 0 once closed."""
    return np.where(closed, 0, np.maximum(granted - paid, 0))


def within_budget(payable: Integers, budget: int, rank: Integers) -> Integers:
    """Return the payables brought down to the budget, each in proportion, to the fen.

    ``floor(payable × budget / total)``; the fen left over go, one each, to the largest remainders,
    ties to the smaller `rank` (the claim id's place in code-point order). Unchanged where the total
    is within the budget.
    """
    total = int(payable.sum())
    if total <= budget:
        return payable
    part, remainder = in_proportion(payable, budget, total)
    order = np.lexsort((rank, -remainder))
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return with_left_over(part, place, budget - int(part.sum()))


def in_proportion(payable: Integers, budget: int, total: int) -> tuple[Integers, Integers]:
    """Return ``floor(payable × budget / total)``, and the remainders of the division.

    `total`: what all payables of the run add up to, more than the budget.
    """
    of_budget, of_total = np.full_like(payable, budget), np.full_like(payable, total)
    part = floor_of_product(payable, of_budget, of_total)
    return part, remainder_of_product(payable, of_budget, of_total)


def with_left_over(part: Integers, place: Integers, left: int) -> Integers:
    """Return the parts with the fen left over, one each for those whose place is below ``left``.

    `place`: 0, 1, … by the largest remainder, ties by the smaller claim id; see `within_budget`.
    """
    return part + (place < left)


def among_payers(payable: Integers, shares: Sequence[int]) -> Integers:
    """Return (claims, payers) what each payer pays of each amount, by its share in millionths."""
    weights = np.empty((len(payable), len(shares)), dtype=np.int64)
    weights[:] = np.array(shares, dtype=np.int64)
    return split(payable, weights)


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
