"""The years that a ledger can say something of."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from datetime import date

import numpy as np

from compensation.columns import Integers
from compensation.faults.groups import FaultGroup, whole
from compensation.language import Text
from compensation.ledger.as_of import DATED
from compensation.ledger.portfolio import NO_DAY, Ledgers
from compensation.values.dates import date_of
from compensation.values.kinds import FIRST_YEAR, LAST_YEAR


def years_of(years: int | Iterable[int]) -> tuple[int, ...]:
    """Return years in order, each once; TypeError where one is no whole number."""
    given = [years] if isinstance(years, int) else years
    return tuple(sorted({operator.index(year) for year in given}))


def span(ledgers: Ledgers) -> tuple[date, date]:
    """Return the first and the last day of which the ledger has a row or a release."""
    days = [_days(ledgers, table, column) for table, column in DATED.items()]
    days.append(_days(ledgers, "contracts", "release_date"))
    every = np.concatenate(days)
    return date_of(int(every.min())), date_of(int(every.max()))


def _days(ledgers: Ledgers, table: str, column: str) -> Integers:
    """Return the days of a column that are given."""
    days = ledgers.numbers(table, column)
    given: Integers = days[days != NO_DAY]
    return given


def year_faults(ledgers: Ledgers, years: Iterable[int]) -> list[FaultGroup]:
    """Return a fault that names the years of which the ledger has nothing; and where it reaches."""
    first, last = span(ledgers)
    there = range(max(first.year, FIRST_YEAR), min(last.year, LAST_YEAR) + 1)
    lacking = [year for year in years if year not in there]
    if not lacking:
        return []
    message = Text(
        "台账没有这些年度的记录：{years}；台账的日期为 {first} 至 {last}",
        "the ledger has nothing of these years: {years}; its days are {first} to {last}",
    ).fill(years=_written(lacking), first=first, last=last)
    expected = Text("{first} 至 {last} 之间的年度", "years from {first} to {last}")
    return [
        whole(
            "year_without_ledger", message, expected=expected.fill(first=first.year, last=last.year)
        )
    ]


def _written(years: list[int]) -> str:
    """Return years as people write them: the first few, and how it goes on."""
    shown = ", ".join(map(str, years[:5]))
    return shown if len(years) <= 5 else f"{shown}, … {years[-1]}"
