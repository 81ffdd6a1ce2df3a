"""A warning of rows of ledgers that no check has found wrong, with the amounts it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from compensation.columns import Integers
from compensation.faults.groups import Details, FaultGroup
from compensation.issues import NO_TEXT
from compensation.language import Text
from compensation.ledger.guards import TextsOf
from compensation.ledger.portfolio import Ledgers
from compensation.tables.raw import Locate
from compensation.values.printing import format_scaled


def warn(
    ledgers: Ledgers,
    kind: str,
    message: Text,
    table: str,
    column: str,
    rows: Integers,
    detail: Text = NO_TEXT,
    amounts: Mapping[str, Sequence[str]] | None = None,
    locate: Locate | None = None,
) -> list[FaultGroup]:
    """Return a warning for each of ``rows``; `amounts`: by row, what goes into ``detail``.

    `locate` turns ``rows`` into row numbers of the file where they are none of the ledgers.
    """
    if not len(rows):
        return []
    details = None if amounts is None else Details(detail, amounts)
    locate = locate or ledgers.unmapped[table].locate
    return [
        FaultGroup(
            kind, message, table, column, rows=rows.astype(np.int64), locate=locate, details=details
        )
    ]


def yuan_texts(fen: Integers) -> Sequence[str]:
    """Return amounts as texts, each made only when somebody looks at it."""
    return TextsOf(format_scaled(fen, 2))
