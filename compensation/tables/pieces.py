"""Tables that are read a piece at a time, so that no more than a piece of each need be in memory.

Whatever a table comes from (Parquet files, or a table that has been read already), its pieces come
in the order of its rows and have the shape of `RawTable`.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple, Self, TypeVar

from compensation.tables.raw import RawColumn, RawTable

PIECE = 1 << 16
"""Rows of a piece: enough to make work in columns worth it, few enough for several at a time."""
WORKERS = max(2, min(os.cpu_count() or 2, 8))

FEWEST = 1 << 14
"""Rows of the smallest pieces that a table of more than one is read in."""

Given = TypeVar("Given")
Done = TypeVar("Done")


class Pieces(NamedTuple):
    """A table that can be read from its first row to its last, as often as need be.

    `head`: the table without rows: its headings, unit, source, and how rows are numbered. `rows`:
    how many it has. `read` takes the places of the columns that are wanted in `head`, and gives
    the pieces; the columns that are not wanted are empty there. It raises `InputFaults` where the
    file turns out to be broken.
    """

    head: RawTable
    rows: int
    read: Callable[[Sequence[int]], Iterator[RawTable]]


class _CallingThread(ThreadPoolExecutor):
    """No threads: each job is done where it is submitted."""

    def submit(self, job: Callable[..., Done], /, *given: Any, **named: Any) -> Future[Done]:
        """Do a job; the future has its result, or what it raised."""
        done: Future[Done] = Future()
        try:
            done.set_result(job(*given, **named))
        except Exception as error:  # noqa: BLE001 - raised where the result is asked for
            done.set_exception(error)
        return done


def piece_of(rows: int) -> int:
    """Return in pieces of how many rows to read a table: small ones keep all workers busy."""
    return PIECE if rows <= PIECE else min(PIECE, max(FEWEST, -(-rows // (2 * WORKERS))))


class WorkerPool:
    """Threads that work on pieces side by side, few enough at a time to bound the memory.

    Arrow, numpy and the hashes let go of the interpreter, so that threads are worth it, unless
    no table has more than one piece: handing a job to a thread then takes longer than the job.
    `rows`: those of the largest table.
    """

    def __init__(self, rows: int) -> None:
        self.count = WORKERS
        of = ThreadPoolExecutor if rows > PIECE else _CallingThread
        self.threads: ThreadPoolExecutor = of(WORKERS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.threads.shutdown()

    def map(self, job: Callable[[Given], Done], given: Iterable[Given]) -> Iterator[Done]:
        """Yield what ``job`` makes of each, in order; the next are worked on meanwhile."""
        waiting: deque[Future[Done]] = deque()
        try:
            for one in given:
                waiting.append(self.threads.submit(job, one))
                if len(waiting) > self.count:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def pieces_of(table: RawTable, size: int | None = None) -> Pieces:
    """Return the pieces of a table that is in memory, of ``size`` rows; they share its memory."""

    def read(_wanted: Sequence[int]) -> Iterator[RawTable]:
        size_now = size or piece_of(table.rows)
        for start in range(0, table.rows, size_now):
            rows = min(size_now, table.rows - start)
            columns = tuple(_slice(column, start, rows) for column in table.columns)
            yield table._replace(columns=columns, rows=rows)

    head = table._replace(columns=tuple(_slice(c, 0, 0) for c in table.columns), rows=0)
    return Pieces(head, table.rows, read)


def _slice(column: RawColumn, start: int, rows: int) -> RawColumn:
    return column.mapped(lambda cells: cells.slice(start, rows))
