"""64-bit fingerprints of text ids, computed on the bytes of whole columns at once.

Equal ids have equal fingerprints. Different ids may have, though hardly ever do: whoever uses
fingerprints to tell that two ids are the same compares the ids as well. That two ids differ where
their fingerprints do is certain.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Fingerprints = npt.NDArray[np.uint64]

MOST_LENGTHS = 64
"""Ids are taken together by their length; those of rarer lengths are taken one by one."""
_WORD = 8
_FIRST, _SECOND, _START = (
    np.uint64(constant) for constant in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
)
"""Odd constants with well-spread bits; multiplication wraps, as a hash wants it."""
_HALF, _THIRD = np.uint64(32), np.uint64(29)


def fingerprints(ids: pa.Array) -> Fingerprints:
    """Return (n,) fingerprints; those of nulls say nothing.

    `ids`: an Arrow array of texts, of any offset.
    """
    _, offsets_buffer, data = ids.buffers()
    if not len(ids) or offsets_buffer is None:
        return np.zeros(len(ids), dtype=np.uint64)
    width = np.int64 if pa.types.is_large_string(ids.type) else np.int32
    offsets = np.frombuffer(offsets_buffer, dtype=width)[ids.offset : ids.offset + len(ids) + 1]
    lengths = np.diff(offsets)
    content = np.empty(0, np.uint8) if data is None else np.frombuffer(data, dtype=np.uint8)
    first = int(lengths[0])
    if (lengths == first).all():
        return _of_length(content, offsets[:-1].astype(np.int64), first)
    result = np.empty(len(ids), dtype=np.uint64)
    by_length = np.argsort(lengths, kind="stable")
    starts = np.flatnonzero(np.diff(lengths[by_length], prepend=-1))
    groups = np.split(by_length, starts[1:])
    for group in sorted(groups, key=len, reverse=True)[:MOST_LENGTHS]:
        length = int(lengths[group[0]])
        result[group] = _of_length(content, offsets[:-1][group].astype(np.int64), length)
    for group in sorted(groups, key=len, reverse=True)[MOST_LENGTHS:]:
        for row in group.tolist():
            text = content[offsets[row] : offsets[row + 1]].tobytes()
            result[row] = int.from_bytes(blake2b(text, digest_size=8).digest(), "little")
    return result


def _of_length(
    content: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64], length: int
) -> Fingerprints:
    """Return the fingerprints of ids of one length: eight bytes at a time, the last ones again."""
    mixed = np.full(len(starts), _START ^ np.uint64(length), dtype=np.uint64)
    if length >= _WORD:
        words = np.ndarray((len(content) - _WORD + 1,), "<u8", content, 0, (1,))
        for place in [*range(0, length - _WORD, _WORD), length - _WORD]:
            _mix(mixed, words[starts + place])
    else:
        word = np.zeros(len(starts), dtype=np.uint64)
        for place in range(length):
            word = (word << np.uint64(8)) | content[starts + place]
        _mix(mixed, word)
    return mixed


def _mix(mixed: Fingerprints, word: Fingerprints) -> None:
    """Mix one word of every id into its fingerprint, in place; no two words end up the same."""
    mixed ^= word
    mixed *= _FIRST
    mixed ^= mixed >> _HALF
    mixed *= _SECOND
    mixed ^= mixed >> _THIRD


def with_group(prints: Fingerprints, group: npt.NDArray[np.int64]) -> Fingerprints:
    """Return the fingerprints of pairs: an id, and the number of what it belongs to."""
    mixed = group.astype(np.uint64)
    _mix(mixed, prints)
    return mixed
