"""Forms of CSV that programs write: separators, encodings, ends, and quoting that was lost."""

from __future__ import annotations

import codecs
import gzip
from pathlib import Path

import pytest

from compensation.readers.archive import ALWAYS, MAX_RATIO
from compensation.readers.csv_file import first_records, read_csv
from compensation.schema.dictionary import RECOVERIES, RELEASES
from tests.ledger.input_files import faults_of, file_rows, kinds, records

HEADINGS = "追偿编号,代偿编号,追偿日期,追偿所得,追偿费用,摘要"
PLAIN = "合同编号,解除日期,解除金额\nC1,2022-03-01,100\nC2,2022-04-01,200\n"
RECORDS = [["C1", "2022-03-01", "100"], ["C2", "2022-04-01", "200"]]


def save(folder: Path, content: bytes | str, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


READ = {
    "commas": PLAIN.encode(),
    "semicolons": PLAIN.replace(",", ";").encode(),
    "tabs": PLAIN.replace(",", "\t").encode(),
    "told what separates": b"sep=;\r\n" + PLAIN.replace(",", ";").encode(),
    "told what separates, in quotes": b'"sep=|"\n' + PLAIN.replace(",", "|").encode(),
    "told that commas separate": b"SEP=,\n" + PLAIN.encode(),
    "a title above": "解保台账;;\n".encode() + PLAIN.replace(",", ";").encode(),
    "UTF-8 with a mark": codecs.BOM_UTF8 + PLAIN.encode(),
    "UTF-8 with a mark, told": codecs.BOM_UTF8 + b"sep=,\n" + PLAIN.encode(),
    "GB18030": PLAIN.encode("gb18030"),
    "UTF-16 as Excel writes it": codecs.BOM_UTF16_LE
    + PLAIN.replace(",", "\t").replace("\n", "\r\n").encode("utf-16-le"),
    "UTF-16, big-endian": codecs.BOM_UTF16_BE + PLAIN.encode("utf-16-be"),
    "a closing ^Z": PLAIN.encode() + b"\x1a",
    "a closing ^Z in the last line": PLAIN.rstrip().encode() + b"\x1a\r\n",
    "several closing ^Z": PLAIN.encode() + b"\x1a\x1a\x1a",
    "a closing ^Z in GB18030": PLAIN.encode("gb18030") + b"\x1a",
    "mixed ends of lines": PLAIN.replace("\n", "\r\n", 2).encode(),
}


@pytest.mark.parametrize("form", READ)
@pytest.mark.parametrize("packed", [False, True])
def test_forms_of_csv_are_read(form: str, packed: bool, tmp_path: Path) -> None:
    content = gzip.compress(READ[form]) if packed else READ[form]
    path = save(tmp_path, content, "a.csv.gz" if packed else "a.csv")
    raw, faults = read_csv(path, RELEASES)
    assert not faults
    assert records(raw) == RECORDS
    above = READ[form].lower().count(b"sep=") + READ[form].count("台账".encode())
    assert file_rows(raw) == [2 + above, 3 + above]
    assert any(record[0] == "合同编号" for rows in first_records(path) for record in rows)


@pytest.mark.parametrize(
    ("content", "row", "value"),
    [
        (PLAIN.encode() + b"C3,2022-05-01,\xff\n", 4, "FF"),
        (codecs.BOM_UTF8 + PLAIN.encode() + b"\nC3\xb5\n", 5, "B5"),
        (PLAIN.replace("\n", "\r\n").encode("gb18030") + b"C3,\x81\x20,1\r\n", 4, "81"),
        (PLAIN.replace("\n", "\r").encode() + b"C3,\xff\r", 4, "FF"),
        (codecs.BOM_UTF16_LE + PLAIN.encode("utf-16-le") + b"\x00\xd8\x20\x00", 4, "00 D8"),
    ],
)
def test_a_byte_that_cannot_be_decoded_names_its_line(
    content: bytes, row: int, value: str, tmp_path: Path
) -> None:
    raw, groups = read_csv(save(tmp_path, content), RELEASES)
    (fault,) = faults_of(groups)
    assert raw is None
    assert (fault.kind, fault.row) == ("unknown_encoding", row)
    assert fault.value is not None
    assert fault.value.startswith(value)


@pytest.mark.slow
def test_a_packed_file_that_is_damaged_or_has_no_end_is_broken(tmp_path: Path) -> None:
    packed = gzip.compress(PLAIN.encode())
    endless = gzip.compress(PLAIN.encode() + b"x" * (ALWAYS + 1))
    assert len(endless) * MAX_RATIO < ALWAYS
    for content in (PLAIN.encode(), packed[:-9], packed[:20] + b"\0" + packed[21:], endless):
        raw, groups = read_csv(save(tmp_path, content, "a.csv.gz"), RELEASES)
        assert raw is None
        assert kinds(groups) == ["broken_file"]


def swallowed(folder: Path, lines: str, separator: str = ",") -> list[tuple[int | None, str]]:
    content = f"{HEADINGS}\n{lines}".replace(",", separator)
    _, groups = read_csv(save(folder, content), RECOVERIES)
    faults = faults_of(groups)
    assert all(fault.kind == "swallowed_rows" for fault in faults)
    return [(fault.row, str(fault.column)) for fault in faults]


R = [f"R{i},C2,2023-04-0{i},10000,,回款" for i in range(1, 7)]


def quoted(*stray: tuple[int, int]) -> str:
    """Return six records with a stray quote before fields, by record and place."""
    rows = [record.split(",") for record in R]
    for row, place in stray:
        rows[row][place] = '"' + rows[row][place]
    return "\n".join(map(",".join, rows)) + "\n"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (quoted(), []),
        (quoted((1, 5), (4, 5)), [(3, "摘要")]),  # R3 to R5 became text of a cell
        (quoted((1, 5), (2, 5)), [(3, "摘要")]),
        (quoted((1, 0), (2, 0)), [(3, "recovery_id")]),
        (quoted((1, 3), (2, 3)), [(3, "proceeds")]),
        (quoted((1, 2), (4, 2)), [(3, "recovery_date")]),
        (quoted((0, 5), (1, 5), (3, 5), (5, 5)), [(2, "摘要"), (5, "摘要")]),
        (R[0] + '\nR2,C2,2023-04-02,1,,"分两次,\n每次,一半"\n', []),
        (R[0] + '\nR2,C2,2023-04-02,1,,"a\nb\nc"\n', []),
        (R[0] + '\nR2,C2,2023-04-02,1,,"a,b,c,d,e,f,g"\n', []),
        (R[0] + '\nR2,C2,2023-04-02,1,,"a,b\nc,d\ne,f\n"\n', []),
    ],
)
def test_a_cell_that_swallowed_records_is_a_fault_where_it_begins(
    lines: str, found: list[tuple[int, str]], separator: str, tmp_path: Path
) -> None:
    assert swallowed(tmp_path, lines, separator) == found


def test_records_swallowed_below_a_column_without_heading_are_missed_as_well(
    tmp_path: Path,
) -> None:
    stray = ["", '"', "", '"', ""]
    lines = "".join(f"C{i},2022-03-01,1,{quote}x\n" for i, quote in enumerate(stray, 1))
    _, groups = read_csv(save(tmp_path, "合同编号,解除日期,解除金额,\n" + lines), RELEASES)
    (fault,) = faults_of(groups)
    assert (fault.kind, fault.row, fault.column) == ("swallowed_rows", 3, None)


def test_a_decimal_comma_between_semicolons_is_left_to_the_cells(tmp_path: Path) -> None:
    raw, faults = read_csv(save(tmp_path, "合同编号;解除金额\nC1;1,5\n"), RELEASES)
    assert not faults
    assert records(raw) == [["C1", "1,5"]]
