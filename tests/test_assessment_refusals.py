"""What `assess` refuses, what it warns of, and the assumptions that it names."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from compensation import InputFaults, portfolio_of_frames
from compensation.assessment import assess
from tests import oracle
from tests.assessing import assessed, portfolio_of, results_of
from tests.one_claim import CLAIM, CONTRACT, faults, small
from tests.oracle_reading import Tables, money_text, read
from tests.portfolios import random_portfolio
from tests.portfolios_luoyang import random_luoyang_portfolio

# What is refused


@pytest.mark.parametrize("year", [2021, 2023, 1, 9999, 0, -1, 10_000])
def test_a_year_that_is_not_covered_names_the_period(year: int) -> None:
    (fault,) = faults(assessed, small(), year)
    assert fault.kind == "year_not_covered"
    days = (("2022年1月1日", "2022年12月31日"), ("2022-01-01", "2022-12-31"))
    for message, period in zip(fault.message, days, strict=True):
        assert all(part in message for part in ("jiyuan-2022", str(year), *period))


def test_a_year_before_an_open_period() -> None:
    tables = random_luoyang_portfolio(1, 10)
    (fault,) = faults(assessed, tables, 2024, None, "luoyang-2025")
    assert fault.kind == "year_not_covered"
    assert "2025年7月16日" in fault.message.zh
    assert "2025-07-16" in fault.message.en


@pytest.mark.slow
@pytest.mark.parametrize(
    "budget",
    [
        *(1.5, 0.0, float("nan"), -1, Decimal("-0.01"), "-0.01", "1.005", Decimal("0.001")),
        *("nan", "NaN", "sNaN", "inf", "-inf", "1e400", "1e30", "", "abc", "1.2.3", "12美元", True),
        *(Decimal("nan"), Decimal("inf"), Decimal("1e-400"), np.float64(3), [1], 10**16),
        *("1000000.00000000000000000000000000001", Decimal("0.00" + "0" * 40 + "1")),
    ],
)
def test_budgets_that_are_no_amounts(budget: Any) -> None:
    (fault,) = faults(assess, portfolio_of(small()), "jiyuan-2022", 2022, budget)
    assert fault.kind == "budget"
    assert fault.value == str(budget)
    assert "0" in fault.expected.zh
    assert "two decimals" in fault.expected.en


@pytest.mark.parametrize(
    ("budget", "fen"),
    [
        *[(0, 0), ("0", 0), ("-0", 0), (Decimal("-0.00"), 0), (7, 700), ("7.1", 710)],
        *[("7.1000", 710), (Decimal("0.01"), 1), ("1,000,000.00", 10**8), (" 5 ", 500)],
        *[("9999999999999999.99", 10**18 - 1), (None, None)],
    ],
)
def test_budgets_that_are_amounts(budget: Any, fen: int | None) -> None:
    assessment = assess(portfolio_of(small()), "jiyuan-2022", 2022, budget)
    assert assessment.budget == fen
    assert assessment.summary["budget"] == (None if fen is None else money_text(fen))


@pytest.mark.parametrize("share", ["0.4", "0.333333", "0", "1"])
@pytest.mark.parametrize("interest", ["0.01", "0"])
def test_compensation_paid_up_to_what_the_institution_bore(share: str, interest: str) -> None:
    """Refused from one fen above; the amounts borne are the oracle's."""
    shares = {
        "share_institution": share,
        "share_lender": f"{1 - Decimal(share)}",
    }
    tables = small(contracts=shares, claims={"interest": interest})
    borne = read(tables).claims[0].borne[0]
    for fen in {max(borne - 1, 0), borne}:
        tables["claims"][0]["compensation_paid"] = money_text(fen)
        assert results_of(assessed(tables)) == oracle.assess(tables)
    tables["claims"][0]["compensation_paid"] = money_text(borne + 1)
    (fault,) = faults(assessed, tables)
    assert (fault.kind, fault.table, fault.row) == ("paid_above_borne", "claims", 1)
    assert (fault.column, fault.value) == ("compensation_paid", money_text(borne + 1))
    assert "担保机构" in fault.message.zh
    assert "institution" in fault.message.en


def test_compensation_paid_is_checked_whatever_the_year_and_the_status() -> None:
    tables = small(contracts={"start_date": "2019-01-01"})
    for number, (day, review) in enumerate(
        [("2021-05-05", "approved"), ("2023-05-05", ""), ("2022-05-05", "rejected")]
    ):
        tables["claims"].append(
            {
                **CLAIM,
                "claim_id": f"X{number}",
                "payout_date": day,
                "finance_review": review,
                "compensation_paid": "400000",
            }
        )
    found = faults(assessed, tables)
    assert [fault.row for fault in found] == [2, 3, 4]
    assert {fault.kind for fault in found} == {"paid_above_borne"}


COLUMNS_OF_LUOYANG = {
    "borrower_region": "borrower_region",
    "technology_innovation": "borrower_type",
    "loan_rate": "loan_rate",
    "fee_rate": "fee_rate",
    "loan_term_months": "loan_rate",
    "reguaranteed": "reguaranteed",
    "share_lender": "lender_share",
    "reguarantor_paid_date": "reguarantor_paid",
}


@pytest.mark.parametrize("column", COLUMNS_OF_LUOYANG)
def test_a_column_that_the_policy_tests_and_the_input_lacks(column: str) -> None:
    tables = random_luoyang_portfolio(3, 30)
    table = "claims" if column == "reguarantor_paid_date" else "contracts"
    assert tables[table]
    for row in tables[table]:
        row.pop(column)
        if column == "share_lender":
            for other in [name for name in row if name.startswith("share_")]:
                row[other] = ""
    found = faults(assessed, tables, 2025, None, "luoyang-2025")
    missing = [fault for fault in found if fault.kind == "missing_policy_column"]
    assert [(fault.table, fault.column) for fault in missing] == [(table, column)]
    for message in missing[0].message:
        assert "luoyang-2025" in message
        assert COLUMNS_OF_LUOYANG[column] in message
        assert column in message


def test_a_table_without_rows_need_not_have_the_policys_columns() -> None:
    tables = random_luoyang_portfolio(3, 30)
    tables["claims"], tables["recoveries"] = [], []
    assessment = assessed(tables, 2025, None, "luoyang-2025")
    assert len(assessment.claims) == 0
    assert assessment.summary["totals"]["claims"] == 0


def luoyang_with(start: str, payout: str) -> Tables:
    """One claim under luoyang-2025 on a contract started on a day."""
    tables = small(
        contracts={
            "start_date": start,
            "borrower_region": "洛阳",
            "technology_innovation": "",
            "loan_rate": "0.03",
            "fee_rate": "0.01",
            "loan_term_months": "12",
            "reguaranteed": "是",
        },
        claims={"payout_date": payout, "reguarantor_paid_date": payout},
    )
    return {**tables, "recoveries": []}


@pytest.mark.parametrize(
    ("start", "payout", "year", "known"),
    [
        ("2019-08-20", "2025-08-01", 2025, True),
        ("2019-08-19", "2025-08-01", 2025, False),
        ("2025-12-31", "2026-01-01", 2026, True),
        ("2026-01-01", "2026-01-01", 2026, False),
        ("2019-08-19", "2024-08-01", 2025, True),  # not a claim of the year
    ],
)
def test_days_outside_a_reference_series(start: str, payout: str, year: int, known: bool) -> None:
    tables = luoyang_with(start, payout)
    if known:
        assert assessed(tables, year, None, "luoyang-2025").year == year
        return
    (fault,) = faults(assessed, tables, year, None, "luoyang-2025")
    assert (fault.kind, fault.table, fault.row) == ("series_gap", "contracts", 1)
    assert (fault.column, fault.value) == ("start_date", start)
    for message in fault.message:
        assert all(part in message for part in ("lpr", "2019-08-20", "--series"))
        assert ("2025-12-31" in message) == (start > "2025-12-31")


def test_several_faults_of_a_run_come_together() -> None:
    tables = random_luoyang_portfolio(3, 30)
    for row in tables["contracts"]:
        row.pop("fee_rate")
        row["loan_rate"] = "-1"
    found = faults(assess, portfolio_of(tables), "luoyang-2025", 2024, -1)
    assert {"budget", "year_not_covered", "missing_policy_column"} < {f.kind for f in found}
    assert {fault.column for fault in found} > {"fee_rate", "loan_rate"}
    assert sum(fault.column == "loan_rate" for fault in found) == len(tables["contracts"])


# Warnings of a run


def warnings(tables: Tables) -> list[dict[str, Any]]:
    """The warnings of a run, but for those of opening figures, which these ledgers make up."""
    found: list[dict[str, Any]] = assessed(tables).summary["warnings"]
    return [each for each in found if "年初数" not in each["message"]]


def test_a_recovery_on_a_pending_claim_is_a_warning() -> None:
    tables = small(
        institutions={"opening_balance": "1", "opening_borrowers": "0"},
        claims={"finance_review": ""},
    )
    assert assessed(tables).claims["status"].tolist() == ["ineligible"]
    assert warnings(tables) == []
    tables["contracts"].append(
        {**CONTRACT, "contract_id": "K2", "borrower_id": "B2", "start_date": "2022-02-02"}
    )
    tables["releases"] = [{"contract_id": "K2", "release_date": "2022-03-01", "amount": "999999"}]
    tables["institutions"][0].update(opening_borrowers="1", opening_balance="900000")
    tables["claims"][0].update(principal="40000", interest="")
    assert assessed(tables).claims["status"].tolist() == ["pending"]
    (warning,) = warnings(tables)
    assert (warning["table"], warning["row"], warning["column"]) == ("recoveries", 1, "claim_id")
    assert "待审" in warning["message"]
    assert "pending" in warning["message_en"]


def test_more_government_backed_institutions_than_the_plan_expects_are_a_warning() -> None:
    tables = small()
    tables["institutions"].append({"institution_id": "I2", "government_backed": "否"})
    assert warnings(tables) == []
    tables["institutions"].append({"institution_id": "I3", "government_backed": "是"})
    (warning,) = warnings(tables)
    assert (warning["table"], warning["column"]) == ("institutions", "government_backed")
    assert "2" in warning["message"]
    assert "三（九）1" in warning["message"]


def test_the_assumptions_of_a_run_are_listed() -> None:
    assumptions = assessed(small()).summary["assumptions"]
    ids = [row["id"] for row in assumptions]
    assert {"payout_rate", "balance_growth", "borrower_growth", "base"} <= set(ids)
    assert "small_agri_share" not in ids
    assert "budget" not in ids
    with_budget = assessed(small(), 2022, "1").summary["assumptions"]
    assert "budget" in [row["id"] for row in with_budget]
    for row in with_budget:
        assert all(row[key] for key in ("clause", "note", "note_en"))


def test_explanations_are_of_claims_and_institutions_that_there_are() -> None:
    assessment = assessed(random_portfolio(1, 10))
    with pytest.raises(KeyError):
        assessment.explain("nobody's")
    with pytest.raises(KeyError):
        assessment.explain_institution("nobody's")
    tables = small(claims={"payout_date": "2021-06-30"}, recoveries={"recovery_date": "2022-02-02"})
    with pytest.raises(KeyError):
        assessed(tables).explain("C1")


def test_a_required_table_may_not_be_none() -> None:
    with pytest.raises(InputFaults) as caught:
        portfolio_of_frames(institutions=None, contracts=None, claims=None)
    tables = [fault.table for fault in caught.value.faults]
    assert tables == ["institutions", "contracts", "claims"]
