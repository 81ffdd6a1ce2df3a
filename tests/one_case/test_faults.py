"""Every fault of a case at once, each with its path; and what is not taken for a figure."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from compensation import (
    CaseFaults,
    PolicyFaults,
    decide_claim,
    examine_claim,
    judge_institution,
    load_policy,
    share_recoveries,
)
from tests.one_case.example import (
    AMOUNTS,
    CLAIM,
    LUOYANG_CLAIM,
    LUOYANG_INSTITUTION,
    RATIOS,
    RECOVERY,
    SHARES,
    decided,
    faults,
    kinds,
    without,
)
from tests.policy.test_small_policies import small

POLICY = "jiyuan-2022"


def of_claim(**changes: Any) -> dict[tuple[str | int, ...], str]:
    return kinds(decide_claim, POLICY, RATIOS, {**CLAIM, **changes})


def of_institution(**changes: Any) -> dict[tuple[str | int, ...], str]:
    return kinds(judge_institution, POLICY, {**RATIOS, **changes})


def test_all_that_a_case_lacks_is_said_at_once() -> None:
    assert kinds(decide_claim, POLICY, {}, {}) == {
        **{("institution", name): "missing" for name in RATIOS},
        **{
            ("claim", name): "missing"
            for name in ("borrower_type", "borrower_exposure", "payout_date", "principal")
        },
    }
    assert set(kinds(examine_claim, POLICY, RATIOS, {})) == {
        ("claim", name) for name in ("borrower_type", "borrower_exposure", "payout_date")
    }


def test_a_missing_figure_says_what_looks_at_it_and_what_would_do() -> None:
    found = faults(judge_institution, POLICY, without(RATIOS, "payout_rate"))
    (fault,) = found.values()
    assert "payout_rate" in fault.message.en
    assert POLICY in fault.message.en
    assert "payout_amount、released_amount" in fault.expected.zh
    assert str(fault) == fault.describe("zh")


def test_with_amounts_the_missing_amount_is_named() -> None:
    for name in without(AMOUNTS, "government_backed"):
        found = kinds(judge_institution, POLICY, without(AMOUNTS, name))
        assert found == {("institution", name): "missing"}


def test_a_policy_of_its_own_columns_misses_them_by_name() -> None:
    found = kinds(decide_claim, "luoyang-2025", {}, CLAIM)
    tested = {*without(LUOYANG_CLAIM, *CLAIM)}
    assert found == {
        ("institution", "government_backed"): "missing",
        ("institution", "new_guarantees"): "missing",
        **{("claim", name): "missing" for name in tested},
    }


def test_unknown_names_and_what_they_look_like() -> None:
    found = faults(decide_claim, POLICY, {**RATIOS, "payout_rat": 1}, {**CLAIM, "intrest": 0})
    assert {path: fault.kind for path, fault in found.items()} == {
        ("institution", "payout_rat"): "unknown_member",
        ("claim", "intrest"): "unknown_member",
    }
    assert "interest" in found["claim", "intrest"].message.zh
    assert "payout_rate" in found["institution", "payout_rat"].message.en


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (1.5, "binary_float"),
        (float("nan"), "binary_float"),
        ("1.005", "too_many_decimals"),
        (Decimal("0.001"), "too_many_decimals"),
        (-1, "negative"),
        ("-0.01", "negative"),
        ("10000000000000.00", "too_large"),
        (10**400, "too_large"),
        (Decimal("NaN"), "not_finite"),
        (Decimal("Infinity"), "not_finite"),
        ("1e6", "scientific"),
        ("12,34", "misplaced_separator"),
        ("abc", "not_a_number"),
        ("", "not_a_number"),
        (True, "not_a_number"),
        ([1], "not_a_number"),
        (None, "blank"),
    ],
)
def test_what_is_no_amount(value: Any, kind: str) -> None:
    assert of_claim(principal=value) == {("claim", "principal"): kind}
    assert kinds(judge_institution, POLICY, {**AMOUNTS, "payout_amount": value}) == {
        ("institution", "payout_amount"): kind
    }


@pytest.mark.parametrize(
    ("value", "fen"),
    [
        ("9999999999999.99", 999_999_999_999_999),
        (" 1,000,000.00 ", 100_000_000),
        (Decimal("100.0000"), 10_000),
        (Decimal("1E+3"), 100_000),
        ("-0", 0),
    ],
)
def test_what_is_an_amount(value: Any, fen: int) -> None:
    assert decided(principal=value, interest="0.01").payout == Decimal(fen + 1).scaleb(-2)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (0.92, "binary_float"),
        ("0.9200001", "too_many_decimals"),
        ("1.000001", "out_of_range"),
        ("-0.000001", "out_of_range"),
        ("--1", "not_a_number"),
        (Decimal("-NaN"), "not_finite"),
        (True, "not_a_number"),
        ("a", "not_a_number"),
    ],
)
def test_what_is_no_ratio(value: Any, kind: str) -> None:
    assert of_institution(small_agri_share=value) == {("institution", "small_agri_share"): kind}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("balance_growth", "-1.000001"),
        ("balance_growth", "1000000000.000001"),
        ("payout_rate", -1),
    ],
)
def test_ratios_that_cannot_be(name: str, value: Any) -> None:
    assert of_institution(**{name: value}) == {("institution", name): "out_of_range"}


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("balance_growth", "-1", False),
        ("payout_rate", "0", True),
        ("small_agri_share", "92%", True),
    ],
)
def test_ratios_at_their_bounds(name: str, value: Any, accepted: bool) -> None:
    assert judge_institution(POLICY, {**RATIOS, name: value}).eligible == accepted


def test_ratios_that_contradict_the_amounts() -> None:
    agreeing = {**AMOUNTS, "balance_growth": "0.25", "payout_rate": Decimal("0.015000")}
    assert judge_institution(POLICY, agreeing).eligible
    found = faults(judge_institution, POLICY, {**AMOUNTS, "balance_growth": "0.250001"})
    (fault,) = found.values()
    assert (fault.kind, fault.expected.en) == ("contradiction", "0.250000")
    undefined = kinds(judge_institution, POLICY, {**AMOUNTS, "balance_growth": None})
    assert undefined == {("institution", "balance_growth"): "contradiction"}


def test_a_part_is_no_more_than_the_whole() -> None:
    whole = {**AMOUNTS, "small_agri_balance": "500000000.00"}
    assert judge_institution(POLICY, whole).eligible
    assert kinds(judge_institution, POLICY, {**whole, "small_agri_balance": "500000000.01"}) == {
        ("institution", "small_agri_balance"): "part_above_whole"
    }


@pytest.mark.parametrize("value", ["是", 1, "true", None, 0.0])
def test_yes_and_no_are_true_and_false(value: Any) -> None:
    (kind,) = of_institution(government_backed=value).values()
    assert kind == ("blank" if value is None else "binary_float" if value == 0 else "not_boolean")


@pytest.mark.parametrize(
    ("year", "kind"),
    [
        (2021, "year_not_covered"),
        (2023, "year_not_covered"),
        (1899, "year_out_of_range"),
        (True, "year_out_of_range"),
        ("2022", "year_out_of_range"),
    ],
)
def test_years(year: Any, kind: str) -> None:
    assert kinds(judge_institution, POLICY, RATIOS, year) == {("year",): kind}
    assert judge_institution(POLICY, RATIOS, 2022).eligible


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("2022-02-30", "no_such_date"),
        ("30.6.2022", "ambiguous_date"),
        (datetime.datetime(2022, 6, 30, 12, tzinfo=datetime.UTC), "time_of_day"),
        (datetime.date(1899, 12, 31), "out_of_range"),
        (44742, "not_a_date"),
        ("44742", "bare_serial"),
        (None, "blank"),
    ],
)
def test_what_is_no_date(value: Any, kind: str) -> None:
    assert of_claim(payout_date=value) == {("claim", "payout_date"): kind}


def test_what_is_a_date() -> None:
    day = datetime.date(2022, 6, 30)
    midnight = datetime.datetime.combine(day, datetime.time())
    for given in (day, midnight, "2022年6月30日"):
        assert decided(payout_date=given).eligible


@pytest.mark.parametrize("value", ["small", "小", 1, True, []])
def test_what_is_no_borrower_type(value: Any) -> None:
    assert of_claim(borrower_type=value) == {("claim", "borrower_type"): "unknown_choice"}
    assert of_claim(borrower_type=None) == {("claim", "borrower_type"): "blank"}


def test_a_borrower_type_goes_by_the_names_that_ledgers_have() -> None:
    for given in ("small_enterprise", "小型企业", "小型", "SMALL_ENTERPRISE"):
        assert decided(borrower_type=given).eligible
    assert of_claim(borrower_type="小微企业") == {("claim", "borrower_type"): "ambiguous_choice"}


@pytest.mark.parametrize(
    ("shares", "path", "kind"),
    [
        ({"institution": "0.4"}, (), "shares_sum"),
        ({"institution": "0.4", "lender": "0.600001"}, (), "shares_sum"),
        ({"institution": "0.4", "lender": "0.599999"}, (), "shares_sum"),
        ({"institution": 0}, (), "shares_sum"),
        ({"institution": 0.4, "lender": "0.6"}, ("institution",), "binary_float"),
        ({"institution": "0.4", "lender": "0.6000001"}, ("lender",), "too_many_decimals"),
        ({"institution": "1.1", "lender": "0"}, ("institution",), "out_of_range"),
        ({"institution": "0.6", "government": "0.4"}, ("government",), "government_share"),
        ({"institution": "0.6", " a": "0.4"}, (" a",), "wrong_form"),
        ({"institution": "0.6", "a\x1b": "0.4"}, ("a\x1b",), "wrong_form"),
        ({"institution": "0.6", "a" * 61: "0.4"}, ("a" * 61,), "wrong_form"),
        ({"institution": "0.6", "": "0.4"}, ("",), "wrong_form"),
    ],
)
def test_shares(shares: dict[str, Any], path: tuple[str, ...], kind: str) -> None:
    assert of_claim(shares=shares) == {("claim", "shares", *path): kind}
    found = kinds(share_recoveries, 100, 0, shares, [])
    assert found == {("shares", *path): kind}


def test_shares_that_are_none() -> None:
    assert of_claim(shares="0.4") == {("claim", "shares"): "not_an_object"}


@pytest.mark.parametrize(("paid", "wrong"), [("407999.99", 0), ("408000.00", 0), ("408000.01", 1)])
def test_no_more_was_paid_than_the_institution_bore(paid: str, wrong: int) -> None:
    if not wrong:
        assert decided(compensation_paid=paid).compensation
        assert share_recoveries("1020000", paid, SHARES, []).bears["government"] == Decimal(paid)
        return
    assert of_claim(compensation_paid=paid) == {("claim", "compensation_paid"): "paid_above_borne"}
    found = faults(share_recoveries, "1020000", paid, SHARES, [])
    assert {path: fault.kind for path, fault in found.items()} == {
        ("compensation",): "paid_above_borne"
    }
    assert found["compensation",].expected.en == "at most 408000.00"


def test_a_claim_that_nothing_was_paid_for() -> None:
    assert of_claim(principal=0, interest=0) == {("claim", "principal"): "no_payout"}
    assert decided(principal=0, interest="0.01").payout == Decimal("0.01")


def test_dates_and_reference_rates() -> None:
    def wrong(**changes: Any) -> dict[tuple[str | int, ...], str]:
        claim = {**LUOYANG_CLAIM, **changes}
        return kinds(decide_claim, "luoyang-2025", LUOYANG_INSTITUTION, claim)

    assert wrong(start_date="2025-11-21") == {("claim", "payout_date"): "date_order"}
    same_day = {**LUOYANG_CLAIM, "start_date": "2025-11-20"}
    assert decide_claim("luoyang-2025", LUOYANG_INSTITUTION, same_day).eligible
    assert wrong(start_date="1990-01-01") == {("claim", "start_date"): "series_gap"}
    assert wrong(start_date=None) == {("claim", "start_date"): "blank"}
    assert wrong(borrower_region=5) == {("claim", "borrower_region"): "not_text"}


def test_what_is_wrong_with_recoveries() -> None:
    rows = [
        RECOVERY,
        {**RECOVERY, "proceeds": None, "cost": 1.5},
        {"recovery_id": " ", "recovery_date": "2023-02-30", "proceeds": 1, "claim_id": "C1"},
    ]
    assert kinds(share_recoveries, None, "x", SHARES, rows) == {
        ("payout",): "blank",
        ("compensation",): "not_a_number",
        ("recoveries", 1, "recovery_id"): "duplicate",
        ("recoveries", 1, "proceeds"): "blank",
        ("recoveries", 1, "cost"): "binary_float",
        ("recoveries", 2, "recovery_id"): "blank",
        ("recoveries", 2, "recovery_date"): "no_such_date",
        ("recoveries", 2, "claim_id"): "unknown_member",
    }
    assert kinds(share_recoveries, 0, 0, SHARES, [{}]) == {
        ("payout",): "not_positive",
        ("recoveries", 0, "recovery_id"): "missing",
        ("recoveries", 0, "recovery_date"): "missing",
        ("recoveries", 0, "proceeds"): "missing",
    }


@pytest.mark.parametrize("rows", [None, "R1", RECOVERY, 1])
def test_recoveries_that_are_no_list(rows: Any) -> None:
    assert kinds(share_recoveries, 100, 0, SHARES, rows) == {("recoveries",): "not_a_list"}


def test_a_recovery_that_is_none_leaves_the_others_to_be_looked_at() -> None:
    rows: Any = [["R1", "2023-03-01"], {**RECOVERY, "cost": "-1"}, None]
    assert kinds(share_recoveries, 100, 0, SHARES, rows) == {
        ("recoveries", 0): "not_an_object",
        ("recoveries", 1, "cost"): "negative",
        ("recoveries", 2): "not_an_object",
    }


def test_recoveries_that_add_up_to_more_than_can_be_computed() -> None:
    most = "9999999999999.99"
    rows = [{**RECOVERY, "recovery_id": str(n), "proceeds": most} for n in range(1001)]
    assert kinds(share_recoveries, 100, 0, None, rows) == {("recoveries",): "total_too_large"}
    assert len(share_recoveries(100, 0, None, rows[:1000]).returns) == 1000


def test_a_wrong_policy_is_the_policys_fault() -> None:
    with pytest.raises(PolicyFaults):
        decide_claim("no-such-policy", RATIOS, CLAIM)
    with pytest.raises(CaseFaults):
        decide_claim(POLICY, RATIOS, {})


def test_a_limit_by_the_years_end_needs_the_year(tmp_path: Path) -> None:
    text = (
        load_policy(POLICY)
        .text.replace("to = 2022-12-31\n", "", 1)
        .replace(
            "at_most = 0.05",
            'at_most = { on = "year.end", values = ['
            "{ from = 2022-01-01, value = 0.05 }, { from = 2023-01-01, value = 0.01 }] }",
            1,
        )
    )
    path = tmp_path / "dated.toml"
    path.write_text(text, encoding="utf-8")
    assert kinds(judge_institution, path, RATIOS) == {("year",): "missing"}
    assert judge_institution(path, RATIOS, 2022).eligible
    assert judge_institution(path, RATIOS, 2023).reasons == ("payout_rate",)
    late = {**CLAIM, "payout_date": "2023-01-01"}
    assert decide_claim(path, RATIOS, CLAIM).institution.eligible
    assert decide_claim(path, RATIOS, late).institution.reasons == ("payout_rate",)


def test_the_contract_of_a_claim_is_asked_for_where_the_policy_tests_it(tmp_path: Path) -> None:
    tested = 'value = "claims.borrower_exposure"\nat_most = 5_000_000\n'
    text = load_policy(POLICY).text
    assert text.count(tested) == 1
    path = tmp_path / "by-id.toml"
    by_id = 'value = "claims.contract_id"\nstarts_with = ["K"]\n'
    path.write_text(text.replace(tested, by_id), encoding="utf-8")
    assert kinds(decide_claim, path, RATIOS, CLAIM)["claim", "claims.contract_id"] == "missing"
    case = without(CLAIM, "borrower_exposure")
    for id_, eligible in (("K1", True), ("L1", False)):
        assert decide_claim(path, RATIOS, {**case, "claims.contract_id": id_}).eligible == eligible


def test_a_cap_that_claims_share_is_said_to_be_applied_alone() -> None:
    invented = Path(__file__).parent.parent / "policy" / "invented" / "cap-per-borrower.toml"
    policy = load_policy(invented)
    with pytest.raises(CaseFaults) as caught:
        decide_claim(policy, {}, {})
    institution = {
        str(fault.path[1]): True for fault in caught.value.faults if fault.path[0] == "institution"
    }
    claim = decide_claim(policy, institution, {**CLAIM, "payout_date": "2024-06-30"})
    (note,) = claim.notes[1:]
    assert note.zh.startswith("每户的上限由多笔代偿共用")
    assert note.en.startswith("the cap on each borrower is shared by several claims")


def test_a_condition_on_the_payout_needs_the_principal() -> None:
    limit = '[[claim_conditions]]\nid = "payout"\nvalue = "claims.payout"\nat_most = 500'
    policy = small(limit, base='"contracts.guaranteed_amount"')
    claim: dict[str, Any] = {"guaranteed_amount": 1000, "payout_date": "2022-06-01"}
    assert kinds(examine_claim, policy, {}, claim) == {("claim", "principal"): "missing"}
    for principal, reasons in (("500", ()), ("500.01", ("payout",))):
        examined = examine_claim(policy, {}, {**claim, "principal": principal})
        assert examined.reasons == reasons
