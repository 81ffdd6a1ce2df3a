"""Whether a file may hold what it holds: every fault of its keys, named in two languages.

pydantic says what is wrong, from the fields of the model; `pydantic_errors` has it in our words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from compensation.issues import NO_TEXT, Issue, Place
from compensation.language import Text, joined
from compensation.policy.faults import PolicyFaults, base_element, element
from compensation.policy.model import (
    Cited,
    CostLimits,
    Operation,
    PolicyFile,
    ReturnStep,
    SeriesFile,
    Strict,
    Taker,
    key_of_field,
)
from compensation.policy.reading import built
from compensation.policy.variables import most_like
from compensation.pydantic_errors import TOML, issue_of
from compensation.schema.parties import PARTIES, party_name

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
            _issue(detail, model, Place(file=file, key=key_of(detail["loc"], data)))
            for detail in details
            if not _follows(detail, slid)
        ]
        raise PolicyFaults(_said_once(faults, file) if model is PolicyFile else faults) from None
    return built(model, data)


_ADAPTERS: dict[type, TypeAdapter[Any]] = {
    model: TypeAdapter(model) for model in (PolicyFile, SeriesFile)
}
_UNKNOWN = "unexpected_keyword_argument"


def key_of(location: Location, data: object) -> str:
    """Return a place in the file in its own words; see `Place`."""
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


_KINDS: dict[str, type[Strict]] = {
    "<operation>": Operation,
    "<takers>": Taker,
    "<step>": ReturnStep,
    "<limits>": CostLimits,
}


def _keys_at(model: type[Strict], location: Location) -> list[str]:
    """Return the keys that the table at a place of the file may have."""
    return list(_fields(_model_at(model, location)))


def _model_at(model: type[Strict], location: Location) -> type[Strict]:
    for part in location:
        if isinstance(part, str):
            model = _KINDS.get(part) or next(_models_in(_fields(model)[part]))
    return model


def _cited_parts(model: type[Strict], location: Location) -> list[str]:
    """Return the parts of the table at a place that are cited each for itself, as tiers are."""
    hints = _fields(_model_at(model, location)).items()
    return [key for key, hint in hints if any(issubclass(m, Cited) for m in _models_in(hint))]


def _fields(model: type[Strict]) -> dict[str, object]:
    """Return the annotations of a model by the keys of the file."""
    hints = get_type_hints(model)
    return {key_of_field(field.name): hints[field.name] for field in fields(model)}


def _models_in(annotation: object) -> Iterator[Any]:
    if isinstance(annotation, type) and issubclass(annotation, Strict):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


_SLID = Text(
    "{key} 属于文件开头，写在 [表头] 之后就成了该表的内容；请移到第一个 [表头] 之前",
    "{key} belongs to the top of the file; below the heading of a table it is part of that table; "
    "move it above the first [heading]",
)


_OF_PARTS = Text(
    "{key} 不写在这里，写在 {parts} 各项中；全文件都用的，在第一个 [表头] 之前写一次",
    "{key} stands not here but in each of {parts}; what the whole file uses stands once above the "
    "first [heading]",
)


_PARTIES = Text(
    "写编号："
    + "、".join(f"{party}（{party_name(party).zh}）" for party in PARTIES)
    + "，或 share_ 列名中 share_ 之后的部分",
    f"write one of {', '.join(PARTIES)}, or what follows share_ in another share column",
)
_ID = Text(
    "只能用小写字母、数字、下划线和连字符，以字母开头",
    "lower-case letters, digits, _ and - only, beginning with a letter",
)
_COLUMN = Text(
    "只能用小写字母、数字和下划线，以字母开头",
    "lower-case letters, digits and _ only, beginning with a letter",
)
_FIXED = Text(
    "这里只能写固定的数，不能写算式", "a fixed number is needed here; an operation does not fit"
)
_TOP = Text(
    "{count} 处没有写 {key}：可以在文件开头（第一个 [表头] 之前）写一次，凡没有自己写明的都用它",
    "{key} is missing in {count} places: it may stand once at the top of the file (above the first "
    "[heading]), for everything that names none",
)


def _said_once(faults: list[Issue], file: str) -> list[Issue]:
    """Return the faults, one for each key that the top of the file may have for all places."""
    for name in COMMON:
        lacking = [f for f in faults if f.kind == "missing" and f.key.endswith(f".{name}")]
        if len(lacking) > 1:
            message = _TOP.fill(count=len(lacking), key=name)
            faults = [fault for fault in faults if fault not in lacking]
            faults.append(Issue("missing", message, Place(file=file, key=name)))
    return faults


def _issue(detail: ErrorDetails, model: type[Strict], where: Place) -> Issue:
    issue = issue_of(detail, TOML, where)
    *above, key = detail["loc"]
    if detail["type"] == _UNKNOWN:
        known = _keys_at(model, tuple(above))
        message = Text(
            "不认识这个键；这里可以写 {known}{nearest}",
            "this key is unknown; known here: {known}{nearest}",
        ).fill(nearest=most_like(str(key), known), known=", ".join(known))
        if _has_slid(detail, model):
            message = _SLID.fill(key=key)
        if key in COMMON and (parts := _cited_parts(model, tuple(above))):
            message = _OF_PARTS.fill(key=key, parts=joined(parts))
        return Issue("unknown_key", message, where)
    if issue.kind == "wrong_form":
        said = {"party": _PARTIES, "borne_by": _PARTIES, "name": _COLUMN}.get(str(key), _ID)
        return replace(issue, message=said, expected=NO_TEXT)
    if issue.kind == "not_a_number" and isinstance(detail["input"], dict):
        return replace(issue, message=_FIXED, value=None)
    return issue
