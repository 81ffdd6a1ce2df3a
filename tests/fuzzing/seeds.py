"""Small, whole inputs of every kind, from which the fuzzer starts and which attacks are made of."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

import pyarrow as pa
import pyarrow.parquet as pq

Rows = Sequence[Sequence[str]]

TABLES: Mapping[str, Rows] = {
    "institutions": [
        ["机构代码", "政府性融资担保机构", "年初在保余额(万元)", "机构名称"],
        ["J1", "是", "100", "甲"],
        ["J2", "否", "", "乙"],
    ],
    "contracts": [
        [
            "合同编号",
            "机构代码",
            "借款人代码",
            "借款人类型",
            "担保金额",
            "起始日期",
            "解除日期",
            "担保机构分担比例",
            "银行分担比例",
            "行业",
            "从业人员",
            "营业收入",
            "资产总额",
        ],
        [
            "D1",
            "J1",
            "B1",
            "小型企业",
            "1,000,000.00",
            "2021-03-01",
            "",
            "0.4",
            "60%",
            "",
            "",
            "",
            "",
        ],
        [
            "D2",
            "J1",
            "B2",
            "",
            "￥2000000",
            "2022年2月1日",
            "2022/12/30",
            "1",
            "0",
            "工业",
            "10",
            "1000",
            "2000",
        ],
        ["D3", "J2", "B1", "农户", "300000", "20220301", "", "", "", "", "", "", ""],
    ],
    "releases": [["合同编号", "解除日期", "解除金额"], ["D1", "2022-05-01", "980000.00"]],
    "claims": [
        [
            "代偿编号",
            "合同编号",
            "代偿日期",
            "代偿本金",
            "代偿利息",
            "财政金融局审核",
            "行业主管部门审核",
            "已补偿金额",
        ],
        ["C1", "D1", "2022-06-30", "20000.00", "150.5", "通过", "通过", "0"],
        ["C2", "D2", "2022-09-30", "1000000", "", "不通过", "", ""],
    ],
    "recoveries": [
        ["追偿编号", "代偿编号", "追偿日期", "追偿所得", "追偿费用"],
        ["R1", "C1", "2023-03-01", "3000", "150"],
        ["R2", "C1", "2023-04-01", "0.01", ""],
    ],
}
HEADINGS = {
    "institutions": "机构",
    "contracts": "担保合同",
    "releases": "解保",
    "claims": "代偿",
    "recoveries": "追偿",
}

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OLE = bytes.fromhex("D0CF11E0A1B11AE1")
"""How old and encrypted workbooks begin."""


def csv_text(rows: Rows) -> str:
    return "".join(
        ",".join(f'"{cell}"' if "," in cell or '"' in cell else cell for cell in row) + "\n"
        for row in rows
    )


def zip_of(members: Mapping[str, bytes | str], pack: int = zipfile.ZIP_STORED) -> bytes:
    """Return a zip archive; all its members are of one day."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", pack) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = pack
            archive.writestr(info, content)
    return file.getvalue()


def column_letters(place: int) -> str:
    """Return the letters of a column, counted from 0."""
    letters = ""
    place += 1
    while place:
        place, letter = divmod(place - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def sheet_of(rows: Rows) -> str:
    """Return the XML of a sheet whose cells are texts, numbers or (after an =) formulas."""

    def cell(row: int, column: int, text: str) -> str:
        place = f'r="{column_letters(column)}{row + 1}"'
        if text.startswith("="):
            return f"<c {place}><f>{escape(text[1:])}</f><v>1</v></c>"
        if text.replace(".", "", 1).isascii() and text.replace(".", "", 1).isdigit():
            return f"<c {place}><v>{text}</v></c>"
        return f'<c {place} t="inlineStr"><is><t>{escape(text)}</t></is></c>'

    last = f"{column_letters(max(map(len, rows)) - 1)}{len(rows)}"
    lines = "".join(
        f'<row r="{i + 1}">'
        + "".join(cell(i, j, text) for j, text in enumerate(row) if text)
        + "</row>"
        for i, row in enumerate(rows)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{MAIN}">'
        f'<dimension ref="A1:{last}"/><sheetData>{lines}</sheetData></worksheet>'
    )


def workbook_members(sheets: Mapping[str, str]) -> dict[str, bytes | str]:
    """Return the members of a workbook whose sheets' XML is given, by their names."""
    numbered = list(enumerate(sheets, 1))
    entries = "".join(
        f'<sheet name={quoteattr(n)} sheetId="{i}" r:id="r{i}"/>' for i, n in numbered
    )
    relations = "".join(
        f'<Relationship Id="r{i}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i, _ in numbered
    )
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="{types}.worksheet+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1"'
        f' Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{entries}'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{relations}'
        "</Relationships>",
        **{f"xl/worksheets/sheet{i}.xml": sheets[name] for i, name in numbered},
    }


def workbook(tables: Mapping[str, Rows] = TABLES) -> bytes:
    return zip_of(
        workbook_members({HEADINGS[name]: sheet_of(rows) for name, rows in tables.items()})
    )


def shared_strings_workbook() -> bytes:
    """Return a workbook with texts, dates and formulas as spreadsheet programs store them."""
    members = workbook_members({HEADINGS[name]: sheet_of(rows) for name, rows in TABLES.items()})
    texts = [text for row in TABLES["releases"] for text in row[:1]] + ["解除日期", "解除金额"]
    members["xl/sharedStrings.xml"] = (
        f'<sst xmlns="{MAIN}" count="4" uniqueCount="4">'
        + "".join(f"<si><t>{text}</t></si>" for text in texts)
        + "</sst>"
    )
    members["xl/styles.xml"] = (
        f'<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"'
        ' applyNumberFormat="1"/></cellXfs></styleSheet>'
    )
    members["xl/_rels/workbook.xml.rels"] = str(members["xl/_rels/workbook.xml.rels"]).replace(
        "</Relationships>",
        f'<Relationship Id="r8" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>'
        f'<Relationship Id="r9" Type="{RELATIONS}/styles" Target="styles.xml"/></Relationships>',
    )
    members["xl/worksheets/sheet3.xml"] = (
        f'<worksheet xmlns="{MAIN}"><dimension ref="A1:C3"/><sheetData><row r="1">'
        '<c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>2</v></c><c r="C1" t="s"><v>3</v></c></row>'
        '<row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2" s="1"><v>44682</v></c>'
        '<c r="C2"><f>1+1</f><v>980000</v></c></row>'
        '<row r="3"><c r="A3" t="e"><v>#N/A</v></c><c r="B3" t="b"><v>1</v></c>'
        '<c r="C3"><f>A1</f></c></row></sheetData></worksheet>'
    )
    return zip_of(members)


def review_workbook() -> bytes:
    rows = [
        ["单位:万元"],
        ["代偿编号", "财政金融局审核", "行业主管部门审核"],
        ["C1", "通过", "待审"],
        ["合计", "2"],
        ["claim_id", "industry_review", "finance_review"],
        ["C2", "rejected", "approved"],
    ]
    return zip_of(workbook_members({"审核表": sheet_of(rows)}))


def parquet(rows: Rows = TABLES["contracts"], compression: str = "none") -> bytes:
    columns = [list(cells) for cells in zip(*rows[1:], strict=True)]
    table = pa.table(dict(zip(rows[0], columns, strict=True)))
    amounts = pa.array([100000000, 200000000, 30000000], pa.int64())
    table = table.set_column(4, "担保金额", amounts)
    days = pa.array([18687, 19024, 19052], pa.date32())
    table = table.set_column(5, "起始日期", days)
    file = io.BytesIO()
    pq.write_table(table, file, compression=compression, use_dictionary=False)
    return file.getvalue()


def typed_parquet() -> bytes:
    """Return columns of as many types as there are, some of which no cell can have."""
    table = pa.table(
        {
            "contract_id": pa.array(["D1", "D2"]).dictionary_encode(),
            "institution_id": pa.array([1, 2], pa.uint64()),
            "borrower_id": pa.array([1.5, 2.0]),
            "borrower_type": pa.array(["farmer", None], pa.large_string()),
            "guaranteed_amount": pa.array(["1.00", "2.00"]).cast(pa.decimal128(18, 2)),
            "start_date": pa.array([0, 1], pa.timestamp("us", "Asia/Shanghai")),
            "release_date": pa.array([[1], [2, 3]], pa.list_(pa.int8())),
            "lender": pa.array([{"a": 1}, None], pa.struct([("a", pa.int32())])),
            "share_institution": pa.array([True, False]),
        }
    )
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd")
    return file.getvalue()


def json_body() -> bytes:
    tables = {
        name: [
            {heading: cell for heading, cell in zip(rows[0], row, strict=True) if cell}
            for row in rows[1:]
        ]
        for name, rows in TABLES.items()
    }
    order = {"policy": "jiyuan-2022", "year": 2022, "budget": 1e3, **tables}
    return json.dumps(order, ensure_ascii=False).encode()


MARK = b"=====\n"
"""Between the tables of a folder of CSV files in one text."""


def csv_folder(encoding: str = "utf-8") -> bytes:
    return MARK.join(csv_text(rows).encode(encoding) for rows in TABLES.values())


def csv_zip(pack: int = zipfile.ZIP_DEFLATED) -> bytes:
    return zip_of({f"台账/{name}.csv": csv_text(rows) for name, rows in TABLES.items()}, pack)
