"""Settlements of contracts that belong to several years: a case for each, payments say which."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compensation import (
    InputFaults,
    Policy,
    Settlement,
    assess_frames,
    assess_policies,
    diff,
    portfolio_of_frames,
    settle,
    settle_frames,
    verify,
    write_workbook,
)
from compensation.policy.catalogue import POLICY_TEXT, policy_of_texts
from compensation.settlement.drafts import continued
from tests.conftest import DEPTH
from tests.explanation.recompute import recomputed
from tests.policy.ledgers_of_policies import NO_CLAIMS
from tests.policy.test_several_years import ALL_YEARS, RULES
from tests.policy.test_small_policies import CONTRACT, HEAD, columns

Row = dict[str, str]
LEGS = ["to_pay", "to_recall", "to_remit", "to_refund"]
MOST = 12_000_00
"""The cap of `ALL_YEARS`, in fen."""


OPEN_END = '{ first_given = ["contracts.release_date", "year.end"] }'


def policy(
    caps: str = "",
    begin: str = "2022-01-01",
    end: str = "2029-12-31",
    name: str = "",
    open_end: str = OPEN_END,
) -> Policy:
    head = HEAD.replace("2022-03-01", begin).replace("2029-12-31", f"{end}, excludes = false")
    rules = RULES.replace("review = { required = [] }\n", "")
    rules = rules.replace('"contracts.release_date"]', f"{open_end}]")
    text = head + rules + caps
    return policy_of_texts({POLICY_TEXT: text.replace('id = "small"', f'id = "small{name}"')})


def frames(contracts: list[Row], payments: list[Row] | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "institutions": pd.DataFrame([{"institution_id": "A", "government_backed": "true"}]),
        "contracts": pd.DataFrame([CONTRACT | row for row in contracts]),
        "claims": NO_CLAIMS,
    }
    if payments is not None:
        names = ("payment_id", "claim_id", "payment_date", "amount", "kind", "year")
        found["payments"] = pd.DataFrame(payments, columns=pd.Index(names))
    return found


def loan(id_: str, start: str, end: str | None, review: str = "approved", **more: str) -> Row:
    reviews = {"finance_review": review, "industry_review": "approved"}
    days = {"start_date": start, "release_date": end or ""}
    return {"contract_id": id_, **days, **reviews, **more}


def paid(id_: str, day: str, amount: str, year: str, kind: str = "paid", number: int = 1) -> Row:
    of = {"payment_id": f"p{number}", "claim_id": id_, "payment_date": day}
    return {**of, "amount": amount, "kind": kind, "year": year}


def carried_out(of: Settlement, payments: list[Row]) -> list[Row]:
    """Return the payments with what is due."""
    found = list(payments)
    for row in of.tables["settlement"].to_pylist():
        for leg, kind in (("to_pay", "paid"), ("to_recall", "recalled")):
            if row[leg]:
                of_it = (row["claim_id"], str(of.to), str(row[leg]), str(row["year"]), kind)
                found.append(paid(*of_it, number=len(found) + 1))
    return found


def due(
    contracts: list[Row], payments: list[Row], last: date
) -> dict[tuple[str, int], tuple[int, int, int]]:
    """By contract and year: compensation, to pay, to recall, one row after another."""
    net: dict[tuple[str, int], int] = {}
    for row in payments:
        key = row["claim_id"], int(row["year"])
        fen = int(Decimal(row["amount"]) * 100)
        net[key] = net.get(key, 0) + (fen if row["kind"] == "paid" else -fen)
    ends = {
        r["contract_id"]: date.fromisoformat(r["release_date"] or "2199-12-31") for r in contracts
    }
    starts = {r["contract_id"]: date.fromisoformat(r["start_date"]) for r in contracts}
    ends = {id_: end if end <= last else date(2199, 12, 31) for id_, end in ends.items()}
    reviews = {r["contract_id"]: r["finance_review"] for r in contracts}
    borrower = {r["contract_id"]: r["borrower_id"] for r in contracts}
    found: dict[tuple[str, int], tuple[int, int, int]] = {}
    granted: dict[str, int] = {}
    for year in range(2022, last.year + 1):
        over = date(year, 12, 31) <= last
        left = {b: MOST - granted.get(b, 0) for b in borrower.values()}
        for id_ in sorted(starts, key=lambda id_: (starts[id_], id_)):
            if starts[id_].year > year or ends[id_].year < year:
                continue
            first, until = max(starts[id_], date(year, 1, 1)), min(ends[id_], date(year, 12, 31))
            length = (date(year, 12, 31) - date(year - 1, 12, 31)).days
            exact = Fraction(1_000_000_00 * ((until - first).days + 1), 100 * length)
            fen = min(int(exact + Fraction(1, 2)), max(left[borrower[id_]], 0)) if over else 0
            left[borrower[id_]] -= 0 if reviews[id_] == "rejected" else fen
            before = net.get((id_, year), 0)
            grant = {"approved": fen, "rejected": 0, "pending": before}[reviews[id_]]
            grant = grant if over else before
            granted[borrower[id_]] = granted.get(borrower[id_], 0) + grant
            found[id_, year] = fen, max(grant - before, 0), max(before - grant, 0)
    for (id_, year), fen in net.items():
        over = ends[id_].year < year
        found.setdefault((id_, year), (0, 0, fen if over else 0))
    return found


days = st.dates(date(2022, 1, 1), date(2023, 12, 31)).map(str)


@st.composite
def ledgers(draw: st.DrawFn) -> tuple[list[Row], list[Row]]:
    contracts: list[Row] = []
    payments: list[Row] = []
    for number in range(draw(st.integers(1, 4))):
        start = draw(days)
        end = draw(st.none() | st.dates(date.fromisoformat(start), date(2025, 3, 31)).map(str))
        review = draw(st.sampled_from(["approved"] * 3 + ["rejected", "pending"]))
        borrower = draw(st.sampled_from(["b1", "b2"]))
        contracts.append(loan(f"k{number}", start, end, review, borrower_id=borrower))
        for year in draw(st.sets(st.integers(int(start[:4]), 2025), max_size=3)):
            amount = draw(st.sampled_from(["0.01", "5000", "10000", "12000.01"]))
            back = draw(st.booleans())
            for kind in ("paid", "recalled")[: 1 + back]:
                of = (f"k{number}", "2024-01-05", amount, str(year), kind)
                payments.append(paid(*of, number=len(payments) + 1))
    return contracts, payments


@pytest.mark.slow
@settings(max_examples=10 * DEPTH, deadline=None)
@given(ledgers(), st.sampled_from(["2024-06-30", "2024-12-31"]))
def test_what_is_due_of_every_year(ledger: tuple[list[Row], list[Row]], to: str) -> None:
    contracts, payments = ledger
    rules = policy(ALL_YEARS)
    settled = settle_frames(frames(contracts, payments), rules, to)
    rows = settled.tables["settlement"].to_pylist()
    found = {
        (row["claim_id"], row["year"]): tuple(
            int(row[name] * 100) for name in ("compensation", "to_pay", "to_recall")
        )
        for row in rows
    }
    assert found == due(contracts, payments, date.fromisoformat(to))
    for row in rows:
        values = recomputed(settled.explain(row["claim_id"], row["year"]).arithmetic)
        assert values["net_due"] == Fraction(row["net_due"])
    after = frames(contracts, carried_out(settled, payments))
    again = settle_frames(after, rules, to)
    assert again.settlement[LEGS].sum().sum() == 0
    assert list(again.settlement["compensation"]) == list(settled.settlement["compensation"])
    # Once it is carried out, a year assessed comes to the same, and owes nothing.
    for year in (2022, 2023):
        alone = assess_frames(after, rules, year, as_of=to).tables["claims"].to_pylist()
        of_year = {row["claim_id"]: row for row in rows if row["year"] == year}
        for row in alone:
            assert row["compensation"] == of_year[row["claim_id"]]["compensation"]
            assert row["payable"] == 0


@pytest.mark.parametrize("year", [2022, 2023])
def test_payments_with_years_are_what_the_typed_amounts_are(year: int) -> None:
    contracts = [
        loan("k1", "2022-07-01", "2024-03-31"),
        loan("k2", "2022-07-01", None),
        loan("k3", "2023-02-01", "2023-11-30"),
    ]
    payments = [
        paid("k1", "2023-01-05", "3000", "2022"),
        paid("k1", "2024-01-05", "4000.01", "2023", number=2),
        paid("k1", "2024-01-06", "0.01", "2023", "recalled", number=3),
        paid("k2", "2024-01-05", "9000", "2023", number=4),
        paid("k3", "2024-01-05", "100", "", number=5),  # it belongs to one year only
    ]
    by_year = {
        2022: [("3000", "0"), ("0", "0"), ("0", "0")],
        2023: [("4000", "3000"), ("9000", "0"), ("100", "0")],
    }
    names = ("compensation_paid", "compensation_paid_before")
    typed = [
        row | dict(zip(names, amounts, strict=True))
        for row, amounts in zip(contracts, by_year[year], strict=True)
    ]
    one, other = (
        assess_frames(frames(*of), policy(ALL_YEARS), year).tables["claims"]
        for of in ((contracts, payments), (typed, None))
    )
    assert one == other


K1 = loan("k1", "2022-07-01", "2024-03-31")


@pytest.mark.parametrize(
    ("contract", "payments", "place"),
    [
        (K1, [paid("k1", "2023-01-05", "1", "")], ("payments", "year")),
        (loan("k1", "2022-07-01", None), [paid("k1", "2023-01-05", "1", "")], ("payments", "year")),
        (K1, [paid("k1", "2023-01-05", "1", "2021")], ("payments", "year")),
        (K1, [paid("k1", "2023-01-05", "1", "2200")], ("payments", "year")),
        (K1 | {"compensation_paid": "1"}, None, ("contracts", "compensation_paid")),
        (K1 | {"compensation_paid": "1"}, [], ("contracts", "compensation_paid")),
        (
            K1 | {"compensation_paid_before": "1"},
            None,
            ("contracts", "compensation_paid_before"),
        ),
        (K1 | {"approved_amount": "1"}, None, ("contracts", "approved_amount")),
    ],
)
def test_what_does_not_say_its_year(
    contract: Row, payments: list[Row] | None, place: tuple[str, str]
) -> None:
    with pytest.raises(InputFaults) as caught:
        settle_frames(frames([contract], payments), policy(), "2023-12-31")
    found = [(each.kind, each.table, each.row, each.column) for each in caught.value.faults]
    assert found == [("which_year", place[0], 1, place[1])]


def test_more_recalled_for_a_year_than_was_paid_for_it() -> None:
    payments = [
        paid("k1", "2023-01-05", "100", "2022"),
        paid("k1", "2023-01-06", "50", "2023", "recalled", number=2),
    ]
    for run in (
        lambda: settle_frames(frames([K1], payments), policy(), "2023-12-31"),
        lambda: assess_frames(frames([K1], payments), policy(), 2022),
    ):
        with pytest.raises(InputFaults) as caught:
            run()
        assert [(f.kind, f.row) for f in caught.value.faults] == [("recalled_above_paid", 2)]


def test_in_its_first_year_an_amount_needs_no_year() -> None:
    first = K1 | {"compensation_paid": "1000", "approved_amount": "5000"}
    settled = settle_frames(frames([first], None), policy(), "2022-12-31")
    (row,) = settled.tables["settlement"].to_pylist()
    assert (row["year"], row["granted"], row["to_pay"]) == (2022, 5000, 4000)


def test_a_release_to_come_that_is_computed_with_is_a_fault() -> None:
    """On the day it is as if blank: nothing could be computed, and all that was paid recalled."""
    alone = policy(open_end='"contracts.release_date"')
    held = frames([K1], [])
    assert settle_frames(held, alone, "2025-12-31").summary["totals"]["to_recall"] == "0.00"
    with pytest.raises(InputFaults) as caught:
        settle_frames(held, alone, "2022-12-31")
    assert [(f.kind, f.column, f.row) for f in caught.value.faults] == [
        ("blank", "release_date", 1)
    ]


def test_who_comes_first_may_be_asked_by_a_date_of_contracts() -> None:
    budget = '[budget]\nmethod = "first_come"\norder = "contracts.start_date"'
    both = frames([K1, {**K1, "contract_id": "k2"}], [])
    settled, plain = (
        settle_frames(both, each, "2024-12-31").tables["settlement"]["to_pay"].to_pylist()
        for each in (policy(budget), policy())
    )
    assert settled == plain


def test_two_policies_each_decide_their_years() -> None:
    """A contract of the first one's days is decided by the second in its years."""
    policies = [policy(end="2022-12-31", name="1"), policy(begin="2023-01-01", name="2")]
    both = frames([K1], [])
    rows = settle_frames(both, policies, "2024-12-31").tables["settlement"].to_pylist()
    assert [(row["year"], row["policy"]) for row in rows] == [
        (2022, "small1"),
        (2023, "small2"),
        (2024, "small2"),
    ]
    # Years that no policy given is for are not told of, unless something was paid for them.
    later = settle_frames(both, policies[1], "2023-12-31").tables["settlement"].to_pylist()
    assert [row["year"] for row in later] == [2023]
    own = frames([K1], [paid("k1", "2023-01-05", "1", "2022")])
    later = settle_frames(own, policies[1], "2023-12-31").tables["settlement"].to_pylist()
    assert [(r["year"], r["status"], r["to_recall"]) for r in later] == [
        (2022, "not_covered", 0),
        (2023, "approved", 0),
    ]
    overlap = [policy(end="2022-03-31", name="1"), policy(begin="2022-04-01", name="2")]
    with pytest.raises(InputFaults) as caught:
        settle_frames(both, overlap, "2024-12-31")
    assert [fault.kind for fault in caught.value.faults] == ["both_in_force"]
    with pytest.raises(InputFaults) as caught:
        assess_policies(portfolio_of_frames(**both), policies, 2022)
    assert {fault.kind for fault in caught.value.faults} == {"only_alone"}


PAYMENTS = [
    paid("k1", "2023-01-05", "3000", "2022"),
    paid("k1", "2024-01-05", "20000", "2023", number=2),
    paid("k1", "2024-01-05", "7", "2025", number=3),
]


def test_people_see_the_year(tmp_path: Path) -> None:
    """In a workbook and its notices, drafts, explanations, differences, and what is verified."""
    held = frames([K1], PAYMENTS)
    whole = portfolio_of_frames(**held)
    settled = settle(whole, policy(), "2024-12-31")
    years = [2022, 2023, 2024, 2025]
    assert [each.year for each in settled.explain_years("k1")] == years
    for ask in (("k1",), ("k1", 2026), ("k2",)):
        with pytest.raises(KeyError):
            settled.explain(*ask)
    assert "之前已结束" in settled.explain("k1", 2025).describe()
    assert [w.row for w in settled.warnings if w.kind == "paid_without_grant"] == [3]
    ids = [each["id"] for each in settled.summary["assumptions"]]
    assert "reviews_of_every_year" in ids
    drafts = continued(whole, settled).drafts["payments"]
    due_of = [(draft.year, draft.amount, draft.kind) for draft in drafts]
    assert due_of == [(2022, 204110, 0), (2024, 248634, 0), (2023, 1000000, 1), (2025, 700, 1)]
    path = tmp_path / "settlement.xlsx"
    write_workbook(settled, path)
    notice = [row for row in openpyxl.load_workbook(path)["收缴通知单"].values if row[1] == "k1"]
    assert [row[2] for row in notice] == ["2023", "2025"]
    ledger = tmp_path / "ledger"
    ledger.mkdir()
    for name, frame in held.items():
        frame.to_csv(ledger / f"{name}.csv", index=False)
    assert verify(path, ledger).same
    other = settle_frames(frames([K1], PAYMENTS[1:]), policy(), "2024-12-31")
    folders = [tmp_path / "one", tmp_path / "other"]
    for result, folder in zip((settled, other), folders, strict=True):
        result.to_csv(folder)
    (table, *_) = diff(*folders).tables
    assert {cell.id for cell in table.cells()} == {"k1 2022"}


PAYERS = """
[[payers]]
id = "province"
name = {{ zh = "省级", en = "province" }}
share = {}
[[payers]]
id = "city"
name = {{ zh = "市级", en = "city" }}
share = {}
"""


def test_what_is_recalled_of_a_year_after_the_end_is_divided_where_shares_are_fixed() -> None:
    """Such a year is not decided; the warning of what is not divided is of the contract's row."""
    shares = [("0.3", "0.7"), ('"contracts.part"', '{ minus = [1, "contracts.part"] }')]
    own = columns("contracts", part="ratio")
    contracts = [
        loan("k0", "2022-01-01", None, part="0.3"),
        loan("k1", "2022-01-01", "2022-12-31", part="0.3"),
    ]
    ledger = portfolio_of_frames(**frames(contracts, [paid("k1", "2023-06-01", "100", "2023")]))
    for each, parts, asked in zip(shares, [[30, 70], [0, 0]], [[], [2]], strict=True):
        settled = settle(ledger, policy(own + PAYERS.format(*each)), "2023-12-31")
        rows = settled.settlement.to_dict("records")
        (row,) = (each for each in rows if (each["claim_id"], each["year"]) == ("k1", 2023))
        assert row["to_recall"] == 100
        assert [row["to_recall_province"], row["to_recall_city"]] == parts
        warned = [each for each in settled.warnings if each.kind == "payers_unknown"]
        assert [(each.table, each.row) for each in warned] == [("contracts", row) for row in asked]
        recomputed(settled.explain("k1", 2023).arithmetic)


@pytest.mark.parametrize(("year", "kinds"), [("2023", []), ("2024", []), ("2025", ["far_date"])])
def test_a_payment_for_a_year_after_its_own_date_is_asked_about(
    year: str, kinds: list[str]
) -> None:
    """With a mistyped year it stands in another year, and what it was for is paid again."""
    tables = frames(
        [loan("k1", "2023-01-05", None, borrower_id="x")], [paid("k1", "2024-12-31", "5", year)]
    )
    of_settlement = settle_frames(tables, policy(), "2024-12-31").warnings.groups
    of_year = assess_frames(tables, policy(), 2024).warnings.groups
    for groups in (of_settlement, of_year):
        assert [group.kind for group in groups if group.kind == "far_date"] == kinds


def test_a_contracts_year_is_decided_by_its_own_review() -> None:
    """One that is rejected for 2023 alone is paid for 2022, and what review approves of a year."""
    held = frames([loan("k1", "2022-01-01", "2024-12-31")], None)
    rows = [("k1", "2022", "", "9000"), ("k1", "2023", "rejected", "")]
    names = pd.Index(["contract_id", "year", "finance_review", "approved_amount"])
    held["contract_years"] = pd.DataFrame(rows, columns=names)
    settled = settle_frames(held, policy(), "2024-12-31").tables["settlement"].to_pylist()
    found = {row["year"]: (row["status"], row["to_pay"]) for row in settled}
    assert found == {
        2022: ("approved", Decimal(9000)),
        2023: ("rejected", Decimal(0)),
        2024: ("approved", Decimal(10_000)),
    }
