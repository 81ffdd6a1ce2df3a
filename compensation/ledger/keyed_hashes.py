"""128-bit hashes of borrowers, by which they are told apart without holding their ids.

A borrower is an institution and an id. The hash is multilinear: each of its four parts is the
upper half of a sum, modulo 2^64, of the id's 32-bit words, each times a key of its own. For random
keys the chance that two given borrowers share a hash is 2^-128 (Carter and Wegman 1979; Lemire and
Kaser 2014), whatever their ids are; among ten million borrowers it is below 2^-82. The keys are
drawn for each run, so nobody can write ids that share one. No result depends on the keys.
"""

from __future__ import annotations

import hashlib
import os

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from compensation.columns import Flags, Integers, distinct
from compensation.ledger.fingerprints import LONGEST, Fingerprints, Group, by_length

PARTS = 4
_WORD = 4
_UPPER, _HALF = np.uint64(0xFFFFFFFF00000000), np.uint64(32)
Rows = npt.NDArray[np.int32]

_CHUNK = 1 << 20
"""Rows whose hashes are compared at a time."""


class BorrowerHash:
    """Hashes borrowers by keys of its own; `secret`: what the keys are made from, 32 bytes."""

    def __init__(self, secret: bytes | None = None) -> None:
        self._secret = os.urandom(32) if secret is None else secret
        words = 3 + LONGEST // _WORD + 1
        drawn = hashlib.shake_256(self._secret).digest(words * PARTS * 8)
        self._keys = np.frombuffer(drawn, "<u8").reshape(words, PARTS)

    def __call__(self, institution: Integers, ids: pa.Array) -> tuple[Fingerprints, Fingerprints]:
        """Return the upper and the lower 64 bits of each borrower's hash.

        `institution`: (n,) row numbers ≥ 0. `ids`: (n,) texts, none null.
        """
        high, low = (np.empty(len(ids), dtype=np.uint64) for _ in range(2))
        groups, left = by_length(ids)
        for group in groups:
            one, two, three, four = self._sums(group, institution[group.rows])
            high[group.rows] = (one & _UPPER) | (two >> _HALF)
            low[group.rows] = (three & _UPPER) | (four >> _HALF)
        for row, text in left:
            pair = int(institution[row]).to_bytes(8, "little") + text
            digest = hashlib.blake2b(pair, digest_size=16, key=self._secret).digest()
            high[row], low[row] = np.frombuffer(digest, "<u8")
        return high, low

    def _sums(self, group: Group, institution: Integers) -> list[Fingerprints]:
        """Return the four sums: over the length, the institution and the words of the ids."""
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


def numbered_by_hash(high: Fingerprints, low: Fingerprints) -> tuple[Rows, Rows]:
    """Number the distinct hashes 0, 1, …; return each row's number, and the first row of each.

    Rows are sorted packed into the lower bits of the hashes, which takes a fraction of the time
    that an order of the rows does. Rows whose upper bits alone are the same are sorted again.
    """
    rows = len(high)
    bits = np.uint64(max(rows - 1, 1).bit_length())
    below = (np.uint64(1) << bits) - np.uint64(1)
    packed = np.arange(rows, dtype=np.uint64)
    packed |= high & ~below
    packed.sort()
    row = (packed & below).astype(np.int32)
    packed >>= bits
    _sort_again(row, packed, high, low)
    new = np.ones(rows, dtype=np.bool_)
    number = np.empty(rows, dtype=np.int32)
    last = 0
    for start in range(0, rows, _CHUNK):
        here = slice(start, min(start + _CHUNK, rows))
        new[here] = _differs(row, here, high, low)
        number[row[here]] = last + np.cumsum(new[here]) - 1
        last += int(np.count_nonzero(new[here]))
    return number, row[new]


def _differs(row: Rows, here: slice, high: Fingerprints, low: Fingerprints) -> Flags:
    """Return which places of an order of rows have another hash than the place before."""
    own = row[max(here.start - 1, 0) : here.stop]
    new = np.ones(here.stop - here.start, dtype=np.bool_)
    later = len(own) - 1
    new[len(new) - later :] = False
    for whole in (high, low):
        ordered = whole[own]
        new[len(new) - later :] |= ordered[1:] != ordered[:-1]
    return new


def _sort_again(row: Rows, upper: Fingerprints, high: Fingerprints, low: Fingerprints) -> None:
    """Sort, in place, the rows of equal ``upper`` bits by their whole hashes where these differ."""
    mixed: list[Fingerprints] = []
    for start in range(0, len(row), _CHUNK):
        here = slice(start, min(start + _CHUNK, len(row)))
        alike = np.zeros(here.stop - start, dtype=np.bool_)
        alike[here.start == 0 :] = (
            upper[max(start, 1) : here.stop] == upper[max(start, 1) - 1 : here.stop - 1]
        )
        mixed.append(upper[here][alike & _differs(row, here, high, low)])
    for bits in distinct(np.concatenate(mixed)) if mixed else ():
        first, stop = np.searchsorted(upper, bits, "left"), np.searchsorted(upper, bits, "right")
        own = row[first:stop]
        row[first:stop] = own[np.lexsort((own, low[own], high[own]))]
