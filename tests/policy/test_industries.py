"""Tests of industries by the national classification: codes, names, and classes of classes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from compensation import assess_frames, decide_claim
from compensation.one_case.faults import CaseFaults
from compensation.policy.catalogue import Policy
from compensation.policy.faults import PolicyFaults
from tests.one_claim import faults
from tests.policy.test_small_policies import CLAIM, CONTRACT, small

EXCLUDED = """[[claim_conditions]]
id = "industry"
not = { value = "contracts.industry", one_of = ["房地产业", "J"] }
"""
COUNTED = """[[indicators]]
id = "manufacturing"
name = { zh = "制造业余额", en = "manufacturing" }
value = { measure = "closing_balance", where = [
    { value = "contracts.industry", one_of = ["C"] },
] }

[[institution_conditions]]
id = "manufacturing"
value = "indicator.manufacturing"
at_least = 1
"""


def run(policy: Policy, *industries: str) -> list[dict[Any, Any]]:
    numbered = list(enumerate(industries, 1))
    frames = {
        "institutions": [{"institution_id": "A", "government_backed": "true"}],
        "contracts": [CONTRACT | {"contract_id": f"k{n}", "industry": i} for n, i in numbered],
        "claims": [CLAIM | {"claim_id": f"c{n}", "contract_id": f"k{n}"} for n, _ in numbered],
    }
    made = {name: pd.DataFrame(rows) for name, rows in frames.items()}
    return assess_frames(made, policy, 2022).claims.to_dict("records")


def test_a_class_is_of_its_section_by_code_and_by_name() -> None:
    excluded = [
        "房地产业",
        "K",
        "K70",
        "70",
        "7010",
        "房地产开发经营",
        "Ｋ70",
        "J",
        "金融业",
        "J66",
    ]
    others = ["C", "制造业", "C13", "51", "零售业", "农、林、牧、渔业"]
    rows = run(small(EXCLUDED), *excluded, *others)
    assert [row["reasons"] for row in rows] == [*["industry"] * 10, *[None] * 6]


@pytest.mark.parametrize("industry", ["房地产", "K 房地产业", "X", "K80"])
def test_what_is_not_in_the_classification_is_a_fault(industry: str) -> None:
    (fault,) = faults(run, small(EXCLUDED), "C", industry)
    assert (fault.kind, fault.row, fault.value) == ("industry", 2, industry)


def test_a_class_that_is_only_in_part_of_a_list_is_a_fault() -> None:
    policy = small(EXCLUDED.replace("房地产业", "7010"))
    assert [row["reasons"] for row in run(policy, "7010", "7020")] == ["industry", None]
    (fault,) = faults(run, policy, "K70")
    assert fault.kind == "industry"


def test_a_measure_looks_at_the_industries_of_all_contracts() -> None:
    assert run(small(COUNTED), "C13", "K")[1]["eligible"]
    assert [f.kind for f in faults(run, small(COUNTED), "C13", "工业")] == ["industry"]


def test_a_blank_industry_passes_no_test() -> None:
    assert run(small(EXCLUDED), "")[0]["reasons"] == "industry"


@pytest.mark.parametrize(
    "condition",
    [EXCLUDED.replace("房地产业", "房地产"), EXCLUDED.replace("one_of", "starts_with")],
)
def test_a_policy_names_industries_of_the_classification(condition: str) -> None:
    with pytest.raises(PolicyFaults) as raised:
        small(condition)
    assert [fault.kind for fault in raised.value.faults] in (["unknown_value"], ["operator"])


def test_two_lists_of_which_one_is_part_of_the_other_do_not_contradict() -> None:
    both = EXCLUDED.replace(
        'not = { value = "contracts.industry", one_of = ["房地产业", "J"] }', ""
    )
    tests = [
        both.replace("industry", id_) + f'value = "contracts.industry"\none_of = ["{name}"]\n'
        for id_, name in (("a", "K"), ("b", "7010"))
    ]
    rows = run(small(*tests), "7010", "7020")
    assert [row["reasons"] for row in rows] == [None, "b"]


def test_a_single_case_is_held_to_the_same() -> None:
    institution: dict[str, Any] = {"institution_id": "A", "government_backed": True}
    claim: dict[str, Any] = {"payout_date": "2022-06-01", "principal": "1000", "interest": "0"}
    claim["shares"] = {"institution": "1"}
    decided = decide_claim(small(EXCLUDED), institution, claim | {"industry": "C"})
    assert decided.compensation == Decimal("500.00")
    with pytest.raises(CaseFaults) as raised:
        decide_claim(small(EXCLUDED), institution, claim | {"industry": "房地产"})
    assert [fault.kind for fault in raised.value.faults] == ["industry"]
