"""What a cap on the compensation or the least amount refuses uses nothing of what is shared."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.explanation.recompute import recomputed
from tests.policy.test_small_policies import HALF, assessed, small

TENS = st.integers(1, 30).map(lambda tens: 10 * tens)
SLICES = 'hit = "slices"\nper = ["contracts.institution_id"]\n'
SLICES += "tiers = [{{ rate = 0.5, at_most = {end} }}, {{ rate = 0.1 }}]"
PARTS = """
[[caps]]
id = "basis"
on = "base"
at_most = {most}
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
    most: int,
    end: int | None,
    single: int,
    group: int,
    least: int,
    *,
    whole: bool,
    over: str,
) -> list[int]:
    """Return what each case gets, in yuan; principals, `most` and `end` are multiples of ten."""
    paid, counted, filled, used, stopped = [], 0, 0, 0, False
    for principal in principals:
        base = max(min(principal, most - counted), 0)
        tenths = 5 * base
        if end is not None:
            high = max(min(filled + base, end) - filled, 0)
            tenths = 5 * high + (base - high)
        amount = min(tenths // 10, principal * 6 // 10)
        if (whole and principal > most - counted) or amount > single or amount < least:
            paid.append(0)
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
@settings(max_examples=25)
@given(
    st.lists(TENS, min_size=1, max_size=9),
    TENS.map(lambda tens: 3 * tens),
    st.none() | TENS.map(lambda tens: 2 * tens),
    st.integers(1, 150),
    st.integers(1, 400),
    st.integers(1, 60),
    st.booleans(),
    st.sampled_from(["refuse", "stop_before", "stop_after"]),
)
# The first is refused, and the third ends the cap.
@example([160, 150, 90, 90], 200, None, 70, 400, 1, False, "refuse")
# Too little is left, again and again.
@example([90, 80, 70, 300], 100, 80, 150, 400, 20, False, "refuse")
# What fits comes after what does not.
@example([100, 110, 90, 20, 10], 200, None, 150, 400, 1, True, "refuse")
@example([100, 110, 90, 20, 10], 1000, None, 150, 80, 1, True, "stop_before")
def test_it_is_decided_as_if_the_refused_were_not_there(
    principals: list[int],
    most: int,
    end: int | None,
    single: int,
    group: int,
    least: int,
    whole: bool,
    over: str,
) -> None:
    rates = HALF if end is None else SLICES.format(end=end)
    base = "refuse" if whole else "count_up_to"
    parts = PARTS.format(most=most, single=single, group=group, least=least, base=base, over=over)
    policy = small(parts, rates=rates)
    run = assessed(policy, *({"principal": str(each)} for each in principals))
    limits = (most, end, single, group, least)
    expected = one_after_another(principals, *limits, whole=whole, over=over)
    assert [int(each) for each in run.claims["compensation"]] == expected
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
