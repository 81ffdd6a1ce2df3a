"""How calls read their bodies: JSON exactly, and never more than is allowed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request

from api.exact_json import Malformed, TooMuch, check_parts, loads
from api.problems import Problem
from compensation.language import Text

JSON_TYPE = "application/json"


class BoundedRequest(Request):
    """A request whose body is bounded in size and time."""

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


def json_of(content: bytes, most_parts: int | None = None) -> Any:
    """Return the JSON of a body: texts, int, Decimal, lists and objects.

    Raises `Problem` where it is none, or has more than ``most_parts``: see `check_parts`.
    """
    try:
        if most_parts is not None:
            check_parts(content, most_parts)
        return loads(content)
    except Malformed as error:
        raise _malformed(error) from error
    except TooMuch as error:
        raise Problem("too-large", error.message) from error


def _malformed(error: Malformed) -> Problem:
    """Return the problem of a body that is not JSON."""
    message = Text(
        "请求体不是正确的 JSON：第 {position} 个字符处：{reason}",
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
        "内容类型是 {kind}，应为 {supported}",
        "the content type is {kind}; {supported} is supported",
    ).fill(kind=kind or Text("（没有）", "(none)"), supported=", ".join(supported))
    return Problem("unsupported-type", message, headers={"Accept": ", ".join(supported)})


def router(tag: str) -> APIRouter:
    """Return the router of a module of calls that take no JSON, or read it themselves."""
    return APIRouter(tags=[tag])
