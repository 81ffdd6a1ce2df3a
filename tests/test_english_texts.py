"""Messages in English are plain: the phrases that were replaced do not come back."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
INSTEAD = {
    "is there twice": "duplicate …",
    "there more than once": "appears more than once",
    "most like it": "did you mean …?",
    "looks most like": "did you mean …?",
    "a date that exists": "a valid date",
    "there is no such day": "the date is not valid",
    "covers no day": "is not in force in",
    "defect of ours": "internal error",
    "shared anew": "recalculate",
    "is no input": "is not a supported file",
    "is no amount": "is not an amount",
    "is no year": "is not a year",
    "the steps are not": "the document sets the range, not the tiers",
    "sharing one that falls short": "sharing a short budget",
    "what every recovery returns": "how each recovery is distributed",
}
"""What is not written any more, and what is."""


def sources() -> list[Path]:
    modules = [path for folder in ("compensation", "api") for path in (ROOT / folder).rglob("*.py")]
    return [
        *modules,
        *(ROOT / "compensation" / "policy").rglob("*.toml"),
        ROOT / "api" / "page" / "static" / "js" / "messages" / "en.js",
    ]


def said(path: Path) -> str:
    """Return what a source says to its users: of a module, its literals but for docstrings."""
    text = path.read_text(encoding="utf-8")
    joined = re.sub(r'"\s+f?"', "", text)
    if path.suffix != ".py" or not any(phrase in joined for phrase in INSTEAD):
        return text  # parsing all modules takes a second
    tree = ast.parse(text)
    docs = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    literals = (node for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return "\n".join(str(node.value) for node in literals if node not in docs)


@pytest.mark.slow
def test_phrases_that_were_replaced_do_not_come_back() -> None:
    texts = {str(path.relative_to(ROOT)): said(path) for path in sources()}
    found = [
        f"{path}: {phrase}, write: {instead}"
        for path, text in texts.items()
        for phrase, instead in INSTEAD.items()
        if phrase in text
    ]
    assert found == []
