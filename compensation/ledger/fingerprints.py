"""64-bit fingerprints of text ids, computed on the bytes of whole columns at once.

Equal ids have equal fingerprints. Different ids may have, though hardly ever do: whoever uses
fingerprints to tell that two ids are the same compares the ids as well. That two ids differ where
their fingerprints do is certain.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Fingerprints = npt.NDArray[np.uint64]

MOST_LENGTHS = 64
"""Ids are taken together by their length; a column of more lengths is not worth it."""
_WORD = 8
_FIRST, _SECOND, _START = (
    np.uint64(constant) for constant in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
)
"""Odd constants with well-spread bits; multiplication wraps, as a hash wants it."""
_HALF, _THIRD = np.uint64(32), np.uint64(29)


def fingerprints(ids: pa.Array) -> Fingerprints | None:
    """Return (n,) fingerprints; None for a column that has nulls or is not worth it.

    `ids`: an Arrow string array, of any offset.
    """
    if ids.null_count or not pa.types.is_string(ids.type) or not len(ids):
        return None
    _, offsets_buffer, data = ids.buffers()
    offsets = np.frombuffer(offsets_buffer, dtype=np.int32)[ids.offset : ids.offset + len(ids) + 1]
    lengths = np.diff(offsets)
    kinds = np.flatnonzero(np.bincount(lengths))
    if len(kinds) > MOST_LENGTHS:
        return None
    content = np.empty(0, np.uint8) if data is None else np.frombuffer(data, dtype=np.uint8)
    result = np.empty(len(ids), dtype=np.uint64)
    for length in kinds.tolist():
        rows = slice(None) if len(kinds) == 1 else np.flatnonzero(lengths == length)
        starts = offsets[:-1][rows].astype(np.int64)
        result[rows] = _of_length(content, starts, length)
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
