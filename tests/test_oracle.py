"""The oracle against results that are known to be right, and the random portfolios against it."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests import oracle, oracle_luoyang
from tests.conftest import DEPTH
from tests.oracle_reading import Row, Tables, enterprise_size, half_up, ratio_text, split
from tests.portfolios import (
    portfolios,
    portfolios_with_budgets,
    random_budget,
    random_portfolio,
    seeds,
    write_csv,
)
from tests.portfolios_luoyang import luoyang_portfolios, random_luoyang_portfolio

EXAMPLES = Path(__file__).parent / "data" / "examples"
RESULTS = ["claims", "institutions", "returns"]
NAMES = sorted(folder.name for folder in EXAMPLES.iterdir() if folder.is_dir())


def read_csv(folder: Path) -> Tables:
    tables = {}
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            tables[path.stem] = list(csv.DictReader(file))
    return tables


def csv_text(headings: list[str], rows: list[Row]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, headings, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize("result", RESULTS)
@pytest.mark.parametrize("name", NAMES)
def test_example_to_the_byte(name: str, result: str) -> None:
    run = json.loads((EXAMPLES / name / "params.json").read_text(encoding="utf-8"))
    tables = read_csv(EXAMPLES / name / "input")
    rows = oracle.assess(tables, run["year"], run["budget"])[result]
    expected = (EXAMPLES / name / "expected" / f"{result}.csv").read_bytes().decode()
    assert csv_text(oracle.headings(tables)[result], rows) == expected


def test_there_are_examples() -> None:
    assert NAMES == ["large", "seed-1", "seed-2", "seed-3", "seed-5", "seed-8"]


def fen(text: str) -> int:
    """A result, which may be more than an input: a payout is principal and interest."""
    return int(Fraction(text) * 100)


def assert_consistent(results: Tables, tables: Tables) -> None:
    """What holds of every result, whatever the portfolio."""
    for result, headings in oracle.headings(tables).items():
        assert all(list(row) == headings for row in results[result])
    for row in results["claims"]:
        assert (row["eligible"] == "true") == (row["reasons"] == "") == (row["rate"] != "")
        assert 0 <= fen(row["payable"]) <= fen(row["compensation"]) <= fen(row["base"])
        assert row["payable"] == "0.00" or row["status"] == "approved"
    for column in ("compensation", "payable"):
        of_claims = sum(fen(row[column]) for row in results["claims"])
        assert sum(fen(row[column]) for row in results["institutions"]) == of_claims
    returned: dict[str, int] = {}
    for row in results["returns"]:
        parts = [fen(text) for column, text in row.items() if column.startswith("to_")]
        assert sum(parts) == fen(row["distributed"])
        returned[row["claim_id"]] = returned.get(row["claim_id"], 0) + fen(row["distributed"])
    for row in tables["claims"]:
        payout = fen(row["principal"]) + fen(row.get("interest", "") or "0")
        assert returned.get(row["claim_id"], 0) <= payout


@pytest.mark.slow
@given(portfolios_with_budgets())
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_small_portfolios_are_valid(case: tuple[Tables, str | None]) -> None:
    tables, budget = case
    whole, cut = oracle.assess(tables), oracle.assess(tables, 2022, budget)
    assert_consistent(cut, tables)
    total = sum(fen(row["payable"]) for row in whole["claims"])
    spent = sum(fen(row["payable"]) for row in cut["claims"])
    assert spent == (total if budget is None else min(total, fen(budget)))


@pytest.mark.slow
@given(seeds())
@settings(deadline=None, max_examples=3 * DEPTH)
def test_medium_portfolios_are_valid(seed: int) -> None:
    tables = random_portfolio(seed)
    assert_consistent(oracle.assess(tables), tables)


@pytest.mark.slow
@given(luoyang_portfolios())
@settings(deadline=None, max_examples=13 * DEPTH, suppress_health_check=[HealthCheck.too_slow])
def test_luoyang_portfolios_are_valid(tables: Tables) -> None:
    assert_consistent(oracle_luoyang.assess(tables), tables)


def test_a_seed_gives_one_portfolio() -> None:
    assert random_portfolio(3, 40) == random_portfolio(3, 40) != random_portfolio(4, 40)
    assert random_luoyang_portfolio(3, 40) == random_luoyang_portfolio(3, 40)


@pytest.mark.slow
def test_random_portfolios_reach_every_outcome() -> None:
    """Lest equality on them prove little: statuses, rates, reasons, limits, a budget that binds."""
    seen: set[str] = set()
    for seed in range(60):
        tables = random_portfolio(seed, 20)
        whole = oracle.assess(tables)
        results = oracle.assess(tables, 2022, random_budget(seed, whole))
        seen |= {"budget binds"} if results != whole else set()
        for row in results["claims"]:
            seen |= {row["status"], row["rate"], row["borrower_exposure"]}
            seen |= set(row["reasons"].split(";"))
        for row in results["institutions"]:
            seen |= {f"{name} {row[name]}" for name in row if name.endswith(("rate", "growth"))}
            seen |= {f"{name} {row[name]}" for name in row if name.endswith("share")}
            seen |= set(row["reasons"].split(";"))
    assert seen >= {
        *("budget binds", "approved", "pending", "rejected", "ineligible"),
        *("0.200000", "0.150000", "0.100000"),
        *("5000000.00", "5000000.01", "4999999.99"),
        *("institution", "borrower_type", "borrower_exposure"),
        *("government_backed", "small_agri_share", "balance_growth"),
        *("borrower_growth", "payout_rate"),
        *("small_agri_share 0.900000", "small_agri_share 0.800000", "small_agri_share "),
        *("balance_growth 0.200000", "balance_growth 0.100000", "balance_growth "),
        *("borrower_growth 0.200000", "borrower_growth 0.100000", "borrower_growth "),
        *("payout_rate 0.020000", "payout_rate 0.050000", "payout_rate "),
    }


def test_written_tables_are_read_back(tmp_path: Path) -> None:
    for seed in range(5):
        tables = random_portfolio(seed, 10)
        write_csv(tables, tmp_path / str(seed))
        assert read_csv(tmp_path / str(seed)) == tables


@pytest.mark.slow
@given(portfolios())
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_order_of_rows_does_not_matter(tables: Tables) -> None:
    def by_id(results: Tables) -> dict[str, list[tuple[str, ...]]]:
        return {name: sorted(tuple(row.values()) for row in rows) for name, rows in results.items()}

    backwards = {table: rows[::-1] for table, rows in tables.items()}
    assert by_id(oracle.assess(backwards)) == by_id(oracle.assess(tables))


def test_rounding_and_splitting() -> None:
    assert [half_up(a, 4) for a in (1, 2, 5, 6, 7)] == [0, 1, 1, 2, 2]
    assert split(100, [1, 1, 1]) == [33, 34, 33]
    assert split(5, [0, 3, 0, 3]) == [0, 3, 0, 2]
    assert split(7, [0, 0]) == [0, 0]
    ratios = [Fraction(1, 3), Fraction(-5, 10_000_000), Fraction(-4, 10_000_000), None]
    assert [ratio_text(r) for r in ratios] == ["0.333333", "-0.000001", "0.000000", ""]


@pytest.mark.parametrize(
    ("industry", "employees", "revenue", "total_assets", "size"),
    [
        ("工业", "1000", "400000000", "", "large"),
        ("工业", "999", "400000000", "", "medium"),
        ("industry", "1000", "19999999.99", "", "small"),
        ("industry", "19", "400000000", "", "micro"),
        ("农、林、牧、渔业", "", "500000", "", "small"),
        ("construction", "", "800000000", "49999999.99", "small"),
        ("leasing_business", "300", "", "80000000", "medium"),
        ("other", "10", "", "", "small"),
    ],
)
def test_enterprise_size(
    industry: str, employees: str, revenue: str, total_assets: str, size: str
) -> None:
    row = {"industry": industry, "employees": employees, "revenue": revenue}
    assert enterprise_size({**row, "total_assets": total_assets}) == f"{size}_enterprise"


@pytest.mark.parametrize(
    ("exposure", "principal", "base", "rate", "compensation"),
    [
        ("4800000.00", "4000000.00", "1600000.00", "0.500000", "800000.00"),
        ("8000000.00", "7000000.00", "2800000.00", "0.250000", "700000.00"),
        ("5000000.01", "100.00", "40.00", "0.250000", "10.00"),
    ],
)
def test_luoyang_cases(
    exposure: str, principal: str, base: str, rate: str, compensation: str
) -> None:
    contract = {
        "contract_id": "K1",
        "institution_id": "I1",
        "borrower_id": "B1",
        "borrower_type": "medium_enterprise",
        "guaranteed_amount": exposure,
        "start_date": "2024-10-21",
        "share_national_fund": "20%",
        "share_reguarantor": "0.2",
        "share_institution": "0.4",
        "share_lender": "0.2",
        "borrower_region": "洛阳市",
        "technology_innovation": "是",
        "loan_rate": "5.1%",
        "fee_rate": "0.015",
        "loan_term_months": "60",
        "reguaranteed": "是",
    }
    new = {
        **contract,
        "contract_id": "K2",
        "borrower_id": "B2",
        "guaranteed_amount": "50000000.00",
        "start_date": "2025-01-01",
    }
    claim = {
        "claim_id": "C1",
        "contract_id": "K1",
        "payout_date": "2025-07-16",
        "principal": principal,
        "interest": "5000.00",
        "finance_review": "approved",
        "industry_review": "approved",
        "reguarantor_paid_date": "2025-08-01",
    }
    tables = {
        "institutions": [{"institution_id": "I1", "government_backed": "是"}],
        "contracts": [contract, new],
        "claims": [claim],
    }
    (row,) = oracle_luoyang.assess(tables)["claims"]
    got = [row[name] for name in ("base", "rate", "compensation", "payable", "reasons")]
    assert got == [base, rate, compensation, compensation, ""]
    contract["loan_rate"] = "0.051001"
    (row,) = oracle_luoyang.assess(tables)["claims"]
    assert row["reasons"] == "loan_rate"
