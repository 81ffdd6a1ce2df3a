"""The records of a CSV file one by one: on which lines they stand, and which are no records.

Kinds of fault: ``ragged_row``, ``unclosed_quote``.
"""

from __future__ import annotations

import csv
import io
from array import array
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from compensation.faults.groups import FaultGroup
from compensation.language import Text
from compensation.schema.dictionary import Table
from compensation.tables.footers import FOOTER_ROWS, is_footer
from compensation.tables.headings import normalise
from compensation.tables.layout import Positions
from compensation.tables.total_rows import is_total
from compensation.tables.unit_places import Statement, said

END = "\0"
"""Put behind a file to see whether a quote is still open there; no file that is read holds it."""
SHOWN = 80


@contextmanager
def long_fields() -> Iterator[None]:
    """Let the csv module read fields of any length: an open quote makes one of a whole file."""
    limit = csv.field_size_limit(2**31 - 1)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


class Record(NamedTuple):
    """One record: the line on which it begins, its fields, whether a quote stays open in it."""

    line: int
    fields: list[str]
    open: bool

    @property
    def first(self) -> str:
        """The first field that is not blank; empty if all are."""
        return next((field for field in self.fields if normalise(field)), "")


@dataclass(frozen=True)
class SecondLook:
    """Looks at the records once more, slowly, when somebody asks on which lines they stand.

    `body`: what follows the headings, in UTF-8, as it was read: the file may be gone by then.
    `skip`: lines up to the end of the headings. `width`: fields that a record must have.
    `separator`: what stands between fields.
    """

    body: pa.Buffer
    skip: int
    width: int
    separator: str

    def lines_of(self, positions: Positions) -> Positions:
        """Return the lines on which records begin, of all those of the right width."""
        return self._found[0][positions]

    @property
    def ragged(self) -> list[Record]:
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
    def _found(self) -> tuple[Positions, list[Record], Sequence[Record]]:
        """The lines of the good records, the ragged ones, and the last that are written or open."""
        lines = array("q")
        ragged = []
        closing: deque[Record] = deque(maxlen=FOOTER_ROWS + 1)
        for record in self._records():
            if len(record.fields) == self.width:
                lines.append(record.line)
            else:
                ragged.append(record)
            if record.first or record.open:
                closing.append(record)
        return np.frombuffer(lines, dtype=np.int64), ragged, closing

    def _records(self) -> Iterator[Record]:
        """Yield all records but empty lines."""
        source = io.TextIOWrapper(pa.BufferReader(self.body), encoding="utf-8", newline="")
        with source as file, long_fields():
            reader = csv.reader(chain(file, ["\n", END]), delimiter=self.separator)
            line = self.skip + 1
            for fields in reader:
                if fields == [END]:
                    return
                if fields:
                    still_open = fields[-1].endswith(END)
                    yield Record(line, fields, still_open)
                line = self.skip + reader.line_num + 1


def _is_footer(record: Record) -> bool:
    return is_footer([field for field in record.fields if normalise(field)])


def _group(kind: str, message: Text, table: Table, records: Sequence[Record]) -> FaultGroup:
    """Return the faults of records as such; positions are those in ``records``."""
    lines = np.array([record.line for record in records], dtype=np.int64)
    return FaultGroup(
        kind,
        message,
        table.name,
        rows=np.arange(len(records), dtype=np.int64),
        values=[",".join(record.fields).removesuffix(END)[:SHOWN] for record in records],
        locate=lambda positions: lines[positions],
    )
