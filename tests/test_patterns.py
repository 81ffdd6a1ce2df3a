"""No regular expression takes time that grows with the square of a text, whatever the text.

All those of the project are found by themselves: compiled ones among what the modules hold, others
by the calls of `re` in their sources. Each is put before texts made from its own structure: every
part that may repeat is repeated a thousand and ten thousand times, and then does not match.

Not measured, because they cannot take longer: the patterns of pydantic's fields (Rust's regex) and
of pyarrow.compute (RE2). Both are automata, without backtracking.
"""

from __future__ import annotations

import ast
import functools
import importlib
import pkgutil
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest

import api
import compensation
from api.numbers import NumberField
from compensation.readers import table_names
from compensation.schema import trade_words
from compensation.values import dates

parse: Any = re._parser.parse
METHODS = ("match", "fullmatch", "search", "sub", "split", "findall", "finditer")
ANYWHERE = {"search", "sub", "split", "findall", "finditer"}
LENGTHS = (10**3, 10**4)
SECONDS_EACH = 2e-6
"""Seconds of computing for each character: a hundred times what a linear expression takes, and at
ten thousand characters a tenth of what a quadratic one does."""
SECONDS_ANYWAY = 0.02
SLOWEST = 16
"""How many texts of each length are tried again at ten times the length."""
MOST_CHARACTERS = 8
"""Characters of a class that are tried; one of all unseen characters has hundreds of ranges."""
TAILS = ("", "\0", "x!", "1\0")
SKIPPED = ("api.__main__", "api.assessing.preload", "compensation.__main__", "compensation.spark")
"""Modules that do something when imported (`preload` ignores SIGTERM), or need Spark."""


class Used(NamedTuple):
    """An expression, where it stands, and whether it looks for matches anywhere in a text."""

    where: str
    pattern: re.Pattern[Any]
    anywhere: bool


def modules() -> Iterator[ModuleType]:
    for package in (compensation, api):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.startswith(SKIPPED):
                yield importlib.import_module(found.name)


def compiled_in(value: object) -> Iterator[re.Pattern[Any]]:
    """Yield what a value of a module holds of expressions."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, NumberField):
        yield re.compile(value.pattern)
    elif isinstance(value, dict):
        yield from compiled_in([*value, *value.values()])
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from compiled_in(each)


def of_module(module: ModuleType) -> Iterator[Used]:
    assert module.__file__ is not None
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    methods: dict[str, set[str]] = {}
    for call in calls:
        if isinstance(call.func, ast.Attribute) and call.func.attr in METHODS:
            methods.setdefault(ast.unparse(call.func.value), set()).add(call.func.attr)
    held = {id(p): name for name, value in vars(module).items() for p in compiled_in(value)}
    for name, value in vars(module).items():
        for pattern in compiled_in(value):
            known = methods.get(name, set().union(*methods.values()) - methods.get("re", set()))
            yield Used(f"{module.__name__}.{name}", pattern, bool(known & ANYWHERE))
    for call in calls:
        if not isinstance(call.func, ast.Attribute) or ast.unparse(call.func.value) != "re":
            continue
        if call.func.attr == "compile" or call.func.attr not in METHODS:
            continue
        where = f"{module.__name__}:{call.lineno}"
        written = ast.unparse(call.args[0])
        try:
            pattern = eval(written, dict(vars(module)))
        except (NameError, AttributeError):
            assert (module.__name__, written) in ELSEWHERE, (
                f"{where}: cannot be measured: {written}"
            )
            continue
        yield Used(where, re.compile(pattern), call.func.attr in ANYWHERE)
    compiles = sum(ast.unparse(call.func) == "re.compile" for call in calls)
    assert bool(compiles) <= bool(held), f"{module.__name__}: compiles what no constant holds"


ELSEWHERE = {
    ("api.numbers", "self.pattern"),  # those of the `NumberField`s that the module holds
    # See `in_tables`.
    ("compensation.policy.syntax", "pattern"),
    ("compensation.readers.table_names", "_WORDS[table.name]"),
    ("compensation.values.dates", "form"),
    *(("compensation.tables.headings", name) for name in ("holds", "holds_not")),
}


def in_tables() -> Iterator[Used]:
    """The expressions that are texts in a table."""
    module = importlib.import_module("compensation.policy.syntax")
    for pattern in module._REASONS:
        yield Used("compensation.policy.syntax._REASONS", re.compile(pattern), anywhere=False)
    for pattern in table_names._WORDS.values():
        yield Used("compensation.readers.table_names._WORDS", re.compile(pattern), anywhere=True)
    for pattern in dates._FORMS:
        yield Used("compensation.values.dates._FORMS", re.compile(pattern), anywhere=False)
    for table, columns in trade_words.SUSPECT.items():
        for column, patterns in columns.items():
            for pattern in patterns:
                where = f"compensation.schema.trade_words.SUSPECT[{table}][{column}]"
                yield Used(where, re.compile(pattern), anywhere=True)


@functools.cache
def expressions() -> list[Used]:
    """All expressions, each once.

    They are looked for as a test runs: every worker that collects the tests would look for them.
    """
    found = [*(used for module in modules() for used in of_module(module)), *in_tables()]
    return list({(u.pattern.pattern, u.pattern.flags, u.anywhere): u for u in found}.values())


# Texts made from an expression: a way through it, with one repeated part repeated often.


def characters(chosen: Iterable[tuple[Any, Any]]) -> list[int]:
    """Return some characters of a class: of each part of it the first and the last."""
    found: list[int] = []
    parts = list(chosen)
    negated = bool(parts) and str(parts[0][0]) == "NEGATE"
    for kind, value in parts:
        if str(kind) == "LITERAL":
            found.append(value)
        elif str(kind) == "RANGE":
            found += value
        elif str(kind) == "CATEGORY":
            by_name = {"DIGIT": "1", "SPACE": " ", "WORD": "a1"}
            name = str(value).rpartition("_")[2]
            found += [ord(c) for c in ("a-" if "_NOT_" in str(value) else by_name[name])]
    if not negated:
        return found[:MOST_CHARACTERS]
    return [ord(c) for c in ' a1(.-:"\\' if ord(c) not in found][:4]


def ways(tree: Any, often: int) -> Iterator[str]:
    """Yield texts of an expression, plain ones and those with one part ``often`` in a row."""
    parts = [list(dict.fromkeys(of_node(kind, value, often))) for kind, value in tree]
    shortest = [min(part, key=len, default="") for part in parts]
    yield "".join(shortest)
    for place, part in enumerate(parts):
        for text in part:
            yield "".join([*shortest[:place], text, *shortest[place + 1 :]])


def of_node(kind: Any, value: Any, often: int) -> Iterator[str]:
    name = str(kind)
    if name in ("LITERAL", "NOT_LITERAL"):
        yield chr(value) if name == "LITERAL" else "a"
    elif name == "ANY":
        yield from "a1"
    elif name == "IN":
        yield from map(chr, characters(value))
    elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        least, most, inner = value
        for text in dict.fromkeys(ways(inner, often)):
            times = min(int(most), often)
            yield text * int(least)
            yield text if most else ""
            if text and len(text) < often:
                yield text * times
    elif name == "SUBPATTERN":
        yield from ways(value[-1], often)
    elif name == "BRANCH":
        for branch in value[1]:
            yield from ways(branch, often)
    elif name in ("AT", "ASSERT", "ASSERT_NOT", "GROUPREF"):
        yield ""
    else:
        raise AssertionError(f"an expression of an unknown part: {name}")


def hostile(pattern: re.Pattern[Any], length: int) -> Iterator[str]:
    text = (
        pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    )
    made = dict.fromkeys(ways(parse(text, pattern.flags), length))
    for way in made:
        yield from (way + tail for tail in TAILS)
        if 0 < len(way) < 40:  # a whole match again and again
            yield from (way * (length // len(way)) + tail for tail in TAILS)


def seconds(used: Used, text: str) -> float:
    """Return how long an expression takes for a text."""
    given: Any = text
    if isinstance(used.pattern.pattern, bytes):
        given = text.encode("latin-1", "replace")
    began = time.process_time()
    if used.anywhere:
        sum(1 for _ in used.pattern.finditer(given))
    else:
        used.pattern.match(given)
        used.pattern.fullmatch(given)
    return time.process_time() - began


def too_slow(used: Used) -> str:
    """Return what an expression takes too long for; nothing if it does not.

    Of the longer texts, only those are tried whose shorter form took longest.
    """
    tried: set[int] | None = None
    for length in LENGTHS:
        took: dict[int, float] = {}
        for place, text in enumerate(hostile(used.pattern, length)):
            if tried is not None and place not in tried:
                continue
            took[place] = seconds(used, text)
            if took[place] > SECONDS_ANYWAY + SECONDS_EACH * len(text):
                return f"{took[place]:.3f} s for {len(text)} characters such as {text[:30]!r}"
        tried = set(sorted(took, key=took.__getitem__)[-SLOWEST:])
    return ""


@pytest.mark.slow
def test_every_expression_takes_time_in_proportion_to_the_text() -> None:
    slow = {used.where: too_slow(used) for used in expressions()}
    assert {where: said for where, said in slow.items() if said} == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pattern", "anywhere"),
    [
        (r"[+-]?[0-9,]*[0-9][0-9,]*(?:\.[0-9,]*)?", False),
        (r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][+-]?[0-9]+", False),
        (r"[\d,]*\.?\d+%?元?", False),
        (r"(?:a|b)*a(?:a|b)*c", False),
        (r"\s+$", True),
    ],
)
def test_a_quadratic_expression_is_seen(pattern: str, anywhere: bool) -> None:
    assert too_slow(Used("here", re.compile(pattern), anywhere))


@pytest.mark.slow
def test_all_expressions_are_found() -> None:
    places = {used.where for used in expressions()}
    assert {
        "compensation.values.numbers._TWO_WAYS",
        "compensation.values.dates._FORMS",
        "compensation.schema.stated_units._FIGURE",
        "api.bodies._ESCAPE",
        "api.numbers.SHARE_OF_ONE",
    } <= places
    assert len(expressions()) > 40
