"""A settlement as hand-written SQL for DuckDB: jiyuan-2022, as of the end of 2023. A peer.

    python -m benchmarks.peers.duckdb_settlement INPUT OUTPUT [--checks]

The claims of 2022 are decided by the query of `duckdb_sql`; no policy covers the others. The
ledgers are those of `benchmarks.ledgers` with payments: nothing is recalled or handed over in them,
no claim is closed, no amount approved apart, and there is no pool.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.peers import duckdb_sql
from benchmarks.peers.duckdb_sql import MONEY, SETTINGS

FIRST, LAST = "DATE '2023-01-01'", "DATE '2023-12-31'"

OF_CLAIMS = {
    name: kind for name, kind in duckdb_sql.COLUMNS["claims"].items() if name != "compensation_paid"
}
COLUMNS = {
    **duckdb_sql.COLUMNS,
    "claims": OF_CLAIMS,
    "payments": {
        "payment_id": "VARCHAR",
        "claim_id": "VARCHAR",
        "payment_date": "DATE",
        "amount": MONEY,
    },
}

PAID = f"""
CREATE TEMP TABLE paid AS
SELECT claim_id, sum(amount)::{MONEY} AS ever,
    fen(coalesce(sum(amount) FILTER (payment_date <= {LAST}), 0)::{MONEY}) AS to_date,
    fen(coalesce(sum(amount) FILTER (payment_date BETWEEN {FIRST} AND {LAST}), 0)::{MONEY})
        AS in_period
FROM payments GROUP BY claim_id;

CREATE TEMP TABLE with_paid AS
SELECT c.*, ever AS compensation_paid FROM claims AS c LEFT JOIN paid USING (claim_id);
DROP TABLE claims;
ALTER TABLE with_paid RENAME TO claims;
"""
"""What was paid; all that was ever paid is what the checks of claims look at."""

CHECKS = """
SELECT
    (SELECT count(*) - count(DISTINCT payment_id) FROM payments) AS payment_ids,
    (SELECT count(*) FILTER (c.claim_id IS NULL OR payment_date IS NULL OR amount IS NULL
        OR amount <= 0 OR payment_date < payout_date)
        FROM payments LEFT JOIN claims AS c USING (claim_id)) AS payments
"""

SETTLED = f"""
CREATE TEMP TABLE recovered AS
WITH to_date AS (
    SELECT a.row, payout, proceeds, cost,
        sum(proceeds) OVER in_turn - sum(coalesce(cost, 0)) OVER by_day AS net
    FROM recoveries AS r JOIN all_claims AS a USING (claim_id)
    WHERE recovery_date <= {LAST}
    WINDOW in_turn AS (PARTITION BY a.row ORDER BY recovery_date, recovery_id
            ROWS UNBOUNDED PRECEDING),
        by_day AS (PARTITION BY a.row ORDER BY recovery_date)
), highest AS (
    SELECT row, any_value(payout) AS payout, fen(sum(proceeds)) AS proceeds,
        fen(sum(coalesce(cost, 0))) AS cost, greatest(fen(max(net)), 0) AS highest
    FROM to_date GROUP BY row
)
SELECT row, proceeds, cost, least(highest, payout) AS distributed,
    greatest(highest - payout, 0) AS surplus
FROM highest;

CREATE TEMP TABLE settled AS
WITH known AS (
    SELECT a.row, a.claim_id, a.contract_id, a.institution_id, a.borrower_id, a.payout_date,
        a.payout, coalesce(d.status, 'not_covered') AS status,
        coalesce(d.compensation, 0) AS compensation, coalesce(p.to_date, 0) AS paid_to_date,
        coalesce(p.in_period, 0) AS paid_in_period, coalesce(r.proceeds, 0) AS proceeds_to_date,
        coalesce(r.cost, 0) AS cost_to_date, coalesce(r.distributed, 0) AS distributed_to_date,
        coalesce(r.surplus, 0) AS surplus_to_date
    FROM all_claims AS a LEFT JOIN (SELECT row, status, compensation FROM decided) AS d
            ON d.row = a.row
        LEFT JOIN paid AS p ON p.claim_id = a.claim_id
        LEFT JOIN recovered AS r ON r.row = a.row
    WHERE a.payout_date <= {LAST}
), granting AS (
    SELECT *, CASE WHEN status = 'approved' THEN compensation
        WHEN status IN ('rejected', 'ineligible') THEN 0 ELSE paid_to_date END AS granted
    FROM known
), paying AS (
    SELECT *, greatest(granted - paid_to_date, 0) AS to_pay,
        greatest(paid_to_date - granted, 0) AS to_recall,
        CASE granted WHEN 0 THEN 0 ELSE half_up(distributed_to_date * granted, payout) END
            AS government_share
    FROM granting
)
SELECT *, 0::BIGINT AS outstanding, 0::BIGINT AS remitted_in_period, 0::BIGINT AS remitted_to_date,
    government_share AS to_remit, 0::BIGINT AS to_refund,
    to_recall + government_share - to_pay AS net_due,
    granted - government_share AS government_cost
FROM paying;
"""

AMOUNTS = (
    *("compensation", "granted", "paid_in_period", "paid_to_date", "to_pay", "to_recall"),
    *("outstanding", "proceeds_to_date", "cost_to_date", "distributed_to_date"),
    *("surplus_to_date", "government_share", "remitted_in_period", "remitted_to_date"),
    *("to_remit", "to_refund", "net_due", "government_cost"),
)

RESULTS = {
    "settlement": f"""
SELECT claim_id, contract_id, institution_id, borrower_id, payout_date,
    year(payout_date)::BIGINT AS year,
    CASE WHEN status <> 'not_covered' THEN 'jiyuan-2022' END AS policy, status, FALSE AS closed,
    yuan(payout) AS payout, {", ".join(f"yuan({name}) AS {name}" for name in AMOUNTS)}
FROM settled ORDER BY row
""",
    "settlement_institutions": f"""
SELECT i.institution_id, coalesce(claims, 0) AS claims,
    {", ".join(f"yuan(coalesce({name}, 0)) AS {name}" for name in AMOUNTS)}
FROM institutions AS i LEFT JOIN (
    SELECT institution_id, count(*) AS claims, {", ".join(f"sum({n}) AS {n}" for n in AMOUNTS)}
    FROM settled GROUP BY institution_id
) USING (institution_id)
ORDER BY i.row
""",
    "pool_statement": """
WITH sums AS (
    SELECT coalesce(sum(paid_to_date), 0) AS paid, coalesce(sum(paid_in_period), 0) AS in_period,
        coalesce(sum(to_pay), 0) AS to_pay, coalesce(sum(to_recall), 0) AS to_recall,
        coalesce(sum(to_remit), 0) AS to_remit
    FROM settled
), lines AS (
    SELECT unnest([
        {'line': 'opening', 'amount': in_period - paid}, {'line': 'budget', 'amount': 0},
        {'line': 'interest', 'amount': 0}, {'line': 'other_income', 'amount': 0},
        {'line': 'remitted', 'amount': 0}, {'line': 'recalled', 'amount': 0},
        {'line': 'paid', 'amount': in_period}, {'line': 'refunded', 'amount': 0},
        {'line': 'fee', 'amount': 0}, {'line': 'other_expense', 'amount': 0},
        {'line': 'closing', 'amount': -paid}, {'line': 'to_pay', 'amount': to_pay},
        {'line': 'to_recall', 'amount': to_recall}, {'line': 'to_remit', 'amount': to_remit},
        {'line': 'to_refund', 'amount': 0},
        {'line': 'available', 'amount': to_recall + to_remit - to_pay - paid}
    ], recursive := true) FROM sums
)
SELECT line, yuan(amount) AS amount FROM lines
""",
}


def run(folder: Path, output: Path, checks: bool = False) -> None:
    """Settle a folder of ledgers into Parquet files; exit 1 on a failed check."""
    database: Any = duckdb.connect(config=SETTINGS)
    database.execute(duckdb_sql.MACROS + duckdb_sql.load(folder, COLUMNS) + PAID)
    database.execute(duckdb_sql.figures(checks) + duckdb_sql.claims())
    if checks:
        duckdb_sql.check(database)
        duckdb_sql.refuse(duckdb_sql.counted(database, CHECKS))
    decided = duckdb_sql.VERDICTS + duckdb_sql.EXPOSURES + duckdb_sql.DECIDED
    database.execute(decided + SETTLED)
    output.mkdir(parents=True, exist_ok=True)
    for name, query in RESULTS.items():
        database.execute(f"COPY ({query}) TO '{output / name}.parquet' (FORMAT parquet)")


def main() -> None:
    """Run as the arguments say."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--checks", action="store_true")
    given = parser.parse_args()
    run(given.folder, given.output, given.checks)


if __name__ == "__main__":
    main()
