"""What runs ask of ledgers: of those of some institutions in a worker, of all in the driver.

A task is sent to every worker. It decides the ledgers of a part as those of any input are decided,
but without the budget, which all parts share; and says what of that goes on, in which columns.
`settling` has the task of a settlement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import flags
from compensation.assessment import Assessment, conclude
from compensation.columns import Integers
from compensation.engine.guards import more_institutions, other_years, years_of
from compensation.engine.run import Decided
from compensation.faults.groups import FaultGroup
from compensation.joint_assessment import JointAssessment, YearRun, assess_ledgers
from compensation.ledger.portfolio import Ledgers
from compensation.policy.catalogue import Policy
from compensation.policy.model import Returns
from compensation.policy.quantities import payer_names
from compensation.results import PAYABLE_BY, RECOVERY_AMOUNTS, RECOVERY_IDS, money
from compensation.rules import award
from compensation.rules.compensation import budget_turn
from compensation.rules.losses import borne_of
from compensation.rules.payers import fixed_shares
from compensation.rules.settlement import RETURNS_NOT_COVERED
from compensation.settlement.deciding import INSTITUTION as NOT_COVERED_PARTY
from compensation.settlement.deciding import lost_and_borne, terms_of
from compensation.settlement.settle import SettlementRun
from compensation.spark.names import (
    BACKED,
    CLAIM,
    COUNTING,
    DUE,
    FIRST,
    INSTITUTION,
    LOST,
    OF_YEAR,
    PAID,
    RECOVERY,
    TERMS,
    WIDE,
    WIDE_RATIO,
    counts_named,
    is_ratio,
)
from compensation.values.printing import PRECISION


class Task(Protocol):
    """What a run asks of ledgers."""

    run: YearRun | SettlementRun

    @property
    def policies(self) -> tuple[Policy, ...]:
        """The policies of the run."""
        return self.run.policies

    @property
    def budget(self) -> int | None:
        """The budget that all claims share, in fen."""
        return self.run.budget

    def decide(self, ledgers: Ledgers, budget: int | None) -> Any:
        """Return what ledgers come to; raises `InputFaults`."""

    def results(self, found: Any) -> dict[str, pa.Table]:
        """Return what goes on of what was decided, by column of the outcome."""

    def counts(self, found: Any) -> dict[str, int]:
        """Return what is added up over all parts, by name; one value in all of them."""

    def paid(self, claims: pa.RecordBatch, payable: Integers) -> Mapping[str, pa.Array]:
        """Return the columns of claims that a budget changes; ``payable``: what it leaves, fen."""

    def warnings(self, tally: Mapping[str, int]) -> list[FaultGroup]:
        """Return the warnings of all ledgers together, from what was added up."""


def backed_of(ledgers: Ledgers) -> dict[str, int]:
    """Return the counts that every run needs: institutions and claims that count."""
    return {
        BACKED: int(ledgers.flags("institutions", "government_backed").sum()),
        COUNTING: ledgers.rows("claims"),
    }


def turns(ledgers: Ledgers, decided: Sequence[Decided]) -> Integers:
    """Return (claims,) whose turn it is where a budget falls short."""
    turn = np.zeros(ledgers.rows("claims"), dtype=np.int64)
    for each in decided:
        turn[each.claim_rows] = budget_turn(each.policy, each.cases, each.year)
    return turn


def widened(institutions: pa.Table) -> pa.Table:
    """Return institutions with wide ratios, as those of all parts are put together."""
    fields = [f.with_type(WIDE) if is_ratio(f.type) else f for f in institutions.schema]
    return institutions.cast(pa.schema(fields))


@dataclass(frozen=True)
class OneYear(Task):
    """A year under one policy, as `assess`."""

    run: YearRun

    def decide(self, ledgers: Ledgers, budget: int | None) -> Assessment | JointAssessment:
        """Return what ledgers come to; raises `InputFaults`."""
        policies, year, _, day = self.run
        return conclude(ledgers, policies[0], year, budget, day=day)

    def terms(self) -> list[tuple[str, Returns]]:
        """Return who is compensated, and the rule by which recoveries return, by `TERMS`."""
        return [(p.rules.beneficiary.party, p.rules.returns) for p in self.policies]

    def results(self, found: Any) -> dict[str, pa.Table]:
        """Return claims with `DUE` and `FIRST`, institutions, and recoveries to be returned."""
        ledgers = found.ledgers
        no_terms = np.zeros(ledgers.rows("claims"), dtype=np.int64)
        lost = found.inputs.lost(found.inputs.every_claim())
        shares = ledgers.shares[ledgers.links.claim_contract]
        borne = borne_of(lost, shares, self.policies[0].rules.returns, ledgers.parties)
        return _of_year(found, [found], found.claim_rows, no_terms, (lost.amount, borne.total))

    def counts(self, found: Any) -> dict[str, int]:
        """Return what is due, claims by year, and which ratios are wide."""
        return _counts_of_year(found, [found])

    def paid(self, claims: pa.RecordBatch, payable: Integers) -> dict[str, pa.Array]:
        """Return what is payable, and which payer of the claim's policy pays what of it."""
        own = paid_by_payers(claims, self.policies, payable, PAYABLE_BY)
        return {name: money(fen) for name, fen in {"payable": payable, **own}.items()}

    def warnings(self, tally: Mapping[str, int]) -> list[FaultGroup]:
        """Return how many claims are of other years, and whether institutions are too many."""
        first, year = self.policies[0], self.run.year
        by_year = {int(of): count for of, count in counts_named(OF_YEAR, tally).items()}
        found = other_years(first, year, tally.get(COUNTING, 0), by_year)
        for policy in self.policies:
            found += more_institutions(policy, tally.get(BACKED, 0))
        return found


class SeveralPolicies(OneYear):
    """A year under several policies, as `assess_policies`."""

    def decide(self, ledgers: Ledgers, budget: int | None) -> JointAssessment:
        """Return what ledgers come to; raises `InputFaults`."""
        return assess_ledgers(ledgers, self.run._replace(budget=budget))

    def terms(self) -> list[tuple[str, Returns]]:
        """Return the terms of each policy, and those of claims that none covers."""
        return [*super().terms(), (NOT_COVERED_PARTY, RETURNS_NOT_COVERED)]

    def results(self, found: JointAssessment) -> dict[str, pa.Table]:
        """Return claims with `DUE` and `FIRST`, institutions, and recoveries to be returned."""
        covered = found.covered
        rows = np.flatnonzero(covered.year == self.run.year)
        terms = np.where(covered.policy < 0, len(self.policies), covered.policy)
        lost = lost_and_borne(found.ledgers, terms_of(found.ledgers, self.policies, covered))
        return _of_year(found, found.decided, rows, terms, lost)

    def counts(self, found: JointAssessment) -> dict[str, int]:
        """Return what is due, claims by year, and which ratios are wide."""
        return _counts_of_year(found, found.decided)


def _of_year(
    found: Assessment | JointAssessment,
    decided: Sequence[Decided],
    rows: Integers,
    terms: Integers,
    lost: tuple[Integers, Integers],
) -> dict[str, pa.Table]:
    """Return what goes on of a year; `rows`: its claims, `terms`: (claims,) see `OneYear.terms`.

    `lost`: see `lost_and_borne`.

    Claims: the result, what is `DUE` in fen, and the turn by which a claim comes `FIRST`.
    Institutions: the result, with wide ratios. Recoveries: what `return_recoveries` takes.
    """
    ledgers = found.ledgers
    due = np.zeros(ledgers.rows("claims"), dtype=np.int64)
    paid = ledgers.numbers("claims", "compensation_paid").copy()
    for each in decided:
        due[each.claim_rows] = each.decisions.due
        paid[each.claim_rows] += each.decisions.payable
    claims = found.tables["claims"].append_column(DUE, pa.array(due[rows]))
    claim = ledgers.links.recovery_claim
    recoveries = {name: ledgers.column("recoveries", name) for name in RECOVERY_IDS}
    recoveries |= {name: pa.array(ledgers.numbers("recoveries", name)) for name in RECOVERY_AMOUNTS}
    recoveries |= {
        LOST: pa.array(lost[0][claim]),
        PAID: pa.array(paid[claim]),
        TERMS: pa.array(terms[claim]),
        "borne": lists(lost[1][claim]),
    }
    return {
        CLAIM: claims.append_column(FIRST, pa.array(turns(ledgers, decided)[rows])),
        INSTITUTION: widened(found.tables["institutions"]),
        RECOVERY: pa.table(recoveries),
    }


def lists(rows: Integers) -> pa.Array:
    """Return the rows of a matrix as a column of lists."""
    count, width = rows.shape
    ends = pa.array(np.arange(count + 1, dtype=np.int32) * np.int32(width))
    return pa.ListArray.from_arrays(ends, pa.array(np.ascontiguousarray(rows).reshape(-1)))


def paid_by_payers(
    claims: pa.RecordBatch, policies: Sequence[Policy], amount: Integers, prefix: str
) -> dict[str, Integers]:
    """Return which payer of the claim's policy pays what of an amount, by columns of ``prefix``."""
    own = {name: 0 * amount for name in claims.schema.names if name.startswith(prefix)}
    for policy in policies:
        decided = amount
        if "policy" in claims.schema.names:
            by_it = flags(pc.fill_null(pc.equal(claims["policy"], policy.id), fill_value=False))
            decided = np.where(by_it, amount, 0)
        shares = fixed_shares(policy.rules)
        assert shares is not None  # others cannot be spread
        parts = award.among_payers(decided, np.tile(shares, (len(decided), 1)))
        for place, payer in enumerate(payer_names(policy.rules)):
            own[f"{prefix}{payer}"] += parts[:, place]
    return own


def _counts_of_year(
    found: Assessment | JointAssessment, decided: Sequence[Decided]
) -> dict[str, int]:
    counts = backed_of(found.ledgers)
    counts[DUE] = sum(each.decisions.total_due for each in decided)
    for year, count in years_of(decided[0].inputs).items():
        counts[f"{OF_YEAR}{year}"] = count
    for field in found.tables["institutions"].schema:
        if pa.types.is_decimal(field.type) and field.type.precision > PRECISION:
            counts[f"{WIDE_RATIO}{field.name}"] = 1
    return counts
