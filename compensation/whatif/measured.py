"""Ledgers measured once for many variants of a policy, and what a variant comes to in a year.

The rules are those of `assess`. What no variant changes is kept from one to the next: measures of
institutions, exposures of claims, what each party bore.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from compensation.arrays import arrow
from compensation.assessment import decide_year, paid_by_government, payers_of, year_faults
from compensation.columns import Integers, group_sum
from compensation.engine.case_faults import case_faults
from compensation.engine.cases import cases_of
from compensation.engine.inputs import RuleInputs, rule_inputs
from compensation.engine.needed_values import blank_recovered, uneven_returns
from compensation.engine.policy_budget import policy_budget
from compensation.engine.run import Decided, digested_ledgers
from compensation.faults.groups import FaultGroup, whole
from compensation.faults.input_faults import InputFaults
from compensation.language import Text
from compensation.ledger import ids
from compensation.ledger.as_of import day_of, ledgers_as_of
from compensation.ledger.digest import digest_of
from compensation.ledger.payment_checks import paid_above_borne
from compensation.ledger.portfolio import Ledgers, Portfolio
from compensation.policy.catalogue import Policy
from compensation.rules import returns
from compensation.rules.indicators import year_ends
from compensation.rules.losses import Borne, Lost, borne_of, parts_after_payment
from compensation.schema.parties import GOVERNMENT
from compensation.settlement.deciding import (
    opening_faults,
    with_policy_columns,
)
from compensation.settlement.in_force import own_years
from compensation.values.dates import date_of


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a policy comes to in a year; (claims,) fen of the claims decided.

    `paid`: what had been paid for them before. `returned`: what their recoveries, of whatever day,
    return to government.
    """

    decided: Decided = field(repr=False)
    paid: Integers
    returned: Integers

    @property
    def net_cost(self) -> Integers:
        """What the claims cost government once what came back is taken off."""
        return self.paid + self.decided.decisions.borne_now - self.returned


class _Seen(NamedTuple):
    """All of a policy that measures, exposures and cases of a year may depend on."""

    record: str
    trigger: object
    quantities: object
    columns: object
    effective: object
    series: object


class _Shared(NamedTuple):
    """What recoveries of each claim are returned of, and what each party bore of it."""

    lost: Lost
    borne: Borne


class Measured:
    """Ledgers, and what has been measured of them so far.

    `ledgers`: with the columns that the policies to come add. `whole`: the same with what came
    after their day, where faults are looked for, too.
    """

    def __init__(self, ledgers: Ledgers, whole: Ledgers | None = None) -> None:
        self.ledgers = ledgers
        self._whole = None if whole is None or whole is ledgers else Measured(whole)
        self._inputs: dict[tuple[int, _Seen], RuleInputs] = {}
        self._losses: dict[tuple[object, ...], _Shared] = {}
        self._recoveries: dict[tuple[str, bytes], _Recoveries] = {}

    @cached_property
    def digest(self) -> str:
        """The digest of the input's content, as that of a run."""
        return digest_of(digested_ledgers(self.ledgers))

    def outcome(self, policy: Policy, year: int, budget: int | None = None) -> Outcome:
        """Return what a policy comes to in a year; ``budget`` in fen.

        Raises `InputFaults` where rows of the ledgers keep a claim from being decided.
        """
        inputs = self._inputs_of(policy, year)
        claims = inputs.year_claims()
        shared = self._shared(inputs)
        checked = inputs if self._whole is None else self._whole._inputs_of(policy, year)
        rows, every = checked.year_claims(), checked.every_claim()
        faults = [
            *case_faults(checked, rows),
            *blank_recovered(checked, every, rows),
            *uneven_returns(checked, every),
        ]
        if faults:
            raise InputFaults(faults)
        if budget is None:
            budget = policy_budget(inputs)
        decided = decide_year(inputs, claims, budget)
        returned = self._returned(decided, shared)
        return Outcome(decided, decided.cases.compensation_paid, returned)

    def _inputs_of(self, policy: Policy, year: int) -> RuleInputs:
        rules = policy.rules
        series = tuple(policy.series.items())
        seen = _Seen(
            rules.record, rules.trigger, rules.quantities, rules.columns, rules.effective, series
        )
        if (year, seen) not in self._inputs:
            ledgers = cases_of(self.ledgers, [policy], year)
            self._inputs[year, seen] = replace(rule_inputs(ledgers, policy, year), columns={})
        return replace(self._inputs[year, seen], policy=policy)

    def _shared(self, inputs: RuleInputs) -> _Shared:
        """Return what recoveries are returned of, once nothing more was paid than was borne."""
        rules, ledgers = inputs.policy.rules, inputs.ledgers
        payouts = rules.record == "payout"
        key = (
            rules.beneficiary.party,
            rules.trigger,
            rules.returns,
            rules.quantities,
            0 if payouts else inputs.year,
        )
        if key not in self._losses:
            of = inputs.lost(inputs.every_claim())
            shares = ledgers.shares[ledgers.links.claim_contract]
            borne = borne_of(of, shares, rules.returns, ledgers.parties)
            place = ledgers.parties.index(rules.beneficiary.party)
            bearer = np.full(len(of.amount), place, dtype=np.int64)
            faults = paid_above_borne(ledgers, bearer) if payouts else []
            if faults:
                raise InputFaults(faults)
            self._losses[key] = _Shared(of, borne)
        return self._losses[key]

    def _returned(self, decided: Decided, shared: _Shared) -> Integers:
        """Return (claims,) what recoveries of the claims decided return to government."""
        rules, ledgers = decided.policy.rules, decided.ledgers
        claims = decided.claim_rows
        key = (rules.record, claims.tobytes())
        if key not in self._recoveries:
            self._recoveries[key] = _recoveries_of(ledgers, claims)
        of, day, proceeds, cost, rows = self._recoveries[key]
        place = ledgers.parties.index(rules.beneficiary.party)
        paid = paid_by_government(decided)[claims]
        lost, borne = shared.lost.take(claims), shared.borne.take(claims)
        weights = returns.borne_after_payment(borne.total, place, paid)
        parties = (GOVERNMENT, *ledgers.parties)
        parts = parts_after_payment(borne, place, paid, rules.returns)
        payers = payers_of(decided)
        payers = None if payers is None else payers._replace(paid=payers.paid[claims])
        found = returns.returned(
            of,
            day,
            proceeds,
            cost,
            lost,
            weights,
            rules.returns,
            parties,
            payers,
            parts=parts,
            asked=decided.inputs.asked_of(rows),
        )
        return group_sum(found.parts[:, 0], of, len(claims))


class _Recoveries(NamedTuple):
    """The recoveries of some claims, by claim, day and id; a claim is its place among these.

    `rows`: of the ledger.
    """

    claim: Integers
    day: Integers
    proceeds: Integers
    cost: Integers
    rows: Integers


def _recoveries_of(ledgers: Ledgers, claims: Integers) -> _Recoveries:
    place = np.full(ledgers.rows("claims"), -1, dtype=np.int64)
    place[claims] = np.arange(len(claims))
    own = np.flatnonzero(place[ledgers.links.recovery_claim] >= 0).astype(np.int64)
    rank = ids.ranks(ledgers.column("recoveries", "recovery_id").take(arrow(own)))
    day = ledgers.numbers("recoveries", "recovery_date")
    of = place[ledgers.links.recovery_claim[own]]
    order = np.lexsort((rank, day[own], of))
    rows = own[order]
    proceeds, cost = (ledgers.numbers("recoveries", name)[rows] for name in ("proceeds", "cost"))
    return _Recoveries(of[order], day[rows], proceeds, cost, rows)


def measured(
    portfolio: Portfolio,
    policies: Sequence[Policy],
    years: Sequence[int],
    strict_dates: bool,
    as_of: datetime.date | str | None = None,
) -> tuple[Measured, list[FaultGroup]]:
    """Return ledgers for some policies and years, and what speaks against them.

    `strict_dates`: whether a year that a policy does not cover is a fault. `as_of`: the day at
    whose end the ledgers are looked at.
    """
    if not isinstance(portfolio, Portfolio):
        raise TypeError(f"a Portfolio is expected, not {type(portfolio).__name__}")
    ledgers, faults = with_policy_columns(portfolio, policies)
    if len({policy.rules.record for policy in policies}) > 1:
        message = Text(
            "不能比较按代偿计算和按合同或机构计算的政策",
            "policies of payouts, of contracts and of institutions cannot be compared",
        )
        faults.append(whole("records_differ", message))
    faults += [fault for policy in policies for fault in own_years(policy)]
    faults += opening_faults(portfolio, years)
    day, no_day = (None, []) if as_of is None else day_of(as_of, portfolio.day)
    whole_ledgers, faults = ledgers, faults + no_day
    if day is not None and not faults:
        ledgers = ledgers_as_of(ledgers, day)
    if policies[0].rules.record != "institution":  # those stand in no rows with a day
        faults += _years_without_ledger(ledgers, years)
    if strict_dates:
        faults += (
            fault for policy in policies for year in years for fault in year_faults(policy, year)
        )
    return Measured(ledgers, whole_ledgers), faults


def _years_without_ledger(ledgers: Ledgers, years: Sequence[int]) -> list[FaultGroup]:
    """Return a fault for each year in which no contract starts and nothing is released or paid."""
    books = ledgers.books
    days = np.concatenate([books.start, books.release_day, books.payout_day]).astype(np.int64)
    faults = []
    for year in years:
        before, last = year_ends(year)
        if not ((days > before) & (days <= last)).any():
            there = [date_of(int(day)).year for day in (days.min(), days.max())]
            faults.append(
                whole(
                    "year_without_ledger", _NO_LEDGER.fill(year=year, first=there[0], last=there[1])
                )
            )
    return faults


_NO_LEDGER = Text(
    "台账中没有 {year} 年的业务；有业务的年度为 {first} 至 {last} 年",
    "the ledger has nothing of {year}; it has business of {first} to {last}",
)
