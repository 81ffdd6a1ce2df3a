"""No float, no clock, no chance, no files in what `assess` and `settle` reach but the readers.

The modules are found by following imports in the source, from those that compute on, also
those that stand inside functions. The syntax trees of all of them are looked through.
"""

from __future__ import annotations

import ast
import functools
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
START = (
    *("compensation.assessment", "compensation.streaming"),
    *("compensation.joint_assessment", "compensation.settlement.settle"),
    *("compensation.settlement.files", "compensation.settlement.drafts"),
    *("compensation.rules.forecast", "compensation.settlement.recipients"),
)

READING = {
    # Cells become numbers, dates and amounts here, and binary floats are told from what they show.
    "compensation.values.exact",
    "compensation.values.choices",
    "compensation.values.numbers",
    "compensation.values.dates",
    "compensation.values.columns",
    "compensation.values.date_columns",
    "compensation.values.number_columns",
    "compensation.values.texts",
    "compensation.tables.cells",
    "compensation.tables.values",
    "compensation.tables.raw",
    # Files are opened here; `assess` itself takes a portfolio that has been read.
    "compensation.readers.csv_file",
    "compensation.readers.files",
    "compensation.readers.folders",
    "compensation.readers.table_names",
    "compensation.readers.frames",
    "compensation.ledger.portfolio_input",
    "compensation.tables.layout",
    "compensation.readers.parquet",
    "compensation.readers.sheet",
    "compensation.readers.reading",
    "compensation.readers.archive",
    "compensation.readers.sheet_xml",
    "compensation.readers.xlsx",
}
"""The modules that read; they are not followed further."""
OUTPUT = ("compensation.report",)

ALLOWED: dict[tuple[str, str], str] = {
    ("compensation.policy.reading", "open"): "a policy file, the package's own or by its path",
    ("compensation.classification.size_table", "open"): "the size table beside the module",
    ("compensation.arrays", "float"): "columns of binary floats that readers have met",
    ("compensation.rules.rationals", "math"): "math.lcm, of integers",
    ("compensation.ledger.keyed_hashes", "os"): "keys of hashes, on which no result depends",
    ("compensation.language", "os"): "the language of errors that Python prints",
    (
        "compensation.policy.variables",
        "float literal",
    ): "how alike a mistyped name must be, for hints",
    ("compensation.tables.headings", "float literal"): "how alike two headings must be, for hints",
    ("compensation.tables.headings", "float"): "how alike two headings must be, for hints",
}
"""What is found and may be, by module, with the reason."""

FORBIDDEN_MODULES = {
    *("random", "secrets", "uuid", "time", "math", "cmath", "statistics", "socket"),
    *("subprocess", "tempfile", "shutil", "threading"),
}
FORBIDDEN_NAMES = {"round": "round", "float": "float", "complex": "float", "open": "open"}
FILE_METHODS = {"open", "read_text", "read_bytes", "write_text", "write_bytes"}
CLOCK = {"now", "today", "utcnow", "fromtimestamp"}
FLOAT_ATTRIBUTES = {
    *("float16", "float32", "float64", "floating", "double", "half", "single", "longdouble"),
    *("true_divide", "divide", "mean", "average", "std", "var", "median", "percentile", "quantile"),
    *("sqrt", "log", "exp", "round", "rint", "around", "linspace", "interp", "fromhex"),
}
FLOAT_DTYPES = {"float", "float32", "float64", "double", "f4", "f8", "<f4", "<f8", ">f8"}


def source_of(module: str) -> Path | None:
    path = ROOT.joinpath(*module.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.exists():
            return candidate
    return None


def running(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node but those that only type checkers see."""
    ahead = deque([tree])
    while ahead:
        node = ahead.popleft()
        yield node
        children = list(ast.iter_child_nodes(node))
        if isinstance(node, ast.If) and name_of(node.test) == "TYPE_CHECKING":
            children = list(node.orelse)
        ahead += children


def imported(tree: ast.AST) -> Iterator[str]:
    """Every module that a tree may import when it runs, wherever the statement stands."""
    for node in running(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            assert node.level == 0, "relative imports are not followed"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@functools.cache
def reached(start: tuple[str, ...] = START) -> dict[str, ast.Module]:
    """The modules that ``start`` reaches; readers are not followed."""
    found: dict[str, ast.Module] = {}
    ahead = list(start)
    while ahead:
        module = ahead.pop()
        path = source_of(module)
        if module in found or module in READING or path is None:
            continue
        if not module.startswith("compensation"):
            continue
        found[module] = ast.parse(path.read_text(encoding="utf-8"))
        ahead += imported(found[module])
        ahead += [module.rpartition(".")[0]] if "." in module else []
    return found


def name_of(node: ast.expr) -> str:
    """The dotted name of an expression, as far as it has one: ``np.random.default_rng``."""
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def is_path(node: ast.expr) -> bool:
    """Whether the right side of a ``/`` is a piece of a path: a text, or a name of one."""
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def impurities(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """What of the forbidden a tree holds, and the line."""
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            yield "float literal", line
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            right = node.right if isinstance(node, ast.BinOp) else node.value
            left = node.left if isinstance(node, ast.BinOp) else node.target
            path = is_path(right) or name_of(left).endswith("resources") or _is_files(left)
            yield ("path /" if path else "/"), line
        elif isinstance(node, ast.Name) and node.id in FORBIDDEN_NAMES:
            yield FORBIDDEN_NAMES[node.id], line
        elif isinstance(node, ast.Attribute):
            yield from ((kind, line) for kind in _attribute(node))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names]
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else names
            for module in modules:
                if module.partition(".")[0] in FORBIDDEN_MODULES:
                    yield module.partition(".")[0], line
            if modules == ["os"] and {"environ", "getenv", "urandom"} & set(names):
                yield "os", line
            if isinstance(node, ast.ImportFrom) and modules[0].startswith("numpy"):
                yield from (("float", line) for name in names if name in FLOAT_ATTRIBUTES)
        elif isinstance(node, ast.keyword) and node.arg == "dtype":
            if isinstance(node.value, ast.Constant) and node.value.value in FLOAT_DTYPES:
                yield "float", node.value.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
            if node.func.attr in {"astype", "dtype", "view"} and FLOAT_DTYPES & set(texts):
                yield "float", line


def _is_files(node: ast.expr) -> bool:
    """Whether an expression begins with a call of `resources.files`, or of `Path`."""
    if isinstance(node, ast.Call):
        return name_of(node.func) in {"resources.files", "Path", "files"}
    return isinstance(node, ast.BinOp) and _is_files(node.left)


def _attribute(node: ast.Attribute) -> Iterator[str]:
    name = name_of(node)
    if node.attr in CLOCK:
        yield "clock"
    if node.attr in FLOAT_ATTRIBUTES:
        yield "float"
    if node.attr in FILE_METHODS:
        yield "open"
    if name.startswith(("np.random", "numpy.random")):
        yield "random"
    if name in {"os.environ", "os.getenv", "os.urandom", "os.open", "os.times"}:
        yield "os"


@functools.cache
def impurities_of_reached() -> list[tuple[str, str, int]]:
    """What of the forbidden the modules hold that `START` reaches: module, kind, line."""
    return [(name, *each) for name, tree in reached().items() for each in impurities(tree)]


@pytest.mark.slow
def test_modules_that_assess_reaches_are_pure() -> None:
    found = [
        f"{source_of(module)}:{line}: {what}"
        for module, what, line in impurities_of_reached()
        if (module, what) not in ALLOWED
    ]
    assert found == []


@pytest.mark.slow
def test_the_walk_reaches_what_it_must() -> None:
    must = {
        *("compensation.assessment", "compensation.money", "compensation.columns"),
        *("compensation.engine.inputs", "compensation.results", "compensation.language"),
        *("compensation.rules.award", "compensation.rules.balances", "compensation.rules.returns"),
        *("compensation.rules.conditions", "compensation.rules.decision"),
        *("compensation.rules.indicators", "compensation.rules.shortfall"),
        *("compensation.explanation.claim", "compensation.explanation.lines"),
        *("compensation.explanation.conditions", "compensation.explanation.institution"),
        *("compensation.ledger.loading", "compensation.ledger.ids", "compensation.ledger.digest"),
        *("compensation.ledger.portfolio", "compensation.policy.catalogue"),
        *("compensation.policy.series", "compensation.classification.enterprise_size"),
    }
    assert must <= reached().keys()
    assert not any(module.startswith(OUTPUT) for module in reached())


@pytest.mark.slow
def test_whole_packages_that_must_be_pure_are_looked_at_whole() -> None:
    """A new module of the rules is reached as soon as anything imports it; none may lie unused."""
    for package in ("rules", "explanation", "policy", "classification", "settlement"):
        for path in (ROOT / "compensation" / package).glob("*.py"):
            stem = "" if path.stem == "__init__" else f".{path.stem}"
            assert f"compensation.{package}{stem}" in reached()


def test_reading_modules_exist() -> None:
    assert all(source_of(module) is not None for module in READING)


@pytest.mark.slow
def test_every_exception_is_used() -> None:
    assert ALLOWED.keys() <= {(module, what) for module, what, _ in impurities_of_reached()}


@pytest.mark.parametrize(
    ("snippet", "kind"),
    [
        *[("x = 1.5", "float literal"), ("x = 1e3", "float literal"), ("x = 2j", "float literal")],
        *[("x = a / b", "/"), ("x /= b", "/"), ("f(lambda: a[0] / 2)", "/")],
        *[("x = folder / 'name'", "path /"), ("x = Path(a) / b", "path /")],
        *[("x = resources.files('a') / b", "path /"), ("x = folder / f'{a}.toml'", "path /")],
        *[("round(x)", "round"), ("list(map(round, x))", "round"), ("x.round(2)", "float")],
        *[("float(x)", "float"), ("isinstance(x, float)", "float"), ("a.astype(float)", "float")],
        *[("np.float64(x)", "float"), ("a.astype(np.float32)", "float"), ("np.mean(a)", "float")],
        *[("a.mean()", "float"), ("np.zeros(3, dtype='float64')", "float")],
        *[("a.astype('f8')", "float"), ("pa.float64()", "float"), ("np.divide(a, b)", "float")],
        *[("from numpy import float64", "float"), ("np.true_divide(a, b)", "float")],
        *[("import math", "math"), ("from math import floor", "math"), ("import time", "time")],
        *[("import random", "random"), ("np.random.default_rng()", "random")],
        *[("from random import choice", "random"), ("import uuid", "uuid")],
        *[("datetime.now()", "clock"), ("datetime.date.today()", "clock")],
        *[("os.environ['A']", "os"), ("from os import environ", "os"), ("os.getenv('A')", "os")],
        *[("open('a')", "open"), ("path.read_text()", "open"), ("path.open()", "open")],
        *[("path.write_bytes(b'')", "open"), ("import tempfile", "tempfile")],
        *[("def f():\n    if a:\n        return b / c", "/"), ("x = [a / 2 for a in b]", "/")],
    ],
)
def test_the_checker_finds(snippet: str, kind: str) -> None:
    assert kind in [what for what, _ in impurities(ast.parse(snippet))]


@pytest.mark.parametrize(
    "snippet",
    [
        *("x = a // b", "x = a % b", "x = 1_000", "x = Decimal('1.5')", "x: float | None = None"),
        *("x.astype(np.int64)", "np.maximum.accumulate(a)", "# 1.5 / 2", "'a / b'"),
    ],
)
def test_the_checker_leaves_alone(snippet: str) -> None:
    found = [what for what, _ in impurities(ast.parse(snippet))]
    assert found == (["float"] if "float" in snippet else [])


def test_imports_inside_functions_and_of_names_are_followed() -> None:
    tree = ast.parse("def f():\n    from compensation.rules import award\n    import a.b")
    assert list(imported(tree)) == ["compensation.rules", "compensation.rules.award", "a.b"]
    tree = ast.parse("if TYPE_CHECKING:\n    import a\nelse:\n    import b")
    assert list(imported(tree)) == ["b"]
