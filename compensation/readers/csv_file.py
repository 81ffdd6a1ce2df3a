"""CSV files: one table each, separated by commas, semicolons or tabs.

Kinds of fault: those of `text_files`, ``broken_file``, ``too_many_columns``, ``no_headings``,
``unknown_unit``, ``ragged_row``, ``unclosed_quote``, ``swallowed_rows``.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Collection, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from compensation.arrays import arrow, flags, holds, numbers, text_bytes
from compensation.faults.groups import FaultGroup, whole
from compensation.language import Text
from compensation.readers.csv_records import END, SHOWN, SecondLook, long_fields
from compensation.readers.files import broken
from compensation.readers.sheet_extent import MAX_COLUMNS
from compensation.readers.text_files import lines_in, read_text
from compensation.schema.dictionary import Table
from compensation.tables.headings import column_name
from compensation.tables.layout import (
    TITLE_ROWS,
    Head,
    Positions,
    body_of,
    find_head,
    no_headings,
)
from compensation.tables.raw import Locate, RawColumn, RawTable, whole_array
from compensation.tables.unit_places import Statement, in_name

CSV = Text("CSV 文件", "a CSV file")
BLOCK = 2**24
"""Bytes that the parser takes at a time; no record may be longer."""
_HEAD_BYTES = 2**20
_TAIL_BYTES = 2**16
_SAMPLE_BYTES = 2**19
_OFTEN = 4
"""How many times each word of a column is there on average, at least, if it is of few words."""
MOST_WORDS = 2**14
"""Words of a column that are held as such: all of them are parsed for each piece."""
_SEPARATORS = (",", ";", "\t")
_SEPARATOR_LINE = re.compile(r'"?sep=([\x20-\x7e\t])"?\s*', re.IGNORECASE)
"""The first line that some programs write to say what separates the fields."""


def read_csv(path: Path, table: Table) -> tuple[RawTable | None, list[FaultGroup]]:
    """Return the table of a CSV file and what is wrong with it; None if nothing can be read.

    All cells are text.
    """
    content, faults = read_text(path, table.name)
    if content is None:
        return None, faults
    return _read(path, content, table)


def first_records(path: Path) -> list[list[list[str]]]:
    """Return the first records of a CSV file, once for each separator it may have.

    Empty if the file cannot be read as text: `read_csv` says why.
    """
    content, _ = read_text(path, most=_HEAD_BYTES)
    if content is None:
        return []
    lines, separators = _without_separator_line(_first_lines(content))[1:]
    return [_records(lines, separator)[0] for separator in separators]


def _read(path: Path, content: pa.Buffer, table: Table) -> tuple[RawTable | None, list[FaultGroup]]:
    """Find the headings, have the records below them parsed, and say where they stand."""
    first, lines, separators = _without_separator_line(_first_lines(content))
    separator, head, line_after = _likeliest_head(lines, len(first), table, separators)
    if head is None:
        # A table without rows has its headings: an empty file is an export that broke off.
        return None, [no_headings(table, path.name)]
    if len(head.headings) > MAX_COLUMNS:
        message = Text(
            "“{name}”的列数过多：超过 {most} 列", "“{name}” has too many columns: more than {most}"
        ).fill(name=path.name, most=MAX_COLUMNS)
        return None, [whole("too_many_columns", message, table=table.name)]
    above = [*first, *lines[:line_after]]
    body = content.slice(len("".join(above).encode()))
    width = len(head.headings)
    again = SecondLook(body, len(above), width, separator)
    try:
        columns, rows, skipped = _parse(body, head.headings, separator)
    except pa.ArrowInvalid:
        return None, again.faults(table) or [broken(path, CSV, table.name)]
    lines_of: Locate = again.lines_of
    # As many lines as records leave none for breaks in cells and blank lines.
    regular = not skipped and lines_in(body) == rows
    if regular:
        # Where the records stand is known, and the file is not kept to look again.
        lines_of = partial(np.add, len(above) + 1)
    faults = list(head.faults)
    notes: list[Statement] = in_name(path.name)
    if skipped or _quote_may_be_open(columns, body, separator):
        faults += again.faults(table)
        if len(again.ragged) != skipped:  # pragma: no cover - the two parsers agree
            faults.append(broken(path, CSV, table.name))
        notes += again.notes()
    if rows and not regular and holds(body, ord('"')):
        unclosed = any(fault.kind == "unclosed_quote" for fault in faults)
        faults += _swallowed(columns, rows - unclosed, separator, table, lines_of)
    nothing = np.zeros(0, dtype=np.int64)
    body_rows = body_of(head, columns, rows, nothing, table, lines_of, notes)
    kept = body_rows.kept

    def locate(positions: Positions) -> Positions:
        return lines_of(positions if kept is None else kept[positions])

    if kept is not None:
        rows = len(kept)
    raw = RawTable(
        table.name,
        body_rows.columns,
        rows,
        body_rows.unit,
        locate,
        path.name,
        warnings=body_rows.warnings,
    )
    return raw, [*faults, *body_rows.faults]


def _without_separator_line(
    lines: list[str],
) -> tuple[list[str], list[str], tuple[str, ...]]:
    """Return the line that says what separates, the other lines, and the separators that may."""
    found = _SEPARATOR_LINE.fullmatch(lines[0]) if lines else None
    if found is None or found[1] in '" ':
        return [], lines, _SEPARATORS
    return lines[:1], lines[1:], (found[1],)


def _swallowed(
    columns: Sequence[RawColumn], rows: int, separator: str, table: Table, locate: Locate
) -> list[FaultGroup]:
    """Return a fault for each cell in which records have vanished between two stray quotes.

    ``rows``: how many rows are looked at.

    Such a cell has line breaks and as many separators as a record. Columns that nobody reads are
    looked at as well: the records in their cells are lost all the same.
    """
    message = Text(
        "单元格内有换行，且分隔符与一行记录一样多：可能因多余的引号，把下面的记录并入了这一格",
        "the cell holds line breaks and as many separators as a record: a stray quote may have"
        " swallowed the records below",
    )
    faults = []
    for place, column in enumerate(map(RawColumn.spelled_out, columns)):
        if column.text is None:
            continue
        memory = text_bytes(column.text)
        if not (holds(memory, ord("\n")) or holds(memory, ord("\r"))):
            continue
        text = column.text.slice(0, rows)
        enough = numbers(pc.count_substring(text, separator)) >= len(columns) - 1
        broken_up = flags(pc.match_substring_regex(text, "[\r\n]"))
        likely = np.flatnonzero(enough & broken_up)
        cells = text.take(arrow(likely)).to_pylist()
        found = [
            (row, cell)
            for row, cell in zip(likely.tolist(), cells, strict=True)
            if _holds_record(cell, separator, place, len(columns))
        ]
        if found:
            faults.append(
                FaultGroup(
                    "swallowed_rows",
                    message,
                    table.name,
                    column_name(column.heading, table) or None,
                    rows=np.array([row for row, _ in found], dtype=np.int64),
                    values=[cell[:SHOWN] for _, cell in found],
                    locate=locate,
                )
            )
    return faults


def _holds_record(cell: str, separator: str, place: int, width: int) -> bool:
    """Return whether a cell holds a whole record, or the rest of its own and another's beginning.

    ``place``: how many fields stand before the cell.
    """
    separators = [line.count(separator) for line in cell.splitlines()]
    return max(separators) >= width - 1 or (
        separators[0] >= width - 1 - place and separators[-1] >= place
    )


def _first_lines(content: pa.Buffer) -> list[str]:
    """Return the first lines of a file in UTF-8, with their ends; the last one may be cut."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    text = decoder.decode(content.slice(0, min(_HEAD_BYTES, content.size)).to_pybytes())
    # Only line feeds and carriage returns end a line, as in CSV; they are kept.
    return list(io.StringIO(text, newline=""))


def _head(lines: list[str], skip: int, table: Table, separator: str) -> tuple[Head | None, int]:
    """Return the head of the table and how many lines reach to the end of its headings.

    ``skip``: how many lines of the file stand before these.
    """
    records, ends = _records(lines, separator)
    starts = np.array([0, *ends]) + skip + 1
    head = find_head(records, table, locate=lambda positions: starts[positions])
    return head, 0 if head is None else ends[head.row]


def _likeliest_head(
    lines: list[str], skip: int, table: Table, separators: Sequence[str]
) -> tuple[str, Head | None, int]:
    """Return the separator by which the headings name the most columns, and what `_head` finds."""
    best = separators[0], *_head(lines, skip, table, separators[0])
    text = "".join(lines)
    for separator in separators[1:]:
        matched = 0 if best[1] is None else best[1].matched
        # By one that stands nowhere, a row of headings is one heading.
        if matched and separator not in text:
            continue
        head, line_after = _head(lines, skip, table, separator)
        if head is not None and head.matched > matched:
            best = separator, head, line_after
    return best


def _records(lines: list[str], separator: str) -> tuple[list[list[str]], list[int]]:
    """Return the first records, and for each how many lines reach to its end."""
    reader = csv.reader(lines, delimiter=separator)
    records: list[list[str]] = []
    ends: list[int] = []
    with long_fields():
        for record in islice(reader, TITLE_ROWS):
            records.append(record[: MAX_COLUMNS + 1])
            ends.append(reader.line_num)
    return records, ends


def _parse(
    body: pa.Buffer, headings: Sequence[str], separator: str
) -> tuple[list[RawColumn], int, int]:
    """Return the columns, how many records they have, and how many of another width were skipped.

    A column of few words holds them as such: each is parsed once then, not once a record.
    """
    if not body.size:
        return [RawColumn(heading) for heading in headings], 0, 0
    skipped: list[int] = []
    chunks: list[list[pa.Array]] = [[] for _ in headings]
    few = _of_few_words(body, len(headings), separator)
    with _opened(body, len(headings), separator, few, skipped) as reader:
        rows = 0
        for batch in reader:
            rows += len(batch)
            for held, cells in zip(chunks, batch.columns, strict=True):
                held.append(cells)
    # One column at a time, so that no more than one is held twice.
    chunks.reverse()
    columns = [_column(heading, chunks.pop() if rows else []) for heading in headings]
    return columns, rows, len(skipped)


def _opened(
    body: pa.Buffer, width: int, separator: str, few: Collection[int], skipped: list[int]
) -> pa_csv.CSVStreamingReader:
    """Return what parses the records; ``few``: the columns to be held as words."""

    def skip(row: pa_csv.InvalidRow) -> str:  # pragma: no cover - run by a thread of Arrow's own
        skipped.append(row.actual_columns)
        return "skip"

    words = pa.dictionary(pa.int32(), pa.string())
    types = {str(i): words if i in few else pa.string() for i in range(width)}
    return pa_csv.open_csv(
        pa.BufferReader(body),
        read_options=pa_csv.ReadOptions(column_names=[*types], block_size=BLOCK),
        parse_options=pa_csv.ParseOptions(
            delimiter=separator, newlines_in_values=True, invalid_row_handler=skip
        ),
        convert_options=pa_csv.ConvertOptions(
            check_utf8=False,  # all of it has been decoded once
            column_types=types,
            strings_can_be_null=False,
        ),
    )


def _of_few_words(body: pa.Buffer, width: int, separator: str) -> set[int]:
    """Return the columns in which the first records say the same few words again and again."""
    start = body.slice(0, min(_SAMPLE_BYTES, body.size)).to_pybytes()
    if body.size > _SAMPLE_BYTES:
        start = start[: start.rfind(b"\n") + 1]
    if not start:
        return set()
    try:
        with _opened(pa.py_buffer(start), width, separator, (), []) as reader:
            records = reader.read_all()
    except pa.ArrowInvalid:  # a quote that is open where the beginning was cut, or a broken file
        return set()
    most = len(records) // _OFTEN
    return {i for i in range(width) if pc.count_distinct(records.column(i)).as_py() <= most}


def _column(heading: str, chunks: list[pa.Array]) -> RawColumn:
    """Return a column in one piece; as texts where the words turned out to be many."""
    if not chunks:
        return RawColumn(heading)
    column = pa.chunked_array(chunks)
    chunks.clear()
    if not pa.types.is_dictionary(column.type):
        return RawColumn(heading, whole_array(column))
    words = column.unify_dictionaries().combine_chunks()
    if len(words.dictionary) > MOST_WORDS:
        return RawColumn(heading, whole_array(column))
    return RawColumn(heading, words=words)


def _quote_may_be_open(columns: Sequence[RawColumn], body: pa.Buffer, separator: str) -> bool:
    """Return whether the last record is such that it may have swallowed what was below it."""
    parts = (part for column in columns for part in (column.text, column.words))
    last = (part[-1].as_py() for part in parts if part is not None)
    if any("\n" in text or "\r" in text for text in last):
        return True
    tail = body.slice(max(0, body.size - _TAIL_BYTES)).to_pybytes().rstrip(b"\r\n")
    line = tail[max(tail.rfind(b"\n"), tail.rfind(b"\r")) + 1 :].decode(errors="replace")
    with long_fields():
        return bool(line) and list(csv.reader([line, "\n", END], delimiter=separator))[-1] != [END]
