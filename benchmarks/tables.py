"""What the measurements say: tables of medians, and the targets they are held against."""

from __future__ import annotations

from itertools import pairwise

from benchmarks.programs import CHECKED, FLOOR, OURS, PARSER, UNCHECKED
from benchmarks.turns import Taken, best_ratio, middle, ratio

EXPERT = {10_000: (0.37, 0.2), 100_000: (0.43, 0.22), 1_000_000: (0.91, 0.4), 10**7: (5.1, 2.3)}
"""Seconds of an expert's DuckDB query without checks, and of the floor, measured elsewhere."""
WITHIN = 1.3
"""How far from the expert's ratio to the floor ours may be; beyond, a comparison says nothing."""

MOST_MEMORY = 1.5
MOST_TO_FLOOR = 2.0
MOST_FROM_CSV = 1.2
LEAST_OF_PARSER = 0.7


def table(taken: Taken, peer: str) -> list[str]:
    """Return the lines of a Markdown table: medians, ratios to the peer and to the floor.

    Ratios of time are medians of the turns' own; those of processor time and of peak memory are
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
            f"{took.cpu:.2f} s | {took.cpu / beside.cpu:.2f} | "
            f"{took.peak:,.0f} MB | {took.peak / beside.peak:.2f} |"
        )
    return lines


def targets(taken: Taken, contracts: int, form: str) -> list[str]:
    """Return a line for each target of a size and form: what was measured, and if it is met."""
    if form == "xlsx":
        share = ratio(taken, PARSER, OURS)
        return [_line("the parser's share of ours", share, LEAST_OF_PARSER, least=True)]
    if form == "csv":
        return [
            _line("ours to DuckDB with checks", ratio(taken, OURS, CHECKED), MOST_FROM_CSV),
            _line("ours to DuckDB (the aim beyond)", ratio(taken, OURS, UNCHECKED), MOST_FROM_CSV),
        ]
    memory = middle(taken[OURS]).peak / middle(taken[CHECKED]).peak
    return [
        tuned(taken, contracts),
        _line("ours to DuckDB with checks", ratio(taken, OURS, CHECKED), 1.0),
        _line("its memory to DuckDB's with checks", memory, MOST_MEMORY),
        _line("ours to DuckDB (the aim beyond)", ratio(taken, OURS, UNCHECKED), 1.0),
        _line("ours to the floor (the aim beyond)", ratio(taken, OURS, FLOOR), MOST_TO_FLOOR),
    ]


def tuned(taken: Taken, contracts: int) -> str:
    """Say whether the SQL is as good as the expert's, by its ratio to the floor at their best."""
    now = best_ratio(taken, UNCHECKED, FLOOR)
    if contracts not in EXPERT:
        return f"- DuckDB takes {now:.2f} times the floor"
    query, floor = EXPERT[contracts]
    most = WITHIN * query / floor
    verdict = "fine" if now <= most else "**void: the SQL is not tuned enough to compare with**"
    return (
        f"- DuckDB takes {now:.2f} times the floor, at most {most:.2f} for a fair peer: {verdict}"
    )


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
