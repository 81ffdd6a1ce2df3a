"""Ledgers held in memory for variants of a policy, each in a process of its own.

Who sent a ledger gets its id, which nobody can guess; with access keys it is theirs alone. There
are a few at most: a new one takes the place of that which was asked for longest ago. The process
ends, and the ledger is gone, once nothing was asked for a while.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import NamedTuple

from api.assessing.jobs import Asked, Job, Said
from api.assessing.processes import Processes, Worker
from api.problems import Problem, busy
from api.settings import Settings
from compensation.language import Text

GONE = Text(
    "这份台账已不在内存中，请重新上传", "this ledger is no longer held in memory; send it again"
)


class _Ledger(NamedTuple):
    """A ledger in its process; one question at a time."""

    worker: Worker
    owner: str | None
    turn: asyncio.Lock


class HeldLedgers:
    """The ledgers that are held now, in the order in which they were last asked for."""

    def __init__(self, settings: Settings, processes: Processes) -> None:
        self._most, self._processes = settings.held_ledgers, processes
        self._ledgers: dict[str, _Ledger] = {}

    async def take(self, job: Job, owner: str | None) -> tuple[str, Said]:
        """Have a ledger read and held; return its id, and the answer to its form.

        Raises `Problem` where none may be held, or reading takes too long or too much memory.
        """
        if not self._most:
            raise busy(Text("本服务不提供政策测算", "this service does not hold ledgers"))
        while len(self._ledgers) >= self._most:
            self._drop(next(iter(self._ledgers)))
        id_ = secrets.token_urlsafe(24)
        self._ledgers[id_] = _Ledger(await self._processes.begin(job), owner, asyncio.Lock())
        said = await self._answer(id_, job.request_id)
        if said.status != 200:
            self._drop(id_)
        return id_, said

    async def ask(self, id_: str, asked: Asked, owner: str | None) -> Said:
        """Return the answer of a held ledger; raises `Problem` (404) where there is none."""
        ledger = self._ledgers.get(id_)
        if ledger is None or ledger.owner != owner:
            raise Problem("not-found", GONE)
        self._ledgers[id_] = self._ledgers.pop(id_)  # now it was asked for last
        return await self._answer(id_, asked.request_id, asked)

    async def _answer(self, id_: str, request_id: str, asked: Asked | None = None) -> Said:
        worker, _, turn = self._ledgers[id_]
        async with turn:
            try:
                if asked is not None:
                    await asyncio.to_thread(worker.pipe.send, asked)
                return await worker.answer(request_id)
            except BaseException as error:
                ended = isinstance(error, BrokenPipeError) or worker.process.exitcode == 0
                gone = ended or id_ not in self._ledgers
                self._drop(id_)  # an answer that is still to come would be taken for another
                if gone:
                    raise Problem("not-found", GONE) from error
                raise

    def _drop(self, id_: str) -> None:
        ledger = self._ledgers.pop(id_, None)
        if ledger is not None:
            ledger.worker.end()

    def close(self) -> None:
        """End all processes."""
        for id_ in list(self._ledgers):
            self._drop(id_)
