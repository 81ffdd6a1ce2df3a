from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from api.keys import add_key
from tests.api.server import Server, running


@pytest.fixture
def api(server: Server) -> httpx.Client:
    """A client of the open server."""
    return server.client


class Guarded(NamedTuple):
    server: Server
    key: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


@pytest.fixture(scope="session")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """One server that wants a key."""
    path: Path = tmp_path_factory.mktemp("keys") / "keys"
    key = add_key(path, "tests")
    add_key(path, "somebody-else")
    with running(keys_file=path) as started:
        yield Guarded(started, key)
