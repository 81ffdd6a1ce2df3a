"""Working days between two dates, by a calendar, one day after another."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compensation import InputFaults
from compensation.policy.faults import PolicyFaults
from compensation.policy.series import working_days
from compensation.policy.wording import describe_test
from compensation.values.dates import day_number
from tests.conftest import DEPTH
from tests.policy.test_small_policies import first, small

COLUMN = (
    '[[columns]]\ntable = "claims"\nname = "filed_date"\nheading = "申报日期"\ntype = "date"\n'
    'note = { zh = "申报", en = "filing" }'
)
CALENDAR = """
[[series]]
id = "days"
name = { zh = "工作日", en = "working days" }
source = { zh = "某市", en = "a city" }
from = 2022-05-01
checked_until = 2022-12-31
days_off = [2022-05-02, 2022-06-03]
days_on = [2022-05-07]
"""
OFF, ON = {date(2022, 5, 2), date(2022, 6, 3)}, {date(2022, 5, 7)}
TIME = (
    '[[claim_conditions]]\nid = "filed"\nvalue = "claims.filed_date"\nunit = "working_days"\n'
    'since = "claims.payout_date"\ncalendar = "days"\nat_most = 3'
)


def worked(day: date) -> bool:
    return day in ON or (day.weekday() < 5 and day not in OFF)


def count(paid_out: date, filed: date) -> int:
    between = (paid_out + timedelta(n) for n in range(1, (filed - paid_out).days + 1))
    return sum(map(worked, between))


@pytest.mark.slow
@given(st.dates(date(2022, 5, 1), date(2022, 6, 10)), st.integers(-3, 9))
@settings(max_examples=15 * DEPTH)
def test_filed_within_three_working_days(paid_out: date, wait: int) -> None:
    filed = max(paid_out + timedelta(wait), date(2022, 5, 1))
    row = first(small(COLUMN, CALENDAR, TIME), payout_date=str(paid_out), filed_date=str(filed))
    assert row["eligible"] == (filed >= paid_out and count(paid_out, filed) <= 3)


@pytest.mark.parametrize(
    ("filed", "eligible"),
    [("2022-06-06", True), ("2022-06-07", True), ("2022-06-08", False), ("2022-05-31", False)],
)
def test_a_holiday_and_a_weekend_between(filed: str, eligible: bool) -> None:
    """From Wednesday, 1 June: Thursday 1, Friday is off, Monday 2, Tuesday 3, Wednesday 4."""
    row = first(small(COLUMN, CALENDAR, TIME), filed_date=filed)
    assert (row["eligible"], row["reasons"]) == (eligible, None if eligible else "filed")


def test_a_day_that_the_calendar_does_not_know_is_a_fault() -> None:
    policy = small(COLUMN, CALENDAR, TIME)
    first(policy, filed_date="2022-12-31")
    with pytest.raises(InputFaults) as caught:
        first(policy, filed_date="2023-01-01")
    assert [(each.kind, each.column) for each in caught.value.faults] == [
        ("series_gap", "filed_date")
    ]


def test_working_days_are_an_amount_of_days() -> None:
    days = '{ working_days = ["claims.payout_date", "claims.filed_date"], calendar = "days" }'
    base = f'{{ times = ["claims.principal", {{ over = [{days}, 10] }}] }}'
    assert first(small(COLUMN, CALENDAR, base=base), filed_date="2022-06-08")["base"] == 400


def test_it_is_said_in_words() -> None:
    policy = small(COLUMN, CALENDAR, TIME)
    said = describe_test(policy, policy.rules.claim_conditions[0])
    assert said.zh == "（申报日期不早于代偿日期）且（代偿日期至申报日期的工作日数不超过 3 天）"


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('calendar = "days"', 'calendar = "lpr"', "claim_conditions[filed].calendar"),
        ('calendar = "days"\n', "", "claim_conditions[filed]"),
        ("2022-05-07", "2022-05-09", "series[days].days_on[1]"),
        ("2022-06-03", "2022-06-04", "series[days].days_off[2]"),
        ("from = 2022-05-01\n", "", "series[days]"),
    ],
)
def test_faults(old: str, new: str, key: str) -> None:
    calendar, time = CALENDAR.replace(old, new), TIME.replace(old, new)
    with pytest.raises(PolicyFaults) as caught:
        small(COLUMN, calendar, time)
    assert [fault.key for fault in caught.value.faults] == [key]


def test_the_calendar_of_the_package() -> None:
    """28 September 2025 is worked, and 1 to 8 October are off."""
    time = TIME.replace('"days"', '"working-days-cn"').replace("at_most = 3", "at_most = 4")
    policy = small(COLUMN, time)
    assert list(policy.series) == ["working-days-cn"]
    (calendar,) = policy.series.values()
    first_day, *days = (
        np.array([day_number(date.fromisoformat(day))])
        for day in ("2025-09-26", "2025-09-28", "2025-10-08", "2025-10-09", "2027-01-01")
    )
    found = [working_days(calendar, first_day, day) for day in days]
    assert [int(count[0]) for count, outside in found if not outside[0]] == [1, 3, 4]


STATUTORY = {2020: 11 + 2, 2021: 11, 2022: 11, 2023: 11, 2024: 11, 2025: 13, 2026: 13}
"""Holidays by law: 11 until 2024, 13 since. In 2020 the Spring Festival was two days longer."""


@pytest.mark.parametrize("year", STATUTORY)
def test_days_off_are_the_holidays_by_law_and_what_is_worked_for_them(year: int) -> None:
    """A day off beyond the holidays is worked on a weekend; a holiday on a weekend moves."""
    (calendar,) = small(COLUMN, TIME.replace('"days"', '"working-days-cn"')).series.values()
    off = [day for day in calendar.days_off if day.year == year]
    on = [day for day in calendar.days_on if day.year == year]
    assert len(off) - len(on) == STATUTORY[year]
    assert {day.weekday() < 5 for day in off} == {True}
    assert {day.weekday() < 5 for day in on} == {False}
