from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.faults.cell_faults import MESSAGES, message_of
from compensation.faults.input_faults import Faults
from compensation.schema.column import Column
from compensation.schema.dictionary import CLAIMS, CONTRACTS, TABLES
from compensation.tables.headings import Found
from compensation.tables.raw import RawColumn, RawTable, column_of_cells
from compensation.tables.values import parse
from compensation.values.characters import BLANKS
from compensation.values.kinds import Kind
from tests.ledger.one_column import (
    BOOLEAN,
    CHOICE,
    COUNT,
    DATE,
    MONEY,
    SHARE,
    TEXT,
    Outcome,
    meaning,
    numbers,
    padded,
    parsed_column,
    texts,
)

ALL_TYPES = [MONEY, COUNT, SHARE, DATE, BOOLEAN, TEXT, CHOICE]
HELD_AS = dict(
    zip(
        (column.name for column in ALL_TYPES),
        (pa.int64(), pa.int64(), pa.int64(), pa.date32(), pa.bool_(), pa.string(), pa.int8()),
        strict=True,
    )
)
every_type = pytest.mark.parametrize("column", ALL_TYPES, ids=lambda column: column.type.value)


def sheet(column: Column, cells: list[object]) -> Outcome:
    """Parse cells of mixed types, as a workbook holds them."""
    raw = column_of_cells(column.heading, cells)
    parts = {
        name: part
        for name in ("text", "number", "moment", "boolean")
        if (part := getattr(raw, name)) is not None
    }
    return meaning(column, **parts)


# Blanks


@every_type
def test_blanks_are_null_and_a_fault_only_where_required(column: Column) -> None:
    blank = pa.array([None, "", " ", "\u3000", "\xa0\t", "\r\n", "\u200b\ufeff"])
    assert meaning(column, text=blank).verdicts() == [None] * 7
    required = column._replace(required=True)
    assert meaning(required, text=blank).verdicts() == ["blank"] * 7
    assert meaning(required, text=padded(blank)).verdicts() == ["blank"] * 7
    (group,) = parsed_column(required, text=blank).faults
    assert [fault.value for fault in group.take(0, 7)] == [None] * 7


@every_type
def test_a_text_longer_than_any_value_is_refused_unless_the_column_holds_text(
    column: Column,
) -> None:
    longest, longer = "是" * 100, "1" * 101
    cells = pa.array([longest, longer, None, f" {longer} ", longer * 100])
    outcome = meaning(column, text=cells).verdicts()
    if column.type is TEXT.type:
        assert outcome == [longest, longer, None, longer, longer * 100]
    else:
        assert outcome[0] != "too_long"
        assert outcome[1:] == ["too_long", None, "too_long", "too_long"]
    assert meaning(column, text=padded(cells)).verdicts() == outcome


@every_type
def test_a_column_without_any_cell(column: Column) -> None:
    table = RawTable("contracts", (), rows=3)
    nothing = parse(Found(column, RawColumn(column.heading), 1), table)
    assert nothing.values.to_pylist() == [None] * 3
    assert nothing.values.type == HELD_AS[column.name]
    assert not nothing.faults
    required = column._replace(required=True)
    assert len(parse(Found(required, RawColumn("x"), 1), table).faults[0]) == 3
    empty = parse(Found(required, RawColumn("x"), 1), RawTable("contracts", (), rows=0))
    assert len(empty.values) == 0
    assert not empty.faults


@pytest.mark.parametrize(("column", "default"), [(MONEY, 0), (SHARE, 0), (CHOICE, 2)])
def test_a_blank_stands_for_the_default_and_a_fault_does_not(column: Column, default: int) -> None:
    column = column._replace(default=default)
    outcome = meaning(column, text=pa.array([None, " ", "?"]))
    assert outcome.values == [default, default, None]
    assert list(outcome.kinds) == [2]


@every_type
def test_values_are_held_as_the_dictionary_says(column: Column) -> None:
    good = {"money": "1", "integer": "1", "ratio": "1", "date": "20220301", "boolean": "1"}
    cell = good.get(column.type.value, "approved")
    for cells in ([cell], [cell, None], [None]):
        assert (
            parsed_column(column, text=pa.array(cells, pa.string())).values.type
            == (HELD_AS[column.name])
        )


@given(st.text(BLANKS), st.text(BLANKS))
def test_blanks_around_a_cell_are_ignored(before: str, after: str) -> None:
    for column, cell, expected in (
        (MONEY, "1,234.5", 123_450),
        (DATE, "2022/3/1", datetime.date(2022, 3, 1)),
        (BOOLEAN, "是", True),
        (CHOICE, "通过", 0),
        (SHARE, "40%", 400_000),
        (TEXT, "HT 001", "HT 001"),
    ):
        assert texts(column, [before + cell + after]) == [expected]


# Money that must be above zero


def test_an_amount_that_must_be_positive() -> None:
    column = MONEY._replace(positive=True)
    cells = ["-0.01", "-0", "0", "0.00", "0.01"]
    expected = ["negative", "not_positive", "not_positive", "not_positive", 1]
    assert texts(column, cells) == expected
    assert numbers(column, [-0.01, -0.0, 0.0, 0.0, 0.01], pa.float64()) == expected
    blank = column._replace(default=0)
    assert texts(blank, [" "]) == [0]


# Yes and no


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("是", "否"),
        ("是。", "否！"),
        ("√", "×"),
        ("✔\ufe0f", "✘"),
        ("true", "FALSE"),
        ("True", "False"),
        ("1", "0"),
        ("Yes", "nO"),
        ("１", "ＮＯ"),
    ],
)
def test_words_for_yes_and_no(yes: str, no: str) -> None:
    assert texts(BOOLEAN, [yes, f" {no} "]) == [True, False]


@pytest.mark.parametrize("cell", ["2", "是的", "y", "T", "x", "V", "-1", "1.0", "01", "nan"])
def test_words_that_are_neither(cell: str) -> None:
    assert texts(BOOLEAN, [cell, "是", "?"]) == ["not_boolean", True, "not_boolean"]


def test_numbers_and_real_booleans() -> None:
    for kind in (pa.int64(), pa.uint64(), pa.float64(), pa.decimal128(9, 2)):
        assert numbers(BOOLEAN, [1, 0, 2, None], kind) == [True, False, "not_boolean", None]
    odd = [0.5, -1.0, float("nan"), float("inf"), -0.0]
    assert numbers(BOOLEAN, odd, pa.float64()) == ["not_boolean"] * 4 + [False]
    real = pa.array([True, False, None])
    assert meaning(BOOLEAN, boolean=real).verdicts() == [True, False, None]
    assert meaning(BOOLEAN, boolean=padded(real)).verdicts() == [True, False, None]
    assert meaning(BOOLEAN, moment=pa.array([0], pa.date32())).verdicts() == ["not_boolean"]


# Choices


def test_every_choice_of_the_dictionary_by_value_and_by_name() -> None:
    for table in TABLES:
        for column in table.columns:
            places = list(range(len(column.choices)))
            if places:
                values = [choice.value for choice in column.choices]
                names = [choice.zh for choice in column.choices]
                assert texts(column, values) == texts(column, names) == places
                assert texts(column, [f" {value.upper()}" for value in values]) == places


REVIEW = CLAIMS.column("finance_review")
BORROWER = CONTRACTS.column("borrower_type")
OTHER_WORDS: list[tuple[Column, str, str | int]] = [
    *((REVIEW, word, 0) for word in ("同意", "批准", "审核通过", "予以通过", "√", "✔\ufe0f")),
    *((REVIEW, word, 0) for word in ("通过。", "通过!", "通过！", "同意；")),
    *((REVIEW, word, 1) for word in ("不同意", "否决", "未通过", "不予通过", "×", "✗", "不通过。")),
    *((REVIEW, word, 2) for word in ("待审核", "审核中", "未审核")),
    *((REVIEW, word, "ambiguous_choice") for word in ("已审", "已审核", "已阅", "已审核。")),
    *(
        (REVIEW, word, "unknown_choice")
        for word in ("审核", "不", "x", "同意通过?", "原则同意", "是")
    ),
    (BORROWER, "微型", 0),
    (BORROWER, "小型", 1),
    (BORROWER, "个体户", 2),
    (BORROWER, "中型", 6),
    (BORROWER, "大型", 7),
    (BORROWER, "其它", 8),
    *((BORROWER, word, "ambiguous_choice") for word in ("小微企业", "小微", "中小企业")),
    *((BORROWER, word, "unknown_choice") for word in ("企业", "微", "合作社", "农业")),
]


@pytest.mark.parametrize(("column", "word", "expected"), OTHER_WORDS)
def test_other_words_for_choices(column: Column, word: str, expected: str | int) -> None:
    column = column._replace(default=None)
    assert texts(column, [word, f" {word} "]) == [expected] * 2


def test_what_is_no_choice() -> None:
    wrong = ["approve", "通 过", "0", "是"]
    assert texts(CHOICE, wrong) == ["unknown_choice"] * 4
    assert numbers(CHOICE, [0.0], pa.float64()) == ["unknown_choice"]
    assert meaning(CHOICE, boolean=pa.array([True])).verdicts() == ["unknown_choice"]
    assert meaning(CHOICE, moment=pa.array([0], pa.date32())).verdicts() == ["unknown_choice"]
    (group,) = meaning(CHOICE, text=pa.array(wrong)).groups
    assert group.take(0, 1)[0].expected.zh == "通过、不通过或待审"


# Text


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8) | st.none(),
        min_size=1,
    )
)
def test_a_text_is_itself_without_the_blanks_around_it(cells: list[str | None]) -> None:
    expected = [None if cell is None else cell.strip(BLANKS) or None for cell in cells]
    array = pa.array(cells, pa.string())
    assert meaning(TEXT, text=array).values == expected
    assert meaning(TEXT, text=padded(array)).values == expected
    assert meaning(TEXT, text=array.cast(pa.large_string())).values == expected


@pytest.mark.parametrize(
    ("kind", "cell", "expected"),
    [
        (pa.float64(), 8.0, "8"),
        (pa.float64(), -0.0, "0"),
        (pa.float64(), -8.0, "-8"),
        (pa.float64(), 1.5, "1.5"),
        (pa.float64(), 0.1 + 0.2, "0.3"),
        (pa.float64(), 1e-7, "0.0000001"),
        (pa.float64(), 999_999_999_999_999.0, "999999999999999"),
        (pa.float64(), 1e15, "digits_lost"),
        (pa.float64(), -1e15, "digits_lost"),
        (pa.float64(), 999_999_999_999_999.9, "digits_lost"),
        (pa.float64(), 1e300, "digits_lost"),
        (pa.float64(), float("nan"), "not_finite"),
        (pa.float64(), float("-inf"), "not_finite"),
        (pa.int64(), 410_881_202_200_000_001, "410881202200000001"),
        (pa.int64(), -8, "-8"),
        (pa.uint64(), 2**64 - 1, "18446744073709551615"),
        (pa.decimal128(38, 0), Decimal(10**30 + 1), "1" + "0" * 29 + "1"),
        (pa.decimal128(38, 2), Decimal("8.00"), "8"),
        (pa.decimal128(38, 2), Decimal("8.50"), "8.5"),
        (pa.decimal128(38, 2), Decimal("-8.00"), "-8"),
        (pa.decimal128(38, 2), Decimal("0.00"), "0"),
        (pa.decimal128(5, -3), Decimal("8000"), "8000"),
    ],
)
def test_a_number_in_a_text_column_is_its_digits(
    kind: pa.DataType, cell: Any, expected: str
) -> None:
    assert numbers(TEXT, [cell], kind) == [expected]
    assert numbers(TEXT, [None, cell, 7000, None], kind) == [None, expected, "7000", None]


def test_a_number_that_a_spreadsheet_cut_short_is_told_from_an_id() -> None:
    cut = ["4.10881E+17", "1E+17", "1.23457e+11", "9.1E+99"]
    ids = ["8140E6", "6081E5", "1E+05", "HT1E+17", "1E17", "12.3E+17", "1.E+17", "1E+100"]
    assert texts(TEXT, cut) == ["digits_lost"] * 4
    assert texts(TEXT, ids) == ids
    assert texts(TEXT, [*ids, *cut, "x"]) == [*ids, *["digits_lost"] * 4, "x"]


BORROWER_ID = CONTRACTS.column("borrower_id")
NO_IDS = [
    *("-", "--", "—", "——", "－", "/", "*", "…", '"', "〃"),
    *(
        "无",
        "暂无",
        "空",
        "空白",
        "未知",
        "未填",
        "不详",
        "待定",
        "待补",
        "缺失",
        "缺",
        "未提供",
        "n.a.",
        "同上",
        "同左",
        "个人",
        "自然人",
        "无证",
        "未办理",
        "见附件",
        "详见合同",
        "无代码",
    ),
    *("NULL", "null", "nan", "NaN", "None", "none", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaT"),
    *("(null)", "(空)", "（无）", "\\N", "nil", "undefined", "unknown", "TBD", "ditto", "xxx"),
    *("#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "########"),
]


def test_what_stands_for_a_missing_id_is_no_id() -> None:
    assert texts(BORROWER_ID, [f" {word} " for word in NO_IDS]) == ["placeholder"] * len(NO_IDS)
    ids = [
        "K1",
        "1",
        "NAN1",
        "1/a",
        "Nanjing",
        "无锡",
        "A-1",
        "-1",
        "空港",
        "甲",
        "Ⅷ",
        "∅",
        "X",
        "个人甲",
        "合同",
    ]
    assert texts(BORROWER_ID, [*ids, "—"]) == [*ids, "placeholder"]
    name = CONTRACTS.column("borrower_name")
    assert texts(name, ["无", "-"]) == ["无", "-"]


def test_dates_and_truths_in_a_text_column() -> None:
    assert meaning(TEXT, boolean=pa.array([True, False, None])).values == ["TRUE", "FALSE", None]
    assert meaning(TEXT, moment=pa.array([0, None], pa.date32())).verdicts() == [
        "date_in_text",
        None,
    ]


# Several parts, positions, and what a fault shows


def test_a_sheet_mixes_its_cells() -> None:
    day = datetime.datetime(2022, 3, 1)  # noqa: DTZ001
    cells: list[object] = [1.5, "2.50", None, True, day, "", "x", float("nan"), 3, Decimal("4.10")]
    bad = "not_a_number"
    assert sheet(MONEY, cells).verdicts() == [
        *[150, 250, None, bad, bad, None, bad, "not_finite", 300, 410]
    ]
    assert sheet(TEXT, cells).verdicts() == [
        *["1.5", "2.50", None, "TRUE", "date_in_text", None, "x", "not_finite", "3", "4.10"]
    ]
    dates = sheet(DATE, [day, "2022-3-1", 20220301.0, 44621.0, None, day.replace(hour=1)])
    assert dates.verdicts() == [
        *[day.date(), day.date(), day.date(), "bare_serial", None, "time_of_day"]
    ]
    assert sheet(BOOLEAN, [True, "否", 1.0, None, "?"]).verdicts() == [
        *[True, False, True, None, "not_boolean"]
    ]


def test_a_fault_says_where_what_and_what_is_expected() -> None:
    column = TABLES[1].column("guaranteed_amount")
    raw = RawColumn("担保金额", text=pa.array([" 5 ", "100.005", None, " 0.001 ", "abc"]))
    table = RawTable("contracts", (raw,), 5, locate=lambda rows: rows * 10 + 2)
    parsed = parse(Found(column, raw, 1), table)
    assert [group.kind for group in parsed.faults] == [
        *["blank", "not_a_number", "too_many_decimals"]
    ]
    found = {fault.row: fault for fault in Faults(parsed.faults)}
    assert sorted(row for row in found if row is not None) == [12, 22, 32, 42]
    assert found[12].value == "100.005"
    assert found[32].value == " 0.001 "
    assert found[22].value is None
    assert found[12].describe("en") == (
        "contracts (担保合同) row 12 guaranteed_amount (担保金额): "
        "more than two decimals: not a whole number of fen (value '100.005'); "
        "expected an amount above 0 and up to 9,999,999,999,999.99 in whole fen"
    )
    assert found[42].describe("zh").startswith("担保合同（contracts） 第 42 行 担保金额")
    assert parsed.values.to_pylist() == [500, None, None, None, None]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"number": pa.array([-1.5, 100.0050, 1e16, float("nan"), 1e300])}, None),
        ({"number": pa.array([Decimal("-8.00"), Decimal("0.0010")])}, ["-8", "0.001"]),
        ({"number": pa.array([-5, -6])}, ["-5", "-6"]),
        ({"moment": pa.array([0], pa.date32())}, ["1970-01-01"]),
        ({"boolean": pa.array([True, False])}, ["TRUE", "FALSE"]),
    ],
)
def test_a_fault_shows_the_cell_as_people_see_it(parts: Any, expected: Any) -> None:
    shown = {f.row or 0: f.value for f in Faults(meaning(MONEY, **parts).groups)}
    expected = expected or ["-1.5", "100.005", "10000000000000000", "NaN", "1E+300"]
    assert [shown[row] for row in sorted(shown)] == expected


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_a_fault_shows_the_time_of_a_timestamp(unit: str) -> None:
    moments = pa.array(np.array(["2022-03-01T12:30:00", "2022-03-01"], f"M8[{unit}]"))
    shown = [f.value for f in Faults(meaning(MONEY, moment=moments).groups)]
    assert shown == ["2022-03-01 12:30:00", "2022-03-01"]


def test_every_kind_has_its_message_in_both_languages() -> None:
    assert list(MESSAGES) == list(Kind)
    for column in ALL_TYPES:
        for unit in (1, 10_000):
            for kind in Kind:
                message = message_of(kind, column, unit)
                assert message.zh
                assert message.en
    assert "两位" in message_of(Kind.TOO_MANY_DECIMALS, MONEY, 1).zh
    assert "六位" in message_of(Kind.TOO_MANY_DECIMALS, MONEY, 10_000).zh
    assert "年份" in message_of(Kind.OUT_OF_RANGE, DATE, 1).zh
