"""What is refused, what cannot be written, and what an interruption leaves."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from pathlib import Path

import openpyxl
import pytest
import python_calamine

from compensation.report import atomic_write, folder
from tests.assessing import EXAMPLES, read_rows
from tests.command import JIYUAN, obey_rights, run, run_all, run_here, run_script, snapshot
from tests.portfolios import random_portfolio, write_csv
from tests.settling import POLICIES

CSV = {"claims.csv", "institutions.csv", "returns.csv", "summary.json"}
RULES = {"policy.toml", "enterprise-size.csv", "industries.csv"}
SEED = EXAMPLES / "seed-1" / "input"
PIPES = os.name == "posix"


@pytest.fixture
def ledgers(tmp_path: Path) -> Path:
    """A small input folder below `tmp_path`."""
    write_csv(random_portfolio(7, 30), tmp_path / "ledgers")
    return tmp_path / "ledgers"


def foreign_folder(place: Path) -> None:
    place.mkdir()
    (place / "notes.txt").write_text("mine")


def input_tables(place: Path) -> None:
    place.mkdir()
    (place / "claims.csv").write_text("claim_id,contract_id,payout_date\nA,B,2022-01-01\n")


def foreign_summary(place: Path) -> None:
    place.mkdir()
    (place / "summary.json").write_text('{"mine": true}')


def a_file(place: Path) -> None:
    place.write_text("mine")


def nested(place: Path) -> None:
    (place / "claims.csv").mkdir(parents=True)


def a_policy(place: Path) -> None:
    place.mkdir()
    (place / "policy.toml").write_text("mine")


def a_policy_in_gb18030(place: Path) -> None:
    place.mkdir()
    (place / "policy.toml").write_bytes("# 政策".encode("gb18030"))


def a_folder_like_a_policy(place: Path) -> None:
    (place / "policy.toml").mkdir(parents=True)


def no_parquet(place: Path) -> None:
    place.mkdir()
    (place / "claims.parquet").write_text("mine")


def a_folder_like_a_summary(place: Path) -> None:
    (place / "summary.json").mkdir(parents=True)


def no_json(place: Path) -> None:
    place.mkdir()
    (place / "summary.json").write_text("mine")


def a_kept_policy_edited(place: Path) -> None:
    assert run_here("assess", SEED, *JIYUAN, "-o", place).returncode == 0
    with (place / "policy.toml").open("a") as file:
        file.write("# mine\n")


MAKE = [
    *(foreign_folder, input_tables, foreign_summary, a_file, nested, a_policy),
    *(a_policy_in_gb18030, a_folder_like_a_policy, no_parquet, a_folder_like_a_summary, no_json),
]


@pytest.mark.parametrize("make", [*MAKE, a_kept_policy_edited])
def test_what_is_no_result_is_not_written_over(ledgers: Path, tmp_path: Path, make: object) -> None:
    assert callable(make)
    make(tmp_path / "out")
    before = snapshot(tmp_path)
    done = run_here("assess", ledgers, *JIYUAN, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert str(tmp_path / "out") in done.stderr
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize(
    "output",
    ["ledgers", "ledgers/out", "ledgers/out.xlsx", ".", "link", "link/x/y", "other/../ledgers/out"],
)
def test_an_output_is_never_in_around_or_at_the_input(
    ledgers: Path, tmp_path: Path, output: str
) -> None:
    (tmp_path / "link").symlink_to(ledgers, target_is_directory=True)
    (tmp_path / "other").mkdir()
    before = snapshot(tmp_path)
    done = run_here("assess", ledgers, *JIYUAN, "-o", tmp_path / output)
    assert done.returncode == 2, done.stderr
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize(
    "arguments",
    [("assess", "--year", "2022", "--marked"), ("settle", "--to", "2022-12-31", "--continue")],
)
@pytest.mark.parametrize("path", ["ledgers/copy.xlsx", "out.xlsx"])
def test_a_copy_is_written_over_neither_input_nor_output(
    ledgers: Path, tmp_path: Path, arguments: tuple[str, ...], path: str
) -> None:
    before = snapshot(tmp_path)
    command, *options = arguments
    paths = (tmp_path / path, "-o", tmp_path / "out.xlsx")
    done = run_here(command, ledgers, *options, *paths, "--policy", "jiyuan-2022")
    assert done.returncode == 2, done.stderr
    assert str(tmp_path / path) in done.stderr
    assert snapshot(tmp_path) == before


@pytest.mark.process
def test_relative_paths_are_seen_through_as_well(ledgers: Path) -> None:
    before = snapshot(ledgers.parent)
    paths = ((".", "out"), ("../ledgers", "."), (".", ".."), ("institutions.csv", "."))
    for done in run_all(
        *(("assess", source, *JIYUAN, "-o", output) for source, output in paths),
        cwd=ledgers,
    ):
        assert done.returncode == 2, done
    assert snapshot(ledgers.parent) == before


@pytest.mark.slow
def test_a_workbook_is_only_written_over_a_result_workbook(ledgers: Path, tmp_path: Path) -> None:
    source = tmp_path / "in.xlsx"
    shutil.copy(EXAMPLES / "seed-2" / "input-zh.xlsx", source)
    os.link(source, tmp_path / "same.xlsx")
    (tmp_path / "text.xlsx").write_text("no workbook")
    (tmp_path / "folder.xlsx").mkdir()
    shutil.copy(source, tmp_path / "other.xlsx")
    done = run_here("assess", source, *JIYUAN, "-o", tmp_path / "result.XLSX")
    assert done.returncode == 0, done.stderr
    before = snapshot(tmp_path)
    for name in ("in.xlsx", "same.xlsx", "text.xlsx", "folder.xlsx", "other.xlsx"):
        done = run_here("assess", source, *JIYUAN, "-o", tmp_path / name)
        assert done.returncode == 2, name
        assert name in done.stderr
    reviews = run_here(
        "assess",
        ledgers,
        *JIYUAN,
        "--reviews",
        tmp_path / "result.XLSX",
        "-o",
        tmp_path / "result.XLSX",
    )
    assert reviews.returncode == 2
    assert snapshot(tmp_path) == before
    with python_calamine.CalamineWorkbook.from_path(tmp_path / "result.XLSX") as book:
        assert book.sheet_names == [
            "汇总",
            "机构",
            "代偿",
            "返还",
            "审核表",
            "依据与假定",
            "核算存证",
        ]


@pytest.mark.slow
def test_decisions_come_back_from_the_review_sheet(tmp_path: Path) -> None:
    done = run_here("assess", SEED, *JIYUAN, "-o", tmp_path / "result.xlsx")
    assert done.returncode == 0, done.stderr
    again = run_here(
        "assess",
        SEED,
        *JIYUAN,
        "--reviews",
        tmp_path / "result.xlsx",
        "-o",
        tmp_path / "out",
    )
    assert again.returncode == 0, again.stderr
    expected = read_rows(EXAMPLES / "seed-1" / "expected" / "claims.csv")
    got = read_rows(tmp_path / "out" / "claims.csv")
    assert [row["status"] for row in got] == [row["status"] for row in expected]


@pytest.mark.slow
def test_a_review_of_an_unknown_claim_is_a_fault(ledgers: Path, tmp_path: Path) -> None:
    run_here("assess", SEED, *JIYUAN, "-o", tmp_path / "result.xlsx")
    done = run_here("assess", ledgers, *JIYUAN, "--reviews", tmp_path / "result.xlsx")
    assert done.returncode == 2
    assert "审核表" in done.stderr


BOTH = [text for id_ in ("2022", "2024") for text in ("--policy", POLICIES / f"trial-{id_}.toml")]


@pytest.mark.slow
def test_faults_of_the_reviews_and_of_the_input_come_together(tmp_path: Path) -> None:
    reviews = openpyxl.Workbook()
    reviews.active.title = "审核表"
    reviews.active.append(["代偿编号", "财政金融局审核", "行业主管部门审核"])
    reviews.active.append(["D1", "已审核", "通过"])
    reviews.save(tmp_path / "reviews.xlsx")
    tables = random_portfolio(7, 30)
    tables["claims"][0]["principal"] = "1.005"
    write_csv(tables, tmp_path / "in")
    for source, faults in ((SEED, ["已审核"]), (tmp_path / "in", ["已审核", "1.005"])):
        year = ("assess", source, *JIYUAN[:2], "--reviews", tmp_path / "reviews.xlsx")
        for policies in (JIYUAN[2:], BOTH):
            done = run_here(*year, *policies)
            assert done.returncode == 2
            assert f"{len(faults)} 处错误" in done.stderr
            for fault in faults:
                assert fault in done.stderr


def test_a_path_below_a_file_cannot_be_written(ledgers: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    before = snapshot(tmp_path)
    for output in ("file/out", "file/out.xlsx", "x" * 300):
        done = run_here("assess", ledgers, *JIYUAN, "-o", tmp_path / output)
        assert done.returncode == 3, done.stderr
    assert run_here("template", tmp_path / "file" / "t.xlsx").returncode == 3
    assert snapshot(tmp_path) == before


@pytest.mark.process
@pytest.mark.skipif(sys.platform != "linux", reason="rights as Linux has them")
def test_a_place_without_rights_cannot_be_written(ledgers: Path, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    before = snapshot(tmp_path)
    outputs = ("closed/out", "closed/out.xlsx", "closed")
    for done in run_all(
        *(("assess", ledgers, *JIYUAN, "-o", tmp_path / output) for output in outputs),
        prepare=obey_rights,
    ):
        assert done.returncode == 3
        assert "权限" in done.stderr
        assert "Traceback" not in done.stderr
    assert snapshot(tmp_path) == before


INTERRUPTED = """
import os, signal
import compensation.report.atomic_write as atomic_write, compensation.report.folder as folder
def interrupt(path):
    os.kill(os.getpid(), signal.WHICH)
atomic_write.store = folder.store = interrupt
"""


@pytest.mark.slow
@pytest.mark.parametrize("output", ["out", "new/out", "out.xlsx"])
def test_a_full_disk_leaves_the_old_result(
    ledgers: Path, tmp_path: Path, output: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if not output.startswith("new"):
        assert run_here("assess", ledgers, *JIYUAN, "-o", tmp_path / output).returncode == 0
    before = snapshot(tmp_path)
    arguments = ("assess", ledgers, *JIYUAN, "--budget", "1", "-o", tmp_path / output)
    for module in (atomic_write, folder):
        monkeypatch.setattr(module, "store", full)
    done = run_here(*arguments)
    assert done.returncode == 3
    assert "磁盘已满" in done.stderr
    assert snapshot(tmp_path) == before


@pytest.mark.process
@pytest.mark.parametrize(
    ("signal", "output"),
    [
        ("SIGINT", "out"),
        ("SIGINT", "new/out"),
        ("SIGINT", "out.xlsx"),
        ("SIGTERM", "out"),
        ("SIGHUP", "out"),
    ],
)
@pytest.mark.skipif(not PIPES, reason="signals of POSIX")
def test_an_interruption_while_writing_leaves_the_old_result(
    ledgers: Path, tmp_path: Path, signal: str, output: str
) -> None:
    if not output.startswith("new"):
        assert run_here("assess", ledgers, *JIYUAN, "-o", tmp_path / output).returncode == 0
    before = snapshot(tmp_path)
    script = INTERRUPTED.replace("WHICH", signal)
    done = run_script(script, "assess", ledgers, *JIYUAN, "--budget", "1", "-o", tmp_path / output)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "已中断\n")
    assert snapshot(tmp_path) == before


@pytest.mark.process
@pytest.mark.skipif(not PIPES, reason="signals of POSIX")
def test_a_closed_terminal_ends_nothing_where_the_parent_said_so(
    ledgers: Path, tmp_path: Path
) -> None:
    script = """
import os, signal
import compensation.report.folder as folder
signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
store = folder.store
def closing(path):
    os.kill(os.getpid(), signal.SIGHUP)
    return store(path)
folder.store = closing
"""
    done = run_script(script, "assess", ledgers, *JIYUAN, "-o", tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "out" / "claims.csv").exists()


@pytest.mark.process
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_what_cannot_be_printed_is_said_and_devices_are_not_replaced(ledgers: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = run("assess", ledgers, *JIYUAN, stdout=full.fileno())
        assert done.returncode == 3
        assert "Traceback" not in done.stderr
        assert "stdout" in done.stderr
        assert run("--version", stdout=full.fileno()).returncode == 3
        assert run("--help", stdout=full.fileno()).returncode == 3
    done = run_here("assess", ledgers, *JIYUAN, "--faults", "/dev/full")
    assert done.returncode == 3
    assert Path("/dev/full").is_char_device()
    done = run_here("assess", ledgers / "institutions.csv", *JIYUAN, "--faults", "/dev/full")
    assert done.returncode == 2
    assert Path("/dev/full").is_char_device()


@pytest.mark.process
@pytest.mark.skipif(not PIPES, reason="pipes of POSIX")
def test_a_reader_that_leaves_is_no_failure(ledgers: Path, tmp_path: Path) -> None:
    gone, end = os.pipe()
    os.close(gone)
    done = run("assess", ledgers, *JIYUAN, "-o", tmp_path / "out", stdout=end)
    os.close(end)
    assert (done.returncode, done.stderr) == (0, "")
    assert set(snapshot(tmp_path / "out")) == {*CSV, *RULES}


@pytest.mark.skipif(not PIPES, reason="links of POSIX")
def test_links_in_a_loop(ledgers: Path, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "loop.xlsx").symlink_to("loop.xlsx")
    before = snapshot(tmp_path)
    assess = ("assess", ledgers, *JIYUAN)
    for arguments, code in (
        ((*assess, "-o", tmp_path / "loop"), 3),
        ((*assess, "-o", tmp_path / "loop" / "out"), 3),
        ((*assess, "-o", tmp_path / "loop.xlsx"), 3),
        ((*assess, "--faults", tmp_path / "loop"), 3),
        (("assess", tmp_path / "loop", *JIYUAN), 2),
        (("assess", tmp_path / "loop.xlsx", *JIYUAN), 2),
        ((*assess, "--reviews", tmp_path / "loop.xlsx"), 2),
        (("verify", tmp_path / "loop", ledgers), 2),
        (("template", tmp_path / "loop" / "t.xlsx"), 3),
    ):
        done = run_here(*arguments)
        assert done.returncode == code, (arguments, done)
        assert "符号链接成环" in done.stderr
    assert snapshot(tmp_path) == before


@pytest.mark.process
@pytest.mark.skipif(sys.platform != "linux", reason="names that are any bytes")
def test_names_that_are_not_utf8_are_shown_escaped(ledgers: Path, tmp_path: Path) -> None:
    strange = os.fsdecode(b"bad\xff")
    place = tmp_path / strange
    shutil.copytree(ledgers, tmp_path / f"{strange}-in")
    year = JIYUAN
    written = [
        ("assess", source, *year, "-o", f"{place}{suffix}")
        for suffix in ("", ".xlsx")
        for source in (ledgers, f"{place}-in")
    ]
    verified = [("verify", f"{place}{suffix}", ledgers) for suffix in ("", ".xlsx")]
    for done in run_all(*written, *verified):
        assert (done.returncode, done.stderr) == (0, "")
        assert "bad\\udcff" in done.stdout
    (tmp_path / f"{strange}-in" / strange).touch()
    for arguments in (
        ("assess", f"{place}-none", *year),
        ("assess", ledgers, *year, "-o", f"{place}.toml", "--policy", f"{place}.toml"),
        ("assess", ledgers, *year, "-o", f"{place}-in"),
        ("explain", ledgers, *year, "--claim", strange),
        ("explain", ledgers, *year, "--institution", strange),
        ("policies", "show", strange),
        (strange,),
    ):
        done = run_here(*arguments)
        assert done.returncode == 2, done
        assert "bad\\udcff" in done.stderr
        assert "Traceback" not in done.stderr
