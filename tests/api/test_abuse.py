"""The service under abuse, in short; `benchmarks.api_abuse` does the same for minutes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from api.examples import PORTFOLIO
from api.keys import add_key
from benchmarks.attacks import Answer, attacked, attacks, case, first_wrong, read_answer, request
from benchmarks.proxy import free_port, in_front, plain
from compensation import decide_claim
from tests.api.conftest import Guarded
from tests.api.server import Server, completed, running
from tests.missing import program

pytestmark = pytest.mark.process

SECONDS = 1
"""After how many seconds nginx and the service give up a client here."""
LATEST = 60
"""Seconds within which whatever is expected has happened, on a busy machine too."""
PLACES = 20
AT_ONCE = 3
"""Requests at a time that nginx takes from an address, where that is asked."""
FEW_FILES = """
import resource
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (100, most))
from api.__main__ import main
main()
"""
"""The service, started where a process may open few files unless it asks for more."""


class Proxied(NamedTuple):
    """A service, and the port of nginx in front of it."""

    server: Server
    port: int
    key: str = ""


@contextmanager
def proxied(
    folder: Path, changes: Mapping[str, str], body_seconds: int = LATEST
) -> Iterator[Proxied]:
    """Start a service with a key and nginx in front of it, as the sample has it but for changes."""
    nginx, port = program("nginx", package="nginx-light"), free_port()
    key = add_key(folder / "keys", "tests")
    with (
        running(
            keys_file=folder / "keys", trusted_proxies="127.0.0.1", body_seconds=body_seconds
        ) as server,
        in_front(nginx, folder, server.url, {**plain(port), **changes}, port),
    ):
        yield Proxied(server, port, key)


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

    for one, status in zip(tried, completed(all_at_once()), strict=True):
        assert one.unanswered if status is None else status in one.statuses, (one.name, status)
    assert len({one.name for one in tried}) == len(tried) > 60
    assert first_wrong(guarded.server.logged()) == ""
    assert guarded.server.client.get("/healthz").status_code == 200


def test_what_is_no_http_is_refused_and_the_connection_closed(guarded: Guarded) -> None:
    async def ask() -> Answer:
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(guarded.server))
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n")
        answer = await read_answer(reader)
        await reader.read()
        writer.close()
        return answer

    answer = completed(ask())
    assert (answer.status, answer.headers["connection"]) == (400, "close")
    assert "server" not in answer.headers


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


def test_nginx_gives_up_slow_clients(tmp_path: Path) -> None:
    changes = {
        "client_header_timeout 20s": f"client_header_timeout {SECONDS}s",
        "send_timeout          60s": f"send_timeout {SECONDS}s",
    }
    body = b" " * 9000
    head = request("/healthz", b"", method="GET").removesuffix(b"\r\n")
    # Answered before its body is there, which then comes, slowly.
    unasked = request("/healthz", body, method="GET").removesuffix(body)
    expected = {"silent": None, "head": None, "body": 408, "unasked body": 200, "not reading": None}
    with proxied(tmp_path, changes, SECONDS) as front:
        openapi = request("/openapi.json", b"", key=front.key, method="GET")
        slow_body = request(body=body, key=front.key).removesuffix(body)

        async def all_at_once() -> tuple[tuple[bytes, float], ...]:
            return await asyncio.gather(
                dripping(front.port, b"", b""),
                dripping(front.port, head, b"X-A: b\r\n"),
                dripping(front.port, slow_body, b" "),
                dripping(front.port, unasked, b" "),
                not_reading(front.port, openapi * 200),
            )

        found = completed(all_at_once())
    for (name, status), (got, took) in zip(expected.items(), found, strict=True):
        assert took < LATEST, name
        assert (int(got.split()[1]) if got else None) == status, name
        assert got.count(b"HTTP/1.1 ") <= 1, name


def test_nginx_tells_those_too_many_to_come_again(tmp_path: Path) -> None:
    changes = {"compensation 50;": f"compensation {AT_ONCE};"}
    with proxied(tmp_path, changes) as front:
        waiting = request(body=b"{}", key=front.key).removesuffix(b"{}")

        async def ask() -> Answer:
            reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
            writer.write(policies(front.key))
            answer = await read_answer(reader)
            writer.close()
            return answer

        async def crowd() -> tuple[Answer, Answer, Answer]:
            first = await ask()
            pairs = [await asyncio.open_connection("127.0.0.1", front.port) for _ in range(AT_ONCE)]
            for _, writer in pairs:
                writer.write(waiting)
            while (refused := await ask()).status == 200:
                await asyncio.sleep(0.05)
            for _, writer in pairs:
                writer.transport.abort()
            while (after := await ask()).status == 503:
                await asyncio.sleep(0.05)
            return first, refused, after

        first, refused, after = completed(asyncio.wait_for(crowd(), LATEST))
    assert (first.status, refused.status, after.status) == (200, 503, 200)
    assert int(refused.headers["retry-after"]) > 0
    assert refused.headers["content-type"] == "application/problem+json"
    assert json.loads(refused.body)["type"].endswith(":busy")


def test_alone_idle_and_slow_clients_keep_nobody_out() -> None:
    with running(("-c", FEW_FILES)) as server:

        async def crowd() -> list[int]:
            port, statuses = port_of(server), []
            begun = b"GET /healthz HTTP/1.1\r\n"
            openapi = request("/openapi.json", b"", method="GET") * 50
            pairs = []
            for sent in [b""] * 200 + [begun] * 100 + [openapi] * 20:
                pairs.append(await asyncio.open_connection("127.0.0.1", port, limit=1000))
                pairs[-1][1].write(sent)
            for _ in range(20):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(policies())
                statuses.append((await asyncio.wait_for(read_answer(reader), LATEST)).status)
                writer.close()
            for _, writer in pairs:
                writer.transport.abort()
            return statuses

        assert set(completed(crowd())) == {200}
        assert server.client.post("/v1/assessments", json=PORTFOLIO).status_code == 200
        assert first_wrong(server.logged()) == ""


def test_each_gets_its_own_answer_and_a_stop_leaves_none_without(tmp_path: Path) -> None:
    """Pipelined or not, in both languages, and with the server told to stop under the load."""
    cases = [case(number) for number in range(60)]
    right = [
        decide_claim("jiyuan-2022", one["institution"], one["claim"]).as_dict(
            "en" if number % 2 else "zh"
        )
        for number, one in enumerate(cases)
    ]
    answered, stopped = [0], [0]

    with proxied(tmp_path, {}) as front:
        sent = [
            request(
                "/v1/compensation",
                json.dumps(one).encode(),
                f"Accept-Language: {'en' if number % 2 else 'zh'}",
                key=front.key,
            )
            for number, one in enumerate(cases)
        ]

        async def ask(place: int) -> None:
            """Ask three at a time, then one at a time until nginx says that the service stops."""
            reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
            numbers = [(place * 7 + step) % len(cases) for step in range(3)]
            writer.write(b"".join(sent[number] for number in numbers))
            for number in numbers:
                assert json.loads((await read_answer(reader)).body) == right[number]
            for step in range(10_000):
                number = (place * 11 + step) % len(cases)
                writer.write(sent[number])
                answer = await read_answer(reader)  # fails where there is none
                if answer.status == 503:
                    assert int(answer.headers["retry-after"]) > 0
                    stopped[0] += 1
                    break
                assert json.loads(answer.body) == right[number]
                answered[0] += 1
            writer.close()

        async def load() -> None:
            asking = [asyncio.create_task(ask(place)) for place in range(PLACES)]
            while answered[0] < 5 * PLACES:
                await asyncio.sleep(0.01)
            front.server.process.send_signal(signal.SIGTERM)
            await asyncio.gather(*asking)

        completed(load())
        assert front.server.process.wait(LATEST) == -signal.SIGTERM
        assert first_wrong(front.server.logged()) == ""
    assert stopped[0] == PLACES
