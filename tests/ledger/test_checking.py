"""Every fault of the input tables, with its place, its value and what is expected; and warnings."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.faults.input_faults import InputFaults
from compensation.ledger.portfolio_input import portfolio_of_frames
from tests.assessing import frames_of, portfolio_of
from tests.ledger.two_of_everything import faults, ledger, with_
from tests.oracle_reading import Tables, money_text
from tests.portfolio_rows import MOST


def test_the_ledger_is_without_fault() -> None:
    portfolio = portfolio_of(ledger())
    assert portfolio.warnings == ()
    assert [portfolio.rows(name) for name in ledger()] == [2, 2, 2, 2, 2]


class Case(NamedTuple):
    """One cell changed, and the one fault that follows. ``table.row.column``, rows from 1."""

    cell: str
    value: str
    kind: str
    zh: str
    en: str
    at: str = ""
    """Where the fault is, if not at the cell."""
    shown: str | None = "same"


CASES = [
    # ids
    Case("institutions.2.institution_id", "I1", "duplicate", "编号重复", "duplicate"),
    Case("contracts.2.contract_id", "K1", "duplicate", "编号重复", "duplicate", shown="K1"),
    Case("claims.2.claim_id", "C1", "duplicate", "编号重复", "duplicate"),
    Case("recoveries.2.recovery_id", "R1", "duplicate", "编号重复", "duplicate"),
    Case("contracts.1.institution_id", "I9", "unknown_reference", "机构", "institutions"),
    Case("contracts.2.institution_id", "i1", "unknown_reference", "没有这个编号", "no such id"),
    Case("releases.1.contract_id", "K9", "unknown_reference", "担保合同", "contracts"),
    Case("claims.1.contract_id", "K 1", "unknown_reference", "担保合同", "contracts"),
    Case("recoveries.2.claim_id", "R2", "unknown_reference", "代偿", "claims"),
    *[
        Case(f"{table}.1.{column}", "", "blank", "空", "blank", shown=None)
        for table, column in [
            ("institutions", "government_backed"),
            ("contracts", "borrower_id"),
            ("contracts", "guaranteed_amount"),
            ("contracts", "start_date"),
            ("releases", "amount"),
            ("releases", "release_date"),
            ("releases", "contract_id"),
            ("claims", "payout_date"),
            ("claims", "principal"),
            ("recoveries", "proceeds"),
            ("recoveries", "recovery_id"),
        ]
    ],
    # dates
    Case("contracts.2.release_date", "2021-02-28", "date_order", "早于起始", "before the start"),
    Case("releases.1.release_date", "2021-02-28", "date_order", "早于合同", "before the contract"),
    Case("releases.2.release_date", "2022-03-02", "date_order", "晚于合同", "after the contract"),
    Case("claims.1.payout_date", "2021-02-28", "date_order", "早于合同", "before the contract"),
    Case("recoveries.1.recovery_date", "2021-06-29", "date_order", "早于代偿", "before the payout"),
    # amounts
    Case(
        *("releases.2.amount", "70.01", "over_released", "超过担保金额", "more than is guaranteed"),
        *("contracts.1.contract_id", "K1"),
    ),
    Case("claims.1.principal", "0", "no_payout", "之和为 0", "together are 0", shown=None),
    Case("contracts.1.guaranteed_amount", "0", "not_positive", "0", "0"),
    # shares
    Case(
        *("contracts.2.share_lender", "0.59", "shares_sum", "不等于 1", "do not make 1"),
        *("contracts.2.share_institution", "0.990000"),
    ),
    Case(
        *("contracts.1.share_lender", "0.600001", "shares_sum", "不等于 1", "do not make 1"),
        *("contracts.1.share_institution", "1.000001"),
    ),
    Case(
        *("contracts.1.share_lender", "", "shares_sum", "不等于 1", "do not make 1"),
        *("contracts.1.share_institution", "0.400000"),
    ),
    # borrower types
    Case(
        *(
            "contracts.1.borrower_type",
            "",
            "no_borrower_type",
            "没有填借款人类型",
            "neither a type",
        ),
        *("contracts.1.borrower_type", None),
    ),
]


REFERRED_TO = {
    *("contracts.2.contract_id", "claims.2.claim_id", "institutions.2.institution_id"),
}
"""Changing one of these leaves other rows without what they name."""


def changed(case: Case) -> Tables:
    table, row, column = case.cell.split(".")
    tables = ledger()
    tables[table][int(row) - 1][column] = case.value
    if case.kind == "no_borrower_type":
        for contract in tables["contracts"]:
            contract["industry"] = ""
    if case.cell == "contracts.1.guaranteed_amount":
        tables["releases"] = []
    if case.cell.startswith("recoveries.1"):
        tables["recoveries"].pop()
    return tables


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.cell}={case.value}")
def test_one_wrong_cell_is_one_fault(case: Case) -> None:
    tables = changed(case)
    found = faults(tables)
    (fault,) = [fault for fault in found if fault.kind == case.kind]
    assert len(found) == 1 or case.cell in REFERRED_TO
    table, row, column = (case.at or case.cell).split(".")
    assert (fault.kind, fault.table, fault.row) == (case.kind, table, int(row))
    assert fault.column == column
    assert fault.value == (case.value if case.shown == "same" else case.shown)
    assert case.zh in fault.message.zh
    assert case.en in fault.message.en
    assert fault.expected.zh
    assert fault.expected.en
    for language, word in (("zh", f"第 {row} 行"), ("en", f"row {row}")):
        line = fault.describe(language)  # type: ignore[arg-type]
        assert word in line
        assert column in line
        assert "{" not in line


# Boundaries: a day or a fen


@pytest.mark.parametrize(
    ("cell", "limit", "sign"),
    [
        ("contracts.2.release_date", "2021-03-01", 1),
        ("releases.1.release_date", "2021-03-01", 1),
        ("releases.2.release_date", "2022-03-01", -1),
        ("claims.2.payout_date", "2021-03-01", 1),
        ("recoveries.2.recovery_date", "2021-06-30", 1),
    ],
)
def test_days_at_their_limit_pass_and_a_day_beyond_is_a_fault(
    cell: str, limit: str, sign: int
) -> None:
    tables = ledger()
    if cell == "contracts.2.release_date":
        tables["claims"], tables["recoveries"] = [], []
    day = date.fromisoformat(limit)
    for inside in (day, day + timedelta(days=sign)):
        portfolio_of(with_(tables, cell, inside.isoformat()))
    (fault,) = faults(with_(tables, cell, (day - timedelta(days=sign)).isoformat()))
    assert (fault.kind, fault.column) == ("date_order", cell.split(".")[2])


def test_releases_up_to_the_guaranteed_amount() -> None:
    for amount in ("69.99", "70"):
        portfolio_of(with_(ledger(), "releases.2.amount", amount))
    (fault,) = faults(with_(ledger(), "releases.2.amount", "70.01"))
    assert (fault.kind, fault.table, fault.row) == ("over_released", "contracts", 1)
    assert fault.value == "K1"


def test_a_payout_of_one_fen_is_one() -> None:
    for principal, interest in (("0", "0.01"), ("0.01", ""), ("0.01", "0")):
        tables = with_(ledger(), "claims.1.principal", principal)
        portfolio_of(with_(tables, "claims.1.interest", interest))
    for interest in ("0", "", "0.00"):
        tables = with_(ledger(), "claims.1.principal", "0")
        (fault,) = faults(with_(tables, "claims.1.interest", interest))
        assert fault.kind == "no_payout"


def test_a_wrong_interest_is_said_once() -> None:
    tables = with_(with_(ledger(), "claims.1.principal", "0"), "claims.1.interest", "x")
    (fault,) = faults(tables)
    assert (fault.column, fault.value) == ("interest", "x")


@pytest.mark.parametrize(
    ("table", "column", "rest"),
    [
        ("institutions", "opening_balance", {}),
        ("contracts", "guaranteed_amount", {}),
        ("claims", "principal", {}),
        ("claims", "interest", {"principal": "0"}),
        ("recoveries", "proceeds", {}),
        ("recoveries", "cost", {"proceeds": "0"}),
    ],
)
def test_columns_add_up_to_at_most_what_a_result_holds(
    table: str, column: str, rest: dict[str, str]
) -> None:
    tables = ledger()
    tables["releases"], tables["recoveries"] = [], tables["recoveries"][:1]
    row = {**tables[table][0], **rest}
    if table == "institutions":
        tables["contracts"] = [{**c, "institution_id": "n1"} for c in tables["contracts"]]
    if table == "contracts":
        tables["claims"] = []
    if table in ("contracts", "claims"):
        tables["recoveries"] = []
    id_ = "recovery_id" if table == "recoveries" else f"{table[:-1]}_id"
    rows = [{**row, id_: f"n{n}", column: money_text(MOST)} for n in range(1000)]
    tables[table] = [*rows, {**row, id_: "last", column: "9.99"}]
    portfolio_of(tables)
    tables[table][-1][column] = "10.00"
    (fault,) = faults(tables)
    assert (fault.kind, fault.table, fault.row) == ("total_too_large", table, None)
    assert fault.column == ("principal" if table == "claims" else column)
    assert "9,999,999,999,999,999.99" in fault.describe("zh")
    assert "9,999,999,999,999,999.99" in fault.describe("en")


def test_principal_and_interest_are_added_up_together() -> None:
    tables = ledger()
    tables["recoveries"] = []
    claim = {**tables["claims"][0], "principal": money_text(MOST), "interest": money_text(MOST)}
    tables["claims"] = [{**claim, "claim_id": f"n{n}"} for n in range(500)]
    portfolio_of(tables)
    tables["claims"].append({**claim, "claim_id": "one more", "interest": ""})
    assert [fault.kind for fault in faults(tables)] == ["total_too_large"]


# Tables and columns


@pytest.mark.parametrize("table", ["institutions", "contracts"])
def test_no_rows_where_there_must_be_some(table: str) -> None:
    tables = ledger()
    tables[table] = []
    if table == "contracts":
        tables["releases"], tables["claims"], tables["recoveries"] = [], [], []
    found = faults(tables)
    (fault,) = [fault for fault in found if fault.kind == "no_rows"]
    assert fault.table == table
    assert "没有任何记录" in fault.describe("zh")
    assert "no rows" in fault.describe("en")
    assert len(found) == 1


def test_no_rows_elsewhere_are_normal() -> None:
    tables = ledger()
    for table in ("releases", "recoveries", "claims"):
        tables[table] = []
        portfolio_of(tables)


REQUIRED = [
    *[("institutions", "institution_id"), ("institutions", "government_backed")],
    *[("contracts", "contract_id"), ("contracts", "institution_id"), ("contracts", "borrower_id")],
    *[("contracts", "guaranteed_amount"), ("contracts", "start_date")],
    *[("contracts", "borrower_type")],
    *[("releases", "contract_id"), ("releases", "release_date"), ("releases", "amount")],
    *[("claims", "claim_id"), ("claims", "contract_id"), ("claims", "payout_date")],
    *[("claims", "principal")],
    *[("recoveries", "recovery_id"), ("recoveries", "claim_id"), ("recoveries", "recovery_date")],
    *[("recoveries", "proceeds")],
]


@pytest.mark.parametrize(("table", "column"), REQUIRED)
def test_a_required_column_that_is_missing_is_one_fault(table: str, column: str) -> None:
    tables = ledger()
    for row in tables[table]:
        del row[column]
    (fault,) = faults(tables)
    assert (fault.kind, fault.table, fault.column) == ("missing_column", table, column)
    assert fault.row is None
    assert column in fault.describe("zh")
    assert column in fault.describe("en")


def test_columns_that_may_be_missing() -> None:
    tables = ledger()
    for table, columns in {
        "institutions": ["opening_balance"],
        "contracts": ["release_date", "share_institution", "share_lender"],
        "claims": ["interest"],
    }.items():
        for row in tables[table]:
            for column in columns:
                del row[column]
    portfolio = portfolio_of(tables)
    assert portfolio.parties == ("institution",)
    assert portfolio.shares.tolist() == [[1_000_000], [1_000_000]]
    assert portfolio.numbers("claims", "interest").tolist() == [0, 0]
    assert portfolio.numbers("claims", "finance_review").tolist() == [2, 2], "pending"
    assert not portfolio.known("institutions", "opening_balance").any()


def test_tables_that_may_be_missing() -> None:
    frames = frames_of(ledger())
    del frames["releases"], frames["recoveries"]
    portfolio = portfolio_of_frames(**frames)
    assert (portfolio.rows("releases"), portfolio.rows("recoveries")) == (0, 0)


# Everything together


def test_all_faults_of_all_tables_come_in_one_exception() -> None:
    tables = ledger()
    for cell, value in {
        "institutions.1.government_backed": "也许",
        "institutions.2.opening_balance": "-0.01",
        "contracts.1.guaranteed_amount": "100.005",
        "contracts.1.share_lender": "0.5",
        "contracts.2.borrower_type": "巨型企业",
        "contracts.2.start_date": "2021-02-30",
        "releases.1.contract_id": "K9",
        "releases.2.amount": "NaN",
        "claims.1.payout_date": "2020-01-01",
        "claims.2.principal": "1e400",
        "claims.2.interest": "约一百",
        "recoveries.1.recovery_date": "",
        "recoveries.2.claim_id": "C9",
    }.items():
        with_(tables, cell, value)
    found = faults(tables)
    assert {(fault.table, fault.row, fault.column) for fault in found} == {
        *[("institutions", 1, "government_backed"), ("institutions", 2, "opening_balance")],
        *[("contracts", 1, "guaranteed_amount"), ("contracts", 1, "share_institution")],
        *[("contracts", 2, "borrower_type"), ("contracts", 2, "start_date")],
        *[("releases", 1, "contract_id"), ("releases", 2, "amount")],
        *[("claims", 1, "payout_date"), ("claims", 2, "principal"), ("claims", 2, "interest")],
        *[("recoveries", 1, "recovery_date"), ("recoveries", 2, "claim_id")],
    }
    assert len(found) == 13
    with pytest.raises(InputFaults, match="13") as caught:
        portfolio_of(tables)
    lines = caught.value.describe("en").splitlines()
    assert lines[0].startswith("13 faults")
    assert len(lines) == 14


@pytest.mark.slow
@given(st.lists(st.integers(0, len(CASES) - 1), min_size=2, max_size=5, unique=True))
def test_faults_of_different_kinds_do_not_hide_one_another(chosen: list[int]) -> None:
    """Each wrong cell is named, as long as no other change touches the same row."""
    tables, expected, taken = ledger(), set(), set()
    for case in (CASES[number] for number in chosen):
        table, row, column = case.cell.split(".")
        simple = case.kind in ("blank", "date_order") and table in ("releases", "recoveries")
        if not simple or (table, row) in taken:
            continue
        taken.add((table, row))
        with_(tables, case.cell, case.value)
        expected.add((case.kind, table, int(row), column))
    if expected:
        assert {(f.kind, f.table, f.row, f.column) for f in faults(tables)} == expected


# Warnings


WARNED: list[tuple[str, str, str, str, str]] = [
    ("claims.1.payout_date", "2022-03-02", "payout_after_release", "晚于合同的解除", "release"),
    ("claims.2.interest", "150.01", "interest_above_principal", "利息超过代偿本金", "interchanged"),
    ("claims.2.principal", "200.01", "principal_above_guarantee", "超过合同的担保", "guaranteed"),
]


@pytest.mark.parametrize(("cell", "value", "kind", "zh", "en"), WARNED)
def test_what_is_let_through_with_a_warning(
    cell: str, value: str, kind: str, zh: str, en: str
) -> None:
    table, row, column = cell.split(".")
    tables = ledger()
    tables["recoveries"] = []
    (warning,) = portfolio_of(with_(tables, cell, value)).warning_list
    assert (warning.kind, warning.table, warning.row) == (kind, table, int(row))
    assert warning.column == column
    assert zh in warning.describe("zh")
    assert en in warning.describe("en")


def test_warnings_begin_a_day_and_a_fen_past_the_limit() -> None:
    tables = with_(ledger(), "claims.1.payout_date", "2022-03-01")
    tables["recoveries"] = []
    with_(tables, "claims.2.interest", "200")
    assert portfolio_of(with_(tables, "claims.2.principal", "200")).warnings == ()


def test_headings_close_to_a_known_one_are_warned_of() -> None:
    tables = ledger()
    for row in tables["claims"]:
        row["intrest"] = "5"
        del row["interest"]
    (warning,) = portfolio_of(tables).warning_list
    assert (warning.kind, warning.table) == ("similar_heading", "claims")
    assert "intrest" in warning.describe("zh")
    assert "interest" in warning.describe("en")


# What a portfolio holds


def test_links_between_the_tables() -> None:
    tables = ledger()
    tables["contracts"].append(
        {**tables["contracts"][0], "contract_id": "K3", "institution_id": "I2"}
    )
    portfolio = portfolio_of(tables)
    links = portfolio.links
    assert links.contract_institution.tolist() == [0, 0, 1]
    assert portfolio.books.release_of.tolist() == [0, 0]
    assert links.claim_contract.tolist() == [0, 1]
    assert links.recovery_claim.tolist() == [0, 1]
    one, other, elsewhere = portfolio.books.borrower.tolist()
    assert len({one, other, elsewhere}) == 3, "B1 at I2 is another borrower"
    assert portfolio.books.borrower_institution[[one, other, elsewhere]].tolist() == [0, 0, 1]


def test_ids_that_look_like_other_values_are_text() -> None:
    """Also where a sheet would read them as 7, a date or true."""
    for odd in ("007", "1e5", "2022-01-01", "true", "=A1", "'x", "7.0"):
        tables = ledger()
        tables["institutions"][0]["institution_id"] = odd
        for contract in tables["contracts"]:
            contract["institution_id"] = odd
        portfolio = portfolio_of(tables)
        assert portfolio.column("institutions", "institution_id")[0].as_py() == odd
        assert portfolio.links.contract_institution.tolist() == [0, 0]


@pytest.mark.parametrize("frame", [5, "path", [{"a": 1}]])
def test_what_is_no_frame(frame: object) -> None:
    frames: dict[str, object] = {**frames_of(ledger()), "claims": frame}
    del frames["recoveries"]
    with pytest.raises(InputFaults) as caught:
        portfolio_of_frames(**frames)
    (fault,) = caught.value.faults
    assert (fault.kind, fault.table) == ("not_a_frame", "claims")
