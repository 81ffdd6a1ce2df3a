"""JSON read exactly: a number arrives as the digits that were sent, never through a float."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from compensation.language import Text

MAX_DIGITS = 40
"""Digits of a number, and the size of its exponent, up to which it is taken as a number."""
MOST_MEMBERS = 500
"""Members that an object may have, and different ones that the rows of a table may have."""
LONGEST_NAME = 200
"""Characters of a member's name."""
MEMBERS: dict[str, Any] = {
    "maxProperties": MOST_MEMBERS,
    "propertyNames": {"maxLength": LONGEST_NAME},
}
"""The same as a schema says it."""

_OTHER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
"""How bodies in other encodings begin; UTF-32 in small end begins as UTF-16 does."""

_ESCAPE = re.compile(
    r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(?P<half>\\u[dD][89a-fA-F]..)|\\.", re.DOTALL
)
"""What a backslash begins in a text: a character in two halves, a half alone, or anything else."""


class OddNumber:
    """A number that no amount, ratio or count can be: NaN, Infinity, 1e400, a thousand digits.

    It is kept as it was written, so that the fault can show it, and is of no type that a field
    takes.
    """

    __slots__ = ("token",)

    def __init__(self, token: str) -> None:
        self.token = token if len(token) <= MAX_DIGITS else token[:MAX_DIGITS] + "…"

    def __str__(self) -> str:
        return self.token

    __repr__ = __str__


class Malformed(ValueError):
    """A body that is not JSON; says what is wrong with it and at which character."""

    def __init__(self, reason: Text, position: int = 0) -> None:
        super().__init__(reason.en)
        self.reason = reason
        self.position = position


class TooMuch(ValueError):
    """A body of more parts than are looked at, or with a part that is too large."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en)
        self.message = message


def _decimal(token: str) -> Decimal | OddNumber:
    if len(token) > MAX_DIGITS:
        return OddNumber(token)
    try:
        value = Decimal(token)
    except InvalidOperation:  # an exponent beyond what Decimal holds
        return OddNumber(token)
    if not value:
        return Decimal(0)  # 0e50, too
    return value if -MAX_DIGITS <= value.adjusted() <= MAX_DIGITS else OddNumber(token)


def _integer(token: str) -> int | OddNumber:
    return int(token) if len(token) <= MAX_DIGITS else OddNumber(token)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MOST_MEMBERS:
        message = Text(
            "一个 JSON 对象有 {members} 项，至多 {most} 项",
            "a JSON object has {members} members; {most} are allowed",
        )
        raise TooMuch(message.fill(members=len(pairs), most=MOST_MEMBERS))
    made = dict(pairs)
    if sum(map(len, made)) > LONGEST_NAME:
        _check_names(made)
    if len(made) != len(pairs):
        seen: set[str] = set()
        name = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        message = Text("{name} 出现了两次", "duplicate member {name}")
        raise Malformed(message.fill(name=repr(name[:80])))
    return made


def _check_names(members: Iterable[str]) -> None:
    longest = max(map(len, members))
    if longest > LONGEST_NAME:
        message = Text(
            "一项的名称有 {length} 个字符，至多 {most} 个",
            "the name of a member has {length} characters; {most} are allowed",
        )
        raise TooMuch(message.fill(length=longest, most=LONGEST_NAME))


_DECODER = json.JSONDecoder(
    parse_float=_decimal,
    parse_int=_integer,
    parse_constant=OddNumber,
    object_pairs_hook=_object,
)


def check_parts(content: bytes, most: int) -> None:
    """Raise `TooMuch` where JSON has more than ``most`` commas and opening brackets.

    Every value but the first follows one of them. They are counted before anything is read, in
    texts as well: telling these apart would take reading them.
    """
    parts = content.count(b",") + content.count(b"[") + content.count(b"{")
    if parts > most:
        message = Text(
            "请求体中的逗号和左括号有 {parts} 个，至多 {most} 个",
            "the body has {parts} commas and opening brackets; {most} are allowed",
        )
        raise TooMuch(message.fill(parts=parts, most=most))


def loads(content: bytes) -> Any:
    r"""Read JSON in UTF-8: objects, lists, texts, booleans, None, int, Decimal or `OddNumber`.

    A byte order mark before it says nothing else, and is passed over.

    Raises `TooMuch` where an object has more than `MOST_MEMBERS`. Raises `Malformed`, also where an
    object has a member twice: which one counts is in doubt; and where a text has half a character
    (\ud800), which no file and no answer can hold.
    """
    if content.startswith(_OTHER_MARKS) or b"\0" in content[:2]:
        message = Text(
            "是 UTF-16 或 UTF-32 编码，应为 UTF-8", "it is in UTF-16 or UTF-32, not UTF-8"
        )
        raise Malformed(message)
    try:
        text = content.removeprefix(codecs.BOM_UTF8).decode("utf-8")
        for escape in _ESCAPE.finditer(text):
            if escape["half"]:
                raise Malformed(Text("半个字符", "half a character"), escape.start())
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise Malformed(Text("语法不对", error.msg), error.pos) from error
    except UnicodeDecodeError as error:
        message = Text("不是 UTF-8 编码", "the body is not UTF-8")
        raise Malformed(message, error.start) from error
    except RecursionError as error:
        raise Malformed(Text("嵌套过深", "the body is nested too deeply")) from error
