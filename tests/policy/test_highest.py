"""Caps that keep the highest cases of a group (就高不重复), by themselves or by lines."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from compensation import settle_frames
from tests.conftest import DEPTH
from tests.explanation.recompute import recomputed
from tests.one_claim import faults
from tests.policy.test_every_fault import BASE, keys
from tests.policy.test_small_policies import assessed, columns, frames, small

COLUMNS = columns(who="text", line="text")
KEEP = """
[[caps]]
id = "kept"
on = "cases"
per = ["claims.who"]
keep = "highest"
at_most = {most}
{more}
"""
SHARED = """
[[caps]]
id = "shared"
per = []
at_most = {limit}
"""
AS_ONE = 'as_one = ["claims.line"]'
Case = tuple[str, str, int, int | None, str, int]
"""Who, line, principal in fen, amount approved, review, day of June."""
CASES = st.tuples(
    st.sampled_from("xy"),
    st.sampled_from("ABC"),
    st.integers(1, 5) | st.integers(1, 40_000),
    st.none() | st.integers(0, 9_000),
    st.sampled_from(["approved", "approved", "pending", "rejected"]),
    st.integers(1, 3),
)


def kept_of(
    cases: list[Case], most: int, least: int, limit: int, *, lines: bool
) -> list[tuple[int, bool]]:
    """Return what each case gets, in fen, and whether another one is kept instead."""
    amounts = [math.floor(Fraction(case[2], 2) + Fraction(1, 2)) for case in cases]
    amounts = [amount if amount >= least else 0 for amount in amounts]

    def uses(place: int, amount: int) -> int:
        _, _, _, approved, review, _ = cases[place]
        return 0 if review == "rejected" else min(amount, amount if approved is None else approved)

    def first(places: list[int]) -> tuple[int, int]:
        return min((cases[place][5], place) for place in places)

    refused = [False] * len(cases)
    for who in "xy":
        own = [place for place, case in enumerate(cases) if case[0] == who]
        items = [[place for place in own if cases[place][1] == line] for line in "ABC"]
        items = items if lines else [[place] for place in own]
        sums = [sum(uses(place, amounts[place]) for place in item) for item in items]
        for item, of in zip(items, sums, strict=True):
            paid = [place for place in item if uses(place, amounts[place])]
            more = 0
            for other, another in zip(items, sums, strict=True):
                they = [place for place in other if uses(place, amounts[place])]
                if other is not item and another:
                    more += another > of or (another == of and first(they) < first(paid))
            for place in item:
                refused[place] = amounts[place] > 0 and more >= most
    found, left = [(0, False)] * len(cases), limit
    for place in sorted(range(len(cases)), key=lambda place: (cases[place][5], place)):
        amount = 0 if refused[place] else min(amounts[place], left)
        amount = amount if amount >= least else 0
        found[place] = amount, refused[place]
        left -= uses(place, amount)
    return found


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


ONE: Case = ("x", "A", 20_000, None, "approved", 1)
TWO: Case = ("x", "B", 20_000, None, "approved", 2)


@pytest.mark.slow
@settings(max_examples=15 * DEPTH)
@given(
    st.lists(CASES, min_size=1, max_size=7),
    st.integers(1, 2),
    st.sampled_from([0, 0, 5_000]),
    st.integers(1, 60_000),
    st.booleans(),
)
# As much as another one, and a fen more or less: the first one is kept, then the higher.
@example([ONE, TWO], 1, 0, 60_000, False)
@example([ONE, (*TWO[:2], 20_002, *TWO[3:])], 1, 0, 60_000, True)
@example([ONE, (*TWO[:2], 19_998, *TWO[3:])], 1, 0, 60_000, True)
# Two small ones of a line are more than one; what is rejected takes no place.
@example([(*TWO[:2], 10_002, *TWO[3:]), ONE, (*TWO[:2], 10_000, *TWO[3:])], 1, 0, 60_000, True)
@example([ONE, ("x", "B", 30_000, None, "rejected", 1)], 1, 0, 60_000, False)
@example([ONE, ("x", "B", 30_000, 9_999, "approved", 1)], 1, 0, 60_000, False)
def test_the_highest_are_kept(
    cases: list[Case], most: int, least: int, limit: int, lines: bool
) -> None:
    parts = [COLUMNS, SHARED.format(limit=yuan(limit)), KEEP.format(most=most, more=AS_ONE)]
    if not lines:
        parts[-1] = KEEP.format(most=most, more="")
    if least:
        parts.append(f"[compensation]\nat_least = {yuan(least)}")
    rows = [
        {
            "who": who,
            "line": line,
            "principal": yuan(principal),
            "approved_amount": "" if approved is None else yuan(approved),
            "finance_review": review,
            "payout_date": f"2022-06-0{day}",
        }
        for who, line, principal, approved, review, day in cases
    ]
    found = assessed(small(*parts), *rows)
    shown = [
        (int(row["compensation"] * 100), "kept" in (row["reasons"] or ""))
        for row in found.claims.to_dict("records")
    ]
    assert shown == kept_of(cases, most, least, limit, lines=lines)
    for number in range(1, len(rows) + 1):
        recomputed(found.explain(f"c{number}").arithmetic)


def test_what_was_compensated_in_earlier_years_takes_the_place() -> None:
    policy = small(COLUMNS, KEEP.format(most=1, more='years = "all"'))
    earlier = {"who": "x", "line": "A", "payout_date": "2021-06-01", "compensation_paid": "1"}
    now = {"who": "x", "line": "A", "principal": "900"}
    for paid, amount in (("1", 0), ("0", 450)):
        found = assessed(policy, {**earlier, "compensation_paid": paid}, now)
        assert [row["compensation"] for row in found.claims.to_dict("records")] == [amount]


def test_a_blank_line_is_a_fault_said_once() -> None:
    policy = small(COLUMNS, KEEP.format(most=1, more=AS_ONE))
    found = faults(assessed, policy, {"who": "", "line": ""}, {"who": "x", "line": "A"})
    assert [(fault.kind, fault.column, fault.row) for fault in found] == [
        ("blank", "line", 1),
        ("blank", "who", 1),
    ]


RATES = "[rates]\ntiers = [{ rate = 0.5 }]\n"
SLICES = (
    '[rates]\nhit = "slices"\nper = ["claims.who"]\n'
    "tiers = [{ rate = 0.5, at_most = 500 }, { rate = 0.1 }]\n"
)
ON_BASE = '[[caps]]\nid = "loss"\non = "base"\nper = ["claims.who"]\nat_most = 500\n{}'
PRINCIPAL = COLUMNS + BASE.format("claims.principal")
KEPT = KEEP.format(most=1, more="")


@pytest.mark.parametrize(
    ("parts", "key"),
    [
        ((RATES, KEPT.replace('"cases"', '"compensation"')), "keep"),
        ((RATES, KEPT, ON_BASE.format("")), "keep"),
        ((SLICES, KEPT), "keep"),
        ((RATES, KEEP.format(most=1, more=AS_ONE).replace('keep = "highest"', "")), "as_one"),
        ((RATES, KEEP.format(most=1, more=f'{AS_ONE}\nyears = "all"')), "as_one"),
        ((RATES, KEEP.format(most=1, more="as_one = []")), "as_one"),
        ((RATES, KEEP.format(most=1, more='as_one = ["claims.who"]')), "as_one"),
        ((RATES, KEEP.format(most=1, more='as_one = ["claims.principle"]')), "as_one[1]"),
    ],
)
def test_what_cannot_be_so(tmp_path: Path, parts: tuple[str, ...], key: str) -> None:
    assert keys(tmp_path, PRINCIPAL, *parts) == [f"caps[kept].{key}"]


def test_a_cap_on_the_base_that_all_use_may_stand_beside_it() -> None:
    policy = small(COLUMNS, ON_BASE.format('counts = "all"\n'), KEPT)
    found = assessed(policy, *({"who": "x", "line": "A", "principal": each} for each in "23"))
    rows = found.claims.to_dict("records")
    assert [(row["compensation"], row["reasons"]) for row in rows] == [(0, "kept"), (1.5, None)]


def test_a_settlement_recalls_what_a_higher_case_of_the_year_took_the_place_of() -> None:
    policy = small(COLUMNS, KEPT)
    paid = {"who": "x", "line": "A", "principal": "500", "compensation_paid": "250"}
    now = {"who": "x", "line": "A", "principal": "500.02", "payout_date": "2022-07-01"}
    tables = frames(paid, now)
    assert "paid_without_grant" in {fault.kind for fault in assessed(policy, paid, now).warnings}
    settled = settle_frames(tables, policy, "2022-12-31").tables["settlement"].to_pylist()
    assert [(row["to_pay"], row["to_recall"]) for row in settled] == [
        (0, 250),
        (Decimal("250.01"), 0),
    ]
