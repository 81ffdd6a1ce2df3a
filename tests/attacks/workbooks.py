"""Workbooks that want to do harm, each made from a whole one."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping

from tests.fuzzing import seeds

CLAIMS = "xl/worksheets/sheet4.xml"
Members = dict[str, bytes | str]


def _members(**replaced: list[list[str]]) -> Members:
    tables = {**seeds.TABLES, **replaced}
    return seeds.workbook_members({seeds.HEADINGS[n]: seeds.sheet_of(r) for n, r in tables.items()})


def _packed(members: Members) -> bytes:
    return seeds.zip_of(members, zipfile.ZIP_DEFLATED)


def with_claims(old: str, new: str) -> bytes:
    """Return a workbook in whose sheet of claims ``old`` is replaced."""
    members = _members()
    sheet = str(members[CLAIMS])
    assert old in sheet
    members[CLAIMS] = sheet.replace(old, new, 1)
    return _packed(members)


def with_cell(place: str, row: int = 4) -> bytes:
    """Return a workbook with one more cell in the sheet of claims."""
    more = f'<row r="{row}"><c r="{place}"><v>1</v></c></row></sheetData>'
    return with_claims("</sheetData>", more)


def with_part(name: str, content: bytes | str, kind: str = "sharedStrings") -> bytes:
    """Return a workbook with one more part, which it says it uses."""
    members = _members()
    members[f"xl/{name}"] = content
    relations = str(members["xl/_rels/workbook.xml.rels"])
    members["xl/_rels/workbook.xml.rels"] = relations.replace(
        "</Relationships>",
        '<Relationship Id="r99" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        f'relationships/{kind}" Target="{name}"/></Relationships>',
    )
    return _packed(members)


def repeated(piece: bytes, times: int) -> bytes:
    """Return the packed form of a piece many times over, in no time: each is packed alike."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + again * (times - 1) + b"\x03\x00"


def with_packed(name: str, packed: bytes, size: int, checksum: int = 0) -> bytes:
    """Return a workbook with a member whose packed bytes, size and checksum are what one says."""
    whole = _packed({**_members(), name: b"-"})
    at = whole.index(b"PK\x01\x02")
    local = whole.rindex(b"PK\x03\x04", 0, at)
    directory = whole[at:]
    encoded = name.encode()
    head = struct.pack(
        "<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 33, checksum, len(packed), size, len(encoded), 0
    )
    entry = directory.rindex(b"PK\x01\x02")
    own = (
        struct.pack(
            "<4s6H3I5H2I",
            b"PK\x01\x02",
            20,
            20,
            0,
            8,
            0,
            33,
            checksum,
            len(packed),
            size,
            len(encoded),
            0,
            0,
            0,
            0,
            0,
            local,
        )
        + encoded
    )
    start = local + len(head) + len(encoded) + len(packed)
    count = directory.count(b"PK\x01\x02")
    entries = directory[:entry] + own
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(entries), start, 0)
    return whole[:local] + head + encoded + packed + entries + end


def overlapping() -> bytes:
    """Return a workbook with thousand entries for one and the same packed megabyte."""
    whole = with_packed("xl/media/a.bin", repeated(bytes(2**20), 1), 2**20)
    end = whole.rindex(b"PK\x05\x06")
    entry = whole.rindex(b"PK\x01\x02", 0, end)
    start = whole.index(b"PK\x01\x02")
    entries = whole[start:end] + whole[entry:end] * 1000
    count = entries.count(b"PK\x01\x02")
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(entries), start, 0)
    return whole[:start] + entries + tail


def _strings(inside: str, attributes: str = "") -> bytes:
    return with_part("sharedStrings.xml", f'<sst xmlns="{seeds.MAIN}"{attributes}>{inside}</sst>')


LAUGHS = (
    "<!DOCTYPE a ["
    '<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    + "]>"
)
"""A billion laughs."""
ID = '<c r="A3" t="inlineStr"><is><t>C2</t></is></c>'
HEADING = '<c r="A1" t="inlineStr"><is><t>代偿编号</t></is></c>'
FIRST_ROW = '<row r="2">'
PLAIN = '<?xml version="1.0" encoding="UTF-8"?>'


def _id(text: str) -> bytes:
    return with_claims(ID, ID.replace("C2", text))


def _heading(cell: str) -> bytes:
    return with_claims(HEADING, cell)


def _nested() -> bytes:
    members = _members()
    for _ in range(20):
        members["xl/embeddings/a.xlsx"] = _packed(members)
    return _packed(members)


def _twice_in_other_case() -> bytes:
    members = _members()
    members["XL/Worksheets/Sheet4.xml"] = members[CLAIMS]
    return _packed(members)


def _external_link(address: str) -> bytes:
    link = (
        f'<externalLink xmlns="{seeds.MAIN}"><externalBook r:id="r1" xmlns:r="{seeds.RELATIONS}"/>'
        "</externalLink>"
    )
    members = _members()
    members["xl/externalLinks/externalLink1.xml"] = link
    members["xl/externalLinks/_rels/externalLink1.xml.rels"] = (
        f'<Relationships xmlns="{seeds.PACKAGE}/relationships"><Relationship Id="r1" Type='
        f'"{seeds.RELATIONS}/externalLinkPath" Target="{address}" TargetMode="External"/>'
        "</Relationships>"
    )
    members[CLAIMS] = str(members[CLAIMS]).replace(
        '<c r="D2"><v>', f"<c r=\"D2\"><f>[1]Sheet1!$A$1+'{address}[a.xlsx]S'!A1</f><v>"
    )
    return _packed(members)


READ, REFUSED = 0, 2
BROKEN, FAR, ANY = "不是 Excel 工作簿", "请删除表格以外的内容", ""
LARGE = "超过上限"

ATTACKS: Mapping[str, tuple[Callable[[], bytes], int, str]] = {
    # name: what makes it, the exit code, what is said
    "corner": (lambda: with_cell("XFD1048576"), REFUSED, FAR),
    "row": (lambda: with_cell("A1048576"), REFUSED, FAR),
    "column beyond": (lambda: with_cell("ZZZZZ4"), REFUSED, FAR),
    "long column": (lambda: with_cell("A" * 100_000 + "4"), REFUSED, FAR),
    "row beyond": (lambda: with_cell("A4294967295"), REFUSED, FAR),
    "row that wraps round": (lambda: with_cell("A4294967297"), REFUSED, FAR),
    "long row": (lambda: with_cell("A" + "9" * 100_000), REFUSED, BROKEN),
    "row 0": (lambda: with_cell("A0"), REFUSED, BROKEN),
    "no letter": (lambda: with_cell("4"), REFUSED, BROKEN),
    "single quotes": (
        lambda: with_claims(
            "</sheetData>", "<row r='4'><c r='XFD1048576'><v>1</v></c></row></sheetData>"
        ),
        REFUSED,
        FAR,
    ),
    "spaces": (
        lambda: with_claims(
            "</sheetData>", '<row r="4"><c\tr\n=\n"XFD1048576"><v>1</v></c></row></sheetData>'
        ),
        REFUSED,
        FAR,
    ),
    "prefix": (
        lambda: with_claims(
            "</sheetData>",
            f'<x:row xmlns:x="{seeds.MAIN}" r="4"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row>'
            "</sheetData>",
        ),
        REFUSED,
        FAR,
    ),
    "a hundred thousand columns without places": (
        lambda: with_claims(
            "</sheetData>", "<row>" + "<c><v>1</v></c>" * 100_000 + "</row></sheetData>"
        ),
        REFUSED,
        FAR,
    ),
    "claims to be whole": (lambda: with_claims('ref="A1:', 'ref="A1:XFD1048576" x="'), READ, ANY),
    "claims to be more": (
        lambda: with_claims('ref="A1:', 'ref="A1:ZZZZZZ99999999999999" x="'),
        READ,
        ANY,
    ),
    "ten gigabytes": (
        lambda: with_packed(
            "xl/sharedStrings.xml", repeated(b"<si/>" * 2**18, 3000), 3000 * 5 * 2**18
        ),
        REFUSED,
        LARGE,
    ),
    "says it is small": (
        lambda: with_packed("xl/sharedStrings.xml", repeated(b"<si/>" * 2**18, 300), 2**10),
        REFUSED,
        BROKEN,
    ),
    "overlapping": (overlapping, REFUSED, BROKEN),
    "nested": (_nested, READ, ANY),
    "two of one name": (_twice_in_other_case, REFUSED, BROKEN),
    "a giant string": (lambda: _strings("<si><t>" + "甲" * 1_000_000 + "</t></si>"), READ, ANY),
    "a million strings": (lambda: _strings("<si/>" * 1_000_000), READ, ANY),
    "four billion strings, it says": (
        lambda: _strings("<si/>", ' uniqueCount="4294967295"'),
        REFUSED,
        BROKEN,
    ),
    "more strings than can be counted": (
        lambda: _strings("<si/>", " uniqueCount\n= '+18446744073709551615'"),
        REFUSED,
        BROKEN,
    ),
    "strings in UTF-16": (
        lambda: with_part(
            "sharedStrings.xml",
            f'<?xml version="1.0" encoding="UTF-16"?><sst xmlns="{seeds.MAIN}"'
            ' uniqueCount="4294967295"><si/></sst>'.encode("utf-16"),
        ),
        REFUSED,
        BROKEN,
    ),
    "laughs in the sheet": (lambda: with_claims(PLAIN, LAUGHS), READ, ANY),
    "laughs in a sheet with formulas": (
        lambda: with_claims(PLAIN, LAUGHS + "<!--<f-->"),
        REFUSED,
        BROKEN,
    ),
    "laughs in the strings": (
        lambda: with_part(
            "sharedStrings.xml", LAUGHS + f'<sst xmlns="{seeds.MAIN}"><si><t>&a9;</t></si></sst>'
        ),
        REFUSED,
        BROKEN,
    ),
    "an unknown entity": (lambda: _id("&a9;"), REFUSED, BROKEN),
    "deep": (
        lambda: with_claims(FIRST_ROW, "<a>" * 500_000 + "</a>" * 500_000 + FIRST_ROW),
        READ,
        ANY,
    ),
    "deep strings": (
        lambda: _strings("<si>" + "<r>" * 500_000 + "</r>" * 500_000 + "</si>"),
        READ,
        ANY,
    ),
    "a null byte": (lambda: _id("C\0"), REFUSED, "第 3 行 代偿编号（claim_id）：文本中有空字符"),
    "a null by number": (lambda: _id("&#0;"), REFUSED, BROKEN),
    "half a character": (lambda: _id("&#xD800;"), REFUSED, BROKEN),
    "half a character by Excel": (lambda: _id("C_xD800_"), READ, ANY),
    "a control code by Excel": (lambda: _id("C_x001B_[31m"), READ, ANY),
    "a formula": (lambda: _id("=cmd|'/C calc'!A0"), READ, ANY),
    "a formula heads": (lambda: _heading('<c r="A1"><f>1+1</f></c>'), REFUSED, "标题"),
    "a formula gives the heading": (
        lambda: _heading('<c r="A1" t="str"><f>"代偿"&amp;"编号"</f><v>代偿编号</v></c>'),
        READ,
        ANY,
    ),
    "a heading that turns": (
        lambda: _heading(HEADING.replace("编号", "编\u202e号")),
        READ,
        "",
    ),
    "a heading with nothing in it": (
        lambda: _heading(HEADING.replace("编号", "编\u200b号")),
        READ,
        "",
    ),
    "a heading of lines": (
        lambda: _heading(HEADING.replace("编号", "编号\n输入有 0 处错误")),
        REFUSED,
        "代偿编号\\n输入有",
    ),
    "external links": (lambda: _external_link("http://127.0.0.1:9/"), READ, ANY),
    "encrypted": (
        lambda: seeds.OLE + bytes(2048) + "EncryptedPackage".encode("utf-16-le"),
        REFUSED,
        "密码",
    ),
    "an old workbook": (lambda: seeds.OLE + bytes(4096), REFUSED, ".xls"),
    "an OpenDocument table": (
        lambda: seeds.zip_of(
            {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"}
        ),
        REFUSED,
        BROKEN,
    ),
    "CSV": (seeds.csv_folder, REFUSED, BROKEN),
    "nothing": (lambda: b"", REFUSED, BROKEN),
}
