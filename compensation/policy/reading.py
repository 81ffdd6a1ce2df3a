"""From a TOML file to what it holds, and from that to the model.

Whether the file may hold it is for `validation` to say, with pydantic. `built` takes what has
passed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

from compensation.language import Text
from compensation.policy.faults import PolicyFaults, policy_fault
from compensation.policy.model import Strict, key_of_field
from compensation.policy.syntax import syntax_message

M = TypeVar("M", bound=Strict)


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file, with or without BOM; `PolicyFaults` if it cannot be read."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        message = Text("文件不是 UTF-8 编码；请另存为 UTF-8", "not UTF-8; save it as UTF-8")
        kind = "encoding"
    except IsADirectoryError:
        message = Text("这是文件夹，不是文件", "this is a folder, not a file")
        kind = "unreadable"
    except FileNotFoundError:
        message = Text("没有这个文件", "there is no such file")
        kind = "unreadable"
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = Text(f"文件不能读取（{reason}）", f"the file cannot be read ({reason})")
        kind = "unreadable"
    raise PolicyFaults([policy_fault(kind, path.name or str(path), "", message)])


def parse(text: str, file: str) -> dict[str, Any]:
    """Return what a TOML text holds, numbers with a point as decimals."""
    try:
        return tomllib.loads(text.replace("\r\n", "\n"), parse_float=_decimal)
    except (ValueError, RecursionError) as error:
        fault = policy_fault("syntax", file, "", syntax_message(error, text))
        raise PolicyFaults([fault]) from None


def _decimal(text: str) -> Decimal:
    """Return the number; one too large even for a decimal is refused later, as not finite."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("NaN")


class _Field(NamedTuple):
    """A field of a model: its name, and the types that its value may have."""

    name: str
    types: tuple[Any, ...]


_known: dict[type, Mapping[str, _Field]] = {}


def _fields_of(model: type[Strict]) -> Mapping[str, _Field]:
    """Return the fields of a model by the keys of the file."""
    if model not in _known:
        hints = get_type_hints(model, include_extras=True)  # leaving them out takes as long again
        _known[model] = {
            key_of_field(field.name): _Field(field.name, _types_in(hints[field.name]))
            for field in fields(model)
        }
    return _known[model]


def _types_in(hint: Any) -> tuple[Any, ...]:
    kind = get_origin(hint)
    if kind is Annotated:
        return _types_in(hint.__origin__)
    if kind in (Union, UnionType):
        return tuple(each for part in get_args(hint) for each in _types_in(part))
    return (hint,)


def built(model: type[M], data: Mapping[str, Any]) -> M:
    """Return the model of what a file holds, which has been validated."""
    known = _fields_of(model)
    values = {known[key].name: _value(known[key].types, value) for key, value in data.items()}
    part = model(**values)
    vars(part)["written"] = frozenset(values)
    return part


def _value(types: tuple[Any, ...], value: Any) -> Any:
    """Return a value of the file in the one of its types that is meant."""
    if isinstance(value, dict):
        models = [kind for kind in types if isinstance(kind, type) and issubclass(kind, Strict)]
        return built(next(m for m in models if value.keys() <= _fields_of(m).keys()), value)
    if isinstance(value, list):
        [(each, _)] = [get_args(kind) for kind in types if get_origin(kind) is tuple]
        kinds = _types_in(each)
        return tuple(_value(kinds, part) for part in value)
    if isinstance(value, str):
        return value.strip()
    return Decimal(value) if isinstance(value, int) and Decimal in types else value
