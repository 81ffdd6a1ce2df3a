"""A column by itself, so that a test can say which cells it holds and see what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from compensation.faults.groups import FaultGroup
from compensation.schema.column import Choice, Column, ColumnType
from compensation.tables.headings import Found
from compensation.tables.raw import RawColumn, RawTable
from compensation.tables.values import Parsed, parse

MONEY = Column("amount", "金额", ColumnType.MONEY)
COUNT = Column("employees", "从业人员", ColumnType.COUNT)
SHARE = Column("share_lender", "银行分担比例", ColumnType.SHARE)
DECIMAL = Column("score", "绩效评分", ColumnType.DECIMAL)
DATE = Column("start_date", "起始日期", ColumnType.DATE)
BOOLEAN = Column("government_backed", "政府性", ColumnType.BOOLEAN)
TEXT = Column("contract_id", "合同编号", ColumnType.TEXT)
CHOICE = Column(
    "decision",
    "审核",
    ColumnType.CHOICE,
    choices=(Choice("approved", "通过"), Choice("rejected", "不通过"), Choice("pending", "待审")),
)


@dataclass(frozen=True)
class Outcome:
    """What a column came to: its values, and the kind of fault of every faulty row."""

    values: list[Any]
    kinds: dict[int, str]
    groups: list[FaultGroup]

    def verdicts(self) -> list[Any]:
        """Return for every row its fault's kind, or else its value."""
        return [self.kinds.get(row, value) for row, value in enumerate(self.values)]


def meaning(column: Column, unit: int = 1, **parts: pa.Array) -> Outcome:
    """Parse a column of these parts; a row has at most one fault, and no value if it has one."""
    parsed = parsed_column(column, unit, **parts)
    kinds: dict[int, str] = {}
    for group in parsed.faults:
        assert group.rows is not None
        assert len(group)
        assert group.values is None or len(group.values) == len(group)
        rows = group.rows.tolist()
        assert rows == sorted(set(rows))
        assert not kinds.keys() & set(rows)
        kinds |= dict.fromkeys(rows, group.kind)
    values = parsed.values.to_pylist()
    assert all(values[row] is None for row in kinds)
    return Outcome(values, kinds, parsed.faults)


def parsed_column(column: Column, unit: int = 1, **parts: pa.Array) -> Parsed:
    """Parse a column of these parts as a table of its own."""
    raw = RawColumn(column.heading, **parts)
    rows = len(next(iter(parts.values())))
    return parse(Found(column, raw, unit), RawTable("contracts", (raw,), rows))


def texts(column: Column, cells: list[str], unit: int = 1) -> list[Any]:
    """Return the verdicts on text cells."""
    return meaning(column, unit, text=pa.array(cells, pa.string())).verdicts()


def numbers(column: Column, cells: Any, kind: pa.DataType, unit: int = 1) -> list[Any]:
    """Return the verdicts on numeric cells of one Arrow type."""
    return meaning(column, unit, number=pa.array(cells, kind, from_pandas=False)).verdicts()


def padded(array: pa.Array) -> pa.Array:
    """Return the same cells at an offset into a longer array, with other cells on both sides."""
    around = array.take(pa.array(np.zeros(3, np.int64))) if len(array) else array
    return pa.concat_arrays([around, array, around]).slice(len(around), len(array))
