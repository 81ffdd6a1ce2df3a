"""A CSV file that is not as it should be: which line, what is wrong, and nothing lost."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.issues import Issue
from compensation.readers import csv_file
from compensation.readers.csv_file import read_csv
from compensation.schema.dictionary import RELEASES
from compensation.tables.total_rows import is_total
from tests.ledger.input_files import (
    faults_of,
    file_rows,
    kinds,
    places,
    records,
)


def csv_faults(tmp_path: Path, content: bytes) -> list[Issue]:
    (tmp_path / "releases.csv").write_bytes(content)
    return faults_of(read_csv(tmp_path / "releases.csv", RELEASES)[1])


def test_rows_of_another_width_are_faults_on_their_lines(tmp_path: Path) -> None:
    content = 'title\n合同编号,解除金额\nC1,1\n\n"C\n2",2,\nC3\n"C4",4\n,,\n合计\n'
    faults = csv_faults(tmp_path, content.encode())
    assert places(faults) == [("ragged_row", 5, None, "C\n2,2,"), ("ragged_row", 7, None, "C3")]
    raw, _ = read_csv(tmp_path / "releases.csv", RELEASES)
    assert records(raw) == [["C1", "1"], ["C4", "4"]]
    assert file_rows(raw) == [3, 8]


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ('C1,1\nC2,"2\nC3,3\n', 3),
        ('C1,1\nC2,"2', 3),
        ('C1,1\n"C2,2\nC3,3', 3),
        ('C1,1\nC2,2\n"', 4),
        ('C1,"1"\n"C\n2","2""\nC3,3', 3),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_quote_that_is_never_closed_is_a_fault_where_it_opens(
    body: str, line: int, encoding: str, tmp_path: Path
) -> None:
    faults = csv_faults(tmp_path, f"合同编号,解除金额\n{body}".encode(encoding))
    assert [(fault.kind, fault.row) for fault in faults] == [("unclosed_quote", line)]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('C1,1\nC2,"2\n' + "C3,3\n" * 10_000, ("unclosed_quote", 3)),
        ("C1,1\n" + "x" * 500 + ",1\n", ("broken_file", None)),
    ],
)
def test_a_record_longer_than_can_be_parsed_is_a_fault(
    body: str, fault: tuple[str, int | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_file, "BLOCK", 64)
    (found,) = csv_faults(tmp_path, f"合同编号,解除金额\n{body}".encode())
    assert (found.kind, found.row) == fault


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("合同编号,解除金额\n".encode("utf-16-le"), "nul_bytes"),
        (b"\xff\xfe" + "合同编号\n".encode("utf-16-le") + b"\x00\xd8", "unknown_encoding"),
        (b"PK\x03\x04\x00\x00", "nul_bytes"),
        ("合同编号\n".encode() + b"\xff\xff\n", "unknown_encoding"),
        ("\ufeff合同编号\n".encode() + "济源".encode("gb18030"), "unknown_encoding"),
    ],
)
def test_what_is_no_text_is_one_fault(content: bytes, kind: str, tmp_path: Path) -> None:
    (fault,) = csv_faults(tmp_path, content)
    assert fault.kind == kind


def quote_stays_open(text: str) -> bool:
    """Return whether a quoted field is still open at the end: a machine of three states."""
    state = "start"
    for letter in text:
        if state == "quoted":
            state = "quote" if letter == '"' else "quoted"
        elif letter in ",\r\n":
            state = "start"
        elif letter == '"' and state in ("start", "quote"):
            state = "quoted"
        else:
            state = "plain"
    return state == "quoted"


def sums_up(fields: list[str]) -> bool:
    """Return whether a record says 合计 first and has nothing but figures besides."""
    first, *others = filter(None, ("".join(field.split()) for field in fields))
    return is_total(first) and all(set(other) == {"1"} for other in others)


PIECES = ["C", "1", ",", ",", '"', '"', "\n", "\n", "\r\n", "\r", " ", ";"]


@given(pieces=st.lists(st.sampled_from(PIECES), max_size=30))
def test_no_record_of_a_csv_file_is_lost_without_a_word(
    pieces: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each record that says something is in the table, in a fault, or a closing total."""
    path = tmp_path_factory.mktemp("csv") / "releases.csv"
    text = "合同编号,解除金额\n" + "".join(pieces)
    path.write_bytes(text.encode())
    raw, groups = read_csv(path, RELEASES)
    faults = faults_of(groups)
    assert ("unclosed_quote" in kinds(groups)) == quote_stays_open(text)
    every = [fields for fields in csv.reader(io.StringIO(text, newline="")) if fields]
    found = [fields for fields in every if "".join(fields).strip()]
    good = [fields for fields in found[1:] if len(fields) == 2]
    ragged = [fields for fields in found[1:] if len(fields) != 2]
    if good and sums_up(good[-1]):
        good.pop()
    # The last ragged record has no fault of its own if it is the open one, or a closing total.
    told_otherwise = bool(ragged) and (
        ragged[-1] is every[-1]
        if quote_stays_open(text)
        else ragged[-1] is found[-1] and is_total(next(filter(str.strip, ragged[-1])))
    )
    told = [[cell or "" for cell in record] for record in records(raw)]
    assert told == [[cell if cell.strip() else "" for cell in fields] for fields in good]
    said = sum(fault.kind == "ragged_row" for fault in faults)
    assert said == len(ragged) - told_otherwise
