"""The task of a settlement: see `tasks`. Its own amounts are of claims, and the pool's of days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compensation.columns import Flags, Integers, distinct, group_sum, numbered
from compensation.engine.guards import more_institutions
from compensation.engine.movements import LINES, opening_of, pool_movements
from compensation.faults.groups import FaultGroup
from compensation.ledger.portfolio import Ledgers, numbers_of
from compensation.money import split
from compensation.results import money
from compensation.rules import pool
from compensation.rules.returns import borne_after_payment
from compensation.rules.settlement import STATUSES, Granted, due
from compensation.rules.steps import Steps
from compensation.schema.choices import POOL_KINDS
from compensation.settlement.deciding import lost_and_borne, places_of_bearers, terms_of
from compensation.settlement.settle import DecidedYears, SettlementRun, settle_ledgers
from compensation.settlement.settlement import Settlement
from compensation.settlement.tables import column_of
from compensation.settlement.warnings import one_value_for_years, years_so_far
from compensation.spark.names import BACKED, BEHIND, CLAIM, DUE, FIRST, INSTITUTION, counts_named
from compensation.spark.tasks import Task, backed_of, lists, paid_by_payers, turns

BEHIND_CLAIM = ("paid", "to_recall", "distributed", "remitted", "bearer")
"""What the amounts of a claim follow from once the budget has said what is to be paid: fen, and
the place of the party that is compensated. `borne` is beside them: what each party bore of
what was lost."""
CUT_BY_BUDGET = (
    *("to_pay", "outstanding", "government_share"),
    *("to_remit", "to_refund", "net_due", "government_cost"),
)
"""The amounts of a claim that a budget changes."""
CUT_LEGS = ("to_pay", "to_remit", "to_refund")
"""Those of them of which each payer has a part."""
OF_STATUS, OF_OPENING, OF_LINE = "status.", "opening.", "line."
"""What the names of counts begin with: of claims by status, of the pool's opening by its day, and
of what moved by line and day."""
DAY_BITS = 32
"""A day, as days since 1970-01-01, has no more bits."""


@dataclass(frozen=True)
class Settling(Task):
    """A settlement; `years`: those that are decided over all ledgers."""

    run: SettlementRun
    years: DecidedYears | None = None

    def decide(self, ledgers: Ledgers, budget: int | None) -> Settlement:
        """Return what ledgers come to; raises `InputFaults`."""
        return settle_ledgers(ledgers, self.run._replace(budget=budget), self.years)

    def results(self, found: Settlement) -> dict[str, pa.Table]:
        """Return claims, with what is `BEHIND` their amounts, and institutions."""
        granted, ledgers = found.granted, found.ledgers
        _, borne = lost_and_borne(ledgers, terms_of(ledgers, self.policies, found.covered))
        behind = {
            "paid": found.claims.paid,
            "to_recall": granted.to_recall,
            "distributed": found.returned.distributed,
            "remitted": found.remitted,
            "bearer": places_of_bearers(found.ledgers, self.policies, found.covered),
        }
        arrays = [
            *(pa.array(behind[name]) for name in BEHIND_CLAIM),
            lists(borne),
        ]
        columns = {
            DUE: pa.array(granted.to_pay),
            FIRST: pa.array(turns(found.ledgers, found.decided)),
            BEHIND: pa.StructArray.from_arrays(arrays, [*BEHIND_CLAIM, "borne"]),
        }
        claims = found.tables["settlement"]
        for name, values in columns.items():
            claims = claims.append_column(name, values)
        return {CLAIM: claims, INSTITUTION: found.tables["settlement_institutions"]}

    def counts(self, found: Settlement) -> dict[str, int]:
        """Return what is due, claims by status, and what moved in the pool by line and day."""
        counts = {**backed_of(found.ledgers), DUE: int(found.granted.to_pay.sum())}
        for status, count in enumerate(np.bincount(found.claims.status).tolist()):
            counts[f"{OF_STATUS}{status}"] = count
        opening = opening_of(found.ledgers)
        if opening is not None:
            counts[f"{OF_OPENING}{opening.day}"] = opening.amount
        moved = pool_movements(found.ledgers, found.payments, found.remittances)
        number, first = numbered((moved.line << DAY_BITS) + moved.day)
        sums = group_sum(moved.amount, number, len(first)).tolist()
        lines, days = moved.line[first].tolist(), moved.day[first].tolist()
        for line, day, fen in zip(lines, days, sums, strict=True):
            counts[f"{OF_LINE}{line}.{day}"] = fen
        return counts

    def paid(self, claims: pa.RecordBatch, payable: Integers) -> Mapping[str, pa.Array]:
        """Return the amounts of claims of which ``payable`` is to be paid under the budget.

        Government's share of recoveries depends only on what has been distributed to date, see
        `money.split`, so the recoveries themselves are not needed again.
        """
        of = {name: numbers_of(pc.struct_field(claims[BEHIND], name)) for name in BEHIND_CLAIM}
        borne = numbers_of(pc.list_flatten(pc.struct_field(claims[BEHIND], "borne")))
        owed = numbers_of(claims[DUE])
        after = of["paid"] + payable - of["to_recall"]
        granted = of["paid"] + owed - of["to_recall"]
        of_claims = Granted(
            granted, payable, of["to_recall"], owed - payable, after, granted, Steps()
        )
        share = _government_share(
            of["distributed"], borne.reshape(len(owed), -1), of["bearer"], after
        )
        legs = due(of_claims, share, of["remitted"])
        amounts = {
            "to_pay": payable,
            "outstanding": of_claims.outstanding,
            "government_share": share,
            "to_remit": legs.to_remit,
            "to_refund": legs.to_refund,
            "net_due": legs.net_due,
            "government_cost": legs.government_cost,
        }
        for leg in CUT_LEGS:
            amounts |= paid_by_payers(claims, self.policies, amounts[leg], column_of(leg, ""))
        return {name: money(fen) for name, fen in amounts.items()}

    def warnings(self, tally: Mapping[str, int]) -> list[FaultGroup]:
        """Return what is worth a look in all parts; what the pool comes to is known later."""
        backed = tally.get(BACKED, 0)
        found = [group for policy in self.policies for group in more_institutions(policy, backed)]
        years = () if self.years is None else self.years.as_of
        found += one_value_for_years(self.policies, years)
        assert self.run.period is not None
        return [*found, *years_so_far(self.policies, years, self.run.period.last)]


def _government_share(
    distributed: Integers, borne: Integers, bearer: Integers, by_government: Integers
) -> Integers:
    """Return government's part of what was distributed, of claims with beneficiaries of their own.

    `borne`: (claims, parties). `bearer`: (claims,) the beneficiary's place among them.
    """
    share = np.zeros_like(distributed)
    for place in distinct(bearer).tolist():
        own: Flags = bearer == place
        weights = borne_after_payment(borne[own], place, by_government[own])
        share[own] = split(distributed[own], weights)[:, 0]
    return share


def by_status(tally: Mapping[str, int]) -> list[int]:
    """Return how many claims there are of each of `STATUSES`."""
    return [tally.get(f"{OF_STATUS}{status}", 0) for status in range(len(STATUSES))]


def has_entries(tally: Mapping[str, int]) -> bool:
    """Return whether the table pool has a row by the day."""
    lines = {int(each.partition(".")[0]) for each in counts_named(OF_LINE, tally)}
    entered = {LINES.index(kind.value) for kind in POOL_KINDS if kind.value in LINES}
    return bool(counts_named(OF_OPENING, tally)) or not lines.isdisjoint(entered)


def statement(tally: Mapping[str, int], begin: int, legs: Mapping[str, int]) -> Steps:
    """Return the pool's statement from what all parts counted.

    `begin`: the first day of the period. `legs`: what is to be paid, recalled, remitted, refunded.
    """
    opening = None
    moved = []
    for day, fen in counts_named(OF_OPENING, tally).items():
        opening = pool.Opening(int(day), fen)
    for line_and_day, fen in counts_named(OF_LINE, tally).items():
        line, _, day = line_and_day.partition(".")
        moved.append((int(line), int(day), fen))
    columns = np.array(moved, dtype=np.int64).reshape(-1, 3).T
    return pool.pool_statement(pool.Movements(*columns), opening, begin, legs)
