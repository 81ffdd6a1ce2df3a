"""Wrong values: kind, message in both languages, place, and what was expected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.numbers import shown
from compensation.language import Language, Text
from compensation.ledger.dictionary import TABLES


@dataclass(frozen=True)
class WrongValue:
    """One wrong value of a request.

    `pointer`: its place in a JSON body (RFC 6901). `parameter`: its name in the query, path, header
    or form. `table`, `row`, `column`: its place in an uploaded file, or in the tables of a JSON
    body. `value`: what was sent; None where nothing was.
    """

    kind: str
    message: Text
    expected: Text | None = None
    value: str | None = None
    pointer: str | None = None
    parameter: str | None = None
    table: str | None = None
    row: int | None = None
    column: str | None = None

    def document(self, language: Language) -> dict[str, Any]:
        """Return the JSON document, an item of a problem's ``errors``."""
        said: dict[str, Any] = {
            "kind": self.kind,
            "message": self.message.get(language),
            "expected": None if self.expected is None else self.expected.get(language),
            "value": self.value,
        }
        places = {
            "pointer": self.pointer,
            "parameter": self.parameter,
            "table": self.table,
            "row": self.row,
            "column": self.column,
        }
        said |= {name: place for name, place in places.items() if place is not None}
        table = next((table for table in TABLES if table.name == self.table), None)
        if table is not None:
            said["table_title"] = table.title.get(language)
            column = next((c for c in table.columns if c.name == self.column), None)
            if column is not None:
                said["column_title"] = column.title.get(language)
        return said


def pointer_to(*steps: str | int) -> str:
    """Return the JSON pointer of the steps from the body's root; "" is the whole body.

    >>> pointer_to("claims", 0, "a/b")
    '/claims/0/a~1b'
    """
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def _expected_type(zh: str, en: str) -> tuple[Text, Text]:
    space = " " if zh[0].isascii() else ""
    return Text(f"应为{space}{zh}", f"should be {en}"), Text(zh, en)


_TEXT = _expected_type("文本", "a text")
_TRUTH = _expected_type("true 或 false", "true or false")
_OBJECT = _expected_type("JSON 对象", "a JSON object")
_LIST = _expected_type("JSON 数组", "a JSON array")

_KINDS: dict[str, tuple[str, Text, Text | None]] = {
    "missing": ("missing", Text("缺少这一项", "this member is missing"), None),
    "extra_forbidden": ("unknown_member", Text("没有这一项", "there is no such member"), None),
    "string_type": ("not_text", *_TEXT),
    "bool_type": ("not_boolean", *_TRUTH),
    "model_type": ("not_an_object", *_OBJECT),
    "model_attributes_type": ("not_an_object", *_OBJECT),
    "dict_type": ("not_an_object", *_OBJECT),
    "list_type": ("not_a_list", *_LIST),
}
_BOUNDS: dict[str, tuple[str, str, Text, Text]] = {
    # pydantic's kind: our kind, the name of the limit, the message, the expected value
    "string_too_long": (
        "too_long",
        "max_length",
        Text("文本过长", "too long a text"),
        Text("至多 {limit} 个字符", "at most {limit} characters"),
    ),
    "string_too_short": (
        "too_short",
        "min_length",
        Text("文本过短", "too short a text"),
        Text("至少 {limit} 个字符", "at least {limit} characters"),
    ),
    "string_pattern_mismatch": (
        "wrong_form",
        "pattern",
        Text("写法不对", "not of the right form"),
        Text("符合 {limit}", "what matches {limit}"),
    ),
    "too_long": (
        "too_many",
        "max_length",
        Text("项数过多", "too many items"),
        Text("至多 {limit} 项", "at most {limit} items"),
    ),
    "literal_error": (
        "unknown_choice",
        "expected",
        Text("不是可选的值", "not one of the values to choose from"),
        Text("{limit} 之一", "one of {limit}"),
    ),
}


def wrong_values(
    errors: Iterable[Mapping[str, Any]], within: str | None = None
) -> list[WrongValue]:
    """Return pydantic's errors as wrong values, all of them, in their order.

    `within`: "body" or "form", where the errors do not say it themselves.
    """
    prefix = () if within is None else (within,)
    return [_wrong_value(error, *prefix, *error["loc"]) for error in errors]


def _wrong_value(error: Mapping[str, Any], where: str, *steps: str | int) -> WrongValue:
    kind, message, expected = _said(error)
    value = None if error["type"] == "missing" else _value(error.get("input"))
    if where == "body":
        return WrongValue(kind, message, expected, value, pointer_to(*_without_key(steps)))
    return WrongValue(kind, message, expected, value, parameter=str(steps[0]))


def _without_key(steps: Sequence[str | int]) -> Sequence[str | int]:
    """Return the path of a member whose name is wrong."""
    return steps[:-1] if steps and steps[-1] == "[key]" else steps


def _value(value: object) -> str | None:
    if isinstance(value, dict):
        return "{…}" if value else "{}"
    if isinstance(value, list):
        return "[…]" if value else "[]"
    return shown(value)


def _said(error: Mapping[str, Any]) -> tuple[str, Text, Text | None]:
    kind, context = error["type"], error.get("ctx") or {}
    if kind in _KINDS:
        return _KINDS[kind]
    if kind in _BOUNDS:
        name, limit, message, form = _BOUNDS[kind]
        return name, message, form.fill(limit=context.get(limit, ""))
    if "zh" in context:
        expected = None
        if "expected_zh" in context:
            expected = Text(context["expected_zh"], context["expected_en"])
        return kind, Text(context["zh"], context["en"]), expected
    return kind, Text("这个值不正确", f"this value is wrong: {error['msg']}"), None
