"""The points along an axis, the corners between them, and the cliffs: all exact to the unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from compensation.columns import Integers
from compensation.engine.run import Decided
from compensation.outlook.axis import Axis
from compensation.rules.caps import cap_name, in_order, name_after
from compensation.rules.decision import rate_is_institutions, rates_of

INTERVALS = 40
"""Into how many parts the way from the first to the last value is divided, corners apart."""
STEP = Fraction(1, 10_000)
"""0.01 of a percentage point: how much further a cliff is told."""


class Point(NamedTuple):
    """What comes of the year for an institution: amounts in fen, its own rate in millionths.

    `reasons`: its conditions not met. `decided`: all that is decided but amounts; `capped`: which
    caps are reached, and which of their beginnings. Both change at corners only.
    """

    units: int
    eligible: bool
    reasons: tuple[str, ...]
    rate: int | None
    claims: int
    eligible_claims: int
    compensation: int
    decided: tuple[object, ...]
    capped: tuple[bool, ...]


class Cliff(NamedTuple):
    """Neighbouring points between which compensation jumps by more than rounding can.

    `near`: a point on the lower side, 0.01 of a percentage point from the higher one.
    """

    before: Point
    after: Point
    near: Point

    @property
    def falls(self) -> bool:
        """Whether compensation is lower after it."""
        return self.after.compensation < self.before.compensation

    @property
    def better(self) -> Point:
        """The point with more compensation."""
        return self.before if self.falls else self.after


def point_of(decided: Decided, row: int, units: int) -> Point:
    """Return what was decided of the claims of an institution."""
    decisions, verdicts = decided.decisions, decided.verdicts
    own = np.flatnonzero(decided.cases.institution == row)
    eligible = bool(verdicts.eligible[row])
    reasons = tuple(
        condition.id
        for condition, outcome in zip(
            decided.policy.rules.institution_conditions, verdicts.conditions, strict=True
        )
        if not outcome.passed[row]
    )
    rate = None
    if eligible and verdicts.tier[row] >= 0 and rate_is_institutions(decided.policy):
        rate = int(rates_of(decided.policy, verdicts.tier, decided.institution_variables)[row])
    counts = decisions.eligible[own]
    state = (
        eligible,
        reasons,
        rate,
        tuple((name, int(flags[own].sum())) for name, flags in decisions.failed.items()),
        frozenset(
            zip(
                decisions.tier[own][counts].tolist(),
                decisions.rate[own][counts].tolist(),
                strict=True,
            )
        ),
    )
    return Point(
        units,
        eligible,
        reasons,
        rate,
        len(own),
        int(counts.sum()),
        int(decisions.compensation[own].sum()),
        state,
        tuple(_caps_reached(decided, own)),
    )


def _caps_reached(decided: Decided, claims: Integers) -> Iterator[bool]:
    """Yield for each cap of the policy whether any of the claims is beyond where it bends the line.

    A cap on the base bends it where it is reached and where it begins; one on the compensation
    where it cuts any.
    """
    column = decided.decisions.steps.column
    for cap in decided.policy.rules.caps:
        if cap.on == "base":
            name = cap_name(cap)
            reached = (column(f"before_{name}") + column(f"counted_{name}"))[claims]
            for given, limit in ((cap.limit, name), (cap.above, f"floor_of_{name}")):
                if given is not None:
                    yield bool((reached > column(limit)[claims]).any())
    before = column("compensation_at_rate")
    for cap in in_order(decided.policy):
        after = column(name_after(cap))
        yield bool((after < before)[claims].any())
        before = after
    for place, cap in enumerate(decided.policy.rules.caps):
        if cap.payer is not None:
            yield bool((decided.decisions.limit.cap == place)[claims].any())


def grid(first: int, last: int) -> set[int]:
    """Return units at equal distances, both ends included."""
    return {first + (last - first) * part // INTERVALS for part in range(INTERVALS + 1)}


class Walk:
    """The points along an axis, each decided once, when it is first asked for."""

    def __init__(self, decide: Callable[[int], Point]) -> None:
        self._decide = decide
        self._points: dict[int, Point] = {}

    def at(self, units: int) -> Point:
        """Return the point at some units."""
        if units not in self._points:
            self._points[units] = self._decide(units)
        return self._points[units]

    def corners(self, marks: list[int]) -> list[tuple[Point, Point]]:
        """Return the neighbouring points between which something changes, in order.

        `marks`: units in order. Between two marks where all is the same nothing is looked for.
        """
        found: list[tuple[Point, Point]] = []
        for first, last in pairwise(marks):
            found += self._between(self.at(first), self.at(last))
        reach = (marks[-1] - marks[0]) // INTERVALS
        return [pair for pair in found if self._turns(*pair, marks[0], marks[-1], reach)]

    def _turns(self, before: Point, after: Point, first: int, last: int, reach: int) -> bool:
        """Return whether more changes between neighbouring points than rounding can bring about.

        A cap in proportion to what moves cuts claims from the first fen on at which cutting shows.
        """
        if before.decided != after.decided:
            return True
        far = min(reach, before.units - first, last - after.units)
        rise = before.compensation - self.at(before.units - far).compensation
        then = self.at(after.units + far).compensation - after.compensation
        return abs(rise - then) > 2 * before.claims

    def _between(self, first: Point, last: Point) -> Iterator[tuple[Point, Point]]:
        if (first.decided, first.capped) == (last.decided, last.capped):
            return
        if last.units - first.units == 1:
            yield first, last
            return
        middle = self.at((first.units + last.units) // 2)
        yield from self._between(first, middle)
        yield from self._between(middle, last)

    def cliffs(self, axis: Axis, corners: list[tuple[Point, Point]]) -> list[Cliff]:
        """Return the corners at which compensation jumps.

        With a unit more each claim's compensation moves by a fen at most, unless the rule changes.
        """
        found = []
        for before, after in corners:
            if abs(before.compensation - after.compensation) > before.claims:
                step = max(axis.floor(STEP), 1) if axis.type is None else 1
                falls = after.compensation < before.compensation
                near = before.units + step if falls else after.units - step
                near = max(near, axis.others) if axis.scales else near
                found.append(Cliff(before, after, self.at(near)))
        return found
