"""Bodies as programs write them: with a byte order mark, file names by RFC 5987, fields twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.assessing.forms import with_plain_name
from api.assessing.jobs import XLSX_TYPE
from api.examples import PORTFOLIO

WORKBOOK = Path(__file__).parents[2] / "examples" / "jiyuan-2022.xlsx"
BOUNDARY = "b0undary"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
JSON = {"Content-Type": "application/json"}


def form(*parts: tuple[str, bytes]) -> bytes:
    """A form of parts: the parameters of each Content-Disposition, and its content."""
    lines = [
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content
        for head, content in parts
    ]
    return b"\r\n".join([*lines, f"--{BOUNDARY}--\r\n".encode()])


def post(api: httpx.Client, *parts: tuple[str, bytes]) -> httpx.Response:
    return api.post("/v1/assessments", content=form(*parts), headers=FORM)


YEAR = ('name="year"', b"2022")
POLICY = ('name="policy"', b"jiyuan-2022")


def test_a_byte_order_mark_before_json_is_passed_over(api: httpx.Client) -> None:
    plain = json.dumps(PORTFOLIO, ensure_ascii=False).encode()
    marked = api.post("/v1/assessments", content=b"\xef\xbb\xbf" + plain, headers=JSON)
    assert marked.status_code == 200, marked.text
    assert marked.json() == api.post("/v1/assessments", content=plain, headers=JSON).json()


@pytest.mark.parametrize("path", ["/v1/assessments", "/v1/compensation"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le", "utf-32", "utf-32-be"])
def test_json_in_another_encoding_is_told(api: httpx.Client, path: str, encoding: str) -> None:
    answer = api.post(path, content=json.dumps(PORTFOLIO).encode(encoding), headers=JSON)
    assert answer.status_code == 400
    assert "UTF-16" in answer.json()["detail"]


@pytest.mark.parametrize(
    "name",
    [
        "filename*=utf-8''%E5%8F%B0%E8%B4%A6.xlsx",
        "filename*=UTF-8'zh'%E5%8F%B0%E8%B4%A6.xlsx; filename=\"old.xlsx\"",
        'filename="old.xlsx"; filename*="utf-8\'\'%E5%8F%B0%E8%B4%A6.xlsx"',
        "filename*=no-such-charset''%E5%8F%B0.xlsx",
        "filename*=x.xlsx",
        "filename*=",
    ],
)
def test_a_file_may_have_its_name_by_rfc_5987(api: httpx.Client, name: str) -> None:
    answer = post(api, (f'name="file"; {name}', WORKBOOK.read_bytes()), YEAR, POLICY)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("form-data; name=file", ""),
        ('form-data; name="a*b"', ""),
        ("form-data; name=file; filename*=utf-8''%E5%8F%B0%22%5C.xlsx", '台\\"\\\\.xlsx'),
        ("form-data; filename=x; name=file; filename*=gb18030''%CC%A8", "台"),
        ("form-data; filename*=GB18030''%CC%A8; name=file", "台"),
        ("form-data; name=file; filename*=none''x", "x"),
        ("form-data; name=file; filename*=hex''x", "x"),
        ("form-data; name=file; filename*=idna''%E5", "%E5"),
    ],
)
def test_the_extended_name_counts(given: str, taken: str) -> None:
    added = f'; filename="{taken}"' if taken else ""
    assert with_plain_name(given.encode()).decode() == given + added


@pytest.mark.parametrize("name", ["year", "policy", "budget", "lang", "explain", "file"])
def test_a_field_given_twice_is_refused_by_name(api: httpx.Client, name: str) -> None:
    values = {"year": b"2022", "policy": b"jiyuan-2022", "lang": b"en", "explain": b""}
    value = values.get(name, b"1")
    file = ('name="file"; filename="a.xlsx"', WORKBOOK.read_bytes())
    twice = [(f'name="{name}"', value)] * (1 if name == "file" else 2)
    years = [] if name == "year" else [YEAR]
    answer = post(api, file, *years, *twice)
    assert answer.status_code == 422
    errors: list[dict[str, Any]] = answer.json()["errors"]
    assert ("given_twice", name) in [(each["kind"], each["parameter"]) for each in errors]


def test_two_files_are_refused(api: httpx.Client) -> None:
    file = ('name="file"; filename="a.xlsx"', b"x")
    assert post(api, file, file, YEAR).status_code == 400


def test_a_marked_copy_takes_a_form_only(api: httpx.Client) -> None:
    assert api.post("/v1/assessments/marked.xlsx", json=PORTFOLIO).status_code == 415
    answer = api.post(
        "/v1/assessments/marked.xlsx",
        content=form(YEAR, POLICY),
        headers={**FORM, "Accept": XLSX_TYPE},
    )
    assert answer.status_code == 422
    assert [each["parameter"] for each in answer.json()["errors"]] == ["file"]
