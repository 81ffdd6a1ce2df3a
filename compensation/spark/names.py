"""The names of columns that rows have on their way between the driver and the workers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa

from compensation.results import RATIO_DECIMALS

Batches = Iterator[pa.RecordBatch]

GROUP, TABLE = "group", "table"
"""Columns of the rows that come in, beside those for cells."""
REPEATED = "repeated"
"""What goes for a table: the table, the id and the number of every id that is there repeatedly."""
CLAIM, INSTITUTION, RECOVERY, TALLY, FOUND = "claim", "institution", "recovery", "tally", "fault"
"""Columns of what rows come to; a row has a value in one of them."""
DUE, FIRST, CUT, PAID, LOST = "due", "first", "cut", "paid", "lost"
"""Fen due before the budget, the day that claims come first by, fen that the budget takes off, and
fen that government has paid or pays, fen of which recoveries are returned."""
TERMS = "terms"
"""The place of the terms under which a recovery returns, among those of the run."""
WIDE_RATIO = "wide."
"""What the name of a ratio of institutions begins with that is too large for its usual type."""
BEHIND = "behind"
"""What the amounts of a claim's settlement follow from, see `settling.BEHIND_CLAIM`."""
SHARING = (DUE, FIRST, "part", "rounded_off", "remainder", "weight", "slice", "before")
"""Columns that claims have only while the budget is shared."""
OF_YEAR = "claims.of."
"""What the name of a count of claims begins with; their year follows."""
COUNTING = "claims"
"""The count of claims that count on the day of the run."""
BACKED = "backed"
"""The count of government-backed institutions."""
LATER = "later."
"""What the name of a count of rows dated after the day of the run begins with."""
TALLIED = pa.struct([("name", pa.string()), ("value", pa.int64())])
WIDE = pa.decimal128(38, RATIO_DECIMALS)
"""Ratios of institutions here; in the results they are narrower unless one passes 10^12."""


def counts_named(start: str, tally: Mapping[str, int]) -> dict[str, int]:
    """Return the counts whose names begin with ``start``, by what follows it."""
    return {name.removeprefix(start): n for name, n in tally.items() if name.startswith(start)}


def is_ratio(kind: pa.DataType) -> bool:
    """Return whether a column of a result holds ratios."""
    return bool(pa.types.is_decimal(kind) and kind.scale == RATIO_DECIMALS)
