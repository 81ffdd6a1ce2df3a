"""CSV files: one table each, in UTF-8 or GB18030.

Kinds of fault: ``unreadable``, ``broken_file``, ``nul_bytes``, ``unknown_encoding``,
``wrong_separator``, ``too_many_columns``, ``no_headings``, ``unknown_unit``, ``ragged_row``,
``unclosed_quote``.
"""

from __future__ import annotations

import codecs
import csv
import io
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
import pyarrow.csv as pa_csv

from compensation.language import Text
from compensation.ledger.dictionary import Table
from compensation.ledger.faults import FaultGroup, whole
from compensation.ledger.files import broken, unreadable
from compensation.ledger.footers import FOOTER_ROWS, is_footer
from compensation.ledger.headings import normalise
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
from compensation.ledger.total_rows import is_total
from compensation.ledger.unit_places import Statement, said

CSV = Text("CSV 文件", "a CSV file")
BLOCK = 2**24
"""Bytes that the parser takes at a time; no record may be longer."""
_HEAD_BYTES = 2**20
_TAIL_BYTES = 2**16
_SHOWN = 80
_END = "\0"
"""Put behind a file to see whether a quote is still open there; no file that is read holds it."""
_SEPARATORS = {";": Text("分号", "semicolons"), "\t": Text("制表符", "tabs")}


def read_csv(path: Path, table: Table) -> tuple[RawTable | None, list[FaultGroup]]:
    """Return the table of a CSV file and what is wrong with it; None if nothing can be read.

    All cells are text. A file on which nothing is written is None without a fault where the table
    is optional.
    """
    try:
        # Not mapped: the process would be killed if the file became shorter.
        data = path.read_bytes()
    except OSError as error:
        return None, [unreadable(path, error, table.name)]
    if not data:
        return _nothing(path, table)
    if data.find(b"\0") >= 0:
        message = Text(
            "“{name}”含有空字节,不是 UTF-8 或 GB18030 的文本(也许是 UTF-16,或是工作簿)",
            "“{name}” holds NUL bytes: it is no text in UTF-8 or GB18030"
            " (it may be UTF-16, or a workbook)",
        ).fill(name=path.name)
        return None, [whole("nul_bytes", message, table=table.name)]
    encoding = _encoding(data)
    if encoding is None:
        message = Text(
            "“{name}”的编码既不是 UTF-8,也不是 GB18030", "“{name}” is neither UTF-8 nor GB18030"
        ).fill(name=path.name)
        return None, [whole("unknown_encoding", message, table=table.name)]
    if encoding == "gb18030":
        content = pa.py_buffer(str(data, encoding).encode())
    else:
        start = len(codecs.BOM_UTF8) if encoding == "utf-8-sig" else 0
        content = pa.py_buffer(data).slice(start)
    return _read(path, content, table)


def _nothing(path: Path, table: Table) -> tuple[None, list[FaultGroup]]:
    return None, [] if table.optional else [no_headings(table, path.name)]


def _encoding(data: bytes) -> str | None:
    """Return the encoding in which all bytes make sense, or None. UTF-8 goes first."""
    if data[: len(codecs.BOM_UTF8)] == codecs.BOM_UTF8:
        return "utf-8-sig" if _is_utf8(data) else None
    if _is_utf8(data):
        return "utf-8"
    return "gb18030" if _is_gb18030(data) else None


def _is_utf8(data: bytes) -> bool:
    """Return whether all is UTF-8; Arrow looks many bytes at a time."""
    ends = pa.py_buffer(np.array([0, len(data)], np.int64))
    text = pa.Array.from_buffers(pa.large_string(), 1, [None, ends, pa.py_buffer(data)])
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _is_gb18030(data: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("gb18030")()
    try:
        for start in range(0, len(data), BLOCK):
            decoder.decode(data[start : start + BLOCK])
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _read(path: Path, content: pa.Buffer, table: Table) -> tuple[RawTable | None, list[FaultGroup]]:
    """Find the headings, have the records below them parsed, and say where they stand."""
    lines = _first_lines(content)
    head, line_after = _head(lines, table, ",")
    if head is None:
        return _nothing(path, table)
    if len(head.headings) > MAX_COLUMNS:
        message = Text("“{name}”的列数过多:{width}", "“{name}” has too many columns: {width}")
        message = message.fill(name=path.name, width=len(head.headings))
        return None, [whole("too_many_columns", message, table=table.name)]
    for separator, name in _SEPARATORS.items():
        other, _ = _head(lines, table, separator)
        if other is not None and other.matched > head.matched:
            message = Text(
                "“{name}”用{separator}分隔,应为逗号",
                "“{name}” is separated by {separator}, not by commas",
            ).fill(name=path.name, separator=name)
            return None, [whole("wrong_separator", message, table=table.name)]
    body = content.slice(len("".join(lines[:line_after]).encode()))
    width = len(head.headings)
    again = _SecondLook(body, line_after, width)
    try:
        parsed, skipped = _parse(body, width)
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
    notes: list[Statement] = []
    if skipped or _quote_may_be_open(columns, body):
        faults += again.faults(table)
        if len(again.ragged) != skipped:  # pragma: no cover - the two parsers agree
            faults.append(broken(path, CSV, table.name))
        notes = again.notes()
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


def _first_lines(content: pa.Buffer) -> list[str]:
    """Return the first lines of a file in UTF-8, with their ends; the last one may be cut."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    text = decoder.decode(content.slice(0, min(_HEAD_BYTES, content.size)).to_pybytes())
    # Only line feeds and carriage returns end a line, as in CSV; they are kept.
    return list(io.StringIO(text, newline=""))


def _head(lines: list[str], table: Table, separator: str) -> tuple[Head | None, int]:
    """Return the head of the table and how many lines reach to the end of its headings."""
    reader = csv.reader(lines, delimiter=separator)
    records: list[list[str]] = []
    ends: list[int] = []
    with _long_fields():
        for record in islice(reader, TITLE_ROWS):
            records.append(record)
            ends.append(reader.line_num)
    starts = np.array([1, *(end + 1 for end in ends)])
    head = find_head(records, table, locate=lambda positions: starts[positions])
    return head, 0 if head is None else ends[head.row]


def _parse(body: pa.Buffer, width: int) -> tuple[pa.Table, int]:
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
        parse_options=pa_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=skip),
        convert_options=pa_csv.ConvertOptions(
            check_utf8=False,  # all of it has been decoded once
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=False,
        ),
    )
    return parsed, len(skipped)


def _quote_may_be_open(columns: Sequence[RawColumn], body: pa.Buffer) -> bool:
    """Return whether the last record is such that it may have swallowed what was below it."""
    last = (column.text[-1].as_py() for column in columns if column.text is not None)
    if any("\n" in text or "\r" in text for text in last):
        return True
    tail = body.slice(max(0, body.size - _TAIL_BYTES)).to_pybytes().rstrip(b"\r\n")
    line = tail[max(tail.rfind(b"\n"), tail.rfind(b"\r")) + 1 :].decode(errors="replace")
    with _long_fields():
        return bool(line) and list(csv.reader([line, "\n", _END]))[-1] != [_END]


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
    """

    body: pa.Buffer
    skip: int
    width: int

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
                "引号没有闭合:从这一行到文件末尾成了一个单元格",
                "a quote is not closed: all from this line to the end became one cell",
            )
            faults.append(_group("unclosed_quote", message, table, [last]))
        message = Text(
            "列数与标题行不同(标题行有 {width} 列)",
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
            reader = csv.reader(chain(file, ["\n", _END]))
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
