"""A figure of an institution among those of its group: what they come to together, and its place.

Columns are over institutions, of which there are few; `group` numbers the groups from 0, and is −1
for an institution that is in none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from compensation.columns import Flags, Integers, group_sum, numbered
from compensation.rules import rationals
from compensation.rules.rationals import Rationals
from compensation.rules.variables import Variable


def groups_of(columns: Sequence[Variable], rows: int) -> Integers:
    """Return the group of each row by the values of some columns; −1 where one is blank.

    Without columns all rows are one group.
    """
    group, given = np.zeros(rows, dtype=np.int64), np.ones(rows, dtype=np.bool_)
    for column in columns:
        value, _ = numbered(column.numerator)
        group, _ = numbered(group * (int(value.max(initial=0)) + 1) + value)
        given &= column.known
    return np.where(given, group, -1)


def total(values: Rationals, group: Integers, scale: int) -> Rationals:
    """Return for each row what its group comes to, of values in whole units, `scale` to 1.

    Not known where a value of the group is not. Raises `TooLarge`.
    """
    grouped = group >= 0
    units = np.where(grouped, rationals.floor(values, scale), 0)
    rationals.summable(abs(units))
    missing = (grouped & ~values.known).astype(np.int64)
    sums, lacking = (group_sum(each, group, len(group)) for each in (units, missing))
    return rationals.in_units(sums[group], scale, grouped & (lacking[group] == 0))


def places(values: Sequence[Rationals], group: Integers) -> Rationals:
    """Return the place of each row in its group: one more than there are larger values in it.

    Where the first values are equal, the next are compared; rows that are equal in all share a
    place. A row of which one is not known has none, and takes none.
    """
    placed: Flags = np.logical_and.reduce([group >= 0, *(each.known for each in values)])
    place = np.zeros(len(group), dtype=np.int64)
    for number in set(group[placed].tolist()):
        rows = np.flatnonzero(placed & (group == number)).tolist()
        found = {row: tuple(each.at(row) for each in values) for row in rows}
        larger = sorted(found.values(), reverse=True)
        first = {value: larger.index(value) + 1 for value in set(larger)}
        for row, value in found.items():
            place[row] = first[value]
    return Rationals(place, np.ones_like(place), placed)
