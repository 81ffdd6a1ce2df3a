"""Every error over a real socket: a problem, in the language asked for, and nothing else."""

from __future__ import annotations

import io
import json
import os
import signal
import threading
import time
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import TypeAdapter, ValidationError

from api import cases
from api.examples import PORTFOLIO
from api.problems import TITLES, TYPE_PREFIX
from api.routes.institution import InstitutionAnswer
from tests.api.conftest import Guarded
from tests.api.large import large_body
from tests.api.server import Server, running, until
from tests.api.test_marked_copy import CALL as MARKED
from tests.api.test_marked_copy import book_of, sent
from tests.page import ledgers
from tests.report.test_marked_copy import red

pytestmark = pytest.mark.process

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def tight() -> Iterator[Server]:
    """A server that allows little of everything."""
    with running(
        max_body_bytes=2000,
        max_upload_bytes=40_000_000,
        max_unpacked_bytes=200_000,
        max_rows=80_000,
        max_faults=5,
    ) as started:
        yield started


@pytest.fixture
def hurried() -> Iterator[Server]:
    """A server that computes for a second at most, and for one caller at a time."""
    with running(assessment_seconds=1, assessment_workers=1, assessment_queue=0) as started:
        yield started


def check(answer: httpx.Response, name: str) -> dict[str, Any]:
    """That an answer is this problem and well formed; return its document."""
    status, title = TITLES[name]
    said: dict[str, Any] = answer.json()
    assert answer.status_code == status == said["status"], said
    assert answer.headers["content-type"] == "application/problem+json"
    assert said["type"] == TYPE_PREFIX + name
    language = answer.headers["content-language"]
    assert said["title"] == (title.zh if language == "zh" else title.en)
    assert said["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"
    for leak in ("Traceback", "<html", ".py", "/tmp"):
        assert leak not in answer.text
    return said


@pytest.mark.parametrize(
    ("header", "language"), [(None, "zh"), ("en", "en"), ("fr,zh;q=0.1", "zh")]
)
@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/nothing", "not-found"),
        ("GET", "/v1/policies/none", "not-found"),
        ("DELETE", "/v1/policies", "method-not-allowed"),
        ("GET", "/v1/assessments", "method-not-allowed"),
        ("POST", "/page/icon.svg", "method-not-allowed"),
        ("PUT", "/", "method-not-allowed"),
        ("POST", "/v1/assessments", "unsupported-type"),
        ("GET", "/v1/template.xlsx?policy=none", "wrong-values"),
    ],
)
def test_errors_of_any_call(
    api: httpx.Client, method: str, path: str, name: str, header: str | None, language: str
) -> None:
    headers = {} if header is None else {"Accept-Language": header}
    answer = api.request(method, path, headers=headers)
    check(answer, name)
    assert answer.headers["content-language"] == language
    if name == "method-not-allowed":
        assert answer.headers["allow"] == ("POST" if path == "/v1/assessments" else "GET, HEAD")


@pytest.mark.parametrize("content", [b"{", b"", b'{"year": 1, "year": 2}', b"\xff", b"[" * 10**5])
def test_a_body_that_is_no_json(api: httpx.Client, content: bytes) -> None:
    check(api.post("/v1/assessments", content=content, headers=JSON), "malformed")


@pytest.mark.parametrize("content", [b"[]", b"1", b"null", b'"text"', b"NaN"])
def test_a_body_that_is_no_object(api: httpx.Client, content: bytes) -> None:
    said = check(api.post("/v1/assessments", content=content, headers=JSON), "wrong-values")
    assert [(e["kind"], e["pointer"]) for e in said["errors"]] == [("not_an_object", "")]


def test_all_wrong_values_are_listed_with_their_places(api: httpx.Client) -> None:
    body = json.loads(json.dumps(PORTFOLIO))
    body["contracts"][0]["guaranteed_amount"] = "0.005"
    body["contracts"][1]["担保金额"] = None
    del body["contracts"][1]["guaranteed_amount"]
    body["claims"][0]["payout_date"] = "2022-02-30"
    body["claims"][0]["interest"] = [1]
    body["policy"] = "none"
    answer = api.post("/v1/assessments", json=body, headers={"Accept-Language": "en"})
    said = check(answer, "wrong-values")
    places = {(error["kind"], error["pointer"]) for error in said["errors"]}
    assert ("unknown_policy", "/policy") in places
    assert ("nested_cell", "/claims/0/interest") in places
    assert ("no_such_date", "/claims/0/payout_date") in places
    (amount,) = [e for e in said["errors"] if e["pointer"] == "/contracts"]
    assert amount["kind"] == "duplicate_column"  # in both languages
    assert said["detail"] == f"{len(said['errors'])} values are wrong"


def test_values_beside_the_tables(api: httpx.Client) -> None:
    content = (
        b'{"year": 2022.5, "budget": 1e400, "policy": 1, "claims": {}, "contracts": [1], "x": 1}'
    )
    said = check(api.post("/v1/assessments", content=content, headers=JSON), "wrong-values")
    found = {(e["pointer"], e["kind"], e["value"]) for e in said["errors"]}
    assert found == {
        ("/year", "too_many_decimals", "2022.5"),
        ("/budget", "not_finite", "1e400"),
        ("/policy", "not_text", "1"),
        ("/claims", "not_a_list", "{}"),
        ("/contracts/0", "not_an_object", "1"),
        ("/institutions", "missing", None),
        ("/x", "unknown_member", "1"),
    }


def test_values_beside_the_tables_hide_no_fault_of_a_table(api: httpx.Client) -> None:
    body = json.loads(json.dumps(PORTFOLIO))
    body |= {"year": "x", "policy": "none", "budget": -1, "explain": "all"}
    body["claims"][0]["payout_date"] = "2022-02-30"
    said = check(api.post("/v1/assessments", json=body), "wrong-values")
    assert {(e["pointer"], e["kind"]) for e in said["errors"]} == {
        ("/year", "not_a_number"),
        ("/policy", "unknown_policy"),
        ("/budget", "negative"),
        ("/explain", "unknown_choice"),
        ("/claims/0/payout_date", "no_such_date"),
    }
    # What only the policy and the year make wrong is told with the rest.
    body |= {"year": 1999, "policy": "luoyang-2025", "budget": None, "explain": None}
    said = check(api.post("/v1/assessments", json=body), "wrong-values")
    kinds = {e["kind"] for e in said["errors"]}
    assert {"no_such_date", "year_not_covered", "missing_policy_column"} <= kinds


def test_fields_of_a_form_hide_no_fault_of_its_file(api: httpx.Client) -> None:
    fields = {"year": "x", "policy": "none", "lang": "en"}
    files = {"file": ("a.zip", zipped(claims_csv=b"claim_id\n"))}
    answer = api.post("/v1/assessments", data=fields, files=files)
    said = check(answer, "wrong-values")
    assert answer.headers["content-language"] == "en"
    found = {(e.get("parameter"), e["kind"]) for e in said["errors"]}
    assert {("year", "not_a_number"), ("policy", "unknown_policy")} <= found
    assert "missing_table" in {kind for _, kind in found}


def test_fields_of_a_form(api: httpx.Client) -> None:
    answer = api.post(
        "/v1/assessments", data={"year": "2O22", "budget": "-1", "lang": "fr"}, files={"f": b""}
    )
    said = check(answer, "wrong-values")
    assert [(e["parameter"], e["kind"]) for e in said["errors"]] == [
        ("file", "missing"),
        ("policy", "missing"),
        ("year", "not_a_number"),
        ("budget", "negative"),
        ("lang", "unknown_choice"),
        ("f", "unknown_member"),
    ]


def part(header: str, content: bytes = b"") -> bytes:
    return b"--x\r\n" + header.encode() + b"\r\n\r\n" + content + b"\r\n"


FIELD, FILE = "Content-Disposition: form-data; name=f", "Content-Disposition: form-data; filename=f"
WITH_BOUNDARY = "multipart/form-data; boundary=x"


@pytest.mark.parametrize(
    ("content", "kind", "zh", "en"),
    [
        (b"rubbish", WITH_BOUNDARY, "没有按 boundary 分成各部分", "not divided into parts"),
        (part("Content-Disposition"), WITH_BOUNDARY, "没有按 boundary", "not divided into parts"),
        (part(FIELD), "multipart/form-data", "没有写 boundary", "names no boundary"),
        (part("A: b"), WITH_BOUNDARY, "有一部分没有名称", "a part has no name"),
        (3 * part(f"{FILE}; name=f"), WITH_BOUNDARY, "文件过多", "too many files"),
        (41 * part(FIELD), WITH_BOUNDARY, "字段超过 40 个", "more than 40 fields"),
        (part(FIELD, 70_000 * b"a"), WITH_BOUNDARY, "字段超过 65536 字节", "larger than 65536"),
    ],
)
def test_forms_that_cannot_be_read(
    api: httpx.Client, content: bytes, kind: str, zh: str, en: str
) -> None:
    for language, reason, expected in (
        ("zh", zh, "一个名为 file 的文件，以及字段 policy、year、budget"),
        ("en", en, "one file called file, and the fields policy, year, budget"),
    ):
        headers = {"Content-Type": kind, "Accept-Language": language}
        said = check(api.post("/v1/assessments", content=content, headers=headers), "malformed")
        assert reason in said["detail"]
        assert expected in said["detail"]


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0", "application/pdf, text/*"])
def test_no_form_that_is_wanted(api: httpx.Client, accept: str) -> None:
    headers = {"Accept": accept}
    check(api.post("/v1/assessments", json=PORTFOLIO, headers=headers), "not-acceptable")
    check(api.get("/v1/template.xlsx", headers=headers), "not-acceptable")


def test_a_host_that_is_not_ours(api: httpx.Client) -> None:
    check(api.get("/v1/policies", headers={"Host": "evil.example"}), "misdirected")
    check(api.get("/healthz", headers={"Host": "evil.example:80"}), "misdirected")
    assert api.get("/healthz", headers={"Host": "LOCALHOST:1"}).status_code == 200


def test_no_key_or_a_wrong_one(guarded: Guarded) -> None:
    client = guarded.server.client
    for header in (
        None,
        "Bearer",
        "Bearer wrong",
        f"Basic {guarded.key}",
        guarded.key,
        "Bearer é",
    ):
        headers = {} if header is None else {b"Authorization": header.encode()}
        for path in ("/v1/policies", "/v1/nothing", "/metrics"):
            answer = client.get(path, headers=headers)
            check(answer, "key-needed")
            assert answer.headers["www-authenticate"] == "Bearer"
    assert client.get("/v1/policies", headers=guarded.headers).status_code == 200
    assert client.get("/metrics", headers=guarded.headers).status_code == 200
    until(lambda: client.get("/readyz").status_code == 200)
    for path in ("/healthz", "/docs", "/openapi.json", "/"):
        assert client.get(path).status_code == 200


def test_bodies_that_are_too_large(tight: Server) -> None:
    client = tight.client
    content = b" " * 40_000_001
    check(client.post("/v1/assessments", content=content, headers=JSON), "too-large")


def test_a_body_that_grows_too_large_without_saying_so(tight: Server) -> None:
    pieces = (b" " * 1_000_000 for _ in range(45))
    try:
        answer = tight.client.post("/v1/assessments", content=pieces, headers=JSON)
    except httpx.WriteError:  # the server has closed before we were through
        return
    check(answer, "too-large")


def test_too_many_rows(tight: Server) -> None:
    content = json.dumps({**PORTFOLIO, "recoveries": [{}] * 80_001}).encode()
    answer = tight.client.post("/v1/assessments", content=content, headers=JSON)
    assert "80001" in check(answer, "too-large")["detail"]


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return buffer.getvalue()


def upload(client: httpx.Client, content: bytes, name: str = "a.zip") -> httpx.Response:
    return client.post(
        "/v1/assessments",
        files={"file": (name, content)},
        data={"policy": "jiyuan-2022", "year": "2022"},
    )


def test_a_zip_bomb(tight: Server) -> None:
    check(upload(tight.client, zipped(claims_csv=b" " * 300_000)), "too-large")


def test_a_zip_bomb_that_lies_about_its_size(tight: Server) -> None:
    content = zipped(claims_csv=b" " * 300_000)
    size = (300_000).to_bytes(4, "little")
    assert content.count(size) == 2
    check(upload(tight.client, content.replace(size, (10).to_bytes(4, "little"))), "wrong-values")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"text", zipped(readme_txt=b"")])
def test_files_that_are_no_input(api: httpx.Client, content: bytes) -> None:
    said = check(upload(api, content), "wrong-values")
    assert {error["kind"] for error in said["errors"]} <= {"not_an_input", "missing_table"}


def test_as_many_faults_as_are_allowed(tight: Server) -> None:
    body = {**PORTFOLIO, "contracts": [{**PORTFOLIO["contracts"][0], "start_date": "?"}] * 9}
    said = check(tight.client.post("/v1/assessments", json=body), "wrong-values")
    assert len(said["errors"]) == 5
    total = int(said["detail"].split()[0])
    assert total > 5
    assert "5" in said["detail"].split("列出")[1]


def test_faults_are_listed_in_the_order_of_rows_as_far_as_is_allowed(tight: Server) -> None:
    """The first ones in that order, whatever their kinds, and how many there are.

    Marked in a copy as well.
    """
    more = "".join(f"C{row},K9,2022-06-30,x\n" for row in range(3, 9))
    content = ledgers.zipped("2022-02-30", "x", more=more)["buffer"]
    said = check(upload(tight.client, content), "wrong-values")
    assert [(each["row"], each["column"]) for each in said["errors"]] == [
        (2, "payout_date"),
        (2, "principal"),
        (3, "contract_id"),
        (3, "principal"),
        (4, "contract_id"),
    ]
    assert "14" in said["detail"]
    book = book_of(tight.client.post(MARKED, **sent("a.zip", content)))
    assert len(red(book["代偿"])) == 5
    assert "共 14 处错误，列出 5 处" in str(book.worksheets[0]["A2"].value)


def test_computing_that_takes_too_long_and_a_service_that_is_busy(hurried: Server) -> None:
    answers: list[httpx.Response] = []
    content = large_body(79_000)

    def ask() -> None:
        answers.append(
            httpx.post(f"{hurried.url}/v1/assessments", content=content, headers=JSON, timeout=60)
        )

    for _ in range(5):  # on a busy machine the second request may come when the first is given up
        asking = threading.Thread(target=ask)
        asking.start()
        until(hurried.computing)
        busy = hurried.client.post("/v1/assessments", json=PORTFOLIO)
        asking.join()
        if busy.json().get("type") == TYPE_PREFIX + "busy":
            break
    check(busy, "busy")
    assert busy.headers["retry-after"] == "5"
    # One that asked before the process of the last was gone was told so, too.
    late = [each for each in answers if each.json().get("type") != TYPE_PREFIX + "busy"]
    assert late
    for answer in late:
        check(answer, "took-too-long")
    assert not hurried.computing()
    assert not hurried.scratch()


def kill_one(server: Server, number: int) -> httpx.Response:
    """The answer of an assessment whose process gets a signal."""
    answers: list[httpx.Response] = []
    content = large_body(60_000)

    def ask() -> None:
        answers.append(
            httpx.post(f"{server.url}/v1/assessments", content=content, headers=JSON, timeout=60)
        )

    for _ in range(5):  # on a busy machine the assessment may be over when the signal is sent
        asking = threading.Thread(target=ask)
        asking.start()
        until(server.computing)
        time.sleep(0.05)
        for pid in server.computing():
            os.kill(pid, number)
        asking.join()
        if answers[-1].status_code != 200:
            break
    return answers[-1]


def test_a_process_that_dies_is_a_defect(server: Server) -> None:
    check(kill_one(server, signal.SIGSEGV), "defect")
    assert not server.scratch()


def test_a_process_that_the_system_kills_took_too_much_memory(server: Server) -> None:
    check(kill_one(server, signal.SIGKILL), "too-large")
    assert not server.scratch()


FAILING = """
import sys, api.__main__
from api.routes import health

@health.router.get("/v1/fail")
async def fail() -> None:
    raise RuntimeError("张三")

api.__main__.main([])
"""


@pytest.fixture(scope="module")
def limited() -> Iterator[Server]:
    """A server with a call that fails, that allows few calls, and little memory."""
    with running(
        ["-c", FAILING], rate_limit="3/minute", assessment_memory_bytes=512 * 2**20
    ) as started:
        yield started


def test_an_assessment_that_takes_too_much_memory(limited: Server) -> None:
    answer = limited.client.post("/v1/assessments", content=large_body(60_000), headers=JSON)
    assert "内存" in check(answer, "too-large")["detail"]


def test_a_defect_of_ours_says_nothing_of_itself(limited: Server) -> None:
    answer = limited.client.get("/v1/fail")
    check(answer, "defect")
    assert answer.headers["x-content-type-options"] == "nosniff"
    until(lambda: '"/v1/fail"' in limited.logged())
    logged = [json.loads(line) for line in limited.logged().splitlines()]
    (defect,) = [line for line in logged if line["event"] == "defect"]
    assert defect["request_id"] == answer.headers["x-request-id"]
    assert defect["exception"][-1] == "RuntimeError"
    assert "张三" not in limited.logged()


def test_too_many_calls_whatever_address_they_say_they_come_from(limited: Server) -> None:
    """No proxy is trusted here, so a forwarded address is not believed."""
    for number in range(4):
        headers = {"X-Forwarded-For": f"10.0.0.{number}"}
        answer = limited.client.get("/v1/policies", headers=headers)
    check(answer, "too-many-requests")
    assert 1 <= int(answer.headers["retry-after"]) <= 60


def test_an_answer_that_does_not_fit_its_model_is_no_fault_of_the_body() -> None:
    """It is an internal error, which no list of wrong values must hide."""
    with pytest.raises(ValidationError):
        cases.answer(TypeAdapter(dict), {}, lambda _: InstitutionAnswer.model_validate({}))
