"""What is guaranteed on a day: by contract, and by group of contracts, such as a borrower's.

Source: the contract, sections 3 and 4.

Amounts are int64 fen, days count from 1970-01-01; a contract that is not released has a
release day after every real day.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from compensation.columns import Flags, Integers, Whole, group_sum
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


class Changes(NamedTuple):
    """What changes a figure of groups: of which group, from which day on, and by how many fen."""

    of: Integers
    since: Integers
    fen: Integers

    def and_(self, other: Changes) -> Changes:
        """Return these changes and others."""
        return Changes(*map(np.concatenate, zip(self, other, strict=True)))

    def up_to(self, of: Integers, day: Integers, first: Integers) -> Integers:
        """Return what they come to in each group ``of``, from the day ``first`` up to a ``day``.

        The running total over the changes of a group answers every day at once, whatever their
        number and that of the questions.
        """
        order = np.lexsort((self.since, self.of))
        key = _key(self.of[order], self.since[order])
        total = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(self.fen[order])])
        until = np.searchsorted(key, _key(of, day), side="right")
        before = np.searchsorted(key, _key(of, first), side="left")
        result: Integers = total[until] - total[before]
        return result


def on_days(
    books: Books,
    of: str,
    asked: Integers,
    day: Integers,
    group: Whole,
    first: Integers | None = None,
    counted: Flags | None = None,
) -> Integers:
    """Return a measure of each group ``asked`` as it stands on each ``day``, in fen.

    ``exposure``: contracts started on or before the day, less everything released before it: a
    release counts from the day after. Balances: at the end of the day, or of the year before. Any
    other: from the day ``first`` on, the beginning of a year, up to the day.
    `group`: of each contract of the books. `counted`: which of them count; None: all.
    """
    groups = 1 + max(int(each.max(initial=0)) for each in (asked, group))
    concerned = np.zeros(groups, dtype=np.bool_)
    concerned[asked] = True
    counts = concerned[group] if counted is None else concerned[group] & counted
    if of == "payout_amount":
        rows = np.flatnonzero(counts[books.payout_of])
        changes = _changes(group[books.payout_of[rows]], books.payout_day[rows], books.payout[rows])
    elif of == "new_guarantees":
        changes = _starts(books, group, counts)
    elif of == "released_amount":
        changes = _releases(books, group, counts)
    else:
        released = _releases(books, group, counts)
        since = released.since + (of == "exposure")
        falls = released._replace(since=since, fen=-released.fen)
        changes = _starts(books, group, counts).and_(falls)
        if of == "opening_balance":
            assert first is not None
            day = first - 1
        first = None
    return changes.up_to(asked, day, np.full_like(day, _BEFORE_ALL) if first is None else first)


def _starts(books: Books, group: Whole, counts: Flags) -> Changes:
    rows = np.flatnonzero(counts)
    return _changes(group[rows], books.start[rows], books.guaranteed[rows])


def _releases(books: Books, group: Whole, counts: Flags) -> Changes:
    """Return what is released: in part, and what is left on a contract's own release day."""
    parts = np.flatnonzero(counts[books.release_of])
    of, day, fen = (
        each[parts] for each in (books.release_of, books.release_day, books.release_amount)
    )
    ended = np.flatnonzero(counts & (books.release != NO_DAY))
    ever = released_by(NO_DAY, of, day, fen, len(counts))
    left = remainder(books.guaranteed[ended], books.release[ended], ever[ended])
    at_the_end = _changes(group[ended], books.release[ended], left)
    return _changes(group[of], day, fen).and_(at_the_end)


def _changes(of: Whole, since: Whole, fen: Integers) -> Changes:
    return Changes(of.astype(np.int64), since.astype(np.int64), fen)


_BEFORE_ALL = -(1 << 20)
"""A day before any date."""


def _key(group: Integers, day: Integers) -> Integers:
    """Return one number that sorts by group, then by day; days have far fewer than 32 bits."""
    return (group << 32) + day
