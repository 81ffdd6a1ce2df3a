"""What a real spreadsheet program makes of our workbooks: pages, and files saved again."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from compensation.assessment import assess
from compensation.ledger.faults import InputFaults
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


@pytest.fixture(scope="module", autouse=True)
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile of LibreOffice's for all tests: making one takes longer than opening a file."""
    if PROGRAM is None:
        reason = "LibreOffice (soffice) is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason}, and CI must have it")
        pytest.skip(reason)
    return tmp_path_factory.mktemp("libreoffice") / "profile"


def converted(path: Path, kind: str, folder: Path, profile: Path) -> Path:
    """Let LibreOffice open a file and save it as another kind."""
    out = folder / "out"
    command = [
        str(PROGRAM),
        f"-env:UserInstallation={profile.as_uri()}",
        "--headless",
        "--convert-to",
        kind,
        "--outdir",
        str(out),
        str(path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    result = out / f"{path.stem}.{kind}"
    assert result.is_file(), done.stdout + done.stderr
    return result


def pages(pdf: Path) -> int:
    """Pages of a PDF: objects of that type; LibreOffice does not pack them."""
    content = pdf.read_bytes()
    return content.count(b"/Type/Page") - content.count(b"/Type/Pages")


def test_pages_of_the_result(tmp_path: Path, profile: Path) -> None:
    """汇总 and 依据与假定 on two at most, 机构 on two, 代偿, 返还, a page for each institution.

    And 核算存证 on one: the texts below are for programs.
    """
    path = tmp_path / "result.xlsx"
    write_workbook(assess(small([f"D{i}" for i in range(9)], 3), "jiyuan-2022", 2022), path)
    least = 1 + 2 + 1 + 1 + 3 + 1 + 1
    assert least <= pages(converted(path, "pdf", tmp_path, profile)) <= least + 2


def test_the_result_saved_again_reads_the_same(tmp_path: Path, profile: Path) -> None:
    path = tmp_path / "result.xlsx"
    write_workbook(assess(small(IDS, 2), "jiyuan-2022", 2022), path)
    again = converted(path, "xlsx", tmp_path, profile)
    for sheet in RESULTS.values():
        before, after = openpyxl_rows(path, sheet), openpyxl_rows(again, sheet)
        for row, saved in zip(before, after, strict=False):
            assert list(map(exact, row)) == list(map(exact, saved[: len(row)]))
        assert all(cell is None for row in after[len(before) :] for cell in row)
    assert decisions(read_reviews(again)) == decisions(read_reviews(path))


def test_a_filled_review_sheet_saved_again(tmp_path: Path, profile: Path) -> None:
    portfolio = small(IDS, 2)
    path = tmp_path / "result.xlsx"
    write_workbook(assess(portfolio, "jiyuan-2022", 2022), path)
    filled = fill(path, lambda id_: ("通过", None) if len(id_) % 2 else ("不通过", "通过"))
    again = read_reviews(converted(filled, "xlsx", tmp_path, profile))
    assert decisions(again) == decisions(read_reviews(filled))
    assert set(decisions(again).values()) == {(0, 2), (1, 0)}
    assert apply_reviews(portfolio, again).rows("claims") == len(IDS)


def test_the_template_saved_again(tmp_path: Path, profile: Path) -> None:
    path = tmp_path / "template.xlsx"
    write_template(path, load_policy("jiyuan-2022"))
    again = converted(path, "xlsx", tmp_path, profile)
    with pytest.raises(InputFaults) as caught:
        read_portfolio(again)
    assert [fault.kind for fault in caught.value.faults] == ["no_rows", "no_rows"]
    rules = openpyxl.load_workbook(again)["代偿"].data_validations.dataValidation
    assert any("不通过" in str(rule.formula1) for rule in rules)
    assert pages(converted(path, "pdf", tmp_path, profile)) >= 11


def test_the_filled_template_saved_again(tmp_path: Path, profile: Path) -> None:
    path = tmp_path / "template.xlsx"
    write_template(path, load_policy("jiyuan-2022"))
    filled = fill_from_examples(path, tmp_path / "filled.xlsx")
    again = converted(filled, "xlsx", tmp_path, profile)
    before, after = (assess(read_portfolio(p), "jiyuan-2022", 2022) for p in (filled, again))
    assert before.input_digest == after.input_digest
    assert before.tables["claims"].equals(after.tables["claims"])
