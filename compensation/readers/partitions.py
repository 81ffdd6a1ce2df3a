"""A table in many Parquet files: a folder such as ``contracts/institution_id=…/*.parquet``.

The files are taken in the order of their paths, and their rows counted through. A part of the path
that says ``column=value`` is a column of every row below it, where the files don't have that column
themselves. Files of one table may have their columns in any order; a column of the dictionary that
one of them has, all of them have.

Kinds of fault: those of `parquet`, ``no_files``, ``duplicate_column``, and ``missing_column``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq

from compensation.arrays import texts
from compensation.faults.groups import FaultGroup, whole
from compensation.faults.input_faults import InputFaults
from compensation.language import Text
from compensation.readers.parquet import (
    BROKEN,
    check_rows,
    head_of,
    in_yuan_only,
    raw_of_values,
    unread,
)
from compensation.schema.dictionary import Table
from compensation.schema.parties import SHARE_PREFIX
from compensation.tables.headings import column_name, normalise
from compensation.tables.pieces import PIECE, Pieces
from compensation.tables.raw import RawColumn, RawTable, whole_array

SUFFIX = ".parquet"
_IGNORED = (".", "_")
"""How files begin that are not of the table: what Spark leaves behind (_SUCCESS), hidden ones."""
_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
"""What a path says for a blank."""


def open_partitions(folder: Path, table: Table) -> tuple[Pieces | None, list[FaultGroup]]:
    """Return the table of a folder of Parquet files for reading it piece by piece.

    None if a file cannot be read, or there is none.
    """
    files = [file for file in sorted(folder.rglob(f"*{SUFFIX}")) if _counts(file, folder)]
    if not files:
        message = Text("文件夹中没有 Parquet 文件", "the folder has no Parquet file")
        return None, [whole("no_files", message, table=table.name, value=folder.name)]
    headings: dict[str, str] = {}
    here: list[tuple[Path, set[str]]] = []
    rows = 0
    faults: list[FaultGroup] = []
    for file in files:
        try:
            with pq.ParquetFile(file) as opened:
                check_rows(file, opened)
                schema, count = opened.schema_arrow, opened.metadata.num_rows
                rows += count
            twice = _twice(schema.names)
            if twice is not None:
                return None, [_column_twice(file, twice, table)]
            file_head, found = head_of(schema, table, folder.name)
            faults += [*found, *in_yuan_only(file.stem, schema.names, table)]
            for column in file_head.columns:
                headings.setdefault(normalise(column.heading), column.heading)
        except BROKEN as error:
            return None, [unread(file, error, table)]
        said = _said_by(file, folder)
        for key in said:
            headings.setdefault(normalise(key), key)
        if count:
            here.append((file, {column_name(name, table) for name in (*schema.names, *said)}))
    faults += in_yuan_only(folder.name, list(headings.values()), table)
    faults += _lacking(here, table)
    columns = tuple(RawColumn(heading) for heading in headings.values())
    head = RawTable(table.name, columns, 0, source=folder.name)

    def read(wanted: Sequence[int]) -> Iterator[RawTable]:
        names = [columns[place].heading for place in wanted]
        for content in _in_pieces(files, folder, names, table):
            found = list(columns)
            for place, name in zip(wanted, names, strict=True):
                found[place] = raw_of_values(name, whole_array(content[name]), table)
            yield RawTable(table.name, tuple(found), len(content), source=folder.name)

    return Pieces(head, rows, read), faults


def _lacking(files: Sequence[tuple[Path, set[str]]], table: Table) -> Iterator[FaultGroup]:
    """Yield a fault for each column that is blank in a file for lack of it, and not in others.

    A column that must be filled is told row by row.
    """
    message = Text(
        "“{file}”没有这一列，而同一张表的其他文件有；没有内容的，请补上空列",
        "“{file}” lacks this column, which other files of the table have; add an empty one where "
        "nothing is known",
    )
    optional = {column.name for column in table.columns if not column.required}
    there = {name for _, names in files for name in names}
    shares = {name for name in there if table.any_share and name.startswith(SHARE_PREFIX)}
    for name in sorted(optional & there | shares):
        lacking = [file for file, names in files if name not in names]
        if lacking:
            said = message.fill(file=lacking[0].name)
            yield whole("missing_column", said, table=table.name, column=name)


def _twice(names: Sequence[str]) -> str | None:
    """Return a name that is there more than once, as names are compared; None if none is."""
    times = Counter(map(normalise, names))
    return next((name for name in names if times[normalise(name)] > 1), None)


def _column_twice(file: Path, name: str, table: Table) -> FaultGroup:
    message = Text("“{file}”中同一列出现了两次", "“{file}” has this column twice")
    return whole("duplicate_column", message.fill(file=file.name), table=table.name, column=name)


def _counts(file: Path, folder: Path) -> bool:
    return not any(part.startswith(_IGNORED) for part in file.relative_to(folder).parts)


def _said_by(file: Path, folder: Path) -> dict[str, str | None]:
    """Return the columns that the path of a file says."""
    said: dict[str, str | None] = {}
    for part in file.relative_to(folder).parts[:-1]:
        key, equals, value = part.partition("=")
        if equals:
            said[unquote(key)] = None if value == _NO_VALUE else unquote(value)
    return said


def _in_pieces(
    files: Sequence[Path], folder: Path, names: Sequence[str], table: Table
) -> Iterator[pa.Table]:
    """Yield the rows of all files in pieces of about `PIECE` rows; small files are put together."""
    waiting: list[pa.Table] = []
    rows = 0
    for file in files:
        try:
            for batch in _batches(file, folder, names):
                if waiting and batch.schema != waiting[0].schema:
                    yield pa.concat_tables(waiting)
                    waiting, rows = [], 0
                waiting.append(batch)
                rows += len(batch)
                if rows >= PIECE:
                    yield pa.concat_tables(waiting)
                    waiting, rows = [], 0
        except BROKEN as error:
            raise InputFaults([unread(file, error, table)]) from error
    if waiting:
        yield pa.concat_tables(waiting)


def _batches(file: Path, folder: Path, names: Sequence[str]) -> Iterator[pa.Table]:
    """Yield the wanted columns of one file, a piece at a time, and what its path says."""
    wanted = {normalise(name): name for name in names}
    with pq.ParquetFile(file) as opened:
        own = {name: wanted.get(normalise(name)) for name in opened.schema_arrow.names}
        taken = {name: as_ for name, as_ in own.items() if as_ is not None}
        said = {
            wanted[normalise(key)]: value
            for key, value in _said_by(file, folder).items()
            if normalise(key) in wanted
        }
        for batch in opened.iter_batches(PIECE, columns=list(taken)):
            content = pa.Table.from_batches([batch]).rename_columns(
                [taken[name] for name in batch.schema.names]
            )
            # Blank where the file lacks it: without any column its rows would not count.
            for name in [name for name in names if name not in content.column_names]:
                cells = pa.nulls(len(batch))
                if name in said:
                    cells = pa.repeat(texts([said[name]])[0], len(batch))
                content = content.append_column(name, cells)
            yield content
