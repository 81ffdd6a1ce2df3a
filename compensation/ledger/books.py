"""The columns that measures are taken from, of all contracts, releases and payouts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from compensation.columns import Flags, Integers, Whole


class Openings(NamedTuple):
    """(institutions,) what contracts say of the opening: fen, borrowers, whether any is older.

    `older`: whether any contract started before the year.
    """

    balance: Integers
    borrowers: Integers
    older: Flags


@dataclass(frozen=True, eq=False)
class Books:
    """The columns that measures are taken from, of all institutions together.

    Contracts: row of the institution, number of the borrower, fen, days. Releases and payouts:
    row of the contract, day, fen. `opening_*`: (institutions,) figures that replace the derived
    ones where `*_given`, of the year `opening_year` where that is known, else of any. `absent`: the
    tables among contracts and claims that there are not: what they would hold is not known.
    """

    institutions: int
    institution: Whole
    borrower: Whole
    borrower_institution: Whole
    guaranteed: Integers
    start: Whole
    release: Whole
    release_of: Whole
    release_day: Whole
    release_amount: Integers
    payout_of: Whole
    payout_day: Whole
    payout: Integers
    opening_balance: Integers
    opening_balance_given: Flags
    opening_borrowers: Integers
    opening_borrowers_given: Flags
    opening_year: Integers
    opening_year_given: Flags
    absent: frozenset[str] = frozenset()
    held: dict[int, Integers] = field(default_factory=dict, repr=False)
    """Balances by day, once they have been asked for."""
    openings: dict[int, Openings] = field(default_factory=dict, repr=False)
    """Opening figures by year, once they have been asked for."""
