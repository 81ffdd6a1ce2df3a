"""A year that is declared in parts: what the parts are paid is what the year comes to."""

from __future__ import annotations

import math
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compensation import assess_frames
from tests.conftest import DEPTH
from tests.policy.test_small_policies import CLAIM, CONTRACT, small

OF_EACH_HALF = """
[[caps]]
id = "half"
per = ["contracts.institution_id", "half claims.payout_date"]
at_most = 400.01
"""
OF_THE_YEAR = """
[[caps]]
id = "year"
per = ["contracts.institution_id"]
at_most = 700
"""
POLICY = small(OF_EACH_HALF, OF_THE_YEAR)
DAYS = {2: ["2022-06-30"], 4: ["2022-03-31", "2022-06-30", "2022-09-30"]}
CLAIMS = st.lists(
    st.tuples(
        st.sampled_from(["03-01", "03-31", "04-01", "06-30", "07-01", "09-30", "10-01", "12-31"]),
        st.integers(1, 100_000),
    ),
    max_size=5,
)


def come_to(claims: list[tuple[str, int]]) -> dict[str, Fraction]:
    """Return what each claim comes to: half of it, within what both caps have left."""
    left = {True: Fraction("400.01"), False: Fraction("400.01")}
    year, found = Fraction(700), {}
    for number, (day, fen) in sorted(enumerate(claims), key=lambda each: (each[1][0], each[0])):
        first = day < "07"
        amount = Fraction(math.floor(Fraction(fen, 2) + Fraction(1, 2)), 100)
        borne = Fraction(math.floor(Fraction(fen * 6, 10) + Fraction(1, 2)), 100)
        amount = min(amount, borne, left[first], year)
        left[first] -= amount
        year -= amount
        found[f"c{number}"] = amount
    return found


@pytest.mark.slow
@settings(max_examples=5 * DEPTH)
@given(CLAIMS, st.sampled_from(list(DAYS)))
def test_the_parts_add_up_to_the_year(claims: list[tuple[str, int]], parts: int) -> None:
    paid = {f"c{number}": Fraction() for number in range(len(claims))}
    for last in (*DAYS[parts], None):
        rows = [
            {
                **CLAIM,
                "claim_id": f"c{number}",
                "payout_date": f"2022-{day}",
                "principal": f"{fen / 100:.2f}",
                "compensation_paid": f"{float(paid[f'c{number}']):.2f}",
            }
            for number, (day, fen) in enumerate(claims)
            if last is None or f"2022-{day}" <= last
        ]
        frames = {
            "institutions": pd.DataFrame([{"institution_id": "A", "government_backed": "true"}]),
            "contracts": pd.DataFrame([CONTRACT]),
            "claims": pd.DataFrame(rows, columns=[*CLAIM, "claim_id", "compensation_paid"]),
        }
        run = assess_frames(frames, POLICY, 2022, as_of=last)
        for id_, payable in zip(run.claims["claim_id"], run.claims["payable"], strict=True):
            paid[id_] += Fraction(payable)
    assert paid == come_to(claims)
