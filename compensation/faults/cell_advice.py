"""What a faulty cell may mean, as a question behind the message of its fault: “4.35%？”."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from compensation.language import Text
from compensation.values.exact import EXACT, plain

_SERIAL_ZERO = date(1899, 12, 30).toordinal()
"""The day from which spreadsheets count, from 1 March 1900 on: their 1900 has a 29 February."""
_FIRST_SERIAL, _LAST_SERIAL = 61, 109_574
_SERIAL = r"([0-9]{2,6})(?:\.[0-9]*)?"
_NUMBER = r"-?[0-9]{1,9}(?:\.[0-9]{1,15})?"
_YEAR_LAST = r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.][0-9]{4}"
_POINT = r"(?a)[¥\uffe5]?\s*([1-9][0-9]{0,2})\.([0-9]{2}0)"
_ZEROS = r"(?a)[¥\uffe5]?\s*0[0-9]+(?:\.[0-9]*)?"
_TWO_DIGITS = r"(?a)([0-9]{2})(?:\.0*)?"
_SHORT_YEAR = r"(?a)([0-9]{2})(?:[-/.]|\s*年)[0-9]{1,2}(?:[-/.]|\s*月).*"


def advised(kind: str, message: Text, value: str | None) -> Text:
    """Return the message of a fault of this kind, and what its cell may mean, where that shows."""
    advice = ADVICE.get(kind)
    asked = None if advice is None or value is None else advice(value.strip())
    if asked is None:
        return message
    return Text(f"{message.zh}；{asked.zh}", f"{message.en}; {asked.en}")


def day_of_serial(serial: str) -> date | None:
    """Return the day that a spreadsheet's number of days shows; None where it shows none.

    >>> day_of_serial("44621")
    datetime.date(2022, 3, 1)
    """
    found = re.fullmatch(_SERIAL, serial)
    if found is None or not _FIRST_SERIAL <= int(found[1]) <= _LAST_SERIAL:
        return None
    return date.fromordinal(_SERIAL_ZERO + int(found[1]))


def _date(value: str) -> Text | None:
    day = day_of_serial(value)
    return None if day is None else Text(f"是否为 {day}？", f"{day}?")


def _percentage(value: str) -> Text | None:
    """Ask whether a number up to 100 is a percentage without its sign."""
    number = _number(value)
    if number is None or not 0 < number <= 100:
        return None
    ratio = plain(EXACT.scaleb(number, -2))
    return Text(
        f"是否为 {value}%？请写作 {value}% 或 {ratio}", f"{value}%? Write {value}% or {ratio}"
    )


def _ratio(value: str) -> Text | None:
    """Ask whether an indicator is a percentage without its sign."""
    number = _number(value)
    if number is None:
        return None
    ratio = plain(EXACT.scaleb(number, -2))
    return Text(f"是否为 {ratio}？（{value}% 写作 {ratio}）", f"{ratio}? ({value}% is {ratio})")


def _order(value: str) -> Text | None:
    found = re.fullmatch(_YEAR_LAST, value)
    if found is not None:
        first, second = int(found[1]), int(found[2])
        return Text(
            f"是 {first} 月 {second} 日还是 {second} 月 {first} 日？",
            f"month {first}, day {second}, or month {second}, day {first}?",
        )
    found = re.fullmatch(_SHORT_YEAR, value)
    if found is None:
        return None
    return Text(
        f"是 19{found[1]} 年还是 20{found[1]} 年？", f"the year 19{found[1]} or 20{found[1]}?"
    )


def _year(value: str) -> Text | None:
    """Ask whether a year is written by its last two digits."""
    found = re.fullmatch(_TWO_DIGITS, value)
    return None if found is None else Text(f"是否为 20{found[1]} 年？", f"20{found[1]}?")


def _thousands(value: str) -> Text | None:
    """Ask whether a point separates thousands, or zeros in front belong to something else."""
    found = re.fullmatch(_POINT, value)
    if found is not None:
        decimals, thousands = f"{found[1]}.{found[2][:2]}", f"{found[1]},{found[2]}"
        return Text(f"是 {decimals} 还是 {thousands}？", f"{decimals} or {thousands}?")
    if not re.fullmatch(_ZEROS, value):
        return None
    return Text(
        "数字前有 0：是否为被逗号拆开的金额，或以分为单位？",
        "it begins with 0: is it a part of an amount cut at a comma, or in fen?",
    )


def _number(value: str) -> Decimal | None:
    return Decimal(value) if re.fullmatch(_NUMBER, value) else None


ADVICE: Mapping[str, Callable[[str], Text | None]] = {
    "out_of_range": _percentage,
    "year_out_of_range": _year,
    "implausible_rate": _percentage,
    "implausible_ratio": _ratio,
    "bare_serial": _date,
    "ambiguous_date": _order,
    "ambiguous_amount": _thousands,
}
"""By kind of fault, what asks for the meaning of a cell; None where it suggests none."""
