"""The service under abuse, in short; `benchmarks.api_abuse` does the same for minutes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.keys import add_key
from benchmarks.attacks import Answer, attacked, attacks, case, first_wrong, read_answer, request
from compensation import decide_claim
from tests.api.conftest import Guarded
from tests.api.server import Server, running

SECONDS = 1
"""After how many seconds the server gives up a client here."""
LATEST = 60
"""Seconds within which whatever is expected has happened, on a busy machine too."""
PLACES = 20


@pytest.fixture(scope="module")
def besieged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    path: Path = tmp_path_factory.mktemp("keys") / "keys"
    key = add_key(path, "tests")
    with running(
        keys_file=path, head_seconds=SECONDS, body_seconds=SECONDS, send_seconds=SECONDS
    ) as started:
        yield Guarded(started, key)


def port_of(server: Server) -> int:
    return int(server.url.rpartition(":")[2])


def policies(key: str = "") -> bytes:
    return request("/v1/policies", b"", key=key, method="GET")


def test_no_attack_ends_in_a_server_error(guarded: Guarded) -> None:
    tried = list(attacks(guarded.key))

    async def all_at_once() -> list[int | None]:
        port = port_of(guarded.server)
        return await asyncio.gather(
            *(attacked(port, one, 1 if one.unanswered else LATEST) for one in tried)
        )

    for one, status in zip(tried, asyncio.run(all_at_once()), strict=True):
        assert one.unanswered if status is None else status in one.statuses, (one.name, status)
    assert len({one.name for one in tried}) == len(tried) > 60
    assert first_wrong(guarded.server.logged()) == ""
    assert guarded.server.client.get("/healthz").status_code == 200


def test_what_is_no_http_is_answered_with_a_problem(guarded: Guarded) -> None:
    async def ask() -> Answer:
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(guarded.server))
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n")
        answer = await read_answer(reader)
        assert await reader.read() == b""
        writer.close()
        return answer

    answer = asyncio.run(ask())
    assert (answer.status, answer.headers["connection"]) == (400, "close")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    said = json.loads(answer.body)
    assert said["status"] == 400
    assert said["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"


async def dripping(port: int, begin: bytes, piece: bytes) -> tuple[bytes, float]:
    """Send the beginning and then a piece now and then; what comes back, and after how long."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(begin)
    began, got = time.monotonic(), b""
    while time.monotonic() < began + LATEST:
        try:
            async with asyncio.timeout(0.2):
                more = await reader.read(2**16)
        except TimeoutError:
            writer.write(piece)
        except ConnectionError:
            break
        else:
            got += more
            if not more:
                break
    writer.transport.abort()
    return got, time.monotonic() - began


async def not_reading(port: int, asked: bytes) -> tuple[bytes, float]:
    """Ask again and again and never read an answer."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    began = time.monotonic()
    with contextlib.suppress(ConnectionError, TimeoutError):
        async with asyncio.timeout(LATEST):
            while True:
                writer.write(asked)
                await writer.drain()
                await asyncio.sleep(0.1)
    writer.transport.abort()
    return b"", time.monotonic() - began


def test_slow_clients_are_given_up(besieged: Guarded) -> None:
    port, key = port_of(besieged.server), besieged.key
    body = b" " * 9000
    openapi = request("/openapi.json", b"", key=key, method="GET")
    head = request("/healthz", b"", method="GET").removesuffix(b"\r\n")
    slow_body = request(body=body, key=key).removesuffix(body)
    # Answered before its body is there, which then comes, slowly.
    unasked = request("/healthz", body, method="GET").removesuffix(body)
    expected = {"silent": None, "head": 408, "body": 408, "unasked body": 200, "not reading": None}

    async def all_at_once() -> tuple[tuple[bytes, float], ...]:
        return await asyncio.gather(
            dripping(port, b"", b""),
            dripping(port, head, b"X-A: b\r\n"),
            dripping(port, slow_body, b" "),
            dripping(port, unasked, b" "),
            not_reading(port, openapi * 200),
        )

    for (name, status), (got, took) in zip(
        expected.items(), asyncio.run(all_at_once()), strict=True
    ):
        assert took < LATEST, name
        assert (int(got.split()[1]) if got else None) == status, name
        assert got.count(b"HTTP/1.1 ") <= 1, name


def test_connections_too_many_are_told_to_come_again() -> None:
    with running(max_connections=3, head_seconds=LATEST) as server:

        async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Answer:
            writer.write(policies())
            return await read_answer(reader)

        async def crowd() -> tuple[Answer, Answer, bytes]:
            server.client.close()
            pairs = [await asyncio.open_connection("127.0.0.1", port_of(server)) for _ in range(6)]
            # Whether the one before has gone is seen by asking until all have been counted.
            answers = [await ask(*pair) for pair in pairs]
            gone = await pairs[-1][0].read()
            for _, writer in pairs:
                writer.transport.abort()
            await asyncio.sleep(0.2)
            again = await asyncio.open_connection("127.0.0.1", port_of(server))
            last = await ask(*again)
            again[1].close()
            assert [answer.status for answer in answers[:2]] == [200, 200]
            return answers[-1], last, gone

        refused, after, gone = asyncio.run(crowd())
    assert refused.status == 503
    assert int(refused.headers["retry-after"]) > 0
    assert json.loads(refused.body)["type"].endswith(":busy")
    assert gone == b""
    assert after.status == 200


def test_each_gets_its_own_answer_and_a_stop_loses_none() -> None:
    """Pipelined or not, in both languages, and with the server told to stop under the load."""
    cases = [case(number) for number in range(60)]
    right = [
        decide_claim("jiyuan-2022", one["institution"], one["claim"]).as_dict(
            "en" if number % 2 else "zh"
        )
        for number, one in enumerate(cases)
    ]
    sent = [
        request(
            "/v1/compensation",
            json.dumps(one).encode(),
            f"Accept-Language: {'en' if number % 2 else 'zh'}",
        )
        for number, one in enumerate(cases)
    ]
    last: list[Answer] = []
    answered = [0]

    async def ask(port: int, place: int) -> None:
        """Ask three at a time, then one at a time until the server closes the connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        numbers = [(place * 7 + step) % len(cases) for step in range(3)]
        writer.write(b"".join(sent[number] for number in numbers))
        for number in numbers:
            assert json.loads((await read_answer(reader)).body) == right[number]
        for step in range(10_000):
            number = (place * 11 + step) % len(cases)
            writer.write(sent[number])
            answer = await read_answer(reader)  # fails where the request is lost
            assert json.loads(answer.body) == right[number]
            answered[0] += 1
            if answer.headers.get("connection") == "close":
                last.append(answer)
                writer.close()
                return

    with running() as server:
        server.client.close()

        async def load() -> None:
            asking = [asyncio.create_task(ask(port_of(server), n)) for n in range(PLACES)]
            while answered[0] < 5 * PLACES:
                await asyncio.sleep(0.01)
            server.process.send_signal(signal.SIGTERM)
            await asyncio.gather(*asking)

        asyncio.run(load())
        assert server.process.wait(LATEST) == -signal.SIGTERM
        assert first_wrong(server.logged()) == ""
    assert len(last) == PLACES
