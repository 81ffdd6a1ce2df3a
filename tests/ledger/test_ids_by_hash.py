"""Long columns of ids go by hashes: the answers are those of the texts, collisions or not."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.ledger import id_hashes as id_hashes_module
from compensation.ledger import ids
from compensation.ledger.id_hashes import (
    MOST_LENGTHS,
    IdHashes,
    first_rows,
    id_hashes,
    repeated_rows,
)

TEXT = st.text(st.sampled_from("aB1é济𠮷 "), max_size=12) | st.text(max_size=30)


def by_length(column: pa.Array) -> IdHashes:
    """A fingerprint as bad as can be: ids of one length share it."""
    return np.array([len(text or "") % 3 for text in column.to_pylist()], dtype=np.uint64)


@pytest.fixture(params=[id_hashes, by_length], ids=["spread", "colliding"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: Callable[[pa.Array], IdHashes] = request.param
    monkeypatch.setattr(ids, "id_hashes", chosen)


def text(values: list[str]) -> pa.Array:
    """Return the values as a slice of a longer column, so that its offset is not 0."""
    return pa.array(["before", *values, "after"], pa.string()).slice(1, len(values))


@pytest.mark.usefixtures("kind")
class TestAnswers:
    @given(st.lists(TEXT, unique=True), st.lists(TEXT))
    def test_positions(self, known: list[str], others: list[str]) -> None:
        keys = [*known[::2], *others, *known[::-1]]
        found = ids.Index(text(known), long=0).positions_of(text(keys))
        assert found.dtype == np.int64
        assert found.tolist() == [known.index(k) if k in known else ids.UNKNOWN for k in keys]

    @given(st.lists(st.sampled_from(["a", "b", "aa", "济", "𠮷x", ""]) | TEXT))
    def test_duplicates(self, values: list[str]) -> None:
        again = ids.Index(text(values), long=0).duplicates().tolist()
        assert again == [n for n, value in enumerate(values) if value in values[:n]]


def test_nulls_and_duplicates_fall_back_on_the_texts() -> None:
    column = pa.array(["a", None, "b", "a"])
    index = ids.Index(column, long=0)
    assert index.duplicates().tolist() == [3]
    assert index.positions_of(pa.array(["b", None, "c"])).tolist() == [2, -1, -1]
    assert ids.Index(pa.array(["a", "b"]), long=0).positions_of(pa.array([None, "b"])).tolist() == [
        -1,
        1,
    ]


@given(st.lists(TEXT, min_size=1, max_size=MOST_LENGTHS))
def test_equal_texts_have_equal_fingerprints_and_these_differ(values: list[str]) -> None:
    once, twice = id_hashes(text(values)), id_hashes(text([*values[::-1], "x" * 40]))
    assert once.tolist() == twice[-2::-1].tolist()
    assert len(set(once.tolist())) == len(set(values))


@pytest.mark.parametrize("length", range(41))
def test_every_byte_counts_at_every_length(length: int) -> None:
    plain = "a" * length
    changed = [plain[:n] + "b" + plain[n + 1 :] for n in range(length)]
    prints = id_hashes(text([plain, *changed]))
    assert len(set(prints.tolist())) == length + 1


def test_columns_of_many_lengths_have_fingerprints_too() -> None:
    values = ["x" * n for n in range(3 * MOST_LENGTHS)] * 2
    prints = id_hashes(text(values)).tolist()
    assert prints[: len(prints) // 2] == prints[len(prints) // 2 :]
    assert len(set(prints)) == 3 * MOST_LENGTHS


IDS = st.lists(st.none() | st.sampled_from(["a", "b", "aa", "济", ""]) | TEXT, max_size=20)


@pytest.mark.slow
@pytest.mark.usefixtures("kind")
@given(IDS, IDS)
def test_every_pair_of_equal_ids_is_found(here: list[str | None], there: list[str | None]) -> None:
    columns = [pa.array(["before", *values], pa.string()).slice(1) for values in (here, there)]
    one, two = (ids.Sorted(column) for column in columns)
    found = list(zip(*(places.tolist() for places in one.matches(two)), strict=True))
    expected = {
        (a, b)
        for a, first in enumerate(here)
        for b, second in enumerate(there)
        if first is not None and first == second
    }
    assert len(found) == len(expected)
    assert set(found) == expected


@given(st.lists(TEXT, max_size=20), st.lists(TEXT, max_size=20))
def test_each_id_once(here: list[str], there: list[str]) -> None:
    once = ids.Sorted(text(here * 3), once=True)
    found = list(zip(*(p.tolist() for p in once.matches(ids.Sorted(text(there)))), strict=True))
    assert sorted(b for _, b in found) == [n for n, value in enumerate(there) if value in here]
    assert all((here * 3)[a] == there[b] for a, b in found)


@given(st.lists(st.integers(0, 2**64 - 1)), st.lists(st.integers(0, 2**64 - 1)))
def test_what_is_not_likely_is_not_there(first: list[int], second: list[int]) -> None:
    columns = [np.array(values, dtype=np.uint64) for values in (first, second)]
    assert ids.Likely(*columns)(np.concatenate(columns)).all()


HASHES = st.lists(st.sampled_from([0, 1, 2**63, 2**64 - 1]) | st.integers(0, 2**64 - 1))


@given(HASHES)
@pytest.mark.parametrize("at_a_time", [1, 2**15])
def test_rows_with_the_same_hash_are_found_in_parts_and_whole(
    at_a_time: int, values: list[int]
) -> None:
    prints = np.array(values, dtype=np.uint64)
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(2) as threads:
        patch.setattr(id_hashes_module, "_AT_A_TIME", at_a_time)
        first = [first_rows(prints, threads=each).tolist() for each in (None, threads)]
        repeated = repeated_rows(prints, threads).tolist()
    assert first == 2 * [[values.index(value) for value in values]]
    assert repeated == [row for row, value in enumerate(values) if values.count(value) > 1]
