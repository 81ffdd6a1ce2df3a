"""Quantities on columns, against a reading of the same quantities row by row, in fractions."""

from __future__ import annotations

import calendar
import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.columns import Flags, Integers
from compensation.money import MAX_TOTAL_FEN
from compensation.policy.kinds import Kind
from compensation.policy.model import Operation, Quantity
from compensation.policy.reading import built
from compensation.policy.variables import YEAR_DAYS, YEAR_END, YEAR_START, inferred_kind
from compensation.rules.caps import in_fen
from compensation.rules.measured import months_after, period_end, whole_months
from compensation.rules.quantities import Evaluator
from compensation.rules.rationals import TooLarge
from compensation.rules.variables import Variable
from compensation.schema.column import ColumnType
from tests.explanation import recompute
from tests.oracle_reading import split
from tests.rules.naive import EPOCH, day_number, integers
from tests.rules.policies import policy_with_series

POLICY = policy_with_series()
PARTIES = ("institution", "lender")
MONEY = ("claims.payout", "claims.principal", "claims.other_aid")
RATIO = ("contracts.loan_rate", "contracts.score")
COUNT = ("contracts.months",)
DATES = ("claims.payout_date", "claims.filed_on")
TYPES = {
    **dict.fromkeys(MONEY, ColumnType.MONEY),
    **dict(zip(RATIO, (ColumnType.SHARE, ColumnType.DECIMAL), strict=True)),
    **dict.fromkeys(COUNT, ColumnType.COUNT),
    **dict.fromkeys(DATES, ColumnType.DATE),
}
UNITS = {ColumnType.MONEY: 100, ColumnType.SHARE: 1_000_000, ColumnType.DECIMAL: 10_000}
YEAR = (datetime.date(2022, 1, 1), datetime.date(2022, 12, 31))
Row = dict[str, int | None]
"""The cells of a row in fen, millionths, a count or days; None: blank."""


# Months


def later(day: datetime.date, months: int) -> datetime.date:
    """Return the same day of the month, or the month's last day."""
    month = day.year * 12 + day.month - 1 + months
    year, of_year = divmod(month, 12)
    last = calendar.monthrange(year, of_year + 1)[1]
    return datetime.date(year, of_year + 1, min(day.day, last))


DAYS = st.dates(datetime.date(1950, 1, 1), datetime.date(2100, 12, 31)) | st.sampled_from(
    [
        datetime.date(year, month, day)
        for year in (2023, 2024)
        for month, day in ((1, 31), (2, 28), (3, 1), (3, 31), (4, 30), (12, 31))
    ]
    + [datetime.date(2024, 2, 29), datetime.date(2000, 2, 29)]
)


@given(st.lists(st.tuples(DAYS, st.integers(-500, 500)), max_size=6))
def test_months_after_a_day(rows: list[tuple[datetime.date, int]]) -> None:
    days = integers([day_number(day) for day, _ in rows])
    got = months_after(days, integers([months for _, months in rows]))
    assert got.dtype == np.int64
    assert got.tolist() == [day_number(later(day, months)) for day, months in rows]


@given(st.lists(DAYS, max_size=6), st.sampled_from([1, 3, 6, 12]))
def test_the_last_day_of_a_period(days: list[datetime.date], months: int) -> None:
    got = period_end(integers([day_number(day) for day in days]), months).tolist()
    last = [-(-day.month // months) * months for day in days]
    ends = [
        datetime.date(day.year, month, calendar.monthrange(day.year, month)[1])
        for day, month in zip(days, last, strict=True)
    ]
    assert got == [day_number(end) for end in ends]


@given(st.lists(st.tuples(DAYS, DAYS), max_size=6))
def test_whole_months_between_days(rows: list[tuple[datetime.date, datetime.date]]) -> None:
    """The largest number of months after which the second day has not passed."""
    first, last = (integers([day_number(row[k]) for row in rows]) for k in (0, 1))
    got = whole_months(first, last).tolist()
    for (start, end), months in zip(rows, got, strict=True):
        assert later(start, months) <= end < later(start, months + 1)


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        ((2023, 1, 31), (2023, 2, 28), 1),
        ((2024, 1, 31), (2024, 2, 28), 0),
        ((2024, 1, 31), (2024, 2, 29), 1),
        ((2024, 2, 29), (2025, 2, 28), 12),
        ((2024, 2, 29), (2024, 3, 28), 0),
        ((2024, 2, 29), (2024, 3, 29), 1),
        ((2024, 3, 31), (2024, 2, 29), -1),
        ((2024, 3, 15), (2024, 3, 15), 0),
        ((2024, 3, 15), (2024, 3, 14), -1),
    ],
)
def test_whole_months_at_the_ends_of_months(
    first: tuple[int, int, int], last: tuple[int, int, int], months: int
) -> None:
    days = (integers([day_number(datetime.date(*day))]) for day in (first, last))
    assert whole_months(*days).tolist() == [months]


# Random quantities


def money(depth: int) -> st.SearchStrategy[Any]:
    amount = st.sampled_from(MONEY)
    if not depth:
        return amount
    inner, plain = money(depth - 1), ratio(depth - 1)
    few = st.lists(inner | st.sampled_from(["1000", "0.01"]), min_size=1, max_size=2)
    mixed = st.tuples(inner, few).map(lambda pair: [pair[0], *pair[1]])
    return amount | st.one_of(
        *(st.fixed_dictionaries({name: mixed}) for name in ("sum", "minus", "min", "max")),
        st.fixed_dictionaries({"first_given": mixed}),
        rounded(inner, ["0.01", "0.5", "100", "30000"]),
        st.fixed_dictionaries({"times": st.tuples(inner, plain).map(list)}),
        st.fixed_dictionaries(
            {"over": st.tuples(inner, st.sampled_from(["12", *RATIO])).map(list)}
        ),
        st.fixed_dictionaries({"borne_by": st.sampled_from(PARTIES), "of": inner}),
        st.fixed_dictionaries(
            {
                "on": st.sampled_from(DATES),
                "values": st.tuples(inner, inner).map(
                    lambda pair: [
                        {"from": datetime.date(2022, 1, 1), "value": pair[0]},
                        {"from": datetime.date(2022, 7, 1), "value": pair[1]},
                    ]
                ),
            }
        ),
    )


def rounded(of: st.SearchStrategy[Any], units: list[str]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {"round_to": st.sampled_from(units), "of": of},
        optional={"rounding": st.sampled_from(["down", "up", "half_up"])},
    )


def ratio(depth: int) -> st.SearchStrategy[Any]:
    plain = st.sampled_from([*RATIO, "0.8", "1.5", "0"])
    reading = {"series": "lpr", "on": "claims.payout_date", "term": "contracts.months"}
    if not depth:
        return plain
    amount = money(depth - 1)
    share = st.fixed_dictionaries(
        {"over": st.tuples(amount, amount).map(list)},
        optional={"zero_over_zero": st.just("zero")},
    )
    # Ratios that every number alone beside them leaves ratios.
    own = st.sampled_from([*RATIO]) | share | st.just(reading)
    own |= rounded(own, ["0.01", "0.000003"])
    return plain | own | st.fixed_dictionaries({"sum": st.tuples(own, plain).map(list)})


def count(depth: int) -> st.SearchStrategy[Any]:
    dates = st.lists(st.sampled_from([*DATES, datetime.date(2022, 2, 28)]), min_size=2, max_size=2)
    days = st.sampled_from(["days", "days_in_year"])
    spans = st.tuples(days, dates).map(lambda pair: {pair[0]: pair[1]})
    months = st.fixed_dictionaries({"months": dates})
    if not depth:
        return st.sampled_from(COUNT) | spans | months
    return st.fixed_dictionaries({"max": st.tuples(spans, st.just("1")).map(list)}) | (
        st.fixed_dictionaries({"over": st.tuples(months, st.just("12")).map(list)})
    )


def made(written: Any) -> Quantity:
    """Return a quantity of the model; a text that is a number is that number."""
    if isinstance(written, str):
        return written if "." in written and written[0].isalpha() else Decimal(written)
    if not isinstance(written, dict):
        quantity: Quantity = written
        return quantity

    def filled(value: Any) -> Any:
        if isinstance(value, str) and value[0].isdigit():
            return Decimal(value)
        if isinstance(value, list):
            return [filled(each) for each in value]
        if isinstance(value, dict):
            return {key: filled(each) for key, each in value.items()}
        return value

    return built(Operation, filled(written))


CELL = {
    ColumnType.MONEY: st.sampled_from([0, 1, 333, 100_000, 10**15 - 1]) | st.integers(0, 10**9),
    ColumnType.SHARE: st.sampled_from([0, 1, 333_333, 1_000_000]),
    ColumnType.DECIMAL: st.sampled_from([0, 1, 48_000, 10**9 - 1]),
    ColumnType.COUNT: st.integers(0, 100),
    ColumnType.DATE: st.dates(datetime.date(2021, 11, 1), datetime.date(2023, 2, 28)).map(
        day_number
    ),
}
ROWS = st.lists(
    st.fixed_dictionaries(
        {name: st.none() | CELL[type_] | CELL[type_] for name, type_ in TYPES.items()}
    ),
    min_size=1,
    max_size=4,
)
SHARES = [400_000, 600_000]


def evaluator(rows: list[Row]) -> Evaluator:
    variables = {}
    for name, type_ in TYPES.items():
        cells = [row[name] for row in rows]
        known: Flags = np.array([cell is not None for cell in cells], dtype=np.bool_)
        numbers: Integers = integers([0 if cell is None else cell for cell in cells])
        variables[name] = Variable(numbers, known, None, type_)
    sure = np.ones(len(rows), dtype=np.bool_)
    for name, day in zip((YEAR_START, YEAR_END), YEAR, strict=True):
        number = np.full(len(rows), day_number(day), dtype=np.int64)
        variables[name] = Variable(number, sure, None, ColumnType.DATE)
    days = np.full(len(rows), (YEAR[1] - YEAR[0]).days + 1, dtype=np.int64)
    variables[YEAR_DAYS] = Variable(days, sure, None, ColumnType.COUNT)
    shares = np.array([SHARES] * len(rows), dtype=np.int64)
    return Evaluator(POLICY, variables, len(rows), PARTIES, shares)


def half_up(value: Fraction) -> int:
    return int((2 * value + 1) // 2)


ROUND = {"down": recompute.floor, "up": recompute.ceil, "half_up": recompute.half_up}


def read(quantity: Quantity, row: Row) -> Fraction | None:
    """Return a quantity of one row, in yuan, ratios, counts or days; None: not known."""
    if isinstance(quantity, Decimal):
        return Fraction(quantity)
    if isinstance(quantity, datetime.date):
        return Fraction(day_number(quantity))
    if isinstance(quantity, str):
        cell = row[quantity]
        return None if cell is None else Fraction(cell, UNITS.get(TYPES[quantity], 1))
    if quantity.first_given is not None:
        values = [read(each, row) for each in quantity.first_given]
        return next((value for value in values if value is not None), None)
    if quantity.round_to is not None:
        of = read(quantity.of or "", row)
        return None if of is None else ROUND[quantity.rounding](of, Fraction(quantity.round_to))
    if quantity.borne_by is not None:
        assert quantity.of is not None
        of = read(quantity.of, row)
        if of is None:
            return None
        parts = split(half_up(max(of, Fraction()) * 100), SHARES)
        return Fraction(parts[PARTIES.index(quantity.borne_by)], 100)
    if quantity.values is not None:
        day = read(quantity.on or "", row)
        come = [v.value for v in quantity.values if day is not None and day_number(v.from_) <= day]
        return read(come[-1], row) if come else None
    if quantity.series is not None:
        return reading(row)
    return of_operands(quantity, row)


def reading(row: Row) -> Fraction | None:
    day, months = row["claims.payout_date"], row["contracts.months"]
    series = POLICY.series["lpr"]
    if day is None or months is None or day > day_number(series.checked_until):
        return None
    come = [point for point in series.points if day_number(point.from_) <= day]
    return Fraction(come[-1].values[months > 60]) if come else None


def of_operands(operation: Operation, row: Row) -> Fraction | None:
    ((name, listed),) = [
        (name, getattr(operation, name)) for name in operation.written - {"zero_over_zero"}
    ]
    found = [read(each, row) for each in listed]
    if any(value is None for value in found):
        return None
    first, *others = (value for value in found if value is not None)
    match name:
        case "sum":
            return first + sum(others)
        case "minus":
            return first - sum(others)
        case "times":
            return first * others[0]
        case "min":
            return min(first, *others)
        case "max":
            return max(first, *others)
        case "over":
            if others[0]:
                return first / others[0]
            zero = operation.zero_over_zero == "zero" and first == 0
            return Fraction(0) if zero else None
    start, end = (EPOCH + datetime.timedelta(days=int(day)) for day in (first, others[0]))
    if name == "days":
        return Fraction((end - start).days)
    if name == "days_in_year":
        return Fraction(max((min(end, YEAR[1]) - max(start, YEAR[0])).days + 1, 0))
    months = 12 * (end.year - start.year) + end.month - start.month
    return Fraction(months - (later(start, months) > end))


@given(money(2) | ratio(2) | count(1), ROWS)
def test_quantities_row_by_row(written: Any, rows: list[Row]) -> None:
    quantity = made(written)
    assert inferred_kind(POLICY.rules, quantity) is not None
    values = evaluator(rows).compute(quantity).values
    got = [values.at(row) if known else None for row, known in enumerate(values.known)]
    assert got == [read(quantity, row) for row in rows]


@given(money(2), ROWS)
def test_a_limit_is_cut_to_the_fen_and_not_below_zero(written: Any, rows: list[Row]) -> None:
    quantity = made(written)
    exact = [read(quantity, row) for row in rows]
    if any(value is not None and abs(value * 100 // 1) > MAX_TOTAL_FEN for value in exact):
        with pytest.raises(TooLarge):
            in_fen(evaluator(rows), quantity)
        return
    fen, _, known = in_fen(evaluator(rows), quantity)
    assert known.tolist() == [value is not None for value in exact]
    for got, value in zip(fen.tolist(), exact, strict=True):
        if value is not None:
            assert got == max(value * 100 // 1, 0)


def test_what_operations_count() -> None:
    """Each operation on amounts, ratios and dates counts what its operands make it count."""
    own = evaluator([dict.fromkeys(TYPES)])
    for written, kind in (
        ({"times": ["claims.payout", "0.8"]}, Kind.MONEY),
        ({"over": ["claims.payout", "claims.principal"]}, Kind.RATIO),
        ({"days": list(DATES)}, Kind.DAYS),
        ({"months": list(DATES)}, Kind.MONTHS),
        ({"over": [{"days_in_year": list(DATES)}, "year.days"]}, Kind.RATIO),
        ({"minus": ["year.days", {"days_in_year": list(DATES)}]}, Kind.DAYS),
    ):
        assert own.compute(made(written)).kind is kind
