"""Mutants that no test notices: what was found, and why each of them changes nothing.

`results.json` is written by `tools/mutants`; `survivors.toml` is written by hand.
"""

from __future__ import annotations

import ast
import hashlib
import json
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
RESULTS = HERE / "results.json"


@dataclass(frozen=True)
class Changed:
    """What a mutant changes; `place`: module and function, or the file of a change by hand."""

    place: str
    old: str
    new: str


@dataclass(frozen=True)
class Equivalent:
    """Changes of one place that no test could notice, and the argument for that."""

    place: str
    old: str
    new: tuple[str, ...]
    why: str

    def explains(self, change: Changed) -> bool:
        """Return whether the argument is about this change."""
        return (self.place, self.old) == (change.place, change.old) and change.new in self.new


@dataclass(frozen=True)
class Module:
    """What came of the mutants of a module; `digest`: that of its code when they were tried."""

    path: str
    digest: str
    mutants: int
    untried: int
    survivors: Sequence[Changed]


@dataclass(frozen=True)
class Results:
    """What came of all mutants: mutmut's by module, and the changes by hand.

    `by_hand`: how many were tried; None while they have not been.
    """

    modules: Sequence[Module]
    by_hand: int | None
    by_hand_survivors: Sequence[Changed]

    def as_json(self) -> str:
        """Return the text of results.json."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"


def read_results() -> Results:
    """Return what results.json says."""
    data = json.loads(RESULTS.read_text(encoding="utf-8"))
    modules = [
        Module(**{**module, "survivors": [Changed(**change) for change in module["survivors"]]})
        for module in data["modules"]
    ]
    return Results(
        modules, data["by_hand"], [Changed(**change) for change in data["by_hand_survivors"]]
    )


def digest(path: str) -> str:
    """Return a digest of a module's code; comments, docstrings and layout don't count."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            node.value.value = ""
    return hashlib.sha256(ast.unparse(tree).encode()).hexdigest()[:16]


def survivors(results: Results) -> list[Changed]:
    """Return every survivor."""
    of_modules = [change for module in results.modules for change in module.survivors]
    return [*of_modules, *results.by_hand_survivors]


def unexplained(results: Results) -> list[Changed]:
    """Return the survivors that no entry of survivors.toml speaks of."""
    return [change for change in survivors(results) if not is_explained(change)]


def is_explained(change: Changed) -> bool:
    """Return whether an entry of survivors.toml speaks of this survivor."""
    return any(entry.explains(change) for entry in EQUIVALENT)


_WRITTEN = tomllib.loads((HERE / "survivors.toml").read_text(encoding="utf-8"))
EQUIVALENT = [
    Equivalent(entry["place"], entry["old"], tuple(entry["new"]), entry["why"])
    for entry in _WRITTEN["equivalent"]
]
BY_HAND = [Changed(change["file"], change["old"], change["new"]) for change in _WRITTEN["by_hand"]]
"""Changes in what mutmut leaves out: code outside of functions, and decorated functions."""
