"""The claims of each policy and year decided, by the same functions as `assess`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from compensation.columns import Integers, distinct
from compensation.engine.case_years import ended
from compensation.engine.inputs import RuleInputs, rule_inputs
from compensation.engine.needed_columns import policy_faults
from compensation.engine.needed_values import blank_recovered, uneven_returns
from compensation.faults.groups import FaultGroup
from compensation.language import Text
from compensation.ledger.extra_columns import with_extra_columns
from compensation.ledger.payment_checks import paid_above_borne
from compensation.ledger.portfolio import Ledgers, Portfolio
from compensation.policy.catalogue import Policy
from compensation.policy.party_words import called_party
from compensation.rules.indicators import year_ends
from compensation.rules.losses import borne_of, lost
from compensation.rules.returns import Payers
from compensation.rules.settlement import RETURNS_NOT_COVERED
from compensation.settlement.in_force import Coverage, coverage
from compensation.settlement.returning import Terms
from compensation.streaming import declared_columns

INSTITUTION = "institution"
"""The party that is compensated where no policy says who."""
NO_YEAR = 1970
"""The year of what is gathered where nothing of a year is asked for."""
PolicyYears = tuple[tuple[int, int], ...]
"""Years of policies: the policy's place among those given, and the year."""


def with_policy_columns(
    portfolio: Portfolio, policies: Sequence[Policy]
) -> tuple[Ledgers, list[FaultGroup]]:
    """Return the ledgers with the columns that policies add, and what they lack or have wrong."""
    by_table, faults = declared_columns(policies)
    ledgers, wrong = with_extra_columns(portfolio, by_table)
    faults += wrong
    for policy in policies:
        faults += policy_faults(policy, ledgers.present, ledgers.rows, wrong)
    return ledgers, faults


def trigger_days(ledgers: Ledgers, policy: Policy) -> Integers:
    """Return the day that decides the policy and the year of each claim; blank ones are NO_DAY."""
    return rule_inputs(ledgers, policy, NO_YEAR).case_days()


def decided_years(policies: Sequence[Policy], coverage: Coverage, last: int) -> PolicyYears:
    """Return the policies and years with claims to decide.

    A year is if it is over on ``last``; under a policy that is settled case by case, if it has
    begun.
    """
    return tuple(
        (place, year)
        for place in range(len(policies))
        for year in distinct(coverage.year[(coverage.policy == place) & ~coverage.ended]).tolist()
        if _to_decide(policies[place], year, last)
    )


def _to_decide(policy: Policy, year: int, last: int) -> bool:
    """Return whether cases of a year are decided on a day; docs/policy/cases.md, settled."""
    before, end = year_ends(year, policy.rules.trigger.year_begins)
    return end <= last or (policy.rules.trigger.settled == "by_case" and before < last)


def inputs_of_years(
    ledgers: Ledgers, policies: Sequence[Policy], coverage: Coverage, years: PolicyYears
) -> list[tuple[RuleInputs, Integers]]:
    """Return what the rules see of each policy and year that is decided, and its claims' rows."""
    found = []
    for place, year in years:
        here = (coverage.policy == place) & (coverage.year == year) & ~coverage.ended
        rows = np.flatnonzero(here)
        found.append((rule_inputs(ledgers, policies[place], year), rows.astype(np.int64)))
    return found


def covered_claims(ledgers: Ledgers, policies: Sequence[Policy]) -> Coverage:
    """Return the policy and the year of each claim."""
    days = [trigger_days(ledgers, policy) for policy in policies]
    if ledgers.years is None or policies[0].rules.record == "institution":
        return coverage(policies, days)
    return coverage(policies, days, ledgers.years, ended(ledgers, policies[0]))


def places_of_bearers(ledgers: Ledgers, policies: Sequence[Policy], covered: Coverage) -> Integers:
    """Return (claims,) the place among the parties of the one that is compensated for the claim."""
    parties = [policy.rules.beneficiary.party for policy in policies] + [INSTITUTION]
    places = np.array([ledgers.parties.index(party) for party in parties], dtype=np.int64)
    bearer: Integers = places[covered.policy]
    return bearer


def payments_above(
    ledgers: Ledgers, policies: Sequence[Policy], covered: Coverage
) -> list[FaultGroup]:
    """Return a fault for each payout for which more was paid than its beneficiary bore, ever."""
    if policies[0].rules.record != "payout":
        return []
    return paid_above_borne(ledgers, places_of_bearers(ledgers, policies, covered))


def terms_of(
    ledgers: Ledgers,
    policies: Sequence[Policy],
    covered: Coverage,
    payers: Sequence[Payers | None] = (),
) -> Iterator[Terms]:
    """Yield under which terms the recoveries of which claims return.

    `payers`: of each policy, those that its returns name.
    """
    shares = ledgers.shares[ledgers.links.claim_contract]
    for place, policy in enumerate(policies):
        rows = np.flatnonzero(covered.policy == place).astype(np.int64)
        inputs = rule_inputs(ledgers, policy, NO_YEAR)
        of = inputs.lost(rows)
        rules = policy.rules
        borne = borne_of(of, shares[rows], rules.returns, ledgers.parties)
        called = called_party(rules)
        own = payers[place] if payers else None
        own = None if own is None else own._replace(paid=own.paid[rows])
        party = rules.beneficiary.party
        yield Terms(rows, party, rules.returns, of, borne, called, own, inputs)
    yield terms_without_policy(ledgers, np.flatnonzero(covered.policy < 0).astype(np.int64))


def terms_without_policy(ledgers: Ledgers, rows: Integers) -> Terms:
    """Return the terms of claims that no policy covers: the whole payout, net of costs."""
    of = lost(ledgers.payout[rows])
    shares = ledgers.shares[ledgers.links.claim_contract[rows]]
    borne = borne_of(of, shares, RETURNS_NOT_COVERED, ledgers.parties)
    return Terms(rows, INSTITUTION, RETURNS_NOT_COVERED, of, borne)


def lost_and_borne(ledgers: Ledgers, terms: Iterable[Terms]) -> tuple[Integers, Integers]:
    """Return what recoveries of each claim are returned of, and what each party bore of it."""
    amount = np.zeros(ledgers.rows("claims"), dtype=np.int64)
    borne = np.zeros((len(amount), len(ledgers.parties)), dtype=np.int64)
    for each in terms:
        amount[each.rows], borne[each.rows] = each.lost.amount, each.borne.total
    return amount, borne


def recovered_faults(
    ledgers: Ledgers,
    policies: Sequence[Policy],
    covered: Coverage,
    decided: Iterable[tuple[RuleInputs, Integers]],
) -> Iterator[FaultGroup]:
    """Yield what keeps recoveries from being returned; `decided`: the claims that are decided."""
    of_policy: dict[str, list[Integers]] = {}
    for inputs, rows in decided:
        of_policy.setdefault(inputs.policy.id, []).append(rows)
    for place, policy in enumerate(policies):
        rows = np.flatnonzero(covered.policy == place)
        without = np.concatenate([*of_policy.get(policy.id, []), np.empty(0, dtype=np.int64)])
        inputs = rule_inputs(ledgers, policy, NO_YEAR)
        yield from blank_recovered(inputs, rows, without)
        yield from uneven_returns(inputs, rows.astype(np.int64))


OPENING_FIGURES = ("opening_balance", "opening_borrowers")


def opening_faults(ledgers: Ledgers, years: Sequence[int]) -> list[FaultGroup]:
    """Return a fault for each opening figure without its year, where several years are decided."""
    decided = sorted(set(years))
    if len(decided) < 2:
        return []
    message = Text(
        "涉及多个年度（{years}），填报年初数须同时填写年初年度",
        "several years are decided ({years}); an opening figure needs its opening year",
    ).fill(years=", ".join(map(str, decided)))
    expected = Text("年初年度，如 {year}", "the opening year, such as {year}").fill(year=decided[0])
    without_year = ~ledgers.known("institutions", "opening_year")
    faults = []
    for column in OPENING_FIGURES:
        wrong = np.flatnonzero(ledgers.known("institutions", column) & without_year)
        if len(wrong):
            locate = ledgers.unmapped["institutions"].locate
            rows = wrong.astype(np.int64)
            kind = "opening_without_year"
            faults.append(
                FaultGroup(kind, message, "institutions", column, expected, rows, None, locate)
            )
    return faults
