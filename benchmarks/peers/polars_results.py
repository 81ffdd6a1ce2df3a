"""Arithmetic on fen in Polars, and the result tables; `polars_frames` has what leads up to them."""

from __future__ import annotations

import polars as pl

PARTIES = ("institution", "lender", "reguarantor", "national_fund")


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


def _rate() -> pl.Expr:
    million = pl.lit(1_000_000)
    return pl.when("eligible").then(ratio(pl.col("rate"), million)).alias("rate")


def claim_results(decided: pl.LazyFrame) -> pl.LazyFrame:
    """Return the rows of the claims of the year."""
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


def institution_results(verdicts: pl.LazyFrame, decided: pl.LazyFrame) -> pl.LazyFrame:
    """Return the rows of the institutions."""
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


def returns(
    recoveries: pl.LazyFrame, all_claims: pl.LazyFrame, decided: pl.LazyFrame
) -> pl.LazyFrame:
    """Return the rows of the recoveries."""
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
