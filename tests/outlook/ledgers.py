"""Small ledgers of several years, written by hand, for figures that can be worked out on paper."""

from __future__ import annotations

from tests.oracle_reading import Row, Tables

CONTRACT = {
    "borrower_type": "small_enterprise",
    "release_date": "",
    "fee_rate": "0.01",
    "share_institution": "0.4",
    "share_lender": "0.6",
}


def contract(id_: str, institution: str, amount: str, start: str, **cells: str) -> Row:
    row = {
        "contract_id": id_,
        "institution_id": institution,
        "borrower_id": f"B{id_}",
        "guaranteed_amount": amount,
        "start_date": start,
    }
    return {**row, **CONTRACT, **cells}


def two_institutions() -> Tables:
    """I1 with everything that the trade reports; I2, which begins in 2023 and pays nothing out."""
    institutions = [
        {
            "institution_id": id_,
            "institution_name": "",
            "government_backed": "是",
            "net_assets": assets,
            "net_assets_year": year,
        }
        for id_, assets, year in (("I1", "500000", "2024"), ("I2", "", ""))
    ]
    contracts = [
        contract("K1", "I1", "1000000", "2021-03-01", release_date="2022-06-30"),
        contract("K2", "I1", "2000000", "2022-03-01", release_date="2023-06-30"),
        contract("K3", "I1", "5000000", "2024-03-01", fee_rate="0.012"),
        contract("K4", "I1", "5000000.01", "2024-04-01", fee_rate="0.5%"),
        contract("K5", "I2", "100000", "2023-03-01", release_date="2024-06-30"),
        contract("K6", "I2", "300000", "2024-03-01", fee_rate=""),
    ]
    claim = {"interest": "0", "finance_review": "通过", "industry_review": "通过"}
    claims = [
        {"claim_id": "C1", "contract_id": "K1", "payout_date": "2022-05-01", "principal": "50000"},
        {"claim_id": "C2", "contract_id": "K2", "payout_date": "2023-05-01", "principal": "100000"},
    ]
    recoveries = [
        ("R1", "C1", "2023-02-01", "10000", "1000"),
        ("R2", "C1", "2024-02-01", "6000", "0"),
    ]
    return {
        "institutions": institutions,
        "contracts": contracts,
        "releases": [
            {"contract_id": "K3", "release_date": "2024-12-31", "amount": "1000000"},
        ],
        "claims": [{**row, **claim} for row in claims],
        "recoveries": [
            {
                "recovery_id": id_,
                "claim_id": claim_id,
                "recovery_date": day,
                "proceeds": proceeds,
                "cost": cost,
            }
            for id_, claim_id, day, proceeds, cost in recoveries
        ],
        "payments": [
            {"payment_id": "P1", "claim_id": "C1", "payment_date": "2022-12-31", "amount": "10000"},
        ],
        "remittances": [
            {
                "remittance_id": "M1",
                "claim_id": "C1",
                "remittance_date": "2023-12-31",
                "amount": "900",
            },
        ],
    }
