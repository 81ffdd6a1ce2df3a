"""Ids as numbers against dictionaries and sorted lists."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.ledger import ids

TEXT = st.text(st.sampled_from("aB1é济𠮷｡ \ue000\U0010ffff"), max_size=3)
"""Few characters, so that texts repeat; some whose order differs between UTF-16 and UTF-8."""


def text(values: list[str] | list[str | None]) -> pa.Array:
    return pa.array(values, pa.string())


@given(st.lists(st.none() | TEXT))
def test_codes_number_ids_in_order_of_first_appearance(values: list[str | None]) -> None:
    seen: dict[str, int] = {}
    expected = [-1 if v is None else seen.setdefault(v, len(seen)) for v in values]
    numbers, distinct = ids.codes(text(values))
    assert numbers.tolist() == expected
    assert numbers.dtype == np.int64
    assert distinct.to_pylist() == list(seen)


@given(st.lists(st.none() | TEXT))
def test_duplicates_are_those_that_came_before(values: list[str | None]) -> None:
    again, first = ids.duplicates(text(values))
    expected = [
        (place, values.index(value))
        for place, value in enumerate(values)
        if value is not None and values.index(value) < place
    ]
    assert list(zip(again.tolist(), first.tolist(), strict=True)) == expected


@given(st.lists(st.none() | TEXT), st.lists(TEXT, unique=True))
def test_positions_of_keys(keys: list[str | None], known: list[str]) -> None:
    got = ids.positions_of(text(keys), text(known)).tolist()
    assert got == [known.index(key) if key in known else ids.UNKNOWN for key in keys]


@given(st.lists(TEXT), st.lists(st.none() | TEXT))
def test_positions_among_blanks_and_duplicates_name_a_row_of_that_id(
    keys: list[str], known: list[str | None]
) -> None:
    """Such a table is refused, but until that is said nothing may be referred to wrongly."""
    for key, place in zip(keys, ids.positions_of(text(keys), text(known)).tolist(), strict=True):
        assert (place == ids.UNKNOWN) == (key not in known)
        assert place == ids.UNKNOWN or known[place] == key


@given(st.lists(TEXT, unique=True))
def test_ranks_are_places_in_code_point_order(values: list[str]) -> None:
    by_code_point = sorted(values, key=lambda value: [ord(c) for c in value])
    expected = [by_code_point.index(value) for value in values]
    assert ids.ranks(text(values)).tolist() == expected


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [("｡", "𠮷"), ("\ue000", "\U00010000"), ("Z", "a"), ("10", "9"), ("A", "A "), ("é", "济")],
)
def test_order_by_code_point(smaller: str, larger: str) -> None:
    assert ids.ranks(text([larger, smaller])).tolist() == [1, 0]


def test_ids_are_told_apart_to_the_last_character() -> None:
    """No trimming, folding or normalising: é composed and decomposed are two ids."""
    values = ["a", "A", "a ", "\u00e9", "e\u0301", "ａ", ""]
    numbers, _ = ids.codes(text(values))
    assert numbers.tolist() == list(range(7))
