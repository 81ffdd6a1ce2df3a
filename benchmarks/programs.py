"""What is measured: the programs, as commands, and the inputs that they are run on."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple, get_args

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "bench"
FORMS = ("parquet", "csv", "xlsx")
Order = Literal["by-date", "grouped", "random"]
"""How contracts come: by start date, institutions interleaved; by institution; at random."""
ORDERS: tuple[Order, ...] = get_args(Order)


class Case(NamedTuple):
    """The ledgers that programs are run on: their number of contracts, form and order.

    `payments`: whether they have a table of payments, to be settled.
    """

    contracts: int
    form: str = "parquet"
    order: Order = "by-date"
    payments: bool = False


class Program(NamedTuple):
    """What is run: its command for an input and an output, and what it is run on.

    `computes` tells programs with results to compare from those that only read and write. `root`
    is the project whose modules it takes.
    """

    command: Callable[[Path, Path], list[str]]
    most: int = 10**9
    forms: tuple[str, ...] = ("parquet", "csv")
    computes: bool = True
    root: Path = ROOT

    def runs_on(self, case: Case) -> bool:
        """Whether the program is run on a case."""
        return case.contracts <= self.most and case.form in self.forms


def peer_command(module: str, *options: str) -> Callable[[Path, Path], list[str]]:
    """Return the command of a peer for an input and an output."""

    def command(path: Path, output: Path) -> list[str]:
        name = f"benchmarks.peers.{module}"
        return [sys.executable, "-m", name, str(path), str(output), *options]

    return command


def _ours(path: Path, output: Path) -> list[str]:
    options = ["--year", "2022", "--policy", "jiyuan-2022", "-o", str(output)]
    options += ["--format", "parquet"]
    return [sys.executable, "-m", "compensation", "assess", str(path), *options]


OURS, CHECKED, UNCHECKED, FLOOR, PARSER = "ours", "DuckDB, checks", "DuckDB", "floor", "parser"
PROGRAMS = {
    OURS: Program(_ours, forms=FORMS),
    CHECKED: Program(peer_command("duckdb_sql", "--checks")),
    UNCHECKED: Program(peer_command("duckdb_sql")),
    "Polars, checks": Program(peer_command("polars_frames", "--checks")),
    "Polars": Program(peer_command("polars_frames")),
    "pandas": Program(peer_command("pandas_frames"), most=1_000_000),
    "Decimal rows": Program(peer_command("row_loop"), most=10_000, forms=("parquet",)),
    FLOOR: Program(peer_command("floor"), computes=False),
    PARSER: Program(peer_command("workbook_cells"), forms=("xlsx",), computes=False),
}


def ledgers(case: Case) -> Path:
    """Return the ledgers of a case, which are made if need be.

    Their folder tells the generator's version, so that those of an older one are not taken.
    """
    sources = (ROOT / "benchmarks" / name for name in ("ledgers.py", "workbooks.py"))
    version = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:8]
    folder = BUILD / "ledgers" / version
    folder.mkdir(parents=True, exist_ok=True)
    payments = "-payments" if case.payments else ""
    path = folder / f"{case.contracts}-{case.order}{payments}.{case.form}"
    if not path.exists():
        # Made aside: what an interrupted run left must not be taken for the whole.
        aside = path.with_name(f"unfinished-{path.name}")
        _make(case, aside)
        aside.rename(path)
    return path


def _make(case: Case, path: Path) -> None:
    module = "benchmarks.workbooks" if case.form == "xlsx" else "benchmarks.ledgers"
    form = [] if case.form == "xlsx" else ["--form", case.form]
    payments = ["--payments"] if case.payments else []
    options = [str(case.contracts), str(path), "--order", case.order, *form, *payments]
    subprocess.run([sys.executable, "-m", module, *options], cwd=ROOT, check=True)
