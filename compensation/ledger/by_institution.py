"""Contracts brought together by institution: pieces in file order come in, parts go out.

A part holds all contracts of each of its institutions, so that everything about an institution can
be computed from one part. Where the file has each institution's contracts one after another, as an
export by institution has, parts are slices of pieces. Where it has not, contracts are sorted by
groups of institutions, on disk beyond what may be held.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import numpy as np
import pyarrow as pa

from compensation.arrays import arrow, numbers
from compensation.columns import distinct
from compensation.ledger.pieces import PIECE
from compensation.ledger.raw import whole_array
from compensation.money import Integers

INSTITUTION = "#institution"
"""The column of a piece that says the institution of each contract, by row number; int32."""
HELD = 256 * 2**20
"""Bytes of contracts that are held while they are sorted, before they go to disk."""


class NotInOrder(Exception):
    """An institution's contracts do not follow one another."""


class Parts(Protocol):
    """Takes pieces and gives parts; `rest` once all pieces have come."""

    def add(self, piece: pa.RecordBatch) -> Iterator[pa.Table]:
        """Take the next piece; yield the parts that are complete."""

    def rest(self) -> Iterator[pa.Table]:
        """Yield the parts that are left."""


class InOrder:
    """Parts of a file that has each institution's contracts one after another.

    Raises `NotInOrder` as soon as it turns out not to.
    """

    def __init__(self, institutions: int) -> None:
        self._closed = np.zeros(institutions + 1, dtype=np.bool_)
        self._open: list[pa.RecordBatch] = []
        self._open_institution = -2
        self._small: list[pa.RecordBatch] = []
        self._small_rows = 0

    def add(self, piece: pa.RecordBatch) -> Iterator[pa.Table]:
        """Take the next piece; yield the parts that are complete."""
        of = institutions_of(piece)
        starts = np.concatenate([[0], np.flatnonzero(of[1:] != of[:-1]) + 1])
        goes_on = of[0] == self._open_institution
        self._check(of[starts], goes_on=bool(goes_on))
        first = 0
        if goes_on:
            first = int(starts[1]) if len(starts) > 1 else len(of)
            self._open.append(_copy(piece, 0, first))
        last = int(starts[-1])
        if last < first:  # one institution alone, and it may go on
            return
        yield from self._close()
        if last > first:
            yield pa.Table.from_batches([piece.slice(first, last - first)])
        self._open, self._open_institution = [_copy(piece, last, len(piece))], int(of[-1])

    def rest(self) -> Iterator[pa.Table]:
        """Yield what is left."""
        yield from self._close()
        if self._small:
            yield pa.Table.from_batches(self._small)

    def _check(self, runs: Integers, *, goes_on: bool) -> None:
        """Note the institutions whose rows have come to an end."""
        if not goes_on and self._open:
            self._closed[self._open_institution] = True
        new = runs[1:] if goes_on else runs
        if len(distinct(runs)) < len(runs) or self._closed[new].any():
            raise NotInOrder
        self._closed[runs[:-1]] = True

    def _close(self) -> Iterator[pa.Table]:
        """Put the institution that was open with others that lie across two pieces."""
        self._small += self._open
        self._small_rows += sum(map(len, self._open))
        self._open = []
        if self._small_rows >= PIECE:
            yield pa.Table.from_batches(self._small)
            self._small, self._small_rows = [], 0


class Sorting:
    """Parts of a file in any order; a context manager, because of the files it may write.

    `rows`: about how many contracts will come.
    """

    def __init__(self, institutions: int, rows: int) -> None:
        self._groups = max(1, min(institutions, -(-rows // PIECE)))
        self._per_group = -(-(institutions + 1) // self._groups)
        self._held: list[list[pa.RecordBatch]] = [[] for _ in range(self._groups)]
        self._bytes = 0
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._writers: dict[int, pa.RecordBatchFileWriter] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for writer in self._writers.values():
            with contextlib.suppress(OSError, pa.ArrowException):
                writer.close()
        if self._folder is not None:
            self._folder.cleanup()

    def add(self, piece: pa.RecordBatch) -> Iterator[pa.Table]:
        """Take the next piece; parts are complete only once all pieces have come."""
        group = (institutions_of(piece) + 1) // self._per_group
        order = np.argsort(group, kind="stable")
        piece = piece.take(arrow(order))
        counts = np.bincount(group, minlength=self._groups)
        start = 0
        for place, count in enumerate(counts.tolist()):
            if count:
                self._held[place].append(piece.slice(start, count))
            start += count
        self._bytes += piece.nbytes
        if self._bytes > HELD:
            self._to_disk()
        yield from ()

    def rest(self) -> Iterator[pa.Table]:
        """Yield the parts, one group of institutions after another."""
        for writer in self._writers.values():
            writer.close()
        for place, held in enumerate(self._held):
            batches = [*self._from_disk(place), *held]
            self._held[place] = []
            if batches:
                yield pa.Table.from_batches(batches)

    def _to_disk(self) -> None:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="compensation-")
        for place, batches in enumerate(self._held):
            for batch in batches:
                if place not in self._writers:
                    self._writers[place] = pa.ipc.new_file(self._file(place), batch.schema)
                self._writers[place].write(batch)
        self._held = [[] for _ in range(self._groups)]
        self._bytes = 0

    def _from_disk(self, place: int) -> list[pa.RecordBatch]:
        if place not in self._writers:
            return []
        with pa.OSFile(self._file(place)) as source, pa.ipc.open_file(source) as file:
            return [file.get_batch(number) for number in range(file.num_record_batches)]

    def _file(self, place: int) -> str:
        assert self._folder is not None
        return str(Path(self._folder.name) / f"{place}.arrow")


def _copy(piece: pa.RecordBatch, start: int, stop: int) -> pa.RecordBatch:
    """Return some rows without holding on to the memory of the others."""
    return piece.take(arrow(np.arange(start, stop)))


def institutions_of(piece: pa.RecordBatch | pa.Table) -> Integers:
    """Return the institution of each row, by row number; −1 where it is unknown."""
    return numbers(whole_array(piece[INSTITUTION])).astype(np.int64)
