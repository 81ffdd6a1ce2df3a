"""Totals of groups in whole units: each case's part, and what caps leave of it."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compensation import decide_claim, portfolio_of_frames, settle
from compensation.policy.faults import PolicyFaults
from tests.conftest import DEPTH
from tests.explanation.recompute import recomputed
from tests.policy.test_small_policies import CLAIM, assessed, columns, frames, payers, small

FORM = '[compensation]\nper = ["contracts.borrower_id"]\nround_to = {}\nrounding = "{}"\n'
BORNE = '[[caps]]\nid = "borne"\nat_most = { borne_by = "institution", of = "claims.payout" }\n'
SHARED = '[[caps]]\nid = "shared"\nper = ["contracts.borrower_id"]\nat_most = {}\n'
WAYS = ("down", "half_up", "up")


class Given(NamedTuple):
    """A case: fen of its principal, the review, and what was approved, if anything."""

    principal: int
    review: str = "approved"
    approved: int | None = None


def rounded(total: int, unit: int, way: str) -> int:
    units = Fraction(total, unit)
    found = {"down": math.floor(units), "up": math.ceil(units)}
    return unit * found.get(way, math.floor(units + Fraction(1, 2)))


def oracle(
    cases: Sequence[Given], rate: Fraction, unit: int, way: str, most: int | None
) -> list[int]:
    """One group's cases in their order; the institution bears 60% of each."""
    amounts, left = [], most
    limits = []
    for case in cases:
        borne = math.floor(Fraction(case.principal) * Fraction(6, 10) + Fraction(1, 2))
        amount = min(math.floor(case.principal * rate + Fraction(1, 2)), borne)
        limit = borne
        if left is not None:
            amount, limit = min(amount, left), min(limit, left)
            if case.review != "rejected":
                left -= amount if case.approved is None else min(amount, case.approved)
        amounts.append(amount)
        limits.append(limit)
    inside = [place for place, case in enumerate(cases) if case.review != "rejected"]
    for place in inside:
        approved = cases[place].approved
        if approved is not None:
            amounts[place] = min(amounts[place], approved)
            limits[place] = min(limits[place], approved)
    total = sum(amounts[place] for place in inside)
    change = rounded(total, unit, way) - total
    takers = inside
    if change > 0:
        takers = [place for place in inside if limits[place] - amounts[place] >= change]
        if not sum(amounts[place] for place in takers):
            change, takers = rounded(total, unit, "down") - total, inside
    weight = sum(amounts[place] for place in takers)
    exact = {
        place: Fraction(abs(change) * amounts[place], weight) if weight else Fraction(0)
        for place in takers
    }
    parts = {place: math.floor(part) for place, part in exact.items()}
    order = sorted(exact, key=lambda place: (parts[place] - exact[place], f"c{place + 1}"))
    for place in order[: abs(change) - sum(parts.values()) if weight else 0]:
        parts[place] += 1
    sign = 1 if change > 0 else -1
    return [amount + sign * parts.get(place, 0) for place, amount in enumerate(amounts)]


cases = st.builds(
    Given,
    st.integers(1, 400) | st.integers(1, 10**9),
    st.sampled_from(["approved", "approved", "pending", "rejected"]),
    st.none() | st.none() | st.integers(0, 10**6),
)


@pytest.mark.slow
@given(
    st.lists(cases, min_size=1, max_size=6),
    st.sampled_from([Fraction(1, 2), Fraction(1, 3), Fraction(6, 10)]),
    st.sampled_from([1, 10, 100, 10**4, 10**6]),
    st.sampled_from(WAYS),
    st.none() | st.integers(1, 300),
)
@settings(max_examples=12 * DEPTH)
def test_cases_add_up_to_the_total_as_the_oracle_has_it(
    given_: list[Given], rate: Fraction, unit: int, way: str, most: int | None
) -> None:
    limit = None if most is None else most * unit
    shared = [] if limit is None else [SHARED.format(limit / 100)]
    printed = str(round(float(rate), 4))
    rates = f"tiers = [{{ rate = {printed} }}]"
    policy = small(FORM.format(unit / 100, way), BORNE, *shared, rates=rates)
    run = assessed(policy, *map(claim, given_))
    found = [int(each * 100) for each in run.claims["compensation"]]
    assert found == oracle(given_, Fraction(printed), unit, way, limit)
    inside = [place for place, case in enumerate(given_) if case.review != "rejected"]
    total = sum(found[place] for place in inside)
    assert total % unit == 0
    assert limit is None or total <= limit
    for place, fen in enumerate(found):
        assert 0 <= fen <= math.floor(Fraction(given_[place].principal * 6, 10) + Fraction(1, 2))
        recomputed(run.explain(f"c{place + 1}").arithmetic)


def claim(case: Given) -> dict[str, str]:
    row = {"principal": f"{case.principal // 100}.{case.principal % 100:02}"}
    row |= {"finance_review": case.review, "industry_review": case.review}
    approved = "" if case.approved is None else f"{case.approved // 100}.{case.approved % 100:02}"
    return row | {"approved_amount": approved}


@pytest.mark.parametrize(
    ("principal", "expected"),
    [("200.98", [100.16, 49.84]), ("201", [100.83, 50.17]), ("201.02", [100.84, 50.16])],
)
def test_a_fen_below_half_a_unit_at_it_and_above(principal: str, expected: list[float]) -> None:
    """150.49 to 150, 150.50 and 150.51 to 151: 49, 50 and 49 fen by the amounts, 2 to 1."""
    run = assessed(small(FORM.format(1, "half_up")), {"principal": principal}, {"principal": "100"})
    assert [float(each) for each in run.claims["compensation"]] == expected


def test_where_no_case_has_room_the_total_is_cut() -> None:
    """20 yuan are left of what the institution bore, and 50 would be needed."""
    run = assessed(small(FORM.format(100, "half_up")), {"principal": "200"}, {"principal": "100"})
    assert [float(each) for each in run.claims["compensation"]] == [66.67, 33.33]
    lines = {line.name: line for line in run.explain("c1").arithmetic}
    assert "no case has room" in lines["total_in_units"].title.en


def test_a_case_alone_says_so() -> None:
    figures = {"government_backed": True}
    case: dict[str, Any] = {**CLAIM, "principal": "333", "shares": {"institution": "1"}}
    del case["contract_id"]
    found = decide_claim(small(FORM.format(100, "down")), figures, case)
    assert found.compensation == 100
    assert "the total that is rounded" in found.notes[0].en


def test_groups_have_totals_of_their_own() -> None:
    text = FORM.replace("contracts.borrower_id", "month claims.payout_date").format(100, "down")
    days = ("2022-06-01", "2022-06-30", "2022-07-01")
    run = assessed(small(text), *({"principal": "150", "payout_date": day} for day in days))
    sums: dict[str, float] = defaultdict(float)
    for day, amount in zip(days, run.claims["compensation"], strict=True):
        sums[day[:7]] += float(amount)
    assert sums == {"2022-06": 100, "2022-07": 0}


CAP = SHARED.format(100)


@pytest.mark.parametrize(
    ("form", "part", "key"),
    [
        ("per = []", "", "compensation"),
        ('per = ["contracts.borrower_id"]\nat_least = 5', "", "compensation.per"),
        ('per = ["contracts.borrower_id"]\nround_to = 1\nat_least = 5', "", "compensation.per"),
        ('per = ["contracts.nothing"]\nround_to = 1', "", "compensation.per[1]"),
        ("per = []\nround_to = 1", '[trigger]\nsettled = "by_case"', "compensation.per"),
        ('per = []\nround_to = 1\nrounding = "up"', CAP, "caps[shared]"),
        (FORM.format(30, "up").partition("\n")[2], CAP, "caps[shared]"),
        (FORM.format(10, "half_up").partition("\n")[2], CAP + "years = 2", "caps[shared]"),
        (
            FORM.format(10, "down").partition("\n")[2],
            CAP + 'exceeding = "pro_rata"\nat_least = 5',
            "caps[shared].at_least",
        ),
    ],
)
def test_what_does_not_go_with_a_total_is_refused(form: str, part: str, key: str) -> None:
    with pytest.raises(PolicyFaults) as raised:
        small(f"[compensation]\n{form}\n", part)
    assert [fault.key for fault in raised.value.faults] == [key]


def test_rounded_down_any_cap_goes() -> None:
    for cap in (CAP, CAP + "years = 2", SHARED.format("0.03")):
        assert small(FORM.format(30, "down"), cap).rules.compensation is not None


PAYERS = payers(province=0.3333, city=0.5, county=0.1667)
SHARES = [Fraction(3333, 10_000), Fraction(5, 10), Fraction(1667, 10_000)]


def half_up(exact: Fraction) -> int:
    return math.floor(exact + Fraction(1, 2))


def divided(amount: int) -> list[int]:
    """Return the payers' parts of an amount, one after another of what is left."""
    found: list[int] = []
    for place in range(len(SHARES)):
        share = SHARES[place] / sum(SHARES[place:])
        found.append(half_up((amount - sum(found)) * share))
    return found


@pytest.mark.slow
@given(st.lists(cases, min_size=1, max_size=6), st.sampled_from([100, 10**4]))
@settings(max_examples=8 * DEPTH)
def test_payers_share_the_total_and_their_parts_of_cases_add_up_to_it(
    given_: list[Given], unit: int
) -> None:
    run = assessed(small(FORM.format(unit / 100, "half_up"), BORNE, PAYERS), *map(claim, given_))
    names = [f"payable_{payer}" for payer in ("province", "city", "county")]
    total, paid = 0, [0, 0, 0]
    for row, case in zip(run.claims.to_dict("records"), given_, strict=True):
        fen = int(row["compensation"] * 100) if case.review != "rejected" else 0
        parts = [up - to for up, to in zip(divided(total + fen), divided(total), strict=True)]
        total += fen
        if case.review == "approved":
            assert [int(row[name] * 100) for name in names] == parts
        paid = [so_far + part for so_far, part in zip(paid, parts, strict=True)]
        recomputed(run.explain(row["claim_id"]).arithmetic)
    assert paid == divided(total)


TWO = """
[[payers]]
id = "province"
name = { zh = "省级", en = "province" }
share = "claims.part"

[[payers]]
id = "city"
name = { zh = "市级", en = "city" }
share = { minus = [1, "claims.part"] }
"""


def test_payers_with_shares_by_case_share_what_cases_with_the_same_come_to() -> None:
    """Of 55.01 four times the province pays half, and of 33.01 twice a third."""
    policy = small(columns(part="ratio"), FORM.format(1, "down"), BORNE, TWO)
    given_ = [{"principal": "110.02", "part": "0.5"}] * 4
    given_ += [{"principal": "66.02", "part": "0.333333"}] * 2
    total, paid = Counter[str](), Counter[str]()
    for case, row in zip(given_, assessed(policy, *given_).claims.to_dict("records"), strict=True):
        total[case["part"]] += int(row["payable"] * 100)
        paid[case["part"]] += int(row["payable_province"] * 100)
    assert total.total() % 100 == 0
    assert paid == {part: half_up(Fraction(part) * fen) for part, fen in total.items()}
    settled = settle(portfolio_of_frames(**frames(*given_)), policy, "2022-12-31")
    (row,) = settled.institutions.to_dict("records")
    assert int(row["to_pay_province"] * 100) == paid.total()
    recomputed(settled.explain("c6").arithmetic)
