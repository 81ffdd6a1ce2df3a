"""The result workbook: every cell is the result's, text stays text, and it prints as it should."""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from compensation.assessment import Assessment, assess
from compensation.faults.groups import FaultGroup, whole
from compensation.faults.input_faults import Faults
from compensation.language import Text
from compensation.ledger.portfolio_input import read_portfolio
from compensation.ledger.reviews import read_reviews
from compensation.policy.catalogue import load_policy
from compensation.report.amount_in_words import in_words
from compensation.report.record_sheet import RECORD_SHEET, texts_of
from compensation.report.review_sheet import (
    CLAIMS_A_PAGE,
    CLAIMS_ON_LAST_PAGE,
    DECISIONS,
    FILLED_IN,
)
from compensation.report.sheet import Sheet, TooManyRows, new_workbook
from compensation.report.tables import EXPLAINED, RESULTS, result_heading
from compensation.report.wording import STATUS_NAMES
from compensation.report.workbook import write_workbook
from compensation.version import __version__
from tests.conftest import seeds
from tests.portfolios import random_budget
from tests.portfolios_luoyang import random_luoyang_portfolio
from tests.report.results import (
    HOSTILE,
    assessed,
    calamine_rows,
    exact,
    openpyxl_rows,
    read_tables,
    small,
)

EXAMPLES = Path(__file__).parents[1] / "data" / "examples"
Rows = Callable[[Path, str], list[list[object]]]
READERS = [openpyxl_rows, calamine_rows]
SHEETS = ["汇总", "机构", "代偿", "返还", "审核表", "依据与假定", "核算存证"]
HEADINGS_AT = 2


def written(assessment: Assessment, folder: Path) -> Path:
    path = folder / "result.xlsx"
    write_workbook(assessment, path)
    return path


def expected_cell(name: str, value: object) -> object:
    if name == "status":
        return STATUS_NAMES[str(value)]
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, str):
        return value or None
    return value


def assert_cell(cell: object, value: object) -> None:
    """A number that a spreadsheet would cut is a text of it, in percent where it is a ratio."""
    found = exact(cell)
    if isinstance(value, Decimal | int) and isinstance(found, str):
        assert len(str(abs(value)).replace(".", "").strip("0")) > 15
        plain = found.replace(",", "")
        found = Decimal(plain[:-1]).scaleb(-2) if plain.endswith("%") else Decimal(plain)
    assert found == value


def assert_same_cells(assessment: Assessment, path: Path, read: Rows) -> None:
    for result, sheet in RESULTS.items():
        rows = read(path, sheet)
        headings = rows[HEADINGS_AT]
        table = assessment.tables[result]
        assert_totals(rows[HEADINGS_AT:], len(table))
        for name in table.column_names:
            place = headings.index(result_heading(assessment.policies, name))
            for row, value in zip(rows[HEADINGS_AT + 1 :], table[name].to_pylist(), strict=False):
                assert_cell(row[place], expected_cell(name, value))


def assert_totals(rows: list[list[object]], records: int) -> None:
    """Below headings and records a total row, if there are any: sums of what stands above."""
    assert len(rows) == 1 + records + (records > 0)
    if records:
        assert "合计" in rows[-1][:2]
        added = [place for place, cell in enumerate(rows[-1]) if cell not in (None, "合计")]
        assert added
        for place in added:
            cells = [number_in(row[place]) for row in rows[1:-1]]
            assert number_in(rows[-1][place]) == sum(cells), rows[0][place]


def number_in(cell: object) -> Decimal:
    """An amount, also where a spreadsheet would cut it and it is a text."""
    found = exact(cell)
    return Decimal(str(found).replace(",", "") if found is not None else 0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(0, 8))
def test_every_cell_is_the_results(tmp_path: Path, seed: int) -> None:
    assessment = assessed(seed, tmp_path / "in")
    path = written(assessment, tmp_path)
    for read in READERS:
        assert_same_cells(assessment, path, read)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["seed-1", "large"])
def test_every_cell_of_the_examples(tmp_path: Path, name: str) -> None:
    portfolio = read_portfolio(EXAMPLES / name / "input")
    assessment = assess(portfolio, "jiyuan-2022", 2022, "100000.01")
    assert_same_cells(assessment, written(assessment, tmp_path), openpyxl_rows)


@pytest.mark.slow
def test_headings_are_different_and_chinese(tmp_path: Path) -> None:
    path = written(assessed(1, tmp_path / "in"), tmp_path)
    for sheet in RESULTS.values():
        headings = openpyxl_rows(path, sheet)[HEADINGS_AT]
        assert len(set(headings)) == len(headings)
        # A party that the dictionary does not know goes by its own name.
        assert not any(str(h).isascii() for h in headings)


@pytest.mark.slow
def test_amounts_a_spreadsheet_would_cut_are_text(tmp_path: Path) -> None:
    digits = {"99999999999.99": float, "9999999999999.99": float}
    for principal, kind in digits.items():
        assessment = assess(small(["A"], principal=principal), "jiyuan-2022", 2022)
        rows = openpyxl_rows(written(assessment, tmp_path), "代偿")
        cell = rows[HEADINGS_AT + 1][rows[HEADINGS_AT].index("代偿金额")]
        assert isinstance(cell, kind)
        assert exact(cell) == Decimal(principal)
    assessment = assess(small(["A", "B"], principal="9999999999999.99"), "jiyuan-2022", 2022)
    rows = openpyxl_rows(written(assessment, tmp_path), "机构")
    assert rows[HEADINGS_AT + 1][rows[HEADINGS_AT].index("本年代偿额")] == "19,999,999,999,999.98"


@pytest.mark.slow
@pytest.mark.parametrize("read", READERS)
def test_text_stays_text(tmp_path: Path, read: Rows) -> None:
    ids = [text.strip() for text in HOSTILE]
    assessment = assess(small(ids), "jiyuan-2022", 2022)
    path = written(assessment, tmp_path)
    found = [row[0] for row in read(path, "代偿")[HEADINGS_AT + 1 :]]
    assert found == [*ids, "合计"]
    names = [row[3] for row in read(path, "审核表") if row[1] in ids]
    assert names == [ids[i] if i % 2 else f"B{i}" for i in range(len(ids))]
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, part in parts.items():
        # The only formulas are our sums.
        formulas = re.findall(rb"<f[ >][^<]*", part)
        assert all(
            re.fullmatch(rb"<f>(ROUND\()?SUM\([A-Z]+\d+:[A-Z]+\d+\)(,2\))?", f) for f in formulas
        )
        assert b"hyperlink" not in part, name
        assert b"externalLink" not in part, name


def test_a_text_longer_than_a_cell_ends_in_dots(tmp_path: Path) -> None:
    long = "𠮷" * 20_000
    assessment = assess(small(["A", long]), "jiyuan-2022", 2022)
    cell = openpyxl_rows(written(assessment, tmp_path), "代偿")[HEADINGS_AT + 2][0]
    assert isinstance(cell, str)
    assert len(cell.encode("utf-16-le")) // 2 <= 32_767
    assert cell == "𠮷" * (len(cell) - 1) + "…"
    assert len(cell) > 16_000


@pytest.mark.slow
def test_the_same_result_has_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = written(assessed(3, tmp_path / "in"), tmp_path)
    (tmp_path / "again").mkdir()
    assessment = assessed(3, tmp_path / "in")
    second = written(assessment, tmp_path / "again")
    assert first.read_bytes() == second.read_bytes()
    assert sorted(p.name for p in (tmp_path / "again").iterdir()) == ["result.xlsx"]
    said = openpyxl.load_workbook(first).properties
    assert said.created == datetime.datetime(2000, 1, 1)  # noqa: DTZ001
    assert said.title == "济源示范区政府性融资担保风险补偿（2022年）：2022 年度核算结果"
    assert said.creator == f"guarantee-compensation {__version__}"
    as_on_windows(monkeypatch)
    assert written(assessment, tmp_path / "again").read_bytes() == first.read_bytes()
    assert sorted(p.name for p in (tmp_path / "again").iterdir()) == ["result.xlsx"]


def as_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have workbooks written with the line ends and the marks on files that Windows has."""
    marks = zipfile.ZipInfo.from_file

    def with_its_line_ends(path: str, mode: str, encoding: str) -> Any:
        return Path(path).open(mode, encoding=encoding, newline="\r\n")

    def with_its_marks(*args: Any, **options: Any) -> zipfile.ZipInfo:
        part = marks(*args, **options)
        part.create_system, part.external_attr = 0, 0o100666 << 16
        return part

    monkeypatch.setattr("os.linesep", "\r\n")
    monkeypatch.setattr("xlsxwriter.xmlwriter.open", with_its_line_ends, raising=False)
    monkeypatch.setattr("zipfile.ZipInfo.from_file", with_its_marks)


@pytest.mark.slow
def test_pages(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(written(assessed(3, tmp_path / "in"), tmp_path))
    assert book.sheetnames == SHEETS
    for sheet in book:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.paperSize == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert int(sheet.page_setup.fitToHeight) == 0
        assert sheet.page_setup.fitToWidth in (
            (2, "2") if sheet.title == "机构" else (1, "1", None)
        )
        assert sheet.oddFooter.left.text == "&A"
        assert "&P" in sheet.oddFooter.center.text
        assert "&N" in sheet.oddFooter.center.text
    for name in RESULTS.values():
        sheet = book[name]
        assert sheet.freeze_panes == "B4"
        assert sheet.print_title_rows == "$1:$3"
        assert sheet.auto_filter.ref.startswith("A3:")
        assert sheet.auto_filter.ref.endswith(str(max(3, sheet.max_row - 1)))
    assert book["机构"].print_title_cols == "$A:$B"


@pytest.mark.slow
def test_number_formats(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(written(assessed(3, tmp_path / "in"), tmp_path))["代偿"]
    formats = {"代偿金额": "#,##0.00", "代偿日期": "yyyy-mm-dd"}
    for cell in sheet[HEADINGS_AT + 1]:
        if cell.value in formats:
            assert sheet.cell(HEADINGS_AT + 2, cell.column).number_format == formats[cell.value]


def test_reasons_are_explained(tmp_path: Path) -> None:
    portfolio = small(["A", "B"], types=["large_enterprise", "farmer"], principal="6000000.00")
    rows = openpyxl_rows(written(assess(portfolio, "jiyuan-2022", 2022), tmp_path), "代偿")
    place = rows[HEADINGS_AT].index(EXPLAINED)
    assert rows[HEADINGS_AT + 1][place - 1] == "borrower_type;borrower_exposure"
    explained = "借款人类型为小微、三农；单户担保余额不超过 500 万元"
    assert rows[HEADINGS_AT + 1][place] == explained
    assert rows[HEADINGS_AT + 2][place] == "单户担保余额不超过 500 万元"


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["jiyuan-2022", "luoyang-2025"])
def test_the_basis_of_every_figure(tmp_path: Path, policy: str) -> None:
    if policy == "jiyuan-2022":
        assessment = assessed(1, tmp_path / "in")
    else:
        portfolio = read_tables(random_luoyang_portfolio(1, 40), tmp_path / "in")
        assessment = assess(portfolio, policy, 2025)
    rows = openpyxl_rows(written(assessment, tmp_path), "依据与假定")
    cells = {str(row[0]): row for row in rows}
    said = {(row[3], row[5]): row for row in rows}
    for citation in assessment.policy.cited():
        row = said[citation.cited.clause, citation.cited.said.zh]
        assert citation.id not in row
        assert row[3] == citation.cited.clause
        assert row[5] == citation.cited.said.zh
        assert (
            row[4]
            == {"text": "原文", "summary": "摘要", "assumption": "假定"}[citation.cited.basis]
        )
    for clause in assessment.policy.rules.clauses:
        assert cells[clause.id][2] == clause.note.zh


@pytest.mark.slow
def test_limits_in_natural_units(tmp_path: Path) -> None:
    rows = openpyxl_rows(written(assessed(1, tmp_path / "in"), tmp_path), "依据与假定")
    figures = [str(row[2]) for row in rows]
    assert "支小支农占比不低于 80%" in figures
    assert "代偿率不超过 5%" in figures
    assert "单户担保余额不超过 500 万元" in figures
    assert "10%" in figures
    assert any(figure.startswith("20%：支小支农占比不低于 90%；") for figure in figures)
    assert "2022年1月1日至2022年12月31日" in figures


@pytest.mark.slow
def test_summary(tmp_path: Path) -> None:
    first = assessed(3, tmp_path / "in")
    rows = {result: first.tables[result].to_pylist() for result in RESULTS}
    text = {
        "claims": [{"payable": str(row["payable"])} for row in rows["claims"]],
    }
    budget = random_budget(3, text) or "1.00"
    assessment = assess(read_portfolio(tmp_path / "in"), "jiyuan-2022", 2022, budget)
    found = openpyxl_rows(written(assessment, tmp_path), "汇总")
    cells = {row[0]: row[1] for row in found}
    summary = assessment.summary
    assert cells["政策文件校验码"] == summary["policy"]["digest"]
    assert cells["输入数据校验码"] == summary["input_digest"]
    assert cells["年度"] == "2022"
    assert cells["程序版本"] == summary["version"]
    assert cells["预算"] == f"{Decimal(summary['budget']):,.2f} 元"
    assert_cell(cells["应付金额合计"], Decimal(summary["totals"]["payable"]))
    assert cells["代偿笔数"] == summary["totals"]["claims"]
    statuses = [row["status"] for row in assessment.tables["claims"].to_pylist()]
    for status, name in STATUS_NAMES.items():
        assert cells.get(name, 0) == statuses.count(status)
    warnings = sum(min(100, len(group)) for group in assessment.warnings.groups)
    start = next(i for i, row in enumerate(found) if str(row[0]).startswith("四、提示"))
    assert f"共 {len(assessment.warnings)} 处" in str(found[start][0])
    listed = [row for row in found[start + 2 :] if row[1] is not None]
    assert len([row for row in listed if isinstance(row[1], int)]) <= warnings <= len(found)


def test_many_warnings_are_counted_and_those_of_no_table_are_shown(tmp_path: Path) -> None:
    wrong = Text("有误", "is wrong")
    many = FaultGroup("many", wrong, "claims", "principal", rows=np.arange(103), values=["x"] * 103)
    warnings = Faults([many, whole("other", Text("别的", "else"))])
    assessment = replace(assess(small(["A"]), "jiyuan-2022", 2022), warnings=warnings)
    rows = openpyxl_rows(written(assessment, tmp_path), "汇总")
    assert sum(row[0] == "代偿" and row[2] == "代偿本金" for row in rows) == 100
    assert ["同类提示另有 3 处：有误" in str(row[0]) for row in rows].count(True) == 1
    assert rows[-1][4] == "别的"


def test_blanks_odd_dates_and_texts_in_one_cell(tmp_path: Path) -> None:
    with new_workbook(tmp_path / "a.xlsx", "a", streamed=False) as book:
        sheet = Sheet(book, "a")
        sheet.widths([10] * 6)
        for place, kind in enumerate([sheet.money, sheet.ratio, sheet.count, sheet.date]):
            kind(0, place, None)
        sheet.date(1, 0, datetime.date(1900, 2, 28))
        sheet.date(1, 1, datetime.date(1900, 3, 1))
        sheet.across(1, 2, 2, "alone", "text")
    read = openpyxl.load_workbook(tmp_path / "a.xlsx")["a"]
    assert [cell.value for cell in read[1]] == [None] * 4
    assert all(cell.border.left.style for cell in read[1])
    assert [exact(cell.value) for cell in read[2]][:3] == [
        *("1900-02-28", datetime.date(1900, 3, 1), "alone")
    ]
    assert not read.merged_cells.ranges


def test_what_each_payer_pays_has_its_name(tmp_path: Path) -> None:
    policy = Path(__file__).parents[1] / "policy" / "invented" / "several-payers.toml"
    rows = openpyxl_rows(written(assess(small(["A"]), policy, 2024), tmp_path), "代偿")
    paid = [heading for heading in rows[HEADINGS_AT] if str(heading).startswith("应付金额（")]
    assert paid == ["应付金额（市财政）", "应付金额（县财政）", "应付金额（省财政）"]


def test_a_line_longer_than_a_cell_is_kept_whole(tmp_path: Path) -> None:
    text = load_policy("jiyuan-2022").text + "# " + "長" * 40_000 + "\n"
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    assessment = assess(small(["A"]), tmp_path / "mine.toml", 2022)
    found = texts_of(openpyxl_rows(written(assessment, tmp_path), RECORD_SHEET))
    assert found["policy.toml"] == text


# 审核表


def blocks(rows: list[list[object]]) -> list[list[list[object]]]:
    starts = [i for i, row in enumerate(rows) if row[0] == "政府性融资担保风险补偿审核表"]
    return [rows[a:b] for a, b in zip(starts, [*starts[1:], len(rows)], strict=True)]


@pytest.mark.slow
def test_a_block_for_each_institution(tmp_path: Path) -> None:
    ids = [f"D{i:02d}" for i in range(20)]
    types = ["farmer" if i % 5 else "large_enterprise" for i in range(20)]
    portfolio = small(ids, 3, types=types, reviews=("通过", "rejected"))
    path = written(assess(portfolio, "jiyuan-2022", 2022), tmp_path)
    found = blocks(openpyxl_rows(path, "审核表"))
    assert len(found) == 3
    for place, block in enumerate(found):
        assert f"填报单位：第{place}担保公司（I{place}）" in str(block[2][0])
        assert "2022 年度" in str(block[1][0])
        assert "单位：元" in block[2]
        claims = [row for row in block[4:] if row[1] is not None]
        expected = [i for i in range(20) if i % 3 == place and i % 5]
        assert [row[1] for row in claims] == [ids[i] for i in expected]
        assert [row[0] for row in claims] == [*range(1, len(expected) + 1)]
        assert {(row[13], row[14]) for row in claims} == {("通过", "不通过")}
        total = next(row for row in block if row[0] == "合计")
        assert total[5] == len(expected) * 100000
        for place_, name in enumerate(block[3]):
            if name in ("代偿金额", "补偿基数", "按比例计算", "补偿金额", "已补偿金额", "本次应付"):
                assert number_in(total[place_]) == sum(number_in(row[place_]) for row in claims)
        texts = [cell for row in block for cell in row if isinstance(cell, str)]
        assert f"人民币{in_words(int(number_in(total[10]) * 100))}" in texts
        for signer in ("财政金融局审核意见：", "行业主管部门审核意见："):
            assert any(text.startswith(signer) and "（盖章）" in text for text in texts)
        assert set(FILLED_IN) <= set(texts)
        assert not any(re.search("--|sha256|[a-z]_[a-z]", text) for text in texts)
        missing = sum(1 for i in range(20) if i % 3 == place and not i % 5)
        assert any(f"不符合条件的 {missing} 笔未列入" in text for text in texts)
    sheet = openpyxl.load_workbook(path)["审核表"]
    # A break stands before the first row of the next block.
    assert [brk.id for brk in sheet.row_breaks.brk] == [
        i
        for i, row in enumerate(openpyxl_rows(path, "审核表"))
        if i and row[0] == "政府性融资担保风险补偿审核表"
    ]
    rules = sheet.data_validations.dataValidation
    assert {rule.formula1 for rule in rules} == {'"' + ",".join(DECISIONS) + '"'}
    cells = {cell for rule in rules for row in sheet[str(rule.sqref)] for cell in row}
    assert len(cells) == 2 * 16
    assert {cell.value for cell in cells} == {"通过", "不通过"}


@pytest.mark.slow
@pytest.mark.parametrize("claims", [13, 14, 22, 23, 60])
def test_every_page_has_title_and_headings_and_the_last_one_room_to_sign(
    tmp_path: Path, claims: int
) -> None:
    ids = [f"D{i}" for i in range(claims)]
    path = written(assess(small(ids), "jiyuan-2022", 2022), tmp_path)
    sheet = openpyxl.load_workbook(path)["审核表"]
    pages = blocks(openpyxl_rows(path, "审核表"))
    listed = [[row[1] for row in page[4:] if row[1] is not None] for page in pages]
    assert [id_ for page in listed for id_ in page] == ids
    assert all(1 <= len(page) <= CLAIMS_A_PAGE for page in listed)
    assert len(listed[-1]) <= CLAIMS_ON_LAST_PAGE
    assert (len(pages) == 1) == (claims <= CLAIMS_ON_LAST_PAGE) == (sheet.freeze_panes == "A5")
    assert len(sheet.row_breaks.brk) == len(pages) - 1
    # One total, over all pages.
    totals = [row for page in pages for row in page if row[0] == "合计"]
    assert [number_in(row[5]) for row in totals] == [100000 * claims]
    assert read_reviews(path).claim_id.to_pylist() == ids


@pytest.mark.slow
def test_what_limits_a_claim_is_told(tmp_path: Path) -> None:
    """The example's claim of 122,345.67: 15% of it is more than the institution bore."""
    ledger = Path(__file__).parents[2] / "examples" / "jiyuan-2022.xlsx"
    path = written(assess(read_portfolio(ledger), "jiyuan-2022", 2022), tmp_path)
    rows = openpyxl_rows(path, "审核表")
    (limited,) = [row for row in rows if row[1] == "DC2022-07"]
    assert limited[6:11] == [122345.67, 0.15, 18351.85, 12234.57, 12234.57]
    assert limited[15] == "受“按担保机构承担金额的上限”限制"
    (other,) = [row for row in rows if row[1] == "DC2022-02"]
    assert other[6:11] == [51200, 0.15, 7680, 20480, 7680]
    assert other[15] is None


@pytest.mark.parametrize("rate", ["0.15", "0.125", "0.333333", "1", "0"])
def test_a_rate_is_written_as_people_do(tmp_path: Path, rate: str) -> None:
    with new_workbook(tmp_path / "a.xlsx", "a", streamed=False) as book:
        Sheet(book, "a").rate(0, 0, Decimal(rate))
    cell = openpyxl.load_workbook(tmp_path / "a.xlsx")["a"]["A1"]
    wanted = {"0.15": "0%", "0.125": "0.0%", "0.333333": "0.0000%", "1": "0%", "0": "0%"}
    assert cell.number_format == wanted[rate]


@pytest.mark.slow
def test_the_record_prints_one_page(tmp_path: Path) -> None:
    path = written(assessed(1, tmp_path / "in"), tmp_path)
    area = str(openpyxl.load_workbook(path)[RECORD_SHEET].print_area)
    last = int(area.rsplit("$", 1)[1])
    rows = openpyxl_rows(path, RECORD_SHEET)
    assert rows[last - 1][0] == "核算记录校验码"
    assert last < 30 < len(rows)
    printed = [str(cell) for row in rows[2:last] for cell in row]
    assert all(each in printed for each in assessed(1, tmp_path / "in").summary["rules"].values())


def test_nothing_to_decide(tmp_path: Path) -> None:
    portfolio = small(["A"], types=["other"])
    found = blocks(
        openpyxl_rows(written(assess(portfolio, "jiyuan-2022", 2022), tmp_path), "审核表")
    )
    assert len(found) == 1
    assert [row[1] for row in found[0]].count("代偿编号") == 1
    assert all(row[1] in (None, "代偿编号") for row in found[0])


@pytest.mark.parametrize("ids", [[], ["A"]])
def test_empty_results_have_headings(tmp_path: Path, ids: list[str]) -> None:
    path = written(assess(small(ids), "jiyuan-2022", 2022), tmp_path)
    assert len(openpyxl_rows(path, "返还")) == HEADINGS_AT + 1
    assert_totals(openpyxl_rows(path, "代偿")[HEADINGS_AT:], len(ids))
    assert len(read_reviews(path)) == len(ids)


# What cannot be written


def test_more_rows_than_a_sheet_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assessment = assess(small([f"D{i}" for i in range(200)]), "jiyuan-2022", 2022)
    path = tmp_path / "result.xlsx"
    path.write_bytes(b"as it was")
    monkeypatch.setattr("compensation.report.sheet.MAX_ROWS", 200 + HEADINGS_AT + 2)
    with pytest.raises(TooManyRows, match="审核表") as caught:
        write_workbook(assessment, path)
    assert "审核表" in caught.value.describe("en")
    assert path.read_bytes() == b"as it was"
    monkeypatch.setattr("compensation.report.sheet.MAX_ROWS", 200 + HEADINGS_AT + 1)
    with pytest.raises(TooManyRows, match="代偿"):
        write_workbook(assessment, path)


def test_a_path_that_cannot_be_written(tmp_path: Path) -> None:
    assessment = assess(small(["A"]), "jiyuan-2022", 2022)
    with pytest.raises(OSError, match="nowhere"):
        write_workbook(assessment, tmp_path / "nowhere" / "result.xlsx")
