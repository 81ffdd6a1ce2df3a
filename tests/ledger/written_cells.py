"""How people and programs write one value: every form of a cell that is accepted.

A value is what a cell of the random portfolios means: fen, millionths, a count, a day, a truth, the
value of a choice, a text. The first form of each type is the plain one.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from compensation.schema.column import Column, ColumnType
from tests.ledger.test_written_amounts import FORMS as AMOUNTS
from tests.oracle_reading import boolean, money, share
from tests.values.test_chinese_numerals import written

Value = Any
Form = Callable[[Value, int], object]
"""Writes a value; the number is what a unit of a money column is worth in yuan."""

TEXT, MONEY, COUNT = ColumnType.TEXT, ColumnType.MONEY, ColumnType.COUNT
SHARE, DATE, BOOLEAN = ColumnType.SHARE, ColumnType.DATE, ColumnType.BOOLEAN
CHOICE = ColumnType.CHOICE

_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
BLANKS = ("", " ", "\u3000", "\u200b")

WORDS: Mapping[str, Sequence[str]] = {
    "approved": ("approved", "通过", "同意", "√", "通过。", " 审核通过 ", "Approved"),
    "rejected": ("rejected", "不通过", "不同意", "×", "未通过", "否决！"),
    "pending": ("pending", "待审", "待审核", "审核中"),
    "micro_enterprise": ("micro_enterprise", "微型企业", "微型"),
    "small_enterprise": ("small_enterprise", "小型企业", "小型", "SMALL_ENTERPRISE"),
    "individual_business": ("individual_business", "个体工商户", "个体户"),
    "business_owner": ("business_owner", "小微企业主", " 小微企业主\u3000"),
    "farmer": ("farmer", "农户", "农户。"),
    "agricultural_entity": ("agricultural_entity", "新型农业经营主体"),
    "medium_enterprise": ("medium_enterprise", "中型企业", "中型"),
    "large_enterprise": ("large_enterprise", "大型企业", "大型"),
    "other": ("other", "其他", "其它"),
}
TRUTHS = {
    True: ("true", "是", "1", "yes", "√", "TRUE", "是。", "Ｙｅｓ"),
    False: ("false", "否", "0", "no", "×", "False", " 否", "ＮＯ"),
}


def value_of(column: Column | None, text: str) -> Value:
    """Return what a cell of a random portfolio means; None for a blank."""
    if text == "":
        return None
    if column is None:
        return text
    if column.type is SHARE:
        return int(share(text) * 1_000_000)
    if column.type is DATE:
        return datetime.date.fromisoformat(text)
    read: Mapping[ColumnType, Callable[[str], Value]] = {MONEY: money, COUNT: int, BOOLEAN: boolean}
    return read.get(column.type, str)(text)


def in_unit(fen: int, worth: int) -> Decimal:
    return Decimal(fen).scaleb(-2) / worth


def digits(value: Decimal) -> str:
    return f"{value.normalize():f}"


def plain_money(fen: Value, worth: int) -> str:
    return digits(in_unit(fen, worth))


def _with_zeros(text: str) -> str:
    """With three decimals, 11.500 may be 11,500; with more it may not."""
    return text + ("000" if "." in text else ".00")


def _numbers(text: str) -> list[str]:
    return [text, f" {text}", text.translate(_WIDE), f"\u200b{text}\ufeff", _with_zeros(text)]


def _of_fen(form: Callable[[Decimal], str]) -> Form:
    return lambda fen, _: form(Decimal(fen).scaleb(-2))


def _day_in_numerals(day: datetime.date) -> str:
    year = "".join("〇一二三四五六七八九"[int(digit)] for digit in str(day.year))
    return f"{year}年{written(day.month, False)}月{written(day.day, False)}日"


def _words(value: Value) -> list[str]:
    words = TRUTHS[value] if isinstance(value, bool) else WORDS[value]
    return [words[place % len(words)] for place in range(8)]


def _nth(forms: Callable[[Value], Sequence[object]], count: int) -> list[Form]:
    """Return a form for each of so many that a function gives at once."""

    def nth(place: int) -> Form:
        return lambda value, _: forms(value)[place]

    return list(map(nth, range(count)))


def _shares(millionths: int) -> list[str]:
    one = digits(Decimal(millionths).scaleb(-6))
    percent = digits(Decimal(millionths).scaleb(-4))
    return [one, f"{percent}%", f"{percent} %", f"{percent}%".translate(_WIDE), *_numbers(one)[1:]]


def _days(day: datetime.date) -> list[str]:
    year, month, number = day.year, day.month, day.day
    return [
        day.isoformat(),
        f"{year}/{month}/{number}",
        f"{year}{month:02d}{number:02d}",
        f"{year}年{month}月{number}日",
        f"{year}年{month:02d}月{number:02d}号",
        f"{year}.{month}.{number}",
        f"{year}. {month}. {number}.",
        f"{day.isoformat()} 00:00:00",
        f"{year}/{month}/{number} 0:00",
        f"{day.isoformat()}T00:00:00Z",
        day.isoformat().translate(_WIDE),
        _day_in_numerals(day),
    ]


def _whole(count: int) -> list[str]:
    return [str(count), f"{count}人", f"{count:,}", f"{count} 户", *_numbers(str(count))[1:]]


def _texts(text: str) -> list[str]:
    return [text, f" {text}\t", f"\u3000{text}\u200b", f"\ufeff{text}"]


TEXTS: Mapping[ColumnType, Sequence[Form]] = {
    TEXT: _nth(_texts, 4),
    COUNT: _nth(_whole, 8),
    SHARE: _nth(_shares, 8),
    DATE: _nth(_days, 12),
    BOOLEAN: _nth(_words, 8),
    CHOICE: _nth(_words, 8),
    MONEY: [
        plain_money,
        lambda fen, worth: f"{in_unit(fen, worth).normalize():,f}",
        lambda fen, worth: f"¥{in_unit(fen, worth).normalize():,f}",
        lambda fen, worth: f"￥ {plain_money(fen, worth)}",
        lambda fen, worth: ("人民币" if worth == 1 else "") + plain_money(fen, worth),
        lambda fen, worth: plain_money(fen, worth).translate(_WIDE),
        lambda fen, worth: f"\u200b{plain_money(fen, worth)}\ufeff",
        lambda fen, worth: _with_zeros(plain_money(fen, worth)),
        *map(_of_fen, AMOUNTS),
    ],
}
"""How a value is written as a text, by type."""


def _number(value: Decimal) -> int | float:
    return int(value) if value == int(value) else float(value)


TYPED: Mapping[ColumnType, Sequence[Form]] = {
    TEXT: [lambda text, _: int(text) if text == digits_of_id(text) else text],
    COUNT: [lambda count, _: count, lambda count, _: float(count)],
    SHARE: [lambda millionths, _: _number(Decimal(millionths).scaleb(-6))],
    DATE: [
        lambda day, _: day,
        lambda day, _: datetime.datetime.combine(day, datetime.time()),
        lambda day, _: int(f"{day:%Y%m%d}"),
    ],
    BOOLEAN: [lambda value, _: value, lambda value, _: int(value)],
    CHOICE: [],
    MONEY: [lambda fen, worth: _number(in_unit(fen, worth))],
}
"""How a value is written in a workbook's cell that is no text, by type."""


def wide(text: str) -> str:
    return text.translate(_WIDE)


def digits_of_id(text: str) -> str:
    """Return an id as a column of numbers would have it; "" if that is another one."""
    fits = text.isascii() and text.isdecimal() and len(text) <= 15
    return str(int(text)) if fits else ""
