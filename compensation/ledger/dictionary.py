"""The data dictionary: tables, columns, headings, types, units and checks, written once.

Readers, the template, messages, the documentation's tables and the schemas of other interfaces
are made from it. Source: the contract of the ledgers, sections 1 and 2.
"""

from __future__ import annotations

from collections.abc import Collection, Container
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache

from compensation.language import Text
from compensation.ledger import trade_words
from compensation.values.choices import Places, plain_name
from compensation.values.kinds import Kind

SHARE_UNIT = 1_000_000
"""A share of 1: shares have six decimals and are held as whole millionths."""
SHARE_PREFIX = "share_"


class ColumnType(Enum):
    """What a cell means, and how it is held once checked.

    TEXT: Arrow string. BOOLEAN: Arrow bool. MONEY: int64 fen. COUNT: int64. DATE: date32.
    SHARE: int64 millionths (ratios and yearly rates alike). CHOICE: int8 place in `choices`.
    """

    TEXT = "text"
    BOOLEAN = "boolean"
    MONEY = "money"
    COUNT = "integer"
    DATE = "date"
    SHARE = "ratio"
    CHOICE = "choice"


TYPE_NAMES = {
    ColumnType.TEXT: Text("文本", "text"),
    ColumnType.BOOLEAN: Text("是/否", "boolean"),
    ColumnType.MONEY: Text("金额（元）", "money (yuan)"),
    ColumnType.COUNT: Text("整数", "integer"),
    ColumnType.DATE: Text("日期", "date"),
    ColumnType.SHARE: Text("比例", "ratio"),
    ColumnType.CHOICE: Text("选项", "choice"),
}

EXPECTED = {
    ColumnType.TEXT: Text("文本", "text"),
    ColumnType.BOOLEAN: Text(
        "是/否、true/false、1/0 或 yes/no", "是/否, true/false, 1/0 or yes/no"
    ),
    ColumnType.MONEY: Text(
        "不小于 0、不超过 9,999,999,999,999.99 的金额，精确到分",
        "an amount from 0 to 9,999,999,999,999.99 in whole fen",
    ),
    ColumnType.COUNT: Text("不小于 0 的整数", "a whole number, 0 or more"),
    ColumnType.DATE: Text(
        "有效日期，如 2022-03-01、2022/3/1、20220301、2022年3月1日",
        "a valid date, such as 2022-03-01, 2022/3/1, 20220301 or 2022年3月1日",
    ),
    ColumnType.SHARE: Text(
        "0 到 1 之间的比例，最多六位小数，如 0.4 或 40%",
        "a ratio from 0 to 1 with at most six decimals, such as 0.4 or 40%",
    ),
}
"""What a cell of each type must look like; a choice names its own values."""


@dataclass(frozen=True)
class Choice:
    """One value that a CHOICE column takes: its English value and its Chinese name.

    `also`: other names by which cells may have it.
    """

    value: str
    zh: str
    group: str | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """One column of a table.

    `required`: the column must be there and no cell of it may be blank. `unique`: no value twice.
    `positive`: a MONEY cell must be above zero. `default`: what a blank stands for, as held
    (0 fen, a place in `choices`); None leaves it blank. `note` is for the template and the docs.
    `implausible`: the millionths from which on a SHARE cell without a percent sign is a fault.
    `further`: headings that are read as this column where no standard heading of it is there.
    `doubtful`: headings that may mean it or something less; the reader asks. `parts`: those of them
    that are asked about beside a further heading, too. `refers_to`: the table whose ids its cells
    name. `dates_draft`: a row in which this date is blank is a draft, not yet carried out.
    """

    name: str
    heading: str
    type: ColumnType
    required: bool = False
    unique: bool = False
    positive: bool = False
    default: int | None = None
    choices: tuple[Choice, ...] = ()
    note: Text = Text("", "")
    implausible: int | None = None
    further: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    refers_to: str | None = None
    dates_draft: bool = False

    @property
    def title(self) -> Text:
        """The column as messages name it: guaranteed_amount (担保金额)."""
        return Text(f"{self.heading}（{self.name}）", f"{self.name} ({self.heading})")

    @property
    def expected(self) -> Text:
        """What a cell of this column must hold."""
        if self.type is ColumnType.CHOICE:
            *others, last = (choice.zh for choice in self.choices)
            return Text(
                "、".join(others) + f"或{last}",
                "one of " + ", ".join(c.value for c in self.choices),
            )
        if self.positive:
            return Text(
                "大于 0、不超过 9,999,999,999,999.99 的金额，精确到分",
                "an amount above 0 and up to 9,999,999,999,999.99 in whole fen",
            )
        return EXPECTED[self.type]


@cache
def places_of(column: Column) -> Places:
    """Return the places of a column's choices by the names that texts may have for them."""
    places: dict[str, int | Kind] = {}
    for place, choice in enumerate(column.choices):
        places |= dict.fromkeys(map(plain_name, (choice.zh, choice.value, *choice.also)), place)
    return places | dict.fromkeys(AMBIGUOUS_CHOICES, Kind.AMBIGUOUS_CHOICE)


@dataclass(frozen=True)
class Table:
    """One input table; `optional`: the table itself may be missing."""

    name: str
    heading: str
    columns: tuple[Column, ...]
    optional: bool = False
    may_be_empty: bool = True
    any_share: bool = False

    def column(self, name: str) -> Column:
        """Return the column called ``name``; KeyError if the table has none."""
        for column in self.columns:
            if column.name == name:
                return column
        if self.any_share and name.startswith(SHARE_PREFIX):
            return share_column(name)
        raise KeyError(name)

    @property
    def reference(self) -> Column | None:
        """The column that names what a row belongs to in another table; None if there is none."""
        return next((column for column in self.columns if column.refers_to), None)

    @property
    def title(self) -> Text:
        """The table as messages name it: claims (代偿)."""
        return Text(f"{self.heading}（{self.name}）", f"{self.name} ({self.heading})")


SMALL_MICRO = "small_micro"
AGRICULTURAL = "agricultural"
BORROWER_GROUPS = {
    SMALL_MICRO: Text("小微", "small and micro"),
    AGRICULTURAL: Text("三农", "agricultural"),
}
BORROWER_TYPES = (
    Choice("micro_enterprise", "微型企业", SMALL_MICRO, ("微型",)),
    Choice("small_enterprise", "小型企业", SMALL_MICRO, ("小型",)),
    Choice("individual_business", "个体工商户", SMALL_MICRO, ("个体户",)),
    Choice("business_owner", "小微企业主", SMALL_MICRO),
    Choice("farmer", "农户", AGRICULTURAL),
    Choice("agricultural_entity", "新型农业经营主体", AGRICULTURAL),
    Choice("medium_enterprise", "中型企业", also=("中型",)),
    Choice("large_enterprise", "大型企业", also=("大型",)),
    Choice("other", "其他", also=("其它",)),
)

APPROVED, REJECTED, PENDING = 0, 1, 2
REVIEW_DECISIONS = (
    Choice(
        "approved",
        "通过",
        also=("同意", "批准", "审核通过", "审批通过", "予以通过", "√", "✓", "✔"),
    ),
    Choice(
        "rejected",
        "不通过",
        also=(
            *("不同意", "不批准", "否决", "未通过", "审核不通过", "审核未通过", "审批不通过"),
            *("不予通过", "×", "✗", "✘"),
        ),
    ),
    Choice("pending", "待审", also=("待审核", "审核中", "未审核")),
)
AMBIGUOUS_CHOICES = frozenset(
    ("已审", "已审核", "已审批", "已阅", "已核", "小微企业", "小微", "中小企业", "中小微企业")
)
"""What people write in columns of choices that may stand for either of two of them."""

PARTIES = ("institution", "lender", "reguarantor", "national_fund")
"""The parties that share a payout, in the order of a run; any others follow by name."""
PARTY_NAMES = {
    "government": Text("政府", "government"),
    "institution": Text("担保机构", "institution"),
    "lender": Text("银行", "lender"),
    "reguarantor": Text("再担保机构", "reguarantor"),
    "national_fund": Text("国家融担基金", "national fund"),
}
GOVERNMENT = "government"


def parties_in_order(present: Collection[str]) -> tuple[str, ...]:
    """Return the parties of a run: those of `PARTIES` that are present, then the others by name.

    The institution is always one.
    """
    known = [party for party in PARTIES if party in present or party == "institution"]
    return (*known, *sorted(set(present).difference(PARTIES)))


def party_name(party: str) -> Text:
    """Return the party's name; a party that the dictionary does not know goes by its own id."""
    return PARTY_NAMES.get(party, Text(party, party))


def share_column(name: str) -> Column:
    """Return the share column called ``name``: one of the four known, or any other share_*."""
    party = name.removeprefix(SHARE_PREFIX)
    heading = f"{party_name(party).zh}分担比例"
    words = tuple(word for word in trade_words.further_shares(party) if word != heading)
    return Column(name, heading, ColumnType.SHARE, further=words)


def _table(name: str, heading: str, columns: tuple[Column, ...], **rest: bool) -> Table:
    """Return a table whose columns have the further and the doubtful headings of the trade."""
    worded = (
        column
        if column.name.startswith(SHARE_PREFIX)
        else replace(
            column,
            further=trade_words.further(name, column.name),
            doubtful=trade_words.doubtful(name, column.name),
            parts=trade_words.parts(name, column.name),
        )
        for column in columns
    )
    return Table(name, heading, tuple(worded), **rest)


def _reference(name: str, heading: str, table: str) -> Column:
    """Return a column whose cells name rows of another table."""
    return Column(name, heading, ColumnType.TEXT, required=True, refers_to=table)


INSTITUTIONS = _table(
    "institutions",
    "机构",
    (
        Column("institution_id", "机构代码", ColumnType.TEXT, required=True, unique=True),
        Column("institution_name", "机构名称", ColumnType.TEXT),
        Column("government_backed", "政府性融资担保机构", ColumnType.BOOLEAN, required=True),
        Column(
            "opening_balance",
            "年初在保余额",
            ColumnType.MONEY,
            note=Text(
                "填写后代替由担保合同推算的年初数，增速也按它计算",
                "where given, replaces the figure derived from the contracts, also in the growth",
            ),
        ),
        Column(
            "opening_borrowers",
            "年初在保户数",
            ColumnType.COUNT,
            note=Text(
                "填写后代替由担保合同推算的年初户数",
                "where given, replaces the opening number derived from the contracts",
            ),
        ),
        Column(
            "opening_year",
            "年初年度",
            ColumnType.COUNT,
            note=Text(
                "年初数所属的年度；留空时，年初数用于所核算的年度",
                "the year that the opening figures are for; blank: the year assessed",
            ),
        ),
    ),
    may_be_empty=False,
)

CONTRACTS = _table(
    "contracts",
    "担保合同",
    (
        Column("contract_id", "合同编号", ColumnType.TEXT, required=True, unique=True),
        _reference("institution_id", "机构代码", "institutions"),
        Column("borrower_id", "借款人代码", ColumnType.TEXT, required=True),
        Column("borrower_name", "借款人名称", ColumnType.TEXT),
        Column(
            "borrower_type",
            "借款人类型",
            ColumnType.CHOICE,
            choices=BORROWER_TYPES,
            note=Text(
                "可留空，由行业、从业人员、营业收入、资产总额推出",
                "may be blank: then derived from industry, employees, revenue and total assets",
            ),
        ),
        Column("guaranteed_amount", "担保金额", ColumnType.MONEY, required=True, positive=True),
        Column("start_date", "起始日期", ColumnType.DATE, required=True),
        Column(
            "release_date",
            "解除日期",
            ColumnType.DATE,
            note=Text(
                "尚在担保的余额全部解除之日，不早于起始日期",
                "the day on which whatever is still guaranteed is released; not before the start",
            ),
        ),
        Column("lender", "贷款银行", ColumnType.TEXT),
        *(share_column(SHARE_PREFIX + party) for party in PARTIES),
        Column("industry", "行业", ColumnType.TEXT),
        Column("employees", "从业人员", ColumnType.COUNT),
        Column("revenue", "营业收入", ColumnType.MONEY),
        Column("total_assets", "资产总额", ColumnType.MONEY),
    ),
    may_be_empty=False,
    any_share=True,
)

RELEASES = _table(
    "releases",
    "解保",
    (
        _reference("contract_id", "合同编号", "contracts"),
        Column("release_date", "解除日期", ColumnType.DATE, required=True),
        Column("amount", "解除金额", ColumnType.MONEY, required=True, positive=True),
    ),
    optional=True,
)

CLAIMS = _table(
    "claims",
    "代偿",
    (
        Column("claim_id", "代偿编号", ColumnType.TEXT, required=True, unique=True),
        _reference("contract_id", "合同编号", "contracts"),
        Column("payout_date", "代偿日期", ColumnType.DATE, required=True),
        Column("principal", "代偿本金", ColumnType.MONEY, required=True),
        Column("interest", "代偿利息", ColumnType.MONEY, default=0),
        Column(
            "finance_review",
            "财政金融局审核",
            ColumnType.CHOICE,
            choices=REVIEW_DECISIONS,
            default=PENDING,
        ),
        Column(
            "industry_review",
            "行业主管部门审核",
            ColumnType.CHOICE,
            choices=REVIEW_DECISIONS,
            default=PENDING,
        ),
        Column("compensation_paid", "已补偿金额", ColumnType.MONEY, default=0),
        Column(
            "finance_review_date",
            "财政金融局审核日期",
            ColumnType.DATE,
            note=Text("不早于代偿日期", "not before the payout"),
        ),
        Column(
            "industry_review_date",
            "行业主管部门审核日期",
            ColumnType.DATE,
            note=Text("不早于代偿日期", "not before the payout"),
        ),
        Column(
            "approved_amount",
            "核定补偿金额",
            ColumnType.MONEY,
            note=Text(
                "审核核定的金额低于计算结果时填写",
                "what review grants, where it is less than computed",
            ),
        ),
        Column(
            "closed_date",
            "结案日期",
            ColumnType.DATE,
            note=Text(
                "自该日起不再支付；不早于代偿日期",
                "from this day nothing more is paid; not before the payout",
            ),
        ),
    ),
)

RECOVERIES = _table(
    "recoveries",
    "追偿",
    (
        Column("recovery_id", "追偿编号", ColumnType.TEXT, required=True, unique=True),
        _reference("claim_id", "代偿编号", "claims"),
        Column("recovery_date", "追偿日期", ColumnType.DATE, required=True),
        Column("proceeds", "追偿所得", ColumnType.MONEY, required=True),
        Column("cost", "追偿费用", ColumnType.MONEY, default=0),
    ),
    optional=True,
)

PAID, RECALLED = 0, 1
PAYMENTS = _table(
    "payments",
    "拨付",
    (
        Column("payment_id", "拨付编号", ColumnType.TEXT, required=True, unique=True),
        _reference("claim_id", "代偿编号", "claims"),
        Column("payment_date", "拨付日期", ColumnType.DATE, required=True, dates_draft=True),
        Column("amount", "拨付金额", ColumnType.MONEY, required=True, positive=True),
        Column(
            "kind",
            "拨付类型",
            ColumnType.CHOICE,
            choices=(Choice("paid", "拨付"), Choice("recalled", "收回")),
            default=PAID,
        ),
        Column("voucher", "凭证号", ColumnType.TEXT),
    ),
    optional=True,
)

REMITTED, REFUNDED = 0, 1
REMITTANCES = _table(
    "remittances",
    "上缴",
    (
        Column("remittance_id", "上缴编号", ColumnType.TEXT, required=True, unique=True),
        _reference("claim_id", "代偿编号", "claims"),
        Column("remittance_date", "上缴日期", ColumnType.DATE, required=True, dates_draft=True),
        Column("amount", "上缴金额", ColumnType.MONEY, required=True, positive=True),
        Column(
            "kind",
            "上缴类型",
            ColumnType.CHOICE,
            choices=(Choice("remitted", "上缴"), Choice("refunded", "退回")),
            default=REMITTED,
        ),
        Column("voucher", "凭证号", ColumnType.TEXT),
    ),
    optional=True,
)

POOL_KINDS = (
    Choice("opening", "期初余额"),
    Choice("budget", "财政拨入"),
    Choice("interest", "利息"),
    Choice("other_income", "其他收入"),
    Choice("fee", "费用"),
    Choice("other_expense", "其他支出"),
)
OPENING = 0
"""The place in `POOL_KINDS` of the balance that stands for everything before its day."""
POOL = _table(
    "pool",
    "资金池",
    (
        Column("entry_id", "流水编号", ColumnType.TEXT, required=True, unique=True),
        Column("entry_date", "发生日期", ColumnType.DATE, required=True),
        Column("kind", "收支类型", ColumnType.CHOICE, required=True, choices=POOL_KINDS),
        Column(
            "amount",
            "金额",
            ColumnType.MONEY,
            required=True,
            note=Text("大于 0；期初余额可以为 0", "above 0; an opening may be 0"),
        ),
        Column("voucher", "凭证号", ColumnType.TEXT),
    ),
    optional=True,
)

YEARS_AFTER = (PAYMENTS, REMITTANCES, POOL)
"""The tables of what comes after a year's decision: what is paid, handed over and held."""
TABLES = (INSTITUTIONS, CONTRACTS, RELEASES, CLAIMS, RECOVERIES, *YEARS_AFTER)
"""The input tables in the order of the contract."""
_BY_NAME = {table.name: table for table in TABLES}


def tables_with(names: Container[str]) -> tuple[Table, ...]:
    """Return the tables as they are read in an input that has those of ``names``.

    Where there are payments, a blank compensation_paid is not 0 but what they come to.
    """
    if PAYMENTS.name not in names:
        return TABLES
    columns = (
        replace(column, default=None) if column.name == "compensation_paid" else column
        for column in CLAIMS.columns
    )
    claims = replace(CLAIMS, columns=tuple(columns))
    return tuple(claims if table is CLAIMS else table for table in TABLES)


def table(name: str) -> Table:
    """Return the table called ``name``; KeyError if there is none."""
    return _BY_NAME[name]
