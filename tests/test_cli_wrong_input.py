"""Wrong input gets a clear answer: exit code 2, every fault, no traceback, nothing touched."""

from __future__ import annotations

import csv
import shutil
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from tests.command import JIYUAN, obey_rights, run, run_here, snapshot
from tests.oracle_reading import Tables
from tests.portfolios import write_csv

Change = Callable[[Tables], object]


def ledgers() -> Tables:
    """A portfolio without a fault: two contracts, two claims, one recovery."""
    contract = {
        "contract_id": "C1",
        "institution_id": "J1",
        "borrower_id": "B1",
        "borrower_type": "micro_enterprise",
        "guaranteed_amount": "1000000.00",
        "start_date": "2021-03-01",
        "release_date": "",
        "share_institution": "0.4",
        "share_lender": "0.2",
        "share_reguarantor": "0.2",
        "share_national_fund": "0.2",
    }
    claim = {
        "claim_id": "D1",
        "contract_id": "C1",
        "payout_date": "2022-06-30",
        "principal": "500000.00",
        "interest": "1000.00",
        "compensation_paid": "",
    }
    return {
        "institutions": [
            {"institution_id": "J1", "institution_name": "济源担保", "government_backed": "是"}
        ],
        "contracts": [contract, {**contract, "contract_id": "C2", "borrower_id": "B2"}],
        "releases": [{"contract_id": "C1", "release_date": "2022-02-01", "amount": "100.00"}],
        "claims": [claim, {**claim, "claim_id": "D2", "contract_id": "C2"}],
        "recoveries": [
            {
                "recovery_id": "R1",
                "claim_id": "D1",
                "recovery_date": "2023-01-01",
                "proceeds": "10.00",
                "cost": "1.00",
            }
        ],
    }


def put(table: str, column: str, value: str, row: int = -1) -> Change:
    return lambda tables: tables[table][row].update({column: value})


def without(table: str, column: str) -> Change:
    return lambda tables: [row.pop(column) for row in tables[table]]


def renamed(table: str, old: str, new: str) -> Change:
    def change(tables: Tables) -> None:
        tables[table] = [
            {new if k == old else k: v for k, v in row.items()} for row in tables[table]
        ]

    return change


WRONG: dict[str, tuple[Change, tuple[str, ...]]] = {
    "missing table": (lambda tables: tables.pop("contracts"), ("contracts", "担保合同")),
    "missing claims": (lambda tables: tables.pop("claims"), ("claims",)),
    "missing column": (without("contracts", "guaranteed_amount"), ("guaranteed_amount",)),
    "misspelt column": (
        renamed("contracts", "guaranteed_amount", "guarenteed_amount"),
        ("guarenteed_amount", "guaranteed_amount"),
    ),
    "duplicate id": (put("contracts", "contract_id", "C1"), ("C1", "第 3 行")),
    "unknown institution": (put("contracts", "institution_id", "J9"), ("J9", "第 3 行")),
    "unknown contract": (put("claims", "contract_id", "C9"), ("C9", "第 3 行")),
    "unknown contract of a release": (put("releases", "contract_id", "C9"), ("C9", "第 2 行")),
    "unknown claim": (put("recoveries", "claim_id", "D9"), ("D9", "第 2 行")),
    "three decimals": (put("claims", "principal", "1.005"), ("1.005", "principal", "第 3 行")),
    "negative": (put("claims", "principal", "-1"), ("-1", "principal", "第 3 行")),
    "text": (put("claims", "principal", "many"), ("many", "principal")),
    "empty": (put("claims", "principal", ""), ("principal", "第 3 行")),
    "NaN": (put("claims", "principal", "NaN"), ("NaN", "principal")),
    "1e400": (put("claims", "principal", "1e400"), ("1e400", "principal")),
    "too large": (put("contracts", "guaranteed_amount", "10000000000000"), ("10000000000000",)),
    "no such day": (put("claims", "payout_date", "2022-02-30"), ("2022-02-30", "payout_date")),
    "payout before the start": (put("claims", "payout_date", "2021-02-28"), ("2021-02-28",)),
    "release before the start": (put("contracts", "release_date", "2021-02-28"), ("2021-02-28",)),
    "recovery before the payout": (
        put("recoveries", "recovery_date", "2022-06-29"),
        ("2022-06-29",),
    ),
    "shares of 0.99": (put("contracts", "share_lender", "0.19"), ("第 3 行",)),
    "government share": (
        lambda tables: [row.update(share_government="") for row in tables["contracts"]],
        ("share_government",),
    ),
    "unknown borrower type": (put("contracts", "borrower_type", "小商贩"), ("小商贩", "第 3 行")),
    "releases above the guarantee": (put("releases", "amount", "1000000.01"), ("C1", "解除金额")),
    "paid above what was borne": (put("claims", "compensation_paid", "200400.01"), ("200400.01",)),
    "no contracts": (lambda tables: tables["contracts"].clear(), ("contracts",)),
    "no institutions": (lambda tables: tables["institutions"].clear(), ("institutions",)),
    "claims gone, recoveries left": (lambda tables: tables["claims"].clear(), ("D1",)),
}


def refused(source: Path, out: Path, *more: str, year: str = "2022") -> str:
    """Run on a wrong input where a result is already; return what was said."""
    before = snapshot(out.parent)
    done = run_here("assess", source, "--year", year, "--policy", "jiyuan-2022", "-o", out, *more)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert snapshot(out.parent) == before
    return done.stderr


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a result, which wrong inputs must leave alone."""
    folder = tmp_path_factory.mktemp("earlier")
    write_csv(ledgers(), folder / "in")
    done = run_here("assess", folder / "in", *JIYUAN, "-o", folder / "out" / "result")
    assert done.returncode == 0, done.stderr
    return folder / "out" / "result"


@pytest.mark.slow
@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_table_is_refused_with_its_place(name: str, tmp_path: Path, earlier: Path) -> None:
    change, words = WRONG[name]
    tables = ledgers()
    change(tables)
    write_csv(tables, tmp_path / "in")
    said = refused(tmp_path / "in", earlier)
    for word in words:
        assert word in said


@pytest.mark.process
@pytest.mark.parametrize("name", ["misspelt column", "three decimals", "no contracts"])
def test_the_process_says_the_same(name: str, tmp_path: Path) -> None:
    tables = ledgers()
    WRONG[name][0](tables)
    write_csv(tables, tmp_path / "in")
    arguments = ("assess", tmp_path / "in", *JIYUAN, "-o", tmp_path / "out")
    done, here = run(*arguments), run_here(*arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", here.stderr)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_year_that_the_policy_does_not_cover_names_the_days_that_it_does(
    tmp_path: Path, earlier: Path
) -> None:
    write_csv(ledgers(), tmp_path / "in")
    for year in ("2021", "2023", "0000"):
        said = refused(tmp_path / "in", earlier, year=year)
        assert "2022年1月1日至2022年12月31日" in said


def as_workbook(tables: Tables, path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        for name, rows in tables.items():
            sheet = book.add_worksheet(name)
            for line, cells in enumerate([list(rows[0]), *(list(row.values()) for row in rows)]):
                for column, cell in enumerate(cells):
                    sheet.write_string(line, column, cell)


@pytest.mark.slow
def test_wrong_workbooks_are_refused(tmp_path: Path, earlier: Path) -> None:
    good = tmp_path / "good.xlsx"
    as_workbook(ledgers(), good)
    assert run_here("assess", good, *JIYUAN).returncode == 0

    content = good.read_bytes()
    (tmp_path / "cut.xlsx").write_bytes(content[: len(content) // 2])
    (tmp_path / "empty.xlsx").write_bytes(b"")
    (tmp_path / "text.xlsx").write_text("claim_id,contract_id\n")
    ole = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(504)
    (tmp_path / "old.xlsx").write_bytes(ole)
    (tmp_path / "locked.xlsx").write_bytes(
        ole + "EncryptedPackage".encode("utf-16-le") + bytes(480)
    )
    with zipfile.ZipFile(tmp_path / "zip.xlsx", "w") as archive:
        archive.writestr("readme.txt", "no workbook")
    for name in ("cut", "empty", "text", "old", "locked", "zip"):
        assert name in refused(tmp_path / f"{name}.xlsx", earlier)
    assert "密码" in refused(tmp_path / "locked.xlsx", earlier)

    tables = ledgers()
    del tables["claims"]
    as_workbook(tables, tmp_path / "sheet.xlsx")
    assert "代偿" in refused(tmp_path / "sheet.xlsx", earlier)
    tables = ledgers()
    put("claims", "principal", "1.005")(tables)
    as_workbook(tables, tmp_path / "cell.xlsx")
    assert "第 3 行" in refused(tmp_path / "cell.xlsx", earlier)


def test_what_is_no_input_is_refused(tmp_path: Path, earlier: Path) -> None:
    (tmp_path / "file.txt").write_text("text")
    (tmp_path / "empty").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name in ("nothing", "file.txt", "empty", "loop", "file.txt/in", "x" * 300):
        refused(tmp_path / name, earlier)


@pytest.mark.process
@pytest.mark.skipif(sys.platform != "linux", reason="rights as Linux has them")
def test_a_folder_without_rights_is_refused(tmp_path: Path) -> None:
    write_csv(ledgers(), tmp_path / "in")
    (tmp_path / "in").chmod(0)
    done = run("assess", tmp_path / "in", *JIYUAN, prepare=obey_rights)
    (tmp_path / "in").chmod(0o700)
    assert (done.returncode, done.stdout) == (2, "")
    assert "权限" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_files_that_hold_no_table_are_refused(tmp_path: Path, earlier: Path) -> None:
    for content in (b"", b"\x00\x01", b"\xff\xfe\xfa", b'"open\n', b"PAR1"):
        for name in ("claims.csv", "claims.parquet"):
            folder = tmp_path / "in"
            shutil.rmtree(folder, ignore_errors=True)
            write_csv(ledgers(), folder)
            (folder / "claims.csv").unlink()
            (folder / name).write_bytes(content)
            assert "claims" in refused(folder, earlier)


def test_gb18030_is_read(tmp_path: Path) -> None:
    write_csv(ledgers(), tmp_path / "utf", "utf-8")
    write_csv(ledgers(), tmp_path / "gb", "gb18030")
    for name in ("utf", "gb"):
        done = run_here("assess", tmp_path / name, *JIYUAN, "-o", tmp_path / f"{name}-out")
        assert done.returncode == 0, done.stderr
        assert "济源担保" in done.stdout
    assert snapshot(tmp_path / "utf-out") == snapshot(tmp_path / "gb-out")


@pytest.mark.slow
def test_all_faults_are_counted_a_hundred_of_each_kind_listed_and_all_in_the_file(
    tmp_path: Path, earlier: Path
) -> None:
    tables = ledgers()
    claim = tables["claims"][0]
    wrong_rows = range(1, 300, 2)
    tables["claims"] = [
        {**claim, "claim_id": f"D{row}", "principal": "=1,5" if row in wrong_rows else "1"}
        for row in range(300)
    ]
    put("contracts", "borrower_type", "小商贩")(tables)
    put("contracts", "start_date", "2022-13-01")(tables)
    tables["recoveries"].clear()
    write_csv(tables, tmp_path / "in")
    said = refused(tmp_path / "in", earlier)
    assert "152" in said.splitlines()[0]
    assert said.count("=1,5") == 100
    assert "50" in said
    english = refused(tmp_path / "in", earlier, "--lang", "en")
    assert "152 faults" in english.splitlines()[0]
    assert english.count("=1,5") == 100
    assert "小商贩" in said
    assert "2022-13-01" in said

    listed = tmp_path / "new" / "faults.csv"
    for _ in range(2):  # a second run replaces the list of the first
        run_here("assess", tmp_path / "in", *JIYUAN, "--faults", listed)
        content = listed.read_bytes()
        assert content.startswith(b"\xef\xbb\xbftable,row,column,value,kind,message,expected\n")
        rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
        assert len(rows) == 152
        amounts = [row for row in rows if row["table"] == "claims"]
        assert [row["row"] for row in amounts] == [str(row + 2) for row in wrong_rows]
        assert {(row["column"], row["value"]) for row in amounts} == {("principal", "'=1,5")}
        assert all(row["kind"] and row["message"] for row in rows)

    put("contracts", "borrower_type", "farmer")(tables)
    put("contracts", "start_date", "2022-01-01")(tables)
    tables["claims"].clear()
    write_csv(tables, tmp_path / "in")
    done = run_here("assess", tmp_path / "in", *JIYUAN, "--faults", listed)
    assert done.returncode == 0, done.stderr
    assert listed.read_bytes().count(b"\n") == 1  # no fault is left


def test_faults_are_listed_in_the_order_of_rows(tmp_path: Path, earlier: Path) -> None:
    """By table, then by row, then by column; like faults of rows in a row share a line."""
    tables = ledgers()
    contract, claim = tables["contracts"][0], tables["claims"][0]
    tables["contracts"] = [{**contract, "contract_id": f"C{row}"} for row in range(1, 6)]
    put("contracts", "borrower_type", "小商贩", 1)(tables)
    for row in (1, 2, 4):
        put("contracts", "start_date", f"2022-13-0{row}", row)(tables)
    put("contracts", "guaranteed_amount", "x", 4)(tables)
    tables["claims"] = [{**claim, "principal": ""}]
    tables["recoveries"].clear()
    write_csv(tables, tmp_path / "in")
    listed = tmp_path / "faults.csv"
    said = refused(tmp_path / "in", earlier, "--faults", str(listed)).splitlines()
    starts = [line.partition("：")[0] for line in said]
    assert starts[1:] == [
        "担保合同（contracts） 第 3 行 借款人类型（borrower_type）",
        "担保合同（contracts） 第 3–4 行（2 处） 起始日期（start_date）",
        "担保合同（contracts） 第 6 行 担保金额（guaranteed_amount）",
        "担保合同（contracts） 第 6 行 起始日期（start_date）",
        "代偿（claims） 第 2 行 代偿本金（principal）",
    ]
    assert "（值 '2022-13-01'、'2022-13-02'）" in said[2]
    rows = list(csv.DictReader(listed.read_text(encoding="utf-8-sig").splitlines()))
    assert [(row["row"], row["column"], row["value"]) for row in rows] == [
        ("3", "borrower_type", "小商贩"),
        ("3", "start_date", "2022-13-01"),
        ("4", "start_date", "2022-13-02"),
        ("6", "guaranteed_amount", "x"),
        ("6", "start_date", "2022-13-04"),
        ("2", "principal", ""),
    ]


def test_a_list_of_faults_replaces_nothing_else(tmp_path: Path, earlier: Path) -> None:
    write_csv(ledgers(), tmp_path / "in")
    (tmp_path / "mine.csv").write_text("mine")
    (tmp_path / "folder").mkdir()
    for place in (
        tmp_path / "mine.csv",
        tmp_path / "folder",
        tmp_path / "in" / "f.csv",
        earlier / "f.csv",
    ):
        refused(tmp_path / "in", earlier, "--faults", str(place))
