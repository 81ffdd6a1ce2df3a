"""`settle` and `explain --to` on the command line: results, summary, refusals."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from compensation import read_portfolio, settle
from compensation.report.settlement_workbook import SHEETS
from tests.assessing import read_rows, rows_of
from tests.command import run_all, run_here, snapshot
from tests.settling import EXAMPLE_NAMES, EXAMPLES, POLICIES, params, policy_files, totals

RESULTS = ("settlement", "settlement_institutions", "pool_statement")
TRIAL = EXAMPLES / "trial-1" / "input"
BOTH = [part for path in sorted(POLICIES.glob("*.toml")) for part in ("--policy", str(path))]
SETTLE: tuple[str | Path, ...] = ("settle", TRIAL, "--to", "2024-12-31", *BOTH)


def options(name: str) -> list[str]:
    given = params(name)
    found = ["--to", given["to"]]
    for option in ("from", "budget"):
        found += [] if given[option] is None else [f"--{option}", given[option]]
    return [*found, *(part for path in policy_files(name) for part in ("--policy", str(path)))]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the result of each example."""
    folder = tmp_path_factory.mktemp("examples")
    commands: list[tuple[str | Path, ...]] = [
        ("settle", EXAMPLES / name / "input", *options(name), "-o", folder / name)
        for name in EXAMPLE_NAMES
    ]
    for done in run_all(*commands):
        assert (done.returncode, done.stderr) == (0, ""), done.args
    return folder


@pytest.mark.process
@pytest.mark.parametrize("name", EXAMPLE_NAMES)
def test_the_examples_come_out_cell_by_cell(name: str, results: Path) -> None:
    for result in RESULTS:
        found = (results / name / f"{result}.csv").read_text("utf-8")
        expected = (EXAMPLES / name / "expected" / f"{result}.csv").read_text("utf-8")
        assert found == expected


@pytest.mark.slow
def test_the_summary_says_what_was_settled(tmp_path: Path) -> None:
    assert run_here(*SETTLE, "-o", tmp_path / "out").returncode == 0
    summary = json.loads((tmp_path / "out" / "settlement_summary.json").read_text("utf-8"))
    settlement = settle(read_portfolio(TRIAL), policy_files("trial-1"), "2024-12-31")
    assert summary["totals"] == totals(settlement)
    assert (summary["from"], summary["to"]) == ("2024-01-01", "2024-12-31")
    assert [policy["id"] for policy in summary["policies"]] == ["trial-2022", "trial-2024"]
    assert summary["input_digest"] == settlement.input_digest
    files = {path.name for path in (tmp_path / "out").iterdir()}
    assert files == {
        *(f"{result}.csv" for result in RESULTS),
        *("settlement_summary.json", "trial-2022.policy.toml", "trial-2024.policy.toml"),
    }
    assert set(summary["rules"]) <= files


@pytest.mark.slow
def test_tables_as_parquet_take_the_place_of_csv(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for form in ("csv", "parquet"):
        assert run_here(*SETTLE, "-o", out, "--format", form).returncode == 0
    assert not list(out.glob("*.csv"))
    table = pq.read_table(out / "settlement.parquet")
    assert rows_of(table) == read_rows(EXAMPLES / "trial-1" / "expected" / "settlement.csv")


@pytest.mark.slow
def test_a_workbook_has_what_is_due_in_figures_and_words(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    for _ in range(2):  # also over an earlier one
        assert run_here(*SETTLE, "-o", path).returncode == 0
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == list(SHEETS)
    cells = [cell for row in book["清算汇总"].values for cell in row if cell is not None]
    assert 34000 in cells
    assert "机构应缴：人民币叁万肆仟元整" in cells
    notice = [cell for row in book["收缴通知单"].values for cell in row if cell is not None]
    said = "你单位应缴付：34,000.00 元（大写：人民币叁万肆仟元整）"
    assert f"{said}\u3000各项相抵后净额 34,000.00 元，你单位应缴：人民币叁万肆仟元整" in notice
    assert next(iter(book["拨付通知单"].values))[0] == "拨付通知单：本次清算无此项"
    first = path.read_bytes()
    assert run_here(*SETTLE, "-o", path).returncode == 0
    assert path.read_bytes() == first


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh", ("SL-001 试算担保：应向政府缴付 34,000.00 元（应上缴 34,000.00）", "期末余额")),
        ("en", ("SL-001 试算担保 owes government 34,000.00 (to remit 34,000.00)", "closing")),
    ],
)
def test_the_summary_printed_says_who_owes_whom(language: str, said: tuple[str, ...]) -> None:
    done = run_here(*SETTLE, "--lang", language)
    assert done.returncode == 0
    assert all(text in done.stdout for text in said)
    none = run_here("settle", TRIAL, "--to", "2020-01-01", *BOTH, "--lang", language)
    assert none.returncode == 0
    assert ("结果为空" if language == "zh" else "the result is empty") in none.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--to", "2024-12-31"), "--policy"),
        (BOTH, "--to"),
        (("--to", "2024-02-30", *BOTH), "2024-02-30"),
        (("--to", "2024-12-31", "--from", "2025-01-01", *BOTH), "2025-01-01"),
        (("--to", "2024-12-31", "--budget", "1.001", *BOTH), "--budget"),
        (("--to", "2024-12-31", *BOTH, *BOTH), "trial-2022"),
        (("--to", "2024-12-31", *BOTH, "-o", "x.xlsx", "--format", "csv"), "--format"),
    ],
)
def test_what_cannot_be_settled_is_refused(arguments: tuple[str, ...], said: str) -> None:
    done = run_here("settle", TRIAL, *arguments, "--lang", "en")
    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.slow
def test_an_output_that_is_no_settlement_stays(tmp_path: Path) -> None:
    assessed = tmp_path / "assessed"
    year: tuple[str | Path, ...] = ("--year", "2022", "--policy", POLICIES / "trial-2022.toml")
    assert run_here("assess", TRIAL, *year, "-o", assessed).returncode == 0
    book = tmp_path / "assessed.xlsx"
    assert run_here("assess", TRIAL, *year, "-o", book).returncode == 0
    before = snapshot(tmp_path)
    for path in (assessed, book):
        assert run_here(*SETTLE, "-o", path).returncode == 2
    assert snapshot(tmp_path) == before
    settled = tmp_path / "settled"
    assert run_here(*SETTLE, "-o", settled).returncode == 0
    assert run_here("assess", TRIAL, *year, "-o", settled).returncode == 2


@pytest.mark.slow
def test_a_claim_is_explained_as_of_a_day() -> None:
    days = ("--to", "2024-12-31", *BOTH)
    done = run_here("explain", TRIAL, *days, "--claim", "B", "--lang", "en")
    assert done.returncode == 0
    assert "to_remit = max(government_share − remitted_to_date, 0)" in done.stdout
    assert "15000.00" in done.stdout
    chinese = run_here("explain", TRIAL, *days, "--claim", "B")
    assert "应上缴 to_remit" in chinese.stdout


def test_an_institution_is_the_sum_of_its_claims() -> None:
    days = ("--to", "2024-12-31", *BOTH)
    done = run_here("explain", TRIAL, *days, "--institution", "SL-001", "--lang", "en")
    assert done.returncode == 0
    heading, *claims, total = [line.split() for line in done.stdout.splitlines()]
    assert [line[0] for line in claims] == ["A", "B", "C", "D", "E"]
    assert heading[-2:] == ["net", "due"]
    assert total[0] == "total"
    net = [Decimal(line[-1].replace(",", "")) for line in claims]
    assert sum(net) == Decimal(total[-1].replace(",", "")) == Decimal("34000.00")
    chinese = run_here("explain", TRIAL, *days, "--institution", "SL-001").stdout
    assert "合计" in chinese
    assert "通过" in chinese


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--to", "2022-12-31", *BOTH, "--claim", "E"), "E"),
        (("--to", "2022-12-31", *BOTH), "--claim"),
        (("--to", "2022-12-31", "--claim", "A"), "--policy"),
        (("--to", "2022-12-31", *BOTH, "--institution", "SL-002"), "SL-002"),
        (("--to", "2022-12-31", *BOTH, "--institution", "SL-001", "--claim", "A"), "--claim"),
        (("--to", "2022-12-31", *BOTH, "--claim", "A", "--as-of", "2022-12-31"), "--as-of"),
        (("--year", "2022", "--to", "2022-12-31", *BOTH, "--claim", "A"), "--year"),
        (("--claim", "A"), "--year"),
        (("--year", "2022", "--from", "2022-01-01", "--claim", "A"), "--from"),
    ],
)
def test_what_cannot_be_explained_is_refused(arguments: tuple[str, ...], said: str) -> None:
    done = run_here("explain", TRIAL, *arguments, "--lang", "en")
    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.slow
def test_a_year_under_several_policies(tmp_path: Path) -> None:
    out = tmp_path / "out"
    year: tuple[str | Path, ...] = ("assess", TRIAL, "--year", "2023", *BOTH)
    for language, said in (("zh", "无适用政策"), ("en", "not covered")):
        done = run_here(*year, "-o", out, "--lang", language)
        assert (done.returncode, done.stderr) == (0, "")
        assert "trial-2022" in done.stdout
        assert said not in done.stdout
    alone = run_here("assess", TRIAL, "--year", "2023", *BOTH[:2], "-o", tmp_path / "alone")
    assert alone.returncode == 0
    for name in ("claims", "institutions"):
        rows = read_rows(out / f"{name}.csv")
        assert {row.pop("policy") for row in rows} == {"trial-2022"}
        assert rows == read_rows(tmp_path / "alone" / f"{name}.csv")
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    assert [policy["id"] for policy in summary["policies"]] == ["trial-2022", "trial-2024"]
    before = snapshot(tmp_path)
    for more in (("-o", tmp_path / "x.xlsx", "--format", "csv"), ("--faults", out / "claims.csv")):
        assert run_here(*year, *more).returncode == 2
    assert run_here("assess", TRIAL, "--year", "2020", *BOTH).returncode == 2
    assert run_here("explain", TRIAL, "--year", "2023", *BOTH, "--claim", "C").returncode == 2
    assert run_here("verify", out, TRIAL).returncode == 0
    assert snapshot(tmp_path) == before


def test_claims_that_no_policy_covers_are_counted() -> None:
    policy = POLICIES / "trial-2022.toml"
    late = ("--policy", "jiyuan-2022", "--policy", str(policy).replace("2022", "2024"))
    done = run_here("assess", TRIAL, "--year", "2024", *late, "--lang", "en")
    assert done.returncode == 0
    assert "not covered" not in done.stdout
