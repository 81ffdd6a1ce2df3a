"""Caps that are pools: each case of a group gets its part in proportion, to the fen or the unit."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.explanation.recompute import recomputed
from tests.one_claim import faults
from tests.policy.test_small_policies import assessed, columns, small

COLUMNS = columns(city="text", fund="money")
POOL = '[[caps]]\nid = "pool"\nat_most = "claims.fund"\nexceeding = "pro_rata"\n'
PER_CITY = POOL + 'per = ["claims.city"]\n'
IDS = [f"c{number}" for number in range(1, 8)]


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


def shared(uses: list[int], pool: int) -> list[int]:
    """Return the parts of a pool, by largest remainder, ties to the first."""
    total = sum(uses)
    if total <= pool:
        return uses
    exact = [Fraction(use * pool, total) for use in uses]
    parts = [math.floor(each) for each in exact]
    order = sorted(range(len(uses)), key=lambda place: (parts[place] - exact[place], place))
    for place in order[: pool - sum(parts)]:
        parts[place] += 1
    return parts


CASES = st.tuples(
    st.sampled_from(["甲", "乙"]),
    st.integers(1, 60_000),
    st.none() | st.integers(0, 30_000),
    st.sampled_from(["approved", "approved", "pending", "rejected"]),
)


@pytest.mark.slow
@given(
    st.lists(CASES, min_size=1, max_size=len(IDS)),
    st.integers(0, 70_000),
    st.integers(0, 70_000),
    st.sampled_from([1, 1, 700]),
)
@example([("甲", 20_000, None, "approved")] * 3, 29_999, 0, 1)
@example([("甲", 20_000, None, "approved")] * 3, 30_000, 0, 1)
@example([("甲", 20_000, 5_001, "approved"), ("甲", 20_000, None, "pending")], 15_000, 0, 1)
@example([("甲", 1_400, 750, "approved"), ("甲", 1_400, None, "pending")], 1_400, 0, 700)
def test_each_group_shares_its_own(
    cases: list[tuple[str, int, int | None, str]], first: int, second: int, unit: int
) -> None:
    funds = {"甲": first, "乙": second}
    rows = [
        {
            "city": city,
            "fund": yuan(funds[city]),
            "principal": yuan(principal),
            "approved_amount": "" if approved is None else yuan(approved),
            "finance_review": review,
        }
        for city, principal, approved, review in cases
    ]
    form = f"[compensation]\nround_to = {unit // 100}\n" if unit > 1 else ""
    run = assessed(small(COLUMNS, PER_CITY, form), *rows)
    computed = [
        math.floor(Fraction(principal, 2) + Fraction(1, 2)) if unit == 1 else principal // 2
        for _, principal, _, _ in cases
    ]
    computed = [each // unit * unit for each in computed]
    expected = list(computed)
    for city, pool in funds.items():
        places = [n for n, case in enumerate(cases) if case[0] == city and case[3] != "rejected"]
        uses = [
            amount if approved is None else min(amount, math.ceil(Fraction(approved, unit)) * unit)
            for place in places
            for amount, approved in [(computed[place], cases[place][2])]
        ]
        parts = shared([use // unit for use in uses], pool // unit)
        for place, use, part in zip(places, uses, parts, strict=True):
            if sum(uses) > pool // unit * unit:
                assert part * unit <= use
                expected[place] = part * unit
    assert [int(each * 100) for each in run.claims["compensation"]] == expected
    for id_ in IDS[: len(cases)]:
        recomputed(run.explain(id_).arithmetic)


@pytest.mark.parametrize(("fund", "differs"), [("299.99", True), ("300.00", False)])
def test_a_pool_is_one_sum_for_all_that_share_it(fund: str, differs: bool) -> None:
    policy = small(COLUMNS, PER_CITY)
    rows = [{"city": "甲", "fund": each, "principal": "1000"} for each in ("300", fund)]
    if differs:
        (fault,) = faults(assessed, policy, *rows)
        assert (fault.kind, fault.table, fault.row) == ("pool_differs", "claims", 2)
        assert fault.value == fund
    else:
        assert list(assessed(policy, *rows).claims["compensation"]) == [150, 150]
    rows[1]["city"] = "乙"
    assert list(assessed(policy, *rows).claims["compensation"]) == [300, Decimal(fund)]


@pytest.mark.parametrize(("principal", "told"), [("600", False), ("600.02", True)])
def test_what_is_left_over_is_told_of_a_pool_that_is_shared(principal: str, told: bool) -> None:
    found = assessed(small(COLUMNS, POOL + "per = []"), {"fund": "300", "principal": principal})
    names = {line.name for line in found.explain("c1").arithmetic}
    assert ("left_over_cap_pool" in names) is told
