"""Which element of a policy a row takes, and the tests by which: a tier, a choice, a cap.

A rule records the tests that it chose by, not what they gave: these are evaluated by the same
`conditions.evaluate`, on the same columns, when somebody looks at a row. A run that nobody asks
about keeps nothing of them.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from compensation.language import Text
from compensation.policy.model import Test
from compensation.rules.conditions import Evaluates, Outcome, evaluate

Taken = Literal["first", "range", "each"]
"""Which of several elements a row takes: the first whose tests hold, the one in whose range it is
(of an element with a range that is the first test), or each whose tests hold."""

TIER = Text("第 {n} 档", "tier {n}")
ITEM = Text("第 {n} 项", "item {n}")
NO_ELEMENT = -1


class Decided(NamedTuple):
    """An element that was asked about; `title`: which of several it is, nothing of one alone.

    `outcomes`: what its tests gave where it applies, else of those that do not hold.
    """

    title: Text
    applies: bool
    outcomes: tuple[Outcome, ...]


@dataclass(eq=False, frozen=True)
class Deciding:
    """The tests of the elements among which a rule chose, in the order in which it asked them.

    `place`: it is said only of rows that take the element of that place, −1 for none; None: of all.
    `titles`: what the elements are called, where they are not numbered.
    """

    evaluator: Evaluates
    tests: tuple[tuple[Test, ...], ...]
    title: Text = ITEM
    taken: Taken = "first"
    place: int | None = None
    titles: tuple[Text, ...] = ()

    def of(self, place: int) -> Deciding:
        """Return what decided the rows that take one of the elements, or none (−1)."""
        return replace(self, place=place)

    @functools.cached_property
    def outcomes(self) -> tuple[tuple[Outcome, ...], ...]:
        """What the tests give on every row."""
        return tuple(tuple(evaluate(t, self.evaluator) for t in tests) for tests in self.tests)

    def at(self, row: int) -> tuple[Decided, ...]:
        """Return what decided a row: the element that it takes, and why not those before it."""
        asked, taken = [], NO_ELEMENT
        for place, outcomes in enumerate(self.outcomes):
            failed = tuple(outcome for outcome in outcomes if not outcome.passed[row])
            title = Text("", "")
            if len(self.tests) > 1:
                title = self.titles[place] if self.titles else self.title.fill(n=place + 1)
            asked.append(Decided(title, not failed, failed or outcomes))
            if failed:
                continue
            taken = place if taken == NO_ELEMENT else taken
            if self.taken != "each":
                break
        if self.place not in (None, taken):
            return ()
        return tuple(each for each in self._telling(asked, row) if each.outcomes)

    def _telling(self, asked: Sequence[Decided], row: int) -> Sequence[Decided]:
        """Return those that a reader needs: not that a value in one range is in no other."""
        if self.taken == "first":
            return asked
        if self.taken == "each":
            return [each for each in asked if each.applies] or asked
        ranges = [tests[0].passed[row] if tests else True for tests in self.outcomes]
        return [each for each, within in zip(asked, ranges, strict=False) if within] or asked


def deciding(
    evaluator: Evaluates,
    tests: Sequence[Sequence[Test]],
    title: Text = ITEM,
    taken: Taken = "first",
) -> Deciding | None:
    """Return the tests by which elements are chosen; None where nothing is tested.

    `evaluator`: one whose steps nobody sees.
    """
    if not any(tests):
        return None
    return Deciding(evaluator, tuple(map(tuple, tests)), title, taken)
