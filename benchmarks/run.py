"""Run ours and the peers on the same ledgers, in turns, and print what each took.

    python -m benchmarks.run [--sizes 10000 100000 1000000 10000000] [--repeat 5] [--quick]

Ledgers are made once and kept in build/bench. The results of every program are compared with ours
cell by cell before anything is timed. Times are medians; what counts is their ratio within a run,
since two machines, and two hours of one machine, differ by more than two programs do.

With ``--quick`` ours is set against DuckDB with checks only, and the exit code is 1 where it has
become more than a fifth slower than `baseline.json` says (``--keep`` writes that file).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.processes import Took, measure

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "bench"
BASELINE = Path(__file__).resolve().parent / "baseline.json"
FORMS = ("parquet", "csv")
QUICK_SIZES, SIZES = (10_000, 100_000, 1_000_000), (10_000, 100_000, 1_000_000, 10_000_000)
ALLOWED = 1.2
"""How much slower against the peer than the baseline a quick run may be."""

TUNED = {10_000: 0.37 / 0.2, 100_000: 0.43 / 0.22, 1_000_000: 0.91 / 0.4, 10_000_000: 5.1 / 2.3}
"""DuckDB without checks over the floor, as an expert's query has been measured elsewhere."""
TUNED_WITHIN = 1.3


class Program(NamedTuple):
    """What is run: its command for an input and an output, and the largest size it is run at."""

    command: Callable[[Path, Path], list[str]]
    most: int = 10**9
    computes: bool = True
    csv: bool = True


def _peer(module: str, *options: str) -> Callable[[Path, Path], list[str]]:
    def command(folder: Path, output: Path) -> list[str]:
        name = f"benchmarks.peers.{module}"
        return [sys.executable, "-m", name, str(folder), str(output), *options]

    return command


def _ours(folder: Path, output: Path) -> list[str]:
    options = ["--year", "2022", "-o", str(output), "--format", "parquet"]
    return [sys.executable, "-m", "compensation", "assess", str(folder), *options]


OURS, CHECKED, UNCHECKED, FLOOR = "ours", "DuckDB, checks", "DuckDB", "floor"
PROGRAMS = {
    OURS: Program(_ours),
    CHECKED: Program(_peer("duckdb_sql", "--checks")),
    UNCHECKED: Program(_peer("duckdb_sql")),
    "Polars, checks": Program(_peer("polars_frames", "--checks")),
    "Polars": Program(_peer("polars_frames")),
    "pandas": Program(_peer("pandas_frames"), most=1_000_000),
    "Decimal rows": Program(_peer("row_loop"), most=10_000, csv=False),
    FLOOR: Program(_peer("floor"), computes=False),
}


def ledgers(contracts: int, form: str) -> Path:
    """Return the folder of the ledgers of a size and form, which are made if need be.

    Its name tells the generator's version, so that ledgers of an older one are not taken.
    """
    version = hashlib.sha256((ROOT / "benchmarks" / "ledgers.py").read_bytes()).hexdigest()[:8]
    folder = BUILD / "ledgers" / f"{contracts}-{form}-{version}"
    if not (folder / f"recoveries.{form}").exists():
        module = [sys.executable, "-m", "benchmarks.ledgers"]
        subprocess.run([*module, str(contracts), str(folder), "--form", form], cwd=ROOT, check=True)
    return folder


def take_turns(
    names: list[str], contracts: int, form: str, repeat: int, compare: bool = True
) -> dict[str, list[Took]]:
    """Run the programs in turns and return what each run took; the first round is not counted.

    In that round the results are compared with ours; exits 1 if a cell differs.
    """
    folder = ledgers(contracts, form)
    taken: dict[str, list[Took]] = {name: [] for name in names}
    for turn in range(repeat + 1):
        for name in names:
            output = BUILD / "results" / str(names.index(name))
            took = measure(PROGRAMS[name].command(folder, output), ROOT)
            if turn:
                taken[name].append(took)
            elif compare and name != OURS and PROGRAMS[name].computes:
                _compare(BUILD / "results" / str(names.index(OURS)), output, name)
    return taken


def _compare(ours: Path, theirs: Path, name: str) -> None:
    command = [sys.executable, "-m", "benchmarks.compare", str(ours), str(theirs)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{name} and ours differ:\n{done.stdout}{done.stderr}")


def table(taken: dict[str, list[Took]]) -> list[str]:
    """Return the lines of a Markdown table: medians, and ratios to the peer and the floor."""
    middle = {
        name: Took(*(statistics.median(column) for column in zip(*runs, strict=True)))
        for name, runs in taken.items()
    }
    peer, floor = middle[CHECKED], middle.get(FLOOR)
    lines = [
        "| program | time | to peer | to floor | CPU | to peer | peak memory | to peer |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, took in middle.items():
        to_floor = f"{took.wall / floor.wall:.2f}" if floor else ""
        lines.append(
            f"| {name} | {took.wall:.2f} s | {took.wall / peer.wall:.2f} | {to_floor} | "
            f"{took.cpu:.2f} s | {took.cpu / peer.cpu:.2f} | {took.peak:,.0f} MB | "
            f"{took.peak / peer.peak:.2f} |"
        )
    return lines


def _tuned(taken: dict[str, list[Took]], contracts: int) -> str:
    """Say whether the SQL is as good as an expert's, by its ratio to the floor."""
    ratio = statistics.median(took.wall for took in taken[UNCHECKED]) / statistics.median(
        took.wall for took in taken[FLOOR]
    )
    wanted = TUNED.get(contracts)
    if wanted is None:
        return f"DuckDB takes {ratio:.2f} times the floor."
    verdict = "within" if ratio <= wanted * TUNED_WITHIN else "NOT within, the comparison is void:"
    return f"DuckDB takes {ratio:.2f} times the floor, {verdict} {TUNED_WITHIN} × {wanted:.2f}."


def full(sizes: list[int], repeat: int, forms: list[str]) -> Iterator[list[str]]:
    """Yield the report of a full run: a table for each form and size, and where our time goes."""
    yield [
        f"{machine()}. Medians of {repeat} runs in turns; the peer is DuckDB with checks. Ours has",
        "all checks on and writes the input's digest, warnings and assumptions as well.",
        "",
    ]
    for form in forms:
        for contracts in sizes:
            if form == "csv" and contracts > 1_000_000:
                continue
            names = [
                name
                for name, program in PROGRAMS.items()
                if contracts <= program.most and (program.csv or form == "parquet")
            ]
            times = repeat if contracts <= 1_000_000 else min(repeat, 3)
            taken = take_turns(names, contracts, form, times)
            heading = "Parquet" if form == "parquet" else "CSV"
            yield [f"## {contracts:,} contracts, {heading} in", "", *table(taken), ""]
            if form == "parquet":
                yield [_tuned(taken, contracts), "", *_breakdown(contracts), ""]


def _breakdown(contracts: int) -> list[str]:
    command = [sys.executable, "-m", "benchmarks.breakdown", str(ledgers(contracts, "parquet"))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def quick(sizes: list[int], repeat: int, keep: bool) -> int:
    """Set ours against DuckDB with checks and against the baseline; return the exit code.

    The fastest runs are compared: what else the machine does only ever slows a run down.
    """
    known = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    slower = False
    for contracts in sizes:
        taken = take_turns([OURS, CHECKED], contracts, "parquet", repeat)
        best = {name: min(took.wall for took in runs) for name, runs in taken.items()}
        ratio = best[OURS] / best[CHECKED]
        before = known.get(str(contracts))
        if keep or before is None:
            known[str(contracts)] = round(ratio, 3)
            verdict = "kept" if keep else "no baseline"
        else:
            too_slow = ratio > before * ALLOWED
            slower |= too_slow
            verdict = f"baseline {before:.2f}: {'MORE THAN A FIFTH SLOWER' if too_slow else 'fine'}"
        print(f"{contracts:>10,} contracts: {ratio:.2f} × DuckDB with checks ({verdict})")
    if keep:
        BASELINE.write_text(json.dumps(known, indent=2) + "\n")
    return int(slower)


def machine() -> str:
    """Return what the figures were measured on."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            line.partition(":")[2].strip()
            for line in cpuinfo.read_text().splitlines()
            if line.startswith("model name")
        ]
        model = names[0] if names else model
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{model}, {cores} cores, {memory:.0f} GB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}"
    )


def main() -> int:
    """Run as the arguments say; return the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", type=int, nargs="+")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--forms", choices=FORMS, nargs="+", default=list(FORMS))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--keep", action="store_true", help="write the baseline of --quick")
    given = parser.parse_args()
    if given.quick:
        return quick(given.sizes or list(QUICK_SIZES), given.repeat, given.keep)
    BUILD.mkdir(parents=True, exist_ok=True)
    with (ROOT / "build" / "bench.md").open("w") as file:
        for lines in full(given.sizes or list(SIZES), given.repeat, given.forms):
            part = "\n".join(lines)
            print(part, flush=True)
            file.write(part + "\n")
            file.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
