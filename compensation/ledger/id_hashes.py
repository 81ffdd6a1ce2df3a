"""64-bit hashes of text ids, computed on the bytes of whole columns at once.

Equal ids have equal hashes. Different ids may have, though hardly ever do: whoever uses
hashes to tell that two ids are the same compares the ids as well. That two ids differ where
their hashes do is certain.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from compensation.arrays import text_offsets
from compensation.columns import Flags, Integers, taken

IdHashes = npt.NDArray[np.uint64]
Lower = npt.NDArray[np.uint32]
Rows = npt.NDArray[np.int32]
"""Row numbers in half the memory; no table has as many rows as 31 bits count."""

MOST_LENGTHS = 64
"""Ids are taken together by their length; those of rarer lengths are taken one by one."""
LONGEST = 256
"""Bytes of the longest ids that are taken together."""
_WORD = 8
_AT_A_TIME = 1 << 15
"""Ids whose words are mixed at a time: few enough for the processor's caches."""
_PART_BITS = 4
_FIRST, _SECOND, _START = (
    np.uint64(constant) for constant in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
)
"""Odd constants with well-spread bits; multiplication wraps, as a hash wants it."""
_HALF, _THIRD = np.uint64(32), np.uint64(29)


@dataclass(frozen=True, eq=False)
class Group:
    """Texts of one length, as they lie in memory: words of them are taken from all at once.

    `rows`: which rows of the column they are. `starts`: where in ``content`` they begin; None
    where they follow one another from `first` on.
    """

    rows: slice | npt.NDArray[np.int64]
    count: int
    length: int
    content: npt.NDArray[np.uint8]
    first: int
    starts: npt.NDArray[np.int64] | None

    def places(self, size: int) -> list[int]:
        """Return where words of ``size`` bytes begin that cover a text; the last may overlap.

        A text that is shorter than a word has one word.
        """
        if self.length < size:
            return [0] if self.length else []
        return [*range(0, self.length - size, size), self.length - size]

    def words(self, place: int, size: int) -> npt.NDArray[np.unsignedinteger[Any]]:
        """Return the word of each text that begins at ``place``."""
        if self.length >= size:
            return self._at(place, size)
        word = np.zeros(self.count, dtype=f"<u{size}")
        for byte in range(self.length):
            word = (word << word.dtype.type(8)) | self._at(byte, 1)
        return word

    def _at(self, place: int, size: int) -> npt.NDArray[np.unsignedinteger[Any]]:
        kind = f"<u{size}"
        if self.starts is None:
            shape, strides = (self.count,), (self.length,)
            return np.ndarray(shape, kind, self.content, self.first + place, strides)
        # Words that begin at each byte overlap; no memory is taken for them.
        every = np.ndarray((len(self.content) - size + 1,), kind, self.content, 0, (1,))
        taken: npt.NDArray[np.unsignedinteger[Any]] = every[self.starts + place]
        return taken


def by_length(ids: pa.Array) -> tuple[list[Group], list[tuple[int, bytes]]]:
    """Return the texts of a column, those of one length together, and what is left.

    Left are the texts of rare lengths and long ones, as rows and bytes: to be hashed one by one.
    """
    if not len(ids):
        return [], []
    offsets, content = text_offsets(ids)
    lengths = np.diff(offsets)
    length = int(lengths[0])
    if length <= LONGEST and (lengths == length).all():
        return [Group(slice(None), len(ids), length, content, int(offsets[0]), None)], []
    order = np.argsort(lengths, kind="stable")
    starts = np.flatnonzero(np.diff(lengths[order], prepend=-1))
    groups: list[Group] = []
    left: list[tuple[int, bytes]] = []
    for rows in sorted(np.split(order, starts[1:]), key=len, reverse=True):
        length = int(lengths[rows[0]])
        if length <= LONGEST and len(groups) < MOST_LENGTHS:
            begins = offsets[:-1][rows].astype(np.int64)
            groups.append(Group(rows, len(rows), length, content, 0, begins))
        else:
            bounds = zip(rows.tolist(), offsets[rows].tolist(), strict=True)
            left += [(row, content[at : at + length].tobytes()) for row, at in bounds]
    return groups, left


def id_hashes(ids: pa.Array) -> IdHashes:
    """Return (n,) hashes; those of nulls say nothing.

    `ids`: an Arrow array of texts, of any offset.
    """
    result = np.zeros(len(ids), dtype=np.uint64)
    groups, left = by_length(ids)
    for group in groups:
        mixed = np.full(group.count, _START ^ np.uint64(group.length), dtype=np.uint64)
        for place in group.places(_WORD):
            _mix(mixed, group.words(place, _WORD).astype(np.uint64, copy=False))
        result[group.rows] = mixed
    for row, text in left:
        result[row] = int.from_bytes(blake2b(text, digest_size=8).digest(), "little")
    return result


def _mix(mixed: IdHashes, word: IdHashes) -> None:
    """Mix one word of every id into its fingerprint, in place; no two words end up the same."""
    for start in range(0, len(mixed), _AT_A_TIME):
        part = mixed[start : start + _AT_A_TIME]
        part ^= word[start : start + _AT_A_TIME]
        part *= _FIRST
        part ^= part >> _HALF
        part *= _SECOND
        part ^= part >> _THIRD


def first_rows(high: IdHashes, *lower: Lower, threads: ThreadPoolExecutor | None = None) -> Rows:
    """Return for each row the first row that has the same hash.

    `lower`: further bits of the hashes. Hashes are taken in parts, by their upper bits: what a part
    needs stays in the processor's caches, and `threads` may work on several side by side.
    """
    if len(high) <= _AT_A_TIME:
        return _first_rows(high, *lower)
    first = np.empty(len(high), dtype=np.int32)
    parts = np.right_shift(high.view(np.uint8)[7::8], np.uint8(8 - _PART_BITS))

    def take_part(part: int) -> None:
        rows = np.flatnonzero(parts == part)
        first[rows] = rows[_first_rows(high[rows], *(bits[rows] for bits in lower))]

    list((map if threads is None else threads.map)(take_part, range(1 << _PART_BITS)))
    return first


def _first_rows(high: IdHashes, *lower: Lower) -> Rows:
    """Do as `first_rows` with the hashes of one part.

    A few bits of a hash say in which slot its first row stands. Rows that find the row of another
    hash there, a fifth at most, are sorted.
    """
    keys: tuple[npt.NDArray[Any], ...] = (*lower, high)
    rows = np.arange(len(high), dtype=np.int32)
    bits = np.uint64(len(high).bit_length() + 1)
    slot = ((high << np.uint64(_PART_BITS)) >> (np.uint64(64) - bits)).view(np.int64)
    standing = np.empty(1 << int(bits), dtype=np.int32)
    # Where a number is assigned to repeatedly, the last one stays: the first row.
    standing[slot[::-1]] = rows[::-1]
    first: Rows = standing[slot]
    left = np.flatnonzero(_any_differ((key[first], key) for key in keys))
    left = left[np.lexsort([key[left] for key in keys])]
    new = np.ones(len(left), dtype=np.bool_)
    new[1:] = _any_differ((key[left[1:]], key[left[:-1]]) for key in keys)
    first[left] = left[new][np.cumsum(new) - 1]
    return first


def _any_differ(pairs: Iterable[tuple[npt.NDArray[Any], npt.NDArray[Any]]]) -> Flags:
    differ: Flags = np.logical_or.reduce([one != other for one, other in pairs])
    return differ


def numbered(first: Rows) -> tuple[Rows, Rows]:
    """Number distinct hashes 0, 1, … as they come; `first`: the first row of each row's, there.

    Return each row's number, and the first row of each number.
    """
    new = first == np.arange(len(first), dtype=np.int32)
    number = np.cumsum(new, dtype=np.int32)
    number -= 1
    return taken(number, first), first[new]


def in_order(prints: IdHashes) -> Integers:
    """Return the rows in the order of their hashes, those of equal ones as they come.

    Sorting by 16 bits takes linear time, and what is nearly in order then is soon sorted: together
    a fraction of what it takes to sort hashes as they come.
    """
    nearly = np.argsort(prints.view(np.uint16)[3::4], kind="stable")
    return nearly[np.argsort(prints[nearly], kind="stable")]


def repeated_rows(prints: IdHashes, threads: ThreadPoolExecutor | None = None) -> Integers:
    """Return the rows whose hashes other rows have, too, in order; `threads`: see `first_rows`."""
    first = first_rows(prints, threads=threads)
    later = first != np.arange(len(first), dtype=np.int32)
    repeated = later.copy()
    repeated[first[later]] = True
    return np.flatnonzero(repeated)


def with_group(prints: IdHashes, group: npt.NDArray[np.int64]) -> IdHashes:
    """Return the hashes of pairs: an id, and the number of what it belongs to."""
    mixed = group.astype(np.uint64)
    _mix(mixed, prints)
    return mixed
