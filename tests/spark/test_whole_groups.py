"""Batches of rows in groups become tables of whole groups."""

from __future__ import annotations

from itertools import chain, pairwise

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from compensation.spark.worker import whole_groups


@given(st.lists(st.integers(1, 9), max_size=12), st.lists(st.integers(0, 7)), st.integers(1, 8))
def test_groups_stay_whole(sizes: list[int], cuts: list[int], rows: int) -> None:
    keys = [f"g{number}" for number, size in enumerate(sizes) for _ in range(size)]
    column = pa.record_batch(
        {"key": pa.array(keys, pa.string()), "row": pa.array(range(len(keys)))}
    )
    batches, start = [], 0
    for size in [*cuts, len(keys)]:
        batches.append(column.slice(start, size))
        start += size
    tables = list(whole_groups(iter(batches), "key", rows))
    assert list(chain(*(table["row"].to_pylist() for table in tables))) == list(range(len(keys)))
    assert all(len(table) for table in tables)
    for one, other in pairwise(table["key"].to_pylist() for table in tables):
        assert one[-1] != other[0]
        assert len(one) >= rows
