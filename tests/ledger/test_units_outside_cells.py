"""Units of money that are named outside of a table's cells: names, comments, covers, margins."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest
from openpyxl.comments import Comment
from openpyxl.worksheet.datavalidation import DataValidation

from compensation.readers.parquet import head_of
from compensation.schema.dictionary import CLAIMS
from tests.ledger.office_ledger import Change, assessed, faults_of, figures, write_ledger

WAN = Decimal(10_000)


def in_wan(book: openpyxl.Workbook) -> None:
    """Write the money of the claims in units of 10,000 yuan."""
    for row in book["代偿"].iter_rows(min_row=2):
        for place in (3, 4, 7):
            if row[place].value is not None:
                row[place].value = float(Decimal(row[place].value) / WAN)


def both(*changes: Change) -> Change:
    def change(book: openpyxl.Workbook) -> None:
        for each in changes:
            each(book)

    return change


def called(name: str) -> Change:
    return lambda book: setattr(book["代偿"], "title", name)


def commented(cell: str, text: str) -> Change:
    return lambda book: setattr(book["代偿"][cell], "comment", Comment(text, "张三"))


def headed(text: str) -> Change:
    return lambda book: setattr(book["代偿"].oddHeader.right, "text", text)


def footed(text: str) -> Change:
    return lambda book: setattr(book["代偿"].evenFooter.center, "text", text)


def beside(name: str, *rows: tuple[object, ...]) -> Change:
    def change(book: openpyxl.Workbook) -> None:
        sheet = book.create_sheet(name, 0)
        for row in rows:
            sheet.append(row)

    return change


def prompted(cells: str, text: str) -> Change:
    rule = DataValidation(promptTitle="填写说明", prompt=text, showInputMessage=True)
    rule.add(cells)
    return lambda book: book["代偿"].add_data_validation(rule)


def line(text: str) -> Change:
    return lambda book: (book["代偿"].insert_rows(1), book["代偿"].cell(1, 1, text))


def every_line(text: str, of_claims: str | None = None) -> Change:
    def change(book: openpyxl.Workbook) -> None:
        for sheet in book.worksheets[1:]:
            sheet.insert_rows(1)
            sheet.cell(1, 1, of_claims if of_claims and sheet.title == "代偿" else text)

    return change


FORMS: list[tuple[str, Change, bool]] = [
    ("the sheet's name", both(in_wan, called("代偿(万元)")), True),
    ("the sheet's name without brackets", both(in_wan, called("代偿明细-万元")), True),
    ("a scale in the sheet's name", both(in_wan, called("代偿 万")), False),
    ("a scale in brackets", both(in_wan, called("代偿(万)")), False),
    ("a number in the sheet's name", called("代偿(十)"), True),
    ("the sheet's name, in yuan", called("代偿（元）"), True),
    ("the sheet's name against a line", both(in_wan, line("单位:万元"), called("代偿(元)")), False),
    ("a comment on a heading", both(in_wan, commented("D1", "单位：万元")), False),
    ("a comment that agrees", commented("D1", "单位：元"), True),
    ("a comment on a column that is no money", commented("A1", "单位：万元"), True),
    ("a comment with an amount", commented("D2", "其中5000元已于次月收回"), True),
    ("a page header", both(in_wan, headed("单位：万元")), False),
    ("a page header that agrees", both(headed("单位：元  第 &P 页")), True),
    ("a page footer", both(in_wan, footed("金额单位:万元 共&N页")), False),
    ("a page footer with a name", footed("济源市融资担保有限公司"), True),
    ("an input prompt", both(in_wan, prompted("D2:E9", "请按万元填写，保留四位小数")), False),
    ("an input prompt that agrees", prompted("D2:E9", "单位：元"), True),
    ("an input prompt of no money", prompted("A2:A9", "单位：万元"), True),
    ("a title on a cover", both(in_wan, beside("封面", ("代偿台账（单位：万元）",))), False),
    ("a title of nothing there", beside("目录", ("拨付明细表（万元）",)), True),
    ("a cover", both(in_wan, beside("封面", ("申报表",), ("金额单位：万元",))), False),
    ("notes", both(in_wan, beside("填报说明", ("1. 单位:万元",), ("2. 日期为划款日",))), False),
    ("a cover that is not understood", both(in_wan, beside("封面", ("单位：万",))), False),
    (
        "a cover that is not understood, where each table has a unit",
        both(in_wan, beside("封面", ("单位：万",)), every_line("单位：元", "单位：万元")),
        True,
    ),
    ("a cover in yuan", beside("封面", ("单位：元",)), True),
    (
        "a cover, where each table says otherwise",
        both(beside("封面", ("单位：万元",)), every_line("单位：元")),
        True,
    ),
    ("figures in another unit", beside("汇总", ("单位：万元",), ("代偿", 24.9)), True),
]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> object:
    """The figures of the ledger as it is."""
    return figures(assessed(write_ledger(tmp_path_factory.mktemp("plain") / "plain.xlsx")))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "change", "read"), FORMS, ids=[form[0] for form in FORMS])
def test_a_unit_outside_of_the_table(
    tmp_path: Path, name: str, change: Change, plain: object, *, read: bool
) -> None:
    path = write_ledger(tmp_path / "ledger.xlsx", change)
    if read:
        assert figures(assessed(path)) == plain
    else:
        assert {fault.kind for fault in faults_of(path)} == {"unknown_unit"}, name


_DRAWING = (
    '<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><xdr:sp><xdr:txBody><a:p>'
    "<a:r><a:t>单位：</a:t></a:r><a:r><a:t>{}</a:t></a:r></a:p></xdr:txBody></xdr:sp></xdr:wsDr>"
)
_RELATION = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/drawing" Target="../drawings/drawing1.xml"/></Relationships>'
)


@pytest.mark.parametrize(("unit", "read"), [("万元", False), ("元", True)])
def test_a_unit_in_a_text_box(tmp_path: Path, unit: str, *, read: bool) -> None:
    path = write_ledger(tmp_path / "ledger.xlsx")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/drawings/drawing1.xml", _DRAWING.format(unit))
        archive.writestr("xl/worksheets/_rels/sheet4.xml.rels", _RELATION)
    check: Callable[[Path], object] = assessed if read else faults_of
    assert check(path)


@pytest.mark.parametrize(("name", "read"), [("台账（单位：万元）", False), ("台账（元）", True)])
def test_a_unit_in_the_name_of_a_workbook(tmp_path: Path, name: str, *, read: bool) -> None:
    path = write_ledger(tmp_path / f"{name}.xlsx")
    check: Callable[[Path], object] = assessed if read else faults_of
    assert check(path)


@pytest.mark.parametrize(
    ("heading", "of_column", "of_file", "read"),
    [
        ("principal", {"comment": "单位：万元"}, {}, False),
        ("principal", {}, {"comment": "金额单位：万元"}, False),
        ("principal(万元)", {"comment": "单位：万元"}, {"comment": "万元"}, True),
        ("principal", {"comment": "单位：元"}, {"pandas": "单位：万元"}, True),
        ("claim_id", {"comment": "单位：万元"}, {}, True),
    ],
)
def test_a_unit_in_the_metadata_of_parquet(
    heading: str, of_column: dict[str, str], of_file: dict[str, str], *, read: bool
) -> None:
    field = pa.field(heading, pa.string(), metadata=of_column)
    _, faults = head_of(pa.schema([field], metadata=of_file), CLAIMS, "claims.parquet")
    assert [group.kind for group in faults] == ([] if read else ["unknown_unit"])
