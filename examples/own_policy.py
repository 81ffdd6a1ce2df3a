"""A policy of one's own, by path: checked, then run on the example's ledger.

自己的政策文件:先检查,再用示例台账计算。The city of own-policy.toml is invented, and so is the
ledger. From the root of the repository:

    python examples/own_policy.py
"""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

import compensation

HERE = Path(__file__).parent
POLICY = HERE / "own-policy.toml"
LEDGER = HERE / "jiyuan-2022.xlsx"
IDS = ("合同编号", "机构代码", "借款人代码", "代偿编号", "追偿编号")
DAYS_TO_FILING = (40, 21, 33, 90, 60, 91, 14, 75, 30, 28, 45, 10)
"""How long after each payout of the ledger compensation was applied for; 90 days are allowed."""


def show_mistakes(policy: Path) -> None:
    """Print what is said of a copy with three mistakes in it: every one, by its key."""
    text = policy.read_text(encoding="utf-8")
    for right, wrong in (
        ("at_most = 0.04", "at_mots = 0.04"),
        ("rate = 0.35", "rate = 1.35"),
        ('basis = "assumption"', ""),
    ):
        assert right in text
        text = text.replace(right, wrong)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "with-mistakes.toml"
        copy.write_text(text, encoding="utf-8")
        try:
            compensation.load_policy(copy)
        except compensation.PolicyFaults as error:
            print(error.describe("zh"))


def ledger_with_filing_dates() -> compensation.Portfolio:
    """Return the example's ledger with the column that the policy tests.

    In practice the column stands in the ledger itself, and `read_portfolio` is enough. Here pandas
    reads the sheets (headings in row 3, ids as text, the closing sums left out) and adds it.
    """
    texts = dict.fromkeys(IDS, str)
    sheets = pd.read_excel(LEDGER, sheet_name=None, header=2, dtype=texts, engine="calamine")
    contracts, releases, claims, recoveries = (
        sheets[name].iloc[:-1].drop(columns="序号") for name in ("担保合同", "解保", "代偿", "追偿")
    )
    # pandas leaves out the rows above the headings, so the unit goes into them.
    amounts = ("担保金额", "营业收入", "资产总额")
    contracts = contracts.rename(columns={name: f"{name}(万元)" for name in amounts})
    claims["申报日期"] = filing_dates(claims["代偿日期"].dt.date.tolist())
    return compensation.portfolio_of_frames(
        institutions=sheets["机构"],
        contracts=contracts,
        releases=releases,
        claims=claims,
        recoveries=recoveries,
    )


def filing_dates(payout_dates: list[date]) -> list[date]:
    """Return an invented filing date for each payout."""
    return [
        day + timedelta(days=days) for day, days in zip(payout_dates, DAYS_TO_FILING, strict=True)
    ]


def main() -> None:
    """Show the mistakes of a bad copy, then run the good one without and with a budget."""
    show_mistakes(POLICY)
    print()
    policy = compensation.load_policy(POLICY)
    print(f"{policy.id} {policy.rules.name.zh}\n{policy.digest}\n")
    portfolio = ledger_with_filing_dates()
    shown = ["claim_id", "eligible", "reasons", "base", "rate", "compensation", "status"]
    shown += ["payable", "payable_city", "payable_county"]
    for budget in (None, "60000"):
        result = compensation.assess(portfolio, policy, 2022, budget)
        print(f"预算 / budget: {budget}")
        print(result.claims[shown].to_string(index=False))
        print(f"应付合计 / payable: {result.summary['totals']['payable']}\n")
    print(result.explain("DC2022-10").describe("zh"))


if __name__ == "__main__":
    main()
