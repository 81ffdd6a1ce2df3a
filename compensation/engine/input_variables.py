"""Columns of ledgers as variables that the rules look at."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from compensation.arrays import flags, known
from compensation.columns import Integers
from compensation.engine.measures_needed import BORROWER_TYPE
from compensation.ledger import ids
from compensation.ledger.portfolio import numbers_of
from compensation.policy.model import Indicator
from compensation.policy.quantities import (
    MONTHS_OF,
    Measure,
    measured_ratio,
)
from compensation.policy.variables import (
    AS_OF,
    YEAR_COLUMNS,
    YEAR_DAYS,
    YEAR_END,
    YEAR_START,
    measure_unit,
)
from compensation.rules.indicators import (
    Ratio,
    growth,
    over,
    zero_where_both_are,
)
from compensation.rules.variables import Variable
from compensation.schema.column import Column, ColumnType
from compensation.schema.dictionary import ROWS_OF, table


def variable_of(array: pa.Array, column: Column) -> Variable:
    """Return a column as a variable; texts and choices as places among their distinct words."""
    if column.type is ColumnType.TEXT:
        places, words = ids.codes(array)
        return Variable(places, places >= 0, None, column.type, tuple(words.to_pylist()))
    if column.type is ColumnType.BOOLEAN:
        true = flags(array).astype(np.int64)
        return Variable(true, known(array), None, column.type)
    words = tuple(choice.value for choice in column.choices)
    return Variable(numbers_of(array), known(array), None, column.type, words)


def indicator_variable(
    indicator: Indicator, measured: Callable[[Measure], Ratio]
) -> Variable | None:
    """Return an indicator as a variable; ``measured`` gives a measure of each institution.

    None where it is made of more than a measure over another.
    """
    made_of = measured_ratio(indicator.value)
    if made_of is None:
        return None
    ratio = measured(made_of.numerator)
    if made_of.denominator is None:
        count = measure_unit(made_of.numerator.of) == "count"
        kind = ColumnType.COUNT if count else ColumnType.MONEY
        known = np.ones(len(ratio.numerator), dtype=np.bool_)
        whole_numbers = bool((ratio.denominator == 1).all())
        return Variable(ratio.numerator, known, None if whole_numbers else ratio.denominator, kind)
    ratio = over(ratio, measured(made_of.denominator))
    if made_of.zero_over_zero == "zero":
        ratio = zero_where_both_are(ratio)
    if made_of.growth:
        ratio = growth(ratio)
    return Variable(ratio.numerator, ratio.denominator > 0, ratio.denominator, None)


def row_table(key: str) -> str:
    """Return the table whose rows have a column; of values by year, the table that they are of."""
    name = key.partition(".")[0]
    return ROWS_OF.get(name, name)


def at_rows(variable: Variable, rows: Integers) -> Variable:
    """Return the variable's values at rows; unknown where a row is `ids.UNKNOWN`."""
    there = rows != ids.UNKNOWN
    numerator, known = np.zeros_like(rows), np.zeros_like(there)
    numerator[there], known[there] = variable.numerator[rows[there]], variable.known[rows[there]]
    return variable._replace(numerator=numerator, known=known)


def year_variables(
    before: int, last: int, rows: int = 1, day: int | None = None
) -> dict[str, Variable]:
    """Return the days of a year as variables.

    `before`, `last`: the last day of the year before and its own. `day`: that as of which the
    ledgers are looked at, if one is said.
    """
    days = {YEAR_START: before + 1, YEAR_END: last, YEAR_DAYS: last - before}
    days[AS_OF] = last if day is None else day
    found = {
        name: all_known(np.full(rows, days[name]), kind) for name, (_, kind) in YEAR_COLUMNS.items()
    }
    if day is None:
        found[AS_OF] = found[AS_OF]._replace(known=np.zeros(rows, dtype=np.bool_))
    return found


def all_known(values: Integers, kind: ColumnType, words: tuple[str, ...] = ()) -> Variable:
    """Return a variable none of whose values is blank."""
    return Variable(values, np.ones(len(values), dtype=np.bool_), None, kind, words)


def borrower_types(places: npt.NDArray[np.int8]) -> Variable:
    """Return the types of borrowers, which are held as places among their words."""
    name, _, column = BORROWER_TYPE.partition(".")
    words = tuple(choice.value for choice in table(name).column(column).choices)
    return all_known(places.astype(np.int64), ColumnType.CHOICE, words)


def period_of(days: Integers, part: str) -> Integers:
    """Return the month, the quarter or the half-year of each day, counted from 1970."""
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months // MONTHS_OF[part]
