"""Where our time goes: the steps of one run in this process, each without the steps inside it.

    python -m benchmarks.breakdown INPUT [--runs 3] [--functions]

`STEPS` names the functions that are timed and the step each belongs to. With ``--functions`` every
one of them gets a line.
"""

from __future__ import annotations

import argparse
import functools
import json
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

STEPS = {
    "compensation.ledger.intake:read_raw": "read",
    "compensation.ledger.checking:_read_columns": "check: cells",
    "compensation.ledger.checking:check": "check: links and the rest",
    "compensation.ledger.checking:check_ids": "check: ids twice",
    "compensation.ledger.checking:check_reference": "check: references",
    "compensation.ledger.checking:shares_of": "check: shares",
    "compensation.ledger.checking:borrower_types_of": "check: borrower types",
    "compensation.ledger.checking:check_releases": "check: releases",
    "compensation.ledger.checking:check_total": "check: totals",
    "compensation.ledger.checking:check_contract_dates": "check: dates",
    "compensation.ledger.checking:check_claims": "check: claims",
    "compensation.ledger.ids:pairs": "check: borrowers numbered",
    "compensation.assessment:books_of": "indicators: books",
    "compensation.gathering:Gathering.indicators": "indicators",
    "compensation.gathering:Gathering.exposures": "exposure",
    "compensation.gathering:Gathering.cases": "award: cases",
    "compensation.assessment:judge": "award",
    "compensation.assessment:decide": "award",
    "compensation.rules.award:borne": "award: borne",
    "compensation.assessment:_recover": "returns",
    "compensation.assessment:digest": "digest of the input",
    "compensation.assessment:claims_table": "write: tables",
    "compensation.assessment:institutions_table": "write: tables",
    "compensation.assessment:returns_table": "write: tables",
    "compensation.report.folder:write_folder": "write",
}


class Clock:
    """Adds up the time of each step, without the steps inside it."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._inside = [0.0]

    def timed(self, key: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, timed."""

        @functools.wraps(function)
        def run(*args: Any, **named: Any) -> Any:
            begin = time.perf_counter()
            self._inside.append(0.0)
            try:
                return function(*args, **named)
            finally:
                took = time.perf_counter() - begin
                self.spent[key] += took - self._inside.pop()
                self._inside[-1] += took

        return run

    def wrap(self, key: str) -> None:
        """Time a function wherever it is called through its module or class."""
        module, _, name = key.partition(":")
        owner = import_module(module)
        *path, last = name.split(".")
        for part in path:
            owner = getattr(owner, part)
        setattr(owner, last, self.timed(key, getattr(owner, last)))


def one_run(folder: Path) -> float:
    """Read, assess and write once; return the seconds it took."""
    from compensation.assessment import assess
    from compensation.ledger import intake
    from compensation.report import folder as output

    with tempfile.TemporaryDirectory() as target:
        begin = time.perf_counter()
        result = assess(intake.read_portfolio(folder), "jiyuan-2022", 2022)
        tables, summary = result.tables, result.summary
        output.write_folder(tables, summary, Path(target) / "result", "parquet")
        return time.perf_counter() - begin


def once(folder: Path) -> dict[str, float]:
    """Run once and return the seconds of each function in `STEPS`, of imports, and in all."""
    begin = time.perf_counter()
    for module in ("compensation.cli", *{key.partition(":")[0] for key in STEPS}):
        import_module(module)
    imports = time.perf_counter() - begin
    clock = Clock()
    for key in STEPS:
        clock.wrap(key)
    # Called by the name that `intake` imported before it was wrapped.
    checking = import_module("compensation.ledger.checking")
    vars(import_module("compensation.ledger.intake"))["check"] = checking.check
    total = one_run(folder)
    rest = total - sum(clock.spent.values())
    return {**clock.spent, "rest": rest, "imports": imports, "total": total + imports}


def main() -> None:
    """Print the breakdown of the median run; each run is a process of its own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--functions", action="store_true")
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.once:
        print(json.dumps(once(given.folder)))
        return
    command = [sys.executable, "-m", "benchmarks.breakdown", str(given.folder), "--once"]
    runs = [
        json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        for _ in range(given.runs)
    ]
    spent = sorted(runs, key=lambda run: float(run["total"]))[given.runs // 2]
    steps: dict[str, float] = {"imports": spent["imports"]}
    for key, step in STEPS.items():
        name = f"{step} ({key.partition(':')[2]})" if given.functions else step
        steps[name] = steps.get(name, 0.0) + spent.get(key, 0.0)
    steps |= {"everything else": spent["rest"], "all": spent["total"]}
    print("| step | share | time |\n|---|---:|---:|")
    for name, seconds in steps.items():
        print(f"| {name} | {100 * seconds / spent['total']:.0f}% | {1000 * seconds:,.0f} ms |")


if __name__ == "__main__":
    main()
