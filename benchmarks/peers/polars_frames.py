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

PARTIES = ("institution", "lender", "reguarantor", "national_fund")
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


def half_up(a: pl.Expr, b: pl.Expr) -> pl.Expr:
    """Return a / b half up; 0 where b is 0."""
    return pl.when(b == 0).then(0).otherwise((2 * a + b) // pl.max_horizontal(2 * b, 1))


def split(frame: pl.LazyFrame, amount: str, weights: list[str], parts: list[str]) -> pl.LazyFrame:
    """Add the parts of an amount by weights, one after another."""
    frame = frame.with_columns(_left=pl.col(amount), _weight=pl.sum_horizontal(weights))
    for weight, part in zip(weights, parts, strict=True):
        frame = frame.with_columns(
            half_up(pl.col("_left") * pl.col(weight), pl.col("_weight")).alias(part)
        ).with_columns(
            _left=pl.col("_left") - pl.col(part), _weight=pl.col("_weight") - pl.col(weight)
        )
    return frame.drop("_left", "_weight")


def yuan(name: str) -> pl.Expr:
    """Return a column of fen as decimal yuan."""
    return (pl.col(name).cast(pl.Decimal(38, 0)) * pl.lit("0.01").cast(pl.Decimal(3, 2))).cast(
        pl.Decimal(18, 2)
    )


def ratio(a: pl.Expr, b: pl.Expr) -> pl.Expr:
    """Return a / b with six decimals, half away from zero."""
    a, b = a.cast(pl.Int128), b.cast(pl.Int128)
    scaled = a.sign() * ((2_000_000 * a.abs() + b) // pl.max_horizontal(2 * b, 1))
    small = pl.lit("0.000001").cast(pl.Decimal(7, 6))
    return (scaled.cast(pl.Decimal(38, 0)) * small).cast(pl.Decimal(18, 6))


def joined(frame: pl.LazyFrame, reasons: dict[str, pl.Expr], name: str) -> pl.LazyFrame:
    """Add the names of the reasons that hold, joined by ``;``."""
    words = [pl.when(wrong).then(pl.lit(word)) for word, wrong in reasons.items()]
    return frame.with_columns(pl.concat_str(words, separator=";", ignore_nulls=True).alias(name))


def run(folder: Path, output: Path, checks: bool = False) -> None:
    """Compute the results of a folder of ledgers into Parquet files; exit 1 on a failed check."""
    institutions = scan(folder, "institutions").with_row_index("row")
    contracts, releases = scan(folder, "contracts"), scan(folder, "releases")
    claims = scan(folder, "claims").with_row_index("row")
    recoveries = scan(folder, "recoveries").with_row_index("row")

    day, amount = pl.col("release_date"), pl.col("amount")
    released = releases.group_by("contract_id").agg(
        amount.sum().alias("ever"),
        pl.when(day <= BEFORE).then(amount).otherwise(0).sum().alias("before"),
        pl.when(day <= END).then(amount).otherwise(0).sum().alias("after"),
        day.min().alias("first_release"),
        day.max().alias("last_release"),
        ((amount <= 0) | amount.is_null() | day.is_null()).sum().alias("wrong_releases"),
        pl.lit(1).alias("linked"),
    )
    guaranteed, start = pl.col("guaranteed_amount"), pl.col("start_date")
    zero = {name: pl.col(name).fill_null(0) for name in ("ever", "before", "after")}
    counted = pl.col("borrower_type").is_in(COUNTED)

    def balance(on: date, gone: pl.Expr) -> pl.Expr:
        in_force = (start <= on) & (day.is_null() | (day > on))
        return pl.when(in_force).then(guaranteed - gone).otherwise(0)

    total = pl.sum_horizontal(SHARES)
    wrong = (
        (guaranteed <= 0)
        | (day < start)
        | (pl.col("ever") > guaranteed)
        | (pl.col("first_release") < start)
        | (pl.col("last_release") > day)
        | ~(counted | pl.col("borrower_type").is_in(OTHERS))
        | (~pl.all_horizontal(pl.col(SHARES).is_null()) & (total != 1_000_000))
    ).fill_null(False) | pl.any_horizontal(
        pl.col(
            "contract_id", "borrower_id", "borrower_type", "guaranteed_amount", "start_date"
        ).is_null()
    )
    sums = [
        balance(BEFORE, zero["before"]).sum().alias("opening"),
        balance(END, zero["after"]).sum().alias("closing"),
        pl.when(counted).then(balance(END, zero["after"])).otherwise(0).sum().alias("counted"),
        (
            zero["after"]
            - zero["before"]
            + pl.when((day > BEFORE) & (day <= END)).then(guaranteed - zero["ever"]).otherwise(0)
        )
        .sum()
        .alias("released"),
    ]
    tests = [
        wrong.sum().alias("wrong"),
        pl.col("linked").sum().alias("linked"),
        pl.col("wrong_releases").sum().alias("wrong_releases"),
    ]
    by_borrower = (
        contracts.join(released, on="contract_id", how="left")
        .group_by("institution_id", "borrower_id")
        .agg(*sums, *(tests if checks else []))
    )
    figures = by_borrower.group_by("institution_id").agg(
        pl.col("opening", "closing", "counted", "released").sum(),
        (pl.col("opening") > 0).sum().cast(pl.Int64).alias("opening_borrowers"),
        (pl.col("closing") > 0).sum().cast(pl.Int64).alias("closing_borrowers"),
        *([pl.col("wrong", "linked", "wrong_releases").sum()] if checks else []),
    )
    none = pl.all_horizontal(pl.col(SHARES).is_null())
    claim_contracts = contracts.join(claims, on="contract_id", how="semi").with_columns(
        pl.when(none).then(1_000_000).otherwise(pl.col(SHARES[0]).fill_null(0)).alias("w1"),
        *(pl.col(name).fill_null(0).alias(f"w{k}") for k, name in enumerate(SHARES[1:], 2)),
    )
    all_claims = claims.join(
        claim_contracts.select(
            "contract_id",
            "institution_id",
            "borrower_id",
            "start_date",
            counted.alias("counted"),
            "w1",
            "w2",
            "w3",
            "w4",
        ),
        on="contract_id",
    ).with_columns(
        (pl.col("principal") + pl.col("interest").fill_null(0)).alias("payout"),
        pl.col("compensation_paid").fill_null(0).alias("paid"),
        (pl.col("payout_date") > BEFORE).and_(pl.col("payout_date") <= END).alias("ours"),
    )
    all_claims = split(all_claims, "payout", ["w1", "w2", "w3", "w4"], ["b1", "b2", "b3", "b4"])

    queries = [figures, all_claims]
    if checks:
        queries += [
            contracts.select(pl.len() - pl.col("contract_id").n_unique()),
            releases.select(pl.col("contract_id").n_unique()),
        ]
    done = pl.collect_all(queries, engine="streaming")
    figures, all_claims = done[0].lazy(), done[1].lazy()
    if checks:
        _check(done, institutions, claims, recoveries)

    ours = all_claims.filter("ours")
    verdicts = _verdicts(institutions, figures, ours)
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
    exposures = (
        held.group_by("claim_id")
        .agg(guaranteed.sum())
        .join(repaid, on="claim_id", how="left")
        .select("claim_id", (guaranteed - pl.col("repaid").fill_null(0)).alias("exposure"))
    )
    finance, industry = pl.col("finance_review"), pl.col("industry_review")
    decided = ours.join(exposures, on="claim_id", how="left").with_columns(
        pl.col("exposure").fill_null(0)
    )
    decided = decided.join(
        verdicts.select("institution_id", "rate", pl.col("eligible").alias("backed")),
        on="institution_id",
    )
    decided = (
        joined(
            decided,
            {
                "institution": ~pl.col("backed"),
                "borrower_type": ~pl.col("counted"),
                "borrower_exposure": pl.col("exposure") > 500_000_000,
            },
            "reasons",
        )
        .with_columns((pl.col("reasons") == "").alias("eligible"))
        .with_columns(
            pl.when("eligible")
            .then(
                pl.min_horizontal(
                    half_up(pl.col("payout") * pl.col("rate"), pl.lit(1_000_000)), pl.col("b1")
                )
            )
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
        .collect()
        .lazy()
    )
    results = {
        "claims": _claim_results(decided),
        "institutions": _institution_results(verdicts, decided),
        "returns": _returns(recoveries, all_claims, decided),
    }
    output.mkdir(parents=True, exist_ok=True)
    for name, frame in results.items():
        frame.collect().write_parquet(output / f"{name}.parquet", compression="zstd")


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


def _rate() -> pl.Expr:
    million = pl.lit(1_000_000)
    return pl.when("eligible").then(ratio(pl.col("rate"), million)).alias("rate")


def _claim_results(decided: pl.LazyFrame) -> pl.LazyFrame:
    return decided.sort("row").select(
        "claim_id",
        "contract_id",
        "institution_id",
        "borrower_id",
        "payout_date",
        yuan("payout"),
        yuan("exposure").alias("borrower_exposure"),
        "eligible",
        pl.when(pl.col("reasons") != "").then("reasons").alias("reasons"),
        yuan("payout").alias("base"),
        _rate(),
        yuan("compensation"),
        "status",
        yuan("payable"),
    )


def _institution_results(verdicts: pl.LazyFrame, decided: pl.LazyFrame) -> pl.LazyFrame:
    opening, closing = pl.col("opening"), pl.col("closing")
    before, after = pl.col("opening_borrowers"), pl.col("closing_borrowers")
    released, payout = pl.col("released"), pl.col("payout")
    awarded = decided.group_by("institution_id").agg(
        pl.len().cast(pl.Int64).alias("claims"),
        pl.col("eligible").sum().cast(pl.Int64).alias("eligible_claims"),
        pl.col("compensation", "payable").sum(),
    )
    return (
        verdicts.join(awarded, on="institution_id", how="left")
        .with_columns(pl.col("claims", "eligible_claims", "compensation", "payable").fill_null(0))
        .sort("row")
        .select(
            "institution_id",
            yuan("opening").alias("opening_balance"),
            yuan("closing").alias("closing_balance"),
            pl.when(opening > 0).then(ratio(closing - opening, opening)).alias("balance_growth"),
            "opening_borrowers",
            "closing_borrowers",
            pl.when(before > 0).then(ratio(after - before, before)).alias("borrower_growth"),
            yuan("counted").alias("small_agri_balance"),
            pl.when(closing > 0).then(ratio(pl.col("counted"), closing)).alias("small_agri_share"),
            yuan("released").alias("released_amount"),
            yuan("payout").alias("payout_amount"),
            pl.when((released > 0) | (payout == 0))
            .then(ratio(payout, pl.max_horizontal(released, 1)))
            .alias("payout_rate"),
            "eligible",
            pl.when(pl.col("reasons") != "").then("reasons").alias("reasons"),
            _rate(),
            "claims",
            "eligible_claims",
            yuan("compensation"),
            yuan("payable"),
        )
    )


def _returns(
    recoveries: pl.LazyFrame, all_claims: pl.LazyFrame, decided: pl.LazyFrame
) -> pl.LazyFrame:
    paid = pl.col("paid") + pl.col("payable").fill_null(0)
    borne = all_claims.join(decided.select("claim_id", "payable"), on="claim_id", how="left")
    frame = (
        recoveries.with_columns(pl.col("cost").fill_null(0))
        .join(
            borne.select(
                "claim_id",
                "payout",
                paid.alias("w0"),
                (pl.col("b1") - paid).alias("w1"),
                pl.col("b2").alias("w2"),
                pl.col("b3").alias("w3"),
                pl.col("b4").alias("w4"),
            ),
            on="claim_id",
        )
        .sort("claim_id", "recovery_date", "recovery_id")
        .with_columns(
            pl.col("proceeds").cum_sum().over("claim_id").alias("received"),
            pl.col("cost").cum_sum().over("claim_id").alias("spent"),
        )
        .with_columns(pl.col("spent").max().over("claim_id", "recovery_date"))
        .with_columns((pl.col("received") - pl.col("spent")).alias("net"))
        .with_columns(
            pl.max_horizontal(pl.col("net").cum_max().over("claim_id"), 0).alias("highest")
        )
        .with_columns(
            pl.min_horizontal("highest", "payout").alias("d"),
            pl.max_horizontal(pl.col("highest") - pl.col("payout"), 0).alias("s"),
        )
    )
    parts = ["p0", "p1", "p2", "p3", "p4"]
    frame = split(frame, "d", ["w0", "w1", "w2", "w3", "w4"], parts)
    same = pl.col("claim_id") == pl.col("claim_id").shift(1)
    frame = frame.with_columns(
        pl.col(name) - pl.when(same).then(pl.col(name).shift(1)).otherwise(0)
        for name in ("d", "s", *parts)
    )
    receivers = ["government", *PARTIES]
    return frame.sort("row").select(
        "recovery_id",
        "claim_id",
        "recovery_date",
        yuan("proceeds"),
        yuan("cost"),
        yuan("d").alias("distributed"),
        yuan("s").alias("surplus"),
        *(yuan(part).alias(f"to_{party}") for part, party in zip(parts, receivers, strict=True)),
    )


def _check(
    done: list[pl.DataFrame],
    institutions: pl.LazyFrame,
    claims: pl.LazyFrame,
    recoveries: pl.LazyFrame,
) -> None:
    """Exit 1 if the input breaks a rule of the contract, section 2."""
    figures, all_claims = done[0], done[1]
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
    known = institutions.collect()
    faults = {
        "contracts": figures["wrong"].sum(),
        "releases": figures["wrong_releases"].sum(),
        "unknown contracts": done[3].item() - figures["linked"].sum(),
        "unknown institutions": figures.join(known, on="institution_id", how="anti").height,
        "institutions": known.height - known["institution_id"].n_unique(),
        "backing": known["government_backed"].null_count(),
        "contract ids": done[2].item(),
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
