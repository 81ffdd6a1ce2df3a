"""The commands beside assess, help, wrong arguments, and what is shown while it works."""

from __future__ import annotations

import datetime
import os
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
import python_calamine

import compensation
from compensation import streaming
from tests.assessing import EXAMPLES, read_rows
from tests.command import JIYUAN, environment, run, run_here, run_script, snapshot
from tests.portfolios import random_portfolio, write_csv

SEED = EXAMPLES / "seed-1" / "input"
PIPES = os.name == "posix"


@pytest.fixture
def ledgers(tmp_path: Path) -> Path:
    """A small input folder below `tmp_path`."""
    write_csv(random_portfolio(7, 30), tmp_path / "ledgers")
    return tmp_path / "ledgers"


@pytest.fixture(scope="module")
def expected_claims() -> list[dict[str, str]]:
    return read_rows(EXAMPLES / "seed-1" / "expected" / "claims.csv")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_claim_and_an_institution_are_explained(
    expected_claims: list[dict[str, str]], language: str
) -> None:
    claim = expected_claims[0]
    command = ("explain", SEED, *JIYUAN, "--lang", language)
    done = run_here(*command, "--claim", claim["claim_id"])
    assert done.returncode == 0, done.stderr
    assert claim["claim_id"] in done.stdout
    assert claim["compensation"] in done.stdout
    other = run_here(*command, "--institution", claim["institution_id"])
    assert other.returncode == 0, other.stderr
    assert "small_agri_share" in other.stdout


@pytest.mark.slow
def test_what_cannot_be_explained_is_named() -> None:
    inside = {row["claim_id"] for row in read_rows(EXAMPLES / "seed-1" / "expected" / "claims.csv")}
    every = read_rows(SEED / "claims.csv")
    outside = next(row for row in every if row["claim_id"].strip() not in inside)
    done = run_here("explain", SEED, *JIYUAN, "--claim", outside["claim_id"])
    assert done.returncode == 2
    assert outside["claim_id"] in done.stderr
    payout = datetime.date.fromisoformat(outside["payout_date"])
    assert f"{payout.year}年{payout.month}月{payout.day}日" in done.stderr
    for name in ("--claim", "--institution"):
        done = run_here("explain", SEED, *JIYUAN, name, "不存在")
        assert done.returncode == 2
        assert "不存在" in done.stderr
    assert run_here("explain", SEED, *JIYUAN).returncode == 2
    both = run_here("explain", SEED, *JIYUAN, "--claim", "a", "--institution", "b")
    assert both.returncode == 2


def test_a_template_is_written_once(tmp_path: Path) -> None:
    path = tmp_path / "new" / "t.xlsx"
    done = run_here("template", path, "--policy", "luoyang-2025")
    assert done.returncode == 0, done.stderr
    before = snapshot(tmp_path)
    with python_calamine.CalamineWorkbook.from_path(path) as book:
        assert {"机构", "担保合同", "解保", "代偿", "追偿"} <= set(book.sheet_names)
    assert run_here("template", path).returncode == 2
    assert run_here("template", tmp_path / "t.xls").returncode == 2
    assert run_here("template", tmp_path / "n.xlsx", "--policy", "nobody").returncode == 2
    assert snapshot(tmp_path) == before


def test_policies_are_listed_shown_and_checked(tmp_path: Path) -> None:
    for arguments in (["policies"], ["policies", "list"]):
        done = run_here(*arguments)
        assert done.returncode == 0
        for policy in ("jiyuan-2022", "luoyang-2025", "henan-provincial-2020"):
            assert policy in done.stdout
    for language, limit in (("zh", "支小支农占比不低于 80%"), ("en", "at least 80%")):
        shown = run_here("policies", "show", "jiyuan-2022", "--lang", language)
        assert shown.returncode == 0
        assert "small_agri_share" in shown.stdout
        assert limit in shown.stdout
    toml = run_here("policies", "show", "jiyuan-2022", "--toml")
    own = tmp_path / "own.toml"
    own.write_text(toml.stdout, encoding="utf-8")
    checked = run_here("policies", "check", own)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "jiyuan-2022" in checked.stdout
    own.write_text(
        toml.stdout.replace('basis = "assumption"', "", 2) + "\n[more]\n", encoding="utf-8"
    )
    wrong = run_here("policies", "check", own)
    assert wrong.returncode == 1
    assert wrong.stderr.count("own.toml") == 2
    assert run_here("policies", "check", tmp_path / "none.toml").returncode == 2
    assert run_here("policies", "check", tmp_path).returncode == 2
    assert run_here("policies", "show", "nobody").returncode == 2


@pytest.mark.slow
def test_a_policy_file_goes_where_an_id_goes(ledgers: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(run_here("policies", "show", "jiyuan-2022", "--toml").stdout, encoding="utf-8")
    by_id = run_here("assess", ledgers, *JIYUAN, "-o", tmp_path / "a")
    by_path = run_here("assess", ledgers, "--year", "2022", "-o", tmp_path / "b", "--policy", own)
    assert by_id.returncode == by_path.returncode == 0
    assert snapshot(tmp_path / "a") == snapshot(tmp_path / "b")


HEAVY_MODULES = """
import atexit, sys
heavy = {"numpy", "pyarrow", "pandas", "pydantic", "rich", "xlsxwriter", "python_calamine"}
heavy.add("rich.console")
atexit.register(lambda: sys.stderr.write(repr(sorted(heavy & set(sys.modules)))))
"""
"""Prepares a process that says at its end which of the heavy packages it has imported."""


@pytest.mark.process
def test_version_and_help_need_nothing_heavy() -> None:
    for arguments in (["--version"], ["--help"], ["assess", "--help"], ["policies", "--help"]):
        done = run_script(HEAVY_MODULES, *arguments)
        assert (done.returncode, done.stderr) == (0, "[]"), arguments
    version = run("--version").stdout
    assert re.fullmatch(r"compensation \d+\.\d+\.\d+\S*\n", version)


@pytest.mark.process
def test_names_that_are_not_loaded_yet_are_listed() -> None:
    """As editors and `dir` ask for them."""
    script = "import sys, compensation; print(*dir(compensation), 'pandas' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        encoding="utf-8",
        env=environment(),
    )
    assert done.stdout.split() == [*sorted(compensation.__all__), "False"]


@pytest.mark.process
def test_assessing_files_imports_only_what_it_needs(ledgers: Path, tmp_path: Path) -> None:
    """`test_a_run_loads_nothing_that_other_runs_need` is of Parquet."""
    options = [*JIYUAN, "--format", "csv"]
    done = run_script(HEAVY_MODULES, "assess", ledgers, *options, "-o", tmp_path / "result")
    assert done.returncode == 0, done.stderr
    assert "numpy" in done.stderr
    assert not re.search(r"pandas|pydantic|rich\.console", done.stderr)


@pytest.mark.parametrize("command", [[], ["assess"], ["explain"], ["template"], ["policies"]])
def test_help_is_in_one_language(command: list[str]) -> None:
    zh, en = (run_here(*command, "--help", "--lang", language).stdout for language in ("zh", "en"))
    assert "用法" in zh
    assert "Usage" not in zh
    assert "required" not in zh
    assert "Usage" in en
    assert not re.search("[\u4e00-\u9fff]", en.replace("审核表", ""))


USAGE = [
    ([], ""),
    (["asses", "x"], "asses"),
    (["assess"], "错误：缺少参数 'INPUT'。"),
    (["assess", "x"], "错误：缺少选项 '--year'。"),
    (["assess", "x", "--year"], "用法： compensation assess"),
    (["assess", "x", "--year"], "--year 要有一个值"),
    (["assess", "x", "--year", "twenty"], "twenty"),
    (["assess", "x", "--year", "2022.0"], "2022.0"),
    (["assess", "x", "--yaer", "2022"], "--year"),
    (["assess", "x", *JIYUAN, "--qqqq"], "--qqqq"),
    (["assess", "--help=now"], "--help 不带值"),
    (["assess", "x", *JIYUAN, "--", "--lang", "en"], "--lang"),
    (["assess", "x", "y", *JIYUAN], "y"),
    (["assess", "", *JIYUAN], "INPUT"),
    (["assess", "x", *JIYUAN, "-o", ""], "--output"),
    (["assess", "x", "--year", "2022"], "适用于 2022 年度的有：chongqing-small-loans"),
    (
        ["assess", "x", "--year", "2022"],
        "jiyuan-2022（济源示范区政府性融资担保风险补偿（2022年））",
    ),
    (["explain", "x", "--year", "2008", "--claim", "A"], "适用于 2008 年度的有：fujian-2008（"),
    (["settle", "x", "--to", "2022-12-31"], "缺少 --policy"),
    (["assess", "x", "--year", "1999"], "均不适用于 1999 年度"),
    (["assess", "x", *JIYUAN, "--budget", "-1"], "-1"),
    (["assess", "x", *JIYUAN, "--budget", "0.005"], "0.005"),
    (["assess", "x", *JIYUAN, "--budget", "1e5"], "1e5"),
    (["assess", "x", *JIYUAN, "--budget", "1_000"], "1_000"),
    (["assess", "x", *JIYUAN, "--format", "json"], "json"),
    (["assess", "x", *JIYUAN, "--format", "csv", "-o", "x.xlsx"], "--format"),
    (["assess", "x", *JIYUAN, "--format", "csv"], "--format 要和 -o 一起用"),
    (
        ["settle", "x", "--to", "2022-12-31", "--policy", "jiyuan-2022", "--format", "csv"],
        "--format 要和 -o 一起用",
    ),
    (["assess", "x", *JIYUAN, "--lang", "de"], "de"),
    (["assess", "x", "--year", "2022", "--policy", "jiyuan-2023"], "jiyuan-2022"),
    (["assess", "x", *JIYUAN, "--series", "no-such.toml"], "no-such.toml"),
    (["policies", "chek"], "check"),
    (["policies", "show"], "ID"),
    (["template"], "FILE.xlsx"),
]


@pytest.mark.parametrize(("arguments", "named"), USAGE)
def test_wrong_arguments_are_named_in_chinese(
    arguments: list[str], named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run_here(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert named in done.stderr
    assert re.search("[\u4e00-\u9fff]", done.stderr)
    for word in ("Traceback", "Usage", "Error", "Missing", "Invalid", "No such", "Try"):
        assert word not in done.stderr
    assert snapshot(tmp_path) == {}


@pytest.mark.process
def test_wrong_arguments_are_named_in_english() -> None:
    done = run("assess", "x", "--lang=en")
    assert done.returncode == 2
    assert not re.search("[\u4e00-\u9fff]", done.stderr)
    assert run("assess", "x", variables={"COMPENSATION_LANG": "klingon"}).returncode == 2


@pytest.mark.process
def test_a_defect_says_so_in_both_languages_and_how_to_see_more(ledgers: Path) -> None:
    script = """
from compensation import streaming
def broken(path):
    raise ZeroDivisionError("\\x1b[31mboom")
streaming.open_input = broken
"""
    done = run_script(script, "assess", ledgers, *JIYUAN)
    assert done.returncode == 70
    assert "ZeroDivisionError: \\x1b[31mboom" in done.stderr
    assert "程序内部错误" in done.stderr
    assert "Internal error" in done.stderr
    assert "Traceback" not in done.stderr
    seen = run_script(
        "import os\nos.environ['COMPENSATION_TRACEBACK'] = '1'\n" + script,
        "assess",
        ledgers,
        *JIYUAN,
    )
    assert seen.returncode == 70
    assert "Traceback" in seen.stderr


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (MemoryError(), 70, "内存不足"),
        (pa.ArrowMemoryError("malloc of size 64 failed"), 70, "内存不足"),
        (RuntimeError("can't start new thread"), 70, "内存不足"),
        (ImportError("libarrow.so: failed to map segment from shared object"), 70, "内存不足"),
        (OSError(12, "Cannot allocate memory"), 70, "内存不足"),
        (OSError(28, "No space left", "/scratch"), 3, "无法写入“/scratch”：磁盘已满"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_what_the_machine_lacks_is_no_defect(
    ledgers: Path, error: Exception, code: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor if another error came of it, as where a file can't be closed for want of memory."""

    def fail(_path: Path) -> None:
        raise error

    def fail_twice(path: Path) -> None:
        try:
            fail(path)
        finally:
            raise ValueError("seek of closed file")

    for which in (fail, fail_twice) if code == 70 else (fail,):
        monkeypatch.setattr(streaming, "open_input", which)
        done = run_here("assess", ledgers, *JIYUAN)
        assert (done.returncode, done.stderr) == (code, said + "\n")


@pytest.mark.process
@pytest.mark.skipif(sys.platform != "linux", reason="limits as Linux has them")
def test_too_little_memory_for_the_libraries_is_said(ledgers: Path) -> None:
    """As by ulimit -v: what is there already stays, Arrow finds no place any more."""
    script = """
import resource
import compensation.cli.assessing, numpy
from pathlib import Path
room = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() + 2**25
resource.setrlimit(resource.RLIMIT_AS, (room, room))
"""
    done = run_script(script, "assess", ledgers, *JIYUAN)
    assert (done.returncode, done.stderr) == (70, "内存不足\n")


@pytest.mark.process
def test_a_broken_installation_is_a_defect(ledgers: Path) -> None:
    script = "import sys\nsys.modules['compensation.faults.input_faults'] = None"
    done = run_script(script, "assess", ledgers, *JIYUAN)
    assert done.returncode == 70
    assert "compensation.faults.input_faults" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.process
@pytest.mark.skipif(not PIPES, reason="descriptors of POSIX")
@pytest.mark.parametrize("closed", [1, 2])
def test_closed_streams_swallow_what_is_said(closed: int, ledgers: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    command: list[str | Path] = ["assess", ledgers, *JIYUAN, "-o", output]
    done = run(*command, prepare=lambda: os.close(closed))
    assert (done.returncode, done.stderr) == (0, "")
    assert (output / "claims.csv").exists()
    done = run("assess", tmp_path / "none", *JIYUAN, prepare=lambda: os.close(closed))
    assert done.returncode == 2


@pytest.mark.process
@pytest.mark.skipif(not PIPES, reason="terminals of POSIX")
def test_on_a_terminal_there_is_progress_and_elsewhere_none(ledgers: Path) -> None:
    # Not there on Windows.
    import pty

    master, terminal = pty.openpty()
    child = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "compensation",
            "assess",
            str(ledgers),
            *JIYUAN,
            "-o",
            str(ledgers.parent / "out"),
        ],
        stdout=subprocess.PIPE,
        stderr=terminal,
        env=environment({"TERM": "xterm", "COLUMNS": "80"}),
    )
    os.close(terminal)
    shown = b""
    try:
        while chunk := os.read(master, 65536):
            shown += chunk
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(master)
    out, _ = child.communicate(timeout=120)
    assert child.returncode == 0
    assert "计算" in shown.decode("utf-8", "replace")
    assert "\x1b" not in out.decode("utf-8")
    assert run("assess", ledgers, *JIYUAN).stderr == ""
