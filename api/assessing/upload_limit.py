"""Limits on the uploads in progress: a timeout for each, and a total size for all together.

An upload in progress takes no place in the queue of computations, so a client that stops sending
does not block others. Instead, the total size of all uploads in progress is limited. Where it is
exceeded, the upload that has been idle for the longest is rejected.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api.problems import Problem, busy
from api.settings import Settings
from compensation.language import Text

_REJECTED = Text(
    "正在上传的内容太多，请稍后再试", "too much is being uploaded at the moment; try again later"
)


class UploadInProgress:
    """One upload in progress: the bytes received, and its timeout."""

    def __init__(self, uploads: UploadLimit, deadline: asyncio.Timeout) -> None:
        self._uploads = uploads
        self.deadline = deadline
        self.size = 0
        self.rejected = False

    def count(self, size: int) -> None:
        """Count received bytes; this may reject another upload."""
        self._uploads.count(self, size)


class UploadLimit:
    """All uploads in progress."""

    def __init__(self, settings: Settings) -> None:
        self._seconds = settings.body_seconds
        self._most = settings.assessment_room * settings.max_upload_bytes
        self._size = 0
        self._in_progress: dict[UploadInProgress, None] = {}
        """In the order of their last activity."""

    @asynccontextmanager
    async def one(self) -> AsyncIterator[UploadInProgress]:
        """Receive one upload; raises `Problem` where it times out or is rejected."""
        try:
            async with asyncio.timeout(self._seconds) as deadline:
                upload = UploadInProgress(self, deadline)
                try:
                    yield upload
                finally:
                    self._drop(upload)
        except TimeoutError as error:
            raise busy(_REJECTED) if upload.rejected else Problem("timeout") from error

    def count(self, upload: UploadInProgress, size: int) -> None:
        """Count bytes of an upload, and reject idle ones while the total is too large."""
        if upload.rejected:
            return
        self._in_progress.pop(upload, None)
        self._in_progress[upload] = None
        upload.size += size
        self._size += size
        while self._size > self._most:
            idle = next(iter(self._in_progress))
            self._drop(idle)
            if not idle.deadline.expired():
                idle.rejected = True
                idle.deadline.reschedule(asyncio.get_running_loop().time())

    def _drop(self, upload: UploadInProgress) -> None:
        if upload in self._in_progress:
            del self._in_progress[upload]
            self._size -= upload.size
