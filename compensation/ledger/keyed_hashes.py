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

import numpy as np
import pyarrow as pa

from compensation.columns import Integers
from compensation.ledger.id_hashes import LONGEST, Group, IdHashes, Lower, by_length

PARTS = 3
_WORD = 4
_UPPER, _HALF = np.uint64(0xFFFFFFFF00000000), np.uint64(32)


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
