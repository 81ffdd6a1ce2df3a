"""The policies known by summaries read a second time: one claim after another, in fractions.

Rows hold fen, millionths, dates, booleans and texts; a blank is None. Each oracle returns for each
claim of the year its reasons and its compensation in fen.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from math import floor
from typing import Any

Row = dict[str, Any]
Found = dict[str, tuple[str, int]]
BANK, GUARANTOR = "银行", "担保机构"
SMALL_MICRO = (
    "micro_enterprise",
    "small_enterprise",
    "individual_business",
    "business_owner",
)
MILLION = 10**6 * 100
"""A million yuan, in fen."""


def half_up(value: Fraction | int) -> int:
    return floor(Fraction(value) + Fraction(1, 2))


@dataclass
class Ledger:
    """A small ledger, and the year that is assessed."""

    year: int
    institutions: list[Row]
    contracts: list[Row]
    claims: list[Row]
    used: dict[object, int] = field(default_factory=dict)
    """What claims have used of each cap so far."""

    def of_year(self) -> Iterator[tuple[Row, Row, Row]]:
        """Yield each claim of the year with its contract and institution, by day and id."""
        contracts = {row["contract_id"]: row for row in self.contracts}
        institutions = {row["institution_id"]: row for row in self.institutions}
        in_year = [row for row in self.claims if row["payout_date"].year == self.year]
        for claim in sorted(in_year, key=lambda row: (row["payout_date"], row["claim_id"])):
            contract = contracts[claim["contract_id"]]
            yield claim, contract, institutions[contract["institution_id"]]

    def sum_of(self, institution: Row, counts: Callable[[Row], bool]) -> int:
        """Return the guaranteed amounts of an institution's contracts that count."""
        return sum(
            row["guaranteed_amount"]
            for row in self.contracts
            if row["institution_id"] == institution["institution_id"] and counts(row)
        )

    def balance(self, institution: Row, day: date, counts: Callable[[Row], bool]) -> int:
        def in_force(row: Row) -> bool:
            gone = row["release_date"] is not None and row["release_date"] <= day
            return bool(row["start_date"] <= day and not gone and counts(row))

        return self.sum_of(institution, in_force)

    def released(self, institution: Row) -> int:
        return self.sum_of(
            institution,
            lambda row: row["release_date"] is not None and row["release_date"].year == self.year,
        )

    def within(self, cap: object, limit: Fraction | int, amount: int, uses: bool) -> int:
        """Return what a cap leaves of an amount, and note what is used of it."""
        left = max(min(amount, floor(limit) - self.used.get(cap, 0)), 0)
        if uses:
            self.used[cap] = self.used.get(cap, 0) + left
        return left


def not_rejected(claim: Row) -> bool:
    return "rejected" not in (claim["finance_review"], claim["industry_review"])


def payout(claim: Row) -> int:
    return int(claim["principal"] + claim["interest"])


def chongqing(ledger: Ledger) -> Found:
    found = {}
    for claim, contract, _ in ledger.of_year():
        small = contract["borrower_type"] == "small_enterprise"
        micro = contract["borrower_type"] == "micro_enterprise"
        amount, rate = contract["guaranteed_amount"], contract["loan_rate"]
        benchmark, fee = contract["benchmark_rate"], contract["fee_rate"]
        filed = claim["filed_date"]
        reasons = []
        if not ((small and amount <= 10 * MILLION) or (micro and amount <= MILLION // 2)):
            reasons.append("loan_size")
        if rate is None or benchmark is None or Fraction(rate) > benchmark * Fraction(13, 10):
            reasons.append("loan_rate")
        if fee is None or fee > 20_000:
            reasons.append("fee_rate")
        if filed is None or filed < claim["payout_date"] + timedelta(days=180):
            reasons.append("filed")
        if claim["payout_date"] < date(2015, 1, 1):
            reasons.append("effective")
        if reasons:
            found[claim["claim_id"]] = (";".join(reasons), 0)
            continue
        loss = max(claim["principal"] - claim["recovered_180_days"], 0)
        due = min(half_up(loss * Fraction(3, 10)), payout(claim))
        borrower = contract["borrower_id"]
        of_borrower = {
            row["contract_id"] for row in ledger.contracts if row["borrower_id"] == borrower
        }
        earlier = sum(
            row["compensation_paid"]
            for row in ledger.claims
            if row["contract_id"] in of_borrower and row["payout_date"].year != ledger.year
        )
        most = 3 * MILLION if small else 150_000 * 100
        cap = (borrower, small)
        due = ledger.within(cap, max(most - earlier, 0), due, not_rejected(claim))
        found[claim["claim_id"]] = ("", due)
    return found


def guangzhou(ledger: Ledger) -> Found:
    found = {}
    for claim, contract, institution in ledger.of_year():
        bank = institution["kind"] == BANK
        guarantor = institution["kind"] == GUARANTOR
        amount = contract["guaranteed_amount"]
        small_micro = contract["borrower_type"] in SMALL_MICRO
        reasons = []
        if not (bank or small_micro or contract["specialised"]):
            reasons.append("borrower")
        if contract["other_line"] is not False:
            reasons.append("one_line")
        if not (bank or guarantor):
            reasons.append("institution")
        if not date(2025, 10, 1) <= claim["payout_date"] <= date(2028, 9, 30):
            reasons.append("effective")
        if not reasons and bank and amount > 30 * MILLION:
            reasons.append("tier")
        if reasons:
            found[claim["claim_id"]] = (";".join(reasons), 0)
            continue
        percent = 20
        if bank:
            percent = 40 if amount <= 5 * MILLION else 30 if amount <= 10 * MILLION else 20
            percent += 15 if contract["key_list"] or contract["ip_pledge"] else 0
            percent = min(percent + (5 if contract["policy_tool"] else 0), 50)
        started = ledger.sum_of(institution, lambda row: row["start_date"].year == ledger.year)
        whole = started if bank else ledger.released(institution)
        uses, paid = not_rejected(claim), payout(claim)
        counted = ledger.within(institution["institution_id"], Fraction(3 * whole, 100), paid, uses)
        base = half_up(Fraction(claim["principal"] * counted, paid))
        due = min(half_up(base * Fraction(percent, 100)), paid)
        if guarantor:
            due = min(due, 50 * MILLION - ledger.used.get("guarantee", 0))
        due = ledger.within("both", 1500 * MILLION, due, uses)
        if guarantor and uses:
            ledger.used["guarantee"] = ledger.used.get("guarantee", 0) + due
        found[claim["claim_id"]] = ("", due)
    return found


def twelve_months_after(day: date) -> date:
    last = calendar.monthrange(day.year + 1, day.month)[1]
    return date(day.year + 1, day.month, min(day.day, last))


def qingdao(ledger: Ledger) -> Found:
    found = {}
    for claim, _contract, institution in ledger.of_year():
        bank = institution["kind"] == BANK
        day, filed = claim["payout_date"], claim["filed_date"]
        reasons = []
        if not bank and (filed is None or not day <= filed <= twelve_months_after(day)):
            reasons.append("filed")
        if institution["kind"] not in (BANK, GUARANTOR):
            reasons.append("institution")
        if reasons:
            found[claim["claim_id"]] = (";".join(reasons), 0)
            continue
        loss, uses = max(payout(claim) - claim["recovered"], 0), not_rejected(claim)
        key = institution["institution_id"]
        if bank:
            loans = ledger.balance(institution, date(ledger.year, 12, 31), lambda _: True)
            least, most = floor(Fraction(loans, 100)), floor(Fraction(3 * loans, 100))
            before = ledger.used.get(key, 0)
            after = before + loss
            band = max(min(after, most) - max(before, least), 0)
            due = min(half_up(band * Fraction(3, 10)), payout(claim))
            if uses:
                ledger.used[key] = after
        else:
            due = min(half_up(loss * Fraction(1, 5)), payout(claim))
            due = ledger.within(key, 10 * MILLION, due, uses)
        found[claim["claim_id"]] = ("", due)
    return found


def henan(ledger: Ledger) -> Found:
    found = {}
    for claim, contract, institution in ledger.of_year():
        revenue = contract["revenue"]
        reasons = []
        if not contract["technology_innovation"]:
            reasons.append("technology")
        if institution["kind"] != BANK:
            reasons.append("institution")
        if not reasons and revenue is None:
            reasons.append("tier")
        if reasons:
            found[claim["claim_id"]] = (";".join(reasons), 0)
            continue
        percent = 80 if revenue <= 20 * MILLION else 60 if revenue <= 100 * MILLION else 40
        due = min(half_up(claim["principal"] * Fraction(percent, 100)), payout(claim))
        balance = ledger.balance(
            institution,
            date(ledger.year - 1, 12, 31),
            lambda row: row["technology_innovation"] is True,
        )
        limit = min(Fraction(2 * balance, 100), Fraction(10 * MILLION))
        due = ledger.within(institution["institution_id"], limit, due, not_rejected(claim))
        found[claim["claim_id"]] = ("", due)
    return found


def reguarantee(ledger: Ledger) -> Found:
    found = {}
    for claim, contract, institution in ledger.of_year():
        reasons = []
        if not contract["reguaranteed"]:
            reasons.append("reguaranteed")
        if contract["share_institution"] != 800_000:
            reasons.append("shares")
        if reasons:
            found[claim["claim_id"]] = (";".join(reasons), 0)
            continue
        limit = Fraction(5 * ledger.released(institution), 100)
        key = institution["institution_id"]
        base = ledger.within(key, limit, payout(claim), not_rejected(claim))
        due = min(half_up(base * Fraction(2, 5)), half_up(payout(claim) * Fraction(4, 5)))
        found[claim["claim_id"]] = ("", due)
    return found


ORACLES: dict[str, Callable[[Ledger], Found]] = {
    "chongqing-small-loans": chongqing,
    "guangzhou-2025": guangzhou,
    "qingdao-2015": qingdao,
    "henan-tech-loans-2025": henan,
    "reguarantee-2022": reguarantee,
}
