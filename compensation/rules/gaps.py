"""On which rows a result rests on a reading of a series that has no value there.

A reading that lacks its value is unknown, and what tests it fails. That is right only where the
outcome would be the same whatever the value were: where another choice is taken, an alternative
holds all the same, or a test beside it fails anyhow. Everywhere else the row cannot be decided.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from compensation.columns import Flags
from compensation.policy.catalogue import Policy
from compensation.policy.model import (
    BOUNDS,
    Cap,
    Operation,
    PolicyFile,
    Quantity,
    RowQuantity,
    Test,
)
from compensation.policy.quantities import (
    QUANTITY_PREFIX,
    carries_over,
    decided_before,
    operands,
    operations_of,
    own_quantities,
    parts_of_test,
    quantities_of_test,
    strings_in,
)
from compensation.policy.series import value_on
from compensation.policy.tiers import bounds_of, tier_tests
from compensation.rules.conditions import evaluate
from compensation.rules.decision import applying
from compensation.rules.quantities import Evaluator
from compensation.rules.rationals import Rationals
from compensation.rules.variables import Variable

Gaps = Mapping[Operation, Flags]
"""By reading, the rows on which it has no value and something rests on it; none without any."""
Element = tuple[Sequence[Test], Sequence[Quantity]]
"""The tests by which an element of a policy applies, and the quantities it is computed with."""


EXAMINED = ("claim_conditions", "rates")
OF_CASES = (*EXAMINED, "base", "caps", "returns", "payers", "stages")
"""The parts of a policy that are computed for each case alone; the first, before any amount."""


def readings_of_institutions(rules: PolicyFile, *, rates: bool = False) -> list[Operation]:
    """Return the readings that the conditions of institutions look at; `rates`: and rates."""
    part = (rules.institution_conditions, rules.rates if rates else None)
    return _readings_behind(rules, part)


def readings_of_cases(rules: PolicyFile, *, amounts: bool = True) -> list[Operation]:
    """Return the readings that conditions and rates of cases look at; `amounts`: and amounts.

    Not those of recoveries, see `engine.needed_values`.
    """
    names = OF_CASES if amounts else EXAMINED
    parts = {name: getattr(rules, name) for name in names}
    if amounts:
        parts["returns"] = rules.returns.quantities
    return _readings_behind(rules, tuple(parts.values()))


def readings_needed_anyway(rules: PolicyFile) -> list[Operation]:
    """Return the readings of all other parts, which are needed whatever stands beside them.

    An indicator takes many rows together, a budget or a pool all cases.
    """
    others = rules.__dataclass_fields__.keys() - {*OF_CASES, "quantities", "tests"}
    others -= {"institution_conditions"}
    first = tuple(cap.first for cap in rules.caps)
    return _readings_behind(rules, (*(getattr(rules, name) for name in sorted(others)), first))


def _readings_behind(rules: PolicyFile, part: object) -> list[Operation]:
    """Return the readings in a part of a policy, also by way of its own quantities, each once."""
    named = own_quantities(rules, strings_in(part))
    values = tuple(each.value for each in rules.quantities if (_name(each), each.value) in named)
    found = (r for each in operations_of((part, *values)) for r in _readings(each))
    return list(dict.fromkeys(found))


def _name(quantity: RowQuantity) -> str:
    return QUANTITY_PREFIX + quantity.id


def _readings(operation: Operation) -> list[Operation]:
    """Return the readings that an operation is; a calendar is read on both days."""
    if operation.series is not None:
        return [operation]
    days = operation.working_days or ()
    return [Operation(series=operation.calendar, on=day) for day in days]


def lacking_of(
    policy: Policy,
    readings: Iterable[Operation],
    day_of: Callable[[Operation], Rationals | Variable],
) -> Gaps:
    """Return by reading the rows whose day its series lacks, whatever rests on it."""
    found = {}
    for reading in readings:
        day, series = day_of(reading), policy.series[reading.series or ""]
        months = None if reading.term is None else np.zeros(len(day.numerator), dtype=np.int64)
        outside = value_on(series, day.numerator, months)[1] & day.known
        if outside.any():
            found[reading] = outside
    return found


def gaps_of_institutions(evaluator: Evaluator, lacking: Gaps, *, rates: bool = False) -> Gaps:
    """Return the gaps that the conditions of institutions rest on; `rates`: and their rates.

    `lacking`: by reading, the rows of the evaluator on which it has no value.
    """
    walk = _Walk(evaluator, lacking)
    found = [walk.test(each) for each in evaluator.policy.rules.institution_conditions]
    return _merged([*found, walk.rates() if rates else {}])


def gaps_of_cases(evaluator: Evaluator, lacking: Gaps, *, amounts: bool = True) -> Gaps:
    """Return the gaps that the conditions, rates and amounts of cases rest on.

    Each condition counts on its own, since a case names all that it does not meet. `lacking`: see
    `gaps_of_institutions`. `amounts`: not only conditions and rates.
    """
    rules, walk = evaluator.policy.rules, _Walk(evaluator, lacking)
    found = [*map(walk.test, rules.claim_conditions), walk.rates()]
    if amounts:
        found.append(walk.first([(base.when, (base.value,)) for base in rules.base]))
        found.append(walk.first([(stage.when, (stage.share,)) for stage in rules.stages]))
        found += [walk.first([(payer.when, (payer.share,))]) for payer in rules.payers]
        found += [walk.cap(cap) for cap in rules.caps]
        found.append(walk.each(rules.returns.quantities))
    return _merged(found)


@dataclass(eq=False)
class _Walk:
    """Goes through a policy from its readings up, and keeps the rows that each part rests on."""

    evaluator: Evaluator
    lacking: Gaps
    _done: dict[Quantity, Gaps] = field(default_factory=dict)

    def each(self, quantities: Iterable[Quantity]) -> Gaps:
        """Return the gaps of several quantities, all of which are needed."""
        return _merged(map(self.quantity, quantities))

    def quantity(self, quantity: Quantity) -> Gaps:
        """Return the gaps that a quantity rests on."""
        if quantity not in self._done:
            self._done[quantity] = self._quantity(quantity)
        return self._done[quantity]

    def _quantity(self, quantity: Quantity) -> Gaps:
        if isinstance(quantity, str):
            own = self.evaluator.policy.rules.quantities
            return self.each(each.value for each in own if _name(each) == quantity)
        if not isinstance(quantity, Operation):
            return {}
        if quantity.choose is not None:
            return self.first([(choice.when, (choice.value,)) for choice in quantity.choose])
        if quantity.first_given is not None:
            return self._first_given(quantity.first_given)
        lacking = {r: self.lacking[r] for r in _readings(quantity) if r in self.lacking}
        return _merged([lacking, self.each(operands(quantity))])

    def _first_given(self, listed: Sequence[Quantity]) -> Gaps:
        """Return the gaps of quantities of which one counts where those before it are blank."""
        gaps = [self.quantity(each) for each in listed]
        if not any(gaps):
            return {}
        found, left = [], self._everywhere()
        for each, of_each in zip(listed, gaps, strict=True):
            found.append(_within(of_each, left))
            left = left & ~self.evaluator.compute(each).values.known
        return _merged(found)

    def first(self, elements: Sequence[Element]) -> Gaps:
        """Return the gaps of elements of which the first counts whose tests all hold."""
        gaps = [(self.together(tests), self.each(quantities)) for tests, quantities in elements]
        if not any(of_tests or of_values for of_tests, of_values in gaps):
            return {}
        found, left = [], self._everywhere()
        for (tests, _), (of_tests, of_values) in zip(elements, gaps, strict=True):
            takes = left & applying(self.evaluator, tests)
            found += [_within(of_tests, left), _within(of_values, takes)]
            left = left & ~takes
        return _merged(found)

    def rates(self) -> Gaps:
        """Return the gaps that the rates of the policy rest on."""
        rates = self.evaluator.policy.rules.rates
        tiers = [
            (tests, (tier.rate,))
            for tests, tier in zip(tier_tests(rates), rates.tiers, strict=True)
        ]
        found = [self.first([(each.when, (each.points,))]) for each in rates.additions]
        if rates.hit != "slices":
            return _merged([*found, self.first(tiers)])
        found += [self.first([tier]) for tier in tiers]
        found += [self.each(bounds_of(tier).values()) for tier in rates.tiers]
        return _merged([*found, self.each(() if rates.by is None else (rates.by,))])

    def cap(self, cap: Cap) -> Gaps:
        """Return the gaps of a cap; every one, where it counts what is decided before it.

        What was paid in earlier years is not known here, so that no test of it can be evaluated.
        """
        if not carries_over(cap) and not any(map(decided_before, cap.quantities)):
            return self.first([(cap.when, cap.quantities)])
        every = _readings_behind(self.evaluator.policy.rules, cap.quantities)
        lacking = {each: self.lacking[each] for each in every if each in self.lacking}
        applies = self.together(cap.when)
        return _merged([applies, _within(lacking, applying(self.evaluator, cap.when))])

    def together(self, tests: Sequence[Test]) -> Gaps:
        """Return the gaps of tests that must all hold: one that fails without a gap decides."""
        return self._decided(tests, by=False)

    def _decided(self, tests: Sequence[Test], *, by: bool) -> Gaps:
        """Return the gaps of tests where none without a gap came out as is enough to decide."""
        gaps = [self.test(test) for test in tests]
        if not any(gaps):
            return {}
        open_ = self._everywhere()
        for test, of_test in zip(tests, gaps, strict=True):
            open_ &= (self._passes(test) != by) | self._rows(of_test)
        return _within(_merged(gaps), open_)

    def test(self, test: Test) -> Gaps:
        """Return the gaps on which it rests whether a test holds."""
        if test.not_ is not None:
            # Where the part fails, `not` looks at each of its values: a blank one makes it fail.
            part = test.not_
            looked_at = _merged(self.each(quantities_of_test(each)) for each in parts_of_test(part))
            if not looked_at:
                return {}
            return _within(looked_at, ~self._passes(part) | self._rows(self.test(part)))
        if test.parts:
            return self._decided(test.parts, by=test.any is not None)
        found = self.each(quantities_of_test(test))
        bounds = [key for key in BOUNDS if (q := getattr(test, key)) and self.quantity(q)]
        if not bounds:
            return found
        # A value that is blank, or beyond another bound, fails whatever this one is.
        rest = replace(test, **dict.fromkeys(bounds))
        open_ = self._passes(rest) | self._rows(self.each(quantities_of_test(rest)))
        return _within(found, open_)

    def _passes(self, test: Test) -> Flags:
        return evaluate(test, self.evaluator).passed

    def _everywhere(self) -> Flags:
        return np.ones(self.evaluator.rows, dtype=np.bool_)

    def _rows(self, gaps: Gaps) -> Flags:
        """Return the rows of any of the gaps."""
        return functools.reduce(np.logical_or, gaps.values(), ~self._everywhere())


def _within(gaps: Gaps, rows: Flags) -> Gaps:
    """Return gaps on some of the rows only."""
    return {reading: cut for reading, of in gaps.items() if (cut := of & rows).any()}


def _merged(parts: Iterable[Gaps]) -> Gaps:
    """Return the gaps of several parts together."""
    found: dict[Operation, Flags] = {}
    for part in parts:
        for reading, rows in part.items():
            found[reading] = found[reading] | rows if reading in found else rows
    return found
