"""Whether institutions, claims and contracts pass the tests that a policy names.

A test is evaluated on whole columns, exactly: numbers are compared by cross-multiplication, a text
by looking at each distinct word once (at places as `policy.places` does). A blank or undefined
value passes no test. The outcome keeps the values and the limits, so that an explanation shows what
was compared.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple, Protocol

import numpy as np

from compensation.columns import Flags, Integers
from compensation.ledger.portfolio import NO_DAY
from compensation.policy.catalogue import Policy
from compensation.policy.kinds import Kind
from compensation.policy.model import BOUNDS, Condition, Quantity, Test
from compensation.policy.variables import INDUSTRY, is_mere_test
from compensation.rules import rationals
from compensation.rules.indicators import policy_years
from compensation.rules.measured import CALENDAR, months_after, of_variable, rounded
from compensation.rules.rationals import Rationals
from compensation.rules.variables import Variable, Variables
from compensation.schema.choices import BORROWER_TYPES
from compensation.schema.column import ColumnType
from compensation.values.dates import day_number
from compensation.values.kinds import LAST_YEAR


class Computed(Protocol):
    """A quantity on every row, and what it is an amount of."""

    @property
    def values(self) -> Rationals:
        """The value of each row."""
        ...

    @property
    def kind(self) -> Kind:
        """What it is an amount of."""
        ...


class Evaluates(Protocol):
    """What computes the quantities of tests; see `rules.quantities.Evaluator`."""

    @property
    def policy(self) -> Policy:
        """The policy that the tests are of."""
        ...

    @property
    def variables(self) -> Variables:
        """The columns and indicators that tests look at, by name."""
        ...

    @property
    def rows(self) -> int:
        """How many rows there are."""
        ...

    @property
    def supposing(self) -> bool:
        """Whether an element applies wherever blanks leave open that it does, see `holding`."""
        ...

    def compute(self, quantity: Quantity, /) -> Computed:
        """Return a quantity on every row."""
        ...


class Bound(NamedTuple):
    """One limit: `operator` as in the file, and the limit of each row in yuan, ratios or days."""

    operator: str
    limit: Rationals


class Outcome(NamedTuple):
    """What a test gave: (rows,) passed or not, the variable and the limits; `parts` of several.

    `evaluator`: what computed them, by which an explanation tells why one has no value.
    """

    test: Test
    passed: Flags
    variable: Variable | None = None
    bounds: tuple[Bound, ...] = ()
    parts: tuple[Outcome, ...] = ()
    evaluator: Evaluates | None = None


COMPARISONS: Mapping[str, Callable[[Integers], Flags]] = {
    "at_least": lambda sign: sign >= 0,
    "above": lambda sign: sign > 0,
    "at_most": lambda sign: sign <= 0,
    "below": lambda sign: sign < 0,
}
"""Each operator by the sign of value − limit."""


def effective_days(policy: Policy) -> tuple[int, int]:
    """Return the first and the last day that the policy covers, as days since 1970-01-01."""
    effective = policy.rules.effective
    return day_number(effective.from_), day_number(effective.to) if effective.to else NO_DAY


def conditions_on_day(policy: Policy) -> tuple[Condition, ...]:
    """Return the conditions that a case's day is among the days on which a policy is in force.

    There is none where a policy takes cases of other days, too.
    """
    day = policy.rules.trigger.date
    conditions = policy.rules.claim_conditions
    return tuple(each for each in conditions if each.value == day and each.within == "effective")


def counting_tests(policy: Policy, when: tuple[Test, ...] = ()) -> tuple[Test, ...]:
    """Return the tests of the cases that count whatever becomes of them: those of `when`, of a cap.

    Cases of days on which the policy is not in force don't count, whether or not it takes cases of
    other days: a settlement leaves these days to other policies. Contracts of several years, and
    years of institutions, go by the year.
    """
    rules = policy.rules
    in_force: tuple[Test, ...] = conditions_on_day(policy)
    if not in_force and rules.trigger.until is None and rules.record != "institution":
        in_force = (Test(value=rules.trigger.date, within="effective"),)
    return (*when, *in_force)


def effective_years(policy: Policy) -> tuple[int, int]:
    """Return the first and the last year of which the policy covers a day."""
    days = np.array(effective_days(policy))
    first, last = policy_years(days, policy.rules.trigger.year_begins).tolist()
    return first, last if policy.rules.effective.to else LAST_YEAR


@functools.lru_cache(maxsize=1024)
def limits_of(test: Test) -> tuple[tuple[str, Quantity], ...]:
    """Return the limits that a test names, each with its operator."""
    limits = ((operator, getattr(test, operator)) for operator in BOUNDS)
    return tuple((operator, limit) for operator, limit in limits if limit is not None)


def all_hold(outcomes: Sequence[Outcome], rows: int) -> Flags:
    """Return which rows pass every test; all do where there is none."""
    if not outcomes:
        return np.ones(rows, dtype=np.bool_)
    passed = outcomes[0].passed
    for outcome in outcomes[1:]:
        passed = passed & outcome.passed
    return passed


def holding(tests: Sequence[Test], evaluator: Evaluates) -> Flags:
    """Return which rows pass every test of an element; none is asked once no row is left.

    A blank passes no test. An evaluator that is `supposing` answers otherwise: also those rows
    pass of which no test can be told to fail.
    """
    passed = np.ones(evaluator.rows, dtype=np.bool_)
    for test in tests:
        outcome = evaluate(test, evaluator)
        passed = passed & (~_fails(outcome) if evaluator.supposing else outcome.passed)
        if not passed.any():
            break
    return passed


def _fails(outcome: Outcome) -> Flags:
    """Return where a test fails whatever the blanks that it looks at may be."""
    if outcome.variable is not None:
        return ~outcome.passed & told(outcome)
    if outcome.test.not_ is not None:
        return outcome.parts[0].passed
    each = [_fails(part) for part in outcome.parts]
    failed: Flags = np.logical_and.reduce(each) if outcome.test.any else np.logical_or.reduce(each)
    return failed


def evaluate(test: Test, evaluator: Evaluates) -> Outcome:
    """Evaluate one test on every row of the evaluator's variables."""
    if test.parts:
        parts = tuple(evaluate(part, evaluator) for part in test.parts)
        each = [part.passed for part in parts]
        if test.not_ is not None:
            return Outcome(test, ~each[0] & told(parts[0]), parts=parts)
        passed = np.logical_or.reduce(each) if test.any else np.logical_and.reduce(each)
        return Outcome(test, passed, parts=parts)
    assert test.value is not None
    variable = _tested(test, evaluator)
    passed = variable.known
    bounds = _bounds(test, evaluator)
    if bounds:
        values = compared(test.value, evaluator)
    for bound in bounds:
        sign = rationals.sign(values, bound.limit)
        passed = passed & bound.limit.known & COMPARISONS[bound.operator](sign)
    if test.is_ is not None:
        passed = passed & (variable.numerator == int(test.is_))
    if test.one_of is not None and test.value == INDUSTRY:
        variable, listed = _industries(variable, test.one_of)
        passed = passed & listed
    elif test.one_of is not None:
        accepted = with_group_members(test.one_of)
        passed = passed & _by_word(variable, lambda word: word in accepted)
    if test.starts_with is not None:
        # Few policies ask where somebody is.
        from compensation.policy.places import begins_in_any

        beginnings = test.starts_with
        passed = passed & _by_word(variable, lambda word: begins_in_any(word, beginnings))
    return Outcome(test, passed, variable, bounds, evaluator=evaluator)


def _industries(variable: Variable, to: Sequence[str]) -> tuple[Variable, Flags]:
    """Return the variable, known where it can be told, and which rows belong to some industries."""
    # Few policies ask for industries, and the classification takes long to load.
    from compensation.classification.industries import belongs

    answers = {word: belongs(word, to) for word in variable.words if word is not None}
    known = variable.known & _by_word(variable, lambda word: answers[word] is not None)
    return variable._replace(known=known), _by_word(variable, lambda word: bool(answers[word]))


def told(outcome: Outcome) -> Flags:
    """Return where a test can be told to fail: nothing that it looks at is blank or undefined."""
    if outcome.variable is None:
        each: Flags = np.logical_and.reduce([told(part) for part in outcome.parts])
        return each
    given = outcome.test.given
    known = np.ones_like(outcome.passed) if given else outcome.variable.known
    for bound in outcome.bounds:
        known = known & bound.limit.known
    return known


def _tested(test: Test, evaluator: Evaluates) -> Variable:
    """Return what is tested, as it is shown."""
    value, mere = test.value, is_mere_test(evaluator.policy.rules, test)
    assert value is not None
    if isinstance(value, str) and value in evaluator.variables:
        variable = evaluator.variables[value]
        if not mere or variable.type not in (None, ColumnType.SHARE):
            return variable
        return rounded(of_variable(variable), Kind.RATIO, mere=True)
    computed = evaluator.compute(value)
    return rounded(computed.values, computed.kind, mere=mere)


def compared(value: Quantity, evaluator: Evaluates) -> Rationals:
    """Return what is tested, exactly."""
    if isinstance(value, str) and value in evaluator.variables:
        return of_variable(evaluator.variables[value])
    return evaluator.compute(value).values


def _bounds(test: Test, evaluator: Evaluates) -> tuple[Bound, ...]:
    if test.since is not None:
        return _time_bounds(test, evaluator)
    bounds = [
        Bound(operator, evaluator.compute(limit).values) for operator, limit in limits_of(test)
    ]
    if test.within is not None:
        first, last = effective_days(evaluator.policy)
        bounds.append(Bound("at_least", rationals.constant(first, evaluator.rows)))
        if last != NO_DAY:
            bounds.append(Bound("at_most", rationals.constant(last, evaluator.rows)))
    return tuple(bounds)


def _time_bounds(test: Test, evaluator: Evaluates) -> tuple[Bound, ...]:
    """Return the days between which a date must lie, counted from another date.

    The lower end is that date itself unless the test says another.
    """
    assert test.since is not None
    since = evaluator.compute(test.since).values
    limits: dict[str, Quantity] = dict(limits_of(test))
    if not {"at_least", "above"} & set(limits):
        limits = {"at_least": Decimal(0), **limits}
    bounds = []
    for operator, limit in limits.items():
        assert isinstance(limit, Decimal)
        count = int(limit)
        reached = (
            months_after(since.numerator, count)
            if test.unit == "months"
            else since.numerator + count
        )
        # No date of a ledger is beyond those that a calendar has, so no comparison changes.
        reached = np.clip(reached, *CALENDAR)
        bounds.append(Bound(operator, Rationals(reached, since.denominator, since.known)))
    return tuple(bounds)


def with_group_members(values: Sequence[str]) -> frozenset[str]:
    """Return the values, a borrower group among them replaced by its types."""
    return _with_group_members(tuple(values))


@functools.lru_cache(maxsize=256)
def _with_group_members(values: tuple[str, ...]) -> frozenset[str]:
    members = (choice.value for choice in BORROWER_TYPES if choice.group in values)
    return frozenset(values).union(members)


def _by_word(variable: Variable, accepts: Callable[[str], bool]) -> Flags:
    """Ask each distinct word once; `numerator` holds places in `words`."""
    if not variable.words:
        return np.zeros(len(variable.numerator), dtype=np.bool_)
    accepted = np.array([word is not None and accepts(word) for word in variable.words])
    return accepted[variable.numerator]
