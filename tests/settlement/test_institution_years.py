"""Settlements of institutions' years: a case for each that is decided, payments say which."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compensation import (
    InputFaults,
    Policy,
    Settlement,
    assess,
    portfolio_of_frames,
    settle,
    settle_frames,
)
from compensation.policy.catalogue import POLICY_TEXT, policy_of_texts
from compensation.settlement.drafts import continued
from tests.conftest import DEPTH
from tests.explanation.recompute import recomputed
from tests.policy.ledgers_of_policies import NO_CLAIMS
from tests.policy.test_small_policies import CONTRACT, HEAD
from tests.settlement.test_years import LEGS, Row, carried_out, paid

YEARS = (2022, 2023, 2024)
EVE = "2024-12-31"
MOST = 500_00
"""The cap on the award of a year, in fen."""
AWARD = """
record = "institution"
review = { required = ["finance_review"] }
[[indicators]]
id = "volume"
name = { zh = "当年业务量", en = "volume of the year" }
value = { measure = "sum", of = "contracts.guaranteed_amount", on = "contracts.start_date" }
[base]
value = "indicator.volume"
[rates]
tiers = [{ rate = 0.005 }]
[[caps]]
id = "most"
at_most = 500
"""


def award(more: str = "") -> Policy:
    head = HEAD.replace("2022-03-01", "2022-01-01")
    return policy_of_texts({POLICY_TEXT: head + AWARD + more})


def frames(
    contracts: list[Row], payments: list[Row] | None, institutions: list[Row] | None = None
) -> dict[str, Any]:
    rows = institutions or [{"institution_id": id_} for id_ in "AB"]
    given = {"government_backed": "true", "finance_review": "approved"}
    held: dict[str, Any] = {
        "institutions": pd.DataFrame([given | row for row in rows]),
        "contracts": pd.DataFrame([CONTRACT | row for row in contracts]),
        "claims": NO_CLAIMS,
    }
    if payments is not None:
        names = ("payment_id", "claim_id", "payment_date", "amount", "kind", "year")
        held["payments"] = pd.DataFrame(payments, columns=pd.Index(names))
    return held


def contract(number: int, institution: str, year: int, fen: int) -> Row:
    of = {"contract_id": f"k{number}", "institution_id": institution}
    return {**of, "start_date": f"{year}-05-01", "guaranteed_amount": str(Decimal(fen) / 100)}


CONTRACTS = [contract(1, "A", 2022, 10_000_00), contract(2, "A", 2023, 30_000_00)]
CONTRACTS += [contract(3, "B", 2023, 20_000_00), contract(4, "A", 2024, 200_000_00)]


def by_case(of: Settlement, *names: str) -> dict[tuple[str, int], tuple[int, ...]]:
    rows = of.tables["settlement"].to_pylist()
    return {
        (row["claim_id"], row["year"]): tuple(int(row[name] * 100) for name in names)
        for row in rows
    }


@st.composite
def ledgers(draw: st.DrawFn) -> tuple[list[Row], list[Row], dict[str, str]]:
    amounts = st.sampled_from([1, 99_00, 99_999_99, 100_000_00, 100_000_01])
    contracts = [
        contract(number, draw(st.sampled_from("AB")), draw(st.sampled_from(YEARS)), draw(amounts))
        for number in range(draw(st.integers(1, 5)))
    ]
    payments: list[Row] = []
    for id_, year in draw(st.sets(st.tuples(st.sampled_from("AB"), st.sampled_from(YEARS)))):
        amount = draw(st.sampled_from(["0.01", "499.99", "500", "500.01"]))
        for kind in ("paid", "recalled")[: draw(st.integers(1, 2))]:
            of = (id_, f"{year}-12-31", amount, str(year), kind)
            payments.append(paid(*of, number=len(payments) + 1))
    reviews = draw(st.tuples(*[st.sampled_from(["approved", "pending", "rejected"])] * 2))
    return contracts, payments, dict(zip("AB", reviews, strict=True))


@pytest.mark.slow
@settings(max_examples=10 * DEPTH, deadline=None)
@given(ledgers())
def test_what_is_due_of_every_year(ledger: tuple[list[Row], list[Row], dict[str, str]]) -> None:
    contracts, payments, reviews = ledger
    institutions = [{"institution_id": id_, "finance_review": reviews[id_]} for id_ in "AB"]
    held = frames(contracts, payments, institutions)
    settled = settle_frames(held, award(), EVE, "2022-01-01")
    expected = {}
    for id_ in "AB":
        for year in YEARS:
            volume = sum(
                int(Decimal(row["guaranteed_amount"]) * 100)
                for row in contracts
                if row["institution_id"] == id_ and row["start_date"].startswith(str(year))
            )
            fen = min(int(Fraction(volume, 200) + Fraction(1, 2)), MOST)
            net = sum(
                int(Decimal(row["amount"]) * 100) * (1 if row["kind"] == "paid" else -1)
                for row in payments
                if (row["claim_id"], row["year"]) == (id_, str(year))
            )
            grant = {"approved": fen, "pending": net, "rejected": 0}[reviews[id_]]
            expected[id_, year] = fen, max(grant - net, 0), max(net - grant, 0)
    assert by_case(settled, "compensation", "to_pay", "to_recall") == expected
    for row in settled.tables["settlement"].to_pylist():
        values = recomputed(settled.explain(row["claim_id"], row["year"]).arithmetic)
        assert values["net_due"] == Fraction(row["net_due"])
        assert str(row["payout_date"]) == f"{row['year']}-12-31"
    after = frames(contracts, carried_out(settled, payments), institutions)
    assert settle_frames(after, award(), EVE, "2022-01-01").settlement[LEGS].sum().sum() == 0
    # A year that is assessed comes to the same, and once it is carried out, owes nothing.
    for year in YEARS:
        for row in assess(portfolio_of_frames(**after), award(), year).tables["claims"].to_pylist():
            assert int(row["compensation"] * 100) == expected[row["claim_id"], year][0]
            assert row["payable"] == 0


@pytest.mark.parametrize(
    ("payments", "first", "decided"),
    [
        (None, None, [2024]),
        (None, "2023-01-01", [2023, 2024]),
        ([paid("A", "2023-03-01", "1", "2022")], None, [2022, 2023, 2024]),
        # Paid after the day: on that day, nothing says that 2022 is settled here.
        ([paid("A", "2025-03-01", "1", "2022")], None, [2024]),
        ([paid("A", "2024-12-31", "1", "")], None, [2024]),
    ],
)
def test_which_years_are_decided(
    payments: list[Row] | None, first: str | None, decided: list[int]
) -> None:
    """Those of the period, and from the first that a payment is for; of all institutions alike."""
    settled = settle_frames(frames(CONTRACTS, payments), award(), EVE, first)
    cases = [(id_, year) for id_ in "AB" for year in decided]
    assert list(by_case(settled)) == cases
    left_out = "、".join(str(year) for year in YEARS if year < decided[0])
    said = [note.zh for note in settled.notes if "机构年度只核定" in note.zh]
    assert [left_out in note for note in said] == ([True] if left_out else [])


YEAR_OF = ("payments", "year")


@pytest.mark.parametrize(
    ("payments", "institution", "place"),
    [
        ([paid("A", "2024-12-31", "1", "")], {}, YEAR_OF),
        ([paid("A", "2024-12-31", "1", "1899")], {}, YEAR_OF),
        ([paid("A", "2024-12-31", "1", "2200")], {}, YEAR_OF),
        (None, {"compensation_paid": "1"}, ("institutions", "compensation_paid")),
        ([], {"compensation_paid": "1"}, ("institutions", "compensation_paid")),
        (None, {"approved_amount": "1"}, ("institutions", "approved_amount")),
    ],
)
def test_what_does_not_say_its_year(
    payments: list[Row] | None, institution: Row, place: tuple[str, str]
) -> None:
    held = frames(CONTRACTS[:1], payments, [{"institution_id": "A"} | institution])
    with pytest.raises(InputFaults) as caught:
        settle_frames(held, award(), EVE, "2023-01-01")
    found = [(each.kind, each.table, each.row, each.column) for each in caught.value.faults]
    assert found == [("which_year", place[0], 1, place[1])]


@pytest.mark.parametrize(
    ("payment", "kind"),
    [
        (paid("A", "2022-12-31", "1", "2022"), None),
        (paid("A", "2022-12-30", "1", "2022"), "date_order"),
        # Without its year it is for the one that is decided.
        (paid("A", "2024-12-30", "1", ""), "date_order"),
    ],
)
def test_no_payment_is_before_the_end_of_its_year(payment: Row, kind: str | None) -> None:
    held = frames(CONTRACTS, [payment])
    if kind is None:
        settle_frames(held, award(), EVE)
        return
    with pytest.raises(InputFaults) as caught:
        settle_frames(held, award(), EVE)
    assert [(each.kind, each.row) for each in caught.value.faults] == [(kind, 1)]


def test_a_correction_of_an_earlier_year_is_due() -> None:
    """What a corrected ledger no longer grants for 2022 is recalled, and 2023 is not touched."""
    payments = [paid("A", "2023-03-01", "50", "2022"), paid("A", "2024-03-01", "150", "2023")]
    payments[1]["payment_id"] = "p2"
    corrected = [CONTRACTS[0] | {"guaranteed_amount": "6000"}, *CONTRACTS[1:]]
    settled = settle_frames(frames(corrected, payments), award(), EVE)
    due = by_case(settled, "to_pay", "to_recall")
    assert due["A", 2022] == (0, 20_00)
    assert due["A", 2023] == (0, 0)
    assert due["A", 2024] == (500_00, 0)
    texts = [each.describe("en").splitlines()[0] for each in settled.explain_years("A")]
    assert texts[0] == "Institution A, 2022: approved"


@pytest.mark.parametrize(("unpaid", "paid_for"), [("owed", 2024), ("owed_first", 2022)])
def test_a_budget_is_shared_by_the_years(unpaid: str, paid_for: int) -> None:
    """Unpaid of earlier years comes first where the policy says so, else all share alike."""
    rules = award(f'[budget]\nmethod = "pro_rata"\nunpaid = "{unpaid}"\n')
    settled = settle_frames(frames(CONTRACTS, None), rules, EVE, "2022-01-01", "150")
    # 50 for 2022, 150 and 100 for 2023, 500 for 2024.
    due = by_case(settled, "to_pay", "outstanding")
    assert sum(to_pay for to_pay, _ in due.values()) == 150_00
    assert due["A", 2022] == ((50_00, 0) if paid_for == 2022 else (9_38, 40_62))
    assert due["A", 2023] == ((60_00, 90_00) if paid_for == 2022 else (28_12, 121_88))


def test_drafts_say_their_year() -> None:
    portfolio = portfolio_of_frames(**frames(CONTRACTS, [paid("A", "2023-03-01", "20", "2022")]))
    drafts = continued(portfolio, settle(portfolio, award(), EVE)).drafts["payments"]
    found = {(draft.claim_id, draft.year): draft.amount for draft in drafts}
    years = {("A", 2022): 30_00, ("A", 2023): 150_00, ("A", 2024): 500_00}
    assert found == {**years, ("B", 2023): 100_00}


def test_a_warning_names_the_row_of_the_institution() -> None:
    """Of two cases of the second institution, the one that is paid too much."""
    settled = settle_frames(
        frames(CONTRACTS, [paid("B", "2024-03-01", "101", "2023")]), award(), EVE
    )
    found = [each for each in settled.warnings if each.kind == "paid_without_grant"]
    assert [(each.table, each.row, each.value) for each in found] == [("institutions", 2, None)]
    assert "1.00" in found[0].message.en


@pytest.mark.parametrize(
    ("institution", "payments", "year", "columns"),
    [
        ({"compensation_paid": "1", "approved_amount": "1"}, None, 2022, []),
        ({"compensation_paid": "0"}, None, 2023, []),
        ({"compensation_paid": "1"}, None, 2023, ["compensation_paid"]),
        ({"approved_amount": "0"}, None, 2023, ["approved_amount"]),
        ({"compensation_paid": "1"}, [paid("A", "2023-12-31", "1", "2023")], 2023, []),
    ],
)
def test_amounts_that_may_be_left_from_the_year_before(
    institution: Row, payments: list[Row] | None, year: int, columns: list[str]
) -> None:
    """In the first year of the policy they can be of no other; payments say theirs."""
    held = frames(CONTRACTS, payments, [{"institution_id": id_} | institution for id_ in "AB"])
    if payments:
        held["institutions"].loc[1, "compensation_paid"] = ""
    run = assess(portfolio_of_frames(**held), award(), year)
    found = [each for each in run.warnings if each.kind == "of_which_year"]
    assert [each.column for each in found] == columns
    assert all(f"amount: 2; it is taken to be of {year}" in each.message.en for each in found)


DECIDED = st.sampled_from(["", "approved", "pending", "rejected"])
LIMITS = st.sampled_from(["", "0", "49.99", "50", "50.01"])


@settings(max_examples=10 * DEPTH, deadline=None)
@given(
    st.tuples(*[DECIDED] * 3), st.tuples(*[LIMITS] * 3), st.sampled_from(["approved", "rejected"])
)
def test_a_year_is_decided_by_its_own_review(
    reviews: tuple[str, ...], limits: tuple[str, ...], beside: str
) -> None:
    """A blank of the table by year leaves it to the institution's own column."""
    held = frames(
        [contract(n, "A", year, 10_000_00) for n, year in enumerate(YEARS)],
        None,
        [{"institution_id": "A", "finance_review": beside}],
    )
    names = pd.Index(["institution_id", "year", "finance_review", "approved_amount"])
    years = map(str, YEARS)
    rows = [("A", *of_year) for of_year in zip(years, reviews, limits, strict=True)]
    held["institution_years"] = pd.DataFrame(rows, columns=names)
    settled = settle_frames(held, award(), EVE, "2022-01-01")
    expected = {
        ("A", year): (min(50_00, int(Decimal(limit) * 100)) if limit else 50_00,)
        if (review or beside) == "approved"
        else (0,)
        for year, review, limit in zip(YEARS, reviews, limits, strict=True)
    }
    assert by_case(settled, "to_pay") == expected
    for year in YEARS:
        (row,) = assess(portfolio_of_frames(**held), award(), year).tables["claims"].to_pylist()
        assert int(row["payable"] * 100) == expected["A", year][0]
    assert "of_which_year" not in {each.kind for each in settled.warnings}


def test_an_own_column_of_the_name_stays_the_policys() -> None:
    own = '[[columns]]\ntable = "institution_years"\nname = "approved_amount"\nheading = "批复数"\n'
    rules = award(own + 'type = "money"\nnote = { zh = "注", en = "note" }\n')
    held = frames(CONTRACTS[:1], None, [{"institution_id": "A"}])
    row = {"institution_id": "A", "year": "2022", "approved_amount": "1"}
    held["institution_years"] = pd.DataFrame([row])
    assert by_case(settle_frames(held, rules, "2022-12-31"), "to_pay") == {("A", 2022): (50_00,)}
