"""An institution with one claim and one recovery, for tests that change something about them."""

from __future__ import annotations

from typing import Any

import pytest

from compensation.faults.input_faults import InputFaults
from compensation.issues import Issue
from tests.oracle_reading import Row, Tables

INSTITUTION = {"institution_id": "I1", "government_backed": "是"}
CONTRACT = {
    "contract_id": "K1",
    "institution_id": "I1",
    "borrower_id": "B1",
    "borrower_type": "small_enterprise",
    "guaranteed_amount": "1000000",
    "start_date": "2021-03-01",
    "release_date": "",
    "share_institution": "0.4",
    "share_lender": "0.6",
}
CLAIM = {
    "claim_id": "C1",
    "contract_id": "K1",
    "payout_date": "2022-06-30",
    "principal": "500000",
    "interest": "0.01",
    "finance_review": "approved",
    "industry_review": "approved",
    "compensation_paid": "",
}
RECOVERY = {
    "recovery_id": "R1",
    "claim_id": "C1",
    "recovery_date": "2022-07-01",
    "proceeds": "100",
    "cost": "",
}


def small(**changes: dict[str, str]) -> Tables:
    """An institution with one claim and one recovery; changes by table."""
    rows: dict[str, Row] = {
        "institutions": INSTITUTION,
        "contracts": CONTRACT,
        "claims": CLAIM,
        "recoveries": RECOVERY,
    }
    tables = {name: [{**row, **changes.get(name, {})}] for name, row in rows.items()}
    return {**tables, "releases": []}


def faults(run: Any, *arguments: Any) -> list[Issue]:
    with pytest.raises(InputFaults) as caught:
        run(*arguments)
    return list(caught.value.faults)
