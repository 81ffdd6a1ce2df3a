"""Which values a list of tests lets through, for telling tests that contradict one another.

Numbers and days are spans between cuts; texts, choices and truth values are sets of words and of
beginnings. What depends on something else (a series, a dated limit, another column, several keys
at once) is opaque: it is only ever known to be implied by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from functools import reduce

from compensation.policy.model import BOUNDS, Quantity, Test
from compensation.policy.places import begins_in_any, may_both_hold
from compensation.policy.variables import INDUSTRY, INSTITUTION, VariableInfo
from compensation.schema.column import ColumnType

Cut = tuple[Decimal, int]
"""A place between values: just below one (−1) or just above it (+1)."""
Span = tuple[Cut, Cut]

LOWEST: Cut = (Decimal("-Infinity"), -1)
HIGHEST: Cut = (Decimal("Infinity"), 1)
Lookup = Callable[[str], VariableInfo | None]
"""Returns what ``table.column`` or ``indicator.id`` names."""


@dataclass(frozen=True)
class Region:
    """A set of values of one variable; `blank`: whether a blank or undefined one is in it."""

    spans: tuple[Span, ...] = ()
    words: frozenset[str] = frozenset()
    beginnings: frozenset[str] = frozenset()
    blank: bool = False

    @property
    def empty(self) -> bool:
        """Whether there is no value in it, not even a blank."""
        return not (self.spans or self.words or self.beginnings or self.blank)

    def __and__(self, other: Region) -> Region:
        crossed = [(max(a[0], b[0]), min(a[1], b[1])) for a in self.spans for b in other.spans]
        words = {w for w in self.words if other._has(w)} | {w for w in other.words if self._has(w)}
        beginnings = {b for b in self.beginnings if other._has_all(b)}
        beginnings |= {b for b in other.beginnings if self._has_all(b)}
        beginnings |= {
            b for b in other.beginnings if any(may_both_hold(a, b) for a in self.beginnings)
        }
        return Region(
            joined(crossed), frozenset(words), frozenset(beginnings), self.blank and other.blank
        )

    def __or__(self, other: Region) -> Region:
        return Region(
            joined([*self.spans, *other.spans]),
            self.words | other.words,
            self.beginnings | other.beginnings,
            self.blank or other.blank,
        )

    def covers(self, other: Region) -> bool:
        """Return whether every value of ``other`` is in this region."""
        return (
            all(any(a[0] <= b[0] and b[1] <= a[1] for a in self.spans) for b in other.spans)
            and all(map(self._has, other.words))
            and all(map(self._has_all, other.beginnings))
            and (self.blank or not other.blank)
        )

    def _has(self, word: str) -> bool:
        return word in self.words or self._has_all(word)

    def _has_all(self, beginning: str) -> bool:
        return begins_in_any(beginning, self.beginnings)


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the spans in order, without empty ones, those that touch joined."""
    result: list[Span] = []
    for low, high in sorted(spans):
        if low >= high:
            continue
        if result and low <= result[-1][1]:
            result[-1] = (result[-1][0], max(high, result[-1][1]))
        else:
            result.append((low, high))
    return tuple(result)


def number_of(value: Decimal | date) -> Decimal:
    """Return a number, or a date as its number of days."""
    return value if isinstance(value, Decimal) else Decimal(value.toordinal())


def span(
    variable: VariableInfo,
    *,
    at_least: Decimal | None = None,
    above: Decimal | None = None,
    at_most: Decimal | None = None,
    below: Decimal | None = None,
) -> Span:
    """Return the values between bounds, as far as the variable can take them.

    Of a variable with steps, `above` is the same as `at_least` the next step; so that spans that
    leave no value between them touch.
    """
    low, high = _least(variable), _most(variable)
    if at_least is not None:
        low = max(low, (at_least, -1))
    if above is not None:
        low = max(low, _after(variable, above))
    if at_most is not None:
        high = min(high, _after(variable, at_most))
    if below is not None:
        high = min(high, (below, -1))
    return low, high


def _least(variable: VariableInfo) -> Cut:
    return LOWEST if variable.floor is None else (variable.floor, -1)


def _most(variable: VariableInfo) -> Cut:
    return HIGHEST if variable.ceiling is None else _after(variable, variable.ceiling)


def _after(variable: VariableInfo, value: Decimal) -> Cut:
    step = Decimal(1) if variable.type is ColumnType.DATE else variable.step
    return (value, 1) if step is None else (value + step, -1)


def everything(variable: VariableInfo) -> Region:
    """Return every value that the variable can take."""
    blank = variable.may_be_blank
    if variable.type is ColumnType.CHOICE:
        return Region(words=frozenset(choice.value for choice in variable.choices), blank=blank)
    if variable.type is ColumnType.BOOLEAN:
        return Region(words=frozenset({"true", "false"}), blank=blank)
    if variable.type is ColumnType.TEXT:
        return Region(beginnings=frozenset({""}), blank=blank)
    return Region(spans=(span(variable),), blank=blank)


@dataclass(frozen=True)
class Allowed:
    """What tests that all hold let through: by variable, a region; and the opaque tests."""

    regions: Mapping[str, Region] = field(default_factory=dict)
    opaque: frozenset[object] = frozenset()

    def __and__(self, other: Allowed) -> Allowed:
        regions = dict(self.regions)
        for name, region in other.regions.items():
            regions[name] = regions[name] & region if name in regions else region
        return Allowed(regions, self.opaque | other.opaque)

    @property
    def contradictory(self) -> list[str]:
        """The variables of which no value is left."""
        return [name for name, region in self.regions.items() if region.empty]


def allowed(tests: Iterable[Test], look_up: Lookup, effective: tuple[date, date | None]) -> Allowed:
    """Return what the tests let through together; a test of a computed quantity is opaque."""
    every = (_allowed_by(test, look_up, effective) for test in tests)
    return reduce(Allowed.__and__, every, Allowed())


def _allowed_by(test: Test, look_up: Lookup, effective: tuple[date, date | None]) -> Allowed:
    if test.all is not None:
        return allowed(test.all, look_up, effective)
    if test.any is not None:
        return _allowed_by_any(test, look_up, effective)
    key = test.value
    variable = look_up(key) if isinstance(key, str) else None
    if not isinstance(key, str) or variable is None:
        return Allowed(opaque=frozenset({_identity(test)}))
    region = everything(variable)
    region = Region(region.spans, region.words, region.beginnings, blank=False)
    opaque = test.since is not None or key == INDUSTRY
    for name in () if opaque else BOUNDS:
        limit: Quantity | None = getattr(test, name)
        if limit is not None and not isinstance(limit, Decimal | date):
            opaque = True
        elif limit is not None:
            region &= Region(spans=joined([span(variable, **{name: number_of(limit)})]))
    if test.within is not None:
        first, last = effective
        end = None if last is None else number_of(last)
        region &= Region(spans=joined([span(variable, at_least=number_of(first), at_most=end)]))
    if test.is_ is not None:
        region &= Region(words=frozenset({str(test.is_).lower()}))
    if test.one_of is not None and key != INDUSTRY:
        groups = {c.value for c in variable.choices if c.group in test.one_of}
        region &= Region(words=frozenset(test.one_of) | groups)
    if test.starts_with is not None:
        region &= Region(beginnings=frozenset(test.starts_with))
    if key == INSTITUTION:
        return Allowed(opaque=frozenset({_identity(test)}))
    return Allowed({key: region}, frozenset({_identity(test)}) if opaque else frozenset())


def _allowed_by_any(test: Test, look_up: Lookup, effective: tuple[date, date | None]) -> Allowed:
    parts = [_allowed_by(part, look_up, effective) for part in test.any or ()]
    keys = {key for part in parts for key in part.regions}
    # A part of which nothing is known leaves all of it unknown, and so does one that asks for
    # several things at once.
    if len(keys) == 1 and all(len(part.regions) == 1 and not part.opaque for part in parts):
        key = keys.pop()
        return Allowed({key: reduce(Region.__or__, (part.regions[key] for part in parts))})
    return Allowed(opaque=frozenset({_identity(test)}))


def _identity(test: Test) -> object:
    """Return what a test says, without the id and the clause of a condition."""
    return tuple(getattr(test, field.name) for field in fields(Test))
