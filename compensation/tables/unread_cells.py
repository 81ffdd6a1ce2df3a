"""Kinds of fault of cells that a reader could not read, and the columns in which they count."""

from __future__ import annotations

from compensation.schema.column import Column, ColumnType

UNREAD = frozenset(
    {
        "error_cell",
        "formula_without_value",
        "column_content",
        "column_type",
        "scaling_format",
        "percent_format",
        "date_format",
        "merged_across",
        "merged_amount",
        "hidden_column",
    }
)
"""Kinds of fault or warning of a cell, or of a column, that a reader could not read as it stands.
They count only where somebody looks at the column: what stands in a column of remarks is nobody's
business."""
_AMOUNTS = frozenset({ColumnType.MONEY, ColumnType.COUNT, ColumnType.DECIMAL})
_ONLY_IN = {
    "scaling_format": _AMOUNTS | {ColumnType.SHARE},
    "percent_format": _AMOUNTS,
    "date_format": _AMOUNTS | {ColumnType.SHARE},
    "merged_amount": _AMOUNTS,
}
"""By kind, the types of columns in which it counts; other kinds count in all."""
_OF_BORROWERS = frozenset({"employees", "revenue", "total_assets"})
"""Amounts that are the same in every contract of a borrower, and may be merged."""


def concerns(kind: str, column: Column) -> bool:
    """Return whether a kind of `UNREAD` is a fault in this column."""
    if kind == "merged_amount" and column.name in _OF_BORROWERS:
        return False
    return kind not in _ONLY_IN or column.type in _ONLY_IN[kind]
