r"""A digest of an input by content: the same ledgers, the same digest, whatever file they came in.

It says nothing of file formats, headings, the order of columns or how memory is laid out; it does
change with any value, with the order of rows, and with a blank that becomes a value.

The bytes, so that anybody can recompute it (integers are little-endian, texts UTF-8; ``text(t)`` is
its number of bytes as uint64, then its bytes)::

    digest = "sha256:" + hex(SHA-256(document))
    document = "guarantee-ledgers/1\n", then for each table in name order (by code point):
        text(name)
        uint64   number of rows
        uint64   number of columns that follow
        for each column in name order:
            text(name)
            text(tag)
            32 bytes SHA-256(content)
    content =
        one bit a row, 1 where there is a value: row 8k+i is bit i of byte k, the rest of the last
        byte is 0; then the values, row by row, those of rows without a value being 0 or empty:
        tag "boolean"   uint8, 0 or 1
        tag "int8"      int8                (the place of a choice)
        tag "int64"     int64               (fen, millionths, counts)
        tag "date"      int32               (days since 1970-01-01)
        tag "text"      uint64 for every row: its number of bytes; after all of these the bytes
                        of all texts, one after another

A column without a single value counts as if it were not there, and so does a table without rows:
both say the same about the ledgers.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

MAGIC = b"guarantee-ledgers/1\n"
BLOCK = 1 << 20
"""Rows that are laid out at a time, so that the layout costs little memory."""


def digest(tables: Mapping[str, Mapping[str, pa.Array | pa.ChunkedArray]]) -> str:
    """Return ``sha256:…`` over the content of the tables, each a mapping of names to columns.

    ValueError if the columns of a table differ in length; TypeError for a column of a type that a
    checked ledger does not have.
    """
    jobs = [
        (table, name, columns[name])
        for table, columns in sorted(tables.items())
        for name in sorted(columns)
        if columns[name].null_count < len(columns[name])
    ]
    # hashlib lets go of the interpreter while it works, so columns are hashed side by side.
    with ThreadPoolExecutor() as pool:
        hashes = list(pool.map(_content_hash, (column for _, _, column in jobs)))
    done = [(table, name, *found) for (table, name, _), found in zip(jobs, hashes, strict=True)]
    document = hashlib.sha256(MAGIC)
    for table, columns in sorted(tables.items()):
        rows = _row_count(table, columns)
        if not rows:
            continue
        mine = [entry for entry in done if entry[0] == table]
        document.update(_text(table) + struct.pack("<QQ", rows, len(mine)))
        for _, name, tag, content in mine:
            document.update(_text(name) + _text(tag) + content)
    return "sha256:" + document.hexdigest()


def _row_count(table: str, columns: Mapping[str, pa.Array | pa.ChunkedArray]) -> int:
    """Return how many rows the columns have; they must agree."""
    lengths = {len(column) for column in columns.values()}
    if len(lengths) > 1:
        raise ValueError(f"the columns of {table} differ in length: {sorted(lengths)}")
    return lengths.pop() if lengths else 0


def _text(text: str) -> bytes:
    """Return the text as the document holds it: its number of bytes, then its bytes."""
    encoded = text.encode()
    return struct.pack("<Q", len(encoded)) + encoded


def _content_hash(column: pa.Array | pa.ChunkedArray) -> tuple[str, bytes]:
    """Return the tag of the column and the SHA-256 of its content."""
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    blocks = [
        chunk.slice(start, BLOCK) for chunk in chunks for start in range(0, len(chunk), BLOCK)
    ]
    hasher = hashlib.sha256()
    valid = np.concatenate([block.is_valid().to_numpy(zero_copy_only=False) for block in blocks])
    hasher.update(np.packbits(valid, bitorder="little").data)
    if _is_text(column.type):
        for block in blocks:
            hasher.update(_lengths(block).data)
        for block in blocks:
            for data in _texts(block):
                hasher.update(data)
        return "text", hasher.digest()
    tag, stored, held = _layout(column.type)
    for block in blocks:
        filled = block.view(stored) if stored != block.type else block
        filled = filled.fill_null(pa.scalar(0, pa.int8()).cast(stored))
        values = filled.to_numpy(zero_copy_only=False)
        hasher.update(np.ascontiguousarray(values, held).data)
    return tag, hasher.digest()


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _layout(kind: pa.DataType) -> tuple[str, pa.DataType, str]:
    """Return the tag, the Arrow type to see the values as, and the numpy type to hash them as."""
    if pa.types.is_boolean(kind):
        return "boolean", kind, "u1"
    if pa.types.is_int8(kind):
        return "int8", kind, "i1"
    if pa.types.is_int64(kind):
        return "int64", kind, "<i8"
    if pa.types.is_date32(kind):
        return "date", pa.int32(), "<i4"
    raise TypeError(f"a checked ledger has no column of type {kind}")


def _lengths(block: pa.Array) -> npt.NDArray[np.uint64]:
    """Return the number of bytes of each text, 0 for a blank."""
    lengths = pc.binary_length(block).fill_null(0)
    return np.ascontiguousarray(lengths.to_numpy(zero_copy_only=False), "<u8")


def _texts(block: pa.Array) -> Iterator[memoryview]:
    """Yield the bytes of the texts, one after another.

    Arrow may keep bytes under a null; dropping the nulls first leaves only the texts.
    """
    texts = block.drop_null()
    _, offsets, data = texts.buffers()
    if len(texts) and data is not None:
        width = np.int64 if pa.types.is_large_string(texts.type) else np.int32
        ends = np.frombuffer(offsets, width)[texts.offset : texts.offset + len(texts) + 1]
        yield memoryview(data)[int(ends[0]) : int(ends[-1])]
