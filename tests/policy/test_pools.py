"""Caps that are pools: each case of a group gets its part in proportion, to the fen or the unit."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.explanation.recompute import recomputed
from tests.one_claim import faults
from tests.policy.test_small_policies import assessed, columns, small

COLUMNS = columns(city="text", fund="money", all="money", farm="boolean")
POOL = '[[caps]]\nid = "pool"\nat_most = "claims.fund"\nexceeding = "pro_rata"\n'
PER_CITY = POOL + 'per = ["claims.city"]\n'
FIRST = 'first = [{ value = "claims.farm", is = true }]\n'
IN_ALL = 'in_all = "claims.all"\n'
IDS = [f"c{number}" for number in range(1, 8)]


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


def shared(uses: list[int], pool: int) -> list[int]:
    """Return the parts of a pool, by largest remainder, ties to the first."""
    total = sum(uses)
    if total <= pool:
        return uses
    exact = [Fraction(use * pool, total) for use in uses]
    parts = [math.floor(each) for each in exact]
    order = sorted(range(len(uses)), key=lambda place: (parts[place] - exact[place], place))
    for place in order[: pool - sum(parts)]:
        parts[place] += 1
    return parts


def in_turns(uses: list[int], farms: list[bool], pool: int) -> list[int]:
    """Return the parts of a pool of which farms come first."""
    parts = [0] * len(uses)
    for farm in (True, False):
        places = [place for place, each in enumerate(farms) if each is farm]
        mine = shared([uses[place] for place in places], max(pool, 0))
        for place, part in zip(places, mine, strict=True):
            parts[place] = part
        pool -= sum(uses[place] for place in places)
    return parts


CASES = st.tuples(
    st.sampled_from(["甲", "乙"]),
    st.integers(1, 60_000),
    st.none() | st.integers(0, 30_000),
    st.sampled_from(["approved", "approved", "pending", "rejected"]),
    st.booleans(),
)
Case = tuple[str, int, int | None, str, bool]
ALONE = ("甲", 20_000, None, "approved", False)
FARM = ("乙", 20_000, None, "approved", True)


@pytest.mark.slow
@given(
    st.lists(CASES, min_size=1, max_size=len(IDS)),
    st.integers(0, 70_000),
    st.integers(0, 70_000),
    st.sampled_from([1, 1, 700]),
    st.booleans(),
    st.none() | st.integers(0, 50_000),
    st.sampled_from([0, 5_000]),
)
@example([ALONE] * 3, 29_999, 0, 1, False, None, 0)
@example([ALONE] * 3, 30_000, 0, 1, False, None, 0)
@example([ALONE] * 3, 29_000, 0, 1, False, 999, 0)
@example([ALONE] * 3, 29_000, 0, 1, False, 1_000, 0)
@example([ALONE, ALONE, FARM, FARM], 10_001, 20_000, 1, True, 9_998, 0)
@example([ALONE, FARM, (*FARM[:4], False)], 30_000, 10_001, 1, True, None, 0)
@example([(*ALONE[:2], 5_001, "approved", False), ALONE], 15_000, 0, 1, False, None, 0)
@example([("甲", 1_400, 750, "approved", False), ALONE], 1_400, 0, 700, False, 700, 0)
@example([ALONE, ALONE], 9_998, 0, 1, False, None, 5_000)
@example([ALONE, ALONE], 9_999, 0, 1, False, None, 5_000)
@example([ALONE, ALONE], 10_000, 0, 1, False, None, 5_000)
def test_each_group_shares_its_own_and_what_others_leave(
    cases: list[Case],
    first: int,
    second: int,
    unit: int,
    turns: bool,
    extra: int | None,
    least: int,
) -> None:
    funds = {"甲": first, "乙": second}
    whole = first + second + (extra or 0)
    rows = [
        {
            "city": city,
            "fund": yuan(funds[city]),
            "all": yuan(whole),
            "farm": str(farm).lower(),
            "principal": yuan(principal),
            "approved_amount": "" if approved is None else yuan(approved),
            "finance_review": review,
        }
        for city, principal, approved, review, farm in cases
    ]
    form = f"[compensation]\nround_to = {unit // 100}\n" if unit > 1 else ""
    enough = f"at_least = {least / 100}\n" if least else ""
    cap = PER_CITY + enough + FIRST * turns + IN_ALL * (extra is not None)
    run = assessed(small(COLUMNS, cap, form), *rows)
    computed = [
        math.floor(Fraction(case[1], 2) + Fraction(1, 2)) if unit == 1 else case[1] // 2
        for case in cases
    ]
    computed = [each // unit * unit for each in computed]
    uses = [
        0
        if review == "rejected"
        else amount
        if approved is None
        else min(amount, math.ceil(Fraction(approved, unit)) * unit)
        for amount, (_, _, approved, review, _) in zip(computed, cases, strict=True)
    ]
    farms = [turns and case[4] for case in cases]
    parts = [0] * len(cases)
    for city, pool in funds.items():
        places = [place for place, case in enumerate(cases) if case[0] == city]
        own = in_turns(
            [uses[place] // unit for place in places],
            [farms[place] for place in places],
            pool // unit,
        )
        for place, part in zip(places, own, strict=True):
            parts[place] = part * unit
    if extra is not None:
        left = whole // unit - sum(parts) // unit
        missing = [(use - part) // unit for use, part in zip(uses, parts, strict=True)]
        for place, more in enumerate(in_turns(missing, farms, left)):
            parts[place] += more * unit
    short = [part < use for part, use in zip(parts, uses, strict=True)]
    little = [cut and part < least for cut, part in zip(short, parts, strict=True)]
    parts = [0 if less else part for less, part in zip(little, parts, strict=True)]
    found = [int(each * 100) for each in run.claims["compensation"]]
    for place, amount in enumerate(computed):
        # What shares a pool that falls short counts as far as it was approved.
        assert found[place] in ({parts[place]} if short[place] else {parts[place], amount})
        if not any(short):
            assert found[place] == amount
        recomputed(run.explain(IDS[place]).arithmetic)
    assert sum(parts) <= whole


@pytest.mark.parametrize(("fund", "differs"), [("299.99", True), ("300.00", False)])
def test_a_pool_is_one_sum_for_all_that_share_it(fund: str, differs: bool) -> None:
    policy = small(COLUMNS, PER_CITY)
    rows = [{"city": "甲", "fund": each, "principal": "1000"} for each in ("300", fund)]
    if differs:
        (fault,) = faults(assessed, policy, *rows)
        assert (fault.kind, fault.table, fault.row) == ("pool_differs", "claims", 2)
        assert fault.value == fund
    else:
        assert list(assessed(policy, *rows).claims["compensation"]) == [150, 150]
    rows[1]["city"] = "乙"
    assert list(assessed(policy, *rows).claims["compensation"]) == [300, Decimal(fund)]


@pytest.mark.parametrize(("principal", "told"), [("600", False), ("600.02", True)])
def test_what_is_left_over_is_told_of_a_pool_that_is_shared(principal: str, told: bool) -> None:
    found = assessed(small(COLUMNS, POOL + "per = []"), {"fund": "300", "principal": principal})
    names = {line.name for line in found.explain("c1").arithmetic}
    assert ("left_over_cap_pool" in names) is told


@pytest.mark.parametrize(("whole", "refused"), [("699.99", True), ("700.00", False)])
def test_the_pools_of_groups_come_to_no_more_than_all_of_them_hold(
    whole: str, refused: bool
) -> None:
    policy = small(COLUMNS, PER_CITY + IN_ALL)
    funds = {"甲": "300", "乙": "400"}
    rows = [{"city": city, "fund": fund, "all": whole} for city, fund in funds.items()]
    rows = [{**row, "farm": "false", "principal": "1000"} for row in rows]
    if refused:
        found = faults(assessed, policy, *rows)
        assert [(fault.kind, fault.row, fault.value) for fault in found] == [
            ("pool_differs", 1, whole),
            ("pool_differs", 2, whole),
        ]
        assert "in_all" in found[0].message.en
    else:
        assert list(assessed(policy, *rows).claims["compensation"]) == [300, 400]


@pytest.mark.parametrize(("principal", "second"), [("500", "250"), ("500.02", "249.99")])
def test_a_class_that_comes_first_leaves_the_rest(principal: str, second: str) -> None:
    policy = small(COLUMNS, POOL + "per = []\n" + FIRST)
    farm = {"fund": "500", "farm": "true", "principal": principal}
    run = assessed(policy, {**farm, "farm": "false", "principal": "500"}, farm)
    assert list(run.claims["compensation"]) == [Decimal(second), Decimal(principal) / 2]


@pytest.mark.parametrize(
    ("unit", "parts"),
    [
        ("", ["500", "200", "200"]),
        ("round_to = 0.5", ["499.5", "250", "250"]),
        ("round_to = 300", ["300", "300", "300"]),
        ("round_to = 800", ["800", "0", "0"]),
    ],
)
def test_a_pool_cuts_in_units_of_its_own(unit: str, parts: list[str]) -> None:
    """Of 999.99 yuan, for 1,000 and twice 500; without a unit, in that of the compensation."""
    cap = f'[[caps]]\nid = "x"\nper = []\nat_most = 999.99\nexceeding = "pro_rata"\n{unit}'
    policy = small("[compensation]\nround_to = 100", cap, rates="tiers = [{ rate = 0.5 }]")
    run = assessed(policy, *({"principal": of} for of in ("2000", "1000", "1000")))
    assert list(run.claims["compensation"]) == [Decimal(part) for part in parts]
    for number in (1, 2, 3):
        recomputed(run.explain(f"c{number}").arithmetic)


def test_what_a_pool_leaves_too_little_of_is_told_and_goes_to_nobody() -> None:
    """The third comes first, in full; of the 100 left for 160 and 20, these are cut to 11.11."""
    cap = POOL + "per = []\nat_least = 11.12\n" + FIRST
    of = {"fund": "110", "farm": "false"}
    rows = [{**of, "principal": "320"}, {**of, "principal": "40"}]
    run = assessed(small(COLUMNS, cap), *rows, {**of, "farm": "true", "principal": "20"})
    assert [str(each) for each in run.claims["compensation"]] == ["88.89", "0.00", "10.00"]
    (warning,) = (each for each in run.warnings if each.kind == "capped_to_nothing")
    assert (warning.row, "too little" in warning.message.en) == (2, True)
    assert "too_little_once_cut" in {each["id"] for each in run.summary["assumptions"]}


@pytest.mark.parametrize(
    ("fund", "parts"),
    [("1001.06", ["1000.00", "0.97"]), ("1000.96", ["1000.00", "0.00"])],
)
def test_one_that_what_is_left_over_makes_whole_is_not_too_little(
    fund: str, parts: list[str]
) -> None:
    """In whole yuan 1,000.10 and 0.97 are 1,000 and 0; what is left over is 1.06, or 0.96."""
    pool = POOL + "per = []\nround_to = 1\nat_least = 50\n"
    rows = ({"fund": fund, "farm": "false", "principal": each} for each in ("2000.20", "1.94"))
    run = assessed(small(COLUMNS, pool), *rows)
    assert [str(each) for each in run.claims["compensation"]] == parts
    assert recomputed(run.explain("c2").arithmetic)["compensation"] == Fraction(parts[1])
