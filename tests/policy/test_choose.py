"""A value that depends on tests."""

from __future__ import annotations

from decimal import Decimal

import pytest

from compensation.policy.faults import PolicyFaults
from compensation.policy.quantity_words import describe_quantity
from tests.explanation.recompute import recomputed
from tests.policy.test_small_policies import CLAIM, PRINCIPAL, assessed, first, small

CHOOSE = """{ choose = [
    { value = 300, when = [{ value = "claims.principal", above = 1000 }] },
    { value = { times = ["claims.principal", 0.25] }, when = [
        { value = "claims.interest", above = 0 },
        { value = "contracts.borrower_type", one_of = ["small_enterprise"] },
    ] },
    { value = 100 },
] }"""


def cap(limit: str) -> str:
    # Without new lines: an inline table stands on one line.
    return f'[[caps]]\nid = "x"\nat_most = {" ".join(limit.split()).replace(", ]", "]")}'


@pytest.mark.parametrize(
    ("principal", "interest", "due"),
    [("1000", "0", 100), ("1000.01", "0", 300), ("1000", "0.01", 250), ("1001", "1", 300)],
)
def test_the_first_choice_that_holds(principal: str, interest: str, due: int) -> None:
    row = first(small(cap(CHOOSE)), principal=principal, interest=interest)
    assert row["compensation"] == due


def test_a_limit_of_plain_numbers_is_an_amount_in_the_explanation() -> None:
    some = '{ value = "claims.interest", above = 0 }'
    choose = f"{{ choose = [{{ value = 300, when = [{some}] }}, {{ value = 100.5 }}] }}"
    found = assessed(small(cap(choose)), {**CLAIM, "claim_id": "c1"})
    lines = {line.name: line.value for line in found.explain("c1").arithmetic}
    assert lines["choose_1"] == lines["cap_x"] == "100.50"
    assert "compensation" in recomputed(found.explain("c1").arithmetic)


@pytest.mark.parametrize("quantity", ['"quantity.most"', None])
def test_numbers_chosen_beside_an_amount_are_amounts(quantity: str | None) -> None:
    some = '{ value = "claims.interest", above = 0 }'
    choose = f"{{ choose = [{{ value = 300, when = [{some}] }}, {{ value = 3_000 }}] }}"
    most = f'[[quantities]]\nid = "most"\nname = {{ zh = "限额", en = "most" }}\nvalue = {choose}'
    base = f"{{ times = [{{ min = [{quantity or choose}, {PRINCIPAL}] }}, {choose}] }}"
    found = assessed(small(most, base=base), {"claim_id": "c1", "principal": "40"})
    lines = {line.name: line for line in found.explain("c1").arithmetic}
    assert lines["choose_1"].value == "3000.00"
    assert lines["choose_1"].title.zh == "代偿利息高于 0 元的，300 元；其余的，3,000 元"
    assert "compensation" in recomputed(found.explain("c1").arithmetic)


def test_chosen_whole_numbers_alone_are_no_percentages() -> None:
    base = f"{{ times = [{PRINCIPAL}, {{ choose = [{{ value = 3 }}] }}] }}"
    lines = assessed(small(base=base), {"claim_id": "c1"}).explain("c1").arithmetic
    assert [line.value for line in lines if line.name == "choose_1"] == ["3"]


def test_in_a_base_inside_another_operation() -> None:
    none = '{ value = "claims.interest", at_most = 0 }'
    share = f"{{ choose = [{{ value = 0.8, when = [{none}] }}, {{ value = 0.5 }}] }}"
    policy = small(base=f"{{ times = [{PRINCIPAL}, {share}] }}")
    assert [first(policy, interest=i)["base"] for i in ("0", "0.01")] == [800, 500]
    said = describe_quantity(policy, policy.rules.base[0].value)
    assert said.zh == "代偿本金 × （代偿利息不超过 0 元的，80%；其余的，50%）"
    assert said.en == "principal × (80% if interest at most 0 yuan; otherwise 50%)"


def test_where_no_choice_holds_there_is_no_value() -> None:
    some = '{ value = "claims.interest", above = 0 }'
    base = f"{{ choose = [{{ value = {PRINCIPAL}, when = [{some}] }}] }}"
    row = first(small(base=base))
    assert (row["eligible"], row["reasons"], row["compensation"]) == (False, "base", 0)
    assert first(small(base=base), interest="1")["compensation"] == Decimal(500)


@pytest.mark.parametrize(
    ("limit", "key"),
    [
        (
            '{ choose = [{ value = 1 }, { value = "claims.payout_date" }] }',
            "caps[x].at_most.choose",
        ),
        ('{ choose = [{ value = 1, when = [{ value = "claims.paid" }] }] }', ".when[1].value"),
        ("{ choose = [] }", "caps[x].at_most.choose"),
        ("{ choose = [{ value = 1 }], of = 2 }", "caps[x].at_most.of"),
    ],
)
def test_faults(limit: str, key: str) -> None:
    with pytest.raises(PolicyFaults) as caught:
        small(cap(limit))
    assert next(fault.key for fault in caught.value.faults).endswith(key)
