"""One ledger in the forms in which offices write it: the figures are those of the plain one."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from compensation import InputFaults, assess, read_portfolio
from tests.ledger.input_files import Row, save_workbook

Tables = dict[str, list[Row]]


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


CONTRACT = ["合同编号", "机构代码", "借款人代码", "借款人名称", "借款人类型"]
CLAIM = ["代偿编号", "合同编号", "代偿日期", "代偿本金", "代偿利息"]
SHARES = ["担保机构分担比例", "银行分担比例", "再担保机构分担比例", "国家融担基金分担比例"]


def contract(
    number: int, borrower: str, kind: str, amount: int, start: str, end: str | None = None
) -> Row:
    shares = [0.1, 0.3, 0.3, 0.3] if number == 6 else [0.4, 0.2, 0.2, 0.2]
    until = None if end is None else day(end)
    return [f"K{number}", "A", borrower, borrower, kind, amount, day(start), until, *shares]


def plain() -> Tables:
    """Return the ledger in yuan, its headings in the first row."""
    return {
        "机构": [
            ["机构代码", "机构名称", "政府性融资担保机构", "年初在保余额", "年初在保户数"],
            ["A", "示例担保", "是", 10_000_000, 3],
        ],
        "担保合同": [
            [*CONTRACT, "担保金额", "起始日期", "解除日期", *SHARES],
            contract(1, "00101", "小型企业", 1_000_000, "2021-06-01", "2022-05-31"),
            contract(2, "00102", "小型企业", 3_000_000, "2022-03-01"),
            contract(3, "00103", "微型企业", 2_000_000, "2022-04-01"),
            contract(4, "00104", "农户", 3_000_000, "2022-01-10"),
            contract(5, "00105", "小型企业", 2_500_000, "2022-02-01"),
            contract(6, "00105", "小型企业", 2_600_000, "2022-05-01"),
            contract(7, "00106", "小型企业", 9_000_000, "2021-07-01", "2022-06-30"),
        ],
        "解保": [["合同编号", "解除日期", "解除金额"], ["K5", day("2022-10-01"), 500_000]],
        "代偿": [
            [*CLAIM, "财政金融局审核", "行业主管部门审核", "已补偿金额"],
            ["C1", "K1", day("2022-05-20"), 19_000, 1_000, "通过", "通过", None],
            ["C2", "K6", day("2022-11-15"), 100_000, None, "通过", "通过", None],
            ["C3", "K4", day("2022-12-31"), 80_000, None, "通过", "待审", None],
            ["C4", "K2", day("2022-12-01"), 50_000, None, "通过", "通过", 1_000],
        ],
        "追偿": [
            ["追偿编号", "代偿编号", "追偿日期", "追偿所得", "追偿费用"],
            ["R1", "C1", day("2023-03-01"), 5_000, 300],
            ["R2", "C2", day("2023-04-01"), 40_000, None],
        ],
    }


FIGURES = {
    "compensation": Decimal("32500.00"),
    "payable": Decimal("19500.00"),
    "distributed": Decimal("44700.00"),
    "to_government": Decimal("4705.00"),
}
"""Worked out by hand for the ledger in yuan."""
MONEY = (
    "年初在保余额",
    "担保金额",
    "解除金额",
    "代偿本金",
    "代偿利息",
    "已补偿金额",
    "追偿所得",
    "追偿费用",
)


def in_units_of(worth: int, tables: Tables, only: tuple[str, ...] | None = None) -> Tables:
    """Return the tables with their money in another unit; ``only``: of these tables."""
    written: Tables = {}
    for name, (headings, *rows) in tables.items():
        if only is not None and name not in only:
            written[name] = [headings, *rows]
            continue
        changed = [
            [
                cell / worth if heading in MONEY and isinstance(cell, int) else cell
                for heading, cell in zip(headings, row, strict=True)
            ]
            for row in rows
        ]
        written[name] = [headings, *changed]
    return written


def with_line(line: Row, worth: int) -> Callable[[], Tables]:
    """Return what writes all tables in a unit, with a line above the headings."""
    return lambda: {name: [line, *rows] for name, rows in in_units_of(worth, plain()).items()}


def with_note(note: str, worth: int) -> Callable[[], Tables]:
    """Return what writes all tables in a unit, with a note below the records."""
    return lambda: {name: [*rows, [note]] for name, rows in in_units_of(worth, plain()).items()}


def in_headings(form: str, worth: int) -> Callable[[], Tables]:
    """Return what writes all tables in a unit that the headings of amounts name."""
    return lambda: {
        name: [[form.format(h) if h in MONEY else h for h in rows[0]], *rows[1:]]
        for name, rows in in_units_of(worth, plain()).items()
    }


def with_total(label: str) -> Tables:
    tables = plain()
    tables["代偿"].append([label, None, None, 249_000, 1_000, None, None, None])
    return tables


def grouped() -> Tables:
    """Return contracts with the enterprise's figures in 万元 under a heading of their own."""
    tables = plain()
    headings, *rows = tables["担保合同"]
    groups = ["合同", *[None] * (len(headings) - 1), "企业财务(万元)", None]
    tables["担保合同"] = [
        groups,
        [*headings, "营业收入", "资产总额"],
        *([*row, 500, 300] for row in rows),
    ]
    return tables


def again_on_each_page() -> Tables:
    tables = plain()
    headings, *rows = tables["代偿"]
    tables["代偿"] = [headings, *rows[:2], headings, *rows[2:]]
    return tables


READ: Mapping[str, Callable[[], Tables]] = {
    "plain": plain,
    "a date behind": with_line(["单位:万元  截止日期:2023年03月31日"], 10_000),
    "a date before": with_line(["截止日期:2023年03月31日", None, "单位:万元"], 10_000),
    "金额单位为": with_line(["金额单位为万元"], 10_000),
    "in brackets": with_line(["【单位:万元】"], 10_000),
    "traditional": with_line(["单位:萬元"], 10_000),
    "a page": with_line([None, None, None, "单位:万元 第1页"], 10_000),
    "in English": with_line(["Unit: RMB 10,000"], 10_000),
    "千元": with_line(["单位：千元"], 1_000),
    "百万元": with_line(["(单位：百万元)"], 10**6),
    "亿元": with_line(["金额单位：人民币亿元"], 10**8),
    "a note below": with_note("注:以上金额单位均为万元", 10_000),
    "below, alone": with_note("单位:千元", 1_000),
    "in headings": in_headings("{}（单位：万元）", 10_000),
    "in headings, with a line": in_headings("{}_亿元", 10**8),
    "汇总": lambda: with_total("汇总"),
    "本页小计": lambda: with_total("本页小计"),
    "a group": grouped,
    "headings on each page": again_on_each_page,
}  # fmt: skip


def misplaced() -> Tables:
    tables = plain()
    headings, *rows = tables["代偿"]
    tables["代偿"] = [*rows, headings]
    return tables


def stacked() -> Tables:
    tables = plain()
    headings, *rows = tables["代偿"]
    tables["代偿"] = [
        *([*headings[:-1], None], *([*row[:-1], None] for row in rows[:2])),
        [None] * len(headings),
        *(headings, *rows[2:]),
    ]
    return tables


def contradicting() -> Tables:
    tables = in_units_of(10_000, plain(), only=("代偿",))
    tables["代偿"] = [["单位:万元"], *tables["代偿"], ["注:金额单位为元"]]
    return tables


def foreign() -> Tables:
    tables = plain()
    tables["代偿"].insert(0, ["单位:美元"])
    return tables


RUN = ("jiyuan-2022", 2022)

REFUSED: Mapping[str, tuple[Callable[[], Tables], set[str]]] = {
    "headings at the end": (misplaced, {"records_above_headings"}),
    "stacked blocks": (stacked, {"records_above_headings", "second_headings"}),
    "two units": (contradicting, {"unknown_unit"}),
    "a foreign currency": (foreign, {"unknown_unit"}),
}


@pytest.mark.slow
@pytest.mark.parametrize("form", READ)
def test_the_figures_are_those_of_the_plain_ledger(form: str, tmp_path: Path) -> None:
    path = save_workbook(tmp_path / "a.xlsx", **READ[form]())
    result = assess(read_portfolio(path), *RUN)
    totals = result.summary["totals"]
    assert {name: Decimal(totals[name]) for name in FIGURES} == FIGURES
    plain_result = assess(read_portfolio(save_workbook(tmp_path / "b.xlsx", **plain())), *RUN)
    kinds = {warning.kind for warning in plain_result.warnings}
    kinds |= {"headings_not_read", "unit_of_some_columns"}
    assert {warning.kind for warning in result.warnings} <= kinds


@pytest.mark.parametrize("form", REFUSED)
def test_what_would_change_a_figure_is_refused(form: str, tmp_path: Path) -> None:
    write, kinds = REFUSED[form]
    with pytest.raises(InputFaults) as refused:
        read_portfolio(save_workbook(tmp_path / "a.xlsx", **write()))
    assert {fault.kind for fault in refused.value.faults} >= kinds


def test_a_total_that_leaves_a_record_out_is_told(tmp_path: Path) -> None:
    tables = plain()
    tables["代偿"].append(["合计", None, None, 250_000, 1_000, None, None, None])
    path = save_workbook(tmp_path / "a.xlsx", **tables)
    warnings = assess(read_portfolio(path), *RUN).warnings
    (warning,) = (each for each in warnings if each.kind == "total_differs")
    assert (warning.kind, warning.row, warning.column, warning.value) == (
        "total_differs",
        6,
        "principal",
        "250,000.00 ≠ 249,000.00",
    )
