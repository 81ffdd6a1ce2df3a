"""One Spark for all tests: a driver and two executors, each a process of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.spark.test_spark_is_there import IN_CI, MISSING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

if MISSING and not IN_CI:
    own = Path(__file__).parent.glob("test_*.py")
    collect_ignore = [file.name for file in own if file.name != "test_spark_is_there.py"]


QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """A cluster of two executors; what reaches the driver must stay below a megabyte."""
    # Spark is not installed on most machines; see `test_spark_is_there`.
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    settings = {
        "spark.driver.maxResultSize": "1m",
        "spark.sql.shuffle.partitions": "2",
        "spark.executor.memory": "1g",
        # What runs for a minute is not worth compiling well.
        "spark.driver.extraJavaOptions": QUICK,
        "spark.executor.extraJavaOptions": QUICK,
        "spark.ui.enabled": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.codegen.wholeStage": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("tests")
    session = builder.config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()
