"""Payments, remittances and the pool: what each row must be, and what they come to for a claim."""

from __future__ import annotations

import random

import pytest

from compensation.assessment import assess
from compensation.ledger.portfolio import Portfolio
from compensation.ledger.portfolio_input import portfolio_of_frames
from compensation.streaming import assess_frames
from tests.assessing import assessed, frames_of, portfolio_of, results_of
from tests.ledger.two_of_everything import faults, ledger, with_
from tests.one_claim import faults as faults_of
from tests.one_claim import small
from tests.oracle_reading import Row, Tables, money, money_text

Place = tuple[str, str | None, int | None, str | None]
DAY = "2021-07-01"
NEXT = "2021-07-02"


def payment(number: int, amount: str, kind: str = "", day: str = DAY, claim: str = "C1") -> Row:
    return {
        "payment_id": f"P{number}",
        "claim_id": claim,
        "payment_date": day,
        "amount": amount,
        "kind": kind,
    }


def remittance(number: int, amount: str, kind: str = "", day: str = DAY, claim: str = "C1") -> Row:
    row = payment(number, amount, kind, day, claim)
    return {
        "remittance_id": f"S{number}",
        "claim_id": claim,
        "remittance_date": row["payment_date"],
        "amount": amount,
        "kind": kind,
    }


def entry(number: int, amount: str, kind: str, day: str = DAY) -> Row:
    return {"entry_id": f"Q{number}", "entry_date": day, "kind": kind, "amount": amount}


def after() -> Tables:
    """A ledger with two rows in each of the later tables, without a fault."""
    return {
        **ledger(),
        "payments": [payment(1, "20"), payment(2, "5", "recalled", NEXT)],
        "remittances": [remittance(1, "0.40"), remittance(2, "0.10", "refunded", NEXT)],
        "pool": [entry(1, "0", "opening"), entry(2, "100", "budget")],
    }


def places(tables: Tables) -> list[Place]:
    return [(each.kind, each.table, each.row, each.column) for each in faults(tables)]


def paid(portfolio: Portfolio) -> list[int]:
    return list(portfolio.numbers("claims", "compensation_paid").tolist())


def test_the_ledger_is_without_fault_and_knows_what_was_paid() -> None:
    portfolio = portfolio_of(after())
    assert not portfolio.warning_list
    assert paid(portfolio) == [1500, 0]
    assert portfolio.links.payment_claim.tolist() == [0, 0]
    assert portfolio.links.remittance_claim.tolist() == [0, 0]


def test_names_in_chinese_are_the_same() -> None:
    tables = after()
    names = {
        "payments": ("拨付编号", "代偿编号", "拨付日期", "拨付金额", "拨付类型"),
        "remittances": ("上缴编号", "代偿编号", "上缴日期", "上缴金额", "上缴类型"),
        "pool": ("流水编号", "发生日期", "收支类型", "金额"),
    }
    words = {
        "recalled": "收回",
        "refunded": "退回",
        "opening": "期初余额",
        "budget": "财政拨入",
    }
    for name, headings in names.items():
        tables[name] = [
            {h: words.get(cell, cell) for h, cell in zip(headings, row.values(), strict=True)}
            for row in tables[name]
        ]
    zh, en = portfolio_of(tables), portfolio_of(after())
    for name in names:
        assert all(zh.column(name, key).equals(en.column(name, key)) for key in en.tables[name])


@pytest.mark.parametrize(
    ("cell", "value", "kind"),
    [
        ("payments.2.payment_id", "P1", "duplicate"),
        ("remittances.2.remittance_id", "S1", "duplicate"),
        ("pool.2.entry_id", "Q1", "duplicate"),
        ("payments.2.claim_id", "C9", "unknown_reference"),
        ("remittances.2.claim_id", "C9", "unknown_reference"),
        ("payments.2.amount", "0", "not_positive"),
        ("remittances.2.amount", "0", "not_positive"),
        ("pool.2.amount", "0", "not_positive"),
        ("payments.2.amount", "-1", "negative"),
        ("payments.2.kind", "退款", "unknown_choice"),
        ("pool.2.kind", "", "blank"),
        ("pool.2.kind", "opening", "second_opening"),
        ("payments.2.payment_date", "", "draft"),
    ],
)
def test_one_wrong_cell_is_one_fault(cell: str, value: str, kind: str) -> None:
    (fault,) = faults(with_(after(), cell, value))
    table, row, column = cell.split(".")
    assert (fault.kind, fault.table, fault.row, fault.column) == (kind, table, int(row), column)
    assert "{" not in fault.describe("zh") + fault.describe("en")


@pytest.mark.parametrize("cell", ["payments.1.payment_date", "remittances.1.remittance_date"])
@pytest.mark.parametrize(("day", "wrong"), [("06-29", True), ("06-30", False), ("07-01", False)])
def test_nothing_is_paid_before_the_payout(cell: str, day: str, wrong: bool) -> None:
    tables = with_(after(), cell, f"2021-{day}")
    if not wrong:
        portfolio_of(tables)
        return
    (fault,) = faults(tables)
    assert (fault.kind, fault.column) == ("date_order", cell.split(".")[2])


@pytest.mark.parametrize("column", ["finance_review_date", "industry_review_date", "closed_date"])
@pytest.mark.parametrize(("day", "wrong"), [("06-29", True), ("06-30", False), ("07-01", False)])
def test_nothing_is_decided_before_the_payout(column: str, day: str, wrong: bool) -> None:
    tables = ledger()
    for row in tables["claims"]:
        row[column] = ""
    tables["claims"][1][column] = f"2021-{day}"
    if not wrong:
        portfolio_of(tables)
        return
    assert places(tables) == [("date_order", "claims", 2, column)]


@pytest.mark.parametrize(
    ("year", "kind"),
    [
        *(("1899", "year_out_of_range"), ("1900", None), ("2022", None), ("2199", None)),
        *(("2200", "year_out_of_range"), ("22", "year_out_of_range"), ("2022.5", "not_whole")),
    ],
)
def test_the_year_of_opening_figures_is_one(year: str, kind: str | None) -> None:
    tables = ledger()
    for row in tables["institutions"]:
        row["opening_year"] = year
    if kind is None:
        portfolio_of(tables)
        return
    found = faults(tables)
    assert [each.column for each in found] == ["opening_year"] * 2
    assert kind != "year_out_of_range" or {each.kind for each in found} == {kind}
    assert [each.message.zh.endswith("是否为 2022 年？") for each in found] == [year == "22"] * 2


@pytest.mark.parametrize(("day", "wrong"), [("06-30", True), ("07-01", False), ("07-02", False)])
def test_an_opening_stands_for_everything_before_its_day(day: str, wrong: bool) -> None:
    tables = with_(after(), "pool.2.entry_date", f"2021-{day}")
    if not wrong:
        portfolio_of(tables)
        return
    assert places(tables) == [("before_opening", "pool", 2, "entry_date")]


# At the end of every day


@pytest.mark.parametrize(
    ("rows", "at"),
    [
        # (amount, kind, day); at: the row of the fault.
        ([("10", "paid", 1), ("9.99", "recalled", 1)], None),
        ([("10", "paid", 1), ("10", "recalled", 1)], None),
        ([("10", "paid", 1), ("10.01", "recalled", 1)], 2),
        ([("10.01", "recalled", 1), ("10", "paid", 1)], 1),
        ([("10", "recalled", 1), ("10", "paid", 1)], None),
        ([("10", "recalled", 1), ("10", "paid", 2)], 1),
        ([("10", "paid", 2), ("10", "recalled", 1)], 2),
        ([("1", "recalled", 1), ("1", "recalled", 1), ("9", "paid", 2)], 2),
        ([("1", "paid", 1), ("1", "recalled", 2), ("1", "recalled", 2), ("1", "recalled", 3)], 3),
        ([("1", "recalled", 3), ("1", "recalled", 2), ("1", "paid", 1)], 1),
    ],
)
@pytest.mark.parametrize("table", ["payments", "remittances"])
def test_no_more_comes_back_than_went_there(
    rows: list[tuple[str, str, int]], at: int | None, table: str
) -> None:
    tables = after()
    make, words = (
        (payment, {"paid": "", "recalled": "recalled"})
        if table == "payments"
        else (remittance, {"paid": "remitted", "recalled": "refunded"})
    )
    tables[table] = [
        make(number, amount, words[kind], f"2021-07-0{day}")
        for number, (amount, kind, day) in enumerate(rows, 1)
    ]
    if at is None:
        portfolio_of(tables)
        return
    kind = "recalled_above_paid" if table == "payments" else "refunded_above_remitted"
    assert places(tables) == [(kind, table, at, "amount")]


def test_each_claim_has_its_own_fault() -> None:
    tables = after()
    tables["payments"] = [
        payment(1, "1", "recalled", claim="C2"),
        payment(2, "1", "recalled", claim="C1"),
    ]
    assert [place[2] for place in places(tables)] == [1, 2]


def test_a_cell_that_cannot_be_read_leaves_no_balance_to_judge() -> None:
    tables = after()
    tables["payments"] = [payment(1, "zwölf"), payment(2, "5", "recalled")]
    tables["claims"][0]["compensation_paid"] = "7"
    tables["claims"][1]["compensation_paid"] = ""
    (fault,) = faults(tables)
    assert (fault.table, fault.row, fault.column) == ("payments", 1, "amount")


def naive_faults(rows: list[Row]) -> list[tuple[int, str]]:
    """The last row of the kind that is too much, of the first day that ends below zero; its end."""
    found = []
    for claim in {row["claim_id"] for row in rows}:
        own = [(k, row) for k, row in enumerate(rows, 1) if row["claim_id"] == claim]
        for day in sorted({row["payment_date"] for _, row in own}):
            total = sum(
                money(row["amount"]) * (-1 if row["kind"] == "recalled" else 1)
                for _, row in own
                if row["payment_date"] <= day
            )
            if total < 0:
                here = [k for k, r in own if r["payment_date"] == day and r["kind"] == "recalled"]
                found.append((max(here), f": claim “{claim}”, {money_text(-total)} yuan too much"))
                break
    return sorted(found)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(60))
def test_balances_are_those_of_a_loop_over_the_days(seed: int) -> None:
    source = random.Random(seed)
    tables = after()
    tables["payments"] = [
        payment(
            number,
            money_text(source.choice([1, 2, 3, 50])),
            source.choice(["paid", "paid", "recalled"]),
            f"2021-07-0{source.randint(1, 4)}",
            source.choice(["C1", "C2"]),
        )
        for number in range(source.randint(0, 12))
    ]
    expected = naive_faults(tables["payments"])
    if expected:
        message = "by the end of the day, more has been recalled than paid"
        assert [(each.kind, each.row, each.message.en) for each in faults(tables)] == [
            ("recalled_above_paid", row, f"{message}{detail}") for row, detail in expected
        ]
    else:
        portfolio = portfolio_of(tables)
        net = dict.fromkeys(("C1", "C2"), 0)
        for row in tables["payments"]:
            sign = -1 if row["kind"] == "recalled" else 1
            net[row["claim_id"]] += sign * money(row["amount"])
        assert paid(portfolio) == list(net.values())


# What claims say is paid


@pytest.mark.parametrize(
    ("cell", "right"), [("", True), ("14.99", False), ("15", True), ("15.01", False), ("0", False)]
)
def test_a_cell_that_differs_from_the_payments_is_a_fault(cell: str, right: bool) -> None:
    tables = after()
    for row in tables["claims"]:
        row["compensation_paid"] = ""
    tables["claims"][0]["compensation_paid"] = cell
    if right:
        assert paid(portfolio_of(tables)) == [1500, 0]
        return
    (fault,) = faults(tables)
    assert (fault.kind, fault.table, fault.row) == ("paid_differs", "claims", 1)
    for language in ("zh", "en"):
        line = fault.describe(language)
        assert f"{float(cell):.2f}" in line
        assert "15.00" in line


def test_every_cell_that_differs_is_named_with_its_own_amounts() -> None:
    tables = after()
    for number, row in enumerate(tables["claims"]):
        row["compensation_paid"] = f"{77 + number}"
    (first, *_, last) = found = faults(tables)
    assert [fault.kind for fault in found] == ["paid_differs"] * len(tables["claims"])
    assert "77.00" in first.describe("en")
    assert f"{76 + len(found)}.00" in last.describe("en")
    frames = frames_of(tables)
    assert faults_of(lambda: assess_frames(frames, "jiyuan-2022", 2022)) == found


@pytest.mark.parametrize(("cell", "right"), [("", True), ("0", True), ("0.01", False)])
def test_a_table_without_rows_says_that_nothing_is_paid(cell: str, right: bool) -> None:
    tables = ledger()
    for row in tables["claims"]:
        row["compensation_paid"] = cell
    payments = frames_of(after())["payments"].slice(0, 0)
    frames = {**frames_of(tables), "payments": payments}
    if right:
        assert paid(portfolio_of_frames(**frames)) == [0, 0]
        return
    found = faults_of(lambda: portfolio_of_frames(**frames))
    assert [fault.kind for fault in found] == ["paid_differs"] * 2
    said = "compensation is paid already, yet the table payments has no row of the claim"
    assert all(fault.message.en.startswith(said) for fault in found)


def test_without_the_table_claims_say_what_is_paid() -> None:
    tables = ledger()
    for row, cell in zip(tables["claims"], ("7", ""), strict=True):
        row["compensation_paid"] = cell
    assert paid(portfolio_of(tables)) == [700, 0]


# What the beneficiary bore


def claim_with(payments: list[tuple[str, str, str]]) -> Tables:
    """A claim of 500,000.01 yuan of which the institution bears 200,000.00; and its payments."""
    rows = [payment(k, a, kind, day) for k, (a, kind, day) in enumerate(payments, 1)]
    return {**small(), "payments": rows}


@pytest.mark.parametrize(
    ("payments", "at"),
    [
        ([("199999.99", "", "2022-07-01"), ("0.01", "", "2022-07-02")], None),
        ([("200000", "", "2022-07-01"), ("0.01", "", "2022-07-02")], 2),
        ([("200000.01", "", "2022-07-01"), ("0.01", "recalled", "2022-07-01")], None),
        ([("200000.01", "", "2022-07-01"), ("0.01", "recalled", "2022-07-02")], 1),
        ([("0.01", "recalled", "2022-07-02"), ("200000.01", "", "2022-07-01")], 2),
    ],
)
def test_payments_are_at_most_what_the_beneficiary_bore(
    payments: list[tuple[str, str, str]], at: int | None
) -> None:
    portfolio = portfolio_of(claim_with(payments))
    # A fault of the whole ledger is one, whatever day is looked at.
    for day in (None, "2022-06-30"):
        if at is None:
            assess(portfolio, "jiyuan-2022", 2022, as_of=day)
            continue
        found = faults_of(lambda day=day: assess(portfolio, "jiyuan-2022", 2022, as_of=day))
        assert [(each.kind, each.table, each.row, each.column) for each in found] == [
            ("paid_above_borne", "payments", at, "amount")
        ]
        assert found[0].message.zh.endswith("承担的金额：代偿“C1”，超出 0.01 元")


# Digests and the order of rows


def test_the_digest_tells_later_tables_only_where_they_have_rows() -> None:
    plain = assessed(small())
    empty = frames_of(after())["payments"].slice(0, 0)
    beside = portfolio_of_frames(**frames_of(small()), payments=empty)
    assert assess(beside, "jiyuan-2022", 2022).summary["input_digest"] == plain.input_digest
    assert "payments" not in plain.summary["inputs"]
    with_rows = assessed(claim_with([("1", "", "2022-07-01")]))
    assert with_rows.input_digest != plain.input_digest
    assert with_rows.summary["inputs"]["payments"]["rows"] == 1


def test_the_order_of_rows_changes_only_the_order() -> None:
    days = [f"2022-07-{day:02}" for day in range(1, 9)]
    tables = claim_with([("100", "", day) for day in days] + [("50", "recalled", days[-1])])
    first = results_of(assessed(tables))
    for seed in range(5):
        random.Random(seed).shuffle(tables["payments"])
        assert results_of(assessed(tables)) == first
