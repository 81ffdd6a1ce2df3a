"""96-bit hashes of borrowers, by which they are told apart without holding their ids.

A borrower is an institution and an id. The hash is multilinear: each of its three parts is the
upper half of a sum, modulo 2^64, of the id's 32-bit words, each times a key of its own. For random
keys the chance that two given borrowers share a hash is 2^-96 (Carter and Wegman 1979; Lemire and
Kaser 2014), whatever their ids are; among ten million borrowers it is below 2^-49. The keys are
drawn for each run, so nobody can write ids that share one. No result depends on the keys.
"""

from __future__ import annotations

import hashlib
import os
import struct
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from compensation.columns import Flags, Integers, distinct
from compensation.ledger.id_hashes import HASH_PARTS, LONGEST, Group, IdHashes, by_length, part_of

PARTS = 3
_WORD = 4
_UPPER, _HALF = np.uint64(0xFFFFFFFF00000000), np.uint64(32)
Rows = npt.NDArray[np.int32]
Lower = npt.NDArray[np.uint32]

_CHUNK = 1 << 20
"""Rows whose hashes are compared at a time."""


class BorrowerHash:
    """Hashes borrowers by keys of its own; `secret`: what the keys are made from, 32 bytes."""

    def __init__(self, secret: bytes | None = None) -> None:
        self._secret = os.urandom(32) if secret is None else secret
        words = 3 + LONGEST // _WORD + 1
        drawn = hashlib.shake_256(self._secret).digest(words * PARTS * 8)
        self._keys = np.frombuffer(drawn, "<u8").reshape(words, PARTS)

    def __call__(self, institution: Integers, ids: pa.Array) -> tuple[IdHashes, Lower]:
        """Return the upper 64 and the lower 32 bits of each borrower's hash.

        `institution`: (n,) row numbers ≥ 0. `ids`: (n,) texts, none null.
        """
        high, low = np.empty(len(ids), dtype=np.uint64), np.empty(len(ids), dtype=np.uint32)
        groups, left = by_length(ids)
        for group in groups:
            one, two, three = self._sums(group, institution[group.rows])
            high[group.rows] = (one & _UPPER) | (two >> _HALF)
            low[group.rows] = three >> _HALF
        for row, text in left:
            pair = int(institution[row]).to_bytes(8, "little") + text
            digest = hashlib.blake2b(pair, digest_size=12, key=self._secret).digest()
            high[row], low[row] = struct.unpack("<QI", digest)
        return high, low

    def _sums(self, group: Group, institution: Integers) -> list[IdHashes]:
        """Return the three sums: over the length, the institution and the words of the ids."""
        of_start, of_length, of_institution, *of_words = self._keys
        number = institution.astype(np.uint64)
        begin = of_start + np.uint64(group.length) * of_length
        sums = [number * key + start for key, start in zip(of_institution, begin, strict=True)]
        term = np.empty_like(number)
        for place, keys in zip(group.places(_WORD), of_words, strict=False):
            word = group.words(place, _WORD).astype(np.uint64)
            for total, key in zip(sums, keys, strict=True):
                np.add(total, np.multiply(word, key, out=term), out=total)
        return sums


def numbered_by_hash(high: IdHashes, low: Lower, threads: ThreadPoolExecutor) -> tuple[Rows, Rows]:
    """Number the distinct hashes 0, 1, …; return each row's number, and the first row of each."""
    parts, number = part_of(high), np.empty(len(high), dtype=np.int32)

    def number_part(part: int) -> Rows:
        rows = np.flatnonzero(parts == part).astype(np.int32)
        number[rows], first = _numbered(high[rows], low[rows])
        return rows[first]

    firsts = list(threads.map(number_part, range(HASH_PARTS)))
    before = np.cumsum([0, *map(len, firsts[:-1])], dtype=np.int32)
    number += before[parts]
    return number, np.concatenate(firsts)


def _numbered(high: IdHashes, low: Lower) -> tuple[Rows, Rows]:
    """Do as `numbered_by_hash` with the hashes of one part.

    Rows are sorted packed into the lower bits of the hashes, which takes a fraction of the time
    that an order of the rows does. Rows whose upper bits alone are the same are sorted again.
    """
    bits = np.uint64(max(len(high) - 1, 1).bit_length())
    below = (np.uint64(1) << bits) - np.uint64(1)
    packed = high & ~below
    packed |= np.arange(len(high), dtype=np.uint32)
    packed.sort()
    # The lower half of each word, without a copy of the whole.
    row = (packed.view("<u4")[::2] & np.uint32(below)).view(np.int32)
    packed >>= bits
    new = _differs(row, high, low)
    mixed = new.copy()
    mixed[:1] = False
    mixed[1:] &= packed[1:] == packed[:-1]
    for upper in distinct(packed[mixed]):
        first, stop = np.searchsorted(packed, upper), np.searchsorted(packed, upper, "right")
        own = row[first:stop]
        row[first:stop] = own[np.lexsort((own, low[own], high[own]))]
        new[first:stop] = _differs(row[first:stop], high, low)
    del packed
    count = np.cumsum(new, dtype=np.int32)
    count -= 1
    number = np.empty_like(row)
    number[row] = count
    return number, row[new]


def _differs(row: Rows, high: IdHashes, low: Lower) -> Flags:
    """Return which places of an order of rows have another hash than the place before."""
    differs = np.ones(len(row), dtype=np.bool_)
    for start in range(1, len(row), _CHUNK):
        own = row[start - 1 : start + _CHUNK]
        ordered = high[own]
        changed = ordered[1:] != ordered[:-1]
        same = np.flatnonzero(~changed)
        changed[same] = low[own[same + 1]] != low[own[same]]
        differs[start : start + _CHUNK] = changed
    return differs
