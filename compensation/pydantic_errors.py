"""What pydantic finds wrong, in our kinds and in both languages: in requests and in policy files.

Nothing of pydantic is imported until a validator raises `wrong`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from compensation.issues import NO_TEXT, NOWHERE, Issue, Place, shortened
from compensation.language import Text

if TYPE_CHECKING:
    from pydantic_core import PydanticCustomError


class Notation(NamedTuple):
    """What values are called in a notation, and how its texts show; `member`: one with a name."""

    text: Text
    table: Text
    list: Text
    member: Text
    quote: str


JSON = Notation(
    Text("文本", "a text"),
    Text("JSON 对象", "a JSON object"),
    Text("JSON 数组", "a JSON array"),
    Text("一项", "member"),
    "",
)
TOML = Notation(
    Text("加引号的文字", "text in quotes"),
    Text("一组键，不是单个值", "a table of keys"),
    Text("列表，用方括号", "a list in square brackets"),
    Text("个键", "key"),
    '"',
)

_TYPES = {
    "string_type": ("not_text", Text("{text}", "{text}")),
    "int_parsing": ("not_a_number", Text("整数", "a whole number")),
    "int_type": ("not_a_number", Text("整数", "a whole number")),
    "bool_type": ("not_boolean", Text("true 或 false", "true or false")),
    **dict.fromkeys(
        ("model_type", "model_attributes_type", "dict_type", "dataclass_type"),
        ("not_an_object", Text("{table}", "{table}")),
    ),
    **dict.fromkeys(("list_type", "tuple_type"), ("not_a_list", Text("{list}", "{list}"))),
}
"""pydantic's kinds of a value of another type: our kind, and what is expected."""
_WRONG_TYPE = Text("类型不对", "of the wrong type")
_NAMES = {
    "missing": ("missing", Text("缺少这{member}", "this {member} is missing")),
    "extra_forbidden": (
        "unknown_member",
        Text("没有这{member}", "there is no such {member}"),
    ),
}
_BOUNDS = {
    "string_too_long": (
        "too_long",
        Text("文本过长", "too long a text"),
        Text("至多 {max_length} 个字符", "at most {max_length} characters"),
    ),
    "string_too_short": (
        "too_short",
        Text("文本过短", "too short a text"),
        Text("至少 {min_length} 个字符", "at least {min_length} characters"),
    ),
    "string_pattern_mismatch": (
        "wrong_form",
        Text("写法不对", "not of the right form"),
        Text("符合 {pattern}", "what matches {pattern}"),
    ),
    "greater_than_equal": (
        "too_small",
        Text("数值过小", "too small a number"),
        Text("不小于 {ge} 的数", "a number of {ge} or more"),
    ),
    "less_than_equal": (
        "too_large",
        Text("数值过大", "too large a number"),
        Text("不大于 {le} 的数", "a number of {le} or less"),
    ),
    "too_long": (
        "too_many",
        Text("项数过多", "too many items"),
        Text("至多 {max_length} 项", "at most {max_length} items"),
    ),
    "too_short": (
        "too_few",
        Text("项数过少", "too few items"),
        Text("至少 {min_length} 项", "at least {min_length}"),
    ),
    "literal_error": (
        "unknown_choice",
        Text("不是可选的值", "not one of the values to choose from"),
        Text("{expected} 之一", "one of {expected}"),
    ),
}
"""pydantic's kinds of a value beyond a limit: our kind, the message, and what is expected."""


def wrong(kind: str, message: Text, expected: Text = NO_TEXT) -> PydanticCustomError:
    """Return the error of one value, in both languages, for a validator to raise.

    `kind`: a stable name for programs. `expected`: what would have been right.
    """
    from pydantic_core import PydanticCustomError

    return PydanticCustomError(kind, "{en}", {"en": message.en, "said": (message, expected)})


def issue_of(error: Mapping[str, Any], notation: Notation, where: Place = NOWHERE) -> Issue:
    """Return an error of pydantic as an issue: of `ValidationError.errors()`, one."""
    kind, message, expected = _said(error, notation)
    missing = error["type"] == "missing"
    value = None if missing else shown(error.get("input"), notation.quote)
    return Issue(kind, message, where, value, expected)


def _said(error: Mapping[str, Any], notation: Notation) -> tuple[str, Text, Text]:
    kind, context = error["type"], error.get("ctx") or {}
    if "said" in context:
        return kind, *context["said"]
    if kind in _TYPES:
        name, form = _TYPES[kind]
        return name, _WRONG_TYPE, form.fill(**notation._asdict())
    if kind in _NAMES:
        name, message = _NAMES[kind]
        return name, message.fill(member=notation.member), NO_TEXT
    if kind in _BOUNDS:
        name, message, form = _BOUNDS[kind]
        choices = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
        return name, message, form.fill(**context | {"expected": choices})
    if kind == "value_error":
        return kind, Text(f"这个值不正确：{context['error']}", str(context["error"])), NO_TEXT
    return kind, Text("这个值不正确", f"this value is wrong: {error['msg']}"), NO_TEXT


def shown(value: object, quote: str = "") -> str:
    """Return a wrong value as it is shown back: short, and as it was sent."""
    if isinstance(value, Mapping):
        return "{…}" if value else "{}"
    if isinstance(value, list | tuple):
        return "[…]" if value else "[]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = shortened(str(value))
    return f"{quote}{text}{quote}" if isinstance(value, str) else text
