"""Every form of a cell that the contract accepts, through every reader, to what it comes to mean.

One row of a table each: the heading and the cell as people write them, and the value that the
checked portfolio holds (fen, millionths, days, places in the choices).
"""

from __future__ import annotations

import csv
import datetime
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from compensation import Portfolio, portfolio_of_frames, read_portfolio

Cells = dict[str, object]
Tables = Mapping[str, Sequence[Cells]]

TABLES: Mapping[str, Cells] = {
    "institutions": {"机构代码": "A", "政府性融资担保机构": "是"},
    "contracts": {
        "合同编号": "K1",
        "机构代码": "A",
        "借款人代码": "B1",
        "借款人类型": "小型企业",
        "担保金额": "1000000",
        "起始日期": "2022-01-10",
    },
    "claims": {
        "代偿编号": "D1",
        "合同编号": "K1",
        "代偿日期": "2022-06-30",
        "代偿本金": "100",
    },
}


def in_workbook(tables: Tables, folder: Path) -> Portfolio:
    book = openpyxl.Workbook()
    for name, rows in tables.items():
        sheet = book.create_sheet(name)
        sheet.append(list(rows[0]))
        for row in rows:
            sheet.append(list(row.values()))
    book.save(folder / "input.xlsx")
    return read_portfolio(folder / "input.xlsx")


def in_csv(tables: Tables, folder: Path, encoding: str = "utf-8") -> Portfolio:
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding=encoding, newline="") as file:
            csv.writer(file).writerows([rows[0].keys(), *(row.values() for row in rows)])
    return read_portfolio(folder)


def in_csv_with_mark(tables: Tables, folder: Path) -> Portfolio:
    return in_csv(tables, folder, "utf-8-sig")


def in_csv_gb18030(tables: Tables, folder: Path) -> Portfolio:
    return in_csv(tables, folder, "gb18030")


def in_parquet(tables: Tables, folder: Path) -> Portfolio:
    for name, rows in tables.items():
        pq.write_table(pa.Table.from_pylist(rows), folder / f"{name}.parquet")
    return read_portfolio(folder)


def in_pandas(tables: Tables, folder: Path) -> Portfolio:
    del folder
    frames = {name: pd.DataFrame(rows, dtype=object) for name, rows in tables.items()}
    return portfolio_of_frames(**frames)


def in_arrow(tables: Tables, folder: Path) -> Portfolio:
    del folder
    frames = {name: pa.Table.from_pylist(rows) for name, rows in tables.items()}
    return portfolio_of_frames(**frames)


Reader = Callable[[Tables, Path], Portfolio]
TYPED: list[Reader] = [in_workbook, in_parquet, in_pandas, in_arrow]
READERS: list[Reader] = [*TYPED, in_csv]
ENCODINGS: list[Reader] = [in_csv_with_mark, in_csv_gb18030]

DAY = (datetime.date(2022, 3, 1) - datetime.date(1970, 1, 1)).days
MONEY = ("contracts", "guaranteed_amount")
START = ("contracts", "start_date")
BACKED = ("institutions", "government_backed")

# table and column, heading, cell, what the portfolio holds
TEXTS: list[tuple[tuple[str, str], str, str, object]] = [
    (MONEY, "guaranteed_amount", "1234.5", 123450),
    (MONEY, " 担保金额 ", " 1234.5 ", 123450),
    (MONEY, "担保金额(元)", "1,234.50", 123450),
    (MONEY, "担保金额(万元)", "0.123401", 123401),
    (MONEY, "担保金额（万元）", "12", 12_000_000),
    (MONEY, "担保金额", "¥1,234.50", 123450),
    (MONEY, "担保金额", "￥1234.50", 123450),
    (MONEY, "担保金额", "100.0000", 10000),
    (MONEY, "担保金额", "9,999,999,999,999.99", 999_999_999_999_999),
    (MONEY, "担保金额", "500万", 500_000_000),
    (MONEY, "担保金额", "19.5万元", 19_500_000),
    (MONEY, "担保金额(万元)", "500万元", 500_000_000),
    (MONEY, "担保金额(万元)", "500元", 50_000),
    (MONEY, "担保金额", "人民币500万元整", 500_000_000),
    (MONEY, "担保金额", "壹佰万元整", 100_000_000),
    (MONEY, "担保金额", "叁拾贰万伍仟元零伍分", 32_500_005),
    (MONEY, "担保金额", "RMB 500,000.00", 50_000_000),
    (("contracts", "employees"), "从业人员", "12人", 12),
    (("claims", "interest"), "代偿利息", "-0.00", 0),
    (("claims", "interest"), "代偿利息", "", 0),
    (("claims", "interest"), "interest", "   ", 0),
    (START, "start_date", "2022-03-01", DAY),
    (START, "起始日期", "2022/3/1", DAY),
    (START, "起始日期", "20220301", DAY),
    (START, "起始日期", "2022年3月1日", DAY),
    (START, "起始日期", "2022-03-01 00:00:00", DAY),
    (START, "起始日期", "2022.3.1", DAY),
    (START, "起始日期", "二〇二二年三月一日", DAY),
    (START, "起始日期", "2022-03-01T00:00:00Z", DAY),
    (BACKED, "政府性融资担保机构", "√", True),
    (BACKED, "政府性融资担保机构", "×", False),
    (BACKED, "政府性融资担保机构", "是。", True),
    (BACKED, "政府性融资担保机构", "是", True),
    (BACKED, "政府性融资担保机构", "否", False),
    (BACKED, "government_backed", "true", True),
    (BACKED, "government_backed", "false", False),
    (BACKED, "government_backed", "1", True),
    (BACKED, "government_backed", "0", False),
    (BACKED, "government_backed", "yes", True),
    (BACKED, "government_backed", "no", False),
    (("contracts", "borrower_type"), "borrower_type", "farmer", 4),
    (("contracts", "borrower_type"), "借款人类型", " 农户 ", 4),
    (("contracts", "borrower_type"), "借款人类型", "小型", 1),
    (("contracts", "borrower_type"), "借款人类型", "个体户", 2),
    (("claims", "finance_review"), "财政金融局审核", "同意", 0),
    (("claims", "finance_review"), "财政金融局审核", "通过！", 0),
    (("claims", "finance_review"), "财政金融局审核", "不同意", 1),
    (("claims", "finance_review"), "财政金融局审核", "通过", 0),
    (("claims", "finance_review"), "finance_review", "rejected", 1),
    (("claims", "finance_review"), "finance_review", "", 2),
    (("contracts", "borrower_id"), "借款人代码", " 0012 ", "0012"),
    (("contracts", "share_institution"), "担保机构分担比例", "1", 1_000_000),
    (("contracts", "share_institution"), "share_institution", "100%", 1_000_000),
]
TYPES: list[tuple[tuple[str, str], str, object, object]] = [
    (MONEY, "担保金额", 1234.5, 123450),
    (MONEY, "担保金额", 0.1 + 0.2, 30),
    (MONEY, "担保金额(万元)", 0.123401, 123401),
    (MONEY, "担保金额", 1234, 123400),
    (START, "起始日期", datetime.date(2022, 3, 1), DAY),
    (START, "起始日期", datetime.datetime(2022, 3, 1), DAY),  # noqa: DTZ001
    (BACKED, "政府性融资担保机构", True, True),
    (BACKED, "政府性融资担保机构", 0, False),
    (("contracts", "borrower_id"), "借款人代码", 12.0, "12"),
    (("contracts", "borrower_id"), "借款人代码", 410881000012345, "410881000012345"),
    (("contracts", "share_institution"), "担保机构分担比例", 1.0, 1_000_000),
]
DECIMALS: list[tuple[tuple[str, str], str, object, object]] = [
    (MONEY, "担保金额", Decimal("1234.50"), 123450),
    (MONEY, "担保金额(万元)", Decimal("0.123401000"), 123401),
]


def held(
    reader: Reader, at: tuple[str, str], heading: str, cells: Sequence[object], folder: Path
) -> list[object]:
    """Put each cell into a row of its own, under the heading; return what the portfolio holds."""
    table, column = at
    english = {"guaranteed_amount": "担保金额", "start_date": "起始日期"} | {
        "government_backed": "政府性融资担保机构",
        "borrower_type": "借款人类型",
        "borrower_id": "借款人代码",
    }
    row = dict(TABLES[table])
    row.pop(english.get(column, ""), None)
    id_, first = next(iter(row.items()))
    rows = [{**row, id_: f"{first}{'-' * n}", heading: cell} for n, cell in enumerate(cells)]
    portfolio = reader({**{name: [only] for name, only in TABLES.items()}, table: rows}, folder)
    values = portfolio.column(table, column)
    return [v.value if pa.types.is_date32(values.type) else v.as_py() for v in values]


FORMS: dict[tuple[Reader, tuple[str, str], str, type], list[tuple[object, object]]] = {}
"""Cells, and what they come to, by reader, column, heading and type: they make one column."""
for readers, forms in (
    (READERS, TEXTS),
    (ENCODINGS, TEXTS[::8]),  # cells are texts before anything is made of them
    (TYPED, TYPES),
    ([in_parquet, in_pandas, in_arrow], DECIMALS),
):
    for reader in readers:
        for at, heading, cell, expected in forms:
            FORMS.setdefault((reader, at, heading, type(cell)), []).append((cell, expected))


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_a_form_means_the_same_through_every_reader(
    form: tuple[Reader, tuple[str, str], str, type], tmp_path: Path
) -> None:
    reader, at, heading, _ = form
    cells, expected = zip(*FORMS[form], strict=True)
    assert held(reader, at, heading, cells, tmp_path) == list(expected)
