"""What can be said of an input before any row is looked at: its headings, the year, the budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa

from compensation.assessment import Assessment, assess, budget_fen, year_faults
from compensation.gathering import missing_columns, party_faults
from compensation.ledger.dictionary import table as table_called
from compensation.ledger.extra_columns import with_extra_columns
from compensation.ledger.fault_groups import FaultGroup
from compensation.ledger.faults import InputFaults
from compensation.ledger.loading import portfolio_of
from compensation.ledger.pieces import pieces_of
from compensation.ledger.raw import RawTable
from compensation.policy.catalogue import Policy
from compensation.policy.subjects import extra_columns
from compensation.spark.faults import FAULT
from compensation.spark.worker import FOUND, TALLIED, TALLY, results_of


@dataclass(frozen=True)
class Outline:
    """What the tables without rows come to.

    `faults`: of headings, year and budget. `no_rows`: by table, the fault of having no rows where
    there must be some. `lacking`: columns that the policy tests and a table lacks, which matters
    once it has rows. `empty`: an assessment of nothing, which knows the columns of the results, the
    parties and the assumptions; None where there are faults.
    """

    faults: list[FaultGroup]
    no_rows: Mapping[str, FaultGroup]
    lacking: Sequence[FaultGroup]
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
        portfolio = portfolio_of(tables, part=True)
        ledgers, wrong = with_extra_columns(portfolio, extra_columns(policy.rules))
        found += [*wrong, *party_faults(policy, ledgers.present)]
        lacking = missing_columns(policy, ledgers.present, lambda _: 1)
        if not found and all(table_called(group.table or "").may_be_empty for group in lacking):
            empty = assess(portfolio, policy, year, budget)
    return Outline(found, no_rows, lacking, empty)
