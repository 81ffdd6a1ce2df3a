"""Amounts of money as people write them, in a column in yuan and in one in units of 10,000 yuan."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.one_column import MONEY, texts
from tests.values.test_chinese_numerals import written

TEN_THOUSAND = 10_000
MAX_FEN = 999_999_999_999_999

# The cell, its fen in a column in yuan and in one in 万元, or the fault.
AMOUNTS: list[tuple[str, Any, Any]] = [
    ("500万", 500_000_000, 500_000_000),
    ("500万元", 500_000_000, 500_000_000),
    ("500 万元", 500_000_000, 500_000_000),
    ("５００万元", 500_000_000, 500_000_000),
    ("500萬圓", 500_000_000, 500_000_000),
    ("19.5万元", 19_500_000, 19_500_000),
    ("2百万", 200_000_000, 200_000_000),
    ("3千万元", 3_000_000_000, 3_000_000_000),
    ("1.2亿", 12_000_000_000, 12_000_000_000),
    ("1亿2000万", 12_000_000_000, 12_000_000_000),
    ("1万2345元", 1_234_500, 1_234_500),
    ("5 million", 500_000_000, 500_000_000),
    ("人民币500万元整", 500_000_000, 500_000_000),
    ("人民币：500万元", 500_000_000, 500_000_000),
    ("500万元人民币", 500_000_000, 500_000_000),
    ("￥500万", 500_000_000, 500_000_000),
    ("500.00元", 50_000, 50_000),
    ("500元整", 50_000, 50_000),
    ("1,234.50元", 123_450, 123_450),
    ("3千元", 300_000, 300_000),
    ("壹佰万元整", 100_000_000, 100_000_000),
    ("一百万元", 100_000_000, 100_000_000),
    ("一百万", 100_000_000, 100_000_000),
    ("人民币叁拾贰万伍仟元零伍分", 32_500_005, 32_500_005),
    ("叁拾贰万伍仟元叁角伍分", 32_500_035, 32_500_035),
    ("壹仟陆佰捌拾元零叁角贰分", 168_032, 168_032),
    ("伍角整", 50, 50),
    ("零元整", 0, 0),
    ("+500万", 500_000_000, 500_000_000),
    # Without a unit of their own they are in that of the column, unless 元 may be meant.
    ("500", 50_000, 500_000_000),
    ("￥500", 50_000, 500_000_000),
    ("RMB 500,000.00", 50_000_000, "ambiguous_amount"),
    ("人民币500", 50_000, "ambiguous_amount"),
    ("3千", 300_000, "ambiguous_amount"),
    ("五百", 50_000, "ambiguous_amount"),
    # Faults, whatever the column is in.
    ("1万5", "ambiguous_amount", "ambiguous_amount"),
    ("一万五", "not_a_number", "not_a_number"),
    ("-500万", "negative", "negative"),
    ("0.0000001万", "too_many_decimals", "too_many_decimals"),
    ("10万亿", "too_large", "too_large"),
    ("1,23万", "not_a_number", "not_a_number"),
    ("1.5万3千元", "not_a_number", "not_a_number"),
    ("1万20000元", "not_a_number", "not_a_number"),
    ("2000万1亿", "not_a_number", "not_a_number"),
    ("约500万", "not_a_number", "not_a_number"),
    ("500万左右", "not_a_number", "not_a_number"),
    ("500-600万", "not_a_number", "not_a_number"),
    ("500万美元", "not_a_number", "not_a_number"),
    ("US$500", "not_a_number", "not_a_number"),
    ("500万/户", "not_a_number", "not_a_number"),
    ("500w", "not_a_number", "not_a_number"),
    ("万元", "not_a_number", "not_a_number"),
    ("元", "not_a_number", "not_a_number"),
    ("人民币", "not_a_number", "not_a_number"),
    ("￥￥5", "not_a_number", "not_a_number"),
    ("壹仟零伍佰元", "not_a_number", "not_a_number"),
    ("壹元贰角零叁分", "not_a_number", "not_a_number"),
    ("元壹角", "not_a_number", "not_a_number"),
    ("壹佰元伍", "not_a_number", "not_a_number"),
]


@pytest.mark.parametrize(("cell", "yuan", "wan"), AMOUNTS)
def test_an_amount_as_people_write_it(cell: str, yuan: Any, wan: Any) -> None:
    assert texts(MONEY, [cell]) == [yuan]
    assert texts(MONEY, [cell], TEN_THOUSAND) == [wan]


def plain(value: Decimal) -> str:
    return format(value.normalize(), "f")


def in_numerals(yuan: Decimal, formal: bool) -> str:
    whole, cents = divmod(int(yuan * 100), 100)
    jiao, fen = divmod(cents, 10)
    digits = "零壹贰叁肆伍陆柒捌玖" if formal else "零一二三四五六七八九"
    text = written(whole, formal) + "元"
    if not cents:
        return text + "整"
    return text + (f"{digits[jiao]}角" if jiao else "零") + (f"{digits[fen]}分" if fen else "")


FORMS: list[Callable[[Decimal], str]] = [
    lambda yuan: f"{plain(yuan)}元",
    lambda yuan: f"{yuan:,.2f} 元整",
    lambda yuan: f"{plain(yuan / 10**4)}万",
    lambda yuan: f"￥{yuan / 10**4:,f}万元",
    lambda yuan: f"{plain(yuan / 10**6)}百万元",
    lambda yuan: f"人民币{plain(yuan / 10**8)}亿元整",
    lambda yuan: f"RMB {yuan:,.2f}元",
    lambda yuan: f"{int(yuan) // 10**4}万{plain(yuan % 10**4)}元",
    lambda yuan: in_numerals(yuan, formal=True),
    lambda yuan: f"人民币{in_numerals(yuan, formal=False)}",
]


@given(
    st.lists(
        st.tuples(
            st.one_of(st.integers(0, MAX_FEN), st.integers(0, 10**8)),
            st.sampled_from(range(len(FORMS))),
        ),
        min_size=1,
    ),
    st.sampled_from([1, TEN_THOUSAND]),
)
def test_every_amount_comes_back_from_every_form(amounts: list[tuple[int, int]], unit: int) -> None:
    cells = [FORMS[form](Decimal(fen) / 100) for fen, form in amounts]
    assert texts(MONEY, cells, unit) == [fen for fen, _ in amounts]


@given(st.text("0123456789,.万亿千百元角分整零壹贰拾人民币￥- ", min_size=1, max_size=14))
def test_no_text_raises_and_a_unit_of_its_own_wins(cell: str) -> None:
    if cell.strip():
        (yuan,), (wan,) = texts(MONEY, [cell]), texts(MONEY, [cell], TEN_THOUSAND)
        if isinstance(yuan, int) and isinstance(wan, int):
            assert wan in (yuan, yuan * TEN_THOUSAND)
