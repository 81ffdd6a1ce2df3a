"""Why a text is no TOML, in both languages, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from compensation.language import Text

_WRITTEN = {
    **dict.fromkeys("“”„‟＂「」『』", '"'),
    **dict.fromkeys("‘’＇", "'"),
    "＝": "=",
    "，": ",",
    "、": ",",
    "；": ",",
    "：": "=",
    "［": "[",
    "］": "]",
    "【": "[",
    "】": "]",
    "｛": "{",
    "｝": "}",
    "．": ".",
    "。": ".",
    "－": "-",
    "＿": "_",
    "＃": "#",
}
"""Full-width signs of Chinese input methods, and the sign of TOML that is meant."""
_ENDS = "”’＂＇」』"
_FULL_WIDTH = Text(
    "{found} 是全角符号，请改用半角的 {meant}",
    "{found} is a full-width sign; write {meant} instead",
)
_NOT_CLOSED = Text(
    "引号没有闭合：{found} 是全角符号，请改用半角的 {meant}",
    "the quotes are not closed: {found} is a full-width sign; write {meant} instead",
)
_BROKEN_TABLE = Text(
    "大括号 {{ }} 里的内容要写在一行内，不能换行；太长时另起一段 [表头]",
    "what stands in braces {{ }} goes on one line; if it is too long, begin a [table] of its own",
)
_LAST_COMMA = Text("“}}” 前不能有逗号", "no comma may stand before }}")
_PERCENT = Text("比例要写成小数，如 0.1，不写 10%", "write a ratio as a number: 0.1, not 10%")
_PLAIN_NUMBER = Text(
    "数只写数字，不加逗号、单位：500 万元写 5000000 或 5_000_000",
    "write a number in digits, without commas or units: 5000000 or 5_000_000",
)
_DASHES = Text("日期要写成 2022-01-01", "write a date as 2022-01-01")


class _Place(NamedTuple):
    """Where the parser stopped: the line, and the position in it from 0."""

    line: str
    at: int

    @property
    def sign(self) -> str:
        """The character there; a line feed at the end of the line."""
        return self.line[self.at] if self.at < len(self.line) else "\n"


def syntax_message(error: Exception, text: str) -> Text:
    """Return why `tomllib` refused a text, and where."""
    if isinstance(error, RecursionError):
        return Text("TOML 语法有误：嵌套过深", f"this is not TOML: {error}")
    found = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", str(error))
    if found is None:
        return Text(f"TOML 语法有误：{error}", f"this is not TOML: {error}")
    reason, line, column = found.groups()
    where = Text("文件末尾", "end of document")
    told = None
    if line is not None:
        where = Text(f"第 {line} 行第 {column} 列", f"line {line}, column {column}")
        lines = text.replace("\r\n", "\n").split("\n")
        told = _what_to_do(reason, _Place(lines[int(line) - 1], int(column) - 1))
    why = Text(_in_chinese(reason), reason) if told is None else told
    return Text(
        f"TOML 语法有误，{where.zh}：{why.zh}", f"this is not TOML: {why.en} (at {where.en})"
    )


def _what_to_do(reason: str, place: _Place) -> Text | None:
    """Return what to write instead, where that is sure."""
    sign = place.sign
    of_number = _of_a_number(reason, place.line[: place.at].rstrip(), sign)
    if of_number is not None:
        return of_number
    if sign in _WRITTEN:
        return _FULL_WIDTH.fill(found=sign, meant=_WRITTEN[sign])
    if "Illegal character" in reason and sign == "\n":
        ends = [each for each in place.line if each in _ENDS]
        return _NOT_CLOSED.fill(found=ends[-1], meant=_WRITTEN[ends[-1]]) if ends else None
    in_braces = reason in ("Unclosed inline table", "Invalid initial character for a key part")
    if in_braces and sign == "\n":
        return _BROKEN_TABLE.fill()
    return _LAST_COMMA.fill() if in_braces and sign == "}" else None


def _of_a_number(reason: str, before: str, sign: str) -> Text | None:
    """Return what to write instead of a number that ends, for the parser, ``before`` a sign."""
    if not re.search("[0-9]$", before):
        return None
    if reason.startswith("Expected '='") and re.search("[0-9],[0-9]{3}$", before):
        return _PLAIN_NUMBER  # in braces a comma ends the value, and 000 is the next key
    if not reason.startswith(("Expected newline", "Unclosed")):
        return None
    if sign == "," or sign in "，万亿千元":
        return _PLAIN_NUMBER
    if sign in "%％":
        return _PERCENT
    return _DASHES if sign in "/年." else None


def _in_chinese(reason: str) -> str:
    for pattern, chinese in _REASONS.items():
        found = re.fullmatch(pattern, reason)
        if found is not None:
            return chinese.format(*found.groups())
    return reason


_REASONS: Mapping[str, str] = {
    "Invalid statement": "不是“键 = 值”，也不是表头",
    "Expected newline or end of document after a statement": "一行里只能写一条，后面有多余内容",
    "Expected '=' after a key in a key/value pair": "键后面应为“=”",
    "Expected ']' at the end of a table declaration": "表头应以“]”结束",
    "Expected ']]' at the end of an array declaration": "表头应以“]]”结束",
    "Expected (.+)": "应为 {0}",
    "Found invalid character (.+)": "不允许的字符 {0}",
    "Illegal character (.+)": "不允许的字符 {0}",
    "Cannot declare (.+) twice": "同一个表头写了两次",
    "Cannot overwrite a value": "同一个键写了两次",
    "Cannot mutate immutable namespace (.+)": "大括号里的内容已经写完，不能再添加",
    "Cannot redefine namespace (.+)": "同一个表写了两次",
    "Duplicate inline table key (.+)": "大括号中 {0} 写了两次",
    "Invalid initial character for a key part": "键的开头有不允许的字符",
    "Unclosed array": "方括号没有闭合",
    "Unclosed inline table": "大括号没有闭合",
    r"Unescaped '\\' in a string": "文字中的反斜杠 \\ 要写成 \\\\",
    "Invalid hex value": "\\u 后面应为十六进制数",
    "Escaped character is not a Unicode scalar value": "\\u 后面不是有效的字符",
    "Unterminated string": "引号没有闭合",
    "Invalid date or datetime": "日期或时间无效",
    "Invalid value": "不是有效的值；文字要加引号，日期写成 2022-01-01",
}
"""What tomllib finds wrong, and how it is said in Chinese; the more exact one first."""
