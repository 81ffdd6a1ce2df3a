"""Explanations for people have percentages and Chinese dates; JSON keeps its forms."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.assessment import assess
from compensation.explanation.values import natural, printed
from compensation.language import Language, same
from compensation.ledger.portfolio_input import read_portfolio
from compensation.rules.variables import Variable
from compensation.schema.column import ColumnType
from compensation.values.printing import ratio
from tests.assessing import EXAMPLES

SIX_DECIMALS = re.compile(r"\d\.\d{6}(?!\d)")


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("0.150000", "15%", "15%"),
        ("0.166300", "16.63%", "16.63%"),
        ("0.000000", "0%", "0%"),
        ("-0.020000", "-2%", "-2%"),
        ("1.000000", "100%", "100%"),
        ("实际 0.799996，要求 ≥ 0.800000", "实际 79.9996%，要求 ≥ 80%", None),
        ("≤ 2022-08-30", "≤ 2022年8月30日", "≤ 2022-08-30"),
        ("12345678.90 × 0.100000", "12345678.90 × 10%", "12345678.90 × 10%"),
        ("C-2022-08-30-1", "C-2022-08-30-1", "C-2022-08-30-1"),
        ("2022-02-30", "2022-02-30", "2022-02-30"),
        ("0.1234567", "0.1234567", "0.1234567"),
    ],
)
def test_values_as_people_read_them(text: str, zh: str, en: str | None) -> None:
    assert natural(text, "zh") == zh
    if en is not None:
        assert natural(text, "en") == en


@given(st.integers(-(10**40), 10**40), st.integers(-(10**40), 10**40))
def test_a_ratio_keeps_what_tells_it_from_another(one: int, other: int) -> None:
    same = natural(ratio(one), "zh") == natural(ratio(other), "zh")
    assert same == (one == other)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_explanation_has_a_bare_ratio(language: Language) -> None:
    portfolio = read_portfolio(EXAMPLES / "seed-2" / "input")
    assessment = assess(portfolio, "jiyuan-2022", 2022)
    claims = assessment.claims["claim_id"].head(10)
    institutions = assessment.institutions["institution_id"].head(3)
    explained = [assessment.explain(id_) for id_ in claims]
    for text in (
        *(one.describe(language) for one in explained),
        *(assessment.explain_institution(id_).describe(language) for id_ in institutions),
    ):
        assert not SIX_DECIMALS.search(text)
        assert "%" in text
    assert any("2022年" in one.describe("zh") for one in explained)
    lines = [line for one in explained for line in one.arithmetic if line.name == "rate"]
    assert lines
    assert all(SIX_DECIMALS.fullmatch(line.value) for line in lines)


@pytest.mark.parametrize(
    ("numerator", "denominator", "kind", "shown"),
    [
        (333, 2, ColumnType.MONEY, "1.665"),
        (-333, 2, ColumnType.MONEY, "-1.665"),
        (-1, 2, ColumnType.MONEY, "-0.005"),
        (1000, 3, ColumnType.MONEY, "3.33"),
        (1001, 6, ColumnType.MONEY, "1.67"),
        (-1001, 6, ColumnType.MONEY, "-1.67"),
        (8, 2, ColumnType.MONEY, "0.04"),
        (7, 2, ColumnType.COUNT, "3.5"),
        (10, 3, ColumnType.COUNT, "10/3"),
    ],
)
def test_an_amount_or_a_number_that_is_a_fraction(
    numerator: int, denominator: int, kind: ColumnType, shown: str
) -> None:
    known = np.ones(1, dtype=np.bool_)
    value = Variable(np.array([numerator]), known, np.array([denominator]), kind)
    assert printed(value, 0) == same(shown)
