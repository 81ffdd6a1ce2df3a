"""The command `compare`: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pyarrow.parquet as pq
import pytest

from compensation import load_policy
from tests.command import run_here

LEDGER = Path(__file__).parents[2] / "examples" / "jiyuan-2022.xlsx"
POLICY = ("--policy", "jiyuan-2022")
SETS = ("--set", "rates.tiers[2].rate=0.12", "--set", "rates.tiers[3].rate=0.11")


@pytest.mark.slow
def test_a_folder_of_csv_with_the_files_of_the_variants(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run_here("compare", LEDGER, *POLICY, "--years", "2022", *SETS, "-o", out, "--lang", "en")
    assert done.returncode == 0, done.stderr
    assert "in force in every year" in done.stdout
    assert "162,468.71" in done.stdout
    rows = list(csv.DictReader((out / "totals.csv").read_text("utf-8").splitlines()))
    assert [row["compensation"] for row in rows] == [
        "200027.25",
        "162468.71",
        "200027.25",
        "162468.71",
    ]
    assert load_policy(out / "variant-2.policy.toml").rules.rates.tiers[1].rate is not None
    summary = json.loads((out / "comparison_summary.json").read_text("utf-8"))
    assert summary["variants"][3]["settings"] == list(SETS[1::2])
    again = run_here(
        "compare", LEDGER, *POLICY, "--years", "2022", *SETS, "-o", out, "--format", "parquet"
    )
    assert again.returncode == 0, again.stderr
    assert len(pq.read_table(out / "totals.parquet")) == 4
    assert not (out / "totals.csv").exists()


@pytest.mark.slow
def test_a_workbook_with_charts_that_may_be_written_over(tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    for _ in range(2):
        done = run_here("compare", LEDGER, *POLICY, "--years", "2021-2022", *SETS, "-o", out)
        assert done.returncode == 0, done.stderr
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["方案", "测算汇总", "增减", "机构", "变动明细", "政策文件"]
    assert len(book["方案"]._charts) == 2
    other = run_here("assess", LEDGER, *POLICY, "--year", "2022", "-o", out)
    assert other.returncode == 2


@pytest.mark.slow
def test_as_of_a_day_with_a_review_sheet_it_is_what_assess_says(tmp_path: Path) -> None:
    sheet = openpyxl.Workbook()
    page = sheet.active
    page.title = "审核表"
    page.append(["代偿编号", "财政金融局审核", "行业主管部门审核"])
    page.append(["DC2022-02", "不通过", "通过"])
    sheet.save(tmp_path / "reviews.xlsx")
    more = ("--as-of", "2022-12-31", "--reviews", tmp_path / "reviews.xlsx")
    done = run_here("compare", LEDGER, *POLICY, "--years", "2022", *more, "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "截至  2022-12-31" in done.stdout
    run_here("assess", LEDGER, *POLICY, "--year", "2022", *more, "-o", tmp_path / "one")
    compared = json.loads((tmp_path / "out" / "comparison_summary.json").read_text("utf-8"))
    assessed = json.loads((tmp_path / "one" / "summary.json").read_text("utf-8"))
    assert compared["totals"][0]["payable"] == assessed["totals"]["payable"]
    assert (compared["as_of"], compared["reviews"]) == (assessed["as_of"], assessed["reviews"])
    without = run_here("compare", LEDGER, *POLICY, "--years", "2022", "--html")
    assert compared["totals"][0]["payable"] != "132041.75"
    assert "132,041.75" in without.stdout


@pytest.mark.slow
def test_a_page_to_print_says_all_in_both_languages_and_breaks_on_no_name() -> None:
    asked = ("compare", LEDGER, *POLICY, "--years", "2021-2022", "--html")
    done = run_here(*asked, "--solve", "rates.tiers[2].rate", "--target", "compensation<=190000")
    assert done.returncode == 0, done.stderr
    root = ElementTree.fromstring(
        done.stdout.removeprefix("<!DOCTYPE html>")
        .replace('<meta charset="utf-8">', "")
        .replace('content="width=device-width, initial-scale=1">', "/>")
    )
    words = " ".join(root.itertext())
    for said in ("政策测算", "What each comes to", "189,899.77", "满足目标", "DC2022-01"):
        assert said in words
    assert "http" not in done.stdout


@pytest.mark.slow
def test_solving_ends_with_1_where_no_value_meets_the_target() -> None:
    asked = ("compare", LEDGER, *POLICY, "--years", "2022", "--solve", "rates.tiers[2].rate")
    met = run_here(*asked, "--target", "compensation<=150000")
    assert (met.returncode, "满足目标" in met.stdout) == (0, True)
    missed = run_here(*asked, "--target", "compensation<=1", "--from", "0.15")
    assert (missed.returncode, "不满足" in missed.stdout) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--years", "2022-2020"), "不是年度"),
        (("--years", "2022", "--set", "rates.tier[2].rate=1"), "是否为 rates.tiers[2].rate"),
        (("--years", "1999"), "1999"),
        (("--years", "2022", "--solve", "rates.tiers[2].rate"), "--target"),
        (("--years", "2022", "--from", "1"), "--solve"),
        (("--years", "2022", "--to", "x"), "0.05、-0.1、5% 这样的数"),
        (("--years", "2022", "--format", "csv"), "-o"),
    ],
)
def test_wrong_input_gets_an_answer(arguments: tuple[str, ...], said: str) -> None:
    done = run_here("compare", LEDGER, *POLICY, *arguments)
    assert done.returncode == 2
    assert said in done.stderr


def test_policies_of_contracts_need_no_claims(tmp_path: Path) -> None:
    """Trade earns 5 per mille of the guarantees started in the year, or 6 if the policy says so."""
    (tmp_path / "institutions.csv").write_text(
        "institution_id,government_backed,registered_capital\nA,yes,100000000\n"
    )
    (tmp_path / "contracts.csv").write_text(
        "contract_id,institution_id,borrower_id,borrower_type,guaranteed_amount,start_date,sector,"
        "finance_review,industry_review\n"
        "K1,A,B1,small_enterprise,3000000,2009-03-01,贸易,approved,approved\n",
        encoding="utf-8",
    )
    done = run_here(
        *("compare", tmp_path, "--years", "2009", "--policy", "fujian-2008"),
        *("--set", "rates.tiers[2].rate=0.006", "--lang", "en"),
    )
    assert done.returncode == 0, done.stderr
    assert "15,000.00" in done.stdout
    assert "18,000.00" in done.stdout
