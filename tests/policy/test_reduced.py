"""A part of what the caps leave (按应补额的 80% 拨付、奖补减半): caps that look at `case.capped`.

The oracle walks through the cases with fractions; nothing of it is the library's.
"""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from compensation.policy.faults import PolicyFaults
from tests.conftest import DEPTH
from tests.explanation.recompute import recomputed
from tests.policy.test_budgets import IDS, in_proportion
from tests.policy.test_small_policies import assessed, columns, small

FACTOR = """
[[caps]]
id = "part"
at_most = { times = ["case.capped", 0.8] }
when = [{ value = "claims.slow", is = true }]
"""
SHARED = '[[caps]]\nid = "household"\nper = ["contracts.borrower_id"]\nat_most = 300\n'
EACH = '[[caps]]\nid = "each"\nat_most = 200\n'
POOL = '[[caps]]\nid = "pool"\nper = []\nat_most = 350\nexceeding = "pro_rata"\n'
HALF_UP, DOWN = Fraction(1, 2), Fraction(0)
FORMS = {
    "fen": ("", 1, HALF_UP),
    "yuan": ("[compensation]\nround_to = 1\n", 100, DOWN),
    "least": ('[compensation]\nround_to = 1\nrounding = "half_up"\nat_least = 30\n', 100, HALF_UP),
}


def left(cases: list[tuple[int, bool]], form: str, *, pool: bool) -> list[int]:
    """Return what each case gets in fen: rate, caps of a case and a household, factor, pool."""
    _, unit, up = FORMS[form]
    least, used, found = 30_00 if form == "least" else 0, 0, []
    for principal, slow in cases:
        amount = min(math.floor(Fraction(principal, 2 * unit) + up) * unit, 200_00)
        amount = 0 if amount < least else min(amount, max(300_00 - used, 0))
        used += amount
        part = math.floor(Fraction(amount * 8, 10 * unit) + up) * unit if slow else amount
        found.append(0 if part < least else part)
    return in_proportion(found, 350_00, unit) if pool else found


@settings(max_examples=12 * DEPTH)
@given(
    st.lists(st.tuples(st.integers(1, 600_00), st.booleans()), min_size=1, max_size=4),
    st.sampled_from(list(FORMS)),
    st.booleans(),
    st.booleans(),
)
# The household has 300 yuan: the second case's part is of one fen less, exactly and more than left.
@example([(400_00, True), (199_98, True)], "fen", False, True)
@example([(400_00, True), (200_00, True)], "fen", False, True)
@example([(400_00, True), (200_02, True), (2_00, False)], "fen", False, True)
# 80% of 37 and 38 yuan are 29.60 and 30.40: too little, and not.
@example([(74_00, True), (76_00, True)], "least", False, False)
def test_a_part_is_of_what_the_other_caps_leave(
    cases: list[tuple[int, bool]], form: str, pool: bool, approved: bool
) -> None:
    policy = small(columns(slow="boolean"), FORMS[form][0], FACTOR, EACH, SHARED, POOL * pool)
    rows = [{"principal": f"{fen / 100:.2f}", "slow": str(slow)} for fen, slow in cases]
    expected = left(cases, form, pool=pool)
    if approved and not pool:
        # What review approves is what was computed: that changes nothing of it.
        for row, fen in zip(rows, expected, strict=True):
            row["approved_amount"] = f"{fen / 100:.2f}" if fen else ""
    run = assessed(policy, *rows)
    assert [int(each * 100) for each in run.claims["compensation"]] == expected
    for id_, fen in zip(IDS, expected, strict=False):
        assert recomputed(run.explain(id_).arithmetic)["compensation"] * 100 == fen


@pytest.mark.parametrize(
    "part",
    [
        EACH.replace("200", '{ times = ["case.capped", 0.5] }') + 'exceeding = "refuse"\n',
        SHARED.replace("300", '"case.capped"'),
        EACH.replace("200", '{ over = ["case.capped", 2] }'),
    ],
)
def test_a_part_is_of_each_case(part: str) -> None:
    with pytest.raises(PolicyFaults):
        small(part)


@pytest.mark.parametrize(("slow", "second"), [(True, "100.00"), (False, "160.00")])
def test_a_case_of_which_no_part_is_taken_uses_what_was_approved(slow: bool, second: str) -> None:
    """The household has 300 yuan; of the first case's 200, or of 80% of them, 100 are approved."""
    rows = [
        {"principal": "500", "slow": str(slow).lower(), "approved_amount": "100"},
        {"principal": "320", "slow": "false"},
    ]
    run = assessed(small(columns(slow="boolean"), EACH, SHARED, FACTOR), *rows)
    assert str(run.claims["compensation"][1]) == second
