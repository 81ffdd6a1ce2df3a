"""What a table must be, and what tables must be to each other: each check says its own faults.

A check looks only at rows whose cells could be read, so that one wrong cell is reported once.
Source: the contract, sections 2 and 7.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from compensation.arrays import arrow
from compensation.classification.derivation import EXPECTED, derive_classes
from compensation.classification.enterprise_size import BORROWER_TYPES as BY_CLASS
from compensation.language import Text
from compensation.ledger import ids
from compensation.ledger.checked import Checked
from compensation.ledger.decimals import format_scaled
from compensation.ledger.dictionary import (
    BORROWER_TYPES,
    SHARE_PREFIX,
    SHARE_UNIT,
    Table,
    parties_in_order,
)
from compensation.ledger.fault_groups import NO_TEXT, FaultGroup, whole
from compensation.ledger.portfolio import NO_DAY, Flags, Integers
from compensation.money import MAX_TOTAL_FEN


def _at(values: npt.NDArray[Any], rows: Integers) -> npt.NDArray[Any]:
    """Return the values of the rows referred to; anything where the reference is unknown."""
    return values[rows] if len(values) else np.zeros(len(rows), dtype=values.dtype)


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


def check_reference(checked: Checked, column: str, target: Checked, target_column: str) -> Integers:
    """Return the row of ``target`` that each cell names; a cell that names none is a fault."""
    values = checked.columns[column]
    if not can_be_known(target.table, target_column, target.present, target.raw.rows):
        return np.full(len(values), ids.UNKNOWN, dtype=np.int64)
    positions = target.index(target_column).positions_of(values)
    check_known(checked, column, target.table, positions != ids.UNKNOWN)
    return positions


def can_be_known(target: Table, column: str, present: Container[str], rows: int) -> bool:
    """Return whether it makes sense to look for ids in a column of ``target``.

    Where the table, its rows or its column of ids are missing, that is said once, not row by row.
    """
    return column in present and (rows > 0 or target.may_be_empty)


def check_known(checked: Checked, column: str, target: Table, found: Flags) -> None:
    """Add a fault for each cell that names a row of ``target`` which was not ``found``."""
    values = checked.columns[column]
    unknown = ~found & checked.known(column)
    message = Text("在{t}表中没有这个编号", "there is no such id in {t}").fill(t=target.title)
    expected = Text("{t}表中已有的编号", "an id that {t} has").fill(t=target.title)
    checked.fault(unknown, "unknown_reference", message, column, values, expected)


def check_total(checked: Checked, columns: Sequence[str]) -> None:
    """Refuse amounts that add up to more than a result holds; then every later sum fits int64."""
    total = sum(exact_sum(checked.numbers(column)) for column in columns)
    checked.faults += total_faults(total, checked.table.name, columns[0])


def total_faults(total: int, table: str, column: str) -> list[FaultGroup]:
    """Return the fault of a column that adds up to ``total`` fen, if that is too much."""
    if total <= MAX_TOTAL_FEN:
        return []
    message = Text(
        "整列合计超过 9,999,999,999,999,999.99 元，结果无法容纳",
        "adds up to more than 9,999,999,999,999,999.99 yuan, which no result can hold",
    )
    return [whole("total_too_large", message, table=table, column=column)]


def exact_sum(fen: Integers) -> int:
    """Add amounts of at most 10^15 in two halves, neither of which can pass 2^63."""
    return (int((fen >> 32).sum()) << 32) + int((fen & 0xFFFFFFFF).sum())


def check_contract_dates(contracts: Checked) -> None:
    """Check that no contract is released before it starts."""
    start, end = contracts.numbers("start_date"), contracts.numbers("release_date")
    both = contracts.known("start_date") & contracts.known("release_date")
    contracts.fault(
        both & (end < start),
        "date_order",
        Text("解除日期早于起始日期", "the release is before the start"),
        "release_date",
        contracts.columns["release_date"],
        Text("不早于起始日期", "a date on or after the start"),
    )


def parties_of(columns: Iterable[str]) -> tuple[str, ...]:
    """Return who shares payouts: the known parties that have a column, then any others by name.

    `columns`: the columns that the contracts have.
    """
    present = {name.removeprefix(SHARE_PREFIX) for name in columns if name.startswith(SHARE_PREFIX)}
    return parties_in_order(present)


def check_shares(contracts: Checked, parties: tuple[str, ...]) -> None:
    """Check that the shares of each row that has any filled in make exactly 1."""
    total = np.zeros(contracts.raw.rows, dtype=np.int64)
    filled = np.zeros(contracts.raw.rows, dtype=np.bool_)
    readable = np.ones(contracts.raw.rows, dtype=np.bool_)
    for party in parties:
        name = SHARE_PREFIX + party
        if name in contracts.present:
            total += contracts.numbers(name)
            filled |= contracts.known(name)
            readable &= ~_faulty(contracts, name)
    wrong = readable & filled & (total != SHARE_UNIT)
    if wrong.any():
        contracts.fault(
            wrong,
            "shares_sum",
            Text("各方分担比例之和不等于 1", "the row's shares do not make 1"),
            SHARE_PREFIX + parties[0],
            format_scaled(total, 6),
            Text("合计恰为 1", "shares that make exactly 1"),
        )


def _faulty(checked: Checked, column: str) -> Flags:
    """Return the rows of a column whose cells have faults already."""
    wrong = np.zeros(checked.raw.rows, dtype=np.bool_)
    for group in checked.faults:
        if group.column == column and group.rows is not None:
            wrong[group.rows] = True
    return wrong


TYPE_OF_CLASS = np.array(
    [[choice.value for choice in BORROWER_TYPES].index(value) for value in BY_CLASS],
    dtype=np.int8,
)
"""The place in `BORROWER_TYPES` of each size class."""


def borrower_types_of(contracts: Checked) -> npt.NDArray[np.int8]:
    """Return the given types, and the derived ones where none is given; the rest are faults."""
    given = contracts.known("borrower_type")
    types = contracts.numbers("borrower_type").astype(np.int8)
    blank = ~given & ~_faulty(contracts, "borrower_type")
    for column in ("industry", "employees", "revenue", "total_assets"):
        blank &= ~_faulty(contracts, column)
    if not blank.any():
        return types
    if not contracts.present & {"borrower_type", "industry"}:
        message = Text(
            "缺少列 借款人类型（borrower_type），也没有可据以推出它的 行业（industry）",
            "column borrower_type is missing, and so is industry to derive it from",
        )
        contracts.faults.append(
            whole("missing_column", message, table="contracts", column="borrower_type")
        )
        return types
    rows = np.flatnonzero(blank)
    here = arrow(rows)
    derived = derive_classes({name: contracts.columns[name].take(here) for name in _DERIVED_FROM})
    types[rows] = TYPE_OF_CLASS[derived.classes]
    for problem in derived.problems:
        wrong = np.zeros(contracts.raw.rows, dtype=np.bool_)
        wrong[rows[problem.rows]] = True
        cells = contracts.columns[problem.column]
        contracts.fault(wrong, problem.kind, problem.message, problem.column, cells, EXPECTED)
    return types


_DERIVED_FROM = ("industry", "employees", "revenue", "total_assets")


def check_releases(releases: Checked, contracts: Checked, of: Integers) -> None:
    """Check partial releases against their contracts: within its days, and within its amount."""
    linked = of >= 0
    day = releases.numbers("release_date")
    dated = linked & releases.known("release_date")
    start = _at(contracts.numbers("start_date"), of)
    end = _at(contracts.numbers("release_date"), of)
    releases.fault(
        dated & _at(contracts.known("start_date"), of) & (day < start),
        "date_order",
        Text("解除日期早于合同的起始日期", "the release is before the contract's start"),
        "release_date",
        releases.columns["release_date"],
        Text("不早于合同起始日期", "a date on or after the contract's start"),
    )
    releases.fault(
        dated & (end != NO_DAY) & (day > end),
        "date_order",
        Text("解除日期晚于合同的解除日期", "the release is after the contract's own release"),
        "release_date",
        releases.columns["release_date"],
        Text("不晚于合同解除日期", "a date on or before the contract's release"),
    )
    amount = releases.numbers("amount")
    released = np.zeros(contracts.raw.rows, dtype=np.int64)
    np.add.at(released, of[linked], amount[linked])
    guaranteed = contracts.numbers("guaranteed_amount")
    over = contracts.known("guaranteed_amount") & (released > guaranteed)
    contracts.fault(
        over,
        "over_released",
        Text(
            "解保表中的解除金额合计超过担保金额", "the releases add up to more than is guaranteed"
        ),
        "contract_id",
        contracts.columns["contract_id"],
        Text("解除金额合计不超过担保金额", "releases of at most the guaranteed amount"),
    )


def check_claims(claims: Checked, contracts: Checked, of: Integers) -> list[FaultGroup]:
    """Check claims against their contracts; return the warnings."""
    linked = of >= 0
    day = claims.numbers("payout_date")
    dated = linked & claims.known("payout_date")
    claims.fault(
        dated
        & _at(contracts.known("start_date"), of)
        & (day < _at(contracts.numbers("start_date"), of)),
        "date_order",
        Text("代偿日期早于合同的起始日期", "the payout is before the contract's start"),
        "payout_date",
        claims.columns["payout_date"],
        Text("不早于合同起始日期", "a date on or after the contract's start"),
    )
    principal, interest = claims.numbers("principal"), claims.numbers("interest")
    readable = claims.known("principal") & ~_faulty(claims, "interest")
    claims.fault(
        readable & (principal + interest == 0),
        "no_payout",
        Text("代偿本金与代偿利息之和为 0", "principal and interest together are 0"),
        "principal",
        None,
        Text("大于 0 的代偿金额", "a payout above 0"),
    )
    late = dated & (day > _at(contracts.numbers("release_date"), of))
    amount = _at(contracts.numbers("guaranteed_amount"), of)
    over = linked & _at(contracts.known("guaranteed_amount"), of) & (principal > amount)
    return [
        *_warn(
            claims,
            late,
            "payout_after_release",
            Text("代偿日期晚于合同的解除日期", "the payout is after the contract's release"),
            "payout_date",
        ),
        *_warn(
            claims,
            over,
            "principal_above_guarantee",
            Text("代偿本金超过合同的担保金额", "the principal is above the guaranteed amount"),
            "principal",
        ),
    ]


def check_recoveries(recoveries: Checked, claims: Checked, of: Integers) -> None:
    """Check that no recovery is before its claim's payout."""
    linked = of >= 0
    dated = linked & recoveries.known("recovery_date")
    recoveries.fault(
        dated
        & _at(claims.known("payout_date"), of)
        & (recoveries.numbers("recovery_date") < _at(claims.numbers("payout_date"), of)),
        "date_order",
        Text("追偿日期早于代偿日期", "the recovery is before the payout"),
        "recovery_date",
        recoveries.columns["recovery_date"],
        Text("不早于代偿日期", "a date on or after the payout"),
    )


def _warn(checked: Checked, rows: Flags, kind: str, message: Text, column: str) -> list[FaultGroup]:
    where = np.flatnonzero(rows).astype(np.int64)
    if not len(where):
        return []
    locate = checked.raw.locate
    group = FaultGroup(kind, message, checked.table.name, column, NO_TEXT, where, None, locate)
    return [group]
