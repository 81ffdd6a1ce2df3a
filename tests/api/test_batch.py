"""POST /v1/compensation/batch: each case as a single call answers it, or its problem."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from api.examples import AMOUNTS, CLAIM, CLAIM_IN_LUOYANG, RATIOS
from api.routes.batch import MOST_CASES

pytestmark = pytest.mark.process

ONE, CALL = "/v1/compensation", "/v1/compensation/batch"
GOOD: list[dict[str, Any]] = [
    {"policy": "jiyuan-2022", "institution": RATIOS, "claim": CLAIM},
    {"policy": "jiyuan-2022", "institution": AMOUNTS, "claim": {**CLAIM, "principal": "0.01"}},
    CLAIM_IN_LUOYANG,
]
WRONG: list[Any] = [
    {"institution": RATIOS, "claim": CLAIM},
    {"policy": "jiyuan-2022", "institution": {}, "claim": {**CLAIM, "principal": "0.005"}},
    "none",
]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_is_what_a_single_call_answers(api: httpx.Client, language: str) -> None:
    cases = [case for pair in zip(GOOD, WRONG, strict=True) for case in pair]
    headers = {"Accept-Language": language}
    answer = api.post(CALL, json={"cases": cases}, headers=headers)
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert len(results) == len(cases)
    for case, result in zip(cases, results, strict=True):
        single = api.post(ONE, json=case, headers=headers)
        said = single.json()
        said.pop("instance", None)
        known = (result["answer"], None) if single.status_code == 200 else (None, said)
        if single.status_code == 200:
            assert (result["answer"], result["problem"]) == (said, None)
        else:
            assert result["answer"] is known[0]
            wrong = [(e["pointer"], e["kind"]) for e in result["problem"]["errors"]]
            assert wrong == [(e.get("pointer", ""), e["kind"]) for e in said["errors"]]
            assert result["problem"]["status"] == 422
    assert api.post(CALL, json={"cases": cases}, headers=headers).content == answer.content


@pytest.mark.slow
def test_a_thousand_and_one_more(api: httpx.Client) -> None:
    answer = api.post(CALL, json={"cases": [GOOD[0]] * MOST_CASES})
    assert answer.status_code == 200
    assert {each["answer"]["compensation"] for each in answer.json()["results"]} == {"204000.00"}
    answer = api.post(CALL, json={"cases": [GOOD[0]] * (MOST_CASES + 1)})
    assert [e["kind"] for e in answer.json()["errors"]] == ["too_many"]
    assert api.post(CALL, json={"cases": []}).json() == {"results": []}
