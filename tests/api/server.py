"""The real server in a process of its own, on a free port of this machine."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx

ROOT = Path(__file__).parents[2]
PREFIX = "COMPENSATION_API_"
Seen = TypeVar("Seen")


@dataclass
class Server:
    """A server that runs: its address, its process, what it has logged, and a client."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path
    client: httpx.Client = field(repr=False)

    def logged(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def wait_until_ready(self) -> None:
        """Wait until it can compute.

        Until then a process that does nothing is tried out. A test that takes that one for its own
        and kills it leaves the service unready: requests then wait until they are given up.
        """
        until(lambda: self.client.get("/readyz").status_code == 200)

    def stop(self) -> int:
        """Tell all its processes to stop, as systemd and terminals do."""
        os.killpg(self.process.pid, signal.SIGTERM)
        return self.process.wait(60)

    def scratch(self) -> list[Path]:
        """What requests have left in the server's folder for temporary files."""
        return [path for path in self.kept() if not path.name.startswith("pymp-")]

    def kept(self) -> list[Path]:
        """What lies in the server's folder for temporary files, its log aside."""
        return [path for path in self.log.parent.iterdir() if path != self.log]

    def processor_seconds(self) -> float:
        """What the process that answers has used of the processors so far."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text()
        of_user, of_system = stat.rpartition(")")[2].split()[11:13]
        return (int(of_user) + int(of_system)) / os.sysconf("SC_CLK_TCK")

    def computing(self) -> list[int]:
        """The processes that compute: children of the child that the server forks them from."""
        parents = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                fields = stat.read_text().rpartition(")")[2].split()
                if fields[0] != "Z":
                    parents[int(stat.parent.name)] = int(fields[1])
        own = {pid for pid, parent in parents.items() if parent == self.process.pid}
        return [pid for pid, parent in parents.items() if parent in own]


def until(what: Callable[[], Seen], seconds: float = 20) -> Seen:
    """Wait until something is true, and return it; fail if it never is."""
    deadline = time.monotonic() + seconds
    while not (seen := what()):
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.01)
    return seen


def completed(work: Coroutine[Any, Any, Seen]) -> Seen:
    """Run a coroutine in a thread of its own: in this one, an event loop may be at work."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def environment(**settings: object) -> dict[str, str]:
    """The environment of a server with these settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    values = {"port": 0, "rate_limit": "1000000/minute", **settings}
    own = {f"{PREFIX}{name.upper()}": str(value) for name, value in values.items()}
    return {**kept, **own, "LC_ALL": "C.UTF-8"}


@contextmanager
def running(program: Sequence[str] = ("-m", "api"), **settings: object) -> Iterator[Server]:
    """Start ``python -m api`` with these settings and wait until it answers; stop it at the end."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-W", "error", *program],
                cwd=ROOT,
                env={**environment(**settings), "TMPDIR": folder},
                stdout=output,
                stderr=output,
                start_new_session=True,
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
