"""Steps: what a rule computed, kept as columns, so that any row of it can be shown.

A rule records each column in the statement that computes it, with the formula that it follows and
the clause that it rests on. An explanation is one row of the steps. Nothing is formatted until
somebody asks for a row.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple, Protocol, TypeVar

import numpy as np

from compensation.columns import Flags, Integers, Whole
from compensation.language import Text
from compensation.policy.model import Cited
from compensation.rules.deciding import Deciding
from compensation.rules.variables import Variable, take
from compensation.schema.parties import party_name

_FUNCTIONS = frozenset({"half_up", "floor", "ceil", "min", "max", "ratio"})
"""What formulas may use beside + − × /: limits, and rounding to the fen (`ratio`: to 6 decimals).

``floor(x, 100)``, and `half_up` and `ceil` likewise: to a whole number of 100 yuan.
"""


PREVIOUS = "previous_"
"""How the name of a step of the row before begins, in a formula over rows that follow another."""


class Unit(Enum):
    """What a step's values count: fen, or millionths."""

    YUAN = "yuan"
    RATIO = "ratio"
    NUMBER = "number"
    """Millionths of a number that is no percentage."""
    OWN = "own"
    """What the type of the variable says."""
    EXACT = "exact"
    """Fractions in yuan, ratios or numbers, which are shown without rounding."""


Values = Integers | int | Variable
Recordable = TypeVar("Recordable", bound=Values)


class Step(NamedTuple):
    """One line of a computation, for every row.

    `values`: (rows,) in the unit, one value for all of them, or a variable of tests. `formula`:
    over the names of earlier steps, in yuan and ratios; empty where the value is given. `said`:
    (rows,) of which rows the step is; None for all. `cited`: what it rests on, where the policy
    says so. `deciding`: the tests by which it was chosen, where others might have been. `of`: the
    row that a step alone is of. `aside`: shown only where another step rests on it.
    """

    name: str
    title: Text
    values: Values
    unit: Unit = Unit.YUAN
    formula: str = ""
    cited: Cited | None = None
    said: Flags | None = None
    deciding: Deciding | None = None
    of: int | None = None
    aside: bool = False

    def value(self, row: int) -> int:
        """Return the value of a row, in the unit; a variable has none."""
        assert not isinstance(self.values, Variable)
        return self.values if isinstance(self.values, int) else int(self.values[row])

    def alone(self, row: int) -> Step:
        """Return the step with its value in a row alone; one that is of a row already stays so."""
        if self.of is not None:
            return self
        if isinstance(self.values, Variable):
            return self._replace(values=take(self.values, np.array([row])), of=row)
        return self._replace(values=self.value(row), of=row)

    def at(self, row: int) -> Iterator[Step]:
        """Yield the step where it is said of the row."""
        if self.said is None or self.said[row]:
            yield self


class _Each(NamedTuple):
    """Values that are given, a step for each column."""

    titles: Mapping[str, Text]
    values: Integers
    unit: Unit
    deciding: Mapping[str, Deciding]

    def at(self, _row: int) -> Iterator[Step]:
        for place, (name, title) in enumerate(self.titles.items()):
            values, why = self.values[:, place], self.deciding.get(name)
            yield Step(name, title, values, self.unit, deciding=why)


class _Split(NamedTuple):
    """The parts of a split, a step for each; a part without weight is 0."""

    amount: str
    titles: Mapping[str, Text]
    weights: Iterable[str]
    weight: Integers
    values: Integers

    def at(self, row: int) -> Iterator[Step]:
        formulas = split_formulas(self.amount, tuple(self.titles), tuple(self.weights))
        for place, (name, title) in enumerate(self.titles.items()):
            formula = formulas[place] if self.weight[row, place] else "0"
            yield Step(name, title, self.values[:, place], formula=formula)


class _Choice(NamedTuple):
    """One step of several for each row, by its place among them; none where that is −1."""

    place: Whole
    steps: Sequence[Step]

    def at(self, row: int) -> Iterator[Step]:
        if self.place[row] >= 0:
            yield self.steps[self.place[row]]


class Recorded(Protocol):
    """What holds steps for each row."""

    def at(self, row: int, /) -> Iterable[Step]:
        """Return the steps that are said of a row, in order."""
        ...


class _Added(NamedTuple):
    """The steps of another rule, said of some rows only."""

    steps: Recorded
    said: Flags

    def at(self, row: int) -> Iterable[Step]:
        return self.steps.at(row) if self.said[row] else ()


class OfOthers(NamedTuple):
    """Steps of other rows, which are made when somebody asks: those of each case's institution.

    `other`: (rows,) which of them each row has; None: the same.
    """

    steps: Callable[[], Recorded]
    other: Integers | None = None

    def at(self, row: int) -> Iterator[Step]:
        """Yield the steps of the other row, each with its value alone."""
        other = row if self.other is None else int(self.other[row])
        for step in self.steps().at(other):
            yield step.alone(other)


class _Aside(NamedTuple):
    """Steps that are shown only where another step rests on them."""

    steps: Recorded

    def at(self, row: int) -> Iterator[Step]:
        for step in self.steps.at(row):
            yield step._replace(aside=True)


class Steps:
    """The steps of one computation, in order. A value that several rules record is shown once."""

    def __init__(self) -> None:
        self._entries: list[Recorded] = []
        self._last: tuple[int, int, list[Step]] = (-1, 0, [])

    def __len__(self) -> int:
        """Return how many entries have been recorded."""
        return len(self._entries)

    def given(
        self,
        name: str,
        title: Text,
        values: Values,
        unit: Unit = Unit.YUAN,
        cited: Cited | None = None,
        deciding: Deciding | None = None,
    ) -> None:
        """Record values that no earlier step gives."""
        self._entries.append(Step(name, title, values, unit, "", cited, deciding=deciding))

    def given_each(
        self,
        titles: Mapping[str, Text],
        values: Integers,
        unit: Unit,
        deciding: Mapping[str, Deciding] = MappingProxyType({}),
    ) -> None:
        """Record (rows, k) values that no earlier step gives; `titles`: of the k steps, by name."""
        self._entries.append(_Each(titles, values, unit, deciding))

    def follows(
        self,
        name: str,
        title: Text,
        formula: str,
        values: Recordable,
        unit: Unit = Unit.YUAN,
        cited: Cited | None = None,
        said: Flags | None = None,
        deciding: Deciding | None = None,
    ) -> Recordable:
        """Record values that follow from earlier steps by the formula; return them."""
        self._entries.append(Step(name, title, values, unit, formula, cited, said, deciding))
        return values

    def split(
        self,
        amount: str,
        titles: Mapping[str, Text],
        weights: Iterable[str],
        weight: Integers,
        values: Integers,
    ) -> None:
        """Record the parts of a split, see `money.split`.

        `amount`: the step that is split. `titles`: of the parts, by name. `weights`: the steps with
        their weights. `weight`, `values`: (rows, parts).
        """
        self._entries.append(_Split(amount, titles, weights, weight, values))

    def set_aside(self, since: int) -> None:
        """Keep what has been recorded since there were so many entries for whom it concerns."""
        self._entries[since:] = map(_Aside, self._entries[since:])

    def one_of(self, place: Whole, steps: Sequence[Step]) -> None:
        """Record for each row the step at its place; none where that is −1."""
        self._entries.append(_Choice(place, steps))

    def add(self, steps: Recorded, said: Flags | None = None) -> None:
        """Record the steps of another rule, of some rows only where ``said`` is given."""
        self._entries.append(steps if said is None else _Added(steps, said))

    def column(self, name: str) -> Integers:
        """Return the whole column of integers of a step, the last of that name, of all rows.

        KeyError if there is none. In rows that the step is not said of, it means nothing.
        """
        found = self._column(name)
        if found is None:
            raise KeyError(name)
        return found

    def _column(self, name: str) -> Integers | None:
        for entry in reversed(self._entries):
            if isinstance(entry, Step) and entry.name == name:
                assert isinstance(entry.values, np.ndarray)
                return entry.values
            if isinstance(entry, _Added) and isinstance(entry.steps, Steps):
                found = entry.steps._column(name)
                if found is not None:
                    return found
        return None

    def at(self, row: int) -> list[Step]:
        """Return the steps that are said of a row, in order; those of the last row are kept."""
        if self._last[:2] == (row, len(self)):
            return self._last[2]
        found: dict[str, Step] = {}
        for entry in self._entries:
            for step in entry.at(row):
                first = found.setdefault(step.name, step)
                if first.aside and not step.aside:
                    found[step.name] = first._replace(aside=False)
        self._last = (row, len(self), list(found.values()))
        return self._last[2]


@functools.lru_cache(maxsize=4096)
def terms_of(formula: str) -> tuple[str, ...]:
    """Return the names of steps in a formula, each once, in order.

    >>> terms_of("half_up(base × rate)")
    ('base', 'rate')
    """
    names = re.findall(r"[^\W\d]\w*", formula)
    return tuple(dict.fromkeys(name for name in names if name not in _FUNCTIONS))


@functools.lru_cache(maxsize=1024)
def split_formulas(
    amount: str, parts: tuple[str, ...], weights: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the formula of each part of a split: what is left, by its weight in those left."""
    formulas = []
    for place, weight in enumerate(weights):
        left = " − ".join([amount, *parts[:place]])
        left = f"({left})" if place else left
        formulas.append(f"half_up({left} × {weight} / ({' + '.join(weights[place:])}))")
    return tuple(formulas)


@functools.lru_cache(maxsize=256)
def names_in_formulas(parties: tuple[str, ...]) -> Mapping[str, str]:
    """Return for each party a name that a formula can hold: its own, or its place among them."""
    return {
        party: party if re.fullmatch(r"[^\W\d]\w*", party) else f"party_{place}"
        for place, party in enumerate(parties, 1)
    }


Called = tuple[tuple[str, Text], ...]
"""Parties that the policy calls by names of its own, and these names."""


@functools.lru_cache(maxsize=1024)
def by_party(
    prefix: str, title: Text, parties: tuple[str, ...], called: Called = ()
) -> Mapping[str, Text]:
    """Return the names and titles of steps of which each party has one."""
    own = dict(called)
    names = names_in_formulas(parties)
    return {
        f"{prefix}_{name}": title.fill(party=own.get(party) or party_name(party))
        for party, name in names.items()
    }
