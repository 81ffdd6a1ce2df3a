"""What a borrower had in force when a contract began, and how often it was compensated before.

The oracle looks at every row of the ledgers; nothing of it is the library's.
"""

from __future__ import annotations

import functools
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compensation import Policy, assess, assess_frames, portfolio_of_frames, settle
from compensation.policy.catalogue import POLICY_TEXT, policy_of_texts
from compensation.policy.faults import PolicyFaults
from tests.conftest import DEPTH
from tests.explanation.recompute import recomputed
from tests.policy.test_small_policies import CLAIM, CONTRACT, small

EXPOSURES = (
    "contracts.borrower_exposure_at_start",
    "contracts.enterprise_exposure_at_start",
    "claims.enterprise_exposure",
)
COUNTS = tuple(
    f"contracts.{whose}_{what}compensated_before"
    for what in ("", "years_")
    for whose in ("borrower", "enterprise", "institution")
)
Row = dict[str, str]


@functools.cache
def of(name: str) -> Policy:
    """Return a policy whose base is the figure, a count in yuan."""
    base = f'"{name}"' if name in EXPOSURES else f'{{ times = [{{ yuan = 1 }}, "{name}"] }}'
    text = small(base=base).text.replace("from = 2022-03-01", "from = 2021-01-01")
    return policy_of_texts({POLICY_TEXT: text})


def frames(contracts: list[Row], claims: list[Row], releases: list[Row]) -> dict[str, Any]:
    tables = {
        "institutions": [{"institution_id": id_, "government_backed": "true"} for id_ in "AB"],
        "contracts": [CONTRACT | row for row in contracts],
        "claims": [CLAIM | row for row in claims],
        "releases": releases,
    }
    return {name: pd.DataFrame(rows) for name, rows in tables.items() if rows}


DAYS = st.integers(1, 4)
CONTRACTS = st.tuples(
    st.sampled_from("AB"),
    st.sampled_from("xy"),
    st.integers(2, 10**7),
    DAYS,
    st.none() | st.tuples(st.integers(0, 3), st.integers(1, 10**7)),
    st.none() | st.integers(0, 3),
)
PAID = st.tuples(
    st.integers(0, 5), st.sampled_from([2021, 2021, 2022, 2023]), st.sampled_from([0, 1, 99])
)


@pytest.mark.slow
@settings(max_examples=10 * DEPTH)
@given(
    st.sampled_from([*EXPOSURES, *COUNTS]),
    st.lists(CONTRACTS, min_size=1, max_size=5),
    st.lists(PAID, max_size=5),
)
def test_figures_are_those_of_every_row(
    name: str, drawn: list[tuple[Any, ...]], paid: list[tuple[int, int, int]]
) -> None:
    contracts, releases, events = [], [], []
    for number, (institution, borrower, fen, start, part, end) in enumerate(drawn):
        terms = {
            "contract_id": f"k{number}",
            "institution_id": institution,
            "borrower_id": borrower,
        }
        terms |= {"guaranteed_amount": f"{fen / 100:.2f}", "start_date": f"2021-01-0{start}"}
        released = 0
        if part is not None:
            day, released = start + part[0], min(part[1], fen - 1)
            releases.append({"contract_id": f"k{number}", "release_date": f"2021-01-0{day}"})
            releases[-1]["amount"] = f"{released / 100:.2f}"
            events.append((number, day, released))
        if end is not None:
            day = start + (0 if part is None else part[0]) + end
            terms["release_date"] = f"2021-01-{day:02}"
            events.append((number, day, fen - released))
        contracts.append(terms)
    # One claim of each contract this year, and some others that were paid or not.
    claims = [
        {"claim_id": f"c{n}", "contract_id": f"k{n}", "principal": "0.01", "interest": "0"}
        | {"payout_date": "2023-06-02", "compensation_paid": "0"}
        for n in range(len(contracts))
    ]
    for number, (contract, year, fen) in enumerate(paid):
        claims.append(claims[contract % len(contracts)] | {"claim_id": f"p{number}"})
        claims[-1] |= {"payout_date": f"{year}-06-01", "compensation_paid": f"0.{min(fen, 1):02}"}

    def same(one: int, other: int) -> bool:
        columns = {"institution": (0,), "enterprise": (1,), "borrower": (0, 1)}
        keys = columns[name.partition(".")[2].partition("_")[0]]
        return all(drawn[one][key] == drawn[other][key] for key in keys)

    expected = []
    for row in range(len(contracts)):
        if name in COUNTS:
            years = [
                year
                for contract, year, fen in paid
                if year < 2023 and fen > 0 and same(row, contract % len(contracts))
            ]
            expected.append(100 * len(set(years) if "years" in name else years))
            continue
        day = 900 if name.startswith("claims.") else drawn[row][3]
        held = sum(each[2] for n, each in enumerate(drawn) if same(row, n) and each[3] <= day)
        gone = sum(fen for n, on, fen in events if same(row, n) and on < day)
        expected.append(held - gone)
    tables = frames(contracts, claims, releases)
    run = assess_frames(tables, of(name), 2023)
    found = {row["claim_id"]: int(row["base"] * 100) for row in run.tables["claims"].to_pylist()}
    assert [found[f"c{row}"] for row in range(len(contracts))] == expected
    again = assess(portfolio_of_frames(**tables), of(name), 2023)
    assert again.tables["claims"].equals(run.tables["claims"])
    recomputed(run.explain("c0").arithmetic)


RATES = """tiers = [
    { rate = 0.5, when = [{ value = "NAME", at_most = 0 }] },
    { rate = 0.4 },
]"""


@pytest.mark.parametrize("name", [COUNTS[0], COUNTS[3]])
def test_a_settlement_counts_what_is_granted_and_a_year_warns_of_what_is_unpaid(name: str) -> None:
    text = small(rates=RATES.replace("NAME", name)).text.replace(
        "from = 2022-03-01", "from = 2021-01-01"
    )
    policy = policy_of_texts({POLICY_TEXT: text})
    old = {"claim_id": "o", "payout_date": "2021-06-01", "compensation_paid": "0"}
    new = {"claim_id": "n", "payout_date": "2022-06-01", "compensation_paid": "0"}
    tables = frames([{}], [old, new], [])
    run = assess_frames(tables, policy, 2022)
    assert run.tables["claims"]["compensation"].to_pylist() == [500]
    assert "earlier_unpaid" in [each.kind for each in run.warnings]
    assert "compensated_before" in [each["id"] for each in run.summary["assumptions"]]
    found = settle(portfolio_of_frames(**tables), policy, "2022-12-31").tables["settlement"]
    assert dict(zip(found["claim_id"].to_pylist(), found["granted"].to_pylist(), strict=True)) == {
        "o": 500,
        "n": 400,
    }


THREE_YEARS = f"""
[[claim_conditions]]
id = "years"
value = "{COUNTS[5]}"
at_most = 2
"""


@pytest.mark.parametrize("paid", ["0", "500"])
def test_a_settlement_grants_in_three_years_however_many_cases_each_has(paid: str) -> None:
    text = small(THREE_YEARS).text.replace("from = 2022-03-01", "from = 2020-01-01")
    days = [f"{year}-06-0{n}" for year in (2022, 2022, 2023, 2024, 2025) for n in (1, 2)]
    rows: list[Row] = [{"payout_date": "2021-06-01", "finance_review": "rejected"}]
    rows += [{"payout_date": day, "compensation_paid": paid} for day in days]
    none = {"compensation_paid": "0"}
    claims = [none | row | {"claim_id": f"c{n:02}"} for n, row in enumerate(rows)]
    policy = policy_of_texts({POLICY_TEXT: text})
    settled = settle(portfolio_of_frames(**frames([{}], claims, [])), policy, "2025-12-31")
    found = settled.tables["settlement"].sort_by("claim_id")["granted"].to_pylist()
    assert found == [0, *[500] * 8, 0, 0]


MEASURE = """
[[indicators]]
id = "many"
name = { zh = "多", en = "many" }
value = { measure = "closing_balance", where = [{ value = "NAME", at_least = 1 }] }
[[institution_conditions]]
id = "many"
value = "indicator.many"
at_least = 0
"""
SEVERAL_YEARS = """
record = "contract"
[trigger]
date = "contracts.start_date"
until = "contracts.release_date"
"""


@pytest.mark.parametrize("name", [EXPOSURES[0], EXPOSURES[1], *COUNTS])
def test_they_are_figures_of_cases_alone(name: str) -> None:
    with pytest.raises(PolicyFaults) as caught:
        small(MEASURE.replace("NAME", name))
    keys = [fault.key for fault in caught.value.faults]
    assert keys == ["indicators[many].value.where[1].value"]


@pytest.mark.parametrize("name", [COUNTS[0], COUNTS[3]])
def test_of_contracts_of_several_years_it_is_not_known_how_often(name: str) -> None:
    rates = RATES.replace("NAME", name)
    text = small(base='"contracts.guaranteed_amount"', rates=rates).text
    text = text.replace("[base]", SEVERAL_YEARS + "[base]")
    with pytest.raises(PolicyFaults) as caught:
        policy_of_texts({POLICY_TEXT: text})
    assert [fault.key for fault in caught.value.faults] == ["rates.tiers[1].when[1].value"]
