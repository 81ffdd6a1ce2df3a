"""`assess` on Spark: what runs when.

The driver sees schemas, sums, counts and the first hundred faults of each kind; rows of contracts
and claims stay with the executors.
"""

from __future__ import annotations

import operator
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, partial
from typing import Any

import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812, as everybody writes it
from pyspark.sql.types import StructType

from compensation.guards import more_institutions, other_years
from compensation.issues import Severity
from compensation.language import Text
from compensation.ledger.fault_groups import FaultGroup
from compensation.ledger.fault_order import group_order
from compensation.ledger.faults import Faults, InputFaults
from compensation.policy.catalogue import Policy, load_policy
from compensation.policy.faults import PolicyFault, PolicyFaults
from compensation.results import summary_of, warning_rows
from compensation.spark.budget import within_budget
from compensation.spark.findings import claims_by_year, faults_of, found_in, tally_of
from compensation.spark.ledgers import by_institution, open_ledgers
from compensation.spark.outline import Outline, outline
from compensation.spark.worker import (
    CLAIM,
    CUT,
    DUE,
    FIRST,
    INSTITUTION,
    PAID,
    RECOVERY,
    Plan,
    assess_parts,
    is_ratio,
    return_recoveries,
)


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
    policy: Policy
    year: int
    budget: int | None
    warnings: Faults = field(repr=False)
    _outline: Outline = field(repr=False)
    _held: tuple[DataFrame, ...] = field(repr=False)

    @cached_property
    def summary(self) -> dict[str, Any]:
        """What summary.json holds, but for the digests of the input.

        `input_digest` and `inputs` are null: they are taken over rows in the order of the file,
        which DataFrames do not have. Warnings have `id` in place of `row`.
        """
        assert self._outline.empty is not None
        totals: dict[str, int | str] = {}
        in_year = F.when(F.year("recovery_date") == self.year, F.col("to_government"))
        for frame, names in (
            (self.institutions, ("institutions", "eligible_institutions")),
            (self.claims, ("claims", "eligible_claims", "compensation", "payable")),
            (
                self.returns.withColumn("to_government_in_year", in_year),
                ("distributed", "to_government", "to_government_in_year", "surplus"),
            ),
        ):
            amounts = [name for name in names if name in frame.columns]
            counts = [] if len(amounts) == len(names) else [F.count("*"), F.count_if("eligible")]
            found = frame.agg(*counts, *_sums(*amounts)).first()
            assert found is not None
            for name, value in zip(names, found, strict=True):
                totals[name] = f"{value:f}" if name in amounts else int(value)
        return {
            **summary_of(self._outline.empty),
            "input_digest": None,
            "inputs": None,
            "totals": totals,
            "warnings": [row for group in self.warnings.groups for row in warning_rows(group)],
        }

    def release(self) -> None:
        """Have the executors forget what the results are computed from."""
        for frame in self._held:
            frame.unpersist()


def assess(
    spark: SparkSession,
    tables: Mapping[str, DataFrame | None],
    policy: str | os.PathLike[str] | Policy,
    year: int,
    budget: Decimal | int | str | None = None,
) -> SparkAssessment:
    """Compute a year's compensation of ledgers that are Spark DataFrames.

    As `compensation.assess` of a portfolio, with the same rows in the results. `tables`: by the
    English name of the table; columns and cells as everywhere. `budget`: yuan, over all claims.

    All tables are read, checked and assessed when this is called. An institution with all its rows
    must fit into the memory of a worker. Raises `InputFaults` with every fault, all counted and the
    first hundred of each kind named by the id of their row; `PolicyFaults`, also where the policy
    caps the programme as a whole, claim after claim, which cannot be spread.
    """
    chosen = load_policy(policy)
    _refuse_programme_caps(chosen)
    year = operator.index(year)
    ledgers, unread = open_ledgers(tables, chosen)
    heads = {name: ledger.head for name, ledger in ledgers.items()}
    known = outline(heads, unread, chosen, year, budget)
    headings = {name: ledger.headings for name, ledger in ledgers.items()}
    together = by_institution(spark, ledgers)
    plan = Plan(chosen, year, together.places, headings, known.outcome)
    parts = partial(assess_parts, plan)
    held = together.rows.mapInArrow(parts, _schema(spark, plan.outcome)).persist()
    try:
        tally = tally_of(held)
        found = found_in(held, warnings=False) if tally.get("faults") else []
        faults = faults_of(known, found, tally)
        if faults:
            raise InputFaults(faults)
        assert known.empty is not None
        warnings = [
            *known.empty.warnings.groups,
            *other_years(chosen, year, tally.get("rows.claims", 0), claims_by_year(tally)),
            *more_institutions(chosen, tally.get("backed", 0)),
        ]
        warnings += found_in(held, warnings=True) if tally.get("warnings") else []
        return _results(spark, held, known, tally, sorted(warnings, key=group_order))
    except BaseException:
        held.unpersist()
        raise


def _refuse_programme_caps(policy: Policy) -> None:
    """Raise `PolicyFaults` for what needs the claims of several institutions together.

    That is a cap on them, and shares of payers that differ by claim.
    """
    message = Text(
        "整个项目合计的上限要逐笔依次计算，不能分散到多台机器；请用 compensation.assess",
        "a cap on the programme as a whole takes claims one after another, which cannot be spread "
        "over machines; use compensation.assess",
    )
    faults = [
        PolicyFault("not_on_spark", policy.source, f"caps[{cap.id}]", message)
        for cap in policy.rules.caps
        if cap.per is not None and "contracts.institution_id" not in cap.per
    ]
    if policy.rules.record != "payout":
        faults.append(PolicyFault("not_on_spark", policy.source, "record", NOT_PAYOUTS))
    faults += [
        PolicyFault("not_on_spark", policy.source, f"payers[{payer.id}]", DIFFERING_SHARES)
        for payer in policy.rules.payers
        if payer.when or not isinstance(payer.share, Decimal)
    ]
    if faults:
        raise PolicyFaults(faults)


NOT_PAYOUTS = Text(
    "只有按代偿计算的政策可以分散到多台机器；请用 compensation.assess",
    "only policies on payouts can be spread over machines; use compensation.assess",
)
DIFFERING_SHARES = Text(
    "出资方的比例因业务而异时，不能分散到多台机器；请用 compensation.assess",
    "shares of payers that differ by claim cannot be spread over machines; use compensation.assess",
)


def _results(
    spark: SparkSession,
    held: DataFrame,
    known: Outline,
    tally: Mapping[str, int],
    warnings: list[FaultGroup],
) -> SparkAssessment:
    """Return the results, under the budget if more than that is due."""
    empty = known.empty
    assert empty is not None
    claims, institutions, recoveries = (
        held.where(F.col(name).isNotNull()).select(f"{name}.*")
        for name in (CLAIM, INSTITUTION, RECOVERY)
    )
    to_release = [held]
    due = tally.get(DUE, 0)
    if empty.budget is not None and due > empty.budget:
        shared = within_budget(claims, empty.policy, empty.budget, due)
        to_release.append(shared.held)
        recoveries = _with_cut(recoveries, shared.claims)
        claims = shared.claims.drop(CUT)
        institutions = _with_payable(institutions, claims)
    by_claim = recoveries.repartition("claim_id").sortWithinPartitions("claim_id")
    schema = empty.tables["returns"].schema
    returned = partial(return_recoveries, empty.policy, empty.ledgers.parties, schema)
    narrow = {
        field.name: F.col(field.name).cast("decimal(18,6)")
        for field in empty.tables["institutions"].schema
        if is_ratio(field.type) and not tally.get(f"wide.{field.name}")
    }
    return SparkAssessment(
        claims.drop(DUE, FIRST),
        institutions.withColumns(narrow),
        by_claim.mapInArrow(returned, _schema(spark, schema)),
        empty.policy,
        empty.year,
        empty.budget,
        Faults(warnings, Severity.WARNING),
        known,
        tuple(to_release),
    )


def _with_cut(recoveries: DataFrame, claims: DataFrame) -> DataFrame:
    """Return recoveries with what government pays under the budget; never by a broadcast."""
    cuts = claims.select("claim_id", CUT).hint("merge")
    cut = F.coalesce(F.col(CUT), F.lit(0))
    return recoveries.join(cuts, "claim_id", "left").withColumn(PAID, F.col(PAID) - cut).drop(CUT)


def _with_payable(institutions: DataFrame, claims: DataFrame) -> DataFrame:
    """Return institutions with the sum of what their claims are paid under the budget."""
    sums = claims.groupBy("institution_id").agg(F.sum("payable").alias("sum")).hint("merge")
    joined = institutions.join(sums, "institution_id", "left")
    payable = F.coalesce(F.col("sum"), F.lit(0)).cast("decimal(18,2)")
    return joined.withColumn("payable", payable).select(*institutions.columns)


def _sums(*names: str) -> list[Column]:
    """Return sums of amounts; 0.00 where there are no rows."""
    return [F.coalesce(F.sum(name), F.lit(Decimal("0.00"))) for name in names]


def _schema(spark: SparkSession, schema: pa.Schema) -> StructType:
    """Return Spark's name for Arrow types."""
    return spark.createDataFrame(schema.empty_table()).schema
