"""Nothing that the service keeps in TMPDIR outlives it, or a request, whatever ends either."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from tests.api.large import large_body
from tests.api.server import ROOT, Server, running, until
from tests.api.test_arriving_bodies import BEGINNINGS, begun

pytestmark = pytest.mark.process

JSON = {"Content-Type": "application/json"}


def in_background(server: Server, content: bytes) -> threading.Thread:
    """Ask for an assessment, whatever becomes of it."""
    server.wait_until_ready()

    def ask() -> None:
        with contextlib.suppress(httpx.HTTPError):
            httpx.post(f"{server.url}/v1/assessments", content=content, headers=JSON, timeout=60)

    asking = threading.Thread(target=ask)
    asking.start()
    return asking


def test_nothing_is_left_by_one_that_is_stopped_as_it_starts() -> None:
    with running() as server:
        server.stop()
        assert server.kept() == []


def test_nothing_is_left_of_uploads_and_computing_that_are_given_up() -> None:
    with running(shutdown_seconds=0) as server, contextlib.ExitStack() as stack:
        for kind, beginning in BEGINNINGS.items():
            stack.enter_context(begun(server, kind, beginning, 10**6))
        asking = in_background(server, large_body(60_000))
        until(server.computing)
        until(lambda: len(server.scratch()) == 3)
        assert server.stop() == -signal.SIGTERM
        assert server.kept() == []
        asking.join()
        assert "Traceback" not in server.logged()


COMPUTING = """
import multiprocessing, sys, tempfile
from pathlib import Path
from api.assessing import worker
from api.assessing.jobs import Job
from api.assessing.requests import AssessmentBody
from api.settings import Settings

worker.answer = lambda order: tempfile.mkdtemp()
folder = Path(sys.argv[1])
ours, theirs = multiprocessing.Pipe()
worker.main(Job(folder, AssessmentBody, None, "json", "zh", "", Settings()), theirs)
print(ours.recv().media_type)
"""


def test_computing_keeps_its_files_in_the_folder_of_its_request(tmp_path: Path) -> None:
    program = [sys.executable, "-c", COMPUTING, str(tmp_path)]
    ran = subprocess.run(program, check=True, cwd=ROOT, capture_output=True, text=True)
    assert Path(ran.stdout.strip()).parent == tmp_path
