"""Wrong files get a clear answer: what is wrong, in which row and column. Nothing is raised."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from compensation.faults.input_faults import InputFaults
from compensation.ledger.reviews import read_reviews
from compensation.readers.archive import ALWAYS
from compensation.readers.frames import raw_of_frame
from compensation.readers.parquet import open_parquet, unread
from compensation.readers.sheet import parsed
from compensation.readers.sheet_extent import MAX_CELLS
from compensation.readers.xlsx import read_workbook
from compensation.record.faults import ResultRefused
from compensation.record.reading import read_result
from compensation.schema.dictionary import INSTITUTIONS, RELEASES
from tests.attacks.workbooks import repeated, with_packed, with_part
from tests.fuzzing.seeds import MAIN
from tests.ledger.input_files import (
    SHEETS,
    Row,
    edit_member,
    faults_of,
    file_rows,
    kinds,
    places,
    read_as,
    read_tables,
    records,
    save_csv,
    save_workbook,
    whole,
)

HEADINGS = ["合同编号", "解除日期", "解除金额", "备注"]
SHEET = "xl/worksheets/sheet1.xml"
OLE = bytes.fromhex("D0CF11E0A1B11AE1")


# What is no input at all


def write_nothing(path: Path) -> None:
    path.touch()


def write_text(path: Path) -> None:
    path.write_text("合同编号,解除金额", encoding="utf-8")


def write_old(path: Path) -> None:
    path.write_bytes(OLE + bytes(4096))


def write_encrypted(path: Path) -> None:
    path.write_bytes(OLE + bytes(2048) + "EncryptedPackage".encode("utf-16-le") + bytes(512))


def write_half(path: Path) -> None:
    save_workbook(path, 解保=[HEADINGS])
    path.write_bytes(path.read_bytes()[:2000])


def write_other_archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "a")


def write_document_type(path: Path) -> None:
    """Write a workbook with an entity of its own, as in an attack that lets it grow."""
    save_workbook(path, 解保=[HEADINGS])
    entity = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><workbook '
    edit_member(path, "xl/workbook.xml", b"<workbook ", entity)


def write_ambiguous(member: str, old: bytes, new: bytes) -> Callable[[Path], None]:
    """Write a workbook in which two readers may find different sheets."""

    def write(path: Path) -> None:
        save_workbook(path, 解保=[HEADINGS], 追偿=[["追偿编号"]])
        edit_member(path, member, old, new)

    return write


RELATIONS = "xl/_rels/workbook.xml.rels"


@pytest.mark.parametrize(
    ("write", "kind", "word"),
    [
        (write_ambiguous(RELATIONS, b'Id="rId4"', b'Id="rId3"'), "broken_file", "损坏"),
        (
            write_ambiguous(RELATIONS, b'Id="rId2"', b'Id="rId2" r:Id="rId1" xmlns:r="r"'),
            "broken_file",
            "损坏",
        ),
        (
            write_ambiguous("xl/workbook.xml", 'name="追偿"'.encode(), 'name="解保"'.encode()),
            "broken_file",
            "损坏",
        ),
        (write_nothing, "broken_file", "损坏"),
        (write_text, "broken_file", "Excel"),
        (write_half, "broken_file", "损坏"),
        (write_other_archive, "broken_file", "Excel"),
        (write_document_type, "broken_file", "损坏"),
        (write_old, "old_workbook", ".xls"),
        (write_encrypted, "encrypted", "密码"),
    ],
)
@pytest.mark.parametrize("suffix", [".xlsx", ".XLSM"])
def test_what_is_no_workbook_is_one_clear_fault(
    write: Callable[[Path], None], kind: str, word: str, suffix: str, tmp_path: Path
) -> None:
    path = tmp_path / f"input{suffix}"
    write(path)
    tables, groups = read_tables(path)
    (fault,) = faults_of(groups)
    assert not tables
    assert fault.kind == kind
    assert word in fault.message.zh
    assert path.name in fault.message.en


@pytest.mark.parametrize(
    ("name", "kind", "hint"),
    [
        ("a.xls", "old_workbook", "另存为"),
        ("a.XLS", "old_workbook", "另存为"),
        ("a.xlsb", "old_workbook", "另存为"),
        ("a.et", "old_workbook", ".xlsx"),
        ("a.ods", "old_workbook", ".xlsx"),
        ("a.csv", "not_an_input", "文件夹"),
        ("a.tsv", "not_an_input", "文件夹"),
        ("a.csv.gz", "not_an_input", "以表名命名"),
        ("a.parquet", "not_an_input", "以表名命名"),
        ("a.zip", "not_an_input", "解压"),
        ("a.rar", "not_an_input", "解压"),
        ("a", "not_an_input", ".xlsx"),
        ("a.pdf", "not_an_input", ".xlsx"),
    ],
)
def test_other_files_are_no_input_and_say_what_to_do(
    name: str, kind: str, hint: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text("x")
    (fault,) = faults_of(read_tables(tmp_path / name)[1])
    assert fault.kind == kind
    assert name in fault.message.zh
    assert hint in fault.message.zh + fault.expected.zh


@pytest.mark.parametrize("name", ["nowhere", "nowhere.xlsx", "x" * 5000, "a\0b"])
def test_a_path_to_nothing_is_a_fault(name: str, tmp_path: Path) -> None:
    (fault,) = faults_of(read_tables(tmp_path / name)[1])
    assert fault.kind in ("unreadable", "not_an_input")


@pytest.mark.parametrize("name", ["folder", "input.xlsx", "a/claims.csv", "b/claims.parquet"])
def test_what_one_has_no_rights_to_is_a_fault(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may read everything, so that the refusal is brought about instead of waited for."""
    for folder in ("folder", "a", "b"):
        (tmp_path / folder).mkdir()
    for file in ("input.xlsx", "a/claims.csv", "b/claims.parquet"):
        (tmp_path / file).write_text("x")
    refused = tmp_path / name
    refused.chmod(0)
    if os.access(refused, os.R_OK):
        really_open, really_list = Path.open, Path.iterdir

        def guarded_open(self: Path, *args: object, **kwargs: object) -> object:
            if self == refused:
                raise PermissionError(13, "Permission denied")
            return really_open(self, *args, **kwargs)  # type: ignore[call-overload]

        def guarded_list(self: Path) -> object:
            if self == refused:
                raise PermissionError(13, "Permission denied")
            return really_list(self)

        monkeypatch.setattr(Path, "open", guarded_open)
        monkeypatch.setattr(Path, "iterdir", guarded_list)
    path = refused if "/" not in name else refused.parent
    groups = [group for group in read_tables(path)[1] if group.kind != "missing_table"]
    (fault,) = faults_of(groups)
    refused.chmod(0o700)
    assert fault.kind == "unreadable"
    assert "没有读取权限" in fault.message.zh


def test_missing_tables_say_what_is_expected_and_what_is_like_it(tmp_path: Path) -> None:
    save_csv(tmp_path / "claim.csv", [["代偿编号"]])
    faults = faults_of(read_tables(tmp_path)[1])
    assert [fault.table for fault in faults] == ["institutions", "contracts", "claims"]
    assert str(tmp_path / "institutions.csv") in faults[0].expected.en
    assert "claim" in faults[2].message.zh
    save_workbook(tmp_path / "a.xlsx", 担保合同明细=[["合同编号"]])
    faults = faults_of(read_tables(tmp_path / "a.xlsx")[1])
    assert [fault.table for fault in faults] == ["institutions", "contracts", "claims"]
    assert "担保合同明细" in faults[1].message.zh
    assert "担保合同" in faults[1].expected.en


@pytest.mark.parametrize("second", ["Releases.csv", "解保.csv", "releases.parquet"])
def test_a_table_in_two_files_is_a_fault_that_names_both(second: str, tmp_path: Path) -> None:
    save_csv(tmp_path / "releases.csv", [HEADINGS])
    shutil.copy(tmp_path / "releases.csv", tmp_path / second)
    groups = [group for group in read_tables(tmp_path)[1] if group.kind != "missing_table"]
    (fault,) = faults_of(groups)
    assert fault.kind == "table_twice"
    assert "releases.csv" in fault.message.en
    assert second in fault.message.en


def test_a_table_on_two_sheets_is_a_fault_that_names_both(tmp_path: Path) -> None:
    path = save_workbook(tmp_path / "a.xlsx", 解保=[HEADINGS], releases=[HEADINGS])
    tables, groups = read_workbook(path)
    (fault,) = faults_of(groups)
    assert (fault.kind, fault.table) == ("table_twice", "releases")
    assert "解保, releases" in fault.message.zh
    assert not tables


# Headings and units


@pytest.mark.parametrize("form", SHEETS)
@pytest.mark.parametrize("rows", [[], [["", " "]], [["", "\u3000"], [""] * 2]], ids=str)
def test_a_file_or_a_required_sheet_on_which_nothing_stands_is_a_fault(
    form: str, rows: list[list[str]], tmp_path: Path
) -> None:
    raw, groups = read_as(form, tmp_path, INSTITUTIONS, rows)
    (fault,) = faults_of(groups)
    assert raw is None
    assert (fault.kind, fault.table) == ("no_headings", "institutions")
    assert "机构代码" in fault.expected.zh
    raw, groups = read_as(form, tmp_path, RELEASES, rows)
    assert raw is None
    # A workbook has empty sheets, but an empty file is an export that broke off.
    assert [fault.kind for fault in faults_of(groups)] == (form == "csv") * ["no_headings"]


@pytest.mark.parametrize("form", SHEETS)
@pytest.mark.parametrize(
    "unit",
    [
        "单位:3千元",
        "金额单位:亿美元",
        "单位\uff1a美元",
        "单位:USD",
        "金额单位:斤",
        "单位:百万",
    ],
)
def test_a_unit_line_that_is_not_understood_is_a_fault(
    form: str, unit: str, tmp_path: Path
) -> None:
    rows = [[unit, "", "", ""], HEADINGS, ["C1", "", "1", ""]]
    raw, groups = read_as(form, tmp_path, RELEASES, rows)
    (fault,) = faults_of(groups)
    assert (fault.kind, fault.value) == ("unknown_unit", unit)
    assert raw is not None


@pytest.mark.parametrize("form", SHEETS)
def test_two_units_above_the_headings_are_a_fault(form: str, tmp_path: Path) -> None:
    rows = [["单位:元", "", "单位:万元", ""], HEADINGS, ["C1", "", "1", ""]]
    _, groups = read_as(form, tmp_path, RELEASES, rows)
    assert kinds(groups) == ["unknown_unit"]


@pytest.mark.parametrize("form", SHEETS)
def test_where_no_heading_is_known_the_first_row_stands_for_them(form: str, tmp_path: Path) -> None:
    raw, groups = read_as(form, tmp_path, RELEASES, [["", ""], ["甲", "乙"], ["1", "2"]])
    assert not groups
    assert raw is not None
    assert [column.heading for column in raw.columns] == ["甲", "乙"]
    assert file_rows(raw) == [3]


# Formulas and errors in sheets


def test_formulas_without_a_result_are_faults_where_they_stand(tmp_path: Path) -> None:
    rows: list[Row] = [
        ["单位:元"],
        HEADINGS,
        ["C1", "2022-03-01", 1, ""],
        [None, None, None, None],
        ["C2", "=DATE(2022,3,1)", "=1+1", None, "=under no heading"],
        ["=A3", None, None, None],
        ["合计", None, "=SUM(C3:C6)"],
    ]
    tables, groups = read_workbook(save_workbook(tmp_path / "a.xlsx", 解保=rows))
    raw = tables["releases"]
    assert file_rows(raw) == [3, 5, 6]
    assert sorted(places(faults_of(groups)), key=str) == [
        ("formula_without_value", 5, "amount", "=1+1"),
        ("formula_without_value", 5, "release_date", "=DATE(2022,3,1)"),
        ("formula_without_value", 6, "contract_id", "=A3"),
    ]
    positions = {group.column: group.rows.tolist() for group in groups if group.rows is not None}
    assert positions == {"amount": [1], "release_date": [1], "contract_id": [2]}


def test_formulas_below_the_last_value_are_not_lost(tmp_path: Path) -> None:
    rows: list[Row] = [HEADINGS, ["C1", None, 1], ["=A1", "=B1", "=C1"], ["=A2", "=B2", "=C2"]]
    tables, groups = read_workbook(save_workbook(tmp_path / "a.xlsx", 解保=rows))
    assert file_rows(tables["releases"]) == [2, 3, 4]
    assert [fault.row for fault in faults_of(groups)] == [3] * 3 + [4] * 3


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?"])
def test_error_cells_are_faults_where_they_stand(error: str, tmp_path: Path) -> None:
    rows: list[Row] = [HEADINGS, ["C1", None, error, error], ["合计", None, error]]
    path = save_workbook(tmp_path / "a.xlsx", 解保=rows)
    tables, groups = read_workbook(path)
    assert places(faults_of(groups)) == [
        ("error_cell", 2, "amount", error),
        ("error_cell", 2, "备注", error),
    ]
    assert file_rows(tables["releases"]) == [2]


def test_a_formula_that_gave_an_error_is_an_error_cell(tmp_path: Path) -> None:
    path = save_workbook(tmp_path / "a.xlsx", 解保=[HEADINGS, ["C1", None, 77]])
    edit_member(path, SHEET, b'<c r="C2" t="n"><v>77', b"<c r='C2' t='e'><f>1/0</f><v>#DIV/0!")
    _, groups = read_workbook(path)
    assert places(faults_of(groups)) == [("error_cell", 2, "amount", "#DIV/0!")]


@pytest.mark.parametrize("sheet", ["解保", "附注"])
@pytest.mark.parametrize("error", [b"#SPILL!", b"Err:502"])
def test_an_error_that_the_parser_does_not_know_is_named(
    sheet: str, error: bytes, tmp_path: Path
) -> None:
    rows: list[Row] = [HEADINGS, ["C1", None, 77]]
    path = save_workbook(tmp_path / "a.xlsx", **{sheet: rows})
    edit_member(path, SHEET, b'<c r="C2" t="n"><v>77', b'<c r="C2" t="e"><v>' + error)
    (group,) = read_workbook(path)[1]
    assert (group.kind, group.values) == ("error_cell", (error.decode(),))
    assert f"“{sheet}”单元格 C2 " in group.message.zh


def test_a_record_that_is_struck_out_is_a_fault(tmp_path: Path) -> None:
    rows: list[Row] = [HEADINGS, *(["C1", None, amount, "x"] for amount in range(1, 6))]
    path = save_workbook(tmp_path / "a.xlsx", 解保=[*rows, ["合计", None, 15]])
    book = openpyxl.load_workbook(path)
    for cell in ("A3", "C3", "C5", "B6", "D6", "A7"):  # B6 is blank, D6 a remark, A7 a total
        book["解保"][cell].font = openpyxl.styles.Font(strike=True)
    book["解保"]["A2"].font = openpyxl.styles.Font(strike=False)
    book.save(path)
    found = places(faults_of(read_workbook(path)[1]))
    assert found == [("struck_out", 3, "contract_id", "C1"), ("struck_out", 5, "amount", "4")]


def test_a_heading_that_is_a_formula_without_result_is_a_fault(tmp_path: Path) -> None:
    path = save_workbook(tmp_path / "a.xlsx", 解保=[["合同编号", "=B9", "解除金额"], ["C1"]])
    _, groups = read_workbook(path)
    (fault,) = faults_of(groups)
    assert (fault.kind, fault.table, fault.value) == ("formula_without_value", "releases", "=B9")
    assert "第 1 行" in fault.message.zh


def test_marks_in_texts_are_no_formulas(tmp_path: Path) -> None:
    rows: list[Row] = [HEADINGS, ["C1", None, 1, '<f>1</f> t="e" <fx']]
    tables, groups = read_workbook(save_workbook(tmp_path / "a.xlsx", 解保=rows))
    assert not groups
    assert records(tables["releases"])[0][3] == '<f>1</f> t="e" <fx'


def test_a_prefixed_sheet_is_looked_through_as_well(tmp_path: Path) -> None:
    """Some programs write every element with a prefix."""
    path = save_workbook(tmp_path / "a.xlsx", 解保=[HEADINGS, ["C1", None, "=1"]])
    with zipfile.ZipFile(path) as archive:
        xml = archive.read(SHEET)
    prefixed = xml.replace(b"</", b"\0").replace(b"<", b"<x:").replace(b"\0", b"</x:")
    prefixed = prefixed.replace(b"<x:?", b"<?").replace(b"xmlns=", b"xmlns:x=")
    edit_member(path, SHEET, xml, prefixed)
    tables, groups = read_workbook(path)
    assert places(faults_of(groups)) == [("formula_without_value", 2, "amount", "=1")]
    assert file_rows(tables["releases"]) == [2]


@pytest.mark.parametrize("left", [b' fullCalcOnLoad="1"', b""])
def test_a_zero_that_no_program_calculated_is_no_value(left: bytes, tmp_path: Path) -> None:
    """A spreadsheet that has calculated leaves nothing to do to the next one that opens it."""
    path = tmp_path / "input.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("解保")
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(1, 0, ["C1", "2022-03-01"])
        sheet.write_formula(1, 2, "=1+1")
    edit_member(path, "xl/workbook.xml", b' fullCalcOnLoad="1"', left)
    tables, groups = read_workbook(path)
    told = [("formula_without_value", 2, "amount", "=1+1")] if left else []
    assert places(faults_of(groups)) == told
    assert left or records(tables["releases"])[0][2] == 0


def test_a_sheet_that_spans_too_much_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "解保"
    sheet.append(HEADINGS)
    sheet["XFD1048576"] = "stray"
    workbook.save(tmp_path / "a.xlsx")
    assert MAX_CELLS < 16_384 * 1_048_576
    tables, groups = read_workbook(tmp_path / "a.xlsx")
    (fault,) = faults_of(groups)
    assert fault.kind == "sheet_too_large"
    assert "1048576" in fault.message.zh
    assert not tables


def test_a_workbook_that_unpacks_to_too_much_is_too_large_and_not_broken(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    packed = repeated(b" " * 2**20, (ALWAYS >> 20) + 1)
    path.write_bytes(with_packed("xl/sharedStrings.xml", packed, ALWAYS + 2**20))
    tables, groups = read_workbook(path)
    (fault,) = faults_of(groups)
    assert fault.kind == "workbook_too_large"
    assert "65 MB" in fault.message.zh
    assert "64 MB" in fault.message.en
    assert not tables
    with pytest.raises(InputFaults) as caught:
        read_reviews(path)
    assert kinds(caught.value.faults.groups) == ["workbook_too_large"]
    with pytest.raises(ResultRefused, match="65 MB"):
        read_result(path)


def test_too_little_memory_is_no_fault_of_a_parquet_file() -> None:
    with pytest.raises(MemoryError):
        unread(Path("a.parquet"), pa.ArrowMemoryError("malloc of size 64 failed"), RELEASES)
    assert unread(Path("a.parquet"), pa.ArrowInvalid("no"), RELEASES).kind == "broken_file"


def test_a_sheet_that_only_claims_to_span_much_is_read(tmp_path: Path) -> None:
    path = save_workbook(tmp_path / "a.xlsx", 解保=[HEADINGS, ["C1", None, 1, "x"]])
    edit_member(path, SHEET, b'ref="A1:D2"', b'ref="A1:XFD1048576"')
    tables, groups = read_workbook(path)
    assert not groups
    assert file_rows(tables["releases"]) == [2]


@pytest.mark.parametrize("place", [b"C", b"2", b"CX", b"2C"])
def test_a_cell_whose_place_is_none_makes_the_sheet_broken(place: bytes, tmp_path: Path) -> None:
    path = save_workbook(tmp_path / "a.xlsx", 解保=[HEADINGS, ["C1", None, "=1"]])
    edit_member(path, SHEET, b'r="C2"', b'r="' + place + b'"')
    tables, groups = read_workbook(path)
    assert kinds(groups) == ["broken_file"]
    assert not tables


def test_a_parser_that_panics_has_found_a_broken_file(tmp_path: Path) -> None:
    """So many strings are refused before the parser sees them; it can't make room for them."""
    path = tmp_path / "a.xlsx"
    strings = f'<sst xmlns="{MAIN}" uniqueCount="{2**64 - 1}"><si/></sst>'
    path.write_bytes(with_part("sharedStrings.xml", strings))
    with pytest.raises(ValueError, match="overflow"):
        parsed(CalamineWorkbook.from_path, path)


def test_a_broken_sheet_leaves_the_others_readable(tmp_path: Path) -> None:
    path = save_workbook(tmp_path / "a.xlsx", 解保=[HEADINGS, ["C1"]], 追偿=[["追偿编号"], ["Z"]])
    edit_member(path, SHEET, b"</sheetData>", b"</sheet")
    tables, groups = read_workbook(path)
    assert [(group.kind, group.table) for group in groups] == [("broken_file", "releases")]
    assert list(tables) == ["recoveries"]


# Parquet and DataFrames


def test_a_broken_parquet_file_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "releases.parquet"
    pq.write_table(pa.table({"contract_id": ["C1"] * 1000}), path)
    whole_file = path.read_bytes()
    for content in (b"", b"PAR1", whole_file[:-20], whole_file[: len(whole_file) // 2]):
        path.write_bytes(content)
        raw, groups = whole(open_parquet(path, RELEASES), RELEASES)
        assert raw is None
        assert [(group.kind, group.table) for group in groups] == [("broken_file", "releases")]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
def test_a_column_of_text_that_is_none_is_a_fault(kind: pa.DataType) -> None:
    cells = pa.array([b"C1", b"C\xff"], pa.binary())
    texts = pa.Array.from_buffers(pa.string(), 2, cells.buffers()).cast(kind)
    raw, groups = raw_of_frame(pa.table({"合同编号": texts, "备注": ["a", "b"]}), RELEASES)
    assert [(group.kind, group.column) for group in groups] == [("column_content", "contract_id")]
    assert records(raw) == [["a"], ["b"]]


NO_CELLS = {
    "list": pa.array([[1], [2]]),
    "struct": pa.array([{"a": 1}, {"a": 2}]),
    "binary": pa.array([b"a", b"b"]),
    "duration": pa.array([1, 2], pa.duration("s")),
    "time": pa.array([1, 2], pa.time32("s")),
}


@pytest.mark.parametrize("kind", NO_CELLS)
def test_columns_that_hold_no_cells_are_faults_by_name(kind: str, tmp_path: Path) -> None:
    content = pa.table({"合同编号": ["C1", "C2"], "解除金额": NO_CELLS[kind]})
    path = tmp_path / "releases.parquet"
    pq.write_table(content, path)
    for raw, groups in (
        whole(open_parquet(path, RELEASES), RELEASES),
        raw_of_frame(content, RELEASES),
    ):
        assert [(group.kind, group.column) for group in groups] == [("column_type", "amount")]
        assert records(raw) == [["C1"], ["C2"]]


def test_pandas_columns_that_hold_no_cells_are_faults_by_name() -> None:
    frame = pd.DataFrame(
        {
            "合同编号": ["C1"],
            "解除日期": pd.PeriodIndex(["2022-03"], freq="M"),
            "解除金额": pd.to_timedelta([1], unit="s"),
            "备注": pd.Series(["\ud800"], dtype=object),
        }
    )
    raw, groups = raw_of_frame(frame, RELEASES)
    assert [(group.kind, group.column) for group in groups] == [
        ("column_type", "release_date"),
        ("column_type", "amount"),
        ("column_type", "备注"),
    ]
    assert records(raw) == [["C1"]]


def test_labels_that_are_no_text_are_faults() -> None:
    raw, groups = raw_of_frame(
        pd.DataFrame({"合同编号": ["C1"], 7: [1], ("a", "b"): [2]}), RELEASES
    )
    assert [(group.kind, group.values) for group in groups] == [
        ("label_not_text", ("7",)),
        ("label_not_text", ("('a', 'b')",)),
    ]
    assert records(raw) == [["C1"]]


@pytest.mark.parametrize("frame", [None, "contracts.csv", [{"合同编号": "C1"}], 7])
def test_what_is_no_frame_is_a_fault(frame: object) -> None:
    raw, groups = raw_of_frame(frame, RELEASES)
    assert raw is None
    assert [(group.kind, group.table) for group in groups] == [("not_a_frame", "releases")]
