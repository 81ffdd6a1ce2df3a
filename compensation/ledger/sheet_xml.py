"""What a sheet's own XML says of cells that the workbook parser hands over as blanks.

The parser gives a blank for an error (#N/A) and for a formula that was never calculated. Neither
is one, so the XML is asked. The look is short unless the sheet has formulas or errors at all.
"""

from __future__ import annotations

import functools
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple
from xml.parsers import expat

MAX_CELLS = 2**26
"""Cells in the rectangle that a sheet spans, beyond which it is refused: 64 columns, all rows."""
CHUNK = 2**20
HEAD = 4096

_DIMENSION = re.compile(rb'<dimension ref="(?:[A-Z]+[0-9]+:)?([A-Z]+)([0-9]+)"')
_MARKS = (b"<f", b't="e"', b"t='e'")
_LONGEST_MARK = max(map(len, _MARKS))


class UnsafeXml(ValueError):
    """The XML declares a document type, which no workbook has and which can grow without end."""


class Unreadable(NamedTuple):
    """A cell that holds an error (#N/A) or a formula without a result; places count from 0."""

    row: int
    column: int
    kind: Literal["error_cell", "formula_without_value"]
    shown: str


@dataclass
class SheetScan:
    """What a look through all cells found; `last_row`, `last_column` count from 0, -1 if none."""

    unreadable: list[Unreadable] = field(default_factory=list)
    last_row: int = -1
    last_column: int = -1

    @property
    def too_large(self) -> bool:
        """Whether the rectangle that the cells span is more than a ledger can be."""
        return (self.last_row + 1) * (self.last_column + 1) > MAX_CELLS


def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the member of the archive that holds each sheet, by the sheet's name.

    Raises KeyError, `UnsafeXml` or expat.ExpatError where the workbook is not as it should be.
    """
    members = {name.casefold(): name for name in archive.namelist()}
    offices = (
        attributes["Target"]
        for name, attributes in _elements(archive.read("_rels/.rels"))
        if name == "Relationship" and attributes.get("Type", "").endswith("/officeDocument")
    )
    workbook = next(offices, "xl/workbook.xml").lstrip("/")
    folder, file = posixpath.split(workbook)
    relations = members[posixpath.join(folder, "_rels", f"{file}.rels").casefold()]
    targets = {
        attributes["Id"]: posixpath.normpath(posixpath.join("/", folder, attributes["Target"]))
        for name, attributes in _elements(archive.read(relations))
        if name == "Relationship" and attributes.get("TargetMode") != "External"
    }
    sheets = {}
    for name, attributes in _elements(archive.read(members[workbook.casefold()])):
        if name == "sheet":
            target = targets.get(attributes.get("id", ""), "").lstrip("/").casefold()
            if target in members:
                sheets[attributes["name"]] = members[target]
    return sheets


def spans_little(archive: zipfile.ZipFile, member: str) -> bool:
    """Return whether the sheet is written in the usual form and says that it spans few cells."""
    with archive.open(member) as stream:
        head = stream.read(HEAD)
    match = _DIMENSION.search(head)
    if b"<worksheet" not in head or match is None:
        return False
    return (_column_number(match[1].decode()) + 1) * int(match[2]) <= MAX_CELLS


def needs_scan(path: Path, member: str) -> bool:
    """Return whether the sheet has formulas or errors, by a search for their marks alone."""
    with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
        kept = b""
        while chunk := stream.read(CHUNK):
            if any(mark in chunk for mark in _MARKS):
                return True
            seam = kept + chunk[:_LONGEST_MARK]
            if any(mark in seam for mark in _MARKS):
                return True
            kept = chunk[-_LONGEST_MARK:]
    return False


def scan(archive: zipfile.ZipFile, member: str) -> SheetScan:
    """Look through all cells of a sheet; memory does not grow with it.

    Raises `UnsafeXml` or expat.ExpatError where the XML is not as it should be.
    """
    handlers = _Cells()
    parser = _parser()
    parser.StartElementHandler = handlers.start
    parser.EndElementHandler = handlers.end
    parser.CharacterDataHandler = handlers.text
    with archive.open(member) as stream:
        while chunk := stream.read(CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    return handlers.found


class _Cells:
    """Follows the elements of a sheet: row, c (cell), f (formula), v (value), is (text)."""

    def __init__(self) -> None:
        self.found = SheetScan()
        self._row = self._column = -1
        self._type = ""
        self._in = ""
        self._formula: str | None = None
        self._value: str | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if name == "v":
            self._value = ""
            self._in = name
        elif name == "c":
            self._type = attributes.get("t", "n")
            self._formula = self._value = None
            self._place(attributes.get("r"))
        elif name == "f":
            self._formula = ""
            self._in = name
        elif name == "is":
            self._value = ""
        elif name == "row":
            self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
            self._column = -1

    def text(self, data: str) -> None:
        if self._in == "v":
            self._value = (self._value or "") + data
        elif self._in == "f":
            self._formula = (self._formula or "") + data

    def end(self, tag: str) -> None:
        name = tag.rpartition(" ")[2]
        if name in ("v", "f"):
            self._in = ""
        elif name == "c" and (self._formula is not None or self._value is not None):
            self._close()

    def _place(self, reference: str | None) -> None:
        """Follow the cell's reference (B7); without one it is the next in its row."""
        if reference is None:
            self._column += 1
            return
        letters = reference.rstrip("0123456789")
        self._column = _column_number(letters)
        if len(letters) < len(reference):
            self._row = int(reference[len(letters) :]) - 1

    def _close(self) -> None:
        """Take note of a cell that has a value or a formula."""
        found = self.found
        found.last_row = max(found.last_row, self._row)
        found.last_column = max(found.last_column, self._column)
        if self._type == "e":
            error = Unreadable(self._row, self._column, "error_cell", self._value or "")
            found.unreadable.append(error)
        # A formula whose result is an empty text has the type str and an empty value.
        elif (
            self._formula is not None
            and not self._value
            and (self._type != "str" or self._value is None)
        ):
            shown = f"={self._formula}"
            found.unreadable.append(
                Unreadable(self._row, self._column, "formula_without_value", shown)
            )


@functools.cache
def _column_number(letters: str) -> int:
    """Return the place of a column, counted from 0: A is 0, AA is 26."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _parser() -> expat.XMLParserType:
    """Return a parser that refuses a document type, and so any entity of one's own."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise UnsafeXml("document type declared")

    parser.StartDoctypeDeclHandler = refuse
    return parser


def _elements(xml: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the elements of a small XML part with their attributes, both without namespace."""
    found: list[tuple[str, dict[str, str]]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        local = {name.rpartition(" ")[2]: value for name, value in attributes.items()}
        found.append((tag.rpartition(" ")[2], local))

    parser = _parser()
    parser.StartElementHandler = start
    parser.Parse(xml, True)
    return iter(found)
