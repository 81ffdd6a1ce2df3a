"""Dates: calendar days of the years 1900 to 2199, as days since 1970-01-01."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from functools import lru_cache

from compensation.values.characters import half_width
from compensation.values.chinese_numerals import DIGITS, NUMERALS, spelled_year, whole_number
from compensation.values.kinds import FIRST_YEAR, LAST_YEAR, LONGEST_VALUE, Kind

_EPOCH = datetime.date(1970, 1, 1).toordinal()


def day_number(date: datetime.date) -> int:
    """Return a date as days since 1970-01-01."""
    return date.toordinal() - _EPOCH


def date_of(day: int) -> datetime.date:
    """Return days since 1970-01-01 as a date."""
    return datetime.date.fromordinal(day + _EPOCH)


FIRST_DAY = day_number(datetime.date(FIRST_YEAR, 1, 1))
LAST_DAY = day_number(datetime.date(LAST_YEAR, 12, 31))
_LARGEST_SERIAL = 200_000
"""A number below it is likely a spreadsheet's count of days: the last day of 2199 is 109,574."""

_TIME = (
    r"(?:(?:\s*T|\s+)(?P<time>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
"""A time of day, with or without its distance from UTC: the day is the one that is written."""
_YEAR = rf"([0-9]{{4}}|[{DIGITS}]{{4}})"
_FEW = rf"([0-9]{{1,2}}|[{NUMERALS}]{{1,4}})"
_FORMS = [
    "(?a)" + form + _TIME
    for form in (
        r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})",
        r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})",
        r"([0-9]{4})\.\s*([0-9]{1,2})\.\s*([0-9]{1,2})\.?",
        r"([0-9]{4})([0-9]{2})([0-9]{2})",
        rf"{_YEAR}\s*年\s*{_FEW}\s*月\s*{_FEW}\s*[日号]",
    )
]
_ISO = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_YEAR_ALONE = "[0-9]{4}"
_SERIAL = r"[0-9]{1,6}(?:\.[0-9]*)?"
_MIDNIGHT = "[0:.]+"
_WITHOUT_DAY = r"(?a)(19|20|21)[0-9]{2}(?:\s*年|[-/.]?(?:0?[1-9]|1[0-2])|\s*年\s*[0-9]{1,2}\s*月)?"
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_IN_DOUBT = (
    r"(?ai)[0-9]{1,2}([-/.])[0-9]{1,2}\1(?:[0-9]{4}|[0-9]{2}|[0-9])"  # 3/1/2022, 22-3-1
    r"|[0-9]{2}\s*年\s*[0-9]{1,2}\s*月\s*[0-9]{1,2}\s*[日号]"
    rf"|[0-9]{{1,2}}[-/ .](?:{_MONTHS})[a-z]{{0,6}}[-/ .,]\s?[0-9]{{2,4}}"  # 1-Mar-22
    rf"|(?:{_MONTHS})[a-z]{{0,6}}[-/ .][0-9]{{1,2}},?[-/ ]\s?[0-9]{{2,4}}"  # Mar 1, 2022
)


_REMEMBERED = 2**13
"""Texts of days that are remembered: a ledger has the same few thousand in all of its pieces."""


@lru_cache(maxsize=_REMEMBERED)
def day_of_text(text: str) -> int | Kind:
    """Return the day that a trimmed text names, or what is wrong with it.

    >>> day_of_text("2022年3月1日") == day_of_text("20220301") == day_of_text("2022/3/1 0:00")
    True
    """
    if len(text) > LONGEST_VALUE:
        return Kind.TOO_LONG
    text = half_width(text).rstrip("。")
    for form in _FORMS:
        found = re.fullmatch(form, text)
        if found is not None:
            day = _day(_number(found[1]), _number(found[2]), _number(found[3]))
            time = found["time"]
            if isinstance(day, Kind) or time is None or re.fullmatch(_MIDNIGHT, time):
                return day
            return Kind.TIME_OF_DAY
    if re.fullmatch(_WITHOUT_DAY, text):
        return Kind.DAY_MISSING
    if re.fullmatch(_IN_DOUBT, text):
        return Kind.AMBIGUOUS_DATE
    return Kind.BARE_SERIAL if re.fullmatch(_SERIAL, text) else Kind.NOT_A_DATE


def day_of_iso(text: str) -> int | Kind:
    """Return the day of a text such as 2022-03-01: of all forms, what JSON and options may have."""
    return day_of_text(text) if re.fullmatch(_ISO, text) else Kind.NOT_A_DATE


def year_of_text(text: str) -> int | Kind:
    """Return a year of four digits; which years make sense is for a policy to say."""
    return int(text) if re.fullmatch(_YEAR_ALONE, text) else Kind.NOT_A_DATE


def years_of_text(text: str) -> tuple[int, ...] | Kind:
    """Return the years of ``2022``, ``2022-2024`` or ``2022,2024``, each once; else a fault.

    >>> years_of_text("2020, 2022-2024")
    (2020, 2022, 2023, 2024)
    """
    found: list[int] = []
    for part in text.split(","):
        ends = [year_of_text(end.strip()) for end in part.split("-", 1)]
        years = [end for end in ends if isinstance(end, int)]
        if len(years) < len(ends) or years[0] > years[-1]:
            return Kind.NOT_A_NUMBER
        found += range(years[0], years[-1] + 1)
    return tuple(dict.fromkeys(found))


def day_of_value(value: object) -> int | Kind:
    """Return the day of what a program gives: a date, or a text as a ledger may have it."""
    if isinstance(value, str):
        return day_of_text(value.strip())
    if isinstance(value, datetime.datetime):
        if value != value:  # NaT of pandas
            return Kind.NOT_A_DATE
        midnight = value.time() == datetime.time()
        return day_of_value(value.date()) if midnight else Kind.TIME_OF_DAY
    if not isinstance(value, datetime.date):
        return Kind.NOT_A_DATE
    day = day_number(value)
    return day if FIRST_DAY <= day <= LAST_DAY else Kind.OUT_OF_RANGE


def day_of_number(value: float | Decimal) -> int | Kind:
    """Return the day of a number of the form 20220301; any other number is no date."""
    if 10**7 <= value < 10**8 and value == int(value):
        whole = int(value)
        return _day(whole // 10_000, whole // 100 % 100, whole % 100)
    if 0 < value < _LARGEST_SERIAL:
        return Kind.DAY_MISSING if FIRST_YEAR <= value <= LAST_YEAR else Kind.BARE_SERIAL
    months = FIRST_YEAR * 100 < value <= LAST_YEAR * 100 + 12
    return Kind.DAY_MISSING if months and 1 <= value % 100 <= 12 else Kind.NOT_A_DATE


def _number(text: str) -> int:
    """Return the number of a year, a month or a day; 0, which is none of them, if it is none."""
    if text.isascii():
        return int(text)
    if len(text) == 4 and (year := spelled_year(text)) is not None:
        return year
    return whole_number(text.lstrip("零〇○")) or 0


def _day(year: int, month: int, day: int) -> int | Kind:
    """Return the number of a day, or what is wrong with it: no such day, or too far away."""
    try:
        number = day_number(datetime.date(year, month, day))
    except ValueError:
        return Kind.NO_SUCH_DATE
    return number if FIRST_YEAR <= year <= LAST_YEAR else Kind.OUT_OF_RANGE
