"""The settlement: a ledger, policies and a day in; what is due, and in which direction, out.

`settle` decides each claim as `assess` does, under the policy in force on its day, and compares
what is granted with what was paid, and what recoveries return with what was handed over. No I/O.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from compensation.assessment import budget_fen, decide_year
from compensation.columns import Integers
from compensation.engine.case_faults import case_faults, paid_without_day
from compensation.engine.cases import cases_of
from compensation.engine.inputs import RuleInputs, rule_inputs
from compensation.engine.movements import (
    opening_of,
    payments_of,
    pool_movements,
    remittances_of,
)
from compensation.engine.policy_budget import of_the_budget, policy_budget
from compensation.engine.run import Decided
from compensation.faults.groups import FaultGroup
from compensation.faults.input_faults import InputFaults
from compensation.ledger.as_of import ledgers_as_of
from compensation.ledger.portfolio import Ledgers, Portfolio
from compensation.policy.catalogue import Policy, load_policy
from compensation.policy.quantities import payer_names
from compensation.rules import award, rationals
from compensation.rules.compensation import budget_turn, shared_by
from compensation.rules.pool import pool_statement
from compensation.rules.settlement import (
    NOT_COVERED,
    YEAR_OPEN,
    Claims,
    due,
    grant,
    granted_to,
)
from compensation.rules.steps import Steps
from compensation.settlement.deciding import (
    PolicyYears,
    covered_claims,
    decided_years,
    inputs_of_years,
    opening_faults,
    payments_above,
    recovered_faults,
    terms_of,
    with_policy_columns,
)
from compensation.settlement.in_force import (
    Coverage,
    budget_faults,
    together_faults,
)
from compensation.settlement.payers import named_payers, recovered_by_nobody, weights_of_payers
from compensation.settlement.period import Day, Period, period_of
from compensation.settlement.returning import returned_to_date
from compensation.settlement.settlement import Settlement

PolicyGiven = str | os.PathLike[str] | Policy


def settle(
    portfolio: Portfolio,
    policies: PolicyGiven | Sequence[PolicyGiven],
    to: Day,
    from_: Day | None = None,
    budget: Decimal | int | str | None = None,
) -> Settlement:
    """Settle a programme as of the end of a day.

    `policies`: ids of policies of the package, paths of policy files, or loaded policies; each
    claim is decided by the one in force on its day. `to`: the day; `from_`: the first day of the
    period that the settlement reports, by default 1 January of the same year. `budget`: yuan that
    this settlement may pay on top of what was paid; never a float.

    Raises `InputFaults` where the days, the budget or the policies do not fit together, or the
    ledger lacks what a policy needs; `PolicyFaults` where a policy file is wrong; TypeError for
    anything but a `Portfolio`.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> settle(ledger, ["jiyuan-2022"], "2022-12-31").summary["totals"]["to_remit"]
    '39366.67'
    """
    if not isinstance(portfolio, Portfolio):
        raise TypeError(f"settle takes a Portfolio, not {type(portfolio).__name__}")
    run, faults = run_of(policies, to, from_, budget, portfolio.day)
    return settle_run(portfolio, run, faults)


def settle_run(
    portfolio: Portfolio, run: SettlementRun, faults: Sequence[FaultGroup] = ()
) -> Settlement:
    """Settle a portfolio; raises `InputFaults` with those so far, and what the portfolio lacks."""
    ledgers, wrong = with_policy_columns(portfolio, run.policies)
    if faults or wrong:
        raise InputFaults([*faults, *wrong])
    return settle_ledgers(ledgers, run)


class SettlementRun(NamedTuple):
    """What is settled under which policies; `budget` is fen. Without a fault there is a period."""

    policies: tuple[Policy, ...]
    period: Period | None
    budget: int | None


def run_of(
    policies: PolicyGiven | Sequence[PolicyGiven],
    to: Day,
    from_: Day | None,
    budget: Decimal | int | str | None,
    latest: int | None = None,
) -> tuple[SettlementRun, list[FaultGroup]]:
    """Return the policies, days and budget of a settlement, and what is wrong with them.

    `latest`: the day as of which the ledgers are looked at already. Raises `PolicyFaults`.
    """
    given = [policies] if isinstance(policies, str | os.PathLike | Policy) else policies
    chosen = tuple(load_policy(policy) for policy in given)
    period, faults = period_of(to, from_, latest)
    in_fen, wrong = budget_fen(budget)
    faults += [*wrong, *together_faults(chosen)]
    faults += budget_faults(chosen, in_fen)
    return SettlementRun(chosen, period, in_fen), faults


class DecidedYears(NamedTuple):
    """The years that a settlement decides: by all claims, and by those that count on its day."""

    of_all: PolicyYears
    as_of: PolicyYears


def settle_ledgers(
    ledgers: Ledgers, run: SettlementRun, years: DecidedYears | None = None
) -> Settlement:
    """Settle ledgers that have the columns of the policies; ``run`` must be without faults.

    `years`: given where the ledgers are some institutions' part of those that are settled; claims
    of the others may have years of their own. Raises `InputFaults` where rows of the ledgers keep a
    claim from being decided.
    """
    chosen, period, in_fen = run
    assert period is not None
    held, year = ledgers, period.year_over
    ledgers = cases_of(held, chosen, year, period.years(chosen))
    faults: list[FaultGroup] = []
    covered = covered_claims(ledgers, chosen)
    of_all = decided_years(chosen, covered, period.end) if years is None else years.of_all
    of_years = inputs_of_years(ledgers, chosen, covered, of_all)
    faults += payments_above(ledgers, chosen, covered)
    faults += paid_without_day(chosen[0], ledgers, covered.day)
    faults += opening_faults(ledgers, [year for _, year in of_all])
    for inputs, rows in of_years:
        faults += case_faults(inputs, rows, settled=True)
    faults += recovered_faults(ledgers, chosen, covered, of_years)
    if faults:
        raise InputFaults(faults)
    ledgers = cases_of(ledgers_as_of(held, period.end), chosen, year, period.years(chosen))
    covered = covered_claims(ledgers, chosen)
    if faults := paid_without_day(chosen[0], ledgers, covered.day):
        raise InputFaults(faults)
    as_of = decided_years(chosen, covered, period.end) if years is None else years.as_of
    years_decided = inputs_of_years(ledgers, chosen, covered, as_of)
    decided = decide_years(ledgers, years_decided, covered)
    if in_fen is None:
        in_fen = policy_budget(rule_inputs(ledgers, chosen[0], period.last_year(chosen)))
    return _settled(ledgers, chosen, period, in_fen, covered, decided)


def decide_years(
    ledgers: Ledgers, of_years: Sequence[tuple[RuleInputs, Integers]], covered: Coverage
) -> tuple[Decided, ...]:
    """Decide years, each after those before it, and return them in the order given.

    Caps over years count what is granted for claims of the years before, paid or not: once it has
    been paid, the same settlement comes to the same. See `engine.earlier_years`. Of it each payer
    bears its part, as the year before decides it.
    """
    granted = np.where(covered.ended, 0, ledgers.numbers("claims", "compensation_paid"))
    names = {payer for inputs, _ in of_years for payer in payer_names(inputs.policy.rules)}
    granted_by = {payer: np.zeros_like(granted) for payer in names}
    decided: dict[int, Decided] = {}
    for place in sorted(range(len(of_years)), key=lambda place: of_years[place][0].year):
        inputs, rows = of_years[place]
        found = decide_year(replace(inputs, granted=granted, granted_by=granted_by), rows)
        granted = granted.copy()
        granted[rows] = granted_to(_claims_of(ledgers, found), Steps())
        granted_by = {payer: fen.copy() for payer, fen in granted_by.items()}
        parts = award.among_payers(granted[rows], found.decisions.payer_shares)
        for payer, fen in zip(payer_names(inputs.policy.rules), parts.T, strict=True):
            granted_by[payer][rows] = fen
        decided[place] = found
    return tuple(decided[place] for place in range(len(of_years)))


def _claims_of(ledgers: Ledgers, year: Decided) -> Claims:
    """Return the claims of a year as it is decided, paid in one sum."""
    rows = year.claim_rows
    return Claims(
        year.decisions.status,
        ledgers.known("claims", "closed_date")[rows],
        year.decisions.compensation,
        ledgers.numbers("claims", "approved_amount")[rows],
        ledgers.known("claims", "approved_amount")[rows],
        ledgers.numbers("claims", "compensation_paid")[rows],
    )


def _settled(
    ledgers: Ledgers,
    policies: tuple[Policy, ...],
    period: Period,
    budget: int | None,
    covered: Coverage,
    decided: tuple[Decided, ...],
) -> Settlement:
    """Return what is due once every claim is decided."""
    claims, turn = _claims(ledgers, covered, decided)
    shared = None
    if budget is not None:
        of = of_the_budget(rule_inputs(ledgers, policies[0], period.last_year(policies)), len(turn))
        shared = shared_by(policies[0], budget, ledgers.claim_ranks, turn, of)
    granted = grant(claims, shared)
    payout = ledgers.payout
    payers = named_payers(policies, weights_of_payers(policies, covered, decided), granted.borne)
    if faults := recovered_by_nobody(ledgers, covered, payers, granted.borne):
        raise InputFaults(faults)
    terms = terms_of(ledgers, policies, covered, payers)
    returned = returned_to_date(ledgers, granted.borne, terms)
    payments, remittances = payments_of(ledgers), remittances_of(ledgers)
    remitted = remittances.net(len(payout))
    legs = due(granted, returned.government, remitted)
    statement = pool_statement(
        pool_movements(ledgers, payments, remittances),
        opening_of(ledgers),
        period.begin,
        {
            "to_pay": int(granted.to_pay.sum()),
            "to_recall": int(granted.to_recall.sum()),
            "to_remit": int(legs.to_remit.sum()),
            "to_refund": int(legs.to_refund.sum()),
        },
    )
    return Settlement(
        ledgers,
        policies,
        period,
        budget,
        covered,
        decided,
        claims,
        payout,
        granted,
        returned,
        legs,
        payments,
        remittances,
        remitted,
        statement,
    )


def _claims(
    ledgers: Ledgers, covered: Coverage, decided: Sequence[Decided]
) -> tuple[Claims, Integers]:
    """Return every claim as it stands, and whose turn it is where a budget falls short."""
    status = np.where(covered.policy < 0, np.int64(NOT_COVERED), np.int64(YEAR_OPEN))
    status[covered.ended] = award.STATUSES.index("ineligible")
    compensation = np.zeros_like(status)
    turn = np.zeros_like(status)
    stage = rationals.constant(1, len(status))
    set_off = np.zeros_like(status)
    for year in decided:
        if year.decisions.stage is not None:
            stage = stage.with_rows(year.claim_rows, year.decisions.stage)
        if year.decisions.set_off is not None:
            set_off[year.claim_rows] = year.decisions.set_off
        status[year.claim_rows] = year.decisions.status
        compensation[year.claim_rows] = year.decisions.compensation
        turn[year.claim_rows] = budget_turn(year.policy, year.cases, year.year)
    claims = Claims(
        status,
        ledgers.known("claims", "closed_date"),
        compensation,
        ledgers.numbers("claims", "approved_amount"),
        ledgers.known("claims", "approved_amount"),
        ledgers.numbers("claims", "compensation_paid"),
        None if all(year.decisions.stage is None for year in decided) else stage,
        None if all(year.decisions.set_off is None for year in decided) else set_off,
    )
    return claims, turn
