"""The copy of the input with its faults marked: every wrong cell, no other, where it stands."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from compensation.report import marked_rows
from tests.command import JIYUAN, run_here, snapshot

RED = "FFFFC7CE"
INSTITUTIONS = [["机构代码", "政府性融资担保机构"], ["I1", "是"]]
CLAIMS: list[list[Any]] = [["代偿编号", "合同编号", "代偿日期", "代偿本金"]]
DAY = datetime.date(2021, 3, 1)
CONTRACTS: list[list[Any]] = [
    ["担保合同台账"],
    [None, "合同编号", "机构代码", "借款人代码", "借款人类型", "担保金额", "起始日期", "备注"],
    [1, "K1", "I1", "B1", "小型企业", 1000000.5, DAY, "=1+1"],
    [2, "K2", "I1", "B2", "小商贩", "很多", DAY],
    [],
    [3, "K3", "I9", "B3", "小型企业", -1, "2022-13-01"],
]
SHEETS: Mapping[str, Sequence[Sequence[object]]] = {
    "说明": [["=1+1"]],
    "机构": INSTITUTIONS,
    "担保合同": CONTRACTS,
    "代偿": CLAIMS,
}
WRONG = {"担保合同": {"E4", "F4", "C6", "F6", "G6"}}


def workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]] = SHEETS) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        for cell in (cell for cells in sheet for cell in cells if cell.data_type == "f"):
            cell.data_type = "s"
    book.save(path)
    return path


def marked(source: Path, *options: str | Path) -> openpyxl.Workbook:
    target = source.parent / "marked.xlsx"
    done = run_here("assess", source, *JIYUAN, "--marked", target, *options)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return openpyxl.load_workbook(target)


def red(sheet: Worksheet) -> set[str]:
    return {
        cell.coordinate
        for cells in sheet.iter_rows()
        for cell in cells
        if cell.fill.fgColor.rgb == RED
    }


@pytest.mark.parametrize(("language", "name"), [("zh", "错误清单"), ("en", "Faults")])
def test_wrong_cells_of_a_workbook_are_red_and_no_others(
    tmp_path: Path, language: str, name: str
) -> None:
    book = marked(workbook(tmp_path / "in.xlsx"), "--lang", language)
    assert book.sheetnames == [name, *SHEETS]
    assert {each: red(book[each]) for each in SHEETS if red(book[each])} == WRONG
    listed = [row[1] for row in book[name].iter_rows(min_row=4, values_only=True)]
    assert listed == [4, 4, 6, 6, 6]
    noted = {
        c.coordinate
        for cells in book["担保合同"].iter_rows()
        for c in cells
        if c.comment is not None
    }
    assert noted == WRONG["担保合同"]


def test_values_stand_where_they_stood(tmp_path: Path) -> None:
    book = marked(workbook(tmp_path / "in.xlsx"))
    for name, rows in SHEETS.items():
        got = [[c for c in row if c is not None] for row in book[name].iter_rows(values_only=True)]
        wanted = [[c for c in row if c is not None] for row in rows]
        shown = [[c.date() if isinstance(c, datetime.datetime) else c for c in row] for row in got]
        assert shown == wanted
    assert book["说明"]["A1"].data_type == "s"


def test_rows_with_faults_of_a_folder_are_shown_with_their_numbers(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, rows in {"机构": INSTITUTIONS, "代偿": CLAIMS, "担保合同": CONTRACTS[1:]}.items():
        table = pd.DataFrame([row + [None] * (len(rows[0]) - len(row)) for row in rows])
        table.to_csv(folder / f"{name}.csv", index=False, header=False)
    book = marked(folder)
    sheet = book["担保合同"]
    assert book.sheetnames == ["错误清单", "担保合同"]
    assert [row[0] for row in sheet.iter_rows(values_only=True)] == ["行号", 3, 5]
    wrong = {sheet.cell(1, sheet[place].column).value for place in red(sheet)}
    assert wrong == {"借款人类型", "担保金额", "机构代码", "起始日期"}
    assert len(red(sheet)) == 5


@pytest.mark.slow
def test_of_a_long_sheet_the_rows_with_faults_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marked_rows, "MOST_ROWS", 5)
    book = marked(workbook(tmp_path / "in.xlsx"))
    sheet = book["担保合同"]
    assert book.sheetnames == ["错误清单", *SHEETS]
    assert [row[0] for row in sheet.iter_rows(values_only=True)] == ["行号", 4, 6]
    assert red(sheet) == {"F2", "G2", "D3", "G3", "H3"}


def test_rows_of_parquet_are_numbered_as_in_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    pd.DataFrame(INSTITUTIONS[1:], columns=INSTITUTIONS[0]).to_parquet(
        folder / "institutions.parquet"
    )
    pd.DataFrame(columns=CLAIMS[0], dtype=str).to_parquet(folder / "claims.parquet")
    rows = [["K1", "I1", "B1", "小型企业", "1", "2021-01-01"]] * 3
    contracts = pd.DataFrame(rows, columns=CONTRACTS[1][1:7])
    contracts["合同编号"] = ["K1", "K2", "K3"]
    contracts.loc[1, "担保金额"] = "x"
    contracts.to_parquet(folder / "contracts.parquet")
    sheet = marked(folder)["担保合同"]
    assert [row[0] for row in sheet.iter_rows(values_only=True)] == ["行号", 2]
    assert red(sheet) == {"F2"}


def test_faults_of_a_heading_and_of_columns_of_the_policy_are_marked(tmp_path: Path) -> None:
    twice = [[*row, cell] for row, cell in zip(INSTITUTIONS, ["机构代码", "I1"], strict=True)]
    book = marked(workbook(tmp_path / "in.xlsx", {**SHEETS, "机构": twice}))
    assert red(book["机构"]) & {"A1", "C1"}


def test_a_cell_with_an_error_shows_it(tmp_path: Path) -> None:
    rows = [list(row) for row in CONTRACTS]
    rows[2][5] = "#N/A"
    book = marked(workbook(tmp_path / "in.xlsx", {**SHEETS, "担保合同": rows}))
    assert book["担保合同"]["F3"].value == "#N/A"
    assert "F3" in red(book["担保合同"])


def test_nothing_is_written_without_faults_and_nothing_over_a_file(tmp_path: Path) -> None:
    source = workbook(tmp_path / "in.xlsx")
    (tmp_path / "mine.xlsx").write_text("mine")
    before = snapshot(tmp_path)
    for name in ("mine.xlsx", "in.xlsx", "copy.csv", "copy"):
        done = run_here("assess", source, *JIYUAN, "--marked", tmp_path / name)
        assert done.returncode == 2
        assert name in done.stderr
        assert snapshot(tmp_path) == before
    shutil.copy(Path("examples/jiyuan-2022.xlsx"), source)
    done = run_here("assess", source, *JIYUAN, "--marked", tmp_path / "copy.xlsx")
    assert done.returncode == 0
    assert not (tmp_path / "copy.xlsx").exists()


def test_a_file_that_cannot_be_read_gives_the_list_alone(tmp_path: Path) -> None:
    (tmp_path / "in.xlsx").write_bytes(b"PK no workbook")
    assert marked(tmp_path / "in.xlsx").sheetnames == ["错误清单"]


@pytest.mark.parametrize("name", ["错误清单", "a" * 31])
def test_sheets_of_odd_names_are_copied(tmp_path: Path, name: str) -> None:
    book = marked(workbook(tmp_path / "in.xlsx", {name: [["x"]], **SHEETS}))
    assert len(book.sheetnames) == len(SHEETS) + 2
