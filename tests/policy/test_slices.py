"""Slices of a base, each at its own rate: their ends and rates are quantities of the case."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.explanation.recompute import recomputed
from tests.policy.test_small_policies import assessed, columns, first, small

LIMIT = columns(limit="money")
OWN = columns(limit="money", own_rate="ratio")
TWICE = '{ minus = [{ times = ["claims.limit", 2] }, 500] }'
COMPUTED = f"""hit = "slices"
tiers = [
    {{ rate = "claims.own_rate", at_most = "claims.limit" }},
    {{ rate = {{ times = ["claims.own_rate", 0.5] }}, at_most = {TWICE} }},
    {{ rate = 0.05 }},
]
"""
FIXED = 'hit = "slices"\ntiers = [{ rate = 0.5, at_most = 400 }, { rate = 0.2 }]'
POINTS = """
additions = [{ id = "late", points = 0.05, when = [
    { value = "claims.payout_date", at_least = 2022-06-01 },
] }]
"""


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


def by_hand(principal: int, limit: int, millionths: int, unit: int) -> tuple[int, int]:
    """Return what the slices of `COMPUTED` come to, in fen, and over the base, in millionths."""
    rate, end = Fraction(millionths, 10**6), max(2 * limit - 50000, limit)
    parts = (min(principal, limit), max(min(principal, end) - limit, 0), max(principal - end, 0))
    exact = parts[0] * rate + parts[1] * rate / 2 + parts[2] * Fraction(5, 100)
    fen, most = half_up(exact / unit) * unit, half_up(principal * Fraction(6, 10))
    if unit > 1:
        most = most // unit * unit  # limits are cut to whole units
    return min(fen, most), half_up(exact / principal * 10**6)  # the institution bears 60%


def half_up(amount: Fraction) -> int:
    return math.floor(amount + Fraction(1, 2))


@pytest.mark.slow
@given(
    st.lists(
        st.tuples(
            st.integers(1, 200_000),
            st.one_of(st.integers(0, 150_000), st.sampled_from([49_999, 50_000, 50_001])),
            st.integers(0, 10**6),
            st.integers(-1, 1),
        ),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from([1, 100, 10_000]),
)
def test_ends_and_rates_of_slices_are_those_of_the_case(
    cases: list[tuple[int, int, int, int]], unit: int
) -> None:
    """Each principal, and one beside the end of the case's own first slice.

    The rate is the average before what it comes to is rounded to a unit.
    """
    figures = [(p, limit, rate) for p, limit, rate, _ in cases]
    figures += [(max(limit + near, 1), limit, rate) for _, limit, rate, near in cases]
    run = assessed(
        small(
            OWN, f"[compensation]\nround_to = {yuan(unit)}\nrounding = 'half_up'", rates=COMPUTED
        ),
        *(
            {"principal": yuan(p), "limit": yuan(limit), "own_rate": f"{r / 10**6:.6f}"}
            for p, limit, r in figures
        ),
    )
    found = [
        (int(compensation * 100), int(rate * 10**6))
        for compensation, rate in zip(run.claims["compensation"], run.claims["rate"], strict=True)
    ]
    assert found == [by_hand(*each, unit) for each in figures]
    for number in range(1, len(figures) + 1):
        recomputed(run.explain(f"c{number}").arithmetic)


RATIO = '{ over = ["claims.limit", { yuan = 1 }] }'
END = '{ over = [{ times = ["claims.principal", 0.1] }, RATIO] }'.replace("RATIO", RATIO)
UNSURE = f'hit = "slices"\ntiers = [{{ rate = 0.1, at_most = {END} }}, {{ rate = {RATIO} }}]'


@pytest.mark.parametrize(
    ("own", "reasons", "compensation"),
    [
        ("0.50", None, 420),  # 200 × 10% + 800 × 50%
        ("1.00", None, 600),  # what the institution bears; 100 × 10% + 900
        ("1.01", "tier", 0),
        ("0.00", "tier", 0),  # the slice ends nowhere: over 0
    ],
)
def test_a_slice_at_more_than_all_of_it_and_one_without_a_known_end(
    own: str, reasons: str | None, compensation: int
) -> None:
    row = first(small(LIMIT, rates=UNSURE), limit=own)
    assert (row["reasons"], row["compensation"]) == (reasons, compensation)


@pytest.mark.parametrize(
    ("day", "bound", "expected"),
    [
        ("2022-05-31", "", 320),
        ("2022-06-01", "", 370),  # 400 × 55% + 600 × 25%
        ("2022-06-01", "bounds = { at_most = 0.52 }", 358),  # 400 × 52% + 600 × 25%
    ],
)
def test_points_are_added_to_every_slice(day: str, bound: str, expected: int) -> None:
    row = first(small(rates=f"{bound}{POINTS}{FIXED}"), payout_date=day)
    assert row["compensation"] == expected
    assert row["rate"] == Decimal(expected) / 1000  # the average


RELEASED = '{ times = ["claims.limit", 1] }'
TOGETHER = f"""hit = "slices"
per = ["contracts.institution_id"]
tiers = [
    {{ rate = 0.5, at_most = {RELEASED} }},
    {{ rate = 0.2, at_most = {{ times = ["claims.limit", 2] }} }},
    {{ rate = 0 }},
]
"""


def together(counted: list[int], bases: list[int], limit: int, uses: list[bool]) -> list[int]:
    """Return what each case gets, in fen, of slices that they fill one after another."""
    found, before = [], 0
    for fen, base, counts in zip(counted, bases, uses, strict=True):
        after = before + fen
        first = max(min(after, limit) - before, 0)
        second = max(min(after, 2 * limit) - max(before, limit), 0)
        part = Fraction(base, fen) if fen else Fraction(0)
        exact = (first * Fraction(1, 2) + second * Fraction(1, 5)) * part
        found.append(math.floor(exact + Fraction(1, 2)))
        before = after if counts else before
    return found


@pytest.mark.slow
@given(
    st.sampled_from(["", 'by = "claims.payout"\n']),
    st.lists(st.tuples(st.integers(1, 50_000), st.booleans()), min_size=1, max_size=4),
    st.integers(1, 60_000),
    st.sampled_from([-1, 0, 1, None]),
)
def test_slices_that_a_group_fills_together(
    by: str, cases: list[tuple[int, bool]], limit: int, near: int | None
) -> None:
    """One after another, but for the rejected; the first ends a fen below, at, above the limit."""
    principals = [fen for fen, _ in cases]
    if near is not None:
        principals[0] = max(limit + near, 1)
    interest = 7 if by else 0
    run = assessed(
        small(LIMIT, rates=by + TOGETHER),
        *(
            {
                "principal": yuan(fen),
                "interest": yuan(interest),
                "limit": yuan(limit),
                "finance_review": "approved" if counts else "rejected",
            }
            for fen, (_, counts) in zip(principals, cases, strict=True)
        ),
    )
    counted = [fen + interest for fen in principals]
    uses = [counts for _, counts in cases]
    borne = [math.floor(fen * Fraction(6, 10) + Fraction(1, 2)) for fen in counted]
    expected = map(min, together(counted, principals, limit, uses), borne)
    assert [int(each * 100) for each in run.claims["compensation"]] == list(expected)
    for number in range(1, len(cases) + 1):
        recomputed(run.explain(f"c{number}").arithmetic)


HALF = '{ times = ["claims.interest", 0.5] }'


@pytest.mark.parametrize(
    ("by", "interest", "reasons"),
    [
        ('"claims.interest"', "0", "tier"),
        ('"claims.interest"', "0.01", None),
        (HALF, "0.01", "tier"),
        (HALF, "0.02", None),
    ],
)
def test_a_case_of_which_less_than_a_fen_counts_along_the_slices(
    by: str, interest: str, reasons: str | None
) -> None:
    row = first(small(LIMIT, rates=f"by = {by}\n" + TOGETHER), limit="1", interest=interest)
    assert row["reasons"] == reasons
