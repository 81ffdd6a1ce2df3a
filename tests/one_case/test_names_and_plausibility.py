"""Parties by the Chinese names of the data dictionary, and indicators that no institution has."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from compensation import CaseFaults, decide_claim, judge_institution, share_recoveries
from compensation.one_case.shares import party_of
from tests.one_case.example import AMOUNTS, CLAIM, RATIOS, RECOVERY

JIYUAN = "jiyuan-2022"
IN_CHINESE = {"担保机构": "0.4", "银行": "0.2", "再担保机构": "0.2", "国家融担基金": "0.2"}


def faults_of(shares: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(CaseFaults) as caught:
        decide_claim(JIYUAN, RATIOS, {**CLAIM, "shares": shares})
    return {str(fault.path[-1]): fault.kind for fault in caught.value.faults}


def test_parties_go_by_their_chinese_names_too() -> None:
    english = decide_claim(JIYUAN, RATIOS, CLAIM)
    chinese = decide_claim(JIYUAN, RATIOS, {**CLAIM, "shares": IN_CHINESE})
    assert chinese.as_dict() == english.as_dict()
    assert chinese.compensation == Decimal("204000.00")
    mixed = {"Institution": "0.4", "银行": "0.2", "REGUARANTOR": "0.2", "国家融担基金": "0.2"}
    assert decide_claim(JIYUAN, RATIOS, {**CLAIM, "shares": mixed}).as_dict() == english.as_dict()


def test_returns_know_the_chinese_names_too() -> None:
    english = share_recoveries("1020000.00", "204000.00", CLAIM["shares"], [RECOVERY])
    chinese = share_recoveries("1020000.00", "204000.00", IN_CHINESE, [RECOVERY])
    assert chinese.as_dict() == english.as_dict()


def test_a_party_given_twice_is_a_fault() -> None:
    assert faults_of({"institution": "0.4", "担保机构": "0.6"}) == {"担保机构": "duplicate"}
    assert faults_of({"银行": "0.4", "Lender": "0.6"}) == {"Lender": "duplicate"}


def test_government_is_no_party_in_either_language() -> None:
    assert faults_of({"政府": "0.4", "institution": "0.6"}) == {"政府": "government_share"}


def test_other_names_are_further_parties() -> None:
    shares = {"担保机构": "0.4", "市再担保基金": "0.6"}
    assert decide_claim(JIYUAN, RATIOS, {**CLAIM, "shares": shares}).compensation > 0


PLAUSIBLE: list[tuple[str, str, str | None]] = [
    ("balance_growth", "9.999999", None),
    ("balance_growth", "10", "0.1？"),
    ("balance_growth", "25", "0.25？"),
    ("borrower_growth", "21", "0.21？"),
    ("balance_growth", "2500%", None),
    ("balance_growth", "-0.5", None),
    ("payout_rate", "1.999999", None),
    ("payout_rate", "2", "0.02？"),
    ("payout_rate", "1.5", None),
    ("payout_rate", "250%", None),
]


@pytest.mark.parametrize(("name", "value", "asked"), PLAUSIBLE)
def test_an_indicator_that_may_be_a_percentage(name: str, value: str, asked: str | None) -> None:
    figures = {**RATIOS, name: value}
    if asked is None:
        judge_institution(JIYUAN, figures)
        return
    for given in (value, Decimal(value)):
        with pytest.raises(CaseFaults) as caught:
            judge_institution(JIYUAN, {**figures, name: given})
        (fault,) = caught.value.faults
        assert fault.kind == "implausible_ratio"
        assert fault.path == ("institution", name)
        assert asked in fault.message.zh


def test_amounts_may_come_to_any_growth() -> None:
    grown = {**AMOUNTS, "opening_balance": 1_000_000}
    line = judge_institution(JIYUAN, grown).conditions[2]
    assert line.actual is not None
    assert line.actual.zh == "499.000000"


@pytest.mark.parametrize(
    ("name", "party"),
    [
        *(("担保公司", "institution"), ("担保机构分担比例", "institution")),
        *(("share_institution", "institution"), ("guarantor", "institution")),
        *(("合作银行", "lender"), ("银行分险比例", "lender"), ("bank", "lender")),
        *(("省再担", "reguarantor"), ("国担", "national_fund"), ("政府分担比例", "government")),
        *(("保险公司", "保险公司"), ("insurer", "insurer"), ("share_insurer", "share_insurer")),
    ],
)
def test_a_party_goes_by_the_headings_of_ledgers_too(name: str, party: str) -> None:
    assert party_of(name) == party
