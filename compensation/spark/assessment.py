"""`assess` and `assess_policies` on Spark."""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, partial
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812, as everybody writes it

from compensation.faults.input_faults import Faults
from compensation.issues import Severity
from compensation.joint_assessment import joint_run_of
from compensation.policy.catalogue import Policy
from compensation.results import summary_warnings
from compensation.spark.computing import Computed, compute, schema_of, sums_of, with_sums
from compensation.spark.names import CLAIM, CUT, DUE, FIRST, INSTITUTION, PAID, RECOVERY, is_ratio
from compensation.spark.tasks import OneYear, SeveralPolicies
from compensation.spark.worker import return_recoveries

PolicyGiven = str | os.PathLike[str] | Policy


@dataclass(frozen=True, eq=False)
class SparkAssessment:
    """The result of one run on Spark.

    `claims`, `institutions`, `returns`: DataFrames in the columns and types of the results of a run
    in memory, their rows in no order. `budget`: fen. `warnings`: what is worth a look, all counted,
    the first hundred of each kind with the id of their row.

    What the results are computed from stays with the executors, in memory or on disk, until
    `release`.
    """

    claims: DataFrame
    institutions: DataFrame
    returns: DataFrame
    policies: tuple[Policy, ...]
    year: int
    budget: int | None
    warnings: Faults = field(repr=False)
    _empty: Any = field(repr=False)
    _held: tuple[DataFrame, ...] = field(repr=False)

    @property
    def policy(self) -> Policy:
        """The policy of the run; the first of several."""
        return self.policies[0]

    @cached_property
    def summary(self) -> dict[str, Any]:
        """What summary.json holds, but for the digests of the input.

        `input_digest` and `inputs` are null: they are taken over rows in the order of the file,
        which DataFrames do not have. Warnings have `id` in place of `row`.
        """
        totals: dict[str, int | str] = {}
        in_year = F.when(F.year("recovery_date") == self.year, F.col("to_government"))
        # An institution has a row for each policy, and is eligible if it is under one of them.
        eligible = F.when(F.col("eligible"), F.col("institution_id"))
        for frame, counts, amounts in (
            (
                self.institutions,
                {
                    "institutions": F.count_distinct("institution_id"),
                    "eligible_institutions": F.count_distinct(eligible),
                },
                (),
            ),
            (
                self.claims,
                {"claims": F.count("*"), "eligible_claims": F.count_if("eligible")},
                ("compensation", "payable"),
            ),
            (
                self.returns.withColumn("to_government_in_year", in_year),
                {},
                ("distributed", "to_government", "to_government_in_year", "surplus"),
            ),
        ):
            found = frame.agg(*counts.values(), *sums_of(*amounts)).first()
            assert found is not None
            for name, value in zip((*counts, *amounts), found, strict=True):
                totals[name] = f"{value:f}" if name in amounts else int(value)
        return {
            **self._empty.summary,
            "input_digest": None,
            "inputs": None,
            "totals": totals,
            "warnings": summary_warnings(self.warnings),
        }

    def release(self) -> None:
        """Have the executors forget what the results are computed from."""
        for frame in self._held:
            frame.unpersist()


def assess(
    spark: SparkSession,
    tables: Mapping[str, DataFrame | None],
    policy: PolicyGiven,
    year: int,
    budget: Decimal | int | str | None = None,
    *,
    as_of: datetime.date | str | None = None,
) -> SparkAssessment:
    """Compute a year's compensation of ledgers that are Spark DataFrames.

    As `compensation.assess` of a portfolio, with the same rows in the results. `tables`: by the
    English name of the table; columns and cells as everywhere. `budget`: yuan, over all claims.
    `as_of`: the day at whose end the ledgers are looked at.

    All tables are read, checked and assessed when this is called. An institution with all its rows
    must fit into the memory of a worker. Raises `InputFaults` with every fault, all counted and the
    first hundred of each kind named by the id of their row; `PolicyFaults`, also where the policy
    caps the programme as a whole, claim after claim, which cannot be spread.
    """
    run, faults = joint_run_of([policy], year, budget, as_of)
    return _results(spark, OneYear(run), compute(spark, tables, OneYear(run), faults))


def assess_policies(
    spark: SparkSession,
    tables: Mapping[str, DataFrame | None],
    policies: Sequence[PolicyGiven],
    year: int,
    budget: Decimal | int | str | None = None,
    *,
    as_of: datetime.date | str | None = None,
) -> SparkAssessment:
    """Compute a year's compensation under several policies, each on its days.

    As `compensation.assess_policies` of a portfolio, with the same rows in the results; for the
    rest, and for what it raises, see `assess`.
    """
    run, faults = joint_run_of(policies, year, budget, as_of)
    task = SeveralPolicies(run)
    return _results(spark, task, compute(spark, tables, task, faults))


def _results(spark: SparkSession, task: OneYear, computed: Computed) -> SparkAssessment:
    """Return the results, under the budget if more than that is due."""
    empty = computed.empty
    claims, institutions, recoveries = map(computed.rows, (CLAIM, INSTITUTION, RECOVERY))
    to_release = [computed.held]
    shared = computed.shared()
    if shared is not None:
        to_release.append(shared.held)
        recoveries = _with_cut(recoveries, shared.claims)
        claims = shared.claims.drop(CUT)
        by = [name for name in ("institution_id", "policy") if name in institutions.columns]
        institutions = with_sums(institutions, claims, by, ["payable"])
    by_claim = recoveries.repartition("claim_id").sortWithinPartitions("claim_id")
    schema = empty.tables["returns"].schema
    returned = partial(return_recoveries, task.terms(), empty.ledgers.parties, schema)
    narrow = {
        field.name: F.col(field.name).cast("decimal(18,6)")
        for field in empty.tables["institutions"].schema
        if is_ratio(field.type) and field.name not in computed.wide
    }
    return SparkAssessment(
        claims.drop(DUE, FIRST),
        institutions.withColumns(narrow),
        by_claim.mapInArrow(returned, schema_of(spark, schema)),
        task.policies,
        task.run.year,
        task.budget,
        Faults(computed.warnings, Severity.WARNING),
        empty,
        tuple(to_release),
    )


def _with_cut(recoveries: DataFrame, claims: DataFrame) -> DataFrame:
    """Return recoveries with what government pays under the budget; never by a broadcast."""
    cuts = claims.select("claim_id", CUT).hint("merge")
    cut = F.coalesce(F.col(CUT), F.lit(0))
    return recoveries.join(cuts, "claim_id", "left").withColumn(PAID, F.col(PAID) - cut).drop(CUT)
