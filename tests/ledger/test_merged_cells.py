"""A merged cell gives its value to every record that it covers, or it is a fault."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from compensation import InputFaults
from compensation.ledger.reviews import read_reviews
from compensation.readers.merged_cells import HEADING_ROWS, merged_ranges
from compensation.readers.xlsx import read_workbook
from compensation.schema.dictionary import INSTITUTIONS
from tests.ledger.input_files import edit_member, kinds, records
from tests.ledger.office_ledger import FIGURES, assessed, faults_of, figures, write_ledger

Change = Callable[[openpyxl.Workbook], object]


def merge(sheet: str, *ranges: str) -> Change:
    """Return what merges ranges of a sheet; only their first cells keep what they hold."""

    def change(book: openpyxl.Workbook) -> None:
        for each in ranges:
            book[sheet].merge_cells(each)

    return change


def merge_blank(sheet: str, each: str) -> Change:
    """Return what merges a range as it is: openpyxl would look at every cell of it."""
    return lambda book: book[sheet].merged_cells.add(each)


def all_of(*changes: Change) -> Change:
    """Return what makes several changes."""

    def change(book: openpyxl.Workbook) -> None:
        for each in changes:
            each(book)

    return change


def insert(sheet: str, row: int, *cells: object) -> Change:
    """Return what puts a row into a sheet."""

    def change(book: openpyxl.Workbook) -> None:
        book[sheet].insert_rows(row)
        for column, cell in enumerate(cells, 1):
            book[sheet].cell(row, column, cell)

    return change


def put(sheet: str, place: str, value: object) -> Change:
    """Return what writes a cell."""

    def change(book: openpyxl.Workbook) -> None:
        book[sheet][place] = value

    return change


SHARES = [f"{column}2:{column}8" for column in "HIJK"]


def test_a_share_merged_over_contracts_is_that_of_each(tmp_path: Path) -> None:
    """All contracts have the shares of the first: 10, 30, 30, 30 in a hundred."""
    little = [
        put("担保合同", f"{c}2", v) for c, v in zip("HIJK", (0.1, 0.3, 0.3, 0.3), strict=True)
    ]
    path = write_ledger(tmp_path / "a.xlsx", all_of(*little, merge("担保合同", *SHARES)))
    result = assessed(path)
    assert figures(result) == ("25000.00", "16000.00", "4470.00")
    assert result.summary["warnings"] == []


def test_a_review_merged_over_claims_is_that_of_each(tmp_path: Path) -> None:
    path = write_ledger(tmp_path / "a.xlsx", merge("代偿", "F2:F5", "G2:G5"))
    assert figures(assessed(path)) == ("32500.00", "31500.00", "4705.00")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ([merge("担保合同", "B2:B8")], "text"),
        (
            [merge("担保合同", "C6:C7", "D2:D3", "H2:H6", "I2:I6", "J2:J6", "K2:K6")],
            "several columns",
        ),
        ([merge("担保合同", "B2:B20")], "past the last record"),
        (
            [put("担保合同", "A9", "合计"), put("担保合同", "E9", 1), merge("担保合同", "B2:B9")],
            "total",
        ),
        ([merge("担保合同", "B2:B4", "B5:B8")], "one below another"),
        ([insert("担保合同", 4), merge("担保合同", "B2:B9")], "over a blank row"),
        ([insert("担保合同", 1, "担保业务台账"), merge("担保合同", "A1:K1")], "title"),
        (
            [
                put("担保合同", "A9", "合计"),
                put("担保合同", "E9", 23_100_000),
                merge("担保合同", "A9:D9"),
            ],
            "label of a total",
        ),
        ([put("担保合同", "A10", "注:本表按合同填列"), merge("担保合同", "A10:K11")], "note below"),
        ([put("代偿", "E3", 0), merge("代偿", "E3:E5")], "nothing but zero"),
        ([put("担保合同", "M2", "说明"), merge("担保合同", "M2:N4")], "beside the table"),
        (
            [
                put("担保合同", "L1", "备注"),
                put("担保合同", "M1", "备注2"),
                merge("担保合同", "L2:M3"),
            ],
            "remarks",
        ),
        ([merge_blank("担保合同", "L1:L1048576")], "a whole column without a heading"),
        ([merge_blank("担保合同", "A100:XFD1048576")], "all that is below"),
    ],
)
def test_what_merged_cells_say_is_read(changes: list[Change], why: str, tmp_path: Path) -> None:
    path = write_ledger(tmp_path / "a.xlsx", all_of(*changes))
    assert figures(assessed(path)) == FIGURES, why


def test_one_that_hangs_over_rows_without_records_makes_none(tmp_path: Path) -> None:
    path = write_ledger(tmp_path / "a.xlsx", merge("解保", "A2:A9", "B2:B9"))
    assert figures(assessed(path)) == FIGURES


def test_a_record_over_two_rows_is_one(tmp_path: Path) -> None:
    changes = (insert("解保", 3), merge("解保", "A2:A3", "B2:B3", "C2:C3"))
    assert figures(assessed(write_ledger(tmp_path / "a.xlsx", all_of(*changes)))) == FIGURES


def test_a_contract_merged_over_its_releases_is_that_of_each(tmp_path: Path) -> None:
    two = [put("解保", "C2", 200_000), insert("解保", 3, None, date(2022, 10, 1), 300_000)]
    path = write_ledger(tmp_path / "a.xlsx", all_of(*two, merge("解保", "A2:A3")))
    assert figures(assessed(path)) == FIGURES


def test_headings_in_two_rows_are_read(tmp_path: Path) -> None:
    """The shares stand below 分担比例; the other headings are merged over both rows."""

    def change(book: openpyxl.Workbook) -> None:
        sheet = book["担保合同"]
        sheet.insert_rows(1)
        for column in range(1, 8):
            sheet.cell(1, column, sheet.cell(2, column).value)
            sheet.merge_cells(start_row=1, end_row=2, start_column=column, end_column=column)
        sheet["H1"] = "分担比例"
        sheet.merge_cells("H1:K1")

    path = write_ledger(tmp_path / "a.xlsx", change)
    assert figures(assessed(path)) == FIGURES


@pytest.mark.parametrize("height", range(2, HEADING_ROWS + 1))
def test_headings_that_are_all_merged_downwards_are_read(height: int, tmp_path: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        sheet = book["担保合同"]
        sheet.insert_rows(2, height - 1)
        for column in range(1, 12):
            sheet.merge_cells(start_row=1, end_row=height, start_column=column, end_column=column)

    assert figures(assessed(write_ledger(tmp_path / "a.xlsx", change))) == FIGURES


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([merge("担保合同", "C4:D5")], ("merged_across", 4, "borrower_id", "C4:D5")),
        ([merge("担保合同", "D8:E8")], ("merged_across", 8, "borrower_type", "D8:E8")),
        (
            [put("担保合同", "L1", "备注"), merge("担保合同", "K3:L3")],
            ("merged_across", 3, "share_national_fund", "K3:L3"),
        ),
        ([merge("担保合同", "D1:D3")], ("merged_across", None, "borrower_type", "D1:D3")),
        ([merge("担保合同", "C1:C40")], ("merged_across", None, "borrower_id", "C1:C40")),
        (
            [put("担保合同", "L3", 5), merge("担保合同", "K1:L1")],
            ("merged_across", None, "share_national_fund", "K1:L1"),
        ),
        ([merge("担保合同", "E2:E3")], ("merged_amount", 2, "guaranteed_amount", "E2:E3")),
        ([merge("代偿", "D3:D4")], ("merged_amount", 3, "principal", "D3:D4")),
    ],
)
def test_what_may_mean_something_else_is_refused(
    changes: list[Change], expected: tuple[object, ...], tmp_path: Path
) -> None:
    path = write_ledger(tmp_path / "a.xlsx", all_of(*changes))
    said = [(f.kind, f.row, f.column, f.value) for f in faults_of(path)]
    assert expected in said


def test_what_a_borrower_has_may_be_merged_over_its_contracts(tmp_path: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        for column, (heading, value) in enumerate(
            (("从业人员", 20), ("营业收入", 5_000_000), ("资产总额", 3_000_000)), 12
        ):
            book["担保合同"].cell(1, column, heading)
            book["担保合同"].cell(6, column, value)
            book["担保合同"].merge_cells(
                start_row=6, end_row=7, start_column=column, end_column=column
            )

    assert figures(assessed(write_ledger(tmp_path / "a.xlsx", change))) == FIGURES


def institutions(path: Path, ranges: bytes) -> None:
    """Write a table of institutions by hand, with other content below merged cells."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "机构"
    for row in (
        ["机构代码", "机构名称", "政府性融资担保机构"],
        ["A", "a", "是"],
        ["B", "b", "否"],
        ["C", "c", ""],
    ):
        sheet.append(row)
    book.save(path)
    edit_member(
        path,
        "xl/worksheets/sheet1.xml",
        b"</sheetData>",
        b"</sheetData><mergeCells>"
        + b"".join(b'<mergeCell ref="%s"/>' % each for each in ranges.split())
        + b"</mergeCells>",
    )


@pytest.mark.parametrize(
    ("ranges", "found"),
    [
        (b"C2:C4", ["merged_across"]),  # 否 stands below 是
        (b"C3:C4", []),
        (b"C4:C3", []),
        (b"c3:c4", []),
        (b"C3", []),
        (b"C3:C4 C4:C5", ["merged_across"]),
        (b"C3:C4 C3:C4", ["merged_across"]),
        (b"A1:XFD1048576", ["merged_across"]),
    ],
)
def test_ranges_no_spreadsheet_program_writes(
    ranges: bytes, found: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "a.xlsx"
    institutions(path, ranges)
    tables, groups = read_workbook(path)
    assert [kind for kind in kinds(groups) if kind != "missing_table"] == found
    if not found and ranges != b"C3":
        assert [row[2] for row in records(tables[INSTITUTIONS.name])] == ["是", "否", "否"]


@pytest.mark.slow
def test_very_many_and_very_large_ranges_take_no_time(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    ranges = [f"C{row}:C1048576" for row in range(3, 20_003)] + ["A5:XFD1048576"] * 20_000
    ranges += ["A1:B1"] * 20_000
    institutions(path, " ".join(ranges).encode())
    _, groups = read_workbook(path)
    assert set(kinds(groups)) == {"merged_across"}


def test_merged_ranges_are_put_in_order() -> None:
    assert merged_ranges([((3, 1), (2, 0)), ((1, 1), (1, 1)), ((0, 0), (1, 0))]) == [
        ((0, 0), (1, 0)),
        ((2, 0), (3, 1)),
    ]
    assert merged_ranges(None) == []


# The 审核表


HEADINGS: list[object] = ["序号", "代偿编号", "财政金融局审核", "行业主管部门审核", "备注"]


def reviews(path: Path, rows: list[list[object]], *ranges: str) -> Path:
    """Write a review sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "审核表"
    for row in rows:
        sheet.append(row)
    for each in ranges:
        sheet.merge_cells(each)
    book.save(path)
    return path


BLOCK: list[list[object]] = [
    ["审核表"],
    HEADINGS,
    [1, "C1", "通过", "通过"],
    [2, "C2", None, None],
    [3, "C3", None, "不通过"],
    ["合计", 3],
    ["经办人:", None, None, "经办人:"],
]


OTHERS = [
    [cell.replace("C", "D") if isinstance(cell, str) else cell for cell in row] for row in BLOCK
]
"""The same block of other claims."""


def test_a_decision_merged_over_claims_is_that_of_each(tmp_path: Path) -> None:
    merged = ("A1:E1", "C3:C5", "D3:D4", "C10:C14", "D10:D11")
    read = read_reviews(reviews(tmp_path / "a.xlsx", BLOCK + OTHERS, *merged))
    assert read.claim_id.to_pylist() == ["C1", "C2", "C3", "D1", "D2", "D3"]
    assert read.finance_review.to_pylist() == [0] * 6
    assert read.industry_review.to_pylist() == [0, 0, 1] * 2


@pytest.mark.parametrize(
    ("merged", "kind", "row", "value"),
    [
        ("C3:D4", "merged_across", 3, "C3:D4"),
        ("D4:E4", "merged_across", 4, "D4:E4"),
        ("D2:D4", "merged_across", None, "D2:D4"),
    ],
)
def test_a_decision_that_may_mean_something_else_is_refused(
    merged: str, kind: str, row: int | None, value: str, tmp_path: Path
) -> None:
    with pytest.raises(InputFaults) as caught:
        read_reviews(reviews(tmp_path / "a.xlsx", BLOCK + OTHERS, merged))
    assert (kind, row, value) in [(f.kind, f.row, f.value) for f in caught.value.faults]


@pytest.mark.parametrize("merged", ["A3:A5", "D7:E7", "A6:A7"])
def test_other_merged_cells_of_the_review_sheet_do_not_matter(merged: str, tmp_path: Path) -> None:
    read = read_reviews(reviews(tmp_path / "a.xlsx", BLOCK + OTHERS, merged))
    assert read.finance_review.to_pylist() == [0, 2, 2] * 2


def test_a_claim_merged_over_two_decisions_is_there_twice(tmp_path: Path) -> None:
    rows: list[list[object]] = [HEADINGS, [1, "C1", "通过", "通过"], [None, None, "不通过", "通过"]]
    with pytest.raises(InputFaults) as caught:
        read_reviews(reviews(tmp_path / "a.xlsx", rows, "B2:B3"))
    assert [(f.kind, f.row) for f in caught.value.faults] == [("duplicate", 3)]


def test_a_claim_over_two_rows_is_one(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        HEADINGS,
        [1, "C1", "通过", "通过"],
        [None, None, None, None, "补充说明"],
    ]
    read = read_reviews(reviews(tmp_path / "a.xlsx", rows, "B2:B3", "C2:C3", "D2:D3"))
    assert read.claim_id.to_pylist() == ["C1"]
