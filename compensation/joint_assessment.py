"""A year assessed under several policies, each for the claims of the days on which it is in force.

The rules are those of `assess`; a budget is shared over the payables of all policies together.
"""

from __future__ import annotations

import datetime
import operator
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from compensation.assessment import Assessment, budget_fen, decide_year, year_faults
from compensation.cards import Card, Shown
from compensation.columns import Integers
from compensation.engine.case_faults import case_faults, paid_without_day
from compensation.engine.cases import cases_of
from compensation.engine.claim_guards import unpaid_with_recoveries
from compensation.engine.guards import other_years, part_of_year, years_of
from compensation.engine.inputs import RuleInputs, rule_inputs
from compensation.engine.policy_budget import policy_budget
from compensation.engine.run import Decided
from compensation.faults.groups import FaultGroup
from compensation.faults.input_faults import InputFaults
from compensation.joint_results import JointRun, joint_summary, joint_tables
from compensation.ledger.as_of import day_of, ledgers_as_of
from compensation.ledger.loading import Step, tell_nobody
from compensation.ledger.portfolio import Ledgers, Portfolio
from compensation.policy.catalogue import Policy, load_policy
from compensation.readers.changing_input import unchanged
from compensation.readers.reading import open_input
from compensation.result_cards import INSIDE, card_of_year
from compensation.results import frame_of
from compensation.rules import award
from compensation.rules.compensation import budget_turn, share_budget, shared_by
from compensation.rules.steps import Steps
from compensation.settlement.deciding import (
    covered_claims,
    payments_above,
    recovered_faults,
    terms_of,
    with_policy_columns,
)
from compensation.settlement.in_force import (
    Coverage,
    budget_faults,
    only_settled,
    own_years,
    several_years,
    together_faults,
)
from compensation.settlement.returning import returned_to_date
from compensation.settlement.settle import PolicyGiven
from compensation.settlement.warnings import joint_warnings
from compensation.streaming import ledgers_for, no_review_sheet, whole_portfolio
from compensation.written_results import WrittenResult

if TYPE_CHECKING:
    import pandas as pd

    from compensation.ledger.reviews import Reviews


class JointAssessment(Shown, WrittenResult, JointRun):
    """The result of a year under several policies; see `assess_policies`.

    `claims`, `institutions`, `returns`: DataFrames as those of `Assessment`, the first two with a
    column policy. `tables`: the same as Arrow tables. `summary`: what summary.json holds.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> joint = assess_policies(ledger, ["jiyuan-2022"], 2022)
    >>> [policy.id for policy in joint.policies]
    ['jiyuan-2022']
    """

    _inside = INSIDE

    def _card(self) -> Card:
        return card_of_year(self)

    @cached_property
    def tables(self) -> Mapping[str, pa.Table]:
        """The three result tables as Arrow tables, by name."""
        return joint_tables(self)

    @property
    def claims(self) -> pd.DataFrame:
        """The claims of the year, one row each."""
        return frame_of(self.tables["claims"])

    @property
    def institutions(self) -> pd.DataFrame:
        """A row for each institution and policy that covers a day of the year."""
        return frame_of(self.tables["institutions"])

    @property
    def returns(self) -> pd.DataFrame:
        """The recoveries and what each returns to whom, one row each."""
        return frame_of(self.tables["returns"])

    @cached_property
    def summary(self) -> dict[str, Any]:
        """What summary.json holds."""
        return joint_summary(self, self.tables)


Assessed = Assessment | JointAssessment
"""A year assessed under one policy, or under several together."""


def assess_policies(
    portfolio: Portfolio,
    policies: Sequence[PolicyGiven],
    year: int,
    budget: Decimal | int | str | None = None,
    *,
    as_of: datetime.date | str | None = None,
) -> JointAssessment:
    """Compute a year's compensation under several policies.

    A claim is decided by the policy in force on its day; on a day that none covers its status is
    ``not_covered`` and its amounts are 0. `budget` and `as_of` as in `assess`; the budget is shared
    over the payables of all policies. Raises `InputFaults` as `assess` does, and where the policies
    do not fit together or none of them covers a day of the year.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> joint = assess_policies(ledger, ["jiyuan-2022"], 2022)
    >>> joint.summary["totals"]["compensation"]
    '200027.25'
    """
    if not isinstance(portfolio, Portfolio):
        raise TypeError(f"assess_policies takes a Portfolio, not {type(portfolio).__name__}")
    run, faults = joint_run_of(policies, year, budget, as_of, portfolio.day)
    return _assess_run(portfolio, run, faults)


def _assess_run(portfolio: Portfolio, run: YearRun, faults: list[FaultGroup]) -> JointAssessment:
    """Assess a portfolio; raises `InputFaults` with those so far, and what the portfolio lacks."""
    ledgers, wrong = with_policy_columns(portfolio, run.policies)
    if faults or wrong:
        raise InputFaults([*faults, *wrong])
    return assess_ledgers(ledgers, run)


def assess_policies_files(
    path: str | os.PathLike[str],
    policies: Sequence[PolicyGiven],
    year: int,
    budget: Decimal | int | str | None = None,
    *,
    as_of: datetime.date | str | None = None,
    reviews: Reviews | None = None,
    step: Step | None = None,
) -> JointAssessment:
    """Read, check and assess an input under several policies, as `assess_files` under one.

    The result is that of `assess_policies` of `read_portfolio`. Raises `InputFaults` with every
    fault of the input, the policies, the year, the budget and the day; `PolicyFaults`.
    """
    with unchanged(path):
        tables, unread = open_input(path)
        run, faults = joint_run_of(policies, year, budget, as_of)
        told = step or tell_nobody
        if run.policies and run.policies[0].rules.record != "payout":
            no_review_sheet(run.policies[0], reviews)
            if faults:
                raise InputFaults(faults)
            portfolio = whole_portfolio(tables, unread, run.policies[0])
            return _assess_run(portfolio, run, [])
        faults += unread
        ledgers = ledgers_for(run.policies, tables, faults, run.day, reviews=reviews, step=told)
        return assess_ledgers(ledgers, run)


class YearRun(NamedTuple):
    """What is assessed under which policies; `budget` is fen, `day` days since 1970-01-01."""

    policies: tuple[Policy, ...]
    year: int
    budget: int | None
    day: int | None


def joint_run_of(
    policies: Sequence[PolicyGiven],
    year: int,
    budget: Decimal | int | str | None,
    as_of: datetime.date | str | None,
    latest: int | None = None,
) -> tuple[YearRun, list[FaultGroup]]:
    """Return the policies, year, budget and day of a run, and what is wrong with them.

    `latest`: the day as of which the ledgers are looked at already. Raises `PolicyFaults`.
    """
    chosen = tuple(load_policy(policy) for policy in policies)
    year = operator.index(year)
    in_fen, faults = budget_fen(budget)
    faults += together_faults(chosen)
    for policy in chosen:
        faults += [*several_years(policy), *own_years(policy), *only_settled(policy)]
    faults += budget_faults(chosen, in_fen)
    uncovered = [fault for policy in chosen for fault in year_faults(policy, year)]
    if len(uncovered) == len(chosen):
        faults += uncovered
    day, no_day = (latest, []) if as_of is None else day_of(as_of, latest)
    return YearRun(chosen, year, in_fen, day), [*faults, *no_day]


def assess_ledgers(ledgers: Ledgers, run: YearRun) -> JointAssessment:
    """Assess ledgers that have the columns of the policies; ``run`` must be without faults.

    Raises `InputFaults` where rows of the ledgers keep a claim from being decided.
    """
    chosen, year, in_fen, day = run
    held = ledgers
    ledgers = cases_of(held, chosen, year)
    covered = covered_claims(ledgers, chosen)
    faults = payments_above(ledgers, chosen, covered)
    faults += paid_without_day(chosen[0], ledgers, covered.day)
    decided_rows = list(_of_year(ledgers, chosen, covered, year))
    for inputs, rows in decided_rows:
        faults += case_faults(inputs, rows)
    faults += recovered_faults(ledgers, chosen, covered, decided_rows)
    if faults:
        raise InputFaults(faults)
    if day is not None and day != ledgers.day:
        ledgers = cases_of(ledgers_as_of(held, day), chosen, year)
        covered = covered_claims(ledgers, chosen)
    of_year = list(_of_year(ledgers, chosen, covered, year))
    decided = [decide_year(inputs, rows) for inputs, rows in of_year]
    if in_fen is None and of_year:
        in_fen = policy_budget(of_year[0][0])
    return _concluded(ledgers, chosen, year, in_fen, covered, decided)


def _of_year(
    ledgers: Ledgers, policies: Sequence[Policy], covered: Coverage, year: int
) -> Iterator[tuple[RuleInputs, Integers]]:
    """Yield what the rules see of each policy that covers a day of the year, and its claims."""
    for place, policy in enumerate(policies):
        if not year_faults(policy, year):
            rows = np.flatnonzero((covered.policy == place) & (covered.year == year))
            yield rule_inputs(ledgers, policy, year), rows.astype(np.int64)


def _concluded(
    ledgers: Ledgers,
    policies: tuple[Policy, ...],
    year: int,
    budget: int | None,
    covered: Coverage,
    decided: Sequence[Decided],
) -> JointAssessment:
    """Return the result once every claim is decided: share the budget, return recoveries."""
    due = np.zeros(ledgers.rows("claims"), dtype=np.int64)
    turn = np.zeros_like(due)
    for each in decided:
        due[each.claim_rows] = each.decisions.due
        turn[each.claim_rows] = budget_turn(each.policy, each.cases, each.year)
    payable = due
    if budget is not None and int(due.sum()) > budget:
        rank = ledgers.claim_ranks
        payable = share_budget(shared_by(policies[0], budget, rank, turn), due, Steps())
    years = [_with_payable(each, payable[each.claim_rows]) for each in decided]
    paid = ledgers.numbers("claims", "compensation_paid").copy()
    for each in years:
        paid[each.claim_rows] += each.decisions.borne_now
    returned = returned_to_date(ledgers, paid, terms_of(ledgers, policies, covered))
    inputs = years[0].inputs
    of_year = [
        *part_of_year(inputs),
        *other_years(policies[0], year, len(paid), years_of(inputs)),
        *unpaid_with_recoveries(inputs, policies),
    ]
    of_run = np.flatnonzero(covered.year == year).astype(np.int64)
    warnings = joint_warnings(ledgers, policies, year, years, of_run, of_year)
    return JointAssessment(
        ledgers, policies, year, budget, covered, tuple(years), returned, warnings
    )


def _with_payable(decided: Decided, payable: Integers) -> Decided:
    """Return what was decided with what the budget leaves payable."""
    payers = award.among_payers(payable, decided.decisions.payer_shares)
    decisions = decided.decisions._replace(payable=payable, payers=payers)
    return replace(decided, decisions=decisions)
