"""DataFrames in, the year's compensation out: for those whose ledgers live in another system.

以 DataFrame 输入，得出当年的补偿。All figures are invented. From the root of the repository:

    python examples/from_dataframes.py [RESULT.xlsx]
"""

from __future__ import annotations

import sys
import tempfile
from decimal import Decimal
from pathlib import Path

import pandas as pd

import compensation


def institutions() -> pd.DataFrame:
    """Return one institution, with what it reported at the start of the year."""
    return pd.DataFrame(
        {
            "institution_id": ["I1"],
            "institution_name": ["示例担保公司（虚构）"],
            "government_backed": [True],
            "opening_balance": [Decimal(9_000_000)],  # as reported; left out, it is derived
            "opening_borrowers": [12],
        }
    )


def contracts() -> pd.DataFrame:
    """Return 30 contracts: 10 repaid in the year, 10 going on, 10 new; English names or Chinese.

    Money as Decimal is exact as it is; text, integers and floats of whole fen are taken as well.
    """
    old, new = pd.Timestamp("2021-06-01"), pd.Timestamp("2022-03-01")
    return pd.DataFrame(
        {
            "contract_id": [f"C{n:02d}" for n in range(1, 31)],
            "institution_id": "I1",
            "borrower_id": [f"B{n:02d}" for n in [*range(1, 21), *range(5, 15)]],
            "borrower_type": ["small_enterprise", "农户", "micro_enterprise"] * 10,
            "guaranteed_amount": [Decimal(500_000)] * 20 + [Decimal(700_000)] * 10,
            "start_date": [old] * 20 + [new] * 10,
            "release_date": [pd.Timestamp("2022-06-01")] * 10 + [pd.NaT] * 20,
            "share_institution": [Decimal("0.4")] * 30,
            "share_lender": [Decimal("0.2")] * 30,
            "share_reguarantor": [Decimal("0.2")] * 30,
            "share_national_fund": [Decimal("0.2")] * 30,
        }
    )


def claims() -> pd.DataFrame:
    """Return two claims: one approved, one that still waits for the industry authority."""
    return pd.DataFrame(
        {
            "claim_id": ["P1", "P2"],
            "contract_id": ["C01", "C02"],
            "payout_date": pd.to_datetime(["2022-05-31", "2022-06-01"]),
            "principal": ["120,000.00", "80000"],
            "interest": [Decimal("2500.55"), None],
            "finance_review": ["approved", "通过"],
            "industry_review": ["approved", None],
        }
    )


def recoveries() -> pd.DataFrame:
    """Return one recovery, after the year: it is shared under the figures of this run."""
    return pd.DataFrame(
        {
            "recovery_id": ["R1"],
            "claim_id": ["P1"],
            "recovery_date": [pd.Timestamp("2023-02-01")],
            "proceeds": [Decimal("50000.00")],
            "cost": [Decimal("1200.00")],
        }
    )


def main(path: Path) -> None:
    """Assess, print the results, explain a claim, and write the result workbook to ``path``."""
    try:
        portfolio = compensation.portfolio_of_frames(
            institutions=institutions(),
            contracts=contracts(),
            claims=claims(),
            recoveries=recoveries(),
        )
    except compensation.InputFaults as error:  # all of them: error.faults
        sys.exit(error.describe("zh"))
    result = compensation.assess(portfolio, "jiyuan-2022", 2022)

    shown = ["claim_id", "payout", "eligible", "rate", "compensation", "status", "payable"]
    print(result.claims[shown].to_string(index=False))
    print()
    print(result.institutions.iloc[0].to_string())  # Arrow-backed: decimals, no floats
    print()
    print(result.returns.iloc[0].to_string())
    print()
    print(result.explain("P1").describe("zh"))
    print()
    for warning in result.warnings:
        print("提示 / warning:", warning.describe("zh"))
    compensation.write_workbook(result, path)
    print(f"结果工作簿 / workbook: {path.name}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(Path(folder) / "result.xlsx")
