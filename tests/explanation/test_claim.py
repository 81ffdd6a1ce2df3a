"""Every number of a claim's explanation follows from the lines above it and equals the result."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from compensation import decide_claim
from compensation.assessment import assess
from compensation.explanation.lines import Line
from compensation.ledger.portfolio_input import read_portfolio
from compensation.report.wording import Reasons
from compensation.rules.steps import names_in_formulas
from tests import oracle, oracle_luoyang
from tests.assessing import EXAMPLE_NAMES, EXAMPLES, assessed, params
from tests.conftest import DEPTH, seeds
from tests.explanation.checks import check_claims, values_of
from tests.explanation.recompute import recomputed
from tests.oracle_reading import Tables, money, money_text
from tests.policy.test_small_policies import assessed as small_portfolio
from tests.policy.test_small_policies import small
from tests.portfolios import portfolios_with_budgets, random_portfolio
from tests.portfolios_luoyang import random_luoyang_portfolio


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLE_NAMES)
def test_every_claim_of_the_examples(name: str) -> None:
    run = params(name)
    portfolio = read_portfolio(EXAMPLES / name / "input")
    assert check_claims(assess(portfolio, "jiyuan-2022", run["year"], run["budget"])) > 80


def binding_budget(results: Tables) -> str:
    total = sum(money(row["payable"]) for row in results["claims"])
    return money_text(total * 2 // 3)


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(100, 108))
def test_random_portfolios_with_a_budget_that_binds(seed: int) -> None:
    tables = random_portfolio(seed)
    budget = binding_budget(oracle.assess(tables))
    assert check_claims(assessed(tables, 2022, budget))


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(100, 108))
def test_random_portfolios_under_luoyang(seed: int) -> None:
    tables = random_luoyang_portfolio(seed)
    budget = binding_budget(oracle_luoyang.assess(tables)) if seed % 2 else None
    assert check_claims(assessed(tables, 2025, budget, "luoyang-2025"))


@pytest.mark.slow
@given(portfolios_with_budgets())
@settings(max_examples=8 * DEPTH, suppress_health_check=[HealthCheck.too_slow])
def test_small_portfolios(case: tuple[Tables, str | None]) -> None:
    tables, budget = case
    check_claims(assessed(tables, 2022, budget))


def test_a_claim_as_people_read_it() -> None:
    """Each line with names, with numbers and with its value; clause and basis in both languages."""
    assessment = assess(
        read_portfolio(EXAMPLES / "seed-2" / "input"),
        "jiyuan-2022",
        2022,
        params("seed-2")["budget"],
    )
    paid = assessment.claims[assessment.claims["payable"] > 0]
    explanation = assessment.explain(paid["claim_id"].iloc[0])
    zh, en = explanation.describe("zh"), explanation.describe("en")
    values = values_of(explanation.arithmetic)
    assert zh.splitlines()[0] == f"代偿 {explanation.claim_id}：审核通过"
    assert en.splitlines()[0] == f"Claim {explanation.claim_id}: approved"
    percents = {"0.200000": "20%", "0.150000": "15%", "0.100000": "10%"}
    percent = percents[values["rate"]]
    rate = f"half_up({values['base']} × {percent}) = {values['compensation_at_rate']}"
    shared = f"floor({values['due']} × {values['budget']} / {values['total_due']})"
    for text in (zh, en):
        assert rate in text
        assert shared in text
        assert "三（九）2" in text
    assert "原文" in zh
    assert "假定" in zh
    assert "[满足]" in zh
    assert "text:" in en
    assert "assumption:" in en
    assert "[met]" in en


@pytest.mark.slow
def test_what_is_not_met_is_said_with_both_numbers() -> None:
    tables = random_portfolio(1)
    assessment = assessed(tables)
    claims = assessment.claims
    over = claims[claims["borrower_exposure"] > 5_000_000]
    explanation = assessment.explain(over["claim_id"].iloc[0])
    (line,) = [c for c in explanation.conditions if c.id == "borrower_exposure"]
    exposure = f"{over['borrower_exposure'].iloc[0]:f}"
    assert line.actual is not None
    assert line.actual.zh == exposure
    assert "5000000.00" in line.limit.zh
    assert line.gap == money_text(money(exposure) - 500_000_000)
    assert line.describe("zh").startswith("[不满足] 单户担保余额 borrower_exposure")
    assert line.describe("en").startswith("[not met] borrower_exposure")
    assert line.as_dict("en")["gap"] == line.gap


ODD_PARTIES = ["city-fund", "A&B", "县 级", "1", "governments", "担保局"]


@pytest.mark.slow
def test_parties_of_any_name() -> None:
    """A name that no formula can hold is numbered there, and stands in the title as it is."""
    tables = random_portfolio(7)
    for row in tables["contracts"]:
        for column in [name for name in row if name.startswith("share_")]:
            del row[column]
        row["share_institution"] = "0.4"
        for party in ODD_PARTIES:
            row[f"share_{party}"] = "0.1"
    for row in tables["claims"]:
        row["compensation_paid"] = ""
    assessment = assessed(tables)
    assert len(assessment.portfolio.parties) == 7
    results = assessment.claims
    for claim_id in results["claim_id"]:
        explanation = assessment.explain(claim_id)
        values_of(explanation.arithmetic)
        values_of(explanation.recoveries)
        assert "city-fund" in explanation.describe("zh")


def test_names_in_formulas_differ() -> None:
    names = names_in_formulas(("institution", "a-b", "1", "a_b", "银行"))
    assert list(names.values()) == ["institution", "party_2", "party_3", "a_b", "银行"]


# The recomputation itself is worth nothing if it lets wrong lines through.


@pytest.mark.slow
@pytest.mark.parametrize("change", ["value", "terms", "formula", "order"])
def test_recomputing_notices_a_wrong_line(change: str) -> None:
    tables = random_portfolio(3)
    assessment = assessed(tables)
    explanation = assessment.explain(assessment.claims["claim_id"].iloc[0])
    lines = list(explanation.arithmetic)
    place = next(k for k, line in enumerate(lines) if line.name == "payout")
    wrong: dict[str, Line] = {
        "value": replace(lines[place], value=money_text(money(lines[place].value) + 1)),
        "terms": replace(lines[place], terms={"principal": "0.01", "interest": "0.01"}),
        "formula": replace(lines[place], formula="principal + interest + 1"),
    }
    if change == "order":
        lines = lines[place:] + lines[:place]
    else:
        lines[place] = wrong[change]
    with pytest.raises((AssertionError, KeyError)):
        recomputed(lines)


OF_INSTITUTIONS = """
[[institution_conditions]]
id = "rate"
clause = "三"
value = "indicator.payout_rate"
at_most = 0.05
[[institution_conditions]]
id = "backed"
clause = "四"
value = "institutions.government_backed"
is = true
"""
CASE: dict[str, Any] = {
    "principal": 1000,
    "payout_date": "2022-06-01",
    "borrower_type": "small_enterprise",
    "shares": {"institution": "0.6", "lender": "0.4"},
}


def test_what_the_institution_does_not_meet_stands_with_its_claims() -> None:
    policy = small(OF_INSTITUTIONS)
    figures: dict[str, Any] = {"payout_rate": "0.06", "government_backed": False}
    (line,) = [
        each
        for each in decide_claim(policy, figures, CASE).explanation.conditions
        if each.id == "institution"
    ]
    assert line.why.zh == (
        "机构未满足：代偿率不超过 5%（实际 6%）〔三〕；政府性融资担保机构为“是”（实际 否）〔四〕"
    )
    assert "payout rate at most 5% (actual 6%) [三]" in line.describe("en")
    run = small_portfolio(policy, {})
    (line,) = [each for each in run.explain("c1").conditions if each.id == "institution"]
    assert line.why.zh == (
        "机构未满足：代偿率不超过 5%（实际 无法计算：分母（本年解除担保额）为 0）〔三〕"
    )
    said = Reasons(policy).explain("claims", "institution", "rate")
    assert said == "机构当年符合补偿条件（机构未满足：代偿率不超过 5%）"
