"""The policy luoyang-2025 read a second time; ``oracle`` has what it shares with jiyuan-2022.

A blank cell of a tested column meets no condition, except that a blank ``technology_innovation``
means no.  A column that is tested and missing is refused.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from tests import oracle
from tests.oracle_reading import Claim, Institution, Portfolio, Tables, boolean, share, split

CONTRACT_COLUMNS = [
    "borrower_region",
    "technology_innovation",
    "loan_rate",
    "fee_rate",
    "loan_term_months",
    "reguaranteed",
    "share_lender",
]
CLAIM_COLUMNS = ["reguarantor_paid_date"]

LPR_LAST_CHECKED = date(2025, 12, 31)
LPR = [  # in force from; per cent for up to 5 years; for more
    ("2019-08-20", "4.25", "4.85"),
    ("2019-09-20", "4.20", "4.85"),
    ("2019-11-20", "4.15", "4.80"),
    ("2020-02-20", "4.05", "4.75"),
    ("2020-04-20", "3.85", "4.65"),
    ("2021-12-20", "3.80", "4.65"),
    ("2022-01-20", "3.70", "4.60"),
    ("2022-05-20", "3.70", "4.45"),
    ("2022-08-22", "3.65", "4.30"),
    ("2023-06-20", "3.55", "4.20"),
    ("2023-08-21", "3.45", "4.20"),
    ("2024-02-20", "3.45", "3.95"),
    ("2024-07-22", "3.35", "3.85"),
    ("2024-10-21", "3.10", "3.60"),
    ("2025-05-20", "3.00", "3.50"),
]


def lpr(day: date, months: int) -> Fraction:
    """The loan prime rate in force on a day for a term, as a share."""
    in_force = [row for row in LPR if date.fromisoformat(row[0]) <= day]
    if not in_force or day > LPR_LAST_CHECKED:
        raise ValueError(f"no LPR is known for {day}")
    _, five_years, longer = in_force[-1]
    return Fraction(five_years if months <= 60 else longer) / 100


def institution_conditions(
    portfolio: Portfolio, institution: Institution, year: int
) -> dict[str, bool]:
    new_guarantees = sum(
        contract.amount
        for contract in portfolio.contracts
        if contract.institution_id == institution.id and contract.start.year == year
    )
    return {
        "government_backed": institution.government_backed,
        "new_guarantees": new_guarantees >= 50_000_000 * 100,
    }


def claim_conditions(portfolio: Portfolio, claim: Claim, exposure: int) -> dict[str, bool]:
    contract, row = claim.contract, claim.contract.row
    innovative = row["technology_innovation"] != "" and boolean(row["technology_innovation"])
    cheap = False
    if row["loan_rate"] != "" and row["loan_term_months"] != "":
        limit = lpr(contract.start, int(row["loan_term_months"])) + Fraction("0.0200")
        cheap = share(row["loan_rate"]) <= limit
    return {
        "borrower_region": row["borrower_region"].removeprefix("河南省").startswith("洛阳"),
        "borrower_type": contract.small_agri or innovative,
        "borrower_exposure": exposure <= 10_000_000 * 100,
        "loan_rate": cheap,
        "fee_rate": row["fee_rate"] != "" and share(row["fee_rate"]) <= Fraction("0.0150"),
        "lender_share": contract.shares[portfolio.parties.index("lender")] >= 200_000,
        "reguaranteed": row["reguaranteed"] != "" and boolean(row["reguaranteed"]),
        "reguarantor_paid": claim.row["reguarantor_paid_date"] != "",
        "payout_date": LUOYANG.covers(claim.day),
    }


def borne_principal(portfolio: Portfolio, claim: Claim) -> int:
    return split(claim.principal, claim.contract.shares)[portfolio.parties.index("institution")]


def rate_by_exposure(_: oracle.Indicators, exposure: int) -> Fraction:
    return Fraction("0.50") if exposure <= 5_000_000 * 100 else Fraction("0.25")


LUOYANG = oracle.Policy(
    first_day=date(2025, 7, 16),
    last_day=None,
    institution_conditions=institution_conditions,
    claim_conditions=claim_conditions,
    base=borne_principal,
    institution_rate=lambda _: None,
    claim_rate=rate_by_exposure,
)


def assess(tables: Tables, year: int = 2025, budget: str | None = None) -> Tables:
    """As ``oracle.assess``, under luoyang-2025."""
    for table, columns in (("contracts", CONTRACT_COLUMNS), ("claims", CLAIM_COLUMNS)):
        for row in tables[table]:
            for column in columns:
                if column not in row:
                    raise ValueError(f"luoyang-2025 tests {column}, which {table} lacks")
    return oracle.assess(tables, year, budget, LUOYANG)
