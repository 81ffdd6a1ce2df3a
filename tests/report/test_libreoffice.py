"""What a real spreadsheet program makes of our workbooks: pages, and files saved again."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from compensation.assessment import assess
from compensation.faults.input_faults import InputFaults
from compensation.ledger.portfolio_input import read_portfolio
from compensation.ledger.reviews import apply_reviews, read_reviews
from compensation.policy.catalogue import load_policy
from compensation.report.tables import RESULTS
from compensation.report.template import write_template
from compensation.report.workbook import write_workbook
from tests.report.results import HOSTILE, exact, openpyxl_rows, small
from tests.report.test_reviews import decisions, fill
from tests.report.test_template import fill_from_examples

pytestmark = pytest.mark.process

# LibreOffice does not escape, when it saves, what looks like the format's own escapes.
IDS = [text.strip() for text in HOSTILE if text != "_x0041_"]
PROGRAM = shutil.which("soffice") or shutil.which("libreoffice")


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the workbooks that the tests look at.

    In its folder `again` they are as LibreOffice saves them, as workbooks and some as PDF. It opens
    all of them in one go: starting it takes longer than opening a file.
    """
    if PROGRAM is None:
        reason = "LibreOffice (soffice) is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason}, and CI must have it")
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("libreoffice")
    few = assess(small([f"D{i}" for i in range(9)], 3), "jiyuan-2022", 2022)
    write_workbook(few, folder / "few.xlsx")
    write_workbook(assess(small(IDS, 2), "jiyuan-2022", 2022), folder / "result.xlsx")
    shutil.move(fill(folder / "result.xlsx", decision), folder / "reviewed.xlsx")
    write_template(folder / "template.xlsx", load_policy("jiyuan-2022"))
    fill_from_examples(folder / "template.xlsx", folder / "filled.xlsx")
    convert(folder, "xlsx", ["result", "reviewed", "template", "filled"])
    convert(folder, "pdf", ["few", "template"])
    return folder


def convert(folder: Path, kind: str, names: list[str]) -> None:
    """Let LibreOffice open workbooks of a folder and save them as another kind."""
    command = [
        str(PROGRAM),
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--convert-to",
        kind,
        "--outdir",
        str(folder / "again"),
        *(str(folder / f"{name}.xlsx") for name in names),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    made = {path.stem for path in (folder / "again").glob(f"*.{kind}")}
    assert made == set(names), done.stdout + done.stderr


def decision(id_: str) -> tuple[str | None, str | None]:
    return ("通过", None) if len(id_) % 2 else ("不通过", "通过")


def pages(pdf: Path) -> int:
    """Pages of a PDF: objects of that type; LibreOffice does not pack them."""
    content = pdf.read_bytes()
    return content.count(b"/Type/Page") - content.count(b"/Type/Pages")


def test_pages_of_the_result(saved: Path) -> None:
    """汇总 and 依据与假定 on two at most, 机构 on two, 代偿, 返还, a page for each institution.

    And 核算存证 on one: the texts below are for programs.
    """
    least = 1 + 2 + 1 + 1 + 3 + 1 + 1
    assert least <= pages(saved / "again" / "few.pdf") <= least + 2


def test_the_result_saved_again_reads_the_same(saved: Path) -> None:
    path, again = saved / "result.xlsx", saved / "again" / "result.xlsx"
    for sheet in RESULTS.values():
        before, after = openpyxl_rows(path, sheet), openpyxl_rows(again, sheet)
        for row, read in zip(before, after, strict=False):
            assert list(map(exact, row)) == list(map(exact, read[: len(row)]))
        assert all(cell is None for row in after[len(before) :] for cell in row)
    assert decisions(read_reviews(again)) == decisions(read_reviews(path))


def test_a_filled_review_sheet_saved_again(saved: Path) -> None:
    again = read_reviews(saved / "again" / "reviewed.xlsx")
    assert decisions(again) == decisions(read_reviews(saved / "reviewed.xlsx"))
    assert set(decisions(again).values()) == {(0, 2), (1, 0)}
    assert apply_reviews(small(IDS, 2), again).rows("claims") == len(IDS)


def test_the_template_saved_again(saved: Path) -> None:
    again = saved / "again" / "template.xlsx"
    with pytest.raises(InputFaults) as caught:
        read_portfolio(again)
    assert [fault.kind for fault in caught.value.faults] == ["no_rows", "no_rows"]
    rules = openpyxl.load_workbook(again)["代偿"].data_validations.dataValidation
    assert any("不通过" in str(rule.formula1) for rule in rules)
    assert pages(saved / "again" / "template.pdf") >= 11


def test_the_filled_template_saved_again(saved: Path) -> None:
    places = (saved, saved / "again")
    before, after = (
        assess(read_portfolio(place / "filled.xlsx"), "jiyuan-2022", 2022) for place in places
    )
    assert before.input_digest == after.input_digest
    assert before.tables["claims"].equals(after.tables["claims"])
