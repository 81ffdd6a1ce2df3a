"""The review sheet coming back: from our own workbook, and from sheets that people made."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest

from compensation.assessment import assess
from compensation.faults.input_faults import InputFaults
from compensation.issues import Issue
from compensation.ledger.portfolio import Portfolio
from compensation.ledger.reviews import Reviews, apply_reviews, read_reviews
from compensation.report.workbook import write_workbook
from compensation.schema.choices import APPROVED, PENDING, REJECTED
from tests.portfolios import random_portfolio
from tests.report.results import HOSTILE, openpyxl_rows, read_tables, small, unescaped

CODES = {"通过": APPROVED, "不通过": REJECTED, "待审": PENDING, None: PENDING}
FINANCE, INDUSTRY = 14, 15
"""Columns of our own sheet, counted from 1."""


def sheet_of(folder: Path, rows: Sequence[Sequence[object]], name: str = "审核表") -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = name
    for row in rows:
        book.active.append(list(row))
    path = folder / "reviews.xlsx"
    book.save(path)
    return path


def faults_of(path: Path) -> list[Issue]:
    with pytest.raises(InputFaults) as caught:
        read_reviews(path)
    return list(caught.value.faults)


def decisions(reviews: Reviews) -> dict[str, tuple[int, int]]:
    columns = (reviews.claim_id, reviews.finance_review, reviews.industry_review)
    ids, finance, industry = (column.to_pylist() for column in columns)
    return dict(zip(ids, zip(finance, industry, strict=True), strict=True))


def fill(path: Path, decide: Callable[[str], tuple[str | None, str | None]]) -> Path:
    """What two departments do with our sheet: choose in the list, next to each claim."""
    book = openpyxl.load_workbook(path)
    sheet = book["审核表"]
    for row in sheet.iter_rows(min_col=1, max_col=INDUSTRY):
        if isinstance(row[0].value, int):
            finance, industry = decide(str(unescaped(row[1].value)))
            row[FINANCE - 1].value, row[INDUSTRY - 1].value = finance, industry
    filled = path.with_name("filled.xlsx")
    book.save(filled)
    return filled


HEADINGS: list[object] = ["代偿编号", "财政金融局审核", "行业主管部门审核"]


# There and back


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_unfilled_it_says_what_the_input_said(tmp_path: Path, seed: int) -> None:
    portfolio = read_tables(random_portfolio(seed, 60), tmp_path / "in")
    assessment = assess(portfolio, "jiyuan-2022", 2022)
    path = tmp_path / "result.xlsx"
    write_workbook(assessment, path)
    reviews = read_reviews(path)
    claims = assessment.tables["claims"].to_pylist()
    assert sorted(decisions(reviews)) == sorted(c["claim_id"] for c in claims if c["eligible"])
    again = apply_reviews(portfolio, reviews)
    for name in ("finance_review", "industry_review"):
        assert again.column("claims", name).equals(portfolio.column("claims", name))
    assert assess(again, "jiyuan-2022", 2022).input_digest == assessment.input_digest


@pytest.mark.slow
@pytest.mark.parametrize("institutions", [1, 3])
def test_filled_it_decides(tmp_path: Path, institutions: int) -> None:
    ids = [text.strip() for text in HOSTILE]
    types = ["farmer" if i % 4 else "other" for i in range(len(ids))]
    portfolio = small(ids, institutions, types=types, reviews=("不通过", "通过"))
    path = tmp_path / "result.xlsx"
    write_workbook(assess(portfolio, "jiyuan-2022", 2022), path)
    choices = ["通过", "不通过", "待审", None]
    wanted = {
        id_: (choices[i % 4], choices[i // 4 % 4])
        for i, id_ in enumerate(ids)
        if types[i] == "farmer"
    }
    reviews = read_reviews(fill(path, lambda id_: wanted[id_]))
    assert decisions(reviews) == {id_: (CODES[a], CODES[b]) for id_, (a, b) in wanted.items()}
    after = apply_reviews(portfolio, reviews)
    expected = dict.fromkeys(ids, (REJECTED, APPROVED)) | decisions(reviews)
    assert decisions(reviews_of(after)) == expected
    statuses = assess(after, "jiyuan-2022", 2022).tables["claims"].to_pylist()
    for row in statuses:
        finance, industry = expected[row["claim_id"]]
        if not row["eligible"]:
            assert row["status"] == "ineligible"
        elif REJECTED in (finance, industry):
            assert row["status"] == "rejected"
        else:
            approved = finance == industry == APPROVED
            assert row["status"] == ("approved" if approved else "pending")


def reviews_of(portfolio: Portfolio) -> Reviews:
    names = ("claim_id", "finance_review", "industry_review")
    return Reviews(*(portfolio.column("claims", name) for name in names))


def test_the_portfolio_itself_stays_as_it_was(tmp_path: Path) -> None:
    portfolio = small(["A", "B"])
    before = decisions(reviews_of(portfolio))
    path = sheet_of(tmp_path, [HEADINGS, ["A", "通过", "通过"]])
    after = apply_reviews(portfolio, read_reviews(path))
    assert decisions(reviews_of(portfolio)) == before
    assert decisions(reviews_of(after)) == before | {"A": (APPROVED, APPROVED)}
    assert {"finance_review", "industry_review"} <= after.present["claims"]


# Sheets that people made


def test_forms_that_are_understood(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["济源示范区 2022 年审核表"],
        [],
        ["序号", " 代偿编号 ", "财政金融局审核", "备注", "行业主管部门审核"],
        [1, "A", "通过", "核实", "approved"],
        [2, 17, " 不通过 ", None, "Rejected"],
        [],
        [3, "B", None, "=x", "pending"],
        ["合计", None, None, None, None],
        ["经办人：", None, "负责人："],
        [None, "industry_review", "finance_review", "claim_id"],
        [None, "通过", "待审", "C"],
        ["合计", 3],
    ]
    found = decisions(read_reviews(sheet_of(tmp_path, rows)))
    assert found == {
        "A": (APPROVED, APPROVED),
        "17": (REJECTED, REJECTED),
        "B": (PENDING, PENDING),
        "C": (PENDING, APPROVED),
    }


def test_a_sheet_like_the_claims_table(tmp_path: Path) -> None:
    headings: list[str | None] = ["claim_id", "contract_id", "finance_review", "industry_review"]
    rows: list[list[str | None]] = [
        headings,
        ["A", "C0", "approved", "rejected"],
        ["合计", None, None, None],
    ]
    assert decisions(read_reviews(sheet_of(tmp_path, rows))) == {"A": (APPROVED, REJECTED)}


def test_no_claims_decide_nothing(tmp_path: Path) -> None:
    reviews = read_reviews(sheet_of(tmp_path, [HEADINGS, [None, "通过", None]]))
    assert len(reviews) == 0
    portfolio = small(["A"])
    assert decisions(reviews_of(apply_reviews(portfolio, reviews))) == decisions(
        reviews_of(portfolio)
    )


# What is wrong


def test_no_such_sheet(tmp_path: Path) -> None:
    [fault] = faults_of(sheet_of(tmp_path, [HEADINGS], "审核"))
    assert fault.kind == "missing_sheet"
    assert "审核表" in fault.message.zh
    assert "审核表" in fault.message.en


@pytest.mark.parametrize(
    "rows", [[["代偿编号", "备注"], ["A", "通过"]], [["A", "通过", "通过"]], []]
)
def test_no_headings(tmp_path: Path, rows: list[list[object]]) -> None:
    [fault] = faults_of(sheet_of(tmp_path, rows))
    assert fault.kind == "no_headings"
    assert "财政金融局审核" in fault.expected.zh
    assert "finance_review" in fault.expected.en


def test_headings_sorted_to_the_end(tmp_path: Path) -> None:
    headings = ["序号", "代偿编号", "财政金融局审核", "行业主管部门审核"]
    rows: list[list[object]] = [["审核表"], [1, "C1", "通过", "同意。"], [2, "C2", None, "不通过"]]
    path = sheet_of(tmp_path, [*rows, headings])
    found = [(fault.kind, fault.row) for fault in faults_of(path)]
    assert found == [("records_above_headings", row) for row in (2, 3)]


@pytest.mark.parametrize("name", ["审核表 (2)", "审核表(财政局)", "审核表 Copy"])
def test_two_review_sheets(name: str, tmp_path: Path) -> None:
    path = sheet_of(tmp_path, [["代偿编号", "财政金融局审核", "行业主管部门审核"]])
    book = openpyxl.load_workbook(path)
    book.create_sheet(name)
    book.save(path)
    (fault,) = faults_of(path)
    assert fault.kind == "table_twice"
    assert name in fault.message.zh


def test_a_decision_column_missing_or_twice(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["代偿编号", "财政金融局审核"],
        ["A", "通过"],
        [*HEADINGS, "finance_review"],
        ["B", "通过", "通过", "不通过"],
    ]
    kinds = {(fault.kind, fault.column) for fault in faults_of(sheet_of(tmp_path, rows))}
    assert kinds == {
        ("missing_column", "industry_review"),
        ("duplicate_column", "finance_review"),
    }


def test_all_faults_at_once_with_their_rows(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["标题"],
        HEADINGS,
        ["A", "原则同意", "通过"],
        ["B", "通过", 1],
        ["A", "通过", "通过"],
        ["合计"],
        HEADINGS,
        ["B", "是", "通过"],
        ["=1+1", "通过", "=A1"],
    ]
    found = faults_of(sheet_of(tmp_path, rows))
    assert all(fault.table == "审核表" for fault in found)
    assert {(fault.kind, fault.column, fault.row) for fault in found} == {
        ("unknown_choice", "finance_review", 3),
        ("unknown_choice", "industry_review", 4),
        ("duplicate", "claim_id", 5),
        ("unknown_choice", "finance_review", 8),
        ("duplicate", "claim_id", 8),
        ("formula_without_value", "claim_id", 9),
        ("formula_without_value", "industry_review", 9),
    }
    wrong = next(fault for fault in found if fault.row == 3)
    assert wrong.value == "原则同意"
    assert wrong.expected.zh == "通过、不通过或待审"
    assert "approved, rejected, pending" in wrong.expected.en


def test_a_claim_that_the_input_lacks(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["标题"],
        HEADINGS,
        ["A", "通过", "通过"],
        ["X", None, None],
        ["Y", None, None],
    ]
    reviews = read_reviews(sheet_of(tmp_path, rows))
    with pytest.raises(InputFaults) as caught:
        apply_reviews(small(["A"]), reviews)
    found = [(f.kind, f.table, f.row, f.value) for f in caught.value.faults]
    assert found == [
        ("unknown_reference", "审核表", 4, "X"),
        ("unknown_reference", "审核表", 5, "Y"),
    ]


def test_files_that_are_no_workbook(tmp_path: Path) -> None:
    missing = tmp_path / "none.xlsx"
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 nothing more")
    old = tmp_path / "old.xlsx"
    old.write_bytes(bytes.fromhex("D0CF11E0A1B11AE1") * 64)
    locked = tmp_path / "locked.xlsx"
    locked.write_bytes(old.read_bytes() + "EncryptedPackage".encode("utf-16-le"))
    text = tmp_path / "text.xlsx"
    text.write_text("代偿编号,财政金融局审核\n", encoding="utf-8")
    whole = sheet_of(tmp_path, [HEADINGS])
    gap = tmp_path / "gap.xlsx"
    with zipfile.ZipFile(whole) as archive, zipfile.ZipFile(gap, "w") as damaged:
        for name in archive.namelist():
            if "sheet1" not in name:
                damaged.writestr(name, archive.read(name))
    kinds = {
        missing: "unreadable",
        broken: "broken_file",
        old: "old_workbook",
        locked: "encrypted",
        text: "broken_file",
        gap: "broken_file",
        tmp_path: "unreadable",
    }
    for path, kind in kinds.items():
        assert [fault.kind for fault in faults_of(path)] == [kind], path


def test_a_sheet_that_spans_too_much_is_refused(tmp_path: Path) -> None:
    path = sheet_of(tmp_path, [HEADINGS, ["A", "通过", "通过"]])
    book = openpyxl.load_workbook(path)
    book["审核表"]["XFD1048576"] = "stray"
    book.save(path)
    [fault] = faults_of(path)
    assert (fault.kind, fault.table) == ("sheet_too_large", "审核表")


@pytest.mark.slow
def test_a_large_sheet_is_read_in_one_go(tmp_path: Path) -> None:
    ids = [f"D{i:05d}" for i in range(1000)]
    portfolio = small(ids, 40, principal="100.00")
    path = tmp_path / "result.xlsx"
    write_workbook(assess(portfolio, "jiyuan-2022", 2022), path)
    assert sorted(decisions(read_reviews(path))) == ids
    assert len([r for r in openpyxl_rows(path, "审核表") if r[0] == "合计"]) == 40
