"""Caps on payers over years, in a settlement: what each bears of earlier years as they are decided.

The oracle walks through the years with fractions; nothing of it is the library's.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from compensation import Policy, Portfolio, assess, decide_claim, portfolio_of_frames, settle
from compensation.one_case.faults import CaseFaults
from compensation.policy.catalogue import POLICY_TEXT, policy_of_texts
from compensation.policy.faults import PolicyFaults
from tests.conftest import DEPTH
from tests.explanation.recompute import recomputed
from tests.one_claim import faults
from tests.policy.test_caps_on_payers import PAYERS
from tests.policy.test_several_years import ALL_YEARS, RULES
from tests.policy.test_small_policies import CLAIM, CONTRACT, HEAD, small

MOST = 300_00
YEARS = (2021, 2022, 2023)


def policy(years: str, begin: int = 2021, end: int = 2029, rest: str = "city") -> Policy:
    cap = f"""
[[caps]]
id = "programme"
payer = "province"
at_most = 300
per = []
years = {years}
rest = "{rest}"
"""
    text = small(PAYERS.format(province="0.6"), cap).text
    text = text.replace("from = 2022-03-01", f"from = {begin}-01-01")
    text = text.replace("2029-12-31", f"{end}-12-31")
    return policy_of_texts({POLICY_TEXT: text.replace('id = "small"', f'id = "small{begin}"')})


ALL, TWO = policy('"all"'), policy("2")
THEN, NOW = policy('"all"', end=2021), policy('"all"', begin=2022)


def half_up(value: Fraction) -> int:
    return math.floor(value + Fraction(1, 2))


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


def ledger(claims: list[tuple[int, int, int]]) -> Portfolio:
    """Each claim: the place of its year, its principal and what was paid of it, in fen."""
    rows = [
        {**CLAIM, "claim_id": f"c{n:02}", "payout_date": f"{YEARS[place]}-05-{n + 1:02}"}
        | {"principal": yuan(principal)}
        for n, (place, principal, _) in enumerate(claims)
    ]
    payments = [
        {"payment_id": f"p{n}", "claim_id": f"c{n:02}", "amount": yuan(paid)}
        | {"payment_date": "2023-12-30", "kind": "paid"}
        for n, (*_, paid) in enumerate(claims)
        if paid
    ]
    tables: dict[str, Any] = {
        "institutions": [{"institution_id": "A", "government_backed": "true"}],
        "contracts": [{**CONTRACT, "start_date": "2021-01-01"}],
        "claims": rows,
        "payments": payments,
    }
    return portfolio_of_frames(**{name: pd.DataFrame(of) for name, of in tables.items() if of})


def parts_of(claims: list[tuple[int, int, int]], span: int) -> dict[str, tuple[int, int]]:
    """Return what province and city bear of each claim; a cap counts `span` years."""
    by_year = dict.fromkeys(range(len(YEARS)), 0)
    found = {}
    for place, n in sorted((place, n) for n, (place, *_) in enumerate(claims)):
        total = half_up(Fraction(claims[n][1], 2))
        own = half_up(Fraction(total * 6, 10))
        used = sum(by_year[each] for each in range(max(place - span + 1, 0), place + 1))
        within = min(own, max(MOST - used, 0))
        by_year[place] += within
        found[f"c{n:02}"] = (within, total - within)
    return found


CLAIMS = st.tuples(st.integers(0, 2), st.integers(1, 70_000), st.sampled_from([0, 0, 1, 7]))


@settings(max_examples=8 * DEPTH)
@given(st.lists(CLAIMS, min_size=1, max_size=6), st.booleans())
# What the second year has left of 300.00 is one fen more than, exactly and one fen less than due.
@example([(0, 99_998, 0), (1, 2, 0)], False)
@example([(0, 99_997, 7), (1, 3, 0)], False)
@example([(0, 100_000, 0), (1, 2, 0), (2, 50_000, 1)], True)
def test_each_year_has_what_the_years_before_leave_of_a_payers_cap(
    claims: list[tuple[int, int, int]], two: bool
) -> None:
    claims = [(place, principal, min(paid, principal // 2)) for place, principal, paid in claims]
    settled = settle(ledger(claims), TWO if two else ALL, "2023-12-31")
    expected = parts_of(claims, 2 if two else 3)
    assert list(settled.settlement["claim_id"]) == sorted(expected)
    for row in settled.settlement.to_dict("records"):
        province, city = expected[row["claim_id"]]
        paid = claims[int(row["claim_id"][1:])][2]
        due = province + city - paid
        assert int(row["to_pay"] * 100) == due
        total = province + city
        cut = province < half_up(Fraction(total * 6, 10))
        share = Fraction(province, total) if cut else Fraction(6, 10)
        of_province = half_up(due * share)
        assert int(row["to_pay_province"] * 100) == of_province
        recomputed(settled.explain(row["claim_id"]).arithmetic)


def test_a_payer_of_an_earlier_policy_counts_by_its_id_and_money_of_no_payer_is_refused() -> None:
    """The first year is under a policy of its own; where it is not given, nobody bears its fen."""
    held = ledger([(0, 60_000, 30_000), (1, 60_000, 0)])
    settled = settle(held, [THEN, NOW], "2022-12-31").settlement.set_index("claim_id")
    assert str(settled.loc["c01", "to_pay_province"]) == "120.00"
    (fault,) = faults(settle, ledger([(0, 60_000, 1), (1, 60_000, 0)]), NOW, "2023-12-31")
    assert (fault.kind, fault.column) == ("which_payer", "compensation_paid")
    alone = settle(ledger([(0, 60_000, 0), (1, 60_000, 0)]), NOW, "2023-12-31").settlement
    assert list(map(str, alone["to_pay_province"])) == ["0.00", "180.00"]


def test_an_assessment_refuses_what_it_cannot_know_of_earlier_years() -> None:
    unpaid, paid = ledger([(0, 2, 0), (1, 100_002, 0)]), ledger([(0, 2, 1), (1, 100_002, 0)])
    assert str(assess(unpaid, ALL, 2022).claims["payable_province"][0]) == "300.00"
    assert [fault.kind for fault in faults(assess, paid, ALL, 2022)] == ["which_payer"]
    with pytest.raises(CaseFaults) as caught:
        decide_claim(ALL, {"government_backed": True}, {})
    assert "takes_a_ledger" in [fault.kind for fault in caught.value.faults]


def test_a_case_of_several_years_is_of_no_year_that_a_payers_cap_could_count() -> None:
    caps = PAYERS.format(province="0.6") + ALL_YEARS + 'payer = "province"\nrest = "city"\n'
    with pytest.raises(PolicyFaults) as caught:
        policy_of_texts({POLICY_TEXT: HEAD + RULES + caps})
    (fault,) = caught.value.faults
    assert (fault.kind, fault.key) == ("cap_form", "caps[enterprise].years")
