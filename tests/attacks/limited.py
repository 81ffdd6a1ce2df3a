"""Runs the command on many inputs in one process that has little memory.

``python -m tests.attacks.limited zh INPUT…`` prints a line of JSON for each. Whatever takes more
memory than there is, or stops the process in another way, leaves those behind it without one.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.command import JIYUAN, run_here, run_module

MEMORY = 2**31
"""Bytes of address space: three times what the command takes for a small ledger."""
SECONDS = 40 if "COVERAGE_PROCESS_CONFIG" in os.environ else 10
"""Of the processor, for one input; `tools/coverage` makes all of it slower."""


@dataclass(frozen=True)
class Outcome:
    """How the command ended on one input; `seconds` of the processor."""

    code: int
    out: str
    err: str
    seconds: float


def under_limits(inputs: Sequence[Path], language: str = "zh") -> list[Outcome]:
    """Return how the command ended on each of the inputs."""
    done = run_module("tests.attacks.limited", language, *inputs)
    outcomes = [Outcome(**json.loads(line)) for line in done.stdout.splitlines()]
    assert len(outcomes) == len(inputs), (
        done.returncode,
        inputs[len(outcomes)],
        done.stderr[-2000:],
    )
    return outcomes


def main() -> None:
    """Run the command on each input."""
    language, *inputs = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for path in inputs:
        before = time.process_time()
        done = run_here("assess", path, *JIYUAN, "--lang", language)
        seconds = time.process_time() - before
        said = {"code": done.returncode, "out": done.stdout, "err": done.stderr, "seconds": seconds}
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
