"""What programs other than Excel write into a workbook is read as Excel reads it, or refused."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from compensation.readers.xlsx import read_workbook
from tests.ledger.input_files import kinds
from tests.ledger.office_ledger import FIGURES, assessed, faults_of, figures, write_ledger

CONTRACTS = "xl/worksheets/sheet2.xml"
CLAIMS = "xl/worksheets/sheet4.xml"


def rewrite(path: Path, name: Callable[[str], str]) -> None:
    """Give every member of an archive another name."""
    with zipfile.ZipFile(path) as archive:
        parts = {each: archive.read(each) for each in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for each, content in parts.items():
            archive.writestr(name(each), content)


def edit(path: Path, member: str, pattern: bytes, new: bytes) -> None:
    """Replace the one place in a member that a pattern matches."""
    with zipfile.ZipFile(path) as archive:
        parts = {each: archive.read(each) for each in archive.namelist()}
    parts[member], times = re.subn(pattern, new, parts[member])
    assert times == 1
    with zipfile.ZipFile(path, "w") as archive:
        for each, content in parts.items():
            archive.writestr(each, content)


def test_members_may_have_backslashes(tmp_path: Path) -> None:
    path = write_ledger(tmp_path / "a.xlsx")
    rewrite(path, lambda name: name.replace("/", "\\"))
    assert figures(assessed(path)) == FIGURES


def test_formats_are_looked_at_behind_backslashes_too(tmp_path: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book["担保合同"]["E2"].number_format = "0!.0000"

    path = write_ledger(tmp_path / "a.xlsx", change)
    rewrite(path, lambda name: name.replace("/", "\\"))
    assert [fault.kind for fault in faults_of(path)] == ["scaling_format"]


def test_two_members_that_differ_by_slashes_are_refused(tmp_path: Path) -> None:
    path = write_ledger(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl\\worksheets\\sheet2.xml", b"<worksheet/>")
    tables, groups = read_workbook(path)
    assert not tables
    assert kinds(groups) == ["broken_file"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("member", "old", "new"),
    [
        # A date as ISO 8601 writes it, and a text in pieces, with how it is spoken.
        (CLAIMS, rb'<c r="C2"[^>]*>.*?</c>', b'<c r="C2" t="d"><v>2022-05-20</v></c>'),
        (CLAIMS, rb'<c r="C2"[^>]*>.*?</c>', b'<c r="C2" t="d"><v>2022-05-20T00:00:00</v></c>'),
        (
            CLAIMS,
            rb'<c r="B2"[^>]*>.*?</c>',
            b'<c r="B2" t="inlineStr"><is><r><t>K</t></r><r><t>1</t></r></is></c>',
        ),
        (
            CLAIMS,
            rb'<c r="B2"[^>]*>.*?</c>',
            b'<c r="B2" t="inlineStr"><is><t>K1</t><rPh sb="0" eb="1"><t>x</t></rPh></is></c>',
        ),
        # Formulas of all kinds that have results.
        (
            CLAIMS,
            rb'<c r="D2"[^>]*>.*?</c>',
            b'<c r="D2"><f t="shared" ref="D2:D3" si="0">1</f><v>19000</v></c>',
        ),
        (
            CLAIMS,
            rb'<c r="D2"[^>]*>.*?</c>',
            b'<c r="D2"><f t="array" ref="D2">1</f><v>19000</v></c>',
        ),
        (CLAIMS, rb'<c r="D2"[^>]*>.*?</c>', b'<c r="D2"><v>1.9E4</v></c>'),
        (CLAIMS, rb'<c r="D2"[^>]*>.*?</c>', b'<c r="D2" t="str"><f>1</f><v>19000</v></c>'),
    ],
)
def test_other_forms_of_a_cell_are_read(
    member: str, old: bytes, new: bytes, tmp_path: Path
) -> None:
    path = write_ledger(tmp_path / "a.xlsx")
    edit(path, member, old, new)
    assert figures(assessed(path)) == FIGURES


@pytest.mark.parametrize(
    "new",
    [
        b'<c r="D2"><v><![CDATA[19000]]></v></c>',
        b'<c r="D2"><v>1<!-- -->9000</v></c>',
        b'<c r="D2"><v>1<?x?>9000</v></c>',
        b'<c r="D2" t="inlineStr"><is><t>1<!-- -->9000</t></is></c>',
        b'<c r="D2" t="inlineStr"><is><t><![CDATA[19000]]></t></is></c>',
    ],
)
def test_a_cell_that_readers_understand_differently_is_refused(new: bytes, tmp_path: Path) -> None:
    path = write_ledger(tmp_path / "a.xlsx")
    edit(path, CLAIMS, rb'<c r="D2"[^>]*>.*?</c>', new)
    assert [fault.kind for fault in faults_of(path)] == ["broken_file"]


def test_a_comment_between_elements_does_not_matter(tmp_path: Path) -> None:
    path = write_ledger(tmp_path / "a.xlsx")
    edit(path, CLAIMS, rb"<sheetData>", b"<!-- made by hand --><sheetData>")
    assert figures(assessed(path)) == FIGURES


def test_days_may_be_counted_from_1904(tmp_path: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        book.epoch = CALENDAR_MAC_1904

    path = write_ledger(tmp_path / "a.xlsx", change)
    with zipfile.ZipFile(path) as archive:
        assert b'date1904="1"' in archive.read("xl/workbook.xml")
    assert figures(assessed(path)) == FIGURES


@pytest.mark.parametrize("text", ["<![CDATA[K]]>1", "K<!-- -->1"])
def test_a_shared_text_with_markup_in_it_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("机构").write_row(0, 0, ["机构代码", "K1"])
    edit(path, "xl/sharedStrings.xml", rb"K1", text.encode())
    assert kinds(read_workbook(path)[1]) == ["broken_file"]
