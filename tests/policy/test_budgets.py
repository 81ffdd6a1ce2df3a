"""A budget that falls short: who comes first, in which units, and after which caps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compensation import portfolio_of_frames, settle
from tests.explanation.recompute import recomputed
from tests.policy.test_small_policies import assessed, columns, frames, small

COLUMNS = columns(farm="boolean", little="boolean")
TURNS = 'first = [{ value = "claims.farm", is = true }, { value = "claims.little", is = true }]\n'
IDS = [f"c{number}" for number in range(1, 7)]
Case = tuple[int, int, bool, bool, int]
"""What is compensated and what was paid, in fen; whether a farm, whether little; the day."""


def in_proportion(dues: Sequence[int], budget: int, unit: int) -> list[int]:
    """Return the parts of a budget in whole units, by largest remainder, ties to the first."""
    total = sum(dues)
    if total <= budget:
        return list(dues)
    exact = [Fraction(due * (budget // unit), total) for due in dues]
    units = [math.floor(each) for each in exact]
    order = sorted(range(len(dues)), key=lambda place: (units[place] - exact[place], place))
    takes = [place for place in order if (units[place] + 1) * unit <= dues[place]]
    for place in takes[: budget // unit - sum(units)]:
        units[place] += 1
    return [each * unit for each in units]


def expected(cases: Sequence[Case], budget: int, unit: int, method: str, turns: bool) -> list[int]:
    """Return what is payable of each case, one turn after another."""
    dues = [max(case[0] - case[1], 0) for case in cases]
    turn = [(0 if case[2] else 1 if case[3] else 2) * turns for case in cases]
    found, left = [0] * len(cases), budget
    if sum(dues) <= budget:
        return dues
    for each in range(3):
        places = [place for place in range(len(cases)) if turn[place] == each]
        if method == "pro_rata":
            parts = in_proportion([dues[place] for place in places], max(left, 0), unit)
            for place, part in zip(places, parts, strict=True):
                found[place] = part
            left -= sum(dues[place] for place in places)
            continue
        for place in sorted(places, key=lambda place: cases[place][4]):
            whole = dues[place] <= left
            found[place] = dues[place] if whole else max(left, 0) // unit * unit
            left -= dues[place]
    return found


CASES = st.tuples(
    st.integers(1, 500), st.integers(0, 300), st.booleans(), st.booleans(), st.integers(1, 3)
)


@pytest.mark.slow
@given(
    st.lists(CASES, min_size=1, max_size=len(IDS)),
    st.integers(0, 200_000),
    st.sampled_from([1, 700]),
    st.sampled_from(["pro_rata", "first_come"]),
    st.booleans(),
)
@example([(100, 0, True, False, 1), (100, 0, False, False, 1)], 9_999, 1, "pro_rata", True)
@example([(100, 0, True, False, 1), (100, 0, False, False, 1)], 10_001, 1, "pro_rata", True)
@example([(100, 1, False, False, 1)] * 2, 19_799, 700, "pro_rata", False)
@example([(100, 0, True, True, 2), (100, 0, False, True, 1)], 10_700, 700, "first_come", True)
def test_a_budget_goes_turn_by_turn_in_whole_units(
    cases: list[Case], budget: int, unit: int, method: str, turns: bool
) -> None:
    form = f"[compensation]\nround_to = {unit // 100}\n" if unit > 1 else ""
    order = 'order = "claims.payout_date"\n' if method == "first_come" else ""
    rule = f'[budget]\nmethod = "{method}"\n{order}{TURNS * turns}'
    # In whole units as computed; what was paid before need not be.
    scale = max(unit, 100)
    cases = [
        (due * scale, min(paid * 100, due * scale), farm, little, day)
        for due, paid, farm, little, day in cases
    ]
    rows = [
        {
            "principal": f"{due * 2 // 100}",
            "compensation_paid": f"{paid // 100}",
            "farm": str(farm).lower(),
            "little": str(little).lower(),
            "payout_date": f"2022-03-0{day}",
        }
        for due, paid, farm, little, day in cases
    ]
    money = f"{budget // 100}.{budget % 100:02}"
    run = assessed(small(COLUMNS, rule, form), *rows, budget=money)
    found = [int(each * 100) for each in run.claims["payable"]]
    assert found == expected(cases, budget, unit, method, turns)
    for id_, payable in zip(IDS, found, strict=False):
        assert recomputed(run.explain(id_).arithmetic)["payable"] * 100 == payable


def test_a_budget_comes_after_caps_on_payers_and_settles_alike() -> None:
    """The province pays at most 60 of 100 and 200; the budget cuts what is left, in turn."""
    payers = """
[[payers]]
id = "province"
name = { zh = "省", en = "province" }
share = 0.5
[[payers]]
id = "city"
name = { zh = "市", en = "city" }
share = 0.5
[[caps]]
id = "most"
payer = "province"
rest = "nobody"
at_most = 60
[budget]
method = "pro_rata"
first = [{ value = "claims.farm", is = true }]
"""
    policy = small(COLUMNS, payers)
    rows = [{"principal": "200"}, {"principal": "400", "farm": "true"}]
    rows = [{"farm": "false", "little": "false", **row} for row in rows]
    run = assessed(policy, *rows, budget="200")
    assert list(run.claims["compensation"]) == [100, 160]
    assert list(run.claims["payable"]) == [40, 160]
    assert list(run.claims["payable_province"]) == [20, 60]
    settled = settle(portfolio_of_frames(**frames(*rows)), policy, "2022-12-31", budget="200")
    assert list(settled.settlement["to_pay"]) == [40, 160]
    assert recomputed(settled.explain("c1").arithmetic)["to_pay"] == 40
