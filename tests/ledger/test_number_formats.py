"""A format that shows another figure than the cell holds is a fault that names the format."""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from compensation import InputFaults, read_portfolio
from compensation.readers.number_formats import kind_of
from tests.ledger.input_files import edit_member
from tests.ledger.office_ledger import FIGURES, assessed, faults_of, figures, write_ledger

SCALING = [
    "0!.0000",
    "0\\.0000",
    '0"."0000',
    "0.00,",
    "#,##0,",
    "0!.0,",
    "0.0,,",
    "0,.00",
    "#,##0.00,;[Red]-#,##0.00,",
    '0.00"万元"',
    '#,##0"万"',
    "0.00万元",
    "0.00\\万\\元",
    "[$万元]0.00",
    '0.0,"千元"',
    '[>=10000]0!.0,"万";0',
    '0.00;0.00"亿"',
    '0"万"0000',
    '"百分之"0',
    '0.0"%"',
    '0.0"成"',
    '0.0"K"',
    '0.0" million"',
    '0"000"',
    '0"角"',
    "$#,##0.00",
    "[$$-409]#,##0.00",
    "[$USD] 0.00",
    '0.00"美元"',
    "€0.00",
    '@"万元"',
    'G/通用格式"万"',
    'General"万"',
    ";;;",
    '"已填"',
    "00-00",
]
ORDINARY = [
    "",
    "General",
    "G/通用格式",
    "@",
    "0",
    "0.00",
    "#,##0.00",
    "#,##0.00_);(#,##0.00)",
    "#,##0.00_ ;[Red]-#,##0.00\\ ",
    "_-* #,##0.00_-",
    '_ ¥* #,##0.00_ ;_ ¥* \\-#,##0.00_ ;_ ¥* "-"??_ ;_ @_ ',
    "[$¥-804]#,##0.00",
    '"￥"#,##0.00',
    '0.00"元"',
    '#,##0.00\\ "RMB"',
    '0"户"',
    "0;-0;;@",
    '[=0]"-";#,##0.00',
    "# ##0.00",
    "#!,####",
    "0.00E+00",
    "# ?/?",
    "[DBNum2]General",
    "[Red][<0]0.00;0.00",
    "000000",
    '0".00"',
]


@pytest.mark.parametrize("code", SCALING)
def test_a_format_that_shows_another_figure_is_known(code: str) -> None:
    assert kind_of(code) == "scaling_format"


@pytest.mark.parametrize("code", ORDINARY)
def test_a_format_that_shows_the_figure_is_none(code: str) -> None:
    assert kind_of(code) is None


@pytest.mark.parametrize("code", ["0%", "0.00%", "[Red]0.0%;-0.0%", "0.00\\ %"])
def test_a_percentage_is_known(code: str) -> None:
    assert kind_of(code) == "percent_format"


@pytest.mark.parametrize("code", ["yyyy-mm-dd", 'yyyy"年"m"月"', "[$-804]d", "[h]:mm"])
def test_a_date_is_known(code: str) -> None:
    assert kind_of(code) == "date_format"


@pytest.mark.slow
def test_a_long_format_takes_no_time() -> None:
    assert kind_of("0," * 100_000 + ",") == "scaling_format"
    assert kind_of('"' * 100_000) == "scaling_format"
    assert kind_of("[" * 100_000) == "scaling_format"


# In a workbook

MONEY, SHARE, DAY, COUNT = ("担保合同", "E"), ("担保合同", "H"), ("担保合同", "F"), ("机构", "E")


def formatted(
    sheet: str, column: str, code: str, row: int = 2
) -> Callable[[openpyxl.Workbook], object]:
    """Return what gives a cell a format."""

    def change(book: openpyxl.Workbook) -> None:
        book[sheet][f"{column}{row}"].number_format = code

    return change


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "code", "kind"),
    [
        (MONEY, "0!.0000", "scaling_format"),
        (MONEY, '0.00"万元"', "scaling_format"),
        (MONEY, "0.00%", "percent_format"),
        (MONEY, "yyyy-mm-dd", "date_format"),
        (MONEY, "h:mm", "date_format"),
        (MONEY, "[h]:mm", "date_format"),
        (COUNT, "#,##0,", "scaling_format"),
        (COUNT, "0%", "percent_format"),
        (COUNT, "yyyy-mm-dd", "date_format"),
        (SHARE, '0.0"成"', "scaling_format"),
        (SHARE, "yyyy-mm-dd", "date_format"),
    ],
)
def test_a_figure_that_is_shown_as_another_is_one_fault(
    place: tuple[str, str], code: str, kind: str, tmp_path: Path
) -> None:
    path = write_ledger(tmp_path / "a.xlsx", formatted(*place, code))
    (fault,) = faults_of(path)
    assert (fault.kind, fault.row) == (kind, 2)
    assert f"“{code}”" in fault.message.zh
    assert f"“{code}”" in fault.message.en
    assert fault.value is not None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "code"),
    [
        (MONEY, "_-* #,##0.00_-"),
        (MONEY, '0.00"元"'),
        (SHARE, "0%"),
        (SHARE, "0.00%"),
        (DAY, 'yyyy"年"m"月"d"日"'),
        (DAY, 'm"月"d"日"'),
        (("担保合同", "A"), "0!.0000"),
        (("解保", "D"), "0!.0000"),
    ],
)
def test_a_format_that_says_nothing_else_is_read(
    place: tuple[str, str], code: str, tmp_path: Path
) -> None:
    path = write_ledger(tmp_path / "a.xlsx", formatted(*place, code))
    assert figures(assessed(path)) == FIGURES


def test_a_blank_cell_and_a_title_may_have_any_format(tmp_path: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["代偿"]["H2"].number_format = "0!.0000"  # nothing is written there
        book["代偿"]["D1"].number_format = "0!.0000"
        book["担保合同"].append(["合计", None, None, None, 23_100_000])
        book["担保合同"]["E9"].number_format = "0!.0000"

    assert figures(assessed(write_ledger(tmp_path / "a.xlsx", change))) == FIGURES


def test_a_column_of_remarks_may_have_any_format(tmp_path: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        for row, value in ((1, "内部编号"), (2, 12.5), (3, datetime.date(2022, 1, 1))):
            book["担保合同"].cell(row, 12, value).number_format = "0!.0000"

    assert figures(assessed(write_ledger(tmp_path / "a.xlsx", change))) == FIGURES


def test_the_figures_of_a_formula_have_formats_too(tmp_path: Path) -> None:
    path = write_ledger(tmp_path / "a.xlsx", formatted(*MONEY, "0!.0000"))
    edit_member(
        path,
        "xl/worksheets/sheet2.xml",
        b"<v>1000000</v>",
        b"<f>100*10000</f><v>1000000</v>",
    )
    (fault,) = faults_of(path)
    assert (fault.kind, fault.row, fault.value) == ("scaling_format", 2, "1000000")


def test_like_formats_are_named_once_for_a_column(tmp_path: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        for row in range(2, 9):
            book["担保合同"][f"E{row}"].number_format = "0!.0000"

    path = write_ledger(tmp_path / "a.xlsx", change)
    with pytest.raises(InputFaults) as caught:
        read_portfolio(path)
    (group,) = caught.value.faults.groups
    assert [fault.row for fault in caught.value.faults] == [2, 3, 4, 5, 6, 7, 8]
    assert group.column == "guaranteed_amount"


@pytest.mark.parametrize(
    "tag",
    [
        b'<c r="E2" t="n" s="%s">',
        b"<c r=\"E2\" s='%s'>",
        b'<c r="E2"\n s = "%s">',
        b'<c s="%s" r="E2">',
        b'<c r="E2" cm="1" vm="1" ph="1" t="n"\ts="%s">',
    ],
)
def test_a_format_is_found_however_the_cell_is_written(tag: bytes, tmp_path: Path) -> None:
    path = write_ledger(tmp_path / "a.xlsx", formatted(*MONEY, "0!.0000"))
    member = "xl/worksheets/sheet2.xml"
    with zipfile.ZipFile(path) as archive:
        xml = archive.read(member)
    (old,) = re.findall(rb'<c r="E2"[^>]*>', xml)
    (style,) = re.findall(rb's="(\d+)"', old)
    edit_member(path, member, old, tag % style)
    assert [fault.kind for fault in faults_of(path)] == ["scaling_format"]


def test_a_cell_without_a_style_has_the_first_one(tmp_path: Path) -> None:
    path = write_ledger(tmp_path / "a.xlsx")
    old = b'<cellXfs count="2"><xf numFmtId="0"'
    edit_member(path, "xl/styles.xml", old, b'<cellXfs count="2"><xf numFmtId="10"')
    kinds = {(fault.kind, fault.column) for fault in faults_of(path)}
    assert ("percent_format", "guaranteed_amount") in kinds
    assert all(kind == "percent_format" for kind, _ in kinds)
