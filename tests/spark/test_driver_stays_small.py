"""No rows of contracts or claims come to the driver: they would not pass its limit."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

from benchmarks.ledgers import Plan, write_ledgers
from compensation import assess, read_portfolio
from compensation.spark import assess as assess_on
from tests.spark.running import KEYS

CONTRACTS = 60_000


def test_results_of_more_than_the_driver_may_take(spark: SparkSession, tmp_path: Path) -> None:
    write_ledgers(tmp_path / "in", Plan(CONTRACTS))
    names = ("institutions", "contracts", "releases", "claims", "recoveries")
    frames = {name: spark.read.parquet(str(tmp_path / "in" / f"{name}.parquet")) for name in names}
    with pytest.raises(Py4JJavaError, match="maxResultSize"):
        frames["contracts"].select("contract_id").toArrow()

    expected = assess(read_portfolio(tmp_path / "in"), "jiyuan-2022", 2022, "10000000")
    assert expected.decisions.total_due > 10_000_000_00
    found = assess_on(spark, frames, "jiyuan-2022", 2022, "10000000")
    assert found.summary["totals"] == expected.summary["totals"]
    for name, key in KEYS.items():
        getattr(found, name).write.parquet(str(tmp_path / name))
        written = pq.read_table(tmp_path / name).sort_by(key)
        assert written.equals(expected.tables[name].sort_by(key)), name
    found.release()
