"""A small ledger as an office writes it in a workbook, for tests that write it in other forms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from compensation import Assessment, InputFaults, assess, assess_files, read_portfolio
from compensation.issues import Issue

Change = Callable[[openpyxl.Workbook], object]

SHARES = ("担保机构分担比例", "银行分担比例", "再担保机构分担比例", "国家融担基金分担比例")
USUAL, LITTLE = (0.4, 0.2, 0.2, 0.2), (0.1, 0.3, 0.3, 0.3)
ROWS: dict[str, list[tuple[object, ...]]] = {
    "机构": [
        ("机构代码", "机构名称", "政府性融资担保机构", "年初在保余额", "年初在保户数"),
        ("A", "示例担保", "是", 10_000_000, 2),
    ],
    "担保合同": [
        (
            "合同编号",
            "机构代码",
            "借款人代码",
            "借款人类型",
            "担保金额",
            "起始日期",
            "解除日期",
            *SHARES,
        ),
        ("K1", "A", "00101", "小型企业", 1_000_000, date(2021, 6, 1), date(2022, 5, 31), *USUAL),
        ("K2", "A", "00102", "小型企业", 3_000_000, date(2022, 3, 1), None, *USUAL),
        ("K3", "A", "00103", "微型企业", 2_000_000, date(2022, 4, 1), None, *USUAL),
        ("K4", "A", "00104", "农户", 3_000_000, date(2022, 1, 10), None, *USUAL),
        ("K5", "A", "00105", "小型企业", 2_500_000, date(2022, 2, 1), None, *USUAL),
        ("K6", "A", "00105", "小型企业", 2_600_000, date(2022, 5, 1), None, *LITTLE),
        ("K7", "A", "00106", "小型企业", 9_000_000, date(2021, 7, 1), date(2022, 6, 30), *USUAL),
    ],
    "解保": [("合同编号", "解除日期", "解除金额"), ("K5", date(2022, 10, 1), 500_000)],
    "代偿": [
        (
            "代偿编号",
            "合同编号",
            "代偿日期",
            "代偿本金",
            "代偿利息",
            "财政金融局审核",
            "行业主管部门审核",
            "已补偿金额",
        ),
        ("C1", "K1", date(2022, 5, 20), 19_000, 1_000, "通过", "通过", None),
        ("C2", "K6", date(2022, 11, 15), 100_000, None, "通过", "通过", None),
        ("C3", "K4", date(2022, 12, 31), 80_000, None, "通过", "待审", None),
        ("C4", "K2", date(2022, 12, 1), 50_000, None, "通过", "通过", 1_000),
    ],
    "追偿": [
        ("追偿编号", "代偿编号", "追偿日期", "追偿所得", "追偿费用"),
        ("R1", "C1", date(2023, 3, 1), 5_000, 300),
        ("R2", "C2", date(2023, 4, 1), 40_000, None),
    ],
}
FIGURES = ("32500.00", "19500.00", "4705.00")
"""Compensation, payable, and what returns to the government, of the ledger as it is."""


def write_ledger(path: Path, change: Change = lambda _: None) -> Path:
    """Write the ledger as a workbook, changed."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in ROWS.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    change(book)
    book.save(path)
    return path


def assessed(path: Path) -> Assessment:
    """Return the result of a workbook for 2022."""
    return assess(read_portfolio(path), "jiyuan-2022", 2022)


def faults_of(path: Path) -> list[Issue]:
    """Return the faults of a workbook; both ways to read it must say the same."""
    with pytest.raises(InputFaults) as whole:
        read_portfolio(path)
    with pytest.raises(InputFaults) as passing:
        assess_files(path, "jiyuan-2022", 2022)
    assert set(map(str, whole.value.faults)) == set(map(str, passing.value.faults))
    return list(whole.value.faults)


def figures(assessment: Assessment) -> tuple[str, ...]:
    """Return compensation, payable, and what returns to the government."""
    totals = assessment.summary["totals"]
    return totals["compensation"], totals["payable"], totals["to_government"]
