"""What runs where the rows are: Arrow batches in, the library's checks and rules, batches out.

Everything that this package computes with the rest of the library is called from here. No row is
looked at by itself: batches become tables, and tables are loaded and decided as any ledger is. A
batch holds some institutions whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compensation.assessment import recover
from compensation.columns import Integers
from compensation.engine.needed_columns import policy_faults
from compensation.faults.groups import FaultGroup
from compensation.faults.input_faults import InputFaults
from compensation.ledger import ids
from compensation.ledger.checked import Checked
from compensation.ledger.ids_and_totals import TOTALS, repeated
from compensation.ledger.loading import Loading
from compensation.ledger.portfolio import numbers_of
from compensation.ledger.table_reader import TableReader
from compensation.policy.model import NOBODY, Budget, Returns
from compensation.readers.frames import SOURCE
from compensation.readers.parquet import raw_of_array, raw_of_arrow
from compensation.results import RECOVERY_AMOUNTS, RECOVERY_IDS, money, returned_columns
from compensation.rules import award, losses, returns
from compensation.rules.steps import Steps
from compensation.schema.column import Column
from compensation.schema.dictionary import Table
from compensation.schema.dictionary import table as table_called
from compensation.spark.faults import FAULT, fault_row
from compensation.spark.names import (
    CLAIM,
    CUT,
    DUE,
    FOUND,
    GROUP,
    LATER,
    LOST,
    PAID,
    REPEATED,
    SHARING,
    TABLE,
    TALLIED,
    TALLY,
    TERMS,
    Batches,
)
from compensation.spark.tasks import Task
from compensation.tables.headings import Found
from compensation.tables.pieces import PIECE, pieces_of
from compensation.tables.raw import RawTable, whole_array
from compensation.tables.values import parse


@dataclass(frozen=True)
class Plan:
    """What every worker has to know.

    `extra`: by table, the columns that the policies add. `places`: by table, the columns that its
    cells come in; `headings`: their headings. `outcome`: the columns of what rows come to; without
    results where the input is known to be wrong, and only the rest of its faults is wanted.
    """

    task: Task
    extra: Mapping[str, Sequence[Column]]
    places: Mapping[str, tuple[str, ...]]
    headings: Mapping[str, tuple[str, ...]]
    outcome: pa.Schema


def read_cells(column: Column, kind: pa.DataType) -> Callable[[pa.Array], pa.Array]:
    """Return what reads cells as they are everywhere, to a ``kind``; null where it cannot.

    Ids are trimmed, and numbers are their digits.
    """

    def read(cells: pa.Array) -> pa.Array:
        raw = raw_of_array(column.name, whole_array(cells))
        return parse(Found(column, raw), RawTable("", (raw,), len(cells))).values.cast(kind)

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


def decide_parts(plan: Plan, batches: Batches) -> Batches:
    """Check and decide rows that come by institution; yield what they come to."""
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
        """Load, count and decide; raises `InputFaults`."""
        task = self._plan.task
        pieces = {name: pieces_of(raw) for name, raw in self._raw.items()}
        ledgers = Loading(pieces, extra=self._plan.extra, part=True).load()
        for name, columns in TOTALS:
            total = sum(int(ledgers.numbers(name, column).sum()) for column in columns)
            self._tally[f"total.{name}.{columns[0]}"] = total
        if CLAIM not in self._plan.outcome.names:
            return {}
        missing: list[FaultGroup] = []
        for policy in task.policies:
            missing += policy_faults(policy, ledgers.present, ledgers.rows, missing)
        if missing:
            raise InputFaults(missing)
        found = task.decide(ledgers, None)
        self._note(found.warnings.groups, warning=True)
        self._tally |= task.counts(found)
        for name, count in found.ledgers.left_out.items():
            self._tally[f"{LATER}{name}"] = count
        return task.results(found)

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
    return raw._replace(rows=len(rows))


# The budget, between institutions


def share_budget(rule: Budget, budget: int, total: int, unit: int, batches: Batches) -> Batches:
    """Add to claims what each gets by itself of a budget of less than the ``total`` due.

    `part`: fen, in whole units, before what is left over. `rounded_off`, `remainder`: `cut` and
    `remainder` of `award.InProportion`. `weight`: what the claim counts for in the order of claims:
    what its part can be raised by, nothing where nobody gets what is left over, or, where who comes
    first is paid first, what is due.
    """
    for claims in batches:
        due = numbers_of(claims[DUE])
        nothing = np.zeros_like(due)
        part, cut, remainder, weight = nothing, nothing, nothing, due
        if rule.method == "pro_rata":
            part, cut, remainder = award.in_proportion(due, budget, total, unit)
            whole = rule.left_over == NOBODY
            weight = nothing if whole else award.one_more(due, part, unit)
        yield _with(claims, part=part, rounded_off=cut, remainder=remainder, weight=weight)


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


class Leftover(NamedTuple):
    """What is known of a budget once every claim has what it gets by itself.

    `amount`: the budget in fen; `left`: of it, in fen. `starts`: by partition, what the claims of
    all partitions before it weigh.
    """

    rule: Budget
    amount: int
    unit: int
    left: int
    starts: Mapping[int, int]


def pay(task: Task, budget: Leftover, batches: Batches) -> Batches:
    """Give claims what the budget leaves for them, and say by how much each is `CUT`."""
    for claims in batches:
        due, part = numbers_of(claims[DUE]), numbers_of(claims["part"])
        before = numbers_of(claims["before"])
        slices, place = np.unique(numbers_of(claims["slice"]), return_inverse=True)
        starts = np.array([budget.starts[number] for number in slices.tolist()], np.int64)
        before = before + starts[place]
        if budget.rule.method == "pro_rata":
            more = numbers_of(claims["weight"])
            payable = award.with_left_over(part, more, before, budget.left)
        else:
            payable = award.first_come(due, before, budget.amount, budget.unit)
        columns = {name: claims[name] for name in claims.schema.names if name not in SHARING}
        columns |= task.paid(claims, payable)
        columns[CUT] = pa.array(due - payable)
        yield pa.RecordBatch.from_pydict(columns)


def _with(batch: pa.RecordBatch, **columns: Integers) -> pa.RecordBatch:
    for name, values in columns.items():
        batch = batch.append_column(name, pa.array(values))
    return batch


# By claim


def return_recoveries(
    terms: Sequence[tuple[str, Returns]],
    parties: tuple[str, ...],
    schema: pa.Schema,
    batches: Batches,
) -> Batches:
    """Compute the returns of recoveries, which come by claim; see `tasks.OneYear`."""
    for rows in whole_groups(batches, "claim_id"):
        for place, (beneficiary, rule) in enumerate(terms):
            own = rows.filter(pc.equal(rows[TERMS], place))
            if len(own):
                found = _returned(own, parties.index(beneficiary), rule, parties)
                yield from found.cast(schema).combine_chunks().to_batches()


def _returned(
    rows: pa.Table, beneficiary: int, rule: Returns, parties: tuple[str, ...]
) -> pa.Table:
    """Return the returns of recoveries under the same terms; `beneficiary`: among the parties."""
    claim, _ = ids.codes(whole_array(rows["claim_id"]))
    _, one = np.unique(claim, return_index=True)
    borne = numbers_of(pc.list_flatten(whole_array(rows["borne"])))
    borne = borne.reshape(-1, len(parties))[one]
    weights = returns.borne_after_payment(borne, beneficiary, _numbers(rows, PAID)[one])
    proceeds, cost = (_numbers(rows, name) for name in RECOVERY_AMOUNTS)
    recovered = recover(
        rule,
        claim,
        _numbers(rows, "recovery_date"),
        whole_array(rows["recovery_id"]),
        proceeds,
        cost,
        losses.Lost(_numbers(rows, LOST)[one], LOST, Steps()),
        weights,
        parties,
    )
    columns = {name: rows[name] for name in RECOVERY_IDS}
    columns |= {"proceeds": money(proceeds), "cost": money(cost)}
    columns |= returned_columns(recovered.distributed, recovered.surplus, recovered.parts, parties)
    return pa.table(columns)


def _numbers(rows: pa.Table, name: str) -> Integers:
    return numbers_of(whole_array(rows[name]))
