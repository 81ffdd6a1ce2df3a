"""Parquet files, and how Arrow columns of any type become columns as they were read.

Kinds of fault: ``unreadable``, ``broken_file``, ``column_type``, ``column_content``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from compensation.faults.groups import FaultGroup, whole
from compensation.faults.input_faults import InputFaults
from compensation.language import Text
from compensation.readers.files import broken, unreadable
from compensation.schema.dictionary import Table
from compensation.schema.units import units_in_name
from compensation.tables.headings import column_name
from compensation.tables.pieces import Pieces, piece_of
from compensation.tables.raw import RawColumn, RawTable, decoded, whole_array

ROWS_A_BYTE = 100
"""How many rows a byte of a file may stand for. Rows differ in their ids, and even ids counted up
take more room; a column of nothing but one value takes none, and a file can claim any number."""
WORD_BYTES = 3
"""A text takes at least four bytes of a file, and more unless it is empty."""
_OF_WRITERS = (b"pandas", b"ARROW:schema")
"""Metadata that programs write for themselves."""
PARQUET = Text("Parquet 文件", "a Parquet file")
BROKEN = (pa.ArrowException, OSError, UnicodeDecodeError)
"""What Arrow raises of a file that is damaged; the last of a name, of a column or a time zone."""


def check_rows(path: Path, file: pq.ParquetFile) -> None:
    """Raise pa.ArrowInvalid where a file says that it has more rows than it can hold."""
    if not 0 <= file.metadata.num_rows <= ROWS_A_BYTE * path.stat().st_size:
        raise pa.ArrowInvalid("more rows than the file can hold")


def unread(path: Path, error: Exception, table: Table) -> FaultGroup:
    """Return the fault of a file that cannot be read: by the system's doing, or by its own.

    Raises the error again where there was too little memory: the file may be whole.
    """
    if isinstance(error, MemoryError):
        raise error
    # Arrow reports a damaged file as an OSError without a number.
    if isinstance(error, OSError) and error.errno is not None:
        return unreadable(path, error, table.name)
    return broken(path, PARQUET, table.name)


def open_parquet(path: Path, table: Table) -> tuple[Pieces | None, list[FaultGroup]]:
    """Return the table of a Parquet file for reading it piece by piece; None if it cannot be read.

    A column of a type that no cell has is a fault if it heads a known column, else left out.
    """
    try:
        with path.open("rb") as stream, pq.ParquetFile(stream) as file:
            check_rows(path, file)
            schema, rows, coded = file.schema_arrow, file.metadata.num_rows, of_few_words(file)
        head, faults = head_of(schema, table, path.name)
        faults += in_yuan_only(path.stem, schema.names, table)
    except BROKEN as error:
        return None, [unread(path, error, table)]

    def read(wanted: Sequence[int]) -> Iterator[RawTable]:
        names = [head.columns[place].heading for place in wanted]
        try:
            with (
                _opened(path) as source,
                pq.ParquetFile(source, read_dictionary=coded, pre_buffer=False) as file,
            ):
                for batch in file.iter_batches(piece_of(rows), columns=names):
                    columns = [RawColumn(column.heading) for column in head.columns]
                    for place, name in zip(wanted, names, strict=True):
                        # The first of two of the same name; that there are two is a fault already.
                        at = batch.schema.get_all_field_indices(name)[0]
                        columns[place] = raw_of_values(name, batch.column(at), table, coded)
                    yield RawTable(table.name, tuple(columns), len(batch), source=path.name)
        except BROKEN as error:
            raise InputFaults([unread(path, error, table)]) from error

    return Pieces(head, rows, read), faults


def _opened(path: Path) -> AbstractContextManager[Path | BinaryIO]:
    """Return what Arrow opens: a path, which is quicker, or a stream for a name it can't take."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return path.open("rb")
    return nullcontext(path)


def head_of(schema: pa.Schema, table: Table, source: str) -> tuple[RawTable, list[FaultGroup]]:
    """Return a table without rows that has the columns of a schema; see `raw_of_arrow`."""
    # `Schema.empty_table` would import pandas.
    blank = [pa.nulls(0, field.type) for field in schema]
    return raw_of_arrow(pa.Table.from_arrays(blank, schema=schema), table, source)


def in_yuan_only(said: str, names: Sequence[str], table: Table) -> list[FaultGroup]:
    """Return the fault of money that is not in yuan, as a file's name or its metadata say.

    ``names``: the headings that this is said of; those that name a unit are not in doubt.
    """
    if all(named.worth == 1 for named in units_in_name(said)):
        return []
    # Hardly anything names a unit here, and the grammar of units takes time to load.
    from compensation.tables.unit_places import under

    message = Text(
        "文件名或列说明写有金额单位，而 Parquet 文件的金额按元读取："
        "请换算成元，或把单位写进各金额列的标题",
        "the name of the file or its metadata say a unit of money, but money in Parquet files is"
        " read in yuan: convert it, or name the unit in the heading of each column",
    )
    if not under(names, table).money:
        return []
    return [whole("unknown_unit", message, table=table.name, value=said)]


def _said_in_metadata(schema: pa.Schema, table: Table) -> Iterator[FaultGroup]:
    """Yield the faults of units that the metadata of columns or of the whole file state."""
    for of, names in ((schema, schema.names), *((field, [field.name]) for field in schema)):
        for key, text in (of.metadata or {}).items():
            if key not in _OF_WRITERS:
                yield from in_yuan_only(text.decode("utf-8", "replace"), names, table)


def raw_of_arrow(content: pa.Table, table: Table, source: str) -> tuple[RawTable, list[FaultGroup]]:
    """Bring an Arrow table into the shape of a table as it was read; rows count from 1.

    A column of a type that no cell has (a list, a struct) is left out, with a fault.
    """
    columns: list[RawColumn] = []
    faults = [*_said_in_metadata(content.schema, table)]
    for field, cells in zip(content.schema, content.columns, strict=True):
        try:
            columns.append(raw_of_array(field.name, whole_array(cells)))
        except pa.ArrowTypeError:
            faults.append(column_type(field.name, str(field.type), table))
        except pa.ArrowException:
            faults.append(_column_content(field.name, str(field.type), table))
    return RawTable(table.name, tuple(columns), content.num_rows, source=source), faults


def of_few_words(file: pq.ParquetFile) -> list[str]:
    """Return the columns of texts that the file holds as places among a few words.

    Fewer than `WORD_BYTES` bytes a row are no texts.
    """
    metadata, size = file.metadata, Counter[str]()
    for group in range(metadata.num_row_groups):
        for place in range(metadata.num_columns):
            column = metadata.row_group(group).column(place)
            size[column.path_in_schema] += column.total_uncompressed_size
    return [
        field.name
        for field in file.schema_arrow
        if pa.types.is_string(field.type) and 0 < size[field.name] < WORD_BYTES * metadata.num_rows
    ]


def raw_of_values(
    heading: str, values: pa.Array, table: Table, coded: Sequence[str] = ()
) -> RawColumn:
    """Return what `raw_of_array` does; raises `InputFaults` where that cannot read the values.

    Columns that are `coded` in the file keep their words.
    """
    try:
        if heading in coded and pa.types.is_dictionary(values.type):
            _decodable(values.dictionary)
            return RawColumn(heading, words=values)
        return raw_of_array(heading, values)
    except pa.ArrowException as error:
        raise InputFaults([_column_content(heading, str(values.type), table)]) from error


def _column_content(heading: str, type_name: str, table: Table) -> FaultGroup:
    """Return the fault of a column that has the right type, and holds what can't be."""
    return whole(
        "column_content",
        Text(
            "这一列中有无法读取的内容：不是 UTF-8 的文本，或超出范围的时间",
            "the column holds what cannot be read: text that is no UTF-8, a moment out of range",
        ),
        table=table.name,
        column=column_name(heading, table),
        value=type_name,
    )


def column_type(heading: str, type_name: str, table: Table) -> FaultGroup:
    """Return the fault of a column whose type cannot be that of a cell."""
    return whole(
        "column_type",
        Text("这种类型的列无法读取", "a column of this type cannot be read"),
        table=table.name,
        column=column_name(heading, table),
        value=type_name,
        expected=Text(
            "文本、数字、日期或布尔值类型的列", "a column of text, numbers, dates or booleans"
        ),
    )


def raw_of_array(heading: str, values: pa.Array) -> RawColumn:
    """Return a column in the part that its type belongs to.

    Raises pa.ArrowTypeError if there is none, and other pa.ArrowException where the values cannot
    be: Arrow itself reads text that is no text. A moment with a time zone is its wall time there. A
    float of 32 or 16 bits keeps its type, on which it depends what it stands for.
    """
    values = decoded(values)
    kind = values.type
    if pa.types.is_null(kind):
        return RawColumn(heading)
    if pa.types.is_string(kind):
        return RawColumn(heading, text=_decodable(values))
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        fits = values.nbytes < 2**31
        text = values.cast(pa.string() if fits else pa.large_string())
        return RawColumn(heading, text=_decodable(text))
    if pa.types.is_boolean(kind):
        return RawColumn(heading, boolean=values)
    if pa.types.is_uint64(kind) or pa.types.is_decimal(kind):
        return RawColumn(heading, number=values)
    if pa.types.is_integer(kind):
        return RawColumn(heading, number=values.cast(pa.int64()))
    if pa.types.is_floating(kind):
        return RawColumn(heading, number=values)
    if pa.types.is_date32(kind):
        return RawColumn(heading, moment=values)
    if pa.types.is_date64(kind):
        return RawColumn(heading, moment=values.cast(pa.timestamp("ms")))
    if pa.types.is_timestamp(kind):
        moment = values if kind.tz is None else pc.local_timestamp(values)
        return RawColumn(heading, moment=moment)
    raise pa.ArrowTypeError(str(kind))


def _decodable(text: pa.Array) -> pa.Array:
    """Return a column of text; raises pa.ArrowInvalid where it is not UTF-8."""
    data = text.buffers()[2]
    # Most columns are ASCII, which is seen at one glance; each text is looked at in the others.
    if data is not None and data.size and int(np.frombuffer(data, dtype=np.uint8).max()) >= 0x80:
        text.validate(full=True)
    return text
