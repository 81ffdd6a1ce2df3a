"""Two claims that meet every condition of a shipped policy, but for what a proof leaves open."""

from __future__ import annotations

from typing import Any

import numpy as np

from compensation.ledger.choices import BORROWER_TYPES
from compensation.ledger.column import ColumnType
from compensation.policy.catalogue import Policy
from compensation.policy.subjects import INSTITUTION
from compensation.rules.conditions import effective_days
from compensation.rules.subjects import Subject

ROWS = 2
SURE = np.ones(ROWS, dtype=np.bool_)


def met(policy: Policy, eligible: Any, exposure: Any) -> dict[str, Subject]:
    """What the claim conditions look at: met, but for what is given.

    `eligible`: whether the institution meets its own conditions; `exposure`: the borrower's.
    """
    first, _ = effective_days(policy)
    day = np.full(ROWS, first + 30)
    words = tuple(choice.value for choice in BORROWER_TYPES)
    yes = np.ones(ROWS, dtype=np.int64)
    share = np.full(ROWS, 200_000)
    return {
        INSTITUTION: Subject(eligible, SURE, None, ColumnType.BOOLEAN),
        "claims.borrower_exposure": Subject(exposure, SURE, None, ColumnType.MONEY),
        "contracts.borrower_type": Subject(yes, SURE, None, ColumnType.CHOICE, words),
        "claims.payout_date": Subject(day, SURE, None, ColumnType.DATE),
        "contracts.start_date": Subject(day, SURE, None, ColumnType.DATE),
        "claims.reguarantor_paid_date": Subject(day, SURE, None, ColumnType.DATE),
        "contracts.borrower_region": Subject(yes - 1, SURE, None, ColumnType.TEXT, ("洛阳市",)),
        "contracts.technology_innovation": Subject(yes, SURE, None, ColumnType.BOOLEAN),
        "contracts.reguaranteed": Subject(yes, SURE, None, ColumnType.BOOLEAN),
        "contracts.loan_rate": Subject(yes, SURE, None, ColumnType.SHARE),
        "contracts.fee_rate": Subject(yes, SURE, None, ColumnType.SHARE),
        "contracts.loan_term_months": Subject(12 * yes, SURE, None, ColumnType.COUNT),
        "contracts.share_lender": Subject(share, SURE, None, ColumnType.SHARE),
        "contracts.share_national_fund": Subject(share, SURE, None, ColumnType.SHARE),
    }
