"""The rules as an analyst would write them in pandas, vectorised: jiyuan-2022, 2022, no budget.

    python -m benchmarks.peers.pandas_frames INPUT OUTPUT

No checks. Amounts are 64-bit fen; products are not guarded, so no payout may pass about 21 million
yuan.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Frame = Any  # the stubs of pandas know little of Arrow-backed columns

PARTIES = ("institution", "lender", "reguarantor", "national_fund")
SHARES = [f"share_{party}" for party in PARTIES]
BEFORE, END = pd.Timestamp("2021-12-31"), pd.Timestamp("2022-12-31")
COUNTED = [
    "micro_enterprise",
    "small_enterprise",
    "individual_business",
    "business_owner",
    "farmer",
    "agricultural_entity",
]
DECIMALS = {
    "opening_balance": 2,
    "guaranteed_amount": 2,
    "amount": 2,
    "principal": 2,
    "interest": 2,
    "compensation_paid": 2,
    "proceeds": 2,
    "cost": 2,
    **dict.fromkeys(SHARES, 6),
}
DATES = ("start_date", "release_date", "payout_date", "recovery_date")


def read(folder: Path, table: str) -> Frame:
    """Read a table; amounts in fen and shares in millionths, dates as pandas knows them."""
    path = folder / f"{table}.parquet"
    if path.exists():
        frame: Frame = pd.read_parquet(path, dtype_backend="pyarrow")
    else:
        types: Frame = {
            name: pd.ArrowDtype(pa.decimal128(18, places)) for name, places in DECIMALS.items()
        }
        types["opening_borrowers"] = "int64[pyarrow]"
        frame = pd.read_csv(
            folder / f"{table}.csv",
            dtype=types,
            parse_dates=[name for name in DATES if name in _headings(folder, table)],
            engine="pyarrow",
            dtype_backend="pyarrow",
        )
    for name in frame.columns:
        if name in DECIMALS:
            whole = (frame[name] * 10 ** DECIMALS[name]).astype("int64[pyarrow]")
            blank = name in ("opening_balance", *SHARES)
            frame[name] = whole if blank else whole.fillna(0).astype("int64")
        elif name in DATES:
            frame[name] = frame[name].astype("datetime64[s]")
    return frame


def _headings(folder: Path, table: str) -> list[str]:
    with (folder / f"{table}.csv").open() as file:
        return file.readline().strip().split(",")


def half_up(a: Frame, b: Frame) -> Frame:
    """Return a / b half up; 0 where b is 0."""
    return np.where(b == 0, 0, (2 * a + b) // np.maximum(2 * b, 1))


def split(amount: Frame, weights: Sequence[Frame]) -> list[Frame]:
    """Return the parts of an amount by weights, one after another."""
    left, weight_left = np.array(amount), np.sum(weights, axis=0)
    parts = []
    for weight in weights:
        part = half_up(left * weight, weight_left)
        parts.append(part)
        left = left - part
        weight_left = weight_left - weight
    return parts


def reasons(tests: dict[str, Frame]) -> Frame:
    """Return the names of the tests that are true, joined by ``;``; blank for none."""
    text = pd.Series("", index=next(iter(tests.values())).index)
    for name, wrong in tests.items():
        text = text.where(~wrong, text + ";" + name)
    text = text.str.lstrip(";")
    return text.mask(text == "")


def decimal(values: Frame, places: int, known: Frame = None) -> Frame:
    """Return scaled whole numbers as a decimal column."""
    column = pa.array(np.asarray(values, dtype=np.int64)).cast(pa.decimal128(20, 0))
    unit = pa.scalar(Decimal(1).scaleb(-places))
    scaled = pc.multiply(column, unit).cast(pa.decimal128(18, places))
    if known is not None:
        scaled = pc.if_else(pa.array(np.asarray(known, dtype=bool)), scaled, None)
    return pd.Series(scaled, dtype=pd.ArrowDtype(scaled.type))


def ratio(a: Frame, b: Frame, known: Frame) -> Frame:
    """Return a / b with six decimals, half away from zero."""
    safe = np.where(known, b, 1).astype(object)
    a = np.where(known, a, 0).astype(object)
    return decimal(np.sign(a) * ((2_000_000 * np.abs(a) + safe) // (2 * safe)), 6, known)


def run(folder: Path, output: Path) -> None:
    """Compute the results of a folder of ledgers into Parquet files."""
    institutions = read(folder, "institutions")
    contracts, releases = read(folder, "contracts"), read(folder, "releases")
    claims, recoveries = read(folder, "claims"), read(folder, "recoveries")
    claims["row"] = np.arange(len(claims))

    day = releases["release_date"]
    by_contract = pd.DataFrame(
        {
            "contract_id": releases["contract_id"],
            "ever": releases["amount"],
            "before": releases["amount"].where(day <= BEFORE, 0),
            "after": releases["amount"].where(day <= END, 0),
        }
    )
    released = by_contract.groupby("contract_id", as_index=False).sum()
    contracts = contracts.merge(released, on="contract_id", how="left")
    for name in ("ever", "before", "after"):
        contracts[name] = contracts[name].fillna(0).astype("int64")
    start, end = contracts["start_date"], contracts["release_date"]
    amount = contracts["guaranteed_amount"]

    def balance(on: Frame, gone: str) -> Frame:
        in_force = (start <= on) & (end.isna() | (end > on))
        return (amount - contracts[gone]).where(in_force, 0)

    contracts["opening"] = balance(BEFORE, "before")
    contracts["closing"] = balance(END, "after")
    contracts["is_counted"] = contracts["borrower_type"].isin(COUNTED)
    contracts["counted"] = contracts["closing"].where(contracts["is_counted"], 0)
    ended = (end > BEFORE) & (end <= END)
    contracts["released"] = (
        contracts["after"] - contracts["before"] + (amount - contracts["ever"]).where(ended, 0)
    )
    sums = ["opening", "closing", "counted", "released"]
    borrowers = contracts.groupby(["institution_id", "borrower_id"], as_index=False)[sums].sum()
    borrowers["opening_borrowers"] = (borrowers["opening"] > 0).astype("int64")
    borrowers["closing_borrowers"] = (borrowers["closing"] > 0).astype("int64")
    counts = ["opening_borrowers", "closing_borrowers"]
    figures = borrowers.groupby("institution_id", as_index=False)[sums + counts].sum()

    claims["interest"] = claims["interest"].fillna(0)
    claims["payout"] = claims["principal"] + claims["interest"]
    claims = claims.merge(
        contracts[["contract_id", "institution_id", "borrower_id", "is_counted", *SHARES]],
        on="contract_id",
    ).sort_values("row", ignore_index=True)
    none = claims[SHARES].isna().all(axis=1)
    weights = [claims[name].fillna(0).astype("int64") for name in SHARES]
    weights[0] = weights[0].where(~none, 1_000_000)
    claims[["b1", "b2", "b3", "b4"]] = np.column_stack(split(claims["payout"], weights))
    ours = claims[(claims["payout_date"] > BEFORE) & (claims["payout_date"] <= END)]
    ours = ours.reset_index(drop=True)

    paid_out = ours.groupby("institution_id", as_index=False)["payout"].sum()
    table = institutions.rename(
        columns={"opening_balance": "given_balance", "opening_borrowers": "given_borrowers"}
    )
    table = table.merge(figures, on="institution_id", how="left")
    table = table.merge(paid_out, on="institution_id", how="left")
    table["opening"] = table["given_balance"].fillna(table["opening"])
    table["opening_borrowers"] = table["given_borrowers"].fillna(table["opening_borrowers"])
    for name in [*sums, *counts, "payout"]:
        table[name] = table[name].fillna(0).astype("int64")
    opening, closing, small = table["opening"], table["closing"], table["counted"]
    before, after = table["opening_borrowers"], table["closing_borrowers"]
    gone, payout = table["released"], table["payout"]
    table["reasons"] = reasons(
        {
            "government_backed": ~table["government_backed"].astype(bool),
            "small_agri_share": (closing == 0) | (100 * small < 80 * closing),
            "balance_growth": (opening == 0) | (100 * closing < 110 * opening),
            "borrower_growth": (before == 0) | (100 * after < 110 * before),
            "payout_rate": ((gone == 0) & (payout > 0)) | (100 * payout > 5 * gone),
        }
    )
    table["eligible"] = table["reasons"].isna()

    def tier(share: int, growth: int, rate: int) -> Frame:
        return (
            (100 * small >= share * closing)
            & (100 * closing >= growth * opening)
            & (100 * after >= growth * before)
            & (100 * payout <= rate * gone)
        )

    table["rate"] = np.select([tier(90, 120, 2), tier(85, 115, 3)], [200_000, 150_000], 100_000)

    held = contracts.merge(
        ours[["institution_id", "borrower_id", "claim_id", "payout_date"]],
        on=["institution_id", "borrower_id"],
    )
    held = held[
        (held["start_date"] <= held["payout_date"])
        & (held["release_date"].isna() | (held["release_date"] >= held["payout_date"]))
    ]
    repaid = releases.merge(held[["contract_id", "claim_id", "payout_date"]], on="contract_id")
    repaid = repaid[repaid["release_date"] < repaid["payout_date"]]
    exposure = held.groupby("claim_id")["guaranteed_amount"].sum()
    exposure = exposure.sub(repaid.groupby("claim_id")["amount"].sum(), fill_value=0)
    ours["exposure"] = ours["claim_id"].map(exposure).fillna(0).astype("int64")

    ours = ours.merge(
        table[["institution_id", "rate", "eligible"]].rename(columns={"eligible": "backed"}),
        on="institution_id",
        how="left",
    )
    ours["reasons"] = reasons(
        {
            "institution": ~ours["backed"],
            "borrower_type": ~ours["is_counted"],
            "borrower_exposure": ours["exposure"] > 500_000_000,
        }
    )
    eligible = ours["reasons"].isna()
    award = np.minimum(half_up(ours["payout"] * ours["rate"], np.int64(1_000_000)), ours["b1"])
    ours["compensation"] = np.where(eligible, award, 0)
    reviews = ours[["finance_review", "industry_review"]].fillna("pending")
    ours["status"] = np.select(
        [~eligible, (reviews == "rejected").any(axis=1), (reviews == "approved").all(axis=1)],
        ["ineligible", "rejected", "approved"],
        "pending",
    )
    due = (ours["compensation"] - ours["compensation_paid"]).clip(lower=0)
    ours["payable"] = due.where(ours["status"] == "approved", 0)
    ours["eligible"] = eligible

    output.mkdir(parents=True, exist_ok=True)
    _claim_results(ours).to_parquet(output / "claims.parquet", compression="zstd")
    _institution_results(table, ours).to_parquet(
        output / "institutions.parquet", compression="zstd"
    )
    _returns(recoveries, claims, ours).to_parquet(output / "returns.parquet", compression="zstd")


def _claim_results(ours: Frame) -> Frame:
    return pd.DataFrame(
        {
            "claim_id": ours["claim_id"],
            "contract_id": ours["contract_id"],
            "institution_id": ours["institution_id"],
            "borrower_id": ours["borrower_id"],
            "payout_date": ours["payout_date"].astype("date32[pyarrow]"),
            "payout": decimal(ours["payout"], 2),
            "borrower_exposure": decimal(ours["exposure"], 2),
            "eligible": ours["eligible"],
            "reasons": ours["reasons"],
            "base": decimal(ours["payout"], 2),
            "rate": decimal(ours["rate"], 6, ours["eligible"]),
            "compensation": decimal(ours["compensation"], 2),
            "status": ours["status"],
            "payable": decimal(ours["payable"], 2),
        }
    )


def _institution_results(table: Frame, ours: Frame) -> Frame:
    awarded = ours.groupby("institution_id", as_index=False).agg(
        claims=("eligible", "size"),
        eligible_claims=("eligible", "sum"),
        compensation=("compensation", "sum"),
        payable=("payable", "sum"),
    )
    table = table.merge(awarded, on="institution_id", how="left")
    for name in ("claims", "eligible_claims", "compensation", "payable"):
        table[name] = table[name].fillna(0).astype("int64")
    opening, closing = table["opening"], table["closing"]
    before, after = table["opening_borrowers"], table["closing_borrowers"]
    gone, payout = table["released"], table["payout"]
    return pd.DataFrame(
        {
            "institution_id": table["institution_id"],
            "opening_balance": decimal(opening, 2),
            "closing_balance": decimal(closing, 2),
            "balance_growth": ratio(closing - opening, opening, opening > 0),
            "opening_borrowers": before,
            "closing_borrowers": after,
            "borrower_growth": ratio(after - before, before, before > 0),
            "small_agri_balance": decimal(table["counted"], 2),
            "small_agri_share": ratio(table["counted"], closing, closing > 0),
            "released_amount": decimal(gone, 2),
            "payout_amount": decimal(payout, 2),
            "payout_rate": ratio(payout, np.maximum(gone, 1), (gone > 0) | (payout == 0)),
            "eligible": table["eligible"],
            "reasons": table["reasons"],
            "rate": decimal(table["rate"], 6, table["eligible"]),
            "claims": table["claims"],
            "eligible_claims": table["eligible_claims"],
            "compensation": decimal(table["compensation"], 2),
            "payable": decimal(table["payable"], 2),
        }
    )


def _returns(recoveries: Frame, claims: Frame, ours: Frame) -> Frame:
    recoveries["row"] = np.arange(len(recoveries))
    claims = claims.merge(ours[["claim_id", "payable"]], on="claim_id", how="left")
    claims["w0"] = claims["compensation_paid"] + claims["payable"].fillna(0).astype("int64")
    claims["w1"] = claims["b1"] - claims["w0"]
    borne = ["w0", "w1", "b2", "b3", "b4"]
    table = recoveries.merge(claims[["claim_id", "payout", *borne]], on="claim_id")
    table = table.sort_values(["claim_id", "recovery_date", "recovery_id"], ignore_index=True)
    by_claim = table.groupby("claim_id")
    table["received"], table["spent"] = by_claim["proceeds"].cumsum(), by_claim["cost"].cumsum()
    spent = table.groupby(["claim_id", "recovery_date"])["spent"].transform("max")
    table["net"] = table["received"] - spent
    highest = table.groupby("claim_id")["net"].cummax().clip(lower=0)
    table["d"] = np.minimum(highest, table["payout"])
    table["s"] = (highest - table["payout"]).clip(lower=0)
    parts = ["p0", "p1", "p2", "p3", "p4"]
    table[parts] = np.column_stack(split(table["d"], [table[name] for name in borne]))
    steps = ["d", "s", *parts]
    before = table.groupby("claim_id")[steps].shift(1, fill_value=0)
    table[steps] = table[steps] - before
    table = table.sort_values("row", ignore_index=True)
    receivers = ["government", *PARTIES]
    return pd.DataFrame(
        {
            "recovery_id": table["recovery_id"],
            "claim_id": table["claim_id"],
            "recovery_date": table["recovery_date"].astype("date32[pyarrow]"),
            "proceeds": decimal(table["proceeds"], 2),
            "cost": decimal(table["cost"], 2),
            "distributed": decimal(table["d"], 2),
            "surplus": decimal(table["s"], 2),
        }
        | {
            f"to_{party}": decimal(table[part], 2)
            for part, party in zip(parts, receivers, strict=True)
        }
    )


def main() -> None:
    """Run as the arguments say."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("output", type=Path)
    given = parser.parse_args()
    run(given.folder, given.output)


if __name__ == "__main__":
    main()
