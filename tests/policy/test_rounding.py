"""Amounts in whole units: the exact amount is rounded once, and caps count in whole units."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compensation.policy.catalogue import POLICY_TEXT, policy_of_texts
from compensation.policy.faults import PolicyFaults
from tests.explanation.recompute import recomputed
from tests.policy.test_small_policies import HALF, HEAD, PRINCIPAL, assessed, first, small

ROUNDED = "[compensation]\nround_to = {}\nrounding = {!r}\n"
LEAST = "[compensation]\nat_least = {}\n"
BORNE = '[[caps]]\nid = "borne"\nat_most = { borne_by = "institution", of = "claims.payout" }\n'
GROUP = '[[caps]]\nid = "group"\nper = ["contracts.borrower_id"]\nat_most = {}\n'


@pytest.mark.parametrize(
    ("unit", "principal", "down", "up", "half_up"),
    [
        ("100", "1000", 500, 500, 500),
        ("100", "999.98", 400, 500, 500),
        ("100", "900", 400, 500, 500),
        ("100", "899.99", 400, 500, 400),  # 449.995, which is 450.00 to the fen
        ("100", "0.01", 0, 100, 0),
        ("1", "333.33", 166, 167, 167),
        ("0.1", "333.33", 166.6, 166.7, 166.7),
        ("0.01", "333.33", 166.66, 166.67, 166.67),
    ],
)
def test_the_exact_amount_is_rounded(
    unit: str, principal: str, down: float, up: float, half_up: float
) -> None:
    for direction, expected in (("down", down), ("up", up), ("half_up", half_up)):
        row = first(small(ROUNDED.format(unit, direction)), principal=principal)
        # The institution bears 60%, which is cut to the unit as a cap.
        step = Fraction(unit)
        borne = math.floor(Fraction(principal) * Fraction(6, 10) / step) * step
        assert Fraction(row["compensation"]) == min(Fraction(str(expected)), borne)


@pytest.mark.slow
@example(1, 100, "down", 2900)
@given(
    st.integers(1, 10**9),
    st.sampled_from([1, 10, 100, 1000, 10**6]),
    st.sampled_from(["down", "up", "half_up"]),
    st.integers(1, 10**9),
)
def test_every_amount_is_in_whole_units_within_its_caps(
    fen: int, unit: int, direction: str, limit: int
) -> None:
    parts = (ROUNDED.format(unit / 100, direction), BORNE, GROUP.format(limit / 100))
    claims = [{"principal": f"{fen // 100}.{fen % 100:02}"}] * 2
    run = assessed(small(*parts), *claims)
    amounts = [int(each * 100) for each in run.claims["compensation"]]
    assert all(amount % unit == 0 for amount in amounts)
    assert sum(amounts) <= limit
    assert max(amounts) <= fen
    for claim in ("c1", "c2"):
        recomputed(run.explain(claim).arithmetic)


@pytest.mark.parametrize(
    ("principal", "expected", "reasons"),
    [("200", 100, None), ("199.98", 0, "minimum"), ("200.01", 100.01, None)],
)
def test_what_is_too_little_is_not_paid(
    principal: str, expected: float, reasons: str | None
) -> None:
    row = first(small(LEAST.format(100)), principal=principal)
    assert (float(row["compensation"]), row["reasons"]) == (expected, reasons)


@pytest.mark.parametrize(
    ("limit", "reason"), [(599.99, "minimum"), (500.01, "minimum"), (500, "group")]
)
def test_what_a_shared_cap_leaves_may_be_too_little(limit: float, reason: str) -> None:
    run = assessed(small(LEAST.format(100), GROUP.format(limit)), {}, {}, {"principal": "150"})
    assert [float(each) for each in run.claims["compensation"]] == [500, 0, 0]
    assert list(run.claims["reasons"][1:]) == [reason, "minimum"]


@pytest.mark.parametrize(
    ("may", "paid"), [("99.99", [0, 500]), ("100", [100, 400]), ("100.01", [100.01, 399.99])]
)
def test_what_is_too_little_uses_nothing_of_the_caps_it_shares(may: str, paid: list[float]) -> None:
    month = f'per = ["month claims.payout_date"]\nat_most = {may}\n'
    month += 'when = [{ value = "claims.payout_date", below = 2022-06-01 }]'
    caps = ('[[caps]]\nid = "all"\nper = []\nat_most = 500', f'[[caps]]\nid = "may"\n{month}')
    run = assessed(small(LEAST.format(100), *caps), {"payout_date": "2022-05-31"}, {})
    assert [float(each) for each in run.claims["compensation"]] == paid
    reasons = run.tables["claims"].column("reasons").to_pylist()
    assert reasons == [None if paid[0] else "minimum", None]
    for claim in ("c1", "c2"):
        recomputed(run.explain(claim).arithmetic)


def test_slices_are_rounded_together() -> None:
    slices = (
        'hit = "slices"\ntiers = [{ rate = 0.5, at_most = 100 }, { rate = 0.333, above = 100 }]'
    )
    row = first(small(ROUNDED.format("10", "down"), rates=slices), principal="500")
    assert row["compensation"] == 180  # 50 + 133.2


TAKEN = f'[[claim_conditions]]\nid = "minimum"\nvalue = {PRINCIPAL}\nat_least = 1'


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("[compensation]", "compensation"),
        ('[compensation]\nat_least = 1\nrounding = "up"', "compensation.rounding"),
        ("[compensation]\nround_to = 0", "compensation.round_to"),
        ("[compensation]\nat_least = 0.001", "compensation.at_least"),
        (f"[compensation]\nat_least = 1\n{TAKEN}", "claim_conditions[minimum]"),
    ],
)
def test_what_a_policy_may_not_say_of_it(table: str, key: str) -> None:
    text = "\n".join([HEAD, f"[base]\nvalue = {PRINCIPAL}", f"[rates]\n{HALF}", table])
    with pytest.raises(PolicyFaults) as raised:
        policy_of_texts({POLICY_TEXT: text})
    assert [fault.key for fault in raised.value.faults] == [key]
