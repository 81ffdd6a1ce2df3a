"""The rules as hand-tuned SQL for DuckDB: jiyuan-2022, 2022, no budget. A peer, and an oracle.

    python -m benchmarks.peers.duckdb_sql INPUT OUTPUT [--checks]

What was tuned: a scan decodes only the columns it needs; partial releases are added up before the
join, so that contracts meet them once; borrowers are counted by grouping twice instead of counting
distinct texts; exposure looks only at the borrowers with claims, the small side of its joins; the
checks ride along with these passes where they can. Contracts from CSV are held in a temporary
table, since parsing them three times would cost more.
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
CREATE MACRO fen(yuan) AS (yuan * 100)::HUGEINT;
CREATE MACRO yuan(fen) AS (fen::DECIMAL(18, 0) * 0.01)::DECIMAL(18, 2);
CREATE MACRO millionths(share) AS (coalesce(share, 0) * 1000000)::HUGEINT;
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

CONTRACT_CHECKS = f"""
        count(*) FILTER (WHERE coalesce(guaranteed_amount <= 0
            OR release_date < start_date
            OR released_ever > guaranteed_amount
            OR first_release < start_date
            OR last_release > release_date
            OR borrower_type NOT IN {COUNTED} AND borrower_type NOT IN {OTHERS}
            OR {" + ".join(f"coalesce(share_{party}, 0)" for party in PARTIES)}
                <> CASE WHEN coalesce({", ".join(f"share_{party}" for party in PARTIES)}) IS NULL
                        THEN 0 ELSE 1 END, FALSE)
            OR contract_id IS NULL OR borrower_id IS NULL OR borrower_type IS NULL
            OR guaranteed_amount IS NULL OR start_date IS NULL) AS wrong,
        count(releases.contract_id) AS linked,"""


def indicators(checks: bool) -> str:
    """Return what makes a table of the institutions' figures, verdicts and rates."""
    return f"""
CREATE TEMP TABLE released AS
SELECT contract_id,
    sum(amount) AS released_ever,
    sum(CASE WHEN release_date <= {BEFORE} THEN amount ELSE 0 END) AS released_before,
    sum(CASE WHEN release_date <= {END} THEN amount ELSE 0 END) AS released_after
    {", min(release_date) AS first_release, max(release_date) AS last_release" if checks else ""}
    {
        ", count(*) FILTER (amount <= 0 OR amount IS NULL OR release_date IS NULL) AS wrong"
        if checks
        else ""
    }
FROM releases GROUP BY contract_id;

CREATE TEMP TABLE figures AS
WITH balances AS (
    SELECT institution_id, borrower_id, {CONTRACT_CHECKS if checks else ""}
        sum(CASE WHEN start_date <= {BEFORE} AND (release_date IS NULL OR release_date > {BEFORE})
            THEN guaranteed_amount - coalesce(released_before, 0) ELSE 0 END) AS opening,
        sum(CASE WHEN start_date <= {END} AND (release_date IS NULL OR release_date > {END})
            THEN guaranteed_amount - coalesce(released_after, 0) ELSE 0 END) AS closing,
        sum(CASE WHEN borrower_type IN {COUNTED}
            AND start_date <= {END} AND (release_date IS NULL OR release_date > {END})
            THEN guaranteed_amount - coalesce(released_after, 0) ELSE 0 END) AS counted,
        sum(coalesce(released_after - released_before, 0)
            + CASE WHEN release_date > {BEFORE} AND release_date <= {END}
              THEN guaranteed_amount - coalesce(released_ever, 0) ELSE 0 END) AS released
    FROM contracts LEFT JOIN released AS releases USING (contract_id)
    GROUP BY institution_id, borrower_id
)
SELECT institution_id,
    {"sum(wrong) AS wrong, sum(linked) AS linked," if checks else ""}
    sum(opening) AS opening, sum(closing) AS closing, sum(counted) AS counted,
    sum(released) AS released,
    count(*) FILTER (opening > 0) AS opening_borrowers,
    count(*) FILTER (closing > 0) AS closing_borrowers
FROM balances GROUP BY institution_id;
"""


CLAIMS = f"""
CREATE TEMP TABLE all_claims AS
SELECT claims.*, institution_id, borrower_id, start_date, guaranteed_amount,
    borrower_type IN {COUNTED} AS counted, payout_date BETWEEN DATE '2022-01-01' AND {END} AS ours,
    fen(principal + coalesce(interest, 0)) AS payout,
    fen(coalesce(compensation_paid, 0)) AS paid,
    {", ".join(f"millionths(share_{party}) AS given_{party}" for party in PARTIES)},
    CASE WHEN coalesce({", ".join(f"share_{party}" for party in PARTIES)}) IS NULL
        THEN 1000000 ELSE given_institution END AS w1,
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
    SELECT institution_id, sum(payout)::HUGEINT AS payout FROM all_claims WHERE ours
    GROUP BY institution_id
), given AS (
    SELECT i.row, i.institution_id, i.government_backed,
        coalesce(fen(i.opening_balance), fen(opening), 0) AS opening,
        coalesce(fen(closing), 0) AS closing,
        coalesce(i.opening_borrowers, f.opening_borrowers, 0)::HUGEINT AS opening_borrowers,
        coalesce(closing_borrowers, 0)::HUGEINT AS closing_borrowers,
        coalesce(fen(counted), 0) AS counted, coalesce(fen(released), 0) AS released,
        coalesce(p.payout, 0) AS payout
    FROM institutions AS i LEFT JOIN figures AS f USING (institution_id)
        LEFT JOIN paid_out AS p USING (institution_id)
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
        ELSE 100000 END::HUGEINT AS rate
FROM tested;
"""

EXPOSURES = """
CREATE TEMP TABLE exposures AS
WITH held AS (
    SELECT claim_id, payout_date, c.contract_id,
        CASE WHEN c.start_date <= payout_date
            AND (c.release_date IS NULL OR c.release_date >= payout_date)
            THEN c.guaranteed_amount ELSE 0 END AS amount
    FROM contracts AS c JOIN all_claims AS a
        ON a.ours AND c.borrower_id = a.borrower_id AND c.institution_id = a.institution_id
), repaid AS (
    SELECT claim_id, sum(r.amount) AS amount
    FROM releases AS r JOIN held USING (contract_id)
    WHERE held.amount > 0 AND r.release_date < payout_date
    GROUP BY claim_id
), total AS (
    SELECT claim_id, sum(amount) AS amount FROM held GROUP BY claim_id
)
SELECT claim_id, fen(total.amount - coalesce(repaid.amount, 0)) AS exposure
FROM total LEFT JOIN repaid USING (claim_id);
"""

DECIDED = """
CREATE TEMP TABLE decided AS
SELECT a.*, exposure, v.rate,
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
FROM all_claims AS a JOIN exposures USING (claim_id)
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
        sum(compensation)::HUGEINT AS compensation, sum(payable)::HUGEINT AS payable
    FROM decided GROUP BY institution_id
) USING (institution_id)
ORDER BY row
"""

RETURN_RESULTS = (
    """
WITH dated AS (
    SELECT r.*, payout, paid + coalesce(payable, 0) AS w0, b1 - w0 AS w1, b2 AS w2, b3 AS w3,
        b4 AS w4,
        fen(sum(proceeds) OVER (PARTITION BY claim_id ORDER BY recovery_date, recovery_id
                ROWS UNBOUNDED PRECEDING)
            - sum(coalesce(cost, 0)) OVER (PARTITION BY claim_id ORDER BY recovery_date)) AS net
    FROM recoveries AS r JOIN all_claims AS a USING (claim_id)
        LEFT JOIN (SELECT claim_id, payable FROM decided) USING (claim_id)
), raised AS (
    SELECT *, greatest(max(net) OVER (PARTITION BY claim_id ORDER BY recovery_date, recovery_id
            ROWS UNBOUNDED PRECEDING), 0) AS highest
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
    SELECT *, """
    + ", ".join(
        f"{name} - lag({name}, 1, 0::HUGEINT) OVER earlier AS {name}_step"
        for name in ("d", "s", "p0", "p1", "p2", "p3", "p4")
    )
    + """
    FROM parts
    WINDOW earlier AS (PARTITION BY claim_id ORDER BY recovery_date, recovery_id)
)
SELECT recovery_id, claim_id, recovery_date, proceeds,
    coalesce(cost, 0)::DECIMAL(18, 2) AS cost,
    yuan(d_step) AS distributed, yuan(s_step) AS surplus, yuan(p0_step) AS to_government,
    yuan(p1_step) AS to_institution, yuan(p2_step) AS to_lender, yuan(p3_step) AS to_reguarantor,
    yuan(p4_step) AS to_national_fund
FROM steps ORDER BY row
"""
)

RESULTS = {
    "claims": CLAIM_RESULTS,
    "institutions": INSTITUTION_RESULTS,
    "returns": RETURN_RESULTS,
}

CHECKS = f"""
SELECT
    (SELECT coalesce(sum(wrong), 0) FROM figures) AS contracts,
    (SELECT coalesce(sum(wrong), 0) FROM released) AS releases,
    (SELECT count(*) FROM released) - (SELECT coalesce(sum(linked), 0) FROM figures)
        AS unknown_contracts,
    (SELECT count(*) FROM figures ANTI JOIN institutions USING (institution_id))
        AS unknown_institutions,
    (SELECT count(*) - count(DISTINCT contract_id) FROM contracts) AS contract_ids,
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


def sources(folder: Path) -> str:
    """Return what names the input's tables; claims, recoveries and institutions have a ``row``."""
    statements = []
    for table, columns in COLUMNS.items():
        parquet = folder / f"{table}.parquet"
        if parquet.exists():
            numbered = table in ("institutions", "claims", "recoveries")
            number = ", file_row_number = true" if numbered else ""
            rename = "* RENAME (file_row_number AS row)" if numbered else "*"
            statements.append(
                f"CREATE VIEW {table} AS SELECT {rename} FROM read_parquet('{parquet}'{number});"
            )
        else:
            statements.append(
                f"CREATE TEMP TABLE {table} AS SELECT *, row_number() OVER () AS row "
                f"FROM read_csv('{folder / table}.csv', header = true, columns = {columns});"
            )
    return "\n".join(statements)


def run(folder: Path, output: Path, checks: bool = False) -> None:
    """Compute the results of a folder of ledgers into Parquet files; exit 2 on a failed check."""
    database: Any = duckdb.connect()
    database.execute(MACROS + sources(folder))
    database.execute(indicators(checks) + CLAIMS)
    if checks:
        cursor = database.execute(CHECKS)
        names = [column[0] for column in cursor.description]
        failed = {
            name: count for name, count in zip(names, cursor.fetchone(), strict=True) if count
        }
        if failed:
            sys.exit(f"wrong input: {failed}")
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
