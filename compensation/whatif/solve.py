"""The value of one path of a policy that meets a target, found on exact values.

Where the figure only rises or only falls at the values tried, halving finds the last value that
meets the target. Where it does both, a grid is tried instead, and that is said.
"""

from __future__ import annotations

import datetime
import itertools
import operator
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from compensation.assessment import budget_fen
from compensation.faults.input_faults import InputFaults
from compensation.language import Text
from compensation.ledger.portfolio import Portfolio
from compensation.policy.faults import PolicyFaults, policy_fault
from compensation.policy.kinds import Kind
from compensation.results import frame_of
from compensation.values.exact import plain
from compensation.values.kinds import Kind as Wrong
from compensation.values.numbers import OPTION, TOTAL, units_of_text
from compensation.whatif.adjustable import STEPS, kind_at, number_at
from compensation.whatif.compare import (
    COUNTS,
    SUMS,
    Comparison,
    PolicyGiven,
    compared,
    figure_column,
    sums_of,
    variants_of,
)
from compensation.whatif.measured import Measured, measured
from compensation.whatif.variants import (
    Setting,
    Variant,
    setting_of,
    vary,
)

if TYPE_CHECKING:
    import pandas as pd

_TARGET = re.compile(r"\s*([a-z_]+)\s*(<=|>=)\s*([0-9][0-9_,.]*)\s*")
COARSE, FINE = 16, 128
"""Into how many steps the range is cut: to see whether the figure only rises or falls, and where it
does both."""
TIMES = 10
"""Values are tried up to so many times the one in the file, unless it is a ratio."""


class Target(NamedTuple):
    """What a figure over all years is to be: at most or at least so many fen, or so many."""

    figure: str
    at_most: bool
    value: int

    def met(self, figure: int) -> bool:
        """Return whether a figure meets it."""
        return figure <= self.value if self.at_most else figure >= self.value


class Probe(NamedTuple):
    """A value that was tried, and the figure that comes of it, in fen or a count."""

    value: Decimal
    figure: int


@dataclass(frozen=True, eq=False)
class Solution:
    """The value of a path that comes closest to a target, and whether it meets it.

    `found`: the value, and its figure. `below`, `above`: the same a step further; None where the
    range or the checks of a policy file end. `monotone`: whether the figure only rose or only fell
    at all values tried; if not, there may be better values. `low`, `high`: the range tried.
    `comparison`: the policy as it is, and with the value.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> found = solve(ledger, "jiyuan-2022", [2022], "rates.tiers[2].rate", "compensation<=150000")
    >>> found.met
    True
    """

    path: str
    target: Target
    met: bool
    found: Probe
    below: Probe | None
    above: Probe | None
    monotone: bool
    low: Decimal
    high: Decimal
    step: Decimal
    tried: tuple[Probe, ...] = field(repr=False)
    comparison: Comparison = field(repr=False)

    @property
    def value(self) -> Decimal:
        """The value found."""
        return self.found.value

    @property
    def probes(self) -> pd.DataFrame:
        """The values tried, in order, with what comes of each."""
        values = pa.array([each.value for each in self.tried], pa.decimal128(18, 6))
        figures = figure_column(self.target.figure, [each.figure for each in self.tried])
        return frame_of(pa.table({"value": values, self.target.figure: figures}))


def target_of(text: str) -> Target:
    """Return the target that a text asks for: ``compensation<=500000``.

    Figures are those of `Comparison.totals`; amounts are in yuan. Raises `PolicyFaults`.
    """
    parts = _TARGET.fullmatch(text)
    if parts is not None and parts[1] in (*COUNTS, *SUMS):
        if parts[1] in COUNTS and parts[3].isdecimal():
            return Target(parts[1], parts[2] == "<=", int(parts[3]))
        fen = units_of_text(parts[3], TOTAL, OPTION)
        if parts[1] in SUMS and not isinstance(fen, Wrong):
            return Target(parts[1], parts[2] == "<=", fen)
    message = Text(
        "目标应写成 指标<=数 或 指标>=数，如 compensation<=500000；指标为 {known} 之一",
        "write FIGURE<=NUMBER or FIGURE>=NUMBER, such as compensation<=500000; figures: {known}",
    ).fill(known=", ".join((*COUNTS, *SUMS)))
    raise PolicyFaults([policy_fault("target", text, "", message)])


def solve(
    portfolio: Portfolio,
    policy: PolicyGiven,
    years: Sequence[int],
    path: str,
    target: str | Target,
    settings: Sequence[str | Setting] = (),
    budget: Decimal | int | str | None = None,
    *,
    low: Decimal | int | str | None = None,
    high: Decimal | int | str | None = None,
    strict_dates: bool = False,
    as_of: datetime.date | str | None = None,
) -> Solution:
    """Return the value of ``path`` in a policy that meets a target over all the years.

    Of the values that meet it, the one whose figure is closest to the target; where several are,
    the closest to the value in the file. `settings`: other values that are changed first. `low`,
    `high`: the range to try; by default ratios from 0 to 1, others from 0 to ten times the value,
    as far as the checks of a policy file allow. Other arguments, and what is raised, as `compare`;
    `PolicyFaults` also where the path names no number.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> solve(
    ...     ledger, "jiyuan-2022", [2022], "rates.tiers[2].rate", "compensation<=150000"
    ... ).found.value
    Decimal('0.1100')
    """
    asked = tuple(dict.fromkeys(map(operator.index, years)))
    chosen = tuple(setting_of(each) if isinstance(each, str) else each for each in settings)
    aim = target_of(target) if isinstance(target, str) else target
    in_force = () if strict_dates else asked
    *_, base = variants_of(policy, chosen, in_force)
    number_at(base.policy, path)  # a path that names no number needs no ledger
    in_fen, faults = budget_fen(budget)
    ledgers, wrong = measured(portfolio, [base.policy], asked, strict_dates, as_of)
    if faults + wrong:
        raise InputFaults(faults + wrong)
    limits = [None if each is None else Decimal(each) for each in (low, high)]
    return solved(ledgers, base, asked, path, aim, in_fen, *limits, strict_dates=strict_dates)


def solved(
    ledgers: Measured,
    base: Variant,
    years: tuple[int, ...],
    path: str,
    aim: Target,
    budget: int | None,
    low: Decimal | None,
    high: Decimal | None,
    *,
    strict_dates: bool,
) -> Solution:
    """Solve over ledgers that have been measured; ``budget`` in fen; see `solve`."""
    now = number_at(base.policy, path)
    search = _Search(base, path, now, ledgers, years, budget, aim)
    first, last = search.bounds(low, high)
    search.grid(first, last, COARSE)
    monotone = search.monotone()
    if monotone:
        search.halve()
        monotone = search.monotone()
    if not monotone:
        search.grid(first, last, FINE)
    best = search.best()
    step = search.step
    return Solution(
        path,
        aim,
        aim.met(search.figures[best]),
        search.probe(best),
        search.beside(best - 1, first, last),
        search.beside(best + 1, first, last),
        monotone,
        first * step,
        last * step,
        step,
        tuple(search.probe(place) for place in sorted(search.figures)),
        compared(
            ledgers,
            (base, *([search.variant(best)] if best * step != now else [])),
            years,
            budget,
            strict_dates=strict_dates,
        ),
    )


class _Search:
    """The values of one path tried so far, by their place: how many steps they are from 0."""

    def __init__(
        self,
        base: Variant,
        path: str,
        now: Decimal,
        ledgers: Measured,
        years: Sequence[int],
        budget: int | None,
        target: Target,
    ) -> None:
        self._base, self._path, self._now = base, path, now
        self._ledgers, self._years, self._budget = ledgers, years, budget
        self._target = target
        kind = kind_at(base.policy, path)
        self.step = STEPS.get(kind, Decimal(1))
        self._most = Decimal(1) if kind is Kind.RATIO else max(abs(now), Decimal(1)) * TIMES
        self._variants: dict[int, Variant | None] = {}
        self.figures: dict[int, int] = {}

    def bounds(self, low: Decimal | None, high: Decimal | None) -> tuple[int, int]:
        """Return the first and the last place, as far as a policy file may have such a value."""
        now = int(self._now / self.step)
        first = min(now, int((Decimal(0) if low is None else low) / self.step))
        last = max(now, int((self._most if high is None else high) / self.step))
        return self._furthest(now, first), self._furthest(now, last)

    def _furthest(self, sound: int, end: int) -> int:
        """Return the place nearest to ``end`` up to which files from a sound one on are sound."""
        if self.variant_at(end) is not None:
            return end
        while abs(end - sound) > 1:
            middle = (sound + end) // 2
            if self.variant_at(middle) is None:
                end = middle
            else:
                sound = middle
        return sound

    def variant_at(self, place: int) -> Variant | None:
        """Return the variant with the value of a place; None where the file is then unsound."""
        if place not in self._variants:
            setting = Setting(self._path, plain(place * self.step))
            try:
                varied = vary(self._base.policy, [setting])
            except PolicyFaults:
                self._variants[place] = None
            else:
                name = f"{self._base.name} {setting}"
                settings = (*self._base.settings, setting)
                self._variants[place] = Variant(name, varied.policy, settings)
        return self._variants[place]

    def variant(self, place: int) -> Variant:
        """Return the variant of a place that was tried."""
        found = self.variant_at(place)
        assert found is not None
        return found

    def try_at(self, place: int) -> int | None:
        """Return the figure at a place; None where the file is unsound."""
        variant = self.variant_at(place)
        if variant is None:
            return None
        if place not in self.figures:
            self.figures[place] = sum(
                sums_of(self._ledgers.outcome(variant.policy, year, self._budget))[
                    self._target.figure
                ]
                for year in self._years
            )
        return self.figures[place]

    def grid(self, first: int, last: int, parts: int) -> None:
        """Try the two ends, the value in the file, and places evenly between."""
        for place in {first + (last - first) * part // parts for part in range(parts + 1)}:
            self.try_at(place)
        self.try_at(int(self._now / self.step))

    def monotone(self) -> bool:
        """Return whether the figure only rises or only falls at the places tried."""
        figures = [self.figures[place] for place in sorted(self.figures)]
        return figures in (sorted(figures), sorted(figures, reverse=True))

    def halve(self) -> None:
        """Close in on where the target begins to be met, from the places tried."""
        for low, high in itertools.pairwise(sorted(self.figures)):
            if self._met(low) != self._met(high):
                self._close_in(low, high)

    def _close_in(self, low: int, high: int) -> None:
        while high - low > 1:
            middle = (low + high) // 2
            if self.try_at(middle) is None:
                return
            if self._met(middle) == self._met(low):
                low = middle
            else:
                high = middle

    def _met(self, place: int) -> bool:
        return self._target.met(self.figures[place])

    def best(self) -> int:
        """Return the place that meets the target, or else comes closest to it."""
        now = int(self._now / self.step)

        def order(place: int) -> tuple[bool, int, int]:
            off = abs(self.figures[place] - self._target.value)
            return not self._met(place), off, abs(place - now)

        return min(self.figures, key=order)

    def probe(self, place: int) -> Probe:
        """Return a place that was tried as its value and figure."""
        return Probe(place * self.step, self.figures[place])

    def beside(self, place: int, first: int, last: int) -> Probe | None:
        """Return what comes of a place a step further; None beyond the range."""
        within = first <= place <= last and self.try_at(place) is not None
        return self.probe(place) if within else None
