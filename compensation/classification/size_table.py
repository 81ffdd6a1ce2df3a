"""The limits of the national size classification, by industry and indicator.

Source: the classification of large, medium, small and micro enterprises for statistics
(统计上大中小微型企业划分办法(2017)). Its table is ``enterprise-size.csv``, in persons and units of
10,000 yuan; here limits are in persons and fen.
"""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass
from importlib import resources
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from compensation.language import Text
from compensation.values.kinds import Kind
from compensation.values.numbers import COUNT, YUAN, Measure, units_of_text

Integers = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

Size = Literal["large", "medium", "small", "micro"]

SIZES: Final[tuple[Size, ...]] = ("large", "medium", "small", "micro")
"""The classes in the order of their codes: 0 is large, 3 is micro."""

DATA: Final = ("enterprise-size.csv", "industries.csv")
"""The data files: the limits, and which industries there are by code and name."""

INDICATORS: Final = ("employees", "revenue", "total_assets")

INDICATOR_NAMES: Final = {
    "employees": Text("从业人员", "employees"),
    "revenue": Text("营业收入", "revenue"),
    "total_assets": Text("资产总额", "total assets"),
}

_ENGLISH: Final = {
    "agriculture": "agriculture, forestry, animal husbandry and fishery",
    "industry": "mining, manufacturing and utilities",
    "construction": "construction",
    "wholesale": "wholesale",
    "retail": "retail",
    "transport": "transport",
    "warehousing": "warehousing",
    "post": "post",
    "accommodation": "accommodation",
    "catering": "catering",
    "telecom": "information transmission",
    "software": "software and information technology services",
    "real_estate": "real estate development",
    "property_management": "property management",
    "leasing_business": "leasing and business services",
    "other": "other industries not listed",
}

_LIMITED: Final = SIZES[:3]  # micro has no lower limit
_MEASURES: Final = {"人": COUNT, "万元": YUAN}
_NO_LIMIT: Final = int(np.iinfo(np.int64).min)  # any value reaches it


@dataclass(frozen=True)
class SizeTable:
    """The limits of the classification, by position of the industry.

    ``limits[indicator, class, industry]`` is the lower limit of large, medium and small in persons
    or fen, the lowest int64 where the industry does not use the indicator;
    ``uses[indicator, industry]`` tells whether it does.
    """

    keys: tuple[str, ...]
    names: tuple[Text, ...]
    limits: Integers
    uses: Bools


def read_data(file: str) -> str:
    """Return the text of a data file that lies beside this module."""
    return resources.files("compensation.classification").joinpath(file).read_text("utf-8")


def read_rows(file: str) -> list[dict[str, str]]:
    """Read a data file that lies beside this module: one dictionary a row, by heading."""
    return list(csv.DictReader(read_data(file).splitlines()))


@functools.cache
def size_table() -> SizeTable:
    """Return the classification's limits, read once.

    >>> size_table().keys[:3]
    ('agriculture', 'industry', 'construction')
    """
    rows = read_rows("enterprise-size.csv")
    chinese = {row["industry"]: row["industry_zh"] for row in rows}
    keys = tuple(chinese)
    limits = np.full((len(INDICATORS), len(_LIMITED), len(keys)), _NO_LIMIT, np.int64)
    for row in rows:
        place = INDICATORS.index(row["indicator"]), slice(None), keys.index(row["industry"])
        limits[place] = [
            _limit(row[size] + row["unit"], _MEASURES[row["unit"]]) for size in _LIMITED
        ]
    uses = limits[:, 0, :] != _NO_LIMIT
    limits.setflags(write=False)
    uses.setflags(write=False)
    return SizeTable(keys, tuple(Text(chinese[key], _ENGLISH[key]) for key in keys), limits, uses)


def _limit(text: str, measure: Measure) -> int:
    """Return a limit such as 40000万元 or 300人 in fen or persons."""
    units = units_of_text(text, measure)
    assert not isinstance(units, Kind), text
    return units


def indicators_of(industry: int) -> tuple[str, ...]:
    """Return the indicators by which the industry at a position of the size table is classed.

    >>> indicators_of(size_table().keys.index("construction"))
    ('revenue', 'total_assets')
    """
    if industry < 0:
        return ()
    used = size_table().uses[:, industry]
    return tuple(name for name, is_used in zip(INDICATORS, used, strict=True) if is_used)
