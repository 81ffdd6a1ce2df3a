"""One case: is it eligible, how much, why, and how would a recovery be shared?

一笔代偿:是否符合条件、补偿多少、依据是什么、追偿怎样返还。All figures are invented. From the
root of the repository:

    python examples/one_case.py

No ledgers are needed: the institution's figures of the year and the claim's own are enough.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import compensation

INSTITUTION: dict[str, Any] = {
    "government_backed": True,
    "opening_balance": Decimal("400000000.00"),
    "closing_balance": Decimal("500000000.00"),
    "opening_borrowers": 300,
    "closing_borrowers": 363,
    "small_agri_balance": Decimal("460000000.00"),
    "released_amount": Decimal("320000000.00"),
    "payout_amount": Decimal("4800000.00"),
}
"""The institution's year; the case's own payout is among it."""
SHARES: dict[str, Any] = {
    "institution": "0.4",
    "lender": "0.2",
    "reguarantor": "0.2",
    "national_fund": "0.2",
}
CLAIM: dict[str, Any] = {
    "claim_id": "本笔",
    "borrower_type": "small_enterprise",
    "borrower_exposure": Decimal("3000000.00"),
    "payout_date": "2022-06-30",
    "principal": Decimal("1000000.00"),
    "interest": Decimal("20000.00"),
    "shares": SHARES,
    "finance_review": "approved",
    "industry_review": "approved",
}
RECOVERY: dict[str, Any] = {
    "recovery_id": "R1",
    "recovery_date": "2023-03-01",
    "proceeds": Decimal("300000.00"),
    "cost": Decimal("15000.00"),
}


def main() -> None:
    """Judge the institution, decide the case, share a recovery, and tell an enterprise's size."""
    policy = compensation.load_policy("jiyuan-2022")
    print(compensation.judge_institution(policy, INSTITUTION).explanation.describe("zh"))
    print()

    case = compensation.decide_claim(policy, INSTITUTION, CLAIM)
    print(f"符合条件 / eligible: {case.eligible}")
    print(f"补偿 / compensation: {case.compensation} ({case.rate} × {case.base})")
    print(f"应付 / payable: {case.payable}\n")
    print(case.explanation.describe("zh"))
    print()

    payout = CLAIM["principal"] + CLAIM["interest"]
    returned = compensation.share_recoveries(payout, case.compensation, SHARES, [RECOVERY])
    for party, amount in returned.returns[0].to.items():
        print(f"to_{party} {amount}")
    print()

    try:
        compensation.decide_claim(policy, INSTITUTION, {**CLAIM, "principal": "1000000.005"})
    except compensation.CaseFaults as wrong:
        print(wrong.describe("zh"))
    print()
    print(enterprise("C34", employees=46, revenue="12000000.00"))


def enterprise(industry: str, employees: int, revenue: str) -> str:
    """Return an enterprise's size and why, on one line."""
    size = compensation.enterprise_size(industry, employees=employees, revenue=revenue)
    parts = [f"{part.name.zh} {part.actual} → {part.size}" for part in size.indicators]
    known = "小微" if size.small_micro else "非小微"
    return f"{industry} {size.name.zh}：{'，'.join(parts)}；{size.borrower_type}（{known}）"


if __name__ == "__main__":
    main()
