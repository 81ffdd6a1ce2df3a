"""Result tables as CSV: UTF-8 without BOM, LF, quotes only where needed. Contract, section 6.

Arrow's own CSV writer quotes every text, so the lines are put together here, a batch of rows at a
time and without a Python step per row.
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import is_text, text_bytes, text_scalar, texts

BATCH_ROWS = 65_536
"""Rows whose text is in memory at once."""

_SIGN = r"[\s\p{Z}\p{Cf}]*[=+\-@\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]"
"""What a formula begins with, in half and in full width, and what some programs drop before it."""
FORMULA = rf"{_SIGN}|[\t\r\n]"
"""How a text begins that gets an apostrophe before it."""
_ACTS_AS_FORMULA = rf"\A(?:{FORMULA})"
# Programs may also take a semicolon or a tab for the end of a field that has no quotes.
_NEEDS_QUOTES = rf'[",\r\n]|\A[\s\p{{Z}}]|[\s\p{{Z}}]\z|[;\t]{_SIGN}'


def write_csv(
    table: pa.Table,
    write: Callable[[memoryview], object],
    *,
    headings: bool = True,
    batch_rows: int = BATCH_ROWS,
) -> None:
    """Pass a table on as bytes, with its headings unless told otherwise; a null is an empty field.

    Decimals are written with all decimals of their type, dates as ISO, booleans as true and false.
    A text that begins with = + - @ (in full width, or behind blanks, too), tab, CR or LF gets a
    leading apostrophe, so that it is no formula.
    """
    if headings:
        write(_lines([texts([name]) for name in table.column_names]))
    for start in range(0, table.num_rows, batch_rows):
        batch = table.slice(start, batch_rows)
        write(_lines([column.combine_chunks() for column in batch.columns]))


def _lines(columns: list[pa.Array]) -> memoryview:
    """Return the lines of a batch; they lie one after the other in Arrow's buffer already."""
    fields = [_fields(column) for column in columns]
    lines = pc.binary_join_element_wise(*fields, _text(","))
    ended = pc.binary_join_element_wise(lines, _text(""), _text("\n"))
    return text_bytes(ended).data


def _fields(column: pa.Array) -> pa.Array:
    """Return the cells of a column as they stand between the commas."""
    fields = column.cast(pa.large_string())
    if column.null_count:
        fields = pc.coalesce(fields, _text(""))
    return _quoted(_harmless(fields)) if is_text(column.type) else fields


def _harmless(text: pa.Array) -> pa.Array:
    risky = pc.match_substring_regex(text, _ACTS_AS_FORMULA)
    if not pc.any(risky).as_py():
        return text
    return pc.if_else(risky, _joined("'", text), text)


def _quoted(text: pa.Array) -> pa.Array:
    needed = pc.match_substring_regex(text, _NEEDS_QUOTES)
    if not pc.any(needed).as_py():
        return text
    return pc.if_else(needed, _joined('"', pc.replace_substring(text, '"', '""'), '"'), text)


def _joined(*parts: str | pa.Array) -> pa.Array:
    """Return the parts of each row one after the other."""
    texts = [_text(p) if isinstance(p, str) else p for p in parts]
    return pc.binary_join_element_wise(*texts, _text(""))


def _text(text: str) -> pa.Scalar:
    return text_scalar(text, pa.large_string())
