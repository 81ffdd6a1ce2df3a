"""What people write below a table: who made it, who checked it, notes. It is no record."""

from __future__ import annotations

import csv
import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.readers.csv_file import read_csv
from compensation.schema.dictionary import RELEASES
from compensation.tables.footers import FOOTER_ROWS, is_footer
from tests.ledger.input_files import SHEETS, Row, file_rows, kinds, read_as

DAY = datetime.date(2022, 3, 1)
HEADINGS: Row = ["合同编号", "解除日期", "解除金额", "备注"]
RECORDS: list[Row] = [["C1", DAY, 1, ""], ["C2", DAY, 2, ""]]
TOTAL: Row = ["合计", "", 3, ""]
FOOTERS: list[Row] = [
    ["制表人:张三", "", "", ""],
    ["制表人:", "张三", "审核人:", "李四"],
    ["填表人:张三 审核人:李四 日期:2022年12月31日", "", "", ""],
    ["单位负责人(签字):", "", "日期:", "2022年12月31日"],
    ["审核", "", "复核:李四", ""],
    ["注:1. 金额单位为元。", "", "", ""],
    ["", "备注:数据截至2022-12-31", "", ""],
    ["(盖章)", "", "", ""],
    ["Prepared by: Zhang San", "", "", ""],
    ["Note: 3 rows", "", "", ""],
    ["联系电话:", "0391-1234567", "", ""],
]
NONE: list[Row] = [
    ["C3", DAY, 3, ""],
    ["注1", DAY, 3, ""],
    ["说明", "", 3, ""],
    ["C3", "", "", ""],
    ["制表人", "2022-03-01", "", "备注"],
    ["经办人张三", "", "是", ""],
    ["某公司", "", "", "制表人:张三"],
]
"""Records, if wrong ones: a figure, a day or 是 without a label before it, or no label first."""


@pytest.mark.slow
@pytest.mark.parametrize("form", SHEETS)
@pytest.mark.parametrize("total", [True, False])
@pytest.mark.parametrize("footer", FOOTERS, ids=lambda row: "".join(map(str, row)))
def test_a_footer_is_no_record(footer: Row, total: bool, form: str, tmp_path: Path) -> None:
    below = [TOTAL, footer] if total else [footer]
    raw, faults = read_as(form, tmp_path, RELEASES, [HEADINGS, *RECORDS, *below])
    assert not faults
    assert file_rows(raw) == [2, 3]


@pytest.mark.parametrize("form", SHEETS)
@pytest.mark.parametrize("row", NONE, ids=lambda row: "".join(map(str, row)))
def test_what_may_be_a_record_is_one(row: Row, form: str, tmp_path: Path) -> None:
    raw, faults = read_as(form, tmp_path, RELEASES, [HEADINGS, *RECORDS, row])
    assert not faults
    assert file_rows(raw) == [2, 3, 4]


@pytest.mark.parametrize("form", SHEETS)
def test_several_with_blank_rows_between(form: str, tmp_path: Path) -> None:
    blank: Row = ["", "", "", ""]
    rows = [HEADINGS, *RECORDS, blank, TOTAL, blank, *FOOTERS]
    raw, faults = read_as(form, tmp_path, RELEASES, rows)
    assert not faults
    assert file_rows(raw) == [2, 3]


@pytest.mark.parametrize("form", SHEETS)
def test_a_footer_among_records_is_one_of_them(form: str, tmp_path: Path) -> None:
    raw, _ = read_as(form, tmp_path, RELEASES, [HEADINGS, FOOTERS[0], *RECORDS])
    assert file_rows(raw) == [2, 3, 4]


@pytest.mark.parametrize("form", SHEETS)
def test_no_more_rows_than_a_footer_has(form: str, tmp_path: Path) -> None:
    notes = [FOOTERS[0]] * (FOOTER_ROWS + 1)
    raw, _ = read_as(form, tmp_path, RELEASES, [HEADINGS, *RECORDS, *notes])
    assert file_rows(raw) == [2, 3, 4]


@pytest.mark.parametrize("total", [["合计", "", "3", ""], ["合计", "3"], None])
@pytest.mark.parametrize(
    "below",
    [
        [["制表人:张三"]],
        [["制表人:张三", "审核人:李四"], ["注:无"]],
        [["注:", "", "", ""], ["注:"]],
    ],
)
def test_fewer_fields_than_the_headings(
    below: list[list[str]], total: list[str] | None, tmp_path: Path
) -> None:
    rows = [*([] if total is None else [total]), *below]
    with (tmp_path / "releases.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADINGS, *RECORDS, *rows])
    raw, faults = read_csv(tmp_path / "releases.csv", RELEASES)
    assert not faults
    assert file_rows(raw) == [2, 3]


def test_a_record_with_too_few_fields_stays_a_fault(tmp_path: Path) -> None:
    text = "合同编号,解除日期,解除金额,备注\nC1,2022-03-01,1,\nC2,2022-03-01\n合计,1\n制表人:张三\n"
    (tmp_path / "releases.csv").write_text(text, encoding="utf-8")
    _, faults = read_csv(tmp_path / "releases.csv", RELEASES)
    assert kinds(faults) == ["ragged_row"]
    assert faults[0].values == ["C2,2022-03-01"]


CELLS = st.text("制表人审核日期注备说明:是否CD ", max_size=8)
FIGURES = st.one_of(st.dates(), st.floats(0, 10), st.booleans(), st.dates().map(str))


@given(st.lists(CELLS, max_size=3), FIGURES, st.lists(CELLS, max_size=2))
def test_a_row_with_an_id_and_a_figure_beside_it_is_never_a_footer(
    before: list[str], figure: object, after: list[str]
) -> None:
    assert not is_footer(["C1", *before, figure, *after])
    assert not is_footer(["注", "C", figure])
