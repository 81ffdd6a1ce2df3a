"""Runs each assessment in a process of its own: a few at a time, with a timeout.

The processes are forked from a fork server that has imported everything, so a process starts in a
few milliseconds, and its memory is freed when it ends. Where nothing forks (Windows) each process
imports everything itself, which takes seconds and does for the page of one person.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import multiprocessing
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from multiprocessing.connection import Connection
from multiprocessing.util import get_temp_dir
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.assessing.jobs import Job, Said, too_much_memory, took_too_long
from api.metrics import Metrics
from api.problems import Problem, busy
from api.settings import Settings
from compensation.language import Text

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, ForkServerProcess

log = logging.getLogger("api")

FORKS = "forkserver" in multiprocessing.get_all_start_methods()
"""Whether processes are forked; where not, event loops do not watch processes and pipes either."""
LOOK_AGAIN = 0.02
"""Seconds after which we look again at what the event loop does not watch."""

PRELOAD = "api.assessing.preload"
"""The module that the fork server imports; the service's own process must not import it."""
_KILLED = [-each for each in signal.Signals if each.name in ("SIGKILL", "SIGABRT")]
"""The exit codes of a process that the system killed, or in which an allocation failed."""
CLEAN_UP_SECONDS = 10
"""Seconds that a shutdown waits for cancelled requests to remove their files."""


class Processes:
    """Runs assessments; `admitted` limits how many there are."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self._seconds = settings.assessment_seconds
        self._room = settings.assessment_room
        self._turns = asyncio.Semaphore(settings.assessment_workers)
        # Both contexts have what is used of them, and either is typed as the one that forks.
        self._context: ForkServerContext = multiprocessing.get_context(
            "forkserver" if FORKS else "spawn"  # type: ignore[assignment]
        )
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

    async def compute(self, job: Job) -> Said:
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
                raise took_too_long(self._seconds) from error
        if not job.outcome.exists():
            if code in _KILLED:
                raise too_much_memory()
            raise RuntimeError(f"the process of an assessment ended with {code}")
        outcome = Said(**json.loads(job.outcome.read_text(encoding="utf-8")))
        return sound(outcome, job.request_id)

    async def _run(self, target: Any, *arguments: Any) -> int | None:
        """Run a function in a process; return its exit code. Cancelled, it kills the process."""
        process = self._context.Process(target=target, args=arguments, daemon=True)
        process.start()
        try:
            await ended(process)
            return process.exitcode
        finally:
            if process.is_alive():
                process.kill()
                with contextlib.suppress(asyncio.CancelledError):
                    await ended(process)
            process.join()
            process.close()


def _nothing() -> None:
    """Do nothing; run once to check that processes can be started."""


def _work(job: Job) -> None:
    """Compute a job, in a process of its own."""
    # Imported by the fork server (`preload`), not by the service itself.
    from api.assessing import worker

    worker.main(job)


def sound(said: Said, request_id: str) -> Said:
    """Return what a process answers; logs where a failure of ours lies, and raises `Problem`."""
    if said.defect is not None:
        log.error("defect", extra={"request_id": request_id, "places": said.defect})
        raise Problem("defect")
    return said


async def ended(process: ForkServerProcess) -> None:
    """Wait until a process has ended."""
    await _come(process.sentinel, lambda: not process.is_alive())


async def readable(pipe: Connection) -> None:
    """Wait until something can be read from a pipe."""
    await _come(pipe.fileno(), pipe.poll)


async def _come(handle: int, look: Callable[[], bool]) -> None:
    """Wait until a handle can be read; `look` says so where the event loop cannot watch it."""
    if not FORKS:
        while not look():
            await asyncio.sleep(LOOK_AGAIN)
        return
    loop, come = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(handle, come.set)
    try:
        await come.wait()
    finally:
        with contextlib.suppress(OSError):  # closed meanwhile
            loop.remove_reader(handle)
