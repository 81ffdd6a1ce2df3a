"""What a policy looks at is read from its tests, so that a form drawn from it misses nothing."""

from __future__ import annotations

import pytest

from compensation import list_policies, load_policy
from compensation.one_case.form_fields import form_fields

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
    fields = form_fields(load_policy("jiyuan-2022"), "zh")
    assert {each["name"] for each in fields["institution"]["amounts"]} == FIGURES
    assert {each["name"] for each in fields["institution"]["ratios"]} == RATIOS
    assert {each["name"]: each["required"] for each in fields["claim"]} == {
        "payout_date": True,
        "principal": True,
        "interest": False,
        "borrower_type": True,
        "borrower_exposure": True,
        "finance_review": True,
        "industry_review": True,
        "compensation_paid": False,
    }
    types = next(each for each in fields["claim"] if each["name"] == "borrower_type")
    assert [choice["title"] for choice in types["choices"] if choice["group"] == "三农"] == [
        "农户",
        "新型农业经营主体",
    ]


def test_luoyang_asks_for_its_own_columns_and_those_its_limits_depend_on() -> None:
    fields = form_fields(load_policy("luoyang-2025"), "en")
    assert [each["name"] for each in fields["institution"]["amounts"]] == [
        "government_backed",
        "new_guarantees",
    ]
    asked = {each["name"]: each["type"] for each in fields["claim"]}
    assert asked["loan_rate"] == "ratio"
    assert asked["loan_term_months"] == "integer"
    assert asked["start_date"] == "date"
    assert not any(name.startswith("share_") for name in asked)


@pytest.mark.parametrize("id_", list_policies())
def test_every_condition_has_a_name_in_both_languages(id_: str) -> None:
    policy = load_policy(id_)
    for language in ("zh", "en"):
        fields = form_fields(policy, language)
        titles = {each["id"]: each["title"] for each in fields["conditions"]}
        for condition in (*policy.rules.institution_conditions, *policy.rules.claim_conditions):
            assert titles[condition.id]
        for each in (
            *fields["claim"],
            *fields["institution"]["amounts"],
            *fields["institution"]["ratios"],
        ):
            assert each["title"]
            assert "_" not in each["title"]
