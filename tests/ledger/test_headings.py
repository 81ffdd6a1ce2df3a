"""Which column a heading names, in which unit, and what is said where it names none."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compensation.language import Text
from compensation.schema.column import Column, ColumnType
from compensation.schema.dictionary import (
    CLAIMS,
    CONTRACTS,
    INSTITUTIONS,
    PAYMENTS,
    RECOVERIES,
    RELEASES,
    TABLES,
    Table,
)
from compensation.schema.units import split_unit
from compensation.tables.headings import Resolved, normalise, not_read, resolve
from compensation.tables.raw import RawColumn, RawTable
from tests.conftest import DEPTH

REQUIRED = {table.name: [c.name for c in table.columns if c.required] for table in TABLES}
BLANKS = [" ", "\t", "\n", "\u3000", "\xa0", "\ufeff"]


def resolved(
    table: Table, *headings: str, unit: int = 1, extra: tuple[Column, ...] = ()
) -> Resolved:
    columns = tuple(RawColumn(heading, text=pa.array(["x"])) for heading in headings)
    return resolve(RawTable(table.name, columns, 1, unit), table, extra)


def with_required(
    table: Table, *headings: str, but: tuple[str, ...] = (), unit: int = 1
) -> Resolved:
    """Resolve ``headings`` beside the required columns, so that none of those is missing."""
    names = [name for name in REQUIRED[table.name] if name not in but]
    return resolved(table, *names, *headings, unit=unit)


def every_column() -> list[tuple[Table, Column]]:
    return [(table, column) for table in TABLES for column in table.columns]


@pytest.mark.slow
@pytest.mark.parametrize(("table", "column"), every_column(), ids=lambda x: x.name)
@given(data=st.data())
@settings(max_examples=5 * DEPTH)  # of each of some sixty columns
def test_a_column_goes_by_both_names_whatever_the_blanks_and_the_case(
    table: Table, column: Column, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from([column.name, column.name.upper(), column.heading]))
    places = data.draw(st.lists(st.integers(0, len(name)), max_size=3))
    for place in places:
        name = name[:place] + data.draw(st.sampled_from(BLANKS)) + name[place:]
    found = resolved(table, name).columns
    assert list(found) == [column.name]
    assert found[column.name].raw.heading == name


@pytest.mark.parametrize(("table", "column"), every_column(), ids=lambda x: x.name)
def test_money_and_only_money_takes_a_unit_of_money(table: Table, column: Column) -> None:
    for brackets in ("(万元)", "\uff08万元\uff09", "\uff08万元)", " ( 万元 ) ", "(人民币万元)"):
        found = resolved(table, column.heading + brackets).columns
        if column.type is ColumnType.MONEY:
            assert found[column.name].unit == 10_000
        else:
            assert not found


@pytest.mark.parametrize(
    ("heading", "of_table", "unit"),
    [
        ("担保金额", 1, 1),
        ("担保金额", 10_000, 10_000),
        ("担保金额(元)", 10_000, 1),
        ("担保金额(万元)", 1, 10_000),
        ("guaranteed_amount(万元)", 1, 10_000),
        ("GUARANTEED_AMOUNT (元)", 10_000, 1),
    ],
)
def test_the_unit_of_the_heading_goes_before_that_of_the_table(
    heading: str, of_table: int, unit: int
) -> None:
    found = resolved(CONTRACTS, heading, "从业人员(人)", "担保机构分担比例", unit=of_table).columns
    assert found["guaranteed_amount"].unit == unit
    assert found["employees"].unit == found["share_institution"].unit == 1


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("担保金额(十亿元)", "guaranteed_amount"),
        ("担保金额(百万)", "guaranteed_amount"),
        ("担保金额(美元)", "guaranteed_amount"),
        ("担保金额()", "guaranteed_amount"),
        ("从业人员(万人)", "employees"),
        ("从业人员(元)", "employees"),
        ("担保机构分担比例(%)", "share_institution"),
        ("share_insurer(%)", "share_insurer"),
    ],
)
def test_a_unit_that_is_not_understood_is_a_fault_and_nothing_else(
    heading: str, column: str
) -> None:
    result = with_required(CONTRACTS, heading, but=(column,))
    (fault,) = result.faults
    assert (fault.kind, fault.column, fault.values) == ("unknown_unit", column, (heading,))
    assert column not in result.columns
    assert not result.warnings


@pytest.mark.parametrize("brackets", ["(人)", "(户)", "\uff08户\uff09"])
def test_units_of_persons_are_harmless_on_counts(brackets: str) -> None:
    result = with_required(INSTITUTIONS, f"年初在保户数{brackets}")
    assert "opening_borrowers" in result.columns
    assert not result.faults


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_every_required_column_that_is_missing_is_a_fault(table: Table) -> None:
    result = resolved(table, "备注")
    assert [(f.kind, f.column) for f in result.faults] == [
        ("missing_column", name) for name in REQUIRED[table.name]
    ]
    assert not result.columns


@pytest.mark.parametrize(
    ("table", "column", "heading"),
    [
        (CONTRACTS, "guaranteed_amount", "担保数额"),
        (CONTRACTS, "guaranteed_amount", "担保总金额(万元)"),
        (CONTRACTS, "guaranteed_amount", "amount_of_guarantee"),
        (CONTRACTS, "start_date", "开始日期"),
        (CONTRACTS, "contract_id", "Contract Nr"),
        (CLAIMS, "principal", "代偿本金额"),
    ],
)
def test_the_heading_most_like_a_missing_column_is_named(
    table: Table, column: str, heading: str
) -> None:
    result = with_required(table, "备注", heading, "联系电话", but=(column,))
    (fault,) = result.faults
    assert fault.column == column
    assert heading in fault.message.zh
    assert heading in fault.message.en
    assert "备注" not in fault.message.zh


def test_nothing_is_named_where_nothing_is_alike() -> None:
    (fault,) = with_required(CLAIMS, "备注", "电话", but=("principal",)).faults
    assert "备注" not in fault.message.zh
    assert "电话" not in fault.message.zh


@pytest.mark.parametrize(
    ("heading", "known"),
    [
        ("贷款的银行", "lender"),
        ("从业人员数量", "employees"),
        ("借款人类型(新)", "borrower_type"),
    ],
)
def test_a_heading_close_to_a_known_one_is_a_warning_that_names_both(
    heading: str, known: str
) -> None:
    result = with_required(CONTRACTS, heading)
    assert not result.faults
    (warning,) = result.warnings
    assert warning.kind == "similar_heading"
    for message in warning.message:
        assert heading in message
        assert known in message


WORDS = [
    (CONTRACTS, "银行分险比例", "share_lender"),
    (CONTRACTS, "担保机构风险分担比例", "share_institution"),
    (CONTRACTS, "担保公司责任比例", "share_institution"),
    (CONTRACTS, "合作银行承担比例", "share_lender"),
    (CONTRACTS, "省再担分险比例", "share_reguarantor"),
    (CONTRACTS, "国担基金责任比例", "share_national_fund"),
    (CONTRACTS, "分险比例\uff08银行\uff09", "share_lender"),
    (CONTRACTS, "分担比例-担保机构", "share_institution"),
    (CONTRACTS, "bank_share", "share_lender"),
    (CONTRACTS, "统一社会信用代码", "borrower_id"),
    (CONTRACTS, "客户编号", "borrower_id"),
    (CONTRACTS, "放款日期", "start_date"),
    (CONTRACTS, "借款起始日", "start_date"),
    (CONTRACTS, "借款企业", "borrower_name"),
    (CONTRACTS, "主债权人", "lender"),
    (CONTRACTS, "贷款机构", "lender"),
    (CONTRACTS, "保证合同号", "contract_id"),
    (CONTRACTS, "业务编号", "contract_id"),
    (CONTRACTS, "Contract ID", "contract_id"),
    (CONTRACTS, "Guaranteed Amount", "guaranteed_amount"),
    (CLAIMS, "代偿时间", "payout_date"),
    (CLAIMS, "代偿日", "payout_date"),
    (CLAIMS, "已拨付金额", "compensation_paid"),
    (CLAIMS, "已补偿", "compensation_paid"),
    (CLAIMS, "已补偿资金(万元)", "compensation_paid"),
    (RECOVERIES, "诉讼费", "cost"),
    (RECOVERIES, "追偿成本", "cost"),
    (RECOVERIES, "追回金额", "proceeds"),
    (RECOVERIES, "回收金额\uff08元\uff09", "proceeds"),
    (RELEASES, "解保日期", "release_date"),
]


@pytest.mark.parametrize(("table", "heading", "column"), WORDS)
def test_a_word_of_the_trade_is_read_where_no_standard_heading_is_there(
    table: Table, heading: str, column: str
) -> None:
    but = (column,) if column in REQUIRED[table.name] else ()
    result = with_required(table, heading, but=but)
    assert not result.faults
    assert not result.asked
    assert result.columns[column].raw.heading == heading
    both = resolved(table, heading, table.column(column).heading)
    assert both.columns[column].raw.heading == table.column(column).heading
    assert not both.columns[column].again


@pytest.mark.parametrize(
    "heading", ["到期本金", "解除方式", "还款账号", "还款计划", "反担保措施", "备注"]
)
def test_words_for_other_things_are_never_read(heading: str) -> None:
    result = with_required(CONTRACTS, heading)
    assert set(result.columns) == set(REQUIRED["contracts"])
    assert not result.asked


DOUBTS = [
    (CONTRACTS, "担保责任金额", "guaranteed_amount"),
    (CONTRACTS, "贷款金额(万元)", "guaranteed_amount"),
    (CONTRACTS, "合同金额", "guaranteed_amount"),
    (CONTRACTS, "起始日", "start_date"),
    (CONTRACTS, "借款合同编号", "contract_id"),
    (CONTRACTS, "解保日期", "release_date"),
    (CONTRACTS, "结清日期", "release_date"),
    (CONTRACTS, "担保到期日", "release_date"),
    (CONTRACTS, "End date", "release_date"),
    (CONTRACTS, "release_dates", "release_date"),
    (CLAIMS, "实际代偿利息", "interest"),
    (CLAIMS, "interest_cents", "interest"),
    (CLAIMS, "财政补偿到账", "compensation_paid"),
    (CLAIMS, "财金局意见", "finance_review"),
    (CLAIMS, "工信局意见", "industry_review"),
    (RECOVERIES, "税费", "cost"),
    (PAYMENTS, "拨付/收回", "kind"),
    (PAYMENTS, "款项性质", "kind"),
    (CLAIMS, "代偿金额", "principal"),
    (CLAIMS, "利息", "interest"),
    (CLAIMS, "拨付金额", "compensation_paid"),
    (RECOVERIES, "已收回金额", "proceeds"),
    (RECOVERIES, "律师费", "cost"),
]


@pytest.mark.parametrize(("table", "heading", "column"), DOUBTS)
def test_a_word_that_may_be_less_than_the_column_is_asked_about(
    table: Table, heading: str, column: str
) -> None:
    required = column in REQUIRED[table.name]
    result = with_required(table, heading, but=(column,) if required else ())
    (fault,) = result.faults if required else result.asked
    assert (fault.kind, fault.column) == ("ambiguous_heading", column)
    assert fault.values == (heading,)
    assert table.column(column).heading in fault.expected.zh
    standard = with_required(table, heading, *(() if required else (column,)))
    assert not standard.faults
    assert not standard.asked


@pytest.mark.parametrize(
    "heading", ["分险比例", "责任比例", "保险公司分担比例", "银行的分担比例", "政府分险比例(%)"]
)
def test_a_share_of_nobody_known_is_asked_about(heading: str) -> None:
    (fault,) = with_required(CONTRACTS, heading).asked
    assert (fault.kind, fault.values) == ("unknown_share", (heading,))
    assert not with_required(CLAIMS, heading).asked


@pytest.mark.parametrize(
    "heading",
    [
        "银行",
        "银行利率",
        "银行账户",
        "担保机构名称",
        "担保费率",
        "合作银行贷款利率",
        "担保公司地址",
    ],
)
def test_what_is_said_of_a_party_is_not_always_its_share(heading: str) -> None:
    assert not with_required(CONTRACTS, heading).asked


def test_the_share_of_a_party_in_few_words_is_asked_about_where_there_is_no_other() -> None:
    (fault,) = with_required(CONTRACTS, "银行占比").asked
    assert (fault.kind, fault.values) == ("unknown_share", ("银行占比",))
    assert not with_required(CONTRACTS, "银行占比", "银行分担比例").asked


SHARES_UNREAD = [
    ["担保", "银行", "再担保", "国担基金"],
    ["担保机构", "省再担保", "国家融资担保基金"],
    ["担保方风险比例", "银行方风险比例"],
    ["Guarantor %", "Bank %", "Re-guarantor %", "National fund %"],
    ["担保公司承担风险"],
    ["代偿比例"],
    ["风险分担方式"],
]


@pytest.mark.parametrize("headings", SHARES_UNREAD, ids="|".join)
def test_what_may_be_shares_is_asked_about_where_there_are_none(headings: list[str]) -> None:
    asked = with_required(CONTRACTS, *headings).asked
    assert [(f.kind, f.values) for f in asked] == [("unknown_share", (h,)) for h in headings]
    assert not with_required(
        CONTRACTS,
        *headings,
        "担保机构分担比例",
        "银行分担比例",
        "再担保机构分担比例",
        "国家融担基金分担比例",
    ).asked


@pytest.mark.parametrize(
    "headings",
    [["银行", "放款行"], ["担保比例", "担保责任"], ["风险等级", "还款方式", "Bank rate"]],
)
def test_headings_near_these_are_not_asked_about(headings: list[str]) -> None:
    assert not with_required(CONTRACTS, *headings).asked


def test_two_words_for_a_column_are_both_kept_to_be_compared() -> None:
    found = with_required(RECOVERIES, "诉讼费", "追偿成本(万元)").columns["cost"]
    assert [(each.raw.heading, each.unit) for each in (found, *found.again)] == [
        ("诉讼费", 1),
        ("追偿成本(万元)", 10_000),
    ]


@pytest.mark.parametrize(
    "written",
    [
        "担保\u200b金额",
        "\ufeff担保金额\u200e",
        "担\u2060保\u00ad金额\ufe0f",
        "担保\n金额",
        "担保 \u3000金额",
        "*担保金额",
        "担保金额*",
        "\uff0a担保金额",
        "★担保金额",
        "担保金额\uff08必填\uff09",
        "担保金额(Required)",
        "5.担保金额",
        "\u2464担保金额",
        "(5)担保金额",
        "五、担保金额",
        "担保金额\uff1a",
        "ｇｕａｒａｎｔｅｅｄ＿ａｍｏｕｎｔ",
        "担保\u2fa6额",
    ],
)
def test_headings_are_cleaned_before_they_are_compared(written: str) -> None:
    result = with_required(CONTRACTS, written, but=("guaranteed_amount",))
    assert not result.faults
    assert not result.warnings
    assert result.columns["guaranteed_amount"].raw.heading == written


def test_no_word_of_the_trade_means_two_columns_of_a_table() -> None:
    for table in TABLES:
        names = [n for c in table.columns for n in (c.name, c.heading, *c.further, *c.doubtful)]
        assert len(set(map(normalise, names))) == len(names)


@pytest.mark.parametrize(
    ("heading", "meant"),
    [
        ("share_institutio", "share_institution"),
        ("share_lende", "share_lender"),
        ("Share_Leader", "share_lender"),
        ("share_reguaranter", "share_reguarantor"),
        ("share_national_funds", "share_national_fund"),
    ],
)
def test_a_known_party_misspelt_is_told(heading: str, meant: str) -> None:
    (warning,) = with_required(CONTRACTS, heading).warnings
    assert warning.kind == "similar_heading"
    assert f"“{heading}”" in warning.message.zh
    assert meant in warning.message.en
    assert not with_required(CONTRACTS, heading, meant).warnings, "another party beside it"


@pytest.mark.parametrize("party", ["county_fund", "Alpha_fund", "insurer", "bank", "省再担保"])
def test_a_party_of_ones_own_is_taken_for_no_other(party: str) -> None:
    assert not with_required(CONTRACTS, f"share_{party}").warnings


def test_unused_headings_are_named_up_to_a_number() -> None:
    assert not not_read(CLAIMS, [])
    (blank,) = not_read(CLAIMS, [" "])
    assert blank.message.en == "headings that are not used: “”"
    (few,) = not_read(CLAIMS, ["备注", "摘\n要"])
    assert few.message == Text(
        "以下标题未使用：“备注”、“摘\\n要”", "headings that are not used: “备注”, “摘\\n要”"
    )
    (many,) = not_read(CLAIMS, [f"列{i}" for i in range(30)])
    assert "“列19”，另有 10 列" in many.message.zh
    assert "列20" not in many.message.en


@pytest.mark.parametrize("heading", ["备注", "联系电话", "是否科技型企业", "remarks", "", " "])
def test_other_columns_are_nobodys_business(heading: str) -> None:
    result = with_required(CONTRACTS, heading)
    assert not result.faults
    assert not result.warnings
    assert set(result.columns) == set(REQUIRED["contracts"])


@pytest.mark.parametrize(
    ("first", "second", "column"),
    [
        ("lender", "贷款银行", "lender"),
        ("贷款银行", "贷款 银行", "lender"),
        ("营业收入", "营业收入(万元)", "revenue"),
        ("share_lender", "银行分担比例", "share_lender"),
        ("share_insurer", "Share_Insurer", "share_Insurer"),
    ],
)
def test_the_same_column_twice_is_a_fault(first: str, second: str, column: str) -> None:
    (fault,) = with_required(CONTRACTS, first, second).faults
    assert (fault.kind, fault.column) == ("duplicate_column", column)
    assert first in fault.message.en
    assert second in fault.message.zh


@pytest.mark.parametrize(
    "heading", ["share_government", "政府分担比例", "Share_Government ", "政府分担比例(%)"]
)
def test_a_share_of_government_is_refused(heading: str) -> None:
    result = with_required(CONTRACTS, heading)
    assert [fault.kind for fault in result.faults] == ["share_refused"]
    assert "share_government" not in result.columns


def test_any_party_may_have_a_share_but_only_in_contracts() -> None:
    found = resolved(CONTRACTS, "share_insurer", "share_市级基金").columns
    assert [f.column.type for f in found.values()] == [ColumnType.SHARE] * 2
    assert list(found) == ["share_insurer", "share_市级基金"]
    assert "share_" not in resolved(CONTRACTS, "share_").columns
    assert not resolved(CLAIMS, "share_insurer").columns


def test_extra_columns_that_a_policy_tests_are_found_like_the_others() -> None:
    loan = Column("loan_rate", "贷款利率", ColumnType.SHARE, required=True)
    fee = Column("fee", "担保费", ColumnType.MONEY)
    found = resolved(CONTRACTS, "贷款利率", "担保费(万元)", extra=(loan, fee))
    assert found.columns["loan_rate"].column is loan
    assert found.columns["fee"].unit == 10_000
    missing = with_required(CONTRACTS, "贷款的利率")
    assert not missing.faults
    wanted = resolve(
        RawTable("contracts", (RawColumn("贷款的利率"),), 0), Table("contracts", "", ()), (loan,)
    )
    assert [fault.column for fault in wanted.faults] == ["loan_rate"]
    assert "贷款的利率" in wanted.faults[0].message.zh


@given(st.text())
def test_normalising_twice_changes_nothing(heading: str) -> None:
    once = normalise(heading)
    assert normalise(once) == once
    base, unit = split_unit(once)
    assert once.startswith(base)
    assert unit is None or unit in once.translate(str.maketrans("[]{}<>", "()()()"))


def test_a_text_longer_than_any_heading_is_compared_as_written_and_quickly() -> None:
    """Putting marks in order takes the square of their number: ten minutes for this text."""
    marks = "\u0301\u0316" * 200_000
    assert normalise(f"A {marks}\u200b") == f"a{marks}"
