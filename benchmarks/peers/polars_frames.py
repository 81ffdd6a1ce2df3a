"""The rules as lazy Polars queries: jiyuan-2022, 2022, no budget.

    python -m benchmarks.peers.polars_frames INPUT OUTPUT [--checks]

Amounts are 64-bit fen; products are not guarded, so no payout may pass about 21 million yuan.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.peers.polars_results import (
    PARTIES,
    claim_results,
    half_up,
    institution_results,
    returns,
    split,
)

BEFORE, END = date(2021, 12, 31), date(2022, 12, 31)
COUNTED = [
    "micro_enterprise",
    "small_enterprise",
    "individual_business",
    "business_owner",
    "farmer",
    "agricultural_entity",
]
OTHERS = ["medium_enterprise", "large_enterprise", "other"]
DECISIONS = ["approved", "rejected", "pending"]
SHARES = [f"share_{party}" for party in PARTIES]
MONEY = {
    "institutions": ["opening_balance"],
    "contracts": ["guaranteed_amount"],
    "releases": ["amount"],
    "claims": ["principal", "interest", "compensation_paid"],
    "recoveries": ["proceeds", "cost"],
}
SCHEMAS: dict[str, dict[str, Any]] = {
    "institutions": {"government_backed": pl.Boolean, "opening_borrowers": pl.Int64},
    "contracts": {
        "start_date": pl.Date,
        "release_date": pl.Date,
        **dict.fromkeys(SHARES, pl.Decimal(18, 6)),
    },
    "releases": {"release_date": pl.Date},
    "claims": {"payout_date": pl.Date},
    "recoveries": {"recovery_date": pl.Date},
}

amount, day = pl.col("amount"), pl.col("release_date")
guaranteed, start = pl.col("guaranteed_amount"), pl.col("start_date")
is_counted = pl.col("borrower_type").is_in(COUNTED)


def scan(folder: Path, table: str) -> pl.LazyFrame:
    """Return a table with its amounts in fen and its shares in millionths."""
    path = folder / f"{table}.parquet"
    if path.exists():
        frame = pl.scan_parquet(path)
    else:
        money = dict.fromkeys(MONEY[table], pl.Decimal(18, 2))
        frame = pl.scan_csv(
            folder / f"{table}.csv", schema_overrides=SCHEMAS[table] | money, low_memory=True
        )
    scaled = MONEY[table] + (SHARES if table == "contracts" else [])
    return frame.with_columns(pl.col(name).to_physical().cast(pl.Int64) for name in scaled)


def joined(frame: pl.LazyFrame, reasons: dict[str, pl.Expr], name: str) -> pl.LazyFrame:
    """Add the names of the reasons that hold, joined by ``;``."""
    words = [pl.when(wrong).then(pl.lit(word)) for word, wrong in reasons.items()]
    return frame.with_columns(pl.concat_str(words, separator=";", ignore_nulls=True).alias(name))


def run(folder: Path, output: Path, checks: bool = False) -> None:
    """Compute the results of a folder of ledgers into Parquet files; exit 1 on a failed check."""
    tables = {name: scan(folder, name) for name in MONEY}
    for name in ("institutions", "claims", "recoveries"):
        tables[name] = tables[name].with_row_index("row")
    # One after the other: together they would hold their groups at the same time.
    figures = _figures(tables["contracts"], tables["releases"], checks).collect(engine="streaming")
    all_claims = _all_claims(tables["claims"], tables["contracts"]).collect(engine="streaming")
    if checks:
        _check(tables, figures, all_claims)
    ours = all_claims.lazy().filter("ours")
    verdicts = _verdicts(tables["institutions"], figures.lazy(), ours)
    exposures = _exposures(tables["contracts"], tables["releases"], ours)
    decided = _decided(ours, exposures, verdicts).collect().lazy()
    results = {
        "claims": claim_results(decided),
        "institutions": institution_results(verdicts, decided),
        "returns": returns(tables["recoveries"], all_claims.lazy(), decided),
    }
    output.mkdir(parents=True, exist_ok=True)
    for name, frame in results.items():
        frame.collect().write_parquet(output / f"{name}.parquet", compression="zstd")


def _figures(contracts: pl.LazyFrame, releases: pl.LazyFrame, checks: bool) -> pl.LazyFrame:
    """Return what the institutions' indicators are made of."""
    released = releases.group_by("contract_id").agg(
        amount.sum().alias("ever"),
        pl.when(day <= BEFORE).then(amount).otherwise(0).sum().alias("before"),
        pl.when(day <= END).then(amount).otherwise(0).sum().alias("after"),
        day.min().alias("first_release"),
        day.max().alias("last_release"),
        ((amount <= 0) | amount.is_null() | day.is_null()).sum().alias("wrong_releases"),
        pl.lit(1).alias("linked"),
    )
    zero = {name: pl.col(name).fill_null(0) for name in ("ever", "before", "after")}

    def balance(on: date, gone: pl.Expr) -> pl.Expr:
        in_force = (start <= on) & (day.is_null() | (day > on))
        return pl.when(in_force).then(guaranteed - gone).otherwise(0)

    wrong = (
        (guaranteed <= 0)
        | (day < start)
        | (pl.col("ever") > guaranteed)
        | (pl.col("first_release") < start)
        | (pl.col("last_release") > day)
        | ~(is_counted | pl.col("borrower_type").is_in(OTHERS))
        | (~pl.all_horizontal(pl.col(SHARES).is_null()) & (pl.sum_horizontal(SHARES) != 1_000_000))
        | (pl.min_horizontal(SHARES) < 0)
    ).fill_null(False) | pl.any_horizontal(
        pl.col(
            "contract_id", "borrower_id", "borrower_type", "guaranteed_amount", "start_date"
        ).is_null()
    )
    closing = balance(END, zero["after"])
    remainder = pl.when((day > BEFORE) & (day <= END)).then(guaranteed - zero["ever"]).otherwise(0)
    sums = [
        balance(BEFORE, zero["before"]).sum().alias("opening"),
        closing.sum().alias("closing"),
        pl.when(is_counted).then(closing).otherwise(0).sum().alias("counted"),
        (zero["after"] - zero["before"] + remainder).sum().alias("released"),
    ]
    tests = [wrong.sum().alias("wrong"), pl.col("linked", "wrong_releases").sum()]
    return (
        contracts.join(released, on="contract_id", how="left")
        .group_by("institution_id", "borrower_id")
        .agg(*sums, *(tests if checks else []))
        .group_by("institution_id")
        .agg(
            pl.col("opening", "closing", "counted", "released").sum(),
            (pl.col("opening") > 0).sum().cast(pl.Int64).alias("opening_borrowers"),
            (pl.col("closing") > 0).sum().cast(pl.Int64).alias("closing_borrowers"),
            *([pl.col("wrong", "linked", "wrong_releases").sum()] if checks else []),
        )
    )


def _all_claims(claims: pl.LazyFrame, contracts: pl.LazyFrame) -> pl.LazyFrame:
    """Return all claims with what their contracts say and what each party bore."""
    none = pl.all_horizontal(pl.col(SHARES).is_null())
    of_contracts = contracts.join(claims, on="contract_id", how="semi").select(
        "contract_id",
        "institution_id",
        "borrower_id",
        "start_date",
        is_counted.alias("counted"),
        pl.when(none).then(1_000_000).otherwise(pl.col(SHARES[0]).fill_null(0)).alias("w1"),
        *(pl.col(name).fill_null(0).alias(f"w{k}") for k, name in enumerate(SHARES[1:], 2)),
    )
    frame = claims.join(of_contracts, on="contract_id").with_columns(
        (pl.col("principal") + pl.col("interest").fill_null(0)).alias("payout"),
        pl.col("compensation_paid").fill_null(0).alias("paid"),
        (pl.col("payout_date") > BEFORE).and_(pl.col("payout_date") <= END).alias("ours"),
    )
    return split(frame, "payout", ["w1", "w2", "w3", "w4"], ["b1", "b2", "b3", "b4"])


def _exposures(contracts: pl.LazyFrame, releases: pl.LazyFrame, ours: pl.LazyFrame) -> pl.LazyFrame:
    """Return what the borrowers of the year's claims owed at the institution on the day."""
    held = (
        contracts.join(
            ours.select("institution_id", "borrower_id", "claim_id", "payout_date"),
            on=["institution_id", "borrower_id"],
        )
        .filter((start <= pl.col("payout_date")) & (day.is_null() | (day >= pl.col("payout_date"))))
        .select("claim_id", "contract_id", "payout_date", "guaranteed_amount")
        .collect(engine="streaming")
        .lazy()
    )
    repaid = (
        releases.join(held, on="contract_id")
        .filter(day < pl.col("payout_date"))
        .group_by("claim_id")
        .agg(amount.sum().alias("repaid"))
    )
    return (
        held.group_by("claim_id")
        .agg(guaranteed.sum())
        .join(repaid, on="claim_id", how="left")
        .select("claim_id", (guaranteed - pl.col("repaid").fill_null(0)).alias("exposure"))
    )


def _decided(ours: pl.LazyFrame, exposures: pl.LazyFrame, verdicts: pl.LazyFrame) -> pl.LazyFrame:
    """Return the year's claims with reasons, compensation, status and payable."""
    finance, industry = pl.col("finance_review"), pl.col("industry_review")
    frame = (
        ours.join(exposures, on="claim_id", how="left")
        .with_columns(pl.col("exposure").fill_null(0))
        .join(
            verdicts.select("institution_id", "rate", pl.col("eligible").alias("backed")),
            on="institution_id",
        )
    )
    failed = {
        "institution": ~pl.col("backed"),
        "borrower_type": ~pl.col("counted"),
        "borrower_exposure": pl.col("exposure") > 500_000_000,
    }
    award = half_up(pl.col("payout") * pl.col("rate"), pl.lit(1_000_000))
    return (
        joined(frame, failed, "reasons")
        .with_columns((pl.col("reasons") == "").alias("eligible"))
        .with_columns(
            pl.when("eligible")
            .then(pl.min_horizontal(award, pl.col("b1")))
            .otherwise(0)
            .alias("compensation"),
            pl.when(~pl.col("eligible"))
            .then(pl.lit("ineligible"))
            .when((finance == "rejected") | (industry == "rejected"))
            .then(pl.lit("rejected"))
            .when((finance == "approved") & (industry == "approved"))
            .then(pl.lit("approved"))
            .otherwise(pl.lit("pending"))
            .alias("status"),
        )
        .with_columns(
            pl.when(pl.col("status") == "approved")
            .then(pl.max_horizontal(pl.col("compensation") - pl.col("paid"), 0))
            .otherwise(0)
            .alias("payable")
        )
    )


def _verdicts(
    institutions: pl.LazyFrame, figures: pl.LazyFrame, ours: pl.LazyFrame
) -> pl.LazyFrame:
    """Return the institutions with their indicators, reasons and rates."""
    paid_out = ours.group_by("institution_id").agg(pl.col("payout").sum())
    given = institutions.rename(
        {"opening_balance": "given_balance", "opening_borrowers": "given_borrowers"}
    )
    names = ["opening", "closing", "counted", "released", "payout"]
    borrowers = ["opening_borrowers", "closing_borrowers"]
    frame = (
        given.join(figures, on="institution_id", how="left")
        .join(paid_out, on="institution_id", how="left")
        .with_columns(
            pl.coalesce("given_balance", "opening").alias("opening"),
            pl.coalesce("given_borrowers", "opening_borrowers").alias("opening_borrowers"),
        )
        .with_columns(pl.col(*names, *borrowers).fill_null(0))
    )
    opening, closing, small = pl.col("opening"), pl.col("closing"), pl.col("counted")
    before, after = pl.col("opening_borrowers"), pl.col("closing_borrowers")
    released, payout = pl.col("released"), pl.col("payout")
    frame = joined(
        frame,
        {
            "government_backed": ~pl.col("government_backed"),
            "small_agri_share": (closing == 0) | (100 * small < 80 * closing),
            "balance_growth": (opening == 0) | (100 * closing < 110 * opening),
            "borrower_growth": (before == 0) | (100 * after < 110 * before),
            "payout_rate": ((released == 0) & (payout > 0)) | (100 * payout > 5 * released),
        },
        "reasons",
    )

    def tier(share: int, growth: int, rate: int) -> pl.Expr:
        return (
            (100 * small >= share * closing)
            & (100 * closing >= growth * opening)
            & (100 * after >= growth * before)
            & (100 * payout <= rate * released)
        )

    return frame.with_columns(
        (pl.col("reasons") == "").alias("eligible"),
        pl.when(tier(90, 120, 2))
        .then(200_000)
        .when(tier(85, 115, 3))
        .then(150_000)
        .otherwise(100_000)
        .alias("rate"),
    )


def _check(
    tables: dict[str, pl.LazyFrame], figures: pl.DataFrame, all_claims: pl.DataFrame
) -> None:
    """Exit 1 if the input breaks a rule of the contract, section 2."""
    claims, recoveries = tables["claims"], tables["recoveries"]
    # Equal texts have equal hashes: as many hashes as rows means no id twice.
    key = pl.col("contract_id")
    ids = tables["contracts"].select(pl.len() - key.hash().n_unique())
    contract_ids = ids.collect(engine="streaming").item()
    if contract_ids:
        contract_ids = tables["contracts"].select(pl.len() - key.n_unique()).collect().item()
    linked_contracts = tables["releases"].select(key.n_unique()).collect(engine="streaming").item()
    reviews = pl.col("finance_review", "industry_review")
    wrong_claims = all_claims.select(
        pl.any_horizontal(
            pl.col("payout_date") < pl.col("start_date"),
            pl.col("principal") < 0,
            pl.col("interest") < 0,
            pl.col("payout") <= 0,
            pl.col("paid") < 0,
            pl.col("paid") > pl.col("b1"),
            ~reviews.is_in(DECISIONS),
        )
        .fill_null(False)
        .sum(),
        pl.col("payout_date", "principal").null_count().name.prefix("blank_"),
    )
    linked = recoveries.join(
        all_claims.lazy().select("claim_id", "payout_date"), on="claim_id", how="left"
    ).select(
        (
            pl.col("payout_date").is_null()
            | pl.any_horizontal(pl.col("recovery_date", "proceeds").is_null())
            | (pl.col("recovery_date") < pl.col("payout_date"))
            | (pl.col("proceeds") < 0)
            | (pl.col("cost").fill_null(0) < 0)
        )
        .sum()
        .alias("wrong"),
        (pl.len() - pl.col("recovery_id").n_unique()).alias("again"),
    )
    known = tables["institutions"].collect()
    faults = {
        "contracts": figures["wrong"].sum(),
        "releases": figures["wrong_releases"].sum(),
        "unknown contracts": linked_contracts - figures["linked"].sum(),
        "unknown institutions": figures.join(known, on="institution_id", how="anti").height,
        "institutions": known.height - known["institution_id"].n_unique(),
        "backing": known["government_backed"].null_count(),
        "contract ids": contract_ids,
        "claims": sum(wrong_claims.row(0)),
        "claim ids": all_claims.height - all_claims["claim_id"].n_unique(),
        "unlinked claims": claims.select(pl.len()).collect().item() - all_claims.height,
        "recoveries": sum(linked.collect().row(0)),
    }
    if any(faults.values()):
        sys.exit(f"wrong input: { ({name: count for name, count in faults.items() if count}) }")


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
