"""Two result tables side by side, by the ids of their rows, cell by cell and in columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import arrow, flags, numbers
from compensation.columns import Integers, distinct
from compensation.record.cells import TEXT
from compensation.schema.column import ColumnType
from compensation.values.exact import EXACT

_NUMBER = re.compile(r"-?[0-9]{1,60}(\.[0-9]{1,6})?")
_NUMERIC = (ColumnType.MONEY, ColumnType.SHARE, ColumnType.COUNT)


class CellDifference(NamedTuple):
    """One cell that differs: the id of its row, its column, and what the two results say.

    `change`: second less first where both are numbers, else None.
    """

    id: str
    column: str
    first: str
    second: str
    change: Decimal | None


@dataclass(frozen=True, eq=False)
class TableDifference:
    """What differs between two result tables of one name.

    `key`: the column by which rows go. `removed`, `added`: ids of the rows that only the first or
    only the second has. `lacking`, `further`: columns that only the first or only the second has.
    `reordered`: whether the rows that both have come in another order. `compared`: how many cells
    both have. `rows`, `columns`: how many rows differ in some cell, and how many cells of each
    column differ.
    """

    table: str
    key: str
    removed: pa.Array
    added: pa.Array
    lacking: tuple[str, ...]
    further: tuple[str, ...]
    reordered: bool
    compared: int
    rows: int
    columns: Mapping[str, int]
    _ids: pa.Array = field(repr=False)
    _cells: Mapping[str, tuple[Integers, pa.Array, pa.Array]] = field(repr=False)
    _types: Mapping[str, ColumnType] = field(repr=False)

    @property
    def count(self) -> int:
        """How many cells differ."""
        return sum(self.columns.values())

    @property
    def same(self) -> bool:
        """Whether both have the same rows and columns with the same cells, in whatever order."""
        return not (
            self.count or len(self.removed) or len(self.added) or self.lacking or self.further
        )

    def cells(self, rows: int | None = None) -> Iterator[CellDifference]:
        """Yield the cells that differ, row by row; those of the first ``rows`` rows if given."""
        places = distinct(np.concatenate([np.zeros(0, np.int64), *self._places()]))[:rows]
        found: dict[int, list[CellDifference]] = {}
        for column, (at, first, second) in self._cells.items():
            taken = np.flatnonzero(np.isin(at, places))
            ids = self._ids.take(arrow(at[taken])).to_pylist()
            pairs = zip(
                first.take(arrow(taken)).to_pylist(),
                second.take(arrow(taken)).to_pylist(),
                strict=True,
            )
            numeric = self._types[column] in _NUMERIC
            for place, id_, (one, other) in zip(at[taken].tolist(), ids, pairs, strict=True):
                change = change_of(one, other) if numeric else None
                cell = CellDifference(id_, column, one, other, change)
                found.setdefault(place, []).append(cell)
        for place in places.tolist():
            yield from found[place]

    def _places(self) -> Iterator[Integers]:
        return (at for at, _, _ in self._cells.values())


def change_of(first: str, second: str) -> Decimal | None:
    """Return second less first, a blank being nothing; None where one is no plain number."""
    if not all(_NUMBER.fullmatch(text or "0") for text in (first, second)):
        return None
    return EXACT.subtract(Decimal(second or "0"), Decimal(first or "0"))


def compared(
    table: str, key: str, first: pa.Table, second: pa.Table, types: Mapping[str, ColumnType]
) -> TableDifference:
    """Compare two tables of cells (`record.cells`) by the ids in their column ``key``.

    An id that is there more than once goes by its place among its equals. `types`: of the columns.
    """
    one, other = _ids(key, first, second)
    rows, others = _matched(one, other)
    both = [name for name in first.column_names if name in second.column_names]
    cells: dict[str, tuple[Integers, pa.Array, pa.Array]] = {}
    differs = np.zeros(len(rows), np.bool_)
    for name in both:
        left = first[name].combine_chunks().take(arrow(rows))
        right = second[name].combine_chunks().take(arrow(others))
        unlike = flags(pc.not_equal(left, right))
        differs |= unlike
        at = np.flatnonzero(unlike).astype(np.int64)
        if len(at):
            cells[name] = at, left.take(arrow(at)), right.take(arrow(at))
    return TableDifference(
        table,
        key,
        one.take(arrow(_rest(len(one), rows))),
        other.take(arrow(_rest(len(other), others))),
        tuple(name for name in first.column_names if name not in both),
        tuple(name for name in second.column_names if name not in both),
        bool((np.diff(others) < 0).any()),
        len(rows) * len(both),
        int(differs.sum()),
        {name: len(at) for name, (at, _, _) in cells.items()},
        one.take(arrow(rows)),
        cells,
        types,
    )


def _ids(key: str, *sides: pa.Table) -> list[pa.Array]:
    """Return the ids of the rows of two tables; with the year, where an id has several."""
    ids = [side[key].combine_chunks() for side in sides]
    repeated = any(len(pc.unique(each)) < len(each) for each in ids)
    if not repeated or any("year" not in side.column_names for side in sides):
        return ids
    years = [side["year"].combine_chunks() for side in sides]
    return [
        pc.binary_join_element_wise(*pair, pa.scalar(" ", TEXT))
        for pair in zip(ids, years, strict=True)
    ]


def _matched(one: pa.Array, other: pa.Array) -> tuple[Integers, Integers]:
    """Return which rows of both go together, in the order of the first."""
    if one.equals(other):
        same = np.arange(len(one), dtype=np.int64)
        return same, same
    codes = numbers(pa.concat_arrays([one, other]).dictionary_encode().indices).astype(np.int64)
    first, second = codes[: len(one)], codes[len(one) :]
    most = len(codes) + 1
    one_each, other_each = (side * most + _occurrence(side) for side in (first, second))
    _, rows, others = np.intersect1d(one_each, other_each, True, return_indices=True)
    order = np.argsort(rows)
    return rows[order].astype(np.int64), others[order].astype(np.int64)


def _occurrence(codes: Integers) -> Integers:
    """Return for each row how many rows before it have the same code."""
    order = np.argsort(codes, kind="stable")
    sorted_codes = codes[order]
    starts = np.flatnonzero(np.diff(sorted_codes, prepend=-1))
    lengths = np.diff(np.append(starts, len(codes)))
    found = np.empty(len(codes), np.int64)
    found[order] = np.arange(len(codes)) - np.repeat(starts, lengths)
    return found


def _rest(rows: int, taken: Integers) -> Integers:
    """Return the rows that were not taken, in order."""
    left = np.ones(rows, np.bool_)
    left[taken] = False
    return np.flatnonzero(left).astype(np.int64)
