"""Rows that sum up records: none of them is read, and a figure that is not the sum is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation import read_portfolio
from compensation.faults.input_faults import Faults
from compensation.schema.dictionary import CONTRACTS, RELEASES
from compensation.tables.total_rows import is_total
from tests.ledger.input_files import SHEETS, Row, file_rows, read_as, save_csv

LABELS = [
    "合计",
    "合 计",
    "合计:",
    "合计：",
    "小计",
    "总计",
    "总计（元）",
    "汇总",
    "共计",
    "本页小计",
    "累计",
    "本月合计",
    "甲机构小计",
    "合计(共2笔)",
    "共计2笔",
    "總計",
    "合計",
    "Total",
    "TOTAL:",
    "Subtotal",
    "Grand total",
    "总和",
    *("合计金额", "合计数", "总额", "累计数", "合计:4笔", "合计*", "SUM", "【合计】", "(合计)"),
]
NO_LABELS = [
    "",
    "合计公司",
    "会计",
    "设计院",
    "计",
    "总公司",
    "汇总表编号1",
    "Totally",
    *("小计划", "合计金额表", "summary", "总额度", "数值"),
    "D-合计-1",
]

HEADINGS: Row = ["序号", "合同编号", "解除日期", "解除金额", "备注"]


def record(number: int, amount: object) -> Row:
    return [str(number), f"C{number}", "2022-03-01", amount, ""]


def total(label: str, amount: object, at: int = 0) -> Row:
    row: list[object] = [""] * len(HEADINGS)
    row[at], row[3] = label, amount
    return row


@pytest.mark.parametrize("label", LABELS)
def test_labels_of_totals(label: str) -> None:
    assert is_total(label)


@pytest.mark.parametrize("label", NO_LABELS)
def test_what_is_no_label(label: str) -> None:
    assert not is_total(label)


R1, R2, R3 = record(1, "10.50"), record(2, "20"), record(3, "30")
RIGHT: list[tuple[str, list[Row]]] = [
    ("at the end", [R1, R2, R3, total("合计", "60.50")]),
    ("with separators", [R1, R2, R3, total("合计", "¥60.50")]),
    ("in the second column", [R1, R2, R3, total("总计", "60.5", 1)]),
    ("numbered on", [R1, R2, R3, ["4", "合计", "", "60.50", ""]]),
    ("with a count", [R1, R2, R3, ["合计", "", "共3笔", "60.50", "已核对"]]),
    ("at the top", [total("合计", "60.50"), R1, R2, R3]),
    (
        "subtotals",
        [R1, total("小计", "10.50"), R2, R3, total("小计", "50"), total("总计", "60.50")],
    ),
    ("subtotals before", [total("甲机构小计", "30.50"), R1, R2, total("乙机构小计", "30"), R3]),
    (
        "running",
        [R1, total("累计", "10.50"), R2, total("累计", "30.50"), R3, total("累计", "60.50")],
    ),
    (
        "pages and sums",
        [R1, R2, total("本页小计", "30.50"), R3, total("本页小计", "30"), total("累计", "60.50")],
    ),
    ("nothing said", [R1, R2, R3, total("合计", "")]),
    ("a count", [R1, R2, R3, total("合计", "3笔")]),
    ("a dash", [R1, R2, R3, total("合计", "—")]),
    ("in its own unit", [R1, R2, R3, total("合计(万元)", "0.00605")]),
    ("below the notes", [R1, R2, R3, ["制表人:张三", "", "", "", ""], total("合计", "60.50")]),
]
WRONG: list[tuple[str, list[Row], list[tuple[int, str]]]] = [
    ("no amount", [R1, R2, R3, total("合计", "60.505")], [(5, "60.505 ≠ 60.50")]),
    ("too much", [R1, R2, R3, total("合计", "60.51")], [(5, "60.51 ≠ 60.50")]),
    ("a row left out", [R1, R2, R3, total("合计", "50")], [(5, "50.00 ≠ 60.50")]),
    (
        "a subtotal",
        [R1, total("小计", "11"), R2, R3, total("合计", "60.50")],
        [(3, "11.00 ≠ 10.50")],
    ),
    (
        "both",
        [R1, R2, total("小计", "30"), R3, total("总计", "61,000.00")],
        [(4, "30.00 ≠ 30.50"), (6, "61,000.00 ≠ 60.50")],
    ),
]


@pytest.mark.parametrize("form", SHEETS)
@pytest.mark.parametrize(("what", "rows"), RIGHT, ids=[what for what, _ in RIGHT])
def test_a_total_that_is_right_says_nothing(
    form: str, what: str, rows: list[Row], tmp_path: Path
) -> None:
    raw, faults = read_as(form, tmp_path, RELEASES, [HEADINGS, *rows])
    assert not faults, what
    assert raw is not None
    assert file_rows(raw) == [i for i, row in enumerate(rows, 2) if str(row[1]).startswith("C")]
    assert not raw.warnings


@pytest.mark.parametrize("form", SHEETS)
@pytest.mark.parametrize(("what", "rows", "told"), WRONG, ids=[what for what, *_ in WRONG])
def test_a_total_that_is_not_the_sum_is_told(
    form: str, what: str, rows: list[Row], told: list[tuple[int, str]], tmp_path: Path
) -> None:
    raw, faults = read_as(form, tmp_path, RELEASES, [HEADINGS, *rows])
    assert not faults, what
    assert raw is not None
    assert raw.rows == 3
    found = list(Faults(raw.warnings))
    assert [(fault.kind, fault.column) for fault in found] == [("total_differs", "amount")] * len(
        told
    )
    assert [(fault.row, fault.value) for fault in found] == told


@pytest.mark.parametrize("form", SHEETS)
@pytest.mark.parametrize(
    "row",
    [
        ["", "合计", "2022-03-01", "5", ""],
        ["4", "C4", "", "小计", ""],
        ["", "合计贸易公司", "", "5", ""],
    ],
)
def test_a_row_with_an_id_or_a_date_is_a_record(form: str, row: Row, tmp_path: Path) -> None:
    raw, _ = read_as(form, tmp_path, RELEASES, [HEADINGS, R1, row, R2])
    assert file_rows(raw) == [2, 3, 4]


@pytest.mark.parametrize("form", SHEETS)
def test_totals_are_in_the_unit_of_their_column(form: str, tmp_path: Path) -> None:
    rows = [["单位:万元", "", "", "", ""], HEADINGS, R1, R2, total("合计", "30.5")]
    raw, faults = read_as(form, tmp_path, RELEASES, rows)
    assert not faults
    assert raw is not None
    assert not raw.warnings


def test_the_warning_reaches_who_reads_the_ledger(tmp_path: Path) -> None:
    save_csv(tmp_path / "institutions.csv", [["机构代码", "政府性融资担保机构"], ["A", "是"]])
    contracts = [
        ["合同编号", "机构代码", "借款人代码", "借款人类型", "担保金额", "起始日期"],
        ["K1", "A", "B1", "小型企业", "100", "2022-01-10"],
        ["合计", "", "", "", "1000", ""],
    ]
    save_csv(tmp_path / "contracts.csv", contracts)
    save_csv(tmp_path / "claims.csv", [["代偿编号", "合同编号", "代偿日期", "代偿本金"]])
    (warning,) = Faults(read_portfolio(tmp_path).warnings)
    assert (warning.table, warning.row, warning.column, warning.value) == (
        CONTRACTS.name,
        3,
        "guaranteed_amount",
        "1,000.00 ≠ 100.00",
    )


AMOUNTS = st.lists(st.integers(0, 10**13), min_size=1, max_size=12)


@given(fen=AMOUNTS, off=st.integers(-2, 2), data=st.data())
def test_a_closing_total_is_told_if_and_only_if_it_differs(
    fen: list[int], off: int, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    said = max(0, sum(fen) + off)
    rows = [record(i, f"{each // 100}.{each % 100:02d}") for i, each in enumerate(fen, 1)]
    rows.append(total(data.draw(st.sampled_from(LABELS[:10])), f"{said // 100}.{said % 100:02d}"))
    raw, faults = read_as("csv", tmp_path_factory.mktemp("csv"), RELEASES, [HEADINGS, *rows])
    assert not faults
    assert raw is not None
    assert raw.rows == len(fen)
    assert bool(raw.warnings) == (said != sum(fen))
