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
from compensation.money import MAX_TOTAL_FEN
from compensation.rules.award import (
    STATUSES,
    among_payers,
    borne,
    due_before,
    first_tier,
    granted,
    payable,
    status,
    sum_before,
    through_group_caps,
    what_is_left,
    within_budget,
)
from compensation.schema.choices import REVIEW_DECISIONS
from tests.oracle_reading import split
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


@pytest.mark.slow
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


CAPPED = st.tuples(
    st.sampled_from([0, 1, 2, 3, 10**15]),  # the amount
    st.just(0)
    | st.integers(0, 8)
    | st.just(10**17),  # the most that the claim uses of what it gets
    st.lists(
        st.tuples(st.integers(0, 2), st.booleans(), st.integers(0, 6)), min_size=3, max_size=3
    ),  # at each cap: the group, whether the cap is for the claim, the claim's own limit
)


@given(st.lists(st.tuples(AMOUNT, st.integers(0, 3)), max_size=9), st.permutations(range(9)))
def test_what_comes_before_a_row_of_its_group(
    rows: list[tuple[int, int]], shuffled: list[int]
) -> None:
    order = [k for k in shuffled if k < len(rows)]
    amount, group = (integers([row[k] for row in rows]) for k in (0, 1))
    got = sum_before(amount, group, integers(order))
    assert got.dtype == np.int64
    for place, k in enumerate(order):
        assert got[k] == sum(rows[e][0] for e in order[:place] if rows[e][1] == rows[k][1])


@given(
    st.lists(CAPPED, max_size=12),
    st.permutations(range(12)),
    st.lists(st.booleans(), min_size=1, max_size=3),
    st.none() | st.lists(st.integers(0, 6), min_size=3, max_size=3),
    st.integers(0, 3),
)
def test_caps_of_groups(
    rows: list[tuple[int, int, list[tuple[int, bool, int]]]],
    shuffled: list[int],
    refuses: list[bool],
    limits: list[int] | None,
    least: int,
) -> None:
    """One cap and several; a limit for all, or each claim with its own; what is too little."""
    order = [k for k in shuffled if k < len(rows)]
    caps = range(len(refuses))

    def limit_of(cap: int, k: int) -> int:
        return rows[k][2][cap][2] if limits is None else limits[cap]

    got = through_group_caps(
        integers([row[0] for row in rows]),
        integers(order),
        [integers([row[2][cap][0] for row in rows]) for cap in caps],
        [integers([limit_of(cap, k) for k in range(len(rows))]) for cap in caps],
        refuses,
        [np.array([row[2][cap][1] for row in rows], dtype=np.bool_) for cap in caps],
        integers([row[1] for row in rows]),
        least,
    )
    assert got.used.dtype == got.through.dtype == np.int64
    final: dict[int, int] = {}
    for k in order:
        wanted = rows[k][0]
        for cap in caps:
            group, applies, _ = rows[k][2][cap]
            # What was used: what earlier claims of the group got in the end, or the most they use.
            before = [e for e in final if rows[e][2][cap][:2] == (group, True)]
            used = sum(min(final[e], rows[e][1]) for e in before)
            room = max(limit_of(cap, k) - used, 0)
            over = applies and wanted > room
            assert min(got.used[cap, k], limit_of(cap, k)) == min(used, limit_of(cap, k))
            assert got.refused[cap, k] == (refuses[cap] and over)
            wanted = wanted if not over else 0 if refuses[cap] else room
            assert got.through[cap, k] == wanted
        final[k] = wanted if wanted >= least else 0
    for cap, limit in zip(caps, limits or (), strict=False):
        for group in range(3):
            of = [k for k in final if rows[k][2][cap][:2] == (group, True)]
            assert sum(min(final[k], rows[k][1]) for k in of) <= limit


@given(st.lists(st.tuples(AMOUNT, st.integers(0, 1_000_000), st.booleans()), max_size=5))
def test_payers_share_each_amount(rows: list[tuple[int, int, bool]]) -> None:
    """By weights that may differ from claim to claim; a claim that nobody pays is paid nothing."""
    shares = [[share, 1_000_000 - share] if pays else [0, 0] for _, share, pays in rows]
    payables = integers([amount for amount, _, _ in rows])
    got = among_payers(payables, np.array(shares, dtype=np.int64).reshape(-1, 2))
    assert got.tolist() == [
        split(amount, row) if pays else [0, 0]
        for (amount, _, pays), row in zip(rows, shares, strict=True)
    ]
    none = among_payers(payables, np.zeros((len(rows), 0), dtype=np.int64))
    assert none.shape == (len(rows), 0)
