"""Where the comments and the headings of a TOML text stand, for a text that is written anew."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import NamedTuple

Place = tuple[str | int, ...]
"""Keys, and numbers from 0 of elements of lists, from the top of the file."""
_PIECE = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\''
    r"|(?P<comment>#[^\n]*)|(?P<open>[\[{])|(?P<close>[\]}])|(?P<line>\n)|[^\"'#\[\]{}\n]+",
    re.DOTALL,
)


class Layout(NamedTuple):
    """The layout of a text. `comments`: lines by what they stand above or in; blank ones are "".

    `headings`: the keys, without numbers, of the tables that have lines of their own. `last`: the
    comments after everything.
    """

    comments: dict[Place, list[str]]
    headings: set[tuple[str, ...]]
    last: list[str]


class _Statement(NamedTuple):
    """A heading or a key with its value, without comments, and the comments above and in it."""

    text: str
    comments: list[str]


def layout_of(text: str) -> Layout:
    """Return the layout of a text, which `tomllib` has read."""
    comments: dict[Place, list[str]] = {}
    headings: set[tuple[str, ...]] = set()
    last: list[str] = []
    numbers: dict[Place, int] = {}
    table: Place = ()
    for statement in _statements(text):
        if not statement.text:
            last = statement.comments
            continue
        if statement.text.startswith("["):
            names = _names(statement.text.strip("[] \t"))
            headings.add(names)
            table = place = _numbered(names, numbers, element=statement.text.startswith("[["))
        else:
            place = (*table, _names(statement.text)[0])
        if statement.comments:
            comments.setdefault(place, []).extend(statement.comments)
    return Layout(comments, headings, last)


def _numbered(names: tuple[str, ...], numbers: dict[Place, int], *, element: bool) -> Place:
    """Return where a heading stands, with the numbers of the elements that it is in."""
    place: Place = ()
    for name in names[:-1]:
        place = (*place, name)
        if place in numbers:
            place = (*place, numbers[place])
    place = (*place, names[-1])
    if not element:
        return place
    numbers[place] = numbers.get(place, -1) + 1
    return (*place, numbers[place])


def _names(text: str) -> tuple[str, ...]:
    """Return the parts of a key, at the beginning of a statement or alone."""
    key = re.match(r"(?:\"(?:\\.|[^\"\\])*\"|'[^']*'|[^=\"'])+", text)
    value = tomllib.loads(f"{key[0] if key else text} = 0")
    names: list[str] = []
    while isinstance(value, dict):
        [(name, value)] = value.items()
        names.append(name)
    return tuple(names)


def _statements(text: str) -> Iterator[_Statement]:
    """Yield every statement; the last, without text, has the comments that stand after all."""
    said, comments, depth = "", list[str](), 0
    for piece in _PIECE.finditer(text):
        if piece["comment"]:
            comments.append(piece["comment"].rstrip())
            continue
        depth += bool(piece["open"]) - bool(piece["close"])
        if not piece["line"]:
            said += piece[0]
        elif said.strip() and depth == 0:
            yield _Statement(said.strip(), comments)
            said, comments = "", []
        elif not said.strip() and comments and _ends_with_blank_line(text, piece.start()):
            comments.append("")
    if said.strip():
        yield _Statement(said.strip(), comments)
        comments = []
    yield _Statement("", comments)


def _ends_with_blank_line(text: str, at: int) -> bool:
    """Return whether the line feed ends a line on which nothing stands."""
    return not text[text.rfind("\n", 0, at) + 1 : at].strip()
