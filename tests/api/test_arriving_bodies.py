"""Bodies that do not arrive keep nobody from computing, and all together hold a bounded room."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator

import pytest

from api.examples import PORTFOLIO
from tests.api.server import Server, running, until

pytestmark = pytest.mark.process

JSON = b"application/json"
FORM = b"multipart/form-data; boundary=x"
BEGINNINGS = {
    JSON: b'{"policy"',
    FORM: b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\nPK',
}
MOST = 100_000
"""The largest body of the server here; three of them are as much as all may hold."""


@contextlib.contextmanager
def begun(server: Server, kind: bytes, content: bytes, size: int = MOST) -> Iterator[socket.socket]:
    """A POST to /v1/assessments of which only the beginning is sent."""
    with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), 60) as sent:
        sent.sendall(
            b"POST /v1/assessments HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (kind, size, content)
        )
        yield sent


def status(sent: socket.socket) -> int:
    return int(sent.recv(4096).split()[1])


@pytest.fixture(scope="module")
def small() -> Iterator[Server]:
    with running(
        assessment_workers=1, assessment_queue=2, max_upload_bytes=MOST, body_seconds=20
    ) as started:
        yield started


@pytest.mark.parametrize("kind", [JSON, FORM])
def test_bodies_that_stop_take_no_place(small: Server, kind: bytes) -> None:
    with contextlib.ExitStack() as idle:
        waiting = [idle.enter_context(begun(small, kind, BEGINNINGS[kind])) for _ in range(40)]
        until(lambda: len(small.scratch()) == len(waiting))
        for _ in range(3):
            assert small.client.post("/v1/assessments", json=PORTFOLIO).status_code == 200
    until(lambda: not small.scratch())


@pytest.mark.parametrize("kind", [JSON, FORM])
def test_the_longest_silent_gives_way_where_bodies_hold_too_much(
    small: Server, kind: bytes
) -> None:
    content = BEGINNINGS[kind].ljust(MOST - 1, b" ")
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        silent = []
        for number in range(3):
            silent.append(stack.enter_context(begun(small, kind, content)))
            # Its bytes are counted once the answer to another request has come.
            until(lambda number=number: len(small.scratch()) == number + 1)  # type: ignore[misc]
            time.sleep(0.3)
        assert small.client.post("/v1/assessments", json=PORTFOLIO).status_code == 200
        assert status(silent[0]) == 503
        assert time.monotonic() - began < 20, "it was the time of the body that ended it"
        silent[2].settimeout(0.5)
        with pytest.raises(TimeoutError):
            silent[2].recv(1)
    until(lambda: not small.scratch())
