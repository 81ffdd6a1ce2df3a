"""Chinese texts have full-width marks and the terms of the glossary.

All that people read in Chinese is walked: messages, the workbook, the page, policies, documents. A
half-width mark beside a Chinese character is a fault, and so is a word that `docs/glossary.md`
discourages. What is left out, and why, is in `NOT_PROSE`, `CALLS` and `MARKED_AS_DATA`.
"""

from __future__ import annotations

import ast
import html.parser
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
GLOSSARY = "docs/glossary.md"
HAN = r"[\u3007\u3400-\u9fff\uf900-\ufaff，。、：；？！（）“”《》〔〕]"
MARK = re.compile(rf"(?<={HAN})[ ]?[,:;?!()]|[,:;?!()](?=[ ]?{HAN})")
HOLE = "\ufffc"
"""What stands for a placeholder, a code span or a literal in a text."""

NOT_PROSE = {
    "compensation/tables/footers.py": "words that footers are recognised by",
    "compensation/readers/sheet_notes.py": "statements of units above tables",
    "compensation/tables/total_rows.py": "labels that totals are recognised by",
    "compensation/schema/trade_words.py": "headings of ledgers",
    "compensation/schema/unit_words.py": "names of units, as patterns",
    "compensation/schema/units.py": "units as headings and cells have them",
    "compensation/policy/places.py": "names of places",
    "compensation/report/former_names.py": "names as earlier results have them",
    "compensation/values/chinese_numerals.py": "numerals and units in cells",
    "compensation/values/choices.py": "words for yes and no",
    "compensation/values/number_columns.py": "what stands in cells of numbers",
    "compensation/values/numbers.py": "what stands in cells of numbers",
    "compensation/values/texts.py": "what stands for a missing id",
    "compensation/values/written_amounts.py": "amounts as cells have them",
}
"""Modules whose Chinese is what ledgers or earlier results hold, not what we say."""
CALLS = frozenset(
    (
        *("compile", "sub", "fullmatch", "match", "search", "maketrans", "replace", "split"),
        *("removesuffix", "removeprefix", "partition", "startswith", "endswith", "join"),
    )
)
"""Calls whose literals are patterns or separators."""
EXPRESSION = re.compile(r"\(\?|\\[ds]|^\|")
"""What only a regular expression holds, wherever it stands."""
MARKED_AS_DATA = re.compile(
    r"[(（](?:[十百千万亿]*元|户|人|月|必填|可选|选填|银行|新)[)）]"  # in headings of ledgers
    r"|单位[:：]"  # in a note above a table
    r"|以;分隔"  # the separator in a data file
    r"|\b[a-z]\w*\([^()]*\)"  # a formula, a type: half_up(a / b), decimal(18,2)
    r"|\]\([^()]*\)"  # the address of a link
)
DICTIONARY, HEADINGS_LISTED = (
    "docs/data-dictionary.md",
    re.compile(r"^[^，。]*、[^，。]*、[^，。]*$"),
)
"""Where the headings are listed that ledgers have, and what a list of them looks like."""
PROGRAMS = ("compensation", "api", "docs", "deploy", "supply_chain")
DOCUMENTS = ("README", "SECURITY", "CONTRIBUTING", "docs/", "examples/", "benchmarks/", "tests/")
ENGLISH = re.compile(
    r"\b(?:the|of|is|are|and|or|an?|in|to|for|with|as|not|that|it|on|by|at|be|no|from)\b"
)

Found = tuple[str, str]
"""Where a text stands, and the text."""


def tracked(*patterns: str) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def is_english(text: str) -> bool:
    """Say whether a text is English that quotes Chinese words."""
    words = len(re.findall(r"\b[A-Za-z][a-z]+\b", text))
    return bool(ENGLISH.search(text)) and words * 2 > len(re.findall(r"[\u3400-\u9fff]", text))


# Programs


def literal(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = (literal(part) if isinstance(part, ast.Constant) else HOLE for part in node.values)
        return "".join(part or "" for part in parts)
    return None


def python_texts(name: str) -> Iterator[Found]:
    """Yield the literals of a module but for docstrings, patterns and the English of a `Text`.

    Docstrings of the API that are Chinese and English are texts: the OpenAPI document shows them.
    """
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
    passed: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and (said := literal(node.value)) is not None:
            shown = name.startswith("api/") and re.search(r"[\u3400-\u9fff].* /\s", said)
            passed.update([] if shown else [node.value])
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func).rpartition(".")[2]
            left_out = list(node.args) if called in CALLS else []
            if called in ("Text", "say", "Note"):
                left_out = [*node.args[1:2], *(k.value for k in node.keywords if k.arg == "en")]
            for argument in left_out:
                passed.update(ast.walk(argument))
        if isinstance(node, ast.JoinedStr):
            passed.update(part for part in node.values if isinstance(part, ast.Constant))
    for node in ast.walk(tree):
        if node not in passed and isinstance(node, ast.Constant | ast.JoinedStr):
            text = literal(node)
            if text is not None and not EXPRESSION.search(text):
                yield f"{name}:{node.lineno}", text


def page_texts(name: str) -> Iterator[Found]:
    source = (ROOT / name).read_text(encoding="utf-8")
    for number, line in enumerate(source.splitlines(), 1):
        for text in re.findall(r'"((?:[^"\\]|\\.)*)"', line):
            yield f"{name}:{number}", re.sub(r"\{\w+\}", HOLE, text)


def html_texts(name: str) -> Iterator[Found]:
    found: list[Found] = []

    class Reader(html.parser.HTMLParser):
        def handle_data(self, data: str) -> None:
            found.append((f"{name}:{self.getpos()[0]}", data))

    Reader().feed((ROOT / name).read_text(encoding="utf-8"))
    yield from found


def policy_texts(name: str) -> Iterator[Found]:
    def walk(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            for key, inner in value.items():
                if isinstance(inner, str) and key in ("zh", "clause", "part", "title", "number"):
                    yield inner
                else:
                    yield from walk(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from walk(inner)

    source = (ROOT / name).read_text(encoding="utf-8")
    for text in walk(tomllib.loads(source)):
        yield name, text
    for number, line in enumerate(source.splitlines(), 1):
        if line.startswith("# "):
            yield f"{name}:{number}", line


# Documents


def document_texts(name: str) -> Iterator[Found]:
    """Yield the paragraphs and cells of a document without code."""
    source = (ROOT / name).read_text(encoding="utf-8")
    blank = re.sub(r"(?ms)^ *```.*?^ *```$", lambda found: "\n" * found[0].count("\n"), source)
    prose = re.sub(r"(`+)[^`\n]+?\1|<(?!br>)[^>\n]*>", HOLE, blank)
    for found in re.finditer(r"(?:[^|\n]|\n(?![\n|#]| *[-*] | *\d+\. ))+", prose):
        for piece in found[0].split("<br>"):
            number = prose.count("\n", 0, found.start()) + 1
            yield f"{name}:{number}", piece.replace("\n", " ")


def all_texts() -> Iterator[Found]:
    for name in tracked(*(f"{folder}/*.py" for folder in PROGRAMS)):
        if name not in NOT_PROSE:
            yield from python_texts(name)
    yield from page_texts("api/page/static/js/messages/zh.js")
    for name in tracked("api/page/*.html"):
        yield from html_texts(name)
    for name in tracked("compensation/policy/*.toml", "examples/*.toml"):
        yield from policy_texts(name)
    for name in tracked("compensation/locale/*.po"):
        source = (ROOT / name).read_text(encoding="utf-8")
        for text in re.findall(r'(?m)^msgstr(?:\[\d\])? "(.+)"$', source):
            yield name, re.sub(r"\{[\w!]+\}", HOLE, text)
    for name in tracked("*.md"):
        if name.startswith(DOCUMENTS):
            yield from document_texts(name)


def chinese() -> Iterator[Found]:
    """Yield the texts that are Chinese; where a text gives both languages, its Chinese."""
    for place, text in all_texts():
        if place.startswith(DICTIONARY) and HEADINGS_LISTED.search(text):
            continue
        for piece in re.split(r"\n| / ", MARKED_AS_DATA.sub(HOLE, text)):
            if re.search(r"[\u3400-\u9fff]", piece) and not is_english(piece):
                yield place, piece


@pytest.fixture(scope="module")
def texts() -> list[Found]:
    return list(chinese())


@pytest.mark.process
def test_all_kinds_of_texts_are_walked(texts: list[Found]) -> None:
    kinds = {place.partition(":")[0].rpartition(".")[2] for place, _ in texts}
    assert kinds == {"py", "js", "html", "toml", "md", "po"}
    assert len(texts) > 3000


@pytest.mark.process
def test_marks_beside_chinese_are_full_width(texts: list[Found]) -> None:
    found = [f"{place}: {text.strip()}" for place, text in texts if MARK.search(text)]
    assert not found, "\n".join(found)


def glossary() -> dict[str, str]:
    """Return the terms of the glossary by the words that are not to be used for them."""
    lines = (ROOT / GLOSSARY).read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "|" in line]
    return {word: row[0] for row in rows[2:] for word in row[-1].split("、")}


def test_the_glossary_defines_each_term_once() -> None:
    lines = (ROOT / GLOSSARY).read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "|" in line]
    assert all(len(row) == 6 and all(row) for row in rows)
    terms = [row[0] for row in rows[2:]]
    assert len(terms) == len(set(terms)) > 20
    assert not set(terms) & glossary().keys()


@pytest.mark.process
def test_one_term_for_one_thing(texts: list[Found]) -> None:
    """The glossary itself names the words that it discourages."""
    words = glossary()
    found = [
        f"{place}: {word} → {term}: {text.strip()}"
        for place, text in texts
        if not place.startswith(GLOSSARY)
        for word, term in words.items()
        if word in text.replace(term, "")
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("text", ["金额,元", "金额: 元", "共(3)笔", "找不到 (文件)"])
def test_a_half_width_mark_is_found(text: str) -> None:
    assert MARK.search(text)


@pytest.mark.parametrize("text", ["金额，元", "a, b", "第 1.5 条", "12:30 前"])
def test_other_marks_are_let_be(text: str) -> None:
    assert not MARK.search(text)


def test_nothing_is_left_out_that_is_not_there() -> None:
    assert not [name for name in NOT_PROSE if not (ROOT / name).is_file()]
