"""The case of the contract, one fen and one step around every limit, and what is undefined."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from compensation import decide_claim, examine_claim, judge_institution, share_recoveries
from compensation.language import Text
from compensation.one_case.institution import KEPT
from tests.assessing import assessed
from tests.explanation.recompute import recomputed
from tests.one_case.example import (
    AMOUNTS,
    CLAIM,
    LUOYANG_CLAIM,
    LUOYANG_INSTITUTION,
    RATIOS,
    RECOVERY,
    SHARES,
    decided,
    kinds,
    without,
)
from tests.portfolios import random_portfolio

POLICY = "jiyuan-2022"


@pytest.mark.parametrize("institution", [RATIOS, AMOUNTS], ids=["ratios", "amounts"])
def test_the_case_of_the_contract(institution: dict[str, object]) -> None:
    claim = decided(institution)
    said = claim.as_dict("en")
    assert {name: said[name] for name in list(said)[:2]} == {"eligible": True, "reasons": []}
    assert (said["base"], said["rate"]) == ("1020000.00", "0.200000")
    assert (said["compensation"], said["payable"]) == ("204000.00", "204000.00")
    assert said["status"] == "approved"
    assert said["policy"]["id"] == POLICY
    assert {"id", "clause", "note"} == set(said["assumptions"][0])
    values = recomputed(claim.explanation.arithmetic)
    assert values["payable"] == claim.payable == Decimal("204000.00")
    assert list(claim.borne) == list(SHARES)
    assert sum(claim.borne_after.values()) == claim.payout
    assert claim.borne_after["government"] == claim.compensation


def test_the_recovery_of_the_contract() -> None:
    shared = share_recoveries("1020000.00", "204000.00", SHARES, [RECOVERY])
    assert shared.as_dict()["returns"] == [
        {
            **RECOVERY,
            "distributed": "285000.00",
            "surplus": "0.00",
            **{f"to_{party}": "57000.00" for party in ("government", *SHARES)},
        }
    ]
    assert share_recoveries("1020000.00", "204000.00", SHARES, []).returns == ()


@pytest.mark.parametrize(
    ("figure", "below", "at", "wants"),
    [
        ("small_agri_balance", "399999999.99", "400000000.00", "at_least"),
        ("closing_balance", "439999999.99", "440000000.00", "at_least"),
        ("closing_borrowers", 329, 330, "at_least"),
        ("payout_amount", "16000000.01", "16000000.00", "at_most"),
    ],
)
def test_a_fen_around_each_limit(figure: str, below: object, at: object, wants: str) -> None:
    """The limit itself passes, a fen or a borrower off it fails; what is needed is that step."""
    condition = {
        "small_agri_balance": "small_agri_share",
        "closing_balance": "balance_growth",
        "closing_borrowers": "borrower_growth",
        "payout_amount": "payout_rate",
    }[figure]
    # So that a smaller closing balance does not make the part larger than the whole.
    amounts = AMOUNTS | {"small_agri_balance": "430000000.00"}
    assert judge_institution(POLICY, amounts | {figure: at}).reasons == ()
    missed = judge_institution(POLICY, amounts | {figure: below})
    assert missed.reasons == (condition,)
    assert not missed.eligible
    assert missed.rate is None
    (line,) = [c for c in missed.explanation.conditions if not c.passed]
    assert line.needed is not None
    step = {"small_agri_share": "0.05", "payout_rate": "0.20"}
    expected = "1" if figure == "closing_borrowers" else step.get(condition, "0.01")
    assert line.needed.value == expected, wants
    assert line.gap == "0.000000" or figure == "closing_borrowers"


def test_ratios_say_the_gap_and_not_what_is_needed() -> None:
    judged = judge_institution(POLICY, RATIOS | {"payout_rate": "0.050001"})
    (line,) = [c for c in judged.explanation.conditions if not c.passed]
    assert (line.id, line.gap, line.needed) == ("payout_rate", "0.000001", None)


def test_the_next_tier_and_what_it_takes() -> None:
    judged = judge_institution(POLICY, AMOUNTS | {"closing_borrowers": 359})
    assert (judged.tier, judged.rate) == (2, Decimal("0.150000"))
    step = judged.explanation.next_tier
    assert step is not None
    assert (step.number, step.rate, step.worth) == (1, "0.200000", ())
    (missed,) = [c for c in step.conditions if not c.passed]
    assert missed.needed is not None
    assert (missed.id, missed.needed.value, missed.needed.unit) == (
        "borrower_growth",
        "1",
        "borrowers",
    )
    assert judge_institution(POLICY, AMOUNTS).explanation.next_tier is None


@pytest.mark.parametrize("figure", ["small_agri_share", "balance_growth", "payout_rate"])
def test_an_undefined_ratio_meets_nothing_and_says_why(figure: str) -> None:
    judged = judge_institution(POLICY, RATIOS | {figure: None})
    assert judged.reasons == (figure,)
    (line,) = [c for c in judged.explanation.conditions if not c.passed]
    assert line.actual is None
    assert "undefined" in line.why.en


def test_nothing_over_nothing_is_a_payout_rate_of_0() -> None:
    nothing = {"payout_amount": 0, "released_amount": 0}
    assert judge_institution(POLICY, AMOUNTS | nothing).eligible
    only_released = judge_institution(POLICY, AMOUNTS | {"released_amount": 0})
    assert only_released.reasons == ("payout_rate",)


@pytest.mark.parametrize(
    ("exposure", "reasons"),
    [("4999999.99", ()), ("5000000.00", ()), ("5000000.01", ("borrower_exposure",))],
)
def test_a_fen_around_the_largest_exposure(exposure: str, reasons: tuple[str, ...]) -> None:
    assert decided(borrower_exposure=exposure).reasons == reasons


@pytest.mark.parametrize(
    ("day", "reasons"),
    [
        ("2021-12-31", ("payout_date",)),
        ("2022-01-01", ()),
        ("2022-12-31", ()),
        ("2023-01-01", ("payout_date",)),
    ],
)
def test_a_day_around_the_policys_year(day: str, reasons: tuple[str, ...]) -> None:
    assert decided(payout_date=day).reasons == reasons


def test_an_ineligible_institution_is_a_reason_and_says_its_own() -> None:
    claim = decided(RATIOS | {"payout_rate": "0.06"}, borrower_type="other")
    assert claim.reasons == ("institution", "borrower_type")
    assert (claim.eligible, claim.status, claim.rate) == (False, "ineligible", None)
    assert (claim.base, claim.compensation) == (Decimal("1020000.00"), Decimal("0.00"))
    assert claim.as_dict("zh")["institution"]["reasons"] == ["payout_rate"]


@pytest.mark.parametrize(
    ("finance", "industry", "status", "payable"),
    [
        ("approved", "approved", "approved", "204000.00"),
        ("approved", None, "pending", "0.00"),
        ("rejected", "pending", "rejected", "0.00"),
        ("通过", "不通过", "rejected", "0.00"),
    ],
)
def test_reviews(finance: str, industry: str | None, status: str, payable: str) -> None:
    claim = decided(finance_review=finance, industry_review=industry)
    assert (claim.status, str(claim.payable)) == (status, payable)
    government = "0.00" if status == "rejected" else "204000.00"
    assert str(claim.borne_after["government"]) == government


def test_what_was_paid_before_is_taken_off() -> None:
    claim = decided(compensation_paid="203999.99")
    assert str(claim.payable) == "0.01"
    paid = decided(compensation_paid="204000.01")
    assert (str(paid.payable), str(paid.borne_after["government"])) == ("0.00", "204000.01")


def test_the_institution_is_paid_no_more_than_it_bore() -> None:
    shares = {"institution": "0.000001", "lender": "0.999999"}
    assert str(decided(shares=shares).compensation) == "1.02"


@pytest.mark.parametrize("shares", [None, {}, {"lender": None}])
def test_without_shares_the_institution_bears_everything(shares: dict[str, None] | None) -> None:
    claim = decided(shares=shares)
    assert claim.borne["institution"] == claim.payout
    assert decide_claim(POLICY, RATIOS, without(CLAIM, "shares")).borne == {
        "institution": claim.payout
    }


def test_parties_come_in_the_order_of_a_run() -> None:
    shares = {"zeta": "0.1", "national_fund": "0.2", "alpha": "0.1", "lender": "0.6"}
    assert list(decided(shares=shares).borne) == [
        *("institution", "lender", "national_fund", "alpha", "zeta"),
    ]


def test_a_policy_with_columns_of_its_own() -> None:
    claim = decide_claim("luoyang-2025", LUOYANG_INSTITUTION, LUOYANG_CLAIM)
    assert (claim.reasons, str(claim.rate)) == ((), "0.500000")
    blank = LUOYANG_CLAIM | {"reguarantor_paid_date": None}
    late = decide_claim("luoyang-2025", LUOYANG_INSTITUTION, blank)
    assert late.reasons == ("reguarantor_paid",)


def test_a_party_that_a_policy_pays_and_that_bears_nothing() -> None:
    claim = decide_claim(
        "henan-provincial-2020", {"government_backed": True}, {**CLAIM, "shares": {"lender": 1}}
    )
    assert claim.reasons == ("national_fund_cooperation",)
    assert claim.borne["reguarantor"] == 0


def test_conditions_need_no_amounts() -> None:
    bare = {name: CLAIM[name] for name in ("borrower_type", "borrower_exposure", "payout_date")}
    examined = examine_claim(POLICY, AMOUNTS, bare)
    assert (examined.eligible, examined.reasons, str(examined.rate)) == (True, (), "0.200000")
    assert [c.id for c in examined.conditions] == [
        *("institution", "borrower_type", "borrower_exposure", "payout_date")
    ]
    assert examine_claim(POLICY, AMOUNTS, {**bare, "borrower_type": "other"}).rate is None


def test_names_and_ids_may_be_given() -> None:
    ids = {"claim_id": "C1", "contract_id": "K1", "institution_id": "I1", "borrower_name": ""}
    claim = decided(RATIOS | {"institution_id": "I1", "institution_name": "担保公司"}, **ids)
    assert claim.explanation.describe("en").startswith("Claim C1: approved")
    said = claim.institution.explanation.describe("zh")
    assert said.startswith("机构 担保公司（I1）：符合条件")
    assert decided().explanation.describe("zh").startswith("代偿：审核通过")
    assert decided().institution.explanation.describe("en").startswith("Institution: eligible")


def test_only_what_is_given_is_explained() -> None:
    judged = judge_institution("luoyang-2025", LUOYANG_INSTITUTION)
    assert [line.name for line in judged.explanation.indicators] == ["new_guarantees"]


def test_a_claim_relies_on_what_its_institution_relies_on() -> None:
    claim = decided()
    assert claim.assumptions == claim.institution.assumptions
    assert list(claim.assumptions) == assessed(random_portfolio(7)).summary["assumptions"]


def test_one_claim_says_what_it_cannot_tell() -> None:
    assert "budget" in decided().notes[0].en
    assert len(decided().notes) == 1


def test_days_of_recoveries_decide_their_order_and_rows_keep_theirs() -> None:
    late = RECOVERY | {"recovery_id": "R0", "recovery_date": "2023-03-02", "cost": "400000"}
    both = share_recoveries("1020000.00", 0, SHARES, [late, RECOVERY])
    assert [row.recovery_id for row in both.returns] == ["R0", "R1"]
    assert [str(row.distributed) for row in both.returns] == ["0.00", "285000.00"]
    recomputed(both.explanation)


@pytest.mark.parametrize(
    ("proceeds", "surplus"), [("1019999.99", 0), ("1020000.00", 0), ("1020000.01", "0.01")]
)
def test_no_more_than_the_payout_is_returned(proceeds: str, surplus: object) -> None:
    (row,) = share_recoveries(
        1_020_000, 0, SHARES, [RECOVERY | {"proceeds": proceeds, "cost": None}]
    ).returns
    assert row.surplus == Decimal(str(surplus))
    assert sum(row.to.values()) == row.distributed


@pytest.mark.slow
def test_an_institution_that_is_kept_is_never_taken_for_another() -> None:
    """Figures that were read and judged are kept for the next claim: more of them than are kept."""
    shares = [f"0.{n:06d}" for n in (*range(790_000, 790_000 + 3 * KEPT, 2), 950_000)] * 2
    for share in shares:
        institution = {**RATIOS, "small_agri_share": share}
        claim = decide_claim(POLICY, institution, CLAIM)
        alone = judge_institution(POLICY, institution)
        assert claim.institution.conditions == alone.conditions
        assert claim.institution.conditions[1].actual == Text(share, share)
        assert (claim.rate, claim.eligible) == (alone.rate, alone.eligible)


def test_true_is_not_taken_for_the_1_that_it_equals() -> None:
    assert decide_claim(POLICY, RATIOS, CLAIM).eligible
    for wrong in (1, Decimal(1), [True]):
        institution: Any = {**RATIOS, "government_backed": wrong}
        for _ in range(2):
            assert kinds(decide_claim, POLICY, institution, CLAIM) == {
                ("institution", "government_backed"): "not_boolean"
            }
    assert decide_claim(POLICY, RATIOS, CLAIM).eligible
