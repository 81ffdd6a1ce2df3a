"""A table of a result as a sheet of its own: title, headings, and a row for each row."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pyarrow as pa

from compensation.report.sheet import Sheet
from compensation.report.tables import Field, kind_of_column

TITLE_ROWS = 2
"""Rows above the headings: the title, and a line about the table."""
WIDEST_TEXT = 60


def table_rows(table: pa.Table) -> int:
    """Return how many rows of its sheet a table takes."""
    return TITLE_ROWS + 1 + len(table)


def write_table(
    sheet: Sheet,
    title: str,
    about: str,
    headings: Sequence[str],
    table: pa.Table,
    *,
    years: Collection[str] = (),
    fixed: int = 1,
    wide: int = 1,
) -> None:
    """Write a table.

    `years`: columns of whole numbers that are not to be grouped. `fixed`: how many columns stay in
    sight. `wide`: how many pages it is wide.
    """
    fields = [
        Field(heading, *kind_of_column(sheet, table[name]), WIDEST_TEXT)
        for name, heading in zip(table.column_names, headings, strict=True)
    ]
    widths = [field.width() for field in fields]
    last = len(fields) - 1
    # The title stands on the first page of several side by side.
    end = last if wide == 1 else max(fixed, last // wide)
    wrapping = [place for place, field in enumerate(fields) if field.wraps(widths[place])]
    sheet.widths(widths)
    sheet.across(0, 0, end, title, "title", 28)
    sheet.across(1, 0, end, about, "caption", 18)
    sheet.headings(TITLE_ROWS, headings, 46)
    row = TITLE_ROWS + 1
    for record in table.to_pylist():
        cells = list(record.values())
        sheet.fit_row(row, {place: cells[place] for place in wrapping})
        for place, (name, value) in enumerate(record.items()):
            if name in years:
                sheet.text(row, place, value, "centre")
            else:
                fields[place].write(row, place, value)
        row += 1
    sheet.raw.freeze_panes(TITLE_ROWS + 1, fixed)
    sheet.raw.autofilter(TITLE_ROWS, 0, max(TITLE_ROWS, row - 1), last)
    sheet.raw.repeat_rows(TITLE_ROWS)
    if wide > 1:
        sheet.raw.repeat_columns(0, fixed - 1)
    sheet.page(wide)
