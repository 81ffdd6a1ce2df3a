"""POST /v1/compensation over a real socket: the contract's example, figures, faults."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from api.examples import CLAIM_IN_LUOYANG
from compensation import decide_claim, list_policies, load_policy
from compensation.language import Language
from compensation.one_case.form import form_of
from tests.one_case.example import AMOUNTS, CLAIM, LOAN, RATIOS

CALL = "/v1/compensation"
JSON_AMOUNTS = {
    name: value if isinstance(value, bool | int) else str(value) for name, value in AMOUNTS.items()
}
CASES: dict[str, dict[str, Any]] = {
    "ratios": {"policy": "jiyuan-2022", "institution": RATIOS, "claim": CLAIM},
    "amounts": {"policy": "jiyuan-2022", "institution": JSON_AMOUNTS, "claim": CLAIM},
    "ineligible": {
        "policy": "jiyuan-2022",
        "institution": {**RATIOS, "payout_rate": None},
        "claim": {**CLAIM, "borrower_exposure": "5000000.01"},
    },
    "other policy": CLAIM_IN_LUOYANG,
    "contract": {"policy": "xiamen-green-2021", "year": 2022, "institution": {}, "claim": LOAN},
    "institution": {
        "policy": "county-agri-2010",
        "year": 2010,
        "institution": {
            "region": "东部",
            "agri_average": "1300000000",
            "agri_average_before": "1000000000",
            "bad_loan_rate": "0.02",
            "bad_loan_rate_before": None,
            "finance_review": "approved",
            "industry_review": "approved",
        },
        "claim": {},
    },
}


def pointers(answer: httpx.Response) -> dict[str, str]:
    """The kinds of the faults by pointer."""
    assert answer.status_code == 422, answer.text
    return {error["pointer"]: error["kind"] for error in answer.json()["errors"]}


def test_the_example_of_the_contract(api: httpx.Client) -> None:
    answer = api.post(CALL, json=CASES["ratios"])
    assert answer.status_code == 200
    said = answer.json()
    assert list(said)[:7] == [
        *("eligible", "reasons", "base", "rate", "compensation", "status", "payable")
    ]
    assert said["eligible"] is True
    assert said["reasons"] == []
    assert said["base"] == "1020000.00"
    assert said["rate"] == "0.200000"
    assert said["compensation"] == "204000.00"
    assert said["status"] == "approved"
    assert said["payable"] == "204000.00"
    assert said["explanation"][-1]["name"] == "payable"
    (rate,) = (line for line in said["explanation"] if line["name"] == "rate")
    (why,) = rate["why"]
    assert why.startswith("第 1 档适用：支小支农占比 ")
    assert said["explanation"][-1]["why"] == []
    policy = load_policy("jiyuan-2022")
    assert said["policy"] == {"id": policy.id, "digest": policy.digest}
    assert said["assumptions"]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_figures_are_the_library_s(api: httpx.Client, name: str, language: Language) -> None:
    case = CASES[name]
    claim = {
        column: str(value) if isinstance(value, float) else value
        for column, value in case["claim"].items()
    }
    year = case.get("year")
    expected = decide_claim(case["policy"], case["institution"], claim, year).as_dict(language)
    answer = api.post(CALL, json=case, headers={"Accept-Language": language})
    assert answer.json() == expected
    if year is not None:
        assert expected["compensation"] == {2010: "3000000.00", 2022: "7300.00"}[year]
        asked = api.get(f"/v1/policies/{case['policy']}/inputs").json()
        figures = asked["institution"]["ratios"] + asked["claim"]
        assert {each["name"] for each in figures if each["required"]} <= {
            *case["institution"],
            *case["claim"],
        }


def test_numbers_are_read_as_they_are_written(api: httpx.Client) -> None:
    """0.1 + 0.2 of a float would not make 1 with 0.7; neither would 1e-7 more."""
    body = json.dumps(CASES["ratios"])
    body = body.replace(json.dumps(CLAIM["shares"]), '{"institution": 0.1, "a": 0.2, "b": 0.70}')
    body = body.replace('"1000000.00"', "8999999999999.99")
    headers = {"Content-Type": "application/json"}
    said = api.post(CALL, content=body, headers=headers).json()
    assert said["base"] == "9000000019999.99"
    assert said["compensation"] == said["borne"]["institution"] == "900000002000.00"
    wrong = body.replace("0.70}", "0.7000001}")
    assert pointers(api.post(CALL, content=wrong, headers=headers)) == {
        "/claim/shares/b": "too_many_decimals"
    }


def test_every_fault_points_to_its_member(api: httpx.Client) -> None:
    case = {
        "policy": "jiyuan-2022",
        "institution": {**RATIOS, "payout_rat": "0.1"},
        "claim": {**CLAIM, "shares": {"institution": "0.4"}, "intrest": "1"},
    }
    del case["institution"]["payout_rate"]  # type: ignore[attr-defined]
    assert pointers(api.post(CALL, json=case)) == {
        "/institution/payout_rat": "unknown_member",
        "/institution/payout_rate": "missing",
        "/claim/shares": "shares_sum",
        "/claim/intrest": "unknown_member",
    }


FORM: dict[str, tuple[object, str]] = {
    "/institution/government_backed": ("yes", "not_boolean"),
    "/institution/balance_growth": ("1e3", "not_a_number"),
    "/claim/borrower_exposure": ("-1", "negative"),
    "/claim/industry_review": ("maybe", "unknown_choice"),
    "/claim/loan_rate": ([], "not_a_scalar"),
    "/budget": (1, "unknown_member"),
}
BETWEEN: dict[str, tuple[object, str]] = {
    "/institution/payout_rat": ("0.1", "unknown_member"),
    "/claim/shares": ({"institution": "0.4", "lender": "0.5"}, "shares_sum"),
    "/claim/interes": ("0", "unknown_member"),
    "/claim/payout_date": ("1901-01-01", "date_order"),
}


@pytest.mark.parametrize("form", [*([place] for place in FORM), list(FORM)])
@pytest.mark.parametrize("between", [*([place] for place in BETWEEN), list(BETWEEN)])
def test_faults_of_form_hide_no_others(
    api: httpx.Client, form: list[str], between: list[str]
) -> None:
    case = {"policy": "jiyuan-2022", "institution": dict(RATIOS), "claim": dict(CLAIM)}
    case["claim"]["start_date"] = "2022-01-01"  # type: ignore[index]
    wrong = {place: (FORM | BETWEEN)[place] for place in (*form, *between)}
    for place, (value, _) in wrong.items():
        *above, name = place.split("/")[1:]
        within: Any = case[above[0]] if above else case
        within[name] = value
    kinds = {place: kind for place, (_, kind) in wrong.items()}
    assert pointers(api.post(CALL, json=case)) == kinds


def test_of_what_is_in_a_wrong_object_nothing_is_said(api: httpx.Client) -> None:
    shares = {"lender": 2, "institution": "0.5"}
    case = {"policy": "jiyuan-2022", "institution": [], "claim": {**CLAIM, "shares": shares}}
    assert pointers(api.post(CALL, json=case)) == {
        "/institution": "not_an_object",
        "/claim/shares/lender": "too_large",
    }


def test_a_policy_s_own_members_are_read_by_their_type(api: httpx.Client) -> None:
    own = {"loan_rate": 0.0000001, "reguaranteed": "yes", "fee_rate": [1]}
    case = {**CLAIM_IN_LUOYANG, "claim": {**CLAIM_IN_LUOYANG["claim"], **own}}
    assert pointers(api.post(CALL, json=case)) == {
        "/claim/fee_rate": "not_a_scalar",
        "/claim/loan_rate": "too_many_decimals",
        "/claim/reguaranteed": "not_boolean",
    }


@pytest.mark.parametrize(
    ("paid", "kinds"),
    [("408000.00", {}), ("408000.01", {"/claim/compensation_paid": "paid_above_borne"})],
)
def test_no_more_was_paid_than_was_borne(
    api: httpx.Client, paid: str, kinds: dict[str, str]
) -> None:
    answer = api.post(CALL, json={**CASES["ratios"], "claim": {**CLAIM, "compensation_paid": paid}})
    assert (pointers(answer) if kinds else answer.json()["payable"]) == (kinds or "0.00")


def test_messages_are_in_the_language_asked_for(api: httpx.Client) -> None:
    case = {**CASES["ratios"], "institution": {}}
    for language, word in (("zh", "缺少"), ("en", "missing")):
        answer = api.post(CALL, json=case, headers={"Accept-Language": language})
        assert answer.headers["content-type"] == "application/problem+json"
        assert all(word in error["message"] for error in answer.json()["errors"])


@pytest.mark.parametrize("id_", list_policies())
def test_what_the_policy_s_inputs_name_is_what_is_taken(api: httpx.Client, id_: str) -> None:
    """GET /v1/policies/{id}/inputs and the members that a case takes are told apart by nobody."""
    inputs, form = api.get(f"/v1/policies/{id_}/inputs").json(), form_of(load_policy(id_))
    claim = {given["name"] for given in inputs["claim"]}
    needed = {name for name, field in form.claim.items() if field.needed}
    assert needed <= claim <= set(form.claim)
    for figures in inputs["institution"].values():
        assert {given["name"] for given in figures} <= {*form.figures, *form.columns}
    names = {given["name"] for given in inputs["institution"]["amounts"]}
    for figure in form.figures.values():
        assert not figure.users or set(figure.amounts or (figure.name,)) <= names


@pytest.mark.parametrize(
    ("call", "sent", "named"),
    [
        (CALL, {"claim": {**CLAIM, "payout_date": "2022-06-30"}}, {"jiyuan-2022", "qingdao-2015"}),
        (CALL, {"claim": {**CLAIM, "payout_date": "2025-09-30"}}, {"luoyang-2025"}),
        (CALL, {"claim": {}}, {"fujian-2008", "luoyang-2025", "jiyuan-2022"}),
        ("/v1/eligibility/institution", {"year": 2008}, {"fujian-2008"}),
        ("/v1/assessments", {"year": "2022"}, {"jiyuan-2022"}),
    ],
)
def test_without_a_policy_those_that_cover_the_time_are_named(
    api: httpx.Client, call: str, sent: dict[str, Any], named: set[str]
) -> None:
    answer = api.post(call, json={"institution": RATIOS, **sent})
    assert answer.status_code == 422
    (wrong,) = [e for e in answer.json()["errors"] if e["pointer"] == "/policy"]
    assert wrong["kind"] == "missing"
    found = {id_ for id_ in list_policies() if f"{id_}（" in wrong["expected"]}
    assert named <= found
    assert "guangzhou-2025" not in found or sent == {"claim": {}}
    assert ("jiyuan-2022" in found) == ("jiyuan-2022" in named)


def test_an_unknown_policy(api: httpx.Client) -> None:
    answer = api.post(CALL, json={**CASES["ratios"], "policy": "examples/own-policy.toml"})
    assert pointers(answer) == {"/policy": "unknown_policy"}


def test_parties_go_by_the_chinese_names_of_the_data_dictionary(api: httpx.Client) -> None:
    shares = {"担保机构": "0.4", "银行": "0.2", "再担保机构": "0.2", "国家融担基金": "0.2"}
    case = {"policy": "jiyuan-2022", "institution": RATIOS, "claim": {**CLAIM, "shares": shares}}
    assert api.post("/v1/compensation", json=case).json()["compensation"] == "204000.00"
    case["claim"] = {**CLAIM, "shares": {**shares, "institution": "0.4"}}
    answer = api.post("/v1/compensation", json=case)
    assert answer.status_code == 422
    assert pointers(answer) == {"/claim/shares/institution": "duplicate"}


def test_a_share_typed_as_a_percentage_is_asked_about(api: httpx.Client) -> None:
    claim = {**CLAIM, "shares": {"institution": "40", "lender": "60"}}
    case = {"policy": "jiyuan-2022", "institution": RATIOS, "claim": claim}
    answer = api.post("/v1/compensation", json=case, headers={"Accept-Language": "zh"})
    assert answer.status_code == 422
    messages = [error["message"] for error in answer.json()["errors"]]
    assert ["40%？" in messages[0], "60%？" in messages[1]] == [True, True]


def test_an_indicator_typed_as_a_percentage_is_asked_about(api: httpx.Client) -> None:
    case = {
        "policy": "jiyuan-2022",
        "institution": {**RATIOS, "balance_growth": "25"},
        "claim": CLAIM,
    }
    answer = api.post("/v1/compensation", json=case, headers={"Accept-Language": "zh"})
    assert answer.status_code == 422
    assert pointers(answer) == {"/institution/balance_growth": "implausible_ratio"}
    assert "0.25？" in answer.json()["errors"][0]["message"]
