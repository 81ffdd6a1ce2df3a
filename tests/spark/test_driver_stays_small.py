"""No rows of contracts or claims come to the driver: they would not pass its limit."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

from benchmarks.ledgers import Plan, write_ledgers
from compensation import assess, read_portfolio, settle_files
from compensation.spark import assess as assess_on
from compensation.spark import settle as settle_on
from tests.spark.running import KEYS

CONTRACTS = 60_000


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_settlement_under_a_budget(spark: SparkSession, tmp_path: Path) -> None:
    plan = Plan(CONTRACTS, payments=True)
    write_ledgers(tmp_path / "in", plan)
    frames = {name: spark.read.parquet(f"{tmp_path}/in/{name}.parquet") for name in plan.tables}
    given = ("jiyuan-2022", "2023-12-31", None, "1000000")
    expected = settle_files(tmp_path / "in", *given)
    assert expected.granted.outstanding.any()
    found = settle_on(spark, frames, *given)
    assert found.summary["totals"] == expected.summary["totals"]
    found.settlement.write.parquet(str(tmp_path / "settlement"))
    written = pq.read_table(tmp_path / "settlement").sort_by("claim_id")
    assert written.equals(expected.tables["settlement"].sort_by("claim_id"))
    found.release()
