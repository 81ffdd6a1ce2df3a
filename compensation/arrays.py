"""Arrow columns as numpy has them, and back, without a copy where there need not be one.

Arrow's own conversions (`to_numpy`, `pa.array`, `pa.scalar`) import pandas if it is installed,
which takes longer than a small run does. These read and make the same memory; the layout is that
of the Arrow columnar format, little-endian.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from compensation.money import Flags

_DTYPES = {
    pa.int8(): np.int8,
    pa.int32(): np.int32,
    pa.int64(): np.int64,
    pa.uint64(): np.uint64,
    pa.float64(): np.float64,
    pa.date32(): np.int32,
}
_GLANCE = 2**20
_EPOCH = date(1970, 1, 1).toordinal()
_TYPES = {np.dtype(dtype): kind for kind, dtype in _DTYPES.items() if kind != pa.date32()}


def stored(array: pa.Array, kind: npt.DTypeLike, each: int = 1) -> npt.NDArray[Any]:
    """Return the values of a fixed-width array as they lie in memory, ``each`` words to a value.

    Whatever lies under a null is there too. The memory is Arrow's, and not to be written to.
    """
    if not len(array):
        return np.empty(0, kind)
    start = array.offset * each * np.dtype(kind).itemsize
    values = np.frombuffer(array.buffers()[1], kind, len(array) * each, start)
    values.flags.writeable = False
    return values


def numbers(array: pa.Array, blank: int = 0) -> npt.NDArray[Any]:
    """Return a column of whole numbers, floats or days (since 1970-01-01); ``blank`` for nulls."""
    values = stored(array, _DTYPES[array.type])
    if array.null_count:
        values = values.copy()
        values[~known(array)] = blank
    return values


def flags(array: pa.Array) -> Flags:
    """Return which of a column of booleans are true; a null is not."""
    true = _bits(array, 1)
    return true & known(array) if array.null_count else true


def known(array: pa.Array) -> Flags:
    """Return which cells of a column are not null."""
    if not array.null_count:
        return np.ones(len(array), np.bool_)
    return _bits(array, 0)


def _bits(array: pa.Array, buffer: int) -> Flags:
    """Return the bits of a column, of its values or of their validity."""
    if not len(array):
        return np.zeros(0, np.bool_)
    first, stop = array.offset, array.offset + len(array)
    packed = np.frombuffer(array.buffers()[buffer], np.uint8)[first // 8 : -(-stop // 8)]
    bits = np.unpackbits(packed, bitorder="little")
    return bits[first % 8 : first % 8 + len(array)].view(np.bool_)


def arrow(values: npt.NDArray[Any], known: Flags | None = None) -> pa.Array:
    """Return a column of int8, int32, int64, uint64, float64 or booleans; null where not ``known``.

    Shares the memory of numbers that lie one after another: they must not be changed afterwards.
    """
    validity = nulls(known)
    if values.dtype == np.bool_:
        return pa.Array.from_buffers(pa.bool_(), len(values), [validity, _packed(values)])
    held = np.ascontiguousarray(values)
    kind = _TYPES[held.dtype]
    return pa.Array.from_buffers(kind, len(held), [validity, pa.py_buffer(held)])


def nulls(known: Flags | None) -> pa.Buffer | None:
    """Return the buffer by which a column tells its nulls; None if there are none."""
    return None if known is None or known.all() else _packed(known)


def _packed(bits: Flags) -> pa.Buffer:
    return pa.py_buffer(np.packbits(bits, bitorder="little"))


def texts(values: Sequence[str | None]) -> pa.Array:
    """Return a column of texts; None is a null. Large texts where 32-bit offsets do not reach."""
    known, written = None, cast("Sequence[Any]", values)
    try:
        content = "".join(written).encode()
    except TypeError:  # a null: looking for one takes longer
        known = np.array([value is not None for value in values], np.bool_)
        written = [value or "" for value in values]
        content = "".join(written).encode()
    if not content.isascii():
        written = [value.encode() for value in written]
    large = len(content) >= 2**31
    ends = np.zeros(len(written) + 1, np.int64 if large else np.int32)
    np.cumsum(np.fromiter(map(len, written), ends.dtype, len(written)), out=ends[1:])
    buffers = [nulls(known), pa.py_buffer(ends), pa.py_buffer(content)]
    kind = pa.large_string() if large else pa.string()
    return pa.Array.from_buffers(kind, len(written), buffers)


def text_memory(
    texts: pa.Array,
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[np.uint8]]:
    """Return where each text of an Arrow array starts and ends, and the bytes that they are in."""
    offsets, content = text_offsets(texts)
    return offsets[:-1], offsets[1:], content


def text_offsets(texts: pa.Array) -> tuple[npt.NDArray[Any], npt.NDArray[np.uint8]]:
    """Return where each text starts, and the last one ends, in the bytes that they are in."""
    _, offsets, content = texts.buffers()
    width = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    bytes_ = np.empty(0, np.uint8) if content is None else np.frombuffer(content, np.uint8)
    if not len(texts):  # an empty array need not have any memory
        return np.zeros(1, width), bytes_
    return np.frombuffer(offsets, width)[texts.offset : texts.offset + len(texts) + 1], bytes_


def is_text(kind: pa.DataType) -> bool:
    """Return whether a column of this type holds texts."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def text_bytes(texts: pa.Array) -> npt.NDArray[np.uint8]:
    """Return the bytes of a column of texts, from its first text to its last."""
    offsets, content = text_offsets(texts)
    return content[offsets[0] : offsets[-1]]


def holds(content: pa.Buffer | npt.NDArray[np.uint8], byte: int) -> bool:
    """Return whether a byte is anywhere in some memory."""
    data = np.frombuffer(content, np.uint8) if content.size else np.empty(0, np.uint8)
    starts = range(0, len(data), _GLANCE)  # so that comparing takes little memory
    return any(bool((data[start : start + _GLANCE] == byte).any()) for start in starts)


def days(values: Sequence[date], known: Flags | None = None) -> pa.Array:
    """Return a column of dates; null where not ``known``, whatever date stands there."""
    held = np.fromiter(map(date.toordinal, values), np.int32, len(values)) - np.int32(_EPOCH)
    return arrow(held, known).view(pa.date32())


def moments(values: Sequence[datetime], known: Flags | None = None) -> pa.Array:
    """Return a column of points in time without time zone, in microseconds; nulls as in `days`."""
    held = np.array(values, "datetime64[us]").view(np.int64)
    return arrow(held, known).view(pa.timestamp("us"))


def text_scalar(value: str | None, kind: pa.DataType) -> pa.Scalar:
    """Return a text as what functions of `pyarrow.compute` take beside columns."""
    return texts([value])[0].cast(kind)
