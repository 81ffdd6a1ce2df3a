"""Guard the ratio to DuckDB: exit 1 where ours is more than a fifth slower than it was.

    python -m benchmarks.guard [--sizes 10000 100000 1000000] [--turns 5] [--keep]

Ours and DuckDB with checks run in turns on contracts by date, and the ratio of their processor
times is held against the baseline's: what else a machine does disturbs it far less than the ratio
of times from start to end, which is printed beside it. Another machine may shift it by a third. So
where it is exceeded, ours as it was when the baseline was written runs on this machine, too, and
what counts is the ratio of ours to that.

A size is run again, up to four times as long, while the two readings of a ratio (the median of the
turns, and the least that both took) disagree about the verdict.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks.programs import BUILD, CHECKED, OURS, PROGRAMS, ROOT, Case, Program
from benchmarks.turns import Taken, best_ratio, cpu, ratio, rehearse, take_turns

BASELINE = Path(__file__).resolve().parent / "baseline.json"
SIZES = (10_000, 100_000, 1_000_000)
ALLOWED = 1.2
"""How much slower than the baseline a run may be, against the peer and against ours then."""
ROUNDS = 4
"""How many times the turns are taken at most while the verdict is unclear."""
THEN = "ours then"
"""Ours as it was when the baseline was written."""
BESIDE_DUCKDB = {OURS: PROGRAMS[OURS], CHECKED: PROGRAMS[CHECKED]}

SLOWER = """
Slower than when benchmarks/baseline.json was written. What to do:
  1. Run `tools/bench-quick` again on a machine that does nothing else.
  2. See where the time goes: .venv/bin/python -m benchmarks.breakdown INPUT, here and on the
     commit before. Imports count: at 10,000 contracts they are most of it.
  3. If the change is worth it, say so in the commit, and write the new baseline with
     tools/bench-quick --keep
"""


class Measured(NamedTuple):
    """One program over another: the least processor times, and the median of times."""

    processor: float
    time: float


def measured(
    programs: Mapping[str, Program], contracts: int, turns: int, limit: float | None
) -> Measured:
    """Return the first program over the second; measure longer while it is unclear by a limit."""
    names = one, other = [*programs]
    case = Case(contracts)
    rehearse(names, case, programs)
    taken: Taken = {name: [] for name in names}
    for _ in range(ROUNDS):
        for name, runs in take_turns(names, case, turns, programs).items():
            taken[name] += runs
        readings = ratio(taken, one, other, cpu), best_ratio(taken, one, other, cpu)
        if limit is None or (readings[0] > limit) == (readings[1] > limit):
            break
    return Measured(readings[1], ratio(taken, one, other))


def beside_then() -> dict[str, Program]:
    """Return ours, and ours as the commit has it that wrote the baseline last."""
    ours = PROGRAMS[OURS]
    commit = _git("log", "-1", "--format=%h", "--", str(BASELINE)).decode().strip()
    root = BUILD / "then" / commit
    if not root.exists():
        packed = _git("archive", commit, "benchmarks", "compensation")
        aside = root.with_name(f"unfinished-{commit}")
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(aside, filter="data")
        aside.rename(root)
    # Its results may be others: what has moved since is not in question here.
    return {OURS: ours, THEN: ours._replace(root=root, computes=False)}


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout


def guard(sizes: list[int], turns: int, keep: bool) -> int:
    """Measure the sizes, print a line for each, and return the exit code."""
    known: dict[str, float] = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    slower = False
    for contracts in sizes:
        before = None if keep else known.get(str(contracts))
        limit = None if before is None else before * ALLOWED
        now, time = measured(BESIDE_DUCKDB, contracts, turns, limit)
        if limit is None:
            known[str(contracts)] = round(now, 2)
            verdict = "kept as the baseline" if keep else "no baseline"
        elif now <= limit:
            verdict = f"baseline {before:.2f}: fine"
        else:
            then = measured(beside_then(), contracts, turns, ALLOWED).processor
            slower |= then > ALLOWED
            verdict = f"baseline {before:.2f}; {then:.2f} × ours then, on this machine: " + (
                "MORE THAN A FIFTH SLOWER" if then > ALLOWED else "fine"
            )
        print(
            f"{contracts:>10,} contracts: {now:.2f} × DuckDB's processor time with checks,"
            f" {time:.2f} × its time ({verdict})",
            flush=True,
        )
    if keep:
        BASELINE.write_text(json.dumps(known, indent=2) + "\n")
    if slower:
        print(SLOWER)
    return int(slower)


def main() -> int:
    """Run as the arguments say; return the exit code."""
    parser = argparse.ArgumentParser(description="Guard the ratio to DuckDB.")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--keep", action="store_true", help="write the baseline anew")
    given = parser.parse_args()
    return guard(given.sizes, given.turns, given.keep)


if __name__ == "__main__":
    sys.exit(main())
