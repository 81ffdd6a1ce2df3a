"""The indicators of institutions: those of `assess` where both have them, others by hand."""

from __future__ import annotations

import datetime
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from compensation import InputFaults, assess, indicators, read_portfolio, settle
from compensation.columns import Integers
from compensation.engine.measures_needed import REPORTED_INDICATORS
from compensation.outlook.definitions import definitions
from compensation.outlook.indicators import Indicators, ranks_of
from compensation.outlook.measures import FURTHER, REASONS
from compensation.policy.quantities import operations_of
from compensation.policy.variables import STANDARD_INDICATORS
from compensation.report import indicators_console
from compensation.report.indicators_console import indicators_text
from compensation.report.indicators_workbook import SHEETS
from compensation.rules.indicators import MEASURES
from compensation.rules.variables import Variable
from compensation.schema.dictionary import TABLES
from tests.assessing import portfolio_of
from tests.command import JIYUAN, run_here
from tests.conftest import seeds
from tests.ledgers_of_years import random_ledger
from tests.outlook.ledgers import contract, two_institutions
from tests.portfolios import write_csv
from tests.settling import trial

Row = dict[str, Any]


def rows(result: Indicators) -> dict[tuple[str, int], Row]:
    found = result.tables["indicators"].to_pylist()
    return {(row["institution_id"], row["year"]): row for row in found}


@pytest.mark.parametrize("seed", seeds(0, 20))
def test_the_indicators_that_assess_reports_are_the_same_cells(seed: int) -> None:
    portfolio = portfolio_of(random_ledger(seed))
    found = indicators(portfolio, 2022).tables["indicators"]
    reported = assess(portfolio, "jiyuan-2022", 2022).tables["institutions"]
    for name in ("institution_id", *REPORTED_INDICATORS):
        assert found[name].to_pylist() == reported[name].to_pylist(), name


@pytest.mark.parametrize("seed", seeds(20, 40))
def test_the_return_rate_is_that_of_a_settlement_under_no_policy(seed: int) -> None:
    tables = random_ledger(seed)
    if not {"payments", "remittances"} <= tables.keys():
        return
    portfolio = portfolio_of(tables)
    nowhere = trial(("2100-01-01", "2100-12-31"), ("2101-01-01", None))
    settled = settle(portfolio, nowhere, datetime.date(2023, 12, 31))
    wanted = []
    for row in settled.tables["settlement_institutions"].to_pylist():
        share = row["government_share"]
        exact = None if not share else row["remitted_to_date"] / share
        wanted.append(
            None if exact is None else exact.quantize(Decimal("0.000001"), "ROUND_HALF_UP")
        )
    assert indicators(portfolio, [2023]).tables["indicators"]["return_rate"].to_pylist() == wanted


def test_figures_of_the_trade_worked_by_hand() -> None:
    found = rows(indicators(portfolio_of(two_institutions()), range(2022, 2025)))
    first, second, third = (found["I1", year] for year in (2022, 2023, 2024))
    # 50,000 of the 1,000,000 released in 2022; then 100,000 of 2,000,000; nothing of 1,000,000.
    rates = [row["payout_rate"] for row in (first, second, third)]
    assert rates == [Decimal("0.05"), Decimal("0.05"), 0]
    assert first["payout_rate_three_years"] is None
    assert second["payout_rate_three_years"] == Decimal("0.05")
    assert third["payout_rate_three_years"] == third["payout_rate_to_date"] == Decimal("0.0375")
    # 10,000 − 1,000 of 150,000 by the end of 2023, and 6,000 more in 2024.
    assert [row["recovery_rate"] for row in (first, second, third)] == [
        0,
        Decimal("0.06"),
        Decimal("0.1"),
    ]
    # Of 50,000 the institution bore 20,000, of which government paid 10,000: a fifth of what came
    # in is government's, 1,800 by the end of 2023 and 3,000 by the end of 2024.
    assert [row["return_rate"] for row in (first, second, third)] == [
        None,
        Decimal("0.5"),
        Decimal("0.3"),
    ]
    # One of the two contracts of 2024 is a fen above five million.
    assert third["small_ticket_share"] == Decimal("0.500000")
    # 60,000.00 and 25,000.00 a year for 10,000,000.01.
    assert third["average_fee"] == Decimal("0.0085")
    # 4,000,000 + 5,000,000.01 over 500,000.
    assert third["leverage"] == Decimal("18.000000")
    assert second["undefined"] == (
        "small_agri_share:zero_denominator;small_ticket_share:zero_denominator;"
        "average_fee:zero_denominator;leverage:other_year"
    )


def test_what_cannot_be_told_is_blank_with_its_reason_and_never_a_zero() -> None:
    found = rows(indicators(portfolio_of(two_institutions()), [2024]))["I2", 2024]
    assert found["undefined"] == (
        "payout_rate_three_years:ledger_begins_later;recovery_rate:zero_denominator;"
        "return_rate:zero_denominator;average_fee:blank_cells;leverage:other_year"
    )
    for said in found["undefined"].split(";"):
        assert found[said.partition(":")[0]] is None
        assert found["rank_" + said.partition(":")[0]] is None
    tables = two_institutions()
    for name in ("recoveries", "payments", "remittances"):
        del tables[name]
    for row in tables["institutions"]:
        del row["net_assets"]
    for row in tables["contracts"]:
        del row["fee_rate"]
    without = rows(indicators(portfolio_of(tables), [2024]))["I1", 2024]
    assert without["undefined"] == (
        "balance_growth:zero_denominator;borrower_growth:zero_denominator;recovery_rate:no_table;"
        "return_rate:no_table;average_fee:no_column;leverage:no_column"
    )


def test_equal_values_share_a_rank_and_the_best_is_first() -> None:
    found = rows(indicators(portfolio_of(two_institutions()), [2024]))
    assert [found[id_, 2024]["rank_payout_rate"] for id_ in ("I1", "I2")] == [1, 1]
    assert [found[id_, 2024]["rank_small_ticket_share"] for id_ in ("I1", "I2")] == [2, 1]


def column(*values: int) -> Integers:
    return np.array(values, dtype=np.int64)


def test_ranks_compare_exact_values() -> None:
    thirds = Variable(
        column(1, 333_333_333, 2, 0),
        np.array([True, True, True, False]),
        column(3, 1_000_000_000, 6, 0),
    )
    assert ranks_of(thirds, "higher")[0].tolist() == [1, 3, 1, 0]
    ranks, ranked = ranks_of(thirds, "lower")
    assert ranks.tolist() == [2, 1, 2, 0]
    assert ranked.tolist() == [True, True, True, False]


def test_years_without_ledger_are_named() -> None:
    with pytest.raises(InputFaults) as caught:
        indicators(portfolio_of(two_institutions()), range(2019, 2026))
    assert "2019, 2020, 2025" in caught.value.faults[0].message.zh
    assert "2021-03-01" in caught.value.faults[0].message.en
    with pytest.raises(ValueError, match="no year"):
        indicators(portfolio_of(two_institutions()), [])
    with pytest.raises(TypeError):
        indicators({}, 2022)  # type: ignore[arg-type]


def test_opening_figures_need_their_year_where_several_are_asked_for() -> None:
    tables = two_institutions()
    for row in tables["institutions"]:
        row["opening_balance"] = "1000000"
    portfolio = portfolio_of(tables)
    assert rows(indicators(portfolio, 2024))["I1", 2024]["opening_balance"] == 1_000_000
    with pytest.raises(InputFaults) as caught:
        indicators(portfolio, [2023, 2024])
    assert [fault.kind for fault in caught.value.faults] == ["opening_without_year"] * 2


def test_the_data_file_defines_every_indicator_once_with_source_and_basis() -> None:
    defined = definitions()
    ids = [each.indicator.id for each in defined.indicators]
    assert len(set(ids)) == len(ids)
    assert set(REPORTED_INDICATORS) <= set(ids)
    for indicator, _ in defined.indicators:
        assert indicator.clause
        assert indicator.basis == "assumption"
        assert indicator.said.zh
        assert indicator.said.en
        if indicator.id in STANDARD_INDICATORS:
            assert indicator is STANDARD_INDICATORS[indicator.id]
        for operation in operations_of(indicator.value):
            assert operation.measure is None or operation.measure in {*MEASURES, *FURTHER}
    known = {column.name for table in TABLES for column in table.columns}
    for columns in defined.columns.values():
        assert not {column.name for column in columns} & known


def test_a_fee_that_is_a_percentage_without_its_sign_is_a_fault() -> None:
    tables = two_institutions()
    tables["contracts"][0]["fee_rate"] = "0.85"
    with pytest.raises(InputFaults) as caught:
        indicators(portfolio_of(tables), 2024)
    assert [fault.kind for fault in caught.value.faults] == ["implausible_rate"]


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    write_csv(two_institutions(), tmp_path / "ledger")
    return tmp_path / "ledger"


@pytest.mark.slow
def test_what_is_printed_and_written(ledger: Path, tmp_path: Path) -> None:
    folder, other, book = tmp_path / "csv", tmp_path / "parquet", tmp_path / "book.xlsx"
    years = ("indicators", ledger, "--years", "2022-2024")
    done = run_here(*years, "-o", folder)
    assert done.returncode == 0
    assert "三年代偿率：台账不足所需的年数（4 行）" in done.stdout
    said = run_here(*years, "--lang", "en", "-o", other, "--format", "parquet").stdout
    assert "average fee: the fee of a new contract is blank (rows: 1)" in said
    expected = indicators(read_portfolio(ledger), range(2022, 2025))
    assert pq.read_table(other / "indicators.parquet").equals(expected.tables["indicators"])
    names = ["definitions.csv", "indicators.csv", "indicators.toml", "indicators_summary.json"]
    assert sorted(path.name for path in folder.iterdir()) == names
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert run_here(*years, "-o", folder).returncode == 0  # its own earlier result is replaced
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert run_here(*years, "-o", book).returncode == 0
    first = book.read_bytes()
    assert run_here(*years, "-o", book).returncode == 0
    assert book.read_bytes() == first
    sheets = CalamineWorkbook.from_path(str(book))
    assert sheets.sheet_names == list(SHEETS)
    table = expected.tables["indicators"].to_pylist()
    for number, row in enumerate(sheets.get_sheet_by_name("指标").to_python()[3:]):
        values = list(table[number].values())[3:-1]
        assert row[3:-1] == ["" if v is None else float(v) for v in values]
    moves = sheets.get_sheet_by_name("走势").to_python()[3:]
    assert len(moves) == 2 * len(expected.defined.indicators)
    assert moves[0][:5] == ["年初在保余额", "I1", 1_000_000, 2_000_000, 0]


@pytest.mark.slow
def test_another_kind_of_result_is_not_written_over(ledger: Path, tmp_path: Path) -> None:
    years = ("indicators", ledger, "--years", "2022")
    for output in (tmp_path / "result", tmp_path / "result.xlsx"):
        assert run_here("assess", ledger, *JIYUAN, "-o", output).returncode == 0
        assert run_here(*years, "-o", output).returncode == 2
    for wrong in ("2023-2022", "22", "2022-", "2022-2023-2024", ""):
        assert run_here("indicators", ledger, "--years", wrong).returncode == 2


def test_every_reason_is_in_both_languages() -> None:
    assert all(text.zh and text.en for text in REASONS.values())


def test_more_institutions_than_the_screen_shows_and_rows_than_a_sheet_holds(
    ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indicators_console, "INSTITUTIONS_SHOWN", 1)
    given = ("indicators", ledger, "--years", "2024")
    assert "……另有 1 家机构" in run_here(*given).stdout
    monkeypatch.setattr("compensation.report.sheet.MAX_ROWS", 4)
    done = run_here(*given, "-o", tmp_path / "book.xlsx")
    assert done.returncode == 3
    assert list(tmp_path.iterdir()) == [ledger]


def test_frames_are_the_tables_and_nothing_undefined_is_not_spoken_of() -> None:
    tables = two_institutions()
    found = indicators(portfolio_of(tables), [2024])
    assert list(found.indicators.columns) == found.tables["indicators"].column_names
    assert len(found.definitions) == len(found.defined.indicators)
    for name in ("institutions", "contracts"):
        tables[name] = [row for row in tables[name] if row["institution_id"] == "I1"]
    tables["contracts"].append(contract("K0", "I1", "10", "2021-01-01"))
    complete = indicators(portfolio_of(tables), [2024])
    assert complete.tables["indicators"]["undefined"].to_pylist() == [None]
    assert "无法计算" not in indicators_text(complete, None, "zh", io.StringIO())
