"""All faults of one kind in one column, and their messages.

Faults are kept in columns, a group for each kind, so that ten million wrong cells cost what ten
million numbers cost; an `Issue` is made only when somebody looks at it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from compensation.faults.cell_advice import advised
from compensation.issues import NO_TEXT, Issue, Place, shortened
from compensation.language import Text, joined
from compensation.schema.column import Column


@dataclass(frozen=True, eq=False)
class Details:
    """What the message of a group adds for each of its rows.

    `text` goes after the message. In its braces come `values`, by row, and ``{other}``: the row of
    the same table at the position `other`.
    """

    text: Text
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    other: npt.NDArray[np.int64] | None = None

    def at(self, place: int, other: Text = NO_TEXT) -> Text:
        """Return what is added for the row at ``place``; ``other``: what to call the other row."""
        values = {name: each[place] for name, each in self.values.items()}
        return self.text.fill(**values, other=other)

    def only(self, places: npt.NDArray[np.int64]) -> Details:
        """Return what is added for the rows at ``places``."""
        at = places.tolist()
        values = {name: [each[place] for place in at] for name, each in self.values.items()}
        return Details(self.text, values, None if self.other is None else self.other[places])


@dataclass(frozen=True, eq=False)
class FaultGroup:
    """All faults of one kind in one column of one table.

    `rows`: positions in the table, int64, ascending; None for a fault of the table as a whole.
    `values`: the cells at those positions, as text, or None.
    `locate` turns positions into the file's row numbers when somebody asks.
    `details`: what the message adds for each row, if anything.
    `own`: the column as a policy declares it, if it is no column of the dictionary.
    """

    kind: str
    message: Text
    table: str | None = None
    column: str | None = None
    expected: Text = NO_TEXT
    rows: npt.NDArray[np.int64] | None = None
    values: Sequence[str | None] | None = None
    locate: Callable[[npt.NDArray[np.int64]], npt.NDArray[np.int64]] | None = field(
        default=None, repr=False, compare=False
    )
    details: Details | None = field(default=None, repr=False)
    own: Column | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return 1 if self.rows is None else len(self.rows)

    def only(self, places: npt.NDArray[np.int64]) -> FaultGroup:
        """Return the group with those of its rows that are at ``places`` of `rows`."""
        assert self.rows is not None
        values = None if self.values is None else [self.values[at] for at in places.tolist()]
        details = None if self.details is None else self.details.only(places)
        return replace(self, rows=self.rows[places], values=values, details=details)

    def place(self, row: int | None = None, id_: str | None = None) -> Place:
        """Return where a fault of the group is; ``row``, ``id_``: of which row."""
        return Place(self.table, row, self.column, id_, own=self.own)

    def row_numbers(self) -> npt.NDArray[np.int64]:
        """Return the row numbers of the file, int64; none for a fault of the table as a whole."""
        if self.rows is None:
            return np.empty(0, np.int64)
        return self.rows + 1 if self.locate is None else self.locate(self.rows)

    def shown(self, start: int, stop: int) -> list[str | None]:
        """Return the values from ``start`` up to ``stop`` as they are shown; none without any."""
        if self.values is None:
            return []
        values = self.values[start:stop]
        return [None if value is None else shortened(value) for value in values]

    def take(self, start: int, stop: int) -> list[Issue]:
        """Return the faults from ``start`` up to ``stop`` of this group."""
        if self.rows is None:
            (value,) = self.shown(0, 1) or [None]
            return [Issue(self.kind, self.message, self.place(), value, self.expected)][start:stop]
        rows = self.rows[start:stop]
        values = self.shown(start, stop) or [None] * len(rows)
        return [
            Issue(
                self.kind,
                advised(self.kind, message, value),
                self.place(number),
                value,
                self.expected,
            )
            for message, number, value in zip(
                self._messages(start, stop), self._located(rows), values, strict=True
            )
        ]

    def _located(self, rows: npt.NDArray[np.int64]) -> list[int]:
        """Return the file's numbers of rows."""
        numbers: list[int] = (rows + 1 if self.locate is None else self.locate(rows)).tolist()
        return numbers

    def _messages(self, start: int, stop: int) -> list[Text]:
        """Return the messages of some rows, with what is added for each."""
        assert self.rows is not None
        places = range(len(self.rows))[start:stop]
        if self.details is None:
            return [self.message] * len(places)
        others = [NO_TEXT] * len(places)
        if self.details.other is not None:
            others = [
                Place(row=row).row_name for row in self._located(self.details.other[start:stop])
            ]
        return [
            joined((self.message, self.details.at(place, other)), "", "")
            for place, other in zip(places, others, strict=True)
        ]


def whole(
    kind: str,
    message: Text,
    *,
    table: str | None = None,
    column: str | None = None,
    value: str | None = None,
    expected: Text = NO_TEXT,
) -> FaultGroup:
    """Return the group of one fault that is not of a row: a missing table, a broken file."""
    values = None if value is None else (value,)
    return FaultGroup(kind, message, table, column, expected, None, values)
