"""Assessed portfolios for the tests of what goes out, and how workbooks are read back."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pandas as pd
import python_calamine as calamine
from openpyxl.utils.escape import unescape

from compensation.assessment import Assessment, assess
from compensation.ledger.portfolio import Portfolio
from compensation.ledger.portfolio_input import portfolio_of_frames, read_portfolio
from compensation.schema.dictionary import BY_YEAR, CLAIMS, TABLES
from tests.oracle_reading import Tables
from tests.portfolios import random_portfolio, write_csv

HOSTILE = [
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "\tx\t=1",
    "http://example.org/?q=1",
    "mailto:a@example.org",
    "internal:A1",
    "{=1+1}",
    "1E5",
    "0001",
    "TRUE",
    "#NAME",
    "2022-03-01",
    "'quoted",
    "a\nb",
    "<v>&amp;</v>",
    "_x0041_",
    "𠮷",
]
"""Texts that some program would take for something else."""


def read_tables(tables: Tables, folder: Path) -> Portfolio:
    write_csv(tables, folder)
    return read_portfolio(folder)


def assessed(seed: int, folder: Path, contracts: int = 60, budget: str | None = None) -> Assessment:
    return assess(
        read_tables(random_portfolio(seed, contracts), folder), "jiyuan-2022", 2022, budget
    )


def small(
    ids: list[str],
    institutions: int = 1,
    *,
    types: list[str] | None = None,
    principal: str = "100000.00",
    reviews: tuple[str, str] = ("", ""),
) -> Portfolio:
    """A claim for each id, the institutions in turn; all are eligible unless ``types`` says not."""
    rows = range(len(ids))
    backed = [
        {
            "institution_id": f"I{i}",
            "institution_name": f"第{i}担保公司",
            "government_backed": True,
            "opening_balance": "1.00",
            "opening_borrowers": 1,
        }
        for i in range(institutions)
    ]
    own = [
        {
            "contract_id": f"C{i}",
            "institution_id": f"I{i % institutions}",
            "borrower_id": f"B{i}",
            "borrower_name": ids[i] if i % 2 else None,
            "borrower_type": "farmer" if types is None else types[i],
            "guaranteed_amount": principal,
            "start_date": "2022-01-01",
        }
        for i in rows
    ]
    large = [
        {
            "contract_id": f"L{i}-{place}",
            "institution_id": f"I{i}",
            "borrower_id": f"L{i}-{place}",
            "borrower_name": None,
            "borrower_type": "farmer",
            "guaranteed_amount": "9000000000000.00",
            "start_date": "2022-01-01" if place else "2020-01-01",
            "release_date": None if place else "2022-06-30",
        }
        for i in range(institutions)
        for place in range(2)
    ]
    claims = [
        {
            "claim_id": ids[i],
            "contract_id": f"C{i}",
            "payout_date": "2022-05-01",
            "principal": principal,
            "finance_review": reviews[0],
            "industry_review": reviews[1],
        }
        for i in rows
    ]
    return portfolio_of_frames(
        institutions=pd.DataFrame(backed),
        contracts=pd.DataFrame([*own, *large]),
        claims=pd.DataFrame(claims, columns=CLAIM_COLUMNS),
    )


def openpyxl_rows(path: Path, sheet: str) -> list[list[object]]:
    # The other sheets stay unread, and of formulas there is what they come to.
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    rows = [[unescaped(cell.value) for cell in row] for row in book[sheet].iter_rows()]
    book.close()
    return rows


def unescaped(cell: object) -> object:
    """What a cell says; openpyxl leaves the format's escape for odd characters in it."""
    return unescape(cell) if isinstance(cell, str) else cell


def calamine_rows(path: Path, sheet: str) -> list[list[object]]:
    with calamine.CalamineWorkbook.from_path(path) as book:
        read = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    return [[None if cell == "" else cell for cell in row] for row in read]


def exact(cell: object) -> object:
    """What a cell says: a number as the decimal it shows at 15 digits, a date without time."""
    if isinstance(cell, bool) or cell is None:
        return cell
    if isinstance(cell, int | float):
        return Decimal(f"{cell:.15g}")
    return cell.date() if isinstance(cell, datetime.datetime) else cell


CLAIM_COLUMNS = [column.name for column in CLAIMS.columns]
TABLE_HEADINGS = [table.heading for table in TABLES if table not in BY_YEAR]
"""The sheets of every template; those by year are there where a policy has columns of them."""
