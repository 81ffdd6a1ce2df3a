"""`assess` against results known to be right, and against the oracle on random portfolios."""

from __future__ import annotations

import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings

from compensation.assessment import Assessment, assess
from compensation.ledger.portfolio_input import portfolio_of_frames, read_portfolio
from tests import oracle, oracle_luoyang
from tests.assessing import (
    EXAMPLE_NAMES,
    EXAMPLES,
    RESULTS,
    assessed,
    frames_of,
    params,
    portfolio_of,
    read_rows,
    results_of,
)
from tests.conftest import DEPTH, seeds
from tests.oracle_reading import Tables, money, money_text
from tests.portfolios import (
    portfolios,
    portfolios_with_budgets,
    random_budget,
    random_portfolio,
    write_csv,
)
from tests.portfolios_luoyang import luoyang_portfolios, random_luoyang_portfolio

slow = settings(max_examples=13 * DEPTH, suppress_health_check=[HealthCheck.too_slow])


def run_example(name: str, source: str = "input") -> Assessment:
    run = params(name)
    return assess(
        read_portfolio(EXAMPLES / name / source), "jiyuan-2022", run["year"], run["budget"]
    )


def expected(name: str) -> Tables:
    return {result: read_rows(EXAMPLES / name / "expected" / f"{result}.csv") for result in RESULTS}


def luoyang_results(assessment: Assessment) -> Tables:
    """The results without the further column: luoyang-2025 tests an indicator of its own."""
    results = results_of(assessment)
    for row in results["institutions"]:
        del row["new_guarantees"]
    return results


# The examples


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLE_NAMES)
def test_examples_to_the_last_cell(name: str) -> None:
    assert results_of(run_example(name)) == expected(name)


@pytest.mark.slow
def test_example_from_a_chinese_workbook_in_wan() -> None:
    office, export = run_example("seed-2", "input-zh.xlsx"), run_example("seed-2")
    assert results_of(office) == expected("seed-2")
    assert office.input_digest == export.input_digest
    assert office.input_digest.startswith("sha256:")
    assert office.summary["totals"] == export.summary["totals"]


def test_examples_in_memory_have_the_digest_of_their_files() -> None:
    folder = EXAMPLES / "seed-2" / "input"
    frames = {path.stem: pd.read_csv(path, dtype=str) for path in folder.glob("*.csv")}
    in_memory = portfolio_of_frames(**frames)
    assert assess(in_memory, "jiyuan-2022", 2022).input_digest == run_example("seed-2").input_digest


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLE_NAMES)
def test_totals_are_those_of_the_expected_rows(name: str) -> None:
    claims, institutions, returns = expected(name).values()

    def total(rows: list[dict[str, str]], column: str) -> str:
        return money_text(sum(int(Fraction(row[column]) * 100) for row in rows))

    summary = run_example(name).summary
    year = str(params(name)["year"])
    in_year = [row for row in returns if row["recovery_date"].startswith(year)]
    assert summary["totals"] == {
        "institutions": len(institutions),
        "eligible_institutions": sum(row["eligible"] == "true" for row in institutions),
        "claims": len(claims),
        "eligible_claims": sum(row["eligible"] == "true" for row in claims),
        "compensation": total(claims, "compensation"),
        "payable": total(claims, "payable"),
        "distributed": total(returns, "distributed"),
        "to_government": total(returns, "to_government"),
        "to_government_in_year": total(in_year, "to_government"),
        "surplus": total(returns, "surplus"),
    }
    assert (summary["year"], summary["budget"]) == (params(name)["year"], params(name)["budget"])
    assert summary["policy"]["id"] == "jiyuan-2022"


# Types and form


def test_frames_have_the_types_of_the_contract() -> None:
    assessment = run_example("seed-1")
    amount, ratio = pa.decimal128(18, 2), pa.decimal128(18, 6)
    types = {
        "payout_date": pa.date32(),
        "recovery_date": pa.date32(),
        "eligible": pa.bool_(),
        **dict.fromkeys(("opening_borrowers", "closing_borrowers"), pa.int64()),
        **dict.fromkeys(("claims", "eligible_claims"), pa.int64()),
        **dict.fromkeys(("rate", "payout_rate", "small_agri_share"), ratio),
        **dict.fromkeys(("balance_growth", "borrower_growth"), ratio),
        **dict.fromkeys(
            (
                *("payout", "borrower_exposure", "base", "compensation", "payable"),
                *("opening_balance", "closing_balance", "small_agri_balance"),
                *("released_amount", "payout_amount"),
                *("proceeds", "cost", "distributed", "surplus"),
            ),
            amount,
        ),
    }
    columns = {
        "claims": oracle.CLAIM_COLUMNS,
        "institutions": oracle.INSTITUTION_COLUMNS,
        "returns": [
            *oracle.RETURN_COLUMNS,
            *(f"to_{party}" for party in assessment.portfolio.parties),
        ],
    }
    for name in RESULTS:
        frame: pd.DataFrame = getattr(assessment, name)
        assert list(frame.columns) == columns[name]
        for column, kind in frame.dtypes.items():
            assert isinstance(kind, pd.ArrowDtype), (name, column)
            text = pa.string()
            wanted = amount if str(column).startswith("to_") else types.get(str(column), text)
            assert kind.pyarrow_dtype == wanted, (name, column)


def test_blanks_are_nulls() -> None:
    claims = run_example("seed-1").claims
    refused = claims[~claims["eligible"]]
    assert len(refused)
    assert refused["rate"].isna().all()
    assert claims[claims["eligible"]]["reasons"].isna().all()
    for row in claims.itertuples():
        assert isinstance(row.payout, Decimal)
        assert isinstance(row.payout_date, datetime.date)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_rows_keep_the_order_of_the_input(seed: int) -> None:
    tables = random_portfolio(seed)
    results = results_of(assessed(tables))
    in_year = [row["claim_id"] for row in tables["claims"] if row["payout_date"][:4] == "2022"]
    assert [row["claim_id"] for row in results["claims"]] == in_year
    for result, id_ in (("institutions", "institution_id"), ("returns", "recovery_id")):
        table = "recoveries" if result == "returns" else result
        assert [row[id_] for row in results[result]] == [row[id_] for row in tables[table]]


@pytest.mark.parametrize("left_out", [[], ["releases", "recoveries"]])
def test_no_claims_at_all(left_out: list[str]) -> None:
    tables = random_portfolio(4, 10)
    tables["claims"], tables["recoveries"] = [], []
    expected = oracle.assess({**tables, "releases": tables["releases"] if not left_out else []})
    frames = {name: frame for name, frame in frames_of(tables).items() if name not in left_out}
    if left_out:
        assert frames.keys() == {"institutions", "contracts", "claims"}
    assessment = assess(portfolio_of_frames(**frames), "jiyuan-2022", 2022, "0")
    assert results_of(assessment) == expected
    assert list(assessment.claims.columns) == oracle.CLAIM_COLUMNS
    assert list(assessment.returns.columns)[:8] == oracle.RETURN_COLUMNS
    assert (len(assessment.claims), len(assessment.returns)) == (0, 0)


def test_the_same_run_gives_the_same_tables_and_summary() -> None:
    tables = random_portfolio(5)
    one, two = assessed(tables), assessed(tables)
    assert all(one.tables[name].equals(two.tables[name]) for name in RESULTS)
    assert one.summary == two.summary


# The oracle


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(0, 40))
def test_random_portfolios_under_jiyuan(seed: int) -> None:
    tables = random_portfolio(seed)
    budget = random_budget(seed, results_of(assessed(tables)))
    assert results_of(assessed(tables, 2022, budget)) == oracle.assess(tables, 2022, budget)


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(0, 24))
def test_random_portfolios_under_luoyang(seed: int) -> None:
    tables = random_luoyang_portfolio(seed)
    budget = random_budget(seed, results_of(assessed(tables, 2025, None, "luoyang-2025")))
    assessment = assessed(tables, 2025, budget, "luoyang-2025")
    assert luoyang_results(assessment) == oracle_luoyang.assess(tables, 2025, budget)


@pytest.mark.slow
@given(portfolios())
@slow
def test_small_portfolios(tables: Tables) -> None:
    assert results_of(assessed(tables)) == oracle.assess(tables)


@pytest.mark.slow
@given(portfolios_with_budgets())
@slow
def test_small_portfolios_with_budgets(case: tuple[Tables, str | None]) -> None:
    tables, budget = case
    assert results_of(assessed(tables, 2022, budget)) == oracle.assess(tables, 2022, budget)


@pytest.mark.slow
@given(luoyang_portfolios())
@slow
def test_small_luoyang_portfolios(tables: Tables) -> None:
    assessment = assessed(tables, 2025, None, "luoyang-2025")
    assert luoyang_results(assessment) == oracle_luoyang.assess(tables)


@pytest.mark.slow
def test_new_guarantees_are_those_started_in_the_year() -> None:
    for seed in range(4):
        tables = random_luoyang_portfolio(seed)
        sums = {row["institution_id"]: 0 for row in tables["institutions"]}
        for row in tables["contracts"]:
            if row["start_date"][:4] == "2025":
                sums[row["institution_id"]] += money(row["guaranteed_amount"])
        rows = results_of(assessed(tables, 2025, None, "luoyang-2025"))["institutions"]
        shown = {row["institution_id"]: row["new_guarantees"] for row in rows}
        assert shown == {id_: money_text(fen) for id_, fen in sums.items()}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 12])
def test_files_give_what_frames_give(seed: int, tmp_path: Path) -> None:
    tables = random_portfolio(seed)
    write_csv(tables, tmp_path / "utf", "utf-8-sig")
    from_files = assess(read_portfolio(tmp_path / "utf"), "jiyuan-2022", 2022)
    from_frames = assess(portfolio_of(tables), "jiyuan-2022", 2022)
    assert results_of(from_files) == results_of(from_frames)
    assert from_files.input_digest == from_frames.input_digest
