"""Tests that are written once and used in several places."""

from __future__ import annotations

import pytest

from compensation.policy.catalogue import POLICY_TEXT, policy_of_texts
from compensation.policy.faults import PolicyFaults
from tests.policy.test_small_policies import HALF, HEAD, first, small

LARGE = '[[tests]]\nid = "large"\nvalue = "claims.principal"\nat_least = 1000'
RATES = 'tiers = [{ rate = 0.4, when = [{ test = "large" }] }, { rate = 0.1 }]'
CONDITION = '[[claim_conditions]]\nid = "size"\n'


@pytest.mark.parametrize(("principal", "due"), [("999.99", 100), ("1000", 400)])
def test_a_named_test_stands_for_what_it_says(principal: str, due: int) -> None:
    written_out = RATES.replace('test = "large"', 'value = "claims.principal", at_least = 1000')
    assert first(small(LARGE, rates=RATES), principal=principal)["compensation"] == due
    assert first(small(rates=written_out), principal=principal)["compensation"] == due


def test_in_conditions_and_in_one_another() -> None:
    both = '[[tests]]\nid = "neither"\nnot = { any = [{ test = "large" }, { test = "paid" }] }'
    paid = '[[tests]]\nid = "paid"\nvalue = "claims.interest"\nabove = 0'
    policy = small(
        paid, both, LARGE, CONDITION + 'test = "neither"\nnote = { zh = "小", en = "s" }'
    )
    assert first(policy, principal="999")["eligible"]
    assert first(policy, principal="1000")["reasons"] == "size"
    assert first(policy, principal="999", interest="1")["reasons"] == "size"
    (condition,) = (each for each in policy.rules.claim_conditions if each.id == "size")
    assert condition.said.en == "s"


INSTITUTIONS = f"""{HEAD}
record = "institution"
base = {{ value = "indicator.micro" }}
rates = {{ {HALF} }}
[[indicators]]
id = "micro"
name = {{ zh = "小微", en = "micro" }}
value = {{ measure = "new_guarantees", where = [{{ test = "micro" }}] }}
[[tests]]
id = "micro"
value = "contracts.borrower_type"
one_of = ["small_micro"]
"""


def test_one_that_only_contracts_of_a_measure_are_asked_is_judged_there() -> None:
    assert policy_of_texts({POLICY_TEXT: INSTITUTIONS}).rules.tests
    condition = '[[claim_conditions]]\nid = "size"\ntest = "micro"'
    for wrong, key in (
        (INSTITUTIONS + condition, "claim_conditions[size].value"),
        (INSTITUTIONS.replace("contracts.b", "claims.b"), "tests[micro].value"),
    ):
        with pytest.raises(PolicyFaults) as caught:
            policy_of_texts({POLICY_TEXT: wrong})
        assert [fault.key for fault in caught.value.faults] == [key]


@pytest.mark.parametrize(
    ("parts", "key"),
    [
        ([LARGE, CONDITION + 'test = "larger"'], "claim_conditions[size].test"),
        ([LARGE, CONDITION + 'test = "large"\nat_most = 5'], "claim_conditions[size].test"),
        ([LARGE.replace("1000", "1000.001")], "tests[large].at_least"),
        (['[[tests]]\nid = "a"\nnot = { test = "a" }'], "tests[a].not.test"),
        ([LARGE, LARGE], "tests[large]"),
    ],
)
def test_faults(parts: list[str], key: str) -> None:
    with pytest.raises(PolicyFaults) as caught:
        small(*parts)
    assert key in {fault.key for fault in caught.value.faults}
