"""Write ledgers as a workbook, as somebody would keep them: amounts as numbers, days as dates.

python -m benchmarks.workbooks 100000 FILE.xlsx
"""

from __future__ import annotations

import argparse
import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from benchmarks.ledgers import Plan, blocks_of
from benchmarks.programs import ORDERS

CREATED = datetime.datetime(2022, 1, 1, tzinfo=datetime.UTC)


def write_workbook(path: Path, plan: Plan) -> None:
    """Write the tables as sheets; their rows go straight to the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Without a fixed date of creation two runs would give two files.
    with xlsxwriter.Workbook(
        path, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}
    ) as book:
        book.set_properties({"created": CREATED})
        for table in plan.tables:
            sheet = book.add_worksheet(table)
            row = 0
            for block in blocks_of(table, plan):
                if not row:
                    sheet.write_row(0, 0, block.column_names)
                for cells in zip(*(column.to_pylist() for column in block.columns), strict=True):
                    row += 1
                    for place, cell in enumerate(cells):
                        _write(sheet, row, place, cell)


def _write(sheet: Any, row: int, place: int, cell: object) -> None:
    if isinstance(cell, str):
        sheet.write_string(row, place, cell)
    elif isinstance(cell, bool):
        sheet.write_boolean(row, place, cell)
    elif isinstance(cell, int | Decimal):
        sheet.write_number(row, place, float(cell))
    elif isinstance(cell, datetime.date):
        sheet.write_datetime(row, place, cell)


def main() -> None:
    """Write a workbook as the arguments say."""
    parser = argparse.ArgumentParser(description="Write ledgers as a workbook.")
    parser.add_argument("contracts", type=int)
    parser.add_argument("path", type=Path)
    parser.add_argument("--order", choices=ORDERS, default="by-date")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    write_workbook(given.path, Plan(given.contracts, seed=given.seed, order=given.order))


if __name__ == "__main__":
    main()
