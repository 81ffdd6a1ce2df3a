"""A small ledger twice: written plainly, and in the forms in which offices write theirs.

Both give the same result; a test holds them to it, and the tutorial's picture shows the second.
All rows are invented.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

Cell = str | int | float | datetime.date | None
Rows = Sequence[Sequence[Cell]]

INSTITUTIONS: Rows = [
    ["institution_id", "institution_name", "government_backed"],
    ["A", "示例融资担保有限公司", True],
]
CONTRACTS: Rows = [
    [
        *("contract_id", "institution_id", "borrower_id", "borrower_name", "borrower_type"),
        *("guaranteed_amount", "start_date", "release_date"),
        *("share_institution", "share_lender", "share_reguarantor", "share_national_fund"),
    ],
    *(
        [f"K{n}", "A", f"0010{n}", name, kind, amount, start, end, 0.4, 0.2, 0.2, 0.2]
        for n, (name, kind, amount, start, end) in enumerate(
            (
                ("甲机械厂", "small_enterprise", 1_500_000, "2021-03-01", "2022-02-28"),
                ("乙食品公司", "micro_enterprise", 800_000, "2021-09-15", None),
                ("丙家庭农场", "agricultural_entity", 2_000_000, "2021-11-01", "2022-10-31"),
                ("丁商行", "individual_business", 500_000, "2022-01-10", None),
                ("戊建材公司", "small_enterprise", 3_000_000, "2022-04-01", None),
                ("己种植户", "farmer", 300_000, "2022-05-20", None),
                ("庚服装厂", "small_enterprise", 2_400_000, "2022-07-01", None),
            ),
            1,
        )
    ),
]
CLAIMS: Rows = [
    [
        *("claim_id", "contract_id", "payout_date", "principal", "interest"),
        *("finance_review", "industry_review"),
    ],
    ["DC-01", "K2", "2022-06-15", 26_000, 1_250.5, "approved", "approved"],
    ["DC-02", "K4", "2022-09-30", 30_000, 800, "approved", "approved"],
    ["DC-03", "K6", "2022-12-01", 12_000, None, "approved", "pending"],
]
PLAIN: Mapping[str, Rows] = {
    "institutions": INSTITUTIONS,
    "contracts": CONTRACTS,
    "claims": CLAIMS,
}
"""The ledger as the data dictionary has it; yuan, by the names of tables."""

TYPES = {
    "small_enterprise": "小型",
    "micro_enterprise": "微型",
    "agricultural_entity": "新型农业经营主体",
    "individual_business": "个体户",
    "farmer": "农户",
}


def write_office_forms(path: Path) -> None:
    """Write the ledger as offices write theirs."""
    workbook = xlsxwriter.Workbook(str(path))
    styles = {
        "title": {"bold": True, "font_size": 14, "align": "center"},
        "right": {"align": "right"},
        "heading": {"bold": True, "border": 1, "align": "center", "bg_color": "#E7EDF5"},
        "cell": {"border": 1},
        "shared": {"border": 1, "align": "center", "valign": "vcenter"},
        "amount": {"border": 1, "num_format": "#,##0.00####"},
        "percent": {"border": 1, "num_format": "0%", "align": "center", "valign": "vcenter"},
    }
    made = {name: workbook.add_format(style) for name, style in styles.items()}
    _institutions(workbook.add_worksheet("机构"), made)
    _contracts(workbook.add_worksheet("担保合同明细"), made)
    _claims(workbook.add_worksheet("2022年代偿台账"), made)
    workbook.close()


def _institutions(sheet: Worksheet, made: Mapping[str, Format]) -> None:
    sheet.write_row(0, 0, ["机构代码", "机构名称", "政府性融资担保机构"], made["heading"])
    sheet.write_row(1, 0, [*INSTITUTIONS[1][:2], "√"], made["cell"])
    sheet.set_column(0, 2, 22)


def _contracts(sheet: Worksheet, made: Mapping[str, Format]) -> None:
    """Shares in merged cells, trade words for headings, a unit line, a total."""
    headings = [
        *("合同编号", "机构代码", "客户编号", "借款企业", "借款人类型"),
        *("担保金额", "放款日期", "解除日期"),
        *("担保机构分险比例", "银行分险比例", "再担保机构分险比例", "国家融担基金分险比例"),
    ]
    sheet.merge_range(0, 0, 0, 11, "融资担保业务明细表", made["title"])
    sheet.merge_range(1, 0, 1, 11, "截止日期：2022年12月31日　　单位：万元", made["right"])
    sheet.write_row(2, 0, headings, made["heading"])
    records = CONTRACTS[1:]
    for row, (*texts, kind, amount, start, end, _, _, _, _) in enumerate(records, 3):
        sheet.write_row(row, 0, [*texts, TYPES[str(kind)]], made["cell"])
        sheet.write_number(row, 5, _wan(amount), made["amount"])
        sheet.write_row(row, 6, [_in_words(start), _in_words(end)], made["cell"])
    last = 2 + len(records)
    for place in range(4):
        sheet.merge_range(3, 8 + place, last, 8 + place, records[0][8 + place], made["percent"])
    sheet.merge_range(last + 1, 0, last + 1, 4, "合计", made["shared"])
    total = sum(_wan(record[5]) for record in records)
    sheet.write_number(last + 1, 5, total, made["amount"])
    sheet.set_column(0, 7, 15)
    sheet.set_column(8, 11, 20)
    _on_one_page(sheet)


def _claims(sheet: Worksheet, made: Mapping[str, Format]) -> None:
    """Group headings, one decision for several claims, amounts with a unit, a total, a footer."""
    sheet.merge_range(0, 0, 0, 7, "代偿情况表", made["title"])
    sheet.write_string(1, 0, "填报单位：示例融资担保有限公司")
    sheet.write_string(1, 7, "单位：元", made["right"])
    sheet.merge_range(2, 0, 2, 1, "业务", made["heading"])
    sheet.merge_range(2, 2, 2, 4, "代偿", made["heading"])
    sheet.merge_range(2, 5, 2, 6, "审核", made["heading"])
    sheet.write_string(2, 7, "", made["heading"])
    headings = [
        *("代偿编号", "合同编号", "代偿时间", "代偿本金", "代偿利息"),
        *("财政金融局审核", "行业主管部门审核", "备注"),
    ]
    sheet.write_row(3, 0, headings, made["heading"])
    amounts = (("2.6万", 1_250.5), ("叁万元整", 800), (12_000, None))
    reviews = ("√", "√", "待审")
    for row, (record, (principal, interest)) in enumerate(zip(CLAIMS[1:], amounts, strict=True), 4):
        claim, contract, day = record[:3]
        sheet.write_row(row, 0, [claim, contract, _in_words(day)], made["cell"])
        sheet.write(row, 3, principal, made["amount"])
        sheet.write(row, 4, interest, made["amount"])
        sheet.write_string(row, 6, reviews[row - 4], made["shared"])
        sheet.write_string(row, 7, "", made["cell"])
    sheet.merge_range(4, 5, 6, 5, "同意", made["shared"])
    sheet.merge_range(7, 0, 7, 2, "合计", made["shared"])
    sheet.write_number(7, 3, 68_000, made["amount"])
    sheet.write_number(7, 4, 2_050.5, made["amount"])
    sheet.write_string(9, 0, "制表人：张三　审核人：李四")
    sheet.write_string(9, 5, "日期：2023年1月10日")
    sheet.set_column(0, 7, 17)
    _on_one_page(sheet)


def _on_one_page(sheet: Worksheet) -> None:
    sheet.set_landscape()
    sheet.fit_to_pages(1, 1)


def _wan(yuan: Cell) -> float:
    assert isinstance(yuan, int)
    return yuan / 10_000


def _in_words(day: Cell) -> str | None:
    """Return a day as people write it."""
    if day is None:
        return None
    year, month, date = map(int, str(day).split("-"))
    return f"{year}年{month}月{date}日"
