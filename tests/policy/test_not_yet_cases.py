"""A case whose own date is still to come: it belongs to no year, and is never passed over."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from compensation import (
    Assessment,
    Policy,
    assess_frames,
    assess_policies,
    compare,
    decide_claim,
    portfolio_of_frames,
    settle,
    settle_frames,
)
from compensation.one_case.faults import CaseFaults
from compensation.policy.catalogue import POLICY_TEXT, policy_of_texts
from compensation.policy.faults import PolicyFaults
from compensation.policy.wording import figure_of
from tests.one_claim import faults
from tests.policy.test_small_policies import CLAIM, CONTRACT, HALF, HEAD, columns, frames, small

TRIGGER = '[trigger]\ndate = "{table}.judged"\n'
JUDGED = columns(judged="date") + TRIGGER.format(table="claims")
ONLY = '[[caps]]\nid = "one"\nper = []\nat_most = 700\n'
CONTRACTS = columns("contracts", judged="date") + TRIGGER.format(table="contracts")


def kinds(assessment: Any) -> dict[str, list[int | None]]:
    found: dict[str, list[int | None]] = {}
    for warning in assessment.warnings:
        found.setdefault(warning.kind, []).append(warning.row)
    return found


def run(*claims: dict[str, str], year: int = 2022, **more: Any) -> Assessment:
    return assess_frames(frames(*claims), small(JUDGED, ONLY), year, **more)


def test_a_row_without_its_date_is_of_no_year_and_counts_for_nobody() -> None:
    judged = {"judged": "2022-08-01"}
    found = run({"judged": ""}, judged, {"judged": "2023-01-01"}, {"judged": ""})
    assert found.claims["claim_id"].tolist() == ["c2"]
    assert found.claims["compensation"].tolist() == [500]
    assert kinds(found)["not_yet_cases"] == [1, 4]
    (one, _) = (each for each in found.warnings if each.kind == "not_yet_cases")
    assert (one.table, one.column) == ("claims", "judged")
    # The day after, the first two share the cap: 500, and what is left of 700.
    later = run({"judged": "2022-09-01"}, judged, {"judged": "2023-01-01"}, {"judged": ""})
    assert later.claims["compensation"].tolist() == [200, 500]
    assert kinds(later)["not_yet_cases"] == [4]


def test_where_every_date_stands_nothing_is_said() -> None:
    assert "not_yet_cases" not in kinds(run({"judged": "2022-08-01"}))


@pytest.mark.parametrize("judged", ["", "2022-07-01"])
def test_as_of_a_day_a_date_to_come_and_none_read_the_same(judged: str) -> None:
    """So a result stays the same, and verifies, once the date is known."""
    found = run({"judged": judged}, {"judged": "2022-06-30"}, as_of="2022-06-30")
    assert found.claims["claim_id"].tolist() == ["c2"]
    (warning,) = (each for each in found.warnings if each.kind == "not_yet_cases")
    assert "2022-06-30" in warning.message.zh
    assert "later_rows" not in kinds(found)


def test_a_required_date_stays_required() -> None:
    required = JUDGED.replace("type =", "required = true\ntype =")
    (fault,) = faults(assess_frames, frames({"judged": ""}), small(required), 2022)
    assert fault.kind == "blank"


@pytest.mark.parametrize("judged", ["", "2022-08-01"])
def test_what_was_paid_for_a_row_without_its_date_is_a_fault(judged: str) -> None:
    policy, tables = small(JUDGED), frames({"judged": judged, "compensation_paid": "0.01"})
    ledger = portfolio_of_frames(**tables)
    runs: list[Any] = [
        lambda: assess_frames(tables, policy, 2022),
        lambda: settle(ledger, [policy], "2022-12-31"),
        lambda: assess_policies(ledger, [policy], 2022),
    ]
    for each in runs:
        if judged:
            each()
            continue
        (fault,) = faults(each)
        assert (fault.kind, fault.row, fault.column) == ("paid_without_day", 1, "judged")


@pytest.mark.parametrize(
    ("paid", "kinds"), [("2022-06-30", ["paid_without_day"]), ("2022-07-01", [])]
)
def test_what_was_paid_by_a_day_before_the_date_of_the_case_is_a_fault(
    paid: str, kinds: list[str]
) -> None:
    tables = frames({"judged": "2022-08-01"})
    payment = {"payment_id": "p1", "claim_id": "c1", "payment_date": paid, "amount": "5"}
    tables["payments"] = pd.DataFrame([{**payment, "kind": "paid"}])
    policy, ledger = small(JUDGED), portfolio_of_frames(**tables)
    runs: list[Any] = [
        lambda: assess_frames(tables, policy, 2022, as_of="2022-06-30"),
        lambda: settle(ledger, [policy], "2022-06-30"),
    ]
    for each in runs:
        assert [fault.kind for fault in (faults(each) if kinds else [])] == kinds
        if not kinds:
            each()


def test_a_settlement_leaves_it_out_and_says_so() -> None:
    ledger = portfolio_of_frames(**frames({"judged": ""}, {"judged": "2022-08-01"}))
    found = settle(ledger, [small(JUDGED)], "2023-06-30")
    table = found.tables["settlement"]
    assert table["status"].to_pylist() == ["not_covered", "approved"]
    assert table["to_pay"].to_pylist() == [0, 500]
    assert kinds(found)["not_yet_cases"] == [1]
    assert found.explain("c1").status.zh == "尚无日期，还不属于任何年度"


def test_variants_and_policies_together_leave_it_out() -> None:
    ledger = portfolio_of_frames(**frames({"judged": ""}, {"judged": "2022-08-01"}))
    policy = small(JUDGED)
    joint = assess_policies(ledger, [policy], 2022)
    assert joint.claims["compensation"].tolist() == [500]
    assert kinds(joint)["not_yet_cases"] == [1]
    compared = compare(ledger, [policy], [2022])
    assert compared.totals["compensation"].tolist() == [500]


def contracts(*judged: str) -> dict[str, Any]:
    rows = [
        {**CONTRACT, "contract_id": f"k{n}", "judged": day, "finance_review": "approved"}
        for n, day in enumerate(judged, 1)
    ]
    rows = [{**row, "industry_review": "approved"} for row in rows]
    tables = {
        "institutions": [{"institution_id": "A", "government_backed": "true"}],
        "contracts": rows,
    }
    return {name: pd.DataFrame(table) for name, table in tables.items()}


def of_contracts(more: str = "") -> Policy:
    base = '[base]\nvalue = "contracts.guaranteed_amount"\n'
    parts = (HEAD, 'record = "contract"', base, f"[rates]\n{HALF}", CONTRACTS, more)
    return policy_of_texts({POLICY_TEXT: "\n".join(parts)})


def test_a_contract_without_its_date() -> None:
    found = assess_frames(contracts("", "2022-08-01"), of_contracts(), 2022)
    assert found.claims["claim_id"].tolist() == ["k2"]
    assert kinds(found)["not_yet_cases"] == [1]
    settled = settle_frames(contracts("", "2022-08-01"), [of_contracts()], "2023-06-30")
    assert settled.tables["settlement"]["status"].to_pylist() == ["not_covered", "approved"]


def test_contracts_of_several_years_need_their_date() -> None:
    with pytest.raises(PolicyFaults) as raised:
        of_contracts('until = "contracts.release_date"\n')
    assert [each.kind for each in raised.value.faults] == ["required_day"]


def test_a_standard_column_stays_one_that_no_row_lacks() -> None:
    with pytest.raises(PolicyFaults) as raised:
        small('[trigger]\ndate = "claims.closed_date"\n')
    assert [each.kind for each in raised.value.faults] == ["required_day"]


def test_a_single_case_needs_its_date() -> None:
    claim = {name: value for name, value in CLAIM.items() if name != "contract_id"}
    claim |= {"shares": {"institution": "1"}}  # type: ignore[dict-item]
    policy = small(JUDGED)
    for blank in (claim, {**claim, "judged": None}):
        with pytest.raises(CaseFaults) as raised:
            decide_claim(policy, {}, blank)
        assert [each.path[-1] for each in raised.value.faults] == ["judged"]
    assert decide_claim(policy, {}, {**claim, "judged": "2022-08-01"}).compensation == 500


def test_the_policy_says_so_in_words() -> None:
    policy = small(JUDGED)
    said = figure_of(policy, policy.rules.trigger)
    assert said.zh == "judged列所在年度；日期未填的，尚不计入任何年度"
