"""What passes through in parts comes out as what is held whole: every figure, digest and fault."""

from __future__ import annotations

import datetime
import random
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from compensation.assessment import Assessment, assess
from compensation.faults.input_faults import InputFaults
from compensation.issues import Issue
from compensation.ledger import checked, digest, ids
from compensation.ledger.id_hashes import IdHashes
from compensation.ledger.portfolio_input import read_portfolio
from compensation.ledger.whole_tables import whole_table
from compensation.readers import partitions
from compensation.schema.dictionary import CLAIMS, RELEASES
from compensation.streaming import assess_files, assess_frames
from compensation.tables import pieces
from tests.assessing import EXAMPLE_NAMES, EXAMPLES, frames_of, params
from tests.conftest import DEPTH
from tests.ledger.input_files import records
from tests.oracle_reading import Tables, money_text
from tests.portfolios import random_portfolio
from tests.portfolios_luoyang import random_luoyang_portfolio

ROOT = Path(__file__).parent.parent
DAY = datetime.date(2022, 3, 1)
SIZES = pieces.PIECE, digest.BLOCK


@pytest.fixture(autouse=True)
def restored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sizes that a test sets are put back."""
    for module in (pieces, partitions):
        monkeypatch.setattr(module, "PIECE", module.PIECE)
    monkeypatch.setattr(digest, "BLOCK", digest.BLOCK)


def set_sizes(piece: int, block: int) -> None:
    for module in (pieces, partitions):
        module.PIECE = piece  # type: ignore[attr-defined]
    digest.BLOCK = block


def save(tables: Tables, folder: Path, form: str, row_group: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in frames_of(tables).items():
        if form == "csv":
            pyarrow.csv.write_csv(table, folder / f"{name}.csv")
        elif form == "partitions" and name == "contracts":
            save_partitions(tables[name], folder / name)
        else:
            pq.write_table(table, folder / f"{name}.parquet", row_group_size=row_group)
    return folder


def save_partitions(rows: list[dict[str, str]], folder: Path) -> None:
    """Write contracts as Spark does: a folder for each institution, its id in the path alone."""
    headings = [name for name in rows[0] if name != "institution_id"]
    for number, row in enumerate(rows):
        home = folder / f"institution_id={quote(row['institution_id'], safe='')}"
        home.mkdir(parents=True, exist_ok=True)
        columns = [pa.array([row[name]], pa.string()) for name in headings]
        pq.write_table(pa.table(columns, headings), home / f"part-{number:05}.parquet")
    (folder / "_SUCCESS").touch()


def in_order(tables: Tables, order: str, seed: int) -> Tables:
    """The contracts by institution, or all over the place."""
    contracts = list(tables["contracts"])
    if order == "grouped":
        contracts.sort(key=lambda row: row["institution_id"])
    elif order == "shuffled":
        random.Random(seed).shuffle(contracts)
    return {**tables, "contracts": contracts}


def same(one: Assessment, other: Assessment) -> None:
    for name, table in one.tables.items():
        assert table.equals(other.tables[name]), name
    assert one.summary == other.summary
    assert list(one.warnings) == list(other.warnings)
    for id_ in one.tables["institutions"]["institution_id"].to_pylist():
        assert one.explain_institution(id_) == other.explain_institution(id_)
    for id_ in one.tables["claims"]["claim_id"].to_pylist()[:20]:
        assert one.explain(id_) == other.explain(id_)


@pytest.mark.slow
@given(
    seed=st.integers(0, 10**6),
    policy=st.sampled_from(["jiyuan-2022", "luoyang-2025"]),
    order=st.sampled_from(["as it is", "grouped", "shuffled"]),
    form=st.sampled_from(["parquet", "csv", "partitions"]),
    piece=st.sampled_from([1, 2, 3, 7, 30, 1000]),
    block=st.sampled_from([1, 4, 64, 1 << 16]),
    budget=st.sampled_from([None, "0", "100000.01"]),
)
@settings(
    deadline=None,
    max_examples=5 * DEPTH,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_parts_come_to_what_the_whole_comes_to(
    seed: int,
    policy: str,
    order: str,
    form: str,
    piece: int,
    block: int,
    budget: str | None,
) -> None:
    jiyuan = policy == "jiyuan-2022"
    year = 2022 if jiyuan else 2025
    tables = random_portfolio(seed, 25) if jiyuan else random_luoyang_portfolio(seed, 25)
    tables = in_order(tables, order, seed)
    with tempfile.TemporaryDirectory() as folder:
        source = save(tables, Path(folder), form, max(1, piece // 2))
        whole = assess(read_portfolio(source), policy, year, budget)
        set_sizes(piece, block)
        try:
            same(assess_files(source, policy, year, budget), whole)
            same(assess(read_portfolio(source), policy, year, budget), whole)
        finally:
            set_sizes(*SIZES)


def oddly_kept(tables: Tables, chance: random.Random) -> Tables:
    """The tables with rows entered twice, ids written in two ways, and opening figures given."""
    result = {name: [dict(row) for row in rows] for name, rows in tables.items()}
    for row in chance.sample(result["contracts"], len(result["contracts"]) // 3):
        ways = (str.lower, str.upper, "0{}".format, "{} ".format, "-{}".format, "\u200b{}".format)
        row["borrower_id"] = chance.choice(ways)(row["borrower_id"])
    for name, key in (("claims", "claim_id"), ("recoveries", "recovery_id")):
        for number, row in enumerate(chance.sample(result[name], len(result[name]) // 3)):
            place = chance.randint(0, len(result[name]))
            result[name].insert(place, {**row, key: f"again-{number}"})
    for row in [row for row in result["releases"] if Decimal(row["amount"]) > 1]:
        row["amount"] = money_text(int(Decimal(row["amount"]) * 50))
        result["releases"].append(dict(row))
    for row in result["institutions"]:
        row["opening_balance"] = "1000"
        row["opening_borrowers"] = chance.choice(["3", ""])
    return result


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "order"), [(0, "as it is"), (1, "grouped"), (0, "shuffled")])
def test_guards_see_the_same_in_parts(tmp_path: Path, seed: int, order: str) -> None:
    tables = in_order(random_portfolio(seed, 40), order, seed)
    source = save(oddly_kept(tables, random.Random(seed)), tmp_path, "csv", 1)
    whole = assess(read_portfolio(source), "jiyuan-2022", 2022)
    kinds = {warning.kind for warning in whole.warnings}
    assert kinds >= {"entered_twice", "ids_alike", "stale_opening", "other_years"}
    for piece in (1, 7, 1000) if order == "shuffled" else (7,):
        set_sizes(piece, 64)
        same(assess_files(source, "jiyuan-2022", 2022), whole)


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLE_NAMES[::2])
def test_the_examples(name: str) -> None:
    run = params(name)
    source = EXAMPLES / name / "input"
    budget = run.get("budget")
    whole = assess(read_portfolio(source), "jiyuan-2022", run["year"], budget)
    set_sizes(10, 16)
    same(assess_files(source, "jiyuan-2022", run["year"], budget), whole)


@pytest.mark.slow
def test_what_a_run_over_files_keeps_is_no_portfolio() -> None:
    """Assessed as if it had all contracts, the example would get 0.00."""
    example, year = ROOT / "examples" / "jiyuan-2022.xlsx", 2022
    whole = assess(read_portfolio(example), "jiyuan-2022", year)
    assert whole.summary["totals"]["compensation"] == "200027.25"
    assert assess(whole.portfolio, "jiyuan-2022", year).summary == whole.summary
    frames = frames_of(random_portfolio(3, 20))
    for kept in (
        assess_files(example, "jiyuan-2022", year),
        assess_frames(frames, "jiyuan-2022", year),
    ):
        with pytest.raises(AttributeError, match="read_portfolio"):
            _ = kept.portfolio
        with pytest.raises(TypeError, match="takes a Portfolio, not Ledgers"):
            assess(kept.ledgers, "jiyuan-2022", year)  # type: ignore[arg-type]
        with pytest.raises(KeyError):
            kept.ledgers.column("releases", "amount")


def faults_of(run: Any, *given: Any) -> list[Issue]:
    with pytest.raises(InputFaults) as wrong:
        run(*given)
    return sorted(wrong.value.faults, key=repr)


WRONG_CELLS: dict[str, dict[str, list[str | None]]] = {
    "contracts": {
        "contract_id": ["", None],
        "institution_id": ["", "nobody"],
        "borrower_id": ["", "  "],
        "borrower_type": ["whale", ""],
        "guaranteed_amount": ["12.345", "-5", "NaN", "0", "一百万", "1"],
        "start_date": ["2022-02-30", "2023-01-01", "44621"],
        "release_date": ["2000-01-01", "soon"],
        "share_institution": ["0.99", "40%", "1.5"],
    },
    "releases": {
        "contract_id": ["", "nothing"],
        "release_date": ["1999-01-01", "2199-01-01"],
        "amount": ["9999999999999", "0", "x"],
    },
    "claims": {
        "claim_id": ["", None],
        "contract_id": ["nothing", ""],
        "payout_date": ["1999-01-01", "x"],
        "principal": ["-1", "0"],
        "finance_review": ["perhaps"],
    },
    "recoveries": {"claim_id": ["nothing"], "proceeds": ["1e400"], "recovery_date": ["1999-01-01"]},
}
"""None takes the cell of the row before: an id that is there twice."""


def spoiled(tables: Tables, chance: random.Random) -> Tables:
    """The tables with a few wrong cells."""
    result = {name: [dict(row) for row in rows] for name, rows in tables.items()}
    for _ in range(chance.randint(1, 6)):
        name = chance.choice(list(WRONG_CELLS))
        rows = result[name]
        if len(rows) < 2:
            continue
        column = chance.choice([c for c in WRONG_CELLS[name] if c in rows[0]])
        at = chance.randrange(1, len(rows))
        value = chance.choice(WRONG_CELLS[name][column])
        rows[at][column] = rows[chance.randrange(at)][column] if value is None else value
    return result


@pytest.mark.slow
@given(
    seed=st.integers(0, 10**6),
    order=st.sampled_from(["grouped", "shuffled"]),
    form=st.sampled_from(["parquet", "csv", "partitions"]),
    piece=st.sampled_from([1, 2, 5, 1000]),
)
@example(seed=6218, order="shuffled", form="parquet", piece=1)
@example(seed=22938, order="grouped", form="parquet", piece=1)
@settings(
    deadline=None,
    max_examples=5 * DEPTH,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_parts_find_the_faults_that_the_whole_has(
    seed: int, order: str, form: str, piece: int
) -> None:
    chance = random.Random(seed)
    tables = spoiled(in_order(random_portfolio(seed, 15), order, seed), chance)
    set_sizes(piece, 16)
    with tempfile.TemporaryDirectory() as folder:
        source = save(tables, Path(folder), form, piece)
        try:
            portfolio = read_portfolio(source)
            whole = assess(portfolio, "jiyuan-2022", 2022)
        except InputFaults as wrong:
            expected = sorted(wrong.faults, key=repr)
            found = faults_of(assess_files, source, "jiyuan-2022", 2022)
            assert found == expected
        else:
            same(assess_files(source, "jiyuan-2022", 2022), whole)


@pytest.mark.slow
def test_ids_that_share_fingerprints_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def poor(column: pa.Array) -> IdHashes:
        return np.array([len(text or "") % 2 for text in column.to_pylist()], dtype=np.uint64)

    source = save(random_portfolio(11, 40), tmp_path, "parquet", 8)
    whole = assess(read_portfolio(source), "jiyuan-2022", 2022)
    monkeypatch.setattr(ids, "id_hashes", poor)
    monkeypatch.setattr(checked, "id_hashes", poor)
    set_sizes(8, 16)
    same(assess_files(source, "jiyuan-2022", 2022), whole)


@pytest.mark.slow
def test_a_duplicate_in_another_part_is_found_at_its_row(tmp_path: Path) -> None:
    tables = in_order(random_portfolio(5, 60), "grouped", 0)
    rows = tables["contracts"]
    twice = {**rows[-1], "contract_id": f" {rows[0]['contract_id']} "}
    source = save({**tables, "contracts": [*rows, twice]}, tmp_path, "parquet", 10)
    set_sizes(10, 16)
    (fault,) = faults_of(assess_files, source, "jiyuan-2022", 2022)
    assert (fault.kind, fault.row, fault.value) == (
        "duplicate",
        len(rows) + 1,
        rows[0]["contract_id"],
    )


def test_faults_of_the_input_and_of_the_run_come_together(tmp_path: Path) -> None:
    tables = random_portfolio(5, 10)
    contracts = [{**row, "guaranteed_amount": "-1"} for row in tables["contracts"]]
    source = save({**tables, "contracts": contracts}, tmp_path, "csv", 10)
    faults = faults_of(assess_files, source, "jiyuan-2022", 2019, "1.005")
    kinds = {fault.kind for fault in faults}
    assert kinds >= {"negative", "year_not_covered", "budget"}


@pytest.mark.slow
def test_progress_is_told_in_contracts(tmp_path: Path) -> None:
    source = save(random_portfolio(5, 60), tmp_path, "parquet", 10)
    rows = pq.read_metadata(source / "contracts.parquet").num_rows
    set_sizes(10, 16)
    told: list[tuple[int, int]] = []
    assess_files(source, "jiyuan-2022", 2022, step=lambda done, all_: told.append((done, all_)))
    assert told[-1] == (rows, rows)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


@pytest.mark.slow
def test_a_folder_of_files_holds_what_one_file_holds(tmp_path: Path) -> None:
    tables = in_order(random_portfolio(9, 30), "grouped", 0)
    one = save(tables, tmp_path / "one", "parquet", 10)
    many = save(tables, tmp_path / "many", "partitions", 10)
    whole, parts = (assess_files(source, "jiyuan-2022", 2022) for source in (one, many))
    for name, table in whole.tables.items():
        assert table.equals(parts.tables[name]), name
    assert whole.summary["totals"] == parts.summary["totals"]


@pytest.mark.slow
def test_files_of_one_table_may_differ_in_columns_and_types(tmp_path: Path) -> None:
    tables = in_order(random_portfolio(9, 6), "grouped", 0)
    source = save(tables, tmp_path, "parquet", 10)
    content = pq.read_table(source / "releases.parquet")
    (source / "releases.parquet").unlink()
    folder = source / "releases" / "batch=1"
    folder.mkdir(parents=True)
    days = content["release_date"].cast(pa.date32())
    with_dates = content.set_column(1, "release_date", days)
    pq.write_table(content.slice(0, 1), folder / "a.parquet")
    pq.write_table(with_dates.slice(1).select([2, 1, 0]), folder / "b.parquet")
    whole = assess(read_portfolio(save(tables, tmp_path / "whole", "csv", 1)), "jiyuan-2022", 2022)
    in_parts = assess_files(source, "jiyuan-2022", 2022)
    same(in_parts, assess(read_portfolio(source), "jiyuan-2022", 2022))
    for name, table in whole.tables.items():
        assert table.equals(in_parts.tables[name]), name


@pytest.mark.parametrize(
    ("one", "other", "held"),
    [
        (pa.array([1]), pa.array([Decimal("2.50")]), ["1", "2.50"]),
        (pa.array([1]), pa.array([2.5]), ["1", 2.5]),
        (pa.array([1], pa.uint64()), pa.array(["2.50"]), [1, "2.50"]),
        (pa.array([1.5], pa.float32()), pa.array([2.5]), [1.5, 2.5]),
        (pa.array([DAY]), pa.array([DAY]).cast(pa.timestamp("ns")), [DAY, DAY]),
        (pa.array([1], pa.int8()), None, [1, None]),
        (pa.array([1], pa.int8()), pa.array([], pa.int8()), [1]),
    ],
    ids=str,
)
def test_files_of_one_table_read_whole(
    one: Any, other: Any, held: list[object], tmp_path: Path
) -> None:
    """A digit is neither lost nor gained, whatever the types of the files and their names."""
    for name, cells in (("a", one), ("b", other)):
        rows = 1 if cells is None else len(cells)
        content = pa.table({"contract_id": [name] * rows})
        if cells is not None:
            content = content.append_column("amount", cells)
        (tmp_path / "batch").mkdir(exist_ok=True)
        pq.write_table(content, tmp_path / "batch" / f"{name}.parquet")
    opened, faults = partitions.open_partitions(tmp_path, RELEASES)
    assert opened is not None
    assert not faults
    assert [amount for _, amount in records(whole_table(opened, RELEASES))] == held
    pieces_read = [records(piece) for piece in opened.read([0, 1])]
    assert [str(row[1]) for piece in pieces_read for row in piece] == [str(cell) for cell in held]


@pytest.mark.parametrize("heading", ["compensation_paid", "已补偿金额", "remark"])
def test_a_column_that_not_all_files_have_is_told_where_it_counts(
    heading: str, tmp_path: Path
) -> None:
    claims = pa.table({"claim_id": ["A"], heading: ["1"]})
    for name, content in (("a", claims), ("b", claims.select(["claim_id"])), ("c", claims[:0])):
        pq.write_table(content, tmp_path / f"{name}.parquet")
    _, faults = partitions.open_partitions(tmp_path, CLAIMS)
    told = [(fault.kind, fault.column, "b.parquet" in fault.message.en) for fault in faults]
    expected = [("missing_column", "compensation_paid", True)]
    assert told == (expected if heading != "remark" else [])


def test_files_that_do_not_make_one_table_are_told(tmp_path: Path) -> None:
    """A moment that no column of the other's kind can hold, and one column by both of its names."""
    amount = pa.array([1], pa.timestamp("ns"))
    pq.write_table(pa.table({"release_date": amount}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"release_date": pa.array([DAY])}), tmp_path / "b.parquet")
    opened, _ = partitions.open_partitions(tmp_path, RELEASES)
    assert opened is not None
    with pytest.raises(InputFaults) as wrong:
        whole_table(opened, RELEASES)
    (fault,) = wrong.value.faults
    assert (fault.kind, fault.table, fault.column) == ("column_type", "releases", "release_date")
    twice = pa.table([pa.array(["C1"]), pa.array(["C2"])], ["contract_id", " Contract_ID"])
    pq.write_table(twice, tmp_path / "b.parquet")
    opened, (group,) = partitions.open_partitions(tmp_path, RELEASES)
    assert (opened, group.kind, group.column) == (None, "duplicate_column", "contract_id")
    assert "b.parquet" in group.message.en


@pytest.mark.slow
def test_a_file_of_unknown_headings_alone_is_not_passed_over(tmp_path: Path) -> None:
    source = save(random_portfolio(9, 6), tmp_path, "partitions", 10)
    pq.write_table(pa.table({"合同号": ["K1"]}), source / "contracts" / "z.parquet")
    for run in (assess_files, lambda path, *_: read_portfolio(path)):
        found = faults_of(run, source, "jiyuan-2022", 2022)
        assert ("blank", "contract_id") in {(fault.kind, fault.column) for fault in found}


@pytest.mark.slow
def test_files_without_rows_between_others_are_read_past(tmp_path: Path) -> None:
    """Spark leaves such files behind, and pieces without rows in others."""
    tables = in_order(random_portfolio(9, 30), "grouped", 0)
    source = save(tables, tmp_path, "partitions", 10)
    files = sorted((source / "contracts").rglob("*.parquet"))
    content = pq.read_table(files[1], partitioning=None)
    pq.write_table(content.slice(0, 0), files[1].with_name("empty.parquet"))
    with pq.ParquetWriter(files[1], content.schema) as writer:
        for part in (content.slice(0, 0), content, content.slice(0, 0)):
            writer.write_table(part)
    whole = assess(read_portfolio(save(tables, tmp_path / "whole", "csv", 1)), "jiyuan-2022", 2022)
    in_parts = assess_files(source, "jiyuan-2022", 2022)
    for name, table in whole.tables.items():
        assert table.equals(in_parts.tables[name]), name


def test_a_folder_without_files_and_a_broken_file_are_told(tmp_path: Path) -> None:
    source = save(random_portfolio(9, 6), tmp_path, "parquet", 10)
    (source / "claims.parquet").unlink()
    (source / "claims").mkdir()
    (fault,) = faults_of(assess_files, source, "jiyuan-2022", 2022)
    assert (fault.kind, fault.table) == ("no_files", "claims")
    (source / "claims" / "a.parquet").write_bytes(b"PAR1")
    for run in (assess_files, lambda path, *_: read_portfolio(path)):
        (fault,) = faults_of(run, source, "jiyuan-2022", 2022)
        assert (fault.kind, fault.table) == ("broken_file", "claims")
    (source / "claims.csv").write_text("claim_id\n")
    (fault,) = faults_of(assess_files, source, "jiyuan-2022", 2022)
    assert fault.kind == "table_twice"
