"""The bodies of assessments while they arrive: how long each may take, and how much all may hold.

A body that arrives takes no place among those that are computed, so a client that stops sending
keeps nobody from computing. What all of them have sent is bounded instead. Where it becomes too
much, the body that has been silent for the longest gives way to those that go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api.problems import Problem, busy
from api.settings import Settings
from compensation.language import Text

_GIVEN_WAY = Text(
    "正在上传的内容太多，请稍后再试", "too much is being uploaded at the moment; try again later"
)


class Arriving:
    """One body: how many bytes of it are there, and when it is given up."""

    def __init__(self, bodies: Bodies, deadline: asyncio.Timeout) -> None:
        self._bodies = bodies
        self.deadline = deadline
        self.size = 0
        self.gave_way = False

    def count(self, size: int) -> None:
        """Count the next bytes of the body; another body may have to give way to them."""
        self._bodies.count(self, size)


class Bodies:
    """All bodies of assessments that arrive at the moment."""

    def __init__(self, settings: Settings) -> None:
        self._seconds = settings.body_seconds
        self._most = settings.assessment_room * settings.max_upload_bytes
        self._size = 0
        self._arriving: dict[Arriving, None] = {}
        """In the order in which they last sent something."""

    @asynccontextmanager
    async def one(self) -> AsyncIterator[Arriving]:
        """Receive one body; raises `Problem` where it takes too long or has to give way."""
        try:
            async with asyncio.timeout(self._seconds) as deadline:
                body = Arriving(self, deadline)
                try:
                    yield body
                finally:
                    self._drop(body)
        except TimeoutError as error:
            raise busy(_GIVEN_WAY) if body.gave_way else Problem("timeout") from error

    def count(self, body: Arriving, size: int) -> None:
        """Count bytes of a body, and have others give way while all are too many."""
        if body.gave_way:
            return
        self._arriving.pop(body, None)
        self._arriving[body] = None
        body.size += size
        self._size += size
        while self._size > self._most:
            silent = next(iter(self._arriving))
            self._drop(silent)
            if not silent.deadline.expired():
                silent.gave_way = True
                silent.deadline.reschedule(asyncio.get_running_loop().time())

    def _drop(self, body: Arriving) -> None:
        if body in self._arriving:
            del self._arriving[body]
            self._size -= body.size
