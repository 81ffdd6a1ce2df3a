r"""A digest of an input by content: the same ledgers, the same digest, whatever file they came in.

It says nothing of file formats, headings, the order of columns or how memory is laid out; it does
change with any value, with the order of rows, and with a blank that becomes a value.

The bytes, so that anybody can recompute it (integers are little-endian, texts UTF-8; ``text(t)`` is
its number of bytes as uint32, then its bytes)::

    digest = "sha256:" + hex(SHA-256(document))
    document = "guarantee-ledgers/2\n", then for each table in name order (by code point):
        text(name)
        uint64   number of rows
        uint64   number of columns that follow
        for each column in name order:
            text(name)
            text(tag)
            32 bytes SHA-256(content)
    content = for each 65,536 rows in turn, the last ones being fewer:
        32 bytes SHA-256(block)
    block =
        one bit a row, 1 where there is a value: row 8k+i is bit i of byte k, the rest of the last
        byte is 0; then the values, row by row, those of rows without a value being 0 or empty:
        tag "boolean"   uint8, 0 or 1
        tag "int8"      int8                (the place of a choice)
        tag "int64"     int64               (fen, millionths, counts)
        tag "date"      int32               (days since 1970-01-01)
        tag "text"      uint32 for every row: its number of bytes; after all of these the bytes
                        of all texts, one after another

A column without a single value counts as if it were not there, and so does a table without rows:
both say the same about the ledgers. Blocks let a table be taken a piece at a time, and pieces side
by side.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import flags, is_text, known, numbers, text_bytes

MAGIC = b"guarantee-ledgers/2\n"
BLOCK = 1 << 16
"""Rows of a block; part of the format."""

Slices = list[pa.Array]
"""The rows of one block of one column, in one or more pieces."""


def digest(tables: Mapping[str, Mapping[str, pa.Array]]) -> str:
    """Return ``sha256:…`` over the content of the tables, each a mapping of names to columns.

    ValueError if the columns of a table differ in length; TypeError for a column of a type that a
    checked ledger does not have.
    """
    return digest_of({name: digested(columns) for name, columns in tables.items()})


def digested(columns: Mapping[str, pa.Array]) -> DigestedTable:
    """Return one whole table's part of the digest. Raises as `digest` does."""
    lengths = {len(column) for column in columns.values()}
    if len(lengths) > 1:
        raise ValueError(f"the columns of a table differ in length: {sorted(lengths)}")
    blocks = Blocks()
    table = DigestedTable()
    for block in (*blocks.add(columns), *blocks.rest()):
        table.add(hashed(block))
    return table


@dataclass
class DigestedTable:
    """What the digest knows of one table: for each column its tag and the hashes of its blocks."""

    rows: int = 0
    columns: dict[str, DigestedColumn] = field(default_factory=dict)

    def add(self, block: HashedBlock) -> None:
        """Take the next block of rows; blocks must come in order."""
        self.rows += block.rows
        for name, (tag, filled, content) in block.columns.items():
            column = self.columns.setdefault(name, DigestedColumn(tag))
            column.filled |= filled
            column.content += content


@dataclass
class DigestedColumn:
    """The tag of a column, whether it has any value, and the hashes of its blocks in a row."""

    tag: str
    filled: bool = False
    content: bytes = b""


class HashedBlock(NamedTuple):
    """How many rows a block has; by column the tag, whether there is any value, and the hash."""

    rows: int
    columns: Mapping[str, tuple[str, bool, bytes]]


class Blocks:
    """Cuts the pieces of a table, as they come, into the blocks of the digest."""

    def __init__(self) -> None:
        self._waiting: dict[str, Slices] = {}
        self._rows = 0

    def add(self, columns: Mapping[str, pa.Array]) -> Iterator[dict[str, Slices]]:
        """Take the next rows of the table; yield the blocks that are complete."""
        rows = len(next(iter(columns.values()))) if columns else 0
        start = 0
        while self._rows + rows - start >= BLOCK:
            stop = start + BLOCK - self._rows
            self._hold(columns, start, stop)
            yield self._waiting
            self._waiting, self._rows, start = {}, 0, stop
        if start < rows:
            self._hold(columns, start, rows)

    def rest(self) -> Iterator[dict[str, Slices]]:
        """Yield the last block, if there is one."""
        if self._rows:
            yield self._waiting
        self._waiting, self._rows = {}, 0

    def _hold(self, columns: Mapping[str, pa.Array], start: int, stop: int) -> None:
        for name, column in columns.items():
            self._waiting.setdefault(name, []).append(column.slice(start, stop - start))
        self._rows += stop - start


def hashed(block: Mapping[str, Slices]) -> HashedBlock:
    """Hash one block of every column. Blocks may be hashed side by side, in any order."""
    columns = {name: _hash(slices) for name, slices in block.items()}
    rows = sum(map(len, next(iter(block.values()))))
    return HashedBlock(rows, {name: found for name, found in columns.items() if found is not None})


def digest_of(tables: Mapping[str, DigestedTable]) -> str:
    """Return ``sha256:…`` of tables whose blocks have been hashed."""
    document = hashlib.sha256(MAGIC)
    for name, table in sorted(tables.items()):
        if not table.rows:
            continue
        columns = sorted((key, column) for key, column in table.columns.items() if column.filled)
        document.update(_text(name) + struct.pack("<QQ", table.rows, len(columns)))
        for key, column in columns:
            content = hashlib.sha256(column.content).digest()
            document.update(_text(key) + _text(column.tag) + content)
    return "sha256:" + document.hexdigest()


def _text(text: str) -> bytes:
    """Return the text as the document holds it: its number of bytes, then its bytes."""
    encoded = text.encode()
    return struct.pack("<I", len(encoded)) + encoded


def _hash(slices: Slices) -> tuple[str, bool, bytes] | None:
    """Return the tag of the column, whether the block has any value, and the block's hash."""
    kind = slices[0].type
    if pa.types.is_null(kind):
        return None
    hasher = hashlib.sha256()
    valid = np.concatenate([known(piece) for piece in slices])
    hasher.update(np.packbits(valid, bitorder="little").data)
    if is_text(kind):
        tag = "text"
        for piece in slices:
            hasher.update(_lengths(piece).data)
        for piece in slices:
            # Arrow may keep bytes under a null; dropping the nulls first leaves only the texts.
            hasher.update(text_bytes(piece.drop_null() if piece.null_count else piece).data)
    else:
        tag, held = _layout(kind)
        for piece in slices:
            hasher.update(_values(piece, held).data)
    return tag, bool(valid.any()), hasher.digest()


def _values(piece: pa.Array, held: str) -> npt.NDArray[np.generic]:
    """Return the values in the layout of the document; 0 where there is none."""
    values = flags(piece) if pa.types.is_boolean(piece.type) else numbers(piece)
    return np.ascontiguousarray(values, held)


def _layout(kind: pa.DataType) -> tuple[str, str]:
    """Return the tag, and the numpy type to hash values as."""
    if pa.types.is_boolean(kind):
        return "boolean", "u1"
    if pa.types.is_int8(kind):
        return "int8", "i1"
    if pa.types.is_int64(kind):
        return "int64", "<i8"
    if pa.types.is_date32(kind):
        return "date", "<i4"
    raise TypeError(f"a checked ledger has no column of type {kind}")


def _lengths(piece: pa.Array) -> npt.NDArray[np.uint32]:
    """Return the number of bytes of each text, 0 for a blank."""
    return np.ascontiguousarray(numbers(pc.binary_length(piece)), "<u4")
