"""The example's folders are read and written, and what it writes is what a run in memory gives."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from pyspark.sql import SparkSession

from compensation import assess, portfolio_of_frames
from examples import spark_folder
from tests.spark.running import KEYS

BY_INSTITUTION = ds.partitioning(pa.schema([("institution_id", pa.string())]), flavor="hive")


def stored(folder: Path) -> pa.Table:
    return ds.dataset(folder, partitioning=BY_INSTITUTION, ignore_prefixes=[".", "_"]).to_table()


@pytest.mark.slow
def test_a_partitioned_folder(
    spark: SparkSession, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ledgers, results = tmp_path / "ledgers", tmp_path / "results"
    spark_folder.make_ledgers(ledgers)
    tables = {folder.name: stored(folder) for folder in ledgers.iterdir()}
    due = assess(portfolio_of_frames(**tables), "jiyuan-2022", 2022).decisions.total_due
    budget = f"{due // 100 - 1}"
    expected = assess(portfolio_of_frames(**tables), "jiyuan-2022", 2022, budget)

    spark_folder.run(spark, str(ledgers), str(results), "jiyuan-2022", 2022, budget)
    for name, key in KEYS.items():
        table = expected.tables[name].sort_by(key)
        written = stored(results / name).select(table.column_names).sort_by(key)
        assert written.equals(table.cast(written.schema)), name
    assert {folder.name for folder in (results / "claims").glob("*=*")} == {
        f"institution_id=00{number}" for number in (1, 2, 3)
    }
    totals = expected.summary["totals"]
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        [name, str(value)] for name, value in totals.items()
    ]
    (file,) = (results / "summary").glob("part-*")
    assert json.loads(file.read_text(encoding="utf-8"))["totals"] == totals
    assert int(totals["claims"]) == 6
