"""The pipeline: a portfolio, a policy and a year in, the year's compensation out. No I/O inside.

`assess` gathers the columns that the policy looks at, lets the rules decide, and keeps the results
as Arrow tables in the contract's result columns; DataFrames are made of them when asked for.
"""

from __future__ import annotations

import datetime
import operator
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from compensation.cards import Card, Shown
from compensation.columns import Integers
from compensation.engine.case_faults import case_faults, paid_without_day, unknown_before
from compensation.engine.cases import cases_of
from compensation.engine.earlier_years import earlier_claims
from compensation.engine.guards import warnings_of
from compensation.engine.inputs import RuleInputs, rule_inputs
from compensation.engine.known_pool import looked_at, unknown_pool
from compensation.engine.needed_columns import policy_faults
from compensation.engine.needed_values import blank_recovered, later_releases, uneven_returns
from compensation.engine.policy_budget import policy_budget
from compensation.engine.run import Decided, Recovered, Run, refusing_too_large
from compensation.faults.groups import FaultGroup, whole
from compensation.faults.input_faults import InputFaults
from compensation.language import Language, Text
from compensation.ledger import ids
from compensation.ledger.as_of import day_of, ledgers_as_of
from compensation.ledger.extra_columns import with_extra_columns
from compensation.ledger.payment_checks import paid_above_borne
from compensation.ledger.portfolio import Ledgers, Portfolio
from compensation.policy.catalogue import Policy, load_policy
from compensation.policy.model import Returns
from compensation.policy.party_words import called_party
from compensation.policy.quantities import payer_names, payers_from_settlements
from compensation.policy.value_words import days_in_words
from compensation.policy.variables import extra_columns
from compensation.result_cards import INSIDE, card_of_year
from compensation.results import (
    claims_table,
    frame_of,
    institutions_table,
    returns_table,
    summary_of,
)
from compensation.rules import returns
from compensation.rules.compensation import decide
from compensation.rules.conditions import effective_days
from compensation.rules.decision import judge, needs_day
from compensation.rules.indicators import year_ends
from compensation.rules.losses import Lost, borne_of, parts_after_payment
from compensation.rules.steps import Called
from compensation.schema.parties import GOVERNMENT
from compensation.values.kinds import Kind
from compensation.values.numbers import TOTAL, units_of_value
from compensation.written_results import WrittenResult

if TYPE_CHECKING:
    import pandas as pd

    from compensation.explanation import ClaimExplanation, InstitutionExplanation


@dataclass(frozen=True, eq=False, repr=False)
class Assessment(Shown, WrittenResult, Run):
    """The result of one run, for its users: as DataFrames, as a summary, and explained.

    `claims`, `institutions`, `returns`: DataFrames with Arrow-backed columns (decimal(18,2) yuan,
    decimal(18,6) ratios, date32, bool), in the order of the input; the same as Arrow tables in
    `tables`. `summary`: what summary.json holds. `warnings`: what is worth a look. What was decided
    and what it rests on are the members of `run.Run`.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> result = assess(ledger, "jiyuan-2022", 2022)
    >>> result.claims.loc[1, ["claim_id", "payable"]].tolist()
    ['DC2022-02', Decimal('7680.00')]
    """

    _inside = INSIDE
    held: Portfolio | None = field(default=None, repr=False)

    def _card(self) -> Card:
        return card_of_year(self)

    @cached_property
    def portfolio(self) -> Portfolio:
        """The portfolio that was assessed, for another policy or year.

        If the run has a day, the portfolio is as of that day.
        AttributeError after `assess_files` and `assess_frames`: they hold no portfolio.
        """
        if self.held is not None:
            day = self.ledgers.day
            return self.held if day in (None, self.held.day) else ledgers_as_of(self.held, day)
        raise AttributeError(
            "a run over files holds no portfolio: read_portfolio makes one, for any number of runs"
        )

    @cached_property
    def tables(self) -> Mapping[str, pa.Table]:
        """The three result tables as Arrow tables, by name."""
        return {
            "claims": claims_table(self),
            "institutions": institutions_table(self),
            "returns": returns_table(self),
        }

    @property
    def claims(self) -> pd.DataFrame:
        """The claims of the year, one row each; contract, section 6."""
        return frame_of(self.tables["claims"])

    @property
    def institutions(self) -> pd.DataFrame:
        """The institutions with their indicators, one row each; contract, section 6."""
        return frame_of(self.tables["institutions"])

    @property
    def returns(self) -> pd.DataFrame:
        """The recoveries and what each returns to whom, one row each; contract, section 6."""
        return frame_of(self.tables["returns"])

    @cached_property
    def summary(self) -> dict[str, Any]:
        """What summary.json holds: policy, year, budget, totals, assumptions, warnings."""
        return summary_of(self)

    def explain(self, claim_id: str) -> ClaimExplanation:
        """Explain one claim: its conditions, then its arithmetic line by line.

        Raises KeyError where the year has no such claim.
        """
        # Most runs explain nothing, and start sooner without it.
        from compensation.explanation import explain_claim

        return explain_claim(self, claim_id)

    def explain_all(self, language: Language = "zh") -> pd.DataFrame:
        """Return the arithmetic of every claim of the year, a row for each line.

        Columns: claim_id; line, from 1; name, formula and value as in `explain`, the value as it is
        printed; title, clause, basis and note. A claim takes a fraction of a millisecond a line.
        """
        # As in `explain`.
        from compensation.explanation import arithmetic_table

        return frame_of(arithmetic_table(self, language))

    def explain_institution(self, institution_id: str) -> InstitutionExplanation:
        """Explain one institution: its conditions, what is missing, and the next tier.

        Raises KeyError where there is no such institution.
        """
        # As in `explain`.
        from compensation.explanation import explain_institution

        return explain_institution(self, institution_id)


def assess(
    portfolio: Portfolio,
    policy: str | os.PathLike[str] | Policy,
    year: int,
    budget: Decimal | int | str | None = None,
    *,
    as_of: datetime.date | str | None = None,
) -> Assessment:
    """Compute a year's compensation, and how each recovery is distributed.

    `policy`: the id of a policy of the package, the path of a policy file, or a loaded policy.
    `budget`: yuan, at most two decimals, shared over all payables of the run; never a float.
    `as_of`: the day, a date or a text such as 2024-12-31, at whose end the ledgers are looked at;
    without one every row counts. Faults are looked for in all rows.
    A year that is no whole number, and anything but a `Portfolio`, is a TypeError.
    Raises `InputFaults` where the policy covers no day of the year, tests a column that the input
    lacks, the budget is no amount or the day none; `PolicyFaults` where the policy file is wrong.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> assess(ledger, "jiyuan-2022", 2022).summary["totals"]["compensation"]
    '200027.25'
    """
    if not isinstance(portfolio, Portfolio):
        raise TypeError(f"assess takes a Portfolio, not {type(portfolio).__name__}")
    chosen = load_policy(policy)
    year = operator.index(year)
    in_fen, faults = budget_fen(budget)
    faults += year_faults(chosen, year)
    day, no_day = (portfolio.day, []) if as_of is None else day_of(as_of, portfolio.day)
    faults += no_day
    ledgers, wrong = with_extra_columns(portfolio, extra_columns(chosen.rules))
    faults += wrong
    faults += policy_faults(chosen, ledgers.present, ledgers.rows, wrong)
    if faults:
        raise InputFaults(faults)
    return conclude(ledgers, chosen, year, in_fen, day=day, portfolio=portfolio)


def check_figures(inputs: RuleInputs) -> None:
    """Raise `InputFaults` where figures that the policy computes with are missing or too much."""
    ledgers, policy = inputs.ledgers, inputs.policy
    contract = ledgers.links.claim_contract
    beneficiary = ledgers.parties.index(policy.rules.beneficiary.party)
    bearer = np.full(len(contract), beneficiary, dtype=np.int64)
    claims = inputs.year_claims()
    payouts = policy.rules.record == "payout"
    faults = [
        *(paid_above_borne(ledgers, bearer) if payouts else ()),
        *blank_recovered(inputs, inputs.every_claim(), claims),
        *paid_without_day(policy, ledgers, inputs.case_days()),
        *uneven_returns(inputs, inputs.every_claim()),
        *case_faults(inputs, claims),
    ]
    if faults:
        raise InputFaults(faults)


@refusing_too_large()
def conclude(
    ledgers: Ledgers,
    policy: Policy,
    year: int,
    budget: int | None,
    *,
    day: int | None = None,
    portfolio: Portfolio | None = None,
) -> Assessment:
    """Let the rules decide the year; ``budget`` in fen. Raises `InputFaults` as `assess` does.

    `ledgers`: with the columns that the policy adds. `day`: the day (since 1970-01-01) as of which
    they are looked at, once their figures have been checked. `portfolio`: what they were made of,
    if one is held.
    """
    held = ledgers
    ledgers = cases_of(held, [policy], year)
    inputs = rule_inputs(ledgers, policy, year)
    check_figures(inputs)
    if day is not None and day != ledgers.day:
        ledgers = cases_of(ledgers_as_of(held, day), [policy], year)
        inputs = rule_inputs(ledgers, policy, year)
    if budget is None:
        budget = policy_budget(inputs)
    decided = decide_year(inputs, inputs.year_claims(), budget)
    lost = inputs.lost(inputs.every_claim())
    rule, shares = policy.rules.returns, ledgers.shares[ledgers.links.claim_contract]
    borne = borne_of(lost, shares, rule, ledgers.parties)
    beneficiary = ledgers.parties.index(policy.rules.beneficiary.party)
    paid = paid_by_government(decided)
    recovered = recover(
        rule,
        ledgers.links.recovery_claim,
        ledgers.numbers("recoveries", "recovery_date"),
        ledgers.column("recoveries", "recovery_id"),
        ledgers.numbers("recoveries", "proceeds"),
        ledgers.numbers("recoveries", "cost"),
        lost,
        returns.borne_after_payment(borne.total, beneficiary, paid),
        ledgers.parties,
        payers_of(decided),
        called_party(policy.rules),
        parts_after_payment(borne, beneficiary, paid, rule),
    )
    # The balances, and what deciding took, make room for the guards, which look at all contracts.
    inputs.books.held.clear()
    pa.default_memory_pool().release_unused()
    return Assessment(
        **vars(decided),
        budget=budget,
        recovered=recovered,
        warnings=warnings_of(inputs, decided.claim_rows, decided.cases, decided.decisions),
        held=portfolio,
    )


@refusing_too_large()
def decide_year(inputs: RuleInputs, claims: Integers, budget: int | None = None) -> Decided:
    """Decide the claims at rows ``claims``; ``budget`` in fen is shared over all of them.

    Raises `InputFaults` where amounts are more than a result can hold, or the policy looks at the
    day of the ledgers and none is said.
    """
    policy = inputs.policy
    if inputs.ledgers.day is None and needs_day(policy):
        raise InputFaults([whole("as_of", AS_OF_NEEDED.fill(policy=policy.id))])
    # As of a day, an opening, a release or a case's own date that comes later is not there.
    faults = [
        *unknown_pool(inputs, looked_at(policy)),
        *later_releases(inputs, claims),
        *paid_without_day(policy, inputs.ledgers, inputs.case_days()),
        *unknown_before(inputs, claims),
    ]
    if faults:
        raise InputFaults(faults)
    indicators = inputs.indicators()
    variables = inputs.institution_variables(indicators)
    verdicts = judge(policy, variables, inputs.ledgers.rows("institutions"))
    cases = inputs.cases(claims, variables, verdicts, earlier_claims(inputs))
    return Decided(
        inputs.ledgers,
        policy,
        inputs.year,
        inputs,
        claims,
        cases,
        decide(policy, cases, budget),
        indicators,
        variables,
        verdicts,
    )


AS_OF_NEEDED = Text(
    "政策 {policy} 要看核算截止日（year.as_of）：请用 --as-of（as_of）给出",
    "policy {policy} looks at the day as of which is computed (year.as_of): give it with --as-of "
    "(as_of)",
)


def paid_by_government(decided: Decided) -> Integers:
    """Return (claims of the ledger,) what was paid, and is by this run or set off, in fen."""
    paid = decided.ledgers.numbers("claims", "compensation_paid").copy()
    if decided.policy.rules.record != "payout":
        return np.zeros_like(paid)  # nothing was paid out, so nothing is returned
    paid[decided.claim_rows] += decided.decisions.borne_now
    return paid


def budget_fen(budget: Decimal | int | str | None) -> tuple[int | None, list[FaultGroup]]:
    """Return the budget in fen; a fault where it is not an amount of at least 0 in whole fen."""
    if budget is None:
        return None, []
    fen = units_of_value(budget, TOTAL)
    if not isinstance(fen, Kind):
        return fen, []
    message = Text("预算不是金额", "the budget is not an amount")
    expected = Text(
        "不小于 0 的金额（元），最多两位小数",
        "an amount of 0 or more in yuan with at most two decimals",
    )
    return None, [whole("budget", message, value=str(budget), expected=expected)]


def year_faults(policy: Policy, year: int) -> list[FaultGroup]:
    """Return a fault where the policy covers no day of the year; it names the covered period."""
    first, last = effective_days(policy)
    if 1 <= year <= 9999:
        before, end = year_ends(year, policy.rules.trigger.year_begins)
        if first <= end and last > before:
            return []
    message = Text(
        "政策 {policy} 不适用于 {year} 年；适用期间为{days}",
        "policy {policy} is not in force in {year}; it is in force {days}",
    ).fill(policy=policy.id, year=year, days=days_in_words(policy.rules.effective))
    return [whole("year_not_covered", message)]


def payers_of(decided: Decided) -> returns.Payers | None:
    """Return what each payer has paid of each claim and pays in this run, where that is known."""
    paid = decided.inputs.paid_by()
    if payers_from_settlements(decided.policy.rules):  # of which nothing was paid before
        rows = decided.ledgers.rows("claims")
        paid = np.zeros((rows, decided.decisions.payers.shape[1]), dtype=np.int64)
    if paid is None:
        return None
    paid[decided.claim_rows] += decided.decisions.payers
    names = payer_names(decided.policy.rules)
    return returns.Payers({id_: name.text for id_, name in names.items()}, paid)


def recover(
    rule: Returns,
    claim: Integers,
    day: Integers,
    recovery_id: pa.Array,
    proceeds: Integers,
    cost: Integers,
    lost: Lost,
    weights: Integers,
    parties: tuple[str, ...],
    payers: returns.Payers | None = None,
    called: Called = (),
    parts: Sequence[Integers] = (),
) -> Recovered:
    """Compute recoveries in any order: sorted by claim, day and id, returned, and put back.

    `claim`: (recoveries,) rows of `lost` and `weights`; see `rules.returns.returned`. `parties`:
    those who shared the payout, without government.
    """
    order = np.lexsort((ids.ranks(recovery_id), day, claim))
    result = returns.returned(
        claim[order],
        day[order],
        proceeds[order],
        cost[order],
        lost,
        weights,
        rule,
        (GOVERNMENT, *parties),
        payers,
        called,
        parts,
    )
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return Recovered(
        order,
        claim[order],
        weights,
        result,
        result.distributed[back],
        result.surplus[back],
        result.parts[back],
        None if result.payers is None else result.payers[back],
    )
