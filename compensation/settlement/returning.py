"""What recoveries to date return to government, by the returns of each claim's own policy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import numpy as np

from compensation.arrays import arrow
from compensation.assessment import AskedOf, recover
from compensation.columns import Integers, group_sum
from compensation.engine.run import Recovered
from compensation.ledger.portfolio import Ledgers
from compensation.policy.model import Returns
from compensation.rules import returns
from compensation.rules.losses import Borne, Lost, parts_after_payment
from compensation.rules.quantities import Evaluator
from compensation.rules.steps import Called


class Terms(NamedTuple):
    """The claims whose recoveries return by one rule, and who is compensated for them.

    `lost`: what recoveries of each of the rows are returned of; `borne`: what each party bore of
    it. `called`: the party that has a name of its own. `asked_of`: what evaluates the rule's tests
    of recoveries at rows of the ledger, where it has any.
    """

    rows: Integers
    beneficiary: str
    rule: Returns
    lost: Lost
    borne: Borne
    called: Called = ()
    asked_of: AskedOf = lambda _recoveries: None


@dataclass(frozen=True, eq=False)
class ReturnedUnder:
    """The recoveries of claims under the same terms.

    `rows`: the claims' rows in the ledger. `recoveries`: their recoveries' rows. In `recovered`, a
    claim is its place in `rows`.
    """

    rows: Integers
    recoveries: Integers
    recovered: Recovered = field(repr=False)


@dataclass(frozen=True, eq=False)
class ReturnedToDate:
    """(claims,) what has come back of each claim, and what of it is government's, in fen."""

    proceeds: Integers
    cost: Integers
    distributed: Integers
    surplus: Integers
    government: Integers
    under: tuple[ReturnedUnder, ...] = field(repr=False)


def _asked_of(of: AskedOf, rows: Integers, order: Integers) -> Evaluator | None:
    return of(rows[order])


def returned_to_date(
    ledgers: Ledgers, by_government: Integers, terms: Iterable[Terms]
) -> ReturnedToDate:
    """Return what recoveries have brought to date, for each claim of the ledger.

    `by_government`: (claims,) what government bears of the beneficiary's part. `terms`: those of
    every claim.
    """
    claims = len(by_government)
    claim = ledgers.links.recovery_claim
    proceeds, cost = (ledgers.numbers("recoveries", name) for name in ("proceeds", "cost"))
    distributed, surplus, government = (np.zeros_like(by_government) for _ in range(3))
    under = []
    for rows, party, rule, lost, borne, called, asked_of in terms:
        place = np.full(claims, -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        own = np.flatnonzero(place[claim] >= 0).astype(np.int64)
        beneficiary = ledgers.parties.index(party)
        recovered = recover(
            rule,
            place[claim[own]],
            ledgers.numbers("recoveries", "recovery_date")[own],
            ledgers.column("recoveries", "recovery_id").take(arrow(own)),
            proceeds[own],
            cost[own],
            lost,
            returns.borne_after_payment(borne.total, beneficiary, by_government[rows]),
            ledgers.parties,
            parts=parts_after_payment(borne, beneficiary, by_government[rows], rule),
            called=called,
            asked_of=partial(_asked_of, asked_of, own),
        )
        of = place[claim[own]]
        distributed[rows] = group_sum(recovered.distributed, of, len(rows))
        surplus[rows] = group_sum(recovered.surplus, of, len(rows))
        government[rows] = group_sum(recovered.parts[:, 0], of, len(rows))
        under.append(ReturnedUnder(rows, own, recovered))
    return ReturnedToDate(
        group_sum(proceeds, claim, claims),
        group_sum(cost, claim, claims),
        distributed,
        surplus,
        government,
        tuple(under),
    )
