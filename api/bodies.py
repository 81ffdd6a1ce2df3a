"""Media types, limits on the size and time of request bodies, and exact JSON.

A JSON number keeps the digits that were sent; it never becomes a float.
"""

from __future__ import annotations

import asyncio
import codecs
import json
import re
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from starlette.requests import Request

from api.language import weighted
from api.numbers import MAX_DIGITS, OddNumber
from api.problems import Problem, busy
from api.settings import Settings
from compensation.language import Text

JSON_TYPE = "application/json"
MOST_MEMBERS = 500
"""The most members of an object, and the most different members of the rows of a table."""
LONGEST_NAME = 200
"""The most characters of a member's name."""

_REJECTED = Text(
    "正在上传的内容太多，请稍后再试", "too much is being uploaded at the moment; try again later"
)
_OTHER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
"""Byte order marks of other encodings; that of UTF-32-LE begins as that of UTF-16-LE."""
_ESCAPE = re.compile(
    r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(?P<half>\\u[dD][89a-fA-F]..)|\\.", re.DOTALL
)
"""An escape in a JSON text: a surrogate pair, a lone surrogate, or anything else."""


class BoundedRequest(Request):
    """A request with a body of at most ``most`` bytes; `count` gets the size of each piece."""

    def __init__(
        self, request: Request, most: int, count: Callable[[int], None] = lambda _size: None
    ) -> None:
        super().__init__(request.scope, request.receive)
        self._most = most
        self._count = count

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """Yield the body in pieces; raises `Problem` as soon as it is too large."""
        announced = self.headers.get("content-length", "")
        size = int(announced) if announced.isdecimal() else 0
        if size <= self._most:
            size = 0
            async for piece in super().stream():
                size += len(piece)
                if size > self._most:
                    break
                self._count(len(piece))
                yield piece
        if size > self._most:
            message = Text("请求体超过 {most} 字节", "the body is larger than {most} bytes")
            raise Problem("too-large", message.fill(most=self._most))

    async def body_within(self, seconds: float) -> bytes:
        """Return the whole body; raises `Problem` where it does not arrive in time."""
        try:
            async with asyncio.timeout(seconds):
                return await self.body()
        except TimeoutError as error:
            raise Problem("timeout") from error


class UploadLimit:
    """Limits on the uploads in progress: a timeout for each, and a total size for all together.

    An upload in progress takes no place in the queue of computations, so a client that stops
    sending does not block others. Instead, the total size of all uploads in progress is limited.
    Where it is exceeded, the upload that has been idle for the longest is rejected.
    """

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


def media_type_of(request: Request, supported: Sequence[str]) -> str:
    """Return the media type of the body without its parameters; raises `Problem` on any other."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in supported:
        return kind
    message = Text(
        "内容类型是 {kind}，应为 {supported}",
        "the content type is {kind}; {supported} is supported",
    ).fill(kind=kind or Text("（没有）", "(none)"), supported=", ".join(supported))
    raise Problem("unsupported-type", message, headers={"Accept": ", ".join(supported)})


def answer_type(request: Request, offered: Sequence[str]) -> str:
    """Return that of the media types offered which Accept prefers, the first of equals.

    Raises `Problem` (406) where it accepts none of them.
    """
    accept = request.headers.get("accept", "").strip() or "*/*"
    weights = dict(reversed(weighted(accept)))

    def weight(kind: str) -> float:
        """Return the weight of a media type: that of the range that names it most closely."""
        ranges = (kind, kind.partition("/")[0] + "/*", "*/*")
        return next((weights[name] for name in ranges if name in weights), 0.0)

    best = max(offered, key=weight)
    if not weight(best):
        message = Text("只能给出 {offered}", "{offered} is all that can be given")
        raise Problem("not-acceptable", message.fill(offered=", ".join(offered)))
    return best


def read_json(content: bytes, most_parts: int | None = None) -> Any:
    r"""Parse JSON in UTF-8, with or without a byte order mark.

    Numbers become int or Decimal, or `OddNumber` where neither can hold them. Raises `Problem`
    where the content is not JSON, an object has a member twice (it is unclear which one counts), a
    text has a lone surrogate (\ud800), which cannot be encoded again, there are more than
    ``most_parts`` commas and opening brackets, or an object has more than `MOST_MEMBERS`.
    """
    if most_parts is not None:
        _check_parts(content, most_parts)
    if content.startswith(_OTHER_MARKS) or b"\0" in content[:2]:
        zh, en = "是 UTF-16 或 UTF-32 编码，应为 UTF-8", "it is in UTF-16 or UTF-32, not UTF-8"
        raise _malformed(zh, en)
    try:
        text = content.removeprefix(codecs.BOM_UTF8).decode("utf-8")
        for escape in _ESCAPE.finditer(text):
            if escape["half"]:
                raise _malformed("半个字符", "half a character", escape.start())
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise _malformed("语法不对", error.msg, error.pos) from error
    except UnicodeDecodeError as error:
        raise _malformed("不是 UTF-8 编码", "the body is not UTF-8", error.start) from error
    except RecursionError as error:
        raise _malformed("嵌套过深", "the body is nested too deeply") from error


def _malformed(zh: str, en: str, position: int = 0) -> Problem:
    """Return the problem of a body that is not JSON, with the position of the error."""
    message = Text(
        "请求体不是正确的 JSON：第 {position} 个字符处：{reason}",
        "the body is not JSON: at character {position}: {reason}",
    )
    return Problem("malformed", message.fill(position=position + 1, reason=Text(zh, en)))


def _check_parts(content: bytes, most: int) -> None:
    """Raise `Problem` where JSON has more than ``most`` commas and opening brackets.

    Every value but the first follows one of them. They are counted before parsing, so those within
    texts count as well.
    """
    parts = content.count(b",") + content.count(b"[") + content.count(b"{")
    if parts > most:
        message = Text(
            "请求体中的逗号和左括号有 {parts} 个，至多 {most} 个",
            "the body has {parts} commas and opening brackets; {most} are allowed",
        )
        raise Problem("too-large", message.fill(parts=parts, most=most))


def _decimal(token: str) -> Decimal | OddNumber:
    if len(token) > MAX_DIGITS:
        return OddNumber(token)
    try:
        value = Decimal(token)
    except InvalidOperation:  # an exponent that Decimal cannot hold
        return OddNumber(token)
    if not value:
        return Decimal(0)  # including 0e50
    return value if -MAX_DIGITS <= value.adjusted() <= MAX_DIGITS else OddNumber(token)


def _integer(token: str) -> int | OddNumber:
    return int(token) if len(token) <= MAX_DIGITS else OddNumber(token)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MOST_MEMBERS:
        message = Text(
            "一个 JSON 对象有 {members} 项，至多 {most} 项",
            "a JSON object has {members} members; {most} are allowed",
        )
        raise Problem("too-large", message.fill(members=len(pairs), most=MOST_MEMBERS))
    made = dict(pairs)
    if sum(map(len, made)) > LONGEST_NAME and max(map(len, made)) > LONGEST_NAME:
        message = Text(
            "一项的名称有 {length} 个字符，至多 {most} 个",
            "the name of a member has {length} characters; {most} are allowed",
        )
        raise Problem("too-large", message.fill(length=max(map(len, made)), most=LONGEST_NAME))
    if len(made) != len(pairs):
        ((name, _),) = Counter(name for name, _ in pairs).most_common(1)
        shown = repr(name[:80])
        raise _malformed(f"{shown} 出现了两次", f"duplicate member {shown}")
    return made


_DECODER = json.JSONDecoder(
    parse_float=_decimal,
    parse_int=_integer,
    parse_constant=OddNumber,
    object_pairs_hook=_object,
)
