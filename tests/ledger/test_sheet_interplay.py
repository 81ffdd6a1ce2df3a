"""What a sheet has at once: merged cells, totals, footers, units, other headings and names.

Each change leaves the figures of the ledger as they are; the second of the pair is what is said.
"""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from tests.ledger.office_ledger import FIGURES, Change, assessed, faults_of, figures, write_ledger


def in_wan(sheet: Worksheet, columns: str, rows: range) -> None:
    """Write the amounts of some columns in 万元."""
    for column in columns:
        for row in rows:
            cell = sheet[f"{column}{row}"]
            if cell.value:
                cell.value = cell.value / 10_000


def total_merged(book: openpyxl.Workbook) -> None:
    sheet = book["代偿"]
    sheet.append(["合计", None, None, 249_000, 1_000])
    sheet.merge_cells("A6:C6")


def wrong_total_merged(book: openpyxl.Workbook) -> None:
    sheet = book["代偿"]
    sheet.append(["合计", None, None, 250_000, 1_000])
    sheet.merge_cells("A6:C6")


def note_merged_below_a_total(book: openpyxl.Workbook) -> None:
    sheet = book["代偿"]
    in_wan(sheet, "DEH", range(2, 6))
    sheet.append(["合计", None, None, 24.9, 0.1])
    sheet.merge_cells("A6:C6")
    sheet.append(["注：金额单位：万元"])
    sheet.merge_cells("A7:H7")


def subtotal_under_a_merged_institution(book: openpyxl.Workbook) -> None:
    sheet = book["担保合同"]
    sheet.append(["小计", "A", None, None, 23_100_000])
    sheet.merge_cells("B2:B9")


def two_rows_of_headings(book: openpyxl.Workbook) -> None:
    sheet = book["代偿"]
    headings = [cell.value for cell in sheet[1]]
    sheet.insert_rows(1)
    for place, heading in enumerate(headings, 1):
        if heading not in ("代偿本金", "代偿利息"):
            sheet.cell(1, place).value, sheet.cell(2, place).value = heading, None
            sheet.merge_cells(start_row=1, end_row=2, start_column=place, end_column=place)
    sheet["D1"] = "代偿金额（万元）"
    sheet.merge_cells("D1:E1")
    in_wan(sheet, "DE", range(3, 7))


def two_rows_of_headings_under_another_name(book: openpyxl.Workbook) -> None:
    two_rows_of_headings(book)
    book["代偿"].title = "Sheet1"


def unit_over_other_words(book: openpyxl.Workbook) -> None:
    sheet = book["追偿"]
    sheet["D1"], sheet["E1"] = "追回金额", "诉讼费"
    in_wan(sheet, "DE", range(2, 4))
    sheet.insert_rows(1)
    sheet["D1"] = "追偿情况(万元)"
    sheet.merge_cells("D1:E1")


def merged_shares_under_other_words(book: openpyxl.Workbook) -> None:
    sheet = book["担保合同"]
    for column, party in zip("HIJK", ("担保机构", "银行", "再担保机构", "国担"), strict=True):
        sheet[f"{column}1"] = f"{party}分险比例"
        sheet.merge_cells(f"{column}2:{column}6")


def hidden_under_another_name(book: openpyxl.Workbook) -> None:
    book["追偿"].title = "追偿明细"
    book["追偿明细"].sheet_state = "hidden"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (total_merged, []),
        (wrong_total_merged, ["total_differs"]),
        (note_merged_below_a_total, []),
        (subtotal_under_a_merged_institution, []),
        (two_rows_of_headings, ["unit_of_some_columns"]),
        (two_rows_of_headings_under_another_name, ["unit_of_some_columns"]),
        (unit_over_other_words, []),
        (merged_shares_under_other_words, []),
        (hidden_under_another_name, ["hidden_sheet"]),
    ],
)
def test_what_stands_on_a_sheet_together_is_understood(
    change: Change, said: list[str], tmp_path: Path
) -> None:
    result = assessed(write_ledger(tmp_path / "a.xlsx", change))
    assert figures(result) == FIGURES
    assert [warning.kind for warning in result.warnings] == said


def date_on_other_words(book: openpyxl.Workbook) -> None:
    book["代偿"]["H1"] = "已拨付金额"
    book["代偿"]["H5"].number_format = "yyyy-mm-dd"


def scaled_under_other_words(book: openpyxl.Workbook) -> None:
    book["代偿"]["H1"] = "已拨付金额"
    book["代偿"]["H5"].number_format = "0!.0000"


def second_headings_in_other_words(book: openpyxl.Workbook) -> None:
    sheet = book["追偿"]
    sheet.insert_rows(3)
    for place, heading in enumerate(["追偿编号", "代偿编号", "追回日期", "追回金额", "诉讼费"], 1):
        sheet.cell(3, place).value = heading


def unit_on_a_cover(book: openpyxl.Workbook) -> None:
    book["追偿"].title = "追偿明细"
    book.create_sheet("封面", 0)["A1"] = "本套报表金额单位均为万元"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (date_on_other_words, {("date_format", "claims", 5)}),
        (scaled_under_other_words, {("scaling_format", "claims", 5)}),
        (second_headings_in_other_words, {("second_headings", "recoveries", 3)}),
        (
            unit_on_a_cover,
            {
                ("unknown_unit", table, None)
                for table in ("institutions", "contracts", "releases", "claims", "recoveries")
            },
        ),
    ],
)
def test_what_is_refused_is_refused_under_other_words(
    change: Change, said: set[tuple[str, str, int | None]], tmp_path: Path
) -> None:
    found = faults_of(write_ledger(tmp_path / "a.xlsx", change))
    assert {(fault.kind, fault.table, fault.row) for fault in found} == said
