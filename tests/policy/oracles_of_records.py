"""The policies on contracts and institutions read a second time, one row after another.

As in `oracles`: fen, millionths, dates; each returns for each row of the year its reasons and its
compensation in fen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction

from tests.oracle_luoyang import lpr
from tests.policy.oracles import MILLION, Found, Ledger, Row, half_up, not_rejected

PER_MILLE = {"工业": 8, "贸易": 5}


def by_start(ledger: Ledger) -> Iterator[Row]:
    yield from sorted(ledger.contracts, key=lambda row: (row["start_date"], row["contract_id"]))


def fujian(ledger: Ledger) -> Found:
    capital = {row["institution_id"]: row["registered_capital"] for row in ledger.institutions}
    found = {}
    for row in by_start(ledger):
        if row["start_date"].year != ledger.year:
            continue
        if row["sector"] not in PER_MILLE:
            found[row["contract_id"]] = ("tier", 0)
            continue
        institution, uses = row["institution_id"], not_rejected(row)
        counted = min(row["guaranteed_amount"], 8 * MILLION)
        limit = Fraction(15 * capital[institution], 100)
        enterprise = (institution, row["borrower_id"])
        counted = ledger.within(enterprise, limit, counted, uses)
        due = half_up(counted * Fraction(PER_MILLE[row["sector"]], 1000))
        due = ledger.within(institution, Fraction(3 * MILLION, 2), due, uses)
        found[row["contract_id"]] = ("", due)
    return found


def county(ledger: Ledger) -> Found:
    found = {}
    for row in ledger.institutions:
        bad, before = row["bad_loan_rate"], row["bad_loan_rate_before"]
        sound = bad is not None and (bad <= 30_000 or (before is not None and bad <= before))
        reasons = [] if sound else ["bad_loans"]
        reasons += [] if row["region"] in ("东部", "中部", "西部") else ["region"]
        growth = row["agri_average"] - Fraction(115 * row["agri_average_before"], 100)
        base = max(half_up(growth), 0)
        due = 0 if reasons else half_up(Fraction(base, 50))
        found[row["institution_id"]] = (";".join(reasons), due)
    return found


def xiamen(ledger: Ledger) -> Found:
    found = {}
    first, last = date(ledger.year, 1, 1), date(ledger.year, 12, 31)
    for row in by_start(ledger):
        ends = row["release_date"] or last
        days = (min(ends, last) - max(row["start_date"], first)).days + 1
        if days <= 0:
            continue
        if not row["green_register"]:
            found[row["contract_id"]] = ("green", 0)
            continue
        rate = Fraction(1, 5) * lpr(last, 12) * Fraction(days, 365)
        due = half_up(row["guaranteed_amount"] * rate)
        due = ledger.within(row["borrower_id"], 300_000 * 100, due, not_rejected(row))
        found[row["contract_id"]] = ("", due)
    return found


def equipment(ledger: Ledger) -> Found:
    found = {}
    for row in by_start(ledger):
        if row["start_date"].year != ledger.year:
            continue
        days = min((row["release_date"] - row["start_date"]).days, 730)
        per_mille = 15 if row["start_date"] >= date(2024, 7, 25) else 10
        due = half_up(row["guaranteed_amount"] * Fraction(per_mille * days, 1000 * 365))
        found[row["contract_id"]] = ("", due)
    return found


ORACLES_OF_RECORDS: dict[str, Callable[[Ledger], Found]] = {
    "fujian-2008": fujian,
    "county-agri-2010": county,
    "xiamen-green-2021": xiamen,
    "equipment-renewal-2024": equipment,
}
