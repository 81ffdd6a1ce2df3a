"""A result comes out again in every form, and whatever was changed is found and named."""

from __future__ import annotations

import io
import random
import shutil
from dataclasses import replace
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import compensation
from compensation import ResultRefused, diff, verify
from compensation.assessment import Assessment, assess
from compensation.ledger.portfolio_input import read_portfolio
from compensation.policy.catalogue import load_policy
from compensation.policy.faults import PolicyFaults
from compensation.record import reading
from compensation.record.verification import Verification
from compensation.record.wording import difference_text
from compensation.streaming import assess_files
from tests import one_claim
from tests.assessing import frames_of, portfolio_of, rows_of
from tests.command import JIYUAN, run_here
from tests.conftest import DEPTH
from tests.portfolios import random_portfolio, write_csv
from tests.portfolios_luoyang import random_luoyang_portfolio
from tests.record.results import (
    FORMS,
    KEYS,
    edit_cell,
    edit_csv,
    edit_summary,
    said_of,
    written,
)
from tests.report.results import HOSTILE, small


def cells(found: Verification) -> list[tuple[str, str, str, str, str]]:
    """Every cell that differs: table, id, column, recorded, recomputed."""
    return [(table.table, *cell[:4]) for table in found.tables for cell in table.cells()]


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_a_result_comes_out_again(
    example: Assessment, tmp_path: Path, form: str, ledger: Path
) -> None:
    path = written(example, tmp_path, form)
    found = verify(path, ledger)
    assert found.same
    assert (found.result_changed, found.rules_changed, found.program_changed) == ((), (), ())
    assert found.policy_against == ([], [])
    for table, compared in zip(example.tables.values(), found.tables, strict=False):
        assert compared.compared == table.num_rows * table.num_columns
    shown = {table.table: table.compared for table in found.tables[3:]}
    assert shown == ({} if form != "xlsx" else {"汇总": 2 * (10 + 4 * 3), "审核表": 9 * 12})
    done = run_here("verify", path, ledger)
    assert (done.returncode, done.stderr) == (0, "")
    assert "相同：同一输入" in done.stdout
    assert "The same: from this input" in said_of(found, "en")


@pytest.mark.parametrize("name", ["按比例压减到万元", "扶持办法（单位：万元）"])
def test_a_policy_named_after_a_unit_comes_out_again(
    tmp_path: Path, ledger: Path, name: str
) -> None:
    """The line 依据 of a sheet names the policy: it is no unit of the columns below it."""
    policy = tmp_path / "named.toml"
    text = load_policy("jiyuan-2022").text
    first = next(line for line in text.splitlines() if line.startswith("name ="))
    policy.write_text(text.replace(first, f'name = {{ zh = "{name}" }}', 1), encoding="utf-8")
    path = written(assess(read_portfolio(ledger), policy, 2022), tmp_path, "xlsx")
    assert verify(path, ledger, policy=policy).same


def of_the_first_programs(assessment: Assessment) -> Assessment:
    """A result without what the first programs did not say: a total, and most warnings."""
    older = replace(assessment)
    said = assessment.summary
    totals = {k: v for k, v in said["totals"].items() if k != "to_government_in_year"}
    known = [group.kind for group in assessment.warnings.groups].index("recovery_on_pending")
    warnings = said["warnings"][known : known + 1]
    assert (len(said["totals"]), len(said["warnings"])) == (len(totals) + 1, len(warnings) + 5)
    older.__dict__["summary"] = {**said, "totals": totals, "warnings": warnings}
    return older


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_a_result_of_the_first_programs_still_comes_out(
    example: Assessment, tmp_path: Path, form: str, ledger: Path
) -> None:
    path = written(of_the_first_programs(example), tmp_path / "old", form)
    new = written(example, tmp_path / "new", form)
    assert "to_government_in_year" not in compensation.read_result(path).summary["totals"]
    found = verify(path, ledger)
    assert found.comes_out
    assert found.same
    assert not diff(path, new).totals
    assert run_here("assess", ledger, *JIYUAN, "-o", path).returncode == 0
    assert "to_government_in_year" in compensation.read_result(path).summary["totals"]


def test_a_changed_total_of_the_year_is_found(folder: Path, ledger: Path) -> None:
    edit_summary(
        folder, lambda said: said["totals"].update(to_government_in_year="1.00"), forge=True
    )
    (value,) = verify(folder, ledger).values
    assert value == ("totals.to_government_in_year", "1.00", "39366.67")


@pytest.mark.slow
def test_rows_that_messages_name_may_be_numbered_by_another_form(tmp_path: Path) -> None:
    """A CSV file counts its heading as a line, a Parquet file does not."""
    tables = one_claim.small()
    tables["claims"].append({**tables["claims"][0], "claim_id": "C2"})
    write_csv(tables, tmp_path / "csv")
    (tmp_path / "parquet").mkdir()
    for name, frame in frames_of(tables).items():
        pq.write_table(frame, tmp_path / "parquet" / f"{name}.parquet")
    from_csv, from_parquet = (
        assess_files(tmp_path / form, "jiyuan-2022", 2022) for form in ("csv", "parquet")
    )
    assert from_csv.summary["warnings"] != from_parquet.summary["warnings"]
    assert verify(written(from_csv, tmp_path / "result", "csv"), tmp_path / "parquet").same


@pytest.mark.slow
@given(seed=st.integers(0, 10**6), form=st.sampled_from(FORMS), luoyang=st.booleans())
@settings(max_examples=3 * DEPTH, suppress_health_check=list(HealthCheck))
def test_any_result_comes_out_and_any_changed_cell_is_found(
    tmp_path_factory: pytest.TempPathFactory, seed: int, form: str, luoyang: bool
) -> None:
    home = tmp_path_factory.mktemp("any")
    tables = random_luoyang_portfolio(seed, 25) if luoyang else random_portfolio(seed, 25)
    write_csv(tables, home / "in")
    policy, year = ("luoyang-2025", 2025) if luoyang else ("jiyuan-2022", 2022)
    budget = random.Random(seed).choice([None, "1000.01"])
    assessment = assess_files(home / "in", policy, year, budget)
    path = written(assessment, home, form)
    assert verify(path, home / "in").same
    if form == "xlsx" and luoyang:  # the helper knows the headings of one policy
        return
    for table, column in (("claims", "base"), ("returns", "to_government")):
        rows = rows_of(assessment.tables[table])
        if rows:
            place = seed % len(rows)
            edit_cell(path, form, table, place, column, "1234567.89")
            id_ = rows[place][KEYS[table]]
            expected = table, id_, column, "1234567.89", rows[place][column]
            found = verify(path, home / "in")
            assert expected in cells(found)
            assert not found.same
            assert found.result_changed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "table", "column", "value"),
    [
        ("csv", "claims", "payable", "7680.01"),
        ("parquet", "claims", "payable", "7680.01"),
        ("csv", "claims", "contract_id", "'SLDB"),
        ("parquet", "claims", "reasons", "borrower_type"),
        ("csv", "claims", "status", "rejected"),
        ("xlsx", "claims", "status", "rejected"),
        ("xlsx", "returns", "to_lender", "0.01"),
        ("csv", "institutions", "rate", "0.200000"),
        ("xlsx", "institutions", "rate", "0.200000"),
    ],
)
def test_a_cell_changed_by_hand_is_named(
    example: Assessment,
    tmp_path: Path,
    form: str,
    table: str,
    column: str,
    value: str,
    ledger: Path,
) -> None:
    path = written(example, tmp_path, form)
    row = 1 if table == "claims" else 0
    typed = "不通过" if form == "xlsx" and value == "rejected" else value
    edit_cell(path, form, table, row, column, typed)
    before = rows_of(example.tables[table])[row]
    found = verify(path, ledger)
    assert cells(found) == [(table, before[KEYS[table]], column, value, before[column])]
    assert len(found.result_changed) == 1
    assert not found.input_changed
    assert "Not the same. Changed: the result." in said_of(found, "en")
    assert value in said_of(found, "en")


@pytest.mark.slow
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_cell_that_is_no_value_is_shown_as_it_is(
    example: Assessment, tmp_path: Path, form: str, ledger: Path
) -> None:
    path = written(example, tmp_path, form)
    edit_cell(path, form, "claims", 1, "payable", "much")
    found = verify(path, ledger)
    assert len(found.result_changed) == 1
    assert cells(found) == [("claims", "DC2022-02", "payable", "much", "7680.00")]
    assert [cell.change for cell in found.tables[0].cells()] == [None]


@pytest.mark.slow
def test_rows_and_columns_that_are_gone_or_new(folder: Path, ledger: Path) -> None:
    def change(rows: list[dict[str, str]]) -> None:
        del rows[2]
        rows.append({**rows[0], "claim_id": "DC-new"})
        rows.append(dict(rows[0]))

    edit_csv(folder / "claims.csv", change)
    lines = (folder / "returns.csv").read_text("utf-8").splitlines()
    cut = [line.rpartition(",")[0] for line in lines]
    (folder / "returns.csv").write_text("\n".join(cut) + "\n", "utf-8")
    claims, institutions, returns = verify(folder, ledger).tables
    assert claims.added.to_pylist() == ["DC2022-03"]
    assert claims.removed.to_pylist() == ["DC-new", "DC2022-01"]
    assert claims.count == 0
    assert institutions.same
    assert returns.further == ("to_national_fund",)
    done = run_here("verify", folder, ledger)
    assert done.returncode == 1
    assert "DC-new" in done.stdout


def test_other_forms_of_the_same_cells_are_the_same(folder: Path, ledger: Path) -> None:
    """As spreadsheet programs save a CSV file: CRLF, dates and numbers in their own form."""
    text = (folder / "claims.csv").read_text("utf-8").replace("\n", "\r\n")
    text = (
        text.replace("2022-05-10", "2022/5/10").replace("7680.00", "7680").replace("true", "TRUE")
    )
    (folder / "claims.csv").write_bytes(text.encode("gb18030"))
    found = verify(folder, ledger)
    assert found.same
    assert found.result_changed == ("claims.csv",)


def test_rows_in_another_order_are_the_same(folder: Path, ledger: Path) -> None:
    edit_csv(folder / "claims.csv", list.reverse)
    found = verify(folder, ledger)
    assert found.same
    assert [table.reordered for table in found.tables] == [True, False, False]
    assert "行的次序不同" in said_of(found)


@pytest.mark.slow
def test_a_workbook_saved_by_another_program_is_the_same(
    example: Assessment, tmp_path: Path, ledger: Path
) -> None:
    path = written(example, tmp_path, "xlsx")
    book = openpyxl.load_workbook(path)
    book["代偿"]["A4"].font = openpyxl.styles.Font(bold=True)
    book.save(path)
    found = verify(path, ledger)
    assert found.same
    assert not found.result_changed


@pytest.mark.slow
def test_a_number_where_a_workbook_had_a_text_is_shown_as_one(
    example: Assessment, tmp_path: Path, ledger: Path
) -> None:
    path = written(example, tmp_path, "xlsx")
    book = openpyxl.load_workbook(path)
    book["代偿"]["B5"].value = 12.5
    book.save(path)
    before = rows_of(example.tables["claims"])[1]
    assert cells(verify(path, ledger)) == [
        ("claims", before["claim_id"], "contract_id", "12.5", before["contract_id"])
    ]


@pytest.mark.slow
def test_a_column_that_is_gone_from_a_workbook(
    example: Assessment, tmp_path: Path, ledger: Path
) -> None:
    path = written(example, tmp_path, "xlsx")
    book = openpyxl.load_workbook(path)
    book["返还"].delete_cols(book["返还"].max_column)
    book.save(path)
    found = verify(path, ledger)
    assert found.result_changed == ("返还",)
    assert found.tables[2].further == (example.tables["returns"].column_names[-1],)


@pytest.mark.slow
def test_a_workbook_with_an_empty_sheet_or_headings_of_no_policy_is_refused(
    example: Assessment, tmp_path: Path, ledger: Path
) -> None:
    path = written(example, tmp_path, "xlsx")
    book = openpyxl.load_workbook(path)
    book["返还"].delete_rows(1, book["返还"].max_row)
    book.save(path)
    with pytest.raises(ResultRefused, match="返还"):
        verify(path, ledger)
    own = tmp_path / "own.toml"
    own.write_text(example.policy.text.replace('"jiyuan-2022"', '"shili-2022"'), "utf-8")
    path = written(assess_files(ledger, own, 2022), tmp_path, "xlsx")
    book = openpyxl.load_workbook(path)
    for row in book["核算存证"].iter_rows():
        if row[1].value == 'id = "shili-2022"':
            row[1].value = "id = "
    book.save(path)
    with pytest.raises(PolicyFaults, match="TOML"):
        verify(path, ledger)


@pytest.mark.slow
def test_what_a_workbook_repeats_for_people_is_compared_as_well(
    example: Assessment, tmp_path: Path, ledger: Path
) -> None:
    path = written(example, tmp_path, "xlsx")
    book = openpyxl.load_workbook(path)
    for row in book["汇总"].iter_rows():
        if row[0].value == "应付金额合计":
            row[1].value = 232041.75
    for row in book["审核表"].iter_rows():
        if row[1].value == "DC2022-02":
            row[10].value, row[13].value = 9680, "不通过"  # a decision is for people to enter
    book.save(path)
    found = verify(path, ledger)
    assert cells(found) == [
        ("汇总", "应付金额合计", "value", "232041.75", "132041.75"),
        ("审核表", "DC2022-02", "compensation", "9680.00", "7680.00"),
    ]
    assert "Changed: the result." in said_of(found, "en")
    assert "审核表:" in said_of(found, "en")


# The summary


@pytest.mark.parametrize("forge", [False, True])
def test_a_total_changed_in_the_summary_is_named(folder: Path, forge: bool, ledger: Path) -> None:
    edit_summary(folder, lambda said: said["totals"].update(payable="1.00"), forge=forge)
    found = verify(folder, ledger)
    assert found.values == (("totals.payable", "1.00", "132041.75"),)
    assert found.result_changed == (() if forge else ("summary.json",))
    assert not found.same


def test_options_changed_in_the_summary(folder: Path, ledger: Path) -> None:
    edit_summary(folder, lambda said: said.update(budget="100000.00"), forge=False)
    found = verify(folder, ledger)
    assert found.result_changed == ("summary.json",)
    assert [table.count for table in found.tables] == [6, 1, 8]
    assert [each.key for each in found.lists] == ["assumptions"]


def test_another_version_is_no_difference(folder: Path, ledger: Path) -> None:
    edit_summary(folder, lambda said: said.update(version="0.0.1"), forge=True)
    found = verify(folder, ledger)
    assert found.same
    assert found.program_changed == ("0.0.1",)
    assert "0.0.1" in said_of(found)


def test_a_version_changed_by_hand_is(folder: Path, ledger: Path) -> None:
    edit_summary(folder, lambda said: said.update(version="9.9.9"), forge=False)
    found = verify(folder, ledger)
    assert found.comes_out
    assert not found.same


def test_everything_forged_is_told_by_computing_it_again(folder: Path, ledger: Path) -> None:
    edit_cell(folder, "csv", "claims", 1, "payable", "9680.00")
    edit_summary(folder, lambda said: said["totals"].update(payable="134041.75"), forge=True)
    found = verify(folder, ledger)
    assert not found.result_changed
    assert cells(found) == [("claims", "DC2022-02", "payable", "9680.00", "7680.00")]
    assert "Changed: the result." in said_of(found, "en")


@pytest.mark.slow
def test_a_warning_is_known_whatever_row_it_is_in(example: Assessment, tmp_path: Path) -> None:
    write_csv(random_portfolio(7, 40), tmp_path / "in")
    assessment = assess(read_portfolio(tmp_path / "in"), "jiyuan-2022", 2022)
    assert assessment.summary["warnings"]
    path = written(assessment, tmp_path, "csv")

    def elsewhere(said: dict[str, list[dict[str, object]]]) -> None:
        for warning in said["warnings"]:
            warning["row"] = 1

    edit_summary(path, elsewhere, forge=True)
    assert verify(path, tmp_path / "in").same
    edit_summary(path, lambda said: said["warnings"].pop(), forge=True)
    (lists,) = verify(path, tmp_path / "in").lists
    assert (lists.key, len(lists.removed), len(lists.added)) == ("warnings", 0, 1)
    assert example.summary["warnings"]


# The rules


@pytest.mark.slow
def test_a_changed_input_is_told_by_table_even_where_no_figure_moves(tmp_path: Path) -> None:
    tables = random_portfolio(5, 40)
    write_csv(tables, tmp_path / "in")
    path = written(assess_files(tmp_path / "in", "jiyuan-2022", 2022), tmp_path, "csv")
    tables["contracts"][0]["borrower_name"] = "另一个名字"
    write_csv(tables, tmp_path / "in")
    found = verify(path, tmp_path / "in")
    assert found.input_changed == ("contracts",)
    assert found.comes_out
    assert not found.same
    tables["claims"][0]["principal"] = "1.00"
    write_csv(tables, tmp_path / "in")
    done = run_here("verify", path, tmp_path / "in", "--lang", "en")
    assert done.returncode == 1
    assert "changed: claims" in done.stdout
    assert "changed: contracts (担保合同)" in done.stdout
    assert run_here("verify", path, tmp_path / "nowhere").returncode == 2


@pytest.mark.slow
def test_a_review_sheet_belongs_to_the_record(tmp_path: Path, ledger: Path) -> None:
    first = tmp_path / "first.xlsx"
    assert run_here("assess", ledger, *JIYUAN, "-o", first).returncode == 0
    filled = tmp_path / "filled.xlsx"

    def fill(decision: str) -> None:
        book = openpyxl.load_workbook(first)
        for row in book["审核表"].iter_rows():
            if row[1].value == "DC2022-11":
                row[13].value = row[14].value = decision
        book.save(filled)

    fill("通过")
    arguments = ("assess", ledger, *JIYUAN, "--reviews", filled)
    final = tmp_path / "final.xlsx"
    assert run_here(*arguments, "-o", final).returncode == 0
    assert run_here("verify", final, ledger, "--reviews", filled).returncode == 0
    refused = run_here("verify", final, ledger)
    assert refused.returncode == 2
    assert "--reviews" in refused.stderr
    assert run_here("verify", first, ledger, "--reviews", filled).returncode == 2
    fill("不通过")
    found = verify(final, ledger, reviews=filled)
    assert found.reviews_changed
    assert found.input_changed == ()
    assert [cell[1:3] for cell in cells(found)][:2] == [
        *(("DC2022-11", "status"), ("DC2022-11", "payable"))
    ]
    assert "审核表" in said_of(found)


# What a CSV guards


@pytest.mark.slow
def test_guarded_texts_of_a_csv_are_read_as_they_were(tmp_path: Path) -> None:
    ids = [text.strip() for text in [*HOSTILE, "'=1+1", "''=1"]]
    assessment = assess(small(ids), "jiyuan-2022", 2022)
    results = {form: written(assessment, tmp_path, form) for form in FORMS}
    for form, path in results.items():
        read = reading.read_result(path).tables["claims"]["claim_id"].to_pylist()
        if form == "csv":
            assert read[: len(HOSTILE)] == ids[: len(HOSTILE)]
        else:
            assert read == ids, form


# What can't be read


def broken(folder: Path, case: str, ledger: Path) -> Path:
    """A result that can't be read."""
    if case == "nothing there":
        return folder.parent / "nowhere"
    if case == "no summary":
        (folder / "summary.json").unlink()
    elif case == "summary is no JSON":
        (folder / "summary.json").write_text("{", "utf-8")
    elif case == "summary of something else":
        (folder / "summary.json").write_text("[]", "utf-8")
    elif case == "without rules":
        edit_summary(folder, lambda said: said.pop("rules"), forge=False)
    elif case == "nested too deeply":
        (folder / "summary.json").write_text('{"a":' * 100_000, "utf-8")
    elif case == "half a character":
        edit_summary(folder, lambda said: said.update(version="?"), forge=False)
        text = (folder / "summary.json").read_text("utf-8").replace('"?"', '"\\ud800"')
        (folder / "summary.json").write_text(text, "utf-8")
    elif case == "inputs that are none":
        edit_summary(folder, lambda said: said.update(inputs={"claims": 5}), forge=False)
    elif case == "year is a text":
        edit_summary(folder, lambda said: said.update(year="2022"), forge=False)
    elif case == "columns of no type":
        edit_summary(folder, lambda said: said["columns"]["claims"].update(base="x"), forge=False)
    elif case == "policy without a digest":
        edit_summary(folder, lambda said: said.update(policy={"id": "x"}), forge=False)
    elif case == "a table is missing":
        (folder / "returns.csv").unlink()
    elif case == "no policy among the rules":
        edit_summary(folder, lambda said: said["rules"].pop("policy.toml"), forge=False)
    elif case == "a workbook of the old kind":
        (folder / "old.xlsx").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1"))
        return folder / "old.xlsx"
    elif case == "a ragged row":
        with (folder / "returns.csv").open("a", encoding="utf-8") as file:
            file.write("a,b\n")
    elif case == "no ids":
        text = (folder / "claims.csv").read_text("utf-8").replace("claim_id", "number", 1)
        (folder / "claims.csv").write_text(text, "utf-8")
    elif case == "a ledger":
        return ledger.parent / "book.xlsx"
    elif case == "a text":
        (folder / "notes.xlsx").write_text("notes", "utf-8")
        return folder / "notes.xlsx"
    return folder


@pytest.mark.parametrize(
    "case",
    [
        *("nothing there", "no summary", "summary is no JSON", "summary of something else"),
        *("without rules", "year is a text", "columns of no type", "policy without a digest"),
        *("nested too deeply", "half a character", "inputs that are none"),
        *("no policy among the rules", "a workbook of the old kind"),
        *("a table is missing", "a ragged row", "no ids", "a ledger", "a text"),
    ],
)
def test_what_cannot_be_read_is_refused(folder: Path, case: str, ledger: Path) -> None:
    path = broken(folder, case, ledger)
    for command in (("verify", path, ledger), ("diff", path, path, "--lang", "en")):
        done = run_here(*command)
        assert (done.returncode, done.stdout) == (2, "")
        assert path.name in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_workbook_without_its_record_is_refused(
    example: Assessment, tmp_path: Path, ledger: Path
) -> None:
    path = written(example, tmp_path, "xlsx")
    book = openpyxl.load_workbook(path)
    del book["核算存证"]
    book.save(path)
    with pytest.raises(ResultRefused, match="核算存证"):
        verify(path, ledger)
    path = written(example, tmp_path, "xlsx")
    book = openpyxl.load_workbook(path)
    for row in book["核算存证"].iter_rows():
        if row[1].value == 'id = "jiyuan-2022"':
            row[1].value = "id = "
    book.save(path)
    found = verify(path, ledger)
    assert found.rules_changed == ("policy.toml",)
    assert found.comes_out


@pytest.mark.slow
def test_files_of_two_runs_are_refused_by_what_reads_results(
    example: Assessment, tmp_path: Path, ledger: Path
) -> None:
    first = written(example, tmp_path / "a", "csv")
    second = written(assess_files(ledger, "jiyuan-2022", 2022, "100000"), tmp_path / "b", "csv")
    shutil.copy(second / "claims.csv", first / "claims.csv")
    with pytest.raises(ResultRefused, match=r"claims\.csv"):
        compensation.read_result(first)
    assert run_here("diff", first, second).returncode == 2
    done = run_here("verify", first, ledger)
    assert done.returncode == 1
    assert "claims.csv" in done.stdout


def test_a_long_list_is_cut_and_counted(tmp_path: Path) -> None:
    assessment = assess(small([f"D{i:03d}" for i in range(250)]), "jiyuan-2022", 2022)
    whole, path = (written(assessment, tmp_path / name, "csv") for name in "ab")

    def change(rows: list[dict[str, str]]) -> None:
        for row in rows:
            row.update(payable="1.00", base="2.00")

    edit_csv(path / "claims.csv", change)
    edit_summary(path, lambda _: None, forge=True)
    found = diff(whole, path)
    claims = found.tables[0]
    assert (claims.rows, claims.count, len(list(claims.cells()))) == (250, 500, 500)
    assert len(list(claims.cells(100))) == 200
    text = difference_text(found, "en", io.StringIO())
    assert text.count("\n") < 230
    assert "… 150 more" in text
    assert "base 250, payable 250" in text


def test_the_ledger_may_come_in_another_form(tmp_path: Path) -> None:
    tables = random_portfolio(11, 40)
    write_csv(tables, tmp_path / "in")
    path = written(assess(portfolio_of(tables), "jiyuan-2022", 2022), tmp_path, "parquet")
    assert verify(path, tmp_path / "in").same
