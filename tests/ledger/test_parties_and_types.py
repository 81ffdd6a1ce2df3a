"""Who shares payouts, in which order; shares that make one; borrower types given or derived."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.faults.input_faults import InputFaults
from compensation.ledger.portfolio import Portfolio
from compensation.schema.choices import BORROWER_TYPES
from tests.assessing import portfolio_of
from tests.ledger.two_of_everything import faults, ledger, with_
from tests.oracle_reading import Tables

# Parties and shares


def of_shares(columns: list[str], rows: list[list[str]]) -> Portfolio:
    tables = ledger()
    for contract, cells in zip(tables["contracts"], rows, strict=True):
        del contract["share_institution"], contract["share_lender"]
        contract.update(zip([f"share_{name}" for name in columns], cells, strict=True))
    return portfolio_of(tables)


@pytest.mark.parametrize(
    ("columns", "parties"),
    [
        ([], ("institution",)),
        (["lender"], ("institution", "lender")),
        (
            ["national_fund", "reguarantor", "lender", "institution"],
            ("institution", "lender", "reguarantor", "national_fund"),
        ),
        (
            ["zeta", "national_fund", "Alpha", "city_fund", "institution"],
            ("institution", "national_fund", "Alpha", "city_fund", "zeta"),
        ),
    ],
)
def test_parties_have_one_order_whatever_the_columns(
    columns: list[str], parties: tuple[str, ...]
) -> None:
    cells = ["1", *[""] * (len(columns) - 1)] if columns else []
    portfolio = of_shares(columns, [cells, ["" for _ in columns]])
    assert portfolio.parties == parties
    own = [0] * len(parties)
    own[parties.index(columns[0]) if columns else 0] = 1_000_000
    nobody = [1_000_000, *[0] * (len(parties) - 1)]
    assert portfolio.shares.tolist() == [own, nobody]


def test_a_row_with_no_share_filled_is_the_institutions_alone_and_zeros_are_filled() -> None:
    portfolio = of_shares(["institution", "lender"], [["", ""], ["0", "100%"]])
    assert portfolio.shares.tolist() == [[1_000_000, 0], [0, 1_000_000]]
    tables = ledger()
    for column in ("share_institution", "share_lender"):
        with_(tables, f"contracts.1.{column}", "0")
    (fault,) = faults(tables)
    assert (fault.kind, fault.value) == ("shares_sum", "0.000000")


def test_government_has_no_share() -> None:
    tables = ledger()
    for contract in tables["contracts"]:
        contract["share_government"] = ""
    (fault,) = faults(tables)
    assert (fault.table, fault.column) == ("contracts", "share_government")


@pytest.mark.slow
@given(st.lists(st.integers(0, 1_000_000), min_size=2, max_size=2))
def test_shares_make_exactly_one(parts: list[int]) -> None:
    texts = [f"0.{part:06d}" if part < 1_000_000 else "1" for part in parts]
    rows = [texts, ["0.5", "0.5"]]
    if sum(parts) == 1_000_000:
        assert of_shares(["institution", "lender"], rows).shares[0].tolist() == parts
    else:
        with pytest.raises(InputFaults) as caught:
            of_shares(["institution", "lender"], rows)
        (fault,) = caught.value.faults
        assert fault.value == f"{sum(parts) // 1_000_000}.{sum(parts) % 1_000_000:06d}"


# Borrower types


def typed(**cells: str) -> Tables:
    tables = ledger()
    blank = dict.fromkeys(("industry", "employees", "revenue", "total_assets"), "")
    for number, contract in enumerate(tables["contracts"]):
        contract.update(blank if number else {**blank, **cells})
    return tables


def derived(**cells: str) -> str:
    portfolio = portfolio_of(typed(borrower_type="", **cells))
    return BORROWER_TYPES[int(portfolio.borrower_type[0])].value


@pytest.mark.parametrize(
    ("industry", "employees", "revenue", "total_assets", "expected"),
    [
        ("工业", "1000", "400000000", "", "large_enterprise"),
        ("工业", "999", "400000000", "", "medium_enterprise"),
        ("工业", "300", "19999999.99", "", "small_enterprise"),
        ("工业", "19", "400000000", "", "micro_enterprise"),
        ("建筑业", "", "800000000", "800000000", "large_enterprise"),
        ("租赁和商务服务业", "10", "", "999999.99", "micro_enterprise"),
        ("农、林、牧、渔业", "", "500000", "", "small_enterprise"),
    ],
)
def test_a_blank_type_is_derived_from_size(
    industry: str, employees: str, revenue: str, total_assets: str, expected: str
) -> None:
    cells = {"industry": industry, "employees": employees}
    assert derived(**cells, revenue=revenue, total_assets=total_assets) == expected


def test_a_given_type_wins() -> None:
    tables = typed(borrower_type="farmer", industry="工业", employees="5000", revenue="900000000")
    assert BORROWER_TYPES[int(portfolio_of(tables).borrower_type[0])].value == "farmer"
    tables = typed(borrower_type="农户", industry="教育")
    assert BORROWER_TYPES[int(portfolio_of(tables).borrower_type[0])].value == "farmer"


@pytest.mark.parametrize(
    ("cells", "kind", "column", "zh"),
    [
        ({"industry": "教育"}, "industry", "industry", "教育"),
        ({"industry": "保险业"}, "industry", "industry", "保险业"),
        ({"industry": "什么业"}, "industry", "industry", "什么业"),
        ({"industry": "工业", "revenue": "5"}, "cannot_derive_type", "employees", "从业人员"),
        ({"industry": "工业", "employees": "5"}, "cannot_derive_type", "revenue", "营业收入"),
        (
            {"industry": "建筑业", "revenue": "5"},
            *("cannot_derive_type", "total_assets", "资产总额"),
        ),
        ({"employees": "5"}, "no_borrower_type", "borrower_type", "行业"),
    ],
)
def test_a_type_that_cannot_be_derived_is_a_fault_and_never_other(
    cells: dict[str, str], kind: str, column: str, zh: str
) -> None:
    (fault,) = faults(typed(borrower_type="", **cells))
    assert (fault.kind, fault.table, fault.row) == (kind, "contracts", 1)
    assert fault.column == column
    assert zh in fault.message.zh
    assert "借款人类型" in fault.expected.zh
    assert "borrower type" in fault.expected.en
    assert "{" not in fault.describe("zh") + fault.describe("en")


def test_only_wrong_cells_are_said_not_what_follows_from_them() -> None:
    (fault,) = faults(typed(borrower_type="", industry="工业", employees="-1", revenue="5"))
    assert (fault.column, fault.value) == ("employees", "-1")
    (fault,) = faults(typed(borrower_type="巨型", industry="教育"))
    assert (fault.column, fault.value) == ("borrower_type", "巨型")


def test_without_any_column_for_the_type() -> None:
    tables = ledger()
    for contract in tables["contracts"]:
        del contract["borrower_type"]
        contract["employees"] = "5"
    (fault,) = faults(tables)
    assert (fault.kind, fault.column, fault.row) == ("missing_column", "borrower_type", None)
    assert "行业" in fault.message.zh
    assert "industry" in fault.message.en
