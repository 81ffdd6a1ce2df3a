"""The page docs/mutation.md: what mutation testing of the rules found.

The figures come from tests/mutation/results.json, which `tools/mutants` writes; where the code has
changed since then, the page says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from docs.markdown import WRITTEN_BY, table
from tests.mutation.survivors import (
    BY_HAND,
    EQUIVALENT,
    Equivalent,
    Module,
    digest,
    is_explained,
    read_results,
    survivors,
    unexplained,
)

INTRODUCTION = """\
# Mutation testing

[mutmut](https://mutmut.readthedocs.io) changes the rules in small ways, one at a time: a `<=`
becomes a `<`, a `+` a `-`, a number one more, an argument `None`. Each change is a *mutant*. The
tests should notice it: then it is killed. A mutant that survives is either a gap in the tests or
changes nothing that anybody could see; the argument for that is below.

    tools/mutants                            those of functions that changed, the first time all
    tools/mutants 'compensation.money.*'     some of them

The tests that must notice are few and quick: those of the [rules](../tests/rules), of the
arithmetic, of the invented policies, of single cases, and the examples to the last cell. The
properties among them are tried with twenty cases each, the same cases every time. Mutants of the
readers, the reports and the service are not made: what they get wrong in a figure would have to
pass the [oracle](../tests/oracle.py) as well.

## Score
"""
OUTSIDE = """\
mutmut makes no mutants of what stands outside of functions, nor of functions with a decorator. For
these, [`survivors.toml`](../tests/mutation/survivors.toml) names changes of our own, which
`tools/mutants` tries as well.
"""
HEADINGS = ["module", "mutants", "not tried", "killed", "survive", "unexplained", "code since then"]


def mutation_page() -> str:
    """Return the text of the page."""
    return "\n".join(_lines()).rstrip() + "\n"


def _lines() -> Iterator[str]:
    results = read_results()
    yield from (WRITTEN_BY, "", INTRODUCTION)
    yield from table(HEADINGS, [*map(_row, results.modules), _sum(results.modules)])
    yield from ("", OUTSIDE)
    if results.by_hand is None:
        yield f"None of these {len(BY_HAND)} changes has been tried yet."
    else:
        killed = results.by_hand - len(results.by_hand_survivors)
        yield f"Of {results.by_hand} such changes, {killed} are killed."
    if unexplained(results):
        yield from ("", "## Survivors without an explanation", "")
        for change in unexplained(results):
            yield from _changes(change.place, change.old, (change.new,))
    yield from ("", "## Survivors that change nothing", "")
    for entry in EQUIVALENT:
        count = sum(entry.explains(change) for change in survivors(results))
        if count:
            yield from _explained(entry, count)


def _row(module: Module) -> list[str]:
    changed = digest(module.path) != module.digest
    return [
        f"`{module.path.removeprefix('compensation/')}`",
        *map(str, _counts(module)),
        "**changed**" if changed else "unchanged",
    ]


def _counts(module: Module) -> tuple[int, int, int, int, int]:
    left = len(module.survivors)
    open_ = sum(not is_explained(change) for change in module.survivors)
    return module.mutants, module.untried, module.mutants - module.untried - left, left, open_


def _sum(modules: Sequence[Module]) -> list[str]:
    sums = [sum(counts) for counts in zip(*map(_counts, modules), strict=True)]
    mutants, untried, killed, _, _ = sums
    score = f"killed: {100 * killed / mutants:.1f}%"
    return ["**all**", *map(str, sums), "no score while some are not tried" if untried else score]


def _explained(entry: Equivalent, count: int) -> Iterator[str]:
    yield from (f"{entry.why} ({count} survive.)", "")
    yield from _changes(entry.place, entry.old, entry.new)


def _changes(place: str, old: str, new: Sequence[str]) -> Iterator[str]:
    yield from ("```diff", f"  {place}")
    yield from (f"- {line}" for line in old.split("\n"))
    yield from (f"+ {line}" for text in new for line in text.split("\n"))
    yield from ("```", "")
