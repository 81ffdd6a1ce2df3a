"""What a cap on the compensation or the least amount refuses uses nothing of what is shared.

But for losses: what comes to less than the least amount lies in a deductible all the same.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from compensation.policy_tools.doubts import doubts
from tests.conftest import DEPTH
from tests.explanation.recompute import recomputed
from tests.policy.test_small_policies import HALF, assessed, small

TENS = st.integers(1, 30).map(lambda tens: 10 * tens)
SLICES = 'hit = "slices"\nper = ["contracts.institution_id"]\n'
SLICES += "tiers = [{free}{{ rate = 0.5, at_most = {end} }}, {{ rate = 0.1 }}]"
PARTS = """
[[caps]]
id = "basis"
on = "base"
{floor}at_most = {most}
per = ["contracts.institution_id"]
exceeding = "{base}"
[[caps]]
id = "single"
at_most = {single}
exceeding = "refuse"
[[caps]]
id = "group"
at_most = {group}
per = ["contracts.borrower_id"]
exceeding = "{over}"
[compensation]
at_least = {least}
"""


class Limits(NamedTuple):
    """Of a policy, in yuan; the first three in tens.

    `free`: a deductible, of the slices if there is an `end`, which is counted from there, else of
    the cap on the base. `most`: of the bases. `end`: of the first slice.
    """

    free: int | None
    most: int
    end: int | None
    single: int
    group: int
    least: int
    whole: bool
    over: str


def one_after_another(principals: list[int], limits: Limits) -> list[int]:
    """Return what each case gets, in yuan; principals are multiples of ten."""
    free, most, end, single, group, least, whole, over = limits
    paid, counted, filled, used, stopped = [], 0, 0, 0, False
    floor = free if free and end is None else 0
    for principal in principals:
        base = max(min(counted + principal, most) - max(counted, floor), 0)
        tenths = 5 * base
        if end is not None:
            ends = [free or 0, (free or 0) + end, filled + base]
            parts = [
                max(min(filled + base, high) - max(filled, low), 0)
                for low, high in itertools.pairwise(ends)
            ]
            tenths = 5 * parts[0] + parts[1]
        amount = min(tenths // 10, principal * 6 // 10)
        if (whole and principal > base) or amount > single:
            paid.append(0)
            continue
        if amount < least:
            paid.append(0)
            filled += base
            counted += principal if free and end is None else 0
            continue
        passes = used > group if over == "stop_after" else amount > group - used
        stopped |= passes and over != "refuse"
        if passes or stopped:
            paid.append(0)
            continue
        paid.append(amount)
        counted, filled, used = counted + principal, filled + base, used + amount
    return paid


@pytest.mark.slow
@settings(max_examples=12 * DEPTH)
@given(
    st.lists(TENS, min_size=1, max_size=9),
    st.builds(
        Limits,
        free=st.none() | TENS,
        most=TENS.map(lambda tens: 3 * tens),
        end=st.none() | TENS.map(lambda tens: 2 * tens),
        single=st.integers(1, 150),
        group=st.integers(1, 400),
        least=st.integers(1, 60),
        whole=st.booleans(),
        over=st.sampled_from(["refuse", "stop_before", "stop_after"]),
    ),
)
# The second uses up what nothing is paid for, though it is too little itself.
@example([60, 60, 60, 60], Limits(100, 300, None, 150, 400, 11, False, "refuse"))
@example([60, 60, 60, 60], Limits(100, 300, 200, 150, 400, 11, False, "refuse"))
# The first is refused, and the third ends the cap.
@example([160, 150, 90, 90], Limits(None, 200, None, 70, 400, 1, False, "refuse"))
# Too little is left, again and again.
@example([90, 80, 70, 300], Limits(None, 100, 80, 150, 400, 20, False, "refuse"))
# What fits comes after what does not.
@example([100, 110, 90, 20, 10], Limits(None, 200, None, 150, 400, 1, True, "refuse"))
@example([100, 110, 90, 20, 10], Limits(None, 1000, None, 150, 80, 1, True, "stop_before"))
def test_it_is_decided_as_if_the_refused_were_not_there(
    principals: list[int], limits: Limits
) -> None:
    free, end = limits.free, limits.end
    rates, floor = HALF, f"above = {free}\n" if free else ""
    if end is not None:
        first = f"{{ rate = 0, at_most = {free} }}, " if free else ""
        rates, floor = SLICES.format(free=first, end=(free or 0) + end), ""
    # A cap that has a beginning refuses nothing whole.
    limits = limits._replace(whole=limits.whole and not floor, most=limits.most + (free or 0))
    base = "refuse" if limits.whole else "count_up_to"
    policy = small(PARTS.format(floor=floor, base=base, **limits._asdict()), rates=rates)
    run = assessed(policy, *({"principal": str(each)} for each in principals))
    paid = [int(each) for each in run.claims["compensation"]]
    assert paid == one_after_another(principals, limits)
    rests = end is not None or bool(floor)
    assert ("compensation.at_least" in [doubt.key for doubt in doubts(policy)]) is rests
    recomputed(run.explain(f"c{len(principals)}").arithmetic)


RATIO = """
[[columns]]
table = "claims"
name = "of"
heading = "总额"
type = "money"
note = { zh = "注", en = "note" }
[[caps]]
id = "part"
on = "ON"
at_most = { times = ["claims.principal", { over = ["claims.principal", "claims.of"] }] }
exceeding = "refuse"
"""


@pytest.mark.parametrize("on", ["base", "compensation"])
def test_a_cap_without_a_value_is_the_reason(on: str) -> None:
    policy = small(RATIO.replace("ON", on))
    run = assessed(policy, {"of": "0"}, {"of": "10000"}, {"of": "100"})
    assert run.tables["claims"].column("reasons").to_pylist() == ["part", "part", None]
