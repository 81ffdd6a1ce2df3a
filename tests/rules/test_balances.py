"""What is in force on a day, against the rows of the contracts one by one."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compensation.ledger.portfolio import NO_DAY
from compensation.policy.quantities import FLOWS, ON_A_DAY
from compensation.rules.balances import (
    balance,
    held_by,
    on_days,
    released_by,
    remainder,
)
from compensation.rules.indicators import calendar_years, first_days
from tests.rules.naive import BORROWERS, DAYS, Contract, books_of, contracts, day_number, integers

JUNE = date(2022, 6, 15)


@given(contracts(), st.sampled_from(DAYS))
def test_balance_at_the_end_of_a_day(rows: list[Contract], day: date) -> None:
    books, number = books_of(rows), day_number(day)
    released = released_by(
        number, books.release_of, books.release_day, books.release_amount, len(rows)
    )
    got = balance(number, books.guaranteed, books.start, books.release, released)
    assert got.tolist() == [row.balance(day) for row in rows]
    assert (got >= 0).all()


@given(contracts(), st.sampled_from(DAYS), st.sampled_from(DAYS))
def test_balances_of_days_added_up(rows: list[Contract], first: date, last: date) -> None:
    """Σ balance day by day; a contract may be asked for several times, or not at all."""
    asked = [*range(len(rows)), *range(len(rows))][1:]
    held = held_by(books_of(rows), integers(asked))
    begin, until = (np.full(len(asked), day_number(day)) for day in (first, last))
    days = [first + timedelta(n) for n in range(max((last - first).days, 0))]
    daily = [[rows[row].balance(day) for day in days] for row in asked]
    assert held.balance_days(begin, until).tolist() == [sum(each) for each in daily]
    for row, each in enumerate(daily):
        periods = list(held.periods(row, day_number(first), day_number(last)))
        assert [p.fen for p in periods for _ in range(p.until - p.first) if p.fen] == [
            fen for fen in each if fen
        ]


@given(contracts())
def test_the_remainder_is_released_on_the_contracts_own_day(rows: list[Contract]) -> None:
    books = books_of(rows)
    ever = released_by(NO_DAY, books.release_of, books.release_day, books.release_amount, len(rows))
    rest = remainder(books.guaranteed, books.release, ever)
    for row, left in zip(rows, rest.tolist(), strict=True):
        assert left == (0 if row.end is None else row.released[-1][1])


def exposures(rows: list[Contract], asked: list[tuple[int, date]]) -> list[int]:
    return measured("exposure", rows, asked)


def measured(
    of: str,
    rows: list[Contract],
    asked: list[tuple[int, date]],
    where: bool = False,
    years: int = 1,
) -> list[int]:
    books = books_of(rows)
    borrowers = integers([borrower for borrower, _ in asked])
    days = integers([day_number(day) for _, day in asked])
    counted = np.array([row.counted for row in rows], dtype=np.bool_) if where else None
    first = first_days(calendar_years(days) - years + 1)
    got = on_days(books, of, borrowers, days, books.borrower, first, counted)
    assert got.dtype == np.int64
    in_fen: list[int] = got.tolist()
    return in_fen


def naive(rows: list[Contract], borrower: int, day: date) -> int:
    own = [row for row in rows if row.institution * BORROWERS + row.borrower == borrower]
    return sum(row.in_force(day) for row in own)


@pytest.mark.slow
@given(
    contracts(most=16),
    st.lists(st.tuples(st.integers(0, 11), st.sampled_from(DAYS)), max_size=12),
)
@example([Contract(0, 0, 5, JUNE, JUNE, [(JUNE, 2)])], [(0, JUNE)])
@example([Contract(0, 0, 7, JUNE) for _ in range(9)], [(0, JUNE), (1, JUNE), (0, date(2022, 1, 1))])
def test_exposure_of_a_borrower_on_a_day(
    rows: list[Contract], asked: list[tuple[int, date]]
) -> None:
    assert exposures(rows, asked) == [naive(rows, borrower, day) for borrower, day in asked]


def of_row(of: str, row: Contract, day: date, years: int) -> int:
    """Return a measure of one contract on a day, from what happened when."""
    year = date(day.year, 1, 1)
    flows = {
        "payout_amount": row.payouts,
        "new_guarantees": [(row.start, row.amount)],
        "released_amount": row.released,
    }
    if of in flows:
        first = date(day.year - years + 1, 1, 1)
        return sum(fen for on, fen in flows[of] if first <= on <= day)
    return row.balance(year - timedelta(1) if of == "opening_balance" else day)


@pytest.mark.slow
@given(
    contracts(),
    st.lists(st.tuples(st.integers(0, 11), st.sampled_from(DAYS)), max_size=8),
    st.sampled_from(sorted(ON_A_DAY - {"exposure"})),
    st.booleans(),
    st.integers(1, 3),
)
def test_measures_of_a_group_on_a_day(
    rows: list[Contract], asked: list[tuple[int, date]], of: str, where: bool, years: int
) -> None:
    """Of the contracts that count; a flow from the beginning of the day's year, or an earlier."""
    years = years if of in FLOWS else 1  # a policy says no more of what is of one day
    expected = [
        sum(
            of_row(of, row, day, years)
            for row in rows
            if row.institution * BORROWERS + row.borrower == borrower and (row.counted or not where)
        )
        for borrower, day in asked
    ]
    assert measured(of, rows, asked, where, years) == expected


def test_a_release_counts_from_the_day_after() -> None:
    end = date(2022, 12, 30)
    row = Contract(0, 0, 1000, JUNE, end, [(JUNE, 300), (date(2022, 7, 1), 200)])
    days = [date(2022, 6, 14), JUNE, date(2022, 6, 16), date(2022, 7, 1), date(2022, 7, 2)]
    days += [end, date(2022, 12, 31)]
    assert exposures([row], [(0, day) for day in days]) == [0, 1000, 700, 700, 500, 500, 0]


def test_exposure_over_thousands_of_contracts_of_one_borrower() -> None:
    source = np.random.default_rng(1)
    rows = [
        Contract(0, int(k), int(amount), DAYS[start], None if end < start else DAYS[end])
        for k, amount, start, end in zip(
            source.integers(0, 2, 3000),
            source.integers(1, 10**12, 3000),
            source.integers(0, len(DAYS), 3000),
            source.integers(0, len(DAYS), 3000),
            strict=True,
        )
    ]
    asked = [(borrower, day) for borrower in range(2) for day in DAYS]
    assert exposures(rows, asked) == [naive(rows, borrower, day) for borrower, day in asked]


def test_days_from_the_first_to_the_last_calendar_year() -> None:
    first, last = date(1, 1, 1), date(9999, 12, 31)
    rows = [Contract(0, 0, 5, first, last), Contract(0, 1, 7, last)]
    asked = [(0, first), (0, last), (1, last), (1, first), (2, last)]
    assert exposures(rows, asked) == [5, 5, 7, 0, 0]


def test_nothing_at_all() -> None:
    assert exposures([], []) == []
    assert exposures([], [(0, JUNE)]) == [0]
