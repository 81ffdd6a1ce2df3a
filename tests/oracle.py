"""The data contract read a second time: row by row, in whole fen and exact fractions, slowly.

Nothing here comes from the package.  Tests compare the package with this module and expect
equality, without any tolerance.  The sections are numbered as in the contract (3 indicators, 4
policy, 5 returns, 6 results), so that the two can be read side by side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from tests.oracle_reading import (
    Claim,
    Contract,
    Institution,
    Portfolio,
    Recovery,
    Tables,
    boolean_text,
    half_up,
    money,
    money_text,
    parties_of,
    ratio_text,
    read,
    split,
)

CLAIM_COLUMNS = [
    "claim_id",
    "contract_id",
    "institution_id",
    "borrower_id",
    "payout_date",
    "payout",
    "borrower_exposure",
    "eligible",
    "reasons",
    "base",
    "rate",
    "compensation",
    "status",
    "payable",
]
INSTITUTION_COLUMNS = [
    "institution_id",
    "opening_balance",
    "closing_balance",
    "balance_growth",
    "opening_borrowers",
    "closing_borrowers",
    "borrower_growth",
    "small_agri_balance",
    "small_agri_share",
    "released_amount",
    "payout_amount",
    "payout_rate",
    "eligible",
    "reasons",
    "rate",
    "claims",
    "eligible_claims",
    "compensation",
    "payable",
]
RETURN_COLUMNS = [
    "recovery_id",
    "claim_id",
    "recovery_date",
    "proceeds",
    "cost",
    "distributed",
    "surplus",
    "to_government",
]


# 3 Indicators


@dataclass(frozen=True)
class Indicators:
    government_backed: bool
    opening_balance: int
    closing_balance: int
    balance_growth: Fraction | None
    opening_borrowers: int
    closing_borrowers: int
    borrower_growth: Fraction | None
    small_agri_balance: int
    small_agri_share: Fraction | None
    released_amount: int
    payout_amount: int
    payout_rate: Fraction | None


def balance(contract: Contract, day: date) -> int:
    """What is guaranteed of a contract at the end of a day."""
    if contract.start > day:
        return 0
    return contract.amount - sum(
        amount for released, amount in contract.releases if released <= day
    )


def borrowers_in_force(contracts: list[Contract], day: date) -> int:
    sums: dict[str, int] = {}
    for contract in contracts:
        sums[contract.borrower_id] = sums.get(contract.borrower_id, 0) + balance(contract, day)
    return sum(1 for amount in sums.values() if amount > 0)


def growth(closing: int, opening: int) -> Fraction | None:
    return Fraction(closing, opening) - 1 if opening != 0 else None


def indicators(portfolio: Portfolio, institution: Institution, year: int) -> Indicators:
    opening_day, closing_day = date(year - 1, 12, 31), date(year, 12, 31)
    own = [c for c in portfolio.contracts if c.institution_id == institution.id]
    opening_balance = institution.opening_balance
    if opening_balance is None:
        opening_balance = sum(balance(c, opening_day) for c in own)
    opening_borrowers = institution.opening_borrowers
    if opening_borrowers is None:
        opening_borrowers = borrowers_in_force(own, opening_day)
    closing_balance = sum(balance(c, closing_day) for c in own)
    closing_borrowers = borrowers_in_force(own, closing_day)
    small_agri = sum(balance(c, closing_day) for c in own if c.small_agri)
    released = sum(amount for c in own for day, amount in c.releases if day.year == year)
    paid_out = sum(
        claim.payout
        for claim in portfolio.claims
        if claim.contract.institution_id == institution.id and claim.day.year == year
    )
    if released != 0:
        payout_rate: Fraction | None = Fraction(paid_out, released)
    else:
        payout_rate = Fraction(0) if paid_out == 0 else None
    return Indicators(
        government_backed=institution.government_backed,
        opening_balance=opening_balance,
        closing_balance=closing_balance,
        balance_growth=growth(closing_balance, opening_balance),
        opening_borrowers=opening_borrowers,
        closing_borrowers=closing_borrowers,
        borrower_growth=growth(closing_borrowers, opening_borrowers),
        small_agri_balance=small_agri,
        small_agri_share=Fraction(small_agri, closing_balance) if closing_balance != 0 else None,
        released_amount=released,
        payout_amount=paid_out,
        payout_rate=payout_rate,
    )


def at_least(value: Fraction | None, limit: str) -> bool:
    """An undefined value meets no condition."""
    return value is not None and value >= Fraction(limit)


def at_most(value: Fraction | None, limit: str) -> bool:
    return value is not None and value <= Fraction(limit)


# 4 The policy


@dataclass(frozen=True)
class Policy:
    """What differs from policy to policy; the run itself is the same."""

    first_day: date
    last_day: date | None
    institution_conditions: Callable[[Portfolio, Institution, int], dict[str, bool]]
    claim_conditions: Callable[[Portfolio, Claim, int], dict[str, bool]]
    """Those besides ``institution``, which comes first; takes the borrower's exposure in fen."""
    base: Callable[[Portfolio, Claim], int]
    institution_rate: Callable[[Indicators], Fraction | None]
    claim_rate: Callable[[Indicators, int], Fraction]

    def covers(self, day: date) -> bool:
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


def jiyuan_institution(
    portfolio: Portfolio, institution: Institution, year: int
) -> dict[str, bool]:
    figures = indicators(portfolio, institution, year)
    return {
        "government_backed": figures.government_backed,
        "small_agri_share": at_least(figures.small_agri_share, "0.80"),
        "balance_growth": at_least(figures.balance_growth, "0.10"),
        "borrower_growth": at_least(figures.borrower_growth, "0.10"),
        "payout_rate": at_most(figures.payout_rate, "0.05"),
    }


def jiyuan_claim(_: Portfolio, claim: Claim, exposure: int) -> dict[str, bool]:
    return {
        "borrower_type": claim.contract.small_agri,
        "borrower_exposure": exposure <= 5_000_000 * 100,
        "payout_date": JIYUAN.covers(claim.day),
    }


def jiyuan_rate(figures: Indicators) -> Fraction:
    steps = [("0.20", "0.90", "0.20", "0.20", "0.02"), ("0.15", "0.85", "0.15", "0.15", "0.03")]
    for rate, small_agri_share, balance_growth, borrower_growth, payout_rate in steps:
        if (
            at_least(figures.small_agri_share, small_agri_share)
            and at_least(figures.balance_growth, balance_growth)
            and at_least(figures.borrower_growth, borrower_growth)
            and at_most(figures.payout_rate, payout_rate)
        ):
            return Fraction(rate)
    return Fraction("0.10")


JIYUAN = Policy(
    first_day=date(2022, 1, 1),
    last_day=date(2022, 12, 31),
    institution_conditions=jiyuan_institution,
    claim_conditions=jiyuan_claim,
    base=lambda _, claim: claim.payout,
    institution_rate=jiyuan_rate,
    claim_rate=lambda figures, _: jiyuan_rate(figures),
)


def borrower_exposure(portfolio: Portfolio, claim: Claim) -> int:
    exposure = 0
    for contract in portfolio.contracts:
        if (
            contract.borrower_id == claim.contract.borrower_id
            and contract.institution_id == claim.contract.institution_id
            and contract.start <= claim.day
        ):
            released = [amount for day, amount in contract.releases if day < claim.day]
            exposure += contract.amount - sum(released)
    return exposure


def within_budget(payables: dict[str, int], budget: int) -> dict[str, int]:
    total = sum(payables.values())
    if total <= budget:
        return payables
    cut = {claim_id: payable * budget // total for claim_id, payable in payables.items()}
    by_remainder = sorted(payables, key=lambda id_: (-(payables[id_] * budget % total), id_))
    for claim_id in by_remainder[: budget - sum(cut.values())]:
        cut[claim_id] += 1
    return cut


# 5 Returns of recoveries


def returns_of_claim(
    claim: Claim, recoveries: list[Recovery], borne: list[int]
) -> dict[str, list[int]]:
    """Per recovery: distributed, surplus, then the part of each of ``borne``, government first."""
    rows = {}
    highest, before = 0, [0] * (len(borne) + 2)
    ordered = sorted(recoveries, key=lambda recovery: (recovery.day, recovery.id))
    for place, recovery in enumerate(ordered):
        proceeds = sum(r.proceeds for r in ordered[: place + 1])
        costs = sum(r.cost for r in ordered if r.day <= recovery.day)
        highest = max(highest, proceeds - costs)
        distributable = min(highest, claim.payout)
        surplus = max(0, highest - claim.payout)
        to_date = [distributable, surplus, *split(distributable, borne)]
        rows[recovery.id] = [now - then for now, then in zip(to_date, before, strict=True)]
        before = to_date
    return rows


# 6 Results


def headings(tables: Tables) -> dict[str, list[str]]:
    """The columns of the three results, for a result without rows too."""
    parties = [f"to_{party}" for party in parties_of(tables["contracts"])]
    return {
        "claims": CLAIM_COLUMNS,
        "institutions": INSTITUTION_COLUMNS,
        "returns": RETURN_COLUMNS + parties,
    }


def assess(
    tables: Tables, year: int = 2022, budget: str | None = None, policy: Policy = JIYUAN
) -> Tables:
    """``claims``, ``institutions``, ``returns`` as the result files hold them, each cell a text."""
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    if not any(policy.covers(day) for day in days if day.year == year):
        raise ValueError(f"the policy covers no day of {year}")
    portfolio = read(tables)
    own = portfolio.parties.index("institution")
    figures = {i.id: indicators(portfolio, i, year) for i in portfolio.institutions}
    failed = {
        i.id: [
            id_ for id_, met in policy.institution_conditions(portfolio, i, year).items() if not met
        ]
        for i in portfolio.institutions
    }

    results: Tables = {"claims": [], "institutions": [], "returns": []}
    compensations: dict[str, int] = {}
    payables: dict[str, int] = {}
    assessed = [claim for claim in portfolio.claims if claim.day.year == year]
    for claim in assessed:
        institution_id = claim.contract.institution_id
        exposure = borrower_exposure(portfolio, claim)
        conditions = {"institution": not failed[institution_id]}
        conditions.update(policy.claim_conditions(portfolio, claim, exposure))
        reasons = [id_ for id_, met in conditions.items() if not met]
        base = policy.base(portfolio, claim)
        rate, compensation = None, 0
        if not reasons:
            rate = policy.claim_rate(figures[institution_id], exposure)
            compensation = half_up(base * rate.numerator, rate.denominator)
            compensation = min(compensation, claim.borne[own])
        if reasons:
            status = "ineligible"
        elif "rejected" in claim.reviews:
            status = "rejected"
        elif claim.reviews == ("approved", "approved"):
            status = "approved"
        else:
            status = "pending"
        compensations[claim.id] = compensation
        payables[claim.id] = max(0, compensation - claim.paid) if status == "approved" else 0
        results["claims"].append(
            {
                "claim_id": claim.id,
                "contract_id": claim.contract.id,
                "institution_id": institution_id,
                "borrower_id": claim.contract.borrower_id,
                "payout_date": claim.day.isoformat(),
                "payout": money_text(claim.payout),
                "borrower_exposure": money_text(exposure),
                "eligible": boolean_text(not reasons),
                "reasons": ";".join(reasons),
                "base": money_text(base),
                "rate": ratio_text(rate),
                "compensation": money_text(compensation),
                "status": status,
            }
        )
    if budget is not None:
        payables = within_budget(payables, money(budget))
    for result in results["claims"]:
        result["payable"] = money_text(payables[result["claim_id"]])

    for institution in portfolio.institutions:
        i = figures[institution.id]
        claims = [r for r in results["claims"] if r["institution_id"] == institution.id]
        reasons = failed[institution.id]
        results["institutions"].append(
            {
                "institution_id": institution.id,
                "opening_balance": money_text(i.opening_balance),
                "closing_balance": money_text(i.closing_balance),
                "balance_growth": ratio_text(i.balance_growth),
                "opening_borrowers": str(i.opening_borrowers),
                "closing_borrowers": str(i.closing_borrowers),
                "borrower_growth": ratio_text(i.borrower_growth),
                "small_agri_balance": money_text(i.small_agri_balance),
                "small_agri_share": ratio_text(i.small_agri_share),
                "released_amount": money_text(i.released_amount),
                "payout_amount": money_text(i.payout_amount),
                "payout_rate": ratio_text(i.payout_rate),
                "eligible": boolean_text(not reasons),
                "reasons": ";".join(reasons),
                "rate": ratio_text(policy.institution_rate(i)) if not reasons else "",
                "claims": str(len(claims)),
                "eligible_claims": str(sum(1 for r in claims if r["eligible"] == "true")),
                "compensation": money_text(sum(compensations[r["claim_id"]] for r in claims)),
                "payable": money_text(sum(payables[r["claim_id"]] for r in claims)),
            }
        )

    returned: dict[str, list[int]] = {}
    for claim in portfolio.claims:
        government = claim.paid + payables.get(claim.id, 0)
        bears = [government, *claim.borne]
        bears[1 + own] -= government
        recoveries = [r for r in portfolio.recoveries if r.claim_id == claim.id]
        returned.update(returns_of_claim(claim, recoveries, bears))
    columns = headings(tables)["returns"]
    for recovery in portfolio.recoveries:
        amounts = [recovery.proceeds, recovery.cost, *returned[recovery.id]]
        texts = [
            recovery.id,
            recovery.claim_id,
            recovery.day.isoformat(),
            *map(money_text, amounts),
        ]
        results["returns"].append(dict(zip(columns, texts, strict=True)))
    return results
