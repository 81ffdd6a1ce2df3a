"""While any one request is read and computed, the service answers others: /healthz in 100 ms.

A busy machine delays every answer, so the wait is counted in processor time: what the serving
process uses between a request for /healthz and its answer is what the request waited for.
"""

from __future__ import annotations

import io
import json
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import httpx
import pytest

from api.bodies import LONGEST_NAME, MOST_MEMBERS
from api.examples import AMOUNTS, CLAIM, PORTFOLIO
from api.problems import MOST_LISTED
from api.routes.recoveries import MOST_RECOVERIES
from api.settings import MIB
from tests.api.server import Server

pytestmark = pytest.mark.process

AIM_SECONDS = 0.1
ASKED_EVERY = 0.005
OTHERS = 10
"""How many are answered while each request is repeated."""
LARGEST_ANSWER = 8 * MIB
RETURNS, CLAIM_CALL, ASSESS = "/v1/recoveries/returns", "/v1/compensation", "/v1/assessments"
JSON = {"Content-Type": "application/json"}


class Heavy(NamedTuple):
    name: str
    call: str
    content: bytes
    statuses: frozenset[int]
    headers: dict[str, str] = JSON


def recoveries(count: int, parties: int) -> dict[str, Any]:
    others = [f"party_{number}_of_a_long_name" for number in range(parties - 1)]
    share = f"{1 / parties:.2f}"
    row = {"recovery_date": "2023-03-01", "proceeds": "100.00", "cost": "1.00"}
    return {
        "payout": "1020000.00",
        "compensation": "1.00",
        "shares": dict.fromkeys(["institution", *others], share),
        "recoveries": [{"recovery_id": f"R{number}", **row} for number in range(count)],
    }


def dumped(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def claim(**members: object) -> bytes:
    return dumped({"institution": AMOUNTS, "claim": {**CLAIM, **members}})


def columns(count: int) -> bytes:
    contract = {**PORTFOLIO["contracts"][0], **{f"column {n}": n for n in range(count)}}
    return dumped({**PORTFOLIO, "contracts": [contract]})


def columns_by_row(count: int) -> bytes:
    rows = [{**PORTFOLIO["contracts"][0], f"column {n}": n} for n in range(count)]
    return dumped({**PORTFOLIO, "contracts": rows})


def uploaded(cell: str) -> tuple[bytes, dict[str, str]]:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "claims.csv",
            "claim_id,contract_id,payout_date,principal,interest\n"
            f"DC-1,DB-1,{cell},{cell},{cell}\n",
        )
    data = {"policy": "jiyuan-2022", "year": "2022"}
    made = httpx.Request("POST", "http://localhost", data=data, files={"file": packed.getvalue()})
    return made.read(), {"Content-Type": made.headers["content-type"]}


def heavy_requests() -> Iterator[Heavy]:
    def refused(name: str, call: str, content: bytes, status: int) -> Heavy:
        return Heavy(name, call, content, frozenset({status}))

    case = recoveries(1, 1)
    separated = "1" * 40_000 + "x"
    for field in ("payout", "compensation"):
        content = dumped({**case, field: separated})
        yield refused(f"a text that is no number, {field}", RETURNS, content, 422)
    for name in ("interest", "payout_date", "borrower_type", "finance_review", "policy_region"):
        yield refused(
            f"a text that is no value, {name}", CLAIM_CALL, claim(**{name: separated}), 422
        )
    rows = b"{}," * 340_000
    yield refused("rows without members", RETURNS, b'{"recoveries":[' + rows[:-1] + b"]}", 413)
    many = dumped({**case, "recoveries": [{}] * 2_400})
    yield refused("rows within the parts", RETURNS, many, 422)
    names = {f"member {n}": 1 for n in range(80_000)}
    yield refused("unknown members", RETURNS, dumped({**case, **names})[:MIB], 413)
    few = dict.fromkeys((f"member {n}" for n in range(MOST_MEMBERS - 50)), 1)
    yield refused("unknown members within the bound", RETURNS, dumped({**case, **few}), 422)
    yield refused("unknown members of a claim", CLAIM_CALL, claim(**few), 422)
    long = {("x" * (LONGEST_NAME - 4) + f"{n:04}"): "x" * 200 for n in range(MOST_MEMBERS - 50)}
    yield refused("long unknown members of a claim", CLAIM_CALL, claim(**long), 422)
    yield refused("one long name", RETURNS, dumped({**case, "x" * (MIB - 1000): 1}), 413)
    yield refused("numbers", RETURNS, b"[" + b"1," * 500_000 + b"1]", 413)
    yield refused("one long text", RETURNS, dumped({**case, "policy": "x" * (MIB - 1000)}), 422)
    yield refused("escapes", RETURNS, b'{"policy":"' + rb"\\" * 500_000 + b'"}', 422)
    yield refused(
        "half characters", RETURNS, b'{"policy":"' + rb"\ud83d\ude00" * 87_000 + b'"}', 422
    )
    yield refused("a long number", RETURNS, b'{"payout":' + b"1" * (MIB - 100) + b"}", 422)
    yield refused("depth", RETURNS, b"[" * 4_900, 400)
    full = recoveries(MOST_RECOVERIES, 20)
    yield Heavy("as many recoveries as there may be", RETURNS, dumped(full), frozenset({200}))
    over = recoveries(MOST_RECOVERIES + 1, 20)
    yield refused("one recovery more", RETURNS, dumped(over), 422)
    yield refused("a thousand recoveries", RETURNS, dumped(recoveries(1000, 20)), 413)
    yield refused("columns in a row", ASSESS, columns(20_000), 413)
    yield refused("columns in many rows", ASSESS, columns_by_row(20_000), 413)
    content, headers = uploaded('"' + separated + '"')
    yield Heavy("a cell of a zip", ASSESS, content, frozenset({422}), headers)


HEAVY = list(heavy_requests())


class Waits:
    """Asks /healthz again and again; keeps the processor time that the server used meanwhile."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._ready, self._over = threading.Event(), threading.Event()
        self._thread = ThreadPoolExecutor(1)
        self.seconds: list[float] = []

    def _ask(self) -> None:
        with httpx.Client(base_url=self._server.url, timeout=60) as client:
            client.get("/healthz")
            self._ready.set()
            while not self._over.is_set():
                began = self._server.processor_seconds()
                assert client.get("/healthz").status_code == 200
                self.seconds.append(self._server.processor_seconds() - began)
                time.sleep(ASKED_EVERY)

    def __enter__(self) -> Waits:
        self._asking = self._thread.submit(self._ask)
        assert self._ready.wait(60)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._asking.result()
        self._thread.shutdown()


@pytest.mark.parametrize("heavy", HEAVY, ids=lambda heavy: heavy.name)
def test_others_are_answered_meanwhile(server: Server, heavy: Heavy) -> None:
    with Waits(server) as waits:
        enough = len(waits.seconds) + OTHERS
        while len(waits.seconds) < enough:
            answer = server.client.post(heavy.call, content=heavy.content, headers=heavy.headers)
    assert answer.status_code in heavy.statuses, answer.text[:500]
    assert len(answer.content) < LARGEST_ANSWER
    assert max(waits.seconds) < AIM_SECONDS


def test_no_more_faults_are_listed_than_the_bound_and_all_are_counted(server: Server) -> None:
    heavy = dumped({**recoveries(1, 1), "recoveries": [{}] * MOST_RECOVERIES})
    answer = server.client.post(RETURNS, content=heavy, headers=JSON).json()
    assert len(answer["errors"]) == 3 * MOST_RECOVERIES  # id, date and proceeds are missing
    rows = [{f"member {n}": 1 for n in range(40)}] * 100
    heavy = dumped({**recoveries(1, 1), "recoveries": rows})
    answer = server.client.post(
        RETURNS, content=heavy, headers={**JSON, "Accept-Language": "en"}
    ).json()
    assert len(answer["errors"]) == MOST_LISTED
    assert answer["detail"] == f"{100 * 43} values are wrong; {MOST_LISTED} are listed"


@pytest.mark.parametrize("heavy", HEAVY, ids=lambda heavy: heavy.name)
def test_no_fault_shows_more_than_the_beginning_of_a_value(server: Server, heavy: Heavy) -> None:
    answer = server.client.post(heavy.call, content=heavy.content, headers=heavy.headers)
    for error in answer.json().get("errors", ()):
        assert len(error["value"] or "") <= 201
