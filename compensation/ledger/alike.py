"""Ids without what people and programs write differently: case, width, blanks, signs, zeros.

Greek and Cyrillic letters that look like Latin ones count as these, and × as X: 身份证号 end in X.
In a number O counts as 0, I and L as 1: 00l07 may be 00107. So may No.00107, 编号00107, (00107) and
00107号.

Two ids of the same plain form may be one id, written in two ways. Nothing is joined by it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import arrow, flags, holds, text_offsets, texts
from compensation.columns import Flags
from compensation.language import UNSEEN
from compensation.values.characters import half_width

_BLANKS_AND_DASHES = "\\s\\pZ\\p{Pd}−"
_LEFT_OUT = f"[{UNSEEN}{_BLANKS_AND_DASHES}、。【】〔〕〖〗「」‘’“”]|^编号|^№|号$"
"""In the syntax of RE2, which Arrow uses."""
_WRITTEN_OTHERWISE = "[\uff01-\uff5e￥×\u0370-\u03ff\u0400-\u052f]"
_LOOK_ALIKE = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕЅІЈКМНОРСТУХ×", "ABEZHIKMNOPTYXABESIJKMHOPCTYXX")

_AT_THE_ENDS = r"^NO\.|(?:\.0+)?[./]*$"
"""What is left out at the ends: No.00107, 00107.0 and 00107. are 00107, but 1.1 is not 11."""
_LIKE_A_NUMBER = "^[0-9]*[OIL][0-9OIL]*$"


def _bytes_kept() -> npt.NDArray[np.bool_]:
    kept = np.ones(256, dtype=np.bool_)
    kept[:33], kept[127] = False, False
    kept[list(b"-_#=:;,()[]'\"")] = False
    return kept


_KEPT = _bytes_kept()
_DIGIT, _LIKE_A_DIGIT, _LETTER, _OTHER = 0, 1, 2, 4
"""What a byte is; that of an id are those of its bytes together."""
_KINDS = bytes(
    _DIGIT
    if chr(byte) in "0123456789"
    else _LIKE_A_DIGIT
    if chr(byte) in "OIL"
    else _LETTER
    if ord("A") <= byte <= ord("Z")
    else _OTHER
    for byte in range(256)
)
_UPPER = np.array([byte - 32 if 97 <= byte <= 122 else byte for byte in range(256)], np.uint8)


def are_plain(ids: pa.Array) -> Flags:
    """Return which ids are their own plain form, as most ids are.

    They are capital letters and digits, do not begin with 0, and are no number but for letters that
    look like digits. `ids`: texts, none null or empty.
    """
    content, offsets = _content(ids)
    starts = offsets[:-1]
    kinds = np.frombuffer(content.tobytes().translate(_KINDS), np.uint8)
    of_id = np.bitwise_or.reduceat(kinds, starts)
    plain: Flags = (of_id < _OTHER) & (of_id != _LIKE_A_DIGIT) & (content[starts] != ord("0"))
    return plain


def plain_form(ids: pa.Array) -> pa.Array:
    """Return ids in half width and capitals, without blanks, signs at the ends and leading zeros.

    Characters that nobody sees are left out, too. `ids`: texts, none null.
    """
    ascii_only = flags(pc.string_is_ascii(ids))
    if not ascii_only.all():
        other = pc.utf8_upper(_narrow(ids.filter(arrow(~ascii_only))))
        other = pc.replace_substring_regex(other, _LEFT_OUT, "")
        ids = pc.replace_with_mask(ids, arrow(~ascii_only), other)
    ids = _without_signs(ids)
    content, _ = _content(ids)
    if holds(content, ord(".")) or holds(content, ord("/")):
        ids = pc.replace_substring_regex(ids, _AT_THE_ENDS, "")
    if any(holds(content, ord(letter)) for letter in "OIL"):
        ids = _with_digits(ids)
    return pc.ascii_ltrim(ids, characters="0")


def _with_digits(ids: pa.Array) -> pa.Array:
    """Return ids with digits for letters that look like them, where all of an id is a number."""
    numbers = pc.match_substring_regex(ids, _LIKE_A_NUMBER)
    found = ids.filter(numbers)
    for letter, digit in zip("OIL", "011", strict=True):
        found = pc.replace_substring(found, letter, digit)
    return pc.replace_with_mask(ids, numbers, found)


def _narrow(ids: pa.Array) -> pa.Array:
    """Return ids in half width, with Latin letters for those that look like them."""
    other = pc.match_substring_regex(ids, _WRITTEN_OTHERWISE)
    if not pc.any(other).as_py():
        return ids
    usual = (
        half_width(text).upper().translate(_LOOK_ALIKE) for text in ids.filter(other).to_pylist()
    )
    return pc.replace_with_mask(ids, other, texts(list(usual)).cast(ids.type))


def _without_signs(ids: pa.Array) -> pa.Array:
    """Return ids in capitals, without ASCII blanks, controls and signs: byte by byte."""
    content, offsets = _content(ids)
    content = _UPPER[content]
    kept = _KEPT[content]
    if not kept.all():
        ends = np.zeros(len(content) + 1, offsets.dtype)
        np.cumsum(kept, out=ends[1:])
        content, offsets = content[kept], ends[offsets]
    buffers = [None, pa.py_buffer(np.ascontiguousarray(offsets)), pa.py_buffer(content)]
    return pa.Array.from_buffers(ids.type, len(ids), buffers)


def _content(ids: pa.Array) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.signedinteger[Any]]]:
    """Return the bytes of texts, one after another, and where in them each text begins."""
    offsets, content = text_offsets(ids)
    return content[offsets[0] : offsets[-1]], offsets - offsets[0]
