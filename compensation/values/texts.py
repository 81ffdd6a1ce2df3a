"""Ids and other texts: a number is its digits, and what stands for a missing id is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import arrow, flags, holds, text_bytes, text_memory, texts
from compensation.money import Flags, Integers
from compensation.values.columns import Cells, Part, bytes_where, judged
from compensation.values.exact import DIGITS_KEPT, plain, shown
from compensation.values.kinds import Kind
from compensation.values.number_columns import whole_units
from compensation.values.numbers import COUNT

_CUT_SHORT = r"^[0-9](\.[0-9]+)?[eE]\+(1[1-9]|[2-9][0-9])$"
"""A long number as a spreadsheet shows it and saves it in a CSV file: 4.10881E+17."""


def read_texts(
    cells: Cells, rows: int, *, ids: bool
) -> tuple[pa.Array, list[tuple[Kind, Integers]]]:
    """Return the texts of a column, a number as its digits; null where blank or refused.

    ``ids``: whether each text must be an id.
    """
    refused: list[tuple[Kind, Integers]] = []
    found: list[pa.Array] = []
    if cells.text is not None:
        texts = cells.text.cells
        keep = cells.text.filled
        if holds(text_bytes(texts), ord("+")):
            cut = flags(pc.match_substring_regex(texts, _CUT_SHORT))
            refused.append((Kind.DIGITS_LOST, np.flatnonzero(cut)))
            keep = keep & ~cut
        if holds(text_bytes(texts), 0):
            nul = flags(pc.match_substring(texts, "\0"))
            refused.append((Kind.NUL, np.flatnonzero(nul)))
            keep = keep & ~nul
        if ids:
            missing = _stand_for_no_id(texts, keep)
            refused.append((Kind.PLACEHOLDER, missing))
            if len(missing):
                keep = keep.copy()
                keep[missing] = False
        found.append(_null_unless(texts, keep))
    if cells.number is not None:
        found.append(_digits(cells.number, refused))
    if cells.boolean is not None:
        words = pc.if_else(cells.boolean.cells, "TRUE", "FALSE")
        found.append(_null_unless(words, cells.boolean.filled))
    if cells.moment is not None:
        refused.append((Kind.DATE_IN_TEXT, cells.moment.rows()))
    if not found:
        return pa.nulls(rows, pa.string()), refused
    return found[0] if len(found) == 1 else pc.coalesce(*found), refused


_NO_ID = (
    r"""(?i)^(?:[-–—―－_/／\\*＊.…~～"“”'〃,，、?？#]+|暂?[无缺]|空白?|未提供|未知|未填|不详|待[定补填查]|缺失|同[上左]"""
    r"""|[无未](?:证件?|代码|编号|办证?|办理)|详?见(?:附件|合同)|个人|自然人|农户|个体户"""
    r"""|ditto|x{2,}|tbd|unknown|undefined|n[/.]?a\.?|nan|nat|nil|none|null|\\n"""
    r"""|#(?:n/a|ref!|value!|name\?|div/0!|num!|null!)|[(（<\[](?:空|无|na|nan|null|none)[)）>\]])$"""
)
"""What people and programs write where an id is missing, or is that of the row above.

What somebody is, as 个人, is the id of nobody."""
_DIGITS = bytes_where(b"0123456789")
_LONGEST_NO_ID = 12
"""In bytes; longer ids are not looked at, nor are those that end in a digit or begin with one: that
keeps long columns quick."""


def _stand_for_no_id(texts: pa.Array, keep: Flags) -> Integers:
    """Return the rows in which a text stands for a missing id: two of them are not one borrower."""
    starts, ends, content = text_memory(texts)
    rows = np.flatnonzero(keep & (ends - starts <= _LONGEST_NO_ID) & (ends > starts))
    digits = _DIGITS[content[starts[rows]]] | _DIGITS[content[ends[rows] - 1]]
    rows = rows[~digits]
    missing: Integers = rows[flags(pc.match_substring_regex(texts.take(arrow(rows)), _NO_ID))]
    return missing


def _null_unless(texts: pa.Array, keep: Flags) -> pa.Array:
    """Return the texts with a null in every row that is not kept."""
    if texts.null_count == len(keep) - np.count_nonzero(keep):
        return texts
    return pc.if_else(arrow(keep), texts, pa.nulls(1, texts.type)[0])


def _digits(part: Part, refused: list[tuple[Kind, Integers]]) -> pa.Array:
    """Return numbers as their digits, 8.0 as 8; a float that lost digits is refused."""
    numbers = part.cells
    if pa.types.is_integer(numbers.type):
        return numbers.cast(pa.string())
    if pa.types.is_float64(numbers.type):
        judge: Callable[[Any], str] = _digits_of_float
    else:
        judge = plain
    whole, certain = whole_units(numbers, COUNT)
    digits = arrow(whole, part.filled & certain).cast(pa.string())
    odd = np.flatnonzero(part.filled & ~certain)
    if not len(odd):
        return digits
    verdicts, places = judged(numbers.take(arrow(odd)), judge)
    for kind in (Kind.NOT_FINITE, Kind.DIGITS_LOST):
        of_kind = np.array([verdict is kind for verdict in verdicts], np.bool_)
        refused.append((kind, odd[of_kind[places]]))
    words = texts([None if isinstance(v, Kind) else v for v in verdicts])
    is_odd = np.zeros(len(numbers), np.bool_)
    is_odd[odd] = True
    return pc.replace_with_mask(digits, arrow(is_odd), words.take(arrow(places)))


def _digits_of_float(value: float) -> str:
    """Return the digits that a float shows, or why they are not all there."""
    number = shown(value)
    if not number.is_finite():
        return Kind.NOT_FINITE
    return Kind.DIGITS_LOST if number.adjusted() >= DIGITS_KEPT else plain(number)
