"""Ledgers to a cluster, results back as tables in the order of their ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from compensation.issues import Issue
from compensation.spark import SparkAssessment

KEYS = {"claims": "claim_id", "institutions": "institution_id", "returns": "recovery_id"}


def frames_on(spark: SparkSession, tables: Mapping[str, pa.Table]) -> dict[str, DataFrame]:
    """Each table in as many partitions as there are executors, in another order than given."""
    backwards = {
        name: table.take(pa.array(range(len(table) - 1, -1, -1), pa.int64()))
        for name, table in tables.items()
    }
    return {name: spark.createDataFrame(table) for name, table in backwards.items()}


def by_id(results: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    return {name: results[name].sort_by(key) for name, key in KEYS.items()}


def results_on(assessment: SparkAssessment) -> dict[str, pa.Table]:
    """The results, brought here: they are small in tests."""
    results = by_id({name: getattr(assessment, name).toArrow() for name in KEYS})
    assessment.release()
    return results


def plainly(faults: Iterable[Issue]) -> Counter[tuple[object, ...]]:
    """Faults by all that they say but for the row, however often."""
    return Counter((f.kind, f.table, f.column, f.value, f.message, f.expected) for f in faults)
