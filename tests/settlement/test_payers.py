"""Who pays what is to be paid: as an assessment of the year says, in every form of the result."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import openpyxl
import pandas as pd

from compensation import Portfolio, assess, portfolio_of_frames, read_result, settle, write_workbook
from compensation.report.settlement_console import settlement_text
from tests.explanation.recompute import recomputed
from tests.policy.test_caps_on_payers import CAP, PAYERS, SHARED
from tests.policy.test_small_policies import CLAIM, CONTRACT, small

PRINCIPALS = ("1000.01", "333.33", "0.05", "777.77")
POLICY = small(
    PAYERS.format(province="0.3333"),
    CAP.format(payer="province", most="200", rest="city", per=SHARED),
)
NAMES = ("province", "city")


def ledger() -> Portfolio:
    claims = [
        {**CLAIM, "claim_id": f"c{n}", "principal": each, "compensation_paid": "100" * (n == 4)}
        for n, each in enumerate(PRINCIPALS, 1)
    ]
    claims[2]["finance_review"] = "pending"
    tables = {
        "institutions": [{"institution_id": "A", "government_backed": "true"}],
        "contracts": [CONTRACT],
        "claims": claims,
    }
    return portfolio_of_frames(**{name: pd.DataFrame(rows) for name, rows in tables.items()})


def test_each_payer_pays_what_an_assessment_says() -> None:
    for budget in (None, "123.45"):
        year = assess(ledger(), POLICY, 2022, budget)
        settled = settle(ledger(), POLICY, "2022-12-31", budget=budget)
        claims = settled.settlement
        assert claims["to_pay"].sum() > 0
        for name in NAMES:
            paid = claims[f"to_pay_{name}"]
            assert list(paid) == list(year.claims[f"payable_{name}"])
            (of_institution,) = settled.institutions[f"to_pay_{name}"]
            assert of_institution == paid.sum()
        for row in claims.to_dict("records"):
            said = recomputed(settled.explain(row["claim_id"]).arithmetic)
            for name in NAMES:
                step = f"to_pay_{name}"
                assert said.get(step, 0) == Fraction(row[step])
                assert (step in said) == (row["to_pay"] > 0)


def test_papers_name_the_payers(tmp_path: Path) -> None:
    settled, path = settle(ledger(), POLICY, "2022-12-31"), tmp_path / "out.xlsx"
    write_workbook(settled, path)
    book = openpyxl.load_workbook(path)
    headings = [cell.value for cell in book["清算明细"][3]]
    at = headings.index("应拨付") + 1
    assert headings[at : at + 2] == ["应拨付（省级）", "应拨付（市级）"]
    notice = [str(cell) for row in book["拨付通知单"].values for cell in row]
    (said,) = (cell for cell in notice if cell.startswith("其中"))
    province, city = (settled.summary["totals"][f"to_pay_{name}"] for name in NAMES)
    assert said == f"其中：应拨付（省级） {province} 元，应拨付（市级） {city} 元"
    back = read_result(path).tables["settlement"]
    assert back.column_names == settled.tables["settlement"].column_names
    shown = settlement_text(settled, None, "en", io.StringIO())
    assert f"of which the province pays {province}, of which the city pays {city}" in shown
