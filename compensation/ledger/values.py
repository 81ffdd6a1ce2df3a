"""What a cell means: from a column as it was read to values of the dictionary's types.

One place for every reader. Whatever is accepted in a workbook is accepted in a CSV file, a Parquet
file or a DataFrame, and every cell that is not accepted is a fault, found with all the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import arrow, flags, holds, stored, text_bytes, text_memory, texts
from compensation.ledger.cell_faults import LONGEST_VALUE, Kind, message_of
from compensation.ledger.cells import (
    Cells,
    CellTexts,
    Part,
    Reading,
    bytes_where,
    cells_of,
    half_width,
    is_narrow,
    judged,
    plain,
    shown,
    without_doubt,
)
from compensation.ledger.choices import AMBIGUOUS_CHOICES
from compensation.ledger.column import Column, ColumnType
from compensation.ledger.date_cells import read_dates
from compensation.ledger.fault_groups import FaultGroup
from compensation.ledger.headings import Found
from compensation.ledger.number_cells import (
    COUNT,
    MAX_COUNT,
    measure_of,
    read_numbers,
    whole_units,
)
from compensation.ledger.raw import RawTable
from compensation.money import Flags, Integers

DIGITS_KEPT = 15
"""Decimal digits that a binary float, and so a spreadsheet, keeps of a number."""


@dataclass(frozen=True)
class Parsed:
    """A column as the dictionary holds it, null where blank or faulty, and its faults."""

    values: pa.Array
    faults: list[FaultGroup]


@dataclass
class WordMeanings:
    """What the words of a column mean, as it was read last: its pieces may have the same words."""

    last: tuple[pa.Array, pa.Array] | None = None

    def of(self, words: pa.Array) -> pa.Array | None:
        """Return the values of the words, if they are known."""
        last = self.last
        return last[1] if last is not None and last[0].equals(words) else None


def parse(found: Found, table: RawTable, meanings: WordMeanings | None = None) -> Parsed:
    """Return what the cells of a column mean, and a group for each kind of fault among them.

    A blank cell stands for the column's default, if it has one; in a required column it is a fault.
    ``meanings``: what is remembered of the column from piece to piece.
    """
    if found.raw.words is not None:
        return _parse_words(found, found.raw.words, table, meanings or WordMeanings())
    column = found.column
    cells = cells_of(found.raw)
    filled = np.zeros(table.rows, np.bool_)
    for part in cells.parts():
        filled |= part.filled
    cells, doubtful = _without_doubtful(cells, column, found.unit)
    if column.type is ColumnType.TEXT:
        values, refused = _read_text(cells, table.rows, ids=column.required)
        refused.append((Kind.FLOAT_PRECISION, doubtful))
    else:
        cells, overlong = _without_overlong(cells)
        reading = _read_whole(cells, table.rows, column, found.unit)
        reading.refuse(Kind.TOO_LONG, overlong)
        reading.refuse(Kind.FLOAT_PRECISION, doubtful)
        if column.positive:
            reading.refuse(Kind.NOT_POSITIVE, np.flatnonzero(reading.known & (reading.values == 0)))
        if column.implausible is not None:
            reading.refuse(Kind.IMPLAUSIBLE_RATE, _implausible(reading, cells, column.implausible))
        if column.default is not None:
            reading.accept(~filled, np.full(table.rows, column.default, np.int64))
        values, refused = _as_held(reading, column.type), reading.refused
    if column.required:
        blank = Kind.DRAFT if column.dates_draft else Kind.BLANK
        refused.append((blank, np.flatnonzero(~filled)))
    return Parsed(values, _fault_groups(refused, found, table))


def _parse_words(
    found: Found, words: pa.DictionaryArray, table: RawTable, meanings: WordMeanings
) -> Parsed:
    """Parse each word once; every cell by itself where some are blank or wrong."""
    if len(words) and not words.null_count:
        values = meanings.of(words.dictionary)
        if values is None:
            few = replace(found, raw=replace(found.raw, text=words.dictionary, words=None))
            parsed = parse(few, replace(table, rows=len(words.dictionary)))
            if not parsed.faults:
                values = parsed.values
                meanings.last = words.dictionary, values
        if values is not None:
            return Parsed(values.take(words.indices), [])
    return parse(replace(found, raw=found.raw.spelled_out()), table)


def _without_overlong(cells: Cells) -> tuple[Cells, Integers]:
    """Return the cells without the texts that are too long for any value, and their rows.

    What a text could mean is not looked into any further, however it is made.
    """
    if cells.text is None:
        return cells, np.empty(0, np.int64)
    lengths = pc.binary_length(cells.text.cells)
    if pc.max(lengths).as_py() <= LONGEST_VALUE:  # bytes are never fewer than characters
        return cells, np.empty(0, np.int64)
    overlong = cells.text.filled & flags(
        pc.greater(pc.utf8_length(cells.text.cells), LONGEST_VALUE).fill_null(False)
    )
    text = Part(cells.text.cells, cells.text.filled & ~overlong)
    return replace(cells, text=text if text.filled.any() else None), np.flatnonzero(overlong)


def _without_doubtful(cells: Cells, column: Column, unit: int) -> tuple[Cells, Integers]:
    """Return the cells without the narrow floats that may stand for several numbers; their rows.

    In a column that is not of numbers they stand for whole numbers: ids, 20220301, 1 and 0.
    """
    part = cells.number
    if part is None or not is_narrow(part.cells.type):
        return cells, np.empty(0, np.int64)
    places, largest = 0, MAX_COUNT
    if column.type in (ColumnType.MONEY, ColumnType.COUNT, ColumnType.SHARE):
        measure = measure_of(column, unit)
        places, largest = measure.places, measure.largest
    sure, doubtful = without_doubt(part, places, largest)
    if column.type is ColumnType.TEXT:
        fraction = sure.filled & (stored(sure.cells, np.float64) % 1 != 0)
        sure = Part(sure.cells, sure.filled & ~fraction)
        doubtful = np.union1d(doubtful, np.flatnonzero(fraction))
    return replace(cells, number=sure if sure.filled.any() else None), doubtful


def _implausible(reading: Reading, cells: Cells, least: int) -> Integers:
    """Return the rows of rates so high that they may be percentages written as numbers."""
    rows = np.flatnonzero(reading.known & (reading.values >= least))
    if cells.text is None or not len(rows):
        return rows
    signed = pc.match_substring_regex(cells.text.cells.take(arrow(rows)), "[%％]$")
    return rows[~flags(signed.fill_null(False))]


def _read_whole(cells: Cells, rows: int, column: Column, unit: int) -> Reading:
    """Read a column of any type but text, all of which are held as whole numbers."""
    if column.type is ColumnType.DATE:
        return read_dates(cells, rows)
    if column.type is ColumnType.BOOLEAN:
        return _read_booleans(cells, rows)
    if column.type is ColumnType.CHOICE:
        return _read_choices(cells, rows, column)
    return read_numbers(cells, rows, measure_of(column, unit))


def _as_held(reading: Reading, kind: ColumnType) -> pa.Array:
    """Return the values as the column type holds them, null where not known."""
    if kind is ColumnType.BOOLEAN:
        return arrow(reading.values != 0, reading.known)
    if kind is ColumnType.CHOICE:
        return arrow(reading.values.astype(np.int8), reading.known)
    if kind is ColumnType.DATE:
        return arrow(reading.values.astype(np.int32), reading.known).view(pa.date32())
    return arrow(reading.values, reading.known)


def _fault_groups(
    refused: list[tuple[Kind, Integers]], found: Found, table: RawTable
) -> list[FaultGroup]:
    """Return the faults of a column, a group for each kind in the order of `Kind`."""
    groups = []
    for kind in Kind:
        of_kind = [rows for refused_as, rows in refused if refused_as is kind and len(rows)]
        if of_kind:
            rows = np.sort(np.concatenate(of_kind))
            groups.append(
                FaultGroup(
                    kind.value,
                    message_of(kind, found.column, found.unit),
                    table.name,
                    found.column.name,
                    found.column.expected,
                    rows,
                    None if kind in (Kind.BLANK, Kind.DRAFT) else CellTexts(found.raw, rows),
                    table.locate,
                )
            )
    return groups


# Yes and no, and choices


_YES, _NO = ("是", "true", "1", "yes", "√", "✓", "✔"), ("否", "false", "0", "no", "×", "✗", "✘")
_WORDS = dict.fromkeys(_YES, 1) | dict.fromkeys(_NO, 0)
_CLOSING = "。.!,，;、\ufe0f"
"""What may stand behind a word without changing it; the last has ✔ drawn in colour."""


def _read_booleans(cells: Cells, rows: int) -> Reading:
    """Read booleans: real ones, the words for them, and the numbers 1 and 0."""
    reading = Reading.blank(rows)
    if cells.text is not None:
        judge = partial(_place_of_text, places=_WORDS, otherwise=Kind.NOT_BOOLEAN)
        reading.judge(cells.text, cells.text.rows(), judge)
    if cells.number is not None:
        reading.judge(cells.number, cells.number.rows(), _boolean_of_number)
    if cells.moment is not None:
        reading.refuse(Kind.NOT_BOOLEAN, cells.moment.rows())
    if cells.boolean is not None:
        reading.accept(cells.boolean.filled, flags(cells.boolean.cells).astype(np.int64))
    return reading


def _boolean_of_number(value: float | Decimal) -> int | Kind:
    return int(value) if value in (0, 1) else Kind.NOT_BOOLEAN


def _read_choices(cells: Cells, rows: int, column: Column) -> Reading:
    """Read choices by value or Chinese name, as their places among the column's choices."""
    places: dict[str, int | Kind] = {
        half_width(c.zh).casefold(): place for place, c in enumerate(column.choices)
    }
    places |= {half_width(c.value).casefold(): place for place, c in enumerate(column.choices)}
    places |= {name: place for place, c in enumerate(column.choices) for name in c.also}
    reading = Reading.blank(rows)
    if cells.text is not None:
        places |= dict.fromkeys(AMBIGUOUS_CHOICES, Kind.AMBIGUOUS_CHOICE)
        judge = partial(_place_of_text, places=places, otherwise=Kind.UNKNOWN_CHOICE)
        reading.judge(cells.text, cells.text.rows(), judge)
    for part in (cells.number, cells.moment, cells.boolean):
        if part is not None:
            reading.refuse(Kind.UNKNOWN_CHOICE, part.rows())
    return reading


def _place_of_text(text: str, places: Mapping[str, int | Kind], otherwise: Kind) -> int | Kind:
    return places.get(half_width(text).casefold().rstrip(_CLOSING), otherwise)


# Text


_CUT_SHORT = r"^[0-9](\.[0-9]+)?[eE]\+(1[1-9]|[2-9][0-9])$"
"""A long number as a spreadsheet shows it and saves it in a CSV file: 4.10881E+17."""


def _read_text(
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
    r"""|ditto|x{2,}|tbd|unknown|undefined|n[/.]?a\.?|nan|nat|nil|none|null|\\n"""
    r"""|#(?:n/a|ref!|value!|name\?|div/0!|num!|null!)|[(（<\[](?:空|无|na|nan|null|none)[)）>\]])$"""
)
"""What people and programs write where an id is missing, or is that of the row above."""
_DIGITS = bytes_where(b"0123456789")
_LONGEST_NO_ID = 9
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
