"""Two claims that meet every condition of a shipped policy, but for what a proof leaves open."""

from __future__ import annotations

from typing import Any

import numpy as np

from compensation.policy.catalogue import Policy
from compensation.policy.variables import INSTITUTION
from compensation.rules.conditions import effective_days
from compensation.rules.variables import Variable
from compensation.schema.choices import BORROWER_TYPES
from compensation.schema.column import ColumnType

ROWS = 2
SURE = np.ones(ROWS, dtype=np.bool_)


def met(policy: Policy, eligible: Any, exposure: Any) -> dict[str, Variable]:
    """What the claim conditions look at: met, but for what is given.

    `eligible`: whether the institution meets its own conditions; `exposure`: the borrower's.
    """
    first, _ = effective_days(policy)
    day = np.full(ROWS, first + 30)
    words = tuple(choice.value for choice in BORROWER_TYPES)
    yes = np.ones(ROWS, dtype=np.int64)
    share = np.full(ROWS, 200_000)
    return {
        INSTITUTION: Variable(eligible, SURE, None, ColumnType.BOOLEAN),
        "claims.borrower_exposure": Variable(exposure, SURE, None, ColumnType.MONEY),
        "contracts.borrower_type": Variable(yes, SURE, None, ColumnType.CHOICE, words),
        "claims.payout_date": Variable(day, SURE, None, ColumnType.DATE),
        "contracts.start_date": Variable(day, SURE, None, ColumnType.DATE),
        "claims.reguarantor_paid_date": Variable(day, SURE, None, ColumnType.DATE),
        "contracts.borrower_region": Variable(yes - 1, SURE, None, ColumnType.TEXT, ("洛阳市",)),
        "contracts.technology_innovation": Variable(yes, SURE, None, ColumnType.BOOLEAN),
        "contracts.reguaranteed": Variable(yes, SURE, None, ColumnType.BOOLEAN),
        "contracts.loan_rate": Variable(yes, SURE, None, ColumnType.SHARE),
        "contracts.fee_rate": Variable(yes, SURE, None, ColumnType.SHARE),
        "contracts.loan_term_months": Variable(12 * yes, SURE, None, ColumnType.COUNT),
        "contracts.share_lender": Variable(share, SURE, None, ColumnType.SHARE),
        "contracts.share_national_fund": Variable(share, SURE, None, ColumnType.SHARE),
    }
