"""The three result tables of a settlement, in their columns."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from compensation.arrays import arrow, texts
from compensation.columns import Integers, group_sum
from compensation.policy.quantities import payer_names
from compensation.results import WITHOUT, money
from compensation.rules import award
from compensation.rules.indicators import NO_YEAR
from compensation.rules.pool import lines_of
from compensation.rules.settlement import STATUSES
from compensation.rules.stages import TO_DATE
from compensation.rules.steps import Steps
from compensation.settlement.settled import Settled

PAID_BY = "to_pay_"
"""What stands before a payer's id in the name of the column of what it pays."""


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
        "to_pay": granted.to_pay,
        **to_pay_by_payer(of),
        "to_recall": granted.to_recall,
        "outstanding": granted.outstanding,
        "proceeds_to_date": returned.proceeds,
        "cost_to_date": returned.cost,
        "distributed_to_date": returned.distributed,
        "surplus_to_date": returned.surplus,
        "government_share": returned.government,
        "remitted_in_period": of.remittances.net(claims, since),
        "remitted_to_date": of.remitted,
        "to_remit": legs.to_remit,
        "to_refund": legs.to_refund,
        "net_due": legs.net_due,
        "government_cost": legs.government_cost,
    }


def to_pay_by_payer(of: Settled) -> Mapping[str, Integers]:
    """Return (claims,) what each payer of a policy pays of what is to be paid, by its column.

    A claim of a policy that does not have the payer has 0. Who gets what is recalled is not said:
    no ledger tells which payer paid it.
    """
    to_pay = of.granted.to_pay
    payers = [payer for policy in of.policies for payer in payer_names(policy.rules)]
    found = {f"{PAID_BY}{payer}": np.zeros_like(to_pay) for payer in payers}
    for year in of.decided:
        parts = award.among_payers(to_pay[year.claim_rows], year.decisions.payer_shares)
        for place, payer in enumerate(payer_names(year.policy.rules)):
            found[f"{PAID_BY}{payer}"][year.claim_rows] = parts[:, place]
    return found


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
