"""Measures and ratios against the rows of the contracts one by one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.money import MAX_TOTAL_FEN
from compensation.policy.quantities import FLOWS
from compensation.rules import indicators
from compensation.rules.indicators import (
    MEASURES,
    Ratio,
    borrower_balance,
    growth,
    measure,
    over,
    policy_years,
    year_ends,
    zero_where_both_are,
)
from compensation.rules.rationals import TooLarge
from tests.rules.naive import INSTITUTIONS, Contract, books_of, contracts, day_number, integers

YEARS = st.sampled_from([2021, 2022, 2023])


def closing_balance(rows: list[Contract], year: int) -> int:
    return sum(row.balance(date(year, 12, 31)) for row in rows)


def closing_borrowers(rows: list[Contract], year: int) -> int:
    held: dict[int, int] = {}
    for row in rows:
        held[row.borrower] = held.get(row.borrower, 0) + row.balance(date(year, 12, 31))
    return sum(amount > 0 for amount in held.values())


NAIVE: dict[str, Callable[[list[Contract], int], int]] = {
    "opening_balance": lambda rows, year: closing_balance(rows, year - 1),
    "closing_balance": closing_balance,
    "opening_borrowers": lambda rows, year: closing_borrowers(rows, year - 1),
    "closing_borrowers": closing_borrowers,
    "new_guarantees": lambda rows, year: sum(r.amount for r in rows if r.start.year == year),
    "released_amount": lambda rows, year: sum(
        amount for row in rows for day, amount in row.released if day.year == year
    ),
    "payout_amount": lambda rows, year: sum(
        amount for row in rows for day, amount in row.payouts if day.year == year
    ),
    "month_end_balances": lambda rows, year: sum(
        row.balance(date(year + month // 12, month % 12 + 1, 1) - timedelta(1))
        for row in rows
        for month in range(1, 13)
    ),
    "balance_days": lambda rows, year: sum(
        row.balance(date.fromordinal(day))
        for row in rows
        for day in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal())
    ),
}


def by_institution(rows: list[Contract]) -> list[list[Contract]]:
    return [[row for row in rows if row.institution == k] for k in range(INSTITUTIONS)]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAIVE)
@given(rows=contracts(), year=YEARS, some=st.booleans(), years=st.integers(1, 3))
def test_measures(name: str, rows: list[Contract], year: int, some: bool, years: int) -> None:
    counted = np.array([row.counted for row in rows], dtype=np.bool_) if some else None
    chosen = [row for row in rows if row.counted or not some]
    span = range(year - years + 1, year + 1) if name in FLOWS else [year]
    expected = [sum(NAIVE[name](own, one) for one in span) for own in by_institution(chosen)]
    if sum(expected) > MAX_TOTAL_FEN:
        with pytest.raises(TooLarge):
            measure(books_of(rows), name, year, years, counted)
        return
    got = measure(books_of(rows), name, year, years, counted)
    assert got.numerator.tolist() == expected
    assert got.denominator.tolist() == [1] * INSTITUTIONS
    assert {column.dtype for column in got} == {np.dtype(np.int64)}


def test_every_measure_is_tested() -> None:
    assert NAIVE.keys() == MEASURES.keys()


@pytest.mark.slow
@given(contracts(), YEARS, st.booleans())
def test_an_average_is_half_the_sum_of_both_ends(
    rows: list[Contract], year: int, some: bool
) -> None:
    counted = np.array([row.counted for row in rows], dtype=np.bool_) if some else None
    chosen = [row for row in rows if row.counted or not some]
    got = measure(books_of(rows), "average_balance", year, 1, counted)
    sums = [closing_balance(r, year - 1) + closing_balance(r, year) for r in by_institution(chosen)]
    assert got.numerator.tolist() == sums
    assert got.denominator.tolist() == [2] * INSTITUTIONS


@given(contracts(), YEARS)
def test_a_borrowers_balance_is_of_all_its_contracts(rows: list[Contract], year: int) -> None:
    end = date(year, 12, 31)
    expected = [
        sum(
            other.balance(end)
            for other in rows
            if (other.institution, other.borrower) == (row.institution, row.borrower)
        )
        for row in rows
    ]
    books = books_of(rows)
    assert borrower_balance(books, year)[books.borrower].tolist() == expected


@given(contracts(), st.dictionaries(st.integers(0, 2), st.integers(0, 10**15 - 1)))
def test_given_opening_figures_replace_derived_ones(
    rows: list[Contract], given_: dict[int, int]
) -> None:
    books = books_of(rows, given_, given_)
    for name in ("opening_balance", "opening_borrowers"):
        derived = [NAIVE[name](own, 2022) for own in by_institution(rows)]
        got = MEASURES[name](books, 2022, None).tolist()
        assert got == [given_.get(k, derived[k]) for k in range(INSTITUTIONS)]
        counted = np.ones(len(rows), dtype=np.bool_)
        assert MEASURES[name](books, 2022, counted).tolist() == derived, "of some contracts only"


def test_a_contract_may_start_and_end_on_one_day_and_on_the_ends_of_the_year() -> None:
    old, new = date(2021, 12, 31), date(2022, 12, 31)
    rows = [
        Contract(0, 0, 100, old),
        Contract(0, 1, 200, old, new),
        Contract(1, 0, 300, new, new),
        Contract(2, 0, 400, date(2022, 1, 1), date(2023, 1, 1), [(new, 399)]),
    ]
    books = books_of(rows)
    assert MEASURES["opening_balance"](books, 2022, None).tolist() == [300, 0, 0]
    assert MEASURES["opening_borrowers"](books, 2022, None).tolist() == [2, 0, 0]
    assert MEASURES["closing_balance"](books, 2022, None).tolist() == [100, 0, 1]
    assert MEASURES["closing_borrowers"](books, 2022, None).tolist() == [1, 0, 1]
    assert MEASURES["released_amount"](books, 2022, None).tolist() == [200, 300, 399]
    assert MEASURES["new_guarantees"](books, 2022, None).tolist() == [0, 300, 400]


def test_a_contract_repaid_in_full_by_partial_releases_is_no_borrower() -> None:
    day = date(2022, 5, 5)
    rows = [Contract(0, 0, 10, day, None, [(day, 4), (date(2022, 12, 31), 6)])]
    assert MEASURES["closing_borrowers"](books_of(rows), 2022, None).tolist() == [0, 0, 0]


def test_growth_and_undefined_ratios() -> None:
    """Columns: 0/0, 5/0, 0/5, 5/5, 11/10, 9/10."""
    part, whole = integers([0, 5, 0, 5, 11, 9]), integers([0, 0, 5, 5, 10, 10])
    ones = np.ones(6, dtype=np.int64)
    ratio = over(Ratio(part, ones), Ratio(whole, ones))
    assert ratio.denominator.tolist() == [0, 0, 5, 5, 10, 10]
    grown = growth(ratio)
    assert grown.numerator.tolist() == [0, 5, -5, 0, 1, -1]
    assert grown.denominator.tolist() == [0, 0, 5, 5, 10, 10]
    rate = zero_where_both_are(ratio)
    assert rate.numerator.tolist() == [0, 5, 0, 5, 11, 9]
    assert rate.denominator.tolist() == [1, 0, 5, 5, 10, 10]


def test_a_ratio_to_an_average_counts_its_half() -> None:
    ratio = over(
        Ratio(integers([30]), integers([1])),
        Ratio(integers([40 + 20]), integers([2])),
    )
    assert (ratio.numerator / ratio.denominator).tolist() == [1.0]
    assert ratio.numerator.dtype == ratio.denominator.dtype == np.int64


@pytest.mark.parametrize("year", [1, 4, 1969, 1970, 2000, 2022, 2024, 9999])
def test_ends_of_years(year: int) -> None:
    before, last = year_ends(year)
    assert last == day_number(date(year, 12, 31))
    assert last - before == 365 + (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))


@given(
    st.dates(date(1960, 1, 1), date(2060, 1, 1)),
    st.none() | st.sampled_from(["01-02", "02-28", "09-21", "12-28"]),
    st.integers(-1, 1),
)
def test_the_year_of_a_day_is_the_one_between_whose_ends_it_lies(
    day: date, begins: str | None, near: int
) -> None:
    ends = year_ends(day.year, begins)
    days = integers([day_number(day), *(end + near for end in ends)])
    for each, year in zip(days.tolist(), policy_years(days, begins).tolist(), strict=True):
        before, last = year_ends(year, begins)
        assert before < each <= last


def test_balances_of_a_day_are_computed_once() -> None:
    books = books_of([Contract(0, 0, 5, date(2021, 1, 1))])
    assert indicators.balances(books, 20_000) is indicators.balances(books, 20_000)
