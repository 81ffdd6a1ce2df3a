"""Steps: what a rule computed, kept as columns, so that any row of it can be shown.

A rule records each column in the statement that computes it, with the formula that it follows and
the clause that it rests on. An explanation is one row of the steps. Nothing is formatted until
somebody asks for a row.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from compensation.columns import Flags, Integers
from compensation.language import Text
from compensation.policy.model import Cited

_FUNCTIONS = frozenset({"half_up", "floor", "min", "max", "ratio"})
"""What a formula may use beside + − × /: rounding to the fen (`ratio`: to six decimals), limits."""


class Unit(Enum):
    """What a step's values count: fen, or millionths."""

    YUAN = "yuan"
    RATIO = "ratio"


class Step(NamedTuple):
    """One line of a computation, for every row.

    `values`: (rows,) in the unit, or one value for all of them. `formula`: over the names of
    earlier steps, in yuan and ratios; empty where the value is given. `said`: (rows,) of which rows
    the step is; None for all. `cited`: what it rests on, where the policy says so.
    """

    name: str
    title: Text
    values: Integers | int
    unit: Unit = Unit.YUAN
    formula: str = ""
    cited: Cited | None = None
    said: Flags | None = None

    def value(self, row: int) -> int:
        """Return the value of a row."""
        return self.values if isinstance(self.values, int) else int(self.values[row])


class _Split(NamedTuple):
    """The parts of a split, a step for each; a part without weight is 0."""

    amount: str
    parts: tuple[str, ...]
    titles: tuple[Text, ...]
    weights: tuple[str, ...]
    weight: Integers
    values: Integers

    def at(self, row: int) -> Iterator[Step]:
        formulas = split_formulas(self.amount, self.parts, self.weights)
        for place, (name, title) in enumerate(zip(self.parts, self.titles, strict=True)):
            formula = formulas[place] if self.weight[row, place] else "0"
            yield Step(name, title, self.values[:, place], formula=formula)


class _Added(NamedTuple):
    """The steps of another rule, said of some rows, or of all."""

    steps: Steps
    said: Flags | None

    def at(self, row: int) -> Iterator[Step]:
        return iter(self.steps.at(row) if self.said is None or self.said[row] else ())


class Steps:
    """The steps of one computation, in order. A value that several rules record is shown once."""

    def __init__(self) -> None:
        self._entries: list[Step | _Split | _Added] = []

    def given(
        self,
        name: str,
        title: Text,
        values: Integers | int,
        unit: Unit = Unit.YUAN,
        cited: Cited | None = None,
        said: Flags | None = None,
    ) -> None:
        """Record values that no earlier step gives."""
        self._entries.append(Step(name, title, values, unit, "", cited, said))

    def follows(
        self,
        name: str,
        title: Text,
        formula: str,
        values: Integers,
        unit: Unit = Unit.YUAN,
        cited: Cited | None = None,
        said: Flags | None = None,
    ) -> Integers:
        """Record values that follow from earlier steps by the formula; return them."""
        self._entries.append(Step(name, title, values, unit, formula, cited, said))
        return values

    def split(
        self,
        amount: str,
        parts: Mapping[str, Text],
        weights: Sequence[str],
        weight: Integers,
        values: Integers,
    ) -> None:
        """Record the parts of a split, see `money.split`.

        `amount`: the step that is split. `parts`: the name and title of each part. `weights`: the
        steps with their weights. `weight`, `values`: (rows, parts).
        """
        titles = tuple(parts.values())
        split = _Split(amount, tuple(parts), titles, tuple(weights), weight, values)
        self._entries.append(split)

    def add(self, steps: Steps, said: Flags | None = None) -> None:
        """Record the steps of another rule, of some rows only where ``said`` is given."""
        self._entries.append(_Added(steps, said))

    def at(self, row: int) -> list[Step]:
        """Return the steps that are said of a row, in order."""
        found: dict[str, Step] = {}
        for entry in self._entries:
            if not isinstance(entry, Step):
                for step in entry.at(row):
                    found.setdefault(step.name, step)
            elif entry.said is None or entry.said[row]:
                found.setdefault(entry.name, entry)
        return list(found.values())


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
        party: party if re.fullmatch(r"\w+", party) else f"party_{place}"
        for place, party in enumerate(parties, 1)
    }


@functools.lru_cache(maxsize=1024)
def of_party(title: Text, party: Text) -> Text:
    """Return a title with the party that it names in braces."""
    return title.fill(party=party)
