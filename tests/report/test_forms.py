"""The forms that are filled from a ledger: every figure is the ledger's or the result's."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from compensation.assessment import assess
from compensation.ledger.portfolio_input import portfolio_of_frames, read_portfolio
from compensation.policy.catalogue import load_policy
from compensation.policy_tools.worked_cases import cases_beside, frames_of, read_cases
from compensation.refusals import Refused
from compensation.report.amount_in_words import in_words
from compensation.report.application_form import LIST_TITLE, TITLE, write_application
from compensation.report.claim_form import TITLE as CLAIM_TITLE
from compensation.report.claim_form import write_claim_form
from tests.command import JIYUAN, run_here
from tests.policy.test_stages import frames, in_stages
from tests.portfolios import random_portfolio
from tests.report.results import exact, openpyxl_rows, read_tables

LEDGER = Path(__file__).parents[2] / "examples" / "jiyuan-2022.xlsx"


def said(rows: list[list[object]]) -> dict[str, object]:
    """What stands beside each label, two labels a row."""
    found: dict[str, object] = {}
    for row in rows:
        for place in (0, 2):
            if len(row) > place + 1 and isinstance(row[place], str):
                found[str(row[place])] = exact(row[place + 1])
    return found


def test_a_claim_as_the_ledger_has_it(tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    write_claim_form(read_portfolio(LEDGER), "DC2022-05", path)
    form = said(openpyxl_rows(path, CLAIM_TITLE))
    assert form["名称"] == "示例小满面馆"
    assert form["担保合同编号"] == "SLDB-2021-036"
    assert form["代偿金额"] == Decimal("101850") == form["代偿本金"] + form["代偿利息"]  # type: ignore[operator]
    assert form["代偿金额（大写）"] == f"人民币{in_words(10185000)}"
    parts = [value for label, value in form.items() if label.endswith("承担金额")]
    assert sum(parts) == form["代偿金额"]  # type: ignore[arg-type]
    assert (form["追偿所得合计"], form["追偿费用合计"]) == (110000, 1800)
    for blank in (
        "借款合同编号",
        "反担保措施",
        "代偿原因",
        "追偿计划",
        "经办人",
        "复核",
        "单位负责人",
    ):
        assert form[blank] is None


def test_what_the_ledger_says_beside_its_tables_is_taken(tmp_path: Path) -> None:
    frames: dict[str, dict[str, list[object]]] = {
        "institutions": {"institution_id": ["I"], "government_backed": [True]},
        "contracts": {
            "contract_id": ["C"],
            "institution_id": ["I"],
            "borrower_id": ["B"],
            "borrower_type": ["farmer"],
            "guaranteed_amount": ["100.00"],
            "start_date": ["2022-01-01"],
            "反担保情况": ["房产抵押"],
            "借款合同编号": ["=1+1"],
        },
        "claims": {
            "claim_id": ["D"],
            "contract_id": ["C"],
            "payout_date": ["2022-05-01"],
            "principal": ["0.01"],
            "代偿原因": ["停产"],
            "追偿措施": ["诉讼"],
        },
    }
    portfolio = portfolio_of_frames(**{name: pd.DataFrame(cells) for name, cells in frames.items()})
    write_claim_form(portfolio, "D", tmp_path / "form.xlsx")
    form = said(openpyxl_rows(tmp_path / "form.xlsx", CLAIM_TITLE))
    assert form["反担保措施"] == "房产抵押"
    assert form["借款合同编号"] == "=1+1"
    assert (form["代偿原因"], form["追偿计划"]) == ("停产", "诉讼")
    assert form["代偿金额"] == Decimal("0.01")


@pytest.mark.parametrize("seed", range(3))
def test_an_application_adds_up(seed: int, tmp_path: Path) -> None:
    assessment = assess(read_tables(random_portfolio(seed, 60), tmp_path), "jiyuan-2022", 2022)
    path = tmp_path / "form.xlsx"
    claims = assessment.tables["claims"].to_pylist()
    paid = dict(
        zip(
            assessment.ledgers.column("claims", "claim_id").to_pylist(),
            assessment.ledgers.numbers("claims", "compensation_paid").tolist(),
            strict=True,
        )
    )
    for institution in assessment.tables["institutions"]["institution_id"].to_pylist():
        write_application(assessment, institution, path)
        open_ = [
            each
            for each in claims
            if each["institution_id"] == institution and each["status"] in ("approved", "pending")
        ]
        wanted = sum(
            (
                max(each["compensation"] - Decimal(paid[each["claim_id"]]) / 100, Decimal(0))
                for each in open_
            ),
            Decimal(0),
        )
        form = said(openpyxl_rows(path, TITLE))
        assert form["本次申请金额"] == wanted
        assert form["申请金额（大写）"] == f"人民币{in_words(int(wanted * 100))}"
        assert form["代偿笔数"] == str(len(open_))
        listed = openpyxl_rows(path, LIST_TITLE)[3:]
        assert [row[1] for row in listed if isinstance(row[0], int)] == [
            c["claim_id"] for c in open_
        ]
        if open_:
            assert exact(listed[-1][13]) == wanted
            assert listed[-1][5] is None


@pytest.mark.slow
def test_the_same_form_has_the_same_bytes_and_fits_a_page(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_claim_form(read_portfolio(LEDGER), "DC2022-05", tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")[CLAIM_TITLE]
    assert sheet.page_setup.orientation == "portrait"


@pytest.mark.slow
def test_the_command(tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    assert run_here("form", LEDGER, "--claim", "DC2022-05", "-o", path).returncode == 0
    wrong = {
        ("--claim", "DC2022-05", "-o", path): "已经存在",
        ("--claim", "DC2022-5", "-o", tmp_path / "b.xlsx"): "DC2022-05",
        ("-o", tmp_path / "b.xlsx"): "--application",
        ("--application", "-o", tmp_path / "b.xlsx"): "--year",
        ("--application", "--year", "2022", "-o", tmp_path / "b.xlsx"): "jiyuan-2022（",
        ("--application", *JIYUAN, "--institution", "X", "-o", tmp_path / "b.xlsx"): "没有机构",
        ("--claim", "A", "-o", tmp_path / "b.pdf"): ".xlsx",
    }
    for arguments, word in wrong.items():
        done = run_here("form", LEDGER, *arguments)
        assert done.returncode == 2, arguments
        assert word in done.stderr, arguments
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["form.xlsx"]
    day = ("--as-of", "2022-12-31")
    done = run_here("form", LEDGER, "--application", *JIYUAN, *day, "-o", tmp_path / "c.xlsx")
    assert (done.returncode, done.stderr) == (0, "")


def test_an_application_is_for_what_the_stage_of_each_claim_allows(tmp_path: Path) -> None:
    """Half of 500.01 once approved, all of 500 of which 100 was paid once the litigation ended."""
    claims = [{"principal": "1000.01"}, {"ended": "2022-12-01", "compensation_paid": "100"}]
    run = assess(portfolio_of_frames(**frames(*claims)), in_stages(), 2022)
    write_application(run, "A", tmp_path / "form.xlsx")
    form = said(openpyxl_rows(tmp_path / "form.xlsx", TITLE))
    names = ("测算补偿金额", "本期累计可付", "已补偿金额", "本次申请金额")
    expected = [Decimal(each) for each in ("1000.01", "750.01", "100", "650.01")]
    assert [form[name] for name in names] == expected
    listed = openpyxl_rows(tmp_path / "form.xlsx", LIST_TITLE)[-1]
    assert [exact(cell) for cell in listed[-4:]] == expected


def test_there_is_no_application_for_anything_but_payouts(tmp_path: Path) -> None:
    policy = load_policy("fujian-2008")
    case = read_cases(cases_beside("fujian-2008"), policy)[0]
    run = assess(portfolio_of_frames(**frames_of(case)), policy, 2008)
    with pytest.raises(Refused, match="按合同计算"):
        write_application(run, run.claims["institution_id"][0], tmp_path / "form.xlsx")
