"""The three result tables of a settlement, in their columns."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from compensation.arrays import arrow, texts
from compensation.columns import Integers, group_sum
from compensation.results import WITHOUT, money
from compensation.rules.indicators import NO_YEAR
from compensation.rules.pool import LEGS, lines_of
from compensation.rules.set_off import SET_OFF
from compensation.rules.settlement import STATUSES
from compensation.rules.stages import TO_DATE
from compensation.rules.steps import Steps
from compensation.settlement.payers import parts_of_leg
from compensation.settlement.settled import Settled


def column_of(leg: str, payer: str) -> str:
    """Return the name of the column of a payer's part of what is due in one direction."""
    return f"{leg}_{payer}"


def leg_of(name: str) -> str | None:
    """Return of which of `LEGS` a column holds a payer's part; None of another column.

    >>> leg_of("to_remit_city"), leg_of("to_remit")
    ('to_remit', None)
    """
    return next((leg for leg in LEGS if name.startswith(column_of(leg, ""))), None)


def amounts_of(of: Settled) -> Mapping[str, Integers]:
    """Return (claims,) every amount that institutions have sums of, in the order of the table."""
    claims, since = len(of.payout), of.period.begin
    granted, returned, legs = of.granted, of.returned, of.legs
    in_stages = any(policy.rules.stages for policy in of.policies)
    return {
        "compensation": of.claims.compensation,
        "granted": granted.granted,
        **({TO_DATE: granted.to_date} if in_stages else {}),
        "paid_in_period": of.payments.net(claims, since),
        "paid_to_date": of.claims.paid,
        **({} if of.claims.set_off is None else {SET_OFF: of.claims.set_off}),
        **_with_parts(of, "to_pay"),
        **_with_parts(of, "to_recall"),
        "outstanding": granted.outstanding,
        "proceeds_to_date": returned.proceeds,
        "cost_to_date": returned.cost,
        "distributed_to_date": returned.distributed,
        "surplus_to_date": returned.surplus,
        "government_share": returned.government,
        "remitted_in_period": of.remittances.net(claims, since),
        "remitted_to_date": of.remitted,
        **_with_parts(of, "to_remit"),
        **_with_parts(of, "to_refund"),
        "net_due": legs.net_due,
        "government_cost": legs.government_cost,
        **({} if of.late is None else {"late_charge": of.late.charge}),
    }


def due_of(of: Settled, leg: str) -> Integers:
    """Return (claims,) what is due in one of the directions of `LEGS`."""
    found: Integers = getattr(of.granted if leg in ("to_pay", "to_recall") else of.legs, leg)
    return found


def _with_parts(of: Settled, leg: str) -> dict[str, Integers]:
    """Return (claims,) what is due in one direction, and each payer's part of it, by column."""
    amount = due_of(of, leg)
    parts = {leg: amount}
    for payers, by_payer in parts_of_leg(of, leg, amount):
        for place, fen in enumerate(by_payer.T):
            name = column_of(leg, payers[place])
            parts[name] = parts.get(name, 0) + fen
    return parts


def settlement_table(of: Settled) -> pa.Table:
    """Return every claim paid out by the day; one row each, in the order of the input."""
    ledgers, covered = of.ledgers, of.covered
    contract = ledgers.links.claim_contract
    institution = ledgers.links.contract_institution[contract]
    policies = texts([*(policy.id for policy in of.policies), None])
    policy = np.where(covered.policy < 0, len(of.policies), covered.policy)
    columns = {
        "claim_id": ledgers.column("claims", "claim_id"),
        "contract_id": ledgers.column("claims", "contract_id"),
        "institution_id": ledgers.column("institutions", "institution_id").take(arrow(institution)),
        "borrower_id": ledgers.column("contracts", "borrower_id").take(arrow(contract)),
        "payout_date": ledgers.column("claims", "payout_date"),
        "year": arrow(covered.year, covered.year != NO_YEAR),
        "policy": policies.take(arrow(policy)),
        "status": texts(STATUSES).take(arrow(of.claims.status)),
        "closed": arrow(of.claims.closed),
        "payout": money(of.payout),
    }
    for name in WITHOUT[of.policies[0].rules.record]:
        if name in columns:
            columns[name] = pa.nulls(len(contract), columns[name].type)
    return pa.table(columns | {name: money(fen) for name, fen in amounts_of(of).items()})


def institutions_table(of: Settled) -> pa.Table:
    """Return every institution with the sums of its claims; one row each."""
    ledgers = of.ledgers
    institution = ledgers.links.contract_institution[ledgers.links.claim_contract]
    rows = ledgers.rows("institutions")
    columns = {
        "institution_id": ledgers.column("institutions", "institution_id"),
        "claims": arrow(group_sum(np.ones_like(institution), institution, rows)),
    }
    for name, fen in amounts_of(of).items():
        columns[name] = money(group_sum(fen, institution, rows))
    return pa.table(columns)


def pool_table(statement: Steps) -> pa.Table:
    """Return the lines of the pool's statement."""
    lines = lines_of(statement)
    amounts = np.array(list(lines.values()), dtype=np.int64)
    return pa.table({"line": texts(list(lines)), "amount": money(amounts)})
