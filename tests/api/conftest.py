from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.api.server import Server, running


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One open server on loopback for all tests that only ask."""
    with running() as started:
        yield started


@pytest.fixture
def api(server: Server) -> httpx.Client:
    """A client of the open server."""
    return server.client
