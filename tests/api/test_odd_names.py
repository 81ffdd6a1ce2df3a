"""Names that are no UTF-8, or that no file can have: refused or shown escaped, never a defect."""

from __future__ import annotations

import io
import json
import zipfile

import httpx
import pytest

from tests.api.server import ROOT, Server

WORKBOOK = (ROOT / "examples" / "jiyuan-2022.xlsx").read_bytes()
UTF8 = 0x800
ODD = (
    b"\xb2\xe2\xca\xd4",  # GB18030
    b"\xff\xfe\x81",
    b"\xed\xa0\x80",  # a surrogate
    b"\x00a",
    b"a\x1b[31m",
    b"a" * 300,
    "账".encode() * 100,
    b"..",
)


def part(head: bytes, content: bytes) -> bytes:
    return b"--x\r\nContent-Disposition: form-data; " + head + b"\r\n\r\n" + content + b"\r\n"


def ask(
    api: httpx.Client,
    name: bytes,
    content: bytes,
    year: bytes = b"2022",
    field: bytes = b"year",
    charset: str = "",
) -> httpx.Response:
    body = part(b'name="policy"', b"jiyuan-2022") + part(b'name="%b"' % field, year)
    body += part(b'name="file"; filename="%b"' % name, content) + b"--x--\r\n"
    kind = f"multipart/form-data; boundary=x{charset}"
    answer = api.post("/v1/assessments", content=body, headers={"Content-Type": kind})
    json.loads(answer.content.decode("utf-8"))
    return answer


def archive(name: bytes, members: int, flags: int) -> bytes:
    """A zip with members of that name, which the module itself would not write."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for number in range(members):
            made.writestr(f"{number}" * len(name), b"claim_id\n")
    content = bytearray(buffer.getvalue())
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := content.find(signature, at + 1)) >= 0:
            content[at + place : at + place + 2] = flags.to_bytes(2, "little")
    for number in range(members):
        content = content.replace(f"{number}".encode() * len(name), name)
    return bytes(content)


@pytest.mark.parametrize("name", ODD)
def test_what_an_upload_is_called(api: httpx.Client, server: Server, name: bytes) -> None:
    assert ask(api, name + b".xlsx", WORKBOOK).status_code == 200
    assert ask(api, name + b".xlsx", WORKBOOK[:2000]).status_code == 422
    assert not server.scratch()


@pytest.mark.parametrize("flags", [0, UTF8])
@pytest.mark.parametrize("members", [1, 2])
@pytest.mark.parametrize("name", ODD)
def test_what_members_of_a_zip_are_called(
    api: httpx.Client, name: bytes, members: int, flags: int
) -> None:
    answer = ask(api, b"a.zip", archive(name + b".csv", members, flags))
    assert answer.status_code == 422
    kinds = {error["kind"] for error in answer.json()["errors"]}
    assert kinds <= {"missing_table", "not_an_input", "table_twice"}


def test_half_a_character_of_a_field_is_shown_escaped(api: httpx.Client) -> None:
    for charset, year in (("utf-7", b"+2AA-"), ("unicode_escape", b"\\ud800")):
        answer = ask(api, b"a.xlsx", WORKBOOK, year, charset=f"; charset={charset}")
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert (error["parameter"], error["value"]) == ("year", "\ud800")
        assert rb'"\ud800"' in answer.content


def test_names_of_fields_and_values_that_are_no_utf_8(api: httpx.Client) -> None:
    assert ask(api, b"a.xlsx", WORKBOOK, b"\xff\xfe").status_code == 422
    assert ask(api, b"a.xlsx", WORKBOOK, field=b"\xff\xfe").status_code == 422
    for path in ("/%ff", "/v1/policies/%ff%ed%a0%80", "/page/%ff"):
        assert api.get(path).status_code == 404
    assert api.get("/v1/template.xlsx?policy=%ff").status_code == 422
