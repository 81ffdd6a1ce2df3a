"""The pages of the project, and where their links lead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PLACES = ("*.md", "docs/**/*.md", "examples/*.md", "benchmarks/*.md")
"""Where pages lie, from the root of the repository."""

LINK = re.compile(r"!?\[(?P<words>[^\]]*)\]\((?P<target>[^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    """Return every page, sorted."""
    return sorted(page for place in PLACES for page in ROOT.glob(place))


def prose(page: Path) -> str:
    """Return a page without its blocks of code."""
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def slug(heading: str) -> str:
    """Return a heading's anchor on the usual hosts: letters, digits and dashes, lower case."""
    text = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """Yield the file and the anchor ("" for none) that each link to this repository means."""
    for found in LINK.finditer(prose(page)):
        target, _, anchor = found["target"].partition("#")
        if not target.startswith("https://"):
            yield (page.parent / target).resolve() if target else page, anchor
