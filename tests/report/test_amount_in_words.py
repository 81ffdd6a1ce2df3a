"""Amounts in words: as they are written on vouchers, and read back as the same number."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.report.amount_in_words import in_words
from compensation.values.chinese_numerals import whole_number


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (10, "壹角整"),
        (15, "壹角伍分"),
        (100, "壹元整"),
        (105, "壹元零伍分"),
        (1_000_00, "壹仟元整"),
        (1_005_00, "壹仟零伍元整"),
        (100_500_00, "壹拾万零伍佰元整"),
        (34_000_00, "叁万肆仟元整"),
        (1_000_000_000_000_00, "壹万亿元整"),
        (100_000_001_00, "壹亿零壹元整"),
        (-1_409_50, "负壹仟肆佰零玖元伍角整"),
    ],
)
def test_as_they_are_written(fen: int, words: str) -> None:
    assert in_words(fen) == words


@given(st.integers(1, 10**16 - 1) | st.integers(0, 15).map(lambda power: 10**power))
def test_whole_yuan_read_back(yuan: int) -> None:
    said = in_words(yuan * 100)
    assert said.endswith("元整")
    assert whole_number(said.removesuffix("元整")) == yuan


@given(st.integers(0, 10**18 - 1))
def test_every_amount_has_its_own_words(fen: int) -> None:
    found = re.fullmatch("(?:(.+)元)?零?(?:(.)角)?(?:(.)分)?整?", in_words(fen))
    assert found is not None
    yuan, jiao, left = (0 if part is None else whole_number(part) or 0 for part in found.groups())
    assert yuan * 100 + jiao * 10 + left == fen
