"""A budget that falls short, shared over all claims wherever they lie, to the fen.

What each claim gets by itself is computed where the claim is. The order of claims, which decides
who gets the fen left over, or who comes first, comes of a distributed sort; of each partition only
its sums reach the driver.
"""

from __future__ import annotations

from functools import partial
from itertools import accumulate
from typing import NamedTuple

from pyspark import TaskContext
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812, as everybody writes it
from pyspark.sql.types import LongType, StructField, StructType

from compensation.rules.rounding import unit_of
from compensation.spark.names import CUT, FIRST, SHARING
from compensation.spark.tasks import Task
from compensation.spark.worker import Leftover, pay, run_up, share_budget


class Shared(NamedTuple):
    """Claims with what the budget leaves for them, and `CUT`; and what is held until then."""

    claims: DataFrame
    held: DataFrame


def within_budget(claims: DataFrame, task: Task, due: int) -> Shared:
    """Share the budget of a task over claims of which more is ``due``.

    `claims`: the result, with columns `DUE` in fen and `FIRST`, whose turn it is, see
    `rules.compensation.budget_turn`. Policies that share a budget do so in the same way. Spark
    compares texts by their UTF-8 bytes, which is the order of code points.
    """
    rules, budget = task.policies[0].rules, task.budget
    rule, unit = rules.budget, unit_of(rules.compensation, rules.budget)
    assert budget is not None
    shared = claims.mapInArrow(
        partial(share_budget, rule, budget, due, unit),
        _and(claims.schema, "part", "rounded_off", "remainder", "weight"),
    )
    by_remainder = [F.col("rounded_off").desc(), F.col("remainder").desc()]
    first = by_remainder if rule.method == "pro_rata" else [F.col(FIRST)]
    order = [*first, F.col("claim_id")]
    in_order = shared.repartitionByRange(*order).sortWithinPartitions(*order)
    held = in_order.mapInArrow(
        partial(run_up, _partition), _and(shared.schema, "slice", "before")
    ).persist()
    sums = held.groupBy("slice").agg(F.sum("weight").alias("weight"), F.sum("part").alias("part"))
    slices = sorted(sums.collect())
    before = accumulate((row["weight"] for row in slices), initial=0)
    starts = {row["slice"]: start for row, start in zip(slices, before, strict=False)}
    left = budget - sum(row["part"] for row in slices)
    kept = StructType([field for field in claims.schema if field.name not in SHARING])
    known = Leftover(rule, budget, unit, left, starts)
    return Shared(held.mapInArrow(partial(pay, task, known), _and(kept, CUT)), held)


def _partition() -> int:
    """Return the number of the partition that is being worked on."""
    context = TaskContext.get()
    assert context is not None
    return int(context.partitionId())


def _and(schema: StructType, *names: str) -> StructType:
    return StructType([*schema.fields, *(StructField(name, LongType()) for name in names)])
