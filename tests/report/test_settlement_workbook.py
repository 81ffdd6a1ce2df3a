"""The workbook and the printed summary of a settlement: many rows, odd texts, every direction."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from compensation import Settlement, TooManyRows, write_folder, write_workbook
from compensation.report.amount_in_words import net_in_words
from compensation.report.settlement_console import settlement_text
from compensation.report.settlement_headings import STATUS_NAMES, heading_of
from tests.settling import EXAMPLE_NAMES, input_of, params, settled


def example(name: str) -> Settlement:
    run = params(name)
    return settled(input_of(name), run["to"], run["from"], run["budget"])


def cells(path: Path, sheet: str) -> list[object]:
    book = openpyxl.load_workbook(path)
    return [cell for row in book[sheet].values for cell in row if cell is not None]


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLE_NAMES)
def test_the_claims_stand_cell_for_cell(name: str, tmp_path: Path) -> None:
    settlement = example(name)
    write_workbook(settlement, tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["清算明细"]
    rows = list(sheet.iter_rows(min_row=3, values_only=True))
    table = settlement.tables["settlement"]
    assert rows[0] == tuple(map(heading_of, table.column_names))
    for found, expected in zip(rows[1:], table.to_pylist(), strict=True):
        got = dict(zip(table.column_names, found, strict=True))
        assert got["claim_id"] == expected["claim_id"]
        assert got["status"] == STATUS_NAMES[expected["status"]]
        assert got["year"] == str(expected["year"])
        for column in ("to_pay", "to_recall", "to_remit", "to_refund", "net_due"):
            assert Decimal(str(got[column])) == expected[column]


@pytest.mark.slow
def test_notices_name_what_is_due_in_each_direction(tmp_path: Path) -> None:
    settlement = example("seed-2")
    write_workbook(settlement, tmp_path / "out.xlsx")
    sums = settlement.tables["settlement_institutions"].to_pylist()
    paid = cells(tmp_path / "out.xlsx", "拨付通知单")
    collected = cells(tmp_path / "out.xlsx", "收缴通知单")
    for row in sums:
        for found, total, words in (
            (paid, row["to_pay"] + row["to_refund"], "应拨付你单位"),
            (collected, row["to_recall"] + row["to_remit"], "你单位应缴付"),
        ):
            (said,) = [c for c in found if str(c).startswith(f"{words}：{total:,.2f} 元（")]
            net = f"{abs(row['net_due']):,.2f} 元，{net_in_words(row['net_due'], '你单位')}"
            assert str(said).endswith(f"各项相抵后净额 {net}")
    summary = cells(tmp_path / "out.xlsx", "清算汇总")
    assert any(str(cell).startswith("政府应付：人民币") for cell in summary)


@pytest.mark.slow
def test_many_institutions_and_warnings_are_counted(tmp_path: Path) -> None:
    tables = input_of("trial-1")
    for number in range(24):
        more = {"institution_id": f"=X{number}", "institution_name": "", "government_backed": "yes"}
        tables["institutions"].append(more)
    claim = next(row for row in tables["claims"] if row["claim_id"] == "A")
    claim["closed_date"] = "2023-07-11"
    for number in range(101):
        row = {"payment_id": f"N{number}", "claim_id": "A", "payment_date": "2023-08-01"}
        tables["payments"].append(row | {"amount": f"0.{number % 99 + 1:02d}"})
    settlement = settled(tables, "2024-12-31")
    write_workbook(settlement, tmp_path / "out.xlsx")
    shown = cells(tmp_path / "out.xlsx", "清算汇总")
    assert any(str(cell).startswith("同类提示另有 1 处") for cell in shown)
    assert "=X23" in shown
    assert "收付相抵为零" in shown
    said = settlement_text(settlement, None, "en", io.StringIO())
    assert "… 5 more institutions" in said
    assert "=X3: nothing is due on balance" in said
    assert "No result was written" in said
    assert "政府应支付" in settlement_text(example("seed-2"), None, "zh", io.StringIO())


def test_a_table_that_is_too_long_for_a_sheet_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("compensation.report.sheet.MAX_ROWS", 10)
    with pytest.raises(TooManyRows):
        write_workbook(example("seed-2"), tmp_path / "out.xlsx")
    assert not list(tmp_path.iterdir())


def test_a_settlement_is_written_from_python(tmp_path: Path) -> None:
    settlement = example("trial-1")
    write_folder(settlement.tables, settlement.summary, tmp_path / "out", texts=settlement.texts)
    assert (tmp_path / "out" / "settlement_summary.json").exists()
    assert (settlement.from_.isoformat(), settlement.to.isoformat()) == ("2024-01-01", "2024-12-31")
