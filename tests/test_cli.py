"""`assess`: its results, whatever the form and the surroundings, and its summary."""

from __future__ import annotations

import csv
import json
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.assessing import EXAMPLE_NAMES, EXAMPLES, params, read_rows
from tests.command import JIYUAN, run, run_all, run_here, snapshot
from tests.portfolios import random_portfolio, write_csv


@pytest.fixture
def ledgers(tmp_path: Path) -> Path:
    """A small input folder below `tmp_path`."""
    write_csv(random_portfolio(7, 30), tmp_path / "ledgers")
    return tmp_path / "ledgers"


def same_cell(got: str, expected: str) -> bool:
    if got == expected:
        return True
    try:
        return Decimal(got) == Decimal(expected)
    except InvalidOperation:
        return False


def budget_of(name: str) -> list[str]:
    budget = params(name)["budget"]
    return [] if budget is None else ["--budget", budget]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the result of each example."""
    folder = tmp_path_factory.mktemp("examples")
    given = (*JIYUAN, "-o")
    commands: list[list[str | Path]] = [
        ["assess", EXAMPLES / name / "input", *given, folder / name, *budget_of(name)]
        for name in EXAMPLE_NAMES
    ]
    for done in run_all(*commands):
        assert (done.returncode, done.stderr) == (0, ""), done.args
    return folder


@pytest.mark.process
@pytest.mark.parametrize("name", EXAMPLE_NAMES)
def test_the_examples_come_out_cell_by_cell(name: str, results: Path) -> None:
    for table in ("claims", "institutions", "returns"):
        got = read_rows(results / name / f"{table}.csv")
        expected = read_rows(EXAMPLES / name / "expected" / f"{table}.csv")
        assert len(got) == len(expected)
        for row, (one, other) in enumerate(zip(got, expected, strict=True)):
            wrong = {
                key: (one[key], other[key]) for key in other if not same_cell(one[key], other[key])
            }
            assert not wrong, (table, row)


@pytest.mark.slow
def test_a_workbook_and_parquet_files_give_the_bytes_that_csv_gives(tmp_path: Path) -> None:
    folder = EXAMPLES / "seed-2" / "input"
    (tmp_path / "parquet").mkdir()
    for file in folder.glob("*.csv"):
        with file.open(encoding="utf-8", newline="") as lines:
            headings, *rows = list(csv.reader(lines))
        columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
        pq.write_table(pa.table(columns, headings), tmp_path / "parquet" / f"{file.stem}.parquet")
    results: list[object] = []
    for source in (folder, EXAMPLES / "seed-2" / "input-zh.xlsx", tmp_path / "parquet"):
        target = tmp_path / f"out-{len(results)}"
        done = run_here("assess", source, *JIYUAN, *budget_of("seed-2"), "-o", target)
        assert done.returncode == 0, done.stderr
        summary = json.loads((target / "summary.json").read_text(encoding="utf-8"))
        # The rows of warnings are numbered as each file numbers them.
        del summary["warnings"], summary["summary_digest"]
        tables = {
            name: content for name, content in snapshot(target).items() if name != "summary.json"
        }
        results.append((tables, summary))
    assert results[0] == results[1] == results[2]


@pytest.mark.slow
def test_parquet_results_replace_csv_results(ledgers: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for form in ("csv", "parquet", "csv"):
        done = run_here("assess", ledgers, *JIYUAN, "-o", out, "--format", form)
        assert done.returncode == 0, done.stderr
        names = {f"{name}.{form}" for name in ("claims", "institutions", "returns")}
        rules = {"policy.toml", "enterprise-size.csv", "industries.csv"}
        assert set(snapshot(out)) == {*names, *rules, "summary.json"}
        files = json.loads((out / "summary.json").read_text(encoding="utf-8"))["files"]
        assert set(files) == names


@pytest.mark.process
def test_the_summary_is_whole_and_in_the_language_asked_for(ledgers: Path) -> None:
    zh = run_here("assess", ledgers, *JIYUAN)
    en = run_here("assess", ledgers, *JIYUAN, "--lang", "en")
    by_variable = run("assess", ledgers, *JIYUAN, variables={"COMPENSATION_LANG": "en"})
    assert zh.returncode == en.returncode == 0
    assert en.stdout == by_variable.stdout
    assert "应付金额" in zh.stdout
    assert "payable" in en.stdout
    assert "…\n" not in zh.stdout  # nothing is cut in a pipe
    assert "\x1b" not in zh.stdout + en.stdout
    for row in read_rows(ledgers / "institutions.csv"):
        assert row["institution_id"].strip() in zh.stdout
        assert row["institution_name"].strip() in zh.stdout


def test_texts_of_the_input_act_neither_as_formulas_nor_on_the_terminal(tmp_path: Path) -> None:
    tables = random_portfolio(7, 30)
    for row in tables["institutions"]:
        row["institution_name"] = "\x1b[31m[bold]红\x07"
    names = {row["claim_id"]: f"=cmd|'{row['claim_id']}\",x" for row in tables["claims"]}
    for table in ("claims", "recoveries"):
        for row in tables[table]:
            row["claim_id"] = names.get(row["claim_id"], row["claim_id"])
    write_csv(tables, tmp_path / "in")
    done = run_here("assess", tmp_path / "in", *JIYUAN, "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert "\x07" not in done.stdout
    assert "\\x1b[31m[bold]红\\x07" in done.stdout
    cells = [row["claim_id"] for row in read_rows(tmp_path / "out" / "claims.csv")]
    assert cells
    assert all(cell.startswith("'=cmd|'") and cell.endswith('",x') for cell in cells)
