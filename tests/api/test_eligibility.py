"""POST /v1/eligibility/…: institutions, claims and borrowers over a real socket."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from compensation import enterprise_size, examine_claim, judge_institution
from tests.api.test_compensation import JSON_AMOUNTS, pointers
from tests.one_case.example import CLAIM, RATIOS

INSTITUTION, EXAMINE = "/v1/eligibility/institution", "/v1/eligibility/claim"
BORROWER = "/v1/eligibility/borrower"
JIYUAN = "jiyuan-2022"


@pytest.mark.parametrize(
    "figures",
    [
        RATIOS,
        JSON_AMOUNTS,
        {**JSON_AMOUNTS, "closing_borrowers": 345},
        {**JSON_AMOUNTS, "small_agri_balance": "399999999.99"},
        {**JSON_AMOUNTS, "released_amount": 0},
        {**RATIOS, "balance_growth": None},
    ],
)
def test_an_institution_is_judged_as_by_the_library(
    api: httpx.Client, figures: dict[str, Any]
) -> None:
    body = {"policy": JIYUAN, "year": 2022, "institution": figures}
    answer = api.post(INSTITUTION, json=body, headers={"Accept-Language": "en"})
    assert answer.status_code == 200, answer.text
    expected = judge_institution(JIYUAN, figures, 2022).as_dict("en")
    if expected["next_tier"] is not None:
        del expected["next_tier"]["worth"]
    assert answer.json() == expected


def test_what_is_missing_is_said_in_yuan_and_borrowers(api: httpx.Client) -> None:
    figures = {**JSON_AMOUNTS, "small_agri_balance": "399999999.99", "closing_borrowers": 329}
    said = api.post(INSTITUTION, json={"policy": JIYUAN, "institution": figures}).json()
    missed = {c["id"]: c["needed"] for c in said["conditions"] if not c["passed"]}
    assert {id_: (n["value"], n["unit"]) for id_, n in missed.items()} == {
        "small_agri_share": ("0.05", "yuan"),
        "borrower_growth": ("1", "borrowers"),
    }
    assert said["eligible"] is False
    assert said["reasons"] == list(missed)
    assert all(c["needed"] is None for c in said["conditions"] if c["passed"])


def test_null_is_undefined_and_absent_is_a_fault(api: httpx.Client) -> None:
    undefined = {**RATIOS, "balance_growth": None}
    said = api.post(INSTITUTION, json={"policy": JIYUAN, "institution": undefined}).json()
    assert said["reasons"] == ["balance_growth"]
    absent = {name: value for name, value in RATIOS.items() if name != "balance_growth"}
    answer = api.post(INSTITUTION, json={"policy": JIYUAN, "institution": absent})
    assert pointers(answer) == {"/institution/balance_growth": "missing"}


def test_a_year_that_the_policy_does_not_cover(api: httpx.Client) -> None:
    answer = api.post(INSTITUTION, json={"policy": JIYUAN, "year": 2023, "institution": RATIOS})
    assert pointers(answer) == {"/year": "year_not_covered"}
    assert answer.json()["errors"][0]["expected"] == "2022年1月1日至2022年12月31日"


@pytest.mark.parametrize("claim", [CLAIM, {**CLAIM, "borrower_type": "other"}])
def test_a_claim_is_examined_as_by_the_library(api: httpx.Client, claim: dict[str, Any]) -> None:
    body = {"policy": JIYUAN, "institution": RATIOS, "claim": claim}
    assert api.post(EXAMINE, json=body).json() == examine_claim(JIYUAN, RATIOS, claim).as_dict()


def test_conditions_need_no_amounts(api: httpx.Client) -> None:
    claim = {name: CLAIM[name] for name in ("borrower_type", "borrower_exposure", "payout_date")}
    body = {"policy": JIYUAN, "institution": RATIOS, "claim": claim}
    assert api.post(EXAMINE, json=body).json()["eligible"] is True
    del claim["payout_date"]
    assert pointers(api.post(EXAMINE, json=body)) == {"/claim/payout_date": "missing"}


@pytest.mark.parametrize(
    ("industry", "employees", "revenue", "total_assets", "size"),
    [
        ("C34", 20, "3000000", None, "small"),
        ("C34", 20, "2999999.99", None, "micro"),
        ("C34", 300, "20000000", None, "medium"),
        ("房地产开发经营", None, "2000000000", "100000000", "large"),
    ],
)
def test_the_size_of_a_borrower(
    api: httpx.Client,
    industry: str,
    employees: int | None,
    revenue: str,
    total_assets: str | None,
    size: str,
) -> None:
    found = enterprise_size(industry, employees, revenue, total_assets)
    body = {"industry": industry, "employees": employees, "revenue": revenue}
    said = api.post(BORROWER, json={**body, "total_assets": total_assets}).json()
    assert said["size"] == size == found.size
    assert said["small_micro"] == found.small_micro == (size in ("small", "micro"))
    assert said["borrower_type"] == found.borrower_type
    assert [(part["indicator"], part["size"]) for part in said["indicators"]] == [
        (part.indicator, part.size) for part in found.indicators
    ]
    assert (
        said["indicators"][-1]["actual"]
        == f"{total_assets or revenue}{'' if '.' in revenue else '.00'}"
    )
    assert all(len(part["limits"]) == 3 for part in said["indicators"])


def test_what_is_wrong_with_a_borrower(api: httpx.Client) -> None:
    assert pointers(api.post(BORROWER, json={"industry": "银行"})) == {
        "/industry": "unknown_industry"
    }
    assert pointers(api.post(BORROWER, json={"industry": "C34"})) == {
        "/employees": "missing",
        "/revenue": "missing",
    }
    wrong = {"industry": "C34", "employees": 1.5, "revenue": "0.001", "assets": 1}
    assert pointers(api.post(BORROWER, json=wrong)) == {
        "/employees": "too_many_decimals",
        "/revenue": "too_many_decimals",
        "/assets": "unknown_member",
    }
    both = {"industry": "银行", "employees": -1}
    assert pointers(api.post(BORROWER, json=both)) == {
        "/employees": "negative",
        "/industry": "unknown_industry",
    }
    one_of_two = {"industry": "C34", "employees": "12", "revenue": True}
    assert pointers(api.post(BORROWER, json=one_of_two)) == {"/revenue": "not_a_number"}


def test_faults_of_form_hide_no_others(api: httpx.Client) -> None:
    case: dict[str, Any] = {"policy": "luoyang-2025", "year": "20x5", "institution": {}}
    case["institution"]["government_backed"] = "yes"
    assert pointers(api.post(INSTITUTION, json=case)) == {
        "/year": "not_a_number",
        "/institution/government_backed": "not_boolean",
        "/institution/new_guarantees": "missing",
    }
    case = {"policy": "none", "year": 1, "institution": {}}
    assert pointers(api.post(INSTITUTION, json=case)) == {
        "/year": "too_small",
        "/policy": "unknown_policy",
    }
