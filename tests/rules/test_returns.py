"""Recoveries one by one against the columns."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from compensation.columns import Integers
from compensation.policy.model import Note, Returns, ReturnShare
from compensation.rules.losses import lost
from compensation.rules.returns import borne_after_payment, net_to_date, returned
from tests.oracle_reading import split
from tests.rules.naive import integers

PARTIES = ("government", "institution", "lender")


Shares = dict[str, int]


def rule(*, net: bool = True, first: tuple[str, ...] = (), shares: Shares | None = None) -> Returns:
    """The policy's rule for costs, and who gets back before the others."""
    by = tuple(
        ReturnShare(party=party, share=Decimal(share)) for party, share in (shares or {}).items()
    )
    note = Note(zh="虚构", en="invented")
    costs: Literal["net", "gross"] = "net" if net else "gross"
    return Returns(costs=costs, first=first, shares=by, clause="1", basis="text", note=note)


class Recovery(NamedTuple):
    claim: int
    day: int
    proceeds: int
    cost: int


AMOUNT = st.sampled_from([0, 0, 1, 2, 3, 100]) | st.integers(0, 10**15 - 1)
recoveries = st.lists(
    st.builds(Recovery, st.integers(0, 2), st.integers(0, 3), AMOUNT, AMOUNT), max_size=14
).map(lambda rows: sorted(rows, key=lambda row: (row.claim, row.day)))
weights = st.lists(
    st.lists(st.sampled_from([0, 1, 2, 50]) | st.integers(0, 10**14), min_size=3, max_size=3),
    min_size=3,
    max_size=3,
)


def level(amount: int, bears: list[int], shares: list[int]) -> Fraction:
    """How high each fills its share, so that all together hold the amount."""
    full = sorted(Fraction(b, s) for b, s in zip(bears, shares, strict=True))
    for top in full:
        if sum(min(Fraction(b), top * s) for b, s in zip(bears, shares, strict=True)) >= amount:
            break
    low = max((each for each in full if each < top), default=Fraction(0))
    below = sum(min(Fraction(b), low * s) for b, s in zip(bears, shares, strict=True))
    rising = sum(s for b, s in zip(bears, shares, strict=True) if Fraction(b, s) > low)
    return low + Fraction(amount - below, rising) if rising else top


def divided(
    amount: int,
    bears: list[int],
    first: tuple[str, ...],
    shares: Shares | None = None,
    parties: tuple[str, ...] = PARTIES,
) -> list[int]:
    """What each party gets: those that come first, those with shares, the others by what is left.

    By shares, each is asked in turn how high the amount that is left fills all that are waiting.
    """
    parts, rest = [0] * len(bears), list(bears)
    for place in (parties.index(party) for party in first):
        parts[place] = min(amount, bears[place])
        amount, rest[place] = amount - parts[place], 0
    waiting = {parties.index(party): share for party, share in (shares or {}).items()}
    while waiting:
        place = next(iter(waiting))
        least = min(amount, sum(bears[each] for each in waiting))
        filled = level(least, [bears[each] for each in waiting], list(waiting.values()))
        exact = min(Fraction(bears[place]), filled * waiting.pop(place))
        parts[place] = math.floor(exact + Fraction(1, 2))
        amount, rest[place] = amount - parts[place], 0
    return [own + other for own, other in zip(parts, split(amount, rest), strict=True)]


def naive(
    rows: list[Recovery],
    weights: list[list[int]],
    *,
    net: bool,
    first: tuple[str, ...],
    shares: Shares | None = None,
) -> list[tuple[int, int, list[int]]]:
    """Distributed, surplus and parts of each row."""
    results = []
    for claim, bears in enumerate(weights):
        own = [row for row in rows if row.claim == claim]
        highest, before = 0, [0] * (2 + len(bears))
        for place, row in enumerate(own):
            to_date = sum(other.proceeds for other in own[: place + 1])
            if net:
                to_date -= sum(other.cost for other in own if other.day <= row.day)
            highest = max(highest, to_date)
            distributable = min(highest, sum(bears))
            now = [
                distributable,
                max(0, highest - sum(bears)),
                *divided(distributable, bears, first, shares),
            ]
            step = [a - b for a, b in zip(now, before, strict=True)]
            results.append((step[0], step[1], step[2:]))
            before = now
    return results


def columns(rows: list[Recovery]) -> tuple[Integers, Integers, Integers, Integers]:
    claim, day, proceeds, cost = (integers([row[k] for row in rows]) for k in range(4))
    return claim, day, proceeds, cost


BEFORE_OTHERS: list[tuple[tuple[str, ...], Shares]] = [
    ((), {}),
    (("government",), {}),
    (("lender", "government"), {}),
    (PARTIES, {}),
    ((), {"government": 4, "institution": 3, "lender": 2}),
    ((), {"lender": 1, "government": 1}),
    (("lender",), {"institution": 7, "government": 3}),
    ((), {"institution": 1, "lender": 10**6}),
]


@given(recoveries, weights, st.booleans(), st.sampled_from(BEFORE_OTHERS))
@example(
    [Recovery(0, 0, 5, 9), Recovery(0, 0, 5, 0), Recovery(0, 1, 9, 0)],
    [[3, 3, 3]] * 3,
    True,
    BEFORE_OTHERS[0],
)
@example(
    [Recovery(1, 0, 0, 7), Recovery(1, 2, 7, 0), Recovery(1, 3, 1, 0)],
    [[0, 0, 1]] * 3,
    True,
    BEFORE_OTHERS[0],
)
# One fen less than government bears, exactly that, and one more.
@example(
    [Recovery(0, day, 49 - 48 * (day > 0), 0) for day in range(3)],
    [[50, 30, 20]] * 3,
    True,
    BEFORE_OTHERS[1],
)
# Government is full at 45, the lender at 70; one fen before, exactly, and one fen after each.
@example(
    [Recovery(0, day, (44, 1, 1, 23, 1, 1)[day], 0) for day in range(6)],
    [[20, 60, 20]] * 3,
    True,
    BEFORE_OTHERS[4],
)
def test_returns(
    rows: list[Recovery],
    weights: list[list[int]],
    net: bool,
    before_others: tuple[tuple[str, ...], Shares],
) -> None:
    first, shares = before_others
    payout = integers([sum(bears) for bears in weights])
    got = returned(
        *columns(rows),
        lost(payout),
        np.array(weights, dtype=np.int64),
        rule(net=net, first=first, shares=shares),
        PARTIES,
    )
    expected = naive(rows, weights, net=net, first=first, shares=shares)
    assert got.distributed.tolist() == [row[0] for row in expected]
    assert got.surplus.tolist() == [row[1] for row in expected]
    assert got.parts.tolist() == [row[2] for row in expected]
    assert (got.parts >= 0).all()
    assert (got.parts.sum(axis=1) == got.distributed).all()
    for claim, bears in enumerate(weights):
        here = np.array([row.claim == claim for row in rows], dtype=np.bool_)
        assert (got.parts[here].sum(axis=0) <= np.array(bears)).all()


def test_costs_of_a_day_count_before_its_proceeds_and_carry_forward() -> None:
    rows = [Recovery(0, 1, 10, 0), Recovery(0, 1, 0, 4), Recovery(0, 2, 0, 8), Recovery(0, 3, 9, 0)]
    assert net_to_date(*columns(rows), net=True).tolist() == [6, 6, -2, 7]
    assert net_to_date(*columns(rows), net=False).tolist() == [10, 10, 10, 19]
    got = returned(*columns(rows), lost(integers([100])), np.array([[50, 50]]), rule(), PARTIES[:2])
    assert got.distributed.tolist() == [6, 0, 0, 1]


def test_nobody_is_returned_more_than_was_borne() -> None:
    rows = [Recovery(0, 1, 99, 0), Recovery(0, 2, 1, 0), Recovery(0, 3, 1, 0), Recovery(0, 4, 5, 0)]
    got = returned(*columns(rows), lost(integers([100])), np.array([[20, 20, 60]]), rule(), PARTIES)
    assert got.distributed.tolist() == [99, 1, 0, 0]
    assert got.surplus.tolist() == [0, 0, 1, 5]
    assert got.parts.sum(axis=0).tolist() == [20, 20, 60]


def test_claims_do_not_mix() -> None:
    rows = [Recovery(0, 5, 10, 0), Recovery(1, 5, 4, 9), Recovery(2, 5, 7, 0)]
    got = returned(
        *columns(rows), lost(integers([8, 8, 8])), np.array([[8], [8], [8]]), rule(), PARTIES[:1]
    )
    assert got.distributed.tolist() == [8, 0, 7]
    assert got.surplus.tolist() == [2, 0, 0]


def test_government_is_put_first_and_taken_off_the_beneficiary() -> None:
    borne = np.array([[40, 60], [5, 95]])
    assert borne_after_payment(borne, 0, integers([40, 0])).tolist() == [[40, 0, 60], [0, 5, 95]]
    assert borne_after_payment(borne, 1, integers([1, 95])).tolist() == [[1, 40, 59], [95, 5, 0]]
    assert borne.tolist() == [[40, 60], [5, 95]]


def test_no_recoveries() -> None:
    got = returned(*columns([]), lost(integers([5])), np.array([[5, 0]]), rule(), PARTIES[:2])
    assert got.parts.shape == (0, 2)
    assert got.distributed.tolist() == []
