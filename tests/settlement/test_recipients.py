"""Notices go to whom a policy pays: the lender, the borrower, a party that no ledger names."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from compensation import Settlement, assess, portfolio_of_frames, settle, write_workbook
from compensation.policy.party_words import recipient_of
from compensation.report.application_form import write_application
from compensation.report.settlement_console import settlement_text
from tests.policy.test_small_policies import CLAIM, CONTRACT, small

INSTITUTIONS = [
    {"institution_id": "A", "institution_name": "甲担保", "government_backed": "true"},
    {"institution_id": "B", "institution_name": "", "government_backed": "true"},
]
LENDERS = (("A", "农商行"), ("B", "农商行"), ("A", ""), ("B", ""), ("B", "工行"))
PAYS = {
    "lender": '[beneficiary]\nparty = "lender"\nname = { zh = "贷款银行", en = "bank" }',
    "reguarantor": '[beneficiary]\nparty = "reguarantor"',
    "borrower": '[beneficiary]\nname = { zh = "企业", en = "firm" }',
    "institution": '[beneficiary]\nname = { zh = "经办银行", en = "bank" }',
}
NOTICES = {
    "lender": {
        "贷款银行：农商行": (850, 2),
        "贷款银行：工行": (1500, 1),
        "贷款银行：甲担保（A）的业务，台账未填贷款银行": (900, 1),
        "贷款银行：B的业务，台账未填贷款银行": (1200, 1),
    },
    "reguarantor": {"再担保机构：再担保机构": (1450, 5)},
    # Two institutions may give the same number to two borrowers.
    "borrower": {"企业：某厂（x）": (1950, 2), "企业：x": (2500, 1), "企业：y": (3000, 2)},
    "institution": {"经办银行：甲担保（A）": (1950, 2), "经办银行：B": (5500, 3)},
}
"""What is paid to each, and for how many claims: half of the principal, at most its part."""


def ledger() -> dict[str, pd.DataFrame]:
    contracts, claims = [], []
    for number, (institution, lender) in enumerate(LENDERS, 1):
        own = {"contract_id": f"k{number}", "institution_id": institution, "lender": lender}
        own |= {"borrower_id": "xyxyx"[number - 1], "start_date": f"2021-01-0{number}"}
        # The name of a borrower may stand in one of its rows only.
        own["borrower_name"] = "某厂" if number == 3 else ""
        shares = {"share_institution": "0.6", "share_lender": "0.3", "share_reguarantor": "0.1"}
        contracts.append({**CONTRACT, **own, **shares})
        claim = {"claim_id": f"c{number}", "contract_id": f"k{number}"}
        claims.append({**CLAIM, **claim, "principal": str(1000 * number)})
    claims[0]["compensation_paid"] = "50"
    tables = {"institutions": INSTITUTIONS, "contracts": contracts, "claims": claims}
    return {name: pd.DataFrame(rows) for name, rows in tables.items()}


def settled(pays: str) -> Settlement:
    return settle(portfolio_of_frames(**ledger()), small(PAYS[pays]), "2022-12-31")


def notices(path: Path) -> Mapping[str, tuple[object, int]]:
    found: dict[str, tuple[Decimal, int]] = {}
    rows = [row for row in openpyxl.load_workbook(path)["拨付通知单"].values if any(row)]
    who, claims = "", Counter[str]()
    for row in rows:
        said = str(row[0])
        if "截至 2022-12-31" in said:
            who = said.partition("\u3000")[0]
        elif isinstance(row[0], int):
            claims[who] += 1
        elif said == "合计":
            found[who] = (Decimal(str(row[6])), claims[who])
    return found


@pytest.mark.slow
@pytest.mark.parametrize("pays", PAYS)
def test_a_notice_goes_to_each_that_is_paid(pays: str, tmp_path: Path) -> None:
    settlement = settled(pays)
    write_workbook(settlement, tmp_path / "out.xlsx")
    found = notices(tmp_path / "out.xlsx")
    assert recipient_of(settlement.policies[0].rules) == pays
    assert found == NOTICES[pays]
    total = Decimal(settlement.summary["totals"]["to_pay"])
    assert sum(Decimal(yuan) for yuan, _ in NOTICES[pays].values()) == total
    about = "政府性融资担保风险补偿" if pays == "reguarantor" else "小"
    titles = {
        sheet.title: sheet["A1"].value for sheet in openpyxl.load_workbook(tmp_path / "out.xlsx")
    }
    assert titles["清算汇总"] == f"{about}清算汇总（截至 2022-12-31）"
    assert titles["清算明细"] == f"{about}清算明细"
    assert titles["拨付通知单"] == f"{about}拨付通知单"
    assert titles["资金池收支表"] == "资金池收支表"
    said = settlement_text(settlement, None, "zh", io.StringIO())
    assert ("A 甲担保：政府应支付" in said) == (pays == "institution")


def test_an_application_says_who_is_paid(tmp_path: Path) -> None:
    year = assess(portfolio_of_frames(**ledger()), small(PAYS["lender"]), 2022)
    write_application(year, "A", tmp_path / "form.xlsx")
    form = openpyxl.load_workbook(tmp_path / "form.xlsx").worksheets[0]
    cells = [cell for row in form.values for cell in row]
    unnamed = "贷款银行：甲担保（A）的业务，台账未填贷款银行"
    assert cells[cells.index("补偿付给") + 1] == f"贷款银行：农商行、{unnamed}"
    assert cells[cells.index("开户银行及账号") + 1] is None


@pytest.mark.parametrize(("pays", "who"), [("borrower", "企业"), ("reguarantor", "再担保机构")])
def test_what_is_collected_names_who_owes_it(pays: str, who: str, tmp_path: Path) -> None:
    tables = ledger()
    tables["claims"]["finance_review"] = "rejected"
    settlement = settle(portfolio_of_frames(**tables), small(PAYS[pays]), "2022-12-31")
    write_workbook(settlement, tmp_path / "out.xlsx")
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    summary, notice = (
        [str(cell) for row in book[sheet].values for cell in row if cell is not None]
        for sheet in ("清算汇总", "收缴通知单")
    )
    assert summary.count(f"{who}应缴：人民币伍拾元整") == 2
    (said,) = (cell for cell in notice if cell.startswith("你单位应缴付"))
    assert said.endswith("各项相抵后净额 50.00 元，你单位应缴：人民币伍拾元整")


def test_the_returns_of_a_settlement_call_the_beneficiary_by_its_name() -> None:
    tables = ledger()
    recovery = {"recovery_id": "r", "claim_id": "c1", "recovery_date": "2022-07-01"}
    tables["recoveries"] = pd.DataFrame([{**recovery, "proceeds": "100", "cost": "0"}])
    settlement = settle(portfolio_of_frames(**tables), small(PAYS["institution"]), "2022-12-31")
    sections = settlement.explain("c1").sections
    titles = [line.title.zh for _, lines in sections for line in lines]
    assert {"政府补偿后经办银行承担", "累计返还经办银行"} <= set(titles)
    assert not any("担保机构" in title.replace("再担保机构", "") for title in titles)
