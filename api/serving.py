"""Serving: uvicorn as the settings want it, and a stop that loses no request."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import sys
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from api.connections import CLOSE, Config, Connection
from api.logs import log_config
from api.settings import Settings

NOT_STARTED = 3
"""The exit code where the address cannot be listened on, as uvicorn has it."""
LINGER = 1.0
"""Seconds that a stop gives to requests that are on their way on connections kept open."""
CLEAN_UP = 10.0
"""Seconds that a stop gives to requests that it has given up, to end their processes and to remove
their files."""
_LOOK_EVERY = 1.0
_COLLECT_EVERY = 50_000
"""Objects made and kept since garbage was last collected; an answer takes some hundreds."""


def config_of(app: ASGIApp, settings: Settings) -> Config:
    """Return what uvicorn is set to."""
    config = Config(
        app,
        host=settings.host,
        port=settings.port,
        root_path=settings.root_path,
        http=Connection,
        ws="none",
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        access_log=False,
        log_config=log_config(settings.log_level),
        server_header=False,
        timeout_keep_alive=settings.idle_seconds,
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )
    config.settings = settings
    return config


def serve(app: ASGIApp, settings: Settings) -> None:
    """Serve until told to stop; exits where the address cannot be listened on."""
    server = Server(config_of(app, settings))
    # What the service is made of stays as long as it: collecting garbage need not go through it.
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_EVERY)
    server.run()
    if not server.started:
        sys.exit(NOT_STARTED)


class Server(uvicorn.Server):
    """Looks after its connections, and stops without losing a request that it was sent."""

    _watch: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, and to look after the connections."""
        await super().startup(sockets)
        self._watch = asyncio.create_task(self._look_after_connections())

    async def _look_after_connections(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            now = asyncio.get_running_loop().time()
            for connection in self._connections():
                connection.look(now)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, answer what has been sent on those there are, then close them.

        A connection that is kept open may have a request on its way: it is answered, too, with
        ``Connection: close``, so that no client has to guess whether its request was taken.
        """
        await self._take_the_last_connections()
        headers = [*self.server_state.default_headers, CLOSE]
        self.server_state.default_headers = headers
        for connection in self._connections():
            connection.answer_the_last()
        loop = asyncio.get_running_loop()
        end = loop.time() + LINGER
        while self.server_state.connections and loop.time() < end and not self.force_exit:
            await asyncio.sleep(0.02)
        await super().shutdown(sockets)
        if self.server_state.tasks:  # given up: they still remove what they keep on the disk
            await asyncio.wait(self.server_state.tasks, timeout=CLEAN_UP)
        if self._watch is not None:
            self._watch.cancel()

    async def _take_the_last_connections(self) -> None:
        """Accept those that the system has already let in, and stop listening."""
        loop = asyncio.get_running_loop()
        waiting: list[socket.socket] = []
        for server in self.servers:
            for listener in server.sockets:
                loop.remove_reader(listener.fileno())
                with listener.dup() as own:
                    own.setblocking(False)
                    with contextlib.suppress(BlockingIOError):
                        while True:
                            waiting.append(own.accept()[0])
            server.close()
        for accepted in waiting:
            accepted.setblocking(False)
            await loop.connect_accepted_socket(self._connection, accepted)

    def _connection(self) -> Connection:
        config: Any = self.config
        return Connection(config, self.server_state, self.lifespan.state)

    def _connections(self) -> list[Connection]:
        return [one for one in self.server_state.connections if isinstance(one, Connection)]
