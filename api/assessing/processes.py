"""A process for each assessment: a few at a time, stopped when it takes too long.

The processes are forked from a server process that has everything imported, so one starts in a few
milliseconds; what it took of memory is gone with it.
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

from api.assessing.order import Order, too_much_memory
from api.metrics import Metrics
from api.problems import Problem, busy
from api.settings import Settings
from compensation.language import Text

log = logging.getLogger("api")

PRELOAD = "api.assessing.preload"
"""What the server process imports; the service's own process need not, and must not."""
CLEAN_UP_SECONDS = 10
"""How long a stop waits until the requests that it gave up have removed their files."""


class Answered(NamedTuple):
    """What a process has left behind: the status, the media type, and the file."""

    status: int
    media_type: str
    path: Path


class Processes:
    """Runs assessments; `admitted` says whether there is room for one more."""

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
    def ready(self) -> bool:
        """Whether processes can be started."""
        return self._started.is_set()

    async def start(self) -> None:
        """Have the server process started, and a first one by it, while others are answered."""
        try:
            await asyncio.to_thread(self._try)
        except Exception:
            log.exception("no process can be started")
            raise
        self._started.set()

    async def close(self) -> None:
        """Wait until the folders of all requests are removed, and remove the server process's.

        Python would remove the latter itself, but not where a signal ends the service.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLEAN_UP_SECONDS):
                while any(folder.exists() for folder in self._folders):
                    await asyncio.sleep(0.02)
        shutil.rmtree(self._sockets, ignore_errors=True)

    @asynccontextmanager
    async def folder(self) -> AsyncIterator[Path]:
        """Make a folder for the files of one request; it is removed at the end."""
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
        """Take a place for a request whose body is there; raises `Problem` if all are taken."""
        if self._inside >= self._room:
            message = Text(
                "正在进行的批量测算太多，请稍后再试",
                "too many assessments are under way; try later",
            )
            raise busy(message)
        self._inside += 1
        try:
            with self._gauge.track_inprogress():
                yield
        finally:
            self._inside -= 1

    async def compute(self, order: Order) -> Answered:
        """Compute an order when its turn comes; cancelling it ends the process.

        Raises `Problem` where it took too long or needed too much memory, and RuntimeError where
        the process failed.
        """
        await self._started.wait()
        async with self._turns:
            try:
                async with asyncio.timeout(self._seconds):
                    code = await self._run(_work, order)
            except TimeoutError as error:
                message = Text("计算超过 {most} 秒", "computing took longer than {most} seconds")
                raise Problem("took-too-long", message.fill(most=self._seconds)) from error
        if not order.outcome.exists():
            if code in (-SIGKILL, -SIGABRT):  # the system, or an allocation that failed
                raise too_much_memory()
            raise RuntimeError(f"the process of an assessment ended with {code}")
        outcome: dict[str, Any] = json.loads(order.outcome.read_text(encoding="utf-8"))
        if "defect" in outcome:
            log.error("defect", extra={"request_id": order.request_id, "places": outcome["defect"]})
            raise Problem("defect")
        return Answered(outcome["status"], outcome["media_type"], order.answer)

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
    """Do nothing: that this is done shows that processes can be started."""


def _work(order: Order) -> None:
    """Compute an order, in a process of its own."""
    # Imported by the server process of the forks (`preload`), not by the service itself.
    from api.assessing import work

    work.main(order)


async def _ended(process: ForkServerProcess) -> None:
    """Wait until a process has ended."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_reader(process.sentinel, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(process.sentinel)
