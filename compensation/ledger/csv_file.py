"""CSV files: one table each, separated by commas, semicolons or tabs.

Kinds of fault: those of `text_files`, ``broken_file``, ``too_many_columns``, ``no_headings``,
``unknown_unit``, ``ragged_row``, ``unclosed_quote``, ``swallowed_rows``.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from array import array
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from compensation.arrays import arrow, flags, numbers
from compensation.language import Text
from compensation.ledger.dictionary import Table
from compensation.ledger.fault_groups import FaultGroup, whole
from compensation.ledger.files import broken
from compensation.ledger.footers import FOOTER_ROWS, is_footer
from compensation.ledger.headings import column_name, normalise
from compensation.ledger.layout import (
    TITLE_ROWS,
    Head,
    Positions,
    body_of,
    find_head,
    no_headings,
)
from compensation.ledger.raw import RawColumn, RawTable, whole_array
from compensation.ledger.sheet_reach import MAX_COLUMNS
from compensation.ledger.text_files import holds, read_text
from compensation.ledger.total_rows import is_total
from compensation.ledger.unit_places import Statement, in_name, said

CSV = Text("CSV 文件", "a CSV file")
BLOCK = 2**24
"""Bytes that the parser takes at a time; no record may be longer."""
_HEAD_BYTES = 2**20
_TAIL_BYTES = 2**16
_SHOWN = 80
_END = "\0"
"""Put behind a file to see whether a quote is still open there; no file that is read holds it."""
_SEPARATORS = (",", ";", "\t")
_SEPARATOR_LINE = re.compile(r'"?sep=([\x20-\x7e\t])"?\s*', re.IGNORECASE)
"""The first line that some programs write to say what separates the fields."""


def read_csv(path: Path, table: Table) -> tuple[RawTable | None, list[FaultGroup]]:
    """Return the table of a CSV file and what is wrong with it; None if nothing can be read.

    All cells are text. A file on which nothing is written is None without a fault where the table
    is optional.
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


def _nothing(path: Path, table: Table) -> tuple[None, list[FaultGroup]]:
    return None, [] if table.optional else [no_headings(table, path.name)]


def _read(path: Path, content: pa.Buffer, table: Table) -> tuple[RawTable | None, list[FaultGroup]]:
    """Find the headings, have the records below them parsed, and say where they stand."""
    first, lines, separators = _without_separator_line(_first_lines(content))
    heads = ((_head(lines, len(first), table, each), each) for each in separators)
    (head, line_after), separator = max(
        heads, key=lambda found: 0 if found[0][0] is None else found[0][0].matched
    )
    if head is None:
        return _nothing(path, table)
    if len(head.headings) > MAX_COLUMNS:
        message = Text(
            "“{name}”的列数过多：超过 {most} 列", "“{name}” has too many columns: more than {most}"
        ).fill(name=path.name, most=MAX_COLUMNS)
        return None, [whole("too_many_columns", message, table=table.name)]
    above = [*first, *lines[:line_after]]
    body = content.slice(len("".join(above).encode()))
    width = len(head.headings)
    again = _SecondLook(body, len(above), width, separator)
    try:
        parsed, skipped = _parse(body, width, separator)
    except pa.ArrowInvalid:
        return None, again.faults(table) or [broken(path, CSV, table.name)]
    rows = parsed.num_rows
    # One column at a time, so that no more than one is held twice.
    cells = parsed.columns[::-1]
    del parsed
    columns = [
        RawColumn(heading, whole_array(cells.pop()) if rows else None) for heading in head.headings
    ]
    faults = list(head.faults)
    notes: list[Statement] = in_name(path.name)
    if skipped or _quote_may_be_open(columns, body, separator):
        faults += again.faults(table)
        if len(again.ragged) != skipped:  # pragma: no cover - the two parsers agree
            faults.append(broken(path, CSV, table.name))
        notes += again.notes()
    if rows and holds(body, ord('"')):
        unclosed = any(fault.kind == "unclosed_quote" for fault in faults)
        faults += _swallowed(columns, rows - unclosed, separator, table, again)
    nothing = np.zeros(0, dtype=np.int64)
    body_rows = body_of(
        head, columns, rows, nothing, table, lambda positions: again.lines[positions], notes
    )
    kept = body_rows.kept

    def locate(positions: Positions) -> Positions:
        return again.lines[positions if kept is None else kept[positions]]

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
    columns: Sequence[RawColumn], rows: int, separator: str, table: Table, again: _SecondLook
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
    for place, column in enumerate(columns):
        if column.text is None:
            continue
        memory = column.text.buffers()[2]
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
                    values=[cell[:_SHOWN] for _, cell in found],
                    locate=lambda positions: again.lines[positions],
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


def _records(lines: list[str], separator: str) -> tuple[list[list[str]], list[int]]:
    """Return the first records, and for each how many lines reach to its end."""
    reader = csv.reader(lines, delimiter=separator)
    records: list[list[str]] = []
    ends: list[int] = []
    with _long_fields():
        for record in islice(reader, TITLE_ROWS):
            records.append(record[: MAX_COLUMNS + 1])
            ends.append(reader.line_num)
    return records, ends


def _parse(body: pa.Buffer, width: int, separator: str) -> tuple[pa.Table, int]:
    """Return the records as columns of text, and how many of another width were skipped."""
    names = [str(i) for i in range(width)]
    if not body.size:
        return pa.table([pa.nulls(0, pa.string())] * width, names), 0
    skipped: list[int] = []

    def skip(row: pa_csv.InvalidRow) -> str:  # pragma: no cover - run by a thread of Arrow's own
        skipped.append(row.actual_columns)
        return "skip"

    parsed = pa_csv.read_csv(
        pa.BufferReader(body),
        read_options=pa_csv.ReadOptions(column_names=names, block_size=BLOCK),
        parse_options=pa_csv.ParseOptions(
            delimiter=separator, newlines_in_values=True, invalid_row_handler=skip
        ),
        convert_options=pa_csv.ConvertOptions(
            check_utf8=False,  # all of it has been decoded once
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=False,
        ),
    )
    return parsed, len(skipped)


def _quote_may_be_open(columns: Sequence[RawColumn], body: pa.Buffer, separator: str) -> bool:
    """Return whether the last record is such that it may have swallowed what was below it."""
    last = (column.text[-1].as_py() for column in columns if column.text is not None)
    if any("\n" in text or "\r" in text for text in last):
        return True
    tail = body.slice(max(0, body.size - _TAIL_BYTES)).to_pybytes().rstrip(b"\r\n")
    line = tail[max(tail.rfind(b"\n"), tail.rfind(b"\r")) + 1 :].decode(errors="replace")
    with _long_fields():
        return bool(line) and list(csv.reader([line, "\n", _END], delimiter=separator))[-1] != [
            _END
        ]


@contextmanager
def _long_fields() -> Iterator[None]:
    """Let the csv module read fields of any length: an open quote makes one of a whole file."""
    limit = csv.field_size_limit(2**31 - 1)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


class _Record(NamedTuple):
    """One record: the line on which it begins, its fields, whether a quote stays open in it."""

    line: int
    fields: list[str]
    open: bool

    @property
    def first(self) -> str:
        """The first field that is not blank; empty if all are."""
        return next((field for field in self.fields if normalise(field)), "")


@dataclass(frozen=True)
class _SecondLook:
    """Looks at the records once more, slowly, when somebody asks on which lines they stand.

    `body`: what follows the headings, in UTF-8, as it was read: the file may be gone by then.
    `skip`: lines up to the end of the headings. `width`: fields that a record must have.
    `separator`: what stands between fields.
    """

    body: pa.Buffer
    skip: int
    width: int
    separator: str

    @property
    def lines(self) -> Positions:
        """The line on which each record begins, for all records of the right width."""
        return self._found[0]

    @property
    def ragged(self) -> list[_Record]:
        """The records of another width."""
        return self._found[1]

    def faults(self, table: Table) -> list[FaultGroup]:
        """Return the faults of records as such: of another width than the headings, or open."""
        _, ragged, found = self._found
        closing = list(found)
        last = closing[-1] if closing else None
        faults = []
        if last is not None and last.open:
            message = Text(
                "引号没有闭合：从这一行到文件末尾成了一个单元格",
                "a quote is not closed: all from this line to the end became one cell",
            )
            faults.append(_group("unclosed_quote", message, table, [last]))
        message = Text(
            "列数与标题行不同（标题行有 {width} 列）",
            "not as many fields as the row of headings, which has {width}",
        ).fill(width=self.width)
        wrong = [record for record in ragged if record.first]
        # A total and what stands below it may have fewer fields than the records.
        while closing and not closing[-1].open and _is_footer(closing[-1]):
            footer = closing.pop()
            if wrong and wrong[-1] is footer:
                wrong.pop()
        last = closing[-1] if closing else None
        if wrong and wrong[-1] is last and (last.open or is_total(last.first)):
            wrong.pop()
        return [*faults, _group("ragged_row", message, table, wrong)] if wrong else faults

    def notes(self) -> list[Statement]:
        """Return what the rows of a footer that has too few fields say of the unit."""
        return [
            statement
            for record in self._found[2]
            if len(record.fields) != self.width and _is_footer(record)
            for statement in said(record.fields, record.line, lambda lines: lines)
        ]

    @cached_property
    def _found(self) -> tuple[Positions, list[_Record], Sequence[_Record]]:
        """The lines of the good records, the ragged ones, and the last that are written or open."""
        lines = array("q")
        ragged = []
        closing: deque[_Record] = deque(maxlen=FOOTER_ROWS + 1)
        for record in self._records():
            if len(record.fields) == self.width:
                lines.append(record.line)
            else:
                ragged.append(record)
            if record.first or record.open:
                closing.append(record)
        return np.frombuffer(lines, dtype=np.int64), ragged, closing

    def _records(self) -> Iterator[_Record]:
        """Yield all records but empty lines."""
        source = io.TextIOWrapper(pa.BufferReader(self.body), encoding="utf-8", newline="")
        with source as file, _long_fields():
            reader = csv.reader(chain(file, ["\n", _END]), delimiter=self.separator)
            line = self.skip + 1
            for fields in reader:
                if fields == [_END]:
                    return
                if fields:
                    still_open = fields[-1].endswith(_END)
                    yield _Record(line, fields, still_open)
                line = self.skip + reader.line_num + 1


def _is_footer(record: _Record) -> bool:
    return is_footer([field for field in record.fields if normalise(field)])


def _group(kind: str, message: Text, table: Table, records: Sequence[_Record]) -> FaultGroup:
    """Return the faults of records as such; positions are those in ``records``."""
    lines = np.array([record.line for record in records], dtype=np.int64)
    return FaultGroup(
        kind,
        message,
        table.name,
        rows=np.arange(len(records), dtype=np.int64),
        values=[",".join(record.fields).removesuffix(_END)[:_SHOWN] for record in records],
        locate=lambda positions: lines[positions],
    )
