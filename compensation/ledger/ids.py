"""Text ids as numbers: who is who, who is there twice, who is unknown.

After this everything joins and groups by integers. Long columns go by sorted hashes, which
take a fraction of the time and memory of a table of texts; what hashes cannot settle, and
every short column, goes by the texts themselves. Both give the same answers.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import arrow, flags, numbers
from compensation.ledger.id_hashes import IdHashes, id_hashes, in_order

Positions = npt.NDArray[np.int64]

UNKNOWN = -1
LONG = 50_000
"""From this many ids on hashes are worth it."""


class Index:
    """The ids of one column, for looking up many keys.

    `long`: from how many ids on hashes are used.
    """

    def __init__(self, ids: pa.Array, long: int = LONG) -> None:
        self.ids = ids
        self._order: Positions | None = None
        prints = _prints(ids, long)
        if prints is not None:
            order = in_order(prints)
            prints = prints[order]
            if not (prints[1:] == prints[:-1]).any():
                self._order, self._prints = order, prints

    def duplicates(self) -> Positions:
        """Return the positions of ids that appeared before."""
        if self._order is not None:
            # All hashes differ, so all ids do.
            return np.empty(0, dtype=np.int64)
        return duplicates(self.ids)[0]

    def positions_of(self, keys: pa.Array) -> Positions:
        """Return where each key stands among the ids; `UNKNOWN` for one that is not there."""
        prints = None if self._order is None else _prints(keys, 0)
        if self._order is None or prints is None:
            return positions_of(keys, self.ids)
        # Keys in order find their places several times faster than keys all over the column.
        order = in_order(prints)
        place = np.empty(len(prints), dtype=np.int64)
        place[order] = np.searchsorted(self._prints, prints[order])
        place[place == len(self._prints)] = 0
        found: Positions = np.where(self._prints[place] == prints, self._order[place], UNKNOWN)
        # No two ids share a fingerprint: only this one can be meant; the texts say whether it is.
        likely = np.flatnonzero(found != UNKNOWN)
        same = pc.equal(keys.take(arrow(likely)), self.ids.take(arrow(found[likely])))
        found[likely[~flags(same)]] = UNKNOWN
        return found


def _prints(ids: pa.Array, long: int) -> IdHashes | None:
    """Return the hashes of a column that is long enough for them and has no nulls."""
    worth_it = len(ids) >= max(long, 1) and not ids.null_count
    return id_hashes(ids) if worth_it else None


class Sorted:
    """The ids of one column in the order of their hashes, for finding equal ids elsewhere.

    An id may be there any number of times; nulls match nothing. `once`: leave out the ids that are
    there already, so that the first of each can be matched. `prints`: their hashes, if known;
    what is kept of them are the distinct ones, in order.
    """

    def __init__(
        self, ids: pa.Array, prints: IdHashes | None = None, *, once: bool = False
    ) -> None:
        self.ids = ids
        if prints is None:
            prints = id_hashes(ids)
        order = in_order(prints)
        prints = prints[order]
        again = np.flatnonzero(prints[1:] == prints[:-1]) + 1
        if once and len(again):
            texts, before = (ids.take(arrow(order[at])) for at in (again, again - 1))
            repeated = flags(pc.equal(texts, before))
            kept = np.ones(len(ids), dtype=np.bool_)
            kept[again[repeated]] = False
            order, prints = order[kept], prints[kept]
        first = np.ones(len(prints), dtype=np.bool_)
        first[1:] = prints[1:] != prints[:-1]
        starts = np.flatnonzero(first)
        # Places in half the memory; no table has as many rows as 31 bits count.
        self._order = order.astype(np.int32)
        self._bounds = np.append(starts, len(prints)).astype(np.int32)
        self.prints: IdHashes = prints[starts]

    def matches(self, other: Sorted) -> tuple[Positions, Positions]:
        """Return every pair of equal ids: positions here, and positions in ``other``.

        Best where this is the shorter column. Ordered by position in ``other``'s order.
        """
        prints, bounds = other.prints, other._bounds
        own = np.repeat(self.prints, np.diff(self._bounds))
        place = np.searchsorted(prints, own)
        place[place == len(prints)] = 0
        hit = np.flatnonzero(prints[place] == own) if len(prints) else place[:0]
        start = bounds[place[hit]]
        count = bounds[place[hit] + 1] - start
        here = np.repeat(self._order[hit], count)
        before = np.cumsum(count) - count
        there = other._order[np.arange(len(here)) - np.repeat(before - start, count)]
        equal = flags(pc.equal(self.ids.take(arrow(here)), other.ids.take(arrow(there))))
        return here[equal].astype(np.int64), there[equal].astype(np.int64)


class Likely:
    """Tells most hashes that are in none of some columns: quickly, and never wrongly.

    One that it takes for likely may still be in none of them.
    """

    def __init__(self, *columns: IdHashes) -> None:
        bits = max(16, (4 * sum(map(len, columns))).bit_length())
        self._shift = np.uint64(64 - bits)
        self._there = np.zeros(1 << bits, dtype=np.bool_)
        for prints in columns:
            self._there[prints >> self._shift] = True

    def __call__(self, prints: IdHashes) -> npt.NDArray[np.bool_]:
        """Return which of the hashes may be in one of the columns."""
        there: npt.NDArray[np.bool_] = self._there[prints >> self._shift]
        return there


def rows_among(prints: IdHashes, ordered: IdHashes) -> Positions:
    """Return the rows whose hashes are among others, which come in order, at least one."""
    rows = np.flatnonzero(Likely(ordered)(prints))
    likely = prints[rows]
    place = np.minimum(np.searchsorted(ordered, likely), len(ordered) - 1)
    found: Positions = rows[ordered[place] == likely]
    return found


def codes(ids: pa.Array) -> tuple[Positions, pa.Array]:
    """Return a number for each id, in order of first appearance, and the distinct ids.

    A null gets `UNKNOWN`.
    """
    encoded = pc.dictionary_encode(ids)
    return numbers(encoded.indices, UNKNOWN).astype(np.int64), encoded.dictionary


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
    return numbers(found, UNKNOWN).astype(np.int64)


def ranks(ids: pa.Array) -> Positions:
    """Return each id's place in code-point order (UTF-8 bytes sort as code points do)."""
    order = numbers(pc.array_sort_indices(ids)).astype(np.int64)
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(len(order))
    return places
