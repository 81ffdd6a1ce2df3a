"""Tables in JSON: rows are objects, cells are written as in files, numbers stay exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from api.assessing.requests import Tables
from api.bodies import MOST_MEMBERS
from api.numbers import OddNumber
from api.problems import Problem
from compensation.issues import Issue, Place
from compensation.language import Text
from compensation.schema.dictionary import TABLES, Table
from compensation.tables.headings import column_name

Rows = Sequence[Mapping[str, Any]]


def frames_of(body: Tables) -> dict[str, pd.DataFrame | None]:
    """Return the tables of a JSON body by name; None for a table that is missing."""
    return {table.name: _frame(getattr(body, table.name), table) for table in TABLES}


def headings_of(body: Tables) -> dict[tuple[str, str], str]:
    """Return the member name that the body uses for each table and column of the dictionary."""
    return {
        (table.name, column_name(heading, table)): heading
        for table in TABLES
        for heading in _headings(getattr(body, table.name) or ())
    }


def check_members(table: str, rows: Rows) -> None:
    """Raise `Problem` where the rows of a table have too many different members."""
    names: set[str] = set()
    for row in rows:
        names.update(row)
        if len(names) > MOST_MEMBERS:
            message = Text(
                "表 {table} 的各行合计超过 {most} 个不同的列",
                "the rows of the table {table} have more than {most} different columns",
            )
            raise Problem("too-large", message.fill(table=table, most=MOST_MEMBERS))


def nested_cells(body: Tables) -> list[Issue]:
    """Return a fault for each cell that is a list or an object."""
    message = Text("单元格不能是数组或对象", "a cell cannot be a list or an object")
    expected = Text("文本、数字、true、false 或 null", "a text, a number, true, false or null")
    return [
        Issue(
            "nested_cell",
            message,
            Place(
                table.name,
                row + 1,
                column_name(heading, table),
                path=(table.name, row, heading),
            ),
            expected=expected,
        )
        for table in TABLES
        for row, cells in enumerate(getattr(body, table.name) or ())
        for heading, cell in cells.items()
        if isinstance(cell, list | dict)
    ]


def _headings(rows: Rows) -> list[str]:
    """Return the members of all rows, in the order in which they first appear."""
    return list(dict.fromkeys(heading for row in rows for heading in row))


def _frame(rows: Rows | None, table: Table) -> pd.DataFrame | None:
    """Return the rows as a DataFrame of Python objects; a missing member is blank."""
    if rows is None:
        return None
    headings = _headings(rows) or [column.name for column in table.columns if column.required]
    return pd.DataFrame(
        {
            heading: pd.Series([_cell(row.get(heading)) for row in rows], dtype=object)
            for heading in headings
        }
    )


def _cell(cell: object) -> object:
    """Return a cell; a list or an object becomes a value that no column accepts."""
    return OddNumber("[…]") if isinstance(cell, list | dict) else cell
