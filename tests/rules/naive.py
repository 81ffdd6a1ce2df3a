"""Contracts, releases and payouts as plain rows, and the same as columns for the rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from hypothesis import strategies as st

from compensation.columns import Integers
from compensation.ledger.books import Books
from compensation.ledger.portfolio import NO_DAY

EPOCH = date(1970, 1, 1)
INSTITUTIONS = 3
BORROWERS = 4
"""Of each institution."""


def day_number(day: date) -> int:
    return (day - EPOCH).days


DAYS = [
    *(date(2020, 12, 31), date(2021, 1, 1), date(2021, 7, 1), date(2021, 12, 30)),
    *(date(2021, 12, 31), date(2022, 1, 1), date(2022, 1, 2), date(2022, 6, 15)),
    *(date(2022, 12, 30), date(2022, 12, 31), date(2023, 1, 1), date(2023, 5, 5)),
]
"""Around the ends of years; few, so that things fall on the same day."""


@dataclass
class Contract:
    institution: int
    borrower: int
    amount: int
    start: date
    end: date | None = None
    partial: list[tuple[date, int]] = field(default_factory=list)
    payouts: list[tuple[date, int]] = field(default_factory=list)
    counted: bool = True

    @property
    def released(self) -> list[tuple[date, int]]:
        """Every release: the partial ones, and what remains on the contract's own day."""
        rest = self.amount - sum(amount for _, amount in self.partial)
        return self.partial if self.end is None else [*self.partial, (self.end, rest)]

    def balance(self, day: date) -> int:
        """At the end of the day."""
        if self.start > day:
            return 0
        return self.amount - sum(amount for on, amount in self.released if on <= day)

    def in_force(self, day: date) -> int:
        """On a payout day: what is released that day still counts."""
        if self.start > day:
            return 0
        return self.amount - sum(amount for on, amount in self.released if on < day)


@st.composite
def contracts(draw: st.DrawFn, most: int = 8) -> list[Contract]:
    rows = []
    for _ in range(draw(st.integers(0, most))):
        start = draw(st.sampled_from(DAYS))
        later = [day for day in DAYS if day >= start]
        end = draw(st.none() | st.sampled_from(later))
        amount = draw(st.sampled_from([1, 2, 100, 10**15 - 1]) | st.integers(1, 10**15 - 1))
        within = [day for day in later if end is None or day <= end]
        left, partial = amount, []
        for _ in range(draw(st.integers(0, 3))):
            part = draw(st.integers(0, left) | st.just(left))
            if part:
                partial.append((draw(st.sampled_from(within)), part))
            left -= part
        payouts = [
            (draw(st.sampled_from(later)), draw(st.integers(1, 2 * 10**15)))
            for _ in range(draw(st.integers(0, 2)))
        ]
        rows.append(
            Contract(
                draw(st.integers(0, INSTITUTIONS - 1)),
                draw(st.integers(0, BORROWERS - 1)),
                amount,
                start,
                end,
                partial,
                payouts,
                draw(st.booleans()),
            )
        )
    return rows


def integers(values: list[int]) -> Integers:
    return np.array(values, dtype=np.int64)


def books_of(
    rows: list[Contract],
    opening: dict[int, int] | None = None,
    opening_borrowers: dict[int, int] | None = None,
) -> Books:
    """The rows as columns; `opening*`: figures given, by institution."""
    given, counts = opening or {}, opening_borrowers or {}
    partial = [(k, *release) for k, row in enumerate(rows) for release in row.partial]
    payouts = [(k, *payout) for k, row in enumerate(rows) for payout in row.payouts]
    everyone = range(INSTITUTIONS)
    return Books(
        institutions=INSTITUTIONS,
        institution=integers([row.institution for row in rows]),
        borrower=integers([row.institution * BORROWERS + row.borrower for row in rows]),
        borrower_institution=np.repeat(np.arange(INSTITUTIONS), BORROWERS),
        guaranteed=integers([row.amount for row in rows]),
        start=integers([day_number(row.start) for row in rows]),
        release=integers([NO_DAY if row.end is None else day_number(row.end) for row in rows]),
        release_of=integers([of for of, _, _ in partial]),
        release_day=integers([day_number(day) for _, day, _ in partial]),
        release_amount=integers([amount for _, _, amount in partial]),
        payout_of=integers([of for of, _, _ in payouts]),
        payout_day=integers([day_number(day) for _, day, _ in payouts]),
        payout=integers([amount for _, _, amount in payouts]),
        opening_balance=integers([given.get(k, 0) for k in everyone]),
        opening_balance_given=np.array([k in given for k in everyone]),
        opening_borrowers=integers([counts.get(k, 0) for k in everyone]),
        opening_borrowers_given=np.array([k in counts for k in everyone]),
    )


def next_day(day: date) -> date:
    return day + timedelta(days=1)
