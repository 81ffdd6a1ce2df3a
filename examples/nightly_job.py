"""A nightly job: a database in, results back into it, with the digest of the record.

夜间批处理：从业务数据库读台账，计算，把结果连同存证的校验码写回。Figures are invented.

    python -m examples.nightly_job                                  # with a database made up for it
    python -m examples.nightly_job DATABASE RECORDS --year 2022 --policy jiyuan-2022

Everything is read and written in one transaction. A ledger with faults changes nothing: they are
printed, and the exit code is 1. The same ledger again changes nothing either.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import duckdb
import pyarrow as pa

import compensation
from examples.from_dataframes import claims, contracts, institutions, recoveries

QUERIES = {
    "institutions": "select * from institutions",
    "contracts": "select guarantee_no as contract_id, * exclude (guarantee_no) from guarantees",
    "claims": "select * from claims",
    "recoveries": "select * from recoveries",
}
"""By table of the ledger what the system holds of it; names of columns are given here."""
RESULTS = """
create table if not exists compensation_runs (
    year integer, policy text, input_digest text, policy_digest text, version text,
    record text, compensation decimal(18, 2), payable decimal(18, 2));
create table if not exists compensation_claims (
    year integer, policy text, claim_id text, eligible boolean, reasons text,
    base decimal(18, 2), rate decimal(18, 6), compensation decimal(18, 2), status text,
    payable decimal(18, 2));
"""


def run(database: Path, records: Path, policy: str, year: int) -> str:
    """Bring the results of a year up to date; return the digest of their record.

    Raises `compensation.InputFaults` where the ledger has faults; nothing is written then.
    """
    with duckdb.connect(database) as base:
        base.begin()  # closed before the commit, it is as if nothing had been asked
        base.execute(RESULTS)
        ledger = {name: base.sql(query) for name, query in QUERIES.items()}
        result = compensation.assess(compensation.read_portfolio(ledger), policy, year)
        said = result.summary
        # What determines a result: the ledger, the policy and the version of the program.
        of = [year, policy, said["input_digest"], said["policy"]["digest"], said["version"]]
        before = base.execute(
            "select record from compensation_runs where "
            "(year, policy, input_digest, policy_digest, version) = (?, ?, ?, ?, ?)",
            of,
        ).fetchone()
        if before is not None:
            return str(before[0])
        digest = keep(result, records)
        for table in ("compensation_runs", "compensation_claims"):
            base.execute(f"delete from {table} where (year, policy) = (?, ?)", [year, policy])
        totals = [said["totals"][name] for name in ("compensation", "payable")]
        base.execute(
            "insert into compensation_runs values (?, ?, ?, ?, ?, ?, ?, ?)", [*of, digest, *totals]
        )
        base.register("computed", result.tables["claims"])
        base.execute(
            "insert into compensation_claims by name select ? as year, ? as policy, claim_id, "
            "eligible, reasons, base, rate, compensation, status, payable from computed",
            [year, policy],
        )
        base.commit()
    return digest


def keep(result: compensation.Assessment, records: Path) -> str:
    """Write the record into a folder that its digest names; return the digest."""
    records.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=records) as aside:
        folder = Path(aside) / "record"
        compensation.write_folder(result.tables, result.summary, folder, texts=result.texts)
        digest = str(compensation.read_result(folder).summary["summary_digest"])
        target = records / digest.removeprefix("sha256:")
        if not target.exists():
            folder.rename(target)
    return digest


def make_database(path: Path) -> None:
    """Write a database as a system may hold it."""
    tables = {
        "institutions": institutions(),
        "guarantees": contracts().rename(columns={"contract_id": "guarantee_no"}),
        "claims": claims(),
        "recoveries": recoveries(),
    }
    with duckdb.connect(path) as base:
        for name, frame in tables.items():
            base.register("frame", pa.table(frame))
            base.execute(f"create table {name} as from frame")


def main(arguments: list[str]) -> None:
    """Run the job as the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("database", type=Path, nargs="?")
    parser.add_argument("records", type=Path, nargs="?")
    parser.add_argument("--year", type=int, default=2022)
    parser.add_argument("--policy", default="jiyuan-2022")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        database = asked.database or Path(folder) / "made-up.duckdb"
        if asked.database is None:
            make_database(database)
        try:
            digest = run(database, asked.records or Path(folder), asked.policy, asked.year)
        except compensation.InputFaults as faults:
            sys.exit(faults.describe("zh"))
    print(digest)


if __name__ == "__main__":
    main(sys.argv[1:])
