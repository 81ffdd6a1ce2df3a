"""Where our time goes: the steps of one run in this process, each without the steps inside it.

    python -m benchmarks.breakdown INPUT [--runs 3]

`STEPS` names the functions that are timed and the step each belongs to. One that is no longer
there is named on stderr, and its time is counted with everything else.
"""

from __future__ import annotations

import argparse
import functools
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.programs import ROOT

ALL, GUARDS = "all", "guards"
STEPS = {
    "compensation.ledger.contract_blocks:ContractBlocks._work": "check",
    "compensation.ledger.contract_blocks:ContractBlocks._check_ids": "check",
    "compensation.ledger.table_reader:TableReader.read": "check",
    "compensation.ledger.loading:Loading._check": "check",
    "compensation.ledger.contract_blocks:hashed": "digest",
    "compensation.ledger.loading:digested": "digest",
    "compensation.ledger.contract_numbers:ContractNumbers.number_borrowers": "indicators",
    "compensation.engine.inputs:RuleInputs.measure": "indicators",
    "compensation.engine.inputs:RuleInputs.exposures": "exposure",
    "compensation.engine.inputs:RuleInputs.cases": "award",
    "compensation.assessment:judge": "award",
    "compensation.assessment:decide": "award",
    "compensation.assessment:recover": "returns",
    "compensation.ledger.contract_blocks:ContractBlocks._alike": GUARDS,
    "compensation.ledger.loading:Loading._guard": GUARDS,
    "compensation.assessment:warnings_of": GUARDS,
    "compensation.assessment:claims_table": "write",
    "compensation.assessment:institutions_table": "write",
    "compensation.assessment:returns_table": "write",
    "compensation.report.folder:write_folder": "write",
}
"""The functions that are timed, by the names that they are called by, and their steps."""


class Clock:
    """Adds up the processor time of each step without those inside it; each thread by itself."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._thread = threading.local()

    def timed(self, key: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, timed."""

        @functools.wraps(function)
        def run(*args: Any, **named: Any) -> Any:
            inside = vars(self._thread).setdefault("inside", [0.0])
            begin = time.thread_time()
            inside.append(0.0)
            try:
                return function(*args, **named)
            finally:
                took = time.thread_time() - begin
                self.spent[key] += took - inside.pop()
                inside[-1] += took

        return run

    def wrap(self, key: str) -> bool:
        """Time a function where it is called through its module or class; False if it is gone."""
        module, _, name = key.partition(":")
        try:
            owner = import_module(module)
            *path, last = name.split(".")
            for part in path:
                owner = getattr(owner, part)
            function = getattr(owner, last)
        except (ImportError, AttributeError):
            return False
        setattr(owner, last, self.timed(key, function))
        return True


def one_run(path: Path) -> float:
    """Read, assess and write once; return the processor seconds it took, on all threads."""
    # After `once` has measured what importing takes.
    from compensation import assess_files
    from compensation.report import folder as output

    with tempfile.TemporaryDirectory() as target:
        begin = time.process_time()
        result = assess_files(path, "jiyuan-2022", 2022)
        tables, summary = result.tables, result.summary
        output.write_folder(tables, summary, Path(target) / "result", "parquet")
        return time.process_time() - begin


def once(path: Path) -> dict[str, float]:
    """Run once and return the processor seconds of imports, of each step, of the rest, and in all.

    The rest is nearly all decoding, which Arrow does on threads of its own.
    """
    begin = time.process_time()
    # As the command does.
    import_module("compensation.cli.process").spare_time()
    import_module("compensation.cli.assessing")
    clock = Clock()
    gone = [key for key in STEPS if not clock.wrap(key)]
    imports = time.process_time() - begin
    if gone:
        print(f"not found, so counted with everything else: {', '.join(gone)}", file=sys.stderr)
    total = one_run(path)
    spent = {"imports": imports, **dict.fromkeys(STEPS.values(), 0.0)}
    for key, seconds in clock.spent.items():
        spent[STEPS[key]] += seconds
    return {
        **spent,
        "read, and everything else": max(total - sum(clock.spent.values()), 0.0),
        ALL: total + imports,
    }


def median_run(path: Path, runs: int = 3) -> dict[str, float]:
    """Return what each step of the median run took; each run is a process of its own."""
    command = [sys.executable, "-m", "benchmarks.breakdown", str(path), "--once"]
    taken: list[dict[str, float]] = [
        json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
        for _ in range(runs)
    ]
    return sorted(taken, key=lambda run: run[ALL])[runs // 2]


def table(spent: Mapping[str, float]) -> list[str]:
    """Return the lines of a Markdown table of the steps."""
    return [
        "| step | share | time |",
        "|---|---:|---:|",
        *(
            f"| {name} | {100 * seconds / spent[ALL]:.0f}% | {1000 * seconds:,.0f} ms |"
            for name, seconds in spent.items()
        ),
    ]


def main() -> None:
    """Print the breakdown of the median run."""
    parser = argparse.ArgumentParser(description="Print where our time goes.")
    parser.add_argument("input", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.once:
        print(json.dumps(once(given.input)))
        return
    print("\n".join(table(median_run(given.input.resolve(), given.runs))))


if __name__ == "__main__":
    main()
