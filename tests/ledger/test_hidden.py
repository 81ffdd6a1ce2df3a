"""What is hidden of a sheet counts like the rest, and a warning says what it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from compensation import apply_reviews, assess_files, read_portfolio, read_reviews
from compensation.readers.hidden import RANGES, hidden_rows
from tests.ledger.input_files import edit_member
from tests.ledger.office_ledger import FIGURES, assessed, figures, write_ledger

Change = Callable[[openpyxl.Workbook], object]
SHEET = "xl/worksheets/sheet2.xml"


def rows(*numbers: int) -> Change:
    def change(book: openpyxl.Workbook) -> None:
        for number in numbers:
            book["担保合同"].row_dimensions[number].hidden = True

    return change


def column(letter: str) -> Change:
    def change(book: openpyxl.Workbook) -> None:
        book["担保合同"].column_dimensions[letter].hidden = True

    return change


def state(name: str) -> Change:
    def change(book: openpyxl.Workbook) -> None:
        book["担保合同"].sheet_state = name

    return change


def another_sheet(book: openpyxl.Workbook) -> None:
    book.create_sheet("说明").sheet_state = "hidden"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "kind", "said", "of_column"),
    [
        (rows(3), "hidden_rows", "第 3 行被隐藏或筛掉（共 1 行）", None),
        (rows(3, 4, 5, 8), "hidden_rows", "第 3–5、8 行被隐藏或筛掉（共 4 行）", None),
        (rows(1, 2, 9, 12), "hidden_rows", "第 2 行被隐藏或筛掉（共 1 行）", None),
        (column("E"), "hidden_column", "列 E（担保金额）被隐藏", "guaranteed_amount"),
        (state("hidden"), "hidden_sheet", "工作表“担保合同”被隐藏", None),
        (state("veryHidden"), "hidden_sheet", "工作表“担保合同”被隐藏", None),
    ],
)
def test_what_is_hidden_counts_and_is_said(
    change: Change, kind: str, said: str, of_column: str | None, tmp_path: Path
) -> None:
    path = write_ledger(tmp_path / "a.xlsx", change)
    for result in (assessed(path), assess_files(path, "jiyuan-2022", 2022)):
        assert figures(result) == FIGURES
        (warning,) = result.warnings
        assert (warning.kind, warning.table, warning.column) == (kind, "contracts", of_column)
        assert warning.message.zh.startswith(said)
        assert said in str(result.summary["warnings"])


@pytest.mark.parametrize(
    "change",
    [
        rows(1, 9, 20),
        column("L"),
        another_sheet,
    ],
)
def test_what_is_hidden_and_holds_nothing_is_not_said(change: Change, tmp_path: Path) -> None:
    result = assessed(write_ledger(tmp_path / "a.xlsx", change))
    assert not result.warnings
    assert figures(result) == FIGURES


def test_a_hidden_column_of_remarks_is_nobodys_business(tmp_path: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["担保合同"]["L1"], book["担保合同"]["L2"] = "内部备注", "x"
        book["担保合同"].column_dimensions["L"].hidden = True

    (warning,) = assessed(write_ledger(tmp_path / "a.xlsx", change)).warnings
    assert warning.kind == "headings_not_read"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (
            b'<row r="3">',
            b'<row r="3" spans="1:11" ht="15.75" customHeight="1" hidden="true">',
            "hidden_rows",
        ),
        (b'<row r="3">', b"<row r='3' hidden='1'>", "hidden_rows"),
        (b'<row r="3">', b'<row hidden="1" r="3">', "hidden_rows"),
        (b'<row r="3">', b'<row r="3" ht="0" customHeight="1">', "hidden_rows"),
        (b'<row r="3">', b'<row r="3" hidden="0">', None),
        (b'<row r="3">', b'<row r="3" hidden="false" ht="10">', None),
        (
            b"<sheetData>",
            b'<cols><col min="5" max="5" width="0"/></cols><sheetData>',
            "hidden_column",
        ),
        (
            b"<sheetData>",
            b'<cols><col hidden="1" max="5" min="5"/></cols><sheetData>',
            "hidden_column",
        ),
        (b"<sheetData>", b'<cols><col min="12" max="16384" hidden="1"/></cols><sheetData>', None),
    ],
)
def test_other_programs_hide_in_other_words(
    old: bytes, new: bytes, kind: str | None, tmp_path: Path
) -> None:
    path = write_ledger(tmp_path / "a.xlsx")
    edit_member(path, SHEET, old, new)
    assert [warning.kind for warning in assessed(path).warnings] == ([] if kind is None else [kind])


def test_many_ranges_are_counted_and_the_first_are_named() -> None:
    records = np.arange(1, 10_001)
    (group,) = hidden_rows(set(range(2, 10_001, 2)), records, "contracts")
    message = group.message
    assert message.zh.count("、") == message.en.count(", ") == RANGES - 1
    assert "5000" in message.zh
    assert "5000" in message.en


def test_rows_with_blank_rows_between_are_one_range() -> None:
    (group,) = hidden_rows({4, 5, 6, 7}, np.array([3, 4, 7, 9]), "contracts")
    assert "5–8" in group.message.zh


def test_the_review_sheet_says_what_is_hidden(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "说明"
    sheet = book.create_sheet("审核表")
    for row in (
        ["审核表"],
        ["代偿编号", "财政金融局审核", "行业主管部门审核", "备注"],
        ["C1", "通过", "通过", None],
        ["C2", "不通过", "通过", "x"],
    ):
        sheet.append(row)
    sheet.row_dimensions[4].hidden = True
    sheet.column_dimensions["C"].hidden = True
    sheet.column_dimensions["D"].hidden = True
    sheet.sheet_state = "hidden"
    book.save(tmp_path / "r.xlsx")
    reviews = read_reviews(tmp_path / "r.xlsx")
    portfolio = read_portfolio(write_ledger(tmp_path / "a.xlsx"))
    warnings = apply_reviews(portfolio, reviews).warning_list
    assert [(w.kind, w.table, w.column) for w in warnings] == [
        ("hidden_rows", "审核表", None),
        ("hidden_sheet", "审核表", None),
        ("hidden_column", "审核表", "industry_review"),
    ]
    assert "第 4 行" in warnings[0].message.zh
