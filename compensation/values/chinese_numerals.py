"""Whole numbers in Chinese numerals, everyday and formal: 三十二万五千, 叁拾贰万伍仟, 二〇二二.

Only forms with one reading are accepted: 一万五 may be 10,005 or 15,000, so it is none.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

_DIGITS = {
    digit: value
    for value, digits in enumerate(
        ("零〇○", "一壹", "二贰貳两", "三叁參", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖")
    )
    for digit in digits
}
_USUAL = str.maketrans("萬億拾佰仟", "万亿十百千")
_SMALL = {"十": 1, "百": 2, "千": 3}

NUMERALS = "".join(_DIGITS) + "萬億拾佰仟万亿十百千"
"""Every character that a number can be made of."""
DIGITS = "".join(_DIGITS)
"""The digits among them."""


class _Digit(NamedTuple):
    """A digit other than 0: its power of ten, whether it stands alone, and whether 零 precedes."""

    power: int
    value: int
    alone: bool
    after_zero: bool


def spelled_year(text: str) -> int | None:
    """Return the number that digits alone spell: 二〇二二 is 2022; None if it is none."""
    if not text or any(character not in _DIGITS for character in text):
        return None
    return int("".join(str(_DIGITS[character]) for character in text))


def whole_number(text: str) -> int | None:
    """Return the whole number below 10^16 that the text names; None where it names none.

    零 may stand only where a digit is left out, and must stand before a last digit without a unit
    unless that follows 十.

    >>> whole_number("叁拾贰万伍仟"), whole_number("一百零五"), whole_number("十二")
    (325000, 105, 12)
    >>> whole_number("一万五"), whole_number("一百零五十") is None
    (None, True)
    """
    if len(text) == 1 and _DIGITS.get(text) == 0:
        return 0
    above, hundred_million, below = text.translate(_USUAL).rpartition("亿")
    digits = _of_groups(above, 8, first=True) if hundred_million else []
    if hundred_million and not digits:
        return None
    if below:
        rest = _of_groups(below, 0, first=not digits)
        if not rest:
            return None
        digits += rest
    return sum(d.value * 10**d.power for d in digits) if digits and _one_reading(digits) else None


def _of_groups(text: str, power: int, *, first: bool) -> list[_Digit]:
    """Return the digits of a text with or without 万; none where it is no number."""
    head, ten_thousand, tail = text.rpartition("万")
    digits = _group(head, power + 4, first=first) if ten_thousand else []
    if ten_thousand and not digits:
        return []
    if tail:
        rest = _group(tail, power, first=first and not digits)
        if not rest:
            return []
        digits += rest
    return digits


def _group(text: str, power: int, *, first: bool) -> list[_Digit]:
    """Return the digits of up to four places, from the left; none where the text is no such."""
    digits: list[_Digit] = []
    value, zero = 0, False
    for place, character in enumerate(text):
        if character in _SMALL:
            if not value:
                if not (first and place == 0 and character == "十"):  # 十五 is short for 一十五
                    return []
                value = 1
            digits.append(_Digit(power + _SMALL[character], value, alone=False, after_zero=zero))
            value, zero = 0, False
        elif character not in _DIGITS or value or (zero and _DIGITS[character] == 0):
            return []
        elif _DIGITS[character]:
            value = _DIGITS[character]
        else:
            zero = True
    if value:
        digits.append(_Digit(power, value, alone=True, after_zero=zero))
    elif zero:
        return []
    return digits


def _one_reading(digits: list[_Digit]) -> bool:
    """Return whether the places descend, and 零 stands where it must and only where it may."""
    if digits[0].after_zero:
        return False
    for before, digit in pairwise(digits):
        gap = before.power - digit.power
        if gap < 1 or (digit.after_zero and gap == 1):
            return False
        if digit.alone and not digit.after_zero and gap > 1:
            return False
    return True
