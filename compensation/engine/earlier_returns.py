"""What recoveries had returned to government by a day, for caps over years that count net of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from compensation.arrays import arrow
from compensation.columns import Integers, group_sum
from compensation.ledger import ids
from compensation.ledger.portfolio import Ledgers
from compensation.policy.catalogue import Policy
from compensation.rules import returns
from compensation.rules.losses import Lost, borne_of, parts_after_payment
from compensation.rules.quantities import Evaluator
from compensation.schema.parties import GOVERNMENT


def returned_by(
    ledgers: Ledgers,
    policy: Policy,
    lost: Lost,
    paid: Integers,
    last: int,
    asked_of: Callable[[Integers], Evaluator | None],
    payers: returns.Payers | None = None,
) -> tuple[Integers, Integers | None]:
    """Return (claims of the ledger,) government's part of the recoveries up to a day, in fen.

    By the policy's returns, where government bears `paid`; `lost`: of every claim. `asked_of`: what
    evaluates their tests of recoveries at rows of the ledger. The second are the parts of its
    `payers`, (claims, payers).
    """
    of = ledgers.links.recovery_claim
    day = ledgers.numbers("recoveries", "recovery_date")
    rows = np.flatnonzero((day <= last) & (paid[of] > 0))
    rank = ids.ranks(ledgers.column("recoveries", "recovery_id").take(arrow(rows)))
    rows = rows[np.lexsort((rank, day[rows], of[rows]))]
    rule, shares = policy.rules.returns, ledgers.shares[ledgers.links.claim_contract]
    borne = borne_of(lost, shares, rule, ledgers.parties)
    beneficiary = ledgers.parties.index(policy.rules.beneficiary.party)
    found = returns.returned(
        of[rows],
        day[rows],
        ledgers.numbers("recoveries", "proceeds")[rows],
        ledgers.numbers("recoveries", "cost")[rows],
        lost,
        returns.borne_after_payment(borne.total, beneficiary, paid),
        rule,
        (GOVERNMENT, *ledgers.parties),
        payers,
        parts=parts_after_payment(borne, beneficiary, paid, rule),
        asked=asked_of(rows),
    )
    whole = group_sum(found.parts[:, 0], of[rows], len(paid))
    if found.payers is None:
        return whole, None
    by_payer = [group_sum(part, of[rows], len(paid)) for part in found.payers.T]
    return whole, np.stack(by_payer, axis=1)
