"""What a sheet says outside of its cells: page headers, comments, text boxes, input prompts.

The parser hands over cells only. A unit of money may be named in these places, too; it is held
against the units that the table has, and is never taken for the unit of the table.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterable, Iterator
from html import unescape
from typing import NamedTuple

from compensation.readers.archive import members_of
from compensation.readers.sheet_xml import cell_place, feed, relations_of, secure_parser
from compensation.schema.units import units_in
from compensation.tables.unit_places import Statement

_KINDS = frozenset({"comments", "threadedComment", "drawing"})
_MARGIN = re.compile(
    rb"<(?:[^\s<>/:]+:)?(?:odd|even|first)(?:Header|Footer)\b[^<>]*>([^<]+)<", re.DOTALL
)
_PROMPTS = re.compile(rb'<(?:[^\s<>/:]+:)?dataValidation\b((?:\s+[\w:]+\s*=\s*"[^"]*")*)')
_PROMPT = re.compile(rb'\s(prompt|promptTitle|error|errorTitle|sqref)\s*=\s*"([^"]*)"')
_CODE = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f]{6}|[0-9]+|.)')
"""What stands for the place, the font and the size in a page header: &R, &"宋体", &10."""
_CELL = re.compile("[A-Za-z]{1,3}[0-9]{1,7}")


class Note(NamedTuple):
    """A text outside of the cells, and the cell that it is of, counted from 0."""

    text: str
    cell: tuple[int, int] | None = None


def notes_of(archive: zipfile.ZipFile, member: str, end: bytes) -> Iterator[Note]:
    """Yield what a sheet says outside of its cells; ``end``: the end of its XML.

    Raises what `sheet_xml.sheet_parts` raises.
    """
    for found in _MARGIN.findall(end):
        yield Note(_CODE.sub(" ", unescape(found.decode("utf-8", "replace"))))
    for found in _PROMPTS.findall(end):
        said = {
            name: unescape(text.decode("utf-8", "replace")) for name, text in _PROMPT.findall(found)
        }
        # What newer programs write holds the place in an element; whole columns have no row.
        place = _CELL.match(said.pop(b"sqref", ""))
        first = None if place is None else cell_place(place[0])
        yield from (Note(text, first) for text in said.values())
    members = members_of(archive)
    folder, file = posixpath.split(member.replace("\\", "/").casefold())
    part = members.get(posixpath.join(folder, "_rels", f"{file}.rels"))
    if part is None:
        return
    for kind, target in relations_of(archive.read(part), folder).values():
        if kind in _KINDS and target in members:
            yield from _texts(archive, members[target])


def units_in_notes(notes: Iterable[Note], heading_row: int) -> Iterator[Statement]:
    """Yield the units that notes name; a comment on a heading speaks of its column alone."""
    for text, cell in notes:
        for named in units_in(text):
            if named.marked or not named.beside:
                of_column = cell is not None and cell[0] >= heading_row
                columns = range(cell[1], cell[1] + 1) if cell and of_column else None
                row = 0 if cell is None else cell[0]
                yield Statement(text, named.worth, row, range(0), columns)


def _texts(archive: zipfile.ZipFile, member: str) -> Iterator[Note]:
    """Yield the comments of a part, or the paragraphs of its text boxes."""
    found: list[Note] = []
    pieces: list[str] = []
    place: list[tuple[int, int] | None] = [None]
    inside = [False]

    def start(tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        inside[0] = name in ("t", "text")
        if name in ("comment", "threadedComment"):
            place[0] = cell_place(attributes.get("ref", ""))
            pieces.clear()
        elif name == "p":
            pieces.clear()

    def text(data: str) -> None:
        if inside[0]:
            pieces.append(data)

    def end(tag: str) -> None:
        inside[0] = False
        if tag.rpartition(" ")[2] in ("comment", "threadedComment", "p") and pieces:
            found.append(Note("".join(pieces), place[0]))
            pieces.clear()

    parser = secure_parser()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    feed(parser, archive, member)
    yield from found
