"""Ledgers held in memory for variants of a policy, each in a process of its own.

Who sent a ledger gets its id, which nobody can guess; with access keys it is theirs alone. There
are a few at most: a new one takes the place of that which was asked for longest ago. The process
ends, and the ledger is gone, once nothing was asked for a while.
"""

from __future__ import annotations

import asyncio
import secrets
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from api.assessing.jobs import Asked, Job, Said, too_much_memory, took_too_long
from api.assessing.processes import ended, readable, sound
from api.problems import Problem, busy
from api.settings import Settings
from compensation.language import Text

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, ForkServerProcess

GONE = Text(
    "这份台账已不在内存中，请重新上传", "this ledger is no longer held in memory; send it again"
)


class _Ledger:
    """A ledger in its process; one question at a time."""

    def __init__(self, process: ForkServerProcess, pipe: Connection, owner: str | None) -> None:
        self.process, self.pipe, self.owner = process, pipe, owner
        self.turn = asyncio.Lock()
        self.ended = False

    def end(self) -> None:
        """End the process, and with it the ledger; the pipe closes once nobody waits for it."""
        self.ended = True
        self.process.kill()


class HeldLedgers:
    """The ledgers that are held now, in the order in which they were last asked for."""

    def __init__(self, settings: Settings, context: ForkServerContext) -> None:
        self._settings, self._context = settings, context
        self._ledgers: dict[str, _Ledger] = {}
        self._watching: set[asyncio.Task[None]] = set()

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._ledgers)

    async def take(self, job: Job, owner: str | None) -> tuple[str, Said]:
        """Have a ledger read and held; return its id, and the answer to its form.

        Raises `Problem` where none may be held, or reading takes too long or too much memory.
        """
        if not self._settings.held_ledgers:
            raise busy(Text("本服务不提供政策测算", "this service does not hold ledgers"))
        while len(self._ledgers) >= self._settings.held_ledgers:
            self._drop(next(iter(self._ledgers)))
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_hold, args=(job, theirs), daemon=True)
        await asyncio.to_thread(process.start)
        theirs.close()
        id_ = secrets.token_urlsafe(24)
        ledger = self._ledgers[id_] = _Ledger(process, ours, owner)
        watching = asyncio.create_task(self._forget(id_, process))
        self._watching.add(watching)
        watching.add_done_callback(self._watching.discard)
        try:
            async with ledger.turn:
                said = await self._answer(ledger, job.request_id)
        except BaseException:
            self._drop(id_)
            raise
        if said.status != 200:
            self._drop(id_)
        return id_, said

    async def ask(self, id_: str, asked: Asked, owner: str | None) -> Said:
        """Return the answer of a held ledger; raises `Problem` (404) where there is none."""
        ledger = self._ledgers.get(id_)
        if ledger is None or ledger.owner != owner:
            raise Problem("not-found", GONE)
        self._ledgers[id_] = self._ledgers.pop(id_)  # now it was asked for last
        async with ledger.turn:
            try:
                await asyncio.to_thread(ledger.pipe.send, asked)
                return await self._answer(ledger, asked.request_id)
            except BrokenPipeError as error:  # it has ended meanwhile
                raise Problem("not-found", GONE) from error
            except BaseException:
                self._drop(id_)  # the answer that is still to come would be taken for another
                raise

    async def _answer(self, ledger: _Ledger, request_id: str) -> Said:
        try:
            async with asyncio.timeout(self._settings.assessment_seconds):
                await readable(ledger.pipe)
                said: Said = await asyncio.to_thread(ledger.pipe.recv)
        except TimeoutError as error:
            raise took_too_long(self._settings.assessment_seconds) from error
        except (EOFError, OSError) as error:
            if ledger.ended:
                raise Problem("not-found", GONE) from error
            # Killed by the system, or an allocation that failed.
            raise too_much_memory() from error
        return sound(said, request_id)

    def _drop(self, id_: str) -> None:
        ledger = self._ledgers.pop(id_, None)
        if ledger is not None:
            ledger.end()

    async def _forget(self, id_: str, process: ForkServerProcess) -> None:
        """Forget a ledger once its process has ended."""
        await ended(process)
        ledger = self._ledgers.get(id_)
        if ledger is not None and not ledger.turn.locked():
            self._drop(id_)
        process.join()

    def close(self) -> None:
        """End all processes."""
        for id_ in list(self._ledgers):
            self._drop(id_)


def _hold(job: Job, pipe: Connection) -> None:
    """Hold a ledger, in a process of its own."""
    # Imported by the fork server (`preload`), not by the service itself.
    from api.assessing import holder

    holder.main(job, pipe)
