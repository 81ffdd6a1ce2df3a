"""Where a policy file is no TOML, the Chinese message says why in Chinese."""

from __future__ import annotations

import inspect
import re
import tomllib
from pathlib import Path

import pytest

from compensation.policy.faults import PolicyFaults
from compensation.policy.reading import parse
from compensation.policy.syntax import _in_chinese


def message(text: str) -> str:
    with pytest.raises(PolicyFaults) as error:
        parse(text, "a.toml")
    [fault] = error.value.faults
    assert fault.kind == "syntax"
    return fault.message.zh


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = 1\nb = [1, 2", "文件末尾：方括号没有闭合"),
        ("a = 2022-02-30", "第 1 行第 5 列：日期或时间无效"),
        ("a = 济源", "第 1 行第 5 列：不是有效的值；文字要加引号，日期写成 2022-01-01"),
        ('a = "x', "引号没有闭合"),
        ("a = 1\na = 2\n", "第 2 行第 6 列：同一个键写了两次"),
        ("[a]\n[a]", "同一个表头写了两次"),
        ("a 1", "键后面应为“=”"),
        ("[a", "表头应以“]”结束"),
        ("a = 1 2", "一行里只能写一条，后面有多余内容"),
        ("= 1", "不是“键 = 值”，也不是表头"),
        ('a = "\\p"', "文字中的反斜杠 \\ 要写成 \\\\"),
        ("a = {b = 1", "大括号没有闭合"),
        ("a = {b = 1, b = 2}", "大括号中 'b' 写了两次"),
        ('a = "x\ny"', "不允许的字符 '\\n'"),
        ("a = " + "[" * 5000, "嵌套过深"),
    ],
)
def test_the_reason_is_in_chinese(text: str, said: str) -> None:
    assert message(text).startswith("TOML 语法有误")
    assert message(text).endswith(said)


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("a = “x”", '第 1 行第 5 列：“ 是全角符号，请改用半角的 "', 'write " instead'),
        (
            'a = "x”\nb = 1',
            "第 1 行第 8 列：引号没有闭合：” 是全角符号",
            "quotes are not closed: ”",
        ),
        ("“a” = 1", "第 1 行第 1 列：“ 是全角符号", "“ is a full-width sign"),
        ("# “\na ＝ 1", "第 2 行第 3 列：＝ 是全角符号，请改用半角的 =", "write = instead"),
        ('a = { zh = "甲"，en = "a" }', "， 是全角符号，请改用半角的 ,", "write , instead"),
        ("a = [\n1，\n2]", "第 2 行第 2 列：， 是全角符号", "(at line 2, column 2)"),
        ("a = 5，000", "5_000_000", "5_000_000"),
        ("［a］", "［ 是全角符号，请改用半角的 [", "write [ instead"),
        ("a：1", "： 是全角符号，请改用半角的 =", "write = instead"),
        (
            "a = { b = 1,\n c = 2 }",
            "第 1 行第 13 列：大括号 { } 里的内容要写在一行内",
            "on one line",
        ),
        ("a = { b = 1\n}", "大括号 { } 里的内容要写在一行内", "on one line"),
        ("a = { b = 1, }", "“}” 前不能有逗号", "no comma"),
        ("a = 10%", "比例要写成小数", "0.1, not 10%"),
        ("a = 2022/01/01", "日期要写成 2022-01-01", "2022-01-01"),
    ],
)
def test_what_to_do_is_said_where_it_is_sure(text: str, zh: str, en: str) -> None:
    with pytest.raises(PolicyFaults) as error:
        parse(text.replace("\n", "\r\n"), "a.toml")
    [fault] = error.value.faults
    assert zh in fault.message.zh
    assert en in fault.message.en


def test_a_reason_that_has_no_words_yet_is_said_as_the_parser_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def newer(*_: object, **__: object) -> None:
        raise tomllib.TOMLDecodeError("No such thing (at line 1, column 2)")

    monkeypatch.setattr(tomllib, "loads", newer)
    assert message("a") == "TOML 语法有误，第 1 行第 2 列：No such thing"


def test_every_reason_of_the_parser_has_its_words() -> None:
    source = Path(inspect.getsourcefile(tomllib.loads) or "").read_text(encoding="utf-8")
    reasons = re.findall(r"suffixed_err\(\s*src,\s*\w+,\s*(f?\".*?\")\s*,?\s*\)", source)
    assert len(reasons) > 20
    for literal in reasons:
        words = re.sub(r"\{[^}]*\}", "x", literal.lstrip("f")[1:-1]).replace("\\\\", "\\")
        assert not _in_chinese(words).isascii(), words
