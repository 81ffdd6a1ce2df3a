"""Money that falls short, shared by a ratio that the document rounds: budgets and pools.

The oracle works with fractions; nothing of it is the library's.
"""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from compensation import portfolio_of_frames, settle
from compensation.policy.cap_words import describe_cap
from compensation.policy.faults import PolicyFaults
from tests.conftest import DEPTH
from tests.explanation.recompute import recomputed
from tests.policy.test_budgets import IDS, POOL
from tests.policy.test_caps_on_payers import CAP, PAYERS, SHARED
from tests.policy.test_small_policies import assessed, columns, frames, small

FARMS = 'first = [{ value = "claims.farm", is = true }]\n'
RULES = {
    "pool": POOL,
    "turns": POOL + FARMS,
    "budget": '[budget]\nmethod = "pro_rata"\nat_most = {}\n' + FARMS,
    "lapses": '[budget]\nmethod = "pro_rata"\nat_most = {}\nunpaid = "lapses"\n',
}


def by_ratio(amounts: list[int], money: int, step: Fraction, unit: int, cut: bool) -> list[int]:
    """Return the parts in fen: halves up, or cut down, also where they would pass the money."""
    if sum(amounts) <= money:
        return amounts
    ratio = math.floor(Fraction(money, sum(amounts)) / step) * step
    up = [math.floor(each * ratio / unit + Fraction(1, 2)) * unit for each in amounts]
    up = [min(part, amount) for part, amount in zip(up, amounts, strict=True)]
    if cut or sum(up) > money:
        return [math.floor(each * ratio / unit) * unit for each in amounts]
    return up


@settings(max_examples=15 * DEPTH)
@given(
    st.lists(st.tuples(st.integers(1, 5_000_00), st.booleans()), min_size=1, max_size=4),
    st.integers(1, 10_000_00),
    st.sampled_from(["0.1", "0.01", "0.0001", "0.000001"]),
    st.sampled_from([1, 100, 100_00]),
    st.booleans(),
    st.sampled_from(list(RULES)),
)
# The money is one fen below, exactly and one fen above 64.60% of 1,000 yuan.
@example([(30_000, False), (70_000, False)], 64_599, "0.0001", 1, False, "pool")
@example([(30_000, False), (70_000, False)], 64_600, "0.0001", 1, False, "pool")
@example([(30_000, False), (70_000, False)], 64_601, "0.0001", 1, False, "budget")
# Halves up would come to 102 of 101 yuan, so that the parts are cut down.
@example([(10_100, False)] * 2, 10_100, "0.1", 100, False, "lapses")
@example([(10_100, False), (100, True)], 10_200, "0.0001", 100, True, "turns")
def test_all_are_cut_by_the_rounded_ratio(
    cases: list[tuple[int, bool]], money: int, step: str, unit: int, cut: bool, name: str
) -> None:
    said = f"ratio_to = {step}\nround_to = {unit / 100}\n" + 'left_over = "nobody"\n' * cut
    policy = small(columns(farm="boolean"), RULES[name].replace("{}", f"{money / 100}") + said)
    rows = [{"principal": f"{fen * 2 / 100:.2f}", "farm": str(farm)} for fen, farm in cases]
    run = assessed(policy, *rows)
    expected: dict[int, int] = {}
    in_turns, left = name in ("turns", "budget"), money
    for turn in (True, False):
        which = [n for n, (_, farm) in enumerate(cases) if not in_turns or farm == turn]
        amounts = [cases[n][0] for n in which if n not in expected]
        parts = by_ratio(amounts, max(left, 0), Fraction(step), unit, cut)
        expected |= dict(zip([n for n in which if n not in expected], parts, strict=True))
        left -= sum(amounts)
    found = [int(each * 100) for each in run.claims["payable"]]
    assert found == [expected[n] for n in range(len(cases))]
    assert sum(found) <= money
    for id_, payable in zip(IDS, found, strict=False):
        assert recomputed(run.explain(id_).arithmetic)["payable"] * 100 == payable
    settled = settle(portfolio_of_frames(**frames(*rows)), policy, "2022-12-31").settlement
    assert [int(each * 100) for each in settled["to_pay"]] == found


def test_a_payers_money_is_shared_by_a_rounded_ratio_and_the_rest_is_taken_over() -> None:
    more = f'{SHARED}\nexceeding = "pro_rata"\nratio_to = 0.01'
    cap = CAP.format(payer="province", most="200", rest="city", per=more)
    policy = small(PAYERS.format(province="0.6"), cap)
    run = assessed(policy, {"principal": "500.02"}, {"principal": "600"})
    # 200 of 150.01 and 180: 60.60%, cut down to 60%.
    assert [str(each) for each in run.claims["payable_province"]] == ["90.01", "108.00"]
    assert [str(each) for each in run.claims["payable_city"]] == ["160.00", "192.00"]
    (of_payer,) = [cap for cap in policy.rules.caps if cap.payer]
    assert "by a ratio cut down to multiples of 1%" in describe_cap(policy, of_payer).en
    listed = [row["id"] for row in run.summary["assumptions"]]
    assert "left_over" not in listed


@pytest.mark.parametrize(
    ("part", "key"),
    [
        (POOL.format(1) + "ratio_to = 0.0005\n", "caps[pool].ratio_to"),
        (POOL.format(1) + "ratio_to = 1\n", "caps[pool].ratio_to"),
        ('[[caps]]\nid = "all"\nper = []\nat_most = 1\nratio_to = 0.1\n', "caps[all].ratio_to"),
        (
            POOL.format(1).replace("[]", '["contracts.borrower_id"]')
            + "in_all = 5\nratio_to = 0.1\n",
            "caps[pool].ratio_to",
        ),
        (
            '[budget]\nmethod = "pro_rata"\nratio_to = 0.1\nleft_over = "largest_remainders"\n',
            "budget.left_over",
        ),
        (
            '[budget]\nmethod = "first_come"\norder = "claims.payout_date"\nratio_to = 0.1\n',
            "budget.ratio_to",
        ),
    ],
)
def test_a_rounded_ratio_stands_where_money_is_shared_in_proportion(part: str, key: str) -> None:
    with pytest.raises(PolicyFaults) as caught:
        small(part)
    assert [fault.key for fault in caught.value.faults] == [key]
