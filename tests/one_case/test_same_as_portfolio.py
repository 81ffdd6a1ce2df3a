"""A single case comes to what its row of a portfolio comes to, line by line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from compensation import decide_claim, examine_claim, judge_institution, share_recoveries
from compensation.assessment import Assessment, assess
from compensation.one_case.claim import DecidedClaim
from compensation.policy.catalogue import load_policy
from tests.assessing import assessed, portfolio_of, results_of
from tests.explanation.test_other_policies import INVENTED, portfolio_for
from tests.one_case.feeding import (
    Case,
    NotSayable,
    alone,
    claim_of,
    institution_of,
    recoveries_of,
    shares_of,
)
from tests.oracle_reading import Row, money_text
from tests.portfolio_rows import MOST
from tests.portfolios import random_portfolio
from tests.portfolios_luoyang import random_luoyang_portfolio

HENAN = "henan-provincial-2020"
RATIOS_OF_ITS_OWN = {"indicator-variants"}
"""Tests ratios that no standard amounts give, and whose exact values six decimals cannot say."""


def check_claims(assessment: Assessment) -> int:
    """Decide every claim of the year as a single case; return how many there were."""
    rows, policy = results_of(assessment)["claims"], assessment.policy
    compared = 0
    for place, row in enumerate(rows):
        institution = int(assessment.cases.institution[place])
        try:
            figures, claim = institution_of(assessment, institution), claim_of(assessment, place)
        except NotSayable:
            continue
        if not alone(assessment, place):
            continue
        decided = decide_claim(policy, figures, claim)
        assert as_row(decided, row) == row
        portfolios_own = assessment.explain(row["claim_id"])
        assert decided.explanation.conditions == portfolios_own.conditions
        assert decided.explanation.arithmetic == portfolios_own.arithmetic
        assert decided.explanation.describe("zh") == without_recoveries(
            portfolios_own.describe("zh")
        )
        check_examined(assessment, decided, figures, claim)
        compared += 1
    return compared


def without_recoveries(text: str) -> str:
    head, found, rest = text.partition("\n追偿返还（元）\n")
    return head + "\n" + rest.splitlines()[-1] if found else text


def as_row(decided: DecidedClaim, row: Row) -> Row:
    """The row of the result table, with what a single case says in its cells."""
    said = decided.as_dict("zh")
    cells = {name: said[name] for name in ("payout", "base", "compensation", "status", "payable")}
    payers = {f"payable_{payer}": amount for payer, amount in said["payers"].items()}
    return (
        row
        | cells
        | payers
        | {
            "eligible": "true" if decided.eligible else "false",
            "reasons": ";".join(decided.reasons),
            "rate": said["rate"] or "",
        }
    )


def check_examined(
    assessment: Assessment, decided: DecidedClaim, figures: Case, claim: Case
) -> None:
    """Examined alone, also without amounts, it says the same of its conditions."""
    examined = examine_claim(assessment.policy, figures, claim)
    assert examined.conditions == decided.explanation.conditions
    refusing = {cap.id for cap in assessment.policy.rules.caps if cap.exceeding == "refuse"}
    assert examined.reasons == tuple(r for r in decided.reasons if r not in refusing)
    if decided.eligible:
        assert (examined.eligible, examined.rate) == (True, decided.rate)


def check_institutions(assessment: Assessment) -> int:
    rows = results_of(assessment)["institutions"]
    compared = 0
    for place, row in enumerate(rows):
        try:
            figures = institution_of(assessment, place)
        except NotSayable:
            continue
        judged = judge_institution(assessment.policy, figures, assessment.year)
        assert ("true" if judged.eligible else "false") == row["eligible"]
        assert ";".join(judged.reasons) == row["reasons"]
        assert ("" if judged.rate is None else f"{judged.rate:f}") == row["rate"]
        ours, theirs = judged.explanation, assessment.explain_institution(row["institution_id"])
        for part in ("institution_id", "name", "eligible", "tier", "rate", "conditions"):
            assert getattr(ours, part) == getattr(theirs, part), part
        assert ours.indicators == theirs.indicators
        assert (ours.next_tier is None) == (theirs.next_tier is None)
        if ours.next_tier is not None and theirs.next_tier is not None:
            assert ours.next_tier.conditions == theirs.next_tier.conditions
            assert ours.next_tier.rate == theirs.next_tier.rate
        compared += 1
    return compared


def check_returns(assessment: Assessment) -> int:
    """Share the recoveries of every claim of the input; return how many rows there were."""
    portfolio, recovered = assessment.portfolio, assessment.recovered
    rows = {row["recovery_id"]: row for row in results_of(assessment)["returns"]}
    for claim in range(portfolio.rows("claims")):
        given_ = recoveries_of(assessment, claim)
        shares = shares_of(assessment, portfolio.shares[portfolio.links.claim_contract[claim]])
        payout = int(assessment.inputs.books.payout[claim])
        if payout > MOST:
            continue
        paid = int(recovered.weights[claim, 0])
        amounts = money_text(payout), money_text(paid)
        shared = share_recoveries(*amounts, shares, given_, assessment.policy)
        for row in shared.as_dict()["returns"]:
            expected = dict(rows[row["recovery_id"]])
            del expected["claim_id"]
            assert row == expected
        places = np.flatnonzero(assessment.claim_rows == claim).tolist()
        if given_ and places:
            claim_id = portfolio.column("claims", "claim_id")[claim].as_py()
            assert assessment.explain(claim_id).recoveries == shared.explanation
    return len(rows)


def check_all(assessment: Assessment) -> None:
    assert check_claims(assessment)
    assert check_institutions(assessment)
    check_returns(assessment)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(300, 303))
def test_random_portfolios(seed: int) -> None:
    check_all(assessed(random_portfolio(seed, 40, big=False)))


@pytest.mark.slow
def test_amounts_whose_products_pass_any_machine_integer() -> None:
    compared = [check_claims(assessed(random_portfolio(s, 12, big=True))) for s in range(12)]
    assert sum(compared) > 20


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(300, 303))
def test_random_portfolios_under_luoyang(seed: int) -> None:
    check_all(assessed(random_luoyang_portfolio(seed, 40), 2025, None, "luoyang-2025"))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(300, 302))
def test_random_portfolios_under_henan(seed: int) -> None:
    """The reguarantor is paid; what was paid before is left out, as it is of another party."""
    tables = random_portfolio(seed, 40, big=False)
    for row in tables["contracts"]:
        for column in [name for name in row if name.startswith("share_")]:
            del row[column]
        row |= {
            "share_institution": "0.4",
            "share_reguarantor": "0.4",
            "share_national_fund": "0.2",
        }
    for row in tables["claims"]:
        row["compensation_paid"] = ""
    check_all(assess(portfolio_of(tables), HENAN, 2022))


@pytest.mark.slow
@pytest.mark.parametrize("path", INVENTED, ids=lambda path: path.stem)
def test_every_invented_policy(path: Path) -> None:
    policy = load_policy(path)
    assessment = assess(portfolio_of(portfolio_for(policy, 1)), policy, 2024)
    compared = check_claims(assessment) + check_institutions(assessment)
    assert bool(compared) == (path.stem not in RATIOS_OF_ITS_OWN)
    check_returns(assessment)
