"""The faults of a table that is checked piece by piece, put together as if it were one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from compensation.faults.groups import Details, FaultGroup
from compensation.faults.order import group_order
from compensation.language import Text
from compensation.money import Integers
from compensation.tables.cells import CellTexts
from compensation.tables.raw import Locate

_Key = tuple[str, str | None, str | None, Text, Text, Text | None]


class _Pile(NamedTuple):
    """Faults of one kind in one column, from as many pieces as had any."""

    rows: list[Integers]
    values: list[Sequence[str | None] | None]
    details: list[Mapping[str, Sequence[str]]]
    locate: Locate | None


class FaultBook:
    """Collects groups of faults, in any order of pieces, and gives one group for each kind."""

    def __init__(self) -> None:
        self._whole: dict[tuple[object, ...], FaultGroup] = {}
        self._piles: dict[_Key, _Pile] = {}

    def __bool__(self) -> bool:
        return bool(self._whole or self._piles)

    def add(self, groups: Iterable[FaultGroup], places: Integers | int = 0) -> None:
        """Take the faults of a piece.

        `places`: the piece's rows in the whole table, or the first of them if they follow one
        another.
        """
        for group in groups:
            if group.rows is None:
                # Said of the table by every piece of it, and meant once.
                said = (group.kind, group.table, group.column, group.message, group.values)
                self._whole.setdefault(said, group)
                continue
            rows = group.rows + places if isinstance(places, int) else places[group.rows]
            details = group.details
            assert details is None or details.other is None, "faults name no other row"
            text = None if details is None else details.text
            key = (group.kind, group.table, group.column, group.message, group.expected, text)
            pile = self._piles.setdefault(key, _Pile([], [], [], group.locate))
            pile.rows.append(rows)
            pile.details.append({} if details is None else details.values)
            pile.values.append(_kept(group.values))

    def groups(self) -> list[FaultGroup]:
        """Return the groups, by table and column in the order of the dictionary, then by kind."""
        joined = [_joined(key, pile) for key, pile in self._piles.items()]
        return sorted([*self._whole.values(), *joined], key=group_order)


def _kept(values: Sequence[str | None] | None) -> Sequence[str | None] | None:
    """Return the values without the rest of the piece that they are seen in."""
    return values.alone() if isinstance(values, CellTexts) else values


def _joined(key: _Key, pile: _Pile) -> FaultGroup:
    kind, table, column, message, expected, text = key
    rows = np.concatenate(pile.rows)
    order = np.argsort(rows, kind="stable")
    values: list[str | None] | None = None
    if all(each is not None for each in pile.values):
        flat = [value for each in pile.values if each is not None for value in each]
        values = [flat[place] for place in order.tolist()]
    group = FaultGroup(kind, message, table, column, expected, rows[order], values, pile.locate)
    if text is None:
        return group
    names = pile.details[0]
    details = {name: [word for each in pile.details for word in each[name]] for name in names}
    return replace(group, details=Details(text, details).only(order))


def without_consequences(groups: Sequence[FaultGroup]) -> list[FaultGroup]:
    """Return the faults without those of cells that a reader has found fault with already.

    A cell that holds #N/A, or a formula that was never calculated, reads as blank; a figure that
    has the format of a date reads as a date.
    """
    reader = ("error_cell", "formula_without_value", "date_format")
    known = {
        (group.table, group.column): set(group.rows.tolist())
        for group in groups
        if group.kind in reader and group.rows is not None
    }
    kept = []
    for group in groups:
        said = known.get((group.table, group.column), set())
        if group.kind not in reader and group.rows is not None and said:
            places = [i for i, row in enumerate(group.rows.tolist()) if row not in said]
            kept.append(group.only(np.array(places, dtype=np.int64)))
        else:
            kept.append(group)
    return kept
