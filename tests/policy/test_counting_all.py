"""Caps on the base and slices that all cases use, whatever becomes of them.

The oracle takes cases one after another with Fractions; nothing of it is the library's.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from compensation import Assessment, Policy, assess_frames, portfolio_of_frames, settle
from compensation.policy.catalogue import POLICY_TEXT, policy_of_texts
from compensation.policy_tools.doubts import doubts
from compensation.report.policy_overview import overview_text
from tests.conftest import DEPTH
from tests.explanation.recompute import recomputed
from tests.one_claim import faults
from tests.policy.test_small_policies import CLAIM, CONTRACT, assessed, columns, small

YEAR = 2022
SPANS = {'"this"': 1, "2": 2, '"all"': 99}
OWN = columns(who="text", line="text", fit="boolean")
RULES = """
[[claim_conditions]]
id = "fit"
value = "claims.fit"
is = true
[[caps]]
id = "single"
on = "base"
at_most = {single}
[[caps]]
id = "ceiling"
on = "base"
{of}{above}at_most = {{ times = [{{ yuan = {limit} }}, 0.333333] }}
per = ["claims.who"]
counts = "all"
years = {years}
when = [{{ value = "claims.line", one_of = ["a"] }}]
[[caps]]
id = "big"
at_most = {big}
exceeding = "refuse"
[compensation]
at_least = {least}
"""


class Case(NamedTuple):
    """A payout, in fen; `month`: 2 or 6, before or after the policy; `fit`: eligible."""

    who: str
    year: int
    month: int
    principal: int
    interest: int
    line: str
    fit: bool
    review: str


class Terms(NamedTuple):
    """Of a policy, in fen but for `limit`, of which a third and less counts, in yuan."""

    from_: str
    payout: bool
    single: int
    above: int | None
    limit: int
    years: str
    big: int
    least: int


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


def half_up(amount: Fraction) -> int:
    return math.floor(amount + Fraction(1, 2))


def one_after_another(cases: list[Case], terms: Terms) -> dict[str, int]:
    """Return what each case of the year gets, in fen."""
    top = math.floor(terms.limit * 100 * Fraction("0.333333"))
    counted = dict.fromkeys("xy", 0)
    found = {}
    for number, case in enumerate(cases):
        day = f"{case.year}-{case.month:02}-01"
        if case.year > YEAR or case.year <= YEAR - SPANS[terms.years]:
            continue
        counts = day >= terms.from_ and case.line == "a"
        of = case.principal + (case.interest if terms.payout else 0)
        before = counted[case.who]
        counted[case.who] += of if counts else 0
        if case.year < YEAR:
            continue
        base = min(case.principal, terms.single)
        if counts:
            within = max(min(before + of, top) - max(before, terms.above or 0), 0)
            base = half_up(Fraction(base * within, of))
        amount = half_up(Fraction(base, 2))
        fits = case.fit and day >= terms.from_ and terms.least <= amount <= terms.big
        found[f"c{number:02}"] = amount if fits else 0
    return found


def policy_of(terms: Terms) -> Policy:
    rules = RULES.format(
        single=yuan(terms.single),
        of='of = "claims.payout"\n' if terms.payout else "",
        above="" if terms.above is None else f"above = {yuan(terms.above)}\n",
        limit=terms.limit,
        years=terms.years,
        big=yuan(terms.big),
        least=yuan(terms.least),
    )
    text = small(OWN, rules).text.replace("from = 2022-03-01", f"from = {terms.from_}")
    return policy_of_texts({POLICY_TEXT: text})


def frames_of(cases: list[Case]) -> dict[str, pd.DataFrame]:
    claims = [
        {
            **CLAIM,
            "claim_id": f"c{number:02}",
            "payout_date": f"{case.year}-{case.month:02}-01",
            "principal": yuan(case.principal),
            "interest": yuan(case.interest),
            "who": case.who,
            "line": case.line,
            "fit": str(case.fit).lower(),
            "compensation_paid": "0",
            "finance_review": case.review,
        }
        for number, case in enumerate(cases)
    ]
    tables = {
        "institutions": [{"institution_id": "A", "government_backed": "true"}],
        "contracts": [{**CONTRACT, "start_date": "2010-01-01"}],
        "claims": claims,
    }
    return {name: pd.DataFrame(rows) for name, rows in tables.items()}


CASES = st.builds(
    Case,
    st.sampled_from("xy"),
    st.sampled_from([2020, 2021, 2022, 2022, 2022]),
    st.sampled_from([2, 6]),
    st.integers(1, 40_000),
    st.sampled_from([0, 1, 500]),
    st.sampled_from("aaab"),
    st.booleans(),
    st.sampled_from(["approved", "approved", "rejected"]),
)
CASE = Case("x", YEAR, 6, 33_333, 0, "a", True, "approved")
LOST = CASE._replace(fit=False)
TERMS = Terms("2022-03-01", True, 60_000, None, 1_000, '"this"', 50_000, 1)
# A third of 1,000 yuan and less: 333.33, of which one fen less, all, and one fen more were used.
AT_THE_LIMIT = [LOST._replace(principal=fen) for fen in (33_332, 33_333, 33_334)]


@pytest.mark.slow
@settings(max_examples=15 * DEPTH)
@given(
    st.lists(CASES, min_size=1, max_size=7).map(lambda cases: sorted(cases, key=lambda c: c[1:3])),
    st.builds(
        Terms,
        st.sampled_from(["2020-01-01", "2021-03-01", "2022-03-01"]),
        st.booleans(),
        st.integers(1, 60_000),
        st.none() | st.integers(1, 10_000),
        st.integers(400, 3_000),
        st.sampled_from(sorted(SPANS)),
        st.integers(1, 20_000),
        st.sampled_from([0.01, 20]).map(lambda least: int(least * 100)),
    ),
)
@example([AT_THE_LIMIT[0], CASE], TERMS)
@example([AT_THE_LIMIT[1], CASE], TERMS)
@example([AT_THE_LIMIT[2], CASE], TERMS)
@example([AT_THE_LIMIT[0]._replace(year=2021), CASE], TERMS._replace(from_="2020-01-01", years="2"))
@example([AT_THE_LIMIT[0]._replace(year=2020), CASE], TERMS._replace(from_="2020-01-01", years="2"))
@example([AT_THE_LIMIT[0]._replace(month=2), CASE], TERMS)
def test_all_cases_use_the_ceiling_and_the_last_counts_in_part(
    cases: list[Case], terms: Terms
) -> None:
    policy, frames = policy_of(terms), frames_of(cases)
    expected = one_after_another(cases, terms)
    run = assess_frames(frames, policy, YEAR)
    found = dict(zip(*(run.claims[name] for name in ("claim_id", "compensation")), strict=True))
    assert {id_: int(amount * 100) for id_, amount in found.items()} == expected
    for id_ in expected:
        recomputed(run.explain(id_).arithmetic)
    settled = settle(portfolio_of_frames(**frames), policy, f"{YEAR}-12-31").tables["settlement"]
    rows = zip(*(settled[name].to_pylist() for name in ("claim_id", "granted")), strict=True)
    granted = {id_: int(amount * 100) for id_, amount in rows if id_ in expected}
    approved = {f"c{n:02}": case.review == "approved" for n, case in enumerate(cases)}
    assert granted == {id_: fen if approved[id_] else 0 for id_, fen in expected.items()}


SLICES = """hit = "slices"
by = "claims.payout"
per = ["claims.who"]
counts = "all"
tiers = [{ rate = 0.4, at_most = 300 }, { rate = 0.2 }]
"""


@pytest.mark.slow
@settings(max_examples=10 * DEPTH)
@given(st.lists(CASES, min_size=1, max_size=6), st.sampled_from([-1, 0, 1, None]))
def test_all_cases_fill_the_slices(cases: list[Case], near: int | None) -> None:
    cases = sorted((case._replace(year=YEAR) for case in cases), key=lambda case: case.month)
    if near is not None:
        cases = [AT_THE_LIMIT[0]._replace(principal=30_000 + near), *cases]
        cases.sort(key=lambda case: case.month)
    conditions = RULES[: RULES.index("[[caps]]")]
    policy = small(OWN, conditions, rates=SLICES)
    expected, before = {}, dict.fromkeys("xy", 0)
    for number, case in enumerate(cases):
        if case.month == 2:
            expected[f"c{number:02}"] = 0
            continue
        of, start = case.principal + case.interest, before[case.who]
        low = max(min(start + of, 30_000) - start, 0)
        exact = low * Fraction(2, 5) + (of - low) * Fraction(1, 5)
        amount = half_up(exact * Fraction(case.principal, of))
        expected[f"c{number:02}"] = amount if case.fit else 0
        before[case.who] += of
    run = assess_frames(frames_of(cases), policy, YEAR)
    found = dict(zip(*(run.claims[name] for name in ("claim_id", "compensation")), strict=True))
    assert {id_: int(amount * 100) for id_, amount in found.items()} == expected
    for id_ in expected:
        recomputed(run.explain(id_).arithmetic)


CEILING = """
[[caps]]
id = "ceiling"
on = "base"
{}at_most = 1500
per = []
{}
"""
FROM_MARCH = """
[[claim_conditions]]
id = "from_march"
value = "claims.payout_date"
at_least = 2022-03-01
"""


def also_before(policy: Policy) -> Policy:
    """Return a policy that takes cases of days before it, too, but for conditions of its own."""
    text = policy.text.replace("from = 2022-03-01", "from = 2022-03-01, excludes = false")
    return policy_of_texts({POLICY_TEXT: text})


STOP, ALL = 'exceeding = "stop_after"', 'counts = "all"'


@pytest.mark.parametrize(
    ("policy", "amounts"),
    [
        (small(CEILING.format("", STOP)), [0, 500, 500, 0]),
        (small(CEILING.format("", ALL)), [0, 500, 250, 0]),
        (small(rates=SLICES.replace('"claims.who"', "")), [0, 260, 200, 200]),
        (small(CEILING.format("", ALL), FROM_MARCH), [0, 500, 250, 0]),
        (also_before(small(CEILING.format("", ALL), FROM_MARCH)), [0, 500, 250, 0]),
    ],
)
def test_a_settlement_agrees_where_the_policy_begins_within_the_year(
    policy: Policy, amounts: list[int]
) -> None:
    """What was paid out before, on days of another policy, counts in neither."""
    days = ["2022-02-28", "2022-03-01", "2022-03-02", "2022-03-03"]
    frames = frames_of([CASE._replace(principal=100_000)] * 4)
    frames["claims"]["payout_date"] = days
    run = assess_frames(frames, policy, YEAR)
    assert list(run.claims["compensation"]) == amounts
    settled = settle(portfolio_of_frames(**frames), policy, f"{YEAR}-12-31").tables["settlement"]
    assert settled.sort_by("claim_id")["granted"].to_pylist() == amounts


def test_a_cap_that_stops_counts_the_base_before_other_caps() -> None:
    single = '[[caps]]\nid = "single"\non = "base"\nat_most = 600'
    run = assessed(small(single, CEILING.format("", STOP)), *[{"principal": "1000"}] * 3)
    assert list(run.claims["compensation"]) == [300, 300, 0]
    for id_ in ("c1", "c2", "c3"):
        recomputed(run.explain(id_).arithmetic)


NO_BASE = 'value = "claims.principal"\nwhen = [{ value = "claims.interest", above = 0 }]'
UNKNOWN = '{ choose = [{ value = "claims.principal", WHEN }] }'
UNKNOWN = UNKNOWN.replace("WHEN", 'when = [{ value = "claims.interest", above = 0 }]')


@pytest.mark.parametrize("how", [ALL, STOP])
def test_a_case_of_which_it_is_not_known_what_counts_is_a_fault(how: str) -> None:
    text = small(CEILING.format("", how)).text
    no_base = policy_of_texts({POLICY_TEXT: text.replace('value = "claims.principal"', NO_BASE, 1)})
    unknown = small(CEILING.format(f"of = {UNKNOWN}\n", how))
    rows = [{"interest": "1"}, {"interest": "0"}]
    for policy in (no_base, unknown):
        found = faults(assessed, policy, *rows)
        assert [(fault.kind, fault.row) for fault in found] == [("uncounted", 2)]


def test_slices_of_which_it_is_not_known_what_counts_are_a_fault() -> None:
    rates = SLICES.replace('"claims.payout"', UNKNOWN).replace('"claims.who"', "")
    found = faults(assessed, small(rates=rates), {"interest": "1"}, {"interest": "0"})
    assert [(fault.kind, fault.row) for fault in found] == [("uncounted", 2)]


def test_a_case_of_an_earlier_year_counts_too() -> None:
    over = CEILING.format(f"of = {UNKNOWN}\nyears = 2\n", ALL)
    text = small(over).text.replace("from = 2022-03-01", "from = 2021-03-01")
    policy = policy_of_texts({POLICY_TEXT: text})
    rows = [
        {"interest": "0", "payout_date": "2021-03-01"},
        {"interest": "1", "payout_date": "2022-06-01"},
    ]
    found = faults(assessed, policy, *rows)
    assert [(fault.kind, fault.row) for fault in found] == [("uncounted", 1)]
    rows[0]["payout_date"] = "2021-02-28"
    run: Assessment = assessed(policy, *rows)
    assert list(run.claims["compensation"]) == [500]
    assert "all_over_years" in [each["id"] for each in run.summary["assumptions"]]
    assert "earlier_unpaid" not in [each.kind for each in run.warnings]


@pytest.mark.parametrize(
    ("policy", "keys"),
    [
        (small(CEILING.format("", ALL)), ["caps[{}]"]),
        (small(rates=SLICES.replace('"claims.who"', "")), ["rates.counts"]),
        (small('[[caps]]\nid = "x"\nat_most = 9\nper = []'), []),
        (also_before(small()), ["effective.excludes"]),
    ],
)
def test_a_policy_that_begins_within_a_year_is_asked_what_counts(
    policy: Policy, keys: list[str]
) -> None:
    cap = policy.rules.caps[0].id
    assert [doubt.key for doubt in doubts(policy)] == [key.format(cap) for key in keys]
    text = policy.text.replace("from = 2022-03-01", "from = 2022-01-01")
    policy = policy_of_texts({POLICY_TEXT: text.replace(", excludes = false", "")})
    assert doubts(policy) == []


def test_it_is_said_and_nothing_else_is_asked() -> None:
    cap = CEILING.format('of = "claims.payout"\nabove = 100\nyears = "all"\n', ALL)
    policy = small(cap, "[compensation]\nat_least = 20")
    zh, en = (overview_text(policy, language) for language in ("zh", "en"))
    assert "的代偿金额（历年合计）（无论是否补偿，全部计入）只计 100 元以上" in zh
    assert "(payout) over all years, compensated or not: only what lies above 100" in en
    slices = small(rates=SLICES.replace('"claims.who"', ""))
    assert "全部合计，按代偿金额分段计算，无论是否补偿，全部计入" in overview_text(slices, "zh")
    assert "of all of all claims together, compensated or not" in overview_text(slices, "en")
    assert "compensation.at_least" not in [doubt.key for doubt in doubts(policy)]
