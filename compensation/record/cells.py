"""The cells of results as texts: one form for each value, whatever file it was read from.

Money has two decimals, ratios six, dates are ISO, booleans true and false, blanks empty: the cells
of a CSV result. A cell that is no value of its column's type stays as it was read, so that it can
be shown as what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import arrow, known, text_scalar, texts
from compensation.report.csv_output import FORMULA
from compensation.schema.column import ColumnType
from compensation.tables.raw import RawColumn
from compensation.values.choices import truth_of_text
from compensation.values.columns import is_narrow, judged
from compensation.values.dates import date_of, day_of_text
from compensation.values.exact import digits_of
from compensation.values.kinds import Kind
from compensation.values.number_columns import whole_units
from compensation.values.numbers import COUNT, NO_LIMIT, SHARE, YUAN, Measure, units_of_text
from compensation.values.printing import format_scaled, scaled

TEXT = pa.large_string()
"""The type of all cells here: no result is too long for it."""
_QUICK = {ColumnType.MONEY: YUAN, ColumnType.SHARE: SHARE, ColumnType.COUNT: COUNT}

_MEASURES = {
    ColumnType.MONEY: Measure(2, NO_LIMIT, -NO_LIMIT, currency=True),
    ColumnType.SHARE: Measure(6, NO_LIMIT, -NO_LIMIT, percent=True),
    ColumnType.COUNT: Measure(0, NO_LIMIT, -NO_LIMIT),
}
"""Totals and growths may pass what a cell of a ledger may hold."""
_PLAIN = {
    ColumnType.MONEY: r"\A(-?[0-9]+\.[0-9]{2})?\z",
    ColumnType.SHARE: r"\A(-?[0-9]+\.[0-9]{6})?\z",
    ColumnType.COUNT: r"\A(-?[0-9]+)?\z",
    ColumnType.DATE: r"\A([0-9]{4}-[0-9]{2}-[0-9]{2})?\z",
    ColumnType.BOOLEAN: r"\A(true|false)?\z",
    ColumnType.TEXT: r"",
}
"""What the cells of a type look like in their one form."""
_GUARD = rf"\A'({FORMULA})"


def without_guards(column: pa.Array) -> pa.Array:
    """Take off the apostrophe that keeps a text of a CSV result from being a formula."""
    return pc.replace_substring_regex(column, _GUARD, r"\1")


def cells_of_table(table: pa.Table) -> pa.Table:
    """Return a result table that was just computed as cells."""
    columns = [pc.fill_null(column.combine_chunks().cast(TEXT), "") for column in table.columns]
    return pa.table(columns, table.column_names)


def cells_of_column(raw: RawColumn, kind: ColumnType, rows: int) -> pa.Array:
    """Return a column of a result as it was read as cells of its type."""
    cells = texts([""]).cast(TEXT).take(arrow(np.zeros(rows, np.int64)))
    for part in (raw.text, raw.number, raw.moment, raw.boolean):
        if part is not None:
            # Results are never of narrow floats; one is taken as the number that it holds.
            wide = part.cast(pa.float64()) if is_narrow(part.type) else part
            found = _number_cells(wide, kind) if part is raw.number else part.cast(TEXT)
            if part is raw.moment:
                found = pc.replace_substring_regex(found, r" 00:00:00(\.0+)?\z", "")
            cells = pc.coalesce(found, cells)
    odd = pc.invert(pc.match_substring_regex(cells, _PLAIN[kind]))
    return _mended(cells, odd, partial(_in_form, kind=kind))


def _mended(cells: pa.Array, odd: pa.Array, form: Callable[[str], str]) -> pa.Array:
    """Bring the odd cells into form, each distinct one once."""
    if not pc.any(odd).as_py():
        return cells
    verdicts, places = judged(cells.filter(odd), form)
    return pc.replace_with_mask(cells, odd, texts(verdicts).cast(TEXT).take(arrow(places)))


def _number_cells(numbers: pa.Array, kind: ColumnType) -> pa.Array:
    """Return numeric cells as texts, in form where the column is of numbers; null where blank."""
    if kind not in _QUICK:
        distinct = numbers.dictionary_encode("encode")
        cells = distinct.dictionary.to_pylist()
        said = [None if cell is None else digits_of(cell) for cell in cells]
        return texts(said).cast(TEXT).take(distinct.indices)
    measure = _QUICK[kind]
    units, certain = whole_units(numbers, measure)
    filled = known(numbers)
    found = format_scaled(np.where(certain, units, 0), measure.places).cast(TEXT)
    found = pc.if_else(arrow(filled), found, text_scalar(None, TEXT))
    odd = arrow(filled & ~certain)
    others = [digits_of(cell) for cell in numbers.filter(odd).to_pylist()]
    return pc.replace_with_mask(found, odd, texts(others).cast(TEXT)) if others else found


def _in_form(cell: str, kind: ColumnType) -> str:
    """Return a cell in the one form of its type, or as it is where it is none of the type.

    >>> _in_form("-1,234.5", ColumnType.MONEY), _in_form("80%", ColumnType.SHARE)
    ('-1234.50', '0.800000')
    """
    said = cell.strip()
    if kind in _MEASURES:
        measure = _MEASURES[kind]
        units = units_of_text(said, measure)
        return cell if isinstance(units, Kind) else scaled(units, measure.places)
    if kind is ColumnType.DATE:
        day = day_of_text(said)
        return cell if isinstance(day, Kind) else date_of(day).isoformat()
    truth = truth_of_text(said)
    return cell if isinstance(truth, Kind) else ("false", "true")[truth]


def translated(column: pa.Array, words: Mapping[str, str]) -> pa.Array:
    """Return a column of few distinct cells with some of them put into other words."""
    verdicts, places = judged(column, lambda cell: words.get(cell, cell))
    return texts(verdicts).cast(TEXT).take(arrow(places))
