"""What every table is checked for: ids that differ, references to other tables, sums that fit.

Source: the contract, sections 1 and 2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container

import numpy as np
import pyarrow as pa

from compensation.arrays import arrow
from compensation.faults.groups import FaultGroup, whole
from compensation.language import Text
from compensation.ledger import ids
from compensation.ledger.checked import Checked
from compensation.money import MAX_TOTAL_FEN, Integers
from compensation.schema.dictionary import Table

TOTALS = (
    ("institutions", ("opening_balance",)),
    ("contracts", ("guaranteed_amount",)),
    ("releases", ("amount",)),
    ("claims", ("principal", "interest")),
    ("recoveries", ("proceeds",)),
    ("recoveries", ("cost",)),
    ("claims", ("approved_amount",)),
    ("payments", ("amount",)),
    ("remittances", ("amount",)),
    ("pool", ("amount",)),
)
"""By table, the columns of amounts that must not add up to more than a result holds."""


def check_ids(checked: Checked) -> None:
    """Check that no id of a table is there twice."""
    for column in checked.table.columns:
        if column.unique and column.name in checked.present:
            values = checked.columns[column.name]
            again = np.sort(checked.index(column.name).duplicates())
            repeated(checked, column.name, again, values.take(arrow(again)))


def repeated(checked: Checked, column: str, rows: Integers, values: pa.Array) -> None:
    """Add the faults of ids that other rows have already; ``values``: the ids at ``rows``."""
    if len(rows):
        message = Text("编号重复", "duplicate ID")
        expected = Text("每行各不相同的编号", "an id that no other row has")
        checked.faults.append(
            FaultGroup(
                "duplicate",
                message,
                checked.table.name,
                column,
                expected,
                rows,
                values.to_pylist(),
                checked.raw.locate,
            )
        )


def check_reference(checked: Checked, target: Checked) -> Integers:
    """Return the row of ``target`` that each row names; a row that names none is a fault."""
    column = checked.table.reference
    assert column is not None
    values, ids_of_target = checked.columns[column.name], target.table.columns[0].name
    positions = np.full(len(values), ids.UNKNOWN, dtype=np.int64)
    if can_be_known(target.table, target.present, target.raw.rows):
        positions = target.index(ids_of_target).positions_of(values)
        check_known(checked, target.table, positions)
    return positions


def can_be_known(target: Table, present: Container[str], rows: int) -> bool:
    """Return whether it makes sense to look for ids of ``target``.

    Where the table, its rows or its column of ids are missing, that is said once, not row by row.
    """
    return target.columns[0].name in present and (rows > 0 or target.may_be_empty)


def check_known(checked: Checked, target: Table, positions: Integers) -> None:
    """Add a fault for each cell that names a row of ``target`` whose position is unknown."""
    reference = checked.table.reference
    assert reference is not None
    column = reference.name
    values = checked.columns[column]
    unknown = (positions == ids.UNKNOWN) & checked.known(column)
    message = Text("在{t}表中没有这个编号", "there is no such id in {t}").fill(t=target.title)
    expected = Text("{t}表中已有的编号", "an id that {t} has").fill(t=target.title)
    checked.fault(unknown, "unknown_reference", message, column, values, expected)


def totals_of(checked: Checked) -> Counter[str]:
    """Return what a table's amounts add up to, fen, by the first column of those that count."""
    return Counter(
        {
            columns[0]: sum(_exact_sum(checked.numbers(column)) for column in columns)
            for table, columns in TOTALS
            if table == checked.table.name
        }
    )


def total_faults(total: int, table: str, column: str) -> list[FaultGroup]:
    """Return the fault of a column that adds up to ``total`` fen, if no result holds that.

    Where none does, every later sum fits int64.
    """
    if total <= MAX_TOTAL_FEN:
        return []
    message = Text(
        "整列合计超过 9,999,999,999,999,999.99 元，结果无法容纳",
        "adds up to more than 9,999,999,999,999,999.99 yuan, which no result can hold",
    )
    return [whole("total_too_large", message, table=table, column=column)]


def _exact_sum(fen: Integers) -> int:
    """Add amounts of at most 10^15 in two halves, neither of which can pass 2^63."""
    return (int((fen >> 32).sum()) << 32) + int((fen & 0xFFFFFFFF).sum())
