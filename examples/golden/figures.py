"""The golden years: what the shipped examples come to, kept in the repository.

A change that moves any figure fails a test until the new figures are accepted, with the rule that
moved them named:

    make accept-figures RULE=rules.award.base WHY="principal only"

That writes the results anew and a line into the changelog, under *Figures* of what is unreleased.
`accepted.txt` holds a digest of all figures for each time; the test asks for each of them in the
changelog.

    python -m examples.golden.figures [--rule RULE --why WHY]
"""

from __future__ import annotations

import argparse
import hashlib
import io
import re
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from compensation import (
    Assessment,
    Settlement,
    assess,
    assess_files,
    list_policies,
    load_policy,
    read_portfolio,
    settle,
)
from compensation.policy_tools.worked_cases import WORKED, assess_case, read_cases
from compensation.report.csv_output import write_csv
from examples.own_policy import POLICY, ledger_with_filing_dates

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CHANGELOG = ROOT / "CHANGELOG.md"
LEDGER = HERE.parent / "jiyuan-2022.xlsx"
LUOYANG = HERE / "luoyang-2025" / "ledger"
YEARS = HERE / "settlement" / "ledger"
"""Both invented by a machine: odd ids, and amounts, shares and days at the limits of the policy.

The second has payments, recalls, remittances, refunds and a pool: something is due in every
direction.
"""
UNRELEASED = "## [Unreleased]\n"
HEADING = "### Figures\n"


class Worked(NamedTuple):
    """The results of all worked cases of a policy, by table, each row with its case's number."""

    tables: Mapping[str, pa.Table]


def worked(policy: str) -> Worked:
    """Return what the worked cases of a policy of the package come to."""
    chosen = load_policy(policy)
    found: dict[str, list[pa.Table]] = {}
    for number, case in enumerate(read_cases(WORKED / f"{policy}.toml", chosen), 1):
        for name, table in assess_case(chosen, case).tables.items():
            if len(table):
                numbers = pa.array([number] * len(table), pa.int64())
                found.setdefault(name, []).append(table.add_column(0, "case", numbers))
    return Worked({name: pa.concat_tables(tables) for name, tables in found.items()})


LEDGERS_OF = {"jiyuan-2022", "henan-provincial-2020", "luoyang-2025"}
"""The policies whose figures are kept of a ledger, not of their worked cases."""
WORKED_RUNS: Mapping[str, Callable[[], Worked]] = {
    path.stem: partial(worked, path.stem)
    for path in sorted(WORKED.glob("*.toml"))
    if path.stem not in LEDGERS_OF
}
RUNS: Mapping[str, Callable[[], Assessment | Settlement | Worked]] = {
    "jiyuan-2022": partial(assess_files, LEDGER, "jiyuan-2022", 2022),
    "jiyuan-2022-budget": partial(assess_files, LEDGER, "jiyuan-2022", 2022, "100000"),
    "henan-2022": partial(assess_files, LEDGER, "henan-provincial-2020", 2022),
    "luoyang-2025": partial(assess_files, LUOYANG, "luoyang-2025", 2025),
    "own-policy": lambda: assess(ledger_with_filing_dates(), load_policy(POLICY), 2022, "60000"),
    "settlement": lambda: settle(
        read_portfolio(YEARS), "jiyuan-2022", "2024-12-31", "2023-01-01", "50000"
    ),
    **WORKED_RUNS,
}
"""The runs whose results are kept, by the names of their folders."""


def computed() -> dict[str, bytes]:
    """Return the figures as they come out now: the result tables as CSV, by run and table."""
    found = {}
    for run, compute in RUNS.items():
        for name, table in compute().tables.items():
            file = io.BytesIO()
            write_csv(table, file.write)
            found[f"{run}/{name}.csv"] = file.getvalue()
    return found


def kept(home: Path = HERE) -> dict[str, bytes]:
    """Return the figures as they are kept."""
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in home.glob("*/*.csv")}


def moved(before: Mapping[str, bytes], now: Mapping[str, bytes]) -> list[str]:
    """Return what differs, line by line: gone lines with -, new ones with +."""
    lines = []
    for name in sorted({*before, *now}):
        old, new = (side.get(name, b"").decode().splitlines() for side in (before, now))
        lines += [f"{name} - {line}" for line in old if line not in new]
        lines += [f"{name} + {line}" for line in new if line not in old]
        if old != new and set(old) == set(new):
            lines.append(f"{name}: rows in another order")
    return lines


def digest(figures: Mapping[str, bytes]) -> str:
    """Return a short digest of all figures."""
    whole = hashlib.sha256()
    for name, content in sorted(figures.items()):
        whole.update(f"{name} {len(content)}\n".encode() + content)
    return whole.hexdigest()[:16]


def is_rule(name: str) -> bool:
    """Return whether a rule is one: a function that the architecture's table of rules names.

    Or a policy of the package, alone or with a key: ``jiyuan-2022``, ``jiyuan-2022 rates.tiers``.
    """
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = page.split("## Where each rule stands")[1].split("\n## ")[0]
    return name.partition(" ")[0] in {
        *list_policies(),
        *re.findall(r"`([a-z_]+(?:\.[a-z_]+)+)`", table),
    }


def accept(rule: str, why: str, now: Mapping[str, bytes], home: Path, changelog: Path) -> None:
    """Keep the figures as they are now, and say in the changelog which rule moved them."""
    for name in kept(home).keys() - now.keys():
        (home / name).unlink()
    for name, content in now.items():
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).write_bytes(content)
    line = f"- `{rule}`: {why} (figures {digest(now)})\n"
    text = changelog.read_text(encoding="utf-8")
    before, unreleased, after = text.partition(UNRELEASED)
    if not unreleased:
        raise SystemExit(f"{changelog.name} has no heading {UNRELEASED.strip()}")
    here, released, rest = after.partition("\n## ")
    if HEADING in here:
        here = here.replace(f"{HEADING}\n", f"{HEADING}\n{line}", 1)
    else:
        here = f"{here.rstrip()}\n\n{HEADING}\n{line}"
    changelog.write_text(before + unreleased + here + released + rest, encoding="utf-8")
    with (home / "accepted.txt").open("a", encoding="utf-8") as file:
        file.write(f"{digest(now)} {rule}\n")


def main(arguments: list[str], home: Path = HERE, changelog: Path = CHANGELOG) -> int:
    """Show what has moved; accept it where a rule is named. 1: something moved and was not."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("--rule", default="", help="the function or the policy that moved them")
    parser.add_argument("--why", default="", help="what changed, for the changelog")
    given = parser.parse_args(arguments)
    now = computed()
    lines = moved(kept(home), now)
    if not lines:
        print("no figure has moved")
        return 0
    print("\n".join(lines))
    if not is_rule(given.rule) or not given.why.strip():
        print(
            "Figures have moved. To accept them, name the rule and say why:\n"
            '    make accept-figures RULE=rules.award.base WHY="…"\n'
            "RULE is a function of the table of rules in docs/architecture.md, or a policy's id.",
            file=sys.stderr,
        )
        return 1
    accept(given.rule, given.why.strip(), now, home, changelog)
    print(f"accepted; {changelog.name} names {given.rule}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
