"""From rows of text to an assessment, and back to rows of text as the oracle gives them."""

from __future__ import annotations

import csv
import datetime
import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from compensation.assessment import Assessment, assess
from compensation.ledger.portfolio import Portfolio
from compensation.ledger.portfolio_input import portfolio_of_frames
from compensation.schema.dictionary import table
from tests.oracle_reading import Tables
from tests.portfolio_rows import COLUMNS

RESULTS = ("claims", "institutions", "returns")
EXAMPLES = Path(__file__).parent / "data" / "examples"
EXAMPLE_NAMES = sorted(folder.name for folder in EXAMPLES.iterdir() if folder.is_dir())


def params(name: str) -> dict[str, Any]:
    """The year and the budget of an example."""
    run: dict[str, Any] = json.loads((EXAMPLES / name / "params.json").read_text(encoding="utf-8"))
    return run


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def frames_of(tables: Tables) -> dict[str, pa.Table]:
    """Arrow tables of text, with headings even where there are no rows."""
    frames = {}
    for name, rows in tables.items():
        headings = list(rows[0] if rows else COLUMNS.get(name) or names_of(name))
        columns = [pa.array([row[heading] for row in rows], pa.string()) for heading in headings]
        frames[name] = pa.table(columns, headings)
    return frames


def names_of(name: str) -> list[str]:
    """The columns of a table by the data dictionary."""
    return [column.name for column in table(name).columns]


def portfolio_of(tables: Tables) -> Portfolio:
    return portfolio_of_frames(**frames_of(tables))


def assessed(
    tables: Tables,
    year: int = 2022,
    budget: str | None = None,
    policy: str = "jiyuan-2022",
) -> Assessment:
    return assess(portfolio_of(tables), policy, year, budget)


def cell_text(cell: object) -> str:
    """A cell as result files hold it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return cell.isoformat() if isinstance(cell, datetime.date) else str(cell)


def rows_of(table: pa.Table) -> list[dict[str, str]]:
    return [{name: cell_text(cell) for name, cell in row.items()} for row in table.to_pylist()]


def results_of(assessment: Assessment) -> Tables:
    tables: Mapping[str, pa.Table] = assessment.tables
    return {name: rows_of(tables[name]) for name in RESULTS}
