"""All faults of an input as a CSV file that a spreadsheet program opens."""

from __future__ import annotations

import codecs
from pathlib import Path

import numpy as np
import pyarrow as pa

from compensation.arrays import arrow
from compensation.faults.cell_advice import ADVICE, advised
from compensation.faults.groups import FaultGroup
from compensation.faults.input_faults import Faults
from compensation.language import Language
from compensation.report.csv_output import BATCH_ROWS, write_csv

COLUMNS = ("table", "row", "column", "value", "kind", "message", "expected")
BEGINNING = codecs.BOM_UTF8 + ",".join(COLUMNS).encode() + b"\n"
"""What every such file begins with. The BOM has spreadsheet programs read it as UTF-8."""


def write_fault_list(faults: Faults, path: Path, language: Language) -> None:
    """Write every fault, a line for each in the order of the input's rows, names in English.

    Raises OSError. No text of the input can act as a formula.
    """
    with path.open("wb") as file:
        file.write(BEGINNING)
        for section in faults.sections:
            for pieces, order in section.parts(BATCH_ROWS):
                lines = pa.concat_tables([_lines(*piece, language) for piece in pieces])
                if order is not None:
                    lines = lines.combine_chunks().take(arrow(order))
                write_csv(lines, file.write, headings=False)


def _lines(group: FaultGroup, start: int, stop: int, language: Language) -> pa.Table:
    """Return the lines of a group's faults from ``start`` up to ``stop``."""
    lines = stop - start
    numbers = pa.nulls(lines, pa.int64())
    if group.rows is not None:
        rows = group.rows[start:stop]
        located = rows + 1 if group.locate is None else group.locate(rows)
        numbers = pa.array(np.asarray(located, dtype=np.int64))
    values = group.shown(start, stop) or [None] * lines
    texts = {
        "table": group.table,
        "column": group.column,
        "kind": group.kind,
        "message": group.message.get(language),
        "expected": group.expected.get(language),
    }
    cells = {name: pa.repeat(pa.scalar(text, pa.string()), lines) for name, text in texts.items()}
    if group.kind in ADVICE:
        said = [advised(group.kind, group.message, value).get(language) for value in values]
        cells |= {"message": pa.array(said, pa.string())}
    cells |= {"row": numbers, "value": pa.array(values, pa.string())}
    return pa.table({name: cells[name] for name in COLUMNS})
