"""Amounts of money as people write them: 500万元, 人民币19.5万元整, 1亿2000万, 壹佰万元整.

What names a unit of its own (元, 万, 亿) is in that unit, whatever the column is in. An amount that
has two readings is none: 1万5 may be 10,005 or 15,000 yuan, and 3千 in a column in units of 10,000
yuan may be 3,000 yuan or 30 million.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from compensation.values.chinese_numerals import NUMERALS, whole_number
from compensation.values.exact import EXACT
from compensation.values.kinds import Kind

NUMBER = re.compile(
    r"([+-]?)((?:[0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.[0-9]*)?|\.[0-9]+)", re.ASCII
)
"""A number in digits, with thousands separators in their places or without any. 0,500 is none: it
may be a half where a comma stands for the point."""

_CURRENCIES = ("人民币", "rmb", "cny")
_USUAL = str.maketrans("萬億圆圓正佰仟拾", "万亿元元整百千十")
_SCALES = {
    "十": 1,
    "百": 2,
    "千": 3,
    "万": 4,
    "十万": 5,
    "百万": 6,
    "千万": 7,
    "亿": 8,
    "十亿": 9,
    "百亿": 10,
    "千亿": 11,
    "万亿": 12,
    "thousand": 3,
    "million": 6,
    "billion": 9,
}
"""By what power of ten a word behind a number multiplies; the page's money.js has the same."""
_BELOW_WAN = 3
"""Up to this power a word alone does not say whether it counts yuan."""
_PART = (
    r"([0-9,.]+)[ \xa0]*"
    r"(?:(thousand|million|billion|万亿|[十百千]亿|[十百千]万|[十百千万亿])[ \xa0]*|\Z)"
)
_NUMERALS = f"[{NUMERALS}元角分]+"
_DIGIT = "[一壹二贰貳两三叁參四肆五伍六陆陸七柒八捌九玖]"
_CHANGE = f"(?:零?({_DIGIT})角)?(?:(零)?({_DIGIT})分)?"


class _Part(NamedTuple):
    """A number in digits and the power of ten of the word behind it; None where there is none."""

    value: Decimal
    power: int | None


def yuan_of_text(text: str, unit: int) -> Decimal | Kind:
    """Return an amount in yuan, or what is wrong with it; ``unit``: yuan per unit of the column.

    ``text``: trimmed and of half width. Where it names no unit, it counts units of the column.

    >>> yuan_of_text("人民币500万元整", 1), yuan_of_text("壹佰万元整", 10_000)
    (Decimal('5000000'), Decimal('1000000'))
    """
    whole = text.translate(_USUAL).casefold()
    said = _without_currency(whole)
    # 人民币500 in a column in units of 10,000 yuan: the name of the currency may stand for 元.
    doubtful = unit > 1 and said != whole
    negative = said.startswith("-")
    said = said[1:] if said.startswith(("-", "+")) else said
    if said.endswith(("元整", "角整", "分整")):
        said = said[:-1]
    if re.fullmatch(_NUMERALS, said):
        amount = _of_numerals(said, unit)
    else:
        figures = said.removesuffix("元").removesuffix("yuan").rstrip()
        amount = _of_figures(figures, unit, in_yuan=figures != said)
        if doubtful and NUMBER.fullmatch(said):
            return Kind.AMBIGUOUS_AMOUNT
    return amount.copy_negate() if negative and not isinstance(amount, Kind) else amount


def _without_currency(said: str) -> str:
    """Return the text without the name of the currency before it (and a ¥ then) or behind it."""
    for name in _CURRENCIES:
        if said.startswith(name):
            return said[len(name) :].lstrip(" :").removeprefix("¥").lstrip()
        if said.endswith(name):
            return said[: -len(name)].rstrip()
    return said


def _of_figures(figures: str, unit: int, *, in_yuan: bool) -> Decimal | Kind:
    """Return the sum of numbers in digits, each with or without a word behind it."""
    parts = _parts(figures)
    if not parts:
        return Kind.NOT_A_NUMBER
    last = parts[-1]
    if not in_yuan:
        if last.power is None and len(parts) > 1:
            return Kind.AMBIGUOUS_AMOUNT
        if last.power is None:
            return EXACT.multiply(last.value, Decimal(unit))
        if unit > 1 and last.power <= _BELOW_WAN:
            return Kind.AMBIGUOUS_AMOUNT
    total = Decimal(0)
    limit: Decimal | None = None
    for part in parts:
        amount = EXACT.scaleb(part.value, part.power or 0)
        if limit is not None and amount >= limit:
            return Kind.NOT_A_NUMBER
        # Only a whole number can be followed by a smaller part: 1.5万3千 is none.
        whole = part.value == EXACT.to_integral_value(part.value)
        limit = Decimal(1).scaleb(part.power or 0) if whole else Decimal(0)
        total = EXACT.add(total, amount)
    return total


def _parts(figures: str) -> list[_Part]:
    """Return the numbers of a text and their words; none where it is made of anything else."""
    parts: list[_Part] = []
    at = 0
    while at < len(figures):
        found = re.match(_PART, figures[at:])
        number = None if found is None else NUMBER.fullmatch(found[1])
        if found is None or number is None:
            return []
        power = None if found[2] is None else _SCALES[found[2]]
        parts.append(_Part(Decimal(number[2].replace(",", "")), power))
        at += found.end()
    return parts


def _of_numerals(said: str, unit: int) -> Decimal | Kind:
    """Return an amount in Chinese numerals: 叁拾贰万伍仟元零伍分, 一百万."""
    head, yuan, change = said.partition("元")
    if not yuan and said.endswith(("角", "分")):
        head, change = "", said
    elif not yuan and unit > 1 and not said.endswith(("万", "亿")):
        return Kind.NOT_A_NUMBER if whole_number(said) is None else Kind.AMBIGUOUS_AMOUNT
    whole = whole_number(head) if yuan or not change else 0
    found = re.fullmatch(_CHANGE, change)
    if whole is None or found is None:
        return Kind.NOT_A_NUMBER
    jiao, zero, fen = found.groups()
    if jiao and zero:
        return Kind.NOT_A_NUMBER
    cents = 10 * (whole_number(jiao or "零") or 0) + (whole_number(fen or "零") or 0)
    return EXACT.scaleb(Decimal(whole * 100 + cents), -2)
