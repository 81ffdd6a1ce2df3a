"""Random small ledgers for the policies on contracts and institutions, near their limits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.policy.oracles import MILLION, Ledger

YEARS = {
    "fujian-2008": [2008],
    "county-agri-2010": [2010, 2011],
    "xiamen-green-2021": [2021, 2022],
    "equipment-renewal-2024": [2024, 2025],
}
AMOUNTS = [MILLION, 8 * MILLION, 10 * MILLION, 40 * MILLION, 100 * MILLION, 1500 * MILLION]
REVIEWS = ["approved", "approved", "approved", "rejected", "pending", None]
RATES = [20_000, 30_000, 30_001, 29_999, None]


@st.composite
def ledgers_of_records(draw: st.DrawFn, policy: str) -> Ledger:
    def one(options: Sequence[Any]) -> Any:
        return options[draw(st.integers(0, len(options) - 1))]

    def amount() -> int:
        if draw(st.booleans()):
            return draw(st.integers(1, 20 * MILLION))
        return int(one(AMOUNTS)) + draw(st.integers(-1, 1))

    def decided() -> dict[str, Any]:
        return {"finance_review": one(REVIEWS), "industry_review": one(REVIEWS)}

    year = one(YEARS[policy])
    edges = [
        *(date(year - 1, 12, 31), date(year, 1, 1), date(year, 12, 31)),
        *(date(year, 7, 24), date(year, 7, 25), date(year, 2, 28)),
    ]
    institutions = [
        {
            "institution_id": name,
            "government_backed": False,
            "registered_capital": amount(),
            "agri_average": amount(),
            "agri_average_before": amount() // 2,
            "bad_loan_rate": one(RATES),
            "bad_loan_rate_before": one(RATES),
            "region": one(["东部", "中部", "西部", "东北"]),
            **decided(),
        }
        for name in "ABC"[: draw(st.integers(1, 3))]
    ]
    contracts = []
    for number in range(draw(st.integers(1, 6))):
        start = (
            one(edges) if draw(st.booleans()) else edges[0] + timedelta(draw(st.integers(0, 366)))
        )
        lasts = one([0, 1, 364, 365, 366, 729, 730, 731, draw(st.integers(0, 900))])
        ends = start + timedelta(days=lasts)
        contracts.append(
            {
                "contract_id": f"k{number}",
                "institution_id": one(institutions)["institution_id"],
                "borrower_id": one(["b", "b", "x"]),
                "borrower_type": "other",
                "guaranteed_amount": amount(),
                "start_date": start,
                "release_date": one([ends, ends, None]) if policy == "xiamen-green-2021" else ends,
                "sector": one(["工业", "贸易", "工业", "建筑业", None]),
                "green_register": one([True, True, True, False, None]),
                **decided(),
            }
        )
    return Ledger(year, institutions, contracts, [])
