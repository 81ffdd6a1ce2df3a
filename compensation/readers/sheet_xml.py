"""What a sheet's own XML says of cells that the workbook parser hands over as blanks.

The parser gives a blank for an error (#N/A) and for a formula that was never calculated. Neither
is one, so the XML is asked. The look is short unless the sheet has formulas or errors at all.
"""

from __future__ import annotations

import functools
import posixpath
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple
from xml.parsers import expat

from compensation.readers.archive import CHUNK, members_of
from compensation.readers.sheet_extent import MAX_COLUMNS, Extent, StyledCells, styled_cells

LONGEST_COLUMN = 3
"""Letters of the last column that a sheet can have, XFD."""


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
    """What a look through all cells of a sheet found, and how far those with content reach.

    `styled`: the cells with one of the styles that were looked for.
    """

    unreadable: list[Unreadable] = field(default_factory=list)
    extent: Extent = field(default_factory=Extent)
    styled: StyledCells = field(default_factory=styled_cells)

    @property
    def too_large(self) -> bool:
        """Whether the rectangle that the cells span is more than a ledger can be."""
        return self.extent.too_large


def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the member of the archive that holds each sheet, by the sheet's name.

    Raises KeyError, `UnsafeXml` or expat.ExpatError where the workbook is not as it should be, or
    where two readers may find different parts.
    """
    members = members_of(archive)
    workbook, relations = _workbook(archive, members)
    sheets: dict[str, str] = {}
    for name, attributes in _elements(archive.read(members[workbook])):
        if name == "sheet":
            if attributes["name"] in sheets:
                raise UnsafeXml("two sheets of one name")
            _, target = relations.get(attributes.get("id", ""), ("", ""))
            if target in members:
                sheets[attributes["name"]] = members[target]
    return sheets


def never_calculated(archive: zipfile.ZipFile) -> bool:
    """Return whether the workbook leaves its formulas to whoever opens it first.

    Programs that write workbooks say so, and give 0 for each result. Spreadsheets that calculate do
    not. Raises what `sheet_parts` raises.
    """
    members = members_of(archive)
    workbook, _ = _workbook(archive, members)
    return any(
        name == "calcPr" and attributes.get("fullCalcOnLoad") in ("1", "true")
        for name, attributes in _elements(archive.read(members[workbook]))
    )


def workbook_part(archive: zipfile.ZipFile, kind: str) -> str | None:
    """Return the member that holds a part of the workbook, such as its styles; None if none does.

    Raises what `sheet_parts` raises.
    """
    members = members_of(archive)
    _, relations = _workbook(archive, members)
    targets = (target for of, target in relations.values() if of == kind and target in members)
    return next((members[target] for target in targets), None)


def _workbook(
    archive: zipfile.ZipFile, members: Mapping[str, str]
) -> tuple[str, dict[str, tuple[str, str]]]:
    """Return the key of the workbook in ``members``, and kind and target of its relationships."""
    offices = (
        attributes["Target"]
        for name, attributes in _elements(archive.read(members["_rels/.rels"]))
        if name == "Relationship" and attributes.get("Type", "").endswith("/officeDocument")
    )
    workbook = _key(next(offices, "xl/workbook.xml"))
    folder, file = posixpath.split(workbook)
    part = members[posixpath.join(folder, "_rels", f"{file}.rels")]
    return workbook, relations_of(archive.read(part), folder)


def relations_of(xml: bytes, folder: str) -> dict[str, tuple[str, str]]:
    """Return kind and target of the relationships of a part in ``folder``, by their ids.

    Targets are keys of `archive.members_of`. Raises `UnsafeXml` or expat.ExpatError.
    """
    targets: dict[str, tuple[str, str]] = {}
    for name, attributes in _elements(xml):
        if name == "Relationship":
            if attributes["Id"] in targets:
                raise UnsafeXml("two relationships of one id")
            external = attributes.get("TargetMode") == "External"
            path = posixpath.normpath(posixpath.join("/", folder, attributes["Target"]))
            kind = attributes.get("Type", "").rpartition("/")[2]
            targets[attributes["Id"]] = kind, "" if external else _key(path)
    return targets


def _key(path: str) -> str:
    return path.lstrip("/").casefold()


def parse_part(
    archive: zipfile.ZipFile, member: str, start: Callable[[str, dict[str, str]], None]
) -> None:
    """Call ``start`` with the name and the attributes of each element; memory does not grow.

    Raises `UnsafeXml` or expat.ExpatError where the XML is not as it should be.
    """
    parser = secure_parser()
    parser.StartElementHandler = lambda tag, attributes: start(tag.rpartition(" ")[2], attributes)
    feed(parser, archive, member)


def scan(
    archive: zipfile.ZipFile,
    member: str,
    styles: Collection[int] = (),
    *,
    zeros_are_values: bool = True,
) -> SheetScan:
    """Look through all cells of a sheet; memory grows only with the cells that are found.

    `styles`: those of which the cells are wanted. `zeros_are_values`: whether a formula of which
    the result is 0 has been calculated. Raises `UnsafeXml` or expat.ExpatError where the
    XML is not as it should be.
    """
    handlers = _Cells(styles, zeros_are_values)
    parser = secure_parser()
    parser.StartElementHandler = handlers.start
    parser.EndElementHandler = handlers.end
    parser.CharacterDataHandler = handlers.text
    feed(parser, archive, member)
    handlers.found.styled = styled_cells([handlers.styled] if handlers.styled else ())
    return handlers.found


class _Cells:
    """Follows the elements of a sheet: row, c (cell), f (formula), v (value), is (text)."""

    def __init__(self, styles: Collection[int], zeros_are_values: bool) -> None:
        self.found = SheetScan()
        self.styled: list[tuple[int, int, int]] = []
        self._styles = styles
        self._no_values = ("", None) if zeros_are_values else ("", None, "0")
        self._style = 0
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
            self._style = int(attributes.get("s", "0"))
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
        """Follow the cell's reference (B7); without one it is the next in its row.

        Raises ValueError where the reference has no row.
        """
        if reference is None:
            self._column += 1
            return
        self._row, self._column = cell_place(reference)

    def _close(self) -> None:
        """Take note of a cell that has a value or a formula."""
        found = self.found
        found.extent.rows = max(found.extent.rows, self._row + 1)
        found.extent.columns = max(found.extent.columns, self._column + 1)
        found.extent.cells += 1
        if self._style in self._styles:
            self.styled.append((self._row, self._column, self._style))
        if self._type == "e":
            error = Unreadable(self._row, self._column, "error_cell", self._value or "")
            found.unreadable.append(error)
        # A formula whose result is an empty text has the type str and an empty value.
        elif (
            self._formula is not None
            and self._value in self._no_values
            and (self._type != "str" or self._value is None)
        ):
            shown = f"={self._formula}"
            found.unreadable.append(
                Unreadable(self._row, self._column, "formula_without_value", shown)
            )


def cell_place(reference: str) -> tuple[int, int]:
    """Return row and column of a cell (B7), from 0; ValueError where the reference has no row."""
    letters = reference.rstrip("0123456789")
    return int(reference[len(letters) :]) - 1, _column_number(letters)


@functools.cache
def _column_number(letters: str) -> int:
    """Return the place of a column, counted from 0: A is 0, AA is 26; one too far is the last."""
    if len(letters) > LONGEST_COLUMN:
        return MAX_COLUMNS
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def secure_parser() -> expat.XMLParserType:
    """Return a parser that refuses a document type, and so any entity of one's own."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise UnsafeXml("document type declared")

    parser.StartDoctypeDeclHandler = refuse
    return parser


def feed(parser: expat.XMLParserType, archive: zipfile.ZipFile, member: str) -> None:
    """Parse a member of an archive piece by piece; memory does not grow."""
    with archive.open(member) as stream:
        while chunk := stream.read(CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)


def _elements(xml: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the elements of a small XML part with their attributes, both without namespace."""
    found: list[tuple[str, dict[str, str]]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        local = {name.rpartition(" ")[2]: value for name, value in attributes.items()}
        if len(local) < len(attributes):
            raise UnsafeXml("two attributes of one name")
        found.append((tag.rpartition(" ")[2], local))

    parser = secure_parser()
    parser.StartElementHandler = start
    parser.Parse(xml, True)
    return iter(found)
