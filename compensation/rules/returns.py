"""What a recovery returns to whom. Source: 济管财金办〔2022〕22号 三(九)2; the contract, section 5.

Recoveries come sorted by claim, day and id. Columns are int64: amounts in fen, days since
1970-01-01.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from compensation.columns import Flags, Integers, running_max, running_sum, segment_starts
from compensation.money import split


class Returned(NamedTuple):
    """What each recovery distributes: (recoveries,) fen, and (recoveries, 1 + parties) to each."""

    distributed: Integers
    surplus: Integers
    parts: Integers
    net_to_date: Integers
    highest_to_date: Integers


def net_to_date(
    claim: Integers, day: Integers, proceeds: Integers, cost: Integers, *, net: bool
) -> Integers:
    """Return the proceeds of a claim so far, less its costs dated on or before the row's day.

    A day's costs count before its proceeds, so ids do not decide money. May be negative. With
    ``net`` false, costs are the institution's own and are not taken off.
    """
    start = segment_starts(claim)
    received = running_sum(proceeds, start)
    if not net:
        return received
    spent = running_sum(cost, start)
    return received - spent[_last_of_day(claim, day)]


def _last_of_day(claim: Integers, day: Integers) -> Integers:
    """Return for each row the last row of the same claim and day."""
    last = np.ones(len(claim), dtype=np.bool_)
    last[:-1] = (claim[1:] != claim[:-1]) | (day[1:] != day[:-1])
    positions = np.where(last, np.arange(len(claim)), len(claim))
    return np.minimum.accumulate(positions[::-1])[::-1]


def borne_after_payment(borne: Integers, beneficiary: int, paid: Integers) -> Integers:
    """Return (claims, 1 + parties) what government and each party bears, once government has paid.

    `borne`: (claims, parties), what each party bore of the payout. Government's payment is taken
    off the beneficiary's amount, which it never exceeds, and put first.
    """
    left = borne.copy()
    left[:, beneficiary] -= paid
    return np.column_stack([paid, left])


def returned(
    claim: Integers,
    day: Integers,
    proceeds: Integers,
    cost: Integers,
    payout: Integers,
    weights: Integers,
    *,
    net: bool,
) -> Returned:
    """Return what each recovery distributes, and to whom.

    `claim`: (recoveries,) sorted, a row of `payout` (claims,) and of `weights` (claims,
    1 + parties), see `borne_after_payment`. Distributed to date is the highest net to date so
    far, at least 0 and at most the payout; what lies above the payout is surplus and left to the
    contract. Returned to date is `split` over the weights; a row holds the difference to the row
    before, so that no instalment is taken back and the rows add up.
    """
    start = segment_starts(claim)
    to_date = net_to_date(claim, day, proceeds, cost, net=net)
    highest = np.maximum(running_max(to_date, start), 0)
    cap = payout[claim]
    distributable = np.minimum(highest, cap)
    surplus = np.maximum(highest - cap, 0)
    parts = split(distributable, weights[claim])
    first = start == np.arange(len(claim))
    return Returned(
        _difference(distributable, first),
        _difference(surplus, first),
        np.column_stack([_difference(parts[:, k], first) for k in range(parts.shape[1])]),
        to_date,
        highest,
    )


def _difference(to_date: Integers, first: Flags) -> Integers:
    """Return what each row adds to the row before it in its claim."""
    before = np.where(first, 0, np.roll(to_date, 1))
    return to_date - before
