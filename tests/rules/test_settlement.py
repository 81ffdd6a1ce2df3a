"""Grants, legs and the pool's statement, claim by claim and entry by entry, against the columns."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import Literal, NamedTuple

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compensation.policy.model import Budget, Note
from compensation.rules import pool
from compensation.rules.settlement import STATUSES, Claims, Shared, due, grant
from tests.rules.naive import integers

AMOUNT = st.sampled_from([0, 1, 2, 3, 100]) | st.integers(0, 10**15 - 1)


class Claim(NamedTuple):
    """One claim as it stands on the day; `order`: its place by id, and the day it came first."""

    status: str
    closed: bool
    compensation: int
    approved: int | None
    paid: int
    remitted: int
    share: int
    day: int


claims = st.lists(
    st.builds(
        Claim,
        st.sampled_from(STATUSES),
        st.booleans(),
        AMOUNT,
        st.none() | AMOUNT,
        AMOUNT,
        AMOUNT,
        AMOUNT,
        st.integers(0, 2),
    ),
    max_size=8,
)


def rule(method: Literal["pro_rata", "first_come"]) -> Budget:
    note = Note(zh="虚构", en="invented")
    return Budget(method=method, clause="1", basis="text", note=note)


def columns(rows: list[Claim]) -> Claims:
    return Claims(
        integers([STATUSES.index(row.status) for row in rows]),
        np.array([row.closed for row in rows], dtype=np.bool_),
        integers([row.compensation for row in rows]),
        integers([row.approved or 0 for row in rows]),
        np.array([row.approved is not None for row in rows], dtype=np.bool_),
        integers([row.paid for row in rows]),
    )


def granted(row: Claim) -> int:
    """The specification's second line, for one claim."""
    if row.status == "approved":
        amount = row.compensation if row.approved is None else min(row.compensation, row.approved)
    elif row.status in ("rejected", "ineligible"):
        amount = 0
    else:
        amount = row.paid
    return min(amount, row.paid) if row.closed else amount


def shared(wanted: list[int], budget: int, days: list[int], method: str) -> list[int]:
    """What each gets of a budget that falls short: in proportion, or who comes first."""
    total = sum(wanted)
    if total <= budget:
        return wanted
    if method == "first_come":
        left, got = budget, [0] * len(wanted)
        for place in sorted(range(len(wanted)), key=lambda place: (days[place], place)):
            got[place] = min(wanted[place], left)
            left -= got[place]
        return got
    exact = [Fraction(amount * budget, total) for amount in wanted]
    got = [floor(part) for part in exact]
    by_remainder = sorted(range(len(wanted)), key=lambda place: (got[place] - exact[place], place))
    for place in by_remainder[: budget - sum(got)]:
        got[place] += 1
    return got


@given(claims, st.none() | AMOUNT, st.sampled_from(["pro_rata", "first_come"]))
@example([Claim("approved", False, 5, None, 0, 0, 0, 0)], 0, "pro_rata")
@example([Claim("approved", False, 3, None, 0, 0, 0, 0)] * 2, 3, "pro_rata")
@example([Claim("pending", True, 3, 1, 7, 9, 4, 0)], None, "pro_rata")
def test_legs_as_claim_by_claim(
    rows: list[Claim], budget: int | None, method: Literal["pro_rata", "first_come"]
) -> None:
    days, rank = [row.day for row in rows], integers(list(range(len(rows))))
    limit = None if budget is None else Shared(budget, rule(method), rank, integers(days))
    found = grant(columns(rows), limit)
    share, remitted = integers([r.share for r in rows]), integers([r.remitted for r in rows])
    legs = due(found, share, remitted)
    grants = [granted(row) for row in rows]
    wanted = [max(grant - row.paid, 0) for grant, row in zip(grants, rows, strict=True)]
    to_pay = wanted if budget is None else shared(wanted, budget, days, method)
    for place, row in enumerate(rows):
        recalled = max(row.paid - grants[place], 0)
        borne = row.paid + to_pay[place] - recalled
        remit, refund = max(row.share - row.remitted, 0), max(row.remitted - row.share, 0)
        assert [
            column[place]
            for column in (
                *(found.granted, found.to_pay, found.to_recall, found.outstanding, found.borne),
                *(legs.to_remit, legs.to_refund, legs.net_due, legs.government_cost),
            )
        ] == [
            *(grants[place], to_pay[place], recalled, wanted[place] - to_pay[place], borne),
            *(remit, refund, recalled + remit - to_pay[place] - refund, borne - row.share),
        ]


@pytest.mark.parametrize(
    ("row", "names"),
    [
        (Claim("approved", False, 9, None, 0, 0, 0, 0), ["compensation", "granted"]),
        (Claim("approved", False, 9, 4, 0, 0, 0, 0), ["approved_amount", "granted"]),
        (Claim("rejected", False, 9, 4, 2, 0, 0, 0), ["granted"]),
        (Claim("pending", True, 9, 4, 2, 0, 0, 0), ["granted_before_closing", "granted"]),
        (Claim("approved", True, 9, 4, 2, 0, 0, 0), ["approved_amount", "granted_before_closing"]),
    ],
)
def test_the_steps_say_what_is_granted_and_why(row: Claim, names: list[str]) -> None:
    found = grant(columns([row]))
    said = [step.name for step in found.steps.at(0)]
    assert [name for name in said if name in names] == names
    assert ("granted_before_closing" in said) is row.closed
    assert next(s for s in found.steps.at(0) if s.name == "granted").value(0) == granted(row)


class Entry(NamedTuple):
    line: str
    day: int
    amount: int


entries = st.lists(st.builds(Entry, st.sampled_from(list(pool.LINES)), st.integers(0, 9), AMOUNT))
legs = st.fixed_dictionaries(dict.fromkeys(pool.LEGS, AMOUNT))


@given(
    entries, st.none() | st.builds(pool.Opening, st.integers(0, 9), AMOUNT), st.integers(0, 9), legs
)
def test_the_statement_as_entry_by_entry(
    rows: list[Entry], opening: pool.Opening | None, first: int, due: dict[str, int]
) -> None:
    counted = [row for row in rows if opening is None or row.day >= opening.day]
    before = 0 if opening is None else opening.amount
    closing = before
    for row in counted:
        signed = -row.amount if row.line in pool.EXPENSES else row.amount
        closing += signed
        before += signed if row.day < first else 0
    expected = {"opening": before}
    for line in pool.LINES:
        expected[line] = sum(r.amount for r in counted if r.line == line and r.day >= first)
    expected |= {"closing": closing} | {name: due[name] for name in pool.LEGS}
    expected["available"] = (
        closing + due["to_recall"] + due["to_remit"] - due["to_pay"] - due["to_refund"]
    )
    movements = pool.Movements(
        integers([list(pool.LINES).index(row.line) for row in rows]),
        integers([row.day for row in rows]),
        integers([row.amount for row in rows]),
    )
    found = pool.lines_of(pool.pool_statement(movements, opening, first, due))
    assert found == expected
    assert list(found) == list(expected)
