"""What policies are said to do, in words that fit what their cases are."""

from __future__ import annotations

import pytest

from compensation.policy.catalogue import load_policy
from compensation.policy_tools.worked_cases import assess_case, cases_beside, read_cases
from compensation.report.policy_overview import overview_text
from tests.policy.test_small_policies import first, small


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
        ("county-agri-2010", "机构年度条件：", "condition of institutions:"),
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
