"""Faults of an input, all of them at once, in the order in which people read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import overload

import numpy as np
import numpy.typing as npt

from compensation.language import Language
from compensation.ledger.fault_groups import Fault, FaultGroup
from compensation.ledger.fault_lines import lines_of
from compensation.ledger.fault_order import Piece, Section, sections_of


class Faults(Sequence[Fault]):
    """A sequence of faults that makes each one only when it is looked at.

    They stand in the order of the input's rows; see `fault_order`. `groups`: as they were given.
    """

    def __init__(self, groups: Sequence[FaultGroup] = ()) -> None:
        self.groups = tuple(group for group in groups if len(group))

    @cached_property
    def sections(self) -> list[Section]:
        """The groups in the order in which they are read."""
        return sections_of(self.groups)

    def __len__(self) -> int:
        return sum(map(len, self.groups))

    @overload
    def __getitem__(self, index: int) -> Fault: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Fault]: ...
    def __getitem__(self, index: int | slice) -> Fault | Sequence[Fault]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if index < 0:
            index += len(self)
        if index < 0:
            raise IndexError(index)
        for section in self.sections:
            if index < len(section):
                return _made(*section.part(index, index + 1))[0]
            index -= len(section)
        raise IndexError(index)

    def __iter__(self) -> Iterator[Fault]:
        for section in self.sections:
            for part in section.parts(4096):
                yield from _made(*part)

    def first(self, each: int) -> Iterator[tuple[FaultGroup, list[Fault]]]:
        """Yield every group with its first ``each`` faults."""
        for group in self.groups:
            yield group, group.take(0, each)


def _made(pieces: Sequence[Piece], order: npt.NDArray[np.int64] | None) -> list[Fault]:
    """Return the faults of some pieces of groups, in their order."""
    made = [fault for group, start, stop in pieces for fault in group.take(start, stop)]
    return made if order is None else [made[place] for place in order.tolist()]


class InputFaults(ValueError):
    """The input is wrong. `.faults` holds every fault that was found; nothing was computed."""

    def __init__(self, groups: Sequence[FaultGroup]) -> None:
        self.faults = Faults(groups)
        super().__init__(self.describe())

    def describe(self, language: Language = "zh", each: int = 100) -> str:
        """Return the count of faults, and a line for each in the order of the input's rows.

        Faults of one kind that follow one another in a column share a line. Of each kind the first
        ``each`` lines are listed; last comes how many more faults there are of which kinds.
        """
        total = len(self.faults)
        head = (
            f"输入有 {total} 处错误："
            if language == "zh"
            else f"{total} fault{'s' if total > 1 else ''} in the input:"
        )
        return "\n".join([head, *lines_of(self.faults.groups, language, each)])
