"""The examples run, and what they print and write is right by the oracle or by hand."""

from __future__ import annotations

import datetime
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from compensation import Assessment, assess, read_portfolio
from examples.invented_ledger import INSTITUTION_ID, Ledger, the_ledger
from tests import oracle
from tests.assessing import results_of
from tests.command import ROOT, environment, run, run_here
from tests.oracle_reading import Row, Tables, money_text

EXAMPLES = ROOT / "examples"
WORKBOOK = EXAMPLES / "jiyuan-2022.xlsx"

TYPES = {
    "小型企业": "small_enterprise",
    "微型企业": "micro_enterprise",
    "个体工商户": "individual_business",
    "小微企业主": "business_owner",
    "农户": "farmer",
    "新型农业经营主体": "agricultural_entity",
    "中型企业": "medium_enterprise",
    "其他": "other",
    "": "",
}
REVIEWS = {"通过": "approved", "不通过": "rejected", "待审": "pending", "": ""}
SOFTWARE = {"I65": "软件和信息技术服务业"}
"""The one industry of the ledger that goes by its code."""

OUTCOMES = {
    "DC2022-01": ("rejected", "", "22920.00", "0.00"),
    "DC2022-02": ("approved", "", "7680.00", "7680.00"),
    "DC2022-03": ("rejected", "", "22897.50", "0.00"),
    "DC2022-04": ("approved", "", "45932.03", "45932.03"),
    "DC2022-05": ("approved", "", "15277.50", "5277.50"),
    "DC2022-06": ("ineligible", "borrower_type", "0.00", "0.00"),
    "DC2022-07": ("approved", "", "12234.57", "12234.57"),
    "DC2022-08": ("approved", "", "37894.50", "37894.50"),
    "DC2022-09": ("ineligible", "borrower_exposure", "0.00", "0.00"),
    "DC2022-10": ("approved", "", "23023.15", "23023.15"),
    "DC2022-11": ("pending", "", "12168.00", "0.00"),
}
"""Status, reasons, compensation and payable of each claim, worked out by hand at 15%."""


def python(*arguments: str | Path) -> str:
    """What a process prints; it runs from the root, with the package on its path."""
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        env=environment(),
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def flat(text: str) -> str:
    """The text with every run of blanks as one, so that a table's columns don't matter."""
    return re.sub(r"\s+", " ", text)


def tables_of(ledger: Ledger) -> Tables:
    """The ledger as the oracle reads it, straight from the data: no workbook in between."""

    def day(date: datetime.date | None) -> str:
        return "" if date is None else date.isoformat()

    contracts: list[Row] = []
    for contract in ledger.contracts:
        firm = contract.borrower.firm
        shares = [str(percent / 100) if percent else "" for percent in contract.sharing]
        contracts.append(
            {
                "contract_id": contract.id,
                "institution_id": INSTITUTION_ID,
                "borrower_id": contract.borrower.id,
                "borrower_type": TYPES[contract.borrower.type],
                "guaranteed_amount": money_text(contract.amount),
                "start_date": day(contract.start),
                "release_date": day(contract.release),
                "share_institution": shares[0],
                "share_lender": shares[1],
                "share_reguarantor": shares[2],
                "share_national_fund": shares[3],
                "industry": SOFTWARE.get(firm.industry, firm.industry) if firm else "",
                "employees": str(firm.employees) if firm and firm.employees else "",
                "revenue": f"{firm.revenue}0000" if firm and firm.revenue else "",
                "total_assets": f"{firm.total_assets}0000" if firm and firm.total_assets else "",
            }
        )
    return {
        "institutions": [{"institution_id": INSTITUTION_ID, "government_backed": "是"}],
        "contracts": contracts,
        "releases": [
            {"contract_id": contract.id, "release_date": day(date), "amount": money_text(fen)}
            for contract in ledger.contracts
            for date, fen in contract.releases
        ],
        "claims": [
            {
                "claim_id": claim.id,
                "contract_id": claim.contract.id,
                "payout_date": day(claim.day),
                "principal": money_text(claim.principal),
                "interest": money_text(claim.interest),
                "finance_review": REVIEWS[claim.finance_review],
                "industry_review": REVIEWS[claim.industry_review],
                "compensation_paid": "" if claim.paid is None else money_text(claim.paid),
            }
            for claim in ledger.claims
        ],
        "recoveries": [
            {
                "recovery_id": recovery.id,
                "claim_id": recovery.claim,
                "recovery_date": day(recovery.day),
                "proceeds": money_text(recovery.proceeds),
                "cost": "" if recovery.cost is None else money_text(recovery.cost),
            }
            for recovery in ledger.recoveries
        ],
    }


@pytest.fixture(scope="module")
def example() -> Assessment:
    return assess(read_portfolio(WORKBOOK), "jiyuan-2022", 2022)


def by_id(assessment: Assessment, table: str) -> dict[str, dict[str, str]]:
    rows = results_of(assessment)[table]
    return {next(iter(row.values())): row for row in rows}


# The workbook


def test_the_workbook_gives_what_the_oracle_makes_of_the_ledger(example: Assessment) -> None:
    expected = oracle.assess(tables_of(the_ledger()))
    assert results_of(example) == expected


def test_the_example_is_as_large_as_it_says(example: Assessment) -> None:
    sizes = {name: example.portfolio.rows(name) for name in ("contracts", "claims", "recoveries")}
    assert sizes == {"contracts": 150, "claims": 12, "recoveries": 8}


def test_every_outcome_is_there(example: Assessment) -> None:
    claims = by_id(example, "claims")
    columns = ("status", "reasons", "compensation", "payable")
    assert {id_: tuple(row[c] for c in columns) for id_, row in claims.items()} == OUTCOMES
    exposures = {id_: claims[id_]["borrower_exposure"] for id_ in ("DC2022-08", "DC2022-09")}
    assert exposures == {"DC2022-08": "5000000.00", "DC2022-09": "5000000.01"}
    assert claims["DC2022-02"]["contract_id"] == claims["DC2022-10"]["contract_id"]
    # 15% of 122,345.67 would be 18,351.85; a tenth is what the institution bore.
    assert claims["DC2022-07"]["payout"] == "122345.67"


def test_each_claim_near_the_limit_is_on_one_of_several_contracts() -> None:
    ledger = the_ledger()
    for claim in ledger.claims:
        if claim.id in ("DC2022-08", "DC2022-09"):
            borrower = claim.contract.borrower
            own = [contract for contract in ledger.contracts if contract.borrower == borrower]
            assert len(own) >= 2


def test_every_kind_of_recovery_is_there(example: Assessment) -> None:
    returns = by_id(example, "returns")
    columns = ("distributed", "surplus", "to_government", "to_institution")
    shown = {id_: tuple(row[c] for c in columns) for id_, row in returns.items()}
    # Costs before proceeds; they are taken off the first proceeds: 120,000 − 2,400 − 8,600.
    assert shown["ZC2022-02"] == ("0.00", "0.00", "0.00", "0.00")
    assert shown["ZC2022-05"] == ("109000.00", "0.00", "16350.00", "27250.00")
    # In two parts, 108,200 in all on a payout of 101,850.
    assert shown["ZC2022-04"] == ("59000.00", "0.00", "8850.00", "14750.00")
    assert shown["ZC2023-03"] == ("42850.00", "6350.00", "6427.50", "10712.50")
    # Of the year before: government paid 20,432.10 of 204,321.00 then.
    assert shown["ZC2022-01"] == ("75000.00", "0.00", "7500.00", "22500.00")
    assert returns["ZC2022-03"]["claim_id"] == "DC2021-09"
    # Pending: government has paid nothing yet. Capped: nothing is left with the institution.
    assert shown["ZC2023-01"] == ("20000.00", "0.00", "0.00", "8000.00")
    assert shown["ZC2023-02"] == ("48500.00", "0.00", "4850.00", "0.00")


def test_warnings_are_of_another_year_a_pending_claim_and_unused_headings(
    example: Assessment,
) -> None:
    warnings = [(w.kind, w.table, w.row) for w in example.warnings]
    assert warnings == [
        ("headings_not_read", "contracts", None),
        ("headings_not_read", "releases", None),
        ("headings_not_read", "claims", None),
        ("other_years", "claims", None),
        ("headings_not_read", "recoveries", None),
        ("recovery_on_pending", "recoveries", 9),
    ]
    assert "“序号”、“借款人名称”、“备注”" in example.warnings[2].message.zh


def test_the_institution_has_the_middle_tier_and_sees_the_next(example: Assessment) -> None:
    explained = example.explain_institution(INSTITUTION_ID)
    assert (explained.eligible, explained.rate) == (True, "0.150000")
    assert explained.next_tier is not None
    assert explained.next_tier.rate == "0.200000"
    needed = {
        line.id: line.needed.value
        for line in explained.next_tier.conditions
        if line.needed is not None
    }
    # (90,490,000.01 + x) / (102,090,000.01 + x) ≥ 0.9; 79 + x ≥ 1.2 × 67;
    # 1,881,396.82 / (83,229,999.99 + x) ≤ 0.02.
    assert needed == {
        "small_agri_share": "13909999.99",
        "borrower_growth": "2",
        "payout_rate": "10839841.01",
    }
    assert [line.value for line in explained.next_tier.worth][-1] == "62597.55"
    assert not example.portfolio.known("institutions", "opening_balance").any()
    assert not example.portfolio.known("institutions", "opening_borrowers").any()


def test_blank_types_are_derived(example: Assessment) -> None:
    given = example.portfolio.known("contracts", "borrower_type")
    sizes = sorted(example.portfolio.borrower_type[~given].tolist())
    micro, small, medium = 0, 1, 6
    assert sizes == [micro] * 3 + [small] * 4 + [medium]


@pytest.mark.process
def test_the_workbook_is_what_the_script_makes(tmp_path: Path) -> None:
    one, two = tmp_path / "one.xlsx", tmp_path / "two.xlsx"
    for path in (one, two):
        python("-m", "examples.make_jiyuan_2022", path)
    assert one.read_bytes() == two.read_bytes()

    made, committed = read_portfolio(one), read_portfolio(WORKBOOK)
    assert made.tables == committed.tables
    # Compressed bytes depend on the machine's zlib, what is compressed does not.
    with zipfile.ZipFile(one) as made_parts, zipfile.ZipFile(WORKBOOK) as parts:
        assert made_parts.namelist() == parts.namelist()
        for name in parts.namelist():
            assert made_parts.read(name) == parts.read(name), f"{name}: make the workbook anew"


def sheet(name: str) -> Worksheet:
    found = openpyxl.load_workbook(WORKBOOK)[name]
    assert isinstance(found, Worksheet)
    return found


@pytest.mark.slow
def test_the_first_sheet_says_that_it_is_invented() -> None:
    assert openpyxl.load_workbook(WORKBOOK).sheetnames[0] == "说明"
    text = str(sheet("说明")["A2"].value)
    assert "均为虚构" in text
    assert "INVENTED" in text


@pytest.mark.slow
def test_the_workbook_is_kept_as_offices_keep_theirs() -> None:
    contracts, claims = sheet("担保合同"), sheet("代偿")
    above = [str(cell.value) for row in contracts["A1:S2"] for cell in row if cell.value]
    assert any("单位:万元" in text for text in above)
    headings = [cell.value for cell in contracts[3]]
    assert "担保金额" in headings
    assert "代偿本金(元)" in [cell.value for cell in claims[3]]
    assert contracts.cell(4, headings.index("借款人代码") + 1).data_type == "s"
    assert contracts.cell(4, headings.index("起始日期") + 1).is_date
    for name in ("担保合同", "解保", "代偿", "追偿"):
        last = list(sheet(name).iter_rows())[-1]
        assert last[0].value == "合计"
        assert any(str(cell.value).startswith("=SUM(") for cell in last)


@pytest.mark.process
def test_make_demo_runs_the_example(tmp_path: Path) -> None:
    command = "assess examples/jiyuan-2022.xlsx --year 2022 --policy jiyuan-2022 -o"
    assert f"{command} build/demo.xlsx" in (ROOT / "Makefile").read_text(encoding="utf-8")
    result = tmp_path / "demo.xlsx"
    done = run(*command.split(), result, cwd=ROOT)
    assert done.returncode == 0
    assert "200,027.25" in done.stdout
    assert "132,041.75" in done.stdout
    assert result.exists()


def test_the_readme_gives_the_right_figures() -> None:
    rows = {}
    for line in (EXAMPLES / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip().replace(",", "") for cell in line.strip("|").split("|")]
        if cells[0].startswith("DC2022"):
            rows[cells[0]] = tuple(cells[-2:])
    assert rows == {id_: outcome[2:] for id_, outcome in OUTCOMES.items()}


# The scripts


@pytest.mark.process
def test_from_dataframes(tmp_path: Path) -> None:
    path = tmp_path / "result.xlsx"
    printed = flat(python(EXAMPLES / "from_dataframes.py", path))
    # 202,500.55 of 5,000,000.00 is 4.05%: the lowest tier. 122,500.55 × 10%, half up.
    assert "P1 122500.55 True 0.100000 12250.06 approved 12250.06" in printed
    assert "P2 80000.00 True 0.100000 8000.00 pending 0.00" in printed
    assert "payout_rate 0.040500" in printed
    # 48,800.00 by 12,250.06 / 36,750.16 / 24,500.11 / …: government first.
    assert "to_government 4880.00 to_institution 14640.00 to_lender 9760.00" in printed
    assert "代偿 P1：审核通过" in printed
    assert "代偿" in openpyxl.load_workbook(path).sheetnames


@pytest.mark.process
def test_from_dataframes_needs_no_path() -> None:
    assert "workbook: result.xlsx" in python(EXAMPLES / "from_dataframes.py")


@pytest.mark.process
def test_own_policy() -> None:
    printed = flat(python(EXAMPLES / "own_policy.py"))
    assert "政策文件有 3 处错误" in printed
    for key in ("institution_conditions[payout_rate].at_mots", "rates.tiers[3].rate", "returns"):
        assert f"with-mistakes.toml {key}" in printed
    without, limited = printed.split("预算 / budget: ")[1:]
    for words in (
        # 40% of 50,000 is the base; 45% and 5 points.
        "DC2022-02 True <NA> 20000.00 0.500000 10000.00 approved 10000.00 6000.00 4000.00",
        # Filed on the ninetieth day; 35% of 150,000 is cut to 30,000 for the borrower.
        "DC2022-03 True <NA> 150000.00 0.350000 30000.00 approved 30000.00 18000.00 12000.00",
        # Filed on the ninety-first.
        "DC2022-05 False filing_deadline 40000.00 <NA> 0.00 ineligible 0.00 0.00 0.00",
        # A medium enterprise has no tier.
        "DC2022-06 False tier 240000.00 <NA> 0.00 ineligible 0.00 0.00 0.00",
        # Half of the 12,234.57 that the institution bore, down to the fen; 60% and 40%.
        "DC2022-07 True <NA> 12000.00 0.550000 6117.28 approved 6117.28 3670.37 2446.91",
        "DC2022-08 False borrower_exposure",
        # The borrower of DC2022-02 again: 30,000 less the 10,000 it has had.
        "DC2022-10 True <NA> 60000.00 0.500000 20000.00 approved 20000.00 12000.00 8000.00",
    ):
        assert words in without
    # First come, first served: DC2022-02 on 24 May, DC2022-03 on 8 August, DC2022-04 on 14 August.
    paid = dict(re.findall(r"(DC2022-\d\d) \S+ \S+ \S+ \S+ \S+ \w+ (\S+)", limited))
    assert {id_: amount for id_, amount in paid.items() if amount != "0.00"} == {
        "DC2022-02": "10000.00",
        "DC2022-03": "30000.00",
        "DC2022-04": "20000.00",
    }
    assert "应付合计 / payable: 60000.00" in limited
    assert "代偿 DC2022-10：审核通过" in limited


@pytest.mark.process
def test_one_case() -> None:
    printed = flat(python(EXAMPLES / "one_case.py"))
    # 20% of 1,020,000; 285,000 in five equal parts.
    assert "compensation: 204000.00 (0.200000 × 1020000.00)" in printed
    assert "payable: 204000.00" in printed
    assert "half_up(1020000.00 × 20%) = 204000.00" in printed
    for party in ("government", "institution", "lender", "reguarantor", "national_fund"):
        assert f"to_{party} 57000.00" in printed
    assert "实际 92%，要求 ≥ 80%" in printed
    assert "C34 工业：从业人员 46 → small" in printed


def test_own_policy_passes_the_check() -> None:
    done = run_here("policies", "check", EXAMPLES / "own-policy.toml")
    assert done.returncode == 0
    assert "shili-2022" in done.stdout
