"""Random small ledgers for the policies known by summaries, near the limits of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd
from hypothesis import strategies as st

from compensation import Portfolio, portfolio_of_frames
from tests.policy.oracles import BANK, GUARANTOR, MILLION, Ledger, Row

NO_CLAIMS = pd.DataFrame(columns=["claim_id", "contract_id", "payout_date", "principal"], dtype=str)
REVIEWS = ["approved", "rejected", "pending", None]
TYPES = [
    "small_enterprise",
    "micro_enterprise",
    "business_owner",
    "medium_enterprise",
    "farmer",
]
KINDS = [BANK, GUARANTOR, "小额贷款公司"]
FLAGS = [True, False, None]
YEARS = {
    "chongqing-small-loans": [2015, 2016],
    "guangzhou-2025": [2025, 2026, 2028],
    "qingdao-2015": [2015, 2016],
    "henan-tech-loans-2025": [2025, 2026],
    "reguarantee-2022": [2022],
}
COLUMNS: dict[str, dict[str, dict[str, Sequence[Any]]]] = {
    "chongqing-small-loans": {
        "contracts": {
            "loan_rate": [56_550, 56_551, None],
            "benchmark_rate": [43_500, 43_499, None],
            "fee_rate": [20_000, 20_001, None],
        },
    },
    "guangzhou-2025": {
        "institutions": {"kind": [GUARANTOR, *KINDS]},
        "contracts": {
            "borrower_type": TYPES,
            "key_list": FLAGS,
            "ip_pledge": [None, *FLAGS],
            "policy_tool": FLAGS,
            "specialised": [None, *FLAGS],
            "other_line": [False, *FLAGS],
        },
    },
    "qingdao-2015": {"institutions": {"kind": KINDS}},
    "henan-tech-loans-2025": {
        "institutions": {"kind": KINDS},
        "contracts": {
            "technology_innovation": FLAGS,
            "revenue": [
                *(20 * MILLION + fen for fen in (-1, 0, 1)),
                *(100 * MILLION + fen for fen in (-1, 0, 1)),
                0,
                None,
            ],
        },
    },
    "reguarantee-2022": {
        "contracts": {
            "reguaranteed": FLAGS,
            "share_institution": [800_000, 799_999, 800_001],
        },
    },
}
"""Columns beside those that every ledger has, with the values that are drawn; plain ones first."""
AMOUNTS = [of * MILLION // 2 for of in (1, 1, 10, 20, 60, 200, 2000)]
PRINCIPALS = [1, 5, *(of * MILLION // 2 for of in (1, 2, 6, 20, 60, 100, 500, 6000))]
WAITS = [200, 179, 180, 181, 0, 364, 365, 366, -1]


@st.composite
def ledgers(draw: st.DrawFn, policy: str) -> Ledger:
    def one(options: Sequence[Any]) -> Any:
        return options[draw(st.integers(0, len(options) - 1))]

    def chance() -> bool:
        return draw(st.integers(0, 3)) == 3

    def amount(edges: Sequence[int]) -> int:
        if chance():
            return draw(st.integers(1, 40 * MILLION))
        return max(int(one(edges)) + draw(st.integers(-1, 1)), 1)

    def day(year: int) -> date:
        edges = [date(year, 1, 1), date(year, 12, 31), date(year, 9, 30), date(year, 10, 1)]
        leap = [date(year, 2, 29)] if year % 4 == 0 else []
        if draw(st.booleans()):
            return draw(st.sampled_from([*edges, *leap]))
        return edges[0] + timedelta(days=draw(st.integers(0, 364)))

    own = COLUMNS[policy]
    year = one(YEARS[policy])

    def mostly(options: Sequence[Any]) -> Any:
        """Draw the plain value, which is the first, and now and then another."""
        return one(options) if draw(st.integers(0, 4)) == 4 else options[0]

    def extra(table: str) -> Row:
        return {name: mostly(values) for name, values in own.get(table, {}).items()}

    institutions = [
        {"institution_id": name, "government_backed": True, **extra("institutions")}
        for name in "AB"[: draw(st.integers(1, 2))]
    ]
    contracts, claims = [], []
    for number in range(draw(st.integers(1, 4))):
        start = day(year - 1) if draw(st.booleans()) else day(year)
        release = one([None, start, start + timedelta(days=draw(st.integers(0, 700)))])
        contracts.append(
            {
                "contract_id": f"k{number}",
                "institution_id": one(institutions)["institution_id"],
                "borrower_id": one(["b", "x"]),
                "borrower_type": one(TYPES),
                "guaranteed_amount": amount(AMOUNTS),
                "start_date": start,
                "release_date": release,
                **extra("contracts"),
            }
        )
        if "share_institution" in contracts[-1]:
            contracts[-1]["share_lender"] = 1_000_000 - contracts[-1]["share_institution"]
    if draw(st.booleans()):
        # Enough volume for limits that are a share of it.
        large = {"contract_id": "large", "guaranteed_amount": amount([400_000 * MILLION])}
        ends = {"start_date": date(year, 1, 1), "release_date": date(year, 12, 31)}
        before = {"start_date": date(year - 1, 12, 31)} if draw(st.booleans()) else {}
        contracts.append(contracts[0] | large | ends | before)
    for number in range(draw(st.integers(1, 6))):
        contract = one(contracts)
        paid_out = max(day(year - 1 if chance() else year), contract["start_date"])
        principal = amount(PRINCIPALS)
        claims.append(
            {
                "claim_id": f"c{number}",
                "contract_id": contract["contract_id"],
                "payout_date": paid_out,
                "principal": principal,
                "interest": one([0, 0, 1, 12_345]),
                "finance_review": mostly(REVIEWS),
                "industry_review": mostly(REVIEWS),
                "compensation_paid": one([0, 0, 1, principal // 10]),
                "recovered": mostly([0, 1, 12_345, principal, 2 * principal]),
                "recovered_180_days": mostly([0, 1, 12_345, principal, 2 * principal]),
                "filed_date": mostly([*(paid_out + timedelta(days=w) for w in WAITS), None]),
            }
        )
        # No more was paid than is left of the payout.
        left = principal - max(claims[-1]["recovered"], claims[-1]["recovered_180_days"])
        claims[-1]["compensation_paid"] = min(claims[-1]["compensation_paid"], max(left, 0))
    return Ledger(year, institutions, contracts, claims)


MONEY = {
    "registered_capital",
    "agri_average",
    "agri_average_before",
    "guaranteed_amount",
    "principal",
    "interest",
    "compensation_paid",
    "recovered",
    "recovered_180_days",
    "revenue",
}
RATES = {
    "loan_rate",
    "benchmark_rate",
    "fee_rate",
    "share_institution",
    "share_lender",
    "bad_loan_rate",
    "bad_loan_rate_before",
}


def text(name: str, value: Any) -> str:
    """Return a value as a ledger writes it."""
    if value is None:
        return ""
    if name in MONEY:
        return f"{value // 100}.{value % 100:02d}"
    if name in RATES:
        return f"{value // 1_000_000}.{value % 1_000_000:06d}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def portfolio(ledger: Ledger) -> Portfolio:
    def frame(rows: list[Row]) -> pd.DataFrame:
        return pd.DataFrame([{name: text(name, row[name]) for name in row} for row in rows])

    return portfolio_of_frames(
        institutions=frame(ledger.institutions),
        contracts=frame(ledger.contracts),
        claims=frame(ledger.claims) if ledger.claims else NO_CLAIMS,
    )
