"""Who may call: the host that is addressed, the site of the page, the key, and how often."""

from __future__ import annotations

import time
from math import ceil

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from api.keys import Keys
from api.problems import Problem, response_of
from api.settings import Settings
from compensation.language import Text

GUARDED = ("/v1/", "/metrics")
"""How the paths begin that need a key where there are keys, and that are counted."""
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "[::1]"})
_TWO_LENGTHS = Text(
    "Content-Length 与 Transfer-Encoding 不能同时使用",
    "Content-Length and Transfer-Encoding exclude each other",
)


_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that start no work."""
_OTHER_SITE = Text(
    "请求来自其他网站的页面。只有本服务自己的页面，以及设置 COMPENSATION_API_CORS_ORIGINS "
    "列明的网站，可以发出这种请求",
    "the request comes from a page of another site. Only the service's own page, and pages of the "
    "sites that COMPENSATION_API_CORS_ORIGINS lists, may send it",
)


def path_of(scope: Scope) -> str:
    """Return the path of a request without the base path that a proxy serves the API under."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


class Limiter:
    """Counts the calls of each caller; in memory, so each process of a service counts alone."""

    def __init__(self, limit: str) -> None:
        self._limit = parse(limit)
        self._window = SlidingWindowCounterRateLimiter(MemoryStorage())

    def wait(self, caller: str) -> int | None:
        """Count a call; return None if it may go on, else after how many seconds to try again."""
        if self._window.hit(self._limit, caller):
            return None
        reset = self._window.get_window_stats(self._limit, caller).reset_time
        return max(1, ceil(reset - time.time()))


class Gate:
    """Refuses requests that may not go on, before their body is read."""

    def __init__(self, app: ASGIApp, settings: Settings, keys: Keys | None) -> None:
        self.app = app
        self._keys = keys
        self._hosts = _hosts(settings, keys)
        self._origins = frozenset(settings.cors_origins)
        self._limiter = Limiter(settings.rate_limit)
        self._private = settings.private

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it with a problem."""
        if scope["type"] == "http":
            connection = HTTPConnection(scope)
            problem = self._refusal(connection)
            if problem is not None:
                await response_of(connection, problem)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _refusal(self, connection: HTTPConnection) -> Problem | None:
        sent = connection.headers
        if "content-length" in sent and "transfer-encoding" in sent:
            # Whoever stands in between may see another end of the request than is seen here.
            return Problem("bad-request", _TWO_LENGTHS, headers={"Connection": "close"})
        if self._hosts and _host(connection) not in self._hosts:
            return Problem("misdirected")
        if connection.scope["method"] not in _SAFE and self._is_of_another_site(connection):
            return Problem("forbidden", _OTHER_SITE)
        path = path_of(connection.scope)
        if not path.startswith(GUARDED):
            return None
        owner = self._owner(connection)
        connection.scope["key_owner"] = owner
        client = connection.client
        caller = f"key {owner}" if owner else f"address {client.host if client else ''}"
        seconds = self._limiter.wait(caller)
        if seconds is not None:
            detail = Text("请在 {seconds} 秒后再试", "try again in {seconds} seconds")
            headers = {"Retry-After": str(seconds)}
            return Problem("too-many-requests", detail.fill(seconds=seconds), headers=headers)
        open_to_all = self._keys is None and (self._private or not path.startswith("/metrics"))
        if owner is None and not open_to_all:
            return Problem("key-needed", headers={"WWW-Authenticate": "Bearer"})
        return None

    def _is_of_another_site(self, connection: HTTPConnection) -> bool:
        """Return whether a page sent the request that is neither ours nor of a site that is named.

        A browser says so, and no page can change what it says: in Sec-Fetch-Site, or, where it
        does not trust the connection or is old, by an Origin that is not the host addressed.
        Programs that are no browser send neither.
        """
        origin, site = (connection.headers.get(name) for name in ("origin", "sec-fetch-site"))
        if origin in self._origins or "*" in self._origins:
            return False
        if site is not None:
            return site not in ("same-origin", "none")
        if origin is None:
            return False
        return origin.lower().partition("://")[2] != connection.headers.get("host", "").lower()

    def _owner(self, connection: HTTPConnection) -> str | None:
        """Return the name of the key that a request brings; None if it brings none of ours."""
        if self._keys is None:
            return None
        given = connection.headers.getlist("authorization")
        if len(given) != 1:
            return None
        scheme, _, key = given[0].partition(" ")
        return self._keys.owner(key.strip()) if scheme.lower() == "bearer" else None


def _hosts(settings: Settings, keys: Keys | None) -> frozenset[str]:
    """Return the hosts that may be addressed; none for any.

    An open service on loopback answers only to the names of this machine: else a page of some
    other site could reach it through a name of its own that points here.
    """
    if settings.allowed_hosts:
        return frozenset(host.lower() for host in settings.allowed_hosts)
    return _THIS_MACHINE if keys is None and settings.private else frozenset()


def _host(connection: HTTPConnection) -> str:
    """Return the host that the request is addressed to, in small letters and without the port."""
    host = connection.headers.get("host", "").lower()
    return host if host.endswith("]") else host.rpartition(":")[0] or host
