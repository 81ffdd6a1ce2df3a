"""Guard the ratio to DuckDB: exit 1 where ours is more than a fifth slower than it was.

    python -m benchmarks.guard [--sizes 10000 100000 1000000] [--turns 5] [--keep]

Ours and DuckDB with checks run in turns, and only their ratio counts, so the baseline holds on
other machines too. A size is run again, up to four times as long, while the two readings of its
ratio (the median of the turns, and the fastest runs) disagree about the verdict.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from benchmarks.programs import CHECKED, OURS
from benchmarks.turns import Taken, best_ratio, ratio, rehearse, take_turns

BASELINE = Path(__file__).resolve().parent / "baseline.json"
SIZES = (10_000, 100_000, 1_000_000)
ALLOWED = 1.2
"""How much slower against the peer than the baseline a run may be."""
ROUNDS = 4
"""How many times the turns are taken at most while the verdict is unclear."""

SLOWER = """
Slower against DuckDB than benchmarks/baseline.json says. What to do:
  1. Run `make bench-quick` again on a machine that does nothing else.
  2. See where the time goes: .venv/bin/python -m benchmarks.breakdown INPUT, here and on the
     commit before. Imports count: at 10,000 contracts they are most of it.
  3. If the change is worth it, say so in the commit, and write the new baseline with
     make bench-quick ARGS=--keep
"""


def measured(contracts: int, turns: int, limit: float | None) -> float:
    """Return ours over DuckDB with checks; measure longer while it is unclear beside a limit."""
    names = [OURS, CHECKED]
    rehearse(names, contracts, "parquet")
    taken: Taken = {name: [] for name in names}
    for _ in range(ROUNDS):
        for name, runs in take_turns(names, contracts, "parquet", turns).items():
            taken[name] += runs
        readings = ratio(taken, OURS, CHECKED), best_ratio(taken, OURS, CHECKED)
        if limit is None or (readings[0] > limit) == (readings[1] > limit):
            break
    return readings[1]


def guard(sizes: list[int], turns: int, keep: bool) -> int:
    """Measure the sizes, print a line for each, and return the exit code."""
    known: dict[str, float] = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    slower = False
    for contracts in sizes:
        before = None if keep else known.get(str(contracts))
        now = measured(contracts, turns, None if before is None else before * ALLOWED)
        if before is None:
            known[str(contracts)] = round(now, 2)
            verdict = "kept as the baseline" if keep else "no baseline"
        else:
            too_slow = now > before * ALLOWED
            slower |= too_slow
            verdict = f"baseline {before:.2f}: {'MORE THAN A FIFTH SLOWER' if too_slow else 'fine'}"
        print(f"{contracts:>10,} contracts: {now:.2f} × DuckDB with checks ({verdict})", flush=True)
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
