"""The data dictionary: the tables and their columns, headings, units and checks, written once.

Readers, the template, messages, the documentation's tables and the schemas of other interfaces
are made from it. Source: the contract of the ledgers, sections 1 and 2.
"""

from __future__ import annotations

from collections.abc import Container
from typing import NamedTuple

from compensation.language import Text
from compensation.schema import trade_words
from compensation.schema.choices import (
    BORROWER_TYPES,
    PAID,
    PAYMENT_KINDS,
    PENDING,
    POOL_KINDS,
    REMITTANCE_KINDS,
    REMITTED,
    REVIEW_DECISIONS,
)
from compensation.schema.column import Choice, Column, ColumnType
from compensation.schema.parties import PARTIES, SHARE_PREFIX, share_column


class Table(NamedTuple):
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


def _table(name: str, heading: str, columns: tuple[Column, ...], **rest: bool) -> Table:
    """Return a table whose columns have the further and the doubtful headings of the trade."""
    worded = (
        column
        if column.name.startswith(SHARE_PREFIX)
        else column._replace(
            further=trade_words.further(name, column.name),
            doubtful=trade_words.doubtful(name, column.name),
            parts=trade_words.parts(name, column.name),
            suspect=trade_words.suspect(name, column.name),
        )
        for column in columns
    )
    return Table(name, heading, tuple(worded), **rest)


def _id(name: str, heading: str) -> Column:
    """Return the column of a table's own ids."""
    return Column(name, heading, ColumnType.TEXT, required=True, is_id=True, unique=True)


def _reference(name: str, heading: str, table: str) -> Column:
    """Return a column whose cells name rows of another table."""
    return Column(name, heading, ColumnType.TEXT, required=True, is_id=True, refers_to=table)


INSTITUTIONS = _table(
    "institutions",
    "机构",
    (
        _id("institution_id", "机构代码"),
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
        _id("contract_id", "合同编号"),
        _reference("institution_id", "机构代码", "institutions"),
        Column("borrower_id", "借款人代码", ColumnType.TEXT, required=True, is_id=True),
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
        _id("claim_id", "代偿编号"),
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
                "自该日起不再支付；代偿的结案日期不早于代偿日期",
                "from this day nothing more is paid; of a claim, not before its payout",
            ),
        ),
    ),
)

RECOVERIES = _table(
    "recoveries",
    "追偿",
    (
        _id("recovery_id", "追偿编号"),
        _reference("claim_id", "代偿编号", "claims"),
        Column("recovery_date", "追偿日期", ColumnType.DATE, required=True),
        Column("proceeds", "追偿所得", ColumnType.MONEY, required=True),
        Column("cost", "追偿费用", ColumnType.MONEY, default=0),
    ),
    optional=True,
)


def _moved(
    name: str, heading: str, singular: str, kinds: tuple[Choice, ...], default: int
) -> Table:
    """Return a table of money that moved for claims, one way or back."""
    return _table(
        name,
        heading,
        (
            _id(f"{singular}_id", f"{heading}编号"),
            _reference("claim_id", "代偿编号", "claims"),
            Column(
                f"{singular}_date",
                f"{heading}日期",
                ColumnType.DATE,
                required=True,
                dates_draft=True,
            ),
            Column("amount", f"{heading}金额", ColumnType.MONEY, required=True, positive=True),
            Column("kind", f"{heading}类型", ColumnType.CHOICE, choices=kinds, default=default),
            Column("voucher", "凭证号", ColumnType.TEXT),
        ),
        optional=True,
    )


PAYMENTS = _moved("payments", "拨付", "payment", PAYMENT_KINDS, PAID)
REMITTANCES = _moved("remittances", "上缴", "remittance", REMITTANCE_KINDS, REMITTED)

POOL = _table(
    "pool",
    "资金池",
    (
        _id("entry_id", "流水编号"),
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


def _by_year(name: str, heading: str, of: Table) -> Table:
    """Return a table of what another one's rows have in each year, which a policy says."""
    own = of.columns[0]
    return _table(
        name,
        heading,
        (
            _reference(own.name, own.heading, of.name),
            Column(
                "year",
                "年度",
                ColumnType.COUNT,
                required=True,
                note=Text("本行的数属于哪一年度", "the year that the row is of"),
            ),
        ),
        optional=True,
    )


INSTITUTION_YEARS = _by_year("institution_years", "机构分年数据", INSTITUTIONS)
CONTRACT_YEARS = _by_year("contract_years", "合同分年数据", CONTRACTS)
BY_YEAR = (INSTITUTION_YEARS, CONTRACT_YEARS)
"""The tables of values by year, in columns of policies; a row for each id and year."""
ROWS_OF = {each.name: each.columns[0].refers_to or "" for each in BY_YEAR}
"""By table of values by year, the table whose rows have them."""
BY_YEAR_OF = {of: name for name, of in ROWS_OF.items()}
WHERE_GIVEN = (*YEARS_AFTER, *BY_YEAR)
"""The tables that results name only where the input has them."""
PAID_BEFORE = Column(
    "compensation_paid_before",
    "以前年度已补偿金额",
    ColumnType.MONEY,
    default=0,
    note=Text(
        "为核算年度以前各年度支付的，没有的填 0；“已补偿金额”只填为核算年度支付的",
        "paid for the years before the one assessed, 0 where nothing was; compensation_paid is "
        "what was paid for the year assessed alone",
    ),
)
"""What was paid for a case in earlier years, where a case belongs to several."""

PAID_FOR_YEAR = Column(
    "year",
    "年度",
    ColumnType.COUNT,
    note=Text(
        "为哪一年度支付的；只属于一个年度的可以留空",
        "the year that is paid for; may be blank where the case belongs to one year only",
    ),
)
"""The year that a payment is for, where a case belongs to several."""

TABLES = (INSTITUTIONS, CONTRACTS, RELEASES, CLAIMS, RECOVERIES, *WHERE_GIVEN)
"""The input tables in the order of the contract."""
_BY_NAME = {table.name: table for table in TABLES}


def tables_with(names: Container[str]) -> tuple[Table, ...]:
    """Return the tables as they are read in an input that has those of ``names``.

    Where there are payments, a blank compensation_paid is not 0 but what they come to.
    """
    if PAYMENTS.name not in names:
        return TABLES
    columns = (
        column._replace(default=None) if column.name == "compensation_paid" else column
        for column in CLAIMS.columns
    )
    claims = CLAIMS._replace(columns=tuple(columns))
    return tuple(claims if table is CLAIMS else table for table in TABLES)


def table(name: str) -> Table:
    """Return the table called ``name``; KeyError if there is none."""
    return _BY_NAME[name]
