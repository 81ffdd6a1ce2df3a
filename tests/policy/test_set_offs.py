"""What is set off from what is payable: how much of it, of whom, and what is left."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compensation import assess_frames, portfolio_of_frames, settle
from compensation.policy.faults import PolicyFaults
from tests.explanation.recompute import recomputed
from tests.one_claim import faults
from tests.policy.test_small_policies import CONTRACT, columns, frames, payers, small

YEARLY = columns("institution_years", fee="money", overpaid="money").replace(
    'type = "money"', 'type = "money"\nrequired = true'
)
FEE = """
[[caps]]
id = "fee"
on = "payment"
above = "institution_years.fee"
per = ["contracts.institution_id"]
"""
OVERPAID = """
[[caps]]
id = "overpaid"
on = "payment"
above = "institution_years.overpaid"
per = ["contracts.institution_id"]
when = [{ value = "contracts.borrower_type", one_of = ["farmer"] }]
"""
PAYERS = payers(province=0.6, city=0.4)
Case = tuple[int, int, str, bool]
"""Principal and what was paid, in fen; the institution; whether a farmer's."""


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


def ledger(cases: Sequence[Case], owed: dict[str, tuple[int, int]]) -> dict[str, Any]:
    """Return the tables of the cases, and what each institution owes in 2022."""
    tables = frames(
        *(
            {
                "contract_id": f"{at}{'f' if farm else 's'}",
                "principal": yuan(fen),
                "compensation_paid": yuan(paid),
            }
            for fen, paid, at, farm in cases
        )
    )
    contracts = [
        {**CONTRACT, "contract_id": f"{at}{kind[0]}", "institution_id": at, "borrower_type": kind}
        for at in owed
        for kind in ("farmer", "small_enterprise")
    ]
    years = [
        {"institution_id": at, "year": "2022", "fee": yuan(fee), "overpaid": yuan(more)}
        for at, (fee, more) in owed.items()
    ]
    tables["institutions"] = pd.DataFrame(
        [{"institution_id": at, "government_backed": "true"} for at in owed]
    )
    tables["contracts"], tables["institution_years"] = pd.DataFrame(contracts), pd.DataFrame(years)
    return tables


def expected(
    cases: Sequence[Case], owed: dict[str, tuple[int, int]]
) -> tuple[list[int], dict[tuple[str, str], int]]:
    """Return what is set off from each case, and what is left by set-off and institution."""
    dues = [max((fen + 1) // 2 - paid, 0) for fen, paid, _, _ in cases]
    rest, left = list(dues), dict[tuple[str, str], int]()
    for at, amounts in owed.items():
        for name, amount in zip(("fee", "overpaid"), amounts, strict=True):
            for place, case in enumerate(cases):
                if case[2] == at and (name == "fee" or case[3]):
                    taken = min(rest[place], left.setdefault((at, name), amount))
                    rest[place] -= taken
                    left[at, name] -= taken
    return [due - each for due, each in zip(dues, rest, strict=True)], left


AMOUNT = st.integers(0, 3 * 10**4)
CASES = st.lists(
    st.tuples(st.integers(1, 3 * 10**4), st.integers(0, 2), st.sampled_from("AB"), st.booleans()),
    min_size=1,
    max_size=6,
).map(lambda cases: [(fen, fen * half * 3 // 11, at, farm) for fen, half, at, farm in cases])


@pytest.mark.slow
@settings(max_examples=25)
@given(CASES, st.tuples(AMOUNT, AMOUNT), st.tuples(AMOUNT, AMOUNT))
def test_set_offs_are_those_of_an_oracle(
    cases: list[Case], of_a: tuple[int, int], of_b: tuple[int, int]
) -> None:
    owed = {"A": of_a, "B": of_b}
    policy, tables = small(YEARLY, FEE, OVERPAID, PAYERS), ledger(cases, owed)
    taken, left = expected(cases, owed)
    run = assess_frames(tables, policy, 2022)
    rows = run.claims.to_dict("records")
    assert [int(row["set_off"] * 100) for row in rows] == taken
    for (fen, paid, _, _), row, less in zip(cases, rows, taken, strict=True):
        assert int(row["compensation"] * 100) == (fen + 1) // 2, "what is granted stays"
        assert int(row["payable"] * 100) == max((fen + 1) // 2 - paid, 0) - less
        assert row["payable"] == row["payable_province"] + row["payable_city"]
        assert recomputed(run.explain(row["claim_id"]).arithmetic)["set_off"] == Fraction(less, 100)
    told = [each.message.en for each in run.warnings if each.kind == "left_of_set_off"]
    assert len(told) == sum(amount > 0 for amount in left.values())
    for amount in left.values():
        assert not amount or any(f"{amount / 100:,.2f} yuan" in each for each in told)
    settled = settle(portfolio_of_frames(**tables), policy, "2022-12-31")
    due = settled.tables["settlement"].to_pylist()
    for row, less, own in zip(rows, taken, due, strict=True):
        assert int(own["set_off"] * 100) == less
        assert own["to_pay"] == row["payable"]
        values = recomputed(settled.explain(row["claim_id"]).arithmetic)
        assert values["to_pay"] == Fraction(own["to_pay"])
        assert values["borne_by_government"] == sum(
            Fraction(own[name]) for name in ("paid_to_date", "set_off", "to_pay")
        ) - Fraction(own["to_recall"])


WHOLE_AND_PAID = [(20_000, 0, "A", False), (10_000, 0, "A", True)]
"""Two cases of A, which are granted 100.00 and 50.00."""


@pytest.mark.parametrize(
    ("fee", "set_off", "payable", "left"),
    [
        (9_999, ["99.99", "0.00"], ["0.01", "50.00"], None),
        (10_000, ["100.00", "0.00"], ["0.00", "50.00"], None),
        (10_001, ["100.00", "0.01"], ["0.00", "49.99"], None),
        (15_000, ["100.00", "50.00"], ["0.00", "0.00"], None),
        (15_001, ["100.00", "50.00"], ["0.00", "0.00"], "0.01 yuan are left"),
    ],
)
def test_cases_take_what_is_set_off_in_order_and_what_is_left_is_told(
    fee: int, set_off: list[str], payable: list[str], left: str | None
) -> None:
    run = assess_frames(ledger(WHOLE_AND_PAID, {"A": (fee, 0)}), small(YEARLY, FEE), 2022)
    assert [str(each) for each in run.claims["set_off"]] == set_off
    assert [str(each) for each in run.claims["payable"]] == payable
    assert str(run.institutions["set_off"][0]) == yuan(min(fee, 15_000))
    told = [each.message.en for each in run.warnings if each.kind == "left_of_set_off"]
    assert [each[-len(left) :] for each in told] == [left] if left else not told


def test_a_budget_pays_what_is_left_once_something_is_set_off() -> None:
    tables = ledger(WHOLE_AND_PAID, {"A": (3_000, 0)})
    for budget, payable in (("120.00", ["70.00", "50.00"]), ("60.00", ["35.00", "25.00"])):
        run = assess_frames(tables, small(YEARLY, FEE), 2022, budget)
        assert [str(each) for each in run.claims["payable"]] == payable
        assert recomputed(run.explain("c1").arithmetic)["payable"] == Fraction(payable[0])


@pytest.mark.parametrize(("fee", "notice"), [(0, False), (15_000, True)])
def test_a_notice_of_payment_tells_what_is_set_off_also_where_nothing_is_left_to_pay(
    fee: int, notice: bool, tmp_path: Path
) -> None:
    tables = ledger(WHOLE_AND_PAID, {"A": (fee, 0)})
    policy = small(YEARLY, FEE)
    settled = settle(portfolio_of_frames(**tables), policy, "2022-12-31")
    settled.to_excel(tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["拨付通知单"]
    said = [str(cell) for line in sheet.values for cell in line if cell is not None]
    assert any(each.endswith("另有本次抵扣 150.00 元") for each in said) == notice
    assert any(each.startswith("应拨付你单位：150.00") for each in said) != notice


def test_a_settlement_carried_out_has_nothing_due_and_government_bears_what_was_set_off() -> None:
    tables = ledger(WHOLE_AND_PAID, {"A": (3_000, 0)})
    recovery = {"recovery_id": "r1", "claim_id": "c1", "recovery_date": "2022-08-01"}
    tables["recoveries"] = pd.DataFrame([{**recovery, "proceeds": "20", "cost": "0"}])
    policy = small(YEARLY, FEE)
    paid = "0.00", "0.00"
    for to_pay in (("70.00", "50.00"), ("0.00", "0.00")):
        tables["claims"]["compensation_paid"] = paid
        settled = settle(portfolio_of_frames(**tables), policy, "2022-12-31")
        rows = settled.tables["settlement"].to_pylist()
        assert [str(row["to_pay"]) for row in rows] == list(to_pay)
        assert [str(row["set_off"]) for row in rows] == ["30.00", "0.00"]
        # Half of the payout is government's, so half of the recovery is.
        assert [str(row["government_cost"]) for row in rows] == ["90.00", "50.00"]
        run = assess_frames(tables, policy, 2022)
        assert [str(each) for each in run.returns["to_government"]] == ["10.00"]
        paid = to_pay


def test_a_group_has_one_amount_that_is_set_off() -> None:
    tables = ledger([*WHOLE_AND_PAID, (10_000, 0, "B", True)], {"A": (1, 0), "B": (2, 0)})
    policy = small(YEARLY, FEE.replace('["contracts.institution_id"]', "[]"))
    found = faults(assess_frames, tables, policy, 2022)
    assert [each.kind for each in found] == ["pool_differs", "pool_differs"]
    alone = small(YEARLY, FEE.replace('per = ["contracts.institution_id"]', ""))
    run = assess_frames(tables, alone, 2022)
    assert [str(each) for each in run.claims["set_off"]] == ["0.01", "0.01", "0.02"]


@pytest.mark.parametrize(
    ("cap", "kind", "key"),
    [
        (FEE.replace("above", "at_most"), "cap_form", "caps[fee]"),
        (FEE + "at_most = 5\n", "cap_form", "caps[fee]"),
        (FEE + 'years = "all"\n', "cap_form", "caps[fee]"),
        (FEE.replace('"institution_years.fee"', "0"), "cap_limit", "caps[fee].above"),
        (
            FEE.replace("institution_years.fee", "indicator.payout_rate"),
            "wrong_kind",
            "caps[fee].above",
        ),
        (
            FEE.replace('"institution_years.fee"', '{ over = ["institution_years.fee", 3] }'),
            "wrong_place",
            "caps[fee].above",
        ),
        (FEE.replace("institution_years.fee", "case.at_rate"), "wrong_place", "caps[fee].above"),
    ],
)
def test_check_refuses_what_says_more_or_has_no_value(cap: str, kind: str, key: str) -> None:
    with pytest.raises(PolicyFaults) as raised:
        small(YEARLY, cap)
    assert [(each.kind, each.key) for each in raised.value.faults] == [(kind, key)]
