"""What is wrong with reference series: dates, terms, values, calendars."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from compensation.language import Text
from compensation.policy.check_quantities import check_ascending
from compensation.policy.faults import Findings, element
from compensation.policy.model import Series

SATURDAY = 5
"""The first day of the weekend, from 0, Monday."""


def check_series(series: Iterable[Series], findings: Findings) -> None:
    """Check reference series, of a policy file or of a file of their own."""
    for position, one in enumerate(series):
        key = element("series", position, one.id)
        if one.from_ is not None or one.days_off or one.days_on or not one.points:
            _check_calendar(one, key, findings)
            continue
        check_ascending([point.from_ for point in one.points], f"{key}.points", findings)
        if one.checked_until < one.points[-1].from_:
            message = Text(
                "核对截止日 {until} 早于最后一个值的日期 {last}",
                "checked_until {until} is before the last point, {last}",
            )
            findings.add(
                "dates_order",
                f"{key}.checked_until",
                message,
                until=one.checked_until,
                last=one.points[-1].from_,
            )
        _check_terms(one, key, findings)
        for number, point in enumerate(one.points, 1):
            here = f"{key}.points[{number}].values"
            if len(point.values) != len(one.terms):
                message = Text(
                    "有 {values} 个值，而 terms 有 {terms} 个期限",
                    "{values} values, but {terms} terms",
                )
                counts = {"values": len(point.values), "terms": len(one.terms)}
                findings.add("series_values", here, message, **counts)
            if not all(0 <= value <= 1 for value in point.values):
                message = Text(
                    "值要在 0 和 1 之间：百分之 3.45 写作 0.0345",
                    "values lie between 0 and 1: 3.45 percent is 0.0345",
                )
                findings.add("series_values", here, message)


def _check_calendar(series: Series, key: str, findings: Findings) -> None:
    if series.from_ is None or series.points or series.terms:
        message = Text(
            "序列要写 terms 和 points；日历要写 from、days_off 和 days_on，两者只写一种",
            "a series has terms and points; a calendar has from, days_off and days_on; not both",
        )
        findings.add("series_form", key, message)
        return
    if series.checked_until < series.from_:
        message = Text(
            "核对截止日 {until} 早于起始日 {first}",
            "checked_until {until} is before the first day, {first}",
        )
        days = {"until": series.checked_until, "first": series.from_}
        findings.add("dates_order", f"{key}.checked_until", message, **days)
    for name in ("days_off", "days_on"):
        listed = getattr(series, name)
        for number, day in enumerate(listed, 1):
            weekend = day.weekday() >= SATURDAY
            within = series.from_ <= day <= series.checked_until
            if not within or weekend == (name == "days_off") or day in listed[: number - 1]:
                message = Text(
                    "{day} 不在日历的期间内，或重复，或不用写：days_off 写放假的周一至周五，"
                    "days_on 写上班的周六、周日",
                    "{day} is not within the calendar, is a duplicate, or goes without saying: "
                    "days_off are days off from Monday to Friday, days_on worked weekends",
                )
                findings.add("calendar_day", f"{key}.{name}[{number}]", message, day=day)


def _check_terms(series: Series, key: str, findings: Findings) -> None:
    ends = [term for term in series.terms if term != 0]
    open_at = [place for place, term in enumerate(series.terms) if term == 0]
    rising = all(a < b for a, b in itertools.pairwise(ends))
    if not rising or min(ends, default=1) < 1 or open_at not in ([], [len(series.terms) - 1]):
        message = Text(
            "期限（月）要从短到长，只有最后一个可以写 0（不限）",
            "terms (months) go up, and only the last may be 0 (open)",
        )
        findings.add("series_terms", f"{key}.terms", message)
