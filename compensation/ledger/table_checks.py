"""What the tables must be to each other: each check adds its own faults.

`CONTRACT_CHECKS` and `CHECKS` list the checks between tables in the order in which they run. A
check is a function of `Tables` that returns its warnings. It looks only at rows whose cells could
be read, so that one wrong cell is reported once. Source: the contract, sections 2 and 7.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from compensation.arrays import arrow
from compensation.faults.groups import FaultGroup, whole
from compensation.language import Text
from compensation.ledger import ids
from compensation.ledger.checked import Check, Checked, Tables
from compensation.ledger.payment_checks import (
    NOT_BEFORE_PAYOUT,
    check_claim_days,
    check_entries,
    check_opening_years,
    check_pool,
    check_year,
    take_net_payments,
)
from compensation.ledger.portfolio import NO_DAY
from compensation.money import Flags, Integers
from compensation.schema.choices import BORROWER_TYPES
from compensation.schema.dictionary import ROWS_OF
from compensation.schema.parties import SHARE_PREFIX, SHARE_UNIT, parties_in_order
from compensation.values.kinds import LAST_YEAR
from compensation.values.printing import format_scaled


def _at(values: npt.NDArray[Any], rows: Integers) -> npt.NDArray[Any]:
    """Return the values of the rows referred to; anything where the reference is unknown."""
    return values[rows] if len(values) else np.zeros(len(rows), dtype=values.dtype)


def check_contract_dates(tables: Tables) -> list[FaultGroup]:
    """Check that no contract is released before it starts."""
    contracts = tables["contracts"]
    start, end = contracts.numbers("start_date"), contracts.numbers("release_date")
    contracts.out_of_order(
        contracts.known("start_date") & (end < start),
        "release_date",
        Text("解除日期早于起始日期", "the release is before the start"),
        Text("不早于起始日期", "a date on or after the start"),
    )
    return []


def parties_of(columns: Iterable[str]) -> tuple[str, ...]:
    """Return who shares payouts: the known parties that have a column, then any others by name.

    `columns`: the columns that the contracts have.
    """
    present = {name.removeprefix(SHARE_PREFIX) for name in columns if name.startswith(SHARE_PREFIX)}
    return parties_in_order(present)


def check_shares(tables: Tables) -> list[FaultGroup]:
    """Check that the shares of each row that has any filled in make exactly 1."""
    contracts = tables["contracts"]
    parties = parties_of(contracts.present)
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
    return []


def _faulty(checked: Checked, column: str) -> Flags:
    """Return the rows of a column whose cells have faults already."""
    wrong = np.zeros(checked.raw.rows, dtype=np.bool_)
    for group in checked.faults:
        if group.column == column and group.rows is not None:
            wrong[group.rows] = True
    return wrong


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
    # Most inputs give all types; reading the classification takes longer than they do.
    from compensation.classification.derivation import EXPECTED, derive_classes
    from compensation.classification.enterprise_size import BORROWER_TYPES as BY_CLASS

    rows = np.flatnonzero(blank)
    here = arrow(rows)
    derived = derive_classes({name: contracts.columns[name].take(here) for name in _DERIVED_FROM})
    values = [choice.value for choice in BORROWER_TYPES]
    type_of_class = np.array([values.index(value) for value in BY_CLASS], dtype=np.int8)
    types[rows] = type_of_class[derived.classes]
    for problem in derived.problems:
        wrong = np.zeros(contracts.raw.rows, dtype=np.bool_)
        wrong[rows[problem.rows]] = True
        cells = contracts.columns[problem.column]
        contracts.fault(wrong, problem.kind, problem.message, problem.column, cells, EXPECTED)
    return types


_DERIVED_FROM = ("industry", "employees", "revenue", "total_assets")


def check_releases(tables: Tables) -> list[FaultGroup]:
    """Check partial releases against their contracts: within its days, and within its amount."""
    releases, contracts, of = tables["releases"], tables["contracts"], tables.of["releases"]
    linked = of >= 0
    day = releases.numbers("release_date")
    start = _at(contracts.numbers("start_date"), of)
    end = _at(contracts.numbers("release_date"), of)
    releases.out_of_order(
        linked & _at(contracts.known("start_date"), of) & (day < start),
        "release_date",
        Text("解除日期早于合同的起始日期", "the release is before the contract's start"),
        Text("不早于合同起始日期", "a date on or after the contract's start"),
    )
    releases.out_of_order(
        linked & (end != NO_DAY) & (day > end),
        "release_date",
        Text("解除日期晚于合同的解除日期", "the release is after the contract's own release"),
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
    return []


def check_claims(tables: Tables) -> list[FaultGroup]:
    """Check claims against their contracts."""
    claims, contracts, of = tables["claims"], tables["contracts"], tables.of["claims"]
    linked = of >= 0
    day = claims.numbers("payout_date")
    dated = linked & claims.known("payout_date")
    start = _at(contracts.numbers("start_date"), of)
    claims.out_of_order(
        linked & _at(contracts.known("start_date"), of) & (day < start),
        "payout_date",
        Text("代偿日期早于合同的起始日期", "the payout is before the contract's start"),
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
        *claims.group(
            late,
            "payout_after_release",
            Text("代偿日期晚于合同的解除日期", "the payout is after the contract's release"),
            "payout_date",
        ),
        *claims.group(
            over,
            "principal_above_guarantee",
            Text("代偿本金超过合同的担保金额", "the principal is above the guaranteed amount"),
            "principal",
        ),
        *claims.group(
            readable & (interest > principal) & (principal > 0),
            "interest_above_principal",
            Text(
                "代偿利息超过代偿本金，请核对两个金额是否填反",
                "the interest is above the principal; check whether the two are interchanged",
            ),
            "interest",
        ),
    ]


def check_recoveries(tables: Tables) -> list[FaultGroup]:
    """Check that no recovery is before its claim's payout."""
    recoveries, claims, of = tables["recoveries"], tables["claims"], tables.of["recoveries"]
    payout = _at(claims.numbers("payout_date"), of)
    recoveries.out_of_order(
        (of >= 0)
        & _at(claims.known("payout_date"), of)
        & (recoveries.numbers("recovery_date") < payout),
        "recovery_date",
        Text("追偿日期早于代偿日期", "the recovery is before the payout"),
        NOT_BEFORE_PAYOUT,
    )
    return []


def check_years(tables: Tables) -> list[FaultGroup]:
    """Check that values by year are of a year that there can be, once for each id and year."""
    for name in ROWS_OF:
        rows = tables[name]
        check_year(rows, "year")
        id_ = rows.table.columns[0].name
        of, _ = ids.codes(rows.columns[id_])
        year = rows.numbers("year")
        known = rows.known(id_) & rows.known("year") & (year <= LAST_YEAR)
        again = np.zeros(rows.raw.rows, dtype=np.bool_)
        _, first = np.unique(of[known] * (LAST_YEAR + 1) + year[known], return_index=True)
        again[np.flatnonzero(known)] = True
        again[np.flatnonzero(known)[first]] = False
        rows.fault(
            again,
            "year_twice",
            Text("这个编号和年度另有一行", "another row has this id and year"),
            "year",
            rows.columns["year"],
            Text("每个编号每个年度一行", "one row for each id and year"),
        )
    return []


CONTRACT_CHECKS: tuple[Check, ...] = (check_contract_dates, check_shares, check_releases)
"""The checks of contracts and of their releases: they run on a block of contracts at a time."""
CHECKS: tuple[Check, ...] = (
    check_claims,
    check_recoveries,
    check_opening_years,
    check_years,
    check_claim_days,
    check_entries,
    take_net_payments,
    check_pool,
)
"""The checks of the other tables, whole, against the contracts that claims name."""
