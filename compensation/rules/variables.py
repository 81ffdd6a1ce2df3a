"""Variables: what tests and quantities look at, one value a row, in the units of its type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from compensation.columns import Flags, Integers, Whole
from compensation.money import FEN_PER_YUAN, PRINTED_SCALE, RATIO_SCALE
from compensation.schema.column import ColumnType


class Variable(NamedTuple):
    """What is tested, one value a row, in the units of its type.

    `numerator` alone where `denominator` is None (fen, millionths, days, a count, a place in
    `words`, 0 or 1), else a ratio. `known`: neither blank nor undefined. `type`
    is None for a ratio indicator.
    """

    numerator: Integers
    known: Flags
    denominator: Integers | None = None
    type: ColumnType | None = None
    words: tuple[str | None, ...] = ()

    def whole(self, row: int) -> int:
        """Return the denominator of a row; 1 where there is none."""
        return 1 if self.denominator is None else int(self.denominator[row])


def take(variable: Variable, rows: Whole | slice) -> Variable:
    """Return the variable's values at ``rows``."""
    denominator = None if variable.denominator is None else variable.denominator[rows]
    return Variable(
        variable.numerator[rows], variable.known[rows], denominator, variable.type, variable.words
    )


Variables = Mapping[str, Variable]
"""Variables by name: ``contracts.loan_rate``, ``indicator.payout_rate``."""

SCALES: Mapping[ColumnType | None, int] = {
    ColumnType.MONEY: FEN_PER_YUAN,
    ColumnType.SHARE: PRINTED_SCALE,
    ColumnType.DECIMAL: RATIO_SCALE,
}
"""How many units of each type make 1 of what policies write; one, of the types not named."""
