"""The size of an enterprise by its industry, employees, revenue and total assets.

Source: the classification of large, medium, small and micro enterprises for statistics
(统计上大中小微型企业划分办法(2017)). An enterprise is large, medium or small if it reaches the
lower limit of every indicator that its industry uses, otherwise it falls to the next class; micro
is what remains. Where an indicator that its industry uses is missing there is no size, even where
the others would decide (an assumption; the classification does not say).

In columns, amounts are fen (int64), employees are persons (int64), industries are positions in the
size table (int8).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from compensation.classification.industries import (
    Industries,
    industry_keys,
    industry_problem,
)
from compensation.classification.size_table import (
    INDICATOR_NAMES,
    INDICATORS,
    SIZES,
    Bools,
    Integers,
    Size,
    indicators_of,
    size_table,
)
from compensation.language import Language, Text, joined
from compensation.values.kinds import Kind
from compensation.values.numbers import COUNT, YUAN, Measure, units_of_value
from compensation.values.printing import yuan_of, yuan_text

Classes = npt.NDArray[np.int8]

BORROWER_TYPES: Final = (
    "large_enterprise",
    "medium_enterprise",
    "small_enterprise",
    "micro_enterprise",
)
"""The borrower type of each class, in the same order."""

SMALL: Final = 2
"""Classes from this one on are 小微 (small_micro)."""

UNDETERMINED: Final = -1
"""The class of a row that has no industry with size limits, or lacks an indicator it uses."""

_LACKING: Final = Text(
    "{industry}按{needed}划分企业规模，缺少：{missing}",
    "the size in {industry} goes by {needed}; missing: {missing}",
)
_BAD_AMOUNT: Final = Text(
    "{indicator}应为 0 至 9999999999999.99 元、最多两位小数的金额，不能是“{given}”",
    "{indicator} must be an amount from 0 to 9999999999999.99 yuan with at most two decimals,"
    " not “{given}”",
)
_BAD_COUNT: Final = Text(
    "{indicator}应为非负整数，不能是“{given}”",
    "{indicator} must be a whole number of at least 0, not “{given}”",
)


class EnterpriseSizeError(ValueError):
    """The size cannot be told; ``text`` says why in both languages, ``str()`` in Chinese."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.zh)
        self.text = text


class UnknownIndustry(EnterpriseSizeError):
    """The industry is unknown, not covered, too broad or blank: ``outcome`` is its code."""

    def __init__(self, text: Text, outcome: int) -> None:
        super().__init__(text)
        self.outcome = outcome


class MissingIndicator(EnterpriseSizeError):
    """Indicators that the industry uses are not given; ``indicators`` names them."""

    def __init__(self, text: Text, indicators: tuple[str, ...]) -> None:
        super().__init__(text)
        self.indicators = indicators


@dataclass(frozen=True)
class IndicatorSize:
    """One indicator of an enterprise, and the class that it alone reaches.

    ``actual`` and ``limits`` (the lower limits of large, medium and small) are in persons (int) or
    yuan (Decimal).
    """

    indicator: str
    name: Text
    actual: int | Decimal
    limits: tuple[int | Decimal, ...]
    size: Size

    def as_dict(self, language: Language = "zh") -> dict[str, Any]:
        """Return the indicator as JSON has it: persons as they are, yuan with two decimals."""
        actual, *limits = (
            str(value) if isinstance(value, int) else yuan_text(value)
            for value in (self.actual, *self.limits)
        )
        name = self.name.get(language)
        return {**vars(self), "name": name, "actual": actual, "limits": limits}


@dataclass(frozen=True)
class EnterpriseSize:
    """The size of one enterprise: the lowest of the classes that its indicators reach.

    >>> enterprise_size("工业", 30, 5000000).borrower_type
    'small_enterprise'
    """

    industry: str
    name: Text
    size: Size
    borrower_type: str
    small_micro: bool
    indicators: tuple[IndicatorSize, ...]

    def as_dict(self, language: Language = "zh") -> dict[str, Any]:
        """Return the size as JSON has it, with names in one language."""
        return {
            "size": self.size,
            "small_micro": self.small_micro,
            "borrower_type": self.borrower_type,
            "industry": self.industry,
            "industry_name": self.name.get(language),
            "indicators": [each.as_dict(language) for each in self.indicators],
        }


def class_reached(industry: Industries, indicator: str, value: Integers) -> Classes:
    """Return the class that one indicator alone reaches: how many lower limits lie above the value.

    An industry that does not use the indicator reaches the highest class by it. ``industry`` holds
    positions only (no negative outcomes); ``value`` is in persons or fen.
    """
    missed = np.zeros(value.shape, np.int8)
    for lower_limit in size_table().limits[INDICATORS.index(indicator)]:
        missed += value < lower_limit[industry]
    return missed


def lacks(industry: Industries, indicator: str, known: Bools) -> Bools:
    """Tell the rows whose industry uses the indicator but that do not give it."""
    used = size_table().uses[INDICATORS.index(indicator)]
    lacking: Bools = (industry >= 0) & used[industry] & ~known
    return lacking


def size_class(
    industry: Industries, values: Mapping[str, Integers], known: Mapping[str, Bools]
) -> Classes:
    """Return the class of every row: 0 large, 1 medium, 2 small, 3 micro, or `UNDETERMINED`.

    ``industry`` as from `industry_keys`; ``values`` by indicator, int64: ``employees`` in persons,
    ``revenue`` and ``total_assets`` in fen; what a value is where it is not known does not matter.
    The class is the lowest that any indicator of the industry reaches: the first whose lower limits
    all are reached.

    >>> one, known = np.ones(1, np.int64), np.ones(1, np.bool_)
    >>> values = {"employees": 300 * one, "revenue": 2_000_000_000 * one, "total_assets": one}
    >>> given = {"employees": known, "revenue": known, "total_assets": ~known}
    >>> size_class(industry_keys(["C13"]), values, given)
    array([1], dtype=int8)
    """
    has_limits = industry >= 0
    position = np.where(has_limits, industry, np.int8(0))
    size = np.zeros(industry.shape, np.int8)
    determined = has_limits
    for indicator in INDICATORS:
        np.maximum(size, class_reached(position, indicator, values[indicator]), out=size)
        determined = determined & ~lacks(industry, indicator, known[indicator])
    return np.where(determined, size, np.int8(UNDETERMINED))


def enterprise_size(
    industry: str,
    employees: int | None = None,
    revenue: Decimal | int | str | None = None,
    total_assets: Decimal | int | str | None = None,
) -> EnterpriseSize:
    """Return the size of one enterprise; amounts in yuan, exact, with at most two decimals.

    Raises `UnknownIndustry` (a code or name that is unknown, not covered or too broad),
    `MissingIndicator` (one that the industry uses is None), `EnterpriseSizeError` (a value out of
    range), all of them ValueErrors, and TypeError for a float.
    Source: 统计上大中小微型企业划分办法(2017).

    >>> bakery = enterprise_size("C14", employees=20, revenue="3000000")
    >>> bakery.size, bakery.borrower_type, bakery.small_micro
    ('small', 'small_enterprise', True)
    >>> enterprise_size("C14", employees=20, revenue="2999999.99").size
    'micro'
    >>> [(used.indicator, used.size) for used in bakery.indicators]
    [('employees', 'small'), ('revenue', 'small')]
    """
    position = industry_keys([industry])
    index = int(position[0])
    problem = industry_problem(industry)
    if problem is not None:
        raise UnknownIndustry(problem, index)
    given = {
        "employees": _persons(employees),
        "revenue": _fen("revenue", revenue),
        "total_assets": _fen("total_assets", total_assets),
    }
    known = {name: np.array([value is not None]) for name, value in given.items()}
    missing = tuple(name for name in INDICATORS if lacks(position, name, known[name])[0])
    if missing:
        raise _missing(index, missing)
    values = {name: np.array([value or 0], np.int64) for name, value in given.items()}
    size = size_class(position, values, known)[0]
    return EnterpriseSize(
        industry=size_table().keys[index],
        name=size_table().names[index],
        size=SIZES[size],
        borrower_type=BORROWER_TYPES[size],
        small_micro=bool(size >= SMALL),
        indicators=tuple(_by_indicator(index, name, values[name]) for name in indicators_of(index)),
    )


def _by_indicator(industry: int, indicator: str, value: Integers) -> IndicatorSize:
    """Explain one indicator of one enterprise; ``value`` has one row."""
    place = INDICATORS.index(indicator)
    reached = class_reached(np.array([industry], np.int8), indicator, value)[0]
    actual, *limits = (
        int(number) if indicator == "employees" else yuan_of(number)
        for number in (value[0], *size_table().limits[place, :, industry])
    )
    name = INDICATOR_NAMES[indicator]
    return IndicatorSize(indicator, name, actual, tuple(limits), SIZES[reached])


def _missing(industry: int, missing: tuple[str, ...]) -> MissingIndicator:
    text = _LACKING.fill(
        industry=size_table().names[industry],
        needed=joined(INDICATOR_NAMES[name] for name in indicators_of(industry)),
        missing=joined(INDICATOR_NAMES[name] for name in missing),
    )
    return MissingIndicator(text, missing)


def _persons(value: int | None) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"employees must be int, not {type(value).__name__}")
    return _units("employees", value, COUNT, _BAD_COUNT)


def _fen(indicator: str, value: Decimal | int | str | None) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        raise TypeError(f"{indicator} must be Decimal, int or str, not {type(value).__name__}")
    return _units(indicator, value, YUAN, _BAD_AMOUNT)


def _units(indicator: str, value: Decimal | int | str, measure: Measure, wrong: Text) -> int:
    units = units_of_value(value, measure)
    if isinstance(units, Kind):
        raise EnterpriseSizeError(wrong.fill(indicator=INDICATOR_NAMES[indicator], given=value))
    return units
