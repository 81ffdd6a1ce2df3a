"""What invented policies come to, worked out by hand: each says something that real ones say."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from compensation import Assessment, InputFaults, assess, portfolio_of_frames

INVENTED = Path(__file__).parent / "invented"
Row = dict[str, str]

CONTRACT: Row = {
    "institution_id": "A",
    "borrower_id": "b",
    "borrower_type": "small_enterprise",
    "guaranteed_amount": "4000000",
    "start_date": "2024-01-10",
    "share_institution": "0.8",
    "share_lender": "0.2",
}
CLAIM: Row = {
    "payout_date": "2024-06-30",
    "principal": "1000000",
    "interest": "20000",
    "finance_review": "approved",
}


def run(
    policy: str,
    claims: list[Row],
    contracts: list[Row] | None = None,
    recoveries: list[Row] | None = None,
    budget: str | None = None,
    year: int = 2024,
    institution: Row | None = None,
) -> Assessment:
    """Assess claims c1, c2, … on contracts k1, k2, …; a claim is on k1 unless it says otherwise."""
    contracts = contracts or [{}]
    numbered = [{"contract_id": f"k{n}"} | CONTRACT | own for n, own in enumerate(contracts, 1)]
    claimed = [
        {"claim_id": f"c{n}", "contract_id": "k1"} | CLAIM | own for n, own in enumerate(claims, 1)
    ]
    portfolio = portfolio_of_frames(
        institutions=pd.DataFrame(
            [{"institution_id": "A", "government_backed": "是"} | (institution or {})]
        ),
        contracts=pd.DataFrame(numbered),
        claims=pd.DataFrame(claimed),
        recoveries=None if recoveries is None else pd.DataFrame(recoveries),
    )
    return assess(portfolio, INVENTED / f"{policy}.toml", year, budget)


def column(assessment: Assessment, name: str, table: str = "claims") -> list[str | None]:
    """Return a result column as text."""
    values = assessment.tables[table].column(name).to_pylist()
    return [None if value is None else str(value) for value in values]


def test_base_is_the_principal() -> None:
    assert column(run("base-principal", [{}]), "base") == ["1000000.00"]


def test_base_and_beneficiary_are_another_party() -> None:
    result = run("base-own-share", [{"compensation_paid": "0"}])
    assert column(result, "base") == ["204000.00"]
    assert column(result, "payable") == ["102000.00"]


def test_returns_are_taken_off_the_beneficiary() -> None:
    recovery = {"claim_id": "c1", "recovery_date": "2024-12-01", "proceeds": "1020000"}
    result = run("base-own-share", [{}], recoveries=[{"recovery_id": "r"} | recovery])
    assert column(result, "to_government", "returns") == ["102000.00"]
    assert column(result, "to_institution", "returns") == ["816000.00"]
    assert column(result, "to_lender", "returns") == ["102000.00"]


def test_base_net_of_what_was_received_before() -> None:
    taken_off: list[Row] = [
        {"recovered_before": "300000", "deposit": "100000.50"},
        {"recovered_before": "1000000", "deposit": "0.01"},
    ]
    result = run("base-net-of-recoveries", taken_off)
    assert column(result, "base") == ["599999.50", "0.00"]
    assert column(result, "compensation") == ["299999.75", "0.00"]


def test_a_blank_deduction_is_a_fault_not_a_zero() -> None:
    with pytest.raises(InputFaults) as caught:
        run("base-net-of-recoveries", [{"recovered_before": "", "deposit": "0"}])
    (fault,) = caught.value.faults
    assert (fault.table, fault.row, fault.column) == ("claims", 1, "recovered_before")


def test_additions_add_points_up_to_the_documents_bound() -> None:
    contracts: list[Row] = [
        {"first_loan": "否"},
        {"first_loan": "是"},
        {"first_loan": "否", "borrower_type": "farmer"},
        {"first_loan": "是", "borrower_type": "farmer"},
    ]
    claims = [{"contract_id": f"k{n}"} for n in range(1, 5)]
    result = run("additions", claims, contracts)
    assert column(result, "rate") == ["0.200000", "0.250000", "0.230000", "0.280000"]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        # 50% of 999,999.98, 1,000,000.00 and 1,000,000.02 against a cap of 500,000.
        ("cap-per-claim", ["499999.99", "500000.00", "500000.00"]),
        ("cap-per-claim-refused", ["499999.99", "500000.00", "0.00"]),
    ],
)
def test_a_cap_on_each_claim(policy: str, expected: list[str]) -> None:
    amounts = ["999999.98", "1000000.00", "1000000.02"]
    result = run(policy, [{"principal": amount, "interest": "0"} for amount in amounts])
    assert column(result, "compensation") == expected
    refused = policy.endswith("refused")
    assert column(result, "reasons")[2] == ("per_claim" if refused else None)
    assert column(result, "status")[2] == ("ineligible" if refused else "approved")


def test_a_cap_on_all_levels_together() -> None:
    # Borne: 816,000; 80% of it is 652,800. Half the payout, 510,000, fits until aid takes room.
    aid = ["0", "142800", "142800.01", "700000"]
    result = run("cap-all-levels", [{"provincial_aid": amount} for amount in aid])
    assert column(result, "compensation") == ["510000.00", "510000.00", "509999.99", "0.00"]


def test_a_cap_on_a_borrower_over_all_years_counts_what_was_paid() -> None:
    claims: list[Row] = [
        {"payout_date": "2024-08-01"},  # after the next one: nothing left
        {"payout_date": "2024-03-01"},
        {"payout_date": "2023-03-01", "compensation_paid": "400000"},
        {"payout_date": "2024-09-01", "contract_id": "k2"},  # another borrower
        {"payout_date": "2024-02-01", "finance_review": "rejected"},  # takes no room
    ]
    contracts: list[Row] = [{"start_date": "2023-01-01"}, {"borrower_id": "other"}]
    result = run("cap-per-borrower", claims, contracts)
    assert column(result, "claim_id") == ["c1", "c2", "c4", "c5"]
    assert column(result, "compensation") == ["0.00", "400000.00", "510000.00", "400000.00"]
    assert column(result, "payable") == ["0.00", "400000.00", "510000.00", "0.00"]


def test_a_cap_on_an_institution_refuses_what_goes_over_but_not_what_fits() -> None:
    amounts = ["2000000", "2000000.02", "1000000", "1000000"]
    claims: list[Row] = [
        {"principal": amount, "interest": "0", "payout_date": f"2024-0{n}-01"}
        for n, amount in enumerate(amounts, 2)
    ]
    result = run("cap-per-institution", claims)
    assert column(result, "compensation") == ["1000000.00", "0.00", "500000.00", "500000.00"]
    assert column(result, "reasons") == [None, "per_institution", None, None]


def test_a_cap_on_the_programme_is_shared_over_institutions_and_years() -> None:
    claims: list[Row] = [
        {"principal": "15000000", "interest": "0", "payout_date": "2024-02-01"},
        {"principal": "15000000", "interest": "0", "payout_date": "2024-03-01"},
        {"principal": "15000000", "payout_date": "2023-02-01", "compensation_paid": "1000000"},
    ]
    contracts: list[Row] = [{"guaranteed_amount": "50000000", "start_date": "2023-01-01"}]
    result = run("cap-per-programme", claims, contracts)
    assert column(result, "compensation") == ["7500000.00", "1500000.00"]


def test_what_was_paid_for_later_years_leaves_a_cap_over_all_years_as_it_is() -> None:
    """As in a settlement; the later year has what this one leaves, once it is decided."""
    claims: list[Row] = [
        {"principal": "15000000", "interest": "0", "payout_date": "2024-02-01"},
        {"principal": "15000000", "payout_date": "2025-02-01", "compensation_paid": "1000000"},
    ]
    contracts: list[Row] = [{"guaranteed_amount": "50000000", "start_date": "2023-01-01"}]
    result = run("cap-per-programme", claims, contracts)
    assert column(result, "compensation") == ["7500000.00"]
    claims[0]["principal"] = "25000000"
    result = run("cap-per-programme", claims, contracts)
    assert column(result, "compensation") == ["10000000.00"]
    claims[1]["payout_date"] = "2023-12-31"
    result = run("cap-per-programme", claims, contracts)
    assert column(result, "compensation") == ["9000000.00"]
    assumed = {said["id"]: said for said in result.summary["assumptions"]}
    assert "以前年度" in assumed["cap_over_all_years"]["note"]
    other = run("cap-per-institution", claims[:1], contracts)
    assert "cap_over_all_years" not in {said["id"] for said in other.summary["assumptions"]}


@pytest.mark.parametrize(
    ("policy", "rates", "reasons"),
    [
        ("decided-rate", ["0.120000", "0.200000", None], [None, None, "decided_rate"]),
        ("decided-rate-refused", ["0.120000", None, None], [None, "decided_rate", "decided_rate"]),
    ],
)
def test_a_decided_rate_under_a_ceiling(
    policy: str, rates: list[str | None], reasons: list[str | None]
) -> None:
    result = run(policy, [{"decided_rate": decided} for decided in ("12%", "0.200001", "")])
    assert column(result, "rate") == rates
    assert column(result, "reasons") == reasons


def test_a_budget_first_come_first_served() -> None:
    claims: list[Row] = [
        {"accepted_on": "2024-07-03"},
        {"accepted_on": "2024-07-02"},
        {"accepted_on": "2024-07-02"},
    ]
    result = run("budget-first-come", claims, budget="600000")
    assert column(result, "payable") == ["0.00", "510000.00", "90000.00"]


def test_thresholds_that_change_by_date() -> None:
    over = [{"guaranteed_amount": "5000000.01"}]
    days = ["2024-06-30", "2024-07-01"]
    result = run("dated-thresholds", [{"payout_date": day} for day in days], over)
    assert column(result, "reasons") == ["exposure", None]
    mixed: list[Row] = [
        {"guaranteed_amount": "3000000"},
        {"guaranteed_amount": "1000000", "borrower_type": "other", "borrower_id": "o"},
    ]
    for year, eligible in ((2024, ["True"]), (2025, ["False"])):
        claim = [{"payout_date": f"{year}-06-30"}]
        result = run("dated-thresholds", claim, mixed, year=year)
        assert column(result, "eligible", "institutions") == eligible


def test_a_filing_deadline_is_inclusive() -> None:
    filed = ["2024-09-27", "2024-09-28", "2024-09-29", ""]
    result = run("filing-deadline", [{"filed_on": day} for day in filed])
    assert column(result, "eligible") == ["True", "True", "False", "False"]


def test_indicator_variants() -> None:
    contracts: list[Row] = [
        {"guaranteed_amount": "1000000", "start_date": "2021-06-01", "release_date": "2022-07-01"},
        {"guaranteed_amount": "2000000", "start_date": "2022-06-01", "release_date": "2024-07-01"},
        {"guaranteed_amount": "4000000", "borrower_id": "x", "borrower_type": "farmer"},
        {"guaranteed_amount": "6000000", "borrower_id": "y", "borrower_type": "other"},
    ]
    claims: list[Row] = [
        {"contract_id": "k1", "payout_date": "2022-03-01", "principal": "300000", "interest": "0"},
        {"contract_id": "k2", "payout_date": "2024-03-01", "principal": "300000", "interest": "0"},
    ]
    result = run("indicator-variants", claims, contracts)
    expected = {
        "new_small_agri_share": "0.400000",  # 4 of 10 million
        "payouts_by_new_volume": "0.030000",  # 0.3 of 10 million
        "payouts_by_closing": "0.030000",
        "payouts_by_average": "0.050000",  # 0.3 of (2 + 10) / 2 million
        "payout_rate_three_years": "0.200000",  # 0.6 of 3 million
        "single_ticket_share": "0.400000",
        "small_agri_growth": "1.000000",  # 2 to 4 million
        "average_balance": "6000000.00",
        "farmers": "1",
    }
    for name, value in expected.items():
        assert column(result, name, "institutions") == [value], name
    failed = "new_small_agri_share;single_ticket_share"
    assert column(result, "reasons", "institutions") == [failed]


def test_new_volume_and_any_one_of_several() -> None:
    for amount, passed in (("49999999.99", "False"), ("50000000.00", "True")):
        contracts: list[Row] = [{"guaranteed_amount": amount}]
        result = run("new-volume", [{}], contracts, institution={"opening_balance": ""})
        assert column(result, "eligible", "institutions") == [passed]
    mixed: list[Row] = [
        {"guaranteed_amount": "60000000"},
        {"guaranteed_amount": "60000000", "borrower_type": "other"},
    ]
    for given, passed in (("", "False"), ("1", "True")):
        result = run("new-volume", [{}], mixed, institution={"opening_balance": given})
        assert column(result, "eligible", "institutions") == [passed]
        assert column(result, "reasons", "institutions") == [None if given else "sound"]


def test_without_review_everything_eligible_is_payable() -> None:
    result = run("no-review", [{"finance_review": "rejected"}])
    assert column(result, "status") == ["approved"]


def test_returns_gross_of_costs() -> None:
    recovery = {"recovery_id": "r", "claim_id": "c1", "recovery_date": "2024-12-01"}
    amounts = {"proceeds": "100000", "cost": "30000"}
    result = run("returns-gross", [{}], recoveries=[recovery | amounts])
    assert column(result, "distributed", "returns") == ["100000.00"]


def test_a_limit_from_a_series_of_the_policys_own() -> None:
    claims = [
        {"contract_id": f"k{n}", "payout_date": day}
        for n, day in enumerate(["2024-06-30", "2024-07-01", "2024-06-30"], 1)
    ]
    contracts = [{"fee_rate": fee} for fee in ("0.0099", "0.0075", "1%")]
    result = run("series-own", claims, contracts)
    assert column(result, "eligible") == ["False", "True", "True"]


def test_a_limit_from_the_shipped_series_by_term() -> None:
    # 2024-01-10: 3.45% up to five years, 4.20% beyond; 1.5 points on top.
    contracts: list[Row] = [
        {"loan_rate": "4.95%", "months": "60"},
        {"loan_rate": "0.049501", "months": "60"},
        {"loan_rate": "5.7%", "months": "61"},
        {"loan_rate": "0.05", "months": ""},
    ]
    result = run("series-shipped", [{"contract_id": f"k{n}"} for n in range(1, 5)], contracts)
    assert column(result, "eligible") == ["True", "False", "True", "False"]


def test_several_payers_share_what_is_payable() -> None:
    result = run("several-payers", [{"principal": "0.02", "interest": "0.05"}, {}])
    assert column(result, "payable") == ["0.04", "510000.00"]
    paid = [column(result, f"payable_{payer}") for payer in ("city", "county", "province")]
    assert paid == [["0.02", "255000.00"], ["0.01", "169983.00"], ["0.01", "85017.00"]]


def test_tiers_by_enterprise_class() -> None:
    types = ["farmer", "micro_enterprise", "business_owner", "medium_enterprise"]
    contracts = [{"borrower_type": kind, "borrower_id": kind} for kind in types]
    result = run("tiers-by-class", [{"contract_id": f"k{n}"} for n in range(1, 5)], contracts)
    assert column(result, "rate") == ["0.400000", "0.300000", "0.200000", None]
    assert column(result, "reasons")[3] == "tier"


@pytest.mark.parametrize(
    ("policy", "amounts", "rates"),
    [
        (
            "tiers-by-exposure",
            ["999999.99", "1000000", "4999999.99", "5000000"],
            ["0.500000", "0.300000", "0.300000", "0.100000"],
        ),
        (
            "tiers-by-closed-exposure",
            ["9999.99", "10000", "1000000", "1000000.01", "3000000", "3000000.01"],
            [None, "0.400000", "0.400000", "0.200000", "0.200000", None],
        ),
    ],
)
def test_tiers_by_exposure(policy: str, amounts: list[str], rates: list[str | None]) -> None:
    contracts = [
        {"guaranteed_amount": amount, "borrower_id": f"b{n}"} for n, amount in enumerate(amounts)
    ]
    claims = [
        {"contract_id": f"k{n}", "principal": "9999", "interest": "0"}
        for n in range(1, len(amounts) + 1)
    ]
    assert column(run(policy, claims, contracts), "rate") == rates


@pytest.mark.parametrize(("opening", "rate"), [("4000000.01", "0.100000"), ("4000000", "0.200000")])
def test_tiers_by_an_indicator_that_may_be_negative(opening: str, rate: str) -> None:
    result = run("tiers-by-growth", [{}], institution={"opening_balance": opening})
    assert column(result, "rate") == [rate]
    assert column(result, "rate", "institutions") == [rate]


@pytest.mark.parametrize(
    ("payout", "rate"),
    [("30000", "0.300000"), ("30000.01", "0.150000"), ("50000", "0.150000"), ("50000.01", None)],
)
def test_tiers_by_an_indicator(payout: str, rate: str | None) -> None:
    contracts: list[Row] = [{"guaranteed_amount": "1000000", "release_date": "2024-12-01"}]
    result = run("tiers-by-indicator", [{"principal": payout, "interest": "0"}], contracts)
    assert column(result, "rate") == [rate]


def test_tiers_by_sector() -> None:
    contracts = [{"sector": sector} for sector in ("高新技术", "制造业", "制造业", "批发业", "")]
    claims: list[Row] = [{"contract_id": f"k{n}"} for n in range(1, 6)]
    claims[2] |= {"principal": "1980000.01"}  # with interest just above two million
    expected = ["0.500000", "0.300000", "0.100000", "0.100000", "0.100000"]
    assert column(run("tiers-by-sector", claims, contracts), "rate") == expected


def test_another_day_puts_claims_into_the_year() -> None:
    claims: list[Row] = [
        {"payout_date": "2023-12-20", "accepted_on": "2024-01-05"},
        {"payout_date": "2024-12-20", "accepted_on": "2025-01-05"},
    ]
    result = run("trigger-by-acceptance", claims, [{"start_date": "2023-01-01"}])
    assert column(result, "claim_id") == ["c1"]


def test_every_invented_policy_is_worked_out_here() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    names = [path.stem for path in INVENTED.glob("*.toml")]
    assert names
    assert not [name for name in names if f'"{name}"' not in source]
