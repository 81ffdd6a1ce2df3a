"""A partitioned Parquet folder in, another one out, on Apache Spark.

一个按机构分区的 Parquet 文件夹输入,另一个输出,用 Apache Spark 计算。

Ledgers are read from `<table>/institution_id=…/*.parquet`, where the id of the institution is in
the name of the folder; claims and institutions are written in the same way. Any file system that
Spark knows will do (hdfs://, s3a://). From the root of the repository, on this machine:

    python -m examples.spark_folder

which makes up ledgers of three institutions first; or, on a cluster, with `spark-submit`:

    spark_folder.py LEDGERS RESULTS --year 2022 [--policy jiyuan-2022] [--budget 1000000]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession

import compensation
import compensation.spark
from examples.from_dataframes import claims, contracts, recoveries

NAMES = ("institutions", "contracts", "releases", "claims", "recoveries")
OPTIONAL = ("releases", "recoveries")
PARTITION = "institution_id"


def make_ledgers(folder: Path) -> None:
    """Write ledgers of three institutions, which share a borrower's id but no contract's."""
    for number in (1, 2, 3):
        tables = {
            "institutions": pa.table(
                {
                    "government_backed": [True],
                    "opening_balance": [9_000_000],
                    "opening_borrowers": [12],
                }
            ),
            "contracts": pa.table(contracts().drop(columns=PARTITION)),
            "claims": pa.table(claims()),
            "recoveries": pa.table(recoveries()),
        }
        for name, table in tables.items():
            for column in ("contract_id", "claim_id", "recovery_id"):
                if column in table.column_names:
                    own = [f"{text}-{number}" for text in table[column].to_pylist()]
                    place = table.column_names.index(column)
                    table = table.set_column(place, column, pa.array(own))  # noqa: PLW2901
            part = folder / name / f"{PARTITION}=00{number}"
            part.mkdir(parents=True)
            pq.write_table(table, part / "part-0.parquet")


def read(spark: SparkSession, folder: str) -> dict[str, DataFrame]:
    """Return the tables of a folder; releases and recoveries need not be there."""
    # Institution 007 must not become the number 7.
    spark.conf.set("spark.sql.sources.partitionColumnTypeInference.enabled", "false")
    tables: dict[str, DataFrame] = {}
    for name in NAMES:
        try:
            table = spark.read.parquet(f"{folder}/{name}")
        except AnalysisException:
            if name not in OPTIONAL:
                raise
            continue
        # Releases, claims and recoveries belong where their contract does; see the data dictionary.
        keep = name in ("institutions", "contracts")
        tables[name] = table if keep else table.drop(PARTITION)
    return tables


def write(spark: SparkSession, result: compensation.spark.SparkAssessment, folder: str) -> None:
    """Write the results, and the summary as one line of JSON."""
    for name, table in (("claims", result.claims), ("institutions", result.institutions)):
        by_institution = table.repartition(PARTITION).write.partitionBy(PARTITION)
        by_institution.mode("overwrite").parquet(f"{folder}/{name}")
    result.returns.write.mode("overwrite").parquet(f"{folder}/returns")
    line = json.dumps(result.summary, ensure_ascii=False)
    summary = spark.createDataFrame([(line,)], "value string").coalesce(1)
    summary.write.mode("overwrite").text(f"{folder}/summary")


def run(
    spark: SparkSession, ledgers: str, results: str, policy: str, year: int, budget: str | None
) -> None:
    """Read, assess and write; print the totals."""
    try:
        result = compensation.spark.assess(spark, read(spark, ledgers), policy, year, budget)
    except compensation.InputFaults as error:  # counted, the first hundred of each kind by id
        sys.exit(error.describe("zh"))
    write(spark, result, results)
    for name, value in result.summary["totals"].items():
        print(f"{name:22}{value:>16}")
    result.release()


def main() -> None:
    """Take the folders from the command line, or make up some."""
    parser = argparse.ArgumentParser()
    parser.add_argument("ledgers", nargs="?")
    parser.add_argument("results", nargs="?")
    parser.add_argument("--policy", required=True)
    parser.add_argument("--year", type=int, default=2022)
    parser.add_argument("--budget")
    given = parser.parse_args()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    spark = SparkSession.builder.appName("compensation").getOrCreate()
    with tempfile.TemporaryDirectory() as folder:
        if given.ledgers is None:
            make_ledgers(Path(folder) / "ledgers")
        ledgers = given.ledgers or f"{folder}/ledgers"
        results = given.results or f"{folder}/results"
        run(spark, ledgers, results, given.policy, given.year, given.budget)
    spark.stop()


if __name__ == "__main__":
    main()
