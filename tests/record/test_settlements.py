"""Settlements read back: the same in every form, and whatever was changed is named."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from compensation import (
    ResultRefused,
    Settlement,
    apply_reviews,
    diff,
    read_portfolio,
    read_result,
    read_reviews,
    settle,
    verify,
)
from compensation.report.notice_sheet import COLLECTION, PAYMENT
from compensation.report.settlement_workbook import CLAIMS_SHEET, POOL_SHEET, SUMMARY_SHEET
from compensation.results import text_digest
from tests.command import run_here
from tests.conftest import seeds
from tests.ledgers_of_years import COLUMNS, DAYS, random_ledger
from tests.oracle_reading import Row, Tables
from tests.pairing import in_turn
from tests.portfolios import write_csv
from tests.record.results import FORMS, edit_csv, edit_parquet, edit_summary, said_of, written
from tests.settling import (
    EXAMPLE_NAMES,
    EXAMPLES,
    POLICIES,
    input_of,
    params,
    policy_files,
    trial,
)

TO = "2024-12-31"
SUMMARY = "settlement_summary.json"
LEDGER = EXAMPLES / "trial-1" / "input"
BOTH = [POLICIES / "trial-2022.toml", POLICIES / "trial-2024.toml"]
LATER: Mapping[str, Row] = {
    "contracts": {"contract_id": "new", "start_date": "2025-01-01", "release_date": ""},
    "claims": {
        "claim_id": "new",
        "payout_date": "2025-01-01",
        "principal": "1",
        **dict.fromkeys(("finance_review_date", "industry_review_date", "closed_date"), ""),
        "compensation_paid": "",
    },
    "recoveries": {"recovery_id": "new", "recovery_date": "2025-01-01", "proceeds": "7"},
    "payments": {"payment_id": "new", "payment_date": "2025-01-01", "amount": "1"},
    "remittances": {"remittance_id": "new", "remittance_date": "2025-01-01", "amount": "1"},
    "pool": {"entry_id": "new", "entry_date": "2025-01-01", "kind": "fee", "amount": "9"},
}
"""By table, what a row that is added later says; for the rest it is as the first row."""
DATES = {name: next(key for key in row if key.endswith("_date")) for name, row in LATER.items()}


def settled(ledger: Path = LEDGER, to: str = TO, budget: str | None = None) -> Settlement:
    return settle(read_portfolio(ledger), BOTH, to, None, budget)


def saved(tables: Tables, folder: Path) -> Path:
    write_csv(tables, folder)
    return folder


def added(tables: Tables, name: str, day: str | None = None) -> None:
    """Put a row dated later, or on ``day``, before the others of a table."""
    first = tables[name][0]
    row = {**first, **{key: value for key, value in LATER[name].items() if key in first}}
    if day is not None:
        row[DATES[name]] = day
    tables[name].insert(0, row)


@pytest.fixture(scope="module")
def of_trial() -> Settlement:
    return settled()


# The same


@pytest.mark.slow
@pytest.mark.parametrize(("form", "name"), in_turn(FORMS, zip(EXAMPLE_NAMES)))
def test_a_settlement_comes_out_again(name: str, form: str, tmp_path: Path) -> None:
    run, ledger = params(name), EXAMPLES / name / "input"
    files = policy_files(name)
    settlement = settle(read_portfolio(ledger), files, run["to"], run["from"], run["budget"])
    found = verify(written(settlement, tmp_path, form), ledger, policy=files)
    assert found.same
    assert isinstance(found.assessment, Settlement)
    assert found.assessment.ledgers.every_contract is not None  # contracts are not held whole
    assert found.policy_against == ([], [])
    counts = {table.table: table.compared for table in found.tables}
    claims = settlement.tables["settlement"]
    assert counts["settlement"] == len(claims) * len(claims.column_names)
    assert counts["pool_statement"] == 2 * len(settlement.tables["pool_statement"])
    assert counts["settlement_institutions"] > 0
    signed = {SUMMARY_SHEET, PAYMENT.title, COLLECTION.title}
    assert signed <= counts.keys() if form == "xlsx" else signed.isdisjoint(counts)


@pytest.mark.slow
def test_a_settlement_of_reviewed_claims_comes_out_again(tmp_path: Path) -> None:
    sheet, portfolio = openpyxl.Workbook(), read_portfolio(LEDGER)
    rows: Any = sheet.active
    rows.title = "审核表"
    rows.append(["代偿编号", "财政金融局审核", "行业主管部门审核"])
    claims = portfolio.column("claims", "claim_id").to_pylist()
    for place, claim in enumerate(claims):
        rows.append([claim, "通过", "不通过" if place % 2 else "通过"])
    reviews = tmp_path / "reviews.xlsx"
    sheet.save(reviews)
    settlement = settle(apply_reviews(portfolio, read_reviews(reviews)), BOTH, TO)
    assert settlement.tables["settlement"] != settled().tables["settlement"]
    found = verify(written(settlement, tmp_path, "csv"), LEDGER, reviews=reviews, policy=BOTH)
    assert found.same


@pytest.mark.slow
def test_results_of_every_form_are_the_same(of_trial: Settlement, tmp_path: Path) -> None:
    results = [written(of_trial, tmp_path, form) for form in FORMS]
    for one in results:
        for other in results:
            assert diff(one, other).same
    for result in results[:2]:
        assert read_result(result).tables == {
            name: table.cast(read_result(result).tables[name].schema)
            for name, table in of_trial.tables.items()
        }


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_a_ledger_that_only_grew_gives_the_same(
    of_trial: Settlement, tmp_path: Path, form: str
) -> None:
    tables = input_of("trial-1")
    for name in LATER:
        added(tables, name)
    for row in tables["claims"][1:]:
        row["closed_date"] = "2025-06-30"
    tables["claims"][0]["closed_date"] = ""
    result, later = written(of_trial, tmp_path, form), saved(tables, tmp_path / "later")
    found = verify(result, later)
    assert found.same
    assert found.assessment.summary["to"] == TO
    assert f"清算 2024-01-01 至 {TO}" in said_of(found)


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(0, 6))
def test_a_past_day_of_any_ledger_stands_when_the_ledger_grows(seed: int, tmp_path: Path) -> None:
    tables = {
        name: rows for name, rows in random_ledger(seed).items() if rows or name not in COLUMNS
    }
    day = DAYS[-1 - seed % 5]
    policies = trial()
    ledger = saved(tables, tmp_path / "ledger")
    result = written(settle(read_portfolio(ledger), policies, day), tmp_path, "csv")
    later = date(2026, 1, 1).isoformat()
    for name in ("claims", "recoveries", "contracts"):
        if tables[name]:
            added(tables, name, later)
    assert verify(result, saved(tables, tmp_path / "later")).same


@pytest.mark.slow
def test_the_first_rows_of_a_table_may_be_later(tmp_path: Path) -> None:
    """Then the table was not there on the day, and what is said of its lack still holds."""
    tables = input_of("trial-1")
    names = ("payments", "remittances", "pool")
    rest = {name: rows for name, rows in tables.items() if name not in names}
    result = written(settled(saved(rest, tmp_path / "ledger")), tmp_path, "csv")
    for name in names:
        added(tables, name)
        tables[name] = tables[name][:1]
    found = verify(result, saved(tables, tmp_path / "later"))
    assert found.same
    edit_summary(result, lambda said: said["notes"].pop(), forge=True, name=SUMMARY)
    assert [each.key for each in verify(result, tmp_path / "ledger").lists] == ["notes"]


# The past changed


@pytest.mark.slow
@pytest.mark.parametrize("table", LATER)
@pytest.mark.parametrize("what", ["changed", "removed", "added"])
def test_a_row_of_the_past_is_named_by_its_table(
    of_trial: Settlement, tmp_path: Path, table: str, what: str
) -> None:
    tables = input_of("trial-1")
    if what == "added":
        added(tables, table, "2024-12-31")
    elif what == "removed":
        # The last contract has no claim; claims go with what hangs on them.
        gone = tables[table].pop()
        if table == "claims":
            for name in ("recoveries", "payments", "remittances"):
                rows = tables[name]
                tables[name] = [row for row in rows if row["claim_id"] != gone["claim_id"]]
        if table == "contracts":
            claimed = {row["contract_id"] for row in tables["claims"]}
            assert gone["contract_id"] not in claimed
    else:
        column = {
            "contracts": "guaranteed_amount",
            "claims": "principal",
            "recoveries": "proceeds",
        }.get(table, "amount")
        row = next(row for row in tables[table] if row[column] not in ("", "0"))
        row[column] = f"{int(row[column]) - 1}"
    result = written(of_trial, tmp_path, "csv")
    changed = saved(tables, tmp_path / "changed")
    found = verify(result, changed)
    assert table in found.input_changed
    assert not found.same
    assert f"changed: {table}" in said_of(found, "en")


@pytest.mark.slow
def test_an_institution_added_later_is_such_a_change(of_trial: Settlement, tmp_path: Path) -> None:
    tables = input_of("trial-1")
    tables["institutions"].append({**tables["institutions"][0], "institution_id": "new"})
    found = verify(written(of_trial, tmp_path, "csv"), saved(tables, tmp_path / "changed"))
    assert found.input_changed == ("institutions",)


# The result changed


CELLS = [
    ("settlement", "to_pay", "1.23", CLAIMS_SHEET),
    ("settlement", "status", "rejected", CLAIMS_SHEET),
    ("settlement_institutions", "net_due", "1.23", ""),
    ("pool_statement", "amount", "1.23", POOL_SHEET),
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "table", "column", "value", "sheet"),
    in_turn(["csv", "parquet"], CELLS) + in_turn(["xlsx"], CELLS),
)
def test_a_changed_cell_is_named(
    of_trial: Settlement,
    tmp_path: Path,
    form: str,
    table: str,
    column: str,
    value: str,
    sheet: str,
) -> None:
    result = written(of_trial, tmp_path, form)
    if form == "csv":
        edit_csv(result / f"{table}.csv", lambda rows: rows[1 % len(rows)].update({column: value}))
    elif form == "parquet":
        rows = len(of_trial.tables[table])
        edit_parquet(result / f"{table}.parquet", 1 % rows, column, value)
    else:
        place = {
            ("settlement", "to_pay"): (CLAIMS_SHEET, "应拨付", 2),
            ("settlement", "status"): (CLAIMS_SHEET, "状态", 2),
            ("settlement_institutions", "net_due"): (SUMMARY_SHEET, "净额", 1),
            ("pool_statement", "amount"): (POOL_SHEET, "金额", 2),
        }[table, column]
        said = "审核不通过" if value == "rejected" else 1.23
        edit_under(result, *place, said)
    found = verify(result, LEDGER)
    of_table = next(each for each in found.tables if each.table == table)
    assert of_table.columns == {column: 1}
    assert not found.same
    assert not found.input_changed
    if form != "xlsx":
        assert found.result_changed == (f"{table}.{form}",)
    elif sheet:
        assert found.result_changed == (sheet,)
    assert "结果" in said_of(found).splitlines()[-1]


def edit_under(path: Path, sheet: str, heading: str, below: int, value: object) -> None:
    """Put a value into the cell so many rows below a heading."""
    book = openpyxl.load_workbook(path)
    for row in book[sheet].iter_rows():
        for cell in row:
            if cell.value == heading:
                book[sheet].cell(cell.row + below, cell.column).value = value
                book.save(path)
                return
    raise AssertionError(heading)


@pytest.mark.slow
@pytest.mark.parametrize("notice", [PAYMENT, COLLECTION])
def test_what_is_signed_is_compared(tmp_path: Path, notice: Any) -> None:
    day = {PAYMENT: "2022-12-31", COLLECTION: "2023-12-31"}[notice]
    settlement = settled(to=day)
    result = written(settlement, tmp_path, "xlsx")
    assert verify(result, LEDGER).same
    book = openpyxl.load_workbook(result)
    cell = next(c for r in book[notice.title].iter_rows() for c in r if "大写" in str(c.value))
    cell.value = cell.value.replace("元（", "0 元（", 1)
    book.save(result)
    found = verify(result, LEDGER)
    assert [each.table for each in found.tables if not each.same] == [notice.title]
    assert notice.title in said_of(found)


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["L3", "AF3", "A1"])
def test_a_cell_that_was_added_is_named(of_trial: Settlement, tmp_path: Path, cell: str) -> None:
    result = written(of_trial, tmp_path, "xlsx")
    book = openpyxl.load_workbook(result)
    book[SUMMARY_SHEET][cell] = "100"
    book.save(result)
    found = verify(result, LEDGER)
    assert [each.table for each in found.tables if not each.same] == [SUMMARY_SHEET]
    assert not found.same


@pytest.mark.slow
def test_digests_brought_up_to_date_do_not_help(of_trial: Settlement, tmp_path: Path) -> None:
    result = written(of_trial, tmp_path, "csv")
    edit_csv(result / "settlement.csv", lambda rows: rows[0].update(to_pay="9.00"))
    edit_summary(result, lambda _: None, forge=True, name=SUMMARY)
    found = verify(result, LEDGER)
    assert found.result_changed == ()
    assert not found.same
    edit_summary(
        result, lambda said: said["totals"].update(to_pay="9.00"), forge=True, name=SUMMARY
    )
    assert "totals.to_pay" in {each.key for each in verify(result, LEDGER).values}


# The rules


@pytest.mark.slow
@pytest.mark.parametrize("more", ["# a remark\n", "[more]\n"])
def test_a_changed_policy_text_is_named(of_trial: Settlement, tmp_path: Path, more: str) -> None:
    result = written(of_trial, tmp_path, "csv")
    name = "trial-2024.policy.toml"
    text = (result / name).read_text("utf-8") + more
    (result / name).write_text(text, "utf-8")
    if more.startswith("["):
        with pytest.raises(ResultRefused, match=name):
            verify(result, LEDGER)
        return
    found = verify(result, LEDGER)
    assert found.rules_changed == (name,)
    assert not found.same
    assert f"已变：{name}" in said_of(found)


@pytest.mark.slow
def test_a_policy_of_the_package_stands_in_for_a_damaged_one(tmp_path: Path) -> None:
    settlement = settle(read_portfolio(LEDGER), "jiyuan-2022", TO)
    result = written(settlement, tmp_path, "csv")
    assert verify(result, LEDGER).same
    (result / "jiyuan-2022.policy.toml").unlink()
    found = verify(result, LEDGER)
    assert found.rules_changed == ("jiyuan-2022.policy.toml",)
    assert found.comes_out
    assert not found.same


def other_rate(tmp_path: Path) -> Path:
    """The second policy with another figure."""
    text = BOTH[1].read_text("utf-8")
    own = tmp_path / "other.toml"
    assert "at_most = 0.05" in text
    own.write_text(text.replace("at_most = 0.05", "at_most = 0.04"), "utf-8")
    return own


@pytest.mark.slow
def test_each_policy_is_held_against_the_one_of_its_id(
    of_trial: Settlement, tmp_path: Path
) -> None:
    result, other = written(of_trial, tmp_path, "csv"), other_rate(tmp_path)
    assert verify(result, LEDGER).policy_against is None
    found = verify(result, LEDGER, policy=[BOTH[0], other])
    assert found.policy_against is not None
    assert [each.key.split(" ")[0] for each in found.policy_against.figures] == ["trial-2024"]
    assert found.comes_out
    given = ("--policy", BOTH[0], "--policy", other)
    done = run_here("verify", result, LEDGER, *given)
    assert done.returncode == 1
    assert "trial-2024 " in done.stdout
    refused = run_here("verify", result, LEDGER, "--policy", "jiyuan-2022", "--lang", "en")
    assert refused.returncode == 2
    assert "jiyuan-2022" in refused.stderr


# Two settlements


@pytest.mark.slow
def test_what_differs_between_two_settlements(tmp_path: Path) -> None:
    days = ("2023-12-31", TO)
    one, other = (written(settled(to=day), tmp_path / day, "csv") for day in days)
    found = diff(one, other)
    options = [("from", "2023-01-01", "2024-01-01"), ("to", *days)]
    assert [tuple(each) for each in found.options] == options
    assert {each.key for each in found.inputs} >= {"payments", "remittances"}
    assert found.policy == ([], [])
    assert any(each.key == "totals.pool_statement.closing" for each in found.totals)
    assert {table.table for table in found.tables} == {
        *("settlement", "settlement_institutions", "pool_statement")
    }
    done = run_here("diff", one, other)
    assert done.returncode == 1
    assert "期末余额" in done.stdout
    assert "清算明细（settlement）" in done.stdout


@pytest.mark.slow
def test_a_changed_policy_shows_with_its_id(of_trial: Settlement, tmp_path: Path) -> None:
    policies = [BOTH[0], other_rate(tmp_path)]
    again = settle(read_portfolio(LEDGER), policies, TO)
    one, two = written(of_trial, tmp_path, "csv"), written(again, tmp_path, "xlsx")
    found = diff(one, two)
    assert [each.key for each in found.options] == ["policies.trial-2024"]
    assert found.rules == ("trial-2024.policy.toml",)
    assert found.policy is not None
    assert [(each.first, each.second) for each in found.policy.figures] == [("0.05", "0.04")]
    without = written(settle(read_portfolio(LEDGER), BOTH[1:], TO), tmp_path, "parquet")
    less = diff(one, without)
    gone = [(each.key, each.second) for each in less.options]
    assert gone == [("policies.trial-2022", None)]


# What is no record


def drop(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda said: said.pop(name)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda said: said.update(policies=[]), "policies"),
        (lambda said: said.update(policies=["trial-2022"]), "policies"),
        (lambda said: said["policies"].append(said["policies"][0]), "policies"),
        (lambda said: said["rules"].pop("trial-2022.policy.toml"), "rules"),
        (lambda said: said.update(to="2024-02-30"), "to"),
        (lambda said: said["columns"]["pool_statement"].pop("line"), "columns.pool_statement"),
        (drop("from"), "from"),
        (drop("notes"), "notes"),
    ],
)
def test_a_summary_that_is_no_record_is_refused(
    of_trial: Settlement, tmp_path: Path, change: Callable[[dict[str, Any]], Any], named: str
) -> None:
    result = written(of_trial, tmp_path, "csv")
    edit_summary(result, change, forge=True, name=SUMMARY)
    with pytest.raises(ResultRefused, match=rf"{SUMMARY} .*{named}"):
        verify(result, LEDGER)


def test_two_results_in_one_folder_are_refused(of_trial: Settlement, tmp_path: Path) -> None:
    result = written(of_trial, tmp_path, "csv")
    (result / "summary.json").write_text(json.dumps({}), "utf-8")
    with pytest.raises(ResultRefused):
        verify(result, LEDGER)


def test_results_of_two_kinds_are_not_compared(
    of_trial: Settlement, folder: Path, tmp_path: Path
) -> None:
    done = run_here("diff", written(of_trial, tmp_path / "other", "csv"), folder, "--lang", "en")
    assert done.returncode == 2
    assert "two kinds" in done.stderr


def test_a_text_that_is_kept_under_no_name_of_the_record_is_told(
    of_trial: Settlement, tmp_path: Path
) -> None:
    result = written(of_trial, tmp_path, "csv")
    text = (result / "trial-2022.policy.toml").read_text("utf-8")
    (result / "another.policy.toml").write_text(text, "utf-8")
    found = verify(result, LEDGER)
    assert found.rules_changed == ("another.policy.toml",)
    assert text_digest(text) in found.result.summary["rules"].values()
