from __future__ import annotations

import httpx

from compensation import list_policies


def test_the_policies_are_listed(api: httpx.Client) -> None:
    answer = api.get("/v1/policies")
    assert answer.status_code == 200
    assert [policy["id"] for policy in answer.json()["policies"]] == list(list_policies())


def test_an_unknown_policy_is_a_problem_in_the_language_asked_for(api: httpx.Client) -> None:
    answer = api.get("/v1/policies/atlantis", headers={"Accept-Language": "en"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "there is no policy atlantis"
