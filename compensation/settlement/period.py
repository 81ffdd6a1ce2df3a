"""The period of a settlement: from its first day to the day it is settled on."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from compensation.engine.cases import Settled
from compensation.faults.groups import FaultGroup, whole
from compensation.language import Text
from compensation.ledger.as_of import day_of
from compensation.policy.catalogue import Policy
from compensation.rules.indicators import policy_years
from compensation.values.dates import date_of, day_number

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

    @property
    def year_over(self) -> int:
        """The last year that is over on the last day."""
        return self.last.year - (self.last < datetime.date(self.last.year, 12, 31))

    def years(self, policies: Sequence[Policy]) -> Settled:
        """Return the years of some policies in which the period begins and ends."""
        return Settled(self.first.year, self.last_year(policies))

    def last_year(self, policies: Sequence[Policy]) -> int:
        """Return the year of the first of some policies that the last day is in."""
        begins = policies[0].rules.trigger.year_begins
        return int(policy_years(np.array([self.end]), begins)[0])


def period_of(
    to: Day, from_: Day | None, latest: int | None = None
) -> tuple[Period | None, list[FaultGroup]]:
    """Return the period; without a first day it begins on 1 January of the last day's year.

    `latest`: the day as of which the ledgers are looked at already.
    """
    last, faults = day_of(to, latest)
    first = None
    if from_ is not None:
        first, wrong = day_of(from_)
        faults += wrong
    if faults:
        return None, faults
    end = date_of(last)
    period = Period(datetime.date(end.year, 1, 1) if first is None else date_of(first), end)
    if period.first <= period.last:
        return period, []
    message = Text(
        "起始日 {first} 晚于清算日 {last}", "the period begins on {first}, after its end on {last}"
    ).fill(first=period.first, last=period.last)
    return None, [whole("period_reversed", message)]
