"""What a policy looks at is read from its tests, so that a form drawn from it misses nothing."""

from __future__ import annotations

import httpx
import pytest

from api.policy_inputs import inputs_of
from compensation import list_policies, load_policy

FIGURES = {
    "government_backed",
    "opening_balance",
    "closing_balance",
    "opening_borrowers",
    "closing_borrowers",
    "small_agri_balance",
    "released_amount",
    "payout_amount",
}
RATIOS = {
    "government_backed",
    "small_agri_share",
    "balance_growth",
    "borrower_growth",
    "payout_rate",
}


def test_jiyuan_asks_for_what_the_contract_names() -> None:
    inputs = inputs_of(load_policy("jiyuan-2022"), "zh")
    assert {each.name for each in inputs.institution.amounts} == FIGURES
    assert {each.name for each in inputs.institution.ratios} == RATIOS
    assert {each.name: each.required for each in inputs.claim} == {
        "payout_date": True,
        "principal": True,
        "interest": False,
        "borrower_type": True,
        "borrower_exposure": True,
        "finance_review": True,
        "industry_review": True,
        "compensation_paid": False,
    }
    types = next(each for each in inputs.claim if each.name == "borrower_type")
    assert [choice.title for choice in types.choices if choice.group == "三农"] == [
        "农户",
        "新型农业经营主体",
    ]


def test_luoyang_asks_for_its_own_columns_and_those_its_limits_depend_on() -> None:
    inputs = inputs_of(load_policy("luoyang-2025"), "en")
    assert [each.name for each in inputs.institution.amounts] == [
        "government_backed",
        "new_guarantees",
    ]
    asked = {each.name: each.type for each in inputs.claim}
    assert asked["loan_rate"] == "ratio"
    assert asked["loan_term_months"] == "integer"
    assert asked["start_date"] == "date"
    assert not any(name.startswith("share_") for name in asked)


@pytest.mark.parametrize("id_", list_policies())
def test_every_condition_has_a_name_in_both_languages(id_: str) -> None:
    policy = load_policy(id_)
    for language in ("zh", "en"):
        inputs = inputs_of(policy, language)
        titles = {each.id: each.title for each in inputs.conditions}
        for condition in (*policy.rules.institution_conditions, *policy.rules.claim_conditions):
            assert titles[condition.id]
        for each in (*inputs.claim, *inputs.institution.amounts, *inputs.institution.ratios):
            assert each.title
            assert "_" not in each.title


def test_over_http_by_language_and_404_otherwise(api: httpx.Client) -> None:
    path = "/v1/policies/jiyuan-2022/inputs"
    chinese = api.get(path).json()["parties"]
    english = api.get(path, headers={"Accept-Language": "en"}).json()["parties"]
    assert (chinese[1]["title"], english[1]["title"]) == ("银行", "lender")
    missing = api.get("/v1/policies/none/inputs")
    assert missing.status_code == 404
    assert missing.headers["content-type"] == "application/problem+json"
