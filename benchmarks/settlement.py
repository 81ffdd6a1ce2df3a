"""Run `settle` and a query for DuckDB on the same ledgers, in turns, and print what each took.

    python -m benchmarks.settlement [--contracts 1000000] [--turns 3]

The results are compared cell by cell before anything is timed. Of n contracts there are a claim for
50, five payments a claim, and 1.5 recoveries a claim; see `ledgers`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.programs import CHECKED, OURS, UNCHECKED, Case, Program, peer_command
from benchmarks.run import machine, packages
from benchmarks.tables import table
from benchmarks.turns import Differ, rehearse, take_turns


def _ours(path: Path, output: Path) -> list[str]:
    options = ["--to", "2023-12-31", "--policy", "jiyuan-2022", "--format", "parquet"]
    command = [sys.executable, "-m", "compensation", "settle", str(path), "-o", str(output)]
    return [*command, *options]


PROGRAMS = {
    OURS: Program(_ours),
    CHECKED: Program(peer_command("duckdb_settlement", "--checks")),
    UNCHECKED: Program(peer_command("duckdb_settlement")),
}


def main() -> int:
    """Run as the arguments say; return the exit code."""
    parser = argparse.ArgumentParser(description="Measure settlements, ours and the peer's.")
    parser.add_argument("--contracts", type=int, default=1_000_000)
    parser.add_argument("--turns", type=int, default=3)
    given = parser.parse_args()
    case = Case(given.contracts, payments=True)
    names = [*PROGRAMS]
    try:
        rehearse(names, case, PROGRAMS)
    except Differ as differ:
        print(differ, file=sys.stderr)
        return 1
    taken = take_turns(names, case, given.turns, PROGRAMS)
    print(f"{machine()}; {packages()}", *table(taken, CHECKED), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
