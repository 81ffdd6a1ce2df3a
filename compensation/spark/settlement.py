"""`settle` on Spark."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from compensation.faults.input_faults import Faults
from compensation.faults.order import group_order
from compensation.issues import Severity
from compensation.language import Text
from compensation.money import FEN_PER_YUAN
from compensation.policy.catalogue import Policy
from compensation.rules.pool import LEGS
from compensation.rules.steps import Steps
from compensation.settlement.period import Day, Period
from compensation.settlement.settle import PolicyGiven, run_of
from compensation.settlement.settlement import Settlement
from compensation.settlement.summary import summary_of, totals_of
from compensation.settlement.tables import amounts_of, leg_of, pool_table
from compensation.settlement.warnings import negative_pool, notes_for
from compensation.spark.computing import Computed, compute, sums_of, with_sums
from compensation.spark.names import BEHIND, CLAIM, COUNTING, CUT, DUE, FIRST, INSTITUTION
from compensation.spark.settling import (
    CUT_BY_BUDGET,
    CUT_LEGS,
    Settling,
    by_status,
    has_entries,
    statement,
)


@dataclass(frozen=True, eq=False)
class SparkSettlement:
    """The result of a settlement on Spark.

    `settlement`, `institutions`, `pool_statement`: DataFrames in the columns and types of the
    results of a settlement in memory; the rows of the first two are in no order. `budget`: fen.
    `warnings`: what is worth a look, all counted, the first hundred of each kind with the id of
    their row.

    What the results are computed from stays with the executors, in memory or on disk, until
    `release`.
    """

    settlement: DataFrame
    institutions: DataFrame
    policies: tuple[Policy, ...]
    period: Period
    budget: int | None
    _spark: SparkSession = field(repr=False)
    _computed: Computed = field(repr=False)
    _held: tuple[DataFrame, ...] = field(repr=False)

    @property
    def to(self) -> datetime.date:
        """The day on which it is settled."""
        return self.period.last

    @property
    def from_(self) -> datetime.date:
        """The first day of the period that it reports."""
        return self.period.first

    @property
    def pool_statement(self) -> DataFrame:
        """What the pool held, what came in and went out, and what is left; a row for each line."""
        return self._spark.createDataFrame(pool_table(self._statement)).coalesce(1)

    @cached_property
    def warnings(self) -> Faults:
        """What was let through but is worth a look."""
        of_pool = negative_pool(self._statement, entries=has_entries(self._computed.tally))
        warnings = sorted([*self._computed.warnings, *of_pool], key=group_order)
        return Faults(warnings, Severity.WARNING)

    @cached_property
    def notes(self) -> tuple[Text, ...]:
        """What the figures leave out because the ledger lacks it."""
        empty: Settlement = self._computed.empty
        return tuple(notes_for(empty.ledgers, by_status(self._computed.tally)))

    @cached_property
    def summary(self) -> dict[str, Any]:
        """What settlement_summary.json holds, but for the digests of the input.

        `input_digest` and `inputs` are null: they are taken over rows in the order of the file,
        which DataFrames do not have. Warnings have `id` in place of `row`.
        """
        empty: Settlement = self._computed.empty
        claims = self._computed.tally.get(COUNTING, 0)
        totals = totals_of(self.institutions.count(), claims, self._totals, self._statement)
        return {
            **summary_of(empty, self.notes, self.warnings),
            "input_digest": None,
            "inputs": None,
            "totals": totals,
        }

    @cached_property
    def _totals(self) -> dict[str, int]:
        """The sums of the money columns of claims, in fen."""
        names = ["payout", *amounts_of(self._computed.empty)]
        found = self.settlement.agg(*sums_of(*names)).first()
        assert found is not None
        return {name: int(yuan * FEN_PER_YUAN) for name, yuan in zip(names, found, strict=True)}

    @cached_property
    def _statement(self) -> Steps:
        legs = {name: self._totals[name] for name in LEGS}
        return statement(self._computed.tally, self.period.begin, legs)

    def release(self) -> None:
        """Have the executors forget what the results are computed from."""
        for frame in self._held:
            frame.unpersist()


def settle(
    spark: SparkSession,
    tables: Mapping[str, DataFrame | None],
    policies: PolicyGiven | Sequence[PolicyGiven],
    to: Day,
    from_: Day | None = None,
    budget: Decimal | int | str | None = None,
) -> SparkSettlement:
    """Settle a programme as of the end of a day, of ledgers that are Spark DataFrames.

    As `compensation.settle` of a portfolio, with the same rows in the results. `tables`: by the
    English name of the table; columns and cells as everywhere. `budget`: yuan that this settlement
    may pay, over all claims.

    All tables are read, checked and settled when this is called. An institution with all its rows
    must fit into the memory of a worker. The days of claims, and the sums of what moved in the pool
    on each day, come to the driver. Raises `InputFaults` with every fault, all counted and the
    first hundred of each kind named by the id of their row; `PolicyFaults`, also where a policy
    caps the programme as a whole, claim after claim, which cannot be spread.
    """
    run, faults = run_of(policies, to, from_, budget)
    computed = compute(spark, tables, Settling(run), faults)
    claims, institutions = computed.rows(CLAIM), computed.rows(INSTITUTION)
    to_release = [computed.held]
    shared = computed.shared()
    if shared is not None:
        to_release.append(shared.held)
        claims = shared.claims.drop(CUT)
        cut = [*CUT_BY_BUDGET, *(name for name in claims.columns if leg_of(name) in CUT_LEGS)]
        institutions = with_sums(institutions, claims, ["institution_id"], cut)
    assert run.period is not None
    return SparkSettlement(
        claims.drop(DUE, FIRST, BEHIND),
        institutions,
        run.policies,
        run.period,
        run.budget,
        spark,
        computed,
        tuple(to_release),
    )
