"""Faults of an input, all of them at once, in the order in which people read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import overload

import numpy as np
import numpy.typing as npt

from compensation.cards import ROWS_SHOWN, Card, Shown
from compensation.faults.groups import FaultGroup
from compensation.faults.lines import lines_of
from compensation.faults.order import Piece, Section, sections_of
from compensation.issues import Issue, IssuesFound, Severity
from compensation.language import Language, Text

HEADINGS = (
    Text("表", "table"),
    Text("行", "row"),
    Text("列", "column"),
    Text("值", "value"),
    Text("内容", "message"),
)


class Faults(Shown, Sequence[Issue]):
    """A sequence of faults that makes each one only when it is looked at.

    They stand in the order of the input's rows; see `fault_order`. `groups`: as they were given.
    `severity`: of all of them.
    """

    def __init__(
        self, groups: Sequence[FaultGroup] = (), severity: Severity = Severity.ERROR
    ) -> None:
        self.groups: tuple[FaultGroup, ...] = tuple(group for group in groups if len(group))
        self.severity = severity

    def _card(self) -> Card:
        first = [self[place] for place in range(min(len(self), ROWS_SHOWN))]
        rows = [(each.table, each.row, each.column, each.value, each.message) for each in first]
        title = (
            Text("错误", "faults") if self.severity is Severity.ERROR else Text("提示", "warnings")
        )
        return Card(title, [(Text("共", "in all"), len(self))], HEADINGS, rows, len(self))

    @cached_property
    def sections(self) -> list[Section]:
        """The groups in the order in which they are read."""
        return sections_of(self.groups)

    def __len__(self) -> int:
        return sum(map(len, self.groups))

    @overload
    def __getitem__(self, index: int) -> Issue: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Issue]: ...
    def __getitem__(self, index: int | slice) -> Issue | Sequence[Issue]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if index < 0:
            index += len(self)
        if index < 0:
            raise IndexError(index)
        for section in self.sections:
            if index < len(section):
                return self._made(*section.part(index, index + 1))[0]
            index -= len(section)
        raise IndexError(index)

    def __iter__(self) -> Iterator[Issue]:
        for section in self.sections:
            for part in section.parts(4096):
                yield from self._made(*part)

    def first(self, each: int) -> Iterator[tuple[FaultGroup, list[Issue]]]:
        """Yield every group with its first ``each`` faults."""
        for group in self.groups:
            yield group, self._weighed(group.take(0, each))

    def _made(self, pieces: Sequence[Piece], order: npt.NDArray[np.int64] | None) -> list[Issue]:
        """Return the faults of some pieces of groups, in their order."""
        made = [fault for group, start, stop in pieces for fault in group.take(start, stop)]
        return self._weighed(made if order is None else [made[at] for at in order.tolist()])

    def _weighed(self, faults: list[Issue]) -> list[Issue]:
        if self.severity is Severity.ERROR:
            return faults
        return [replace(fault, severity=self.severity) for fault in faults]


class InputFaults(IssuesFound):
    """The input is wrong. `.faults` holds every fault that was found; nothing was computed.

    >>> try:
    ...     read_portfolio({})
    ... except InputFaults as wrong:
    ...     print(wrong.describe("en").splitlines()[0])
    3 faults in the input:
    """

    IN = Text("输入有 ", " in the input")
    faults: Faults

    def __init__(self, groups: Sequence[FaultGroup]) -> None:
        super().__init__(Faults(groups))

    def describe(self, language: Language = "zh", each: int = 100) -> str:
        """Return the count of faults, and a line for each in the order of the input's rows.

        Faults of one kind that follow one another in a column share a line. Of each kind the first
        ``each`` lines are listed; last comes how many more faults there are of which kinds.
        """
        return "\n".join([self.count(language), *lines_of(self.faults.groups, language, each)])
