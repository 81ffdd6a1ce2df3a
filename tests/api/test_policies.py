from __future__ import annotations

from decimal import Decimal

import httpx
import pytest

from compensation import list_policies, load_policy


def test_the_policies_are_listed(api: httpx.Client) -> None:
    answer = api.get("/v1/policies")
    assert answer.status_code == 200
    listed = answer.json()["policies"]
    assert [policy["id"] for policy in listed] == list(list_policies())
    by_id = {policy["id"]: policy for policy in listed}
    assert by_id["jiyuan-2022"]["effective"] == {"from": "2022-01-01", "to": "2022-12-31"}
    assert by_id["luoyang-2025"]["effective"]["to"] is None


@pytest.mark.parametrize("id_", list_policies())
def test_a_policy_says_all_that_its_file_says(api: httpx.Client, id_: str) -> None:
    policy = load_policy(id_)
    answer = api.get(f"/v1/policies/{id_}")
    assert answer.status_code == 200
    said = answer.json()
    assert said["digest"] == policy.digest
    conditions = said["institution_conditions"] + said["claim_conditions"]
    cited = [*policy.rules.institution_conditions, *policy.rules.claim_conditions]
    assert [c["id"] for c in conditions] == [c.id for c in cited]
    assert [(c["clause"], c["basis"]) for c in conditions] == [(c.clause, c.basis) for c in cited]
    rates = [tier["rate"] for tier in said["rates"]["tiers"]]
    for rate, tier in zip(rates, policy.rules.rates.tiers, strict=True):
        assert rate == str(tier.rate) if isinstance(tier.rate, Decimal) else set(rate)
    assert "null" not in answer.text


def test_an_unknown_policy_is_a_problem_in_the_language_asked_for(api: httpx.Client) -> None:
    answer = api.get("/v1/policies/atlantis", headers={"Accept-Language": "en"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "there is no policy atlantis"


def test_a_path_is_never_taken_for_a_policy(api: httpx.Client) -> None:
    answer = api.get("/v1/policies/examples%2Fown-policy.toml")
    assert answer.status_code == 404
    body = {"year": 2022, "institutions": [], "contracts": [], "claims": []}
    answer = api.post("/v1/assessments", json={**body, "policy": "examples/own-policy.toml"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["kind"] == "unknown_policy"


def test_inputs_by_language_and_404_otherwise(api: httpx.Client) -> None:
    path = "/v1/policies/jiyuan-2022/inputs"
    chinese = api.get(path).json()["parties"]
    english = api.get(path, headers={"Accept-Language": "en"}).json()["parties"]
    assert (chinese[1]["title"], english[1]["title"]) == ("银行", "lender")
    missing = api.get("/v1/policies/none/inputs")
    assert missing.status_code == 404
    assert missing.headers["content-type"] == "application/problem+json"
