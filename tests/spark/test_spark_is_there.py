"""Where Spark or Java is missing this says so for the whole folder; in CI it fails."""

from __future__ import annotations

import importlib.util
import os
import shutil

import pytest

MISSING = [
    name
    for name, there in {
        "pyspark": importlib.util.find_spec("pyspark"),
        "java": shutil.which("java"),
    }.items()
    if not there
]
IN_CI = "CI" in os.environ


@pytest.mark.skipif(
    bool(MISSING) and not IN_CI,
    reason=f"all of tests/spark needs {' and '.join(MISSING)}: tools/test-spark, with Java 17",
)
def test_spark_is_there() -> None:
    assert not MISSING
