"""Why a tier, a choice, an addition, a base, a cap or a payer applies: what the tests looked at."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation import Assessment, Policy, decide_claim, settle
from compensation.explanation.deciding import told_apart
from compensation.ledger.portfolio_input import portfolio_of_frames
from compensation.policy.catalogue import POLICY_TEXT, load_policy, policy_of_texts
from compensation.policy.model import Test
from compensation.policy_tools.worked_cases import assess_case, cases_beside, read_cases
from compensation.rules import deciding
from compensation.rules.conditions import Evaluates, Outcome, evaluate
from tests.explanation.checks import check_why
from tests.explanation.recompute import recomputed
from tests.policy.test_small_policies import CLAIM, HALF, HEAD, assessed, columns, frames, small

LIMIT = Fraction(3, 100)
BY_RATIO = """
hit = "range"
otherwise = "ineligible"
by = "claims.score"
tiers = [
    { rate = 0.4, at_most = 0.03 },
    { rate = 0.3, above = 0.03, at_most = 0.05 },
    { rate = 0.2, above = 0.05 },
]
"""
FIRST = """
tiers = [
    { rate = 0.4, when = [{ value = "claims.principal", at_most = 999.99 }] },
    { rate = 0.3, when = [{ value = "claims.principal", at_most = 1000 }] },
    { rate = 0.2 },
]
"""
LARGE = '{ value = "claims.principal", above = 1000 }'
EAST = '{ value = "claims.place", one_of = ["东区"] }'
SCORE, PLACE = columns(score="ratio"), columns(place="text")


@functools.cache
def policy(*parts: str, **more: str) -> Policy:
    return small(*parts, **more)


def why(run: Assessment, name: str, claim: str = "c1") -> list[str]:
    """Return what decided a line of an explanation, in English; every figure is read, too."""
    lines = run.explain(claim).arithmetic
    recomputed(lines)
    check_why(lines)
    (line,) = (line for line in lines if line.name == name)
    return [each.en for each in line.why]


@pytest.mark.parametrize(
    ("score", "rate", "said"),
    [
        ("0.029999", "0.4", "tier 1 applies: score 2.9999%, limit ≤ 3%"),
        ("0.03", "0.4", "tier 1 applies: score 3%, limit ≤ 3%"),
        ("0.030001", "0.3", "tier 2 applies: score 3.0001%, limit > 3% and ≤ 5%"),
        ("0.05", "0.3", "tier 2 applies: score 5%, limit > 3% and ≤ 5%"),
        ("0.050001", "0.2", "tier 3 applies: score 5.0001%, limit > 5%"),
    ],
)
def test_a_value_in_a_range_is_told_with_the_range_alone(score: str, rate: str, said: str) -> None:
    run = assessed(policy(SCORE, rates=BY_RATIO), {"score": score})
    assert why(run, "rate") == [said]
    assert Fraction(run.claims["rate"][0]) == Fraction(rate)


@pytest.mark.parametrize(
    ("principal", "said"),
    [
        ("999.99", ["tier 1 applies: principal 999.99, limit ≤ 999.99"]),
        (
            "1000",
            [
                "tier 1 does not apply: principal 1000.00, limit ≤ 999.99",
                "tier 2 applies: principal 1000.00, limit ≤ 1000.00",
            ],
        ),
        (
            "1000.01",
            [
                "tier 1 does not apply: principal 1000.01, limit ≤ 999.99",
                "tier 2 does not apply: principal 1000.01, limit ≤ 1000.00",
            ],
        ),
    ],
)
def test_the_first_tier_that_holds_is_told_with_those_before_it(
    principal: str, said: list[str]
) -> None:
    assert why(assessed(policy(rates=FIRST), {"principal": principal}), "rate") == said


def test_a_tier_is_told_where_its_rate_is_computed() -> None:
    rates = FIRST.replace("rate = 0.3", 'rate = "claims.score"')
    run = assessed(policy(SCORE, rates=rates), {"score": "0.1"})
    assert why(run, "takes_tier_rate_2")[1:] == [
        "tier 2 applies: principal 1000.00, limit ≤ 1000.00"
    ]
    assert why(run, "takes_tier_rate_1") == why(run, "takes_tier_rate_3") == []


def test_a_case_that_no_tier_takes_is_told_why_by_each() -> None:
    rates = 'otherwise = "ineligible"\n' + FIRST.replace("    { rate = 0.2 },\n", "")
    run = assessed(policy(rates=rates), {"principal": "1000.01"}, {"principal": "1000"})
    assert run.claims["reasons"][0] == "tier"
    assert why(run, "compensation_at_rate") == [
        "tier 1 does not apply: principal 1000.01, limit ≤ 999.99",
        "tier 2 does not apply: principal 1000.01, limit ≤ 1000.00",
    ]
    assert why(run, "compensation_at_rate", "c2") == []


def test_a_case_that_fails_a_condition_is_not_told_of_tiers() -> None:
    rates = 'otherwise = "ineligible"\n' + FIRST.replace("    { rate = 0.2 },\n", "")
    condition = f'[[claim_conditions]]\nid = "large"\nnot = {LARGE}'
    run = assessed(policy(condition, rates=rates), {"principal": "1000.01"})
    assert run.claims["reasons"][0] == "large"
    assert why(run, "compensation_at_rate") == []


CAP = f'[[caps]]\nid = "x"\nat_most = 400\nwhen = [{LARGE}]'
BASES = f"""
[[base]]
value = {{ times = ["claims.principal", 0.5] }}
when = [{LARGE}]

[[base]]
value = "claims.principal"
when = [{EAST}]
"""
CHOSEN = f"{{ choose = [{{ value = 300, when = [{LARGE}] }}, {{ value = 100 }}] }}"
DATED = """{ on = "claims.payout_date", values = [
    { from = 2022-01-01, value = 100 }, { from = 2022-06-02, value = 300 } ] }"""
ADDITION = f'[[rates.additions]]\nid = "more"\npoints = 0.1\nwhen = [{LARGE}]'
PAYERS = f"""
[[payers]]
id = "city"
name = {{ zh = "市", en = "city" }}
share = 1
when = [{LARGE}]

[[payers]]
id = "city"
name = {{ zh = "市", en = "city" }}
share = 0.6
when = [{{ not = {LARGE} }}]

[[payers]]
id = "district"
name = {{ zh = "区", en = "district" }}
share = 0.4
when = [{{ not = {LARGE} }}]
"""
CHOSEN_SHARE = f"""
[[payers]]
id = "city"
name = {{ zh = "市", en = "city" }}
share = {{ choose = [{{ value = 0.7, when = [{LARGE}] }}, {{ value = 0.6 }}] }}

[[payers]]
id = "district"
name = {{ zh = "区", en = "district" }}
share = {{ minus = [1, {{ choose = [{{ value = 0.7, when = [{LARGE}] }}, {{ value = 0.6 }}] }}] }}
"""


def at_most(limit: str) -> str:
    return f'[[caps]]\nid = "x"\nat_most = {" ".join(limit.split())}'


ABOVE = "principal 1000.01, limit > 1000.00"
UP_TO = "principal 1000.00, limit > 1000.00"
DAY = "payout date {}, limit ≥ {}"


@pytest.mark.parametrize(
    ("parts", "claim", "line", "said"),
    [
        ([CAP], {"principal": "1000.01"}, "cap_x", [f"applies: {ABOVE}"]),
        ([CAP], {}, "compensation_after_x", [f"does not apply: {UP_TO}"]),
        (
            [CAP.replace("at_most", 'on = "base"\nat_most')],
            {"principal": "1000.01"},
            "counted_cap_x",
            [f"applies: {ABOVE}"],
        ),
        (
            [CAP.replace("at_most", 'on = "base"\nat_most')],
            {},
            "base_after_x",
            [f"does not apply: {UP_TO}"],
        ),
        ([at_most(CHOSEN)], {"principal": "1000.01"}, "choose_1", [f"item 1 applies: {ABOVE}"]),
        ([at_most(CHOSEN)], {}, "choose_1", [f"item 1 does not apply: {UP_TO}"]),
        (
            [at_most(DATED)],
            {"payout_date": "2022-06-01"},
            "values_1",
            ["item 1 applies: payout date 2022-06-01, limit ≥ 2022-01-01 and < 2022-06-02"],
        ),
        (
            [at_most(DATED)],
            {"payout_date": "2022-06-02"},
            "values_1",
            ["item 2 applies: payout date 2022-06-02, limit ≥ 2022-06-02"],
        ),
        ([ADDITION], {"principal": "1000.01"}, "points_more", [f"applies: {ABOVE}"]),
        ([ADDITION], {}, "points_more", [f"does not apply: {UP_TO}"]),
        ([PAYERS], {"principal": "1000.01"}, "paid_by_city", [f"item 1 applies: {ABOVE}"]),
        (
            [PAYERS],
            {},
            "paid_by_city",
            ["item 2 applies: principal 1000.00, limit not (principal > 1000.00)"],
        ),
        ([CHOSEN_SHARE], {"principal": "1000.01"}, "choose_1", [f"item 1 applies: {ABOVE}"]),
        ([CHOSEN_SHARE], {}, "choose_1", [f"item 1 does not apply: {UP_TO}"]),
        (
            [PAYERS],
            {"principal": "1000.01"},
            "paid_by_district",
            ["does not apply: principal 1000.01, limit not (principal > 1000.00)"],
        ),
    ],
)
def test_each_element_that_may_not_apply(
    parts: list[str], claim: Mapping[str, str], line: str, said: list[str]
) -> None:
    assert why(assessed(policy(*parts), claim), line) == said


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ({"principal": "1000.01"}, [f"item 1 applies: {ABOVE}"]),
        ({"place": "东区"}, [f"item 1 does not apply: {UP_TO}", "item 2 applies: place {}"]),
        ({"place": "西区"}, [f"item 1 does not apply: {UP_TO}", "item 2 does not apply: place {}"]),
    ],
)
def test_a_base_is_told_with_those_before_it(claim: Mapping[str, str], said: list[str]) -> None:
    place = f"{claim.get('place')}, limit 东区"
    rules = policy_of_texts({POLICY_TEXT: "\n".join([HEAD, BASES, f"[rates]\n{HALF}", PLACE])})
    told = why(assessed(rules, {"place": "", **claim}), "base")
    assert told == [each.format(place) for each in said]


def test_a_settlement_tells_the_same_of_the_claim_in_its_own_row() -> None:
    claims = [{"principal": "1000"}, {"principal": "999.99"}]
    own = policy(rates=FIRST)
    settled = settle(portfolio_of_frames(**frames(*claims)), [own], "2022-12-31")
    (line,) = (line for line in settled.explain("c2").arithmetic if line.name == "rate")
    assert [each.en for each in line.why] == ["tier 1 applies: principal 999.99, limit ≤ 999.99"]


def test_a_single_case_tells_the_same() -> None:
    claim = {name: value for name, value in CLAIM.items() if name != "contract_id"}
    shares = {"institution": "0.6", "lender": "0.4"}
    found = decide_claim(policy(rates=FIRST), {}, {**claim, "shares": shares})
    said = next(line.why for line in found.explanation.arithmetic if line.name == "rate")
    assert said[0].zh == "第 1 档不适用：代偿本金 1000.00，要求 ≤ 999.99"
    line = next(line for line in found.as_dict("zh")["explanation"] if line["name"] == "rate")
    assert line["why"] == [each.zh for each in said]
    assert "\n    第 2 档适用：" in found.explanation.describe("zh")


def test_nothing_is_evaluated_before_somebody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Test] = []

    def counting(test: Test, evaluator: Evaluates) -> Outcome:
        asked.append(test)
        return evaluate(test, evaluator)

    monkeypatch.setattr(deciding, "evaluate", counting)
    run = assessed(policy(CAP, rates=FIRST), {"principal": "1000.01"}, {"principal": "1000.01"})
    assert not asked
    assert check_why(run.explain("c1").arithmetic) == 3
    tiers_and_cap = len(asked)
    assert check_why(run.explain("c2").arithmetic) == 3
    assert len(asked) == tiers_and_cap == 3


@given(st.integers(-(10**6), 10**6), st.integers(7, 12), st.sampled_from([0, 2, 6]))
def test_a_value_is_shown_so_that_it_falls_on_the_right_side(
    units: int, scale: int, decimals: int
) -> None:
    value = LIMIT + Fraction(units, 10**scale)
    shown = told_apart(value, [LIMIT], decimals)
    assert shown is not None
    assert (Fraction(shown) > LIMIT) == (value > LIMIT)
    assert (Fraction(shown) < LIMIT) == (value < LIMIT)
    assert abs(Fraction(shown) - value) <= Fraction(1, 2 * 10**decimals)


def test_a_value_that_no_decimal_tells_from_its_limit_is_a_fraction() -> None:
    assert told_apart(LIMIT + Fraction(1, 10**13), [LIMIT], 6) is None


@pytest.mark.parametrize("id_", ["guangzhou-2025", "chongqing-small-loans", "fujian-2008"])
def test_the_worked_cases_of_shipped_policies_read_true(id_: str) -> None:
    shipped = load_policy(id_)
    read = 0
    for case in read_cases(cases_beside(id_), shipped):
        run = assess_case(shipped, case)
        for claim in run.claims["claim_id"]:
            lines = run.explain(claim).arithmetic
            said = {line.name: line.why for line in lines if line.why}
            assert said or not run.claims.set_index("claim_id").loc[claim, "eligible"]
            read += check_why(lines) + len(said)
    assert read > 10
