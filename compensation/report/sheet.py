"""One sheet of a workbook: cells by kind, page setup, widths.

Text goes in as text only, whatever it looks like; a number with more digits than a spreadsheet
keeps goes in as text too, so that none is lost. Rows are written in order, each once.
"""

from __future__ import annotations

import datetime
import io
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

import pyarrow as pa
import pyarrow.compute as pc
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from compensation.language import Language, Text
from compensation.report.atomic_write import locked_folder
from compensation.report.styles import BODY_FONT, COLOURS, MONEY, RATE_PLACES, Book
from compensation.values.exact import DIGITS_KEPT
from compensation.values.printing import YES_NO, amount, percent_in_sheet
from compensation.version import __version__

MAX_ROWS = 1_048_576
"""Rows that a sheet can hold."""
MAX_TEXT = 32_767
"""Characters (UTF-16 units) that a cell can hold."""
FIRST_DAY = datetime.date(1900, 3, 1)
"""From here on all spreadsheet programs agree on which number a date is."""
CREATED = datetime.datetime(2000, 1, 1)  # noqa: DTZ001  # a workbook's dates have no time zone
"""Stands in every workbook as its date of creation: the same content has the same bytes."""
AUTHOR = f"guarantee-compensation {__version__}"
UNIX, OWN_FILE = 3, stat.S_IFREG | 0o600
"""What an archive says of a part that another system than Windows has written."""
CHUNK = 1 << 20
LINE = 13.5
"""Height of a line of text, in points."""
MAX_LINES = 25
"""Lines beyond which a row does not grow: no row may be higher than 409 points."""
MAX_ADDED = 10**11
"""Yuan below which a spreadsheet adds up amounts to the fen: its numbers have 15 digits."""
ROW = 18.0
"""Height of a row with one line of text, in points."""

Write = Callable[[int, int, object], None]
Sheets = Mapping[str, tuple[Callable[[Any], int] | None, Callable[["Sheet", Any], None]]]
"""The sheets of a workbook in their order: how many rows each takes, and what writes it.

None: its rows do not grow with those of a ledger.
"""


class TooManyRows(ValueError):
    """A table has more rows than a sheet can hold; nothing was written. `.text`: both languages.

    >>> issubclass(TooManyRows, ValueError)
    True
    """

    def __init__(self, sheet: str, rows: int) -> None:
        self.text: Text = Text(
            "工作表“{sheet}”需要 {rows} 行，超过一张工作表的上限 {most} 行；"
            "请改为输出 CSV 或 Parquet",
            "the sheet “{sheet}” would take {rows} rows, more than the {most} that one can hold;"
            " write CSV or Parquet instead",
        ).fill(sheet=sheet, rows=rows, most=MAX_ROWS)
        super().__init__(f"{self.text.zh} / {self.text.en}")

    def describe(self, language: Language = "zh") -> str:
        """Return the message in one language."""
        return self.text.get(language)


@contextmanager
def new_workbook(path: str | os.PathLike[str], title: str, *, streamed: bool) -> Iterator[Book]:
    """Yield a new workbook, which is written to ``path`` at the end.

    ``streamed``: rows leave the memory as they are written. Raises OSError if it cannot be written.
    """
    path = Path(path)
    with ExitStack() as stack:
        file = stack.enter_context(path.open("wb"))
        # The parts go where the workbook goes: the folder for temporary files may have less room,
        # and what a killed process leaves there nobody finds.
        parts = stack.enter_context(locked_folder(path, path.parent))
        first: BinaryIO = file
        if os.linesep != "\n":
            first = stack.enter_context((parts / path.name).open("w+b"))
        options = {
            "constant_memory": streamed,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "tmpdir": str(parts),
        }
        draft = _Draft(first)
        try:
            book = Book(draft, options)
            book.set_properties({"title": title, "author": AUTHOR, "created": CREATED})
            yield book
            book.close()
            if first is not file:
                _as_elsewhere(first, file)
        except FileCreateError as error:
            draft.give_up()
            raise error.args[0] from None
        except BaseException:
            draft.give_up()
            raise


def write_sheets(path: str | os.PathLike[str], title: str, sheets: Sheets, of: object) -> None:
    """Write a workbook to ``path``, replacing what is there; `of`: what its sheets are made of.

    Text never acts as a formula or a link. The same content gives the same bytes. Raises
    `TooManyRows` before anything is written, and OSError if the file cannot be written.
    """
    for name, (count, _) in sheets.items():
        rows = 0 if count is None else count(of)
        if rows > MAX_ROWS:
            raise TooManyRows(name, rows)
    with new_workbook(path, title, streamed=True) as book:
        for name, (_, fill) in sheets.items():
            fill(Sheet(book, name), of)


def _as_elsewhere(written: BinaryIO, into: BinaryIO) -> None:
    """Copy a workbook that Windows has written, with the line ends and marks of other systems."""
    with ZipFile(written) as source, ZipFile(into, "w", ZIP_DEFLATED) as target:
        for part in source.infolist():
            part.create_system, part.external_attr = UNIX, OWN_FILE << 16
            with (
                source.open(part) as bytes_in,
                io.TextIOWrapper(bytes_in, encoding="utf-8") as text,
                target.open(part, "w") as out,
            ):
                while some := text.read(CHUNK):
                    out.write(some.encode())


class _Draft:
    """The file that a workbook is written to.

    The archive that writes to it writes once more when it is deleted, even after a failure, and
    that it can't is then printed as a traceback.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def give_up(self) -> None:
        """Let whatever is still written go nowhere."""
        self._file = io.BytesIO()


def text_width(text: str) -> int:
    """Return how wide a text is, in characters of Western width: a Chinese one counts two.

    >>> text_width("代偿 A1")
    7
    """
    return sum(1 if ord(character) < 0x2E80 else 2 for character in text)


def widest(column: pa.ChunkedArray) -> int:
    """Return the width of the widest text of a column; see `text_width`."""
    if not len(column):
        return 0
    # Chinese takes three bytes where it counts two, so the mean of bytes and characters will do.
    both = pc.add(pc.utf8_length(column), pc.binary_length(column))
    most = pc.max(both).as_py() or 0
    return (int(most) + 1) // 2


def fitting(text: str) -> str:
    """Return a text as a cell can hold it: one that is too long ends in dots."""
    if len(text) <= MAX_TEXT // 2 or len(text.encode("utf-16-le")) <= 2 * MAX_TEXT:
        return text
    return text.encode("utf-16-le")[: 2 * (MAX_TEXT - 1)].decode("utf-16-le", "ignore") + "…"


class Sheet:
    """A sheet that is being written: cells by kind, each with its style."""

    def __init__(self, book: Book, name: str) -> None:
        self.name: str = name
        self.book: Book = book
        self.raw: Worksheet = book.add_worksheet(name)
        self.raw.set_default_row(ROW)
        self._styles = book.styles
        self._widths: tuple[int, ...] = ()
        self._row = (-1, ROW)

    # Cells

    def text(self, row: int, column: int, value: object, style: str = "text") -> None:
        """Write a text, which never becomes a formula, a number or a link; None leaves a blank."""
        if value is None or value == "":
            self.blank(row, column, style)
            return
        text = fitting(str(value))
        self.raw.write_string(row, column, text, self._styles[style])

    def blank(self, row: int, column: int, style: str = "text") -> None:
        """Leave a cell blank, with its border."""
        self.raw.write_blank(row, column, None, self._styles[style])

    def number(self, row: int, column: int, value: Decimal | int, style: str, shown: str) -> None:
        """Write a number; as the text ``shown`` if a spreadsheet would lose digits of it."""
        if _fits(value):
            self.raw.write_number(row, column, value, self._styles[style])
        else:
            bold = "total_" if style.startswith("total_") else ""
            self.text(row, column, shown, f"{bold}number_text")

    def money(self, row: int, column: int, value: object, style: str = "money") -> None:
        """Write an amount in yuan, a Decimal; None leaves a blank."""
        if isinstance(value, Decimal):
            self.number(row, column, value, style, amount(value))
        else:
            self.blank(row, column, style)

    def ratio(self, row: int, column: int, value: object) -> None:
        """Write a ratio, a Decimal that shows as a percentage; None leaves a blank."""
        if isinstance(value, Decimal):
            self.number(row, column, value, "ratio", percent_in_sheet(value))
        else:
            self.blank(row, column, "ratio")

    def rate(self, row: int, column: int, value: object) -> None:
        """Write a rate as people write it, 15% or 12.5%, a Decimal; None leaves a blank."""
        if isinstance(value, Decimal):
            places = -min(-2, int(value.normalize().as_tuple().exponent)) - 2
            self.number(row, column, value, f"rate_{min(places, RATE_PLACES)}", "")
        else:
            self.blank(row, column, "ratio")

    def total(self, row: int, column: int, value: Decimal | int, first: int, last: int) -> None:
        """Write the sum of the cells in rows ``first`` to ``last``, as a formula with its value.

        An amount that a spreadsheet could not add up to the fen goes in as what it is.
        """
        style = "total_money" if isinstance(value, Decimal) else "total_count"
        if not -MAX_ADDED < value < MAX_ADDED:
            self.number(row, column, value, style, amount(Decimal(value)))
            return
        name = xl_col_to_name(column)
        formula = f"SUM({name}{first + 1}:{name}{last + 1})"
        if isinstance(value, Decimal):
            # A sum of binary numbers may be a hair off; an amount is whole fen.
            formula = f"ROUND({formula},2)"
        self.raw.write_formula(row, column, f"={formula}", self._styles[style], value)

    def count(self, row: int, column: int, value: object, style: str = "count") -> None:
        """Write a whole number; None leaves a blank."""
        if isinstance(value, int):
            self.number(row, column, value, style, f"{value:,}")
        else:
            self.blank(row, column, style)

    def date(self, row: int, column: int, value: object) -> None:
        """Write a date; one that spreadsheet programs disagree on as text; None leaves a blank."""
        if not isinstance(value, datetime.date):
            self.blank(row, column, "date")
        elif value < FIRST_DAY:
            self.text(row, column, value.isoformat(), "date")
        else:
            self.raw.write_datetime(row, column, value, self._styles["date"])

    def flag(self, row: int, column: int, value: object) -> None:
        """Write 是 or 否; None leaves a blank."""
        self.text(row, column, None if value is None else YES_NO[bool(value)].zh, "centre")

    def words(self, words: Mapping[Any, str]) -> Write:
        """Return what writes the word for a value, or else the value itself as a text."""
        return lambda row, column, value: self.text(row, column, words.get(value, value), "centre")

    def put(self, row: int, column: int, value: object) -> None:
        """Write a value as its kind is written: a Decimal is an amount; None leaves a blank."""
        write: Write = self.text
        if isinstance(value, bool):
            write = self.flag
        elif isinstance(value, datetime.date):
            write = self.date
        elif isinstance(value, int):
            write = self.count
        elif isinstance(value, Decimal):
            write = self.money
        write(row, column, value)

    def section(self, row: int, last: int, title: str) -> int:
        """Write the title of a part of the sheet across its columns; return the row after it."""
        self.across(row, 0, last, title, "section", 24)
        return row + 1

    def labelled(self, row: int, last: int, pairs: Iterable[tuple[str, str]]) -> int:
        """Write labels, and texts beside them across the other columns; return the row after."""
        for label, value in pairs:
            self.text(row, 0, label, "label")
            self.across(row, 1, last, value, "text", 18)
            row += 1
        return row

    def across(
        self, row: int, first: int, last: int, value: object, style: str, height: float = ROW
    ) -> None:
        """Write a text across columns ``first`` to ``last`` of a row, at least ``height`` high."""
        lines = _lines(str(value or ""), sum(self._widths[first : last + 1]))
        self.at_least(row, height + LINE * (lines - 1))
        if last > first:
            self.raw.merge_range(row, first, row, last, "", self._styles[style])
        self.text(row, first, value, style)

    def headings(self, row: int, headings: Sequence[str], height: float = 30) -> None:
        """Write a row of headings."""
        self.raw.set_row(row, height)
        for column, heading in enumerate(headings):
            self.text(row, column, heading, "heading")

    # The page

    def widths(self, widths: Sequence[int], styles: Sequence[str] = ()) -> None:
        """Set the widths of the columns from the first on, in characters of Western width.

        ``styles``: of the cells in them that nothing is written to.
        """
        self._widths = tuple(widths)
        for column, width in enumerate(widths):
            style = self._styles[styles[column]] if styles else None
            self.raw.set_column(column, column, width, style)

    def bars(
        self, at: tuple[int, int], title: str, rows: tuple[int, int], columns: Sequence[int]
    ) -> None:
        """Draw bars of amounts with their values: of rows named in column 0, one colour a column.

        `at`: the cell where the picture begins. The names of the columns stand above the rows.
        """
        chart = self.book.add_chart({"type": "bar"})
        first, last = rows
        for column, colour in zip(columns, COLOURS, strict=False):
            chart.add_series(
                {
                    "name": [self.name, first - 1, column],
                    "categories": [self.name, first, 0, last, 0],
                    "values": [self.name, first, column, last, column],
                    "fill": {"color": colour},
                    "gap": 60,
                    "data_labels": {"value": True, "num_format": MONEY, "font": {"size": 9}},
                }
            )
        # Room at the right for the value of the longest bar.
        chart.set_plotarea({"layout": {"x": 0.2, "y": 0.14, "width": 0.56, "height": 0.7}})
        chart.set_title({"name": title, "name_font": {"size": 11, "bold": False}})
        chart.set_legend({"position": "bottom"})
        chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
        chart.set_y_axis({"reverse": True})
        width = int(self._widths[at[1]] * 7)
        chart.set_size({"width": width - 20, "height": 290})
        self.raw.insert_chart(*at, chart, {"x_offset": 14, "y_offset": 2})

    def hide(self, column: int) -> None:
        """Keep a column for programs: nobody sees it, and it isn't printed."""
        self.raw.set_column(column, column, self._widths[column], None, {"hidden": True})

    def fit_row(self, row: int, texts: Mapping[int, object]) -> None:
        """Make a row high enough for ``texts``, by column; to be called before its cells.

        Programs do this themselves for rows of one's own typing, but not when they open a file.
        """
        lines = max(
            (_lines(str(text), self._widths[column]) for column, text in texts.items() if text),
            default=1,
        )
        self.at_least(row, ROW + LINE * (lines - 1))

    def at_least(self, row: int, height: float) -> None:
        """Make the row that is being written at least so many points high."""
        if row != self._row[0]:
            self._row = (row, ROW)
        if height > self._row[1]:
            self._row = (row, height)
            self.raw.set_row(row, height)

    def page(self, wide: int = 1, *, portrait: bool = False) -> None:
        """Set up A4, so many pages wide, with the sheet's name and page numbers below.

        The height is left free: only then do programs keep to page breaks.
        """
        if portrait:
            self.raw.set_portrait()
        else:
            self.raw.set_landscape()
        self.raw.set_paper(9)
        self.raw.set_margins(left=0.45, right=0.45, top=0.6, bottom=0.65)
        self.raw.center_horizontally()
        self.raw.set_footer("&L&A&C第 &P 页 共 &N 页")
        self.raw.fit_to_pages(wide, 0)


def comment(raw: Worksheet, row: int, column: int, text: str) -> None:
    """Put a comment on a cell, in a box that is high enough for it."""
    height = 16 * sum(-(-text_width(line) // 40) for line in text.split("\n")) + 12
    box = {"author": "", "font_name": BODY_FONT, "font_size": 9, "width": 270, "height": height}
    raw.write_comment(row, column, text, box)


def _lines(text: str, width: int) -> int:
    """Return how many lines a text takes in a cell, with some room for the indent and for words."""
    room = max(2, width - 2)
    return min(MAX_LINES, sum(max(1, -(-text_width(line) // room)) for line in text.split("\n")))


def _fits(value: Decimal | int) -> bool:
    """Return whether a number has no more significant digits than a spreadsheet keeps."""
    if -(10**9) < value < 10**9:
        return True  # nothing here has more than six decimals
    digits = "".join(map(str, Decimal(value).as_tuple().digits)).rstrip("0")
    return len(digits) <= DIGITS_KEPT
