"""What the measurements say: tables of medians, and the targets they are held against."""

from __future__ import annotations

from itertools import pairwise

from benchmarks.processes import Took
from benchmarks.programs import CHECKED, FLOOR, OURS, PARSER
from benchmarks.turns import Taken, cpu, middle, ratio, wall

MOST_TIME, MOST_MEMORY = 1.0, 1.5
FAR_AIM = 0.7
MOST_FROM_CSV = 1.2
LEAST_OF_PARSER = 0.7


def table(taken: Taken, peer: str) -> list[str]:
    """Return the lines of a Markdown table: medians, ratios to the peer and to the floor.

    Ratios of time and of processor time are medians of the turns' own; those of peak memory are
    ratios of medians.
    """
    lines = [
        f"| program | time | to {peer} | to floor | processor | to {peer} | memory | to {peer} |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    beside = middle(taken[peer])
    for name, runs in taken.items():
        took = middle(runs)
        to_floor = f"{ratio(taken, name, FLOOR):.2f}" if FLOOR in taken else ""
        lines.append(
            f"| {name} | {took.wall:.2f} s | {ratio(taken, name, peer):.2f} | {to_floor} | "
            f"{took.cpu:.2f} s | {ratio(taken, name, peer, cpu):.2f} | "
            f"{took.peak:,.0f} MB | {took.peak / beside.peak:.2f} |"
        )
    return lines


def targets(taken: Taken, form: str, guards: float) -> list[str]:
    """Return a line for each target of a form: what was measured, and if it is met.

    `guards`: the seconds that ours looks for rows that may be a mistake, which no peer does.
    """
    if form == "xlsx":
        share, by_processor = (ratio(taken, PARSER, OURS, of) for of in (wall, cpu))
        return [
            _line("the parser's share of our time", share, LEAST_OF_PARSER, least=True),
            _line("of our processor time", by_processor, LEAST_OF_PARSER, least=True),
        ]
    most = MOST_FROM_CSV if form == "csv" else MOST_TIME
    unguarded = {
        OURS: [Took(run.wall - guards, run.cpu - guards, run.peak) for run in taken[OURS]],
        CHECKED: taken[CHECKED],
    }
    lines = [
        _line(what, ratio(of, OURS, CHECKED, measure), most)
        for what, of, measure in (
            ("our time to DuckDB's with checks", taken, wall),
            (f"without the guards ({1000 * guards:,.0f} ms)", unguarded, wall),
            ("our processor time to DuckDB's", taken, cpu),
            ("without the guards, processor time", unguarded, cpu),
        )
    ]
    if form == "parquet":
        memory = middle(taken[OURS]).peak / middle(taken[CHECKED]).peak
        lines.append(_line("our memory to DuckDB's", memory, MOST_MEMORY))
        far = ratio(taken, OURS, CHECKED)
        lines.append(_line("our time to DuckDB's (the far aim)", far, FAR_AIM))
    return lines


def growth(ours: dict[int, Taken]) -> list[str]:
    """Return a line for each step from 10⁵ contracts on: time and memory must grow no faster."""
    lines = []
    sizes = sorted(size for size in ours if size >= 100_000)
    for small, large in pairwise(sizes):
        before, after = middle(ours[small][OURS]), middle(ours[large][OURS])
        times = large / small
        what = f"{small:,} to {large:,} contracts, {times:.0f} times as many"
        lines.append(_line(f"{what}: time", after.wall / before.wall, times))
        lines.append(_line(f"{what}: memory", after.peak / before.peak, times))
    return lines


def _line(what: str, now: float, limit: float, least: bool = False) -> str:
    met = now >= limit if least else now <= limit
    side = "least" if least else "most"
    return f"- {what}: {now:.2f}, at {side} {limit:.2f}: {'met' if met else '**not met**'}"
