"""Run programs in turns, so that whatever else the machine does meets all of them alike."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks.processes import Took, measure
from benchmarks.programs import BUILD, OURS, PROGRAMS, ROOT, Case, Program, ledgers

Taken = dict[str, list[Took]]
"""What the runs of each program took, in the order of the turns."""


class Differ(Exception):
    """A program's results are not ours."""


def programs_for(case: Case, wanted: Iterable[str] = PROGRAMS) -> list[str]:
    """Return the names of the programs that are run on a case."""
    return [name for name in wanted if PROGRAMS[name].runs_on(case)]


def rehearse(names: Sequence[str], case: Case, programs: Mapping[str, Program] = PROGRAMS) -> None:
    """Run every program once and compare its results with ours, cell by cell; raises `Differ`.

    It also brings files and modules into the system's cache before anything is timed, and the
    modules are compiled.
    """
    for name in names:
        _run(name, case, programs)
        if name != OURS and programs[name].computes:
            compare(_output(OURS), _output(name), name)


def take_turns(
    names: Sequence[str],
    case: Case,
    turns: int,
    programs: Mapping[str, Program] = PROGRAMS,
) -> Taken:
    """Run the programs one after another, as often as said; return what each run took."""
    taken: Taken = {name: [] for name in names}
    for _ in range(turns):
        for name in names:
            taken[name].append(_run(name, case, programs))
    return taken


def compare(ours: Path, theirs: Path, name: str) -> None:
    """Raise `Differ` unless two folders of results hold the same cells.

    In a process of its own: Linux counts the memory of whoever starts a program into its peak.
    """
    command = [sys.executable, "-m", "benchmarks.compare", str(ours), str(theirs)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Differ(f"{name} and ours differ:\n{done.stdout}{done.stderr}")


def middle(runs: Sequence[Took]) -> Took:
    """Return the median of each measure."""
    return Took(*(statistics.median(column) for column in zip(*runs, strict=True)))


def wall(took: Took) -> float:
    """Return the seconds from start to end."""
    return took.wall


def cpu(took: Took) -> float:
    """Return the seconds of processor, which other programs on the machine disturb less."""
    return took.cpu


def ratio(taken: Taken, one: str, other: str, of: Callable[[Took], float] = wall) -> float:
    """Return the median of the turns' ratios of one program to another."""
    pairs = zip(taken[one], taken[other], strict=True)
    return statistics.median(of(mine) / of(theirs) for mine, theirs in pairs)


def best_ratio(taken: Taken, one: str, other: str, of: Callable[[Took], float]) -> float:
    """Return the ratio of the least that both took: what else a machine does only ever adds."""
    return min(map(of, taken[one])) / min(map(of, taken[other]))


def _run(name: str, case: Case, programs: Mapping[str, Program]) -> Took:
    program = programs[name]
    return measure(program.command(ledgers(case), _output(name)), program.root)


def _output(name: str) -> Path:
    return BUILD / "results" / name.replace(", ", "-").replace(" ", "-")
