"""How long one case takes: medians in this process, after import, without DataFrames.

    python -m benchmarks.one_case [--repeat 2000] [--most 1000]

From figures as a caller gives them (texts, a policy that is loaded) to the amounts, and to the
amounts with the whole explanation as JSON has it. With ``--most``, in microseconds, the exit code
is 1 where the median for the amounts is above it.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from compensation import decide_claim, judge_institution, load_policy, share_recoveries

RATIOS: dict[str, Any] = {
    "government_backed": True,
    "small_agri_share": "0.92",
    "balance_growth": "0.25",
    "borrower_growth": "0.21",
    "payout_rate": "0.015",
}
AMOUNTS: dict[str, Any] = {
    "government_backed": True,
    "opening_balance": "400000000.00",
    "closing_balance": "500000000.00",
    "opening_borrowers": 300,
    "closing_borrowers": 363,
    "small_agri_balance": "460000000.00",
    "released_amount": "320000000.00",
    "payout_amount": "4800000.00",
}
SHARES: dict[str, Any] = {
    "institution": "0.4",
    "lender": "0.2",
    "reguarantor": "0.2",
    "national_fund": "0.2",
}
CLAIM: dict[str, Any] = {
    "borrower_type": "small_enterprise",
    "borrower_exposure": "3000000.00",
    "payout_date": "2022-06-30",
    "principal": "1000000.00",
    "interest": "20000.00",
    "shares": SHARES,
    "finance_review": "approved",
    "industry_review": "approved",
}
LUOYANG_INSTITUTION: dict[str, Any] = {"government_backed": True, "new_guarantees": 60_000_000}
LUOYANG_CLAIM: dict[str, Any] = {
    **CLAIM,
    "payout_date": "2025-11-20",
    "borrower_region": "洛阳市涧西区",
    "technology_innovation": False,
    "loan_rate": "0.045",
    "start_date": "2025-01-15",
    "loan_term_months": 12,
    "fee_rate": "0.01",
    "reguaranteed": True,
    "reguarantor_paid_date": "2025-12-10",
}
RECOVERIES: list[dict[str, Any]] = [
    {"recovery_id": f"R{n}", "recovery_date": "2023-03-01", "proceeds": "50000.00", "cost": "1500"}
    for n in range(6)
]


def median(run: Callable[[], object], repeat: int) -> tuple[float, float]:
    """Return the median and the 95th percentile of many runs, in microseconds."""
    for _ in range(50):
        run()
    took = []
    for _ in range(repeat):
        start = time.perf_counter_ns()
        run()
        took.append((time.perf_counter_ns() - start) / 1000)
    took.sort()
    return statistics.median(took), took[int(len(took) * 0.95)]


def main() -> int:
    """Print the medians; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--repeat", type=int, default=2000)
    parser.add_argument("--most", type=float, help="microseconds for a claim's amounts")
    options = parser.parse_args()
    jiyuan, luoyang = load_policy("jiyuan-2022"), load_policy("luoyang-2025")
    amounts = "claim, amounts (institution by ratios)"
    cases: dict[str, Callable[[], object]] = {
        amounts: lambda: decide_claim(jiyuan, RATIOS, CLAIM),
        "claim, amounts (institution by amounts)": lambda: decide_claim(jiyuan, AMOUNTS, CLAIM),
        "claim, amounts (luoyang-2025)": lambda: decide_claim(
            luoyang, LUOYANG_INSTITUTION, LUOYANG_CLAIM
        ),
        "claim, with explanation, as JSON": lambda: decide_claim(jiyuan, AMOUNTS, CLAIM).as_dict(),
        "institution": lambda: judge_institution(jiyuan, AMOUNTS),
        "institution, with explanation, as JSON": lambda: judge_institution(
            jiyuan, AMOUNTS
        ).as_dict(),
        "6 recoveries": lambda: share_recoveries(
            "1020000.00", "204000.00", SHARES, RECOVERIES, jiyuan
        ),
    }
    print("| one case | median (µs) | 95 % below (µs) |\n|---|---:|---:|")
    found = {name: median(run, options.repeat) for name, run in cases.items()}
    for name, (half, most) in found.items():
        print(f"| {name} | {half:.0f} | {most:.0f} |")
    return int(options.most is not None and found[amounts][0] > options.most)


if __name__ == "__main__":
    sys.exit(main())
