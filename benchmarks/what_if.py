"""What many variants of a policy take beside one run of `assess`, each a process of its own.

    python -m benchmarks.what_if [--contracts 1000000] [--variants 100] [--turns 3] [--most 3]

Each process starts, reads the same ledger, and writes its tables. Every variant has another limit
and another rate. Medians of processor time, in turns; the exit code is 1 where many variants take
more than ``--most`` times one `assess`.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.processes import measure
from benchmarks.programs import ROOT, Case, ledgers
from compensation import compare, load_policy, read_portfolio, vary
from compensation.cli.process import spare_time
from compensation.report.output import write_output

POLICY, YEAR = "jiyuan-2022", 2022


def compared(path: Path, count: int, output: Path) -> float:
    """Compare so many variants and write what comes of it; return the seconds of comparing."""
    spare_time()  # as the command does
    portfolio = read_portfolio(path)
    start = time.process_time()
    policy = load_policy(POLICY)
    varied = (
        [f"rates.tiers[3].rate=0.1{n:03d}", f"claim_conditions[borrower_exposure].at_most={n}0000"]
        for n in range(1, count)
    )
    found = compare(portfolio, [policy, *(vary(policy, each) for each in varied)], [YEAR])
    took = time.process_time() - start
    write_output(found, output, "parquet")
    return took


def main() -> int:
    """Print what was measured; return the exit code."""
    parser = argparse.ArgumentParser(description="Print what variants of a policy take.")
    parser.add_argument("--contracts", type=int, default=1_000_000)
    parser.add_argument("--variants", type=int, default=100)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--most", type=float, default=3)
    parser.add_argument("--once", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    path = ledgers(Case(given.contracts, "parquet", "by-date"))
    if given.once is not None:
        print(f"{compared(path, given.variants, given.once):.2f} s without reading and writing")
        return 0
    took: dict[str, list[float]] = {"assess": [], "variants": []}
    with tempfile.TemporaryDirectory() as folder:
        python, ledger, out = sys.executable, str(path), f"{folder}/out"
        asked = ["--contracts", str(given.contracts), "--variants", str(given.variants)]
        commands = {
            "assess": [
                *(python, "-m", "compensation", "assess", ledger, "--year", str(YEAR)),
                *("--policy", "jiyuan-2022"),
                *("-o", f"{folder}/result", "--format", "parquet"),
            ],
            "variants": [python, "-m", "benchmarks.what_if", *asked, "--once", out],
        }
        for _ in range(given.turns):
            for name, command in commands.items():
                took[name].append(measure(command, ROOT).cpu)
    one, many = (statistics.median(each) for each in took.values())
    print("| | processor time |\n|---|---:|")
    print(f"| `assess` | {one:.2f} s |")
    print(f"| {given.variants} variants | {many:.2f} s, {many / one:.2f} times |")
    return int(many > given.most * one)


if __name__ == "__main__":
    sys.exit(main())
