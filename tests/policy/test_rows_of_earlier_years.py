"""Figures of earlier years made of values by year: their rows say whether there is one."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation import Assessment, InputFaults, Policy, assess_frames
from compensation.policy.catalogue import POLICY_TEXT, policy_of_texts
from compensation.policy.years_read import CONTRACTS, is_of_contracts, years_read
from compensation.policy_tools.doubts import doubts
from tests.policy.test_small_policies import CONTRACT, columns

TEXT = """format = 2
id = "banks"
name = {{ zh = "银行" }}
issuer = {{ zh = "区财政局" }}
basis = "text"
clause = "第五条"
record = "institution"
beneficiary = {{ name = {{ zh = "银行" }} }}
review = {{ required = [] }}
document = {{ title = {{ zh = "办法" }} }}
effective = {{ from = 2019-01-01 }}
{}
{}
[base]
value = {}
[rates]
tiers = [{{ rate = 1 }}]
"""
INDICATOR = '[[indicators]]\nid = "{}"\nname = {{ zh = "{}" }}\nvalue = {}\n'
NPL = '"institution_years.npl"'
DIRECT = INDICATOR.format(
    "average",
    "平均",
    "{ over = [{ sum = ["
    + ", ".join(f"{{ year_before = {NPL}, years = {back} }}" for back in (1, 2, 3))
    + "] }, 3] }",
)
STEP_BY_STEP = (
    INDICATOR.format("one", "上年", f"{{ year_before = {NPL} }}")
    + INDICATOR.format("two", "前年", '{ year_before = "indicator.one" }')
    + INDICATOR.format("three", "三年前", '{ year_before = "indicator.one", years = 2 }')
    + INDICATOR.format(
        "average",
        "平均",
        '{ over = [{ sum = ["indicator.one", "indicator.two", "indicator.three"] }, 3] }',
    )
)
AS_A_WHOLE = INDICATOR.format("now", "本年", f"{{ times = [{NPL}, 1] }}") + INDICATOR.format(
    "average",
    "平均",
    "{ over = [{ sum = ["
    + ", ".join(f'{{ year_before = "indicator.now", years = {back} }}' for back in (1, 2, 3))
    + "] }, 3] }",
)
GROWTH = f'{{ max = [0, {{ minus = [{NPL}, "indicator.average"] }}] }}'


def policy(indicators: str, base: str, **typed: str) -> Policy:
    return policy_of_texts(
        {POLICY_TEXT: TEXT.format(columns("institution_years", **typed), indicators, base)}
    )


AVERAGES = [policy(each, GROWTH, npl="money") for each in (DIRECT, STEP_BY_STEP, AS_A_WHOLE)]


def run(of: Policy, column: str, values: dict[int, str], start: str | None = None) -> Assessment:
    """Assess a bank in 2023 by its rows; `start`: of a contract, where there is a file of them."""
    tables = {
        "institutions": [{"institution_id": "A", "government_backed": "no"}],
        "institution_years": [
            {"institution_id": "A", "year": str(year), column: value}
            for year, value in values.items()
        ],
    }
    if start is not None:
        tables["contracts"] = [{**CONTRACT, "start_date": start}]
    return assess_frames({name: pd.DataFrame(rows) for name, rows in tables.items()}, of, 2023)


def fen(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02d}"


@given(
    st.lists(st.one_of(st.none(), st.integers(0, 10**6)), min_size=3, max_size=3),
    st.integers(0, 2 * 10**6),
    st.sampled_from([None, "2019-01-01", "2023-06-01"]),
)
def test_an_average_of_three_years_goes_by_their_rows(
    earlier: list[int | None], now: int, start: str | None
) -> None:
    rows = {2020 + n: fen(each) for n, each in enumerate(earlier) if each is not None}
    known = [each for each in earlier if each is not None]
    growth = max(Fraction(0), Fraction(now) - Fraction(sum(known), 3))
    whole = (2 * growth.numerator + growth.denominator) // (2 * growth.denominator)
    for of in AVERAGES:
        found = run(of, "npl", {**rows, 2023: fen(now)}, start)
        (case,) = found.claims.to_dict("records")
        assert bool(case["eligible"]) == (len(known) == 3)
        assert case["compensation"] == Fraction(whole if len(known) == 3 else 0, 100)
        told = [w.describe("en") for w in found.warnings if w.kind == "no_value_before"]
        assert len(told) == 3 - len(known)
        for n, each in enumerate(earlier):
            assert any(f"and {2020 + n}:" in said for said in told) == (each is None)


@pytest.mark.parametrize(("now", "due"), [(29_999, "0"), (30_000, "0"), (30_001, "0.01")])
def test_growth_over_the_average_one_fen_around_it(now: int, due: str) -> None:
    for of in AVERAGES:
        found = run(of, "npl", {2020: "100", 2021: "300", 2022: "500", 2023: fen(now)})
        assert found.claims["compensation"].tolist() == [Fraction(due)]


GRADE = INDICATOR.format(
    "grade",
    "等级",
    "{ choose = ["
    '{ value = 3, when = [{ value = "institution_years.score", at_least = 75 }] }, '
    '{ value = 2, when = [{ value = "institution_years.score", at_least = 60 }] }, '
    "{ value = 1 }] }",
)
GRADE_BEFORE = INDICATOR.format("before", "上年等级", '{ year_before = "indicator.grade" }')
HALVED = (
    "{ times = [{ yuan = 100 }, { choose = ["
    '{ value = 0.5, when = [{ value = "indicator.before", at_most = 2 }] }, { value = 1 }] }] }'
)
HALVING = policy(GRADE + GRADE_BEFORE, HALVED, score="decimal")


@pytest.mark.parametrize(
    ("score", "due", "told"),
    [("74.9", 50, 0), ("75", 100, 0), ("59.9", 50, 0), ("", 50, 0), (None, 100, 1)],
)
def test_a_row_that_is_missing_is_not_the_last_choice(
    score: str | None, due: int, told: int
) -> None:
    rows = {2023: "80"} if score is None else {2022: score, 2023: "80"}
    for start in (None, "2019-01-01"):
        found = run(HALVING, "score", rows, start)
        assert found.claims["compensation"].tolist() == [due]
        assert len([w for w in found.warnings if w.kind == "without_value"]) == told
        if score is None and start:
            explained = found.explain_institution("A").describe("en")
            assert "no contract had begun" not in explained


def test_a_figure_that_nothing_but_contracts_say_needs_some() -> None:
    for value, of_contracts in (
        (NPL, False),
        ('{ measure = "closing_balance" }', True),
        (f'{{ sum = [{NPL}, {{ measure = "closing_balance" }}] }}', True),
        ("{ yuan = 1 }", True),
    ):
        text = INDICATOR.format("x", "数", f"{{ times = [{value}, 1] }}") + INDICATOR.format(
            "before", "上年", '{ year_before = "indicator.x" }'
        )
        of = policy(text, '"indicator.before"', npl="money")
        assert is_of_contracts(years_read(of.rules, "indicator.x")) == of_contracts
        read = years_read(of.rules, "indicator.before")
        assert ((CONTRACTS, 1) in read) == of_contracts
        asked = [each for each in doubts(of) if "without contracts" in each.message.en]
        assert bool(asked) == of_contracts


def test_what_choices_test_keeps_no_case_from_being_eligible() -> None:
    earlier = INDICATOR.format(
        "earlier", "上年占比", '{ year_before = "indicator.small_agri_share" }'
    )
    chosen = (
        "{ choose = [{ value = { yuan = 50 }, "
        'when = [{ value = "indicator.earlier", above = 0.05 }] }, { value = { yuan = 100 } }] }'
    )
    of = policy(
        earlier + INDICATOR.format("award", "奖励", chosen), '"indicator.award"', npl="money"
    )
    assert not [each for each in doubts(of) if "without contracts" in each.message.en]
    assert [each for each in doubts(of) if "may be blank or undefined" in each.message.en]
    found = run(of, "npl", {2023: "1"}, "2023-06-01")
    assert found.claims["compensation"].tolist() == [100]


def test_the_row_of_this_year_is_needed_beside_that_of_the_year_before() -> None:
    growth = INDICATOR.format("growth", "增加", f"{{ minus = [{NPL}, {{ year_before = {NPL} }}] }}")
    of = policy(growth, '{ max = [0, "indicator.growth"] }', npl="money")
    rules = of.rules
    assert years_read(rules, "indicator.growth") == {(NPL.strip('"'), 0), (NPL.strip('"'), 1)}
    assert run(of, "npl", {2022: "1", 2023: "3"}).claims["compensation"].tolist() == [2]
    with pytest.raises(InputFaults) as refused:
        run(of, "npl", {2022: "1"})
    assert [fault.kind for fault in refused.value.faults] == ["no_row_of_year"]
