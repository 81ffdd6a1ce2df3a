"""The period of a settlement: from its first day to the day it is settled on."""

from __future__ import annotations

import datetime
from typing import NamedTuple

from compensation.language import Text
from compensation.ledger.fault_groups import FaultGroup, whole
from compensation.policy.series import day_number

Day = datetime.date | str
"""A date, or a text such as 2024-12-31."""


class Period(NamedTuple):
    """Both days belong to the period."""

    first: datetime.date
    last: datetime.date

    @property
    def begin(self) -> int:
        """The first day, as days since 1970-01-01."""
        return day_number(self.first)

    @property
    def end(self) -> int:
        """The last day, as days since 1970-01-01."""
        return day_number(self.last)


def period_of(to: Day, from_: Day | None) -> tuple[Period | None, list[FaultGroup]]:
    """Return the period; without a first day it begins on 1 January of the last day's year."""
    faults: list[FaultGroup] = []
    last = _day("to", to, faults)
    first = None if from_ is None else _day("from", from_, faults)
    if last is None or faults:
        return None, faults
    period = Period(first or datetime.date(last.year, 1, 1), last)
    if period.first <= period.last:
        return period, []
    message = Text(
        "起始日 {first} 晚于清算日 {last}", "the period begins on {first}, after its end on {last}"
    ).fill(first=period.first, last=period.last)
    return None, [whole("period_reversed", message)]


def _day(name: str, value: Day, faults: list[FaultGroup]) -> datetime.date | None:
    """Return a day; a text that is none is a fault."""
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value
    if not isinstance(value, str):
        raise TypeError(f"{name} is a date or a text, not {type(value).__name__}")
    try:
        return datetime.date.fromisoformat(value)
    except ValueError:
        message = Text("{name} 的日期无效", "the date of {name} is not valid").fill(name=name)
        expected = Text("有效日期，如 2024-12-31", "a valid date, such as 2024-12-31")
        faults.append(whole("date", message, value=value, expected=expected))
        return None
