"""Text files as UTF-8: read from the disk, unpacked, decoded.

Kinds of fault: ``unreadable``, ``broken_file``, ``nul_bytes``, ``unknown_encoding``.
"""

from __future__ import annotations

import codecs
import gzip
import zlib
from pathlib import Path

import numpy as np
import pyarrow as pa

from compensation.faults.groups import FaultGroup, whole
from compensation.language import Text
from compensation.readers.archive import ALWAYS, CHUNK, MAX_RATIO, MAX_UNPACKED
from compensation.readers.files import broken, unreadable

PACKED = ".gz"
_BLOCK = 2**24
_GLANCE = 2**20
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_GZIP = Text("gzip 压缩文件", "a gzip file")
_LF, _CR = b"\n\r"
_DOS_END = b"\x1a"
"""^Z, which programs of DOS put behind the last line."""


def read_text(
    path: Path, table: str | None = None, most: int = -1
) -> tuple[pa.Buffer | None, list[FaultGroup]]:
    """Return what a file says, in UTF-8 without a byte order mark, or why it cannot be read.

    It may be in UTF-8, in GB18030, or in UTF-16 with a byte order mark, and packed by gzip.
    ``most``: how many bytes are looked at; the last character may be cut then.
    """
    try:
        # Not mapped: the process would be killed if the file became shorter.
        data = _bytes(path, most)
    except (gzip.BadGzipFile, EOFError, zlib.error, _TooLarge):
        return None, [broken(path, _GZIP, table)]
    except OSError as error:
        return None, [unreadable(path, error, table)]
    if data[:2] not in _UTF_16 and data.find(b"\0") >= 0:
        return None, [_nul_bytes(path, table)]
    encoding = _encoding(data, cut=0 <= most <= len(data))
    if encoding is None:
        return None, [_undecodable(path, data, table)]
    if encoding == "utf-8":
        content = pa.py_buffer(data)
    elif encoding == "utf-8-sig":
        content = pa.py_buffer(data).slice(len(codecs.BOM_UTF8))
    else:
        text = str(data, encoding, "ignore")
        if encoding == "utf-16" and "\0" in text:
            return None, [_nul_bytes(path, table)]
        content = pa.py_buffer(text.encode())
    return _without_dos_end(content), []


def _nul_bytes(path: Path, table: str | None) -> FaultGroup:
    message = Text(
        "“{name}”含有空字节，不是 UTF-8 或 GB18030 的文本（也许是 UTF-16，或是工作簿）",
        "“{name}” holds NUL bytes: it is no text in UTF-8 or GB18030"
        " (it may be UTF-16, or a workbook)",
    ).fill(name=path.name)
    return whole("nul_bytes", message, table=table)


class _TooLarge(ValueError):
    """A file unpacks to more than a ledger can be."""


def _bytes(path: Path, most: int) -> bytes:
    if path.suffix.casefold() != PACKED:
        with path.open("rb") as file:
            return file.read(most)
    limit = min(MAX_UNPACKED, max(ALWAYS, MAX_RATIO * path.stat().st_size))
    pieces, size = [], 0
    with gzip.open(path, "rb") as file:
        while (size < most or most < 0) and (piece := file.read(CHUNK)):
            pieces.append(piece)
            size += len(piece)
            if size > limit:
                raise _TooLarge
    return b"".join(pieces)


def lines_in(content: pa.Buffer) -> int | None:
    """Return how many lines some memory has; None where a carriage return alone ends one."""
    data = np.frombuffer(content, np.uint8) if content.size else np.empty(0, np.uint8)
    lines = int(len(data) and data[-1] != _LF)
    for start in range(0, len(data), _GLANCE):  # so that comparing takes little memory
        block = data[start : start + _GLANCE]
        lines += int(np.count_nonzero(block == _LF))
        returns = np.flatnonzero(block == _CR) + start
        if len(returns) and (returns[-1] + 1 == len(data) or (data[returns + 1] != _LF).any()):
            return None
    return lines


def _encoding(data: bytes, *, cut: bool) -> str | None:
    """Return the encoding in which all bytes make sense, or None. UTF-8 goes first.

    ``cut``: whether the last character may lack some bytes.
    """
    if data[:2] in _UTF_16:
        return "utf-16" if _makes_sense(data, "utf-16", cut=cut) else None
    if data[: len(codecs.BOM_UTF8)] == codecs.BOM_UTF8:
        return "utf-8-sig" if _is_utf8(data, cut=cut) else None
    if _is_utf8(data, cut=cut):
        return "utf-8"
    return "gb18030" if _makes_sense(data, "gb18030", cut=cut) else None


def _is_utf8(data: bytes, *, cut: bool) -> bool:
    """Return whether all is UTF-8; Arrow looks many bytes at a time."""
    if cut:
        return _makes_sense(data, "utf-8", cut=True)
    ends = pa.py_buffer(np.array([0, len(data)], np.int64))
    text = pa.Array.from_buffers(pa.large_string(), 1, [None, ends, pa.py_buffer(data)])
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _makes_sense(data: bytes, encoding: str, *, cut: bool) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(data), _BLOCK):
            decoder.decode(data[start : start + _BLOCK])
        decoder.decode(b"", not cut)
    except UnicodeDecodeError:
        return False
    return True


def _without_dos_end(content: pa.Buffer) -> pa.Buffer:
    """Return the text without a ^Z at its end."""
    tail = content.slice(max(0, content.size - _GLANCE)).to_pybytes()
    kept = tail.rstrip(b"\r\n" + _DOS_END)
    if _DOS_END not in tail[len(kept) :]:
        return content
    kept += tail[len(kept) :].partition(_DOS_END)[0]
    return content.slice(0, content.size - len(tail) + len(kept))


def _undecodable(path: Path, data: bytes, table: str | None) -> FaultGroup:
    """Return the fault of the first bytes that the likeliest encoding cannot read."""
    if data[:2] in _UTF_16:
        encodings = {"utf-16": "UTF-16"}
    elif data[: len(codecs.BOM_UTF8)] == codecs.BOM_UTF8:
        encodings = {"utf-8": "UTF-8"}
    else:
        encodings = {"utf-8": "UTF-8", "gb18030": "GB18030"}
    wrong = max((_first_error(data, codec) for codec in encodings), key=lambda error: error.start)
    before = data[: wrong.start].decode(wrong.encoding, "replace")
    lines = max(before.count("\n"), before.count("\r"))
    name = next(name for codec, name in encodings.items() if wrong.encoding.startswith(codec))
    message = Text(
        "“{name}”的编码既不是 UTF-8，也不是 GB18030：这一行有无法按 {encoding} 识别的字节",
        "“{name}” is neither UTF-8 nor GB18030: this line has bytes that are no {encoding}",
    ).fill(name=path.name, encoding=name)
    return FaultGroup(
        "unknown_encoding",
        message,
        table,
        rows=np.zeros(1, np.int64),
        values=(data[wrong.start : wrong.end].hex(" ").upper(),),
        locate=lambda rows: rows + lines + 1,
    )


def _first_error(data: bytes, encoding: str) -> UnicodeDecodeError:
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        return error
    raise AssertionError(encoding)  # pragma: no cover - called for what cannot be decoded
