"""What the recoveries of one claim return to whom."""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np

from compensation.columns import Integers
from compensation.explanation.lines import Line
from compensation.explanation.recoveries import ClaimRecoveries, recovery_lines
from compensation.issues import Path
from compensation.language import Language, Text
from compensation.money import MAX_TOTAL_FEN
from compensation.one_case.claim import PAID_SO_FAR, TAKES_A_LEDGER
from compensation.one_case.reading import (
    BLANK,
    MISSING,
    Reader,
    Value,
    column_of,
)
from compensation.one_case.shares import Shares, check_paid, read_shares
from compensation.policy import GENERAL_POLICY
from compensation.policy.catalogue import Policy, load_policy
from compensation.policy.party_words import called_party
from compensation.policy.quantities import payer_names
from compensation.policy.variables import most_like
from compensation.rules import returns
from compensation.rules.compensation import PAYOUT
from compensation.rules.losses import (
    RECOVERED_BEFORE,
    Lost,
    borne_of,
    lost,
    lost_less,
    parts_after_payment,
)
from compensation.rules.steps import Steps
from compensation.schema.column import Column, ColumnType
from compensation.schema.dictionary import RECOVERIES
from compensation.schema.parties import GOVERNMENT
from compensation.values.dates import date_of
from compensation.values.printing import yuan_of

HERE = "recoveries"
"""The argument that holds the recoveries."""
COLUMNS = {column.name: column for column in RECOVERIES.columns if column.name != "claim_id"}
_PAYOUT = Column("payout", "代偿金额", ColumnType.MONEY, required=True, positive=True)
BY_CASE = Text(
    "按每笔代偿或追偿的情况确定的返还", "returns that depend on the claim or the recovery"
)
_BEFORE = Column("recovered_before", "申报前已追回", ColumnType.MONEY, required=True)
_COMPENSATION = Column("compensation", "补偿金额", ColumnType.MONEY, required=True)


@dataclass(frozen=True)
class SharedRecovery:
    """One recovery and what it returns, as in the returns table of a portfolio; yuan.

    `to`: what goes to government and to each party, in order.

    >>> shares = {"institution": "0.4", "lender": "0.6"}
    >>> recovery = {"recovery_id": "R1", "recovery_date": "2023-03-01", "proceeds": 300, "cost": 15}
    >>> share_recoveries(1000, 200, shares, [recovery]).returns[0].distributed
    Decimal('285.00')
    """

    recovery_id: str
    recovery_date: datetime.date
    proceeds: Decimal
    cost: Decimal
    distributed: Decimal
    surplus: Decimal
    to: Mapping[str, Decimal]

    def as_dict(self) -> dict[str, str]:
        """Return the row for JSON; amounts as text."""
        row = {"recovery_id": self.recovery_id, "recovery_date": self.recovery_date.isoformat()}
        for name in ("proceeds", "cost", "distributed", "surplus"):
            row[name] = f"{getattr(self, name):f}"
        return row | {f"to_{party}": f"{amount:f}" for party, amount in self.to.items()}


@dataclass(frozen=True, eq=False)
class SharedRecoveries:
    """What the recoveries of one claim return: a row for each, in the order given.

    `bears`: what government and each party bears of the payout once compensation is paid.

    >>> shares = {"institution": "0.4", "lender": "0.6"}
    >>> recovery = {"recovery_id": "R1", "recovery_date": "2023-03-01", "proceeds": 300, "cost": 15}
    >>> share_recoveries(1000, 200, shares, [recovery]).bears["institution"]
    Decimal('200.00')
    """

    policy: Policy
    bears: Mapping[str, Decimal]
    returns: tuple[SharedRecovery, ...]
    recovered: ClaimRecoveries = field(repr=False)

    @cached_property
    def explanation(self) -> tuple[Line, ...]:
        """The arithmetic of each recovery, line by line, in order of day and id."""
        return recovery_lines(self.recovered) if self.returns else ()

    def as_dict(self, language: Language = "zh") -> dict[str, Any]:
        """Return the rows and their arithmetic for JSON."""
        return {
            "returns": [row.as_dict() for row in self.returns],
            "bears": {party: f"{amount:f}" for party, amount in self.bears.items()},
            "explanation": [line.as_dict(language) for line in self.explanation],
            "policy": {"id": self.policy.id, "digest": self.policy.digest},
        }


def share_recoveries(
    payout: Decimal | int | str,
    compensation: Decimal | int | str,
    shares: Mapping[str, Value] | None,
    recoveries: Sequence[Mapping[str, Value]],
    policy: str | os.PathLike[str] | Policy = GENERAL_POLICY,
    recovered_before: Decimal | int | str | None = None,
) -> SharedRecoveries:
    """Share the recoveries of one claim among those who bore it.

    `payout`: principal plus interest. `compensation`: what government has paid of it. `shares`: by
    party, as the contract has them. `recoveries`: each with ``recovery_id``, ``recovery_date``,
    ``proceeds`` and ``cost`` (blank is 0), in any order; yuan, never a float. `policy`: whose part
    government pays, and whether costs are taken off. `recovered_before`: what was recovered before
    compensation was applied for, for policies that take it off, and for no other; 0 where nothing.
    Raises `CaseFaults` with every fault, also where the compensation is more than the beneficiary
    bore; `PolicyFaults` where the policy is wrong.

    >>> shares = {"institution": "0.4", "lender": "0.6"}
    >>> recovery = {"recovery_id": "R1", "recovery_date": "2023-03-01", "proceeds": 300, "cost": 15}
    >>> share_recoveries(1000, 200, shares, [recovery]).returns[0].to["government"]
    Decimal('57.00')
    """
    chosen = load_policy(policy)
    rules, reader = chosen.rules, Reader()
    fen = _amount(_PAYOUT, payout, reader)
    paid = _amount(_COMPENSATION, compensation, reader)
    before = _before(chosen, recovered_before, reader)
    of = None if fen is None else _lost(chosen, fen, before)
    if not set(rules.returns.named).isdisjoint(payer_names(rules)):
        reader.fault("takes_a_ledger", ("policy",), TAKES_A_LEDGER.fill(what=PAID_SO_FAR))
    if rules.returns.by_case or rules.returns.tests:
        reader.fault("takes_a_ledger", ("policy",), TAKES_A_LEDGER.fill(what=BY_CASE))
    sharing = read_shares(shares, {rules.beneficiary.party}, ("shares",), reader)
    if of is not None and paid is not None and sharing is not None:
        check_paid(paid, of.amount, sharing, chosen, ("compensation",), reader)
    rows = _read(recoveries, reader)
    reader.finish()
    assert of is not None
    assert paid is not None
    assert sharing is not None
    return _shared(chosen, rows, of, paid, sharing)


_Row = dict[str, int | str]


def _amount(column: Column, value: Value, reader: Reader) -> Integers | None:
    if value is None:
        reader.fault("blank", (column.name,), BLANK, column.expected)
        return None
    read = reader.cell(column, value, (column.name,))
    return column_of(read) if isinstance(read, int) else None


def _before(policy: Policy, value: Value, reader: Reader) -> Integers | None:
    """Return what was recovered before, where the policy takes it off; None where it does not."""
    if policy.rules.returns.recovered_before is not None:
        return _amount(_BEFORE, value, reader)
    if value is not None:
        message = Text(
            "政策 {policy} 不扣除申报前的追回，不用填写",
            "policy {policy} does not take off what was recovered before filing: leave it out",
        ).fill(policy=policy.id)
        reader.fault("unknown_member", (_BEFORE.name,), message)
    return None


def _lost(policy: Policy, payout: Integers, before: Integers | None) -> Lost:
    """Return what recoveries are returned of."""
    if before is None:
        return lost(payout)
    steps = Steps()
    steps.given("payout", PAYOUT, payout)
    steps.given("recovered_before", RECOVERED_BEFORE, before)
    return lost_less(payout, before, steps, policy.rules.returns)


def _read(recoveries: object, reader: Reader) -> list[_Row]:
    """Return each recovery by column; a row with a fault lacks what is wrong."""
    if not isinstance(recoveries, Sequence) or isinstance(recoveries, str):
        reader.fault("not_a_list", (HERE,), Text("不是列表", "not a list"), value=recoveries)
        return []
    rows = []
    ids: set[object] = set()
    for number, recovery in enumerate(recoveries):
        if not isinstance(recovery, Mapping):
            message = Text("不是一笔追偿的各项", "not the members of a recovery")
            reader.fault("not_an_object", (HERE, number), message, value=recovery)
            continue
        rows.append(_read_one(recovery, (HERE, number), reader))
        id_ = rows[-1].get("recovery_id")
        if id_ is not None and id_ in ids:
            message = Text("编号重复", "duplicate ID")
            expected = Text("每行各不相同的编号", "an id that no other row has")
            reader.fault("duplicate", (HERE, number, "recovery_id"), message, expected, id_)
        ids.add(id_)
    for name in ("proceeds", "cost"):
        total = sum(amount for row in rows if isinstance(amount := row.get(name), int))
        if total > MAX_TOTAL_FEN:
            message = Text("合计超出可计算的范围", "adds up to more than can be computed")
            reader.fault("total_too_large", (HERE,), message)
    return rows


def _read_one(recovery: Mapping[str, Value], path: Path, reader: Reader) -> _Row:
    row: _Row = {}
    for name, value in recovery.items():
        column = COLUMNS.get(name)
        if column is None:
            message = Text("没有这一项{nearest}", "there is no such member{nearest}")
            message = message.fill(nearest=most_like(str(name), tuple(COLUMNS)))
            reader.fault("unknown_member", (*path, name), message)
            continue
        before = len(reader.faults)
        read = reader.cell(column, value, (*path, name))
        if read is not None:
            row[name] = read
        elif len(reader.faults) == before:
            reader.fault("blank", (*path, name), BLANK, column.expected)
    for name, column in COLUMNS.items():
        if name in recovery:
            continue
        if column.default is None:
            reader.fault("missing", (*path, name), MISSING, column.expected)
        else:
            row[name] = column.default
    return row


def _shared(
    policy: Policy, rows: list[_Row], of: Lost, paid: Integers, sharing: Shares
) -> SharedRecoveries:
    """Return what the recoveries, sorted by day and id, return; their rows in the order given."""
    rules, parties = policy.rules, (GOVERNMENT, *sharing.parties)
    order = sorted(
        range(len(rows)), key=lambda n: (rows[n]["recovery_date"], rows[n]["recovery_id"])
    )

    def column(name: str) -> Integers:
        return np.array([rows[n][name] for n in order], dtype=np.int64)

    day, proceeds, cost = column("recovery_date"), column("proceeds"), column("cost")
    beneficiary = sharing.parties.index(rules.beneficiary.party)
    borne = borne_of(of, sharing.shares, rules.returns, sharing.parties)
    weights = returns.borne_after_payment(borne.total, beneficiary, paid)
    claim = np.zeros(len(rows), dtype=np.int64)
    returned = returns.returned(
        claim,
        day,
        proceeds,
        cost,
        of,
        weights,
        rules.returns,
        parties,
        called=called_party(rules),
        parts=parts_after_payment(borne, beneficiary, paid, rules.returns),
    )
    ids = [str(rows[n]["recovery_id"]) for n in order]
    shared = {
        row: SharedRecovery(
            ids[place],
            date_of(int(day[place])),
            yuan_of(proceeds[place]),
            yuan_of(cost[place]),
            yuan_of(returned.distributed[place]),
            yuan_of(returned.surplus[place]),
            dict(zip(parties, map(yuan_of, returned.parts[place]), strict=True)),
        )
        for place, row in enumerate(order)
    }
    return SharedRecoveries(
        policy,
        dict(zip(parties, map(yuan_of, weights[0]), strict=True)),
        tuple(shared[row] for row in range(len(rows))),
        ClaimRecoveries(ids, proceeds, cost, returned, 0, range(len(rows))),
    )
