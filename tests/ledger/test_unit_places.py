"""Where a unit is named, and so which columns it holds for: every form with what is right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from compensation.readers.csv_file import read_csv
from compensation.readers.xlsx import read_workbook
from compensation.schema.dictionary import CLAIMS, CONTRACTS
from compensation.tables.headings import resolve
from compensation.tables.layout import body_of, find_head
from compensation.tables.raw import RawTable, column_of_cells
from compensation.tables.unit_places import Merged
from tests.ledger.input_files import (
    SHEETS,
    Row,
    faults_of,
    file_rows,
    kinds,
    read_as,
    save_workbook,
)
from tests.pairing import in_turn

WAN = 10_000
HEADINGS: Row = ["合同编号", "担保金额", "起始日期", "营业收入", "资产总额", "备注", ""]
RECORD: Row = ["K1", "100", "2022-03-01", "500", "300", "", ""]
ALL = (WAN, WAN, WAN)
NOBODY = (1, 1, 1)
REFUSED = None
Units = tuple[int, int, int] | None
"""The units of 担保金额, 营业收入 and 资产总额, or a fault."""


def at(column: int, cell: str, *others: tuple[int, str]) -> Row:
    """Return a row with one cell, and others, filled."""
    row: list[object] = [""] * len(HEADINGS)
    for place, text in ((column, cell), *others):
        row[place] = text
    return row


def headed(**changed: str) -> Row:
    """Return the headings with some of them changed."""
    return [changed.get(str(heading), heading) for heading in HEADINGS]


def side(*cells: str) -> list[Row]:
    """Return a table with two cells right of it, beside the record."""
    return [[*HEADINGS, ""], [*RECORD[:6], *cells]]


FORMS: list[tuple[str, list[Row], Units]] = [
    ("nothing said", [HEADINGS, RECORD], NOBODY),
    ("a line", [at(0, "单位:万元"), HEADINGS, RECORD], ALL),
    ("a line on the right", [at(4, "单位：万元"), HEADINGS, RECORD], ALL),
    ("a line right of the table", [at(6, "（万元）"), HEADINGS, RECORD], ALL),
    ("beside labels", [at(0, "编制单位:甲公司", (4, "单位:万元")), HEADINGS, RECORD], ALL),
    ("beside a name", [at(0, "甲融资担保公司", (4, "单位:万元")), HEADINGS, RECORD], ALL),
    ("in two cells", [at(3, "单位:", (4, "万元")), HEADINGS, RECORD], ALL),
    ("above a line with blanks", [at(0, "单位:万元"), at(0, ""), HEADINGS, RECORD], ALL),
    ("a title", [at(0, "2022年担保明细表（万元）"), HEADINGS, RECORD], ALL),
    (
        "a title beside a date",
        [at(0, "担保明细表(万元)", (4, "2022-12-31")), HEADINGS, RECORD],
        ALL,
    ),
    ("a title beside a year", [at(0, "担保明细表(万元)", (4, "2022")), HEADINGS, RECORD], ALL),
    ("a title in the middle", [at(3, "担保明细表(万元)"), HEADINGS, RECORD], REFUSED),
    ("two that agree", [at(0, "单位:万元", (4, "金额单位为万元")), HEADINGS, RECORD], ALL),
    ("two that differ", [at(0, "单位:万元", (4, "单位:元")), HEADINGS, RECORD], REFUSED),
    ("two lines that differ", [at(0, "单位:万元"), at(0, "单位:元"), HEADINGS, RECORD], REFUSED),
    ("none that is known", [at(0, "单位:美元"), HEADINGS, RECORD], REFUSED),
    ("beside the headings", [headed(**{"": "单位:万元"}), RECORD], ALL),
    ("beside the headings, unknown", [headed(**{"": "单位:港元"}), RECORD], REFUSED),
    ("beside a record", [HEADINGS, [*RECORD[:6], "单位:万元"]], ALL),
    ("alone beside a record", [HEADINGS, [*RECORD[:6], "万元"]], ALL),
    ("beside the second record", [HEADINGS, RECORD, ["K2", *RECORD[1:6], "(万元)"]], ALL),
    ("beside a record, unknown", [HEADINGS, [*RECORD[:6], "单位:百万"]], REFUSED),
    ("in a remark", [HEADINGS, [*RECORD[:5], "单位:万元", ""]], NOBODY),
    ("an amount in a remark", [HEADINGS, [*RECORD[:5], "逾期3万元", ""]], NOBODY),
    ("a column of other amounts", [headed(备注="金额(万元)"), RECORD], NOBODY),
    ("another, with 单位", [headed(备注="保费(单位:万元)"), RECORD], NOBODY),
    ("a summary beside a record", [HEADINGS, [*RECORD[:6], "合计500万元"]], NOBODY),
    ("in a column of units", [headed(备注="单位"), [*RECORD[:5], "万元", ""]], ALL),
    (
        "in a column of units and currencies",
        [headed(备注="单位/币种"), [*RECORD[:5], "万元", ""]],
        ALL,
    ),
    (
        "in a column of other currencies",
        [headed(备注="结算币种"), [*RECORD[:5], "USD", ""]],
        REFUSED,
    ),
    (
        "in a column of currency codes",
        [headed(备注="Currency Code"), [*RECORD[:5], "CNY", ""]],
        NOBODY,
    ),
    ("in a column of names", [headed(备注="单位名称"), [*RECORD[:5], "万元", ""]], NOBODY),
    ("in a column of organisations", [headed(备注="单位"), [*RECORD[:5], "元创公司", ""]], NOBODY),
    ("in a column of currencies", [headed(备注="币种"), [*RECORD[:5], "人民币", ""]], NOBODY),
    ("in a column of currencies, USD", [headed(备注="币种"), [*RECORD[:5], "USD", ""]], REFUSED),
    ("below", [HEADINGS, RECORD, at(0, "注:以上金额单位均为万元")], ALL),
    ("below, alone", [HEADINGS, RECORD, at(0, "金额单位：万元")], ALL),
    ("below, on the right", [HEADINGS, RECORD, at(4, "单位:万元")], ALL),
    ("below a total", [HEADINGS, RECORD, at(0, "合计", (1, "100")), at(0, "单位:万元")], ALL),
    ("below, beside names", [HEADINGS, RECORD, at(0, "制表人:张三", (4, "单位:万元"))], ALL),
    ("below, unknown", [HEADINGS, RECORD, at(0, "注:金额单位为美元")], REFUSED),
    ("below, otherwise", [at(0, "单位:元"), HEADINGS, RECORD, at(0, "注:单位万元")], REFUSED),
    ("a summary figure", [at(0, "合计担保金额：500万元"), HEADINGS, RECORD], NOBODY),
    ("a summary of all", [at(0, "共 12 笔, 合计 3,000 万元"), HEADINGS, RECORD], NOBODY),
    ("a summary in two cells", [at(0, "担保总额(万元)", (1, "500")), HEADINGS, RECORD], NOBODY),
    ("in three cells", [at(0, "担保总额", (1, "500"), (2, "万元")), HEADINGS, RECORD], NOBODY),
    ("two in one cell", [at(0, "单位:元/万元"), HEADINGS, RECORD], REFUSED),
    ("a summary on the side", side("金额(万元)", "500"), NOBODY),
    ("a summary on the side, with its unit behind", side("500", "万元"), NOBODY),
    ("who reports", [at(0, "填报单位:元氏县担保公司"), HEADINGS, RECORD], NOBODY),
    ("in a heading", [headed(担保金额="担保金额(万元)"), RECORD], (WAN, 1, 1)),
    (
        "a heading beside a line",
        [at(0, "单位:万元"), headed(担保金额="担保金额_元"), RECORD],
        (1, WAN, WAN),
    ),
    ("a larger unit", [at(0, "单位:百万元"), HEADINGS, RECORD], (10**6, 10**6, 10**6)),
    (
        "groups side by side",
        [at(0, "担保", (3, "企业财务(万元)"), (5, "其他")), HEADINGS, RECORD],
        (1, WAN, WAN),
    ),
    (
        "groups under a line",
        [at(0, "单位:元"), at(0, "担保", (3, "企业财务(万元)"), (5, "其他")), HEADINGS, RECORD],
        (1, WAN, WAN),
    ),
    (
        "a group on the left",
        [at(0, "担保（万元）", (3, "企业财务"), (5, "其他")), HEADINGS, RECORD],
        (WAN, 1, 1),
    ),
    ("a group of unknown width", [at(3, "企业财务(万元)"), HEADINGS, RECORD], REFUSED),
    ("a group over the last money", [at(4, "企业财务(万元)"), HEADINGS, RECORD], (1, 1, WAN)),
    ("amounts over one column", [at(1, "金额(万元)"), HEADINGS, RECORD], REFUSED),
    ("a unit over one column", [at(3, "(万元)"), HEADINGS, RECORD], REFUSED),
    ("a line with words behind", [at(5, "单位：万元（保留两位小数）"), HEADINGS, RECORD], ALL),
    ("with a name behind", [at(5, "单位:万元 审核:李四 日期:2023.3.31"), HEADINGS, RECORD], ALL),
    ("with words, over money", [at(3, "单位:万元；比例:%"), HEADINGS, RECORD], ALL),
    ("a marked group over no money", [at(5, "担保(单位:万元)"), HEADINGS, RECORD], REFUSED),
    ("amounts over no money", [at(5, "金额（万元）："), HEADINGS, RECORD], REFUSED),
    (
        "letters in cells of their own",
        [at(1, "单", (2, "位"), (3, "："), (4, "万"), (5, "元")), HEADINGS, RECORD],
        ALL,
    ),
    ("yuan over each", [at(1, "元", (3, "元"), (4, "元")), HEADINGS, RECORD], NOBODY),
    ("units over each", [at(1, "万元", (3, "万元"), (4, "万元")), HEADINGS, RECORD], ALL),
]


def units(raw: RawTable | None) -> Units:
    assert raw is not None
    found = resolve(raw, CONTRACTS).columns
    return (
        found["guaranteed_amount"].unit,
        found["revenue"].unit,
        found["total_assets"].unit,
    )


@pytest.mark.slow
@pytest.mark.parametrize(("form", "what", "rows", "right"), in_turn(SHEETS, FORMS))
def test_a_unit_holds_for_the_columns_that_it_is_said_of(
    form: str, what: str, rows: list[Row], right: Units, tmp_path: Path
) -> None:
    raw, faults = read_as(form, tmp_path, CONTRACTS, rows)
    if right is REFUSED:
        assert set(kinds(faults)) == {"unknown_unit"}, what
        return
    assert not faults
    assert units(raw) == right
    first = [i for i, row in enumerate(rows, 1) if row[0] == "K1"]
    assert file_rows(raw)[:1] == first


@pytest.mark.parametrize("form", SHEETS)
def test_a_fault_shows_the_cell_and_where_it_stands(form: str, tmp_path: Path) -> None:
    rows = [at(0, "担保台账"), at(0, "单位:万元"), HEADINGS, RECORD, at(0, "注:金额单位：元")]
    _, groups = read_as(form, tmp_path, CONTRACTS, rows)
    found = faults_of(groups)
    assert [(fault.row, fault.value) for fault in found] == [
        (2, "单位:万元"),
        (5, "注:金额单位：元"),
    ]


MERGED: list[tuple[str, list[Row], Sequence[Merged], Units]] = [
    (
        "a group over two of three",
        [at(0, "合同", (3, "企业财务(万元)"))],
        [((0, 0), (0, 2)), ((0, 3), (0, 4))],
        (1, WAN, WAN),
    ),
    ("nothing but a group", [at(3, "企业财务(万元)")], [((0, 3), (0, 4))], (1, WAN, WAN)),
    ("a group that says 单位", [at(3, "企业财务(单位:万元)")], [((0, 3), (0, 4))], (1, WAN, WAN)),
    ("a line with words over no money", [at(4, "单位:万元(含息)")], [((0, 4), (0, 5))], ALL),
    ("a group over no money", [at(0, "合同(万元)")], [((0, 0), (0, 0))], ALL),
    ("another group over no money", [at(2, "客户(万元)")], [((0, 2), (0, 2))], REFUSED),
    ("a group over others' money", [at(5, "保费(万元)")], [((0, 5), (0, 6))], NOBODY),
    ("a group of one column", [at(3, "营业(万元)")], [((0, 3), (0, 3))], REFUSED),
    (
        "a group under a line",
        [at(4, "单位:元"), at(3, "企业财务(万元)")],
        [((1, 3), (1, 4))],
        (1, WAN, WAN),
    ),
    ("a title over all", [at(0, "担保明细(万元)")], [((0, 0), (0, 5))], ALL),
    ("a title over most", [at(0, "担保明细表(万元)")], [((0, 0), (0, 4))], ALL),
    ("a line over the right", [at(3, "单位:万元")], [((0, 3), (0, 5))], ALL),
    ("a line over all", [at(0, "单位:万元")], [((0, 0), (0, 5))], ALL),
    ("a title over some in the middle", [at(1, "担保明细表(万元)")], [((0, 1), (0, 3))], REFUSED),
]


@pytest.mark.parametrize(("what", "above", "merged", "right"), MERGED, ids=[m[0] for m in MERGED])
def test_a_merged_cell_holds_for_what_it_covers(
    what: str, above: list[Row], merged: Sequence[Merged], right: Units
) -> None:
    head = find_head([*above, HEADINGS, RECORD], CONTRACTS, merged)
    assert head is not None, what
    columns = [column_of_cells(*pair) for pair in zip(head.headings, zip(RECORD), strict=True)]
    nothing = np.zeros(0, np.int64)
    body = body_of(head, columns, 1, nothing, CONTRACTS, lambda rows: rows + len(above) + 2)
    if right is REFUSED:
        assert {group.kind for group in body.faults} == {"unknown_unit"}
        return
    assert not body.faults
    assert units(RawTable("contracts", body.columns, 1, body.unit)) == right


def test_a_footer_with_fewer_fields_names_the_unit_too(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    path.write_text("代偿编号,代偿本金\nC1,5\n单位:万元\n", encoding="utf-8")
    raw, faults = read_csv(path, CLAIMS)
    assert not faults
    assert raw is not None
    assert raw.unit == WAN


COVERS = [
    ("本套报表金额单位均为万元", "", True),
    ("说明：所有金额以万元为单位", "", True),
    ("All amounts in RMB 10,000", "", True),
    ("本套报表金额单位均为万元", "单位:万元", False),
    ("本套报表金额单位均为万元", "单位:元", True),
    ("本套报表金额单位均为元", "", False),
    ("合同表:150 份;金额单位万元", "", False),
    ("金额单位为元;如需以万元填写,请在标题后加“(万元)”", "", False),
    ("去年代偿共 300 万元", "", False),
]


@pytest.mark.parametrize(("cover", "line", "refused"), COVERS)
def test_a_unit_that_only_the_cover_names_is_not_passed_over(
    cover: str, line: str, refused: bool, tmp_path: Path
) -> None:
    table: list[Row] = [at(0, line), HEADINGS, RECORD]
    path = save_workbook(tmp_path / "a.xlsx", 封面=[["担保台账"], [cover]], 担保合同=table)
    _, groups = read_workbook(path)
    found = [(fault.kind, fault.table, fault.value) for fault in faults_of(groups)]
    assert found == ([("unknown_unit", "contracts", cover)] if refused else [])
