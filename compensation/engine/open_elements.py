"""On which cases a blank leaves open whether an element of the policy applies: a tier, a choice.

It does where the element is come to at all (a choice inside another one's value, where that one may
be taken), no earlier one of its list is taken for sure, and none of its other tests fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from compensation.columns import Flags, Integers
from compensation.engine.inputs import RuleInputs
from compensation.policy.model import Indicator, Operation, Test
from compensation.policy.quantities import INDICATOR_PREFIX, QUANTITY_PREFIX, parts_inside
from compensation.policy.tiers import tier_tests
from compensation.rules.caps import knowing_earlier
from compensation.rules.compensation import evaluator_of
from compensation.rules.conditions import holding
from compensation.rules.decision import Cases
from compensation.rules.quantities import Evaluator
from compensation.rules.steps import Steps

When = tuple[Test, ...]


class _Rows(NamedTuple):
    """Cases or institutions as they are decided, and as if what blanks leave open applied.

    `institution`: where the rows are cases, the row of the institution of each.
    """

    own: Evaluator
    supposing: Evaluator
    institution: Integers | None


def left_open(inputs: RuleInputs, cases: Cases, supposing: Cases) -> dict[When, Flags]:
    """Return by the tests of an element on which cases blanks leave open that it applies.

    `supposing`: the cases as if it did.
    """
    own, other = (evaluator_of(inputs.policy, each, Steps()) for each in (cases, supposing))
    walk = _Walk(inputs, cases)
    walk.elements(_Rows(own, other, cases.institution))
    return walk.found


@dataclass
class _Walk:
    """Goes through the elements of a policy, and what their quantities are computed from."""

    inputs: RuleInputs
    cases: Cases
    found: dict[When, Flags] = field(default_factory=dict)
    of_indicators: dict[str, _Rows] = field(default_factory=dict)
    done: set[tuple[str, int, bytes]] = field(default_factory=set)

    def elements(self, rows: _Rows) -> None:
        """Go through every element that amounts of cases are computed by."""
        rules, everywhere = self.inputs.policy.rules, np.ones(rows.own.rows, dtype=np.bool_)
        rates = rules.rates
        tiers = [
            (when, _but_when(t)) for when, t in zip(tier_tests(rates), rates.tiers, strict=True)
        ]
        bases = [(each.when, _but_when(each)) for each in rules.base]
        stages = [(each.when, _but_when(each)) for each in rules.stages]
        for listed in (tiers, bases, stages):
            first = listed is not tiers or rates.hit != "slices"
            self._listed(listed, everywhere, rows, first=first)
        beside = [(each.when, _but_when(each)) for each in rates.additions]
        beside += [(each.when, _but_when(each)) for each in rules.payers]
        self._listed(beside, everywhere, rows, first=False)
        for cap in rules.caps:
            own, supposing = (knowing_earlier(cap, self.cases.earlier, e) for e in rows[:2])
            known = rows._replace(own=own, supposing=supposing)
            self._listed([(cap.when, _but_when(cap))], everywhere, known, first=False)
        others = (*_but(rates, "tiers", "additions"), *rules.claim_conditions)
        self._inside(others, everywhere, rows)

    def _listed(
        self, listed: Sequence[tuple[When, object]], where: Flags, rows: _Rows, *, first: bool
    ) -> None:
        """Go through elements with the tests of each; `first`: the first that applies is taken."""
        for when, inside in listed:
            sure, possible = holding(when, rows.own), holding(when, rows.supposing)
            left = where & possible & ~sure
            if rows.institution is None:
                left = left[self.cases.institution]
            self.found[when] = self.found.get(when, False) | left
            for place, test in enumerate(when):
                others = (*when[:place], *when[place + 1 :])
                self._inside(test, where & holding(others, rows.supposing), rows)
            self._inside(inside, where & (possible | sure), rows)
            where = where & ~sure if first else where

    def _inside(self, part: object, where: Flags, rows: _Rows) -> None:
        """Go through the choices in a part of the policy that is looked at on some rows.

        Measures look at rows of their own, and a figure of the year before at that year's.
        """
        if not where.any():
            return
        if isinstance(part, str):
            self._named(part, where, rows)
        elif isinstance(part, Operation) and part.choose is not None:
            listed = [(choice.when, choice.value) for choice in part.choose]
            self._listed(listed, where, rows, first=True)
        elif not (isinstance(part, Operation) and (part.measure or part.year_before)):
            for each in parts_inside(part):
                self._inside(each, where, rows)

    def _named(self, name: str, where: Flags, rows: _Rows) -> None:
        """Go through one of the policy's own quantities or indicators, once for the same rows."""
        rules = self.inputs.policy.rules
        key = name, id(rows.own), where.tobytes()
        if not name.startswith((QUANTITY_PREFIX, INDICATOR_PREFIX)) or key in self.done:
            return
        self.done.add(key)
        for quantity in rules.quantities:
            if QUANTITY_PREFIX + quantity.id == name:
                self._inside(quantity.value, where, rows)
        for indicator in rules.indicators:
            if INDICATOR_PREFIX + indicator.id == name:
                of = self._rows_of(indicator)
                if rows.institution is not None:
                    found = np.zeros(of.own.rows, dtype=np.bool_)
                    found[rows.institution[where]] = True
                    where = found
                self._inside(indicator.value, where, of)

    def _rows_of(self, indicator: Indicator) -> _Rows:
        """Return the institutions as an indicator is computed from them."""
        if indicator.id not in self.of_indicators:
            supposing = replace(self.inputs, supposing=True)
            own, other = (each.evaluator_of(indicator) for each in (self.inputs, supposing))
            self.of_indicators[indicator.id] = _Rows(own, other, None)
        return self.of_indicators[indicator.id]


def _but(element: object, *names: str) -> tuple[object, ...]:
    """Return the parts of an element but some of these names."""
    held = getattr(element, "__dataclass_fields__", ())
    return tuple(getattr(element, name) for name in held if name not in names)


def _but_when(element: object) -> tuple[object, ...]:
    return _but(element, "when")
