"""A run on Spark: what runs when, whatever is computed.

The driver sees schemas, sums, counts and the first hundred faults of each kind; rows of contracts
and claims stay with the executors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812, as everybody writes it
from pyspark.sql.types import StructType

from compensation.engine.measures_needed import CONTRACT_INSTITUTION
from compensation.engine.needed_columns import by_own_headings
from compensation.faults.groups import FaultGroup
from compensation.faults.input_faults import InputFaults
from compensation.faults.order import group_order
from compensation.language import Text
from compensation.ledger.later_rows import later_rows
from compensation.policy.catalogue import Policy
from compensation.policy.faults import PolicyFaults, policy_fault
from compensation.policy.quantities import (
    groupings,
    groups_measured,
    operations_of,
)
from compensation.policy.variables import OF_ENTERPRISES, POOL_COLUMNS
from compensation.rules.decision import variables_needed
from compensation.spark.budget import Shared, within_budget
from compensation.spark.findings import faults_of, found_in, tally_of
from compensation.spark.ledgers import by_institution, open_ledgers
from compensation.spark.names import CLAIM, DUE, LATER, WIDE_RATIO, counts_named
from compensation.spark.outline import outline
from compensation.spark.settling import Settling
from compensation.spark.tasks import Task
from compensation.spark.worker import Plan, decide_parts
from compensation.spark.years import years_decided
from compensation.streaming import declared_columns
from compensation.values.dates import date_of


@dataclass(frozen=True, eq=False)
class Computed:
    """What the parts of ledgers came to; rows of claims, institutions and recoveries are in `held`.

    `empty`: what ledgers without rows come to. `tally`: what all parts counted, added up.
    """

    task: Task
    empty: Any
    held: DataFrame
    tally: Mapping[str, int]
    warnings: Sequence[FaultGroup]

    def rows(self, name: str) -> DataFrame:
        """Return claims, institutions or recoveries, in the columns that the task gives them."""
        return self.held.where(F.col(name).isNotNull()).select(f"{name}.*")

    def shared(self) -> Shared | None:
        """Return claims under the budget, if more than that is due."""
        due = self.tally.get(DUE, 0)
        if self.task.budget is None or due <= self.task.budget:
            return None
        return within_budget(self.rows(CLAIM), self.task, due)

    @property
    def wide(self) -> frozenset[str]:
        """Return the ratios of institutions of which one is too large for their usual type."""
        return frozenset(counts_named(WIDE_RATIO, self.tally))


def compute(
    spark: SparkSession,
    tables: Mapping[str, DataFrame | None],
    task: Task,
    faults: Sequence[FaultGroup],
) -> Computed:
    """Read, check and decide ledgers; ``faults``: of what was asked.

    Raises `InputFaults` with every fault, all counted and the first hundred of each kind named by
    the id of their row; `PolicyFaults`.
    """
    refused = [
        policy_fault("not_on_spark", policy.source, key, message)
        for policy in task.policies
        for key, message in _not_on_spark(policy)
    ]
    if refused:
        raise PolicyFaults(refused)
    extra, differing = declared_columns(task.policies)
    ledgers, unread = open_ledgers(tables, extra)
    heads = {name: ledger.head for name, ledger in ledgers.items()}
    known = outline(heads, [*faults, *differing, *unread], task, extra)
    if known.empty is not None and isinstance(task, Settling):
        # The years that a settlement decides: each part has to know them.
        task = Settling(task.run, years_decided(ledgers["claims"], task.run))
    headings = {name: ledger.headings for name, ledger in ledgers.items()}
    together = by_institution(spark, ledgers)
    plan = Plan(task, extra, together.places, headings, known.outcome)
    parts = partial(decide_parts, plan)
    held = together.rows.mapInArrow(parts, schema_of(spark, plan.outcome)).persist()
    try:
        tally = tally_of(held)
        found = found_in(held, warnings=False) if tally.get("faults") else []
        wrong = faults_of(known, found, tally)
        if wrong:
            raise InputFaults(by_own_headings(wrong, task.policies))
        assert known.empty is not None
        warnings = [*known.empty.warnings.groups, *task.warnings(tally)]
        warnings += found_in(held, warnings=True) if tally.get("warnings") else []
        day = known.empty.ledgers.day
        if day is not None:
            warnings += later_rows(counts_named(LATER, tally), date_of(day))
        warnings = by_own_headings(sorted(warnings, key=group_order), task.policies)
        return Computed(task, known.empty, held, tally, warnings)
    except BaseException:
        held.unpersist()
        raise


def _not_on_spark(policy: Policy) -> Iterator[tuple[str, Text]]:
    """Yield the keys that need the claims or figures of several institutions together, and why."""
    rules, needed = policy.rules, variables_needed(policy)
    for grouping in groupings(rules):
        if CONTRACT_INSTITUTION not in grouping.per:
            yield grouping.id, OF_THE_PROGRAMME
    for cap in rules.caps:
        if cap.in_all is not None:
            yield f"caps[{cap.id}].in_all", OF_THE_PROGRAMME
    if rules.record != "payout":
        yield "record", NOT_PAYOUTS
    for each in rules.indicators:
        if any(operation.per is not None for operation in operations_of(each.value)):
            yield f"indicators[{each.id}]", OF_SEVERAL
    for grouping in groups_measured(rules):
        if CONTRACT_INSTITUTION not in grouping.per:
            yield grouping.id, OF_SEVERAL
    for name, users in needed.items():
        if name in OF_ENTERPRISES:
            yield ", ".join(users), OF_ENTERPRISE
    for key in ("first", "shares"):
        if getattr(rules.returns, key):
            yield f"returns.{key}", FIRST_RETURNS
    if set(rules.returns.limits_of_costs) & set(rules.returns.by_case):
        yield "returns.costs", COSTS_BY_CASE
    for key in sorted(POOL_COLUMNS.keys() & needed.keys()):
        yield key, OF_THE_POOL
    budget = rules.budget
    if budget.at_most is not None:
        yield "budget.at_most", OF_THE_POOL
    if budget.in_turns and budget.method == "pro_rata":
        yield "budget.first" if budget.first else "budget.unpaid", IN_TURNS
    for key in ("at_least", "ratio_to"):
        if getattr(budget, key) is not None:
            yield f"budget.{key}", IN_TURNS
    for payer in rules.payers:
        if payer.when or payer.paid or not isinstance(payer.share, Decimal):
            yield f"payers[{payer.id}]", DIFFERING_SHARES
    for cap in rules.caps:
        if cap.payer is not None or cap.sets_off:
            yield f"caps[{cap.id}]", DIFFERING_SHARES
    if rules.payers and rules.compensation is not None and rules.compensation.per is not None:
        yield "compensation.per", DIFFERING_SHARES


OF_THE_PROGRAMME = Text(
    "整个项目合计的上限要逐笔依次计算，不能分散到多台机器；"
    "请用 compensation.assess 或 compensation.settle",
    "a cap on the programme as a whole takes claims one after another, which cannot be spread "
    "over machines; use compensation.assess or compensation.settle",
)
NOT_PAYOUTS = Text(
    "只有按代偿计算的政策可以分散到多台机器；请用 compensation.assess",
    "only policies on payouts can be spread over machines; use compensation.assess",
)
OF_SEVERAL = Text(
    "几家机构合计的数和名次不能分散到多台机器；请用 compensation.assess 或 compensation.settle",
    "a figure of several institutions and a place among them cannot be spread over machines; use "
    "compensation.assess or compensation.settle",
)
OF_THE_POOL = Text(
    "资金池的金额和政策写明的预算不能分散到多台机器；请用 compensation.assess 或 "
    "compensation.settle",
    "amounts of the pool and a budget that the policy says are not known on each machine; use "
    "compensation.assess or compensation.settle",
)
IN_TURNS = Text(
    "预算先给一类、再按比例分配的，比例取整的，或压缩后不足多少元不发放的，不能分散到多台机器；"
    "请用 compensation.assess 或 compensation.settle",
    "a budget that is shared in proportion class after class or by a rounded ratio, or of which "
    "less than an amount is not paid, cannot be spread over machines; use compensation.assess or "
    "compensation.settle",
)
OF_ENTERPRISE = Text(
    "同一借款人在各机构的余额和补偿次数不能分散到多台机器；请用 compensation.assess 或 "
    "compensation.settle",
    "what a borrower has at all institutions together cannot be spread over machines; use "
    "compensation.assess or compensation.settle",
)
FIRST_RETURNS = Text(
    "先返还一方或按规定份额返还的，不能分散到多台机器；请用 compensation.assess 或 "
    "compensation.settle",
    "returns to one party first or by shares of their own cannot be spread over machines; use "
    "compensation.assess or compensation.settle",
)
COSTS_BY_CASE = Text(
    "追偿费用的限额因业务而异时，不能分散到多台机器；请用 compensation.assess 或 "
    "compensation.settle",
    "limits of costs that differ by claim cannot be spread over machines; use "
    "compensation.assess or compensation.settle",
)
DIFFERING_SHARES = Text(
    "出资方的比例因业务而异、或要看已支付多少，以及分担取整合计、从应付金额中抵扣的，"
    "不能分散到多台机器；请用 compensation.assess",
    "shares of payers that differ by claim, look at what each paid, or are of a total that is "
    "rounded, and what is set off from what is payable, cannot be spread over machines; use "
    "compensation.assess",
)


def with_sums(
    rows: DataFrame, claims: DataFrame, by: Sequence[str], names: Sequence[str]
) -> DataFrame:
    """Return institutions with the sums of amounts of their claims in place of their own."""
    sums = claims.groupBy(*by).agg(*(F.sum(name).alias(f"sum.{name}") for name in names))
    joined = rows.join(sums.hint("merge"), [*by], "left")
    of_claims = {
        name: F.coalesce(F.col(f"`sum.{name}`"), F.lit(0)).cast("decimal(18,2)") for name in names
    }
    return joined.withColumns(of_claims).select(*rows.columns)


def sums_of(*names: str) -> list[Column]:
    """Return sums of amounts; 0.00 where there are no rows."""
    return [F.coalesce(F.sum(name), F.lit(Decimal("0.00"))) for name in names]


def schema_of(spark: SparkSession, schema: pa.Schema) -> StructType:
    """Return Spark's name for Arrow types."""
    return spark.createDataFrame(schema.empty_table()).schema
