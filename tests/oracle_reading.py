"""Sections 1, 2 and 7 of the contract read a second time: clean text to exact values.

Takes plain decimals, ISO dates and English column names only, and refuses what section 2 calls a
fault with ``ValueError``, so that a generated portfolio which is not valid is noticed.  The module
``oracle`` computes with what is read here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache

Row = dict[str, str]
Tables = dict[str, list[Row]]

SMALL_MICRO = ("micro_enterprise", "small_enterprise", "individual_business", "business_owner")
AGRICULTURAL = ("farmer", "agricultural_entity")
NEITHER = ("medium_enterprise", "large_enterprise", "other")
REVIEWS = ("approved", "rejected", "pending")


# 1 Money, ratios, dates


def half_up(a: int, b: int) -> int:
    """The integer nearest to a / b, halves away from zero (a >= 0, b > 0)."""
    return (2 * a + b) // (2 * b)


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """An amount of fen over weights, one weight after another."""
    left, weight_left = amount, sum(weights)
    parts = []
    for weight in weights:
        part = half_up(left * weight, weight_left) if weight > 0 else 0
        left -= part
        weight_left -= weight
        parts.append(part)
    return parts


def decimal(text: str) -> Fraction:
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
        raise ValueError(f"not a plain decimal: {text!r}")
    return Fraction(text)


# Remembered: a portfolio in the making is read again whenever something is added to it.
@cache
def money(text: str) -> int:
    """Yuan as text to fen."""
    fen = decimal(text) * 100
    if fen.denominator != 1 or not 0 <= fen <= 999_999_999_999_999:
        raise ValueError(f"not an amount of money: {text!r}")
    return int(fen)


@cache
def share(text: str) -> Fraction:
    return decimal(text[:-1]) / 100 if text.endswith("%") else decimal(text)


def boolean(text: str) -> bool:
    if text.lower() in ("是", "true", "1", "yes"):
        return True
    if text.lower() in ("否", "false", "0", "no"):
        return False
    raise ValueError(f"not a boolean: {text!r}")


def money_text(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def ratio_text(value: Fraction | None) -> str:
    if value is None:
        return ""
    millionths = half_up(abs(value.numerator) * 1_000_000, value.denominator)
    sign = "-" if value < 0 and millionths > 0 else ""
    return f"{sign}{millionths // 1_000_000}.{millionths % 1_000_000:06d}"


def boolean_text(value: bool) -> str:
    return "true" if value else "false"


# 7 Enterprise size: lower limits of large, medium and small; employees, the others in 10,000 yuan

INDUSTRIES: dict[str, tuple[str, dict[str, tuple[int, int, int]]]] = {
    "agriculture": ("农、林、牧、渔业", {"revenue": (20000, 500, 50)}),
    "industry": ("工业", {"employees": (1000, 300, 20), "revenue": (40000, 2000, 300)}),
    "construction": (
        "建筑业",
        {"revenue": (80000, 6000, 300), "total_assets": (80000, 5000, 300)},
    ),
    "wholesale": ("批发业", {"employees": (200, 20, 5), "revenue": (40000, 5000, 1000)}),
    "retail": ("零售业", {"employees": (300, 50, 10), "revenue": (20000, 500, 100)}),
    "transport": ("交通运输业", {"employees": (1000, 300, 20), "revenue": (30000, 3000, 200)}),
    "warehousing": ("仓储业", {"employees": (200, 100, 20), "revenue": (30000, 1000, 100)}),
    "post": ("邮政业", {"employees": (1000, 300, 20), "revenue": (30000, 2000, 100)}),
    "accommodation": ("住宿业", {"employees": (300, 100, 10), "revenue": (10000, 2000, 100)}),
    "catering": ("餐饮业", {"employees": (300, 100, 10), "revenue": (10000, 2000, 100)}),
    "telecom": ("信息传输业", {"employees": (2000, 100, 10), "revenue": (100000, 1000, 100)}),
    "software": (
        "软件和信息技术服务业",
        {"employees": (300, 100, 10), "revenue": (10000, 1000, 50)},
    ),
    "real_estate": (
        "房地产开发经营",
        {"revenue": (200000, 1000, 100), "total_assets": (10000, 5000, 2000)},
    ),
    "property_management": (
        "物业管理",
        {"employees": (1000, 300, 100), "revenue": (5000, 1000, 500)},
    ),
    "leasing_business": (
        "租赁和商务服务业",
        {"employees": (300, 100, 10), "total_assets": (120000, 8000, 100)},
    ),
    "other": ("其他未列明行业", {"employees": (300, 100, 10)}),
}


def enterprise_size(row: Row) -> str:
    """The type of a contract that gives none; only what its industry uses has to be filled."""
    chinese = {name: key for key, (name, _) in INDUSTRIES.items()}
    industry = chinese.get(row.get("industry", ""), row.get("industry", ""))
    if industry not in INDUSTRIES:
        raise ValueError(f"no borrower_type, and no industry that gives one: {row}")
    _, limits = INDUSTRIES[industry]
    for class_, size in enumerate(("large", "medium", "small")):
        reached = True
        for indicator, classes in limits.items():
            if indicator == "employees":
                reached = reached and int(row["employees"]) >= classes[class_]
            else:
                reached = reached and money(row[indicator]) >= classes[class_] * 10_000 * 100
        if reached:
            return f"{size}_enterprise"
    return "micro_enterprise"


# 2 Input tables


@dataclass(frozen=True)
class Institution:
    id: str
    government_backed: bool
    opening_balance: int | None
    opening_borrowers: int | None


@dataclass(frozen=True)
class Contract:
    id: str
    institution_id: str
    borrower_id: str
    borrower_type: str
    amount: int
    start: date
    releases: list[tuple[date, int]]
    """Every release of any part of it, the remainder on its release_date among them."""
    shares: list[int]
    """Millionths, in the order of the parties."""
    row: Row

    @property
    def small_agri(self) -> bool:
        return self.borrower_type in SMALL_MICRO + AGRICULTURAL


@dataclass(frozen=True)
class Claim:
    id: str
    contract: Contract
    day: date
    principal: int
    payout: int
    borne: list[int]
    reviews: tuple[str, str]
    paid: int
    row: Row


@dataclass(frozen=True)
class Recovery:
    id: str
    claim_id: str
    day: date
    proceeds: int
    cost: int


@dataclass(frozen=True)
class Portfolio:
    parties: list[str]
    institutions: list[Institution]
    contracts: list[Contract]
    claims: list[Claim]
    recoveries: list[Recovery]


def refuse_unless(holds: bool, what: str, row: Row) -> None:
    if not holds:
        raise ValueError(f"{what}: {row}")


def parties_of(contracts: list[Row]) -> list[str]:
    given = {
        column.removeprefix("share_")
        for row in contracts
        for column in row
        if column.startswith("share_")
    }
    if "government" in given:
        raise ValueError("share_government is refused")
    known = ["institution", "lender", "reguarantor", "national_fund"]
    named = [party for party in known if party in given or party == "institution"]
    return named + sorted(given - set(known))


def shares_of(row: Row, parties: list[str]) -> list[int]:
    texts = [row.get(f"share_{party}", "") for party in parties]
    if all(text == "" for text in texts):
        return [1_000_000 if party == "institution" else 0 for party in parties]
    millionths = [share(text) * 1_000_000 if text else Fraction(0) for text in texts]
    refuse_unless(all(m.denominator == 1 and m >= 0 for m in millionths), "shares", row)
    refuse_unless(sum(millionths) == 1_000_000, "shares do not make 1", row)
    return [int(m) for m in millionths]


def read(tables: Tables) -> Portfolio:
    institutions: dict[str, Institution] = {}
    for row in tables["institutions"]:
        id_ = row["institution_id"]
        refuse_unless(id_ != "" and id_ not in institutions, "institution_id", row)
        balance, borrowers = row.get("opening_balance", ""), row.get("opening_borrowers", "")
        refuse_unless(borrowers == "" or int(borrowers) >= 0, "opening_borrowers", row)
        institutions[id_] = Institution(
            id_,
            boolean(row["government_backed"]),
            money(balance) if balance else None,
            int(borrowers) if borrowers else None,
        )

    parties = parties_of(tables["contracts"])
    partial: dict[str, list[tuple[date, int]]] = {
        row["contract_id"]: [] for row in tables["contracts"]
    }
    for row in tables.get("releases", []):
        refuse_unless(money(row["amount"]) > 0, "amount", row)
        partial[row["contract_id"]].append(
            (date.fromisoformat(row["release_date"]), money(row["amount"]))
        )

    contracts: dict[str, Contract] = {}
    for row in tables["contracts"]:
        id_ = row["contract_id"]
        refuse_unless(id_ != "" and id_ not in contracts, "contract_id", row)
        refuse_unless(row["institution_id"] in institutions, "institution_id", row)
        refuse_unless(row["borrower_id"] != "", "borrower_id", row)
        borrower_type = row.get("borrower_type", "") or enterprise_size(row)
        refuse_unless(borrower_type in SMALL_MICRO + AGRICULTURAL + NEITHER, "borrower_type", row)
        amount, start = money(row["guaranteed_amount"]), date.fromisoformat(row["start_date"])
        releases = partial[id_]
        remainder = amount - sum(part for _, part in releases)
        refuse_unless(amount > 0 and remainder >= 0, "guaranteed_amount", row)
        refuse_unless(all(day >= start for day, _ in releases), "release before the start", row)
        if row.get("release_date", ""):
            released = date.fromisoformat(row["release_date"])
            refuse_unless(released >= start, "release_date", row)
            refuse_unless(all(day <= released for day, _ in releases), "release too late", row)
            releases = [*releases, (released, remainder)]
        contracts[id_] = Contract(
            id_,
            row["institution_id"],
            row["borrower_id"],
            borrower_type,
            amount,
            start,
            releases,
            shares_of(row, parties),
            row,
        )

    claims: dict[str, Claim] = {}
    for row in tables.get("claims", []):
        id_, contract = row["claim_id"], contracts[row["contract_id"]]
        refuse_unless(id_ != "" and id_ not in claims, "claim_id", row)
        day = date.fromisoformat(row["payout_date"])
        refuse_unless(day >= contract.start, "payout_date", row)
        principal = money(row["principal"])
        payout = principal + money(row.get("interest", "") or "0")
        refuse_unless(payout > 0, "principal + interest", row)
        borne = split(payout, contract.shares)
        reviews = (
            row.get("finance_review", "") or "pending",
            row.get("industry_review", "") or "pending",
        )
        refuse_unless(all(review in REVIEWS for review in reviews), "review", row)
        paid = money(row.get("compensation_paid", "") or "0")
        refuse_unless(paid <= borne[parties.index("institution")], "compensation_paid", row)
        claims[id_] = Claim(id_, contract, day, principal, payout, borne, reviews, paid, row)

    recoveries: dict[str, Recovery] = {}
    for row in tables.get("recoveries", []):
        id_, claim = row["recovery_id"], claims[row["claim_id"]]
        refuse_unless(id_ != "" and id_ not in recoveries, "recovery_id", row)
        day = date.fromisoformat(row["recovery_date"])
        refuse_unless(day >= claim.day, "recovery_date", row)
        proceeds, cost = money(row["proceeds"]), money(row.get("cost", "") or "0")
        recoveries[id_] = Recovery(id_, claim.id, day, proceeds, cost)

    return Portfolio(
        parties,
        list(institutions.values()),
        list(contracts.values()),
        list(claims.values()),
        list(recoveries.values()),
    )
