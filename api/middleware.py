"""Middleware around every request: request id, security headers, log line, internal errors.

A HEAD request is handled as GET everywhere; the server omits the body.
"""

from __future__ import annotations

import logging
import time
import uuid

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.logs import OWN
from api.metrics import OTHER, count
from api.problems import Problem, response_of

log = logging.getLogger("api")

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""The Content-Security-Policy: only our own files, no inline scripts or styles."""
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
"""Headers of every answer, unless the call sets them."""


CLIENT_GONE = 499
"""The status that is logged where the client disconnected before the answer."""


class RequestMiddleware:
    """The outermost middleware of the application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one HTTP request; pass other events on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = str(uuid.uuid4())
        scope["request_id"] = request_id
        began = time.perf_counter()
        status, complete = 0, False
        # A copy, since the server looks at its own scope to omit the body.
        asked = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope

        async def send_with_headers(message: Message) -> None:
            nonlocal status, complete
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers["X-Request-ID"] = request_id
            elif message["type"] == "http.response.body":
                complete = not message.get("more_body", False)
            await send(message)

        try:
            await self.app(asked, receive, send_with_headers)
        except ClientDisconnect:
            status = CLIENT_GONE
        except Exception:
            log.exception("defect", extra={OWN: {"request_id": request_id}})
            if not status:
                response = response_of(HTTPConnection(scope), Problem("defect"))
                await response(scope, receive, send_with_headers)
            elif not complete:
                raise  # a truncated answer must not look complete
        finally:
            seconds = time.perf_counter() - began
            call = getattr(asked.get("route"), "path", OTHER)
            count(scope["method"], call, status, seconds)
            said = {
                "request_id": request_id,
                "method": scope["method"],
                "path": scope["path"],
                "status": status,
                "milliseconds": round(seconds * 1000, 1),
                "client": (scope.get("client") or ("",))[0],
                "key": asked.get("key_owner"),
            }
            log.info("request", extra={OWN: said})
