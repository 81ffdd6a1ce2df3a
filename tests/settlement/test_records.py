"""Settlements of contracts and of years of institutions: payments name the row, nothing returns."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from compensation import (
    Assessment,
    InputFaults,
    Settlement,
    assess_frames,
    assess_policies,
    load_policy,
    portfolio_of_frames,
    read_result,
    settle,
    settle_frames,
    write_workbook,
)
from compensation.policy_tools.worked_cases import cases_beside, frames_of, read_cases
from compensation.report.record_sheet import RECORD_SHEET
from compensation.settlement.drafts import continued
from tests.conftest import DEPTH
from tests.explanation.recompute import recomputed
from tests.policy.ledgers_of_policies import NO_CLAIMS, text
from tests.policy.ledgers_of_records import ledgers_of_records
from tests.policy.oracles import Ledger
from tests.policy.oracles_of_records import ORACLES_OF_RECORDS

POLICIES = ["fujian-2008", "county-agri-2010", "equipment-renewal-2024"]
Entry = dict[str, Any]


def frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame([{name: text(name, row[name]) for name in row} for row in rows])


def frames(ledger: Ledger, payments: list[Entry]) -> dict[str, pd.DataFrame]:
    found = {
        "institutions": frame(ledger.institutions),
        "contracts": frame(ledger.contracts),
        "claims": NO_CLAIMS,
    }
    return {**found, "payments": pd.DataFrame(payments)} if payments else found


def days(policy: str, ledger: Ledger) -> dict[str, date]:
    """The day of each case: a contract's start, or the end of the institution's year."""
    if policy == "county-agri-2010":
        return {row["institution_id"]: date(ledger.year, 12, 31) for row in ledger.institutions}
    return {row["contract_id"]: row["start_date"] for row in ledger.contracts}


def expected(policy: str, ledger: Ledger, payments: list[Entry]) -> dict[str, tuple[int, ...]]:
    """By case: compensation, paid, to pay, to recall; fen. Settled at the end of the year."""
    rows = {row["contract_id"]: row for row in ledger.contracts}
    rows |= {row["institution_id"]: row for row in ledger.institutions}
    first = load_policy(policy).rules.effective.from_
    found: dict[str, tuple[int, ...]] = {}
    for id_, day in days(policy, ledger).items():
        of_case = [each for each in payments if each["claim_id"] == id_]
        paid = sum(
            (1 if each["kind"] == "paid" else -1) * int(Decimal(each["amount"]) * 100)
            for each in of_case
        )
        reviews = {rows[id_]["finance_review"], rows[id_]["industry_review"]}
        compensation, granted = 0, paid
        if day >= first:
            of_year = ORACLES_OF_RECORDS[policy](replace(ledger, year=day.year, used={}))
            reasons, compensation = of_year[id_]
            if reasons or "rejected" in reviews:
                granted = 0
            elif reviews == {"approved"}:
                granted = compensation
        found[id_] = (compensation, paid, max(granted - paid, 0), max(paid - granted, 0))
    return found


@st.composite
def settlements(draw: st.DrawFn, policy: str) -> tuple[Ledger, list[Entry]]:
    ledger = draw(ledgers_of_records(policy))
    last = date(ledger.year, 12, 31)
    ledger = replace(ledger, contracts=[r for r in ledger.contracts if r["start_date"] <= last])
    # A ledger without contracts is refused.
    assume(ledger.contracts)
    entries: list[Entry] = []
    for id_, day in days(policy, ledger).items():
        paid = draw(st.sampled_from([0, 0, 1, 40_000_00, 10**9]))
        back = draw(st.integers(0, 2)) * paid // 2
        for kind, fen in (("paid", paid), ("recalled", back)):
            if fen:
                day_of = day + timedelta(days=draw(st.integers(0, (last - day).days)))
                entries.append(
                    {
                        "payment_id": f"p{len(entries)}",
                        "claim_id": id_,
                        "payment_date": (day_of if kind == "paid" else last).isoformat(),
                        "amount": f"{fen // 100}.{fen % 100:02d}",
                        "kind": kind,
                    }
                )
    return ledger, entries


@pytest.mark.slow
@pytest.mark.parametrize("policy", POLICIES)
@settings(max_examples=8 * DEPTH, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_is_due_of_every_case(policy: str, data: st.DataObject) -> None:
    ledger, payments = data.draw(settlements(policy))
    held = frames(ledger, payments)
    # Releases after the day are not known yet; these contracts have all ended by then.
    later = 0 if policy == "county-agri-2010" else 3
    settled = settle(portfolio_of_frames(**held), policy, f"{ledger.year + later}-12-31")
    rows = settled.tables["settlement"].to_pylist()
    amounts = ("compensation", "paid_to_date", "to_pay", "to_recall")
    found = {row["claim_id"]: tuple(int(row[name] * 100) for name in amounts) for row in rows}
    assert found == expected(policy, ledger, payments)
    for row in rows:
        assert row["payout"] is None
        assert row["to_remit"] == row["to_refund"] == row["government_share"] == 0
        assert row["net_due"] == row["to_recall"] - row["to_pay"]
        values = recomputed(settled.explain(row["claim_id"]).arithmetic)
        assert values["to_pay"] == Fraction(row["to_pay"])
    sums = settled.tables["settlement_institutions"].to_pylist()
    assert sum(row["to_pay"] for row in sums) == sum(row["to_pay"] for row in rows)


def small(**payment: str) -> dict[str, Any]:
    """The ledger of a worked case with one payment for its first contract."""
    policy = load_policy("fujian-2008")
    case = read_cases(cases_beside("fujian-2008"), policy)[0]
    entry = {
        "payment_id": "p1",
        "claim_id": "k1",
        "payment_date": "2008-12-01",
        "amount": "100",
        "kind": "paid",
    }
    return {**frames_of(case), "payments": pd.DataFrame([entry | payment])}


@pytest.mark.parametrize(
    ("payment", "kind", "column"),
    [
        ({"claim_id": "k99"}, "unknown_reference", "claim_id"),
        ({"payment_date": "2007-01-01"}, "date_order", "payment_date"),
        ({"kind": "recalled"}, "recalled_above_paid", "amount"),
    ],
)
def test_payments_that_fit_no_case(payment: dict[str, str], kind: str, column: str) -> None:
    with pytest.raises(InputFaults) as caught:
        settle_frames(small(**payment), "fujian-2008", "2008-12-31")
    found = [(each.kind, each.table, each.row, each.column) for each in caught.value.faults]
    assert found == [(kind, "payments", 1, column)]


@pytest.mark.parametrize(("payments", "expected"), [(0, "请删除拨付表"), (1, "与拨付净额一致")])
def test_an_amount_paid_and_payments_that_say_otherwise(payments: int, expected: str) -> None:
    held = small()
    paid = ["5"] + [""] * (len(held["contracts"]) - 1)
    held["contracts"] = held["contracts"].to_pandas().assign(compensation_paid=paid)
    held["payments"] = held["payments"][:payments]
    with pytest.raises(InputFaults) as caught:
        settle_frames(held, "fujian-2008", "2008-12-31")
    (fault,) = caught.value.faults
    assert (fault.kind, fault.table, fault.row) == ("paid_differs", "contracts", 1)
    assert expected in fault.expected.zh
    assert "该份合同" in fault.message.zh


def beside(claim: str) -> dict[str, Any]:
    """The ledger with a claim as data for indicators, paid out after the payment of `k1`."""
    row = {"claim_id": claim, "contract_id": "k1", "payout_date": "2008-12-31", "principal": "1"}
    return {**small(), "claims": pd.DataFrame([row])}


def test_payments_name_contracts_beside_claims_that_are_data() -> None:
    whole = portfolio_of_frames(**beside("x1"))
    settled = settle(whole, "fujian-2008", "2008-12-31")
    rows = settled.tables["settlement"].to_pylist()
    assert [row["paid_to_date"] for row in rows if row["claim_id"] == "k1"] == [100]
    assert continued(whole, settled).ledgers.rows("payments") == 1
    # Only a policy can tell of whom payments are whose ids claims have, too.
    with_claim, without = (
        assess_frames(held, "fujian-2008", 2008).tables["claims"]
        for held in (beside("k1"), small())
    )
    assert with_claim == without


@pytest.mark.parametrize("held", [small(), beside("x1")])
def test_a_payment_of_no_claim_is_a_fault_under_a_policy_on_payouts(held: dict[str, Any]) -> None:
    with pytest.raises(InputFaults) as caught:
        settle_frames(held, "jiyuan-2022", "2022-12-31")
    assert "unknown_reference" in {each.kind for each in caught.value.faults}


def test_payments_after_the_day_do_not_count_yet() -> None:
    before, after = (
        settle_frames(small(payment_date=day), "fujian-2008", "2008-12-31").settlement
        for day in ("2008-12-31", "2009-01-01")
    )
    assert before["paid_to_date"].sum() == 100
    assert after["paid_to_date"].sum() == 0
    assert after["to_pay"].sum() - before["to_pay"].sum() == 100


def test_policies_that_cannot_be_settled() -> None:
    with pytest.raises(InputFaults) as caught:
        settle_frames(small(), ["fujian-2008", "jiyuan-2022"], "2022-12-31")
    assert "different_records" in {each.kind for each in caught.value.faults}


def test_the_year_owes_what_the_settlement_pays() -> None:
    """Alone, and with the other policies of the year; payments count in both."""
    held = small(claim_id="k2")
    settled = settle_frames(held, "fujian-2008", "2008-12-31").tables["settlement"].to_pylist()
    year = assess_frames(held, "fujian-2008", 2008).tables["claims"].to_pylist()
    due = {row["claim_id"]: row["to_pay"] for row in settled}
    assert {row["claim_id"]: row["payable"] for row in year} == {
        row["claim_id"]: due[row["claim_id"]] for row in year
    }
    joint = assess_policies(portfolio_of_frames(**held), ["fujian-2008"], 2008).tables["claims"]
    assert joint.drop_columns("policy").to_pylist() == year


def test_the_ledger_is_continued() -> None:
    """What is due stands as drafts; once they have dates, nothing is due."""
    held = small()
    settled = settle_frames(held, "fujian-2008", "2008-12-31")
    after = continued(portfolio_of_frames(**held), settled)
    rows = [
        {
            "payment_id": draft.id,
            "claim_id": draft.claim_id,
            "payment_date": "2009-01-05",
            "amount": f"{draft.amount // 100}.{draft.amount % 100:02d}",
            "kind": "paid",
        }
        for draft in after.drafts["payments"]
    ]
    held["payments"] = pd.concat([held["payments"], pd.DataFrame(rows)])
    assert settle_frames(held, "fujian-2008", "2009-12-31").settlement["to_pay"].sum() == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("policy", "words", "not_said"),
    [
        ("fujian-2008", ["合同补偿明细（2008 年度）", "业务编号", "合同份数"], "代偿编号"),
        ("county-agri-2010", ["机构年度补偿明细", "业务日期", "机构年度数"], "代偿笔数"),
    ],
)
def test_papers_call_cases_by_their_own_words_and_are_read_back(
    policy: str, words: list[str], not_said: str, tmp_path: Path
) -> None:
    case = read_cases(cases_beside(policy), load_policy(policy))[0]
    held, said = frames_of(case), ""
    year = assess_frames(held, policy, case.year)
    results: list[Assessment | Settlement] = [year]
    results.append(settle_frames(held, policy, date(case.year, 12, 31)))
    for number, result in enumerate(results):
        path = tmp_path / f"{number}.xlsx"
        write_workbook(result, path)
        back = read_result(path)
        assert not back.changed
        for name, cells in back.tables.items():
            assert set(cells.column_names) <= set(result.tables[name].column_names)
        said += "".join(
            str(cell)
            for sheet in openpyxl.load_workbook(path)
            if sheet.title != RECORD_SHEET
            for row in sheet.values
            for cell in row
        )
        said += repr(result._repr_html_())
    said += year.explain(year.claims["claim_id"][0]).describe()
    assert [word for word in words if word not in said] == []
    assert not_said not in said
    assert "排在前面的代偿" not in said


def test_notes_speak_of_contracts() -> None:
    """Nothing is remitted, so that a missing table of remittances is not worth a word."""
    notes = settle_frames(small(), "fujian-2008", "2008-12-31").notes
    assert [note.en.split(":")[0][:40] for note in notes] == [
        "the ledger has no table pool",
        "contracts on days on which no given poli",
    ]
