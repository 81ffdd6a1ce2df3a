"""Wrong values that pydantic finds, as issues in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from api.numbers import shown
from api.policies import none_given
from compensation.issues import NO_TEXT, Issue, Place
from compensation.language import Text


def _expected_type(zh: str, en: str) -> tuple[Text, Text]:
    space = " " if zh[0].isascii() else ""
    return Text(f"应为{space}{zh}", f"should be {en}"), Text(zh, en)


NO_POLICY = Text("须指明政策，程序不作默认", "a policy must be named: there is no default")
_TEXT = _expected_type("文本", "a text")
_WHOLE = _expected_type("整数", "a whole number")
_TRUTH = _expected_type("true 或 false", "true or false")
_OBJECT = _expected_type("JSON 对象", "a JSON object")
_LIST = _expected_type("JSON 数组", "a JSON array")

_KINDS: dict[str, tuple[str, Text, Text]] = {
    "missing": ("missing", Text("缺少这一项", "this member is missing"), NO_TEXT),
    "extra_forbidden": ("unknown_member", Text("没有这一项", "there is no such member"), NO_TEXT),
    "string_type": ("not_text", *_TEXT),
    "int_parsing": ("not_a_number", *_WHOLE),
    "int_type": ("not_a_number", *_WHOLE),
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
    "greater_than_equal": (
        "too_small",
        "ge",
        Text("数值过小", "too small a number"),
        Text("不小于 {limit} 的数", "a number of {limit} or more"),
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


def wrong_values(errors: Iterable[Mapping[str, Any]], within: str | None = None) -> list[Issue]:
    """Return pydantic's errors as issues, all of them, in their order.

    `within`: "body" or "form", where the errors do not say it themselves.
    """
    prefix = () if within is None else (within,)
    return [_wrong_value(error, *prefix, *error["loc"]) for error in errors]


def _wrong_value(error: Mapping[str, Any], where: str, *steps: str | int) -> Issue:
    kind, message, expected = _said(error)
    if kind == "missing" and steps[-1:] in (("policy",), ("policies",)):
        message, expected = NO_POLICY, none_given(error["input"])
    value = None if error["type"] == "missing" else _value(error.get("input"))
    if where == "body":
        place = Place(path=tuple(_without_key(steps)))
    else:
        place = Place(parameter=str(steps[0]) if steps else None)
    return Issue(kind, message, place, value, expected)


def _without_key(steps: Sequence[str | int]) -> Sequence[str | int]:
    """Return the path of a member whose name is wrong."""
    return steps[:-1] if steps and steps[-1] == "[key]" else steps


def _value(value: object) -> str | None:
    if isinstance(value, dict):
        return "{…}" if value else "{}"
    if isinstance(value, list):
        return "[…]" if value else "[]"
    return shown(value)


def _said(error: Mapping[str, Any]) -> tuple[str, Text, Text]:
    kind, context = error["type"], error.get("ctx") or {}
    if kind in _KINDS:
        return _KINDS[kind]
    if kind in _BOUNDS:
        name, limit, message, form = _BOUNDS[kind]
        return name, message, form.fill(limit=context.get(limit, ""))
    if kind == "value_error":
        said = str(context["error"])
        return kind, Text(f"这个值不正确：{said}", said), NO_TEXT
    if "zh" in context:
        expected = Text(context.get("expected_zh", ""), context.get("expected_en", ""))
        return kind, Text(context["zh"], context["en"]), expected
    return kind, Text("这个值不正确", f"this value is wrong: {error['msg']}"), NO_TEXT
