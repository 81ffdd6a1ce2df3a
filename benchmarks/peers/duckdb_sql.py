"""The rules as hand-tuned SQL for DuckDB: jiyuan-2022, 2022, no budget. A peer, and an oracle.

    python -m benchmarks.peers.duckdb_sql INPUT OUTPUT [--checks]

What was tuned: contracts in Parquet are never held, each pass over them decodes only the columns it
needs; a split is a chain of projections; exposure looks only at borrowers with claims; the checks
ride along where they can. CSV is parsed once, into temporary tables. docs/performance.md says what
was tried.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

PARTIES = ("institution", "lender", "reguarantor", "national_fund")
OPENING, CLOSING = "DATE '2021-12-31'", "DATE '2022-12-31'"
COUNTED_TYPES = (
    "('micro_enterprise', 'small_enterprise', 'individual_business', 'business_owner', "
    "'farmer', 'agricultural_entity')"
)
OTHER_TYPES = "('medium_enterprise', 'large_enterprise', 'other')"
DECISIONS = "('approved', 'rejected', 'pending')"

SETTINGS: dict[str, Any] = {
    # Memory goes back to the system at the end, not between two steps that need it.
    "allocator_flush_threshold": "16GB",
    "allocator_bulk_deallocation_flush_threshold": "16GB",
}

MACROS = """
CREATE MACRO fen(yuan) AS (yuan * 100)::BIGINT;
CREATE MACRO total(yuan) AS (coalesce(yuan, 0) * 100)::HUGEINT;
CREATE MACRO yuan(fen) AS (fen::DECIMAL(18, 0) * 0.01)::DECIMAL(18, 2);
CREATE MACRO rate_of(millionths) AS (millionths::DECIMAL(18, 0) * 0.000001)::DECIMAL(18, 6);
CREATE MACRO half_up(a, b) AS (2 * a + b) // (2 * b);
CREATE MACRO ratio(a, b) AS CASE WHEN b > 0 THEN
    ((sign(a)::HUGEINT * half_up(1000000 * abs(a), b))::DECIMAL(24, 0) * 0.000001)::DECIMAL(18, 6)
END;
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

CSV = "header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"'"
"""How CSV files are written: said, so that nothing is tried out."""

SHARES = [f"share_{party}" for party in PARTIES]
SUM_OF_SHARES = " + ".join(f"coalesce({share}, 0)" for share in SHARES)
IN_FORCE = "start_date <= {day} AND (release_date IS NULL OR release_date > {day})"
AT_OPENING, AT_CLOSING = IN_FORCE.format(day=OPENING), IN_FORCE.format(day=CLOSING)
RELEASED = f"release_date > {OPENING} AND release_date <= {CLOSING}"
WRONG_CONTRACT = f"""
    contract_id IS NULL OR borrower_id IS NULL OR borrower_type IS NULL OR start_date IS NULL
    OR guaranteed_amount IS NULL OR guaranteed_amount <= 0 OR release_date < start_date
    OR borrower_type NOT IN {COUNTED_TYPES} AND borrower_type NOT IN {OTHER_TYPES}
    OR {SUM_OF_SHARES} <> CASE WHEN coalesce({", ".join(SHARES)}) IS NULL THEN 0 ELSE 1 END
    OR least({", ".join(SHARES)}) < 0"""
WRONG_RELEASES = """
    guaranteed_amount IS NULL OR wrong OR ever > guaranteed_amount
    OR first_day < start_date OR last_day > release_date"""


def load(folder: Path, tables: Mapping[str, Mapping[str, str]] = COLUMNS) -> str:
    """Return what makes the tables, each with its rows numbered; only small ones are held.

    `tables`: the types of their columns.
    """
    statements = []
    for table, columns in tables.items():
        path = folder / f"{table}.parquet"
        names = ", ".join(columns)
        if path.exists():
            kind = "VIEW" if table == "contracts" else "TABLE"
            scan = f"read_parquet('{path}', file_row_number = true)"
            statements.append(
                f"CREATE TEMP {kind} {table} AS SELECT {names}, file_row_number AS row FROM {scan};"
            )
        else:
            scan = f"read_csv('{folder / table}.csv', columns = {dict(columns)}, {CSV})"
            statements.append(
                f"CREATE TEMP TABLE {table} AS"
                f" SELECT {names}, row_number() OVER () AS row FROM {scan};"
            )
    # From here on the numbers of rows say how results are ordered.
    return "\n".join([*statements, "SET preserve_insertion_order = false;"])


def figures(checks: bool) -> str:
    """Return what sums the contracts: whole, what was repaid of them, and whose they are."""
    wrong_contract = WRONG_CONTRACT if checks else "FALSE"
    wrong_releases = WRONG_RELEASES if checks else "FALSE"
    # With checks, a release of an unknown contract must be seen.
    join = "RIGHT JOIN" if checks else "JOIN"
    # Sums of what CASE gives take half the time of sums with FILTER.
    return f"""
CREATE TEMP TABLE guaranteed AS
SELECT institution_id, sum(CASE WHEN {wrong_contract} THEN 1 ELSE 0 END) AS wrong,
    sum(CASE WHEN {AT_OPENING} THEN guaranteed_amount END) AS opening,
    sum(CASE WHEN {AT_CLOSING} THEN guaranteed_amount END) AS closing,
    sum(CASE WHEN {AT_CLOSING} AND borrower_type IN {COUNTED_TYPES} THEN guaranteed_amount END)
        AS counted,
    sum(CASE WHEN {RELEASED} THEN guaranteed_amount END) AS released
FROM contracts GROUP BY institution_id;

CREATE TEMP TABLE repaid AS
WITH by_contract AS (
    SELECT contract_id, min(release_date) AS first_day, max(release_date) AS last_day,
        bool_or(amount IS NULL OR amount <= 0 OR release_date IS NULL) AS wrong,
        sum(amount)::{MONEY} AS ever,
        sum(CASE WHEN release_date <= {OPENING} THEN amount ELSE 0 END)::{MONEY} AS by_opening,
        sum(CASE WHEN release_date <= {CLOSING} THEN amount ELSE 0 END)::{MONEY} AS by_closing
    FROM releases GROUP BY contract_id
)
SELECT institution_id, sum(CASE WHEN {wrong_releases} THEN 1 ELSE 0 END) AS wrong,
    sum(CASE WHEN {AT_OPENING} THEN by_opening END) AS opening,
    sum(CASE WHEN {AT_CLOSING} THEN by_closing END) AS closing,
    sum(CASE WHEN {AT_CLOSING} AND borrower_type IN {COUNTED_TYPES} THEN by_closing END) AS counted,
    sum(by_closing - by_opening - CASE WHEN {RELEASED} THEN ever ELSE 0 END) AS released,
    list({{row: row, before: by_opening = guaranteed_amount}})
        FILTER (by_closing = guaranteed_amount) AS in_full
FROM contracts {join} by_contract USING (contract_id)
GROUP BY institution_id;

CREATE TEMP TABLE repaid_in_full AS
SELECT unnest(in_full, recursive := true) FROM repaid;

CREATE TEMP TABLE borrowers AS
WITH held AS (
    SELECT borrower_id, i.row AS institution,
        {AT_OPENING} AND NOT coalesce(f.before, FALSE) AS opening,
        {AT_CLOSING} AND f.row IS NULL AS closing
    FROM contracts AS c LEFT JOIN repaid_in_full AS f ON f.row = c.row
        JOIN institutions AS i USING (institution_id)
), each_one AS (
    SELECT institution, bool_or(opening) AS opening, bool_or(closing) AS closing
    FROM held WHERE opening OR closing GROUP BY institution, borrower_id
)
SELECT institution, count(*) FILTER (opening) AS opening, count(*) FILTER (closing) AS closing
FROM each_one GROUP BY institution;
"""


def split(rows: str, amount: str, weights: Mapping[str, str], total: str) -> str:
    """Return rows with an amount split by weights, one after another, which make up a total.

    `weights`: by the names of the new columns. Each part is a projection of its own: within one,
    DuckDB puts what a name stands for wherever it is used, and the formulas grow at every step.
    """
    query = rows
    for place, (part, weight) in enumerate(weights.items()):
        left = " - ".join([amount, *list(weights)[:place]])
        among = " - ".join([total, *list(weights.values())[:place]])
        last = place == len(weights) - 1
        formula = f"CASE {weight} WHEN 0 THEN 0 ELSE half_up(({left}) * {weight}, {among}) END"
        query = f"SELECT *, {left if last else formula} AS {part} FROM ({query})"
    return query


def claims() -> str:
    """Return what joins the claims with their contracts, and splits their payouts."""
    # Shares and types are read once the join has left few rows.
    joined = f"""
        SELECT claims.*, institution_id, borrower_id, borrower_type, start_date, {", ".join(SHARES)}
        FROM claims JOIN contracts USING (contract_id)"""
    weighed = f"""
        WITH joined AS MATERIALIZED ({joined})
        SELECT * EXCLUDE ({", ".join(SHARES)}), borrower_type IN {COUNTED_TYPES} AS counted,
            payout_date BETWEEN DATE '2022-01-01' AND {CLOSING} AS ours,
            fen(principal + coalesce(interest, 0)) AS payout,
            fen(coalesce(compensation_paid, 0)) AS paid,
            CASE WHEN coalesce({", ".join(SHARES)}) IS NULL THEN 1000000
                ELSE (coalesce(share_institution, 0) * 1000000)::BIGINT END AS w_institution,
            {
        ", ".join(
            f"(coalesce(share_{party}, 0) * 1000000)::BIGINT AS w_{party}" for party in PARTIES[1:]
        )
    }
        FROM joined"""
    borne = split(weighed, "payout", {f"b_{p}": f"w_{p}" for p in PARTIES}, "1000000")
    return f"CREATE TEMP TABLE all_claims AS {borne};"


def at_least(part: str, whole: str, percent: int) -> str:
    """Return the test that a part is so many per cent of a whole, which must be above 0."""
    return f"({whole} > 0 AND 100 * {part} >= {percent} * {whole})"


def tier(share: int, growth: int, rate: int) -> str:
    """Return the tests of a tier, in per cent, but for what all of them share."""
    return f"""{at_least("counted", "closing", share)}
        AND {at_least("closing", "opening", 100 + growth)}
        AND {at_least("closing_borrowers", "opening_borrowers", 100 + growth)}
        AND 100 * payout <= {rate} * released"""


VERDICTS = f"""
CREATE TEMP TABLE verdicts AS
WITH paid_out AS (
    SELECT institution_id, sum(payout) AS payout FROM all_claims WHERE ours
    GROUP BY institution_id
), known AS (
    SELECT i.row, i.institution_id, i.government_backed,
        CASE WHEN opening_balance IS NULL THEN total(g.opening) - total(r.opening)
            ELSE total(opening_balance) END AS opening,
        total(g.closing) - total(r.closing) AS closing,
        coalesce(opening_borrowers, b.opening, 0)::HUGEINT AS opening_borrowers,
        coalesce(b.closing, 0)::HUGEINT AS closing_borrowers,
        total(g.counted) - total(r.counted) AS counted,
        total(g.released) + total(r.released) AS released,
        coalesce(payout, 0) AS payout
    FROM institutions AS i LEFT JOIN guaranteed AS g USING (institution_id)
        LEFT JOIN repaid AS r USING (institution_id)
        LEFT JOIN borrowers AS b ON b.institution = i.row
        LEFT JOIN paid_out USING (institution_id)
), tested AS (
    SELECT *, concat_ws(';',
        CASE WHEN NOT government_backed THEN 'government_backed' END,
        CASE WHEN NOT {at_least("counted", "closing", 80)} THEN 'small_agri_share' END,
        CASE WHEN NOT {at_least("closing", "opening", 110)} THEN 'balance_growth' END,
        CASE WHEN NOT {at_least("closing_borrowers", "opening_borrowers", 110)}
            THEN 'borrower_growth' END,
        CASE WHEN 100 * payout > 5 * released THEN 'payout_rate' END) AS failed
    FROM known
)
SELECT * EXCLUDE (failed), failed = '' AS eligible, nullif(failed, '') AS reasons,
    CASE WHEN failed <> '' THEN 0 WHEN {tier(90, 20, 2)} THEN 200000
        WHEN {tier(85, 15, 3)} THEN 150000 ELSE 100000 END::BIGINT AS rate
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
), given_back AS (
    SELECT held.row, -r.amount FROM releases AS r JOIN held USING (contract_id)
    WHERE r.release_date < payout_date
)
SELECT row, fen(sum(amount)) AS exposure
FROM (SELECT row, amount FROM held UNION ALL FROM given_back) GROUP BY row;
"""

DECIDED = """
CREATE TEMP TABLE decided AS
WITH tested AS (
    SELECT a.*, coalesce(exposure, 0) AS exposure, v.rate, concat_ws(';',
        CASE WHEN NOT v.eligible THEN 'institution' END,
        CASE WHEN NOT a.counted THEN 'borrower_type' END,
        CASE WHEN exposure > 500000000 THEN 'borrower_exposure' END) AS missed
    FROM all_claims AS a LEFT JOIN exposures USING (row)
        JOIN verdicts AS v ON v.institution_id = a.institution_id
    WHERE ours
), computed AS (
    SELECT *, missed = '' AS passed,
        CASE WHEN missed = '' THEN least(half_up(payout * rate, 1000000), b_institution) ELSE 0 END
            AS compensation,
        CASE WHEN missed <> '' THEN 'ineligible'
            WHEN finance_review = 'rejected' OR industry_review = 'rejected' THEN 'rejected'
            WHEN finance_review = 'approved' AND industry_review = 'approved' THEN 'approved'
            ELSE 'pending' END AS status
    FROM tested
)
SELECT *, CASE status WHEN 'approved' THEN greatest(compensation - paid, 0) ELSE 0 END AS payable
FROM computed;
"""

CLAIM_RESULTS = """
SELECT claim_id, contract_id, institution_id, borrower_id, payout_date, yuan(payout) AS payout,
    yuan(exposure) AS borrower_exposure, passed AS eligible, nullif(missed, '') AS reasons,
    yuan(payout) AS base, CASE WHEN passed THEN rate_of(rate) END AS rate,
    yuan(compensation) AS compensation, status, yuan(payable) AS payable
FROM decided ORDER BY row
"""

INSTITUTION_RESULTS = """
SELECT v.institution_id, yuan(opening) AS opening_balance, yuan(closing) AS closing_balance,
    ratio(closing - opening, opening) AS balance_growth,
    opening_borrowers::BIGINT AS opening_borrowers, closing_borrowers::BIGINT AS closing_borrowers,
    ratio(closing_borrowers - opening_borrowers, opening_borrowers) AS borrower_growth,
    yuan(counted) AS small_agri_balance, ratio(counted, closing) AS small_agri_share,
    yuan(released) AS released_amount, yuan(payout) AS payout_amount,
    CASE WHEN released = 0 AND payout = 0 THEN 0 ELSE ratio(payout, released) END AS payout_rate,
    eligible, reasons, CASE WHEN eligible THEN rate_of(rate) END AS rate,
    coalesce(claims, 0) AS claims, coalesce(eligible_claims, 0) AS eligible_claims,
    yuan(coalesce(compensation, 0)) AS compensation, yuan(coalesce(payable, 0)) AS payable
FROM verdicts AS v LEFT JOIN (
    SELECT institution_id, count(*) AS claims, count(*) FILTER (passed) AS eligible_claims,
        sum(compensation) AS compensation, sum(payable) AS payable
    FROM decided GROUP BY institution_id
) USING (institution_id)
ORDER BY row
"""

STEPS = ("distributed", "surplus", *(f"to_{party}" for party in ("government", *PARTIES)))


def return_results() -> str:
    """Return the query of the returns: what is returned to date, less what was before."""
    to_date = """
        WITH dated AS (
            SELECT r.row, a.row AS claim, recovery_date, recovery_id, payout,
                paid + coalesce(payable, 0) AS w_government, b_institution - w_government AS w_own,
                b_lender, b_reguarantor, b_national_fund,
                sum(proceeds) OVER in_turn - sum(coalesce(cost, 0)) OVER by_day AS net
            FROM recoveries AS r JOIN all_claims AS a USING (claim_id)
                LEFT JOIN (SELECT row, payable FROM decided) AS d ON d.row = a.row
            WINDOW in_turn AS (PARTITION BY a.row ORDER BY recovery_date, recovery_id
                    ROWS UNBOUNDED PRECEDING),
                by_day AS (PARTITION BY a.row ORDER BY recovery_date)
        ), raised AS (
            SELECT * EXCLUDE (net), greatest(fen(max(net) OVER (PARTITION BY claim
                ORDER BY recovery_date, recovery_id ROWS UNBOUNDED PRECEDING)), 0) AS highest
            FROM dated
        )
        SELECT *, least(highest, payout) AS distributed, greatest(highest - payout, 0) AS surplus
        FROM raised"""
    weights = {
        "to_government": "w_government",
        "to_institution": "w_own",
        **{f"to_{party}": f"b_{party}" for party in PARTIES[1:]},
    }
    parts = split(to_date, "distributed", weights, "payout")
    steps = ", ".join(f"{name} - lag({name}, 1, 0) OVER earlier AS {name}" for name in STEPS)
    return f"""
SELECT recovery_id, claim_id, recovery_date, proceeds, coalesce(cost, 0)::{MONEY} AS cost,
    {", ".join(f"yuan(s.{name}) AS {name}" for name in STEPS)}
FROM recoveries JOIN (
    SELECT row, {steps} FROM ({parts})
    WINDOW earlier AS (PARTITION BY claim ORDER BY recovery_date, recovery_id)
) AS s USING (row) ORDER BY row
"""


RESULTS = {
    "claims": CLAIM_RESULTS,
    "institutions": INSTITUTION_RESULTS,
    "returns": return_results(),
}

CHECKS = f"""
SELECT
    (SELECT sum(wrong) FROM guaranteed) AS contracts,
    (SELECT coalesce(sum(wrong), 0) FROM repaid) AS releases,
    (SELECT count(*) FROM guaranteed ANTI JOIN institutions USING (institution_id))
        AS unknown_institutions,
    (SELECT count(*) - count(DISTINCT institution_id) + count(*) FILTER (government_backed IS NULL
        OR opening_balance < 0 OR opening_borrowers < 0) FROM institutions) AS institutions,
    (SELECT count(*) - count(DISTINCT claim_id) FROM claims) AS claim_ids,
    (SELECT count(*) FROM claims) - (SELECT count(*) FROM all_claims) AS unlinked_claims,
    (SELECT count(*) FILTER (payout_date IS NULL OR principal IS NULL OR payout_date < start_date
        OR principal < 0 OR interest < 0 OR payout <= 0 OR paid < 0 OR paid > b_institution
        OR finance_review NOT IN {DECISIONS} OR industry_review NOT IN {DECISIONS})
        FROM all_claims) AS claims,
    (SELECT count(*) - count(DISTINCT recovery_id) FROM recoveries) AS recovery_ids,
    (SELECT count(*) FILTER (a.claim_id IS NULL OR r.recovery_date IS NULL OR r.proceeds IS NULL
        OR r.recovery_date < a.payout_date OR r.proceeds < 0 OR r.cost < 0)
        FROM recoveries AS r LEFT JOIN all_claims AS a USING (claim_id)) AS recoveries
"""

# Equal texts have equal hashes: as many hashes as rows means no id twice, and 8 bytes for each are
# enough. Where there are fewer, the ids themselves are counted.
IDS_TWICE = "SELECT count(*) - count(DISTINCT {key}) FROM contracts"


def counted(database: Any, checks: str) -> dict[str, int]:
    """Return how often the input breaks each of the rules that a query counts."""
    cursor = database.execute(checks)
    names = [column[0] for column in cursor.description]
    return dict(zip(names, cursor.fetchone(), strict=True))


def check(database: Any) -> None:
    """Exit 1 if the input breaks a rule of the contract, section 2."""
    counts = counted(database, CHECKS)
    for key in ("hash(contract_id)", "contract_id"):
        (counts["contract_ids"],) = database.execute(IDS_TWICE.format(key=key)).fetchone()
        if not counts["contract_ids"]:
            break
    refuse(counts)


def refuse(counts: Mapping[str, int]) -> None:
    """Exit 1 if any rule is broken."""
    failed = {name: count for name, count in counts.items() if count}
    if failed:
        sys.exit(f"wrong input: {failed}")


def steps(folder: Path, checks: bool) -> Sequence[str]:
    """Return what is run, up to the checks and from there on."""
    before = MACROS + load(folder) + figures(checks) + claims()
    return before, VERDICTS + EXPOSURES + DECIDED


def run(folder: Path, output: Path, checks: bool = False) -> None:
    """Compute the results of a folder of ledgers into Parquet files; exit 1 on a failed check."""
    database: Any = duckdb.connect(config=SETTINGS)
    before, after = steps(folder, checks)
    database.execute(before)
    if checks:
        check(database)
    database.execute(after)
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
