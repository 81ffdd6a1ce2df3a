"""What a cap on the compensation or the least amount refuses uses nothing of what is shared.

But for losses: what comes to less than the least amount lies in a deductible all the same.
"""

from __future__ import annotations

import itertools

from hypothesis import example, given, settings
from hypothesis import strategies as st

from compensation.policy_tools.doubts import doubts
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


def one_after_another(
    principals: list[int],
    free: int | None,
    most: int,
    end: int | None,
    single: int,
    group: int,
    least: int,
    *,
    whole: bool,
    over: str,
) -> list[int]:
    """Return what each case gets, in yuan; all but the last three amounts are multiples of ten.

    `free`: a deductible, of the slices if there is an `end`, which is counted from there, else of
    the cap on the base.
    """
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


@settings(max_examples=25)
@given(
    st.lists(TENS, min_size=1, max_size=9),
    st.none() | TENS,
    TENS.map(lambda tens: 3 * tens),
    st.none() | TENS.map(lambda tens: 2 * tens),
    st.integers(1, 150),
    st.integers(1, 400),
    st.integers(1, 60),
    st.booleans(),
    st.sampled_from(["refuse", "stop_before", "stop_after"]),
)
# The second uses up what nothing is paid for, though it is too little itself.
@example([60, 60, 60, 60], 100, 300, None, 150, 400, 11, False, "refuse")
@example([60, 60, 60, 60], 100, 300, 200, 150, 400, 11, False, "refuse")
# The first is refused, and the third ends the cap.
@example([160, 150, 90, 90], None, 200, None, 70, 400, 1, False, "refuse")
# Too little is left, again and again.
@example([90, 80, 70, 300], None, 100, 80, 150, 400, 20, False, "refuse")
# What fits comes after what does not.
@example([100, 110, 90, 20, 10], None, 200, None, 150, 400, 1, True, "refuse")
@example([100, 110, 90, 20, 10], None, 1000, None, 150, 80, 1, True, "stop_before")
def test_it_is_decided_as_if_the_refused_were_not_there(
    principals: list[int],
    free: int | None,
    most: int,
    end: int | None,
    single: int,
    group: int,
    least: int,
    whole: bool,
    over: str,
) -> None:
    rates, floor = HALF, f"above = {free}\n" if free else ""
    if end is not None:
        first = f"{{ rate = 0, at_most = {free} }}, " if free else ""
        rates, floor = SLICES.format(free=first, end=(free or 0) + end), ""
    # A cap that has a beginning refuses nothing whole.
    whole, most = whole and not floor, most + (free or 0)
    limits = (free, most, end, single, group, least)
    values = {"most": most, "single": single, "group": group, "least": least, "over": over}
    values["base"] = "refuse" if whole else "count_up_to"
    policy = small(PARTS.format(floor=floor, **values), rates=rates)
    run = assessed(policy, *({"principal": str(each)} for each in principals))
    expected = one_after_another(principals, *limits, whole=whole, over=over)
    assert [int(each) for each in run.claims["compensation"]] == expected
    rests = end is not None or bool(floor)
    assert ("compensation.at_least" in [doubt.key for doubt in doubts(policy)]) is rests
    assert ("losses_too_little" in [each["id"] for each in run.summary["assumptions"]]) is rests
    recomputed(run.explain(f"c{len(principals)}").arithmetic)
