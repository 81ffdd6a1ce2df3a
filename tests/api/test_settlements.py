"""Settlements over a real socket: the library's own figures, days, policies, faults, workbook."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import openpyxl
import pandas as pd
import pytest

from api.assessing.jobs import XLSX_TYPE
from api.examples import SETTLEMENT
from compensation import Settlement, portfolio_of_frames, read_portfolio, settle, write_workbook
from tests.api.later_rows import later_rows
from tests.api.server import Server
from tests.page.ledgers import to_settle

CALL = "/v1/settlements"
WORKBOOK = Path(__file__).parents[2] / "examples" / "jiyuan-2022.xlsx"
TABLES = {
    name: rows for name, rows in SETTLEMENT.items() if isinstance(rows, list) and name != "policies"
}
OF_LUOYANG = {
    "borrower_region": "洛阳市涧西区",
    "technology_innovation": "否",
    "loan_rate": "4.5%",
    "loan_term_months": "12",
    "fee_rate": "1%",
    "reguaranteed": "是",
}
"""Columns of contracts that the other policy adds."""


def as_json(settlement: Settlement) -> dict[str, Any]:
    """What the API is to answer, by another way than the API's own."""

    def cell(value: object) -> object:
        return value if value is None or isinstance(value, bool | int) else str(value)

    tables = {
        name: [{key: cell(value) for key, value in row.items()} for row in table.to_pylist()]
        for name, table in settlement.tables.items()
    }
    portfolio = settlement.ledgers
    ids, names = (
        portfolio.column("institutions", name).to_pylist()
        for name in ("institution_id", "institution_name")
    )
    named = {id_: name for id_, name in zip(ids, names, strict=True) if name}
    summary = json.loads(json.dumps(settlement.summary))
    summary["warnings"] += later_rows(settlement.warnings)
    return {"summary": summary, "overview": {"institution_names": named}, **tables}


def frames(tables: dict[str, Any] = TABLES) -> dict[str, pd.DataFrame]:
    columns = {"remittances": ["remittance_id", "claim_id", "remittance_date", "amount"]}
    return {name: pd.DataFrame(rows, columns=columns.get(name)) for name, rows in tables.items()}


def form(name: str, content: bytes, **fields: object) -> dict[str, Any]:
    given = {"policy": "jiyuan-2022", "to": "2023-12-31", **fields}
    data = {key: value for key, value in given.items() if value is not None}
    return {"files": {"file": (name, content)}, "data": data}


@pytest.fixture(scope="module")
def example() -> Settlement:
    return settle(portfolio_of_frames(**frames()), "jiyuan-2022", "2023-12-31")


@pytest.fixture(scope="module")
def workbook() -> Settlement:
    return settle(read_portfolio(WORKBOOK), "jiyuan-2022", "2024-06-30", "2023-07-01", "100000")


def test_json_gives_the_library_s_figures(server: Server, example: Settlement) -> None:
    answer = server.client.post(CALL, json=SETTLEMENT)
    assert answer.status_code == 200, answer.text
    assert answer.json() == as_json(example)
    assert example.summary["totals"]["net_due"] == "-1602.58"
    document = server.client.get("/openapi.json").json()
    schema = document["components"]["schemas"]["SettlementAnswer"]
    whole = {**schema, "components": document["components"]}
    jsonschema_rs.Draft202012Validator(whole).validate(answer.json())


def test_a_zip_and_a_workbook_give_the_library_s_figures(
    api: httpx.Client, example: Settlement, workbook: Settlement
) -> None:
    answer = api.post(
        CALL, **form("台账.zip", to_settle()["buffer"], budget="", explain="", **{"from": ""})
    )
    assert answer.json() == as_json(example)
    fields = {"to": "2024-06-30", "from": "2023-07-01", "budget": "100000.00"}
    answer = api.post(CALL, **form("台账.xlsx", WORKBOOK.read_bytes(), **fields))
    assert answer.json() == as_json(workbook)
    assert answer.json()["summary"]["totals"]["to_pay"] == "100000.00"


def test_the_workbook_is_the_library_s(
    api: httpx.Client, workbook: Settlement, tmp_path: Path
) -> None:
    write_workbook(workbook, tmp_path / "settlement.xlsx")
    fields = {"to": "2024-06-30", "from": "2023-07-01", "budget": "100000"}
    sent = form("台账.xlsx", WORKBOOK.read_bytes(), **fields)
    answer = api.post(CALL, **sent, headers={"Accept": XLSX_TYPE})
    assert answer.status_code == 200, answer.text
    assert 'filename="settlement.xlsx"' in answer.headers["content-disposition"]
    assert answer.content == (tmp_path / "settlement.xlsx").read_bytes()


def test_claims_are_explained_where_that_is_asked_for(
    api: httpx.Client, workbook: Settlement
) -> None:
    ids = ["DC2022-04", "DC2022-02"]
    fields = {"to": "2024-06-30", "from": "2023-07-01", "budget": "100000", "lang": "en"}
    answer = api.post(CALL, **form("a.xlsx", WORKBOOK.read_bytes(), explain=ids, **fields))
    expected = [workbook.explain(id_).as_dict("en") for id_ in ids]
    assert answer.json()["explanations"] == json.loads(json.dumps(expected))
    assert "explanations" not in api.post(CALL, json=SETTLEMENT).json()
    wrong = api.post(CALL, json={**SETTLEMENT, "explain": ["DC-2022-01", "none"]})
    assert wrong.status_code == 422
    (error,) = wrong.json()["errors"]
    assert (error["kind"], error["pointer"]) == ("unknown_claim", "/explain/1")


def test_a_contract_is_explained_in_each_of_its_years(api: httpx.Client) -> None:
    loan = {
        "contract_id": "L1",
        "institution_id": "B",
        "borrower_id": "J1",
        "borrower_type": "medium_enterprise",
        "guaranteed_amount": "2000000",
        "start_date": "2021-03-01",
        "release_date": "2022-06-30",
        "green_register": True,
        "finance_review": "approved",
        "industry_review": "approved",
    }
    of_it = {"payment_id": "P1", "claim_id": "L1", "amount": "8000", "payment_date": "2022-12-20"}
    tables = {
        "institutions": [{"institution_id": "B", "government_backed": False}],
        "contracts": [loan],
        "claims": [],
        "payments": [{**of_it, "year": 2022}],
    }
    asked = {"policies": ["xiamen-green-2021"], "to": "2022-12-31", "explain": ["L1"]}
    answer = api.post(CALL, json=tables | asked).json()
    explained = [(each["year"], each["status"]) for each in answer["explanations"]]
    assert explained == [(2021, "审核通过"), (2022, "审核通过")]
    rows = [(r["claim_id"], r["year"], r["to_recall"]) for r in answer["settlement"]]
    assert rows == [("L1", 2021, "0.00"), ("L1", 2022, "760.00")]


def test_each_claim_is_decided_by_the_policy_of_its_day(api: httpx.Client) -> None:
    contracts = [{**row, **OF_LUOYANG} for row in TABLES["contracts"]]
    later = {
        "claim_id": "DC-2025-01",
        "contract_id": "DB-2022-001",
        "payout_date": "2025-11-20",
        "principal": "1000.00",
    }
    tables = {
        **TABLES,
        "contracts": contracts,
        "claims": [
            {**row, "reguarantor_paid_date": "2025-12-10"} for row in [*TABLES["claims"], later]
        ],
    }
    policies = ["jiyuan-2022", "luoyang-2025"]
    body = {**tables, "policies": policies, "to": "2025-12-31"}
    answer = api.post(CALL, json=body)
    assert answer.status_code == 200, answer.text
    found = settle(portfolio_of_frames(**frames(tables)), policies, "2025-12-31")
    assert answer.json()["settlement"] == as_json(found)["settlement"]
    assert [row["policy"] for row in answer.json()["settlement"]] == policies


@pytest.mark.parametrize(
    ("said", "kind", "member", "field"),
    [
        ({"to": "2023-02-29"}, "no_such_date", "/to", "to"),
        ({"to": "2023"}, None, "/to", "to"),
        ({"to": None}, None, "/to", "to"),
        ({"from": "2024-01-01"}, "period_reversed", "/from", "from"),
        ({"budget": "-1"}, "negative", "/budget", "budget"),
        ({"policies": ["nowhere"]}, "unknown_policy", "/policies/0", "policy"),
        ({"policies": ["jiyuan-2022"] * 2}, "same_policy_id", "/policies", "policy"),
        (
            {"policies": ["jiyuan-2022", "henan-provincial-2020"]},
            "both_in_force",
            "/policies",
            "policy",
        ),
        ({"policies": None}, None, "/policies", "policy"),
    ],
)
def test_what_is_wrong_beside_the_tables_is_told_where_it_stands(
    api: httpx.Client, said: dict[str, Any], kind: str | None, member: str, field: str
) -> None:
    answer = api.post(CALL, json={**SETTLEMENT, **said})
    assert answer.status_code == 422, answer.text
    found = {(error["kind"], error["pointer"]) for error in answer.json()["errors"]}
    assert (kind, member) in found or (kind is None and member in {place for _, place in found})
    fields = {"policy" if name == "policies" else name: value for name, value in said.items()}
    answer = api.post(CALL, **form("a.zip", to_settle()["buffer"], **fields))
    assert answer.status_code == 422, answer.text
    found = {(error["kind"], error["parameter"]) for error in answer.json()["errors"]}
    assert (kind, field) in found or (kind is None and field in {place for _, place in found})


def test_no_policy_is_guessed(api: httpx.Client) -> None:
    without = {name: said for name, said in SETTLEMENT.items() if name != "policies"}
    for body in (without, {**without, "policies": []}):
        answer = api.post(CALL, json=body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/policies"


def test_a_fault_of_the_ledger_is_told_with_what_else_is_wrong(api: httpx.Client) -> None:
    payments = [{**TABLES["payments"][0], "claim_id": "none"}]
    answer = api.post(CALL, json={**SETTLEMENT, "payments": payments, "to": "soon"})
    assert answer.status_code == 422
    pointers = [error["pointer"] for error in answer.json()["errors"]]
    assert pointers == ["/to", "/payments/0/claim_id"]
    late = {**SETTLEMENT, "payments": payments, "from": "2024-01-01"}
    pointers = [error["pointer"] for error in api.post(CALL, json=late).json()["errors"]]
    assert pointers == ["/from", "/payments/0/claim_id"]


def test_the_faults_of_a_ledger_come_back_marked(api: httpx.Client) -> None:
    book = openpyxl.load_workbook(WORKBOOK)
    book["代偿"].cell(2, 3).value = "去年"
    buffer = io.BytesIO()
    book.save(buffer)
    sent = form("台账.xlsx", buffer.getvalue(), policy=["jiyuan-2022", "luoyang-2025"])
    answer = api.post(f"{CALL}/marked.xlsx", **sent)
    assert answer.status_code == 200, answer.text
    assert 'filename="marked.xlsx"' in answer.headers["content-disposition"]
    marked = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert marked.sheetnames[0] == "错误清单"
    assert "代偿" in marked.sheetnames


def test_fields_that_an_assessment_has_alone_are_unknown(api: httpx.Client) -> None:
    answer = api.post(CALL, json={**SETTLEMENT, "year": 2022})
    assert [(e["kind"], e["pointer"]) for e in answer.json()["errors"]] == [
        ("unknown_member", "/year")
    ]
    answer = api.post(CALL, **form("a.zip", to_settle()["buffer"], to=["2023-12-31", "2024-12-31"]))
    assert ("given_twice", "to") in [
        (error["kind"], error["parameter"]) for error in answer.json()["errors"]
    ]


def test_rows_after_the_day_are_counted_in_the_answer(api: httpx.Client) -> None:
    later = {**SETTLEMENT, "to": "2022-12-31", "from": "2022-01-01"}
    settled = settle(portfolio_of_frames(**frames()), "jiyuan-2022", "2022-12-31")
    (said,) = later_rows(settled.warnings)
    assert said in api.post(CALL, json=later).json()["summary"]["warnings"]
