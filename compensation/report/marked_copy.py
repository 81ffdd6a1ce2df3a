"""A copy of the input for people to read: wrong cells in red, and a list of the faults in front.

Values are copied, formats and formulas are not: it is the input itself that is to be corrected.
"""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from math import isfinite

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from compensation.faults.input_faults import Faults
from compensation.issues import NO_TEXT, Issue
from compensation.language import Language, Text, in_line
from compensation.policy.catalogue import Policy
from compensation.policy.variables import extra_columns
from compensation.report import marked_rows
from compensation.report.sheet import (
    FIRST_DAY,
    MAX_ROWS,
    Sheet,
    comment,
    fitting,
    new_workbook,
)
from compensation.report.styles import BODY_FONT, Book
from compensation.schema.column import Column
from compensation.values.exact import DIGITS_KEPT

MOST_MARKED = 100_000
"""Faults that are listed and marked."""
MOST_NOTES = 2_000
"""Cells with a note: spreadsheet programs become slow with more."""
MAX_COLUMNS = 16_384
LIST = Text("错误清单", "Faults")
_HEADINGS = (
    Text("工作表", "Table"),
    Text("行", "Row"),
    Text("列", "Column"),
    Text("现有内容", "Value"),
    Text("问题", "What is wrong"),
    Text("应为", "Expected"),
)
_WIDTHS = (20, 9, 26, 26, 56, 44)
_NONE = Text("没有发现错误。", "No faults were found.")
_ABOUT = Text(
    "共 {total} 处错误，列出 {listed} 处，并在各表中以红色标出。本副本仅供查阅，不保留格式和公式；"
    "请在原文件中更正后重新提交。",
    "{total} faults; {listed} of them are listed here and marked in red on the sheets. This copy"
    " is for reading and has no formats or formulas: correct the original file.",
)
_RED = {"bg_color": "#FFC7CE", "font_color": "#9C0006"}
_HEAD = {"bold": True, "bg_color": "#DDE7F0", "text_wrap": True, "align": "center"}
_PLAIN = {"font_name": BODY_FONT, "font_size": 10, "valign": "vcenter"}
_FORMATS = {
    "text": {"num_format": "@"},
    "number": {},
    "whole": {"num_format": "0"},
    "date": {"num_format": "yyyy-mm-dd", "align": "center"},
    "moment": {"num_format": "yyyy-mm-dd hh:mm:ss", "align": "center"},
}
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
"""Signs that no name of a sheet may have."""

Marks = dict[int, list[Issue]]
"""The faults of a table's rows by row number."""


def write_marked_copy(
    source: str | os.PathLike[str],
    faults: Faults,
    path: str | os.PathLike[str],
    policies: Policy | Sequence[Policy],
    language: Language = "zh",
    most: int = MOST_MARKED,
) -> None:
    """Write the input's tables to ``path`` with the first ``most`` faults marked in them.

    `policies`: those that the input was read for; their own columns are found, too.
    Text never acts as a formula or a link. Raises OSError if the file cannot be written.
    """
    listed = list(islice(faults, min(most, MOST_MARKED)))
    marks: dict[str, Marks] = {}
    for fault in listed:
        if fault.table is not None:
            marks.setdefault(fault.table, {}).setdefault(fault.row or 0, []).append(fault)
    wrong = {table: rows.keys() - {0} for table, rows in marks.items()}
    with new_workbook(path, LIST.get(language), streamed=True) as book:
        _write_list(book, listed, len(faults), language)
        writer = _Writer(book, language)
        extra = _extra_columns([policies] if isinstance(policies, Policy) else policies)
        for sheet in marked_rows.sheets_of(source, wrong, extra, language):
            writer.write(sheet, marks.get(sheet.table or "", {}))


def _extra_columns(policies: Sequence[Policy]) -> dict[str, list[Column]]:
    """Return the columns that the policies add, by table; each name once."""
    named: dict[str, dict[str, Column]] = {}
    for policy in policies:
        for table, columns in extra_columns(policy.rules).items():
            for column in columns:
                named.setdefault(table, {}).setdefault(column.name, column)
    return {table: list(columns.values()) for table, columns in named.items()}


def _write_list(book: Book, listed: Sequence[Issue], total: int, language: Language) -> None:
    sheet = Sheet(book, LIST.get(language))
    sheet.widths(_WIDTHS)
    about = _ABOUT.fill(total=total, listed=len(listed)) if total else _NONE
    last = len(_WIDTHS) - 1
    sheet.across(0, 0, last, LIST.get(language), "title", 30)
    sheet.across(1, 0, last, about.get(language), "caption", 20)
    sheet.headings(2, [heading.get(language) for heading in _HEADINGS], 22)
    for row, fault in enumerate(listed[: MAX_ROWS - 3], 3):
        table, column = fault.where.headings(language)
        message, expected = fault.message.get(language), fault.expected.get(language)
        texts = {0: table, 2: column, 3: fault.value, 4: message, 5: expected}
        texts = {place: None if text is None else in_line(text) for place, text in texts.items()}
        sheet.fit_row(row, texts)
        for place, text in texts.items():
            if place == 2:
                sheet.count(row, 1, fault.row)
            sheet.text(row, place, text)
    sheet.raw.freeze_panes(3, 0)
    sheet.raw.repeat_rows(2)
    sheet.page()


class _Writer:
    """Writes the sheets of the input into a workbook; `notes`: how many more may be written."""

    def __init__(self, book: Book, language: Language) -> None:
        self._book, self._language = book, language
        looks = {name: {**_PLAIN, **look} for name, look in _FORMATS.items()}
        self._plain = {name: book.add_format(look) for name, look in looks.items()}
        self._red = {name: book.add_format({**look, **_RED}) for name, look in looks.items()}
        heads = {name: {**look, **_HEAD} for name, look in looks.items()}
        self._head = {name: book.add_format(look) for name, look in heads.items()}
        self._notes = MOST_NOTES
        self._names = {LIST.get(language).casefold()}

    def write(self, sheet: marked_rows.Sheet, marks: Marks) -> None:
        """Write one sheet; ``marks``: the faults by row, those of no row at 0."""
        raw = self._book.add_worksheet(self._name(sheet.name))
        columns = max(sheet.places.values(), default=-1) + 1
        raw.set_column(0, max(columns, 1), 16)
        if marks:
            raw.set_tab_color("#C00000")
        for at, (number, cells) in enumerate(islice(sheet.lines, MAX_ROWS)):
            wrong = self._wrong(sheet, marks, number)
            usual = self._head if number == sheet.head else self._plain
            reach = max(len(cells), *(place + 1 for place in wrong), 0)
            for place in range(min(reach, MAX_COLUMNS)):
                value = cells[place] if place < len(cells) else None
                faults = wrong.get(place, [])
                if value in (None, "") and faults:
                    value = faults[0].value  # an error such as #N/A was read as a blank
                self._cell(raw, at, place, value, self._red if faults else usual)
                if faults:
                    self._note(raw, at, place, faults)
        raw.freeze_panes(1 if sheet.head == marked_rows.HEADINGS_ABOVE else sheet.head, 0)
        raw.set_landscape()
        raw.fit_to_pages(1, 0)

    def _wrong(
        self, sheet: marked_rows.Sheet, marks: Marks, number: int
    ) -> Mapping[int, list[Issue]]:
        """Return the faults of a row by the places of their cells; those of the row are at all."""
        faults = marks.get(number, [])
        if number == sheet.head:
            faults = [*faults, *(f for f in marks.get(0, []) if f.column in sheet.places)]
        found: dict[int, list[Issue]] = {}
        for fault in faults:
            place = sheet.places.get(fault.column or "")
            all_places = sorted(set(sheet.places.values())) or [0]
            for each in all_places if place is None else [place]:
                found.setdefault(each, []).append(fault)
        return found

    def _cell(
        self, raw: Worksheet, row: int, column: int, value: object, looks: Mapping[str, Format]
    ) -> None:
        if value is None or value == "":
            if looks is self._red:
                raw.write_blank(row, column, None, looks["text"])
        elif isinstance(value, bool):
            raw.write_boolean(row, column, value, looks["number"])
        elif isinstance(value, int | float | Decimal) and _kept(value):
            whole = value == int(value)
            raw.write_number(row, column, value, looks["whole" if whole else "number"])
        elif isinstance(value, datetime.date) and _is_shown(value):
            day = not isinstance(value, datetime.datetime) or value.time() == datetime.time()
            raw.write_datetime(row, column, value, looks["date" if day else "moment"])
        else:
            raw.write_string(row, column, fitting(str(value)), looks["text"])

    def _note(self, raw: Worksheet, row: int, column: int, faults: Iterable[Issue]) -> None:
        if self._notes == 0:
            return
        self._notes -= 1
        lines = []
        for fault in faults:
            lines.append(fault.message.get(self._language))
            if fault.expected != NO_TEXT:
                expected = Text("应为：{expected}", "Expected: {expected}")
                lines.append(expected.fill(expected=fault.expected).get(self._language))
        comment(raw, row, column, "\n".join(map(in_line, lines))[:2000])

    def _name(self, wanted: str) -> str:
        """Return a name that a sheet may have and no other has."""
        name = base = _FORBIDDEN.sub("_", wanted).strip("'")[:31] or "_"
        number = 1
        while name.casefold() in self._names:
            number += 1
            name = f"{base[:26]}_{number}"
        self._names.add(name.casefold())
        return name


def _kept(value: float | Decimal) -> bool:
    """Return whether a spreadsheet keeps a number: it is finite and has few enough digits."""
    if isinstance(value, float):
        return isfinite(value)
    number = Decimal(value)
    return number.is_finite() and len(number.normalize().as_tuple().digits) <= DIGITS_KEPT


def _is_shown(value: datetime.date) -> bool:
    """Return whether all spreadsheet programs show a day as the same one."""
    day = value.date() if isinstance(value, datetime.datetime) else value
    return day >= FIRST_DAY
