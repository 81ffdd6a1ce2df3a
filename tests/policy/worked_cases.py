"""The worked cases of the shipped policies: the files in `worked/`.

A file there is named after its policy. `defaults` holds what the rows of a table have in common;
each of `cases` is a ledger, a row a table, and what some columns of the result's claims hold.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from compensation import Assessment, assess, portfolio_of_frames

WORKED = Path(__file__).parent / "worked"
POLICIES = sorted(path.stem for path in WORKED.glob("*.toml"))
TABLES = ("institutions", "contracts", "releases", "claims", "recoveries")
NO_CLAIMS = pd.DataFrame(columns=["claim_id", "contract_id", "payout_date", "principal"], dtype=str)
NO_CONTRACTS = pd.DataFrame(
    [["k0", "A", "b0", "other", "1", "2000-01-01"]],
    columns=[
        "contract_id",
        "institution_id",
        "borrower_id",
        "borrower_type",
        "guaranteed_amount",
        "start_date",
    ],
)
Row = dict[str, Any]


class Case(NamedTuple):
    """One worked case: `expected`: by column of the result's claims, values by claim."""

    policy: str
    name: str
    year: int
    tables: dict[str, pd.DataFrame]
    expected: dict[str, dict[str, Any]]

    def assessed(self) -> Assessment:
        """Return what the case comes to; what a portfolio needs and the case lacks is empty."""
        held = {"claims": NO_CLAIMS, "contracts": NO_CONTRACTS} | self.tables
        return assess(portfolio_of_frames(**held), self.policy, self.year)


def cell(value: object) -> str:
    """Return a cell as ledgers write it; booleans are lower-case."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def frame(rows: list[Row], common: Row) -> pd.DataFrame:
    filled = [{name: cell(value) for name, value in (common | row).items()} for row in rows]
    return pd.DataFrame(filled).fillna("")


def worked_cases(policy: str) -> Iterator[Case]:
    """Yield the cases of a policy."""
    text = (WORKED / f"{policy}.toml").read_text(encoding="utf-8")
    file = tomllib.loads(text, parse_float=Decimal)
    for case in file["cases"]:
        tables = {
            name: frame(case.get(name, [{}]), file["defaults"].get(name, {}))
            for name in TABLES
            if name in case or name == "institutions"
        }
        yield Case(policy, case["name"], case["year"], tables, case["expected"])
