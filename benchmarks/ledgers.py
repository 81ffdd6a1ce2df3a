"""Make valid ledgers of any size: the same rows for the same size and seed, on every machine.

    python -m benchmarks.ledgers 100000 FOLDER [--form csv] [--order grouped] [--seed 1] [--names]

Every cell is a function of its row's number (`Plan.draw` mixes number, column and seed), so that
tables are made in blocks of any size, and a claim knows its contract's figures without looking them
up. All that is held are a few numbers per contract for their order. The institutions differ enough
for every tier, every failed condition and every status to occur.

Of n contracts: one institution for 5,000, a borrower for 1.3, two partial releases on every fifth,
a claim for 50, 1.5 recoveries a claim. Contracts come by date, as a register grows, grouped by
institution, as exports that are put together are, or in random order; the contracts are the same.
Amounts are fen, days count from 1970-01-01.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from benchmarks.programs import ORDERS, Order
from compensation.columns import Flags, Integers

YEAR = 2022
CONTRACTS_PER_CLAIM = 50
PAYMENTS_PER_CLAIM = 5
BLOCK = 1 << 17
"""Rows made at a time; also the rows of a Parquet row group."""

YUAN, TEN_THOUSAND = 100, 1_000_000
YEAR_START = int(np.datetime64(f"{YEAR}-01-01", "D").astype(np.int64))
OLD_START = int(np.datetime64(f"{YEAR - 2}-01-01", "D").astype(np.int64))
OLD_DAYS = YEAR_START - OLD_START

TYPES = (
    "micro_enterprise",
    "small_enterprise",
    "individual_business",
    "business_owner",
    "farmer",
    "agricultural_entity",
    "medium_enterprise",
    "large_enterprise",
    "other",
)
COUNTED_TYPES = 6
"""How many of `TYPES` count as small, micro or agricultural; they come first."""
SHARES = np.array(
    [
        [400_000, 200_000, 200_000, 200_000],
        [200_000, 200_000, 200_000, 400_000],
        [600_000, 200_000, 200_000, 0],
        [333_334, 333_333, 333_333, 0],
        [1_000_000, 0, 0, 0],
        [100_000, 500_000, 400_000, 0],
    ],
    dtype=np.int64,
)
PARTIES = ("institution", "lender", "reguarantor", "national_fund")
REVIEWS = np.array(["approved"] * 18 + ["rejected", "pending", None], dtype=object)
TERMS = np.array([365, 365, 730, 1095], dtype=np.int64)

MONEY, SHARE = pa.decimal128(18, 2), pa.decimal128(18, 6)


class Plan(NamedTuple):
    """What ledgers to make: the number of contracts (at least 100), and how.

    Of an institution's contracts (at least 150) a few have borrowers of its neighbour. With `names`
    contracts also have the borrowers' and the lenders' names, which no rule needs. With `payments`
    there is a table of them, five a claim, and claims have no compensation_paid.
    """

    contracts: int
    per_institution: int = 5_000
    seed: int = 0
    order: Order = "by-date"
    names: bool = False
    payments: bool = False

    @property
    def tables(self) -> list[str]:
        """The tables that the ledgers have."""
        return [table for table in MAKERS if table != "payments" or self.payments]

    def rows(self, table: str) -> int:
        """Return how many rows a table has."""
        claims = self.contracts // CONTRACTS_PER_CLAIM
        return {
            "institutions": -(-self.contracts // self.per_institution),
            "contracts": self.contracts,
            "releases": 2 * (self.contracts // 5),
            "claims": claims,
            "recoveries": claims + claims // 2,
            "payments": PAYMENTS_PER_CLAIM * claims,
        }[table]

    def draw(self, rows: Integers, salt: int, below: int) -> Integers:
        """Return a number from 0 to ``below`` − 1 for each row: splitmix64 of row, salt, seed."""
        mixed = rows.astype(np.uint64) * np.uint64(1_024) + np.uint64(salt)
        mixed += np.uint64(self.seed * 0xD1B54A32D192ED03 % 2**64)
        mixed = (mixed + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
        drawn: Integers = (mixed % np.uint64(below)).astype(np.int64)
        return drawn


class Contracts(NamedTuple):
    """The figures of contracts, wherever they are needed."""

    institution: Integers
    borrower: Integers
    amount: Integers
    start: Integers
    term: Integers
    open_ended: Flags


class Claims(NamedTuple):
    """The figures of claims."""

    contract: Integers
    day: Integers
    principal: Integers
    interest: Integers


def write_ledgers(folder: Path, plan: Plan, form: str = "parquet") -> None:
    """Write the tables into a folder, as ``parquet`` or ``csv``."""
    folder.mkdir(parents=True, exist_ok=True)
    for table in plan.tables:
        blocks = blocks_of(table, plan)
        first = next(blocks)
        with _writer(folder / f"{table}.{form}", first.schema, form) as writer:
            writer.write_table(first)
            for block in blocks:
                writer.write_table(block)


def blocks_of(table: str, plan: Plan) -> Iterator[pa.Table]:
    """Yield the rows of a table, a block at a time."""
    rows = plan.rows(table)
    order = _order(plan) if table == "contracts" else np.arange(rows, dtype=np.int64)
    for start in range(0, rows, BLOCK):
        yield MAKERS[table](order[start : start + BLOCK], plan)


def _order(plan: Plan) -> Integers:
    """Return the numbers of the contracts in the order of the plan."""
    rows = np.arange(plan.contracts, dtype=np.int64)
    if plan.order == "grouped":
        return rows
    # Contracts of one day come in random order, not by institution.
    key = plan.draw(rows, 16, 1 << 32)
    if plan.order == "by-date":
        for block in np.split(rows, range(BLOCK, len(rows), BLOCK)):
            key[block] += contracts_at(block, plan).start << 32
    return np.argsort(key, kind="stable")


def _writer(path: Path, schema: pa.Schema, form: str) -> Any:
    if form == "csv":
        return pc.CSVWriter(path, schema, write_options=pc.WriteOptions(quoting_style="needed"))
    # Decimals of up to 18 digits as integers: the way Spark and DuckDB write them.
    return pq.ParquetWriter(path, schema, store_decimal_as_integer=True)


def _scattered(rows: Integers, among: int) -> Integers:
    """Return another order of the numbers below ``among``, without holding it."""
    stride = int(among * 0.6180339887)
    while math.gcd(stride, among) != 1:
        stride += 1
    return (rows * stride + among // 3) % among


def contracts_at(rows: Integers, plan: Plan) -> Contracts:
    """Return the figures of the contracts at ``rows``."""
    institution = rows // plan.per_institution
    place = rows % plan.per_institution
    most = plan.per_institution * 10 // 13
    size = np.minimum(plan.contracts - institution * plan.per_institution, plan.per_institution)
    borrowers = size * most // plan.per_institution
    borrower = np.where(place < borrowers, place, plan.draw(rows, 1, 1 << 30) % borrowers)
    # A few borrowers have guarantees from two institutions.
    elsewhere = (borrower >= 40) & (borrower < 80)
    home = np.where(elsewhere, (institution + 1) % plan.rows("institutions"), institution)
    borrower = home * most + np.where(elsewhere, borrower - 40, borrower)
    large = plan.draw(rows, 2, 100) < 4
    steps = np.where(large, 300 + plan.draw(rows, 3, 600), 5 + plan.draw(rows, 3, 296))
    odd = np.where(plan.draw(rows, 4, 8) == 0, plan.draw(rows, 5, TEN_THOUSAND), 0)
    recent = plan.draw(rows, 6, 1_000) < 280 + plan.draw(institution, 7, 160)
    start = np.where(
        recent, YEAR_START + plan.draw(rows, 8, 365), OLD_START + plan.draw(rows, 8, OLD_DAYS)
    )
    return Contracts(
        institution,
        borrower,
        steps * TEN_THOUSAND + odd,
        start,
        TERMS[plan.draw(rows, 9, len(TERMS))],
        plan.draw(rows, 10, 10) == 0,
    )


def claims_at(rows: Integers, plan: Plan) -> Claims:
    """Return the figures of the claims at ``rows``; every tenth is a second one of its contract."""
    first = np.where(rows % 10 == 9, rows - 1, rows)
    contract = _scattered(first, plan.contracts)
    of = contracts_at(contract, plan)
    end = of.start + of.term
    early = np.where((end >= YEAR_START) & (plan.draw(rows, 31, 10) < 7), YEAR_START, of.start)
    begin = np.maximum(of.start, early)
    day = begin + plan.draw(rows, 32, 1 << 30) % (end - begin + 1)
    percent = np.minimum(15 + plan.draw(of.institution, 33, 80) + plan.draw(rows, 34, 40), 100)
    principal = of.amount * percent // 100
    interest = np.where(
        plan.draw(rows, 35, 5) == 0, 0, principal * plan.draw(rows, 36, 60) // 1_000
    )
    return Claims(contract, day, principal, interest)


def _institutions(rows: Integers, plan: Plan) -> pa.Table:
    given = plan.draw(rows, 51, 10) == 0
    balance = (2_500 + plan.draw(rows, 52, 1_500)) * 150 * TEN_THOUSAND
    return pa.table(
        {
            "institution_id": _codes("9141", rows),
            "government_backed": pa.array(plan.draw(rows, 53, 20) != 0),
            "opening_balance": _decimals(balance, MONEY, given),
            "opening_borrowers": pa.array(2_000 + plan.draw(rows, 54, 1_000), mask=~given),
        }
    )


def _contracts(rows: Integers, plan: Plan) -> pa.Table:
    of = contracts_at(rows, plan)
    counted = plan.draw(rows, 11, 1_000) < 770 + plan.draw(of.institution, 12, 225)
    kind = np.where(
        counted,
        plan.draw(rows, 13, COUNTED_TYPES),
        COUNTED_TYPES + plan.draw(rows, 13, len(TYPES) - COUNTED_TYPES),
    )
    shares = SHARES[plan.draw(rows, 14, len(SHARES))]
    columns = {
        "contract_id": _codes("HT", rows),
        "institution_id": _codes("9141", of.institution),
        "borrower_id": _codes("9151", of.borrower),
        "borrower_type": _words(kind, TYPES),
        "guaranteed_amount": _decimals(of.amount, MONEY),
        "start_date": _days(of.start),
        "release_date": _days(of.start + of.term, ~of.open_ended),
    }
    for place, party in enumerate(PARTIES):
        columns[f"share_{party}"] = _decimals(shares[:, place], SHARE)
    if plan.names:
        columns["borrower_name"] = pa.array([f"第{number}号企业" for number in of.borrower])
        columns["lender"] = _words(plan.draw(rows, 15, 20), [f"第{n}家银行" for n in range(20)])
    return pa.table(columns)


def _releases(rows: Integers, plan: Plan) -> pa.Table:
    place = _scattered(rows, plan.rows("releases"))
    contract, second = 5 * (place // 2), place % 2 == 1
    of = contracts_at(contract, plan)
    quarter = of.amount // 4
    # Some are repaid in full before their release day: in force, with a balance of 0.
    rest = np.where(contract % 25 == 0, of.amount - quarter, quarter)
    return pa.table(
        {
            "contract_id": _codes("HT", contract),
            "release_date": _days(of.start + np.where(second, 2, 1) * of.term // 3),
            "amount": _decimals(np.where(second, rest, quarter), MONEY),
        }
    )


def _claims(rows: Integers, plan: Plan) -> pa.Table:
    of = claims_at(rows, plan)
    paid = np.where(plan.draw(rows, 37, 10) == 0, (of.principal + of.interest) // 20, 0)
    table = pa.table(
        {
            "claim_id": _codes("DC", _scattered(rows, plan.rows("claims"))),
            "contract_id": _codes("HT", of.contract),
            "payout_date": _days(of.day),
            "principal": _decimals(of.principal, MONEY),
            "interest": _decimals(of.interest, MONEY, of.interest > 0),
            "finance_review": pa.array(REVIEWS[plan.draw(rows, 38, len(REVIEWS))], pa.string()),
            "industry_review": pa.array(REVIEWS[plan.draw(rows, 39, len(REVIEWS))], pa.string()),
            "compensation_paid": _decimals(paid, MONEY, paid > 0),
        }
    )
    return table.drop_columns("compensation_paid") if plan.payments else table


def _payments(rows: Integers, plan: Plan) -> pa.Table:
    claim = rows // PAYMENTS_PER_CLAIM
    of = claims_at(claim, plan)
    # All of a claim together are a fortieth of the payout: no institution bears less.
    amount = np.maximum((of.principal + of.interest) // (40 * PAYMENTS_PER_CLAIM), 1)
    return pa.table(
        {
            "payment_id": _codes("BF", _scattered(rows, plan.rows("payments"))),
            "claim_id": _codes("DC", _scattered(claim, plan.rows("claims"))),
            "payment_date": _days(of.day + 60 * (1 + rows % PAYMENTS_PER_CLAIM)),
            "amount": _decimals(amount, MONEY),
        }
    )


def _recoveries(rows: Integers, plan: Plan) -> pa.Table:
    claim = plan.draw(rows, 71, plan.rows("claims"))
    of = claims_at(claim, plan)
    # Steps of 30 days, so that two recoveries of a claim sometimes fall on one day.
    day = of.day + 30 * plan.draw(rows, 72, 14)
    proceeds = (of.principal + of.interest) * plan.draw(rows, 73, 800) // 1_000
    cost = proceeds * np.where(plan.draw(rows, 74, 10) == 0, 130, plan.draw(rows, 75, 12)) // 100
    return pa.table(
        {
            "recovery_id": _codes("KC", _scattered(rows, plan.rows("recoveries"))),
            "claim_id": _codes("DC", _scattered(claim, plan.rows("claims"))),
            "recovery_date": _days(day),
            "proceeds": _decimals(proceeds, MONEY),
            "cost": _decimals(cost, MONEY, cost > 0),
        }
    )


MAKERS: dict[str, Callable[[Integers, Plan], pa.Table]] = {
    "institutions": _institutions,
    "contracts": _contracts,
    "releases": _releases,
    "claims": _claims,
    "recoveries": _recoveries,
    "payments": _payments,
}
"""What makes a block of rows of each table."""

CODE_LETTERS = np.frombuffer(b"0123456789ABCDEFGHJKLMNPQRTUWXY", dtype=np.uint8)
CODE_WIDTH, CODE_WEIGHTS = 18, [pow(3, place, 31) for place in range(17)]
REGION = "9001"


def _codes(prefix: str, numbers: Integers) -> pa.Array:
    """Return a code of 18 characters for each number, as unified social credit codes are.

    Letters and check character as in GB 32100; distinct numbers get distinct codes, in no order.
    """
    letters = np.empty((len(numbers), CODE_WIDTH), dtype=np.uint8)
    head = (prefix + REGION)[:8]
    for place, letter in enumerate(head):
        letters[:, place] = CODE_LETTERS.tobytes().index(letter.encode())
    digits = CODE_WIDTH - 1 - len(head)
    # 31 divides neither the factor nor what is added, so no two numbers meet.
    left = (numbers * 137_438_953_481 + 618_033_988) % 31**digits
    for place in range(len(head), CODE_WIDTH - 1):
        left, digit = np.divmod(left, 31)
        letters[:, place] = digit
    check = np.zeros(len(numbers), dtype=np.int64)
    for place, weight in enumerate(CODE_WEIGHTS):
        check += letters[:, place].astype(np.int64) * weight
    letters[:, -1] = (31 - check % 31) % 31
    ends = np.arange(len(numbers) + 1, dtype=np.int32) * CODE_WIDTH
    text = np.ascontiguousarray(CODE_LETTERS[letters])
    return pa.StringArray.from_buffers(len(numbers), pa.py_buffer(ends), pa.py_buffer(text))


def _words(places: Integers, words: Any) -> pa.Array:
    codes = pa.array(places.astype(np.int32))
    return pa.DictionaryArray.from_arrays(codes, pa.array(list(words))).cast(pa.string())


def _days(days: Integers, known: Flags | None = None) -> pa.Array:
    mask = None if known is None else ~known
    return pa.array(days.astype(np.int32), pa.int32(), mask=mask).cast(pa.date32())


def _decimals(scaled: Integers, kind: pa.DataType, known: Flags | None = None) -> pa.Array:
    wide: npt.NDArray[np.int64] = np.ascontiguousarray(np.column_stack([scaled, scaled >> 63]))
    valid = None
    if known is not None:
        valid = pa.py_buffer(np.packbits(known, bitorder="little"))
    return pa.Array.from_buffers(kind, len(scaled), [valid, pa.py_buffer(wide)])


def main() -> None:
    """Write ledgers as the arguments say."""
    parser = argparse.ArgumentParser(description="Write ledgers for the benchmarks.")
    parser.add_argument("contracts", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--form", choices=("parquet", "csv"), default="parquet")
    parser.add_argument("--order", choices=ORDERS, default="by-date")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--names", action="store_true", help="borrowers' and lenders' names too")
    parser.add_argument("--payments", action="store_true", help="a table of payments, for settle")
    given = parser.parse_args()
    plan = Plan(
        given.contracts,
        seed=given.seed,
        order=given.order,
        names=given.names,
        payments=given.payments,
    )
    write_ledgers(given.folder, plan, given.form)


if __name__ == "__main__":
    main()
