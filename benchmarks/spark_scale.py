"""What a portfolio takes on Spark, on one executor and on two, and what more of it would take.

    python -m benchmarks.spark_scale [--contracts 1000000 4000000] [--executors 1 2]

Each run is a cluster of its own on this machine: a driver and executors of one core each, all of
them processes, which together may use as many processors as there are executors (on Linux), as on
a cluster with one for each. Timed is what a user waits for once the cluster is there: the ledgers
are read from Parquet, assessed, and the results written as Parquet. The cluster first assesses the
smallest ledgers once, so that starting it, its Python workers and the compiling of its code are not
in the time. Ledgers are made once and kept in build/bench. Needs what `tools/test-spark` installs.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.processes import measure
from benchmarks.programs import ROOT, Case, ledgers

SIZES = (1_000_000, 4_000_000)
FAR = 100_000_000
"""Contracts for which the line through the measured times is drawn on."""
MEMORY = 3072
"""Megabytes of an executor's JVM; its Python worker has its memory beside it."""
SMALL = 10_000
TABLES = ("institutions", "contracts", "releases", "claims", "recoveries")


class Run(NamedTuple):
    """Seconds of one run, the claims it wrote, and the megabytes of the whole cluster."""

    seconds: float
    claims: int
    peak: float


def run(contracts: int, executors: int) -> Run:
    """Measure one run in a cluster of its own."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told.json"
        command = [
            *(sys.executable, "-m", "benchmarks.spark_scale", "--once", str(told)),
            *("--contracts", str(contracts), "--executors", str(executors)),
        ]
        took = measure(command, ROOT)
        return Run(**json.loads(told.read_text()), peak=took.peak)


def once(contracts: int, executors: int, told: Path) -> None:
    """Start a cluster, assess, and write what it took."""
    # Spark is not installed on most machines; `main` says how to install it.
    from pyspark.sql import SparkSession

    if sys.platform == "linux":
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:executors])
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    settings = {
        "spark.executor.memory": f"{MEMORY}m",
        "spark.driver.maxResultSize": "1m",
        "spark.sql.shuffle.partitions": "16",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    builder = SparkSession.builder.master(f"local-cluster[{executors},1,{MEMORY}]")
    spark = builder.config(map=settings).getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    _assess(spark, SMALL, told.parent / "rehearsal")
    begin = time.perf_counter()
    claims = _assess(spark, contracts, told.parent / "results")
    told.write_text(json.dumps({"seconds": time.perf_counter() - begin, "claims": claims}))
    spark.stop()


def _assess(spark: Any, contracts: int, output: Path) -> int:
    """Read, assess and write; return the number of claims."""
    # It imports pyspark, see `once`.
    import compensation.spark

    folder = ledgers(Case(contracts, order="grouped"))
    tables = {name: spark.read.parquet(f"{folder}/{name}.parquet") for name in TABLES}
    result = compensation.spark.assess(spark, tables, "jiyuan-2022", 2022, "1000000000")
    for name in ("claims", "institutions", "returns"):
        getattr(result, name).write.parquet(str(output / name))
    claims = int(result.summary["totals"]["claims"])
    result.release()
    return claims


def report(sizes: list[int], executors: list[int], turns: int) -> None:
    """Print a table of medians, the gain of executors, and the line drawn on to `FAR`."""
    for contracts in (SMALL, *sizes):
        ledgers(Case(contracts, order="grouped"))
    taken: dict[tuple[int, int], list[Run]] = {}
    for _ in range(turns):
        for contracts in sizes:
            for count in executors:
                done = run(contracts, count)
                taken.setdefault((contracts, count), []).append(done)
                print(f"  {contracts:,} on {count}: {done}", file=sys.stderr, flush=True)
    print("| contracts | executors | time | memory, all processes |")
    print("|---:|---:|---:|---:|")
    middle: dict[tuple[int, int], float] = {}
    for (contracts, count), runs in sorted(taken.items()):
        seconds, _, peak = (statistics.median(column) for column in zip(*runs, strict=True))
        middle[contracts, count] = seconds
        print(f"| {contracts:,} | {count} | {seconds:.1f} s | {peak:,.0f} MB |")
    for count in executors:
        points = [(contracts, middle[contracts, count]) for contracts in sizes]
        if len(points) < 2:
            continue
        slope, fixed = statistics.linear_regression(*zip(*points, strict=True))
        print(
            f"- executors {count}: {fixed:.1f} s, and {slope * 1e6:.2f} s for each million;"
            f" drawn on to {FAR:,} contracts: {(fixed + slope * FAR) / 60:.0f} min"
        )
    if len(executors) > 1:
        few, many = min(executors), max(executors)
        for contracts in sizes:
            gain = middle[contracts, few] / middle[contracts, many]
            print(f"- {contracts:,} contracts: {gain:.2f} times as fast on {many} as on {few}")


def main() -> int:
    """Run as the arguments say."""
    parser = argparse.ArgumentParser(description="Measure what a portfolio takes on Spark.")
    parser.add_argument("--contracts", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--executors", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--once", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.once:
        once(given.contracts[0], given.executors[0], given.once)
        return 0
    try:
        # Whether it is installed is the question here.
        import pyspark  # noqa: F401
    except ImportError:
        print("Spark is not installed: make .venv/spark", file=sys.stderr)
        return 2
    report(given.contracts, given.executors, given.turns)
    return 0


if __name__ == "__main__":
    sys.exit(main())
