"""Limits on the uploads in progress: a timeout for each, and a total size for all together.

An upload in progress takes no place in the queue of computations, so a client that stops sending
does not block others. Instead, the total size of all uploads in progress is limited. Where it is
exceeded, the upload that has been idle for the longest is rejected.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from api.problems import Problem, busy
from api.settings import Settings
from compensation.language import Text

_REJECTED = Text(
    "正在上传的内容太多，请稍后再试", "too much is being uploaded at the moment; try again later"
)


class UploadLimit:
    """All uploads in progress."""

    def __init__(self, settings: Settings) -> None:
        self._seconds = settings.body_seconds
        self._most = settings.assessment_room * settings.max_upload_bytes
        self._sizes: dict[asyncio.Timeout, int] = {}
        """Bytes received, by the timeout of each upload, in the order of their last activity."""

    @asynccontextmanager
    async def one(self) -> AsyncIterator[Callable[[int], None]]:
        """Receive one upload; what is yielded counts its bytes, and may reject another one.

        Raises `Problem` where the upload times out or is rejected.
        """
        try:
            async with asyncio.timeout(self._seconds) as deadline:
                self._sizes[deadline] = 0
                try:
                    yield partial(self._count, deadline)
                finally:
                    rejected = self._sizes.pop(deadline, None) is None
        except TimeoutError as error:
            raise busy(_REJECTED) if rejected else Problem("timeout") from error

    def _count(self, deadline: asyncio.Timeout, size: int) -> None:
        """Count bytes of an upload, and reject idle ones while the total is too large."""
        if deadline not in self._sizes:
            return
        self._sizes[deadline] = self._sizes.pop(deadline) + size
        while sum(self._sizes.values()) > self._most:
            idle = next(iter(self._sizes))
            del self._sizes[idle]
            if not idle.expired():
                idle.reschedule(asyncio.get_running_loop().time())
