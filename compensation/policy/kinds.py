"""What a quantity is an amount of: yuan, a ratio, a count, days, months.

A number alone takes the kind of what stands beside it. Yuan and days are never added or compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum

from compensation.language import Text
from compensation.ledger.column import ColumnType


class Kind(Enum):
    """What a quantity counts. NUMBER: a number alone, which fits any other."""

    NUMBER = "number"
    MONEY = "money"
    RATIO = "ratio"
    COUNT = "count"
    DAYS = "days"
    MONTHS = "months"
    DATE = "date"
    BOOLEAN = "boolean"
    TEXT = "text"


KIND_NAMES: dict[Kind, Text] = {
    Kind.NUMBER: Text("数", "a number"),
    Kind.MONEY: Text("金额（元）", "an amount (yuan)"),
    Kind.RATIO: Text("比例", "a ratio"),
    Kind.COUNT: Text("个数", "a count"),
    Kind.DAYS: Text("天数", "a number of days"),
    Kind.MONTHS: Text("月数", "a number of months"),
    Kind.DATE: Text("日期", "a date"),
    Kind.BOOLEAN: Text("是/否", "yes or no"),
    Kind.TEXT: Text("文字", "text"),
}
KIND_OF_TYPE: dict[ColumnType, Kind] = {
    ColumnType.MONEY: Kind.MONEY,
    ColumnType.SHARE: Kind.RATIO,
    ColumnType.COUNT: Kind.COUNT,
    ColumnType.DATE: Kind.DATE,
    ColumnType.BOOLEAN: Kind.BOOLEAN,
    ColumnType.TEXT: Kind.TEXT,
    ColumnType.CHOICE: Kind.TEXT,
}
TYPE_OF_KIND: dict[Kind, ColumnType | None] = {
    Kind.MONEY: ColumnType.MONEY,
    Kind.RATIO: None,
    Kind.NUMBER: None,
    Kind.COUNT: ColumnType.COUNT,
    Kind.DAYS: ColumnType.COUNT,
    Kind.MONTHS: ColumnType.COUNT,
    Kind.DATE: ColumnType.DATE,
}
NUMERIC = frozenset({Kind.NUMBER, Kind.MONEY, Kind.RATIO, Kind.COUNT, Kind.DAYS, Kind.MONTHS})
PLAIN = frozenset({Kind.NUMBER, Kind.RATIO})
"""What a quantity can be multiplied by without becoming another kind."""


def together(kinds: Sequence[Kind]) -> Kind | None:
    """Return the one kind that several quantities have; None if they have none.

    A number alone fits any kind but a date.
    """
    found = {kind for kind in kinds if kind is not Kind.NUMBER}
    if len(found) > 1 or (Kind.DATE in found and Kind.NUMBER in kinds):
        return None
    return found.pop() if found else Kind.NUMBER


def product(kinds: Sequence[Kind]) -> Kind | None:
    """Return the kind of a product; None where there is none, such as of yuan and yuan."""
    if not all(kind in NUMERIC for kind in kinds):
        return None
    if kinds.count(Kind.MONEY) == 1:
        return Kind.MONEY
    others = [kind for kind in kinds if kind not in PLAIN]
    if Kind.MONEY in others or len(others) > 1:
        return None
    if others:
        return others[0]
    return Kind.RATIO if Kind.RATIO in kinds else Kind.NUMBER


def quotient(kinds: Sequence[Kind]) -> Kind | None:
    """Return the kind of a quotient: yuan over yuan is a ratio, yuan over a number is yuan."""
    if not all(kind in NUMERIC for kind in kinds):
        return None
    part, whole = kinds
    if part is whole or whole is Kind.NUMBER:
        money = part is Kind.MONEY and whole is not Kind.MONEY
        return Kind.MONEY if money else Kind.NUMBER if part is Kind.NUMBER else Kind.RATIO
    if part is Kind.MONEY:
        return Kind.MONEY
    return Kind.RATIO if whole is Kind.RATIO and part is Kind.NUMBER else None


COMBINED: Mapping[str, Callable[[Sequence[Kind]], Kind | None]] = {
    "sum": together,
    "minus": together,
    "min": together,
    "max": together,
    "first_given": together,
    "times": product,
    "over": quotient,
}
OF_DATES: Mapping[str, Kind] = {
    "days": Kind.DAYS,
    "months": Kind.MONTHS,
    "days_in_year": Kind.DAYS,
    "working_days": Kind.DAYS,
}
