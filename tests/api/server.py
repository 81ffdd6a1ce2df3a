"""The real server in a process of its own, on a free port of this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]
PREFIX = "COMPENSATION_API_"


@dataclass
class Server:
    """A server that runs: its address, its process, what it has logged, and a client."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path
    client: httpx.Client = field(repr=False)

    def logged(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@contextmanager
def running(**settings: object) -> Iterator[Server]:
    """Start ``python -m api`` with these settings and wait until it answers; stop it at the end."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    values = {"port": 0, **settings}
    own = {f"{PREFIX}{name.upper()}": str(value) for name, value in values.items()}
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "api"],
                cwd=ROOT,
                env={**kept, **own, "LC_ALL": "C.UTF-8"},
                stdout=output,
                stderr=output,
            )
        try:
            url = _url(process, log)
            with httpx.Client(base_url=url, timeout=60) as client:
                yield Server(url, process, log, client)
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _url(process: subprocess.Popen[bytes], log: Path) -> str:
    """Return the address that the server says it listens on, once it answers."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        text = log.read_text(encoding="utf-8")
        if process.poll() is not None:
            raise AssertionError(f"the server stopped:\n{text}")
        _, found, rest = text.partition("Uvicorn running on ")
        if found:
            url = rest.split()[0]
            with httpx.Client(base_url=url) as client:
                client.get("/healthz").raise_for_status()
            return url
        time.sleep(0.02)
    raise AssertionError("the server does not answer")
