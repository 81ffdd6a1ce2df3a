"""What policies are said to do, in words that fit what their cases are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from compensation.language import Text
from compensation.policy.cap_words import describe_cap
from compensation.policy.catalogue import POLICY_TEXT, load_policy, policy_of_texts
from compensation.policy.faults import PolicyFaults
from compensation.policy.quantity_words import describe_test
from compensation.policy.wording import figure_of, series_kind
from compensation.policy_tools.worked_cases import assess_case, cases_beside, read_cases
from compensation.report.policy_overview import overview_text
from compensation.results import assumptions
from tests.policy.test_small_policies import HALF, HEAD, first, small


@pytest.mark.parametrize(
    ("policy", "zh", "en"),
    [
        ("xiamen-green-2021", "受偿方：借款企业", "beneficiary: borrowing enterprise"),
        (
            "xiamen-green-2021",
            "归属年度：起始日期至解除日期所跨的各个年度",
            "year of a case: every year from start date to release date",
        ),
        ("fujian-2008", "合同条件：", "condition of contracts:"),
        ("county-agri-2010", "机构年度条件：", "condition of institutions' years:"),
        (
            "qingdao-2015",
            "单家机构的基数只计（1% × 年末在保余额）以上、（3% × 年末在保余额）以内的部分",
            "(base): only what lies above (1% × closing balance) and up to (3% × ",
        ),
    ],
)
def test_an_overview_says(policy: str, zh: str, en: str) -> None:
    assert zh in overview_text(load_policy(policy), "zh")
    assert en in overview_text(load_policy(policy), "en")


WORDS = """
[[columns]]
table = "contracts"
name = "county"
heading = "所在县"
type = "text"
required = true
note = { zh = "县", en = "county" }
[[quantities]]
id = "points"
name = { zh = "加点", en = "points" }
value = { sum = [0.04, { choose = [
    { value = 0.05, when = [{ value = "indicator.balance_growth", at_least = LIMIT }] },
    { value = 0 } ] }] }
[[caps]]
id = "county"
per = ["contracts.county", "quarter claims.payout_date"]
at_most = { times = ["claims.principal", 1.5, { sum = ["quantity.points", 0.5] }] }
"""


@pytest.mark.parametrize(
    ("limit", "zh", "en"),
    [("2", "2 倍", "2 times"), ("1.9999", "199.99%", "199.99%"), ("2.5", "2.5 倍", "2.5 times")],
)
def test_ratios_are_percentages_below_two_and_multiples_from_there(
    limit: str, zh: str, en: str
) -> None:
    policy = small(WORDS.replace("LIMIT", limit))
    said = overview_text(policy, "zh"), overview_text(policy, "en")
    assert f"加点：4% + （在保余额增速不低于 {zh}的，5%；其余的，0%）" in said[0]
    assert "points: 4% + (5% if " in said[1]
    assert f" at least {en}; otherwise 0%)" in said[1]
    assert "每个所在县、代偿日期的每个季度不超过代偿本金 × 1.5 × （加点 + 50%）" in said[0]
    assert "each county and each quarter of payout date: at most principal × 1.5 × (po" in said[1]


HALVES = """{ choose = [
    { value = { months_later = ["year.start", 7] }, when = [
        { value = "claims.payout_date", below = { months_later = ["year.start", 6] } } ] },
    { value = { months_later = ["year.start", 12] } } ] }"""
NEXT_MONTH_END = '{ period_end = [{ months_later = ["contracts.start_date", 1] }, 1] }'
FOURTH = '{ months_later = ["year.start", 3] }'
FARMS = '{ value = "contracts.borrower_type", one_of = ["agricultural"] }'
EITHER = f'{{ any = [{FARMS}, {{ value = "claims.interest", above = 1 }}] }}'
FIVE = f"{{ value = 5, when = [{EITHER}, {FARMS}] }}"


@pytest.mark.parametrize(
    ("written", "zh", "en"),
    [
        (
            f'value = "claims.payout_date"\nbelow = {" ".join(HALVES.split())}',
            "代偿日期早于（代偿日期早于当年7月1日的，当年8月1日；其余的，次年1月1日）",
            "before (08-01 of the year if payout date before 07-01 of the year; otherwise 01-01 of",
        ),
        (
            f'value = "claims.payout_date"\nat_most = {NEXT_MONTH_END}',
            "不晚于起始日期后 1 个月所在月份的最后一日",
            "on or before the last day of the month of 1 months after start date",
        ),
        (
            'value = 0.05\nat_most = { series = "lpr", on = "claims.payout_date", term = 60 }',
            "不超过代偿日期当日、期限 60 个月的贷款市场报价利率（LPR）",
            " at most loan prime rate (LPR) for 60 months on payout date",
        ),
        (
            f'value = "claims.principal"\nat_most = {{ choose = [{FIVE}] }}',
            "不超过（（（借款人类型为三农）或（代偿利息高于 1 元）），且借款人类型为三农的，5 元）",
            "((borrower type is agricultural) or (interest above 1 yuan)) and borrower type",
        ),
    ],
)
def test_a_limit_that_is_a_sentence_can_be_read(written: str, zh: str, en: str) -> None:
    policy = small(f'[[claim_conditions]]\nid = "x"\n{written}')
    said = describe_test(policy, policy.rules.claim_conditions[0])
    assert zh in said.zh
    assert en in said.en


def test_a_stop_on_the_base_says_its_limit() -> None:
    policy = small(
        '[[caps]]\nid = "x"\non = "base"\nof = "claims.payout"\nbelow = 500\nper = []\n'
        'exceeding = "stop_after"'
    )
    said = describe_cap(policy, policy.rules.caps[0])
    assert "的代偿金额（无论是否补偿，全部计入）低于 500 元；达到的" in said.zh
    assert "(payout), compensated or not: below 500 yuan; what reaches" in said.en


@pytest.mark.parametrize(
    ("first", "zh", "en"),
    [
        (
            "contracts.release_date",
            "（解除日期（未填的按年度末日）、年度末日中的较早者）",
            "the earlier of release date (if blank, the last day of the year), the last day",
        ),
        (
            "year.as_of",
            "（核算截止日（未指定的按年度末日）、",
            "(if none is said, the last day of the",
        ),
    ],
)
def test_what_stands_for_a_blank_is_in_brackets(first: str, zh: str, en: str) -> None:
    last = f'{{ min = [{{ first_given = ["{first}", "year.end"] }}, "year.end"] }}'
    days = f'{{ over = [{{ days = ["contracts.start_date", {last}] }}, 100000] }}'
    policy = small(rates=f"bounds = {{ at_most = 1 }}\ntiers = [{{ rate = {days} }}]")
    said = figure_of(policy, policy.rules.rates.tiers[0])
    assert zh in said.zh
    assert en in said.en


@pytest.mark.parametrize(
    ("bounds", "zh", "en"),
    [
        ("at_most = 0.72", "不超过 72%", "at most 72%"),
        ("at_least = 0.5, at_most = 0.72", "50%—72%", "50%—72%"),
    ],
)
def test_a_range_of_rates_begins_where_the_file_says(bounds: str, zh: str, en: str) -> None:
    policy = small(rates=f"bounds = {{ {bounds} }}\ntiers = [{{ rate = 0.5 }}]")
    assert policy.rules.rates.bounds is not None
    assert figure_of(policy, policy.rules.rates.bounds) == Text(zh, en)


def test_a_value_that_a_column_does_not_take_is_told_with_the_names_of_those_it_does() -> None:
    condition = '[[claim_conditions]]\nid = "a"\nvalue = "contracts.borrower_type"\none_of = ["{}"]'
    said = {}
    for word in ("小型企业", "三农", "small_enterprises"):
        with pytest.raises(PolicyFaults) as raised:
            small(condition.format(word))
        (said[word],) = (fault.message for fault in raised.value.faults)
    assert "micro_enterprise（微型企业）、small_enterprise（小型企业）" in said["小型企业"].zh
    assert "micro_enterprise, small_enterprise" in said["小型企业"].en
    assert said["小型企业"].zh.endswith("；是否为 small_enterprise？")
    assert said["三农"].zh.endswith("；是否为 agricultural？")
    assert said["small_enterprises"].zh.endswith("；是否为 small_enterprise？")


def test_a_year_that_begins_on_another_day_has_no_calendar_days() -> None:
    condition = f'[[claim_conditions]]\nid = "x"\nvalue = "claims.payout_date"\nbelow = {FOURTH}'
    said = [
        describe_test(policy, policy.rules.claim_conditions[0]).zh
        for trigger in ("", '[trigger]\ndate = "claims.payout_date"\nyear_begins = "11-01"')
        for policy in (small(condition, trigger),)
    ]
    assert said == ["代偿日期早于当年4月1日", "代偿日期早于年度首日后 3 个月"]


def test_a_calendar_is_no_rate() -> None:
    policy = load_policy("xiamen-green-2021")
    (rates,) = policy.series.values()
    calendar = replace(rates, points=(), from_=date(2024, 1, 1))
    assert [series_kind(each).zh for each in (rates, calendar)] == ["参考利率", "工作日历"]


def test_ids_of_defaults_make_way() -> None:
    """An author may call a cap `borne` and a condition `effective`; the defaults stay."""
    condition = '[[claim_conditions]]\nid = "effective"\nvalue = "claims.principal"\nabove = 0'
    cap = '[[caps]]\nid = "borne"\nat_most = 400'
    row = first(small(condition, cap))
    assert row["compensation"] == 400
    assert first(small(condition, cap), payout_date="2022-02-28")["reasons"] == "effective_default"


def test_a_text_that_must_be_given_is_no_id() -> None:
    """`无` is an answer to what a mortgage is, and no id of a claim."""
    column = (
        '[[columns]]\ntable = "claims"\nname = "security"\nheading = "反担保"\ntype = "text"\n'
        'required = true\nnote = { zh = "有无反担保", en = "what secures it" }'
    )
    condition = '[[claim_conditions]]\nid = "security"\nvalue = "claims.security"\ngiven = true'
    assert first(small(column, condition), security="无")["compensation"] == 500


def test_cases_are_called_what_they_are() -> None:
    policy = load_policy("fujian-2008")
    case = read_cases(cases_beside("fujian-2008"), policy)[0]
    assessed = assess_case(policy, case)
    claim = assessed.claims["claim_id"][0]
    assert assessed.explain(claim).describe("zh").startswith(f"合同 {claim}：")
    assert assessed.explain(claim).describe("en").startswith(f"Contract {claim}: ")
    assert (case.name.zh[0], case.name.en[0]) == ("工", "8")


@pytest.mark.parametrize("record", ["payout", "contract", "institution"])
def test_the_default_of_returns_is_told_where_there_are_any(record: str) -> None:
    base = {"payout": '"claims.principal"', "contract": '"contracts.guaranteed_amount"'}
    head = HEAD.replace("format = 2", f'format = 2\nrecord = "{record}"')
    value = base.get(record, '"indicator.new_guarantees"')
    policy = policy_of_texts({POLICY_TEXT: f"{head}\n[base]\nvalue = {value}\n[rates]\n{HALF}"})
    told = [each.key for each in assumptions(policy, budget=True) if each.cited.basis == "default"]
    assert ("returns" in told) == (record == "payout")
    assert {"beneficiary", "review", "budget"} <= set(told)
