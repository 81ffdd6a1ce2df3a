"""Caps on what a payer pays: the rest goes to another payer or falls away, one case after another.

The oracle walks through the cases with fractions; nothing of it is the library's.
"""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compensation import decide_claim
from tests.explanation.recompute import recomputed
from tests.policy.test_small_policies import CLAIM, assessed, first, small

PAYERS = """
[[payers]]
id = "province"
name = {{ zh = "省级", en = "province" }}
share = {province}
[[payers]]
id = "city"
name = {{ zh = "市级", en = "city" }}
share = {{ minus = [1, {province}] }}
"""
CAP = """
[[caps]]
id = "{payer}"
payer = "{payer}"
at_most = {most}
rest = "{rest}"
{per}
"""
SHARED = 'per = ["contracts.institution_id"]'


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


def half_up(amount: Fraction) -> int:
    return math.floor(amount + Fraction(1, 2))


def one_after_another(
    claims: list[tuple[int, int | None, str]],
    share: Fraction,
    most: int,
    rest: str,
    city: int | None,
    *,
    shared: bool,
) -> list[tuple[int, int, int, int]]:
    """Return compensation, granted and what either payer pays of each claim, in fen."""
    found, used, used_by_city = [], 0, 0
    for principal, approved, review in claims:
        computed = half_up(Fraction(principal, 2))
        amount = computed if approved is None else min(computed, approved)
        province = half_up(amount * share)
        of_city = amount - province
        within = min(province, max(most - (used if shared else 0), 0))
        if rest == "city":
            of_city += province - within
        if city is not None:
            of_city = min(of_city, max(city - used_by_city, 0))
        total = within + of_city
        compensation = computed if total == amount else total
        if review != "rejected":
            used, used_by_city = used + within, used_by_city + of_city
        paid = (total, within, of_city) if review == "approved" else (0, 0, 0)
        found.append((compensation, *paid))
    return found


FEN = st.integers(1, 40_000)
CLAIMS = st.tuples(
    FEN,
    st.none() | st.integers(0, 20_000),
    st.sampled_from(["approved", "approved", "pending", "rejected"]),
)


@pytest.mark.slow
@given(
    st.lists(CLAIMS, min_size=1, max_size=5),
    st.sampled_from(["0.6", "0.3333", "1"]),
    st.integers(1, 30_000),
    st.sampled_from(["city", "nobody"]),
    st.none() | st.integers(1, 20_000),
    st.booleans(),
)
# The province's part of the second is one fen below, at and above what the first leaves.
@example([(20_000, None, "approved"), (9_999, None, "approved")], "0.6", 9_000, "city", None, True)
@example(
    [(20_000, None, "approved"), (10_001, None, "approved")], "0.6", 9_000, "city", 7_000, True
)
@example([(20_000, 9_000, "approved"), (20_000, None, "approved")], "0.6", 5_400, "nobody", 1, True)
def test_what_lies_above_goes_to_the_other_or_falls_away(
    claims: list[tuple[int, int | None, str]],
    share: str,
    most: int,
    rest: str,
    city: int | None,
    shared: bool,
) -> None:
    caps = [CAP.format(payer="province", most=yuan(most), rest=rest, per=SHARED if shared else "")]
    if city is not None:
        caps.append(CAP.format(payer="city", most=yuan(city), rest="nobody", per=SHARED))
    rows = [
        {
            "principal": yuan(principal),
            "approved_amount": "" if approved is None else yuan(approved),
            "finance_review": review,
        }
        for principal, approved, review in claims
    ]
    run = assessed(small(PAYERS.format(province=share), *caps), *rows)
    columns = ("compensation", "payable", "payable_province", "payable_city")
    found = [
        tuple(int(row[name] * 100) for name in columns) for row in run.claims.to_dict("records")
    ]
    assert found == one_after_another(claims, Fraction(share), most, rest, city, shared=shared)
    for number in range(1, len(claims) + 1):
        recomputed(run.explain(f"c{number}").arithmetic)


def test_what_was_paid_before_leaves_the_rest_in_the_proportion_of_the_parts() -> None:
    policy = small(
        PAYERS.format(province=0.6), CAP.format(payer="province", most=200, rest="city", per="")
    )
    row = first(policy, compensation_paid="250")
    assert [row[f"payable_{payer}"] for payer in ("province", "city")] == [100, 150]


@pytest.mark.parametrize(("most", "limited"), [("299.99", True), ("300", False)])
def test_one_claim_alone_says_which_payer_limits_it(most: str, limited: bool) -> None:
    cap = CAP.format(payer="province", most=most, rest="nobody", per=SHARED)
    claim: dict[str, Any] = {**CLAIM, "shares": {"institution": "0.6", "lender": "0.4"}}
    del claim["contract_id"]
    policy = small(PAYERS.format(province=0.6), cap)
    said = decide_claim(policy, {"government_backed": True}, claim).limited_by
    assert (said and said.zh) == ("省级每家机构的上限" if limited else None)


@pytest.mark.parametrize(
    ("most", "parts"), [("499.99", "499.99 0.01"), ("500", "500 0"), ("500.01", "500 0")]
)
def test_one_pays_first_and_another_what_is_left(most: str, parts: str) -> None:
    payers = PAYERS.replace("{{ minus = [1, {province}] }}", "0").format(province=1)
    cap = CAP.format(payer="province", most=most, rest="city", per="")
    row = first(small(payers, cap))
    paid = [row[f"payable_{payer}"] for payer in ("province", "city")]
    assert paid == [Decimal(part) for part in parts.split()]
