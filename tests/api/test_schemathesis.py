"""Schemathesis against the OpenAPI document of a real server that wants a key: all its checks.

Some cases for each operation; COMPENSATION_SCHEMATHESIS_EXAMPLES says how many, and from 50 on
every phase is run, which takes minutes. The summary is printed with the seed; a failure is
repeated with COMPENSATION_SCHEMATHESIS_SEED.
"""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.conftest import Guarded
from tests.api.foreseen import foreseen
from tests.api.server import ROOT

VARIABLE = "COMPENSATION_SCHEMATHESIS_EXAMPLES"
EXAMPLES = int(os.environ.get(VARIABLE, "3"))
SEED = os.environ.get("COMPENSATION_SCHEMATHESIS_SEED") or str(secrets.randbelow(2**32))
PHASES = "examples,coverage,fuzzing,stateful" if EXAMPLES >= 50 else "examples,fuzzing"
REFUSED = ["400", "401", "404", "405", "406", "413", "415", "422", "429", "5xx"]
ACCEPTED = ["2xx", "401", "404", "429", "5xx"]


def config(document: dict[str, dict[str, dict[str, dict[str, object]]]]) -> str:
    """The settings: 422 may answer data that fits the schema only where faults are foreseen."""
    lines = [f"generation.max-examples = {EXAMPLES}"]
    # A scenario is several calls, and takes as much longer.
    lines += ["[phases.stateful]", f"generation.max-examples = {max(1, EXAMPLES // 4)}"]
    lines += ["[checks.positive_data_acceptance]", f"expected-statuses = {ACCEPTED}"]
    # What is wrong and too much at once is refused as too much, before it is looked at.
    lines += ["[checks.negative_data_rejection]", f"expected-statuses = {REFUSED}"]
    for operations in document["paths"].values():
        for operation in operations.values():
            if foreseen(operation):
                lines += [
                    "[[operations]]",
                    f'include-operation-id = "{operation["operationId"]}"',
                    "[operations.checks.positive_data_acceptance]",
                    f"expected-statuses = {[*ACCEPTED, '422']}",
                ]
    return "\n".join(lines) + "\n"


def test_schemathesis_finds_nothing(
    guarded: Guarded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = guarded.server.client.get("/openapi.json").json()
    operations = sum(map(len, document["paths"].values()))
    (tmp_path / "schemathesis.toml").write_text(config(document), encoding="utf-8")
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run"),
            f"{guarded.server.url}/openapi.json",
            *("--header", f"Authorization: Bearer {guarded.key}"),
            *("--checks", "all", "--phases", PHASES),
            # How many of three examples are refused by what fills them depends on the seed.
            *("--suppress-health-check", "filter_too_much"),
            *("--continue-on-failure", "--seed", SEED, "--no-color"),
        ],
        cwd=tmp_path,
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": "tests.api.schemathesis_hooks",
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        encoding="utf-8",
        timeout=3600,
        check=False,
    )
    with capsys.disabled():
        print("\n" + ran.stdout[ran.stdout.find("= SUMMARY") :] if EXAMPLES >= 50 else "")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    tested = re.search(r"Selected: (\d+)/(\d+)\s+Tested: (\d+)", ran.stdout)
    assert tested is not None
    assert set(map(int, tested.groups())) == {operations}
    assert f"Seed: {SEED}" in ran.stdout
