"""Requests that try the service: wrong lengths, wrong keys, odd paths, and what is no HTTP at all.

Each is a few bytes for one connection, with the statuses that may come back. No attack may end in a
5xx; one that is no HTTP may be answered with 400 or find its connection closed.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from benchmarks.one_case import CLAIM, RATIOS

CALL = "/v1/compensation"
CASE: dict[str, Any] = {"policy": "jiyuan-2022", "institution": RATIOS, "claim": CLAIM}
"""The contract's own example."""
BAD = frozenset({400})


class Attack(NamedTuple):
    """What is sent on a connection of its own, and the statuses that may come first.

    `unanswered`: whether the connection may also be closed, or wait, without an answer.
    """

    name: str
    request: bytes
    statuses: frozenset[int]
    unanswered: bool = False


class Answer(NamedTuple):
    """One answer: status, headers by their names in small letters, body."""

    status: int
    headers: dict[str, str]
    body: bytes


def request(
    target: str = CALL,
    body: bytes = b"{}",
    *lines: str,
    key: str = "",
    method: str = "POST",
) -> bytes:
    """Return a request; ``lines``: more header lines. One of them may tell the length."""
    head = [f"{method} {target} HTTP/1.1", "Host: localhost", "Content-Type: application/json"]
    head += [f"Authorization: Bearer {key}"] if key else []
    head += lines
    told = ("content-length", "transfer-encoding")
    if not any(line.lower().startswith(told) for line in lines):
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, "", ""]).encode("utf-8", "surrogateescape") + body


def case(number: int) -> dict[str, Any]:
    """Return a claim unlike that of any other number, up to a million."""
    claim = CASE["claim"] | {
        "principal": f"{1_000_000 + number}.{number % 100:02d}",
        "borrower_exposure": f"{3_000_000 + number}.00",
    }
    share = f"0.9{number % 10_000:04d}"
    return CASE | {"institution": CASE["institution"] | {"small_agri_share": share}, "claim": claim}


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    """Read one answer with a length; raises `asyncio.IncompleteReadError` where none comes."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status = int(head.split(maxsplit=2)[1])
    headers = {
        name.lower(): value.strip()
        for name, _, value in (line.partition(":") for line in head.split("\r\n")[1:] if line)
    }
    if status == 100:
        return await read_answer(reader)
    return Answer(status, headers, await reader.readexactly(int(headers.get("content-length", 0))))


async def attacked(port: int, attack: Attack, seconds: float) -> int | None:
    """Send an attack and return the status that comes back; None where none does."""
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(attack.request)
                return (await read_answer(reader)).status
            finally:
                writer.transport.abort()
    except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return None


def attacks(key: str) -> Iterator[Attack]:
    """Yield every attack on a service that takes this key."""
    good = json.dumps(CASE).encode()
    yield from _lengths(key, good)
    yield from _keys(key, good)
    yield from _paths(key)
    yield from _no_http()


def _lengths(key: str, good: bytes) -> Iterator[Attack]:
    chunked = "Transfer-Encoding: chunked"
    for name, length in (
        ("negative", "-1"),
        ("not a number", "ten"),
        ("empty", ""),
        ("signed", "+10"),
        ("enormous", "9" * 30),
        ("two that differ", "5, 6"),
    ):
        wrong = request(CALL, good, f"Content-Length: {length}", key=key)
        yield Attack(f"length {name}", wrong, BAD | {413})
    twice = request(CALL, good, "Content-Length: 5", "Content-Length: 6", key=key)
    yield Attack("two lengths", twice, BAD)
    short = request(CALL, good, f"Content-Length: {len(good) - 5}", key=key)
    yield Attack("length too short", short, BAD)
    long = request(CALL, good, f"Content-Length: {len(good) + 5}", key=key)
    yield Attack("length too long", long, frozenset({408}), unanswered=True)
    huge = request(CALL, b"", "Content-Length: 99999999999", key=key)
    yield Attack("a huge body announced", huge, frozenset({413}))
    yield Attack("a huge body", request(CALL, b" " * 2**22, key=key), frozenset({413}))
    piece = b"100000\r\n" + b" " * 2**20 + b"\r\n"
    yield Attack("huge in chunks", request(CALL, piece * 4, chunked, key=key), frozenset({413}))
    both = request(CALL, b"0\r\n\r\n", chunked, "Content-Length: 5", key=key)
    yield Attack("a length and chunks", both, BAD)
    for name, body in (
        ("not a number", b"xyz\r\n{}\r\n0\r\n\r\n"),
        ("negative", b"-2\r\n{}\r\n0\r\n\r\n"),
        ("too short", b"1\r\n{}\r\n0\r\n\r\n"),
        ("enormous", b"f" * 40 + b"\r\n{}\r\n0\r\n\r\n"),
    ):
        yield Attack(f"chunk length {name}", request(CALL, body, chunked, key=key), BAD)
    odd = request(CALL, good, "Transfer-Encoding: gzip, chunked", key=key)
    yield Attack("an unknown coding", odd, BAD)


def _keys(key: str, good: bytes) -> Iterator[Attack]:
    refused = frozenset({401})
    for name, lines in (
        ("absent", ()),
        ("empty", ("Authorization: ",)),
        ("a scheme alone", ("Authorization: Bearer",)),
        ("one letter short", (f"Authorization: Bearer {key[:-1]}",)),
        ("one letter more", (f"Authorization: Bearer {key}x",)),
        ("in other letters", (f"Authorization: Bearer {key.swapcase()}",)),
        ("long", (f"Authorization: Bearer {key * 200}",)),
        ("not ASCII", ("Authorization: Bearer 密钥",)),
        ("of another scheme", (f"Authorization: Basic {key}",)),
        ("without a scheme", (f"Authorization: {key}",)),
        ("twice", (f"Authorization: Bearer {key}", f"Authorization: Bearer {key}")),
        ("and a wrong one", (f"Authorization: Bearer {key}", "Authorization: Bearer gck_x")),
        ("two in one line", (f"Authorization: Bearer {key}, Bearer {key}",)),
        ("in the query", ()),
        ("in a cookie", (f"Cookie: key={key}",)),
    ):
        target = f"{CALL}?key={key}" if name == "in the query" else CALL
        yield Attack(f"key {name}", request(target, good, *lines), refused)
    nul = request(CALL, good, f"Authorization: Bearer {key}\0")
    yield Attack("key with a NUL", nul, refused | BAD)


def _paths(key: str) -> Iterator[Attack]:
    not_found = frozenset({401, 404, 422})  # 422: an id that no policy could have
    for target in (
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/page/../../settings.py",
        "/page/%2e%2e%2f%2e%2e%2fsettings.py",
        "/page/..%5c..%5csettings.py",
        "/page//etc/passwd",
        "/page/%00",
        "/page/app.js%00.html",
        "/..\\..\\windows",
        "//evil.example/healthz",
        "/v1/policies/%2e%2e%2fjiyuan-2022",
        "/v1/policies/jiyuan-2022%00",
        "/v1/policies/%ff%fe",
        "/v1/policies/" + "a" * 8000,
        "/v1//policies",
        "/V1/POLICIES",
        "/;/metrics",
        "http://evil.example/healthz",
        "*",
    ):
        asked = request(target, b"", key=key, method="GET")
        yield Attack(f"path {target[:40]}", asked, not_found)
    for target in ("/%2fv1/policies", "/./v1/policies", "/v1/%70olicies/../policies"):
        asked = request(target, b"", method="GET")
        yield Attack(f"path without a key {target}", asked, not_found)
    yield Attack(
        "path encoded, without a key", request("/%76%31/policies", b"", method="GET"), not_found
    )
    for method in ("PUT", "DELETE", "TRACE", "BREW"):
        asked = request("/v1/policies", b"", key=key, method=method)
        yield Attack(f"method {method}", asked, frozenset({405}))


def _no_http() -> Iterator[Attack]:
    yield Attack("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", BAD)
    yield Attack("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", BAD | {401, 404, 421, 505})
    yield Attack("no colon", b"GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n", BAD)
    yield Attack("no host", b"GET /healthz HTTP/1.1\r\n\r\n", BAD)
    yield Attack("two hosts", b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", BAD)
    yield Attack(
        "folded", b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: b\r\n\tc\r\n\r\n", BAD | {200, 421}
    )
    yield Attack("a NUL", b"GET /\0 HTTP/1.1\r\nHost: localhost\r\n\r\n", BAD)
    yield Attack("not ASCII", "GET /机构 HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(), BAD)
    endless = b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 2**20
    yield Attack("a head without end", endless, BAD)


def first_wrong(text: str) -> str:
    """Return the first server error that a log tells of; "" where there is none."""
    found = re.search(r'.*("status": 5(?!03)\d\d|"event": "defect"|Traceback).*', text)
    return found[0] if found else ""
