"""How payers share what is due in either direction, in every form of the result.

The oracle divides by fractions; explanations are computed again from what they say.
"""

from __future__ import annotations

import io
import math
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from compensation import (
    Policy,
    Portfolio,
    Settlement,
    assess,
    portfolio_of_frames,
    read_result,
    settle,
    write_workbook,
)
from compensation.report.settlement_console import settlement_text
from compensation.rules.pool import LEGS
from tests.explanation.recompute import recomputed
from tests.policy.test_caps_on_payers import CAP, PAYERS, SHARED
from tests.policy.test_small_policies import CLAIM, CONTRACT, columns, small

PRINCIPALS = ("1000.01", "333.33", "0.05", "777.77", "600.00", "500.00")
CAPPED = small(
    PAYERS.format(province="0.3333"),
    CAP.format(payer="province", most="200", rest="city", per=SHARED),
)
FIXED = small(PAYERS.format(province="0.3333").replace("{ minus = [1, 0.3333] }", "0.6667"))
BY_CASE = small(columns(province="ratio"), PAYERS.format(province='"claims.province"'))
LOW = 'when = [{ value = "claims.province", at_most = 0.4 }]'
MISSING_1 = small(
    columns(province="ratio"),
    PAYERS.format(province=f"0.3333\n{LOW}").rpartition("share")[0] + "share = 0.6667",
)
NAMES = ("province", "city")
Row = dict[str, str]


def portfolio(claims: list[Row], recoveries: list[Row], remittances: list[Row]) -> Portfolio:
    tables = {
        "institutions": [{"institution_id": "A", "government_backed": "true"}],
        "contracts": [CONTRACT],
        "claims": [{**CLAIM, **claim} for claim in claims],
        "recoveries": [
            {"recovery_id": f"r{n}", "recovery_date": "2022-07-01", **each}
            for n, each in enumerate(recoveries, 1)
        ],
        "remittances": [
            {"remittance_id": f"s{n}", "remittance_date": "2022-08-01", **each}
            for n, each in enumerate(remittances, 1)
        ],
    }
    frames = {name: pd.DataFrame(rows) for name, rows in tables.items() if rows}
    return portfolio_of_frames(**frames)


def ledger() -> Portfolio:
    """c4 was paid more than it is granted and c5 remitted too much; c1, c2 and c6 have to remit."""
    paid = {4: "400", 5: "300", 6: "250"}
    claims = [
        {"claim_id": f"c{n}", "principal": each, "compensation_paid": paid.get(n, "")}
        for n, each in enumerate(PRINCIPALS, 1)
    ]
    claims[2]["finance_review"] = "pending"
    proceeds = {1: "77.77", 2: "33.35", 6: "0.05"}
    recoveries = [{"claim_id": f"c{n}", "proceeds": each} for n, each in proceeds.items()]
    return portfolio(claims, recoveries, [{"claim_id": "c5", "amount": "10.01"}])


def parts_add_up(settled: Settlement) -> None:
    """Sums are those of the claims, and every part is the one that its explanation comes to."""
    for row in settled.settlement.to_dict("records"):
        said = recomputed(settled.explain(row["claim_id"]).arithmetic)
        for leg in LEGS:
            parts = [row[f"{leg}_{name}"] for name in NAMES]
            assert sum(parts) == row[leg]
            for name, part in zip(NAMES, parts, strict=True):
                assert said.get(f"{leg}_{name}", 0) == Fraction(part)
                assert (f"{leg}_{name}" in said) == (row[leg] > 0)
    for leg in LEGS:
        for column in (leg, *(f"{leg}_{name}" for name in NAMES)):
            (of_institution,) = settled.institutions[column]
            assert of_institution == settled.settlement[column].sum()
            assert Decimal(settled.summary["totals"][column]) == of_institution


@pytest.mark.parametrize("budget", [None, "123.45"])
def test_each_payer_pays_what_an_assessment_says(budget: str | None) -> None:
    year, settled = (
        assess(ledger(), CAPPED, 2022, budget),
        settle(ledger(), CAPPED, "2022-12-31", budget=budget),
    )
    assert all(settled.settlement[leg].sum() > 0 for leg in LEGS)
    parts_add_up(settled)
    for name in NAMES:
        assert list(settled.settlement[f"to_pay_{name}"]) == list(year.claims[f"payable_{name}"])


def test_what_comes_back_goes_by_the_parts_that_a_cap_left() -> None:
    """c1 is granted 500.00, of which the province pays 166.65, and 33.35 of its 55.55 for c2."""
    found = settle(ledger(), CAPPED, "2022-12-31").settlement.set_index("claim_id")
    assert list(found.loc["c1", ["to_remit", *(f"to_remit_{name}" for name in NAMES)]]) == [
        Decimal(each) for each in ("38.89", "12.96", "25.93")
    ]
    c2 = found.loc["c2"]
    assert (c2["granted"], c2["to_pay_province"]) == (Decimal("166.67"), Decimal("33.35"))
    assert c2["to_remit"] == Decimal("16.68")
    assert c2["to_remit_province"] == Decimal("3.34")  # 16.68 × 33.35 / 166.67
    # The province has nothing left for the others.
    assert list(found.loc["c4":, "to_recall_province"]) == [0, 0, 0]
    assert found.loc["c5", "to_refund_city"] == Decimal("10.01")


def half_up(amount: Fraction) -> int:
    return math.floor(amount + Fraction(1, 2))


FEN = st.integers(0, 20_000)


@pytest.mark.slow
@given(st.lists(st.tuples(st.integers(2, 20_000), FEN, FEN, FEN), min_size=1, max_size=3))
@settings(max_examples=15)
@example([(10_000, 5_001, 0, 0), (10_000, 4_999, 0, 0), (10_000, 5_000, 1, 0)])
@example([(10_000, 5_000, 10_000, each) for each in (4_999, 5_000, 5_001)])
def test_fixed_shares_divide_every_direction(cases: list[tuple[int, int, int, int]]) -> None:
    """Each claim is half compensated and has no other bearer than the institution's 60%."""
    claims, recoveries, remittances = [], [], []
    for n, (principal, most, proceeds, remitted) in enumerate(cases):
        id_, paid = {"claim_id": f"c{n}"}, min(most, principal * 6 // 10)
        amounts = {"principal": yuan(principal), "compensation_paid": yuan(paid)}
        claims.append({**id_, **amounts})
        recoveries.append({**id_, "proceeds": yuan(proceeds)})
        remittances += [{**id_, "amount": yuan(remitted)}] if remitted else []
    settled = settle(portfolio(claims, recoveries, remittances), FIXED, "2022-12-31")
    parts_add_up(settled)
    for row in settled.settlement.to_dict("records"):
        for leg in LEGS:
            province = half_up(Fraction(row[leg]) * 100 * Fraction(3333, 10_000))
            assert row[f"{leg}_province"] * 100 == province


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


def unknown(settled: Settlement) -> list[tuple[int | None, str]]:
    groups = settled.warnings.groups
    found = [
        each for group in groups if group.kind == "payers_unknown" for each in group.take(0, 9)
    ]
    return [(each.row, each.message.en.rpartition("(")[2]) for each in found]


def undecided(**claim: str) -> Portfolio:
    """One claim of an earlier year than the day's, and another that was paid in its own year."""
    claims: list[Row] = [
        {"claim_id": "c1", "principal": "100", "province": "0.3333"},
        {"claim_id": "c2", "principal": "100", "province": "0.3333", "compensation_paid": "30"},
    ]
    claims[1] |= claim
    recovery = {"claim_id": "c2", "proceeds": "10", "recovery_date": "2023-06-01"}
    return portfolio(claims, [recovery], [])


def test_shares_that_differ_by_case_are_unknown_until_it_is_decided() -> None:
    paid_ahead = undecided(payout_date="2023-03-01")
    settled = settle(paid_ahead, BY_CASE, "2023-06-30")
    row = settled.settlement.to_dict("records")[1]
    assert (row["status"], row["to_remit"]) == ("year_open", 3)
    assert [row[f"to_remit_{name}"] for name in NAMES] == [0, 0]
    assert unknown(settled) == [(2, "3.00 yuan)")]
    recomputed(settled.explain("c2").arithmetic)
    known = settle(paid_ahead, FIXED, "2023-06-30")
    assert list(known.settlement["to_remit_province"]) == [0, 1]
    assert not unknown(known)
    parts_add_up(known)


@pytest.mark.parametrize(
    ("claim", "policy", "due"),
    [
        ({"payout_date": "2021-03-01"}, FIXED, "3.00 yuan)"),  # not covered
        ({"province": "0.5"}, MISSING_1, "30.00 yuan)"),  # nobody pays it, so it is recalled
        ({"province": "0.3333"}, MISSING_1, ""),
    ],
)
def test_what_no_payer_has_a_part_of_is_said(claim: Row, policy: Policy, due: str) -> None:
    settled = settle(undecided(**claim), policy, "2023-06-30")
    assert unknown(settled) == ([(2, due)] if due else [])
    row = settled.settlement.to_dict("records")[1]
    undivided = sum(row[leg] for leg in LEGS)
    assert undivided > 0
    divided = sum(row[f"{leg}_{name}"] for leg in LEGS for name in NAMES)
    assert divided == (0 if due else undivided)


AWARD = small(
    columns(award="money"),
    PAYERS.format(province="0.3333"),
    CAP.format(payer="province", most='"claims.award"', rest="city", per=""),
    '[[claim_conditions]]\nid = "small"\nvalue = "claims.interest"\nat_most = 0',
)
BECOMES = ("approved", "rejected", "ineligible", "nothing approved")


@given(
    principal=st.integers(2, 20_000),
    beside=st.integers(-2, 2),
    paid=st.integers(1, 5_000),
    becomes=st.sampled_from(BECOMES),
)
@settings(max_examples=20, deadline=None)
@example(principal=10_000, beside=-1, paid=5_000, becomes="rejected")
@example(principal=10_000, beside=0, paid=5_000, becomes="rejected")
@example(principal=10_000, beside=1, paid=5_000, becomes="rejected")
@example(principal=10_000, beside=0, paid=5_000, becomes="ineligible")
@example(principal=10_000, beside=0, paid=5_000, becomes="nothing approved")
def test_nothing_is_recalled_from_a_payer_beyond_what_its_cap_leaves(
    principal: int, beside: int, paid: int, becomes: str
) -> None:
    """`beside`: how far the cap on the province is from its part of the compensation, in fen."""
    amount = half_up(Fraction(principal, 2))
    part = half_up(amount * Fraction(3333, 10_000))
    award, paid = max(part + beside, 0), min(paid, principal * 6 // 10)
    claim = {"principal": yuan(principal), "compensation_paid": yuan(paid), "award": yuan(award)}
    claim |= {"claim_id": "c1", "interest": "0.01" if becomes == "ineligible" else "0"}
    claim |= {"finance_review": "rejected" if becomes == "rejected" else "approved"}
    claim |= {"approved_amount": "0"} if becomes == "nothing approved" else {}
    settled = settle(portfolio([claim], [], []), AWARD, "2022-12-31")
    (row,) = settled.settlement.to_dict("records")
    granted = amount if becomes == "approved" else 0
    assert row["to_recall"] * 100 == max(paid - granted, 0)
    recalled = [row[f"to_recall_{name}"] * 100 for name in NAMES]
    if becomes in ("ineligible", "nothing approved"):
        assert recalled == [0, 0]
        assert unknown(settled) == ([(1, f"{yuan(paid)} yuan)")] if paid else [])
        return
    province = half_up(Fraction(row["to_recall"]) * 100 * min(part, award) / amount)
    if award >= part:  # nothing is cut, so that the shares themselves divide
        province = half_up(Fraction(row["to_recall"]) * 100 * Fraction(3333, 10_000))
    assert recalled == [province, row["to_recall"] * 100 - province]
    assert not unknown(settled)


def test_a_cap_that_is_not_for_the_case_leaves_its_shares_known() -> None:
    other = CAP.format(payer="province", most="200", rest="city", per="") + (
        'when = [{ value = "claims.principal", at_least = 600 }]\n'
    )
    policy = small(
        PAYERS.format(province="0.3333"),
        other,
        '[[claim_conditions]]\nid = "small"\nvalue = "claims.interest"\nat_most = 0',
    )
    ineligible = {"compensation_paid": "100", "interest": "0.01"}
    rows = [
        {**ineligible, "claim_id": "c1", "principal": "599.99"},
        {**ineligible, "claim_id": "c2", "principal": "600"},
    ]
    settled = settle(portfolio(rows, [], []), policy, "2022-12-31")
    assert list(settled.settlement["to_recall_province"]) == [Decimal("33.33"), 0]
    assert list(settled.settlement["to_recall_city"]) == [Decimal("66.67"), 0]
    assert unknown(settled) == [(2, "100.00 yuan)")]


def test_what_is_assumed_of_payers_is_listed() -> None:
    def listed(policy: Policy) -> list[str]:
        return [row["id"] for row in settle(ledger(), policy, "2022-12-31").summary["assumptions"]]

    assert listed(FIXED).count("payers_share_alike") == 1
    assert "payers_share_alike" not in listed(small())


def test_papers_name_the_payers(tmp_path: Path) -> None:
    settled, path = settle(ledger(), CAPPED, "2022-12-31"), tmp_path / "out.xlsx"
    write_workbook(settled, path)
    book = openpyxl.load_workbook(path)
    headings = [cell.value for cell in book["清算明细"][3]]
    totals = settled.summary["totals"]
    for heading in ("应拨付", "应收回", "应上缴", "应退回"):
        at = headings.index(heading) + 1
        assert headings[at : at + 2] == [f"{heading}（省级）", f"{heading}（市级）"]
    for sheet, legs in (
        ("拨付通知单", ("to_pay", "to_refund")),
        ("收缴通知单", ("to_recall", "to_remit")),
    ):
        notice = [str(cell) for row in book[sheet].values for cell in row]
        (said,) = (cell for cell in notice if cell.startswith("其中"))
        parts = {
            f"{LEGS[leg].zh}（{name}）": totals[f"{leg}_{payer}"]
            for leg in legs
            for payer, name in zip(NAMES, ("省级", "市级"), strict=True)
        }
        of_them = "，".join(f"{of} {yuan} 元" for of, yuan in parts.items() if yuan != "0.00")
        assert said == f"其中：{of_them}"
    rows = [row for row in book["清算汇总"].values if str(row[0]).startswith(("合计", "其中"))]
    total, *of_payers = ([Fraction(str(cell)) for cell in row[4:9]] for row in rows)
    assert [row[0] for row in rows] == ["合计", "其中：省级", "其中：市级"]
    assert [sum(each) for each in zip(*of_payers, strict=True)] == total
    back = read_result(path).tables["settlement"]
    assert back.column_names == settled.tables["settlement"].column_names


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_first_line_says_each_payer_s_part_of_each_amount(language: Any) -> None:
    settled = settle(ledger(), CAPPED, "2022-12-31")
    totals = settled.summary["totals"]
    shown = settlement_text(settled, None, language, io.StringIO()).replace(",", "")
    (line,) = (each for each in shown.splitlines() if each.startswith(("A：", "Government")))
    assert all(totals[f"to_{leg}_{name}"] in line for leg in ("pay", "remit") for name in NAMES)
    province, city = (totals[f"to_remit_{name}"] for name in NAMES)
    expected = {
        "zh": f"〔其中省级 {province}、市级 {city}〕，应退回 10.01〔其中市级 10.01〕）",
        "en": f" [of which province {province} city {city}] to refund 10.01 [of which city 10.01])",
    }
    assert line.endswith(f"{totals['to_remit']}{expected[language]}")
