"""The example sheets of the template, which are never read: records typed into them are a fault.

Kind of fault: ``record_in_example``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from compensation.faults.groups import FaultGroup
from compensation.language import Text
from compensation.readers.merged_cells import find_merged_head
from compensation.readers.sheet import Top
from compensation.readers.table_names import EXAMPLE, nearly_named
from compensation.schema.dictionary import Table
from compensation.tables.headings import heading_text, normalise, recogniser
from compensation.tables.misplaced_rows import shown_row
from compensation.tables.raw import count_from_one

EXAMPLE_IDS = frozenset(
    {
        *("DB01", "HT0001", "HT0002", "HT0003", "DC0001", "DC0002", "ZC0001"),
        *("BF0001", "BF0002", "SJ0001", "SJ0002", "LS0001", "LS0002"),
    }
)
"""The ids of the rows with which the template fills its example sheets."""
_TWO = 2
"""So many filled cells below known headings make a row a record; the sheet's own note has one."""


def is_example(sheet: str) -> bool:
    """Return whether a sheet of this name is an example sheet of the template."""
    return sheet.strip().startswith(EXAMPLE)


def records_in_examples(tops: Mapping[str, Top]) -> Iterator[FaultGroup]:
    """Yield the faults of records that are typed into example sheets; ``tops``: by sheet name."""
    for name, top in tops.items():
        table = nearly_named(name.strip().removeprefix(EXAMPLE))
        rows = [] if table is None else _records(top, table)
        if table is None or not rows:
            continue
        message = Text(
            "示例工作表“{name}”不会被读取，其中却有示例以外的记录：请移到“{table}”工作表，或删除",
            "the example sheet “{name}” is never read, but this record is none of the examples:"
            " move it to the sheet “{table}”, or remove it",
        ).fill(name=name.strip(), table=table.heading)
        shown = [shown_row(top.rows[row]) for row in rows]
        at = np.array(rows, np.int64)
        yield FaultGroup(
            "record_in_example", message, table.name, rows=at, values=shown, locate=count_from_one
        )


def _records(top: Top, table: Table) -> list[int]:
    """Return the positions of the rows that hold a record, but for those of the template."""
    head = find_merged_head(top.rows, table, top.merged)
    if head is None:
        return []
    recognise = recogniser(table, further=True)
    found = {place: recognise(heading) for place, heading in enumerate(head.headings)}
    known = {place: each[0].name for place, each in found.items() if each is not None}
    rows = []
    for position, row in enumerate(top.rows[head.row + 1 :], head.row + 1):
        cells = {known[i]: heading_text(cell) for i, cell in enumerate(row) if i in known}
        filled = {name: cell for name, cell in cells.items() if normalise(cell)}
        own = cells.get(table.columns[0].name, "").strip()
        if len(filled) >= _TWO and own not in EXAMPLE_IDS:
            rows.append(position)
    return rows
