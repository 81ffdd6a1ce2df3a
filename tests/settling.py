"""From rows of text to a settlement, and back to rows of text as the oracle gives them."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from compensation import Policy, Portfolio, Settlement, portfolio_of_frames, settle
from compensation.policy.catalogue import policy_of_texts
from tests import ledgers_of_years, oracle_settlement, portfolio_rows
from tests.assessing import read_rows, rows_of
from tests.ledgers_of_years import PERIODS
from tests.oracle_reading import Tables

EXAMPLES = Path(__file__).parent / "data" / "settlements"
EXAMPLE_NAMES = sorted(folder.name for folder in EXAMPLES.iterdir() if folder.name != "policies")
POLICIES = EXAMPLES / "policies"
Days = tuple[str, str | None]
"""The first and the last day of a policy."""
IDS = ("trial-2022", "trial-2024")
COLUMNS = {**portfolio_rows.COLUMNS, **ledgers_of_years.COLUMNS}


def params(name: str) -> dict[str, Any]:
    """The days, the budget and the policies of an example."""
    run: dict[str, Any] = json.loads((EXAMPLES / name / "params.json").read_text("utf-8"))
    return run


def policy_files(name: str) -> list[Path]:
    return [POLICIES / f"{id_}.toml" for id_ in params(name)["policies"]]


def input_of(name: str) -> Tables:
    """The rows of an example's ledger, to be changed."""
    return {path.stem: read_rows(path) for path in sorted((EXAMPLES / name / "input").iterdir())}


@functools.cache
def trial(*periods: Days) -> tuple[Policy, ...]:
    """The policies of the examples, as if they were in force on other days."""
    found = []
    for id_, (first, last) in zip(IDS, periods or PERIODS[0], strict=True):
        text = (POLICIES / f"{id_}.toml").read_text("utf-8")
        days = f"from = {first}\n" + ("" if last is None else f"to = {last}\n")
        text = re.sub(r"from = [0-9-]+\n(to = [0-9-]+\n)?", days, text, count=1)
        found.append(policy_of_texts({"policy.toml": text}))
    return tuple(found)


@functools.cache
def trial_rules(*periods: Days) -> list[oracle_settlement.Rules]:
    """The same as the oracle takes them."""
    found = []
    for id_, (first, last) in zip(IDS, periods or PERIODS[0], strict=True):
        said = json.loads((POLICIES / f"{id_}.json").read_text("utf-8"))
        found.append(oracle_settlement.rules_of({**said, "effective": {"from": first, "to": last}}))
    return found


def portfolio_of(tables: Tables) -> Portfolio:
    return portfolio_of_frames(**frames_of(tables))


def frames_of(tables: Tables) -> dict[str, pa.Table]:
    """The tables as they are written; one without rows has its headings."""
    frames = {}
    for name, rows in tables.items():
        headings = list(dict.fromkeys(heading for row in rows for heading in row))
        headings = headings or list(COLUMNS[name])
        columns = [pa.array([row.get(h, "") for row in rows], pa.string()) for h in headings]
        frames[name] = pa.table(columns, headings)
    return frames


def settled(
    tables: Tables,
    to: date | str,
    from_: date | str | None = None,
    budget: str | None = None,
    policies: Sequence[Policy] = (),
) -> Settlement:
    return settle(portfolio_of(tables), policies or trial(), to, from_, budget)


def results_of(settlement: Settlement) -> Tables:
    return {name: rows_of(table) for name, table in settlement.tables.items()}


def totals(settlement: Settlement) -> dict[str, Any]:
    found: dict[str, Any] = settlement.summary["totals"]
    return found
