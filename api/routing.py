"""How calls read their bodies: JSON exactly, and never more bytes than the settings allow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from api.exact_json import Malformed, loads
from api.problems import Problem
from compensation.language import Text

JSON_TYPE = "application/json"
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ExactRequest(Request):
    """A request whose JSON is read exactly and whose body is bounded."""

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """Yield the body in pieces; raises `Problem` as soon as it is larger than is allowed."""
        most: int = self.app.state.settings.max_body_bytes
        async for piece in bounded(super().stream(), self, most):
            yield piece

    async def body(self) -> bytes:
        """Return the whole body; raises `Problem` where it does not arrive in time."""
        try:
            async with asyncio.timeout(self.app.state.settings.body_seconds):
                return await super().body()
        except TimeoutError as error:
            raise Problem("timeout") from error

    async def json(self) -> Any:
        """Return the body's JSON: texts, int, Decimal, lists and objects."""
        try:
            return loads(await self.body())
        except Malformed as error:
            raise malformed(error) from error


def malformed(error: Malformed) -> Problem:
    """Return the problem of a body that is not JSON."""
    message = Text(
        "请求体不是正确的 JSON:第 {position} 个字符处:{reason}",
        "the body is not JSON: at character {position}: {reason}",
    )
    return Problem("malformed", message.fill(position=error.position + 1, reason=error.reason))


async def bounded(
    pieces: AsyncGenerator[bytes, None], request: Request, most: int
) -> AsyncGenerator[bytes, None]:
    """Yield the pieces of a body; raises `Problem` once they are more than ``most`` bytes."""
    announced = request.headers.get("content-length", "")
    size = 0
    if announced.isdecimal() and int(announced) > most:
        raise too_large(most)
    async for piece in pieces:
        size += len(piece)
        if size > most:
            raise too_large(most)
        yield piece


def too_large(most: int) -> Problem:
    """Return the problem of a body of more than ``most`` bytes."""
    message = Text("请求体超过 {most} 字节", "the body is larger than {most} bytes")
    return Problem("too-large", message.fill(most=most))


def media_type_of(request: Request) -> str:
    """Return the media type of the body, in small letters and without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def unsupported(kind: str, supported: Sequence[str]) -> Problem:
    """Return the problem of a body of a type that a call does not take."""
    message = Text(
        "内容类型是 {kind},应为 {supported}",
        "the content type is {kind}; {supported} is supported",
    ).fill(kind=kind or Text("(没有)", "(none)"), supported=", ".join(supported))
    return Problem("unsupported-type", message, headers={"Accept": ", ".join(supported)})


class ExactRoute(APIRoute):
    """A route that reads JSON bodies exactly, and takes no other."""

    def get_route_handler(self) -> Handler:
        """Return the handler, which gets an `ExactRequest`."""
        handle = super().get_route_handler()
        takes_json = self.body_field is not None

        async def exactly(request: Request) -> Response:
            if takes_json and media_type_of(request) != JSON_TYPE:
                raise unsupported(media_type_of(request), (JSON_TYPE,))
            return await handle(ExactRequest(request.scope, request.receive))

        return exactly


def router(tag: str) -> APIRouter:
    """Return the router of a module of calls."""
    return APIRouter(route_class=ExactRoute, tags=[tag])
