"""What a policy says, in Chinese and in natural units."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from compensation.policy.catalogue import list_policies, load_policy
from compensation.policy.model import DatedValue, Definition, Operation, Test
from compensation.policy.quantity_words import describe_test
from compensation.policy.wording import figure_of, kind_of
from compensation.report.wording import Reasons

INVENTED = Path(__file__).parents[1] / "policy" / "invented"
TEN_MILLION = Decimal(10_000_000)
DATED = Operation(
    on="year.end",
    values=(
        DatedValue(from_=datetime.date(2022, 1, 1), value=Decimal("0.05")),
        DatedValue(from_=datetime.date(2023, 1, 1), value=Decimal("0.045")),
    ),
)


@pytest.mark.parametrize(
    ("test", "words"),
    [
        (
            Test(value="indicator.small_agri_share", at_least=Decimal("0.80")),
            "支小支农占比不低于 80%",
        ),
        (
            Test(value="indicator.new_guarantees", above=Decimal("50000.5")),
            "本年新增担保额高于 50,000.5 元",
        ),
        (Test(value="indicator.closing_borrowers", below=Decimal(1200)), "年末在保户数低于 1,200"),
        (
            Test(value="indicator.payout_rate", at_most=DATED),
            "代偿率不超过 5%（2022年1月1日起）、4.5%（2023年1月1日起），按年度末日",
        ),
        (
            Test(
                value="claims.borrower_exposure", above=Decimal(5000000), at_most=Decimal(10000000)
            ),
            "单户担保余额高于 500 万元且不超过 1,000 万元",
        ),
        (
            Test(value="claims.payout_date", at_least=datetime.date(2022, 1, 1)),
            "代偿日期不早于 2022年1月1日",
        ),
        (Test(value="claims.payout_date", within="effective"), "代偿日期在政策适用期间内"),
        (
            Test(
                value="claims.payout_date",
                since="contracts.start_date",
                unit="months",
                at_most=Decimal(12),
            ),
            "起始日期至代偿日期最多 12 个月",
        ),
        (Test(value="institutions.government_backed", is_=True), "政府性融资担保机构为“是”"),
        (
            Test(value="contracts.borrower_type", one_of=("farmer", "small_micro")),
            "借款人类型为农户、小微",
        ),
        (Test(value="contracts.loan_term_months", given=True), "贷款期限(月)已填写"),
        (Test(value="institution.eligible", is_=True), "机构当年符合补偿条件"),
        (
            Test(
                any=(
                    Test(value="contracts.industry", starts_with=("C", "D")),
                    Test(value="contracts.share_lender", at_least=Decimal("0.2")),
                )
            ),
            "（行业以“C”或“D”开头）或（银行分担比例不低于 20%）",
        ),
    ],
)
def test_what_a_test_asks_for(test: Test, words: str) -> None:
    assert describe_test(load_policy("luoyang-2025"), test).zh == words


def test_a_limit_from_a_series() -> None:
    policy = load_policy("luoyang-2025")
    [loan_rate] = [c for c in policy.rules.claim_conditions if c.id == "loan_rate"]
    expected = "贷款利率不超过起始日期当日与贷款期限(月)对应的贷款市场报价利率（LPR） + 2%"
    assert describe_test(policy, loan_rate).zh == expected


@pytest.mark.parametrize("name", [*list_policies(), *sorted(INVENTED.glob("*.toml"))])
def test_everything_cited_is_named_and_said(name: str | Path) -> None:
    policy = load_policy(name)
    for citation in policy.cited():
        assert all(kind_of(policy, citation.cited))
        assert isinstance(citation.cited, Definition) or all(figure_of(policy, citation.cited))


@pytest.mark.parametrize(
    ("policy", "id_", "words"),
    [
        ("additions", "first_loan", "加 5%：首贷户为“是”"),
        ("cap-per-claim", "per_claim", "单笔代偿不超过 50 万元"),
        ("cap-per-claim-refused", "per_claim", "单笔代偿不超过 50 万元；超过的不予补偿"),
        ("several-payers", "county", "县财政承担 33.33%"),
        ("no-review", "review", "不要求审核"),
        ("decided-rate", "rates.decided", "按“核定比例”；超过档次比例的，按上限计"),
        ("decided-rate-refused", "rates.decided", "按“核定比例”；超过档次比例的，不予补偿"),
    ],
)
def test_what_a_figure_says(policy: str, id_: str, words: str) -> None:
    read = load_policy(INVENTED / f"{policy}.toml")
    [cited] = [citation.cited for citation in read.cited() if citation.id == id_]
    assert figure_of(read, cited).zh == words


def test_reasons_that_are_no_condition() -> None:
    reasons = Reasons(load_policy("jiyuan-2022"))
    assert reasons.explain("claims", None) == ""
    assert reasons.explain("claims", "tier;borne") == (
        "有适用的补偿档次；单笔代偿不超过代偿金额中担保机构承担部分"
    )
