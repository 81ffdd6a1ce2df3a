"""Caps that stop (熔断): once a group has passed the limit, no later case is compensated."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.conftest import DEPTH
from tests.explanation.recompute import recomputed
from tests.one_claim import faults
from tests.policy.test_small_policies import assessed, small
from tests.policy.test_times_and_years import WHO, run, yuan

RATES = """
otherwise = "ineligible"
tiers = [{ rate = 0.5, when = [{ value = "claims.principal", above = 1 }] }]
"""
OTHER = """
[[caps]]
id = "other"
at_most = {other}
per = []
exceeding = "refuse"
"""
STOP = """
[[caps]]
id = "stop"
on = "{on}"
{bound} = {{ times = [{{ yuan = {limit} }}, 0.333333] }}
per = ["claims.who"]
exceeding = "{exceeding}"
"""
CASES = st.tuples(
    st.sampled_from("xy"),
    st.integers(1, 40_000),
    st.none() | st.integers(0, 9_000),
    st.sampled_from(["approved", "approved", "pending", "rejected"]),
)


def one_after_another(
    cases: list[tuple[str, int, int | None, str]],
    limit: Fraction,
    other: int | None,
    least: int,
    *,
    on_base: bool,
    reached: bool,
    first: bool,
) -> list[tuple[int, bool]]:
    """Return what each case gets, in fen, and whether it is stopped."""
    so_far, used = dict.fromkeys("xy", 0), 0
    stopped: set[str] = set()
    found = []

    def passes(total: int) -> bool:
        return total >= limit if reached else total > limit

    for who, principal, approved, review in cases:
        amount = math.floor(Fraction(principal, 2) + Fraction(1, 2)) if principal > 100 else 0
        amount = 0 if amount < least else amount

        def uses(of: int, approved: int | None = approved, review: str = review) -> int:
            return 0 if review == "rejected" else of if approved is None else min(of, approved)

        own = principal if on_base else uses(amount)
        if passes(so_far[who]):
            stopped.add(who)
        stops = who in stopped or (first and passes(so_far[who] + own))
        if first and stops:
            stopped.add(who)
        refused = stops and (principal > 100 if on_base else amount > 0)
        if refused or (other is not None and amount > other - used):
            amount = 0
        used += uses(amount)
        so_far[who] += principal if on_base else uses(amount)
        found.append((amount, refused))
    return found


@pytest.mark.slow
@settings(max_examples=15 * DEPTH)
@given(
    st.lists(CASES, min_size=1, max_size=7),
    st.integers(1, 1_000),
    st.none() | st.integers(1, 40_000),
    st.sampled_from([0, 0, 5_000]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
# Exactly the limit of 333.33 and a part of a fen, one fen below, and one above.
@example([("x", 33_333, None, "approved")] * 2, 1_000, None, 0, True, True, False)
@example([("x", 66_666, None, "approved")] * 2, 1_000, None, 0, False, False, False)
@example(
    [("x", 66_668, None, "approved"), ("x", 200, None, "approved")],
    1_000,
    None,
    0,
    False,
    False,
    True,
)
def test_it_stops_where_the_sum_passes(
    cases: list[tuple[str, int, int | None, str]],
    limit: int,
    other: int | None,
    least: int,
    on_base: bool,
    reached: bool,
    first: bool,
) -> None:
    stop = STOP.format(
        on="base" if on_base else "compensation",
        bound="below" if reached else "at_most",
        limit=limit,
        exceeding="stop_before" if first else "stop_after",
    )
    parts = [WHO, stop, *([] if other is None else [OTHER.format(other=yuan(other))])]
    if least:
        parts.append(f"[compensation]\nat_least = {yuan(least)}")
    rows = [
        {
            "who": who,
            "principal": yuan(principal),
            "approved_amount": "" if approved is None else yuan(approved),
            "finance_review": review,
        }
        for who, principal, approved, review in cases
    ]
    result = assessed(small(*parts, rates=RATES), *rows)
    expected = one_after_another(
        cases,
        Fraction(limit * 100) * Fraction("0.333333"),
        other,
        least,
        on_base=on_base,
        reached=reached,
        first=first,
    )
    got = [int(each * 100) for each in result.claims["compensation"]]
    assert got == [amount for amount, _ in expected]
    for number, (_, refused) in enumerate(expected, 1):
        explained = result.explain(f"c{number}")
        assert ("stop" in explained.reasons) == refused
        recomputed(explained.arithmetic)


BY_ALL = """
[[caps]]
id = "stop"
at_most = 400
per = ["claims.who"]
years = "all"
exceeding = "{}"
"""


def test_it_says_where_it_stopped() -> None:
    rows = [{"who": "x", "principal": "1000", "payout_date": f"2022-06-0{n}"} for n in (3, 1, 2)]
    here, later = "超过上限，自本笔起停止补偿", "已在 c2（2022-06-01）超过上限，其后停止补偿"
    for exceeding, amounts, titles in (
        ("stop_after", [0, 500, 0], {"c1": later, "c3": later}),
        ("stop_before", [0, 0, 0], {"c2": here, "c3": later}),
    ):
        result = assessed(small(WHO, BY_ALL.format(exceeding)), *rows)
        assert list(result.claims["compensation"]) == amounts
        for id_, title in titles.items():
            assert title in [line.title.zh for line in result.explain(id_).arithmetic]


def test_what_was_paid_in_other_years_counts() -> None:
    claims = [("x", 2021, 100_000, 40_001, "approved"), ("y", 2021, 100_000, 40_000, "approved")]
    claims += [("x", 2022, 2, 0, "approved"), ("y", 2022, 2, 0, "approved")]
    for exceeding, amounts in (("stop_after", [0, 1]), ("stop_before", [0, 0])):
        result = run(small(WHO, BY_ALL.format(exceeding)), claims)
        assert [int(each * 100) for each in result.claims["compensation"]] == amounts
        explained = result.explain("c3")
        recomputed(explained.arithmetic)
        assert "以前年度已超过上限，停止补偿" in explained.describe()


def test_a_group_has_one_limit() -> None:
    fund = WHO.replace("who", "fund").replace("谁", "资金").replace("text", "money")
    stop = BY_ALL.format("stop_after").replace("400", '"claims.fund"')
    rows = [{"who": "x", "principal": "1000", "fund": fund} for fund in ("300", "299.99")]
    (fault,) = faults(assessed, small(WHO, fund, stop), *rows)
    assert (fault.kind, fault.table, fault.row) == ("pool_differs", "claims", 2)
