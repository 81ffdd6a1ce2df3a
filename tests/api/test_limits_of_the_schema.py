"""Each limit of the document is the one enforced: at it a request is taken, beyond it refused."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import jsonschema_rs
import pytest

from api.examples import AMOUNTS, CLAIM, RATIOS, RECOVERIES
from compensation import list_policies, load_policy
from tests.api.server import Server

Body = dict[str, Any]
CASE: Body = {"policy": "jiyuan-2022", "institution": RATIOS, "claim": CLAIM}


def with_(body: Body, *path: str | int, value: object) -> Body:
    """The body with another value in it."""
    changed = copy.deepcopy(body)
    inner: Any = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return changed


def recoveries(count: int) -> Body:
    one = RECOVERIES["recoveries"][0]
    return with_(
        RECOVERIES,
        "recoveries",
        value=[
            {**one, "recovery_id": f"R{n}", "proceeds": "1.00", "cost": None} for n in range(count)
        ],
    )


def shares(count: int) -> Body:
    others = {f"other_{number}": "0" for number in range(count - len(RECOVERIES["shares"]))}
    return with_(RECOVERIES, "shares", value={**RECOVERIES["shares"], **others})


MOST_YUAN, BEYOND_YUAN = "9999999999999.99", "10000000000000.00"
LIMITS: dict[str, tuple[str, Callable[[Any], Body], list[Any], list[Any]]] = {
    "recoveries": ("/v1/recoveries/returns", recoveries, [0, 200], [201]),
    "parties": ("/v1/recoveries/returns", shares, [20], [21]),
    "party": (
        "/v1/recoveries/returns",
        lambda n: with_(RECOVERIES, "shares", value={**RECOVERIES["shares"], "a" * n: "0"}),
        [1, 60],
        [0, 61],
    ),
    "recovery id": (
        "/v1/recoveries/returns",
        lambda n: with_(RECOVERIES, "recoveries", 0, "recovery_id", value="编" * n),
        [1, 100],
        [0, 101],
    ),
    "payout": (
        "/v1/recoveries/returns",
        lambda text: with_(RECOVERIES, "payout", value=text),
        [MOST_YUAN],
        [BEYOND_YUAN, "-0.01", "1020000.001"],
    ),
    "industry": (
        "/v1/eligibility/borrower",
        lambda text: {"industry": text, "employees": 1, "revenue": "1.00"},
        ["C34"],
        ["业" * 101],
    ),
    "employees": (
        "/v1/eligibility/borrower",
        lambda number: {"industry": "C34", "employees": number, "revenue": "1.00"},
        [0, 10**15 - 1],
        [-1, 10**15, "1000000000000000"],
    ),
    "revenue": (
        "/v1/eligibility/borrower",
        lambda text: {"industry": "C34", "employees": 1, "revenue": text},
        ["0", MOST_YUAN],
        [BEYOND_YUAN],
    ),
    "year": (
        "/v1/eligibility/institution",
        lambda year: {"policy": "jiyuan-2022", "year": year, "institution": AMOUNTS},
        [2022],
        [1899, 2200, "1899"],
    ),
    "growth": (
        "/v1/compensation",
        lambda text: with_(CASE, "institution", "balance_growth", value=text),
        ["9.999999", "-1", None],
        ["10", "-1.000001", "0.0000001"],
    ),
    "payout rate": (
        "/v1/compensation",
        lambda text: with_(CASE, "institution", "payout_rate", value=text),
        ["1.999999", "0"],
        ["2", "-0.000001", "0.0000001"],
    ),
    "exposure": (
        "/v1/compensation",
        lambda text: with_(CASE, "claim", "borrower_exposure", value=text),
        ["0.29", "5000000.01", MOST_YUAN],
        [BEYOND_YUAN, "0.291"],
    ),
    "payout date": (
        "/v1/compensation",
        lambda day: with_(CASE, "claim", "payout_date", value=day),
        ["2022-12-31"],
        ["2200-01-01", "1899-12-31", "2022-02-29"],
    ),
}


@pytest.fixture(scope="module")
def document(server: Server) -> dict[str, Any]:
    said: dict[str, Any] = server.client.get("/openapi.json").json()
    return said


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_is_the_one_enforced(
    api: httpx.Client, document: dict[str, Any], name: str
) -> None:
    path, body, within, beyond = LIMITS[name]
    operation = document["paths"][path]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    whole = {**schema, "components": document["components"]}
    fits = jsonschema_rs.validator_for(whole, validate_formats=True)
    for value in within:
        assert fits.is_valid(body(value)), value
        answer = api.post(path, json=body(value))
        assert answer.status_code == 200, (value, answer.text)
    for value in beyond:
        assert not fits.is_valid(body(value)), value
        answer = api.post(path, json=body(value))
        assert answer.status_code == 422, value


@pytest.mark.parametrize(("length", "status"), [(60, 404), (61, 422)])
@pytest.mark.parametrize("call", ["/v1/policies/{policy_id}", "/v1/policies/{policy_id}/inputs"])
def test_the_longest_id_of_a_policy(
    api: httpx.Client, document: dict[str, Any], call: str, length: int, status: int
) -> None:
    parameters = document["paths"][call]["get"]["parameters"]
    (schema,) = (each["schema"] for each in parameters if each["name"] == "policy_id")
    assert schema["maxLength"] == 60
    assert api.get(call.format(policy_id="a" * length)).status_code == status


@pytest.mark.parametrize("length", [200, 201])
def test_the_longest_text_of_a_column_that_only_a_policy_knows(
    api: httpx.Client, document: dict[str, Any], length: int
) -> None:
    (luoyang,) = (
        each
        for each in document["components"]["schemas"]["ClaimCase"]["examples"]
        if each["policy"] == "luoyang-2025"
    )
    body = with_(luoyang, "claim", "borrower_region", value="洛" * length)
    answer = api.post("/v1/compensation", json=body)
    assert answer.status_code == (200 if length == 200 else 422)


def test_no_number_of_the_document_is_for_floats(document: dict[str, Any]) -> None:
    assert "multipleOf" not in str(document)
    for name in ("ClaimFigures", "InstitutionFigures", "Recovery", "RecoveriesCase"):
        for schema in amounts(document["components"]["schemas"][name]):
            assert (schema["type"], "pattern" in schema) == ("string", True)


def amounts(schema: Any) -> Iterator[dict[str, Any]]:
    """Every part of a schema that is of the format of decimals."""
    if isinstance(schema, dict):
        if schema.get("format") == "decimal":
            yield schema
        for part in schema.values():
            yield from amounts(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from amounts(part)


VALUES = {
    "boolean": True,
    "money": "1000000.00",
    "integer": 12,
    "ratio": "0.05",
    "text": "x",
}


def filled_in(inputs: list[Body], day: str) -> Body:
    """Every member that the list names: a value where it must have one, else null."""
    return {each["name"]: _value(each, day) if each["required"] else None for each in inputs}


def _value(asked: Body, day: str) -> object:
    if asked["choices"]:
        return asked["choices"][0]["value"]
    return day if asked["type"] == "date" else VALUES[asked["type"]]


@pytest.mark.parametrize("figures", ["amounts", "ratios"])
@pytest.mark.parametrize(
    "policy", [id_ for id_ in list_policies() if load_policy(id_).rules.record == "payout"]
)
def test_the_inputs_of_a_policy_are_all_that_a_case_needs(
    api: httpx.Client, policy: str, figures: str
) -> None:
    day = api.get(f"/v1/policies/{policy}").json()["effective"]["from"]
    inputs = api.get(f"/v1/policies/{policy}/inputs").json()
    institution = filled_in(inputs["institution"][figures], day)
    claim = filled_in(inputs["claim"], day)
    body: Body = {"policy": policy, "institution": institution, "claim": claim}
    for path in ("/v1/compensation", "/v1/eligibility/claim"):
        answer = api.post(path, json=body)
        assert answer.status_code == 200, answer.text
    for name in ("institution", "claim"):
        for member in body[name]:
            short = {**body, name: {k: v for k, v in body[name].items() if k != member}}
            answer = api.post("/v1/compensation", json=short)
            if answer.status_code == 422:
                assert {e["pointer"] for e in answer.json()["errors"]} == {f"/{name}/{member}"}


def test_the_calls_of_cases_say_where_the_inputs_are(document: dict[str, Any]) -> None:
    for path in ("compensation", "eligibility/institution", "eligibility/claim"):
        assert "/v1/policies/{policy_id}/inputs" in str(
            document["paths"][f"/v1/{path}"]["post"]["description"]
        )
