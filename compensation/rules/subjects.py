"""Subjects: what tests and quantities look at, one value a row, in the units of its type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from compensation.columns import Flags, Integers
from compensation.ledger.column import ColumnType
from compensation.money import FEN_PER_YUAN, PRINTED_SCALE


class Subject(NamedTuple):
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


def take(subject: Subject, rows: Integers) -> Subject:
    """Return the subject's values at ``rows``."""
    denominator = None if subject.denominator is None else subject.denominator[rows]
    return Subject(
        subject.numerator[rows], subject.known[rows], denominator, subject.type, subject.words
    )


Subjects = Mapping[str, Subject]
"""Subjects by name: ``contracts.loan_rate``, ``indicator.payout_rate``."""

SCALES: Mapping[ColumnType | None, int] = {
    ColumnType.MONEY: FEN_PER_YUAN,
    ColumnType.SHARE: PRINTED_SCALE,
}
"""How many units of each type make 1 of what policies write; one, of the types not named."""
