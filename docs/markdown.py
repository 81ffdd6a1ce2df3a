"""Pieces of Markdown that the generated pages share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compensation.language import Text

WRITTEN_BY = "<!-- Written by `make docs` from the code: change the code, not this file. -->"
MAIN_POLICY = "jiyuan-2022"
"""The policy that pages show first."""


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table."""
    yield _row(headings)
    yield _row(["---"] * len(headings))
    yield from map(_row, rows)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def both(text: Text) -> str:
    """Return a text in both languages, Chinese first; once where they are alike."""
    if not text.zh:
        return ""
    return text.zh if text.zh == text.en else f"{text.zh}<br>{text.en}"
