"""Run ours and the peers on the same ledgers, in turns, and print what each took.

    python -m benchmarks.run [--sizes 10000 100000] [--forms parquet csv] [--orders by-date]
        [--turns 5]

Ledgers are made once and kept in build/bench. The results of every program are compared with ours
cell by cell before anything is timed. What counts is the ratio within a run, since two machines,
and two hours of one machine, differ by more than two programs do. The report is kept as
build/bench/report.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

from benchmarks import breakdown
from benchmarks.programs import (
    BUILD,
    CHECKED,
    FORMS,
    ORDERS,
    PARSER,
    Case,
    Order,
    ledgers,
)
from benchmarks.tables import growth, table, targets
from benchmarks.turns import Differ, Taken, programs_for, rehearse, take_turns

SIZES: dict[str, dict[Order, tuple[int, ...]]] = {
    "parquet": {
        "by-date": (10_000, 100_000, 1_000_000, 10_000_000),
        "grouped": (10_000, 100_000, 1_000_000, 10_000_000),
        "random": (10_000, 100_000, 1_000_000),
    },
    "csv": {"by-date": (100_000, 1_000_000), "grouped": (100_000, 1_000_000)},
    "xlsx": {"by-date": (100_000,)},
}
"""The sizes of each form and order, unless they are given."""
FORM_NAMES = {"parquet": "Parquet", "csv": "CSV", "xlsx": "a workbook"}
ORDER_NAMES: dict[Order, str] = {
    "by-date": "by date",
    "grouped": "grouped by institution",
    "random": "in random order",
}
FEW_TURNS = 3
"""Turns above a million contracts, where one takes minutes."""


def cases(sizes: list[int] | None, forms: list[str], orders: list[Order]) -> Iterator[Case]:
    """Yield what is measured, in the order of the report."""
    for form in forms:
        for order, own in SIZES[form].items():
            if order in orders:
                yield from (Case(contracts, form, order) for contracts in sizes or own)


def report(measured: Iterable[Case], turns: int) -> Iterator[list[str]]:
    """Yield the parts of the report: a table for each case, targets, our time by step."""
    yield [
        f"Measured on {machine()}; {packages()}.",
        f"Medians of {turns} turns, {FEW_TURNS} above a million contracts. Ours has all checks on,",
        "and writes the input's digest, warnings and assumptions as well.",
        "",
    ]
    from_parquet: dict[Order, dict[int, Taken]] = {}
    for case in measured:
        names = programs_for(case)
        rehearse(names, case)
        times = turns if case.contracts <= 1_000_000 else min(turns, FEW_TURNS)
        taken = take_turns(names, case, times)
        if case.form == "parquet":
            from_parquet.setdefault(case.order, {})[case.contracts] = taken
        yield [f"## {case.contracts:,} contracts, {title(case)}", ""]
        yield [*table(taken, PARSER if case.form == "xlsx" else CHECKED), ""]
        steps = breakdown.median_run(ledgers(case))
        yield [*targets(taken, case.form, steps[breakdown.GUARDS]), ""]
        yield [*breakdown.table(steps), ""]
    for order, by_size in from_parquet.items():
        if len(by_size) > 1:
            yield [f"## Growth, {ORDER_NAMES[order]}", "", *growth(by_size), ""]


def title(case: Case) -> str:
    """Return the form and the order of a case in words."""
    return f"{FORM_NAMES[case.form]}, {ORDER_NAMES[case.order]}"


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
    return f"{model}, {cores} cores, {memory:.0f} GB, {platform.system()} {platform.machine()}"


def packages() -> str:
    """Return the versions of what is measured."""
    names = ("numpy", "pyarrow", "duckdb", "polars", "pandas", "python-calamine")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return f"Python {platform.python_version()}, {versions}"


def main() -> int:
    """Run as the arguments say; return the exit code."""
    parser = argparse.ArgumentParser(description="Measure ours and the peers.")
    parser.add_argument("--sizes", type=int, nargs="+", help="contracts; for all forms and orders")
    parser.add_argument("--forms", choices=FORMS, nargs="+", default=list(FORMS))
    parser.add_argument("--orders", choices=ORDERS, nargs="+", default=list(ORDERS))
    parser.add_argument("--turns", type=int, default=5)
    given = parser.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    try:
        with (BUILD / "report.md").open("w") as file:
            measured = cases(given.sizes, given.forms, given.orders)
            for lines in report(measured, given.turns):
                part = "\n".join(lines)
                print(part, flush=True)
                file.write(part + "\n")
                file.flush()
    except Differ as differ:
        print(differ, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
