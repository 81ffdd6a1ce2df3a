"""The enterprise-size rule against the published table, and each of its limits one by one."""

from __future__ import annotations

import csv
import doctest
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import compensation.classification
from compensation.classification import enterprise_size as sizes
from compensation.classification import industries, size_table
from compensation.classification.enterprise_size import (
    BORROWER_TYPES,
    UNDETERMINED,
    EnterpriseSizeError,
    MissingIndicator,
    UnknownIndustry,
    enterprise_size,
    lacks,
    size_class,
)
from compensation.classification.industries import (
    AMBIGUOUS_INDUSTRY,
    MISSING_INDUSTRY,
    NOT_COVERED,
    UNKNOWN_INDUSTRY,
    industry_keys,
    industry_problem,
)
from compensation.classification.size_table import INDICATORS, SIZES, indicators_of
from compensation.language import Language

FOLDER = Path(compensation.classification.__file__).parent
MOST = 999_999_999_999_999  # fen, or persons

Row = Mapping[str, int | None]


@dataclass(frozen=True)
class Limit:
    """One line of the published table, as it is printed."""

    industry: str
    indicator: str
    unit: str
    lower: tuple[int, int, int]

    def in_base_units(self) -> tuple[Fraction, ...]:
        """Persons, or yuan."""
        return tuple(
            Fraction(limit) * (10_000 if self.unit == "万元" else 1) for limit in self.lower
        )


def read(file: str) -> list[dict[str, str]]:
    with (FOLDER / file).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


LIMITS = [
    Limit(
        row["industry"],
        row["indicator"],
        row["unit"],
        (int(row["large"]), int(row["medium"]), int(row["small"])),
    )
    for row in read("enterprise-size.csv")
]
KEYS = list(dict.fromkeys(limit.industry for limit in LIMITS))
CODES = read("industries.csv")


def limits_of(key: str) -> dict[str, Limit]:
    return {limit.indicator: limit for limit in LIMITS if limit.industry == key}


def size_by_hand(key: str, values: dict[str, int]) -> str:
    """Tell the size from the table by exact fractions; money in fen."""
    for place, size in enumerate(("large", "medium", "small")):
        for indicator, limit in limits_of(key).items():
            actual = Fraction(values[indicator], 100 if limit.unit == "万元" else 1)
            if actual < limit.in_base_units()[place]:
                break
        else:
            return size
    return "micro"


def sizes_of(keys: list[str], rows: Sequence[Row]) -> list[str | None]:
    """Run the rule on columns; an indicator that is None, or absent, is not known."""
    values = {
        name: np.array([MOST if row.get(name) is None else row[name] for row in rows], np.int64)
        for name in INDICATORS
    }
    known = {
        name: np.array([row.get(name) is not None for row in rows], np.bool_) for name in INDICATORS
    }
    result = size_class(industry_keys(keys), values, known)
    return [None if size == UNDETERMINED else SIZES[size] for size in result]


def near_limits(key: str) -> list[int]:
    """Persons and fen around every limit of an industry."""
    base = [
        int(limit * (100 if line.unit == "万元" else 1))
        for line in limits_of(key).values()
        for limit in line.in_base_units()
    ]
    return [0, *(limit + step for limit in base for step in (-1, 0, 1)), MOST]


@st.composite
def enterprises(draw: st.DrawFn) -> tuple[str, dict[str, int]]:
    key = draw(st.sampled_from(KEYS))
    value = st.one_of(st.sampled_from(near_limits(key)), st.integers(0, MOST))
    return key, {name: draw(value) for name in INDICATORS}


@given(st.lists(enterprises(), min_size=1, max_size=20))
def test_agrees_with_the_table_read_by_hand(rows: list[tuple[str, dict[str, int]]]) -> None:
    keys = [key for key, _ in rows]
    assert sizes_of(keys, [values for _, values in rows]) == [
        size_by_hand(key, values) for key, values in rows
    ]


@given(enterprises(), st.sampled_from(INDICATORS), st.integers(0, MOST))
def test_a_larger_indicator_never_makes_a_smaller_enterprise(
    enterprise: tuple[str, dict[str, int]], indicator: str, other: int
) -> None:
    key, values = enterprise
    low, high = sorted((values[indicator], other))
    lower, higher = sizes_of([key, key], [values | {indicator: low}, values | {indicator: high}])
    assert lower is not None
    assert higher is not None
    assert SIZES.index(higher) <= SIZES.index(lower)


@pytest.mark.parametrize("line", LIMITS, ids=lambda line: f"{line.industry}-{line.indicator}")
def test_every_limit_one_below_exactly_and_one_above(line: Limit) -> None:
    """With the other indicators as high as can be, one indicator alone decides."""
    for place, limit in enumerate(line.in_base_units()):
        exact = int(limit * (100 if line.unit == "万元" else 1))
        rows: list[Row] = [
            dict.fromkeys(INDICATORS, MOST) | {line.indicator: exact + step} for step in (-1, 0, 1)
        ]
        expected = [SIZES[place + 1], SIZES[place], SIZES[place]]
        assert sizes_of([line.industry] * 3, rows) == expected


@pytest.mark.parametrize("key", KEYS)
def test_micro_is_what_remains(key: str) -> None:
    assert sizes_of([key], [dict.fromkeys(INDICATORS, 0)]) == ["micro"]


@pytest.mark.parametrize("key", KEYS)
def test_falls_class_by_class_when_indicators_disagree(key: str) -> None:
    """Large by the first indicator but small by the last is small, not medium."""
    lines = limits_of(key)
    last = list(lines.values())[-1]
    small = int(last.in_base_units()[2] * (100 if last.unit == "万元" else 1))
    values: Row = dict.fromkeys(INDICATORS, MOST) | {last.indicator: small}
    assert sizes_of([key], [values]) == ["small"]


@pytest.mark.parametrize("key", KEYS)
def test_a_missing_indicator_matters_only_to_industries_that_use_it(key: str) -> None:
    position = KEYS.index(key)
    assert indicators_of(position) == tuple(name for name in INDICATORS if name in limits_of(key))
    for name in INDICATORS:
        rows: list[Row] = [dict.fromkeys(INDICATORS, 0) | {name: None}]
        used = name in limits_of(key)
        assert sizes_of([key], rows) == [None if used else "micro"]
        assert lacks(np.array([position], np.int8), name, np.array([False])).tolist() == [used]
        assert lacks(np.array([position], np.int8), name, np.array([True])).tolist() == [False]


@pytest.mark.parametrize(
    "none", [UNKNOWN_INDUSTRY, NOT_COVERED, AMBIGUOUS_INDUSTRY, MISSING_INDUSTRY]
)
def test_without_an_industry_there_is_no_size_and_no_missing_indicator(none: int) -> None:
    industry = np.array([none], np.int8)
    zero, known = np.zeros(1, np.int64), np.ones(1, np.bool_)
    assert size_class(
        industry, dict.fromkeys(INDICATORS, zero), dict.fromkeys(INDICATORS, known)
    ).tolist() == [UNDETERMINED]
    assert indicators_of(none) == ()
    for name in INDICATORS:
        assert lacks(industry, name, ~known).tolist() == [False]


def test_no_rows_give_no_rows() -> None:
    assert sizes_of([], []) == []


def test_the_limits_stand_as_printed_and_fall_from_class_to_class() -> None:
    table = size_table.size_table()
    assert table.keys == tuple(KEYS)
    assert len(KEYS) == 16
    for line in LIMITS:
        unit = 1_000_000 if line.unit == "万元" else 1
        place = INDICATORS.index(line.indicator), slice(None), KEYS.index(line.industry)
        assert table.limits[place].tolist() == [limit * unit for limit in line.lower]
        assert line.lower[0] > line.lower[1] > line.lower[2] > 0
    assert int(table.uses.sum()) == len(LIMITS)
    with pytest.raises(ValueError, match="read-only"):
        table.limits[0, 0, 0] = 1


@given(enterprises())
def test_one_enterprise_is_a_row_of_the_columns(enterprise: tuple[str, dict[str, int]]) -> None:
    key, values = enterprise
    yuan = {name: Decimal(values[name]).scaleb(-2) for name in ("revenue", "total_assets")}
    result = enterprise_size(key, employees=values["employees"], **yuan)
    assert result.industry == key
    assert result.size == size_by_hand(key, values)
    assert result.borrower_type == f"{result.size}_enterprise"
    assert result.small_micro == (result.size in ("small", "micro"))
    assert result.size == max((used.size for used in result.indicators), key=SIZES.index)
    as_text = {name: str(amount) for name, amount in yuan.items()}
    assert enterprise_size(key, values["employees"], **as_text) == result


@pytest.mark.parametrize(("language", "name"), [("zh", "从业人员"), ("en", "employees")])
def test_json_has_persons_as_they_are_and_yuan_with_two_decimals(
    language: Language, name: str
) -> None:
    size = enterprise_size("C34", 20, 3_000_000)
    said = size.as_dict(language)
    assert said["industry_name"] == size.name.get(language)
    persons, revenue = said["indicators"]
    assert persons == {
        "indicator": "employees",
        "name": name,
        "actual": "20",
        "limits": ["1000", "300", "20"],
        "size": "small",
    }
    assert (revenue["actual"], revenue["limits"][-1]) == ("3000000.00", "3000000.00")


def test_the_explanation_has_actual_limits_and_class() -> None:
    result = enterprise_size("E50", revenue="5999.99", total_assets=80_000_000)
    assert result.name.zh == "建筑业"
    assert [used.indicator for used in result.indicators] == ["revenue", "total_assets"]
    revenue, assets = result.indicators
    assert revenue.actual == Decimal("5999.99")
    assert revenue.limits == (800_000_000, 60_000_000, 3_000_000)
    assert (revenue.size, assets.size, result.size) == ("micro", "medium", "micro")
    assert assets.name == ("资产总额", "total assets")
    counted = enterprise_size("74", employees=99).indicators[0]
    assert (counted.actual, counted.limits) == (99, (300, 100, 10))


def test_701_and_702_differ_and_591_and_59_differ() -> None:
    def size(code: str) -> str:
        return enterprise_size(code, 150, "10000000", "100000000").size

    assert size("702") == "small"  # 150 persons, 10 million yuan of revenue
    assert size("701") == "medium"  # 10 million yuan of revenue, 100 million of assets
    assert size("59") == "medium"  # 150 persons reach the 100 of warehousing
    assert size("591") == "small"  # and not the 300 of transport


@pytest.mark.parametrize(
    ("industry", "code"),
    [
        ("J", NOT_COVERED),
        ("教育", NOT_COVERED),
        ("K", AMBIGUOUS_INDUSTRY),
        ("?", UNKNOWN_INDUSTRY),
        ("", MISSING_INDUSTRY),
    ],
)
def test_an_industry_without_a_size_is_refused(industry: str, code: int) -> None:
    with pytest.raises(UnknownIndustry) as refused:
        enterprise_size(industry, 5, 100, 100)
    assert refused.value.outcome == code
    assert refused.value.text == industry_problem(industry)
    assert str(refused.value) == refused.value.text.zh
    assert isinstance(refused.value, ValueError)


def test_missing_indicators_are_named() -> None:
    with pytest.raises(MissingIndicator) as refused:
        enterprise_size("C", total_assets=5)
    assert refused.value.indicators == ("employees", "revenue")
    assert refused.value.text.zh == "工业按从业人员、营业收入划分企业规模，缺少：从业人员、营业收入"
    assert "missing: employees, revenue" in refused.value.text.en
    with pytest.raises(MissingIndicator, match="缺少：资产总额"):
        enterprise_size("L", employees=5, revenue=5)
    assert enterprise_size("74", employees=0).size == "micro"


@pytest.mark.parametrize(
    "revenue",
    [
        "0.001",
        "-0.01",
        "",
        "abc",
        "NaN",
        "1e400",
        "1_000",
        "19.000",
        "5,00,000",
        "9999999999999.995",
        "10000000000000",
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("Infinity"),
        Decimal("1e400"),
        Decimal("1e-400"),
        Decimal("0.01") + Decimal("1e-20"),
        -1,
        10**40,
    ],
)
def test_amounts_that_are_none_are_refused(revenue: Decimal | int | str) -> None:
    with pytest.raises(EnterpriseSizeError, match="营业收入") as refused:
        enterprise_size("A", revenue=revenue)
    assert "revenue must be" in refused.value.text.en


@pytest.mark.parametrize(
    "revenue",
    [
        500000,
        "500000",
        " 500000.00 ",
        "500000.000000000000000000000000000000000000000000",
        "¥500,000",
        "50万元",
        "５０００００",
        Decimal("5E5"),
        Decimal("500000." + "0" * 60),
    ],
)
def test_amounts_are_what_they_are_worth(revenue: Decimal | int | str) -> None:
    result = enterprise_size("A", revenue=revenue)
    assert (result.size, result.indicators[0].actual) == ("small", 500_000)


def test_bounds_of_values() -> None:
    assert enterprise_size("A", revenue="-0").size == "micro"
    assert enterprise_size("A", revenue="9999999999999.99").size == "large"
    assert enterprise_size("M", employees=MOST).size == "large"
    for employees in (-1, MOST + 1, 2**70):
        with pytest.raises(EnterpriseSizeError, match="从业人员应为"):
            enterprise_size("M", employees=employees)


def test_no_float_and_no_boolean() -> None:
    for value in (5.0, True, float("nan")):
        with pytest.raises(TypeError, match="revenue"):
            enterprise_size("A", revenue=value)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="employees"):
            enterprise_size("M", employees=value)  # type: ignore[arg-type]


def test_borrower_types_stand_in_the_order_of_the_sizes() -> None:
    assert tuple(f"{size}_enterprise" for size in SIZES) == BORROWER_TYPES


@pytest.mark.parametrize("module", [sizes, industries, size_table])
def test_examples_in_docstrings(module: object) -> None:
    result = doctest.testmod(module)  # type: ignore[arg-type]
    assert result.attempted > 0
    assert result.failed == 0
