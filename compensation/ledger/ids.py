"""Text ids as numbers: who is who, who is there twice, who is unknown.

The only place that hashes text; everything after it joins and groups by integers.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Positions = npt.NDArray[np.int64]

UNKNOWN = -1


def codes(ids: pa.Array) -> tuple[Positions, pa.Array]:
    """Return a number for each id, in order of first appearance, and the distinct ids.

    A null gets `UNKNOWN`.
    """
    encoded = pc.dictionary_encode(ids)
    numbers = pc.fill_null(encoded.indices, UNKNOWN).to_numpy(zero_copy_only=False)
    return numbers.astype(np.int64), encoded.dictionary


def duplicates(ids: pa.Array) -> tuple[Positions, Positions]:
    """Return the positions of ids that appeared before, and where each appeared first."""
    known = len(ids) - ids.null_count
    if pc.count_distinct(ids).as_py() == known:
        nobody = np.empty(0, dtype=np.int64)
        return nobody, nobody
    numbers, distinct = codes(ids)
    first = np.full(len(distinct), -1, dtype=np.int64)
    backwards = np.arange(len(numbers) - 1, -1, -1)
    backwards = backwards[numbers[backwards] >= 0]
    first[numbers[backwards]] = backwards
    positions = np.arange(len(numbers))
    again = positions[(numbers >= 0) & (first[numbers] != positions)]
    return again, first[numbers[again]]


def positions_of(keys: pa.Array, ids: pa.Array) -> Positions:
    """Return where in ``ids`` (distinct) each key stands; `UNKNOWN` for a key that is not there."""
    found = pc.index_in(keys, value_set=ids, skip_nulls=True)
    places: Positions = pc.fill_null(found, UNKNOWN).to_numpy(zero_copy_only=False)
    return places.astype(np.int64)


def pair_codes(first: Positions, second: Positions) -> tuple[Positions, Positions]:
    """Number the distinct pairs 0, 1, …; return each row's number and the `first` of each pair."""
    width = int(second.max(initial=0)) + 1
    pairs, numbers = np.unique(first * width + second, return_inverse=True)
    return numbers.reshape(-1).astype(np.int64), pairs // width


def ranks(ids: pa.Array) -> Positions:
    """Return each id's place in code-point order (UTF-8 bytes sort as code points do)."""
    order = pc.array_sort_indices(ids).to_numpy(zero_copy_only=False).astype(np.int64)
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(len(order))
    return places
