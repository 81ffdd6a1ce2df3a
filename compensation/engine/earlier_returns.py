"""What recoveries had returned to government by a day, for caps over years that count net of it."""

from __future__ import annotations

import numpy as np

from compensation.arrays import arrow
from compensation.columns import Integers, group_sum
from compensation.ledger import ids
from compensation.ledger.portfolio import Ledgers
from compensation.policy.catalogue import Policy
from compensation.rules import award, returns
from compensation.schema.parties import GOVERNMENT


def returned_by(
    ledgers: Ledgers, policy: Policy, lost: returns.Lost, paid: Integers, last: int
) -> Integers:
    """Return (claims of the ledger,) government's part of the recoveries up to a day, in fen.

    By the policy's returns, where government bears `paid`; `lost`: of every claim.
    """
    of = ledgers.links.recovery_claim
    day = ledgers.numbers("recoveries", "recovery_date")
    rows = np.flatnonzero((day <= last) & (paid[of] > 0))
    rank = ids.ranks(ledgers.column("recoveries", "recovery_id").take(arrow(rows)))
    rows = rows[np.lexsort((rank, day[rows], of[rows]))]
    borne = award.borne(lost.amount, ledgers.shares[ledgers.links.claim_contract])
    beneficiary = ledgers.parties.index(policy.rules.beneficiary.party)
    found = returns.returned(
        of[rows],
        day[rows],
        ledgers.numbers("recoveries", "proceeds")[rows],
        ledgers.numbers("recoveries", "cost")[rows],
        lost,
        returns.borne_after_payment(borne, beneficiary, paid),
        policy.rules.returns,
        (GOVERNMENT, *ledgers.parties),
    )
    return group_sum(found.parts[:, 0], of[rows], len(paid))
