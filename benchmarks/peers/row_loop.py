"""The rules as a loop over rows with Decimal: jiyuan-2022, 2022, no budget. For small sizes.

python -m benchmarks.peers.row_loop INPUT OUTPUT
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Row = dict[str, Any]

PARTIES = ("institution", "lender", "reguarantor", "national_fund")
BEFORE, END = date(2021, 12, 31), date(2022, 12, 31)
COUNTED = {
    "micro_enterprise",
    "small_enterprise",
    "individual_business",
    "business_owner",
    "farmer",
    "agricultural_entity",
}
FEN, MILLIONTH, ZERO = Decimal("0.01"), Decimal("0.000001"), Decimal(0)
MONEY, RATIO = pa.decimal128(18, 2), pa.decimal128(18, 6)
TYPES = {
    "payout_date": pa.date32(),
    "recovery_date": pa.date32(),
    "eligible": pa.bool_(),
    "opening_borrowers": pa.int64(),
    "closing_borrowers": pa.int64(),
    "claims": pa.int64(),
    "eligible_claims": pa.int64(),
    **dict.fromkeys(
        ("balance_growth", "borrower_growth", "small_agri_share", "payout_rate", "rate"), RATIO
    ),
    **dict.fromkeys(
        (
            "claim_id",
            "contract_id",
            "institution_id",
            "borrower_id",
            "recovery_id",
            "reasons",
            "status",
        ),
        pa.string(),
    ),
}
TIERS = (
    (Decimal("0.2"), Decimal("0.9"), Decimal("1.2"), Decimal("0.02")),
    (Decimal("0.15"), Decimal("0.85"), Decimal("1.15"), Decimal("0.03")),
)


def rows(folder: Path, table: str) -> list[Row]:
    """Return a table as a list of dicts."""
    found: list[Row] = pq.read_table(folder / f"{table}.parquet").to_pylist()
    return found


def half_up(a: Decimal, b: Decimal) -> Decimal:
    """Return a / b in whole fen; exact, since 28 digits hold every product here."""
    numerator, denominator = int(a * 10**8), int(b * 10**6)
    return Decimal((2 * numerator + denominator) // (2 * denominator)) * FEN


def split(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Return the parts of an amount by weights, one after another."""
    left, weight_left, parts = amount, sum(weights, ZERO), []
    for weight in weights:
        part = half_up(left * weight, weight_left) if weight_left else ZERO
        parts.append(part)
        left -= part
        weight_left -= weight
    return parts


def ratio(a: Decimal | int, b: Decimal | int) -> Decimal:
    """Return a / b with six decimals, half away from zero."""
    return (Decimal(a) / Decimal(b)).quantize(MILLIONTH, ROUND_HALF_UP)


def run(folder: Path, output: Path) -> None:
    """Compute the results of a folder of ledgers into Parquet files."""
    contracts = {row["contract_id"]: row for row in rows(folder, "contracts")}
    partial: dict[str, list[Row]] = defaultdict(list)
    for release in rows(folder, "releases"):
        partial[release["contract_id"]].append(release)
    of_borrower: dict[tuple[str, str], list[Row]] = defaultdict(list)
    figures: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    borrowers: dict[tuple[str, date], set[str]] = defaultdict(set)
    for contract in contracts.values():
        institution = contract["institution_id"]
        of_borrower[institution, contract["borrower_id"]].append(contract)
        of = figures[institution]
        for name, on in (("opening", BEFORE), ("closing", END)):
            held = balance(contract, partial, on)
            of[name] += held
            if held > 0:
                borrowers[institution, on].add(contract["borrower_id"])
        if contract["borrower_type"] in COUNTED:
            of["counted"] += held
        gone = ZERO
        for release in partial[contract["contract_id"]]:
            gone += release["amount"]
            if BEFORE < release["release_date"] <= END:
                of["released"] += release["amount"]
        if contract["release_date"] and BEFORE < contract["release_date"] <= END:
            of["released"] += contract["guaranteed_amount"] - gone
    claims = rows(folder, "claims")
    for claim in claims:
        contract = contracts[claim["contract_id"]]
        claim["contract"] = contract
        claim["payout"] = claim["principal"] + (claim["interest"] or ZERO)
        claim["paid"] = claim["compensation_paid"] or ZERO
        shares = [contract[f"share_{party}"] or ZERO for party in PARTIES]
        claim["borne"] = split(claim["payout"], shares if any(shares) else [Decimal(1)])
        claim["payable"] = ZERO
        if BEFORE < claim["payout_date"] <= END:
            figures[contract["institution_id"]]["payout"] += claim["payout"]
    institutions = {
        row["institution_id"]: verdict(row, figures[row["institution_id"]], borrowers)
        for row in rows(folder, "institutions")
    }
    decided = []
    for claim in claims:
        if BEFORE < claim["payout_date"] <= END:
            key = claim["contract"]["institution_id"], claim["contract"]["borrower_id"]
            decided.append(decide(claim, institutions[key[0]], of_borrower[key], partial))
    results = {
        "claims": decided,
        "institutions": list(institutions.values()),
        "returns": returns(rows(folder, "recoveries"), claims),
    }
    output.mkdir(parents=True, exist_ok=True)
    for name, table in results.items():
        columns = {
            heading: pa.array([row[heading] for row in table], TYPES.get(heading, MONEY))
            for heading in table[0]
        }
        pq.write_table(pa.table(columns), output / f"{name}.parquet", compression="zstd")


def balance(contract: Row, partial: dict[str, list[Row]], on: date) -> Decimal:
    """Return what is guaranteed at the end of a day."""
    end = contract["release_date"]
    if contract["start_date"] > on or (end is not None and end <= on):
        return ZERO
    held: Decimal = contract["guaranteed_amount"]
    for release in partial[contract["contract_id"]]:
        if release["release_date"] <= on:
            held -= release["amount"]
    return held


def verdict(
    given: Row, figures: dict[str, Decimal], borrowers: dict[tuple[str, date], set[str]]
) -> Row:
    """Return an institution's row of results."""
    own = given["institution_id"]
    opening, closing = figures["opening"], figures["closing"]
    before, after = len(borrowers[own, BEFORE]), len(borrowers[own, END])
    if given["opening_balance"] is not None:
        opening = given["opening_balance"]
    if given["opening_borrowers"] is not None:
        before = given["opening_borrowers"]
    small, gone, payout = figures["counted"], figures["released"], figures["payout"]
    failed = {
        "government_backed": not given["government_backed"],
        "small_agri_share": not closing or small < Decimal("0.8") * closing,
        "balance_growth": not opening or closing < Decimal("1.1") * opening,
        "borrower_growth": not before or after < Decimal("1.1") * before,
        "payout_rate": payout > Decimal("0.05") * gone,
    }
    missed = [name for name, wrong in failed.items() if wrong]
    rate = None
    if not missed:
        rate = Decimal("0.1")
        for step, share, growth, most in reversed(TIERS):
            if (
                small >= share * closing
                and closing >= growth * opening
                and after >= growth * before
                and payout <= most * gone
            ):
                rate = step
    return {
        "institution_id": own,
        "opening_balance": opening,
        "closing_balance": closing,
        "balance_growth": ratio(closing - opening, opening) if opening else None,
        "opening_borrowers": before,
        "closing_borrowers": after,
        "borrower_growth": ratio(after - before, before) if before else None,
        "small_agri_balance": small,
        "small_agri_share": ratio(small, closing) if closing else None,
        "released_amount": gone,
        "payout_amount": payout,
        "payout_rate": ratio(payout, gone) if gone else None if payout else ZERO,
        "eligible": not missed,
        "reasons": ";".join(missed) or None,
        "rate": rate,
        "claims": 0,
        "eligible_claims": 0,
        "compensation": ZERO,
        "payable": ZERO,
    }


def decide(
    claim: Row, institution: Row, contracts: list[Row], partial: dict[str, list[Row]]
) -> Row:
    """Return a claim's row of results, and add it to its institution's."""
    day, exposure = claim["payout_date"], ZERO
    for contract in contracts:
        end = contract["release_date"]
        if contract["start_date"] <= day and (end is None or end >= day):
            exposure += contract["guaranteed_amount"]
            for release in partial[contract["contract_id"]]:
                if release["release_date"] < day:
                    exposure -= release["amount"]
    failed = {
        "institution": not institution["eligible"],
        "borrower_type": claim["contract"]["borrower_type"] not in COUNTED,
        "borrower_exposure": exposure > 5_000_000,
    }
    missed = [name for name, wrong in failed.items() if wrong]
    reviews = (claim["finance_review"], claim["industry_review"])
    compensation, status = ZERO, "ineligible"
    if not missed:
        compensation = (claim["payout"] * institution["rate"]).quantize(FEN, ROUND_HALF_UP)
        compensation = min(compensation, claim["borne"][0])
        status = "pending"
        if "rejected" in reviews:
            status = "rejected"
        elif reviews == ("approved", "approved"):
            status = "approved"
            claim["payable"] = max(compensation - claim["paid"], ZERO)
    institution["claims"] += 1
    institution["eligible_claims"] += not missed
    institution["compensation"] += compensation
    institution["payable"] += claim["payable"]
    return {
        "claim_id": claim["claim_id"],
        "contract_id": claim["contract_id"],
        "institution_id": institution["institution_id"],
        "borrower_id": claim["contract"]["borrower_id"],
        "payout_date": day,
        "payout": claim["payout"],
        "borrower_exposure": exposure,
        "eligible": not missed,
        "reasons": ";".join(missed) or None,
        "base": claim["payout"],
        "rate": None if missed else institution["rate"],
        "compensation": compensation,
        "status": status,
        "payable": claim["payable"],
    }


def returns(recoveries: list[Row], claims: list[Row]) -> list[Row]:
    """Return the rows of the recoveries, in the order of the input."""
    by_id = {claim["claim_id"]: claim for claim in claims}
    by_claim: dict[str, list[Row]] = defaultdict(list)
    for recovery in recoveries:
        by_claim[recovery["claim_id"]].append(recovery)
    result = {}
    for key, own in by_claim.items():
        claim = by_id[key]
        own.sort(key=lambda row: (row["recovery_date"], row["recovery_id"]))
        government = claim["paid"] + claim["payable"]
        borne = [*claim["borne"], *[ZERO] * (len(PARTIES) - len(claim["borne"]))]
        weights = [government, borne[0] - government, *borne[1:]]
        received = highest = ZERO
        before = [ZERO] * (len(weights) + 2)
        for row in own:
            received += row["proceeds"]
            spent = sum(
                (r["cost"] or ZERO for r in own if r["recovery_date"] <= row["recovery_date"]), ZERO
            )
            highest = max(highest, received - spent)
            due = min(highest, claim["payout"])
            surplus = max(highest - claim["payout"], ZERO)
            now = [due, surplus, *split(due, weights)]
            step = [a - b for a, b in zip(now, before, strict=True)]
            before = now
            result[row["recovery_id"]] = {
                "recovery_id": row["recovery_id"],
                "claim_id": key,
                "recovery_date": row["recovery_date"],
                "proceeds": row["proceeds"],
                "cost": row["cost"] or ZERO,
                "distributed": step[0],
                "surplus": step[1],
                **{
                    f"to_{name}": part
                    for name, part in zip(("government", *PARTIES), step[2:], strict=True)
                },
            }
    return [result[row["recovery_id"]] for row in recoveries]


def main() -> None:
    """Run as the arguments say."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("output", type=Path)
    given = parser.parse_args()
    run(given.folder, given.output)


if __name__ == "__main__":
    main()
