"""The OpenAPI document; the page that shows it is seen in `test_reverse_proxy`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

from api import openapi
from api.assessing.jobs import XLSX_TYPE
from tests.api.conftest import Guarded
from tests.api.server import Server

WORKBOOK = Path(__file__).parents[2] / "examples" / "jiyuan-2022.xlsx"
CALLS = {
    "getHealth": "GET /healthz",
    "getReadiness": "GET /readyz",
    "getMetrics": "GET /metrics",
    "listPolicies": "GET /v1/policies",
    "getPolicy": "GET /v1/policies/{policy_id}",
    "drawInstitutionCurve": "POST /v1/eligibility/institution/curve",
    "getTemplate": "GET /v1/template.xlsx",
    "assessPortfolio": "POST /v1/assessments",
    "settlePortfolio": "POST /v1/settlements",
    "holdLedger": "POST /v1/comparisons",
    "compareVariants": "POST /v1/comparisons/{ledger_id}",
    "solveForTarget": "POST /v1/comparisons/{ledger_id}/solve",
    "drawCurve": "POST /v1/comparisons/{ledger_id}/curve",
    "listIndicators": "POST /v1/comparisons/{ledger_id}/indicators",
    "forecastYears": "POST /v1/comparisons/{ledger_id}/forecast",
}
"""Operation ids that others may rely on; more may come, none of these may change."""


@pytest.fixture(scope="module")
def document(server: Server) -> dict[str, Any]:
    said: dict[str, Any] = server.client.get("/openapi.json").json()
    return said


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "components": document["components"]}


def test_operation_ids_stay(document: dict[str, Any]) -> None:
    ids = {operation["operationId"]: call for call, operation in operations(document)}
    assert len(ids) == len(operations(document))
    assert CALLS.items() <= ids.items()


def test_everything_is_said_in_both_languages(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    said = [document["info"]["description"]]
    for _, operation in operations(document):
        said += [operation["summary"], operation["description"]]
        said += [parameter["description"] for parameter in operation.get("parameters", ())]
        said += [response["description"] for response in operation["responses"].values()]
    for text in said:
        assert re.search("[一-鿿]", text), text
        assert re.search("[A-Za-z]{2}", text.replace("Accept", "")), text


def test_every_call_names_its_errors(document: dict[str, Any]) -> None:
    for call, operation in operations(document):
        statuses = set(operation["responses"])
        expected = {"200", "421", "500"}
        if "/v1/" in call or "/metrics" in call:
            expected |= {"401", "429"}
        if "requestBody" in operation:
            expected |= {"400", "408", "413", "415", "422"}
        assert expected <= statuses, call
        for status, response in operation["responses"].items():
            if status != "200":
                assert list(response["content"]) == ["application/problem+json"]


def test_the_document_is_sound(document: dict[str, Any]) -> None:
    references = re.findall(r'"\$ref": ?"#/components/schemas/([^"]+)"', jsonschema_text(document))
    assert set(references) <= set(document["components"]["schemas"])
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate(resolved(document, schema))
    assert "http://" not in jsonschema_text(document)
    assert "ValidationError" not in document["components"]["schemas"]
    for call, operation in operations(document):
        assert set(operation["tags"]) <= {tag["name"] for tag in document["tags"]}, call
        body = operation.get("requestBody", {"content": [None]})
        assert len(body["content"]) == 1, f"{call}: a client is generated for one of them"
    for schema in openapi.parts(document):
        if len([kind for kind in schema.get("anyOf", ()) if kind.get("type") != "null"]) > 1:
            assert schema.get("title"), f"{schema}: generated clients have a number for its name"


def jsonschema_text(document: dict[str, Any]) -> str:

    return json.dumps(document, ensure_ascii=False)


def examples(document: dict[str, Any]) -> list[tuple[str, Any, dict[str, Any]]]:
    """Every example of a JSON body: its path, itself, and the schema of the answer."""
    found = []
    for call, operation in operations(document):
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body is None:
            continue
        schema = body["schema"]
        name = schema.get("$ref", "").rpartition("/")[2]
        own = document["components"]["schemas"].get(name, schema).get("examples", [])
        given = [each["value"] for each in body.get("examples", {}).values()]
        all_of_them = [*own, *given, *([body["example"]] if "example" in body else [])]
        assert all_of_them, f"{call} has no example"
        answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
        found += [(call.split()[1], example, answer) for example in all_of_them]
    return found


def test_every_example_runs_and_is_answered_as_described(
    api: httpx.Client, document: dict[str, Any]
) -> None:
    assert examples(document)
    file = {"file": ("ledger.xlsx", WORKBOOK.read_bytes())}
    held = api.post(
        "/v1/comparisons", files=file, data={"policy": "jiyuan-2022", "years": "2022"}
    ).json()["ledger"]["id"]
    for path, example, schema in examples(document):
        answer = api.post(path.format(ledger_id=held), json=example)
        assert answer.status_code == 200, (path, answer.text)
        jsonschema_rs.validate(resolved(document, schema), answer.json(), validate_formats=True)


def test_problems_are_as_described(api: httpx.Client, document: dict[str, Any]) -> None:
    for answer, name in (
        (api.get("/nothing"), "ProblemDocument"),
        (api.post("/v1/assessments", json={"contracts": [{}]}), "WrongValuesDocument"),
        (api.post("/v1/assessments", json={**examples(document)[0][1], "year": 2021}), None),
    ):
        schema = document["components"]["schemas"][name or "WrongValuesDocument"]
        jsonschema_rs.validate(resolved(document, schema), answer.json())


def test_keys_are_in_the_document_where_they_are_needed(
    guarded: Guarded, document: dict[str, Any]
) -> None:
    assert all("security" not in operation for _, operation in operations(document))
    said = guarded.server.client.get("/openapi.json").json()
    for call, operation in operations(said):
        needed = "/v1/" in call or "/metrics" in call
        assert operation.get("security") == ([{"key": []}] if needed else None)


def test_the_template_s_type_is_said(document: dict[str, Any]) -> None:
    responses = document["paths"]["/v1/template.xlsx"]["get"]["responses"]
    assert list(responses["200"]["content"]) == [XLSX_TYPE]
