"""Dates in cells: calendar days of the years 1900 to 2199, as days since 1970-01-01."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

import numpy as np
import pyarrow as pa

from compensation.arrays import stored
from compensation.ledger.cell_faults import FIRST_YEAR, LAST_YEAR, LONGEST_VALUE, Kind
from compensation.ledger.cells import Cells, Part, Reading, half_width
from compensation.ledger.chinese_numerals import DIGITS, NUMERALS, spelled_year, whole_number

_EPOCH = date(1970, 1, 1).toordinal()
FIRST_DAY = date(FIRST_YEAR, 1, 1).toordinal() - _EPOCH
LAST_DAY = date(LAST_YEAR, 12, 31).toordinal() - _EPOCH
_TICKS_OF_A_DAY = {
    "s": 86_400,
    "ms": 86_400_000,
    "us": 86_400_000_000,
    "ns": 86_400_000_000_000,
}
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
    re.compile(form + _TIME, re.ASCII)
    for form in (
        r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})",
        r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})",
        r"([0-9]{4})\.\s*([0-9]{1,2})\.\s*([0-9]{1,2})\.?",
        r"([0-9]{4})([0-9]{2})([0-9]{2})",
        rf"{_YEAR}\s*年\s*{_FEW}\s*月\s*{_FEW}\s*[日号]",
    )
]
_SERIAL = re.compile(r"[0-9]{1,6}(?:\.[0-9]*)?", re.ASCII)
_MIDNIGHT = re.compile(r"[0:.]+")
_WITHOUT_DAY = re.compile(
    r"(19|20|21)[0-9]{2}(?:\s*年|[-/.]?(?:0?[1-9]|1[0-2])|\s*年\s*[0-9]{1,2}\s*月)?", re.ASCII
)
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_IN_DOUBT = re.compile(
    r"[0-9]{1,2}([-/.])[0-9]{1,2}\1(?:[0-9]{4}|[0-9]{2}|[0-9])"  # 3/1/2022, 22-3-1
    r"|[0-9]{2}\s*年\s*[0-9]{1,2}\s*月\s*[0-9]{1,2}\s*[日号]"
    rf"|[0-9]{{1,2}}[-/ .](?:{_MONTHS})[a-z]{{0,6}}[-/ .,]\s?[0-9]{{2,4}}"  # 1-Mar-22
    rf"|(?:{_MONTHS})[a-z]{{0,6}}[-/ .][0-9]{{1,2}},?[-/ ]\s?[0-9]{{2,4}}",  # Mar 1, 2022
    re.ASCII | re.IGNORECASE,
)


_REMEMBERED = 2**13
"""Texts of days that are remembered: a ledger has the same few thousand in all of its pieces."""


def read_dates(cells: Cells, rows: int) -> Reading:
    """Return the days of a column of dates; a time of day passes only if it is midnight."""
    reading = Reading.blank(rows)
    if cells.text is not None:
        reading.judge(cells.text, cells.text.rows(), day_of_text)
    if cells.number is not None:
        reading.judge(cells.number, cells.number.rows(), day_of_number)
    if cells.moment is not None:
        _read_moments(reading, cells.moment)
    if cells.boolean is not None:
        reading.refuse(Kind.NOT_A_DATE, cells.boolean.rows())
    return reading


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
        found = form.fullmatch(text)
        if found is not None:
            day = _day(_number(found[1]), _number(found[2]), _number(found[3]))
            time = found["time"]
            if isinstance(day, Kind) or time is None or _MIDNIGHT.fullmatch(time):
                return day
            return Kind.TIME_OF_DAY
    if _WITHOUT_DAY.fullmatch(text):
        return Kind.DAY_MISSING
    if _IN_DOUBT.fullmatch(text):
        return Kind.AMBIGUOUS_DATE
    return Kind.BARE_SERIAL if _SERIAL.fullmatch(text) else Kind.NOT_A_DATE


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
        ordinal = date(year, month, day).toordinal()
    except ValueError:
        return Kind.NO_SUCH_DATE
    return ordinal - _EPOCH if FIRST_YEAR <= year <= LAST_YEAR else Kind.OUT_OF_RANGE


def _read_moments(reading: Reading, part: Part) -> None:
    """Read real dates: date32, or timestamps at midnight."""
    if pa.types.is_date32(part.cells.type):
        days = stored(part.cells, np.int32).astype(np.int64)
    else:
        ticks = stored(part.cells, np.int64)
        of_a_day = _TICKS_OF_A_DAY[part.cells.type.unit]
        days = ticks // of_a_day
        timed = part.filled & (days * of_a_day != ticks)
        reading.refuse(Kind.TIME_OF_DAY, np.flatnonzero(timed))
        part = Part(part.cells, part.filled & ~timed)
    near = (days >= FIRST_DAY) & (days <= LAST_DAY)
    reading.accept(part.filled & near, days)
    reading.refuse(Kind.OUT_OF_RANGE, np.flatnonzero(part.filled & ~near))
