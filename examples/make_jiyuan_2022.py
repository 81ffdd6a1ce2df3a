"""Make examples/jiyuan-2022.xlsx from the invented ledger, the way an office would keep it.

虚构的示例台账。The same script always makes the same workbook. From the root of the repository:

    python -m examples.make_jiyuan_2022 [FILE.xlsx]
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from examples.invented_ledger import (
    INSTITUTION_ID,
    INSTITUTION_NAME,
    KEPT_UNTIL,
    WAN,
    Contract,
    Ledger,
    the_ledger,
)

WORKBOOK = Path(__file__).parent / "jiyuan-2022.xlsx"
YUAN = 100
"""A yuan in fen."""

Cell = str | int | date | float | None
Columns = Sequence[tuple[str, str, int]]
"""Heading, look and width of each column of a sheet."""

BODY = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
BOX = BODY | {"border": 1, "border_color": "#7F7F7F"}
LOOKS: dict[str, dict[str, object]] = {
    "title": {"font_name": "黑体", "font_size": 16, "align": "center", "valign": "vcenter"},
    "left": BODY,
    "right": BODY | {"align": "right"},
    "heading": BOX
    | {"font_name": "黑体", "bg_color": "#E2EFDA", "align": "center", "text_wrap": True},
    "text": BOX,
    "wrapped": BOX | {"text_wrap": True},
    "id": BOX | {"num_format": "@", "align": "center"},
    "centre": BOX | {"align": "center"},
    "date": BOX | {"num_format": "yyyy-mm-dd", "align": "center"},
    "wan": BOX | {"num_format": "#,##0.00"},
    "money": BOX | {"num_format": "#,##0.00"},
    "figure": BOX | {"num_format": "#,##0.00"},
    "share": BOX | {"num_format": "0%", "align": "center"},
    "total": BOX | {"bold": True, "align": "center"},
    "total_money": BOX | {"bold": True, "num_format": "#,##0.00"},
    "paragraph": BODY | {"font_size": 11, "text_wrap": True, "valign": "top"},
    "warning": BODY | {"font_size": 12, "bold": True, "font_color": "#C00000", "text_wrap": True},
}
SUMMED = ("wan", "money")
"""The looks of columns that the closing row adds up."""

DECISIONS = ["通过", "不通过", "待审"]

CONTRACT_COLUMNS: Columns = (
    ("序号", "centre", 5),
    ("合同编号", "id", 14),
    ("机构代码", "id", 7),
    ("借款人代码", "id", 8),
    ("借款人名称", "text", 31),
    ("借款人类型", "centre", 17),
    ("担保金额", "wan", 10),
    ("起始日期", "date", 11),
    ("解除日期", "date", 11),
    ("贷款银行", "text", 16),
    ("担保机构分担比例", "share", 7),
    ("银行分担比例", "share", 7),
    ("再担保机构分担比例", "share", 8),
    ("国家融担基金分担比例", "share", 9),
    ("行业", "text", 11),
    ("从业人员", "centre", 6),
    ("营业收入", "figure", 9),
    ("资产总额", "figure", 8),
    ("备注", "text", 14),
)


class Office:
    """Writes tables as an office keeps them: a title, who keeps it, headings, rows, a sum."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        self.formats: dict[str, Format] = {name: book.add_format(LOOKS[name]) for name in LOOKS}

    def sheet(self, name: str, headings: int) -> Worksheet:
        """Return a new sheet, for A4 across; the row of `headings` is on every page."""
        sheet: Worksheet = self.book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(0.4, 0.4, 0.6, 0.6)
        sheet.fit_to_pages(1, 0)
        sheet.center_horizontally()
        sheet.hide_gridlines(2)
        sheet.freeze_panes(headings + 1, 0)
        sheet.repeat_rows(headings)
        sheet.set_footer("&C第 &P 页 共 &N 页")
        sheet.set_default_row(18)
        sheet.set_row(0, 30)
        return sheet

    def table(
        self,
        name: str,
        title: str,
        columns: Columns,
        rows: Sequence[Sequence[Cell]],
        unit: str = "",
        total: bool = True,
    ) -> Worksheet:
        """Write one table, with a closing row of sums where ``total``."""
        last = len(columns) - 1
        sheet = self.sheet(name, 2)
        sheet.merge_range(0, 0, 0, last, title, self.formats["title"])
        sheet.write_string(1, 0, f"编制单位:{INSTITUTION_NAME}", self.formats["left"])
        kept = f"截止日期:{KEPT_UNTIL:%Y年%m月%d日}"
        sheet.write_string(1, last, f"{kept}  {unit}".rstrip(), self.formats["right"])
        sheet.set_row(2, 42)
        for place, (heading, look, width) in enumerate(columns):
            sheet.set_column(place, place, width)
            sheet.write_string(2, place, heading, self.formats["heading"])
            for number, row in enumerate(rows, 3):
                self.cell(sheet, number, place, row[place], look)
        if total:
            self.total(sheet, columns, rows)
        return sheet

    def cell(self, sheet: Worksheet, row: int, column: int, value: Cell, look: str) -> None:
        """Write one cell; a blank one has its frame all the same."""
        style = self.formats[look]
        if value is None or value == "":
            sheet.write_blank(row, column, None, style)
        elif isinstance(value, str):
            sheet.write_string(row, column, value, style)
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, style)
        else:
            sheet.write_number(row, column, value, style)

    def total(self, sheet: Worksheet, columns: Columns, rows: Sequence[Sequence[Cell]]) -> None:
        """Write the closing row: sums as formulas, with their values for whoever only reads."""
        row = 3 + len(rows)
        sheet.write_string(row, 0, "合计", self.formats["total"])
        for place, (_, look, _) in enumerate(columns):
            if place and look in SUMMED:
                letter = xl_col_to_name(place)
                cells = [cells[place] for cells in rows]
                value = round(sum(c for c in cells if isinstance(c, int | float)), 6)
                formula = f"=SUM({letter}4:{letter}{row})"
                sheet.write_formula(row, place, formula, self.formats["total_money"], value)
            elif place:
                sheet.write_blank(row, place, None, self.formats["total"])


def yuan(fen: int | None) -> Cell:
    """Return an amount as a cell in yuan."""
    return None if fen is None else fen / YUAN


def wan(fen: int) -> Cell:
    """Return an amount as a cell in 10,000 yuan."""
    return fen / WAN


def contract_row(number: int, contract: Contract) -> list[Cell]:
    """Return the cells of a contract; parties that bear nothing are left blank."""
    borrower, firm = contract.borrower, contract.borrower.firm
    return [
        number,
        contract.id,
        INSTITUTION_ID,
        borrower.id,
        borrower.name,
        borrower.type,
        wan(contract.amount),
        contract.start,
        contract.release,
        contract.lender,
        *(percent / 100 if percent else None for percent in contract.sharing),
        *((firm.industry, firm.employees, firm.revenue, firm.total_assets) if firm else [None] * 4),
        contract.remark,
    ]


def write_about(office: Office, ledger: Ledger) -> None:
    """Write the first sheet: that all of it is invented, what is in it, what each claim shows."""
    sheet = office.sheet("说明", 1)
    sheet.set_portrait()
    sheet.freeze_panes(0, 0)
    for place, width in enumerate((14, 44, 44)):
        sheet.set_column(place, place, width)
    formats = office.formats
    sheet.merge_range(0, 0, 0, 2, "示例台账说明 / About this ledger", formats["title"])
    invented = (
        "本工作簿全部内容均为虚构:机构、借款人、银行和金额都是编造的,与任何真实的机构和个人无关。\n"
        "Everything in this workbook is INVENTED: no institution, borrower, bank or amount is real."
    )
    sheet.merge_range(1, 0, 1, 2, invented, formats["warning"])
    sheet.set_row(1, 36)
    tables = (
        ("机构", "一家机构;年初数留空,由担保合同推算", "one institution; opening figures derived"),
        (
            "担保合同",
            f"{len(ledger.contracts)} 份;金额单位万元;类型留空的由行业等四列推出",
            "in units of 10,000 yuan; a blank type is derived from the enterprise's size",
        ),
        ("解保", "部分解除,单位元", "partial releases, in yuan"),
        ("代偿", f"{len(ledger.claims)} 笔,情形见下表", "claims: see below"),
        ("追偿", f"{len(ledger.recoveries)} 笔", "recoveries"),
    )
    row = 3
    for cells in (("工作表", "内容", "What it holds"), *tables):
        look = "heading" if row == 3 else "wrapped"
        for place, text in enumerate(cells):
            sheet.write_string(row, place, text, formats[look])
        sheet.set_row(row, 28)
        row += 1
    row += 1
    for place, text in enumerate(("代偿编号", "展示的情形", "What it shows")):
        sheet.write_string(row, place, text, formats["heading"])
    for claim in ledger.claims:
        row += 1
        zh, en = claim.shows.split(" / ")
        sheet.write_string(row, 0, claim.id, formats["id"])
        sheet.write_string(row, 1, zh, formats["wrapped"])
        sheet.write_string(row, 2, en, formats["wrapped"])
        sheet.set_row(row, 28)
    how = (
        "计算 / to compute:\n"
        "compensation assess examples/jiyuan-2022.xlsx --year 2022 --policy jiyuan-2022\n"
        "解释 / to explain:\n"
        "compensation explain examples/jiyuan-2022.xlsx --year 2022 --policy jiyuan-2022"
        " --claim DC2022-07"
    )
    sheet.merge_range(row + 2, 0, row + 2, 2, how, formats["paragraph"])
    sheet.set_row(row + 2, 64)


def write_tables(office: Office, ledger: Ledger) -> None:
    """Write the five tables, a sheet each."""
    office.table(
        "机构",
        "机构基本情况表",
        (
            ("机构代码", "id", 14),
            ("机构名称", "text", 34),
            ("政府性融资担保机构", "centre", 22),
            ("年初在保余额(元)", "money", 22),
            ("年初在保户数(户)", "centre", 18),
        ),
        [[INSTITUTION_ID, INSTITUTION_NAME, "是", None, None]],
        total=False,
    )
    office.table(
        "担保合同",
        "融资担保业务台账",
        CONTRACT_COLUMNS,
        [contract_row(n, contract) for n, contract in enumerate(ledger.contracts, 1)],
        unit="单位:万元",
    )
    releases = sorted(
        (day, contract.id, amount)
        for contract in ledger.contracts
        for day, amount in contract.releases
    )
    office.table(
        "解保",
        "部分解除担保责任登记表",
        (
            ("序号", "centre", 8),
            ("合同编号", "id", 22),
            ("解除日期", "date", 16),
            ("解除金额(元)", "money", 20),
            ("经办人", "centre", 30),
        ),
        [[n, id_, day, yuan(fen), None] for n, (day, id_, fen) in enumerate(releases, 1)],
    )
    claims = office.table(
        "代偿",
        "代偿业务明细表",
        (
            ("序号", "centre", 6),
            ("代偿编号", "id", 13),
            ("合同编号", "id", 16),
            ("借款人名称", "text", 28),
            ("代偿日期", "date", 12),
            ("代偿本金(元)", "money", 15),
            ("代偿利息(元)", "money", 14),
            ("财政金融局审核", "centre", 11),
            ("行业主管部门审核", "centre", 11),
            ("已补偿金额(元)", "money", 15),
            ("备注", "text", 22),
        ),
        [
            [
                n,
                claim.id,
                claim.contract.id,
                claim.contract.borrower.name,
                claim.day,
                yuan(claim.principal),
                yuan(claim.interest),
                claim.finance_review,
                claim.industry_review,
                yuan(claim.paid),
                None if claim.paid is None else "已拨付部分风险补偿",
            ]
            for n, claim in enumerate(ledger.claims, 1)
        ],
    )
    choices = {"validate": "list", "source": DECISIONS}
    claims.data_validation(3, 7, 2 + len(ledger.claims), 8, choices)
    office.table(
        "追偿",
        "追偿回款登记表",
        (
            ("序号", "centre", 8),
            ("追偿编号", "id", 16),
            ("代偿编号", "id", 16),
            ("追偿日期", "date", 14),
            ("追偿所得(元)", "money", 18),
            ("追偿费用(元)", "money", 18),
            ("摘要", "text", 28),
        ),
        [
            [n, r.id, r.claim, r.day, yuan(r.proceeds), yuan(r.cost), r.remark]
            for n, r in enumerate(ledger.recoveries, 1)
        ],
    )


def write_workbook(path: Path) -> None:
    """Write the workbook to ``path``; nothing in it depends on when or where that happens."""
    ledger = the_ledger()
    with xlsxwriter.Workbook(path) as book:
        book.set_properties(
            {
                "title": "示例台账(虚构)",
                "comments": "Invented. Made by examples/make_jiyuan_2022.py",
                "created": datetime(2023, 4, 3),  # noqa: DTZ001 - a fixed day, without a zone
            }
        )
        office = Office(book)
        write_about(office, ledger)
        write_tables(office, ledger)


if __name__ == "__main__":
    write_workbook(Path(sys.argv[1]) if len(sys.argv) > 1 else WORKBOOK)
