"""What review grants, what a closed claim is still paid, and the year of opening figures."""

from __future__ import annotations

import pytest

from compensation.assessment import Assessment, assess
from compensation.issues import Issue
from tests.assessing import assessed, portfolio_of, results_of
from tests.ledger.test_payments import payment
from tests.one_claim import CONTRACT, RECOVERY, small
from tests.oracle_reading import Tables

JIYUAN = "jiyuan-2022"


def granted(**cells: str) -> Tables:
    """A claim of 20,000 yuan, of which 4,000 are compensated at 20%."""
    old = {**CONTRACT, "contract_id": "K0", "borrower_id": "B0", "release_date": "2022-06-01"}
    tables = small(contracts={"guaranteed_amount": "4000000"})
    more = {**CONTRACT, "start_date": "2022-02-01", "guaranteed_amount": "3000000"}
    tables["contracts"].append(old)
    tables["contracts"] += [
        {**more, "contract_id": f"K{n}", "borrower_id": f"B{n}"} for n in range(2, 6)
    ]
    tables["claims"][0] |= {"principal": "20000", "interest": "", **cells}
    return tables


def claim_of(run: Assessment) -> dict[str, str]:
    return results_of(run)["claims"][0]


def found(run: Assessment, kind: str) -> list[Issue]:
    return [warning for warning in run.warnings if warning.kind == kind]


def test_without_the_columns_results_are_as_they_were() -> None:
    assert list(claim_of(assessed(granted())))[-1] == "payable"


@pytest.mark.parametrize(
    ("approved", "paid", "grant", "payable"),
    [
        ("", "", "4000.00", "4000.00"),
        ("0", "", "0.00", "0.00"),
        ("3999.99", "", "3999.99", "3999.99"),
        ("4000", "", "4000.00", "4000.00"),
        ("4000.01", "", "4000.00", "4000.00"),
        ("3000", "2999.99", "3000.00", "0.01"),
        ("3000", "3000", "3000.00", "0.00"),
        ("3000", "3000.01", "3000.00", "0.00"),
    ],
)
def test_at_most_the_approved_amount_is_payable(
    approved: str, paid: str, grant: str, payable: str
) -> None:
    run = assessed(granted(approved_amount=approved, compensation_paid=paid))
    claim = claim_of(run)
    assert (claim["granted"], claim["payable"], claim["closed"]) == (grant, payable, "false")
    assert claim["compensation"] == "4000.00"
    assert len(found(run, "approved_above_compensation")) == (approved == "4000.01")
    assert len(found(run, "paid_without_grant")) == (paid == "3000.01")
    lines = {line.name: line for line in run.explain("C1").arithmetic}
    assert lines["payable"].value == payable
    if approved:
        assert lines["granted"].formula == "min(compensation, approved_amount)"
        assert lines["granted"].basis == "assumption"
        assert lines["payable"].formula == "max(granted − compensation_paid, 0)"
    else:
        assert "granted" not in lines


@pytest.mark.parametrize(
    ("cells", "grant"),
    [
        ({"finance_review": "rejected"}, "0.00"),
        ({"finance_review": "pending"}, "0.00"),
        ({"payout_date": "2021-06-30"}, None),
    ],
)
def test_only_an_approved_claim_is_granted_anything(
    cells: dict[str, str], grant: str | None
) -> None:
    run = assessed(granted(approved_amount="3000", **cells))
    assert [row["granted"] for row in results_of(run)["claims"]] == ([grant] if grant else [])


def test_more_approved_than_computed_matters_where_the_claim_is_eligible_only() -> None:
    tables = granted(approved_amount="9000")
    assert len(found(assessed(tables), "approved_above_compensation")) == 1
    tables["contracts"][0]["borrower_type"] = "large_enterprise"
    run = assessed(tables)
    assert claim_of(run)["status"] == "ineligible"
    assert not found(run, "approved_above_compensation")


@pytest.mark.parametrize(
    ("closed", "day", "payable"),
    [
        ("", None, "4000.00"),
        ("2024-05-02", None, "0.00"),
        ("2024-05-02", "2024-05-01", "4000.00"),
        ("2024-05-02", "2024-05-02", "0.00"),
        ("2024-05-02", "2024-05-03", "0.00"),
    ],
)
def test_a_closed_claim_is_paid_nothing_more(closed: str, day: str | None, payable: str) -> None:
    portfolio = portfolio_of(granted(closed_date=closed))
    run = assess(portfolio, JIYUAN, 2022, as_of=day)
    claim = claim_of(run)
    assert claim["payable"] == payable
    assert claim["closed"] == ("true" if payable == "0.00" else "false")
    assert claim["granted"] == "4000.00"
    line = run.explain("C1").arithmetic[-1]
    assert (line.name, line.value) == ("payable", payable)
    assert ("结案" in line.describe("zh")) == (payable == "0.00")
    assert ("closed" in line.describe("en")) == (payable == "0.00")


@pytest.mark.parametrize(
    ("year", "counts"), [("", True), ("2021", False), ("2022", True), ("2023", False)]
)
def test_opening_figures_count_for_their_year(year: str, counts: bool) -> None:
    tables = granted()
    for name in ("opening_balance", "opening_borrowers", "opening_year"):
        tables["institutions"][0][name] = ""
    tables["institutions"][0] |= {"opening_balance": "123.45", "opening_borrowers": "7"}
    tables["institutions"][0]["opening_year"] = year
    run = assessed(tables)
    row = results_of(run)["institutions"][0]
    figures = (row["opening_balance"], row["opening_borrowers"])
    assert figures == (("123.45", "7") if counts else ("5000000.00", "2"))
    assert len(found(run, "stale_opening")) == (2 if counts else 0)
    assert len(found(run, "opening_not_used")) == (0 if counts else 2)


# Guards that speak of payments


@pytest.mark.parametrize(
    ("amounts", "warned"), [((), True), (("1", "-1"), True), (("0.01",), False)]
)
def test_recoveries_on_a_claim_that_was_never_paid(amounts: tuple[str, ...], warned: bool) -> None:
    tables = granted(payout_date="2022-06-30")
    tables["recoveries"] = [{**RECOVERY, "recovery_date": "2023-02-01"}]
    tables["payments"] = [
        payment(n, amount.strip("-"), "recalled" if "-" in amount else "", "2022-12-01")
        for n, amount in enumerate(amounts)
    ]
    assert not found(assessed(tables), "unpaid_with_recoveries")
    warnings = found(assessed(years_before(tables)), "unpaid_with_recoveries")
    assert [(w.table, w.row, w.column) for w in warnings] == (
        [("claims", 1, "compensation_paid")] if warned else []
    )


def years_before(tables: Tables) -> Tables:
    """The claim in the year before the one assessed."""
    tables["contracts"][0]["start_date"] = "2020-03-01"
    tables["claims"][0]["payout_date"] = "2021-06-30"
    return tables


@pytest.mark.parametrize(("paid", "more"), [("4000", None), ("4000.01", "0.01")])
def test_payments_of_more_than_the_compensation(paid: str, more: str | None) -> None:
    tables = {**granted(), "payments": [payment(1, paid, day="2022-12-01")]}
    warnings = found(assessed(tables), "paid_without_grant")
    assert [w.row for w in warnings] == ([] if more is None else [1])
    assert more is None or f"超出 {more} 元" in warnings[0].describe("zh")


@pytest.mark.parametrize(("decision", "warned"), [("rejected", True), ("pending", False)])
def test_payments_for_a_claim_that_is_rejected(decision: str, warned: bool) -> None:
    tables = granted(finance_review=decision)
    tables["payments"] = [payment(1, "1", day="2022-12-01")]
    assert len(found(assessed(tables), "paid_without_grant")) == warned


SECOND = payment(2, "5", day="2022-12-01")


@pytest.mark.parametrize(
    ("change", "warned"),
    [
        ({}, True),
        ({"kind": "paid"}, True),
        ({"voucher": "9"}, True),
        ({"amount": "5.01"}, False),
        ({"payment_date": "2022-12-02"}, False),
        ({"claim_id": "C2"}, False),
        ({"kind": "recalled"}, False),
    ],
)
def test_a_payment_that_is_entered_twice(change: dict[str, str], warned: bool) -> None:
    tables = granted()
    tables["claims"].append({**tables["claims"][0], "claim_id": "C2", "principal": "700"})
    first = {**SECOND, "payment_id": "P1", "voucher": ""}
    tables["payments"] = [first, {**SECOND, "voucher": "", **change}]
    warnings = found(assessed(tables), "entered_twice")
    assert [(w.table, w.row, w.column) for w in warnings] == (
        [("payments", 2, "payment_id")] if warned else []
    )
