"""Caps that look at the base, the rate and the payers of the case itself.

The oracle takes each case with Fractions; nothing of it is the library's.
"""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from compensation import decide_claim, portfolio_of_frames, settle
from compensation.policy.faults import PolicyFaults
from tests.conftest import DEPTH
from tests.explanation.recompute import recomputed
from tests.policy.test_small_policies import CLAIM, assessed, columns, frames, payers, small

PAYERS = payers(province=1, county=0, town=0)
SHARES = payers(province=0.5, county=0.25, town=0.25)
CAPS = """
[[caps]]
id = "base"
on = "base"
at_most = {base}
[[caps]]
id = "each"
at_most = {{ minus = ["case.at_rate", {{ times = ["case.base", "case.rate", "claims.less"] }}] }}
[[caps]]
id = "province"
payer = "province"
at_most = {{ min = [{{ times = ["case.base", 0.3] }}, {most}] }}
rest = "county"
[[caps]]
id = "county"
payer = "county"
at_most = {{ times = ["payer.province", {matched}] }}
rest = "town"
[[caps]]
id = "town"
payer = "town"
at_most = {{ minus = ["claims.top", {{ sum = ["payer.province", "payer.county"] }}] }}
rest = "nobody"
"""
OWN = columns(less="ratio", top="money")


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


def half_up(amount: Fraction) -> int:
    return math.floor(amount + Fraction(1, 2))


def shared(
    claim: tuple[int, int, int, int | None], base: int, rate: Fraction, most: int, matched: Fraction
) -> tuple[int, ...]:
    """Return compensation and what province, county and town pay of it, in fen."""
    principal, less, top, approved = claim
    base = min(principal, base)
    at_rate = half_up(base * rate)
    limit = half_up(base * rate * (1 - Fraction(less, 1_000_000)))
    computed = max(min(at_rate, limit), 0)
    amount = computed if approved is None else min(computed, approved)
    province = min(amount, math.floor(min(base * Fraction(3, 10), Fraction(most))))
    county = min(amount - province, math.floor(province * matched))
    town = min(amount - province - county, max(top - province - county, 0))
    paid = province + county + town
    return (computed if paid == amount else paid, province, county, town)


CASES = st.tuples(
    st.integers(1, 40_000),
    st.integers(0, 200_000),
    st.integers(0, 20_000),
    st.none() | st.integers(0, 20_000),
)


@pytest.mark.slow
@settings(max_examples=15 * DEPTH)
@given(
    st.lists(CASES, min_size=1, max_size=4),
    st.integers(1, 40_000),
    st.sampled_from(["0.5", "{ over = [4, 7] }"]),
    st.integers(1, 12_000),
    st.sampled_from(["0.8", "1"]),
)
# The town's limit is one fen below what it would pay, that, and one fen more.
@example([(20_000, 0, 9_999, None)], 40_000, "0.5", 4_000, "1")
@example([(20_000, 0, 10_000, None)], 40_000, "0.5", 4_000, "1")
@example([(20_000, 0, 10_001, None)], 40_000, "0.5", 4_000, "1")
# So is the province's, of the base after its cap.
@example([(13_330, 0, 0, None), (13_334, 0, 0, None)], 13_333, "0.5", 4_000, "0.8")
def test_each_pays_by_what_those_before_it_pay(
    cases: list[tuple[int, int, int, int | None]], base: int, rate: str, most: int, matched: str
) -> None:
    caps = CAPS.format(base=yuan(base), most=f"{{ yuan = {yuan(most)} }}", matched=matched)
    policy = small(OWN, PAYERS, caps, rates=f"tiers = [{{ rate = {rate} }}]")
    rows = [
        {
            "principal": yuan(principal),
            "less": f"{less / 1_000_000:.6f}",
            "top": yuan(top),
            "approved_amount": "" if approved is None else yuan(approved),
        }
        for principal, less, top, approved in cases
    ]
    run = assessed(policy, *rows)
    ratio = Fraction(1, 2) if rate == "0.5" else Fraction(4, 7)
    expected = [shared(case, base, ratio, most, Fraction(matched)) for case in cases]
    names = ("compensation", "payable_province", "payable_county", "payable_town")
    found = [tuple(int(row[n] * 100) for n in names) for row in run.claims.to_dict("records")]
    assert found == expected
    for number in range(1, len(cases) + 1):
        recomputed(run.explain(f"c{number}").arithmetic)
    settled = settle(portfolio_of_frames(**frames(*rows)), policy, "2022-12-31")
    due = settled.tables["settlement"].to_pandas().to_dict("records")
    paid = [tuple(int(r[f"to_pay_{p}"] * 100) for p in ("province", "county", "town")) for r in due]
    assert paid == [each[1:] for each in expected]


@pytest.mark.parametrize(
    ("limit", "kind"),
    [
        ('"payer.provinc"', "unknown_payer"),
        ('"payer.town"', "cap_form"),
        ('{ over = [{ times = ["payer.province", "claims.less"] }, 2] }', "wrong_place"),
        ('"case.rate"', "wrong_kind"),
    ],
)
def test_a_limit_looks_at_what_is_decided_before_it(limit: str, kind: str) -> None:
    cap = f'[[caps]]\nid = "county"\npayer = "county"\nat_most = {limit}\nrest = "nobody"\n'
    later = '[[caps]]\nid = "town"\npayer = "town"\nat_most = 5\nrest = "nobody"\n'
    with pytest.raises(PolicyFaults) as raised:
        small(OWN, SHARES, cap, later)
    assert [(each.key, each.kind) for each in raised.value.faults] == [
        ("caps[county].at_most", kind)
    ]


@pytest.mark.parametrize(
    "cap",
    [
        'at_most = "case.base"\nper = []',
        'on = "base"\nat_most = "case.at_rate"',
        'at_most = "payer.province"',
        'payer = "province"\nrest = "nobody"\nper = []\nat_most = "case.at_rate"',
        'payer = "province"\nrest = "nobody"\nof = "case.base"\nat_most = 5',
    ],
)
def test_what_is_decided_later_or_of_other_cases_is_no_limit(cap: str) -> None:
    with pytest.raises(PolicyFaults) as raised:
        small(SHARES, f'[[caps]]\nid = "x"\n{cap}')
    assert [each.kind for each in raised.value.faults] == ["wrong_place"]


def test_slices_have_no_single_rate() -> None:
    rates = 'hit = "slices"\ntiers = [{ rate = 0.5, at_most = 100 }, { rate = 0.2 }]'
    cap = '[[caps]]\nid = "x"\nat_most = { times = ["case.base", "case.rate"] }'
    with pytest.raises(PolicyFaults) as raised:
        small(cap, rates=rates)
    assert [each.key for each in raised.value.faults] == ["caps[x].at_most.times[2]"]


SLICES = """hit = "slices"
tiers = [{ rate = 0.5, at_most = 100 }, { rate = { over = [1, 3] }, above = 100 }]
"""


@settings(max_examples=15 * DEPTH)
@given(
    st.integers(1, 40_000),
    st.integers(0, 20_000),
    st.sampled_from([1, 100, 300]),
    st.sampled_from(["down", "up", "half_up"]),
    st.booleans(),
)
# Of 1000.40 yuan, 0.30 leave 1000.10; nothing taken off 1000.60 leaves what it is rounded to.
@example(1, 0, 100, "up", False)
@example(200_080, 30, 100, "half_up", False)
@example(200_120, 0, 100, "half_up", False)
# What is left is one fen below the half of a unit, that, and one fen more.
@example(200_000, 51, 100, "half_up", False)
@example(200_000, 50, 100, "half_up", False)
@example(200_000, 49, 100, "half_up", False)
def test_what_is_left_of_the_amount_at_the_rate_is_rounded_once(
    principal: int, other: int, unit: int, direction: str, slices: bool
) -> None:
    form = f'[compensation]\nround_to = {unit / 100}\nrounding = "{direction}"\n'
    cap = '[[caps]]\nid = "x"\nat_most = { minus = ["case.at_rate", "claims.top"] }\n'
    rates = SLICES if slices else "tiers = [{ rate = 0.5 }]"
    run = assessed(
        small(OWN, form, cap, rates=rates), {"principal": yuan(principal), "top": yuan(other)}
    )
    at_rate = Fraction(principal, 2)
    if slices:
        at_rate = Fraction(min(principal, 10_000), 2) + Fraction(max(principal - 10_000, 0), 3)
    units = max(at_rate - other, Fraction(0)) / unit
    rounded = {"down": math.floor(units), "up": math.ceil(units), "half_up": half_up(units)}
    (row,) = run.claims.to_dict("records")
    # No more than the institution bore, 60%, cut to the unit.
    borne = half_up(Fraction(principal * 6, 10)) // unit * unit
    assert int(row["compensation"] * 100) == min(rounded[direction] * unit, borne)
    recomputed(run.explain("c1").arithmetic)


@pytest.mark.parametrize(
    ("principal", "limit", "expected"),
    [
        # 1,000.40 at the rate is 1,000; 1,001.60 is 1,002, of which the other limit leaves 1,000.
        ("2000.80", '{ min = ["case.at_rate", 1000.60] }', 1000),
        ("2003.20", '{ min = ["case.at_rate", 1000.60] }', 1000),
        ("2003.20", '{ min = ["case.at_rate", 1000.99] }', 1000),
        ("2003.20", '{ min = ["case.at_rate", 1001] }', 1001),
        ("2003.20", '{ min = [{ max = ["case.at_rate", 1000.60] }, "claims.top"] }', 1001),
        ("2003.20", '{ max = [{ minus = ["case.at_rate", "claims.top"] }, 600.60] }', 600),
        # 0.60 of 1,001.60 - 400.99 = 600.61 make a unit.
        ("2003.20", '{ max = [{ minus = ["case.at_rate", 400.99] }, 600.60] }', 601),
    ],
)
def test_in_a_min_or_max_each_limit_is_rounded_by_itself(
    principal: str, limit: str, expected: int
) -> None:
    form = '[compensation]\nround_to = 1\nrounding = "half_up"\n'
    policy = small(OWN, form, f'[[caps]]\nid = "x"\nat_most = {limit}\n')
    run = assessed(policy, {"principal": principal, "top": "1001.50"})
    assert list(run.claims["compensation"]) == [expected]
    recomputed(run.explain("c1").arithmetic)


def test_one_case_alone_is_decided_alike() -> None:
    cap = '[[caps]]\nid = "x"\nat_most = { min = ["case.at_rate", 400] }'
    claim: dict[str, Any] = {**CLAIM, "shares": {"institution": "0.6", "lender": "0.4"}}
    del claim["contract_id"]
    decided = decide_claim(small(cap), {"government_backed": True}, claim)
    assert decided.compensation == 400


@pytest.mark.parametrize(("less", "reasons"), [("0", "x"), ("0.1", "")])
def test_a_limit_that_has_no_value_refuses_the_case(less: str, reasons: str) -> None:
    limit = '{ times = ["case.base", { over = ["claims.less", "claims.less"] }] }'
    policy = small(columns(less="ratio"), f'[[caps]]\nid = "x"\nat_most = {limit}')
    run = assessed(policy, {"less": less})
    (row,) = run.claims.to_dict("records")
    assert ((row["reasons"] or ""), row["compensation"]) == (reasons, 0 if reasons else 500)
    recomputed(run.explain("c1").arithmetic)


@pytest.mark.parametrize(
    ("principal", "parts"),
    [
        ("33333.30", "0 16666.65"),  # 9999.99 of the province
        ("33333.33", "10000 6666.67"),  # 10000.00
        ("66666.63", "10000 23333.32"),  # 19999.99
        ("66666.67", "20000 13333.34"),  # 20000.00
    ],
)
def test_a_part_in_whole_units_leaves_the_rest_to_another(principal: str, parts: str) -> None:
    shares = payers(province=0.6, county=0.4)
    limit = '{ round_to = 10_000, of = "payer.province" }'
    cap = f'[[caps]]\nid = "x"\npayer = "province"\nat_most = {limit}\nrest = "county"\n'
    run = assessed(small(shares, cap), {"principal": principal})
    (row,) = run.claims.to_dict("records")
    paid = [row[f"payable_{payer}"] for payer in ("province", "county")]
    assert paid == [Decimal(part) for part in parts.split()]
    assert sum(paid) == row["compensation"]
    recomputed(run.explain("c1").arithmetic)
