"""One connection: it may not keep the service waiting, and what is no HTTP gets a problem.

uvicorn waits as long as a client likes for the head of a request, and for the client to read an
answer; so a few idle machines could hold every connection that there may be. Each connection here
is looked at once a second (see `api.serving`), and given up when its time is over.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import uuid

import h11
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol, RequestResponseCycle

from api.language import DEFAULT
from api.middleware import HEADERS
from api.problems import MEDIA_TYPE, TITLES, document
from api.settings import Settings

OVER_LIMIT = "over_limit"
"""The member of a scope that says that the connection is one too many; see `api.access`."""
REFUSED_POLITELY = 100
"""How many connections too many are answered; those beyond are closed at once."""
CLOSE = (b"connection", b"close")
LINGER = 2.0
"""Seconds in which a client that was refused may go on sending: closed at once, with something
unread, the system would take back the answer, too."""
_PROBLEMS = {408: "timeout", 431: "head-too-large"}
"""What is said to a client by h11's status; anything else is a bad request."""


class Config(uvicorn.Config):
    """What uvicorn is set to, and the settings that connections look at."""

    settings: Settings


class Connection(H11Protocol):
    """A connection with an end to every wait."""

    config: Config
    _unsent = 0
    _unsent_since = 0.0
    _owing_since: float | None = None
    _refused_at: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take on a connection; one too many is told so, or closed if there are far too many."""
        super().connection_made(transport)
        self._unsent_since = self._owing_since = self.loop.time()
        too_many = len(self.connections) - self.config.settings.max_connections
        if too_many > REFUSED_POLITELY:
            transport.abort()
        elif too_many > 0:
            self.app = _over_limit(self.app)

    def data_received(self, data: bytes) -> None:
        """Take in what came; from its first byte on, a client owes the rest of a request's head."""
        if self._refused_at is not None:
            return
        if self._owing_since is None and not self._answering:
            self._owing_since = self.loop.time()
        super().data_received(data)
        if self._answering:
            self._owing_since = None

    @property
    def _answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # uvicorn's type has no None
        return cycle is not None and not cycle.response_complete

    def look(self, now: float) -> None:
        """Give the connection up if its client has kept the service waiting for too long."""
        if self._refused_at is not None and now - self._refused_at > LINGER:
            self.transport.abort()
            return
        settings = self.config.settings
        unsent = self.transport.get_write_buffer_size()
        if not unsent or unsent != self._unsent:
            self._unsent, self._unsent_since = unsent, now
        elif now - self._unsent_since > settings.send_seconds:
            self.transport.abort()
        owing = self._owing_since is not None and now - self._owing_since > settings.head_seconds
        if owing and self._refused_at is None and not self.transport.is_closing():
            self._refuse(408) if self.conn.trailing_data[0] else self.transport.close()

    def answer_the_last(self) -> None:
        """Have the client told, with the answer under way, that no other one follows."""
        if self._answering and not self.cycle.response_started:
            self.cycle.default_headers = [*self.cycle.default_headers, CLOSE]

    def shutdown(self) -> None:
        """Close the connection once what is under way has been answered."""
        if self._answering:
            super().shutdown()
        else:
            self.transport.close()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection on which no request has followed."""
        self.transport.close()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """Answer what is no HTTP; uvicorn calls it while it handles the error of h11."""
        self._refuse(getattr(sys.exc_info()[1], "error_status_hint", 400))

    def _refuse(self, status: int) -> None:
        """Say what is wrong, if anything can still be said, and close the connection."""
        if self._answering:  # the rest of its body will not come: as if the client had gone
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.write(self._problem(_PROBLEMS.get(status, "bad-request")))
            with contextlib.suppress(OSError):  # the client has reset the connection
                self.transport.write_eof()
            self._refused_at = self.loop.time()
        else:
            self.transport.close()

    def _problem(self, name: str) -> bytes:
        request_id = str(uuid.uuid4())
        body = json.dumps(document(name, DEFAULT, request_id), ensure_ascii=False).encode()
        headers = {
            **HEADERS,
            "Content-Type": MEDIA_TYPE,
            "Content-Language": DEFAULT,
            "Content-Length": str(len(body)),
            "X-Request-ID": request_id,
            "Connection": "close",
        }
        status = TITLES[name][0]
        response = h11.Response(
            status_code=status,
            headers=[
                *self.server_state.default_headers,
                *((key.encode(), value.encode()) for key, value in headers.items()),
            ],
            reason=STATUS_PHRASES[status],
        )
        events = (response, h11.Data(data=body), h11.EndOfMessage())
        return b"".join(self.conn.send(event) or b"" for event in events)


def _over_limit(app: ASGIApp) -> ASGIApp:
    async def refused(scope: Scope, receive: Receive, send: Send) -> None:
        scope[OVER_LIMIT] = True
        await app(scope, receive, send)

    return refused
