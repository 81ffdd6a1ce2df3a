"""Warnings of rows no check has found wrong, and texts that are made when they are looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
import pyarrow as pa

from compensation.columns import Integers
from compensation.faults.groups import Details, FaultGroup
from compensation.issues import NO_TEXT
from compensation.language import Text
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


@dataclass(frozen=True, eq=False)
class TextsOf(Sequence[str]):
    """A column of texts that makes each one only when somebody looks at it."""

    array: pa.Array

    def __len__(self) -> int:
        return len(self.array)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        found: str | list[str]
        found = (
            self.array[index].to_pylist() if isinstance(index, slice) else self.array[index].as_py()
        )
        return found


def yuan_texts(fen: Integers) -> Sequence[str]:
    """Return amounts as texts, each made only when somebody looks at it."""
    return TextsOf(format_scaled(fen, 2))
