"""Contracts that belong to several years: what was paid for one is not taken off another."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from compensation import Assessment, assess_frames
from compensation.policy.catalogue import POLICY_TEXT, policy_of_texts
from tests.one_claim import faults
from tests.policy.test_small_policies import CONTRACT, HEAD

RULES = """
record = "contract"
trigger = { date = "contracts.start_date", until = "contracts.release_date" }
review = { required = [] }
base = { value = "contracts.guaranteed_amount" }
rates = { tiers = [{ rate = { times = [0.01, { over = [
    { days_in_year = ["contracts.start_date", "contracts.release_date"] }, "year.days",
] }] } }] }
"""
ALL_YEARS = """
[[caps]]
id = "enterprise"
per = ["contracts.borrower_id"]
years = "all"
at_most = 12_000
"""
BEFORE = "compensation_paid_before"
Row = dict[str, str]


def run(
    year: int,
    *rows: Row,
    caps: str = "",
    payments: list[Row] | None = None,
    head: str = HEAD,
) -> Assessment:
    """Assess contracts of 1,000,000 from the start of 2022 to the end of 2023."""
    days = {"start_date": "2022-01-01", "release_date": "2023-12-31"}
    numbered = enumerate(rows, 1)
    contracts = [{**CONTRACT, **days, "contract_id": f"k{n}", **row} for n, row in numbered]
    frames: dict[str, Any] = {
        "institutions": [{"institution_id": "A", "government_backed": "true"}],
        "contracts": contracts,
        "payments": payments,
    }
    policy = policy_of_texts({POLICY_TEXT: head.replace("2022-03", "2022-01") + RULES + caps})
    return assess_frames({n: pd.DataFrame(f) for n, f in frames.items() if f}, policy, year)


def amounts(of: Assessment, *names: str) -> list[list[str]]:
    return [[str(each) for each in of.claims[name]] for name in names]


def test_what_was_paid_for_another_year_is_not_taken_off() -> None:
    rows = [
        {"compensation_paid": "0", BEFORE: "10000"},
        {"compensation_paid": "4000.01", BEFORE: "0"},
    ]
    found = amounts(run(2023, *rows), "compensation", "payable")
    assert found == [["10000.00", "10000.00"], ["10000.00", "5999.99"]]


@pytest.mark.parametrize(
    ("before", "second"), [("1999.99", "10000.00"), ("2000", "10000.00"), ("2000.01", "9999.99")]
)
def test_a_cap_over_all_years_counts_what_the_same_contract_received(
    before: str, second: str
) -> None:
    found = run(2023, {BEFORE: before}, caps=ALL_YEARS)
    assert amounts(found, "compensation", "payable") == [[second], [second]]


def test_a_cap_over_all_years_counts_a_contract_that_has_ended() -> None:
    ended = {"release_date": "2022-12-31", BEFORE: "5000", "compensation_paid": "0"}
    found = run(2023, {BEFORE: "1000", "compensation_paid": "500"}, ended, caps=ALL_YEARS)
    assert amounts(found, "compensation", "payable") == [["6000.00"], ["5500.00"]]


def test_an_amount_paid_of_which_the_year_is_not_said_is_a_fault() -> None:
    rows = [{"compensation_paid": "10000"}, {"compensation_paid": "0"}]
    (fault,) = faults(run, 2023, *rows)
    assert (fault.kind, fault.row, fault.column) == ("which_year", 1, "compensation_paid")
    # In its first year there is no other.
    assert amounts(run(2022, *rows), "payable") == [["0.00", "10000.00"]]


@pytest.mark.parametrize(
    ("year", "row", "warned"),
    [
        (2023, {}, [BEFORE]),
        (2023, {BEFORE: "0.01"}, [BEFORE]),
        (2023, {BEFORE: "10000"}, []),
        (2023, {"guaranteed_amount": "0.49"}, []),  # nothing is granted in 2022 either
        (2023, {"start_date": "2021-12-31"}, [BEFORE]),
        (2022, {"start_date": "2021-12-31"}, []),  # no earlier year is of the policy
    ],
)
def test_a_year_before_that_granted_something_and_of_which_nothing_was_paid_is_asked_about(
    year: int, row: Row, warned: list[str]
) -> None:
    covered = HEAD.replace("2029-12-31", "2029-12-31, excludes = false")
    found = run(year, {BEFORE: "0"} | row, caps=ALL_YEARS, head=covered).warnings
    assert [fault.column for fault in found if fault.kind == "earlier_unpaid"] == warned


@pytest.mark.parametrize(
    ("excludes", "reason", "paid"),
    [("", "effective", "0.00"), (", excludes = false", None, "10000.00")],
)
def test_a_contract_that_began_before_the_policy(
    excludes: str, reason: str | None, paid: str
) -> None:
    rules = HEAD.replace("2022-03-01", "2022-01-01").replace("2029-12-31", f"2029-12-31{excludes}")
    row = {**CONTRACT, "start_date": "2021-12-31", "release_date": "2023-12-31"}
    frames = {
        "institutions": pd.DataFrame([{"institution_id": "A", "government_backed": "true"}]),
        "contracts": pd.DataFrame([row]),
    }
    (found,) = (
        assess_frames(frames, policy_of_texts({POLICY_TEXT: rules + RULES}), 2023)
        .claims[["reasons", "compensation"]]
        .to_dict("records")
    )
    assert (found["reasons"], str(found["compensation"])) == (reason, paid)


def test_a_payment_that_does_not_say_for_which_year_it_was() -> None:
    paid = {"payment_id": "P1", "claim_id": "k1", "payment_date": "2023-02-01", "amount": "10000"}

    def with_payments() -> Assessment:
        return run(2023, {BEFORE: "0"}, payments=[paid])

    (fault,) = faults(with_payments)
    assert (fault.kind, fault.table, fault.row) == ("which_year", "payments", 1)


def test_a_heading_of_contracts_is_not_said_to_be_one_of_claims() -> None:
    unread = [w for w in run(2022, {"备注": "x"}).warnings if w.kind == "headings_not_read"]
    assert [fault.table for fault in unread] == ["contracts"]
