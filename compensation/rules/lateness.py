"""What is charged on returns that are handed over late: so much of the amount for each day.

Columns are int64: amounts in fen, days since 1970-01-01. Amounts that are owed fall due one after
another, and what is handed over pays the earliest of them first. Days are those after the last day
for an amount, up to the day on which it is handed over.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from compensation.columns import (
    Flags,
    Integers,
    group_sum,
    running_max,
    running_sum,
    segment_starts,
)
from compensation.language import Text
from compensation.money import FEN_PER_YUAN
from compensation.policy.model import Returns
from compensation.rules import rationals
from compensation.rules.rationals import Rationals

LATE_CHARGE = Text("逾期缴回的加收金额", "charge on late returns")


class Amounts(NamedTuple):
    """Amounts of claims, each with its day, sorted by claim and day."""

    claim: Integers
    fen: Integers
    day: Integers


class Pieces(NamedTuple):
    """Parts of amounts that are owed, each handed over at once, or not yet.

    `owed`, `handed`: the rows of both; `handed` −1 of what has not been handed over. `days`: how
    many it was late, 0 of what was in time.
    """

    claim: Integers
    fen: Integers
    days: Integers
    owed: Integers
    handed: Integers


@dataclass(frozen=True, eq=False)
class LateReturns:
    """(claims,) the charge in fen, and what it is made of, a part for each policy that has one.

    `handed`: what stands of all remittances.
    """

    charge: Integers
    handed: Amounts
    parts: tuple[LatePart, ...] = field(repr=False)


@dataclass(frozen=True, eq=False)
class LatePart:
    """What was handed over late of the claims of one policy; `pieces`: by the ledger's claims.

    `claims`: their rows. `owed`: what is due of recoveries, with its last day; `rate`: of each of
    these, for a day.
    """

    rule: Returns
    claims: Integers
    owed: Amounts
    rate: Rationals
    pieces: Pieces


def standing(claim: Integers, fen: Integers) -> Integers:
    """Return what stands of amounts in order, of which some, below 0, take back earlier ones.

    What is taken back is taken off the latest amounts before it; the sum stays. One that takes back
    more than there is takes back what there is.

    >>> standing(np.array([0, 0, 0, 1]), np.array([100, 50, -70, 30]))
    array([80,  0,  0, 30])
    """
    so_far = running_sum(fen, segment_starts(claim))
    backwards = segment_starts(claim[::-1])
    least = np.maximum(-running_max(-so_far[::-1], backwards)[::-1], 0)
    before = np.where(segment_starts(claim) == np.arange(len(claim)), 0, np.roll(least, 1))
    found: Integers = least - before
    return found


def pieces(owed: Amounts, handed: Amounts, to: int) -> Pieces:
    """Return which part of what is owed was handed over when; `to`: the day that is looked at.

    No amount is below 0. What is handed over beyond all that is owed pays nothing.
    """
    claims = int(max(owed.claim.max(initial=-1), handed.claim.max(initial=-1))) + 1
    whole = group_sum(owed.fen, owed.claim, claims)
    start = segment_starts(handed.claim)
    so_far = np.minimum(running_sum(handed.fen, start), whole[handed.claim])
    used = so_far - np.where(start == np.arange(len(start)), 0, np.roll(so_far, 1))
    left = whole - group_sum(used, handed.claim, claims)
    # What is left comes last of each claim, so that both sides add up to the same.
    claim = np.concatenate([handed.claim, np.arange(claims)])
    order = np.argsort(claim, kind="stable")
    row = np.concatenate([np.arange(len(used)), np.full(claims, -1)])[order]
    day = np.concatenate([handed.day, np.full(claims, to)])[order]
    paid = np.cumsum(np.concatenate([used, left])[order])
    due = np.cumsum(owed.fen)
    ends = np.union1d(paid, due)
    ends = ends[ends > 0]
    of, by = np.searchsorted(due, ends), np.searchsorted(paid, ends)
    days = np.maximum(day[by] - owed.day[of], 0)
    return Pieces(owed.claim[of], np.diff(ends, prepend=0), days, of, row[by])


def charges(of: Pieces, rate: Rationals, claims: int) -> Integers:
    """Return (claims,) the charge in fen, halves up; `rate`: of each amount owed, for a day.

    Raises `TooLarge`.
    """
    every = np.ones(len(of.fen), dtype=np.bool_)
    late = rationals.in_units(of.fen, FEN_PER_YUAN, every)
    late = rationals.product(late, rationals.in_units(of.days, 1, every))
    late = rationals.product(late, Rationals(*(column[of.owed] for column in rate)))
    numerators, unit = rationals.over_one_denominator(late)
    sums = group_sum(rationals.summable(numerators), of.claim, claims)
    known: Flags = np.ones(claims, dtype=np.bool_)
    return rationals.half_up(rationals.in_units(sums, unit, known), FEN_PER_YUAN)
