"""A settlement over files: settled without holding all contracts' texts, as `parts` assesses."""

from __future__ import annotations

import os
from collections.abc import Sequence
from decimal import Decimal

import pyarrow as pa

from compensation.gathering import policy_faults, tested_contract_columns
from compensation.ledger.loading import Loading, Step, tell_nobody
from compensation.ledger.reading import open_input
from compensation.ledger.unchanged import unchanged
from compensation.settlement.deciding import declared_columns
from compensation.settlement.period import Day
from compensation.settlement.settle import PolicyGiven, run_of, settle_ledgers
from compensation.settlement.settlement import Settlement


def settle_files(
    path: str | os.PathLike[str],
    policies: PolicyGiven | Sequence[PolicyGiven],
    to: Day,
    from_: Day | None = None,
    budget: Decimal | int | str | None = None,
    *,
    step: Step | None = None,
) -> Settlement:
    """Read, check and settle an input in one go, holding no more of its contracts than need be.

    As `settle` of `read_portfolio`, with the same result; but no portfolio is held. Contracts in
    Parquet may be larger than memory. `step` is called with the number of contracts done, and of
    all. Raises `InputFaults` with every fault of the input, the days, the budget and the policies;
    `PolicyFaults`.
    """
    run, faults = run_of(policies, to, from_, budget)
    extra, differing = declared_columns(run.policies)
    with unchanged(path):
        tables, unread = open_input(path)
        loading = Loading(tables, [*faults, *differing, *unread], extra)
        for policy in run.policies:
            present, rows = loading.present, loading.rows.__getitem__
            loading.report(policy_faults(policy, present, rows, loading.faults))
        tested = set().union(*map(tested_contract_columns, run.policies))
        end = None if run.period is None else run.period.end
        ledgers = loading.load(tested, step or tell_nobody, end)
    # What reading took goes back to the system before the rules need it.
    del loading
    pa.default_memory_pool().release_unused()
    return settle_ledgers(ledgers, run)
