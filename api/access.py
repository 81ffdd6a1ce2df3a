"""Access control: the host addressed, the origin of the page, the API key, the rate of calls."""

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
"""Prefixes of the paths that are rate-limited, and that need a key if there are any."""
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "[::1]"})
_TWO_LENGTHS = Text(
    "Content-Length 与 Transfer-Encoding 不能同时使用",
    "Content-Length and Transfer-Encoding exclude each other",
)


_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing and start no computation."""
_OTHER_SITE = Text(
    "请求来自其他网站的页面。只有本服务自己的页面，以及设置 COMPENSATION_API_CORS_ORIGINS "
    "列明的网站，可以发出这种请求",
    "the request comes from a page of another site. Only the service's own page, and pages of the "
    "sites that COMPENSATION_API_CORS_ORIGINS lists, may send it",
)


def path_of(scope: Scope) -> str:
    """Return the path of a request without the base path of a reverse proxy."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


class AccessMiddleware:
    """Middleware that refuses requests before their body is read."""

    def __init__(self, app: ASGIApp, settings: Settings, keys: Keys | None) -> None:
        self.app = app
        self._keys = keys
        self._hosts = _hosts(settings, keys)
        self._origins = frozenset(settings.cors_origins)
        self._limit = parse(settings.rate_limit)
        # It counts in memory, so each process counts alone.
        self._window = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._private = settings.private

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with a problem."""
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
            # A proxy in between may see another end of the request than we do (request smuggling).
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
        if not self._window.hit(self._limit, caller):
            reset = self._window.get_window_stats(self._limit, caller).reset_time
            seconds = max(1, ceil(reset - time.time()))
            detail = Text("请在 {seconds} 秒后再试", "try again in {seconds} seconds")
            headers = {"Retry-After": str(seconds)}
            return Problem("too-many-requests", detail.fill(seconds=seconds), headers=headers)
        open_to_all = self._keys is None and (self._private or not path.startswith("/metrics"))
        if owner is None and not open_to_all:
            return Problem("key-needed", headers={"WWW-Authenticate": "Bearer"})
        return None

    def _is_of_another_site(self, connection: HTTPConnection) -> bool:
        """Return whether a page of a site that is neither ours nor allowed sent the request.

        Browsers send Sec-Fetch-Site, which no page can change; old browsers, and all browsers on
        connections they do not trust, send only Origin. Other programs send neither.
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
        """Return the name of the key that a request has; None if it has no valid one."""
        if self._keys is None:
            return None
        given = connection.headers.getlist("authorization")
        if len(given) != 1:
            return None
        scheme, _, key = given[0].partition(" ")
        return self._keys.owner(key.strip()) if scheme.lower() == "bearer" else None


def _hosts(settings: Settings, keys: Keys | None) -> frozenset[str]:
    """Return the host names that requests may be addressed to; an empty set allows all.

    A service without keys on loopback accepts only the names of this machine. Otherwise a page of
    another site could reach it by a name that resolves to loopback (DNS rebinding).
    """
    if settings.allowed_hosts:
        return frozenset(host.lower() for host in settings.allowed_hosts)
    return _THIS_MACHINE if keys is None and settings.private else frozenset()


def _host(connection: HTTPConnection) -> str:
    """Return the host that the request is addressed to, in lower case and without the port."""
    host = connection.headers.get("host", "").lower()
    return host if host.endswith("]") else host.rpartition(":")[0] or host
