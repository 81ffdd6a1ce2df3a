"""Rates typed as 1 or 4.35 where 1% or 4.35% is meant, and places as people write them."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from compensation import (
    CaseFaults,
    InputFaults,
    assess,
    assess_files,
    decide_claim,
    load_policy,
    portfolio_of_frames,
)
from compensation.policy.percent_slips import implausible_from
from tests.ledger.one_column import SHARE, meaning
from tests.one_case.example import LUOYANG_CLAIM, LUOYANG_INSTITUTION

LUOYANG = "luoyang-2025"
DAY = datetime.date


def ledger(region: str = "洛阳市", fee: object = 0.01, loan: object = 0.045) -> dict[str, Any]:
    """Return an invented ledger of Luoyang: one claim of 100,000, of which 40% are borne."""
    contract = {
        "institution_id": "A",
        "borrower_type": "小型企业",
        "share_institution": 0.4,
        "share_lender": 0.2,
        "share_reguarantor": 0.2,
        "share_national_fund": 0.2,
        "注册地": region,
        "科技创新": "否",
        "贷款利率": loan,
        "担保费率": fee,
        "贷款期限(月)": 12,
        "纳入再担保体系": "是",
    }
    contracts = [
        {
            "contract_id": f"K{number}",
            "borrower_id": f"B{number}",
            "guaranteed_amount": 4_000_000,
            "start_date": DAY(2025, 7, 20),
            **contract,
        }
        for number in range(1, 16)
    ]
    claim = {
        "claim_id": "C1",
        "contract_id": "K1",
        "payout_date": DAY(2025, 11, 20),
        "principal": 100_000,
        "finance_review": "通过",
        "industry_review": "通过",
        "再担保代偿补偿到账日": DAY(2025, 12, 1),
    }
    institution = {"institution_id": "A", "government_backed": "是"}
    return {
        "institutions": pd.DataFrame([institution]),
        "contracts": pd.DataFrame(contracts),
        "claims": pd.DataFrame([claim]),
    }


def in_files(tables: dict[str, Any], folder: Path) -> Path:
    for name, frame in tables.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    return folder


def compensation(tables: dict[str, Any]) -> Decimal:
    (figure,) = assess(portfolio_of_frames(**tables), LUOYANG, 2025).claims["compensation"]
    return Decimal(figure)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("region", "figure"),
    [
        ("洛阳市", "20000.00"),
        ("河南省洛阳市", "20000.00"),
        ("河南省洛阳市西工区", "20000.00"),
        ("河南洛阳", "20000.00"),
        ("河南省/洛阳市", "20000.00"),
        ("中国河南省洛阳市", "20000.00"),
        ("河南省郑州市洛阳路", "0.00"),
        ("郑州市", "0.00"),
    ],
)
def test_a_place_with_whatever_it_lies_in(region: str, figure: str, tmp_path: Path) -> None:
    assert compensation(ledger(region)) == Decimal(figure)
    parts = assess_files(in_files(ledger(region), tmp_path), LUOYANG, 2025)
    assert [str(row) for row in parts.claims["compensation"]] == [figure]
    claim = decide_claim(LUOYANG, LUOYANG_INSTITUTION, {**LUOYANG_CLAIM, "borrower_region": region})
    assert claim.eligible is (figure != "0.00")
    (line,) = [line for line in claim.explanation.conditions if line.id == "borrower_region"]
    assert line.actual is not None
    assert line.actual.zh == region


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cells", "asked"),
    [
        ({"fee": 1}, "1%？"),
        ({"fee": 0.9}, "0.9%？"),
        ({"fee": "0.8"}, "0.8%？"),
        ({"fee": 1.5}, "1.5%？"),
        ({"loan": 4.35}, "4.35%？"),
        ({"loan": "4.35"}, "4.35%？"),
        ({"loan": 0.5}, "0.5%？"),
        ({"loan": 1}, "1%？"),
    ],
)
def test_a_percentage_without_its_sign_is_asked_about(
    cells: dict[str, Any], asked: str, tmp_path: Path
) -> None:
    tables = ledger(**cells)
    with pytest.raises(InputFaults) as caught:
        assess(portfolio_of_frames(**tables), LUOYANG, 2025)
    assert {fault.kind for fault in caught.value.faults} <= {"implausible_rate", "out_of_range"}
    assert all(asked in fault.message.zh for fault in caught.value.faults)
    assert len(caught.value.faults) == 15
    with pytest.raises(InputFaults) as caught:
        assess_files(in_files(tables, tmp_path), LUOYANG, 2025)
    assert all(asked in fault.message.zh for fault in caught.value.faults)
    name = {"fee": "fee_rate", "loan": "loan_rate"}
    given = {name[key]: Decimal(str(value)) for key, value in cells.items()}
    with pytest.raises(CaseFaults) as case:
        decide_claim(LUOYANG, LUOYANG_INSTITUTION, {**LUOYANG_CLAIM, **given})
    assert asked in case.value.faults[0].message.zh


@pytest.mark.slow
def test_plausible_rates_and_those_with_a_percent_sign_are_read() -> None:
    assert compensation(ledger(fee="1%", loan="4.5%")) == Decimal("20000.00")
    assert compensation(ledger(fee=0.015)) == Decimal("20000.00")
    for high in ({"fee": 0.149999}, {"fee": "90%"}, {"loan": "60 ％"}, {"loan": 0.499999}):
        assert compensation(ledger(**high)) == 0
    claim = {**LUOYANG_CLAIM, "fee_rate": "90%"}
    assert not decide_claim(LUOYANG, LUOYANG_INSTITUTION, claim).eligible


def test_from_where_on_a_column_of_the_shipped_policies_is_implausible() -> None:
    rules = load_policy(LUOYANG).rules
    assert implausible_from(rules, "contracts.fee_rate") == 150_000
    assert implausible_from(rules, "contracts.loan_rate") == 500_000
    assert implausible_from(rules, "contracts.share_lender") is None
    assert implausible_from(rules, "contracts.borrower_region") is None


def test_the_least_implausible_rate() -> None:
    column = SHARE._replace(implausible=150_000)
    cells = ["0.149999", "0.15", "15%", "15％", "1", "100%", None]
    assert meaning(column, text=pa.array(cells)).verdicts() == [
        *(149_999, "implausible_rate", 150_000, 150_000, "implausible_rate", 1_000_000, None)
    ]
    assert meaning(column, number=pa.array([0.149999, 0.15])).verdicts() == [
        *(149_999, "implausible_rate")
    ]
