"""What is wrong, or worth a look: one shape for ledgers, cases, policies and requests.

Places differ, the shape does not: an `Issue` says what is wrong in both languages, where, which
value was given and what was expected. `Issue.line` renders it for people, `Issue.document` for
programs. Columns of faults (`faults.groups`) make issues when somebody looks at them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple

from compensation.language import Language, Text, joined, language_wanted, same, visible
from compensation.schema.column import Column
from compensation.schema.dictionary import PAID_BEFORE, PAID_FOR_YEAR, TABLES, Table

NO_TEXT = Text("", "")
LONGEST_SHOWN = 200
"""Characters of a wrong value that an issue shows."""
Path = tuple[str | int, ...]
"""From the outside inwards: ``("claim", "shares", "lender")``, or the members of a JSON body."""


def shortened(value: str) -> str:
    """Return a wrong value as it is shown: its beginning, with … where something is left out."""
    return value if len(value) <= LONGEST_SHOWN else value[:LONGEST_SHOWN] + "…"


class Severity(StrEnum):
    """Whether nothing was computed because of it."""

    ERROR = "error"
    WARNING = "warning"


class Place(NamedTuple):
    """Where something is wrong, by as many names as it has; all None is the whole of it.

    `table`, `row`, `column`: in the tables of an input. `row` is numbered as the file does it
    (spreadsheet row, CSV line on which the record starts, 1, 2, … for Parquet and DataFrames).
    `id` stands in for the row where rows have no order, as on Spark. `path`: in a case or a JSON
    body. `parameter`: in the query, the path, the headers or the form of a request. `file`, `key`:
    in a policy file or a series file, by the file's own words, such as
    ``claim_conditions[loan_rate].at_most``; elements of a list go by their id, or by their number
    from 1; "" is the file as a whole. `own`: the column as a policy declares it, which the
    dictionary lacks.
    """

    table: str | None = None
    row: int | None = None
    column: str | None = None
    id: str | None = None
    path: Path | None = None
    parameter: str | None = None
    file: str | None = None
    key: str | None = None
    own: Column | None = None

    @property
    def pointer(self) -> str | None:
        """The path as a JSON pointer (RFC 6901); "" is the whole body.

        >>> Place(path=("claims", 0, "a/b")).pointer
        '/claims/0/a~1b'
        """
        if self.path is None:
            return None
        steps = (str(step).replace("~", "~0").replace("/", "~1") for step in self.path)
        return "".join(f"/{step}" for step in steps)

    @property
    def row_name(self) -> Text:
        """What messages call the row."""
        if self.row is None:
            return NO_TEXT
        return Text(f"第 {self.row} 行", f"row {self.row}")

    def headings(self, language: Language) -> tuple[str | None, str | None]:
        """Return what the table and the column are headed: in Chinese as the input has them."""
        table, column = self._known()
        return (
            self.table if table is None else Text(table.heading, table.title.en).get(language),
            self.column if column is None else Text(column.heading, column.title.en).get(language),
        )

    def titles(self) -> tuple[Text | None, Text | None]:
        """Return the names of the table and the column that the dictionary or a policy has."""
        table, column = self._known()
        return None if table is None else table.title, None if column is None else column.title

    def _known(self) -> tuple[Table | None, Column | None]:
        table = next((each for each in TABLES if each.name == self.table), None)
        if self.own is not None:
            return table, self.own
        columns = () if table is None else (*table.columns, PAID_BEFORE, PAID_FOR_YEAR)
        return table, next((each for each in columns if each.name == self.column), None)

    def text(self, language: Language, row: Text | None = None) -> str:
        """Return the place for people; ``row``: what is said instead of the row."""
        if self.path is not None and self.table is None:
            return ".".join(map(str, self.path))
        parts = [same(each) for each in (self.file, self.key) if each]
        table, column = self.titles()
        if self.table is not None:
            parts.append(same(self.table) if table is None else table)
        if (row := self.row_name if row is None else row) != NO_TEXT:
            parts.append(row)
        if self.id is not None:
            parts.append(Text(f"编号 {self.id}", f"id {self.id}"))
        if self.column is not None:
            parts.append(column or _title_anywhere(self.column, known=table is not None))
        if self.parameter is not None:
            parts.append(same(self.parameter))
        return " ".join(part.get(language) for part in parts)


def _title_anywhere(name: str, *, known: bool) -> Text:
    """Return a column's name for people; one that the dictionary lacks stands for itself.

    A table that is not of the dictionary (the review sheet) may have columns that are.
    """
    columns = (column for table in TABLES for column in table.columns if not known)
    return next((column.title for column in columns if column.name == name), same(name))


NOWHERE = Place()


@dataclass(frozen=True)
class Issue:
    """One thing that is wrong, or, as a warning, worth a look.

    `kind`: a stable name for programs, such as ``duplicate``. `value`: what was given, as text;
    None where nothing was. `expected`: what would have been right. The names of its place can be
    asked for directly: `table`, `row`, `column`, `id`, `path`, `file`, `key`.

    >>> try:
    ...     load_policy("jiyuan")
    ... except PolicyFaults as wrong:
    ...     print(wrong.faults[0].kind)
    unknown_policy
    """

    kind: str
    message: Text
    where: Place = NOWHERE
    value: str | None = None
    expected: Text = NO_TEXT
    severity: Severity = Severity.ERROR

    @property
    def table(self) -> str | None:
        """The table that it is in, if any."""
        return self.where.table

    @property
    def row(self) -> int | None:
        """The row of the table as the file numbers it, if it is of one row."""
        return self.where.row

    @property
    def column(self) -> str | None:
        """The column that it is in, if any."""
        return self.where.column

    @property
    def id(self) -> str | None:
        """What stands in for the row where rows have no order."""
        return self.where.id

    @property
    def path(self) -> Path:
        """Where it is in a case, from the argument inwards."""
        return self.where.path or ()

    @property
    def file(self) -> str | None:
        """The policy file, or series file, that it is in, if any."""
        return self.where.file

    @property
    def key(self) -> str:
        """Where it is in that file, in its own words; "" is the file as a whole."""
        return self.where.key or ""

    def describe(self, language: Language = "zh") -> str:
        """Return the issue as one line for people."""
        plain = self.value is None or self.where.file is not None  # as the file writes it
        return self.line(language, self.value if plain else repr(self.value))

    def line(self, language: Language, value: str | None, row: Text | None = None) -> str:
        """Return the issue as one line; ``value`` and ``row``: what is said of these."""
        where, said = self.where.text(language, row), self.message
        if value is not None:
            said = Text(f"{said.zh}（值 {value}）", f"{said.en} (value {value})")
        if self.expected != NO_TEXT:
            said = joined([said, self.expected], "；应为 ", "; expected ")
        return visible(joined([where, said] if where else [said], "：", ": ").get(language))

    def document(self, language: Language) -> dict[str, Any]:
        """Return the issue as JSON has it; of its place those names that it has."""
        where = self.where
        table, column = where.titles()
        places = {
            "pointer": where.pointer,
            "parameter": where.parameter,
            "file": where.file,
            "key": where.key,
            "table": where.table,
            "row": where.row,
            "column": where.column,
            "table_title": None if table is None else table.get(language),
            "column_title": None if column is None else column.get(language),
        }
        return {
            "kind": self.kind,
            "message": self.message.get(language),
            "expected": None if self.expected == NO_TEXT else self.expected.get(language),
            "value": self.value,
            **{name: place for name, place in places.items() if place is not None},
        }

    def __str__(self) -> str:
        return self.describe()


class IssuesFound(ValueError):
    """Something cannot be used; `.faults` holds everything that was found, and nothing was done."""

    IN: ClassVar[Text] = NO_TEXT
    """What the faults are of, as their count says it."""

    def __init__(self, faults: Sequence[Issue]) -> None:
        self.faults: Sequence[Issue] = faults
        super().__init__(self.describe(language_wanted()))

    def describe(self, language: Language = "zh") -> str:
        """Return the count of faults, and a line for each."""
        return "\n".join([self.count(language), *(each.describe(language) for each in self.faults)])

    def count(self, language: Language) -> str:
        """Return how many faults there are, and of what."""
        total = len(self.faults)
        many = "fault" if total == 1 else "faults"
        said = Text("{of}{total} 处错误：", "{total} {many}{of}:")
        return said.fill(of=self.IN, total=total, many=many).get(language)
