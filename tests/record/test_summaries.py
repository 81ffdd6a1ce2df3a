"""When two lists of warnings say the same, though another version may word them differently."""

from __future__ import annotations

import pytest

from compensation.record.summaries import list_difference


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("期末余额为负：-1234567.50 元", "the pool closes at -1,234,567.50 yuan", True),
        ("期末余额为负：-1234567.50 元", "the pool closes at -1,234,567.51 yuan", False),
        ("12、34", "1、234", False),
        ("没有读取“1,234”", "没有读取“1234”", False),
        ("第 3 行：2024-12-31", "第 7 行：2024-12-31", True),
        ("2024-12-31", "2024-12-30", False),
    ],
)
def test_a_warning_is_known_by_what_it_names(one: str, other: str, *, same: bool) -> None:
    first, second = ({"warnings": [{"table": "pool", "message": text}]} for text in (one, other))
    assert (list_difference("warnings", first, second) is None) == same
