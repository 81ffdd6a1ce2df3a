"""The template: what readers accept, empty and filled; all of it as the dictionary says."""

from __future__ import annotations

import datetime
import functools
import tempfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from compensation.assessment import assess
from compensation.faults.input_faults import InputFaults
from compensation.ledger.portfolio_input import read_portfolio
from compensation.policy.catalogue import list_policies, load_policy
from compensation.readers.table_names import EXAMPLE
from compensation.report.column_help import help_for
from compensation.report.template import CONDITIONS, GUIDE, template_columns, write_template
from compensation.schema.column import ColumnType
from compensation.schema.dictionary import BY_YEAR, TABLES
from compensation.streaming import assess_files
from compensation.tables.headings import normalise
from tests.report.results import TABLE_HEADINGS

POLICIES = list_policies()


@functools.cache
def template_bytes(policy: str) -> bytes:
    """A template is the same each time; see the last test."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsx"
        write_template(path, load_policy(policy))
        return path.read_bytes()


def template(policy: str, folder: Path) -> Path:
    path = folder / "template.xlsx"
    path.write_bytes(template_bytes(policy))
    return path


def fill_from_examples(path: Path, filled: Path) -> Path:
    """Copy the rows of the example sheets, as somebody who tries it out would."""
    book = openpyxl.load_workbook(path)
    for heading in (heading for heading in TABLE_HEADINGS if heading in book):
        example = book[EXAMPLE + heading]
        for row in example.iter_rows(min_row=2):
            if row[1].value is None:
                break
            for cell in row:
                book[heading].cell(cell.row, cell.column).value = cell.value
    book.save(filled)
    return filled


OF_EACH_RECORD = {load_policy(policy).rules.record: policy for policy in reversed(POLICIES)}


@pytest.mark.slow
@pytest.mark.parametrize("policy", sorted({*OF_EACH_RECORD.values(), "luoyang-2025"}))
def test_empty_it_only_lacks_rows(tmp_path: Path, policy: str) -> None:
    with pytest.raises(InputFaults) as caught:
        read_portfolio(template(policy, tmp_path))
    found = [(fault.kind, fault.table) for fault in caught.value.faults]
    if "claims" not in template_columns(load_policy(policy)):
        found.remove(("missing_table", "claims"))  # without a policy, payouts are read
    assert found == [("no_rows", "institutions"), ("no_rows", "contracts")]


@pytest.mark.slow
@pytest.mark.parametrize("policy", POLICIES)
def test_filled_it_assesses(tmp_path: Path, policy: str) -> None:
    path = fill_from_examples(template(policy, tmp_path), tmp_path / "filled.xlsx")
    rules = load_policy(policy).rules
    if rules.record != "payout":
        assessment = assess_files(path, policy, rules.effective.from_.year)
        assert assessment.summary["totals"]["claims"]
        return
    portfolio = read_portfolio(path)
    assert not portfolio.warning_list
    assessment = assess(portfolio, policy, rules.effective.from_.year)
    assert assessment.summary["totals"]["claims"] == 2
    assert len(assessment.tables["returns"]) == 1
    # Of the bank's losses only what lies above a part of its loans counts, which is nothing here.
    expected = ["capped_to_nothing"] if policy == "qingdao-2015" else []
    assert [group.kind for group in assessment.warnings.groups] == expected


@pytest.mark.slow
def test_an_empty_payments_sheet_counts_until_it_is_deleted(tmp_path: Path) -> None:
    """With rows or without, the table says what was paid: an amount typed beside it is a fault."""
    path = fill_from_examples(template(POLICIES[0], tmp_path), tmp_path / "filled.xlsx")
    book = openpyxl.load_workbook(path)
    book["拨付"].delete_rows(2, book["拨付"].max_row)
    claims = book["代偿"]
    typed = claims.cell(2, [cell.value for cell in claims[1]].index("已补偿金额") + 1)
    typed.value = None
    book.save(path)
    assert read_portfolio(path).numbers("claims", "compensation_paid").tolist()[0] == 0
    typed.value = 1
    book.save(path)
    with pytest.raises(InputFaults) as caught:
        read_portfolio(path)
    (fault,) = caught.value.faults
    assert (fault.kind, fault.table, fault.row) == ("paid_differs", "claims", 2)
    assert "请删除拨付表" in fault.describe("zh")
    assert "delete the table payments" in fault.describe("en")
    del book["拨付"]
    book.save(path)
    assert read_portfolio(path).numbers("claims", "compensation_paid").tolist()[0] == 100


@pytest.mark.slow
def test_the_examples_reach_eligible_business(tmp_path: Path) -> None:
    """Only the institution, which starts from nothing, fails; the claims' own conditions hold."""
    path = fill_from_examples(template("luoyang-2025", tmp_path), tmp_path / "filled.xlsx")
    assessment = assess(read_portfolio(path), "luoyang-2025", 2025)
    assert set(assessment.tables["claims"]["reasons"].to_pylist()) == {"institution"}


@pytest.mark.slow
@pytest.mark.parametrize("policy", POLICIES)
def test_headings_notes_and_formats(tmp_path: Path, policy: str) -> None:
    book = openpyxl.load_workbook(template(policy, tmp_path))
    chosen = load_policy(policy)
    columns = template_columns(chosen)
    of_payouts = {"代偿", "追偿", "上缴"} if chosen.rules.record != "payout" else set()
    headings = [heading for heading in TABLE_HEADINGS if heading not in of_payouts]
    headings += [table.heading for table in BY_YEAR if table.name in columns]
    assert book.sheetnames == [
        GUIDE,
        CONDITIONS,
        *headings,
        *(EXAMPLE + heading for heading in headings),
    ]
    for table in (table for table in TABLES if table.heading in headings):
        sheet = book[table.heading]
        assert sheet.freeze_panes == "B2"
        assert [cell.value for cell in sheet[1]] == [c.heading for c in columns[table.name]]
        formats = {
            place: dimension.number_format
            for dimension in sheet.column_dimensions.values()
            for place in range(dimension.min, dimension.max + 1)
        }
        for cell, column in zip(sheet[1], columns[table.name], strict=True):
            assert cell.comment is not None
            note = cell.comment.text
            assert column.name in note
            assert column.expected.zh in note
            assert column.note.zh in note
            assert ("必填" in note) == column.required
            assert (cell.fill.start_color.rgb == "FFF8DCC8") == column.required
            kinds = {ColumnType.TEXT: "@", ColumnType.DATE: "yyyy-mm-dd"}
            assert formats[cell.column] == kinds.get(column.type, formats[cell.column])


def rules_of(path: Path) -> dict[tuple[str, str], Any]:
    """Every validation, by sheet and heading."""
    book = openpyxl.load_workbook(path)
    found = {}
    for heading in TABLE_HEADINGS:
        sheet = book[heading]
        for rule in sheet.data_validations.dataValidation:
            [area] = rule.sqref.ranges
            assert (area.min_row, area.max_row) == (2, 1_048_576)
            assert area.min_col == area.max_col
            found[heading, sheet.cell(1, area.min_col).value] = rule
    return found


def test_lists_and_checks(tmp_path: Path) -> None:
    rules = rules_of(template("luoyang-2025", tmp_path))
    columns = template_columns(load_policy("luoyang-2025"))
    for table in (table for table in TABLES if table.name in columns):
        for column in columns[table.name]:
            rule = rules.get((table.heading, column.heading))
            if column.type is ColumnType.TEXT:
                assert (rule is None) == (column.refers_to is None and not column.unique)
                assert rule is None or (rule.type, rule.errorStyle) == ("custom", "warning")
                continue
            assert rule is not None
            if column.type is ColumnType.CHOICE:
                assert rule.formula1 == '"' + ",".join(c.zh for c in column.choices) + '"'
                assert len(rule.formula1) <= 255
            elif column.type is ColumnType.BOOLEAN:
                assert rule.formula1 == '"是,否"'
            elif column.type is ColumnType.DATE:
                assert (rule.type, rule.operator) == ("date", "greaterThanOrEqual")
            elif column.type is ColumnType.MONEY:
                assert rule.type == "decimal"
                assert rule.formula1 == ("0.01" if column.positive else "0")
                assert rule.formula2 == "9999999999999.99"
            else:
                assert rule.formula1 == "0"


def test_the_guide_names_every_column(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(template("luoyang-2025", tmp_path))
    listed = {(str(row[0].value)[:4], row[1].value) for row in book[GUIDE].iter_rows()}
    for name, columns in template_columns(load_policy("luoyang-2025")).items():
        heading = next(table.heading for table in TABLES if table.name == name)
        for column in columns:
            assert any(
                where.startswith(heading[:4]) and what == column.heading for where, what in listed
            )
    text = "".join(str(cell.value) for row in book[GUIDE].iter_rows() for cell in row)
    assert "政策要用到此列" in text
    for row in book[GUIDE].iter_rows(min_row=13):
        assert all(cell.value for cell in row[:4]), row[1].value
        assert row[6].value, f"{row[1].value} has no example"
    for table in TABLES:
        for column in table.columns:
            meaning, source = help_for(table.name, column)
            assert source, f"nobody says where {column.name} is found"
            assert meaning or column.note.zh, f"nobody says what {column.name} means"


def test_the_conditions_of_the_policy_are_in_words(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(template("jiyuan-2022", tmp_path))
    said = {row[2].value for row in book[CONDITIONS].iter_rows()}
    assert {"在保余额增速不低于 10%", "单户担保余额不超过 500 万元"} <= said


def test_examples_are_said_to_be_invented(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(template("jiyuan-2022", tmp_path))
    known = {normalise(name) for table in TABLES for name in (table.name, table.heading)}
    for heading in TABLE_HEADINGS:
        sheet = book[EXAMPLE + heading]
        assert normalise(sheet.title) not in known
        assert any("虚构" in str(row[0].value) for row in sheet.iter_rows())
        assert [c.value for c in sheet[1]] == [c.value for c in book[heading][1]]


@pytest.mark.slow
def test_a_text_that_nothing_tests_has_an_example_as_well(tmp_path: Path) -> None:
    policy = load_policy(Path(__file__).parents[1] / "policy" / "base.toml")
    write_template(tmp_path / "template.xlsx", policy)
    sheet = openpyxl.load_workbook(tmp_path / "template.xlsx")[EXAMPLE + "担保合同"]
    [place] = [cell.column for cell in sheet[1] if cell.value == "类别"]
    assert sheet.cell(2, place).value == "示例"


def test_example_dates_are_dates(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(template("jiyuan-2022", tmp_path))[EXAMPLE + "代偿"]
    assert sheet["C2"].value == datetime.datetime(2022, 11, 10)  # noqa: DTZ001


def test_the_same_policy_has_the_same_bytes(tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    write_template(path, load_policy("jiyuan-2022"))
    assert path.read_bytes() == template_bytes("jiyuan-2022")


def test_a_policy_without_payouts_asks_for_nothing_of_them(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(template("xiamen-green-2021", tmp_path))
    said = [str(cell.value) for row in book[GUIDE].iter_rows() for cell in row]
    assert not [each for each in said if "分担比例" in each or "追偿" in each]
    checks = [each.formula1 or "" for each in book["拨付"].data_validations.dataValidation]
    assert any("担保合同!$A:$A" in each for each in checks)
