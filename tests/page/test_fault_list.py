"""The faults of a ledger on the page: in the order of rows, grouped, and to take away."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from compensation import InputFaults, read_portfolio
from compensation.faults.groups import whole
from compensation.faults.input_faults import Faults
from compensation.issues import Issue
from compensation.language import Text
from compensation.report.fault_list import write_fault_list
from tests.page.ledgers import zipped

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser

    from tests.api.server import Server
    from tests.page.visitor import Visitor

    Visit = Callable[..., Visitor]

MORE = "".join(f"C{row},K1,2022-06-30,很多{row}\n" for row in range(2, 8)) + "C8,K9,2022-06-30,=1\n"


def at_the_faults(visitor: Visitor) -> None:
    visitor.to_ledger()
    visitor.at("ledger-file").set_input_files(zipped("2022-02-30", "500000", more=MORE))
    visitor.proceed()
    visitor.at("fault-list").wait_for(timeout=60_000)


def test_like_faults_are_grouped_listed_and_marked(visit: Visit, tmp_path: Path) -> None:
    visitor = visit("zh")
    at_the_faults(visitor)
    rows = [row.locator("td").all_inner_texts()[:3] for row in visitor.rows()]
    assert [row[0] for row in rows] == ["2", "3–9（7 处）", "9"]
    assert rows[1][2].split(" …")[0].count("很多") == 3
    assert rows[1][2].endswith("…")
    the_list_is_that_of_the_command_line(visitor, tmp_path)
    the_ledger_comes_back_marked(visitor, tmp_path)
    visitor.switch_language()
    visitor.reads("3–9 (7 faults)", within="table")
    assert visitor.fits()


def the_list_is_that_of_the_command_line(visitor: Visitor, tmp_path: Path) -> None:
    with visitor.page.expect_download() as waiting:
        visitor.at("fault-list").click()
    assert waiting.value.suggested_filename == "ledger-错误清单.csv"
    waiting.value.save_as(tmp_path / "page.csv")
    folder = tmp_path / "in"
    folder.mkdir()
    unzip(zipped("2022-02-30", "500000", more=MORE)["buffer"], folder)
    with pytest.raises(InputFaults) as wrong:
        read_portfolio(folder)
    write_fault_list(wrong.value.faults, tmp_path / "ours.csv", "zh")
    assert (tmp_path / "page.csv").read_bytes() == (tmp_path / "ours.csv").read_bytes()


def unzip(content: bytes, folder: Path) -> None:
    zipfile.ZipFile(io.BytesIO(content)).extractall(folder)


def the_ledger_comes_back_marked(visitor: Visitor, tmp_path: Path) -> None:
    with visitor.page.expect_download() as waiting:
        visitor.at("marked").click()
    waiting.value.save_as(tmp_path / "marked.xlsx")
    assert waiting.value.suggested_filename == "ledger-标出错误.xlsx"
    book = openpyxl.load_workbook(tmp_path / "marked.xlsx")
    assert book.sheetnames == ["错误清单", "代偿"]


VALUES = [
    "=1+1", " =x", "\t=x", "＝x", "\u200b@x", "-5", "'x", 'a"b', "a,b", " a", "a ", "a;=b", "a\n",
    "plain", "", "；", "a\t-1", "\u3000x", "\rx",
]  # fmt: skip


def test_every_text_is_as_harmless_as_on_the_command_line(
    browser: Browser, server: Server, tmp_path: Path
) -> None:
    message = Text('有误, "的"', "wrong")
    faults = Faults([whole(f"k{n}", message, value=value) for n, value in enumerate(VALUES)])
    write_fault_list(faults, tmp_path / "ours.csv", "zh")
    page = browser.new_page()
    page.goto(server.url)
    script = """async ([path, faults]) => (await import(path)).faultCsv(faults)"""
    path = f"{server.url}/page/js/fault-csv.js"
    text = page.evaluate(script, [path, [as_json(fault) for fault in faults]])
    page.close()
    assert text.encode() == (tmp_path / "ours.csv").read_bytes()


def as_json(fault: Issue) -> dict[str, Any]:
    expected = fault.expected.zh or None
    return {
        "kind": fault.kind, "message": fault.message.zh, "expected": expected, "value": fault.value
    }  # fmt: skip
