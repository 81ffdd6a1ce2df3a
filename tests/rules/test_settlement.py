"""Grants, legs and the pool's statement, claim by claim and entry by entry, against the columns."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor
from typing import Literal, NamedTuple

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compensation.language import Text
from compensation.policy.model import Budget, Note
from compensation.rules import caps, pool, settlement
from compensation.rules import compensation as rules_of
from compensation.rules.compensation import Shared
from compensation.rules.settlement import STATUSES, Claims, due, grant
from compensation.rules.steps import Step
from compensation.schema.pool_lines import LINES
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
@example([Claim("approved", False, 3, None, 0, 0, 0, day) for day in (1, 0)], 4, "first_come")
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


Said = tuple[str, Text, str]
"""A step as it is shown: its name, its title, its formula."""


def said(steps: Sequence[Step]) -> list[Said]:
    return [(step.name, step.title, step.formula) for step in steps]


def assert_formulas_hold(steps: Sequence[Step]) -> None:
    """Each formula, over the values of the steps before it, gives the step's value."""
    known: dict[str, object] = {"min": min, "max": max}
    for step in steps:
        if step.formula:
            assert eval(step.formula.replace("−", "-"), {}, known) == step.value(0), step.name
        known[step.name] = step.value(0)


COMPENSATION_STEP: Said = ("compensation", rules_of.COMPENSATION, "")
PAID_STEP: Said = ("paid_to_date", settlement.PAID_TO_DATE, "")
APPROVED_STEP: Said = ("approved_amount", caps.APPROVED_AMOUNT, "")
BY_REVIEW: Said = ("granted", settlement.BY_REVIEW, "min(compensation, approved_amount)")
LEG_STEPS: list[Said] = [
    ("to_pay", settlement.TO_PAY, "max(granted − paid_to_date, 0)"),
    ("to_recall", settlement.TO_RECALL, "max(paid_to_date − granted, 0)"),
    ("outstanding", settlement.OUTSTANDING, "max(granted − paid_to_date, 0) − to_pay"),
    ("borne_by_government", settlement.BORNE, "paid_to_date + to_pay − to_recall"),
]
OF_STATUS = {
    "ineligible": ("不符合条件", "0"),
    "rejected": ("审核不通过", "0"),
    "approved": ("核准金额", "compensation"),
    "pending": ("待审", "paid_to_date"),
    "not_covered": ("无适用政策", "paid_to_date"),
    "year_open": ("年度未结束", "paid_to_date"),
}
"""What a title begins with, and the formula."""


def granted_steps(row: Claim) -> list[Said]:
    """The steps by which a claim is granted what it is, before it is closed."""
    if row.status == "approved" and row.approved is not None:
        return [APPROVED_STEP, BY_REVIEW]
    title, formula = settlement.GRANTED_BY_STATUS[STATUSES.index(row.status)]
    begins, expected = OF_STATUS[row.status]
    assert title.zh.startswith(begins)
    assert formula == expected
    return [("granted", title, formula)]


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("approved", [None, 4])
@pytest.mark.parametrize("paid", [0, 2, 7])
def test_every_step_of_a_grant(
    status: str, *, closed: bool, approved: int | None, paid: int
) -> None:
    compensation = 9 if status in ("approved", "pending", "rejected") else 0
    row = Claim(status, closed, compensation, approved, paid, 0, 0, 0)
    # Beside another claim, whose steps must not be taken for its own.
    other = Claim("approved", not closed, 5, 1 if approved is None else None, 3, 0, 0, 0)
    steps = grant(columns([row, other])).steps.at(0)
    expected = granted_steps(row)
    if closed:
        (name, title, formula) = expected.pop()
        expected += [
            (f"{name}_before_closing", title, formula),
            ("granted", settlement.CLOSED, "min(granted_before_closing, paid_to_date)"),
        ]
    assert said(steps) == [COMPENSATION_STEP, PAID_STEP, *expected, *LEG_STEPS]
    assert_formulas_hold(steps)


@pytest.mark.parametrize(("budget", "bound"), [(8, True), (9, False), (10, False)])
def test_a_budget_that_falls_short_is_a_step(budget: int, *, bound: bool) -> None:
    rows = [
        Claim("approved", False, 7, None, 1, 0, 0, 0),
        Claim("approved", False, 3, None, 0, *[0] * 3),
    ]
    shared_budget = Shared(budget, rule("pro_rata"), integers([0, 1]), integers([0, 0]))
    found = grant(columns(rows), shared_budget)
    steps = {step.name: step for step in found.steps.at(0)}
    assert ("due" in steps) is bound
    assert int(found.to_pay.sum()) == min(budget, 9)
    assert steps["to_pay"].title == settlement.TO_PAY
    if bound:
        assert said([steps["due"]]) == [("due", settlement.DUE, "max(granted − paid_to_date, 0)")]
        assert steps["due"].value(0) == 6
    assert said([steps[name] for name, _, _ in LEG_STEPS[1:]]) == LEG_STEPS[1:]


@pytest.mark.parametrize(("share", "remitted"), [(5, 3), (3, 5), (4, 4)])
def test_every_step_of_what_is_due(share: int, remitted: int) -> None:
    granted_ = grant(columns([Claim("approved", False, 9, None, 2, 0, 0, 0)]))
    recalled = grant(columns([Claim("rejected", False, 9, None, 2, 0, 0, 0)]))
    for before in (granted_, recalled):
        steps = due(before, integers([share]), integers([remitted])).steps.at(0)
        assert said(steps) == [
            ("government_share", settlement.GOVERNMENT_SHARE, ""),
            ("remitted_to_date", settlement.REMITTED_TO_DATE, ""),
            ("to_remit", settlement.TO_REMIT, "max(government_share − remitted_to_date, 0)"),
            ("to_refund", settlement.TO_REFUND, "max(remitted_to_date − government_share, 0)"),
            ("net_due", settlement.NET_DUE, "to_recall + to_remit − to_pay − to_refund"),
            (
                "government_cost",
                settlement.GOVERNMENT_COST,
                "borne_by_government − government_share",
            ),
        ]
        assert_formulas_hold([*before.steps.at(0), *steps])


@pytest.mark.parametrize(
    ("entries", "formula", "net"),
    [
        ([], "0", 0),
        ([(5, False)], "p1", 5),
        ([(5, True)], " − p1", -5),
        ([(5, False), (3, True), (2, False)], "p1 − p2 + p3", 4),
        ([(5, True), (7, False)], " − p1 + p2", 2),
    ],
)
def test_entries_are_netted(entries: list[tuple[int, bool]], formula: str, net: int) -> None:
    title = Text("净额", "net")
    rows = [
        settlement.Entry(Text(f"第{n}笔", f"entry {n}"), amount, back)
        for n, (amount, back) in enumerate(entries, 1)
    ]
    steps = settlement.netted("net", title, "p", rows).at(0)
    assert said(steps) == [
        *((f"p{n}", entry.title, "") for n, entry in enumerate(rows, 1)),
        ("net", title, formula),
    ]
    assert steps[-1].value(0) == net
    assert_formulas_hold([step._replace(formula=step.formula.strip()) for step in steps])


class Entry(NamedTuple):
    line: str
    day: int
    amount: int


entries = st.lists(st.builds(Entry, st.sampled_from(list(LINES)), st.integers(0, 9), AMOUNT))
legs = st.fixed_dictionaries(dict.fromkeys(pool.LEGS, AMOUNT))


@given(
    entries, st.none() | st.builds(pool.Opening, st.integers(0, 9), AMOUNT), st.integers(0, 9), legs
)
@example([Entry("fee", 3, 5)], pool.Opening(3, 9), 3, dict.fromkeys(pool.LEGS, 0))
@example([Entry("fee", 2, 5)], pool.Opening(3, 9), 2, dict.fromkeys(pool.LEGS, 0))
@example([Entry("paid", 3, 5)], None, 4, dict.fromkeys(pool.LEGS, 0))
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
    for line in LINES:
        expected[line] = sum(r.amount for r in counted if r.line == line and r.day >= first)
    expected |= {"closing": closing} | {name: due[name] for name in pool.LEGS}
    expected["available"] = (
        closing + due["to_recall"] + due["to_remit"] - due["to_pay"] - due["to_refund"]
    )
    movements = pool.Movements(
        integers([list(LINES).index(row.line) for row in rows]),
        integers([row.day for row in rows]),
        integers([row.amount for row in rows]),
    )
    statement = pool.pool_statement(movements, opening, first, due)
    steps = statement.at(0)
    assert [(step.name, step.title) for step in steps] == list(pool.TITLES.items())
    assert {step.name: step.formula for step in steps if step.formula} == {
        "closing": "opening + budget + interest + other_income + remitted + recalled"
        " − paid − refunded − fee − other_expense",
        "available": "closing + to_recall + to_remit − to_pay − to_refund",
    }
    assert_formulas_hold(steps)
    found = pool.lines_of(statement)
    assert found == expected
    assert list(found) == list(expected)
