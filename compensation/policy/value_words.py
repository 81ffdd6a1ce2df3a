"""Values and names of a policy in words: amounts, multiples, days, columns, choices."""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from compensation.language import Text, day, joined, same
from compensation.policy.catalogue import Policy
from compensation.policy.kinds import Kind
from compensation.policy.model import NOBODY, Budget, Cap, Compensation, Effective, Operation
from compensation.policy.quantities import QUANTITY_PREFIX
from compensation.policy.variables import MULTIPLE, variable_info
from compensation.schema.choices import BORROWER_GROUPS, BORROWER_TYPES
from compensation.values.exact import digits_of
from compensation.values.printing import percent

UNITS = {"days": Text("天", "days"), "months": Text("个月", "months")}
PERIOD_NAMES: Mapping[object, Text] = {
    1: Text("月份", "month"),
    3: Text("季度", "quarter"),
    6: Text("半年", "half-year"),
    12: Text("年度", "year"),
}
"""The periods of a year, by their months."""


def days_in_words(effective: Effective) -> Text:
    """Return the days that a policy covers: 2022年1月1日至2022年12月31日."""
    first = Text(day(effective.from_).zh, f"from {effective.from_}")
    if effective.to is None:
        return Text(f"{first.zh}起，未规定失效日期", f"{first.en}, no end given")
    return joined([first, day(effective.to)], "至", " to ")


def amount(yuan: Decimal) -> Text:
    """Return an amount in yuan, in Chinese in 万元 where that is a whole number.

    >>> amount(Decimal(5000000)).zh
    '500 万元'
    """
    english = f"{yuan.normalize():,f} yuan"
    if yuan and yuan % 10_000 == 0:
        return Text(f"{int(yuan // 10_000):,} 万元", english)
    return Text(f"{yuan.normalize():,f} 元", english)


@functools.lru_cache(maxsize=1024)
def name_title(policy: Policy, name: str) -> Text:
    """Return what people call ``table.column``, ``indicator.id`` or ``quantity.id``."""
    if name.startswith(QUANTITY_PREFIX):
        own = {QUANTITY_PREFIX + each.id: each.name.text for each in policy.rules.quantities}
        return own.get(name, same(name))
    info = variable_info(policy.rules, name)
    if info is None:
        return same(name)
    column = name.partition(".")[2]
    english = info.title.en
    if english.startswith(f"{column} ("):
        english = column.replace("_", " ")
    return Text(info.title.zh.removesuffix(f"（{column}）"), english)


def is_multiple(title: Text, limits: Iterable[Decimal]) -> bool:
    """Return whether a ratio is a multiple: 放大倍数 is one by its name, and 10 by its limit."""
    return "倍" in title.zh or any(abs(limit) >= MULTIPLE for limit in limits)


def times(value: Decimal) -> Text:
    """Return a multiple in words: 1.2 倍."""
    number = f"{value.normalize():,f}"
    return Text(f"{number} 倍", f"{number} times")


def plain(value: Decimal | datetime.date, kind: Kind) -> Text:
    """Return a number or a date as a quantity of its kind is written for people.

    A ratio of 2 or more is a multiple: 5 倍, not 500%.
    """
    if isinstance(value, datetime.date):
        return day(value)
    if kind is Kind.MONEY:
        return amount(value)
    if kind is Kind.RATIO:
        return same(percent(value)) if abs(value) < MULTIPLE else times(value)
    number = same(f"{value.normalize():,f}")
    if kind is Kind.DAYS:
        return Text(f"{number.zh} 天", f"{number.en} days")
    return Text(f"{number.zh} 个月", f"{number.en} months") if kind is Kind.MONTHS else number


def spaced(first: Text, second: Text) -> Text:
    """Return two texts as one; in Chinese, a blank before a number."""
    blank = " " if second.zh[:1].isascii() else ""
    return Text(f"{first.zh}{blank}{second.zh}", f"{first.en} {second.en}")


def before_a_word(text: Text) -> str:
    """Return a Chinese text that words follow: with a blank where it ends in a letter or digit."""
    return f"{text.zh} " if re.search("[A-Za-z0-9]$", text.zh) else text.zh


def word_name(value: str) -> Text:
    """Return a value of a choice by its name; any other text stands for itself."""
    if value in BORROWER_GROUPS:
        return BORROWER_GROUPS[value]
    for choice in BORROWER_TYPES:
        if choice.value == value:
            return choice.name
    return same(value)


_ROUNDING = {
    "down": Text("不足的舍去", "rounded down to"),
    "up": Text("不足的进位", "rounded up to"),
    "half_up": Text("四舍五入", "rounded half up to"),
}


def in_whole_units(unit: Decimal | None) -> list[Text]:
    """Return in which units a budget or a pool cuts, if it has one of its own."""
    if unit is None:
        return []
    said = amount(unit)
    return [Text(f"只分得一部分的以 {said.zh}为单位", f"what is cut is in multiples of {said.en}")]


def what_is_left_over(of: Budget | Cap) -> list[Text]:
    """Return who gets what parts in whole units leave over, where it is not shared out.

    And how the ratio of all parts is rounded.
    """
    found = []
    if of.ratio_to is not None:
        to = f"{digits_of(of.ratio_to * 100)}%"
        zh, en = f"压减后的比例舍去到 {to} 的整数倍", f"by a ratio cut down to multiples of {to}"
        found.append(Text(zh, en))
    if of.left_over == NOBODY:
        found.append(Text("舍去的尾差不再分配", "nobody gets what is left over"))
    return found


def too_little_once_cut(of: Budget | Cap) -> list[Text]:
    """Return what is too little once money that is shared has cut it, where something is."""
    if of.at_least is None:
        return []
    least = amount(of.at_least)
    return [
        Text(f"压缩后不足 {least.zh}的不发放", f"less than {least.en} once it is cut is not paid")
    ]


def in_units(unit: Text, rule: Compensation | Operation) -> Text:
    """Return how an amount is rounded to multiples of a unit."""
    how = _ROUNDING[rule.rounding]
    return Text(f"以 {before_a_word(unit)}为单位，{how.zh}", f"{how.en} multiples of {unit.en}")
