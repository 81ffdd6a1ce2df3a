"""Borrowers are numbered by keyed hashes as they would be by their institutions and ids."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.ledger.id_hashes import LONGEST, MOST_LENGTHS, first_rows, numbered
from compensation.ledger.keyed_hashes import BorrowerHash

TEXT = st.text(st.sampled_from("aB1é济𠮷 \0"), max_size=12) | st.text(max_size=30)
ROWS = st.lists(st.tuples(st.integers(0, 3) | st.integers(0, 2**31 - 1), TEXT), max_size=40)


def hashes_of(rows: list[tuple[int, str]], key: BorrowerHash) -> list[tuple[int, int]]:
    institution = np.array([number for number, _ in rows], dtype=np.int64)
    ids = pa.array(["before", *(text for _, text in rows)], pa.string()).slice(1)
    return list(zip(*(half.tolist() for half in key(institution, ids)), strict=True))


@given(ROWS)
def test_equal_borrowers_have_equal_hashes_and_others_differ(rows: list[tuple[int, str]]) -> None:
    key = BorrowerHash()
    found = hashes_of(rows, key)
    assert found == hashes_of(rows[::-1], key)[::-1], "whatever lengths the others have"
    assert len(set(found)) == len(set(rows))
    assert len({half for both in found for half in both}) == 2 * len(set(rows))


def test_the_key_decides_the_hash_and_is_drawn_anew() -> None:
    rows = [(0, "a" * 18), (0, "a" * (LONGEST + 1)), (1, "济源")]
    one, same, other = (BorrowerHash(secret) for secret in (b"1" * 32, b"1" * 32, b"2" * 32))
    assert hashes_of(rows, one) == hashes_of(rows, same)
    drawn = [hashes_of(rows, key) for key in (one, other, BorrowerHash(), BorrowerHash())]
    assert len({each for found in drawn for each in found}) == 4 * len(rows)


@pytest.mark.parametrize("length", [*range(42), LONGEST, LONGEST + 1])
def test_every_byte_counts_at_every_length(length: int) -> None:
    plain = "a" * length
    texts = [plain, *(plain[:n] + "b" + plain[n + 1 :] for n in range(length))]
    assert len(set(hashes_of([(7, text) for text in texts], BorrowerHash()))) == length + 1


def test_rare_and_great_lengths_are_hashed_one_by_one() -> None:
    rows = [(0, "x" * n) for n in range(MOST_LENGTHS + LONGEST)] * 2
    found = hashes_of(rows, BorrowerHash())
    assert found[: len(found) // 2] == found[len(found) // 2 :]
    assert len(set(found)) == len(rows) // 2


FEW = st.sampled_from([0, 1, 2**32, 2**63, 2**63 + 1, 2**64 - 1])
LOWER = st.sampled_from([0, 1, 2**31, 2**32 - 1]) | st.integers(0, 2**32 - 1)


@given(st.lists(st.tuples(FEW, LOWER), max_size=60))
def test_hashes_are_numbered_whatever_bits_they_share(rows: list[tuple[int, int]]) -> None:
    high = np.array([upper for upper, _ in rows], dtype=np.uint64)
    low = np.array([lower for _, lower in rows], dtype=np.uint32)
    number, first = numbered(first_rows(high, low))
    assert first.tolist() == [rows.index(row) for row in dict.fromkeys(rows)]
    assert [rows.index(row) for row in rows] == first[number].tolist()
