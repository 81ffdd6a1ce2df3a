"""The page on one's own computer: the browser opens, and it works where nothing forks."""

from __future__ import annotations

import asyncio
import io
import multiprocessing
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

import api.__main__ as command
from api.assessing import calls, processes
from tests.api.server import completed


@pytest.mark.parametrize("runs_already", [True, False])
def test_the_browser_opens_once_the_service_is_ready(
    monkeypatch: pytest.MonkeyPatch, runs_already: bool
) -> None:
    opened, served, asked = threading.Event(), threading.Event(), []

    def ready(_settings: object, seconds: float) -> bool:
        asked.append(seconds)
        return runs_already or seconds > 0

    def open_(address: str) -> None:
        assert address == "http://127.0.0.1:8010/"
        opened.set()

    def serve() -> None:
        served.set()
        assert opened.wait(60)

    monkeypatch.setenv("COMPENSATION_API_PORT", "8010")
    monkeypatch.setattr(command, "is_ready", ready)
    monkeypatch.setattr(command, "serve", serve)
    monkeypatch.setattr("webbrowser.open", open_)
    ran = CliRunner().invoke(command.main, ["page"])
    assert (ran.exit_code, opened.is_set()) == (0, True)
    assert served.is_set() != runs_already
    assert asked[0] == 0


def test_pipes_are_looked_at_where_they_cannot_be_watched(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(processes, "FORKS", False)
    monkeypatch.setattr(processes, "LOOK_AGAIN", 0)
    ours, theirs = multiprocessing.Pipe()

    async def waited() -> None:
        waiting = asyncio.create_task(processes.readable(ours))
        await asyncio.sleep(0)
        assert not waiting.done()
        theirs.send("x")
        await waiting

    completed(waited())

    monkeypatch.setattr(calls, "FORKS", False)
    (tmp_path / "answer").write_bytes(b"123")
    assert isinstance(calls._opened(tmp_path / "answer"), io.BytesIO)
