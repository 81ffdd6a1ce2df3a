"""How the columns of numbers of the dictionary are measured."""

from __future__ import annotations

from compensation.schema.column import Column, ColumnType
from compensation.values.numbers import COUNT, DECIMAL, SHARE, Measure, in_units


def measure_of(column: Column, unit: int) -> Measure:
    """Return how a column of numbers is measured.

    ``unit``: yuan per unit of a money column, a power of ten from 1 to 10^8.
    """
    if column.type is ColumnType.MONEY:
        return in_units(unit)
    return _MEASURES[column.type]


_MEASURES = {ColumnType.COUNT: COUNT, ColumnType.DECIMAL: DECIMAL, ColumnType.SHARE: SHARE}
