"""What the sheets of a settlement's workbook say, beside its claims and its record.

The sums of institutions and the statement of the pool are read as tables. What is shown to be read
and signed, the first part of 清算汇总 and the notices, is read cell by cell, by row.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
from xlsxwriter.utility import xl_col_to_name

from compensation.arrays import texts
from compensation.policy.catalogue import Policy
from compensation.readers.archive import open_archive
from compensation.readers.sheet import Sheet, open_workbook
from compensation.readers.sheet_xml import sheet_parts
from compensation.record.cells import TEXT, cells_of_column, translated
from compensation.report.notice_sheet import COLLECTION, PAYMENT
from compensation.report.settlement_headings import heading_of
from compensation.report.settlement_summary import LEGS, REST
from compensation.report.settlement_workbook import POOL_HEADINGS, SUMMARY_SHEET
from compensation.report.workbook import write_workbook
from compensation.rules.pool import TITLES
from compensation.schema.column import ColumnType
from compensation.settlement.settlement import Settlement
from compensation.tables.headings import heading_text
from compensation.tables.raw import column_of_cells
from compensation.values.exact import digits_of

ROW = "row"
"""What the rows of the sheets below go by: their numbers."""
SIGNED = (SUMMARY_SHEET, PAYMENT.title, COLLECTION.title)
"""The sheets that repeat the result for people."""
INSTITUTIONS: Mapping[str, tuple[str, ColumnType]] = {
    "institution_id": (heading_of("institution_id"), ColumnType.TEXT),
    "claims": (heading_of("claims"), ColumnType.COUNT),
    **{leg: (heading_of(leg), ColumnType.MONEY) for leg in LEGS},
}
"""The columns of settlement_institutions that the workbook has: heading and type."""
_POOL = {
    "line": (POOL_HEADINGS[0], ColumnType.TEXT),
    "amount": (POOL_HEADINGS[1], ColumnType.MONEY),
}
_TOTAL = "合计"

Rows = Sequence[Sequence[object]]


def read_institutions(rows: Rows, policies: Sequence[Policy]) -> pa.Table:
    """Return the sums of institutions as cells; ``rows``: those of 清算汇总."""
    named = {name: (heading_of(name, policies), type_) for name, (_, type_) in INSTITUTIONS.items()}
    return _under_headings(rows, named)


def read_pool(rows: Rows) -> pa.Table:
    """Return the lines of the pool's statement as cells, by their names."""
    found = _under_headings(rows, _POOL)
    names = {title.zh: name for name, title in TITLES.items()}
    return found.set_column(0, "line", translated(found["line"].combine_chunks(), names))


def _under_headings(rows: Rows, columns: Mapping[str, tuple[str, ColumnType]]) -> pa.Table:
    """Return the rows between a row of headings and a total, a blank or the end."""
    wanted = [heading for heading, _ in columns.values()]
    cells: dict[str, list[object]] = {name: [] for name in columns}
    places: list[int] = []
    for row in rows:
        said = [heading_text(cell) if isinstance(cell, str) else "" for cell in row]
        if not places and set(wanted) <= set(said):
            places = [said.index(heading) for heading in wanted]
        elif places:
            if row[places[0]] in (None, "", _TOTAL):
                break
            for column, place in zip(cells.values(), places, strict=True):
                column.append(row[place])
    return pa.table(
        {
            name: cells_of_column(column_of_cells("", column), columns[name][1], len(column))
            for name, column in cells.items()
        }
    )


def read_signed(rows: Rows) -> pa.Table:
    """Return a sheet as cells by row, up to where what it rests on begins."""
    found = list(_until_rest(rows))
    width = max((len(row) for row in found), default=0)
    columns = {ROW: [str(number) for number in range(1, len(found) + 1)]}
    for place in range(width):
        columns[xl_col_to_name(place)] = [_said(row[place]) for row in found]
    return pa.table({name: texts(column).cast(TEXT) for name, column in columns.items()})


def _until_rest(rows: Rows) -> Iterator[Sequence[object]]:
    for row in rows:
        if row and row[0] == REST:
            return
        yield row


def _said(value: object) -> str:
    if isinstance(value, float):
        return digits_of(value)
    return "" if value is None else str(value)


def computed_signed(settlement: Settlement) -> dict[str, pa.Table]:
    """Return the same of the workbook that a settlement makes, by sheet."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "settlement.xlsx"
        write_workbook(settlement, path)
        with open_archive(path) as archive, open_workbook(path) as book:
            parts = sheet_parts(archive)
            return {
                name: read_signed(Sheet(path, archive, book, name, parts[name]).read().rows)
                for name in SIGNED
            }
