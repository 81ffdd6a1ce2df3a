"""Runs each assessment in a process of its own: a few at a time, with a timeout.

The processes are forked from a fork server that has imported everything, so a process starts in a
few milliseconds, and its memory is freed when it ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import multiprocessing
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.util import get_temp_dir
from pathlib import Path
from signal import SIGABRT, SIGKILL
from typing import Any, NamedTuple

from api.assessing.jobs import Job, too_much_memory
from api.metrics import Metrics
from api.problems import Problem, busy
from api.settings import Settings
from compensation.language import Text

log = logging.getLogger("api")

PRELOAD = "api.assessing.preload"
"""The module that the fork server imports; the service's own process must not import it."""
CLEAN_UP_SECONDS = 10
"""Seconds that a shutdown waits for cancelled requests to remove their files."""


class Outcome(NamedTuple):
    """The answer of a process: status, media type and file."""

    status: int
    media_type: str
    path: Path


class Processes:
    """Runs assessments; `admitted` limits how many there are."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self._seconds = settings.assessment_seconds
        self._room = settings.assessment_room
        self._turns = asyncio.Semaphore(settings.assessment_workers)
        self._context: ForkServerContext = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([PRELOAD])
        self._inside = 0
        self._gauge = metrics.assessments
        self._started = asyncio.Event()
        self._sockets = get_temp_dir()
        self._folders: set[Path] = set()

    @property
    def context(self) -> ForkServerContext:
        """What forks processes."""
        return self._context

    @property
    def ready(self) -> bool:
        """Whether processes can be started."""
        return self._started.is_set()

    async def start(self) -> None:
        """Start the fork server and a first process, without blocking other requests."""
        try:
            await asyncio.to_thread(self._try)
        except Exception:
            log.exception("no process can be started")
            raise
        self._started.set()

    async def close(self) -> None:
        """Wait until the folders of all requests are removed, then remove the fork server's.

        Python removes the latter itself, except where a signal ends the service.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLEAN_UP_SECONDS):
                while any(folder.exists() for folder in self._folders):
                    await asyncio.sleep(0.02)
        shutil.rmtree(self._sockets, ignore_errors=True)

    @asynccontextmanager
    async def folder(self) -> AsyncIterator[Path]:
        """Yield a temporary folder for the files of one request."""
        folder = Path(tempfile.mkdtemp(prefix="compensation-api-"))
        self._folders.add(folder)
        try:
            yield folder
        finally:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))
            self._folders.discard(folder)

    def _try(self) -> None:
        process = self._context.Process(target=_nothing, daemon=True)
        process.start()
        process.join()
        if process.exitcode:
            raise RuntimeError(f"a process that does nothing ended with {process.exitcode}")

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Reserve a place for a request with its body; raises `Problem` if none is free."""
        if self._inside >= self._room:
            message = Text(
                "正在进行的计算太多，请稍后再试",
                "too many computations are under way; try later",
            )
            raise busy(message)
        self._inside += 1
        try:
            with self._gauge.track_inprogress():
                yield
        finally:
            self._inside -= 1

    async def compute(self, job: Job) -> Outcome:
        """Compute a job when its turn comes; cancelling it ends the process.

        Raises `Problem` where it took too long or needed too much memory, and RuntimeError where
        the process failed.
        """
        await self._started.wait()
        async with self._turns:
            try:
                async with asyncio.timeout(self._seconds):
                    code = await self._run(_work, job)
            except TimeoutError as error:
                message = Text("计算超过 {most} 秒", "computing took longer than {most} seconds")
                raise Problem("took-too-long", message.fill(most=self._seconds)) from error
        if not job.outcome.exists():
            if code in (-SIGKILL, -SIGABRT):  # the system, or an allocation that failed
                raise too_much_memory()
            raise RuntimeError(f"the process of an assessment ended with {code}")
        outcome: dict[str, Any] = json.loads(job.outcome.read_text(encoding="utf-8"))
        if "defect" in outcome:
            log.error("defect", extra={"request_id": job.request_id, "places": outcome["defect"]})
            raise Problem("defect")
        return Outcome(outcome["status"], outcome["media_type"], job.answer)

    async def _run(self, target: Any, *arguments: Any) -> int | None:
        """Run a function in a process; return its exit code. Cancelled, it kills the process."""
        process = self._context.Process(target=target, args=arguments, daemon=True)
        process.start()
        try:
            await _ended(process)
            return process.exitcode
        finally:
            if process.is_alive():
                process.kill()
                with contextlib.suppress(asyncio.CancelledError):
                    await _ended(process)
            process.join()
            process.close()


def _nothing() -> None:
    """Do nothing; run once to check that processes can be started."""


def _work(job: Job) -> None:
    """Compute a job, in a process of its own."""
    # Imported by the fork server (`preload`), not by the service itself.
    from api.assessing import worker

    worker.main(job)


async def _ended(process: ForkServerProcess) -> None:
    """Wait until a process has ended."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_reader(process.sentinel, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(process.sentinel)
