"""Whole portfolios over a real socket: the library's own figures, and nothing left behind."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import signal
import threading
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import httpx
import openpyxl
import pandas as pd
import pytest

from api.assessing.jobs import XLSX_TYPE
from api.examples import PORTFOLIO
from compensation import (
    Assessment,
    assess,
    load_policy,
    portfolio_of_frames,
    read_portfolio,
    write_workbook,
)
from compensation.policy_tools.worked_cases import (
    assess_case,
    cases_beside,
    frames_of,
    read_cases,
)
from tests.api.large import large_body
from tests.api.later_rows import later_rows
from tests.api.server import Server, completed, running, until

pytestmark = pytest.mark.process

EXAMPLES = Path(__file__).parents[2] / "examples"
WORKBOOK = EXAMPLES / "jiyuan-2022.xlsx"
JSON = {"Content-Type": "application/json"}


def as_json(assessment: Assessment) -> dict[str, Any]:
    """What the API is to answer: the library's tables, by another way than the API's own."""

    def cell(name: str, value: object) -> object:
        if name == "reasons":
            return [] if value is None else str(value).split(";")
        plain = value is None or isinstance(value, bool | int)
        return value if plain else str(value)

    tables = {
        name: [{key: cell(key, value) for key, value in row.items()} for row in table.to_pylist()]
        for name, table in assessment.tables.items()
    }
    ids = [str(row["institution_id"]) for row in tables["institutions"]]
    names = {id_: assessment.explain_institution(id_).name for id_ in ids}
    summed = {**overview(tables), "institution_names": names}
    summary = {**assessment.summary}
    summary["warnings"] = [*summary["warnings"], *later_rows(assessment.warnings)]
    return {"summary": summary, "overview": summed, **tables}


def overview(tables: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """The overview, added up from the tables row by row."""
    by_status = {
        status: {
            "claims": len(own),
            **{
                name: str(sum((Decimal(row[name]) for row in own), Decimal("0.00")))
                for name in ("payout", "compensation", "payable")
            },
        }
        for status in ("ineligible", "rejected", "pending", "approved")
        for own in [[row for row in tables["claims"] if row["status"] == status]]
    }
    return {"by_status": by_status, "borne": ANY}


def json_of(value: object) -> Any:
    return json.loads(json.dumps(value))


def form(name: str, content: bytes, **fields: str) -> dict[str, Any]:
    return {
        "files": {"file": (name, content)},
        "data": {"policy": "jiyuan-2022", "year": "2022", **fields},
    }


@pytest.fixture(scope="module")
def example() -> Assessment:
    return assess(read_portfolio(WORKBOOK), "jiyuan-2022", 2022, "100000.00")


def csv_zip(folder: str = "", encoding: str = "utf-8", ending: str = ".csv") -> bytes:
    """The example as a zip of CSV files.

    In GB18030 also their names are, without a mark, as Windows in China makes archives.
    """
    buffer = io.BytesIO()
    names = {}
    with zipfile.ZipFile(buffer, "w") as archive:
        sheets = pd.read_excel(WORKBOOK, sheet_name=None, dtype=str, engine="calamine")
        for number, (name, sheet) in enumerate(sheets.items()):
            content = sheet.to_csv(index=False).encode(encoding)
            if encoding == "utf-8":
                archive.writestr(f"{folder}{name}{ending}", content)
            else:  # the module would write UTF-8: put the bytes in afterwards
                raw = f"{folder}{name}{ending}".encode(encoding)
                names[f"{number:x}".encode() * len(raw)] = raw
                archive.writestr((f"{number:x}" * len(raw)), content)
    made = buffer.getvalue()
    for placeholder, raw in names.items():
        assert made.count(placeholder) == 2
        made = made.replace(placeholder, raw)
    return made


def test_a_workbook_gives_the_library_s_figures(api: httpx.Client, example: Assessment) -> None:
    sent = form("台账.xlsx", WORKBOOK.read_bytes(), budget="100000", policy="jiyuan-2022")
    answer = api.post("/v1/assessments", **sent)
    assert answer.status_code == 200
    assert answer.json() == {**as_json(example), "summary": json_of(example.summary)}


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_zip_of_csv_files_gives_the_same(
    api: httpx.Client, example: Assessment, encoding: str
) -> None:
    content = csv_zip("台账/", encoding)
    answer = api.post("/v1/assessments", **form("台账.zip", content, budget="100000.00"))
    assert answer.status_code == 200, answer.text
    assert answer.json()["claims"] == as_json(example)["claims"]
    assert answer.json()["summary"]["totals"] == example.summary["totals"]


@pytest.mark.parametrize("name", ["台账.xlsx", "2022/台账.xlsx"])
def test_a_zip_of_a_workbook_gives_the_same(
    api: httpx.Client, example: Assessment, name: str
) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, WORKBOOK.read_bytes())
        archive.writestr("__MACOSX/._台账.xlsx", b"x")
        archive.writestr("说明.pdf", b"x")
        archive.writestr("2022/.DS_Store", b"x")
    sent = form("台账.zip", buffer.getvalue(), budget="100000.00")
    answer = api.post("/v1/assessments", **sent)
    assert answer.status_code == 200, answer.text
    assert answer.json()["claims"] == as_json(example)["claims"]


def test_a_zip_in_which_a_table_may_be_passed_over_is_refused(api: httpx.Client) -> None:
    buffer = io.BytesIO(csv_zip())
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("追偿.json", b"[]")
        archive.writestr("附件/老台账.xls", b"x")
    answer = api.post("/v1/assessments", **form("台账.zip", buffer.getvalue()))
    assert answer.status_code == 422
    assert {error["kind"] for error in answer.json()["errors"]} == {
        "form_not_read",
        "old_workbook",
    }


def test_json_tables_give_the_library_s_figures(api: httpx.Client) -> None:
    tables = {name: rows for name, rows in PORTFOLIO.items() if isinstance(rows, list)}
    frames = {name: pd.DataFrame(rows, dtype=object).map(str) for name, rows in tables.items()}
    expected = assess(portfolio_of_frames(**frames), "jiyuan-2022", 2022)
    answer = api.post("/v1/assessments", json=PORTFOLIO)
    assert answer.status_code == 200
    assert answer.json() == {**as_json(expected), "summary": json_of(expected.summary)}
    assert expected.summary["totals"]["payable"] != "0.00"


def test_a_policy_on_contracts_answers_with_rows_that_have_no_payout(api: httpx.Client) -> None:
    policy = load_policy("xiamen-green-2021")
    case = read_cases(cases_beside(policy.id), policy)[0]
    tables = {
        name: [
            {key: value and str(value) for key, value in row.items()} for row in table.to_pylist()
        ]
        for name, table in frames_of(case).items()
    }
    expected = assess_case(policy, case).tables["claims"].to_pylist()
    body = {"year": case.year, "policy": policy.id, **tables}
    answer = api.post("/v1/assessments", json=body)
    assert answer.status_code == 200, answer.text
    rows = answer.json()["claims"]
    assert [row["claim_id"] for row in rows] == [row["claim_id"] for row in expected]
    assert {row["payout"] for row in rows} == {None}


def test_what_the_parties_bear_adds_up_to_the_payouts(api: httpx.Client) -> None:
    """The example's claim is approved, so government's part is its payable."""
    said = api.post("/v1/assessments", json=PORTFOLIO).json()
    borne = said["overview"]["borne"]
    assert list(borne) == ["government", "institution", "lender", "reguarantor", "national_fund"]
    assert sum(map(Decimal, borne.values())) == Decimal(said["claims"][0]["payout"])
    assert borne["government"] == said["claims"][0]["payable"] != "0.00"
    paid = Decimal(borne["government"]) + Decimal(borne["institution"])
    assert paid == Decimal("8060.20")  # 0.4 of 20,150.50


def test_institutions_are_explained_where_that_is_asked_for(
    api: httpx.Client, example: Assessment
) -> None:
    sent = form("a.xlsx", WORKBOOK.read_bytes(), explain="institutions", lang="en")
    (said,) = api.post("/v1/assessments", **sent).json()["explanations"]
    expected = example.explain_institution("SL-001")
    assert said == {**json_of(expected.as_dict("en")), "institution_name": expected.name}
    answer = api.post("/v1/assessments", json={**PORTFOLIO, "explain": "institutions"})
    assert len(answer.json()["explanations"]) == 1
    assert "explanations" not in api.post("/v1/assessments", json=PORTFOLIO).json()


def test_a_json_number_is_never_a_float(api: httpx.Client) -> None:
    """9999999999999.97 has no float of its own among those of 15 digits."""
    content = json.dumps(PORTFOLIO).replace('"1000000.00"', "9999999999999.97")
    answer = api.post("/v1/assessments", content=content, headers=JSON)
    assert answer.status_code == 200
    assert answer.json()["institutions"][0]["opening_balance"] == "9999999999999.97"
    for wrong in ("9999999999999.971", "1e400", "NaN", "-1"):
        content = json.dumps(PORTFOLIO).replace('"1000000.00"', wrong)
        answer = api.post("/v1/assessments", content=content, headers=JSON)
        (error,) = answer.json()["errors"]
        assert error["pointer"] == "/contracts/0/guaranteed_amount"
        assert error["value"] == wrong


def test_a_fault_points_to_the_member_that_was_sent(api: httpx.Client) -> None:
    body = json.loads(json.dumps(PORTFOLIO))
    row = body["contracts"][1]
    row["担保金额(万元)"] = "1.0000001"
    for other in body["contracts"]:
        other.setdefault("担保金额(万元)", other["guaranteed_amount"])
        del other["guaranteed_amount"]
    answer = api.post("/v1/assessments", json=body, headers={"Accept-Language": "en"})
    errors = {error["pointer"]: error for error in answer.json()["errors"]}
    error = errors["/contracts/1/担保金额(万元)"]
    assert error["kind"] == "too_many_decimals"
    assert (error["table"], error["row"], error["column"]) == ("contracts", 2, "guaranteed_amount")
    assert error["column_title"] == "guaranteed_amount (担保金额)"


def test_a_fault_of_a_file_names_sheet_row_and_column(api: httpx.Client, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(WORKBOOK)
    sheet = book["代偿"]
    heads = {cell.value: cell for row in sheet.iter_rows(max_row=5) for cell in row}
    head = heads["代偿日期"]
    sheet.cell(head.row + 2, head.column).value = "去年"
    book.save(tmp_path / "wrong.xlsx")
    content = (tmp_path / "wrong.xlsx").read_bytes()
    answer = api.post("/v1/assessments", **form("wrong.xlsx", content, lang="en"))
    assert answer.status_code == 422
    assert answer.headers["content-language"] == "en"
    (error,) = answer.json()["errors"]
    assert (error["table"], error["row"]) == ("claims", head.row + 2)
    assert (error["column"], error["value"]) == ("payout_date", "去年")


def test_the_workbook_is_the_library_s(
    api: httpx.Client, example: Assessment, tmp_path: Path
) -> None:
    write_workbook(example, tmp_path / "result.xlsx")
    sent = form("a.xlsx", WORKBOOK.read_bytes(), budget="100000.00")
    answer = api.post("/v1/assessments", **sent, headers={"Accept": f"{XLSX_TYPE}, */*;q=0.1"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == XLSX_TYPE
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.content == (tmp_path / "result.xlsx").read_bytes()


def test_the_template_can_be_filled_and_sent_back(api: httpx.Client) -> None:
    for policy in ("jiyuan-2022", "luoyang-2025"):
        answer = api.get("/v1/template.xlsx", params={"policy": policy, "lang": "en"})
        assert answer.headers["content-type"] == XLSX_TYPE
        assert "代偿" in openpyxl.load_workbook(io.BytesIO(answer.content)).sheetnames
        back = api.post("/v1/assessments", **form("template.xlsx", answer.content))
        assert {error["kind"] for error in back.json()["errors"]} == {"no_rows"}


def test_names_of_files_reach_nothing(api: httpx.Client, server: Server) -> None:
    content = WORKBOOK.read_bytes()
    for name in ("../../etc/passwd", "a\\..\\b.xlsx", "", "x" * 300 + ".xlsx", "张 三.xls"):
        assert api.post("/v1/assessments", **form(name, content)).status_code in (200, 422)
    assert not server.scratch()


def test_the_messages_do_not_name_places_of_the_server(api: httpx.Client, server: Server) -> None:
    answer = api.post("/v1/assessments", **form("a.zip", csv_zip(ending=".xml")))
    assert answer.status_code == 422
    assert str(server.log.parent) not in answer.text
    assert "compensation-api" not in answer.text


def test_other_calls_are_answered_while_one_is_computed(server: Server) -> None:
    content = large_body(30_000)
    answers: list[httpx.Response] = []

    def ask() -> None:
        url = f"{server.url}/v1/assessments"
        answers.append(httpx.post(url, content=content, headers=JSON, timeout=60))

    asking = threading.Thread(target=ask)
    asking.start()
    until(server.computing)
    answered = 0
    while server.computing() and answered < 5:
        assert server.client.get("/v1/policies").status_code == 200
        answered += 1
    still = asking.is_alive()
    asking.join()
    assert answers[0].status_code == 200
    assert still
    assert answered == 5


def test_a_client_that_goes_away_stops_the_computing(server: Server) -> None:
    content = large_body(60_000)

    async def leave() -> None:
        async with httpx.AsyncClient(base_url=server.url) as client:
            asking = asyncio.create_task(
                client.post("/v1/assessments", content=content, headers=JSON, timeout=60)
            )
            while not server.computing():
                assert not asking.done()
                await asyncio.sleep(0.01)
            for pid in server.computing():  # it cannot end by itself then
                os.kill(pid, signal.SIGSTOP)
            asking.cancel()

    completed(leave())
    until(lambda: not server.computing())
    until(lambda: '"status": 499' in server.logged())
    assert not server.scratch()


def test_a_request_under_way_is_finished_when_the_service_stops_and_nothing_is_left() -> None:
    content = large_body(10_000)
    answers: list[httpx.Response] = []
    with running() as server:
        server.wait_until_ready()
        assert server.kept()

        def ask() -> None:
            url = f"{server.url}/v1/assessments"
            answers.append(httpx.post(url, content=content, headers=JSON, timeout=60))

        asking = threading.Thread(target=ask)
        asking.start()
        until(server.computing)
        server.stop()
        asking.join()
        assert answers[0].status_code == 200
        assert len(answers[0].json()["claims"]) == 1
        assert server.kept() == []
        with pytest.raises(httpx.ConnectError):
            httpx.get(server.url)


def test_no_process_outlives_a_service_that_is_killed() -> None:
    content = large_body(60_000)

    def ask() -> None:
        with contextlib.suppress(httpx.HTTPError):
            httpx.post(f"{server.url}/v1/assessments", content=content, headers=JSON, timeout=60)

    with running() as server:
        server.wait_until_ready()
        asking = threading.Thread(target=ask)
        asking.start()
        (worker,) = until(server.computing)
        server.process.kill()
        server.process.wait()
        asking.join()
        stat = Path(f"/proc/{worker}/stat")
        # It may be left for the system to clear away (Z), which takes long on a busy machine.
        until(lambda: not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z")


@pytest.mark.parametrize("day", ["2022-09-30", "2023-12-31"])
def test_payments_and_the_day_come_as_json_and_as_a_form(server: Server, day: str) -> None:
    tables = {name: rows for name, rows in PORTFOLIO.items() if isinstance(rows, list)}
    tables["payments"] = [
        {"payment_id": f"P{n}", "claim_id": "DC-2022-01", "payment_date": paid, "amount": "10.00"}
        for n, paid in enumerate(("2022-09-01", "2023-01-15"))
    ]
    tables["pool"] = []
    frames = {name: pd.DataFrame(rows) for name, rows in tables.items() if rows}
    portfolio = portfolio_of_frames(**frames)
    expected = as_json(assess(portfolio, "jiyuan-2022", 2022, as_of=day))
    assert expected["summary"]["as_of"] == day
    body = {**tables, "policy": "jiyuan-2022", "year": 2022, "as_of": day}
    got = httpx.post(f"{server.url}/v1/assessments", json=body).json()
    inputs = expected["summary"]["inputs"]
    assert got["summary"].pop("inputs") == {**inputs, "pool": ANY}
    del expected["summary"]["inputs"]
    assert got == expected
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, frame in frames.items():
            archive.writestr(f"{name}.csv", frame.to_csv(index=False))
    sent = form("ledger.zip", buffer.getvalue(), policy="jiyuan-2022", as_of=day)
    answer = httpx.post(f"{server.url}/v1/assessments", **sent).json()
    assert answer["claims"] == expected["claims"]
    assert answer["summary"]["input_digest"] == expected["summary"]["input_digest"]


@pytest.mark.parametrize("day", ["2022-02-30", "2022", 20221231])
def test_what_is_no_day_is_a_wrong_value(server: Server, day: object) -> None:
    body = {**PORTFOLIO, "as_of": day}
    answer = httpx.post(f"{server.url}/v1/assessments", json=body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/as_of"]
