"""The nightly job of the examples: all of a night or nothing of it, and nothing twice."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from compensation import InputFaults, assess, portfolio_of_frames, read_result
from examples import from_dataframes as frames
from examples.nightly_job import make_database, run

ASKED = ("jiyuan-2022", 2022)


def changed(database: Path, statement: str) -> None:
    with duckdb.connect(database) as base:
        base.execute(statement)


def recorded(database: Path) -> list[tuple[str]]:
    with duckdb.connect(database, read_only=True) as base:
        return base.execute("select record from compensation_runs").fetchall()


@pytest.mark.slow
def test_all_of_a_night_or_nothing(tmp_path: Path) -> None:
    database, records = tmp_path / "system.duckdb", tmp_path / "records"
    make_database(database)
    expected = assess(
        portfolio_of_frames(
            institutions=frames.institutions(),
            contracts=frames.contracts(),
            claims=frames.claims(),
            recoveries=frames.recoveries(),
        ),
        *ASKED,
    )

    digest = run(database, records, *ASKED)
    kept = read_result(records / digest.removeprefix("sha256:"))
    assert kept.summary["input_digest"] == expected.input_digest
    with duckdb.connect(database, read_only=True) as base:
        (found,) = base.execute(
            "select record, compensation, payable from compensation_runs"
        ).fetchall()
        totals = expected.summary["totals"]
        assert found == (digest, Decimal(totals["compensation"]), Decimal(totals["payable"]))
        table = base.sql(
            "select * exclude (year, policy) from compensation_claims"
        ).to_arrow_table()
    assert table.to_pylist() == expected.tables["claims"].select(table.column_names).to_pylist()

    first = database.read_bytes()
    assert run(database, records, *ASKED) == digest
    assert database.read_bytes() == first
    assert len(list(records.iterdir())) == 1

    changed(database, "update claims set principal = '12.345' where claim_id = 'P1'")
    with pytest.raises(InputFaults):
        run(database, records, *ASKED)
    assert recorded(database) == [(digest,)]
    assert len(list(records.iterdir())) == 1

    changed(database, "update claims set principal = '12.34' where claim_id = 'P1'")
    changed(database, "alter table compensation_claims rename payable to due")
    with pytest.raises(duckdb.Error):  # it writes the run first, and is refused after that
        run(database, records, *ASKED)
    assert recorded(database) == [(digest,)]

    changed(database, "alter table compensation_claims rename due to payable")
    corrected = run(database, records, *ASKED)
    assert corrected != digest
    assert recorded(database) == [(corrected,)]
    with duckdb.connect(database, read_only=True) as base:
        assert base.execute("select count(*) from compensation_claims").fetchall() == [(2,)]
