"""Records above the headings, and headings among the records: read or refused, never left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from compensation.schema.dictionary import CLAIMS, CONTRACTS
from compensation.tables.headings import resolve
from tests.ledger.input_files import SHEETS, Row, faults_of, file_rows, kinds, read_as

HEADINGS: Row = ["代偿编号", "合同编号", "代偿日期", "代偿本金", "代偿利息", "备注"]
C1: Row = ["C1", "K1", "2022-05-20", "19000", "1000", ""]
C2: Row = ["C2", "K6", "2022-11-15", "100000", "", "见附件"]
C3: Row = ["C3", "K4", "2022-12-31", "80000", "", ""]
OTHERS: Row = ["代偿编号", "合同编号", "代偿日期", "代偿本金", "代偿利息", "已补偿金额"]
ENGLISH: Row = ["claim_id", "contract_id", "payout_date", "principal", "interest", "note"]
BLANK: Row = [""] * 6


def line(*cells: str) -> Row:
    return [*cells, *[""] * (6 - len(cells))]


FAULTS: list[tuple[str, list[Row], dict[str, list[int]]]] = [
    ("sorted to the end", [C1, C2, C3, HEADINGS], {"records_above_headings": [1, 2, 3]}),
    ("sorted into the middle", [C1, HEADINGS, C2], {"records_above_headings": [1]}),
    (
        "whatever form its cells have",
        [["C1", "K1", "二〇二二年五月二十日", "￥ 1.9万元", "壹仟元整", ""], HEADINGS, C2],
        {"records_above_headings": [1]},
    ),
    (
        "on a day there is none of",
        [[*C1[:2], "2022-02-30", "1", "", ""], HEADINGS, C2],
        {"records_above_headings": [1]},
    ),
    ("a title, then a record", [line("代偿表"), C1, HEADINGS, C2], {"records_above_headings": [2]}),
    (
        "a second block with one column more",
        [HEADINGS, C1, BLANK, OTHERS, C2],
        {"second_headings": [1], "records_above_headings": [2]},
    ),
    ("a second block with one column less", [OTHERS, C1, HEADINGS, C2], {"second_headings": [3]}),
    ("in other order", [HEADINGS, C1, [*HEADINGS[1::-1], *HEADINGS[2:]]], {"second_headings": [3]}),
    ("in both languages", [HEADINGS, ENGLISH, C1], {"second_headings": [2]}),
    ("twice", [HEADINGS, C1, [*OTHERS[:5], "x"], C2, ENGLISH, C3], {"second_headings": [3, 5]}),
]
READ: list[tuple[str, list[Row], list[int]]] = [
    ("again on each page", [HEADINGS, C1, HEADINGS, C2, HEADINGS, C3], [2, 4, 6]),
    (
        "again, with blanks around",
        [[f"\u3000{heading} " for heading in HEADINGS[:5]], C1[:5]] * 2,
        [2, 4],
    ),
    ("a title with a date", [line("2022年代偿台账", "", "2022-12-31"), HEADINGS, C1], [3]),
    ("a title with a figure", [line("2022年度", "", "", "199000"), HEADINGS, C1], [3]),
    ("who reports, and when", [line("填报单位:A1", "", "2022-12-31", "5"), HEADINGS, C1], [3]),
    ("groups above", [line("基本信息", "", "", "代偿金额"), HEADINGS, C1], [3]),
    ("one heading above", [line("合同编号"), HEADINGS, C1], [3]),
]


@pytest.mark.parametrize("form", SHEETS)
@pytest.mark.parametrize(("what", "rows", "told"), FAULTS, ids=[what for what, *_ in FAULTS])
def test_what_would_be_left_out_is_a_fault(
    form: str, what: str, rows: list[Row], told: dict[str, list[int]], tmp_path: Path
) -> None:
    _, groups = read_as(form, tmp_path, CLAIMS, rows)
    found: dict[str, list[int | None]] = {}
    for fault in faults_of(groups):
        found.setdefault(fault.kind, []).append(fault.row)
        assert fault.value is not None
    assert found == told, what


@pytest.mark.parametrize("form", SHEETS)
@pytest.mark.parametrize(("what", "rows", "records"), READ, ids=[what for what, *_ in READ])
def test_what_is_no_record_is_let_through(
    form: str, what: str, rows: list[Row], records: list[int], tmp_path: Path
) -> None:
    raw, faults = read_as(form, tmp_path, CLAIMS, rows)
    assert not kinds(faults), what
    assert file_rows(raw) == records


@pytest.mark.parametrize("form", SHEETS)
def test_a_heading_that_stands_one_row_higher_is_read(form: str, tmp_path: Path) -> None:
    """Headings in two rows, some of them merged over both: the text is in the upper one."""
    rows: list[Row] = [
        ["合同编号", "机构代码", "企业财务(万元)", "", "担保金额"],
        ["", "", "营业收入", "资产总额", ""],
    ]
    record: Row = ["K1", "A", "500", "300", "1000000"]
    upper: Row = ["", "", "企业财务", "", "担保金额"]
    lower: Row = ["合同编号", "机构代码", "营业收入", "资产总额", ""]
    raw, faults = read_as(form, tmp_path, CONTRACTS, [upper, lower, record])
    assert not faults
    assert raw is not None
    found = resolve(raw, CONTRACTS).columns
    assert {"contract_id", "revenue", "total_assets", "guaranteed_amount"} <= set(found)
    _, groups = read_as(form, tmp_path, CONTRACTS, [*rows, record])
    assert "second_headings" in kinds(groups)
