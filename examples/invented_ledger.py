"""An INVENTED ledger (虚构的台账): nobody and nothing in it exists.

One institution, 150 contracts, 12 claims that show every outcome under jiyuan-2022, and 8
recoveries. The claims and recoveries are written down; the rest of the book is drawn by lot, always
the same. `make_jiyuan_2022` writes it into a workbook.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeVar

INSTITUTION_ID = "SL-001"
INSTITUTION_NAME = "济源示例融资担保有限公司"
KEPT_UNTIL = date(2023, 3, 31)
"""The day on which the ledger was closed: nothing after it can stand in it."""

WAN = 1_000_000
"""10,000 yuan in fen."""

Sharing = tuple[int, int, int, int]
FOUR_PARTIES: Sharing = (40, 20, 20, 20)
THREE_PARTIES: Sharing = (50, 20, 30, 0)
WITH_THE_LENDER: Sharing = (80, 20, 0, 0)
SMALL_PART: Sharing = (10, 30, 30, 30)
NOT_SHARED: Sharing = (0, 0, 0, 0)
"""Percent for institution, lender, reguarantor, national fund; none: the institution bears all."""

LENDERS = ("甲银行济源分行", "乙农村商业银行", "丙村镇银行", "丁银行济源支行")


@dataclass(frozen=True)
class Firm:
    """What a borrower's size is derived from; revenue and total assets in 10,000 yuan."""

    industry: str
    employees: int | None = None
    revenue: int | None = None
    total_assets: int | None = None


@dataclass(frozen=True)
class Borrower:
    """A borrower: `type` in Chinese, blank where it is to be derived from `firm`."""

    id: str
    name: str
    type: str
    firm: Firm | None = None


@dataclass
class Contract:
    """A guaranteed loan; amounts in fen. `releases`: partial ones. The id comes with the book."""

    borrower: Borrower
    amount: int
    start: date
    release: date | None
    sharing: Sharing
    lender: str
    releases: list[tuple[date, int]] = field(default_factory=list)
    remark: str = ""
    id: str = ""


@dataclass(frozen=True)
class Claim:
    """A payout and what became of it; amounts in fen; `shows`: why it is in the example."""

    id: str
    contract: Contract
    day: date
    principal: int
    interest: int
    finance_review: str
    industry_review: str
    paid: int | None
    shows: str


@dataclass(frozen=True)
class Recovery:
    """What was collected after a payout and what that cost, in fen."""

    id: str
    claim: str
    day: date
    proceeds: int
    cost: int | None
    remark: str


@dataclass(frozen=True)
class Ledger:
    """All that the workbook holds."""

    contracts: list[Contract]
    claims: list[Claim]
    recoveries: list[Recovery]


# ---- The story: twelve claims, one for each outcome --------------------------------------------


def the_claims() -> tuple[list[Contract], list[Claim]]:
    """Return the contracts that were called, their neighbours, and the claims themselves."""
    a, b, c, d = LENDERS
    machines = Contract(
        Borrower("00101", "示例宏工机械配件有限公司", "小型企业"),
        50 * WAN,
        date(2021, 5, 20),
        date(2022, 6, 15),
        FOUR_PARTIES,
        a,
        [(date(2022, 2, 21), 20 * WAN)],
    )
    noodles = Contract(
        Borrower("00102", "示例小满面馆", "个体工商户"),
        10 * WAN,
        date(2021, 7, 8),
        date(2022, 7, 20),
        FOUR_PARTIES,
        b,
    )
    farmer = Contract(
        Borrower("00103", "李某某(示例)", "农户"),
        8 * WAN,
        date(2021, 11, 15),
        date(2022, 11, 28),
        FOUR_PARTIES,
        b,
    )
    printing = Contract(
        Borrower("00104", "示例晨光印刷有限公司", "微型企业"),
        20 * WAN,
        date(2021, 3, 2),
        date(2022, 3, 16),
        THREE_PARTIES,
        c,
        [(date(2021, 12, 20), 5 * WAN)],
    )
    owner = Contract(
        Borrower("00105", "张某某(示例)", "小微企业主"),
        15 * WAN,
        date(2021, 4, 28),
        date(2022, 5, 10),
        NOT_SHARED,
        d,
    )
    foundry = Contract(
        Borrower("00106", "示例太行铸造股份有限公司", "中型企业"),
        300 * WAN,
        date(2021, 8, 10),
        date(2022, 8, 24),
        WITH_THE_LENDER,
        a,
        [(date(2022, 5, 10), 270 * WAN)],
    )
    grain = Borrower("00107", "示例丰禾种植专业合作社", "新型农业经营主体")
    grain_called = Contract(
        grain,
        300 * WAN,
        date(2021, 9, 6),
        date(2022, 9, 20),
        FOUR_PARTIES,
        b,
    )
    grain_other = Contract(
        grain,
        260 * WAN,
        date(2022, 1, 12),
        None,
        FOUR_PARTIES,
        c,
        [(date(2022, 7, 12), 60 * WAN - 1)],
    )
    bearings = Borrower("00108", "示例恒通轴承有限公司", "小型企业")
    bearings_called = Contract(
        bearings, 200 * WAN, date(2021, 9, 1), date(2022, 9, 9), FOUR_PARTIES, a
    )
    bearings_others = [
        Contract(bearings, 150 * WAN, date(2021, 9, 9), date(2022, 9, 9), FOUR_PARTIES, a),
        Contract(bearings, 150 * WAN, date(2022, 3, 15), None, FOUR_PARTIES, d),
        Contract(bearings, 80 * WAN, date(2021, 9, 8), date(2022, 9, 8), FOUR_PARTIES, d),
    ]
    batch = Contract(
        Borrower("00109", "示例青谷家庭农场", "新型农业经营主体"),
        12 * WAN,
        date(2021, 8, 18),
        date(2022, 8, 30),
        SMALL_PART,
        b,
        remark="批量业务",
    )
    tea = Contract(
        Borrower("00110", "示例王屋茶业有限公司", "微型企业"),
        20 * WAN,
        date(2021, 4, 8),
        date(2022, 10, 21),
        FOUR_PARTIES,
        c,
    )
    transport = Contract(
        Borrower("00111", "示例顺达运输有限公司", "小型企业"),
        20 * WAN,
        date(2020, 10, 9),
        date(2021, 10, 18),
        FOUR_PARTIES,
        d,
    )
    contracts = [machines, noodles, farmer, printing, owner, foundry, grain_called, grain_other]
    contracts += [bearings_called, *bearings_others, batch, tea, transport]
    yes, no, pending = "通过", "不通过", "待审"
    claims = [
        Claim("DC2021-09", transport, date(2021, 10, 18), 20_000_000, 432_100, yes, yes, 2_043_210,
              "上一年度的代偿:不在本年结果中,只计算追偿返还 / of the year before"),
        Claim("DC2022-01", printing, date(2022, 3, 16), 15_000_000, 280_000, no, yes, None,
              "财政金融局审核不通过 / rejected by the finance bureau"),
        Claim("DC2022-02", tea, date(2022, 4, 21), 5_000_000, 120_000, yes, yes, None,
              "同一合同的第一笔代偿 / the first of two on one contract"),
        Claim("DC2022-03", owner, date(2022, 5, 10), 15_000_000, 265_000, yes, no, None,
              "行业主管部门审核不通过;不分担 / rejected by the industry authority; not shared"),
        Claim("DC2022-04", machines, date(2022, 6, 15), 30_000_000, 621_350, yes, yes, None,
              "审核通过,全额应付;四方分担,分期追偿 / approved and payable; recovered in parts"),
        Claim("DC2022-05", noodles, date(2022, 7, 20), 10_000_000, 185_000, yes, yes, 1_000_000,
              "审核通过,已预拨一部分;追偿超过代偿 / part paid already; recovered with a surplus"),
        Claim("DC2022-06", foundry, date(2022, 8, 24), 30_000_000, 512_000, pending, pending, None,
              "借款人类型不符合(中型企业) / ineligible by borrower_type"),
        Claim("DC2022-07", batch, date(2022, 8, 30), 12_000_000, 234_567, yes, yes, None,
              "按比例计算高于机构自担,以自担为限 / capped by what the institution bore"),
        Claim("DC2022-08", bearings_called, date(2022, 9, 9), 25_000_000, 263_000, yes, yes, None,
              "单户担保余额正好500万元,符合 / exposure exactly 5,000,000.00: eligible"),
        Claim("DC2022-09", grain_called, date(2022, 9, 20), 20_000_000, 198_000, yes, yes, None,
              "单户担保余额超过500万元一分 / ineligible by borrower_exposure, one fen above"),
        Claim("DC2022-10", tea, date(2022, 10, 21), 15_000_000, 348_765, yes, yes, None,
              "同一合同的第二笔代偿 / the second of two on one contract"),
        Claim("DC2022-11", farmer, date(2022, 11, 28), 8_000_000, 112_000, yes, "", None,
              "待行业主管部门审核;已有追偿,会有提示 / pending, with a recovery: a warning"),
    ]  # fmt: skip
    return contracts, claims


RECOVERIES = [
    Recovery("ZC2022-01", "DC2021-09", date(2022, 3, 16), 8_000_000, 500_000, "执行回款"),
    Recovery("ZC2022-02", "DC2022-04", date(2022, 9, 5), 0, 860_000, "诉讼费、保全费"),
    Recovery("ZC2022-03", "DC2021-09", date(2022, 11, 3), 6_666_666, None, "执行回款"),
    Recovery("ZC2022-04", "DC2022-05", date(2022, 12, 15), 6_000_000, 100_000, "和解首期"),
    Recovery("ZC2022-05", "DC2022-04", date(2022, 12, 20), 12_000_000, 240_000, "拍卖设备"),
    Recovery("ZC2023-01", "DC2022-11", date(2023, 1, 16), 2_000_000, None, "借款人部分还款"),
    Recovery("ZC2023-02", "DC2022-07", date(2023, 2, 14), 5_000_000, 150_000, "处置抵押物"),
    Recovery("ZC2023-03", "DC2022-05", date(2023, 2, 28), 5_000_000, 80_000, "和解尾款及违约金"),
]

# ---- The rest of the book: drawn by lot, always the same ---------------------------------------

PLACES = ("沁园", "天坛", "济水", "北海", "王屋", "承留", "克井", "五龙", "轵城", "坡头", "梨林")
WORDS = ("瑞丰", "鑫源", "明达", "华盛", "佳和", "永信", "安泰", "百川", "同兴", "嘉禾", "卓越")
SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡"
TRADES = {
    "小型企业": ("电气设备", "精密铸件", "新材料", "食品加工", "环保科技", "包装制品"),
    "微型企业": ("商贸", "装饰工程", "广告传媒", "五金", "农资", "信息咨询"),
    "个体工商户": ("超市", "快餐店", "建材经营部", "服装店", "汽修厂", "水果店"),
    "新型农业经营主体": ("种植专业合作社", "养殖专业合作社", "家庭农场", "农机服务专业合作社"),
    "中型企业": ("能源装备股份", "化工", "特钢"),
    "其他": ("职业培训学校", "民办养老服务中心"),
}
KINDS = {
    "小型企业": (30, (100, 150, 200, 300, 300)),
    "微型企业": (24, (50, 80, 100, 150)),
    "个体工商户": (14, (10, 20, 30, 50)),
    "小微企业主": (10, (30, 50, 100)),
    "农户": (10, (5, 8, 10, 20)),
    "新型农业经营主体": (12, (50, 100, 200)),
    "中型企业": (3, (300, 400, 500)),
    "其他": (2, (50, 100)),
}
"""How often each type is drawn, and its usual amounts in 10,000 yuan."""
SHARINGS = {FOUR_PARTIES: 60, THREE_PARTIES: 20, WITH_THE_LENDER: 12, NOT_SHARED: 8}
FIRMS = (
    ("示例沁园阀门制造有限公司", Firm("工业", 46, 1200), 150),
    ("示例天坛百货有限公司", Firm("零售业", 8, 90), 50),
    ("示例济水粮油贸易有限公司", Firm("批发业", 6, 1500), 100),
    ("示例北海建筑劳务有限公司", Firm("建筑业", None, 250, 260), 80),
    ("示例承留餐饮服务有限公司", Firm("餐饮业", 12, 150), 50),
    ("示例五龙软件技术有限公司", Firm("I65", 9, 45), 50),
    ("示例轵城重工有限公司", Firm("工业", 320, 3200), 300),
    ("示例坡头物流有限公司", Firm("交通运输业", 25, 260), 100),
)
"""Enterprises without a type: name, what it is derived from, and the amount in 10,000 yuan."""
OLD_CUSTOMERS, RENEWALS, NEW_CUSTOMERS = 57, 41, 33


def months_later(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's 28th if it is beyond."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, 28))


def closed(day: date) -> date | None:
    """Return the day if the ledger knows it; blank if it was closed before."""
    return day if day <= KEPT_UNTIL else None


Thing = TypeVar("Thing")


class Lot:
    """Draws borrowers and contracts.

    With random() only: of all that `random` offers, its sequence alone is promised to stay.
    """

    def __init__(self) -> None:
        self.random = random.Random(6)
        self.borrowers = 200
        self.names: set[str] = set()

    def number(self, limit: int) -> int:
        """Return a number from 0 up to, and without, the limit."""
        return int(self.random.random() * limit)

    def one_of(self, things: Sequence[Thing]) -> Thing:
        """Return one of several things, each as likely."""
        return things[self.number(len(things))]

    def weighted(self, weights: Mapping[Thing, int]) -> Thing:
        """Return one of several things, each as likely as its weight says."""
        left = self.number(sum(weights.values()))
        for thing, weight in weights.items():
            left -= weight
            if left < 0:
                return thing
        raise AssertionError("the weights do not add up")

    def borrower(self) -> tuple[Borrower, int]:
        """Return somebody new, and the amount of a first loan in 10,000 yuan."""
        kind = self.weighted({kind: weight for kind, (weight, _) in KINDS.items()})
        return self.named(self.name(kind), kind), self.one_of(KINDS[kind][1])

    def named(self, name: str, kind: str, firm: Firm | None = None) -> Borrower:
        """Return a new borrower of that name, with the next number."""
        self.borrowers += 1
        return Borrower(f"{self.borrowers:05d}", name, kind, firm)

    def name(self, kind: str) -> str:
        """Return a name that nobody else in the book has; people's are masked."""
        if kind in ("农户", "小微企业主"):
            return f"{self.one_of(SURNAMES)}某{self.one_of(('', '某'))}(示例)"
        while True:
            first = self.one_of(PLACES) + self.one_of(WORDS)
            name = f"示例{first}{self.one_of(TRADES[kind])}"
            if kind in ("小型企业", "微型企业", "中型企业"):
                name += "有限公司"
            if name not in self.names:
                self.names.add(name)
                return name

    def day(self, first: date, last: date) -> date:
        """Return a working day of the period."""
        day = first + timedelta(days=self.number((last - first).days + 1))
        return day - timedelta(days=max(day.weekday() - 4, 0))

    def contract(self, borrower: Borrower, amount: int, start: date, months: int) -> Contract:
        """Return a contract, repaid on time or a little early, now and then in instalments."""
        end = months_later(start, months) - timedelta(days=self.one_of((0, 0, 1, 3, 9)))
        sharing, lender = self.weighted(SHARINGS), self.one_of(LENDERS)
        contract = Contract(borrower, amount * WAN, start, closed(end), sharing, lender)
        if amount >= 80 and self.random.random() < 0.35:
            part = amount * WAN // self.one_of((10, 5, 4))
            for quarter in range(1, self.one_of((2, 3, 4))):
                day = months_later(start, quarter * months // 4)
                if day <= KEPT_UNTIL:
                    contract.releases.append((day, part))
        return contract


def the_rest() -> list[Contract]:
    """Return the contracts that nothing happened to."""
    lot = Lot()
    contracts = []
    for place in range(OLD_CUSTOMERS):
        borrower, amount = lot.borrower()
        start = lot.day(date(2021, 1, 4), date(2021, 12, 24))
        months = 24 if place % 10 == 9 else 12
        first = lot.contract(borrower, amount, start, months)
        contracts.append(first)
        if place < RENEWALS and first.release is not None:
            again = first.release + timedelta(days=3 + lot.number(17))
            if again <= date(2022, 12, 30):
                more = amount + lot.one_of((0, 0, 0, 10, 20, amount // 2))
                contracts.append(lot.contract(borrower, more, again, 12))
    for _ in range(NEW_CUSTOMERS):
        borrower, amount = lot.borrower()
        start = lot.day(date(2022, 1, 4), date(2022, 12, 29))
        contracts.append(lot.contract(borrower, amount, start, lot.one_of((6, 12, 12, 12))))
    for name, firm, amount in FIRMS:
        start = lot.day(date(2022, 2, 1), date(2022, 11, 30))
        contracts.append(lot.contract(lot.named(name, "", firm), amount, start, 12))
    return contracts


def the_ledger() -> Ledger:
    """Return the whole book, contracts numbered in the order in which they were signed."""
    called, claims = the_claims()
    contracts = sorted([*called, *the_rest()], key=lambda c: (c.start, c.borrower.id))
    number: dict[int, int] = {}
    for contract in contracts:
        year = contract.start.year
        number[year] = number.get(year, 0) + 1
        contract.id = f"SLDB-{year}-{number[year]:03d}"
    return Ledger(contracts, claims, RECOVERIES)
