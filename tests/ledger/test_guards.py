"""Rows that may be a mistake together are let through with a warning; near ones without."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.issues import Issue
from compensation.ledger.alike import are_plain, plain_form
from tests.assessing import portfolio_of
from tests.ledger.two_of_everything import ledger, with_
from tests.oracle_reading import Tables
from tests.pairing import in_turn

ENTRIES = {
    "releases": {"contract_id": "K2", "release_date": "2021-07-01", "amount": "10"},
    "claims": {
        "claim_id": "C3",
        "contract_id": "K2",
        "payout_date": "2021-07-01",
        "principal": "10",
        "interest": "",
    },
    "recoveries": {
        "recovery_id": "R3",
        "claim_id": "C2",
        "recovery_date": "2021-07-01",
        "proceeds": "5",
        "cost": "1",
    },
}
"""Rows to add to the ledger."""


def warnings(tables: Tables, kind: str) -> list[Issue]:
    return [found for found in portfolio_of(tables).warning_list if found.kind == kind]


def with_rows(table: str, *rows: dict[str, str]) -> Tables:
    tables = ledger()
    if table == "recoveries":
        for row in tables[table]:
            row["cost"] = ""
    tables[table] += rows
    return tables


# Double entries

AGAIN: list[tuple[str, dict[str, str]]] = [
    ("releases", {}),
    ("releases", {"amount": "10.00"}),
    ("claims", {"claim_id": "C4"}),
    ("claims", {"claim_id": "C4", "interest": "0", "finance_review": "通过"}),
    ("recoveries", {"recovery_id": "R4"}),
    ("recoveries", {"recovery_id": "R4", "cost": "1.0", "recovery_date": "2021年7月1日"}),
]
COLUMNS = {"releases": "contract_id", "claims": "claim_id", "recoveries": "recovery_id"}


@pytest.mark.parametrize(("table", "changes"), AGAIN)
def test_the_same_entry_again_is_warned_of_at_the_later_row(
    table: str, changes: dict[str, str]
) -> None:
    entry = ENTRIES[table]
    tables = with_rows(table, entry, {**entry, **changes})
    for row in tables["claims"]:
        row.setdefault("finance_review", "")
    (found,) = warnings(tables, "entered_twice")
    assert (found.table, found.row, found.column) == (table, 4, COLUMNS[table])
    assert "与第 3 行相同" in found.describe("zh")
    assert "the same as row 3" in found.describe("en")


NEAR: list[tuple[str, dict[str, str]]] = [
    ("releases", {"amount": "10.01"}),
    ("releases", {"release_date": "2021-07-02"}),
    ("claims", {"claim_id": "C4", "principal": "10.01"}),
    ("claims", {"claim_id": "C4", "interest": "0.01"}),
    ("claims", {"claim_id": "C4", "payout_date": "2021-07-02"}),
    ("claims", {"claim_id": "C4", "contract_id": "K1"}),
    ("recoveries", {"recovery_id": "R4", "proceeds": "5.01"}),
    ("recoveries", {"recovery_id": "R4", "cost": ""}),
    ("recoveries", {"recovery_id": "R4", "recovery_date": "2021-07-02"}),
    ("recoveries", {"recovery_id": "R4", "claim_id": "C1"}),
]


@pytest.mark.parametrize(("table", "changes"), NEAR)
def test_an_entry_that_differs_is_not(table: str, changes: dict[str, str]) -> None:
    entry = ENTRIES[table]
    assert not warnings(with_rows(table, entry, {**entry, **changes}), "entered_twice")


def test_each_further_entry_names_the_first_one() -> None:
    claim = ENTRIES["claims"]
    tables = with_rows("claims", *({**claim, "claim_id": f"C{n}"} for n in range(3, 7)))
    assert [(found.row, found.message.en[-5:]) for found in warnings(tables, "entered_twice")] == [
        (row, "row 3") for row in (4, 5, 6)
    ]


# Claims of one contract


@pytest.mark.parametrize(
    ("principals", "row"),
    [
        (["50"], None),
        (["50.01"], 3),
        (["20", "30"], None),
        (["20", "30", "0.01"], 5),
        (["60", "1"], 3),
    ],
)
def test_claims_of_a_contract_above_its_guarantee(principals: list[str], row: int | None) -> None:
    """Contract K2 is guaranteed with 200, of which its first claim takes 150."""
    claim = {**ENTRIES["claims"], "interest": "9"}
    tables = with_rows(
        "claims",
        *(
            {**claim, "claim_id": f"C{n}", "principal": principal}
            for n, principal in enumerate(principals, 3)
        ),
    )
    found = warnings(tables, "claims_above_guarantee")
    assert [(w.table, w.row, w.column) for w in found] == (
        [] if row is None else [("claims", row, "principal")]
    )
    if row is not None:
        total = 150 + sum(map(Decimal, principals))
        assert f"本金合计 {total:.2f} 元，担保金额 200.00 元" in found[0].describe("zh")
        assert f"{total:.2f} yuan of principal, 200.00 yuan guaranteed" in found[0].describe("en")


def test_a_single_claim_above_the_guarantee_has_its_own_warning_alone() -> None:
    tables = with_(ledger(), "claims.2.principal", "200.01")
    kinds = [found.kind for found in portfolio_of(tables).warning_list]
    assert kinds == ["principal_above_guarantee"]


@pytest.mark.parametrize(
    ("blank", "rows"), [([], []), ([2], []), ([2, 3], [2, 3]), ([1, 2, 3], [])]
)
def test_shares_of_few_contracts_are_warned_of_at_the_others(
    blank: list[int], rows: list[int]
) -> None:
    tables = with_rows("claims", {**ENTRIES["claims"], "contract_id": "K3"})
    tables["contracts"].append({**tables["contracts"][1], "contract_id": "K3"})
    for row in blank:
        for party in ("institution", "lender"):
            with_(tables, f"contracts.{row}.share_{party}", "")
    found = warnings(tables, "shares_blank")
    assert [(w.table, w.row, w.column) for w in found] == [
        ("claims", r, "contract_id") for r in rows
    ]


# Ids of borrowers

ALIKE = [
    ("A1B", "a1b"),
    ("91410100MA3X00001X", "91410100ma3x00001x"),
    ("00105", "105"),
    ("0", "000"),
    ("A 1", "A1"),
    ("A\u30001", "A1"),
    ("A\u00a01", "A1"),
    ("A-1", "A1"),
    ("A—1", "A–1"),
    ("A−1", "A-1"),
    ("Ａ１", "A1"),
    ("Ａ－１", "A1"),
    ("A\u200b1", "A1"),
    ("A\ufeff1", "A1"),
    ("济源-001", "济源001"),
    ("济源００１ａ", "济源001A"),
    ("-0 07", "7"),
    ("A1", "\u03911"),  # a Greek letter
    ("A1", "\u04301"),  # a Cyrillic one
    ("41010519900101123X", "41010519900101123×"),
    ("41010519900101123x", "41010519900101123\u0445"),
    *(("00107", other) for other in ("O0107", "00l07", "OOI07", "00107.", "00107、", "00107;")),
    *(("00107", other) for other in ("00107号", "编号00107", "No.00107", "#00107", "00_107")),
    *(("00107", other) for other in ("(00107)", "【00107】", "'00107", '="00107"', "00107.0")),
]
APART = [
    ("A1B", "A1C"),
    ("105", "1050"),
    ("A01", "A1"),
    ("A.1", "A1"),
    ("A/1", "A1"),
    ("1.10", "1.1"),
    ("AO1", "A01"),
    ("号1", "1"),
    ("10²", "102"),
    ("济源1", "济原1"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("turned", "one", "other"), in_turn((False, True), ALIKE))
def test_ids_that_look_alike_are_warned_of(one: str, other: str, *, turned: bool) -> None:
    one, other = (other, one) if turned else (one, other)
    tables = with_(
        with_(ledger(), "contracts.1.borrower_id", one), "contracts.2.borrower_id", other
    )
    portfolio = portfolio_of(tables)
    (found,) = portfolio.warning_list
    assert (found.kind, found.table, found.row) == ("ids_alike", "contracts", 2)
    assert found.column == "borrower_id"
    assert len(portfolio.books.borrower_institution) == 2, "they stay two"
    if (one + other).isprintable():
        assert f"“{other}”与第 1 行的“{one}”" in found.describe("zh")
        assert f"“{other}” and, in row 1, “{one}”" in found.describe("en")


@pytest.mark.parametrize(("one", "other"), APART)
def test_ids_that_differ_in_more_are_not(one: str, other: str) -> None:
    tables = with_(
        with_(ledger(), "contracts.1.borrower_id", one), "contracts.2.borrower_id", other
    )
    assert not portfolio_of(tables).warnings


def test_the_same_ids_at_two_institutions_are_not() -> None:
    tables = with_(ledger(), "contracts.1.borrower_id", "b2")
    assert len(portfolio_of(tables).warnings) == 1
    assert not portfolio_of(with_(tables, "contracts.1.institution_id", "I2")).warnings


def test_of_several_alike_each_names_the_first_and_a_row_of_each_borrower() -> None:
    tables = ledger()
    contract = tables["contracts"][1]
    borrowers = ["B2", "b2", "B-2", "b2", "B3"]
    tables["contracts"] += [
        {**contract, "contract_id": f"K{n}", "borrower_id": borrower}
        for n, borrower in enumerate(borrowers, 3)
    ]
    found = warnings(tables, "ids_alike")
    assert [w.row for w in found] == [4, 5]
    assert all("第 2 行的“B2”" in w.message.zh for w in found)


def plainly(text: str) -> str:
    """The plain form, character by character."""
    kept = "".join(c for c in text if c not in " \t\n-\u200b\u3000−–").upper()
    return kept.lstrip("0")


LETTERS = st.text("Aab019 -\t\u200b\u3000−–济", min_size=1, max_size=6)


@given(st.lists(LETTERS, min_size=1, max_size=20), st.integers(0, 3), st.booleans())
def test_plain_forms_are_those_of_single_texts(ids: list[str], skip: int, large: bool) -> None:
    column = pa.array(ids, pa.large_string() if large else pa.string()).slice(skip)
    assert plain_form(column).to_pylist() == [plainly(text) for text in ids[skip:]]


@given(st.lists(st.text("ILOAZ0123a-", min_size=1), max_size=5))
def test_plain_ids_are_told_from_others(ids: list[str]) -> None:
    column = pa.array(ids, pa.string())
    forms = plain_form(column).to_pylist()
    assert are_plain(column).tolist() == [form == id_ for form, id_ in zip(forms, ids, strict=True)]


# Units in some headings of a table


@pytest.mark.parametrize(
    ("headings", "interest", "warned"),
    [
        (("principal(万元)", "interest"), "1", True),
        (("principal(万元)", "interest"), "0", False),
        (("principal(万元)", "interest"), "", False),
        (("principal(万元)", "interest(元)"), "1", False),
        (("principal(元)", "interest"), "1", False),
    ],
)
def test_columns_without_a_unit_beside_one_that_names_it(
    headings: tuple[str, str], interest: str, *, warned: bool
) -> None:
    tables = ledger()
    principal, other = headings
    tables["claims"] = [{**row, principal: "1", other: interest} for row in tables["claims"]]
    for row in tables["claims"]:
        for name in {"principal", "interest"} - {principal, other}:
            del row[name]
    found = [warning.describe("zh") for warning in warnings(tables, "unit_of_some_columns")]
    assert bool(found) == warned
    assert all("“principal(万元)”写明了金额单位，“interest”没有写" in text for text in found)
