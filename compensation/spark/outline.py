"""What can be said of an input before any row is looked at: its headings, the year, the budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from compensation.engine.needed_columns import missing_columns, party_faults
from compensation.faults.groups import FaultGroup
from compensation.faults.input_faults import InputFaults
from compensation.ledger.extra_columns import with_extra_columns
from compensation.ledger.loading import portfolio_of
from compensation.schema.column import Column
from compensation.schema.dictionary import table as table_called
from compensation.spark.faults import FAULT
from compensation.spark.names import FOUND, TALLIED, TALLY
from compensation.spark.tasks import Task
from compensation.tables.pieces import pieces_of
from compensation.tables.raw import RawTable


@dataclass(frozen=True)
class Outline:
    """What the tables without rows come to.

    `faults`: of what was asked and of headings. `no_rows`: by table, the fault of having no rows
    where there must be some. `lacking`: columns that policies test and a table lacks, which matters
    once it has rows. `empty`: what ledgers without rows come to, which knows the columns of the
    results, the parties and the assumptions; None where there are faults.
    """

    faults: list[FaultGroup]
    no_rows: Mapping[str, FaultGroup]
    lacking: Sequence[FaultGroup]
    task: Task
    empty: Any

    @property
    def outcome(self) -> pa.Schema:
        """The columns of what rows come to; see `worker.Plan`."""
        fields = [pa.field(TALLY, TALLIED), pa.field(FOUND, FAULT)]
        if self.empty is not None:
            results = self.task.results(self.empty)
            fields += [pa.field(name, pa.struct(list(t.schema))) for name, t in results.items()]
        return pa.schema(fields)


def outline(
    heads: Mapping[str, RawTable],
    faults: Sequence[FaultGroup],
    task: Task,
    extra: Mapping[str, Sequence[Column]],
) -> Outline:
    """Check everything that needs no rows.

    `heads`: tables without rows; `faults`: met so far; `extra`: the columns that policies add.
    """
    found = [*faults]
    tables = {name: pieces_of(raw) for name, raw in heads.items()}
    no_rows: dict[str, FaultGroup] = {}
    try:
        portfolio_of(tables)
    except InputFaults as error:
        for group in error.faults.groups:
            if group.kind == "no_rows" and group.table is not None:
                no_rows[group.table] = group
            else:
                found.append(group)
    lacking: list[FaultGroup] = []
    empty = None
    if not found:
        ledgers, wrong = with_extra_columns(portfolio_of(tables, part=True), extra)
        found += wrong
        for policy in task.policies:
            found += _new(party_faults(policy, ledgers.present), found)
            lacking += _new(missing_columns(policy, ledgers.present, lambda _: 1), lacking)
        if not found and all(table_called(group.table or "").may_be_empty for group in lacking):
            empty = task.decide(ledgers, task.budget)
    return Outline(found, no_rows, lacking, task, empty)


def _new(groups: Sequence[FaultGroup], said: Sequence[FaultGroup]) -> list[FaultGroup]:
    """Return the faults of columns that those ``said`` do not speak of."""
    known = {(group.table, group.column) for group in said}
    return [group for group in groups if (group.table, group.column) not in known]
