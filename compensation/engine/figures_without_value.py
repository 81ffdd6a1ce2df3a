"""Figures without a value by which tiers, choices, additions and caps were passed over.

A blank passes no test. Of a condition that shuts a case out, and its reasons say so; of what lowers
an amount it is to the advantage of who is paid, and nothing else in the result speaks of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from compensation.arrays import arrow
from compensation.columns import Flags, Integers, distinct
from compensation.engine.inputs import RuleInputs
from compensation.engine.measures_needed import DERIVED, measures_of
from compensation.engine.needed_columns import by_own_headings
from compensation.engine.open_elements import left_open
from compensation.faults.groups import FaultGroup
from compensation.language import Text
from compensation.ledger.portfolio import Ledgers
from compensation.ledger.records import TABLE_OF
from compensation.ledger.row_warnings import warn
from compensation.policy.kinds import Kind
from compensation.policy.model import Operation, PolicyFile, Quantity, Test
from compensation.policy.quantities import (
    PAID_EARLIER,
    QUANTITY_PREFIX,
    group_measures,
    names_in,
    names_in_tests,
    parts_inside,
    parts_of_test,
    quantities_of_test,
    resolved,
)
from compensation.policy.quantity_words import describe_quantity
from compensation.policy.tiers import tier_tests
from compensation.policy.variables import INSTITUTION, NEVER_BLANK, inferred_kind
from compensation.rules.compensation import Decisions, decide, evaluator_of
from compensation.rules.decision import OF_INSTITUTIONS, Cases, institution_variable, judge
from compensation.rules.quantities import Evaluator
from compensation.rules.steps import Steps
from compensation.rules.variables import take
from compensation.schema.dictionary import table


class _Figure(NamedTuple):
    """What a test looks at, and on which cases it has no value."""

    quantity: Quantity
    blank: Flags


def figures_without_value(
    inputs: RuleInputs, claim_rows: Integers, cases: Cases, decisions: Decisions
) -> Iterator[FaultGroup]:
    """Yield a warning for each figure without a value on whose tests an amount rests.

    The cases are decided once more as if all elements applied that blanks leave open. A blank text,
    or yes or no, may well mean no: it is told of where the amount would be less. A figure of an
    institution is named once. `claim_rows`: those that ``cases`` and ``decisions`` are of.
    """
    yield from _rows_left_out(inputs, claim_rows, cases, decisions)
    blank = [figure for figure in _figures(inputs, cases) if figure.blank.any()]
    if not blank:
        return
    supposing = _supposing(inputs, cases)
    others, left = decide(inputs.policy, supposing), left_open(inputs, cases, supposing)
    differs, less = _differs(decisions, others), _less(decisions, others)
    rules = inputs.policy.rules
    for figure in blank:
        words = inferred_kind(rules, figure.quantity) in (Kind.TEXT, Kind.BOOLEAN)
        open_ = (rows for when, rows in left.items() if figure.quantity in _looked_at([when]))
        # What is shared makes the amounts of others differ, whose elements do not apply anyway.
        concerned = np.logical_or.reduce([*open_, np.zeros_like(figure.blank)])
        concerned &= figure.blank & (less if words else differs) & decisions.eligible
        names = resolved(rules, names_in(figure.quantity))
        if all(name.startswith(OF_INSTITUTIONS) for name in names):
            name, rows = "institutions", distinct(cases.institution[concerned])
        else:
            name, rows = TABLE_OF[rules.record], inputs.case_rows(claim_rows[concerned])
        id_ = table(name).columns[0].name
        message = WITHOUT_VALUE.fill(figure=describe_quantity(inputs.policy, figure.quantity))
        ids = {"id": inputs.ledgers.column(name, id_).take(arrow(rows)).to_pylist()}
        yield from warn(inputs.ledgers, "without_value", message, name, id_, rows, WHOSE, ids)


WITHOUT_VALUE = Text(
    "{figure}为空白或无法计算，按它判断的档次、选项、加点或上限没有适用；如果适用，金额会不同。"
    "请核对台账，或在政策中用 given 写明没有这个数时按什么计算",
    "{figure} is blank or undefined, so that a tier, choice, addition or cap that tests it did not "
    "apply; the amount would differ if it did. Check the ledger, or let the policy say by `given` "
    "what holds without the figure",
)
WHOSE = Text("：{id}", ": {id}")


def _rows_left_out(
    inputs: RuleInputs, claim_rows: Integers, cases: Cases, decisions: Decisions
) -> Iterator[FaultGroup]:
    """Yield a warning for each blank for which a measure did not count a row, as above.

    The cases are decided once more as if all such rows counted.
    """
    rules = inputs.policy.rules
    left_out: dict[str, Flags] = {}
    for of in dict.fromkeys((*measures_of(inputs.policy), *group_measures(rules))):
        name = "claims" if of.on.startswith("claims.") else "contracts"
        ledgers = _measured(inputs, name)
        tested = resolved(rules, names_in_tests(of.where)) - DERIVED - NEVER_BLANK
        known = {
            key: inputs.column_of(ledgers, key).known for key in tested if key.startswith(name)
        }
        if not all(each.all() for each in known.values()):
            rows = inputs.left_out(of)
            for key, each in known.items():
                left_out[key] = left_out.get(key, False) | (rows & ~each)
    if not any(rows.any() for rows in left_out.values()):
        return
    others = decide(inputs.policy, _counting(inputs, claim_rows, cases))
    differs, less = _differs(decisions, others).any(), _less(decisions, others).any()
    for key, rows in left_out.items():
        name, _, column = key.partition(".")
        if less if inferred_kind(rules, key) in (Kind.TEXT, Kind.BOOLEAN) else differs:
            ledgers = _measured(inputs, name)
            found = warn(ledgers, "without_value", LEFT_OUT, name, column, np.flatnonzero(rows))
            yield from by_own_headings(found, [inputs.policy])


LEFT_OUT = Text(
    "空白，按这一列取数的计算项或指标没有计入这一行；如果计入，金额会不同。请核对台账，或在政策中"
    "用 given 写明空白如何处理",
    "blank, so that a measure which tests this column did not count the row; amounts would differ "
    "if it did. Check the ledger, or let the policy say by `given` what a blank means",
)


def _measured(inputs: RuleInputs, name: str) -> Ledgers:
    """Return the ledgers with all contracts, or all payouts, that measures count."""
    ledgers = inputs.ledgers
    return (ledgers.payouts if name == "claims" else ledgers.every_contract) or ledgers


def _counting(inputs: RuleInputs, claim_rows: Integers, cases: Cases) -> Cases:
    """Return cases whose measures count the rows that they left out for want of a value."""
    policy, ledgers = inputs.policy, inputs.ledgers
    inputs = replace(inputs, counting_blanks=True, taken={})
    found = inputs.institution_variables(inputs.indicators())
    verdicts = judge(policy, found, ledgers.rows("institutions"))
    found[INSTITUTION] = institution_variable(verdicts.eligible)
    variables = {name: take(variable, cases.institution) for name, variable in found.items()}
    return cases._replace(
        variables={**cases.variables, **variables},
        tier=None if cases.tier is None else verdicts.tier[cases.institution],
        measured=inputs.groups_of(ledgers.links.claim_contract[claim_rows]),
    )


def _figures(inputs: RuleInputs, cases: Cases) -> Iterator[_Figure]:
    """Yield what the tests of elements look at, and where it has no value."""
    rules = inputs.policy.rules
    own = evaluator_of(inputs.policy, cases, Steps())
    elements = (rules.base, rules.rates.additions, rules.caps, rules.payers, rules.stages)
    whens = [each.when for listed in elements for each in listed]
    of_cases = (*elements, rules.rates, rules.claim_conditions)
    tests = [*whens, *tier_tests(rules.rates), *_choices(rules, of_cases)]
    for quantity in _looked_at(tests):
        yield _Figure(quantity, _blank(own, quantity))
    for indicator in rules.indicators:
        asked = _looked_at(_choices(rules, indicator.value))
        evaluator = inputs.evaluator_of(indicator) if asked else own
        for quantity in asked:
            yield _Figure(quantity, _blank(evaluator, quantity)[cases.institution])


def _choices(rules: PolicyFile, part: object) -> Iterator[tuple[Test, ...]]:
    """Yield the tests of each choice anywhere in a part of a policy, and in what it names.

    Not of those in measures, which look at other rows: contracts or claims of their own.
    """
    named = {QUANTITY_PREFIX + each.id: each.value for each in rules.quantities}
    waiting, found = [part], set[object]()
    while waiting:
        each = waiting.pop(0)
        each = named.get(each, each) if isinstance(each, str) else each
        if each in found or (isinstance(each, Operation) and each.measure is not None):
            continue
        found.add(each)
        if isinstance(each, Operation):
            yield from (choice.when for choice in each.choose or ())
        waiting[:0] = parts_inside(each)


def _looked_at(tests: Iterable[tuple[Test, ...]]) -> list[Quantity]:
    """Return the quantities that tests look at for their value, each once."""
    parts = [part for when in tests for test in when for part in parts_of_test(test)]
    found = (q for part in parts if not part.given for q in quantities_of_test(part))
    computed = (q for q in found if isinstance(q, str | Operation))
    return [q for q in dict.fromkeys(computed) if PAID_EARLIER not in names_in(q)]


def _blank(evaluator: Evaluator, quantity: Quantity) -> Flags:
    if isinstance(quantity, str) and quantity in evaluator.variables:
        return ~evaluator.variables[quantity].known
    return ~evaluator.compute(quantity).values.known


def _supposing(inputs: RuleInputs, cases: Cases) -> Cases:
    """Return cases whose elements apply wherever blanks leave that open.

    Whether their institutions meet the conditions stays as it is.
    """
    inputs = replace(inputs, supposing=True)
    found = inputs.institution_variables(inputs.indicators())
    variables = {name: take(variable, cases.institution) for name, variable in found.items()}
    variables = {**cases.variables, **variables}
    return cases._replace(variables=variables, tier=None, supposing=True)


def _less(decisions: Decisions, others: Decisions) -> Flags:
    """Return where a case would come to less, due or compensation."""
    less: Flags = others.compensation < decisions.compensation
    less |= others.due < decisions.due
    return less


def _differs(decisions: Decisions, others: Decisions) -> Flags:
    """Return where a case comes to another amount, due or compensation, or is paid by others."""
    differs: Flags = decisions.compensation != others.compensation
    differs = differs | (decisions.due != others.due)
    differs |= np.any(decisions.payer_shares != others.payer_shares, axis=1)
    return differs
