"""Jobs on pieces: in threads where a table has several pieces, else where they are submitted."""

from __future__ import annotations

import threading

import pytest

from compensation.tables.pieces import FEWEST, PIECE, WORKERS, WorkerPool, piece_of


@pytest.mark.parametrize(("rows", "here"), [(0, True), (PIECE, True), (PIECE + 1, False)])
def test_results_come_in_order_and_what_a_job_raises_is_raised(rows: int, here: bool) -> None:
    caller = threading.get_ident()
    with WorkerPool(rows) as workers:
        done = list(workers.map(lambda given: (given, threading.get_ident() == caller), range(20)))
        assert done == [(given, here) for given in range(20)]
        results = workers.map(lambda given: 6 // given, [2, 0, 3])
        assert next(results) == 3
        with pytest.raises(ZeroDivisionError):
            next(results)
        assert workers.threads.submit(pow, 2, exp=5).result() == 32


def test_pieces_are_as_many_as_keep_workers_busy_and_no_larger_than_memory_allows() -> None:
    assert [piece_of(rows) for rows in (0, 1, PIECE)] == 3 * [PIECE]
    for rows in (PIECE + 1, 100_000, 2 * WORKERS * PIECE - 1, 2 * WORKERS * PIECE + 1, 10**7):
        assert FEWEST <= piece_of(rows) <= PIECE
        assert piece_of(rows) in (FEWEST, PIECE) or -(-rows // piece_of(rows)) == 2 * WORKERS
    assert piece_of(10**7) == PIECE
