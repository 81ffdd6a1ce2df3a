"""Cells that a decision needs and that are blank: a fault each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain

import numpy as np

from compensation.arrays import arrow
from compensation.columns import Flags, Integers, distinct
from compensation.engine.input_variables import row_table
from compensation.engine.inputs import RuleInputs
from compensation.engine.measures_needed import DERIVED
from compensation.engine.needed_columns import by_own_headings, column_of_policy
from compensation.faults.groups import FaultGroup
from compensation.language import Text
from compensation.ledger.ids import UNKNOWN
from compensation.policy.catalogue import Policy
from compensation.policy.model import Quantity
from compensation.policy.quantities import needed_names
from compensation.policy.years_read import years_read
from compensation.rules.decision import figures_of, variables_needed
from compensation.schema.column import ColumnType
from compensation.schema.dictionary import ROWS_OF, table
from compensation.values.dates import date_of


def figures_used(policy: Policy) -> tuple[str, ...]:
    """Return the columns of claims and contracts, and by year, that amounts are computed with."""
    used = (_columns_of(policy, each.quantities) for each in figures_of(policy))
    return tuple(dict.fromkeys(chain.from_iterable(used)))


def _columns_of(policy: Policy, quantities: Iterable[Quantity]) -> list[str]:
    """Return the columns of claims and contracts, and by year, that quantities need for a value.

    A blank of institutions is no fault: their cases have no base or no rate.
    """
    names = set().union(*(needed_names(policy.rules, each) for each in quantities))
    computed = {*DERIVED, "claims.principal", "claims.interest"}
    of_cases = ("claims", "contracts", *ROWS_OF)
    return sorted(n for n in names - computed if n.partition(".")[0] in of_cases)


ZERO_IF_NONE = Text("没有发生的，填 0", "0 where there was none")


A_DATE = Text(
    "日期；允许空白的，在政策中用 first_given 写明空白时按什么日期计算",
    "a date; where it may be blank, first_given in the policy says what counts instead",
)


def blank_figures(inputs: RuleInputs, claims: Integers) -> list[FaultGroup]:
    """Return a fault for each of the year's claims that lacks a figure the policy computes with.

    What a base, a rate or a cap is computed from has no value of its own when blank; none is made
    up. Only claims count to which it applies. `claims`: rows of the year's claims.
    """
    policy, ledgers = inputs.policy, inputs.ledgers
    contracts = ledgers.links.claim_contract[claims]
    institutions = ledgers.links.contract_institution[contracts]
    rows_of = {"claims": claims, "contracts": contracts, "institutions": institutions}
    lacking: dict[str, Flags] = {}
    for key, required in _by_year(policy).items():
        rows = rows_of[row_table(key)]
        of_year = inputs.rows_by_year(ledgers, key.partition(".")[0])[rows]
        lacking[key] = ~inputs.column(key).known[rows] if required else of_year == UNKNOWN
    order = policy.rules.budget.order
    if order is not None:
        lacking[order] = ~inputs.column(order).known[rows_of[order.partition(".")[0]]]
    for figures in figures_of(policy):
        for key in _columns_of(policy, figures.quantities):
            blank = ~inputs.column(key).known[rows_of[row_table(key)]]
            if blank.any() and figures.when:
                blank = blank & inputs.applies(figures.when, claims)
            lacking[key] = lacking.get(key, np.zeros_like(blank)) | blank
    return _blank(inputs, lacking, rows_of)


def _by_year(policy: Policy) -> dict[str, bool]:
    """Return the values by year that decisions of a year look at, and whether none may be blank.

    A cell that may be blank is one thing, a row that is not there another: it may be forgotten.
    """
    rules = policy.rules
    needed = set(variables_needed(policy, measures=False))
    for indicator in rules.indicators:
        needed |= {name for name, back in years_read(rules, indicator.value) if back == 0}
    return {
        name: column.required
        for column in rules.columns
        if column.table in ROWS_OF and (name := f"{column.table}.{column.name}") in needed
    }


def later_releases(inputs: RuleInputs, claims: Integers) -> list[FaultGroup]:
    """Return a fault for each release after the day of the ledgers that the policy computes with.

    On that day it is as if blank, and what is computed from it has no value: what was paid would
    have to be recalled. `claims`: rows of the year's claims.
    """
    day = inputs.ledgers.day
    if day is None:
        return []
    message = LATER_RELEASE.fill(policy=inputs.policy.id, day=date_of(day))
    lacking = (each for each in blank_figures(inputs, claims) if each.column == "release_date")
    return [replace(group, message=message, expected=FIRST_GIVEN) for group in lacking]


LATER_RELEASE = Text(
    "政策 {policy} 用解除日期计算，这一日期晚于 {day}，截至该日视为空白",
    "policy {policy} computes with the release date: it is after {day}, on which it is as if blank",
)
FIRST_GIVEN = Text(
    "在政策中用 first_given 写明尚未解除的按哪一天计算",
    "a policy that says by first_given which day counts while there is no release",
)


def _blank(
    inputs: RuleInputs, lacking: Mapping[str, Flags], rows_of: Mapping[str, Integers]
) -> list[FaultGroup]:
    """Return a fault for each cell of a column that is lacking; `rows_of`: its rows, by table."""
    policy, ledgers = inputs.policy, inputs.ledgers
    message = Text(
        "政策 {policy} 要用这一格计算，不能为空",
        "policy {policy} computes with this cell: it is blank",
    ).fill(policy=policy.id)
    faults = []
    of_no_year: dict[str, list[Integers]] = {}
    for key, blank in lacking.items():
        name, _, column = key.partition(".")
        rows = distinct(rows_of[row_table(key)][blank])
        if name in ROWS_OF:
            of_year = inputs.rows_by_year(ledgers, name)[rows]
            of_no_year.setdefault(name, []).append(rows[of_year == UNKNOWN])
            rows = np.sort(of_year[of_year != UNKNOWN])
        if len(rows):
            locate = ledgers.unmapped[name].locate
            dated = column_of_policy(policy, key).type is ColumnType.DATE
            expected = A_DATE if dated else ZERO_IF_NONE
            faults.append(FaultGroup("blank", message, name, column, expected, rows, None, locate))
    for name, without in of_no_year.items():
        rows = distinct(np.concatenate(without))
        if len(rows):
            faults.append(_of_no_year(inputs, name, rows))
    return faults


def _of_no_year(inputs: RuleInputs, name: str, rows: Integers) -> FaultGroup:
    """Return the fault of rows of institutions or contracts that have no row in a table by year."""
    policy, ledgers = inputs.policy, inputs.ledgers
    of, id_ = ROWS_OF[name], table(name).columns[0].name
    message = Text(
        "政策 {policy} 要用表 {table} 中 {year} 年度的数，该表没有这一编号该年度的行",
        "policy {policy} looks at values of {year} in the table {table}, which has no row of this "
        "id and year",
    ).fill(policy=policy.id, table=table(name).title, year=inputs.year)
    expected = Text("该编号、该年度的一行", "a row of the id and the year")
    values = ledgers.column(of, id_).take(arrow(rows)).to_pylist()
    locate = ledgers.unmapped[of].locate
    return FaultGroup("no_row_of_year", message, of, id_, expected, rows, values, locate)


def blank_recovered(inputs: RuleInputs, of: Integers, without: Integers) -> list[FaultGroup]:
    """Return a fault for each claim with recoveries that lacks a figure they are returned by.

    `of`: the rows of claims whose recoveries return by this policy. `without`: those of claims that
    `blank_figures` looks at.
    """
    policy, ledgers = inputs.policy, inputs.ledgers
    quantities = policy.rules.returns.quantities
    if not quantities:
        return []
    rows = np.setdiff1d(np.intersect1d(ledgers.links.recovery_claim, of), without)
    rows_of = {"claims": rows, "contracts": ledgers.links.claim_contract[rows]}
    lacking = {
        key: ~inputs.column(key).known[rows_of[key.partition(".")[0]]]
        for key in _columns_of(policy, quantities)
    }
    return by_own_headings(_blank(inputs, lacking, rows_of), [policy])


def uneven_returns(inputs: RuleInputs, of: Integers) -> list[FaultGroup]:
    """Return a fault for each claim whose recoveries cannot be returned by what the policy says.

    Its shares of them do not make 1, or an amount that the returns speak of has no value.

    `of`: the rows of claims whose recoveries return by this policy.
    """
    if not inputs.policy.rules.returns.by_case:
        return []
    rows = np.intersect1d(inputs.ledgers.links.recovery_claim, of)
    sound = inputs.lost(rows).sound
    assert sound is not None
    wrong = rows[~sound & ~_lack_cells(inputs, rows)]
    if not len(wrong):
        return []
    message = UNEVEN_RETURNS.fill(policy=inputs.policy.id)
    locate = inputs.ledgers.unmapped["claims"].locate
    return [FaultGroup("return_share", message, "claims", rows=wrong, locate=locate)]


def _lack_cells(inputs: RuleInputs, claims: Integers) -> Flags:
    """Return which claims lack a cell that returns are computed with, which is a fault itself."""
    policy, links = inputs.policy, inputs.ledgers.links
    rows_of = {"claims": claims, "contracts": links.claim_contract[claims]}
    lack = np.zeros(len(claims), dtype=np.bool_)
    for key in _columns_of(policy, policy.rules.returns.by_case):
        lack |= ~inputs.column(key).known[rows_of[key.partition(".")[0]]]
    return lack


UNEVEN_RETURNS = Text(
    "政策 {policy} 的追偿返还（returns），这一笔的份额或金额为空白、无法计算、小于 0，"
    "或份额合计不是 100%",
    "the shares or amounts of this claim's recoveries (returns of policy {policy}) are blank, "
    "cannot be computed, are below 0, or the shares do not make 100%",
)
