"""What the shipped policies come to, worked out by hand: the cases in `worked/`.

A file there is named after its policy. `defaults` holds what the rows of a table have in common;
each of `cases` is a ledger, a row a table, and what some columns of the result's claims hold.
"""

from __future__ import annotations

import tomllib
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from compensation import Assessment, assess, portfolio_of_frames
from compensation.policy.catalogue import load_policy
from compensation.policy.wording import describe_quantity
from tests.explanation.recompute import recomputed

WORKED = Path(__file__).parent / "worked"
TABLES = ("institutions", "contracts", "releases", "claims", "recoveries")
NO_CLAIMS = pd.DataFrame(columns=["claim_id", "contract_id", "payout_date", "principal"], dtype=str)
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


def assess_case(policy: str, defaults: dict[str, Row], case: dict[str, Any]) -> Assessment:
    tables = {
        name: frame(case.get(name, [{}]), defaults.get(name, {}))
        for name in TABLES
        if name in case or name == "institutions"
    }
    tables.setdefault("claims", NO_CLAIMS)
    return assess(portfolio_of_frames(**tables), policy, case["year"])


def assessed(policy: str, name: str) -> Assessment:
    """Assess the first case of a policy whose name begins so."""
    file = read(WORKED / f"{policy}.toml")
    case = next(case for case in file["cases"] if case["name"].startswith(name))
    return assess_case(policy, file["defaults"], case)


@pytest.mark.parametrize(("policy", "defaults", "case"), cases())
def test_a_worked_case(policy: str, defaults: dict[str, Row], case: dict[str, Any]) -> None:
    assessment = assess_case(policy, defaults, case)
    result = assessment.claims
    ids = result["claim_id"].to_list()
    assert set(ids) == set(case["expected"]["compensation"])
    for column, expected in case["expected"].items():
        found = dict(zip(ids, result[column].to_list(), strict=True))
        assert {id_: found[id_] for id_ in expected} == expected, column
    for id_ in ids:
        values = recomputed(assessment.explain(id_).arithmetic)
        assert values["compensation"] == Fraction(case["expected"]["compensation"][id_])


def test_a_cap_is_explained_where_it_applies() -> None:
    """A limit that is not for a claim is not among its lines."""
    assessment = assessed("guangzhou-2025", "a payout that counts in part")
    lines = {line.name: line for line in assessment.explain("c2").arithmetic}
    assert lines["cap_payouts_of_guarantor"].value == "3000000.00"
    assert lines["base_after_losses_of_bank"].title.en == "this cap is not for the claim"
    assert not {"cap_losses_of_bank", "counted_cap_losses_of_bank", "number_0_15"} & set(lines)
    lines = {
        line.name: line for line in assessed("guangzhou-2025", "1.5 b").explain("c1").arithmetic
    }
    assert "cap_both_lines" in lines
    assert not {"cap_guarantee_line", "used_cap_guarantee_line"} & set(lines)


def test_points_that_change_by_date_are_percentages() -> None:
    policy = load_policy("equipment-renewal-2024")
    said = describe_quantity(policy, policy.rules.rates.tiers[0].rate)
    assert said.en == (
        "(1% (from 2024-01-01), 1.5% (from 2024-07-25), by start date) × (days subsidised / 365)"
    )
