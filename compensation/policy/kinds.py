"""What a quantity is an amount of: yuan, a ratio, a count, days, months, yuan times days or months.

A number alone takes the kind of what stands beside it. Yuan and days are never added or compared,
and their product is no amount before it is divided by days.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum

from compensation.language import Text
from compensation.schema.column import ColumnType


class Kind(Enum):
    """What a quantity counts. NUMBER: a number alone, which fits any other."""

    NUMBER = "number"
    MONEY = "money"
    RATIO = "ratio"
    COUNT = "count"
    DAYS = "days"
    MONTHS = "months"
    YUAN_DAYS = "yuan_days"
    YUAN_MONTHS = "yuan_months"
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
    Kind.YUAN_DAYS: Text("金额乘天数（元·天）", "an amount times days (yuan-days)"),
    Kind.YUAN_MONTHS: Text("金额乘月数（元·月）", "an amount times months (yuan-months)"),
    Kind.DATE: Text("日期", "a date"),
    Kind.BOOLEAN: Text("是/否", "yes or no"),
    Kind.TEXT: Text("文字", "text"),
}
KIND_OF_TYPE: dict[ColumnType, Kind] = {
    ColumnType.MONEY: Kind.MONEY,
    ColumnType.SHARE: Kind.RATIO,
    ColumnType.DECIMAL: Kind.RATIO,
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
    Kind.YUAN_DAYS: ColumnType.MONEY,
    Kind.YUAN_MONTHS: ColumnType.MONEY,
    Kind.DATE: ColumnType.DATE,
}
NO_NUMBERS = frozenset({Kind.TEXT, Kind.BOOLEAN, Kind.DATE})
"""What tests look at and no indicator is computed as."""
OVER_TIME: Mapping[Kind, Kind] = {Kind.DAYS: Kind.YUAN_DAYS, Kind.MONTHS: Kind.YUAN_MONTHS}
"""What yuan times a time are, by what the time is counted in."""
TIME_OF: Mapping[Kind, Kind] = {many: time for time, many in OVER_TIME.items()}
NUMERIC = frozenset(
    {Kind.NUMBER, Kind.MONEY, Kind.RATIO, Kind.COUNT, *OVER_TIME.keys(), *OVER_TIME.values()}
)
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
    others = [kind for kind in kinds if kind not in PLAIN]
    if Kind.MONEY in others:
        beside = [kind for kind in others if kind not in (Kind.MONEY, Kind.COUNT)]
        if others.count(Kind.MONEY) > 1 or len(beside) > 1:
            return None
        return OVER_TIME.get(beside[0]) if beside else Kind.MONEY
    if len(others) > 1:
        return None
    if others:
        return others[0]
    return Kind.RATIO if Kind.RATIO in kinds else Kind.NUMBER


def quotient(kinds: Sequence[Kind]) -> Kind | None:
    """Return the kind of a quotient: yuan over yuan is a ratio, yuan over a number is yuan.

    Yuan-days over days, or over a number, are yuan; over yuan they are days. A ratio over a count
    is a ratio: the average of several.
    """
    if not all(kind in NUMERIC for kind in kinds):
        return None
    part, whole = kinds
    if part in TIME_OF and whole is not part:
        found = {
            TIME_OF[part]: Kind.MONEY,
            Kind.NUMBER: Kind.MONEY,
            Kind.MONEY: TIME_OF[part],
            Kind.RATIO: part,
        }
        return found.get(whole)
    if part is whole or whole is Kind.NUMBER:
        money = part is Kind.MONEY and whole is not Kind.MONEY
        return Kind.MONEY if money else Kind.NUMBER if part is Kind.NUMBER else Kind.RATIO
    if part is Kind.MONEY:
        return None if whole in TIME_OF else Kind.MONEY
    if part is Kind.RATIO and whole is Kind.COUNT:
        return Kind.RATIO
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
    "balance_days": Kind.YUAN_DAYS,
}
"""Operations that take two dates, and what they count."""
