"""What recoveries to date return to government, by the returns of each claim's own policy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from compensation.arrays import arrow
from compensation.assessment import recover
from compensation.columns import Integers, group_sum
from compensation.engine.inputs import RuleInputs
from compensation.engine.run import Recovered
from compensation.ledger.portfolio import Ledgers
from compensation.policy.model import Returns
from compensation.rules import award, returns
from compensation.rules.losses import Borne, Lost, parts_after_payment
from compensation.rules.steps import Called


class Terms(NamedTuple):
    """The claims whose recoveries return by one rule, and who is compensated for them.

    `lost`: what recoveries of each of the rows are returned of; `borne`: what each party bore of
    it. `called`: the party that has a name of its own. `payers`: what each of them bears of what
    government does, where the rule names them. `inputs`: what the policy sees of the ledger; None
    where no policy covers them.
    """

    rows: Integers
    beneficiary: str
    rule: Returns
    lost: Lost
    borne: Borne
    called: Called = ()
    payers: returns.Payers | None = None
    inputs: RuleInputs | None = None


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


def recoveries_of(ledgers: Ledgers, terms: Terms) -> tuple[Integers, Integers]:
    """Return the rows of the recoveries of claims under some terms, and each one's place there."""
    place = np.full(ledgers.rows("claims"), -1, dtype=np.int64)
    place[terms.rows] = np.arange(len(terms.rows))
    of = place[ledgers.links.recovery_claim]
    own = np.flatnonzero(of >= 0).astype(np.int64)
    return own, of[own]


def recovered_under(
    ledgers: Ledgers, terms: Terms, own: Integers, of: Integers, by_government: Integers
) -> Recovered:
    """Return what recoveries return under some terms; `own`, `of`: see `recoveries_of`.

    `by_government`: what government bears of each claim of the terms.
    """
    rule, borne, inputs = terms.rule, terms.borne, terms.inputs
    beneficiary = ledgers.parties.index(terms.beneficiary)
    return recover(
        rule,
        of,
        ledgers.numbers("recoveries", "recovery_date")[own],
        ledgers.column("recoveries", "recovery_id").take(arrow(own)),
        ledgers.numbers("recoveries", "proceeds")[own],
        ledgers.numbers("recoveries", "cost")[own],
        terms.lost,
        returns.borne_after_payment(borne.total, beneficiary, by_government),
        ledgers.parties,
        None if terms.payers is None else _paying(terms.payers, by_government),
        parts=parts_after_payment(borne, beneficiary, by_government, rule),
        called=terms.called,
        asked_of=lambda order: None if inputs is None else inputs.asked_of(own[order]),
    )


def _paying(payers: returns.Payers, by_government: Integers) -> returns.Payers:
    """Return what each payer bears of what government does, in the same proportion."""
    return payers._replace(paid=award.among_payers(by_government, payers.paid))


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
    for each in terms:
        rows = each.rows
        own, of = recoveries_of(ledgers, each)
        recovered = recovered_under(ledgers, each, own, of, by_government[rows])
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
