"""The ledger continued: a settlement's payments and remittances as drafts that wait for dates."""

from __future__ import annotations

import shutil
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest
from hypothesis import given, settings

from compensation import InputFaults, Portfolio, assess, read_portfolio, settle
from compensation.engine.run import digested_ledgers
from compensation.ledger.as_of import DATED
from compensation.ledger.digest import digest_of
from compensation.ledger.portfolio import Ledgers
from compensation.policy.catalogue import Policy
from compensation.report.continued_ledger import PAID_BEFORE, write_continued
from compensation.settlement.drafts import Continued, continued
from tests.command import run_here
from tests.conftest import DEPTH
from tests.ledgers_of_years import PERIODS, random_ledger
from tests.oracle_reading import Tables
from tests.settlement.test_other_policies import COLUMN, policy
from tests.settlement.test_properties import LEGS, amounts, days, periods, seeds
from tests.settling import EXAMPLES, POLICIES, frames_of, input_of, portfolio_of, results_of, trial

SHEETS = {"payments": "拨付", "remittances": "上缴"}
TRIAL = EXAMPLES / "trial-1" / "input"
BOTH: list[str | Path] = [
    part for path in sorted(POLICIES.glob("*.toml")) for part in ("--policy", str(path))
]


def known_by(tables: Tables, day: date) -> Tables:
    """The ledger without payments and remittances after a day."""
    for name in SHEETS:
        if name in tables:
            own = DATED[name]
            tables[name] = [row for row in tables[name] if row[own] <= day.isoformat()]
    return tables


def faults_of(path: Path) -> list[tuple[str, str | None]]:
    with pytest.raises(InputFaults) as raised:
        read_portfolio(path)
    return [(fault.kind, fault.table) for fault in raised.value.faults]


def date_drafts(path: Path, day: date, payouts: dict[str, str]) -> None:
    """Enter a day for each draft; a claim paid out later gets the day of its payout."""
    book = openpyxl.load_workbook(path)
    for sheet in (book[name] for name in SHEETS.values() if name in book.sheetnames):
        headings = [cell.value for cell in sheet[1]]
        claim, dated = headings.index("代偿编号"), headings.index(f"{sheet.title}日期")
        for row in sheet.iter_rows(min_row=2):
            if row[dated].value is None:
                payout = date.fromisoformat(payouts[str(row[claim].value)])
                row[dated].value = max(day, payout)
    book.save(path)


def content(ledgers: Ledgers) -> str:
    return digest_of(digested_ledgers(ledgers))


@pytest.mark.slow
@given(seeds, days, periods)
@settings(max_examples=5 * DEPTH, deadline=None)
def test_once_all_drafts_are_dated_nothing_is_due(
    seed: int, to: date, period: list[tuple[str, str | None]]
) -> None:
    tables, policies = known_by(random_ledger(seed), to), trial(*period)
    portfolio = portfolio_of(tables)
    before = settle(portfolio, policies, to)
    ledger = continued(portfolio, before)
    found = results_of(before)["settlement"]
    for name, legs in (("payments", LEGS[:2]), ("remittances", LEGS[2:])):
        due = sum(d.amount for d in ledger.drafts[name] if not d.carried)
        assert Decimal(due) / 100 == sum(amounts(found, *legs))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.xlsx"
        write_continued(ledger, policies, path)
        expected = [("draft", name) for name in SHEETS for _ in ledger.drafts[name]]
        if expected:
            assert faults_of(path) == expected
        date_drafts(path, to, {row["claim_id"]: row["payout_date"] for row in tables["claims"]})
        after = results_of(settle(read_portfolio(path), policies, to))
    assert amounts(after["settlement"], *LEGS, "net_due") == [0] * 5
    names = ("granted", "outstanding", "government_share", "government_cost")
    assert amounts(after["settlement"], *names) == amounts(found, *names)


@pytest.mark.slow
@given(seeds)
@settings(max_examples=5 * DEPTH, deadline=None)
def test_the_copy_says_what_the_ledger_says(seed: int) -> None:
    tables, policies = random_ledger(seed), trial(*PERIODS[0])
    tables.setdefault("payments", [])
    for row in tables["claims"]:
        row["compensation_paid"] = ""
        row["备注"] = "=1+1"
    portfolio = portfolio_of(tables)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.xlsx"
        write_continued(Continued(portfolio, {}), policies, path)
        again = read_portfolio(path)
        assert content(again) == content(portfolio)
        assert [column.heading for column in again.unmapped["claims"].columns] == ["备注"]
        remarks = again.unmapped["claims"].columns[0].text
        assert remarks is not None
        assert remarks.to_pylist() == ["=1+1"] * len(tables["claims"])


def trial_tables(paid: str) -> tuple[Tables, tuple[Policy, ...]]:
    tables = input_of("trial-1")
    del tables["payments"]
    for row in tables["claims"]:
        row["compensation_paid"] = paid
    return tables, trial()


@pytest.mark.slow
@pytest.mark.parametrize(("paid", "carried"), [("", 0), ("0", 0), ("100", None)])
def test_typed_amounts_become_drafts_too(paid: str, carried: int | None, tmp_path: Path) -> None:
    tables, policies = trial_tables(paid)
    portfolio = portfolio_of(tables)
    ledger = continued(portfolio, settle(portfolio, policies, "2024-12-31"))
    found = [draft for draft in ledger.drafts["payments"] if draft.carried]
    assert len(found) == (len(tables["claims"]) if carried is None else carried)
    assert {draft.amount for draft in found} <= {10_000}
    path = tmp_path / "ledger.xlsx"
    write_continued(ledger, policies, path)
    book = openpyxl.load_workbook(path)
    if ledger.drafts["payments"]:
        vouchers = [row[-1] for row in book["拨付"].iter_rows(min_row=2, values_only=True)]
        assert vouchers.count(PAID_BEFORE) == len(found)
        assert {kind for kind, _ in faults_of(path)} == {"draft"}


@pytest.mark.slow
def test_columns_that_a_policy_adds_are_kept(tmp_path: Path) -> None:
    by_filing = policy(
        {"[trigger]\n": COLUMN, '"claims.payout_date"\nclause': '"claims.filed"\nclause'}
    )
    tables = known_by(input_of("trial-1"), date(2023, 12, 31))
    for row in tables["claims"]:
        row["filed"] = "2023-02-01" if row["claim_id"] == "A" else row["payout_date"]
    portfolio = portfolio_of(tables)
    before = settle(portfolio, by_filing, "2023-12-31")
    path = tmp_path / "ledger.xlsx"
    write_continued(Continued(continued(portfolio, before).ledgers, {}), [by_filing], path)
    again = settle(read_portfolio(path), by_filing, "2023-12-31")
    assert again.input_digest == before.input_digest
    assert results_of(again) == results_of(before)


@pytest.mark.slow
@pytest.mark.parametrize(("note", "kept"), [("单位：元", ["备注数"]), ("单位：万元", [])])
def test_amounts_are_in_yuan_however_the_ledger_gives_them(
    note: str, kept: list[str], tmp_path: Path
) -> None:
    source = tmp_path / "source.xlsx"
    tables = input_of("trial-1")
    tables = known_by(tables, date(2025, 12, 31))
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    frames = frames_of(tables)
    threes = pa.array(["3"] * frames["recoveries"].num_rows)
    frames["recoveries"] = frames["recoveries"].append_column("备注数", threes)
    for name, table in frames.items():
        sheet = book.create_sheet(name)
        if name == "recoveries":
            sheet.append([note])
        sheet.append(table.column_names)
        for row in table.to_pylist():
            sheet.append(list(row.values()))
    book.save(source)
    portfolio, path = read_portfolio(source), tmp_path / "ledger.xlsx"
    drafts = continued(portfolio, settle(portfolio, trial(), "2025-12-31"))
    write_continued(Continued(drafts.ledgers, {}), trial(), path)
    again = read_portfolio(path)
    assert content(again) == content(portfolio)
    assert [column.heading for column in again.unmapped["recoveries"].columns] == kept


@pytest.mark.slow
def test_ids_of_drafts_are_new() -> None:
    seen = 0
    for seed in range(8):
        tables = known_by(random_ledger(seed), date(2025, 12, 31))
        for name, prefix in (("payments", "P"), ("remittances", "R")):
            for n, row in enumerate(tables.get(name, []), 1):
                row[name.removesuffix("s") + "_id"] = f"{prefix}20251231-{2 * n:03}"
        portfolio = portfolio_of(tables)
        ledger = continued(portfolio, settle(portfolio, trial(), "2025-12-31"))
        for name in SHEETS:
            ids = [draft.id for draft in ledger.drafts[name]]
            old = portfolio.column(name, name.removesuffix("s") + "_id").to_pylist()
            assert len({*ids, *old}) == len(ids) + len(old)
            seen += len(ids) * len(old)
    assert seen


def later_payment() -> Portfolio:
    tables = known_by(random_ledger(3), date(2022, 6, 30))
    claim = min(tables["claims"], key=lambda row: row["payout_date"])
    row = {"remittance_id": "later", "claim_id": claim["claim_id"], "amount": "1", "kind": ""}
    tables["remittances"] = [{**row, "remittance_date": "2026-01-05", "voucher": ""}]
    return portfolio_of(tables)


def test_what_was_paid_after_the_settlement_is_not_drafted_again() -> None:
    portfolio = later_payment()
    with pytest.raises(InputFaults) as raised:
        continued(portfolio, settle(portfolio, trial(), "2026-01-04"))
    (fault,) = raised.value.faults
    assert (fault.kind, fault.table, fault.value) == (
        "after_settlement",
        "remittances",
        "2026-01-05",
    )
    continued(portfolio, settle(portfolio, trial(), "2026-01-05"))


def test_only_the_ledger_settled_is_continued() -> None:
    settlement = settle(later_payment(), trial(), "2026-01-05")
    with pytest.raises(InputFaults, match="不一致"):
        continued(portfolio_of(known_by(random_ledger(4), date(2022, 6, 30))), settlement)


@pytest.mark.slow
def test_the_command_line_writes_it_and_refuses_it_until_it_is_dated(tmp_path: Path) -> None:
    ledger = tmp_path / "台账.xlsx"
    settled: tuple[str | Path, ...] = ("settle", TRIAL, "--to", "2025-12-31", *BOTH, "--lang", "zh")
    done = run_here(*settled, "--continue", ledger, "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "续记台账已写入" in done.stdout
    commands: tuple[tuple[str | Path, ...], ...] = (
        ("assess", ledger, "--year", "2022", *BOTH[:2], "--lang", "zh"),
        ("settle", ledger, "--to", "2025-12-31", *BOTH, "--lang", "zh"),
    )
    for command in commands:
        refused = run_here(*command)
        assert refused.returncode == 2
        assert "先填写上缴日期或删除该行" in refused.stderr
    again = run_here(*settled, "--continue", ledger)
    assert again.returncode == 2
    assert "已经存在" in again.stderr


@pytest.mark.parametrize("name", ["x.csv", "out/x.xlsx", "ledger/x.xlsx"])
def test_a_name_that_does_not_do_is_refused(name: str, tmp_path: Path) -> None:
    shutil.copytree(TRIAL, tmp_path / "ledger")
    done = run_here(
        *("settle", tmp_path / "ledger", "--to", "2025-12-31", *BOTH, "-o", tmp_path / "out"),
        *("--continue", tmp_path / name),
    )
    assert done.returncode == 2
    assert not (tmp_path / "out").exists()


def test_assess_refuses_a_draft_in_python(tmp_path: Path) -> None:
    shutil.copytree(TRIAL, tmp_path / "ledger")
    (tmp_path / "ledger" / "payments.csv").write_text(
        "payment_id,claim_id,payment_date,amount\nP1,A,,1\n", "utf-8"
    )
    with pytest.raises(InputFaults) as raised:
        assess(read_portfolio(tmp_path / "ledger"), trial()[0], 2022)
    assert "draft" in {fault.kind for fault in raised.value.faults}


def test_what_does_not_fit_into_a_workbook_is_refused_before_anything_is_written(
    tmp_path: Path,
) -> None:
    shutil.copytree(TRIAL, tmp_path / "ledger")
    (tmp_path / "ledger" / "pool.csv").write_text(
        "entry_id,entry_date,kind,amount,voucher\nQ1,2022-01-01,opening,0," + "凭" * 20_000 + "\n",
        "utf-8",
    )
    done = run_here(
        *("settle", tmp_path / "ledger", "--to", "2025-12-31", *BOTH, "-o", tmp_path / "out"),
        *("--continue", tmp_path / "x.xlsx", "--lang", "zh"),
    )
    assert done.returncode == 2
    assert "文本过长" in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"ledger"}
