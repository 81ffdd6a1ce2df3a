"""The quantities of a policy, computed on whole columns and recorded as steps.

Everything is exact: values are fractions until the rule that uses them rounds to the fen. Amounts
are in yuan here, as policies write them. A blank or undefined operand makes the result unknown.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from compensation.columns import Integers, Whole
from compensation.language import Text, joined, same
from compensation.money import FEN_PER_YUAN, PRINTED_SCALE
from compensation.policy.catalogue import Policy
from compensation.policy.kinds import NO_NUMBERS, PLAIN, TYPE_OF_KIND, Kind
from compensation.policy.model import (
    Cited,
    Operation,
    PolicyFile,
    Quantity,
    RowQuantity,
    Test,
)
from compensation.policy.party_words import called_party
from compensation.policy.quantities import (
    INDICATOR_PREFIX,
    OF_ROWS,
    QUANTITY_PREFIX,
    alike,
    day_measured,
    measure_of,
    name_before,
    operations_in,
    operations_of,
    parts_of_test,
    quantities_of_test,
)
from compensation.policy.quantity_words import describe_quantity
from compensation.policy.series import value_on, working_days
from compensation.policy.value_words import name_title, word_name
from compensation.policy.variables import (
    MULTIPLE,
    POOL_COLUMNS,
    YEAR_END,
    YEAR_START,
    inferred_kind,
    is_mere_number,
    is_whole,
)
from compensation.rules import among, award, rationals
from compensation.rules.balances import Held
from compensation.rules.conditions import holding
from compensation.rules.deciding import Deciding, deciding
from compensation.rules.indicators import Ratio
from compensation.rules.measured import (
    CALENDAR,
    MOST_MONTHS,
    months_after,
    of_variable,
    period_end,
    whole_months,
)
from compensation.rules.rationals import Rationals
from compensation.rules.rounding import FUNCTIONS, whole_units
from compensation.rules.steps import (
    Called,
    OfOthers,
    Recorded,
    Step,
    Steps,
    Unit,
    by_party,
    names_in_formulas,
)
from compensation.rules.variables import SCALES, Variable, Variables
from compensation.schema.column import ColumnType
from compensation.values.dates import date_of, day_number
from compensation.values.exact import plain

SHARE_OF = Text("{party}分担比例", "share of the {party}")
BORNE_BY = Text("{party}承担", "borne by the {party}")
CONSTANT = Text("政策规定的数", "a number of the policy")
AMOUNT_TO_SPLIT = Text("要分担的金额", "the amount that is shared")
OF_GROUP = Text("{title}（{group}）", "{title} ({group})")
BLANK_WORD = Text("空白", "blank")
AHEAD = Text("{of}更高的机构数", "institutions with more: {of}")
AHEAD_BY_TIES = Text("排在前面的机构数（依次按{of}）", "institutions ahead: by {of}")
HOW_MANY_OTHERS = Text("其他机构家数", "the number of the other institutions")
OTHERS = Text("其他机构合计：{of}", "of the other institutions together: {of}")
BALANCE = Text("{first} 至 {last} 每日的余额", "balance of each day from {first} to {last}")
RECORDED = {
    "claims.principal": "principal",
    "claims.interest": "interest",
    "claims.payout": "payout",
}
"""Columns whose steps have names of their own, which the rules record first."""


class Computed(NamedTuple):
    """A quantity on every row, and its formula over the names of steps.

    `whole`: its unit prints it exactly: fen, millionths, days. `signed`: it may be below 0. Both
    follow from the quantity alone, so that a case reads the same whatever stands beside it. `mere`:
    it is a number that is no percentage.
    """

    values: Rationals
    formula: str
    kind: Kind
    whole: bool = True
    signed: bool = False
    mere: bool = False


@dataclass(eq=False, slots=True)
class Evaluator:
    """Computes quantities on the rows of some variables.

    `shares`: (rows, parties) millionths, where there are any. `steps`: takes what is computed.
    `measured`: gives the measures of institutions, for indicators, or those of the groups of cases,
    of which some are measured on days. `borne`: amounts that have been
    split among the parties, by the name of their step. `held`: the contracts of the rows as their
    balances fall, where a quantity sums them up. `origin`: how an indicator came about, of each
    institution, where that is known; `institution`: that of each row, None for the row itself.
    `supposing`: choices are taken wherever blanks leave it open, see `conditions.holding`.
    `prefix`: what the names of steps begin with that no column has. `known`: quantities that are
    known already.
    """

    policy: Policy
    variables: Variables
    rows: int
    parties: tuple[str, ...] = ()
    shares: Integers | None = None
    steps: Steps = field(default_factory=Steps)
    measured: Callable[..., Ratio] | None = None
    borne: dict[str, Integers] = field(default_factory=dict)
    held: Held | None = None
    origin: Callable[[str], Recorded] | None = None
    institution: Integers | None = None
    supposing: bool = False
    prefix: str = ""
    known: Mapping[Quantity, Computed] = field(default_factory=dict)
    _done: dict[Quantity, Computed] = field(default_factory=dict)
    _names: dict[tuple[str, Quantity], str] = field(default_factory=dict)
    _looked_at: dict[tuple[Test, ...], Steps] = field(default_factory=dict)

    def with_steps(self, steps: Steps) -> Evaluator:
        """Return an evaluator of the same rows that records into other steps."""
        return Evaluator(
            self.policy,
            self.variables,
            self.rows,
            self.parties,
            self.shares,
            steps,
            self.measured,
            self.borne,
            self.held,
            self.origin,
            self.institution,
            self.supposing,
            self.prefix,
            self.known,
            dict(self.known),
            _names=self._names,
        )

    def knowing(self, quantity: Quantity, computed: Computed) -> Evaluator:
        """Return an evaluator of the same rows and steps to which a quantity is known already."""
        own = replace(self, known={**self.known, quantity: computed})
        return own.with_steps(self.steps)

    def silent(self) -> Evaluator:
        """Return an evaluator of the same rows whose steps nobody sees."""
        return self.with_steps(Steps())

    def looked_at(self, tests: Sequence[Test]) -> Steps:
        """Return the steps of what tests look at: of the policy's own figures, and the computed.

        They are computed once somebody asks. What stands in a column, tests show themselves.
        """
        asked = tuple(tests)
        if asked not in self._looked_at:
            # Names must not depend on which case somebody asks about first.
            for operation in operations_of(self.policy.rules):
                self._name_of(operation)
            own = self.with_steps(Steps())
            for quantity in computed_in(asked, self.policy.rules):
                own.in_a_step(quantity)
            self._looked_at[asked] = own.steps
        return self._looked_at[asked]

    def named(self, quantity: Quantity, name: str) -> Computed:
        """Return a quantity; if it has a step of its own, that has this name."""
        if isinstance(quantity, Operation):
            (operation,) = operations_in(quantity)
            self._names[operation, quantity] = name
        return self.compute(quantity)

    def in_a_step(self, quantity: Quantity) -> Computed:
        """Return a quantity and record it as a step, which a number and an amount need not be."""
        computed = self.compute(quantity)
        if computed.formula.isidentifier() or isinstance(quantity, Decimal):
            return computed
        if isinstance(quantity, str):
            name = step_name(quantity)
        elif isinstance(quantity, datetime.date):
            name = f"day_{quantity:%Y_%m_%d}"
        else:
            name = self._name_of(quantity)
        return self.record(name, describe_quantity(self.policy, quantity), computed)

    def compute(self, quantity: Quantity) -> Computed:
        """Return a quantity on every row; the same one is computed and recorded once."""
        if quantity not in self._done:
            computed = self._compute(quantity)
            mere = computed.kind in PLAIN and is_mere_number(self.policy.rules, quantity)
            self._done[quantity] = computed._replace(mere=mere)
        return self._done[quantity]

    def amount(self, quantity: Quantity) -> Computed:
        """Return a quantity that is an amount, also where it is made of plain numbers alone."""
        if isinstance(quantity, Decimal):
            return self._yuan(quantity)
        if quantity not in self._done:
            kind = inferred_kind(self.policy.rules, quantity)
            if kind is Kind.NUMBER and isinstance(quantity, str):
                self.amount(self._own(quantity).value)
            elif kind is Kind.NUMBER and isinstance(quantity, Operation):
                self._done[quantity] = self._operation(quantity, Kind.MONEY)
        return self.compute(quantity)

    def _each(self, listed: Sequence[Quantity], kind: Kind) -> list[Computed]:
        """Return quantities beside one another, of one kind where they are not multiplied."""
        return [self.amount(one) if kind is Kind.MONEY else self.compute(one) for one in listed]

    def _compute(self, quantity: Quantity) -> Computed:
        if isinstance(quantity, Decimal):
            return self._number(quantity)
        if isinstance(quantity, datetime.date):
            return Computed(rationals.constant(day_number(quantity), self.rows), "", Kind.DATE)
        kind = inferred_kind(self.policy.rules, quantity)
        assert kind is not None, quantity
        if isinstance(quantity, str):
            if quantity.startswith(QUANTITY_PREFIX):
                return self._named(quantity)
            return self._column(quantity, kind)
        return self._operation(quantity, kind)

    def _number(self, number: Decimal) -> Computed:
        values, signed = rationals.constant(number, self.rows), number < 0
        name = _name_of(number)
        if not name.isdigit():
            unit = Unit.NUMBER if abs(number) >= MULTIPLE else Unit.RATIO
            self.steps.given(name, CONSTANT, int(number * PRINTED_SCALE), unit)
        return Computed(values, name, Kind.NUMBER, signed=signed)

    def _yuan(self, number: Decimal) -> Computed:
        """Return an amount that the policy names; one with fen is a step of its own."""
        computed = self.silent().compute(number)._replace(kind=Kind.MONEY, mere=False)
        if computed.formula.isdigit():
            return computed
        name = f"yuan_{int(number * FEN_PER_YUAN)}".replace("-", "minus_")
        return self.record_if_exact(name, CONSTANT, computed._replace(formula=""))

    def _own(self, name: str) -> RowQuantity:
        quantities = self.policy.rules.quantities
        return next(each for each in quantities if QUANTITY_PREFIX + each.id == name)

    def _named(self, name: str) -> Computed:
        own = self._own(name)
        computed = self.compute(own.value)
        return self.record(step_name(name), own.name.text, computed, own)

    def record(
        self,
        name: str,
        title: Text,
        computed: Computed,
        cited: Cited | None = None,
        why: Deciding | None = None,
    ) -> Computed:
        """Record a quantity as a step of its own: in its unit, or exactly where that rounds it.

        `why`: the tests by which it was chosen.
        """
        self.steps.add(_step(name, title, computed, cited, why))
        return computed._replace(formula=name)

    def record_if_exact(
        self,
        name: str,
        title: Text,
        computed: Computed,
        cited: Cited | None = None,
        why: Deciding | None = None,
    ) -> Computed:
        """Record a quantity as a step where its unit prints it exactly; see `record`."""
        if printable(computed) is None:
            return computed
        return self.record(name, title, computed, cited, why)

    def _column(self, name: str, kind: Kind) -> Computed:
        variable = self.variables[name]
        values = of_variable(variable)
        if kind is Kind.DATE:
            return Computed(values, "", kind)
        title = name_title(self.policy, name)
        step = RECORDED.get(name) or step_name(name)
        if self.origin is not None and is_own(name, self.policy.rules):
            origin = functools.partial(self.origin, name.removeprefix(INDICATOR_PREFIX))
            self.steps.add(OfOthers(origin, self.institution))
        if name.startswith(INDICATOR_PREFIX):
            mere = is_mere_number(self.policy.rules, name)
            self.steps.add(step_of_indicator(step, title, variable, kind, mere=mere))
            fraction = variable.denominator is not None
            return Computed(values, step, kind, whole=not fraction, signed=fraction)
        self.steps.given(step, title, variable, Unit.OWN)
        return Computed(values, step, kind, signed=name in POOL_COLUMNS)

    def _operation(self, operation: Operation, kind: Kind) -> Computed:
        (name,) = operations_in(operation)
        if name in _FOLDED:
            listed = getattr(operation, name)
            each = self._each(listed, Kind.NUMBER if name == "times" else kind)
            if kind is Kind.DATE:
                each = [self.in_a_step(one) for one in listed]
            combine, sign = _FOLDED[name]
            values = functools.reduce(combine, (one.values for one in each))
            whole = name != "times" and all(one.whole for one in each)
            signed = name == "minus" or any(one.signed for one in each)
            formula = _formula(sign, [one.formula for one in each])
            return Computed(values, formula, kind, whole, signed)
        if name == "over":
            return self._quotient(operation, kind)
        if operation.yuan is not None:
            return self._yuan(operation.yuan)
        if name in ("months_later", "days_later"):
            return Computed(self._later(operation, name), "", kind)
        if operation.period_end is not None:
            return Computed(self._period_end(*operation.period_end), "", kind)
        if name == "borne_by":
            return self._borne(operation, kind)
        if name == "balance_days":
            return self._balance_days(operation, kind)
        if name == "values":
            return self._dated(operation, kind)
        if name == "measure":
            return self._measured(operation, kind)
        if name in ("total", "rank"):
            return self._among_rows(operation, name, kind)
        if operation.year_before is not None:
            before = self.variables[name_before(operation)]
            if kind in NO_NUMBERS:
                return Computed(of_variable(before), "", kind)
            whole = before.denominator is None
            return self._given(operation, of_variable(before), kind, whole=whole, signed=True)
        if name == "first_given":
            return self._first_given(operation, kind)
        if name == "choose":
            return self._chosen(operation, kind)
        if operation.round_to is not None:
            return self._rounded(operation, operation.round_to, kind)
        values = self._reading(operation) if name == "series" else self._between(operation, name)
        signed = name in ("days", "months", "working_days", "series")
        return self._given(operation, values, kind, signed=signed)

    def _quotient(self, operation: Operation, kind: Kind) -> Computed:
        """Return a quotient; it is a step of its own where 0 over 0 is 0, as no formula says."""
        part, other = (self.compute(one) for one in operation.over or ())
        zero = operation.zero_over_zero == "zero"
        values = rationals.quotient(part.values, other.values, zero_over_zero=zero)
        formula = _formula("/", [part.formula, other.formula])
        signed = part.signed or other.signed
        mere = self._is_mere(operation, kind)
        computed = Computed(values, formula, kind, whole=False, signed=signed, mere=mere)
        if not zero:
            return computed
        title = describe_quantity(self.policy, operation, kind)
        step = exactly(self._name_of(operation), title, computed, None, None)
        both = (part.values.numerator == 0) & (other.values.numerator == 0)
        self.steps.one_of(both.astype(np.int8), [step, step._replace(formula="0")])
        return computed._replace(formula=step.name)

    def _given(
        self,
        operation: Operation,
        values: Rationals,
        kind: Kind,
        *,
        whole: bool = True,
        signed: bool = False,
        formula: str = "",
    ) -> Computed:
        """Record what has a step of its own, such as a reading, a number of days, a place."""
        mere = self._is_mere(operation, kind)
        computed = Computed(values, formula, kind, whole, signed, mere)
        title = describe_quantity(self.policy, operation, kind)
        cited = self.policy.series.get(operation.series or operation.calendar or "")
        return self.record(self._name_of(operation), title, computed, cited)

    def _is_mere(self, operation: Operation, kind: Kind) -> bool:
        """Return whether an operation is a number that is no percentage, and is no amount here."""
        return kind in PLAIN and is_mere_number(self.policy.rules, operation)

    def _name_of(self, operation: Operation) -> str:
        """Return the name of the step of an operation."""
        (name,) = operations_in(operation)
        return self._name(name, operation)

    def _name(self, beginning: str, quantity: Quantity) -> str:
        """Return the name of a step that no column has; a quantity keeps its name in all steps."""
        number = len(self._names) + 1
        name = f"{self.prefix}{beginning}_{number}"
        return self._names.setdefault((beginning, quantity), name)

    def _first_given(self, operation: Operation, kind: Kind) -> Computed:
        each = self._alternatives(operation, kind)
        place = np.full(self.rows, len(each), dtype=np.int16)
        for number in reversed(range(len(each))):
            place[each[number].values.known] = number
        return self._one_of(operation, each, place, kind)

    def _chosen(self, operation: Operation, kind: Kind) -> Computed:
        """Return on each row the value of the first choice whose tests all hold."""
        choices = operation.choose or ()
        each = self._alternatives(operation, kind)
        place = np.full(self.rows, len(each), dtype=np.int16)
        left = np.ones(self.rows, dtype=np.bool_)
        silent = self.silent()
        for number, choice in enumerate(choices):
            takes = left & holding(choice.when, silent)
            place[takes] = number
            left = left & ~takes
        why = deciding(silent, [choice.when for choice in choices])
        return self._one_of(operation, each, place, kind, why)

    def _alternatives(self, operation: Operation, kind: Kind) -> list[Computed]:
        """Return the values of which a row takes one; the others are not shown for their sake."""
        since, listed = len(self.steps), alike(operation)
        dates = kind is Kind.DATE
        each = [self.in_a_step(one) for one in listed] if dates else self._each(listed, kind)
        self.steps.set_aside(since)
        return each

    def _one_of(
        self,
        operation: Operation,
        each: Sequence[Computed],
        place: Whole,
        kind: Kind,
        why: Deciding | None = None,
    ) -> Computed:
        """Return on each row the value at its place, and record it by the formula of that value.

        A place beyond the last is that of no value.
        """
        nothing = np.zeros(self.rows, dtype=np.bool_)
        values = rationals.constant(0, self.rows)._replace(known=nothing)
        for number, one in enumerate(each):
            values = rationals.chosen(place == number, one.values, values)
        whole, signed = all(one.whole for one in each), any(one.signed for one in each)
        computed = Computed(values, "", kind, whole, signed, self._is_mere(operation, kind))
        step = self._name_of(operation)
        title = describe_quantity(self.policy, operation, kind)
        recorded = _step(step, title, computed, None, why)
        formulas = [*(one.formula for one in each), ""]
        self.steps.one_of(place, [recorded._replace(formula=formula) for formula in formulas])
        return computed._replace(formula=step)

    def _rounded(self, operation: Operation, unit: Decimal, kind: Kind) -> Computed:
        """Return a quantity in whole units, to which its formula rounds."""
        computed = self.compute(operation.of or "")
        count = whole_units(computed.values, unit, operation.rounding)
        ones = np.ones_like(count)
        units = rationals.rationals(count, ones, computed.values.known)
        values = rationals.product(units, rationals.constant(unit, self.rows))
        formula = f"{FUNCTIONS[operation.rounding]}({computed.formula}, {plain(unit)})"
        whole = not unit * SCALES.get(TYPE_OF_KIND[kind] or ColumnType.SHARE, 1) % 1
        return Computed(values, formula, kind, whole, computed.signed)

    def _reading(self, operation: Operation) -> Rationals:
        assert operation.on is not None
        day = self.compute(operation.on).values
        known, months = day.known, None
        if operation.term is not None:
            term = self.compute(operation.term).values
            known, months = known & term.known, rationals.floor(term, 1)
        series = self.policy.series[operation.series or ""]
        values, outside = value_on(series, day.numerator, months)
        scale = np.full(self.rows, PRINTED_SCALE, dtype=np.int64)
        return rationals.rationals(values, scale, known & ~outside)

    def _dated(self, operation: Operation, kind: Kind) -> Computed:
        assert operation.values is not None
        assert operation.on is not None
        day = self.compute(operation.on).values
        since = np.array([day_number(value.from_) for value in operation.values], dtype=np.int64)
        place = np.searchsorted(since, day.numerator, side="right") - 1
        each = self._alternatives(operation, kind)
        place = np.where(day.known & (place >= 0), place, len(each)).astype(np.int16)
        why = deciding(self.silent(), _periods(operation), taken="range")
        return self._one_of(operation, each, place, kind, why)

    def _between(self, operation: Operation, name: str) -> Rationals:
        dates = [self._date(one).values for one in getattr(operation, name)]
        first, last = (date.numerator for date in dates)
        known = dates[0].known & dates[1].known
        if name == "days_in_year":
            start, end = (self.variables[key].numerator for key in (YEAR_START, YEAR_END))
            last = last - (operation.last == "excluded")
            count = np.minimum(last, end) - np.maximum(first, start) + 1
            count = np.maximum(count, 0)
        elif name == "working_days":
            calendar = self.policy.series[operation.calendar or ""]
            count, outside = working_days(calendar, first, last)
            known = known & ~outside
        elif name == "days":
            count = last - first
        else:
            count = whole_months(first, last)
        return rationals.rationals(count, np.ones_like(count), known)

    def _date(self, date: Quantity) -> Computed:
        """Return a date; one that is computed has a step of its own."""
        return self.in_a_step(date) if isinstance(date, Operation) else self.compute(date)

    def _later(self, operation: Operation, name: str) -> Rationals:
        date, time = (self.silent().compute(one).values for one in getattr(operation, name))
        known = date.known & time.known
        days = np.where(known, date.numerator, 0)
        count = np.where(known, rationals.floor(time, 1), 0)
        most = MOST_MONTHS if name == "months_later" else CALENDAR[1] - CALENDAR[0]
        count = np.clip(count, -most, most)
        later = months_after(days, count) if name == "months_later" else days + count
        return rationals.rationals(np.clip(later, *CALENDAR), np.ones_like(later), known)

    def _period_end(self, date: Quantity, months: Quantity) -> Rationals:
        assert isinstance(months, Decimal)
        day = self.silent().compute(date).values
        end = period_end(np.where(day.known, day.numerator, 0), int(months))
        return rationals.rationals(end, np.ones_like(end), day.known)

    def _balance_days(self, operation: Operation, kind: Kind) -> Computed:
        """Return the balances of the days between two dates, added up, in yuan times days.

        Each period of one balance is recorded: 1,000,000.00 × 90 + 400,000.00 × 275.
        """
        assert self.held is not None
        dates = [self._date(one).values for one in operation.balance_days or ()]
        known = dates[0].known & dates[1].known
        first, last = (np.where(known, date.numerator, 0).astype(np.int64) for date in dates)
        until = np.where(known, last + (operation.last == "included"), 0)
        found = self.held.balance_days(first, until)
        step = self._name("balance_days", operation)
        total = Variable(found, known, None, TYPE_OF_KIND[kind])
        title = describe_quantity(self.policy, operation)
        self.steps.add(_Periods(Step(step, title, total, Unit.OWN), self.held, first, until))
        return Computed(rationals.in_units(found, FEN_PER_YUAN, known), step, kind)

    def _measured(self, operation: Operation, kind: Kind) -> Computed:
        measure = measure_of(operation)
        assert measure is not None
        assert self.measured is not None
        on = day_measured(operation)
        day = None if on is None else self._date(on).values
        ratio = self.measured(measure) if day is None else self.measured(measure, day.numerator)
        of_rows = measure.of in OF_ROWS
        scale = 1 if of_rows else SCALES.get(TYPE_OF_KIND[kind], 1)
        known = np.ones(self.rows, dtype=np.bool_) if day is None else day.known
        values = rationals.rationals(ratio.numerator, ratio.denominator * scale, known)
        whole = is_whole(self.policy.rules, operation, kind)
        if not measure.per:
            return self._given(operation, values, kind, whole=whole, signed=of_rows)
        own = self.with_steps(Steps())
        columns = tuple(self.variables[name] for name in measure.per)
        self.steps.add(_OfGroup(own.steps, columns))
        return own._given(operation, values, kind, whole=whole, signed=of_rows)

    def _among_rows(self, operation: Operation, name: str, kind: Kind) -> Computed:
        """Return what the rows of each group, institutions, come to, or their places."""
        columns = [self.variables[column] for column in operation.per or ()]
        group = among.groups_of(columns, self.rows)
        values = self.compute(getattr(operation, name)).values
        own = self.in_a_step(getattr(operation, name))
        title = describe_quantity(self.policy, getattr(operation, name), own.kind)
        if name == "rank":
            ties = [self.in_a_step(tie) for tie in operation.then]
            place = among.places([values, *(tie.values for tie in ties)], group)
            before = rationals.total(place, rationals.constant(-1, self.rows))
            counted = Computed(before, "", Kind.COUNT)
            step = f"{self._name_of(operation)}_ahead"
            by = [describe_quantity(self.policy, tie) for tie in operation.then]
            said = AHEAD_BY_TIES.fill(of=joined([title, *by], "、", ", then ")) if by else None
            ahead = self.record(step, said or AHEAD.fill(of=title), counted)
            return self._given(operation, place, kind, formula=f"{ahead.formula} + 1")
        scale = SCALES.get(TYPE_OF_KIND[kind] or ColumnType.SHARE, 1)
        total = among.total(values, group, scale)
        rest = rationals.total(total, rationals.negative(values))
        step = f"{self._name_of(operation)}_others"
        title = HOW_MANY_OTHERS if operation.total == 1 else OTHERS.fill(of=title)
        others = self.record(step, title, Computed(rest, "", kind, own.whole))
        formula = f"({own.formula} + {others.formula})"
        return self._given(operation, total, kind, signed=True, formula=formula)

    def _borne(self, operation: Operation, kind: Kind) -> Computed:
        """Return a party's part of an amount in yuan, by `split` of its fen over the shares.

        The parts of an amount below 0 are 0.
        """
        party, of = operation.borne_by or "", operation.of
        assert of is not None
        assert self.shares is not None
        computed = self.compute(of)
        known = computed.values.known
        fen = np.maximum(rationals.half_up(computed.values, FEN_PER_YUAN), 0)
        name = computed.formula
        if computed.signed or not name.isidentifier() or not computed.whole:
            name = self._name("shared", of)
            formula = f"half_up({computed.formula})"
            if computed.signed:
                formula = f"max({formula}, 0)"
            self.steps.follows(name, AMOUNT_TO_SPLIT, formula, fen)
        prefix = "borne" if name == "payout" else f"{name}_borne"
        split = self.borne.get(name)
        called = called_party(self.policy.rules)
        parts = record_borne(
            name, fen, prefix, self.parties, self.shares, self.steps, split, called
        )
        step = f"{prefix}_{names_in_formulas(self.parties)[party]}"
        part = parts[:, self.parties.index(party)]
        scale = np.full(self.rows, FEN_PER_YUAN, dtype=np.int64)
        return Computed(rationals.rationals(part, scale, known), step, kind)


class _OfGroup(NamedTuple):
    """The step of a measure of groups, whose title says of which group the case is.

    `columns`: texts and choices, whose values make the groups.
    """

    steps: Steps
    columns: tuple[Variable, ...]

    def at(self, row: int) -> Iterator[Step]:
        words = [
            _word_of(column, row) if column.known[row] else BLANK_WORD for column in self.columns
        ]
        group = joined(words)
        for step in self.steps.at(row):
            yield step._replace(title=OF_GROUP.fill(title=step.title, group=group))


def _word_of(column: Variable, row: int) -> Text:
    word = column.words[column.numerator[row]] or ""
    return word_name(word) if column.type is ColumnType.CHOICE else same(word)


class _Periods(NamedTuple):
    """The steps of balances summed up over days: the balance of each period, then the sum."""

    total: Step
    held: Held
    first: Integers
    until: Integers

    def at(self, row: int) -> Iterator[Step]:
        parts: list[str] = []
        for period in self.held.periods(row, int(self.first[row]), int(self.until[row])):
            name = f"{self.total.name}_{len(parts) + 1}"
            days = {"first": date_of(period.first), "last": date_of(period.until - 1)}
            yield Step(name, BALANCE.fill(**days), period.fen)
            parts.append(f"{name} × {period.until - period.first}")
        yield self.total._replace(formula=f"({' + '.join(parts)})" if parts else "0")


def record_borne(
    name: str,
    amount: Integers,
    prefix: str,
    parties: tuple[str, ...],
    shares: Integers,
    steps: Steps,
    borne: Integers | None = None,
    called: Called = (),
) -> Integers:
    """Return (rows, parties) what each party bears of an amount in fen, and record the split.

    `name`: the step of the amount. `prefix`: how the names of the parts begin. `borne`: the parts,
    if the amount has been split already.
    """
    if borne is None:
        borne = award.borne(amount, shares)
    titles = by_party(prefix, BORNE_BY, parties, called)
    weights = by_party("share", SHARE_OF, parties, called)
    steps.given_each(weights, shares, Unit.RATIO)
    steps.split(name, titles, weights, shares, borne)
    return borne


@functools.lru_cache(maxsize=1024)
def _name_of(number: Decimal) -> str:
    """Return a number as formulas have it: whole from 0 on itself, any other by a step's name."""
    if number == number.to_integral_value() and number >= 0:
        return f"{int(number)}"
    return "number_" + plain(number).replace(".", "_").replace("-", "minus_")


def step_name(name: str) -> str:
    """Return the name of the step of a column or an indicator.

    >>> step_name("contracts.share_lender"), step_name("claims.recovered")
    ('share_lender', 'claims_recovered')
    """
    if name.startswith("contracts.share_"):
        name = name.removeprefix("contracts.")
    return name.replace(".", "_").replace("-", "_")


@functools.lru_cache(maxsize=256)
def _periods(operation: Operation) -> tuple[tuple[Test, ...], ...]:
    """Return for each value that changes by date the test that the date is in its period."""
    begins = [value.from_ for value in operation.values or ()]
    ends = [*begins[1:], None]
    return tuple(
        (Test(value=operation.on, at_least=first, below=end),)
        for first, end in zip(begins, ends, strict=True)
    )


def printable(computed: Computed) -> Variable | None:
    """Return a quantity as a variable that prints it exactly; None where its unit can't."""
    type_ = TYPE_OF_KIND[computed.kind] or ColumnType.SHARE
    scale = SCALES.get(type_, 1)
    if not computed.whole:
        return None
    units = rationals.floor(computed.values, scale)
    return Variable(units, computed.values.known, None, type_)


def variable_in_fractions(computed: Computed) -> Variable:
    """Return a quantity as a variable that keeps it exactly, as numerator and denominator.

    An amount or a number in whole units has no denominator.
    """
    type_ = TYPE_OF_KIND[computed.kind]
    if type_ is not None and (whole := printable(computed)) is not None:
        return whole
    scale = SCALES.get(type_, 1) if type_ is not None else 1
    scaled = rationals.product(
        computed.values, rationals.constant(scale, len(computed.values.known))
    )
    return Variable(scaled.numerator, scaled.known, scaled.denominator, type_)


def _step(
    name: str, title: Text, computed: Computed, cited: Cited | None, why: Deciding | None
) -> Step:
    """Return a quantity as a step, in its unit where that prints it exactly.

    `why`: the tests by which it was chosen.
    """
    variable = None if computed.mere else printable(computed)
    if variable is None:
        return exactly(name, title, computed, cited, why)
    return Step(name, title, variable, Unit.OWN, computed.formula, cited, deciding=why)


def exactly(
    name: str, title: Text, computed: Computed, cited: Cited | None, why: Deciding | None
) -> Step:
    """Return a quantity as a step: a decimal of few digits or a fraction."""
    top, bottom, known = computed.values
    type_ = ColumnType.DECIMAL if computed.mere else TYPE_OF_KIND[computed.kind]
    fractions = Variable(top, known, bottom, type_)
    return Step(name, title, fractions, Unit.EXACT, computed.formula, cited, deciding=why)


def step_of_indicator(
    name: str,
    title: Text,
    variable: Variable,
    kind: Kind,
    cited: Cited | None = None,
    *,
    mere: bool = False,
) -> Step:
    """Return an indicator as a step: exactly, unless its unit prints it so."""
    if variable.denominator is None:
        return Step(name, title, variable, Unit.OWN, cited=cited)
    computed = Computed(of_variable(variable), "", kind, mere=mere)
    return exactly(name, title, computed, cited, None)


def is_own(name: str, rules: PolicyFile) -> bool:
    """Return whether a name is that of an indicator of the policy's own."""
    id_ = name.removeprefix(INDICATOR_PREFIX)
    return name != id_ and any(each.id == id_ for each in rules.indicators)


def computed_in(tests: Sequence[Test], rules: PolicyFile) -> list[Quantity]:
    """Return what tests look at that is computed, or an indicator of the policy's own."""
    parts = (part for test in tests for part in parts_of_test(test))
    return [
        quantity
        for part in parts
        for quantity in quantities_of_test(part)
        if isinstance(quantity, Operation)
        or (
            isinstance(quantity, str)
            and (quantity.startswith(QUANTITY_PREFIX) or is_own(quantity, rules))
        )
    ]


def _formula(sign: str, parts: Sequence[str]) -> str:
    if sign in ("min", "max"):
        return f"{sign}({', '.join(parts)})"
    return f"({f' {sign} '.join(parts)})"


_FOLDED: Mapping[str, tuple[Callable[[Rationals, Rationals], Rationals], str]] = {
    "sum": (rationals.total, "+"),
    "minus": (lambda first, second: rationals.total(first, rationals.negative(second)), "−"),
    "times": (rationals.product, "×"),
    "min": (rationals.least, "min"),
    "max": (rationals.greatest, "max"),
}
"""Operations on any number of operands: how two are combined, and the sign in a formula."""
