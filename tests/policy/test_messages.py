"""What is said of slips that people make when they write a policy file for the first time."""

from __future__ import annotations

from decimal import Decimal

import pytest

from compensation import assess_frames
from compensation.explanation.lines import UNDEFINED
from compensation.policy.cap_words import describe_cap
from compensation.policy.catalogue import POLICY_TEXT, policy_of_texts
from compensation.policy.faults import PolicyFaults
from compensation.policy_tools.doubts import doubts
from tests.one_claim import faults
from tests.policy.test_small_policies import HALF, HEAD, PRINCIPAL, assessed, columns, frames, small

CAP = '[[caps]]\nid = "x"\nat_most = {}\n'
LOAN = '[[claim_conditions]]\nid = "x"\nvalue = "{}"\nat_most = {}\n'


def told(*parts: str, rates: str = HALF, head: str = HEAD) -> str:
    text = "\n".join([head, f"[base]\nvalue = {PRINCIPAL}", f"[rates]\n{rates}", *parts])
    with pytest.raises(PolicyFaults) as raised:
        policy_of_texts({POLICY_TEXT: text})
    return "\n".join(fault.message.zh for fault in raised.value.faults)


@pytest.mark.parametrize("number", ["500万", "5,000,000", "5，000，000", "500元", "5,000"])
@pytest.mark.parametrize("form", ["at_most = {}", 'of = {{ over = "claims.x", on = {} }}'])
def test_a_number_with_commas_or_units(number: str, form: str) -> None:
    assert "5_000_000" in told('[[caps]]\nid = "x"\n' + form.format(number))


@pytest.mark.parametrize("number", ["5000000", "5,000,000", "5%", "500万元"])
def test_a_number_in_quotes(number: str) -> None:
    assert "数不加引号" in told(CAP.format(f'"{number}"'))


@pytest.mark.parametrize("day", ["2024-01-01", "2024/1/1", "2024年1月1日"])
def test_a_date_in_quotes(day: str) -> None:
    assert "日期不加引号" in told(LOAN.format("contracts.start_date", f'"{day}"'))


@pytest.mark.parametrize("day", ["2024/1/1", "2024.1.1", "2024年1月1日"])
def test_a_date_of_another_form_in_braces(day: str) -> None:
    assert "2022-01-01" in told(head=HEAD.replace("2022-03-01", day))


@pytest.mark.parametrize(
    ("column", "meant"),
    [
        ("contracts.银行分担比例", "contracts.share_lender"),
        ("contracts.担保金额", "contracts.guaranteed_amount"),
        ("claims.代偿本金", "claims.principal"),
        ("contracts.guaranteed_amout", "contracts.guaranteed_amount"),
    ],
)
def test_a_column_by_its_heading(column: str, meant: str) -> None:
    assert f"是否为 {meant}？" in told(LOAN.format(column, "1"))


def test_a_column_is_not_near_for_its_table_alone() -> None:
    assert "是否为" not in told(LOAN.format("claims.loss", "1"))
    assert "是否为 claims.payout_date？" in told(LOAN.format("contracts.payout_date", "1"))


@pytest.mark.parametrize(
    ("rates", "words"),
    [
        (f'clause = "3"\n{HALF}', "写在 bounds、tiers、additions、decided 各项中"),
        (HALF.replace("0.5", "40"), "40% 写 0.4"),
        (HALF.replace("0.5", "101"), "写在基数中"),
        (f"tierz = []\n{HALF}", "；这里可以写 hit"),
    ],
)
def test_keys_and_rates_of_the_tiers(rates: str, words: str) -> None:
    said = told(rates=rates)
    assert words in said
    assert "？；" not in said


MULTIPLE = """[[columns]]
table = "claims"
name = "own"
heading = "放大倍数"
type = "ratio"
note = { zh = "倍数", en = "multiple" }
[[claim_conditions]]
id = "x"
value = "claims.own"
"""


def test_a_ratio_above_one_says_what_else_a_column_may_be() -> None:
    assert "放大倍数（own）是比例，只有 0 到 1 的值" in told(MULTIPLE + "at_least = 5")
    assert "是比例" not in told(MULTIPLE + "at_least = 0.5\nat_most = 0.4")


def test_a_value_tested_twice_is_said_once() -> None:
    twice = '{ value = "claims.principal", above = 1 }'
    any_of = f'[[claim_conditions]]\nid = "x"\nany = [{twice}, {twice.replace("above", "below")}]'
    line = assessed(small(any_of), {}).explain("c1").conditions[0]
    assert line.actual is not None
    assert line.actual.zh == "代偿本金 1000.00"


@pytest.mark.parametrize(
    "part", ['[beneficiary]\nparty = "再担保机构"', CAP.format('{ borne_by = "银行", of = 1 }')]
)
def test_a_party_by_its_name(part: str) -> None:
    assert "reguarantor（再担保机构）" in told(part)


def test_a_kind_that_does_not_fit_says_how_to_come_by_one_that_does() -> None:
    days = '{ days = ["contracts.start_date", "claims.payout_date"] }'
    assert "乘以一个金额" in told(CAP.format(days))
    assert "over" in told(rates=f"tiers = [{{ rate = {days} }}]")


def test_where_a_computed_slice_begins_and_what_is_decided_of_slices() -> None:
    first_slice = "{ rate = 0.5, at_most = { sum = [1, 2] } }"
    slices = f'hit = "slices"\ntiers = [{first_slice}, {{ rate = 0.2, above = 3 }}]'
    assert "起点可以不写" in told(rates=slices)
    column = '[[columns]]\ntable = "claims"\nname = "own"\nheading = "核定比例"\ntype = "ratio"\n'
    column += 'note = { zh = "比例", en = "rate" }'
    decided = 'decided = { column = "claims.own", above_ceiling = "ceiling" }\n'
    said = told(column, rates=decided + slices.replace(", above = 3", ""))
    assert "核定的比例写成上限" in said


@pytest.mark.parametrize("end", ["0.05", "0.03"])
def test_a_slice_of_the_same_amount_ends_above_the_one_before(end: str) -> None:
    part = '{{ times = ["claims.payout", {}] }}'
    tiers = "{{ rate = 0.5, at_most = {} }}, {{ rate = 0.4, at_most = {} }}, {{ rate = 0 }}"
    ends = part.format("0.05"), part.format(end)
    assert "这一段里没有任何值" in told(rates=f'hit = "slices"\ntiers = [{tiers.format(*ends)}]')


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ('{ months_later = ["contracts.start_date"] }', "日期、月数"),
        ('{ months_later = ["contracts.start_date", 1.5] }', "整数"),
        ('{ days_later = ["contracts.start_date", 36501] }', "天数要是不超过 36500 的整数"),
        ('{ months_later = ["claims.principal", 1] }', "日期"),
        ('{ months_later = ["contracts.start_date", "claims.principal"] }', "月数"),
        ('{ period_end = ["contracts.start_date"] }', "期间的月数"),
        ('{ period_end = ["contracts.start_date", 2] }', "月 1、季度 3、半年 6、年 12"),
        ('{ period_end = ["contracts.start_date", "claims.principal"] }', "期间的月数"),
        ('{ period_end = ["claims.principal", 1] }', "日期"),
        ("{ yuan = 0.001 }", "2 位小数"),
        ('{ days = ["contracts.start_date", "year.end"], last = "excluded" }', "last"),
    ],
)
def test_an_operation_that_lacks_something(value: str, words: str) -> None:
    assert words in told(LOAN.format("contracts.start_date", value))


@pytest.mark.parametrize(
    "end",
    [
        '"year.end"',
        '"quantity.end"',
        '{ first_given = ["contracts.release_date", "year.end"] }',
        '{ choose = [{ value = { min = ["year.end", 2022-06-01] } }] }',
    ],
)
def test_the_end_of_the_year_is_no_last_day_that_does_not_count(end: str) -> None:
    own = '[[quantities]]\nid = "end"\nname = { zh = "止", en = "end" }\nvalue = "year.end"'
    days = f'{{ days_in_year = ["contracts.start_date", {end}], last = "excluded" }}'
    said = told(own, CAP.format(f"{{ times = [{{ yuan = 1 }}, {{ over = [{days}, 1] }}] }}"))
    assert 'months_later = ["year.start", 12]' in said


@pytest.mark.slow
def test_what_the_top_of_the_file_may_say_is_missed_once() -> None:
    said = told(CAP.format("5"), head=HEAD.replace('basis = "assumption"', ""))
    assert "文件开头" in said
    assert "\n" not in said


def test_a_party_that_is_none_of_the_usual_is_asked_about() -> None:
    share = '[[claim_conditions]]\nid = "share"\nvalue = "contracts.share_{}"\nat_least = 0.2'
    assert [doubt.key for doubt in doubts(small(share.format("bank")))] == ["share_bank"]
    assert doubts(small(share.format("lender"))) == []
    named = 'id = "share_small"\nname = { zh = "占比", en = "share" }\nvalue = '
    over = '{ over = ["indicator.closing_balance", "indicator.released_amount"] }'
    indicator = f"[[indicators]]\n{named}{over}\n"
    quantity = f'[[quantities]]\n{named}"institutions.share_own"\n'
    for part in (indicator, columns("institutions", share_own="ratio") + quantity):
        kind = "quantity" if "[[quantities]]" in part else "indicator"
        condition = share.format("lender").replace("contracts.share_lender", f"{kind}.share_small")
        assert "share_small" not in [doubt.key for doubt in doubts(small(part, condition))]


def test_a_guarantor_is_no_reguarantor() -> None:
    """Where a bank is the institution, the guarantor is a party of its own, in the ledger, too."""
    policy = small('[returns]\ncosts = "net"\nfirst = ["guarantor"]')
    tables = frames({})
    tables["contracts"] = tables["contracts"].rename(columns={"share_lender": "share_guarantor"})
    found = assess_frames(tables, policy, 2022)
    assert not found.warnings.groups
    with pytest.raises(PolicyFaults, match="lendor"):
        small('[returns]\ncosts = "net"\nfirst = ["lendor"]')


def test_a_cap_without_a_value_is_among_the_lines() -> None:
    run = assessed(small(CAP.format(TIMES_NOTHING)), {})
    assert run.claims["reasons"][0] == "x"
    lines = {line.name: line.value for line in run.explain("c1").arithmetic}
    assert lines["cap_x"] == UNDEFINED


def test_tests_inside_tests_go_by_the_headings_of_their_columns() -> None:
    parts = '[{ value = "claims.payout", at_most = 500 }, { value = "claims.filed_date", since = '
    parts += '"claims.payout_date", unit = "days", at_most = 9 }]'
    own = (
        '[[columns]]\ntable = "claims"\nname = "filed_date"\nheading = "申报日期"\ntype = "date"\n'
    )
    own += 'note = { zh = "申报", en = "filed" }'
    condition = f'[[claim_conditions]]\nid = "x"\nany = {parts}'
    run = assessed(small(own, condition), {"filed_date": "2022-06-11"})
    line = run.explain("c1").conditions[0]
    assert line.actual is not None
    assert line.actual.zh == "代偿金额 1000.00、申报日期 2022-06-11"
    of_days = "申报日期 ≥ 2022-06-01（代偿日期当日），且 ≤ 2022-06-10（代偿日期后 9 天）"
    assert line.limit.zh == f"（代偿金额 ≤ 500.00）或（{of_days}）"


TIMES_NOTHING = '{ over = ["claims.principal", { minus = [1, 1] }] }'


UNTIL = (
    'record = "contract"\n'
    'trigger = { date = "contracts.start_date", until = "contracts.release_date" }\n'
)


def test_what_a_cap_over_years_counts_of_contracts_of_several_years() -> None:
    cap = CAP.format(5) + "per = []\nyears = {}"
    assert '只能写 "all"' in told(cap.format(3), head=UNTIL + HEAD)
    assert "不写 years" in told(cap.format('"all"\non = "cases"'), head=UNTIL + HEAD)


OWN = """[[columns]]
table = "claims"
name = "{}"
heading = "{}"
type = "{}"
note = {{ zh = "注", en = "note" }}
"""


def test_a_foreign_currency_at_the_end_of_a_heading() -> None:
    assert "外币" in told(OWN.format("export", "出口额美元", "money"))


@pytest.mark.parametrize("kind", ["money", "ratio", "text"])
def test_a_column_that_a_ledger_would_take_for_its_unit(kind: str) -> None:
    for name in ("usd", "amount_usd", "jpy"):
        assert f"以“{name}”作标题" in told(OWN.format(name, "出口额列", kind))
    assert "以“USD”作标题" in told(OWN.format("export", "USD", kind))


@pytest.mark.parametrize(
    ("name", "heading", "refused"),
    [("currency", "外汇", "currency"), ("kind", "币种", "币种"), ("kind", "贷款币别", "贷款币别")],
)
def test_a_column_of_currencies_would_state_the_unit_of_amounts(
    name: str, heading: str, refused: str
) -> None:
    """A ledger with such a column is refused where a cell says 美元."""
    said = told(OWN.format(name, heading, "text"))
    assert f"以“{refused}”作标题" in said
    assert "外汇类别" in said
    values = '[[claim_conditions]]\nid = "x"\nvalue = "claims.kind"\none_of = ["美元"]'
    advised = small(OWN.format("kind", "外汇类别", "text"), values)
    assert assessed(advised, {"外汇类别": "美元"}).claims["eligible"][0]


@pytest.mark.parametrize(
    ("name", "heading"), [("export", "美元出口额"), ("export_usd", "出口额USD"), ("rmb", "人民币")]
)
def test_a_column_with_a_currency_among_its_words_is_read(name: str, heading: str) -> None:
    policy = small(OWN.format(name, heading, "money"), base=f'"claims.{name}"')
    for said in (name, heading):
        assert assessed(policy, {said: "50"}).claims["base"][0] == 50


def test_a_number_beside_an_amount_says_how_it_is_written() -> None:
    said = told(rates='tiers = [{ rate = { over = [500, "claims.principal"] } }]')
    assert said.startswith("over 不能把数“500”、金额（元）“claims.principal”放在一起算")
    assert "写 { yuan = 500 }" in said
    written = small(rates='tiers = [{ rate = { over = [{ yuan = 500 }, "claims.principal"] } }]')
    assert assessed(written, {}).claims["rate"][0] == Decimal("0.5")
    days = OWN.format("months", "期限", "integer")
    said = told(days, LOAN.format("contracts.guaranteed_amount", '"claims.months"'))
    assert "担保金额（guaranteed_amount）是金额（元），不能和个数“claims.months”比较" in said
    assert "数量乘以 { yuan = 1 } 才是金额" in said
    ratio = told(rates='tiers = [{ rate = { sum = ["indicator.payout_rate", "claims.payout"] } }]')
    assert "yuan" not in ratio


PAYERS = """
[[payers]]
id = "fund"
name = { zh = "基金", en = "fund" }
share = "quantity.fund"
paid = "claims.paid_fund"
[[payers]]
id = "city"
name = { zh = "市级", en = "city" }
share = { minus = [1, "quantity.fund"] }
paid = "claims.paid_city"
[[quantities]]
id = "fund"
name = { zh = "基金比例", en = "share of the fund" }
value = 0.5
"""


def test_a_column_that_is_missing_is_wanted_by_the_payer_whose_it_is() -> None:
    """Though a quantity and a cap have its id, too."""
    paid = OWN.format("paid_fund", "基金已支付", "money") + OWN.format(
        "paid_city", "市级已支付", "money"
    )
    cap = '[[caps]]\nid = "fund"\npayer = "fund"\nrest = "nobody"\nper = []\nat_most = 100\n'
    policy = small(paid, PAYERS, cap)
    found = {each.column: each.message.en for each in faults(assessed, policy, {})}
    assert "(payer “fund”) tests column paid_fund (基金已支付)" in found["paid_fund"]
    assert "(payer “city”)" in found["paid_city"]
    assert (
        "全部代偿合计中由基金承担的部分不超过 100 元"
        in describe_cap(policy, policy.rules.caps[0]).zh
    )
    each = small(paid, PAYERS, cap.replace("per = []\n", ""))
    assert describe_cap(each, each.rules.caps[0]).zh.startswith("单笔代偿由基金承担的部分不超过")


def test_a_cap_of_nothing_is_a_rule_and_is_asked_about() -> None:
    for most, left in (
        ("0", 0),
        ("0.01", Decimal("0.01")),
        ('{ times = ["claims.payout", 0] }', 0),
    ):
        policy = small(CAP.format(most))
        assert assessed(policy, {}).claims["compensation"][0] == left
        asked = [doubt.key for doubt in doubts(policy)]
        assert asked == ["caps[x].at_most"] * (most == "0")
    assert "大于 0" in told(CAP.format("-0.01"))
    together = CAP.format("0") + 'per = []\nexceeding = "pro_rata"\n'
    assert assessed(small(together), {}).claims["compensation"][0] == 0
    number = CAP.format("0") + 'per = []\non = "cases"\n'
    assert assessed(small(number), {}).claims["reasons"][0] == "x"
