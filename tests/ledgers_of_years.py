"""Ledgers of several years: the portfolios of `tests.portfolios`, with what comes after.

Payments, recalls, remittances and refunds within their limits, entries of the pool, reviews and
closings with dates, amounts that review grants. Most dates are near the ends of years.
"""

from __future__ import annotations

import random
from datetime import date, timedelta

from tests.oracle_reading import Row, Tables, money_text, read
from tests.portfolio_rows import MOST, Hand, Setting
from tests.portfolios import build

SETTING = Setting(first=date(2021, 6, 1), days=(date(2022, 6, 30), date(2022, 7, 1)))
PERIODS: list[list[tuple[str, str | None]]] = [
    [("2022-01-01", "2023-12-31"), ("2024-01-01", None)],
    [("2021-01-01", "2022-06-30"), ("2022-07-01", None)],
    [("2022-03-01", "2022-12-30"), ("2023-01-01", "2023-01-01")],
    [("2020-01-01", "2022-06-30"), ("2022-07-01", "2022-12-31")],
]
"""Days on which the two policies of the examples may be in force, in a test."""
DAYS = [
    date.fromisoformat(text)
    for text in (
        *("2021-12-31", "2022-01-01", "2022-06-30", "2022-12-30", "2022-12-31", "2023-01-01"),
        *("2023-05-31", "2023-12-31", "2024-01-01", "2024-12-31", "2025-06-01", "2025-12-31"),
    )
]
"""Days on which ledgers are settled."""
COLUMNS = {
    "payments": ["payment_id", "claim_id", "payment_date", "amount", "kind", "voucher"],
    "remittances": ["remittance_id", "claim_id", "remittance_date", "amount", "kind", "voucher"],
    "pool": ["entry_id", "entry_date", "kind", "amount", "voucher"],
}
POOL_KINDS = ["budget", "interest", "other_income", "fee", "other_expense"]


def random_ledger(seed: int, contracts: int = 8) -> Tables:
    """The same ledger for the same seed."""
    source = random.Random(seed)
    tables = _portfolio(source, contracts)
    Years(Hand(source.randint), tables).add()
    return tables


def random_portfolio(seed: int, contracts: int = 8) -> Tables:
    """The same without what comes after: no payments, nothing dated but the rows themselves."""
    return _portfolio(random.Random(seed), contracts)


def _portfolio(source: random.Random, contracts: int) -> Tables:
    return build(source.randint, contracts, big=source.randint(1, 6) == 6, setting=SETTING)


class Years:
    """What happens to the claims of a portfolio in the years after."""

    def __init__(self, hand: Hand, tables: Tables) -> None:
        self.hand, self.tables = hand, tables
        self.numbers = 0

    def id(self) -> str:
        self.numbers += 1
        return self.hand.choice(["b{}", "B{}", "济{}号", "｡{}"]).format(self.numbers)

    def after(self, day: date) -> date:
        later = [other for other in DAYS if other >= day]
        near = day + timedelta(days=self.hand.choice([0, 1, 40, 400]))
        return self.hand.choice([near, near, *later])

    def add(self) -> None:
        hand, tables = self.hand, self.tables
        portfolio = read(tables)
        own = portfolio.parties.index("institution")
        for row in tables["institutions"]:
            for column in ("opening_balance", "opening_borrowers"):
                row[column] = row.get(column, "")
            row["opening_year"] = str(hand.choice([2021, 2022, 2022, 2023]))
        paid_by_row = hand.chance(3)
        payments: list[Row] = []
        remittances: list[Row] = []
        for row, claim in zip(tables["claims"], portfolio.claims, strict=True):
            self.decide(row, claim.day, claim.borne[own])
            if not paid_by_row:
                row["compensation_paid"] = ""
                if hand.chance(2):
                    self.entries(payments, row, claim.day, claim.borne[own], "payments")
            if hand.chance(2):
                self.entries(remittances, row, claim.day, claim.payout, "remittances")
        if not paid_by_row:
            tables["payments"] = payments
        if not hand.chance(6):
            tables["remittances"] = remittances
        if not hand.chance(6):
            tables["pool"] = self.pool()

    def decide(self, row: Row, day: date, borne: int) -> None:
        hand = self.hand
        for review in ("finance_review", "industry_review"):
            row[review] = row.get(review, "")
            row[f"{review}_date"] = self.after(day).isoformat() if hand.chance(3) else ""
        granted = min(hand.choice([borne, borne // 5, borne // 10, 0, 1]), MOST)
        row["approved_amount"] = money_text(granted) if hand.chance(4) else ""
        row["closed_date"] = self.after(day).isoformat() if hand.chance(5) else ""

    def entries(self, rows: list[Row], claim: Row, day: date, most: int, table: str) -> None:
        """Amounts that go there and come back; at the end of no day above ``most`` or below 0."""
        hand = self.hand
        there, back = ("paid", "recalled") if table == "payments" else ("remitted", "refunded")
        net = 0
        for on in sorted(self.after(day) for _ in range(hand.pick(1, 3))):
            taken = hand.chance(4) and net > 0
            room = net if taken else min(most, MOST) - net
            amount = min(hand.choice([room, room // 5, room // 10, 1, room // 3]), room)
            if amount <= 0:
                continue
            net += -amount if taken else amount
            kind = back if taken else hand.choice([there, ""])
            cells = [self.id(), claim["claim_id"], on.isoformat(), money_text(amount), kind, ""]
            rows.append(dict(zip(COLUMNS[table], cells, strict=True)))

    def pool(self) -> list[Row]:
        hand = self.hand
        rows = []
        begin = hand.choice([date(2021, 1, 1), *DAYS[:6]])
        if hand.chance(2):
            rows.append((begin, "opening", hand.choice([0, 10**9, hand.pick(0, 10**12)])))
        for _ in range(hand.pick(0, 6)):
            amount = hand.choice([1, 100, hand.pick(1, 10**12)])
            rows.append((self.after(begin), hand.choice(POOL_KINDS), amount))
        return [
            dict(
                zip(
                    COLUMNS["pool"],
                    [self.id(), day.isoformat(), kind, money_text(fen), ""],
                    strict=True,
                )
            )
            for day, kind, fen in rows
        ]


def near_budget(source: random.Random, to_pay: int) -> str | None:
    """No budget, or one near what is to be paid."""
    fen = source.choice([None, 0, 1, to_pay // 2, to_pay - 1, to_pay, to_pay + 1])
    return None if fen is None else money_text(min(max(0, fen), MOST))
