"""A small ledger without a fault, for tests that put one into it."""

from __future__ import annotations

import pytest

from compensation.faults.input_faults import InputFaults
from compensation.issues import Issue
from tests.assessing import portfolio_of
from tests.oracle_reading import Tables


def ledger() -> Tables:
    """Two of everything, without a fault and without a warning."""
    contract = {
        "institution_id": "I1",
        "borrower_type": "微型企业",
        "start_date": "2021-03-01",
        "release_date": "2022-03-01",
        "share_institution": "0.4",
        "share_lender": "0.6",
    }
    claim = {"payout_date": "2021-06-30", "interest": ""}
    return {
        "institutions": [
            {"institution_id": "I1", "government_backed": "是", "opening_balance": "0"},
            {"institution_id": "I2", "government_backed": "否", "opening_balance": ""},
        ],
        "contracts": [
            {**contract, "contract_id": "K1", "borrower_id": "B1", "guaranteed_amount": "100"},
            {**contract, "contract_id": "K2", "borrower_id": "B2", "guaranteed_amount": "200"},
        ],
        "releases": [
            {"contract_id": "K1", "release_date": "2021-04-01", "amount": "30"},
            {"contract_id": "K1", "release_date": "2021-05-01", "amount": "70"},
        ],
        "claims": [
            {**claim, "claim_id": "C1", "contract_id": "K1", "principal": "100"},
            {**claim, "claim_id": "C2", "contract_id": "K2", "principal": "150"},
        ],
        "recoveries": [
            {"recovery_id": "R1", "claim_id": "C1", "recovery_date": "2021-06-30", "proceeds": "1"},
            {"recovery_id": "R2", "claim_id": "C2", "recovery_date": "2022-06-30", "proceeds": "0"},
        ],
    }


def faults(tables: Tables) -> list[Issue]:
    with pytest.raises(InputFaults) as caught:
        portfolio_of(tables)
    return list(caught.value.faults)


def with_(tables: Tables, cell: str, value: str) -> Tables:
    table, row, column = cell.split(".")
    tables[table][int(row) - 1][column] = value
    return tables
