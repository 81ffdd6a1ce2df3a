"""Values of the year before that institutions lack, where their cases are refused for that alone.

A row of this year that is not there is a fault. One of last year may be missing rightly, as that of
a new institution; it may be forgotten, too, and the reason of its cases names only what they fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from compensation.arrays import arrow
from compensation.columns import Flags
from compensation.engine.inputs import RuleInputs
from compensation.faults.groups import FaultGroup
from compensation.language import Text, joined
from compensation.ledger.ids import UNKNOWN
from compensation.ledger.row_warnings import warn
from compensation.policy.catalogue import Policy
from compensation.policy.model import Operation, PolicyFile, Quantity
from compensation.policy.quantities import (
    INDICATOR_PREFIX,
    QUANTITY_PREFIX,
    names_in_tests,
    operands,
    operations_of,
    resolved,
)
from compensation.policy.value_words import name_title
from compensation.policy.variables import INSTITUTION
from compensation.policy.years_read import CONTRACTS, years_read
from compensation.rules.compensation import Decisions, evaluator_of
from compensation.rules.conditions import holding
from compensation.rules.decision import (
    NO_TIER,
    Cases,
    figures_of,
    none_failed,
    tests_by_id,
)
from compensation.rules.indicators import derived_openings
from compensation.rules.steps import Steps
from compensation.schema.dictionary import INSTITUTION_YEARS


def values_before(inputs: RuleInputs, cases: Cases, decisions: Decisions) -> Iterator[FaultGroup]:
    """Yield a warning for each institution without a value of an earlier year, see above.

    A blank cell that a condition alone looks at may be meant so. Where `first_given` takes
    something else, an institution is told of unless its contracts say that it is new: its row may
    be forgotten.
    """
    rules = inputs.policy.rules
    own = [INDICATOR_PREFIX + each.id for each in rules.indicators]
    read = {name: years_read(rules, name) for name in own}
    given = (each.first_given for each in operations_of(rules) if each.first_given)
    instead = set().union(*(years_read(rules, first) for first, *_ in given))
    without_row: dict[int, dict[str, Flags]] = {}
    taken, has_contracts = np.zeros((2, inputs.books.institutions), dtype=np.bool_)
    has_contracts[inputs.books.institution] = True
    taken[cases.institution[decisions.eligible]] = True
    for column, back in sorted(set().union(*read.values())):
        if column == CONTRACTS or not back:
            continue
        before = replace(inputs, year=inputs.year - back, columns=None)
        no_row = before.rows_by_year(inputs.ledgers, INSTITUTION_YEARS.name) == UNKNOWN
        blank = ~before.column(column).known & ~no_row
        made_of = {name for name, of in read.items() if (column, back) in of}
        if (rows := _refused_for(inputs, made_of, cases, decisions, no_row, conditions=True)).any():
            without_row.setdefault(before.year, {})[column] = rows
        if (column, back) in instead:
            said = ANOTHER_TAKEN.fill(column=name_title(inputs.policy, column), year=before.year)
            old = ~has_contracts | derived_openings(inputs.books, before.year + 1).older
            yield from _warnings(inputs, said, no_row & taken & old)
        rows = _refused_for(inputs, made_of, cases, decisions, blank, conditions=False)
        said = BLANK_BEFORE.fill(column=name_title(inputs.policy, column), year=before.year)
        yield from _warnings(inputs, said, rows)
    for year, of in without_row.items():
        titles = joined((name_title(inputs.policy, column) for column in of), "、", ", ")
        said = NO_ROW_BEFORE.fill(table=INSTITUTION_YEARS.title, columns=titles, year=year)
        yield from _warnings(inputs, said, np.logical_or.reduce([*of.values()]))


def _warnings(inputs: RuleInputs, message: Text, institutions: Flags) -> list[FaultGroup]:
    rows = np.flatnonzero(institutions)
    ids = inputs.ledgers.column("institutions", "institution_id").take(arrow(rows)).to_pylist()
    place = ("institutions", "institution_id", rows, WHOSE, {"id": ids})
    return warn(inputs.ledgers, "no_value_before", message, *place)


NO_ROW_BEFORE = Text(
    "表 {table} 中没有这一机构 {year} 年度的行，政策要用其中的{columns}，缺少它的不予补偿。"
    "请补填该行；确实没有的（如新设机构），请核对政策是否写明没有时按什么计算",
    "the table {table} has no row of this institution and {year}: the policy looks at {columns} in "
    "it, and cases are not eligible without it. Add the row; if there was none, as of a new "
    "institution, check that the policy says what counts without it",
)
BLANK_BEFORE = Text(
    "{year} 年度的{column}为空白，政策要用它计算，缺少它的不予补偿。请补填；确实没有的，"
    "请核对政策是否写明没有时按什么计算",
    "{column} of {year} is blank: the policy computes with it, and cases are not eligible without "
    "it. Fill it in; if there was none, check that the policy says what counts without it",
)
ANOTHER_TAKEN = Text(
    "没有这一机构 {year} 年度的行，{column}按政策写明的其他数计算；请核对是否漏填该行",
    "there is no row of this institution and {year}, so that the policy takes something else for "
    "{column}: check whether the row was forgotten",
)
WHOSE = Text("：{id}", ": {id}")


def _computed_with(rules: PolicyFile, quantities: Iterable[Quantity]) -> set[str]:
    """Return the names by which quantities may have no value: not those that choices test.

    A blank passes no test, and another choice is taken, if there is one for all other cases.
    """
    own = {QUANTITY_PREFIX + each.id: each.value for each in rules.quantities}
    found, waiting = set[Quantity](), list(quantities)
    while waiting:
        each = waiting.pop()
        if each in found:
            continue
        found.add(each)
        if isinstance(each, str):
            waiting += [own[each]] if each in own else []
        elif isinstance(each, Operation) and each.choose and not each.choose[-1].when:
            waiting += [choice.value for choice in each.choose]
        elif isinstance(each, Operation):
            waiting += operands(each)
    return {each for each in found if isinstance(each, str)}


def _users(policy: Policy, name: str) -> set[str]:
    """Return the conditions and other elements that may have no value, or fail, by an indicator."""
    rules = policy.rules
    tested = tests_by_id(policy).items()
    users = {id_ for id_, tests in tested if name in resolved(rules, names_in_tests(tests))}
    users |= {f.user for f in figures_of(policy) if name in _computed_with(rules, f.quantities)}
    additions = {addition.id for addition in rules.rates.additions}
    if users & additions or any(user.startswith("rates") for user in users):
        users.add(NO_TIER)
    return users


def _refused_for(
    inputs: RuleInputs,
    names: set[str],
    cases: Cases,
    decisions: Decisions,
    lacking: Flags,
    *,
    conditions: bool,
) -> Flags:
    """Return the institutions with cases that fail nothing but what looks at some indicators.

    `lacking`: the institutions without what the indicators are computed with. `conditions`: whether
    conditions count among what looks at them.
    """
    policy, rules = inputs.policy, inputs.policy.rules
    found = np.zeros_like(lacking)
    if not lacking.any():
        return found
    for name in names & cases.variables.keys():
        users, others = _users(policy, name), np.ones_like(decisions.eligible)
        if not conditions:
            users -= {each.id for each in (*rules.institution_conditions, *rules.claim_conditions)}
        elif any(each.id in users for each in rules.institution_conditions):
            rest = [each for each in rules.institution_conditions if each.id not in users]
            others = holding(rest, evaluator_of(policy, cases, Steps()))
            users |= {each.id for each in rules.claim_conditions if each.value == INSTITUTION}
        failed = {reason: of for reason, of in decisions.failed.items() if reason not in users}
        refused = others & none_failed(failed, len(others)) & ~decisions.eligible
        refused &= ~cases.variables[name].known & lacking[cases.institution]
        found[cases.institution[refused]] = True
    return found
