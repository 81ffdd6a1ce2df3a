"""What quantities of a policy are made of: operations, operands, and the names that they use."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from compensation.policy.model import (
    BOUNDS,
    Cap,
    DatedValue,
    MeasureName,
    Note,
    Operation,
    PolicyFile,
    Quantity,
    Strict,
    Test,
)

INDICATOR_PREFIX = "indicator."
QUANTITY_PREFIX = "quantity."
YEAR_BEFORE = "year_before "
"""How the variable of an indicator in an earlier year is named: see `name_before`."""
PAID_EARLIER = "cap.paid_before"
"""What was paid for the group of a cap over years, in those before the year assessed."""
CASE_BASE, CASE_RATE, CASE_AT_RATE = "case.base", "case.rate", "case.at_rate"
"""The base of a case after caps on it, its rate, and what it comes to at the rate, before caps."""
CASE_CAPPED = "case.capped"
"""What the other caps leave of a case, those that groups share as well, but pools."""
PAYER_PREFIX = "payer."
"""What a payer pays of a case, once caps on it have cut it: this, and the payer's id."""
OPERATIONS = (
    "sum",
    "minus",
    "times",
    "over",
    "min",
    "max",
    "first_given",
    "days",
    "months",
    "days_in_year",
    "working_days",
    "balance_days",
    "months_later",
    "days_later",
    "period_end",
    "yuan",
    "choose",
    "round_to",
    "borne_by",
    "series",
    "values",
    "measure",
    "year_before",
    "total",
    "rank",
)
"""The operations, one of which an `Operation` names."""
SUMMED_UP = frozenset({"month_end_balances", "balance_days"})
"""Measures that add up balances of several days."""
OF_ROWS = frozenset({"sum", "borrowers"})
"""Measures of the contracts or claims that a date puts into the year."""
FLOWS = (
    SUMMED_UP
    | OF_ROWS
    | {"new_guarantees", "released_amount", "payout_amount", "compensation_paid"}
)
"""Measures over a span of years, which can be added up; the others are taken at one day."""
ON_A_DAY = frozenset(
    {
        *("exposure", "opening_balance", "closing_balance"),
        *("new_guarantees", "released_amount", "payout_amount"),
    }
)
"""Measures of the group of a case that can be taken on a day of the case, rather than its year."""
MONTHS_OF: Mapping[str, int] = {"month": 1, "quarter": 3, "half": 6}
"""The parts of a year by which `per` takes the days of a column together, in months."""
BALANCE_OF = "contracts.guaranteed_amount"
"""What the balance of a contract falls from: `balance_days` looks at it without naming it.

So does a measure of the group of a case, which makes it a figure of the case where `per` does not.
"""


def name_before(operation: Operation) -> str:
    """Return how the variable is named that `year_before` reads."""
    return f"{YEAR_BEFORE}{operation.years} {operation.year_before}"


def operations_in(operation: Operation) -> list[str]:
    """Return the operations that a table names; a sound one names one."""
    return [name for name in OPERATIONS if getattr(operation, name) is not None]


def operands(operation: Operation) -> tuple[Quantity, ...]:
    """Return the quantities that an operation is computed from."""
    if operation.choose is not None:
        tested = (part for each in operation.choose for test in each.when for part in _tested(test))
        return (*(each.value for each in operation.choose), *tested)
    for name in OPERATIONS[: OPERATIONS.index("yuan")]:
        listed: tuple[Quantity, ...] | None = getattr(operation, name)
        if listed is not None:
            return (*listed, BALANCE_OF) if name == "balance_days" else listed
    dated = tuple(value.value for value in operation.values or ())
    single = (operation.of, operation.on, operation.term, operation.year_before)
    together = (operation.total, operation.rank, *operation.then, *(operation.per or ()))
    of_contracts = any(name.startswith("contracts.") for name in operation.per or ())
    of_group = BALANCE_OF if measures_group(operation) and not of_contracts else None
    return (*dated, *(each for each in (*single, *together, of_group) if each is not None))


def measures_group(operation: Operation) -> bool:
    """Return whether an operation measures the contracts of a case's group."""
    return operation.measure is not None and operation.per is not None


def day_measured(operation: Operation) -> Quantity | None:
    """Return the day of the case on which an operation measures its group; None of any other."""
    return operation.on if operation.measure in ON_A_DAY else None


def alike(operation: Operation) -> Sequence[Quantity]:
    """Return what an operation adds up or takes one of: quantities of one kind."""
    if listed := operation.values or operation.choose:
        return [each.value for each in listed]
    added = operation.sum or operation.minus or operation.first_given
    return added or operation.min or operation.max or ()


def _tested(test: Test) -> Iterator[Quantity]:
    """Yield the quantities that a test and those inside it look at."""
    for each in parts_of_test(test):
        yield from quantities_of_test(each)


def parts_of(quantity: Quantity) -> Iterator[Quantity]:
    """Yield a quantity and every quantity inside it."""
    yield quantity
    if isinstance(quantity, Operation):
        for operand in operands(quantity):
            yield from parts_of(operand)


def depth_of(quantity: Quantity, named: Mapping[str, int]) -> int:
    """Return how many quantities stand inside one another; ``named``: for those with a name."""
    if isinstance(quantity, Operation):
        return 1 + max((depth_of(operand, named) for operand in operands(quantity)), default=0)
    return 1 + named.get(quantity, 0) if isinstance(quantity, str) else 1


def parts_of_test(test: Test) -> Iterator[Test]:
    """Yield a test and every test inside it."""
    yield test
    for part in test.parts:
        yield from parts_of_test(part)


@functools.lru_cache(maxsize=4096)
def tests_in(value: object) -> tuple[Test, ...]:
    """Return every test anywhere in a part of a policy file, those inside tests included."""
    found = [value] if isinstance(value, Test) else []
    for part in _inside(value):
        found += tests_in(part)
    return tuple(found)


def quantities_of_test(test: Test) -> Iterator[Quantity]:
    """Yield the quantities that a plain test names itself."""
    for each in (test.value, test.since, *(getattr(test, bound) for bound in BOUNDS)):
        if each is not None:
            yield each


def names_in(quantity: Quantity) -> set[str]:
    """Return the names of columns, indicators and quantities in a quantity."""
    return {part for part in parts_of(quantity) if isinstance(part, str)}


def stands_in(value: object, name: str) -> bool:
    """Return whether a part of a policy file looks at a name that it cannot do without.

    It can where `first_given` takes something else instead.
    """
    if isinstance(value, Operation) and value.first_given:
        return stands_in(value.first_given[-1], name)
    return value == name or any(stands_in(part, name) for part in parts_inside(value))


def carries_over(cap: Cap) -> bool:
    """Return whether the limit of a cap itself counts what was paid in earlier years."""
    return cap.limit is not None and PAID_EARLIER in names_in(cap.limit)


def comes_last(cap: Cap) -> bool:
    """Return whether a cap is computed from what the other ones leave."""
    return any(CASE_CAPPED in decided_before(quantity) for quantity in cap.quantities)


def decided_before(quantity: Quantity) -> set[str]:
    """Return the names in a quantity of what is decided of a case before its caps are."""
    case = {CASE_BASE, CASE_RATE, CASE_AT_RATE, CASE_CAPPED}
    return {name for name in names_in(quantity) if name in case or name.startswith(PAYER_PREFIX)}


def names_in_test(test: Test) -> set[str]:
    """Return the names that a test and the tests inside it look at."""
    found = set[str]()
    for each in parts_of_test(test):
        for quantity in quantities_of_test(each):
            found |= names_in(quantity)
    return found


def names_in_tests(tests: Iterable[Test]) -> set[str]:
    """Return the names that several tests look at."""
    return set().union(*map(names_in_test, tests))


def resolved(rules: PolicyFile, names: Iterable[str]) -> set[str]:
    """Return names with those that the policy's own quantities stand for instead of theirs."""
    return _reached(rules, names) - {QUANTITY_PREFIX + each.id for each in rules.quantities}


def own_quantities(rules: PolicyFile, names: Iterable[str]) -> frozenset[tuple[str, Quantity]]:
    """Return the policy's own quantities that names stand for, also by way of others."""
    reached = _reached(rules, names)
    named = ((QUANTITY_PREFIX + each.id, each.value) for each in rules.quantities)
    return frozenset(each for each in named if each[0] in reached)


def _reached(rules: PolicyFile, names: Iterable[str]) -> set[str]:
    """Return names, and those that the policy's own quantities among them are computed from."""
    own = {QUANTITY_PREFIX + each.id: each.value for each in rules.quantities}
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        if name in own:
            waiting += names_in(own[name])
    return found


class Grouping(NamedTuple):
    """What takes cases together: its id, by which columns, and which cases it is for."""

    id: str
    per: tuple[str, ...]
    when: tuple[Test, ...] = ()

    @property
    def columns(self) -> list[str]:
        """The columns whose values make the groups."""
        return [name.rpartition(" ")[2] for name in self.per]


def groupings(rules: PolicyFile) -> list[Grouping]:
    """Return what caps, slices and totals that are rounded take cases together by."""
    found = [Grouping(cap.id, cap.per, cap.when) for cap in rules.caps if cap.per is not None]
    found += [Grouping(cap.id, cap.compared, cap.when) for cap in rules.caps if cap.as_one]
    if rules.rates.per is not None:
        found.append(Grouping("rates", rules.rates.per))
    form = rules.compensation
    if form is not None and form.per is not None:
        found.append(Grouping(FORM, form.per))
    return found


FORM = "compensation"
"""What takes cases together whose total is rounded, as messages name it."""


@functools.lru_cache(maxsize=4096)
def operations_of(value: object) -> tuple[Operation, ...]:
    """Return every operation anywhere in a part of a policy file; much asks for them."""
    found = [value] if isinstance(value, Operation) else []
    for part in _inside(value):
        found += operations_of(part)
    return tuple(found)


def strings_in(value: object) -> Iterator[str]:
    """Yield every string anywhere in a part of a policy file, names of quantities among them."""
    if isinstance(value, str):
        yield value
    for part in parts_inside(value):
        yield from strings_in(part)


def _inside(value: object) -> list[object]:
    """Return the parts of a part of a policy file that have parts themselves."""
    return [part for part in parts_inside(value) if isinstance(part, tuple | Strict)]


def parts_inside(value: object) -> tuple[object, ...]:
    """Return the parts of a part of a policy file, of whatever type."""
    if isinstance(value, Strict):
        return tuple(getattr(value, name) for name in value.__dataclass_fields__)
    return value if isinstance(value, tuple) else ()


class Measure(NamedTuple):
    """A measure of institutions: what, over how many years, of which contracts.

    `on`: of `OF_ROWS`, the date that puts rows of its table into the year; `quantity`: what of them
    is added up. `per`: the columns whose values make the groups of contracts that it is of instead;
    `day`: that of the case on which they are measured, if they are not of the year.
    """

    of: MeasureName
    years: int = 1
    where: tuple[Test, ...] = ()
    quantity: Quantity | None = None
    on: str = ""
    per: tuple[str, ...] | None = None
    day: Quantity | None = None

    @property
    def names(self) -> set[str]:
        """The columns that say which rows count, and what of them is added up."""
        own = {self.on} - {""} | (set() if self.quantity is None else names_in(self.quantity))
        return own | names_in_tests(self.where)


class MeasuredRatio(NamedTuple):
    """An indicator that is a measure, or one measure over another; `growth`: less one."""

    numerator: Measure
    denominator: Measure | None = None
    growth: bool = False
    zero_over_zero: str = "undefined"


def measure_of(quantity: Quantity | None) -> Measure | None:
    """Return the measure that a quantity is; None where it is another."""
    if isinstance(quantity, Operation) and quantity.measure is not None:
        on = quantity.on if isinstance(quantity.on, str) and quantity.measure in OF_ROWS else ""
        made_of = (quantity.measure, quantity.years, quantity.where, quantity.of, on)
        return Measure(*made_of, quantity.per, day_measured(quantity))
    return None


@functools.lru_cache(maxsize=64)
def group_measures(rules: PolicyFile) -> tuple[Measure, ...]:
    """Return the measures of the groups of cases, each once."""
    found = map(measure_of, filter(measures_group, operations_of(rules)))
    return tuple(dict.fromkeys(measure for measure in found if measure is not None))


def looks_at_groups(rules: PolicyFile, quantity: Quantity) -> bool:
    """Return whether a quantity is computed from measures of the groups of cases."""
    own = own_quantities(rules, names_in(quantity))
    said = (quantity, *(value for _, value in own))
    return any(map(measures_group, operations_of(said)))


MEASURED_GROUPS = "measure"
"""What takes contracts together for `group_measures`, as messages name it."""


def groups_measured(rules: PolicyFile) -> list[Grouping]:
    """Return the columns by which `group_measures` take contracts together, each list once."""
    listed = dict.fromkeys(each.per or () for each in group_measures(rules))
    return [Grouping(MEASURED_GROUPS, per) for per in listed]


def measured_ratio(quantity: Quantity) -> MeasuredRatio | None:
    """Return the measures that an indicator is made of; None where it is made in another way.

    Measures of rows may be fractions, or undefined.
    """
    growth = False
    if isinstance(quantity, Operation) and quantity.minus is not None:
        first, *others = quantity.minus
        if others == [Decimal(1)]:
            quantity, growth = first, True
    if isinstance(quantity, Operation) and quantity.over is not None and len(quantity.over) == 2:
        part, whole = map(measure_of, quantity.over)
        if part is not None and whole is not None and not {part.of, whole.of} & OF_ROWS:
            return MeasuredRatio(part, whole, growth, quantity.zero_over_zero)
    alone = measure_of(quantity)
    return None if alone is None or growth or alone.of in OF_ROWS else MeasuredRatio(alone)


def number(quantity: Quantity | None) -> Decimal | None:
    """Return the number that a quantity is; None where it is another."""
    return quantity if isinstance(quantity, Decimal) else None


def constant(quantity: Quantity) -> Decimal | datetime.date | None:
    """Return the number or the date that a quantity is; None where it is computed or named."""
    return quantity if isinstance(quantity, Decimal | datetime.date) else None


def dated(values: tuple[DatedValue, ...]) -> list[datetime.date]:
    """Return the days from which dated values hold."""
    return [value.from_ for value in values]


def payer_names(rules: PolicyFile) -> dict[str, Note]:
    """Return the payers' names by id, each once; one has several shares under different tests."""
    names: dict[str, Note] = {}
    for payer in rules.payers:
        names.setdefault(payer.id, payer.name)
    return names


def paid_columns(rules: PolicyFile) -> tuple[str, ...]:
    """Return the columns of what each payer has paid, in the order of `payer_names`; none if so."""
    columns = {payer.id: payer.paid for payer in reversed(rules.payers)}
    return tuple(filter(None, map(columns.__getitem__, payer_names(rules))))


def payers_from_settlements(rules: PolicyFile) -> bool:
    """Return whether a policy looks at what each payer paid before, and no column says it.

    A settlement knows it, since it decides the cases of all years.
    """
    if paid_columns(rules):
        return False
    named = not payer_names(rules).keys().isdisjoint(rules.returns.named)
    return named or any(cap.payer is not None and cap.years != "this" for cap in rules.caps)


def needed_names(rules: PolicyFile, quantity: Quantity) -> set[str]:
    """Return the columns and indicators without which a quantity has no value.

    Not those that it can do without, also where it is made of the policy's own quantities.
    """
    if isinstance(quantity, str):
        own = {QUANTITY_PREFIX + each.id: each.value for each in rules.quantities}
        return needed_names(rules, own[quantity]) if quantity in own else {quantity}
    if not isinstance(quantity, Operation) or quantity.first_given or quantity.choose:
        return set()
    if quantity.measure is not None:
        # Of the columns that make its groups `engine.case_faults` speaks.
        day = day_measured(quantity)
        return set() if day is None else needed_names(rules, day)
    return set().union(*(needed_names(rules, each) for each in operands(quantity)))


_UNSURE = {"over", "working_days", "choose", "series", "values", "first_given", "measure"}
"""Operations that may have no value although their operands have."""


@functools.lru_cache(maxsize=1024)
def always_known(quantity: Quantity) -> bool:
    """Return whether a quantity has a value wherever the columns that it needs are filled in.

    Not where it divides, reads a series or dated values, or uses an indicator or another quantity.
    """
    return all(
        not part.startswith((INDICATOR_PREFIX, QUANTITY_PREFIX))
        if isinstance(part, str)
        else not isinstance(part, Operation) or _UNSURE.isdisjoint(operations_in(part))
        for part in parts_of(quantity)
    )


@functools.lru_cache(maxsize=64)
def sums_up_balances(rules: PolicyFile) -> bool:
    """Return whether a policy sums up the balances of its cases' contracts over days."""
    return any(each.balance_days is not None for each in operations_of(rules))


def parties_named(rules: PolicyFile) -> list[str]:
    """Return the parties whose part of an amount the policy computes, each once."""
    named = (each.borne_by for each in operations_of(rules) if each.borne_by is not None)
    return list(dict.fromkeys(named))
