"""The indicators of institutions in a year. Source: the contract, section 3.

A measure is an amount (fen) or a count of each institution; an indicator is a measure, or one
measure over another, kept as numerator and denominator so that nothing is divided.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from compensation.columns import Flags, Integers, Whole, group_sum, numbered, some_at_a_time
from compensation.ledger.books import Books, Openings
from compensation.ledger.portfolio import NO_DAY
from compensation.policy.quantities import FLOWS, Measure
from compensation.rules import rationals
from compensation.rules.balances import balance, held_by, released_by, remainder
from compensation.rules.rationals import Rationals, summable


class Ratio(NamedTuple):
    """(institutions,) numerators over denominators; a denominator of 0 means undefined."""

    numerator: Integers
    denominator: Integers


@functools.lru_cache(maxsize=512)
def year_ends(year: int, begins: str | None = None) -> tuple[int, int]:
    """Return the last day of the year before, and of the year itself, as days since 1970-01-01.

    `begins`: the month and day on which years begin, if not 1 January; a year is that of its end.

    >>> [str(np.datetime64(day, "D")) for day in year_ends(2024, "11-01")]
    ['2023-10-31', '2024-10-31']
    """
    starts = (year - 1, year) if begins else (year, year + 1)
    first, after = (np.datetime64(f"{y:04d}-{begins or '01-01'}", "D") for y in starts)
    return int(first.astype(np.int64)) - 1, int(after.astype(np.int64)) - 1


def last_days(years: Integers) -> Integers:
    """Return 31 December of each year, as days since 1970-01-01."""
    after = (years - 1969).astype("datetime64[Y]").astype("datetime64[D]")
    return after.astype(np.int64) - 1


NO_YEAR = 0
"""Stands for the year of a day that is blank."""


def calendar_years(day: Integers) -> Integers:
    """Return the calendar year of each day; `NO_YEAR` for a blank one, `NO_DAY`."""
    years = np.where(day == NO_DAY, 0, day).astype("datetime64[D]").astype("datetime64[Y]")
    return np.where(day == NO_DAY, NO_YEAR, years.astype(np.int64) + 1970)


def policy_years(day: Integers, begins: str | None = None) -> Integers:
    """Return the year that each day lies in, as `year_ends` has it; `NO_YEAR` for a blank one.

    >>> policy_years(np.array([19661, 19662]), "11-01")  # 31 October and 1 November 2023
    array([2023, 2024])
    """
    years = calendar_years(day)
    if begins is None:
        return years
    return np.where(day == NO_DAY, NO_YEAR, years + (day >= first_days(years + 1, begins)))


def first_days(years: Integers, begins: str | None = None) -> Integers:
    """Return the first day of each year, as `year_ends` has it."""
    month, day = map(int, (begins or "01-01").split("-"))
    of = years - 1970 - (begins is not None)
    first = of.astype("datetime64[Y]").astype("datetime64[M]") + (month - 1)
    days: Integers = first.astype("datetime64[D]").astype(np.int64) + (day - 1)
    return days


def balances(books: Books, day: int) -> Integers:
    """Return (contracts,) what is guaranteed at the end of ``day``."""
    if day not in books.held:
        released = released_by(
            day, books.release_of, books.release_day, books.release_amount, len(books.guaranteed)
        )
        books.held[day] = balance(day, books.guaranteed, books.start, books.release, released)
    return books.held[day]


def closing_balance(books: Books, year: int, counted: Flags | None = None) -> Integers:
    """Return Σ balance at the end of 31 December of ``year``."""
    return _by_institution(books, balances(books, year_ends(year)[1]), counted)


def opening_balance(books: Books, year: int, counted: Flags | None = None) -> Integers:
    """Return Σ balance at the end of 31 December of the year before, or the given figure."""
    if counted is not None:
        return _by_institution(books, balances(books, year_ends(year)[0]), counted)
    derived = derived_openings(books, year).balance
    given = books.opening_balance_given & openings_count(books, year)
    return np.where(given, books.opening_balance, derived)


def derived_openings(books: Books, year: int) -> Openings:
    """Return the opening figures as they are derived, whether others are given or not."""
    if year not in books.openings:
        before = year_ends(year)[0]
        held = balances(books, before)
        older = np.zeros(books.institutions, dtype=np.bool_)
        older[books.institution[books.start <= before]] = True
        openings = Openings(
            _by_institution(books, held, None), _borrowers(books, held, None), older
        )
        books.openings[year] = openings
    return books.openings[year]


def closing_borrowers(books: Books, year: int, counted: Flags | None = None) -> Integers:
    """Return the number of borrowers with a balance at the end of the year."""
    return _borrowers(books, balances(books, year_ends(year)[1]), counted)


def opening_borrowers(books: Books, year: int, counted: Flags | None = None) -> Integers:
    """Return the number of borrowers with a balance at the end of the year before, or as given."""
    if counted is not None:
        return _borrowers(books, balances(books, year_ends(year)[0]), counted)
    derived = derived_openings(books, year).borrowers
    given = books.opening_borrowers_given & openings_count(books, year)
    return np.where(given, books.opening_borrowers, derived)


def openings_count(books: Books, year: int) -> Flags:
    """Return the institutions whose given opening figures, if any, are those of ``year``."""
    counts: Flags = ~books.opening_year_given | (books.opening_year == year)
    return counts


def new_guarantees(books: Books, year: int, counted: Flags | None = None) -> Integers:
    """Return the guaranteed amounts of the contracts started in the year."""
    begun = _counted(_within(books.start, year), counted)
    return group_sum(books.guaranteed[begun], books.institution[begun], books.institutions)


def released_amount(books: Books, year: int, counted: Flags | None = None) -> Integers:
    """Return everything released with a date in the year: partial releases, and remainders."""
    ended = _counted(_within(books.release, year), counted)
    ever = released_by(
        NO_DAY, books.release_of, books.release_day, books.release_amount, len(books.guaranteed)
    )[ended]
    rest = remainder(books.guaranteed[ended], books.release[ended], ever)
    full = group_sum(rest, books.institution[ended], books.institutions)
    due = _within(books.release_day, year)
    if counted is not None:
        due &= counted[books.release_of]
    of = books.institution[books.release_of[due]]
    return full + group_sum(books.release_amount[due], of, books.institutions)


def payout_amount(books: Books, year: int, counted: Flags | None = None) -> Integers:
    """Return Σ payouts of the claims paid out in the year."""
    due = _within(books.payout_day, year)
    if counted is not None:
        due &= counted[books.payout_of]
    of = books.institution[books.payout_of[due]]
    return group_sum(books.payout[due], of, books.institutions)


def month_end_balances(books: Books, year: int, counted: Flags | None = None) -> Integers:
    """Return Σ balance at the end of each month of the year, by the contracts alone."""
    months = np.arange(f"{year:04d}-02", f"{year + 1:04d}-02", dtype="datetime64[M]")
    nexts = months.astype("datetime64[D]").astype(np.int64)
    return _summed(books, [(day - 1, day) for day in nexts.tolist()], counted)


def balance_days(books: Books, year: int, counted: Flags | None = None) -> Integers:
    """Return Σ balance at the end of each day of the year, in fen times days.

    A given opening figure does not count: it says nothing of the days after. Raises `TooLarge`.
    """
    before, last = year_ends(year)
    return _summed(books, [(before + 1, last + 1)], counted)


def _summed(books: Books, days: Sequence[tuple[int, int]], counted: Flags | None) -> Integers:
    """Return Σ balance at the end of each day of some spans, from the first until the second."""
    held = held_by(books, np.arange(len(books.guaranteed)))
    summed = np.zeros(len(books.guaranteed), dtype=np.int64)
    for first, until in days:
        summed += held.balance_days(np.full_like(summed, first), np.full_like(summed, until))
    if counted is not None:
        summed = np.where(counted, summed, 0)
    return _by_institution(books, summable(summed), None)


def borrower_balance(books: Books, year: int) -> Integers:
    """Return (borrowers,) the whole balance of each borrower at the end of the year."""
    held = balances(books, year_ends(year)[1])
    return group_sum(held, books.borrower, len(books.borrower_institution))


def borrower_since(books: Books) -> Integers:
    """Return (borrowers,) the day on which the first contract of each borrower started."""
    first = np.full(len(books.borrower_institution), np.iinfo(np.int64).max)
    np.minimum.at(first, books.borrower, books.start.astype(np.int64))
    return first


def borrowers_of(books: Books, contracts: Integers) -> Ratio:
    """Return how many borrowers of each institution some contracts, rows of the books, have."""
    held = np.zeros(len(books.guaranteed), dtype=np.int64)
    held[contracts] = 1
    found = _borrowers(books, held, None)
    return Ratio(found, np.ones_like(found))


def sums_of(books: Books, values: Rationals, contracts: Integers) -> Ratio:
    """Return what the values of some rows come to for each institution.

    `contracts`: that of each row. Undefined where a value of the institution is not known. The
    values have few denominators, see `policy.variables.adds_up`; raises `TooLarge`.
    """
    institution = books.institution[contracts]
    numerators, unit = rationals.over_one_denominator(values)
    rationals.summable(abs(numerators))
    sums = group_sum(numerators, institution, books.institutions)
    missing = group_sum((~values.known).astype(np.int64), institution, books.institutions)
    return Ratio(sums, np.where(missing == 0, unit, 0))


MEASURES: Mapping[str, Callable[[Books, int, Flags | None], Integers]] = {
    "opening_balance": opening_balance,
    "closing_balance": closing_balance,
    "opening_borrowers": opening_borrowers,
    "closing_borrowers": closing_borrowers,
    "new_guarantees": new_guarantees,
    "released_amount": released_amount,
    "payout_amount": payout_amount,
    "month_end_balances": month_end_balances,
    "balance_days": balance_days,
}
"""Measures by the name that policies use; the year and the contracts counted are given."""


def regrouped(books: Books, group: Integers) -> Books:
    """Return the books with groups of contracts in place of institutions.

    `group`: of each contract, from 0; those of no group, −1, are a last one together. A borrower of
    several groups is one in each. Opening figures are those of the contracts: a given one is of an
    institution, and cannot be divided.
    """
    groups = int(group.max(initial=-1)) + 1
    own = np.where(group < 0, groups, group)
    borrowers = len(books.borrower_institution)
    borrower, first = numbered(own * borrowers + books.borrower)
    none, nothing = np.zeros(groups + 1, dtype=np.bool_), np.zeros(groups + 1, dtype=np.int64)
    return replace(
        books,
        institutions=groups + 1,
        institution=own,
        borrower=borrower,
        borrower_institution=own[first],
        opening_balance=nothing,
        opening_balance_given=none,
        opening_borrowers=nothing,
        opening_borrowers_given=none,
        opening_year=nothing,
        opening_year_given=none,
        openings={},
    )


@dataclass(frozen=True, eq=False)
class GroupsOfCases:
    """Gives measures of the groups of some cases' contracts, taken once one is asked for.

    `measure`: gives one for contracts, rows of the books. `contracts`: that of each case.
    """

    measure: Callable[[Measure, Integers, Integers | None], Ratio]
    contracts: Integers

    def __call__(self, of: Measure, day: Integers | None = None) -> Ratio:
        """Return a measure of each case's group, of the year or on the case's ``day``."""
        return self.measure(of, self.contracts, day)

    def at(self, rows: Integers) -> GroupsOfCases:
        """Return the same of the cases at ``rows``."""
        return replace(self, contracts=self.contracts[rows])


def measure(books: Books, of: str, year: int, years: int, counted: Flags | None) -> Ratio:
    """Return a measure of each institution, as a ratio because an average is half a sum.

    A flow is summed over the ``years`` up to and including ``year``.
    """
    if of == "average_balance":
        ends = [
            MEASURES[name](books, year, counted) for name in ("opening_balance", "closing_balance")
        ]
        return average(*ends)
    span = range(year - years + 1, year + 1) if of in FLOWS else (year,)
    total = np.zeros(books.institutions, dtype=np.int64)
    for one in span:
        total = summable(total + MEASURES[of](books, one, counted))
    return Ratio(total, np.ones(books.institutions, dtype=np.int64))


def average(opening: Integers, closing: Integers) -> Ratio:
    """Return (opening + closing) / 2."""
    return Ratio(opening + closing, np.full_like(opening, 2))


def over(part: Ratio, whole: Ratio) -> Ratio:
    """Return one measure over another; undefined where the whole is 0."""
    return Ratio(part.numerator * whole.denominator, whole.numerator * part.denominator)


def growth(ratio: Ratio) -> Ratio:
    """Return the ratio less one: closing / opening − 1; undefined where opening is 0."""
    return Ratio(ratio.numerator - ratio.denominator, ratio.denominator)


def zero_where_both_are(ratio: Ratio) -> Ratio:
    """Return the ratio with 0/0 read as 0; undefined only where the denominator alone is 0."""
    both = (ratio.numerator == 0) & (ratio.denominator == 0)
    return Ratio(ratio.numerator, np.where(both, 1, ratio.denominator))


def _within(day: Whole, year: int) -> Flags:
    before, last = year_ends(year)
    return (day > before) & (day <= last)


def _counted(rows: Flags, counted: Flags | None) -> Flags:
    """Return which of the rows count."""
    return rows if counted is None else rows & counted


def _by_institution(books: Books, amount: Integers, counted: Flags | None) -> Integers:
    return group_sum(amount, books.institution, books.institutions, counted)


def _borrowers(books: Books, held: Integers, counted: Flags | None) -> Integers:
    present = np.zeros(len(books.borrower_institution), dtype=np.bool_)
    for rows in some_at_a_time(len(held)):
        here = _counted(held[rows] > 0, None if counted is None else counted[rows])
        present[books.borrower[rows][here]] = True
    each = np.broadcast_to(np.int64(1), len(present))
    return group_sum(each, books.borrower_institution, books.institutions, present)
