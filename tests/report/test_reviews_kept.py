"""What departments have filled into a result is not lost to the next run; names of outputs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from tests.command import JIYUAN, run, run_here, snapshot
from tests.report.test_reviews import FINANCE, INDUSTRY

EXAMPLE = Path(__file__).parents[2] / "examples" / "jiyuan-2022.xlsx"


def assess(output: Path, *options: str | Path, source: Path = EXAMPLE) -> tuple[int, str]:
    done = run_here("assess", source, *JIYUAN, "-o", output, *options)
    return done.returncode, done.stderr


@pytest.fixture(scope="module")
def pending(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example without reviews."""
    book = openpyxl.load_workbook(EXAMPLE)
    sheet = book["代偿"]
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value in ("通过", "不通过", "待审"):
                cell.value = None
    path = tmp_path_factory.mktemp("pending") / "pending.xlsx"
    book.save(path)
    return path


def decide(path: Path, finance: str | None, industry: str | None = None, most: int = 1) -> None:
    """Fill the first rows of a result's review sheet."""
    book = openpyxl.load_workbook(path)
    rows = [row for row in book["审核表"].iter_rows() if isinstance(row[0].value, int)]
    for row in rows[:most]:
        row[FINANCE - 1].value, row[INDUSTRY - 1].value = finance, industry
    book.save(path)


@pytest.fixture(scope="module")
def computed(pending: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("result") / "out.xlsx"
    assert assess(path, source=pending) == (0, "")
    return path


@pytest.fixture
def result(computed: Path, tmp_path: Path) -> Path:
    """A result of one's own, to fill in."""
    return Path(shutil.copy(computed, tmp_path))


@pytest.mark.process
def test_an_opinion_that_the_run_was_not_given_stays(result: Path, pending: Path) -> None:
    decide(result, "通过", "不通过", most=5)
    before = snapshot(result.parent)
    done = run("assess", pending, *JIYUAN, "-o", result)
    assert done.returncode == 2
    assert f"--reviews {result}" in done.stderr
    assert "5 笔" in done.stderr
    english = run_here("assess", pending, *JIYUAN, "-o", result, "--lang", "en")
    assert "reviews of 5 claims" in english.stderr
    assert snapshot(result.parent) == before


FILLED: dict[str, Callable[[Path], None]] = {
    "one department": lambda path: decide(path, None, "不通过"),
    "a word nobody knows": lambda path: decide(path, "再议"),
}


@pytest.mark.slow
@pytest.mark.parametrize("filled", FILLED)
def test_whatever_was_filled_in_stays(filled: str, result: Path, pending: Path) -> None:
    FILLED[filled](result)
    before = snapshot(result.parent)
    code, said = assess(result, source=pending)
    assert (code, "--reviews" in said) == (2, True)
    assert snapshot(result.parent) == before


@pytest.mark.slow
@pytest.mark.parametrize("decision", ["待审", None])
def test_blank_and_pending_are_no_opinions(result: Path, pending: Path, decision: str) -> None:
    decide(result, decision, decision, most=99)
    assert assess(result, source=pending) == (0, "")


@pytest.mark.slow
def test_reviews_that_are_read_may_be_written_over(result: Path, pending: Path) -> None:
    decide(result, "通过", "通过", most=3)
    for _ in range(2):
        assert assess(result, "--reviews", result, source=pending) == (0, "")
    book = openpyxl.load_workbook(result)
    rows = [row for row in book["审核表"].iter_rows() if isinstance(row[0].value, int)]
    decided = [(row[FINANCE - 1].value, row[INDUSTRY - 1].value) for row in rows]
    assert decided[:4] == [("通过", "通过")] * 3 + [("待审", "待审")]


@pytest.mark.slow
def test_reviews_of_another_file_count_where_they_are_the_same(
    result: Path, pending: Path, tmp_path: Path
) -> None:
    decide(result, "通过", "通过", most=3)
    other = tmp_path / "other.xlsx"
    other.write_bytes(result.read_bytes())
    assert assess(result, "--reviews", other, source=pending) == (0, "")
    decide(other, "不通过", "通过", most=1)
    assert assess(result, "--reviews", other, source=pending)[0] == 2


@pytest.mark.slow
def test_what_the_claims_table_says_itself_is_no_loss(tmp_path: Path) -> None:
    for _ in range(2):
        assert assess(tmp_path / "out.xlsx") == (0, "")


@pytest.mark.slow
def test_a_claim_that_the_input_has_no_longer_keeps_its_opinion(
    result: Path, pending: Path, tmp_path: Path
) -> None:
    decide(result, "通过", "通过", most=1)
    book = openpyxl.load_workbook(pending)
    for name in ("代偿", "追偿"):
        sheet = book[name]
        heads = [r for r in range(1, 9) if "代偿编号" in [c.value for c in sheet[r]]]
        sheet.delete_rows(heads[0] + 1, sheet.max_row)
    book.save(tmp_path / "fewer.xlsx")
    assert assess(result, source=tmp_path / "fewer.xlsx")[0] == 2


NAMES = ["a.xls", "a.XLS", "a.et", "a.xlsm", "a.ods", "a.csv", "a.parquet", "a.json", "a.zip"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_name_that_promises_another_file_is_refused(
    tmp_path: Path, name: str, language: str
) -> None:
    code, said = assess(tmp_path / name, "--lang", language)
    assert code == 2
    assert name in said
    assert ".xlsx" in said
    assert snapshot(tmp_path) == {}


@pytest.mark.slow
def test_a_folder_that_is_there_may_have_any_name(tmp_path: Path) -> None:
    (tmp_path / "2022.csv").mkdir()
    assert assess(tmp_path / "2022.csv") == (0, "")
    assert assess(tmp_path / "第3.5版") == (0, "")


@pytest.mark.parametrize("name", ["f.xlsx", "f.XLS", "f.xlsm", "f.ods", "f.et"])
def test_a_list_of_faults_is_no_workbook(tmp_path: Path, name: str) -> None:
    done = run_here("assess", EXAMPLE, *JIYUAN, "--faults", tmp_path / name)
    assert done.returncode == 2
    assert "--marked" in done.stderr
    assert "CSV" in done.stderr
    assert snapshot(tmp_path) == {}
