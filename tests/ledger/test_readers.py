"""Whatever the reader, the same table comes out: cells, units, rows as the file numbers them."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from compensation.readers.csv_file import read_csv
from compensation.readers.xlsx import read_workbook
from compensation.schema.dictionary import CLAIMS, CONTRACTS, INSTITUTIONS, RECOVERIES, RELEASES
from compensation.tables.raw import column_of_cells
from compensation.tables.total_rows import is_total
from tests.conftest import DEPTH
from tests.ledger.input_files import (
    FORMS,
    SHEETS,
    Row,
    cells,
    edit_member,
    faults_of,
    file_rows,
    kinds,
    read_as,
    read_tables,
    records,
    save_csv,
    save_workbook,
)

DAY = datetime.date(2022, 3, 1)
HEADINGS = ["合同编号", "解除日期", "解除金额(万元)", "备注"]
RECORDS: list[Row] = [["C1", DAY, 1.5, "甲"], ["C2", DAY, 20.25, None], ["007", DAY, 3.0, "a,b"]]


@pytest.mark.parametrize("form", FORMS)
def test_every_reader_gives_the_same_records(form: str, tmp_path: Path) -> None:
    raw, faults = read_as(form, tmp_path, RELEASES, [HEADINGS, *RECORDS])
    assert not faults
    assert raw is not None
    assert (raw.name, raw.rows, raw.unit) == ("releases", 3, 1)
    assert [column.heading for column in raw.columns] == HEADINGS
    as_text = [
        [id_, str(day), str(amount), note] if form == "csv" else [id_, day, amount, note]
        for id_, day, amount, note in RECORDS
    ]
    assert records(raw) == as_text
    assert file_rows(raw) == ([2, 3, 4] if form in SHEETS else [1, 2, 3])


@pytest.mark.parametrize("form", FORMS)
def test_a_table_without_records_has_its_headings(form: str, tmp_path: Path) -> None:
    raw, faults = read_as(form, tmp_path, RELEASES, [HEADINGS])
    assert not faults
    assert raw is not None
    assert raw.rows == 0
    assert [column.heading for column in raw.columns] == HEADINGS
    assert records(raw) == []


# What stands around the records. Each row: what it shows, the rows of the file, the unit, the rows
# in which the records R1 and R2 stand.
R1: Row = ["C1", "2022-03-01", "1", "x"]
R2: Row = ["C2", "2022-03-02", "2", ""]
NONE: Row = ["", "", "", ""]


def line(*texts: str) -> Row:
    """Return a row of four cells."""
    return [*texts, *[""] * (4 - len(texts))]


AROUND: list[tuple[str, Sequence[Row], int, list[int]]] = [
    ("a title", [line("解除担保明细表"), HEADINGS, R1, R2], 1, [3, 4]),
    ("blank rows above", [NONE, line("2022年度"), NONE, HEADINGS, R1, R2], 1, [5, 6]),
    ("blank rows between", [HEADINGS, NONE, R1, NONE, line(" ", "\u3000"), R2, NONE], 1, [3, 6]),
    ("ten thousand", [line("表", "", "单位:万元"), HEADINGS, R1, R2], 10_000, [3, 4]),
    ("full-width colon", [line("单位\uff1a万元"), HEADINGS, R1, R2], 10_000, [3, 4]),
    ("currency", [line("", "金额单位\uff1a人民币万元"), HEADINGS, R1, R2], 10_000, [3, 4]),
    ("yuan", [line("金额单位: 元"), HEADINGS, R1, R2], 1, [3, 4]),
    ("in brackets", [line("明细表\uff08单位:万元\uff09"), HEADINGS, R1, R2], 10_000, [3, 4]),
    ("brackets alone", [line("明细表(万元)"), HEADINGS, R1, R2], 10_000, [3, 4]),
    ("next cell", [line("单位:", "", "万元"), HEADINGS, R1, R2], 10_000, [3, 4]),
    ("with a count", [line("单位:户、万元"), HEADINGS, R1, R2], 10_000, [3, 4]),
    ("who wrote it", [line("编制单位:济源担保公司"), HEADINGS, R1, R2], 1, [3, 4]),
    ("both", [line("编制单位:济源担保 单位:万元"), HEADINGS, R1, R2], 10_000, [3, 4]),
    ("total", [HEADINGS, R1, R2, line("合计", "", "3")], 1, [2, 3]),
    ("total, wide", [HEADINGS, R1, R2, line("合 计\uff1a", "", "3"), NONE], 1, [2, 3]),
    ("total in the second cell", [HEADINGS, R1, R2, line("", "总计", "3")], 1, [2, 3]),
    ("subtotal", [HEADINGS, R1, R2, line("小计", "", "3")], 1, [2, 3]),
    ("english total", [HEADINGS, R1, R2, line("Total", "", "3")], 1, [2, 3]),
    ("two heading-like rows", [line("合同编号"), HEADINGS, R1, R2], 1, [3, 4]),
    ("the same headings on a second page", [HEADINGS, R1, HEADINGS, R2], 1, [2, 4]),
    ("total before the end", [HEADINGS, R1, line("合计", "", "1"), R2], 1, [2, 4]),
]


@pytest.mark.parametrize("form", SHEETS)
@pytest.mark.parametrize(("what", "rows", "unit", "at"), AROUND, ids=[a[0] for a in AROUND])
def test_what_stands_around_the_records_is_understood(
    form: str, what: str, rows: Sequence[Row], unit: int, at: list[int], tmp_path: Path
) -> None:
    raw, faults = read_as(form, tmp_path, RELEASES, rows)
    assert not faults, what
    assert raw is not None
    assert raw.unit == unit
    assert file_rows(raw) == at
    ids = [record[0] for record in records(raw)]
    assert ids[0] == "C1"
    assert "C2" in ids


@pytest.mark.parametrize("form", ["parquet", "pandas", "arrow"])
def test_what_has_no_titles_has_no_totals_either(form: str, tmp_path: Path) -> None:
    rows: list[Row] = [HEADINGS, R1, NONE, line("合计", "", "3")]
    raw, faults = read_as(form, tmp_path, RELEASES, rows)
    assert not faults
    assert file_rows(raw) == [1, 2, 3]


@pytest.mark.parametrize("form", SHEETS)
def test_a_total_under_a_column_without_heading_is_one(form: str, tmp_path: Path) -> None:
    rows: list[Row] = [["", *HEADINGS], ["1", *R1], ["2", *R2], ["合计", "", "", "3", ""]]
    raw, faults = read_as(form, tmp_path, RELEASES, rows)
    assert not faults
    assert raw is not None
    assert [column.heading for column in raw.columns] == HEADINGS
    assert file_rows(raw) == [2, 3]


# Workbooks


def test_cells_keep_the_types_that_the_sheet_gives_them(tmp_path: Path) -> None:
    moment = datetime.datetime(2022, 3, 1, 12, 30)  # noqa: DTZ001
    values = ["t", " 007 ", 1, 0.1, True, False, DAY, moment, datetime.time(8, 30), None]
    rows: list[Row] = [["合同编号", "备注"], *([f"C{i}", value] for i, value in enumerate(values))]
    tables, faults = read_workbook(save_workbook(tmp_path / "a.xlsx", contracts=rows))
    assert not faults
    column = tables["contracts"].columns[1]
    expected = ["t", " 007 ", 1.0, 0.1, True, False, moment.replace(hour=0, minute=0), moment]
    assert cells(column, len(values)) == [*expected, "08:30:00", None]


def test_formulas_with_stored_results_are_read(tmp_path: Path) -> None:
    path = tmp_path / "input.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("解保")
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_formula(1, 0, '="C"&1', None, "C1")
        sheet.write_formula(1, 1, "=DATE(2022,3,1)", None, "2022-03-01")
        sheet.write_formula(1, 2, "=1+0.5", None, 1.5)
        sheet.write_formula(1, 3, '=""', None, "EMPTY")
    # As spreadsheet programs store an empty text that a formula gave.
    edit_member(path, "xl/worksheets/sheet1.xml", b"<v>EMPTY</v>", b"<v></v>")
    tables, faults = read_workbook(path)
    assert not faults
    assert records(tables["releases"]) == [["C1", "2022-03-01", 1.5, None]]


@pytest.mark.parametrize("place", [b"", b'sqref="C:C"'])
def test_a_drop_down_whose_cell_is_not_said_is_read_past(place: bytes, tmp_path: Path) -> None:
    """Excel says it in an element where the list is on another sheet, and whole columns as C:C."""
    path = tmp_path / "input.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("解保")
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(1, 0, ["C1", "2022-03-01", 1])
        sheet.data_validation(
            "C2", {"validate": "any", "input_title": "填写", "input_message": "元"}
        )
    edit_member(path, "xl/worksheets/sheet1.xml", b'sqref="C2"', place)
    tables, faults = read_workbook(path)
    assert not faults
    assert tables["releases"].rows == 1


def test_sheets_go_by_either_name_and_others_are_ignored(tmp_path: Path) -> None:
    path = save_workbook(
        tmp_path / "input.xlsm",
        **{
            " Contracts ": [["合同编号"], ["C1"]],
            "机构": [["机构代码"], ["J1"]],
            "CLAIMS": [["代偿编号"]],
            "示例-代偿": [["=1/0"]],
            "Sheet1": [],
            "追偿": [],
        },
    )
    tables, faults = read_tables(path)
    assert not faults
    assert {name: raw.rows for name, raw in tables.items()} == {
        "institutions": 1,
        "contracts": 1,
        "claims": 0,
    }
    assert tables["contracts"].source == " Contracts "


def test_a_table_may_stand_anywhere_on_its_sheet(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "代偿"
    for place, value in {"E7": "代偿编号", "F7": "代偿本金(万元)", "E9": "D1", "F9": 2.5}.items():
        sheet[place] = value
    workbook.save(tmp_path / "a.xlsx")
    tables, faults = read_workbook(tmp_path / "a.xlsx")
    assert not faults
    assert records(tables["claims"]) == [["D1", 2.5]]
    assert file_rows(tables["claims"]) == [9]


def test_a_sheet_that_says_nothing_of_its_size_is_read_all_the_same(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet("解保")
    for row in [HEADINGS, *RECORDS]:
        sheet.append(row)
    workbook.save(tmp_path / "a.xlsx")
    tables, faults = read_workbook(tmp_path / "a.xlsx")
    assert not faults
    assert records(tables["releases"]) == RECORDS


# CSV


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_csv_encodings_and_line_ends(encoding: str, end: str, tmp_path: Path) -> None:
    rows = ["解保明细,,", "合同编号,解除金额,备注", "", 'C1,"1,000.5","“济源”㑇"', "C2,2,"]
    path = tmp_path / "releases.csv"
    path.write_bytes(end.join(rows).encode(encoding))
    raw, faults = read_csv(path, RELEASES)
    assert not faults
    assert records(raw) == [["C1", "1,000.5", "“济源”㑇"], ["C2", "2", None]]
    assert file_rows(raw) == [4, 5]


def test_a_heading_may_be_quoted_over_two_lines(tmp_path: Path) -> None:
    path = tmp_path / "releases.csv"
    path.write_text('"合同\n编号","解除\r\n金额"\nC1,2\n', encoding="utf-8", newline="")
    raw, faults = read_csv(path, RELEASES)
    assert not faults
    assert records(raw) == [["C1", "2"]]
    assert file_rows(raw) == [4]
    assert raw is not None
    assert raw.columns[1].heading == "解除\r\n金额"


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5)
ODD_TEXTS = st.one_of(TEXTS, st.sampled_from(["a\nb", "\r\n", '"', ',"', "x\r", " ", "NA"]))


@pytest.mark.slow
@settings(max_examples=50 * DEPTH)
@given(
    rows=st.lists(st.tuples(ODD_TEXTS, ODD_TEXTS, ODD_TEXTS), max_size=8),
    note=ODD_TEXTS,
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    title=st.booleans(),
)
def test_csv_cells_come_back_and_records_keep_their_lines(
    rows: list[tuple[str, str, str]],
    note: str,
    end: str,
    quoting: int,
    title: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    # A record is the last row, and none is a total: what those and footers are has its own tests.
    rows = [*(row for row in rows if not any(map(is_total, row))), ("D9", "1.00", note)]
    text = io.StringIO(newline="")
    if any("\r" in cell for row in rows for cell in row):
        quoting = csv.QUOTE_ALL  # older versions of the module leave a lone \r without quotes
    writer = csv.writer(text, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    expected: list[tuple[int, list[str]]] = []
    if title:
        writer.writerow(["解除\n担保", "", ""])
    writer.writerow(["合同编号", "解除金额", "备注"])
    for row in rows:
        before = text.getvalue()
        at = before.count("\n") + before.replace("\r\n", "").count("\r") + 1
        writer.writerow(row)
        if any(cell.strip() for cell in row):
            expected.append((at, list(row)))
    path = tmp_path_factory.mktemp("csv") / "releases.csv"
    path.write_bytes(text.getvalue().encode())
    raw, faults = read_csv(path, RELEASES)
    assert not faults
    assert file_rows(raw) == [at for at, _ in expected]
    read = records(raw)
    assert read == [[cell if cell.strip() else None for cell in row] for _, row in expected]


CELLS = st.one_of(
    st.none(),
    st.just(""),
    st.text(max_size=3),
    st.floats(allow_nan=False),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.integers(),
    st.decimals(allow_nan=False, allow_infinity=False, places=2),
    st.times(),
)


@given(st.lists(CELLS))
def test_each_cell_goes_to_the_part_of_its_type(values: list[object]) -> None:
    column = column_of_cells("h", values)
    parts = (column.text, column.number, column.moment, column.boolean)
    assert all(part is None or len(part) == len(values) for part in parts)

    def held(cell: object) -> object:
        if isinstance(cell, str):
            return cell if cell.strip() else None
        if cell is None or isinstance(cell, bool | float | datetime.datetime):
            return cell
        if isinstance(cell, datetime.date):
            return datetime.datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001
        return format(cell, "f") if isinstance(cell, Decimal) else str(cell)

    def plain(cell: object) -> object:
        if isinstance(cell, datetime.date) and not isinstance(cell, datetime.datetime):
            return held(cell)
        return cell

    assert [plain(cell) for cell in cells(column, len(values))] == [held(v) for v in values]


# A whole input


def test_a_folder_may_mix_forms_and_names(tmp_path: Path) -> None:
    save_csv(tmp_path / "机构.CSV", [["机构代码"], ["J1"]], "gb18030")
    save_csv(tmp_path / "Claims.csv", [["claim_id"]])
    pq.write_table(pa.table({"contract_id": ["C1", "C2"]}), tmp_path / "contracts.parquet")
    (tmp_path / "~$contracts.csv").write_bytes(b"\0")
    (tmp_path / ".contracts.csv").write_bytes(b"\0")
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "other.csv").write_bytes(b"\0")
    tables, faults = read_tables(str(tmp_path))
    assert not faults
    assert {name: raw.rows for name, raw in tables.items()} == {
        "institutions": 1,
        "contracts": 2,
        "claims": 0,
    }


def test_no_fault_hides_another(tmp_path: Path) -> None:
    save_csv(tmp_path / "institutions.csv", [["机构代码", "备注"], ["J1", "a", "b"], ["J2"]])
    (tmp_path / "claims.parquet").write_bytes(b"no Parquet")
    save_csv(tmp_path / "releases.csv", [["单位:美元"], ["合同编号", "解除金额"]])
    save_csv(tmp_path / "recoveries.csv", [["追偿编号"]])
    save_csv(tmp_path / "追偿.csv", [["追偿编号"]])
    tables, groups = read_tables(tmp_path)
    assert sorted((group.table or "", group.kind) for group in groups) == [
        ("claims", "broken_file"),
        ("contracts", "missing_table"),
        ("institutions", "ragged_row"),
        ("recoveries", "table_twice"),
        ("releases", "unknown_unit"),
    ]
    assert [fault.row for fault in faults_of(groups) if fault.table == "institutions"] == [2, 3]
    assert set(tables) == {"institutions", "releases"}


def test_tables_are_told_from_one_another(tmp_path: Path) -> None:
    """合同编号 stands in three tables: each sheet is read as its own."""
    path = save_workbook(
        tmp_path / "a.xlsx",
        机构=[["机构代码"], ["J"]],
        担保合同=[["合同编号"], ["C"]],
        解保=[["合同编号"], ["R"]],
        代偿=[["合同编号"], ["D"]],
        追偿=[["代偿编号"], ["Z"]],
    )
    tables, groups = read_tables(path)
    assert not kinds(groups)
    assert list(tables) == [t.name for t in (INSTITUTIONS, CONTRACTS, RELEASES, CLAIMS, RECOVERIES)]
    assert [records(raw) for raw in tables.values()] == [
        [["J"]],
        [["C"]],
        [["R"]],
        [["D"]],
        [["Z"]],
    ]


@pytest.mark.parametrize("form", SHEETS)
@pytest.mark.parametrize(
    ("beside", "total"),
    [
        (["", "3"], True),
        (["共2笔", "1,234.50"], True),
        (["", "-"], True),
        (["2022-05-01", "3"], False),
    ],
)
def test_a_record_whose_id_is_a_word_for_total_is_a_record(
    form: str, beside: list[str], total: bool, tmp_path: Path
) -> None:
    rows: list[Row] = [HEADINGS, R1, ["合计", *beside, ""]]
    raw, faults = read_as(form, tmp_path, RELEASES, rows)
    assert not faults
    assert raw is not None
    assert raw.rows == (1 if total else 2)


@pytest.mark.parametrize("form", SHEETS)
@pytest.mark.parametrize(
    ("line", "unit"),
    [
        *(
            (["（万元）"], 10_000),
            (["(万元)"], 10_000),
            (["万元"], 10_000),
            (["单位 万元"], 10_000),
        ),
        *((["单位万元"], 10_000), (["单位", "万元"], 10_000), (["Unit: 万元"], 10_000)),
        *((["单位：人民币（万元）"], 10_000), (["单位：万元人民币"], 10_000), (["金额单位:元"], 1)),
        *(
            (["附表(十)"], 1),
            (["代偿台账(第一单元)"], 1),
            (["填报单位：三元"], 1),
            (["编制单位:甲公司"], 1),
        ),
    ],
)
def test_unit_lines_as_people_write_them(
    form: str, line: list[str], unit: int, tmp_path: Path
) -> None:
    raw, faults = read_as(form, tmp_path, RELEASES, [line, HEADINGS, R1])
    assert not faults
    assert raw is not None
    assert raw.unit == unit
