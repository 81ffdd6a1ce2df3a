"""What can be said of an input before any row is looked at: its headings, the year, the budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa

from compensation.assessment import Assessment, assess, budget_fen, year_faults
from compensation.ledger.checking import check
from compensation.ledger.faults import FaultGroup, InputFaults
from compensation.ledger.raw import RawTable
from compensation.policy.catalogue import Policy
from compensation.spark.faults import FAULT
from compensation.spark.worker import FOUND, TALLIED, TALLY, results_of


@dataclass(frozen=True)
class Outline:
    """What the tables without rows come to.

    `faults`: of headings, year and budget. `no_rows`: by table, the fault of having no rows where
    there must be some. `empty`: an assessment of nothing, which knows the columns of the results,
    the parties and the assumptions; None where there are faults.
    """

    faults: list[FaultGroup]
    no_rows: Mapping[str, FaultGroup]
    empty: Assessment | None

    @property
    def outcome(self) -> pa.Schema:
        """The columns of what rows come to; see `worker.Plan`."""
        fields = [pa.field(TALLY, TALLIED), pa.field(FOUND, FAULT)]
        if self.empty is not None:
            results = results_of(self.empty)
            fields += [pa.field(name, pa.struct(list(t.schema))) for name, t in results.items()]
        return pa.schema(fields)


def outline(
    heads: Mapping[str, RawTable],
    faults: Sequence[FaultGroup],
    policy: Policy,
    year: int,
    budget: Decimal | int | str | None,
) -> Outline:
    """Check everything that needs no rows. `heads`: tables without rows; `faults`: met so far."""
    found = [*budget_fen(budget)[1], *year_faults(policy, year), *faults]
    no_rows: dict[str, FaultGroup] = {}
    try:
        check(heads)
    except InputFaults as error:
        for group in error.faults.groups:
            if group.kind == "no_rows" and group.table is not None:
                no_rows[group.table] = group
            else:
                found.append(group)
    empty = None
    if not found:
        try:
            empty = assess(check(heads, part=True), policy, year, budget)
        except InputFaults as error:
            found += error.faults.groups
    return Outline(found, no_rows, empty)
