"""What a faulty cell may mean is asked behind the message of its fault."""

from __future__ import annotations

import datetime
from pathlib import Path

import pyarrow as pa
import pytest

from compensation import InputFaults
from compensation.faults.cell_advice import advised, day_of_serial
from compensation.language import Text
from compensation.report.fault_list import write_fault_list
from compensation.schema.column import Column
from tests.ledger.one_column import DATE, MONEY, SHARE, meaning
from tests.ledger.test_accepted_forms import TABLES, in_csv

ASKED: list[tuple[Column, str, str | None]] = [
    (SHARE, "40", "40%？"),
    (SHARE, "1.5", "1.5%？"),
    (SHARE, "4.35", "4.35% 或 0.0435"),
    (SHARE, "100", "100%？"),
    (SHARE, "101", None),
    (SHARE, "-40", None),
    (SHARE, "140%", None),
    (DATE, "44621", "2022-03-01？"),
    (DATE, "44621.5", "2022-03-01？"),
    (DATE, "61", "1900-03-01？"),
    (DATE, "60", None),
    (DATE, "109574", "2199-12-31？"),
    (DATE, "109575", None),
    (DATE, "22-3-1", "是 1922 年还是 2022 年？"),
    (DATE, "22年3月1日", "是 1922 年还是 2022 年？"),
    (DATE, "3/1/2022", "是 3 月 1 日还是 1 月 3 日？"),
    (MONEY, "19.000", "是 19.00 还是 19,000？"),
    (MONEY, "￥1.230", "是 1.23 还是 1,230？"),
    (MONEY, "000", "是否为被逗号拆开的金额"),
    (MONEY, "000.00", "是否为被逗号拆开的金额"),
    (MONEY, "1万5", None),
    (DATE, "1-Mar-22", None),
    (DATE, "2200-01-01", None),
]


@pytest.mark.parametrize(("column", "cell", "asked"), ASKED)
def test_what_is_asked(column: Column, cell: str, asked: str | None) -> None:
    (group,) = meaning(column, text=pa.array([cell])).groups
    (fault,) = group.take(0, 1)
    assert fault.message.zh.startswith(group.message.zh)
    assert fault.message.en.startswith(group.message.en)
    if asked is None:
        assert fault.message == group.message
    else:
        assert asked in fault.message.zh


@pytest.mark.parametrize(
    ("year", "asked"),
    [("24", "2024"), ("24.0", "2024"), ("00", "2000"), ("100", None), ("2200", None)],
)
def test_a_year_is_no_percentage(year: str, asked: str | None) -> None:
    said = advised("year_out_of_range", Text("年份超出范围", "the year is out of range"), year)
    assert said.zh == "年份超出范围" + ("" if asked is None else f"；是否为 {asked} 年？")
    assert said.en == "the year is out of range" + ("" if asked is None else f"; {asked}?")


def test_a_number_is_asked_about_as_a_text_is() -> None:
    (group,) = meaning(SHARE, number=pa.array([40.0, 1.5])).groups
    assert ["40%？" in f.message.zh or "1.5%？" in f.message.zh for f in group.take(0, 2)] == [
        True
    ] * 2


def test_serials_count_as_spreadsheets_do() -> None:
    assert day_of_serial("61") == datetime.date(1900, 3, 1)
    assert day_of_serial("44742") == datetime.date(2022, 6, 30)
    for none in ("60", "0", "-1", "1e4", "", "44621x", "९९९"):
        assert day_of_serial(none) is None


def test_the_list_of_faults_asks_of_each_cell(tmp_path: Path) -> None:
    tables = {name: [dict(cells)] for name, cells in TABLES.items()}
    tables["contracts"][0]["起始日期"] = "44621"
    with pytest.raises(InputFaults) as caught:
        in_csv(tables, tmp_path)
    write_fault_list(caught.value.faults, tmp_path / "faults.csv", "zh")
    assert "是否为 2022-03-01？" in (tmp_path / "faults.csv").read_text("utf-8-sig")
    assert "是否为 2022-03-01？" in caught.value.describe()
