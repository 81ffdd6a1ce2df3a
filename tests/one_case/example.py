"""The case of the contract, for tests that change something about it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from compensation import CaseFaults, DecidedClaim, Issue, decide_claim

RATIOS: dict[str, Any] = {
    "government_backed": True,
    "small_agri_share": "0.92",
    "balance_growth": "0.25",
    "borrower_growth": "0.21",
    "payout_rate": "0.015",
}
AMOUNTS: dict[str, Any] = {
    "government_backed": True,
    "opening_balance": 400_000_000,
    "closing_balance": Decimal("500000000.00"),
    "opening_borrowers": 300,
    "closing_borrowers": 363,
    "small_agri_balance": "460000000.00",
    "released_amount": "320000000.00",
    "payout_amount": "4800000.00",
}
"""Amounts that come to the same ratios."""
SHARES = {"institution": "0.4", "lender": "0.2", "reguarantor": "0.2", "national_fund": "0.2"}
CLAIM: dict[str, Any] = {
    "borrower_type": "small_enterprise",
    "borrower_exposure": "3000000.00",
    "payout_date": "2022-06-30",
    "principal": "1000000.00",
    "interest": "20000.00",
    "shares": SHARES,
    "finance_review": "approved",
    "industry_review": "approved",
}
LUOYANG_INSTITUTION: dict[str, Any] = {"government_backed": True, "new_guarantees": 60_000_000}
LUOYANG_CLAIM: dict[str, Any] = {
    **CLAIM,
    "payout_date": "2025-11-20",
    "borrower_region": "洛阳市涧西区",
    "technology_innovation": None,
    "loan_rate": "0.045",
    "start_date": "2025-01-15",
    "loan_term_months": 12,
    "fee_rate": "0.01",
    "reguaranteed": True,
    "reguarantor_paid_date": "2025-12-10",
}
LOAN: dict[str, Any] = {
    "guaranteed_amount": "1000000",
    "start_date": "2021-03-01",
    "release_date": None,
    "borrower_id": "b1",
    "green_register": True,
    "finance_review": "approved",
    "industry_review": "approved",
}
"""A loan under xiamen-green-2021: 7,300 in 2022, at 20% of 3.65%."""
RECOVERY: dict[str, Any] = {
    "recovery_id": "R1",
    "recovery_date": "2023-03-01",
    "proceeds": "300000.00",
    "cost": "15000.00",
}


def decided(institution: dict[str, Any] | None = None, **changes: Any) -> DecidedClaim:
    return decide_claim("jiyuan-2022", institution or RATIOS, {**CLAIM, **changes})


def without(case: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in case.items() if name not in names}


def faults(run: Any, *arguments: Any) -> dict[tuple[str | int, ...], Issue]:
    """The faults of a call by path; none is there twice."""
    with pytest.raises(CaseFaults) as caught:
        run(*arguments)
    found = {fault.path: fault for fault in caught.value.faults}
    assert len(found) == len(caught.value.faults)
    for text in (caught.value.describe("zh"), caught.value.describe("en")):
        assert len(text.splitlines()) == 1 + len(found)
    return found


def kinds(run: Any, *arguments: Any) -> dict[tuple[str | int, ...], str]:
    return {path: fault.kind for path, fault in faults(run, *arguments).items()}
