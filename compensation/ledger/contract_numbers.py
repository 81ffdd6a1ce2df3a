"""The numbers that stay of every contract: what measures and borrowers' exposures are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import arrow, is_text, numbers
from compensation.columns import Integers
from compensation.ledger.alike import are_plain, plain_form
from compensation.ledger.checked import Checked
from compensation.ledger.id_hashes import IdHashes, first_rows, numbered, repeated_rows
from compensation.ledger.ids import UNKNOWN, rows_among
from compensation.ledger.keyed_hashes import BorrowerHash
from compensation.ledger.portfolio import NO_DAY
from compensation.tables.raw import whole_array

Days = npt.NDArray[np.int32]


class ContractNumbers:
    """Columns of all contracts in the order of the file, filled a block at a time.

    `institution`: row numbers; `guaranteed`: fen; `start`, `release`: days, `NO_DAY` for none;
    `types`: places in `BORROWER_TYPES`. Once all contracts are there: `borrower`, and of each
    borrower the institution, `borrower_institution`. Blocks may come in any order, from any thread.
    """

    institution: npt.NDArray[np.int32]
    guaranteed: Integers
    start: Days
    release: Days
    types: npt.NDArray[np.int8]
    borrower: npt.NDArray[np.int32]
    borrower_institution: npt.NDArray[np.int32]

    def __init__(self, rows: int, tested: Sequence[str]) -> None:
        """`rows`: how many contracts there are; `tested`: further columns to hold of all."""
        # Memory is taken only as it is written to.
        self.institution = np.empty(rows, dtype=np.int32)
        self.guaranteed = np.empty(rows, dtype=np.int64)
        self.start, self.release = (np.empty(rows, dtype=np.int32) for _ in range(2))
        self.types = np.empty(rows, dtype=np.int8)
        self._tested: dict[str, dict[int, pa.Array]] = {
            name: {} for name in tested if name not in ("guaranteed_amount", "start_date")
        }
        self._hash = BorrowerHash()
        self._high, self._low = np.empty(rows, dtype=np.uint64), np.empty(rows, dtype=np.uint32)
        self._plain: list[tuple[Integers, IdHashes]] = []
        """Rows whose ids are not in their plain form, and the hashes of these forms."""

    def take(
        self, first: int, contracts: Checked, institution: Integers, types: npt.NDArray[np.int8]
    ) -> None:
        """Take a block of contracts without faults, the first of which is row ``first``."""
        here = slice(first, first + len(institution))
        borrower_id = contracts.columns["borrower_id"]
        self.institution[here] = institution
        self.guaranteed[here] = numbers(contracts.columns["guaranteed_amount"])
        self.start[here] = numbers(contracts.columns["start_date"], NO_DAY)
        self.release[here] = numbers(contracts.columns["release_date"], NO_DAY)
        self.types[here] = types
        self._high[here], self._low[here] = self._hash(institution, borrower_id)
        other = np.flatnonzero(~are_plain(borrower_id))
        if len(other):
            plain, _ = self._hash(institution[other], plain_form(borrower_id.take(arrow(other))))
            self._plain.append((first + other, plain))
        for name, blocks in self._tested.items():
            column = contracts.columns[name]
            at = first if len(column) else -1  # a block without rows takes no other's place
            blocks[at] = pc.dictionary_encode(column) if is_text(column.type) else column

    def number_borrowers(self, threads: ThreadPoolExecutor, day: int | None = None) -> Integers:
        """Number the borrowers, once all contracts are there, on ``threads``.

        Return the first contracts of borrowers whose ids have a plain form that others have, too;
        `day`: of the contracts that start by then.
        """
        first_of_each = first_rows(self._high, self._low, threads=threads)
        plain = self._high if self._plain else None
        del self._high, self._low
        self.borrower, first = numbered(first_of_each)
        self.borrower_institution = self.institution[first]
        if plain is None:
            return np.empty(0, dtype=np.int64)
        for other, hashes in self._plain:
            plain[other] = hashes
        # Two ids that are in their plain form are never alike.
        rows = rows_among(plain, np.sort(np.concatenate([hashes for _, hashes in self._plain])))
        firsts = first if day is None else self._first_until(day)
        rows = rows[np.equal(firsts[self.borrower[rows]], rows)]
        return rows[repeated_rows(plain[rows])]

    def _first_until(self, day: int) -> Integers:
        """Return the first contract of each borrower that starts by ``day``, `UNKNOWN` for none."""
        rows = np.flatnonzero(self.start <= day)
        first: Integers = np.full(len(self.borrower_institution), UNKNOWN, dtype=np.int64)
        # Where a number is assigned to repeatedly, the last one stays: the first row.
        first[self.borrower[rows[::-1]]] = rows[::-1]
        return first

    def tested(self) -> Mapping[str, pa.Array]:
        """Return the further columns, whole; texts as places among their distinct words."""
        whole = {}
        for name, blocks in self._tested.items():
            column = pa.chunked_array([blocks[first] for first in sorted(blocks)])
            if pa.types.is_dictionary(column.type):
                column = column.unify_dictionaries()
            whole[name] = whole_array(column)
        start = arrow(self.start).view(pa.date32())
        return {**whole, "guaranteed_amount": arrow(self.guaranteed), "start_date": start}
