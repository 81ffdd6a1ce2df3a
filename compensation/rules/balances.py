"""What is guaranteed on a day: by contract, and by borrower.

Source: the contract, sections 3 and 4.

Amounts are int64 fen, days count from 1970-01-01; a contract that is not released has a
release day after every real day.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from compensation.columns import Integers, Whole, group_sum
from compensation.ledger.books import Books
from compensation.ledger.portfolio import NO_DAY
from compensation.money import MAX_TOTAL_FEN
from compensation.rules.rationals import TooLarge


def released_by(day: int, of: Whole, on: Whole, amount: Integers, contracts: int) -> Integers:
    """Return for each contract its partial releases dated on or before ``day``, in fen.

    `of`: (releases,) row of the contract; `on`: (releases,) day; `amount`: (releases,) fen.
    """
    return group_sum(amount, of, contracts, on <= day)


def balance(
    day: int, guaranteed: Integers, start: Whole, release: Whole, released: Integers
) -> Integers:
    """Return what is guaranteed under each contract at the end of ``day``.

    The guaranteed amount if the contract started on or before the day, less everything released
    on or before it; `released`: its partial releases up to the day, see `released_by`.
    """
    held = guaranteed - released
    held *= (start <= day) & (release > day)
    return held


def remainder(guaranteed: Integers, release: Whole, released_ever: Integers) -> Integers:
    """Return what is still guaranteed on a contract's own release day, and so released by it."""
    return np.where(release != NO_DAY, guaranteed - released_ever, 0)


class Period(NamedTuple):
    """Days from `first` until the day `until`, on which the balance is `fen`."""

    first: int
    until: int
    fen: int


class Held(NamedTuple):
    """(rows,) contracts as their balances fall: fen, first day, day of the release.

    `of`, `day`, `fen`: (releases,) row, day and amount of each partial release, by row and day.
    """

    guaranteed: Integers
    start: Integers
    release: Integers
    of: Integers
    day: Integers
    fen: Integers

    def at(self, rows: Integers) -> Held:
        """Return the contracts at ``rows``, each with its releases."""
        begins, ends = (np.searchsorted(self.of, rows, side=side) for side in ("left", "right"))
        count = ends - begins
        of = np.repeat(np.arange(len(rows)), count)
        place = np.arange(len(of)) + np.repeat(begins - np.cumsum(count) + count, count)
        return Held(
            self.guaranteed[rows],
            self.start[rows].astype(np.int64),
            self.release[rows].astype(np.int64),
            of,
            self.day[place].astype(np.int64),
            self.fen[place],
        )

    def balance_days(self, first: Integers, until: Integers) -> Integers:
        """Return (rows,) Σ balance at the end of each day from ``first`` until ``until``.

        In fen times days; the day ``until`` does not count. Raises `TooLarge` beyond what is exact.
        """
        begins, ends = np.maximum(first, self.start), np.minimum(until, self.release)
        days = np.maximum(ends - begins, 0)
        if int(self.guaranteed.max(initial=0)) * int(days.max(initial=0)) > MAX_TOTAL_FEN:
            raise TooLarge
        # What is released does not count from its day on.
        after = np.maximum(ends[self.of] - np.maximum(first[self.of], self.day), 0)
        total: Integers = self.guaranteed * days
        return total - group_sum(self.fen * after, self.of, len(days))

    def periods(self, row: int, first: int, until: int) -> Iterator[Period]:
        """Yield the periods of a row in which its balance stays the same, in order."""
        begins, ends = max(first, int(self.start[row])), min(until, int(self.release[row]))
        own = np.flatnonzero(self.of == row)
        changes = {begins, *(int(day) for day in self.day[own] if begins < day < ends), ends}
        days = sorted(changes) if begins < ends else []
        for begin, end in itertools.pairwise(days):
            released = int(self.fen[own][self.day[own] <= begin].sum())
            yield Period(begin, end, int(self.guaranteed[row]) - released)


def held_by(books: Books, contract: Integers) -> Held:
    """Return the contracts at the rows ``contract`` of the books, each with its releases."""
    order = np.lexsort((books.release_day, books.release_of))
    releases = (books.release_of, books.release_day, books.release_amount)
    every = Held(books.guaranteed, books.start, books.release, *(each[order] for each in releases))
    return every.at(contract)


def exposure(
    borrower: Integers,
    day: Integers,
    events: tuple[Integers, Integers, Integers],
) -> Integers:
    """Return what is in force for each ``borrower`` on each ``day``.

    Contracts started on or before the day, less everything released before it: a release counts
    from the day after. `events`: borrower, the day from which it counts, and fen (negative for a
    release); see `exposure_events`. The running total over a borrower's events answers every day
    at once, whatever the number of contracts and claims.
    """
    of, since, amount = events
    order = np.lexsort((since, of))
    key = _key(of[order], since[order])
    total = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(amount[order])])
    until = np.searchsorted(key, _key(borrower, day), side="right")
    before = np.searchsorted(key, _key(borrower, np.full_like(day, _BEFORE_ALL)), side="left")
    result: Integers = total[until] - total[before]
    return result


def exposure_events(
    of: Integers,
    guaranteed: Integers,
    start: Integers,
    release: Integers,
    released_ever: Integers,
    partial_of: Integers,
    partial_day: Integers,
    partial_amount: Integers,
) -> tuple[Integers, Integers, Integers]:
    """Return what changes borrowers' exposure: starts, and releases from the day after.

    `of`, `guaranteed`, `start`, `release`, `released_ever`: (contracts,) the contract's borrower,
    its terms and its partial releases in all; `partial_*`: (releases,) borrower, day and fen.
    """
    ended = release != NO_DAY
    left = remainder(guaranteed, release, released_ever)
    return (
        np.concatenate([of, of[ended], partial_of]),
        np.concatenate([start, release[ended] + 1, partial_day + 1]),
        np.concatenate([guaranteed, -left[ended], -partial_amount]),
    )


_BEFORE_ALL = -(1 << 20)
"""A day before any date."""


def _key(borrower: Integers, day: Integers) -> Integers:
    """Return one number that sorts by borrower, then by day; days have far fewer than 32 bits."""
    return (borrower << 32) + day
