"""A year under several policies, beside the oracle that decides under each of them alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compensation import InputFaults, JointAssessment, assess, assess_policies
from tests import oracle
from tests.assessing import rows_of
from tests.conftest import DEPTH
from tests.ledgers_of_years import PERIODS, random_ledger, random_portfolio
from tests.oracle_reading import Row, Tables, money, money_text, read
from tests.oracle_settlement import Rules, returned
from tests.settling import POLICIES, input_of, portfolio_of, trial, trial_rules

YEAR = 2022
seeds = st.integers(0, 2**32 - 1)
Days = list[tuple[str, str | None]]


def results_of(found: JointAssessment) -> Tables:
    return {name: rows_of(table) for name, table in found.tables.items()}


def decided_by(tables: Tables, rules: list[Rules]) -> tuple[list[Row], dict[str, Tables]]:
    """The year's claims with their policy, and what the oracle says under each that covers it."""
    under = {}
    for each in rules:
        try:
            under[each.id] = oracle.assess(tables, YEAR, None, each.decides)
        except ValueError:
            continue
    claims = []
    for place, row in enumerate(next(iter(under.values()))["claims"]):
        day = date.fromisoformat(row["payout_date"])
        own = next((each.id for each in rules if each.decides.covers(day)), None)
        if own is None:
            nothing = dict.fromkeys(("base", "compensation", "payable"), "0.00")
            blank = {"eligible": "false", "reasons": "", "rate": "", "status": "not_covered"}
            claims.append({**row, **nothing, **blank, "policy": ""})
        else:
            claims.append({**under[own]["claims"][place], "policy": own})
    return claims, under


def shared(claims: list[Row], budget: str | None) -> None:
    payables = {row["claim_id"]: money(row["payable"]) for row in claims}
    if budget is not None:
        payables = oracle.within_budget(payables, money(budget))
    for row in claims:
        row["payable"] = money_text(payables[row["claim_id"]])


@pytest.mark.slow
@given(seeds, st.sampled_from(PERIODS), st.sampled_from([None, "0.00", "0.05", "1000.00"]))
@settings(max_examples=10 * DEPTH)
def test_claims_and_institutions_as_each_policy_alone(
    seed: int, period: Days, budget: str | None
) -> None:
    tables = random_portfolio(seed)
    claims, under = decided_by(tables, trial_rules(*period))
    shared(claims, budget)
    found = results_of(assess_policies(portfolio_of(tables), trial(*period), YEAR, budget))
    assert found["claims"] == claims
    expected = []
    for place, institution in enumerate(tables["institutions"]):
        for id_, results in under.items():
            row = dict(results["institutions"][place])
            own = [
                claim
                for claim in claims
                if (claim["institution_id"], claim["policy"])
                == (institution["institution_id"], id_)
            ]
            row["claims"] = str(len(own))
            row["eligible_claims"] = str(sum(claim["eligible"] == "true" for claim in own))
            for name in ("compensation", "payable"):
                row[name] = money_text(sum(money(claim[name]) for claim in own))
            expected.append({**row, "policy": id_})
    assert found["institutions"] == expected
    check_returns(tables, trial_rules(*period), claims, found["returns"])


def check_returns(tables: Tables, rules: list[Rules], claims: list[Row], found: list[Row]) -> None:
    """What recoveries return to government in all, by the returns of each claim's own policy."""
    portfolio = read(tables)
    payable = {row["claim_id"]: money(row["payable"]) for row in claims}
    for claim in portfolio.claims:
        policy = next((each for each in rules if each.decides.covers(claim.day)), None)
        government = claim.paid + payable.get(claim.id, 0)
        weights = [government, *claim.borne]
        weights[1 + portfolio.parties.index("institution")] -= government
        recoveries = [r for r in portfolio.recoveries if r.claim_id == claim.id]
        net_of_costs = policy is None or policy.net_of_costs
        rows = [row for row in found if row["claim_id"] == claim.id]
        sums = tuple(
            sum(money(row[name]) for row in rows)
            for name in ("distributed", "surplus", "to_government")
        )
        assert sums == returned(claim, recoveries, weights, net_of_costs)


@pytest.mark.slow
@given(seeds)
@settings(max_examples=5 * DEPTH)
def test_one_policy_alone_gives_what_assess_gives(seed: int) -> None:
    portfolio, (policy, _) = portfolio_of(random_ledger(seed)), trial()
    alone = assess(portfolio, policy, YEAR, "1000", as_of="2023-05-31")
    found = assess_policies(portfolio, [policy], YEAR, "1000", as_of="2023-05-31")
    for name in ("claims", "institutions"):
        assert found.tables[name].drop_columns("policy").equals(alone.tables[name])
    totals = dict(found.summary["totals"])
    names = ("compensation", "payable", "claims", "eligible_claims", "eligible_institutions")
    assert {name: totals[name] for name in names} == {
        name: alone.summary["totals"][name] for name in names
    }
    assert found.summary["input_digest"] == alone.input_digest


def test_policies_that_do_not_fit_together_are_refused() -> None:
    portfolio, both = portfolio_of(input_of("trial-1")), trial()
    for policies, year in (([both[0], both[0]], 2022), (both, 2021), ([], 2022)):
        with pytest.raises(InputFaults):
            assess_policies(portfolio, policies, year)
    with pytest.raises(TypeError, match="Portfolio"):
        assess_policies(input_of("trial-1"), both, 2022)  # type: ignore[arg-type]
    found = assess_policies(portfolio, sorted(POLICIES.glob("*.toml")), 2022)
    assert [policy["id"] for policy in found.summary["policies"]] == ["trial-2022", "trial-2024"]
    assert len(found.institutions) == 1
    assert len(found.claims) == 2
    assert isinstance(POLICIES, Path)
