"""No import goes in a circle or hides without a reason; `Text` alone chooses a language."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("compensation", "api")
PROGRAMS = (*PACKAGES, "benchmarks", "deploy", "docs", "examples", "supply_chain", "tests")
WITH_REASON = {
    # What validates a policy file imports pydantic; most files were validated before.
    "compensation/policy/catalogue.py",
}
"""Modules whose imports inside functions have the reason named here."""


def modules() -> dict[str, Path]:
    """The modules of the packages, by their names."""
    found = {}
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts).removesuffix(".__init__")] = path
    return found


@functools.cache
def imports_of_modules() -> dict[str, set[str]]:
    """For each module, the modules of the packages that it imports."""
    found = modules()
    return {
        name: imports(path.read_text("utf-8"), set(found)) - {name} for name, path in found.items()
    }


def imports(source: str, known: set[str]) -> set[str]:
    """The known modules that a source imports, anywhere in it."""
    found = set()
    for node in statements(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names} & known
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            for name in node.names:
                whole = f"{node.module}.{name.name}"
                found.add(whole if whole in known else node.module)
    return found & known


def statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """Yield all statements, those inside others too; expressions, most of a tree, are passed by."""
    ahead: list[ast.AST] = [tree]
    while ahead:
        node = ahead.pop()
        if isinstance(node, ast.stmt):
            yield node
        for part in ("body", "orelse", "finalbody", "handlers", "cases"):
            inner = getattr(node, part, ())
            ahead += inner if isinstance(inner, list) else ()


def order(graph: dict[str, set[str]]) -> list[str]:
    """The modules in an order in which each comes after those it imports."""
    return list(TopologicalSorter(graph).static_order())


@pytest.mark.slow
def test_no_import_goes_in_a_circle() -> None:
    graph = imports_of_modules()
    assert len(order(graph)) == len(graph) > 150
    assert "compensation.rules.decision" in graph["compensation.rules.compensation"]


@pytest.mark.slow
def test_layers_come_in_order() -> None:
    """A package of the library looks at none that stands after it."""
    layers = (
        "values",
        "classification",
        "ledger",
        "policy",
        "rules",
        "engine",
        "explanation",
        "one_case",
        "report",
    )
    for name, imported in imports_of_modules().items():
        own = name.split(".")[1] if name.count(".") else ""
        if own not in layers:
            continue
        later = layers[layers.index(own) + 1 :]
        after = tuple(f"compensation.{layer}" for layer in later)
        seen = {other for other in imported if other.startswith(after)}
        assert not seen, (name, seen)


def without_reason(source: str) -> Iterator[int]:
    """Yield the lines of imports inside functions for which no reason is given.

    The reason stands in the comment above them, or in the docstring of the module.
    """
    for_types = re.compile(r"^if TYPE_CHECKING:\n(?:    .*\n|\n)+", re.MULTILINE)
    if not re.search(r"^\s+(import|from) ", for_types.sub("", source), re.MULTILINE):
        return  # parsing all modules takes a second
    tree, lines = ast.parse(source), source.splitlines()
    if re.search(r"\bimport(ed|ing)?\b", ast.get_docstring(tree) or ""):
        return
    functions, imported = [], []
    for node in statements(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            functions.append(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            imported.append(node.lineno)
    for line in sorted(imported):
        if not any(line in function for function in functions):
            continue
        above = line - 1
        while lines[above - 1].lstrip().startswith(("import ", "from ")):
            above -= 1
        if not lines[above - 1].lstrip().startswith("# "):
            yield line


@pytest.mark.slow
def test_imports_inside_functions_have_a_reason() -> None:
    found = [
        f"{name}:{line}"
        for folder in PROGRAMS
        for path in sorted((ROOT / folder).rglob("*.py"))
        if (name := path.relative_to(ROOT).as_posix()) not in WITH_REASON
        for line in without_reason(path.read_text("utf-8"))
    ]
    assert found == [], "move them to the top, or say why they are not in a comment above"


def test_a_missing_reason_is_seen() -> None:
    inside = "def f():\n    {}import a\n    from b import c\n"
    assert list(without_reason(inside.format(""))) == [2, 3]
    assert list(without_reason(inside.format("# It takes long.\n    "))) == []
    assert list(without_reason('"""What is imported late."""\n' + inside.format(""))) == []


def test_a_circle_is_seen() -> None:
    known = {"a", "b"}
    one = imports("def f():\n    from b import x\n", known)
    other = imports("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import a\n", known)
    with pytest.raises(CycleError):
        order({"a": one, "b": other})


def test_only_a_text_asks_for_the_language() -> None:
    """A hand-made switch would show one language's text where the other has none."""
    asks = re.compile(r"""language (==|!=|is) |(==|!=) "(zh|en)"|if zh\b""")
    found = {name for name, path in modules().items() if asks.search(path.read_text("utf-8"))}
    assert found == {"compensation.language", "compensation.cli.usage"}
