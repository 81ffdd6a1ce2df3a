"""HEAD is answered as GET is, without the body: seen on the wire, where one would be in the way."""

from __future__ import annotations

import socket

import httpx
import pytest

from tests.api.conftest import Guarded
from tests.api.server import Server

PATHS = (
    *("/", "/page/icon.svg", "/page/js/main.js", "/docs", "/docs/swagger-ui.css", "/openapi.json"),
    *("/healthz", "/readyz", "/metrics"),
    *("/v1/policies", "/v1/policies/jiyuan-2022", "/v1/policies/jiyuan-2022/inputs"),
    *("/v1/template.xlsx", "/v1/template.xlsx?policy=none"),
    *("/nothing", "/page/nothing", "/v1/policies/none", "/v1/assessments"),
)
OWN = ("date", "x-request-id", "content-length")
"""What each answer has of its own; the length of a problem or of the metrics is among it."""


def on_the_wire(server: Server, *lines: str) -> str:
    """Send requests on one connection, one behind the other; return all that comes back."""
    address = httpx.URL(server.url)
    with socket.create_connection((address.host, address.port or 80), timeout=30) as connection:
        for place, line in enumerate(lines, 1):
            last = "Connection: close\r\n" if place == len(lines) else ""
            connection.sendall(f"{line} HTTP/1.1\r\nHost: localhost\r\n{last}\r\n".encode())
        return b"".join(iter(lambda: connection.recv(2**16), b"")).decode()


@pytest.mark.parametrize("path", PATHS)
def test_the_head_of_get_and_nothing_behind_it(server: Server, path: str) -> None:
    said = on_the_wire(server, f"HEAD {path}", "GET /healthz")
    head, _, behind = said.partition("\r\n\r\n")
    assert behind.startswith("HTTP/1.1 200 OK\r\n"), "a body would stand here"
    got = server.client.get(path, headers={"Accept-Encoding": "identity"})  # as the HEAD
    status, *lines = head.split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    assert int(status.split()[1]) == got.status_code
    assert int(headers["content-length"]) > 0
    for name in (*got.headers, *headers):
        assert name in OWN or headers.get(name) == got.headers.get(name), name


def test_it_is_counted_as_what_it_is(server: Server) -> None:
    on_the_wire(server, "HEAD /v1/policies/luoyang-2025")
    labels = '{call="/v1/policies/{policy_id}",method="HEAD",status="200"}'
    assert f"compensation_api_requests_total{labels}" in server.client.get("/metrics").text


def test_it_needs_a_key_where_get_does(guarded: Guarded) -> None:
    client = guarded.server.client
    assert client.head("/v1/policies").status_code == 401
    assert client.head("/v1/policies", headers=guarded.headers).status_code == 200
