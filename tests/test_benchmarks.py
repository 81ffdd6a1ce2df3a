"""The benchmarks' ledgers are valid and always the same, and the peers are a second oracle."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from benchmarks import breakdown, guard, run, tables, turns
from benchmarks.compare import differences
from benchmarks.ledgers import PAYMENTS_PER_CLAIM, Plan, write_ledgers
from benchmarks.processes import Failed, Took, measure
from benchmarks.programs import CHECKED, FORMS, ORDERS, OURS, PARSER, ROOT, Case, Order
from benchmarks.workbooks import write_workbook
from compensation.assessment import Assessment, assess
from compensation.faults.input_faults import InputFaults
from compensation.ledger.portfolio_input import read_portfolio
from compensation.report.folder import write_folder
from compensation.settlement.files import settle_files
from tests.pairing import in_turn

PLAN = Plan(6_000, per_institution=200)
"""Small, but with every tier and every status."""
DIGESTS: dict[Order, str] = {
    "by-date": "sha256:84de62f73ea6cfb206515a65cbe2d59091612c9f72646bf713b3bd50c4ba0e5e",
    "grouped": "sha256:da67d34d0400350d0e3ae3d05464cde247304205315023378d05f79e214f4a4d",
    "random": "sha256:1974378efd0967526fc6a5cadb00678a6dd0bdb5497294733d570a6e0aa514c7",
}
PEERS = {
    "duckdb_sql": {"checks": True},
    "polars_frames": {"checks": True},
    "pandas_frames": {},
    "row_loop": {},
}


def peer(name: str) -> Any:
    """Return a peer's module; skip where its library is missing, but never in CI."""
    library = name.partition("_")[0]
    if library in ("duckdb", "polars") and find_spec(library) is None and not os.environ.get("CI"):
        pytest.skip(f"{library} is not installed")
    return import_module(f"benchmarks.peers.{name}")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ledgers")
    write_ledgers(folder / "parquet", PLAN)
    write_ledgers(folder / "csv", PLAN, "csv")
    return folder


@pytest.fixture(scope="module")
def ours(small: Path) -> Assessment:
    return assess(read_portfolio(small / "parquet"), "jiyuan-2022", 2022)


@pytest.fixture(scope="module")
def results(ours: Assessment, small: Path) -> Path:
    write_folder(ours.tables, ours.summary, small / "ours", "parquet")
    return small / "ours"


def digest_of(path: Path) -> str:
    return assess(read_portfolio(path), "jiyuan-2022", 2022).input_digest


def test_the_same_plan_gives_the_same_bytes(small: Path, tmp_path: Path) -> None:
    for form in ("parquet", "csv"):
        write_ledgers(tmp_path / form, PLAN, form)
        for table in PLAN.tables:
            name = f"{form}/{table}.{form}"
            assert (tmp_path / name).read_bytes() == (small / name).read_bytes()


@pytest.mark.parametrize("order", DIGESTS)
def test_the_rows_are_those_of_this_version(order: Order, tmp_path: Path) -> None:
    # Figures of different days are comparable as long as this stands.
    write_ledgers(tmp_path, PLAN._replace(order=order))
    assert digest_of(tmp_path) == DIGESTS[order]


@pytest.mark.slow
def test_all_forms_hold_the_same_rows(small: Path, tmp_path: Path) -> None:
    write_workbook(tmp_path / "book.xlsx", PLAN)
    assert {digest_of(small / "csv"), digest_of(tmp_path / "book.xlsx")} == {DIGESTS[PLAN.order]}


def test_another_seed_gives_other_rows(tmp_path: Path) -> None:
    write_ledgers(tmp_path, PLAN._replace(seed=1))
    assert digest_of(tmp_path) != DIGESTS[PLAN.order]


def test_all_orders_hold_the_same_contracts(tmp_path: Path) -> None:
    tables: dict[Order, pa.Table] = {}
    for order in DIGESTS:
        write_ledgers(tmp_path / order, PLAN._replace(order=order))
        tables[order] = pq.read_table(tmp_path / order / "contracts.parquet")
    whole = {order: table.sort_by("contract_id") for order, table in tables.items()}
    assert whole["by-date"] == whole["grouped"] == whole["random"]

    def neighbours(order: Order) -> float:
        """Return the share of rows that are of the same institution as the row before."""
        institutions = tables[order]["institution_id"].to_numpy()
        return float(np.mean(institutions[1:] == institutions[:-1]))

    assert neighbours("grouped") > 0.99
    assert neighbours("by-date") < 0.1 > neighbours("random")
    days = tables["by-date"]["start_date"].cast(pa.int32()).to_numpy()
    assert (np.diff(days) >= 0).all()


def test_the_tables_have_the_proportions_that_are_promised(small: Path) -> None:
    rows = {table: pq.read_table(small / "parquet" / f"{table}.parquet") for table in PLAN.tables}
    counts = {table: data.num_rows for table, data in rows.items()}
    assert counts == {
        "institutions": 30,
        "contracts": 6_000,
        "releases": 2_400,
        "claims": 120,
        "recoveries": 180,
    }
    assert pc.count_distinct(rows["releases"]["contract_id"]).as_py() == 6_000 / 5
    pairs = rows["contracts"].group_by(["institution_id", "borrower_id"]).aggregate([])
    assert 6_000 / pairs.num_rows == pytest.approx(1.3, abs=0.02)
    assert set(pc.utf8_length(rows["contracts"]["borrower_id"]).to_pylist()) == {18}


def test_every_tier_and_status_occurs(ours: Assessment) -> None:
    rates = {str(rate) for rate in ours.tables["institutions"]["rate"].to_pylist()}
    assert rates == {"None", "0.100000", "0.150000", "0.200000"}
    statuses = set(ours.tables["claims"]["status"].to_pylist())
    assert statuses == {"ineligible", "approved", "rejected", "pending"}


@pytest.mark.slow
@pytest.mark.parametrize(("form", "name"), in_turn(("csv", "parquet"), zip(PEERS)))
def test_a_peer_gives_the_same_cells(
    name: str, form: str, small: Path, results: Path, tmp_path: Path
) -> None:
    module = peer(name)
    module.run(small / form, tmp_path / "theirs", **PEERS[name])
    assert differences(results, tmp_path / "theirs") == []


def with_first(table: pa.Table, **cells: object) -> pa.Table:
    """Return a table with other cells in its first row."""
    for name, cell in cells.items():
        column = table[name].to_pylist()
        place = table.column_names.index(name)
        field = table.schema.field(name)
        table = table.set_column(place, field, pa.array([cell, *column[1:]], field.type))
    return table


def again(table: pa.Table) -> pa.Table:
    """Return a table with its first row twice."""
    return pa.concat_tables([table, table.slice(0, 1)])


WRONG: dict[str, tuple[str, Callable[[pa.Table], pa.Table]]] = {
    "a contract twice": ("contracts", again),
    "an unknown borrower type": ("contracts", lambda t: with_first(t, borrower_type="person")),
    "shares of more than 1": (
        "contracts",
        lambda t: with_first(t, share_lender=Decimal("0.900000")),
    ),
    "a negative share": (
        "contracts",
        lambda t: with_first(
            t,
            share_institution=Decimal("1.100000"),
            share_lender=Decimal("-0.100000"),
            share_reguarantor=None,
            share_national_fund=None,
        ),
    ),
    "an unknown institution": ("contracts", lambda t: with_first(t, institution_id="nobody")),
    "an institution twice": ("institutions", again),
    "a release of an unknown contract": ("releases", lambda t: with_first(t, contract_id="none")),
    "a release of too much": ("releases", lambda t: with_first(t, amount=Decimal("99999999.00"))),
    "a release of nothing": ("releases", lambda t: with_first(t, amount=Decimal("0.00"))),
    "a claim twice": ("claims", again),
    "a claim of an unknown contract": ("claims", lambda t: with_first(t, contract_id="none")),
    "an unknown review": ("claims", lambda t: with_first(t, finance_review="maybe")),
    "a recovery twice": ("recoveries", again),
    "a recovery of an unknown claim": ("recoveries", lambda t: with_first(t, claim_id="none")),
    "negative proceeds": ("recoveries", lambda t: with_first(t, proceeds=Decimal("-0.01"))),
}


def test_ledgers_with_payments_can_be_settled(tmp_path: Path) -> None:
    write_ledgers(tmp_path, PLAN._replace(payments=True))
    settlement = settle_files(tmp_path, "jiyuan-2022", "2030-12-31")
    assert len(settlement.payments.claim) == PAYMENTS_PER_CLAIM * PLAN.rows("claims")
    assert (settlement.payments.net(PLAN.rows("claims")) > 0).all()
    assert settlement.granted.to_pay.any()
    assert settlement.granted.to_recall.any()


@pytest.fixture(scope="module", name="to_settle")
def ledgers_to_settle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("to-settle")
    for form in ("parquet", "csv"):
        write_ledgers(folder / form, PLAN._replace(payments=True), form)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_a_query_settles_to_the_same_cells(form: str, to_settle: Path, tmp_path: Path) -> None:
    found = settle_files(to_settle / form, "jiyuan-2022", "2023-12-31")
    statuses = set(found.tables["settlement"]["status"].to_pylist())
    assert statuses == {"not_covered", "ineligible", "approved", "rejected", "pending"}
    write_folder(found.tables, found.summary, tmp_path / "ours", "parquet")
    peer("duckdb_settlement").run(to_settle / form, tmp_path / "theirs", checks=True)
    assert differences(tmp_path / "ours", tmp_path / "theirs") == []
    totals = found.summary["totals"]
    assert all(Decimal(totals[leg]) > 0 for leg in ("to_pay", "to_recall", "to_remit"))


@pytest.mark.slow
def test_a_query_with_checks_refuses_wrong_payments(to_settle: Path, tmp_path: Path) -> None:
    module = peer("duckdb_settlement")
    right = {path.stem: path for path in (to_settle / "parquet").iterdir()}
    payments = pq.read_table(right["payments"])
    for number, wrong in enumerate(
        [
            again(payments),
            with_first(payments, claim_id="none"),
            with_first(payments, amount=Decimal("0.00")),
            with_first(payments, amount=Decimal("99999999.00")),
            with_first(payments, payment_date=date(2001, 1, 1)),
        ]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        for path in right.values():
            (folder / path.name).symlink_to(path)
        (folder / "payments.parquet").unlink()
        pq.write_table(wrong, folder / "payments.parquet")
        with pytest.raises(InputFaults):
            settle_files(folder, "jiyuan-2022", "2023-12-31")
        with pytest.raises(SystemExit, match="wrong input"):
            module.run(folder, folder / "theirs", checks=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["duckdb_sql", "polars_frames"])
def test_a_peer_with_checks_refuses_what_ours_refuses(
    name: str, small: Path, tmp_path: Path
) -> None:
    module = peer(name)
    for what, (table, change) in WRONG.items():
        folder = tmp_path / what
        folder.mkdir()
        for other in PLAN.tables:
            (folder / f"{other}.parquet").symlink_to(small / "parquet" / f"{other}.parquet")
        right = pq.read_table(folder / f"{table}.parquet")
        (folder / f"{table}.parquet").unlink()
        pq.write_table(change(right), folder / f"{table}.parquet")
        with pytest.raises(SystemExit, match="wrong input"):
            module.run(folder, folder / "theirs", checks=True)
        assert not (folder / "theirs").exists(), what


def test_a_cell_that_differs_is_found(results: Path, tmp_path: Path) -> None:
    for name in ("claims", "institutions", "returns"):
        pq.write_table(pq.read_table(results / f"{name}.parquet"), tmp_path / f"{name}.parquet")
    assert differences(results, tmp_path) == []
    claims = pq.read_table(results / "claims.parquet")
    pq.write_table(with_first(claims, status="paid"), tmp_path / "claims.parquet")
    assert [line.partition(":")[0] for line in differences(results, tmp_path)] == ["claims.status"]


HOLD = "import time; held = bytearray(60_000_000); time.sleep(0.4)"
BOTH = f"""
import subprocess, sys
other = subprocess.Popen([sys.executable, "-c", "{HOLD}"])
{HOLD}
other.wait()
"""
# In a process of its own, since the memory of the tests would be counted too.
PEAKS = """
import sys
from pathlib import Path
from benchmarks.processes import measure
for code in sys.argv[1:]:
    print(measure([sys.executable, "-c", code], Path()).peak)
"""


@pytest.mark.process
@pytest.mark.skipif(sys.platform != "linux", reason="memory as Linux counts it")
def test_the_memory_of_all_processes_is_counted() -> None:
    command = [sys.executable, "-c", PEAKS, HOLD, BOTH]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    alone, together = map(float, done.stdout.split())
    assert 60 < alone < 120 < together < 200


@pytest.mark.process
def test_a_program_that_fails_is_not_timed(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="exit code 3"):
        measure([sys.executable, "-c", "raise SystemExit(3)"], tmp_path)


def seconds(*walls: float) -> list[Took]:
    return [Took(wall, wall, 100.0) for wall in walls]


class Clockwork:
    """Stands in for `take_turns`: gives prepared times, and counts how often it is asked."""

    def __init__(self, ours: list[float], then: float) -> None:
        self.times = {OURS: ours, CHECKED: [1.0] * len(ours), guard.THEN: [then] * len(ours)}
        self.asked = 0

    def __call__(self, names: Sequence[str], *_args: object) -> turns.Taken:
        self.asked += 1
        return {name: seconds(*self.times[name]) for name in names}


@pytest.mark.parametrize(
    ("ours", "then", "code", "asked"),
    [
        ([1.2, 1.2, 1.2], 1.0, 0, 1),  # exactly a fifth
        ([1.3, 1.3, 1.3], 1.0, 1, 2),
        ([1.3, 1.3, 1.3], 1.2, 0, 2),  # the machine is another one: ours then is slower here, too
        ([1.0, 1.5, 1.5], 1.0, 0, guard.ROUNDS),  # the fastest is fine, the median is not
    ],
)
def test_the_guard_fails_where_ours_is_a_fifth_slower(
    ours: list[float],
    then: float,
    code: int,
    asked: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    runs = Clockwork(ours, then)
    monkeypatch.setattr(guard, "take_turns", runs)
    monkeypatch.setattr(guard, "rehearse", lambda *_args: None)
    monkeypatch.setattr(guard, "BASELINE", tmp_path / "baseline.json")
    monkeypatch.setattr(guard, "beside_then", lambda: dict.fromkeys([OURS, guard.THEN]))
    guard.BASELINE.write_text('{"10000": 1.0}')
    assert guard.guard([10_000], 3, keep=False) == code
    assert runs.asked == asked
    assert ("What to do" in capsys.readouterr().out) == bool(code)
    guard.guard([10_000], 3, keep=True)
    assert json.loads(guard.BASELINE.read_text()) == {"10000": min(ours)}


@pytest.mark.process
def test_ours_then_is_the_code_of_its_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "BUILD", tmp_path)
    then = guard.beside_then()[guard.THEN]
    assert then.root.parent == tmp_path / "then"
    asked = "import compensation; print(compensation.__file__)"
    taken = subprocess.check_output([sys.executable, "-c", asked], cwd=then.root, text=True)
    assert Path(taken.strip()).is_relative_to(then.root)


def test_targets_say_whether_they_are_met() -> None:
    taken = {OURS: seconds(1.0), CHECKED: seconds(1.0), PARSER: seconds(0.6)}
    lines = "\n".join(tables.targets({**taken, OURS: seconds(1.1)}, "parquet", 0.1))
    assert "our time to DuckDB's with checks: 1.10, at most 1.00: **not met**" in lines
    assert "without the guards (100 ms): 1.00, at most 1.00: met" in lines
    assert "our processor time to DuckDB's: 1.10, at most 1.00: **not met**" in lines
    assert "without the guards, processor time: 1.00, at most 1.00: met" in lines
    lines = "\n".join(tables.targets(taken, "parquet", 0.1))
    assert "our time to DuckDB's with checks: 1.00, at most 1.00: met" in lines
    assert "our memory to DuckDB's: 1.00, at most 1.50: met" in lines
    assert "(the far aim): 1.00, at most 0.70: **not met**" in lines
    assert "not met" not in "\n".join(tables.targets(taken, "csv", 0.0))
    of_parser = tables.targets(taken, "xlsx", 0.0)[0]
    assert "share of our time: 0.60, at least 0.70: **not met**" in of_parser
    assert "not met" in tables.growth({10**5: taken, 10**6: {OURS: seconds(11.0)}})[0]


def test_every_case_of_the_report_has_ledgers_of_its_own() -> None:
    measured = list(run.cases(None, list(FORMS), list(ORDERS)))
    assert len({(case.contracts, case.form, case.order) for case in measured}) == len(measured)
    assert {case.order for case in measured if case.form == "parquet"} == set(ORDERS)
    assert list(run.cases([7], ["csv"], ["grouped"])) == [Case(7, "csv", "grouped")]


ONLY_FOR_OTHERS = """
import atexit, sys
names = ["pandas", "pydantic", "rich.console", "numpy.ma", "pydoc", "pyarrow._s3fs"]
if "parquet" in sys.argv:
    names.append("xlsxwriter")
    read = "csv_file layout merged_cells reviews sheet stated_units unit_places xlsx".split()
    names += ["python_calamine", *(f"compensation.ledger.{name}" for name in read)]
    names.append("compensation.classification.industries")
atexit.register(lambda: sys.stderr.write(repr([each for each in names if sys.modules.get(each)])))
from compensation.cli import main
from compensation.cli.process import spare_time
spare_time()
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.process
@pytest.mark.parametrize(
    ("form", "asked"),
    [
        ("parquet", ["assess", "--year", "2022"]),
        ("parquet", ["settle", "--to", "2023-12-31"]),
        ("xlsx", ["assess", "--year", "2022"]),
    ],
)
def test_a_run_loads_nothing_that_other_runs_need(
    small: Path, tmp_path: Path, form: str, asked: list[str]
) -> None:
    # At ten thousand contracts most of the time is loading modules.
    made = {
        "parquet": [small / "parquet", "--format", form, "-o", tmp_path / "out"],
        "xlsx": [ROOT / "examples" / "jiyuan-2022.xlsx", "-o", tmp_path / "out.xlsx"],
    }[form]
    given = [*asked, *map(str, made), "--policy", "jiyuan-2022"]
    command = [sys.executable, "-c", ONLY_FOR_OTHERS, *given]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == "[]"


@pytest.mark.parametrize("key", breakdown.STEPS)
def test_each_step_of_the_breakdown_is_there(key: str) -> None:
    module, _, name = key.partition(":")
    assert callable(attrgetter(name)(import_module(module)))


def test_the_breakdown_counts_no_time_twice() -> None:
    clock = breakdown.Clock()
    inner = clock.timed("inner", lambda: sum(range(100_000)))
    clock.timed("outer", lambda: (inner(), inner()))()
    assert clock.spent["inner"] > clock.spent["outer"] >= 0
    assert not clock.wrap("compensation.assessment:gone")
    assert not clock.wrap("compensation.gone:gone")
