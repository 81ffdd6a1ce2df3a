"""Tables and columns under other names: read with the same figures, or a fault that names them."""

from __future__ import annotations

import gzip
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from compensation.assessment import assess
from compensation.faults.input_faults import InputFaults
from compensation.ledger.portfolio_input import portfolio_of_frames, read_portfolio
from compensation.policy.catalogue import load_policy
from compensation.readers.example_sheets import EXAMPLE_IDS
from compensation.readers.table_names import like_a_table, nearly_named
from compensation.report.examples import example_rows
from compensation.report.template import write_template
from compensation.schema.dictionary import table as table_called
from compensation.streaming import assess_files, assess_frames
from tests.ledger.base_ledger import FIGURES, Rows, base_ledger, renamed
from tests.ledger.input_files import save_csv, save_workbook
from tests.pairing import in_turn

ENGLISH = {
    "机构": "institutions",
    "担保合同": "contracts",
    "解保": "releases",
    "代偿": "claims",
    "追偿": "recoveries",
}


def figures(path: Path) -> tuple[str, ...]:
    """Return the figures of an input: a folder in parts, which `test_parts` finds to be the whole.

    A workbook is held whole anyway.
    """
    if path.is_dir():
        totals = assess_files(path, "jiyuan-2022", 2022).summary["totals"]
    else:
        totals = assess(read_portfolio(path), "jiyuan-2022", 2022).summary["totals"]
    names = ("compensation", "payable", "distributed", "to_government")
    return tuple(str(totals[name]) for name in names)


def refused(path: Path) -> list[tuple[str, str | None, str]]:
    """Return kind, table and message of the faults of an input, the same in whole and in parts."""
    with pytest.raises(InputFaults) as error:
        assess(read_portfolio(path), "jiyuan-2022", 2022)
    with pytest.raises(InputFaults) as in_parts:
        assess_files(path, "jiyuan-2022", 2022)
    found = [(f.kind, f.table, f.message.zh) for f in error.value.faults]
    assert found == [(f.kind, f.table, f.message.zh) for f in in_parts.value.faults]
    return found


def workbook(folder: Path, sheets: dict[str, Rows]) -> Path:
    return save_workbook(folder / "input.xlsx", **sheets)


def csv_folder(folder: Path, tables: dict[str, Rows]) -> Path:
    path = folder / "input"
    path.mkdir()
    for name, rows in tables.items():
        save_csv(path / f"{name}.csv", rows)
    return path


FORMS = {"workbook": workbook, "folder": csv_folder}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "table", "name"),
    in_turn(
        FORMS,
        [
            ("追偿", "追偿明细"),
            ("追偿", "追偿表"),
            ("追偿", "recovery"),
            ("追偿", "Recoveries (2)"),
            ("追偿", " 追 偿 "),
            ("追偿", "Sheet1"),
            ("追偿", "追回款登记"),
            ("解保", "2022年解保"),
            ("解保", "release"),
            ("代偿", "代偿台账"),
            ("代偿", "claims_2022"),
            ("代偿", "2022年代偿"),
            ("担保合同", "担保合同(2)"),
            ("担保合同", "担保业务台账"),
            ("机构", "机构表"),
        ],
    ),
)
def test_a_table_under_another_name_is_read_where_nothing_speaks_against_it(
    form: str, table: str, name: str, tmp_path: Path
) -> None:
    tables = base_ledger()
    tables[name] = tables.pop(table)
    tables["填报说明"] = [["追偿、代偿各表按月填报"], ["合同编号", "以担保合同为准"]]
    assert figures(FORMS[form](tmp_path, tables)) == FIGURES


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("table", "name"), [("代偿", "代偿(2)"), ("追偿", "追偿明细"), ("追偿", "Sheet1")]
)
def test_a_table_that_is_there_under_two_names_is_a_fault_that_names_both(
    form: str, table: str, name: str, tmp_path: Path
) -> None:
    tables = base_ledger()
    tables[name] = tables[table]
    ((kind, of, message),) = refused(FORMS[form](tmp_path, tables))
    assert (kind, of) == ("ambiguous_table", ENGLISH[table])
    assert name in message
    assert f"“{table}" in message


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "name", "headings"),
    in_turn(
        FORMS,
        [
            ("追偿明细", {"追偿日期": "哪一天"}),  # a required heading is missing
            ("追偿2022", {"追偿编号": "甲", "代偿编号": "乙", "追偿日期": "丙"}),
            ("代偿明细表", {}),  # the headings of 追偿 under the name of 代偿
            (
                "现金流水",
                {"追偿所得": "追偿金额"},
            ),  # the name says nothing; one heading is doubtful
            ("Sheet6", {"追偿编号": "序号", "追偿日期": "回款日期", "追偿所得": "回款金额(元)"}),
            ("清收", {"追偿编号": "流水号", "追偿日期": "到账日期", "追偿所得": "到账金额"}),
        ],
    ),
)
def test_what_may_be_a_table_and_does_not_fit_is_a_fault(
    form: str, name: str, headings: dict[str, str], tmp_path: Path
) -> None:
    tables = base_ledger()
    tables[name] = renamed(tables.pop("追偿"), headings)
    found = refused(FORMS[form](tmp_path, tables))
    assert {kind for kind, _, _ in found} == {"ambiguous_table"}
    assert "recoveries" in {table for _, table, _ in found}
    assert all(name in message for _, _, message in found)


RETURNS = ["追偿编号", "代偿编号", "追偿日期", "追偿所得", "追偿费用", "返还金额", "返还政府"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "name", "rows"),
    in_turn(
        FORMS,
        [
            ("说明", [["代偿、追偿各表的填法"]]),
            ("代偿统计图", [["月份", "代偿金额"], ["1", "100"]]),
            ("追偿汇总", [["合计", "45000"]]),
            ("返还", [RETURNS, ["R1", "C1", "2023-03-01", "5000", "300", "4700", "705"]]),
            ("Sheet2", []),
            ("代偿(2)", [["代偿编号", "合同编号", "代偿日期", "代偿本金"]]),  # nothing below
            ("合作机构名单", [["名称", "电话"], ["甲银行", "1"]]),
            ("Disclaimer", [["no claims"]]),
            (
                "借款人情况",
                [
                    ["代偿编号", "合同编号", "追偿日期", "追偿进展"],
                    ["C1", "K1", "2023-03-01", "诉讼中"],
                ],
            ),
            ("编号", [["合同编号", "笔数"], ["K1", "1"], ["K2", "1"]]),
            ("透视", [["担保机构", "代偿金额"], ["甲公司", "400000.00"]]),
            ("字段", [["合同编号", "以担保合同为准"], ["代偿金额", "按元填写"]]),
        ],
    ),
)
def test_what_holds_no_table_is_left_alone(
    form: str, name: str, rows: Rows, tmp_path: Path
) -> None:
    tables = {**base_ledger(), name: rows}
    assert figures(FORMS[form](tmp_path, tables)) == FIGURES


@pytest.mark.parametrize(
    ("form", "name", "rows"),
    in_turn(
        FORMS,
        [
            ("审核表", [["代偿编号", "财政金融局审核"], ["C1", "不通过"]]),
            ("到期合同", [["合同编号", "借款人名称", "担保金额"], ["K1", "甲公司", "1,000,000"]]),
            ("挽损登记", [["回款编号", "代偿编号", "到账金额"], ["H1", "C1", 50000]]),
            (
                "资金下达",
                [["拨付情况"], [], ["文号", "代偿编号", "下达金额"], ["9号", "C1", 45930]],
            ),
            ("分期还款", [["合同编号", "还款时间", "还本金额（元）"], ["K1", "2022-05-31", 100.5]]),
            ("代偿更正", [["序号", "原代偿编号", "代偿本金(元)"], [1, "C1", "300,000.00"]]),
            ("Sheet7", [["claim_id", "amount received"], ["C1", 1000]]),
        ],
    ),
)
def test_amounts_or_reviews_beside_ids_are_not_passed_over(
    form: str, name: str, rows: Rows, tmp_path: Path
) -> None:
    path = FORMS[form](tmp_path, {**base_ledger(), name: rows})
    with pytest.raises(InputFaults) as error:
        read_portfolio(path)
    (fault,) = error.value.faults
    assert fault.kind in ("records_not_read", "ambiguous_table")
    assert name in fault.message.zh


@pytest.mark.parametrize(
    "name", ["拟代偿", "代偿计划", "未代偿", "代偿-作废", "代偿模板", "claims draft"]
)
def test_a_name_that_says_that_nothing_has_happened_is_asked_about(
    name: str, tmp_path: Path
) -> None:
    tables = base_ledger()
    tables[name] = tables.pop("代偿")
    with pytest.raises(InputFaults) as error:
        read_portfolio(workbook(tmp_path, tables))
    assert [(f.kind, f.table) for f in error.value.faults] == [("ambiguous_table", "claims")]


@pytest.mark.slow
def test_the_template_is_read_with_its_example_sheets(tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    write_template(path, load_policy("jiyuan-2022"))
    assert {(kind, table) for kind, table, _ in refused(path)} == {
        ("no_rows", "institutions"),
        ("no_rows", "contracts"),
    }


def test_the_template_is_filled_with_the_ids_that_are_known_to_be_examples() -> None:
    rows = example_rows(load_policy("jiyuan-2022"))
    ids = {row[table_called(name).columns[0].name] for name, of in rows.items() for row in of}
    assert ids == EXAMPLE_IDS


@pytest.mark.slow
@pytest.mark.parametrize(
    ("row", "refused_row"),
    [
        (["R1", "C1", "2023-03-01", 5000, 300], 3),
        (["R1", "C1"], 3),
        ([None, "C1", "2023-03-01", 5000, 300], 3),
        (["ZC0001", "DC0001", "2023-04-18", 300000, 15000], None),
        (["照此填写"], None),
    ],
)
def test_a_record_typed_into_an_example_sheet_is_a_fault(
    row: list[object], refused_row: int | None, tmp_path: Path
) -> None:
    path = tmp_path / "template.xlsx"
    write_template(path, load_policy("jiyuan-2022"))
    book = openpyxl.load_workbook(path)
    for name, rows in base_ledger().items():
        headings = [cell.value for cell in book[name][1]]
        for place, record in enumerate(rows[1:], 2):
            for heading, cell in zip(rows[0], record, strict=True):
                book[name].cell(place, headings.index(heading) + 1, cell)
    del book["拨付"]  # what was paid stands in the claims
    sheet = book["示例-追偿"]
    sheet.insert_rows(3)
    for place, value in enumerate(row, 1):
        sheet.cell(3, place, value)
    book.save(path)
    if refused_row is None:
        assert figures(path) == FIGURES
        return
    with pytest.raises(InputFaults) as error:
        read_portfolio(path)
    (fault,) = error.value.faults
    assert (fault.kind, fault.table, fault.row) == ("record_in_example", "recoveries", refused_row)
    assert "示例-追偿" in fault.message.zh


@pytest.mark.parametrize("suffix", [".tsv", ".csv.gz", ".txt", ".parquet", "/"])
def test_other_forms_in_a_folder_are_read(suffix: str, tmp_path: Path) -> None:
    folder = csv_folder(tmp_path, base_ledger())
    plain = folder / "追偿.csv"
    path = folder / f"追偿{suffix}"
    content = plain.read_bytes()
    plain.unlink()
    if suffix == ".csv.gz":
        path.write_bytes(gzip.compress(content))
    elif suffix in (".parquet", "/"):
        headings, *records = base_ledger()["追偿"]
        columns = [pa.array(cells) for cells in zip(*records, strict=True)]
        path = folder / "追偿明细" / "part.parquet" if suffix == "/" else path
        path.parent.mkdir(exist_ok=True)
        pq.write_table(pa.table(columns, headings), path)
    else:
        path.write_bytes(content.replace(b",", b"\t"))
    assert figures(folder) == FIGURES


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("代偿.xls", "old_workbook"),
        ("台账.xls", "old_workbook"),
        ("台账.et", "old_workbook"),
        ("追偿.json", "form_not_read"),
        ("claims.xml", "form_not_read"),
        ("recoveries", "form_not_read"),
        ("追偿2023.zip", "form_not_read"),
    ],
)
def test_a_file_in_a_form_that_is_not_read_is_a_fault(name: str, kind: str, tmp_path: Path) -> None:
    folder = csv_folder(tmp_path, base_ledger())
    (folder / name).write_bytes(b"x")
    ((found, _, message),) = refused(folder)
    assert found == kind
    assert name in message


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("追偿.pdf", "form_not_read"),
        ("追偿明细.docx", "form_not_read"),
        ("recoveries.html", "form_not_read"),
        ("下半年/recoveries.csv", "ambiguous_table"),
        ("sub/追偿明细.xlsx", "ambiguous_table"),
    ],
)
def test_a_table_that_is_only_in_a_document_or_a_folder_is_a_fault(
    name: str, kind: str, tmp_path: Path
) -> None:
    tables = base_ledger()
    folder = csv_folder(tmp_path, tables)
    plain = figures(folder)
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes((folder / "追偿.csv").read_bytes())
    assert figures(folder) == plain
    (folder / "追偿.csv").unlink()
    ((found, _, message),) = refused(folder)
    assert found == kind
    assert name in message


@pytest.mark.parametrize(
    ("heading", "read"), [("解除金额", False), ("解除金额(万元)", True), ("amount(元)", True)]
)
def test_a_unit_in_the_name_of_a_parquet_file(heading: str, read: bool, tmp_path: Path) -> None:
    folder = csv_folder(tmp_path, base_ledger())
    (folder / "解保.csv").unlink()
    columns = {"合同编号": ["K5"], "解除日期": ["2022-10-01"], heading: ["1"]}
    pq.write_table(pa.table(columns), folder / "解保(万元).parquet")
    if read:
        assert figures(folder)
    else:
        ((kind, _, _),) = refused(folder)
        assert kind == "unknown_unit"


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["~$追偿.xlsx", ".追偿.csv", "追偿.pdf", "claims.md", "summary.json", "readme.txt", "a"]
)
def test_documents_and_hidden_files_are_left_alone(name: str, tmp_path: Path) -> None:
    folder = csv_folder(tmp_path, base_ledger())
    (folder / name).write_bytes(b"x")
    assert figures(folder) == FIGURES


@pytest.mark.slow
def test_a_workbook_in_a_folder_is_read_alone_and_refused_beside_tables(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "readme.txt").write_text("台账见工作簿")
    workbook(folder, base_ledger())
    assert figures(folder) == FIGURES
    tables = base_ledger()
    recoveries = tables.pop("追偿")
    beside = csv_folder(tmp_path, tables)
    save_workbook(beside / "notes.xlsx", 说明=[["追偿"]])
    assert figures(beside)[2] == "0.00"
    save_workbook(beside / "other.xlsx", Sheet1=recoveries)
    ((kind, _, message),) = refused(beside)
    assert kind == "workbook_in_folder"
    assert "other.xlsx" in message


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "table", "names"),
    in_turn(
        FORMS,
        [
            (
                "担保合同",
                {
                    f"{p}分担比例": f"{p}分险比例"
                    for p in ("担保机构", "银行", "再担保机构", "国家融担基金")
                },
            ),
            (
                "担保合同",
                {"国家融担基金分担比例": "国担责任比例", "再担保机构分担比例": "省再担分险比例"},
            ),
            ("担保合同", {"借款人代码": "统一社会信用代码", "起始日期": "放款日期"}),
            ("担保合同", {"合同编号": "委托保证合同编号", "借款人名称": "借款企业"}),
            ("代偿", {"已补偿金额": "已拨付金额"}),
            ("代偿", {"已补偿金额": "已补偿\u200b金额", "代偿利息": "代偿利息\u200b"}),
            ("代偿", {"代偿日期": "代偿时间", "代偿本金": "*代偿本金(元)"}),
            ("追偿", {"追偿费用": "诉讼费"}),
            ("追偿", {"追偿所得": "追回金额", "追偿日期": "回款日期"}),
            ("解保", {"解除金额": "解保金额", "解除日期": "解保日期"}),
        ],
    ),
)
def test_headings_of_the_trade_give_the_same_figures(
    form: str, table: str, names: dict[str, str], tmp_path: Path
) -> None:
    tables = base_ledger()
    tables[table] = renamed(tables[table], names)
    assert figures(FORMS[form](tmp_path, tables)) == FIGURES
    frames = {
        ENGLISH[name]: pd.DataFrame(rows[1:], columns=rows[0]) for name, rows in tables.items()
    }
    assessment = assess(portfolio_of_frames(**frames), "jiyuan-2022", 2022)
    assert str(assessment.summary["totals"]["payable"]) == FIGURES[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "table", "names", "kind"),
    in_turn(
        FORMS,
        [
            ("担保合同", {"担保金额": "担保责任金额"}, "ambiguous_heading"),
            ("担保合同", {"解除日期": "结清日期"}, "ambiguous_heading"),
            ("担保合同", {"银行分担比例": "甲行分险比例"}, "unknown_share"),
            ("担保合同", {"银行分担比例": "银行占比"}, "unknown_share"),
            ("担保合同", {"银行分担比例": "合作银行（%）"}, "unknown_share"),
            ("担保合同", {"国家融担基金分担比例": "国担基金承担"}, "unknown_share"),
            ("担保合同", {"再担保机构分担比例": "省再担责任"}, "unknown_share"),
            ("代偿", {"代偿利息": "利息"}, "ambiguous_heading"),
            ("追偿", {"追偿费用": "律师费"}, "ambiguous_heading"),
        ],
    ),
)
def test_a_heading_in_doubt_is_a_fault(
    form: str, table: str, names: dict[str, str], kind: str, tmp_path: Path
) -> None:
    tables = base_ledger()
    tables[table] = renamed(tables[table], names)
    (heading,) = names.values()
    path = FORMS[form](tmp_path, tables)
    with pytest.raises(InputFaults) as error:
        assess(read_portfolio(path), "jiyuan-2022", 2022)
    assert (kind, heading) in [(fault.kind, fault.value) for fault in error.value.faults]


@pytest.mark.parametrize("form", FORMS)
def test_one_kind_of_cost_beside_another_is_asked_about(form: str, tmp_path: Path) -> None:
    """诉讼费 alone is the cost; beside 律师费 it is a part of it."""
    tables = base_ledger()
    tables["追偿"] = renamed(tables["追偿"], {"追偿费用": "诉讼费"})
    headings, *rows = tables["追偿"]
    tables["追偿"] = [[*headings, "律师费"], *([*row, "100.00"] for row in rows)]
    with pytest.raises(InputFaults) as error:
        assess(read_portfolio(FORMS[form](tmp_path, tables)), "jiyuan-2022", 2022)
    (fault,) = error.value.faults
    assert (fault.kind, fault.column, fault.value) == ("ambiguous_heading", "cost", "律师费")


def test_a_contract_that_falls_due_is_not_released(tmp_path: Path) -> None:
    tables = base_ledger()
    plain = figures(workbook(tmp_path, tables))
    tables["担保合同"] = [
        [*row, day]
        for row, day in zip(tables["担保合同"], ["到期日", *["2022-06-30"] * 7], strict=True)
    ]
    path = workbook(tmp_path, tables)
    assert figures(path) == plain
    warnings = assess(read_portfolio(path), "jiyuan-2022", 2022).warnings
    (warning,) = [each for each in warnings if each.kind == "headings_not_read"]
    assert (warning.table, warning.row) == ("contracts", None)
    assert "“到期日”" in warning.message.zh


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_two_headings_for_a_column_must_hold_the_same(form: str, tmp_path: Path) -> None:
    tables = base_ledger()
    recoveries = renamed(tables["追偿"], {"追偿费用": "诉讼费"})
    for name, cells in (("same", ["300", ""]), ("other", ["300", "7"])):
        tables["追偿"] = [
            [*row, cell] for row, cell in zip(recoveries, ["追偿成本", *cells], strict=True)
        ]
        (tmp_path / name).mkdir()
        path = FORMS[form](tmp_path / name, tables)
        if name == "same":
            assert figures(path) == FIGURES
            continue
        ((kind, table, message),) = refused(path)
        assert (kind, table) == ("columns_differ", "recoveries")
        assert "诉讼费" in message
        assert "追偿成本" in message
        with pytest.raises(InputFaults) as error:
            read_portfolio(path)
        assert [fault.row for fault in error.value.faults] == [3]


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("追偿明细", "recoveries"),
        ("代偿台账", "claims"),
        ("2022年代偿", "claims"),
        ("claims_2022", "claims"),
        ("Copy of claims", "claims"),
        ("recovery", "recoveries"),
        ("担保合同 (2)", "contracts"),
        ("代偿统计", None),
        ("说明", None),
    ],
)
def test_names_are_near_a_table_whatever_stands_beside_them(name: str, near: str | None) -> None:
    found = nearly_named(name)
    assert (None if found is None else found.name) == near
    if found is not None:
        assert found in like_a_table(name)


def frames_of_base() -> dict[str, pd.DataFrame]:
    return {
        ENGLISH[name]: pd.DataFrame(rows[1:], columns=rows[0])
        for name, rows in base_ledger().items()
    }


def figures_of(frames: dict[str, pd.DataFrame]) -> tuple[str, ...]:
    totals = assess_frames(frames, "jiyuan-2022", 2022).summary["totals"]
    names = ("compensation", "payable", "distributed", "to_government")
    return tuple(str(totals[name]) for name in names)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("claims", ["已补偿金额"]),
        ("claims", ["代偿编号"]),
        ("recoveries", ["追偿费用"]),
        ("recoveries", ["追偿编号", "追偿费用"]),
        ("contracts", ["合同编号", "解除日期"]),
    ],
)
@pytest.mark.parametrize("drop", [True, False])
def test_a_named_index_of_a_frame_is_a_column(
    table: str, columns: list[str], *, drop: bool
) -> None:
    frames = frames_of_base()
    frames[table] = frames[table].set_index(columns, drop=drop)
    assert figures_of(frames) == FIGURES


def test_an_index_without_a_name_is_no_column() -> None:
    frames = frames_of_base()
    frames["claims"].index = pd.Index([7, 7, 8, 8])
    assert figures_of(frames) == FIGURES


@pytest.mark.parametrize("name", ["recovery", "追偿", "Recoveries", "recoveries ", "returns"])
def test_a_frame_under_the_name_of_no_table_is_a_fault(name: str) -> None:
    frames = frames_of_base()
    frames[name] = frames.pop("recoveries")
    with pytest.raises(InputFaults) as error:
        figures_of(frames)
    ((kind, message),) = [(fault.kind, fault.message.en) for fault in error.value.faults]
    assert kind == "unknown_table"
    assert f"“{name}”" in message
