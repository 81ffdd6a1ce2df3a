"""The rules as hand-tuned SQL for DuckDB: jiyuan-2022, 2022, no budget. A peer, and an oracle.

    python -m benchmarks.peers.duckdb_sql INPUT OUTPUT [--checks]

What was tuned: a scan decodes only the columns it needs; institutions are summed without a join,
partial releases in a pass of their own; borrowers are counted with two flags for each; exposure
looks only at the borrowers with claims, the small side of its joins; the checks ride along where
they can. CSV is parsed once, into temporary tables. docs/performance.md says what was dropped.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import duckdb

PARTIES = ("institution", "lender", "reguarantor", "national_fund")
BEFORE, END = "DATE '2021-12-31'", "DATE '2022-12-31'"
COUNTED = (
    "('micro_enterprise', 'small_enterprise', 'individual_business', 'business_owner', "
    "'farmer', 'agricultural_entity')"
)
OTHERS = "('medium_enterprise', 'large_enterprise', 'other')"
DECISIONS = "('approved', 'rejected', 'pending')"

MACROS = """
CREATE MACRO fen(yuan) AS (yuan * 100)::BIGINT;
CREATE MACRO total(yuan) AS (coalesce(yuan, 0) * 100)::HUGEINT;
CREATE MACRO yuan(fen) AS (fen::DECIMAL(18, 0) * 0.01)::DECIMAL(18, 2);
CREATE MACRO millionths(share) AS (coalesce(share, 0) * 1000000)::BIGINT;
CREATE MACRO half_up(a, b) AS CASE WHEN b = 0 THEN 0 ELSE (2 * a + b) // (2 * b) END;
CREATE MACRO printed(a, b) AS (
    (sign(a)::HUGEINT * ((2000000 * abs(a) + b) // (2 * b)))::DECIMAL(24, 0) * 0.000001
)::DECIMAL(18, 6);
CREATE MACRO growth(closing, opening) AS
    CASE WHEN opening > 0 THEN printed(closing - opening, opening) END;
"""

MONEY, SHARE = "DECIMAL(18, 2)", "DECIMAL(18, 6)"
COLUMNS = {
    "institutions": {
        "institution_id": "VARCHAR",
        "government_backed": "BOOLEAN",
        "opening_balance": MONEY,
        "opening_borrowers": "BIGINT",
    },
    "contracts": {
        "contract_id": "VARCHAR",
        "institution_id": "VARCHAR",
        "borrower_id": "VARCHAR",
        "borrower_type": "VARCHAR",
        "guaranteed_amount": MONEY,
        "start_date": "DATE",
        "release_date": "DATE",
        **{f"share_{party}": SHARE for party in PARTIES},
    },
    "releases": {"contract_id": "VARCHAR", "release_date": "DATE", "amount": MONEY},
    "claims": {
        "claim_id": "VARCHAR",
        "contract_id": "VARCHAR",
        "payout_date": "DATE",
        "principal": MONEY,
        "interest": MONEY,
        "finance_review": "VARCHAR",
        "industry_review": "VARCHAR",
        "compensation_paid": MONEY,
    },
    "recoveries": {
        "recovery_id": "VARCHAR",
        "claim_id": "VARCHAR",
        "recovery_date": "DATE",
        "proceeds": MONEY,
        "cost": MONEY,
    },
}

IN_FORCE = "start_date <= {day} AND (release_date IS NULL OR release_date > {day})"
BEGAN, ENDED = IN_FORCE.format(day=BEFORE), IN_FORCE.format(day=END)
GONE = f"release_date > {BEFORE} AND release_date <= {END}"
ALL_SHARES = ", ".join(f"share_{party}" for party in PARTIES)
CONTRACT_CHECKS = f"""
    count(*) FILTER (guaranteed_amount <= 0 OR release_date < start_date
        OR borrower_type NOT IN {COUNTED} AND borrower_type NOT IN {OTHERS}
        OR {" + ".join(f"coalesce(share_{party}, 0)" for party in PARTIES)}
            <> CASE WHEN coalesce({ALL_SHARES}) IS NULL THEN 0 ELSE 1 END
        OR contract_id IS NULL OR borrower_id IS NULL OR borrower_type IS NULL
        OR guaranteed_amount IS NULL OR start_date IS NULL) AS wrong,"""
RELEASE_CHECKS = """
    count(*) FILTER (guaranteed_amount IS NULL OR wrong_releases > 0 OR ever > guaranteed_amount
        OR first_release < start_date OR last_release > release_date) AS wrong,"""


def indicators(checks: bool) -> str:
    """Return what makes a table of the institutions' figures, to be judged."""
    return f"""
CREATE TEMP TABLE wholes AS
SELECT institution_id, {CONTRACT_CHECKS if checks else ""}
    sum(guaranteed_amount) FILTER ({BEGAN}) AS opening,
    sum(guaranteed_amount) FILTER ({ENDED}) AS closing,
    sum(guaranteed_amount) FILTER ({ENDED} AND borrower_type IN {COUNTED}) AS counted,
    sum(guaranteed_amount) FILTER ({GONE}) AS released
FROM contracts GROUP BY institution_id;

CREATE TEMP TABLE parts AS
WITH by_contract AS (
    SELECT contract_id,
        {"min(release_date) AS first_release, max(release_date) AS last_release," if checks else ""}
        {"count(*) FILTER (amount <= 0 OR amount IS NULL OR release_date IS NULL)" if checks else 0}
            AS wrong_releases,
        sum(amount)::{MONEY} AS ever,
        sum(CASE WHEN release_date <= {BEFORE} THEN amount ELSE 0 END)::{MONEY} AS before,
        sum(CASE WHEN release_date <= {END} THEN amount ELSE 0 END)::{MONEY} AS after
    FROM releases GROUP BY contract_id
)
SELECT institution_id, {RELEASE_CHECKS if checks else ""}
    sum(before) FILTER ({BEGAN}) AS opening,
    sum(after) FILTER ({ENDED}) AS closing,
    sum(after) FILTER ({ENDED} AND borrower_type IN {COUNTED}) AS counted,
    sum(after) - sum(before) - coalesce(sum(ever) FILTER ({GONE}), 0) AS released,
    list({{row: row, opening: before = guaranteed_amount}})
        FILTER (after = guaranteed_amount) AS emptied
FROM contracts {"RIGHT" if checks else ""} JOIN by_contract USING (contract_id)
GROUP BY institution_id;

CREATE TEMP TABLE emptied AS
SELECT unnest(emptied, recursive := true) FROM parts;

CREATE TEMP TABLE borrowers AS
WITH held AS (
    SELECT borrower_id, i.row AS institution,
        {BEGAN} AND NOT coalesce(e.opening, FALSE) AS opening,
        {ENDED} AND e.row IS NULL AS closing
    FROM contracts LEFT JOIN emptied AS e USING (row)
        JOIN institutions AS i USING (institution_id)
), each_one AS (
    SELECT bool_or(opening) AS opening, bool_or(closing) AS closing, institution
    FROM held WHERE opening OR closing GROUP BY institution, borrower_id
)
SELECT institution, count(*) FILTER (opening) AS opening, count(*) FILTER (closing) AS closing
FROM each_one GROUP BY institution;
"""


CLAIMS = f"""
CREATE TEMP TABLE all_claims AS
SELECT claims.*, institution_id, borrower_id, start_date,
    borrower_type IN {COUNTED} AS counted, payout_date BETWEEN DATE '2022-01-01' AND {END} AS ours,
    fen(principal + coalesce(interest, 0)) AS payout,
    fen(coalesce(compensation_paid, 0)) AS paid,
    {", ".join(f"millionths(share_{party}) AS given_{party}" for party in PARTIES)},
    CASE WHEN coalesce({ALL_SHARES}) IS NULL THEN 1000000 ELSE given_institution END AS w1,
    given_lender AS w2, given_reguarantor AS w3, given_national_fund AS w4,
    half_up(payout * w1, w1 + w2 + w3 + w4) AS b1,
    half_up((payout - b1) * w2, w2 + w3 + w4) AS b2,
    half_up((payout - b1 - b2) * w3, w3 + w4) AS b3,
    payout - b1 - b2 - b3 AS b4
FROM claims JOIN contracts USING (contract_id);
"""

INSTITUTIONS = """
CREATE TEMP TABLE verdicts AS
WITH paid_out AS (
    SELECT institution_id, sum(payout) AS payout FROM all_claims WHERE ours
    GROUP BY institution_id
), given AS (
    SELECT i.row, i.institution_id, i.government_backed,
        CASE WHEN opening_balance IS NULL THEN total(w.opening) - total(p.opening)
            ELSE total(opening_balance) END AS opening,
        total(w.closing) - total(p.closing) AS closing,
        coalesce(opening_borrowers, b.opening, 0)::HUGEINT AS opening_borrowers,
        coalesce(b.closing, 0)::HUGEINT AS closing_borrowers,
        total(w.counted) - total(p.counted) AS counted,
        total(w.released) + total(p.released) AS released,
        coalesce(payout, 0) AS payout
    FROM institutions AS i LEFT JOIN wholes AS w USING (institution_id)
        LEFT JOIN parts AS p USING (institution_id)
        LEFT JOIN borrowers AS b ON b.institution = i.row
        LEFT JOIN paid_out USING (institution_id)
), tested AS (
    SELECT *,
        CASE WHEN NOT government_backed THEN 'government_backed' END AS r1,
        CASE WHEN closing = 0 OR 100 * counted < 80 * closing THEN 'small_agri_share' END AS r2,
        CASE WHEN opening = 0 OR 100 * closing < 110 * opening THEN 'balance_growth' END AS r3,
        CASE WHEN opening_borrowers = 0 OR 100 * closing_borrowers < 110 * opening_borrowers
            THEN 'borrower_growth' END AS r4,
        CASE WHEN (released = 0 AND payout > 0) OR 100 * payout > 5 * released
            THEN 'payout_rate' END AS r5,
        concat_ws(';', r1, r2, r3, r4, r5) AS failed
    FROM given
)
SELECT *, failed = '' AS eligible, nullif(failed, '') AS reasons,
    CASE WHEN failed <> '' THEN 0
        WHEN 100 * counted >= 90 * closing AND 100 * closing >= 120 * opening
            AND 100 * closing_borrowers >= 120 * opening_borrowers
            AND 100 * payout <= 2 * released THEN 200000
        WHEN 100 * counted >= 85 * closing AND 100 * closing >= 115 * opening
            AND 100 * closing_borrowers >= 115 * opening_borrowers
            AND 100 * payout <= 3 * released THEN 150000
        ELSE 100000 END::BIGINT AS rate
FROM tested;
"""

EXPOSURES = """
CREATE TEMP TABLE exposures AS
WITH held AS (
    SELECT a.row, payout_date, c.contract_id, guaranteed_amount AS amount
    FROM contracts AS c JOIN all_claims AS a
        ON a.ours AND c.borrower_id = a.borrower_id AND c.institution_id = a.institution_id
    WHERE c.start_date <= payout_date
        AND (c.release_date IS NULL OR c.release_date >= payout_date)
), repaid AS (
    SELECT held.row, -r.amount FROM releases AS r JOIN held USING (contract_id)
    WHERE r.release_date < payout_date
)
SELECT row, fen(sum(amount)) AS exposure
FROM (SELECT row, amount FROM held UNION ALL FROM repaid) GROUP BY row;
"""

DECIDED = """
CREATE TEMP TABLE decided AS
SELECT a.*, coalesce(exposure, 0) AS exposure, v.rate,
    concat_ws(';', CASE WHEN NOT v.eligible THEN 'institution' END,
        CASE WHEN NOT a.counted THEN 'borrower_type' END,
        CASE WHEN exposure > 500000000 THEN 'borrower_exposure' END) AS missed,
    missed = '' AS passed,
    CASE WHEN passed THEN least(half_up(a.payout * v.rate, 1000000), b1) ELSE 0 END
        AS compensation,
    CASE WHEN NOT passed THEN 'ineligible'
        WHEN finance_review = 'rejected' OR industry_review = 'rejected' THEN 'rejected'
        WHEN finance_review = 'approved' AND industry_review = 'approved' THEN 'approved'
        ELSE 'pending' END AS status,
    CASE WHEN status = 'approved' THEN greatest(compensation - paid, 0) ELSE 0 END AS payable
FROM all_claims AS a LEFT JOIN exposures USING (row)
    JOIN verdicts AS v ON v.institution_id = a.institution_id
WHERE ours;
"""

CLAIM_RESULTS = """
SELECT claim_id, contract_id, institution_id, borrower_id, payout_date, yuan(payout) AS payout,
    yuan(exposure) AS borrower_exposure, passed AS eligible, nullif(missed, '') AS reasons,
    yuan(payout) AS base,
    CASE WHEN passed THEN yuan(rate) * 0.0001 END::DECIMAL(18, 6) AS rate,
    yuan(compensation) AS compensation, status, yuan(payable) AS payable
FROM decided ORDER BY row
"""

INSTITUTION_RESULTS = """
SELECT v.institution_id, yuan(opening) AS opening_balance, yuan(closing) AS closing_balance,
    growth(closing, opening) AS balance_growth,
    opening_borrowers::BIGINT AS opening_borrowers, closing_borrowers::BIGINT AS closing_borrowers,
    growth(closing_borrowers, opening_borrowers) AS borrower_growth,
    yuan(counted) AS small_agri_balance,
    CASE WHEN closing > 0 THEN printed(counted, closing) END AS small_agri_share,
    yuan(released) AS released_amount, yuan(payout) AS payout_amount,
    CASE WHEN released > 0 THEN printed(payout, released) WHEN payout = 0 THEN 0 END
        AS payout_rate,
    eligible, reasons, CASE WHEN eligible THEN yuan(rate) * 0.0001 END::DECIMAL(18, 6) AS rate,
    coalesce(claims, 0) AS claims, coalesce(eligible_claims, 0) AS eligible_claims,
    yuan(coalesce(compensation, 0)) AS compensation, yuan(coalesce(payable, 0)) AS payable
FROM verdicts AS v LEFT JOIN (
    SELECT institution_id, count(*) AS claims, count(*) FILTER (passed) AS eligible_claims,
        sum(compensation) AS compensation, sum(payable) AS payable
    FROM decided GROUP BY institution_id
) USING (institution_id)
ORDER BY row
"""

RETURN_RESULTS = (
    """
WITH dated AS (
    SELECT r.row, a.row AS claim, recovery_date, recovery_id, payout,
        paid + coalesce(payable, 0) AS w0, b1 - w0 AS w1, b2 AS w2, b3 AS w3, b4 AS w4,
        sum(proceeds) OVER (PARTITION BY claim ORDER BY recovery_date, recovery_id
                ROWS UNBOUNDED PRECEDING)
            - sum(coalesce(cost, 0)) OVER (PARTITION BY claim ORDER BY recovery_date) AS net
    FROM recoveries AS r JOIN all_claims AS a USING (claim_id)
        LEFT JOIN (SELECT row, payable FROM decided) AS d ON d.row = a.row
), raised AS (
    SELECT *, greatest(fen(max(net) OVER (PARTITION BY claim ORDER BY recovery_date, recovery_id
            ROWS UNBOUNDED PRECEDING)), 0) AS highest
    FROM dated
), parts AS (
    SELECT *, least(highest, payout) AS d, greatest(highest - payout, 0) AS s,
        half_up(d * w0, w0 + w1 + w2 + w3 + w4) AS p0,
        half_up((d - p0) * w1, w1 + w2 + w3 + w4) AS p1,
        half_up((d - p0 - p1) * w2, w2 + w3 + w4) AS p2,
        half_up((d - p0 - p1 - p2) * w3, w3 + w4) AS p3,
        d - p0 - p1 - p2 - p3 AS p4
    FROM raised
), steps AS (
    SELECT row, """
    + ", ".join(
        f"{name} - lag({name}, 1, 0::BIGINT) OVER earlier AS {name}_step"
        for name in ("d", "s", "p0", "p1", "p2", "p3", "p4")
    )
    + """
    FROM parts WINDOW earlier AS (PARTITION BY claim ORDER BY recovery_date, recovery_id)
)
SELECT recovery_id, claim_id, recovery_date, proceeds,
    coalesce(cost, 0)::DECIMAL(18, 2) AS cost,
    yuan(d_step) AS distributed, yuan(s_step) AS surplus, yuan(p0_step) AS to_government,
    yuan(p1_step) AS to_institution, yuan(p2_step) AS to_lender, yuan(p3_step) AS to_reguarantor,
    yuan(p4_step) AS to_national_fund
FROM recoveries JOIN steps USING (row) ORDER BY row
"""
)

RESULTS = {
    "claims": CLAIM_RESULTS,
    "institutions": INSTITUTION_RESULTS,
    "returns": RETURN_RESULTS,
}

CHECKS = f"""
SELECT
    (SELECT sum(wrong) FROM wholes) AS contracts,
    (SELECT coalesce(sum(wrong), 0) FROM parts) AS releases,
    (SELECT count(*) FROM wholes ANTI JOIN institutions USING (institution_id))
        AS unknown_institutions,
    (SELECT count(*) - count(DISTINCT institution_id)
        + count(*) FILTER (government_backed IS NULL OR opening_balance < 0
            OR opening_borrowers < 0) FROM institutions) AS institutions,
    (SELECT count(*) - count(DISTINCT claim_id)
        + count(*) FILTER (coalesce(payout_date < start_date OR principal < 0 OR interest < 0
            OR payout <= 0 OR paid < 0 OR paid > b1
            OR finance_review NOT IN {DECISIONS} OR industry_review NOT IN {DECISIONS}, FALSE)
            OR payout_date IS NULL OR principal IS NULL) FROM all_claims) AS claims,
    (SELECT count(*) FROM claims) - (SELECT count(*) FROM all_claims) AS unlinked_claims,
    (SELECT count(*) - count(DISTINCT recovery_id) FROM recoveries) AS recovery_ids,
    (SELECT count(*) FROM recoveries AS r LEFT JOIN all_claims AS a USING (claim_id)
        WHERE a.claim_id IS NULL OR r.recovery_date IS NULL OR r.recovery_date < a.payout_date
            OR r.proceeds IS NULL OR r.proceeds < 0 OR r.cost < 0) AS recoveries
"""

# Equal texts have equal hashes: as many hashes as rows means no id twice, and 8 bytes for each are
# enough. Where there are fewer, the ids themselves are counted.
IDS_TWICE = "SELECT count(*) - count(DISTINCT {key}) FROM contracts"


def sources(folder: Path) -> str:
    """Return what names the input's tables, each with its rows numbered."""
    statements = []
    for table, columns in COLUMNS.items():
        path = folder / f"{table}.parquet"
        if path.exists():
            scan = f"read_parquet('{path}', file_row_number = true)"
            number = "file_row_number"
        else:
            statements.append(
                f"CREATE TEMP TABLE {table}_cells AS SELECT * "
                f"FROM read_csv('{folder / table}.csv', header = true, columns = {columns});"
            )
            scan, number = f"{table}_cells", "rowid"
        statements.append(
            f"CREATE VIEW {table} AS SELECT {', '.join(columns)}, {number} AS row FROM {scan};"
        )
    return "\n".join(statements)


def check(database: Any) -> None:
    """Exit 1 if the input breaks a rule of the contract, section 2."""
    cursor = database.execute(CHECKS)
    names = [column[0] for column in cursor.description]
    counts = dict(zip(names, cursor.fetchone(), strict=True))
    for key in ("hash(contract_id)", "contract_id"):
        (counts["contract_ids"],) = database.execute(IDS_TWICE.format(key=key)).fetchone()
        if not counts["contract_ids"]:
            break
    failed = {name: count for name, count in counts.items() if count}
    if failed:
        sys.exit(f"wrong input: {failed}")


def run(folder: Path, output: Path, checks: bool = False) -> None:
    """Compute the results of a folder of ledgers into Parquet files; exit 1 on a failed check."""
    database: Any = duckdb.connect()
    database.execute(MACROS + sources(folder))
    database.execute(indicators(checks) + CLAIMS)
    if checks:
        check(database)
    database.execute(INSTITUTIONS + EXPOSURES + DECIDED)
    output.mkdir(parents=True, exist_ok=True)
    for name, query in RESULTS.items():
        target = output / f"{name}.parquet"
        database.execute(f"COPY ({query}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")


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
