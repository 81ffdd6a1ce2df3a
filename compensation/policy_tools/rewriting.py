"""The text of a policy file of format 1 as a text of format 2: the same order and comments.

The layout is written anew: a comment at the end of a line, or inside a value, goes above it.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from compensation.language import Text
from compensation.policy.catalogue import POLICY_TEXT, Policy, policy_of_texts
from compensation.policy.convert import converted, is_first_format
from compensation.policy.faults import PolicyFaults, policy_fault
from compensation.policy.reading import parse
from compensation.policy_tools.toml_comments import Layout, Place, layout_of

LONGEST = 100
"""A list that makes a longer line has a line for each element."""
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_CONTROL = re.compile(r'[\x00-\x1f\x7f"\\]')


def in_second_format(policy: Policy) -> str:
    """Return the text of a policy in format 2.

    Raises `PolicyFaults` where the file is not of format 1, and where the text would not give a
    policy of the same digest.
    """
    data = parse(policy.text, policy.source)
    if not is_first_format(data):
        raise _refused(
            policy,
            "not_first_format",
            Text("文件已经是格式 2，不需要转换", "the file is of format 2 already"),
        )
    said = converted(data)
    if isinstance(data.get("base"), dict):
        [said["base"]] = said["base"]
    text = written(said, layout_of(policy.text.replace("\r\n", "\n")))
    if policy_of_texts({**policy.texts, POLICY_TEXT: text}).digest != policy.digest:
        raise _refused(
            policy,
            "not_converted",
            Text(
                "转换后的文件与原文件的内容不同，没有写出",
                "the converted file would not say the same as the original; nothing was written",
            ),
        )
    return text


def _refused(policy: Policy, kind: str, message: Text) -> PolicyFaults:
    return PolicyFaults([policy_fault(kind, policy.source, "format", message)])


def written(data: Mapping[str, Any], layout: Layout) -> str:
    """Return what a file holds as TOML, with the tables and comments of a layout."""
    lines = [*_table(data, (), (), layout), *layout.last]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"


def _table(
    data: Mapping[str, Any], place: Place, names: tuple[str, ...], layout: Layout
) -> Iterator[str]:
    """Yield the lines of a table below its heading: keys first, then the tables in it."""
    inner = [key for key, value in data.items() if _has_heading(value, (*names, key), layout)]
    for key, value in data.items():
        if key not in inner:
            yield from layout.comments.get((*place, key), [])
            yield _line(key, value)
    for key in inner:
        value = data[key]
        own = (*names, key)
        title = ".".join(map(_key, own))
        if isinstance(value, list):
            for number, part in enumerate(value):
                there = (*place, key, number)
                yield from _headed(part, there, own, layout, f"[[{title}]]")
        else:
            yield from _headed(value, (*place, key), own, layout, f"[{title}]")


def _headed(
    data: Mapping[str, Any], place: Place, names: tuple[str, ...], layout: Layout, heading: str
) -> Iterator[str]:
    """Yield a table with its heading, and above it the comments of keys that there are no more."""
    yield ""
    yield from layout.comments.get(place, [])
    for there, comments in layout.comments.items():
        if there[:-1] == place and isinstance(there[-1], str) and there[-1] not in data:
            yield from comments
    yield heading
    yield from _table(data, place, names, layout)


def _has_heading(value: object, names: tuple[str, ...], layout: Layout) -> bool:
    """Return whether a table, or a list of tables, had lines of its own."""
    if isinstance(value, list):
        return names in layout.headings and all(isinstance(part, dict) for part in value)
    below = (names == each[: len(names)] for each in layout.headings)
    return isinstance(value, dict) and any(below)


def _line(key: str, value: object) -> str:
    line = f"{_key(key)} = {value_text(value)}"
    if not isinstance(value, list) or len(line) <= LONGEST:
        return line
    return "\n".join([f"{_key(key)} = [", *(f"    {value_text(part)}," for part in value), "]"])


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else value_text(key)


def value_text(value: object) -> str:
    """Return a value of TOML on one line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value:_}"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, list):
        return f"[{', '.join(map(value_text, value))}]"
    if isinstance(value, dict):
        parts = ", ".join(f"{_key(key)} = {value_text(part)}" for key, part in value.items())
        return f"{{ {parts} }}" if parts else "{}"
    return f'"{_CONTROL.sub(_escaped, str(value))}"'


def _escaped(found: re.Match[str]) -> str:
    return _ESCAPED.get(found[0], f"\\u{ord(found[0]):04x}")
