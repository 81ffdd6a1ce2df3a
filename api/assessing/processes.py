"""Runs each assessment in a process of its own: a few at a time, with a timeout.

The processes are forked from a fork server that has imported everything, so a process starts in a
few milliseconds, and its memory is freed when it ends. Where nothing forks (Windows) each process
imports everything itself, which takes seconds and does for the page of one person.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from multiprocessing.connection import Connection
from multiprocessing.util import get_temp_dir
from pathlib import Path
from typing import TYPE_CHECKING

from api.assessing.jobs import Job, Said
from api.assessing.requests import ComparisonForm
from api.logs import OWN
from api.metrics import ASSESSMENTS
from api.problems import Problem, busy, too_much_memory, took_too_long
from api.settings import Settings
from compensation.language import Text

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, ForkServerProcess

log = logging.getLogger("api")

FORKS = "forkserver" in multiprocessing.get_all_start_methods()
"""Whether processes are forked; where not, event loops do not watch pipes either."""
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

    def __init__(self, settings: Settings) -> None:
        self._seconds = settings.assessment_seconds
        self._room = settings.assessment_room
        self._turns = asyncio.Semaphore(settings.assessment_workers)
        # Both contexts have what is used of them, and either is typed as the one that forks.
        self._context: ForkServerContext = multiprocessing.get_context(
            "forkserver" if FORKS else "spawn"  # type: ignore[assignment]
        )
        self._context.set_forkserver_preload([PRELOAD])
        self._inside = 0
        self._started = asyncio.Event()
        self._sockets = get_temp_dir()
        self._folders: set[Path] = set()

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
            with ASSESSMENTS.track_inprogress():
                yield
        finally:
            self._inside -= 1

    async def begin(self, job: Job) -> Worker:
        """Start the process of a job."""
        await self._started.wait()
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_work, args=(job, theirs), daemon=True)
        process.start()
        theirs.close()
        return Worker(process, ours, self._seconds)

    async def compute(self, job: Job) -> Said:
        """Compute a job when its turn comes; cancelling it ends the process. Raises `Problem`."""
        async with self._turns:
            worker = await self.begin(job)
            try:
                return await worker.answer(job.request_id)
            except BaseException:
                worker.end()
                raise
            finally:
                await asyncio.shield(asyncio.to_thread(worker.process.join, self._seconds))


class Worker:
    """The process of a job, and the pipe that its answers come through."""

    def __init__(self, process: ForkServerProcess, pipe: Connection, seconds: int) -> None:
        self.process, self.pipe, self._seconds = process, pipe, seconds

    async def answer(self, request_id: str) -> Said:
        """Wait for an answer.

        Raises `Problem` where it takes too long or too much memory, or is a failure of ours, which
        is logged; RuntimeError where the process ends otherwise.
        """
        try:
            async with asyncio.timeout(self._seconds):
                await readable(self.pipe)
                said: Said = await asyncio.to_thread(self.pipe.recv)
        except TimeoutError as error:
            raise took_too_long(self._seconds) from error
        except (EOFError, OSError) as error:
            await asyncio.to_thread(self.process.join)
            if self.process.exitcode in _KILLED:
                raise too_much_memory() from error
            raise RuntimeError(f"a process ended with {self.process.exitcode}") from error
        if said.defect is not None:
            log.error("defect", extra={OWN: {"request_id": request_id, "places": said.defect}})
            raise Problem("defect")
        return said

    def end(self) -> None:
        """Kill the process if it still runs; what it holds is gone."""
        if self.process.is_alive():
            self.process.kill()


def _nothing() -> None:
    """Do nothing; run once to check that processes can be started."""


def _work(job: Job, pipe: Connection) -> None:
    """Compute a job, in a process of its own."""
    # Imported by the fork server (`preload`), not by the service itself.
    from api.assessing import held_answers, worker

    (held_answers if job.model is ComparisonForm else worker).main(job, pipe)


async def readable(pipe: Connection) -> None:
    """Wait until something can be read from a pipe, or its other end is closed."""
    if not FORKS:
        while not pipe.poll():
            await asyncio.sleep(LOOK_AGAIN)
        return
    loop, come = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(pipe.fileno(), come.set)
    try:
        await come.wait()
    finally:
        with contextlib.suppress(OSError):  # closed meanwhile
            loop.remove_reader(pipe.fileno())
