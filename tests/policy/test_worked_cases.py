"""What the shipped policies come to, worked out by hand: the cases in `worked/`.

A file there is named after its policy. `defaults` holds what the rows of a table have in common;
each of `cases` is a ledger, a row a table, and what some columns of the result's claims hold.
"""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from compensation import assess, portfolio_of_frames

WORKED = Path(__file__).parent / "worked"
TABLES = ("institutions", "contracts", "releases", "claims", "recoveries")
Row = dict[str, Any]


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)


def cell(value: object) -> str:
    """Return a cell as ledgers write it; booleans are lower-case."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def frame(rows: list[Row], common: Row) -> pd.DataFrame:
    filled = [{name: cell(value) for name, value in (common | row).items()} for row in rows]
    return pd.DataFrame(filled).fillna("")


def cases() -> list[Any]:
    found = []
    for path in sorted(WORKED.glob("*.toml")):
        file = read(path)
        for case in file["cases"]:
            id_ = f"{path.stem}: {case['name']}"
            found.append(pytest.param(path.stem, file.get("defaults", {}), case, id=id_))
    return found


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(("policy", "defaults", "case"), cases())
def test_a_worked_case(policy: str, defaults: dict[str, Row], case: dict[str, Any]) -> None:
    tables = {
        name: frame(case.get(name, [{}]), defaults.get(name, {}))
        for name in TABLES
        if name in case or name == "institutions"
    }
    result = assess(portfolio_of_frames(**tables), policy, case["year"]).claims
    ids = result["claim_id"].to_list()
    assert set(ids) == set(case["expected"]["compensation"])
    for column, expected in case["expected"].items():
        found = dict(zip(ids, result[column].to_list(), strict=True))
        assert {id_: found[id_] for id_ in expected} == expected, column
