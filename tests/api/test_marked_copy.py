"""An uploaded ledger with its faults: listed in the order of rows, or marked in a copy."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest

from api.assessing.jobs import XLSX_TYPE
from tests.api.server import Server
from tests.page.ledgers import EXAMPLE, faulty
from tests.report.test_marked_copy import SHEETS, WRONG, red, workbook

pytestmark = pytest.mark.process

CALL = "/v1/assessments/marked.xlsx"


def sent(name: str, content: bytes, **fields: str) -> dict[str, Any]:
    return {
        "files": {"file": (name, content)},
        "data": {"policy": "jiyuan-2022", "year": "2022", **fields},
    }


def book_of(answer: httpx.Response) -> openpyxl.Workbook:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == XLSX_TYPE
    assert 'filename="marked.xlsx"' in answer.headers["content-disposition"]
    return openpyxl.load_workbook(io.BytesIO(answer.content))


@pytest.mark.parametrize(("language", "name"), [("zh", "错误清单"), ("en", "Faults")])
def test_a_workbook_comes_back_marked(
    api: httpx.Client, tmp_path: Path, language: str, name: str
) -> None:
    content = workbook(tmp_path / "in.xlsx").read_bytes()
    book = book_of(api.post(CALL, **sent("in.xlsx", content, lang=language)))
    assert book.sheetnames == [name, *SHEETS]
    assert red(book["担保合同"]) == WRONG["担保合同"]


def test_a_zip_comes_back_as_a_workbook(api: httpx.Client) -> None:
    book = book_of(api.post(CALL, **sent("ledger.zip", faulty()["buffer"])))
    assert book.sheetnames == ["错误清单", "代偿"]
    assert len(red(book["代偿"])) == 3


def test_a_ledger_without_faults_has_an_empty_list(api: httpx.Client) -> None:
    book = book_of(api.post(CALL, **sent("台账.xlsx", EXAMPLE.read_bytes())))
    assert book.worksheets[0]["A2"].value == "没有发现错误。"
    assert not any(red(sheet) for sheet in book.worksheets)


def test_what_cannot_be_read_names_no_place_of_the_server(
    api: httpx.Client, server: Server
) -> None:
    book = book_of(api.post(CALL, **sent("x.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old")))
    cells = [cell for row in book.worksheets[0].iter_rows(values_only=True) for cell in row]
    assert any(".xls" in str(cell) for cell in cells)
    assert not any("/tmp" in str(cell) for cell in cells)
    assert api.post(CALL, **sent("x.xlsx", b"text")).status_code == 422
    assert server.scratch() == []


def test_wrong_fields_of_the_form_are_told_as_elsewhere(api: httpx.Client) -> None:
    answer = api.post(CALL, **sent("a.xlsx", EXAMPLE.read_bytes(), budget="-1", policy="none"))
    assert answer.status_code == 422
    assert {each["parameter"] for each in answer.json()["errors"]} == {"budget", "policy"}
    refused = api.post(CALL, **sent("a.xlsx", b""), headers={"Accept": "application/json"})
    assert refused.status_code == 406
