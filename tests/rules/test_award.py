"""Borne amounts, tiers, caps, reviews and budgets against loops over the claims."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compensation.columns import Integers
from compensation.ledger import ids
from compensation.ledger.choices import REVIEW_DECISIONS
from compensation.money import MAX_TOTAL_FEN
from compensation.rules.award import (
    STATUSES,
    among_payers,
    base,
    borne,
    compensation_at,
    due_before,
    first_tier,
    granted,
    payable,
    share_of,
    status,
    through_group_caps,
    what_is_left,
    within_budget,
)
from tests.oracle_reading import half_up, split
from tests.rules.naive import integers

AMOUNT = st.sampled_from([0, 1, 2, 10**15 - 1, 2 * 10**15 - 2]) | st.integers(0, 2 * 10**15 - 2)
TEXT_IDS = st.text(st.sampled_from("ab.09A济𠮷｡\U0010ffff\ue000\ud7ff"), min_size=1, max_size=3)
"""Among them characters whose order differs between UTF-16 and code points."""


def ranks(names: Sequence[str]) -> Integers:
    return ids.ranks(pa.array(names, pa.string()))


@given(st.lists(st.tuples(AMOUNT, st.permutations([0, 99_900, 300_033, 600_067])), max_size=5))
def test_borne_amounts_are_split_by_shares(rows: list[tuple[int, list[int]]]) -> None:
    shares = np.array([row for _, row in rows], dtype=np.int64).reshape(-1, 4)
    got = borne(integers([amount for amount, _ in rows]), shares)
    assert got.tolist() == [split(amount, row) for amount, row in rows]


@given(st.lists(st.tuples(AMOUNT, st.integers(0, 10_000)), max_size=6))
@example([(2, 2500), (1, 5000), (1, 4999), (3, 5000)])
def test_compensation_is_half_up_of_base_times_rate(rows: list[tuple[int, int]]) -> None:
    """Rates have four decimals and are held as millionths."""
    amounts, rates = (integers([row[k] for row in rows]) for k in (0, 1))
    expected = [half_up(amount * rate, 10_000) for amount, rate in rows]
    assert compensation_at(amounts, rates * 100).tolist() == expected


@given(AMOUNT, st.integers(0, 10_000))
def test_a_cap_is_never_more_than_the_share(amount: int, share: int) -> None:
    (limit,) = share_of(integers([amount]), share * 100).tolist()
    assert limit <= Fraction(amount * share, 10_000) < limit + 1


@given(AMOUNT, st.lists(AMOUNT, max_size=3))
def test_what_is_taken_off_the_base_stops_at_zero(amount: int, less: list[int]) -> None:
    got = base(integers([amount]), [integers([part]) for part in less]).tolist()
    assert got == [max(amount - sum(less), 0)]


@given(st.lists(st.lists(st.booleans(), min_size=4, max_size=4), max_size=4))
def test_the_first_tier_that_holds(tiers: list[list[bool]]) -> None:
    got = first_tier([np.array(holds) for holds in tiers], 4).tolist()
    for row, place in enumerate(got):
        holding = [number for number, holds in enumerate(tiers) if holds[row]]
        assert place == (holding[0] if holding else -1)


def test_status_by_review() -> None:
    names = [decision.value for decision in REVIEW_DECISIONS]
    assert names == ["approved", "rejected", "pending"]
    pairs = [(a, b) for a in range(3) for b in range(3)]
    one, other = (integers([pair[k] for pair in pairs]) for k in (0, 1))
    got = status(np.ones(9, dtype=np.bool_), [one, other])
    for (a, b), place in zip(pairs, got.tolist(), strict=True):
        either = {names[a], names[b]}
        if "rejected" in either:
            assert STATUSES[place] == "rejected"
        else:
            assert STATUSES[place] == ("approved" if either == {"approved"} else "pending")
    assert set(status(np.zeros(9, dtype=np.bool_), [one, other]).tolist()) == {0}
    nobody_asked = status(np.array([True, False]), [])
    assert [STATUSES[k] for k in nobody_asked.tolist()] == ["approved", "ineligible"]


def test_an_approved_claim_is_granted_at_most_the_approved_amount() -> None:
    approved = STATUSES.index("approved")
    states = integers([approved] * 4 + [k for k in range(4) if k != approved])
    amounts = integers([0, 4, 5, 6, 4, 4, 4])
    given = np.array([False, True, True, True, True, True, True])
    got = granted(integers([5] * 7), amounts, given, states)
    assert got.tolist() == [5, 4, 5, 5, 0, 0, 0]


def test_payable_is_what_is_left_of_what_is_granted() -> None:
    closed = np.array([False, False, False, False, True])
    got = payable(integers([5, 5, 5, 5, 5]), integers([0, 4, 5, 6, 0]), closed)
    assert got.tolist() == [5, 1, 0, 0, 0]


# Budgets


def naive_budget(names: list[str], payables: list[int], budget: int) -> list[int]:
    total = sum(payables)
    if total <= budget:
        return payables
    exact = [Fraction(payable * budget, total) for payable in payables]
    cut = [value.numerator // value.denominator for value in exact]
    order = sorted(range(len(names)), key=lambda k: (cut[k] - exact[k], [ord(c) for c in names[k]]))
    for k in order[: budget - sum(cut)]:
        cut[k] += 1
    return cut


@given(
    st.dictionaries(TEXT_IDS, st.sampled_from([0, 1, 1, 7, 10**15]) | AMOUNT, max_size=9),
    st.integers(0, 100) | st.integers(0, MAX_TOTAL_FEN),
)
@example({"a": 1, "b": 1, "c": 1}, 2)
@example({"𠮷": 1, "｡": 1}, 1)
@example({"x": 10**15 - 1, "y": 10**15 - 2}, 10**15 - 1)
def test_a_budget_is_shared_to_the_fen(claims: dict[str, int], budget: int) -> None:
    names, payables = list(claims), list(claims.values())
    got = within_budget(integers(payables), budget, ranks(names)).tolist()
    assert got == naive_budget(names, payables, budget)
    assert sum(got) == min(sum(payables), budget)


def test_ties_go_to_the_smaller_id_by_code_point() -> None:
    """｡ (U+FF61) comes before 𠮷 (U+20BB7), though not in UTF-16; B before a; 10 before 9."""
    for smaller, larger in [("｡", "𠮷"), ("B", "a"), ("10", "9"), ("A", "A0"), ("Z", "济")]:
        for names in ([smaller, larger], [larger, smaller]):
            got = within_budget(integers([1, 1]), 1, ranks(names)).tolist()
            assert dict(zip(names, got, strict=True)) == {smaller: 1, larger: 0}


@pytest.mark.parametrize("budget", [0, 2, 3, 4])
def test_a_budget_around_the_total(budget: int) -> None:
    payables = integers([1, 2])
    got = within_budget(payables, budget, integers([0, 1])).tolist()
    assert got == {0: [0, 0], 2: [1, 1], 3: [1, 2], 4: [1, 2]}[budget]
    assert payables.tolist() == [1, 2]


@given(st.lists(AMOUNT, max_size=8), st.integers(0, 10**16), st.randoms(use_true_random=False))
def test_first_come_pays_in_order_until_nothing_is_left(
    payables: list[int], budget: int, source: object
) -> None:
    order = list(range(len(payables)))
    source.shuffle(order)  # type: ignore[attr-defined]
    left, expected = budget, [0] * len(payables)
    for row in order:
        expected[row] = min(payables[row], left)
        left -= expected[row]
    before = due_before(integers(payables), integers(order))
    assert what_is_left(integers(payables), before, budget).tolist() == expected


# Caps of a group


ROW = st.tuples(
    st.sampled_from([0, 1, 2, 3, 10**15]), st.integers(0, 2), st.integers(0, 1), st.booleans()
)


@given(
    st.lists(ROW, max_size=12),
    st.permutations(range(12)),
    st.lists(st.integers(0, 6), min_size=2, max_size=2),
    st.lists(st.booleans(), min_size=2, max_size=2),
)
def test_caps_of_groups(
    rows: list[tuple[int, int, int, bool]],
    shuffled: list[int],
    limits: list[int],
    refuses: list[bool],
) -> None:
    order = [k for k in shuffled if k < len(rows)]
    got = through_group_caps(
        integers([row[0] for row in rows]),
        integers(order),
        [integers([row[1] for row in rows]), integers([row[2] for row in rows])],
        [integers([limit] * len(rows)) for limit in limits],
        refuses,
        np.array([row[3] for row in rows], dtype=np.bool_),
    )
    assert got.used.dtype == got.through.dtype == np.int64
    final: dict[int, int] = {}
    for k in order:
        wanted = rows[k][0]
        for cap in (0, 1):
            # What was used: what earlier claims of the group got in the end, if they use anything.
            before = [e for e in final if rows[e][1 + cap] == rows[k][1 + cap] and rows[e][3]]
            used = sum(final[e] for e in before)
            room = max(limits[cap] - used, 0)
            assert got.used[cap, k] == used
            assert got.refused[cap, k] == (refuses[cap] and wanted > room)
            wanted = min(wanted, room) if not refuses[cap] or wanted <= room else 0
            assert got.through[cap, k] == wanted
        final[k] = wanted
    for cap in (0, 1):
        for group in range(3):
            of = [final[k] for k in final if rows[k][1 + cap] == group and rows[k][3]]
            assert sum(of) <= limits[cap]


@given(st.lists(AMOUNT, max_size=5), st.integers(0, 1_000_000))
def test_payers_share_each_amount(payables: list[int], share: int) -> None:
    shares = [share, 1_000_000 - share]
    got = among_payers(integers(payables), shares)
    assert got.tolist() == [split(payable, shares) for payable in payables]
    assert among_payers(integers(payables), []).shape == (len(payables), 0)
