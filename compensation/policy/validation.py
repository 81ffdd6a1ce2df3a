"""Whether a file may hold what it holds: every fault of its keys, named in two languages.

pydantic says what is wrong, from the fields of the model; what it says is put into our words here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields
from typing import Any, TypeVar, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from compensation.language import Text, same
from compensation.ledger.parties import PARTIES, party_name
from compensation.policy.faults import PolicyFault, PolicyFaults, base_element, element
from compensation.policy.model import (
    Operation,
    PolicyFile,
    SeriesFile,
    Strict,
    key_of_field,
)
from compensation.policy.reading import built
from compensation.policy.variables import most_like

M = TypeVar("M", bound=Strict)
Location = tuple[int | str, ...]


def validated(model: type[M], data: Mapping[str, Any], file: str) -> M:
    """Return the model of what a file holds; `PolicyFaults` with every key that is wrong."""
    try:
        _ADAPTERS[model].validate_python(data)
    except ValidationError as error:
        details = error.errors(include_url=False)
        slid = {detail["loc"][-1] for detail in details if _has_slid(detail, model)}
        faults = [
            PolicyFault(
                "unknown_key" if detail["type"] == _UNKNOWN else detail["type"],
                file,
                key_of(detail["loc"], data),
                _message(detail, model),
            )
            for detail in details
            if not _follows(detail, slid)
        ]
        raise PolicyFaults(_said_once(faults) if model is PolicyFile else faults) from None
    return built(model, data)


_ADAPTERS: dict[type, TypeAdapter[Any]] = {
    model: TypeAdapter(model) for model in (PolicyFile, SeriesFile)
}
_UNKNOWN = "unexpected_keyword_argument"


def key_of(location: Location, data: object) -> str:
    """Return a place in the file in its own words; see `PolicyFault.key`."""
    key = ""
    for part in location:
        if isinstance(part, int):
            count = len(data) if isinstance(data, list) else 0
            data = data[part] if isinstance(data, list) and part < count else None
            place = element(key, part, data.get("id") if isinstance(data, dict) else None)
            key = base_element(part, count) if key == "base" else place
        elif not part.startswith("<"):
            data = data.get(part) if isinstance(data, dict) else None
            key = f"{key}.{part}" if key else part
    return key


COMMON = ("clause", "basis")
"""Keys that the top of a policy file may have for all that stands below."""


def _has_slid(detail: ErrorDetails, model: type[Strict]) -> bool:
    """Return whether a key of the top of the file stands below the heading of a table."""
    unknown = detail["type"] == _UNKNOWN and len(detail["loc"]) > 1
    return unknown and model is PolicyFile and detail["loc"][-1] in {*_fields(model), *COMMON}


def _follows(detail: ErrorDetails, slid: Collection[int | str]) -> bool:
    """Return whether an error only follows from another one.

    A key is missing because it has slid below the heading of a table; a list is too short because
    its elements are wrong.
    """
    *above, key = detail["loc"]
    if detail["type"] == "too_short":
        return bool(len(detail["input"]) >= detail["ctx"]["min_length"])
    return detail["type"] == "missing" and key in slid and (not above or key in COMMON)


_KINDS: dict[str, type[Strict]] = {"<operation>": Operation}


def _keys_at(model: type[Strict], location: Location) -> list[str]:
    """Return the keys that the table at a place of the file may have."""
    current = model
    for part in location:
        if isinstance(part, str):
            current = _KINDS.get(part) or next(_models_in(_fields(current)[part]))
    return list(_fields(current))


def _fields(model: type[Strict]) -> dict[str, object]:
    """Return the annotations of a model by the keys of the file."""
    hints = get_type_hints(model)
    return {key_of_field(field.name): hints[field.name] for field in fields(model)}


def _models_in(annotation: object) -> Iterator[Any]:
    if isinstance(annotation, type) and issubclass(annotation, Strict):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


_MESSAGES = {
    "missing": Text("缺少这个键", "this key is missing"),
    "literal_error": Text("要写 {expected} 之一{got}", "one of {expected} is expected{got}"),
    "string_type": Text("要写文字（加引号）{got}", "text in quotes is expected{got}"),
    "string_too_short": Text("不能为空", "this may not be empty"),
    "string_too_long": Text("最多 {max_length} 个字符", "at most {max_length} characters"),
    "string_pattern_mismatch": Text(
        "只能用小写字母、数字、下划线和连字符，以字母开头{got}",
        "lower-case letters, digits, _ and - only, beginning with a letter{got}",
    ),
    "int_type": Text("要写整数{got}", "a whole number is expected{got}"),
    "bool_type": Text("要写 true 或 false{got}", "true or false is expected{got}"),
    "tuple_type": Text("要写列表，用方括号{got}", "a list in square brackets is expected{got}"),
    "dataclass_type": Text("要写一组键，不是单个值{got}", "a table of keys is expected{got}"),
    "too_short": Text("至少要有 {min_length} 项", "at least {min_length} is needed"),
    "greater_than_equal": Text("不能小于 {ge}{got}", "at least {ge} is expected{got}"),
    "less_than_equal": Text("不能大于 {le}{got}", "at most {le} is expected{got}"),
    "number": Text("要写数，不加引号{got}", "a number is expected, unquoted{got}"),
    "number_size": Text("数太大，或不是有限的数{got}", "too large, or no finite number{got}"),
    "number_decimals": Text("最多六位小数{got}", "at most six decimals{got}"),
    "rate_range": Text(
        "比例要在 0 和 1 之间{got}；超过 100% 的写在基数中：times 一个大于 1 的数；"
        "扣减的写 minus = [0, 0.1]",
        "a rate lies between 0 and 1{got}; more than 100% is said of the base: `times` a number; "
        "what is taken off is minus = [0, 0.1]",
    ),
    "rate_decimals": Text("比例最多四位小数{got}", "a rate has at most four decimals{got}"),
    "day": Text(
        "要写日期，不加引号，如 2022-01-01{got}", "a date is expected, unquoted, as 2022-01-01{got}"
    ),
    "given": Text("given 只能写 true，或者不写", "given is true or left out"),
    "format": Text("格式版本为 2{got}", "the version of the format is 2{got}"),
    "series_format": Text(
        "序列文件的格式版本为 1{got}", "the version of the format of a series file is 1{got}"
    ),
}
"""What is said of each kind of error that the model reports."""


_SLID = Text(
    "{key} 属于文件开头，写在 [表头] 之后就成了该表的内容；请移到第一个 [表头] 之前",
    "{key} belongs to the top of the file; below the heading of a table it is part of that table; "
    "move it above the first [heading]",
)


_PARTIES = Text(
    "写编号："
    + "、".join(f"{party}（{party_name(party).zh}）" for party in PARTIES)
    + "，或 share_ 列名中 share_ 之后的部分",
    f"write one of {', '.join(PARTIES)}, or what follows share_ in another share column",
)
_FIXED = Text(
    "这里只能写固定的数，不能写算式", "a fixed number is needed here; an operation does not fit"
)
_TOP = Text(
    "{count} 处没有写 {key}：可以在文件开头（第一个 [表头] 之前）写一次，凡没有自己写明的都用它",
    "{key} is missing in {count} places: it may stand once at the top of the file (above the first "
    "[heading]), for everything that names none",
)


def _said_once(faults: list[PolicyFault]) -> list[PolicyFault]:
    """Return the faults, one for each key that the top of the file may have for all places."""
    for name in COMMON:
        lacking = [f for f in faults if f.kind == "missing" and f.key.endswith(f".{name}")]
        if len(lacking) > 1:
            message = _TOP.fill(count=len(lacking), key=name)
            faults = [fault for fault in faults if fault not in lacking]
            faults.append(PolicyFault("missing", lacking[0].file, name, message))
    return faults


def _message(detail: ErrorDetails, model: type[Strict]) -> Text:
    got = _shown(detail["input"])
    if _has_slid(detail, model):
        return _SLID.fill(key=detail["loc"][-1])
    if detail["type"] == _UNKNOWN:
        known = _keys_at(model, detail["loc"][:-1])
        message = Text(
            "不认识这个键{nearest}；这里可以写 {known}",
            "this key is unknown{nearest}; known here: {known}",
        )
        nearest = most_like(str(detail["loc"][-1]), known)
        return message.fill(nearest=nearest, known=", ".join(known))
    if detail["type"] == "string_pattern_mismatch" and detail["loc"][-1] in ("party", "borne_by"):
        return _PARTIES
    if detail["type"] == "number" and isinstance(detail["input"], dict):
        return _FIXED
    context = dict(detail.get("ctx", {}))
    expected = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
    other = Text("内容有误：{reason}{got}", "wrong: {reason}{got}")
    context |= {"expected": expected, "got": got, "reason": detail["msg"]}
    return _MESSAGES.get(detail["type"], other).fill(**context)


def _shown(value: object) -> Text:
    """Return the end of a message that shows a short value, or nothing."""
    if isinstance(value, dict | list | tuple):
        return same("")
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    shown = shown if len(shown) <= 40 else shown[:37] + "..."
    return Text(f"；现为 {shown}", f"; here: {shown}")
