"""Ledgers to a cluster, results back as tables in the order of their ids."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from compensation.issues import Issue
from compensation.spark import SparkAssessment

KEYS = {"claims": "claim_id", "institutions": "institution_id", "returns": "recovery_id"}
POLICY = "policy"
"""What institutions go by besides, where there are several policies."""


def frames_on(spark: SparkSession, tables: Mapping[str, pa.Table]) -> dict[str, DataFrame]:
    """Each table in as many partitions as there are executors, in another order than given."""
    backwards = {
        name: table.take(pa.array(range(len(table) - 1, -1, -1), pa.int64()))
        for name, table in tables.items()
    }
    return {name: spark.createDataFrame(table) for name, table in backwards.items()}


def by_id(results: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    found = {}
    for name, key in KEYS.items():
        keys = [own for own in (key, POLICY) if own in results[name].column_names]
        found[name] = results[name].sort_by([(own, "ascending") for own in keys])
    return found


def results_on(assessment: SparkAssessment) -> dict[str, pa.Table]:
    """The results, brought here: they are small in tests."""
    results = by_id({name: getattr(assessment, name).toArrow() for name in KEYS})
    assessment.release()
    return results


def plainly(faults: Iterable[Issue]) -> Counter[tuple[object, ...]]:
    """Faults by all that they say but for the row, however often."""
    return Counter((f.kind, f.table, f.column, f.value, f.message, f.expected) for f in faults)


def said(warnings: list[dict[str, str]]) -> Counter[tuple[str, str]]:
    """Warnings, but for how they call other rows: by number in memory, by id on a cluster.

    Which of two ids that are alike is the earlier one is open: DataFrames have no order.
    """
    other, quoted = re.compile("第 [0-9]+ 行|编号“.*?”"), re.compile("“.*?”")

    def text(message: str) -> str:
        named = other.sub("…", message)
        return quoted.sub("“”", named) + "".join(sorted(quoted.findall(named)))

    return Counter((w["column"], text(w["message"])) for w in warnings)
