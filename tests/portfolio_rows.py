"""The rows of a random portfolio: contracts, releases, claims and recoveries near the edges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeVar

from tests.oracle import borrower_exposure
from tests.oracle_reading import (
    AGRICULTURAL,
    INDUSTRIES,
    NEITHER,
    SMALL_MICRO,
    Portfolio,
    Row,
    Tables,
    half_up,
    money_text,
    parties_of,
    read,
    shares_of,
    split,
)

T = TypeVar("T")
Pick = Callable[[int, int], int]
"""An integer between two, both included; the lower one is the plain case."""

MOST = 999_999_999_999_999
"""The largest amount, in fen."""
DAY = timedelta(days=1)

COLUMNS = {
    "institutions": {
        "institution_id": True,
        "institution_name": False,
        "government_backed": True,
        "opening_balance": False,
        "opening_borrowers": False,
    },
    "contracts": {
        "contract_id": True,
        "institution_id": True,
        "borrower_id": True,
        "borrower_name": False,
        "borrower_type": True,
        "guaranteed_amount": True,
        "start_date": True,
        "release_date": False,
        "lender": False,
        "industry": False,
        "employees": False,
        "revenue": False,
        "total_assets": False,
    },
    "releases": {"contract_id": True, "release_date": True, "amount": True},
    "claims": {
        "claim_id": True,
        "contract_id": True,
        "payout_date": True,
        "principal": True,
        "interest": False,
        "finance_review": False,
        "industry_review": False,
        "compensation_paid": False,
    },
    "recoveries": {
        "recovery_id": True,
        "claim_id": True,
        "recovery_date": True,
        "proceeds": True,
        "cost": False,
    },
}
"""The columns of each table, and whether a table has to have them."""

SHARE_COLUMNS = [
    ["institution", "lender", "reguarantor", "national_fund"],
    ["institution", "lender"],
    [],
    ["institution"],
    ["reguarantor", "county_fund", "institution", "lender", "national_fund"],
    ["national_fund", "lender"],
    ["zeta_fund", "institution", "insurer", "Alpha_fund"],
]
ID_FORMS = [
    "A{}", "{:0>7}", "{}", "a{}", "𠮷{}", "｡{}", "𠮷-｡{}", "{}E2", '号,"{}"', "济{}号",
    "={}+1", "-{}", "@{}", "{}.0", "A {}", "'{}'", "2022-01-{}", "{}%", "1,{}",
]  # fmt: skip
ID_WORDS = ["NA1", "null-1", "nans", "Nonesuch", "true", "合计x", "#N", "inf", "\\N1", "∅"]


@dataclass(frozen=True)
class Setting:
    """What the edges depend on."""

    year: int = 2022
    exposure_limits: tuple[int, ...] = (5_000_000_00,)
    days: tuple[date, ...] = ()
    """Days on which a payout is just in or just out of the policy's period."""
    first: date = date(2022, 1, 1)
    """Most payouts are from this day on."""
    share_forms: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    """The forms that ``shares`` draws from."""
    share_columns: Sequence[list[str]] = tuple(SHARE_COLUMNS)
    late_claims: bool = True
    """Whether contracts that start after the year may have claims."""


JIYUAN = Setting()


@dataclass
class Hand:
    """Draws from what there is to choose from."""

    pick: Pick

    def choice(self, options: Sequence[T]) -> T:
        return options[self.pick(0, len(options) - 1)]

    def chance(self, one_in: int) -> bool:
        return self.pick(1, one_in) == one_in


@dataclass
class Maker(Hand):
    """A portfolio in the making."""

    setting: Setting
    big: bool
    medium: bool
    tables: Tables = field(default_factory=lambda: {table: [] for table in COLUMNS})
    parties: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def id(self) -> str:
        number = str(self.pick(1, 9)) + str(len(self.used))
        text = self.choice(ID_WORDS) if self.chance(25) else self.choice(ID_FORMS).format(number)
        while text in self.used:
            text += "x"
        self.used.add(text)
        return text

    def money(self, fen: int) -> str:
        """An amount, now and then with more or fewer decimals than two."""
        text = money_text(fen)
        form = self.pick(0, 5)
        if form == 1 and fen % 100 == 0:
            return text[:-3]
        if form == 2 and fen % 10 == 0:
            return text[:-1]
        return text + "00" if form == 3 else text

    def share(self, millionths: int) -> str:
        if millionths == 0:
            return self.choice(["", "0", "0.000000", "0%"])
        form = self.pick(0, 3)
        if form == 1:
            return f"{millionths // 10_000}.{millionths % 10_000:04d}%"
        text = f"{millionths // 1_000_000}.{millionths % 1_000_000:06d}"
        return text if form == 2 else text.rstrip("0").rstrip(".")

    def day(self) -> date:
        first = date(self.setting.year, 1, 1)
        edges = [first, date(self.setting.year, 12, 31), *self.setting.days]
        if self.chance(3):
            return self.choice(edges)
        if not self.chance(5):
            first = self.setting.first
        return first + DAY * self.pick(0, (edges[1] - first).days)

    # rows

    def contract(
        self, institution: str, borrower: str, small_agri: bool, amount: int, start: date
    ) -> Row:
        types = SMALL_MICRO + AGRICULTURAL if small_agri else NEITHER
        row = dict.fromkeys(COLUMNS["contracts"], "")
        row.update(
            contract_id=self.id(),
            institution_id=institution,
            borrower_id=borrower,
            borrower_type=self.choice(types),
            guaranteed_amount=self.money(amount),
            start_date=start.isoformat(),
        )
        row.update({f"share_{party}": "" for party in self.parties})
        self.tables["contracts"].append(row)
        return row

    def release(self, contract: Row, day: date, amount: int) -> None:
        self.tables["releases"].append(
            {
                "contract_id": contract["contract_id"],
                "release_date": day.isoformat(),
                "amount": self.money(amount),
            }
        )

    def portfolio(self, institution: str, borrower: str | None = None) -> Portfolio:
        """What there is so far of one institution, or of one of its borrowers; no recoveries."""
        contracts = [
            c
            for c in self.tables["contracts"]
            if c["institution_id"] == institution and borrower in (None, c["borrower_id"])
        ]
        ids = {contract["contract_id"] for contract in contracts}
        rows = {
            t: [r for r in self.tables[t] if r["contract_id"] in ids]
            for t in ("claims", "releases")
        }
        own = [i for i in self.tables["institutions"] if i["institution_id"] == institution]
        return read({"institutions": own, "contracts": contracts, **rows})

    def pieces(self, amount: int) -> list[int]:
        """An amount as amounts that one contract can have."""
        return [MOST] * (amount // MOST) + ([amount % MOST] if amount % MOST else [])


def enterprise(maker: Maker, row: Row) -> None:
    """Let the type follow from the size, at a limit of some class."""
    industry = maker.choice(list(INDUSTRIES))
    chinese, limits = INDUSTRIES[industry]
    row["borrower_type"] = ""
    row["industry"] = maker.choice([industry, chinese])
    for indicator, classes in limits.items():
        off = maker.choice([0, -1, 1])
        if indicator == "employees":
            row[indicator] = str(maker.choice(classes) + off)
        else:
            row[indicator] = maker.money(maker.choice(classes) * 10_000_00 + off)


def shares(maker: Maker, row: Row) -> None:
    form = maker.choice(maker.setting.share_forms)
    parties = maker.parties
    if form == 0 or not parties:
        return
    if form == 1 and len(parties) == 4 and "lender" in parties:
        part = dict(zip(parties, [400_000, 200_000, 200_000, 200_000], strict=True))
    elif form == 2 and {"institution", "lender"} <= set(parties):
        lender = 200_000 + maker.choice([0, 0, 0, -1, 1])
        part = {"institution": 1_000_000 - lender, "lender": lender}
    elif form == 3:
        part = {maker.choice(parties): 1_000_000}
    else:
        grain = maker.choice([1, 100, 10_000])
        cuts = sorted(grain * maker.pick(0, 1_000_000 // grain) for _ in parties[1:])
        ends = zip([0, *cuts], [*cuts, 1_000_000], strict=True)
        part = {party: end - begin for party, (begin, end) in zip(parties, ends, strict=True)}
    for party in parties:
        row[f"share_{party}"] = maker.share(part.get(party, 0))


def add_contract(maker: Maker, institution: str, borrower: str) -> Row:
    year = maker.setting.year
    edges = [date(year - 1, 12, 31), date(year, 1, 1), date(year, 12, 31), date(year + 1, 1, 1)]
    earlier = date(year - 2, 1, 1) + DAY * maker.pick(0, 729)
    start = maker.choice([earlier, earlier, *edges])
    near = [limit + off for limit in maker.setting.exposure_limits for off in (0, -1, 1)]
    plain = [maker.pick(1, 3_000_000_00), maker.pick(1, 50_000_00), 100, 1]
    amount = maker.choice(near) if maker.chance(6) else maker.choice(plain)
    if maker.big and maker.chance(200 if maker.medium else 30):
        amount = MOST
    row = maker.contract(institution, borrower, not maker.chance(8), amount, start)
    row["borrower_name"] = maker.choice(["", "", "王某某", 'a,"b"', "two\nlines"])
    row["lender"] = maker.choice(["", "中原银行", "邮储银行,济源分行"])
    if maker.chance(8):
        enterprise(maker, row)
    shares(maker, row)

    later = [start, start + DAY, *(day for day in edges if day >= start)]
    end = maker.choice([None, None, start + DAY * maker.pick(0, 800), *later])
    row["release_date"] = end.isoformat() if end else ""
    left = amount
    last = end or date(year + 2, 12, 31)
    while maker.chance(2) and left > 0:
        part = maker.choice([maker.pick(1, left), 1, left])
        day = maker.choice([start, last, *(day for day in edges if start <= day <= last)])
        if maker.chance(2):
            day = start + DAY * maker.pick(0, (last - start).days)
        maker.release(row, day, part)
        left -= part
    return row


def payout_amount(maker: Maker) -> int:
    plain = [833_035_00, 833_035_00, maker.pick(1, 200_000_00), maker.pick(1, 3_000_000_00)]
    if maker.big:
        if maker.chance(40):
            return MOST
        larger = [maker.pick(1, 4_000_000_000_000), maker.pick(1, 40_000_000_000_000)]
        return maker.choice([3_000_000_000_00, *larger, *plain])
    return maker.choice([*plain, 1, 2, 3, 5, 10, 15, 30, 99])


def add_claim(maker: Maker, contract: Row) -> None:
    start = date.fromisoformat(contract["start_date"])
    days = [maker.day(), maker.day(), maker.day(), start]
    if contract["release_date"]:
        end = date.fromisoformat(contract["release_date"])
        days += [end, end + DAY, end - DAY]
    year = maker.setting.year
    if maker.chance(6):
        days = [date(year - 1, 12, 31), date(year + 1, 1, 1)]
    day = max(start, maker.choice(days))
    principal = payout_amount(maker)
    interest = maker.choice([0, 0, maker.pick(0, principal // 10), 1, payout_amount(maker)])
    if maker.chance(8) and interest > 0:
        principal = 0
    payout = principal + interest

    own = split(payout, shares_of(contract, parties_of([contract])))[0]
    award = half_up(payout * maker.choice([20, 15, 10]), 100)
    paid = maker.choice([0, min(award, own), own, max(0, own - 1), min(1, own), own // 3])
    reviews = ["approved"] * 9 + ["pending", "rejected", ""]
    maker.tables["claims"].append(
        {
            "claim_id": maker.id(),
            "contract_id": contract["contract_id"],
            "payout_date": day.isoformat(),
            "principal": maker.money(principal),
            "interest": maker.money(interest) if interest else maker.choice(["", "0", "-0.00"]),
            "finance_review": maker.choice(reviews),
            "industry_review": maker.choice(reviews),
            "compensation_paid": maker.money(min(paid, MOST)) if maker.chance(4) else "",
        }
    )
    if maker.chance(4):
        exposure_at_limit(maker, contract, day)
    while maker.chance(2):
        add_recovery(maker, day, payout)


def exposure_at_limit(maker: Maker, contract: Row, day: date) -> None:
    """Another contract of the same borrower, so that the exposure on the day is near a limit."""
    portfolio = maker.portfolio(contract["institution_id"], contract["borrower_id"])
    exposure = borrower_exposure(portfolio, portfolio.claims[-1])
    limit = maker.choice(maker.setting.exposure_limits) + maker.choice([0, -1, 1])
    if exposure >= limit:
        return
    start = day - DAY * maker.choice([0, 0, 1, 400])
    row = maker.contract(
        contract["institution_id"], contract["borrower_id"], True, limit - exposure, start
    )
    end = maker.choice([None, day, day + DAY, max(start, day - DAY)])
    row["release_date"] = end.isoformat() if end else ""


def add_recovery(maker: Maker, day: date, payout: int) -> None:
    part = maker.pick(0, payout)
    later = DAY * maker.choice([0, 1, 1, 30, maker.pick(0, 800)])
    proceeds = maker.choice([part, part // 3, payout, payout + 1, 0, 1, 2, payout * 2])
    cost = maker.choice([0, 0, maker.pick(0, payout // 5), 1, part, proceeds])
    maker.tables["recoveries"].append(
        {
            "recovery_id": maker.id(),
            "claim_id": maker.tables["claims"][-1]["claim_id"],
            "recovery_date": (day + later).isoformat(),
            "proceeds": maker.money(min(proceeds, MOST)),
            "cost": maker.money(min(cost, MOST)) if cost else maker.choice(["", "0"]),
        }
    )
