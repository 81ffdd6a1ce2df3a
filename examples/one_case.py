"""One case: is it eligible, how much, why, and how would a recovery be shared?

一笔代偿:是否符合条件、补偿多少、依据是什么、追偿怎样返还。All figures are invented. From the
root of the repository:

    python examples/one_case.py

The library computes from ledgers. Where only an institution's figures are at hand, a ledger that
adds up to them does: the case, and rows that stand for the rest of the book.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd

import compensation

CASE: dict[str, Any] = {
    "contract_id": "本笔合同",
    "borrower_id": "本笔借款人",
    "borrower_type": "small_enterprise",
    "guaranteed_amount": Decimal("3000000.00"),
    "start_date": "2021-07-01",
    "release_date": "2022-06-30",
    "share_institution": Decimal("0.4"),
    "share_lender": Decimal("0.2"),
    "share_reguarantor": Decimal("0.2"),
    "share_national_fund": Decimal("0.2"),
}
CLAIM: dict[str, Any] = {
    "claim_id": "本笔",
    "contract_id": "本笔合同",
    "payout_date": "2022-06-30",
    "principal": Decimal("1000000.00"),
    "interest": Decimal("20000.00"),
    "finance_review": "approved",
    "industry_review": "approved",
}
RECOVERY: dict[str, Any] = {
    "recovery_id": "R1",
    "claim_id": "本笔",
    "recovery_date": "2023-03-01",
    "proceeds": Decimal("300000.00"),
    "cost": Decimal("15000.00"),
}
FIGURES: dict[str, Any] = {
    "opening_balance": Decimal("400000000.00"),
    "closing_balance": Decimal("500000000.00"),
    "opening_borrowers": 300,
    "closing_borrowers": 363,
    "small_agri_balance": Decimal("460000000.00"),
    "released_amount": Decimal("320000000.00"),
    "payout_amount": Decimal("4800000.00"),
}
"""The institution's year; the case's own release and payout are among it."""


def rest_of_the_book() -> pd.DataFrame:
    """Return contracts that, with the case, add up to the institution's figures.

    One row for each borrower at the year's end, and one for what else was released in the year.
    """
    borrowers = FIGURES["closing_borrowers"]
    small_agri: Decimal = FIGURES["small_agri_balance"]
    rows: list[tuple[str, Decimal, str | None]] = []
    rows += [("small_enterprise", small_agri // (borrowers - 1), None)] * (borrowers - 2)
    rows.append(("small_enterprise", small_agri - sum(row[1] for row in rows), None))
    rows.append(("other", FIGURES["closing_balance"] - small_agri, None))
    released = FIGURES["released_amount"] - CASE["guaranteed_amount"]
    rows.append(("other", released, "2022-12-30"))
    book = pd.DataFrame(rows, columns=["borrower_type", "guaranteed_amount", "release_date"])
    numbers = [f"其余{n}" for n in range(1, len(book) + 1)]
    return book.assign(contract_id=numbers, borrower_id=numbers, start_date="2021-01-01")


def main() -> None:
    """Assess the case, print the explanation, and tell an enterprise's size."""
    book = pd.concat([pd.DataFrame([CASE]), rest_of_the_book()]).assign(institution_id="机构")
    other_payouts = FIGURES["payout_amount"] - CLAIM["principal"] - CLAIM["interest"]
    others = {
        "claim_id": "其余代偿",
        "contract_id": book["contract_id"].iloc[-1],
        "payout_date": "2022-12-30",
        "principal": other_payouts,
    }
    institution = {
        "institution_id": "机构",
        "government_backed": "是",
        "opening_balance": FIGURES["opening_balance"],
        "opening_borrowers": FIGURES["opening_borrowers"],
    }
    portfolio = compensation.portfolio_of_frames(
        institutions=pd.DataFrame([institution]),
        contracts=book,
        claims=pd.DataFrame([CLAIM, others]),
        recoveries=pd.DataFrame([RECOVERY]),
    )
    result = compensation.assess(portfolio, "jiyuan-2022", 2022)
    figures = result.institutions[list(FIGURES)].iloc[0].to_dict()
    assert figures == FIGURES, figures

    case = result.claims.iloc[0]
    print(f"符合条件 / eligible: {case['eligible']}")
    print(f"补偿 / compensation: {case['compensation']} ({case['rate']} × {case['base']})")
    print(f"应付 / payable: {case['payable']}\n")
    print(result.explain("本笔").describe("zh"))
    print()
    print(result.explain_institution("机构").describe("zh"))
    print()
    print(result.returns.iloc[0].to_string())
    print()
    print(enterprise("C34", employees=46, revenue="12000000.00"))


def enterprise(industry: str, employees: int, revenue: str) -> str:
    """Return an enterprise's size and why, on one line."""
    size = compensation.enterprise_size(industry, employees=employees, revenue=revenue)
    parts = [f"{part.name.zh} {part.actual} → {part.size}" for part in size.indicators]
    known = "小微" if size.small_micro else "非小微"
    return f"{industry} {size.name.zh}:{','.join(parts)};{size.borrower_type}({known})"


if __name__ == "__main__":
    main()
