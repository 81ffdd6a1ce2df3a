"""One sheet of a workbook: its cells, and what its XML says beyond them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, ParamSpec, TypeVar, cast

import python_calamine as calamine

from compensation.readers.archive import CHUNK
from compensation.readers.merged_cells import column_letters, merged_ranges
from compensation.readers.number_formats import NO_FORMATS, Formats
from compensation.readers.sheet_extent import SMALL, Look, look_at
from compensation.readers.sheet_notes import Note, notes_of
from compensation.readers.sheet_xml import SheetScan, scan
from compensation.tables.unit_places import Merged

P = ParamSpec("P")
Parsed = TypeVar("Parsed")


def parsed(parse: Callable[P, Parsed], *args: P.args, **kwargs: P.kwargs) -> Parsed:
    """Return what the parser makes of something; ValueError where it gives up.

    It is written in Rust, and gives up on some damaged files by a panic, which is no `Exception`.
    """
    try:
        return parse(*args, **kwargs)
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise ValueError(str(error)) from error
        raise


class UnknownError(ValueError):
    """A cell holds an error that the parser does not know, and for which it gives up the sheet."""

    def __init__(self, sheet: str, cell: str, shown: str) -> None:
        super().__init__(sheet, cell, shown)
        self.sheet: str = sheet
        self.cell: str = cell
        self.shown: str = shown


def open_workbook(path: Path) -> calamine.CalamineWorkbook:
    """Return a workbook as the parser knows it. Raises OSError and what `xlsx.BROKEN` names."""
    try:
        str(path).encode()
    except UnicodeEncodeError:  # the parser takes no such path, but a file that is open
        with path.open("rb") as file:
            return parsed(calamine.CalamineWorkbook.from_filelike, file)
    return parsed(calamine.CalamineWorkbook.from_path, path)


@dataclass(frozen=True)
class Content:
    """What is on a sheet. `rows`: from its first one on; `merged`: from `merged_ranges`.

    `look`, `scan`: what its XML says beyond the values; `notes`: what is said outside of the cells.
    The rows are empty if the sheet spans too many cells: the parser would fill them all.
    """

    rows: list[list[object]]
    merged: list[Merged]
    look: Look
    scan: SheetScan
    notes: list[Note]


class Top(NamedTuple):
    """The first rows of a sheet, and its merged ranges from `merged_ranges`."""

    rows: list[list[object]]
    merged: list[Merged]


@dataclass(frozen=True)
class Sheet:
    """One sheet, as the parser and as the archive know it.

    `calculated`: whether a program that calculates has saved the workbook.
    """

    path: Path
    archive: zipfile.ZipFile
    workbook: calamine.CalamineWorkbook
    name: str
    member: str
    formats: Formats = NO_FORMATS
    calculated: bool = True

    def read(self) -> Content:
        """Return what is on the sheet."""
        look, found = self.look(self.formats.odd.keys() | self.formats.struck)
        if found.too_large:
            return Content([], [], look, found, [])
        notes = list(notes_of(self.archive, self.member, look.end))
        return Content(*self._parsed(), look, found, notes)

    def top(self, rows: int) -> Top | None:
        """Return the first rows, to see what the sheet is; None if it is too large."""
        extent = self._glance(()).extent
        if extent is None or extent.rows * extent.columns > SMALL:
            extent = scan(self.archive, self.member).extent
        return None if extent.rows * extent.columns > SMALL else self._parsed(rows)

    def _parsed(self, rows: int | None = None) -> Top:
        try:
            sheet = parsed(self.workbook.get_sheet_by_name, self.name)
        except calamine.CalamineError as error:
            for cell in scan(self.archive, self.member).unreadable:
                if cell.kind == "error_cell" and f"'{cell.shown}'" in str(error):
                    place = f"{column_letters(cell.column)}{cell.row + 1}"
                    raise UnknownError(self.name, place, cell.shown) from error
            raise
        read: Callable[..., Any] = sheet.to_python
        cells = cast("list[list[object]]", parsed(read, skip_empty_area=False, nrows=rows))
        return Top(cells, merged_ranges(sheet.merged_cell_ranges))

    def look(self, styles: Collection[int]) -> tuple[Look, SheetScan]:
        """Return what the XML of the sheet says, and where cells of some styles are."""
        look = self._glance(styles)
        # Cells that only have a format count in a quick look, and not in a thorough one.
        known = look.extent is not None and not look.extent.too_large and not look.marked
        if known:
            return look, SheetScan(styled=look.styled)
        found = scan(self.archive, self.member, styles, zeros_are_values=self.calculated)
        return look, found

    def _glance(self, styles: Collection[int]) -> Look:
        with self.archive.open(self.member) as stream:
            return look_at(iter(lambda: stream.read(CHUNK), b""), styles)
