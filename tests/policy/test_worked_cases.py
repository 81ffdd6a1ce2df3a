"""What the shipped policies come to, worked out by hand: the cases in the package."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from compensation import Assessment
from compensation.policy.catalogue import list_policies, load_policy
from compensation.policy.wording import describe_quantity
from compensation.policy_tools.worked_cases import (
    WORKED,
    WorkedCase,
    assess_case,
    cases_beside,
    read_cases,
    run_case,
)
from tests.explanation.recompute import recomputed


def cases_of(policy: str) -> tuple[WorkedCase, ...]:
    return read_cases(cases_beside(policy), load_policy(policy))


def cases() -> list[Any]:
    return [
        pytest.param(path.stem, case, id=f"{path.stem}: {case.name}")
        for path in sorted(WORKED.glob("*.toml"))
        for case in cases_of(path.stem)
    ]


def assessed(policy: str, name: str) -> Assessment:
    """Assess the first case of a policy whose name begins so."""
    case = next(case for case in cases_of(policy) if case.name.startswith(name))
    return assess_case(load_policy(policy), case)


def test_every_file_is_of_a_policy_of_the_package() -> None:
    assert {path.stem for path in WORKED.glob("*.toml")} <= set(list_policies())


@pytest.mark.parametrize(("policy", "case"), cases())
def test_a_worked_case(policy: str, case: WorkedCase) -> None:
    outcome = run_case(load_policy(policy), case)
    assert outcome.faults is None
    assert [cell for cell in outcome.cells if not cell.same] == []
    assessment = assess_case(load_policy(policy), case)
    compensation = case.expected["compensation"]
    assert set(compensation) == set(assessment.claims["claim_id"])
    for id_, expected in compensation.items():
        values = recomputed(assessment.explain(id_).arithmetic)
        assert values["compensation"] == Fraction(str(expected))


def test_a_cap_is_explained_where_it_applies() -> None:
    """A limit that is not for a claim is not among its lines."""
    assessment = assessed("guangzhou-2025", "a payout that counts in part")
    lines = {line.name: line for line in assessment.explain("c2").arithmetic}
    assert lines["cap_payouts_of_guarantor"].value == "3000000.00"
    assert lines["base_after_losses_of_bank"].title.en == "this cap is not for the claim"
    assert not {"cap_losses_of_bank", "counted_cap_losses_of_bank", "number_0_15"} & set(lines)
    lines = {
        line.name: line for line in assessed("guangzhou-2025", "1.5 b").explain("c1").arithmetic
    }
    assert "cap_both_lines" in lines
    assert not {"cap_guarantee_line", "used_cap_guarantee_line"} & set(lines)


def test_points_that_change_by_date_are_percentages() -> None:
    policy = load_policy("equipment-renewal-2024")
    said = describe_quantity(policy, policy.rules.rates.tiers[0].rate)
    assert said.en == (
        "(1% (from 2024-01-01), 1.5% (from 2024-07-25), by start date) × (days subsidised / 365)"
    )
