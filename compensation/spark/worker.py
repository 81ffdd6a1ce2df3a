"""What runs where the rows are: Arrow batches in, the library's checks and rules, batches out.

Everything that this package computes with the rest of the library is called from here. No row is
looked at by itself: batches become tables, and tables are loaded and decided as any ledger is. A
batch holds some institutions whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compensation.assessment import Assessment, conclude, recover
from compensation.columns import Integers
from compensation.gathering import policy_faults
from compensation.guards import years_of
from compensation.ledger import ids
from compensation.ledger.checked import Checked
from compensation.ledger.dictionary import Column, Table
from compensation.ledger.dictionary import table as table_called
from compensation.ledger.fault_groups import FaultGroup
from compensation.ledger.faults import InputFaults
from compensation.ledger.frames import SOURCE
from compensation.ledger.headings import Found
from compensation.ledger.ids_and_totals import TOTALS, repeated
from compensation.ledger.loading import Loading
from compensation.ledger.parquet import raw_of_array, raw_of_arrow
from compensation.ledger.pieces import PIECE, pieces_of
from compensation.ledger.portfolio import numbers_of
from compensation.ledger.raw import RawTable, whole_array
from compensation.ledger.table_reader import TableReader
from compensation.ledger.values import parse
from compensation.money import PRINTED_SCALE
from compensation.policy.catalogue import Policy
from compensation.policy.subjects import extra_columns
from compensation.results import (
    RATIO_DECIMALS,
    RECOVERY_AMOUNTS,
    RECOVERY_IDS,
    money,
    payer_columns,
    returned_columns,
)
from compensation.rules import award, returns
from compensation.rules.compensation import budget_day
from compensation.spark.faults import FAULT, fault_row
from compensation.values.printing import PRECISION

Batches = Iterator[pa.RecordBatch]

GROUP, TABLE = "group", "table"
"""Columns of the rows that come in, beside those for cells."""
REPEATED = "repeated"
"""What goes for a table: the table, the id and the number of every id that is there repeatedly."""
CLAIM, INSTITUTION, RECOVERY, TALLY, FOUND = "claim", "institution", "recovery", "tally", "fault"
"""Columns of what rows come to; a row has a value in one of them."""
DUE, FIRST, CUT, PAID = "due", "first", "cut", "paid"
"""Fen due before the budget, the day that claims come first by, fen that the budget takes off, and
fen that government has paid or pays."""
SHARING = (DUE, FIRST, "part", "remainder", "weight", "slice", "before")
"""Columns that claims have only while the budget is shared."""
OF_YEAR = "claims.of."
"""What the name of a count of claims begins with; their year follows."""
TALLIED = pa.struct([("name", pa.string()), ("value", pa.int64())])
WIDE = pa.decimal128(38, RATIO_DECIMALS)
"""Ratios of institutions here; in the results they are narrower unless one passes 10^12."""


@dataclass(frozen=True)
class Plan:
    """What every worker has to know.

    `places`: by table, the columns that its cells come in; `headings`: their headings.
    `outcome`: the columns of what rows come to; without results where the input is known to be
    wrong, and only the rest of its faults is wanted.
    """

    policy: Policy
    year: int
    places: Mapping[str, tuple[str, ...]]
    headings: Mapping[str, tuple[str, ...]]
    outcome: pa.Schema


def read_ids(column: Column) -> Callable[[pa.Array], pa.Array]:
    """Return what reads cells as ids are compared: trimmed, numbers as their digits, or null."""

    def read(cells: pa.Array) -> pa.Array:
        raw = raw_of_array(column.name, whole_array(cells))
        return parse(Found(column, raw), RawTable("", (raw,), len(cells))).values.cast(pa.string())

    # Spark tells the kind of function by these; as texts it cannot.
    read.__annotations__ = {"cells": pa.Array, "return": pa.Array}
    return read


def whole_groups(batches: Batches, key: str, rows: int = PIECE) -> Iterator[pa.Table]:
    """Yield tables of whole groups, with ``rows`` rows or a little more where groups are smaller.

    The rows of a group, those with the same ``key``, follow one another.
    """
    held: list[pa.RecordBatch] = []
    count = 0
    for coming in batches:
        batch = coming
        if count >= rows and len(batch):
            other = pc.index(pc.equal(batch[key], held[-1][key][-1]), False).as_py()
            if other >= 0:
                yield pa.Table.from_batches([*held, batch.slice(0, other)])
                held, count, batch = [], 0, batch.slice(other)
        if len(batch):
            held.append(batch)
            count += len(batch)
    if held:
        yield pa.Table.from_batches(held)


# By institution


def assess_parts(plan: Plan, batches: Batches) -> Batches:
    """Check and assess rows that come by institution; yield what they come to."""
    for rows in whole_groups(batches, GROUP):
        part = _Part(plan, rows)
        for column, found in part.outcome().items():
            yield _rows_of(plan.outcome, column, found)


def _rows_of(schema: pa.Schema, column: str, values: pa.Array) -> pa.RecordBatch:
    """Return rows that have a value in one column only."""
    arrays = [
        values if field.name == column else pa.nulls(len(values), field.type) for field in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


class _Part:
    """Some institutions with all that is theirs."""

    def __init__(self, plan: Plan, rows: pa.Table) -> None:
        self._plan = plan
        own = {
            name: rows.select([TABLE, *places]).filter(pc.equal(rows[TABLE], name))
            for name, places in plan.places.items()
        }
        self._twice = own.pop(REPEATED)
        self._raw = {
            name: _raw(own[name], table_called(name), headings)
            for name, headings in plan.headings.items()
        }
        self._tally = {f"rows.{name}": raw.rows for name, raw in self._raw.items()}
        self._faults: list[dict[str, object]] = []

    def outcome(self) -> dict[str, pa.Array]:
        """Return what the part comes to, by column; arrays of structs."""
        results: dict[str, pa.Table] = {}
        self._note_repeated()
        try:
            results = self._results()
        except InputFaults as error:
            self._note(error.faults.groups)
        noted = [bool(fault["warning"]) for fault in self._faults]
        self._tally |= {"warnings": sum(noted), "faults": len(noted) - sum(noted)}
        tally = [{"name": name, "value": value} for name, value in self._tally.items()]
        found = {name: _packed(rows) for name, rows in results.items() if len(rows)}
        found[TALLY] = pa.array(tally, TALLIED)
        if self._faults:
            found[FOUND] = pa.array(self._faults, FAULT)
        return found

    def _results(self) -> dict[str, pa.Table]:
        """Load, count and assess; raises `InputFaults`."""
        policy = self._plan.policy
        pieces = {name: pieces_of(raw) for name, raw in self._raw.items()}
        ledgers = Loading(pieces, extra=extra_columns(policy.rules), part=True).load()
        for name, columns in TOTALS:
            total = sum(int(ledgers.numbers(name, column).sum()) for column in columns)
            self._tally[f"total.{name}.{columns[0]}"] = total
        self._tally["backed"] = int(ledgers.flags("institutions", "government_backed").sum())
        if CLAIM not in self._plan.outcome.names:
            return {}
        missing = policy_faults(policy, ledgers.present, ledgers.rows, ())
        if missing:
            raise InputFaults(missing)
        assessment = conclude(ledgers, policy, self._plan.year, None)
        self._note(assessment.warnings.groups, warning=True)
        self._tally[DUE] = assessment.decisions.total_due
        for year, count in years_of(assessment.gathering).items():
            self._tally[f"{OF_YEAR}{year}"] = count
        for field in assessment.tables["institutions"].schema:
            if pa.types.is_decimal(field.type) and field.type.precision > PRECISION:
                self._tally[f"wide.{field.name}"] = 1
        return results_of(assessment)

    def _note(
        self, groups: tuple[FaultGroup, ...] | list[FaultGroup], *, warning: bool = False
    ) -> None:
        """Note faults of rows and columns, or warnings of rows: others are the driver's to give."""
        for group in groups:
            if group.kind == "duplicate" or (warning and group.rows is None):
                continue
            self._faults.append(fault_row(group, self._ids(group.table), warning=warning))

    def _ids(self, name: str | None) -> pa.Array | None:
        """Return what the rows of a table go by; None where it has no such column."""
        if name not in self._raw:
            return None
        table, raw = table_called(name), self._raw[name]
        reader = TableReader(table, raw)
        key = key_of(table)
        return reader.column(key, raw).values if key in reader.present else None

    def _note_repeated(self) -> None:
        """Note ids that are there more than once, wherever: each but one of them is a fault."""
        _, name_of, id_of, times_of = self._twice.columns
        for name in pc.unique(name_of).to_pylist():
            here = pc.equal(name_of, name)
            own = whole_array(id_of.filter(here))
            rows = np.repeat(np.arange(len(own)), times_of.filter(here).to_numpy() - 1)
            table, raw = table_called(name), RawTable(name, (), len(own))
            checked = Checked(table, raw, {}, frozenset(), raw)
            repeated(checked, key_of(table), rows, own.take(pa.array(rows)))
            self._faults += [fault_row(group, own, warning=False) for group in checked.faults]


def key_of(table: Table) -> str:
    """Return the column that a row of the table goes by: its id, or that of its contract."""
    return next((column.name for column in table.columns if column.unique), table.columns[0].name)


def _packed(rows: pa.Table) -> pa.Array:
    return whole_array(rows.to_struct_array())


def _raw(rows: pa.Table, table: Table, headings: tuple[str, ...]) -> RawTable:
    """Return the rows of one table as they were read, under the headings of the DataFrame."""
    cells = pa.Table.from_arrays(rows.columns[1:], list(headings))
    raw, _ = raw_of_arrow(cells, table, SOURCE)
    return replace(raw, rows=len(rows))


def results_of(assessment: Assessment) -> dict[str, pa.Table]:
    """Return what an assessment of some institutions comes to, by column of the outcome.

    Claims: the result, what is `due` in fen, and the day by which a claim comes `first`.
    Institutions: the result, with wide ratios. Recoveries: what `return_recoveries` takes.
    """
    portfolio, decisions, cases = assessment.ledgers, assessment.decisions, assessment.cases
    claims = assessment.tables["claims"].append_column(DUE, pa.array(decisions.due))
    institutions = assessment.tables["institutions"]
    fields = [
        field.with_type(WIDE) if is_ratio(field.type) else field for field in institutions.schema
    ]
    claim = portfolio.links.recovery_claim
    shares = portfolio.shares[portfolio.links.claim_contract]
    borne = award.borne(assessment.gathering.books.payout, shares)[claim]
    parties = len(portfolio.parties)
    recoveries = {name: portfolio.column("recoveries", name) for name in RECOVERY_IDS}
    recoveries |= {
        name: pa.array(portfolio.numbers("recoveries", name)) for name in RECOVERY_AMOUNTS
    }
    recoveries |= {
        "payout": pa.array(assessment.gathering.books.payout[claim]),
        PAID: pa.array(assessment.recovered.weights[claim, 0]),
        "borne": pa.ListArray.from_arrays(
            pa.array(np.arange(len(claim) + 1, dtype=np.int32) * np.int32(parties)),
            pa.array(np.ascontiguousarray(borne).reshape(-1)),
        ),
    }
    return {
        CLAIM: claims.append_column(FIRST, pa.array(budget_day(assessment.policy, cases))),
        INSTITUTION: institutions.cast(pa.schema(fields)),
        RECOVERY: pa.table(recoveries),
    }


def is_ratio(kind: pa.DataType) -> bool:
    """Return whether a column of a result holds ratios."""
    return bool(pa.types.is_decimal(kind) and kind.scale == RATIO_DECIMALS)


# The budget, between institutions


def share_budget(policy: Policy, budget: int, total: int, batches: Batches) -> Batches:
    """Add to claims what each gets by itself of a budget of less than the ``total`` due.

    `part`: fen, before the fen left over. `remainder`: of its division. `weight`: what the claim
    counts for in the order of claims: 1, or, where who comes first is paid first, what is due.
    """
    for claims in batches:
        due = numbers_of(claims[DUE])
        if policy.rules.budget.method == "pro_rata":
            part, remainder = award.in_proportion(due, budget, total)
            weight = np.ones_like(due)
        else:
            part, remainder, weight = np.zeros_like(due), np.zeros_like(due), due
        yield _with(claims, part=part, remainder=remainder, weight=weight)


def run_up(slice_number: Callable[[], int], batches: Batches) -> Batches:
    """Add to claims, which come in order, what those before them in their partition weigh.

    `slice`: the partition's number, `before`: the sum of the weights.
    """
    before = 0
    for claims in batches:
        weight = numbers_of(claims["weight"])
        so_far = before + np.cumsum(weight)
        here = np.full_like(weight, slice_number())
        yield _with(claims, slice=here, before=so_far - weight)
        before = int(so_far[-1]) if len(so_far) else before


def pay(
    policy: Policy, budget: int, left: int, starts: Mapping[int, int], batches: Batches
) -> Batches:
    """Give claims what the budget leaves for them, and say by how much each is cut.

    `left`: fen left over once every claim has its part. `starts`: by partition, what the claims of
    all partitions before it weigh.
    """
    for claims in batches:
        due, part = numbers_of(claims[DUE]), numbers_of(claims["part"])
        before = numbers_of(claims["before"])
        slices, place = np.unique(numbers_of(claims["slice"]), return_inverse=True)
        before = before + np.array([starts[number] for number in slices.tolist()], np.int64)[place]
        if policy.rules.budget.method == "pro_rata":
            payable = award.with_left_over(part, before, left)
        else:
            payable = award.what_is_left(due, before, budget)
        columns = {name: claims[name] for name in claims.schema.names if name not in SHARING}
        columns["payable"] = money(payable)
        columns |= payer_columns(policy, award.among_payers(payable, _shares(policy, len(payable))))
        columns[CUT] = pa.array(due - payable)
        yield pa.RecordBatch.from_pydict(columns)


def _shares(policy: Policy, rows: int) -> Integers:
    """Return the shares of the payers, which are the same for all claims on Spark."""
    shares = [payer.share for payer in policy.rules.payers]
    constant = [int(share * PRINTED_SCALE) for share in shares if isinstance(share, Decimal)]
    return np.tile(np.array(constant, dtype=np.int64), (rows, 1))


def _with(batch: pa.RecordBatch, **columns: Integers) -> pa.RecordBatch:
    for name, values in columns.items():
        batch = batch.append_column(name, pa.array(values))
    return batch


# By claim


def return_recoveries(
    policy: Policy, parties: tuple[str, ...], schema: pa.Schema, batches: Batches
) -> Batches:
    """Compute the returns of recoveries, which come by claim; see `results_of`."""
    beneficiary = parties.index(policy.rules.beneficiary.party)
    for rows in whole_groups(batches, "claim_id"):
        claim, _ = ids.codes(whole_array(rows["claim_id"]))
        _, one = np.unique(claim, return_index=True)
        borne = numbers_of(pc.list_flatten(whole_array(rows["borne"])))
        borne = borne.reshape(-1, len(parties))[one]
        weights = returns.borne_after_payment(borne, beneficiary, _numbers(rows, PAID)[one])
        proceeds, cost = (_numbers(rows, name) for name in RECOVERY_AMOUNTS)
        recovered = recover(
            policy.rules.returns,
            claim,
            _numbers(rows, "recovery_date"),
            whole_array(rows["recovery_id"]),
            proceeds,
            cost,
            _numbers(rows, "payout")[one],
            weights,
            parties,
        )
        columns = {name: rows[name] for name in RECOVERY_IDS}
        columns |= {"proceeds": money(proceeds), "cost": money(cost)}
        columns |= returned_columns(
            recovered.distributed, recovered.surplus, recovered.parts, parties
        )
        yield from pa.table(columns).cast(schema).combine_chunks().to_batches()


def _numbers(rows: pa.Table, name: str) -> Integers:
    return numbers_of(whole_array(rows[name]))
