"""The specification of settlements read a second time: row by row, in whole fen, slowly.

Takes the rows of a ledger as texts, as `tests.oracle` does, which decides the claims of a year.
Nothing here comes from the package.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from tests import oracle
from tests.oracle_reading import (
    Claim,
    Institution,
    Portfolio,
    Recovery,
    Row,
    Tables,
    boolean_text,
    money,
    read,
    split,
)

POLICIES = Path(__file__).parent / "data" / "settlements" / "policies"
DATES = {
    "contracts": "start_date",
    "releases": "release_date",
    "claims": "payout_date",
    "recoveries": "recovery_date",
    "payments": "payment_date",
    "remittances": "remittance_date",
    "pool": "entry_date",
}
"""Which date says whether a row counts on a day."""
PARENTS = {
    "releases": ("contracts", "contract_id"),
    "claims": ("contracts", "contract_id"),
    "recoveries": ("claims", "claim_id"),
    "payments": ("claims", "claim_id"),
    "remittances": ("claims", "claim_id"),
}
REVIEWS = {"finance_review_date": "finance_review", "industry_review_date": "industry_review"}
AMOUNTS = [
    *("compensation", "granted", "paid_in_period", "paid_to_date", "to_pay", "to_recall"),
    *("outstanding", "proceeds_to_date", "cost_to_date", "distributed_to_date"),
    *("surplus_to_date", "government_share", "remitted_in_period", "remitted_to_date"),
    *("to_remit", "to_refund", "net_due", "government_cost"),
]
IN = ["budget", "interest", "other_income", "remitted", "recalled"]
OUT = ["paid", "refunded", "fee", "other_expense"]


def signed_text(fen: int) -> str:
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


# 11 As of a day


def as_of(tables: Tables, day: date) -> Tables:
    """The ledger as it stood at the end of a day."""
    known: Tables = {"institutions": [dict(row) for row in tables["institutions"]]}
    for name, column in DATES.items():
        if name not in tables:
            continue
        rows = [dict(row) for row in tables[name] if date.fromisoformat(row[column]) <= day]
        if name in PARENTS:
            parent, id_ = PARENTS[name]
            there = {row[id_] for row in known[parent]}
            rows = [row for row in rows if row[id_] in there]
        known[name] = rows
    for row in known["contracts"]:
        blank_after(row, "release_date", day)
    for row in known["claims"]:
        blank_after(row, "closed_date", day)
        for dated, review in REVIEWS.items():
            if blank_after(row, dated, day):
                row[review] = row["approved_amount"] = ""
        if "payments" in known:
            row["compensation_paid"] = signed_text(net(known["payments"], row["claim_id"]))
    return known


def blank_after(row: Row, column: str, day: date) -> bool:
    text = row.get(column, "")
    if not text or date.fromisoformat(text) <= day:
        return False
    row[column] = ""
    return True


def net(rows: list[Row], claim_id: str, since: date = date.min) -> int:
    """What payments or remittances of a claim come to, less what came back."""
    total = 0
    for row in rows:
        day = row.get("payment_date") or row["remittance_date"]
        if row["claim_id"] == claim_id and date.fromisoformat(day) >= since:
            back = row.get("kind", "") in ("recalled", "refunded")
            total += -money(row["amount"]) if back else money(row["amount"])
    return total


# 12 Policies


@dataclass(frozen=True)
class Rules:
    """A policy with the figures of its short form; `by_case`: years that go on are decided, too."""

    id: str
    net_of_costs: bool
    decides: oracle.Policy
    by_case: bool = False

    def decides_in(self, year: int, to: date) -> bool:
        """Whether claims of a year are decided on a day."""
        return date(year, 12, 31) <= to or (self.by_case and date(year, 1, 1) <= to)


def rules(id_: str) -> Rules:
    """A policy of the examples."""
    return rules_of(json.loads((POLICIES / f"{id_}.json").read_text("utf-8")))


def rules_of(said: Mapping[str, Any]) -> Rules:
    effective, needed = said["effective"], said["institution"]
    last = effective["to"]

    def institution(portfolio: Portfolio, own: Institution, year: int) -> dict[str, bool]:
        figures = oracle.indicators(portfolio, own, year)
        return {"government_backed": own.government_backed, **compared(figures, needed)}

    def claim(_: Portfolio, own: Claim, exposure: int) -> dict[str, bool]:
        return {
            "borrower_type": own.contract.small_agri,
            "borrower_exposure": exposure <= money(said["borrower_exposure"]),
        }

    def rate(figures: oracle.Indicators) -> Fraction:
        return next(
            Fraction(tier["rate"])
            for tier in said["tiers"]
            if all(compared(figures, {k: v for k, v in tier.items() if k != "rate"}).values())
        )

    decides = oracle.Policy(
        date.fromisoformat(effective["from"]),
        None if last is None else date.fromisoformat(last),
        institution,
        claim,
        lambda _, own: own.payout,
        rate,
        lambda figures, _: rate(figures),
    )
    return Rules(said["id"], said["costs"] == "net", decides)


def compared(figures: oracle.Indicators, limits: Mapping[str, str]) -> dict[str, bool]:
    return {
        name: (oracle.at_most if name == "payout_rate" else oracle.at_least)(
            getattr(figures, name), limit
        )
        for name, limit in limits.items()
    }


# 12 Settlement


@dataclass
class Leg:
    """One claim on its way through the settlement, in fen."""

    claim: Claim
    rules: Rules | None
    status: str
    closed: bool
    compensation: int
    granted: int
    paid: int
    to_pay: int


def settle(
    tables: Tables,
    policies: list[Rules],
    to: date,
    from_: date | None = None,
    budget: str | None = None,
) -> Tables:
    """``settlement``, ``settlement_institutions`` and ``pool_statement``, each cell a text."""
    since = from_ or date(to.year, 1, 1)
    known = as_of(tables, to)
    portfolio = read(known)
    decided = decisions(known, policies, to)
    legs = [leg_of(claim, known, policies, decided, to) for claim in portfolio.claims]
    if budget is not None:
        wanted = {leg.claim.id: leg.to_pay for leg in legs}
        cut = oracle.within_budget(wanted, money(budget))
        for leg in legs:
            leg.to_pay = cut[leg.claim.id]
    settlement = [row_of(leg, known, portfolio, since) for leg in legs]
    sums = [
        {
            "institution_id": institution.id,
            "claims": sum(row["institution_id"] == institution.id for row in settlement),
            **{
                name: sum(r[name] for r in settlement if r["institution_id"] == institution.id)
                for name in AMOUNTS
            },
        }
        for institution in portfolio.institutions
    ]
    return {
        "settlement": [texts(row, ["payout", *AMOUNTS]) for row in settlement],
        "settlement_institutions": [texts(row, AMOUNTS) for row in sums],
        "pool_statement": [
            {"line": line, "amount": signed_text(fen)}
            for line, fen in statement(known, settlement, since).items()
        ],
    }


def texts(row: Mapping[str, Any], amounts: list[str]) -> Row:
    return {name: signed_text(cell) if name in amounts else str(cell) for name, cell in row.items()}


def decisions(known: Tables, policies: list[Rules], to: date) -> dict[str, Row]:
    """What `assess` says of each claim whose year is decided on the day, by its id."""
    found = {}
    years = {date.fromisoformat(row["payout_date"]).year for row in known["claims"]}
    for policy in policies:
        for year in years:
            if not policy.decides_in(year, to):
                continue
            ledger = dict(known)
            ledger["institutions"] = [opening(row, year) for row in known["institutions"]]
            try:
                claims = oracle.assess(ledger, year, None, policy.decides)["claims"]
            except ValueError:
                continue
            for row in claims:
                if policy.decides.covers(date.fromisoformat(row["payout_date"])):
                    found[row["claim_id"]] = row
    return found


def opening(row: Row, year: int) -> Row:
    """An institution without opening figures that are for another year."""
    if row.get("opening_year", "") in ("", str(year)):
        return row
    return {**row, "opening_balance": "", "opening_borrowers": ""}


def leg_of(
    claim: Claim, known: Tables, policies: list[Rules], decided: Mapping[str, Row], to: date
) -> Leg:
    policy = next((p for p in policies if p.decides.covers(claim.day)), None)
    if policy is None:
        status = "not_covered"
    elif not policy.decides_in(claim.day.year, to):
        status = "year_open"
    else:
        status = decided[claim.id]["status"]
    compensation = money(decided[claim.id]["compensation"]) if claim.id in decided else 0
    paid = claim.paid
    if "payments" in known:
        paid = net(known["payments"], claim.id)
    if status == "approved":
        text = claim.row.get("approved_amount", "")
        granted = min(compensation, money(text)) if text else compensation
    elif status in ("rejected", "ineligible"):
        granted = 0
    else:
        granted = paid
    closed = claim.row.get("closed_date", "") != ""
    if closed:
        granted = min(granted, paid)
    to_pay = max(granted - paid, 0)
    return Leg(claim, policy, status, closed, compensation, granted, paid, to_pay)


def returned(
    claim: Claim, recoveries: list[Recovery], weights: list[int], net_of_costs: bool
) -> tuple[int, int, int]:
    """Distributable and surplus to date, and government's part."""
    highest = 0
    for recovery in recoveries:
        proceeds = sum(
            r.proceeds for r in recoveries if (r.day, r.id) <= (recovery.day, recovery.id)
        )
        costs = sum(r.cost for r in recoveries if r.day <= recovery.day) if net_of_costs else 0
        highest = max(highest, proceeds - costs)
    distributable = min(highest, claim.payout)
    return distributable, max(0, highest - claim.payout), split(distributable, weights)[0]


def row_of(leg: Leg, known: Tables, portfolio: Portfolio, since: date) -> dict[str, Any]:
    claim = leg.claim
    to_recall = max(leg.paid - leg.granted, 0)
    borne_by_government = leg.paid + leg.to_pay - to_recall
    weights = [borne_by_government, *claim.borne]
    weights[1 + portfolio.parties.index("institution")] -= borne_by_government
    recoveries = [r for r in portfolio.recoveries if r.claim_id == claim.id]
    net_of_costs = leg.rules is None or leg.rules.net_of_costs
    distributed, surplus, share = returned(claim, recoveries, weights, net_of_costs)
    remitted = net(known.get("remittances", []), claim.id)
    to_remit, to_refund = max(share - remitted, 0), max(remitted - share, 0)
    return {
        "claim_id": claim.id,
        "contract_id": claim.contract.id,
        "institution_id": claim.contract.institution_id,
        "borrower_id": claim.contract.borrower_id,
        "payout_date": claim.day.isoformat(),
        "year": claim.day.year,
        "policy": "" if leg.rules is None else leg.rules.id,
        "status": leg.status,
        "closed": boolean_text(leg.closed),
        "payout": claim.payout,
        "compensation": leg.compensation,
        "granted": leg.granted,
        "paid_in_period": net(known.get("payments", []), claim.id, since),
        "paid_to_date": leg.paid,
        "to_pay": leg.to_pay,
        "to_recall": to_recall,
        "outstanding": leg.granted - leg.paid - leg.to_pay if leg.granted > leg.paid else 0,
        "proceeds_to_date": sum(r.proceeds for r in recoveries),
        "cost_to_date": sum(r.cost for r in recoveries),
        "distributed_to_date": distributed,
        "surplus_to_date": surplus,
        "government_share": share,
        "remitted_in_period": net(known.get("remittances", []), claim.id, since),
        "remitted_to_date": remitted,
        "to_remit": to_remit,
        "to_refund": to_refund,
        "net_due": to_recall + to_remit - leg.to_pay - to_refund,
        "government_cost": borne_by_government - share,
    }


def statement(known: Tables, settlement: list[dict[str, Any]], since: date) -> dict[str, int]:
    """The lines of the pool's statement, entry by entry."""
    entries = [
        (row["kind"], date.fromisoformat(row["entry_date"]), money(row["amount"]))
        for row in known.get("pool", [])
    ]
    for table, there, column in (
        ("payments", "paid", "payment_date"),
        ("remittances", "remitted", "remittance_date"),
    ):
        for row in known.get(table, []):
            kind = row.get("kind", "") or there
            entries.append((kind, date.fromisoformat(row[column]), money(row["amount"])))
    lines = dict.fromkeys(["opening", *IN, *OUT], 0)
    begin = date.min
    for kind, day, amount in entries:
        if kind == "opening":
            lines["opening"], begin = amount, day
    for kind, day, amount in entries:
        if kind == "opening" or day < begin:
            continue
        if day >= since:
            lines[kind] += amount
        else:
            lines["opening"] += amount if kind in IN else -amount
    lines["closing"] = (
        lines["opening"] + sum(lines[name] for name in IN) - sum(lines[name] for name in OUT)
    )
    due = {
        name: sum(row[name] for row in settlement)
        for name in ("to_pay", "to_recall", "to_remit", "to_refund")
    }
    available = (
        lines["closing"] + due["to_recall"] + due["to_remit"] - due["to_pay"] - due["to_refund"]
    )
    return {**lines, **due, "available": available}
