"""Caps on how many cases of a group are compensated, and on several years up to this one."""

from __future__ import annotations

import math
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compensation import Assessment, Policy, assess_frames
from tests.explanation.recompute import recomputed
from tests.one_claim import faults
from tests.policy.test_small_policies import CLAIM, CONTRACT, assessed, columns, small

WHO = columns(who="text")
CAPS = """
[[caps]]
id = "times"
on = "cases"
at_most = {times}
per = ["claims.who"]
years = {of_times}
[[caps]]
id = "money"
at_most = {money}
per = ["claims.who"]
years = {of_money}
exceeding = "{exceeding}"
"""
YEAR = 2022
SPANS: dict[str, int] = {'"this"': 1, "2": 2, "3": 3, '"all"': 99}


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


def run(policy: Policy, claims: list[tuple[str, int, int, int, str]]) -> Assessment:
    rows = [
        {
            **CLAIM,
            "claim_id": f"c{number}",
            "who": who,
            "payout_date": f"{year}-06-01",
            "principal": yuan(principal),
            "compensation_paid": yuan(min(paid, principal // 2)),
            "finance_review": review,
        }
        for number, (who, year, principal, paid, review) in enumerate(claims, 1)
    ]
    tables = {
        "institutions": [{"institution_id": "A", "government_backed": "true"}],
        "contracts": [{**CONTRACT, "start_date": "2010-01-01"}],
        "claims": rows,
    }
    return assess_frames({name: pd.DataFrame(of) for name, of in tables.items()}, policy, YEAR)


def one_after_another(
    claims: list[tuple[str, int, int, int, str]],
    times: int,
    of_times: int,
    money: int,
    of_money: int,
    *,
    refuse: bool,
) -> dict[str, tuple[int, str | None]]:
    """Return what each claim of the year gets, in fen, and why it is refused."""
    count = dict.fromkeys("xy", 0)
    used = dict.fromkeys("xy", 0)
    for who, year, principal, given_paid, _ in claims:
        paid = min(given_paid, principal // 2)
        if YEAR - of_times < year < YEAR and paid > 0:
            count[who] += 1
        if YEAR - of_money < year < YEAR:
            used[who] += paid
    found: dict[str, tuple[int, str | None]] = {}
    for number, (who, year, principal, _, review) in enumerate(claims, 1):
        if year != YEAR:
            continue
        amount, reason = math.floor(Fraction(principal, 2) + Fraction(1, 2)), None
        room = max(money - used[who], 0)
        if amount and count[who] >= times:
            amount, reason = 0, "times"
        elif amount > room:
            amount, reason = (0, "money") if refuse else (room, None)
        if review != "rejected" and amount:
            count[who], used[who] = count[who] + 1, used[who] + amount
        found[f"c{number}"] = amount, reason
    return found


CLAIMS = st.tuples(
    st.sampled_from("xy"),
    st.sampled_from([2018, 2019, 2020, 2021, 2022, 2022, 2022]),
    st.integers(1, 50_000),
    st.sampled_from([0, 1, 5_000, 10_000]),
    st.sampled_from(["approved", "approved", "pending", "rejected"]),
)
PAID = ("x", 2020, 40_000, 10_000, "approved")
NOW = ("x", 2022, 20_000, 0, "approved")


@pytest.mark.slow
@given(
    st.lists(CLAIMS, min_size=1, max_size=7),
    st.integers(1, 3),
    st.sampled_from(sorted(SPANS)),
    st.integers(1, 40_000),
    st.sampled_from(sorted(SPANS)),
    st.booleans(),
)
@example([PAID, NOW], 2, "3", 19_999, "3", False)  # one fen too little, for two of three years
@example([PAID, NOW], 2, "3", 20_000, "3", True)
@example([PAID, NOW], 1, "2", 10_000, "2", True)  # 2020 is no more among the two years
def test_so_many_cases_and_so_much_in_so_many_years(
    claims: list[tuple[str, int, int, int, str]],
    times: int,
    of_times: str,
    money: int,
    of_money: str,
    refuse: bool,
) -> None:
    exceeding = "refuse" if refuse else "count_up_to"
    caps = CAPS.format(
        times=times,
        of_times=of_times,
        money=yuan(money),
        of_money=of_money,
        exceeding=exceeding,
    )
    policy = small(WHO, caps, rates="tiers = [{ rate = 0.5 }]")
    found = run(policy, claims)
    expected = one_after_another(
        claims, times, SPANS[of_times], money, SPANS[of_money], refuse=refuse
    )
    rows = found.claims.to_dict("records")
    shown = {row["claim_id"]: (int(row["compensation"] * 100), row["reasons"]) for row in rows}
    assert shown == expected
    for id_ in expected:
        recomputed(found.explain(id_).arithmetic)


ON_BASE = """
[[caps]]
id = "money"
on = "base"
at_most = {money}
per = ["claims.who"]
years = {years}
exceeding = "{exceeding}"
"""


@pytest.mark.slow
@given(
    st.lists(CLAIMS, min_size=1, max_size=7),
    st.integers(1, 60_000),
    st.sampled_from(['"all"', "2", "3"]),
    st.booleans(),
)
@example([PAID, NOW], 59_999, "3", False)
@example([PAID, NOW], 60_000, "3", True)
@example([PAID, NOW], 20_000, "2", True)
def test_the_base_of_several_years(
    claims: list[tuple[str, int, int, int, str]], money: int, years: str, refuse: bool
) -> None:
    """Cases of earlier years count with all their principal, if anything was paid for them."""
    exceeding = "refuse" if refuse else "count_up_to"
    caps = ON_BASE.format(money=yuan(money), years=years, exceeding=exceeding)
    used = dict.fromkeys("xy", 0)
    for who, year, principal, paid, _ in claims:
        if YEAR - SPANS[years] < year < YEAR and min(paid, principal // 2) > 0:
            used[who] += principal
    expected = {}
    for number, (who, year, principal, _, review) in enumerate(claims, 1):
        if year == YEAR:
            within = max(min(used[who] + principal, money) - used[who], 0)
            refused = refuse and within < principal
            within = 0 if refused else within
            used[who] += 0 if refused or review == "rejected" else principal
            half = math.floor(Fraction(within, 2) + Fraction(1, 2))
            expected[f"c{number}"] = half, "money" if refused else None
    found = run(small(WHO, caps, rates="tiers = [{ rate = 0.5 }]"), claims)
    rows = found.claims.to_dict("records")
    shown = {row["claim_id"]: (int(row["compensation"] * 100), row["reasons"]) for row in rows}
    assert shown == expected
    for id_ in expected:
        recomputed(found.explain(id_).arithmetic)


def test_an_earlier_case_without_a_base_is_a_fault() -> None:
    caps = ON_BASE.format(money=1, years='"all"', exceeding="count_up_to")
    policy = small(WHO + columns(loss="money"), caps, base='"claims.loss"')
    rows = [{"payout_date": "2021-06-01", "compensation_paid": paid} for paid in ("1", "0")]
    found = faults(assessed, policy, *({"who": "x", "loss": ""} | row for row in rows))
    assert [(fault.kind, fault.row) for fault in found] == [("earlier_base", 1)]
